"""The JSON call of who looked and who changed."""

from typing import Any

from stafett.access.policy import Action
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.entries.guards import reader
from stafett.insight import commands, queries
from stafett.insight.guards import on_asking, one_row
from stafett.insight.queries import Part
from stafett.insight.schemas import (
    AskWhySchema,
    LogListSchema,
    LogQuerySchema,
    OwnLogSchema,
    QuestionListSchema,
    QuestionSchema,
)
from stafett.plan import guards as plan
from stafett.tasks import queries as tasks
from stafett.tasks.queries import RequestRow
from stafett.tasks.rules import TaskKind
from stafett.unsaved import queries as unsaved
from stafett.unsaved.commands import Keep, keep
from stafett.unsaved.queries import Place, Written
from stafett.unsaved.schemas import KeepFormSchema, KeptFormSchema
from stafett.web import cursor
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in

insight_api = GuardedBlueprint("insight_api", __name__, url_prefix="/api/v1")


@insight_api.json(
    "/children/<uuid:child_id>/access-log",
    on_child(Action.AUDIT_READ_CHILD),
    returns=LogListSchema,
    query=LogQuerySchema,
)
def access_log(context: Context[ChildSummary], query: dict[str, Any]) -> dict[str, Any]:
    """List who looked at the record and who changed it, as much as the actor may see."""
    found, last = queries.of_child(
        context.session,
        context.record,
        context.decision.basis,
        reader(context),
        plan.viewer(context),
        Part(before=query["after"]),
    )
    return {"items": found, "next": cursor.write_at(*last) if last else None}


@insight_api.json(
    "/children/<uuid:child_id>/access-log/questions",
    on_child(Action.AUDIT_READ_CHILD),
    returns=QuestionListSchema,
)
def questions(context: Context[ChildSummary]) -> dict[str, Any]:
    """List what the actor has asked about the logs, with the answers."""
    return {"items": _asked(context), "next": None}


@insight_api.json(
    "/children/<uuid:child_id>/access-log/<uuid:row_id>/why",
    on_child(Action.AUDIT_ASK_WHY),
    accepts=AskWhySchema,
    returns=QuestionSchema,
    location=lambda _made, child_id: f"/api/v1/children/{child_id}/access-log/questions",
)
def ask_why(context: Context[ChildSummary], wish: dict[str, Any]) -> RequestRow:
    """Ask why somebody has looked or changed something."""
    made = commands.ask_why(context.work, context.record.id, one_row(context), **wish)
    return next(one for one in _asked(context) if one.id == made.id)


@insight_api.json(
    "/children/<uuid:child_id>/access-log/<uuid:row_id>/why/unsaved",
    on_asking(),
    returns=KeptFormSchema,
)
def written(context: Context[Place]) -> Written:
    """Show what the caller has begun to ask about a row; version 0 is nothing."""
    return unsaved.written(context.work, context.record)


@insight_api.json(
    "/children/<uuid:child_id>/access-log/<uuid:row_id>/why/unsaved",
    on_asking(),
    accepts=KeepFormSchema,
    returns=KeptFormSchema,
    method="PUT",
)
def keep_written(context: Context[Place], wish: Keep) -> Written:
    """Keep what is asked while it is written, for the caller alone."""
    return keep(context.work, context.record, wish)


def _asked(context: Context[ChildSummary]) -> list[RequestRow]:
    return tasks.made_by(
        context.session, context.record.id, context.actor.user_id, TaskKind.ASK_WHY
    )


@insight_api.json(
    "/me/access-log",
    for_signed_in(Action.AUDIT_READ_OWN),
    returns=OwnLogSchema,
    query=LogQuerySchema,
)
def own_log(context: Context[None], query: dict[str, Any]) -> dict[str, Any]:
    """List what is logged of the actor himself."""
    found, last = queries.of_self(context.work, query["after"])
    return {"items": found, "next": cursor.write_at(*last) if last else None}
