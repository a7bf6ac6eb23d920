"""`on_twin()`: the guard of routes about two records of one child."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts, decide
from stafett.access.ties import blocked_from, ties_of
from stafett.dates import oslo_date
from stafett.errors import NotFoundError
from stafett.tasks import queries as tasks
from stafett.tasks.rules import TaskKind
from stafett.twins import queries
from stafett.twins.queries import Pair
from stafett.web.guard import Access, Subject


def on_twin() -> Access[Pair]:
    """Guard a route about a provisional record and its twin; who is blocked from one has neither.

    The leader of koordinerende enhet comes to it by the task to join them, or to look again.
    """
    return Access((Action.CHILD_JOIN_TWIN,), _load)


def _load(session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]) -> Subject[Pair]:
    child_id, today = args["child_id"], oslo_date(now)
    queries.take(session, child_id)
    held = ties_of(session, actor, child_id, now)
    task = tasks.open_of(session, TaskKind.JOIN_TWIN, child_id)
    task = task or tasks.open_of(session, TaskKind.CHECK_JOIN, child_id)
    facts = Facts(today, object_id=None if task is None else task.id)
    if not decide(held, Action.CHILD_JOIN_TWIN, facts).allowed:
        raise NotFoundError  # or who typed a number would learn that it is known
    pair = queries.pair(session, child_id)
    if pair is not None and pair.other.id in session.scalars(blocked_from(actor, today)).all():
        pair = None
    return Subject(pair, child_id, held, facts)
