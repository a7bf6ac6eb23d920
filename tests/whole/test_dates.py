"""Dates and moments: how they are written, and how ages, holidays and deadlines are counted."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafett import dates

TODAY = date(2026, 11, 19)  # a Thursday


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_iso_is_utc_and_ends_in_z():
    assert dates.iso(utc(2026, 11, 24, 13, 3)) == "2026-11-24T13:03:00Z"
    oslo = datetime(2026, 11, 24, 14, 3, tzinfo=timezone(timedelta(hours=1)))
    assert dates.iso(oslo) == "2026-11-24T13:03:00Z"
    assert dates.iso(utc(2038, 1, 20, 0, 0)) == "2038-01-20T00:00:00Z"


def test_a_day_in_a_document_is_never_parted_from_its_month():
    assert dates.full_day(date(2026, 11, 29)) == "29.\N{NO-BREAK SPACE}november 2026"


@pytest.mark.parametrize("ask", [dates.iso, dates.oslo_date, dates.clock, dates.for_people])
def test_a_moment_without_a_zone_is_refused(ask):
    with pytest.raises(ValueError, match="time zone"):
        ask(datetime(2026, 11, 24, 14, 3))  # noqa: DTZ001 that is the point


@pytest.mark.parametrize(
    ("moment", "day", "clock"),
    [
        (utc(2026, 11, 23, 22, 59), date(2026, 11, 23), "23:59"),
        (utc(2026, 11, 23, 23, 0), date(2026, 11, 24), "00:00"),
        (utc(2026, 7, 1, 22, 0), date(2026, 7, 2), "00:00"),
        (utc(2027, 3, 28, 0, 59), date(2027, 3, 28), "01:59"),  # then summer time
        (utc(2027, 3, 28, 1, 0), date(2027, 3, 28), "03:00"),
        (utc(2026, 10, 25, 0, 30), date(2026, 10, 25), "02:30"),  # the same hour twice
        (utc(2026, 10, 25, 1, 30), date(2026, 10, 25), "02:30"),
    ],
)
def test_days_and_clocks_are_those_of_oslo(moment, day, clock):
    assert dates.oslo_date(moment) == day
    assert dates.clock(moment) == clock


def test_a_day_for_people():
    assert dates.day_text(date(2026, 11, 24), TODAY) == "tirsdag 24. november"
    assert dates.day_text(date(2027, 1, 2), TODAY) == "lørdag 2. januar 2027"


def test_every_month_and_weekday_has_its_name():
    months = [dates.day_text(date(2026, month, 1), TODAY).split()[2] for month in range(1, 13)]
    assert " ".join(months) == (
        "januar februar mars april mai juni juli august september oktober november desember"
    )
    days = [dates.day_text(date(2026, 11, 16 + n), TODAY).split()[0] for n in range(7)]
    assert " ".join(days) == "mandag tirsdag onsdag torsdag fredag lørdag søndag"


@pytest.mark.parametrize(
    ("ahead", "text"),
    [
        (0, "i dag"),
        (1, "i morgen"),
        (2, "om 2 dager"),
        (14, "om 14 dager"),
        (15, ""),
        (-1, "i går"),
        (-4, "for 4 dager siden"),
        (-14, "for 14 dager siden"),
        (-15, ""),
    ],
)
def test_how_far_away_a_day_is(ahead, text):
    assert dates.relative(TODAY + timedelta(ahead), TODAY) == text


@pytest.mark.parametrize(
    ("ahead", "text"),
    [(1, ""), (0, ""), (-1, "1 dag forsinket"), (-2, "2 dager forsinket")],
)
def test_how_late_something_is(ahead, text):
    assert dates.days_late_text(TODAY + timedelta(ahead), TODAY) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (utc(2026, 11, 19, 13, 3), "i dag 14:03"),
        (utc(2026, 11, 18, 23, 30), "i dag 00:30"),  # still yesterday in UTC
        (utc(2026, 11, 18, 13, 3), "i går 14:03"),
        (utc(2026, 11, 20, 13, 3), "i morgen 14:03"),
        (utc(2026, 11, 24, 13, 3), "tirsdag 24. november kl. 14:03"),
        (utc(2025, 11, 24, 13, 3), "mandag 24. november 2025 kl. 14:03"),
    ],
)
def test_a_moment_for_people(moment, text):
    assert dates.moment_text(moment, utc(2026, 11, 19, 9, 0)) == text


def test_a_moment_for_people_where_now_means_nothing():
    assert dates.for_people(utc(2026, 1, 4, 8, 5)) == "04.01.2026 kl. 09:05"


@pytest.mark.parametrize(
    ("birth_date", "today", "age"),
    [
        (date(2014, 11, 20), TODAY, 11),
        (date(2014, 11, 19), TODAY, 12),
        (date(2026, 11, 19), TODAY, 0),
        (date(2026, 11, 20), TODAY, -1),
        (date(2012, 2, 29), date(2028, 2, 28), 15),
        (date(2012, 2, 29), date(2028, 2, 29), 16),
        (date(2012, 2, 29), date(2027, 2, 28), 14),
        (date(2012, 2, 29), date(2027, 3, 1), 15),
    ],
)
def test_age(birth_date, today, age):
    assert dates.age(birth_date, today) == age


def test_the_first_day_of_an_age():
    assert dates.birthday(date(2014, 11, 19), 12) == TODAY
    assert dates.birthday(date(2012, 2, 29), 15) == date(2027, 3, 1)
    assert dates.birthday(date(2012, 2, 29), 16) == date(2028, 2, 29)
    assert dates.birthday(date(2004, 2, 29), 96) == date(2100, 3, 1)  # no leap year


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(0, 25))
def test_an_age_begins_on_its_birthday_and_not_the_day_before(birth_date, years):
    first = dates.birthday(birth_date, years)
    assert dates.age(birth_date, first) == years
    assert dates.age(birth_date, first - timedelta(1)) == years - 1


def test_the_holidays_of_a_year():
    assert sorted(dates.holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 4, 2),  # Maundy Thursday
        date(2026, 4, 3),
        date(2026, 4, 5),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 5, 14),  # Ascension Day
        date(2026, 5, 17),
        date(2026, 5, 24),
        date(2026, 5, 25),  # Whit Monday
        date(2026, 12, 25),
        date(2026, 12, 26),
    ]


@pytest.mark.parametrize(
    "easter",
    [
        *(date(1734, 4, 25), date(1761, 3, 22), date(1818, 3, 22), date(1943, 4, 25)),
        *(date(1886, 4, 25), date(1913, 3, 23), date(1954, 4, 18), date(1981, 4, 19)),
        *(date(2000, 4, 23), date(2008, 3, 23), date(2011, 4, 24), date(2019, 4, 21)),
        *(date(2024, 3, 31), date(2025, 4, 20), date(2027, 3, 28), date(2028, 4, 16)),
        *(date(2038, 4, 25), date(2049, 4, 18), date(2076, 4, 19), date(2285, 3, 22)),
    ],
)
def test_easter(easter):
    found = dates.holidays(easter.year)
    assert {easter - timedelta(3), easter - timedelta(2), easter, easter + timedelta(1)} <= found
    assert easter - timedelta(1) not in found  # Easter Eve is a Saturday, but no holiday


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2026, 11, 19), date(2026, 11, 19)),
        (date(2026, 11, 21), date(2026, 11, 23)),
        (date(2026, 4, 2), date(2026, 4, 7)),  # Easter
        (date(2026, 12, 24), date(2026, 12, 24)),  # Christmas Eve is none
        (date(2026, 12, 25), date(2026, 12, 28)),
        (date(2027, 1, 1), date(2027, 1, 4)),
    ],
)
def test_the_next_working_day_may_be_the_day_itself(day, following):
    assert dates.next_working_day(day) == following
    assert dates.is_working_day(day) == (day == following)


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        (date(2026, 11, 19), 0, date(2026, 11, 19)),
        (date(2026, 11, 19), 1, date(2026, 11, 20)),
        (date(2026, 11, 19), 2, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 4, 1), 1, date(2026, 4, 7)),
        (date(2026, 12, 23), 5, date(2026, 12, 31)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
    ],
)
def test_working_days_are_counted_from_the_day_after(day, count, found):
    assert dates.working_days_after(day, count) == found
