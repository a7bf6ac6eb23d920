"""Guardians: registered, corrected, ended and blocked, each felt at the next request."""

import re
from datetime import timedelta

import pytest

from stafett.access.policy import Purpose
from stafett.audit.models import TrailRow
from stafett.children.models import Child, Guardian
from stafett.people import commands as people
from stafett.people.models import User
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind

FOSTER = {
    "name": "Fosterfar Demo",
    "relation": "fosterforelder",
    "parental_responsibility": False,
    "lives_with": True,
}


def statuses(town, who, child):
    api = town.api(who)
    return {api.get(f"/children/{child}{part}").status_code for part in ("", "/entries")}


def level_three(town):
    """Tie the leader of koordinerende enhet, who may edit, end and block guardians."""
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    wish = {
        "level": 3,
        "reason": "Spesialist",
        "child_voice": {"how": "observed"},
        "parents_agree": True,
        "ip_assessment": {"answer": "not_now"},
        "seen_version": 1,
    }
    made = town.api("laerer").post(f"/children/{town.child}/level-changes", wish)
    assert made.status_code == 201, made.json


def test_registered_and_listed(town):
    api, path = town.api("laerer"), f"/children/{town.child}/guardians"
    made = api.post(path, FOSTER | {"until_on": "2030-01-01"})
    assert made.status_code == 201
    assert made.json == {
        "id": made.json["id"],
        "username": None,
        "name": "Fosterfar Demo",
        "relation": "fosterforelder",
        "parental_responsibility": False,
        "lives_with": True,
        "blocked": False,
        "ended": False,
        "from_on": town.today.isoformat(),
        "until_on": "2030-01-01",
        "verified_on": None,
        "mandate": [],
        "version": 1,
    }
    listed = api.get(made.headers["Location"])
    assert listed.status_code == 200
    assert made.json in listed.json["items"]
    assert listed.json["next"] is None
    assert {one["username"] for one in listed.json["items"]} == {"mor", "far", None}
    # Koordinerende enhet is asked to check it.
    tasks = (Task.kind == TaskKind.VERIFY_GUARDIAN, Task.service_id == town.services["ke"])
    assert town.count(Task, *tasks) == 3


WRONG = [
    ({"name": ""}, "name"),
    ({"name": None}, "name"),
    ({"relation": "onkel"}, "relation"),
    ({"parental_responsibility": None}, "parental_responsibility"),
    ({"lives_with": "delt"}, "lives_with"),
    ({"username": "laerer"}, "username"),  # not a citizen's
    ({"username": "ingen"}, "username"),
    ({"national_id": "01010112345"}, "national_id"),
    ({"national_id": "²²²²²²²²²²²"}, "national_id"),
    ({"from_on": "2026-02-30"}, "from_on"),
    ({"from_on": "2026-11-24", "until_on": "2026-11-23"}, "until_on"),
    ({"verified_on": "2026-01-01"}, "verified_on"),
    ({"blocked": True}, "blocked"),
    ({"user_id": "1"}, "user_id"),
]


def test_what_is_wrong_is_named_and_nothing_is_kept(town):
    before = town.rows()
    for changed, field in WRONG:
        answer = town.api("laerer").post(f"/children/{town.child}/guardians", FOSTER | changed)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid"), changed
        assert list(answer.json["error"]["fields"]) == [field], changed
    assert town.rows() == before


def test_who_may_register(town):
    path = f"/children/{town.child}/guardians"
    for who, status in (("mor", 403), ("ppt", 403), ("nyansatt", 404), ("rektor", 404)):
        assert town.api(who).post(path, FOSTER).status_code == status, who


def test_who_typed_a_guardian_corrects_and_ends_it_until_a_log_opens(town):
    child, mor, _ = town.family("Ny Demo")
    laerer, rektor = town.api("laerer"), town.api("rektor")
    wish = {"lives_with": False, "seen_version": 1}
    assert rektor.patch(f"/guardians/{mor}", wish).status_code == 403  # not what he typed
    done = laerer.patch(f"/guardians/{mor}", wish)
    assert (done.status_code, done.json["lives_with"], done.json["version"]) == (200, False, 2)
    ended = laerer.post(f"/guardians/{mor}/end", {"reason": "Feil person"})
    assert (ended.status_code, ended.json["ended"]) == (200, True)
    assert laerer.post(f"/guardians/{mor}/end", {"reason": "Igjen"}).status_code == 409
    assert laerer.patch(f"/guardians/{mor}", wish | {"seen_version": 3}).status_code == 409
    assert statuses(town, "mor", child) == {404}
    assert statuses(town, "far", child) == {200}


def test_a_stale_correction_keeps_what_stands(town):
    level_three(town)
    api, path = town.api("ke.leder"), f"/guardians/{town.mor}"
    assert api.patch(path, {"name": "Mor Ny Demo", "seen_version": 1}).json["version"] == 2
    before = town.rows()
    stale = api.patch(path, {"name": "Mor Gammel Demo", "seen_version": 1})
    assert stale.status_code == 409
    assert stale.json["error"]["current"] == {"name": "Mor Ny Demo", "version": 2}
    wrong = api.patch(path, {"until_on": "2001-01-01", "seen_version": 2})
    assert list(wrong.json["error"]["fields"]) == ["until_on"]
    assert town.rows() == before
    assert town.one(Guardian, Guardian.id == town.mor).until_on is None


def test_lost_parental_responsibility_is_felt_at_once(town):
    level_three(town)
    api = town.api("ke.leder")
    assert statuses(town, "far", town.child) == {200}
    lost = {"parental_responsibility": False, "seen_version": 1}
    assert api.patch(f"/guardians/{town.far}", lost).status_code == 200
    assert statuses(town, "far", town.child) == {404}
    back = {"parental_responsibility": True, "seen_version": 2}
    assert api.patch(f"/guardians/{town.far}", back).status_code == 200
    assert statuses(town, "far", town.child) == {200}


def test_another_account_takes_the_old_ones_place(town):
    level_three(town)
    wish = {"username": "ungdom", "seen_version": 1}
    done = town.api("ke.leder").patch(f"/guardians/{town.far}", wish)
    assert (done.status_code, done.json["username"]) == (200, "ungdom")
    assert statuses(town, "far", town.child) == {404}
    assert statuses(town, "ungdom", town.child) == {200}


def test_an_ended_guardian_is_out_and_stays_in_the_list(town):
    level_three(town)
    api, before = town.api("ke.leder"), town.rows()
    ended = api.post(f"/guardians/{town.far}/end", {"reason": "Dom i saken"})
    assert (ended.status_code, ended.json["ended"]) == (200, True)
    assert statuses(town, "far", town.child) == {404}
    assert statuses(town, "mor", town.child) == {200}
    listed = town.api("laerer").get(f"/children/{town.child}/guardians").json["items"]
    assert [one["ended"] for one in listed if one["id"] == str(town.far)] == [True]
    after = town.rows()
    assert {name for name in after if after[name] != before[name]} == {"trail"}


def test_a_block_beats_every_right(town):
    level_three(town)
    town.tie("far", "PF")  # another right, whatever gave it
    api = town.api("ke.leder")
    assert api.post(f"/guardians/{town.far}/block", {}).status_code == 422
    blocked = api.post(f"/guardians/{town.far}/block", {"reason": "Besøksforbud"})
    assert (blocked.status_code, blocked.json["blocked"]) == (200, True)
    assert statuses(town, "far", town.child) == {404}
    assert town.api("far").get("/children").json["items"] == []
    assert api.post(f"/guardians/{town.far}/block", {"reason": "Igjen"}).status_code == 409
    # Who may not block asks koordinerende enhet instead.
    laerer = town.api("laerer").post(f"/guardians/{town.mor}/block", {"reason": "x"})
    assert laerer.status_code == 403


def test_the_last_day_counts_and_the_day_after_does_not(town):
    level_three(town)
    last = town.today + timedelta(days=20)
    wish = {"until_on": last.isoformat(), "seen_version": 1}
    assert town.api("ke.leder").patch(f"/guardians/{town.far}", wish).status_code == 200
    with town.later(days=20):
        assert statuses(town, "far", town.child) == {200}
    with town.later(days=21):
        assert statuses(town, "far", town.child) == {404}


def test_a_parent_who_comes_later_is_a_task_and_undoes_no_consent(town):
    made = town.api("laerer").post(
        f"/children/{town.child}/guardians",
        FOSTER | {"relation": "medmor", "parental_responsibility": True},
    )
    assert made.status_code == 201
    assert statuses(town, "ppt", town.child) == {200}
    wanted = (Task.kind == TaskKind.GUARDIAN_NOT_ASKED, Task.user_id == town.users["laerer"])
    assert town.count(Task, *wanted) == 1
    with town.database.reading() as session:
        from stafett.access.ties import covered_services  # noqa: PLC0415 only here

        assert covered_services(session, town.child, town.today, Purpose.STAFETTLOGG)


def test_a_leader_who_acts_is_asked_about_a_parent_who_comes_later(town):
    with town.work("admin") as work:
        people.disable(work, work.session.get_one(User, town.users["laerer"]))
    wish = FOSTER | {"relation": "medmor", "parental_responsibility": True}
    made = town.api("rektor").post(f"/children/{town.child}/guardians", wish)
    assert made.status_code == 201, made.json
    task = town.one(Task, Task.kind == TaskKind.GUARDIAN_NOT_ASKED)
    assert (task.user_id, task.service_id) == (None, town.services["skole"])


def test_the_trail_names_fields_and_never_their_text(town):
    level_three(town)
    wish = {"name": "Hemmelig Navn", "phone": "99 88 77 66", "seen_version": 1}
    assert town.api("ke.leder").patch(f"/guardians/{town.far}", wish).status_code == 200
    row = town.one(TrailRow, TrailRow.object_id == town.far, TrailRow.action == "guardian.edit")
    assert row.changes == {"fields": ["name", "phone"]}


def test_what_a_form_shows_can_be_emptied_and_what_it_hides_cannot(town):
    child, _, far = town.family("Tom Demo")
    with town.database.writing() as session:
        guardian = session.get_one(Guardian, far)
        guardian.phone, guardian.until_on = "99 00 00 00", town.today + timedelta(days=50)
    teacher, there = town.browser("laerer"), f"/foresatt/{far}"
    fields = {"name": "Far Demo", "relation": "far", "from_on": town.today.isoformat()}
    fields |= {"parental_responsibility": "true", "lives_with": "true", "username": ""}
    fields |= {"phone": "", "until_on": ""}
    for shown, phone in (([], "99 00 00 00"), (["phone", "until_on"], None)):
        seen = town.one(Guardian, Guardian.id == far).version
        sent = {**fields, "seen_version": seen, "shown": shown}
        assert teacher.send(there, sent).status_code == 303
        row = town.one(Guardian, Guardian.id == far)
        assert (row.phone, row.user_id) == (phone, town.users["far"])
    assert row.until_on is None
    town.tie("koordinator", "KO", child)  # who may read the number, too
    for who, number in (("laerer", []), ("koordinator", ["phone"])):
        page = town.browser(who).get(there).text
        assert re.findall(r'name="shown" value="(\w+)"', page) == ["name", *number, "until_on"]
    sent |= {"seen_version": row.version, "name": "", "shown": ["name"]}
    refused = teacher.send(there, sent)
    assert refused.status_code == 422
    assert "Navn: Fyll ut dette feltet." in refused.text


def test_where_a_child_lives_can_be_emptied(town):
    level_three(town)
    with town.database.writing() as session:
        child = session.get_one(Child, town.child)
        child.address, child.school = "Storgata 1", "Demo skole, 3A"
    leader, path = town.api("ke.leder"), f"/children/{town.child}"
    seen = town.one(Child, Child.id == town.child).version
    emptied = {"seen_version": seen, "address": None}
    assert leader.patch(path, emptied).status_code == 200
    row = town.one(Child, Child.id == town.child)
    assert (row.address, row.school) == (None, "Demo skole, 3A")
    nameless = leader.patch(path, {"seen_version": row.version, "name": None})
    assert nameless.json["error"]["fields"] == {"name": ["Fyll ut dette feltet."]}


@pytest.mark.parametrize(("years", "asked"), [(15, 1), (16, 0), (17, 0)])
def test_a_new_guardian_of_a_youth_who_decides_alone_is_not_to_be_asked(town, years, asked):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    wish = FOSTER | {"relation": "medmor", "parental_responsibility": True}
    added = town.api("laerer").post(f"/children/{town.child}/guardians", wish)
    assert added.status_code == 201, added.text
    assert town.count(Task, Task.kind == TaskKind.GUARDIAN_NOT_ASKED) == asked
