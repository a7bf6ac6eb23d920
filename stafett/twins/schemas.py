"""Shapes of two records of one child on the wire."""

from marshmallow import Schema, fields

from stafett.web.forms import Moment, Text


class JoinSchema(Schema):
    """Nothing but the wish itself."""


class TellApartSchema(Schema):
    """Why they are two children."""

    reason = Text(2000, required=True)


class SideSchema(Schema):
    """One of the two records."""

    id = fields.UUID()
    name = fields.String()
    birth_year = fields.Integer(allow_none=True)
    registered_by = fields.String()
    registered_at = Moment()
    use = fields.String()
    holder = fields.String(allow_none=True)
    stays = fields.Boolean()


class PairSchema(Schema):
    """Two records of one child: side by side, and when they were joined, if they are."""

    sides = fields.List(fields.Nested(SideSchema))
    joined_at = Moment(allow_none=True)
