"""One section of the draft alone: what two write in different ones never stands in the way."""

import re

import pytest

from stafett.plan.rules import EMPTY, SECTION_FIELDS
from tests.plan.scene import a_goal, a_measure, drafted, path

NEW = {
    "period": {
        "period_from": "2026-08-01",
        "period_until": None,
        "next_revision_on": None,
        "next_meeting_on": "2026-12-01",
    },
    "participants": {"participants": [{"name": "Far"}]},
    "goals": {"goals": [{**a_goal(), "key": "new:1"}]},
    "cooperation": {"cooperation": [{"agency": "NAV"}]},
    "texts": {"texts": [{"section": "needs", "text": "Et tillegg"}]},
}


def place(town, name):
    return f"{path(town)}/draft/sections/{name}"


def opened(town, at="/tekst"):
    """Everything that the form of the texts would send, as it stands."""
    html = town.browser("laerer").get(f"/barn/{town.child}/plan/utkast{at}").text
    seen = dict(re.findall(r'name="(seen[._a-z]*)" value="(\d+)"', html))
    texts = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n([^<]*)</textarea>', html)
    return {**seen, **dict(texts)}


def test_the_sections_are_the_whole_draft():
    assert {field for fields in SECTION_FIELDS.values() for field in fields} == {*EMPTY}


@pytest.mark.parametrize("name", SECTION_FIELDS)
def test_a_section_has_a_number_of_its_own_and_goes_in_as_it_came_out(town, name):
    drafted(town, [a_goal(measures=[a_measure(town)])], about_me="Hei", needs="Ro")
    api, others = town.api("laerer"), [one for one in SECTION_FIELDS if one != name]
    before = {one: api.get(place(town, one)).json for one in SECTION_FIELDS}
    assert set(before[name]) == {"seen_version", *SECTION_FIELDS[name]}
    for other in others:  # somebody saves each of the others
        new = NEW.get(other, {other: "Nytt"})
        sent = {"seen_version": before[other]["seen_version"], **new}
        if other == "goals":  # what a version has not shown may leave
            sent["goals"] = [*before["goals"]["goals"], *new["goals"]]
        assert api.patch(place(town, other), sent).status_code == 200, other
    assert api.get(place(town, name)).json == before[name]
    again = api.patch(place(town, name), before[name])
    assert (again.status_code, again.json) == (200, before[name])


def test_the_same_section_collides_and_says_what_stands(town):
    drafted(town, about_me="Før")
    api = town.api("laerer")
    seen = api.get(place(town, "about_me")).json["seen_version"]
    first = api.patch(place(town, "about_me"), {"seen_version": seen, "about_me": "Nå"})
    lost = api.patch(place(town, "about_me"), {"seen_version": seen, "about_me": "Ny"})
    assert (first.status_code, lost.status_code) == (200, 409)
    assert lost.json["error"]["current"] == first.json
    assert api.get(f"{path(town)}/draft").json["about_me"] == "Nå"


def test_what_is_no_section_or_not_of_it_is_said(town):
    drafted(town)
    api = town.api("laerer")
    assert api.get(place(town, "draft")).status_code == 404
    stray = {"seen_version": 0, "needs": "Ro", "about_me": "Hei"}
    refused = api.patch(place(town, "needs"), stray)
    assert refused.status_code == 422
    assert [*refused.json["error"]["fields"]] == ["about_me"]
    bad = {"seen_version": 0, "goals": [{"text": "", "key": "new:1"}]}
    refused = api.patch(place(town, "goals"), bad)
    assert [*refused.json["error"]["fields"]] == ["goals.0.text"]
    bad["goals"] = [a_goal(key="new:1", measures=[a_measure(town, responsible="ingen")])]
    seen = api.get(place(town, "goals")).json
    bad = {"seen_version": seen["seen_version"], "goals": [*seen["goals"], *bad["goals"]]}
    refused = api.patch(place(town, "goals"), bad)
    assert [*refused.json["error"]["fields"]] == ["goals.1.measures.0.responsible"]


def test_a_section_is_changed_only_by_who_may(town):
    draft = drafted(town, [a_goal(measures=[a_measure(town, responsible="ppt")])])
    api, (goal,) = town.api("ppt"), draft["goals"]
    refused = api.patch(place(town, "needs"), {"seen_version": 0, "needs": "Ro"})
    assert refused.status_code == 403
    goal["measures"][0]["how"] = "Hver dag"
    sent = {"seen_version": api.get(place(town, "goals")).json["seen_version"], "goals": [goal]}
    assert api.patch(place(town, "goals"), sent).status_code == 200


def test_two_forms_of_the_texts_collide_only_where_both_have_written(town):
    drafted(town, about_me="Om meg", needs="Ro", background="Før")
    browser, there = town.browser("laerer"), f"/barn/{town.child}/plan/utkast/tekst"
    mine, theirs = opened(town), opened(town)
    sent = {**theirs, "about_me": "Hun skrev", "needs": "Hun også"}
    assert browser.send(there, sent).status_code == 303
    assert browser.send(there, {**mine, "background": "Jeg skrev"}).status_code == 303
    now = town.api("laerer").get(f"{path(town)}/draft").json
    assert [now[one] for one in ("about_me", "needs", "background")] == [
        *("Hun skrev", "Hun også", "Jeg skrev")
    ]
    lost = browser.send(there, {**mine, "needs": "Jeg også"})
    assert lost.status_code == 409
    shown = lost.text.split("<form")[0] + lost.text.split("data-draft=")[0]
    assert "Hun også" in shown
    assert "Hun skrev" not in shown  # there is nothing to choose there
    numbers = dict(re.findall(r'name="(seen[._a-z]*)" value="(\d+)"', lost.text))
    again = browser.send(there, {**mine, **numbers, "needs": "Begge"})
    assert again.status_code == 303
    now = town.api("laerer").get(f"{path(town)}/draft").json
    assert (now["about_me"], now["needs"]) == ("Hun skrev", "Begge")


@pytest.mark.parametrize("at", ["/tekst", "/mal/g1"])
def test_a_form_that_is_refused_once_still_collides(town, at):
    """What is wrong is put right on the same page, with what had been seen when it was opened."""
    drafted(town, about_me="Før")
    browser, there = town.browser("laerer"), f"/barn/{town.child}/plan/utkast{at}"
    mine, theirs = opened(town, at), opened(town, at)
    name = "about_me" if at == "/tekst" else "text"
    days = "period_from" if at == "/tekst" else "target_on"
    assert browser.send(there, {**theirs, name: "Hun skrev"}).status_code == 303
    refused = browser.send(there, {**mine, name: "Jeg skrev", days: "i fjor"})
    assert refused.status_code == 422
    numbers = dict(re.findall(r'name="(seen[._a-z]*)" value="(\d+)"', refused.text))
    assert browser.send(there, {**mine, **numbers, name: "Jeg skrev"}).status_code == 409


PEOPLE = [
    {"name": "Mor Demo", "username": "mor", "role": "mor", "contribution": "Leser hjemme"},
    {"name": "Ppt Demo", "username": "ppt", "role": "rådgiver", "contribution": ""},
]


def form(town, who, at):
    """A form of the draft with its hidden numbers, as somebody opens it."""
    answer = town.browser(who).get(f"/barn/{town.child}/plan/utkast{at}")
    assert answer.status_code == 200, answer.text
    return dict(re.findall(r'name="(seen[._a-z]*)" value="(\d+)"', answer.text))


def sent(town, who, at, fields):
    return town.browser(who).send(f"/barn/{town.child}/plan/utkast{at}", fields)


def says(town, name):
    return town.api("laerer").get(f"{path(town)}/draft").json[name]


@pytest.mark.parametrize("who", ["mor", "ungdom"])
def test_the_family_and_the_child_write_about_me_themselves(town, who):
    town.tie("ungdom", "C16")
    drafted(town, about_me="Skrevet av læreren", participants=PEOPLE)
    page = town.browser(who).get(f"/barn/{town.child}/plan/utkast").text
    assert "/plan/utkast/om-meg" in page
    assert "/plan/utkast/tekst" not in page
    seen = form(town, who, "/om-meg")
    assert sent(town, who, "/om-meg", {**seen, "about_me": "Jeg er Nora."}).status_code == 303
    assert says(town, "about_me") == "Jeg er Nora."
    lost = sent(town, who, "/om-meg", {**seen, "about_me": "Jeg er Nora Demo."})
    assert lost.status_code == 409
    assert "Jeg er Nora." in lost.text.split("<form")[1] + lost.text.split("data-draft=")[0]
    assert "Jeg er Nora Demo." in lost.text
    tried = town.api(who).patch(place(town, "needs"), {"seen_version": 0, "needs": "Ro"})
    assert tried.status_code == 403


def test_a_professional_writes_nothing_of_about_me(town):
    drafted(town, participants=PEOPLE)
    there = f"/barn/{town.child}/plan/utkast/om-meg"
    assert town.browser("ppt").get(there).status_code == 403
    assert sent(town, "ppt", "/om-meg", {"seen_version": 0, "about_me": "Hei"}).status_code == 403
    assert "/plan/utkast/om-meg" not in town.browser("ppt").get(there[:-7]).text


def test_who_takes_part_writes_what_he_brings(town):
    drafted(town, participants=PEOPLE)
    seen = {who: form(town, who, "/bidrag") for who in ("mor", "ppt")}
    for who, was in seen.items():  # two who write each his own do not collide
        assert "det du bidrar med" in town.browser(who).text(f"/barn/{town.child}/plan/utkast")
        written = sent(town, who, "/bidrag", {**was, "contribution": f"{who} hjelper"})
        assert written.status_code == 303
    kept = [{**one, "contribution": f"{one['username']} hjelper"} for one in PEOPLE]
    now = [{name: one[name] for name in PEOPLE[0]} for one in says(town, "participants")]
    assert now == kept
    lost = sent(town, "ppt", "/bidrag", {**seen["ppt"], "contribution": "Noe annet"})
    assert lost.status_code == 409
    assert "ppt hjelper" in lost.text
    assert "Noe annet" in lost.text


def test_who_takes_no_part_any_more_keeps_what_he_wrote(town):
    drafted(town, participants=PEOPLE)
    seen = form(town, "ppt", "/bidrag")
    drafted(town, participants=PEOPLE[:1])
    assert town.browser("ppt").get(f"/barn/{town.child}/plan/utkast/bidrag").status_code == 404
    lost = sent(town, "ppt", "/bidrag", {**seen, "contribution": "Veileder skolen"})
    assert lost.status_code == 409
    assert "Veileder skolen" in lost.text
    assert says(town, "participants")[0]["contribution"] == "Leser hjemme"
