"""What is being written to ask somebody for something, or to answer: its author's alone."""

import re

import pytest

from stafett.access.models import AccessRow
from stafett.tasks.models import Task
from stafett.unsaved.models import Unsaved

WORDS = "Det står at han ikke vil, men det er feil."


class Form:
    """A form, who writes in it, and where: what is kept, its page, and what is sent."""

    def __init__(self, town, kind):
        """Have what the form is about."""
        child, self.who, self.more, self.name = town.child, "mor", {}, "words"
        self.wrong = ""
        match kind:
            case "right":
                self.at = f"/children/{child}/rights-requests/unsaved"
                self.page = self.to = f"/barn/{child}/rettigheter"
                self.more = {"right": "correction"}
            case "request":
                block = f"guardian.block:{town.far}"
                self.at = f"/children/{child}/requests/unsaved/{block}"
                self.to = f"/barn/{child}/be-om"
                self.page = f"{self.to}?action=guardian.block&object_id={town.far}"
                self.more = {"action": "guardian.block", "object_id": str(town.far)}
            case "correction":
                note = {"kind": "note", "text": "Han vil ikke.", "visibility": "everyone"}
                made = town.api("laerer").post(f"/children/{child}/entries", note).json["id"]
                self.at, self.page = f"/entries/{made}/request/unsaved", f"/oppforing/{made}"
                self.to = f"{self.page}/be-om-retting"
            case "answer":
                wish = {"right": "correction", "words": "Noe er feil."}
                town.api("mor").post(f"/children/{child}/rights-requests", wish)
                self.task = town.one(Task, Task.kind == "dsr_request").id
                self.at, self.who = f"/tasks/{self.task}/unsaved", "ke.leder"
                self.page = self.to = f"/oppgave/{self.task}"
                self.name = "text"
            case "decision":
                wish = {"relation": "far", "name": "Far Uten", "lives_with": False}
                wish["parental_responsibility"] = False
                made = town.api("laerer").post(f"/children/{child}/guardians", wish)
                other = made.json["id"]
                asked = {"wish": "Hvordan går det?", "asked_on": str(town.today)}
                town.api("laerer").post(f"/guardians/{other}/disclosures", asked)
                self.at, self.who = f"/guardians/{other}/disclosures/unsaved", "ke.leder"
                self.page = f"/foresatt/{other}/opplysninger"
                self.to, self.name = f"{self.page}/vedtak", "grounds"
                self.more = {"granted": "false"}
            case "why":
                town.browser("laerer").get(f"/barn/{child}")
                log = town.api("mor").get(f"/children/{child}/access-log").json["items"]
                row, self.wrong = log[0]["id"], "x" * 2001
                self.at = f"/children/{child}/access-log/{row}/why/unsaved"
                self.page = self.to = f"/barn/{child}/innsyn/{row}/hvorfor"
            case "question":
                wish = {"service_id": str(town.services["ppt"]), "text": "Et barn på mellomtrinnet"}
                asked = town.api("laerer").post("/questions", wish).json["id"]
                self.at, self.who = f"/questions/{asked}/unsaved", "ppt"
                self.page = self.to = f"/sporsmal/{asked}"
                self.name = "text"

    @property
    def fields(self):
        """What is typed."""
        return {self.name: WORDS, **self.more}


KINDS = ["right", "request", "correction", "answer", "decision", "question", "why"]


@pytest.fixture(params=KINDS)
def form(request, town):
    return Form(town, request.param)


def keep(town, form, who=None, **typed):
    wish = {"fields": typed or form.fields, "seen_version": 0}
    return town.api(who or form.who).put(form.at, wish)


def test_it_comes_back_as_it_was_typed_for_its_author_alone(town, form):
    assert town.api(form.who).get(form.at).json["version"] == 0
    kept = keep(town, form)
    assert kept.status_code == 200, kept.text
    assert kept.json["fields"] == form.fields
    assert town.api(form.who).get(form.at).json == kept.json
    shown = town.browser(form.who).get(form.page).text
    assert f"{WORDS}</textarea>" in shown
    assert f'data-draft="/api/v1{form.at}"' in shown
    assert "Utkast lagret" in shown
    for other in ("far", "ke.leder", "laerer", "mor"):
        if other != form.who:
            assert WORDS not in town.browser(other).get(form.page).text
            assert WORDS not in town.browser(other).text("/ikke-lagret")
    drafts = AccessRow.action == "request.draft", AccessRow.actor_id == town.users[form.who]
    assert town.count(AccessRow, *drafts) == 3
    assert town.count(AccessRow, *drafts, AccessRow.child_id.is_(None)) == 3


def test_it_is_gone_when_it_is_sent_and_not_when_it_is_refused(town, form):
    kept = keep(town, form).json["version"]
    sender = town.browser(form.who)
    assert sender.send(form.to, {**form.fields, form.name: form.wrong}).status_code == 422
    assert town.count(Unsaved) == 1
    sent = sender.send(form.to, {**form.fields, "draft_version": str(kept)})
    assert sent.status_code == 303, sent.text
    assert town.count(Unsaved) == 0


def test_who_may_not_send_it_keeps_nothing(town, form):
    for who in ("nyansatt", "rektor"):
        assert keep(town, form, who).status_code in {403, 404}, who
    assert town.count(Unsaved) == 0


def test_without_words_there_is_nothing_to_keep(town, form):
    assert keep(town, form, **{**form.fields, form.name: " "}).json["version"] == 0
    assert town.count(Unsaved) == 0
    assert keep(town, form, **{"X.y": "x"}).status_code == 422


def test_the_author_of_an_entry_asks_nobody_to_correct_it(town):
    form = Form(town, "correction")
    assert keep(town, form, "laerer").status_code == 404


@pytest.mark.parametrize("action", ["entry.create", "guardian.block:x", "x", "guardian.block:"])
def test_what_nobody_asks_for_has_no_form(town, action):
    form = Form(town, "request")
    form.at = f"/children/{town.child}/requests/unsaved/{action}"
    assert keep(town, form).status_code == 404


def test_words_about_one_guardian_are_not_shown_about_another(town):
    form = Form(town, "request")
    assert keep(town, form).status_code == 200
    other = f"/barn/{town.child}/be-om?action=guardian.block&object_id={town.mor}"
    assert WORDS not in town.browser("mor").get(other).text


def test_an_answer_that_another_gave_meanwhile_leaves_the_words_to_be_read(town):
    form = Form(town, "answer")
    assert keep(town, form).status_code == 200
    assert WORDS not in town.browser("ke.leder").text("/ikke-lagret")
    done = town.api("ke.leder").post(f"/tasks/{form.task}/done", {"text": "Rettet."})
    assert done.status_code == 200
    page = town.browser("ke.leder").get("/ikke-lagret").text
    assert re.findall(r'st-text__body" dir="auto">([^<]*)<', page) == [WORDS]
    assert WORDS in town.browser("ke.leder").get(form.page).text
    assert WORDS not in town.browser("mor").get(f"/barn/{town.child}/rettigheter").text


def test_a_decision_that_another_made_meanwhile_leaves_the_words_to_be_read(town):
    form = Form(town, "decision")
    assert keep(town, form).status_code == 200
    parent = form.page.split("/")[2]
    no = {"granted": False, "grounds": "Det kan skade."}
    done = town.api("ke.leder").post(f"/guardians/{parent}/disclosures/decision", no)
    assert done.status_code == 200, done.text
    page = town.browser("ke.leder").get("/ikke-lagret").text
    assert re.findall(r'st-text__body" dir="auto">([^<]*)<', page) == [WORDS]


def test_words_to_a_question_that_a_colleague_answered_stand_beside_his_answer(town):
    form = Form(town, "question")
    assert keep(town, form).status_code == 200
    asked = form.page.split("/")[2]
    done = town.api("ppt").post(f"/questions/{asked}/answer", {"text": "Snakk med skolen."})
    assert done.status_code == 200, done.text
    assert WORDS in town.browser("ppt").text(form.page)
    assert WORDS not in town.browser("laerer").text(form.page)
