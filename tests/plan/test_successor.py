"""An evaluation that ends in something new: the new measure, and the old one ended by it."""

import pytest

from stafett.plan.models import Evaluation, Measure
from tests.plan.scene import a_goal, a_measure, an_ip_child, approved, drafted, made, path, whole


def evaluated(town, who="laerer", key="m2", child=None, **more):
    wish = {
        "date": str(town.today),
        "done": "yes",
        "effect": "2",
        "child_view.how": "observed",
        "text": "Det hjalp ikke",
        "decision": "new",
        **more,
    }
    return (
        town.browser(who)
        .send(f"/barn/{child or town.child}/plan/tiltak/{key}/evaluer", wish)
        .headers.get("Location")
    )


@pytest.fixture
def tried(town):
    """A measure of `laerer` that is to be another; the address of the new one's form."""
    step = {"key": "new:d", "text": "Å lese høyt"}
    old = a_measure(town, where="school", goal_keys=["new:d"])
    made(town, drafted(town, [a_goal(area="language", subgoals=[step], measures=[old])]))
    there = evaluated(town, key="m3")
    assert there == f"/barn/{town.child}/plan/tiltak/m3/nytt"
    return town.browser("laerer").client.get(there).headers["Location"]


def measures_of(town):
    (goal,) = town.api("laerer").get(f"{path(town)}/draft").json["goals"]
    return [(one["what"], one["status"], one["goal_keys"]) for one in goal["measures"]]


def test_the_new_measure_begins_as_the_old_one_and_ends_it(town, tried):
    browser = town.browser("laerer")
    form = browser.get(tried).text
    for said in ("stopper <span", "«Høytlesing»", 'value="school" selected', 'value="m3"'):
        assert said in form, said
    now = town.api("laerer").get(f"{path(town)}/draft").json["seen_version"]
    wish = {"what": "Korlesing", "responsible": "laerer", "evaluate_on": str(town.today)}
    more = {"instead_of": "m3", "goal_keys": "d2", "seen_version": str(now)}
    refused = browser.send(tried, more | wish | {"what": ""})
    assert refused.status_code == 422
    assert measures_of(town) == [("Høytlesing", "active", ["d2"])]
    assert browser.send(tried, more | wish).status_code == 303
    assert measures_of(town) == [
        ("Høytlesing", "stopped", ["d2"]),
        ("Korlesing", "active", ["d2"]),
    ]
    # In the plan the old one is under way until the version that has both.
    assert town.one(Measure).status == "active"
    again = browser.client.get(f"/barn/{town.child}/plan/tiltak/m3/nytt").headers["Location"]
    assert again == f"/barn/{town.child}/plan/utkast#mal-g1"
    assert made(town, town.api("laerer").get(f"{path(town)}/draft").json).status_code == 201
    assert town.one(Measure, Measure.what == "Høytlesing").status == "stopped"
    assert [one["title"] for one in town.api("laerer").get("/worklist").json["items"]] == [
        "Evaluer tiltaket: Korlesing"
    ]


def test_what_is_left_half_way_stands_with_a_way_on(town, tried):
    assert town.count(Evaluation) == 1
    assert measures_of(town) == [("Høytlesing", "active", ["d2"])]
    there = f"/barn/{town.child}/plan/tiltak/m3/nytt"
    assert f'href="{there}"' in town.browser("laerer").get(f"/barn/{town.child}/plan").text
    assert there not in town.browser("mor").get(f"/barn/{town.child}/plan").text
    (waits,) = town.api("laerer").get("/worklist").json["items"]
    assert (waits["title"], waits["href"]) == (
        "Skriv det nye tiltaket i stedet for: Høytlesing",
        there,
    )
    assert town.browser("ppt").client.get(there).status_code == 403


def test_only_what_goes_on_asks_for_a_next_day(town):
    made(town, drafted(town))
    assert evaluated(town, decision="continue") is None
    assert evaluated(town, decision="stop") == f"/barn/{town.child}/plan#tiltak-m2"


def test_who_may_not_read_the_plan_is_led_to_what_he_may_read(town):
    child = an_ip_child(town)
    measure = a_measure(town, responsible="laerer", how="Hver dag")
    goals = [a_goal(whose="child", measures=[measure])]
    draft = drafted(town, who="koordinator", child=child, **whole(town) | {"goals": goals})
    assert made(town, draft, "koordinator", child).status_code == 201
    approved(town, child)
    form = f"/barn/{child}/plan/tiltak/m2/evaluer"
    assert f"/barn/{child}/plan#" not in town.browser("laerer").get(form).text
    assert evaluated(town, child=child) == "/"


def test_a_measure_with_a_day_on_the_childs_page_leads_to_itself(town):
    plan = made(town, drafted(town)).json["content"]
    keys = [one["key"] for goal in plan["goals"] for one in goal["measures"]]
    assert keys
    shown = town.browser("laerer").get(f"/barn/{town.child}").text
    for key in keys:
        assert f'href="/barn/{town.child}/plan#tiltak-{key}"' in shown
        assert f'id="tiltak-{key}"' in town.browser("laerer").get(f"/barn/{town.child}/plan").text
