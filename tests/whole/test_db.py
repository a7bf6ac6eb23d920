"""The two ways to open a transaction, and what the tables themselves refuse, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from sqlite3 import OperationalError, connect
from uuid import uuid4

import pytest
from sqlalchemy import bindparam, delete, event, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.compiler import SQLCompiler

from stafett.access.models import Tie
from stafett.access.policy import Action
from stafett.access.ties import Grant, grant
from stafett.audit import trail
from stafett.audit.models import TrailRow
from stafett.children.models import Child
from stafett.db import PRAGMAS, Database, OsloDay, _Compiled, fetch, one_at_a_time
from stafett.people.models import User
from stafett.stafettlogg.models import Handover, Member, Stafettlogg

APPEND_ONLY = ["access_log", "access_shown", "trail", "entry_version", "level_change", "withdrawal"]
SQLITE_ALONE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
POSTGRESQL_ALONE = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


@pytest.mark.parametrize("lock", [True, False])
def test_400_of_400_concurrent_increments_are_kept(url, town, lock):
    two_processes = [Database(url, lock=lock), Database(url, lock=lock)]
    lost = []

    def increment(number):
        for _ in range(50):
            while True:
                try:
                    with two_processes[number % 2].writing() as session:
                        child = session.get_one(Child, town.child)
                        child.name = str(int(child.name) + 1 if child.name.isdigit() else 1)
                    break
                except StaleDataError:  # PostgreSQL lets both read; the version finds the race
                    lost.append(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(8)))
    assert town.one(Child).name == "400"
    assert not lost or url.startswith("postgresql")
    for one in two_processes:
        one.close()


def test_one_child_at_a_time_keeps_them_without_a_version_column(database, town):
    def increment(_):
        with database.writing() as session:
            one_at_a_time(session, town.child)
            count = int(session.scalar(select(Child.school)) or 0)
            session.execute(update(Child).values(school=str(count + 1)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(100)))
    assert town.one(Child).school == "100"


def test_reading_cannot_write_not_even_by_sql(database, town):
    statements = (
        update(Child).values(name="x"),
        delete(Child),
        text("DELETE FROM task"),
        text("CREATE TABLE x (y integer)"),
        text("INSERT INTO service SELECT * FROM service"),
    )
    for statement in statements:
        with database.reading() as session, pytest.raises(DBAPIError, match=r"read-?only"):
            session.execute(statement)
    with database.reading() as session:
        session.get_one(Child, town.child).name = "x"
        with pytest.raises(DBAPIError, match=r"read-?only"):
            session.flush()
    with database.writing() as session:  # the same pooled connection writes again
        session.get_one(Child, town.child).name = "y"
    assert town.one(Child).name == "y"


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 24, 22, 59, 59, 999_999, UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 24, 23, tzinfo=UTC), date(2026, 11, 25)),
        (datetime(2026, 6, 24, 21, 59, tzinfo=UTC), date(2026, 6, 24)),
        (datetime(2026, 6, 24, 22, tzinfo=UTC), date(2026, 6, 25)),
        (None, None),
    ],
)
def test_the_database_tells_the_day_that_it_is_in_oslo(database, town, moment, day):
    with database.writing() as session:
        changed = update(User).values(disabled_at=moment)
        session.execute(changed.where(User.username == "far"))
    for zone in ("UTC", "Europe/Oslo", "America/Lima"):  # also of a server that lives elsewhere
        with database.reading() as session:
            if database.engine.dialect.name == "postgresql":
                session.execute(text(f"SET LOCAL TIME ZONE '{zone}'"))
            told = select(OsloDay(User.disabled_at)).where(User.username == "far")
            assert session.scalar(told) == day


def test_reading_is_one_snapshot(database, town):
    with database.reading() as session:
        before = session.scalar(select(Child.name))
        with database.writing() as other:
            other.execute(update(Child).values(name="y"))
        assert session.scalar(select(Child.name)) == before
    assert town.one(Child).name == "y"


@SQLITE_ALONE
def test_a_connection_is_told_once_whether_it_writes(url):
    """Each PRAGMA makes SQLite compile anew all that the connection has ever asked."""
    database, told = Database(url, threads=1), []
    for engine in database.engines:
        event.listen(engine, "connect", lambda one, _: one.set_trace_callback(told.append))
    for _ in range(2):
        for opened in (database.reading, database.writing):
            with opened() as session:
                session.scalar(select(Child.name).limit(1))
    begun = [one for one in told if "SELECT" not in one]
    assert begun == ["BEGIN", "COMMIT", "BEGIN IMMEDIATE", "COMMIT"] * 2
    database.close()


@POSTGRESQL_ALONE
def test_what_has_been_prepared_outlives_a_reading(url):
    """Else PostgreSQL would plan each statement of each page anew; it does so but once."""
    database = Database(url, threads=1)
    for _ in range(7):  # psycopg prepares what is asked for a sixth time
        with database.reading() as session:
            session.scalar(select(Child.name).limit(1))
    planned = "SELECT generic_plans > 0, custom_plans FROM pg_prepared_statements "
    with database.reading() as session:
        rows = session.execute(text(f"{planned} WHERE statement LIKE '%child%'"))
        assert [tuple(row) for row in rows] == [(True, 0)]
    database.close()


@POSTGRESQL_ALONE
def test_no_statement_is_compiled_however_dear_it_seems(url):
    database = Database(url, threads=1)
    with suppress(ZeroDivisionError), database.writing() as session:
        session.execute(text("SELECT 1"))
        1 / 0  # noqa: B018 what is rolled back must not take the setting with it
    dear = "EXPLAIN ANALYZE SELECT sum(a * b) FROM generate_series(1, 9) a, generate_series(1, 9) b"
    with database.reading() as session:
        session.execute(text("SET LOCAL jit_above_cost = 0"))
        assert "JIT" not in "".join(session.scalars(text(dear)))
    database.close()


def test_a_statement_is_compiled_once_whether_it_is_the_same_or_says_the_same(database, town):
    def by_id():
        return select(Child.name).where(Child.id == bindparam("child_id"))

    compiled, kept = [], by_id()
    original = SQLCompiler.__init__

    def count(self, *given, **named):
        compiled.append(self)
        original(self, *given, **named)

    with pytest.MonkeyPatch.context() as patch, database.reading() as session:
        patch.setattr(SQLCompiler, "__init__", count)
        for wanted in (kept, kept, by_id(), by_id(), kept):
            assert [row.name for row in fetch(session, wanted, {"child_id": town.child})]
            assert not fetch(session, wanted, {"child_id": uuid4()})
        assert len(compiled) == 1
        other = select(Child.id).where(Child.id == bindparam("child_id"))
        assert [row.id for row in fetch(session, other, {"child_id": town.child})] == [town.child]
        assert len(compiled) == 2


def test_no_statement_is_taken_for_another_that_had_its_place_in_memory(monkeypatch):
    monkeypatch.setattr(_Compiled, "most", 12)
    known = _Compiled()
    for number in range(200):
        statement = ("select", number)  # gone when the next is made, which may have its id
        key = ("sqlite", statement, (), False, False)
        assert known.get(key) is None
        known[key] = number
        assert known.get(key) == known.get(("sqlite", ("select", number), (), False, False))
        assert known.get(("postgresql", *key[1:])) is None
    assert len(known) <= 12


def test_a_transaction_that_raises_leaves_nothing(database, town):
    def change():
        with database.writing() as session:
            session.execute(update(Child).values(name="y"))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        change()
    assert town.one(Child).name == "Nora Demo"


@SQLITE_ALONE
def test_every_pooled_connection_has_the_pragmas(url):
    asked = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert asked.items() <= PRAGMAS.items()
    engine = Database(url).engine  # as it is served: the fixture's does not wait for the disk
    connections = [engine.connect() for _ in range(5)]
    assert len({id(one.connection.dbapi_connection) for one in connections}) == 5
    for connection in connections:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
        assert found == PRAGMAS
        connection.close()
    engine.dispose()


@SQLITE_ALONE
def test_a_connection_that_does_not_take_a_pragma_is_refused(database, monkeypatch):
    monkeypatch.setitem(PRAGMAS, "busy_timeout", -1)  # SQLite makes it 0
    with pytest.raises(RuntimeError, match="busy_timeout=-1 but has 0"):
        database.engine.connect()


@SQLITE_ALONE
def test_writing_takes_its_turn_at_once_and_reading_waits_for_nobody(url, database):
    with database.writing() as session:
        session.execute(text("SELECT 1"))
        other = connect(url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)
        with pytest.raises(OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
        with database.reading() as reader:
            assert reader.scalar(text("PRAGMA query_only")) == 1
    with database.writing() as session:
        assert session.scalar(text("PRAGMA query_only")) == 0


def test_a_moment_keeps_its_zone_and_a_naive_one_is_refused(database, town):
    assert town.one(Child).registered_at == town.now
    assert town.one(Child).registered_at.tzinfo is UTC
    in_oslo = datetime(2026, 7, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    with database.writing() as session:
        session.get_one(Child, town.child).registered_at = in_oslo
    assert town.one(Child).registered_at.isoformat() == "2026-06-30T23:30:00+00:00"
    with pytest.raises(StatementError, match="time zone"), database.writing() as session:
        session.get_one(Child, town.child).registered_at = datetime(2026, 1, 1)  # noqa: DTZ001


@pytest.fixture
def filled(database, town):
    """At least one row in each table that may only grow."""
    api = town.api("laerer")
    note = {"kind": "note", "text": "Vi øver.", "visibility": "everyone"}
    assert api.post(f"/children/{town.child}/entries", note).status_code == 201
    assert api.get("/children").status_code == 200
    withdrawal = f"/consents/{town.consent}/withdrawal"
    services = {"services": [str(town.services["ppt"])]}
    assert town.api("mor").post(withdrawal, services).status_code == 200


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_may_only_grow_is_never_changed_nor_deleted(database, filled, table):
    column = inspect(database.engine).get_columns(table)[0]["name"]
    with database.reading() as session:
        before = session.execute(text(f"SELECT * FROM {table}")).all()
    assert before
    forbidden = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    if database.engine.dialect.name == "postgresql":
        forbidden += [f"TRUNCATE {table} CASCADE"]
    else:  # REPLACE deletes first, and asks no trigger unless they are recursive
        forbidden += [f"REPLACE INTO {table} SELECT * FROM {table}"]
    for statement in forbidden:
        with pytest.raises(DBAPIError, match="append only"), database.writing() as session:
            session.execute(text(statement))
    with database.reading() as session:
        assert session.execute(text(f"SELECT * FROM {table}")).all() == before


def test_a_second_holder_is_refused_by_the_database(database, town):
    with pytest.raises(IntegrityError):
        town.tie("ppt", "SH")
    held = town.count(Tie, Tie.relation == "SH", Tie.ended_at.is_(None))
    assert held == 1
    with town.work("laerer") as work:
        work.session.execute(
            update(Tie).where(Tie.relation == "SH").values(ended_at=work.now + timedelta(days=1))
        )
    town.tie("ppt", "SH")  # an ended one stands in nobody's way


def test_the_tables_refuse_what_no_rule_may_let_through(database, town):
    someone, log = town.users["laerer"], town.log
    wrong = [
        insert(Stafettlogg).values(
            child_id=town.child,
            level=1,
            holder_id=someone,
            opened_at=town.now,
            opened_by=someone,
            version=1,
        ),
        update(Stafettlogg).values(level=0),
        update(Stafettlogg).values(level=4),
        insert(Member).from_select(
            [column.name for column in Member.__table__.columns],
            select(
                *(
                    text(f"'{uuid4().hex}'") if column.name == "id" else column
                    for column in Member.__table__.columns
                )
            ),
        ),
        update(Tie).values(led_service_id=uuid4()),
        update(Tie).values(user_id=None),
        update(Child).values(birth_date=None),
        update(Child).values(kind="unborn"),
        update(Child).values(kind="x"),
        update(Child).values(address_protection="strengt_fortrolig", school="Demo skole"),
        update(Stafettlogg).values(child_id=uuid4()),
        delete(Child),
    ]
    pending = {
        "log_id": log,
        "child_id": town.child,
        "from_id": someone,
        "to_id": someone,
        "state": "pending",
        "requested_by": someone,
        "requested_at": town.now,
        "version": 1,
    }
    with database.writing() as session:
        session.execute(insert(Handover).values(**pending))
    wrong.append(insert(Handover).values(**pending))
    number = {"kind": "child", "name": "x", "birth_date": date(2018, 1, 1), "version": 1}
    number |= {"registered_by": someone, "registered_at": town.now, "national_id": "1"}
    number |= {"provisional": False, "address_protection": "none", "language": "nb"}
    with database.writing() as session:
        session.execute(insert(Child).values(**number, interpreter=False))
        session.execute(insert(Child).values(**{**number, "provisional": True}, interpreter=False))
    wrong.append(insert(Child).values(**number, interpreter=False))
    for statement in wrong:
        with pytest.raises(IntegrityError), database.writing() as session:
            session.execute(statement)


def test_a_change_and_its_trail_are_kept_or_lost_together(database, town):
    def change():
        with town.work("laerer") as work:
            tie = Grant(town.child, "MR", "test", uuid4(), user_id=town.users["bup"])
            grant(work, tie)
            trail.record(work, Action.MEMBER_INVITE, town.child, uuid4())
            work.session.flush()
            raise KeyError

    before = (town.count(Tie), town.count(TrailRow))
    with pytest.raises(KeyError):
        change()
    assert (town.count(Tie), town.count(TrailRow)) == before


@POSTGRESQL_ALONE
def test_a_second_writer_of_a_child_waits_and_of_another_child_does_not(database, town):
    other = uuid4()
    with database.writing() as session:
        one_at_a_time(session, town.child)
        free = text("SELECT pg_try_advisory_xact_lock(:key)")
        with database.writing() as second:
            assert second.scalar(free, {"key": other.int % 2**63}) is True
            assert second.scalar(free, {"key": town.child.int % 2**63}) is False
        with database.reading() as reader:
            one_at_a_time(reader, town.child)  # who only reads never waits
