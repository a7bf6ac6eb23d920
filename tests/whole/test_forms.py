"""Every form that somebody finds by following links, with what no field takes: refused, never 500.

What is refused is shown again on a page that is as every page must be.
"""

import re
from urllib.parse import urlsplit

import html5lib
import pytest

from tests.client import VOID
from tests.plan.scene import drafted, made

START = ("/", "/familie", "/barn", "/innstillinger", "/varsler")
LEFT_OUT = re.compile(r"logg-ut|/okt|/passord|\.(docx|pdf|zip|json)$")
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
WRONG = {
    "twice": ["en", "to"],
    "a word": "x",
    "blanks": "  ",
    "a number": "9" * 25,
    "a day that is none": "2026-02-30",
    "the last day": "9999-12-31",
    "the first day": "0001-01-01",
    "nobody's id": "00000000-0000-0000-0000-000000000000",
    "no character": "a\x00b",
    "turned": "a\u202eb",
}


def shape(path):
    return IDS.sub("*", path.split("?")[0])


class Walk:
    """Somebody follows every link, to one page of each shape, and keeps one form of each."""

    def __init__(self, browser):
        """Walk as far as the links go."""
        self.browser, self.forms = browser, {}
        seen, todo = set(), list(START)
        while todo:
            path = todo.pop(0)
            if shape(path) in seen or LEFT_OUT.search(path):
                continue
            seen.add(shape(path))
            answer = browser.get(path)
            assert answer.status_code in {200, 303}, path  # no link leads to a refusal
            if answer.status_code == 200 and answer.mimetype == "text/html":
                tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
                links = (one.get("href", "") for one in tree.iter("a"))
                todo += [urlsplit(one).path for one in links if one.startswith("/")]
                for form in tree.iter("form"):
                    self._keep(path, form)

    def _keep(self, path, form):
        action = form.get("action") or path
        if form.get("method") != "post" or LEFT_OUT.search(action):
            return
        tags = (one for tag in ("input", "select", "textarea") for one in form.iter(tag))
        fields = {one.get("name"): one for one in tags if one.get("name")}
        kept = {
            name: one.get("value", "") for name, one in fields.items() if one.get("type") in VOID
        }
        typed = [name for name in fields if name not in kept]
        self.forms.setdefault(shape(action), (action, kept, typed))


@pytest.mark.parametrize("who", ["laerer", "mor", "ke.leder", "admin"])
def test_what_no_field_takes_is_refused_wherever_it_is_sent(town, who):
    made(town, drafted(town))
    browser = town.browser(who)
    forms = Walk(browser).forms
    assert len(forms) > 3, "somebody finds something to write in"
    for action, kept, typed in forms.values():
        for name, value in WRONG.items():
            tried = {**kept, **dict.fromkeys(typed, value)}
            tried.pop("csrf_token", None)
            tried.pop("idempotency_key", None)
            answer = browser.send(action, tried)
            assert answer.status_code < 500, (action, name)


@pytest.mark.parametrize("sent", [[], {}, ["en", "to"], 7, None])
def test_what_no_form_can_send_is_refused_where_anybody_may_send(town, sent):
    browser = town.browser("laerer")
    wish = {"username": sent, "password": sent}
    headers = {"X-CSRFToken": browser.token}
    refused = browser.client.post("/logg-inn", json=wish, headers=headers)
    assert refused.status_code == 422, refused.text
