"""Shapes of a plan on the wire; used by the forms and by the JSON API alike."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from marshmallow import Schema, fields, post_load, pre_load, validate

from exports.model import Edition
from stafett.audience.rules import Visibility
from stafett.audience.schemas import ForWhomSchema, HidingSchema, limits
from stafett.consents.rules import CHILD
from stafett.consents.schemas import GiverField
from stafett.plan.commands import (
    Answer,
    AnswerComment,
    Begin,
    Comment,
    End,
    MakeVersion,
    Withdraw,
)
from stafett.plan.drafting import Restore, SaveDraft, SavePart, SetAudience
from stafett.plan.progress import Evaluate, Report, TakeOn
from stafett.plan.rules import (
    ABOUT_ME,
    APPLICATIONS,
    BEGUN_WITH,
    CONTRIBUTION,
    COOPERATION,
    FIRST_GOAL,
    GOAL_STATUSES,
    MEASURE_STATUSES,
    NEW_GOAL,
    NEW_MEASURE,
    SECTION_FIELDS,
    SECTIONS,
    WHERE,
    WHOSE,
    CommentVoice,
    Content,
    EndReason,
    PlanForm,
)
from stafett.stafettlogg.schemas import VoiceSchema
from stafett.unsaved.commands import Keep
from stafett.web.forms import CHOOSE, PICK, Code, Count, Moment, OneOf, Text

LONGEST = 20_000
DONE = ["yes", "partly", "no"]
AFTER = ["continue", "adjust", "stop", "new"]


def _plain(value: Any) -> Any:
    """Return a value as JSON keeps it: dates and ids as text."""
    return value.isoformat() if isinstance(value, date) else value


class PlainSchema(Schema):
    """A part of a draft, kept as JSON keeps it, with every field there."""

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Content:
        found = {}
        for name, field in self.fields.items():
            value = data.get(name)
            if value is None and isinstance(field, fields.List):
                value = []
            found[name] = str(value) if isinstance(value, UUID) else _plain(value)
        return found


class ParticipantSchema(PlainSchema):
    """Somebody who takes part in the work with the plan."""

    name = Text(200, single=True, required=True)
    username = Code(100, allow_none=True)
    role = Text(200, single=True, load_default="")
    service_id = fields.UUID(allow_none=True)
    contribution = Text(4000, load_default="")


class SubgoalSchema(PlainSchema):
    """A step on the way to a goal."""

    key = Code(60, allow_none=True)
    text = Text(2000, required=True)


class ApplicationSchema(PlainSchema):
    """What a measure needs from others: applied for, or decided on, when, where and as what."""

    application = OneOf(APPLICATIONS, allow_none=True)
    application_on = fields.Date(allow_none=True)
    application_to = Text(200, single=True, load_default="")
    application_ref = Text(100, single=True, load_default="")


class MeasureSchema(ApplicationSchema):
    """A measure; who is responsible is named by username."""

    key = Code(60, allow_none=True)
    what = Text(2000, required=True)
    how = Text(4000, load_default="")
    where = OneOf(WHERE, allow_none=True)
    scope = Text(500, load_default="")
    responsible = Code(100, required=True, error_messages=PICK)
    service_id = fields.UUID(allow_none=True)
    starts_on = fields.Date(allow_none=True)
    evaluate_on = fields.Date(required=True)
    status = OneOf(MEASURE_STATUSES, load_default="active")
    goal_keys = fields.List(Code(60), validate=validate.Length(max=50))


class GoalSchema(PlainSchema):
    """A goal with its steps and measures."""

    key = Code(60, allow_none=True)
    text = Text(2000, required=True)
    whose = OneOf(WHOSE, load_default="services")
    area = Code(50, allow_none=True)
    success = Text(4000, load_default="")
    target_on = fields.Date(allow_none=True)
    status = OneOf(GOAL_STATUSES, load_default="active")
    subgoals = fields.List(fields.Nested(SubgoalSchema), validate=validate.Length(max=50))
    measures = fields.List(fields.Nested(MeasureSchema), validate=validate.Length(max=100))


class CooperationSchema(PlainSchema):
    """Cooperation with another agency that is wished for or needed."""

    agency = Text(200, single=True, required=True)
    purpose = Text(2000, load_default="")
    status = OneOf(COOPERATION, load_default="wanted")


class AddedTextSchema(PlainSchema):
    """A text that adds to a section, which may be for some only."""

    key = Code(60, allow_none=True)
    section = OneOf(SECTIONS, required=True)
    text = Text(LONGEST, required=True)


class ReadOnce(fields.Nested):
    """Something that is read once: when it is sent again, letter for letter, it is taken as it is.

    A draft is sent whole when a word of it has changed, and reading a goal through its schema takes
    much longer than knowing it again. Only such as comes out as it went in is known, by its hash:
    no word of it is kept.
    """

    most = 10_000

    def __init__(self, schema: type[Schema]) -> None:
        """Take the schema by which it is read."""
        super().__init__(schema)
        self.known: dict[bytes, None] = {}

    def _deserialize(
        self, value: Any, attr: Any, data: Any, partial: Any = None, **more: Any
    ) -> Any:
        try:
            mark = _mark(value)
        except orjson.JSONEncodeError:  # too deep, or no text; its schema says what is wrong
            return super()._deserialize(value, attr, data, partial, **more)
        if mark in self.known:
            return value
        found = super()._deserialize(value, attr, data, partial, **more)
        if mark == _mark(found):
            if len(self.known) >= self.most:
                self.known.clear()
            self.known[mark] = None
        return found


def _mark(value: Any) -> bytes:
    return sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest()


class DraftSchema(Schema):
    """The draft of a plan; a section that is left out stays as it is."""

    seen_version = Count(0, required=True)
    period_from = fields.Date(allow_none=True)
    period_until = fields.Date(allow_none=True)
    next_revision_on = fields.Date(allow_none=True)
    next_meeting_on = fields.Date(allow_none=True)
    about_me = Text(LONGEST)
    background = Text(LONGEST)
    resources = Text(LONGEST)
    needs = Text(LONGEST)
    participants = fields.List(ReadOnce(ParticipantSchema), validate=validate.Length(max=100))
    goals = fields.List(ReadOnce(GoalSchema), validate=validate.Length(max=100))
    cooperation = fields.List(ReadOnce(CooperationSchema), validate=validate.Length(max=100))
    no_cooperation = OneOf(WHOSE, allow_none=True)
    meetings_and_transitions = Text(LONGEST)
    texts = fields.List(ReadOnce(AddedTextSchema), validate=validate.Length(max=100))

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> SaveDraft:
        seen = data.pop("seen_version")
        return SaveDraft(seen, {name: _plain(value) for name, value in data.items()})


class SectionSchema(DraftSchema):
    """One section of the draft, with the number that it alone had when it was opened."""

    @post_load
    def _build(self, data: dict[str, Any], **more: Any) -> SavePart:
        whole: SaveDraft = super()._build(data, **more)
        return SavePart(whole.seen_version, whole.content)


class PartSchema(PlainSchema):
    """One part of the draft as its page's form sends it, whole: what is empty is empty.

    `seen_part` is the number of the part alone: with it, only a change of the same part collides.
    """

    seen_version = Count(0, required=True)
    seen_part = Count(0, load_default=None)
    draft_version = Count(0, load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **more: Any) -> SavePart:
        fields = super()._build(data, **more)
        seen_version, seen_part = fields.pop("seen_version"), fields.pop("seen_part")
        unsaved = fields.pop("draft_version")
        return SavePart(seen_version, fields, seen_part=seen_part, unsaved=unsaved)


SeenSchema = Schema.from_dict({name: Count(0) for name in SECTION_FIELDS}, name="SeenSchema")
"""The numbers of sections as a form saw them."""


class SectionsPartSchema(PartSchema):
    """Some sections of the draft: only a change of the same one collides."""

    seen = fields.Nested(SeenSchema, load_default=dict)

    @post_load
    def _build(self, data: dict[str, Any], **more: Any) -> SavePart:
        part: SavePart = super()._build(data, **more)
        return replace(part, seen=part.fields.pop("seen"))


class TextsPartSchema(SectionsPartSchema):
    """The texts and days of the draft."""

    period_from = fields.Date(allow_none=True)
    period_until = fields.Date(allow_none=True)
    next_revision_on = fields.Date(allow_none=True)
    next_meeting_on = fields.Date(allow_none=True)
    about_me = Text(LONGEST, load_default="")
    background = Text(LONGEST, load_default="")
    resources = Text(LONGEST, load_default="")
    needs = Text(LONGEST, load_default="")
    meetings_and_transitions = Text(LONGEST, load_default="")


class AboutMePartSchema(SectionsPartSchema):
    """What the child says of itself."""

    about_me = Text(LONGEST, load_default="")


class ContributionPartSchema(PartSchema):
    """What somebody who takes part brings."""

    contribution = Text(4000, load_default="")


class GoalPartSchema(PartSchema):
    """A goal with its steps; a step whose text is empty is left out."""

    text = Text(2000, required=True)
    whose = OneOf(WHOSE, load_default="services")
    area = Code(50, allow_none=True)
    success = Text(4000, load_default="")
    target_on = fields.Date(allow_none=True)
    status = OneOf(GOAL_STATUSES, load_default="active")
    subgoals = fields.List(fields.Nested(SubgoalSchema), validate=validate.Length(max=50))

    @pre_load
    def _left_out(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        given = data.get("subgoals")
        if not isinstance(given, list):
            return data
        return {**data, "subgoals": [one for one in given if one != {"key": one.get("key")}]}


class NewPartSchema(PartSchema, ForWhomSchema, HidingSchema):
    """A new part, with whom it is for; not sent, it is what the service begins with."""

    visibility = fields.Enum(Visibility, by_value=fields.String, load_default=None)

    @post_load
    def _build(self, data: dict[str, Any], **more: Any) -> SavePart:
        part: SavePart = super()._build(data, **more)
        names = {*ForWhomSchema().fields, *HidingSchema().fields}
        content = {name: value for name, value in part.fields.items() if name not in names}
        return replace(part, fields=content, limits=limits(data) if data["visibility"] else None)


class NewGoalPartSchema(GoalPartSchema, NewPartSchema):
    """A new goal."""


class FirstGoalPartSchema(NewGoalPartSchema):
    """A new goal with what is done for it in the service, at home, or both."""

    whose = OneOf(WHOSE, required=True)
    service = fields.Nested(MeasureSchema)
    home = fields.Nested(MeasureSchema)

    @pre_load
    def _without_empty(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        empty = {
            name
            for name in BEGUN_WITH
            if isinstance(found := data.get(name), dict)
            and found.keys() <= {"where", "evaluate_on"}
        }
        return {name: value for name, value in data.items() if name not in empty}


class MeasurePartSchema(PartSchema, ApplicationSchema):
    """A measure as its page's form sends it; its service is that of who is responsible."""

    what = Text(2000, required=True)
    how = Text(4000, load_default="")
    where = OneOf(WHERE, allow_none=True)
    scope = Text(500, load_default="")
    responsible = Code(100, required=True, error_messages=PICK)
    starts_on = fields.Date(allow_none=True)
    evaluate_on = fields.Date(required=True)
    status = OneOf(MEASURE_STATUSES, load_default="active")
    goal_keys = fields.List(Code(60), validate=validate.Length(max=50))


class NewMeasurePartSchema(MeasurePartSchema, NewPartSchema):
    """A new measure, maybe one that another ends by."""

    instead_of = Code(60, allow_none=True)


class TextPartSchema(PartSchema):
    """A text that adds to a section."""

    section = OneOf(SECTIONS, required=True)
    text = Text(LONGEST, required=True)


class NewTextPartSchema(TextPartSchema, NewPartSchema):
    """A new text."""


class SetAudienceSchema(ForWhomSchema, HidingSchema):
    """A wish to change whom a part is for."""

    seen_audience = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> SetAudience:
        return SetAudience(limits(data), data["seen_audience"])


class RowSchema(PlainSchema):
    """A row of a form, which may be marked to be taken away."""

    remove = fields.Boolean()


class ParticipantRowSchema(RowSchema, ParticipantSchema):
    """A participant in a form."""


class CooperationRowSchema(RowSchema, CooperationSchema):
    """Cooperation in a form."""


class RowsPartSchema(SectionsPartSchema):
    """A list of the draft; rows that are marked are left out, and come as the list alone."""

    @post_load
    def _build(self, data: dict[str, Any], **more: Any) -> SavePart:
        part: SavePart = super()._build(data, **more)
        for name, rows in part.fields.items():
            if isinstance(rows, list):
                part.fields[name] = [one for one in rows if not one.pop("remove")]
        return part


class ParticipantsPartSchema(RowsPartSchema):
    """Everybody who takes part."""

    participants = fields.List(
        fields.Nested(ParticipantRowSchema), validate=validate.Length(max=100)
    )


class CooperationPartSchema(RowsPartSchema):
    """All cooperation that is wished for or agreed, or who says that none is needed."""

    cooperation = fields.List(
        fields.Nested(CooperationRowSchema), validate=validate.Length(max=100)
    )
    no_cooperation = OneOf(WHOSE, allow_none=True)


_OF_FORM: Mapping[str, type[Schema]] = {
    "texts": TextsPartSchema,
    "participants": ParticipantsPartSchema,
    "cooperation": CooperationPartSchema,
    "new_text": NewTextPartSchema,
    NEW_GOAL: NewGoalPartSchema,
    FIRST_GOAL: FirstGoalPartSchema,
    ABOUT_ME: AboutMePartSchema,
    CONTRIBUTION: ContributionPartSchema,
}
_OF_KEY: Mapping[str, type[Schema]] = {
    "g": GoalPartSchema,
    "m": MeasurePartSchema,
    "t": TextPartSchema,
}


def part_schema(form: str) -> Schema:
    """Return the shape of what a form of the draft sends, by its name or the key of its part."""
    if form.startswith(NEW_MEASURE):
        return NewMeasurePartSchema()
    return (_OF_FORM.get(form) or _OF_KEY[form[0]])()


class LeaveSchema(Schema):
    """A wish to take a goal or a measure out of the draft."""

    seen_version = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> SavePart:
        return SavePart(data["seen_version"], {})


class MoveSchema(Schema):
    """A wish to give a goal or a measure another place among those it stands with."""

    to = Count(0, 100, required=True)
    seen_order = Count(0, required=True)


class DraftQuerySchema(Schema):
    """What was moved just now, and which way."""

    flyttet = Text(60, single=True, load_default="")
    vei = OneOf(["opp", "ned"], load_default="")


class TypedField(fields.Field[Any]):
    """What stands in a field of a form as it was typed, or a list of the boxes that are ticked."""

    one = Text(2 * LONGEST)
    several = fields.List(Text(60, single=True), validate=validate.Length(max=200))

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> Any:
        kind = self.several if isinstance(value, list) else self.one
        return kind.deserialize(value, attr, data, **more)


class KeepSchema(Schema):
    """A form of the draft as it is typed, half done, to be kept; without fields it is let go."""

    fields_ = fields.Dict(
        keys=fields.String(
            validate=validate.Regexp(
                r"[a-z_]{1,40}(\.[0-9]{1,4})?(\.[a-z_]{1,40})?\Z", error="Dette feltet finnes ikke."
            )
        ),
        values=TypedField(metadata={"type": ["string", "array"]}),
        required=True,
        data_key="fields",
        validate=validate.Length(max=2000),
    )
    seen_version = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Keep:
        typed = data["fields_"]
        return Keep(typed, data["seen_version"], empty=not any(typed.values()))


class WrittenSchema(Schema):
    """What its author is writing, for him alone; version 0 is nothing. `saved_at` is UTC."""

    version = fields.Integer()
    saved_at = Moment(allow_none=True)
    fields_ = fields.Dict(data_key="fields", attribute="fields")


class RestoreSchema(Schema):
    """A wish to have a part of the draft as it stood in a version."""

    number = Count(1, 100_000, required=True, data_key="version")
    part = Code(60, required=True)
    seen_version = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Restore:
        return Restore(**data)


class DraftChangeSchema(Schema):
    """Who changed which paths of the draft, or who reads a part (`readers`, its key), and when.

    `added`, `removed`, `moved`: which of the paths; older saves do not say it.
    """

    at = Moment()
    by = fields.String()
    paths = fields.List(fields.String())
    readers = fields.String(allow_none=True)
    added = fields.List(fields.String())
    removed = fields.List(fields.String())
    moved = fields.List(fields.String())


class DraftChangesSchema(Schema):
    """The saves of a draft, newest first."""

    items = fields.List(fields.Nested(DraftChangeSchema))
    next = fields.String(allow_none=True)


class MakeVersionSchema(Schema):
    """A wish to make the draft the next version."""

    summary = Text(2000, required=True)
    seen_version = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> MakeVersion:
        return MakeVersion(**data)


class BeginPlanSchema(Schema):
    """A wish to begin an individuell plan."""

    words = Text(4000, required=True)
    draft_version = Count(0, load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Begin:
        return Begin(**data)


class EndPlanSchema(Schema):
    """A wish to end the individuell plan."""

    reason = fields.Enum(EndReason, by_value=fields.String, required=True)
    words = Text(4000, required=True)
    said_by = Text(200, single=True, allow_none=True)
    draft_version = Count(0, load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> End:
        return End(**data)


class PlanEventSchema(Schema):
    """That an individuell plan was begun or ended."""

    kind = fields.String()
    reason = fields.String(allow_none=True)
    said_by = fields.String(allow_none=True)
    words = fields.String()
    at = Moment()


class CommentSchema(Schema):
    """Something to say of a goal or a section."""

    about = Code(60, required=True)
    text = Text(4000, required=True)
    voice = fields.Enum(CommentVoice, by_value=fields.String, load_default=CommentVoice.OWN)
    draft_version = Count(0, load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Comment:
        return Comment(**data)


class AnswerCommentSchema(Schema):
    """An answer to a comment."""

    comment_id = fields.UUID(required=True)
    text = Text(4000, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> AnswerComment:
        return AnswerComment(**data)


class CommentOutSchema(Schema):
    """What somebody has said of a goal or a section, with the answer that closed it."""

    id = fields.UUID()
    about = fields.String()
    voice = fields.String()
    text = fields.String()
    by = fields.String()
    at = Moment()
    answer = fields.String(allow_none=True)
    answered_at = Moment(allow_none=True)


class CommentsSchema(Schema):
    """All that has been said of what the reader sees, oldest first."""

    items = fields.List(fields.Nested(CommentOutSchema))
    next = fields.String(allow_none=True)


class PlanStandingSchema(Schema):
    """How the plan of a child stands; nothing of what it says."""

    child_id = fields.UUID()
    child_name = fields.String()
    coordinator = fields.String(allow_none=True)
    revise_on = fields.Date(allow_none=True)
    waits_since = fields.Date(allow_none=True)


class PlanStandingsSchema(Schema):
    """How plans stand, those first for whom something should be done."""

    items = fields.List(fields.Nested(PlanStandingSchema))
    next = fields.String(allow_none=True)


class PlanAnswerSchema(Schema):
    """An answer to a version; the last three are for staff with a signed paper."""

    answer = OneOf(["approve", "reject"], required=True)
    comment = Text(4000, allow_none=True)
    on_behalf_of = GiverField(allow_none=True)
    method = OneOf(["signed"], allow_none=True)
    given_on = fields.Date(allow_none=True)
    draft_version = Count(0, load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Answer:
        return Answer(**data)


class WithdrawVersionSchema(Schema):
    """A wish to take back a version that waits for answers."""

    reason = Text(4000, required=True)
    draft_version = Count(0, load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Withdraw:
        return Withdraw(**data)


class EvaluateSchema(Schema):
    """What came of a measure."""

    evaluated_on = fields.Date(required=True, data_key="date")
    done = OneOf(DONE, required=True)
    effect = Count(1, 5, required=True, error_messages=CHOOSE)
    child_view = fields.Nested(VoiceSchema, required=True, error_messages=CHOOSE)
    text = Text(LONGEST, required=True)
    decision = OneOf(AFTER, required=True)
    next_due_on = fields.Date(allow_none=True)
    draft_version = Count(0, load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Evaluate:
        return Evaluate(**data)


class ReportSchema(Schema):
    """How a measure goes, in passing."""

    done = OneOf(DONE, required=True)
    text = Text(2_000, load_default="")

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Report:
        return Report(**data)


class TakeOnSchema(Schema):
    """An answer for a measure: yes, or no and why; `responsible` is who it is of, by name."""

    answer = OneOf(["yes", "no"], load_default="yes")
    reason = Text(2_000, load_default="")
    responsible = Code(200, allow_none=True)
    draft_version = Count(0, load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> TakeOn:
        return TakeOn(data.pop("answer") == "yes", **data)


class AnswerFieldsSchema(Schema):
    """A no to a measure as it is typed."""

    answer = Text(40, single=True)
    reason = Text(LONGEST)
    responsible = Text(200, single=True)


class KeepAnswerSchema(Schema):
    """A no to a measure while it is written; without words it is let go."""

    fields_ = fields.Nested(AnswerFieldsSchema, required=True, data_key="fields")
    seen_version = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Keep:
        typed = data["fields_"]
        return Keep(typed, data["seen_version"], empty=not typed.get("reason", "").strip())


STEP_SCHEMAS: Mapping[str, type[Schema]] = {
    PlanForm.BEGINNING: BeginPlanSchema,
    PlanForm.ENDING: EndPlanSchema,
    PlanForm.COMMENT: CommentSchema,
    PlanForm.WITHDRAWING: WithdrawVersionSchema,
    PlanForm.ANSWER: PlanAnswerSchema,
    PlanForm.EVALUATION: EvaluateSchema,
}
"""The shape of what a form sends that decides or says something of a plan."""


class DiffQuerySchema(Schema):
    """Which two versions are compared."""

    from_ = Count(1, 100_000, data_key="from", load_default=None)
    to = Count(1, 100_000, load_default=None)


class CompareQuerySchema(Schema):
    """Which two versions a page compares; 0 is the draft."""

    fra = Count(1, 100_000, load_default=None)
    til = Count(0, 100_000, load_default=None)


class VersionsQuerySchema(Schema):
    """Of which day the version that held is asked for; none: all versions."""

    on = fields.Date(load_default=None)


class NewMeasureQuerySchema(Schema):
    """The key of the measure that a new one comes instead of, if any."""

    for_ = Text(60, single=True, data_key="for", load_default=None)


class DayQuerySchema(Schema):
    """The day that a page shows the plan of."""

    dag = fields.Date(load_default=None)


class DocumentQuerySchema(Schema):
    """Which version, in which edition, and since which other the full one tells what changed."""

    versjon = Count(1, 100_000, load_default=None)
    fra = Count(1, 100_000, load_default=None)
    utgave = OneOf([*Edition], load_default=Edition.FULL)


class PlanContentSchema(Schema):
    """The draft as it stands: exactly what a save takes."""

    seen_version = fields.Integer()
    period_from = fields.String(allow_none=True)
    period_until = fields.String(allow_none=True)
    next_revision_on = fields.String(allow_none=True)
    next_meeting_on = fields.String(allow_none=True)
    about_me = fields.String()
    background = fields.String()
    resources = fields.String()
    needs = fields.String()
    participants = fields.List(fields.Dict())
    goals = fields.List(fields.Dict())
    cooperation = fields.List(fields.Dict())
    no_cooperation = fields.String(allow_none=True)
    meetings_and_transitions = fields.String()
    texts = fields.List(fields.Dict())


class AnswerOutSchema(Schema):
    """One person's answer to a version."""

    who = fields.String()
    answer = fields.Function(
        lambda one: "approve" if one.approves else "reject", metadata={"type": "string"}
    )
    at = Moment(attribute="answered_at")
    on_behalf_of = fields.Function(
        lambda one: str(one.guardian_id or CHILD) if one.method == "signed" else None,
        metadata={"type": ["string", "null"]},
    )
    method = fields.String()
    confirmed_at = Moment(allow_none=True)


class WithdrawnSchema(Schema):
    """Who took a version back while it waited, when and why."""

    by = fields.String()
    at = Moment()
    reason = fields.String()


class PlanVersionSchema(Schema):
    """A version of the plan; `content` and its fingerprint only when one is asked for.

    The fingerprint is of what the reader sees: SHA-256 of `content` with its names sorted, without
    spaces, in UTF-8.
    """

    number = fields.Integer()
    kind = fields.String()
    state = fields.String()
    summary = fields.String()
    created_at = Moment()
    by = fields.String()
    answers = fields.List(fields.Nested(AnswerOutSchema))
    withdrawn = fields.Nested(WithdrawnSchema, allow_none=True)
    content = fields.Dict()
    sha256 = fields.String()


class BundleSchema(Schema):
    """A version as a FHIR R4 Bundle of type collection."""

    resource_type = fields.String(data_key="resourceType", attribute="resourceType")
    type = fields.String()
    timestamp = fields.String()
    entry = fields.List(fields.Dict())


class PlanVersionListSchema(Schema):
    """The versions of a child's plan, newest first."""

    items = fields.List(fields.Nested(PlanVersionSchema))
    next = fields.String(allow_none=True)


class ItemSchema(Schema):
    """Something that was added, has left, or moved."""

    path = fields.String()
    label = fields.String()
    text = fields.String()


class ChangeSchema(Schema):
    """A text that differs."""

    path = fields.String()
    label = fields.String()
    old = fields.String()
    new = fields.String()


class DiffSchema(Schema):
    """What was added, ended and changed between two versions."""

    added = fields.List(fields.Nested(ItemSchema))
    removed = fields.List(fields.Nested(ItemSchema))
    changed = fields.List(fields.Nested(ChangeSchema))
    moved = fields.List(fields.Nested(ItemSchema))


class EvaluationSchema(Schema):
    """What came of a measure."""

    id = fields.UUID()
    measure_key = fields.String()
    evaluated_on = fields.Date(data_key="date")
    done = fields.String()
    effect = fields.Integer()
    child_view = fields.Function(
        lambda made: {"how": made.voice_how, "text": made.voice_text},
        metadata={
            "type": "object",
            "properties": {"how": {"type": "string"}, "text": {"type": ["string", "null"]}},
            "required": ["how", "text"],
        },
    )
    text = fields.String()
    decision = fields.String()
    next_due_on = fields.Date(allow_none=True)


class MeasureOutSchema(Schema):
    """A measure of the version in force; `accepted` is null while nobody has answered for it."""

    key = fields.String()
    what = fields.String()
    responsible = fields.String(attribute="responsible_name")
    evaluate_on = fields.Date()
    status = fields.String()
    accepted = fields.Boolean(allow_none=True)
    asked_at = Moment()


class ReportOutSchema(Schema):
    """How a measure goes; `what` is what the measure was called then."""

    id = fields.UUID()
    measure_key = fields.String()
    what = fields.String()
    done = fields.String()
    text = fields.String()
    by = fields.String()
    written_at = Moment()


class ReportListSchema(Schema):
    """What has been said of how measures go, newest first."""

    items = fields.List(fields.Nested(ReportOutSchema))
    next = fields.String(allow_none=True)
