"""Shapes of requests and decisions on the wire; used by the forms and by JSON alike."""

from typing import Any

from marshmallow import Schema, fields, post_load

from stafett.disclosure.commands import AskMyself, AskToBeTold, DecideDisclosure
from stafett.web.forms import Count, Moment, Text


class AskToBeToldSchema(Schema):
    """What a parent has asked for."""

    wish = Text(2000, required=True)
    asked_on = fields.Date(required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> AskToBeTold:
        return AskToBeTold(**data)


class AskMyselfSchema(Schema):
    """What a parent asks for himself."""

    wish = Text(2000, required=True)
    birth_date = fields.Date(required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> AskMyself:
        return AskMyself(**data)


class ReceivedSchema(Schema):
    """That it was received: always, and nothing else."""

    answer = fields.String()


class DecideDisclosureSchema(Schema):
    """The decision on what a parent has asked for."""

    granted = fields.Boolean(required=True)
    grounds = Text(4000, required=True)
    information = Text(8000, allow_none=True)
    until_on = fields.Date(allow_none=True)
    draft_version = Count(0, load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> DecideDisclosure:
        return DecideDisclosure(**data)


class DisclosureSchema(Schema):
    """A request and what came of it, as much as the reader may see."""

    id = fields.UUID()
    asked_on = fields.Date()
    wish = fields.String(allow_none=True)
    registered_by = fields.String(allow_none=True)
    granted = fields.Boolean(allow_none=True)
    grounds = fields.String(allow_none=True)
    information = fields.String(allow_none=True)
    until_on = fields.Date(allow_none=True)
    appeal = fields.String(allow_none=True)
    decided_at = Moment(allow_none=True)
    decided_by = fields.String(allow_none=True)


class DisclosureListSchema(Schema):
    """What one parent has asked for."""

    items = fields.List(fields.Nested(DisclosureSchema))
    next = fields.String(allow_none=True)
