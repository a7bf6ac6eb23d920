"""Pages of a plan: what holds, versions, what changed, answers, evaluations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from exports import child, meeting, word
from exports import plan as whole
from exports.house import Document
from exports.model import Edition
from exports.pdf import NoTurnError, TooLongError
from exports.pdf import write as write_pdf
from stafett.access.policy import FAMILY, Action, Area, Relation
from stafett.children import queries as children
from stafett.consents import queries as consents
from stafett.errors import BusyError, DeniedError, NotFoundError, RuleBrokenError
from stafett.plan import (
    commands,
    differences,
    document,
    measures,
    people_named,
    progress,
    queries,
    rules,
    waiting,
)
from stafett.plan.commands import Answer, AnswerComment, Begin, Comment, End, Withdraw
from stafett.plan.guards import (
    Asked,
    PlanRecord,
    VersionRecord,
    allows,
    kind_and_sight,
    may_do,
    may_draft,
    may_make,
    may_read,
    may_take_on,
    on_answer,
    on_comments,
    on_completing,
    on_draft,
    on_measure,
    on_taking_on,
    on_withdrawing,
    reports,
    running,
    shared,
    sight,
    taken_on,
    under_way,
    viewer,
    writer,
)
from stafett.plan.models import Measure
from stafett.plan.progress import Evaluate, Report, TakeOn
from stafett.plan.queries import VersionRow
from stafett.plan.rules import Content, PlanEventKind, PlanForm, PlanKind, Sight, VersionState
from stafett.plan.schemas import (
    AnswerCommentSchema,
    BeginPlanSchema,
    CommentSchema,
    CompareQuerySchema,
    DayQuerySchema,
    DocumentQuerySchema,
    EndPlanSchema,
    EvaluateSchema,
    PlanAnswerSchema,
    ReportSchema,
    TakeOnSchema,
    WithdrawVersionSchema,
)
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.rules import Level
from stafett.stafettlogg.schemas import AnswerSchema
from stafett.unsaved import queries as unsaved
from stafett.unsaved.guards import kept
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf
from stafett.web import messages
from stafett.web.guard import Context, GuardedBlueprint, for_list
from stafett.web.render import page, pdf_file, word_file

NEW_FOR = timedelta(days=30)
"""How long a part that was opened to somebody is told of."""
_NOTHING_SINCE: dict[str, Any] = {
    "standing": {},
    "newest": {},
    "reported": {},
    "taken_on": {},
    "answers_for": (),
    "evaluates": (),
    "tells": (),
}
"""How measures stand and what came of them, for a plan that is shown as it was."""
_DOCUMENT = {
    Edition.FULL: whole.document,
    Edition.MEETING: meeting.document,
    Edition.CHILD: child.document,
}
plan = GuardedBlueprint("plan", __name__)
plan.record_once(lambda setup: setup.app.jinja_env.globals.update(effect_words=rules.EFFECTS))


# --- To read


@plan.page("/ke/planer", for_list(Action.CHILD_LIST_MINE))
def overview(context: Context[None]) -> ResponseReturnValue:
    """Show how plans stand for the children whom koordinerende enhet's person follows."""
    found = waiting.overview(context.work)
    context.shown_children(one.child_id for one in found)
    return page(context, "plan/overview.html", plans=found, today=context.work.today)


@plan.page("/barn/<uuid:child_id>/plan", on_log(Action.PLAN_READ))
def show(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the version that holds, or the one that waits for the reader's own answer."""
    log = context.record
    kind, by = kind_and_sight(context)
    readable = _readable(context, log, by)
    holds = next((one for one in readable if one.state is VersionState.IN_FORCE), None)
    waits = next((one for one in readable if one.state is VersionState.FOR_APPROVAL), None)
    answering = _answering(context, log, waits)
    shown = waits if answering["asked"] else holds
    before = (
        [queries.content_of(context.session, holds.id, by)] if answering["asked"] and holds else []
    )
    return page(
        context,
        "plan/show.html",
        tab="plan",
        log=log,
        kind=kind,
        ended=_ended(context, log, kind),
        comments=_said(context, log, kind, by) if shown else None,
        reasons=rules.WORDS["reason"],
        begins=kind is PlanKind.TILTAKSPLAN
        and log.level == Level.THREE
        and log.closed_at is None
        and allows(context, Action.PLAN_CREATE, ip=False),
        ends=kind is PlanKind.INDIVIDUELL_PLAN and allows(context, Action.PLAN_END, ip=True),
        holds=holds,
        waits=waits,
        version=shown,
        versions=readable,
        changes=differences.chapters(before[0], queries.content_of(context.session, waits.id, by))
        if waits and before
        else [],
        answers=queries.answers(context.session, log.child_id),
        confirms=_confirms(context, waits, holds),
        hidden=kind is PlanKind.INDIVIDUELL_PLAN and not context.may(Action.PLAN_READ, ip=True),
        drafts=may_draft(context, kind)
        and log.id is not None
        and log.closed_at is None
        and not log.paper_place,
        makes=may_make(context, kind),
        draft_at=queries.draft(context.session, log.child_id, by).drafted_at,
        downloads=shown is not None and _downloads(context, shown),
        **answering,
        **_kept_answer(context, waits if answering["asked"] else None),
        **_content(context, log, shown, by, readable, before),
    )


@plan.page(
    "/barn/<uuid:child_id>/plan/versjoner/<int(max=100000):number>",
    on_log(Action.PLAN_READ_VERSION),
)
def version(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show one version, read only; one that waits can be answered here too."""
    log, number, by = context.record, context.args["number"], sight(context)
    readable = _readable(context, log, by)
    shown = next((one for one in readable if one.number == number), None)
    if shown is None:
        raise NotFoundError
    waits = shown if shown.state is VersionState.FOR_APPROVAL else None
    answering = _answering(context, log, waits)
    return page(
        context,
        "plan/version.html",
        tab="plan",
        log=log,
        version=shown,
        waits=waits,
        confirms=_confirms(context, shown),
        restores=_restorable(context, log, shown, by),
        downloads=_downloads(context, shown),
        versions=readable,
        answers=queries.answers(context.session, log.child_id),
        **answering,
        **_kept_answer(context, waits if answering["asked"] else None),
        **_content(context, log, shown, by, readable),
    )


@plan.page("/barn/<uuid:child_id>/plan/dag", on_log(Action.PLAN_READ_VERSION), query=DayQuerySchema)
def day(context: Context[LogSummary], query: dict[str, Any]) -> ResponseReturnValue:
    """Show the plan as it was on a day: the version that held then."""
    log, by = context.record, sight(context)
    every = queries.versions(context.session, log.child_id, by)
    readable = [one for one in every if may_read(context, one)]
    asked = query["dag"]
    held = queries.held_on(every, asked) if asked and asked <= context.work.today else None
    hidden = held is not None and held not in readable
    return page(
        context,
        "plan/day.html",
        tab="plan",
        log=log,
        asked=asked,
        version=None if hidden else held,
        hidden=hidden,
        versions=readable,
        **_content(context, log, None if hidden else held, by, readable) | _NOTHING_SINCE,
    )


@plan.page(
    "/barn/<uuid:child_id>/plan/sammenlign",
    on_log(Action.PLAN_READ_VERSION),
    query=CompareQuerySchema,
)
def compare(context: Context[LogSummary], query: dict[str, Any]) -> ResponseReturnValue:
    """Show what differs between two versions, or between a version and the draft."""
    log, session, by = context.record, context.session, sight(context)
    held = _readable(context, log, by)
    readable = _comparable(held)
    drafts = may_draft(context, queries.kind_now(session, log))
    new = queries.chosen(readable, query["til"]) if query["til"] else None
    if new is None and query["til"] is None and readable:
        new = readable[0]
    if new is None and not (drafts and query["til"] == 0):
        raise NotFoundError
    older = [one for one in readable if new is None or one.number < new.number]
    old = queries.chosen(readable, query["fra"]) if query["fra"] else next(iter(older), None)
    contents = [
        queries.content_of(session, old.id, by) if old else rules.EMPTY,
        queries.content_of(session, new.id, by)
        if new
        else queries.draft(session, log.child_id, by).content,
    ]
    parts = {one for content in contents for one in by.ids(content)}
    context.shown([*(one.id for one in (old, new) if one), *sorted(parts)])
    return page(
        context,
        "plan/compare.html",
        tab="plan",
        log=log,
        old=old,
        new=new,
        versions=readable,
        drafts=drafts,
        chapters=differences.chapters(*contents),
        words=differences.words,
        downloads=old is not None and new is not None and _downloads(context, new),
        answers=queries.answers(session, log.child_id).get(new.id, []) if new else [],
        **wording(context, log, contents),
    )


# --- To answer


@plan.action(
    "/barn/<uuid:child_id>/plan/versjoner/<int(max=100000):number>/svar",
    on_answer(),
    PlanAnswerSchema,
    again=show,
)
def answer(context: Context[VersionRecord], wish: Answer) -> ResponseReturnValue:
    """Answer a version that waits: one's own yes or no, or a signed one on paper."""
    record = context.record
    commands.answer(context.work, record.version, wish, by_family=record.family)
    return redirect(url_for("plan.show", child_id=record.version.child_id), code=303)


@plan.action(
    "/barn/<uuid:child_id>/plan/versjoner/<int(max=100000):number>/i-kraft",
    on_completing(),
    AnswerSchema,
    again=show,
)
def complete(context: Context[VersionRecord], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Put a version in force when those who have not answered need not any more."""
    commands.complete(context.work, context.record.version)
    return redirect(url_for("plan.show", child_id=context.record.version.child_id), code=303)


@plan.page(
    "/barn/<uuid:child_id>/plan/versjoner/<int(max=100000):number>/trekk-tilbake",
    on_withdrawing(),
)
def withdrawing(context: Context[VersionRecord]) -> ResponseReturnValue:
    """Show what happens when a version is taken back, and the form that does it."""
    record, session = context.record, context.session
    log = logs.summary(session, record.version.child_id, context.work.today)
    if log is None:
        raise NotFoundError
    history = queries.versions(session, log.child_id, record.by)
    asked = queries.chosen(history, record.number)
    waits = asked if asked.state is VersionState.FOR_APPROVAL else None
    return page(
        context,
        "plan/withdrawing.html",
        tab="plan",
        log=log,
        version=asked,
        waits=waits,
        holds=any(one.state is VersionState.IN_FORCE for one in history),
        **kept(
            context, Action.PLAN_DRAFT, Place(UnsavedOf.VERSION, asked.id, PlanForm.WITHDRAWING)
        ),
        **_answering(context, log, waits),
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/versjoner/<int(max=100000):number>/trekk-tilbake",
    on_withdrawing(),
    WithdrawVersionSchema,
    again=withdrawing,
)
def withdraw(context: Context[VersionRecord], wish: Withdraw) -> ResponseReturnValue:
    """Take back a version that waits."""
    commands.withdraw(context.work, context.record.version, wish)
    return redirect(url_for("plan.show", child_id=context.record.version.child_id), code=303)


# --- To begin and to end


@plan.page("/barn/<uuid:child_id>/plan/begynn", on_log(Action.PLAN_CREATE))
def beginning(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show what must be in place to begin an individuell plan, and the form that begins it."""
    obstacles = queries.obstacles_to_begin(context.work, context.record)
    return page(
        context,
        "plan/beginning.html",
        tab="plan",
        log=context.record,
        obstacles=[(code, messages.of(code)) for code in obstacles],
        **kept(
            context,
            Action.PLAN_DRAFT,
            Place(UnsavedOf.PLAN_STEP, context.record.child_id, PlanForm.BEGINNING),
        ),
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/begynn",
    on_log(Action.PLAN_CREATE),
    BeginPlanSchema,
    again=beginning,
)
def begin(context: Context[LogSummary], wish: Begin) -> ResponseReturnValue:
    """Begin an individuell plan."""
    commands.begin_plan(context.work, context.record, wish)
    return redirect(url_for("plan.show", child_id=context.record.child_id), code=303)


@plan.page("/barn/<uuid:child_id>/plan/avslutt", on_log(Action.PLAN_END))
def ending(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show what ends with the individuell plan and what does not, and the form that ends it."""
    ip = queries.kind_now(context.session, context.record) is PlanKind.INDIVIDUELL_PLAN
    return page(
        context,
        "plan/ending.html",
        tab="plan",
        log=context.record,
        obstacles=[] if ip else [("plan-not-ip", messages.of("plan-not-ip"))],
        family=bool(context.decision.basis & FAMILY),
        reasons=list(rules.WORDS["reason"].items()),
        **kept(
            context,
            Action.PLAN_DRAFT,
            Place(UnsavedOf.PLAN_STEP, context.record.child_id, PlanForm.ENDING),
        ),
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/avslutt", on_log(Action.PLAN_END), EndPlanSchema, again=ending
)
def end(context: Context[LogSummary], wish: End) -> ResponseReturnValue:
    """End the individuell plan."""
    family = bool(context.decision.basis & FAMILY)
    commands.end_plan(context.work, context.record, wish, by_family=family)
    return redirect(url_for("plan.show", child_id=context.record.child_id), code=303)


# --- What is said of it


@plan.page("/barn/<uuid:child_id>/plan/kommentarer/<key>", on_comments())
def comments(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show what has been said of a goal or a section, and the form that says more."""
    record, session, about = context.record, context.session, context.args["key"]
    child_id, by, ip = record.log.child_id, record.by, record.kind is PlanKind.INDIVIDUELL_PLAN
    words = queries.commentable(session, child_id, by)
    if about not in words:
        raise NotFoundError
    context.shown([one[-1].part_id for key, one in by.parts.items() if key == about])
    edits = Action.PLAN_EDIT_IP if ip else Action.PLAN_EDIT_TILTAKSPLAN
    return page(
        context,
        "plan/comments.html",
        tab="plan",
        log=record.log,
        about=about,
        words=words[about],
        goal=about not in rules.SECTIONS,
        items=[one for one in queries.comments(session, child_id, by, ip=ip) if one.about == about],
        answers=allows(context, edits, ip=ip),
        family=record.family,
        child=bool(context.decision.basis & {Relation.C12, Relation.C16}),
        **kept(
            context,
            Action.PLAN_DRAFT,
            Place(UnsavedOf.PLAN_STEP, child_id, rules.comment_form(about)),
        ),
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/kommentarer/<key>", on_comments(), CommentSchema, again=comments
)
def comment(context: Context[PlanRecord], wish: Comment) -> ResponseReturnValue:
    """Say something of a goal or a section."""
    log, about = context.record.log, context.args["key"]
    commands.comment(context.work, log, replace(wish, about=about), viewer(context))
    return redirect(url_for("plan.comments", child_id=log.child_id, key=about), code=303)


@plan.action(
    "/barn/<uuid:child_id>/plan/kommentarer/<key>/svar",
    on_draft(),
    AnswerCommentSchema,
    again=comments,
)
def answer_comment(context: Context[PlanRecord], wish: AnswerComment) -> ResponseReturnValue:
    """Answer a comment, which closes it."""
    log, about = context.record.log, context.args["key"]
    commands.answer_comment(context.work, log, wish, writer(context))
    return redirect(url_for("plan.comments", child_id=log.child_id, key=about), code=303)


# --- What came of a measure


@plan.page("/barn/<uuid:child_id>/plan/tiltak/<key>/evaluer", on_measure(Action.MEASURE_EVALUATE))
def evaluation(context: Context[Measure]) -> ResponseReturnValue:
    """Show the form that says what came of a measure, with what has been said before."""
    record, session = context.record, context.session
    return page(
        context,
        "plan/evaluation.html",
        tab="plan",
        **_as_agreed(context, record),
        child=children.find(session, record.child_id),
        earlier=[
            one
            for one in measures.evaluations(session, record.child_id)
            if one.measure_key == record.key and (record.ip or not one.ip)
        ],
        today=context.work.today,
        conflict=lost(context),
        **kept(
            context, Action.PLAN_DRAFT, Place(UnsavedOf.EVALUATION, record.child_id, record.key)
        ),
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/tiltak/<key>/evaluer",
    on_measure(Action.MEASURE_EVALUATE),
    EvaluateSchema,
    again=evaluation,
)
def evaluate(context: Context[Measure], wish: Evaluate) -> ResponseReturnValue:
    """Say what came of a measure, and go on to the new one, or back to where it stands."""
    record = context.record
    progress.evaluate(context.work, record, wish)
    log = logs.summary(context.session, record.child_id, context.work.today)
    own = record.account_id == context.actor.user_id
    if log and wish.decision == "new" and _may_write(context, log, own=own):
        there = url_for("plan.successor", child_id=record.child_id, key=record.key)
        return redirect(there, code=303)
    return _back_to(context, record)


@plan.page("/barn/<uuid:child_id>/plan/tiltak/<key>", on_log(Action.PLAN_READ))
def followed(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show how a measure goes: all that has been said of it, newest first, and what came of it.

    One that has left the plan is shown to who may read what was said of it then.
    """
    log, key = context.record, context.args["key"]
    by = sight(context)
    told = [one for one in reports(context, by) if one.measure_key == key]
    holds = queries.in_force(context.session, log.child_id, by)
    content = rules.EMPTY
    if holds and may_read(context, holds):
        content = queries.content_of(context.session, holds.id, by)
    goal, measure = next(
        (pair for pair in rules.measures(content) if pair[1]["key"] == key), (None, None)
    )
    if measure is None and not told:
        raise NotFoundError
    parts = {one["key"] for one in (goal, measure) if one} & by.parts.keys()
    context.shown([*(one.id for one in told), *(by.parts[one][-1].part_id for one in parts)])
    of_child = running(context, by)
    now, tells = under_way(context, of_child).get(key, (None, False))
    return page(
        context,
        "plan/followed.html",
        tab="plan",
        running=of_child,
        log=log,
        goal=goal,
        what=measure["what"] if measure else told[0].what,
        measure=measure,
        now=now,
        tells=tells,
        told=told,
        evaluated=[
            one
            for one in measures.evaluations(context.session, log.child_id)
            if measure and one.measure_key == key and context.may(Action.PLAN_READ, ip=one.ip)
        ],
        at=context.now,
        today=context.work.today,
    )


@plan.page("/barn/<uuid:child_id>/plan/tiltak/<key>/nytt", on_draft())
def successor(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Go to the form of what comes instead of a measure, or to the draft when that is written."""
    log, key = context.record.log, context.args["key"]
    content = queries.draft(context.session, log.child_id, context.record.by).content
    under, found = rules.measure_of(content, key)
    if not writer(context).owns(under, found):
        raise DeniedError
    if found["status"] not in rules.RUNS:
        return redirect(url_for("plan.draft", child_id=log.child_id, _anchor=f"mal-{under['key']}"))
    there = {"child_id": log.child_id, "goal_key": under["key"], "for": key}
    return redirect(url_for("plan.new_measure", **there))


@plan.page("/barn/<uuid:child_id>/plan/tiltak/<key>/ansvar", on_taking_on())
def taking_on(context: Context[Asked]) -> ResponseReturnValue:
    """Show what a measure asks of who is named for it, and the yes and the no."""
    record = context.record
    if context.refused is None and logs.open_log(context.session, record.measure.child_id) is None:
        return closed_plan(context, record.measure.child_id)
    there = Place(UnsavedOf.MEASURE, record.measure.child_id, record.measure.key)
    return page(
        context,
        "plan/taking_on.html",
        tab="plan",
        **_kept(context, there),
        **_as_agreed(context, record.measure),
        himself=record.himself,
        answer=taken_on(context, sight(context)).get(record.measure.key),
        today=context.work.today,
        WORDS=rules.WORDS,
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/tiltak/<key>/ansvar",
    on_taking_on(),
    TakeOnSchema,
    again=taking_on,
)
def take_on(context: Context[Asked], wish: TakeOn) -> ResponseReturnValue:
    """Take a measure on, or say why not."""
    record = context.record
    progress.take_on(context.work, record.measure, wish, on_paper=record.on_paper)
    return _back_to(context, record.measure)


@plan.page("/barn/<uuid:child_id>/plan/tiltak/<key>/si-fra", on_measure(Action.MEASURE_REPORT))
def telling(context: Context[Measure]) -> ResponseReturnValue:
    """Show the three buttons that say in passing how a measure goes."""
    record = context.record
    if context.refused is None and logs.open_log(context.session, record.child_id) is None:
        return closed_plan(context, record.child_id)
    earlier = [one for one in reports(context, sight(context)) if one.measure_key == record.key]
    context.shown(one.id for one in earlier)
    return page(
        context,
        "plan/report.html",
        tab="plan",
        child_id=record.child_id,
        now=record,
        runs=record.status in rules.RUNS,
        back=_where(context, record),
        earlier=earlier,
        at=context.now,
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/tiltak/<key>/si-fra",
    on_measure(Action.MEASURE_REPORT),
    ReportSchema,
    again=telling,
)
def report(context: Context[Measure], wish: Report) -> ResponseReturnValue:
    """Say how a measure goes, and show where that stands, for who may read it."""
    record = context.record
    progress.report(context.work, record, wish)
    return _back_to(context, record)


# --- What the pages share


def closed_plan(context: Context[Any], child_id: UUID) -> ResponseReturnValue:
    """Say instead of a form that the log is closed, and where the words are that were begun."""
    begun = bool(unsaved.begun(context.work, UnsavedOf.PLAN, child_id))
    return page(context, "plan/closed.html", tab="plan", child_id=child_id, begun=begun)


def _kept(context: Context[Any], place: Place | None) -> dict[str, Any]:
    """Return what the actor has begun to write in a form of the plan, and the form as typed."""
    return kept(context, Action.PLAN_DRAFT, place)


def _kept_answer(context: Context[Any], waits: VersionRow | None) -> dict[str, Any]:
    """Return what the actor has begun to answer to a version that waits, if any."""
    return _kept(context, waits and Place(UnsavedOf.VERSION, waits.id, PlanForm.ANSWER))


def _as_agreed(context: Context[Any], record: Measure) -> dict[str, Any]:
    """Return a measure as the version in force says it, with its goal, and the way back."""
    by = sight(context)
    holds = queries.in_force(context.session, record.child_id, by)
    content = queries.content_of(context.session, holds.id, by) if holds else rules.EMPTY
    under, found = next(
        ((goal, one) for goal, one in rules.measures(content) if one["key"] == record.key),
        (None, None),
    )
    return {
        "child_id": record.child_id,
        "now": record,
        "goal": under,
        "measure": found,
        "runs": record.status in rules.RUNS,
        "back": _where(context, record),
    }


def _may_write(context: Context[Any], log: LogSummary, *, own: bool) -> bool:
    """Say whether the actor may write in the draft: in all of it, or what is his own."""
    ip = queries.kind_now(context.session, log) is PlanKind.INDIVIDUELL_PLAN
    edits = Action.PLAN_EDIT_IP if ip else Action.PLAN_EDIT_TILTAKSPLAN
    return allows(context, edits, ip=ip, own=own)


def _where(context: Context[Any], record: Measure) -> str:
    """Return the address where a measure stands in the plan; for who may not read that, his own."""
    if not context.may(Action.PLAN_READ, ip=record.ip):
        return "/"
    return url_for("plan.show", child_id=record.child_id, _anchor=f"tiltak-{record.key}")


def _back_to(context: Context[Any], record: Measure) -> ResponseReturnValue:
    return redirect(_where(context, record), code=303)


def _said(
    context: Context[LogSummary], log: LogSummary, kind: PlanKind, by: Sight
) -> dict[str, tuple[int, int]] | None:
    """Return how much has been said of each part, and how much of it has no answer.

    `kind` is what the plan is today, as where one says it. None: the actor has nothing to say.
    """
    ip = kind is PlanKind.INDIVIDUELL_PLAN
    if not allows(context, Action.PLAN_COMMENT, ip=ip):
        return None
    found: dict[str, tuple[int, int]] = {}
    for one in queries.comments(context.session, log.child_id, by, ip=ip):
        said, open_ = found.get(one.about, (0, 0))
        found[one.about] = (said + 1, open_ + (one.answer is None))
    return found


def _ended(
    context: Context[LogSummary], log: LogSummary, kind: PlanKind
) -> queries.EventRow | None:
    """Return how the individuell plan ended, for who may read one, until another is begun."""
    if kind is PlanKind.INDIVIDUELL_PLAN or log.level != Level.THREE:
        return None
    event = queries.last_event(context.session, log.child_id)
    since = context.since(Area.PLAN)
    his = event is not None and (since is None or event.at > since)
    over = his and event is not None and event.kind == PlanEventKind.ENDED
    return event if over and context.may(Action.PLAN_READ, ip=True) else None


def _restorable(
    context: Context[LogSummary], log: LogSummary, version: VersionRow, by: Sight
) -> frozenset[str]:
    """Return which parts of a version the actor may bring back, and stand otherwise in the draft.

    Only who may change all of the draft is shown the way.
    """
    ip = queries.kind_now(context.session, log) is PlanKind.INDIVIDUELL_PLAN
    edits = Action.PLAN_EDIT_IP if ip else Action.PLAN_EDIT_TILTAKSPLAN
    if log.id is None or log.closed_at is not None or not allows(context, edits, ip=ip):
        return frozenset()
    now = queries.draft(context.session, log.child_id, by).content
    old = {**rules.EMPTY, **queries.content_of(context.session, version.id, by)}
    hers = queries.is_hers(context.session, log.child_id, version)
    return frozenset() if hers else differences.restorable(now, old)


def _downloads(context: Context[LogSummary], version: VersionRow) -> bool:
    ip = version.kind is PlanKind.INDIVIDUELL_PLAN
    return context.may(Action.PLAN_EXPORT_DOCX, ip=ip)


def _readable(context: Context[Any], log: LogSummary, by: Sight) -> list[VersionRow]:
    found = queries.versions(context.session, log.child_id, by)
    return [one for one in found if may_read(context, one)]


def _comparable(readable: Iterable[VersionRow]) -> list[VersionRow]:
    """Return the versions that are compared with others: all that held or may yet."""
    return [one for one in readable if one.state not in rules.NEVER_HELD]


def _content(
    context: Context[Any],
    log: LogSummary,
    version: VersionRow | None,
    by: Sight,
    readable: Sequence[VersionRow],
    also: Sequence[Content] = (),
) -> dict[str, Any]:
    """Return what a version says, with how its measures stand, when it is the one in force.

    `readable` are all versions that the actor reads, newest first.
    """
    if version is None:
        return {"content": None, "family": bool(context.decision.basis & FAMILY)}
    session = context.session
    content = queries.content_of(session, version.id, by)
    context.shown([version.id, *by.ids(content)])
    now = measures.standing(session, log.child_id, context.work.today)
    ip = version.kind is PlanKind.INDIVIDUELL_PLAN
    in_force = version.state is VersionState.IN_FORCE
    return {
        "content": content,
        "revise_on": queries.revise_on(version, content),
        "sha256": rules.fingerprint(content),
        **wording(context, log, [content, *also], version),
        "applied_for": document.applied_for,
        **for_whom(context, by, content),
        "standing": now if in_force else {},
        "newest": measures.newest_evaluations(session, log.child_id, version, readable),
        **_doing(context, by, now if in_force else {}, ip=ip),
        "family": bool(context.decision.basis & FAMILY),
        "today": context.work.today,
        "now": context.now,
    }


def _doing(
    context: Context[Any], by: Sight, standing: Mapping[str, measures.MeasureNow], *, ip: bool
) -> dict[str, Any]:
    """Return what the actor may do with each measure, and what was last said of how it goes."""
    reported: dict[str, measures.ReportRow] = {}
    for one in reports(context, by) if standing else ():
        reported.setdefault(one.measure_key, one)
    return {
        "reported": reported,
        "taken_on": taken_on(context, by) if standing else {},
        "answers_for": may_take_on(context, standing, ip=ip),
        "evaluates": may_do(context, Action.MEASURE_EVALUATE, standing, ip=ip),
        "tells": may_do(context, Action.MEASURE_REPORT, standing, ip=ip),
    }


def _answering(context: Context[Any], log: LogSummary, waits: VersionRow | None) -> dict[str, Any]:
    """Return whose answers a version waits for, and what the actor may do about it."""
    if waits is None:
        return {"needed": [], "asked": False, "registers": False, "withdraws": False}
    ip = waits.kind is PlanKind.INDIVIDUELL_PLAN
    needed = queries.needed(context.work, log.child, waits)
    mine = any(one.own and one.answer is None for one in needed)
    asked = mine and allows(context, Action.PLAN_APPROVE, ip=ip)
    registers = not asked and allows(context, Action.PLAN_REGISTER_ANSWER, ip=ip)
    withdraws = may_make(context, waits.kind)
    return {"needed": needed, "asked": asked, "registers": registers, "withdraws": withdraws}


def _confirms(
    context: Context[LogSummary], *among: VersionRow | None
) -> tuple[VersionRow, queries.AnswerRow] | None:
    """Return the first of some versions to which staff wrote in the reader's own answer."""
    for one in among if context.decision.basis & FAMILY else ():
        if one and allows(context, Action.PLAN_APPROVE, ip=one.kind is PlanKind.INDIVIDUELL_PLAN):
            paper = queries.to_confirm(context.work, context.record.child_id, one.id)
            if paper:
                return one, paper
    return None


def for_whom(context: Context[Any], by: Sight, content: Content) -> dict[str, Any]:
    """Return for whom parts are that are not for all, and which have been opened to the actor."""
    rows = queries.audiences(context.session, by, rules.parts_in(content))
    return {
        "for_whom": {key: found[0] for key, found in rows.items()},
        "opened": queries.opened_since(by, context.now - NEW_FOR),
    }


def wording(
    context: Context[Any],
    log: LogSummary,
    contents: list[Content],
    version: VersionRow | None = None,
) -> dict[str, Any]:
    """Return how a field's value is said: names, dates and words instead of codes.

    And how one reaches those who are named. `version`: what is shown, where it is not the draft.
    """
    names, contacts = people_named.names_and_reached(context.session, log, version, contents)
    names |= rules.steps(contents)

    def told(field: str, value: str | None) -> str:
        said = document.word(context.work, log.child, field, value or "", names)
        return said.replace(". ", ".\N{NO-BREAK SPACE}", 1) if field in rules.DAYS else said

    return {"told": told, "contacts": contacts}


def lost(context: Context[Any]) -> bool:
    """Say whether what was sent is refused because somebody else saved first."""
    return context.refused is not None and context.refused.conflict


@plan.page(
    "/barn/<uuid:child_id>/plan.docx",
    on_log(Action.PLAN_EXPORT_DOCX),
    query=DocumentQuerySchema,
)
def docx(context: Context[LogSummary], query: dict[str, Any]) -> ResponseReturnValue:
    """Give a version as a Word document: the one asked for, else the one that holds."""
    printed, name = _printed(context, **query)
    return word_file(word.write(printed, context.work.profile.logo), f"{name}.docx")


@plan.page(
    "/barn/<uuid:child_id>/plan.pdf",
    on_log(Action.PLAN_EXPORT_DOCX),
    query=DocumentQuerySchema,
)
def pdf(context: Context[LogSummary], query: dict[str, Any]) -> ResponseReturnValue:
    """Give a version as PDF/A, which is the same as the Word document says."""
    printed, name = _printed(context, **query)
    context.look.edition = f"{context.look.edition}.pdf"
    try:
        made = write_pdf(printed, context.now, context.work.profile.logo)
    except NoTurnError as error:
        raise BusyError from error
    except TooLongError as error:
        raise RuleBrokenError([rules.TOO_LONG_FOR_PDF]) from error
    return pdf_file(made, f"{name}.pdf")


def _printed(
    context: Context[LogSummary], versjon: int | None, fra: int | None, utgave: str
) -> tuple[Document, str]:
    """Return a version in an edition, and what its file is called but for the ending."""
    log, by, edition = context.record, sight(context), Edition(utgave)
    history = _readable(context, log, by)
    version = next(
        (
            one
            for one in history
            if (one.number == versjon if versjon else one.state is VersionState.IN_FORCE)
        ),
        None,
    )
    if edition is not Edition.FULL:
        by = shared(context)
        history = _readable(context, log, by)
        version = version and queries.counterpart(history, version)
    if version is None:
        raise NotFoundError
    context.require(Action.PLAN_EXPORT_DOCX, ip=version.kind is PlanKind.INDIVIDUELL_PLAN)
    before = queries.predecessor(history, version)
    if fra and edition is Edition.FULL:
        older = [one for one in _comparable(history) if one.number < version.number]
        before = queries.chosen(older, fra)
        context.shown([before.id])
    both = [version.id, *([before.id] if before else [])]
    contents = queries.contents_of(context.session, both, by)
    context.shown([version.id, *by.ids(contents[version.id])])
    context.look.edition = edition
    agreed = None
    if edition is Edition.FULL and context.can(Action.CONSENT_READ):
        agreed = consents.of_child(context.work, log.child_id)
    name = context.signed.name
    facts = document.facts(context.work, log, version, contents, history, before, agreed, name)
    of_edition = "" if edition is Edition.FULL else f"-{edition}"
    return _DOCUMENT[edition](facts), f"plan-{version.number}{of_edition}"
