"""Everything that reads emergencies and the duty list."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from stafett.access.models import AccessRow
from stafett.access.policy import Actor, Relation
from stafett.access.ties import NOW, TODAY, at, blocked_from, visible_to
from stafett.children.models import Child, Guardian
from stafett.children.queries import ChildSummary, find, with_number
from stafett.children.rules import Protection
from stafett.db import fetch, one_at_a_time
from stafett.emergency.models import Duty, Emergency
from stafett.emergency.rules import Earlier
from stafett.insight.rules import LOOKED
from stafett.people.models import Service, User

MOST_LISTED = 50
WORDS = {str(action): what for action, what in LOOKED.items()}


class Open(NamedTuple):
    """What somebody has open now, for the banner of his pages."""

    id: UUID
    child_id: UUID
    child: str
    until_at: datetime


class Standing(NamedTuple):
    """What somebody has open now, and whether he is on the duty list today."""

    opened: Open | None
    on_duty: bool


class EmergencyRow(NamedTuple):
    """An emergency as its reviewers see it; no name of a child that they may not know of."""

    id: UUID
    who: str
    title: str
    service: str | None
    child_id: UUID
    child: str | None
    category: str
    reason: str
    opened_at: datetime
    until_at: datetime
    closed_at: datetime | None
    reviewed_at: datetime | None
    outcome: str | None
    words: str | None
    reviewer: str | None

    @property
    def ended_at(self) -> datetime:
        """The moment from which it gives nothing."""
        return self.closed_at or self.until_at


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that was opened; `at` is a UTC moment."""

    at: datetime
    what: str


class DutyRow(NamedTuple):
    """Somebody on the duty list."""

    id: UUID
    name: str
    service: str | None
    from_on: date
    until_on: date


def child_to_open(
    session: Session, actor: Actor, today: date, child_id: UUID | None, national_id: str | None
) -> ChildSummary | None:
    """Return the child somebody means, by id or number, if it may be opened in an emergency.

    Strengt fortrolig and a block are answered like a child that does not exist. The child is locked
    first, so that nobody protects it before it is known that it is open.
    """
    named = [] if child_id is None else [child_id]
    numbered = [] if national_id is None else [one.id for one in with_number(session, national_id)]
    for meant in (*named, *numbered):
        one_at_a_time(session, meant)
        child = find(session, meant)
        if child is not None and child.address_protection != Protection.STRICT:
            blocked = session.scalars(blocked_from(actor, today))
            return None if child.id in set(blocked) else child
    return None


def is_own_family(session: Session, child_id: UUID, user_id: UUID) -> bool:
    """Say whether somebody is, or has been, a guardian of the child, or is the child."""
    guardian = exists().where(Guardian.child_id == child_id, Guardian.user_id == user_id)
    itself = exists().where(Child.id == child_id, Child.user_id == user_id)
    return bool(session.scalar(select(or_(guardian, itself))))


def _is_on_duty(
    user_id: UUID | InstrumentedAttribute[UUID], today: date | ColumnElement[date]
) -> ColumnElement[bool]:
    return exists().where(
        Duty.user_id == user_id,
        Duty.ended_at.is_(None),
        Duty.from_on <= today,
        Duty.until_on >= today,
    )


_OPENED = and_(
    Emergency.user_id == User.id, Emergency.closed_at.is_(None), Emergency.until_at > NOW
)
STANDS = or_(_is_on_duty(User.id, TODAY), exists().where(_OPENED))
"""Whether `standing` has anything to say of a `User`; asked when he shows who he is."""
_STANDING = (  # built once: making a statement costs as much as running it
    select(_is_on_duty(User.id, TODAY), Emergency.id, Emergency.child_id, Child.name)
    .add_columns(Emergency.until_at)
    .select_from(User)
    .join(Emergency, _OPENED, isouter=True)
    .join(Child, Child.id == Emergency.child_id, isouter=True)
    .where(User.id == bindparam("user_id"))
)


def on_duty(session: Session, user_id: UUID, today: date) -> bool:
    """Say whether somebody is on the duty list on a local date."""
    return bool(session.scalar(select(_is_on_duty(user_id, today))))


def duties(session: Session, today: date) -> list[DutyRow]:
    """Return who is or will be on the duty list, by name."""
    wanted = (
        select(Duty.id, User.name, Service.name, Duty.from_on, Duty.until_on)
        .join(User, User.id == Duty.user_id)
        .join(Service, Service.id == User.service_id, isouter=True)
        .where(Duty.ended_at.is_(None), Duty.until_on >= today)
        .order_by(User.name, Duty.from_on)
    )
    return [DutyRow._make(row) for row in session.execute(wanted)]


def duty(session: Session, duty_id: UUID) -> Duty | None:
    """Return one row of the duty list."""
    return session.get(Duty, duty_id)


def earlier(session: Session, user_id: UUID) -> list[Earlier]:
    """Return what somebody has opened, for the rules."""
    wanted = select(Emergency).where(Emergency.user_id == user_id)
    return [
        Earlier(one.opened_at, one.closed_at or one.until_at, one.reviewed_at is not None)
        for one in session.scalars(wanted)
    ]


def open_now(session: Session, user_id: UUID, now: datetime) -> Open | None:
    """Return what somebody has open, if anything: one record at a time."""
    wanted = (
        select(Emergency.id, Emergency.child_id, Child.name, Emergency.until_at)
        .join(Child, Child.id == Emergency.child_id)
        .where(
            Emergency.user_id == user_id, Emergency.closed_at.is_(None), Emergency.until_at > now
        )
    )
    row = session.execute(wanted).one_or_none()
    return None if row is None else Open._make(row)


def standing(session: Session, user_id: UUID, now: datetime) -> Standing:
    """Return what the top of each of somebody's pages asks, in one statement."""
    given = {"user_id": user_id, **at(now)}
    ((duty, *opened),) = fetch(session, _STANDING, given)
    return Standing(Open._make(opened) if opened[0] else None, duty)


def open_of(session: Session, child_id: UUID, now: datetime) -> list[Emergency]:
    """Return whatever is open of one child."""
    wanted = select(Emergency).where(
        Emergency.child_id == child_id, Emergency.closed_at.is_(None), Emergency.until_at > now
    )
    return list(session.scalars(wanted))


def own(session: Session, user_id: UUID, emergency_id: UUID) -> Emergency | None:
    """Return one that somebody has opened himself."""
    found = session.get(Emergency, emergency_id)
    return found if found is not None and found.user_id == user_id else None


def of_another(session: Session, user_id: UUID, emergency_id: UUID) -> Emergency | None:
    """Return one that somebody else has opened: nobody reviews himself."""
    found = session.get(Emergency, emergency_id)
    return found if found is not None and found.user_id != user_id else None


def listed(
    session: Session, actor: Actor, now: datetime
) -> tuple[list[EmergencyRow], list[EmergencyRow]]:
    """Return what waits for the actor's review, oldest first, and the last that were reviewed."""
    rows = _rows(actor, now)
    waiting = rows.where(Emergency.reviewed_at.is_(None)).order_by(Emergency.opened_at)
    done = rows.where(Emergency.reviewed_at.is_not(None))
    done = done.order_by(Emergency.reviewed_at.desc()).limit(MOST_LISTED)
    return (
        [EmergencyRow._make(row) for row in session.execute(waiting)],
        [EmergencyRow._make(row) for row in session.execute(done)],
    )


def shown(session: Session, actor: Actor, now: datetime, emergency_id: UUID) -> EmergencyRow:
    """Return one as its page shows it."""
    wanted = _rows(actor, now).where(Emergency.id == emergency_id)
    return EmergencyRow._make(session.execute(wanted).one())


def seen(session: Session, emergency: Emergency) -> list[Seen]:
    """Return what was opened of the child by it, in order of time."""
    wanted = (
        select(AccessRow.at, AccessRow.action)
        .where(
            AccessRow.child_id == emergency.child_id,
            AccessRow.actor_id == emergency.user_id,
            AccessRow.at >= emergency.opened_at,
            AccessRow.at <= (emergency.closed_at or emergency.until_at),
            AccessRow.result == "allow",
            AccessRow.basis.contains(Relation.EMERGENCY.value),
        )
        .order_by(AccessRow.at, AccessRow.id)
    )
    return [
        Seen(at, WORDS.get(action, "gjorde noe annet")) for at, action in session.execute(wanted)
    ]


def _rows(actor: Actor, now: datetime) -> Select[*tuple[Any, ...]]:
    reviewer = aliased(User)
    named = select(Child.name).where(Child.id == Emergency.child_id)
    if Relation.AU not in actor.roles:
        named = named.where(Child.id.in_(visible_to(actor, now)))
    return (
        select(Emergency.id, User.name, User.title, Service.name, Emergency.child_id)
        .add_columns(named.scalar_subquery(), Emergency.category, Emergency.reason)
        .add_columns(Emergency.opened_at, Emergency.until_at, Emergency.closed_at)
        .add_columns(Emergency.reviewed_at, Emergency.outcome, Emergency.words, reviewer.name)
        .join(User, User.id == Emergency.user_id)
        .join(Service, Service.id == User.service_id, isouter=True)
        .join(reviewer, reviewer.id == Emergency.reviewed_by, isouter=True)
        .where(Emergency.user_id != actor.user_id)
    )
