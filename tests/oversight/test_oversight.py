"""The log of all looks and the register of access: who sees them, what is found, what is logged."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from stafett.access import ties
from stafett.access.models import AccessRow, AccessShown
from stafett.access.policy import Purpose, Relation
from stafett.dates import oslo_date
from stafett.emergency.models import Emergency
from stafett.oversight.rules import BASES
from tests.town import PEOPLE

DAY = timedelta(days=1)


def search(town, **asked):
    answer = town.api("personvernombud").get("/access-log", query_string=asked)
    assert answer.status_code == 200, answer.json
    return answer.json


def register(town, who="personvernombud", **asked):
    answer = town.api(who).get("/access-register", query_string=asked)
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.mark.parametrize("who", list(PEOPLE))
def test_who_opens_which(town, who):
    officer, leader = who == "personvernombud", who == "ke.leder"
    browser, api = town.browser(who), town.api(who)
    for page, call, may in (
        ("/logg", "/access-log", officer),
        ("/tilganger", "/access-register", officer or leader),
    ):
        assert browser.get(page).status_code == (200 if may else 403), page
        assert api.get(call).status_code == (200 if may else 403), call
        menu = browser.get("/min/logg").text
        assert (f'href="{page}"' in menu) is may


def test_a_search_finds_by_person_child_and_day_also_what_a_list_showed_and_what_was_refused(town):
    other, *_ = town.family("Åse Fjell", by="nyansatt")
    assert town.api("ppt").get(f"/children/{town.child}/entries").status_code == 200
    assert town.api("ppt").get(f"/children/{other}/entries").status_code == 404
    assert town.api("nyansatt").get("/children").status_code == 200
    said = [(one["what"], one["children"], one["outcome"]) for one in search(town)["items"]]
    refused = ("leste stafettloggen", ["Åse Fjell"], "fikk ikke tilgang")
    listed = ("så navnet i en liste", ["Åse Fjell"], "")
    read = ("leste stafettloggen", ["Nora Demo"], "")
    assert [one for one in said if one in (refused, listed, read)] == [listed, refused, read]

    def whats(**asked):
        return {(one["who"], one["what"]) for one in search(town, **asked)["items"]}

    assert whats(person="PPT") == {("Ppt Demo", "leste stafettloggen")}
    assert ("Nyansatt Demo", "så navnet i en liste") in whats(child="åse")
    assert whats(child="åse", person="ppt") == {("Ppt Demo", "leste stafettloggen")}
    assert whats(child="Finnes ikke") == set()
    assert whats(until_on=str(town.today - DAY)) == set()
    assert whats(from_on=str(town.today + DAY)) == set()
    assert ("Ppt Demo", "leste stafettloggen") in whats(
        from_on=str(town.today), until_on=str(town.today)
    )
    assert town.api("personvernombud").get("/access-log?from_on=x").status_code == 422


def test_a_search_is_logged_with_the_children_it_named_and_the_family_sees_it(town):
    town.api("ppt").get(f"/children/{town.child}/entries")
    page = town.browser("personvernombud")
    assert "Nora" not in page.text("/logg")
    assert town.count(AccessShown, AccessShown.child_id == town.child) == 0
    assert "Nora Demo" in page.text("/logg?person=ppt")
    assert town.count(AccessRow, AccessRow.action == "audit.search_all") == 2
    assert town.count(AccessShown, AccessShown.child_id == town.child) == 1
    rows = town.api("mor").get(f"/children/{town.child}/access-log").json["items"]
    assert ("Personvernombud Demo", "så navnet i en liste") in {
        (one["who"], one["what"]) for one in rows
    }


def test_the_log_in_parts(town, monkeypatch):
    monkeypatch.setattr("stafett.oversight.queries.PAGE", 2)
    for _ in range(5):
        town.api("mor").get(f"/children/{town.child}")
    seen, after = [], {}
    while after is not None:
        part = search(town, person="mor", **after)
        seen += [one["id"] for one in part["items"]]
        after = {"after": part["next"]} if part["next"] else None
    assert len(seen) == len(set(seen)) == 5
    assert "Vis eldre" in town.browser("personvernombud").text("/logg?person=mor")
    assert town.api("personvernombud").get("/access-log?after=x").status_code == 422


def test_the_register_says_who_had_access_that_day_and_on_what_basis(town):
    def of(who, **asked):
        rows = register(town, person=who, **asked)["items"]
        return [(one["child"], one["basis"], one["consent"]) for one in rows]

    holder, registrar = ("Nora Demo", "har stafettpinnen", True), "registrerte barnet"
    assert sorted(of("laerer"), key=str) == [holder, ("Nora Demo", registrar, None)]
    assert of("laerer", on=str(town.today + DAY)) == [holder]
    assert of("ppt") == [("Nora Demo", "er med i stafettloggen", True)]
    assert of("mor") == [("Nora Demo", "er foresatt", None)]
    assert of("ppt", on=str(town.today - DAY)) == []
    assert of("ppt", on=str(town.today + 101 * DAY)) == []
    assert of("bup") == []
    assert "Ppt Demo" in town.browser("personvernombud").text("/tilganger?person=ppt")


def test_what_ended_that_day_counts_and_not_the_day_after(town):
    with town.work("laerer") as work:
        ties.end(work, town.member)
        ties.uncover_all(work, town.child)
    for on, found, held in ((town.today, 1, True), (town.today + DAY, 0, False)):
        rows = register(town, person="ppt", on=str(on))["items"]
        assert len(rows) == found
        rows = register(town, person="laerer", on=str(on))["items"]
        assert [one["consent"] for one in rows if one["consent"] is not None] == [held]


def test_what_was_opened_for_an_hour_counts_that_day_and_no_longer(town):
    wish = {
        "child_id": str(town.child),
        "category": "life_or_health",
        "reason": "Barnevernvakta står hos en gutt som ikke får puste.",
    }
    assert town.browser("ke.leder").send("/nodtilgang", wish).status_code == 303
    with town.database.reading() as session:
        last = oslo_date(session.scalars(select(Emergency.until_at)).one())  # tomorrow after 23
    for on, found in ((town.today, 1), (last, 1), (last + DAY, 0), (last + 30 * DAY, 0)):
        rows = register(town, child="Nora", on=str(on))["items"]
        opened = [one for one in rows if one["basis"] == BASES[Relation.EMERGENCY]]
        assert len(opened) == found, on


def test_a_service_s_leader_is_found_by_name_and_a_block_says_so(town):
    town.tie("far", "BLOCK")
    (row,) = register(town, person="rektor")["items"]  # of whoever registered the child
    assert (row["who"], row["leads"]) == (None, "Demo-skole")
    assert "er sperret ute" in {one["basis"] for one in register(town, person="far")["items"]}
    assert "Lederen for Demo-skole" in town.browser("personvernombud").text("/tilganger")


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
def test_a_day_that_no_log_has_is_said_to_be_wrong(town, on):
    answer = town.api("personvernombud").get("/access-register", query_string={"on": on})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["on"])
    assert town.browser("personvernombud").get(f"/tilganger?on={on}").status_code == 422


def test_a_leader_sees_the_children_of_whom_he_may_know(town):
    assert register(town, "ke.leder")["items"] == []
    town.tie("ke.leder", "KEL")
    assert {one["child"] for one in register(town, "ke.leder")["items"]} == {"Nora Demo"}
    other, *_ = town.family("Annet Barn")
    assert {one["child"] for one in register(town, "ke.leder")["items"]} == {"Nora Demo"}
    assert "Annet Barn" in {one["child"] for one in register(town)["items"]}
    with town.database.reading() as session:
        shown = select(AccessShown.child_id).where(AccessShown.actor_id == town.users["ke.leder"])
        assert set(session.scalars(shown)) == {town.child}
        assert other not in set(session.scalars(shown))


def test_a_consent_for_the_plan_is_what_the_ansvarsgruppe_rests_on(town):
    town.tie("bup", "AG", needs_consent=True, service_id=town.services["helse"])
    assert [one["consent"] for one in register(town, person="bup")["items"]] == [False]
    town.agree(town.child, "helse", "ppt", "skole", "ke", purpose=Purpose.PLAN)
    assert [one["consent"] for one in register(town, person="bup")["items"]] == [True]


def test_the_register_in_parts(town, monkeypatch):
    monkeypatch.setattr("stafett.oversight.queries.PAGE", 2)
    seen, after = [], {}
    while after is not None:
        part = register(town, **after)
        seen += [one["id"] for one in part["items"]]
        after = {"after": part["next"]} if part["next"] else None
    assert len(seen) == len(set(seen)) >= 4
    assert "Vis flere" in town.browser("personvernombud").text("/tilganger")
