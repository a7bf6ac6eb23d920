"""Shapes of what is asked for on the wire."""

from typing import Any

from marshmallow import Schema, fields, post_load

from stafett.rights.commands import UseRight
from stafett.rights.rules import Right
from stafett.web.forms import Moment, OneOf, Text


class UseRightSchema(Schema):
    """A right that somebody wants to use, and on what."""

    right = OneOf(
        [one.value for one in Right],
        required=True,
        error_messages={"required": "Velg hva du ber om."},
    )
    words = Text(4000, required=True, error_messages={"required": "Skriv hva det gjelder."})

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> UseRight:
        return UseRight(Right(data["right"]), data["words"])


class RightsCaseSchema(Schema):
    """Something that was asked for, with the answer when there is one."""

    id = fields.UUID()
    words = fields.String()
    made_at = Moment()
    done_at = Moment(allow_none=True)
    answer = fields.String(allow_none=True)


class RightsCaseListSchema(Schema):
    """What the reader has asked for about a child, newest first."""

    items = fields.List(fields.Nested(RightsCaseSchema))
    next = fields.String(allow_none=True)
