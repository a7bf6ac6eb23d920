"""Everything that reads reviews, and what the signs are found in."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from stafett.access.log import SEEN
from stafett.access.models import AccessRow, Tie
from stafett.access.policy import Actor, Relation
from stafett.access.ties import visible_to
from stafett.children.models import Child as ChildRow
from stafett.children.models import Guardian
from stafett.dates import begins, oslo_date
from stafett.entries.models import Entry
from stafett.insight.rules import LOOKED, basis_in_words
from stafett.people.models import Service, User
from stafett.review import rules
from stafett.review.models import Review
from stafett.review.rules import Child, Kind, Known, Look, Pair, Person, Row, Standing
from stafett.stafettlogg.models import Member, Stafettlogg

Told = Select[Review, str, str, str, str, str, bool, bool]
MOST_CLOSED = 50
WORDS = {str(action): what for action, what in LOOKED.items()}
OF_STAFF = User.roles.not_like("%citizen%")
"""The family may look when it likes."""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review as its pages show it; no name of a child that the reader may not know of.

    `again`: somebody has answered for the same looks before.
    """

    id: UUID
    kind: str
    who: str
    title: str
    service: str | None
    child_id: UUID
    child: str | None
    looked_on: date
    signs: list[str]
    due_on: date
    closed_at: datetime | None
    outcome: str | None
    words: str | None
    closer: str | None
    version: int
    again: bool


class Waits(NamedTuple):
    """A review to close by a local date, and whose looks it is about."""

    id: UUID
    who: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Seen:
    """One look on the review's page."""

    at: datetime
    what: str
    basis: str
    refused: bool


def find(session: Session, actor: Actor, review_id: UUID) -> Review | None:
    """Return a review if the actor may judge it: never one of his own looks."""
    return session.scalars(select(Review).where(Review.id == review_id, _mine(actor))).one_or_none()


def listed(
    session: Session, actor: Actor, now: datetime
) -> tuple[list[ReviewRow], list[ReviewRow]]:
    """Return what waits for the actor, the first due first, and the last that were closed."""
    waiting = _rows(actor, now).where(Review.closed_at.is_(None))
    closed = _rows(actor, now).where(Review.closed_at.is_not(None))
    return (
        _told(session, waiting.order_by(Review.due_on, Review.looked_on, Review.id)),
        _told(session, closed.order_by(Review.closed_at.desc(), Review.id).limit(MOST_CLOSED)),
    )


def waiting(session: Session, actor: Actor) -> list[Waits]:
    """Return the reviews that wait for the actor, of no child by name, the first due first."""
    wanted = (
        select(Review.id, User.name, Review.due_on)
        .join(User, User.id == Review.actor_id)
        .where(Review.closed_at.is_(None), _mine(actor))
        .order_by(Review.due_on, Review.id)
    )
    return [Waits._make(row) for row in session.execute(wanted)]


def show(session: Session, actor: Actor, now: datetime, review: Review) -> ReviewRow:
    """Return one review as its page shows it."""
    (row,) = _told(session, _rows(actor, now).where(Review.id == review.id))
    return row


def answered(session: Session, actor: Actor, now: datetime, review: Review) -> list[ReviewRow]:
    """Return those about the same looks that were closed before, and that the actor may read."""
    this = aliased(Review)
    before = select(this.id).where(this.id == review.id, _answered_before(Review, this)).exists()
    return _told(session, _rows(actor, now).where(before).order_by(Review.closed_at))


def seen(session: Session, review: Review) -> list[Seen]:
    """Return what the person opened of this child that day, in order of time."""
    wanted = (
        select(AccessRow.at, AccessRow.action, AccessRow.basis, AccessRow.result)
        .where(
            AccessRow.child_id == review.child_id,
            AccessRow.actor_id == review.actor_id,
            AccessRow.at >= begins(review.looked_on),
            AccessRow.at < begins(review.looked_on + timedelta(days=1)),
        )
        .order_by(AccessRow.at, AccessRow.id)
    )
    return [
        Seen(at, WORDS.get(action, "gjorde noe annet"), basis_in_words(basis), result == "deny")
        for at, action, basis, result in session.execute(wanted)
    ]


def looks(session: Session, since: datetime) -> list[Row]:
    """Return the rows about children since a moment, but for those of families."""
    wanted = (
        select(AccessRow.at, AccessRow.actor_id, AccessRow.child_id)
        .add_columns(AccessRow.action, AccessRow.result)
        .join(User, User.id == AccessRow.actor_id)
        .join(ChildRow, ChildRow.id == AccessRow.child_id)
        .where(AccessRow.at >= since, OF_STAFF)
    )
    return [Row(*row) for row in session.execute(wanted)]


def looks_of_month(session: Session, since: date, until: date) -> set[Look]:
    """Return every look of staff at a child from a local date to before another."""
    wanted = (
        select(AccessRow.at, AccessRow.actor_id, AccessRow.child_id)
        .join(User, User.id == AccessRow.actor_id)
        .join(ChildRow, ChildRow.id == AccessRow.child_id)
        .where(
            AccessRow.at >= begins(since),
            AccessRow.at < begins(until),
            AccessRow.result.in_(SEEN),
            OF_STAFF,
        )
    )
    return {
        Look(actor, child, oslo_date(at))
        for at, actor, child in session.execute(wanted)
        if child is not None  # the join says so already
    }


def has_sample(session: Session, since: date, until: date) -> bool:
    """Say whether looks of these local days have been drawn already."""
    drawn = select(func.count()).select_from(Review)
    inside = and_(Review.looked_on >= since, Review.looked_on < until)
    return bool(session.scalar(drawn.where(Review.kind == Kind.SAMPLE, inside)))


def put_up(session: Session, since: date) -> dict[tuple[str, Look], list[Review]]:
    """Return the reviews that there are of looks since a local date, by kind and look."""
    found: dict[tuple[str, Look], list[Review]] = defaultdict(list)
    for one in session.scalars(select(Review).where(Review.looked_on >= since)):
        found[one.kind, Look(one.actor_id, one.child_id, one.looked_on)].append(one)
    return found


def asked(session: Session, since: date) -> dict[Pair, frozenset[str]]:
    """Return the signs of looks since a local date that somebody has been asked about."""
    signs: dict[Pair, frozenset[str]] = defaultdict(frozenset)
    wanted = select(Review.actor_id, Review.child_id, Review.signs)
    for actor_id, child_id, found in session.execute(wanted.where(Review.looked_on >= since)):
        signs[actor_id, child_id] |= frozenset(found)
    return signs


def services(session: Session) -> dict[UUID, UUID | None]:
    """Return where everybody works."""
    return {row.id: row.service_id for row in session.execute(select(User.id, User.service_id))}


def known(session: Session, rows: Sequence[Row], now: datetime) -> Known:
    """Return what the signs of these rows are found in: one statement for each kind of fact."""
    children = {row.child_id for row in rows}
    return Known(
        _people(session, {row.actor_id for row in rows}, now),
        _children(session, children),
        _standings(session, children),
    )


def _people(session: Session, actors: Iterable[UUID], now: datetime) -> dict[UUID, Person]:
    users = session.execute(select(User.id, User.name, User.service_id, User.disabled_at)).all()
    by_service: dict[UUID, set[str]] = defaultdict(set)
    for user in users:
        if user.service_id is not None:
            by_service[user.service_id].add(user.name)
    before: dict[UUID, list[tuple[datetime, UUID]]] = defaultdict(list)
    until = now - rules.LOOKS_BACK
    usual = select(AccessRow.actor_id, AccessRow.at, AccessRow.child_id).where(
        AccessRow.at >= until - rules.USUAL_OVER,
        AccessRow.at < until,
        AccessRow.child_id.is_not(None),
        AccessRow.result.in_(SEEN),
    )
    for actor_id, at, child_id in session.execute(usual):
        if child_id is not None:
            before[actor_id].append((at, child_id))
    wanted = set(actors)
    return {
        user.id: Person(
            user.name,
            frozenset(by_service.get(user.service_id, ())) - {user.name},
            user.disabled_at and oslo_date(user.disabled_at),
            rules.usual_day(before[user.id]),
        )
        for user in users
        if user.id in wanted
    }


def _children(session: Session, ids: Iterable[UUID]) -> dict[UUID, Child]:
    wanted = list(ids)
    guardians: dict[UUID, set[str]] = defaultdict(set)
    names = select(Guardian.child_id, Guardian.name).where(Guardian.child_id.in_(wanted))
    for child_id, name in session.execute(names):
        guardians[child_id].add(name)
    last = select(Entry.child_id, func.max(Entry.written_at)).where(Entry.child_id.in_(wanted))
    written = {row[0]: row[1] for row in session.execute(last.group_by(Entry.child_id))}
    # The newest episode counts; one that is open has no moment.
    logs = select(Stafettlogg.child_id, Stafettlogg.closed_at).where(
        Stafettlogg.child_id.in_(wanted)
    )
    closed = {row[0]: row[1] for row in session.execute(logs.order_by(Stafettlogg.opened_at))}
    people = select(ChildRow.id, ChildRow.name).where(ChildRow.id.in_(wanted))
    return {
        child_id: Child(
            name,
            frozenset(guardians[child_id]),
            _day(written.get(child_id)),
            _day(closed.get(child_id)),
        )
        for child_id, name in session.execute(people)
    }


def _standings(session: Session, ids: Iterable[UUID]) -> dict[Pair, Standing]:
    wanted = list(ids)
    first = _by_pair(session, AccessRow, AccessRow.actor_id, func.min(AccessRow.at), wanted)
    baton = and_(Tie.relation == Relation.SH, Tie.for_user_id.is_(None))
    passed = _by_pair(session, Tie, Tie.user_id, func.max(Tie.ended_at), wanted, baton)
    holding = select(Tie.user_id, Tie.child_id).where(
        Tie.child_id.in_(wanted), baton, Tie.ended_at.is_(None)
    )
    for user_id, child_id in session.execute(holding):
        if user_id is not None:
            passed.pop((user_id, child_id), None)  # he has it again
    ended = _by_pair(session, Member, Member.user_id, func.max(Member.ended_at), wanted)
    return {
        pair: Standing(oslo_date(at), _day(passed.get(pair)), _day(ended.get(pair)))
        for pair, at in first.items()
    }


def _by_pair(
    session: Session, table: Any, person: Any, moment: Any, ids: list[UUID], *more: Any
) -> dict[Pair, datetime]:
    """Return a moment for each person and child that have one."""
    wanted = select(person, table.child_id, moment).where(table.child_id.in_(ids), *more)
    rows = session.execute(wanted.group_by(person, table.child_id))
    return {(row[0], row[1]): row[2] for row in rows if row[2] is not None}


def _day(at: datetime | None) -> date | None:
    return at and oslo_date(at)


def _mine(actor: Actor) -> Any:
    """Which reviews an actor may judge: the privacy officer all, a leader those of his own unit."""
    others = Review.actor_id != actor.user_id
    if Relation.AU in actor.roles:
        return others
    return and_(others, Review.service_id.in_(list(actor.leads)))


def _answered_before(one: type[Review], this: type[Review]) -> Any:
    """Whether one about the same looks as `this` was closed while that waits, or before it was."""
    return and_(
        one.actor_id == this.actor_id,
        one.child_id == this.child_id,
        one.looked_on == this.looked_on,
        one.closed_at.is_not(None),
        one.id != this.id,
        or_(this.closed_at.is_(None), one.closed_at < this.closed_at),
    )


def _rows(actor: Actor, now: datetime) -> Told:
    closer = aliased(User)
    name = true() if Relation.AU in actor.roles else Review.child_id.in_(visible_to(actor, now))
    before = aliased(Review)
    again = select(before.id).where(_answered_before(before, Review)).exists()
    return (
        select(Review, User.name, User.title, Service.name, ChildRow.name, closer.name, name)
        .add_columns(again)
        .join(User, User.id == Review.actor_id)
        .join(Service, Service.id == Review.service_id, isouter=True)
        .join(ChildRow, ChildRow.id == Review.child_id, isouter=True)
        .join(closer, closer.id == Review.closed_by, isouter=True)
        .where(_mine(actor))
    )


def _told(session: Session, wanted: Told) -> list[ReviewRow]:
    return [
        ReviewRow(
            id=review.id,
            kind=review.kind,
            who=who,
            title=title,
            service=service,
            child_id=review.child_id,
            child=child if may_know else None,
            looked_on=review.looked_on,
            signs=review.signs,
            due_on=review.due_on,
            closed_at=review.closed_at,
            outcome=review.outcome,
            words=review.words,
            closer=closer,
            version=review.version,
            again=again,
        )
        for review, who, title, service, child, closer, may_know, again in session.execute(wanted)
    ]
