"""The guards of routes about a protected address: who is a reader, and who has asked."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts
from stafett.access.ties import ties_of
from stafett.children import queries as children
from stafett.children.models import Guardian
from stafett.children.queries import ChildSummary
from stafett.children.rules import WEAKENS_PROTECTION
from stafett.dates import oslo_date
from stafett.errors import NotFoundError
from stafett.protection import queries
from stafett.tasks import queries as tasks
from stafett.tasks.queries import requested
from stafett.tasks.rules import TaskKind
from stafett.web.guard import Access, Subject


def on_protection(action: Action) -> Access[ChildSummary]:
    """Guard a route about a child's protection."""
    return Access((action,), partial(_load, action))


def on_guardians_access(action: Action) -> Access[Guardian]:
    """Guard a route that opens or closes one guardian's access."""
    return Access((action,), partial(_load_guardian, action))


def _load(
    action: Action, session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[ChildSummary]:
    child_id, today = args["child_id"], oslo_date(now)
    held = ties_of(session, actor, child_id, now)
    named = action is Action.CHILD_READ_GRADED_ADDRESS and queries.is_reader(
        session, child_id, actor.user_id, today
    )
    reminder = tasks.open_of(session, TaskKind.PROTECTION_ENDS, child_id)
    facts = Facts(
        today,
        named=named,
        object_id=None if reminder is None else reminder.id,
        asked=_asked(session, child_id, action, None, actor),
    )
    return Subject(children.find(session, child_id), child_id, held, facts)


def _load_guardian(
    action: Action, session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Guardian]:
    guardian_id = args["guardian_id"]
    child_id = children.child_of_guardian(session, guardian_id)
    if child_id is None:
        raise NotFoundError
    held = ties_of(session, actor, child_id, now)
    facts = Facts(oslo_date(now), asked=_asked(session, child_id, action, guardian_id, actor))
    return Subject(children.guardian(session, guardian_id), child_id, held, facts)


def _asked(
    session: Session, child_id: UUID, action: Action, object_id: UUID | None, actor: Actor
) -> bool:
    """Say whether another than the actor has asked for what takes two."""
    return action in WEAKENS_PROTECTION and requested(
        session, child_id, action, object_id, but=actor.user_id
    )
