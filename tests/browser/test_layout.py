"""Where things stand on a page, in a browser: on a wide screen, on a phone, and on paper."""

import pytest
from sqlalchemy import update

from stafett.children.models import Child
from tests.browser.test_drafts import Phone, served
from tests.plan.scene import a_goal, a_measure, drafted, made

__all__ = ["served"]
WORDS_AT = """one => {
  const words = document.createRange();
  words.selectNodeContents(one);
  return words.getBoundingClientRect().x;
}"""
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def page(browser, town, served):
    """Open an address as somebody; the page can be made wide or narrow."""
    opened = []

    def take(name, path):
        one = Phone(browser, town, served, name)
        opened.append(one.context)
        one.page.goto(f"{served}{path}")
        return one.page

    yield take
    for context in opened:
        context.close()


def box(page, what):
    """Return where something stands."""
    return page.locator(what).first.bounding_box()


@pytest.mark.parametrize(
    ("who", "path", "first"),
    [
        ("laerer", "/barn/nytt", "main form"),
        ("laerer", "/barn/{child}/avslutt", "main form"),
        ("laerer", "/sporsmal/nytt", "main form"),
        ("laerer", "/varsler", "main form"),
        ("mor", "/familie", "main section"),
        ("mor", "/barn/{child}/niva", "main section"),
        ("mor", "/barn/{child}/innsyn", "main section"),
        ("mor", "/innstillinger", "main section"),
    ],
)
def test_a_heading_stands_beside_its_column_where_there_is_room_and_above_it_on_a_phone(
    town, page, who, path, first
):
    one = page(who, path.format(child=town.child))
    one.set_viewport_size(WIDE)
    heading, column = box(one, "h1"), box(one, first)
    assert heading["x"] + heading["width"] < column["x"]
    assert abs(heading["y"] - column["y"]) < 24, "they begin on the same line"
    assert column["x"] + column["width"] > WIDE["width"] * 0.7, "no half is empty"
    one.set_viewport_size(NARROW)
    heading, column = box(one, "h1"), box(one, first)
    assert heading["y"] + heading["height"] < column["y"]
    assert heading["x"] == column["x"]


def test_a_name_without_a_space_breaks_instead_of_widening_the_page(town, page):
    with town.work("laerer") as work:
        work.session.execute(update(Child).values(name="Langtnavn" * 20))
    child = f"/barn/{town.child}"
    for path in ("/", "/barn", child, f"{child}/stafettlogg"):
        one = page("laerer", path)
        for size in (WIDE, NARROW):
            one.set_viewport_size(size)
            assert one.evaluate("document.documentElement.scrollWidth") <= size["width"], path


@pytest.mark.parametrize("who", ["laerer", "mor"])
def test_the_button_of_a_search_stands_beside_its_field_on_a_phone(town, page, who):
    one = page(who, f"/barn/{town.child}/stafettlogg?q=finnes-ikke")
    field, button = box(one, "input[type=search]"), box(one, "form[role=search] button")
    assert field["x"] + field["width"] < button["x"]
    assert button["x"] + button["width"] <= NARROW["width"] - 16


def test_what_is_only_to_be_pressed_is_not_printed(town, page):
    one = page("laerer", f"/barn/{town.child}/folk")
    pressed = ("Ta med flere", "Stedfortreder når noen er borte", "Avslutt")
    shown = one.locator("main").inner_text()
    assert all(words in shown for words in pressed), shown
    one.emulate_media(media="print")
    printed = one.locator("body").inner_text()
    assert not [words for words in pressed if words in printed]
    assert "Ppt Demo" in printed
    assert town.profile.kommune in printed


def test_paper_is_white_also_when_the_screen_is_dark(town, page):
    one = page("mor", f"/barn/{town.child}/niva")
    colour = "getComputedStyle(document.querySelector('.st-subtle')).color"
    one.emulate_media(media="print", color_scheme="light")
    light = one.evaluate(colour)
    one.emulate_media(media="print", color_scheme="dark")
    assert one.evaluate(colour) == light
    one.emulate_media(media="screen", color_scheme="dark")
    assert one.evaluate(colour) != light


def test_what_can_be_done_with_a_card_stands_at_its_start_also_at_twice_the_size(town, page):
    one = page("laerer", f"/barn/{town.child}/samtykke")
    link = one.locator("td a").first
    one.set_viewport_size({"width": 640, "height": 450})
    assert link.evaluate(WORDS_AT) == box(one, "tbody th")["x"]
    one.set_viewport_size(WIDE)
    assert link.evaluate(WORDS_AT) > box(one, "tbody th")["x"]


def test_a_name_keeps_its_line_on_the_smallest_phone(town, page):
    one = page("mor", f"/barn/{town.child}")
    one.set_viewport_size({"width": 320, "height": 640})
    name, button = box(one, "h1"), box(one, ".st-child__act")
    assert name["height"] < 48, "one line"
    assert (name["x"], name["y"] + name["height"] < button["y"]) == (button["x"], True)
    one.set_viewport_size(NARROW)
    assert box(one, ".st-child__act")["x"] > NARROW["width"] / 2


def test_a_button_without_a_line_stands_at_the_edge_of_its_table(browser, town, served):
    phone = Phone(browser, town, served, "laerer")
    phone.log_in("laerer")  # twice: the other log-in can be ended
    one = phone.page
    one.set_viewport_size(WIDE)
    one.goto(f"{served}/innstillinger")
    table, button = box(one, "table"), one.get_by_role("button", name="Avslutt økten").first
    right = button.evaluate("one => one.getBoundingClientRect().right")
    padding = button.evaluate("one => parseFloat(getComputedStyle(one).paddingInlineEnd)")
    phone.context.close()
    assert abs(right - padding - (table["x"] + table["width"])) < 2


def test_two_texts_beside_each_other_have_all_of_the_width(browser, town, served):
    drafted(town)
    own, other = (Phone(browser, town, served, "laerer").page for _ in range(2))
    for one, words in ((own, "Jeg liker å klatre."), (other, "Jeg liker å lese.")):
        one.set_viewport_size(WIDE)
        one.goto(f"{served}/barn/{town.child}/plan/utkast/tekst")
        one.fill("[name=about_me]", words)
    for one in (own, other):
        with one.expect_navigation():
            one.get_by_role("button", name="Lagre i utkastet").click()
    lead, texts = box(other, "[data-takes-focus]"), box(other, ".st-two")
    for one in (own, other):
        one.context.close()
    assert texts["width"] > WIDE["width"] * 0.8
    assert lead["y"] + lead["height"] < texts["y"]


def test_words_from_right_to_left_keep_their_direction_where_they_changed(town, page):
    for about, success, more in (
        ("أحب القراءة.", "صفحة كل يوم.", {}),
        ("أحب القراءة والسباحة (في المسبح).", "صفحتان كل يوم!", {"key": "g1"}),
    ):
        goal = a_goal(text="أريد أن أقرأ.", success=success, **more)
        made(town, drafted(town, [goal], about_me=about))
    one = page("laerer", f"/barn/{town.child}/plan/sammenlign?fra=1&til=2")
    changed = one.locator(".st-change__text [dir=auto]:has(> ins)")
    ways = changed.evaluate_all("all => all.map(one => getComputedStyle(one).direction)")
    assert ways == ["rtl", "rtl"], one.locator("main").inner_text()
    one.goto(one.url.split("/sammenlign")[0])
    voice, words = one.locator(".st-voice"), one.locator(".st-voice__text")
    edge = "one => parseFloat(getComputedStyle(one).borderRightWidth)"
    assert voice.evaluate(edge) == 4, "the line stands where the words begin"
    assert words.evaluate("one => getComputedStyle(one).direction") == "rtl"
    one.goto(f"{one.url}/utkast/mal/g1")
    field = one.get_by_label("Delmål 1")
    field.fill("نقرأ معًا!")
    assert field.evaluate("one => getComputedStyle(one).direction") == "rtl"


def test_a_goal_from_right_to_left_stands_to_the_right_as_its_measures_do(town, page):
    measure = a_measure(town, what="قراءة مشتركة.", how="بصوت عال.")
    made(town, drafted(town, [a_goal(text="أريد أن أقرأ.", measures=[measure]), a_goal()]))
    one = page("laerer", f"/barn/{town.child}/plan")
    for size in (WIDE, NARROW):
        one.set_viewport_size(size)
        row = box(one, ".st-goal")
        for words in (".st-goal__text [dir=auto]", ".st-measure__what"):
            assert one.locator(words).first.evaluate(WORDS_AT) > row["x"] + 100, (size, words)
        second = one.locator(".st-goal__text [dir=auto]").nth(1)
        assert second.evaluate(WORDS_AT) == row["x"], "from left to right as before"


def test_on_a_phone_those_who_may_see_come_before_what_a_yes_means(town, page):
    one = page("mor", f"/barn/{town.child}/samtykke")
    one.set_viewport_size(NARROW)
    first = box(one, ".fam-consent")
    assert first["y"] < NARROW["height"]
    meaning = one.get_by_text("De som er invitert fra tjenestene")
    assert not meaning.first.is_visible()
    one.get_by_text("Hva et ja betyr").click()
    assert meaning.first.is_visible()


def test_the_children_of_a_worklist_have_all_of_the_width_and_come_before_the_side_on_paper(
    town, page
):
    one = page("laerer", "/")
    one.set_viewport_size(WIDE)
    children, side = box(one, "section:has(> #barna)"), box(one, "aside")
    assert side["y"] < children["y"]
    assert children["x"] + children["width"] == side["x"] + side["width"]
    one.emulate_media(media="print")
    assert box(one, "section:has(> #barna)")["y"] < one.locator("aside").bounding_box()["y"]


def test_who_is_taken_along_is_chosen_on_one_line_where_there_is_room(town, page):
    one = page("laerer", f"/barn/{town.child}/folk")
    one.set_viewport_size(WIDE)
    fields = [box(one, f"#invitere .ds-field:nth-child({n}) .ds-input") for n in (1, 2, 3)]
    assert fields[0]["x"] < fields[1]["x"] < fields[2]["x"]
    assert len({field["y"] + field["height"] for field in fields}) == 1
