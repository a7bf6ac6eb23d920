"""When a record may be opened in an emergency, and who is locked out; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

OPEN_FOR = timedelta(minutes=60)
REVIEW_WITHIN = timedelta(hours=72)
"""Not reviewed by then, and the person opens no more until it is."""
COUNTED_OVER = timedelta(days=30)
MOST = 3
"""How many records one person may open in that time."""
FRESH_FOR = timedelta(minutes=10)
"""How long after logging in a person counts as having just proved who he is."""
SHORTEST_REASON = 30
"""Characters: less than this explains nothing."""
LONGEST_DUTY = timedelta(days=366)


class Category(StrEnum):
    """Why it could not wait.

    The family reads it at once, so none of them says what anybody is suspected of.
    """

    LIFE_OR_HEALTH = "life_or_health"
    MISSING = "missing"
    NEEDS_HELP_NOW = "needs_help_now"
    NOBODY_REACHED = "nobody_reached"


class Outcome(StrEnum):
    """What another person found."""

    NEEDED = "needed"
    NOT_NEEDED = "not_needed"
    BREACH = "breach"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A record that the same person has opened; UTC moments."""

    opened_at: datetime
    ended_at: datetime
    reviewed: bool


def obstacles_to_opening(
    earlier: Sequence[Earlier], now: datetime, signed_in_at: datetime | None, *, own_family: bool
) -> list[str]:
    """List every reason why somebody may not open a record now.

    `signed_in_at`: when he last proved who he is; None with a token, which proves it never.
    """
    obstacles = []
    if signed_in_at is None or now - signed_in_at > FRESH_FOR:
        obstacles.append("log-in-again")
    if own_family:
        obstacles.append("emergency-own-family")
    if any(now < one.ended_at for one in earlier):
        obstacles.append("emergency-open-already")
    if any(not one.reviewed and now - one.opened_at > REVIEW_WITHIN for one in earlier):
        obstacles.append("emergency-not-reviewed")
    if sum(now - one.opened_at < COUNTED_OVER for one in earlier) >= MOST:
        obstacles.append("emergency-too-often")
    return obstacles
