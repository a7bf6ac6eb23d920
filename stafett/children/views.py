"""Pages of a child: the form for a new one, its facts, its guardians."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.children import commands, queries
from stafett.children.commands import (
    AddGuardian,
    CheckGuardian,
    EditChild,
    EditGuardian,
    Register,
)
from stafett.children.guards import on_child, on_guardian
from stafett.children.models import Guardian
from stafett.children.queries import ChildSummary
from stafett.children.rules import (
    HEARD,
    LANGUAGES,
    capital,
    decides_for_itself,
    is_of_age,
    speaks,
)
from stafett.children.schemas import (
    AccountSchema,
    AddGuardianSchema,
    CheckGuardianSchema,
    EditChildSchema,
    EditGuardianSchema,
    GuardianReasonSchema,
    RegisterSchema,
    SearchSchema,
)
from stafett.dates import age
from stafett.people import queries as people
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in
from stafett.web.render import page

children = GuardedBlueprint("children", __name__)
children.record_once(
    lambda setup: setup.app.jinja_env.globals.update(
        language_names=LANGUAGES,
        voice_words=HEARD,
        is_of_age=is_of_age,
        decides_for_itself=decides_for_itself,
        word_for=queries.word_for,
        family_of=queries.family_of,
        decider_of=queries.decider_of,
        with_family=queries.with_family,
    )
)


children.add_app_template_filter(capital)


@children.app_template_filter("speaks")
def _speaks(child: ChildSummary) -> str:
    return speaks(child.language, interpreter=child.interpreter)


@children.page("/barn/nytt", for_signed_in(Action.CHILD_CREATE))
def new(context: Context[None]) -> ResponseReturnValue:
    """Show the form for a new child."""
    return page(context, "children/new.html")


@children.action("/barn/nytt", for_signed_in(Action.CHILD_CREATE), RegisterSchema, again=new)
def register(context: Context[None], wish: Register) -> ResponseReturnValue:
    """Register a child and open its page."""
    child = commands.register(context.work, wish)
    return redirect(url_for("record.show", child_id=child.id), code=303)


@children.page("/ke/finn-barn", for_signed_in(Action.CHILD_SEARCH_EXACT_FNR))
def find(context: Context[None]) -> ResponseReturnValue:
    """Show the form by which koordinerende enhet finds a child by its number."""
    return page(context, "children/find.html", found=None)


@children.action(
    "/ke/finn-barn", for_signed_in(Action.CHILD_SEARCH_EXACT_FNR), SearchSchema, again=find
)
def search(context: Context[None], wish: dict[str, Any]) -> ResponseReturnValue:
    """Show the records that have a number; it stands in no address, so this is a POST."""
    found = queries.with_number(context.session, wish["national_id"])
    context.shown_children(child.id for child in found)
    return page(
        context,
        "children/find.html",
        found=found,
        open=queries.open_to(context.work, [child.id for child in found]),
    )


@children.page("/barn/<uuid:child_id>/om", on_child(Action.GUARDIAN_READ))
def about(context: Context[ChildSummary]) -> ResponseReturnValue:
    """Show the child's facts and its guardians, with what the reader may change."""
    child, session, work = context.record, context.session, context.work
    years = None if child.birth_date is None else age(child.birth_date, work.today)
    return page(
        context,
        "children/about.html",
        tab="about",
        child=child,
        guardians=queries.guardians(session, child.id, context.since()),
        has_account=queries.account_of(session, child.id) is not None,
        old_enough=years is not None and years >= work.profile.participation_age,
    )


@children.action(
    "/barn/<uuid:child_id>/om",
    on_child(Action.CHILD_EDIT_IDENTITY),
    EditChildSchema,
    again=about,
)
def edit(context: Context[ChildSummary], wish: EditChild) -> ResponseReturnValue:
    """Correct a child's own facts."""
    commands.edit(context.work, context.record.id, wish)
    return redirect(url_for("children.about", child_id=context.record.id), code=303)


@children.action(
    "/barn/<uuid:child_id>/konto", on_child(Action.CHILD_GIVE_ACCOUNT), AccountSchema, again=about
)
def give_account(context: Context[ChildSummary], wish: dict[str, Any]) -> ResponseReturnValue:
    """Let the child itself log in."""
    commands.give_account(context.work, context.record.id, wish["username"])
    return redirect(url_for("children.about", child_id=context.record.id), code=303)


@children.action(
    "/barn/<uuid:child_id>/foresatte",
    on_child(Action.GUARDIAN_ADD),
    AddGuardianSchema,
    again=about,
)
def add_guardian(context: Context[ChildSummary], wish: AddGuardian) -> ResponseReturnValue:
    """Register a guardian."""
    commands.add_guardian(context.work, context.record.id, wish)
    return redirect(url_for("children.about", child_id=context.record.id), code=303)


@children.page("/foresatt/<uuid:guardian_id>", on_guardian(Action.GUARDIAN_READ))
def guardian(context: Context[Guardian]) -> ResponseReturnValue:
    """Show one guardian, with the forms that verify, correct, end and block."""
    one, session = context.record, context.session
    by_task = not context.can(Action.CHILD_READ_IDENTITY)  # then only what the task takes
    return page(
        context,
        "children/guardian.html",
        tab="about",
        guardian=one,
        by_task=by_task,
        child=queries.find(session, one.child_id),
        adder=people.names_of(session, [one.added_by])[one.added_by],
        events=queries.guardian_events(session, one.id, context.since()),
    )


@children.action(
    "/foresatt/<uuid:guardian_id>/kontroll",
    on_guardian(Action.GUARDIAN_VERIFY),
    CheckGuardianSchema,
    again=guardian,
)
def check_guardian(context: Context[Guardian], wish: CheckGuardian) -> ResponseReturnValue:
    """Accept a guardian as what the evidence says, or refuse him."""
    commands.check_guardian(context.work, context.record, wish)
    return _back(context)


@children.action(
    "/foresatt/<uuid:guardian_id>",
    on_guardian(Action.GUARDIAN_EDIT),
    EditGuardianSchema,
    again=guardian,
)
def edit_guardian(context: Context[Guardian], wish: EditGuardian) -> ResponseReturnValue:
    """Correct a guardian."""
    commands.edit_guardian(context.work, context.record, wish)
    return redirect(url_for("children.about", child_id=context.record.child_id), code=303)


@children.action(
    "/foresatt/<uuid:guardian_id>/slutt",
    on_guardian(Action.GUARDIAN_END),
    GuardianReasonSchema,
    again=guardian,
)
def end_guardian(context: Context[Guardian], wish: dict[str, Any]) -> ResponseReturnValue:
    """End a guardian's standing."""
    commands.end_guardian(context.work, context.record, wish["reason"])
    return redirect(url_for("children.about", child_id=context.record.child_id), code=303)


@children.action(
    "/foresatt/<uuid:guardian_id>/sperre",
    on_guardian(Action.GUARDIAN_BLOCK),
    GuardianReasonSchema,
    again=guardian,
)
def block_guardian(context: Context[Guardian], wish: dict[str, Any]) -> ResponseReturnValue:
    """Keep a guardian away from the record."""
    commands.block_guardian(context.work, context.record, wish["reason"])
    return redirect(url_for("children.about", child_id=context.record.child_id), code=303)


@children.action(
    "/foresatt/<uuid:guardian_id>/opphev-sperre",
    on_guardian(Action.GUARDIAN_UNBLOCK),
    GuardianReasonSchema,
    again=guardian,
)
def unblock_guardian(context: Context[Guardian], wish: dict[str, Any]) -> ResponseReturnValue:
    """Lift a block that another has asked to have lifted."""
    commands.unblock_guardian(context.work, context.record, wish["reason"])
    return _back(context)


def _back(context: Context[Guardian]) -> ResponseReturnValue:
    """Go to the child's guardians, or to the worklist when the tie ended with the task."""
    child_id = context.record.child_id
    if queries.open_to(context.work, [child_id]):
        return redirect(url_for("children.about", child_id=child_id), code=303)
    return redirect(url_for("worklist.show"), code=303)
