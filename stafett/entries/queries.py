"""Everything that reads entries: columns copied into small rows, because a page shows hundreds."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from stafett.access.policy import Relation
from stafett.children.models import Child
from stafett.children.queries import ChildSummary
from stafett.db import UtcDateTime
from stafett.entries.models import Entry, EntryVersion
from stafett.entries.rules import readable_by
from stafett.people.models import Service, User


class EntryRow(NamedTuple):
    """An entry as a page or a JSON list shows it, with the text that stands."""

    id: UUID
    kind: str
    text: str
    visibility: str
    author_id: UUID
    author: str
    author_name: str
    author_title: str
    service_id: UUID | None
    service: str | None
    written_at: datetime
    version: int
    reason: str | None
    corrected_at: datetime

    @property
    def corrected(self) -> bool:
        """Whether an earlier text has been replaced."""
        return self.version > 1


class VersionRow(NamedTuple):
    """A text of an entry as it stood."""

    number: int
    text: str
    reason: str | None
    written_at: datetime


_COLUMNS = (
    select(Entry.id, Entry.kind, EntryVersion.text, Entry.visibility, User.id, User.username)
    .add_columns(User.name, User.title, Entry.service_id, Service.name, Entry.written_at)
    .add_columns(Entry.version, EntryVersion.reason, EntryVersion.written_at)
    .join(User, User.id == Entry.written_by)
    .join(Service, Service.id == Entry.service_id, isouter=True)
    .join(
        EntryVersion,
        and_(EntryVersion.entry_id == Entry.id, EntryVersion.number == Entry.version),
    )
)
_ONE = (
    _COLUMNS.add_columns(Child.address_protection)
    .join(Child, Child.id == Entry.child_id)
    .where(Entry.id == bindparam("entry_id"))
)
_MINE = Entry.visibility.in_(bindparam("visibilities", expanding=True))
_FIRST = (  # built once: making a statement costs as much as running it
    _COLUMNS.where(Entry.child_id == bindparam("child_id"), _MINE)
    .order_by(Entry.written_at.desc(), Entry.id.desc())
    .limit(bindparam("limit"))
)
_AFTER = _FIRST.where(
    or_(
        Entry.written_at < bindparam("at", type_=UtcDateTime()),
        and_(
            Entry.written_at == bindparam("at", type_=UtcDateTime()),
            Entry.id < bindparam("last_id"),
        ),
    )
)
Cursor = tuple[datetime, UUID]


def of_child(
    session: Session,
    child: ChildSummary,
    reader: Iterable[Relation],
    limit: int,
    after: Cursor | None = None,
) -> list[EntryRow]:
    """Return the newest entries, older than `after`, that somebody with these relations may read.

    One more than `limit` is read, so that the caller knows whether there are older ones. Where
    the author works is left out when the child's address is protected.
    """
    given = {
        "child_id": child.id,
        "visibilities": sorted(readable_by(reader)),
        "limit": limit + 1,
    }
    wanted = _FIRST
    if after is not None:
        wanted, given = _AFTER, {**given, "at": after[0], "last_id": after[1]}
    rows = [EntryRow._make(row) for row in session.connection().execute(wanted, given).fetchall()]
    if child.address_protection == "none":
        return rows
    return [_masked(row) for row in rows]


def row(session: Session, entry_id: UUID) -> EntryRow:
    """Return one entry as pages and JSON show it; the workplace as `of_child` does."""
    *found, protection = session.connection().execute(_ONE, {"entry_id": entry_id}).one()
    entry = EntryRow._make(found)
    return entry if protection == "none" else _masked(entry)


def find(session: Session, entry_id: UUID) -> Entry | None:
    """Return an entry, without asking who wants it."""
    return session.get(Entry, entry_id)


def child_of(session: Session, entry_id: UUID) -> UUID | None:
    """Return whom an entry is about; it never changes, so no lock is needed."""
    return session.scalar(select(Entry.child_id).where(Entry.id == entry_id))


def versions(session: Session, entry_id: UUID) -> list[VersionRow]:
    """Return every text an entry has had, newest first."""
    wanted = (
        select(EntryVersion.number, EntryVersion.text, EntryVersion.reason)
        .add_columns(EntryVersion.written_at)
        .where(EntryVersion.entry_id == entry_id)
        .order_by(EntryVersion.number.desc())
    )
    return [VersionRow._make(found) for found in session.execute(wanted)]


def _masked(entry: EntryRow) -> EntryRow:
    return entry._replace(service_id=None, service=None)
