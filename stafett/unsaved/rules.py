"""What may be kept while it is written, and for how long; pure."""

from datetime import timedelta
from enum import StrEnum

KEPT_FOR = timedelta(days=7)
"""How long it waits for its author after it was last kept."""


class UnsavedOf(StrEnum):
    """What it will be: an entry, a note in the child's room, a corrected text, a part of a plan."""

    LOG = "log"
    ROOM = "room"
    CORRECTION = "correction"
    PLAN = "plan"
