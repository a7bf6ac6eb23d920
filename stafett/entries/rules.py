"""What an entry is, and what stands in the way of writing; pure."""

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from stafett.access.policy import Relation
from stafett.audience.rules import Limits, Visibility, choices, hides


class Kind(StrEnum):
    """What an entry is."""

    NOTE = "note"
    CONTACT = "contact"
    GLIMPSE = "glimpse"
    CHILD_VOICE = "child_voice"
    CONCERN = "concern"


WRITTEN = [Kind.NOTE, Kind.CONTACT, Kind.GLIMPSE, Kind.CHILD_VOICE]
"""What people write; a concern becomes an entry only by being shared at opening."""
IN_LOG = [one for one in Visibility if one is not Visibility.CHILD_ROOM]
"""What stands in the log for those who read it; the child's room is its own."""


def obstacles_to_writing(
    limits: Limits, author: Collection[Relation], service_id: UUID | None, state: str
) -> list[str]:
    """List every reason why somebody may not write an entry in a log of this state."""
    obstacles = []
    if state == "none":
        obstacles.append("log-missing")
    if state == "frozen":
        obstacles.append("log-frozen")
    if state == "closed":
        obstacles.append("log-closed")
    if limits.visibility not in choices(author, service_id):
        obstacles.append("visibility-not-own")
    if limits.hidden_from and not hides(author):
        obstacles.append("hiding-not-own")
    return obstacles
