"""Reads who has been shown a thing, from the access log, and what a reader is to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from stafett.access.models import AccessRow
from stafett.audience.rules import Viewer
from stafett.people.models import User
from stafett.stafettlogg.queries import Reader


class ReadRow(NamedTuple):
    """Somebody who has been shown a thing, and when first."""

    user_id: UUID
    name: str
    at: datetime


def viewer_of(reader: Reader) -> Viewer:
    """Return somebody who reads the log, or the plan, as what decides which parts he reads."""
    return Viewer(
        reader.user_id,
        reader.service_id,
        reads=True,
        family=reader.family,
        room=reader.room,
        since=reader.since,
    )


def read_by(
    session: Session,
    child_id: UUID,
    things: Mapping[UUID, datetime | None],
    author_id: UUID | None,
    since: datetime | None = None,
) -> list[ReadRow]:
    """Return who but its author has been shown a thing, and when first.

    `things`: the ids that the log has shown it as, each until a moment, or until now.
    """
    wanted = (
        select(AccessRow.actor_id, User.name, AccessRow.at, AccessRow.shown)
        .join(User, User.id == AccessRow.actor_id)
        .where(AccessRow.child_id == child_id, AccessRow.shown.is_not(None))
        .order_by(AccessRow.at)
    )
    if author_id is not None:
        wanted = wanted.where(AccessRow.actor_id != author_id)
    if since is not None:
        wanted = wanted.where(AccessRow.at >= since)
    first: dict[UUID, ReadRow] = {}
    for actor_id, name, at, shown in session.execute(wanted):
        if actor_id not in first and any(
            until is None or at < until
            for until in (things[one] for one in _ids(shown) & things.keys())
        ):
            first[actor_id] = ReadRow(actor_id, name, at)
    return list(first.values())


def _ids(shown: bytes | None) -> set[UUID]:
    """Return the ids that an access row keeps side by side."""
    shown = shown or b""
    return {UUID(bytes=shown[at : at + 16]) for at in range(0, len(shown), 16)}
