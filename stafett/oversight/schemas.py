"""Shapes of the log and the register on the wire."""

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, post_load

from stafett.oversight.rules import Search
from stafett.web import cursor
from stafett.web.cursor import CursorField
from stafett.web.forms import LogDay, Moment, Text


def _name(name: str, tie_id: str) -> tuple[str, UUID]:
    return str(Text(200, single=True).deserialize(name)), UUID(tie_id)


class SearchSchema(Schema):
    """What is looked for in the log; all of it must fit."""

    person = Text(100, single=True, load_default="")
    child = Text(100, single=True, load_default="")
    from_on = LogDay(load_default=None)
    until_on = LogDay(load_default=None)
    after: CursorField[Any] = CursorField(cursor.at)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"after": data.pop("after"), "search": Search(**data)}


class FoundRowSchema(Schema):
    """One look; `children` are those that it was about or that a list showed."""

    id = fields.UUID()
    at = Moment()
    who = fields.String()
    service = fields.String(allow_none=True)
    what = fields.String()
    basis = fields.String()
    outcome = fields.String()
    children = fields.List(fields.String())


class FoundListSchema(Schema):
    """The looks that were looked for, newest first."""

    items = fields.List(fields.Nested(FoundRowSchema))
    next = fields.String(allow_none=True)


class RegisterQuerySchema(Schema):
    """Which day, today when none is said, and whose access to whom."""

    on = LogDay(load_default=None)
    person = Text(100, single=True, load_default="")
    child = Text(100, single=True, load_default="")
    after: CursorField[Any] = CursorField(_name)


class AccessRegisterRowSchema(Schema):
    """One access; `leads` is a service whose leader it is, `consent` null if it rests on none."""

    id = fields.UUID()
    child_id = fields.UUID()
    child = fields.String()
    who = fields.String(allow_none=True)
    leads = fields.String(allow_none=True)
    basis = fields.String()
    writes = fields.Boolean()
    from_on = fields.Date()
    until_on = fields.Date(allow_none=True)
    consent = fields.Boolean(allow_none=True)


class AccessRegisterSchema(Schema):
    """Who had access to which child on a day, by child."""

    items = fields.List(fields.Nested(AccessRegisterRowSchema))
    next = fields.String(allow_none=True)
