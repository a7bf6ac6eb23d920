"""For whom a thing is, as it is sent; used by the forms and by the JSON API alike."""

from typing import Any

from marshmallow import Schema, fields

from stafett.audience.rules import Limits, Reason, Visibility
from stafett.web.forms import Code, Moment


class ForWhomSchema(Schema):
    """Whom a thing is for. What the choice does not need is not looked at."""

    visibility = fields.Enum(Visibility, by_value=fields.String, required=True)
    named = fields.List(Code(40), load_default=list)
    visibility_reason = fields.Enum(Reason, by_value=fields.String, load_default=None)
    review_on = fields.Date(load_default=None)


class HidingSchema(Schema):
    """From which guardians a thing is hidden, and why."""

    hidden_from = fields.List(fields.UUID(), load_default=list)
    hidden_reason = fields.Enum(Reason, by_value=fields.String, load_default=None)


def limits(data: dict[str, Any]) -> Limits:
    """Return the limits that a form of these fields asks for."""
    return Limits(
        data["visibility"],
        data["named"],
        data["visibility_reason"],
        data.get("hidden_from", ()),
        data.get("hidden_reason"),
        data["review_on"],
    )


class AudienceSchema(Schema):
    """Whom a thing was for from a moment on; `set_at` is its UTC moment."""

    number = fields.Integer()
    visibility = fields.String()
    named = fields.Function(
        lambda row: [username for _, username, _ in row.named],
        metadata={"type": "array", "items": {"type": "string"}},
    )
    visibility_reason = fields.String(attribute="reason", allow_none=True)
    hidden_from = fields.Function(
        lambda row: [str(guardian_id) for guardian_id, _ in row.hidden_from],
        metadata={"type": "array", "items": {"type": "string", "format": "uuid"}},
    )
    hidden_reason = fields.String(allow_none=True)
    review_on = fields.Date(allow_none=True)
    set_by = fields.String(attribute="by")
    set_at = Moment()


class FirstReadSchema(Schema):
    """Somebody whom a thing has been shown to, and when first."""

    who = fields.String()
    at = Moment()


class AudiencesSchema(Schema):
    """Whom a thing is for, all that this has been before, newest first, and who has read it."""

    visibility = fields.String()
    audience = fields.Integer()
    items = fields.List(fields.Nested(AudienceSchema))
    read_by = fields.List(fields.Nested(FirstReadSchema))
