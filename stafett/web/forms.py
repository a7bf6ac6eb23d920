"""Turns a request's body into what a schema takes, so that form and JSON share one schema."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import abort, request
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from stafett.dates import iso

SHOWN = "shown"
"""Hidden input of a form: a field whose value it shows, so that an empty one has been emptied."""
OURS = frozenset({"csrf_token", "idempotency_key", SHOWN})
ON = {"on": True, "true": True, "false": False}
INT64 = 2**63 - 1
MOST_FIELDS = 2000
"""In one form: each that is unknown is told of on the page that is shown again."""
LONGEST_NUMBER = 4
"""Digits in the number of a row."""
FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAK = re.compile("[\n\u2028\u2029]")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS = re.compile(r"-?[0-9]{1,19}")
CHOOSE: dict[str, Any] = dict.fromkeys(("required", "null"), "Velg et svar.")
"""What is said where an answer among a few is missing."""
PICK: dict[str, Any] = dict.fromkeys(("required", "null"), "Velg en fra lista.")
"""What is said where somebody or something of a list is missing."""
_NORWEGIAN: Mapping[type[fields.Field[Any]], Mapping[str, str]] = {
    fields.Field: {
        "required": "Fyll ut dette feltet.",
        "null": "Fyll ut dette feltet.",
        "validator_failed": "Dette er ikke gyldig.",
    },
    fields.String: {"invalid": "Skriv en tekst.", "invalid_utf8": "Skriv en tekst."},
    fields.Integer: {"invalid": "Skriv et helt tall.", "too_large": "Tallet er for stort."},
    fields.Boolean: {**CHOOSE, "invalid": "Svar ja eller nei."},
    fields.Date: {
        **dict.fromkeys(("required", "null"), "Skriv en dato."),
        **dict.fromkeys(("invalid", "format"), "Skriv en gyldig dato."),
    },
    fields.UUID: {**PICK, "invalid_uuid": PICK["required"]},
    fields.Enum: {**CHOOSE, "unknown": "Velg en av disse: {choices}."},
    fields.List: {
        **dict.fromkeys(("required", "null"), "Velg minst én."),
        "invalid": "Velg fra lista.",
    },
    fields.Nested: {"type": "Fyll ut disse feltene."},
}


for _kind, _messages in _NORWEGIAN.items():  # before any schema makes its fields
    _kind.default_error_messages = {**_kind.default_error_messages, **_messages}
Schema.error_messages = {
    "unknown": "Dette feltet finnes ikke.",
    "type": "Send et objekt med felter.",
}


def _day(text: str) -> date:
    """Read `YYYY-MM-DD` and nothing else: Python also reads `20260101` and `2026-W01-1`."""
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


fields.Date.DESERIALIZATION_FUNCS = {**fields.Date.DESERIALIZATION_FUNCS, "iso": _day}


class Text(fields.String):
    r"""Words that somebody types: NFC and `\n`, no control characters, not only blanks.

    `single` is a line: no line breaks, and no marks that turn the reading direction, since
    a name that lies about its order is a trap. Without `words` it is never given back by `words`.
    With `told_empty` an input that is left empty counts as sent.
    """

    def __init__(
        self,
        longest: int,
        *,
        single: bool = False,
        words: bool = True,
        told_empty: bool = False,
        **options: Any,
    ) -> None:
        """Take the greatest length in characters."""
        too_long = validate.Length(
            max=longest, error=f"Skriv en kortere tekst, høyst {longest} tegn."
        )
        super().__init__(validate=too_long, **options)
        self.single = single
        self.words = words
        self.told_empty = told_empty

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **more)
        text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
        if FORBIDDEN.search(text) or (self.single and _BREAK.search(text)):
            msg = "Teksten har tegn som ikke kan lagres. Skriv den på nytt uten dem."
            raise ValidationError(msg)
        if self.single and _BIDI.search(text):
            msg = "Teksten har usynlige tegn som snur leseretningen. Skriv den på nytt uten dem."
            raise ValidationError(msg)
        if not text.strip():
            if self.required:
                raise self.make_error("required")
            return ""
        return text.strip() if self.single else text


class Code(Text):
    """A line that is no words: a username, a key, a number of somebody, chosen or typed."""

    def __init__(self, longest: int, **options: Any) -> None:
        """Take the greatest length in characters."""
        super().__init__(longest, single=True, words=False, **options)


class Count(fields.Integer):
    """A whole number that both databases can hold."""

    def __init__(self, low: int = 0, high: int = INT64, **options: Any) -> None:
        """Take the smallest and the greatest number, both included."""
        inside = validate.Range(low, high, error=f"Skriv et tall fra {low} til {high}.")
        super().__init__(strict=True, validate=inside, **options)


class LogDay(fields.Date):
    """A local date that something may have been written on: one whose ends are moments in UTC."""

    def __init__(self, **options: Any) -> None:
        """Take what every field takes."""
        first, last = date(1900, 1, 1), date(2199, 12, 31)
        near = validate.Range(first, last, error="Skriv en dato mellom 1900 og 2199.")
        super().__init__(validate=near, **options)


class Moment(fields.DateTime):
    """A moment in an answer: UTC with `Z`."""

    def _serialize(self, value: Any, attr: Any, obj: Any, **_: Any) -> str | None:
        return None if value is None else iso(value)


class OneOf(fields.String):
    """A code from a fixed set."""

    def __init__(self, codes: list[str], **options: Any) -> None:
        """Take the codes."""
        super().__init__(
            validate=validate.OneOf(codes, error="Velg en av disse: {choices}."), **options
        )


OneOf.default_error_messages = {**OneOf.default_error_messages, **CHOOSE}


def payload() -> Mapping[str, Any]:
    """Return the whole body as sent, read to its end."""
    if request.is_json:
        try:
            body = request.get_json()
        except RecursionError:
            abort(400)
        return body if isinstance(body, dict) else {"_schema": body}
    if request.content_length and not request.form and request.path.startswith("/api/"):
        abort(415)
    if len(request.form) > MOST_FIELDS:
        abort(413)
    return {name: sent for name, sent in _sent(request.form).items() if name not in OURS}


def asked(schema: Schema) -> Mapping[str, Any]:
    """Return the address's parameters with the types their fields ask for, whatever is sent."""
    return _typed_form(schema, _sent(request.args))


def typed(schema: Schema, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a form's strings the types their fields ask for; JSON stays as it came.

    An empty input counts as not sent, or as null when the form says that it showed the field, as
    what nobody chose there does; a whole number is a number, a ticked box is true, a list is a
    list, `given.name` is the field `name` inside `given`, and `given.3.name` the same in a row of a
    list. What does not fit stays a string, and the schema refuses it at its field.
    """
    if request.is_json:
        return body
    emptied = {name for name in request.form.getlist(SHOWN) if body.get(name, "") == ""}
    return {**_typed_form(schema, body), **dict.fromkeys(emptied)}


def rows(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return what was typed in the rows of a list, `name.3.inner`; an empty row counts as none."""
    found: dict[int, dict[str, Any]] = {}
    for key, value in body.items():
        outer, _, rest = key.partition(".")
        number, dot, inner = rest.partition(".")
        if outer == name and dot and number.isdecimal() and len(number) <= LONGEST_NUMBER:
            found.setdefault(int(number), {})[inner] = value
    return [found[number] for number in sorted(found) if any(found[number].values())]


def words(schema: Schema, body: Mapping[str, Any]) -> list[str]:
    """Return the words that somebody typed in a form, in its order, without codes and days."""
    found: list[str] = []
    for name, value in body.items():
        field = _field(schema, name)
        field = field.inner if isinstance(field, fields.List) else field
        if isinstance(field, Text) and field.words:
            given = value if isinstance(value, list) else [value]
            found += [FORBIDDEN.sub("", said) for said in given if said.strip()]
    return found


def shown(schema: Schema, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was sent as its form shows it again: in a field that takes one, the last."""
    return {
        name: sent[-1]
        if sent and isinstance(sent, list) and not isinstance(_field(schema, name), fields.List)
        else sent
        for name, sent in body.items()
    }


def _field(schema: Schema, name: str) -> fields.Field[Any] | None:
    """Return the field of a form's name, also inside others; None: the schema has none."""
    outer, _, rest = name.partition(".")
    fields_ = {field.data_key or known: field for known, field in schema.load_fields.items()}
    field = fields_.get(outer)
    if isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
        field, rest = field.inner, rest.partition(".")[2]
    return _field(field.schema, rest) if isinstance(field, fields.Nested) else field


def _sent(given: MultiDict[str, str]) -> dict[str, Any]:
    """Return what was sent by name; what was sent twice is a list, which few fields take."""
    return {name: sent if len(sent) > 1 else sent[0] for name, sent in given.lists()}


def _typed_form(schema: Schema, body: Mapping[str, Any]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    by_name = {field.data_key or name: field for name, field in schema.load_fields.items()}
    for name, value in body.items():
        outer, dot, inner = name.partition(".")
        field = by_name.get(outer)
        if value == "" and not (isinstance(field, Text) and field.told_empty):
            continue
        if dot and isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
            if outer not in found:
                row = field.inner.schema
                found[outer] = [_typed_form(row, one) for one in rows(body, outer)]
        elif dot and isinstance(field, fields.Nested):
            part = found.setdefault(outer, {})
            if isinstance(part, dict):  # otherwise `given` was sent too, and is no object
                part[inner] = _typed(field.schema.load_fields.get(inner), value)
        else:
            found[name] = _typed(by_name.get(name), value)
    return found


def _typed(field: fields.Field[Any] | None, value: Any) -> Any:
    if isinstance(field, fields.List):
        given = value if isinstance(value, list) else [value]
        return [_typed(field.inner, one) for one in given if one != ""]
    kind = field.field if isinstance(field, fields.Enum) else field
    if isinstance(kind, fields.Integer) and isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    if isinstance(kind, fields.Boolean) and isinstance(value, str):
        return ON.get(value, value)
    return value
