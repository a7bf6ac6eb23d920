"""Asks for what one may not do oneself (cells R of the matrix): a task for one who may."""

from dataclasses import dataclass
from uuid import UUID

from stafett.access import ties
from stafett.access.policy import Action, Relation
from stafett.access.ties import Grant
from stafett.access.work import Work
from stafett.audit import trail
from stafett.errors import FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.record import queries
from stafett.record.queries import Asking
from stafett.stafettlogg.queries import LogSummary
from stafett.tasks import commands as tasks
from stafett.tasks.models import Task
from stafett.unsaved import commands as unsaved


@dataclass(frozen=True)
class Ask:
    """A wish that somebody else does something; `object_id` is the guardian it is about, if any.

    `draft_version`: of the draft that is then let go.
    """

    action: Action
    words: str
    object_id: UUID | None = None
    draft_version: int = 0


def ask(work: Work, log: LogSummary, wish: Ask, may: list[Asking]) -> Task:
    """Give the task to who may do it now, or else to koordinerende enhet.

    The unit's leader is tied to the child until he has answered.

    Raises:
        ConflictError: the actor has asked for the same and has no answer yet.
        FieldError: the actor may not ask for it.
        RuleBrokenError: the kommune has nobody who may do it.

    """
    if (wish.action, wish.object_id) not in {(one.action, one.object_id) for one in may}:
        raise FieldError("action", "request-unknown")
    receiver = queries.receiver(work, log.child_id, wish.action)
    unit = None if receiver else people.coordinating_unit(work.session)
    nobody = unit is None or unit in work.actor.leads  # nobody asks himself
    if receiver is None and (nobody or not queries.may_decide(Relation.KEL, wish.action)):
        raise RuleBrokenError(["nobody-to-ask"])
    task = tasks.request(
        work, log.child_id, wish.action, wish.object_id, wish.words, receiver or (None, unit)
    )
    if receiver is None:
        tie = Grant(log.child_id, Relation.KEL, "request", task.id, led_service_id=unit)
        ties.grant(work, tie)
    trail.record(work, Action.REQUEST_MAKE, log.child_id, task.id, asked=wish.action)
    unsaved.drop(
        work, queries.asking_place(log.child_id, wish.action, wish.object_id), wish.draft_version
    )
    return task
