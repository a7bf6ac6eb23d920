"""Shapes of the logs on the wire."""

from typing import Any

from marshmallow import Schema, fields

from stafett.web import cursor
from stafett.web.cursor import CursorField
from stafett.web.forms import Count, Moment, Text


class LogQuerySchema(Schema):
    """Where the part before this one stopped."""

    after: CursorField[Any] = CursorField(cursor.at)


class AskWhySchema(Schema):
    """A question about one row, with more words if one likes."""

    words = Text(2000, load_default="")
    draft_version = Count(0, load_default=0)


class QuestionSchema(Schema):
    """A question about one row of the logs, with the answer when there is one."""

    id = fields.UUID()
    row_id = fields.UUID(attribute="object_id")
    words = fields.String()
    made_at = Moment()
    done_at = Moment(allow_none=True)
    answer = fields.String(allow_none=True)


class QuestionListSchema(Schema):
    """What the reader has asked about a child's logs, newest first."""

    items = fields.List(fields.Nested(QuestionSchema))
    next = fields.String(allow_none=True)


class LogRowSchema(Schema):
    """Somebody looked or changed something; `emergency` is for access that was not a right."""

    id = fields.UUID()
    at = Moment()
    who = fields.String()
    service = fields.String(allow_none=True)
    what = fields.String()
    basis = fields.String()
    changed = fields.Boolean()
    times = fields.Integer()
    emergency = fields.Boolean()
    on_behalf_of = fields.String(allow_none=True)


class LogListSchema(Schema):
    """Who looked and who changed, newest first."""

    items = fields.List(fields.Nested(LogRowSchema))
    next = fields.String(allow_none=True)


class OwnRowSchema(Schema):
    """One request of one's own; `child` is null when one may not know of the child any more."""

    at = Moment()
    what = fields.String()
    about_child = fields.Boolean()
    child = fields.String(allow_none=True)
    outcome = fields.String()


class OwnLogSchema(Schema):
    """What is logged of oneself, newest first."""

    items = fields.List(fields.Nested(OwnRowSchema))
    next = fields.String(allow_none=True)
