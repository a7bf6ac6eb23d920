"""Two clicks on a phone from the worklist to a measure that somebody has said how goes."""

import re

from playwright.sync_api import expect

from stafett.plan.models import MeasureReport
from tests.browser.test_drafts import Phone, served
from tests.plan.scene import drafted, made

__all__ = ["served"]


def test_a_measure_is_told_of_in_two_clicks(browser, town, served):
    made(town, drafted(town))
    page = Phone(browser, town, served, "laerer").page
    page.goto(f"{served}/")
    page.get_by_role("link", name=re.compile("Si hvordan det går.*Høytlesing")).click(timeout=9000)
    page.get_by_role("button", name="Delvis gjort").click()
    expect(page.get_by_text("sa Laerer Demo: delvis gjort")).to_be_visible()
    told = town.one(MeasureReport)
    assert (told.done, told.text) == ("partly", "")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
