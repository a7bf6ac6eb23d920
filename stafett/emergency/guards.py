"""The guards of break-glass: about no child, since who opens a record has no relation to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts, Held, decide
from stafett.dates import oslo_date
from stafett.emergency import queries
from stafett.emergency.models import Duty, Emergency
from stafett.errors import NotFoundError
from stafett.web.guard import Access, Subject

Record = TypeVar("Record")


def for_emergency() -> Access[None]:
    """Guard the opening of a record: KE's leader, and who is on the duty list today."""
    return Access((Action.BG_INVOKE,), _load)


def on_own() -> Access[Emergency]:
    """Guard a route about what the actor has opened himself; the duty may be over by now."""
    return Access((Action.BG_INVOKE,), _load_own)


def on_emergency() -> Access[Emergency]:
    """Guard a review; what the actor has opened himself does not exist."""
    return Access((Action.BG_REVIEW,), _load_review)


def on_duty() -> Access[Duty]:
    """Guard one row of the duty list."""
    return Access((Action.ROLE_GRANT,), _load_duty)


def _load(session: Session, actor: Actor, now: datetime, _args: Mapping[str, Any]) -> Subject[None]:
    today = oslo_date(now)
    facts = Facts(today, named=queries.on_duty(session, actor.user_id, today))
    return Subject(None, None, [Held(role) for role in actor.roles], facts)


def _load_own(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Emergency]:
    held, today = [Held(role) for role in actor.roles], oslo_date(now)
    found = queries.own(session, actor.user_id, args["emergency_id"])
    named = found is not None or queries.on_duty(session, actor.user_id, today)
    return _known(found, Action.BG_INVOKE, held, Facts(today, named=named))


def _load_review(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Emergency]:
    held = [Held(role) for role in actor.roles]
    found = queries.of_another(session, actor.user_id, args["emergency_id"])
    return _known(found, Action.BG_REVIEW, held, Facts(oslo_date(now)))


def _load_duty(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Duty]:
    held = [Held(role) for role in actor.roles]
    found = queries.duty(session, args["duty_id"])
    return _known(found, Action.ROLE_GRANT, held, Facts(oslo_date(now)))


def _known(found: Record | None, action: Action, held: list[Held], facts: Facts) -> Subject[Record]:
    """Say that it is missing only to those who would have been let in."""
    if found is None and decide(held, action, facts).allowed:
        raise NotFoundError
    return Subject(found, None, held, facts)
