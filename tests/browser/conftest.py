"""A real server and a real browser, for the story that people live through."""

import logging
import re
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from urllib.parse import quote
from uuid import UUID

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from stafett.access.policy import ROLES, Actor
from stafett.access.work import Work
from stafett.people import commands as people
from stafett.people.commands import EditService, NewService, NewUser

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
AXE = Path("node_modules/axe-core/axe.min.js")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PATIENCE = 3  # seconds; a browser keeps connections by which it asks for nothing
PASSWORD = "fjellrype-og-multer-26"
SERVICES = {
    "skole": ("school", "rektor"),
    "helse": ("health_centre", None),
    "ppt": ("ppt", None),
    "ke": ("coordinating_unit", "ke.leder"),
    "bup": ("bup", None),
}
PEOPLE = {
    "laerer": ("skole", "staff"),
    "rektor": ("skole", "staff"),
    "nyansatt": ("skole", "staff"),
    "helsesykepleier": ("helse", "staff"),
    "ppt": ("ppt", "staff"),
    "ke.leder": ("ke", "staff ke_leader"),
    "koordinator": ("ke", "staff"),
    "bup": ("bup", "external"),
    "mor": (None, "citizen"),
    "far": (None, "citizen"),
}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's chromium: it is not to look for anything outside this machine."""
    words = "--no-sandbox --disable-quic --disable-background-networking --disable-sync"
    return {
        **browser_type_launch_args,
        "executable_path": "/usr/bin/chromium",
        "args": [*words.split(), "--disable-component-update", "--no-first-run"],
    }


@pytest.fixture
def kommune(database, app) -> None:
    """People and services, as an administrator would have made them; no child yet."""
    profile, now = app.extensions["stafett.profile"], datetime.now(UTC)
    password = people.hash_password(PASSWORD)
    maker = Actor(UUID(int=0), frozenset({ROLES["administrator"]}))
    with database.writing() as session:
        work = Work(session, maker, now, profile)
        services = {
            name: people.create_service(work, NewService(f"Demo-{name}", kind))
            for name, (kind, _) in SERVICES.items()
        }
        for name, (service, roles) in PEOPLE.items():
            people.create_user(
                work,
                NewUser(
                    username=name,
                    name=f"{name.title().replace('.', '-')} Demo",
                    roles=roles.split(),
                    title=name,
                    service_id=services[service].id if service else None,
                    password_hash=password,
                ),
            )
        for name, (kind, leader) in SERVICES.items():
            if leader:
                one = services[name]
                wish = EditService(
                    one.name, kind, one.version, specialist=one.specialist, leader=leader
                )
                people.edit_service(work, one, wish)


@contextmanager
def serving(app):
    """A server on loopback: its address. What it has begun to answer is done before it is left.

    Else the answer comes while the next test has its database at the same address.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    before = set(threading.enumerate())
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()
    until = monotonic() + PATIENCE
    for answering in set(threading.enumerate()) - before:
        answering.join(max(0, until - monotonic()))


@pytest.fixture
def site(app, kommune):
    """The address of a server."""
    with serving(app) as address:
        yield address


class Visitor:
    """Somebody at a screen: opens pages, fills in by the field's name, presses what it says."""

    def __init__(self, browser, site, looked_at, name, *, phone=False):
        """Log in as people do."""
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 800}
        self.site, self.looked_at, self.name = site, looked_at, name
        self.context = browser.new_context(viewport=size, locale="nb-NO", accept_downloads=True)
        self.page = self.context.new_page()
        self.page.on("console", lambda said: self.said.append(said.text))
        self.page.on("request", lambda asked: self.asked.add(asked.url))
        self.said, self.asked, self.scope = [], set(), "main"
        self.open("/logg-inn")
        self.fill(username=name, password=PASSWORD).press("Logg inn")

    def open(self, path):
        """Open a page by its address."""
        self.page.goto(f"{self.site}{path}")
        self.scope = "main"
        self.look()
        return self

    def form(self, ending):
        """Choose one of the page's forms by the end of the address it is sent to; unfold it."""
        form = f'form[action$="{ending}"]'
        self.scope = f"main {form}"
        folded = self.page.locator(f"details:not([open]):has({form}) > summary")
        if folded.count():
            folded.first.click()
        return self

    def fill(self, **values):
        """Fill in fields by name; `a__b` is the field `a.b`, a list ticks boxes."""
        for name, value in values.items():
            field = name.replace("__", ".")
            for one in value if isinstance(value, list) else [value]:
                self._fill(field, str(one))
        return self

    def _fill(self, name, value):
        folded = self.page.locator(
            f'{self.scope} details:not([open]):has([name="{name}"]) > summary:visible'
        )
        if folded.count():
            folded.first.click()
        found = self.page.locator(f'{self.scope} [name="{name}"]:visible')
        kind = found.first.get_attribute("type")
        if kind in {"radio", "checkbox"}:
            self.page.locator(f'{self.scope} [name="{name}"][value="{value}"]').check()
        elif found.first.evaluate("one => one.tagName") == "SELECT":
            found.first.select_option(value)
        else:
            found.first.fill(value)

    def press(self, text):
        """Press the button that says this, and look at the page that comes."""
        with self.page.expect_navigation():  # also of a form that waits until its draft is kept
            self.page.locator(self.scope).get_by_role("button", name=text).first.click()
        self.scope = "main"
        self.look()
        return self

    def follow(self, text):
        """Follow the first link that says this."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("link", name=text).first.click()
        self.look()
        return self

    def reads(self, *texts):
        """Say that the page shows these."""
        shown = self.page.locator("main").inner_text()
        for text in texts:
            assert text in shown, f"{self.name} {self.page.url}: {text!r} not in\n{shown}"
        return self

    def status(self, path):
        """Return the status of an address, with this visitor's cookies."""
        return self.context.request.get(f"{self.site}{path}", max_redirects=0).status

    @property
    def path(self):
        """The address that is open, without the site."""
        return self.page.url.removeprefix(self.site)

    def look(self):
        """Hold each kind of page once to axe, light and dark, small and large; and all to quiet.

        None scrolls sideways, not even at 320 px: what 1280 px is at 400 %.
        """
        assert not self.said, self.said
        assert all(url.startswith((self.site, "data:")) for url in self.asked), self.asked
        kind = re.sub(r"[0-9a-f-]{36}|\?.*|#.*", "*", self.path)
        heading = self.page.locator("h1").inner_text()
        key = f"{kind} {re.sub('Nora.*', '', heading)}"
        try:
            (self.looked_at / quote(key, safe="")).touch(exist_ok=False)
        except FileExistsError:
            return
        before = self.page.viewport_size
        self.page.evaluate(AXE.read_text())
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            for width in (390, 1280):
                self._fits(key, width)
                found = self.page.evaluate("rules => axe.run(rules)", RULES)["violations"]
                assert not found, [
                    (key, scheme, width, one["id"], [n["html"] for n in one["nodes"]][:2])
                    for one in found
                ]
        self._fits(key, 320)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(before)
        assert self.page.evaluate("localStorage.length + sessionStorage.length") == 0

    def _fits(self, key, width):
        self.page.set_viewport_size({"width": width, "height": 800})
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (key, width, wide)


@pytest.fixture
def visit(browser, site, looked_at):
    """Somebody logs in."""
    return lambda name, **more: Visitor(browser, site, looked_at, name, **more)


@pytest.fixture(scope="session")
def looked_at(tmp_path_factory, testrun_uid) -> Path:
    """The pages that have been looked at closely, one file each; all processes of a run see it."""
    folder = tmp_path_factory.getbasetemp().parent / f"looked-at-{testrun_uid}"
    folder.mkdir(exist_ok=True)
    return folder
