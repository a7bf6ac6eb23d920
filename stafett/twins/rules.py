"""Which of two records stays, and when they can be joined and parted; pure."""

from datetime import datetime, timedelta

UNDO_WITHIN = timedelta(hours=24)


def twin_stays(*, twin_in_use: bool, other_in_use: bool) -> bool:
    """Say whether the provisional record stays: only when it alone has what cannot be moved."""
    return twin_in_use and not other_in_use


def obstacles_to_join(
    *, twin_in_use: bool, other_in_use: bool, unverified: bool, restricted: bool
) -> list[str]:
    """List every reason why two records cannot be joined now; empty means that they can.

    A log stays whole, so two logs are never made one. `unverified`: a guardian who would come to
    the record that stays has not been verified, and would read it because somebody typed a name.
    `restricted`: one of the two is, and must be left as it is.
    """
    obstacles = []
    if twin_in_use and other_in_use:
        obstacles.append("twin-both-in-use")
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
