"""The pages of break-glass: opening a record, reviewing what others opened, and the duty list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from stafett.access.policy import FAMILY, Action, Facts, Held, SignedIn, decide
from stafett.children import queries as children
from stafett.dates import oslo_date
from stafett.emergency import commands, queries, rules
from stafett.emergency.commands import Judge, OpenRecord, PutOnDuty
from stafett.emergency.guards import for_emergency, on_duty, on_emergency, on_own
from stafett.emergency.models import Duty, Emergency
from stafett.emergency.queries import Open
from stafett.emergency.schemas import (
    ChildQuerySchema,
    JudgeSchema,
    OpenRecordSchema,
    PutOnDutySchema,
)
from stafett.people import queries as people
from stafett.people.schemas import Nothing
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in
from stafett.web.render import page

emergency = GuardedBlueprint("emergency", __name__)


@dataclass(frozen=True, slots=True)
class Banner:
    """What the actor has open in an emergency, and whether the menu leads to opening something."""

    opened: Open | None
    may_open: bool


def banner(session: Session, signed: SignedIn, now: datetime) -> Banner | None:
    """Return what stands at the top of every page of somebody's; nothing for the family."""
    actor = signed.actor
    if actor.roles <= FAMILY:
        return None
    found = queries.Standing(None, on_duty=False)
    if signed.stands:
        found = queries.standing(session, actor.user_id, now)
    facts = Facts(oslo_date(now), named=found.on_duty)
    held = [Held(role) for role in actor.roles]
    return Banner(found.opened, decide(held, Action.BG_INVOKE, facts).allowed)


@emergency.page("/nodtilgang", for_emergency(), query=ChildQuerySchema)
def new(context: Context[None], query: dict[str, Any]) -> ResponseReturnValue:
    """Show the form that opens a record, or what stands in the way of it."""
    session, user_id = context.session, context.actor.user_id
    signed_in_at = people.signed_in_at(session, context.signed.session_id)
    obstacles = rules.obstacles_to_opening(
        queries.earlier(session, user_id), context.now, signed_in_at, own_family=False
    )
    asked = query["child_id"]
    known = asked in children.open_to(context.work, [] if asked is None else [asked])
    if known:
        context.shown_children([asked])
    return page(
        context,
        "emergency/new.html",
        in_the_way=obstacles,
        child=children.find(session, asked) if known else None,
    )


@emergency.action("/nodtilgang", for_emergency(), OpenRecordSchema, again=new)
def open_record(context: Context[None], wish: OpenRecord) -> ResponseReturnValue:
    """Open one child's record for an hour."""
    signed_in_at = people.signed_in_at(context.session, context.signed.session_id)
    opened = commands.open_record(context.work, wish, signed_in_at)
    return redirect(url_for("record.show", child_id=opened.child_id), code=303)


@emergency.action("/nodtilgang/<uuid:emergency_id>/lukk", on_own(), Nothing)
def close(context: Context[Emergency], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Close the record before its time."""
    commands.close(context.work, context.record)
    return redirect(url_for("worklist.show"), code=303)


@emergency.page("/nodtilganger", for_signed_in(Action.BG_REVIEW))
def listed(context: Context[None]) -> ResponseReturnValue:
    """List what waits for a review, and the last that were reviewed."""
    waiting, reviewed = queries.listed(context.session, context.actor, context.now)
    context.shown_children(row.child_id for row in (*waiting, *reviewed) if row.child)
    return page(
        context,
        "emergency/listed.html",
        waiting=waiting,
        reviewed=reviewed,
        now=context.now,
    )


@emergency.page("/nodtilganger/<uuid:emergency_id>", on_emergency())
def show(context: Context[Emergency]) -> ResponseReturnValue:
    """Show who opened what and why, and all that was seen."""
    row = queries.shown(context.session, context.actor, context.now, context.record.id)
    if row.child:
        context.shown_children([row.child_id])
    return page(
        context,
        "emergency/show.html",
        emergency=row,
        seen=queries.seen(context.session, context.record),
        due_at=row.opened_at + rules.REVIEW_WITHIN,
        now=context.now,
    )


@emergency.action("/nodtilganger/<uuid:emergency_id>", on_emergency(), JudgeSchema, again=show)
def review(context: Context[Emergency], wish: Judge) -> ResponseReturnValue:
    """Say what one found."""
    commands.review(context.work, context.record, wish)
    return redirect(url_for("emergency.listed"), code=303)


@emergency.page("/nodtilganger/vakt", for_signed_in(Action.ROLE_GRANT))
def duties(context: Context[None]) -> ResponseReturnValue:
    """Show the duty list, and the form that puts somebody on it."""
    return page(
        context,
        "emergency/duties.html",
        rows=queries.duties(context.session, context.work.today),
        today=context.work.today,
    )


@emergency.action(
    "/nodtilganger/vakt", for_signed_in(Action.ROLE_GRANT), PutOnDutySchema, again=duties
)
def put_on_duty(context: Context[None], wish: PutOnDuty) -> ResponseReturnValue:
    """Put somebody on the duty list."""
    commands.put_on_duty(context.work, wish)
    return redirect(url_for("emergency.duties"), code=303)


@emergency.action("/nodtilganger/vakt/<uuid:duty_id>", on_duty(), Nothing)
def take_off_duty(context: Context[Duty], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Take somebody off the duty list."""
    commands.take_off_duty(context.work, context.record)
    return redirect(url_for("emergency.duties"), code=303)
