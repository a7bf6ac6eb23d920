"""Shapes of an entry on the wire; used by the forms and by the JSON API alike."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, post_load

from stafett.audience.rules import Limits, Visibility
from stafett.audience.schemas import ForWhomSchema, HidingSchema, limits
from stafett.disclosure.rules import DECISION
from stafett.disclosure.schemas import DecideDisclosureSchema
from stafett.entries.commands import Correct, Hide, SetVisibility, Write
from stafett.entries.queries import EntryRow, Stranded
from stafett.entries.rules import WRITTEN, Kind, Search, Sign
from stafett.plan.schemas import STEP_SCHEMAS as PLAN_STEP_SCHEMAS
from stafett.plan.schemas import EvaluateSchema, TakeOnSchema, part_schema
from stafett.stafettlogg.rules import ConcernForm, StepForm
from stafett.stafettlogg.schemas import (
    CONCERN_SCHEMAS,
    STEP_SCHEMAS,
    RefuseSchema,
    WriteConcernSchema,
)
from stafett.tasks.schemas import FinishSchema
from stafett.unsaved.commands import Keep
from stafett.unsaved.rules import UnsavedOf
from stafett.web import cursor
from stafett.web.cursor import CursorField
from stafett.web.forms import Code, Count, LogDay, Moment, OneOf, Text, words

LONGEST = 20_000
"""Characters in one entry."""
LONGEST_DRAFT = 2 * LONGEST
"""Characters in the draft of one: what is too long for an entry is kept all the same."""
LONGEST_SEARCH = 200
"""Characters in what is looked for."""


def cursor_after(entry: EntryRow) -> str:
    """Return the place after an entry."""
    return cursor.write_at(entry.written_at, entry.id)


class ListQuerySchema(Schema):
    """Which part of a log, or of all that one may read, is wanted: what says and is all of this."""

    q = Text(LONGEST_SEARCH, single=True, told_empty=True, load_default="")
    kind = fields.Enum(Kind, by_value=fields.String, load_default=None)
    author = Code(40, load_default="")
    from_on = LogDay(load_default=None)
    until_on = LogDay(load_default=None)
    after: CursorField[Any] = CursorField(cursor.at)
    limit = Count(1, 200, load_default=50)

    @post_load(pass_original=True)
    def _build(self, data: dict[str, Any], original: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        limits = {name: data.pop(name) for name in ("kind", "author", "from_on", "until_on")}
        search = Search(data.pop("q"), **limits, sent="q" in original)
        return {**data, "search": search}


class LogPageQuerySchema(ListQuerySchema):
    """The same for the log's page, and what kind of entry its form begins with."""

    begin = OneOf([kind.value for kind in WRITTEN], load_default=Kind.NOTE.value)


class BeginGoalQuerySchema(Schema):
    """The entry in whose words a goal begins, if any."""

    fra = fields.UUID(load_default=None)


class WriteSchema(ForWhomSchema, HidingSchema):
    """A wish to write in the log."""

    kind = OneOf([kind.value for kind in WRITTEN], required=True)
    text = Text(LONGEST, required=True)
    draft_version = Count(load_default=0)
    anyway = fields.List(OneOf([sign.value for sign in Sign]), load_default=list)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Write:
        given = data["draft_version"], data["anyway"]
        return Write(Kind(data["kind"]), data["text"], limits(data), *given)


class RoomSchema(Schema):
    """A wish of the child to write in its own room, and for whom besides itself."""

    text = Text(LONGEST, required=True)
    named = fields.List(Code(40), load_default=list)
    draft_version = Count(load_default=0)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Write:
        limits = Limits(Visibility.CHILD_ROOM, data["named"])
        return Write(Kind.CHILD_VOICE, data["text"], limits, data["draft_version"])


class SetVisibilitySchema(ForWhomSchema):
    """A wish to change whom an entry is for."""

    seen_audience = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> SetVisibility:
        return SetVisibility(limits(data), data["seen_audience"])


class HideSchema(HidingSchema):
    """A wish to hide an entry from some guardians; none is to hide it from nobody."""

    review_on = fields.Date(load_default=None)
    seen_audience = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Hide:
        return Hide(**data)


class CorrectSchema(Schema):
    """A wish to correct an entry."""

    text = Text(LONGEST, required=True)
    reason = Text(2000, required=True)
    seen_version = Count(1, required=True)
    draft_version = Count(load_default=0)
    anyway = fields.List(OneOf([sign.value for sign in Sign]), load_default=list)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Correct:
        return Correct(**data)


class EntryDraftFieldsSchema(Schema):
    """A form as it is typed, half done: only what could not be kept is refused."""

    text = Text(LONGEST_DRAFT)
    reason = Text(LONGEST_DRAFT)
    kind = Code(40)
    visibility = Text(40, single=True)
    visibility_reason = Text(40, single=True)
    hidden_reason = Text(40, single=True)
    review_on = Text(40, single=True)
    named = fields.List(Code(40))
    hidden_from = fields.List(Code(40))
    seen_version = Text(40, single=True)


class SaveEntryDraftSchema(Schema):
    """A wish to keep what is being written."""

    fields_ = fields.Nested(EntryDraftFieldsSchema, required=True, data_key="fields")
    seen_version = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Keep:
        typed = data["fields_"]
        empty = not any(typed.get(name, "").strip() for name in ("text", "reason"))
        return Keep(typed, data["seen_version"], empty)


class EntryDraftSchema(Schema):
    """A draft, for its author alone; version 0 is none. `saved_at` is a UTC moment."""

    version = fields.Integer()
    saved_at = Moment(allow_none=True)
    fields_ = fields.Nested(EntryDraftFieldsSchema, data_key="fields", attribute="fields")


_FORMS: Mapping[UnsavedOf, type[Schema]] = {
    UnsavedOf.LOG: WriteSchema,
    UnsavedOf.ROOM: RoomSchema,
    UnsavedOf.CORRECTION: CorrectSchema,
    UnsavedOf.TASK: FinishSchema,
    UnsavedOf.REFUSAL: RefuseSchema,
    UnsavedOf.MEASURE: TakeOnSchema,
    UnsavedOf.EVALUATION: EvaluateSchema,
    UnsavedOf.CONCERN: WriteConcernSchema,
}


def words_of(stranded: Stranded) -> list[str]:
    """Return what somebody wrote in a form, and not what he chose there: a code, a day, a key."""
    return words(_form(stranded.of, stranded.part), stranded.fields)


def _form(of: UnsavedOf, part: str) -> Schema:
    """Return the shape of what the form sends."""
    match of:
        case UnsavedOf.PLAN:
            return part_schema(part)
        case UnsavedOf.PLAN_STEP | UnsavedOf.VERSION:
            return PLAN_STEP_SCHEMAS[part.partition("_")[0]]()
        case UnsavedOf.TASK if part == DECISION:
            return DecideDisclosureSchema()
        case UnsavedOf.STEP:
            return STEP_SCHEMAS[StepForm(part)]()
        case UnsavedOf.CONCERN_STEP:
            return CONCERN_SCHEMAS[ConcernForm(part)]()
    return _FORMS[of]()


class RequestCorrectionSchema(Schema):
    """What is wrong in an entry, and what it should say."""

    words = Text(4000, required=True, error_messages={"required": "Skriv hva som er feil."})
    draft_version = Count(0, load_default=0)


class CorrectionRequestSchema(Schema):
    """A wish that an entry be corrected, with the answer when there is one."""

    id = fields.UUID()
    words = fields.String()
    made_at = Moment()
    done_at = Moment(allow_none=True)
    answer = fields.String(allow_none=True)


class CorrectionRequestListSchema(Schema):
    """What has been asked of an entry's author, newest first."""

    items = fields.List(fields.Nested(CorrectionRequestSchema))
    next = fields.String(allow_none=True)


class EntrySchema(Schema):
    """An entry with the text that stands."""

    id = fields.UUID()
    kind = fields.String()
    text = fields.String()
    author = fields.String()
    author_name = fields.String()
    service_id = fields.UUID(allow_none=True)
    visibility = fields.String()
    written_at = Moment()
    version = fields.Integer()
    corrected = fields.Boolean()
    measure_key = fields.Constant(None, metadata={"type": "string"})


class EntryListSchema(Schema):
    """A part of the log, newest first."""

    items = fields.List(fields.Nested(EntrySchema))
    next = fields.String(allow_none=True)


class HitSchema(Schema):
    """An entry that a search found; `excerpt` is what it says around the first hit."""

    kind = fields.Constant("entry", metadata={"type": "string"})
    child_id = fields.UUID()
    id = fields.UUID(attribute="entry.id")
    entry_kind = fields.String(attribute="entry.kind")
    author = fields.String(attribute="entry.author")
    written_at = Moment(attribute="entry.written_at")
    excerpt = fields.Function(
        lambda row: "".join(piece for piece, _ in row.parts), metadata={"type": "string"}
    )
    href = fields.Function(lambda row: f"/oppforing/{row.entry.id}", metadata={"type": "string"})


class HitListSchema(Schema):
    """What a search found, newest first."""

    items = fields.List(fields.Nested(HitSchema))
    next = fields.String(allow_none=True)


class EntryVersionSchema(Schema):
    """A text of an entry as it stood."""

    number = fields.Integer()
    text = fields.String()
    reason = fields.String(allow_none=True)
    written_at = Moment()


class EntryVersionListSchema(Schema):
    """Every text of an entry, newest first.

    `told`: those who had read an earlier one and were told, for the family and the author.
    """

    items = fields.List(fields.Nested(EntryVersionSchema))
    told = fields.List(fields.String())
    next = fields.String(allow_none=True)
