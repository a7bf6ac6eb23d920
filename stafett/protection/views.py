"""Pages of a child's protection: the grade, who may read where the child is, and where it is."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action, may_ask
from stafett.children import queries as children
from stafett.children.models import Guardian
from stafett.children.queries import ChildSummary
from stafett.children.rules import WEAKENS_PROTECTION, hides_places, milder, stricter
from stafett.dates import months_after
from stafett.protection import commands, queries
from stafett.protection.commands import LONGEST_MONTHS, Grade, NameReader, Renew
from stafett.protection.guards import on_guardians_access, on_protection
from stafett.protection.schemas import (
    CloseAccessSchema,
    EaseSchema,
    EndReaderSchema,
    GradeSchema,
    NameReaderSchema,
    OpenAccessSchema,
    RenewSchema,
)
from stafett.web.guard import Context, GuardedBlueprint
from stafett.web.render import page

protection = GuardedBlueprint("protection", __name__)


@protection.page("/barn/<uuid:child_id>/beskyttelse", on_protection(Action.CHILD_READ_PROTECTION))
def show(context: Context[ChildSummary]) -> ResponseReturnValue:
    """Show the grade, how it came to be so, the readers, and what the actor may do about it."""
    child, session, today = context.record, context.session, context.work.today
    waiting = queries.asked(session, child.id, WEAKENS_PROTECTION, but=context.actor.user_id)
    siblings = queries.siblings(context.work, child)
    context.shown_children(one.id for one in siblings)
    return page(
        context,
        "protection/show.html",
        tab="about",
        child=child,
        hidden=hides_places(child.address_protection),
        stricter=stricter(child.address_protection),
        milder=milder(child.address_protection),
        steps=queries.steps(session, child.id),
        readers=queries.readers(session, child.id, today),
        reads=queries.is_reader(session, child.id, context.actor.user_id, today),
        asks=hides_places(child.address_protection)
        and may_ask(context.subject.held, Action.CHILD_NAME_READER, context.subject.facts),
        guardians=[one for one in children.guardians_now(session, child.id) if one.user_id],
        waiting=[one for one in waiting if context.can(one.action, asked=True)],
        siblings=siblings,
        last=months_after(today, LONGEST_MONTHS),
    )


@protection.action(
    "/barn/<uuid:child_id>/beskyttelse",
    on_protection(Action.CHILD_ADD_PROTECTION),
    GradeSchema,
    again=show,
)
def protect(context: Context[ChildSummary], wish: Grade) -> ResponseReturnValue:
    """Protect the address more."""
    child = commands.protect(context.work, context.record.id, wish)
    context.session.flush()
    found = children.find(context.session, child.id)
    if found is not None and queries.siblings(context.work, found):
        place = url_for("protection.show", child_id=child.id, _anchor="sosken")
        return redirect(place, code=303)
    return redirect(url_for("record.show", child_id=child.id), code=303)


@protection.action(
    "/barn/<uuid:child_id>/beskyttelse/varighet",
    on_protection(Action.CHILD_ADD_PROTECTION),
    RenewSchema,
    again=show,
)
def renew(context: Context[ChildSummary], wish: Renew) -> ResponseReturnValue:
    """Say how long the decision lasts now; a tie that came with the reminder ends with it."""
    commands.renew(context.work, context.record.id, wish)
    return redirect(url_for("worklist.show"), code=303)


@protection.action(
    "/barn/<uuid:child_id>/beskyttelse/lette",
    on_protection(Action.CHILD_SET_GRADE_FLAG),
    EaseSchema,
    again=show,
)
def ease(context: Context[ChildSummary], wish: Grade) -> ResponseReturnValue:
    """Protect the address less, as another has asked for; the tie for the request ends with it."""
    commands.ease(context.work, context.record.id, wish)
    return redirect(url_for("worklist.show"), code=303)


@protection.action(
    "/barn/<uuid:child_id>/beskyttelse/lesere",
    on_protection(Action.CHILD_NAME_READER),
    NameReaderSchema,
    again=show,
)
def name_reader(context: Context[ChildSummary], wish: NameReader) -> ResponseReturnValue:
    """Let somebody who has asked read where the child is."""
    commands.name_reader(context.work, context.record.id, wish)
    return redirect(url_for("worklist.show"), code=303)


@protection.action(
    "/barn/<uuid:child_id>/beskyttelse/lesere/slutt",
    on_protection(Action.CHILD_ADD_PROTECTION),
    EndReaderSchema,
    again=show,
)
def end_reader(context: Context[ChildSummary], wish: dict[str, Any]) -> ResponseReturnValue:
    """Take somebody off the list of readers."""
    commands.end_reader(context.work, context.record.id, wish["username"])
    return redirect(url_for("protection.show", child_id=context.record.id), code=303)


@protection.page(
    "/barn/<uuid:child_id>/beskyttelse/sted", on_protection(Action.CHILD_READ_GRADED_ADDRESS)
)
def whereabouts(context: Context[ChildSummary]) -> ResponseReturnValue:
    """Show where the child is, to a named reader; each look is logged."""
    child = context.record
    return page(
        context,
        "protection/whereabouts.html",
        tab="about",
        child=child,
        where=queries.whereabouts(context.session, child.id, context.work.today),
    )


@protection.page(
    "/foresatt/<uuid:guardian_id>/tilgang", on_guardians_access(Action.CHILD_READ_PROTECTION)
)
def access(context: Context[Guardian]) -> ResponseReturnValue:
    """Show whether a guardian sees the protected child, with what the actor may do about it."""
    guardian = context.record
    asked = queries.asked(
        context.session,
        guardian.child_id,
        [Action.GUARDIAN_OPEN_ACCESS],
        but=context.actor.user_id,
    )
    return page(
        context,
        "protection/access.html",
        tab="about",
        guardian=guardian,
        waiting=[one for one in asked if one.object_id == guardian.id],
    )


@protection.action(
    "/foresatt/<uuid:guardian_id>/tilgang",
    on_guardians_access(Action.GUARDIAN_OPEN_ACCESS),
    OpenAccessSchema,
    again=access,
)
def open_access(context: Context[Guardian], wish: dict[str, Any]) -> ResponseReturnValue:
    """Let a guardian see the child, as another has asked for."""
    commands.open_access(context.work, context.record, wish["reason"])
    return redirect(url_for("worklist.show"), code=303)


@protection.action(
    "/foresatt/<uuid:guardian_id>/tilgang/lukk",
    on_guardians_access(Action.CHILD_ADD_PROTECTION),
    CloseAccessSchema,
    again=access,
)
def close_access(context: Context[Guardian], _: dict[str, Any]) -> ResponseReturnValue:
    """Close a guardian's access."""
    commands.close_access(context.work, context.record)
    return redirect(url_for("protection.show", child_id=context.record.child_id), code=303)
