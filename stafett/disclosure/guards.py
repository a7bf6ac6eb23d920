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
from stafett.errors import NotFoundError
from stafett.tasks import queries as tasks
from stafett.tasks.rules import TaskKind
from stafett.web.guard import Access, Subject


def on_parent(action: Action) -> Access[Guardian]:
    """Guard a route about one parent's requests: his own, when a decision lets him read them.

    While one waits, the leader of koordinerende enhet comes to it by that task.
    """
    return Access((action,), _load)


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
