"""What the page of a refusal shows besides the refusal: its reader's own menu, and no child."""

import re
from uuid import uuid4

import pytest

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
