"""Who an entry is for, and what stands in the way of writing; pure."""

from collections.abc import Iterable
from enum import StrEnum

from stafett.access.policy import FAMILY, Relation


class Kind(StrEnum):
    """What an entry is."""

    NOTE = "note"
    CONTACT = "contact"
    GLIMPSE = "glimpse"
    CHILD_VOICE = "child_voice"
    CONCERN = "concern"


WRITTEN = [Kind.NOTE, Kind.CONTACT, Kind.GLIMPSE, Kind.CHILD_VOICE]
"""What people write; a concern becomes an entry only by being shared at opening."""


class Visibility(StrEnum):
    """Who may read an entry."""

    EVERYONE = "everyone"
    PROFESSIONALS = "professionals"


def readable_by(relations: Iterable[Relation]) -> frozenset[Visibility]:
    """Return what somebody with these relations may read; the family reads what is for everyone.

    Somebody who is both to the child has the rights of both.
    """
    if set(relations) <= FAMILY:
        return frozenset({Visibility.EVERYONE})
    return frozenset(Visibility)


def obstacles_to_writing(
    visibility: Visibility, author: Iterable[Relation], state: str
) -> list[str]:
    """List every reason why somebody may not write an entry in a log of this state."""
    obstacles = []
    if state == "none":
        obstacles.append("log-missing")
    if state == "frozen":
        obstacles.append("log-frozen")
    if state == "closed":
        obstacles.append("log-closed")
    if visibility not in readable_by(author):
        obstacles.append("visibility-not-own")
    return obstacles
