"""Logging in, out, with a code and with a new password, through the pages."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from stafett.app import create_app
from stafett.errors import StafettError
from stafett.people import commands, rules
from stafett.people.models import Attempt, FirstCode, SignIn, User
from stafett.worker import Jobs
from tests.conftest import settings
from tests.people.conftest import PASSWORD

NEW = "en helt ny hemmelighet"
FORMS = {
    "/logg-inn": {"username": "laerer", "password": PASSWORD},
    "/logg-inn/kode": {
        "username": "laerer",
        "code": "ABCD-EFGH-JKLM-NPQR",
        "new_password": NEW,
        "repeated": NEW,
    },
    "/logg-inn/passord": {
        "username": "laerer",
        "password": PASSWORD,
        "new_password": NEW,
        "repeated": NEW,
    },
}


def without_tokens(text):
    return re.sub(r'(name="csrf_token" value=")[^"]+', r"\1", text)


def test_log_in_opens_the_page_that_was_asked_for(hall):
    browser = hall.browser()
    sent_away = browser.get("/innstillinger")
    assert sent_away.headers["Location"] == "/logg-inn?neste=%2Finnstillinger"
    form = browser.get(sent_away.headers["Location"]).text
    assert 'name="neste" value="/innstillinger"' in form
    answer = browser.log_in("Laerer ", neste="/innstillinger")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/innstillinger")
    assert browser.is_in()
    assert hall.all(Attempt.result) == ["password"]


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "\\\\evil.example",
        "/\\evil",
        "https:evil.example",
        "https://evil",
        "/\t/e",
    ],
)
def test_log_in_never_leads_away(hall, wanted):
    assert hall.browser().log_in("laerer", neste=wanted).headers["Location"] == "/"


def test_unknown_wrong_and_disabled_are_answered_alike(hall, database):
    with database.writing() as session:
        hall.user(session, "rektor").disabled_at = hall.clock.moment
    answers = [
        hall.browser().log_in("nobody", PASSWORD),
        hall.browser().log_in("laerer", "feil passord her"),
        hall.browser().log_in("rektor", PASSWORD),
    ]
    assert {answer.status_code for answer in answers} == {422}
    texts = [
        without_tokens(answer.text).replace(f'value="{name}"', "")
        for answer, name in zip(answers, ["nobody", "laerer", "rektor"], strict=True)
    ]
    assert texts[0] == texts[1] == texts[2]
    assert "Brukernavn eller passord er feil." in texts[0]
    assert PASSWORD not in texts[0]
    assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1


def test_unknown_users_cost_a_hash_too(hall, monkeypatch):
    hashed = []
    hasher = commands._HASHER  # noqa: SLF001 to count what it is asked

    class Counting:
        def verify(self, *given):
            hashed.append(given[0])
            return hasher.verify(*given)

        def hash(self, password):
            return hasher.hash(password)

    monkeypatch.setattr(commands, "_HASHER", Counting())
    hall.browser().log_in("nobody")
    hall.browser().log_in("laerer", "feil passord her")
    assert len(hashed) == 2
    assert all("$argon2id$v=19$m=19456,t=2,p=1$" in one for one in hashed)


@pytest.mark.parametrize("path", FORMS)
def test_every_public_form_needs_its_token(hall, path):
    browser = hall.browser()
    browser.get(path)
    for token in ({}, {"csrf_token": "forged"}):
        assert browser.http.post(path, data=FORMS[path] | token).status_code == 403
    other = hall.browser()
    page = other.get(path).text
    stolen = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
    assert browser.http.post(path, data=FORMS[path] | {"csrf_token": stolen}).status_code == 403
    assert hall.count(Attempt) == 0
    assert hall.count(SignIn) == 0


def test_the_cookie_from_before_log_in_is_dead(hall):
    browser = hall.browser()
    browser.get("/logg-inn")
    before = browser.cookie()
    browser.log_in("laerer")
    first = browser.cookie()
    assert first != before
    browser.log_in("laerer")
    for old in (before, first):
        thief = hall.browser()
        thief.http.set_cookie("stafett", old)
        assert not thief.is_in()
    assert browser.is_in()
    assert hall.count(SignIn, SignIn.ended_at.is_(None)) == 1


def test_log_out_kills_the_session_in_the_database(hall):
    browser = hall.browser("laerer")
    kept = browser.cookie()
    answer = browser.send("/logg-ut", page="/innstillinger")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/logg-inn")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    browser.http.set_cookie("stafett", kept)
    assert not browser.is_in()


def test_log_out_needs_its_token(hall):
    browser = hall.browser("laerer")
    assert browser.http.post("/logg-ut").status_code == 403
    assert browser.is_in()


@pytest.mark.parametrize(("username", "minutes"), [("mor", 15), ("laerer", 30)])
def test_a_session_ends_when_it_is_not_used(hall, username, minutes):
    browser = hall.browser(username)
    for _ in range(3):
        hall.clock.pass_by(minutes=minutes - 1)
        assert browser.is_in()
    hall.clock.pass_by(minutes=minutes)
    assert not browser.is_in()


def test_a_session_ends_after_eight_hours_of_use(hall):
    browser = hall.browser("laerer")
    for _ in range(8 * 60 // 20 - 1):
        hall.clock.pass_by(minutes=20)
        assert browser.is_in()
    hall.clock.pass_by(minutes=20)
    assert not browser.is_in()


def test_a_fourth_browser_signs_out_the_one_least_used(hall):
    browsers = []
    for _ in range(3):
        browsers.append(hall.browser("laerer"))
        hall.clock.pass_by(minutes=2)
    assert browsers[0].is_in()
    hall.clock.pass_by(minutes=2)
    fourth = hall.browser("laerer")
    assert [one.is_in() for one in (*browsers, fourth)] == [True, False, True, True]
    assert hall.browser("rektor").is_in()


def test_a_token_does_not_idle_but_expires(hall):
    api = hall.api("mor")
    hall.clock.pass_by(days=29)
    assert api.get("/api/v1/me").status_code == 200
    hall.clock.pass_by(days=1)
    assert api.get("/api/v1/me").status_code == 401


def test_ten_failures_make_even_the_right_password_wait(hall):
    browser = hall.browser()
    for _ in range(10):
        assert browser.log_in("laerer", "feil passord her").status_code == 422
        hall.clock.pass_by(seconds=1)
    hall.clock.pass_by(seconds=-1)
    refused = browser.log_in("laerer")
    assert refused.status_code == 429
    assert "prøvd for mange ganger" in refused.text
    assert not browser.is_in()
    assert browser.log_in("rektor", "feil passord her").status_code == 422
    hall.clock.pass_by(seconds=1)
    assert browser.log_in("laerer").status_code == 303


def test_waiting_grows_but_never_locks(hall, monkeypatch):
    monkeypatch.setattr(commands, "_matches", lambda *_: False)
    waits = []
    for _ in range(18):
        try:
            commands.log_in(hall.door(), commands.LogIn("laerer", "feil passord her"))
        except commands.TooManyAttemptsError as error:
            waits.append(error.seconds)
            hall.clock.pass_by(seconds=error.seconds)
            with pytest.raises(commands.RuleBrokenError):
                commands.log_in(hall.door(), commands.LogIn("laerer", "feil passord her"))
        except commands.RuleBrokenError:
            waits.append(0)
    assert waits == [0] * 10 + [1, 2, 4, 8, 16, 32, 60, 60]
    monkeypatch.undo()
    hall.clock.pass_by(minutes=15)
    assert commands.log_in(hall.door(), commands.LogIn("laerer", PASSWORD))


def test_an_address_that_tries_many_accounts_waits(hall, monkeypatch):
    monkeypatch.setattr(commands, "_matches", lambda *_: False)
    for number in range(50):
        with pytest.raises(commands.RuleBrokenError):
            commands.log_in(hall.door(), commands.LogIn(f"user{number}", PASSWORD))
    with pytest.raises(commands.TooManyAttemptsError):
        commands.log_in(hall.door(), commands.LogIn("laerer", PASSWORD))
    monkeypatch.undo()
    assert commands.log_in(hall.door("192.0.2.2"), commands.LogIn("laerer", PASSWORD))


def at_once(count, step):
    """Run a step many times at the same moment and return what each came to."""

    def one(_):
        try:
            return step()
        except StafettError as error:
            return type(error)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_thirty_at_once_are_ten_tries(hall, monkeypatch):
    """Attempts count before the password is looked at, so being fast gains nothing."""
    seen = []
    monkeypatch.setattr(commands, "_matches", lambda *_: bool(seen.append(1)))
    wish = commands.LogIn("laerer", "feil passord her")
    came_to = at_once(30, lambda: commands.log_in(hall.door(), wish))
    assert len(seen) == 10
    assert came_to.count(commands.TooManyAttemptsError) == 20


def test_a_code_used_eight_times_at_once_is_used_once(hall):
    wish = commands.UseCode("laerer", hall.code("laerer"), NEW, NEW)
    came_to = at_once(8, lambda: commands.use_code(hall.door(), wish))
    assert came_to.count(commands.RuleBrokenError) == 7
    assert hall.count(SignIn) == 1


def test_what_was_typed_as_username_is_not_kept(hall):
    hall.browser().log_in("mitt hemmelige passord")
    with hall.database.reading() as session:
        row = session.query(Attempt).one()
    assert "hemmelige" not in f"{row.username_hash}{row.address}{row.result}"


@pytest.mark.parametrize(
    ("base_url", "counted"),
    [("https://stafett.example.no", "10.0.0.7"), ("http://127.0.0.1:5000", "127.0.0.1")],
)
def test_attempts_are_counted_from_the_address_that_the_proxy_saw(hall, base_url, counted):
    app = create_app(hall.database, settings(STAFETT_BASE_URL=base_url))
    client = app.test_client()
    html = client.get("/logg-inn", base_url=base_url).text
    wish = {"username": "laerer", "password": "feil passord her"}
    wish["csrf_token"] = re.search(r'name="csrf_token" value="([^"]+)', html)[1]
    through = {"X-Forwarded-For": "1.2.3.4, 10.0.0.7", "Referer": f"{base_url}/logg-inn"}
    answer = client.post("/logg-inn", data=wish, base_url=base_url, headers=through)
    assert answer.status_code == 422
    assert hall.all(Attempt.address) == [counted]


def test_a_disabled_user_is_out_at_once_over_a_kept_connection(hall, database):
    browser, api = hall.browser("laerer"), hall.api("laerer")
    assert browser.is_in()
    assert api.get("/api/v1/me").status_code == 200
    with database.writing() as session:
        commands.disable(hall.work(session, "admin"), hall.user(session, "laerer"))
    assert not browser.is_in()
    assert api.get("/api/v1/me").status_code == 401
    with database.writing() as session:
        commands.enable(hall.work(session, "admin"), hall.user(session, "laerer"))
    assert not browser.is_in()
    assert api.get("/api/v1/me").status_code == 401


def test_a_bad_token_never_falls_back_to_the_cookie(hall):
    browser = hall.browser("laerer")
    answer = browser.get("/api/v1/me", headers={"Authorization": "Bearer nothing"})
    assert answer.status_code == 401


def test_a_session_is_no_token_and_a_token_no_session(hall):
    secret = commands.log_in(hall.door(), commands.LogIn("laerer", PASSWORD))
    answer = hall.browser().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401


def test_a_code_sets_the_password_once_and_ends_every_session(hall):
    old, code = hall.browser("laerer"), hall.code("laerer")
    fields = {"username": "laerer", "new_password": NEW, "repeated": NEW}
    browser = hall.browser()
    answer = browser.send("/logg-inn/kode", code=code.lower().replace("-", " "), **fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert browser.is_in()
    assert not old.is_in()
    assert hall.browser().log_in("laerer").status_code == 422
    assert hall.browser().log_in("laerer", NEW).status_code == 303
    again = hall.browser().send("/logg-inn/kode", code=code, **fields)
    assert again.status_code == 422
    assert "koden virker ikke lenger" in again.text


@pytest.mark.parametrize(("hours", "status"), [(71.9, 303), (72, 422)])
def test_a_code_lives_72_hours(hall, hours, status):
    code = hall.code("laerer")
    hall.clock.pass_by(hours=hours)
    fields = {"username": "laerer", "code": code, "new_password": NEW, "repeated": NEW}
    assert hall.browser().send("/logg-inn/kode", **fields).status_code == status


def test_every_failure_of_a_code_is_answered_alike(hall, database):
    codes = {name: hall.code(name) for name in ("laerer", "rektor", "mor")}
    hall.code("mor")  # a newer one, so the first no longer counts
    with database.writing() as session:
        commands.disable(hall.work(session, "admin"), hall.user(session, "rektor"))
        commands.enable(hall.work(session, "admin"), hall.user(session, "rektor"))
    tries = [
        ("nobody", codes["laerer"]),
        ("laerer", codes["mor"]),
        ("laerer", "AAAA-AAAA-AAAA-AAAA"),
        ("rektor", codes["rektor"]),
        ("mor", codes["mor"]),
    ]
    texts = set()
    for username, code in tries:
        fields = {"username": username, "code": code, "new_password": NEW, "repeated": NEW}
        answer = hall.browser().send("/logg-inn/kode", **fields)
        assert answer.status_code == 422
        shown = without_tokens(answer.text)
        texts.add(shown.replace(f'value="{username}"', "").replace(f'value="{code}"', ""))
    assert len(texts) == 1
    assert hall.count(SignIn) == 0


def test_codes_are_throttled_with_log_in(hall):
    browser = hall.browser()
    fields = {"username": "laerer", "new_password": NEW, "repeated": NEW}
    for _ in range(10):
        assert browser.send("/logg-inn/kode", code="AAAA", **fields).status_code == 422
    code = hall.code("laerer")
    assert browser.send("/logg-inn/kode", code=code, **fields).status_code == 429
    assert hall.all(FirstCode.used_at) == [None]
    assert browser.log_in("laerer").status_code == 429


@pytest.mark.parametrize(
    ("new", "repeated", "said"),
    [
        ("for kort", "for kort", "minst 15 tegn"),
        ("en helt ny hemmelighet", "en annen hemmelighet", "begge gangene"),
        ("stafettstafett2", "stafettstafett2", "for lett å gjette"),
    ],
)
def test_a_weak_new_password_costs_no_code(hall, new, repeated, said):
    code = hall.code("laerer")
    fields = {"username": "laerer", "new_password": new, "repeated": repeated}
    answer = hall.browser().send("/logg-inn/kode", code=code, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert new not in answer.text
    assert hall.count(Attempt) == 0
    fields |= {"new_password": NEW, "repeated": NEW}
    assert hall.browser().send("/logg-inn/kode", code=code, **fields).status_code == 303


def test_a_new_password_needs_the_present_one_and_ends_the_other_sessions(hall):
    browser, other = hall.browser("laerer"), hall.browser("laerer")
    fields = {"username": "laerer", "new_password": NEW, "repeated": NEW}
    wrong = browser.send("/logg-inn/passord", password="feil passord her", **fields)
    assert wrong.status_code == 422
    assert other.is_in()
    answer = browser.send("/logg-inn/passord", page="/innstillinger", password=PASSWORD, **fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/innstillinger")
    assert browser.is_in()
    assert not other.is_in()
    assert hall.browser().log_in("laerer").status_code == 422
    assert hall.browser().log_in("laerer", NEW).status_code == 303


def test_nobody_signs_in_with_an_account_that_has_no_password(hall, database):
    with database.writing() as session:
        hall.user(session, "laerer").password_hash = None
    assert hall.browser().log_in("laerer").status_code == 422


def test_an_account_closed_while_the_password_is_hashed_stays_out(hall, database, monkeypatch):
    def slow(*_):
        with database.writing() as session:
            hall.user(session, "laerer").disabled_at = hall.clock.moment
        return True

    monkeypatch.setattr(commands, "_matches", slow)
    assert hall.browser().log_in("laerer").status_code == 422
    assert hall.count(SignIn) == 0


def test_nothing_is_hashed_inside_a_transaction(hall, database, monkeypatch):
    """A second writer gets its turn while a password is compared."""
    verified = []
    matches = commands._matches  # noqa: SLF001 to come in between

    def with_a_writer(*given):
        with database.writing() as session:
            hall.user(session, "mor").title = "kom til"
        verified.append(given)
        return matches(*given)

    monkeypatch.setattr(commands, "_matches", with_a_writer)
    assert hall.browser().log_in("laerer").status_code == 303
    assert verified
    assert hall.all(User.title, User.username == "mor") == ["kom til"]


def test_what_is_over_is_forgotten_after_two_years_and_nothing_that_counts(hall, database):
    hall.browser("laerer").send("/logg-ut", page="/innstillinger")
    hall.code("mor")
    over = hall.clock.moment + rules.CODE_LASTS  # the last of it, the code
    hall.clock.pass_by(days=729)
    mor = hall.browser("mor")
    Jobs(database, None, settings(), hall.profile).round(over + timedelta(days=730, seconds=-1))
    assert [hall.count(one) for one in (Attempt, SignIn, FirstCode)] == [1, 1, 1]
    Jobs(database, None, settings(), hall.profile).round(over + timedelta(days=730))
    assert [hall.count(one) for one in (Attempt, SignIn, FirstCode)] == [1, 1, 0]
    assert mor.is_in()


@pytest.mark.parametrize(
    "hostile",
    ["\x00", "a\x00b", "'; DROP TABLE user_account; --", "<script>x</script>", "a" * 5000],
)
@pytest.mark.parametrize("field", ["username", "password", "neste"])
def test_hostile_log_ins_are_refused_with_a_page(hall, field, hostile):
    fields = {"username": "nobody", "password": PASSWORD, "neste": "/"} | {field: hostile}
    answer = hall.browser().send("/logg-inn", checked=False, **fields)
    assert answer.status_code == 422
    assert "<script>x" not in answer.text
