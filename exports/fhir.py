"""A version of a plan as a FHIR R4 Bundle: plain dictionaries, held against R4's value sets.

Source: hl7.org/fhir/R4, the resources Patient, CareTeam, PractitionerRole, Goal, CarePlan and
Consent. There is no Norwegian profile of a CarePlan yet, so local words are texts and no
conformance is claimed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from uuid import UUID, uuid5

Resource = dict[str, Any]
CODES: Mapping[tuple[str, str], frozenset[str]] = {
    ("CarePlan", "status"): frozenset(
        {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}
    ),
    ("CarePlan", "intent"): frozenset({"proposal", "plan", "order", "option"}),
    ("CarePlan", "activity"): frozenset(
        {"not-started", "scheduled", "in-progress", "on-hold", "completed", "cancelled", "stopped"}
    ),
    ("CareTeam", "status"): frozenset({"proposed", "active", "suspended", "inactive"}),
    ("Goal", "lifecycleStatus"): frozenset(
        {"proposed", "planned", "accepted", "active", "on-hold", "completed", "cancelled"}
    ),
    ("Consent", "status"): frozenset(
        {"draft", "proposed", "active", "rejected", "inactive", "entered-in-error"}
    ),
}
"""R4's required value sets, by resource and element; those of activities by their details."""
PLAN_STATUS = {
    "in_force": "active",
    "for_approval": "draft",
    "rejected": "revoked",
    "superseded": "completed",
    "withdrawn": "revoked",
}
GOAL_STATUS = {"active": "active", "reached": "completed", "ended": "cancelled"}
MEASURE_STATUS = {
    "active": "in-progress",
    "applied": "not-started",
    "completed": "completed",
    "stopped": "stopped",
}
_ACHIEVEMENT = "http://terminology.hl7.org/CodeSystem/goal-achievement"
_RELATED = "http://hl7.org/fhir/StructureDefinition/goal-relationship"
_RELATION = "http://terminology.hl7.org/CodeSystem/goal-relationship-type"
_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A consent to the plan: whether it counts, its days (`YYYY-MM-DD`), and for whom."""

    id: UUID
    active: bool
    given_on: str
    until: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CarePlan:
    """What a version says, ready to be told; `content` is in the shape of the JSON API.

    `names`: people's names by username, also that of the `coordinator`, whose telephone number and
    address at work are `reached`, as far as they may be said. `applied_for`: by a
    measure's key, what has been applied for or decided on, with the day (`YYYY-MM-DD`). `created`
    is a UTC moment in ISO 8601. `replaces`: the number of the version before.
    """

    child: str
    birth_date: str | None
    version_id: UUID
    number: int
    kind: str
    state: str
    created: str
    author: str
    coordinator: str | None
    content: Mapping[str, Any]
    names: Mapping[str, str]
    applied_for: Mapping[str, tuple[str, str]]
    replaces: int | None
    agreements: tuple[Agreement, ...]
    reached: tuple[str | None, str | None] = (None, None)


def bundle(plan: CarePlan) -> Resource:
    """Give the version as a Bundle of type collection, each resource with a stable `urn:uuid`.

    Raises:
        ValueError: a code that R4 does not have, or a reference to nothing.

    """
    told = [
        _patient(plan),
        _team(plan),
        *_reached(plan),
        *_goals(plan),
        _plan(plan),
        *_consents(plan),
    ]
    found: Resource = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": plan.created,
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in told],
    }
    check(found)
    return found


def check(found: Resource) -> None:
    """Hold a Bundle against R4's required value sets, and its references against its entries.

    Raises:
        ValueError: naming the first thing that is wrong.

    """
    there = {one["fullUrl"] for one in found["entry"]}
    for one in (entry["resource"] for entry in found["entry"]):
        for element, code in _codes(one):
            if code not in CODES[one["resourceType"], element]:
                msg = f"{one['resourceType']}.{element}: {code}"
                raise ValueError(msg)
        if missing := [name for name in _references(one) if name not in there]:
            msg = f"{one['resourceType']} refers to {missing[0]}"
            raise ValueError(msg)


def _codes(one: Resource) -> Iterator[tuple[str, str]]:
    for kind, element in CODES:
        if one["resourceType"] == kind and element == "activity":
            yield from (("activity", it["detail"]["status"]) for it in one.get("activity", ()))
        elif one["resourceType"] == kind:
            yield element, one[element]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _id(plan: CarePlan, name: str) -> str:
    return str(uuid5(plan.version_id, name))


def _to(plan: CarePlan, name: str) -> Resource:
    return {"reference": f"urn:uuid:{_id(plan, name)}"}


def _made(kind: str, resource_id: str, told: Iterable[str], **more: Any) -> Resource:
    """Give a resource with a narrative of some lines, and without what is empty."""
    lines = "".join(f"<p>{escape(one)}</p>" for one in told if one)
    text = {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{lines}</div>',
    }
    kept = {name: value for name, value in more.items() if value not in (None, "", [], {})}
    return {"resourceType": kind, "id": resource_id, "text": text, **kept}


def _patient(plan: CarePlan) -> Resource:
    name = [{"text": plan.child}]
    return _made(
        "Patient", _id(plan, "patient"), [plan.child], name=name, birthDate=plan.birth_date
    )


def _team(plan: CarePlan) -> Resource:
    among = [(one, _coordinates(plan, one)) for one in plan.content["participants"]]
    people = [
        _member(one["name"], one["role"] or "Deltaker") for one, himself in among if not himself
    ]
    if plan.coordinator:
        member = _member(plan.names.get(plan.coordinator, plan.coordinator), *_roles(plan))
        if any(plan.reached):
            member["member"] |= _to(plan, "coordinator")
        people.insert(0, member)
    return _made(
        "CareTeam",
        _id(plan, "team"),
        ["Ansvarsgruppe", *(one["member"]["display"] for one in people)],
        status="active",
        name="Ansvarsgruppe",
        subject=_to(plan, "patient"),
        participant=people,
    )


def _roles(plan: CarePlan) -> list[str]:
    """Return what the coordinator is, in the words of the plan where it has them."""
    among = plan.content["participants"]
    roles = [one["role"] for one in among if one["role"] and _coordinates(plan, one)]
    if not any("koordinator" in one.lower() for one in roles):
        roles.insert(0, "Koordinator")
    return roles


def _reached(plan: CarePlan) -> Iterator[Resource]:
    """Give how one reaches who coordinates, if it may be said."""
    if not plan.coordinator or not any(plan.reached):
        return
    name = plan.names.get(plan.coordinator, plan.coordinator)
    yield _made(
        "PractitionerRole",
        _id(plan, "coordinator"),
        [name, *(one for one in plan.reached if one)],
        practitioner={"display": name},
        code=[{"text": one} for one in _roles(plan)],
        telecom=[
            {"system": system, "value": value, "use": "work"}
            for system, value in zip(("phone", "email"), plan.reached, strict=True)
            if value
        ],
    )


def _coordinates(plan: CarePlan, one: Mapping[str, Any]) -> bool:
    """Say whether somebody who takes part is the coordinator; by name where it is all there is."""
    if one.get("username"):
        return bool(one["username"] == plan.coordinator)
    return plan.coordinator is not None and one["name"] == plan.names.get(plan.coordinator)


def _member(name: str, *roles: str) -> Resource:
    return {"role": [{"text": one} for one in roles], "member": {"display": name}}


def _goals(plan: CarePlan) -> Iterator[Resource]:
    for goal in plan.content["goals"]:
        seen = goal["success"] or goal["text"]
        target = {"measure": {"text": goal["text"]}, "detailString": seen}
        if goal["target_on"]:
            target["dueDate"] = goal["target_on"]
        reached = {"coding": [{"system": _ACHIEVEMENT, "code": "achieved"}]}
        yield _made(
            "Goal",
            _id(plan, goal["key"]),
            [goal["text"], *(one["text"] for one in goal["subgoals"])],
            lifecycleStatus=GOAL_STATUS[goal["status"]],
            achievementStatus=reached if goal["status"] == "reached" else None,
            description={"text": goal["text"]},
            subject=_to(plan, "patient"),
            expressedBy=_to(plan, "patient") if goal["whose"] == "child" else None,
            target=[target] if goal["success"] or goal["target_on"] else [],
            extension=[_milestone(plan, one["key"]) for one in goal["subgoals"]],
        )
        for one in goal["subgoals"]:
            yield _made(
                "Goal",
                _id(plan, one["key"]),
                [one["text"]],
                lifecycleStatus=GOAL_STATUS[goal["status"]],
                description={"text": one["text"]},
                subject=_to(plan, "patient"),
            )


def _milestone(plan: CarePlan, key: str) -> Resource:
    """Give what says that another goal is a step on the way to this one."""
    kind = {"coding": [{"system": _RELATION, "code": "milestone"}]}
    return {
        "url": _RELATED,
        "extension": [
            {"url": "type", "valueCodeableConcept": kind},
            {"url": "target", "valueReference": _to(plan, key)},
        ],
    }


def _plan(plan: CarePlan) -> Resource:
    content = plan.content
    period = {"start": content["period_from"], "end": content["period_until"]}
    goals = [one["key"] for goal in content["goals"] for one in (goal, *goal["subgoals"])]
    return _made(
        "CarePlan",
        str(plan.version_id),
        [f"{plan.kind}, versjon {plan.number}", content["about_me"]],
        identifier=[{"value": str(plan.number)}],
        replaces=[{"identifier": {"value": str(plan.replaces)}}] if plan.replaces else [],
        status=PLAN_STATUS[plan.state],
        intent="plan",
        category=[{"text": plan.kind}],
        title=f"{plan.kind} for {plan.child}",
        subject=_to(plan, "patient"),
        period={name: day for name, day in period.items() if day},
        created=plan.created,
        author={"display": plan.author},
        careTeam=[_to(plan, "team")],
        goal=[_to(plan, key) for key in goals],
        activity=[
            {**_progress(plan, one["key"]), "detail": _detail(plan, goal["key"], one)}
            for goal in content["goals"]
            for one in goal["measures"]
        ],
    )


def _progress(plan: CarePlan, measure: str) -> Resource:
    if measure not in plan.applied_for:
        return {}
    said, on = plan.applied_for[measure]
    return {"progress": [{"time": on, "text": said}]}


def _detail(plan: CarePlan, goal: str, one: Mapping[str, Any]) -> Resource:
    said = {
        "goal": [_to(plan, key) for key in (goal, *one["goal_keys"])],
        "status": MEASURE_STATUS[one["status"]],
        "scheduledString": one["scope"],
        "performer": [{"display": plan.names.get(one["responsible"], one["responsible"])}],
        "description": "\n".join(text for text in (one["what"], one["how"]) if text),
    }
    if not one["scope"]:
        said["scheduledPeriod"] = {"start": one["starts_on"]} if one["starts_on"] else None
    return {name: value for name, value in said.items() if value}


def _consents(plan: CarePlan) -> Iterator[Resource]:
    for one in plan.agreements:
        told = [
            {"role": {"text": "Tjeneste"}, "reference": {"display": service}}
            for service in one.services
        ]
        yield _made(
            "Consent",
            str(one.id),
            [f"Samtykke til planen, gitt {one.given_on}", *one.services],
            status="active" if one.active else "inactive",
            scope={"coding": [{"system": _SCOPE, "code": "patient-privacy"}]},
            category=[{"text": "Samtykke til individuell plan"}],
            patient=_to(plan, "patient"),
            dateTime=one.given_on,
            policyRule={"text": "Forskrift om individuell plan ved ytelse av velferdstjenester"},
            provision={
                "type": "permit",
                "period": {"start": one.given_on, "end": one.until},
                **({"actor": told} if told else {}),
            },
        )
