"""What all pages share: the size of the text, the menu, and where the heading stands."""

import pytest

FAMILY = ("/familie", "/barn", "/innstillinger", "/varsler", "/min/logg")
STAFF = ("/", "/barn", "/innstillinger", "/varsler", "/min/logg")
OF_A_CHILD = ("", "/stafettlogg", "/niva", "/plan", "/folk", "/samtykke", "/om", "/be-om")


@pytest.mark.parametrize(("who", "pages", "size"), [("mor", FAMILY, "md"), ("laerer", STAFF, "sm")])
def test_the_text_is_larger_for_the_family_on_every_page(town, who, pages, size):
    browser = town.browser(who)
    for path in (*pages, *(f"/barn/{town.child}{part}" for part in OF_A_CHILD)):
        page = browser.get(path)
        assert page.status_code == 200, path
        assert f'<body data-size="{size}"' in page.text, path


def test_the_text_is_large_for_who_has_not_logged_in_and_the_reader_s_own_where_nothing_is(town):
    for path in ("/logg-inn", "/trygghet", "/finnes-ikke"):
        assert '<body data-size="md"' in town.app.test_client().get(path).text, path
    for who, size in (("laerer", "sm"), ("mor", "md")):
        assert f'<body data-size="{size}"' in town.browser(who).get("/finnes-ikke").text, who


@pytest.mark.parametrize(
    ("who", "has"),
    [
        ("laerer", True),
        ("bup", True),
        ("ke.saksbehandler", True),
        ("mor", True),
        ("admin", False),
        ("personvernombud", False),
    ],
)
def test_the_menu_leads_to_the_children_only_who_may_follow_some(town, who, has):
    menu = town.browser(who).get("/innstillinger").text
    assert ('href="/barn"' in menu) is has
