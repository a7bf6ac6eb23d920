"""What stands in the way of opening, moving, inviting and handing over: truth tables."""

from dataclasses import replace
from datetime import date
from itertools import product
from uuid import UUID

import pytest

from stafett.profile.load import load
from stafett.stafettlogg.rules import (
    Level,
    LogFacts,
    counted,
    obstacles_at,
    obstacles_to_handover,
    obstacles_to_level,
    obstacles_to_membership,
    obstacles_to_opening,
    wrong_day,
)

SCHOOL, PPT, UNIT, BUP = (UUID(int=number) for number in range(1, 5))
HOLTALEN, STANDARD = load("holtalen"), load("standard")
TODAY, YESTERDAY, LATEST = date(2026, 11, 24), date(2026, 11, 23), date(2027, 11, 24)


def facts(*services, level=None, profile=HOLTALEN, **more):
    """A log that consent covers for these services; only BUP is a specialist."""
    count = counted(services, UNIT, unit_counts=profile.coordinating_unit_counts)
    return LogFacts(level, {one: one == BUP for one in services}, count, **more)


@pytest.mark.parametrize(
    ("services", "unit_counts", "count"),
    [
        ([], True, 0),
        ([], False, 0),
        ([SCHOOL], False, 1),
        ([SCHOOL, UNIT], True, 2),
        ([SCHOOL, UNIT], False, 1),
        ([UNIT], False, 0),
        ([SCHOOL, PPT, BUP, UNIT], True, 4),
        ([SCHOOL, PPT, BUP, UNIT], False, 3),
    ],
)
def test_how_many_services_count(services, unit_counts, count):
    assert counted(services, UNIT, unit_counts=unit_counts) == count


def test_a_kommune_without_the_unit_counts_all():
    assert counted([SCHOOL, PPT], None, unit_counts=False) == 2


NONE = "consent-missing"
FEW = "too-few-services"
NO_BUP = "specialist-missing"
NO_IP = "ip-assessment-missing"


@pytest.mark.parametrize(
    ("profile", "level", "services", "ip", "obstacles"),
    [
        (HOLTALEN, 1, [], True, [NONE, FEW]),
        (HOLTALEN, 1, [SCHOOL], False, []),
        (HOLTALEN, 1, [SCHOOL, PPT, BUP], False, []),  # more services than it is meant for
        (HOLTALEN, 2, [SCHOOL], False, [FEW]),
        (HOLTALEN, 2, [SCHOOL, UNIT], False, []),
        (HOLTALEN, 2, [SCHOOL, PPT], False, []),
        (HOLTALEN, 3, [], False, [NONE, FEW, NO_BUP, NO_IP]),
        (HOLTALEN, 3, [SCHOOL], False, [FEW, NO_BUP, NO_IP]),
        (HOLTALEN, 3, [BUP], True, [FEW]),
        (HOLTALEN, 3, [SCHOOL, PPT], True, [NO_BUP]),
        (HOLTALEN, 3, [SCHOOL, BUP], False, [NO_IP]),
        (HOLTALEN, 3, [SCHOOL, BUP], True, []),
        (STANDARD, 1, [UNIT], False, [FEW]),
        (STANDARD, 2, [SCHOOL, UNIT], False, [FEW]),
        (STANDARD, 2, [SCHOOL, PPT], False, []),
        (STANDARD, 3, [], False, [NONE, FEW, NO_IP]),
        (STANDARD, 3, [SCHOOL, PPT], False, [NO_IP]),
        (STANDARD, 3, [SCHOOL, PPT], True, []),  # no specialist is asked for here
    ],
)
def test_what_a_level_asks_for(profile, level, services, ip, obstacles):
    found = facts(*services, profile=profile)
    assert obstacles_at(found, profile.level(level), ip_assessed=ip) == obstacles


@pytest.mark.parametrize(("now", "target"), list(product(Level, Level)))
def test_any_level_to_any_other_up_and_down(now, target):
    found = facts(SCHOOL, PPT, BUP, level=now)
    obstacles = obstacles_to_level(found, HOLTALEN.level(target), ip_assessed=True)
    assert obstacles == (["same-level"] if now == target else [])


def test_downwards_the_same_is_asked():
    found = facts(level=Level.THREE)
    assert obstacles_to_level(found, HOLTALEN.level(1), ip_assessed=False) == [NONE, FEW]


def test_all_obstacles_to_a_level_at_once():
    found = facts(level=Level.THREE, closed=True, has_holder=False)
    assert obstacles_to_level(found, HOLTALEN.level(3), ip_assessed=False) == [
        "log-closed",
        "same-level",
        "holder-missing",
        NONE,
        FEW,
        NO_BUP,
        NO_IP,
    ]


def test_a_kommune_may_do_without_a_holder():
    without = replace(HOLTALEN.level(2), requires_holder=False)
    found = facts(SCHOOL, PPT, level=Level.ONE, has_holder=False)
    assert obstacles_to_level(found, without, ip_assessed=False) == []


@pytest.mark.parametrize(
    ("decided_on", "last_on", "on_paper", "problems"),
    [
        (TODAY, TODAY, True, []),
        (YESTERDAY, YESTERDAY, True, []),
        (YESTERDAY, date(2026, 1, 1), True, []),
        (YESTERDAY, TODAY, True, ["decided-before-last"]),
        (date(2026, 11, 25), TODAY, True, ["date-in-future"]),
        (YESTERDAY, YESTERDAY, False, ["decided-not-on-paper"]),
        (TODAY, TODAY, False, ["decided-not-on-paper"]),
        (
            date(2026, 11, 25),
            date(2026, 11, 26),
            False,
            ["decided-not-on-paper", "date-in-future", "decided-before-last"],
        ),
    ],
)
def test_when_something_of_a_log_can_have_been_decided(decided_on, last_on, on_paper, problems):
    assert wrong_day(decided_on, last_on, TODAY, on_paper=on_paper) == problems


def test_opening():
    """Every combination of the four facts; a twin is told of only beside a valid consent."""
    for holds, is_open, twin, opener in product((True, False), repeat=4):
        obstacles = obstacles_to_opening(
            facts(SCHOOL),
            HOLTALEN.level(1),
            SCHOOL if opener else PPT,
            consent_holds=holds,
            has_open_log=is_open,
            provisional=twin,
            ip_assessed=False,
        )
        expected = ["log-open-already"] if is_open else []
        if not holds:
            expected.append("consent-not-valid")
        elif twin:
            expected.append("ke-must-join")
        assert obstacles == expected + ([] if opener else ["service-not-covered"])


def test_opening_without_a_service_or_consent_lists_everything():
    assert obstacles_to_opening(
        facts(),
        HOLTALEN.level(3),
        None,
        consent_holds=False,
        has_open_log=True,
        provisional=True,
        ip_assessed=False,
    ) == ["log-open-already", "consent-not-valid", "service-not-covered", NONE, FEW, NO_BUP, NO_IP]


@pytest.mark.parametrize(
    ("receiver", "more", "obstacles"),
    [
        (SCHOOL, {}, []),
        (SCHOOL, {"is_holder": True}, ["holder-already"]),
        (SCHOOL, {"pending": True}, ["handover-pending"]),
        (BUP, {"is_staff": False}, ["receiver-not-staff"]),
        (PPT, {}, ["service-not-covered"]),
        (None, {}, ["service-not-covered"]),
        (
            None,
            {"is_holder": True, "pending": True, "is_staff": False},
            ["holder-already", "handover-pending", "receiver-not-staff", "service-not-covered"],
        ),
    ],
)
def test_handing_over(receiver, more, obstacles):
    given = {"is_holder": False, "pending": False, "is_staff": True, **more}
    assert obstacles_to_handover(facts(SCHOOL, BUP), receiver, **given) == obstacles
    closed = facts(SCHOOL, BUP, closed=True)
    assert obstacles_to_handover(closed, receiver, **given) == ["log-closed", *obstacles]


@pytest.mark.parametrize(
    ("service", "until", "more", "obstacles"),
    [
        (SCHOOL, TODAY, {}, []),
        (SCHOOL, LATEST, {}, []),
        (SCHOOL, YESTERDAY, {}, ["until-passed"]),
        (SCHOOL, date(2027, 11, 25), {}, ["until-too-late"]),
        (SCHOOL, date.max, {}, ["until-too-late"]),
        (PPT, TODAY, {}, ["service-not-covered"]),
        (None, TODAY, {}, ["service-not-covered"]),
        (SCHOOL, TODAY, {"is_holder": True}, ["holder-already"]),
        (SCHOOL, TODAY, {"is_member": True}, ["member-already"]),
        (
            PPT,
            YESTERDAY,
            {"is_holder": True, "is_member": True},
            ["holder-already", "member-already", "service-not-covered", "until-passed"],
        ),
    ],
)
def test_taking_part(service, until, more, obstacles):
    given = {
        "is_holder": False,
        "is_member": False,
        "until": until,
        "today": TODAY,
        "latest": LATEST,
        **more,
    }
    assert obstacles_to_membership(facts(SCHOOL), service, **given) == obstacles
    closed = facts(SCHOOL, closed=True)
    assert obstacles_to_membership(closed, service, **given) == ["log-closed", *obstacles]
