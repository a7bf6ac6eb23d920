"""A browser without a screen: signs in, keeps the form's token, and checks every page it gets."""

import re
from uuid import uuid4

import html5lib
from flask_wtf.csrf import URLSafeTimedSerializer

from stafett.web.headers import CSP

RAW = "c" * 40
VOID = {"hidden", "submit", "button", "image", "reset"}
TOKEN = re.compile(rb'(?<=name="csrf_token" value=")[^"]*')
CHANGES = re.compile(
    r'(?<=name="csrf_token" value=")[^"]*|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}'
)
"""What differs between two pages that are otherwise alike: tokens, ids and keys."""
right: set[int] = set()
"""The pages that were right, each as the hash of what it is `but_for_ids`."""


def check(answer):
    """Hold one HTML page to what every page is held to, unless one that is alike has been."""
    html = guarded(answer)
    page = hash(but_for_ids(html))
    if page not in right:
        parsed(html)
        right.add(page)


def guarded(answer):
    """Return the page as text, when it came with the headers of every page."""
    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.get_data(as_text=True)


def but_for_token(answer):
    """The bytes of an answer but for the token of its forms, which is new each time."""
    return TOKEN.sub(b"", answer.data)


def but_for_ids(html):
    """The page with each id numbered in turn, so that the same one is still seen to be the same."""
    numbers = {}
    return CHANGES.sub(lambda found: f"\0{numbers.setdefault(found[0], len(numbers))}", html)


def parsed(html):
    """Return the page as a tree, when it is as every page must be."""
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree = parser.parse(html)
    assert not parser.errors, parser.errors[:3]
    assert tree.get("lang")
    every = [one for one in tree.iter() if isinstance(one.tag, str)]
    headings = ["".join(one.itertext()).strip() for one in tree.iter("h1")]
    assert len(headings) == 1, headings
    (title,) = ["".join(one.itertext()).strip() for one in tree.iter("title")]
    assert title.startswith(headings[0]), (title, headings)
    ids = [one.get("id") for one in every if one.get("id")]
    known = set(ids)
    assert len(ids) == len(known), sorted(one for one in ids if ids.count(one) > 1)
    labelled = {one.get("for") for one in tree.iter("label")}
    inside = {one for label in tree.iter("label") for one in label.iter()}
    shown = []
    for field in [*tree.iter("input"), *tree.iter("select"), *tree.iter("textarea")]:
        if field.get("type") in VOID:
            continue
        named = field in inside or field.get("id") in labelled or field.get("aria-label")
        assert named, field.attrib
        shown.append(field)
    asked = set()
    for form in tree.iter("form"):
        names = {one.get("name") for one in form.iter("input")}
        if form.get("method", "get").lower() == "post":
            assert "csrf_token" in names, form.attrib
            asked |= {one.get("name") for one in form.iter() if one in shown}
        for said in (
            one.get("aria-describedby") for one in form.iter() if isinstance(one.tag, str)
        ):
            assert set((said or "").split()) <= known, said
    for summary in tree.iter("ds-error-summary"):
        wrong = [one.get("href").removeprefix("#") for one in summary.iter("a")]
        assert not asked & (set(wrong) - known), wrong  # each leads to its field
        there = [one for one in wrong if one in known]
        assert there == sorted(there, key=ids.index), wrong  # as one comes to them
    for one in every:
        assert not one.get("style"), one.attrib
        assert not [name for name in one.attrib if name.startswith("on")], one.attrib
    links = [one for main in tree.iter("main") for one in main.iter("a")]
    backs = [one for one in links if "".join(one.itertext()).strip().startswith("Tilbake")]
    assert len(backs) <= 1, [one.attrib for one in backs]
    assert not list(tree.iter("style"))
    assert all(script.get("src") for script in tree.iter("script"))
    assert "{%" not in html
    return tree


class Browser:
    """Somebody signed in with a session."""

    def __init__(self, app, secret):
        """Put a session that is already in the database into the cookie."""
        self.client = app.test_client()
        with self.client.session_transaction() as cookie:
            cookie.update(_user_id=secret, _fresh=True, csrf_token=RAW)
        salt = "wtf-csrf-token"
        self.token = URLSafeTimedSerializer(app.secret_key, salt=salt).dumps(RAW)

    def get(self, path, **more):
        """Open a page and check it when it is one."""
        answer = self.client.get(path, **more)
        partial = "HX-Request" in more.get("headers", {})
        if answer.mimetype == "text/html" and not partial and answer.status_code != 303:
            check(answer)
        return answer

    def send(self, path, data=(), **more):
        """Send a form as a browser does: with its token and a fresh key."""
        sent = {"csrf_token": self.token, "idempotency_key": uuid4().hex, **dict(data)}
        answer = self.client.post(path, data=sent, **more)
        if answer.mimetype == "text/html" and answer.status_code != 303:
            check(answer)
        return answer

    def text(self, path):
        """Return what a page says, without its markup."""
        tree = parsed(guarded(self.client.get(path)))
        main = next(one for one in tree.iter("main"))
        return re.sub(r"\s+", " ", " ".join(main.itertext()))


class Api:
    """Somebody with a bearer token."""

    def __init__(self, app, secret):
        """Keep the token."""
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path, **more):
        """Read."""
        return self._call("get", path, **more)

    def post(self, path, json=None, **more):
        """Write."""
        return self._call("post", path, json={} if json is None else json, **more)

    def put(self, path, json, **more):
        """Replace."""
        return self._call("put", path, json=json, **more)

    def patch(self, path, json, **more):
        """Change."""
        return self._call("patch", path, json=json, **more)

    def _call(self, verb, path, headers=(), **more):
        path = path if path.startswith("/api/") else f"/api/v1{path}"
        return getattr(self.client, verb)(path, headers={**self.headers, **dict(headers)}, **more)
