"""Asking for a correction: the author's task, answered by a correction or by a reason."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from stafett.children.rules import VoiceHow
from stafett.entries import commands as entries
from stafett.entries.commands import Correct
from stafett.entries.models import Entry
from stafett.people.models import User
from stafett.stafettlogg import commands as logs
from stafett.stafettlogg.commands import Close, Voice
from stafett.stafettlogg.rules import Outcome
from stafett.tasks import commands as tasks
from stafett.tasks.models import Task
from tests.states import tried
from tests.town import PEOPLE

WORDS = "Det var ikke mandag."


def write(town, who="laerer", **more):
    note = {"kind": "note", "text": "Vi møttes mandag.", "visibility": "everyone", **more}
    answer = town.api(who).post(f"/children/{town.child}/entries", note)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def ask(town, entry, who="mor", words=WORDS):
    return town.browser(who).send(f"/oppforing/{entry}/be-om-retting", {"words": words})


def test_the_family_is_led_from_the_log_to_where_it_says_that_something_is_wrong(town):
    there = f"/barn/{town.child}/stafettlogg"
    sent = {"kind": "note", "text": "Bra dag.", "visibility": "everyone"}
    for who in ("laerer", "mor"):
        town.browser(who).send(there, sent)
    found = {
        who: town.browser(who).get(there).text.count("#be-om-retting")
        for who in ("mor", "far", "laerer", "ppt")
    }
    assert found == {"mor": 1, "far": 2, "laerer": 0, "ppt": 0}


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


def test_an_answer_stands_apart_from_what_waits_for_the_familys_answer(town):
    entry = write(town)
    ask(town, entry)
    task = town.one(Task, Task.kind == "correction")
    town.browser("laerer").send(f"/oppgave/{task.id}", {"text": "Det var mandag."})
    waits, told = town.browser("mor").text("/familie").split(" Til deg ")
    assert "Vi venter på svar fra deg" in waits  # the town's consent is on paper
    answered = "Du har fått svar på noe du har spurt om"
    assert answered in told
    assert answered not in waits


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


class Asked:
    """An entry of the teacher's, and what may happen when its words are said to be wrong."""

    def __init__(self, town):
        self.town, self.id = town, UUID(write(town))

    def there(self, work):
        return work.session.get_one(Entry, self.id)

    def task(self, work):
        asked = select(Task).where(Task.kind == "correction").order_by(Task.made_at.desc())
        return work.session.scalars(asked).first()

    def state(self, work):
        task, corrected = self.task(work), self.there(work).version > 1
        asked = "nobody has asked" if task is None else "answered" if task.done_at else "asked"
        return f"{asked}, corrected" if corrected else asked

    def ask(self, work):
        entries.request_correction(work, self.there(work), WORDS)

    def correct(self, work):
        entry = self.there(work)
        entries.correct(work, entry, Correct("Tirsdag.", "Feil dag", entry.version))

    def refuse(self, work):
        task = self.task(work)
        return "nothing to answer" if task is None else tasks.finish(work, task, "Det var mandag.")

    def close(self, work):
        note = Close(Outcome.OTHER, "Nok.", "Fint.", Voice(VoiceHow.OBSERVED), 1)
        logs.close(work, self.town.child, note)


NOBODY, NOTHING = "nobody has asked", "nothing to answer"
TABLE = {  # what comes of asking as the author, asking, correcting, and saying why not
    NOBODY: ["denied", "asked", f"{NOBODY}, corrected", NOTHING],
    f"{NOBODY}, corrected": ["denied", "asked, corrected", f"{NOBODY}, corrected", NOTHING],
    "asked": ["denied", "conflict", "answered, corrected", "answered"],
    "answered": ["denied", "asked", "answered, corrected", "conflict"],
    "answered, corrected": ["denied", "asked, corrected", "answered, corrected", "conflict"],
    "asked, closed": ["denied", "conflict", "log-closed", "answered"],
}


@pytest.mark.parametrize("state", TABLE)
def test_every_event_of_a_request_for_correction(town, state):
    asked = Asked(town)
    before = {
        "asked": [(asked.ask, "mor")],
        "asked, closed": [(asked.ask, "mor"), (asked.close, "laerer")],
        "answered": [(asked.ask, "mor"), (asked.refuse, "laerer")],
        "answered, corrected": [(asked.ask, "mor"), (asked.correct, "laerer")],
        f"{NOBODY}, corrected": [(asked.correct, "laerer")],
    }
    for event, who in before.get(state, []):
        with town.work(who) as work:
            event(work)
    later = town.now + timedelta(minutes=1)
    events = (
        *((asked.ask, "laerer"), (asked.ask, "mor")),
        *((asked.correct, "laerer"), (asked.refuse, "laerer")),
    )
    assert [tried(town, who, one, asked.state, later) for one, who in events] == TABLE[state]
