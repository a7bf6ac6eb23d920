"""Another order of goals, and of measures within a goal: told as moved, and nothing else."""

import re

import pytest

from stafett.plan import differences, rules
from tests.plan.scene import a_goal, a_measure, drafted, made, path, save


def texts(town, who="laerer"):
    found = town.api(who).get(f"{path(town)}/draft").json["goals"]
    return [(goal["text"], [one["what"] for one in goal["measures"]]) for goal in found]


def orders(town, who="laerer"):
    """What each form that moves something would send, by the key of what it moves."""
    html = town.browser(who).get(f"/barn/{town.child}/plan/utkast").text
    forms = re.findall(r'action="[^"]*/flytt/(\w+)">(.*?)</form>', html, re.DOTALL)
    return {key: re.search(r'name="seen_order" value="(\d+)"', body)[1] for key, body in forms}


def move(town, key, to, order=None, who="laerer"):
    sent = {"to": str(to), "seen_order": order or orders(town, who)[key]}
    return town.browser(who).send(f"/barn/{town.child}/plan/utkast/flytt/{key}", sent)


@pytest.fixture
def draft(town):
    """Three goals, the first with three measures."""
    found = [a_measure(town, what=what) for what in ("En", "To", "Tre")]
    goals = [a_goal(text="A", measures=found), a_goal(text="B", whose="child"), a_goal(text="C")]
    return drafted(town, goals)


@pytest.mark.parametrize(
    ("key", "to", "goals", "measures"),
    [
        ("g1", 2, "BCA", ["En", "To", "Tre"]),
        ("g6", 0, "CAB", ["En", "To", "Tre"]),
        ("m4", 0, "ABC", ["Tre", "En", "To"]),
        ("m2", 1, "ABC", ["To", "En", "Tre"]),
        ("m3", 1, "ABC", ["En", "To", "Tre"]),
        ("g5", 99, "ACB", ["En", "To", "Tre"]),
    ],
)
def test_a_goal_or_measure_has_the_place_that_was_asked_for_and_is_told_as_moved(
    town, draft, key, to, goals, measures
):
    draft = town.api("laerer").get(f"{path(town)}/draft").json
    assert [goal["key"] for goal in draft["goals"]] == ["g1", "g5", "g6"]
    content = {name: value for name, value in draft.items() if name != "seen_version"}
    after = rules.moved(content, key, to)
    assert "".join(one["text"] for one in after["goals"]) == goals
    (first,) = (one for one in after["goals"] if one["text"] == "A")
    assert [one["what"] for one in first["measures"]] == measures
    found = differences.diff(content, after)
    assert [*found.added, *found.removed, *found.changed] == []
    assert bool(found.moved) is (after != content)
    assert {one.path.count("/") for one in found.moved} <= {1 if key[0] == "g" else 3}
    kinds = {one.kind for part in differences.chapters(content, after) for one in part.differences}
    assert kinds <= {"moved"}


def test_moving_needs_no_javascript_and_leaves_the_focus_on_what_was_moved(town, draft):
    assert made(town, draft).status_code == 201
    for key, to, way, place in (("g5", 0, "opp", "1 av 3"), ("m4", 1, "opp", "2 av 3")):
        sent = move(town, key, to)
        assert sent.status_code == 303
        assert sent.headers["Location"].endswith(f"?flyttet={key}&vei={way}")
        page = town.browser("laerer").get(sent.headers["Location"]).text
        (focused,) = re.findall(r"<button[^>]* autofocus[^>]*>", page)
        assert 'aria-describedby="flyttet"' in focused
        form = page.split(f'/flytt/{key}"')[1].split("</form>")[0]
        assert focused in form
        assert f"Nå nummer {place}." in form
    assert texts(town) == [("B", []), ("A", ["En", "Tre", "To"]), ("C", [])]
    there = town.browser("laerer").get(f"/barn/{town.child}/plan/sammenlign?fra=1&til=0").text
    assert 'data-kind="moved"' in there
    assert 'data-kind="changed"' not in there


def test_a_form_of_another_order_changes_nothing(town, draft):
    seen = orders(town)
    assert move(town, "g1", 2, seen["g1"]).status_code == 303
    lost = move(town, "g5", 2, seen["g5"])
    assert lost.status_code == 409
    assert "Ingenting er flyttet" in lost.text
    assert [goal for goal, _ in texts(town)] == ["B", "C", "A"]
    assert move(town, "m2", 2, seen["m2"]).status_code == 303  # another order
    assert move(town, "m99", 0, "1").status_code == 409


def test_a_change_of_words_does_not_stand_in_the_way_of_another_order(town, draft):
    seen = orders(town)
    changed = [{**goal, "text": goal["text"] * 2} for goal in draft["goals"]]
    assert save(town, "laerer", changed).status_code == 200
    assert move(town, "g1", 2, seen["g1"]).status_code == 303
    assert [goal for goal, _ in texts(town)] == ["BB", "CC", "AA"]


def test_only_who_may_change_what_stands_beside_it_moves_it(town, draft):
    seen = orders(town)
    assert orders(town, "mor") == {}  # the child's goal has one measure at most
    for key in ("g5", "m2"):
        assert move(town, key, 1, seen[key], who="mor").status_code == 403
        assert move(town, key, 1, seen[key], who="ppt").status_code == 403
        assert move(town, key, 1, seen[key], who="nyansatt").status_code == 404
    goals = [dict(goal) for goal in draft["goals"]]
    goals[1]["measures"] = [a_measure(town, what=what, responsible="mor") for what in "XY"]
    save(town, "laerer", goals)
    (first, second) = orders(town, "mor")
    assert move(town, second, 0, who="mor").status_code == 303
    assert texts(town)[1] == ("B", ["Y", "X"])
    assert first


def test_what_somebody_does_not_see_stays_after_what_it_stood_after():
    goals = [{"key": key, "measures": [], "subgoals": []} for key in ("g1", "g5", "g6")]
    shown = {"goals": [goals[0], goals[2]], "texts": []}
    kept = rules.merged({"goals": goals, "texts": []}, shown, rules.moved(shown, "g6", 0))
    assert [one["key"] for one in kept["goals"]] == ["g6", "g1", "g5"]
