"""Koordinerende enhet verifies a guardian: by the task alone, and access follows what it found."""

from itertools import product

import pytest
from sqlalchemy import select

from stafett.access.models import Tie
from stafett.access.policy import Purpose
from stafett.access.ties import BY_TASK, covered_services
from stafett.audit.models import TrailRow
from stafett.children.models import Guardian, GuardianEvent
from stafett.children.rules import Evidence, check_problems
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind

FOUND = {"accepted": True, "parental_responsibility": True, "evidence": "register"}
REFUSED = {"accepted": False, "words": "Ikke forelder til barnet."}


def task_of(town, guardian):
    return town.one(Task, Task.kind == TaskKind.VERIFY_GUARDIAN, Task.source_id == guardian)


def check(town, guardian, wish, who="ke.leder", seen=1):
    return town.api(who).post(f"/guardians/{guardian}/verification", {**wish, "seen_version": seen})


def reads(town, who, child):
    return town.api(who).get(f"/children/{child}").status_code


def test_what_an_answer_lacks():
    """Every answer there is, against what it must say."""
    for accepted, responsible, evidence, words in product(
        (True, False), (True, False, None), (None, *Evidence), (None, "", "Derfor")
    ):
        wanted = set()
        if accepted and evidence is None:
            wanted.add("evidence")
        if accepted and responsible is None:
            wanted.add("parental_responsibility")
        if not words and (not accepted or evidence == "other"):
            wanted.add("words")
        found = check_problems(evidence, words, accepted=accepted, responsible=responsible)
        assert set(found) == wanted


def test_the_leader_comes_to_the_guardian_by_the_task_and_to_nothing_else(town):
    leader, task = town.browser("ke.leder"), task_of(town, town.mor)
    assert f"/foresatt/{town.mor}#kontroll" in leader.get(f"/oppgave/{task.id}").text
    page = leader.text(f"/foresatt/{town.mor}")
    assert "Nora Demo, født 2017" in page
    assert "Registrert av Laerer Demo" in page
    for hidden in ("Far Demo", "Alle foresatte", "Telefon", "Sperr", "Rett opplysningene"):
        assert hidden not in page, hidden
    api = town.api("ke.leder")
    assert api.get(f"/guardians/{town.mor}").json["name"] == "Mor Demo"
    for path in ("", "/guardians", "/consents", "/entries", "/access-log", "/members"):
        assert api.get(f"/children/{town.child}{path}").status_code == 404, path
    for call in ("end", "block"):
        answer = api.post(f"/guardians/{town.mor}/{call}", {"reason": "x"})
        assert answer.status_code == 404, call
    assert api.get("/children").json["items"] == []
    for who in ("ke.saksbehandler", "nyansatt", "rektor", "mor", "admin", "personvernombud"):
        status = check(town, town.mor, FOUND, who).status_code
        assert status == (403 if who == "mor" else 404), who


def test_verified_is_shown_and_ends_the_task_and_its_tie(town):
    done = check(town, town.mor, FOUND)
    assert (done.status_code, done.json["verified_on"]) == (200, town.today.isoformat())
    assert task_of(town, town.mor).done_at
    assert town.count(Tie, Tie.basis == BY_TASK, Tie.ended_at.is_(None)) == 1  # for the father
    assert town.api("ke.leder").get(f"/guardians/{town.mor}").status_code == 404
    assert check(town, town.mor, FOUND, seen=2).status_code == 404
    assert reads(town, "mor", town.child) == 200
    row = town.one(GuardianEvent)
    assert (row.step, row.evidence, row.decided_by) == (
        "verified",
        "register",
        town.users["ke.leder"],
    )
    trail = town.one(TrailRow, TrailRow.action == "guardian.verify")
    assert trail.changes == {"step": "verified", "parental_responsibility": True}
    insight = town.api("mor").get(f"/children/{town.child}/access-log").json["items"]
    assert "kontrollerte en foresatt" in {one["what"] for one in insight}


def test_without_parental_responsibility_he_gets_no_access_and_the_holder_is_asked(town):
    found = FOUND | {"parental_responsibility": False, "evidence": "court"}
    done = check(town, town.far, found)
    assert (done.status_code, done.json["parental_responsibility"]) == (200, False)
    assert done.json["ended"] is False
    assert reads(town, "far", town.child) == 404
    asked = (Task.kind == TaskKind.GUARDIAN_NOT_RESPONSIBLE, Task.source_id == town.far)
    assert town.one(Task, *asked).user_id == town.users["laerer"]
    with town.database.reading() as session:
        covered = covered_services(session, town.child, town.today, Purpose.STAFETTLOGG)
    assert covered  # it is people who judge what the consent is worth


def test_who_is_refused_is_out_at_once_and_the_reason_is_kept(town):
    lacking = check(town, town.far, {"accepted": False})
    assert (lacking.status_code, list(lacking.json["error"]["fields"])) == (422, ["words"])
    assert reads(town, "far", town.child) == 200
    done = check(town, town.far, REFUSED)
    assert (done.status_code, done.json["ended"], done.json["verified_on"]) == (200, True, None)
    assert reads(town, "far", town.child) == 404
    assert town.one(Guardian, Guardian.id == town.far).ended_reason == REFUSED["words"]
    assert task_of(town, town.far).done_text.endswith(REFUSED["words"])
    assert town.one(GuardianEvent).step == "refused"


WRONG = [
    ({}, "accepted"),
    ({"accepted": True, "evidence": "register"}, "parental_responsibility"),
    ({"accepted": True, "parental_responsibility": True}, "evidence"),
    (FOUND | {"evidence": "other"}, "words"),
    (FOUND | {"evidence": "hearsay"}, "evidence"),
    (FOUND | {"verified_on": "2026-01-01"}, "verified_on"),
]


@pytest.mark.parametrize(("wish", "field"), WRONG)
def test_what_is_wrong_is_named_and_nothing_is_kept(town, wish, field):
    before = town.rows()
    answer = check(town, town.mor, wish)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    assert town.rows() == before
    assert town.one(Guardian, Guardian.id == town.mor).verified_on is None


def test_a_stale_answer_is_told_and_an_ended_guardian_is_not_verified(town):
    town.tie("ke.leder", "KEL")
    assert check(town, town.mor, FOUND, seen=7).status_code == 409
    ended = town.api("ke.leder").post(f"/guardians/{town.mor}/end", {"reason": "Feil"})
    assert ended.status_code == 200
    assert task_of(town, town.mor).done_text == "Ikke foresatt lenger."
    assert check(town, town.mor, FOUND, seen=2).status_code == 409
    assert town.count(GuardianEvent) == 0


def test_words_alone_do_not_verify_anybody(town):
    task = task_of(town, town.mor)
    answer = town.api("ke.leder").post(f"/tasks/{task.id}/done", {"text": "Ok"})
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json["error"]["obstacles"]] == ["task-done-elsewhere"]
    assert town.browser("ke.leder").send(f"/oppgave/{task.id}", {"text": "Ok"}).status_code == 422
    assert task_of(town, town.mor).done_at is None


def test_the_form_keeps_what_was_typed_and_leads_back_to_the_list(town):
    leader, there = town.browser("ke.leder"), f"/foresatt/{town.mor}/kontroll"
    sent = {"accepted": "true", "seen_version": 1, "evidence": "other", "words": ""}
    refused = leader.send(there, {**sent, "parental_responsibility": "true"})
    assert refused.status_code == 422
    assert "Skriv hva du har sett." in refused.text
    done = leader.send(there, {**sent, "parental_responsibility": "true", "words": "Vedtak"})
    assert (done.status_code, done.location) == (303, "/")
    wide = town.tie("ke.leder", "KEL")
    page = leader.text(f"/foresatt/{town.mor}")
    assert "Godtatt" in page
    assert "Ke.Leder Demo. Har foreldreansvar (noe annet). Vedtak" in page
    for who in ("laerer", "mor"):
        assert "Vedtak" not in town.browser(who).text(f"/foresatt/{town.mor}")
    assert wide


def test_a_blocked_leader_has_no_task_and_no_guardian(town):
    town.tie("ke.leder", "BLOCK")
    assert town.api("ke.leder").get(f"/guardians/{town.mor}").status_code == 404
    assert check(town, town.mor, FOUND).status_code == 404
    with town.database.reading() as session:
        assert not session.scalars(select(GuardianEvent)).all()
