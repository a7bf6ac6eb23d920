"""`on_task(...)`: a task is its receiver's own, or that of whoever leads the service it went to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts, Held
from stafett.access.ties import blocked_from
from stafett.dates import oslo_date
from stafett.errors import NotFoundError
from stafett.tasks import queries
from stafett.tasks.models import Task
from stafett.web.guard import Access, Subject


def on_task(action: Action) -> Access[Task]:
    """Guard a route about one task; another's, or a blocked person's, is like a missing one."""
    return Access((action,), _load)


def _load(session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]) -> Subject[Task]:
    task = queries.find(session, args["task_id"])
    if task is None or not (task.user_id == actor.user_id or task.service_id in actor.leads):
        raise NotFoundError
    today = oslo_date(now)
    if task.child_id in set(session.scalars(blocked_from(actor, today))):
        raise NotFoundError
    held = [Held(role) for role in actor.roles]
    return Subject(task, None, held, Facts(today, own=True))
