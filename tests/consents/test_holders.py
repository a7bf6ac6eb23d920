"""Who says yes for a child: one parent alone, somebody in the parents' place, the child heard."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from stafett.access.ties import ties_of
from stafett.children import queries as children
from stafett.children.models import Guardian
from stafett.consents.models import Consent
from stafett.rights import queries as rights
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from tests.consents.test_api import covered, register, wish

HEARD = {"how": "talk_before", "text": "«Jeg vil at Kari skal vite det.»", "private": False}


def add(town, child, relation, **more):
    sent = {"name": "Vera Demo", "relation": relation, "parental_responsibility": False}
    answer = town.api("laerer").post(
        f"/children/{child}/guardians", {**sent, "lives_with": False, **more}
    )
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def check(town, guardian, **found):
    sent = {"accepted": True, "evidence": "child_welfare", "seen_version": 1, **found}
    return town.api("ke.leder").post(f"/guardians/{guardian}/verification", sent)


@pytest.fixture
def cases(town):
    """The kommune lets one parent be enough in one case."""
    settings = town.app.extensions
    settings["stafett.profile"] = replace(town.profile, one_is_enough=("prevent_harm",))
    yield
    settings["stafett.profile"] = town.profile


@pytest.mark.usefixtures("cases")
def test_one_parent_is_enough_with_a_reason_that_both_can_read(town):
    child, mor, _ = town.family("Ny Demo")
    path = f"/children/{child}/consents"
    sent = wish(town, "skole", given_by=[mor], one_is_enough="prevent_harm")
    refused = town.api("laerer").post(path, sent)
    assert set(refused.json["error"]["fields"]) == {"one_reason"}
    sent["one_reason"] = "Lege Demo har vurdert det."
    made = town.api("laerer").post(path, sent).json
    assert (made["state"], made["basis"], made["waits_for"]) == ("active", "prevent_harm", [])
    assert covered(town, child) == {"skole"}
    for page in (f"/samtykke/{made['id']}", f"/samtykke/{made['id']}/kvittering"):
        text = town.browser("far").text(page)
        assert "nok at én med foreldreansvar sier ja" in text
        assert "Lege Demo har vurdert det." in text
    stopped = town.api("far").post(f"/consents/{made['id']}/withdrawal", {})
    assert (stopped.status_code, covered(town, child)) == (200, set())


@pytest.mark.usefixtures("cases")
def test_the_first_of_two_who_is_asked_digitally_is_enough(town):
    child, *_ = town.family("Ny Demo")
    given = {"one_is_enough": "prevent_harm", "one_reason": "Lege", "method": "digital"}
    sent = {**wish(town, "skole", **given), "given_by": []}
    asked = town.api("laerer").post(f"/children/{child}/consents", sent).json
    assert (asked["state"], len(asked["waits_for"])) == ("waiting", 2)
    said = town.api("far").post(f"/consents/{asked['id']}/reply", {"answer": "yes"}).json
    assert (said["state"], said["basis"]) == ("active", "prevent_harm")


def test_one_is_never_enough_where_the_kommune_does_not_say_so(town):
    child, mor, _ = town.family("Ny Demo")
    sent = wish(town, "skole", given_by=[mor], one_is_enough="prevent_harm", one_reason="Lege")
    before = town.rows()
    refused = town.api("laerer").post(f"/children/{child}/consents", sent)
    assert set(refused.json["error"]["fields"]) == {"one_is_enough"}
    assert town.rows() == before
    assert "Er det nok at én" not in town.browser("laerer").text(f"/barn/{child}/samtykke/nytt")


def test_barnevernet_says_yes_once_it_is_checked_and_the_parents_are_asked_no_more(town):
    child, mor, far = town.family("Ny Demo")
    welfare = add(town, child, "barnevern")
    waits = register(town, "skole", child=child, given_by=[mor])
    assert waits["waits_for"] == [str(far)]  # what nobody has checked decides nothing
    lacking = check(town, welfare)
    assert set(lacking.json["error"]["fields"]) == {"mandate"}
    found = check(town, welfare, mandate=["stafettlogg", "plan"])
    assert (found.status_code, found.json["mandate"]) == (200, ["plan", "stafettlogg"])
    refused = town.api("laerer").post(
        f"/children/{child}/consents", wish(town, "skole", given_by=[mor, far])
    )
    assert (refused.status_code, refused.json["state"]) == (201, "waiting")
    made = register(town, "skole", child=child, given_by=[welfare])
    assert (made["state"], made["basis"]) == ("active", "stand_in")
    assert "satt til å bestemme dette" in town.browser("mor").text(f"/samtykke/{made['id']}")
    assert "/trekk" not in town.browser("mor").text(f"/barn/{child}/samtykke")
    before = town.rows()
    denied = town.api("mor").post(f"/consents/{made['id']}/withdrawal", {})
    assert (denied.status_code, town.rows()) == (403, before)
    town.tie("laerer", "SH", child)
    said = {"on_behalf_of": welfare, "how": "I brev fra barnevernstjenesten"}
    ended = town.api("laerer").post(f"/consents/{made['id']}/withdrawal", said)
    assert (ended.status_code, ended.json["state"]) == (200, "withdrawn")
    other = register(town, "skole", child=child, given_by=[mor, far], purpose="application")
    assert (other["state"], other["basis"]) == ("active", "all")


def test_a_stand_in_whom_a_service_of_the_unit_registers_is_checked_all_the_same(town):
    guardian = add(town, town.child, "verge")
    assert town.one(Task, Task.source_id == UUID(guardian)).kind == TaskKind.VERIFY_GUARDIAN
    asked = Task.kind == TaskKind.GUARDIAN_NOT_ASKED, Task.source_id == UUID(guardian)
    assert town.count(Task, *asked) == 0
    check(town, guardian, mandate=["stafettlogg"], evidence="court")
    assert town.count(Task, *asked) == 1  # the holder asks about what was agreed before
    town.tie("ke.leder", "KEL")
    changed = {"seen_version": 2, "relation": "annen"}
    answer = town.api("ke.leder").patch(f"/guardians/{guardian}", changed)
    assert answer.status_code == 200, answer.json
    assert answer.json["mandate"] == []


def test_a_parent_in_whose_place_barnevern_decides_is_not_offered_to_take_anybody_out(town):
    leaves = f"/medlem/{town.member}"
    assert leaves in town.browser("mor").get(f"/barn/{town.child}/folk").text
    welfare = add(town, town.child, "barnevern")
    check(town, welfare, mandate=["stafettlogg"])
    assert leaves not in town.browser("mor").get(f"/barn/{town.child}/folk").text
    assert leaves in town.browser("laerer").get(f"/barn/{town.child}/folk").text
    said = {"reason": "Nei takk"}
    assert town.browser("mor").send(leaves, said).status_code == 403


def test_a_verge_reads_what_he_says_yes_to_and_a_service_has_no_account(town):
    child, *_ = town.family("Ny Demo")
    verge = add(town, child, "verge", username="ungdom")
    reads = f"/children/{child}/consents"
    assert town.api("ungdom").get(reads).status_code == 404
    check(town, verge, mandate=["plan"], evidence="court")
    assert town.api("ungdom").get(reads).status_code == 404
    other = add(town, child, "verge", username="ungdom")
    check(town, other, mandate=["stafettlogg"], evidence="court")
    assert town.api("ungdom").get(reads).status_code == 200
    sent = {"name": "Vakt Demo", "relation": "barnevern", "username": "far"}
    sent |= {"parental_responsibility": False, "lives_with": False}
    before = town.rows()
    refused = town.api("laerer").post(f"/children/{child}/guardians", sent)
    assert set(refused.json["error"]["fields"]) == {"username"}
    assert town.rows() == before
    assert town.count(Guardian, Guardian.relation == "barnevern") == 0


def test_a_yes_by_word_of_mouth_is_written_down(town):
    child, mor, far = town.family("Ny Demo")
    path = f"/children/{child}/consents"
    before = town.rows()
    refused = town.api("laerer").post(path, wish(town, "skole", given_by=[mor], method="oral"))
    assert set(refused.json["error"]["fields"]) == {"note"}
    assert town.rows() == before
    made = register(town, "skole", child=child, given_by=[mor], method="oral", note="På telefon.")
    yes = {"given_by": str(far), "method": "oral", "given_on": town.today.isoformat()}
    assert town.api("laerer").post(f"/consents/{made['id']}/answers", yes).status_code == 422
    page = town.browser("laerer").send(f"/samtykke/{made['id']}/svar", yes)
    assert "Skriv hvem som sa ja, hvordan og når" in page.text
    yes["note"] = "Sa ja i går kveld."
    assert town.api("laerer").post(f"/consents/{made['id']}/answers", yes).json["state"] == "active"
    text = town.browser("far").text(f"/samtykke/{made['id']}/kvittering")
    assert "Sa ja i går kveld." in text
    assert "På telefon." in text


def test_a_child_of_twelve_is_heard_and_its_words_are_kept(town):
    child, mor, far = town.family("Tolv Demo", date(2013, 1, 1))
    path = f"/children/{child}/consents"
    sent = wish(town, "skole", given_by=[mor, far])
    refused = town.api("laerer").post(path, sent)
    assert set(refused.json["error"]["fields"]) == {"child_voice"}
    sent["child_voice"] = {"how": "not_obtained"}
    refused = town.api("laerer").post(path, sent)
    assert set(refused.json["error"]["fields"]) == {"child_voice.text"}
    sent["child_voice"] = HEARD
    made = town.api("laerer").post(path, sent).json
    assert made["child_voice"] == {"how": "talk_before", "text": HEARD["text"]}
    for who in ("mor", "laerer"):
        for page in (f"/samtykke/{made['id']}", f"/samtykke/{made['id']}/kvittering"):
            assert HEARD["text"] in town.browser(who).text(page)


def test_what_a_child_asked_to_keep_leaves_no_trace_for_its_guardians(town):
    """A consent whose words are kept from them reads as one of a child who said nothing."""
    said, silent = (town.family(name, date(2013, 1, 1)) for name in ("Tolv Demo", "Tolv Demo"))
    town_child = {"how": "talk_before"}
    for (child, mor, far), voice in ((said, {**HEARD, "private": True}), (silent, town_child)):
        register(town, "skole", child=child, given_by=[mor, far], child_voice=voice)
    seen = []
    for child, *_ in (said, silent):
        made = town.one(Consent, Consent.child_id == child).id
        answer = town.api("mor").get(f"/children/{child}/consents").json["items"][0]
        texts = [answer["child_voice"]]
        for page in (
            f"/samtykke/{made}",
            f"/samtykke/{made}/kvittering",
            f"/barn/{child}/samtykke",
        ):
            text = town.browser("mor").text(page)
            texts.append(text.replace(str(made), "").replace(str(child), ""))
        seen.append(texts)
        staff = town.browser("laerer").text(f"/samtykke/{made}")
        assert (HEARD["text"] in staff) is (child == said[0])
    assert seen[0] == seen[1]
    with town.work("mor") as work:
        found = children.find(work.session, said[0])
        copied, _ = rights.copy(work, found, ties_of(work.session, work.actor, said[0], work.now))
    assert [one["child_heard"] for one in copied["consents"]] == ["talk_before"]
    assert [one["child_said"] for one in copied["consents"]] == [None]
