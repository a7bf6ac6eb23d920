"""Shapes of coordinators and the ansvarsgruppe on the wire."""

from typing import Any

from marshmallow import Schema, fields, post_load

from stafett.team.commands import AddToGroup, Appoint, Delegate
from stafett.team.rules import CoordinatorKind, Place
from stafett.web.forms import PICK, Code, Text


class AppointSchema(Schema):
    """A wish to appoint a coordinator or a primærkontakt."""

    username = Code(100, required=True, error_messages=PICK)
    kind = fields.Enum(CoordinatorKind, by_value=fields.String, required=True)
    from_on = fields.Date(required=True)
    until_on = fields.Date(allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Appoint:
        return Appoint(**data)


class AddToGroupSchema(Schema):
    """A wish to take somebody into the ansvarsgruppe."""

    username = Code(100, allow_none=True)
    name = Text(200, single=True, allow_none=True)
    role = Text(200, single=True, required=True)
    from_on = fields.Date(required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> AddToGroup:
        return AddToGroup(**data)


class DelegateSchema(Schema):
    """A wish to have somebody in the place of holder or coordinator."""

    username = Code(100, required=True, error_messages=PICK)
    place = fields.Enum(Place, by_value=fields.String, required=True)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Delegate:
        return Delegate(**data)


class DelegationSchema(Schema):
    """Somebody in another's place, as it stands."""

    id = fields.UUID()
    username = fields.String()
    name = fields.String()
    service = fields.String(allow_none=True)
    absent = fields.String()
    place = fields.String()
    from_on = fields.Date()
    until_on = fields.Date()
    ended = fields.Boolean()


class DelegationListSchema(Schema):
    """Who is, or will be, in the place of holder or coordinator."""

    items = fields.List(fields.Nested(DelegationSchema))
    next = fields.String(allow_none=True)


class EndSchema(Schema):
    """Why somebody's part in the work around a child ends."""

    reason = Text(2000, required=True)


class AppointmentSchema(Schema):
    """An appointment as it stands."""

    id = fields.UUID()
    username = fields.String()
    name = fields.String()
    service_id = fields.UUID(allow_none=True)
    kind = fields.String()
    from_on = fields.Date()
    until_on = fields.Date(allow_none=True)
    ended = fields.Boolean()
    version = fields.Integer()
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)


class AppointmentListSchema(Schema):
    """A child's appointments."""

    items = fields.List(fields.Nested(AppointmentSchema))
    next = fields.String(allow_none=True)


class GroupMemberSchema(Schema):
    """A member of the ansvarsgruppe as it stands."""

    id = fields.UUID()
    username = fields.String(allow_none=True)
    name = fields.String()
    role = fields.String()
    service_id = fields.UUID(allow_none=True)
    from_on = fields.Date()
    ended = fields.Boolean()
    version = fields.Integer()


class GroupSchema(Schema):
    """The ansvarsgruppe of a child."""

    items = fields.List(fields.Nested(GroupMemberSchema))
    next = fields.String(allow_none=True)
