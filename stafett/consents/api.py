"""JSON calls about consents."""

from typing import Any

from stafett.access.policy import Action
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.consents import commands, queries
from stafett.consents.commands import AddYes, Record, Withdraw
from stafett.consents.guards import all_read, as_read, on_consent
from stafett.consents.models import Consent
from stafett.consents.queries import ConsentView
from stafett.consents.schemas import (
    AddYesSchema,
    ConsentListSchema,
    ConsentSchema,
    RecordSchema,
    ReplySchema,
    WithdrawSchema,
)
from stafett.web.guard import Context, GuardedBlueprint

consents_api = GuardedBlueprint("consents_api", __name__, url_prefix="/api/v1")


@consents_api.json(
    "/children/<uuid:child_id>/consents", on_child(Action.CONSENT_READ), returns=ConsentListSchema
)
def of_child(context: Context[ChildSummary]) -> dict[str, Any]:
    """List a child's consents."""
    found = queries.of_child(context.work, context.record.id)
    return {"items": all_read(context, found), "next": None}


@consents_api.json(
    "/children/<uuid:child_id>/consents",
    on_child(Action.CONSENT_REGISTER_PAPER),
    accepts=RecordSchema,
    returns=ConsentSchema,
    location=lambda _consent, child_id: f"/api/v1/children/{child_id}/consents",
)
def record(context: Context[ChildSummary], wish: Record) -> ConsentView:
    """Register a consent given on paper or by word of mouth."""
    made = commands.record(context.work, context.record.id, wish)
    return as_read(context, queries.view(context.work, made))


@consents_api.json(
    "/consents/<uuid:consent_id>/answers",
    on_consent(Action.CONSENT_REGISTER_PAPER),
    accepts=AddYesSchema,
    returns=ConsentSchema,
)
def add_yes(context: Context[Consent], wish: AddYes) -> ConsentView:
    """Register that one more has said yes."""
    changed = commands.add_yes(context.work, context.record, wish)
    return as_read(context, queries.view(context.work, changed))


@consents_api.json(
    "/consents/<uuid:consent_id>/reply",
    on_consent(Action.CONSENT_GIVE),
    accepts=ReplySchema,
    returns=ConsentSchema,
)
def reply(context: Context[Consent], wish: dict[str, Any]) -> ConsentView:
    """Say yes or no oneself, or confirm what staff have written."""
    changed = commands.reply(context.work, context.record, yes=wish["answer"] == "yes")
    return as_read(context, queries.view(context.work, changed))


@consents_api.json(
    "/consents/<uuid:consent_id>/withdrawal",
    on_consent(Action.CONSENT_WITHDRAW),
    accepts=WithdrawSchema,
    returns=ConsentSchema,
)
def withdraw(context: Context[Consent], wish: Withdraw) -> ConsentView:
    """Withdraw a consent for some services or all."""
    own = commands.by_family(context.decision.basis)
    changed = commands.withdraw(context.work, context.record, wish, by_family=own)
    return as_read(context, queries.view(context.work, changed))
