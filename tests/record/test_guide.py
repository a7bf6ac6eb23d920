"""The handlingsveileder on the child's page: steps of the level, ticked by what is stored alone."""

from datetime import timedelta

import pytest

from stafett.children.models import Child
from tests.plan.scene import a_goal, a_measure, drafted, made
from tests.stafettlogg.asking import closing, in_kommune, level


def guide(town, who="laerer"):
    answer = town.api(who).get(f"/children/{town.child}/guide")
    assert answer.status_code == 200
    return {one["code"]: one["done"] for one in answer.json["steps"]}


def write(town, kind, who="laerer", **limits):
    entry = {"kind": kind, "text": "Vi snakket sammen.", "visibility": "everyone", **limits}
    answer = town.api(who).post(f"/children/{town.child}/entries", entry)
    assert answer.status_code == 201, answer.json


FRESH = {"open": True, "meet": False, "measures": False, "hear": False, "evaluate": False}


def test_a_new_log_has_only_been_opened(town):
    assert guide(town) == FRESH
    assert guide(town, "mor") == FRESH


@pytest.mark.parametrize(
    ("kind", "step"), [("contact", "meet"), ("child_voice", "hear"), ("note", None)]
)
def test_what_is_written_ticks_a_step(town, kind, step):
    write(town, kind)
    assert guide(town) == FRESH | ({step: True} if step else {})


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        ("meeting", "meet"),
        ("evaluation", "evaluate"),
        ("child_heard", "hear"),
        ("measures", "measures"),
    ],
)
def test_a_day_of_a_log_on_paper_ticks_a_step(town, kind, step):
    there = f"/children/{town.child}/stafettlogg/paper"
    assert town.api("laerer").post(there, {"place": "Perm 3"}).status_code == 200
    assert guide(town) == FRESH
    day = {"kind": kind, "day": str(town.today)}
    assert town.api("laerer").post(f"{there}/days", day).status_code == 200
    assert guide(town) == guide(town, "mor") == FRESH | {step: True}


def test_a_log_on_paper_says_that_its_steps_are_registered(town):
    page, written = f"/barn/{town.child}", "Et steg er gjort når det står i loggen eller planen."
    holder = town.browser("laerer")
    assert written in holder.text(page)
    there = f"/children/{town.child}/stafettlogg/paper"
    assert town.api("laerer").post(there, {"place": "Perm 3"}).status_code == 200
    shown = holder.text(page)
    assert written not in shown
    assert "Et steg er gjort når det er registrert her." in shown


def test_nobody_is_asked_whether_an_unborn_child_was_heard(town):
    assert "Hørt hva Nora mener" in town.browser("laerer").text(on_paper(town, town.child))
    with town.database.writing() as session:
        child = session.get_one(Child, town.child)
        child.kind, child.birth_date, child.due_date = "unborn", None, town.today
    assert "Hørt hva" not in town.browser("laerer").text(on_paper(town, town.child))


def on_paper(town, child):
    there = f"/children/{child}/stafettlogg/paper"
    assert town.api("laerer").post(there, {"place": "Perm 3"}).status_code == 200
    return f"/barn/{child}/papirlogg"


def test_what_one_may_not_read_ticks_nothing(town):
    write(town, "contact", visibility="professionals", visibility_reason="secrecy")
    write(town, "child_voice", visibility="own_service", visibility_reason="secrecy")
    assert guide(town) == FRESH | {"meet": True, "hear": True}
    assert guide(town, "ppt") == FRESH | {"meet": True}
    assert guide(town, "mor") == FRESH


def test_at_a_new_level_the_steps_begin_anew(town):
    write(town, "contact")
    with town.later(days=1):
        wish = level(2, child_voice={"how": "not_obtained", "text": "Syk."})
        assert (
            town.api("laerer").post(f"/children/{town.child}/level-changes", wish).status_code
            == 201
        )
        assert not any(guide(town).values())
    with town.later(days=2):
        write(town, "contact")
        assert guide(town)["meet"]


def test_the_level_asks_and_tells(town):
    """What the child said when the level changed is heard; individuell plan is answered there."""
    in_kommune(town, "standard")
    wish = level(3, ip_assessment={"answer": "wanted"})
    assert town.api("laerer").post(f"/children/{town.child}/level-changes", wish).status_code == 201
    assert guide(town) == {
        "plan": True,
        "coordinator": False,
        "meet": False,
        "measures": False,
        "hear": True,
        "evaluate": False,
    }


def test_the_page_shows_the_next_step_and_has_no_box_to_tick(town):
    page = town.browser("laerer").text(f"/barn/{town.child}")
    assert "Neste steg: møt foresatte og barnet" in page
    assert "Se alle stegene" in page
    assert 'type="checkbox"' not in page


def test_what_no_record_tells_of_is_the_next_step_when_all_else_is_done(town):
    wish = level(2, child_voice={"how": "talk_before", "text": "«Bra.»"})
    laerer, child = town.api("laerer"), f"/children/{town.child}"
    assert laerer.post(f"{child}/level-changes", wish).status_code == 201
    write(town, "contact")
    made(town, drafted(town, [a_goal(measures=[a_measure(town)])]))
    wish = {"date": str(town.today), "done": "yes", "effect": 4, "decision": "continue"}
    wish |= {"next_due_on": str(town.today + timedelta(days=30)), "text": "Det hjalp."}
    wish |= {"child_view": {"how": "talk_before", "text": "«Bra.»"}}
    assert laerer.post(f"{child}/measures/m2/evaluations", wish).status_code == 201
    *done, onward = guide(town).items()
    assert (all(there for _, there in done), onward) == (True, ("onward", False))
    page = town.browser("laerer").text(f"/barn/{town.child}")
    assert "Neste steg: avgjør veien videre." in page
    assert "Alle stegene er gjort" not in page


def test_a_closed_log_has_no_steps(town):
    path = f"/children/{town.child}/stafettlogg/closing"
    assert town.api("laerer").post(path, closing()).status_code == 200
    answer = town.api("mor").get(f"/children/{town.child}/guide")
    assert answer.json == {"level": None, "steps": []}


def test_who_does_not_read_the_log_has_no_guide(town):
    for who, status in (("rektor", 404), ("nyansatt", 404)):
        assert town.api(who).get(f"/children/{town.child}/guide").status_code == status


def test_a_concern_shows_the_steps_of_level_0(town):
    child = town.family("Ny Demo")[0]
    today = town.today.isoformat()
    wish = {"observed": "Alene ute.", "worry": 2, "child_talk_on": today}
    concern = town.api("laerer").post(f"/children/{child}/concerns", wish).json["id"]
    page = town.browser("laerer").text(f"/bekymring/{concern}")
    assert "Slik arbeider dere på nivå 0" in page
    assert "timer og friminutt" in page  # what to look for in a school
    assert page.count("Gjort") == 2  # described, and talked with the child
    assert page.count("Ikke ennå") == 3
    told = (town.today - timedelta(days=1)).isoformat()
    town.api("laerer").post(f"/concerns/{concern}/family-talk", {"on": told})
    assert town.browser("laerer").text(f"/bekymring/{concern}").count("Gjort") == 3
