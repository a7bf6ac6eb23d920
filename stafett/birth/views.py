"""Pages of a birth: how it went, the end without one, and what follows the child from before."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.audience.rules import viewer
from stafett.birth import commands, queries
from stafett.birth.commands import EndUnborn, LetFollow, LetIn, RegisterBirth
from stafett.birth.guards import on_birth
from stafett.birth.rules import obstacles_to_birth
from stafett.birth.schemas import (
    EndUnbornSchema,
    LetFollowSchema,
    LetInSchema,
    RegisterBirthSchema,
)
from stafett.children import queries as children
from stafett.stafettlogg.queries import LogSummary
from stafett.web.guard import Context, GuardedBlueprint
from stafett.web.render import page

birth = GuardedBlueprint("birth", __name__)


@birth.page("/barn/<uuid:child_id>/fodsel", on_birth(Action.CHILD_REGISTER_BIRTH))
def registering(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the form that says that an expected child is born."""
    return page(context, "birth/registering.html", tab="record", **_about(context))


@birth.action(
    "/barn/<uuid:child_id>/fodsel",
    on_birth(Action.CHILD_REGISTER_BIRTH),
    RegisterBirthSchema,
    again=registering,
)
def register(context: Context[LogSummary], wish: RegisterBirth) -> ResponseReturnValue:
    """Say that a child is born, and show its page."""
    commands.register_birth(context.work, context.record, wish)
    return redirect(url_for("record.show", child_id=context.record.child_id), code=303)


@birth.page("/barn/<uuid:child_id>/avslutt-uten-fodsel", on_birth(Action.CHILD_END_UNBORN))
def ending(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the form that ends a record because there will be no child."""
    return page(context, "birth/ending.html", tab="record", **_about(context))


@birth.action(
    "/barn/<uuid:child_id>/avslutt-uten-fodsel",
    on_birth(Action.CHILD_END_UNBORN),
    EndUnbornSchema,
    again=ending,
)
def end(context: Context[LogSummary], wish: EndUnborn) -> ResponseReturnValue:
    """End it, and go where there is nothing of it any more; she goes to her own page."""
    commands.end_unborn(context.work, context.record, wish)
    there = "family.show" if context.subject.facts.own else "worklist.show"
    return redirect(url_for(there), code=303)


@birth.page("/barn/<uuid:child_id>/for-fodselen", on_birth(Action.CHILD_LET_FOLLOW))
def before(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show what was written before the birth, and what follows the child; before it who reads."""
    by = viewer(context.actor, context.subject.held, context.work.today)
    found = queries.before_birth(context.work, context.record.child_id, by)
    context.shown(one.id for one in found.entries)
    return page(
        context,
        "birth/before.html",
        tab="record",
        before=found,
        now=context.now,
        **_about(context),
    )


@birth.action(
    "/barn/<uuid:child_id>/for-fodselen",
    on_birth(Action.CHILD_LET_FOLLOW),
    LetFollowSchema,
    again=before,
)
def let_follow(context: Context[LogSummary], wish: LetFollow) -> ResponseReturnValue:
    """Let something from before the birth follow the child, or take that back."""
    by = viewer(context.actor, context.subject.held, context.work.today)
    own = context.subject.facts.own
    commands.let_follow(context.work, context.record.child_id, wish, by, own=own)
    return redirect(url_for("birth.before", child_id=context.record.child_id), code=303)


@birth.action(
    "/barn/<uuid:child_id>/for-fodselen/lesere",
    on_birth(Action.CHILD_LET_FOLLOW),
    LetInSchema,
    again=before,
)
def let_in(context: Context[LogSummary], wish: LetIn) -> ResponseReturnValue:
    """Let a guardian read with the pregnant person, or take that back."""
    own = context.subject.facts.own
    commands.let_in(context.work, context.record.child_id, wish, own=own)
    return redirect(url_for("birth.before", child_id=context.record.child_id), code=303)


def _about(context: Context[LogSummary]) -> dict[str, Any]:
    child = context.record.child
    pregnant = children.pregnant(context.session, child.id)
    return {
        "child": child,
        "own": context.subject.facts.own,
        "pregnant": "den gravide" if pregnant is None else pregnant.name,
        "obstacles": obstacles_to_birth(child.kind, ended=child.ended_at is not None),
        "today": context.work.today,
        "weeks": context.work.profile.birth_consent_weeks,
    }
