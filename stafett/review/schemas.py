"""The shape of what closes a review."""

from typing import Any

from marshmallow import Schema, post_load

from stafett.review.commands import Close
from stafett.review.rules import Outcome
from stafett.web.forms import Count, OneOf, Text


class CloseSchema(Schema):
    """How a review ended, and a word on why."""

    outcome = OneOf(
        [one.value for one in Outcome],
        required=True,
        error_messages={"required": "Velg hva det var."},
    )
    words = Text(2000, required=True, error_messages={"required": "Skriv hva du fant ut."})
    seen_version = Count(1, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Close:
        return Close(Outcome(data["outcome"]), data["words"], data["seen_version"])
