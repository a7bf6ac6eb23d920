"""When somebody is told by mail, and when a mail is tried again; pure."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from stafett.dates import OSLO, is_working_day, oslo_date

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""An address that no header can be hidden in (HTML's own rule for `type=email`, with a dot)."""
DAILY_FROM = 7
"""The hour in Oslo from which the daily mail goes, on working days."""
HAND = timedelta(hours=1)
"""How long a worker may have a mail in hand, far longer than a round, before another takes it."""
KEPT_FOR = timedelta(days=90)
"""How long a person sees that a mail was sent, or why it was not."""
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
"""How long a mail that could not be sent waits, at first and at most."""


class Often(StrEnum):
    """How often somebody wants mail."""

    NEVER = "never"
    DAILY = "daily"
    AT_ONCE = "at_once"


class State(StrEnum):
    """What has become of a mail.

    `dropped`: it was no longer wanted, or for nobody any more. `refused`: there is no such address.
    """

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"
    REFUSED = "refused"


def key(often: Often, now: datetime) -> str | None:
    """Return which mail somebody might get at a UTC moment, None when it is not the time."""
    if often is Often.AT_ONCE:
        return now.isoformat(timespec="minutes")
    local = now.astimezone(OSLO)
    due = often is Often.DAILY and is_working_day(oslo_date(now)) and local.hour >= DAILY_FROM
    return local.date().isoformat() if due else None


def is_news(waits: Collection[str], told: Collection[str]) -> bool:
    """Say whether anything waits that was not there when he was last told."""
    return not set(waits) <= set(told)


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after a number of attempts that failed: longer each time."""
    doubled: int = 2 ** min(attempts - 1, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)
