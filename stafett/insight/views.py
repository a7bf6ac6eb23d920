"""The pages «Hvem har sett og endret», and what is logged of oneself."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.entries.guards import reader
from stafett.insight import commands, queries, rules
from stafett.insight.guards import one_row
from stafett.insight.queries import Part
from stafett.insight.schemas import AskWhySchema, LogQuerySchema
from stafett.plan import guards as plan
from stafett.tasks import queries as tasks
from stafett.tasks.rules import TaskKind
from stafett.unsaved.guards import kept
from stafett.web import cursor
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in
from stafett.web.render import page

insight = GuardedBlueprint("insight", __name__)


@insight.page(
    "/barn/<uuid:child_id>/innsyn", on_child(Action.AUDIT_READ_CHILD), query=LogQuerySchema
)
def show(context: Context[ChildSummary], query: dict[str, Any]) -> ResponseReturnValue:
    """Show who looked at the record and who changed it, as much as the reader may see."""
    found, last = queries.of_child(
        context.session,
        context.record,
        context.decision.basis,
        reader(context),
        plan.viewer(context),
        Part(before=query["after"]),
    )
    return page(
        context,
        "insight/show.html",
        tab="insight",
        child=context.record,
        rows=found,
        asked=tasks.made_by(
            context.session, context.record.id, context.actor.user_id, TaskKind.ASK_WHY
        ),
        family=not rules.shows_all(context.decision.basis),
        next=cursor.write_at(*last) if last else None,
        now=context.now,
    )


@insight.page("/barn/<uuid:child_id>/innsyn/<uuid:row_id>/hvorfor", on_child(Action.AUDIT_ASK_WHY))
def why(context: Context[ChildSummary]) -> ResponseReturnValue:
    """Show the form that asks why somebody has looked or changed something."""
    row = one_row(context)
    return page(
        context,
        "insight/why.html",
        tab="insight",
        child=context.record,
        row=row,
        now=context.now,
        **kept(context, Action.REQUEST_DRAFT, queries.asking_place(context.record.id, row.id)),
    )


@insight.action(
    "/barn/<uuid:child_id>/innsyn/<uuid:row_id>/hvorfor",
    on_child(Action.AUDIT_ASK_WHY),
    AskWhySchema,
    again=why,
)
def ask_why(context: Context[ChildSummary], wish: dict[str, Any]) -> ResponseReturnValue:
    """Ask, and show what one has asked."""
    commands.ask_why(context.work, context.record.id, one_row(context), **wish)
    return redirect(url_for("insight.show", child_id=context.record.id), code=303)


@insight.page("/min/logg", for_signed_in(Action.AUDIT_READ_OWN), query=LogQuerySchema)
def own(context: Context[None], query: dict[str, Any]) -> ResponseReturnValue:
    """Show what is logged of the actor himself."""
    found, last = queries.of_self(context.work, query["after"])
    return page(
        context,
        "insight/own.html",
        rows=rules.gathered(found),
        next=cursor.write_at(*last) if last else None,
        now=context.now,
    )
