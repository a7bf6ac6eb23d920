"""Everything that reads a child's protection, and the only place that tells where it is."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from stafett.access import ties
from stafett.access.models import Tie
from stafett.access.policy import Action, Facts, Relation, decide
from stafett.access.work import Work
from stafett.children.models import Child, Guardian, ProtectionStep
from stafett.children.queries import ChildSummary
from stafett.children.rules import Protection, hides_places, milder
from stafett.people.models import Service, User
from stafett.protection.models import AddressReader
from stafett.tasks.models import Task

SEES_SIBLINGS = (Action.CHILD_ADD_PROTECTION, Action.GUARDIAN_READ)
"""What somebody must be allowed with a child to be asked about it as a sibling."""
WORK = (Relation.SH, Relation.KO, Relation.MW, Relation.MR, Relation.AG, Relation.EX, Relation.KE)
"""The relations of those who work with a child."""


class StepRow(NamedTuple):
    """A change of the grade; `asked_by` is the first of two, if two it took.

    `until_on`: the last local date of the decision; the protection does not end by it.
    """

    protection: str
    reason: str
    set_by: str
    set_at: datetime
    asked_by: str | None
    until_on: date | None


class Sibling(NamedTuple):
    """Another child of a guardian, whom the actor may protect too."""

    id: UUID
    name: str


class ReaderRow(NamedTuple):
    """Somebody who may read where the child is."""

    username: str
    name: str
    until_on: date
    reason: str
    named_by: str


class AskedRow(NamedTuple):
    """A request that nobody has answered."""

    id: UUID
    action: str
    object_id: UUID | None
    words: str
    made_by: UUID
    made_at: datetime
    username: str
    name: str


class Workplace(NamedTuple):
    """Somebody who works with the child, and where."""

    name: str
    title: str
    service: str | None


class Whereabouts(NamedTuple):
    """Where a protected child is: address and school as far as they are stored, and workplaces."""

    address: str | None
    school: str | None
    workplaces: list[Workplace]


def steps(session: Session, child_id: UUID) -> list[StepRow]:
    """Return every change of a child's grade, newest first."""
    asker = aliased(User)
    wanted = (
        select(ProtectionStep.protection, ProtectionStep.reason, User.name)
        .add_columns(ProtectionStep.set_at, asker.name, ProtectionStep.until_on)
        .join(User, User.id == ProtectionStep.set_by)
        .join(asker, asker.id == ProtectionStep.asked_by, isouter=True)
        .where(ProtectionStep.child_id == child_id)
        .order_by(ProtectionStep.set_at.desc(), ProtectionStep.id)
    )
    return [StepRow._make(row) for row in session.execute(wanted)]


def ending(session: Session, last: date) -> list[tuple[ProtectionStep, Tie | None]]:
    """Return the newest step of each protected child whose decision ends by a local date.

    Each with the tie of whoever holds the child's baton.
    """
    later = aliased(ProtectionStep)
    wanted = (
        select(ProtectionStep, Tie)
        .join(Child, Child.id == ProtectionStep.child_id)
        .join(Tie, and_(Tie.child_id == Child.id, ties.HOLDS), isouter=True)
        .where(
            ProtectionStep.until_on <= last,
            Child.address_protection != Protection.NONE,
            Child.joined_to.is_(None),
            ~exists().where(
                later.child_id == ProtectionStep.child_id, later.set_at > ProtectionStep.set_at
            ),
        )
        .order_by(ProtectionStep.until_on, ProtectionStep.id)
    )
    return [(step, holder) for step, holder in session.execute(wanted)]


def siblings(work: Work, child: ChildSummary) -> list[Sibling]:
    """Return the children who share a guardian with a protected child and are protected less.

    Only those whom the actor already may protect, and whose guardians he may read: it tells him
    nothing of a guardian that he could not see on the two children's own pages.
    """
    if not hides_places(child.address_protection):
        return []
    known = [
        one
        for one, held in ties.ties_to_all(work.session, work.actor, work.now).items()
        if all(decide(held, action, Facts(work.today)).allowed for action in SEES_SIBLINGS)
    ]
    own, other = aliased(Guardian), aliased(Guardian)
    wanted = (
        select(Child.id, Child.name)
        .join(other, other.child_id == Child.id)
        .join(own, or_(own.user_id == other.user_id, own.national_id == other.national_id))
        .where(
            own.child_id == child.id,
            own.ended_at.is_(None),
            other.ended_at.is_(None),
            Child.id.in_(known),
            Child.id != child.id,
            Child.joined_to.is_(None),
            Child.address_protection.in_(milder(child.address_protection)),
        )
        .distinct()
        .order_by(Child.name, Child.id)
    )
    return [Sibling._make(row) for row in work.session.execute(wanted)] if known else []


def readers(session: Session, child_id: UUID, today: date) -> list[ReaderRow]:
    """Return who may read where the child is on a local date."""
    namer = aliased(User)
    wanted = (
        select(User.username, User.name, AddressReader.until_on, AddressReader.reason, namer.name)
        .join(User, User.id == AddressReader.user_id)
        .join(namer, namer.id == AddressReader.named_by)
        .where(
            AddressReader.child_id == child_id,
            AddressReader.ended_at.is_(None),
            AddressReader.until_on >= today,
        )
        .order_by(User.name, AddressReader.id)
    )
    return [ReaderRow._make(row) for row in session.execute(wanted)]


def standing(
    session: Session, child_id: UUID, username: str | None = None
) -> Sequence[AddressReader]:
    """Return the rows of a child's readers, or of one of them, that have not been ended."""
    wanted = select(AddressReader).where(
        AddressReader.child_id == child_id, AddressReader.ended_at.is_(None)
    )
    if username is not None:
        wanted = wanted.join(User, User.id == AddressReader.user_id)
        wanted = wanted.where(User.username == username)
    return session.scalars(wanted).all()


def is_reader(session: Session, child_id: UUID, user_id: UUID, today: date) -> bool:
    """Say whether somebody may read where the child is on a local date."""
    wanted = select(AddressReader.id).where(
        AddressReader.child_id == child_id,
        AddressReader.user_id == user_id,
        AddressReader.ended_at.is_(None),
        AddressReader.until_on >= today,
    )
    return session.scalar(wanted.limit(1)) is not None


def asked(
    session: Session, child_id: UUID, actions: Collection[Action], but: UUID
) -> list[AskedRow]:
    """Return what people, `but` one, have asked for and nobody has answered, oldest first."""
    wanted = (
        select(Task.id, Task.action, Task.object_id, Task.words, Task.made_by, Task.made_at)
        .add_columns(User.username, User.name)
        .join(User, User.id == Task.made_by)
        .where(
            Task.child_id == child_id,
            Task.action.in_(actions),
            Task.made_by != but,
            Task.done_at.is_(None),
        )
        .order_by(Task.made_at, Task.id)
    )
    return [AskedRow._make(row) for row in session.execute(wanted)]


def whereabouts(session: Session, child_id: UUID, today: date) -> Whereabouts:
    """Return where the child is. Only for who may: `child.read_graded_address`."""
    place = select(Child.address, Child.school).where(Child.id == child_id)
    working = (
        select(User.name, User.title, Service.name)
        .join(Tie, Tie.user_id == User.id)
        .join(Service, Service.id == User.service_id, isouter=True)
        .where(
            Tie.child_id == child_id,
            Tie.relation.in_(WORK),
            ties.in_force(Tie, today),
        )
        .distinct()
        .order_by(User.name, User.title)
    )
    address, school = session.execute(place).one()
    workplaces = [Workplace._make(row) for row in session.execute(working)]
    return Whereabouts(address, school, workplaces)
