"""PostgreSQL as the second ring: what the application's own role cannot do, however it is asked."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, insert, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from stafett.access.models import AccessRow
from stafett.audit.seal import seal
from stafett.db import Database
from tests.conftest import ROOT, postgres_server

KEPT = (
    *("access_log", "access_shown", "trail", "seal", "seal_row", "entry_version", "level_change"),
    *("withdrawal", "plan_version", "plan_answer", "plan_outcome", "evaluation"),
    *("entry_audience", "entry_reader", "entry_hidden", "consent_text", "protection_step"),
    *("guardian_event", "disclosure_request", "disclosure_decision", "entry_search"),
    *("plan_audience", "plan_event", "plan_comment", "plan_comment_answer"),
    *("measure_report", "measure_answer", "paper_day", "concern_change", "birth"),
)
"""What may only be read and added to."""
PASSWORD = "en lang og trygg setning"


def stafett(folder, *words, **settings):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STAFETT_")}
    return subprocess.run(
        [sys.executable, "-m", "stafett.cli", *words],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def as_role(url, role, database):
    return make_url(url).set(username=role, database=database).render_as_string(False)  # noqa: FBT003


@pytest.fixture(scope="module")
def urls(postgres, tmp_path_factory):
    """A database as the README says: an owner that may create roles, and `stafett init`."""
    name = f"r{uuid4().hex}"
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name}_owner LOGIN CREATEROLE"))
        connection.execute(text(f"CREATE DATABASE {name} OWNER {name}_owner"))
    owner, role = (as_role(postgres, f"{name}_{one}", name) for one in ("owner", "app"))
    folder = tmp_path_factory.mktemp("ring")
    (folder / "passord").write_text(PASSWORD)
    made = stafett(
        folder,
        *("init", "--username", "admin", "--password-file", "passord"),
        STAFETT_DATABASE_URL=role.replace("_app@", "_app:hysj%25%27hysj@"),
        STAFETT_OWNER_DATABASE_URL=owner,
    )
    assert (made.returncode, made.stderr) == (0, "")
    yield owner, role
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {name}_app"))
        connection.execute(text(f"DROP ROLE {name}_owner"))
    server.dispose()


@pytest.fixture
def refused(urls):
    database = Database(urls[1], threads=1)

    def check(statement):
        with pytest.raises(DBAPIError) as raised, database.writing() as session:
            session.execute(text(statement))
        assert raised.value.orig.sqlstate == "42501", statement  # insufficient privilege

    yield check
    database.close()


def columns(url, table):
    engine = create_engine(url)
    try:
        return [one["name"] for one in inspect(engine).get_columns(table)]
    finally:
        engine.dispose()


@pytest.mark.parametrize("table", KEPT)
def test_what_is_kept_cannot_be_changed_deleted_or_emptied(urls, refused, table):
    first = columns(urls[1], table)[0]
    refused(f"UPDATE {table} SET {first} = {first}")
    refused(f"DELETE FROM {table}")
    refused(f"TRUNCATE {table}")
    refused(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    refused(f"DROP TRIGGER {table}_append_only ON {table}")


def test_every_table_that_a_trigger_keeps_is_in_this_list(urls):
    engine = create_engine(urls[0])
    wanted = text(
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = "
        "tgfoid WHERE proname = 'append_only'"
    )
    with engine.connect() as connection:
        assert set(connection.scalars(wanted)) == set(KEPT)
    engine.dispose()


def test_it_owns_nothing_and_can_drop_alter_or_create_nothing(urls, refused):
    engine = create_engine(urls[1])
    owned = text("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
    powers = text(
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication "
        "FROM pg_roles WHERE rolname = current_user"
    )
    with engine.connect() as connection:
        assert connection.scalar(owned) == 0
        assert connection.scalar(powers) is False
        tables = inspect(connection).get_table_names()
    engine.dispose()
    assert len(tables) > 30
    for table in tables:
        refused(f"DROP TABLE {table} CASCADE")
        refused(f"ALTER TABLE {table} ADD COLUMN more text")
    for statement in (
        "CREATE TABLE own (id integer)",
        "CREATE TEMPORARY TABLE access_log (id integer)",
        "CREATE SCHEMA own",
        "CREATE FUNCTION own() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "DROP FUNCTION is_expired(text, uuid)",
        "SET session_replication_role = replica",
        "UPDATE alembic_version SET version_num = 'x'",
    ):
        refused(statement)


def test_it_seals_and_only_the_owner_lets_rows_go(urls, tmp_path):
    """The worker skips the deletion when nobody has given it the owner."""
    both = {"STAFETT_DATABASE_URL": urls[1], "STAFETT_OWNER_DATABASE_URL": urls[0]}
    for settings in ({"STAFETT_DATABASE_URL": urls[1]}, both):
        done = stafett(tmp_path, "worker", "--once", **settings)
        assert (done.returncode, done.stderr) == (0, "")
    done = stafett(tmp_path, "seal", STAFETT_DATABASE_URL=urls[1])
    assert (done.returncode, done.stderr) == (0, "")
    assert stafett(tmp_path, "verify", STAFETT_DATABASE_URL=urls[1]).returncode == 0


def test_what_is_past_its_time_goes_by_the_owner_alone(urls, refused, tmp_path):
    old = datetime.now(UTC) - timedelta(days=366 * 11)
    database = Database(urls[1])
    row = {"id": uuid4(), "at": old, "actor_id": uuid4(), "action": "entry.list", "basis": "SH"}
    with database.writing() as session:
        session.execute(insert(AccessRow), [{**row, "result": "allow", "request_id": "x"}])
    seal(database, old)

    def there():
        with database.reading() as session:
            return session.get(AccessRow, row["id"]) is not None

    assert stafett(tmp_path, "worker", "--once", STAFETT_DATABASE_URL=urls[1]).returncode == 0
    assert there()
    with database.writing() as session:  # it may say so, but not do so
        session.execute(text("SELECT is_expired('access_log', :id)"), {"id": row["id"]})
    refused("DELETE FROM access_log")
    both = {"STAFETT_DATABASE_URL": urls[1], "STAFETT_OWNER_DATABASE_URL": urls[0]}
    anchors = {"STAFETT_ANCHOR_DIR": str(tmp_path)}
    assert stafett(tmp_path, "worker", "--once", **both, **anchors).returncode == 0
    assert not there()
    database.close()
    done = stafett(tmp_path, "verify", STAFETT_DATABASE_URL=urls[1], **anchors)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Slettet etter lagringstiden" in done.stdout


# `serve` looks before it answers anybody.


@pytest.fixture(scope="module")
def safe(tmp_path_factory):
    """A server that keeps what it has said is kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STAFETT_TEST_FSYNC", "on")
        patch.delenv("STAFETT_TEST_POSTGRES_URL", raising=False)
        with postgres_server() as url:
            yield url


KEY = token_urlsafe(32)


def serve(folder, url):
    return stafett(folder, "serve", "--port", "0", STAFETT_SECRET_KEY=KEY, **url)


def test_a_server_that_may_lose_a_commit_is_refused(urls, tmp_path):
    done = serve(tmp_path, {"STAFETT_DATABASE_URL": urls[1]})
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line == "stafett: PostgreSQL kan miste det som er lagret: slå på fsync."


@pytest.mark.parametrize("off", ["synchronous_commit", "full_page_writes"])
def test_each_setting_that_may_lose_a_commit(safe, tmp_path, off):
    engine = create_engine(safe, isolation_level="AUTOCOMMIT")
    change = "ALTER SYSTEM SET {} = off" if off == "full_page_writes" else ""
    with engine.connect() as connection:
        connection.execute(text(change.format(off) or f"ALTER ROLE postgres SET {off} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    stafett(tmp_path, "db", "upgrade", STAFETT_DATABASE_URL=safe)
    done = serve(tmp_path, {"STAFETT_DATABASE_URL": safe})
    engine = create_engine(safe, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ALTER SYSTEM RESET ALL"))
        connection.execute(text("ALTER ROLE postgres RESET ALL"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    assert done.returncode == 1
    assert f"slå på {off}." in done.stderr


def test_a_database_in_which_a_search_does_not_find_all_words_is_warned_of(safe, tmp_path):
    url, engine = (
        as_role(safe, "postgres", "low"),
        create_engine(safe, isolation_level="AUTOCOMMIT"),
    )
    with engine.connect() as connection:
        kind = "TEMPLATE template0 LC_CTYPE 'C' LC_COLLATE 'C'"
        connection.execute(text(f"CREATE DATABASE low {kind}"))
    engine.dispose()
    assert stafett(tmp_path, "db", "upgrade", STAFETT_DATABASE_URL=url).returncode == 0
    done = serve(tmp_path, {"STAFETT_DATABASE_URL": url})
    assert (done.returncode, done.stdout) == (1, "")
    warned, refused = done.stderr.splitlines()
    assert "LC_CTYPE 'C.UTF-8'" in warned
    assert "eier tabellene" in refused


def test_a_role_that_owns_the_tables_is_refused(safe, tmp_path):
    assert stafett(tmp_path, "db", "upgrade", STAFETT_DATABASE_URL=safe).returncode == 0
    done = serve(tmp_path, {"STAFETT_DATABASE_URL": safe})
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "STAFETT_OWNER_DATABASE_URL" in line


def test_a_role_of_its_own_on_a_server_that_keeps_is_served(safe, tmp_path):
    """The documented way, from an empty database to the first answer."""
    server = create_engine(safe, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE ROLE eier LOGIN CREATEROLE"))
        connection.execute(text("CREATE DATABASE stafett OWNER eier"))
    server.dispose()
    (tmp_path / "passord").write_text(PASSWORD)
    urls = {
        "STAFETT_DATABASE_URL": as_role(safe, "stafett", "stafett"),
        "STAFETT_OWNER_DATABASE_URL": as_role(safe, "eier", "stafett"),
        "STAFETT_SECRET_KEY": KEY,
    }
    words = ("init", "--username", "admin", "--password-file", "passord")
    assert stafett(tmp_path, *words, **urls).returncode == 0
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STAFETT_")}
    with subprocess.Popen(
        [sys.executable, "-m", "stafett.cli", "serve", "--port", "0"],
        cwd=tmp_path,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **urls},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        first = process.stdout.readline()
        process.terminate()
        _, failed = process.communicate(timeout=60)
    assert first.startswith("Stafett svarer på"), failed
