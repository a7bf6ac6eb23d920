"""For whom a thing is, as it is sent; used by the forms and by the JSON API alike."""

from typing import Any

from marshmallow import Schema, fields

from stafett.audience.rules import Limits, Reason, Visibility
from stafett.web.forms import Text


class ForWhomSchema(Schema):
    """Whom a thing is for. What the choice does not need is not looked at."""

    visibility = fields.Enum(Visibility, by_value=fields.String, required=True)
    named = fields.List(Text(40, single=True), load_default=list)
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
