"""What the family, the child and those who take part say of a plan, and the answers to it."""

import re

import pytest

from stafett.audit.models import TrailRow
from stafett.plan.models import PlanAudience, PlanComment
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from tests.plan.scene import (
    a_goal,
    a_measure,
    an_ip_child,
    approved,
    drafted,
    made,
    path,
    submitted,
)
from tests.plan.test_visibility import add, choose, draft_of, planned  # noqa: F401 a fixture
from tests.stafettlogg.asking import level

WORDS = "Hun sier at pausene kommer for sent."


def say(town, who, about, child=None, **more):
    wish = {"about": about, "text": WORDS, **more}
    return town.api(who).post(f"{path(town, child)}/comments", wish)


def answer(town, who, comment, child=None):
    wish = {"comment_id": comment["id"], "text": "Vi flytter pausen."}
    return town.api(who).post(f"{path(town, child)}/comments/answer", wish)


def items(town, who, child=None):
    return town.api(who).get(f"{path(town, child)}/comments").json["items"]


def test_a_mother_says_what_her_child_says_and_the_coordinator_answers(town):
    child = an_ip_child(town)
    goal = submitted(town, child)["content"]["goals"][0]["key"]
    assert say(town, "mor", goal, child, voice="child").status_code == 201
    for who in ("mor", "far", "koordinator", "bup"):
        (one,) = items(town, who, child)
        assert (one["by"], one["voice"], one["text"], one["answer"]) == (
            "mor",
            "child",
            WORDS,
            None,
        )
    task = town.one(Task, Task.kind == TaskKind.PLAN_COMMENT)
    assert task.user_id == town.users["koordinator"]
    assert "Noen har sagt noe om planen" in town.browser("koordinator").text("/")
    assert answer(town, "bup", one, child).status_code == 403
    assert answer(town, "koordinator", one, child).status_code == 200
    assert answer(town, "koordinator", one, child).status_code == 409
    assert town.one(Task, Task.id == task.id).done_at is not None
    shown = town.browser("mor").text(f"/barn/{child}/plan/kommentarer/{goal}")
    assert "Vi flytter pausen." in shown
    assert "sine ord" in shown
    assert "Én kommentar" in town.browser("mor").text(f"/barn/{child}/plan")
    before = town.api("mor").get(f"{path(town, child)}/versions/1").json
    assert WORDS not in str(before)


@pytest.mark.parametrize("who", ["laerer", "ppt", "helsesykepleier", "nyansatt"])
def test_who_does_not_read_the_plan_neither_says_nor_reads_anything_of_it(town, who):
    child = an_ip_child(town)
    goal = submitted(town, child)["content"]["goals"][0]["key"]
    say(town, "mor", goal, child)
    assert say(town, who, goal, child).status_code in {403, 404}
    assert town.api(who).get(f"{path(town, child)}/comments").status_code in {403, 404}
    assert town.browser(who).get(f"/barn/{child}/plan/kommentarer/{goal}").status_code in {403, 404}


def test_what_is_said_of_a_hidden_goal_is_as_hidden_as_the_goal(town, planned):  # noqa: F811 the fixture
    draft = draft_of(town, "laerer")
    made(town, draft)
    assert say(town, "laerer", planned).status_code == 201
    part = town.one(PlanAudience, PlanAudience.key == planned).part_id
    assert town.one(TrailRow, TrailRow.action == "plan.comment").object_id == part
    there = f"/barn/{town.child}/plan/kommentarer/{planned}"
    assert WORDS in town.browser("laerer").text(there)
    assert town.browser("mor").get(there).status_code == 404
    assert say(town, "mor", planned).status_code == 404
    assert items(town, "mor") == []
    assert items(town, "laerer")[0]["about"] == planned


def test_nobody_is_told_of_words_at_a_part_that_he_does_not_read(town):
    child = an_ip_child(town)
    submitted(town, child)
    approved(town, child)
    key = add(town, "koordinator", child)
    assert choose(town, "koordinator", key, "own_service", child).status_code == 200
    assert say(town, "mor", key, child).status_code == 404
    assert town.count(Task, Task.kind == TaskKind.PLAN_COMMENT) == 0
    assert town.count(PlanComment) == 0


def test_it_is_said_and_answered_on_the_page_and_what_is_refused_is_kept(town):
    made(town, town.api("laerer").get(f"{path(town)}/draft").json)
    there = f"/barn/{town.child}/plan/kommentarer/about_me"
    mother, teacher = town.browser("mor"), town.browser("laerer")
    refused = mother.send(there, {"about": "about_me", "text": "x" * 4001})
    assert refused.status_code == 422
    assert "x" * 4001 in refused.text
    assert mother.send(there, {"about": "needs", "text": WORDS}).status_code == 303
    (one,) = items(town, "laerer")
    assert one["about"] == "about_me"
    assert f"{there}/svar" not in mother.get(there).text
    reply = {"comment_id": one["id"], "text": "Takk."}
    assert teacher.send(f"{there}/svar", reply).status_code == 303
    assert "Takk." in mother.text(there)


def test_who_reads_the_old_plan_alone_is_not_led_to_words_about_the_new_one(town):
    """A plan that holds from the levels before, while an individuell plan is being written."""
    assert made(town, drafted(town)).status_code == 201
    there, way = f"/barn/{town.child}/plan", "/plan/kommentarer/"
    assert way in town.browser("laerer").get(there).text
    town.agree(town.child, "skole", "ke", "bup")
    up = level(3, ip_assessment={"answer": "wanted", "reason": "Familien ønsker det."})
    assert town.api("laerer").post(f"/children/{town.child}/level-changes", up).status_code == 201
    shown = town.browser("laerer").get(there).text
    assert "Jeg vil lese" in shown
    assert way not in shown


def test_each_way_to_say_something_has_a_name_of_its_own(town):
    goals = [a_goal(measures=[a_measure(town)]), a_goal(text="Et mål til")]
    more = {"about_me": "Jeg liker kart.", "background": "Første år.", "needs": "Ro."}
    assert made(town, drafted(town, goals, **more)).status_code == 201
    shown = town.browser("laerer").get(f"/barn/{town.child}/plan").text
    ways = re.findall(r'<a href="[^"]*/plan/kommentarer/[^"]*">(.*?)</a>', shown)
    assert len(ways) == len(set(ways)) == 5
    assert 'Si noe om målet<span class="ds-sr-only">: mål 2</span>' in ways
