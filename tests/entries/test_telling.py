"""Word to those who read what was corrected (GDPR art. 19), and to nobody who may not read it."""

from datetime import timedelta

import pytest

from stafett.tasks.models import Task
from tests.entries.test_asking import write

FIX = {"text": "Vi møttes tirsdag.", "reason": "Feil dag", "seen_version": 1}
TOLD = "har fått beskjed om at den er rettet"
WAITS = "Noe du har lest, er rettet"


def correct(town, entry, **more):
    answer = town.api("laerer").post(f"/entries/{entry}/corrections", {**FIX, **more})
    assert answer.status_code == 201


def told(town, *where):
    with town.database.reading() as session:
        found = session.query(Task).where(Task.kind == "corrected", *where).all()
    names = {user_id: name for name, user_id in town.users.items()}
    return sorted(names[one.user_id] for one in found)


@pytest.fixture
def read(town):
    """An entry that `ppt` and `mor` have read, and `far` has not."""
    entry = write(town)
    for who in ("ppt", "mor", "laerer"):
        assert town.browser(who).client.get(f"/barn/{town.child}/stafettlogg").status_code == 200
    return entry


def test_who_has_read_it_is_told_and_the_family_sees_who(town, read):
    correct(town, read)
    assert told(town) == ["mor", "ppt"]
    for who, home in (("ppt", "/"), ("mor", "/familie")):
        browser = town.browser(who)
        assert WAITS in browser.text(home)
        task = town.one(Task, Task.kind == "corrected", Task.user_id == town.users[who])
        page = browser.get(f"/oppgave/{task.id}").text
        assert f"/oppforing/{read}" in page
        assert "Vi møttes" not in page
        assert browser.send(f"/oppgave/{task.id}", {"text": "Sett."}).status_code == 303
        assert WAITS not in browser.text(home)
    for who, sees in (("far", True), ("mor", True), ("laerer", True), ("ppt", False)):
        assert (TOLD in town.browser(who).text(f"/oppforing/{read}")) is sees, who
        names = ["Mor Demo", "Ppt Demo"] if sees else []
        assert town.api(who).get(f"/entries/{read}/versions").json["told"] == names


def test_who_may_not_read_it_any_more_is_told_nothing(town, read):
    town.tie("ppt", "BLOCK")
    correct(town, read)
    assert told(town) == ["mor"]


def test_who_it_has_been_hidden_from_is_told_nothing(town, read):
    until = str(town.today + timedelta(days=9))
    hide = {"hidden_from": [str(town.mor)], "hidden_reason": "danger", "review_on": until}
    path = f"/entries/{read}/hiding"
    assert town.api("laerer").post(path, {**hide, "seen_audience": 0}).status_code == 200
    correct(town, read)
    assert told(town) == ["ppt"]


def test_word_is_gone_with_the_right_to_read(town, read):
    correct(town, read)
    until = str(town.today + timedelta(days=9))
    wish = {"visibility": "professionals", "visibility_reason": "our_work", "review_on": until}
    answer = town.api("laerer").post(f"/entries/{read}/visibility", {**wish, "seen_audience": 0})
    assert answer.status_code == 200, answer.json
    assert WAITS not in town.browser("mor").text("/familie")
    assert told(town, Task.done_at.is_(None)) == ["ppt"]
    task = town.one(Task, Task.kind == "corrected", Task.user_id == town.users["ppt"])
    answer = town.api("laerer").post(f"/members/{town.member}/end")
    assert answer.status_code == 200, answer.json
    assert WAITS not in town.browser("ppt").text("/")
    assert town.browser("ppt").client.get(f"/oppgave/{task.id}").status_code == 404


def test_nobody_is_told_twice_of_what_he_has_not_seen_to(town, read):
    correct(town, read)
    correct(town, read, text="Vi møttes onsdag.", seen_version=2)
    assert told(town) == ["mor", "ppt"]
