"""`on_birth(...)`: the guard of routes about a birth, and about what is from before it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts
from stafett.access.ties import ties_of
from stafett.children import queries as children
from stafett.dates import oslo_date
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.queries import LogSummary
from stafett.web.guard import Access, Subject


def on_birth(action: Action) -> Access[LogSummary]:
    """Guard a route about one child; who carries, or carried, it owns what is asked for."""
    return Access((action,), _load)


def _load(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[LogSummary]:
    child_id, today = args["child_id"], oslo_date(now)
    held = ties_of(session, actor, child_id, now)
    pregnant = children.pregnant(session, child_id)
    own = pregnant is not None and pregnant.user_id == actor.user_id
    return Subject(logs.summary(session, child_id, today), child_id, held, Facts(today, own=own))
