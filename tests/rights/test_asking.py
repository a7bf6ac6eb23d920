"""Asking to use a right: a case with a deadline, whose answer is the asker's."""

from datetime import timedelta

import pytest

from stafett.audit.models import TrailRow
from stafett.rights.rules import WORDS, Right
from stafett.tasks.models import Task
from tests.town import PEOPLE

WISH = {"right": "correction", "words": "Fødselsdatoen er feil."}


def ask(town, who="mor", **more):
    return town.api(who).post(f"/children/{town.child}/rights-requests", {**WISH, **more})


def asked(town, who="mor"):
    return town.api(who).get(f"/children/{town.child}/rights-requests").json["items"]


def test_every_right_has_words():
    assert set(WORDS) == set(Right)


def test_a_case_is_due_in_thirty_days_and_its_answer_comes_to_who_asked(town):
    assert ask(town).status_code == 201
    task = town.one(Task, Task.kind == "dsr_request")
    assert (task.service_id, task.user_id) == (town.services["ke"], None)
    assert task.due_on == town.today + timedelta(days=30)
    row = town.one(TrailRow, TrailRow.action == "dsr.request")
    assert (row.object_id, row.changes) == (task.id, {"right": "correction"})
    leader = town.browser("ke.leder")
    assert f"/oppgave/{task.id}" in leader.get("/").text
    page = leader.text(f"/oppgave/{task.id}")
    assert "Få rettet noe som er feil. Fødselsdatoen er feil." in page
    assert leader.send(f"/oppgave/{task.id}", {"text": "Den er rettet."}).status_code == 303
    (one,) = asked(town)
    assert one["answer"] == "Den er rettet."
    assert "Den er rettet." in town.browser("mor").text(f"/barn/{town.child}/rettigheter")
    assert asked(town, "far") == []
    assert "Den er rettet." not in town.browser("far").text(f"/barn/{town.child}/rettigheter")


def test_the_page_keeps_what_was_typed_and_says_what_is_missing(town):
    browser, path = town.browser("mor"), f"/barn/{town.child}/rettigheter"
    assert path in browser.get(f"/barn/{town.child}/innsyn").text
    before = town.rows()
    answer = browser.send(path, {"words": "Det jeg skrev"})
    assert answer.status_code == 422
    assert "Velg hva du ber om." in answer.text
    assert "Det jeg skrev" in answer.text
    assert town.rows() == before
    assert browser.send(path, WISH).status_code == 303
    assert browser.send(path, {**WISH, "right": "restriction"}).status_code == 303
    assert len(asked(town)) == 2


@pytest.mark.parametrize("who", [one for one in PEOPLE if one not in {"mor", "far"}])
def test_the_family_asks_and_nobody_else(town, who):
    assert ask(town, who).status_code in {403, 404}
    assert town.count(Task, Task.kind == "dsr_request") == 0


def test_koordinerende_enhets_leader_makes_the_copy_while_somebody_has_asked(town):
    town.tie("ke.leder", "KEL")
    leader, path = town.browser("ke.leder"), f"/barn/{town.child}/kopi.zip"
    assert leader.client.get(path).status_code == 403
    assert ask(town, right="insight").status_code == 201
    assert leader.client.get(path).status_code == 200
    task = town.one(Task, Task.kind == "dsr_request")
    assert leader.send(f"/oppgave/{task.id}", {"text": "Sendt."}).status_code == 303
    assert leader.client.get(path).status_code == 403


def test_the_young_asks_and_a_blocked_parent_does_not(town):
    town.tie("ungdom", "C16")
    assert ask(town, "ungdom").status_code == 201
    town.tie("far", "BLOCK")
    assert ask(town, "far").status_code == 404
    assert asked(town) == []


def test_a_kommune_without_koordinerende_enhet_has_nobody_to_ask(town, monkeypatch):
    monkeypatch.setattr("stafett.people.queries.coordinating_unit", lambda _session: None)
    before = town.rows()
    answer = ask(town)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "rule-broken")
    assert town.rows() == before
