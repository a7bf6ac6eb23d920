"""Hostile words through every text field of every call that writes, and what comes out of it.

The fields are read from the schemas of the routes, so that what is built later is held to it too.
Never a failure; what cannot be kept is refused at its field; and afterwards no page runs a word of
it, no call breaks, and no document fails to open.
"""

import random
from io import BytesIO

import pytest
from docx import Document
from marshmallow import fields

from stafett.web.forms import OneOf, Text
from tests.client import check
from tests.exports.reading_pdf import pages
from tests.plan.scene import a_goal, a_measure, drafted, made
from tests.proof import WHOLE
from tests.whole.test_hostile import HARMLESS_TEXTS, REFUSED
from tests.whole.test_routes import GUARDED, address

INPUTS = {
    **HARMLESS_TEXTS,
    **REFUSED,
    "formula after a tab": "\t=1+1",
    "formula after a line": "a\n=cmd|' /C calc'!A0",
    "field code": '{ INCLUDETEXT "/etc/passwd" } <w:fldSimple w:instr="DDE">',
}
PEOPLE = ("laerer", "mor", "ke.leder", "ppt")
PASSWORDS = {"password", "old", "new", "secret", "code"}
"""What is hashed, not kept."""
pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def value(field, name, town):
    """Something that a field of this type takes, as far as its type tells."""
    if isinstance(field, fields.Nested):
        return body(field.schema, town)
    if isinstance(field, fields.List):
        return [value(field.inner, name, town)]
    if isinstance(field, OneOf):
        return field.validators[0].choices[0]
    if isinstance(field, fields.Enum):
        return next(iter(field.enum)).value
    simple = {
        fields.UUID: str(town.services["ppt"]),
        fields.Date: town.today.isoformat(),
        fields.Boolean: True,
        fields.Integer: 1,
        fields.Dict: {},
    }
    for kind, given in simple.items():
        if isinstance(field, kind):
            return given
    return "ppt" if name in {"username", "to", "holder"} else "ord"


def body(schema, town):
    return {
        name: value(field, name, town)
        for name, field in schema.load_fields.items()
        if field.required or isinstance(getattr(field, "inner", field), Text | fields.Nested)
    }


def places(schema, town):
    """Every text field of a schema, as a function that puts words into a body."""
    for name, field in schema.load_fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            for path, put in places(inner.schema, town):
                yield f"{name}.{path}", _inside(name, field, put)
        elif isinstance(inner, Text) and name not in PASSWORDS:
            yield name, _at(name, field)


def _at(name, field):
    listed = isinstance(field, fields.List)
    return lambda sent, words: sent.__setitem__(name, [words] if listed else words)


def _inside(name, field, put):
    def act(sent, words):
        part = sent[name]
        put(part[0] if isinstance(field, fields.List) else part, words)

    return act


def calls(app):
    """Every call that writes about a child or its things, with its schema."""
    for rule, method in GUARDED:
        call = getattr(app.view_functions[rule.endpoint], "call", None)
        if method != "GET" and call is not None and call.accepts is not None:
            yield rule, method, call.accepts()


def test_hostile_words_in_every_field(town, ids):
    plan = made(town, drafted(town, [a_goal(measures=[a_measure(town)])])).json["content"]
    ids = {**ids, "form": "level", "key": plan["goals"][0]["measures"][0]["key"]}
    rng = random.Random(11)
    apis = [town.api(name) for name in PEOPLE]
    seen = {}
    for rule, method, schema in calls(town.app):
        for path, put in places(schema, town):
            chosen = list(INPUTS) if WHOLE else rng.sample(list(INPUTS), 3)
            for number, name in enumerate(chosen):
                sent = body(schema, town)
                put(sent, INPUTS[name])
                api = apis[number % len(apis)] if WHOLE else apis[0]
                answer = api.client.open(
                    address(rule, ids), method=method, headers=api.headers, json=sent
                )
                assert answer.status_code < 500, (rule.rule, path, name, answer.data[:300])
                assert answer.is_json, (rule.rule, path, name)
                seen.setdefault((rule.rule, path), set()).add(answer.status_code)
    assert len(seen) > 80
    assert len(INPUTS) >= 40
    taken = {status for statuses in seen.values() for status in statuses}
    assert {200, 201, 422} <= taken
    everything_still_opens(town, ids)


def everything_still_opens(town, ids):
    """Each page is whole and runs nothing, each call is JSON, each document is a document."""
    for who in PEOPLE:
        browser, api = town.browser(who), town.api(who)
        for rule, method in GUARDED:
            if method != "GET":
                continue
            json = rule.rule.startswith("/api/")
            more = {"headers": api.headers} if json else {}
            answer = (api if json else browser).client.get(address(rule, ids), **more)
            assert answer.status_code < 500, (who, rule.rule)
            if answer.status_code != 200:
                continue
            if json:
                assert answer.is_json
            elif answer.mimetype == "text/html":
                check(answer)  # no script without a source, no handler, no style
            elif answer.data[:2] == b"PK" and rule.rule.endswith(".docx"):
                Document(BytesIO(answer.data))
            elif answer.mimetype == "application/pdf":
                assert pages(answer.data)
            names = answer.headers.get("Content-Disposition", "")
            assert "\n" not in names
            assert "<" not in names
