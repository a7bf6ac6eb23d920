"""What the page of a refusal shows besides the refusal: its reader's own menu, and no child."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import update

from stafett.people.models import SignIn
from stafett.people.schemas import ChangePasswordSchema, LogInSchema, UseCodeSchema
from stafett.web.forms import words

MENU = "Hovedmeny"


def test_who_is_signed_in_finds_the_menu_on_the_page_of_a_refusal(town):
    teacher, mother = town.browser("laerer"), town.browser("mor")
    refused = {
        404: teacher.client.get(f"/barn/{uuid4()}"),
        403: mother.client.get("/kontroll"),
        405: teacher.client.put(f"/barn/{town.child}"),
    }
    for status, answer in refused.items():
        assert answer.status_code == status
        assert MENU in answer.text
        assert "Logg ut" in answer.text
        assert "st-child" not in answer.text
    assert "Laerer Demo" in refused[404].text
    unknown = teacher.client.get("/finnes-ikke")
    assert (unknown.status_code, MENU in unknown.text) == (404, True)


@pytest.mark.parametrize("path", ["/finnes-ikke", "/barn/x"])
def test_who_is_not_signed_in_finds_none(town, path):
    answer = town.app.test_client().get(path)
    assert (answer.status_code, MENU in answer.text, "Logg ut" in answer.text) == (
        404,
        False,
        False,
    )


def test_a_page_about_the_system_has_none(town, monkeypatch):
    """The menu asks the database who it is, which may be what fails."""
    teacher = town.browser("laerer")
    monkeypatch.setattr("stafett.web.guard._admit", lambda *_: 1 / 0)
    answer = teacher.client.get("/barn")
    assert (answer.status_code, MENU in answer.text) == (500, False)


WORDS = "Hun fortalte om helga, og hun lo."


def test_who_is_logged_out_meanwhile_gets_the_words_of_the_form_back(database, town):
    browser = town.browser("laerer")
    with database.writing() as session:
        session.execute(update(SignIn).values(ended_at=town.now))
    before = town.rows()
    answer = browser.send(f"/barn/{town.child}/stafettlogg", {"kind": "note", "text": WORDS})
    assert answer.status_code == 401
    assert WORDS in answer.text
    assert 'href="/logg-inn"' in answer.text
    assert (MENU in answer.text, "Nora" in answer.text) == (False, False)
    assert town.rows() == before


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", 401), ("cross-site", 303), (None, 303)]
)
def test_who_logged_out_in_another_tab_does_too_where_the_browser_says_the_form_is_ours(
    town, site, status
):
    browser, sent = town.browser("laerer"), {"kind": "note", "text": WORDS}
    browser.send("/logg-ut")
    headers = {"Sec-Fetch-Site": site} if site else {}
    answer = browser.send(f"/barn/{town.child}/stafettlogg", sent, headers=headers)
    assert (answer.status_code, WORDS in answer.text) == (status, status == 401)


def test_whose_session_is_another_gets_his_words_back_too(town):
    browser, sent = town.browser("laerer"), {"kind": "note", "text": WORDS}
    browser.token = town.browser("mor").token + "x"
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = browser.send(f"/barn/{town.child}/stafettlogg", sent, headers=headers)
    assert (answer.status_code, WORDS in answer.text) == (403, True)


@pytest.mark.parametrize(
    ("form", "sent", "given_back"),
    [
        (
            "niva",
            {"reason": "Fordi det haster.", "holder": "helsesykepleier", "level": "2"},
            ["Fordi det haster."],
        ),
        (
            "plan/utkast/mal/g1/tiltak",
            {"what": "fotball", "responsible": "laerer", "goal_keys": ["g1a", "g1b"]},
            ["fotball"],
        ),
        (
            "stafettlogg",
            {"text": "Han smilte.", "visibility": "named", "named": ["ppt", "rektor"]},
            ["Han smilte."],
        ),
        ("folk/medlem", {"username": "helsesykepleier", "access": "read"}, []),
        ("om", {"name": "Nora Ny", "national_id": "01829912345"}, ["Nora Ny"]),
    ],
)
def test_who_has_lost_the_way_gets_his_words_back_and_not_what_he_chose(
    town, form, sent, given_back
):
    lost = town.browser("laerer").send(f"/barn/{uuid4()}/{form}", sent)
    assert lost.status_code == 404
    shown = re.search(r'<[^>]*class="st-text__body"[^>]*>(.*?)</', lost.text, re.DOTALL)
    said = shown[1].strip().split("\n\n") if shown else []
    assert said == given_back


@pytest.mark.parametrize("schema", [LogInSchema, ChangePasswordSchema, UseCodeSchema])
def test_a_password_is_never_shown_on_a_page(schema):
    typed = dict.fromkeys(("username", "password", "new_password", "code"), "hemmelig 123")
    assert words(schema(), typed) == []
