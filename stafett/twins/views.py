"""The page of two records of one child: joined, parted, or told apart."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.twins import commands, queries, rules
from stafett.twins.guards import on_twin
from stafett.twins.queries import Pair
from stafett.twins.schemas import JoinSchema, TellApartSchema
from stafett.web.guard import Context, GuardedBlueprint
from stafett.web.render import page

twins = GuardedBlueprint("twins", __name__)


@twins.page("/barn/<uuid:child_id>/sla-sammen", on_twin())
def show(context: Context[Pair]) -> ResponseReturnValue:
    """Show the two records side by side, with what can be done."""
    pair = context.record
    context.shown_children([pair.other.id])
    return page(
        context,
        "twins/show.html",
        child_id=pair.twin.id,
        sides=queries.sides(context.session, pair),
        joined=pair.join,
        leaves_a_log=pair.leaves_a_log,
        until=pair.join.joined_at + rules.UNDO_WITHIN if pair.join else None,
        now=context.now,
    )


@twins.action("/barn/<uuid:child_id>/sla-sammen", on_twin(), JoinSchema, again=show)
def join(context: Context[Pair], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Join them, and show what came of it."""
    commands.join(context.work, context.record)
    return redirect(url_for("twins.show", child_id=context.record.twin.id), code=303)


@twins.action("/barn/<uuid:child_id>/sla-sammen/angre", on_twin(), JoinSchema, again=show)
def undo(context: Context[Pair], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Part them again, within 24 hours."""
    commands.undo(context.work, context.record)
    return redirect(url_for("twins.show", child_id=context.record.twin.id), code=303)


@twins.action("/barn/<uuid:child_id>/sla-sammen/stemmer", on_twin(), JoinSchema, again=show)
def confirm(context: Context[Pair], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Say that the join was right."""
    commands.confirm(context.work, context.record)
    return redirect(url_for("worklist.show"), code=303)


@twins.action("/barn/<uuid:child_id>/sla-sammen/to-barn", on_twin(), TellApartSchema, again=show)
def tell_apart(context: Context[Pair], wish: dict[str, Any]) -> ResponseReturnValue:
    """Say that they are two children."""
    commands.tell_apart(context.work, context.record, wish["reason"])
    return redirect(url_for("worklist.show"), code=303)
