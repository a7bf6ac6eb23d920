"""Asks to use a right: a case for koordinerende enhet, with a deadline."""

from dataclasses import dataclass
from uuid import UUID

from stafett.access.policy import Action
from stafett.access.work import Work
from stafett.audit import trail
from stafett.errors import RuleBrokenError
from stafett.people import queries as people
from stafett.rights.rules import ANSWERED_WITHIN, WORDS, Right
from stafett.tasks import commands as tasks
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind


@dataclass(frozen=True, slots=True)
class UseRight:
    """A right that somebody wants to use, and on what."""

    right: Right
    words: str


def use(work: Work, child_id: UUID, wish: UseRight) -> Task:
    """Ask koordinerende enhet's leader, who must answer within thirty days (GDPR art. 12 no. 3).

    Raises:
        RuleBrokenError: the kommune has nobody to ask.

    """
    unit = people.coordinating_unit(work.session)
    if unit is None:
        raise RuleBrokenError(["nobody-to-ask"])
    words, due_on = f"{WORDS[wish.right]}.\n{wish.words}", work.today + ANSWERED_WITHIN
    task = tasks.ask_in_words(work, TaskKind.DSR_REQUEST, child_id, (None, unit), words, due_on)
    trail.record(work, Action.DSR_REQUEST, child_id, task.id, right=wish.right)
    return task
