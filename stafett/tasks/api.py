"""JSON calls about tasks."""

from typing import Any

from stafett.access.policy import Action
from stafett.tasks import commands
from stafett.tasks.guards import on_answer, on_task
from stafett.tasks.models import Task
from stafett.tasks.schemas import FinishSchema, TaskSchema
from stafett.unsaved import queries as unsaved
from stafett.unsaved.commands import Keep, keep
from stafett.unsaved.queries import Place, Written
from stafett.unsaved.schemas import KeepFormSchema, KeptFormSchema
from stafett.web.guard import Context, GuardedBlueprint

tasks_api = GuardedBlueprint("tasks_api", __name__, url_prefix="/api/v1")


@tasks_api.json("/tasks/<uuid:task_id>", on_task(Action.TASK_READ), returns=TaskSchema)
def show(context: Context[Task]) -> Task:
    """Show a task."""
    context.shown_children([context.record.child_id])
    return context.record


@tasks_api.json(
    "/tasks/<uuid:task_id>/done",
    on_task(Action.TASK_FINISH),
    accepts=FinishSchema,
    returns=TaskSchema,
)
def finish(context: Context[Task], wish: dict[str, Any]) -> Task:
    """Say that a task is done."""
    context.shown_children([context.record.child_id])
    return commands.finish(context.work, context.record, **wish)


@tasks_api.json("/tasks/<uuid:task_id>/unsaved", on_answer(), returns=KeptFormSchema)
def written(context: Context[Place]) -> Written:
    """Show the answer to a task that the caller has begun to write; version 0 is nothing."""
    return unsaved.written(context.work, context.record)


@tasks_api.json(
    "/tasks/<uuid:task_id>/unsaved",
    on_answer(),
    accepts=KeepFormSchema,
    returns=KeptFormSchema,
    method="PUT",
)
def keep_written(context: Context[Place], wish: Keep) -> Written:
    """Keep the answer to a task while it is written, for the caller alone."""
    return keep(context.work, context.record, wish)
