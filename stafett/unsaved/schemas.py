"""The shapes of what is being written, and of what lets go of it."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from stafett.unsaved.commands import Keep
from stafett.web.forms import Count, Moment, Text

WORDS = ("words", "text", "grounds", "information")
"""What somebody writes in such a form; all else is chosen."""
LONGEST = 40_000
"""Characters in a field of a form: what is too long to be sent is kept all the same."""


class KeepFormSchema(Schema):
    """A form of a few fields as it is typed, half done; without words it is let go."""

    fields_ = fields.Dict(
        keys=fields.String(
            validate=validate.Regexp(r"[a-z_]{1,40}\Z", error="Dette feltet finnes ikke.")
        ),
        values=Text(LONGEST),
        required=True,
        data_key="fields",
        validate=validate.Length(max=20),
    )
    seen_version = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Keep:
        typed = data["fields_"]
        empty = not any(typed.get(name, "").strip() for name in WORDS)
        return Keep(typed, data["seen_version"], empty)


class KeptFormSchema(Schema):
    """What its author is writing, for him alone; version 0 is nothing. `saved_at` is UTC."""

    version = fields.Integer()
    saved_at = Moment(allow_none=True)
    fields_ = fields.Dict(data_key="fields", attribute="fields")


class LetGoSchema(Schema):
    """A wish to let go of what was kept while it was written."""

    draft_version = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> int:
        return int(data["draft_version"])
