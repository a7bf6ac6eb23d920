"""JSON calls about a birth, and about what follows a child from before it."""

from typing import Any

from stafett.access.policy import Action
from stafett.audience.rules import viewer
from stafett.birth import commands, queries
from stafett.birth.commands import EndUnborn, LetFollow, LetIn, RegisterBirth
from stafett.birth.guards import on_birth
from stafett.birth.schemas import (
    BeforeBirthSchema,
    BirthSchema,
    EndedSchema,
    EndUnbornSchema,
    LetFollowSchema,
    LetInSchema,
    RegisterBirthSchema,
)
from stafett.stafettlogg.queries import LogSummary
from stafett.web.guard import Context, GuardedBlueprint

birth_api = GuardedBlueprint("birth_api", __name__, url_prefix="/api/v1")


@birth_api.json(
    "/children/<uuid:child_id>/birth",
    on_birth(Action.CHILD_REGISTER_BIRTH),
    accepts=RegisterBirthSchema,
    returns=BirthSchema,
)
def register(context: Context[LogSummary], wish: RegisterBirth) -> dict[str, Any]:
    """Say that an expected child is born."""
    siblings = commands.register_birth(context.work, context.record, wish)
    return {
        "id": context.record.child_id,
        "name": wish.name,
        "birth_year": wish.birth_date.year,
        "siblings": siblings,
    }


@birth_api.json(
    "/children/<uuid:child_id>/ending",
    on_birth(Action.CHILD_END_UNBORN),
    accepts=EndUnbornSchema,
    returns=EndedSchema,
)
def end(context: Context[LogSummary], wish: EndUnborn) -> dict[str, Any]:
    """End a record because there will be no child."""
    commands.end_unborn(context.work, context.record, wish)
    return {"id": context.record.child_id, "ended": True}


@birth_api.json(
    "/children/<uuid:child_id>/before-birth",
    on_birth(Action.CHILD_LET_FOLLOW),
    returns=BeforeBirthSchema,
)
def before(context: Context[LogSummary]) -> dict[str, Any]:
    """List what is from before the birth, with what follows the child."""
    return _told(context)


@birth_api.json(
    "/children/<uuid:child_id>/before-birth",
    on_birth(Action.CHILD_LET_FOLLOW),
    accepts=LetFollowSchema,
    returns=BeforeBirthSchema,
)
def let_follow(context: Context[LogSummary], wish: LetFollow) -> dict[str, Any]:
    """Let something from before the birth follow the child, or take that back."""
    by = viewer(context.actor, context.subject.held, context.work.today)
    own = context.subject.facts.own
    commands.let_follow(context.work, context.record.child_id, wish, by, own=own)
    return _told(context)


@birth_api.json(
    "/children/<uuid:child_id>/before-birth/readers",
    on_birth(Action.CHILD_LET_FOLLOW),
    accepts=LetInSchema,
    returns=BeforeBirthSchema,
)
def let_in(context: Context[LogSummary], wish: LetIn) -> dict[str, Any]:
    """Let a guardian read with the pregnant person, or take that back."""
    own = context.subject.facts.own
    commands.let_in(context.work, context.record.child_id, wish, own=own)
    return _told(context)


def _told(context: Context[LogSummary]) -> dict[str, Any]:
    by = viewer(context.actor, context.subject.held, context.work.today)
    found = queries.before_birth(context.work, context.record.child_id, by)
    context.shown(one.id for one in found.entries)
    return {
        "born": found.born_at is not None,
        "all_follow": found.all_follow,
        "entries": [
            {"id": one.id, "follows": found.all_follow or one.id in found.followed}
            for one in found.entries
        ],
        "readers": [one._asdict() for one in found.readers],
    }
