"""Pages of a plan: what holds, the draft, versions, what changed, answers, evaluations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
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
from stafett.audience.rules import Visibility
from stafett.audience.views import choosing
from stafett.consents import queries as consents
from stafett.dates import oslo_date
from stafett.errors import BusyError, ConflictError, DeniedError, NotFoundError, RuleBrokenError
from stafett.plan import commands, differences, document, measures, queries, rules, waiting
from stafett.plan.commands import (
    Answer,
    AnswerComment,
    Begin,
    Comment,
    End,
    Evaluate,
    MakeVersion,
    Move,
    Report,
    Restore,
    SavePart,
    SetAudience,
    TakeOn,
)
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
    on_form,
    on_making,
    on_measure,
    on_taking_on,
    reports,
    running,
    saves,
    shared,
    sight,
    taken_on,
    under_way,
    viewer,
    writer,
)
from stafett.plan.models import Measure
from stafett.plan.queries import VersionRow
from stafett.plan.rules import Content, Party, PlanEventKind, PlanKind, Sight, VersionState
from stafett.plan.schemas import (
    AboutMePartSchema,
    AnswerCommentSchema,
    BeginPlanSchema,
    CommentSchema,
    CompareQuerySchema,
    ContributionPartSchema,
    CooperationPartSchema,
    DayQuerySchema,
    DocumentQuerySchema,
    DraftQuerySchema,
    EndPlanSchema,
    EvaluateSchema,
    GoalPartSchema,
    LeaveSchema,
    MakeVersionSchema,
    MeasurePartSchema,
    MoveSchema,
    NewGoalPartSchema,
    NewMeasurePartSchema,
    NewMeasureQuerySchema,
    NewTextPartSchema,
    ParticipantsPartSchema,
    PlanAnswerSchema,
    ReportSchema,
    SetAudienceSchema,
    TakeOnSchema,
    TextPartSchema,
    TextsPartSchema,
)
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.rules import Level
from stafett.stafettlogg.schemas import AnswerSchema
from stafett.unsaved import queries as unsaved
from stafett.unsaved.commands import drop
from stafett.unsaved.queries import NOTHING, Place, written
from stafett.unsaved.rules import UnsavedOf
from stafett.unsaved.schemas import LetGoSchema
from stafett.web import messages
from stafett.web.guard import Context, GuardedBlueprint, for_list
from stafett.web.render import Form, page, pdf_file, word_file

_FORMS = {
    "texts": "plan.texts",
    "participants": "plan.participants",
    "cooperation": "plan.cooperation",
    "new_text": "plan.new_text",
    rules.NEW_GOAL: "plan.new_goal",
    rules.FIRST_GOAL: "entries.goal",
    rules.ABOUT_ME: "plan.about_me",
    rules.CONTRIBUTION: "plan.contribution",
}
_FORMS_OF_KEYS = {"g": "plan.goal", "m": "plan.measure", "t": "plan.added_text"}
_FORM_WORDS = {
    "texts": "Tekst og periode",
    "participants": "Hvem er med",
    "cooperation": "Samarbeid med andre",
    "new_text": "Nytt tillegg",
    rules.NEW_GOAL: "Nytt mål",
    rules.FIRST_GOAL: "Nytt mål med tiltak",
    rules.ABOUT_ME: "Om meg",
    rules.CONTRIBUTION: "Det du bidrar med",
}
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
Change = Callable[[Content, Content], Content]
"""How one part of the draft is changed: it gets the draft and the part's fields."""


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
        draft_at=queries.draft(context.session, log.child_id, by).drafted_at,
        downloads=shown is not None and _downloads(context, shown),
        **answering,
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
    new = _chosen(readable, query["til"]) if query["til"] else None
    if new is None and query["til"] is None and readable:
        new = readable[0]
    if new is None and not (drafts and query["til"] == 0):
        raise NotFoundError
    older = [one for one in readable if new is None or one.number < new.number]
    old = _chosen(readable, query["fra"]) if query["fra"] else next(iter(older), None)
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
        **_wording(context, log, contents),
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
        voices=rules.WORDS["voice"],
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


# --- The draft


@plan.page("/barn/<uuid:child_id>/plan/utkast", on_draft(), query=DraftQuerySchema)
def draft(context: Context[PlanRecord], query: dict[str, Any]) -> ResponseReturnValue:
    """Show the whole draft, with a way to change each part that is the actor's to change."""
    record, session = context.record, context.session
    log, by = record.log, record.by
    if log.closed_at is not None and context.refused is None:
        return closed_plan(context, log.child_id)
    found = queries.draft(session, log.child_id, by)
    history = queries.versions(session, log.child_id, by)
    context.shown(by.ids(found.content))
    makes = may_make(context, record.kind)
    return page(
        context,
        "plan/draft.html",
        tab="plan",
        log=log,
        kind=record.kind,
        draft=found,
        writer=writer(context),
        makes=makes,
        obstacles=[
            (code, messages.of(code))
            for code in queries.obstacles_to_version(context.work, log, found.content, by)
        ]
        if makes
        else [],
        parts=queries.by_law(context.work, log, found.content)
        if makes and record.kind is PlanKind.INDIVIDUELL_PLAN
        else {},
        left_out=_left_out(context, found.content) if makes else [],
        number=len(history) + 1,
        holds=next((one for one in history if one.state is VersionState.IN_FORCE), None),
        removable=rules.removable(found.content, queries.running_keys(session, log.child_id, by)),
        content=found.content,
        **_wording(context, log, [found.content]),
        **_for_whom(context, by, found.content),
        chooses=commands.chosen_by(context.work, found.content, by, writer(context)),
        applied_for=document.applied_for,
        begun=_begun(context, found.content, writer(context)),
        moved=query,
        order_token=rules.order_token,
        conflict=_lost(context),
        today=context.work.today,
        now=context.now,
    )


@plan.action("/barn/<uuid:child_id>/plan/utkast/flytt/<key>", on_draft(), MoveSchema, again=draft)
def move(context: Context[PlanRecord], wish: dict[str, Any]) -> ResponseReturnValue:
    """Give a goal or a measure another place, and show it there, with the same button in focus."""
    log, key = context.record.log, context.args["key"]
    was = commands.move(context.work, log, Move(key, **wish), writer(context))
    way = "opp" if wish["to"] < was else "ned"
    return redirect(url_for("plan.draft", child_id=log.child_id, flyttet=key, vei=way), code=303)


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/ulagret/<key>/bort", on_form(), LetGoSchema, again=draft
)
def let_go(context: Context[Place], version: int) -> ResponseReturnValue:
    """Let go of what was being written in a form, and show what stands."""
    drop(context.work, context.record, version)
    return redirect(_address(context.args["child_id"], context.args["key"]), code=303)


@plan.page("/barn/<uuid:child_id>/plan/utkast/tekst", on_draft())
def texts(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of the draft's texts and days."""
    return _part(
        context, "plan/texts.html", "texts", whole=True, sections=(*rules.SECTIONS, "period")
    )


@plan.action("/barn/<uuid:child_id>/plan/utkast/tekst", on_draft(), TextsPartSchema, again=texts)
def save_texts(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save the texts and days."""
    return _saved(context, replace(wish, form="texts"), rules.with_fields, "tekst")


@plan.page("/barn/<uuid:child_id>/plan/utkast/om-meg", on_draft())
def about_me(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of what the child says of itself, which the family writes too."""
    if not writer(context).speaks:
        raise DeniedError
    return _part(context, "plan/about_me.html", rules.ABOUT_ME, sections=("about_me",))


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/om-meg", on_draft(), AboutMePartSchema, again=about_me
)
def save_about_me(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save what the child says of itself."""
    return _saved(context, replace(wish, form=rules.ABOUT_ME), rules.with_fields, "tekst")


@plan.page("/barn/<uuid:child_id>/plan/utkast/bidrag", on_draft())
def contribution(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of what the actor himself brings."""
    record, own = context.record, writer(context)
    content = queries.draft(context.session, record.log.child_id, record.by).content
    found = rules.taking_part(content, own.username)
    if found is None and context.refused is None:
        raise NotFoundError
    return _part(context, "plan/contribution.html", rules.CONTRIBUTION, part=found, found=found)


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/bidrag",
    on_draft(),
    ContributionPartSchema,
    again=contribution,
)
def save_contribution(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save what the actor himself brings."""
    record, username = context.record, writer(context).username
    content = queries.draft(context.session, record.log.child_id, record.by).content
    found = rules.taking_part(content, username)
    wish = replace(wish, key=found["key"] if found else None, form=rules.CONTRIBUTION)
    change = partial(rules.with_contribution, username=username)
    return _saved(context, wish, change, "deltakere")


@plan.page("/barn/<uuid:child_id>/plan/utkast/deltakere", on_draft())
def participants(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of those who take part, with a row for each who must and does not yet."""
    content = queries.draft(context.session, context.record.log.child_id, context.record.by).content
    return _part(
        context,
        "plan/participants.html",
        "participants",
        whole=True,
        sections=("participants",),
        people=queries.people_of(context.work, context.record.log),
        left_out=_left_out(context, content),
    )


def _left_out(context: Context[PlanRecord], content: Content) -> list[Party]:
    """Return who must be among those who take part in an individuell plan, and is not yet."""
    if context.record.kind is not PlanKind.INDIVIDUELL_PLAN:
        return []
    return rules.left_out(content, queries.parties(context.work, context.record.log.child))


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/deltakere",
    on_draft(),
    ParticipantsPartSchema,
    again=participants,
)
def save_participants(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save who takes part."""
    return _saved(context, replace(wish, form="participants"), rules.with_fields, "deltakere")


@plan.page("/barn/<uuid:child_id>/plan/utkast/samarbeid", on_draft())
def cooperation(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of cooperation with others."""
    return _part(
        context, "plan/cooperation.html", "cooperation", whole=True, sections=("cooperation",)
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/samarbeid",
    on_draft(),
    CooperationPartSchema,
    again=cooperation,
)
def save_cooperation(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save cooperation with others."""
    return _saved(context, replace(wish, form="cooperation"), rules.with_fields, "samarbeid")


@plan.page("/barn/<uuid:child_id>/plan/utkast/tillegg", on_draft())
def new_text(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of a text that adds to a section, for all or for some."""
    more = _choosing(context)
    return _part(context, "plan/text.html", "new_text", whole=True, found=None, **more)


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/tillegg", on_draft(), NewTextPartSchema, again=new_text
)
def save_new_text(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a text that adds to a section."""
    return _saved(context, replace(wish, form="new_text"), rules.with_new_text, "tekst")


@plan.page("/barn/<uuid:child_id>/plan/utkast/tillegg/<key>", on_draft())
def added_text(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of a text that was added."""
    record, key = context.record, context.args["key"]
    content = queries.draft(context.session, record.log.child_id, record.by).content
    found = next((one for one in content["texts"] if one["key"] == key), None)
    if found is None and context.refused is None:
        raise NotFoundError
    more: dict[str, Any] = {"part": found, "found": found, "gone": found is None}
    form = key if found else "new_text"
    return _part(context, "plan/text.html", form, whole=True, **more)


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/tillegg/<key>",
    on_draft(),
    TextPartSchema,
    again=added_text,
)
def save_text(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a text that was added."""
    key = context.args["key"]
    wish = replace(wish, key=key, form=key)
    return _saved(context, wish, partial(rules.with_text, key=key), "tekst")


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/tillegg/<key>/bort", on_draft(), LeaveSchema, again=draft
)
def remove_text(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Take a text that was added out of the draft."""
    return _saved(context, wish, _leaving(context), "tekst")


@plan.page("/barn/<uuid:child_id>/plan/utkast/del/<key>/hvem-ser", on_draft())
def audience(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show whom a part is for, who has read it, and the form that changes it."""
    record, session, key = context.record, context.session, context.args["key"]
    content = queries.draft(session, record.log.child_id, record.by).content
    if key not in rules.parts_in(content):
        raise NotFoundError
    if not commands.sets_audience(context.work, content, key, record.by, writer(context)):
        raise DeniedError
    found = queries.audiences(session, record.by, [key]).get(key, [])
    now = found[0].visibility if found else Visibility.EVERYONE
    return _part(
        context,
        "plan/audience.html",
        "",
        key=key,
        text=rules.text_of(content, key),
        history=found,
        read_by=queries.read_by(session, record.log.child_id, key, record.by),
        **_choosing(context, now),
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/del/<key>/hvem-ser",
    on_draft(),
    SetAudienceSchema,
    again=audience,
)
def set_audience(context: Context[PlanRecord], wish: SetAudience) -> ResponseReturnValue:
    """Change whom a part is for, and show what stands."""
    log, key = context.record.log, context.args["key"]
    commands.set_audience(context.work, log, key, wish, writer(context))
    return redirect(url_for("plan.audience", child_id=log.child_id, key=key), code=303)


@plan.page("/barn/<uuid:child_id>/plan/utkast/mal", on_draft())
def new_goal(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of a new goal."""
    if not writer(context).speaks:
        raise DeniedError
    more = _choosing(context)
    return _part(context, "plan/goal.html", rules.NEW_GOAL, goal=None, gone=False, **more)


@plan.action("/barn/<uuid:child_id>/plan/utkast/mal", on_draft(), NewGoalPartSchema, again=new_goal)
def save_new_goal(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a new goal and show it in the draft, where its measures are added."""
    log, wish = context.record.log, replace(wish, form=rules.NEW_GOAL)
    made = commands.save_part(context.work, log, wish, rules.with_new_goal, writer(context))
    there = f"mal-{made['goals'][-1]['key']}"
    return redirect(url_for("plan.draft", child_id=log.child_id, _anchor=there), code=303)


@plan.page("/barn/<uuid:child_id>/plan/utkast/mal/<key>", on_draft())
def goal(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of a goal with its steps."""
    record, key = context.record, context.args["key"]
    content = queries.draft(context.session, record.log.child_id, record.by).content
    found = next((one for one in content["goals"] if one["key"] == key), None)
    if found is None and context.refused is None:
        raise NotFoundError
    if found is not None and not writer(context).owns_goal(found):
        raise DeniedError
    form = key if found else rules.NEW_GOAL
    return _part(context, "plan/goal.html", form, part=found, goal=found, gone=found is None)


@plan.action("/barn/<uuid:child_id>/plan/utkast/mal/<key>", on_draft(), GoalPartSchema, again=goal)
def save_goal(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a goal."""
    key = context.args["key"]
    wish = replace(wish, key=key, form=key)
    return _saved(context, wish, partial(rules.with_goal, key=key), f"mal-{key}")


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/mal/<key>/bort", on_draft(), LeaveSchema, again=draft
)
def remove_goal(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Take a goal out of the draft, with its measures."""
    return _saved(context, wish, _leaving(context), "mal")


@plan.page(
    "/barn/<uuid:child_id>/plan/utkast/mal/<goal_key>/tiltak",
    on_draft(),
    query=NewMeasureQuerySchema,
)
def new_measure(context: Context[PlanRecord], query: dict[str, Any]) -> ResponseReturnValue:
    """Show the form of a new measure under a goal, maybe begun as another that ends by it."""
    record = context.record
    content = queries.draft(context.session, record.log.child_id, record.by).content
    under = next((one for one in content["goals"] if one["key"] == context.args["goal_key"]), None)
    if under is None and context.refused is None:
        raise NotFoundError
    before = next(
        (one for one in (under or {}).get("measures", ()) if one["key"] == query["for_"]), None
    )
    return _measure_part(context, under, None, before)


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/mal/<goal_key>/tiltak",
    on_draft(),
    NewMeasurePartSchema,
    again=new_measure,
)
def save_new_measure(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a new measure."""
    under, fields = context.args["goal_key"], dict(wish.fields)
    instead_of = fields.pop("instead_of")
    change = partial(rules.with_new_measure, goal_key=under, instead_of=instead_of)
    wish = _served(context, replace(wish, fields=fields, form=rules.NEW_MEASURE + under))
    return _saved(context, wish, change, f"mal-{under}")


@plan.page("/barn/<uuid:child_id>/plan/utkast/tiltak/<key>", on_draft())
def measure(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of a measure."""
    record = context.record
    content = queries.draft(context.session, record.log.child_id, record.by).content
    key = context.args["key"]
    under, found = next(
        ((goal, one) for goal, one in rules.measures(content) if one["key"] == key), (None, None)
    )
    if context.refused is None and (under is None or found is None):
        raise NotFoundError
    if under and found and not writer(context).owns(under, found):
        raise DeniedError
    return _measure_part(context, under, found)


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/tiltak/<key>",
    on_draft(),
    MeasurePartSchema,
    again=measure,
)
def save_measure(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a measure."""
    key = context.args["key"]
    change = partial(rules.with_measure, key=key)
    wish = replace(_served(context, wish), key=key, form=key)
    return _saved(context, wish, change, f"tiltak-{key}")


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/tiltak/<key>/bort", on_draft(), LeaveSchema, again=draft
)
def remove_measure(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Take a measure out of the draft."""
    return _saved(context, wish, _leaving(context), "mal")


@plan.page("/barn/<uuid:child_id>/plan/utkast/hent/<int(max=100000):number>/<key>", on_draft())
def restoring(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show what is changed in the draft when a part of a version is brought back."""
    record, session, name = context.record, context.session, context.args["key"]
    child_id, by = record.log.child_id, record.by
    version = queries.row(session, child_id, context.args["number"], by)
    if not may_read(context, version):
        raise NotFoundError
    now = queries.draft(session, child_id, by)
    old = {**rules.EMPTY, **queries.content_of(session, version.id, by)}
    asked = now.content
    obstacles: list[str] = []
    try:
        asked = rules.restored(now.content, old, name)
    except RuleBrokenError as broken:
        obstacles = [messages.of(one) for one in broken.obstacles]
    context.shown([version.id, *by.ids(old)])
    return page(
        context,
        "plan/restoring.html",
        tab="plan",
        log=record.log,
        version=version,
        name=name,
        draft=now,
        obstacles=obstacles,
        chapters=differences.chapters(now.content, asked),
        words=differences.words,
        **_wording(context, record.log, [now.content, old]),
        conflict=_lost(context),
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/hent/<int(max=100000):number>/<key>",
    on_draft(),
    LeaveSchema,
    again=restoring,
)
def restore(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Bring a part of a version back into the draft."""
    log, number, name = context.record.log, context.args["number"], context.args["key"]
    if not may_read(context, queries.row(context.session, log.child_id, number, context.record.by)):
        raise NotFoundError
    back = Restore(number, name, wish.seen_version)
    commands.restore(context.work, log, back, writer(context))
    return redirect(url_for("plan.draft", child_id=log.child_id), code=303)


@plan.page("/barn/<uuid:child_id>/plan/utkast/endringer", on_draft())
def history(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show who has changed what of the draft, day by day, between the versions."""
    record, session = context.record, context.session
    child_id, by = record.log.child_id, record.by
    made = [one for one in queries.versions(session, child_id, by) if may_read(context, one)]
    contents = [queries.draft(session, child_id, by).content]
    said = queries.contents_of(session, [one.id for one in made], by)
    contents += [said[one.id] for one in made]
    called = rules.titles(contents)
    days: dict[tuple[int, date, str], dict[tuple[str, str], list[str]]] = {}
    for one in saves(context, by):
        since = next((row.number for row in made if row.created_at <= one.at), 0)
        told = days.setdefault((since, oslo_date(one.at), one.name), {})
        for path in one.paths:
            what, which, name = differences.place_of(path, called)
            words = f"{name} {_happened(one, path)}".strip()
            told.setdefault((what, which), []).extend([words] if words else [])
        if one.readers:
            told.setdefault(("Hvem som ser", called.get(one.readers, "")), [])
    context.shown([*(one.id for one in made), *by.ids(contents[0])])
    return page(
        context,
        "plan/history.html",
        tab="plan",
        log=record.log,
        days=days,
        newest=made[0].number if made else 0,
    )


def _happened(one: queries.DraftChange, path: str) -> str:
    """Return what happened to something as a whole when the draft was saved, in words, or none."""
    kinds = {"lagt til": one.added, "tatt ut": one.removed, "flyttet": one.moved}
    return next((words for words, paths in kinds.items() if path in paths), "")


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/versjon", on_making(), MakeVersionSchema, again=draft
)
def make_version(context: Context[PlanRecord], wish: MakeVersion) -> ResponseReturnValue:
    """Make the draft the next version, or send it for approval."""
    log = context.record.log
    commands.make_version(context.work, log, wish, context.record.by)
    return redirect(url_for("plan.show", child_id=log.child_id), code=303)


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
        of_age=queries.is_of_age_on(session, record.child_id, context.work.today),
        earlier=[
            one
            for one in measures.evaluations(session, record.child_id)
            if one.measure_key == record.key and (record.ip or not one.ip)
        ],
        today=context.work.today,
        conflict=_lost(context),
        WORDS=rules.WORDS,
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
    commands.evaluate(context.work, record, wish)
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
    return page(
        context,
        "plan/taking_on.html",
        tab="plan",
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
    commands.take_on(context.work, record.measure, wish, on_paper=record.on_paper)
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
    commands.report(context.work, record, wish)
    return _back_to(context, record)


# --- What the pages share


def closed_plan(context: Context[Any], child_id: UUID) -> ResponseReturnValue:
    """Say instead of a form that the log is closed, and where the words are that were begun."""
    begun = bool(unsaved.begun(context.work, UnsavedOf.PLAN, child_id))
    return page(context, "plan/closed.html", tab="plan", child_id=child_id, begun=begun)


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
    """Return the versions that are compared with others: all that nobody has said no to."""
    return [one for one in readable if one.state is not VersionState.REJECTED]


def _chosen(readable: list[VersionRow], number: int) -> VersionRow:
    for one in readable:
        if one.number == number:
            return one
    raise NotFoundError


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
        **_wording(context, log, [content, *also], version),
        "applied_for": document.applied_for,
        **_for_whom(context, by, content),
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
        return {"needed": [], "asked": False, "registers": False}
    ip = waits.kind is PlanKind.INDIVIDUELL_PLAN
    needed = queries.needed(context.work, log.child, waits)
    mine = any(one.own and one.answer is None for one in needed)
    asked = mine and allows(context, Action.PLAN_APPROVE, ip=ip)
    registers = not asked and allows(context, Action.PLAN_REGISTER_ANSWER, ip=ip)
    return {"needed": needed, "asked": asked, "registers": registers}


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


def _part(
    context: Context[PlanRecord],
    template: str,
    form: str,
    *,
    whole: bool = False,
    sections: Iterable[str] = (),
    part: Content | None = None,
    **values: Any,
) -> ResponseReturnValue:
    """Show the form of one part of the draft; `whole`: only for who may change all of it.

    The part is some `sections`, a `part` with a key, or new. What the actor has begun to write in
    the `form` is shown instead of what stands, with what he had seen then.
    """
    own, log = writer(context), context.record.log
    if whole and not own.whole:
        raise DeniedError
    if log.closed_at is not None and context.refused is None:
        return closed_plan(context, log.child_id)
    found = queries.draft(context.session, log.child_id, context.record.by)
    begun = NOTHING
    if form and own.writes(found.content, form):
        begun = written(context.work, Place(UnsavedOf.PLAN, log.child_id, form))
    now = {f"seen.{name}": rules.token(rules.section_of(found.content, name)) for name in sections}
    if not sections:
        now["seen_part"] = rules.part_token(found.content, part["key"] if part else None)
    now["seen_version"] = found.version
    sent = context.refused.typed if context.refused else begun.fields
    saved = _saved_first(context)
    return page(
        context,
        template,
        tab="plan",
        log=log,
        kind=context.record.kind,
        draft=found,
        form_name=form,
        begun=begun,
        drafted=Form(begun.fields, {}),
        seen={
            name: value if _renewed(name, saved) else sent.get(name, value)
            for name, value in now.items()
        },
        saved_first=saved,
        writer=own,
        **_wording(context, log, [found.content]),
        areas=context.work.profile.development_areas,
        conflict=_lost(context),
        now=context.now,
        today=context.work.today,
        WORDS=rules.WORDS,
        **values,
    )


def _measure_part(
    context: Context[PlanRecord],
    under: Content | None,
    found: Content | None,
    before: Content | None = None,
) -> ResponseReturnValue:
    """Show the form of a measure; who may change only his own can make nobody else responsible.

    `before`: the one that a new one comes instead of; where that was for some only, so begins this.
    """
    own, record = writer(context), context.record
    content = queries.draft(context.session, record.log.child_id, record.by).content
    people = queries.people_of(context.work, record.log, content)
    if under is not None and not own.owns_goal(under):
        people = [one for one in people if one.username in own.names]
    more = {} if found else _choosing(context)
    more |= {"goal": under, "measure": found, "people": people, "before": before}
    more["narrow_before"] = before is not None and record.by.narrow(before["key"])
    form = context.args.get("key") or rules.NEW_MEASURE + context.args["goal_key"]
    return _part(context, "plan/measure.html", form, part=found, **more)


def _choosing(context: Context[PlanRecord], now: str = Visibility.EVERYONE) -> dict[str, Any]:
    """Return whom the actor may choose for a part, with who will see it."""
    readers = queries.readers(context.work, context.record.log)
    author, service_id = context.decision.basis, context.actor.service_id
    return choosing(context, readers, author, service_id, now)


def _for_whom(context: Context[Any], by: Sight, content: Content) -> dict[str, Any]:
    """Return for whom parts are that are not for all, and which have been opened to the actor."""
    rows = queries.audiences(context.session, by, rules.parts_in(content))
    return {
        "for_whom": {key: found[0] for key, found in rows.items()},
        "opened": queries.opened_since(by, context.now - NEW_FOR),
    }


def _served(context: Context[PlanRecord], wish: SavePart) -> SavePart:
    """Return a wish for a measure with the service of who is responsible."""
    service = queries.service_of(context.session, wish.fields["responsible"])
    return replace(wish, fields={**wish.fields, "service_id": service})


def _leaving(context: Context[PlanRecord]) -> Change:
    key = context.args["key"]
    return lambda content, _: rules.without(content, key)


def _saved(
    context: Context[PlanRecord], wish: SavePart, change: Change, anchor: str
) -> ResponseReturnValue:
    """Save one part and go back to where it stands in the draft."""
    log = context.record.log
    commands.save_part(context.work, log, wish, change, writer(context))
    return redirect(url_for("plan.draft", child_id=log.child_id, _anchor=anchor), code=303)


def _begun(
    context: Context[PlanRecord], content: Content, own: commands.Writer
) -> list[tuple[str, str, datetime]]:
    """Return what the actor has begun to write in the draft's forms: what, where, since when."""
    child_id, called = context.record.log.child_id, rules.titles([content])
    found = unsaved.begun(context.work, UnsavedOf.PLAN, child_id)
    return [
        (_FORM_WORDS.get(form) or called[form.removeprefix(rules.NEW_MEASURE)], there, at)
        for form, at in sorted(found.items(), key=lambda one: one[1])
        if own.writes(content, form) and (there := _address(child_id, form))
    ]


def _address(child_id: UUID, form: str) -> str:
    """Return where a form of the draft is."""
    if form.startswith(rules.NEW_MEASURE):
        key = form.removeprefix(rules.NEW_MEASURE)
        return url_for("plan.new_measure", child_id=child_id, goal_key=key)
    if form in _FORMS:
        return url_for(_FORMS[form], child_id=child_id)
    return url_for(_FORMS_OF_KEYS[form[0]], child_id=child_id, key=form)


def _wording(
    context: Context[Any],
    log: LogSummary,
    contents: list[Content],
    version: VersionRow | None = None,
) -> dict[str, Any]:
    """Return how a field's value is said: names, dates and words instead of codes.

    And how one reaches those who are named. `version`: what is shown, where it is not the draft.
    """
    names, contacts = queries.names_and_reached(context.session, log, version, contents)
    names |= rules.steps(contents)

    def told(field: str, value: str | None) -> str:
        said = document.word(context.work, log.child, field, value or "", names)
        return said.replace(". ", ".\N{NO-BREAK SPACE}", 1) if field in rules.DAYS else said

    return {"told": told, "contacts": contacts}


def _saved_first(context: Context[Any]) -> Iterable[str]:
    """Return the fields of a form that somebody else saved first; all, where it is not known."""
    if not _lost(context):
        return ()
    error = context.refused and context.refused.error
    return (isinstance(error, ConflictError) and error.current) or rules.EMPTY


def _renewed(seen: str, saved_first: Iterable[str]) -> bool:
    """Say whether a number of a form is to be the one that stands now: both texts are shown."""
    fields = rules.SECTION_FIELDS.get(seen.removeprefix("seen."), saved_first)
    return any(one in saved_first for one in fields)


def _lost(context: Context[Any]) -> bool:
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
        before = _chosen(older, fra)
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
