"""JSON calls about tasks."""

from typing import Any

from stafett.access.policy import Action
from stafett.tasks import commands
from stafett.tasks.guards import on_task
from stafett.tasks.models import Task
from stafett.tasks.schemas import FinishSchema, TaskSchema
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
    return commands.finish(context.work, context.record, wish["text"])
