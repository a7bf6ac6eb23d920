"""JSON calls about one's own notices, and the outbox."""

from typing import Any

from stafett.access.policy import Action
from stafett.notices import commands, queries
from stafett.notices.commands import Choose
from stafett.notices.rules import Often
from stafett.notices.schemas import ChooseSchema, NoticesSchema, OutboxSchema
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in

notices_api = GuardedBlueprint("notices_api", __name__, url_prefix="/api/v1")


@notices_api.json("/notices", for_signed_in(Action.SESSION_OWN), returns=NoticesSchema)
def own(context: Context[None]) -> dict[str, Any]:
    """Show how often one gets mail, and the newest notices."""
    return _own(context)


@notices_api.json(
    "/notices",
    for_signed_in(Action.SESSION_OWN),
    accepts=ChooseSchema,
    returns=NoticesSchema,
    method="PUT",
)
def choose(context: Context[None], wish: Choose) -> dict[str, Any]:
    """Choose how often one gets mail."""
    commands.choose(context.work, wish)
    return _own(context)


@notices_api.json("/outbox", for_signed_in(Action.OUTBOX_READ), returns=OutboxSchema)
def outbox(context: Context[None]) -> dict[str, Any]:
    """Count the mails by state."""
    return {"items": queries.states(context.session), "next": None}


def _own(context: Context[None]) -> dict[str, Any]:
    user_id = context.actor.user_id
    there = queries.choice(context.session, user_id)
    return {
        "often": there.often if there else Often.NEVER,
        "address": there.address if there else "",
        "version": there.version if there else 0,
        "items": queries.own(context.session, user_id),
    }
