"""Shapes of emergencies and the duty list, for forms and JSON alike."""

from typing import Any

from marshmallow import Schema, fields, post_load

from stafett.emergency.commands import Judge, OpenRecord, PutOnDuty
from stafett.emergency.rules import Category, Outcome
from stafett.web.forms import Code, Moment, OneOf, Text


class ChildQuerySchema(Schema):
    """The child whose page somebody came from."""

    child_id = fields.UUID(load_default=None)


class OpenRecordSchema(Schema):
    """A wish to open one child's record, by its id or its number."""

    child_id = fields.UUID(load_default=None)
    national_id = Code(11, load_default=None)
    category = OneOf(
        [one.value for one in Category],
        required=True,
        error_messages={"required": "Velg hvorfor det ikke kan vente."},
    )
    reason = Text(2000, required=True, error_messages={"required": "Skriv hva som har skjedd."})

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> OpenRecord:
        return OpenRecord(**data | {"category": Category(data["category"])})


class JudgeSchema(Schema):
    """What another person found."""

    outcome = OneOf(
        [one.value for one in Outcome],
        required=True,
        error_messages={"required": "Velg hva du kom fram til."},
    )
    words = Text(2000, required=True, error_messages={"required": "Skriv hva du fant ut."})

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Judge:
        return Judge(Outcome(data["outcome"]), data["words"])


class PutOnDutySchema(Schema):
    """A wish to have somebody on the duty list."""

    username = Code(40, required=True)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> PutOnDuty:
        return PutOnDuty(**data)


class EmergencySchema(Schema):
    """A record that was opened: to whom it was opened reads no more of it than this."""

    id = fields.UUID()
    child_id = fields.UUID()
    category = fields.String()
    reason = fields.String()
    opened_at = Moment()
    until_at = Moment()
    closed_at = Moment(allow_none=True)
    reviewed_at = Moment(allow_none=True)
    outcome = fields.String(allow_none=True)


class ReviewedSchema(EmergencySchema):
    """A record that another person opened, as its reviewers see it."""

    who = fields.String()
    service = fields.String(allow_none=True)
    child = fields.String(allow_none=True)
    words = fields.String(allow_none=True)
    reviewer = fields.String(allow_none=True)


class EmergencyListSchema(Schema):
    """What waits for a review, and the last that were reviewed."""

    waiting = fields.List(fields.Nested(ReviewedSchema))
    reviewed = fields.List(fields.Nested(ReviewedSchema))
