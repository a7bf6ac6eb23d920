"""Shapes of people and services on the wire; used by the forms and by the JSON API alike."""

from typing import Any

from marshmallow import Schema, fields, post_load

from stafett.access.policy import ROLES
from stafett.people import rules
from stafett.people.commands import (
    ChangePassword,
    EditReached,
    EditService,
    EditUser,
    LogIn,
    NewService,
    NewToken,
    NewUser,
    SetRoles,
    UseCode,
)
from stafett.web import cursor
from stafett.web.cursor import CursorField
from stafett.web.forms import PICK, Code, Count, OneOf, Text

NAME, USERNAME = 200, 40
PHONE, EMAIL = 40, 254


def cursor_after(username: str | None) -> str | None:
    """Return the cursor of the part of a list that begins after a username."""
    return username and cursor.write(username)


def _username(given: str, /) -> str:
    if rules.username_problem(given):
        raise ValueError(given)
    return given


class Nothing(Schema):
    """A wish that says no more than its address."""


class LogInSchema(Schema):
    """A log-in; a page of another site is never gone to afterwards."""

    username = Code(NAME, required=True)
    password = Text(rules.LONGEST_PASSWORD, words=False, required=True)
    neste = fields.String(load_default="")

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> LogIn:
        username = data["username"].lower()
        return LogIn(username, data["password"], rules.own_path(data["neste"]))


class ChangePasswordSchema(Schema):
    """A new password, proved by the present one."""

    username = Code(NAME, required=True)
    password = Text(rules.LONGEST_PASSWORD, words=False, required=True)
    new_password = Text(rules.LONGEST_PASSWORD, words=False, required=True)
    repeated = Text(rules.LONGEST_PASSWORD, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> ChangePassword:
        return ChangePassword(**data | {"username": data["username"].lower()})


class UseCodeSchema(Schema):
    """A new password, proved by a code on paper."""

    username = Code(NAME, required=True)
    code = Code(60, required=True)
    new_password = Text(rules.LONGEST_PASSWORD, words=False, required=True)
    repeated = Text(rules.LONGEST_PASSWORD, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> UseCode:
        return UseCode(**data | {"username": data["username"].lower()})


class NewTokenSchema(Schema):
    """A wish for an API token."""

    label = Text(100, single=True, required=True)
    days = Count(1, rules.LONGEST_TOKEN_DAYS, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> NewToken:
        return NewToken(**data)


class NewUserSchema(Schema):
    """A wish to make an account."""

    username = Code(USERNAME, required=True)
    name = Text(NAME, single=True, required=True)
    title = Text(NAME, single=True, load_default="")
    service_id = fields.UUID(load_default=None)
    roles = fields.List(OneOf(list(ROLES)), required=True)
    phone = Code(PHONE, load_default=None)
    email = Code(EMAIL, load_default=None)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> NewUser:
        return NewUser(**data)


class EditUserSchema(Schema):
    """A wish to change what is said of a person."""

    seen_version = Count(1, required=True)
    name = Text(NAME, single=True, required=True)
    title = Text(NAME, single=True, load_default="")
    service_id = fields.UUID(load_default=None)
    phone = Code(PHONE, load_default=None)
    email = Code(EMAIL, load_default=None)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> EditUser:
        return EditUser(**data)


class EditReachedSchema(Schema):
    """A wish to change how one is reached at work oneself."""

    seen_version = Count(1, required=True)
    phone = Code(PHONE, load_default=None)
    email = Code(EMAIL, load_default=None)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> EditReached:
        return EditReached(**data)


class SetRolesSchema(Schema):
    """A wish to change what an account may be."""

    seen_version = Count(1, required=True)
    roles = fields.List(OneOf(list(ROLES)), required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> SetRoles:
        return SetRoles(**data)


class NewServiceSchema(Schema):
    """A wish to add a service."""

    name = Text(NAME, single=True, required=True)
    kind = Code(NAME, required=True, error_messages=PICK)
    leader = Code(USERNAME, load_default=None)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> NewService:
        return NewService(**data)


class EditServiceSchema(Schema):
    """A wish to change a service; a box that is not ticked is not sent."""

    seen_version = Count(1, required=True)
    name = Text(NAME, single=True, required=True)
    kind = Code(NAME, required=True, error_messages=PICK)
    specialist = fields.Boolean(load_default=False)
    leader = Code(USERNAME, load_default=None)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> EditService:
        return EditService(**data)


class AccountsQuery(Schema):
    """What the administrator's list of accounts is narrowed to."""

    q = Text(100, single=True, load_default="")
    after: CursorField[Any] = CursorField(_username)


class PeopleQuery(Schema):
    """What the staff directory is narrowed to."""

    q = Text(100, single=True, load_default="")
    service_id = fields.UUID(load_default=None)
    limit = Count(1, 200, load_default=50)
    after: CursorField[Any] = CursorField(_username)


class ServiceSchema(Schema):
    """A service."""

    id = fields.UUID()
    name = fields.String()
    kind = fields.String()
    specialist = fields.Boolean()


class ServiceListSchema(Schema):
    """The kommune's services."""

    items = fields.List(fields.Nested(ServiceSchema))
    next = fields.String(allow_none=True)


class PersonSchema(Schema):
    """Somebody in the staff directory."""

    username = fields.String()
    name = fields.String()
    service_id = fields.UUID(allow_none=True)


class PersonListSchema(Schema):
    """A page of the staff directory."""

    items = fields.List(fields.Nested(PersonSchema))
    next = fields.String(allow_none=True)


class MeSchema(Schema):
    """Who is signed in."""

    username = fields.String()
    name = fields.String()
    roles = fields.List(fields.String())
    services = fields.List(fields.Nested(ServiceSchema))
