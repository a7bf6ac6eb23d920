"""Seals both logs in a chain, proves it, and lets rows go when their time is past.

What is hashed are bytes that both databases give alike, of the columns that are not NULL, in
alphabetical order: a line with the table's name, a line with the columns' names, a line with the
lengths of their values in bytes, then the values end to end. So a column that may be NULL can be
added later without breaking an older seal; one that may not, or another name, cannot. A value is
its text in UTF-8: a UUID as 32 hex digits, a moment in UTC as `2026-11-24 13:03:00.000000`, JSON as
it was written; a blob is itself.

`seal_row.sha256` is the hash of such a row. `seal.rows_sha256` is the hash of id (hex) and hash of
each of its rows, `access_log` before `trail`, ordered by id. `seal.head` is the hash of the seal's
own row without `head`. `seal.previous` is the head before it, 32 zero bytes for the first.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    Text,
    Uuid,
    cast,
    delete,
    exists,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from stafett.access.models import AccessRow, AccessShown
from stafett.audit.models import Seal, SealRow, TrailRow
from stafett.dates import months_after
from stafett.db import Base, Database, UtcDateTime, one_at_a_time

CHAIN = UUID("5ea15ea1-5ea1-45ea-85ea-15ea15ea15ea")
"""What is locked while a link is added: there is one chain, so nobody else's lock has this id."""
MOST = 20_000
"""Rows of each log in one seal, so that nobody waits long while they are written."""
SHORTEST_YEARS = 2
"""No checkpoint may take rows younger than this; the triggers of the database count it too."""
LONGEST_WAIT = 60
"""Seconds that `settle` waits for transactions that are open."""
POLL = 0.05
MOMENT = "YYYY-MM-DD HH24:MI:SS.US"
START = bytes(32)
WRITERS = text("""
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND relation IN ('access_log'::regclass, 'trail'::regclass)
""")


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 a mapped class has one; this tells the type
    return table


LOGS = {table.name: table for table in (_table(AccessRow), _table(TrailRow))}
SEAL, SEAL_ROW = _table(Seal), _table(SealRow)


@dataclass(frozen=True, slots=True)
class Link:
    """A seal as it is anchored; `sealed_at` is a UTC moment, `rows` how many it seals."""

    number: int
    sealed_at: datetime
    head: bytes
    rows: int


def stored(columns: Iterable[Column[Any]], dialect: str) -> list[ColumnElement[bytes]]:
    """Return what selects the stored values of columns as bytes."""
    return [(_in_sqlite if dialect == "sqlite" else _in_postgresql)(column) for column in columns]


def as_text(column: Column[Any]) -> ColumnElement[Any]:
    """Return what selects a value in PostgreSQL as text, but what is a blob already."""
    if isinstance(column.type, LargeBinary):
        return column
    if isinstance(column.type, UtcDateTime):
        return func.to_char(func.timezone("UTC", column), MOMENT)
    if isinstance(column.type, Uuid):
        return func.encode(func.uuid_send(column), "hex")
    return cast(column, Text)


def ordered(table: Table) -> list[Column[Any]]:
    """Return the columns in the order in which they are hashed."""
    return sorted(table.columns, key=lambda column: column.name)


def canonical(table: bytes, names: Sequence[bytes]) -> Callable[[Sequence[bytes | None]], bytes]:
    """Return what makes a row of values, in the order of its columns, the bytes that are hashed."""

    @lru_cache(maxsize=10_000)
    def head(lengths: tuple[int | None, ...]) -> bytes:
        """Return the lines before the values, which are alike for many rows."""
        there = [(name, one) for name, one in zip(names, lengths, strict=True) if one is not None]
        said = " ".join(str(length) for _, length in there).encode()
        return b"%b\n%b\n%b\n" % (table, b" ".join(name for name, _ in there), said)

    def row(values: Sequence[bytes | None]) -> bytes:
        lengths = tuple([None if value is None else len(value) for value in values])
        return head(lengths) + b"".join(filter(None, values))

    return row


def settle(database: Database, seconds: float = LONGEST_WAIT) -> None:
    """Wait until the transactions that are writing in a log now have ended, or time is out.

    What is still open then is sealed next time: a row is looked for until it is sealed.
    """
    until = time.monotonic() + seconds
    if database.engine.dialect.name == "sqlite":
        while time.monotonic() < until:
            try:
                with database.writing() as session:
                    session.connection()  # there is one writer, so its turn has ended
            except OperationalError:
                continue  # it waits for ten seconds each time
            return
        return
    writing = _writers(database)
    while writing and time.monotonic() < until:
        time.sleep(POLL)
        writing &= _writers(database)


def seal(database: Database, now: datetime, *, until: datetime | None = None) -> list[Link]:
    """Seal every committed row of both logs that is not sealed, up to a moment if one is given.

    A row is found by having no `seal_row`, never by a moment that has been passed, so one that
    is committed late with an older `at` is sealed the next time; the key of `seal_row` and the
    numbers without gap keep any row from being sealed twice. Reading and hashing lets others
    write; only adding the link takes a turn.
    """
    made: list[Link] = []
    while True:
        with database.reading() as session:
            last = _last(session)
            found = {log: _unsealed(session, log, until) for log in LOGS}
        if not any(found.values()):
            return made
        with database.writing() as session:
            one_at_a_time(session, CHAIN)
            if _last(session) != last:
                continue  # somebody else has sealed since: look again
            made.append(_add(session, last, now, found))
        if all(len(rows) < MOST for rows in found.values()):
            return made


def expire(database: Database, now: datetime, years: int) -> Link | None:
    """Delete the rows whose seals are older than some years, and leave a checkpoint in the chain.

    Only the owner of the tables may. None when there is nothing to delete.
    """
    with database.writing() as session:
        one_at_a_time(session, CHAIN)
        old = Seal.sealed_at < years_before(now, years)
        until = session.scalar(select(func.max(Seal.number)).where(old, Seal.expired_to.is_(None)))
        passed = session.scalar(select(func.max(Seal.expired_to))) or 0
        if until is None or until <= passed:
            return None
        link = _add(session, _last(session), now, {}, expired_to=until)
        seals = select(Seal.id).where(Seal.number <= until)
        for table, log, row_id in (
            (AccessShown, "access_log", AccessShown.row_id),
            (AccessRow, "access_log", AccessRow.id),
            (TrailRow, "trail", TrailRow.id),
        ):
            gone = select(SealRow.row_id).where(SealRow.log == log, SealRow.seal_id.in_(seals))
            session.execute(delete(table).where(row_id.in_(gone)))
        session.execute(delete(SealRow).where(SealRow.seal_id.in_(seals)))
        return link


def links(session: Session, after: int) -> list[Link]:
    """Return the links after a number."""
    wanted = select(
        Seal.number, Seal.sealed_at, Seal.head, Seal.access_rows + Seal.trail_rows
    ).where(Seal.number > after)
    return [Link(*row) for row in session.execute(wanted.order_by(Seal.number))]


def years_before(now: datetime, years: int) -> datetime:
    """Return the moment some years before another."""
    return datetime.combine(months_after(now.date(), -12 * years), now.timetz())


def _writers(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(WRITERS))


def _last(session: Session) -> tuple[int, bytes]:
    """Return the number and the head of the newest link, or what the first one follows."""
    newest = select(Seal.number, Seal.head).order_by(Seal.number.desc()).limit(1)
    row = session.execute(newest).one_or_none()
    return (0, START) if row is None else (row.number, row.head)


def _unsealed(session: Session, log: str, until: datetime | None) -> list[tuple[bytes, bytes]]:
    """Return id (hex) and hash of rows without a `seal_row`, ordered by id."""
    table = LOGS[log]
    names = [column.name.encode() for column in ordered(table)]
    at, said = names.index(b"id"), canonical(log.encode(), names)
    sealed = exists().where(SEAL_ROW.c.log == log, SEAL_ROW.c.row_id == table.c.id)
    wanted = select(*stored(ordered(table), session.get_bind().dialect.name)).where(~sealed)
    if until is not None:
        wanted = wanted.where(table.c.at <= until)
    rows = session.execute(wanted.order_by(table.c.id).limit(MOST))
    return [(row[at], sha256(said(row)).digest()) for row in rows]


def _add(
    session: Session,
    last: tuple[int, bytes],
    now: datetime,
    found: Mapping[str, list[tuple[bytes, bytes]]],
    expired_to: int | None = None,
) -> Link:
    """Add one link to the chain, with its rows."""
    content = sha256()
    for row_id, digest in (row for log in LOGS for row in found.get(log, ())):
        content.update(row_id + digest)
    values: dict[str, Any] = {
        "id": uuid4(),
        "number": last[0] + 1,
        "sealed_at": now,
        "previous": last[1],
        "rows_sha256": content.digest(),
        "access_rows": len(found.get("access_log", ())),
        "trail_rows": len(found.get("trail", ())),
        "expired_to": expired_to,
    }
    names = sorted(values)
    stored = [_stored(values[name]) for name in names]
    head = sha256(canonical(b"seal", [name.encode() for name in names])(stored)).digest()
    session.execute(insert(SEAL), {**values, "head": head})
    rows = [
        {"log": log, "row_id": UUID(row_id.decode()), "sha256": digest, "seal_id": values["id"]}
        for log in LOGS
        for row_id, digest in found.get(log, ())
    ]
    if rows:
        session.execute(insert(SEAL_ROW), rows)
    return Link(values["number"], now, head, len(rows))


def _in_sqlite(column: Column[Any]) -> ColumnElement[bytes]:
    return cast(column, LargeBinary)  # SQLite keeps all of it as text, but what is a blob already


def _in_postgresql(column: Column[Any]) -> ColumnElement[bytes]:
    value = as_text(column)
    return value if value is column else func.convert_to(value, "UTF8")


def _stored(value: object) -> bytes | None:
    """Return the bytes that `stored` selects once the value has been stored."""
    match value:
        case None | bytes():
            return value
        case UUID():
            return value.hex.encode()
        case datetime():
            return value.astimezone(UTC).isoformat(" ", "microseconds")[:26].encode()
        case _:
            return str(value).encode()
