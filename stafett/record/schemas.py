"""Shapes of a child's page on the wire."""

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from stafett.web.cursor import CursorField
from stafett.web.forms import Count, Text

_NAME = Text(200, single=True)


def _place(name: str, child_id: str) -> tuple[str, UUID]:
    return str(_NAME.deserialize(name)), UUID(child_id)


class ListQuerySchema(Schema):
    """Which part of the list is wanted."""

    after: CursorField[Any] = CursorField(_place)
    limit = Count(1, 200, load_default=50)


class ListedChildSchema(Schema):
    """A child in the list of one's children."""

    id = fields.UUID()
    name = fields.String()
    birth_year = fields.Integer(allow_none=True)
    level = fields.Integer(allow_none=True)
    state = fields.String()
    holder = fields.String(attribute="holder_username", allow_none=True)


class ChildListSchema(Schema):
    """The children to whom the reader has a relation, by name."""

    items = fields.List(fields.Nested(ListedChildSchema))
    next = fields.String(allow_none=True)


class DeadlineSchema(Schema):
    """What happens next, and when."""

    on = fields.Date()
    what = fields.String()
    href = fields.String()


class ChildSchema(Schema):
    """A child's page."""

    id = fields.UUID()
    name = fields.String()
    kind = fields.String()
    birth_year = fields.Integer(allow_none=True)
    level = fields.Integer(allow_none=True)
    state = fields.String()
    holder = fields.String(allow_none=True)
    coordinator = fields.String(allow_none=True)
    next_deadline = fields.Nested(DeadlineSchema, allow_none=True)
    relations = fields.List(fields.String())
    version = fields.Integer()
