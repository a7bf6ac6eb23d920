"""Who reads an entry, who may write for whom, and what is wrong with a choice; as truth tables."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from uuid import uuid4

import pytest

from stafett.access.policy import (
    FAMILY,
    Actor,
    Covered,
    Held,
    Purpose,
    Relation,
    Span,
)
from stafett.audience.rules import (
    REASONS,
    REVIEW_WITHIN,
    Audience,
    Limits,
    Reason,
    Viewer,
    Visibility,
    choices,
    hides,
    problems_with_choice,
    problems_with_hiding,
    problems_with_review,
    readable,
    viewer,
)
from stafett.entries.rules import WRITTEN, Kind, Sign, obstacles_to_writing, signs

ME, OTHER, AUTHOR, HERE, THERE = (uuid4() for _ in range(5))
TODAY = date(2026, 11, 24)
EVERYONE, PROFESSIONALS, NAMED, OWN_SERVICE, CHILD_ROOM = Visibility
STAFF = Viewer(ME, HERE, reads=True, family=False, room=True)
PARENT = Viewer(ME, None, reads=True, family=True, room=False)
CHILD = Viewer(ME, None, reads=True, family=True, room=True)
IN_GROUP_ONLY = Viewer(ME, HERE, reads=False, family=True, room=True)
STRANGER = Viewer(ME, HERE, reads=False, family=True, room=False)


def entry(visibility, **more):
    return Audience(visibility, more.pop("author_id", AUTHOR), more.pop("service_id", HERE), **more)


READS = [
    # who, and whether he reads: everyone, professionals, named (him), own_service, room (him)
    (STAFF, [True, True, True, True, True]),
    (replace(STAFF, service_id=THERE), [True, True, True, False, True]),
    (replace(STAFF, service_id=None), [True, True, True, False, True]),
    (replace(STAFF, room=False), [True, True, True, True, False]),
    (PARENT, [True, False, True, False, False]),
    (CHILD, [True, False, True, False, True]),
    (replace(PARENT, service_id=HERE), [True, False, True, False, False]),
    (IN_GROUP_ONLY, [False, False, False, False, True]),
    (STRANGER, [False, False, False, False, False]),
]


@pytest.mark.parametrize(("by", "expected"), READS)
def test_who_reads_what(by, expected):
    assert [readable(by, entry(one, named=[ME])) for one in Visibility] == expected


def test_who_is_not_named_does_not_read_what_is_for_some():
    for by, visibility in product((STAFF, PARENT, CHILD), (NAMED, CHILD_ROOM)):
        assert not readable(by, entry(visibility, named=[OTHER]))
        assert not readable(by, entry(visibility))


def test_its_author_reads_it_as_long_as_he_reads_anything_there():
    for by, visibility in product((STAFF, PARENT, CHILD), set(Visibility) - {CHILD_ROOM}):
        assert readable(by, entry(visibility, author_id=ME, service_id=None))
    assert readable(CHILD, entry(CHILD_ROOM, author_id=ME))
    for visibility in Visibility:
        assert not readable(STRANGER, entry(visibility, author_id=ME))


def test_what_is_hidden_from_somebody_he_reads_in_no_capacity():
    for by, visibility in product((STAFF, PARENT, CHILD), Visibility):
        assert not readable(by, entry(visibility, named=[ME], hidden_from=[ME]))
    assert readable(STAFF, entry(EVERYONE, hidden_from=[OTHER]))


def test_two_without_a_service_are_not_of_the_same():
    assert not readable(replace(STAFF, service_id=None), entry(OWN_SERVICE, service_id=None))


# What somebody is to a child's entries, from his ties.


def held(*relations, **more):
    return [Held(one, **more) for one in relations]


def seen_as(*relations):
    by = viewer(Actor(ME, frozenset(), HERE), held(*relations), TODAY)
    return by.reads, by.family, by.room


ONE_TIE = {
    Relation.SH: (True, False, True),
    Relation.MW: (True, False, True),
    Relation.MR: (True, False, False),
    Relation.KO: (True, False, True),
    Relation.EX: (True, False, True),
    Relation.KE: (True, False, False),
    Relation.EMERGENCY: (True, False, False),
    Relation.AG: (False, True, True),
    Relation.PF: (True, True, False),
    Relation.C12: (True, True, True),
    Relation.C16: (True, True, True),
}


@pytest.mark.parametrize("relation", sorted(set(Relation) - {Relation.BLOCK}))
def test_one_tie(relation):
    assert seen_as(relation) == ONE_TIE.get(relation, (False, True, False))


def test_who_is_both_reads_as_both_but_no_parent_reads_the_room():
    assert seen_as(Relation.PF, Relation.MW) == (True, False, False)
    assert seen_as(Relation.PX, Relation.MW) == (True, False, False)
    assert seen_as(Relation.AG, Relation.MW) == (True, False, True)
    assert seen_as(Relation.MW, Relation.BLOCK) == (False, True, False)


def test_a_tie_that_is_over_or_without_consent_gives_nothing():
    actor, nothing = Actor(ME, frozenset(), HERE), (False, True, False)
    over = held(Relation.MW, span=Span(TODAY - timedelta(9), TODAY - timedelta(1)))
    bare = held(Relation.MW, covers=())
    for ties in (over, bare):
        by = viewer(actor, ties, TODAY)
        assert (by.reads, by.family, by.room) == nothing
    covered = held(Relation.MW, covers=(Covered(Purpose.STAFETTLOGG, Span(TODAY)),))
    assert viewer(actor, covered, TODAY).reads


# Writing.


def test_whom_somebody_may_write_for():
    professional = [EVERYONE, PROFESSIONALS, NAMED]
    assert choices([Relation.MW], HERE) == [*professional, OWN_SERVICE]
    assert choices([Relation.MW], None) == professional
    assert choices([Relation.PF, Relation.MW], HERE) == [*professional, OWN_SERVICE]
    assert choices([Relation.PF], None) == [EVERYONE, NAMED]
    for child in (Relation.C12, Relation.C16):
        assert choices([child], None) == [EVERYONE, NAMED, CHILD_ROOM]


def test_who_may_hide_from_a_guardian():
    may = {one for one in Relation if hides([one])}
    assert may == {
        *(Relation.KE, Relation.KEL, Relation.KO),
        *(Relation.SH, Relation.MW, Relation.EX),
    }
    assert not may & FAMILY


def test_what_stands_in_the_way_of_writing():
    state_says = {
        "none": ["log-missing"],
        "open": [],
        "frozen": ["log-frozen"],
        "closed": ["log-closed"],
    }
    for (state, said), visibility, author in product(
        state_says.items(), Visibility, (Relation.SH, Relation.PF, Relation.C12)
    ):
        allowed = visibility in choices([author], HERE)
        expected = said + ([] if allowed else ["visibility-not-own"])
        assert obstacles_to_writing(Limits(visibility), [author], HERE, state) == expected
    hidden = Limits(hidden_from=[ME])
    assert obstacles_to_writing(hidden, [Relation.SH], HERE, "open") == []
    assert obstacles_to_writing(hidden, [Relation.PF], None, "open") == ["hiding-not-own"]
    assert obstacles_to_writing(hidden, [Relation.C16], None, "none") == [
        "log-missing",
        "hiding-not-own",
    ]


def test_what_is_wrong_with_a_choice():
    def said(**given):
        return problems_with_choice(Limits(**given), ["kari"])

    assert said() == {}
    assert said(visibility=NAMED, named=["kari"]) == {}
    assert said(visibility=NAMED) == {"named": ["named-missing"]}
    assert said(visibility=NAMED, named=["kari", "x"]) == {"named": ["named-not-reader"]}
    for one in (PROFESSIONALS, OWN_SERVICE, CHILD_ROOM):
        assert said(visibility=one) == {}


def test_what_is_wrong_with_hiding():
    guardians = {ME: "mor", OTHER: None}

    def said(**given):
        return problems_with_hiding(Limits(**given), guardians)

    why = Reason.NO_RIGHT
    assert said() == {}
    assert said(hidden_from=[ME, OTHER], hidden_reason=why) == {}
    assert said(hidden_from=[ME]) == {"hidden_reason": ["reason-missing"]}
    assert said(hidden_from=[AUTHOR], hidden_reason=why) == {"hidden_from": ["guardian-unknown"]}
    named = {"visibility": NAMED, "named": ["mor"], "hidden_reason": why}
    assert said(hidden_from=[ME], **named) == {"hidden_from": ["hidden-is-named"]}
    assert said(hidden_from=[OTHER], **named) == {}


@pytest.mark.parametrize(
    ("days", "with_reason", "without"),
    [
        (-1, "review-too-soon", "review-too-soon"),
        (0, "review-too-soon", "review-too-soon"),
        (1, None, None),
        (14, None, None),
        (15, None, "review-needs-reason"),
        (90, None, "review-needs-reason"),
        (91, "review-too-late", "review-too-late"),
    ],
)
def test_when_it_is_looked_at_again(days, with_reason, without):
    on, why = TODAY + timedelta(days), Reason.SECRECY

    def said(**given):
        return problems_with_review(Limits(review_on=on, **given), TODAY).get("review_on")

    reasoned = [with_reason] if with_reason else None
    assert said(visibility=PROFESSIONALS, reason=why) == reasoned
    assert said(hidden_from=[ME], hidden_reason=why) == reasoned
    assert said(visibility=PROFESSIONALS) == ([without] if without else None)
    assert said() is None
    assert problems_with_review(Limits(PROFESSIONALS), TODAY) == {}
    assert timedelta(90) == REVIEW_WITHIN


def test_every_reason_has_words_without_the_law():
    assert list(REASONS) == list(Reason)
    assert not [words for words in REASONS.values() if "§" in words or words.endswith(".")]


def test_nobody_writes_a_concern_as_an_entry():
    assert set(WRITTEN) == set(Kind) - {Kind.CONCERN}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Vi øver på pauser.", []),
        ("fnr 01010150074", ["text-identity-number"]),
        ("fnr 010101 50074.", ["text-identity-number"]),
        ("01810150048", ["text-identity-number"]),  # Tenor
        ("01410150057", ["text-identity-number"]),  # Dolly
        ("(01 01 01 500 74)", ["text-identity-number"]),
        ("01010150075", []),  # no control digits
        ("1010101500744", []),  # thirteen digits
        ("Ring 91234567", ["text-telephone"]),
        ("Ring 912 34 567.", ["text-telephone"]),
        ("Ring +47 22 12 34 56", ["text-telephone"]),
        ("Ring 0047 91234567", ["text-telephone"]),
        ("24112026", []),  # a day
        ("20261124", []),
        ("12345678", []),  # no telephone begins with 1
        ("9123456", []),
        ("sak 202612345678", []),
        ("Ella var med.", ["text-other-child"]),
        ("Ellas bror", ["text-other-child"]),
        ("ELLA, Ellan og uella", []),
        ("Ella Demo-Berg", ["text-other-child"]),
        ("Nora og Demo", []),
        ("Ella, 91234567 og 01010150074", [*Sign]),
    ],
)
def test_the_author_is_warned_of_what_seldom_belongs_in_a_log(text, found):
    assert set(signs(text, "Nora Demo", ["Ella Demo-Berg", "Nora Demo-Li"])) == set(found)
