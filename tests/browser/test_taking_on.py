"""On a phone: a goal straight from a child's words, and a yes to what one is named for."""

import re

from playwright.sync_api import expect

from stafett.plan.models import Measure, Plan
from tests.browser.test_drafts import Phone, served
from tests.entries.test_first_goal import WORDS, entry
from tests.plan.scene import a_goal, a_measure, drafted, made

__all__ = ["served"]


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_childs_words_become_a_goal_with_a_measure(browser, town, served):
    entry(town)
    page = Phone(browser, town, served, "laerer").page
    page.goto(f"{served}/barn/{town.child}/stafettlogg")
    page.get_by_role("link", name=re.compile("Lag mål av dette")).click(timeout=9000)
    expect(page.get_by_label("Hva er målet?")).to_have_value(WORDS)
    expect(page.get_by_label("Nora sitt eget")).to_be_checked()
    service = page.get_by_role("group", name="I tjenesten")
    service.get_by_label("Hva gjør dere?").fill("Lekegruppe")
    service.get_by_label("Hvem har ansvaret?").select_option(label="Laerer Demo (laerer)")
    service.get_by_label("Når ser dere på").fill(str(town.today))
    assert fits(page)
    page.get_by_role("button", name="Lagre i utkastet").click()
    expect(page.get_by_role("heading", name="Lekegruppe")).to_be_visible()
    (goal,) = town.one(Plan).draft["goals"]
    assert (goal["text"], goal["measures"][0]["where"]) == (WORDS, "school")


def test_who_is_named_says_yes_in_two_clicks(browser, town, served):
    made(town, drafted(town, [a_goal(measures=[a_measure(town, responsible="ppt")])]))
    page = Phone(browser, town, served, "ppt").page
    page.goto(f"{served}/")
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile("Svar.*Høytlesing")).click(timeout=9000)
    assert fits(page)
    page.get_by_text("Nei, det passer ikke").click()
    page.get_by_role("button", name="Svar nei").click()  # says why first: nothing is sent
    assert town.one(Measure).accepted is None
    page.get_by_role("button", name="Ja, jeg tar ansvaret").click()
    expect(page.get_by_role("heading", name="Høytlesing")).to_be_visible()
    assert town.one(Measure).accepted is True
