"""Shapes of a child and its guardians on the wire; used by the forms and by JSON alike."""

from typing import Any

from marshmallow import Schema, fields, post_dump, post_load, validate

from stafett.access.policy import Purpose
from stafett.children.commands import (
    AddGuardian,
    CheckGuardian,
    EditChild,
    EditGuardian,
    Pregnant,
    Register,
)
from stafett.children.rules import ChildKind, Evidence, Protection
from stafett.web.forms import Code, Count, OneOf, Text

PROTECTIONS = [one.value for one in Protection]
RELATIONS = [
    "mor",
    "far",
    "medmor",
    "gravid",
    "verge",
    "barnevern",
    "fosterforelder",
    "annen",
]
LANGUAGE = validate.Regexp(r"[a-z]{2,3}\Z", error="Skriv språket som en kode, for eksempel nb.")


class Name(Text):
    """A person's name; when it is sent it is never empty."""

    def __init__(self, **options: Any) -> None:
        """Take the options of every field."""
        super().__init__(200, single=True, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> str:
        text = super()._deserialize(value, attr, data, **more)
        if not text:
            raise self.make_error("required")
        return text


class PregnantSchema(Schema):
    """The person through whom an unborn child is reached."""

    name = Name(required=True)
    national_id = Code(11)
    username = Code(100)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Pregnant:
        return Pregnant(**data)


class RegisterSchema(Schema):
    """A wish to register a child."""

    name = Name(required=True)
    kind = fields.Enum(ChildKind, by_value=fields.String, load_default=ChildKind.CHILD)
    birth_date = fields.Date(allow_none=True)
    due_date = fields.Date(allow_none=True)
    national_id = Code(11, allow_none=True)
    address_protection = OneOf(PROTECTIONS, load_default="none")
    address = Text(300, allow_none=True)
    school = Text(200, single=True, allow_none=True)
    language = fields.String(validate=LANGUAGE, load_default="nb")
    interpreter = fields.Boolean(load_default=False)
    pregnant_person = fields.Nested(PregnantSchema)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Register:
        return Register(**data)


def _emptied(data: dict[str, Any]) -> frozenset[str]:
    """Return the fields that were sent as null: what was not sent stays as it is."""
    return frozenset(name for name, value in data.items() if value is None)


class EditChildSchema(Schema):
    """A wish to correct a child's own facts."""

    seen_version = Count(1, required=True)
    name = Name()
    birth_date = fields.Date()
    due_date = fields.Date()
    national_id = Code(11)
    address = Text(300, allow_none=True)
    school = Text(200, single=True, allow_none=True)
    language = fields.String(validate=LANGUAGE)
    interpreter = fields.Boolean()

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> EditChild:
        return EditChild(**data, emptied=_emptied(data))


class SearchSchema(Schema):
    """A search by number; the number is never part of an address."""

    national_id = Code(11, required=True)


class AccountSchema(Schema):
    """The child's own account."""

    username = Code(100, required=True)


class AddGuardianSchema(Schema):
    """A wish to register a guardian."""

    username = Code(100, allow_none=True)
    name = Name(required=True)
    relation = OneOf(RELATIONS, required=True)
    parental_responsibility = fields.Boolean(required=True)
    lives_with = fields.Boolean(required=True)
    national_id = Code(11, allow_none=True)
    phone = Text(40, single=True, allow_none=True)
    from_on = fields.Date(allow_none=True)
    until_on = fields.Date(allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> AddGuardian:
        return AddGuardian(**data)


class EditGuardianSchema(Schema):
    """A wish to correct a guardian."""

    seen_version = Count(1, required=True)
    username = Code(100)
    name = Name()
    relation = OneOf(RELATIONS)
    parental_responsibility = fields.Boolean()
    lives_with = fields.Boolean()
    phone = Text(40, single=True, allow_none=True)
    from_on = fields.Date()
    until_on = fields.Date(allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> EditGuardian:
        return EditGuardian(**data, emptied=_emptied(data))


class GuardianReasonSchema(Schema):
    """Why something is ended or blocked."""

    reason = Text(2000, required=True)


class CheckGuardianSchema(Schema):
    """What koordinerende enhet found of a guardian."""

    accepted = fields.Boolean(required=True, error_messages={"required": "Velg hva du fant ut."})
    seen_version = Count(1, required=True)
    parental_responsibility = fields.Boolean(allow_none=True)
    evidence = fields.Enum(Evidence, by_value=fields.String, allow_none=True)
    words = Text(2000, allow_none=True)
    mandate = fields.List(
        fields.Enum(Purpose, by_value=fields.String),
        load_default=list,
        validate=validate.Length(0, len(Purpose)),
    )

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> CheckGuardian:
        return CheckGuardian(**data)


class FoundChildSchema(Schema):
    """A child that a search by number found."""

    id = fields.UUID()
    name = fields.String()
    birth_year = fields.Integer(allow_none=True)
    provisional = fields.Boolean()


class SearchAnswerSchema(Schema):
    """What koordinerende enhet finds; others get `answer` alone."""

    items = fields.List(fields.Nested(FoundChildSchema))
    answer = fields.String()

    @post_dump
    def _one_of_them(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value is not None}


class GuardianSchema(Schema):
    """A guardian as it stands; `blocked` is null for the family, and `username` but one's own.

    Nobody has parental responsibility, or says yes in the parents' place, for one who is of age.
    """

    id = fields.UUID()
    username = fields.String(allow_none=True)
    name = fields.String()
    relation = fields.String()
    parental_responsibility = fields.Boolean()
    lives_with = fields.Boolean()
    blocked = fields.Boolean(allow_none=True)
    from_on = fields.Date()
    until_on = fields.Date(allow_none=True)
    verified_on = fields.Date(allow_none=True)
    mandate = fields.Function(
        lambda row: (row.mandate or "").split(),
        metadata={
            "type": "array",
            "items": {"type": "string", "enum": sorted(Purpose)},
            "description": "What it says yes to in the parents' place",
        },
    )
    ended = fields.Boolean()
    version = fields.Integer()


class GuardianListSchema(Schema):
    """A child's guardians."""

    items = fields.List(fields.Nested(GuardianSchema))
    next = fields.String(allow_none=True)
