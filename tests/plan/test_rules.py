"""What a plan holds, how its keys live, what differs, and who may change what."""

from datetime import date

import pytest

from stafett.errors import NotFoundError
from stafett.plan import differences, rules
from stafett.plan.rules import EMPTY


def a_measure(key, **more):
    blank = {"what": f"Tiltak {key}", "how": "", "where": None, "scope": "", "service_id": None}
    dates = {"starts_on": None, "evaluate_on": "2027-01-01"}
    fixed = {"responsible": "laerer", "status": "active", "goal_keys": []}
    return {"key": key, **blank, **dates, **fixed, **more}


def a_goal(key, measures=(), subgoals=(), **more):
    fixed = {"text": f"Mål {key}", "whose": "services", "area": None, "success": ""}
    more = {"target_on": None, "status": "active", **more}
    steps = [{"key": one, "text": f"Steg {one}"} for one in subgoals]
    return {"key": key, **fixed, "subgoals": steps, "measures": list(measures), **more}


def a_plan(*goals, **more):
    return {**EMPTY, "goals": list(goals), **more}


OLD = a_plan(
    a_goal("g1", [a_measure("m2"), a_measure("m3")], ["d4"]),
    a_goal("g5", [a_measure("m6", responsible="ppt")], whose="parents"),
    participants=[{"name": "Mor", "username": "mor", "role": "mor", "contribution": ""}],
    cooperation=[{"agency": "NAV", "purpose": "", "status": "wanted"}],
)


def changed(**more):
    return {**OLD, **more}


def goals(*which):
    """The old goals with some replaced, by key."""
    new = {one["key"]: one for one in which}
    return [new.get(one["key"], one) for one in OLD["goals"]]


G1, G5 = OLD["goals"]
CASES = [
    (OLD, [], [], [], []),
    (changed(about_me="Hei"), [], [], ["about_me"], []),
    (changed(goals=[*OLD["goals"], a_goal("g7")]), ["goals/g7"], [], [], []),
    (changed(goals=[G1]), [], ["goals/g5", "goals/g5/measures/m6"], [], []),
    (changed(goals=goals({**G1, "text": "Nytt"})), [], [], ["goals/g1/text"], []),
    (changed(goals=[G5, G1]), [], [], [], ["goals/g1"]),
    (
        changed(goals=goals({**G1, "subgoals": []})),
        *([], ["goals/g1/subgoals/d4"], [], []),
    ),
    (
        changed(goals=goals({**G1, "measures": [a_measure("m3"), a_measure("m2")]})),
        *([], [], [], ["goals/g1/measures/m2"]),
    ),
    (
        changed(
            goals=[
                {**G1, "measures": [a_measure("m3")]},
                {**G5, "measures": [*G5["measures"], a_measure("m2", how="Ny måte")]},
            ]
        ),
        *([], [], ["goals/g5/measures/m2/how"], ["goals/g5/measures/m2"]),
    ),
    (
        changed(cooperation=[{"agency": "NAV", "purpose": "", "status": "agreed"}]),
        *([], [], ["cooperation/NAV/status"], []),
    ),
    (
        changed(participants=[*OLD["participants"], {**OLD["participants"][0], "role": "vikar"}]),
        *(["participants/Mor (2)"], [], [], []),
    ),
]


@pytest.mark.parametrize(("new", "added", "removed", "different", "moved"), CASES)
def test_what_differs(new, added, removed, different, moved):
    found = differences.diff(OLD, new)
    for paths, items in (
        (added, found.added),
        (removed, found.removed),
        (different, found.changed),
        (moved, found.moved),
    ):
        assert [one.path for one in items] == paths
    assert found.empty is (new is OLD)
    told = [one for chapter in differences.chapters(OLD, new) for one in chapter.differences]
    assert bool(told) is (new is not OLD)


def test_a_person_reads_the_differences_goal_by_goal():
    measure = a_measure("m3", what="Ridning", responsible="ppt")
    new = changed(about_me="Hei", goals=[{**G1, "measures": [a_measure("m2"), measure]}])
    first, left, rest = differences.chapters(OLD, new)
    assert (first.number, first.goal["key"], left.number, rest.goal) == (1, "g1", 0, None)
    assert [(one.kind, one.label, one.text) for one in first.differences] == [
        ("changed", "Tiltak", "Ridning")
    ]
    assert [one.label for one in first.differences[0].changes] == ["Tiltak", "Ansvarlig"]
    assert {one.kind for one in left.differences} == {"removed"}


def test_words_that_differ_join_to_both_sentences():
    old, new = "Nora velger leken en gang i uka.", "Nora velger leken to ganger i uka."
    pieces = differences.words(old, new)
    assert "".join(text for kind, text in pieces if kind != "new") == old
    assert "".join(text for kind, text in pieces if kind != "old") == new
    assert {kind for kind, _ in pieces} == {"same", "old", "new"}


def test_new_items_get_keys_for_life():
    content = a_plan(
        a_goal("new:a", [a_measure("", goal_keys=["new:x"])], ["new:x"]),
        a_goal("g1", [a_measure("m2")]),
    )
    made, last = rules.with_keys(content, 7)
    assert (last, made["goals"][0]["key"]) == (10, "g8")
    assert made["goals"][0]["subgoals"][0]["key"] == "d9"
    assert made["goals"][0]["measures"][0]["goal_keys"] == ["d9"]
    assert made["goals"][1] == content["goals"][1]


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (OLD, {}),
        (changed(goals=[G1, G1]), {"goals.1.key": ["key-twice"]}),
        (changed(goals=[*OLD["goals"], a_goal("g9")]), {"goals.2.key": ["key-unknown"]}),
        (
            changed(goals=[{**G1, "subgoals": []}, G5, a_goal("d4")]),
            {"goals.2.key": ["key-unknown"]},
        ),
        (changed(goals=[*OLD["goals"], a_goal("new:1")]), {}),
        (
            changed(goals=goals({**G1, "measures": [a_measure("m2", goal_keys=["d9"])]})),
            {"goals.0.measures.0.goal_keys": ["subgoal-unknown"]},
        ),
        (changed(goals=[G1]), {"goals": ["running-item-left"]}),
    ],
)
def test_keys_that_may_not_be(content, problems):
    known = rules.keys_of(OLD)
    found = rules.key_problems(content, known, frozenset({"g5", "m6"}))
    assert {path: codes for path, codes in found.items() if path in problems} == problems
    assert bool(found) is bool(problems)


def test_what_runs_and_what_may_leave():
    content = a_plan(
        a_goal("g1", [a_measure("m2", status="applied"), a_measure("m3", status="stopped")]),
        a_goal("g4", status="reached"),
    )
    assert rules.running_keys(content) == {"g1", "m2"}
    assert rules.removable(content, frozenset({"g1", "m2"})) == {"m3", "g4"}
    assert rules.removable(content, frozenset({"m2"})) == {"m3", "g4"}


@pytest.mark.parametrize(
    ("new", "who", "own_goals", "foreign"),
    [
        (changed(about_me="Hei"), "ppt", (), ["about_me"]),
        (changed(goals=goals({**G5, "text": "Nytt"})), "ppt", (), ["goals/g5/text"]),
        (changed(goals=goals({**G5, "text": "Nytt"})), "mor", ("parents",), []),
        (
            changed(goals=goals({**G5, "whose": "services"})),
            "mor",
            ("parents",),
            ["goals/g5/whose"],
        ),
        (changed(goals=goals({**G1, "whose": "parents"})), "mor", ("parents",), ["goals/g1/whose"]),
        (
            changed(goals=goals({**G5, "measures": [{**G5["measures"][0], "how": "Slik"}]})),
            *("ppt", (), []),
        ),
        (
            changed(goals=goals({**G5, "measures": [{**G5["measures"][0], "responsible": "mor"}]})),
            *("ppt", (), ["goals/g5/measures/m6/responsible"]),
        ),
        (
            changed(goals=goals({**G1, "measures": [*G1["measures"], a_measure("m9")]})),
            *("ppt", (), ["goals/g1/measures/m9"]),
        ),
        (
            changed(
                goals=goals(
                    {**G1, "measures": [*G1["measures"], a_measure("m9", responsible="ppt")]}
                )
            ),
            *("ppt", (), []),
        ),
        (changed(goals=[*OLD["goals"], a_goal("g9", whose="child")]), "barn", ("child",), []),
        (changed(goals=[G1]), "ppt", (), ["goals/g5"]),
        (
            changed(participants=OLD["participants"] * 2),
            *("ppt", (), ["participants/Mor (2)"]),
        ),
        (changed(about_me="Nytt"), "barn", ("child",), []),
        (changed(about_me="Nytt"), "ppt", (), ["about_me"]),
    ],
)
def test_who_may_change_only_his_own(new, who, own_goals, foreign):
    assert differences.foreign_paths(OLD, new, {who}, frozenset(own_goals)) == foreign


@pytest.mark.parametrize(
    ("row", "foreign"),
    [
        ({"contribution": "Leser"}, []),
        ({"role": "leder"}, ["participants/PPT/role"]),
        ({"username": "mor"}, ["participants/PPT/username"]),
        (
            {"username": "mor", "contribution": "Leser"},
            ["participants/PPT/contribution", "participants/PPT/username"],
        ),
        ({"name": "Per", "contribution": "Leser"}, ["participants/PPT", "participants/Per"]),
    ],
)
def test_who_takes_part_changes_what_he_brings_and_nothing_else_of_his_row(row, foreign):
    his = {"name": "PPT", "username": "ppt", "role": "", "service_id": None, "contribution": ""}
    old, new = a_plan(participants=[his]), a_plan(participants=[{**his, **row}])
    found = differences.foreign_paths(old, new, {"ppt"}, frozenset())
    assert sorted(found) == foreign


def test_the_trail_names_no_participant():
    paths = ["participants/Mor/role", "participants/Far", "cooperation/NAV/status", "goals/g1/text"]
    assert differences.without_names(paths) == ["cooperation", "goals/g1/text", "participants"]


def test_parts_are_changed_and_the_rest_stays():
    step = [{"key": "d4", "text": "Annet"}, {"key": None, "text": "Nytt"}]
    old = changed(goals=goals({**G1, "measures": [a_measure("m2", goal_keys=["d4", "d8"])]}))
    goal = rules.with_goal(old, {"text": "Nytt mål", "subgoals": step}, "g1")["goals"][0]
    assert (goal["text"], goal["key"], goal["status"]) == ("Nytt mål", "g1", "active")
    assert goal["measures"][0]["goal_keys"] == ["d4"]
    content = rules.with_new_measure(OLD, {"what": "Ny"}, "g5")
    assert [one.get("what") for one in content["goals"][1]["measures"]] == ["Tiltak m6", "Ny"]
    assert rules.path_of(content, rules.NEW) == "goals.1.measures.1"
    content = rules.with_measure(OLD, {"what": "Endret"}, "m3")
    assert rules.measure_of(content, "m3")[1]["what"] == "Endret"
    assert content["goals"][1] is G5
    assert rules.path_of(rules.with_new_goal(OLD, {"subgoals": []}), rules.NEW) == "goals.2"
    assert rules.keys_of(rules.without(OLD, "g5")) == rules.keys_of(changed(goals=[G1]))
    assert [one["key"] for _, one in rules.measures(rules.without(OLD, "m2"))] == ["m3", "m6"]
    assert OLD["goals"] == [G1, G5]


def test_a_part_that_has_left_is_not_found():
    for change in (
        lambda: rules.with_goal(OLD, {"subgoals": []}, "g9"),
        lambda: rules.with_new_measure(OLD, {}, "g9"),
        lambda: rules.with_measure(OLD, {}, "m9"),
    ):
        with pytest.raises(NotFoundError):
            change()


SENT = {"application": "sent", "application_to": "NAV", "application_on": "2026-03-02"}
DECIDED = {"application": "decided", "application_ref": "26/1", "application_on": "2026-03-02"}


@pytest.mark.parametrize(
    ("said", "problems"),
    [
        ({}, {}),
        ({"application": None, "application_to": "", "application_on": None}, {}),
        (SENT, {}),
        (DECIDED, {}),
        ({**SENT, "application_ref": "26/1"}, {}),
        ({**SENT, "application_to": ""}, {"application_to": "application-to-missing"}),
        ({**DECIDED, "application_ref": ""}, {"application_ref": "application-ref-missing"}),
        ({**DECIDED, "application": "refused"}, {}),
        (
            {**DECIDED, "application": "refused", "application_ref": ""},
            {"application_ref": "application-ref-missing"},
        ),
        ({**SENT, "application_on": None}, {"application_on": "date-missing"}),
        ({**DECIDED, "application_on": "2026-03-03"}, {"application_on": "date-in-future"}),
        (
            {"application": "sent"},
            {"application_on": "date-missing", "application_to": "application-to-missing"},
        ),
        *(
            ({**SENT, "application": None, **{name: SENT[name] for name in [one]}}, missing)
            for one in ("application_to", "application_on")
            for missing in [{"application": "application-missing"}]
        ),
    ],
)
def test_what_is_applied_for_says_when_and_where_and_what_is_decided_when_and_as_what(
    said, problems
):
    plan = a_plan(a_goal("g1", [a_measure("m2"), a_measure("m3", **said)]))
    there = {f"goals.0.measures.1.{name}": [code] for name, code in problems.items()}
    assert rules.application_problems(plan, date(2026, 3, 2)) == there


@pytest.mark.parametrize(
    ("key", "day", "more", "passed"),
    [
        (None, "2026-03-01", {}, True),
        ("new:1", "2026-03-01", {}, True),
        (None, "2026-03-01", {"status": "applied"}, True),
        (None, "2026-03-02", {}, False),
        (None, "2026-03-01", {"status": "done"}, False),  # it is written in as what has been
        ("m2", "2026-03-01", {}, False),  # it is late already
    ],
)
def test_a_new_measure_under_way_is_looked_at_on_a_day_that_comes(key, day, more, passed):
    plan = a_plan(a_goal("g1", [a_measure("m3"), a_measure(key, evaluate_on=day, **more)]))
    there = {"goals.0.measures.1.evaluate_on": ["date-passed"]} if passed else {}
    assert rules.day_problems(plan, date(2026, 3, 2)) == there
