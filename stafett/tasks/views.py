"""The page of one task."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.people import queries as people
from stafett.profile.model import Profile
from stafett.tasks import commands
from stafett.tasks.guards import on_task
from stafett.tasks.models import Task
from stafett.tasks.rules import DONE_BY_DOING, REQUESTS, TaskKind
from stafett.tasks.schemas import FinishSchema
from stafett.unsaved.guards import kept
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf
from stafett.web.guard import Context, GuardedBlueprint
from stafett.web.render import page

tasks = GuardedBlueprint("tasks", __name__)


@tasks.page("/oppgave/<uuid:task_id>", on_task(Action.TASK_READ))
def show(context: Context[Task]) -> ResponseReturnValue:
    """Show a task, with what can be done about it."""
    task = context.record
    if context.subject.child_id is not None or task.kind != TaskKind.EMERGENCY:
        context.shown_children([task.child_id])  # else the page says nothing of the child
    return page(
        context,
        "tasks/show.html",
        **kept(context, Action.REQUEST_DRAFT, Place(UnsavedOf.TASK, task.id)),
        task=task,
        asked=REQUESTS[Action(task.action)] if task.action else "",
        doing=DONE_BY_DOING.get(TaskKind(task.kind), "").format(task.source_id),
        question=_question(context, task),
        how=_how(context.work.profile, task),
        maker=people.names_of(context.session, [task.made_by])[task.made_by],
        now=context.now,
    )


def _question(context: Context[Task], task: Task) -> Task | None:
    """Return what a notice says is answered."""
    if task.kind != TaskKind.ANSWERED or task.object_id is None:
        return None
    return context.session.get(Task, task.object_id)


def _how(profile: Profile, task: Task) -> str:
    """Return what the kommune says of the transition that a task is about, if it still does."""
    return next((one.how for one in profile.transitions if one.name == task.words), "")


@tasks.action("/oppgave/<uuid:task_id>", on_task(Action.TASK_FINISH), FinishSchema, again=show)
def finish(context: Context[Task], wish: dict[str, Any]) -> ResponseReturnValue:
    """Say that a task is done, with a word on what was done."""
    commands.finish(context.work, context.record, **wish)
    return redirect(url_for("worklist.show"), code=303)
