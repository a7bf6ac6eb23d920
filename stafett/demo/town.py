"""Makes a synthetic kommune of any size, straight into the tables: what commands would have left.

For measuring and trying out, never for a kommune in use: a database that has children or services
already is refused, since no row can prove that it is not somebody's. Every number has 80 added to
the month and every surname begins with «Demo-». Nobody gets a password: `stafett token` opens an
account. There are no trail and no access rows, because nobody did these things.

The same size and seed on the same day give the same rows. Ties and covers equal what the
commands would have written at the same moments; a test replays a small kommune to see it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import ceil
from random import Random

from flask import Flask
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from stafett.children.models import Child
from stafett.dates import oslo_date
from stafett.demo.child import Story
from stafett.demo.world import Place, Rows, Worker, World
from stafett.errors import RuleBrokenError
from stafett.people.models import Service
from stafett.people.rules import COORDINATING_UNIT

BATCH = 500  # children in one transaction
CACHE = "PRAGMA cache_size=-262144"  # 256 MB, since new ids fall all over the indexes


@dataclass(frozen=True)
class Size:
    """A kind of service: how many children there are for each, and how many work in one."""

    kind: str
    name: str
    children: int
    workers: int
    specialist: bool = False


SIZES = (
    Size("school", "skole", 170, 8),
    Size("kindergarten", "barnehage", 220, 4),
    Size("health_centre", "helsestasjon", 400, 10),
    Size("ppt", "PPT", 2000, 12),
    Size("bup", "BUP", 4000, 8, specialist=True),
)


def seed(
    app: Flask,
    *,
    children: int,
    seed: int,
    progress: Callable[[int], None] = lambda _: None,
    today: date | None = None,
) -> None:
    """Make a kommune of so many children; `progress` is told how many are stored.

    `today` is the local date that the kommune stands at. It is stored a batch at a time, so what
    is interrupted leaves a part of a kommune, which is then refused like any other.

    Raises:
        RuleBrokenError: the database has children or services.

    """
    database = app.extensions["stafett.database"]
    world = World(
        Random(seed),  # noqa: S311 nothing here is a secret
        Rows(),
        app.extensions["stafett.profile"],
        today or oslo_date(datetime.now(UTC)),
    )
    with database.writing() as session:
        if session.scalar(select(exists(select(Child.id)) | exists(select(Service.id)))):
            raise RuleBrokenError(["database-not-empty"])
        _found(world, children)
        _store(session, world)
    for done in range(0, children, BATCH):
        until = min(done + BATCH, children)
        for number in range(done, until):
            Story(world, number + 1).tell()
        with database.writing() as session:
            _store(session, world)
        progress(until)


def _store(session: Session, world: World) -> None:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(CACHE)
    world.rows.store(connection)


def _found(world: World, children: int) -> None:
    """Make services and staff in proportion to the children."""
    for size in SIZES:
        for number in range(1, ceil(children / size.children) + 1):
            _add_place(world, size, number)
    unit = Size(COORDINATING_UNIT, "koordinerende enhet", children, ceil(children / 150))
    _add_place(world, unit, 1)


def _add_place(world: World, size: Size, number: int) -> None:
    row = world.rows.add(
        Service,
        id=world.new_id(),
        name=f"Demo {size.name} {number}",
        kind=size.kind,
        specialist=size.specialist,
        leader_id=None,
    )
    roles = "external" if size.specialist else "staff"

    def worker(name: str, roles: str) -> Worker:
        username = f"{size.kind.replace('_', '')}{number}.{name}"
        user_id = world.user(username, world.person(), roles, row["id"])
        return Worker(user_id, row["id"], size.specialist)

    leader = worker("leder", "ke_leader staff" if size.kind == COORDINATING_UNIT else roles)
    row["leader_id"] = leader.id
    there = [worker(f"ansatt{one}", roles) for one in range(1, size.workers + 1)]
    world.places[size.kind].append(Place(row["id"], size.kind, leader, there))
