"""JSON calls about what a parent without parental responsibility is told."""

from typing import Any

from stafett.access.policy import Action
from stafett.children.models import Guardian
from stafett.disclosure import commands, queries
from stafett.disclosure.commands import AskToBeTold, DecideDisclosure
from stafett.disclosure.guards import on_parent
from stafett.disclosure.queries import DisclosureRow
from stafett.disclosure.schemas import (
    AskToBeToldSchema,
    DecideDisclosureSchema,
    DisclosureListSchema,
    DisclosureSchema,
)
from stafett.web.guard import Context, GuardedBlueprint

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
    "/guardians/<uuid:guardian_id>/disclosures/decision",
    on_parent(Action.DISCLOSURE_DECIDE),
    accepts=DecideDisclosureSchema,
    returns=DisclosureSchema,
)
def decide(context: Context[Guardian], wish: DecideDisclosure) -> DisclosureRow:
    """Decide the request that waits."""
    commands.decide(context.work, context.record, wish)
    return _newest(context)


def _newest(context: Context[Guardian]) -> DisclosureRow:
    context.session.flush()
    return queries.of_guardian(context.session, context.record.id, least=False)[0]
