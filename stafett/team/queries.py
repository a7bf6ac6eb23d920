"""Everything that reads coordinators, delegates and the ansvarsgruppe.

Where people work, and how one reaches them there, is left out when the child's address is
protected.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from stafett.access import ties
from stafett.access.models import Tie
from stafett.access.policy import Action, Facts, Purpose, Relation, decide
from stafett.access.work import Work
from stafett.children.models import Child
from stafett.children.queries import SHOWS_PLACES, not_ended_before, reached_at
from stafett.consents import queries as consents
from stafett.db import UtcDateTime, constants, fetch
from stafett.people.models import Service, User
from stafett.people.rules import PROFESSIONAL, STAFF
from stafett.stafettlogg.models import Stafettlogg
from stafett.team.models import (
    Ansvarsgruppe,
    AnsvarsgruppeMember,
    CoordinatorAppointment,
    Delegation,
)
from stafett.team.rules import COORDINATES, IN_PLACE_OF, Place

Absent = aliased(User)
_DELEGATIONS = (
    select(Delegation.id, User.username, User.name, Service.name, Absent.name)
    .add_columns(Delegation.relation, Delegation.from_on, Delegation.until_on)
    .add_columns(Delegation.ended_at.is_not(None))
    .join(User, User.id == Delegation.user_id)
    .join(Absent, Absent.id == Delegation.for_user_id)
    .join(Child, Child.id == Delegation.child_id)
    .join(Service, and_(Service.id == User.service_id, SHOWS_PLACES), isouter=True)
    .order_by(Delegation.from_on, Delegation.id)
)


class AppointmentRow(NamedTuple):
    """An appointment as pages and JSON show it; `ended`: by somebody, or its days are over."""

    id: UUID
    username: str
    name: str
    title: str
    service_id: UUID | None
    service: str | None
    kind: str
    from_on: date
    until_on: date | None
    ended: bool
    version: int
    phone: str | None
    email: str | None


class GroupRow(NamedTuple):
    """A member of the ansvarsgruppe as pages and JSON show it."""

    id: UUID
    username: str | None
    name: str
    role: str
    service_id: UUID | None
    service: str | None
    from_on: date
    ended: bool
    version: int


class Choice(NamedTuple):
    """Somebody who may be chosen."""

    user_id: UUID
    username: str
    name: str
    service: str


_OVER = or_(
    CoordinatorAppointment.ended_at.is_not(None),
    func.coalesce(CoordinatorAppointment.until_on < ties.TODAY, false()),
)
_APPOINTMENTS = (
    select(CoordinatorAppointment.id, User.username, User.name, User.title, Service.id)
    .add_columns(Service.name, CoordinatorAppointment.kind, CoordinatorAppointment.from_on)
    .add_columns(CoordinatorAppointment.until_on, _OVER, CoordinatorAppointment.version)
    .add_columns(*reached_at(User, ~_OVER))
    .join(User, User.id == CoordinatorAppointment.user_id)
    .join(Child, Child.id == CoordinatorAppointment.child_id)
    .join(Service, and_(Service.id == User.service_id, SHOWS_PLACES), isouter=True)
)
_MEMBERS = (
    select(AnsvarsgruppeMember.id, User.username)
    .add_columns(
        case((User.id.is_not(None), User.name), else_=AnsvarsgruppeMember.name),
        AnsvarsgruppeMember.role,
        Service.id,
        Service.name,
        AnsvarsgruppeMember.from_on,
        AnsvarsgruppeMember.ended_at.is_not(None),
        AnsvarsgruppeMember.version,
    )
    .join(User, User.id == AnsvarsgruppeMember.user_id, isouter=True)
    .join(Child, Child.id == AnsvarsgruppeMember.child_id)
    .join(Service, and_(Service.id == AnsvarsgruppeMember.service_id, SHOWS_PLACES), isouter=True)
)


def coordinates_on(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Match the appointments of a koordinator or barnekoordinator that hold on a local date."""
    return and_(
        CoordinatorAppointment.kind.in_(constants(COORDINATES)),
        CoordinatorAppointment.ended_at.is_(None),
        CoordinatorAppointment.from_on <= day,
        or_(CoordinatorAppointment.until_on.is_(None), CoordinatorAppointment.until_on >= day),
    )


_COORDINATOR = _APPOINTMENTS.where(
    CoordinatorAppointment.child_id == bindparam("child_id"), coordinates_on(ties.TODAY)
)
_COORDINATORS = _APPOINTMENTS.add_columns(CoordinatorAppointment.child_id).where(
    CoordinatorAppointment.child_id.in_(bindparam("ids", expanding=True)),
    coordinates_on(ties.TODAY),
)

APPOINTED_SINCE = (
    select(CoordinatorAppointment.id, CoordinatorAppointment.child_id, Child.name)
    .add_columns(CoordinatorAppointment.kind)
    .join(Child, Child.id == CoordinatorAppointment.child_id)
    .where(
        CoordinatorAppointment.user_id == bindparam("user_id"),
        or_(
            CoordinatorAppointment.from_on >= bindparam("appointed_since", type_=Date()),
            CoordinatorAppointment.appointed_at
            >= bindparam("registered_since", type_=UtcDateTime()),
        ),
        coordinates_on(ties.TODAY),
        ~ties.restricted(CoordinatorAppointment.child_id),
    )
)
"""Whom the actor coordinates since a local date, or was told to since a moment."""


def appointments(
    session: Session, child_id: UUID, today: date, since: datetime | None = None
) -> list[AppointmentRow]:
    """Return the child's appointments, but those that ended before `since`; standing ones first."""
    wanted = _APPOINTMENTS.where(
        CoordinatorAppointment.child_id == child_id,
        not_ended_before(CoordinatorAppointment.ended_at, since),
    ).order_by(_OVER, CoordinatorAppointment.from_on.desc(), CoordinatorAppointment.id)
    return [AppointmentRow._make(row) for row in session.execute(wanted, {"today": today})]


def appointment(session: Session, appointment_id: UUID) -> CoordinatorAppointment | None:
    """Return an appointment, without asking who wants it."""
    return session.get(CoordinatorAppointment, appointment_id)


def appointment_row(session: Session, appointment_id: UUID, today: date) -> AppointmentRow:
    """Return an appointment as JSON shows it."""
    wanted = _APPOINTMENTS.where(CoordinatorAppointment.id == appointment_id)
    return AppointmentRow._make(session.execute(wanted, {"today": today}).one())


def child_of_appointment(session: Session, appointment_id: UUID) -> UUID | None:
    """Return whom an appointment is about; it never changes, so no lock is needed."""
    return session.scalar(
        select(CoordinatorAppointment.child_id).where(CoordinatorAppointment.id == appointment_id)
    )


def coordinator(session: Session, child_id: UUID, today: date) -> AppointmentRow | None:
    """Return the koordinator or barnekoordinator of a local date."""
    found = fetch(session, _COORDINATOR, {"child_id": child_id, "today": today})
    return AppointmentRow._make(found[0]) if found else None


def coordinators(work: Work, child_ids: Collection[UUID]) -> dict[UUID, AppointmentRow]:
    """Return the koordinator or barnekoordinator that some children have today.

    Of those of whom the actor may know it, by child.
    """
    if not child_ids:
        return {}
    held = ties.ties_to_all(work.session, work.actor, work.now, child_ids)
    facts = Facts(work.today)
    told = [one for one in held if decide(held[one], Action.COORDINATOR_READ, facts).allowed]
    rows = fetch(work.session, _COORDINATORS, {"ids": told, "today": work.today})
    return {child_id: AppointmentRow._make(row) for *row, child_id in rows}


def standing_coordinator(session: Session, child_id: UUID) -> CoordinatorAppointment | None:
    """Return the appointment of a koordinator or barnekoordinator that has not been ended."""
    wanted = select(CoordinatorAppointment).where(
        CoordinatorAppointment.child_id == child_id,
        CoordinatorAppointment.kind.in_(constants(COORDINATES)),
        CoordinatorAppointment.ended_at.is_(None),
    )
    return session.scalars(wanted).one_or_none()


def running_out(session: Session, today: date, until: date) -> Sequence[CoordinatorAppointment]:
    """Return the appointments of coordinators that end in some days, where the log is open."""
    wanted = select(CoordinatorAppointment).where(
        CoordinatorAppointment.kind.in_(constants(COORDINATES)),
        CoordinatorAppointment.ended_at.is_(None),
        CoordinatorAppointment.until_on >= today,
        CoordinatorAppointment.until_on <= until,
        exists().where(
            Stafettlogg.child_id == CoordinatorAppointment.child_id,
            Stafettlogg.closed_at.is_(None),
        ),
    )
    return session.scalars(
        wanted.order_by(CoordinatorAppointment.until_on, CoordinatorAppointment.id)
    ).all()


def group(session: Session, child_id: UUID) -> Ansvarsgruppe | None:
    """Return the child's ansvarsgruppe, if it has been formed."""
    return session.scalars(
        select(Ansvarsgruppe).where(Ansvarsgruppe.child_id == child_id)
    ).one_or_none()


def group_members(
    session: Session, child_id: UUID, since: datetime | None = None
) -> list[GroupRow]:
    """Return who sits in the child's ansvarsgruppe, and below who has left it after `since`."""
    wanted = _MEMBERS.where(
        AnsvarsgruppeMember.child_id == child_id,
        not_ended_before(AnsvarsgruppeMember.ended_at, since),
    ).order_by(
        AnsvarsgruppeMember.ended_at.is_not(None),
        AnsvarsgruppeMember.from_on,
        AnsvarsgruppeMember.name,
        AnsvarsgruppeMember.id,
    )
    return [GroupRow._make(row) for row in session.execute(wanted)]


def group_member(session: Session, member_id: UUID) -> AnsvarsgruppeMember | None:
    """Return a member of a group, without asking who wants it."""
    return session.get(AnsvarsgruppeMember, member_id)


def group_row(session: Session, member_id: UUID) -> GroupRow:
    """Return a member as JSON shows it."""
    return GroupRow._make(
        session.execute(_MEMBERS.where(AnsvarsgruppeMember.id == member_id)).one()
    )


def child_of_group_member(session: Session, member_id: UUID) -> UUID | None:
    """Return whose group a member sits in; it never changes, so no lock is needed."""
    return session.scalar(
        select(AnsvarsgruppeMember.child_id).where(AnsvarsgruppeMember.id == member_id)
    )


def sits_in(session: Session, group_id: UUID, user_id: UUID) -> bool:
    """Say whether a user sits in a group."""
    wanted = select(AnsvarsgruppeMember.id).where(
        AnsvarsgruppeMember.group_id == group_id,
        AnsvarsgruppeMember.user_id == user_id,
        AnsvarsgruppeMember.ended_at.is_(None),
    )
    return session.scalar(wanted) is not None


class DelegationRow(NamedTuple):
    """Somebody in another's place, as pages and JSON show it; `place` is what the other is."""

    id: UUID
    username: str
    name: str
    service: str | None
    absent: str
    relation: str
    from_on: date
    until_on: date
    ended: bool

    @property
    def place(self) -> Place:
        """What the absent one is to the child."""
        return next(place for place, of in IN_PLACE_OF.items() if of == self.relation)


def delegations(session: Session, child_id: UUID, today: date) -> list[DelegationRow]:
    """Return who is or will be in another's place, first the one whose days come first."""
    wanted = _DELEGATIONS.where(
        Delegation.child_id == child_id,
        Delegation.until_on >= today,
        Delegation.ended_at.is_(None),
        stands_for(),
    )
    return [DelegationRow._make(row) for row in session.execute(wanted)]


def delegation_row(session: Session, delegation_id: UUID) -> DelegationRow:
    """Return a delegation as JSON shows it."""
    wanted = _DELEGATIONS.where(Delegation.id == delegation_id)
    return DelegationRow._make(session.execute(wanted).one())


def delegation(session: Session, delegation_id: UUID) -> Delegation | None:
    """Return a delegation, without asking who wants it."""
    return session.get(Delegation, delegation_id)


def child_of_delegation(session: Session, delegation_id: UUID) -> UUID | None:
    """Return whom a delegation is about; it never changes, so no lock is needed."""
    return session.scalar(select(Delegation.child_id).where(Delegation.id == delegation_id))


def has_delegate(session: Session, child_id: UUID, relation: Relation, from_on: date) -> bool:
    """Say whether somebody is in this place already, on a day or later."""
    wanted = select(Delegation.id).where(
        Delegation.child_id == child_id,
        Delegation.relation == relation,
        Delegation.ended_at.is_(None),
        Delegation.until_on >= from_on,
        stands_for(),
    )
    return session.scalar(wanted.limit(1)) is not None


def stands_for() -> ColumnElement[bool]:
    """Match delegations whose absent one is still what he was."""
    return exists().where(
        Tie.child_id == Delegation.child_id,
        Tie.user_id == Delegation.for_user_id,
        Tie.relation == Delegation.relation,
        Tie.for_user_id.is_(None),
        Tie.ended_at.is_(None),
    )


def seats_of(session: Session, child_id: UUID, service_id: UUID) -> Sequence[AnsvarsgruppeMember]:
    """Return the seats in the ansvarsgruppe that a service has."""
    wanted = select(AnsvarsgruppeMember).where(
        AnsvarsgruppeMember.child_id == child_id,
        AnsvarsgruppeMember.service_id == service_id,
        AnsvarsgruppeMember.ended_at.is_(None),
    )
    return session.scalars(wanted).all()


def delegations_to(session: Session, child_id: UUID, service_id: UUID) -> Sequence[Delegation]:
    """Return the delegations to people of a service that nobody has ended."""
    wanted = (
        select(Delegation)
        .join(User, User.id == Delegation.user_id)
        .where(
            Delegation.child_id == child_id,
            User.service_id == service_id,
            Delegation.ended_at.is_(None),
        )
    )
    return session.scalars(wanted).all()


def to_appoint(work: Work, child_id: UUID) -> list[Choice]:
    """Return who may be appointed: professionals of the services that consent covers, not oneself.

    A primærkontakt may be somebody of any service, but is nearly always one of these.
    """
    found = _choices(work, child_id, Purpose.STAFETTLOGG)
    return [one for one in found if one.user_id != work.actor.user_id]


def to_delegate(work: Work, child_id: UUID) -> list[Choice]:
    """Return who may be in another's place: staff of the services that consent covers."""
    found = _choices(work, child_id, Purpose.STAFETTLOGG, {STAFF})
    return [one for one in found if one.user_id != work.actor.user_id]


def to_seat(work: Work, child_id: UUID) -> list[Choice]:
    """Return who may sit in the ansvarsgruppe by consent to a plan, and does not do so yet."""
    seated = set(
        work.session.scalars(
            select(AnsvarsgruppeMember.user_id).where(
                AnsvarsgruppeMember.child_id == child_id,
                AnsvarsgruppeMember.user_id.is_not(None),
                AnsvarsgruppeMember.ended_at.is_(None),
            )
        )
    )
    return [one for one in _choices(work, child_id, Purpose.PLAN) if one.user_id not in seated]


def _choices(
    work: Work, child_id: UUID, purpose: Purpose, roles: Collection[str] = PROFESSIONAL
) -> list[Choice]:
    covered = ties.covered_services(work.session, child_id, work.today, purpose)
    wanted = (
        select(User.id, User.username, User.name, Service.id, User.roles)
        .join(Service, Service.id == User.service_id)
        .where(User.disabled_at.is_(None), Service.id.in_(covered))
        .order_by(User.name)
    )
    shown = consents.shown_services(work, child_id)
    found = [
        Choice(user_id, username, name, shown[service_id][1])
        for user_id, username, name, service_id, held in work.session.execute(wanted)
        if not set(roles).isdisjoint(held.split())
    ]
    return sorted(found, key=lambda one: one.service)
