"""JSON calls of what somebody has a right to ask for."""

from typing import Any

from stafett.access.policy import Action
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.rights import commands, queries
from stafett.rights.commands import DecideRestriction, Lift, UseRight
from stafett.rights.guards import on_asking, on_restriction
from stafett.rights.schemas import (
    DecideRestrictionSchema,
    LiftSchema,
    RestrictionListSchema,
    RightsCaseListSchema,
    RightsCaseSchema,
    UseRightSchema,
)
from stafett.tasks.queries import RequestRow
from stafett.unsaved import queries as unsaved
from stafett.unsaved.commands import Keep, keep
from stafett.unsaved.queries import Place, Written
from stafett.unsaved.schemas import KeepFormSchema, KeptFormSchema
from stafett.web.guard import Context, GuardedBlueprint

rights_api = GuardedBlueprint("rights_api", __name__, url_prefix="/api/v1")


@rights_api.json(
    "/children/<uuid:child_id>/rights-requests",
    on_child(Action.DSR_REQUEST),
    returns=RightsCaseListSchema,
)
def cases(context: Context[ChildSummary]) -> dict[str, Any]:
    """List what the actor has asked for, with the answers."""
    return {"items": queries.cases(context.work, context.record.id), "next": None}


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
    return next(one for one in queries.cases(context.work, context.record.id) if one.id == made.id)


@rights_api.json(
    "/children/<uuid:child_id>/rights-requests/unsaved", on_asking(), returns=KeptFormSchema
)
def written(context: Context[Place]) -> Written:
    """Show what the caller has begun to ask for; version 0 is nothing."""
    return unsaved.written(context.work, context.record)


@rights_api.json(
    "/children/<uuid:child_id>/rights-requests/unsaved",
    on_asking(),
    accepts=KeepFormSchema,
    returns=KeptFormSchema,
    method="PUT",
)
def keep_written(context: Context[Place], wish: Keep) -> Written:
    """Keep what somebody asks for while it is written, for the caller alone."""
    return keep(context.work, context.record, wish)


@rights_api.json(
    "/children/<uuid:child_id>/restrictions", on_restriction(), returns=RestrictionListSchema
)
def restrictions(context: Context[ChildSummary]) -> dict[str, Any]:
    """List when the child's record has been restricted."""
    return _now(context)


@rights_api.json(
    "/children/<uuid:child_id>/restrictions",
    on_restriction(),
    accepts=DecideRestrictionSchema,
    returns=RestrictionListSchema,
)
def decide_restriction(context: Context[ChildSummary], wish: DecideRestriction) -> dict[str, Any]:
    """Restrict the use of a record, or say no to who has asked."""
    commands.decide_restriction(context.work, context.record.id, wish)
    return _now(context)


@rights_api.json(
    "/children/<uuid:child_id>/restrictions/lift",
    on_restriction(),
    accepts=LiftSchema,
    returns=RestrictionListSchema,
)
def lift(context: Context[ChildSummary], wish: Lift) -> dict[str, Any]:
    """Let a record be used again."""
    commands.lift(context.work, context.record.id, wish)
    return _now(context)


def _now(context: Context[ChildSummary]) -> dict[str, Any]:
    return {"items": queries.restrictions(context.session, context.record.id), "next": None}
