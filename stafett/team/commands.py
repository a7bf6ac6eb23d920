"""Everything that changes coordinators and the ansvarsgruppe, and with it their ties."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from stafett.access import ties
from stafett.access.policy import Action, Purpose, Relation
from stafett.access.ties import Grant
from stafett.access.work import Work
from stafett.audit import trail
from stafett.errors import ConflictError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.people.models import User
from stafett.team import queries, rules
from stafett.team.models import Ansvarsgruppe, AnsvarsgruppeMember, CoordinatorAppointment
from stafett.team.rules import COORDINATES, CoordinatorKind


@dataclass(frozen=True)
class Appoint:
    """A wish to appoint a coordinator or a primærkontakt."""

    username: str
    kind: CoordinatorKind
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True)
class AddToGroup:
    """A wish to take somebody into the ansvarsgruppe, by account or by name alone."""

    role: str
    from_on: date
    username: str | None = None
    name: str | None = None


def appoint(work: Work, child_id: UUID, wish: Appoint) -> CoordinatorAppointment:
    """Appoint somebody; a coordinator has access to the whole record from that day on.

    Raises:
        FieldError: no such person, or one who is a citizen.
        RuleBrokenError: with every obstacle.

    """
    user = _professional(work, wish.username)
    coordinates = wish.kind in COORDINATES
    if obstacles := rules.obstacles_to_appointing(
        user.service_id,
        ties.covered_services(work.session, child_id, work.today),
        is_self=user.id == work.actor.user_id,
        has_coordinator=queries.standing_coordinator(work.session, child_id) is not None,
        coordinates=coordinates,
        from_on=wish.from_on,
        until_on=wish.until_on,
    ):
        raise RuleBrokenError(obstacles)
    made = CoordinatorAppointment(
        child_id=child_id,
        user_id=user.id,
        kind=wish.kind,
        from_on=wish.from_on,
        until_on=wish.until_on,
        appointed_by=work.actor.user_id,
        appointed_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    if coordinates:
        ties.grant(
            work,
            Grant(
                child_id,
                Relation.KO,
                "appointed",
                made.id,
                user_id=user.id,
                needs_consent=True,
                service_id=user.service_id,
                from_on=wish.from_on,
                until_on=wish.until_on,
            ),
        )
    trail.record(
        work,
        Action.COORDINATOR_APPOINT,
        child_id,
        made.id,
        kind=wish.kind,
        user_id=str(user.id),
    )
    return made


def end_appointment(
    work: Work, appointment: CoordinatorAppointment, reason: str
) -> CoordinatorAppointment:
    """End an appointment; the access ends with it.

    Raises:
        ConflictError: it has ended already.

    """
    if appointment.ended_at is not None:
        raise ConflictError({"version": appointment.version})
    appointment.ended_at, appointment.ended_reason = work.now, reason
    ties.end(work, appointment.id)
    trail.record(work, Action.COORDINATOR_END, appointment.child_id, appointment.id)
    return appointment


def add_to_group(work: Work, child_id: UUID, wish: AddToGroup) -> AnsvarsgruppeMember:
    """Take somebody into the ansvarsgruppe; the first one forms it.

    A professional with an account reads the individuell plan from then on, the log does not come
    with it. The family's own access is not changed.

    Raises:
        FieldError: no such person, or neither a name nor an account.
        RuleBrokenError: with every obstacle.

    """
    user = None
    if wish.username is not None:
        user = people.by_username(work.session, wish.username, "username")
    elif wish.name is None:
        raise FieldError("name", "name-or-username")
    there = queries.group(work.session, child_id)
    if there is None:
        there = Ansvarsgruppe(child_id=child_id, formed_on=work.today)
        work.session.add(there)
        work.session.flush()
    if obstacles := rules.obstacles_to_joining(
        user.service_id if user else None,
        ties.covered_services(work.session, child_id, work.today, Purpose.PLAN),
        is_member=user is not None and queries.sits_in(work.session, there.id, user.id),
    ):
        raise RuleBrokenError(obstacles)
    member = AnsvarsgruppeMember(
        group_id=there.id,
        child_id=child_id,
        user_id=user and user.id,
        name=user.name if user else wish.name,
        role=wish.role,
        service_id=user and user.service_id,
        from_on=wish.from_on,
        added_by=work.actor.user_id,
    )
    work.session.add(member)
    work.session.flush()
    if user is not None and user.service_id is not None:
        ties.grant(
            work,
            Grant(
                child_id,
                Relation.AG,
                "ansvarsgruppe",
                member.id,
                user_id=user.id,
                needs_consent=True,
                service_id=user.service_id,
                from_on=wish.from_on,
            ),
        )
    trail.record(work, Action.GROUP_ADD_MEMBER, child_id, member.id)
    return member


def end_group_membership(
    work: Work, member: AnsvarsgruppeMember, reason: str
) -> AnsvarsgruppeMember:
    """Take somebody out of the ansvarsgruppe.

    Raises:
        ConflictError: he is out already.

    """
    if member.ended_at is not None:
        raise ConflictError({"version": member.version})
    member.ended_at, member.ended_reason = work.now, reason
    ties.end(work, member.id)
    trail.record(work, Action.GROUP_REMOVE_MEMBER, member.child_id, member.id)
    return member


def _professional(work: Work, username: str) -> User:
    user = people.by_username(work.session, username, "username")
    if not {"staff", "external"} & set(user.roles.split()):
        raise FieldError("username", "not-staff")
    return user
