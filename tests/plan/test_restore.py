"""An older text, goal or measure comes back into the draft, and who has changed what is told."""

import pytest

from stafett.errors import NotFoundError, RuleBrokenError
from stafett.plan import differences, rules
from tests.plan.scene import a_goal, a_measure, drafted, made, path, save
from tests.plan.test_rules import a_goal as goal
from tests.plan.test_rules import a_measure as measure
from tests.plan.test_rules import a_plan
from tests.plan.test_visibility import add, choose

OLD = a_plan(
    goal("g1", [measure("m2", goal_keys=["d4"]), measure("m3")], ["d4"]),
    goal("g5", [measure("m6")]),
    about_me="Før",
    texts=[{"key": "t1", "section": "needs", "text": "Ro"}],
)
NOW = a_plan(
    goal("g5", [measure("m6"), measure("m2", what="Annet")], text="Sove"),
    goal("g8", [measure("m9")]),
    about_me="Nå",
)


def shape(content):
    return [
        (one["key"], [under["key"] for under in one["measures"]], one["text"])
        for one in content["goals"]
    ]


@pytest.mark.parametrize(
    ("name", "goals"),
    [
        ("g5", [("g5", ["m6", "m2"], "Mål g5"), ("g8", ["m9"], "Mål g8")]),
        (
            "g1",
            [("g1", ["m3"], "Mål g1"), ("g5", ["m6", "m2"], "Sove"), ("g8", ["m9"], "Mål g8")],
        ),
    ],
)
def test_a_goal_comes_back_with_what_has_left_it_and_nothing_else_moves(name, goals):
    assert shape(rules.restored(NOW, OLD, name)) == goals


def test_a_measure_a_section_and_a_text_come_back_alone():
    back = rules.restored(NOW, OLD, "m2")
    (_, one) = rules.measure_of(back, "m2")
    assert (one["what"], one["goal_keys"]) == ("Tiltak m2", [])
    assert shape(back) == shape(NOW)
    assert rules.restored(NOW, OLD, "about_me") == {**NOW, "about_me": "Før"}
    assert rules.restored(NOW, OLD, "t1") == {**NOW, "texts": OLD["texts"]}
    with pytest.raises(RuleBrokenError, match="goal-left"):
        rules.restored(NOW, OLD, "m3")
    with pytest.raises(NotFoundError):
        rules.restored(NOW, OLD, "m9")


def test_a_text_comes_back_where_it_stands_and_never_twice():
    said = [{"key": f"t{n}", "section": "needs", "text": f"Tekst {n}"} for n in (1, 2, 3)]
    changed = {**said[1], "section": "resources", "text": "Annet"}
    now = {**NOW, "texts": [said[2], changed]}
    old = {**OLD, "texts": said}
    assert rules.restored(now, old, "t2")["texts"] == [said[2], said[1]]
    assert rules.restored(now, old, "t1")["texts"] == [said[0], said[2], changed]
    texts = {one for one in differences.restorable(now, old) if one.startswith("t")}
    assert texts == {"t1", "t2"}


def test_only_what_stands_otherwise_can_come_back():
    assert differences.restorable(NOW, OLD) == {"about_me", "g1", "g5", "m2", "t1"}
    assert differences.restorable(OLD, OLD) == frozenset()


def draft_of(town, who="laerer"):
    return town.api(who).get(f"{path(town)}/draft").json


def test_what_left_the_draft_comes_back_with_its_keys_and_no_key_is_used_twice(town):
    ended = a_goal(text="Lese", status="ended", measures=[a_measure(town, status="stopped")])
    first = drafted(town, [ended])
    made(town, first)
    gone = drafted(town, [a_goal(text="Sove")])
    there = f"/barn/{town.child}/plan/utkast/hent/1/{first['goals'][0]['key']}"
    browser = town.browser("laerer")
    assert there in browser.get(f"/barn/{town.child}/plan/versjoner/1").text
    assert "Høytlesing" in browser.text(there)
    stale = {"version": 1, "part": first["goals"][0]["key"], "seen_version": 1}
    restore = f"{path(town)}/draft/restoration"
    refused = town.api("laerer").post(restore, stale)
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "conflict")
    assert draft_of(town) == gone
    assert browser.send(there, {"seen_version": gone["seen_version"]}).status_code == 303
    now = draft_of(town)
    assert now["goals"] == [*first["goals"], *gone["goals"]]
    added = save(town, "laerer", [*now["goals"], a_goal(text="Ny")]).json
    keys = [one["key"] for one in added["goals"]]
    assert len(set(keys)) == len(keys) == 3
    again = {**stale, "seen_version": added["seen_version"], "part": "g999"}
    assert town.api("laerer").post(restore, again).status_code == 404


def test_what_is_hidden_neither_comes_back_nor_stands_in_the_history(town):
    made(town, drafted(town, about_me="Før"))
    key = add(town, "laerer")
    choose(town, "laerer", key, "professionals")
    goals = draft_of(town)["goals"]
    made(town, drafted(town, goals, about_me="Etter"))
    now = drafted(town, [*goals[:-1], {**goals[-1], "text": "Samtaler"}], about_me="Nå")
    back = {"version": 1, "part": "about_me", "seen_version": now["seen_version"]}
    assert town.api("ppt").post(f"{path(town)}/draft/restoration", back).status_code == 403
    assert key in town.browser("laerer").get(f"/barn/{town.child}/plan/versjoner/2").text
    assert (
        town.browser("mor").get(f"/barn/{town.child}/plan/utkast/hent/2/{key}").status_code == 404
    )
    told = {
        who: town.api(who).get(f"{path(town)}/draft/changes").json["items"]
        for who in ("laerer", "mor")
    }
    assert any(key in one for row in told["laerer"] for one in row["paths"])
    assert [row["paths"] for row in told["mor"]] == [
        ["about_me"],
        ["about_me"],
        told["mor"][2]["paths"],
    ]
    assert not any(key in str(row) for row in told["mor"])
    text = town.browser("mor").text(f"/barn/{town.child}/plan/utkast/endringer")
    assert "Om meg" in text
    assert "Samtaler" not in text
