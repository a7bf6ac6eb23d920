"""Everything that changes emergencies and the duty list."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from stafett.access import ties
from stafett.access.policy import Action, Relation
from stafett.access.ties import Grant
from stafett.access.work import Work
from stafett.audit import trail
from stafett.dates import oslo_date
from stafett.db import one_at_a_time
from stafett.emergency import queries, rules
from stafett.emergency.models import Duty, Emergency
from stafett.emergency.rules import Category, Outcome
from stafett.errors import ConflictError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.tasks import commands as tasks
from stafett.tasks.rules import TaskKind


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A wish to open one child's record: which, by id or number, and why it cannot wait."""

    category: Category
    reason: str
    child_id: UUID | None = None
    national_id: str | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """What another person found, and a word on why."""

    outcome: Outcome
    words: str


@dataclass(frozen=True, slots=True)
class PutOnDuty:
    """A wish to have somebody on the duty list to a local date (included)."""

    username: str
    from_on: date
    until_on: date


def open_record(work: Work, wish: OpenRecord, signed_in_at: datetime | None) -> Emergency:
    """Open one child's record to the actor for an hour, to read; and tell those who oversee it.

    Raises:
        FieldError: no such child, one that is never opened so, or a reason that says nothing.
        RuleBrokenError: with every obstacle.

    """
    if len(wish.reason.strip()) < rules.SHORTEST_REASON:
        raise FieldError("reason", "reason-too-short")
    one_at_a_time(work.session, work.actor.user_id)  # so that two at once are counted as two
    child = queries.child_to_open(
        work.session, work.actor, work.today, wish.child_id, wish.national_id
    )
    if child is None:
        raise FieldError("national_id" if wish.child_id is None else "child_id", "child-unknown")
    overseers = people.with_roles(work.session, "ke_leader", "auditor") - {work.actor.user_id}
    obstacles = rules.obstacles_to_opening(
        queries.earlier(work.session, work.actor.user_id),
        work.now,
        signed_in_at,
        own_family=queries.is_own_family(work.session, child.id, work.actor.user_id),
    )
    if not overseers:
        obstacles.append("nobody-to-review")
    if obstacles:
        raise RuleBrokenError(obstacles)
    opened = Emergency(
        child_id=child.id,
        user_id=work.actor.user_id,
        category=wish.category,
        reason=wish.reason,
        opened_at=work.now,
        until_at=work.now + rules.OPEN_FOR,
    )
    work.session.add(opened)
    work.session.flush()
    ties.grant(
        work,
        Grant(
            child.id,
            Relation.EMERGENCY,
            "emergency",
            opened.id,
            user_id=work.actor.user_id,
            until_at=opened.until_at,
        ),
    )
    due_on = oslo_date(work.now + rules.REVIEW_WITHIN)
    for user_id in sorted(overseers):
        tasks.ask_person(work, TaskKind.EMERGENCY, child.id, user_id, opened.id, due_on)
    trail.record(work, Action.BG_INVOKE, child.id, opened.id, category=wish.category)
    return opened


def close(work: Work, emergency: Emergency) -> Emergency:
    """Close a record before its time; it is closed already when the time has passed."""
    if emergency.closed_at is None and work.now < emergency.until_at:
        emergency.closed_at = work.now
        ties.end(work, emergency.id)
        trail.record(work, Action.BG_INVOKE, emergency.child_id, emergency.id, closed=True)
    return emergency


def close_all(work: Work, child_id: UUID) -> None:
    """Close whatever is open of one child, to whomever."""
    for emergency in queries.open_of(work.session, child_id, work.now):
        close(work, emergency)


def review(work: Work, emergency: Emergency, wish: Judge) -> Emergency:
    """Say what another person found; what is still open closes, so that nothing is seen later.

    Raises:
        ConflictError: somebody has said so already.

    """
    if emergency.reviewed_at is not None:
        raise ConflictError({"outcome": emergency.outcome})
    close(work, emergency)
    emergency.reviewed_at, emergency.reviewed_by = work.now, work.actor.user_id
    emergency.outcome, emergency.words = wish.outcome, wish.words
    tasks.settle_of(work, TaskKind.EMERGENCY, emergency.id, wish.words)
    trail.record(
        work, Action.BG_REVIEW, emergency.child_id, emergency.id, outcome=wish.outcome.value
    )
    return emergency


def put_on_duty(work: Work, wish: PutOnDuty) -> Duty:
    """Let a member of staff use break-glass from a local date to another.

    Raises:
        FieldError: no such person, not of the staff, oneself, or dates that cannot be.

    """
    user = people.by_username(work.session, wish.username, "username")
    problems: dict[str, list[str]] = {"username": [], "until_on": []}
    if "staff" not in user.roles.split():
        problems["username"].append("not-staff")
    if user.id == work.actor.user_id:
        problems["username"].append("duty-own")
    if wish.until_on < max(wish.from_on, work.today):
        problems["until_on"].append("until-before-from")
    if wish.until_on - wish.from_on > rules.LONGEST_DUTY:
        problems["until_on"].append("duty-too-long")
    if any(problems.values()):
        raise FieldError.of(problems)
    added = Duty(
        user_id=user.id,
        from_on=wish.from_on,
        until_on=wish.until_on,
        added_by=work.actor.user_id,
        added_at=work.now,
    )
    work.session.add(added)
    work.session.flush()
    trail.record(work, Action.ROLE_GRANT, None, added.id, duty=True, user_id=str(user.id))
    return added


def take_off_duty(work: Work, duty: Duty) -> Duty:
    """Take somebody off the duty list at once; what he has open closes too."""
    if duty.ended_at is None:
        duty.ended_at = work.now
        if opened := queries.open_now(work.session, duty.user_id, work.now):
            close(work, work.session.get_one(Emergency, opened.id))
        trail.record(work, Action.ROLE_GRANT, None, duty.id, duty=False)
    return duty
