"""Pages of a child's consents: what holds now, what no longer does, a new one, a withdrawal."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action, Purpose
from stafett.children import queries as children
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.consents import commands, queries
from stafett.consents.commands import AddYes, Record, Withdraw
from stafett.consents.guards import all_read, as_read, least, on_consent
from stafett.consents.models import Consent
from stafett.consents.rules import BECAUSE, CHILD, LEFT_OUT, SEES, Basis
from stafett.consents.schemas import AddYesSchema, RecordSchema, ReplySchema, WithdrawSchema
from stafett.dates import months_after
from stafett.errors import DeniedError
from stafett.people import queries as people
from stafett.web.guard import Context, GuardedBlueprint
from stafett.web.render import page

consents = GuardedBlueprint("consents", __name__)


@consents.page("/barn/<uuid:child_id>/samtykke", on_child(Action.CONSENT_READ))
def listed(context: Context[ChildSummary]) -> ResponseReturnValue:
    """Show what the family has agreed to, now and before."""
    found = queries.of_child(context.work, context.record.id)
    family = queries.family_of(context.work, context.record.id)
    own = commands.by_family(context.decision.basis)
    return page(
        context,
        "consents/listed.html",
        tab="consents",
        child=context.record,
        own=own,
        consents=all_read(context, found),
        guardians=children.guardians(context.session, context.record.id, context.since()),
        family=family,
        needed=family.needed(Purpose.STAFETTLOGG),
        basis=family.basis(Purpose.STAFETTLOGG),
        mine=queries.answers_as(context.work, context.record.id) if own else None,
        sees=SEES,
        less=LEFT_OUT,
    )


@consents.page("/barn/<uuid:child_id>/samtykke/nytt", on_child(Action.CONSENT_REGISTER_PAPER))
def new(context: Context[ChildSummary]) -> ResponseReturnValue:
    """Show the form for a consent that was given on paper or by word of mouth."""
    today = context.work.today
    family = queries.family_of(context.work, context.record.id)
    return page(
        context,
        "consents/new.html",
        tab="consents",
        child=context.record,
        family=family,
        needed=frozenset().union(*(family.needed(purpose) for purpose in Purpose)),
        several={one for one in Purpose if family.basis(one) is Basis.ALL},
        cases=[Basis(case) for case in context.work.profile.one_is_enough],
        because=BECAUSE,
        guardians=children.guardians(context.session, context.record.id),
        services=people.services(context.session),
        purposes=list(Purpose),
        itself=CHILD,
        today=today,
        expires_on=months_after(today, context.work.profile.consent_months),
        sees=SEES,
        less=LEFT_OUT,
    )


@consents.action(
    "/barn/<uuid:child_id>/samtykke/nytt",
    on_child(Action.CONSENT_REGISTER_PAPER),
    RecordSchema,
    again=new,
)
def record(context: Context[ChildSummary], wish: Record) -> ResponseReturnValue:
    """Register a consent."""
    commands.record(context.work, context.record.id, wish)
    return redirect(url_for("consents.listed", child_id=context.record.id), code=303)


@consents.page("/samtykke/<uuid:consent_id>", on_consent(Action.CONSENT_READ))
def show(context: Context[Consent]) -> ResponseReturnValue:
    """Show one consent, with the forms that add a yes and that withdraw."""
    child_id, session = context.record.child_id, context.session
    found = queries.view(context.work, context.record)
    own = commands.by_family(context.decision.basis)
    me = queries.answers_as(context.work, child_id) if own else None
    family, purpose = queries.family_of(context.work, child_id), Purpose(context.record.purpose)
    stoppers, little = family.may_stop(purpose), least(context, found)
    return page(
        context,
        "consents/show.html",
        tab="consents",
        sees=SEES,
        less=LEFT_OUT,
        words=None if little else queries.wording(context.work, context.record),
        asks=any(who == me for who, _ in found.waits_for) and context.can(Action.CONSENT_GIVE),
        unconfirmed=next(
            (one for one in found.givers if (one.guardian_id or CHILD) == me and not one.confirmed),
            None,
        )
        if own and context.can(Action.CONSENT_GIVE)
        else None,
        consent=as_read(context, found),
        child=children.find(session, child_id),
        needed=family.needed(purpose),
        guardians=[
            one
            for one in children.deciding_now(session, child_id, context.work.today)
            if one.id in stoppers
        ],
        withdrawals=[] if little else queries.withdrawals(context.work, context.record),
        itself=CHILD,
        own=own,
        stops=not own or me in stoppers | {one.guardian_id for one in found.givers},
        because=BECAUSE,
        today=context.work.today,
    )


@consents.page("/samtykke/<uuid:consent_id>/kvittering", on_consent(Action.CONSENT_READ))
def receipt(context: Context[Consent]) -> ResponseReturnValue:
    """Show the exact words that were agreed to, and who said yes to them, when and how."""
    child_id, session = context.record.child_id, context.session
    found = queries.view(context.work, context.record)
    if least(context, found):
        raise DeniedError
    return page(
        context,
        "consents/receipt.html",
        tab="consents",
        consent=as_read(context, found),
        because=BECAUSE,
        child=children.find(session, child_id),
        words=queries.wording(context.work, context.record),
        own=commands.by_family(context.decision.basis),
        sees=SEES,
        less=LEFT_OUT,
    )


@consents.action(
    "/samtykke/<uuid:consent_id>/mitt-svar",
    on_consent(Action.CONSENT_GIVE),
    ReplySchema,
    again=show,
)
def reply(context: Context[Consent], wish: dict[str, Any]) -> ResponseReturnValue:
    """Say yes or no oneself, or confirm what staff have written."""
    yes = wish["answer"] == "yes"
    commands.reply(context.work, context.record, yes=yes)
    there = url_for(
        "consents.listed", child_id=context.record.child_id, _anchor=None if yes else "for"
    )
    return redirect(there, code=303)


@consents.action(
    "/samtykke/<uuid:consent_id>/svar",
    on_consent(Action.CONSENT_REGISTER_PAPER),
    AddYesSchema,
    again=show,
)
def add_yes(context: Context[Consent], wish: AddYes) -> ResponseReturnValue:
    """Register one more yes."""
    commands.add_yes(context.work, context.record, wish)
    return redirect(url_for("consents.listed", child_id=context.record.child_id), code=303)


@consents.action(
    "/samtykke/<uuid:consent_id>/trekk",
    on_consent(Action.CONSENT_WITHDRAW),
    WithdrawSchema,
    again=show,
)
def withdraw(context: Context[Consent], wish: Withdraw) -> ResponseReturnValue:
    """Withdraw for some services or all."""
    own = commands.by_family(context.decision.basis)
    commands.withdraw(context.work, context.record, wish, by_family=own)
    there = url_for("consents.listed", child_id=context.record.child_id, _anchor="for")
    return redirect(there, code=303)
