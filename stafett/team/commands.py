"""Everything that changes coordinators, delegates and the ansvarsgruppe, with their ties."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from stafett.access import ties
from stafett.access.policy import Action, Actor, Purpose, Relation
from stafett.access.ties import Grant
from stafett.access.work import Work
from stafett.audit import trail
from stafett.consents import queries as consents
from stafett.dates import oslo_date
from stafett.errors import ConflictError, DeniedError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.people.rules import STAFF
from stafett.profile.model import Profile
from stafett.stafettlogg import baton
from stafett.stafettlogg.baton import Move
from stafett.stafettlogg.models import Transfer
from stafett.tasks import commands as tasks
from stafett.tasks import queries as task_queries
from stafett.tasks.rules import TaskKind
from stafett.team import queries, rules
from stafett.team.models import (
    Ansvarsgruppe,
    AnsvarsgruppeMember,
    CoordinatorAppointment,
    Delegation,
)
from stafett.team.rules import COORDINATES, CoordinatorKind, Place


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


@dataclass(frozen=True)
class Delegate:
    """A wish to have somebody in the place of holder or coordinator from a day to a day."""

    username: str
    place: Place
    from_on: date
    until_on: date


def move(work: Work, child_id: UUID, wish: Move) -> Transfer:
    """Move the follow-up to another service; the old one's seats and delegates end with it.

    Raises:
        FieldError: no such service.
        RuleBrokenError: with every obstacle.

    """
    shown = consents.shown_services(work, child_id)
    real = {called: service_id for service_id, (called, _) in shown.items()}
    left = wish.from_service_id
    wish = replace(wish, from_service_id=real.get(left, left))
    made = baton.transfer(work, child_id, wish)
    for member in queries.seats_of(work.session, child_id, wish.from_service_id):
        end_group_membership(work, member, wish.reason)
    for one in queries.delegations_to(work.session, child_id, wish.from_service_id):
        end_delegation(work, one)
    return made


def places(basis: Collection[Relation]) -> list[Place]:
    """Return in whose places somebody with these relations may put a delegate."""
    if Relation.KEL in basis:
        return list(Place)
    return [place for place, relation in rules.IN_PLACE_OF.items() if relation in basis]


def delegate(work: Work, child_id: UUID, wish: Delegate, basis: frozenset[Relation]) -> Delegation:
    """Let somebody do in another's absence what he may, but not pass it on.

    `basis`: the actor's relations. Who is absent names his own delegate; KE's leader anybody's.

    Raises:
        DeniedError: it is not the actor's place to give.
        FieldError: no such person, or one who is a citizen.
        RuleBrokenError: with every obstacle.

    """
    if wish.place not in places(basis):
        raise DeniedError
    relation = rules.IN_PLACE_OF[wish.place]
    user = people.professional(work.session, wish.username, "username")
    absent = ties.whose(work.session, child_id, relation, work.today)
    if obstacles := rules.obstacles_to_delegating(
        user.service_id,
        ties.covered_services(work.session, child_id, work.today),
        ties.partly_covered(work.session, child_id, work.today),
        absent=absent is not None,
        is_self=user.id in {absent, work.actor.user_id},
        is_staff=STAFF in user.roles.split(),
        has_delegate=queries.has_delegate(work.session, child_id, relation, wish.from_on),
        days=(wish.from_on, wish.until_on),
        today=work.today,
    ):
        raise RuleBrokenError(obstacles)
    made = Delegation(
        child_id=child_id,
        relation=relation,
        for_user_id=absent,
        user_id=user.id,
        from_on=wish.from_on,
        until_on=wish.until_on,
        made_by=work.actor.user_id,
        made_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    ties.grant(
        work,
        Grant(
            child_id,
            relation,
            "delegated",
            made.id,
            user_id=user.id,
            needs_consent=True,
            service_id=user.service_id,
            from_on=wish.from_on,
            until_on=wish.until_on,
            for_user_id=absent,
        ),
    )
    trail.record(
        *(work, Action.COORDINATOR_DELEGATE, child_id, made.id),
        place=wish.place,
        user_id=str(user.id),
        until=wish.until_on.isoformat(),
    )
    return made


def end_delegation(work: Work, delegation: Delegation) -> None:
    """End a delegation before its day, at once.

    Raises:
        ConflictError: it has ended already.

    """
    if delegation.ended_at is not None:
        raise ConflictError({"version": delegation.version})
    delegation.ended_at, delegation.ended_by = work.now, work.actor.user_id
    ties.end(work, delegation.id)
    action = Action.COORDINATOR_DELEGATE
    trail.record(work, action, delegation.child_id, delegation.id, ended=True)


def appoint(work: Work, child_id: UUID, wish: Appoint) -> CoordinatorAppointment:
    """Appoint somebody; a coordinator has access to the whole record from that day on.

    Raises:
        FieldError: no such person, or one who is a citizen.
        RuleBrokenError: with every obstacle.

    """
    user = people.professional(work.session, wish.username, "username")
    coordinates = wish.kind in COORDINATES
    there = queries.standing_coordinator(work.session, child_id)
    ran_out = there is not None and there.until_on is not None and there.until_on < work.today
    if there is not None and ran_out and coordinates:  # the new one follows it
        there.ended_at = work.now
        ties.end(work, there.id)
        tasks.settle_of(work, TaskKind.COORDINATOR_ENDS, there.id, "En ny er oppnevnt.")
    if obstacles := rules.obstacles_to_appointing(
        user.service_id,
        ties.covered_services(work.session, child_id, work.today),
        ties.partly_covered(work.session, child_id, work.today),
        is_self=user.id == work.actor.user_id,
        has_coordinator=there is not None and not ran_out,
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


def end_appointment(work: Work, appointment: CoordinatorAppointment, reason: str) -> None:
    """End an appointment; the access ends with it.

    Raises:
        ConflictError: it has ended already.

    """
    _end(work, appointment, reason, Action.COORDINATOR_END)
    tasks.settle_of(work, TaskKind.COORDINATOR_ENDS, appointment.id, "Oppnevningen er avsluttet.")


def remind(session: Session, now: datetime, profile: Profile) -> int:
    """Tell of appointments of coordinators that run out in a month; return how many are told.

    Koordinerende enhet's leader is told where he follows the child, else the holder; each once.
    """
    today, told = oslo_date(now), 0
    before = task_queries.days_of(session, TaskKind.COORDINATOR_ENDS)
    for one in queries.running_out(session, today, today + rules.RUNS_OUT):
        if (TaskKind.COORDINATOR_ENDS, one.id, one.until_on) in before:
            continue
        work = Work(session, Actor(one.appointed_by, frozenset()), now, profile)
        about = (one.id, one.until_on)
        unit = ties.unit_that_follows(session, one.child_id, today)
        holder = ties.holder_of(session, one.child_id)
        if unit is not None:
            tasks.ask_service(work, TaskKind.COORDINATOR_ENDS, one.child_id, unit, *about)
        elif holder is not None:
            tasks.ask_holder(work, TaskKind.COORDINATOR_ENDS, holder, *about)
        told += 1
    return told


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


def end_group_membership(work: Work, member: AnsvarsgruppeMember, reason: str) -> None:
    """Take somebody out of the ansvarsgruppe.

    Raises:
        ConflictError: he is out already.

    """
    _end(work, member, reason, Action.GROUP_REMOVE_MEMBER)


def _end(
    work: Work, one: CoordinatorAppointment | AnsvarsgruppeMember, reason: str, action: Action
) -> None:
    if one.ended_at is not None:
        raise ConflictError({"version": one.version})
    one.ended_at, one.ended_reason = work.now, reason
    ties.end(work, one.id)
    trail.record(work, action, one.child_id, one.id)
