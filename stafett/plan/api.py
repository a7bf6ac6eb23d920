"""JSON calls about plans."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError

from exports.fhir import bundle
from stafett.access.policy import FAMILY, Action
from stafett.audience.rules import Visibility
from stafett.audience.schemas import AudiencesSchema
from stafett.consents import queries as consents
from stafett.consents.guards import all_read
from stafett.errors import DeniedError, NotFoundError
from stafett.plan import (
    commands,
    differences,
    document,
    drafting,
    progress,
    queries,
    rules,
    waiting,
)
from stafett.plan.commands import (
    Answer,
    AnswerComment,
    Begin,
    Comment,
    End,
    MakeVersion,
    Withdraw,
)
from stafett.plan.differences import Diff
from stafett.plan.drafting import Restore, SaveDraft, SavePart, SetAudience
from stafett.plan.guards import (
    Asked,
    PlanRecord,
    VersionRecord,
    may_read,
    on_answer,
    on_answering,
    on_comments,
    on_draft,
    on_form,
    on_making,
    on_measure,
    on_step,
    on_taking_on,
    on_withdrawing,
    reports,
    saves,
    sight,
    viewer,
    writer,
)
from stafett.plan.models import Evaluation, Measure, PlanEvent
from stafett.plan.progress import Evaluate, Report, TakeOn
from stafett.plan.queries import AnswerRow, VersionRow
from stafett.plan.rules import PlanKind, Sight
from stafett.plan.schemas import (
    AnswerCommentSchema,
    BeginPlanSchema,
    BundleSchema,
    CommentSchema,
    CommentsSchema,
    DiffQuerySchema,
    DiffSchema,
    DraftChangesSchema,
    DraftSchema,
    EndPlanSchema,
    EvaluateSchema,
    EvaluationSchema,
    KeepAnswerSchema,
    KeepSchema,
    MakeVersionSchema,
    MeasureOutSchema,
    PlanAnswerSchema,
    PlanContentSchema,
    PlanEventSchema,
    PlanStandingsSchema,
    PlanVersionListSchema,
    PlanVersionSchema,
    ReportListSchema,
    ReportOutSchema,
    ReportSchema,
    RestoreSchema,
    SectionSchema,
    SetAudienceSchema,
    TakeOnSchema,
    VersionsQuerySchema,
    WithdrawVersionSchema,
    WrittenSchema,
)
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.unsaved import queries as unsaved
from stafett.unsaved.commands import Keep, keep
from stafett.unsaved.queries import Place, Written
from stafett.web.guard import Context, GuardedBlueprint, for_list

plan_api = GuardedBlueprint("plan_api", __name__, url_prefix="/api/v1")


@plan_api.json("/plans", for_list(Action.CHILD_LIST_MINE), returns=PlanStandingsSchema)
def overview(context: Context[None]) -> dict[str, Any]:
    """List how plans stand for the children whom koordinerende enhet's person follows."""
    found = waiting.overview(context.work)
    context.shown_children(one.child_id for one in found)
    return {"items": found, "next": None}


@plan_api.json("/children/<uuid:child_id>/plan/draft", on_draft(), returns=PlanContentSchema)
def draft(context: Context[PlanRecord]) -> dict[str, Any]:
    """Show the draft: exactly what a save takes."""
    return _draft(context)


@plan_api.json(
    "/children/<uuid:child_id>/plan/draft",
    on_draft(),
    accepts=DraftSchema,
    returns=PlanContentSchema,
    method="PUT",
)
def save_draft(context: Context[PlanRecord], wish: SaveDraft) -> dict[str, Any]:
    """Replace the draft; the answer has the keys of what is new."""
    saved = drafting.save_draft(context.work, context.record.log, wish, writer(context))
    return {"seen_version": saved.version, **saved.content}


@plan_api.json(
    "/children/<uuid:child_id>/plan/draft/sections/<name>", on_draft(), returns=PlanContentSchema
)
def section(context: Context[PlanRecord]) -> dict[str, Any]:
    """Show one section of the draft: exactly what a save of it takes.

    The sections: `about_me`, `background`, `resources`, `needs`, `meetings_and_transitions`,
    `period` (its three days), `participants`, `goals`, `cooperation` and `texts`.
    """
    return _section(context)


@plan_api.json(
    "/children/<uuid:child_id>/plan/draft/sections/<name>",
    on_draft(),
    accepts=SectionSchema,
    returns=PlanContentSchema,
    method="PATCH",
)
def save_section(context: Context[PlanRecord], wish: SavePart) -> dict[str, Any]:
    """Save one section; only a save of the same one stands in its way."""
    if stray := wish.fields.keys() - _section(context).keys():
        raise ValidationError({one: [Schema.error_messages["unknown"]] for one in stray})
    part = replace(wish, seen={context.args["name"]: wish.seen_version})
    drafting.save_part(context.work, context.record.log, part, rules.with_fields, writer(context))
    context.session.flush()
    return _section(context)


@plan_api.json(
    "/children/<uuid:child_id>/plan/draft/restoration",
    on_draft(),
    accepts=RestoreSchema,
    returns=PlanContentSchema,
)
def restore(context: Context[PlanRecord], wish: Restore) -> dict[str, Any]:
    """Have a section, goal, measure or added text of the draft as it stood in a version."""
    _readable(context, context.record.log, wish.number)
    drafting.restore(context.work, context.record.log, wish, writer(context))
    context.session.flush()
    return _draft(context)


@plan_api.json(
    "/children/<uuid:child_id>/plan/draft/changes", on_draft(), returns=DraftChangesSchema
)
def draft_changes(context: Context[PlanRecord]) -> dict[str, Any]:
    """List who has changed what of the draft, newest first, as the actor sees it."""
    return {"items": saves(context, context.record.by), "next": None}


@plan_api.json(
    "/children/<uuid:child_id>/plan/draft/unsaved/<key>", on_form(), returns=WrittenSchema
)
def written(context: Context[Place]) -> Written:
    """Show what the caller is writing in a form of the draft; version 0 is nothing.

    The forms: `texts`, `participants`, `cooperation`, `new_text`, `new_goal`, `first_goal` (from
    the log), `about_me`, `contribution` (the caller's own), `new_measure_` with a goal's key, and
    the key of a goal, a measure or an added text.
    """
    return unsaved.written(context.work, context.record)


@plan_api.json(
    "/children/<uuid:child_id>/plan/draft/unsaved/<key>",
    on_form(),
    accepts=KeepSchema,
    returns=WrittenSchema,
    method="PUT",
)
def keep_written(context: Context[Place], wish: Keep) -> Written:
    """Keep a form while it is written, for the caller alone; without fields it is let go."""
    return keep(context.work, context.record, wish)


@plan_api.json("/children/<uuid:child_id>/plan/unsaved/<form>", on_step(), returns=WrittenSchema)
def step(context: Context[Place]) -> Written:
    """Show what the caller is writing that decides or says something; version 0 is nothing.

    The forms: `beginning` and `ending` (of an individuell plan), `withdrawing_` and `answer_` with
    the number of a version, `evaluation_` with the key of a measure, and `comment_` with what it is
    about.
    """
    return unsaved.written(context.work, context.record)


@plan_api.json(
    "/children/<uuid:child_id>/plan/unsaved/<form>",
    on_step(),
    accepts=KeepSchema,
    returns=WrittenSchema,
    method="PUT",
)
def keep_step(context: Context[Place], wish: Keep) -> Written:
    """Keep such a form while it is written, for the caller alone; without fields it is let go."""
    return keep(context.work, context.record, wish)


@plan_api.json(
    "/children/<uuid:child_id>/plan/parts/<key>/visibility",
    on_draft(),
    returns=AudiencesSchema,
)
def audiences(context: Context[PlanRecord]) -> dict[str, Any]:
    """Show whom a part is for to who chooses that, what it has been, and who has read it."""
    return _audiences(context, sight(context))


@plan_api.json(
    "/children/<uuid:child_id>/plan/parts/<key>/visibility",
    on_draft(),
    accepts=SetAudienceSchema,
    returns=AudiencesSchema,
)
def set_audience(context: Context[PlanRecord], wish: SetAudience) -> dict[str, Any]:
    """Change whom a goal, a measure or an added text is for."""
    log, key = context.record.log, context.args["key"]
    drafting.set_audience(context.work, log, key, wish, writer(context))
    return _audiences(context, sight(context))


@plan_api.json(
    "/children/<uuid:child_id>/plan/versions",
    on_log(Action.PLAN_READ_VERSION),
    returns=PlanVersionListSchema,
    query=VersionsQuerySchema,
)
def versions(context: Context[LogSummary], query: dict[str, Any]) -> dict[str, Any]:
    """List the versions that the actor may read, newest first, or the one that held on a day."""
    found = queries.versions(context.session, context.record.child_id, sight(context))
    if query["on"] is not None:
        held = queries.held_on(found, query["on"])
        found = [held] if held else []
    found = [
        one
        for one in found
        if context.may(Action.PLAN_READ_VERSION, ip=one.kind is PlanKind.INDIVIDUELL_PLAN)
    ]
    given = queries.answers(context.session, context.record.child_id)
    return {"items": [_as_json(one, given) for one in found], "next": None}


@plan_api.json(
    "/children/<uuid:child_id>/plan/versions",
    on_making(),
    accepts=MakeVersionSchema,
    returns=PlanVersionSchema,
    location=lambda made, child_id: f"/api/v1/children/{child_id}/plan/versions/{made['number']}",
)
def make_version(context: Context[PlanRecord], wish: MakeVersion) -> dict[str, Any]:
    """Make the draft the next version, or send it for approval."""
    record = context.record
    made = commands.make_version(context.work, record.log, wish, record.by)
    found = queries.versions(context.session, record.log.child_id, sight(context))
    number = next(one.number for one in found if one.id == made.id)
    return _whole(context, record.log, number)


@plan_api.json(
    "/children/<uuid:child_id>/plan/versions/<int(max=100000):number>",
    on_log(Action.PLAN_READ_VERSION),
    returns=PlanVersionSchema,
)
def version(context: Context[LogSummary]) -> dict[str, Any]:
    """Show a version."""
    return _whole(context, context.record, context.args["number"])


@plan_api.json(
    "/children/<uuid:child_id>/plan/versions/<int(max=100000):number>/fhir",
    on_log(Action.PLAN_EXPORT_DOCX),
    returns=BundleSchema,
    mimetype="application/fhir+json",
)
def fhir(context: Context[LogSummary]) -> dict[str, Any]:
    """Give a version as FHIR R4, as the actor sees it; it is logged as a download."""
    log, by = context.record, sight(context)
    found = queries.row(context.session, log.child_id, context.args["number"], by)
    context.require(Action.PLAN_EXPORT_DOCX, ip=found.kind is PlanKind.INDIVIDUELL_PLAN)
    content = queries.content_of(context.session, found.id, by)
    context.shown([found.id, *by.ids(content)])
    agreed = consents.of_child(context.work, log.child_id)
    reads = all_read(context, agreed) if context.can(Action.CONSENT_READ) else []
    every = queries.versions(context.session, log.child_id, by)
    before = queries.predecessor([one for one in every if may_read(context, one)], found)
    return bundle(document.care_plan(context.work, log, found, content, before, reads))


@plan_api.json(
    "/children/<uuid:child_id>/plan/versions/<int(max=100000):number>/approvals",
    on_answer(),
    accepts=PlanAnswerSchema,
    returns=PlanVersionSchema,
)
def answer(context: Context[VersionRecord], wish: Answer) -> dict[str, Any]:
    """Answer a version that waits."""
    record = context.record
    commands.answer(context.work, record.version, wish, by_family=record.family)
    return _as_it_stands(context)


@plan_api.json(
    "/children/<uuid:child_id>/plan/versions/<int(max=100000):number>/withdrawal",
    on_withdrawing(),
    accepts=WithdrawVersionSchema,
    returns=PlanVersionSchema,
)
def withdraw(context: Context[VersionRecord], wish: Withdraw) -> dict[str, Any]:
    """Take back a version that waits; nobody answers it any more."""
    commands.withdraw(context.work, context.record.version, wish)
    return _as_it_stands(context)


@plan_api.json(
    "/children/<uuid:child_id>/plan/beginning",
    on_log(Action.PLAN_CREATE),
    accepts=BeginPlanSchema,
    returns=PlanEventSchema,
)
def begin(context: Context[LogSummary], wish: Begin) -> PlanEvent:
    """Begin an individuell plan."""
    return commands.begin_plan(context.work, context.record, wish)


@plan_api.json(
    "/children/<uuid:child_id>/plan/end",
    on_log(Action.PLAN_END),
    accepts=EndPlanSchema,
    returns=PlanEventSchema,
)
def end(context: Context[LogSummary], wish: End) -> PlanEvent:
    """End the individuell plan; no version of it holds from then on."""
    family = bool(context.decision.basis & FAMILY)
    return commands.end_plan(context.work, context.record, wish, by_family=family)


@plan_api.json("/children/<uuid:child_id>/plan/comments", on_comments(), returns=CommentsSchema)
def comments(context: Context[PlanRecord]) -> dict[str, Any]:
    """List what has been said of what the actor sees of the plan, oldest first."""
    return _comments(context)


@plan_api.json(
    "/children/<uuid:child_id>/plan/comments",
    on_comments(),
    accepts=CommentSchema,
    returns=CommentsSchema,
    location=lambda _made, child_id: f"/api/v1/children/{child_id}/plan/comments",
)
def comment(context: Context[PlanRecord], wish: Comment) -> dict[str, Any]:
    """Say something of a goal or a section."""
    commands.comment(context.work, context.record.log, wish, viewer(context))
    return _comments(context)


@plan_api.json(
    "/children/<uuid:child_id>/plan/comments/answer",
    on_draft(),
    accepts=AnswerCommentSchema,
    returns=CommentsSchema,
)
def answer_comment(context: Context[PlanRecord], wish: AnswerComment) -> dict[str, Any]:
    """Answer a comment, which closes it."""
    commands.answer_comment(context.work, context.record.log, wish, writer(context))
    return _comments(context)


@plan_api.json(
    "/children/<uuid:child_id>/plan/diff",
    on_log(Action.PLAN_READ_VERSION),
    returns=DiffSchema,
    query=DiffQuerySchema,
)
def diff(context: Context[LogSummary], query: dict[str, Any]) -> Diff:
    """Show what was added, ended and changed between two versions."""
    by, among = queries.seen_versions(context.session, context.record.child_id, viewer(context))
    chosen = [queries.chosen(among, query[name] or 0) for name in ("from_", "to")]
    for one in chosen:
        context.require(Action.PLAN_READ_VERSION, ip=one.kind is PlanKind.INDIVIDUELL_PLAN)
    contents = queries.contents_of(context.session, {one.id for one in chosen}, by)
    return differences.diff(*(contents[one.id] for one in chosen))


@plan_api.json(
    "/children/<uuid:child_id>/measures/<key>/evaluations",
    on_measure(Action.MEASURE_EVALUATE),
    accepts=EvaluateSchema,
    returns=EvaluationSchema,
    location=lambda _made, child_id: f"/api/v1/children/{child_id}/plan/versions",
)
def evaluate(context: Context[Measure], wish: Evaluate) -> Evaluation:
    """Say what came of a measure."""
    return progress.evaluate(context.work, context.record, wish)


@plan_api.json(
    "/children/<uuid:child_id>/measures/<key>/acceptance",
    on_taking_on(),
    returns=MeasureOutSchema,
)
def asked(context: Context[Asked]) -> Measure:
    """Show a measure to who is asked to take it on, or writes in the answer."""
    return context.record.measure


@plan_api.json(
    "/children/<uuid:child_id>/measures/<key>/acceptance",
    on_taking_on(),
    accepts=TakeOnSchema,
    returns=MeasureOutSchema,
)
def take_on(context: Context[Asked], wish: TakeOn) -> Measure:
    """Take a measure on, or say why not."""
    record = context.record
    progress.take_on(context.work, record.measure, wish, on_paper=record.on_paper)
    return record.measure


@plan_api.json(
    "/children/<uuid:child_id>/measures/<key>/unsaved", on_answering(), returns=WrittenSchema
)
def refusal(context: Context[Place]) -> Written:
    """Show the no to a measure that the caller has begun to write; version 0 is nothing."""
    return unsaved.written(context.work, context.record)


@plan_api.json(
    "/children/<uuid:child_id>/measures/<key>/unsaved",
    on_answering(),
    accepts=KeepAnswerSchema,
    returns=WrittenSchema,
    method="PUT",
)
def keep_refusal(context: Context[Place], wish: Keep) -> Written:
    """Keep a no to a measure while it is written, for the caller alone."""
    return keep(context.work, context.record, wish)


@plan_api.json(
    "/children/<uuid:child_id>/measures/<key>/report",
    on_measure(Action.MEASURE_REPORT),
    accepts=ReportSchema,
    returns=ReportOutSchema,
    location=lambda _made, child_id: f"/api/v1/children/{child_id}/measures/reports",
)
def report(context: Context[Measure], wish: Report) -> dict[str, Any]:
    """Say in passing how a measure goes."""
    made = progress.report(context.work, context.record, wish)
    return {
        "id": made.id,
        "measure_key": made.measure_key,
        "what": made.what,
        "done": made.done,
        "text": made.text,
        "by": context.signed.name,
        "written_at": made.written_at,
    }


@plan_api.json(
    "/children/<uuid:child_id>/measures/reports",
    on_log(Action.PLAN_READ),
    returns=ReportListSchema,
)
def list_reports(context: Context[LogSummary]) -> dict[str, Any]:
    """List how the measures go, newest first."""
    found = reports(context, sight(context))
    context.shown(one.id for one in found)
    return {"items": found, "next": None}


def _audiences(context: Context[PlanRecord], by: Sight) -> dict[str, Any]:
    session, child_id, key = context.session, context.record.log.child_id, context.args["key"]
    content = queries.draft(session, child_id, by).content
    if key not in rules.parts_in(content):
        raise NotFoundError
    if not drafting.sets_audience(context.work, content, key, by, writer(context)):
        raise DeniedError
    rows = queries.audiences(session, by, [key]).get(key, [])
    read_by = queries.read_by(session, child_id, key, by)
    return {
        "visibility": rows[0].visibility if rows else Visibility.EVERYONE,
        "audience": rows[0].number if rows else 0,
        "items": rows,
        "read_by": [{"who": one.name, "at": one.at} for one in read_by],
    }


def _comments(context: Context[PlanRecord]) -> dict[str, Any]:
    ip = context.record.kind is PlanKind.INDIVIDUELL_PLAN
    child_id, by = context.record.log.child_id, context.record.by
    return {"items": queries.comments(context.session, child_id, by, ip=ip), "next": None}


def _draft(context: Context[PlanRecord]) -> dict[str, Any]:
    found = queries.draft(context.session, context.record.log.child_id, sight(context))
    return {"seen_version": found.version, **found.content}


def _section(context: Context[PlanRecord]) -> dict[str, Any]:
    name = context.args["name"]
    if name not in rules.SECTION_FIELDS:
        raise NotFoundError
    content = queries.draft(context.session, context.record.log.child_id, sight(context)).content
    found = rules.section_of(content, name)
    return {"seen_version": rules.token(found), **found}


def _readable(context: Context[Any], log: LogSummary, number: int) -> VersionRow:
    found = queries.row(context.session, log.child_id, number, sight(context))
    context.require(Action.PLAN_READ_VERSION, ip=found.kind is PlanKind.INDIVIDUELL_PLAN)
    return found


def _whole(context: Context[Any], log: LogSummary, number: int) -> dict[str, Any]:
    found = _readable(context, log, number)
    by = sight(context)
    content = queries.content_of(context.session, found.id, by)
    context.shown([found.id, *by.ids(content)])
    given = queries.answers(context.session, log.child_id)
    return {**_as_json(found, given), **_said(content)}


def _as_it_stands(context: Context[VersionRecord]) -> dict[str, Any]:
    """Return a version after something came of it."""
    record = context.record
    context.session.flush()
    found = queries.row(context.session, record.version.child_id, record.number, record.by)
    content = queries.content_of(context.session, found.id, record.by)
    given = queries.answers(context.session, record.version.child_id)
    return {**_as_json(found, given), **_said(content)}


def _said(content: rules.Content) -> dict[str, Any]:
    return {"content": content, "sha256": rules.fingerprint(content)}


def _as_json(row: VersionRow, given: Mapping[UUID, list[AnswerRow]]) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.kind,
        "state": row.state,
        "summary": row.summary,
        "created_at": row.created_at,
        "by": row.created_by,
        "answers": given.get(row.id, []),
        "withdrawn": row.withdrawn,
    }
