"""The log's page: its entries, newest first, the form that adds one; opening, and correcting."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.entries import commands, queries
from stafett.entries.commands import Correct, Write
from stafett.entries.guards import on_entry
from stafett.entries.models import Entry
from stafett.entries.rules import WRITTEN, readable_by
from stafett.entries.schemas import CorrectSchema, ListQuerySchema, WriteSchema, cursor_after
from stafett.people import queries as people
from stafett.stafettlogg import commands as stafettlogg
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.commands import Open
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.rules import LogStatus
from stafett.stafettlogg.schemas import OpenSchema, ReopenSchema
from stafett.web.guard import Context, GuardedBlueprint
from stafett.web.render import page

ON_A_PAGE = 200

entries = GuardedBlueprint("entries", __name__)


@entries.page("/barn/<uuid:child_id>/stafettlogg", on_log(Action.ENTRY_LIST), query=ListQuerySchema)
def older(context: Context[LogSummary], query: dict[str, Any]) -> ResponseReturnValue:
    """Show the log, from the newest entry or from where the page before it stopped."""
    return _listed(context, query["after"])


def _listed(context: Context[LogSummary], after: queries.Cursor | None) -> ResponseReturnValue:
    log, basis = context.record, context.decision.basis
    writes = context.can(Action.ENTRY_CREATE) and log.state == LogStatus.OPEN
    found = queries.of_child(context.session, log.child, basis, ON_A_PAGE, after)
    shown = found[:ON_A_PAGE]
    context.shown(entry.id for entry in shown)
    return page(
        context,
        "entries/listed.html",
        part="entries/_rows.html",
        tab="entries",
        log=log,
        entries=shown,
        older=after is not None,
        next=cursor_after(shown[-1]) if len(found) > len(shown) else None,
        kinds=[kind.value for kind in WRITTEN],
        visibilities=[one for one in ("everyone", "professionals") if one in readable_by(basis)],
        readers=logs.readers(context.work, log) if writes else [],
        writes=writes,
        now=context.now,
    )


@entries.action(
    "/barn/<uuid:child_id>/stafettlogg", on_log(Action.ENTRY_CREATE), WriteSchema, again=older
)
def write(context: Context[LogSummary], wish: Write) -> ResponseReturnValue:
    """Add an entry and go back to the log."""
    commands.write(context.work, context.record, wish, context.decision.basis)
    return redirect(url_for("entries.older", child_id=context.record.child_id), code=303)


@entries.page("/oppforing/<uuid:entry_id>", on_entry(Action.ENTRY_HISTORY))
def entry(context: Context[Entry]) -> ResponseReturnValue:
    """Show one entry with every text it has had, and the form by which its author corrects it."""
    context.shown([context.record.id])
    log = logs.summary(context.session, context.record.child_id, context.work.today)
    closed = log is None or log.id != context.record.log_id or log.closed_at is not None
    return page(
        context,
        "entries/entry.html",
        tab="entries",
        entry=queries.row(context.session, context.record.id),
        versions=queries.versions(context.session, context.record.id),
        child_id=context.record.child_id,
        corrects=context.can(Action.ENTRY_CORRECT) and not closed,
        conflict=context.refused is not None and context.refused.conflict,
        now=context.now,
    )


@entries.action(
    "/oppforing/<uuid:entry_id>", on_entry(Action.ENTRY_CORRECT), CorrectSchema, again=entry
)
def correct(context: Context[Entry], wish: Correct) -> ResponseReturnValue:
    """Correct an entry and go back to the log."""
    commands.correct(context.work, context.record, wish)
    return redirect(url_for("entries.older", child_id=context.record.child_id), code=303)


@entries.page("/barn/<uuid:child_id>/stafettlogg/apne", on_child(Action.LOG_OPEN))
def opening(context: Context[ChildSummary]) -> ResponseReturnValue:
    """Show the form that opens a log, with what each level asks for."""
    return _opening(context, "entries/opening.html", context.record.id)


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
    return _opening(context, "entries/reopening.html", context.record.child_id)


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


def _opening(context: Context[Any], template: str, child_id: Any) -> ResponseReturnValue:
    work = context.work
    return page(
        context,
        template,
        tab="entries",
        child_id=child_id,
        levels=work.profile.levels[1:],
        consents=logs.open_consents(work, child_id),
        concerns=logs.concerns_for(work, child_id),
        candidates=logs.candidates_to_hold(work, child_id),
        service=people.service_of(work.session, work.actor.user_id),
    )
