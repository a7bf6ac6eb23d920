"""JSON calls about the child itself: its page, a new one, its facts, and the list of one's own."""

from typing import Any
from uuid import UUID

from stafett.access.policy import Action, Facts, Held, decide, restricted_at
from stafett.access.ties import ties_of
from stafett.access.work import Work
from stafett.children import commands as children
from stafett.children.commands import EditChild, Register
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.children.schemas import AccountSchema, EditChildSchema, RegisterSchema
from stafett.entries.guards import reader
from stafett.errors import NotFoundError
from stafett.record import commands, queries
from stafett.record.commands import Ask
from stafett.record.guards import on_asking
from stafett.record.schemas import (
    AskSchema,
    ChildListSchema,
    ChildSchema,
    GuideSchema,
    ListQuerySchema,
    RequestListSchema,
    RequestSchema,
)
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import ListedChild, LogSummary
from stafett.tasks import queries as tasks
from stafett.tasks.queries import RequestRow
from stafett.team import queries as team
from stafett.unsaved import queries as unsaved
from stafett.unsaved.commands import Keep, keep
from stafett.unsaved.queries import Place, Written
from stafett.unsaved.schemas import KeepFormSchema, KeptFormSchema
from stafett.web import cursor
from stafett.web.guard import Context, GuardedBlueprint, for_list, for_signed_in

record_api = GuardedBlueprint("record_api", __name__, url_prefix="/api/v1")


@record_api.json(
    "/children", for_list(Action.CHILD_LIST_MINE), returns=ChildListSchema, query=ListQuerySchema
)
def mine(context: Context[None], query: dict[str, Any]) -> dict[str, Any]:
    """List the children to whom the actor has a relation, by name."""
    limit = query["limit"]
    found = logs.children_of(context.work, limit + 1, query["after"])
    shown = found[:limit]
    context.shown_children(child.id for child in shown)
    return {"items": shown, "next": _after(shown[-1]) if len(found) > limit else None}


@record_api.json(
    "/children",
    for_signed_in(Action.CHILD_CREATE),
    accepts=RegisterSchema,
    returns=ChildSchema,
    location=lambda child, _none: f"/api/v1/children/{child['id']}",
)
def register(context: Context[None], wish: Register) -> dict[str, Any]:
    """Register a child; a known number is answered like a new one."""
    return _renewed(context, children.register(context.work, wish).id)


@record_api.json(
    "/children/<uuid:child_id>", on_log(Action.CHILD_READ_IDENTITY), returns=ChildSchema
)
def show(context: Context[LogSummary]) -> dict[str, Any]:
    """Show a child's page."""
    return _as_json(context.work, context.record, tuple(context.subject.held))


@record_api.json("/children/<uuid:child_id>/guide", on_log(Action.LOG_READ), returns=GuideSchema)
def guide(context: Context[LogSummary]) -> dict[str, Any]:
    """Show the steps of the level, and which have happened."""
    held, log = context.subject.held, context.record
    by = reader(context)
    rows = queries.guide(context.work, log, by, held)
    return {
        "level": log.level if rows else None,
        "steps": [{**vars(step), "done": happened} for step, happened in rows],
    }


@record_api.json(
    "/children/<uuid:child_id>",
    on_child(Action.CHILD_EDIT_IDENTITY),
    accepts=EditChildSchema,
    returns=ChildSchema,
    method="PATCH",
)
def edit(context: Context[ChildSummary], wish: EditChild) -> dict[str, Any]:
    """Correct a child's own facts."""
    return _renewed(context, children.edit(context.work, context.record.id, wish).id)


@record_api.json(
    "/children/<uuid:child_id>/account",
    on_child(Action.CHILD_GIVE_ACCOUNT),
    accepts=AccountSchema,
    returns=ChildSchema,
)
def give_account(context: Context[ChildSummary], wish: dict[str, Any]) -> dict[str, Any]:
    """Let the child itself log in."""
    changed = children.give_account(context.work, context.record.id, wish["username"])
    return _renewed(context, changed.id)


@record_api.json(
    "/children/<uuid:child_id>/requests", on_log(Action.REQUEST_MAKE), returns=RequestListSchema
)
def requests(context: Context[LogSummary]) -> dict[str, Any]:
    """List what the actor has asked for."""
    found = tasks.made_by(context.session, context.record.child_id, context.actor.user_id)
    return {"items": found, "next": None}


@record_api.json(
    "/children/<uuid:child_id>/requests",
    on_log(Action.REQUEST_MAKE),
    accepts=AskSchema,
    returns=RequestSchema,
    location=lambda _request, child_id: f"/api/v1/children/{child_id}/requests",
)
def ask(context: Context[LogSummary], wish: Ask) -> RequestRow:
    """Ask for what the actor may not do himself; somebody who may gets a task."""
    may = queries.may_ask_for(context.work, context.record, context.subject.held)
    made = commands.ask(context.work, context.record, wish, may)
    mine = tasks.made_by(context.session, context.record.child_id, context.actor.user_id)
    return next(one for one in mine if one.id == made.id)


@record_api.json(
    "/children/<uuid:child_id>/requests/unsaved/<form>", on_asking(), returns=KeptFormSchema
)
def written(context: Context[Place]) -> Written:
    """Show what the caller has begun to ask for; version 0 is nothing.

    The form is the action that is asked for, with the guardian it is about after a `:`.
    """
    return unsaved.written(context.work, context.record)


@record_api.json(
    "/children/<uuid:child_id>/requests/unsaved/<form>",
    on_asking(),
    accepts=KeepFormSchema,
    returns=KeptFormSchema,
    method="PUT",
)
def keep_written(context: Context[Place], wish: Keep) -> Written:
    """Keep what is asked for while it is written, for the caller alone."""
    return keep(context.work, context.record, wish)


def _renewed(context: Context[Any], child_id: UUID) -> dict[str, Any]:
    """Return the child as its page shows it to the actor after a change."""
    context.session.flush()
    log = logs.summary(context.session, child_id, context.work.today)
    if log is None:
        raise NotFoundError
    held = ties_of(context.session, context.actor, child_id, context.now)
    return _as_json(context.work, log, held)


def _as_json(work: Work, log: LogSummary, held: tuple[Held, ...]) -> dict[str, Any]:
    knows = queries.knows_state(held, Facts(work.today))
    soonest = (
        queries.deadlines(work.session, log, work.profile, work.today, work.actor, held)
        if knows
        else []
    )
    sees = decide(held, Action.COORDINATOR_READ, Facts(work.today)).allowed
    coordinator = team.coordinator(work.session, log.child_id, work.today) if sees else None
    holder = log.acting_username if log.needs_holder else log.holder_username
    return {
        "id": log.child.id,
        "name": log.child.name,
        "kind": log.child.kind,
        "birth_year": log.child.birth_year,
        "level": log.level if knows else None,
        "state": log.state if knows else "none",
        "holder": holder if knows else None,
        "coordinator": coordinator.username if coordinator else None,
        "next_deadline": soonest[0] if soonest else None,
        "relations": queries.relations(held, work.today),
        "restricted_at": restricted_at(held),
        "version": log.child.version,
    }


def _after(child: ListedChild) -> str:
    return cursor.write(child.name, str(child.id))
