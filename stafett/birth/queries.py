"""What was written before a birth, what follows the child of it, and who read with her."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from stafett.access import ties
from stafett.access.models import Birth, Follow
from stafett.access.work import Work
from stafett.audience.rules import Viewer
from stafett.children import queries as children
from stafett.entries import queries as entries
from stafett.entries.queries import EVERY, EntryRow


class ReaderRow(NamedTuple):
    """A guardian besides the pregnant person, and whether she lets him read with her."""

    guardian_id: UUID
    name: str
    reads: bool


@dataclass(frozen=True, slots=True)
class BeforeBirth:
    """What somebody reads of what was written before a birth, newest first, and what follows.

    `born_at` is the UTC moment at which it was registered; None: not yet.
    """

    born_at: datetime | None
    entries: list[EntryRow]
    follows: Sequence[Follow]
    readers: list[ReaderRow]

    @property
    def all_follow(self) -> bool:
        """Whether all of it follows the child."""
        return any(one.entry_id is None for one in self.follows)

    @property
    def followed(self) -> frozenset[UUID]:
        """Return the entries that follow by themselves."""
        return frozenset(one.entry_id for one in self.follows if one.entry_id)


def born_at(session: Session, child_id: UUID) -> datetime | None:
    """Return the moment at which a birth was registered, if it was."""
    birth = session.get(Birth, child_id)
    return None if birth is None else birth.at


def before_birth(work: Work, child_id: UUID, viewer: Viewer) -> BeforeBirth:
    """Return what there is from before a birth, as far as somebody reads it."""
    child, at = children.find(work.session, child_id), born_at(work.session, child_id)
    pregnant = children.pregnant(work.session, child_id)
    found = []
    if child is not None and at is not None and viewer.reads:
        found = entries.of_child(work.session, child, viewer, EVERY, (at, UUID(int=0)))
    return BeforeBirth(
        at,
        found,
        ties.followed(work.session, child_id),
        [
            ReaderRow(one.id, one.name, one.let_in_at is not None)
            for one in children.guardians_now(work.session, child_id)
            if pregnant is None or one.id != pregnant.id
        ],
    )
