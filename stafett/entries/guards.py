"""`on_entry(...)`, `on_room(...)`, `on_draft(...)`: what is hidden is like a missing one.

And in whose logs somebody may search.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Decision, Facts, decide
from stafett.access.ties import ties_of, ties_to_all
from stafett.audience.rules import Viewer, viewer
from stafett.children.queries import strictly_protected
from stafett.dates import oslo_date
from stafett.entries import queries
from stafett.entries.models import Entry
from stafett.entries.queries import Cursor, EntryRow, FoundRow
from stafett.entries.rules import Beginning, Search
from stafett.errors import NotFoundError
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.unsaved.guards import on_unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf
from stafett.web.guard import Access, Context, Subject


def on_entry(action: Action) -> Access[Entry]:
    """Guard a route about one entry; its author owns it."""
    return Access((action,), _load)


def on_room(action: Action) -> Access[LogSummary]:
    """Guard the child's own room; the child owns it, and has named whom it has picked."""
    return Access((action,), _load_room)


def on_draft(of: UnsavedOf) -> Access[Place]:
    """Guard a route about what the actor is writing in a log, a room or a correction."""

    def place(
        _session: Session, found: Subject[Any], _actor: Actor, _args: Mapping[str, Any]
    ) -> Place:
        record: Any = found.record
        return Place(of, record.id if of is UnsavedOf.CORRECTION else record.child_id)

    return on_unsaved(Action.ENTRY_DRAFT, _SAVED_AS[of], place)


def reader(context: Context[Any]) -> Viewer:
    """Return as what the actor reads the entries of the child that a route is about."""
    return viewer(context.actor, context.subject.held, context.work.today)


def listed(
    context: Context[LogSummary], by: Viewer, wanted: Search, limit: int, after: Cursor | None
) -> tuple[list[EntryRow], list[Beginning]]:
    """Return the newest entries of a log, or of them what a search finds, and its words.

    One more than `limit` if there are older ones. The access log calls a search a search.

    Raises:
        DeniedError: to search, for who may not.

    """
    log, session = context.record, context.session
    if not wanted.asks:
        return queries.of_child(session, log.child, by, limit, after), []
    context.searches()
    found = queries.search(session, {log.child_id: by}, wanted, limit, after)
    return [one.entry for one in found.rows], found.beginnings


def on_asking() -> Access[Place]:
    """Guard a route about the correction that the actor is asking another for."""

    def place(
        _session: Session, found: Subject[Entry], actor: Actor, _args: Mapping[str, Any]
    ) -> Place | None:
        entry = found.record
        if entry is None or entry.written_by == actor.user_id:
            return None
        return Place(UnsavedOf.REQUEST, entry.id)

    return on_unsaved(Action.REQUEST_DRAFT, on_entry(Action.ENTRY_REQUEST_CORRECTION), place)


def search_all(
    context: Context[None], wanted: Search, limit: int, after: Cursor | None
) -> tuple[list[FoundRow], bool]:
    """Return what a search finds in all the logs that the actor may read, and if there is more.

    The access log gets a row for each child whose log was searched, whether or not there was a hit:
    so no row tells anybody that something hidden from him was found. Children with a strictly
    protected address are in no such search; each one's own log is searched on its page.
    """
    if not wanted.asks:
        return [], False
    searched = _searched(context)
    readers = {child_id: by for child_id, (by, _) in searched.items()}
    rows = queries.search(context.session, readers, wanted, limit, after).rows
    shown: dict[UUID, list[UUID]] = {child_id: [] for child_id in readers}
    for row in rows[:limit]:
        shown[row.child_id].append(row.entry.id)
    for child_id, ids in shown.items():
        context.searched(child_id, searched[child_id][1], ids)
    return rows[:limit], len(rows) > limit


def author_in_all(context: Context[None], username: str) -> str:
    """Return what an author in the logs that the actor may read is called."""
    readers = {child_id: by for child_id, (by, _) in _searched(context).items()}
    return queries.author_name(context.session, readers, username)


def _searched(context: Context[None]) -> dict[UUID, tuple[Viewer, Decision]]:
    """Return in whose logs the actor may search, as what he reads there, and why he may."""
    found, facts = {}, Facts(context.work.today)
    for child_id, held in ties_to_all(context.session, context.actor, context.now).items():
        by = viewer(context.actor, held, facts.today)
        decision = decide(held, Action.SEARCH_READ, facts)
        if decision.allowed and (by.reads or by.room):
            found[child_id] = by, decision
    for child_id in strictly_protected(context.session, found):
        del found[child_id]
    return found


def _load(session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]) -> Subject[Entry]:
    child_id = queries.child_of(session, args["entry_id"])
    if child_id is None:
        raise NotFoundError
    held, today = ties_of(session, actor, child_id, now), oslo_date(now)
    found = queries.find(session, args["entry_id"], viewer(actor, held, today))
    facts = Facts(today, own=found is not None and found.written_by == actor.user_id)
    return Subject(found, child_id, held, facts)


def _load_room(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[LogSummary]:
    child_id, today = args["child_id"], oslo_date(now)
    log, held = logs.summary_for(session, actor, child_id, now)
    by = viewer(actor, held, today)
    picked = log is not None and bool(queries.room(session, log.child, by, limit=1))
    return Subject(log, child_id, held, Facts(today, own=True, named=picked))


_SAVED_AS: Mapping[UnsavedOf, Access[Any]] = {
    UnsavedOf.LOG: on_log(Action.ENTRY_CREATE),
    UnsavedOf.ROOM: on_room(Action.CHILDNOTE_CREATE),
    UnsavedOf.CORRECTION: on_entry(Action.ENTRY_CORRECT),
}
"""How what is written will be found, and what must be allowed to its author."""
