"""Identity numbers and dates of birth: what is accepted, and every reason why not.

The numbers are nobody's: synthetic ones, or of 2039 with a serial that 1939 never used.
"""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stafett.children.rules import (
    ChildKind,
    birth_obstacles,
    matches_birth_date,
    national_id_obstacles,
)


def with_control_digits(nine, remainder=0):
    """Compute them as the Tax Administration writes it; None where no such number is given out."""
    digits = [int(digit) for digit in nine]
    first = (remainder - sum(map(int.__mul__, digits, (3, 7, 6, 1, 8, 9, 4, 5, 2)))) % 11
    second = -sum(map(int.__mul__, [*digits, first], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
    return None if 10 in {first, second} else f"{nine}{first}{second}"


def number(six, remainder=0):
    """Return the first whole number of a date that is nobody's."""
    made = (with_control_digits(f"{six}{serial}", remainder) for serial in range(900, 1000))
    return next(one for one in made if one)


def strict(text):
    return national_id_obstacles(text, allow_synthetic=False)


def tolerant(text):
    return national_id_obstacles(text, allow_synthetic=True)


@pytest.mark.parametrize("six", ["311239", "711239", "290236", "690236", "290200", "010100"])
def test_fodselsnummer_and_d_numbers_are_accepted(six):
    assert strict(number(six)) == []
    assert tolerant(number(six)) == []


VALID = number("311239")


@pytest.mark.parametrize(
    "text",
    [
        "",
        VALID[:10],
        VALID + "0",
        VALID + "\n",
        f" {VALID}",
        f"{VALID[:6]} {VALID[6:]}",
        f"{VALID[:6]}-{VALID[6:]}",
        VALID[:10] + "²",
        VALID.translate({ord("0") + n: 0x660 + n for n in range(10)}),  # Arabic digits
        VALID.translate({ord("0") + n: 0xFF10 + n for n in range(10)}),  # full width
        "-" + VALID[1:],
        VALID[:5] + "\0" + VALID[6:],
        "elleve tegn",
    ],
)
def test_anything_but_eleven_ascii_digits_is_one_obstacle(text):
    assert tolerant(text) == ["national-id-format"]


@pytest.mark.parametrize(
    "six",
    [
        *("000139", "320139", "310439", "300239", "290239", "010039", "011339"),
        *("400139", "720139", "810139", "690239"),  # D-numbers, and the old help numbers
        *("014039", "015339", "016539", "017839", "018039", "019339"),  # beside the test months
    ],
)
def test_a_day_of_no_century(six):
    assert tolerant(number(six)) == ["national-id-date"]
    assert strict(number(six)) == ["national-id-date"]


def test_29_february_of_a_year_that_is_a_leap_year_in_some_century():
    assert tolerant(number("290200")) == []  # 2000, though 1900 was none
    assert tolerant(number("290204")) == []
    assert tolerant(number("290201")) == ["national-id-date"]


@pytest.mark.parametrize(
    "text",
    [
        "17912099997",  # Tenor, + 80
        "57912075186",  # the same as a D-number
        "29822099635",
        "15507600333",  # Dolly, + 40
        "55507608360",
        number("017739"),  # + 65
        number("416639"),
    ],
)
def test_synthetic_numbers_only_where_they_are_allowed(text):
    assert tolerant(text) == []
    assert strict(text) == ["national-id-synthetic"]


@pytest.mark.parametrize("remainder", [1, 2, 3])
@pytest.mark.parametrize("six", ["311239", "711239", "019239"])
def test_numbers_given_out_from_2032(six, remainder):
    assert tolerant(number(six, remainder)) == []


@pytest.mark.parametrize("remainder", range(4, 11))
def test_no_other_remainder(remainder):
    assert strict(number("311239", remainder)) == ["national-id-control-digits"]


def test_every_obstacle_at_once():
    made = number("328139")
    wrong = (int(made[10]) + 1) % 10
    assert strict(f"{made[:10]}{wrong}") == [
        "national-id-date",
        "national-id-synthetic",
        "national-id-control-digits",
    ]


NINE = st.builds(
    lambda day, add, serial: f"{day.day:02}{day.month + add:02}{day.year % 100:02}{serial:03}",
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from([0, 40, 65, 80]),
    st.integers(0, 999),
)


@given(NINE, st.integers(0, 3), st.integers(0, 10), st.integers(1, 9))
def test_no_single_wrong_digit_is_accepted(nine, remainder, place, added):
    text = with_control_digits(nine, remainder)
    assume(text is not None)
    wrong = str((int(text[place]) + added) % 10)
    assert tolerant(text[:place] + wrong + text[place + 1 :])[-1:] == ["national-id-control-digits"]


@given(NINE, st.integers(0, 3), st.integers(0, 9))
def test_no_two_neighbours_may_change_places(nine, remainder, place):
    text = with_control_digits(nine, remainder)
    assume(text is not None and text[place] != text[place + 1])
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert tolerant(swapped)[-1:] == ["national-id-control-digits"]


@given(NINE, st.integers(0, 3))
def test_every_number_that_can_be_given_out_is_accepted(nine, remainder):
    text = with_control_digits(nine, remainder)
    assume(text is not None)
    assert tolerant(text) == []


@given(st.text() | st.from_regex(r"\A[0-9]{11}\Z"))
def test_no_text_makes_the_check_fail(text):
    assert set(tolerant(text)) <= {
        "national-id-format",
        "national-id-date",
        "national-id-control-digits",
    }


@pytest.mark.parametrize("six", ["311239", "711239", "319239", "315239", "317739", "719239"])
def test_the_birth_date_is_compared_without_the_century(six):
    assert matches_birth_date(number(six), date(2039, 12, 31))
    assert matches_birth_date(number(six), date(1939, 12, 31))
    assert not matches_birth_date(number(six), date(2039, 12, 30))
    assert not matches_birth_date(number(six), date(2039, 11, 30))
    assert not matches_birth_date(number(six), date(2038, 12, 31))


TODAY = date(2026, 11, 19)


def days(ahead):
    return TODAY + timedelta(ahead)


@pytest.mark.parametrize(
    ("birth_date", "due_date", "codes"),
    [
        (TODAY, None, []),
        (days(1), None, ["birth-date-in-future"]),
        (date(2008, 11, 20), None, []),  # 17, for one more day
        (date(2008, 11, 19), None, ["child-too-old"]),
        (None, None, ["birth-date-missing"]),
        (TODAY, TODAY, ["due-date-of-born-child"]),
        (None, TODAY, ["due-date-of-born-child", "birth-date-missing"]),
    ],
)
def test_a_born_child(birth_date, due_date, codes):
    assert birth_obstacles(ChildKind.CHILD, birth_date, due_date, TODAY, 17) == codes


@pytest.mark.parametrize(
    ("birth_date", "due_date", "codes"),
    [
        (None, days(0), []),
        (None, days(300), []),
        (None, days(301), ["due-date-too-far"]),
        (None, days(-30), []),
        (None, days(-31), ["due-date-passed"]),
        (None, None, ["due-date-missing"]),
        (TODAY, days(10), ["birth-date-of-unborn-child"]),
        (TODAY, None, ["birth-date-of-unborn-child", "due-date-missing"]),
    ],
)
def test_an_unborn_child(birth_date, due_date, codes):
    assert birth_obstacles(ChildKind.UNBORN, birth_date, due_date, TODAY, 17) == codes
