"""Coordinators and the ansvarsgruppe as JSON, and the access that comes and goes with them."""

from datetime import timedelta

import pytest

from stafett.team.models import AnsvarsgruppeMember, CoordinatorAppointment


@pytest.fixture
def unit(town):
    """Koordinerende enhet is tied to the child; consent to a plan covers PPT, BUP and it."""
    town.tie("ke.leder", "KEL")
    town.agree(town.child, "ppt", "bup", "ke", purpose="plan")
    return town


def wish(town, **more):
    return {
        "username": "koordinator",
        "kind": "koordinator",
        "from_on": town.today.isoformat(),
        **more,
    }


def coordinators(town):
    return f"/children/{town.child}/coordinators"


def group(town):
    return f"/children/{town.child}/ansvarsgruppe/members"


def test_a_coordinator_has_access_from_the_appointment_to_its_end(unit):
    town, child = unit, f"/children/{unit.child}"
    assert town.api("koordinator").get(child).status_code == 404
    made = town.api("ke.leder").post(coordinators(town), wish(town))
    assert made.status_code == 201, made.text
    assert made.json["name"] == "Koordinator Demo"
    assert made.json["ended"] is False
    assert town.api("koordinator").get(child).json["relations"] == ["coordinator"]
    assert town.api("koordinator").get(f"{child}/entries").status_code == 200
    assert town.api("mor").get(child).json["coordinator"] == "koordinator"
    end = f"/coordinators/{made.json['id']}/end"
    assert town.api("mor").post(end, {"reason": "Nei"}).status_code == 403
    assert town.api("nyansatt").post(end, {"reason": "Nei"}).status_code == 404
    ended = town.api("ke.leder").post(end, {"reason": "Flyttet"})
    assert ended.json["ended"] is True
    assert town.api("ke.leder").post(end, {"reason": "Flyttet"}).status_code == 409
    assert town.api("koordinator").get(child).status_code == 404
    listed = town.api("mor").get(coordinators(town)).json["items"]
    assert [one["ended"] for one in listed] == [True]


def test_when_the_days_are_over_another_is_appointed(unit):
    town, day = unit, timedelta(days=1)
    last = (town.today + 10 * day).isoformat()
    made = town.api("ke.leder").post(coordinators(town), wish(town, until_on=last))
    assert made.status_code == 201, made.text
    with town.later(days=10):
        ppt = wish(town, username="ppt", from_on=last)
        early = town.api("ke.leder").post(coordinators(town), ppt)
        assert [one["code"] for one in early.json["error"]["obstacles"]] == ["coordinator-already"]
    with town.later(days=11):
        assert "har ingen koordinator" in town.browser("mor").text(f"/barn/{town.child}/folk")
        ppt["from_on"] = (town.today + 11 * day).isoformat()
        made = town.api("ke.leder").post(coordinators(town), ppt)
        assert made.status_code == 201, made.text
        listed = town.api("mor").get(coordinators(town)).json["items"]
        assert [(one["username"], one["ended"]) for one in listed] == [
            ("ppt", False),
            ("koordinator", True),
        ]
        assert town.api("mor").get(f"/children/{town.child}").json["coordinator"] == "ppt"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"username": "ke.leder"}, "coordinator-is-self"),
        ({"username": "bup"}, "service-not-covered"),
        ({"until_on": "2020-01-01"}, "until-before-from"),
    ],
)
def test_who_may_not_be_appointed(unit, more, code):
    refused = unit.api("ke.leder").post(coordinators(unit), wish(unit, **more))
    assert refused.status_code == 422
    assert code in [one["code"] for one in refused.json["error"]["obstacles"]]
    assert unit.count(CoordinatorAppointment) == 0


def test_one_coordinator_and_any_number_of_primarkontakter(unit):
    api = unit.api("ke.leder")
    assert api.post(coordinators(unit), wish(unit)).status_code == 201
    second = api.post(coordinators(unit), wish(unit, username="ppt", kind="barnekoordinator"))
    assert [one["code"] for one in second.json["error"]["obstacles"]] == ["coordinator-already"]
    for who in ("ppt", "laerer"):
        contact = wish(unit, username=who, kind="primarkontakt")
        assert api.post(coordinators(unit), contact).status_code == 201
    citizen = api.post(coordinators(unit), wish(unit, username="mor", kind="primarkontakt"))
    assert citizen.json["error"]["fields"] == {
        "username": citizen.json["error"]["fields"]["username"]
    }
    assert unit.api("koordinator").post(coordinators(unit), wish(unit)).status_code == 403
    assert unit.api("laerer").post(coordinators(unit), wish(unit)).status_code == 403


def test_the_access_waits_for_its_day(unit):
    later = (unit.today + timedelta(days=7)).isoformat()
    unit.api("ke.leder").post(coordinators(unit), wish(unit, from_on=later))
    assert unit.api("koordinator").get(f"/children/{unit.child}").status_code == 404


def test_the_group_needs_consent_for_each_service(unit):
    api = unit.api("ke.leder")
    seat = {"role": "psykolog", "from_on": unit.today.isoformat()}
    made = api.post(group(unit), {**seat, "username": "bup"})
    assert made.status_code == 201, made.text
    assert (made.json["name"], made.json["ended"]) == ("Bup Demo", False)
    assert unit.api("bup").get(f"/children/{unit.child}").json["relations"] == ["ansvarsgruppe"]
    assert unit.api("bup").get(f"/children/{unit.child}/entries").status_code == 403
    again = api.post(group(unit), {**seat, "username": "bup"})
    assert [one["code"] for one in again.json["error"]["obstacles"]] == ["group-member-already"]
    school = api.post(group(unit), {**seat, "username": "laerer"})
    assert [one["code"] for one in school.json["error"]["obstacles"]] == ["plan-consent-missing"]
    nameless = api.post(group(unit), seat)
    assert "name" in nameless.json["error"]["fields"]
    named = api.post(group(unit), {**seat, "name": "Bestefar", "role": "bestefar"})
    assert (named.json["username"], named.json["name"]) == (None, "Bestefar")
    end = f"/ansvarsgruppe/members/{made.json['id']}/end"
    assert unit.api("ppt").post(end, {"reason": "Nei"}).status_code == 403
    assert api.post(end, {"reason": "Ferdig"}).json["ended"] is True
    assert api.post(end, {"reason": "Ferdig"}).status_code == 409
    assert unit.api("bup").get(f"/children/{unit.child}").status_code == 404
    assert unit.count(AnsvarsgruppeMember) == 2


def test_who_reads_the_group(unit):
    unit.api("ke.leder").post(
        group(unit), {"role": "bestefar", "name": "Bestefar", "from_on": unit.today.isoformat()}
    )
    for who, status in (("mor", 200), ("laerer", 200), ("ppt", 403), ("nyansatt", 404)):
        assert unit.api(who).get(group(unit)).status_code == status, who
