"""`on_child(...)`, `on_guardian(...)`: the guards of routes about a child or its guardian."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts
from stafett.access.ties import ties_of
from stafett.children import queries
from stafett.children.models import Guardian
from stafett.children.queries import ChildSummary
from stafett.dates import oslo_date
from stafett.errors import NotFoundError
from stafett.tasks import queries as tasks
from stafett.tasks.rules import TaskKind
from stafett.web.guard import Access, Subject


def on_child(action: Action) -> Access[ChildSummary]:
    """Guard a route about one child; whether the child exists is asked for everybody alike."""
    return Access((action,), _load)


def on_guardian(action: Action) -> Access[Guardian]:
    """Guard a route about one guardian; who typed it owns it until a log opens.

    While it waits to be verified, the leader of koordinerende enhet comes to it by that task.
    """
    return Access((action,), _load_guardian)


def _load(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[ChildSummary]:
    child_id = args["child_id"]
    held = ties_of(session, actor, child_id, now)
    return Subject(queries.find(session, child_id), child_id, held, Facts(oslo_date(now)))


def _load_guardian(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Guardian]:
    child_id = queries.child_of_guardian(session, args["guardian_id"])
    if child_id is None:
        raise NotFoundError
    held = ties_of(session, actor, child_id, now)
    found = queries.guardian(session, args["guardian_id"])
    own = found is not None and found.added_by == actor.user_id
    task = tasks.open_of(session, TaskKind.VERIFY_GUARDIAN, args["guardian_id"])
    facts = Facts(
        oslo_date(now),
        own=own,
        object_id=None if task is None else task.id,
        asked=tasks.requested(
            session, child_id, Action.GUARDIAN_UNBLOCK, args["guardian_id"], but=actor.user_id
        ),
    )
    return Subject(found, child_id, held, facts)
