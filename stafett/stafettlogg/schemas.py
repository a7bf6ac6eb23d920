"""Shapes of a log on the wire; used by the forms and by the JSON API alike."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from stafett.children.rules import VoiceHow
from stafett.stafettlogg.baton import Force, Move, Offer
from stafett.stafettlogg.commands import (
    ChangeLevel,
    Close,
    EvaluateLevel,
    IpAssessment,
    NotePaper,
    Open,
    Voice,
)
from stafett.stafettlogg.document import WORDS
from stafett.stafettlogg.level_zero import CorrectConcern, Decide, NewConcern, Talk, WriteConcern
from stafett.stafettlogg.membership import Extend, Invite, SetAccess
from stafett.stafettlogg.rules import (
    BY_HAND,
    ConcernDecision,
    ConcernForm,
    IpAnswer,
    Level,
    Outcome,
    PaperKind,
    StepForm,
)
from stafett.unsaved.commands import Keep
from stafett.web.forms import CHOOSE, PICK, Code, Count, Moment, OneOf, Text, words

LONGEST = 20_000
"""Characters in one text."""
LONGEST_DRAFT = 2 * LONGEST
"""Characters in the draft of one: what is too long is kept all the same."""
STEP_FIELDS = (
    *("reason", "participants", "child_voice.text", "ip_assessment.reason", "family_view"),
    *("message", "family_wish", "level", "outcome", "child_voice.how", "parents_agree"),
    *("ip_assessment.answer", "holder", "next_evaluation_on", "decided_on", "seen_version", "to"),
)
"""What the forms send that decide something of a log."""


def _level(**options: Any) -> fields.Enum[Level]:
    return fields.Enum(Level, by_value=fields.Integer(strict=True), **options)


def _either(code: str, words: str) -> dict[str, Any]:
    """Describe a code with its words, or nothing."""
    inside = {code: {"type": "string"}, words: {"type": ["string", "null"]}}
    return {"type": ["object", "null"], "properties": inside, "required": [code, words]}


class VoiceSchema(Schema):
    """The child's view, and how it was obtained."""

    how = fields.Enum(VoiceHow, by_value=fields.String, required=True)
    text = Text(4000, allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Voice:
        return Voice(**data)


class IpAssessmentSchema(Schema):
    """What came out of asking about individuell plan and coordinator."""

    answer = fields.Enum(IpAnswer, by_value=fields.String, required=True)
    reason = Text(4000, allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> IpAssessment:
        return IpAssessment(**data)


class _ConcernSchema(Schema):
    """What a note at level 0 says."""

    observed = Text(LONGEST, required=True)
    worry = Count(1, 5, required=True, error_messages=CHOOSE)
    context = Text(LONGEST, allow_none=True)
    arena = OneOf(list(WORDS["arena"]), allow_none=True)
    frequency = OneOf(list(WORDS["frequency"]), allow_none=True)
    duration = Text(500, allow_none=True)
    people_present = Text(1000, allow_none=True)
    child_said = Text(LONGEST, allow_none=True)
    strengths = Text(LONGEST, allow_none=True)
    earlier_concern = OneOf(list(WORDS["earlier_concern"]), allow_none=True)
    tried_so_far = Text(LONGEST, allow_none=True)
    risk_factors = Text(4000, allow_none=True)
    protective_factors = Text(4000, allow_none=True)
    areas = fields.List(Code(50), validate=validate.Length(max=30))
    first_noticed_on = fields.Date(allow_none=True)
    discussed_with_leader_on = fields.Date(allow_none=True)
    child_talk_on = fields.Date(allow_none=True)
    child_talk = Text(LONGEST, allow_none=True)
    parents_talk_on = fields.Date(allow_none=True)
    parents_talk = Text(LONGEST, allow_none=True)
    parents_not_asked = OneOf(list(WORDS["parents_not_asked"]), allow_none=True)
    bullying = fields.Boolean()


class WriteConcernSchema(_ConcernSchema):
    """A note at level 0."""

    draft_version = Count(load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> NewConcern:
        draft_version = data.pop("draft_version")
        return NewConcern(WriteConcern(**data), draft_version)


class ConcernDraftFieldsSchema(Schema):
    """A concern as it is typed, half done: only what could not be kept is refused."""

    observed = Text(LONGEST_DRAFT)
    worry = Text(40, single=True)
    context = Text(LONGEST_DRAFT)
    arena = Text(40, single=True)
    frequency = Text(40, single=True)
    duration = Text(LONGEST_DRAFT)
    people_present = Text(LONGEST_DRAFT)
    child_said = Text(LONGEST_DRAFT)
    strengths = Text(LONGEST_DRAFT)
    earlier_concern = Text(40, single=True)
    tried_so_far = Text(LONGEST_DRAFT)
    risk_factors = Text(LONGEST_DRAFT)
    protective_factors = Text(LONGEST_DRAFT)
    areas = fields.List(Code(50), validate=validate.Length(max=30))
    first_noticed_on = Text(40, single=True)
    discussed_with_leader_on = Text(40, single=True)
    child_talk_on = Text(40, single=True)
    child_talk = Text(LONGEST_DRAFT)
    parents_talk_on = Text(40, single=True)
    parents_talk = Text(LONGEST_DRAFT)
    parents_not_asked = Text(40, single=True)
    bullying = Text(40, single=True)


class KeepConcernSchema(Schema):
    """A concern as it is typed; without words it is let go."""

    fields_ = fields.Nested(ConcernDraftFieldsSchema, required=True, data_key="fields")
    seen_version = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Keep:
        typed = data["fields_"]
        empty = not words(_ConcernSchema(), typed)
        return Keep(typed, data["seen_version"], empty)


class ConcernDraftSchema(Schema):
    """The concern that its author is writing, for him alone; version 0 is nothing."""

    version = fields.Integer()
    saved_at = Moment(allow_none=True)
    fields_ = fields.Nested(ConcernDraftFieldsSchema, data_key="fields", attribute="fields")


class CorrectConcernSchema(_ConcernSchema):
    """A concern as it should have been."""

    seen_version = Count(0, required=True)
    draft_version = Count(load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> CorrectConcern:
        seen_version, draft_version = data.pop("seen_version"), data.pop("draft_version")
        return CorrectConcern(WriteConcern(**data), seen_version, draft_version)


class AddToConcernSchema(Schema):
    """What is added to a concern that has been answered."""

    addition = Text(LONGEST, required=True)
    draft_version = Count(load_default=0)


class ConcernChangeSchema(Schema):
    """A correction, with what the fields said until then; or what was added."""

    was = fields.Dict(allow_none=True)
    added = fields.String(allow_none=True)
    written_at = Moment()


class ConcernChangesSchema(Schema):
    """How a concern has been corrected and added to, the newest first."""

    items = fields.List(fields.Nested(ConcernChangeSchema))


class TalkSchema(Schema):
    """A talk with the family about a concern, or why there can be none."""

    on = fields.Date(allow_none=True)
    text = Text(LONGEST, allow_none=True)
    not_asked = OneOf(list(WORDS["parents_not_asked"]), allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Talk:
        return Talk(**data)


class DecideSchema(Schema):
    """A leader's decision about a concern."""

    decision = fields.Enum(ConcernDecision, by_value=fields.String, required=True)
    reason = Text(4000, required=True)
    draft_version = Count(load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Decide:
        return Decide(**data)


CONCERN_SCHEMAS: Mapping[ConcernForm, type[Schema]] = {
    ConcernForm.CORRECTION: CorrectConcernSchema,
    ConcernForm.ADDITION: AddToConcernSchema,
    ConcernForm.ANSWER: DecideSchema,
}
"""The shape of what a form sends that does something with a concern that is there."""


class ConcernStepFieldsSchema(ConcernDraftFieldsSchema):
    """A correction, an addition or an answer as it is typed, half done."""

    seen_version = Text(40, single=True)
    addition = Text(LONGEST_DRAFT)
    decision = Text(40, single=True)
    reason = Text(LONGEST_DRAFT)


class KeepConcernStepSchema(Schema):
    """What is typed of a concern that is there; without words it is let go."""

    fields_ = fields.Nested(ConcernStepFieldsSchema, required=True, data_key="fields")
    seen_version = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Keep:
        typed = data["fields_"]
        empty = not any(words(shape(), typed) for shape in CONCERN_SCHEMAS.values())
        return Keep(typed, data["seen_version"], empty)


class OpenSchema(Schema):
    """A wish to open a log."""

    level = _level(required=True)
    consent_id = fields.UUID(required=True)
    holder = Code(100, allow_none=True)
    concern_id = fields.UUID(allow_none=True)
    ip_assessment = fields.Nested(IpAssessmentSchema, allow_none=True)
    paper_place = Text(200, single=True, allow_none=True)
    family_wish = Text(2000, allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Open:
        return Open(**data)


class KeepOnPaperSchema(Schema):
    """A wish to keep the log on paper, or its folder in another place."""

    place = Text(200, single=True, required=True)


class NotePaperSchema(Schema):
    """A day of a log on paper."""

    kind = OneOf(["consent", "meeting", "child_heard", "measures", "evaluation"], required=True)
    day = fields.Date(required=True)
    next_evaluation_on = fields.Date(allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> NotePaper:
        return NotePaper(PaperKind(data.pop("kind")), **data)


class PaperDaySchema(Schema):
    """A day of a log on paper, as registered."""

    kind = fields.String()
    day = fields.Date()
    place = fields.String(allow_none=True)
    by = fields.String()


class PaperSchema(Schema):
    """Where the folder of a log on paper is, null for a log that is kept here; and its days."""

    place = fields.String(allow_none=True)
    days = fields.List(fields.Nested(PaperDaySchema))


class ReopenSchema(Schema):
    """A wish to open a closed log again."""

    level = _level(required=True)
    consent_id = fields.UUID(required=True)
    reason = Text(4000, required=True)
    holder = Code(100, allow_none=True)
    ip_assessment = fields.Nested(IpAssessmentSchema, allow_none=True)
    paper_place = Text(200, single=True, allow_none=True)
    family_wish = Text(2000, allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Open:
        return Open(**data)


class ChangeLevelSchema(Schema):
    """A wish to change level, with the child's view; a log on paper may say when it was decided."""

    level = _level(required=True)
    reason = Text(4000, required=True)
    child_voice = fields.Nested(VoiceSchema, required=True, error_messages=CHOOSE)
    parents_agree = fields.Boolean(load_default=None, allow_none=False)
    ip_assessment = fields.Nested(IpAssessmentSchema, allow_none=True)
    next_evaluation_on = fields.Date(allow_none=True)
    participants = Text(500, allow_none=True)
    holder = Code(100, allow_none=True)
    family_wish = Text(2000, allow_none=True)
    decided_on = fields.Date(allow_none=True)
    seen_version = Count(0, required=True)
    draft_version = Count(load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> ChangeLevel:
        return ChangeLevel(**data)


class EvaluateLevelSchema(Schema):
    """What one found on looking at how it goes, in a log that stays at its level."""

    reason = Text(4000, required=True)
    child_voice = fields.Nested(VoiceSchema, required=True, error_messages=CHOOSE)
    parents_agree = fields.Boolean(load_default=None, allow_none=False)
    next_evaluation_on = fields.Date(allow_none=True)
    participants = Text(500, allow_none=True)
    seen_version = Count(0, required=True)
    draft_version = Count(load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> EvaluateLevel:
        return EvaluateLevel(**data)


class KeepStepSchema(Schema):
    """A form that decides something of a log, as it is typed; without words it is let go."""

    fields_ = fields.Dict(
        keys=OneOf([*STEP_FIELDS]),
        values=Text(LONGEST),
        required=True,
        data_key="fields",
    )
    seen_version = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Keep:
        typed = data["fields_"]
        shapes: list[type[Schema]] = [*STEP_SCHEMAS.values(), RefuseSchema]
        empty = not any(words(shape(), typed) for shape in shapes)
        return Keep(typed, data["seen_version"], empty)


class StepWrittenSchema(Schema):
    """What its author is writing, for him alone; version 0 is nothing. `saved_at` is UTC."""

    version = fields.Integer()
    saved_at = Moment(allow_none=True)
    fields_ = fields.Dict(data_key="fields", attribute="fields")


class CloseSchema(Schema):
    """A wish to close a log; its words are the closing note, the day as in a change of level."""

    outcome = OneOf(BY_HAND, required=True)
    reason = Text(4000, required=True)
    family_view = Text(4000, load_default=None, allow_none=False)
    child_voice = fields.Nested(VoiceSchema, required=True, error_messages=CHOOSE)
    decided_on = fields.Date(allow_none=True)
    seen_version = Count(0, required=True)
    draft_version = Count(load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Close:
        return Close(**{**data, "outcome": Outcome(data["outcome"])})


class InviteSchema(Schema):
    """A wish to let somebody take part."""

    username = Code(100, required=True, error_messages=PICK)
    access = OneOf(["read", "write"], required=True)
    until = fields.Date(required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Invite:
        return Invite(data["username"], data["access"] == "write", data["until"])


class ExtendSchema(Schema):
    """A wish to let a membership end on another day."""

    until = fields.Date(required=True)
    seen_version = Count(1, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Extend:
        return Extend(**data)


class SetAccessSchema(Schema):
    """A wish to let a member write, or only read."""

    access = OneOf(["read", "write"], required=True)
    seen_version = Count(1, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> SetAccess:
        return SetAccess(data["access"] == "write", data["seen_version"])


class OfferSchema(Schema):
    """A wish to pass the baton; persons are named by username."""

    to = Code(100, required=True, error_messages=PICK)
    message = Text(2000, allow_none=True)
    family_wish = Text(2000, allow_none=True)
    draft_version = Count(load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Offer:
        return Offer(**data)


class ForceSchema(Schema):
    """A wish to move a baton that hangs."""

    to = Code(100, required=True, error_messages=PICK)
    reason = Text(2000, required=True, error_messages={"required": "Skriv hvorfor."})
    draft_version = Count(load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Force:
        return Force(**data)


STEP_SCHEMAS: Mapping[StepForm, type[Schema]] = {
    StepForm.EVALUATION: EvaluateLevelSchema,
    StepForm.LEVEL: ChangeLevelSchema,
    StepForm.CLOSING: CloseSchema,
    StepForm.HANDOVER: OfferSchema,
    StepForm.FORCING: ForceSchema,
}
"""The shape of what a form sends that decides something of a log."""


class MoveSchema(Schema):
    """A wish to move a child's follow-up from one service to another."""

    from_service_id = fields.UUID(
        required=True, error_messages={"required": "Velg hvem som ikke skal være med lenger."}
    )
    to_service_id = fields.UUID(
        required=True, error_messages={"required": "Velg hvem som overtar."}
    )
    reason = Text(2000, required=True, error_messages={"required": "Skriv hvorfor."})

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Move:
        return Move(**data)


class TransferSchema(Schema):
    """A transfer as it stands; until `finished_at` the old service still has the baton."""

    id = fields.UUID()
    from_service_id = fields.UUID()
    to_service_id = fields.UUID()
    reason = fields.String()
    made_at = Moment()
    finished_at = Moment(allow_none=True)


class LogReasonSchema(Schema):
    """Why something ends or is refused."""

    reason = Text(2000, required=True)


class RefuseSchema(LogReasonSchema):
    """A no to the baton."""

    draft_version = Count(load_default=0)


class AnswerSchema(Schema):
    """An answer that says no more than its address."""


class ConcernSchema(Schema):
    """A concern as it stands."""

    id = fields.UUID()
    child_id = fields.UUID()
    observed = fields.String()
    worry = fields.Integer()
    context = fields.String(allow_none=True)
    arena = fields.String(allow_none=True)
    frequency = fields.String(allow_none=True)
    duration = fields.String(allow_none=True)
    people_present = fields.String(allow_none=True)
    child_said = fields.String(allow_none=True)
    strengths = fields.String(allow_none=True)
    earlier_concern = fields.String(allow_none=True)
    tried_so_far = fields.String(allow_none=True)
    risk_factors = fields.String(allow_none=True)
    protective_factors = fields.String(allow_none=True)
    areas = fields.List(fields.String(), allow_none=True)
    first_noticed_on = fields.Date(allow_none=True)
    discussed_with_leader_on = fields.Date(allow_none=True)
    child_talk_on = fields.Date(allow_none=True)
    child_talk = fields.String(allow_none=True)
    parents_talk_on = fields.Date(allow_none=True)
    parents_talk = fields.String(allow_none=True)
    parents_not_asked = fields.String(allow_none=True)
    bullying = fields.Boolean(allow_none=True)
    parents_due_on = fields.Date(allow_none=True)
    written_at = Moment()
    due_on = fields.Date()
    decision = fields.String(allow_none=True)
    decision_reason = fields.String(allow_none=True)
    decided_at = Moment(allow_none=True)
    version = fields.Integer()


class ConcernListedSchema(Schema):
    """A concern in a list."""

    id = fields.UUID()
    child_id = fields.UUID()
    author = fields.String()
    written_at = Moment()
    worry = fields.Integer()
    due_on = fields.Date()
    decision = fields.String(allow_none=True)


class ConcernListSchema(Schema):
    """The concerns of a child that the reader may read."""

    items = fields.List(fields.Nested(ConcernListedSchema))
    next = fields.String(allow_none=True)


class MemberSchema(Schema):
    """Somebody who takes part in a log."""

    id = fields.UUID()
    username = fields.String()
    name = fields.String()
    service_id = fields.UUID(allow_none=True)
    access = fields.Function(
        lambda member: "write" if member.writes else "read",
        metadata={"type": "string", "enum": ["read", "write"]},
    )
    from_on = fields.Date()
    until = fields.Date(attribute="until_on")
    version = fields.Integer()


class MemberListSchema(Schema):
    """Who takes part in a log."""

    items = fields.List(fields.Nested(MemberSchema))
    next = fields.String(allow_none=True)


class LevelChangeSchema(Schema):
    """One step in the history of a log; the day decided is null when it is the day registered."""

    id = fields.UUID()
    from_level = fields.Integer(allow_none=True)
    level = fields.Integer(attribute="to_level")
    reason = fields.String(allow_none=True)
    child_voice = fields.Function(
        lambda step: step.voice_how and {"how": step.voice_how, "text": step.voice_text},
        metadata=_either("how", "text"),
    )
    parents_agree = fields.Boolean(allow_none=True)
    ip_assessment = fields.Function(
        lambda step: step.ip_answer and {"answer": step.ip_answer, "reason": step.ip_reason},
        metadata=_either("answer", "reason"),
    )
    next_evaluation_on = fields.Date(allow_none=True)
    participants = fields.String(allow_none=True)
    holder = fields.String(allow_none=True)
    decided_on = fields.Date(allow_none=True)
    changed_at = Moment()


class ClosingSchema(Schema):
    """How a log came to its end; the day decided is null when it is the day registered."""

    closed_at = Moment()
    decided_on = fields.Date(allow_none=True)
    outcome = fields.String()
    reason = fields.String(allow_none=True)
    family_view = fields.String(allow_none=True)
    child_voice = fields.Raw(attribute="voice", metadata=_either("how", "text"))


class LogSchema(Schema):
    """A child's log, open or the last one, with its history."""

    state = fields.String()
    level = fields.Integer(allow_none=True)
    holder = fields.String(allow_none=True)
    holder_phone = fields.String(allow_none=True)
    holder_email = fields.String(allow_none=True)
    needs_holder = fields.Boolean()
    opened_on = fields.Date(allow_none=True)
    closed_on = fields.Date(allow_none=True)
    closing_decided_on = fields.Date(allow_none=True)
    outcome = fields.String(allow_none=True)
    next_evaluation_on = fields.Date(allow_none=True)
    members = fields.List(fields.Nested(MemberSchema))
    levels = fields.List(fields.Nested(LevelChangeSchema))
    closings = fields.List(fields.Nested(ClosingSchema))
    version = fields.Integer(allow_none=True)


class HandoverSchema(Schema):
    """A handover as it stands."""

    id = fields.UUID()
    child_name = fields.String()
    birth_year = fields.Integer(allow_none=True)
    state = fields.String()
    from_ = fields.String(attribute="giver", data_key="from")
    to = fields.String(attribute="receiver")
    message = fields.String(allow_none=True)
    family_wish = fields.String(allow_none=True)
    requested_at = Moment()
    answered_at = Moment(allow_none=True)
    reason = fields.String(allow_none=True)
    version = fields.Integer()
