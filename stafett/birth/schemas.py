"""Shapes of a birth, and of what follows from before it, on the wire."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from stafett.birth.commands import EndUnborn, LetFollow, LetIn, RegisterBirth
from stafett.children.schemas import Name
from stafett.web.forms import Code, Count, Text

SURE = "Kryss av for at dere er enige om å avslutte."


class RegisterBirthSchema(Schema):
    """A wish to say that an expected child is born."""

    name = Name(required=True)
    birth_date = fields.Date(required=True)
    national_id = Code(11, allow_none=True)
    siblings = fields.List(Name(), load_default=list, validate=validate.Length(0, 5))
    seen_version = Count(1, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> RegisterBirth:
        return RegisterBirth(**{**data, "siblings": tuple(data["siblings"])})


class EndUnbornSchema(Schema):
    """A wish to end a record without a birth."""

    sure = fields.Boolean(
        required=True,
        error_messages={"required": SURE},
        validate=validate.Equal(comparable=True, error=SURE),
    )
    seen_version = Count(1, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> EndUnborn:
        return EndUnborn(data["seen_version"])


class LetFollowSchema(Schema):
    """A wish to let an entry from before the birth, or all that was written, follow the child."""

    follows = fields.Boolean(required=True)
    entry_id = fields.UUID(allow_none=True)
    how = Text(500, allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> LetFollow:
        return LetFollow(**data)


class LetInSchema(Schema):
    """A wish to let a guardian read with the pregnant person."""

    guardian_id = fields.UUID(required=True)
    reads = fields.Boolean(required=True)
    how = Text(500, allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> LetIn:
        return LetIn(**data)


class BirthSchema(Schema):
    """That a child is born; `siblings` are the records of those born with it."""

    id = fields.UUID()
    name = fields.String()
    birth_year = fields.Integer()
    siblings = fields.List(fields.UUID())


class EndedSchema(Schema):
    """That a record has ended without a birth."""

    id = fields.UUID()
    ended = fields.Boolean()


class EarlyEntrySchema(Schema):
    """An entry from before the birth."""

    id = fields.UUID()
    follows = fields.Boolean()


class LetInReaderSchema(Schema):
    """A guardian besides the pregnant person."""

    guardian_id = fields.UUID()
    name = fields.String()
    reads = fields.Boolean()


class BeforeBirthSchema(Schema):
    """What is from before the birth, as far as the reader reads it, and who read with her."""

    born = fields.Boolean()
    all_follow = fields.Boolean()
    entries = fields.List(fields.Nested(EarlyEntrySchema))
    readers = fields.List(fields.Nested(LetInReaderSchema))
