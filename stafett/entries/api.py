"""JSON calls about entries, and the opening of a log, which may share a concern as the first."""

from typing import Any

from stafett.access.policy import Action
from stafett.audience.schemas import AudiencesSchema
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.entries import commands, guards, queries
from stafett.entries.commands import Correct, Hide, SetVisibility, Write
from stafett.entries.guards import on_asking, on_draft, on_entry, reader, search_all
from stafett.entries.models import Entry
from stafett.entries.queries import EntryRow
from stafett.entries.schemas import (
    CorrectionRequestListSchema,
    CorrectionRequestSchema,
    CorrectSchema,
    EntryDraftSchema,
    EntryListSchema,
    EntrySchema,
    EntryVersionListSchema,
    HideSchema,
    HitListSchema,
    ListQuerySchema,
    RequestCorrectionSchema,
    SaveEntryDraftSchema,
    SetVisibilitySchema,
    WriteSchema,
    cursor_after,
)
from stafett.stafettlogg import commands as stafettlogg
from stafett.stafettlogg.api import renewed
from stafett.stafettlogg.commands import Open
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.schemas import LogSchema, OpenSchema, ReopenSchema
from stafett.tasks import queries as tasks
from stafett.tasks.queries import RequestRow
from stafett.tasks.rules import TaskKind
from stafett.unsaved import queries as unsaved
from stafett.unsaved.commands import Keep, keep
from stafett.unsaved.queries import Place, Written
from stafett.unsaved.rules import UnsavedOf
from stafett.unsaved.schemas import KeepFormSchema, KeptFormSchema
from stafett.web.guard import Context, GuardedBlueprint, for_list

entries_api = GuardedBlueprint("entries_api", __name__, url_prefix="/api/v1")


@entries_api.json(
    "/children/<uuid:child_id>/stafettlogg",
    on_child(Action.LOG_OPEN),
    accepts=OpenSchema,
    returns=LogSchema,
    location=lambda _log, child_id: f"/api/v1/children/{child_id}/stafettlogg",
)
def open_log(context: Context[ChildSummary], wish: Open) -> dict[str, Any]:
    """Open a log; the caller becomes its holder, another one is offered the baton."""
    commands.open_log(context.work, context.record.id, wish)
    return renewed(context, context.record.id)


@entries_api.json(
    "/children/<uuid:child_id>/stafettlogg/reopening",
    on_log(Action.LOG_REOPEN),
    accepts=ReopenSchema,
    returns=LogSchema,
)
def reopen(context: Context[LogSummary], wish: Open) -> dict[str, Any]:
    """Open a closed log again, as a new episode."""
    stafettlogg.reopen(context.work, context.record.child_id, wish)
    return renewed(context, context.record.child_id)


@entries_api.json(
    "/children/<uuid:child_id>/entries",
    on_log(Action.ENTRY_LIST),
    returns=EntryListSchema,
    query=ListQuerySchema,
)
def listed(context: Context[LogSummary], query: dict[str, Any]) -> dict[str, Any]:
    """List entries, newest first: all of them, or those that are what is looked for."""
    part = query["search"], query["limit"], query["after"]
    found, _ = guards.listed(context, reader(context), *part)
    shown = found[: query["limit"]]
    context.shown(entry.id for entry in shown)
    more = len(found) > len(shown)
    return {"items": shown, "next": cursor_after(shown[-1]) if more else None}


@entries_api.json(
    "/search", for_list(Action.SEARCH_READ), returns=HitListSchema, query=ListQuerySchema
)
def search(context: Context[None], query: dict[str, Any]) -> dict[str, Any]:
    """Search in all the logs that the actor may read, newest first."""
    found, more = search_all(context, query["search"], query["limit"], query["after"])
    return {"items": found, "next": cursor_after(found[-1].entry) if more else None}


@entries_api.json(
    "/children/<uuid:child_id>/entries",
    on_log(Action.ENTRY_CREATE),
    accepts=WriteSchema,
    returns=EntrySchema,
    location=lambda entry, _child: f"/api/v1/entries/{entry.id}/versions",
)
def write(context: Context[LogSummary], wish: Write) -> EntryRow:
    """Add an entry."""
    made = commands.write(context.work, context.record, wish, context.decision.basis)
    return queries.row(context.session, made)


@entries_api.json(
    "/entries/<uuid:entry_id>/versions",
    on_entry(Action.ENTRY_HISTORY),
    returns=EntryVersionListSchema,
)
def versions(context: Context[Entry]) -> dict[str, Any]:
    """List every text that an entry has had."""
    context.shown([context.record.id])
    entry = context.record
    by = reader(context)
    sees = by.family or entry.written_by == by.user_id
    told = tasks.told(context.session, TaskKind.CORRECTED, entry.id) if sees else []
    return {"items": queries.versions(context.session, entry.id), "told": told, "next": None}


@entries_api.json(
    "/entries/<uuid:entry_id>/corrections",
    on_entry(Action.ENTRY_CORRECT),
    accepts=CorrectSchema,
    returns=EntrySchema,
    location=lambda entry, _child: f"/api/v1/entries/{entry.id}/versions",
)
def correct(context: Context[Entry], wish: Correct) -> EntryRow:
    """Correct an entry."""
    commands.correct(context.work, context.record, wish)
    context.session.flush()
    return queries.row(context.session, context.record.id)


@entries_api.json(
    "/entries/<uuid:entry_id>/visibility",
    on_entry(Action.ENTRY_SET_VISIBILITY),
    returns=AudiencesSchema,
)
def audiences(context: Context[Entry]) -> dict[str, Any]:
    """Show its author whom an entry is for, what this has been before, and who has read it."""
    context.shown([context.record.id])
    return _audiences(context)


@entries_api.json(
    "/entries/<uuid:entry_id>/visibility",
    on_entry(Action.ENTRY_SET_VISIBILITY),
    accepts=SetVisibilitySchema,
    returns=AudiencesSchema,
)
def set_visibility(context: Context[Entry], wish: SetVisibility) -> dict[str, Any]:
    """Change whom an entry is for; from whom it is hidden stays."""
    commands.set_visibility(context.work, context.record, wish, context.decision.basis)
    return _audiences(context)


@entries_api.json(
    "/entries/<uuid:entry_id>/hiding",
    on_entry(Action.ENTRY_HIDE_FROM_GUARDIAN),
    accepts=HideSchema,
    returns=AudiencesSchema,
)
def hide(context: Context[Entry], wish: Hide) -> dict[str, Any]:
    """Hide an entry from some guardians, or from none any more."""
    commands.hide(context.work, context.record, wish, context.decision.basis)
    return _audiences(context)


@entries_api.json(
    "/entries/<uuid:entry_id>/correction-requests",
    on_entry(Action.ENTRY_HISTORY),
    returns=CorrectionRequestListSchema,
)
def correction_requests(context: Context[Entry]) -> dict[str, Any]:
    """List what the actor has asked of the author, or what all have asked when it is he."""
    context.shown([context.record.id])
    return {"items": _asked(context), "next": None}


@entries_api.json(
    "/entries/<uuid:entry_id>/correction-requests",
    on_entry(Action.ENTRY_REQUEST_CORRECTION),
    accepts=RequestCorrectionSchema,
    returns=CorrectionRequestSchema,
    location=lambda made, _child: f"/api/v1/entries/{made.object_id}/correction-requests",
)
def request_correction(context: Context[Entry], wish: dict[str, Any]) -> RequestRow:
    """Ask the author to correct an entry."""
    made = commands.request_correction(context.work, context.record, **wish)
    return next(one for one in _asked(context) if one.id == made.id)


@entries_api.json(
    "/children/<uuid:child_id>/entries/draft",
    on_draft(UnsavedOf.LOG),
    returns=EntryDraftSchema,
)
def draft(context: Context[Place]) -> Written:
    """Show what the caller has begun to write in the log; version 0 is nothing."""
    return unsaved.written(context.work, context.record)


@entries_api.json(
    "/children/<uuid:child_id>/entries/draft",
    on_draft(UnsavedOf.LOG),
    accepts=SaveEntryDraftSchema,
    returns=EntryDraftSchema,
    method="PUT",
)
def save_draft(context: Context[Place], wish: Keep) -> Written:
    """Keep an entry while it is written, for the caller alone; without words there is none."""
    return keep(context.work, context.record, wish)


@entries_api.json(
    "/children/<uuid:child_id>/room/draft",
    on_draft(UnsavedOf.ROOM),
    returns=EntryDraftSchema,
)
def room_draft(context: Context[Place]) -> Written:
    """Show what the child has begun to write in its own room; version 0 is nothing."""
    return unsaved.written(context.work, context.record)


@entries_api.json(
    "/children/<uuid:child_id>/room/draft",
    on_draft(UnsavedOf.ROOM),
    accepts=SaveEntryDraftSchema,
    returns=EntryDraftSchema,
    method="PUT",
)
def save_room_draft(context: Context[Place], wish: Keep) -> Written:
    """Keep a note while it is written, for the caller alone; without words there is none."""
    return keep(context.work, context.record, wish)


@entries_api.json(
    "/entries/<uuid:entry_id>/draft",
    on_draft(UnsavedOf.CORRECTION),
    returns=EntryDraftSchema,
)
def correction_draft(context: Context[Place]) -> Written:
    """Show what the author has begun to correct in an entry; version 0 is nothing."""
    return unsaved.written(context.work, context.record)


@entries_api.json(
    "/entries/<uuid:entry_id>/draft",
    on_draft(UnsavedOf.CORRECTION),
    accepts=SaveEntryDraftSchema,
    returns=EntryDraftSchema,
    method="PUT",
)
def save_correction_draft(context: Context[Place], wish: Keep) -> Written:
    """Keep a correction while it is written, for the caller alone; without words there is none."""
    return keep(context.work, context.record, wish)


def _asked(context: Context[Entry]) -> list[RequestRow]:
    entry, reader = context.record, context.actor.user_id
    asker = None if entry.written_by == reader else reader
    return tasks.asked_about(context.session, TaskKind.CORRECTION, entry.id, asker)


def _audiences(context: Context[Entry]) -> dict[str, Any]:
    entry = context.record
    return {
        "visibility": entry.visibility,
        "audience": entry.audience,
        "items": queries.audiences(context.session, [entry.id]),
        "read_by": [
            {"who": one.name, "at": one.at} for one in queries.read_by(context.session, entry)
        ],
    }


@entries_api.json("/entries/<uuid:entry_id>/request/unsaved", on_asking(), returns=KeptFormSchema)
def request(context: Context[Place]) -> Written:
    """Show the correction that the caller has begun to ask for; version 0 is nothing."""
    return unsaved.written(context.work, context.record)


@entries_api.json(
    "/entries/<uuid:entry_id>/request/unsaved",
    on_asking(),
    accepts=KeepFormSchema,
    returns=KeptFormSchema,
    method="PUT",
)
def keep_request(context: Context[Place], wish: Keep) -> Written:
    """Keep what is asked for while it is written, for the caller alone."""
    return keep(context.work, context.record, wish)
