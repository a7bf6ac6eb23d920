"""With the keys alone: what is filled in, sent, refused and found, and where one is after it."""

import re

import pytest
from playwright.sync_api import expect

from stafett.entries.models import Entry
from tests.browser.test_drafts import Phone, served

__all__ = ["served"]
FOCUSED = "() => [document.activeElement.name || '', document.activeElement.innerText || '']"


@pytest.fixture
def signed(browser, town, served):
    """Somebody who is logged in has a page open."""
    opened = []

    def sign_in(name, path):
        one = Phone(browser, town, served, name)
        opened.append(one)
        one.page.clock.resume()
        one.page.goto(f"{served}{path}")
        return one.page

    yield sign_in
    for one in opened:
        one.context.close()


def go_to(page, name="", says=""):
    """Press Tab until a field, or what says so, has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        found, text = page.evaluate(FOCUSED)
        if (name and found == name) or (says and says in text):
            return
    raise AssertionError((name, says, page.url))


def test_how_it_goes_is_written_and_one_is_led_to_what_was_saved(town, signed):
    page = signed("laerer", f"/barn/{town.child}/niva")
    go_to(page, says="Skriv hvordan det går på nivå 1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/evaluering")
    go_to(page, "reason")
    page.keyboard.type("Pausene hjelper.")
    go_to(page, "child_voice.how")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    go_to(page, "parents_agree")
    page.keyboard.press("Space")
    go_to(page, says="Lagre")
    page.keyboard.press("Enter")
    saved = page.locator(".st-entry", has_text="Pausene hjelper.")
    expect(saved).to_be_focused()
    expect(saved).to_contain_text("Så på hvordan det går")


def test_another_level_is_chosen_and_one_is_led_to_what_was_decided(town, signed):
    page = signed("laerer", f"/barn/{town.child}/niva")
    go_to(page, "level")
    page.keyboard.press("Space")
    go_to(page, "reason")
    page.keyboard.type("Vi trenger PPT.")
    go_to(page, "child_voice.how")
    page.keyboard.press("Space")
    go_to(page, "parents_agree")
    page.keyboard.press("Space")
    go_to(page, "next_evaluation_on")
    go_to(page, says="Endre nivå")
    page.keyboard.press("Enter")
    expect(page.locator(".st-entry", has_text="Fra nivå 1 til nivå 2")).to_be_focused()


def test_a_search_for_nothing_leaves_one_at_the_field(town, signed):
    for path in ("/sok", f"/barn/{town.child}/stafettlogg"):
        page = signed("laerer", path)
        go_to(page, "q")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("q=&"))
        expect(page.locator("#q")).to_be_focused()
        page.wait_for_timeout(300)  # the browser goes where the address points, once all is there
        expect(page.locator("#q")).to_be_focused()


def test_what_is_found_is_the_next_thing_after_it_was_looked_for(town, signed):
    wish = {"kind": "note", "text": "Hun sov godt i natt.", "visibility": "everyone"}
    town.api("laerer").post(f"/children/{town.child}/entries", wish)
    page = signed("laerer", "/sok")
    go_to(page, "q")
    page.keyboard.type("sov")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=sov"))
    expect(page.locator("#treff")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/oppforing/{town.one(Entry).id}")
