"""`on_entry(...)`: the guard of routes about one entry; a hidden one is like a missing one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts, decide
from stafett.access.ties import ties_of
from stafett.dates import oslo_date
from stafett.entries import queries
from stafett.entries.models import Entry
from stafett.entries.rules import readable_by
from stafett.errors import NotFoundError
from stafett.web.guard import Access, Subject


def on_entry(action: Action) -> Access[Entry]:
    """Guard a route about one entry; its author owns it."""
    return Access((action,), _load)


def _load(session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]) -> Subject[Entry]:
    child_id = queries.child_of(session, args["entry_id"])
    if child_id is None:
        raise NotFoundError
    held = ties_of(session, actor, child_id)
    found = queries.find(session, args["entry_id"])
    facts = Facts(oslo_date(now), own=found is not None and found.written_by == actor.user_id)
    reader = decide(held, Action.ENTRY_LIST, facts).basis
    readable = found is not None and found.visibility in readable_by(reader)
    return Subject(found if readable else None, child_id, held, facts)
