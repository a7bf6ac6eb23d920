"""A block follows the person, whatever row; two people lift it, neither of them alone."""

import pytest

from stafett.access.models import Tie
from stafett.audit.models import TrailRow
from stafett.children.models import Guardian, GuardianEvent
from stafett.tasks.models import Task

UNBLOCK = "guardian.unblock"
BACK = {
    "name": "Far Demo",
    "relation": "far",
    "parental_responsibility": True,
    "lives_with": False,
    "username": "far",
}
NUMBER = "01851799911"  # synthetic
WHY = {"words": "Besøksforbudet er opphevet."}
REASON = {"reason": "Kjennelse i tingretten"}


@pytest.fixture
def leader(town):
    """The leader of koordinerende enhet, tied to the whole child; the father is blocked."""
    town.tie("ke.leder", "KEL")
    api = town.api("ke.leder")
    blocked = api.post(f"/guardians/{town.far}/block", {"reason": "Besøksforbud"})
    assert (blocked.status_code, blocked.json["blocked"]) == (200, True)
    return api


def reads(town, who="far"):
    return town.api(who).get(f"/children/{town.child}").status_code


def add(town, who="laerer", **more):
    made = town.api(who).post(f"/children/{town.child}/guardians", BACK | more)
    assert made.status_code == 201, made.json
    return made.json


def ask(town, who, guardian):
    wish = {"action": UNBLOCK, "object_id": str(guardian), **WHY}
    return town.api(who).post(f"/children/{town.child}/requests", wish)


def unblock(town, guardian, who="ke.leder"):
    return town.api(who).post(f"/guardians/{guardian}/unblock", REASON)


def test_who_is_ended_and_added_again_is_still_blocked(town, leader):
    assert leader.post(f"/guardians/{town.far}/end", {"reason": "Dom"}).status_code == 200
    assert reads(town) == 404
    back = add(town)
    assert back["blocked"] is True
    assert reads(town) == 404
    assert town.api("far").get("/children").json["items"] == []
    # Nobody waits for the yes of one who may not know.
    wish = {
        "purpose": "plan",
        "services": [str(town.services["skole"])],
        "given_by": [str(town.mor)],
        "guardians_complete": True,
        "method": "signed",
        "given_on": str(town.today),
    }
    made = town.api("laerer").post(f"/children/{town.child}/consents", wish)
    assert made.json["state"] == "active"


def test_the_account_brings_the_block_to_another_row_and_never_leaves_it(town, leader):
    other = add(town, username=None, name="Far med nytt navn")
    assert other["blocked"] is False
    wish = {"username": "far", "seen_version": other["version"]}
    moved = leader.patch(f"/guardians/{other['id']}", wish)
    assert (moved.status_code, moved.json["blocked"]) == (200, True)
    version = town.one(Guardian, Guardian.id == town.far).version
    before = town.rows()
    freed = leader.patch(f"/guardians/{town.far}", {"username": "ungdom", "seen_version": version})
    assert (freed.status_code, list(freed.json["error"]["fields"])) == (422, ["username"])
    assert town.rows() == before
    assert (reads(town), reads(town, "ungdom")) == (404, 404)


def test_the_same_number_is_the_same_person(town, leader):
    """Also when the account is a new one."""
    first = add(town, username=None, national_id=NUMBER, name="En")
    assert leader.post(f"/guardians/{first['id']}/block", {"reason": "x"}).status_code == 200
    second = add(town, username="ungdom", national_id=NUMBER, name="En igjen")
    assert second["blocked"] is True
    assert reads(town, "ungdom") == 404


def test_a_block_reaches_every_row_there_is(town):
    town.tie("ke.leder", "KEL")
    twice = add(town)
    assert twice["blocked"] is False
    town.api("ke.leder").post(f"/guardians/{town.far}/block", {"reason": "Besøksforbud"})
    rows = town.api("ke.leder").get(f"/children/{town.child}/guardians").json["items"]
    assert {one["id"] for one in rows if one["blocked"]} == {str(town.far), twice["id"]}
    assert town.count(GuardianEvent, GuardianEvent.step == "blocked") == 2


def test_nobody_lifts_a_block_alone(town, leader):
    for who in ("ke.leder", "laerer", "mor", "ppt"):
        assert unblock(town, town.far, who).status_code == 403, who
    assert unblock(town, town.far, "far").status_code == 404
    assert "opphev-sperre" not in town.browser("ke.leder").get(f"/foresatt/{town.far}").text
    alone = ask(town, "ke.leder", town.far)  # he would have to answer himself
    assert (alone.status_code, unblock(town, town.far).status_code) == (422, 403)
    assert leader
    assert reads(town) == 404


@pytest.mark.parametrize("first", ["laerer", "ke.saksbehandler"])
def test_one_asks_and_the_leader_confirms(town, leader, first):
    if first == "ke.saksbehandler":
        town.tie(first, "KE")
    asked = ask(town, first, town.far)
    assert asked.status_code == 201
    task = town.one(Task, Task.action == UNBLOCK)
    browser = town.browser("ke.leder")
    assert f'href="/foresatt/{town.far}"' in browser.get(f"/oppgave/{task.id}").text
    there = f"/foresatt/{town.far}/opphev-sperre"
    assert browser.send(there, {"reason": " "}).status_code == 422
    assert reads(town) == 404
    assert browser.send(there, REASON).status_code == 303
    assert reads(town) == 200
    step = town.one(GuardianEvent, GuardianEvent.step == "unblocked")
    assert (step.words, step.decided_by) == (REASON["reason"], town.users["ke.leder"])
    trail = town.one(TrailRow, TrailRow.action == UNBLOCK)
    assert trail.changes == {"asked": [str(task.id)]}
    mine = town.api(first).get(asked.headers["Location"]).json["items"]
    assert [one["answer"] for one in mine] == ["Sperringen er opphevet."]
    assert REASON["reason"] not in str(mine)
    assert town.count(Tie, Tie.relation == "BLOCK", Tie.ended_at.is_(None)) == 0
    assert unblock(town, town.far).status_code == 403  # what was asked for is done
    assert leader


def test_every_row_of_the_person_is_free_again(town, leader):
    twice = add(town)
    assert ask(town, "laerer", twice["id"]).status_code == 201
    done = unblock(town, twice["id"])
    assert (done.status_code, done.json["blocked"]) == (200, False)
    assert town.count(Guardian, Guardian.blocked_at.is_not(None)) == 0
    assert leader
    assert reads(town) == 200


def test_what_was_asked_for_one_frees_no_other(town, leader):
    assert leader.post(f"/guardians/{town.mor}/block", {"reason": "x"}).status_code == 200
    assert ask(town, "laerer", town.mor).status_code == 201
    assert unblock(town, town.far).status_code == 403
    free = town.api("laerer").get(f"/children/{town.child}/guardians").json["items"]
    assert [one["blocked"] for one in free] == [True, True]


def test_the_family_reads_of_no_block_and_of_no_account_but_ones_own(town, leader):
    rows = town.api("mor").get(f"/children/{town.child}/guardians").json["items"]
    assert [(one["blocked"], one["username"]) for one in rows] == [(None, None), (None, "mor")]
    far = town.api("mor").get(f"/guardians/{town.far}").json
    assert (far["blocked"], far["username"]) == (None, None)
    assert "perret" not in town.browser("mor").text(f"/barn/{town.child}/om")
    for who in ("laerer", "ppt"):  # who works with the child must know whom not to talk with
        seen = town.api(who).get(f"/guardians/{town.far}").json
        assert (seen["blocked"], seen["username"]) == (True, "far")
        assert "Sperret" in town.browser(who).text(f"/barn/{town.child}/om")


def test_only_who_is_blocked_can_be_asked_about(town, leader):
    assert ask(town, "laerer", town.mor).status_code == 422
    wish = {"action": "guardian.block", "object_id": str(town.far), "words": "x"}
    assert town.api("laerer").post(f"/children/{town.child}/requests", wish).status_code == 422
    page = town.browser("laerer").text(f"/barn/{town.child}/be-om")
    assert "Oppheve sperringen av Far Demo" in page
    assert "Oppheve sperringen" not in town.browser("mor").text(f"/barn/{town.child}/be-om")
    assert leader


def test_a_leader_tied_by_the_request_alone_goes_back_to_his_list(town):
    with town.work("laerer") as work:
        row = work.session.get_one(Guardian, town.far)
        row.blocked_at, row.blocked_reason = town.now, "Besøksforbud"
    assert ask(town, "laerer", town.far).status_code == 201
    done = town.browser("ke.leder").send(f"/foresatt/{town.far}/opphev-sperre", REASON)
    assert (done.status_code, done.location) == (303, "/")
    assert town.api("ke.leder").get(f"/children/{town.child}").status_code == 404
