"""The declarative base, and the only two ways to open a transaction on either database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from threading import Lock
from typing import Any, ClassVar
from uuid import UUID

import orjson
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Dialect,
    Executable,
    MetaData,
    Row,
    String,
    Uuid,
    bindparam,
    create_engine,
    event,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator

from stafett import words
from stafett.dates import OSLO, oslo_date

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "cache_size": -500,  # kB for each connection; the system keeps the same pages for all of them
    "recursive_triggers": 1,  # else REPLACE deletes rows of append-only tables past their triggers
}
POSTGRESQL = {
    "jit": "off",  # it takes longer to compile a statement than to run it
    "plan_cache_mode": "force_generic_plan",  # and to plan it anew for each page nearly as long
}


SNAPSHOT = {
    "default_transaction_read_only": "on",
    "default_transaction_isolation": "'repeatable read'",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: refused when naive, and always UTC when it comes out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment; SQLite keeps no zone, so store UTC everywhere."""
        if value is not None and value.tzinfo is None:
            msg = "a moment needs a time zone"
            raise ValueError(msg)
        return value and value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Give the zone back that SQLite dropped, in one step: a page shows hundreds of moments."""
        if dialect.name == "sqlite":
            return _moment
        return super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC, which the driver for PostgreSQL gives where the server is in it."""
        return value if value is None or value.tzinfo is UTC else value.astimezone(UTC)


@lru_cache(maxsize=4_096)  # a page asks for the same moments again
def _moment(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(f"{stored}+00:00") if stored else None


class Id(Uuid[UUID]):
    """An id: on SQLite its digits, of which those that were read lately are known again.

    A page of 200 rows has six hundred, and to make each anew takes eight times as long.
    """

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Give the one object that was made of the same digits, if there is one."""
        made: Any = super().result_processor
        return _known if dialect.name == "sqlite" else made(dialect, coltype)


@lru_cache(maxsize=4_096)
def _known(digits: str | None) -> UUID | None:
    return UUID(digits) if digits else None


class OsloDay(GenericFunction[date]):
    """The local date in Oslo of a stored moment, for a statement that compares it with dates.

    The database's own `date()` is that of UTC, or of its own zone: another day for an hour or two.
    """

    type = Date()
    name = "oslo_day"
    inherit_cache = True


@compiles(OsloDay, "postgresql")  # SQLite is given the function with each connection
def _oslo_day(day: OsloDay, compiler: Any, **how: Any) -> str:
    moment = compiler.process(day.clauses, **how)
    return f"CAST(timezone('{OSLO.key}', {moment}) AS DATE)"


class Base(DeclarativeBase):
    """Base of every table. Names are fixed here so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        UUID: Id(),
        dict[str, Any]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
    }


def as_json(value: Any) -> str:
    """Return a value as the JSON that a column keeps."""
    return orjson.dumps(value).decode()


class _Compiled(dict[Any, Any]):
    """Statements as they were compiled, found by what is in them, or at once by being the same.

    To hash all that a statement consists of, as SQLAlchemy's own cache does each time, takes up to
    0.3 ms: longer than most of them run. One that is built at import is the same each time.
    """

    most = 4_000

    def get(self, key: Any, default: Any = None) -> Any:
        """Return what the statement with a key was compiled to, if it was."""
        dialect, statement, *more = key
        same, compiled = super().get((dialect, id(statement), *more), (None, None))
        return compiled if same is statement else super().get(key, default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        """Keep what a statement was compiled to, and itself, so that no other has its id."""
        if len(self) >= self.most:
            self.clear()
        dialect, statement, *more = key
        super().__setitem__(key, compiled)
        super().__setitem__((dialect, id(statement), *more), (statement, compiled))


class Database:
    """Opens transactions. Nothing outside this class commits.

    `engine` is the one that writes, `engines` are all that statements are sent by.
    """

    def __init__(self, url: str, *, threads: int = 8, lock: bool = True) -> None:
        """Prepare pools of one connection per thread; connect at first use.

        Some connections only read and others write: on SQLite one that changed from the one to
        the other would compile anew all that it has ever asked.
        """
        made = partial(
            create_engine,
            url,
            pool_size=threads,
            max_overflow=0,
            pool_use_lifo=True,  # the one that has just been used still has all at hand
            execution_options={"compiled_cache": _Compiled()},
            json_serializer=as_json,
            json_deserializer=orjson.loads,
        )
        self.engine, readers = made(), made()
        self.engines = [self.engine, readers]
        self._turn: AbstractContextManager[Any] = nullcontext()
        if self.engine.dialect.name == "sqlite":
            for engine, begin, more in (
                (self.engine, "BEGIN IMMEDIATE", {}),
                (readers, "BEGIN", {"query_only": 1}),
            ):
                event.listen(engine, "connect", partial(_prepare_sqlite, more))
                event.listen(engine, "begin", partial(_begin_sqlite, begin))
            if lock:
                self._turn = Lock()
        else:
            event.listen(self.engine, "connect", partial(_prepare_postgresql, {}))
            event.listen(readers, "connect", partial(_prepare_postgresql, SNAPSHOT))
        self._reads = sessionmaker(readers, info={"writes": False}, expire_on_commit=False)
        self._writes = sessionmaker(self.engine, info={"writes": True}, expire_on_commit=False)

    def close(self) -> None:
        """Let go of every connection; the next use connects anew."""
        for engine in self.engines:
            engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: commits when the block ends, rolls back when it raises.

        On SQLite it is the only writer from its first statement on, so keep it short: never
        wait for a client, a hash or a network inside.
        """
        with self._turn, self._writes.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One snapshot that the database itself refuses to write in.

        It ends with COMMIT: after ROLLBACK psycopg forgets every statement that it has prepared,
        and PostgreSQL would plan each of them anew on the next page.
        """
        with self._reads.begin() as session:
            yield session


def fetch(
    session: Session, statement: Executable, given: Mapping[str, Any] | None = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the rows of a statement that asks for columns: the way to read them past the ORM.

    `Session.execute` looks in each row for objects to keep, which costs as much again as the
    statement itself. Here as there, what the session has changed is sent first, unless it is not to
    be yet; and the rows come all at once, so that none is waited for while the next statement runs.
    """
    if session.autoflush:
        session.flush()
    return session.connection().execute(statement, given).fetchall()


def constant(word: str) -> ColumnElement[str]:
    """Return a word of the program's own, to stand in a statement as it is and not be bound.

    An index of some rows alone is found only by such a word: PostgreSQL plans for any value, and
    SQLite compiles the statement anew for each.
    """
    return literal_column(f"'{word}'", String)


def constants(words: Iterable[str]) -> list[ColumnElement[str]]:
    """Return `constant` of each word, in order, so that all processes ask by the same statement."""
    return [constant(word) for word in sorted(words)]


_LOCK = select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger)))


def one_at_a_time(session: Session, *ids: UUID) -> None:
    """Let only one writing transaction work on a child; SQLite has only one writer anyway.

    Several are taken at once, in the order of their ids, so that no two wait for each other.
    """
    if session.info["writes"] and session.get_bind().dialect.name == "postgresql":
        for one in sorted(set(ids)):
            fetch(session, _LOCK, {"key": one.int % 2**63})


def _prepare_sqlite(more: dict[str, Any], connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing itself; `_begin_sqlite` does
    connection.create_function(OsloDay.name, 1, _oslo_day_in_sqlite, deterministic=True)
    connection.create_function(words.BY_CHILD, 2, words.of_child, deterministic=True)
    for name, value in {**PRAGMAS, **more}.items():
        connection.execute(f"PRAGMA {name}={value}")
        if (found := connection.execute(f"PRAGMA {name}").fetchone()[0]) != value:
            msg = f"SQLite did not take {name}={value} but has {found}"
            raise RuntimeError(msg)


def _oslo_day_in_sqlite(stored: str | None) -> str | None:
    if stored is None:
        return None
    return oslo_date(datetime.fromisoformat(stored).replace(tzinfo=UTC)).isoformat()


def _prepare_postgresql(more: dict[str, str], connection: Any, _record: Any) -> None:
    for name, value in {**POSTGRESQL, **more}.items():
        connection.execute(f"SET {name} = {value}")
    connection.commit()


def _begin_sqlite(begin: str, connection: Connection) -> None:
    cursor = connection.connection.cursor()  # the driver's own: it needs no statement cache
    cursor.execute(begin)
    cursor.close()
