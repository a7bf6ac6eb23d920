"""Who takes part in a log: invited, for how long, with what right, and out again."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from stafett.access import ties
from stafett.access.policy import FAMILY, Action, Actor, Purpose, Relation
from stafett.access.ties import Grant
from stafett.access.work import Work
from stafett.audit import trail
from stafett.consents import commands as consents
from stafett.dates import months_after, oslo_date
from stafett.errors import ConflictError, DeniedError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.people.models import User
from stafett.people.rules import EXTERNAL
from stafett.profile.model import Profile
from stafett.stafettlogg import queries, rules
from stafett.stafettlogg.models import Member, Stafettlogg
from stafett.tasks import commands as tasks
from stafett.tasks import queries as task_queries

NOT_IN_LOG = "Personen er ikke med lenger."
"""What those are told who were reminded of a membership that somebody has ended."""


@dataclass(frozen=True)
class Invite:
    """A wish to let somebody take part, until a local date."""

    username: str
    writes: bool
    until: date


@dataclass(frozen=True)
class Extend:
    """A wish to let a membership end on another local date."""

    until: date
    seen_version: int


@dataclass(frozen=True)
class SetAccess:
    """A wish to let a member write, or only read."""

    writes: bool
    seen_version: int


def invite(work: Work, child_id: UUID, wish: Invite) -> Member:
    """Let somebody take part: staff for a year at most, external people for three months.

    Raises:
        FieldError: no such person, or one who is a citizen.
        RuleBrokenError: with every obstacle.

    """
    log = running_log(work, child_id)
    user = professional(work, wish.username, "username")
    there = queries.membership(work.session, log.id, user.id)
    if there is not None and there.until_on < work.today:  # it ran out; the new one follows it
        take_out(work, there, "Personen er invitert på nytt.")
        there = None
    if obstacles := rules.obstacles_to_membership(
        queries.facts(work, child_id, log, user.id),
        user.service_id,
        is_holder=user.id == log.holder_id,
        is_member=there is not None,
        until=wish.until,
        today=work.today,
        latest=months_after(work.today, _longest(work, user)),
    ):
        raise RuleBrokenError(obstacles)
    member = join(work, log, user, writes=wish.writes, until=wish.until)
    trail.record(
        work,
        Action.MEMBER_INVITE,
        child_id,
        member.id,
        user_id=str(user.id),
        writes=wish.writes,
        until=wish.until.isoformat(),
    )
    return member


def extend(work: Work, member: Member, wish: Extend) -> None:
    """Let a membership end on another day, counted from today as a new one is.

    Raises:
        ConflictError: somebody else changed it after the form was opened, or it has ended.
        DeniedError: it is the actor's own.
        RuleBrokenError: with every obstacle; the service's consent must still hold.

    """
    _check_seen(member, wish.seen_version)
    if member.user_id == work.actor.user_id:
        raise DeniedError
    log = running_log(work, member.child_id)
    user = work.session.get_one(User, member.user_id)
    if obstacles := rules.obstacles_to_membership(
        queries.facts(work, member.child_id, log),
        member.service_id,
        is_holder=False,
        is_member=False,
        until=wish.until,
        today=work.today,
        latest=months_after(work.today, _longest(work, user)),
    ):
        raise RuleBrokenError(obstacles)
    member.until_on = wish.until
    _tie_member(work, member, user)
    _reminded(work, member, "Tiden er endret.")
    until = wish.until.isoformat()
    trail.record(work, Action.MEMBER_EXTEND, member.child_id, member.id, until=until)


def set_access(work: Work, member: Member, wish: SetAccess) -> None:
    """Let a member write, or only read, from the next request on.

    Raises:
        ConflictError: somebody else changed it after the form was opened, or it has ended.

    """
    _check_seen(member, wish.seen_version)
    member.writes = wish.writes
    _tie_member(work, member, work.session.get_one(User, member.user_id))
    trail.record(work, Action.MEMBER_SET_WRITE, member.child_id, member.id, writes=wish.writes)


def remind(session: Session, now: datetime, profile: Profile) -> int:
    """Tell holders of memberships that end in a month or a week; return how many are told.

    Each is told once for each time and day of ending: a membership that was extended is a new one.
    """
    today, told = oslo_date(now), 0
    last = today + max(rules.REMINDERS.values())
    before = task_queries.days_of(session, *rules.REMINDERS)
    for member, holder in queries.ending(session, today, last):
        kind = rules.reminder(member.from_on, member.until_on, today)
        if kind is None or (kind, member.id, member.until_on) in before:
            continue
        work = Work(session, Actor(member.invited_by, frozenset()), now, profile)
        tasks.ask_holder(work, kind, holder, member.id, member.until_on)
        told += 1
    return told


def _reminded(work: Work, member: Member, text: str) -> None:
    """Take the reminders off the worklist: somebody has done what they ask for."""
    for kind in rules.REMINDERS:
        tasks.settle_of(work, kind, member.id, text)


def take_out(work: Work, member: Member, done: str, reason: str | None = None) -> None:
    """End a membership with its tie; `done` is what those are told who were reminded of it."""
    member.ended_at, member.ended_by, member.ended_reason = work.now, work.actor.user_id, reason
    ties.end(work, member.id)
    _reminded(work, member, done)


def leave(work: Work, member: Member, reason: str) -> None:
    """Take oneself out of a log at once; the service's consent stands.

    Raises:
        ConflictError: it has ended already.

    """
    if member.ended_at is not None:
        raise ConflictError({"version": member.version})
    take_out(work, member, NOT_IN_LOG, reason)
    trail.record(work, Action.MEMBER_LEAVE, member.child_id, member.id)


def _check_seen(member: Member, seen_version: int) -> None:
    if member.ended_at is not None or member.version != seen_version:
        raise ConflictError({"version": member.version, "until": member.until_on.isoformat()})


def end_membership(work: Work, member: Member, reason: str, relations: frozenset[Relation]) -> None:
    """End a membership at once. When the family does it, the service's consent goes with it.

    `relations`: those by which the actor may do it.

    Raises:
        ConflictError: it has ended already.
        DeniedError: a parent in whose place somebody else stands.

    """
    if member.ended_at is not None:
        raise ConflictError({"version": member.version})
    by_family = bool(relations) and relations <= FAMILY
    if by_family:
        consents.require_stopper(work, member.child_id, Purpose.STAFETTLOGG)
    take_out(work, member, NOT_IN_LOG, reason)
    if by_family:
        consents.stop(work, member.child_id, Purpose.STAFETTLOGG, [member.service_id])
    trail.record(
        work, Action.MEMBER_REMOVE, member.child_id, member.id, user_id=str(member.user_id)
    )


def join(work: Work, log: Stafettlogg, user: User, *, writes: bool, until: date) -> Member:
    """Let somebody be a member from today until a local date, with the tie that says so."""
    member = Member(
        log_id=log.id,
        child_id=log.child_id,
        user_id=user.id,
        service_id=user.service_id,
        writes=writes,
        from_on=work.today,
        until_on=until,
        invited_by=work.actor.user_id,
    )
    work.session.add(member)
    work.session.flush()
    _tie_member(work, member, user)
    return member


def _tie_member(work: Work, member: Member, user: User) -> None:
    """Let the member's tie say what the membership says."""
    work.session.flush()
    ties.end(work, member.id)
    inside = Relation.MW if member.writes else Relation.MR
    relation = Relation.EX if is_external(user) else inside
    ties.grant(
        work,
        Grant(
            member.child_id,
            relation,
            "member",
            member.id,
            user_id=user.id,
            needs_consent=True,
            service_id=member.service_id,
            writes=member.writes,
            from_on=member.from_on,
            until_on=member.until_on,
        ),
    )


def _longest(work: Work, user: User) -> int:
    """Return for how many months somebody may be a member before it is asked anew."""
    profile = work.profile
    external = is_external(user)
    return profile.membership_months_external if external else profile.membership_months_staff


def professional(work: Work, username: str, name: str) -> User:
    """Return who works with children in a service.

    Raises:
        FieldError: at `name`, when there is no such person, or he works in none.

    """
    user = people.professional(work.session, username, name)
    if user.service_id is None:
        raise FieldError(name, "not-staff")
    return user


def is_external(user: User) -> bool:
    """Say whether somebody works outside the kommune."""
    return EXTERNAL in user.roles.split()


def running_log(work: Work, child_id: UUID) -> Stafettlogg:
    """Return the child's log, which takes what is done now.

    Raises:
        RuleBrokenError: there is none, or it is closed.

    """
    log = queries.last_log(work.session, child_id)
    if log is None:
        raise RuleBrokenError(["log-missing"])
    if log.closed_at is not None:
        raise RuleBrokenError(["log-closed"])
    return log
