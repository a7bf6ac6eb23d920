"""A plan of a closed log: nothing is begun in it, and words already typed are given back."""

import pytest

from stafett.plan.schemas import part_schema
from stafett.web.forms import words
from tests.plan.scene import a_goal, a_measure, drafted, made
from tests.stafettlogg.asking import closing

WORDS = "Vi vil at han skal sove hele natta."
FORMS = (
    *("utkast", "utkast/mal", "utkast/mal/g1", "utkast/mal/g1/tiltak", "utkast/tiltak/m2"),
    *("utkast/del/g1/hvem-ser", "tiltak/m2/si-fra", "tiltak/m2/ansvar"),
)


@pytest.fixture
def planned(town):
    mine = a_measure(town, responsible="mor", service_id=None)
    draft = drafted(town, [a_goal(whose="parents", measures=[mine])])
    assert made(town, draft).status_code == 201
    return town


def close(town):
    done = town.api("laerer").post(f"/children/{town.child}/stafettlogg/closing", closing())
    assert done.status_code == 200, done.json


@pytest.mark.parametrize("form", [*(f"plan/{one}" for one in FORMS), "stafettlogg/nytt-mal"])
def test_a_form_of_a_closed_log_says_so_and_is_not_opened(planned, form):
    mother, page = planned.browser("mor"), f"/barn/{planned.child}/{form}"
    before = mother.get(page).text
    assert f'action="/barn/{planned.child}/' in before or "/plan/utkast/mal" in before
    close(planned)
    said = mother.get(page).text
    assert "Stafettloggen er avsluttet" in said
    assert "Ingen kan skrive i planen" in said
    assert f'action="/barn/{planned.child}/' not in said
    assert "/plan/utkast" not in said
    assert "data-draft" not in said
    assert 'href="/ikke-lagret"' not in said


def test_what_was_begun_before_the_end_is_led_to(planned):
    town, mother = planned, planned.browser("mor")
    place = f"/children/{town.child}/plan/draft/unsaved/new_goal"
    wish = {"fields": {"text": WORDS, "whose": "parents"}, "seen_version": 0}
    assert town.api("mor").put(place, wish).status_code == 200
    with town.later(minutes=1):
        close(town)
    with town.later(minutes=2):
        page = mother.get(f"/barn/{town.child}/plan/utkast/mal").text
        assert 'href="/ikke-lagret"' in page
        assert WORDS not in page
        assert WORDS in mother.text("/ikke-lagret")


def test_what_is_sent_after_the_end_is_refused_with_its_words_on_the_page(planned):
    mother, page = planned.browser("mor"), f"/barn/{planned.child}/plan/utkast/mal"
    close(planned)
    refused = mother.send(page, {"text": WORDS, "whose": "parents", "seen_part": "0"})
    assert refused.status_code in {409, 422}
    assert f"{WORDS}</textarea>" in refused.text


@pytest.mark.parametrize(
    ("form", "written", "chosen"),
    [
        ("texts", {"about_me": "ro"}, {"period_from": "2031-02-03"}),
        ("participants", {"participants.0.role": "tante"}, {"participants.0.username": "laerer"}),
        ("cooperation", {"cooperation.0.purpose": "tur"}, {"cooperation.0.status": "wanted"}),
        ("new_text", {"text": "ro"}, {"section": "needs", "named": ["laerer", "ppt"]}),
        ("new_goal", {"text": "lese", "subgoals.1.text": "ro"}, {"subgoals.1.key": "g1a"}),
        ("first_goal", {"service.what": "tur"}, {"service.responsible": "laerer"}),
        ("about_me", {"about_me": "ro"}, {"seen.about_me": "1"}),
        ("contribution", {"contribution": "tid"}, {"seen_version": "1"}),
        ("new_measure_g1", {"what": "tur", "scope": "ukentlig"}, {"goal_keys": ["g1", "g2"]}),
        ("g1", {"text": "lese"}, {"status": "active"}),
        ("m2", {"how": "sammen"}, {"where": "school", "responsible": "laerer"}),
        ("t3", {"text": "ro"}, {"section": "needs"}),
    ],
)
def test_of_each_form_it_is_known_what_is_written_and_what_is_chosen(form, written, chosen):
    assert words(part_schema(form), written | chosen) == [*written.values()]
