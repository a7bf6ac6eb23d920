"""Shapes of a child's protection on the wire; used by the forms and by JSON alike."""

from typing import Any

from marshmallow import Schema, fields, post_load

from stafett.children.rules import Protection
from stafett.protection.commands import Grade, NameReader, Renew
from stafett.web.forms import PICK, Code, Moment, OneOf, Text


class GradeSchema(Schema):
    """A wish for another grade, and why."""

    protection = OneOf([one.value for one in Protection], required=True)
    reason = Text(2000, required=True)
    until_on = fields.Date(allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Grade:
        return Grade(**{**data, "protection": Protection(data["protection"])})


class EaseSchema(GradeSchema):
    """A wish for a milder grade, and why."""

    class Meta:
        """A decision that ends belongs to protecting."""

        exclude = ("until_on",)


class RenewSchema(Schema):
    """How long the decision lasts now; without a day it has no end."""

    reason = Text(2000, required=True)
    until_on = fields.Date(allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Renew:
        return Renew(**data)


class NameReaderSchema(Schema):
    """Who has asked to read where the child is, and until when he may."""

    username = Code(100, required=True, error_messages=PICK)
    until_on = fields.Date(required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> NameReader:
        return NameReader(**data)


class EndReaderSchema(Schema):
    """Who may no longer read where the child is."""

    username = Code(100, required=True, error_messages=PICK)


class OpenAccessSchema(Schema):
    """Why a guardian may see a child whose address is protected."""

    reason = Text(2000, required=True)


class CloseAccessSchema(Schema):
    """Nothing is asked for: closing cannot wait."""


class StepSchema(Schema):
    """A change of the grade."""

    protection = fields.String()
    reason = fields.String()
    set_by = fields.String()
    set_at = Moment()
    asked_by = fields.String(allow_none=True)
    until_on = fields.Date(allow_none=True)


class ReaderSchema(Schema):
    """Somebody who may read where the child is."""

    username = fields.String()
    name = fields.String()
    until_on = fields.Date()
    reason = fields.String()
    named_by = fields.String()


class SiblingSchema(Schema):
    """Another child of a guardian, whom the reader may protect too."""

    id = fields.UUID()
    name = fields.String()


class ProtectionSchema(Schema):
    """A child's protection as it stands, and how it came to be so."""

    protection = fields.String()
    steps = fields.List(fields.Nested(StepSchema))
    readers = fields.List(fields.Nested(ReaderSchema))
    siblings = fields.List(fields.Nested(SiblingSchema))


class WorkplaceSchema(Schema):
    """Somebody who works with the child, and where."""

    name = fields.String()
    title = fields.String()
    service = fields.String(allow_none=True)


class WhereaboutsSchema(Schema):
    """Where a protected child is."""

    address = fields.String(allow_none=True)
    school = fields.String(allow_none=True)
    workplaces = fields.List(fields.Nested(WorkplaceSchema))


class OpenedSchema(Schema):
    """Whether a guardian sees a child whose address is protected."""

    id = fields.UUID()
    opened = fields.Function(
        lambda guardian: guardian.opened_at is not None, metadata={"type": "boolean"}
    )
