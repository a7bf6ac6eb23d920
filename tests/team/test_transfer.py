"""A child that gets a new service: the old one is out at once, the new one in by consent alone."""

from uuid import uuid4

import pytest

from stafett.access.policy import Purpose
from stafett.audit.models import TrailRow
from stafett.stafettlogg.models import Member, Stafettlogg, Transfer
from stafett.stafettlogg.rules import LogFacts, obstacles_to_transfer
from stafett.tasks.models import Task
from tests.stafettlogg.asking import obstacles


@pytest.fixture
def coordinator(town):
    town.tie("koordinator", "KO")
    return town.api("koordinator")


def move(town, api, old="ppt", new="bup", **more):
    wish = {"from_service_id": str(town.services[old]), "to_service_id": str(town.services[new])}
    return api.post(f"/children/{town.child}/transfers", {**wish, "reason": "Bytter", **more})


def reads(town, who):
    return town.api(who).get(f"/children/{town.child}/entries").status_code


@pytest.mark.parametrize(
    ("covered", "takes_part", "same", "waits", "wanted"),
    [
        (True, False, False, False, []),
        (False, True, False, False, []),
        (False, False, False, False, ["transfer-from-nobody"]),
        (True, True, True, True, ["transfer-to-same", "transfer-waits"]),
    ],
)
def test_what_stands_in_the_way(covered, takes_part, same, waits, wanted):
    old = uuid4()
    facts = LogFacts(None, {old: False} if covered else {})
    new = old if same else uuid4()
    assert obstacles_to_transfer(facts, old, new, takes_part=takes_part, waits=waits) == wanted


def test_the_old_members_are_out_at_once_and_the_new_ones_not_in(town, coordinator):
    town.agree(town.child, "ppt", "ke", purpose=Purpose.PLAN)
    seat = {"username": "ppt", "role": "PPT", "from_on": str(town.today)}
    assert (
        coordinator.post(f"/children/{town.child}/ansvarsgruppe/members", seat).status_code == 201
    )
    assert reads(town, "ppt") == 200
    made = move(town, coordinator)
    assert made.status_code == 200, made.json
    assert made.json["finished_at"] is not None
    assert (reads(town, "ppt"), reads(town, "bup"), reads(town, "laerer")) == (404, 404, 200)
    assert town.api("ppt").get(f"/children/{town.child}").status_code == 404
    assert town.one(Member).ended_reason == "Bytter"
    until = {"until": str(town.today), "access": "read"}
    for who in ("ppt", "bup"):
        invited = town.api("laerer").post(
            f"/children/{town.child}/members", {"username": who, **until}
        )
        assert obstacles(invited) == ["service-not-covered"], who
    told = town.one(Task, Task.kind == "transferred")
    assert told.user_id == town.users["laerer"]
    row = town.one(TrailRow, TrailRow.action == "unit.transfer_child")
    assert row.changes["to_service"] == str(town.services["bup"])
    seen = town.browser("mor").text(f"/barn/{town.child}/innsyn")
    assert "flyttet oppfølgingen til en annen tjeneste" in seen
    town.agree(town.child, "skole", "bup")  # the new consent
    invited = town.api("laerer").post(
        f"/children/{town.child}/members", {"username": "bup", **until}
    )
    assert (invited.status_code, reads(town, "bup")) == (201, 200)


def test_the_baton_stays_until_another_has_accepted_and_the_old_holder_is_out_then(
    town, coordinator
):
    made = move(town, coordinator, "skole", "bup")
    assert (made.status_code, made.json["finished_at"]) == (200, None)
    assert reads(town, "laerer") == 200
    assert town.one(Stafettlogg).holder_id == town.users["laerer"]
    assert obstacles(move(town, coordinator, "skole", "bup")) == ["transfer-waits"]
    offered = town.api("laerer").post(f"/children/{town.child}/handovers", {"to": "ppt"})
    town.api("ppt").post(f"/handovers/{offered.json['id']}/acceptance")
    assert (reads(town, "ppt"), reads(town, "laerer"), reads(town, "rektor")) == (200, 404, 404)
    assert town.count(Member, Member.ended_at.is_(None)) == 0
    assert town.one(Transfer).finished_at is not None


def test_a_baton_that_goes_to_a_colleague_leaves_it_waiting(town, coordinator):
    move(town, coordinator, "skole", "bup")
    offered = town.api("laerer").post(f"/children/{town.child}/handovers", {"to": "nyansatt"})
    town.api("nyansatt").post(f"/handovers/{offered.json['id']}/acceptance")
    assert town.one(Transfer).finished_at is None
    assert (reads(town, "nyansatt"), reads(town, "laerer")) == (200, 200)
    offered = town.api("nyansatt").post(f"/children/{town.child}/handovers", {"to": "ppt"})
    town.api("ppt").post(f"/handovers/{offered.json['id']}/acceptance")
    assert (reads(town, "ppt"), reads(town, "nyansatt"), reads(town, "laerer")) == (200, 404, 404)
    assert town.count(Member, Member.ended_at.is_(None)) == 0


def test_moved_by_force_the_old_service_is_out_too(town, coordinator):
    move(town, coordinator, "skole", "bup")
    town.tie("ke.leder", "KEL")
    forced = {"to": "ppt", "reason": "Har sluttet."}
    assert town.api("ke.leder").post(f"/children/{town.child}/baton", forced).status_code == 200
    assert (reads(town, "ppt"), reads(town, "laerer")) == (200, 404)
    assert town.one(Transfer).finished_at is not None


def test_who_may_and_what_is_refused(town, coordinator):
    for who, status in (("laerer", 403), ("ppt", 403), ("mor", 403), ("rektor", 404)):
        assert move(town, town.api(who)).status_code == status, who
    before = town.rows()
    assert obstacles(move(town, coordinator, "stab")) == ["transfer-from-nobody"]
    assert obstacles(move(town, coordinator, "ppt", "ppt")) == ["transfer-to-same"]
    missing = move(town, coordinator, to_service_id=str(uuid4()))
    assert missing.json["error"]["fields"].keys() == {"to_service_id"}
    assert town.rows() == before


def test_the_page(town, coordinator):
    browser, path = town.browser("koordinator"), f"/barn/{town.child}/folk/ny-tjeneste"
    assert path in browser.get(f"/barn/{town.child}/folk").text
    assert path not in town.browser("laerer").get(f"/barn/{town.child}/folk").text
    assert "Demo-ppt" in browser.text(path)
    refused = browser.send(path, {"reason": "Begynner på skolen"})
    assert refused.status_code == 422
    assert "Begynner på skolen" in refused.text
    wish = {
        "from_service_id": str(town.services["ppt"]),
        "to_service_id": str(town.services["bup"]),
        "reason": "Begynner på skolen",
    }
    assert browser.send(path, wish).status_code == 303
    assert "En ny tjeneste har overtatt" in town.browser("laerer").text("/")


def test_nothing_is_asked_of_the_holder_when_the_new_service_is_in_already(town, coordinator):
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    member = {"username": "bup", "access": "write", "until": str(town.today)}
    assert town.api("laerer").post(f"/children/{town.child}/members", member).status_code == 201
    assert move(town, coordinator).status_code == 200
    assert (reads(town, "ppt"), reads(town, "bup")) == (404, 200)
    assert town.count(Task, Task.kind == "transferred") == 0
