"""A protected address: one person adds protection at once, two people take some of it away."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from stafett.access.models import AccessRow
from stafett.audit.models import TrailRow
from stafett.children.models import Child, Guardian, ProtectionStep
from stafett.children.rules import Protection, milder, stricter
from stafett.emergency.models import Emergency
from stafett.people import commands as people
from stafett.people.models import User
from stafett.protection.models import AddressReader
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind

NONE, FORTROLIG, STRICT = Protection
WHY = "Vedtak fra politiet"


def protect(town, who="laerer", grade=FORTROLIG):
    wish = {"protection": grade.value, "reason": WHY}
    return town.api(who).post(f"/children/{town.child}/protection", wish)


def ask(town, who, action, **more):
    wish = {"action": action, "words": "Det trengs.", **more}
    return town.api(who).post(f"/children/{town.child}/requests", wish)


def ease(town, who, grade=NONE):
    wish = {"protection": grade.value, "reason": "Opphevet i registeret"}
    return town.api(who).post(f"/children/{town.child}/protection/ease", wish)


def sees(town, who):
    return town.api(who).get(f"/children/{town.child}").status_code == 200


@pytest.fixture
def addressed(town):
    """The town's child lives somewhere, and its mother has a telephone."""
    with town.database.writing() as session:
        child = session.get_one(Child, town.child)
        child.address, child.school = "Skjult vei 1", "Skjult skole"
        session.get_one(Guardian, town.mor).phone = "99999999"
    town.tie("koordinator", "KO")
    return town


def test_the_order_of_the_grades():
    assert [stricter(one) for one in Protection] == [[FORTROLIG, STRICT], [STRICT], []]
    assert [milder(one) for one in Protection] == [[], [NONE], [FORTROLIG, NONE]]


def test_one_person_protects_and_guardians_are_out_at_the_next_request(addressed):
    town = addressed
    assert sees(town, "mor")
    made = protect(town)
    assert (made.status_code, made.json["protection"]) == (200, "fortrolig")
    (step,) = made.json["steps"]
    assert (step["reason"], step["set_by"], step["asked_by"]) == (WHY, "Laerer Demo", None)
    assert not sees(town, "mor")
    assert not sees(town, "far")
    assert sees(town, "ppt")
    child = town.one(Child, Child.id == town.child)
    assert (child.address, child.school) == ("Skjult vei 1", "Skjult skole")


def test_who_has_the_baton_is_told_when_another_protects(addressed):
    assert protect(addressed, "koordinator").status_code == 200
    task = addressed.one(Task, Task.kind == TaskKind.PROTECTED)
    assert task.user_id == addressed.users["laerer"]
    assert "Adressen er beskyttet" in addressed.browser("laerer").text(f"/oppgave/{task.id}")
    assert "mistet tilgangen" in addressed.browser("laerer").text("/")


def test_a_leader_who_acts_is_told_when_another_protects_and_not_of_his_own(addressed):
    town = addressed
    with town.work("admin") as work:
        people.disable(work, work.session.get_one(User, town.users["laerer"]))
    assert protect(town, "koordinator").status_code == 200
    task = town.one(Task, Task.kind == TaskKind.PROTECTED)
    assert (task.user_id, task.service_id) == (None, town.services["skole"])
    assert protect(town, "rektor", grade=STRICT).status_code == 200
    assert town.count(Task, Task.kind == TaskKind.PROTECTED) == 1


def test_strict_protection_forgets_where_the_child_is(addressed):
    town = addressed
    assert protect(town, grade=STRICT).status_code == 200
    child = town.one(Child, Child.id == town.child)
    assert (child.address, child.school) == (None, None)
    assert town.one(Guardian, Guardian.id == town.mor).phone is None


def test_protecting_never_takes_protection_away(addressed):
    town = addressed
    protect(town, grade=STRICT)
    before = town.rows()
    for grade in Protection:
        answer = protect(town, grade=grade)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["protection"])
    assert town.rows() == before
    for field in ("address", "school"):
        wish = {field: "Skjult vei 1", "seen_version": town.one(Child).version}
        town.tie("ke.saksbehandler", "KE")
        answer = town.api("ke.saksbehandler").patch(f"/children/{town.child}", wish)
        assert answer.status_code == 422
    with town.work("laerer") as work:
        twin = town.one(Child).national_id
        assert twin is None
        assert work.session.get_one(Child, town.child).address_protection == STRICT


def test_easing_takes_two(addressed):
    town = addressed
    protect(town)
    for who in ("laerer", "koordinator"):
        assert ease(town, who).status_code == 403
    town.tie("ke.leder", "KEL")
    assert ease(town, "ke.leder").status_code == 403  # nobody has asked
    assert ask(town, "ke.leder", "child.set_grade_flag").status_code == 422  # nor is anyone to ask
    assert ask(town, "laerer", "child.set_grade_flag").status_code == 201
    assert ease(town, "laerer").status_code == 403  # not by who asked
    task = town.one(Task, Task.action == "child.set_grade_flag")
    assert "Se på det og gjør det her" in town.browser("ke.leder").text(f"/oppgave/{task.id}")
    page = town.browser("ke.leder").text(f"/barn/{town.child}/beskyttelse")
    assert "Skal beskyttelsen lettes?" in page
    answer = ease(town, "ke.leder")
    assert (answer.status_code, answer.json["protection"]) == (200, "none")
    assert answer.json["steps"][0]["asked_by"] == "Laerer Demo"
    assert sees(town, "mor")
    assert "Opphevet i registeret" in town.one(Task, Task.id == task.id).done_text
    assert town.count(TrailRow, TrailRow.action == "child.set_grade_flag") == 1
    assert ease(town, "ke.leder").status_code == 403  # the request has been used


def test_easing_is_not_protecting(addressed):
    town = addressed
    protect(town)
    town.tie("ke.leder", "KEL")
    ask(town, "laerer", "child.set_grade_flag")
    before = town.rows()
    for grade in (FORTROLIG, STRICT):
        assert ease(town, "ke.leder", grade).status_code == 422
    assert town.rows() == before


def test_a_leader_without_a_tie_eases_because_he_was_asked_and_is_out_again(addressed):
    town = addressed
    protect(town)
    assert ease(town, "ke.leder").status_code == 404
    ask(town, "laerer", "child.set_grade_flag")
    sent = {"protection": "none", "reason": "Opphevet"}
    done = town.browser("ke.leder").send(f"/barn/{town.child}/beskyttelse/lette", sent)
    assert (done.status_code, done.location) == (303, "/")
    assert not sees(town, "ke.leder")


def test_only_a_named_reader_reads_where_the_child_is_and_each_look_is_logged(addressed):
    town = addressed
    protect(town)
    where = f"/children/{town.child}/address"
    for who in ("laerer", "koordinator"):
        assert town.api(who).get(where).status_code == 403
    assert ask(town, "laerer", "child.name_reader").status_code == 422  # not hers to ask for
    assert ask(town, "koordinator", "child.name_reader").status_code == 201
    until = town.today + timedelta(days=30)
    wish = {"username": "koordinator", "until_on": until.isoformat()}
    named = town.api("ke.leder").post(f"/children/{town.child}/protection/readers", wish)
    assert named.status_code == 200
    assert [one["username"] for one in named.json["readers"]] == ["koordinator"]
    found = town.api("koordinator").get(where).json
    assert (found["address"], found["school"]) == ("Skjult vei 1", "Skjult skole")
    assert {"name": "Ppt Demo", "title": "ppt", "service": "Demo-ppt"} in found["workplaces"]
    assert "Skjult vei 1" in town.browser("koordinator").text(
        f"/barn/{town.child}/beskyttelse/sted"
    )
    looks = (AccessRow.action == "child.read_graded_address", AccessRow.result == "allow")
    assert town.count(AccessRow, *looks) == 2
    with town.later(days=30):
        assert town.api("koordinator").get(where).status_code == 200
    with town.later(days=31):
        assert town.api("koordinator").get(where).status_code == 403


def test_a_leader_names_only_who_has_asked_and_no_longer_than_a_year(addressed):
    town = addressed
    protect(town)
    town.tie("ke.leder", "KEL")
    ask(town, "koordinator", "child.name_reader")
    before = town.rows()
    path, day = f"/children/{town.child}/protection/readers", town.today
    for username, until_on, field in (
        ("laerer", day, "username"),
        ("koordinator", day - timedelta(days=1), "until_on"),
        ("koordinator", day + timedelta(days=367), "until_on"),
    ):
        wish = {"username": username, "until_on": until_on.isoformat()}
        answer = town.api("ke.leder").post(path, wish)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    assert town.rows() == before


@pytest.fixture
def read(addressed):
    """`koordinator` reads where the child is."""
    town = addressed
    protect(town)
    ask(town, "koordinator", "child.name_reader")
    wish = {"username": "koordinator", "until_on": (town.today + timedelta(days=9)).isoformat()}
    path = f"/children/{town.child}/protection/readers"
    assert town.api("ke.leder").post(path, wish).status_code == 200
    return town


def test_a_reader_is_taken_off_by_one_and_by_a_stricter_grade(read):
    town, where = read, f"/children/{read.child}/address"
    ended = town.api("laerer").post(
        f"/children/{town.child}/protection/readers/end", {"username": "koordinator"}
    )
    assert (ended.status_code, ended.json["readers"]) == (200, [])
    assert town.api("koordinator").get(where).status_code == 403
    again = town.api("laerer").post(
        f"/children/{town.child}/protection/readers/end", {"username": "koordinator"}
    )
    assert again.status_code == 409


def test_a_stricter_grade_ends_readers_and_closes_guardians(read):
    town = read
    with town.database.writing() as session:
        session.get_one(Guardian, town.mor).opened_at = town.now
    protect(town, grade=STRICT)
    assert town.api("koordinator").get(f"/children/{town.child}/address").status_code == 403
    assert town.one(Guardian, Guardian.id == town.mor).opened_at is None
    with town.database.reading() as session:
        assert all(one.ended_at for one in session.scalars(select(AddressReader)))


def test_an_emergency_ends_when_the_grade_becomes_strict(addressed):
    town = addressed
    protect(town)
    reader = town.browser("ke.leder")
    wish = {"child_id": town.child, "category": "life_or_health"}
    reader.send("/nodtilgang", {**wish, "reason": "Bor et sted der det brenner akkurat nå."})
    assert "Du har åpnet" in reader.get(f"/barn/{town.child}").text
    protect(town, grade=STRICT)
    assert reader.get(f"/barn/{town.child}").status_code == 404
    assert "Du har åpnet" not in reader.get("/").text
    assert town.one(Emergency).closed_at is not None


def test_a_guardian_is_let_in_by_two_and_shut_out_by_one(addressed):
    town = addressed
    protect(town)
    opening = f"/guardians/{town.mor}/open-access"
    town.tie("ke.leder", "KEL")
    assert town.api("ke.leder").post(opening, {"reason": "Bor der"}).status_code == 403
    object_id = str(town.mor)
    assert ask(town, "laerer", "guardian.open_access", object_id=object_id).status_code == 201
    assert town.api("laerer").post(opening, {"reason": "Bor der"}).status_code == 403
    page = town.browser("ke.leder").text(f"/foresatt/{town.mor}/tilgang")
    assert "ber om at tilgangen åpnes" in page
    opened = town.api("ke.leder").post(opening, {"reason": "Bor der"})
    assert (opened.status_code, opened.json["opened"]) == (200, True)
    assert sees(town, "mor")
    assert not sees(town, "far")
    closed = town.api("laerer").post(f"/guardians/{town.mor}/close-access", {})
    assert (closed.status_code, closed.json["opened"]) == (200, False)
    assert not sees(town, "mor")


def test_an_opened_guardian_is_closed_when_the_account_becomes_anothers(addressed):
    town = addressed
    protect(town)
    ask(town, "laerer", "guardian.open_access", object_id=str(town.mor))
    town.api("ke.leder").post(f"/guardians/{town.mor}/open-access", {"reason": "Bor der"})
    town.tie("ke.saksbehandler", "KE")
    guardian = town.one(Guardian, Guardian.id == town.mor)
    wish = {"username": "ungdom", "seen_version": guardian.version}
    assert town.api("ke.saksbehandler").patch(f"/guardians/{town.mor}", wish).status_code == 200
    assert not sees(town, "ungdom")


def test_a_block_beats_an_opened_door(addressed):
    town = addressed
    protect(town)
    ask(town, "laerer", "guardian.open_access", object_id=str(town.mor))
    town.tie("ke.leder", "KEL")
    blocked = town.api("ke.leder").post(f"/guardians/{town.mor}/block", {"reason": "Vedtak"})
    assert blocked.status_code == 200
    town.api("ke.leder").post(f"/guardians/{town.mor}/open-access", {"reason": "Bor der"})
    assert not sees(town, "mor")


def test_a_guardian_added_later_is_shut_out_too(addressed):
    town = addressed
    protect(town)
    wish = {
        "name": "Verge Demo",
        "relation": "verge",
        "parental_responsibility": True,
        "lives_with": False,
        "username": "ungdom",
    }
    assert town.api("laerer").post(f"/children/{town.child}/guardians", wish).status_code == 201
    assert not sees(town, "ungdom")


def test_nothing_waits_for_a_guardian_who_is_shut_out(addressed):
    town = addressed
    wish = {
        "purpose": "plan",
        "services": [str(town.services["ppt"])],
        "given_by": [],
        "method": "digital",
        "given_on": town.today.isoformat(),
        "guardians_complete": True,
    }
    assert town.api("laerer").post(f"/children/{town.child}/consents", wish).status_code == 201
    assert "Nora" in town.browser("mor").text("/familie")
    protect(town)
    assert "Nora" not in town.browser("mor").text("/familie")


def test_a_child_registered_with_protection_has_its_first_step(town):
    wish = {"name": "Alva Demo", "birth_date": "2018-05-01", "address_protection": "fortrolig"}
    made = town.api("laerer").post("/children", wish)
    assert made.status_code == 201, made.json
    (step,) = town.api("laerer").get(f"/children/{made.json['id']}/protection").json["steps"]
    assert (step["protection"], step["set_by"]) == ("fortrolig", "Laerer Demo")
    page = town.browser("laerer").text(f"/barn/{made.json['id']}/beskyttelse")
    assert "Barnet ble registrert med beskyttet adresse." in page


def test_a_refused_form_keeps_what_was_written(addressed):
    town = addressed
    sent = {"protection": "", "reason": "Politiet har ringt"}
    answer = town.browser("laerer").send(f"/barn/{town.child}/beskyttelse", sent)
    assert answer.status_code == 422
    assert "Politiet har ringt" in answer.get_data(as_text=True)
    assert town.count(ProtectionStep) == 0
    good = {"protection": "fortrolig", "reason": "Politiet har ringt"}
    done = town.browser("laerer").send(f"/barn/{town.child}/beskyttelse", good)
    assert done.status_code == 303
    page = town.browser("laerer").text(f"/barn/{town.child}/beskyttelse")
    assert "Fortrolig adresse." in page
    assert "Politiet har ringt" in page
