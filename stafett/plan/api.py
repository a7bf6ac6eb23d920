"""JSON calls about plans."""

from typing import Any

from stafett.access.policy import Action
from stafett.plan import commands, queries, rules
from stafett.plan.commands import Answer, Evaluate, MakeVersion, SaveDraft
from stafett.plan.guards import (
    PlanRecord,
    VersionRecord,
    on_answer,
    on_draft,
    on_making,
    on_measure,
    writer,
)
from stafett.plan.models import Evaluation, Measure
from stafett.plan.queries import VersionRow
from stafett.plan.rules import Diff, PlanKind
from stafett.plan.schemas import (
    DiffQuerySchema,
    DiffSchema,
    DraftSchema,
    EvaluateSchema,
    EvaluationSchema,
    MakeVersionSchema,
    PlanAnswerSchema,
    PlanContentSchema,
    PlanVersionListSchema,
    PlanVersionSchema,
)
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.web.guard import Context, GuardedBlueprint

plan_api = GuardedBlueprint("plan_api", __name__, url_prefix="/api/v1")


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
    commands.save_draft(context.work, context.record.log, wish, writer(context))
    context.session.flush()
    return _draft(context)


@plan_api.json(
    "/children/<uuid:child_id>/plan/versions",
    on_log(Action.PLAN_READ_VERSION),
    returns=PlanVersionListSchema,
)
def versions(context: Context[LogSummary]) -> dict[str, Any]:
    """List the versions that the actor may read, newest first."""
    found = [
        _as_json(context, one)
        for one in queries.versions(context.session, context.record.child_id)
        if context.may(Action.PLAN_READ_VERSION, ip=one.kind is PlanKind.INDIVIDUELL_PLAN)
    ]
    return {"items": found, "next": None}


@plan_api.json(
    "/children/<uuid:child_id>/plan/versions",
    on_making(),
    accepts=MakeVersionSchema,
    returns=PlanVersionSchema,
    location=lambda made, child_id: f"/api/v1/children/{child_id}/plan/versions/{made['number']}",
)
def make_version(context: Context[PlanRecord], wish: MakeVersion) -> dict[str, Any]:
    """Make the draft the next version, or send it for approval."""
    made = commands.make_version(context.work, context.record.log, wish)
    return _whole(context, context.record.log, made.number)


@plan_api.json(
    "/children/<uuid:child_id>/plan/versions/<int(max=100000):number>",
    on_log(Action.PLAN_READ_VERSION),
    returns=PlanVersionSchema,
)
def version(context: Context[LogSummary]) -> dict[str, Any]:
    """Show a version."""
    return _whole(context, context.record, context.args["number"])


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
    context.session.flush()
    found = queries.row(context.session, record.version.child_id, record.version.number)
    return {**_as_json(context, found), "content": queries.content_of(context.session, found.id)}


@plan_api.json(
    "/children/<uuid:child_id>/plan/diff",
    on_log(Action.PLAN_READ_VERSION),
    returns=DiffSchema,
    query=DiffQuerySchema,
)
def diff(context: Context[LogSummary], query: dict[str, Any]) -> Diff:
    """Show what was added, ended and changed between two versions."""
    old, new = (_readable(context, context.record, query[name] or 0) for name in ("from_", "to"))
    contents = [queries.content_of(context.session, one.id) for one in (old, new)]
    return rules.diff(*contents)


@plan_api.json(
    "/children/<uuid:child_id>/measures/<key>/evaluations",
    on_measure(Action.MEASURE_EVALUATE),
    accepts=EvaluateSchema,
    returns=EvaluationSchema,
    location=lambda _made, child_id: f"/api/v1/children/{child_id}/plan/versions",
)
def evaluate(context: Context[Measure], wish: Evaluate) -> Evaluation:
    """Say what came of a measure."""
    return commands.evaluate(context.work, context.record, wish)


def _draft(context: Context[PlanRecord]) -> dict[str, Any]:
    found = queries.draft(context.session, context.record.log.child_id)
    return {"seen_version": found.version, **found.content}


def _readable(context: Context[Any], log: LogSummary, number: int) -> VersionRow:
    found = queries.row(context.session, log.child_id, number)
    context.require(Action.PLAN_READ_VERSION, ip=found.kind is PlanKind.INDIVIDUELL_PLAN)
    return found


def _whole(context: Context[Any], log: LogSummary, number: int) -> dict[str, Any]:
    found = _readable(context, log, number)
    context.shown([found.id])
    content = queries.content_of(context.session, found.id)
    return {**_as_json(context, found), "content": content}


def _as_json(context: Context[Any], row: VersionRow) -> dict[str, Any]:
    child_id = context.subject.child_id
    given = queries.answers(context.session, child_id) if child_id else {}
    return {
        "number": row.number,
        "kind": row.kind,
        "state": row.state,
        "summary": row.summary,
        "created_at": row.created_at,
        "by": row.created_by,
        "answers": given.get(row.id, []),
    }
