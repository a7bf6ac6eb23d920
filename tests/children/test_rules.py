"""When a child is registered, and when it gets an account of its own."""

from datetime import date, timedelta

import pytest

from stafett.children.rules import (
    ChildKind,
    age_text,
    birth_obstacles,
    capital,
    decider,
    family,
    first_name,
    obstacles_to_account,
)

TODAY = date(2026, 11, 24)


def day(ahead):
    return TODAY + timedelta(days=ahead)


@pytest.mark.parametrize(
    ("born", "told"),
    [
        (day(0), "nyfødt"),
        (day(-6), "nyfødt"),
        (day(-7), "1 uke"),
        (day(-21), "3 uker"),
        (date(2026, 8, 25), "13 uker"),
        (date(2026, 8, 24), "3 måneder"),
        (date(2025, 11, 25), "11 måneder"),
        (date(2025, 11, 24), "1 år"),
        (date(2017, 6, 6), "9 år"),
    ],
)
def test_a_young_child_is_weeks_or_months_old(born, told):
    assert age_text(born, None, TODAY) == told


@pytest.mark.parametrize(
    ("years", "guardian", "obstacles"),
    [
        (None, True, ["child-not-born"]),
        (None, False, ["child-not-born"]),
        (0, True, ["child-too-young-for-account"]),
        (11, True, ["child-too-young-for-account"]),
        (11, False, ["child-too-young-for-account", "guardian-missing"]),
        (12, True, []),
        (12, False, ["guardian-missing"]),
        (15, True, []),
        (15, False, ["guardian-missing"]),
        (16, False, []),
        (16, True, []),
        (17, False, []),
    ],
)
def test_account_from_twelve_and_alone_from_sixteen(years, guardian, obstacles):
    assert obstacles_to_account(years, 12, 16, has_guardian=guardian) == obstacles


@pytest.mark.parametrize(
    ("years", "consent_age", "decides", "reads"),
    [
        (None, 16, "den gravide", "den gravide"),
        (9, 16, "familien", "familien"),
        (15, 16, "familien", "familien"),
        (15, 15, "Nora", "familien"),
        (16, 16, "Nora", "familien"),
        (17, 16, "Nora", "familien"),
        (18, 16, "Nora", "Nora"),
    ],
)
def test_who_decides_and_who_reads_is_the_family_until_one_is_old_enough(
    years, consent_age, decides, reads
):
    born = None if years is None else TODAY.replace(year=TODAY.year - years)
    first = first_name("Nora Demo", born)
    assert decider(first, born, TODAY, consent_age) == decides
    assert family(first, born, TODAY) == reads


def test_words_begin_a_sentence_and_a_name_in_them_stays_as_it_is():
    assert capital("familien") == "Familien"
    assert capital("Ole-Johan") == "Ole-Johan"


def test_another_kommune_lets_the_youth_decide_from_fifteen():
    assert obstacles_to_account(15, 12, 15, has_guardian=False) == []
    assert obstacles_to_account(12, 13, 15, has_guardian=True) == ["child-too-young-for-account"]


@pytest.mark.parametrize(
    ("kind", "born", "due", "obstacles"),
    [
        ("child", day(0), None, []),
        ("child", day(1), None, ["birth-date-in-future"]),
        ("child", None, None, ["birth-date-missing"]),
        ("child", None, day(9), ["due-date-of-born-child", "birth-date-missing"]),
        ("child", date(2008, 11, 25), None, []),
        ("child", date(2008, 11, 24), None, ["child-too-old"]),
        ("child", date(1, 1, 1), None, ["child-too-old"]),
        ("unborn", None, None, ["due-date-missing"]),
        ("unborn", None, day(300), []),
        ("unborn", None, day(301), ["due-date-too-far"]),
        ("unborn", None, day(-30), []),
        ("unborn", None, day(-31), ["due-date-passed"]),
        ("unborn", None, date(9999, 12, 31), ["due-date-too-far"]),
        ("unborn", None, date(1, 1, 1), ["due-date-passed"]),
        ("unborn", day(-1), day(9), ["birth-date-of-unborn-child"]),
        ("unborn", day(-1), None, ["birth-date-of-unborn-child", "due-date-missing"]),
    ],
)
def test_dates_that_a_record_may_begin_with(kind, born, due, obstacles):
    assert birth_obstacles(ChildKind(kind), born, due, TODAY, max_age=17) == obstacles
