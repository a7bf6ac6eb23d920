"""JSON calls of what somebody has a right to ask for."""

from typing import Any

from stafett.access.policy import Action
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.rights import commands
from stafett.rights.commands import UseRight
from stafett.rights.schemas import RightsCaseListSchema, RightsCaseSchema, UseRightSchema
from stafett.tasks import queries as tasks
from stafett.tasks.queries import RequestRow
from stafett.tasks.rules import TaskKind
from stafett.web.guard import Context, GuardedBlueprint

rights_api = GuardedBlueprint("rights_api", __name__, url_prefix="/api/v1")


@rights_api.json(
    "/children/<uuid:child_id>/rights-requests",
    on_child(Action.DSR_REQUEST),
    returns=RightsCaseListSchema,
)
def cases(context: Context[ChildSummary]) -> dict[str, Any]:
    """List what the actor has asked for, with the answers."""
    return {"items": _asked(context), "next": None}


@rights_api.json(
    "/children/<uuid:child_id>/rights-requests",
    on_child(Action.DSR_REQUEST),
    accepts=UseRightSchema,
    returns=RightsCaseSchema,
    location=lambda _made, child_id: f"/api/v1/children/{child_id}/rights-requests",
)
def ask(context: Context[ChildSummary], wish: UseRight) -> RequestRow:
    """Ask to use a right; it is answered within thirty days."""
    made = commands.use(context.work, context.record.id, wish)
    return next(one for one in _asked(context) if one.id == made.id)


def _asked(context: Context[ChildSummary]) -> list[RequestRow]:
    given = (context.session, context.record.id, context.actor.user_id, TaskKind.DSR_REQUEST)
    return tasks.made_by(*given)
