"""The rights that somebody may ask to use, and how long an answer may take; pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

LOOK_AGAIN_WITHIN = timedelta(days=30)
"""When koordinerende enhet is asked whether a record must still be restricted."""
ANSWERED_WITHIN = timedelta(days=30)
"""Shorter than the month that GDPR art. 12 no. 3 gives, whichever month it is."""
RIGHTS = "rights"
"""The form in which somebody asks to use a right, as what is written there is kept."""


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


def problems_with_lifting(told_on: date, begun_on: date, today: date) -> dict[str, list[str]]:
    """List what is wrong with the local date on which the family was told, before it is lifted."""
    if told_on > today:
        return {"told_on": ["date-in-future"]}
    return {"told_on": ["told-before-restriction"]} if told_on < begun_on else {}
