"""The log's page: its entries, newest first, the form that adds one; opening, and correcting.

Also whom an entry is for, and the child's own room.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.audience.rules import Visibility
from stafett.audience.views import choosing
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary, past_logs_open_to
from stafett.entries import commands, queries, rules
from stafett.entries.commands import Correct, Hide, SetVisibility, Write
from stafett.entries.guards import author_in_all, listed, on_entry, on_room, reader, search_all
from stafett.entries.models import Entry
from stafett.entries.queries import EntryRow
from stafett.entries.rules import WRITTEN, Kind, Search, Sign
from stafett.entries.schemas import (
    BeginGoalQuerySchema,
    CorrectSchema,
    HideSchema,
    ListQuerySchema,
    LogPageQuerySchema,
    RequestCorrectionSchema,
    RoomSchema,
    SetVisibilitySchema,
    WriteSchema,
    cursor_after,
    words_of,
)
from stafett.errors import DeniedError, FieldError, NotFoundError
from stafett.people import queries as people
from stafett.plan import drafting, people_named
from stafett.plan import queries as plans
from stafett.plan.drafting import SavePart
from stafett.plan.guards import (
    PlanRecord,
    begins_goals,
    kind_and_sight,
    on_draft,
    reports,
    running,
    under_way,
    writer,
)
from stafett.plan.measures import ReportRow
from stafett.plan.rules import BEGUN_WITH, FIRST_GOAL, WORDS
from stafett.plan.schemas import FirstGoalPartSchema
from stafett.plan.views import closed_plan
from stafett.stafettlogg import commands as stafettlogg
from stafett.stafettlogg import concerns
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.commands import Open
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.rules import (
    LogStatus,
    may_be_shared,
    obstacles_at,
    obstacles_to_holding,
)
from stafett.stafettlogg.schemas import OpenSchema, ReopenSchema
from stafett.tasks import queries as tasks
from stafett.tasks.rules import TaskKind
from stafett.unsaved.guards import kept
from stafett.unsaved.queries import NOTHING, Place, written
from stafett.unsaved.rules import UnsavedOf
from stafett.web import messages
from stafett.web.guard import Context, GuardedBlueprint, Refused, for_list, for_signed_in
from stafett.web.render import Form, page

ON_A_PAGE = 200
"""Entries on one page of a log."""
HITS = 50
"""Hits on one page, of all the logs."""
NEW_FOR = timedelta(days=30)
"""How long an entry that was opened to somebody is told of on top of the log."""

entries = GuardedBlueprint("entries", __name__)


@entries.page(
    "/barn/<uuid:child_id>/stafettlogg", on_log(Action.ENTRY_LIST), query=LogPageQuerySchema
)
def older(context: Context[LogSummary], query: dict[str, Any]) -> ResponseReturnValue:
    """Show the log, from the newest entry or where the page before it stopped, or what it found."""
    log, session, search, after = context.record, context.session, query["search"], query["after"]
    author = context.basis(Action.ENTRY_CREATE)
    writes = bool(author) and log.state == LogStatus.OPEN and not log.paper_place
    by = reader(context)
    found, beginnings = listed(context, by, search, ON_A_PAGE, after)
    shown, more = found[:ON_A_PAGE], len(found) > ON_A_PAGE
    kind, of_plan = kind_and_sight(context)
    measures = running(context, of_plan)
    told = (
        []
        if search.asks
        else _between(reports(context, of_plan), after, shown[-1:] if more else [])
    )
    rows: list[EntryRow | ReportRow] = [*shown, *told]
    context.shown(one.id for one in rows)
    return page(
        context,
        "entries/listed.html",
        part="entries/_rows.html",
        tab="entries",
        running=measures,
        log=log,
        entries=sorted(rows, key=lambda one: (one.written_at, one.id), reverse=True),
        names=queries.names(session, shown),
        opened=queries.opened_since(session, log.child_id, by, context.now - NEW_FOR)
        if search.asks or after or more or any(one.audience > 1 for one in shown)
        else {},  # the whole log is shown, and nothing of it has changed its audience
        older=after is not None,
        next=cursor_after(shown[-1]) if more else None,
        search=search,
        marked={entry.id: rules.marked(entry.text, beginnings) for entry in shown if beginnings},
        authors=_authors(
            search,
            shown,
            lambda: queries.author_name(session, {log.child_id: by}, search.author),
        ),
        all_kinds=[kind.value for kind in Kind],
        kinds=[kind.value for kind in WRITTEN],
        begin=query["begin"],
        begins_goals=begins_goals(context, kind),
        under_way=under_way(context, measures),
        family=by.family,
        past_logs=past_logs_open_to(context.work, log.child_id) if by.family else [],
        writes=writes,
        now=context.now,
        **_drafted(context, UnsavedOf.LOG, log.child_id if author else None),
        **(
            choosing(context, logs.readers(context.work, log), author, context.actor.service_id)
            if writes
            else {}
        ),
    )


def _between(
    told: Iterable[ReportRow], after: queries.Cursor | None, last: Sequence[EntryRow]
) -> list[ReportRow]:
    """Return what was said of measures in the time of one page of the log.

    From the entry that the page before it ended with, to this page's last; none: no more pages.
    """
    return [
        one
        for one in told
        if (after is None or one.written_at < after[0])
        and all(one.written_at >= entry.written_at for entry in last)
    ]


def _drafted(context: Context[Any], of: UnsavedOf, object_id: UUID | None) -> dict[str, Any]:
    """Return the actor's draft, and the form as it was typed; `None`: there can be no draft."""
    place = None if object_id is None else Place(of, object_id)
    found = NOTHING if place is None else written(context.work, place)
    return {
        "draft": found,
        "drafted": Form(found.fields, {}),
        "anyway": _warned_of(context.refused),
    }


def _warned_of(refused: Refused | None) -> list[str]:
    """Return the signs that the author has been warned of, now or before in the same form."""
    if refused is None:
        return []
    now = refused.error.fields.get("text", ()) if isinstance(refused.error, FieldError) else ()
    before = refused.typed.get("anyway", ())
    given = {*now, *([before] if isinstance(before, str) else before)}
    return [sign.value for sign in Sign if sign in given]


@entries.page("/sok", for_list(Action.SEARCH_READ), query=ListQuerySchema)
def search(context: Context[None], query: dict[str, Any]) -> ResponseReturnValue:
    """Search in all the logs that the reader may read; nothing is shown before he asks."""
    wanted = query["search"]
    found, more = search_all(context, wanted, HITS, query["after"])
    return page(
        context,
        "entries/search.html",
        part="entries/_found.html",
        search=wanted,
        found=found,
        older=query["after"] is not None,
        next=cursor_after(found[-1].entry) if more else None,
        authors=_authors(
            wanted,
            [one.entry for one in found],
            lambda: author_in_all(context, wanted.author),
        ),
        all_kinds=[kind.value for kind in Kind],
        now=context.now,
    )


def _authors(
    search: Search, shown: Iterable[EntryRow], name: Callable[[], str]
) -> list[tuple[str, str]]:
    """Return whose entries one may ask for alone: those of the entries shown, and no others.

    `name` is asked for who is looked for already, and has written none of them.
    """
    names = {one.author: one.author_name for one in shown}
    if search.author and search.author not in names:
        names[search.author] = name()
    return sorted(names.items(), key=lambda one: one[1])


@entries.action(
    "/barn/<uuid:child_id>/stafettlogg", on_log(Action.ENTRY_CREATE), WriteSchema, again=older
)
def write(context: Context[LogSummary], wish: Write) -> ResponseReturnValue:
    """Add an entry and go back to it in the log."""
    made = commands.write(context.work, context.record, wish, context.decision.basis)
    return _led_to(context.record.child_id, made)


def _led_to(child_id: UUID, entry_id: UUID, page: str = "entries.older") -> ResponseReturnValue:
    there = url_for(page, child_id=child_id, _anchor=f"o-{entry_id}")
    return redirect(there, code=303)


@entries.page("/barn/<uuid:child_id>/stafettlogg/nytt-mal", on_draft(), query=BeginGoalQuerySchema)
def goal(context: Context[PlanRecord], query: dict[str, Any]) -> ResponseReturnValue:
    """Show the form that begins a goal with what is done for it, maybe in the words of an entry.

    Only of an entry that is for all who read the log, as the goal is for all who read the plan.
    What the actor has begun to write is shown instead of its words.
    """
    own, log, session = writer(context), context.record.log, context.session
    if not own.speaks:
        raise DeniedError
    if log.closed_at is not None and context.refused is None:
        return closed_plan(context, log.child_id)
    entry = None if query["fra"] is None else queries.find(session, query["fra"], reader(context))
    if query["fra"] is not None:
        if (
            entry is None
            or entry.child_id != log.child_id
            or not queries.is_for_all(session, entry)
        ):
            raise NotFoundError
        context.shown([entry.id])
    begun = written(context.work, Place(UnsavedOf.PLAN, log.child_id, FIRST_GOAL))
    found = plans.draft(session, log.child_id, context.record.by)
    readers, author = plans.readers(context.work, log), context.decision.basis
    return page(
        context,
        "entries/goal.html",
        tab="entries",
        log=log,
        entry=entry and queries.row(session, entry.id),
        begun=begun,
        drafted=Form(begun.fields, {}),
        form_name=FIRST_GOAL,
        seen={"seen_version": found.version, "seen_part": 0},
        conflict=False,
        now=context.now,
        writer=own,
        people=people_named.candidates(context.work, log, found.content),
        areas=context.work.profile.development_areas,
        arena=people.kind_of(session, context.actor.service_id),
        where=WORDS["where"],
        today=context.work.today,
        **choosing(context, readers, author, context.actor.service_id),
    )


@entries.action(
    "/barn/<uuid:child_id>/stafettlogg/nytt-mal", on_draft(), FirstGoalPartSchema, again=goal
)
def save_goal(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a goal with what is done for it, and show it in the draft."""
    log, fields = context.record.log, dict(wish.fields)
    for name in filter(fields.get, BEGUN_WITH):
        service = people_named.service_of(context.session, fields[name]["responsible"])
        fields[name] = {**fields[name], "service_id": service}
    wish = replace(wish, fields=fields, form=FIRST_GOAL)
    key = drafting.begin_goal(context.work, log, wish, writer(context))
    return redirect(url_for("plan.draft", child_id=log.child_id, _anchor=f"mal-{key}"), code=303)


@entries.page("/oppforing/<uuid:entry_id>", on_entry(Action.ENTRY_HISTORY))
def entry(context: Context[Entry]) -> ResponseReturnValue:
    """Show one entry with every text it has had, and the form by which its author corrects it."""
    context.shown([context.record.id])
    log = logs.summary(context.session, context.record.child_id, context.work.today)
    mine = context.record.written_by == context.actor.user_id
    closed = log is None or log.id != context.record.log_id or log.closed_at is not None
    corrects = context.can(Action.ENTRY_CORRECT) and not closed
    asks = (
        context.can(Action.ENTRY_REQUEST_CORRECTION)
        and not mine
        and context.record.visibility != Visibility.CHILD_ROOM
    )
    place = Place(UnsavedOf.REQUEST, context.record.id) if asks else None
    return page(
        context,
        "entries/entry.html",
        tab="entries",
        entry=queries.row(context.session, context.record.id),
        versions=queries.versions(context.session, context.record.id),
        child_id=context.record.child_id,
        corrects=corrects,
        names=queries.names(context.session, [context.record]).get(context.record.id),
        conflict=context.refused is not None
        and context.refused.conflict
        and context.refused.endpoint == "entries.correct",
        asks=asks,
        request=kept(context, Action.REQUEST_DRAFT, place),
        asked=tasks.asked_about(
            context.session,
            TaskKind.CORRECTION,
            context.record.id,
            None if mine else context.actor.user_id,
        ),
        told=tasks.told(context.session, TaskKind.CORRECTED, context.record.id)
        if mine or reader(context).family
        else [],
        now=context.now,
        **_drafted(context, UnsavedOf.CORRECTION, context.record.id if corrects else None),
    )


@entries.action(
    "/oppforing/<uuid:entry_id>", on_entry(Action.ENTRY_CORRECT), CorrectSchema, again=entry
)
def correct(context: Context[Entry], wish: Correct) -> ResponseReturnValue:
    """Correct an entry and go back to it in the log."""
    commands.correct(context.work, context.record, wish)
    return _led_to(context.record.child_id, context.record.id)


@entries.action(
    "/oppforing/<uuid:entry_id>/be-om-retting",
    on_entry(Action.ENTRY_REQUEST_CORRECTION),
    RequestCorrectionSchema,
    again=entry,
)
def request_correction(context: Context[Entry], wish: dict[str, Any]) -> ResponseReturnValue:
    """Ask the author to correct an entry."""
    commands.request_correction(context.work, context.record, **wish)
    return redirect(url_for("entries.entry", entry_id=context.record.id), code=303)


@entries.page("/oppforing/<uuid:entry_id>/hvem-ser", on_entry(Action.ENTRY_SET_VISIBILITY))
def audience(context: Context[Entry]) -> ResponseReturnValue:
    """Show its author whom an entry is for, who has read it, and the forms that change it."""
    entry, session = context.record, context.session
    context.shown([entry.id])
    log = logs.summary(session, entry.child_id, context.work.today)
    if log is None:
        raise NotFoundError
    found = queries.audiences(session, [entry.id])
    stands = next(iter(found), None)
    author = context.decision.basis
    return page(
        context,
        "entries/audience.html",
        tab="entries",
        log=log,
        entry=queries.row(session, entry.id),
        names=queries.names(session, [entry]).get(entry.id),
        stands=stands,
        history=found,
        read_by=queries.read_by(session, entry),
        now=context.now,
        **choosing(
            context,
            logs.readers(context.work, log),
            author,
            entry.service_id,
            entry.visibility,
            None if queries.follows(session, entry.id) else entry.written_at,
            [one for one, _ in stands.hidden_from] if stands else (),
        ),
    )


@entries.action(
    "/oppforing/<uuid:entry_id>/hvem-ser",
    on_entry(Action.ENTRY_SET_VISIBILITY),
    SetVisibilitySchema,
    again=audience,
)
def set_visibility(context: Context[Entry], wish: SetVisibility) -> ResponseReturnValue:
    """Change whom an entry is for, and show what stands."""
    commands.set_visibility(context.work, context.record, wish, context.decision.basis)
    return redirect(url_for("entries.audience", entry_id=context.record.id), code=303)


@entries.action(
    "/oppforing/<uuid:entry_id>/skjul",
    on_entry(Action.ENTRY_HIDE_FROM_GUARDIAN),
    HideSchema,
    again=audience,
)
def hide(context: Context[Entry], wish: Hide) -> ResponseReturnValue:
    """Hide an entry from some guardians, and go back to it in the log."""
    commands.hide(context.work, context.record, wish, context.decision.basis)
    return _led_to(context.record.child_id, context.record.id)


@entries.page("/barn/<uuid:child_id>/rom", on_room(Action.CHILDNOTE_READ))
def room(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the child's own room: to the child all of it, to others what it has picked them for."""
    log, session = context.record, context.session
    notes = queries.room(session, log.child, reader(context), queries.EVERY)
    context.shown(note.id for note in notes)
    own = context.can(Action.CHILDNOTE_CREATE)
    writes = own and log.state == LogStatus.OPEN
    readers = logs.readers(context.work, log) if writes else []
    return page(
        context,
        "entries/room.html",
        tab="room",
        log=log,
        entries=notes,
        names=queries.names(session, notes),
        writes=writes,
        own=own,
        others=[one for one in readers if one.room and not one.own],
        now=context.now,
        **_drafted(context, UnsavedOf.ROOM, log.child_id if own else None),
    )


@entries.action(
    "/barn/<uuid:child_id>/rom", on_room(Action.CHILDNOTE_CREATE), RoomSchema, again=room
)
def write_in_room(context: Context[LogSummary], wish: Write) -> ResponseReturnValue:
    """Add a note to the child's own room, and go back to it."""
    made = commands.write(context.work, context.record, wish, context.decision.basis)
    return _led_to(context.record.child_id, made, "entries.room")


@entries.page("/barn/<uuid:child_id>/stafettlogg/apne", on_child(Action.LOG_OPEN))
def opening(context: Context[ChildSummary]) -> ResponseReturnValue:
    """Show the form that opens a log, with what each level asks for."""
    record = context.record
    return _opening(context, "entries/opening.html", record, provisional=record.provisional)


@entries.action(
    "/barn/<uuid:child_id>/stafettlogg/apne",
    on_child(Action.LOG_OPEN),
    OpenSchema,
    again=opening,
)
def open_log(context: Context[ChildSummary], wish: Open) -> ResponseReturnValue:
    """Open a log and show it."""
    commands.open_log(context.work, context.record.id, wish)
    return redirect(url_for("record.show", child_id=context.record.id), code=303)


@entries.page("/barn/<uuid:child_id>/stafettlogg/gjenapne", on_log(Action.LOG_REOPEN))
def reopening(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the form that opens a closed log again."""
    return _opening(context, "entries/reopening.html", context.record.child)


@entries.action(
    "/barn/<uuid:child_id>/stafettlogg/gjenapne",
    on_log(Action.LOG_REOPEN),
    ReopenSchema,
    again=reopening,
)
def reopen(context: Context[LogSummary], wish: Open) -> ResponseReturnValue:
    """Open a closed log again and show it."""
    stafettlogg.reopen(context.work, context.record.child_id, wish)
    return redirect(url_for("record.show", child_id=context.record.child_id), code=303)


@entries.page("/ikke-lagret", for_signed_in(Action.WORKLIST_READ))
def stranded(context: Context[None]) -> ResponseReturnValue:
    """Show what the actor had begun to write and not saved in time, for him alone, to be copied."""
    left = queries.left(context.work).stranded
    found = [(one.saved_at, words) for one in left if (words := words_of(one))]
    return page(context, "entries/stranded.html", found=found, now=context.now)


def _opening(
    context: Context[Any], template: str, child: ChildSummary, *, provisional: bool = False
) -> ResponseReturnValue:
    work = context.work
    facts, levels = logs.facts(work, child.id, None), work.profile.levels[1:]
    joins_first = ["ke-must-join"] if provisional else []
    return page(
        context,
        template,
        tab="entries",
        child=child,
        levels=levels,
        not_mine=_said(joins_first + obstacles_to_holding(facts, work.actor.service_id)),
        obstacles={one.number: _said(obstacles_at(facts, one, ip_assessed=True)) for one in levels},
        consents=logs.open_consents(work, child.id),
        concerns=[
            one
            for one in concerns.to_read(work, child.id)
            if may_be_shared(one.decision, one.parents_not_asked)
        ],
        candidates=logs.candidates_to_hold(work, child.id),
        service=people.service_of(work.session, work.actor.user_id),
    )


def _said(obstacles: Iterable[str]) -> list[tuple[str, str]]:
    return [(code, messages.of(code)) for code in obstacles]
