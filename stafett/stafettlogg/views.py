"""Pages of a log: concerns, level, handover, closing."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from exports import concern as printed
from exports import word
from stafett.access.policy import Action, Area
from stafett.children import queries as children
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.errors import NotFoundError
from stafett.people import queries as people
from stafett.stafettlogg import baton, commands, concerns, document, level_zero, queries, rules
from stafett.stafettlogg.baton import Force, Offer
from stafett.stafettlogg.commands import ChangeLevel, Close, EvaluateLevel, NotePaper
from stafett.stafettlogg.guards import (
    as_read,
    draft_action,
    offered_by,
    on_concern,
    on_concern_draft,
    on_concern_step,
    on_handover,
    on_log,
    on_offer,
)
from stafett.stafettlogg.level_zero import CorrectConcern, Decide, NewConcern, Talk, WriteConcern
from stafett.stafettlogg.models import Concern, LevelChange
from stafett.stafettlogg.queries import ClosingRow, HandoverRow, LevelRow, LogSummary
from stafett.stafettlogg.schemas import (
    AddToConcernSchema,
    AnswerSchema,
    ChangeLevelSchema,
    CloseSchema,
    CorrectConcernSchema,
    DecideSchema,
    EvaluateLevelSchema,
    ForceSchema,
    KeepOnPaperSchema,
    NotePaperSchema,
    OfferSchema,
    RefuseSchema,
    TalkSchema,
    WriteConcernSchema,
)
from stafett.unsaved.commands import drop
from stafett.unsaved.queries import NOTHING, Place, Written, written
from stafett.unsaved.rules import UnsavedOf
from stafett.unsaved.schemas import LetGoSchema
from stafett.web import messages
from stafett.web.guard import Context, GuardedBlueprint
from stafett.web.render import Form, page, word_file

stafettlogg = GuardedBlueprint("stafettlogg", __name__)
stafettlogg.record_once(
    lambda setup: setup.app.jinja_env.globals.update(
        how_ended=rules.how_ended, ip_words=document.ip_words, beside=rules.beside
    )
)
NOTE = tuple(field.name for field in fields(WriteConcern))
"""The fields of the undringsnotat, in their order."""


@stafettlogg.page("/barn/<uuid:child_id>/bekymring/ny", on_child(Action.CONCERN_CREATE))
def new_concern(context: Context[ChildSummary]) -> ResponseReturnValue:
    """Show the form of the undringsnotat, as far as its author has come."""
    begun = written(context.work, Place(UnsavedOf.CONCERN, context.record.id))
    return _writing(context, context.record, None, begun)


def _writing(
    context: Context[Any], child: ChildSummary, concern: Concern | None, begun: Written
) -> ResponseReturnValue:
    """Show the form, of a new concern or of one that is corrected, as far as its author is."""
    stood = {**begun.fields}
    if concern and not begun.version:
        stood = {name: _typed(getattr(concern, name)) for name in NOTE}
    if concern:
        stood.setdefault("seen_version", concern.version)
    return page(
        context,
        "stafettlogg/new_concern.html",
        tab="concern",
        child=child,
        concern=concern,
        stood=Form(stood, {}),
        draft=begun,
        now=context.now,
        conflict=_lost(context),
        areas=context.work.profile.development_areas,
        words=document.WORDS,
        worry_choices=[(worry, f"{worry}: {said}") for worry, said in document.WORRIES.items()],
        leader=concerns.deciding_leader(context.session, context.actor.user_id),
        today=context.work.today,
    )


@stafettlogg.action(
    "/barn/<uuid:child_id>/bekymring/ny",
    on_child(Action.CONCERN_CREATE),
    WriteConcernSchema,
    again=new_concern,
)
def write_concern(context: Context[ChildSummary], wish: NewConcern) -> ResponseReturnValue:
    """Write a concern and show it."""
    made = level_zero.write_concern(context.work, context.record.id, wish)
    return redirect(url_for("stafettlogg.concern", concern_id=made.id), code=303)


@stafettlogg.action(
    "/barn/<uuid:child_id>/bekymring/ny/bort", on_concern_draft(), LetGoSchema, again=new_concern
)
def let_go(context: Context[Place], version: int) -> ResponseReturnValue:
    """Let go of the concern that was being written, and show what stands."""
    drop(context.work, context.record, version)
    return redirect(url_for("stafettlogg.new_concern", child_id=context.args["child_id"]), code=303)


@stafettlogg.page("/bekymring/<uuid:concern_id>", on_concern(Action.CONCERN_READ))
def concern(context: Context[Concern]) -> ResponseReturnValue:
    """Show a concern to its author and the leader, with the leader's decision."""
    found = context.record
    context.shown([found.id])
    child = _child(context)
    form = rules.ConcernForm.ADDITION if found.decision else rules.ConcernForm.ANSWER
    begun = written(context.work, Place(UnsavedOf.CONCERN_STEP, found.id, form))
    return page(
        context,
        "stafettlogg/concern.html",
        draft=begun,
        drafted=Form(begun.fields, {}),
        tab="concern",
        concern=found,
        child=child,
        names=_names(context),
        short=list(document.short(found, child, context.work.profile)),
        texts=document.texts(found, child),
        words=document.WORDS,
        worries=document.WORRIES,
        decisions=document.DECISIONS,
        leads_out=found.parents_not_asked == rules.VIOLENCE
        and found.decision != rules.ConcernDecision.CHILD_WELFARE,
        guide=concerns.guide(context.work, found),
        changes=concerns.changes(context.session, found.id),
        told=lambda name, value: document.told(name, value, context.work.profile),
        today=context.work.today,
        conflict=_lost(context),
    )


@stafettlogg.page("/bekymring/<uuid:concern_id>/rett", on_concern(Action.CONCERN_EDIT))
def correcting(context: Context[Concern]) -> ResponseReturnValue:
    """Show a concern to its author in the form that corrects it."""
    found, form = context.record, rules.ConcernForm.CORRECTION
    context.shown([found.id])
    begun = written(context.work, Place(UnsavedOf.CONCERN_STEP, found.id, form))
    return _writing(context, _child(context), found, begun)


@stafettlogg.action(
    "/bekymring/<uuid:concern_id>/rett",
    on_concern(Action.CONCERN_EDIT),
    CorrectConcernSchema,
    again=correcting,
)
def correct_concern(context: Context[Concern], wish: CorrectConcern) -> ResponseReturnValue:
    """Correct a concern and show it."""
    level_zero.correct_concern(context.work, context.record, wish)
    return redirect(url_for("stafettlogg.concern", concern_id=context.record.id), code=303)


@stafettlogg.action(
    "/bekymring/<uuid:concern_id>/tillegg",
    on_concern(Action.CONCERN_EDIT),
    AddToConcernSchema,
    again=concern,
)
def add_to_concern(context: Context[Concern], wish: dict[str, Any]) -> ResponseReturnValue:
    """Add to a concern that the leader has answered, and show it."""
    level_zero.add_to_concern(context.work, context.record, **wish)
    return redirect(url_for("stafettlogg.concern", concern_id=context.record.id), code=303)


@stafettlogg.action(
    "/bekymring/<uuid:concern_id>/ulagret/<form>/bort",
    on_concern_step(),
    LetGoSchema,
    again=concern,
)
def let_go_of_step(context: Context[Place], version: int) -> ResponseReturnValue:
    """Let go of what was being written of a concern, and show what stands."""
    drop(context.work, context.record, version)
    corrects = context.record.part == rules.ConcernForm.CORRECTION
    there = "stafettlogg.correcting" if corrects else "stafettlogg.concern"
    return redirect(url_for(there, concern_id=context.record.object_id), code=303)


@stafettlogg.page("/bekymring/<uuid:concern_id>.docx", on_concern(Action.CONCERN_READ))
def concern_docx(context: Context[Concern]) -> ResponseReturnValue:
    """Give a concern to its author and the leader as a Word document."""
    found, work = context.record, context.work
    context.shown([found.id])
    context.look.edition = "docx"
    facts = document.facts(
        work,
        found,
        _child(context),
        _names(context),
        concerns.changes(context.session, found.id),
        context.signed.name,
    )
    return word_file(
        word.write(printed.document(facts), context.work.profile.logo), "bekymring.docx"
    )


@stafettlogg.action(
    "/bekymring/<uuid:concern_id>/avgjorelse",
    on_concern(Action.CONCERN_DECIDE),
    DecideSchema,
    again=concern,
)
def decide_concern(context: Context[Concern], wish: Decide) -> ResponseReturnValue:
    """Decide about a concern."""
    level_zero.decide_concern(context.work, context.record, wish)
    return redirect(url_for("stafettlogg.concern", concern_id=context.record.id), code=303)


@stafettlogg.action(
    "/bekymring/<uuid:concern_id>/familien",
    on_concern(Action.CONCERN_TALK),
    TalkSchema,
    again=concern,
)
def tell_talk(context: Context[Concern], wish: Talk) -> ResponseReturnValue:
    """Tell when the family was talked with."""
    level_zero.tell_talk(context.work, context.record, wish)
    return redirect(url_for("stafettlogg.concern", concern_id=context.record.id), code=303)


@stafettlogg.page("/barn/<uuid:child_id>/niva", on_log(Action.LOG_READ))
def level(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the level, its history, and the form that changes it with what stands in the way."""
    log, profile = context.record, context.work.profile
    may = context.can(Action.LOG_SET_LEVEL) and log.id is not None and log.closed_at is None
    facts = (
        queries.facts(context.work, log.child_id, queries.open_log(context.session, log.child_id))
        if may
        else None
    )
    obstacles = {
        target.number: [
            (code, messages.of(code))
            for code in rules.obstacles_to_level(facts, target, ip_assessed=True)
        ]
        for target in profile.levels[1:]
        if facts is not None and target.number != log.level
    }
    return page(
        context,
        "stafettlogg/level.html",
        part="stafettlogg/_level.html",
        tab="level",
        log=log,
        profile=profile,
        history=_history(context),
        obstacles=obstacles,
        may=may,
        candidates=queries.candidates(context.work, log)
        if may and log.handover_id is None and context.can(Action.BATON_OFFER)
        else [],
        today=context.work.today,
        now=context.now,
        conflict=_lost(context),
        **_drafted(context, rules.StepForm.LEVEL),
    )


def _history(context: Context[LogSummary]) -> list[LevelRow | ClosingRow]:
    """Return the steps and the ends of the child's logs, newest first."""
    asked = (context.session, context.record.child_id, context.since(Area.LOG))
    levels, closings = queries.levels(*asked), queries.closings(*asked)
    dated = [(one.changed_at, one) for one in levels] + [(one.closed_at, one) for one in closings]
    return [one for _, one in sorted(dated, key=lambda pair: pair[0], reverse=True)]


@stafettlogg.action(
    "/barn/<uuid:child_id>/niva", on_log(Action.LOG_SET_LEVEL), ChangeLevelSchema, again=level
)
def change_level(context: Context[LogSummary], wish: ChangeLevel) -> ResponseReturnValue:
    """Move the log to another level, and show the step in its history."""
    offers = context.can(Action.BATON_OFFER)
    return _led_to(
        commands.change_level(context.work, context.record.child_id, wish, offers=offers), context
    )


@stafettlogg.page("/barn/<uuid:child_id>/niva/evaluering", on_log(Action.LOG_SET_LEVEL))
def level_evaluation(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the form that keeps how it goes, in a log that stays at its level."""
    return page(
        context,
        "stafettlogg/level_evaluation.html",
        tab="level",
        log=context.record,
        profile=context.work.profile,
        today=context.work.today,
        now=context.now,
        conflict=_lost(context),
        **_drafted(context, rules.StepForm.EVALUATION),
    )


@stafettlogg.action(
    "/barn/<uuid:child_id>/niva/evaluering",
    on_log(Action.LOG_SET_LEVEL),
    EvaluateLevelSchema,
    again=level_evaluation,
)
def evaluate_level(context: Context[LogSummary], wish: EvaluateLevel) -> ResponseReturnValue:
    """Keep how it goes, and show the history that it is in."""
    return _led_to(commands.evaluate_level(context.work, context.record.child_id, wish), context)


def _led_to(step: LevelChange, context: Context[LogSummary]) -> ResponseReturnValue:
    child_id = context.record.child_id
    there = url_for("stafettlogg.level", child_id=child_id, _anchor=f"n-{step.id}")
    return redirect(there, code=303)


@stafettlogg.page("/barn/<uuid:child_id>/papirlogg", on_log(Action.LOG_READ))
def paper(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the days of a log on paper and where its folder is, with the forms that change it."""
    log = context.record
    may = context.can(Action.LOG_KEEP_ON_PAPER) and log.state == rules.LogStatus.OPEN
    return page(
        context,
        "stafettlogg/paper.html",
        tab="level",
        log=log,
        days=queries.paper_days(context.session, log.child_id, context.since(Area.LOG)),
        words=document.PAPER,
        may=may,
        today=context.work.today,
    )


@stafettlogg.action(
    "/barn/<uuid:child_id>/papirlogg",
    on_log(Action.LOG_KEEP_ON_PAPER),
    KeepOnPaperSchema,
    again=paper,
)
def keep_on_paper(context: Context[LogSummary], wish: dict[str, Any]) -> ResponseReturnValue:
    """Keep the log on paper, or its folder in another place."""
    commands.keep_on_paper(context.work, context.record.child_id, wish["place"])
    return redirect(url_for("stafettlogg.paper", child_id=context.record.child_id), code=303)


@stafettlogg.action(
    "/barn/<uuid:child_id>/papirlogg/dag",
    on_log(Action.LOG_KEEP_ON_PAPER),
    NotePaperSchema,
    again=paper,
)
def note_paper(context: Context[LogSummary], wish: NotePaper) -> ResponseReturnValue:
    """Keep a day of a log on paper."""
    commands.note_paper(context.work, context.record.child_id, wish)
    return redirect(url_for("stafettlogg.paper", child_id=context.record.child_id), code=303)


@stafettlogg.action(
    "/barn/<uuid:child_id>/papirlogg/slutt",
    on_log(Action.LOG_KEEP_ON_PAPER),
    AnswerSchema,
    again=paper,
)
def keep_here(context: Context[LogSummary], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Keep a log here again that was on paper."""
    commands.keep_here(context.work, context.record.child_id)
    return redirect(url_for("stafettlogg.paper", child_id=context.record.child_id), code=303)


@stafettlogg.page("/barn/<uuid:child_id>/folk/stafettpinne", on_log(Action.BATON_OFFER))
def passing(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the form that offers the baton.

    A page of its own: without consent the holder, or the leader who acts, may still offer it,
    but does not see who takes part.
    """
    return page(
        context,
        "stafettlogg/passing.html",
        tab="folk",
        log=context.record,
        candidates=queries.candidates(context.work, context.record),
        now=context.now,
        **_drafted(context, rules.StepForm.HANDOVER),
    )


@stafettlogg.action(
    "/barn/<uuid:child_id>/folk/stafettpinne",
    on_log(Action.BATON_OFFER),
    OfferSchema,
    again=passing,
)
def offer(context: Context[LogSummary], wish: Offer) -> ResponseReturnValue:
    """Offer the baton to somebody."""
    baton.offer(context.work, context.record.child_id, wish)
    return redirect(url_for("record.show", child_id=context.record.child_id), code=303)


@stafettlogg.page("/barn/<uuid:child_id>/folk/stafettpinne/flytt", on_log(Action.BATON_FORCE))
def forcing(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the form that moves a baton that hangs."""
    return page(
        context,
        "stafettlogg/forcing.html",
        tab="folk",
        log=context.record,
        candidates=queries.candidates(context.work, context.record),
        now=context.now,
        **_drafted(context, rules.StepForm.FORCING),
    )


@stafettlogg.action(
    "/barn/<uuid:child_id>/folk/stafettpinne/flytt",
    on_log(Action.BATON_FORCE),
    ForceSchema,
    again=forcing,
)
def force(context: Context[LogSummary], wish: Force) -> ResponseReturnValue:
    """Move the baton."""
    baton.force(context.work, context.record.child_id, wish)
    return redirect(url_for("record.show", child_id=context.record.child_id), code=303)


@stafettlogg.page("/overtakelse/<uuid:handover_id>", on_handover(Action.BATON_READ))
def handover(context: Context[HandoverRow]) -> ResponseReturnValue:
    """Show a handover; its receiver sees name, birth year and message until he accepts."""
    answers = context.subject.facts.own and context.record.state == rules.HandoverState.PENDING
    begun = NOTHING
    if answers:
        begun = written(context.work, Place(UnsavedOf.REFUSAL, context.record.id))
    return page(
        context,
        "stafettlogg/handover.html",
        tab="folk",
        draft=begun,
        drafted=Form(begun.fields, {}),
        handover=as_read(context, context.record),
        answers=answers,
        cancels=context.can(
            Action.BATON_CANCEL, own=context.actor.user_id in offered_by(context.record)
        ),
        now=context.now,
    )


@stafettlogg.action(
    "/overtakelse/<uuid:handover_id>/ja",
    on_handover(Action.BATON_ACCEPT),
    AnswerSchema,
    again=handover,
)
def accept(context: Context[HandoverRow], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Take the baton and open the child's page."""
    baton.accept(context.work, context.record.id)
    return redirect(url_for("record.show", child_id=context.record.child_id), code=303)


@stafettlogg.action(
    "/overtakelse/<uuid:handover_id>/nei",
    on_handover(Action.BATON_REFUSE),
    RefuseSchema,
    again=handover,
)
def refuse(context: Context[HandoverRow], wish: dict[str, Any]) -> ResponseReturnValue:
    """Say no to the baton."""
    baton.refuse(context.work, context.record.id, **wish)
    return redirect(url_for("stafettlogg.handover", handover_id=context.record.id), code=303)


@stafettlogg.action(
    "/overtakelse/<uuid:handover_id>/trekk",
    on_offer(Action.BATON_CANCEL),
    AnswerSchema,
    again=handover,
)
def cancel(context: Context[HandoverRow], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Take an offer back."""
    baton.cancel(context.work, context.record.id)
    return redirect(url_for("team.folk", child_id=context.record.child_id), code=303)


@stafettlogg.page("/barn/<uuid:child_id>/avslutt", on_log(Action.LOG_CLOSE))
def closing(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the closing note's form."""
    return page(
        context,
        "stafettlogg/closing.html",
        outcomes=rules.BY_HAND,
        tab="level",
        log=context.record,
        now=context.now,
        conflict=_lost(context),
        **_drafted(context, rules.StepForm.CLOSING),
    )


@stafettlogg.action(
    "/barn/<uuid:child_id>/avslutt", on_log(Action.LOG_CLOSE), CloseSchema, again=closing
)
def close(context: Context[LogSummary], wish: Close) -> ResponseReturnValue:
    """Close the log."""
    commands.close(context.work, context.record.child_id, wish)
    return redirect(url_for("record.show", child_id=context.record.child_id), code=303)


def _child(context: Context[Concern]) -> ChildSummary:
    found = children.find(context.session, context.record.child_id)
    if found is None:
        raise NotFoundError
    return found


def _typed(value: Any) -> Any:
    """Return a field of a concern as a form sends it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None or isinstance(value, list) else str(value)


def _names(context: Context[Concern]) -> dict[UUID, str]:
    """Return the names of a concern's author and of who decided about it."""
    found = context.record
    who = {found.written_by, found.decided_by or found.written_by}
    return people.names_of(context.session, who)


def _drafted(context: Context[LogSummary], step: rules.StepForm) -> dict[str, Any]:
    """Return what the actor has begun to write in a form, and the form as it was typed."""
    found = NOTHING
    if context.can(draft_action(step)):
        found = written(context.work, Place(UnsavedOf.STEP, context.record.child_id, step))
    return {"draft": found, "drafted": Form(found.fields, {})}


def _lost(context: Context[Any]) -> bool:
    return context.refused is not None and context.refused.conflict
