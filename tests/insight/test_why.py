"""Asking why somebody has looked: a task for koordinerende enhet, and nothing hidden told."""

from uuid import UUID, uuid4

import pytest

from stafett.access.models import AccessRow
from stafett.audit.models import TrailRow
from stafett.dates import working_days_after
from stafett.tasks.models import Task
from tests.town import PEOPLE


def log(town, who):
    return town.api(who).get(f"/children/{town.child}/access-log").json["items"]


def looked(town, who="ppt"):
    """The row that `mor` sees of somebody's look."""
    assert town.api(who).get(f"/children/{town.child}/entries").status_code == 200
    name = f"{who.title()} Demo"
    return next(one for one in log(town, "mor") if one["who"] == name and not one["changed"])


def why(town, row_id, who="mor", **sent):
    return town.api(who).post(f"/children/{town.child}/access-log/{row_id}/why", sent)


def questions(town, who="mor"):
    return town.api(who).get(f"/children/{town.child}/access-log/questions").json["items"]


def test_a_question_is_koordinerende_enhets_and_the_answer_is_the_askers_alone(town):
    row = looked(town)
    assert why(town, row["id"], words="Hun kjenner oss ikke.").status_code == 201
    task = town.one(Task, Task.kind == "ask_why")
    assert (task.service_id, task.user_id) == (town.services["ke"], None)
    assert task.due_on == working_days_after(town.today, 5)
    assert task.words.startswith("Ppt Demo leste stafettloggen ")
    assert task.words.endswith("Hvorfor?\nHun kjenner oss ikke.")
    page = town.browser("ke.leder").text(f"/oppgave/{task.id}")
    assert "Ppt Demo leste stafettloggen" in page
    assert "Hun kjenner oss ikke." in page
    sent = town.browser("ke.leder").send(f"/oppgave/{task.id}", {"text": "PPT skal utrede."})
    assert sent.status_code == 303
    (one,) = questions(town)
    assert (one["row_id"], one["answer"]) == (row["id"], "PPT skal utrede.")
    assert "PPT skal utrede." in town.browser("mor").text(f"/barn/{town.child}/innsyn")
    assert questions(town, "far") == []
    assert "PPT skal utrede." not in town.browser("far").text(f"/barn/{town.child}/innsyn")
    assert town.count(Task, Task.kind == "ask_why", Task.done_at.is_(None)) == 0


def test_the_button_is_on_others_rows_and_its_page_asks(town):
    row, browser = looked(town), town.browser("mor")
    path = f"/barn/{town.child}/innsyn/{row['id']}/hvorfor"
    page = browser.get(f"/barn/{town.child}/innsyn").text
    assert (
        f'&nbsp;·&nbsp;<span class="st-nowrap"><a href="{path}">' in page
    )  # no line begins with a dot
    own = next(one for one in log(town, "mor") if one["who"] == "Mor Demo")
    assert own["id"] not in browser.get(f"/barn/{town.child}/innsyn").text
    assert "Hvorfor har Ppt Demo sett dette?" in browser.text(path)
    long = browser.send(path, {"words": "a" * 2001})
    assert (long.status_code, "aaa" in long.text) == (422, True)
    assert browser.send(path).status_code == 303
    assert "Venter på svar" in browser.text(f"/barn/{town.child}/innsyn")
    assert browser.send(path).status_code == 409
    assert town.count(Task, Task.kind == "ask_why") == 1


def test_the_child_itself_reads_of_itself(town):
    town.tie("ungdom", "C16")
    assert "hvem som har lest om deg, hvem" in town.browser("ungdom").text(
        f"/barn/{town.child}/innsyn"
    )
    assert "lest om Nora, hvem" in town.browser("mor").text(f"/barn/{town.child}/innsyn")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("kopi", "det som er lagret om {}."),
        ("rettigheter", "Er noe feil om {}, eller"),
        ("skriv-ut", "for alle rundt {}, og"),
    ],
)
def test_a_page_says_you_to_the_child_itself(town, page, words):
    town.tie("ungdom", "C16")
    path = f"/barn/{town.child}/{page}"
    assert words.format("deg") in town.browser("ungdom").text(path)
    assert words.format("Nora") in town.browser("mor").text(path)


def test_each_look_is_told_once_over_the_parts_of_a_long_log(town, monkeypatch):
    """Looks told as one row do not come again in the next part, and none of one moment is lost."""
    monkeypatch.setattr("stafett.insight.queries.MOST", 4)
    for _ in range(5):
        looked(town)
    with town.later(minutes=1):
        for who in ("laerer", "ppt", "laerer", "ppt", "laerer"):
            assert town.api(who).get(f"/children/{town.child}/entries").status_code == 200
    seen, after = [], {}
    while after is not None:
        there = f"/children/{town.child}/access-log"
        part = town.api("mor").get(there, query_string=after).json
        seen += [(one["who"], one["times"]) for one in part["items"] if "leste" in one["what"]]
        after = part["next"] and {"after": part["next"]}
    assert sum(times for who, times in seen if who == "Ppt Demo") == 7
    assert sum(times for who, times in seen if who == "Laerer Demo") == 3


def test_who_does_not_see_a_row_cannot_ask_about_it(town):
    """A row about a hidden entry, a refusal, another child's, and none at all are one answer."""
    kept = {"visibility": "professionals", "visibility_reason": "secrecy"}
    note = {"kind": "note", "text": "Vi øver.", **kept}
    made = town.api("laerer").post(f"/children/{town.child}/entries", note)
    assert made.status_code == 201
    hidden = town.one(TrailRow, TrailRow.object_id == UUID(made.json["id"]))
    assert town.api("nyansatt").get(f"/children/{town.child}/entries").status_code == 404
    refusal = town.one(AccessRow, AccessRow.result == "deny")
    other, *_ = town.family("Annet Barn")
    in_other = (TrailRow.child_id == other, TrailRow.action == "child.create")
    elsewhere = town.one(TrailRow, *in_other)
    answers = [why(town, one) for one in (hidden.id, refusal.id, elsewhere.id, uuid4())]
    assert {one.status_code for one in answers} == {404}
    assert len({one.data for one in answers}) == 1
    assert town.count(Task, Task.kind == "ask_why") == 0
    assert town.count(TrailRow, TrailRow.action == "audit.ask_why") == 0


def test_only_the_family_asks_and_only_the_asker_is_told_that_he_did(town):
    row = looked(town)
    for who in set(PEOPLE) - {"mor", "far"}:
        assert why(town, row["id"], who).status_code in {403, 404}, who
    assert why(town, row["id"]).status_code == 201
    assert not [one for one in log(town, "far") if "spurte hvorfor" in one["what"]]
    own = town.api("mor").get("/me/access-log").json["items"]
    assert [one for one in own if one["what"] == "spurte hvorfor noen hadde sett noe"]


def test_without_koordinerende_enhet_nobody_can_be_asked(town, monkeypatch):
    monkeypatch.setattr("stafett.people.queries.coordinating_unit", lambda _session: None)
    before = town.rows()
    answer = why(town, looked(town)["id"])
    assert answer.status_code == 422
    assert town.rows() == before
