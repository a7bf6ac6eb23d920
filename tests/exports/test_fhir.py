"""A version of a plan as FHIR R4: what every receiver may count on."""

import re
from dataclasses import replace
from uuid import UUID

import pytest

from exports.fhir import (
    CODES,
    GOAL_STATUS,
    MEASURE_STATUS,
    PLAN_STATUS,
    Agreement,
    CarePlan,
    bundle,
    check,
)
from tests.plan.test_rules import a_goal, a_measure, a_plan

PLAN = CarePlan(
    child="Nora <Demo>",
    birth_date="2017-05-01",
    version_id=UUID(int=7),
    number=3,
    kind="Individuell plan",
    state="in_force",
    created="2026-11-02T09:00:00Z",
    author="Berit Demo-Sund",
    coordinator="Berit Demo-Sund",
    content=a_plan(
        a_goal(
            "g1",
            [
                a_measure("m2", how="Hver dag", scope="ti minutter"),
                a_measure("m3", goal_keys=["d4", "d6"]),
            ],
            ["d4", "d6"],
            text="Jeg vil lese",
            whose="child",
            target_on="2027-06-01",
        ),
        a_goal("g5", status="reached"),
        participants=[{"name": "Mor Demo", "role": "", "username": "mor", "contribution": ""}],
        period_from="2026-08-01",
    ),
    names={"laerer": "Kari Demo"},
    applied_for={"m3": ("Søknad: NAV, 3. august 2026", "2026-08-03")},
    replaces=2,
    agreements=(
        Agreement(UUID(int=9), True, "2026-08-01", "2027-08-01", ("Demo-skole",)),  # noqa: FBT003 it counts
    ),
)


def of_kind(found, kind):
    return [one["resource"] for one in found["entry"] if one["resource"]["resourceType"] == kind]


def test_it_has_what_r4_demands_of_each_resource():
    found = bundle(PLAN)
    (plan,) = of_kind(found, "CarePlan")
    (team,) = of_kind(found, "CareTeam")
    (patient,) = of_kind(found, "Patient")
    (consent,) = of_kind(found, "Consent")
    first, *steps, second = of_kind(found, "Goal")
    subject = {"reference": f"urn:uuid:{patient['id']}"}
    assert {str(one["subject"]) for one in (plan, team, first, *steps, second)} == {str(subject)}
    assert (plan["status"], plan["intent"], plan["identifier"]) == (
        "active",
        "plan",
        [{"value": "3"}],
    )
    assert plan["replaces"] == [{"identifier": {"value": "2"}}]
    assert [one["detail"]["status"] for one in plan["activity"]] == ["in-progress"] * 2
    assert [one["description"]["text"] for one in steps] == ["Steg d4", "Steg d6"]
    there = [{"reference": f"urn:uuid:{one['id']}"} for one in (first, *steps, second)]
    assert plan["goal"] == there
    assert [one["extension"][1]["valueReference"] for one in first["extension"]] == there[1:3]
    assert [one["detail"]["goal"] for one in plan["activity"]] == [there[:1], there[:3]]
    progress = [{"time": "2026-08-03", "text": "Søknad: NAV, 3. august 2026"}]
    assert [one.get("progress") for one in plan["activity"]] == [None, progress]
    assert plan["activity"][0]["detail"]["performer"] == [{"display": "Kari Demo"}]
    assert plan["period"] == {"start": "2026-08-01"}
    assert (first["expressedBy"], first["target"][0]["dueDate"]) == (subject, "2027-06-01")
    assert second["achievementStatus"]["coding"][0]["code"] == "achieved"
    assert [one["role"][0]["text"] for one in team["participant"]] == ["Koordinator", "Deltaker"]
    assert consent["patient"] == subject
    assert all(one in consent for one in ("scope", "category", "policyRule"))
    assert consent["provision"]["actor"][0]["reference"] == {"display": "Demo-skole"}
    assert "&lt;Demo&gt;" in patient["text"]["div"]
    assert not [one for one in of_kind(found, "Goal") if "" in one.values() or None in one.values()]


@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("Helsesykepleier", ["Koordinator", "Helsesykepleier"]),
        ("Barnekoordinator", ["Barnekoordinator"]),
        ("", ["Koordinator"]),
    ],
)
@pytest.mark.parametrize("username", ["koordinator", ""])
def test_a_coordinator_who_takes_part_stands_once_with_his_role(role, told, username):
    mother, *_ = PLAN.content["participants"]
    berit = {"name": "Berit Demo-Sund", "role": role, "username": username, "contribution": ""}
    namesake = {**mother, "name": "Berit Demo-Sund", "role": "Mormor", "username": "mormor"}
    content = {**PLAN.content, "participants": [mother, berit, namesake]}
    names = {"koordinator": "Berit Demo-Sund"}
    plan = replace(PLAN, content=content, coordinator="koordinator", names=names)
    (team,) = of_kind(bundle(plan), "CareTeam")
    assert [
        (one["member"]["display"], [it["text"] for it in one["role"]])
        for one in team["participant"]
    ] == [("Berit Demo-Sund", told), ("Mor Demo", ["Deltaker"]), ("Berit Demo-Sund", ["Mormor"])]


def test_who_coordinates_is_reached_by_a_role_where_it_may_be_said():
    plan = replace(PLAN, reached=("22 00 00 02", "berit@ke.example"))
    found = bundle(plan)
    (role,), (team,) = of_kind(found, "PractitionerRole"), of_kind(found, "CareTeam")
    assert team["participant"][0]["member"] == {
        "reference": f"urn:uuid:{role['id']}",
        "display": "Berit Demo-Sund",
    }
    assert role["practitioner"] == {"display": "Berit Demo-Sund"}
    assert role["code"] == [{"text": "Koordinator"}]
    assert role["telecom"] == [
        {"system": "phone", "value": "22 00 00 02", "use": "work"},
        {"system": "email", "value": "berit@ke.example", "use": "work"},
    ]
    for none in (PLAN, replace(plan, coordinator=None)):
        assert of_kind(bundle(none), "PractitionerRole") == []
    alone = replace(PLAN, reached=(None, "berit@ke.example"))
    (role,) = of_kind(bundle(alone), "PractitionerRole")
    assert [one["system"] for one in role["telecom"]] == ["email"]


def test_every_narrative_says_something_also_where_nobody_takes_part_yet():
    """R4, rule txt-2: a narrative has some words."""
    alone = {**PLAN.content, "participants": []}
    for plan in (PLAN, replace(PLAN, content=alone, coordinator=None)):
        for one in bundle(plan)["entry"]:
            assert re.sub("<[^>]*>", "", one["resource"]["text"]["div"]).strip(), one


def values(said):
    """Everything that a bundle says, at any depth."""
    inner = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return [said, *(one for it in inner for one in values(it))]


def test_what_is_empty_is_left_out_at_any_depth():
    """FHIR's JSON has no empty object and no empty list."""
    hidden = tuple(replace(one, services=()) for one in PLAN.agreements)  # a protected address
    bare = a_plan(a_goal("g1", [a_measure("m2")]), participants=[])
    plain = replace(
        PLAN, agreements=hidden, content=bare, coordinator=None, applied_for={}, replaces=None
    )
    for plan in (PLAN, plain):
        assert [one for one in values(bundle(plan)) if one in ({}, [], "", None)] == []


def test_the_same_version_has_the_same_ids():
    assert bundle(PLAN) == bundle(PLAN)
    other = bundle(replace(PLAN, version_id=UUID(int=8)))
    ids = [{one["fullUrl"] for one in found["entry"]} for found in (bundle(PLAN), other)]
    assert len(ids[0] & ids[1]) == 1  # the consent is the same


@pytest.mark.parametrize(
    ("ours", "codes"),
    [
        (PLAN_STATUS, CODES["CarePlan", "status"]),
        (GOAL_STATUS, CODES["Goal", "lifecycleStatus"]),
        (MEASURE_STATUS, CODES["CarePlan", "activity"]),
    ],
)
def test_every_code_of_ours_is_one_of_theirs(ours, codes):
    assert set(ours.values()) <= codes


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("CarePlan", {"status": "NOPE"}, "CarePlan.status: NOPE"),
        ("CarePlan", {"activity": [{"detail": {"status": "late"}}]}, "CarePlan.activity: late"),
        ("Goal", {"lifecycleStatus": "reached"}, "Goal.lifecycleStatus: reached"),
        ("CareTeam", {"subject": {"reference": "urn:uuid:1"}}, "CareTeam refers to urn:uuid:1"),
    ],
)
def test_what_r4_does_not_know_is_refused(kind, change, said):
    found = bundle(PLAN)
    of_kind(found, kind)[0].update(change)
    with pytest.raises(ValueError, match=said):
        check(found)
