"""The pages of settings, accounts and services, as each may open and use them."""

import re
from uuid import uuid4

import pytest

from stafett.audit.models import TrailRow
from stafett.people.models import FirstCode, Service, SignIn, User
from stafett.web.models import KeptAnswer
from tests.people.conftest import PASSWORD, PEOPLE

NEW = "en helt ny hemmelighet"


def version(hall, username):
    return hall.all(User.version, User.username == username)[0]


def addresses(hall):
    user, service = hall.users["laerer"], hall.services["skole"]
    return {
        "/admin": {"admin", "ke.leder", "ombud"},
        "/admin/brukere": {"admin", "ke.leder", "ombud"},
        "/admin/brukere/ny": {"admin"},
        f"/admin/brukere/{user}": {"admin", "ke.leder", "ombud"},
        "/admin/tjenester": {"admin"},
        "/admin/tjenester/ny": {"admin"},
        f"/admin/tjenester/{service}": {"admin"},
    }


@pytest.mark.parametrize("username", ["admin", "ke.leder", "laerer", "ombud", "mor", "bup"])
def test_who_opens_which_page(hall, username):
    browser = hall.browser(username)
    for path, allowed in addresses(hall).items():
        assert browser.get(path).status_code == (200 if username in allowed else 403), path
    assert browser.is_in()


@pytest.mark.parametrize("username", ["ke.leder", "laerer", "ombud", "mor"])
def test_only_the_administrator_changes_accounts_and_services(hall, username):
    browser = hall.browser(username)
    user, service = hall.users["bup"], hall.services["skole"]
    rows = hall.count(TrailRow)
    for path in (
        "/admin/brukere/ny",
        f"/admin/brukere/{user}",
        f"/admin/brukere/{user}/steng",
        f"/admin/brukere/{user}/apne",
        f"/admin/brukere/{user}/kode",
        "/admin/tjenester/ny",
        f"/admin/tjenester/{service}",
    ):
        assert browser.send(path, page="/innstillinger").status_code == 403, path
    assert hall.count(TrailRow) == rows


def test_an_auditor_sees_roles_but_gives_none(hall):
    browser = hall.browser("ombud")
    path = f"/admin/brukere/{hall.users['laerer']}/roller"
    fields = {"roles": ["staff", "ke"], "seen_version": version(hall, "laerer")}
    assert browser.send(path, page="/innstillinger", **fields).status_code == 403


def test_missing_accounts_are_missing_only_for_those_let_in(hall):
    path = f"/admin/brukere/{uuid4()}"
    assert hall.browser("admin").get(path).status_code == 404
    assert hall.browser("laerer").get(path).status_code == 403


def test_an_account_from_nothing_to_its_first_log_in(hall):
    admin = hall.browser("admin")
    fields = {
        "name": "Åse Ny Demo",
        "username": "ase.ny",
        "title": "Lærer",
        "service_id": hall.services["skole"],
        "roles": "staff",
    }
    made = admin.send("/admin/brukere/ny", **fields)
    assert made.status_code == 303
    page = made.headers["Location"]
    assert "Ikke valgt ennå" in admin.get(page).text
    paper = admin.send(f"{page}/kode", page=page)
    assert paper.status_code == 200
    assert "Engangskode til Åse Ny Demo" in paper.text
    assert paper.headers["Cache-Control"] == "no-store"
    code = re.search(r"[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){3}", paper.text).group(0)
    assert code not in hall.all(FirstCode.code_hash)
    assert all(code.encode() not in (body or b"") for body in hall.all(KeptAnswer.body))
    new = hall.browser()
    fields = {"username": "ase.ny", "code": code, "new_password": NEW, "repeated": NEW}
    assert new.send("/logg-inn/kode", **fields).status_code == 303
    assert "Åse Ny Demo" in new.get("/innstillinger").text


def test_a_refused_account_keeps_what_was_typed(hall):
    fields = {"name": "Kari <b>Demo", "username": "laerer", "roles": ["staff", "citizen"]}
    answer = hall.browser("admin").send("/admin/brukere/ny", **fields)
    assert answer.status_code == 422
    assert "Brukernavnet er i bruk." in answer.text
    assert 'value="Kari &lt;b&gt;Demo"' in answer.text
    ticked = re.findall(r'value="(\w+)" checked', answer.text)
    assert ticked == ["staff", "citizen"]


def test_a_stale_form_is_shown_with_what_stands_now(hall):
    admin, page = hall.browser("admin"), f"/admin/brukere/{hall.users['laerer']}"
    old = version(hall, "laerer")
    fields = {"name": "Kari Demo", "title": "Lærer", "service_id": hall.services["skole"]}
    assert admin.send(page, seen_version=old, **fields).status_code == 303
    stale = admin.send(page, seen_version=old, **fields | {"name": "Sen Demo"})
    assert stale.status_code == 409
    assert '<h1 class="ds-heading" data-size="lg">Kari Demo</h1>' in stale.text
    assert 'value="Sen Demo"' in stale.text
    assert f'name="seen_version" value="{old + 1}"' in stale.text


def test_roles_through_the_page_of_the_units_leader(hall):
    leader, page = hall.browser("ke.leder"), f"/admin/brukere/{hall.users['laerer']}"
    fields = {"roles": ["staff", "ke"], "seen_version": version(hall, "laerer")}
    assert leader.send(f"{page}/roller", page=page, **fields).status_code == 303
    assert "Saksbehandler i koordinerende enhet" in leader.get(page).text
    fields = {"roles": ["administrator"], "seen_version": version(hall, "laerer")}
    assert leader.send(f"{page}/roller", page=page, **fields).status_code == 403


def test_the_form_of_roles_offers_what_its_reader_may_grant(hall):
    page = f"/admin/brukere/{hall.users['laerer']}"
    offered = re.compile(r'type="(checkbox|hidden)"[^>]* name="roles" value="(\w+)"')
    mine = offered.findall(hall.browser("ke.leder").get(page).text)
    assert sorted(mine) == [("checkbox", "ke"), ("checkbox", "ke_leader"), ("hidden", "staff")]
    assert {kind for kind, _ in offered.findall(hall.browser("admin").get(page).text)} == {
        "checkbox"
    }


def test_the_summary_names_each_field(hall):
    refused = hall.browser("admin").send("/admin/brukere/ny")
    assert refused.status_code == 422
    for field, said in (
        ("name", "Navn: Fyll ut dette feltet."),
        ("username", "Brukernavn: Fyll ut dette feltet."),
        ("roles", "Roller: Velg minst én."),
    ):
        assert f'<a class="ds-link" href="#{field}">{said}</a>' in refused.text


def test_what_is_emptied_is_empty(hall):
    admin, page = hall.browser("admin"), f"/admin/brukere/{hall.users['rektor']}"
    for title, service in (("Rektor", hall.services["skole"]), ("", "")):
        fields = {"name": "Rektor", "title": title, "service_id": service}
        seen = version(hall, "rektor")
        assert admin.send(page, page=page, seen_version=seen, **fields).status_code == 303
        assert hall.all(User.title, User.username == "rektor") == [title]
    page = f"/admin/tjenester/{hall.services['skole']}"
    fields = {"name": "Demo skole", "kind": "school", "leader": "", "seen_version": 2}
    assert admin.send(page, page=page, **fields).status_code == 303
    assert hall.all(Service.leader_id, Service.id == hall.services["skole"]) == [None]


def test_closing_and_opening_an_account(hall):
    admin, page = hall.browser("admin"), f"/admin/brukere/{hall.users['laerer']}"
    assert admin.send(f"{page}/steng", page=page).status_code == 303
    closed = admin.get(page).text
    assert "Kontoen er stengt" in closed
    assert "Lag en kode" not in closed
    assert admin.send(f"{page}/kode", page=page).status_code == 422
    assert hall.browser().log_in("laerer").status_code == 422
    assert admin.send(f"{page}/apne", page=page).status_code == 303
    assert hall.browser().log_in("laerer").status_code == 303


def test_nothing_is_done_with_ones_own_account(hall):
    admin, page = hall.browser("admin"), f"/admin/brukere/{hall.users['admin']}"
    text = admin.get(page).text
    assert "Dette er din egen konto" in text
    for step in ("kode", "steng", "roller"):
        assert f"{page}/{step}" not in text
    answer = admin.send(f"{page}/steng", page=page)
    assert answer.status_code == 422
    assert "Dette kan du ikke gjøre med din egen konto." in answer.text
    assert admin.send(f"{page}/kode", page=page).status_code == 422
    assert admin.is_in()


def test_services_are_made_and_changed(hall):
    admin = hall.browser("admin")
    made = admin.send("/admin/tjenester/ny", name="Ny barnehage", kind="kindergarten")
    assert made.status_code == 303
    page = made.headers["Location"]
    fields = {"name": "Ny barnehage", "kind": "kindergarten", "seen_version": 1}
    saved = admin.send(page, leader="laerer", specialist="true", **fields)
    assert saved.headers["Location"] == "/admin/tjenester"
    assert hall.all(Service.leader_id, Service.name == "Ny barnehage") == [hall.users["laerer"]]
    assert hall.all(Service.specialist, Service.name == "Ny barnehage") == [True]
    refused = admin.send(page, leader="nobody", **fields | {"seen_version": 2})
    assert refused.status_code == 422
    assert "Vi finner ingen med dette brukernavnet." in refused.text
    assert "Ny barnehage" in admin.get("/admin/tjenester").text


def test_services_without_a_leader_are_pointed_out(hall, database):
    admin = hall.browser("admin")
    assert "BUP" in admin.get("/admin").text
    assert "Demo skole" not in admin.get("/admin").text
    with database.writing() as session:
        hall.user(session, "rektor").disabled_at = hall.clock.moment
    assert "kontoen til rektor Demo er stengt" in admin.get("/admin").text


def test_the_list_of_accounts_is_searched_and_paged(hall, database):
    with database.writing() as session:
        for number in range(60):
            made = {"name": f"Ørjan {number:02} Demo", "username": f"o{number:02}"}
            session.add(User(**made, created_at=hall.clock.moment))
    admin = hall.browser("admin")
    first = admin.get("/admin/brukere?q=ØRJAN").text
    assert first.count("<tr>") == 51
    link = re.search(r'href="(/admin/brukere\?q=[^"]+)"', first).group(1).replace("&amp;", "&")
    rest = admin.get(link).text
    assert rest.count("<tr>") == 11
    assert "Vis flere" not in rest
    assert "Vi fant ingen." in admin.get("/admin/brukere?q=finnes-ikke").text
    assert admin.get("/admin/brukere?q=%25").text.count("<tr>") == 0
    assert admin.get("/admin/brukere?after=tull").status_code == 422


def test_own_sessions_are_seen_and_ended(hall):
    browser, other, third = (hall.browser("laerer") for _ in range(3))
    text = browser.get("/innstillinger").text
    assert text.count("Her, nå") == 1
    ends = re.findall(r'action="(/innstillinger/okter/[0-9a-f-]{36}/avslutt)"', text)
    assert len(ends) == 2
    assert browser.send(ends[0], page="/innstillinger").status_code == 303
    assert sorted([other.is_in(), third.is_in()]) == [False, True]
    hall.clock.pass_by(minutes=1)
    assert (
        browser.send("/innstillinger/okter/avslutt-andre", page="/innstillinger").status_code == 303
    )
    assert [browser.is_in(), other.is_in(), third.is_in()] == [True, False, False]


def test_anothers_session_or_token_does_not_exist(hall):
    hall.browser("rektor")
    hall.api("rektor")
    browser = hall.browser("laerer")
    with hall.database.reading() as session:
        rows = session.query(SignIn).filter_by(user_id=hall.users["rektor"]).all()
    for row in rows:
        for kind in ("okter", "nokler"):
            path = f"/innstillinger/{kind}/{row.id}/avslutt"
            assert browser.send(path, page="/innstillinger").status_code == 404
    assert hall.count(SignIn, SignIn.ended_at.is_not(None)) == 0


def test_a_token_is_shown_once_used_and_ended(hall):
    browser = hall.browser("laerer")
    made = browser.send("/innstillinger/nokler", page="/innstillinger", label="Rapport", days="30")
    token = re.search(r"<code>([\w-]{43})</code>", made.text).group(1)
    settings = browser.get("/innstillinger").text
    assert token not in settings
    assert "Rapport" in settings
    assert all(token.encode() not in (body or b"") for body in hall.all(KeptAnswer.body))
    api = hall.app.test_client()
    bearer = {"Authorization": f"Bearer {token}"}
    assert api.get("/api/v1/me", headers=bearer).json["username"] == "laerer"
    end = re.search(r'action="(/innstillinger/nokler/[0-9a-f-]{36}/avslutt)"', settings).group(1)
    assert browser.send(end, page="/innstillinger").status_code == 303
    assert api.get("/api/v1/me", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    ("label", "days", "said"),
    [
        ("", "30", "Fyll ut"),
        ("x", "0", "fra 1 til 365"),
        ("x", "366", "fra 1 til 365"),
        ("x", "én", "helt tall"),
        ("x" * 101, "30", "kortere tekst"),
    ],
)
def test_a_refused_token_keeps_what_was_typed(hall, label, days, said):
    browser = hall.browser("laerer")
    answer = browser.send("/innstillinger/nokler", page="/innstillinger", label=label, days=days)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{days}"' in answer.text
    assert hall.count(SignIn, SignIn.bearer) == 0


def test_the_form_for_a_new_password_stands_in_the_settings(hall):
    browser = hall.browser("laerer")
    assert 'name="username" value="laerer"' in browser.get("/innstillinger").text
    fields = {"username": "laerer", "new_password": NEW, "repeated": NEW}
    path = "/logg-inn/passord"
    answer = browser.send(path, page="/innstillinger", password=PASSWORD, **fields)
    assert answer.status_code == 303


def test_somebody_is_logged_out_everywhere_and_may_log_in_again(hall):
    admin, teacher, api = hall.browser("admin"), hall.browser("laerer"), hall.api("laerer")
    other, page = hall.browser("rektor"), f"/admin/brukere/{hall.users['laerer']}"
    assert "er logget inn 1 sted og har 1 nøkkel" in admin.get(page).text
    assert admin.send(f"{page}/logg-ut", page=page).status_code == 303
    assert not teacher.is_in()
    assert api.get("/api/v1/me").status_code == 401
    assert other.is_in()
    assert admin.is_in()
    assert "Logg ut overalt" not in admin.get(page).text
    assert hall.browser().log_in("laerer").status_code == 303


@pytest.mark.parametrize("username", [one for one in PEOPLE if one != "admin"])
def test_nobody_else_logs_others_out_and_the_family_only_itself(hall, username):
    browser, teacher = hall.browser(username), hall.browser("laerer")
    for user_id in (hall.users["admin"], uuid4()):
        answer = browser.send(f"/admin/brukere/{user_id}/logg-ut", page="/innstillinger")
        assert answer.status_code == 403
    own = f"/admin/brukere/{hall.users[username]}/logg-ut"
    answer = browser.send(own, page="/innstillinger")
    assert answer.status_code == (303 if username == "mor" else 403)
    assert browser.is_in() is (username != "mor")
    assert teacher.is_in()


REACHED = {"phone": "900 00 000", "email": "kari@skolen.example"}


def reached(hall, username):
    return [hall.all(column, User.username == username)[0] for column in (User.phone, User.email)]


def own_words(hall, username):
    """Return how somebody changes how he is reached, on his own page."""
    browser = hall.browser(username)

    def send(**fields):
        fields = {"seen_version": version(hall, username), **fields}
        return browser.send("/innstillinger/kontakt", page="/innstillinger", **fields)

    return browser, send


def test_one_says_oneself_how_one_is_reached_at_work(hall):
    browser, send = own_words(hall, "laerer")
    assert "Slik når familien og de andre deg" in browser.get("/innstillinger").text
    saved = send(phone="90000000", email=" kari@skolen.example ")
    assert (saved.status_code, saved.headers["Location"]) == (303, "/innstillinger#kontakt")
    assert reached(hall, "laerer") == ["900 00 000", "kari@skolen.example"]
    assert 'value="900 00 000"' in browser.get("/innstillinger").text
    with hall.database.reading() as session:
        told = session.query(TrailRow).filter_by(object_id=hall.users["laerer"])
        row = told.order_by(TrailRow.at.desc()).first()
    assert (row.action, row.changes) == ("session.own", {"changed": ["phone", "email"]})
    assert send(phone="", email="  ").status_code == 303
    assert reached(hall, "laerer") == [None, None]


def test_what_cannot_be_a_number_or_an_address_is_said_at_its_field_and_kept(hall):
    _, send = own_words(hall, "laerer")
    refused = send(phone="9000 <b>", email="kari@skolen")
    assert refused.status_code == 422
    assert re.search(r'id="phone-feil">Skriv et nummer med 8 siffer', refused.text)
    assert re.search(r'id="email-feil">Skriv en hel e-postadresse', refused.text)
    assert '<a class="ds-link" href="#phone">Telefon: Skriv et nummer' in refused.text
    assert 'value="9000 &lt;b&gt;"' in refused.text
    assert 'value="kari@skolen"' in refused.text
    assert reached(hall, "laerer") == [None, None]


def test_what_another_saved_first_is_not_written_over(hall):
    _, send = own_words(hall, "laerer")
    old = version(hall, "laerer")
    page = f"/admin/brukere/{hall.users['laerer']}"
    fields = {"name": "Kari Demo", "seen_version": old, **REACHED}
    assert hall.browser("admin").send(page, **fields).status_code == 303
    stale = send(seen_version=old, phone="22 00 00 00")
    assert stale.status_code == 409
    assert 'value="22 00 00 00"' in stale.text
    assert f'name="seen_version" value="{old + 1}"' in stale.text
    assert reached(hall, "laerer") == list(REACHED.values())


@pytest.mark.parametrize("username", ["mor", "admin", "ombud"])
def test_who_does_not_work_with_children_has_no_such_fields(hall, username):
    browser, send = own_words(hall, username)
    assert 'name="phone"' not in browser.get("/innstillinger").text
    assert send().status_code == 303
    assert send(**REACHED).status_code == 422
    assert reached(hall, username) == [None, None]
    page = f"/admin/brukere/{hall.users[username]}"
    assert 'name="phone"' not in hall.browser("admin").get(page).text


def test_the_administrator_writes_how_somebody_is_reached(hall):
    admin = hall.browser("admin")
    fields = {"name": "Ny Demo", "username": "ny", "roles": "staff"}
    page = admin.send("/admin/brukere/ny", **fields, **REACHED).headers["Location"]
    assert reached(hall, "ny") == list(REACHED.values())
    changed = {"name": "Ny Demo", "phone": "22000000", "seen_version": version(hall, "ny")}
    assert admin.send(page, **changed).status_code == 303
    assert reached(hall, "ny") == ["22 00 00 00", None]
    assert "22 00 00 00" in admin.get(page).text
    wrong = {**changed, "phone": "22", "email": "ny@", "seen_version": version(hall, "ny")}
    refused = admin.send(page, **wrong)
    assert refused.status_code == 422
    assert {"phone-feil", "email-feil"} <= set(re.findall(r'id="(\w+-feil)"', refused.text))
    assert 'value="ny@"' in refused.text


def test_an_account_that_ends_to_work_with_children_is_first_not_reached(hall):
    admin, page = hall.browser("admin"), f"/admin/brukere/{hall.users['bup']}"
    fields = {"name": "bup Demo", "seen_version": version(hall, "bup")}
    assert admin.send(page, page=page, **fields, **REACHED).status_code == 303
    citizen = {"roles": "citizen", "seen_version": version(hall, "bup")}
    refused = admin.send(f"{page}/roller", page=page, **citizen)
    assert "Ta først bort telefon og e-post." in refused.text
    emptied = {**fields, "seen_version": version(hall, "bup")}
    assert admin.send(page, page=page, **emptied).status_code == 303
    citizen["seen_version"] = version(hall, "bup")
    assert admin.send(f"{page}/roller", page=page, **citizen).status_code == 303


def test_a_citizen_is_never_made_with_a_number_that_others_see(hall):
    fields = {"name": "Mor Demo", "username": "mor9", "roles": "citizen", **REACHED}
    refused = hall.browser("admin").send("/admin/brukere/ny", **fields)
    assert refused.status_code == 422
    assert "Bare den som arbeider med barn, har dette." in refused.text
    assert hall.count(User, User.username == "mor9") == 0
