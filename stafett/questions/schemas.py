"""Shapes of questions on the wire; used by the forms and by the JSON API alike."""

from typing import Any

from marshmallow import Schema, fields, post_load

from stafett.questions.commands import Ask
from stafett.web.forms import Count, Moment, Text


class AskQuestionSchema(Schema):
    """A question to a service, without a name."""

    service_id = fields.UUID(
        required=True,
        error_messages={
            "required": "Velg hvem du vil spørre.",
            "invalid_uuid": "Velg en tjeneste.",
        },
    )
    text = Text(4000, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Ask:
        return Ask(**data)


class AnswerQuestionSchema(Schema):
    """The answer to a question."""

    text = Text(4000, required=True)
    draft_version = Count(0, load_default=0)


class NamelessQuestionSchema(Schema):
    """A question as it stands."""

    id = fields.UUID()
    text = fields.String()
    asked_at = Moment()
    asker = fields.String()
    from_service = fields.String(allow_none=True)
    service = fields.String()
    answer = fields.String(allow_none=True)
    answerer = fields.String(allow_none=True)
    answered_at = Moment(allow_none=True)
    own = fields.Boolean()


class NamelessQuestionListSchema(Schema):
    """What one has asked, and what one's service has been asked."""

    items = fields.List(fields.Nested(NamelessQuestionSchema))
    next = fields.String(allow_none=True)
