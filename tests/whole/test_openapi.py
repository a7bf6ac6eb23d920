"""The description of the JSON calls: valid, whole, public, and true."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import just
from jsonschema_rs import validator_for
from schemathesis import GenerationMode, checks, openapi
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.definitions import OPENAPI_31

from stafett.people.models import SignIn
from stafett.stafettlogg import membership
from stafett.web.openapi import document
from tests.stafettlogg.asking import VOICE

SNAPSHOT = Path(__file__).with_name("openapi.json")
ADDRESS = "/api/v1/openapi.json"
OF_STANDARD = {"HEAD", "OPTIONS"}


@pytest.fixture
def described(app):
    return document(app)


def test_it_is_valid_openapi(described):
    assert described["openapi"] == "3.1.0"
    problems = [error.message for error in validator_for(OPENAPI_31).iter_errors(described)]
    assert not problems


def test_it_lists_every_json_call(app, described):
    routes = {
        (re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.rule != ADDRESS
        for method in rule.methods - OF_STANDARD
    }
    assert {
        (path, method) for path, ways in described["paths"].items() for method in ways
    } == routes


def test_it_is_public_and_the_same_for_everybody(town, described):
    answer = town.app.test_client().get(ADDRESS)
    assert (answer.status_code, answer.json) == (200, described)
    assert town.api("laerer").get(ADDRESS).json == described


def test_everything_has_a_type_and_every_call_a_sentence(described):
    untyped = [
        (name, field)
        for name, schema in described["components"]["schemas"].items()
        for field, shape in schema.get("properties", {}).items()
        if not {"type", "$ref", "anyOf", "allOf", "enum"} & set(shape)
    ]
    assert not untyped
    ways = [
        (path, way, one) for path, ways in described["paths"].items() for way, one in ways.items()
    ]
    assert not [(path, way) for path, way, one in ways if not one["summary"]]
    names = [one["operationId"] for _, _, one in ways]
    assert len(names) == len(set(names))
    for path, way, one in ways:
        sent = {parameter["name"] for parameter in one["parameters"] if parameter["in"] == "path"}
        assert sent == set(re.findall(r"{(\w+)}", path)), (path, way)


def test_what_is_sent_is_closed_to_unknown_fields(described):
    schemas = described["components"]["schemas"]
    for ways in described["paths"].values():
        for one in ways.values():
            if "requestBody" in one:
                reference = one["requestBody"]["content"]["application/json"]["schema"]["$ref"]
                schema = schemas[reference.rpartition("/")[2]]
                assert schema["additionalProperties"] is False, reference


def test_a_change_is_seen(described):
    """On purpose? Then: `stafett openapi > tests/whole/openapi.json`."""
    assert json.loads(SNAPSHOT.read_text("utf-8")) == described


# --- What it says is what is answered -------------------------------------------------------------

EXAMPLES = {"sqlite": 6, "postgresql": 2}
TRUE = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
MODES = {
    GenerationMode.POSITIVE: TRUE,
    GenerationMode.NEGATIVE: [*TRUE, checks.negative_data_rejection],
}
TOO_LARGE = 413
PEOPLE = ("laerer", "mor", "ke.leder", "rektor", "ppt")


def filled(town):
    """One of everything that an address names, in a child that all these people know."""
    child = town.child
    town.agree(child, "skole", "ppt", "helse", "ke", "bup")
    api, path = town.api("laerer"), f"/children/{child}"
    change = {
        "level": 3,
        "reason": "Spesialist",
        "child_voice": VOICE,
        "parents_agree": True,
        "ip_assessment": {"answer": "wanted"},
        "seen_version": 1,
    }
    entry = {
        "kind": "note",
        "text": "Hei",
        "visibility": "professionals",
        "visibility_reason": "our_work",
    }
    made = {
        "entry_id": api.post(f"{path}/entries", entry),
        "concern_id": town.api("ppt").post(f"{path}/concerns", {"observed": "x", "worry": 3}),
        "handover_id": api.post(f"{path}/handovers", {"to": "ppt"}),
        "level": api.post(f"{path}/level-changes", change),
    }
    assert {answer.status_code for answer in made.values()} == {201}
    with town.work("laerer") as work:
        wish = membership.Invite("nyansatt", writes=False, until=town.today)
        member = membership.invite(work, child, wish)
    return {
        "child_id": str(child),
        "consent_id": str(town.consent),
        "guardian_id": str(town.far),
        "member_id": str(member.id),
        **{name: answer.json["id"] for name, answer in made.items()},
    }


def operations(app):
    """Every call: those that only read first, then those that may end what the others need."""
    found = [one.ok() for one in openapi.from_wsgi(ADDRESS, app).get_all_operations()]
    return sorted(found, key=lambda one: (one.method != "get", "/end" in one.path, one.path))


def test_every_answer_is_as_described(town):
    """Good and bad questions, about a child that is there, by people who know it."""
    known = filled(town)
    count = EXAMPLES[town.database.engine.dialect.name]
    callers = [town.api(name).headers for name in PEOPLE]
    calm = settings(
        max_examples=count,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    asked, turns = [], Counter()

    def ask(case, held_to):
        part = case.meta.components.get(ParameterLocation.PATH)
        if part is not None and part.mode is GenerationMode.POSITIVE:
            case.path_parameters.update(
                (name, known[name]) for name in case.path_parameters if name in known
            )
        turn = turns[case.operation.label]  # so that a new call changes who asks for no other
        turns[case.operation.label] += 1
        answer = case.call(headers=callers[turn % len(callers)])
        asked.append(answer.status_code)
        if answer.status_code != TOO_LARGE:  # a refusal that `negative_data_rejection` knows not
            case.validate_response(answer, checks=held_to)

    every = operations(town.app)
    write = next(one for one in every if one.label == "POST /api/v1/children/{child_id}/entries")
    entry = {"kind": "note", "text": "Hei", "visibility": "everyone"}
    case = write.Case(path_parameters={"child_id": known["child_id"]}, body=entry)
    made = case.call(headers=callers[0])  # what is made is not left to chance
    case.validate_response(made, checks=TRUE)
    asked.append(made.status_code)
    for operation in every:
        for mode, held_to in MODES.items():
            question = operation.as_strategy(generation_mode=mode)
            calm(given(case=question, held_to=just(held_to))(ask))()
    assert {200, 201, 403, 404, 422} <= set(asked)
    assert town.count(SignIn) > 0
