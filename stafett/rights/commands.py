"""Asks to use a right, which is a case with a deadline, and restricts the use of a record."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from stafett.access.models import Restriction
from stafett.access.policy import Action
from stafett.access.work import Work
from stafett.audit import trail
from stafett.dates import oslo_date
from stafett.errors import ConflictError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.rights import queries
from stafett.rights.rules import (
    ANSWERED_WITHIN,
    LOOK_AGAIN_WITHIN,
    RIGHTS,
    WORDS,
    Right,
    problems_with_lifting,
)
from stafett.tasks import commands as tasks
from stafett.tasks.models import Task
from stafett.tasks.queries import open_of
from stafett.tasks.rules import TaskKind
from stafett.unsaved import commands as unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf


@dataclass(frozen=True, slots=True)
class UseRight:
    """A right that somebody wants to use, and on what.

    `draft_version`: of the draft that is then let go.
    """

    right: Right
    words: str
    draft_version: int = 0


@dataclass(frozen=True, slots=True)
class DecideRestriction:
    """Whether the use of a record is restricted, and why."""

    restricted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Lift:
    """That a record may be used again, why, and the local date on which the family was told."""

    reason: str
    told_on: date


def use(work: Work, child_id: UUID, wish: UseRight) -> Task:
    """Ask koordinerende enhet's leader, who must answer within thirty days (GDPR art. 12 no. 3).

    Raises:
        RuleBrokenError: the kommune has nobody to ask.

    """
    unit = people.coordinating_unit(work.session)
    if unit is None:
        raise RuleBrokenError(["nobody-to-ask"])
    words, due_on = f"{WORDS[wish.right]}.\n{wish.words}", work.today + ANSWERED_WITHIN
    decided = wish.right is Right.RESTRICTION
    kind = TaskKind.DECIDE_RESTRICTION if decided else TaskKind.DSR_REQUEST
    task = tasks.ask_in_words(work, kind, child_id, (None, unit), words, due_on)
    trail.record(work, Action.DSR_REQUEST, child_id, task.id, right=wish.right)
    unsaved.drop(work, Place(UnsavedOf.REQUEST, child_id, RIGHTS), wish.draft_version)
    return task


def decide_restriction(work: Work, child_id: UUID, wish: DecideRestriction) -> None:
    """Restrict the use of a child's record (GDPR art. 18), or say no; answers who has asked.

    While it stands koordinerende enhet has a task to look at it again.

    Raises:
        ConflictError: it is restricted already, or nobody waits for a no.

    """
    waits = open_of(work.session, TaskKind.DECIDE_RESTRICTION, child_id) is not None
    if queries.standing(work.session, child_id) is not None or not (wish.restricted or waits):
        raise ConflictError
    said = f"{'Ja, bruken er stanset.' if wish.restricted else 'Nei.'} {wish.reason}"
    tasks.settle_of(work, TaskKind.DECIDE_RESTRICTION, child_id, said)
    if not wish.restricted:
        return
    made = Restriction(
        child_id=child_id, reason=wish.reason, begun_at=work.now, begun_by=work.actor.user_id
    )
    work.session.add(made)
    work.session.flush()
    unit = people.coordinating_unit(work.session)
    again = work.today + LOOK_AGAIN_WITHIN
    tasks.ask_service(work, TaskKind.LIFT_RESTRICTION, child_id, unit, child_id, again)
    trail.record(work, Action.DSR_RESTRICT, child_id, made.id)


def lift(work: Work, child_id: UUID, wish: Lift) -> None:
    """Let a record be used again, once the family has been told (GDPR art. 18 no. 3).

    Raises:
        ConflictError: it is not restricted.
        FieldError: the family was not told between the restriction and today.

    """
    standing = queries.standing(work.session, child_id)
    if standing is None:
        raise ConflictError
    if found := problems_with_lifting(wish.told_on, oslo_date(standing.begun_at), work.today):
        raise FieldError.of(found)
    standing.ended_at, standing.ended_by = work.now, work.actor.user_id
    standing.ended_reason, standing.told_on = wish.reason, wish.told_on
    tasks.settle_of(work, TaskKind.LIFT_RESTRICTION, child_id, wish.reason)
    trail.record(work, Action.DSR_RESTRICT, child_id, standing.id, lifted=True)
