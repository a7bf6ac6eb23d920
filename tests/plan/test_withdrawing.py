"""A version that waits for the family is taken back: by whom, what is told, and what goes on."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from stafett.audit.models import TrailRow
from stafett.plan import queries
from stafett.plan.models import PlanAnswer, PlanOutcome, PlanVersion
from tests.exports.reading import lines
from tests.plan.scene import an_ip_child, approved, drafted, made, path, submitted, whole
from tests.plan.test_api import judged
from tests.plan.test_visibility import add, choose, draft_of
from tests.races import meeting_at

REASON = "Målene var ikke de vi ble enige om. <b>Vi</b> retter dem."
WAITS = "Planen venter på svar"
FAMILY_IS_ASKED = "Les planen, og si om du er enig"


def home(child):
    return f"/barn/{child}/plan"


def there(town, child, number=1):
    return f"{path(town, child)}/versions/{number}"


def take_back(town, child, number=1, who="koordinator", **more):
    wish = {"reason": REASON, **more}
    return town.api(who).post(f"{there(town, child, number)}/withdrawal", wish)


def answer(town, child, who, said="approve", number=1):
    return town.api(who).post(f"{there(town, child, number)}/approvals", {"answer": said})


@pytest.fixture
def child(town):
    """Version 1 is in force, and version 2 waits; mother has said yes to that."""
    child = an_ip_child(town)
    submitted(town, child)
    approved(town, child)
    draft = draft_of(town, "koordinator", child) | {"about_me": "Jeg heter Ida"}
    saved = town.api("koordinator").put(f"{path(town, child)}/draft", draft)
    assert made(town, saved.json, "koordinator", child).json["number"] == 2
    assert answer(town, child, "mor", number=2).status_code == 200
    return child


def test_nothing_is_lost_and_what_held_goes_on(town, child):
    before = town.api("koordinator").get(there(town, child, 2)).json
    drawn = draft_of(town, "koordinator", child)
    taken = take_back(town, child, 2)
    assert taken.status_code == 200, taken.text
    assert taken.json["state"] == "withdrawn"
    told = taken.json["withdrawn"]
    assert (told["by"], told["reason"]) == ("koordinator", REASON)
    for who in ("koordinator", "mor", "far", "bup"):
        assert town.api(who).get(there(town, child, 2)).json == taken.json
    for name in ("content", "sha256", "answers", "summary", "created_at"):
        assert taken.json[name] == before[name], name
    assert town.count(PlanAnswer, PlanAnswer.version_id == town.one(*second(child)).id) == 1
    with town.database.reading() as session:
        assert queries.altered(session) is None
    now = town.api("mor").get(f"{path(town, child)}/versions").json["items"]
    assert [one["state"] for one in now] == ["withdrawn", "in_force"]
    assert [one["withdrawn"] is None for one in now] == [False, True]
    on = town.api("mor").get(f"{path(town, child)}/versions?on={town.today}").json["items"]
    assert [one["number"] for one in on] == [1]
    assert draft_of(town, "koordinator", child) == drawn
    assert made(town, drawn, "koordinator", child).json["number"] == 3
    assert approved(town, child, 3).json["state"] == "in_force"


def second(child):
    return PlanVersion, PlanVersion.child_id == child, PlanVersion.number == 2


@pytest.mark.parametrize("reason", [None, "", "  ", "x" * 4001])
def test_it_says_why_in_words(town, child, reason):
    refused = take_back(town, child, 2, reason=reason)
    assert refused.status_code in {400, 422}, refused.text
    assert refused.json["error"]["fields"].keys() == {"reason"}
    assert answer(town, child, "far", number=2).json["state"] == "in_force"


WHO = {
    **dict.fromkeys(("koordinator", "ke.saksbehandler"), 200),
    **dict.fromkeys(("mor", "far", "laerer", "bup", "ke.leder"), 403),
    **dict.fromkeys(("ppt", "ungdom", "nyansatt", "personvernombud"), 404),
}


@pytest.mark.parametrize("who", WHO)
def test_who_may_send_one_for_approval_may_take_it_back_and_nobody_else(town, child, who):
    town.tie("ke.saksbehandler", "KE", child)
    town.tie("ke.leder", "KEL", child)
    form = f"{home(child)}/versjoner/2/trekk-tilbake"
    browser = town.browser(who)
    assert browser.get(form).status_code == WHO[who]
    if WHO[who] != 404:
        assert (form in browser.get(home(child)).text) is (WHO[who] == 200)
    assert take_back(town, child, 2, who).status_code == WHO[who]
    assert town.count(PlanOutcome, PlanOutcome.withdrawn_by.is_not(None)) == (WHO[who] == 200)


def test_nobody_answers_it_any_more_nor_takes_it_back_again(town, child):
    assert take_back(town, child, 2).status_code == 200
    for who, said in (("far", "approve"), ("far", "reject"), ("mor", "approve")):
        assert answer(town, child, who, said, 2).status_code == 409
    guardians = town.api("koordinator").get(f"/children/{child}/guardians").json["items"]
    far = next(one["id"] for one in guardians if one["name"] == "Far Demo")
    paper = {"answer": "approve", "method": "signed", "given_on": str(town.today)}
    signed = f"{there(town, child, 2)}/approvals"
    put = town.api("koordinator").post(signed, {**paper, "on_behalf_of": far})
    assert put.status_code == 409
    completes = town.browser("koordinator").send(f"{home(child)}/versjoner/2/i-kraft", {})
    assert completes.status_code == 409
    assert take_back(town, child, 2).status_code == 409
    assert take_back(town, child, 1).status_code == 409
    assert take_back(town, child, 3).status_code == 404
    assert town.count(PlanAnswer) == 3


def test_a_no_and_the_last_yes_stand(town, child):
    assert answer(town, child, "far", "reject", 2).json["state"] == "rejected"
    assert take_back(town, child, 2).status_code == 409
    assert town.api("mor").get(there(town, child, 2)).json["state"] == "rejected"


@pytest.mark.parametrize("said", ["approve", "reject"])
def test_of_the_last_answer_and_the_withdrawal_exactly_one_wins(town, child, said):
    """Both have seen that it waits: PostgreSQL holds back the one, SQLite has one writer."""
    calls = [
        lambda: answer(town, child, "far", said, 2).status_code,
        lambda: take_back(town, child, 2).status_code,
    ]
    town.api("far"), town.api("koordinator")  # signed in before they meet
    with meeting_at(town.database, "pg_advisory_xact_lock"), ThreadPoolExecutor(2) as pool:
        came = [one.result() for one in [pool.submit(call) for call in calls]]
    assert sorted(came) == [200, 409]
    state = town.api("mor").get(there(town, child, 2)).json["state"]
    won = {"approve": "in_force", "reject": "rejected"}[said]
    assert state == (won if came[0] == 200 else "withdrawn")
    assert town.count(PlanOutcome) == 2


def test_who_coordinates_does_it_on_a_page_that_says_what_happens(town, child):
    staff = town.browser("koordinator")
    form = f"{home(child)}/versjoner/2/trekk-tilbake"
    for page in (home(child), f"{home(child)}/versjoner/2"):
        assert f'href="{form}"' in staff.get(page).text
    shown = staff.text(form)
    for said in ("Planen som gjelder nå, gjelder fortsatt.", "Mor Demo sa ja", "Venter på Far"):
        assert said in shown
    nothing = staff.send(form, {"reason": " "})
    assert nothing.status_code == 422
    assert staff.send(form, {"reason": REASON}).status_code == 303
    again = staff.send(form, {"reason": "En gang til"})
    assert again.status_code == 409
    assert "Versjon 2 venter ikke på svar lenger." in again.text
    assert "En gang til" in again.text
    assert f'href="{form}"' not in staff.get(home(child)).text


def test_all_who_read_the_plan_see_who_took_it_back_when_and_why(town, child):
    assert take_back(town, child, 2).status_code == 200
    for who in ("mor", "far", "bup", "koordinator"):
        browser = town.browser(who)
        for page in (home(child), f"{home(child)}/versjoner/2"):
            shown = browser.get(page).text
            assert "Koordinator Demo trakk den tilbake" in shown, (who, page)
            assert "<b>Vi</b>" not in shown
            text = browser.text(page)
            assert REASON in text
            assert "Mor Demo sa ja" in text
        shown = browser.text(home(child))
        assert "Versjon 2 er trukket tilbake" in shown
        assert ("Rett det, og send det på nytt" in shown) is (who == "koordinator")
        assert "Hva svarer du?" not in shown
        assert "Jeg heter Ida" not in shown
        old = browser.text(f"{home(child)}/versjoner/2")
        assert "Jeg heter Ida" in old
        assert ", trukket tilbake" in old
        assert "Hent til utkastet" not in old
    changed = {**draft_of(town, "koordinator", child), "about_me": "Noe annet"}
    assert town.api("koordinator").put(f"{path(town, child)}/draft", changed).status_code == 200
    old = town.browser("koordinator").text(f"{home(child)}/versjoner/2")
    assert "Hent til utkastet" in old


def test_who_had_the_page_open_is_told_what_has_become_of_it(town, child):
    form = f"{home(child)}/versjoner/2/svar"
    words = {"answer": "approve", "comment": "Flott"}
    assert take_back(town, child, 2).status_code == 200
    father = town.browser("far")
    late = father.send(form, words)
    assert late.status_code == 409
    for said in ("Svaret ditt er ikke lagret.", "Versjon 2 er trukket tilbake", "Flott"):
        assert said in late.text
    assert "Noen svarte før deg" not in late.text
    made(town, draft_of(town, "koordinator", child), "koordinator", child)
    late = father.send(form, words)  # another waits by now, which he has not said yes to
    assert late.status_code == 409
    assert "Versjon 2 er trukket tilbake" in late.text
    assert "Flott" in late.text
    assert f'action="{home(child)}/versjoner/3/svar"' in late.text
    assert not re.search(r'name="answer"[^>]* checked', late.text)
    assert town.count(PlanAnswer) == 3


def listed(town, who):
    """What stands in somebody's worklist, where it leads to by what it says."""
    items = town.api(who).get("/worklist").json["items"]
    return {one["title"]: one["href"] for one in items}


def test_nobody_is_asked_to_do_anything_about_it(town, child):
    town.tie("ke.leder", "KEL", child)
    assert WAITS in listed(town, "koordinator")
    assert FAMILY_IS_ASKED in listed(town, "far")
    assert town.api("ke.leder").get("/plans").json["items"][0]["waits_since"]
    blocked = made(town, draft_of(town, "koordinator", child), "koordinator", child)
    assert [one["code"] for one in blocked.json["error"]["obstacles"]] == ["version-waits"]
    assert "trekk den tilbake" in town.browser("koordinator").text(f"{home(child)}/utkast")
    assert take_back(town, child, 2).status_code == 200
    for who in ("koordinator", "mor", "far"):
        assert not [one for one in listed(town, who).values() if "/plan" in one], who
    assert town.api("ke.leder").get("/plans").json["items"][0]["waits_since"] is None


def test_the_coordinator_is_told_when_another_took_it_back_until_the_next_is_sent(town, child):
    town.tie("ke.saksbehandler", "KE", child)
    assert take_back(town, child, 2, "ke.saksbehandler").status_code == 200
    told = "Planen er trukket tilbake. Rett utkastet, og send det på nytt"
    (said,) = [one for one in listed(town, "koordinator") if "planen" in one.lower()]
    assert said == told
    assert listed(town, "koordinator")[told] == f"{home(child)}#trukket"
    assert 'id="trukket" tabindex="-1"' in town.browser("koordinator").get(home(child)).text
    assert told not in listed(town, "mor")
    made(town, draft_of(town, "koordinator", child), "koordinator", child)
    assert told not in listed(town, "koordinator")


def test_what_was_signed_on_paper_can_still_be_said_to_be_right(town):
    child = an_ip_child(town)
    submitted(town, child)
    coordinator = town.api("koordinator")
    guardians = coordinator.get(f"/children/{child}/guardians").json["items"]
    mother = next(one["id"] for one in guardians if one["name"] == "Mor Demo")
    paper = {"answer": "approve", "method": "signed", "given_on": str(town.today)}
    put = coordinator.post(f"{there(town, child)}/approvals", {**paper, "on_behalf_of": mother})
    assert put.status_code == 200
    assert take_back(town, child).status_code == 200
    assert "på papir, ikke bekreftet" in town.browser("mor").text(home(child))
    assert "Stemmer det at du sa ja til versjon 1" in town.browser("mor").text(
        f"{home(child)}/versjoner/1"
    )
    assert answer(town, child, "mor", "reject").status_code == 409
    confirmed = answer(town, child, "mor")
    assert confirmed.status_code == 200
    assert confirmed.json["state"] == "withdrawn"
    assert "på papir, bekreftet" in town.browser("far").text(home(child))


def test_it_is_compared_with_nothing_and_nothing_came_before_it(town, child):
    assert f"{home(child)}/sammenlign" in town.browser("mor").get(home(child)).text
    assert take_back(town, child, 2).status_code == 200
    assert f"{home(child)}/sammenlign" not in town.browser("mor").get(home(child)).text
    draft = draft_of(town, "koordinator", child) | {"about_me": "Jeg er Ida"}
    saved = town.api("koordinator").put(f"{path(town, child)}/draft", draft).json
    assert made(town, saved, "koordinator", child).json["number"] == 3
    staff = town.browser("koordinator")
    assert staff.get(f"{home(child)}/sammenlign?fra=2&til=3").status_code == 404
    assert ">Versjon 2," not in staff.get(f"{home(child)}/sammenlign?fra=1&til=3").text
    said = lines(staff.get(f"{home(child)}.docx?versjon=3").data)
    assert any(one.startswith("Forrige versjon er 1") for one in said)


def test_it_shows_nothing_of_how_it_went_with_what_was_never_agreed_to(town, child):
    key = draft_of(town, "koordinator", child)["goals"][0]["measures"][0]["key"]
    evaluated = f"/children/{child}/measures/{key}/evaluations"
    judge = town.api("koordinator").post(evaluated, judged(town, text="Hun leser mer"))
    assert judge.status_code == 201, judge.text
    assert take_back(town, child, 2).status_code == 200
    mother = town.browser("mor")
    assert "Hun leser mer" in mother.text(f"{home(child)}/versjoner/1")
    assert "Hun leser mer" not in mother.text(f"{home(child)}/versjoner/2")


def test_paper_and_other_systems_are_told_that_it_is_no_plan_to_work_by(town, child):
    assert take_back(town, child, 2).status_code == 200
    staff = town.browser("koordinator")
    said = "\n".join(lines(staff.get(f"{home(child)}.docx?versjon=2").data))
    assert "Trukket tilbake " in said
    assert "Gjelder fra" not in said
    found = town.api("koordinator").get(f"{there(town, child, 2)}/fhir").json
    (status,) = [
        one["resource"]["status"]
        for one in found["entry"]
        if one["resource"]["resourceType"] == "CarePlan"
    ]
    assert status == "revoked"


def test_what_comes_back_into_the_draft_may_come_from_it(town, child):
    assert take_back(town, child, 2).status_code == 200
    api = town.api("koordinator")
    changed = draft_of(town, "koordinator", child) | {"about_me": "Noe annet"}
    seen = api.put(f"{path(town, child)}/draft", changed).json["seen_version"]
    wish = {"version": 2, "part": "about_me", "seen_version": seen}
    back = api.post(f"{path(town, child)}/draft/restoration", wish)
    assert back.json["about_me"] == "Jeg heter Ida"


def test_the_trail_and_the_family_s_insight_say_what_it_was(town, child):
    assert take_back(town, child, 2).status_code == 200
    version = town.one(*second(child))
    made_it, took = sorted(
        (one for one in trail_of(town, version.id) if one.action == "plan.submit_ip"),
        key=lambda one: "withdrawn" in one.changes,
    )
    assert "sha256" in made_it.changes
    assert took.changes == {"number": 2, "withdrawn": True}
    shown = town.browser("mor").text(f"/barn/{child}/innsyn")
    assert "trakk tilbake en versjon av planen" in shown
    assert REASON not in shown
    own = town.browser("koordinator").text("/min/logg")
    assert "sendte planen til godkjenning, eller trakk den tilbake" in own


def trail_of(town, version_id):
    with town.database.reading() as session:
        found = session.query(TrailRow).filter(TrailRow.object_id == version_id).all()
        session.expunge_all()
    return found


def test_it_is_no_version_of_whom_nothing_in_it_is_for(town, child):
    assert take_back(town, child, 2).status_code == 200
    key = add(town, "koordinator", child)
    named = choose(town, "koordinator", key, "named", child, named=["mor"])
    assert named.status_code == 200, named.text
    draft = draft_of(town, "koordinator", child) | {"about_me": ""}
    saved = town.api("koordinator").put(f"{path(town, child)}/draft", draft).json
    assert made(town, saved, "koordinator", child).status_code == 201
    assert take_back(town, child, 3, reason="Om det som bare mor leser").status_code == 200
    for who, numbers in (("mor", [3, 2, 1]), ("far", [2, 1])):
        items = town.api(who).get(f"{path(town, child)}/versions").json["items"]
        assert [one["number"] for one in items] == numbers, who
        shown = town.browser(who).text(home(child))
        assert ("Om det som bare mor leser" in shown) is (who == "mor")


def test_a_withdrawal_that_fails_leaves_it_waiting(town, child, monkeypatch):
    def fail(*_args, **_more):
        raise RuntimeError

    monkeypatch.setattr("stafett.plan.commands.trail.record", fail)
    assert take_back(town, child, 2).status_code == 500
    monkeypatch.undo()
    assert town.api("mor").get(there(town, child, 2)).json["state"] == "for_approval"
    assert answer(town, child, "far", number=2).json["state"] == "in_force"


def test_an_ended_plan_says_nothing_of_a_next_version(town, child):
    assert take_back(town, child, 2).status_code == 200
    ended = {"reason": "goals_reached", "words": "Skolen følger opp."}
    assert town.api("koordinator").post(f"{path(town, child)}/end", ended).status_code == 200
    assert "Versjon 2 er trukket tilbake" not in town.browser("mor").text(home(child))
    assert REASON in town.browser("mor").text(f"{home(child)}/versjoner/2")


def test_the_first_version_leaves_no_plan_in_force(town):
    child = an_ip_child(town)
    draft = drafted(town, who="koordinator", child=child, **whole(town))
    assert made(town, draft, "koordinator", child).status_code == 201
    form = town.browser("koordinator").text(f"{home(child)}/versjoner/1/trekk-tilbake")
    assert "gjelder fortsatt" not in form
    assert take_back(town, child).status_code == 200
    shown = town.browser("far").text(home(child))
    assert "Versjon 1 er trukket tilbake" in shown
    assert "gjelder fortsatt" not in shown
    assert "Ingen plan gjelder nå." in shown


def test_what_waits_is_taken_back_when_the_plan_is_ended(town, child):
    sent = {"reason": "family_wish", "words": "Vi vil ha ro en stund."}
    assert town.browser("mor").send(f"{home(child)}/avslutt", sent).status_code == 303
    kept = town.api("koordinator").get(there(town, child, 2)).json
    assert kept["state"] == "withdrawn"
    assert (kept["withdrawn"]["by"], kept["withdrawn"]["reason"]) == ("mor", "Planen er avsluttet.")
    shown = town.browser("far").text(home(child))
    assert "ikke godkjent" not in shown
    assert "sender det på nytt" not in shown


def test_who_said_no_reads_of_no_new_version_once_the_plan_is_ended(town, child):
    assert answer(town, child, "far", "reject", number=2).status_code == 200
    assert "ble ikke godkjent" in town.browser("far").text(home(child))
    sent = {"reason": "family_wish", "words": "Vi vil ha ro en stund."}
    assert town.browser("mor").send(f"{home(child)}/avslutt", sent).status_code == 303
    assert "sender det på nytt" not in town.browser("far").text(home(child))
