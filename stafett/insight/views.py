"""The pages «Hvem har sett og endret», and what is logged of oneself."""

from typing import Any

from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.entries.rules import viewer
from stafett.insight import queries, rules
from stafett.insight.schemas import LogQuerySchema
from stafett.web import cursor
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in
from stafett.web.render import page

insight = GuardedBlueprint("insight", __name__)


@insight.page(
    "/barn/<uuid:child_id>/innsyn", on_child(Action.AUDIT_READ_CHILD), query=LogQuerySchema
)
def show(context: Context[ChildSummary], query: dict[str, Any]) -> ResponseReturnValue:
    """Show who looked at the record and who changed it, as much as the reader may see."""
    found = queries.of_child(
        context.session,
        context.record,
        context.decision.basis,
        viewer(context.actor, context.subject.held, context.work.today),
        query["after"],
    )
    more = sum(row.times for row in found) >= queries.MOST
    return page(
        context,
        "insight/show.html",
        tab="insight",
        child=context.record,
        rows=found,
        family=not rules.shows_all(context.decision.basis),
        next=cursor.write(found[-1].at.isoformat()) if more else None,
        now=context.now,
    )


@insight.page("/min/logg", for_signed_in(Action.AUDIT_READ_OWN), query=LogQuerySchema)
def own(context: Context[None], query: dict[str, Any]) -> ResponseReturnValue:
    """Show what is logged of the actor himself."""
    found = queries.of_self(context.work, query["after"])
    shown = found[: queries.MOST]
    return page(
        context,
        "insight/own.html",
        rows=shown,
        next=cursor.write(shown[-1].at.isoformat()) if len(found) > len(shown) else None,
        now=context.now,
    )
