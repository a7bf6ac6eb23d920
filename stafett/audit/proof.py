"""Proves the seals: every link, every sealed row, and what is anchored outside the database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from hashlib import sha256
from itertools import chain, groupby
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    Uuid,
    case,
    func,
    literal,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from stafett.audit.seal import (
    LOGS,
    SEAL,
    SEAL_ROW,
    SHORTEST_YEARS,
    START,
    as_text,
    canonical,
    ordered,
    stored,
    years_before,
)
from stafett.db import Database


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved.

    `expired_to` is the last seal whose rows were deleted past their time. `broken` says in one
    Norwegian sentence the first thing, in the order of the chain, that does not hold.
    """

    seals: int
    rows: int
    unsealed: int
    anchored: int
    expired_to: int
    broken: str | None


@dataclass(frozen=True, slots=True)
class _Break:
    number: int
    sentence: str


def verify(database: Database, anchors: Mapping[int, str]) -> Proof:
    """Prove the chain, its rows, and the heads (hex, by number) that are anchored.

    The anchors are read before this is called: one is written after its seal is committed, so
    none of them can be newer than what is seen here.
    """
    with database.reading() as session:
        work = _Work(session, anchors)
        found = chain(work.rows(), work.content(), work.links(), work.anchored())
        first = min(found, key=lambda one: one.number, default=None)
        return Proof(
            seals=len(work.chain),
            rows=work.sealed,
            unsealed=work.there - work.sealed,
            anchored=sum(number <= len(work.chain) for number in anchors),
            expired_to=work.expired_to,
            broken=None if first is None else first.sentence,
        )


def _said(table: Table) -> ColumnElement[bytes]:
    """Return what selects the bytes of a row in PostgreSQL that are hashed, as `canonical`."""
    columns = ordered(table)
    values = [as_text(column) for column in columns]
    names = func.concat_ws(" ", *(case((one.is_not(None), one.name)) for one in columns))
    lengths = func.concat_ws(" ", *map(func.octet_length, values))
    head = func.concat_ws("\n", literal(table.name, Text), names, lengths, "")
    pieces: list[ColumnElement[bytes]] = []
    for blobs, run in groupby([head, *values], key=lambda one: isinstance(one.type, LargeBinary)):
        if blobs:
            pieces += [func.coalesce(one, literal(b"", LargeBinary)) for one in run]
        else:
            pieces.append(func.convert_to(func.concat(*run), "UTF8", type_=LargeBinary))
    return reduce(_beside, pieces)


def _beside(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bytes]:
    return one.op("||", return_type=LargeBinary())(other)


def _by_seal() -> Select[Any]:
    """Return what selects, in PostgreSQL, how the rows of each seal are.

    Its id, how many of them there are, the hash of all, and which of them is the first, the first
    that is deleted, and the first that is changed, by log and id.
    """
    row = union_all(
        *(
            select(SEAL_ROW.c.seal_id, SEAL_ROW.c.log, SEAL_ROW.c.sha256.label("was"))
            .add_columns(as_text(SEAL_ROW.c.row_id).collate("C").label("id"))
            .add_columns(case((table.c.id.is_not(None), func.sha256(_said(table)))).label("now"))
            .join_from(SEAL_ROW, table, table.c.id == SEAL_ROW.c.row_id, isouter=True)
            .where(SEAL_ROW.c.log == log)
            for log, table in LOGS.items()
        )
    ).subquery()
    kept = _beside(func.convert_to(row.c.id, "UTF8"), row.c.was)
    ordered_by = aggregate_order_by(literal(b"", LargeBinary), row.c.log, row.c.id)
    first = func.min(func.concat(row.c.log, " ", row.c.id))
    return select(
        row.c.seal_id,
        func.count(row.c.now),
        func.sha256(func.string_agg(kept, ordered_by), type_=LargeBinary),
        first,
        first.filter(row.c.now.is_(None)),
        first.filter(row.c.now != row.c.was),
    ).group_by(row.c.seal_id)


_BY_SEAL = _by_seal()
_WHOLE_FILE = f"PRAGMA mmap_size={2**31 - 1}"  # the file as memory: a million fewer reads


def _kept(log: str, table: Table) -> str:
    """Return what selects, in SQLite, every sealed row of a log with what was kept of it."""
    kept = (SEAL_ROW.c.seal_id, SEAL_ROW.c.row_id, SEAL_ROW.c.sha256)
    wanted = (
        select(*map(_as_it_is, (*kept, *ordered(table))))
        .join_from(SEAL_ROW, table, table.c.id == SEAL_ROW.c.row_id, isouter=True)
        .where(SEAL_ROW.c.log == log)
        .order_by(SEAL_ROW.c.row_id)
    )
    return str(wanted.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))


def _as_it_is(column: Column[Any]) -> ColumnElement[Any]:
    """Select bytes of a driver that hands over texts as such: only what can be a number is cast.

    A column of texts keeps a number as its text, whoever wrote it.
    """
    return column if isinstance(column.type, (String, Uuid)) else stored([column], "sqlite")[0]


_KEPT = {log: _kept(log, table) for log, table in LOGS.items()}
_OWN_FUNCTIONS = text(
    "SELECT set_config('search_path', 'pg_catalog, ' || quote_ident(current_schema()), true)"
)


class _Work:
    """One reading of everything; each method yields what it finds broken."""

    def __init__(self, session: Session, anchors: Mapping[int, str]) -> None:
        self.session, self.anchors = session, anchors
        self.dialect = session.get_bind().dialect.name
        names = [column.name for column in ordered(SEAL)]
        wanted = select(*stored(ordered(SEAL), self.dialect)).order_by(SEAL.c.number)
        self.chain: list[dict[str, Any]] = [
            dict(zip(names, row, strict=True)) for row in session.execute(wanted)
        ]
        self.numbers = {link["id"]: number for number, link in enumerate(self.chain, 1)}
        self.found = [sha256().digest() for _ in self.chain]
        self.sealed = self.there = self.expired_to = 0

    def rows(self) -> Iterator[_Break]:
        """Compare every sealed row with what it was, and count those that are not sealed."""
        for table in LOGS.values():
            self.there += self.session.scalar(select(func.count()).select_from(table)) or 0
        yield from self._hashed_here() if self.dialect == "sqlite" else self._hashed_there()

    def _hashed_here(self) -> Iterator[_Break]:
        """Let Python hash what the driver hands over, which takes less time than through Core."""
        driver = self.session.connection().connection.driver_connection
        assert driver is not None  # noqa: S101 the session has just used it
        driver.execute(_WHOLE_FILE)
        driver.text_factory = bytes
        hashes = [sha256() for _ in self.chain]
        try:
            for log, table in LOGS.items():
                yield from self._compared(log, table, driver.execute(_KEPT[log]), hashes)
        finally:
            driver.text_factory = str
        self.found = [one.digest() for one in hashes]

    def _compared(
        self, log: str, table: Table, rows: Iterable[tuple[Any, ...]], hashes: list[Any]
    ) -> Iterator[_Break]:
        names = [column.name.encode() for column in ordered(table)]
        at, said = names.index(b"id"), canonical(log.encode(), names)
        for row in rows:
            seal_id, row_id, digest = row[:3]
            values = row[3:]
            number = self.numbers.get(seal_id)
            if number is None:
                which = _named(log, row_id)
                yield _Break(len(self.chain) + 1, f"Forseglingen av {which} finnes ikke.")
                continue
            hashes[number - 1].update(row_id + digest)
            if values[at] is None:
                yield _Break(number, f"{_named(log, row_id)} er slettet.")
                continue
            self.sealed += 1
            if sha256(said(values)).digest() != digest:
                yield _Break(number, f"{_named(log, row_id)} er endret.")

    def _hashed_there(self) -> Iterator[_Break]:
        """Let PostgreSQL hash, which takes less time than to hand over a million rows.

        With its own functions, whatever has been given their names since.
        """
        self.session.execute(_OWN_FUNCTIONS)
        for seal_id, rows, digest, first, deleted, changed in self.session.execute(_BY_SEAL):
            number = self.numbers.get(seal_id.hex.encode())
            if number is None:
                which = _named(*first.split())
                yield _Break(len(self.chain) + 1, f"Forseglingen av {which} finnes ikke.")
                continue
            self.found[number - 1], self.sealed = digest, self.sealed + rows
            for which, word in ((deleted, "slettet"), (changed, "endret")):
                if which is not None and which == min(filter(None, (deleted, changed))):
                    yield _Break(number, f"{_named(*which.split())} er {word}.")

    def content(self) -> Iterator[_Break]:
        """Compare what each seal covers with what there is, but for rows past their time."""
        self.expired_to = max((_number(link["expired_to"]) for link in self.chain), default=0)
        for number, link in enumerate(self.chain, 1):
            if number > self.expired_to and self.found[number - 1] != link["rows_sha256"]:
                yield _Break(number, f"Forsegling {number} har ikke de radene den hadde.")

    def links(self) -> Iterator[_Break]:
        """Follow the chain from its first link."""
        names = [column.name for column in ordered(SEAL) if column.name != "head"]
        said = canonical(b"seal", [name.encode() for name in names])
        previous, expired = START, 0
        for number, link in enumerate(self.chain, 1):
            if link["number"] != b"%d" % number:
                yield _Break(number, f"Forsegling {number} mangler.")
                return
            head = sha256(said([link[name] for name in names])).digest()
            if link["head"] != head or link["previous"] != previous:
                yield _Break(number, f"Forsegling {number} er endret.")
                return
            previous = head
            if link["expired_to"] is not None:
                until = int(link["expired_to"])
                limit = years_before(_moment(link), SHORTEST_YEARS)
                if any(_moment(one) >= limit for one in self.chain[expired:until]):
                    yield _Break(number, f"Forsegling {number} lot for nye rader slettes.")
                expired = until

    def anchored(self) -> Iterator[_Break]:
        """Compare with the heads outside, which nobody who rewrites the database can reach."""
        for number, head in self.anchors.items():
            if number > len(self.chain):
                yield _Break(number, f"Forsegling {number} er ankret, men finnes ikke.")
            elif self.chain[number - 1]["head"].hex() != head:
                yield _Break(number, f"Forsegling {number} er en annen enn den som er ankret.")


def _moment(link: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(link["sealed_at"].decode())


def _named(log: str, row_id: bytes | str) -> str:
    """Name a row by its id in hex, also by one that has been made into none."""
    said = row_id if isinstance(row_id, str) else row_id.decode(errors="replace")
    parts = said[:8], said[8:12], said[12:16], said[16:20], said[20:]
    return f"Raden {'-'.join(parts)} i {log}"


def _number(stored: bytes | None) -> int:
    return int(stored) if stored and stored.isdigit() else 0
