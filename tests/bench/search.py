"""Measures a search among a million entries, of which the reader may read forty thousand.

`python -m tests.bench.search` fills what `make bench` has made, on SQLite and on PostgreSQL, and
prints a table on standard error, the worklist first to compare with; `--plan` also prints how the
database finds the hits. It takes some minutes, so `make bench` leaves it out.
"""

import argparse
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID, uuid4

from sqlalchemy import insert, select, text

from stafett.db import Database
from stafett.entries.models import Entry, EntryVersion
from stafett.stafettlogg.models import Stafettlogg
from tests.bench import seed
from tests.bench.documents import summary
from tests.bench.run import Kommune, databases, filled
from tests.statements import sent_to

ROWS = 5000
WORDS = {"skole": 0.41, "søvnvansker": 0.01, "logoped": 0.001, "kaninburet": 0.00002}
"""What is looked for, and in how many of the entries it stands."""
ASKED = ("skole", "søvn", "logoped", "kaninburet", "skole søvn", "finnesikke", "trinn leser")
FILLING = seed.WHAT[0].split() + seed.SAID.replace(".", "").replace(",", "").split()
SECRET = "a key for this run alone, which nobody else has"


def fill(database: Database, own: list[UUID], entries: int) -> None:
    """Add the entries: a thousand to each of the reader's children, the rest to all others."""
    rng, now = random.Random(5), datetime.now(UTC)
    with database.reading() as session:
        logs = dict(session.execute(select(Stafettlogg.child_id, Stafettlogg.id)).all())
        author, service = session.execute(select(Entry.written_by, Entry.service_id)).first()
    others = [child for child in logs if child not in set(own)]
    mine = min(1000, entries // len(own))
    children = [child for child in own for _ in range(mine)]
    children += [rng.choice(others) for _ in range(entries - len(children))]
    for start in range(0, len(children), ROWS):
        made, said = [], []
        for child in children[start : start + ROWS]:
            entry, at = uuid4(), now - timedelta(minutes=rng.randrange(500_000))
            words = [rng.choice(FILLING) for _ in range(45)]
            words += [word for word, part in WORDS.items() if rng.random() < part]
            rng.shuffle(words)
            made.append(
                {
                    "id": entry,
                    "child_id": child,
                    "log_id": logs[child],
                    "kind": "note",
                    "visibility": rng.choice(["everyone"] * 4 + ["professionals"]),
                    "written_by": author,
                    "service_id": service,
                    "written_at": at,
                    "version": 1,
                }
            )
            said.append({"entry_id": entry, "number": 1, "text": " ".join(words), "written_at": at})
        with database.writing() as session:
            session.execute(insert(Entry.__table__), made)
            session.execute(insert(EntryVersion.__table__), said)


def tidy(database: Database) -> None:
    """Do what the server does by itself a while later."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def measure(kommune: Kommune, path: str, seconds: float, *, plan: bool) -> dict:
    """Ask for one page over and over, through all that a request goes through."""
    client, times = kommune.app.test_client(use_cookies=False), []
    until = time.perf_counter() + seconds
    if plan:
        with sent_to(kommune.database) as found:
            client.get(path, headers=kommune.page)
        explain(kommune.database, found)
    while len(times) < 5 or time.perf_counter() < until:
        start = time.perf_counter()
        answer = client.get(path, headers=kommune.page)
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, answer.text
    return {"hits": answer.text.count("st-hit__head"), **summary(times[1:])}


def explain(database: Database, statements: list[tuple]) -> None:
    word = "EXPLAIN QUERY PLAN " if database.engine.dialect.name == "sqlite" else "EXPLAIN ANALYZE "
    with database.engine.connect() as connection:
        for statement, given in statements:
            if "entry_search" in statement:
                for row in connection.exec_driver_sql(word + statement, given):
                    sys.stderr.write(f"    {row[-1]}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--database", choices=["sqlite", "postgresql"])
    parser.add_argument("--plan", action="store_true")
    given = parser.parse_args()
    for kind in [given.database] if given.database else databases():
        with filled(kind) as (url, ids):
            environ = {
                "STAFETT_SECRET_KEY": SECRET,
                "STAFETT_PROFILE": "holtalen",
                "STAFETT_ALLOW_SYNTHETIC_IDS": "1",
            }
            kommune = Kommune(url, ids, environ)
            start = time.perf_counter()
            fill(kommune.database, [UUID(one) for one in ids], given.entries)
            tidy(kommune.database)
            took = time.perf_counter() - start
            sys.stderr.write(f"{kind}: {given.entries} entries in {took:.0f} s\n")
            pages = {"the worklist": "/", **{word: f"/sok?q={quote(word)}" for word in ASKED}}
            for name, path in pages.items():
                one = measure(kommune, path, given.seconds, plan=given.plan)
                sys.stderr.write(f"| {name} | {one['hits']} | {one['p50']} | {one['p95']} |\n")
            kommune.database.close()


if __name__ == "__main__":
    main()
