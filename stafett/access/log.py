"""Writes the access log: who looked at what, on which basis, and what was shown."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from stafett.access.models import AccessRow, AccessShown
from stafett.access.policy import Action, Actor, Relation
from stafett.dates import oslo_date

SEEN = ("allow", "form", "replay")
"""The results of a request that was answered: done, its form opened, or answered once before."""
_ROW = insert(AccessRow)
_SHOWN = {
    name: dialect.insert(AccessShown).on_conflict_do_nothing()
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


@dataclass
class Look:
    """One request as the log will tell it; filled in while the request is answered.

    `result` is one of `SEEN`, or `deny` or `error`.
    """

    at: datetime
    request_id: str
    actor: Actor | None = None
    action: Action | None = None
    child_id: UUID | None = None
    basis: frozenset[Relation] = frozenset()
    result: str = "allow"
    shown: list[UUID] = field(default_factory=list)
    children: list[UUID] = field(default_factory=list)
    on_behalf_of: UUID | None = None
    edition: str | None = None
    parts: list["Look"] = field(default_factory=list)
    """What the same request showed of single children, as rows of their own."""


def record(session: Session, *looks: Look) -> None:
    """Add the rows to the caller's transaction: Core, so that a look costs one insert.

    A child that a list shows again the same day (Oslo) leaves no second row.
    """
    connection = session.connection()
    for look in looks:
        if look.actor is None:
            continue
        row, *parts = [_values(look.actor, one) for one in (look, *look.parts)]
        connection.execute(_ROW, row)
        if parts:
            connection.execute(_ROW, parts)
        if look.children:
            day = {
                "row_id": row["id"],
                "actor_id": look.actor.user_id,
                "shown_on": oslo_date(look.at),
            }
            shown = [{**day, "child_id": child_id} for child_id in dict.fromkeys(look.children)]
            connection.execute(_SHOWN[connection.dialect.name], shown)


def _values(actor: Actor, look: Look) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "at": look.at,
        "actor_id": actor.user_id,
        "service_id": actor.service_id,
        "action": look.action,
        "child_id": look.child_id,
        "basis": "+".join(sorted(look.basis)),
        "result": look.result,
        "request_id": look.request_id,
        "shown": b"".join(one.bytes for one in look.shown) or None,
        "on_behalf_of": look.on_behalf_of,
        "edition": look.edition,
    }
