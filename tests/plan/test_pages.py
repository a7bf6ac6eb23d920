"""The pages of a plan: reading, the draft's forms, a lost race, versions, answers, evaluations."""

import re
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from docx import Document
from sqlalchemy import insert

from exports.house import BETWEEN
from stafett.access.policy import Action
from stafett.audit.models import TrailRow
from stafett.dates import full_day
from stafett.plan.models import Evaluation, Plan
from tests.plan.scene import (
    a_goal,
    a_measure,
    an_ip_child,
    approved,
    drafted,
    made,
    on_page,
    path,
    submitted,
)

HOSTILE = "Jeg «vil»\r\n\r\n<script>alert(1)</script> عربي 🙂 {{ 7*7 }} & mer"
KEPT = HOSTILE.replace("\r\n", "\n")


def home(town, child=None):
    return f"/barn/{child or town.child}/plan"


def on(town, days=30):
    return (town.today + timedelta(days=days)).isoformat()


def the_draft(town, child=None):
    return town.api("laerer").get(f"{path(town, child)}/draft").json


def at(town, child=None, who="laerer"):
    """The version of the draft that somebody's form would carry."""
    return str(town.api(who).get(f"{path(town, child)}/draft").json["seen_version"])


def test_an_empty_plan_says_what_to_do_first(town):
    assert "Begynn på planen" in town.browser("laerer").text(home(town))
    assert "Skriv et mål" in town.browser("mor").text(home(town))
    assert town.browser("nyansatt").get(home(town)).status_code == 404
    assert town.count(Plan) == 0


def test_there_is_no_plan_without_a_log(town):
    child, *_ = town.family("Tom Demo")
    there = home(town, child)
    assert "når stafettloggen er åpnet" in town.browser("mor").text(there)
    sent = {"seen_version": "0", "text": "Vi vil sove", "whose": "parents"}
    refused = town.browser("mor").send(f"{there}/utkast/mal", sent)
    assert refused.status_code == 422
    assert "Vi vil sove" in refused.text
    assert town.count(Plan) == 0


@pytest.mark.parametrize("part", ["deltakere", "samarbeid"])
def test_no_two_rows_of_a_form_are_called_the_same(town, part):
    page = town.browser("laerer").get(f"{home(town)}/utkast/{part}").text
    called = re.findall(r"<legend[^>]*>([^<]*)</legend>", page)
    assert len(called) >= 2
    assert sorted(set(called)) == sorted(called)


def test_a_name_with_quotes_of_its_own_gets_no_more(town):
    quoted = a_measure(town, what="«Sånn er det å være meg»")
    drafted(town, [a_goal(measures=[quoted, a_measure(town)])])
    page = town.browser("laerer").text(f"{home(town)}/utkast/endringer")
    assert "«Høytlesing»" in page
    assert "«Sånn er det å være meg»" in page
    assert "««" not in page


def test_the_history_of_the_draft_says_what_was_added_moved_and_taken_out(town):
    measured = a_goal(measures=[a_measure(town)], subgoals=[{"text": "En side"}])
    draft = drafted(town, [measured, a_goal(text="Jeg vil sove", status="reached")])
    assert made(town, draft).status_code == 201
    browser, there = town.browser("laerer"), f"{home(town)}/utkast/endringer"
    page = browser.text(there).replace(" :", ":")
    assert "Mål «Jeg vil lese»: lagt til og delmål lagt til" in page
    assert "Tiltak «Høytlesing»: lagt til" in page
    with town.later(minutes=1):
        goal = the_draft(town)["goals"][0]
        other = a_goal(text="Jeg vil løpe", measures=goal["measures"])
        drafted(town, [{**goal, "text": "Jeg vil lese selv", "measures": []}, other])
        page = browser.text(there).replace(" :", ":").split("Før den første versjonen")[0]
    for said in (
        *("Mål «Jeg vil løpe»: lagt til", "Mål «Jeg vil sove»: tatt ut"),
        *("Tiltak «Høytlesing»: flyttet", "Mål «Jeg vil lese selv»: mål"),
    ):
        assert said in page
    told = town.api("laerer").get(f"{path(town)}/draft/changes").json["items"]
    counts = [[len(one[kind]) for kind in ("added", "removed", "moved")] for one in told]
    assert counts == [[1, 1, 1], [4, 0, 0]]


def test_of_a_save_from_before_nothing_is_said_that_is_not_kept(town):
    drafted(town)
    with town.database.writing() as session:
        row = {"fields": ["goals/g1"]}
        kept = {"at": town.now, "actor_id": town.users["laerer"], "child_id": town.child}
        kept |= {"object_id": uuid4(), "action": Action.PLAN_EDIT_TILTAKSPLAN, "changes": row}
        session.execute(insert(TrailRow), kept)
    items = town.api("laerer").get(f"{path(town)}/draft/changes").json["items"]
    assert sorted(len(one["added"]) for one in items) == [0, 2]


def test_a_plan_is_written_one_part_at_a_time(town):
    browser, there = town.browser("laerer"), f"{home(town)}/utkast"
    for part in ("", "/tekst", "/deltakere", "/samarbeid", "/mal"):
        assert browser.get(there + part).status_code == 200
    goal = {
        "text": HOSTILE,
        "whose": "child",
        "area": "laering",
        "subgoals.0.text": "Første steg",
        "subgoals.1.text": "",
        "subgoals.2.text": "Andre steg",
    }
    made_one = browser.send(f"{there}/mal", {"seen_version": "0", **goal})
    assert made_one.status_code == 303
    assert made_one.headers["Location"].endswith("/plan/utkast#mal-g1")
    measure = {"what": "Høytlesing", "responsible": "ppt", "evaluate_on": on(town)}
    assert browser.get(f"{there}/mal/g1/tiltak").status_code == 200
    sent = {"seen_version": at(town), **measure, "goal_keys": ["d2", "d3"]}
    assert browser.send(f"{there}/mal/g1/tiltak", sent).status_code == 303
    texts = {"seen_version": at(town), "about_me": HOSTILE, "period_from": "2026-08-01"}
    assert browser.send(f"{there}/tekst", texts).status_code == 303
    rows = {
        "participants.0.name": "Mor",
        "participants.0.username": "mor",
        "participants.0.contribution": HOSTILE,
        "participants.1.name": "",
        "participants.1.username": "",
        "participants.2.name": "Bestefar",
    }
    assert browser.send(f"{there}/deltakere", {"seen_version": at(town), **rows}).status_code == 303
    rows = {"cooperation.0.agency": "NAV", "cooperation.0.status": "", "cooperation.1.agency": ""}
    assert browser.send(f"{there}/samarbeid", {"seen_version": at(town), **rows}).status_code == 303
    draft = the_draft(town)
    (goal,) = draft["goals"]
    assert goal["text"] == draft["about_me"] == draft["participants"][0]["contribution"] == KEPT
    assert [one["text"] for one in goal["subgoals"]] == ["Første steg", "Andre steg"]
    assert goal["measures"][0]["goal_keys"] == ["d2", "d3"]
    assert goal["measures"][0]["service_id"] == str(town.services["ppt"])
    assert [one["name"] for one in draft["participants"]] == ["Mor", "Bestefar"]
    assert draft["cooperation"] == [{"agency": "NAV", "purpose": "", "status": "wanted"}]
    shown = browser.get(there).text
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert browser.get(f"{there}/tiltak/m4").status_code == 200


def test_a_goal_that_was_written_with_quotation_marks_gets_no_others(town):
    goals = [
        a_goal(text=text, whose="child", measures=[a_measure(town, what=f"Til {text}")])
        for text in ("«Jeg vil lese»", "Jeg vil hoppe")
    ]
    draft = drafted(town, goals)
    made(town, draft)
    keys = [goal["key"] for goal in draft["goals"]]
    pages = [home(town), f"{home(town)}/utkast"]
    pages += [f"{home(town)}/utkast/mal/{key}/tiltak" for key in keys]
    pages += [f"{home(town)}/kommentarer/{key}" for key in keys]
    shown = "".join(town.browser("laerer").get(page).text for page in pages)
    assert "««" not in shown
    assert "»»" not in shown
    assert '«<span dir="auto">«' not in shown
    assert shown.count("«Jeg vil lese»") >= len(pages) - 2
    assert "«Jeg vil hoppe»" in shown


def test_who_has_an_account_is_offered_once_also_when_the_plan_names_him_without_it(town):
    mother = {"name": "Mor Demo", "role": "mor", "contribution": "Leser"}
    other = {"name": "Mor Demo", "role": "tante", "contribution": "Henter"}
    drafted(town, [a_goal(text="Mål")], participants=[mother, other])
    browser, there = town.browser("laerer"), f"{home(town)}/utkast/mal/g1/tiltak"
    for form in (there, f"/barn/{town.child}/stafettlogg/nytt-mal"):
        shown = browser.get(form).text
        assert '<option value="mor">' in shown, form
        assert "(tante)" in shown, form
        assert shown.count("Mor Demo (mor)</option>") == shown.count('<option value="mor">'), form


def test_that_no_cooperation_is_needed_is_chosen_and_said_by_somebody(town):
    drafted(town, cooperation=[{"agency": "NAV"}])
    browser, there = town.browser("laerer"), f"{home(town)}/utkast"
    none = {"seen_version": at(town), "no_cooperation": "parents"}
    row = {"cooperation.0.agency": "NAV", "cooperation.0.purpose": "Æ", "cooperation.0.status": ""}
    both = browser.send(f"{there}/samarbeid", {**none, **row})
    assert both.status_code == 422
    assert "Ta bort radene over" in both.text
    assert ">Æ</textarea>" in both.text.replace("\n", "")
    assert re.search(r'value="parents"[^>]* checked', both.text)
    gone = {**none, **row, "cooperation.0.remove": "on"}
    assert browser.send(f"{there}/samarbeid", gone).status_code == 303
    assert "Foreldrene sier at det ikke trengs samarbeid med andre nå." in browser.text(there)
    made(town, the_draft(town))
    asked = {"seen_version": at(town), "no_cooperation": "", **row}
    assert browser.send(f"{there}/samarbeid", asked).status_code == 303
    made(town, the_draft(town))
    told = " ".join(town.browser("mor").text(f"{home(town)}/sammenlign?fra=1&til=2").split())
    assert "Samarbeid med andre fjernet: Foreldrene sier" in told
    file = town.browser("mor").get(f"{home(town)}.docx?versjon=1")
    words = [one.text for one in Document(BytesIO(file.data)).paragraphs]
    assert "Foreldrene sier at det ikke trengs samarbeid med andre nå." in words


def test_what_is_emptied_is_empty_and_what_is_marked_is_taken_away(town):
    people = [{"name": "Mor", "username": "mor"}, {"name": "Far"}]
    drafted(town, [a_goal(subgoals=[{"text": "Steg"}])], about_me="Hei", participants=people)
    browser, there = town.browser("laerer"), f"{home(town)}/utkast"
    assert (
        browser.send(f"{there}/tekst", {"seen_version": at(town), "about_me": ""}).status_code
        == 303
    )
    rows = {
        "participants.0.name": "Mor",
        "participants.0.remove": "true",
        "participants.1.name": "Far",
    }
    assert browser.send(f"{there}/deltakere", {"seen_version": at(town), **rows}).status_code == 303
    goal = {"text": "Jeg vil lese", "subgoals.0.key": "d2", "subgoals.0.text": ""}
    assert browser.send(f"{there}/mal/g1", {"seen_version": at(town), **goal}).status_code == 303
    draft = the_draft(town)
    assert draft["about_me"] == ""
    assert [one["name"] for one in draft["participants"]] == ["Far"]
    assert draft["goals"][0]["subgoals"] == []


@pytest.mark.parametrize(
    ("part", "sent", "kept"),
    [
        ("mal", {"text": "", "success": "Dette skrev jeg"}, "Dette skrev jeg"),
        ("mal/g1/tiltak", {"what": "Dette skrev jeg"}, "Dette skrev jeg"),
        ("deltakere", {"participants.1.role": "Uten navn"}, "Uten navn"),
        ("tekst", {"about_me": "Dette", "period_from": "i fjor"}, "i fjor"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(town, part, sent, kept):
    drafted(town)
    browser, before = town.browser("laerer"), at(town)
    answer = browser.send(f"{home(town)}/utkast/{part}", {"seen_version": before, **sent})
    assert answer.status_code == 422
    assert kept in answer.text
    assert at(town) == before


def test_what_is_wrong_in_a_step_stands_at_that_step(town):
    steps = {"subgoals.0.text": "Fint steg", "subgoals.1.text": "x" * 2001}
    sent = {"seen_version": "0", "text": "Jeg vil lese", "whose": "child", **steps}
    shown = town.browser("laerer").send(f"{home(town)}/utkast/mal", sent)
    assert shown.status_code == 422
    assert 'href="#subgoals-1-text"' in shown.text
    assert "Delmål 2: Skriv en kortere tekst" in shown.text
    assert 'id="subgoals-1-text-feil"' in shown.text


def test_a_lost_race_shows_both_texts_and_can_be_saved_on_top(town):
    drafted(town, about_me="Slik sto det", participants=[{"name": "Far"}])
    browser, there = town.browser("koordinator"), f"{home(town)}/utkast"
    town.tie("koordinator", "KO")
    drafted(town, about_me="Slik står det nå")
    answer = browser.send(f"{there}/tekst", {"seen_version": "1", "about_me": HOSTILE})
    assert answer.status_code == 409
    assert "Slik står det nå" in answer.text
    typed = re.search(r"<textarea[^>]*id=\"about_me\"|name=\"about_me\"", answer.text)
    assert typed
    assert "&lt;script&gt;alert(1)&lt;/script&gt; عربي 🙂" in answer.text
    renewed = re.search(r'name="seen_version" value="(\d+)"', answer.text)[1]
    assert renewed == at(town)
    sent = {"seen_version": renewed, "about_me": HOSTILE}
    assert browser.send(f"{there}/tekst", sent).status_code == 303
    assert the_draft(town)["about_me"] == KEPT
    rows = browser.send(f"{there}/deltakere", {"seen_version": "1", "participants.0.name": "Tante"})
    assert rows.status_code == 409
    assert "Tante" in rows.text
    assert "Far" in rows.text


def test_a_part_that_is_gone_keeps_what_was_typed(town):
    drafted(town, [a_goal(), a_goal(measures=[a_measure(town)])])
    drafted(town, [])
    browser, there = town.browser("laerer"), f"{home(town)}/utkast"
    measure = {"what": "Mitt tiltak", "responsible": "laerer", "evaluate_on": on(town)}
    for part, sent in (
        ("mal/g1", {"text": "Mitt mål"}),
        ("mal/g1/tiltak", measure),
        ("tiltak/m3", measure),
    ):
        answer = browser.send(f"{there}/{part}", {"seen_version": "1", **sent})
        assert answer.status_code == 409
        assert next(iter(sent.values())) in answer.text
        assert browser.get(f"{there}/{part}").status_code == 404


def test_a_part_that_is_gone_is_called_what_it_is_with_all_that_was_typed(town):
    drafted(town, [a_goal(measures=[a_measure(town)]), a_goal()])
    goal = next(one for one in the_draft(town)["goals"] if one["key"] == "g1")
    drafted(town, [{**goal, "measures": []}])
    browser, there = town.browser("laerer"), f"{home(town)}/utkast"
    applied = {"application": "sent", "application_to": "Tilde", "application_on": str(town.today)}
    measure = {"what": "Mitt", "responsible": "laerer", "evaluate_on": on(town), **applied}
    for part, sent, what in (
        ("tiltak/m2", measure, "tiltaket"),
        ("mal/g3/tiltak", measure, "målet"),
        ("mal/g3", {"text": "Mitt mål"}, "målet"),
    ):
        told = browser.send(f"{there}/{part}", {"seen_version": "1", **sent}).text
        assert f"Noen har tatt {what} ut av utkastet" in told
        assert f"{what.capitalize()} er tatt bort mens du skrev" in told
        assert "det som står nå" not in told  # nothing stands
        assert "Tilde" in told or sent is not measure


def test_goals_and_measures_leave_the_draft_until_a_version_shows_them_running(town):
    drafted(town, [a_goal(measures=[a_measure(town), a_measure(town)]), a_goal()])
    browser, there = town.browser("laerer"), f"{home(town)}/utkast"
    assert browser.send(f"{there}/tiltak/m3/bort", {"seen_version": at(town)}).status_code == 303
    assert browser.send(f"{there}/mal/g4/bort", {"seen_version": "1"}).status_code == 409
    assert browser.send(f"{there}/mal/g4/bort", {"seen_version": at(town)}).status_code == 303
    draft = the_draft(town)
    assert [one["key"] for one in draft["goals"]] == ["g1"]
    assert made(town, draft).status_code == 201
    assert "/bort" not in browser.get(there).text
    assert browser.send(f"{there}/mal/g1/bort", {"seen_version": at(town)}).status_code == 422


def test_a_goal_put_away_names_the_measures_that_go_on_under_it(town):
    done = a_measure(town, what="Ferdig tiltak", status="stopped", evaluate_on=on(town, -9))
    goal = a_goal(measures=[a_measure(town, what="Går videre"), done])
    drafted(town, [goal])
    browser, there = town.browser("laerer"), f"{home(town)}/utkast"
    told = "Dette tiltaket under målet er fortsatt i gang: Går videre ."
    assert told not in browser.text(there)
    drafted(town, [{**the_draft(town)["goals"][0], "status": "ended"}])
    shown = browser.text(there)
    assert told in shown
    assert shown.count("Evalueres Avsluttet") == 1
    assert made(town, the_draft(town)).status_code == 201
    assert told not in browser.text(home(town))


def test_who_has_a_part_sees_a_way_to_that_part_only(town):
    mine = a_measure(town, responsible="ppt", what="Mitt")
    drafted(town, [a_goal(measures=[a_measure(town), mine]), a_goal(whose="parents")])
    there = f"{home(town)}/utkast"
    member = town.browser("ppt").get(there).text
    assert "/utkast/tiltak/m3" in member
    for hidden in ("/utkast/tiltak/m2", '/utkast/mal/g1"', "/utkast/tekst", "/utkast/versjon"):
        assert hidden not in member
    for part in ("tekst", "deltakere", "samarbeid", "mal", "mal/g1", "tiltak/m2"):
        assert town.browser("ppt").get(f"{there}/{part}").status_code == 403
    form = town.browser("ppt").get(f"{there}/tiltak/m3").text
    assert '<option value="ppt"' in form
    assert '<option value="mor"' not in form
    mother = town.browser("mor")
    assert "/utkast/mal/g4" in mother.get(there).text
    assert "services" not in mother.get(f"{there}/mal").text
    sent = {"seen_version": at(town), "text": "Vi vil sove", "whose": "parents"}
    assert mother.send(f"{there}/mal/g4", sent).status_code == 303
    sent = {"seen_version": at(town), "text": "Vi vil sove", "whose": "services"}
    assert mother.send(f"{there}/mal/g4", sent).status_code == 403


def test_who_may_not_read_old_versions_is_not_sent_to_compare_them(town):
    town.agree(town.child, "skole", "ppt", "bup")
    town.tie("bup", "EX")
    made(town, drafted(town))
    there = f"{home(town)}/utkast"
    assert f"{home(town)}/sammenlign" in town.browser("laerer").get(there).text
    assert "/sammenlign" not in town.browser("bup").get(there).text


def test_a_version_is_made_and_compared(town):
    drafted(town)
    browser, there = town.browser("laerer"), home(town)
    assert "Lag versjon 1" in browser.text(f"{there}/utkast")
    wish = {"seen_version": at(town), "summary": ""}
    assert browser.send(f"{there}/utkast/versjon", wish).status_code == 422
    wish = {"seen_version": "0", "summary": "Skrevet for tidlig"}
    lost = browser.send(f"{there}/utkast/versjon", wish)
    assert lost.status_code == 409
    assert "Skrevet for tidlig" in lost.text
    wish = {"seen_version": at(town), "summary": "Den første"}
    assert browser.send(f"{there}/utkast/versjon", wish).status_code == 303
    for who in ("laerer", "ppt", "mor"):
        shown = town.browser(who).text(there)
        assert "Den første" in shown
        assert "Høytlesing" in shown
    changed = {
        "seen_version": at(town),
        "what": "Høytlesing hver dag",
        "responsible": "ppt",
        "evaluate_on": on(town, 40),
    }
    assert browser.send(f"{there}/utkast/tiltak/m2", changed).status_code == 303
    told = browser.text(f"{there}/sammenlign?fra=1&til=0")
    assert "fjernet: Laerer Demo" in told
    assert "nytt: Ppt Demo" in told
    assert "Det som ikke står her, er som før" in told
    wish = {"seen_version": at(town), "summary": "Den andre"}
    assert browser.send(f"{there}/utkast/versjon", wish).status_code == 303
    assert browser.get(f"{there}/sammenlign").status_code == 200
    assert browser.get(f"{there}/versjoner/1").status_code == 200
    assert town.browser("mor").get(f"{there}/sammenlign?fra=1&til=2").status_code == 200
    for wrong in ("versjoner/3", "sammenlign?fra=1&til=9"):
        assert browser.get(f"{there}/{wrong}").status_code == 404
    assert "Utkastet er likt" in browser.text(f"{there}/utkast")


def test_a_changed_sentence_has_its_spaces_where_they_belong(town):
    goal = a_goal(text="Jeg vil lese litt.", success="Leser alene")
    first = drafted(town, [goal])
    assert made(town, first).status_code == 201
    (goal,) = first["goals"]
    drafted(town, [goal | {"text": "Jeg vil lese mye hver dag.", "success": "Leser sammen"}])
    shown = town.browser("laerer").get(f"{home(town)}/sammenlign?fra=1&til=0").text
    told = re.sub(r"<span class=.ds-sr-only.[^>]*>[^<]*</span>|</?(del|ins)[^>]*>", "", shown)
    assert "Jeg vil lese litt mye hver dag." in told
    assert "Leser alene sammen</span></p>" in told


def test_the_document_says_which_measure_a_change_is_in(town):
    """Two measures change: their rows say «Tiltak 1» and «Tiltak 2», and what of them."""
    first = drafted(town, [a_goal(measures=[a_measure(town), a_measure(town, what="Lesehest")])])
    assert made(town, first).status_code == 201
    (goal,) = first["goals"]
    changed = [one | {"scope": "To ganger i uka"} for one in goal["measures"]]
    changed[1]["what"] = "Lesehund"
    second = drafted(town, [goal | {"text": "Jeg vil lese selv", "measures": changed}])
    assert made(town, second).status_code == 201
    answer = town.browser("laerer").get(f"{home(town)}.docx")
    assert "plan-2.docx" in answer.headers["Content-Disposition"]
    rows = [row for table in Document(BytesIO(answer.data)).tables for row in table.rows]
    places = [
        row.cells[0].text for row in rows if row.cells[0].text.startswith(("Tiltak ", "Mål "))
    ]
    assert places == ["Mål 1", "Tiltak 1, omfang", "Tiltak 2", "Tiltak 2, omfang"]
    assert town.browser("nyansatt").get(f"{home(town)}.docx").status_code == 404


def test_an_individuell_plan_lists_what_is_missing_with_a_way_to_clear_it(town):
    child = an_ip_child(town)
    drafted(town, [a_goal()], "koordinator", child)
    browser = town.browser("koordinator")
    shown = browser.get(f"{home(town, child)}/utkast").text
    for said in ("Fyll ut tekst og periode", "Skriv hvem som er med", "Til mål og tiltak"):
        assert said in shown
    assert "Koordinerende enhet må oppnevne en" not in shown
    wish = {"seen_version": at(town, child, "koordinator"), "summary": "For tidlig"}
    refused = browser.send(f"{home(town, child)}/utkast/versjon", wish)
    assert refused.status_code == 422
    assert "For tidlig" in refused.text


def test_the_family_answers_at_the_end_of_the_plan(town):
    child = an_ip_child(town)
    submitted(town, child)
    there = home(town, child)
    mother = town.browser("mor")
    shown = mother.text(there)
    assert "Dette er et forslag" in shown
    assert "Gå rett til svaret" in shown
    assert "Hva svarer du?" in shown
    nothing = mother.send(f"{there}/versjoner/1/svar", {"comment": HOSTILE})
    assert nothing.status_code == 422
    assert "&lt;script&gt;" in nothing.text
    yes = {"answer": "approve", "comment": "Fint"}
    assert mother.send(f"{there}/versjoner/1/svar", yes).status_code == 303
    shown = mother.text(there)
    assert "Hva svarer du?" not in shown
    assert "Du sa ja" in shown
    assert "Venter på Far Demo" in shown
    late = mother.send(f"{there}/versjoner/1/svar", {"answer": "reject", "comment": "Likevel ikke"})
    assert late.status_code == 409
    assert "Likevel ikke" in late.text
    staff = town.browser("koordinator")
    assert "Registrer et svar på papir" in staff.text(there)
    assert town.browser("bup").get(there).status_code == 200
    father = re.search(r'name="on_behalf_of" value="([^"]+)" checked', staff.get(there).text)[1]
    paper = {
        "on_behalf_of": father,
        "answer": "reject",
        "method": "signed",
        "given_on": town.today.isoformat(),
        "comment": "Feil mål",
    }
    assert staff.send(f"{there}/versjoner/1/svar", paper).status_code == 303
    shown = staff.text(there)
    assert "Versjon 1 ble ikke godkjent" in shown
    assert "Feil mål" in shown
    assert "sa nei" in staff.text(f"{there}/versjoner/1")
    assert f"endt {on_page(town.today)}, ikke godkjent" in staff.text(f"{there}/versjoner/1")


def test_a_version_that_waits_is_answered_on_its_own_page_too(town):
    child = an_ip_child(town)
    submitted(town, child)
    there = f"{home(town, child)}/versjoner/1"
    for who, form in (("mor", "Hva svarer du?"), ("koordinator", "Registrer et svar på papir")):
        browser = town.browser(who)
        shown = browser.text(there)
        assert form in shown
        assert f'action="{there}/svar"' in browser.get(there).text
        assert ("Venter på Mor Demo" in shown) is (who == "koordinator")


def test_what_is_sent_stands_on_its_coordinator_s_worklist_until_it_is_settled(town):
    child = an_ip_child(town)
    waits = "Planen venter på svar"
    submitted(town, child)
    staff = town.browser("koordinator")
    assert waits in staff.text("/")
    assert f"{home(town, child)}#svar" in staff.get("/").text
    for who in ("laerer", "ppt", "ke.leder"):
        assert waits not in town.browser(who).text("/")
    with town.later(days=400):  # consent to the plan has run out: he may not read it any more
        assert waits not in staff.text("/")
    for who in ("mor", "far"):
        answer = {"answer": "approve"}
        there = f"{home(town, child)}/versjoner/1/svar"
        assert town.browser(who).send(there, answer).status_code == 303
    assert waits not in staff.text("/")


def test_the_coordinator_is_told_that_the_family_said_no_until_the_next_is_sent(town):
    child = an_ip_child(town)
    told = "Svaret på planen var nei. Rett utkastet, og send det på nytt"
    submitted(town, child)
    staff = town.browser("koordinator")
    assert told not in staff.text("/")
    there = f"{home(town, child)}/versjoner/1/svar"
    assert town.browser("mor").send(there, {"answer": "reject"}).status_code == 303
    shown = staff.text("/")
    assert told in shown
    assert "Planen venter på svar" not in shown
    assert f"{home(town, child)}#nei" in staff.get("/").text
    assert 'id="nei" tabindex="-1"' in staff.get(home(town, child)).text
    for who in ("laerer", "ke.leder"):
        assert told not in town.browser(who).text("/")
    submitted(town, child)
    shown = staff.text("/")
    assert told not in shown
    assert "Planen venter på svar" in shown


def test_a_no_is_nothing_to_write_anew_when_the_plan_is_ended(town):
    child = an_ip_child(town)
    submitted(town, child)
    there = home(town, child)
    mother, staff = town.browser("mor"), town.browser("koordinator")
    assert mother.send(f"{there}/versjoner/1/svar", {"answer": "reject"}).status_code == 303
    assert "Svaret på planen var nei" in staff.text("/")
    ended = mother.send(f"{there}/avslutt", {"reason": "family_wish", "words": "Ro"})
    assert ended.status_code == 303
    assert "Svaret på planen var nei" not in staff.text("/")


def test_the_coordinator_is_told_for_a_week_that_the_family_said_yes(town):
    child = an_ip_child(town)
    told = "Alle har sagt ja: planen gjelder nå"
    submitted(town, child)

    def items(who="koordinator"):
        return [one for one in town.api(who).get("/worklist").json["items"] if one["title"] == told]

    assert items() == []
    approved(town, child)
    (one,) = items()
    assert (one["child_id"], one["due_on"], one["href"]) == (str(child), None, home(town, child))
    shown = town.browser("koordinator").text("/")
    assert "Se planen : Alle har sagt ja: planen gjelder nå, Ida Demo" in shown
    assert "Planen venter på svar" not in shown
    for who in ("laerer", "ke.leder", "mor", "bup"):
        assert items(who) == [], who
    for days, count in ((6, 1), (8, 0)):
        with town.later(days=days):
            assert len(items()) == count, days


def test_a_yes_is_told_until_the_next_is_sent_or_the_plan_is_ended(town):
    child = an_ip_child(town)
    told = "Alle har sagt ja"
    submitted(town, child)
    approved(town, child)
    staff = town.browser("koordinator")
    assert told in staff.text("/")
    stands = town.api("koordinator").get(f"{path(town, child)}/draft").json["goals"]
    again = drafted(town, stands, "koordinator", child, needs="Mer ro")
    assert made(town, again, "koordinator", child).status_code == 201
    assert told not in staff.text("/")
    approved(town, child, 2)
    assert told in staff.text("/")
    words = {"reason": "family_wish", "words": "Ro"}
    assert town.browser("mor").send(f"{home(town, child)}/avslutt", words).status_code == 303
    assert told not in staff.text("/")


def test_a_yes_that_the_coordinator_wrote_in_himself_is_no_news(town):
    child = an_ip_child(town)
    submitted(town, child)
    there = f"{path(town, child)}/versions/1/approvals"
    assert town.api("mor").post(there, {"answer": "approve"}).status_code == 200
    guardians = town.api("koordinator").get(f"/children/{child}/guardians").json["items"]
    (father,) = [one["id"] for one in guardians if one["username"] == "far"]
    paper = {"on_behalf_of": father, "method": "signed", "given_on": town.today.isoformat()}
    answer = town.api("koordinator").post(there, {"answer": "approve", **paper})
    assert answer.status_code == 200, answer.text
    assert "Alle har sagt ja" not in town.browser("koordinator").text("/")


def test_the_holder_is_told_that_the_plan_is_for_the_group(town):
    child = an_ip_child(town)
    submitted(town, child)
    shown = town.browser("laerer").text(home(town, child))
    assert "bare for familien, koordinatoren og ansvarsgruppa" in shown
    assert "Høytlesing" not in shown
    assert town.browser("laerer").get(f"{home(town, child)}/versjoner/1").status_code == 404


def test_a_measure_is_evaluated_from_its_plan(town):
    made(town, drafted(town))
    browser, there = town.browser("laerer"), home(town)
    form = f"{there}/tiltak/m2/evaluer"
    assert form in browser.get(there).text
    assert form not in town.browser("ppt").get(there).text
    said = {
        "date": town.today.isoformat(),
        "done": "partly",
        "effect": "4",
        "child_view.how": "meeting",
        "child_view.text": "Det er gøy",
        "text": HOSTILE,
        "decision": "continue",
    }
    refused = browser.send(form, said)
    assert refused.status_code == 422
    assert "Det er gøy" in refused.text
    assert "&lt;script&gt;" in refused.text
    done = browser.send(form, {**said, "next_due_on": on(town, 60)})
    assert done.status_code == 303
    assert done.headers["Location"].endswith("/plan#tiltak-m2")
    assert town.one(Evaluation).text == KEPT
    assert "«Det er gøy»" in browser.text(there)
    assert "Slik gikk det før" in browser.text(form)
    quoted = {**said, "child_view.text": "«Nå går det»", "next_due_on": on(town, 60)}
    assert browser.send(form, quoted).status_code == 303
    shown = browser.text(there)
    assert "«Nå går det»" in shown
    assert "««" not in shown


def test_a_late_measure_says_so_in_words(town):
    made(town, drafted(town, [a_goal(measures=[a_measure(town, evaluate_on=on(town, 3))])]))
    with town.later(days=6):
        assert re.search(r"Evaluering \d dager forsinket", town.browser("mor").text(home(town)))


def test_two_people_in_different_parts_never_collide(town):
    draft = drafted(town, [a_goal(measures=[a_measure(town)]), a_goal()], about_me="Før")
    (first, second), version = draft["goals"], str(draft["seen_version"])
    browser, there = town.browser("laerer"), f"{home(town)}/utkast"
    parts = {
        "tekst": {"about_me": "Nå"},
        f"mal/{first['key']}": {"text": "Første"},
        f"mal/{second['key']}": {"text": "Andre"},
        f"tiltak/{first['measures'][0]['key']}": a_measure(town, what="Nytt"),
        "deltakere": {"participants.0.name": "Far"},
        "mal": {"text": "Tredje"},
    }
    opened = {}
    for part in parts:
        html = browser.get(f"{there}/{part}").text
        opened[part] = dict(re.findall(r'name="(seen[._a-z]*)" value="(\d+)"', html))
        assert opened[part]["seen_version"] == version
    for part, sent in parts.items():  # all were opened before any was saved
        assert browser.send(f"{there}/{part}", {**opened[part], **sent}).status_code == 303, part
    now = the_draft(town)
    assert [one["text"] for one in now["goals"]] == ["Første", "Andre", "Tredje"]
    assert (now["about_me"], now["participants"][0]["name"]) == ("Nå", "Far")
    assert now["goals"][0]["measures"][0]["what"] == "Nytt"
    for part in ("tekst", f"mal/{first['key']}", "deltakere"):
        changed = {name: f"{text}!" for name, text in parts[part].items()}
        again = browser.send(f"{there}/{part}", {**opened[part], **changed})
        assert again.status_code == 409, part
        for choice in ("Lagre det som står i skjemaet", "Behold det som står nå", "begge deler"):
            assert choice in again.text


def test_what_a_measure_needs_is_said_on_page_paper_and_wire_and_compared(town):
    (one,) = drafted(town)["goals"]
    made(town, the_draft(town))
    browser, there = town.browser("laerer"), f"{home(town)}/utkast/tiltak/m2"
    sent = {**one["measures"][0], "goal_keys": "", "service_id": "", "seen_version": at(town)}
    sent = {name: value or "" for name, value in sent.items() if name not in {"key", "service_id"}}
    half = browser.send(there, {**sent, "application": "sent", "application_to": "NAV Æ"})
    assert half.status_code == 422
    assert "Skriv datoen." in half.text
    assert 'value="NAV Æ"' in half.text
    day = on(town, -1)
    asked = {"application": "sent", "application_to": "NAV Æ", "application_on": day}
    assert browser.send(there, {**sent, **asked}).status_code == 303
    made(town, the_draft(town))
    granted = {"application": "decided", "application_ref": "2026/7", "application_on": day}
    again = {**sent, **granted, "seen_version": at(town)}
    assert browser.send(there, again).status_code == 303
    assert made(town, the_draft(town)).status_code == 201
    decided = town.today - timedelta(days=1)
    plain = " ".join(town.browser("mor").text(home(town)).split())
    assert f"Vedtak 2026/7, {on_page(decided)}" in plain
    first = town.browser("mor").text(f"{home(town)}/sammenlign?fra=1&til=2")
    assert "Vedtak eller søknad: nytt: Søkt" in " ".join(first.split())
    second = " ".join(town.browser("mor").text(f"{home(town)}/sammenlign?fra=2&til=3").split())
    assert "Vedtak eller søknad: fjernet: Søkt nytt: Vedtak" in second
    for edition in ("full", "mote"):
        file = town.browser("mor").get(f"{home(town)}.docx?utgave={edition}")
        rows = [row for table in Document(BytesIO(file.data)).tables for row in table.rows]
        texts = {cell.text for row in rows for cell in row.cells}
        assert any(f"Vedtak: 2026/7, {full_day(decided)}" in text for text in texts), edition
        assert ({"2026/7", f"Vedtak {full_day(decided)}"} <= texts) is (edition == "full")
    whole = town.api("mor").get(f"{path(town)}/versions/3").json["content"]
    assert whole["goals"][0]["measures"][0].items() >= granted.items()
    care = town.api("mor").get(f"{path(town)}/versions/3/fhir").json["entry"]
    (plan,) = [one["resource"] for one in care if one["resource"]["resourceType"] == "CarePlan"]
    assert plan["activity"][0]["progress"] == [
        {"time": day, "text": f"Vedtak: 2026/7, {full_day(decided)}"}
    ]


def test_a_measure_for_several_steps_stands_once_and_is_referred_to_by_each(town):
    steps = [{"key": f"new:{n}", "text": f"Steg {n}"} for n in (1, 2, 3)]
    one = a_measure(town, goal_keys=["new:1", "new:3"])
    before = drafted(town, [a_goal(subgoals=steps)])
    made(town, before)
    goal = before["goals"][0]
    keys = [step["key"] for step in goal["subgoals"]]
    goal["measures"] = [{**one, "goal_keys": [keys[0], keys[2]]}]
    made(town, drafted(town, [goal]))
    shown = town.browser("mor").get(home(town)).text
    (body,) = re.findall(r'<ul class="st-goal__sub">(.*?)</ul>', shown, re.DOTALL)
    served = ["#tiltak-" in step for step in body.split("</li>")[:-1]]
    assert served == [True, False, True]
    assert shown.count('<h4 class="st-measure__what"') == 1
    assert re.search(r"<dt>Til</dt><dd[^>]*>Steg 1, Steg 3</dd>", shown)
    told = town.browser("mor").text(f"{home(town)}/sammenlign?fra=1&til=2")
    assert "Delmål: Steg 1, Steg 3" in told
    for edition, texts in {
        "full": {"Delmål 1.1\tSteg 1  (tiltak 1)", "Delmål 1.2\tSteg 2", "1.1, 1.3"},
        "mote": {f"Til: Steg 1{BETWEEN}Steg 3"},
        "barn": set(),
    }.items():
        file = town.browser("mor").get(f"{home(town)}.docx?utgave={edition}")
        document = Document(BytesIO(file.data))
        cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
        every = [one.text for cell in cells for one in cell.paragraphs]
        every += [one.text for one in document.paragraphs]
        assert texts <= set(every), edition
        named = [text for text in every if text.split(BETWEEN)[0] == "Høytlesing"]
        assert len(named) == 1, edition


def test_the_child_itself_is_asked_for_its_own_wish_and_words(town):
    drafted(town)
    town.tie("ungdom", "C16")
    form, quick = f"{home(town)}/utkast/mal", f"/barn/{town.child}/stafettlogg/nytt-mal"
    for page in (form, quick):
        own, teachers = town.browser("ungdom").text(page), town.browser("laerer").text(page)
        assert re.search(r"Mitt eget\s+Skriv det med dine egne ord\.", own), page
        assert "Nora" not in own.partition("Hva er målet?")[2].partition("Hva handler")[0], page
        assert re.search(r"Nora sitt eget\s+Skriv det med Noras egne ord\.", teachers), page
    assert "Et mål sier hva du får til" in town.browser("ungdom").text(form)


def test_a_new_measure_is_looked_at_from_today_on_and_an_old_one_when_it_was(town):
    was, there = on(town, 0), f"/barn/{town.child}/plan/utkast"
    drafted(town, [a_goal(measures=[a_measure(town, evaluate_on=was)])])
    with town.later(days=9):
        browser = town.browser("laerer")
        new, old = (browser.get(f"{there}/{part}").text for part in ("mal/g1/tiltak", "tiltak/m2"))
        wanted = f'min="{on(town, 9)}"'
        assert wanted in new
        assert wanted not in old
        assert f'value="{was}"' in old
        sent = a_measure(town, what="Sang", evaluate_on=was)
        first, second = (
            dict(re.findall(r'name="(seen[._a-z]*)" value="(\w+)"', page)) | sent
            for page in (new, old)
        )
        refused = browser.send(f"{there}/mal/g1/tiltak", first)
        assert refused.status_code == 422
        assert "Datoen er passert. Velg i dag eller en senere dag." in refused.text
        assert "Sang" in refused.text
        assert browser.send(f"{there}/tiltak/m2", second).status_code == 303
