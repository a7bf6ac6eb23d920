"""Goals and measures are moved by keyboard alone, and by drag on a phone and with a mouse."""

from playwright.sync_api import expect

from tests.browser.test_drafts import Phone, served
from tests.plan.scene import a_goal, a_measure, drafted, path

__all__ = ["served"]


def order(town):
    goals = town.api("laerer").get(f"{path(town)}/draft").json["goals"]
    return "".join(goal["text"] for goal in goals), [one["what"] for one in goals[-1]["measures"]]


def test_what_is_moved_keeps_the_focus_or_stays_in_the_hand(browser, town, served):
    found = [a_measure(town, what=what) for what in ("En", "To", "Tre")]
    drafted(town, [a_goal(text="A"), a_goal(text="B"), a_goal(text="C", measures=found)])
    page = Phone(browser, town, served, "laerer").page
    page.goto(f"{served}/barn/{town.child}/plan/utkast")
    page.locator("#mal-g1").get_by_role("button", name="Flytt ned").focus()
    for place in ("2", "3"):
        page.keyboard.press("Enter")
        page.wait_for_url("**flyttet=g1**")
        expect(page.locator("#flyttet")).to_have_text(f"Flyttet. Nå nummer {place} av 3.")
        expect(page.locator("#mal-g1 button:focus")).to_have_accessible_description(
            f"Flyttet. Nå nummer {place} av 3."
        )
    assert order(town)[0] == "BCA"

    grip, over = page.locator("#mal-g1 [data-grip]").first, page.locator("#mal-g2 h3")
    over.scroll_into_view_if_needed()
    grip.hover()
    page.mouse.down()
    top = over.bounding_box()
    page.mouse.move(top["x"] + 5, top["y"] + 5, steps=12)
    page.mouse.move(top["x"] + 5, top["y"] + 1, steps=3)
    with page.expect_navigation():
        page.mouse.up()
    expect(page.locator("#flyttet")).to_have_text("Flyttet. Nå nummer 1 av 3.")
    assert order(town)[0] == "ABC"

    grip = page.locator("#mal-g3 [data-grip]").first
    grip.hover()
    page.mouse.down()
    page.mouse.move(20, 10, steps=5)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert page.locator("article").evaluate_all("all => all.map(one => one.id).join()") == (
        "mal-g1,mal-g2,mal-g3"
    )
    assert order(town) == ("ABC", ["En", "To", "Tre"])
