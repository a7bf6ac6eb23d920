"""Everything that makes a child's address more or less protected.

More protection one person adds at once, because it cannot wait; less of it takes two: one who asks
and koordinerende enhet's leader, who does it (matrix, cells 2). It never ends by itself: the day
until which a decision is meant to last only says when somebody is asked whether it was renewed.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from stafett.access import ties
from stafett.access.policy import Action, Actor
from stafett.access.work import Work
from stafett.audit import trail
from stafett.children import commands as children
from stafett.children import queries as child_queries
from stafett.children.models import Child, Guardian, ProtectionStep
from stafett.children.rules import Protection, hides_places, milder, stricter
from stafett.dates import months_after, oslo_date
from stafett.emergency import commands as emergency
from stafett.errors import ConflictError, FieldError
from stafett.people import queries as people
from stafett.profile.model import Profile
from stafett.protection import queries
from stafett.protection.models import AddressReader
from stafett.protection.queries import AskedRow
from stafett.tasks import commands as tasks
from stafett.tasks import queries as task_queries
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind

REMINDED_BEFORE = timedelta(days=30)
"""How long before its end somebody is asked whether a decision was renewed."""
LONGEST_MONTHS = 12
"""So long somebody may at most be a reader before he must ask again."""


@dataclass(frozen=True)
class Grade:
    """A wish for another grade; `until_on` is the decision's last local date, if it has one."""

    protection: Protection
    reason: str
    until_on: date | None = None


@dataclass(frozen=True)
class Renew:
    """How long the decision lasts now, to a local date or, with None, without an end, and why."""

    reason: str
    until_on: date | None = None


@dataclass(frozen=True)
class NameReader:
    """A wish to let somebody who has asked read where the child is, that local date included."""

    username: str
    until_on: date


def protect(work: Work, child_id: UUID, wish: Grade) -> Child:
    """Protect a child's address more than it is; it holds from the next request on.

    Guardians lose their access, readers must be named anew, and with the strict grade address,
    school and the guardians' telephone numbers are stored no longer.

    Raises:
        FieldError: it is protected as much already, or the day has passed.

    """
    child = work.session.get_one(Child, child_id)
    _check_day(work, wish.until_on)
    if wish.protection not in stricter(child.address_protection):
        raise FieldError("protection", "protection-not-stricter")
    if wish.protection is Protection.STRICT:
        every = select(Guardian).where(Guardian.child_id == child_id, Guardian.phone.is_not(None))
        for guardian in work.session.scalars(every):
            guardian.phone = None
    _step(work, child, wish, Action.CHILD_ADD_PROTECTION, asked_by=None)
    for reader in queries.standing(work.session, child_id):
        reader.ended_at = work.now
    for guardian in child_queries.guardians_now(work.session, child_id):
        guardian.opened_at = None
    if wish.protection is Protection.STRICT:  # no record of such a child stands open to anybody
        emergency.close_all(work, child_id)
    work.session.flush()
    children.retie_guardians(work, child)
    _settle_reminder(work, child_id, f"Strengere: {wish.reason}")
    holder, me = ties.holder_of(work.session, child_id), work.actor
    if holder is not None and not (
        holder.user_id == me.user_id or holder.led_service_id in me.leads
    ):
        tasks.ask_holder(work, TaskKind.PROTECTED, holder, child_id)
    return child


def ease(work: Work, child_id: UUID, wish: Grade) -> Child:
    """Protect a child's address less, as another person has asked for.

    Raises:
        FieldError: it would not be less.

    """
    child = work.session.get_one(Child, child_id)
    if wish.protection not in milder(child.address_protection):
        raise FieldError("protection", "protection-not-milder")
    first = _first(work, child_id, Action.CHILD_SET_GRADE_FLAG)
    _step(work, child, wish, Action.CHILD_SET_GRADE_FLAG, asked_by=first.made_by)
    if not hides_places(wish.protection):
        for reader in queries.standing(work.session, child_id):
            reader.ended_at = work.now
    work.session.flush()
    children.retie_guardians(work, child)
    _settle_reminder(work, child_id, f"Lettet: {wish.reason}")
    tasks.settle(work, child_id, Action.CHILD_SET_GRADE_FLAG, None, f"Gjort: {wish.reason}")
    return child


def renew(work: Work, child_id: UUID, wish: Renew) -> Child:
    """Say how long the decision behind a child's protection lasts now; the grade stays.

    Raises:
        ConflictError: the address is not protected.
        FieldError: the day has passed.

    """
    child = work.session.get_one(Child, child_id)
    if not hides_places(child.address_protection):
        raise ConflictError
    _check_day(work, wish.until_on)
    same = Grade(Protection(child.address_protection), wish.reason, wish.until_on)
    _step(work, child, same, Action.CHILD_ADD_PROTECTION, asked_by=None)
    _settle_reminder(work, child_id, f"Avklart: {wish.reason}")
    return child


def remind(session: Session, now: datetime, profile: Profile) -> int:
    """Ask whether decisions that end within a month were renewed; return how many are asked about.

    The holder is asked, otherwise the leader of koordinerende enhet; once for each day of ending.
    """
    today, asked = oslo_date(now), 0
    kind = TaskKind.PROTECTION_ENDS
    before = task_queries.days_of(session, kind)
    for step, holder in queries.ending(session, today + REMINDED_BEFORE):
        if (kind, step.child_id, step.until_on) in before:
            continue
        work = Work(session, Actor(step.set_by, frozenset()), now, profile)
        if holder is not None:
            tasks.ask_holder(work, kind, holder, step.child_id, step.until_on)
        else:
            unit = people.coordinating_unit(session)
            tasks.ask_service(work, kind, step.child_id, unit, step.child_id, step.until_on)
        asked += 1
    return asked


def _check_day(work: Work, until_on: date | None) -> None:
    if until_on is not None and until_on < work.today:
        raise FieldError("until_on", "day-has-passed")


def _settle_reminder(work: Work, child_id: UUID, text: str) -> None:
    tasks.settle_of(work, TaskKind.PROTECTION_ENDS, child_id, text)


def name_reader(work: Work, child_id: UUID, wish: NameReader) -> AddressReader:
    """Let somebody who has asked for it read where the child is; an earlier time is replaced.

    Raises:
        FieldError: he has not asked, or the day is past or too far.

    """
    last = months_after(work.today, LONGEST_MONTHS)
    waiting = queries.asked(
        work.session, child_id, [Action.CHILD_NAME_READER], but=work.actor.user_id
    )
    request = next((one for one in waiting if one.username == wish.username), None)
    problems = {
        "username": [] if request else ["has-not-asked"],
        "until_on": [] if work.today <= wish.until_on <= last else ["reader-days"],
    }
    if request is None or any(problems.values()):
        raise FieldError.of(problems)
    end_reader(work, child_id, wish.username, replaced=True)
    reader = AddressReader(
        child_id=child_id,
        user_id=request.made_by,
        until_on=wish.until_on,
        reason=request.words,
        named_by=work.actor.user_id,
        named_at=work.now,
    )
    work.session.add(reader)
    work.session.flush()
    trail.record(work, Action.CHILD_NAME_READER, child_id, reader.id, user_id=str(request.made_by))
    task = work.session.get_one(Task, request.id)
    tasks.finish(work, task, f"Gjort: til og med {wish.until_on:%d.%m.%Y}")
    return reader


def end_reader(work: Work, child_id: UUID, username: str, *, replaced: bool = False) -> None:
    """Take somebody off the list of those who may read where the child is.

    Raises:
        ConflictError: he is not on it, and is not about to be `replaced`.

    """
    found = queries.standing(work.session, child_id, username)
    if not (found or replaced):
        raise ConflictError
    for reader in found:
        reader.ended_at = work.now
        trail.record(work, Action.CHILD_ADD_PROTECTION, child_id, reader.id)


def open_access(work: Work, guardian: Guardian, reason: str) -> Guardian:
    """Let a guardian see a child whose address is protected, as another person has asked for.

    Raises:
        ConflictError: it is open already, the guardian is not one any more, or has no account.

    """
    child = work.session.get_one(Child, guardian.child_id)
    closed = hides_places(child.address_protection) and guardian.opened_at is None
    if not closed or guardian.ended_at is not None or guardian.user_id is None:
        raise ConflictError
    guardian.opened_at = work.now
    work.session.flush()
    children.tie_guardian(work, child, guardian)
    first = _first(work, child.id, Action.GUARDIAN_OPEN_ACCESS, guardian.id)
    trail.record(
        work, Action.GUARDIAN_OPEN_ACCESS, child.id, guardian.id, asked_by=str(first.made_by)
    )
    tasks.settle(work, child.id, Action.GUARDIAN_OPEN_ACCESS, guardian.id, f"Gjort: {reason}")
    return guardian


def close_access(work: Work, guardian: Guardian) -> Guardian:
    """Close a guardian's access to a child whose address is protected.

    Raises:
        ConflictError: it is not open.

    """
    if guardian.opened_at is None:
        raise ConflictError
    guardian.opened_at = None
    work.session.flush()
    children.tie_guardian(work, work.session.get_one(Child, guardian.child_id), guardian)
    trail.record(work, Action.CHILD_ADD_PROTECTION, guardian.child_id, guardian.id)
    return guardian


def _first(work: Work, child_id: UUID, action: Action, object_id: UUID | None = None) -> AskedRow:
    """Return what the first of the two asked for; the policy has seen that there is one."""
    waiting = queries.asked(work.session, child_id, [action], but=work.actor.user_id)
    return next(one for one in waiting if one.object_id == object_id)


def spread(work: Work, child: Child, protection: Protection) -> None:
    """Let a child's record and those that were joined to it be protected alike.

    With the strict grade none of them stores where the child is.
    """
    for record in (child, *child_queries.joined(work.session, child.id)):
        record.address_protection = protection
        if protection is Protection.STRICT:
            record.address = record.school = None


def _step(work: Work, child: Child, wish: Grade, action: Action, *, asked_by: UUID | None) -> None:
    spread(work, child, wish.protection)
    work.session.add(
        ProtectionStep(
            child_id=child.id,
            protection=wish.protection,
            reason=wish.reason,
            set_by=work.actor.user_id,
            set_at=work.now,
            asked_by=asked_by,
            until_on=wish.until_on,
        )
    )
    trail.record(work, action, child.id, child.id, protection=wish.protection)
