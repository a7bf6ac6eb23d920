"""Guards of routes about one account, one service, or one of the actor's own sessions or tokens."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts, Held, decide
from stafett.dates import oslo_date
from stafett.errors import NotFoundError
from stafett.people import queries
from stafett.people.models import Service, SignIn, User
from stafett.web.guard import Access, Subject

Record = TypeVar("Record")
Find = Callable[[Session, Actor, Mapping[str, Any]], Record | None]


def on_user(action: Action) -> Access[User]:
    """Guard a route about one account, also a disabled one."""
    return _on(action, lambda session, _actor, args: queries.user(session, args["user_id"]))


def on_sessions_of_user() -> Access[User]:
    """Guard what is done to all sessions of one account: anybody's for some, for others one's own.

    For the latter every other id is refused alike, whether or not there is such an account.
    """

    def load(
        session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
    ) -> Subject[User]:
        held = [Held(role) for role in actor.roles]
        facts = Facts(oslo_date(now), own=args["user_id"] == actor.user_id)
        record = queries.user(session, args["user_id"])
        if record is None and decide(held, Action.SESSION_REVOKE_USER, facts).allowed:
            raise NotFoundError
        return Subject(record, None, held, facts)

    return Access((Action.SESSION_REVOKE_USER,), load)


def on_service(action: Action) -> Access[Service]:
    """Guard a route about one service."""
    return _on(action, lambda session, _actor, args: queries.service(session, args["service_id"]))


def on_own_session() -> Access[SignIn]:
    """Guard a route about one of the actor's own sessions; another's does not exist for him."""
    return _on(
        Action.SESSION_OWN,
        lambda session, actor, args: queries.own_sign_in(
            session, actor.user_id, args["session_id"], bearer=False
        ),
    )


def on_own_token() -> Access[SignIn]:
    """Guard a route about one of the actor's own tokens; another's does not exist for him."""
    return _on(
        Action.TOKEN_MANAGE_OWN,
        lambda session, actor, args: queries.own_sign_in(
            session, actor.user_id, args["token_id"], bearer=True
        ),
    )


def _on(action: Action, find: Find[Record]) -> Access[Record]:
    def load(
        session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
    ) -> Subject[Record]:
        held = [Held(role) for role in actor.roles]
        facts = Facts(oslo_date(now), own=True)
        record = find(session, actor, args)
        if record is None and decide(held, action, facts).allowed:
            raise NotFoundError  # only for those who would have been let in
        return Subject(record, None, held, facts)

    return Access((action,), load)
