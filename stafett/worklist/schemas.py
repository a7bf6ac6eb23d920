"""Shapes of the worklist on the wire."""

from marshmallow import Schema, fields


class TodoSchema(Schema):
    """One thing to do."""

    id = fields.UUID()
    kind = fields.String()
    child_id = fields.UUID(allow_none=True)
    due_on = fields.Date(allow_none=True)
    overdue = fields.Boolean()
    title = fields.String()
    href = fields.String()


class WaitingSchema(Schema):
    """What the actor has asked of somebody who has not answered."""

    id = fields.UUID()
    kind = fields.String()
    child_id = fields.UUID()
    asked_on = fields.Date()
    title = fields.String()
    href = fields.String()


class OwnMeasureSchema(Schema):
    """A measure under way that the actor answers for."""

    child_id = fields.UUID()
    key = fields.String()
    what = fields.String()
    evaluate_on = fields.Date()


class HelpSchema(Schema):
    """A holder who may need help, and in how many logs; no child."""

    holder = fields.String()
    logs = fields.Integer()


class UnansweredSchema(Schema):
    """Who has long been asked to take a baton and has not answered, and how many; no child."""

    receiver = fields.String()
    offers = fields.Integer()


class WorklistSchema(Schema):
    """What the actor must do now, the oldest day first, and what he waits for others to do."""

    items = fields.List(fields.Nested(TodoSchema))
    measures = fields.List(fields.Nested(OwnMeasureSchema))
    waiting = fields.List(fields.Nested(WaitingSchema))
    in_my_services = fields.List(fields.Nested(HelpSchema))
    unanswered_in_my_services = fields.List(fields.Nested(UnansweredSchema))
    next = fields.String(allow_none=True)
