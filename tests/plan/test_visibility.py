"""Parts of a plan that are for some only: who sees them, and that nobody else can tell."""

import random
import re
from datetime import timedelta
from io import BytesIO

import pytest
from docx import Document
from sqlalchemy import select

from exports import pdf
from stafett.access.models import AccessRow
from stafett.plan import waiting
from stafett.plan.models import Plan, PlanAudience
from stafett.stafettlogg import membership
from tests.exports.reading import lines
from tests.exports.reading_pdf import declared, pages
from tests.plan.scene import (
    a_goal,
    a_measure,
    an_ip_child,
    approved,
    drafted,
    made,
    path,
    save,
    submitted,
    whole,
)

SECRET = "Samtaler som bare noen vet om"


def draft_of(town, who, child=None):
    return town.api(who).get(f"{path(town, child)}/draft").json


def choose(town, who, key, visibility, child=None, **more):
    """Say whom a part is for, on top of what stands; return the answer."""
    there = f"{path(town, child)}/parts/{key}/visibility"
    now = town.api(who).get(there).json.get("audience", 0)
    reason = {"visibility_reason": "secrecy"} if visibility != "everyone" else {}
    wish = {"visibility": visibility, "seen_audience": now, **reason, **more}
    return town.api(who).post(there, wish)


def add(town, who, child=None, **more):
    """A new goal of somebody's, as the key that it got."""
    seen = draft_of(town, who, child)
    new = a_goal(
        text=SECRET, measures=[a_measure(town, responsible=who, what=SECRET, how=SECRET)], **more
    )
    answer = save(town, who, [*seen["goals"], new], child)
    assert answer.status_code == 200, answer.text
    return answer.json["goals"][-1]["key"]


@pytest.fixture
def planned(town):
    """Version 1 for all, and since then a goal in the draft for professionals only."""
    draft = drafted(town, [a_goal(measures=[a_measure(town)])], about_me="Jeg er meg")
    assert made(town, draft).status_code == 201
    key = add(town, "laerer")
    answer = choose(town, "laerer", key, "professionals")
    assert answer.status_code == 200, answer.text
    return key


def everything(town, who, number):
    """All that somebody may read of a plan, as one text."""
    api, browser, home = town.api(who), town.browser(who), f"/barn/{town.child}/plan"
    calls = ("/draft", "/versions", f"/versions/{number}", f"/diff?from=1&to={number}")
    texts = [api.get(path(town) + call).text for call in calls]
    places = ("", "/utkast", f"/versjoner/{number}", "/sammenlign", "/sammenlign?til=0")
    texts += [browser.get(home + part).text for part in places]
    document = Document(BytesIO(browser.get(f"{home}.docx").data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    printed = pages(browser.get(f"{home}.pdf").data)
    return "\n".join([*texts, *(one.text for one in document.paragraphs), *cells, *printed])


def test_a_part_is_on_no_page_no_call_and_no_document_of_whom_it_is_not_for(town, planned):
    draft = save(town, "laerer", draft_of(town, "laerer")["goals"], about_me="Jeg er ny").json
    assert made(town, draft).json["number"] == 2
    told = everything(town, "laerer", 2)
    assert told.count(SECRET) > 10
    assert "Bare fagfolk ser dette" in told
    mother = everything(town, "mor", 2)
    assert "Jeg er ny" in mother
    assert SECRET not in mother
    as_a_word = re.compile(rf"(?<![\w-]){planned}(?![\w-])")  # a token may have its two letters
    assert as_a_word.search(told)
    assert not as_a_word.search(mother)


def test_an_edition_that_is_handed_on_is_the_same_whoever_prints_it(town, planned):
    draft = save(town, "laerer", draft_of(town, "laerer")["goals"], about_me="Jeg er ny").json
    assert made(town, draft).json["number"] == 2
    draft = draft_of(town, "laerer")
    draft["goals"][-1]["text"] = f"{SECRET}, endret"
    assert town.api("laerer").put(f"{path(town)}/draft", draft).status_code == 200
    assert made(town, draft_of(town, "laerer")).json["number"] == 3
    there = f"/barn/{town.child}/plan.docx"
    for edition in ("mote", "barn"):
        files = {
            who: town.browser(who).get(f"{there}?utgave={edition}") for who in ("laerer", "mor")
        }
        (staff, mother) = (
            [one.replace("Laerer Demo", "") for one in lines(files[who].data)]
            for who in ("laerer", "mor")
        )
        assert staff == mother
        assert SECRET not in "\n".join(staff)
        names = {file.headers["Content-Disposition"] for file in files.values()}
        assert names == {f'attachment; filename="plan-2-{edition}.docx"'}
        as_pdf = town.browser("laerer").get(f"/barn/{town.child}/plan.pdf?utgave={edition}")
        assert as_pdf.headers["Content-Disposition"].endswith(f'"plan-2-{edition}.pdf"')
        assert SECRET not in "".join(pages(as_pdf.data))
    assert "Jeg er ny" in staff
    assert SECRET in "\n".join(lines(town.browser("laerer").get(there).data))
    assert town.browser("laerer").get(f"{there}?utgave=alt").status_code == 422


def test_the_family_sees_in_which_edition_the_plan_was_downloaded(town, planned):
    there = f"/barn/{town.child}/plan"
    for query in (".docx", ".docx?utgave=mote", ".docx?utgave=barn", ".pdf", ".pdf?utgave=barn"):
        assert town.browser("laerer").get(there + query).status_code == 200
    kept = select(AccessRow.edition).where(AccessRow.action == "plan.export_docx")
    with town.database.reading() as session:
        assert sorted(session.scalars(kept)) == ["barn", "barn.pdf", "full", "full.pdf", "mote"]
    told = town.browser("mor").text(f"/barn/{town.child}/innsyn")
    for said in (
        "lastet ned planen til et møte",
        "lastet ned planen i barnets utgave",
        "lastet ned planen som PDF",
        "lastet ned planen i barnets utgave som PDF",
    ):
        assert said in told


def test_the_group_is_offered_no_file_and_told_who_prints_for_the_meeting(town):
    child = an_ip_child(town)
    submitted(town, child)
    approved(town, child)
    there, browser = f"/barn/{child}/plan", town.browser("bup")
    told = "Koordinatoren og familien kan laste ned planen"
    assert told in browser.text(there)
    assert told not in town.browser("koordinator").text(there)
    for page in (there, f"{there}/versjoner/1", f"{there}/sammenlign?til=1"):
        shown = browser.get(page)
        assert shown.status_code == 200
        assert not re.search(r"plan\.(docx|pdf)|/fhir", shown.text), page
    for file in (".docx", ".docx?utgave=mote", ".pdf", ".pdf?utgave=barn"):
        assert browser.get(there + file).status_code == 403
    assert town.api("bup").get(f"{path(town, child)}/versions/1/fhir").status_code == 403


def test_a_plan_is_given_as_pdf_under_the_rules_of_the_word_document(town, planned):
    there = f"/barn/{town.child}/plan.pdf"
    answer = town.browser("mor").get(f"{there}?versjon=1")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/pdf", "no-store")
    assert declared(answer.data)["title"] == "Tiltaksplan, Nora Demo, versjon 1"
    assert "av Mor Demo" in pages(answer.data)[0]
    for query in ("?utgave=alt", "?versjon=0", "?versjon=x"):
        assert town.browser("laerer").get(there + query).status_code == 422
    assert town.browser("laerer").get(f"{there}?versjon=99").status_code == 404
    assert town.browser("nyansatt").get(there).status_code == 404


def test_a_plan_that_takes_too_long_as_pdf_is_offered_as_word(town, planned, monkeypatch):
    monkeypatch.setattr("exports.pdf.PATIENCE", 0.01)
    answer = town.browser("laerer").get(f"/barn/{town.child}/plan.pdf")
    assert answer.status_code == 422
    assert "Last den ned som Word." in answer.text


def test_who_has_no_turn_for_his_pdf_is_told_to_try_again_and_the_log_tells_that_he_got_none(
    town, planned, monkeypatch
):
    monkeypatch.setattr("exports.pdf.TURN", 0.05)
    before = len(town.results("laerer"))
    with pdf._one_at_a_time:  # noqa: SLF001 as while another's is laid out
        answer = town.browser("laerer").get(f"/barn/{town.child}/plan.pdf")
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)
    assert "prøv igjen" in answer.text
    assert "Word" in answer.text
    assert town.results("laerer")[before:] == ["error"]
    assert town.browser("laerer").get(f"/barn/{town.child}/plan.pdf").status_code == 200


def test_the_full_edition_says_which_services_the_family_has_agreed_to(town):
    assert made(town, drafted(town, [a_goal()])).status_code == 201
    town.agree(town.child, "skole", "ppt")
    there = f"/barn/{town.child}/plan.docx"
    told = lines(town.browser("mor").get(there).data)
    after = told[told.index("Samtykke til") :]
    assert after[3] == "Stafettlogg"
    assert {"Demo-helse, Demo-ke", "Demo-ppt, Demo-skole"} <= set(after)


def test_what_is_hidden_moves_no_number_no_version_and_no_name(town, planned):
    """The mother's form stands through another's hidden changes, and her new goal is the next."""
    before = draft_of(town, "mor")
    shown = town.browser("mor").text(f"/barn/{town.child}/plan/utkast")
    draft = draft_of(town, "laerer")
    draft["goals"][-1]["text"] = f"{SECRET}, endret"
    with_far = {**draft, "seen_version": draft["seen_version"]}
    assert town.api("laerer").put(f"{path(town)}/draft", with_far).status_code == 200
    assert made(town, draft_of(town, "laerer")).status_code == 201
    assert draft_of(town, "mor") == before
    assert town.browser("mor").text(f"/barn/{town.child}/plan/utkast") == shown
    new = save(town, "mor", [*before["goals"], a_goal(whose="parents")])
    assert new.status_code == 200, new.text
    numbers = [int(one["key"][1:]) for one in new.json["goals"]]
    assert numbers == [1, max(numbers)]
    stale = save(town, "mor", before["goals"], seen_version=before["seen_version"])
    assert stale.status_code in {200, 409}
    assert SECRET not in stale.text


def test_new_parts_from_strict_services_begin_at_the_narrowest_and_take_no_number(town):
    town.agree(town.child, "skole", "ppt", "helse", "ke")
    town.tie("helsesykepleier", "KO")
    drafted(town, [a_goal()])
    key = add(town, "helsesykepleier")
    assert not key[1:].isdigit()
    assert [one["key"] for one in draft_of(town, "laerer")["goals"]] == ["g1"]
    kept = town.one(PlanAudience)
    assert (kept.visibility, kept.key) == ("own_service", key)
    assert kept.review_on == town.today + timedelta(days=14)
    opened = choose(town, "helsesykepleier", key, "everyone")
    assert opened.status_code == 200, opened.text
    assert draft_of(town, "laerer")["goals"][-1]["key"] == key
    assert "Gjort synlig for deg" in town.browser("laerer").text(f"/barn/{town.child}/plan/utkast")
    seen = draft_of(town, "laerer")
    assert [one["key"] for one in save(town, "laerer", [*seen["goals"], a_goal()]).json["goals"]][
        -1
    ] == "g2"


def test_its_author_alone_says_whom_a_part_is_for(town, planned):
    town.tie("koordinator", "KO")
    there = f"{path(town)}/parts/{planned}/visibility"
    assert choose(town, "koordinator", planned, "everyone").status_code == 403
    assert town.api("koordinator").get(there).status_code == 403
    for who in ("mor", "far"):
        assert town.api(who).get(there).status_code == 404
        assert choose(town, who, planned, "everyone").status_code == 404
    assert choose(town, "mor", "g1", "named", named=["laerer"]).status_code == 403
    stale = town.api("laerer").post(there, {"visibility": "everyone", "seen_audience": 0})
    assert stale.status_code == 409
    refused = choose(town, "laerer", planned, "named")
    assert "named" in refused.json["error"]["fields"]
    left_out = choose(town, "laerer", "g1", "child_room")
    assert [one["code"] for one in left_out.json["error"]["obstacles"]] == ["visibility-not-own"]


def test_who_is_responsible_reads_his_measure(town):
    mine = a_measure(town, responsible="ppt")
    drafted(town, [a_goal(measures=[mine])])
    refused = choose(town, "laerer", "g1", "own_service")
    assert [one["code"] for one in refused.json["error"]["obstacles"]] == ["responsible-left-out"]
    assert town.count(PlanAudience) == 0
    key = add(town, "laerer")
    assert choose(town, "laerer", key, "own_service").status_code == 200
    goals = draft_of(town, "laerer")["goals"]
    goals[-1]["measures"][0]["responsible"] = "ppt"
    refused = save(town, "laerer", goals)
    assert "goals.1.measures.0.responsible" in refused.json["error"]["fields"]
    goals[0]["measures"].append(goals[-1]["measures"].pop())
    goals[0]["measures"][-1]["responsible"] = "laerer"
    refused = save(town, "laerer", goals)
    assert "goals.0.measures.1.key" in refused.json["error"]["fields"]


def test_a_hidden_measure_is_nobody_s_evaluation_and_on_no_list(town, planned):
    assert made(town, draft_of(town, "laerer")).status_code == 201
    key = draft_of(town, "laerer")["goals"][-1]["measures"][0]["key"]
    there = f"/children/{town.child}/measures/{key}/evaluations"
    said = {"date": town.today.isoformat(), "done": "yes", "effect": 3, "text": SECRET}
    said |= {"decision": "stop", "child_view": {"how": "not_obtained", "text": "Sover"}}
    assert town.api("mor").post(there, said).status_code == 404
    for who, sees in (("mor", False), ("ppt", True)):
        shown = town.browser(who).get(f"/barn/{town.child}").text
        assert (SECRET in shown) is sees, who
    assert town.api("laerer").post(there, said).status_code == 201
    log = f"/children/{town.child}/access-log"
    assert "skrev i utkastet" in town.api("mor").get(log).text
    assert "evaluerte" not in town.api("mor").get(log).text
    assert "evaluerte" in town.api("personvernombud").get(log).text


def test_narrowing_hides_the_old_versions_too_and_says_who_has_read_them(town, planned):
    assert choose(town, "laerer", planned, "everyone").status_code == 200
    assert made(town, draft_of(town, "laerer")).status_code == 201
    read = town.browser("mor").text(f"/barn/{town.child}/plan/versjoner/2")
    assert SECRET in read
    assert choose(town, "laerer", planned, "professionals").status_code == 200
    assert town.api("mor").get(f"{path(town)}/versions/2").status_code == 404
    shown = town.browser("laerer").text(f"/barn/{town.child}/plan/utkast/del/{planned}/hvem-ser")
    assert "Disse har alt sett det" in shown
    assert "Mor Demo" in shown
    assert choose(town, "laerer", planned, "everyone").status_code == 200
    assert SECRET in town.api("mor").get(f"{path(town)}/versions/2").text


def test_a_version_that_was_made_while_it_was_narrow_stays_so(town, planned):
    assert made(town, draft_of(town, "laerer")).status_code == 201
    assert choose(town, "laerer", planned, "everyone").status_code == 200
    assert [
        one["number"] for one in town.api("mor").get(f"{path(town)}/versions").json["items"]
    ] == [1]
    assert made(town, draft_of(town, "laerer")).json["number"] == 3
    (new, _) = _versions(town, "mor")
    assert new["number"] == 2
    assert SECRET in town.api("mor").get(f"{path(town)}/versions/2").text
    assert town.api("mor").get(f"{path(town)}/diff?from=1&to=2").json["added"][0]["text"] == SECRET


def test_each_guardian_answers_what_is_new_for_him(town):
    child = an_ip_child(town)
    guardians = town.api("koordinator").get(f"/children/{child}/guardians").json["items"]
    far = next(one["id"] for one in guardians if one["name"] == "Far Demo")
    draft = drafted(town, who="koordinator", child=child, **whole(town))
    assert made(town, draft, "koordinator", child).status_code == 201
    answer = approved(town, child)
    assert answer.json["state"] == "in_force"
    key = add(town, "koordinator", child)
    hidden = {"hidden_from": [far], "hidden_reason": "no_right"}
    assert choose(town, "koordinator", key, "everyone", child, **hidden).status_code == 200
    waits = made(town, draft_of(town, "koordinator", child), "koordinator", child).json
    assert (waits["number"], waits["state"]) == (2, "for_approval")
    assert "godkjenn" not in town.browser("far").text("/familie").lower()
    there = f"{path(town, child)}/versions/2/approvals"
    assert town.api("far").post(there, {"answer": "approve"}).status_code == 404
    assert "Dette er et forslag" not in town.browser("far").text(f"/barn/{child}/plan")
    assert "Dette er et forslag" in town.browser("mor").text(f"/barn/{child}/plan")
    assert town.api("mor").post(there, {"answer": "approve"}).json["state"] == "in_force"
    assert [one["number"] for one in _versions(town, "far", child)] == [1]
    # What is new for neither holds at once; what is new for both needs both.
    answer = choose(town, "koordinator", key, "professionals", child, **hidden)
    assert answer.status_code == 200
    goals = draft_of(town, "koordinator", child)["goals"]
    goals[-1]["text"] = f"{SECRET}, endret"
    draft = save(town, "koordinator", goals, child).json
    assert made(town, draft, "koordinator", child).json["state"] == "in_force"
    draft = save(town, "koordinator", goals, child, about_me="Jeg er meg").json
    number = made(town, draft, "koordinator", child).json["number"]
    assert [one["state"] for one in _versions(town, "far", child)] == ["for_approval", "in_force"]
    assert town.api("far").post(there, {"answer": "approve"}).json["state"] == "for_approval"
    mine = _versions(town, "mor", child)[0]["number"]
    there = f"{path(town, child)}/versions/{mine}/approvals"
    assert town.api("mor").post(there, {"answer": "approve"}).json["state"] == "in_force"
    assert number == 4


def _versions(town, who, child=None):
    return town.api(who).get(f"{path(town, child)}/versions").json["items"]


def test_the_law_is_asked_of_the_whole_plan_by_who_sees_it(town):
    child = an_ip_child(town)
    told = {**whole(town), "needs": "", "texts": [{"section": "needs", "text": SECRET}]}
    draft = drafted(town, who="koordinator", child=child, **told)
    (text,) = draft["texts"]
    assert choose(town, "koordinator", text["key"], "professionals", child).status_code == 200
    answer = made(town, draft_of(town, "koordinator", child), "koordinator", child)
    assert answer.status_code == 201, answer.text
    assert SECRET not in town.api("mor").get(f"{path(town, child)}/versions/1").text


def test_edits_by_people_with_different_sight_keep_what_they_do_not_see(town):
    """The stored draft has every part that its author did not take away, whoever saved last."""
    town.agree(town.child, "skole", "ppt", "helse", "ke")
    town.tie("helsesykepleier", "KO")
    town.tie("koordinator", "KO")
    people = ("laerer", "koordinator", "helsesykepleier")
    drafted(town, [a_goal(), a_goal(measures=[a_measure(town)])])
    dice, mine = random.Random(3), {who: [] for who in people}
    for turn in range(18):
        who = dice.choice(people)
        seen = draft_of(town, who)
        goals = seen["goals"]
        if turn % 3 == 0:
            key = add(town, who, area="laering")
            assert choose(town, who, key, "own_service").status_code == 200
            mine[who].append(key)
            continue
        for goal in goals:
            if goal["key"] not in mine[who] and dice.random() < 0.4:
                goal["text"] = f"Endret {turn}"
        dice.shuffle(goals)
        if dice.random() < 0.5:
            goals.insert(0, a_goal(text=f"Nytt {turn}"))
        if len(goals) > 4:
            goals = [one for one in goals if one.get("key") in mine[who] or dice.random() < 0.7]
        answer = save(town, who, goals)
        assert answer.status_code == 200, answer.text
        assert [one["text"] for one in answer.json["goals"]] == [one["text"] for one in goals]
        stored = {one["key"]: one for one in town.one(Plan).draft["goals"]}
        for key in (key for keys in mine.values() for key in keys):
            assert stored[key]["text"] == stored[key]["measures"][0]["what"] == SECRET
    assert sum(map(len, mine.values())) == 6


def test_a_goal_that_stays_for_others_is_not_said_to_be_taken_out(town):
    town.agree(town.child, "skole", "ppt", "ke")
    town.tie("koordinator", "KO")
    first, other = drafted(town, [a_goal(measures=[a_measure(town)]), a_goal()])["goals"]
    assert choose(town, "laerer", first["measures"][0]["key"], "own_service").status_code == 200
    with town.later(minutes=1):
        assert save(town, "koordinator", []).status_code == 200
    assert [one["key"] for one in draft_of(town, "laerer")["goals"]] == [first["key"]]
    newest = town.api("laerer").get(f"{path(town)}/draft/changes").json["items"][0]
    assert newest["by"] == "koordinator"
    assert newest["removed"] == [f"goals/{other['key']}"]


def test_a_part_is_written_and_its_readers_chosen_on_pages(town):
    browser, there = town.browser("laerer"), f"/barn/{town.child}/plan/utkast"
    shown = browser.text(f"{there}/mal")
    assert "Hvem skal se det?" in shown
    assert "Dette ser:" in shown
    sent = {"seen_version": "0", "text": SECRET, "whose": "services", "visibility": "named"}
    refused = browser.send(f"{there}/mal", sent)
    assert refused.status_code == 422
    assert SECRET in refused.text
    assert browser.send(f"{there}/mal", {**sent, "named": ["ppt"]}).status_code == 303
    key = draft_of(town, "ppt")["goals"][0]["key"]
    assert draft_of(town, "mor")["goals"] == []
    added = {"section": "needs", "text": "Bare for oss", "visibility": "professionals"}
    version = str(draft_of(town, "laerer")["seen_version"])
    assert browser.send(f"{there}/tillegg", {"seen_version": version, **added}).status_code == 303
    (text,) = draft_of(town, "laerer")["texts"]
    shown = browser.text(there)
    assert "Bare for oss" in shown
    assert re.search(r"Bare du og Ppt Demo ser dette", shown)
    changed = {"section": "needs", "text": "Bare for oss to"}
    version = str(draft_of(town, "laerer")["seen_version"])
    one = f"{there}/tillegg/{text['key']}"
    assert browser.get(one).status_code == 200
    assert browser.send(one, {"seen_version": version, **changed}).status_code == 303
    assert town.browser("mor").get(one).status_code == 404
    page = f"{there}/del/{key}/hvem-ser"
    assert "Velg på nytt" in browser.text(page)
    wish = {"visibility": "everyone", "seen_audience": "1"}
    assert browser.send(page, wish).status_code == 303
    assert draft_of(town, "mor")["goals"][0]["text"] == SECRET
    assert browser.send(page, wish).status_code == 409
    version = str(draft_of(town, "laerer")["seen_version"])
    assert browser.send(f"{one}/bort", {"seen_version": version}).status_code == 303
    assert draft_of(town, "laerer")["texts"] == []


def test_its_author_is_asked_to_look_again(town, planned):
    for days, who, expected in ((89, "laerer", []), (90, "laerer", [planned]), (90, "ppt", [])):
        with town.work(who, town.in_days(days)) as work:
            assert [one.key for one in waiting.to_review(work)] == expected


def test_a_new_version_takes_the_place_of_one_that_its_maker_does_not_see(town):
    child = an_ip_child(town)
    town.tie("ke.saksbehandler", "KE", child)
    town.agree(child, "skole", "ke", "bup", purpose="plan")
    draft = drafted(town, who="koordinator", child=child, **whole(town))
    assert made(town, draft, "koordinator", child).status_code == 201
    approved(town, child)
    key = add(town, "koordinator", child)
    answer = choose(town, "koordinator", key, "named", child, named=["mor"])
    assert answer.status_code == 200, answer.text
    answer = made(town, draft_of(town, "koordinator", child), "koordinator", child)
    assert answer.json["state"] == "for_approval"
    goals = draft_of(town, "ke.saksbehandler", child)["goals"]
    draft = save(town, "ke.saksbehandler", goals, child, about_me="Jeg er meg").json
    answer = made(town, draft, "ke.saksbehandler", child)
    assert (answer.status_code, answer.json["number"]) == (201, 2)
    states = [one["state"] for one in _versions(town, "koordinator", child)]
    assert states == ["for_approval", "rejected", "in_force"]


def test_an_external_person_sees_no_more_than_his_tie_lets_him(town, planned):
    town.agree(town.child, "skole", "ppt", "bup", "ke")
    with town.work("laerer") as work:
        until = town.today + timedelta(days=30)
        membership.invite(work, town.child, membership.Invite("bup", writes=False, until=until))
    assert town.browser("bup").get(f"/barn/{town.child}/plan").status_code == 200
    assert choose(town, "laerer", planned, "named", named=["bup"]).status_code == 200
    assert made(town, draft_of(town, "laerer")).status_code == 201
    assert SECRET in town.browser("bup").text(f"/barn/{town.child}/plan")
    assert town.api("ppt").get(f"{path(town)}/versions/2").status_code == 404
