"""`on_parent(...)`: the guard of routes about what one parent has asked to be told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts
from stafett.access.ties import ties_of
from stafett.children import queries
from stafett.children.models import Guardian
from stafett.dates import oslo_date
from stafett.disclosure.rules import DECISION
from stafett.errors import NotFoundError
from stafett.tasks import queries as tasks
from stafett.tasks.rules import TaskKind
from stafett.unsaved.guards import on_unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf
from stafett.web.guard import Access, Subject


def on_parent(action: Action) -> Access[Guardian]:
    """Guard a route about one parent's requests: his own, when a decision lets him read them.

    While one waits, the leader of koordinerende enhet comes to it by that task.
    """
    return Access((action,), _load)


def on_decision() -> Access[Place]:
    """Guard a route about the decision that the actor is writing, while a request waits for it."""

    def place(
        _session: Session, found: Subject[Guardian], _actor: Actor, _args: Mapping[str, Any]
    ) -> Place | None:
        return decision_place(found)

    return on_unsaved(Action.REQUEST_DRAFT, on_parent(Action.DISCLOSURE_DECIDE), place)


def decision_place(found: Subject[Guardian]) -> Place | None:
    """Return where the decision about a parent's request is written; None: none waits."""
    task_id = found.facts.object_id
    return None if task_id is None else Place(UnsavedOf.TASK, task_id, DECISION)


def _load(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Guardian]:
    child_id = queries.child_of_guardian(session, args["guardian_id"])
    if child_id is None:
        raise NotFoundError
    held = ties_of(session, actor, child_id, now)
    found = queries.guardian(session, args["guardian_id"])
    own = found is not None and found.user_id == actor.user_id
    task = tasks.open_of(session, TaskKind.DECIDE_DISCLOSURE, args["guardian_id"])
    task_id = None if task is None else task.id
    return Subject(found, child_id, held, Facts(oslo_date(now), own=own, object_id=task_id))
