"""Shapes of one's choice, one's notices and the outbox on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from stafett.notices.commands import Choose
from stafett.notices.rules import ADDRESS, Often
from stafett.web.forms import Count, Moment, Text

LONGEST = 254
"""Characters in an address (RFC 5321)."""


class ChooseSchema(Schema):
    """A wish to get mail so often, and where to."""

    often = fields.Enum(Often, by_value=fields.String, required=True)
    address = Text(LONGEST, single=True, load_default="")
    seen_version = Count(required=True)

    @validates_schema
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        address = data.get("address", "")
        if data.get("often", Often.NEVER) is Often.NEVER and not address:
            return
        if not ADDRESS.fullmatch(address):
            msg = "Skriv en e-postadresse, som navn@eksempel.no."
            raise ValidationError(msg, "address")

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Choose:
        return Choose(**data)


class NoticeSchema(Schema):
    """One mail to oneself; `state` is waiting, sent, dropped or refused."""

    id = fields.UUID()
    made_at = Moment()
    state = fields.String()
    done_at = Moment(allow_none=True)


class NoticesSchema(Schema):
    """How often one gets mail, where to, and the newest mails."""

    often = fields.String()
    address = fields.String()
    version = fields.Integer()
    items = fields.List(fields.Nested(NoticeSchema))


class StateSchema(Schema):
    """How many mails there are of a state, since when, and the most attempts at one of them."""

    state = fields.String()
    count = fields.Integer(attribute="mails")
    oldest_at = Moment()
    attempts = fields.Integer()


class OutboxSchema(Schema):
    """What the outbox holds; nobody's name."""

    items = fields.List(fields.Nested(StateSchema))
    next = fields.String(allow_none=True)
