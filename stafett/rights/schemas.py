"""Shapes of what is asked for on the wire."""

from typing import Any

from marshmallow import Schema, fields, post_load

from stafett.rights.commands import DecideRestriction, Lift, UseRight
from stafett.rights.rules import Right
from stafett.web.forms import Count, Moment, OneOf, Text


class UseRightSchema(Schema):
    """A right that somebody wants to use, and on what."""

    right = OneOf(
        [one.value for one in Right],
        required=True,
        error_messages={"required": "Velg hva du ber om."},
    )
    words = Text(4000, required=True, error_messages={"required": "Skriv hva det gjelder."})
    draft_version = Count(0, load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> UseRight:
        return UseRight(Right(data.pop("right")), **data)


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


class DecideRestrictionSchema(Schema):
    """Whether the use of a record is restricted, and why."""

    restricted = fields.Boolean(required=True)
    reason = Text(2000, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> DecideRestriction:
        return DecideRestriction(**data)


class LiftSchema(Schema):
    """That a record may be used again, and when the family was told."""

    reason = Text(2000, required=True)
    told_on = fields.Date(required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Lift:
        return Lift(**data)


class RestrictionSchema(Schema):
    """A time in which a record was restricted; `ended_at` is null while it is."""

    reason = fields.String()
    begun_at = Moment()
    begun_by = fields.String()
    ended_at = Moment(allow_none=True)
    ended_by = fields.String(allow_none=True)
    ended_reason = fields.String(allow_none=True)
    told_on = fields.Date(allow_none=True)


class RestrictionListSchema(Schema):
    """Every time in which a record was restricted, newest first."""

    items = fields.List(fields.Nested(RestrictionSchema))
    next = fields.String(allow_none=True)
