"""The rights that somebody may ask to use, and how long an answer may take; pure."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

ANSWERED_WITHIN = timedelta(days=30)
"""Shorter than the month that GDPR art. 12 no. 3 gives, whichever month it is."""


class Right(StrEnum):
    """What is asked for: GDPR art. 15, 16, 17, 18 and 21."""

    INSIGHT = "insight"
    CORRECTION = "correction"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"


WORDS: Mapping[Right, str] = {
    Right.INSIGHT: "Få vite hva som er lagret",
    Right.CORRECTION: "Få rettet noe som er feil",
    Right.ERASURE: "Få slettet noe",
    Right.RESTRICTION: "Stanse bruken av noe mens dere ser på det",
    Right.OBJECTION: "Protestere mot at noe brukes",
}
"""Each right as the form and the task say it."""
