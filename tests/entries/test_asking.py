"""Asking for a correction: the author's task, answered by a correction or by a reason."""

import pytest
from sqlalchemy import update

from stafett.people.models import User
from stafett.tasks.models import Task
from tests.town import PEOPLE

WORDS = "Det var ikke mandag."


def write(town, who="laerer", **more):
    note = {"kind": "note", "text": "Vi møttes mandag.", "visibility": "everyone", **more}
    answer = town.api(who).post(f"/children/{town.child}/entries", note)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def ask(town, entry, who="mor", words=WORDS):
    return town.browser(who).send(f"/oppforing/{entry}/be-om-retting", {"words": words})


def test_the_author_is_asked_and_a_correction_answers_all_who_have_asked(town):
    entry = write(town)
    assert "Er noe feil her?" in town.browser("mor").text(f"/oppforing/{entry}")
    assert ask(town, entry).status_code == 303
    assert ask(town, entry, "ppt").status_code == 303
    task = town.one(Task, Task.kind == "correction", Task.made_by == town.users["mor"])
    assert (task.user_id, task.service_id) == (town.users["laerer"], None)
    author = town.browser("laerer")
    page = author.get(f"/oppgave/{task.id}").text
    assert WORDS in page
    assert f"/oppforing/{entry}" in page
    said = author.text(f"/oppforing/{entry}")
    assert "Noen har bedt deg rette dette" in said
    assert "Er noe feil her?" not in said
    fix = {"text": "Vi møttes tirsdag.", "reason": "Feil dag", "seen_version": 1}
    assert town.api("laerer").post(f"/entries/{entry}/corrections", fix).status_code == 201
    assert town.count(Task, Task.kind == "correction", Task.done_at.is_(None)) == 0
    assert "Teksten er rettet." in town.browser("mor").text(f"/oppforing/{entry}")


def test_a_refusal_with_its_reason_stays_with_the_entry_for_who_asked_and_who_wrote(town):
    entry = write(town)
    assert ask(town, entry).status_code == 303
    task = town.one(Task, Task.kind == "correction")
    sent = town.browser("laerer").send(f"/oppgave/{task.id}", {"text": "Det var mandag."})
    assert sent.status_code == 303
    for who, sees in (("mor", True), ("laerer", True), ("far", False), ("ppt", False)):
        said = town.browser(who).text(f"/oppforing/{entry}")
        assert (WORDS in said) is sees, who
        assert ("Det var mandag." in said) is sees, who
    assert "Vi møttes mandag." in town.browser("mor").text(f"/oppforing/{entry}")


def test_one_question_at_a_time_and_what_was_typed_stands(town):
    entry = write(town)
    empty = ask(town, entry, words="")
    assert (empty.status_code, "Skriv hva som er feil." in empty.text) == (422, True)
    assert ask(town, entry).status_code == 303
    again = ask(town, entry, words="En gang til")
    assert (again.status_code, "En gang til" in again.text) == (409, True)
    assert town.count(Task, Task.kind == "correction") == 1


@pytest.mark.parametrize("who", list(PEOPLE))
def test_nobody_asks_about_what_he_may_not_read_or_has_written(town, who):
    kept = {"visibility": "professionals", "visibility_reason": "secrecy"}
    entry = write(town, **kept)
    expected = {"ppt": 303, "laerer": 403}.get(who, 404)
    assert ask(town, entry, who).status_code == expected
    assert town.count(Task, Task.kind == "correction") == (who == "ppt")


def test_koordinerende_enhet_is_asked_for_who_works_here_no_more_and_for_the_family(town):
    by_ppt, by_mother = write(town, "ppt"), write(town, "mor")
    with town.database.writing() as session:
        closed = update(User).where(User.id == town.users["ppt"])
        session.execute(closed.values(disabled_at=town.now))
    for entry, who in ((by_ppt, "mor"), (by_mother, "laerer")):
        assert ask(town, entry, who).status_code == 303
        task = town.one(Task, Task.kind == "correction", Task.made_by == town.users[who])
        assert (task.user_id, task.service_id) == (None, town.services["ke"])


def test_the_same_in_json(town):
    entry = write(town)
    there = f"/entries/{entry}/correction-requests"
    made = town.api("mor").post(there, {"words": WORDS})
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/v1{there}")
    assert (made.json["words"], made.json["answer"]) == (WORDS, None)
    for who, count in (("mor", 1), ("laerer", 1), ("far", 0), ("ppt", 0)):
        assert len(town.api(who).get(there).json["items"]) == count, who
    assert town.api("nyansatt").get(there).status_code == 404
    assert town.api("mor").post(there, {}).status_code == 422
