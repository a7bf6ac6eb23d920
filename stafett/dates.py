"""Dates in Oslo and moments in UTC, for machines and in Norwegian bokmål for people; pure."""

from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")

# Own tables: the process's locale is not ours to trust, and reading one costs time on every page.
DAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
MONTHS = (
    *("januar", "februar", "mars", "april", "mai", "juni"),
    *("juli", "august", "september", "oktober", "november", "desember"),
)
RELATIVE_WITHIN = 14  # days; further away, "om 23 dager" is harder to place than the date itself
NAMED_DAYS = {-1: "i går", 0: "i dag", 1: "i morgen"}


def oslo_date(moment: datetime) -> date:
    """Return the local date in Oslo of an aware moment."""
    return _in_oslo(moment).date()


def begins(day: date) -> datetime:
    """Return the moment when a local date begins in Oslo."""
    return datetime.combine(day, time.min, OSLO)


@lru_cache(maxsize=4_096)  # a page asks for the same moments again
def iso(moment: datetime) -> str:
    """Write an aware moment for machines: ISO 8601 in UTC, ending in `Z`."""
    there = moment if moment.tzinfo is UTC else _aware(moment).astimezone(UTC)
    return there.isoformat().removesuffix("+00:00") + "Z"


def for_people(moment: datetime) -> str:
    """Write an aware moment in Oslo time where "now" means nothing: «24.11.2026 kl. 14:03»."""
    there = _in_oslo(moment)
    return f"{there.day:02}.{there.month:02}.{there.year} kl. {clock(moment)}"


def clock(moment: datetime) -> str:
    """Write the time of day in Oslo of an aware moment: «14:03»."""
    there = _in_oslo(moment)
    return f"{there.hour:02}:{there.minute:02}"


def moment_text(moment: datetime, now: datetime) -> str:
    """Write an aware moment in Oslo time: «i dag 14:03», «tirsdag 24. november kl. 14:03»."""
    there, today = _in_oslo(moment), oslo_date(now)
    day, time = there.date(), f"{there.hour:02}:{there.minute:02}"
    if named := NAMED_DAYS.get((day - today).days):
        return f"{named} {time}"
    return f"{day_text(day, today)} kl. {time}"


def day_text(day: date, today: date) -> str:
    """Write a date: «tirsdag 24. november», with the year when it is not this year's."""
    return f"{DAYS[day.weekday()]} {day.day}. {MONTHS[day.month - 1]}{_year(day, today)}"


def full_day(day: date) -> str:
    """Write a date that is read long after: «24. november 2026», with day and month on one line."""
    return f"{day.day}.\N{NO-BREAK SPACE}{MONTHS[day.month - 1]} {day.year}"


def relative(day: date, today: date) -> str:
    """Write how far away a date is: «om 3 dager»; empty when it is more than 14 days."""
    ahead = (day - today).days
    if named := NAMED_DAYS.get(ahead):
        return named
    if abs(ahead) > RELATIVE_WITHIN:
        return ""
    return f"om {ahead} dager" if ahead > 0 else f"for {-ahead} dager siden"


def days_late_text(due_on: date, today: date) -> str:
    """Write how late something is: «4 dager forsinket»; empty until the day after `due_on`."""
    late = (today - due_on).days
    if late <= 0:
        return ""
    return f"{late} {'dag' if late == 1 else 'dager'} forsinket"


def age(birth_date: date, today: date) -> int:
    """Return the age in whole years; see `birthday` for 29 February. Negative before birth."""
    had_none_yet = (today.month, today.day) < (birth_date.month, birth_date.day)
    return today.year - birth_date.year - had_none_yet


def birthday(birth_date: date, years: int) -> date:
    """Return the first day of that age.

    Who is born on 29 February reaches it on 1 March in a common year: no right that follows an
    age begins, and none ends, a day too early.
    """
    year = birth_date.year + years
    if (birth_date.month, birth_date.day) == (2, 29) and not isleap(year):
        return date(year, 3, 1)
    return birth_date.replace(year=year)


def months_after(day: date, count: int) -> date:
    """Return the same day of the month some months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day  # noqa: PLR2004 December is 11
    return date(year, month + 1, min(day.day, last))


def holidays(year: int) -> frozenset[date]:
    """Return the public holidays of Norway in a year.

    Source: lov 24. februar 1995 nr. 12 om helligdager og helligdagsfred § 2, and lov 26. april
    1947 nr. 1 om 1 og 17 mai. Christmas Eve and New Year's Eve are none.
    """
    easter = _easter(year)
    moving = (-3, -2, 0, 1, 39, 49, 50)  # Maundy Thursday to Whit Monday, days from Easter Day
    fixed = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
    return frozenset(
        [easter + timedelta(days) for days in moving]
        + [date(year, month, day) for month, day in fixed]
    )


def is_working_day(day: date) -> bool:
    """Tell whether a date is Monday to Friday and no public holiday."""
    saturday = 5
    return day.weekday() < saturday and day not in holidays(day.year)


def next_working_day(day: date) -> date:
    """Return the day itself when it is a working day, otherwise the first one after it."""
    while not is_working_day(day):
        day += timedelta(1)
    return day


def working_days_after(day: date, count: int) -> date:
    """Return the `count`-th working day after a date, which itself is not counted."""
    for _ in range(count):
        day = next_working_day(day + timedelta(1))
    return day


def _aware(moment: datetime) -> datetime:
    """Refuse a moment without a zone: Python would take it for the machine's own.

    Raises:
        ValueError: the moment is naive.

    """
    if moment.tzinfo is None:
        message = "a moment needs a time zone"
        raise ValueError(message)
    return moment


@lru_cache(maxsize=4_096)
def _in_oslo(moment: datetime) -> datetime:
    return _aware(moment).astimezone(OSLO)


def _year(day: date, today: date) -> str:
    return "" if day.year == today.year else f" {day.year}"


def _easter(year: int) -> date:
    """Return Easter Day in the Gregorian calendar (Meeus, Jones and Butcher's computation)."""
    century, in_century = divmod(year, 100)
    golden = year % 19
    leap_centuries, century_rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap_centuries - correction + 15) % 30
    leaps, rest = divmod(in_century, 4)
    weekday = (32 + 2 * century_rest + 2 * leaps - moon - rest) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
