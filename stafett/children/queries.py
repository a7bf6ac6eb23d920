"""Everything that reads children and their guardians."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    exists,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from stafett.access import ties
from stafett.access.models import Birth, Tie
from stafett.access.policy import Action, Facts, Held, Relation, decide, reads_past
from stafett.access.work import Work
from stafett.children.models import Child, Guardian, GuardianEvent
from stafett.children.rules import (
    PREGNANT,
    ChildKind,
    Protection,
    called,
    decider,
    family,
    first_name,
    is_of_age,
)
from stafett.db import constant, fetch
from stafett.people.models import User


class Named(Protocol):
    """Whom a page speaks of in running text."""

    @property
    def first_name(self) -> str:
        """What it calls the child; before the birth, who carries it."""

    @property
    def birth_date(self) -> date | None:
        """The day of the birth; None before it."""


class ChildSummary(NamedTuple):
    """What a child's pages say of the child; read as columns, because every page needs it."""

    id: UUID
    name: str
    kind: str
    birth_date: date | None
    due_date: date | None
    address_protection: str
    address: str | None
    school: str | None
    language: str
    interpreter: bool
    provisional: bool
    version: int
    joined_to: UUID | None
    ended_at: datetime | None

    @property
    def birth_year(self) -> int | None:
        """The year of birth, all that many may know of the date; None before birth."""
        return None if self.birth_date is None else self.birth_date.year

    @property
    def first_name(self) -> str:
        """What a page calls the child in running text; before the birth, who carries it."""
        return first_name(self.name, self.birth_date)


class GuardianRow(NamedTuple):
    """A guardian as pages and JSON show it; `blocked` is None for who is not told.

    `goes_on`: the same person stands under another row of the child.
    """

    id: UUID
    username: str | None
    name: str
    relation: str
    parental_responsibility: bool
    lives_with: bool
    phone: str | None
    from_on: date
    until_on: date | None
    verified_on: date | None
    blocked: bool | None
    ended: bool
    version: int
    added_by: UUID
    informed_until: date | None
    mandate: str | None
    goes_on: bool


class GuardianEventRow(NamedTuple):
    """A step in what has been decided about a guardian, and by whom."""

    step: str
    parental_responsibility: bool | None
    evidence: str | None
    words: str | None
    decided_at: datetime
    who: str


class DueRow(NamedTuple):
    """An expected child whose due date has come; a local date."""

    child_id: UUID
    name: str
    due_on: date


SHOWS_PLACES = Child.address_protection == Protection.NONE
"""That nothing is hidden by `rules.hides_places`, for a statement that joins the child."""


def reached_at(
    who: type[User], *only: ColumnElement[bool]
) -> tuple[ColumnElement[str | None], ColumnElement[str | None]]:
    """Return the columns of how one reaches somebody around the child, for such a statement.

    Nothing where the account is closed, where it would tell where a protected child is, or where
    `only` does not hold.
    """
    there = and_(who.disabled_at.is_(None), SHOWS_PLACES, *only)
    return case((there, who.phone)), case((there, who.email))


COLUMNS = tuple(getattr(Child, name) for name in ChildSummary._fields)
_FIND = select(*COLUMNS).where(Child.id == bindparam("child_id"))
OVERDUE = {  # built once: making a statement costs as much as running it
    leads: select(Child.id, Child.name, Child.due_date)
    .where(
        Child.kind == ChildKind.UNBORN,
        Child.due_date <= ties.TODAY,
        Child.ended_at.is_(None),
        Child.id.in_(
            ties.tied_as([Relation.SH, Relation.CA], leads=leads).where(
                or_(Tie.relation == constant(Relation.SH), Tie.source_id == Child.id)
            )
        ),
    )
    .order_by(Child.due_date, Child.id)
    for leads in (False, True)
}
_OTHER = aliased(Guardian)
_GUARDIANS_NOW = (
    select(Guardian)
    .where(Guardian.child_id == bindparam("child_id"), Guardian.ended_at.is_(None))
    .order_by(Guardian.from_on, Guardian.id)
)
_GUARDIANS = (
    select(Guardian.id, User.username, Guardian.name, Guardian.relation)
    .add_columns(Guardian.parental_responsibility, Guardian.lives_with, Guardian.phone)
    .add_columns(Guardian.from_on, Guardian.until_on, Guardian.verified_on)
    .add_columns(Guardian.blocked_at.is_not(None), Guardian.ended_at.is_not(None))
    .add_columns(Guardian.version, Guardian.added_by, Guardian.informed_until)
    .add_columns(Guardian.mandate)
    .add_columns(
        exists().where(
            _OTHER.child_id == Guardian.child_id,
            _OTHER.id != Guardian.id,
            _OTHER.ended_at.is_(None),
            or_(
                _OTHER.user_id == Guardian.user_id,
                _OTHER.national_id == Guardian.national_id,
            ),
        )
    )
    .join(User, User.id == Guardian.user_id, isouter=True)
    .where(Guardian.child_id == bindparam("child_id"))
    .order_by(Guardian.ended_at.is_not(None), Guardian.from_on, Guardian.name, Guardian.id)
)
_STRICT = select(Child.id).where(
    Child.id.in_(bindparam("ids", expanding=True)), Child.address_protection == Protection.STRICT
)


def strictly_protected(session: Session, child_ids: Iterable[UUID]) -> list[UUID]:
    """Return those of some children whose address is strictly protected."""
    rows = fetch(session, _STRICT, {"ids": list(child_ids)})
    return [child_id for (child_id,) in rows]


def find(session: Session, child_id: UUID) -> ChildSummary | None:
    """Return the child, without asking who wants it."""
    rows = fetch(session, _FIND, {"child_id": child_id})
    return ChildSummary._make(rows[0]) if rows else None


def as_current(child: Child) -> Mapping[str, object]:
    """Return what a lost race shows of the child as it stands."""
    return {"name": child.name, "version": child.version}


def is_known(session: Session, national_id: str | None, but: UUID | None = None) -> bool:
    """Say whether a confirmed record, other than `but`, has this number."""
    wanted = select(Child.id).where(Child.national_id == national_id, ~Child.provisional)
    if but is not None:
        wanted = wanted.where(Child.id != but)
    return national_id is not None and session.scalar(wanted) is not None


def first_twin(session: Session, national_id: str) -> Child | None:
    """Return the first that was registered of the provisional records with this number."""
    wanted = select(Child).where(
        Child.national_id == national_id, Child.provisional, Child.joined_to.is_(None)
    )
    return session.scalars(wanted.order_by(Child.registered_at, Child.id).limit(1)).first()


def with_number(session: Session, national_id: str) -> Sequence[ChildSummary]:
    """Return the records with this number; a strictly protected child is in no search."""
    wanted = (
        select(*COLUMNS)
        .where(
            Child.national_id == national_id,
            Child.address_protection != Protection.STRICT,
            Child.joined_to.is_(None),
        )
        .order_by(Child.provisional, Child.registered_at)
    )
    return [ChildSummary._make(row) for row in session.execute(wanted)]


def word_for(work: Work, child: ChildSummary) -> str:
    """Return what stands for a child today where it is not named: «Barnet» or «Ungdommen»."""
    return called(child.birth_date, work.today, work.profile.consent_age)


def role_of(work: Work, child: ChildSummary) -> str:
    """Return what a child is among the people around it today: «barnet selv», «ungdommen selv»."""
    return f"{word_for(work, child).lower()} selv"


def family_of(work: Work, child: Named) -> str:
    """Return who reads at a child's home today: «familien», or one alone."""
    return family(child.first_name, child.birth_date, work.today)


def with_family(work: Work, child: Named) -> str:
    """Return who is spoken to at a child's home today: «Nora og familien», or one alone."""
    home = family_of(work, child)
    return home if home == child.first_name else f"{child.first_name} og {home}"


def decider_of(work: Work, child: Named, on: date | None = None) -> str:
    """Return who says yes for a child, today or on a local date: «familien», or one alone."""
    day = on or work.today
    return decider(child.first_name, child.birth_date, day, work.profile.consent_age)


def open_to(work: Work, children: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of the children whose pages the actor may open."""
    visible = ties.visible_to(work.actor, work.now).where(Tie.child_id.in_(list(children)))
    return frozenset(work.session.scalars(visible))


def guardian(session: Session, guardian_id: UUID) -> Guardian | None:
    """Return a guardian, without asking who wants it."""
    return session.get(Guardian, guardian_id)


def child_of_guardian(session: Session, guardian_id: UUID) -> UUID | None:
    """Return whom a guardian stands for, without a lock.

    Who asks while two records are joined finds no tie to the one that has gone, and so nothing.
    """
    return session.scalar(select(Guardian.child_id).where(Guardian.id == guardian_id))


def not_ended_before(
    ended_at: SQLColumnExpression[datetime | None], since: datetime | None
) -> ColumnElement[bool]:
    """Match what stands, or ended after a UTC moment: the birth, for who came after it."""
    return true() if since is None else or_(ended_at.is_(None), ended_at > since)


def guardians(session: Session, child_id: UUID, since: datetime | None = None) -> list[GuardianRow]:
    """Return all guardians there have been but who ended before `since`, those of today first."""
    wanted = _GUARDIANS
    if since is not None:
        wanted = wanted.where(not_ended_before(Guardian.ended_at, since))
    rows = fetch(session, wanted, {"child_id": child_id})
    return [GuardianRow._make(row) for row in rows]


def guardian_events(
    session: Session, guardian_id: UUID, since: datetime | None = None
) -> list[GuardianEventRow]:
    """Return what has been decided about a guardian, after a UTC moment if any, newest first."""
    wanted = (
        select(GuardianEvent.step, GuardianEvent.parental_responsibility, GuardianEvent.evidence)
        .add_columns(GuardianEvent.words, GuardianEvent.decided_at, User.name)
        .join(User, User.id == GuardianEvent.decided_by)
        .where(GuardianEvent.guardian_id == guardian_id)
        .order_by(GuardianEvent.decided_at.desc(), GuardianEvent.id)
    )
    if since is not None:
        wanted = wanted.where(GuardianEvent.decided_at > since)
    return [GuardianEventRow._make(row) for row in session.execute(wanted)]


def records_of(session: Session, child_id: UUID) -> list[UUID]:
    """Return a record and those that were joined to it: what is logged of them is of this child."""
    return [child_id, *(one.id for one in joined(session, child_id))]


def joined(session: Session, child_id: UUID) -> Sequence[Child]:
    """Return the records that were joined to this one, the one registered first first."""
    wanted = select(Child).where(Child.joined_to == child_id)
    return session.scalars(wanted.order_by(Child.registered_at, Child.id)).all()


def past_logs(session: Session, child_id: UUID) -> list[Child]:
    """Return those that were joined to a record with a log of their own, which stays to be read."""
    return [one for one in joined(session, child_id) if one.past_log]


def past_logs_open_to(work: Work, child_id: UUID) -> list[tuple[ChildSummary, tuple[Held, ...]]]:
    """Return those of `past_logs` that the actor may read, with what he holds there."""
    found = [
        (
            ChildSummary._make(getattr(one, name) for name in ChildSummary._fields),
            ties.ties_of(work.session, work.actor, one.id, work.now),
        )
        for one in past_logs(work.session, child_id)
    ]
    facts = Facts(work.today)
    return [(one, held) for one, held in found if reads_past(held, Action.ENTRY_LIST, facts)]


def all_guardians(session: Session, child_id: UUID) -> Sequence[Guardian]:
    """Return every guardian there has been."""
    wanted = select(Guardian).where(Guardian.child_id == child_id)
    return session.scalars(wanted.order_by(Guardian.from_on, Guardian.id)).all()


def guardians_now(session: Session, child_id: UUID) -> Sequence[Guardian]:
    """Return the guardians that have not been ended."""
    return session.scalars(_GUARDIANS_NOW, {"child_id": child_id}).all()


def deciding_now(session: Session, child_id: UUID, today: date) -> Sequence[Guardian]:
    """Return who may say yes for the child on a local date, also in the parents' place.

    Nobody may for one who is of age.
    """
    wanted = (
        select(Guardian, Child.birth_date)
        .join(Child, Child.id == Guardian.child_id)
        .where(
            Guardian.child_id == child_id,
            or_(Guardian.parental_responsibility, Guardian.mandate.is_not(None)),
            Guardian.ended_at.is_(None),
            Guardian.blocked_at.is_(None),
            Guardian.from_on <= today,
            or_(Guardian.until_on.is_(None), Guardian.until_on >= today),
        )
        .order_by(Guardian.from_on, Guardian.id)
    )
    return [one for one, born in session.execute(wanted) if not is_of_age(born, today)]


def same_person(session: Session, guardian: Guardian) -> Sequence[Guardian]:
    """Return every row of the child, this one too, with the account or the number of a guardian."""
    alike = [Guardian.id == guardian.id]
    if guardian.user_id is not None:
        alike.append(Guardian.user_id == guardian.user_id)
    if guardian.national_id is not None:
        alike.append(Guardian.national_id == guardian.national_id)
    wanted = select(Guardian).where(Guardian.child_id == guardian.child_id, or_(*alike))
    return session.scalars(wanted.order_by(Guardian.from_on, Guardian.id)).all()


def pregnant(session: Session, child_id: UUID) -> Guardian | None:
    """Return who carries, or carried, the child; None: nobody was registered as pregnant."""
    born = session.get(Birth, child_id)
    if born is not None:
        return None if born.guardian_id is None else session.get(Guardian, born.guardian_id)
    found = [one for one in guardians_now(session, child_id) if one.relation == PREGNANT]
    return found[0] if found else None


def carried(work: Work) -> dict[UUID, bool]:
    """Return the children whom the actor carries, or carried before a birth: whether it is born.

    Only those in whose records she may say what follows the child.
    """
    wanted = (
        select(Guardian.child_id, Birth.child_id.is_not(None))
        .join(Child, Child.id == Guardian.child_id)
        .join(Birth, Birth.child_id == Guardian.child_id, isouter=True)
        .where(
            Guardian.user_id == work.actor.user_id,
            or_(
                Birth.guardian_id == Guardian.id,
                and_(
                    Birth.child_id.is_(None),
                    Child.kind == ChildKind.UNBORN,
                    Guardian.relation == PREGNANT,
                    Guardian.ended_at.is_(None),
                ),
            ),
        )
    )
    found = dict(work.session.execute(wanted).all())
    held = ties.ties_to_all(work.session, work.actor, work.now, found) if found else {}
    facts = Facts(work.today, own=True)
    return {
        child_id: born
        for child_id, born in found.items()
        if decide(held.get(child_id, ()), Action.CHILD_LET_FOLLOW, facts).allowed
    }


def overdue(work: Work) -> list[DueRow]:
    """Return the expected children whose due date has come, and whose birth the actor should tell.

    He is the holder, or the registrar until a log opens.
    """
    given = ties.asking(work.actor, work.today)
    rows = fetch(work.session, OVERDUE[bool(work.actor.leads)], given)
    return [DueRow._make(row) for row in rows]


def blocked_guardians(session: Session, child_id: UUID) -> Sequence[Guardian]:
    """Return who is kept away from the record, also those who are guardians no more."""
    wanted = select(Guardian).where(Guardian.child_id == child_id, Guardian.blocked_at.is_not(None))
    return session.scalars(wanted.order_by(Guardian.from_on, Guardian.id)).all()


def is_guardian_account(session: Session, child_id: UUID, user_id: UUID) -> bool:
    """Say whether the account belongs to one of the child's guardians."""
    wanted = select(Guardian.id).where(Guardian.child_id == child_id, Guardian.user_id == user_id)
    return session.scalar(wanted.limit(1)) is not None


def has_other_child(session: Session, child_id: UUID, user_id: UUID) -> bool:
    """Say whether the account is another child's own."""
    wanted = select(Child.id).where(Child.user_id == user_id, Child.id != child_id)
    return session.scalar(wanted.limit(1)) is not None


def own_record(work: Work) -> UUID | None:
    """Return the child whose own account the actor has, if it is a child's."""
    return work.session.scalar(select(Child.id).where(Child.user_id == work.actor.user_id).limit(1))


def account_of(session: Session, child_id: UUID) -> UUID | None:
    """Return the child's own account."""
    return session.scalar(select(Child.user_id).where(Child.id == child_id))
