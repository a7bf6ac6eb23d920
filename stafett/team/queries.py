"""Everything that reads coordinators and the ansvarsgruppe.

Where people work is left out when the child's address is protected.
"""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, case, or_, select
from sqlalchemy.orm import Session

from stafett.access import ties
from stafett.access.policy import Purpose
from stafett.access.work import Work
from stafett.children.models import Child
from stafett.children.queries import SHOWS_PLACES
from stafett.consents import queries as consents
from stafett.people.models import Service, User
from stafett.team.models import Ansvarsgruppe, AnsvarsgruppeMember, CoordinatorAppointment
from stafett.team.rules import COORDINATES


class AppointmentRow(NamedTuple):
    """An appointment as pages and JSON show it."""

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


_APPOINTMENTS = (
    select(CoordinatorAppointment.id, User.username, User.name, User.title, Service.id)
    .add_columns(Service.name, CoordinatorAppointment.kind, CoordinatorAppointment.from_on)
    .add_columns(CoordinatorAppointment.until_on, CoordinatorAppointment.ended_at.is_not(None))
    .add_columns(CoordinatorAppointment.version)
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


def appointments(session: Session, child_id: UUID) -> list[AppointmentRow]:
    """Return the child's appointments, those that stand first."""
    wanted = _APPOINTMENTS.where(CoordinatorAppointment.child_id == child_id).order_by(
        CoordinatorAppointment.ended_at.is_not(None),
        CoordinatorAppointment.from_on.desc(),
        CoordinatorAppointment.id,
    )
    return [AppointmentRow._make(row) for row in session.execute(wanted)]


def appointment(session: Session, appointment_id: UUID) -> CoordinatorAppointment | None:
    """Return an appointment, without asking who wants it."""
    return session.get(CoordinatorAppointment, appointment_id)


def appointment_row(session: Session, appointment_id: UUID) -> AppointmentRow:
    """Return an appointment as JSON shows it."""
    wanted = _APPOINTMENTS.where(CoordinatorAppointment.id == appointment_id)
    return AppointmentRow._make(session.execute(wanted).one())


def child_of_appointment(session: Session, appointment_id: UUID) -> UUID | None:
    """Return whom an appointment is about; it never changes, so no lock is needed."""
    return session.scalar(
        select(CoordinatorAppointment.child_id).where(CoordinatorAppointment.id == appointment_id)
    )


def coordinator(session: Session, child_id: UUID, today: date) -> AppointmentRow | None:
    """Return the koordinator or barnekoordinator of a local date."""
    wanted = _APPOINTMENTS.where(
        CoordinatorAppointment.child_id == child_id,
        CoordinatorAppointment.kind.in_(COORDINATES),
        CoordinatorAppointment.ended_at.is_(None),
        CoordinatorAppointment.from_on <= today,
        or_(CoordinatorAppointment.until_on.is_(None), CoordinatorAppointment.until_on >= today),
    )
    row = session.execute(wanted).one_or_none()
    return None if row is None else AppointmentRow._make(row)


def standing_coordinator(session: Session, child_id: UUID) -> CoordinatorAppointment | None:
    """Return the appointment of a koordinator or barnekoordinator that has not been ended."""
    wanted = select(CoordinatorAppointment).where(
        CoordinatorAppointment.child_id == child_id,
        CoordinatorAppointment.kind.in_(COORDINATES),
        CoordinatorAppointment.ended_at.is_(None),
    )
    return session.scalars(wanted).one_or_none()


def group(session: Session, child_id: UUID) -> Ansvarsgruppe | None:
    """Return the child's ansvarsgruppe, if it has been formed."""
    return session.scalars(
        select(Ansvarsgruppe).where(Ansvarsgruppe.child_id == child_id)
    ).one_or_none()


def group_members(session: Session, child_id: UUID) -> list[GroupRow]:
    """Return who sits in the child's ansvarsgruppe, and below who has left it."""
    wanted = _MEMBERS.where(AnsvarsgruppeMember.child_id == child_id).order_by(
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


def to_appoint(work: Work, child_id: UUID) -> list[Choice]:
    """Return who may be appointed: professionals of the services that consent covers, not oneself.

    A primærkontakt may be somebody of any service, but is nearly always one of these.
    """
    found = _choices(work, child_id, Purpose.STAFETTLOGG)
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


def _choices(work: Work, child_id: UUID, purpose: Purpose) -> list[Choice]:
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
        for user_id, username, name, service_id, roles in work.session.execute(wanted)
        if {"staff", "external"} & set(roles.split())
    ]
    return sorted(found, key=lambda one: one.service)
