"""`on_copy()`: the guard of a copy of a child's whole record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts
from stafett.access.ties import ties_of
from stafett.dates import oslo_date
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.queries import LogSummary
from stafett.tasks import queries as tasks
from stafett.tasks.rules import TaskKind
from stafett.web.guard import Access, Subject


def on_copy(action: Action = Action.DSR_EXPORT) -> Access[LogSummary]:
    """Guard the copy: the family owns its own child's.

    KE's leader needs that somebody waits for an answer to what he has asked for. The
    page before the copy asks another `action`: the log must not say that a copy is taken there.
    """
    return Access((action,), _load)


def _load(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[LogSummary]:
    child_id, today = args["child_id"], oslo_date(now)
    held = ties_of(session, actor, child_id, now)
    asked = tasks.waits(session, child_id, TaskKind.DSR_REQUEST, but=actor.user_id)
    log = logs.summary(session, child_id, today)
    return Subject(log, child_id, held, Facts(today, own=True, asked=asked))
