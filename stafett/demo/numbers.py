"""Makes identity numbers that are plainly no real person's: 80 is added to the month."""

from datetime import date

from stafett.children.rules import FIRST_WEIGHTS, SECOND_WEIGHTS

MONTH = 80
CENTURY = 2000
EARLIER, LATER = (0, 499), (500, 999)
"""Which individual numbers belong to those born before 2000, and from then on."""


def synthetic(birth_date: date, sex: str, serial: int) -> str:
    """Return the first valid number from an individual number on; `sex` is `f` or `m`.

    Raises:
        ValueError: the day has none, which does not happen: some 210 are valid for each sex.

    """
    low, high = LATER if birth_date.year >= CENTURY else EARLIER
    count = high - low + 1
    for step in range(count):
        individual = low + (serial + step) % count
        if (individual % 2 == 0) == (sex == "f") and (number := _number(birth_date, individual)):
            return number
    raise ValueError(birth_date)


def _number(birth_date: date, individual: int) -> str | None:
    """Add the control digits; None where a digit would have to be ten."""
    number = (
        f"{birth_date.day:02}{birth_date.month + MONTH}{birth_date.year % 100:02}{individual:03}"
    )
    for weights in (FIRST_WEIGHTS, SECOND_WEIGHTS):
        digit = -sum(int(sign) * weight for sign, weight in zip(number, weights, strict=False)) % 11
        if digit == 10:  # noqa: PLR2004 no digit
            return None
        number += str(digit)
    return number
