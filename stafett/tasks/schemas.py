"""Shapes of tasks on the wire."""

from marshmallow import Schema, fields

from stafett.web.forms import Count, Moment, Text


class FinishSchema(Schema):
    """What was done."""

    text = Text(4000, required=True)
    draft_version = Count(0, load_default=0)


class TaskSchema(Schema):
    """A task as it stands."""

    id = fields.UUID()
    kind = fields.String()
    child_id = fields.UUID()
    due_on = fields.Date(allow_none=True)
    action = fields.String(allow_none=True)
    object_id = fields.UUID(allow_none=True)
    words = fields.String(allow_none=True)
    done_at = Moment(allow_none=True)
    done_text = fields.String(allow_none=True)
