"""Shapes of a child's page on the wire."""

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, post_load

from stafett.access.policy import Action
from stafett.record.commands import Ask
from stafett.tasks.rules import REQUESTS
from stafett.web.cursor import CursorField
from stafett.web.forms import Count, Moment, OneOf, Text

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


class GuideStepSchema(Schema):
    """One step of the handlingsveileder, and whether it has happened at this level."""

    code = fields.String()
    what = fields.String()
    how = fields.String()
    who = fields.String()
    tools = fields.List(fields.String())
    done = fields.Boolean()


class GuideSchema(Schema):
    """The steps of the level that a child's log is on; none when it is not open."""

    level = fields.Integer(allow_none=True)
    steps = fields.List(fields.Nested(GuideStepSchema))


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
    restricted_at = Moment(allow_none=True)
    version = fields.Integer()


ASKABLE = [action.value for action in REQUESTS]


class AskQuerySchema(Schema):
    """What the form is to ask for; without it the page lists what there is to ask for."""

    action = OneOf(ASKABLE)
    object_id = fields.UUID()


class AskSchema(Schema):
    """A wish that somebody else does something, and why."""

    action = OneOf(ASKABLE, required=True)
    object_id = fields.UUID(allow_none=True)
    words = Text(4000, required=True)
    draft_version = Count(0, load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Ask:
        return Ask(**{**data, "action": Action(data["action"])})


class RequestSchema(Schema):
    """Something that was asked for, with the answer when there is one."""

    id = fields.UUID()
    action = fields.String()
    object_id = fields.UUID(allow_none=True)
    words = fields.String()
    made_at = Moment()
    done_at = Moment(allow_none=True)
    answer = fields.String(allow_none=True)


class RequestListSchema(Schema):
    """What the reader has asked for about a child, newest first."""

    items = fields.List(fields.Nested(RequestSchema))
    next = fields.String(allow_none=True)
