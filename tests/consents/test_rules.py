"""Whose yes a consent needs, when it may be registered, and where it stands on a day."""

from datetime import date
from itertools import product
from uuid import UUID

import pytest

from stafett.consents.rules import (
    CHILD,
    ConsentState,
    Family,
    missing,
    obstacles_to_registering,
    state_on,
)

MOR, FAR, GRAVID = UUID(int=1), UUID(int=2), UUID(int=3)
TODAY, YESTERDAY, TOMORROW = date(2026, 11, 24), date(2026, 11, 23), date(2026, 11, 25)


def family(*responsible, age, pregnant=None):
    return Family(frozenset(responsible), age, consent_age=16, pregnant=pregnant)


@pytest.mark.parametrize(
    ("who", "needed"),
    [
        (family(MOR, FAR, age=9), {MOR, FAR}),
        (family(MOR, age=9), {MOR}),
        (family(age=9), set()),
        (family(MOR, FAR, age=0), {MOR, FAR}),
        (family(MOR, FAR, age=15), {MOR, FAR}),
        (family(MOR, FAR, age=16), {CHILD}),
        (family(age=17), {CHILD}),
        (family(GRAVID, FAR, age=None, pregnant=GRAVID), {GRAVID}),
        (family(FAR, age=None), set()),
        # Born: who was pregnant is a parent like the other.
        (family(GRAVID, FAR, age=0, pregnant=GRAVID), {GRAVID, FAR}),
    ],
)
def test_whose_yes_is_needed(who, needed):
    assert who.needed == needed


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ([], {MOR, FAR}),
        ([MOR], {FAR}),
        ([FAR], {MOR}),
        ([MOR, FAR], set()),
        ([MOR, FAR, CHILD], set()),
        ([CHILD], {MOR, FAR}),
    ],
)
def test_who_is_missing(given, left):
    assert missing(family(MOR, FAR, age=13), given) == left


@pytest.mark.parametrize(
    ("who", "given_on", "expires_on", "obstacles"),
    [
        (family(MOR, age=9), TODAY, TOMORROW, []),
        (family(MOR, age=9), TODAY, TODAY, []),
        (family(MOR, age=9), YESTERDAY, TODAY, []),
        (family(MOR, age=9), YESTERDAY, YESTERDAY, ["consent-already-expired"]),
        (family(MOR, age=9), TOMORROW, TOMORROW, ["consent-in-future"]),
        (family(MOR, age=9), TOMORROW, TODAY, ["consent-in-future", "consent-already-expired"]),
        (family(age=9), TODAY, TOMORROW, ["guardian-missing"]),
        (family(age=None), TODAY, TOMORROW, ["guardian-missing"]),
        (
            family(age=9),
            TOMORROW,
            TODAY,
            ["guardian-missing", "consent-in-future", "consent-already-expired"],
        ),
    ],
)
def test_every_reason_at_once(who, given_on, expires_on, obstacles):
    assert obstacles_to_registering(who, given_on, expires_on, TODAY) == obstacles


def test_where_a_consent_stands():
    """The four facts in every combination; the first that holds decides."""
    for active, withdrawn, left, expires_on in product(
        (True, False), (True, False), (True, False), (YESTERDAY, TODAY, TOMORROW)
    ):
        state = state_on(TODAY, expires_on, active=active, withdrawn=withdrawn, services_left=left)
        if withdrawn:
            assert state is ConsentState.WITHDRAWN
        elif expires_on == YESTERDAY or not left:
            assert state is ConsentState.EXPIRED
        else:
            assert state is (ConsentState.ACTIVE if active else ConsentState.WAITING)
