"""Proves the seals: every link, every sealed row, and what is anchored outside the database."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import chain
from typing import Any

from sqlalchemy import Result, case, func, select
from sqlalchemy.orm import Session

from stafett.audit.seal import (
    LOGS,
    SEAL,
    SEAL_ROW,
    SHORTEST_YEARS,
    START,
    canonical,
    content,
    ordered,
    stored,
    years_before,
)
from stafett.db import Database

AT_ONCE = 10_000
"""Rows that are fetched at a time."""


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
        self.hashes = [sha256() for _ in self.chain]
        self.sealed = self.there = self.expired_to = 0

    def rows(self) -> Iterator[_Break]:
        """Compare every sealed row with what it was, and count those that are not sealed."""
        for log, table in LOGS.items():
            self.there += self.session.scalar(select(func.count()).select_from(table)) or 0
            kept = (SEAL_ROW.c.seal_id, SEAL_ROW.c.row_id, SEAL_ROW.c.sha256)
            there = case((table.c.id.is_not(None), content(table, self.dialect)))
            wanted = (
                select(*stored(kept, self.dialect), there)
                .join_from(SEAL_ROW, table, table.c.id == SEAL_ROW.c.row_id, isouter=True)
                .where(SEAL_ROW.c.log == log)
                .order_by(SEAL_ROW.c.row_id)
                .execution_options(yield_per=AT_ONCE)
            )
            for seal_id, row_id, digest, said in _ahead(self.session.execute(wanted)):
                number = self.numbers.get(seal_id)
                if number is None:
                    which = _named(log, row_id)
                    yield _Break(len(self.chain) + 1, f"Forseglingen av {which} finnes ikke.")
                    continue
                self.hashes[number - 1].update(row_id + digest)
                if said is None:
                    yield _Break(number, f"{_named(log, row_id)} er slettet.")
                    continue
                self.sealed += 1
                if sha256(said).digest() != digest:
                    yield _Break(number, f"{_named(log, row_id)} er endret.")

    def content(self) -> Iterator[_Break]:
        """Compare what each seal covers with what there is, but for rows past their time."""
        self.expired_to = max((_number(link["expired_to"]) for link in self.chain), default=0)
        for number, link in enumerate(self.chain, 1):
            if number > self.expired_to and self.hashes[number - 1].digest() != link["rows_sha256"]:
                yield _Break(number, f"Forsegling {number} har ikke de radene den hadde.")

    def links(self) -> Iterator[_Break]:
        """Follow the chain from its first link."""
        names = [column.name for column in ordered(SEAL) if column.name != "head"]
        encoded = [name.encode() for name in names]
        previous, expired = START, 0
        for number, link in enumerate(self.chain, 1):
            if link["number"] != b"%d" % number:
                yield _Break(number, f"Forsegling {number} mangler.")
                return
            head = sha256(canonical(b"seal", encoded, [link[name] for name in names])).digest()
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


def _ahead(result: Result[Any]) -> Iterator[Sequence[Any]]:
    """Let the database find the next rows while these are hashed."""
    parts = result.partitions()
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = reader.submit(next, parts, None)
            yield from part


def _moment(link: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(link["sealed_at"].decode())


def _named(log: str, row_id: bytes) -> str:
    """Name a row by its id, also by one that has been made into none."""
    said = row_id.decode(errors="replace")
    parts = said[:8], said[8:12], said[12:16], said[16:20], said[20:]
    return f"Raden {'-'.join(parts)} i {log}"


def _number(stored: bytes | None) -> int:
    return int(stored) if stored and stored.isdigit() else 0
