"""Reads of what the actor is writing; nobody's else is ever found."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select

from stafett.access.work import Work
from stafett.db import UtcDateTime, fetch
from stafett.unsaved.models import Unsaved
from stafett.unsaved.rules import KEPT_FOR, UnsavedOf


class Place(NamedTuple):
    """Where something is written: for a child, or the entry, concern or handover it is of.

    `part`: which of the forms there, if there are several.
    """

    of: UnsavedOf
    object_id: UUID
    part: str = ""


class Written(NamedTuple):
    """What an author has not yet saved where it belongs; `saved_at` is UTC. 0: there is nothing."""

    version: int
    saved_at: datetime | None
    fields: Mapping[str, Any]


NOTHING = Written(0, None, {})
_WRITTEN = select(Unsaved.version, Unsaved.saved_at, Unsaved.fields).where(
    Unsaved.user_id == bindparam("user_id"),
    Unsaved.of == bindparam("of"),
    Unsaved.object_id == bindparam("object_id"),
    Unsaved.part == bindparam("part"),
    Unsaved.saved_at > bindparam("since", type_=UtcDateTime()),
)


def begun(work: Work, of: UnsavedOf, object_id: UUID) -> dict[str, datetime]:
    """Return in which forms of a thing the actor has something unsaved, and since when (UTC)."""
    wanted = select(Unsaved.part, Unsaved.saved_at).where(
        Unsaved.user_id == work.actor.user_id,
        Unsaved.of == of,
        Unsaved.object_id == object_id,
        Unsaved.saved_at > work.now - KEPT_FOR,
    )
    return {row.part: row.saved_at for row in work.session.execute(wanted)}


def written(work: Work, place: Place) -> Written:
    """Return what the actor himself is writing in a place."""
    of, object_id, part = place
    given = {"user_id": work.actor.user_id, "of": of, "object_id": object_id, "part": part}
    found = fetch(work.session, _WRITTEN, {**given, "since": work.now - KEPT_FOR})
    return Written._make(found[0]) if found else NOTHING
