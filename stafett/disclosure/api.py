"""JSON calls about what a parent without parental responsibility is told."""

from typing import Any

from stafett.access.policy import Action
from stafett.children.models import Guardian
from stafett.disclosure import commands, queries
from stafett.disclosure.commands import AskMyself, AskToBeTold, DecideDisclosure
from stafett.disclosure.guards import on_decision, on_parent
from stafett.disclosure.queries import DisclosureRow
from stafett.disclosure.schemas import (
    AskMyselfSchema,
    AskToBeToldSchema,
    DecideDisclosureSchema,
    DisclosureListSchema,
    DisclosureSchema,
    ReceivedSchema,
)
from stafett.unsaved import queries as unsaved
from stafett.unsaved.commands import Keep, keep
from stafett.unsaved.queries import Place, Written
from stafett.unsaved.schemas import KeepFormSchema, KeptFormSchema
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in

disclosure_api = GuardedBlueprint("disclosure_api", __name__, url_prefix="/api/v1")


@disclosure_api.json(
    "/guardians/<uuid:guardian_id>/disclosures",
    on_parent(Action.DISCLOSURE_READ),
    returns=DisclosureListSchema,
)
def listed(context: Context[Guardian]) -> dict[str, Any]:
    """List what one parent has asked to be told, and what was decided."""
    found = queries.of_guardian(context.session, context.record.id, least=context.least)
    return {"items": found, "next": None}


@disclosure_api.json(
    "/guardians/<uuid:guardian_id>/disclosures",
    on_parent(Action.DISCLOSURE_REQUEST),
    accepts=AskToBeToldSchema,
    returns=DisclosureSchema,
    location=lambda made, _child_id: f"/api/v1/guardians/{made['guardian_id']}/disclosures",
)
def ask(context: Context[Guardian], wish: AskToBeTold) -> dict[str, Any]:
    """Take in a parent's request."""
    commands.ask(context.work, context.record, wish)
    return {**_newest(context)._asdict(), "guardian_id": context.record.id}


@disclosure_api.json(
    "/disclosures",
    for_signed_in(Action.DISCLOSURE_ASK_OWN),
    accepts=AskMyselfSchema,
    returns=ReceivedSchema,
)
def ask_myself(context: Context[None], wish: AskMyself) -> dict[str, Any]:
    """Take in what a parent asks for himself; the answer never tells whether there is a record."""
    commands.ask_myself(context.work, wish)
    return {"answer": "received"}


@disclosure_api.json(
    "/guardians/<uuid:guardian_id>/disclosures/decision",
    on_parent(Action.DISCLOSURE_DECIDE),
    accepts=DecideDisclosureSchema,
    returns=DisclosureSchema,
)
def decide(context: Context[Guardian], wish: DecideDisclosure) -> DisclosureRow:
    """Decide the request that waits."""
    commands.decide(context.work, context.record, wish)
    return _newest(context)


@disclosure_api.json(
    "/guardians/<uuid:guardian_id>/disclosures/unsaved", on_decision(), returns=KeptFormSchema
)
def written(context: Context[Place]) -> Written:
    """Show the decision that the caller has begun to write; version 0 is nothing."""
    return unsaved.written(context.work, context.record)


@disclosure_api.json(
    "/guardians/<uuid:guardian_id>/disclosures/unsaved",
    on_decision(),
    accepts=KeepFormSchema,
    returns=KeptFormSchema,
    method="PUT",
)
def keep_written(context: Context[Place], wish: Keep) -> Written:
    """Keep a decision while it is written, for the caller alone."""
    return keep(context.work, context.record, wish)


def _newest(context: Context[Guardian]) -> DisclosureRow:
    context.session.flush()
    return queries.of_guardian(context.session, context.record.id, least=False)[0]
