"""The page of what one parent has asked to be told of the child, and what was decided."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.children import queries as children
from stafett.children.models import Guardian
from stafett.disclosure import commands, queries
from stafett.disclosure.commands import AskMyself, AskToBeTold, DecideDisclosure
from stafett.disclosure.guards import decision_place, on_parent
from stafett.disclosure.schemas import (
    AskMyselfSchema,
    AskToBeToldSchema,
    DecideDisclosureSchema,
)
from stafett.unsaved.guards import kept
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in
from stafett.web.render import page

disclosure = GuardedBlueprint("disclosure", __name__)


@disclosure.page("/foresatt/<uuid:guardian_id>/opplysninger", on_parent(Action.DISCLOSURE_READ))
def show(context: Context[Guardian]) -> ResponseReturnValue:
    """Show a parent's requests and the decisions, with the forms that ask and decide."""
    guardian, session = context.record, context.session
    decides = context.can(Action.DISCLOSURE_DECIDE)
    return page(
        context,
        "disclosure/show.html",
        tab="about",
        guardian=guardian,
        child=children.find(session, guardian.child_id),
        rows=queries.of_guardian(session, guardian.id, least=context.least),
        waits=queries.standing(session, guardian.id) is not None,
        knows_child=context.can(Action.CHILD_READ_IDENTITY),
        **kept(context, Action.REQUEST_DRAFT, decision_place(context.subject) if decides else None),
    )


@disclosure.action(
    "/foresatt/<uuid:guardian_id>/opplysninger",
    on_parent(Action.DISCLOSURE_REQUEST),
    AskToBeToldSchema,
    again=show,
)
def ask(context: Context[Guardian], wish: AskToBeTold) -> ResponseReturnValue:
    """Take in a parent's request."""
    commands.ask(context.work, context.record, wish)
    return redirect(url_for("disclosure.show", guardian_id=context.record.id), code=303)


@disclosure.page("/familie/be-om-opplysninger", for_signed_in(Action.DISCLOSURE_ASK_OWN))
def asking(context: Context[None]) -> ResponseReturnValue:
    """Show the form in which a parent without parental responsibility asks for himself."""
    return page(context, "disclosure/asking.html", today=context.work.today)


@disclosure.action(
    "/familie/be-om-opplysninger",
    for_signed_in(Action.DISCLOSURE_ASK_OWN),
    AskMyselfSchema,
    again=asking,
)
def ask_myself(context: Context[None], wish: AskMyself) -> ResponseReturnValue:
    """Take in what he asks for."""
    commands.ask_myself(context.work, wish)
    return redirect(url_for("disclosure.received"), code=303)


@disclosure.page("/familie/be-om-opplysninger/sendt", for_signed_in(Action.DISCLOSURE_ASK_OWN))
def received(context: Context[None]) -> ResponseReturnValue:
    """Say that it was received, whatever came of it."""
    return page(context, "disclosure/received.html")


@disclosure.action(
    "/foresatt/<uuid:guardian_id>/opplysninger/vedtak",
    on_parent(Action.DISCLOSURE_DECIDE),
    DecideDisclosureSchema,
    again=show,
)
def decide(context: Context[Guardian], wish: DecideDisclosure) -> ResponseReturnValue:
    """Decide the request that waits."""
    commands.decide(context.work, context.record, wish)
    if context.can(Action.CHILD_READ_IDENTITY):
        there = url_for("disclosure.show", guardian_id=context.record.id)
    else:
        there = url_for("worklist.show")
    return redirect(there, code=303)
