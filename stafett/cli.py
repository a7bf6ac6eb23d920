"""The `stafett` command: reads the words, builds what they need, says a failure in one line.

Everything heavy is imported where it is used, so that `stafett --help` answers at once.
"""
# ruff: noqa: PLC0415 the reason is the sentence above

import argparse
import ctypes
import errno
import fcntl
import gc
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from getpass import getpass
from importlib.resources import files
from io import StringIO, TextIOWrapper
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Never

if TYPE_CHECKING:
    from alembic.config import Config
    from flask import Flask
    from sqlalchemy import Connection, Engine

    from stafett.db import Database
    from stafett.settings import Settings
    from stafett.worker import Jobs

MIGRATIONS = Path(__file__).parent.parent / "migrations"
WORKERS = 2
THREADS = 8  # in each
M_ARENA_MAX = -8  # malloc.h of glibc
ARENAS = 2  # heaps of a process; glibc gives each thread its own, and keeps what it lets go
HIGHEST_PORT = 65_535
BAR = 30  # characters
SQLITE_FILES = ("", "-wal", "-shm")
MISSING_TABLE = ("no such table", "UndefinedTable")
IN_NORWEGIAN = {
    errno.ENOENT: "finnes ikke",
    errno.EACCES: "kan ikke åpnes: ingen tilgang",
    errno.EPERM: "kan ikke åpnes: ingen tilgang",
    errno.EISDIR: "er en mappe, ikke en fil",
    errno.ENOTDIR: "ligger ikke i en mappe",
    errno.EEXIST: "finnes fra før og er ikke en mappe",
    errno.ENOSPC: "kunne ikke skrives: disken er full",
    errno.EROFS: "kunne ikke skrives: disken kan bare leses",
}

# The server writes the statements, so that it also quotes the names and the password.
KNOWN_ROLE = "SELECT 1 FROM pg_roles WHERE rolname = :role"
CREATE_ROLE = """
    SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', CAST(:role AS text), CAST(:password AS text))
"""
GRANTS = """
    SELECT place, format(sentence, CAST(:role AS text)) FROM (VALUES
        (1, format('GRANT CONNECT ON DATABASE %I TO %%I', current_database())),
        (2, 'GRANT USAGE ON SCHEMA public TO %I'),
        (3, 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I'),
        (4, 'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO %I'),
        (5, 'REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM %I'),
        (7, 'REVOKE CREATE ON SCHEMA public FROM PUBLIC'),
        (8, format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()))
    ) AS wanted (place, sentence)
    UNION ALL
    SELECT DISTINCT 6, format(
        'REVOKE UPDATE, DELETE ON %s FROM %I', tgrelid::regclass, CAST(:role AS text)
    ) FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE proname = 'append_only'
    ORDER BY 1
"""
UNSAFE = """
    SELECT pg_has_role(current_user, relowner, 'MEMBER') AS owner, lower('ŻЯ') = 'żя' AS letters,
        array(
            SELECT name FROM unnest('{fsync,full_page_writes,synchronous_commit}'::text[]) AS name
            WHERE current_setting(name) = 'off'
        ) AS off
    FROM pg_class WHERE oid = 'access_log'::regclass
"""


class Stop(Exception):  # noqa: N818 it is no error in the program
    """The work cannot be done; the text is the one line that says why."""


def main() -> int:
    """Run the command named on the command line; return its exit code (0 done, 1 failed)."""
    os.umask(0o077)  # databases, keys and copies are nobody else's to read
    words = _parser().parse_args()
    try:
        words.run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _failed("Avbrutt.")
    except BrokenPipeError:  # `stafett openapi | head`: the reader has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as problem:
        if (line := _in_one_line(problem)) is None:
            raise
        return _failed(line)
    return 0


def demo(words: argparse.Namespace) -> None:
    """Start the demo kommune, filled on first start, in a database of its own."""
    from stafett.demo.accounts import ACCOUNTS, PASSWORD
    from stafett.settings import Settings

    listener = _listen(words.host, words.port)
    port = listener.getsockname()[1]
    words.dir.mkdir(parents=True, exist_ok=True)
    file = words.dir / "stafett.db"
    settings = Settings.from_env(
        {
            "STAFETT_DATABASE_URL": _sqlite_url(file),
            "STAFETT_SECRET_KEY": _own_secret(words.dir / "secret"),
            "STAFETT_PROFILE": str(files("stafett.demo") / "profile.toml"),
            "STAFETT_BASE_URL": f"http://127.0.0.1:{port}",
            "STAFETT_ALLOW_SYNTHETIC_IDS": "1",
        }
    )
    with (words.dir / "lock").open("w") as lock:
        filled = file.exists() and not words.reset
        _take(lock, fcntl.LOCK_SH if filled else fcntl.LOCK_EX, words.dir)
        if filled:
            _upgrade(settings.database_url, "head")
        else:
            _fill(file, settings)
            _take(lock, fcntl.LOCK_SH, words.dir)
        width = max(len(username) for username, _, _ in ACCOUNTS)
        people = [f"  {username:{width}}  {name}: {what}" for username, name, what in ACCOUNTS]
        head = f"Demokommunen kjører på http://{words.host}:{port}  (stopp med Ctrl-C)"
        said = [head, f"Alle har passordet {PASSWORD}", *people]
        shown = {"STAFETT_DEMO_ACCOUNTS": ACCOUNTS, "STAFETT_DEMO_PASSWORD": PASSWORD}
        _serve(settings, listener, WORKERS, "\n".join(said), **shown)


def init(words: argparse.Namespace) -> None:
    """Create the schema, the application's role and grants, and the first administrator."""
    import stafett.models  # noqa: F401
    from stafett.db import Database
    from stafett.people.commands import create_first_administrator, hash_password

    settings = _settings(serving=False)
    if not sys.stdin.isatty() and not (words.username and words.password_file):
        words.parser.error("uten en terminal å spørre i trengs --username og --password-file")
    username = words.username or input("Brukernavn for den første administratoren: ").strip()
    name = (words.name or "").strip() or username
    password = _password(words.password_file, username, settings)
    _make_folder(settings.owner_database_url)
    _upgrade(settings.owner_database_url, "head")
    _grant(settings)
    password_hash = hash_password(password)
    with Database(settings.database_url).writing() as session:
        create_first_administrator(session, username, name, password_hash, datetime.now(UTC))
    _say(f"Databasen er klar, og {username} er administrator.")


def serve(words: argparse.Namespace) -> None:
    """Serve the kommune with the production settings."""
    settings = _settings(serving=True)
    listener = _listen(words.host, words.port)
    port = listener.getsockname()[1]
    if not os.environ.get("STAFETT_BASE_URL"):
        settings = replace(settings, base_url=f"http://127.0.0.1:{port}")
    database = _open(settings)
    if not settings.allow_synthetic_ids:  # with made-up people there is nothing to lose
        _must_be_safe(database)
    database.close()
    _serve(settings, listener, words.workers, f"Stafett svarer på http://{words.host}:{port}")


def db_upgrade(words: argparse.Namespace) -> None:
    """Bring the database to a revision, the newest if none is named."""
    settings = _settings(serving=False)
    _make_folder(settings.owner_database_url)
    _upgrade(settings.owner_database_url, words.revision)
    _grant(settings)
    _say("Databasen er oppgradert.")


def db_downgrade(words: argparse.Namespace) -> None:
    """Take the database back to a revision; what the newer tables held is lost."""
    from alembic import command

    settings = _settings(serving=False)
    _must_exist(settings.owner_database_url)
    with _migrations(settings.owner_database_url) as config:
        command.downgrade(config, words.revision)
    _say(f"Databasen er tilbake på {words.revision}.")


def db_check(words: argparse.Namespace) -> None:
    """Fail when the tables are not the newest, or not what the models say."""
    from alembic import command
    from alembic.util import AutogenerateDiffsDetected

    settings = _settings(serving=False)
    _must_exist(settings.owner_database_url)
    with _migrations(settings.owner_database_url) as config:
        with config.attributes["engine"].connect() as connection:
            _must_be_newest(connection)
        try:
            command.check(config)
        except AutogenerateDiffsDetected as found:
            for difference in found.diffs:
                _say(str(difference))
            msg = f"Databasen avviker fra modellene på {len(found.diffs)} punkter (listet over)."
            raise Stop(msg) from None
    _say("Databasen stemmer med modellene.")


def seal(words: argparse.Namespace) -> None:
    """Seal every row of the logs that was committed before this started."""
    from stafett.audit.seal import settle

    settings = _settings(serving=False)
    jobs = _jobs(settings)
    settle(jobs.database)
    made = jobs.seal(datetime.now(UTC))
    rows = sum(link.rows for link in made)
    _say(f"Forseglet nå: {rows}." if made else "Alt er forseglet fra før.")


def verify(words: argparse.Namespace) -> None:
    """Prove every seal and every sealed row, and say how many are not sealed yet."""
    from stafett.audit import anchor
    from stafett.audit.proof import verify as prove
    from stafett.plan.queries import altered as altered_plan

    settings = _settings(serving=False)
    anchors = anchor.read(settings.anchor_dir)
    started = time.monotonic()
    database = _open(settings)
    proof = prove(database, anchors)
    if proof.broken:
        raise Stop(proof.broken)
    with database.reading() as session:
        altered = altered_plan(session)
    if altered is not None:
        msg = f"Planversjonen {altered} har ikke de ordene den hadde."
        raise Stop(msg)
    rate = proof.rows / max(time.monotonic() - started, 0.001)
    _say(f"Alt stemmer. Rader: {proof.rows} ({rate:.0f} i sekundet). Forseglinger: {proof.seals}.")
    if settings.anchor_dir is not None:
        _say(f"Ankret utenfor databasen: {proof.anchored} av {proof.seals}.")
    if proof.expired_to:
        _say(f"Slettet etter lagringstiden: radene til og med forsegling {proof.expired_to}.")
    _say(f"Ikke forseglet ennå: {proof.unsealed}.")


def worker(words: argparse.Namespace) -> None:
    """Do what nobody asks for, each quarter of an hour, or once."""
    from stafett.worker import EVERY

    jobs = _jobs(_settings(serving=False))
    if words.once:
        jobs.round(datetime.now(UTC))
        return
    stop = Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    _say("Arbeideren er i gang.")
    while not stop.is_set():
        try:
            jobs.round(datetime.now(UTC))
        except Exception as problem:
            if (line := _in_one_line(problem)) is None:
                raise
            _failed(line)  # the next round may go better
        stop.wait(EVERY)


def token(words: argparse.Namespace) -> None:
    """Print a new bearer token for the JSON API; only its hash is kept."""
    from stafett.people.commands import create_token

    with _open(_settings(serving=False)).writing() as session:
        made = create_token(session, words.username, words.days, datetime.now(UTC))
    _say(made)


def seed(words: argparse.Namespace) -> None:
    """Fill the database with a synthetic kommune of the size asked for."""
    from stafett.app import create_app
    from stafett.demo import town

    settings = _settings(serving=False)
    app = create_app(_open(settings), settings)
    started = time.monotonic()

    def progress(done: int) -> None:
        rate = done / max(time.monotonic() - started, 0.001)
        bar = "#" * (BAR * done // words.children)
        _tell(f"\r[{bar:{BAR}}] {done} av {words.children} barn, {rate:.0f} i sekundet", end="")

    town.seed(app, children=words.children, seed=words.seed, progress=progress)
    _tell("")


def openapi(words: argparse.Namespace) -> None:
    """Print the OpenAPI document, which depends on no setting and no data."""
    import json
    from tempfile import TemporaryDirectory

    from stafett.app import create_app
    from stafett.db import Database
    from stafett.settings import Settings
    from stafett.web.openapi import document

    with TemporaryDirectory() as folder:
        url = _sqlite_url(Path(folder) / "empty.db")
        settings = Settings.from_env({"STAFETT_DATABASE_URL": url}, serving=False)
        database = Database(url)
        described = document(create_app(database, settings))
        database.close()
    _say(json.dumps(described, ensure_ascii=False, indent=2))


def access_table(words: argparse.Namespace) -> None:
    """Print the access matrix as Markdown."""
    from stafett.access.table import as_markdown

    _say(as_markdown().rstrip("\n"))


class _Parser(argparse.ArgumentParser):
    """Answers wrong usage in one line, and takes no shortened options."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given, allow_abbrev=False)

    def error(self, message: str) -> Never:
        self.exit(2, f"{self.prog}: {message} (se «{self.prog} --help»)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="stafett", description="Kommunens felles stafettlogg.")
    commands = parser.add_subparsers(required=True, metavar="KOMMANDO")

    def add(
        to: Any, name: str, run: Callable[[argparse.Namespace], None], what: str
    ) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = to.add_parser(name, help=what, description=what)
        made.set_defaults(run=run, parser=made)
        return made

    def add_address(to: argparse.ArgumentParser) -> None:
        to.add_argument("--port", type=_port, default=5000, help="porten (ellers 5000)")
        to.add_argument("--host", default="127.0.0.1", help="verten (ellers 127.0.0.1)")

    it = add(commands, "demo", demo, "start demokommunen i en egen database")
    add_address(it)
    it.add_argument("--dir", type=Path, default=Path("var/demo"), help="mappen (ellers var/demo)")
    it.add_argument("--reset", action="store_true", help="fyll databasen på nytt")
    it = add(commands, "init", init, "lag tabellene og den første administratoren")
    it.add_argument("--username", help="administratorens brukernavn")
    it.add_argument("--name", help="administratorens navn (ellers brukernavnet)")
    it.add_argument("--password-file", type=Path, help="fil med passordet på første linje")
    it = add(commands, "serve", serve, "svar på nettet, med innstillingene for drift")
    add_address(it)
    it.add_argument("--workers", type=_positive, default=WORKERS, help="prosesser (ellers 2)")
    what = "oppgrader, nedgrader eller kontroller tabellene"
    db = commands.add_parser("db", help=what, description=what).add_subparsers(
        required=True, metavar="HVA"
    )
    it = add(db, "upgrade", db_upgrade, "oppgrader tabellene")
    it.add_argument("revision", nargs="?", default="head", help="ellers den nyeste")
    it = add(db, "downgrade", db_downgrade, "ta tabellene tilbake")
    it.add_argument("revision", help="revisjonen, eller base for ingen tabeller")
    add(db, "check", db_check, "kontroller at tabellene er som modellene")
    it = add(commands, "token", token, "skriv ut et token for JSON-grensesnittet")
    it.add_argument("username", help="hvem tokenet gjelder for")
    it.add_argument("--days", type=_positive, default=30, help="dager det gjelder (ellers 30)")
    add(commands, "seal", seal, "forsegl innsynsloggen og endringsloggen")
    add(commands, "verify", verify, "kontroller forseglingene og hver rad i loggene")
    it = add(commands, "worker", worker, "forsegl, og slett etter lagringstiden, hvert kvarter")
    it.add_argument("--once", action="store_true", help="gjør det én gang")
    add(commands, "openapi", openapi, "skriv ut OpenAPI-dokumentet")
    add(commands, "access-table", access_table, "skriv ut tilgangsmatrisen som Markdown")
    it = add(commands, "seed", seed, "fyll databasen med en oppdiktet kommune")
    it.add_argument("--children", type=_positive, required=True, help="antall barn")
    it.add_argument("--seed", type=int, default=1, help="samme tall gir samme kommune")
    return parser


def _number(text: str, lowest: int, highest: int, what: str) -> int:
    if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
        raise argparse.ArgumentTypeError(what)
    return int(text)


def _port(text: str) -> int:
    return _number(text, 0, HIGHEST_PORT, f"{text} er ikke en port (0 til {HIGHEST_PORT})")


def _positive(text: str) -> int:
    return _number(text, 1, 10**9, f"{text} er ikke et tall fra 1")


def _settings(*, serving: bool) -> "Settings":
    from stafett.settings import Settings

    return Settings.from_env(os.environ, serving=serving)


def _listen(host: str, port: int) -> socket.socket:
    """Take the address before any work is done; nobody is answered until the server listens."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):  # no host has such a name
        msg = f"Verten {host} finnes ikke."
        raise Stop(msg) from None
    listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as problem:
        why = "er opptatt" if problem.errno == errno.EADDRINUSE else "kan ikke brukes"
        msg = f"Porten {port} på {host} {why}; velg en annen med --port."
        raise Stop(msg) from None
    return listener


def _serve(
    settings: "Settings", listener: socket.socket, workers: int, said: str, **config: Any
) -> None:
    """Run gunicorn on a bound socket until a signal ends it; `said` is printed once it listens.

    `config` is the application's.
    """
    from gunicorn.app.base import BaseApplication

    from stafett.app import create_app
    from stafett.db import Database

    database = Database(settings.database_url, threads=THREADS)
    app = create_app(database, settings, **config)
    database.close()  # no connection may cross the fork: each worker opens its own
    _prepare(app)
    choices = {
        "bind": f"fd://{listener.detach()}",
        "preload_app": True,  # a wrong setting stops here, in one line, and the workers share it
        "proc_name": "stafett",
        "workers": workers,
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": 60,  # seconds without a sign of life from a worker
        "graceful_timeout": 30,
        "keepalive": 15,  # also the longest wait for a request's first byte
        "limit_request_line": 4094,
        "limit_request_fields": 60,
        "limit_request_field_size": 8190,
        "umask": 0o077,
        "accesslog": None,  # addresses hold ids of children; the access log is in the database
        "loglevel": "warning",
        "control_socket_disable": True,
        "when_ready": lambda _server: _say(said),
    }

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in choices.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return app

    Server().run()


def _prepare(app: "Flask") -> None:
    """Read what pages and documents are made from before the workers part, so that they share it.

    Frozen, all that is loaded is left alone by the full garbage collections, which would walk the
    whole program in the middle of a request, and give each worker a copy of its own by doing so.
    What a request makes then seldom needs a collection before it is done.
    """
    from exports import house, word

    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    word.shell(house.UPRIGHT, app.extensions["stafett.profile"].logo)
    with suppress(OSError, AttributeError):  # another C library has no such thing to be told
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def _own_secret(file: Path) -> str:
    """Return the key kept in a file, made at first use so that sessions outlive a restart."""
    if not file.exists():
        made = file.with_name(f"{file.name}.{os.getpid()}")
        made.write_text(secrets.token_urlsafe(32))
        made.rename(file)
    return file.read_text().strip()


def _take(lock: TextIOWrapper, how: int, folder: Path) -> None:
    """Hold the folder until the process ends: alone to fill it, with others to serve it."""
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        msg = f"En annen demo bruker {folder}; stopp den, eller velg en annen mappe med --dir."
        raise Stop(msg) from None


def _fill(file: Path, settings: "Settings") -> None:
    """Fill a database beside the real one and put it in place when it is whole."""
    from stafett.app import create_app
    from stafett.db import Database
    from stafett.demo.load import fill

    new = file.with_name("filling.db")
    _remove(new)  # what an interrupted start left behind
    _tell("Fyller demokommunen ...")
    url = _sqlite_url(new)
    _upgrade(url, "head")
    database = Database(url)
    fill(create_app(database, replace(settings, database_url=url)), datetime.now(UTC))
    database.close()  # the last one out moves the write-ahead log into the file
    _remove(file)
    new.rename(file)


def _remove(file: Path) -> None:
    for ending in SQLITE_FILES:
        file.with_name(file.name + ending).unlink(missing_ok=True)


def _sqlite_url(file: Path) -> str:
    from sqlalchemy.engine import URL

    return URL.create("sqlite", database=str(file.absolute())).render_as_string()


def _sqlite_file(url: str) -> Path | None:
    from sqlalchemy.engine import make_url

    parts = make_url(url)
    return Path(parts.database or "") if parts.get_backend_name() == "sqlite" else None


def _make_folder(url: str) -> None:
    """Make the folder of a new SQLite database, so that the default works in a fresh clone."""
    if file := _sqlite_file(url):
        file.parent.mkdir(exist_ok=True)


def _must_exist(url: str) -> None:
    """Refuse to make an empty database by opening one that is not there."""
    file = _sqlite_file(url)
    if file and not file.exists():
        msg = f"Databasen {file} finnes ikke; lag den med «stafett init»."
        raise Stop(msg)


def _open(settings: "Settings") -> "Database":
    """Open the application's database, which must be there and have the newest tables."""
    import stafett.models  # noqa: F401
    from stafett.db import Database

    _must_exist(settings.database_url)
    database = Database(settings.database_url, threads=THREADS)
    with database.reading() as session:
        _must_be_newest(session.connection())
    return database


def _jobs(settings: "Settings") -> "Jobs":
    """Open what the worker needs; only the owner of the tables may delete rows of the logs."""
    from stafett.db import Database
    from stafett.profile.load import load
    from stafett.worker import Jobs

    database, owner = _open(settings), None
    if settings.owner_database_url != settings.database_url:
        owner = Database(settings.owner_database_url, threads=1)
    elif _sqlite_file(settings.database_url):
        owner = database
    return Jobs(database, owner, settings, load(settings.profile))


def _must_be_safe(database: "Database") -> None:
    """Refuse a PostgreSQL that could lose a commit, and a role that could change the logs.

    Warn of one of locale C, which knows no letters but a to z: what stands beside a hard blank is
    one word there, and a search does not find it.
    """
    from sqlalchemy import text

    if database.engine.dialect.name == "sqlite":
        return  # every connection is asked for the same by its PRAGMAs
    with database.reading() as session:
        found = session.execute(text(UNSAFE)).one()
    if found.off:
        msg = f"PostgreSQL kan miste det som er lagret: slå på {' og '.join(found.off)}."
        raise Stop(msg)
    if not found.letters:
        _tell(
            "Databasen kjenner bare bokstavene a til z, så et søk finner ikke alt. Lag den på nytt "
            "med LC_CTYPE 'C.UTF-8', eller en annen med UTF-8."
        )
    if found.owner:
        msg = (
            "Rollen i STAFETT_DATABASE_URL eier tabellene eller er superbruker. La den være en "
            "egen rolle, og sett eieren i STAFETT_OWNER_DATABASE_URL; «stafett init» lager rollen."
        )
        raise Stop(msg)


@contextmanager
def _migrations(url: str) -> Iterator["Config"]:
    """Point alembic at a database, with every step in one transaction also on SQLite."""
    from alembic.config import Config
    from sqlalchemy import create_engine, event

    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin)
    config = Config(stdout=StringIO())  # its remarks are in English, and ours say the same
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    try:
        yield config
    finally:
        engine.dispose()


def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # else the driver commits around what alters tables


def _begin(connection: "Connection") -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(url: str, revision: str) -> None:
    from alembic import command

    with _migrations(url) as config:
        command.upgrade(config, revision)


def _must_be_newest(connection: "Connection") -> None:
    """Stop unless the tables are those of the last migration.

    A migration is named as its file, so the server need not load alembic to know (12 MB).
    """
    from sqlalchemy import inspect, text

    there = inspect(connection).has_table("alembic_version")
    found = connection.scalar(text("SELECT version_num FROM alembic_version")) if there else None
    newest = max(file.stem for file in MIGRATIONS.glob("versions/*.py"))
    if found is None:
        msg = "Databasen har ingen tabeller; lag dem med «stafett init»."
        raise Stop(msg)
    if found != newest:
        msg = f"Databasen er på {found}, programmet på {newest}; kjør «stafett db upgrade»."
        raise Stop(msg)


def _grant(settings: "Settings") -> None:
    """On PostgreSQL, let the application's own role read and write rows, and own nothing.

    The tables that the trigger `append_only` guards can be added to and read, no more.
    """
    from sqlalchemy import text
    from sqlalchemy.engine import make_url

    role = make_url(settings.database_url)
    owner = make_url(settings.owner_database_url)
    if role.get_backend_name() == "sqlite" or role.username in {None, owner.username}:
        return
    who = {"role": role.username, "password": role.password}
    with _migrations(settings.owner_database_url) as config:
        engine: Engine = config.attributes["engine"]
        literally = {"no_parameters": True}  # a % in a password is a %
        with engine.begin() as connection:
            if not connection.scalar(text(KNOWN_ROLE), who):
                create_role = connection.scalars(text(CREATE_ROLE), who).one()
                connection.exec_driver_sql(create_role, execution_options=literally)
            for _, grant in connection.execute(text(GRANTS), who).all():
                connection.exec_driver_sql(grant, execution_options=literally)


def _password(file: Path | None, username: str, settings: "Settings") -> str:
    from stafett.people.rules import password_problem
    from stafett.profile.load import load
    from stafett.web.messages import of

    if file:
        password, _, _ = file.read_text(encoding="utf-8").partition("\n")
    else:
        password = getpass("Passord: ")
        if password != getpass("Passordet en gang til: "):
            raise Stop(of("password-differs"))
    if problem := password_problem(password, username, load(settings.profile).kommune):
        raise Stop(of(problem))
    return password


def _in_one_line(problem: Exception) -> str | None:
    """Say in Norwegian what went wrong, or None for a fault in the program itself."""
    several = problem.exceptions if isinstance(problem, ExceptionGroup) else [problem]
    lines = dict.fromkeys(map(_in_norwegian, several))  # a database that is away, but once
    return None if None in lines else " ".join(map(str, lines))


def _in_norwegian(problem: Exception) -> str | None:  # noqa: PLR0911 one per kind
    from alembic.util import CommandError
    from sqlalchemy import exc

    from stafett.errors import FieldError, RuleBrokenError, StafettError
    from stafett.mail import MailError
    from stafett.profile.load import ProfileError
    from stafett.settings import SettingsError
    from stafett.web.messages import of
    from stafett.worker import AnchorError

    match problem:
        case Stop() | SettingsError() | ProfileError() | AnchorError() | MailError():
            return str(problem)
        case RuleBrokenError(obstacles=codes):
            return " ".join(of(code) for code in codes)
        case FieldError(fields=fields):
            return " ".join(of(code) for codes in fields.values() for code in codes)
        case StafettError(code=code):
            return of(code)
        case CommandError():
            return f"Databasens revisjon kan ikke brukes: {problem}"
        case exc.DBAPIError() if not isinstance(problem, (exc.IntegrityError, exc.DataError)):
            return _about_database(str(problem.orig), type(problem.orig).__name__)
        case ModuleNotFoundError(name="psycopg"):
            return "PostgreSQL trenger pakken psycopg: installer stafett[postgres]."
        case OSError(errno=number, filename=str() | Path() as name) if number in IN_NORWEGIAN:
            return f"{name} {IN_NORWEGIAN[number]}."
        case UnicodeDecodeError():
            return "En fil som skulle leses, er ikke tekst i UTF-8."
    return None


def _about_database(said: str, kind: str) -> str:
    if any(sign in said or sign == kind for sign in MISSING_TABLE):
        return "Databasen mangler tabeller; lag dem med «stafett init»."
    first = said.strip().splitlines()[0] if said.strip() else kind
    return f"Databasen kan ikke brukes: {first}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _tell(text: str, end: str = "\n") -> None:
    sys.stderr.write(f"{text}{end}")
    sys.stderr.flush()


def _failed(line: str) -> int:
    _tell(f"stafett: {'; '.join(line.splitlines())}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
