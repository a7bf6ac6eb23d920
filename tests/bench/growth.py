"""Measures whether what people wait for stays as fast when the kommune grows.

`python -m tests.bench.growth` asks for the record page, the worklist, a new entry and a search with
20,000 and 150,000 children around the teacher's forty, on SQLite and on PostgreSQL, in turns with a
kommune that stays at 1,000, and prints p50 of both, and how many times it is (goal 1.3), on
standard error. `--plan` also prints where a statement reads a whole table; `--children 5000` is
short.
"""

import argparse
import json
import random
import statistics
import sys
import time
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from stafett.access.models import Cover, Tie
from stafett.children.models import Child, Guardian
from stafett.consents.models import Consent, ConsentGiver, ConsentService
from stafett.db import Database
from stafett.entries.models import Entry, EntryVersion
from stafett.people.models import User
from stafett.stafettlogg.models import LevelChange, Stafettlogg
from tests.bench import seed
from tests.bench.run import NOTE, Kommune, databases, filled
from tests.bench.search import SECRET, tidy
from tests.statements import sent_to

AROUND = [20_000, 150_000]
TURNS = 8  # of both, so that a machine that is slower for a while is so for both
AT_ONCE = 500  # children that are copied at a time
ENTRIES = 2  # of each child around
OF_A_CHILD = (Child, Guardian, Stafettlogg, LevelChange, Consent, Cover, Tie, Entry)
OF_ITS = {ConsentService: ("consent_id", Consent), ConsentGiver: ("consent_id", Consent)} | {
    EntryVersion: ("entry_id", Entry)
}


class Around:
    """The children around the teacher's: copies of one of his, held by whoever else works here."""

    def __init__(self, database: Database, child: UUID):
        self.database, self.made = database, seed.AROUND
        self.random = random.Random(5)
        self.rows: dict[type, list[dict]] = {}
        with database.reading() as session:
            people = dict(session.execute(select(User.username, User.id)).all())
            self.teacher = people.pop(seed.TEACHER)
            self.staff = list(people.values())
            for model in OF_A_CHILD:
                if model is Child:
                    mine = Child.id == child
                elif model is LevelChange:
                    mine = LevelChange.log_id == self.rows[Stafettlogg][0]["id"]
                else:
                    mine = model.child_id == child
                self.rows[model] = self._found(session, model, mine)
            del self.rows[Entry][ENTRIES:]
            for model, (column, parent) in OF_ITS.items():
                ids = [row["id"] for row in self.rows[parent]]
                mine = getattr(model, column).in_(ids)
                self.rows[model] = self._found(session, model, mine)
        self.ids = [row["id"] for rows in self.rows.values() for row in rows if "id" in row]

    @staticmethod
    def _found(session, model: type, mine) -> list[dict]:
        return [
            dict(row) for row in session.execute(select(model.__table__).where(mine)).mappings()
        ]

    def grow(self, children: int) -> None:
        """Let there be so many."""
        while self.made < children:
            many = min(AT_ONCE, children - self.made)
            new = [
                {old: uuid4() for old in self.ids} | {self.teacher: self.random.choice(self.staff)}
                for _ in range(many)
            ]
            with self.database.writing() as session:
                for model, rows in self.rows.items():
                    copied = [
                        {name: self._anew(one, value) for name, value in row.items()}
                        for one in new
                        for row in rows
                    ]
                    session.execute(insert(model.__table__), copied)
            self.made += many
        tidy(self.database)

    @staticmethod
    def _anew(new: dict[UUID, UUID], value):
        return new.get(value, value) if isinstance(value, UUID) else value


def requests(kommune: Kommune) -> dict[str, tuple[str, str, dict | None]]:
    child = kommune.ids[0]
    return {
        "record page": ("GET", f"/barn/{child}/stafettlogg", None),
        "worklist": ("GET", "/", None),
        "search": ("GET", "/sok?q=skole", None),
        "add an entry": ("POST", f"/api/v1/children/{kommune.ids[1]}/entries", NOTE),
    }


def in_turns(
    small: Kommune, grown: Kommune, name: str, seconds: float
) -> tuple[float, float, float]:
    """Return both medians of milliseconds for one request, and the median of how many times."""
    found = [
        [measure(one, requests(one)[name], seconds / TURNS) for one in (small, grown)]
        for _ in range(TURNS)
    ]
    few, many = (statistics.median(times) for times in zip(*found, strict=True))
    return few, many, statistics.median(many / few for few, many in found)


def measure(kommune: Kommune, request: tuple[str, str, dict | None], seconds: float) -> float:
    """Return the median of milliseconds for one request, through all that it goes through."""
    client, times = kommune.app.test_client(use_cookies=False), []
    method, path, body = request
    headers = kommune.page if body is None else kommune.call
    data = None if body is None else json.dumps(body)
    until = time.perf_counter() + seconds
    while len(times) < 12 or time.perf_counter() < until:
        start = time.perf_counter()
        answer = client.open(path, method=method, data=data, headers=headers)
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status_code in {200, 201}, answer.text
    return statistics.median(times[2:])


def whole_tables(kommune: Kommune, request: tuple[str, str, dict | None]) -> list[str]:
    """Return where the statements of one request read a whole table of children's rows."""
    engine = kommune.database.engine
    with sent_to(kommune.database) as found_out:
        measure(kommune, request, 0)
    statements = [one for one in found_out if not isinstance(one[1], list)]  # many rows at once
    sqlite = engine.dialect.name == "sqlite"
    word = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    small = {"user_account", "service", "sign_in"}
    found = {}
    with engine.connect() as connection:
        for statement, given in dict(statements).items() if sqlite else statements:
            for row in connection.exec_driver_sql(word + statement, given):
                said = str(row[-1]).strip()
                if said.startswith("SCAN ") or "Seq Scan on" in said:
                    table = said.replace("->", "").split("Seq Scan on ")[-1].removeprefix("SCAN ")
                    if table.split()[0] not in small:
                        found[said] = " ".join(statement.split())[:100]
    return [f"{said}: {statement}" for said, statement in found.items()]


def measured(
    kinds: list[str], sizes: list[int], seconds: float = 8, *, plan: bool = False
) -> list[dict]:
    """Let each database grow from one size to the next, and tell on standard error how it goes."""
    environ = {
        "STAFETT_SECRET_KEY": SECRET,
        "STAFETT_PROFILE": "holtalen",
        "STAFETT_ALLOW_SYNTHETIC_IDS": "1",
    }
    found = []
    for kind in kinds:
        with filled(kind) as (url, ids), filled(kind, "small") as (small_url, _):
            kommune, small = Kommune(url, ids, environ), Kommune(small_url, ids, environ)
            around = Around(kommune.database, UUID(ids[0]))
            for children in sizes:
                start = time.perf_counter()
                around.grow(children)
                took = round(time.perf_counter() - start)
                sys.stderr.write(f"{kind}: {children} children, filled in {took} s\n")
                work = {}
                for name, request in requests(kommune).items():
                    few, many, times = in_turns(small, kommune, name, seconds)
                    work[name] = {"p50": [round(few, 1), round(many, 1)], "x": round(times, 2)}
                    sys.stderr.write(f"| {name} | {few:.1f} | {many:.1f} ms | {times:.2f} |\n")
                    for line in whole_tables(kommune, request) if plan else ():
                        sys.stderr.write(f"    {line}\n")
                found.append({"database": kind, "children": children, "work": work})
            small.database.close()
            kommune.database.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--children", type=int, nargs="+", default=AROUND)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--database", choices=["sqlite", "postgresql"])
    parser.add_argument("--plan", action="store_true")
    given = parser.parse_args()
    kinds = [given.database] if given.database else databases()
    measured(kinds, given.children, given.seconds, plan=given.plan)


if __name__ == "__main__":
    main()
