"""The walk: what holds for every route there is, today's and tomorrow's."""

import re
from uuid import uuid4

import pytest

from stafett.access.policy import Action
from stafett.access.table import as_markdown
from stafett.app import create_app
from stafett.db import Database
from stafett.web.guard import Access
from stafett.web.headers import FIXED
from tests.client import but_for_token
from tests.conftest import ROOT, settings
from tests.statements import sent_to

PUBLIC = {
    "/static/<path:filename>",
    "/helse",
    "/trygghet",
    "/api/v1/openapi.json",
    "/logg-inn",
    "/logg-inn/kode",
    "/logg-inn/passord",
    "/skjema/papirlogg.docx",
}
ASKED_ELSEWHERE = {
    Action.CHILD_READ_CONTACT: 'can("child.read_contact")',  # a part of the page about the child
    Action.CONCERN_SHARE: "Action.CONCERN_SHARE",  # by the command that opens a log with it
}
OF_A_CHILD = {
    *("child_id", "guardian_id", "consent_id", "entry_id", "member_id", "handover_id"),
    *("concern_id", "appointment_id", "task_id", "delegation_id"),
}
INSIDE = {"form", "key", "goal_key", "name", "number", "row_id"}
"""Names a part of what a child's id has named already."""
OF_THE_HOUSE = {
    *("user_id", "service_id", "session_id", "token_id", "review_id"),
    *("emergency_id", "duty_id", "question_id"),
}
HOLE = re.compile(r"<(?:[^<>:]+:)?(\w+)>")


def routes():
    """Every route with one of its methods, read from an application without a database."""
    app = create_app(Database("sqlite:///none.db"), settings())
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        view = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, view


ROUTES = list(routes())
GUARDED = [(rule, method) for rule, method, view in ROUTES if hasattr(view, "access")]
UNSAFE = [(rule, method) for rule, method in GUARDED if method != "GET"]


def address(rule, ids):
    """The rule with an id in each hole; a random one where none is given."""
    path = rule.rule.replace("ansvarsgruppe/<uuid:member_id>", "ansvarsgruppe/<uuid:seat_id>")
    path = path.replace("ansvarsgruppe/members/<uuid:member_id>", "ansvarsgruppe/members/<seat_id>")
    given = {"number": 1, **ids}
    return HOLE.sub(lambda hole: str(given.get(hole[1]) or uuid4()), path)


def is_json(rule):
    return rule.rule.startswith("/api/")


def ask(client, rule, method, path):
    if method == "GET":
        return client.get(path)
    if is_json(rule):
        return client.open(path, method=method, json={})
    return client.open(path, method=method, data={})


def test_every_route_names_an_access_or_is_public_on_purpose():
    public = {rule.rule for rule, _, view in ROUTES if not hasattr(view, "access")}
    assert public == PUBLIC
    for rule, _, view in ROUTES:
        if rule.endpoint != "static":
            guarded = isinstance(getattr(view, "access", None), Access)
            assert guarded != bool(getattr(view, "public_because", "")), rule


def test_every_action_is_asked_by_a_route():
    asked = {action for _, _, view in ROUTES for action in getattr(view, "access", NONE).actions}
    assert asked | ASKED_ELSEWHERE.keys() == set(Action)
    assert not asked & ASKED_ELSEWHERE.keys()
    files = [*(ROOT / "stafett").rglob("commands.py"), *(ROOT / "templates").rglob("*.html")]
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    assert all(words in code for words in ASKED_ELSEWHERE.values())


NONE = Access((Action.SESSION_OWN,), lambda *_given: None)


def test_what_reads_is_a_page_and_what_writes_an_action():
    """A GET changes nothing, and nothing that changes is a GET."""
    for rule, method, view in ROUTES:
        for action in getattr(view, "access", NONE).actions:
            writes = action.value not in READS
            if method != "GET" and not writes:
                assert action == Action.CHILD_SEARCH_EXACT_FNR, rule  # in no address
    assert {method for _, method in UNSAFE} <= {"POST", "PATCH", "PUT"}


READS = {
    line.split(",")[0]
    for line in (ROOT / "stafett" / "access" / "matrix.csv").read_text().splitlines()
    if line.split(",")[1] == "read"
}


def test_every_hole_in_an_address_is_known():
    holes = {name for rule, _ in GUARDED for name in rule.arguments}
    assert holes == OF_A_CHILD | INSIDE | OF_THE_HOUSE
    for rule, _ in GUARDED:
        assert rule.arguments & {"child_id", "concern_id"} or not rule.arguments & INSIDE


def test_nobody_gets_anywhere_and_nothing_is_looked_up(database, town):
    client = town.app.test_client()
    with sent_to(database) as statements:
        for rule, method in GUARDED:
            path = address(rule, {})
            answer = ask(client, rule, method, path)
            if is_json(rule):
                assert (answer.status_code, answer.json["error"]["code"]) == (401, "not-signed-in")
            else:
                assert answer.status_code == 303, (method, path)
                back = "?neste=%2F" if method == "GET" else ""
                assert answer.location.startswith(f"/logg-inn{back}")
            part = client.open(path, method=method, headers={"HX-Request": "true"})
            assert part.status_code == 401
            token = client.open(path, method=method, headers={"Authorization": "Bearer x"})
            assert token.status_code == 401
    # Only the bad tokens were looked up, each once.
    assert len(statements) == len(GUARDED)
    assert all("sign_in" in one for one, _ in statements)


def test_nothing_is_changed_for_a_session_without_its_token(town, ids):
    """As those who may do most, so that it is the token alone that is missing."""
    for rule, method in UNSAFE:
        for name in ("laerer", "ke.leder", "admin"):
            client = town.browser(name).client
            answer = ask(client, rule, method, address(rule, ids))
            assert answer.status_code in {403, 404}, (name, rule)
            if answer.status_code == 403 and is_json(rule):
                assert answer.json["error"]["code"] in {"csrf", "denied"}
    may = [(rule, method) for rule, method in UNSAFE if rule.arguments <= {"child_id"}]
    refused = [
        ask(town.browser("laerer").client, rule, method, address(rule, ids)).text
        for rule, method in may
        if is_json(rule)
    ]
    assert any('"csrf"' in text for text in refused)


def test_a_stranger_finds_nothing_on_any_route_about_a_child(town, ids):
    """The same bytes for what is hidden and what is missing, whatever is asked.

    Only the top of a page is its reader's: his name, his menu, his token.
    """
    about = [(rule, method) for rule, method in GUARDED if rule.arguments & OF_A_CHILD]
    assert {name for rule, _ in about for name in rule.arguments} == OF_A_CHILD | INSIDE
    seen = set()
    for name, asked in (("nyansatt", (ids, {})), ("ke.saksbehandler", (ids,)), ("bup", (ids,))):
        browser, api = town.browser(name), town.api(name)
        for rule, method in about:
            for given in asked:
                path = address(rule, given)
                if is_json(rule):
                    client, more = api.client, {"headers": api.headers}
                    more |= {} if method == "GET" else {"json": {}}
                else:
                    client = browser.client
                    more = {} if method == "GET" else {"data": {"csrf_token": browser.token}}
                answer = client.open(path, method=method, **more)
                assert answer.status_code == 404, (name, method, path)
                headers = sorted(pair for pair in answer.headers if pair[0] != "X-Request-Id")
                said = but_for_token(answer)
                seen.add((None if is_json(rule) else name, said, tuple(headers)))
    assert len(seen) == 4  # each his own page, and one object
    pages = {said.partition(b"<main")[2] for name, said, _ in seen if name}
    assert len(pages) == 1
    assert {"deny"} == set(town.results("nyansatt"))


def test_every_answer_carries_the_security_headers(town, ids):
    clients = (town.app.test_client(), town.browser("laerer").client)
    seen = set()
    for rule, method, _ in ROUTES:
        path = "/static/stafett/base.css" if rule.endpoint == "static" else address(rule, ids)
        for client in clients:
            answer = ask(client, rule, method, path)
            found = {name: answer.headers.get(name) for name in FIXED}
            assert found == FIXED, path
            if rule.endpoint != "static":
                assert "no-store" in answer.headers["Cache-Control"]
            seen.add(answer.status_code)
            answer.close()
    assert {200, 303, 401, 403} <= seen
    assert not {500, 503} & seen


@pytest.mark.parametrize("path", ["/finnes-ikke", "/barn/1", "/barn/x/niva", "/api/v1/x", "/.env"])
def test_unknown_addresses_are_404_for_everybody(town, path):
    for client in (town.app.test_client(), town.browser("laerer").client):
        answer = client.get(path)
        assert answer.status_code == 404
        assert {name: answer.headers.get(name) for name in FIXED} == FIXED
        assert ("json" in answer.mimetype) == path.startswith("/api/")
    assert town.results("laerer") == []


def test_a_method_that_is_not_there_is_405(town):
    for method in ("PUT", "DELETE", "TRACE"):
        answer = town.browser("laerer").client.open(f"/barn/{town.child}", method=method)
        assert answer.status_code == 405
        assert {name: answer.headers.get(name) for name in FIXED} == FIXED


def test_the_table_in_the_documentation_is_the_matrix():
    assert (ROOT / "docs" / "access.md").read_text(encoding="utf-8") == as_markdown()
