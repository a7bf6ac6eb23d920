"""The OpenAPI 3.1 document of the JSON calls, made from what each was registered with."""

import re
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, current_app
from marshmallow import Schema, fields

_PARAMETER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
KINDS: dict[str, dict[str, Any]] = {
    "": {"type": "string"},
    "int": {"type": "integer", "minimum": 0},
    "uuid": {"type": "string", "format": "uuid"},
}
"""What the parts of an address are, by the converter that reads them."""
LOCATION = {"description": "Where it can be read", "schema": {"type": "string"}}
REFUSALS = {
    "400": "Not readable",
    "401": "Nobody is signed in",
    "403": "Seen, but not allowed",
    "404": "Not found, or not to be known of",
    "409": "Somebody else saved first; `current` is what stands",
    "413": "Too large",
    "415": "Not JSON",
    "422": "Refused by validation (`fields`) or by rules (`obstacles`)",
    "429": "Too often",
    "503": "Cannot be stored now",
}


class ErrorBodySchema(Schema):
    """Why a call was refused."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), data_key="fields"
    )
    obstacles = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))
    current = fields.Dict()


class ErrorSchema(Schema):
    """The answer to a call that was refused."""

    error = fields.Nested(ErrorBodySchema, required=True)


def document(app: Flask | None = None) -> dict[str, Any]:
    """Describe every JSON call of an application, by default the one that answers now."""
    app = app or current_app
    plugin = MarshmallowPlugin()
    spec = APISpec(
        title="Stafett",
        version="1",
        openapi_version="3.1.0",
        info={"description": "One shared, consent-governed record per child."},
        plugins=[plugin],
        security=[{"bearer": []}],
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        call = getattr(app.view_functions[rule.endpoint], "call", None)
        if call is None:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            spec.path(
                path=_PARAMETER.sub(r"{\2}", rule.rule),
                operations={method.lower(): _operation(app, rule.endpoint, rule.rule, call)},
            )
    return spec.to_dict()


def _operation(app: Flask, endpoint: str, rule: str, call: Any) -> dict[str, Any]:
    view = app.view_functions[endpoint]
    parameters: list[Any] = [
        {
            "in": "path",
            "name": name,
            "required": True,
            "schema": KINDS[kind],
        }
        for kind, name in _PARAMETER.findall(rule)
    ]
    if call.query is not None:
        parameters.append({"in": "query", "schema": call.query})
    found: dict[str, Any] = {
        "operationId": endpoint,
        "summary": (view.__doc__ or "").strip(),
        "parameters": parameters,
        "responses": {
            "201" if call.created else "200": {
                "description": "Done",
                "content": {call.mimetype: {"schema": call.returns}},
                "headers": {"Location": LOCATION} if call.created else {},
            }
        }
        | {
            status: {
                "description": said,
                "content": {"application/json": {"schema": ErrorSchema}},
            }
            for status, said in REFUSALS.items()
        },
    }
    if call.accepts is not None:
        parameters.append(
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": False,
                "schema": {"type": "string"},
            }
        )
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": call.accepts}},
        }
    return found
