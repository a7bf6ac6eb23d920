"""What may be kept while it is written, and for how long; pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

KEPT_FOR = timedelta(days=7)
"""How long it waits for its author after it was last kept."""
_CODE = re.compile("[a-z0-9_.:-]+")


class UnsavedOf(StrEnum):
    """What it will be.

    An entry, a note in the child's room, a corrected text, what is decided of a log (its level, how
    it goes there, its end), a part of a plan, a concern.
    """

    LOG = "log"
    ROOM = "room"
    CORRECTION = "correction"
    STEP = "step"
    PLAN = "plan"
    CONCERN = "concern"


def words_among(fields: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Return what somebody wrote in a form, when it is known where in it he does."""
    return [fields[name] for name in names if fields.get(name, "").strip()]


def words_of(fields: Mapping[str, Any]) -> list[str]:
    """Return what somebody wrote in a form, and not what he chose there: a code, a day, a key."""
    return [
        value
        for name, value in fields.items()
        if isinstance(value, str)
        and value.strip()
        and (name == "text" or not _CODE.fullmatch(value))
    ]
