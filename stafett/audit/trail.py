"""Writes the trail in the caller's transaction, so that it is kept or lost with the change."""

from uuid import UUID

from sqlalchemy import insert

from stafett.access.policy import Action
from stafett.access.work import Work
from stafett.audit.models import TrailRow

Changed = int | str | bool | list[str] | None
_ROW = insert(TrailRow)


def record(
    work: Work, action: Action, child_id: UUID | None, object_id: UUID, **changes: Changed
) -> None:
    """Add one row; `changes` holds field names with codes, numbers and version ids, never text."""
    row = {
        "at": work.now,
        "actor_id": work.actor.user_id,
        "action": action,
        "child_id": child_id,
        "object_id": object_id,
        "changes": changes,
        "on_behalf_of": work.on_behalf_of,
    }
    work.session.connection().execute(_ROW, row)
