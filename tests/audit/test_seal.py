"""The chain over both logs: what it seals, and that no tampering goes unseen."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import product
from threading import Event, Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from stafett.access.models import AccessRow, AccessShown
from stafett.audit import seal as sealing
from stafett.audit.models import Seal, SealRow, TrailRow
from stafett.audit.proof import verify
from stafett.audit.seal import LOGS, canonical, expire, seal, settle
from stafett.db import as_json

AT = datetime(2026, 3, 1, 11, 22, 33, 456789, tzinfo=UTC)
ACCESS = {
    "id": UUID("11111111-2222-4333-8444-555555555555"),
    "at": AT,
    "actor_id": UUID(int=1),
    "service_id": UUID(int=2),
    "action": "entry.list",
    "child_id": UUID(int=3),
    "basis": "MW+SH",
    "result": "allow",
    "request_id": "æ\n9 x",
    "shown": bytes(range(32)),
}
TRAIL = {
    "id": UUID("99999999-2222-4333-8444-555555555555"),
    "at": AT,
    "actor_id": UUID(int=1),
    "action": "entry.create",
    "child_id": UUID(int=3),
    "object_id": UUID(int=4),
    "changes": {"kind": "nøtat", "number": 1, "ids": ["a", "b"], "left": None},
}


def write(database, table, *rows):
    with database.writing() as session:
        session.execute(insert(table), list(rows))


def access(**more):
    return {**ACCESS, "id": uuid4(), **more}


def trail(**more):
    return {**TRAIL, "id": uuid4(), **more}


@pytest.fixture
def tamper(database):
    """Does what only somebody with the whole database in his hands can: goes past the triggers."""

    # without the product's foreign keys on SQLite
    engine = create_engine(database.engine.url, json_serializer=as_json)
    sqlite = engine.dialect.name == "sqlite"

    def past(*statements):
        with engine.begin() as connection:
            if sqlite:
                wanted = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                for name in connection.scalars(wanted).all():
                    connection.execute(text(f"DROP TRIGGER {name}"))
            else:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                connection.execute(statement)

    yield past
    engine.dispose()


@pytest.fixture
def three(database):
    """Three seals of three rows of each log; returns what is anchored, by number."""
    anchored = {}
    for hour in range(3):
        at = AT + timedelta(hours=hour)
        every = {"at": at, "on_behalf_of": UUID(int=5)}
        write(database, AccessRow, *(access(**every, edition="mote") for _ in range(3)))
        write(database, TrailRow, *(trail(**every) for _ in range(3)))
        (link,) = seal(database, at + timedelta(minutes=15))
        anchored[link.number] = link.head.hex()
    return anchored


def sealed(database, number, log):
    """The ids of a seal's rows of one log, in the order of the chain."""
    with database.reading() as session:
        wanted = select(SealRow.row_id).join(Seal, Seal.id == SealRow.seal_id)
        wanted = wanted.where(Seal.number == number, SealRow.log == log)
        return session.scalars(wanted.order_by(SealRow.row_id)).all()


# What is hashed.


def test_what_is_hashed_is_documented_and_the_same_on_both_databases(database):
    write(database, AccessRow, ACCESS)
    write(database, TrailRow, TRAIL)
    seal(database, AT)
    zeros = "0" * 31
    changes = '{"kind":"nøtat","number":1,"ids":["a","b"],"left":null}'
    said = {
        "access_log": (
            "action actor_id at basis child_id id request_id result service_id shown",
            "10 32 26 5 32 32 6 5 32 32",
            f"entry.list{zeros}12026-03-01 11:22:33.456789MW+SH{zeros}3"
            f"11111111222243338444555555555555æ\n9 xallow{zeros}2".encode()
            + bytes(range(32)),
        ),
        "trail": (
            "action actor_id at changes child_id id object_id",
            f"12 32 26 {len(changes.encode())} 32 32 32",
            f"entry.create{zeros}12026-03-01 11:22:33.456789"
            f"{changes}{zeros}399999999222243338444555555555555{zeros}4".encode(),
        ),
    }
    with database.reading() as session:
        kept = dict(session.execute(select(SealRow.log, SealRow.sha256)).all())
    for log, (names, lengths, values) in said.items():
        whole = f"{log}\n{names}\n{lengths}\n".encode() + values
        assert kept[log] == sha256(whole).digest(), log


def test_a_column_that_is_null_leaves_no_trace(database):
    """So that one can be added later and older seals still hold."""
    names, values = (b"a", b"c"), [b"1", b"3"]
    more = canonical(b"t", (b"a", b"b", b"c"))
    assert canonical(b"t", names)(values) == more([b"1", None, b"3"])
    assert canonical(b"t", names)([b"1", b""]) != canonical(b"t", names)([b"1", None])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("t", "ab", ["x", "y"]), ("t", "ab", ["xy", ""])),
        (("t", "ab", ["x", None]), ("t", "ab", [None, "x"])),
        (("t", "abc", ["", None, "x"]), ("t", "abc", [None, "", "x"])),
        (("t", "ab", ["x", "y"]), ("u", "ab", ["x", "y"])),
        (("t", "ab", ["x", "y"]), ("t", "ac", ["x", "y"])),
    ],
)
def test_no_two_rows_have_the_same_bytes(one, other):
    def written(table, names, values):
        encoded = [value if value is None else value.encode() for value in values]
        return canonical(table.encode(), [name.encode() for name in names])(encoded)

    assert written(*one) != written(*other)


# Sealing.


def test_an_untouched_chain_holds(database, three):
    proof = verify(database, three)
    assert proof.broken is None
    assert (proof.seals, proof.rows, proof.unsealed, proof.anchored) == (3, 18, 0, 3)


def test_nothing_to_seal_makes_no_link(database, three):
    assert seal(database, AT + timedelta(days=1)) == []
    assert verify(database, three).seals == 3


def test_a_young_row_waits_and_a_row_that_comes_late_with_an_older_moment_is_not_skipped(database):
    write(database, AccessRow, access(), access(at=AT + timedelta(seconds=61)))
    assert [link.rows for link in seal(database, AT, until=AT + timedelta(seconds=60))] == [1]
    assert verify(database, {}).unsealed == 1
    write(database, TrailRow, trail(at=AT - timedelta(days=400)))
    assert [link.rows for link in seal(database, AT + timedelta(hours=1))] == [2]
    assert verify(database, {}).unsealed == 0


def test_many_rows_become_several_links(database, monkeypatch):
    monkeypatch.setattr(sealing, "MOST", 4)
    write(database, AccessRow, *(access() for _ in range(9)))
    write(database, TrailRow, *(trail() for _ in range(2)))
    made = seal(database, AT)
    assert [(link.number, link.rows) for link in made] == [(1, 6), (2, 4), (3, 1)]
    assert verify(database, {}).broken is None


def test_a_look_at_the_record_is_sealed_as_it_was_written(town):
    """The rows that the product itself writes: lists, refusals, JSON, blobs and all."""
    town.browser("laerer").get(f"/barn/{town.child}")
    town.api("laerer").get("/children")
    town.api("nyansatt").get(f"/children/{town.child}")
    seal(town.database, town.now)
    proof = verify(town.database, {})
    assert proof.broken is None
    assert proof.unsealed == 0
    assert proof.rows == town.count(AccessRow) + town.count(TrailRow) > 8


def test_fifty_write_and_four_seal_at_once_and_nothing_is_skipped_or_sealed_twice(database):
    done = Event()
    made = []

    def write_some(_):
        for _ in range(4):
            write(database, AccessRow, access(), access())
            write(database, TrailRow, trail())

    def seal_on():
        while not done.is_set():
            made.extend(seal(database, AT))

    sealers = [Thread(target=seal_on) for _ in range(4)]
    for one in sealers:
        one.start()
    with ThreadPoolExecutor(50) as writers:
        list(writers.map(write_some, range(50)))
    done.set()
    for one in sealers:
        one.join()
    made.extend(seal(database, AT))
    assert sorted(link.number for link in made) == list(range(1, len(made) + 1))
    assert sum(link.rows for link in made) == 600
    proof = verify(database, {link.number: link.head.hex() for link in made})
    assert (proof.broken, proof.rows, proof.unsealed) == (None, 600, 0)


def test_settling_waits_for_who_is_writing_but_not_for_ever(database):
    begun, may_end = Event(), Event()

    def hold():
        with database.writing() as session:
            session.execute(insert(AccessRow), [access()])
            begun.set()
            may_end.wait(20)

    holder = Thread(target=hold)
    holder.start()
    begun.wait(20)
    if database.engine.dialect.name == "postgresql":  # SQLite's one writer has others wait itself
        settle(database, seconds=0.2)
        assert seal(database, AT) == []
    waiting = Thread(target=settle, args=(database,))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    may_end.set()
    waiting.join(20)
    assert not waiting.is_alive()
    holder.join()
    assert [link.rows for link in seal(database, AT)] == [1]


# Tampering: every one of these is found.


def flipped(value):  # noqa: PLR0911 one per kind
    """The value with one bit turned, as the database stores it."""
    match value:
        case UUID():
            return UUID(int=value.int ^ 1)
        case datetime():
            return value + timedelta(microseconds=1)
        case bytes():
            return bytes([value[0] ^ 1]) + value[1:]
        case int():
            return value ^ 1
        case dict():
            return {**value, "number": 0}
        case None:
            return 1
        case str():
            return chr(ord(value[0]) ^ 1) + value[1:]
    raise AssertionError(value)


@pytest.mark.parametrize("table", [AccessRow, TrailRow])
def test_one_bit_of_any_column_of_a_row(database, three, tamper, table):
    log = table.__tablename__
    for number, column in product(three, table.__table__.c):
        row_id = sealed(database, number, log)[1]
        with database.reading() as session:
            value = session.scalar(select(column).where(table.id == row_id))
        for changed in [None, flipped(value)] if column.nullable else [flipped(value)]:
            now_id = changed if column.name == "id" else row_id
            tamper(update(table).where(table.id == row_id).values({column.name: changed}))
            what = "slettet" if column.name == "id" else "endret"
            assert verify(database, three).broken == f"Raden {row_id} i {log} er {what}.", column
            tamper(update(table).where(table.id == now_id).values({column.name: value}))
        assert verify(database, three).broken is None


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize(("number", "place"), [(1, 0), (2, 1), (3, 2)])
def test_a_row_deleted(database, three, tamper, log, number, place):
    row_id = sealed(database, number, log)[place]
    row = delete(LOGS[log]).where(LOGS[log].c.id == row_id)
    tamper(row)
    assert verify(database, three).broken == f"Raden {row_id} i {log} er slettet."
    tamper(delete(SealRow).where(SealRow.row_id == row_id))
    broken = f"Forsegling {number} har ikke de radene den hadde."
    assert verify(database, three).broken == broken


@pytest.mark.parametrize("log", LOGS)
def test_two_rows_swapped(database, three, tamper, log):
    table = LOGS[log]
    one, other = sealed(database, 1, log)[0], sealed(database, 2, log)[0]
    spare = uuid4()
    tamper(
        *(
            update(table).where(table.c.id == old).values(id=new)
            for old, new in ((one, spare), (other, one), (spare, other))
        )
    )
    assert verify(database, three).broken == f"Raden {one} i {log} er endret."


def test_two_seals_of_rows_swapped(database, three, tamper):
    one, other = sealed(database, 1, "trail")[:2]
    with database.reading() as session:
        hashes = dict(session.execute(select(SealRow.row_id, SealRow.sha256)).all())
    tamper(
        update(SealRow).where(SealRow.row_id == one).values(sha256=hashes[other]),
        update(SealRow).where(SealRow.row_id == other).values(sha256=hashes[one]),
    )
    assert verify(database, three).broken == f"Raden {one} i trail er endret."


def test_one_bit_of_any_column_of_a_seal(database, three, tamper):
    for number, column in product(three, Seal.__table__.c):
        with database.reading() as session:
            value = session.scalar(select(column).where(Seal.number == number))
        changed = 9 if column.name == "number" else flipped(value)
        now_number = changed if column.name == "number" else number
        tamper(update(Seal).where(Seal.number == number).values({column.name: changed}))
        assert verify(database, three).broken is not None, (number, column)
        tamper(update(Seal).where(Seal.number == now_number).values({column.name: value}))
        assert verify(database, three).broken is None


def test_one_bit_of_any_column_of_what_ties_a_row_to_its_seal(database, three, tamper):
    row_id = sealed(database, 2, "trail")[0]
    for column in SealRow.__table__.c:
        this = SealRow.row_id == row_id
        with database.reading() as session:
            value = session.scalar(select(column).where(this))
        tamper(update(SealRow).where(this).values({column.name: flipped(value)}))
        assert verify(database, three).broken is not None, column
        back = SealRow.row_id == (flipped(value) if column.name == "row_id" else row_id)
        tamper(update(SealRow).where(back).values({column.name: value}))
        assert verify(database, three).broken is None


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_seal_deleted_with_its_rows(database, three, tamper, number):
    """The last one leaves a whole chain behind: only the anchor knows of it."""
    these = select(Seal.id).where(Seal.number == number)
    gone = [row for log in LOGS for row in sealed(database, number, log)]
    tamper(
        delete(AccessRow).where(AccessRow.id.in_(gone)),
        delete(TrailRow).where(TrailRow.id.in_(gone)),
        delete(SealRow).where(SealRow.seal_id.in_(these)),
        delete(Seal).where(Seal.number == number),
    )
    assert f"Forsegling {number}" in verify(database, three).broken
    assert (verify(database, {}).broken is None) == (number == 3)


@pytest.mark.parametrize("to", [1, 2, 3])
def test_everything_rewritten_with_new_hashes_is_found_by_the_anchor(database, three, tamper, to):
    row_id = sealed(database, to, "access_log")[0]
    with database.reading() as session:
        when = session.execute(select(Seal.number, Seal.sealed_at).order_by(Seal.number)).all()
        at = session.scalar(select(AccessRow.at).where(AccessRow.id == row_id))
    tamper(
        update(AccessRow).where(AccessRow.id == row_id).values(actor_id=uuid4()),
        delete(SealRow),
        delete(Seal),
    )
    for _, sealed_at in when:
        seal(database, sealed_at, until=sealed_at)
    assert at < when[to - 1].sealed_at
    assert verify(database, {}).broken is None  # a bare chain cannot see it
    assert "ankret" in verify(database, three).broken


def test_one_link_rewritten_with_new_hashes_is_found_by_the_next(database, three, tamper):
    """Its own head is right again; what follows it still knows the old one."""
    with database.reading() as session:
        rows = session.execute(select(Seal.__table__)).mappings().all()
    link = {name: value for name, value in rows[1].items() if name != "head"}
    link["access_rows"] = 4
    names = sorted(link)
    values = [sealing._stored(link[name]) for name in names]  # noqa: SLF001 what an attacker reads
    head = sha256(canonical(b"seal", [name.encode() for name in names])(values)).digest()
    tamper(update(Seal).where(Seal.number == 2).values(access_rows=4, head=head))
    assert verify(database, {}).broken == "Forsegling 3 er endret."
    assert verify(database, three).broken.startswith("Forsegling 2 er en annen")


def test_a_number_where_something_else_stood(database, three, tamper):
    """SQLite keeps what is given: a number is found like any other change."""
    if database.engine.dialect.name != "sqlite":
        return
    row_id = sealed(database, 1, "access_log")[0]
    for table, key in (("access_log", "id"), ("seal_row", "row_id")):
        for column in ("sha256",) if key == "row_id" else ("at", "shown", "basis", "child_id"):
            this = f"FROM {table} WHERE {key} = '{row_id.hex}'"
            with database.reading() as session:
                was = session.execute(text(f"SELECT quote({column}) {this}")).scalar_one()
            for value in ("7", was):
                tamper(text(f"UPDATE {table} SET {column} = {value} WHERE {key} = '{row_id.hex}'"))
                broken = verify(database, three).broken
                assert (broken is None) is (value is was), (column, broken)


def test_a_row_that_is_no_longer_text(database, three, tamper):
    if database.engine.dialect.name == "postgresql":
        return  # refuses such bytes itself
    row_id = sealed(database, 2, "trail")[0]
    tamper(
        text("UPDATE trail SET changes = CAST(x'ff' AS TEXT) WHERE id = :id").bindparams(
            id=row_id.hex
        ),
        text("UPDATE seal SET expired_to = 'x' WHERE number = 3"),
    )
    assert verify(database, three).broken == f"Raden {row_id} i trail er endret."


# Retention.


YEARS = 10


@pytest.fixture
def aged(database):
    """Two old seals and a young one, as seen from the clock of the machine; links by number."""
    now = datetime.now(UTC)
    anchored = {}
    for years in (11, 10, 1):
        at = now - timedelta(days=366 * years)
        rows = [access(at=at) for _ in range(3)]
        write(database, AccessRow, *rows)
        write(database, TrailRow, trail(at=at))
        shown = {"actor_id": uuid4(), "child_id": uuid4(), "shown_on": at.date()}
        write(database, AccessShown, {**shown, "row_id": rows[0]["id"]})
        (link,) = seal(database, at)
        anchored[link.number] = link.head.hex()
    return now, anchored


def left(database):
    tables = (AccessRow, AccessShown, TrailRow, SealRow)
    with database.reading() as session:
        return [len(session.execute(select(*table.__table__.c)).all()) for table in tables]


def test_rows_past_their_time_go_and_the_chain_still_holds(database, aged):
    now, anchored = aged
    link = expire(database, now, YEARS)
    assert link.number == 4
    assert left(database) == [3, 1, 1, 4]
    proof = verify(database, anchored | {4: link.head.hex()})
    assert (proof.broken, proof.expired_to, proof.rows, proof.unsealed) == (None, 2, 4, 0)
    assert expire(database, now, YEARS) is None
    write(database, AccessRow, access(at=now))
    seal(database, now)
    assert verify(database, anchored).broken is None


def test_nothing_goes_before_its_time(database, aged):
    now, _ = aged
    assert expire(database, now, 12) is None
    assert left(database) == [9, 3, 3, 12]


@pytest.mark.parametrize("table", ["access_log", "access_shown", "trail", "seal_row", "seal"])
def test_the_triggers_let_nothing_else_go(database, aged, table):
    now, _ = aged
    expire(database, now, YEARS)
    before = left(database)
    for verb in ("DELETE FROM", "TRUNCATE"):
        if (verb, database.engine.dialect.name) == ("TRUNCATE", "sqlite"):
            continue
        with pytest.raises(DBAPIError, match="append only"), database.writing() as session:
            session.execute(text(f"{verb} {table}" + " CASCADE" * (verb == "TRUNCATE")))
    assert left(database) == before


def test_the_triggers_let_nothing_young_go_whatever_the_checkpoint_says(database, aged):
    """Also the profile cannot be wrong: two years are the least."""
    now, _ = aged
    with pytest.raises(DBAPIError, match="append only"):
        expire(database, now + timedelta(days=5000), YEARS)
    assert left(database) == [9, 3, 3, 12]


def test_a_checkpoint_that_takes_young_rows_is_found(database, aged, tamper):
    now, anchored = aged
    tables = ("access_log", "access_shown", "trail", "seal_row")
    if database.engine.dialect.name == "postgresql":
        tamper(*(text(f"ALTER TABLE {table} DISABLE TRIGGER USER") for table in tables))
    else:
        tamper()
    link = expire(database, now, 0)
    assert left(database) == [0, 0, 0, 0]
    broken = verify(database, anchored | {link.number: link.head.hex()}).broken
    assert broken == "Forsegling 4 lot for nye rader slettes."


def test_old_rows_taken_without_a_checkpoint_are_missed(database, aged, tamper):
    _, anchored = aged
    row_id = sealed(database, 1, "trail")[0]
    tamper(delete(TrailRow).where(TrailRow.id == row_id))
    assert verify(database, anchored).broken == f"Raden {row_id} i trail er slettet."


def test_links_carry_what_is_anchored(database, three):
    with database.reading() as session:
        (last,) = sealing.links(session, 2)
    assert (last.number, last.head.hex(), last.rows) == (3, three[3], 6)
    assert replace(last, rows=0) != last


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_function_that_took_the_name_of_the_databases_own_is_not_asked(database, three):
    """Who may make functions could let a changed row have the hash that it had."""
    here = database.engine.url.database
    liar = "CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'"
    engine = create_engine(database.engine.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as owner:
        try:
            owner.execute(text(liar))
            owner.execute(text(f"ALTER DATABASE {here} SET search_path = public, pg_catalog"))
            database.close()
            with database.reading() as session:
                asked = session.scalar(text("SELECT sha256('x'::bytea)"))
            assert asked == b"x"
            assert verify(database, three).broken is None
        finally:
            owner.execute(text(f"ALTER DATABASE {here} RESET search_path"))
            owner.execute(text("DROP FUNCTION public.sha256(bytea)"))
            database.close()
    engine.dispose()
