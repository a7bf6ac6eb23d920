"""Asks why somebody has looked or changed something."""

from uuid import UUID

from stafett.access.policy import Action
from stafett.access.work import Work
from stafett.audit import trail
from stafett.dates import clock, day_text, oslo_date, working_days_after
from stafett.errors import RuleBrokenError
from stafett.insight import queries
from stafett.insight.rules import ANSWER_DAYS, Row
from stafett.people import queries as people
from stafett.tasks import commands as tasks
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from stafett.unsaved import commands as unsaved


def ask_why(work: Work, child_id: UUID, row: Row, words: str, draft_version: int = 0) -> Task:
    """Ask koordinerende enhet's leader about a row that the actor sees, due in five working days.

    `draft_version`: of the draft that is then let go.

    Raises:
        ConflictError: the actor has asked about this row and has no answer yet.
        RuleBrokenError: the kommune has nobody to ask.

    """
    unit = people.coordinating_unit(work.session)
    if unit is None:
        raise RuleBrokenError(["nobody-to-ask"])
    when = f"{day_text(oslo_date(row.at), work.today)} kl. {clock(row.at)}"
    told = f"{row.who} {row.what} {when}. Hvorfor?"
    question = f"{told}\n{words}".strip()
    due_on = working_days_after(work.today, ANSWER_DAYS)
    task = tasks.ask_in_words(
        work, TaskKind.ASK_WHY, child_id, (None, unit), question, due_on, row.id
    )
    trail.record(work, Action.AUDIT_ASK_WHY, child_id, task.id)
    unsaved.drop(work, queries.asking_place(child_id, row.id), draft_version)
    return task
