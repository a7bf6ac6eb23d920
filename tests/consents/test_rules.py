"""Whose yes a consent needs, when it may be registered, and where it stands on a day."""

from datetime import date
from itertools import product
from uuid import UUID

import pytest

from stafett.access.policy import Purpose
from stafett.children.rules import VoiceHow
from stafett.consents.rules import (
    CHILD,
    Basis,
    ConsentState,
    Family,
    Heard,
    case_problems,
    hearing_problems,
    missing,
    obstacles_to_registering,
    state_on,
)

MOR, FAR, GRAVID, VERGE = (UUID(int=number) for number in range(1, 5))
TODAY, YESTERDAY, TOMORROW = date(2026, 11, 24), date(2026, 11, 23), date(2026, 11, 25)


def family(*responsible, age, pregnant=None, mandates=None):
    return Family(frozenset(responsible), age, 16, pregnant=pregnant, mandates=mandates or {})


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
    assert who.needed(Purpose.PLAN) == needed


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
    who = family(MOR, FAR, age=13)
    assert missing(who, Purpose.PLAN, given, one_is_enough=False) == left
    alone = {MOR, FAR} if {MOR, FAR}.isdisjoint(given) else set()
    assert missing(who, Purpose.PLAN, given, one_is_enough=True) == alone


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
    assert obstacles_to_registering(who, Purpose.PLAN, given_on, expires_on, TODAY) == obstacles


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


@pytest.mark.parametrize(
    ("age", "plan", "log"),
    [
        (None, (set(), Basis.PREGNANT), (set(), Basis.PREGNANT)),
        (9, ({VERGE}, Basis.STAND_IN), ({MOR, FAR}, Basis.ALL)),
        (16, ({CHILD}, Basis.YOUTH), ({CHILD}, Basis.YOUTH)),
    ],
)
def test_who_stands_in_for_the_parents_does_so_in_what_he_is_there_for(age, plan, log):
    who = family(MOR, FAR, age=age, mandates={VERGE: frozenset({Purpose.PLAN})})
    assert (who.needed(Purpose.PLAN), who.basis(Purpose.PLAN)) == plan
    assert (who.needed(Purpose.STAFETTLOGG), who.basis(Purpose.STAFETTLOGG)) == log
    itself = {CHILD} if age == 16 else set()
    assert who.may_stop(Purpose.PLAN) == itself | (set() if age is None else {VERGE})
    parents = set() if age is None else {MOR, FAR}
    assert who.may_stop(Purpose.STAFETTLOGG) == itself | parents


@pytest.mark.parametrize(
    ("who", "case", "why", "cases", "wrong"),
    [
        (family(MOR, FAR, age=9), None, None, (), set()),
        (family(MOR, FAR, age=9), Basis.PREVENT_HARM, "Lege", ("prevent_harm",), set()),
        (family(MOR, FAR, age=9), Basis.PREVENT_HARM, "", ("prevent_harm",), {"one_reason"}),
        (family(MOR, FAR, age=9), Basis.DAILY_CARE, "x", ("prevent_harm",), {"one_is_enough"}),
        (family(MOR, FAR, age=9), Basis.DAILY_CARE, "x", (), {"one_is_enough"}),
        (family(MOR, age=9), Basis.DAILY_CARE, "x", ("daily_care",), {"one_is_enough"}),
        (family(MOR, FAR, age=16), Basis.DAILY_CARE, "x", ("daily_care",), {"one_is_enough"}),
    ],
)
def test_one_is_enough_only_where_the_kommune_says_so_and_several_are_asked(
    who, case, why, cases, wrong
):
    assert set(case_problems(who, Purpose.PLAN, case, why, cases)) == wrong


def test_how_a_child_was_heard():
    """Every age of note, each way of being heard, with and without words and the wish."""
    for age, how, text, private in product(
        (None, 5, 11, 12, 15, 16, 17, 18), (None, *VoiceHow), (None, "«Ja»"), (True, False)
    ):
        heard = None if how is None else Heard(how, text, private=private)
        grown = age is not None and age >= 12
        wrong = set()
        if heard is None:
            wrong |= {"child_voice"} if age in {12, 15} else set()
        else:
            told = how == "through_guardian" and age == 18
            wrong |= {"child_voice.how"} if age is None or told else set()
            wrong |= {"child_voice.text"} if how == "not_obtained" and not text else set()
            wrong |= {"child_voice.private"} if private and not grown else set()
        assert set(hearing_problems(family(MOR, age=age), Purpose.PLAN, heard, age, 12)) == wrong
