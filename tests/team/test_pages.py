"""The page of the people around the child, with the forms of those who may change it."""

import re
from datetime import timedelta

import pytest

from stafett.children.models import Child
from stafett.dates import full_day
from stafett.team.models import AnsvarsgruppeMember, CoordinatorAppointment

HOSTILE = "<b>Rolle</b> & «mer»"


@pytest.fixture
def unit(town):
    """Koordinerende enhet is tied to the child."""
    town.tie("ke.leder", "KEL")
    return town


def folk(town):
    return f"/barn/{town.child}/folk"


def today(town):
    return town.today.isoformat()


def test_everybody_sees_who_is_there_and_only_some_the_forms(unit):
    for who, sees, forms in (
        ("laerer", "Nora har ingen koordinator", ["medlem"]),
        ("ke.leder", "Det er ingen ansvarsgruppe ennå", ["medlem", "koordinator", "ansvarsgruppe"]),
        ("mor", "Det er ingen ansvarsgruppe ennå", []),
        ("ppt", "Nora har ingen koordinator", []),
    ):
        answer = unit.browser(who).get(folk(unit))
        assert answer.status_code == 200, who
        assert sees in answer.text, who
        assert re.findall(r'action="[^"]*/folk/(\w+)"', answer.text) == sorted(
            forms, key=["medlem", "ansvarsgruppe", "koordinator"].index
        ), who
    assert unit.browser("nyansatt").get(folk(unit)).status_code == 404
    assert "Ansvarsgruppa" not in unit.browser("ppt").text(folk(unit))


def test_of_a_parent_who_reads_nothing_it_says_so(town):
    wish = {"name": "Stian Demo", "relation": "far", "username": "ungdom"}
    wish |= {"parental_responsibility": False, "lives_with": False}
    assert town.api("laerer").post(f"/children/{town.child}/guardians", wish).status_code == 201
    page = town.browser("laerer").text(folk(town))
    assert "Mor Demo mor Familien Lese og skrive Så lenge" in page
    assert "Stian Demo far Familien Ikke noe. Har ikke foreldreansvar Ikke bestemt" in page


def test_a_coordinator_is_appointed_and_ended(unit):
    browser = unit.browser("ke.leder")
    wish = {"username": "koordinator", "kind": "barnekoordinator", "from_on": today(unit)}
    assert browser.send(f"{folk(unit)}/koordinator", {**wish, "username": ""}).status_code == 422
    assert browser.send(f"{folk(unit)}/koordinator", wish).status_code == 303
    again = browser.send(f"{folk(unit)}/koordinator", wish)
    assert again.status_code == 422
    assert "Avslutt den først" in again.text
    for who in ("laerer", "mor", "ppt", "koordinator"):
        shown = unit.browser(who).text(folk(unit))
        assert "Barnekoordinator" in shown, who
        assert "Koordinator Demo" in shown, who
    end = f"/koordinator/{unit.one(CoordinatorAppointment).id}"
    assert end not in unit.browser("mor").get(folk(unit)).text
    assert "er barnekoordinator til du avslutter det her." in browser.text(end)
    assert browser.send(end, {"reason": " "}).status_code == 422
    assert browser.send(end, {"reason": "Sluttet"}).status_code == 303
    assert browser.send(end, {"reason": "Sluttet"}).status_code == 409
    until = unit.today + timedelta(days=200)
    ends = {**wish, "until_on": str(until)}
    assert browser.send(f"{folk(unit)}/koordinator", ends).status_code == 303
    newest = unit.one(CoordinatorAppointment, CoordinatorAppointment.until_on == until)
    day = full_day(until).replace("\N{NO-BREAK SPACE}", " ")
    said = f"er barnekoordinator til og med {day}, hvis du ikke avslutter det her."
    assert said in browser.text(f"/koordinator/{newest.id}")
    assert "Tidligere oppnevninger" in browser.text(folk(unit))


def test_the_group_is_formed_by_its_first_member(unit):
    browser = unit.browser("ke.leder")
    assert "Ingen flere fagfolk kan velges" in browser.text(folk(unit))
    seat = {"name": "Bestefar", "role": HOSTILE, "from_on": today(unit)}
    there = f"{folk(unit)}/ansvarsgruppe"
    refused = browser.send(there, {**seat, "name": ""})
    assert refused.status_code == 422
    assert "&lt;b&gt;Rolle&lt;/b&gt;" in refused.text
    assert browser.send(there, seat).status_code == 303
    assert browser.send(there, {**seat, "name": "Mor Demo", "role": "mor"}).status_code == 303
    shown = browser.text(folk(unit))
    assert shown.count("uten konto i Stafett") == 1  # the mother has one, if she is named in words
    unit.agree(unit.child, "ppt", purpose="plan")
    assert '<option value="ppt">' in browser.get(folk(unit)).text
    wish = {"username": "ppt", "role": "PP-rådgiver", "from_on": today(unit)}
    assert browser.send(there, wish).status_code == 303
    shown = unit.browser("mor").get(folk(unit)).text
    assert "&lt;b&gt;Rolle&lt;/b&gt;" in shown
    assert "uten konto" not in shown  # whoever is not told so of the other parent would know
    assert "PP-rådgiver" in shown
    member = unit.one(AnsvarsgruppeMember, AnsvarsgruppeMember.name == "Bestefar")
    end = f"/ansvarsgruppe/{member.id}"
    assert unit.browser("ppt").get(end).status_code == 403
    assert browser.get(end).status_code == 200
    assert browser.send(end, {"reason": ""}).status_code == 422
    assert browser.send(end, {"reason": "Ferdig"}).status_code == 303
    assert "Har vært med før" in browser.text(folk(unit))


def test_members_come_and_go(unit):
    browser = unit.browser("laerer")
    wish = {"username": "helsesykepleier", "access": "read", "until": today(unit)}
    assert browser.send(f"{folk(unit)}/medlem", wish).status_code == 303
    assert "Helsesykepleier Demo" in browser.text(folk(unit))
    end = f"/medlem/{unit.member}"
    assert browser.get(end).status_code == 200
    assert browser.send(end, {"reason": "Ferdig"}).status_code == 303
    assert unit.browser("ppt").get(folk(unit)).status_code == 404


def test_a_protected_address_hides_the_workplaces(unit):
    with unit.database.writing() as session:
        session.get_one(Child, unit.child).address_protection = "fortrolig"
    wish = {"username": "koordinator", "kind": "koordinator", "from_on": today(unit)}
    assert unit.browser("ke.leder").send(f"{folk(unit)}/koordinator", wish).status_code == 303
    assert "Demo-ke" not in unit.browser("ppt").text(folk(unit))
