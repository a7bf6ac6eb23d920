"""Keeps what is being written, for its author alone, and lets it go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from stafett.access.work import Work
from stafett.dates import iso
from stafett.errors import ConflictError
from stafett.unsaved import queries
from stafett.unsaved.models import Unsaved
from stafett.unsaved.queries import NOTHING, Place, Written
from stafett.unsaved.rules import KEPT_FOR


@dataclass(frozen=True)
class Keep:
    """What a form holds while it is written; `seen_version` is what it was typed in, or 0.

    `empty`: there are no words in it, and so nothing to keep.
    """

    fields: Mapping[str, Any]
    seen_version: int
    empty: bool


def keep(work: Work, place: Place, wish: Keep) -> Written:
    """Keep what the actor is writing, for him alone and without a row in the trail.

    What was dropped elsewhere is kept anew: the words here may be others.

    Raises:
        ConflictError: it was kept from another page or device since; `current` is that.

    """
    stands = queries.written(work, place)
    if stands.version not in {0, wish.seen_version}:
        at = stands.saved_at and iso(stands.saved_at)
        raise ConflictError({**stands._asdict(), "saved_at": at})
    if wish.empty:
        drop(work, place, stands.version)
        return NOTHING
    version = max(stands.version + 1, round(work.now.timestamp() * 1000))
    kept = Unsaved(
        user_id=work.actor.user_id,
        of=place.of,
        object_id=place.object_id,
        part=place.part,
        version=version,
        saved_at=work.now,
        fields=dict(wish.fields),
    )
    work.session.merge(kept)
    work.session.flush()
    return Written(version, work.now, wish.fields)


def drop(work: Work, place: Place, version: int) -> None:
    """Delete what is now saved, or not wanted; another device's newer words stay."""
    if version:
        work.session.execute(
            delete(Unsaved).where(
                Unsaved.user_id == work.actor.user_id,
                Unsaved.of == place.of,
                Unsaved.object_id == place.object_id,
                Unsaved.part == place.part,
                Unsaved.version == version,
            )
        )


def let_go(work: Work, place: Place) -> None:
    """Delete what the actor writes in a place, on whatever device: he has answered otherwise."""
    drop(work, place, queries.written(work, place).version)


def forget(session: Session, now: datetime) -> None:
    """Delete what nobody has come back to in `KEPT_FOR`."""
    session.execute(delete(Unsaved).where(Unsaved.saved_at <= now - KEPT_FOR))
