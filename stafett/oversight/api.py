"""JSON calls of the whole log, and of who had access to whom."""

from typing import Any

from stafett.access.policy import Action
from stafett.oversight import queries
from stafett.oversight.schemas import (
    AccessRegisterSchema,
    FoundListSchema,
    RegisterQuerySchema,
    SearchSchema,
)
from stafett.web import cursor
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in

oversight_api = GuardedBlueprint("oversight_api", __name__, url_prefix="/api/v1")


@oversight_api.json(
    "/access-log",
    for_signed_in(Action.AUDIT_SEARCH_ALL),
    returns=FoundListSchema,
    query=SearchSchema,
)
def search(context: Context[None], query: dict[str, Any]) -> dict[str, Any]:
    """Search the log of all looks."""
    found, children, more = queries.looks(context.session, query["search"], query["after"])
    context.shown_children(children)
    after = cursor.write_at(found[-1].at, found[-1].id) if more else None
    return {"items": found, "next": after}


@oversight_api.json(
    "/access-register",
    for_signed_in(Action.ACCESS_REGISTER_READ),
    returns=AccessRegisterSchema,
    query=RegisterQuerySchema,
)
def register(context: Context[None], query: dict[str, Any]) -> dict[str, Any]:
    """List who had access to which child on a day."""
    on = query["on"] or context.work.today
    found, more = queries.register(
        context.work, on, query["person"], query["child"], query["after"]
    )
    context.shown_children(row.child_id for row in found)
    after = cursor.write(found[-1].child, str(found[-1].id)) if more else None
    return {"items": found, "next": after}
