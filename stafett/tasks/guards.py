"""`on_task(...)`: a task is its receiver's own, or that of whoever leads the service it went to."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts, Held, decide
from stafett.access.ties import blocked_from, ties_of
from stafett.dates import oslo_date
from stafett.errors import NotFoundError
from stafett.tasks import queries
from stafett.tasks.models import Task
from stafett.tasks.rules import NOTICES
from stafett.unsaved.guards import on_unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf
from stafett.web.guard import Access, Subject


def on_task(action: Action) -> Access[Task]:
    """Guard a route about one task; another's, or a blocked person's, is like a missing one.

    What was given to the holder of a baton is the present holder's.

    A service's leader may have a task about a child whose record is not open to him: then the
    task is his, and the child stays out of it. A notice is gone with the access.
    """
    return Access((action,), partial(_load, action))


def on_answer() -> Access[Place]:
    """Guard a route about the answer to a task that the actor is writing."""

    def place(
        _session: Session, found: Subject[Task], _actor: Actor, _args: Mapping[str, Any]
    ) -> Place | None:
        return None if found.record is None else Place(UnsavedOf.TASK, found.record.id)

    return on_unsaved(Action.REQUEST_DRAFT, on_task(Action.TASK_FINISH), place)


def _load(
    action: Action, session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Task]:
    today = oslo_date(now)
    child_id = queries.child_of(session, args["task_id"])
    if child_id is None:
        raise NotFoundError
    tied, facts = ties_of(session, actor, child_id, now), Facts(today, own=True)
    task = queries.find(session, args["task_id"], actor, today)  # now that nobody else changes it
    if task is None or child_id in set(session.scalars(blocked_from(actor, today))):
        raise NotFoundError
    if all(decide(tied, one, facts).allowed for one in (Action.CHILD_READ_IDENTITY, action)):
        return Subject(task, child_id, tied, facts)
    if task.kind in NOTICES:
        raise NotFoundError
    return Subject(task, None, [Held(role) for role in actor.roles], facts)
