"""The JSON call of who looked and who changed."""

from typing import Any

from stafett.access.policy import Action
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.entries.rules import viewer
from stafett.insight import queries
from stafett.insight.schemas import LogListSchema, LogQuerySchema, OwnLogSchema
from stafett.web import cursor
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in

insight_api = GuardedBlueprint("insight_api", __name__, url_prefix="/api/v1")


@insight_api.json(
    "/children/<uuid:child_id>/access-log",
    on_child(Action.AUDIT_READ_CHILD),
    returns=LogListSchema,
    query=LogQuerySchema,
)
def access_log(context: Context[ChildSummary], query: dict[str, Any]) -> dict[str, Any]:
    """List who looked at the record and who changed it, as much as the actor may see."""
    found = queries.of_child(
        context.session,
        context.record,
        context.decision.basis,
        viewer(context.actor, context.subject.held, context.work.today),
        query["after"],
    )
    more = sum(row.times for row in found) >= queries.MOST
    return {"items": found, "next": cursor.write(found[-1].at.isoformat()) if more else None}


@insight_api.json(
    "/me/access-log",
    for_signed_in(Action.AUDIT_READ_OWN),
    returns=OwnLogSchema,
    query=LogQuerySchema,
)
def own_log(context: Context[None], query: dict[str, Any]) -> dict[str, Any]:
    """List what is logged of the actor himself."""
    found = queries.of_self(context.work, query["after"])
    shown = found[: queries.MOST]
    more = len(found) > len(shown)
    return {"items": shown, "next": cursor.write(shown[-1].at.isoformat()) if more else None}
