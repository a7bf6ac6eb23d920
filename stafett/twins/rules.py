"""Which of two records stays, and when they can be joined and parted; pure."""

from datetime import datetime, timedelta
from enum import StrEnum

UNDO_WITHIN = timedelta(hours=24)


class Use(StrEnum):
    """How much a record has of what cannot be moved: a log, notes, a plan, a coordinator, a group.

    `PAST`: all of it is over. `GOING_ON`: somebody follows the child by it.
    """

    NONE = "none"
    PAST = "past"
    GOING_ON = "going_on"


def twin_stays(twin: Use, other: Use) -> bool:
    """Say whether the provisional record stays: only when it is in more use than the other."""
    return twin is not other and (twin is Use.GOING_ON or other is Use.NONE)


def obstacles_to_join(twin: Use, other: Use, *, unverified: bool, restricted: bool) -> list[str]:
    """List every reason why two records cannot be joined now; empty means that they can.

    A log stays whole, so two logs are never made one: one must have been closed before, as a log
    is, with the family. `unverified`: a guardian who would come to the record that stays has not
    been verified, and would read it because somebody typed a name. `restricted`: one of the two
    is, and must be left as it is.
    """
    obstacles = []
    if twin is other is Use.GOING_ON:
        obstacles.append("twin-both-going-on")
    if unverified:
        obstacles.append("twin-guardian-unverified")
    if restricted:
        obstacles.append("twin-restricted")
    return obstacles


def obstacles_to_undo(joined_at: datetime, now: datetime, *, used: bool) -> list[str]:
    """List every reason why a join stands; `used`: somebody has built on it since."""
    obstacles = []
    if now - joined_at > UNDO_WITHIN:
        obstacles.append("twin-undo-too-late")
    if used:
        obstacles.append("twin-used-since")
    return obstacles
