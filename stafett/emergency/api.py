"""JSON calls of break-glass."""

from typing import Any
from uuid import UUID

from stafett.access.policy import Action
from stafett.emergency import commands, queries
from stafett.emergency.commands import Judge, OpenRecord
from stafett.emergency.guards import for_emergency, on_emergency, on_own
from stafett.emergency.models import Emergency
from stafett.emergency.schemas import (
    EmergencyListSchema,
    EmergencySchema,
    JudgeSchema,
    OpenRecordSchema,
    ReviewedSchema,
)
from stafett.people import queries as people
from stafett.people.schemas import Nothing
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in

emergency_api = GuardedBlueprint("emergency_api", __name__, url_prefix="/api/v1")


def _location(made: Emergency, _child_id: UUID | None) -> str:
    return f"/api/v1/children/{made.child_id}"


@emergency_api.json(
    "/emergencies",
    for_emergency(),
    accepts=OpenRecordSchema,
    returns=EmergencySchema,
    location=_location,
)
def open_record(context: Context[None], wish: OpenRecord) -> Emergency:
    """Open one child's record for an hour; only in a session of somebody who has just logged in."""
    signed_in_at = people.signed_in_at(context.session, context.signed.session_id)
    return commands.open_record(context.work, wish, signed_in_at)


@emergency_api.json(
    "/emergencies/<uuid:emergency_id>/close", on_own(), accepts=Nothing, returns=EmergencySchema
)
def close(context: Context[Emergency], _wish: dict[str, Any]) -> Emergency:
    """Close the record before its time."""
    return commands.close(context.work, context.record)


@emergency_api.json("/emergencies", for_signed_in(Action.BG_REVIEW), returns=EmergencyListSchema)
def listed(context: Context[None]) -> dict[str, Any]:
    """List what waits for a review, and the last that were reviewed."""
    waiting, reviewed = queries.listed(context.session, context.actor, context.now)
    context.shown_children(row.child_id for row in (*waiting, *reviewed) if row.child)
    return {"waiting": waiting, "reviewed": reviewed}


@emergency_api.json(
    "/emergencies/<uuid:emergency_id>/review",
    on_emergency(),
    accepts=JudgeSchema,
    returns=ReviewedSchema,
)
def review(context: Context[Emergency], wish: Judge) -> queries.EmergencyRow:
    """Say what one found of a record that another person opened."""
    commands.review(context.work, context.record, wish)
    context.session.flush()
    return queries.shown(context.session, context.actor, context.now, context.record.id)
