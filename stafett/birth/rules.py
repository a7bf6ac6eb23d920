"""When a birth may be registered, and how long what was agreed to before it lasts; pure."""

from datetime import date, timedelta

from stafett.children.rules import ChildKind

WARNED = timedelta(days=14)
"""So long at least does a consent last after a birth is registered, that a new one can be asked
for; and so soon is the holder to have asked for it."""


def obstacles_to_birth(kind: str, *, ended: bool) -> list[str]:
    """List every reason why nothing can be said of how a pregnancy ended; empty means it can."""
    checks = {"child-is-born": kind == ChildKind.UNBORN, "pregnancy-has-ended": not ended}
    return [code for code, met in checks.items() if not met]


def holds_until(birth_date: date, today: date, weeks: int) -> date:
    """Return the last local date of what the pregnant person agreed to: some weeks after the birth.

    Where a birth is registered late it lasts a fortnight, so that it never stops unannounced.
    """
    return max(birth_date + timedelta(weeks=weeks), today + WARNED)
