"""JSON calls about two records of one child."""

from typing import Any

from stafett.twins import commands, queries
from stafett.twins.guards import on_twin
from stafett.twins.queries import Pair
from stafett.twins.schemas import JoinSchema, PairSchema, TellApartSchema
from stafett.web.guard import Context, GuardedBlueprint

twins_api = GuardedBlueprint("twins_api", __name__, url_prefix="/api/v1")


@twins_api.json("/children/<uuid:child_id>/twin", on_twin(), returns=PairSchema)
def show(context: Context[Pair]) -> dict[str, Any]:
    """Show the two records."""
    context.shown_children([context.record.other.id])
    return _as_json(context)


@twins_api.json(
    "/children/<uuid:child_id>/twin/joining", on_twin(), accepts=JoinSchema, returns=PairSchema
)
def join(context: Context[Pair], _wish: dict[str, Any]) -> dict[str, Any]:
    """Join them."""
    commands.join(context.work, context.record)
    return _as_json(context)


@twins_api.json(
    "/children/<uuid:child_id>/twin/undoing", on_twin(), accepts=JoinSchema, returns=PairSchema
)
def undo(context: Context[Pair], _wish: dict[str, Any]) -> dict[str, Any]:
    """Part them again, within 24 hours."""
    commands.undo(context.work, context.record)
    return _as_json(context)


@twins_api.json(
    "/children/<uuid:child_id>/twin/confirmation",
    on_twin(),
    accepts=JoinSchema,
    returns=PairSchema,
)
def confirm(context: Context[Pair], _wish: dict[str, Any]) -> dict[str, Any]:
    """Say that the join was right."""
    commands.confirm(context.work, context.record)
    return _as_json(context)


@twins_api.json(
    "/children/<uuid:child_id>/twin/telling-apart",
    on_twin(),
    accepts=TellApartSchema,
    returns=PairSchema,
)
def tell_apart(context: Context[Pair], wish: dict[str, Any]) -> dict[str, Any]:
    """Say that they are two children."""
    commands.tell_apart(context.work, context.record, wish["reason"])
    return _as_json(context)


def _as_json(context: Context[Pair]) -> dict[str, Any]:
    context.session.flush()
    pair = queries.pair(context.session, context.record.twin.id)
    if pair is None:  # they have been told apart
        return {"sides": [], "joined_at": None}
    joined_at = pair.join.joined_at if pair.join else None
    return {"sides": queries.sides(context.session, pair), "joined_at": joined_at}
