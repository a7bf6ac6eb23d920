"""Measures the pages and calls that people wait for, each beside its limit in the same run.

`make bench` prints one JSON object on standard output and a table on standard error. It starts
what it measures on loopback and ends only that; see docs/performance.md.
"""

import argparse
import json
import os
import re
import secrets
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from uuid import UUID

from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import create_engine, func, select, text

from stafett.access.policy import Action, Facts, decide
from stafett.access.ties import ties_of
from stafett.app import create_app
from stafett.dates import oslo_date
from stafett.db import Database
from stafett.entries.models import Entry
from stafett.people.queries import load_signed_in
from stafett.plan import document
from stafett.plan.rules import token
from stafett.settings import Settings
from stafett.web.identity import hashed
from tests.bench import documents, seed
from tests.conftest import ROOT, postgres_binaries, postgres_server
from tests.statements import sent_to

BUDGET = 330  # seconds, after which no new round begins
CLIENTS = 8
AT_ONCE = 40
LEAST = 5  # requests in a slot, however slow
TICK = 1000 / os.sysconf("SC_CLK_TCK")  # milliseconds
NOTE = {"kind": "note", "text": seed.SAID * 4, "visibility": "everyone"}
SERVERS = {
    "ours": ["-m", "stafett.cli", "serve", "--port", "0"],
    "limit": ["-m", "tests.bench.limit"],
}


@dataclass(frozen=True)
class Work:
    """Something that is measured, and what we aim at (times the limit with its row; statements)."""

    name: str
    method: str
    path: str
    most: float | None
    statements: int | None
    body: Callable[[int], dict] | None = None
    same_length: bool = False
    clients: int = CLIENTS


class Kommune:
    """One database with both servers on it, and the teacher's browser."""

    def __init__(self, url: str, ids: list[str], environ: dict[str, str]):
        self.url, self.ids = url, ids
        self.environ = {**environ, "STAFETT_DATABASE_URL": url}
        self.settings = Settings.from_env(self.environ)
        self.database = Database(url)
        self.app = create_app(self.database, self.settings)
        seed.sign_in(self.database)
        sign = SecureCookieSessionInterface().get_signing_serializer(self.app)
        session = {"_user_id": seed.COOKIE, "_fresh": True, "csrf_token": secrets.token_hex(20)}
        self.page = {"Cookie": f"stafett={sign.dumps(session)}"}  # of who has been here before
        self.call = {
            "Authorization": f"Bearer {seed.BEARER}",
            "Content-Type": "application/json",
        }
        self.drafts: dict[str, dict] = {}
        self.turn = 0

    def work(self) -> list[Work]:
        main = f"/barn/{self.ids[0]}"
        child = "/api/v1/children/{child}"
        compared = f"/api/v1/children/{self.ids[seed.COMPARED]}/plan/diff?from=1&to=2"
        return [
            Work(
                "record page, 200 entries", "GET", f"{main}/stafettlogg", 2.5, 12, same_length=True
            ),
            Work("the child's page", "GET", main, None, 12, same_length=True),
            Work("worklist, 40 children", "GET", "/", 3, 8, same_length=True),
            Work("add an entry", "POST", f"{child}/entries", 4, None, lambda _: NOTE),
            Work("save a plan draft", "PUT", f"{child}/plan/draft", 3, None, self.draft),
            Work("plan.docx, 40 measures", "GET", f"{main}/plan.docx", 4, 12),
            Work("compare two versions, 60 goals", "GET", compared, 3, None),
        ]

    def child(self, client: int) -> str:
        """Whom a client writes about: never the child whose pages are measured."""
        return self.ids[1 + client]

    def draft(self, client: int) -> dict:
        """The whole plan once more, with a text that is new each time."""
        self.turn += 1
        self.drafts[self.child(client)]["about_me"] = f"{seed.PAGE} {self.turn}"
        return self.drafts[self.child(client)]

    def headers(self, work: Work) -> dict[str, str]:
        return self.page if work.body is None else self.call

    def ask(self, work: Work, client: int = 0) -> tuple[str, str | None]:
        """The address and the body of a client's next request."""
        body = None if work.body is None else json.dumps(work.body(client))
        return work.path.format(child=self.child(client)), body

    def answered(self, work: Work, client: int) -> None:
        """Keep what the draft is known by once it is saved."""
        if work.method == "PUT":
            there = self.drafts[self.child(client)]
            content = {name: value for name, value in there.items() if name != "seen_version"}
            there["seen_version"] = token(content)

    def begin_drafts(self) -> None:
        """Give each client's child a draft, and keep it as it is answered: with keys."""
        client = self.app.test_client(use_cookies=False)
        for number in range(CLIENTS):
            path = f"/api/v1/children/{self.child(number)}/plan/draft"
            there = client.get(path, headers=self.call).json
            plan = seed.content(oslo_date(datetime.now(UTC)))
            sent = {**plan, "seen_version": there["seen_version"]}
            saved = client.put(path, json=sent, headers=self.call)
            assert saved.status_code == 200, saved.text
            self.drafts[self.child(number)] = saved.json

    def statements(self, work: Work) -> int:
        """How many SQL statements one request takes, the second time it is made."""
        client = self.app.test_client(use_cookies=False)
        for _ in range(2):
            path, body = self.ask(work)
            with sent_to(self.database) as found:
                answer = client.open(
                    path, method=work.method, data=body, headers=self.headers(work)
                )
            assert answer.status_code in {200, 201}, answer.text
            self.answered(work, 0)
        return len(found)

    def entries(self, child: str) -> int:
        with self.database.reading() as session:
            columns = select(func.count()).select_from(Entry)
            return session.scalar(columns.where(Entry.child_id == UUID(child)))


@contextmanager
def serving(name: str, environ: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Start a server; give its port and process id; end it, and nothing else."""
    process = subprocess.Popen(
        [sys.executable, *SERVERS[name]],
        env=environ,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        said = process.stdout.readline()
        found = re.search(r":(\d+)$", said.strip())
        if not found:
            msg = f"{name} did not start: {said}"
            raise SystemExit(msg)
        yield int(found[1]), process.pid
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def slot(
    kommune: Kommune, work: Work, server: tuple[int, int], more: str, clients: int, seconds: float
) -> dict:
    """Send requests over kept connections until the time is up."""
    port, master = server
    until, spent = time.perf_counter() + seconds, processor(master)

    def client(number: int) -> list[float]:
        connection, times = HTTPConnection("127.0.0.1", port), []
        headers = kommune.headers(work)
        while len(times) < LEAST or time.perf_counter() < until:
            path, body = kommune.ask(work, number)
            start = time.perf_counter()
            connection.request(work.method, path + more, body, headers)
            answer = connection.getresponse()
            got = answer.read()
            times.append((time.perf_counter() - start) * 1000)
            if answer.status not in {200, 201}:
                msg = f"{work.name}: {answer.status} {got[:300]!r}"
                raise RuntimeError(msg)
            kommune.answered(work, number)
        connection.close()
        return times

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        times = sorted(one for found in pool.map(client, range(clients)) for one in found)
    took = time.perf_counter() - start
    return {
        "p50": statistics.median(times),
        "p95": times[int(len(times) * 0.95)],
        "rps": len(times) / took,
        "cpu": (processor(master) - spent) / len(times),
    }


def length(kommune: Kommune, work: Work, port: int, more: str = "") -> int:
    connection = HTTPConnection("127.0.0.1", port)
    path, body = kommune.ask(work)
    connection.request(work.method, path + more, body, kommune.headers(work))
    answer = connection.getresponse()
    size = len(answer.read())
    connection.close()
    assert answer.status in {200, 201}, (work.name, answer.status)
    kommune.answered(work, 0)
    return size


def padded(
    kommune: Kommune, work: Work, servers: dict[str, tuple[int, int]]
) -> tuple[dict, dict[str, str]]:
    """The lengths of ours and of the limit, and what makes the limit's page as long as ours."""
    ours, bare = (length(kommune, work, servers[name][0]) for name in ("ours", "limit"))
    pad = max(0, ours - bare) if work.same_length else 0
    also = "&" if "?" in work.path else "?"
    more = {"limit": f"{also}pad={pad}", "limit+row": f"{also}pad={pad}&log=1", "ours": ""}
    full = length(kommune, work, servers["limit"][0], more["limit"])
    if work.same_length and abs(full - ours) > ours * 0.05:
        msg = f"{work.name}: ours has {ours} bytes, the limit {full}"
        raise SystemExit(msg)
    return {"ours": ours, "limit": full, "pad": pad}, more


def together(kommune: Kommune, port: int) -> dict:
    """Let forty add an entry to one child at the same moment."""
    child = kommune.ids[-1]
    ready, before = threading.Barrier(AT_ONCE), kommune.entries(child)

    def one(_: int) -> int:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.connect()
        ready.wait()
        path = f"/api/v1/children/{child}/entries"
        connection.request("POST", path, json.dumps(NOTE), kommune.call)
        status = connection.getresponse().status
        connection.close()
        return status

    start = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = list(pool.map(one, range(AT_ONCE)))
    took = time.perf_counter() - start
    return {
        "sent": AT_ONCE,
        "answered_201": statuses.count(201),
        "saved": kommune.entries(child) - before,
        "ms": round(took * 1000),
    }


def workers(master: int) -> list[str]:
    return Path(f"/proc/{master}/task/{master}/children").read_text().split()


def processor(master: int) -> float:
    """The milliseconds of processor that a server's workers have used, where the system says it."""
    try:
        found = [Path(f"/proc/{one}/stat").read_text() for one in workers(master)]
    except OSError:
        return 0
    used = (one.rpartition(")")[2].split()[11:13] for one in found)
    return sum(int(user) + int(kernel) for user, kernel in used) * TICK


def memory(master: int) -> dict[str, float] | None:
    """The megabytes that a server's processes hold; None where the system cannot say."""
    try:
        return {"workers": held(workers(master)), "master": held([str(master)])}
    except OSError:
        return None


def held(processes: list[str]) -> float:
    said = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in processes]
    pss = (re.search(r"^Pss:\s+(\d+)", one, re.MULTILINE) for one in said)
    return round(sum(int(one[1]) for one in pss) / 1024, 1)


def writing(kommune: Kommune, file: Path) -> dict:
    """The plan as a document alone; it is left in `file`."""
    caught = []
    client = kommune.app.test_client(use_cookies=False)
    gathered = document.facts
    document.facts = lambda *given: caught.append(gathered(*given)) or caught[0]
    try:
        answer = client.get(f"/barn/{kommune.ids[0]}/plan.docx", headers=kommune.page)
    finally:
        document.facts = gathered
    assert answer.status_code == 200, answer.text
    file.write_bytes(answer.get_data())
    return documents.measured(caught[0], answer.get_data())


def printed(kommune: Kommune, port: int) -> dict:
    """The plan as PDF from the server, one after another; its limit is a time."""
    times = []
    for _ in range(10):
        connection = HTTPConnection("127.0.0.1", port)
        start = time.perf_counter()
        connection.request("GET", f"/barn/{kommune.ids[0]}/plan.pdf", headers=kommune.page)
        answer = connection.getresponse()
        size = len(answer.read())
        times.append((time.perf_counter() - start) * 1000)
        connection.close()
        assert answer.status == 200, answer.status
    return {**documents.summary(times[1:]), "bytes": size, "goal": {"p50": 600}}


def deciding(kommune: Kommune) -> dict:
    """The access decision alone: what the teacher is to a child, and whether that is enough."""
    now, child, times = datetime.now(UTC), UUID(kommune.ids[0]), []
    facts = Facts(oslo_date(now))
    with kommune.database.reading() as session:
        signed = load_signed_in(session, hashed(seed.BEARER), bearer=True, now=now)
        assert signed is not None
        for number in range(520):
            start = time.perf_counter()
            decision = decide(ties_of(session, signed.actor, child, now), Action.ENTRY_LIST, facts)
            if number >= 20:
                times.append((time.perf_counter() - start) * 1000)
            assert decision.allowed
    return {**documents.summary(times), "goal": {"p50": 0.5}}


def measure(
    kommune: Kommune,
    servers: dict[str, tuple[int, int]],
    given: argparse.Namespace,
    until: float,
) -> tuple[dict, int]:
    """All the work: a warm-up, then rounds in which ours and the limit take turns."""
    found, plans = {}, []
    for work in kommune.work():
        statements = kommune.statements(work)
        sizes, more = padded(kommune, work, servers)
        found[work.name] = {"statements": statements, "bytes": sizes}
        plans.append((work, more))
    slots: dict[tuple, list[dict]] = {}
    done = 0
    for number in range(given.rounds + 1):
        if number > 1 and time.monotonic() > until:
            break
        for work, more in plans:
            for clients in (1, work.clients):
                for name in ("limit", "limit+row", "ours"):
                    server = servers["ours" if name == "ours" else "limit"]
                    seconds = given.seconds if number else given.seconds / 2
                    one = slot(kommune, work, server, more[name], clients, seconds)
                    if number:
                        slots.setdefault((work.name, clients, name), []).append(one)
        done = number
    for work, _ in plans:
        for clients, called in ((1, "one"), (work.clients, "many")):
            middle = {
                name: {
                    key: round(statistics.median(one[key] for one in rounds), 2)
                    for key in ("p50", "p95", "rps", "cpu")
                }
                for name in ("limit", "limit+row", "ours")
                if (rounds := slots[work.name, clients, name])
            }
            ours = middle["ours"]["p50"]
            middle["x_limit"] = round(ours / middle["limit"]["p50"], 2)
            middle["x_limit+row"] = round(ours / middle["limit+row"]["p50"], 2)
            bare = middle["limit+row"]["cpu"]
            middle["x_limit+row_cpu"] = bare and round(middle["ours"]["cpu"] / bare, 2)
            found[work.name][called] = {"clients": clients, **middle}
        found[work.name]["goal"] = {"x_limit+row": work.most, "statements": work.statements}
    return found, done


def bench(kind: str, url: str, ids: list[str], given: argparse.Namespace, until: float) -> dict:
    environ = {name: one for name, one in os.environ.items() if not name.startswith("STAFETT_")}
    file = seed.CACHE / "plan.docx"
    environ |= {
        "STAFETT_SECRET_KEY": secrets.token_urlsafe(32),
        "STAFETT_PROFILE": "holtalen",
        "STAFETT_ALLOW_SYNTHETIC_IDS": "1",  # its PostgreSQL has one role, the owner
        "BENCH_DOCUMENT": str(file),
    }
    kommune = Kommune(url, ids, environ)
    kommune.begin_drafts()
    alone, decision = writing(kommune, file), deciding(kommune)
    with ExitStack() as running:
        servers = {name: running.enter_context(serving(name, kommune.environ)) for name in SERVERS}
        work, rounds = measure(kommune, servers, given, until)
        as_pdf = printed(kommune, servers["ours"][0])
        at_once = together(kommune, servers["ours"][0])
        held = {name: memory(process) for name, (_, process) in servers.items()}
    kommune.database.close()
    return {
        "database": kind,
        "rounds": rounds,
        "work": work,
        "document_alone": alone,
        "pdf": as_pdf,
        "decision": decision,
        "at_once": at_once,
        "memory_mb": held,
    }


@contextmanager
def filled(kind: str, name: str = "run") -> Iterator[tuple[str, list[str]]]:
    """A fresh copy of the seeded kommune, for one run to write in; `name` if there are several."""
    file, ids = seed.made()
    if kind == "sqlite":
        run = seed.CACHE / f"{name}.db"
        remove(run)
        shutil.copy(file, run)
        try:
            yield f"sqlite:///{run}", ids
        finally:
            remove(run)
        return
    with postgres_server() as server:
        owner = create_engine(server, isolation_level="AUTOCOMMIT")
        with owner.connect() as connection:
            connection.execute(text("CREATE DATABASE bench"))
        owner.dispose()
        url = server.replace("/postgres?", "/bench?")
        seed.copy(file, url)
        yield url, ids


def remove(file: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


def databases() -> list[str]:
    """SQLite, and PostgreSQL where there is a server to start."""
    os.environ.pop("STAFETT_TEST_POSTGRES_URL", None)  # only a server of our own is written in
    os.environ["STAFETT_TEST_FSYNC"] = "on"
    try:
        postgres_binaries()
    except AssertionError:
        return ["sqlite"]
    return ["sqlite", "postgresql"]


def table(result: dict) -> Iterator[str]:
    """The same as Markdown."""
    yield (
        "| | p50 ms | p95 | limit | limit + row | x limit | x limit + row | processor "
        "| req/s | SQL | kB |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for run in result["runs"]:
        yield f"| **{run['database']}**, {run['rounds']} rounds | | | | | | | | | | |"
        for name, work in run["work"].items():
            one, many = work["one"], work["many"]
            yield (
                f"| {name} | {one['ours']['p50']} | {one['ours']['p95']} "
                f"| {one['limit']['p50']} | {one['limit+row']['p50']} "
                f"| {one['x_limit']} | {one['x_limit+row']}{aim(work)} "
                f"| {one['ours']['cpu']} ms, x {one['x_limit+row_cpu']} "
                f"| {many['ours']['rps']:.0f} of {many['limit+row']['rps']:.0f} "
                f"| {work['statements']} | {work['bytes']['ours'] / 1000:.0f} |"
            )
        pdf = run["pdf"]
        yield (
            f"| plan.pdf, 40 measures | {pdf['p50']} (<= 600) | {pdf['p95']} | | | | | | | "
            f"| {pdf['bytes'] / 1000:.0f} |"
        )
        alone = run["document_alone"]
        for name, aimed in (("ours", " (<= 4)"), ("docxtpl", ""), ("python-docx", "")):
            yield (
                f"| writing the document alone: {name} | {alone[name]['p50']} "
                f"| {alone[name]['p95']} | {alone['limit']['p50']} | "
                f"| {alone['x_limit'][name]}{aimed} | | | | | |"
            )
        yield (
            f"| the PDF alone: {alone['pdf']['p50']} ms. Peak of memory writing the document: "
            f"{alone['peak_mb']} MB (<= 60) | | | | | | | | | | |"
        )
        yield (
            f"| the access decision alone | {run['decision']['p50']} (aim 0.5) "
            f"| {run['decision']['p95']} | | | | | | | | |"
        )
        at_once = run["at_once"]
        yield (
            f"| {at_once['sent']} at once on one child: {at_once['saved']} saved "
            f"in {at_once['ms']} ms. Memory: {said(run['memory_mb']['ours'])} "
            "| | | | | | | | | | |"
        )


def said(memory: dict[str, float] | None) -> str:
    if memory is None:
        return "not known here"
    return f"two workers {memory['workers']} MB, their master {memory['master']}"


def aim(work: dict) -> str:
    most = work["goal"]["x_limit+row"]
    return "" if most is None else f" (<= {most:g})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.4, help="for one slot of a round")
    parser.add_argument("--database", choices=["sqlite", "postgresql"])
    parser.add_argument("--children", help="such as 1000,20000,150000: how it grows, and only that")
    given = parser.parse_args()
    begun, load = time.monotonic(), os.getloadavg()
    kinds = [kind for kind in databases() if given.database in {None, kind}]
    if given.children:
        from tests.bench import growth  # it measures what is made here

        sizes = [int(size) for size in given.children.split(",")]
        sys.stdout.write(json.dumps(growth.measured(kinds, sizes), indent=1) + "\n")
        return
    runs = []
    for number, kind in enumerate(kinds, 1):
        until = begun + BUDGET * number / len(kinds)
        with filled(kind) as (url, ids):
            runs.append(bench(kind, url, ids, given, until))
    result = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load_before": load,
        "load_after": os.getloadavg(),
        "seconds": round(time.monotonic() - begun),
        "runs": runs,
    }
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    sys.stdout.flush()
    sys.stderr.write("\n".join(table(result)) + "\n")


if __name__ == "__main__":
    main()
