"""Who may be appointed coordinator, and who may sit in the ansvarsgruppe."""

from datetime import date
from uuid import uuid4

import pytest

from stafett.team import rules

SCHOOL, OTHER = uuid4(), uuid4()
DAY = date(2026, 11, 24)
FINE = {
    "is_self": False,
    "has_coordinator": False,
    "coordinates": True,
    "from_on": DAY,
    "until_on": None,
}


@pytest.mark.parametrize(
    ("service", "more", "obstacles"),
    [
        (SCHOOL, {}, []),
        (SCHOOL, {"is_self": True}, ["coordinator-is-self"]),
        (SCHOOL, {"has_coordinator": True}, ["coordinator-already"]),
        (OTHER, {}, ["service-not-covered"]),
        (None, {}, ["service-not-covered"]),
        (SCHOOL, {"until_on": DAY}, []),
        (SCHOOL, {"until_on": date(2026, 11, 23)}, ["until-before-from"]),
        (OTHER, {"coordinates": False, "has_coordinator": True}, []),
        (OTHER, {"is_self": True}, ["coordinator-is-self", "service-not-covered"]),
    ],
)
def test_who_may_be_appointed(service, more, obstacles):
    assert rules.obstacles_to_appointing(service, {SCHOOL}, (), **{**FINE, **more}) == obstacles


@pytest.mark.parametrize(
    ("service", "is_member", "obstacles"),
    [
        (SCHOOL, False, []),
        (None, False, []),
        (OTHER, False, ["plan-consent-missing"]),
        (OTHER, True, ["group-member-already", "plan-consent-missing"]),
    ],
)
def test_who_may_sit_in_the_group(service, is_member, obstacles):
    assert rules.obstacles_to_joining(service, {SCHOOL}, is_member=is_member) == obstacles
