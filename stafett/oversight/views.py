"""The pages of the whole log, and of who had access to whom."""

from typing import Any

from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.oversight import queries
from stafett.oversight.schemas import RegisterQuerySchema, SearchSchema
from stafett.web import cursor
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in
from stafett.web.render import page

oversight = GuardedBlueprint("oversight", __name__)


@oversight.page("/logg", for_signed_in(Action.AUDIT_SEARCH_ALL), query=SearchSchema)
def search(context: Context[None], query: dict[str, Any]) -> ResponseReturnValue:
    """Search the log of all looks; nothing is shown before something is looked for."""
    wish = query["search"]
    found, children, more = (
        queries.looks(context.session, wish, query["after"]) if wish.asks else ([], [], False)
    )
    context.shown_children(children)
    return page(
        context,
        "oversight/search.html",
        wish=wish,
        rows=found,
        next=cursor.write_at(found[-1].at, found[-1].id) if more else None,
        now=context.now,
    )


@oversight.page("/tilganger", for_signed_in(Action.ACCESS_REGISTER_READ), query=RegisterQuerySchema)
def register(context: Context[None], query: dict[str, Any]) -> ResponseReturnValue:
    """Show who had access to which child on a day, and why."""
    on = query["on"] or context.work.today
    found, more = queries.register(
        context.work, on, query["person"], query["child"], query["after"]
    )
    context.shown_children(row.child_id for row in found)
    return page(
        context,
        "oversight/register.html",
        on=on,
        query=query,
        rows=found,
        next=cursor.write(found[-1].child, str(found[-1].id)) if more else None,
        today=context.work.today,
    )
