"""Reads the whole access log, and who had access to whom on a day."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from stafett.access.models import AccessRow, AccessShown, Cover, Tie
from stafett.access.policy import Purpose, Relation
from stafett.access.ties import visible_to
from stafett.access.work import Work
from stafett.children.models import Child
from stafett.dates import begins
from stafett.insight.rules import OTHERWISE, basis_in_words, own_in_words
from stafett.oversight.rules import LogRow, RegisterRow, Search, basis_of
from stafett.people.models import Service, User
from stafett.people.queries import has_words

PAGE = 50


def looks(
    session: Session, wish: Search, after: tuple[datetime, UUID] | None
) -> tuple[list[LogRow], list[UUID], bool]:
    """Return a page of the access log, newest first, the children it names, and if there is more.

    A child is found by the rows about it, and by the lists in which somebody first saw it that day.
    """
    wanted = (
        select(AccessRow.id, AccessRow.at, User.name, Service.name, AccessRow.action)
        .add_columns(AccessRow.basis, AccessRow.result)
        .join(User, User.id == AccessRow.actor_id)
        .join(Service, Service.id == AccessRow.service_id, isouter=True)
        .order_by(AccessRow.at.desc(), AccessRow.id.desc())
        .limit(PAGE + 1)
    )
    if wish.person:
        wanted = wanted.where(*has_words(wish.person, User.name, User.username))
    if wish.child:
        meant = select(Child.id).where(*has_words(wish.child, Child.name))
        listed = select(AccessShown.row_id).where(AccessShown.child_id.in_(meant))
        wanted = wanted.where(or_(AccessRow.child_id.in_(meant), AccessRow.id.in_(listed)))
    if wish.from_on:
        wanted = wanted.where(AccessRow.at >= begins(wish.from_on))
    if wish.until_on:
        wanted = wanted.where(AccessRow.at < begins(wish.until_on + timedelta(days=1)))
    if after is not None:
        wanted = wanted.where(tuple_(AccessRow.at, AccessRow.id) < after)
    rows = session.execute(wanted).all()
    names = _children(session, [row[0] for row in rows[:PAGE]])
    found = [
        LogRow(
            row_id,
            at,
            who,
            service,
            own_in_words(action),
            basis_in_words(basis),
            OTHERWISE.get(result, ""),
            sorted(names[row_id].values()),
        )
        for row_id, at, who, service, action, basis, result in rows[:PAGE]
    ]
    shown = list({child for one in names.values() for child in one})
    return found, shown, len(rows) > PAGE


def register(
    work: Work, on: date, person: str, child: str, after: tuple[str, UUID] | None
) -> tuple[list[RegisterRow], bool]:
    """Return a page of who had access to which child on a local date, and whether there is more.

    By the child's name. What ended during the day counts. The privacy officer sees all; others the
    children of whom they may know themselves.
    """
    wanted = (
        select(Tie, Child.name, User.name, Service.name, _covered(on))
        .join(Child, Child.id == Tie.child_id)
        .join(User, User.id == Tie.user_id, isouter=True)
        .join(Service, Service.id == Tie.led_service_id, isouter=True)
        .where(_held(Tie, on), or_(Tie.until_at.is_(None), Tie.until_at > begins(on)))
        .order_by(Child.name, Tie.id)
        .limit(PAGE + 1)
    )
    if Relation.AU not in work.actor.roles:
        wanted = wanted.where(Tie.child_id.in_(visible_to(work.actor, work.now)))
    if person:
        leader = aliased(User)
        led = select(Service.id).join(leader, leader.id == Service.leader_id)
        led = led.where(*has_words(person, leader.name, leader.username))
        named = and_(*has_words(person, User.name, User.username))
        wanted = wanted.where(or_(named, Tie.led_service_id.in_(led)))
    if child:
        wanted = wanted.where(*has_words(child, Child.name))
    if after is not None:
        wanted = wanted.where(tuple_(Child.name, Tie.id) > after)
    rows = work.session.execute(wanted).all()
    return [
        RegisterRow(
            tie.id,
            tie.child_id,
            name,
            who,
            leads,
            basis_of(Relation(tie.relation)),
            tie.writes,
            tie.from_on,
            tie.until_on,
            covered if tie.needs_consent else None,
        )
        for tie, name, who, leads, covered in rows[:PAGE]
    ], len(rows) > PAGE


def _children(session: Session, row_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, str]]:
    """Return the children that rows are about or that their lists showed, by row."""
    ids = list(row_ids)
    found: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    about = select(AccessRow.id, Child.id, Child.name).join(Child, Child.id == AccessRow.child_id)
    listed = select(AccessShown.row_id, Child.id, Child.name).join(
        Child, Child.id == AccessShown.child_id
    )
    for wanted in (about.where(AccessRow.id.in_(ids)), listed.where(AccessShown.row_id.in_(ids))):
        for row_id, child_id, name in session.execute(wanted):
            found[row_id][child_id] = name
    return found


def _covered(on: date) -> ColumnElement[bool]:
    """Say whether a consent that a tie rests on held on a local date."""
    purpose = case((Tie.relation == Relation.AG, Purpose.PLAN), else_=Purpose.STAFETTLOGG)
    return exists().where(
        Cover.child_id == Tie.child_id,
        or_(Tie.service_id.is_(None), Cover.service_id == Tie.service_id),
        Cover.purpose == purpose,
        _held(Cover, on),
    )


def _held(row: type[Tie | Cover], on: date) -> ColumnElement[bool]:
    return and_(
        row.from_on <= on,
        or_(row.until_on.is_(None), row.until_on >= on),
        or_(row.ended_at.is_(None), row.ended_at >= begins(on)),
    )
