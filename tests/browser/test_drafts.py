"""What is typed on a phone is kept: without a net, after the log-in, in a killed tab, on two."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from stafett.access.models import Tie
from stafett.children.rules import VoiceHow
from stafett.people.models import SignIn
from stafett.stafettlogg.commands import Close, Voice, close
from stafett.stafettlogg.level_zero import NewConcern, WriteConcern, write_concern
from stafett.stafettlogg.models import Concern, Stafettlogg
from stafett.stafettlogg.rules import Outcome
from stafett.unsaved.models import Unsaved
from stafett.web.identity import hashed
from tests.browser.conftest import serving
from tests.client import RAW
from tests.plan.scene import a_goal, a_measure, drafted, made

KEPT = "[data-draft-says]"
WORDS = "Vi prøvde pauser. Æ ø å «»\n"


@pytest.fixture
def served(app, town):
    """The address of the town on loopback."""
    with serving(app) as address:
        yield address


class Phone:
    """A telephone with somebody's log-in; its clock stands still until it is told to go."""

    def __init__(self, browser, town, site, name):
        """Begin with the log-in that the person has."""
        self.town, self.site = town, site
        self.context = browser.new_context(viewport={"width": 390, "height": 844}, locale="nb-NO")
        self.be(town.secret(name))
        self.page = self.context.new_page()
        self.page.clock.install()
        self.asked = set()
        self.page.on("request", lambda one: self.asked.add(one))  # noqa: PLW0108 it takes no built-in
        for ended in ("requestfinished", "requestfailed"):
            self.page.on(ended, lambda one: self.asked.discard(one))  # noqa: PLW0108 it takes no built-in

    def be(self, secret):
        """Have the cookie of a log-in, as when it was made in another tab."""
        value = {"_user_id": secret, "_fresh": True, "csrf_token": f"{RAW}{secret}"}
        signed = self.town.app.session_interface.get_signing_serializer(self.town.app)
        cookie = {"name": "stafett", "value": signed.dumps(value), "url": self.site}
        self.context.add_cookies([cookie])

    def log_in(self, name):
        """Log in anew."""
        secret, now = uuid4().hex, datetime.now(UTC)
        until = {"seen_at": now, "expires_at": now + timedelta(hours=8)}
        row = {"secret_hash": hashed(secret), "bearer": False, "user_id": self.town.users[name]}
        with self.town.database.writing() as session:
            session.add(SignIn(**row, created_at=now, **until))
        self.be(secret)

    def open_log(self):
        """Open the log and set the cursor in the text."""
        self.page.goto(f"{self.site}/barn/{self.town.child}/stafettlogg")
        self.page.locator("textarea[name=text]").focus()
        self.page.keyboard.press("Control+End")
        return self

    def type(self, text, seconds=0):
        """Type, and let so many seconds go by."""
        self.page.keyboard.insert_text(text)
        self.page.clock.run_for(seconds * 1000)
        return self

    def rests(self):
        """Let five seconds go by, until the server has answered what the page keeps then."""
        with self.page.expect_response(lambda answer: answer.request.method == "PUT"):
            self.page.clock.run_for(5000)
        return self

    def answered(self):
        """Wait until the page has had its answer to all that it has sent, and asks no more."""
        quiet = 0
        while quiet < 3:
            self.page.wait_for_timeout(50)
            quiet = 0 if self.asked else quiet + 1
        return self

    def says(self, words):
        """Wait for what the page says of the draft."""
        expect(self.page.locator(KEPT)).to_contain_text(words)
        return self

    def waits_for(self, words):
        """Let time go by until the page says so: an answer on its way sets when it tries again."""
        for _ in range(20):
            if words in self.page.locator(KEPT).inner_text():
                break
            self.page.clock.run_for(30_000)
            self.page.wait_for_timeout(250)
        return self.says(words)

    @property
    def text(self):
        """What stands in the field."""
        return self.page.locator("textarea[name=text]").input_value()


@pytest.fixture
def phone(browser, town, served):
    """Somebody takes up a telephone."""
    opened = []

    def take(name="laerer"):
        opened.append(Phone(browser, town, served, name))
        return opened[-1]

    yield take
    for one in opened:
        one.context.close()


def drafts(town):
    with town.database.reading() as session:
        rows = session.scalars(select(Unsaved))
        return {row.user_id: row.fields["text"] for row in rows}


def test_20000_characters_are_kept_without_a_net_without_a_log_in_and_without_the_tab(town, phone):
    part = (WORDS * 80)[:2000]
    one = phone().open_log().type(part, seconds=5).says("Lagret kl. ")
    one.context.set_offline(True)
    for _ in range(5):
        one.type(part, seconds=120)
    one.says("venter på nett")
    assert drafts(town) == {town.users["laerer"]: part}
    with town.database.writing() as session:
        session.execute(update(SignIn).values(expires_at=town.now))
    one.context.set_offline(False)
    one.page.clock.run_for(30_000)
    one.says("du er logget ut").type(part * 2, seconds=30).answered().says("du er logget ut")
    one.page.get_by_role("button", name="Lagre i loggen").click()
    one.answered()  # before the new log-in, or what waits to be saved is
    assert one.page.url.endswith("/stafettlogg")  # the words are nowhere else yet
    one.type(part * 2)
    one.log_in("laerer")
    one.waits_for("Lagret kl. ")
    whole = part * 10
    assert one.text == whole
    one.page.close(run_before_unload=False)
    another = phone()
    another.log_in("laerer")
    assert another.open_log().text == whole
    another.says("Utkast lagret")
    another.page.get_by_role("button", name="Lagre i loggen").click()
    expect(another.page.locator(".st-entry")).to_be_focused()  # it is led to what was saved
    assert another.page.locator(".st-entry .st-typed").text_content().strip() == whole.strip()
    assert another.text == ""
    assert drafts(town) == {}


def test_what_is_pressed_stands_still_while_the_draft_is_kept(phone):
    one = phone().open_log()
    pressed = one.page.locator("#skriv summary").first
    before = pressed.bounding_box()
    one.type("Hun sov godt i natt.", seconds=5).says("Lagret kl. ")
    assert pressed.bounding_box() == before


def test_keys_without_a_pause_are_kept_every_20_seconds_and_when_the_page_is_left(town, phone):
    one = phone().open_log()
    for _ in range(5):
        one.type("a", seconds=4)
    one.says("Lagret kl. ")
    assert len(drafts(town)[town.users["laerer"]]) == 5
    with one.page.expect_response(lambda answer: answer.request.method == "PUT"):
        one.type("b").page.locator("h1").click()
    assert drafts(town)[town.users["laerer"]] == "aaaaab"
    assert one.page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_two_devices_keep_both_texts(town, phone):
    one, two = phone().open_log(), phone().open_log()
    one.type("Fra telefonen.", seconds=5).says("Lagret kl. ")
    two.type("Fra nettbrettet.", seconds=5).says("Begge tekstene er her")
    expect(two.page.locator("[data-draft-other]")).to_have_text("Fra telefonen.")
    assert [*drafts(town).values()] == ["Fra telefonen."]
    two.page.get_by_role("button", name="Ta med begge").click()
    two.page.clock.run_for(1000)
    two.says("Lagret kl. ")
    both = "Fra nettbrettet.\n\nFra telefonen."
    assert (two.text, [*drafts(town).values()]) == (both, [both])
    one.type(" Mer.", seconds=5).says("Begge tekstene er her")
    one.page.get_by_role("button", name="Behold bare min").click()
    one.page.clock.run_for(1000)
    one.says("Lagret kl. ")
    assert [*drafts(town).values()] == ["Fra telefonen. Mer."]


def test_a_part_of_the_plan_is_kept_like_an_entry_and_let_go_of(town, phone):
    drafted(town, [a_goal(measures=[a_measure(town)])])
    one, there = phone(), f"/barn/{town.child}/plan/utkast/tiltak/m2"
    page = one.page
    page.goto(f"{one.site}{there}")
    page.locator("[name=how]").focus()
    one.type("Hver morgen", seconds=5).says("Tatt vare på kl. ")
    page.locator("[name=how]").fill("")
    one.rests()
    expect(page.locator(KEPT)).to_be_hidden()  # as it stood: nothing is kept
    assert town.count(Unsaved) == 0
    page.locator("[name=scope]").fill("Tirsdag")
    one.rests()
    page.locator("[name=how]").fill("Hver morgen")
    one.rests().says("Tatt vare på kl. ")
    two = phone()
    two.page.goto(f"{two.site}{there}")
    expect(two.page.locator("[name=how]")).to_have_value("Hver morgen")
    two.page.locator("[name=how]").fill("Hver kveld")
    two.rests()
    two.page.locator("[name=scope]").fill("Onsdag")
    two.rests().says("Tatt vare på kl. ")
    page.locator("[name=how]").focus()
    page.keyboard.press("Control+End")
    one.type(" med far", seconds=5).says("Begge tekstene er her")
    shown = page.locator("[data-draft-other]")
    expect(shown).to_have_text("Hvordan?\nHver kveld\n\nHvor ofte eller hvor mye?\nOnsdag")
    page.get_by_role("button", name="Ta med begge").click()
    expect(page.locator("[name=how]")).to_have_value("Hver morgen med far\n\nHver kveld")
    expect(page.locator("[name=scope]")).to_have_value("Tirsdag")
    expect(shown).to_have_text("Onsdag")  # a line has room for one
    page.clock.run_for(1000)
    one.says("Tatt vare på kl. ")
    page.get_by_role("button", name="Lagre i utkastet").click()
    page.wait_for_url("**/utkast#tiltak-m2")
    assert town.count(Unsaved) == 0
    assert "Hver kveld" in page.locator("#tiltak-m2").inner_text()
    two.page.goto(f"{two.site}{there}")
    two.page.locator("[name=what]").fill("Noe annet")
    two.rests().says("Tatt vare på kl. ")
    two.page.reload()
    two.page.get_by_role("button", name="Forkast det jeg skrev").click()
    expect(two.page.locator("[name=what]")).to_have_value("Høytlesing")
    assert town.count(Unsaved) == 0


def test_a_form_that_is_sent_without_a_word_leaves_nothing_to_come_back_to(town, phone):
    drafted(town, [a_goal(measures=[a_measure(town)])])
    one = phone()
    one.page.goto(f"{one.site}/barn/{town.child}/plan/utkast/mal")
    one.page.eval_on_selector("form[data-draft]", "form => { form.noValidate = true; }")
    one.page.get_by_role("button", name="Lagre i utkastet").click()
    expect(one.page.get_by_role("heading", name="Rett dette før du lagrer")).to_be_visible()
    one.page.locator("[name=text]").focus()
    one.rests()
    one.page.reload()
    assert town.count(Unsaved) == 0
    one.page.locator("[name=text]").fill("Å sove godt")
    one.rests().says("Tatt vare på kl. ")


@pytest.mark.parametrize("next_one", ["ppt", "nyansatt"])
def test_the_next_person_at_the_same_computer_does_not_get_the_words(town, phone, next_one):
    one = phone().open_log().type("Bare mitt.", seconds=5).says("Lagret kl. ")
    one.log_in(next_one)
    one.type(" Mer.", seconds=5)
    one.page.wait_for_url(f"{one.site}/")
    assert "Bare mitt." not in one.page.content()
    assert drafts(town) == {town.users["laerer"]: "Bare mitt."}


def test_who_loses_the_access_is_told_and_can_copy(town, phone):
    one = phone("ppt").open_log().type("Mitt.", seconds=5).says("Lagret kl. ")
    with town.database.writing() as session:
        theirs = Tie.user_id == town.users["ppt"]
        session.execute(update(Tie).where(theirs).values(ended_at=town.now))
    one.type(" Mer.", seconds=5).says("ikke lenger tilgang")
    assert one.text == "Mitt. Mer."


@pytest.mark.parametrize("kind", ["note", "glimpse"])
def test_an_entry_is_saved_within_four_interactions_from_the_worklist(town, phone, kind):
    """Tap the child, tap what to write, type, tap save; what is not changed is as it was."""
    one = phone()
    page = one.page
    page.goto(f"{one.site}/")
    page.get_by_role("link", name="Nora Demo").first.click()
    page.get_by_role("link", name="lysglimt" if kind == "glimpse" else "Skriv i loggen").click()
    page.wait_for_url("**/stafettlogg*")
    expect(page.locator("textarea[name=text]")).to_be_focused()
    one.type("Hun lo i friminuttet.")
    assert page.locator("select:visible").count() == 0
    expect(page.locator(".st-audience--before:visible")).to_contain_text("Dette ser: ")
    save = page.locator("#skriv button[type=submit]")
    box = save.bounding_box()
    assert box["y"] + box["height"] <= 844  # without scrolling
    save.click()
    expect(page.locator(f".st-entry[data-kind={kind}]")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_first_concern_is_kept_without_a_net_without_a_log_in_and_without_the_tab(town, phone):
    child, words = town.family("Ny Demo")[0], "Hun gråt i garderoben tre dager på rad."
    one, form = phone(), f"/barn/{child}/bekymring/ny"
    page = one.page
    page.goto(f"{one.site}{form}")
    page.locator("[name=observed]").focus()
    one.type(words, seconds=5).says("Lagret kl. ")
    page.locator("[name=worry][value='4']").check()
    page.get_by_text("Hva gjelder det, og hva hjelper?").click()
    page.locator("[name=areas]").first.check()
    area = page.locator("[name=areas]").first.get_attribute("value")
    one.rests().context.set_offline(True)
    page.locator("[name=observed]").focus()
    one.type(" I dag også.", seconds=60).says("venter på nett")
    page.locator("main form button[type=submit]").click()
    one.says("Trykk igjen når du har nett")
    with town.database.writing() as session:
        session.execute(update(SignIn).values(expires_at=town.now))
    one.context.set_offline(False)
    one.waits_for("du er logget ut")
    page.locator("main form button[type=submit]").click()
    one.answered()
    assert page.url.endswith(form)
    assert town.count(Concern) == 0
    one.log_in("laerer")
    one.waits_for("Lagret kl. ")
    page.close(run_before_unload=False)
    two = phone()
    two.log_in("laerer")
    two.page.goto(f"{two.site}/")
    two.page.get_by_role("link", name="Skriv den ferdig").click()
    two.page.wait_for_url(f"**{form}")
    two.says("Utkast lagret")
    observed = two.page.locator("[name=observed]").input_value()
    assert observed.replace(" I dag også.", "") == words  # typed where the cursor was
    expect(two.page.locator("[name=worry][value='4']")).to_be_checked()
    expect(two.page.locator(f"[name=areas][value={area}]")).to_be_checked()
    expect(two.page.locator(f"[name=areas][value={area}]")).to_be_visible()  # it is unfolded
    two.page.get_by_role("button", name="Lagre bekymringen").click()
    two.page.wait_for_url("**/bekymring/*")
    made = town.one(Concern)
    assert (made.observed, made.worry, made.areas) == (observed, 4, [area])
    assert town.count(Unsaved) == 0
    two.page.goto(f"{two.site}{form}")
    expect(two.page.locator("[name=observed]")).to_have_value("")
    two.page.goto(f"{two.site}/")
    expect(two.page.get_by_role("link", name="Skriv den ferdig")).to_have_count(0)


def written(town):
    """The address of a concern about Nora by the teacher, who tells there of a talk at home."""
    with town.work("laerer") as work:
        wish = NewConcern(WriteConcern("Sitter alene.", 3))
        return f"/bekymring/{write_concern(work, town.child, wish).id}"


@pytest.mark.parametrize("form", ["correction", "addition", "answer"])
def test_what_is_written_of_a_concern_is_kept_as_a_first_one_is(town, phone, form):
    there, words = written(town), "Hun gråt i garderoben tre dager på rad."
    name, at, button, field = {
        "correction": ("laerer", "/rett", "Lagre rettelsen", "observed"),
        "addition": ("laerer", "", "Lagre tillegget", "addition"),
        "answer": ("rektor", "", "Lagre avgjørelsen", "reason"),
    }[form]
    if form == "addition":
        wish = {"decision": "close", "reason": "Vi ser."}
        path = there.replace("/bekymring", "/concerns")
        assert town.api("rektor").post(f"{path}/decision", wish).status_code == 200
    one = phone(name)
    one.page.goto(f"{one.site}{there}{at}")
    one.page.locator(f"[name={field}]").fill("")
    one.page.locator(f"[name={field}]").focus()
    one.type(words, seconds=5).says("Lagret kl. ")
    if form == "answer":
        one.page.locator("[name=decision][value=close]").check()
        one.rests()
    one.context.set_offline(True)
    one.type(" I dag også.", seconds=60).says("venter på nett")
    with town.database.writing() as session:
        session.execute(update(SignIn).values(expires_at=town.now))
    one.context.set_offline(False)
    one.waits_for("du er logget ut")
    one.log_in(name)
    one.waits_for("Lagret kl. ")
    one.page.close(run_before_unload=False)
    two = phone(name)
    two.log_in(name)
    two.page.goto(f"{two.site}/")
    two.page.get_by_role("link", name="Skriv det ferdig").click()
    two.says("Utkast lagret")
    assert words in two.page.locator(f"[name={field}]").input_value()
    assert "I dag også." in two.page.locator(f"[name={field}]").input_value()
    two.page.get_by_role("button", name=button).click()
    expect(two.page.get_by_text("Utkast lagret")).to_have_count(0)
    two.page.wait_for_url(lambda url: url.partition("#")[0].endswith(there))
    expect(two.page.get_by_text(words).first).to_be_visible()
    assert town.count(Unsaved) == 0


def test_a_form_that_keeps_no_draft_keeps_its_words_without_a_net_and_without_a_log_in(town, phone):
    one, telling = phone(), written(town)
    page, words = one.page, "De ser det samme hjemme."
    page.goto(f"{one.site}{telling}")
    page.locator("[name=on]").fill(town.today.isoformat())
    page.locator("[name=text]").fill(words)
    send, told = page.locator("main form button[type=submit]"), page.locator("[data-not-sent]")
    page.clock.run_for(120_000)
    one.context.set_offline(True)
    send.click()
    expect(told).to_contain_text("ingen nett")
    one.context.set_offline(False)
    with town.database.writing() as session:
        session.execute(update(SignIn).values(expires_at=town.now))
    send.click()
    expect(told).to_contain_text("du er logget ut")
    expect(page.locator("[name=text]")).to_have_value(words)
    assert town.one(Concern).parents_talk is None
    one.log_in("laerer")
    send.click()
    expect(page.locator("[name=text]")).to_have_count(0)
    assert town.one(Concern).parents_talk == words


def test_words_without_a_draft_are_not_sent_by_somebody_else(town, phone):
    one, telling = phone(), written(town)
    page = one.page
    page.goto(f"{one.site}{telling}")
    page.locator("[name=on]").fill(town.today.isoformat())
    page.locator("[name=text]").fill("De ser det samme hjemme.")
    page.clock.run_for(120_000)
    one.log_in("helsesykepleier")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{one.site}/")
    assert town.one(Concern).parents_talk is None


@pytest.mark.parametrize(
    ("page", "button", "choices"),
    [
        ("/niva/evaluering", "Lagre", {"parents_agree": "true", "child_voice.how": "observed"}),
        ("/niva", "Endre nivå", {"parents_agree": "true", "child_voice.how": "observed"}),
        ("/avslutt", "Avslutt loggen", {"outcome": "other", "child_voice.how": "observed"}),
    ],
)
def test_what_is_decided_of_a_log_is_kept_while_it_is_written(town, phone, page, button, choices):
    one = phone()
    one.page.goto(f"{one.site}/barn/{town.child}{page}")
    one.page.locator("[name=reason]").focus()
    one.type("Pausene hjelper.", seconds=5).says("Lagret kl. ")
    for name, value in choices.items():
        one.page.locator(f"[name='{name}'][value={value}]").check()
    one.rests().context.set_offline(True)
    one.type(" Mer uten nett.", seconds=60).says("venter på nett")
    one.context.set_offline(False)
    one.waits_for("Lagret kl. ")
    one.page.close(run_before_unload=False)
    two = phone()
    two.page.goto(f"{two.site}/barn/{town.child}{page}")
    two.says("Utkast lagret")
    assert "Pausene hjelper. Mer uten nett." in two.page.locator("[name=reason]").input_value()
    for name, value in choices.items():
        expect(two.page.locator(f"[name='{name}'][value={value}]")).to_be_checked()
    for name in {"family_view", "level"} - choices.keys():
        field = two.page.locator(f"main [name={name}]")
        if field.count():
            field.first.check() if name == "level" else field.fill("Enige.")
    two.page.get_by_role("button", name=button, exact=True).click()
    expect(two.page.locator("h1")).to_be_visible()
    two.page.wait_for_url(lambda url: not url.endswith(page))
    with town.database.reading() as session:
        assert session.scalars(select(Unsaved)).all() == []


@pytest.mark.parametrize(
    "page", ["/plan/utkast/tekst", "/niva/evaluering", "/stafettlogg", "/bekymring/ny"]
)
def test_what_state_the_words_are_in_is_seen_where_they_are_written(town, phone, page):
    drafted(town, [])
    one = phone()
    one.page.goto(f"{one.site}/barn/{town.child}{page}")
    written = one.page.locator("main form[data-draft] textarea").first
    written.focus()
    one.type("Vi prøvde pauser.", seconds=5)
    said = one.page.locator(KEPT)
    expect(said).to_contain_text("kl. ")
    expect(said).to_be_in_viewport(ratio=1)
    one.context.set_offline(True)
    one.type(" Mer.", seconds=30).says("venter på nett")
    expect(said).to_be_in_viewport(ratio=1)
    with town.database.writing() as session:
        session.execute(update(SignIn).values(expires_at=town.now))
    one.context.set_offline(False)
    one.waits_for("du er logget ut")
    expect(said).to_be_in_viewport(ratio=1)
    expect(one.page.get_by_role("link", name="Logg inn i en ny fane")).to_be_in_viewport(ratio=1)
    for _ in range(12):  # and what is gone to by Tab is not hidden behind it
        one.page.keyboard.press("Tab")
        where = one.page.evaluate(
            "() => { const it = document.activeElement, box = it.getBoundingClientRect();"
            " const top = document.elementFromPoint(box.x + 4, Math.max(box.top, 0) + 4);"
            " return Boolean(top) && (it.contains(top) || top.contains(it)); }"
        )
        assert where, one.page.evaluate("document.activeElement.outerHTML")


def closed(town):
    """The log is closed by somebody else."""
    with town.work("far") as work:
        voice = Voice(VoiceHow.OBSERVED)
        seen = work.session.scalars(select(Stafettlogg.version)).one()
        close(work, town.child, Close(Outcome.OTHER, "Nok.", "Enig.", voice, seen))


def test_what_nobody_may_save_any_more_is_not_sent_away_from_the_page(town, phone):
    one = phone("ppt").open_log().type("Mens noen avslutter.", seconds=5).says("Lagret kl. ")
    closed(town)
    one.type(" Og litt til.", seconds=5).says("Du har ikke lenger tilgang")
    sent = []
    one.page.on("request", lambda it: it.method == "POST" and sent.append(it.url))
    with one.page.expect_response(lambda answer: answer.request.method == "PUT"):
        one.page.get_by_role("button", name="Lagre i loggen").click()
    one.page.wait_for_timeout(1000)
    assert sent == []
    one.says("Du har ikke lenger tilgang")
    assert one.text == "Mens noen avslutter. Og litt til."


def test_a_form_of_a_plan_stays_on_the_page_when_its_log_is_closed_meanwhile(town, phone):
    drafted(town, [a_goal(whose="child")])
    one = phone("laerer")
    one.page.goto(f"{one.site}/barn/{town.child}/plan/utkast/mal/g1")
    one.page.locator("textarea[name=text]").focus()
    one.type(" Og regne.", seconds=5).says("Tatt vare på kl. ")
    closed(town)
    one.type(" Og litt til.", seconds=5).says("Du har ikke lenger tilgang")
    sent = []
    one.page.on("request", lambda it: it.method == "POST" and sent.append(it.url))
    one.answered()
    with one.page.expect_response(lambda answer: answer.request.method == "PUT"):
        one.page.get_by_role("button", name="Lagre i utkastet").click()
    one.answered()
    assert sent == []
    one.says("Du har ikke lenger tilgang")
    assert "Og regne. Og litt til." in one.text


def test_a_form_of_what_has_left_the_plan_meanwhile_is_sent_and_shown_again(town, phone):
    drafted(town, [a_goal(whose="child"), a_goal(text="Sove")])
    one = phone("laerer")
    one.page.goto(f"{one.site}/barn/{town.child}/plan/utkast/mal/g1")
    one.page.locator("textarea[name=text]").focus()
    one.type("Og regne. ", seconds=5).says("Tatt vare på kl. ")
    drafted(town, [a_goal(key="g2", text="Sove")])
    one.type("Og litt til. ", seconds=5).says("ikke lenger din å skrive i").answered()
    one.page.get_by_role("button", name="Lagre i utkastet").click()
    expect(one.page.locator("h1")).to_have_text("Målet er tatt bort mens du skrev")
    assert "Og regne. Og litt til." in one.text


def test_what_is_said_of_the_draft_never_hides_what_is_typed(town, phone):
    one = phone()
    one.page.goto(f"{one.site}/barn/{town.child}/avslutt")
    one.page.locator("[name=reason]").focus()
    one.type("Målene er nådd.", seconds=5).says("Lagret kl. ")
    field, said = one.page.locator("[name=family_view]"), one.page.locator(KEPT)
    one.page.evaluate(
        "top => scrollTo(0, scrollY + top - innerHeight + 40)", field.bounding_box()["y"]
    )
    box = field.bounding_box()
    assert said.bounding_box()["y"] < box["y"] + 25  # it lies over the field's first line
    one.page.mouse.click(box["x"] + 30, box["y"] + 15)
    expect(field).to_be_focused()
    one.page.keyboard.type("Enige.")
    expect(field).to_have_value("Enige.")
    one.page.wait_for_timeout(500)
    assert field.bounding_box()["y"] + 35 < said.bounding_box()["y"]


def test_a_yes_takes_the_half_written_no_with_it_while_that_is_being_kept(town, phone):
    draft = drafted(town, [a_goal(measures=[a_measure(town, responsible="ppt")])])
    assert made(town, draft).status_code == 201
    one = phone("ppt")
    one.page.goto(f"{one.site}/barn/{town.child}/plan/tiltak/m2/ansvar")
    one.page.get_by_text("Nei, det passer ikke").click()
    one.page.locator("[name=reason]").focus()
    one.type("Jeg er borte", seconds=5).says("Lagret kl. ")
    one.page.keyboard.insert_text(" i vår.")
    one.page.get_by_role("button", name="Ja, jeg tar ansvaret").click()
    one.page.wait_for_url(lambda url: not url.endswith("/ansvar"))
    one.answered()
    assert town.count(Unsaved) == 0
