"""JSON calls about concerns, logs, members and handovers."""

from typing import Any
from uuid import UUID

from stafett.access.policy import Action, Area
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.dates import oslo_date
from stafett.errors import NotFoundError
from stafett.stafettlogg import baton, commands, level_zero, membership, queries
from stafett.stafettlogg.baton import Force, Offer
from stafett.stafettlogg.commands import ChangeLevel, Close, EvaluateLevel, NotePaper
from stafett.stafettlogg.concerns import changes, to_read
from stafett.stafettlogg.guards import (
    as_read,
    on_concern,
    on_concern_draft,
    on_concern_step,
    on_concerns,
    on_handover,
    on_log,
    on_member,
    on_offer,
    on_refusal,
    on_step,
)
from stafett.stafettlogg.level_zero import CorrectConcern, Decide, NewConcern, Talk
from stafett.stafettlogg.membership import Extend, Invite, SetAccess
from stafett.stafettlogg.models import Concern, Member
from stafett.stafettlogg.queries import HandoverRow, LevelRow, LogSummary, MemberRow
from stafett.stafettlogg.schemas import (
    AddToConcernSchema,
    AnswerSchema,
    ChangeLevelSchema,
    CloseSchema,
    ConcernChangesSchema,
    ConcernDraftSchema,
    ConcernListSchema,
    ConcernSchema,
    CorrectConcernSchema,
    DecideSchema,
    EvaluateLevelSchema,
    ExtendSchema,
    ForceSchema,
    HandoverSchema,
    InviteSchema,
    KeepConcernSchema,
    KeepConcernStepSchema,
    KeepOnPaperSchema,
    KeepStepSchema,
    LevelChangeSchema,
    LogReasonSchema,
    LogSchema,
    MemberListSchema,
    MemberSchema,
    NotePaperSchema,
    OfferSchema,
    PaperSchema,
    RefuseSchema,
    SetAccessSchema,
    StepWrittenSchema,
    TalkSchema,
    WriteConcernSchema,
)
from stafett.unsaved import queries as unsaved
from stafett.unsaved.commands import Keep, keep
from stafett.unsaved.queries import Place, Written
from stafett.web.guard import Context, GuardedBlueprint

stafettlogg_api = GuardedBlueprint("stafettlogg_api", __name__, url_prefix="/api/v1")


@stafettlogg_api.json(
    "/children/<uuid:child_id>/concerns",
    on_concerns(Action.CONCERN_READ),
    returns=ConcernListSchema,
)
def concerns(context: Context[LogSummary]) -> dict[str, Any]:
    """List the concerns about a child that the actor wrote or leads the author of."""
    found = to_read(context.work, context.record.child_id)
    context.shown(concern.id for concern in found)
    return {"items": found, "next": None}


@stafettlogg_api.json(
    "/children/<uuid:child_id>/concerns",
    on_child(Action.CONCERN_CREATE),
    accepts=WriteConcernSchema,
    returns=ConcernSchema,
    location=lambda concern, _child: f"/api/v1/concerns/{concern.id}",
)
def write_concern(context: Context[ChildSummary], wish: NewConcern) -> Concern:
    """Write a concern."""
    return level_zero.write_concern(context.work, context.record.id, wish)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/concerns/draft", on_concern_draft(), returns=ConcernDraftSchema
)
def concern_draft(context: Context[Place]) -> Written:
    """Show the concern that the caller has begun to write about a child; version 0 is nothing."""
    return unsaved.written(context.work, context.record)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/concerns/draft",
    on_concern_draft(),
    accepts=KeepConcernSchema,
    returns=ConcernDraftSchema,
    method="PUT",
)
def save_concern_draft(context: Context[Place], wish: Keep) -> Written:
    """Keep a concern while it is written, for the caller alone."""
    return keep(context.work, context.record, wish)


@stafettlogg_api.json(
    "/concerns/<uuid:concern_id>/unsaved/<form>", on_concern_step(), returns=StepWrittenSchema
)
def concern_step(context: Context[Place]) -> Written:
    """Show what the caller has begun to write of a concern; version 0 is nothing.

    The forms: `correction`, `addition`, and `answer` (the leader's).
    """
    return unsaved.written(context.work, context.record)


@stafettlogg_api.json(
    "/concerns/<uuid:concern_id>/unsaved/<form>",
    on_concern_step(),
    accepts=KeepConcernStepSchema,
    returns=StepWrittenSchema,
    method="PUT",
)
def keep_concern_step(context: Context[Place], wish: Keep) -> Written:
    """Keep what is written of a concern, for the caller alone; without words it is let go."""
    return keep(context.work, context.record, wish)


@stafettlogg_api.json(
    "/concerns/<uuid:concern_id>", on_concern(Action.CONCERN_READ), returns=ConcernSchema
)
def concern(context: Context[Concern]) -> Concern:
    """Show a concern."""
    context.shown([context.record.id])
    return context.record


@stafettlogg_api.json(
    "/concerns/<uuid:concern_id>/changes",
    on_concern(Action.CONCERN_READ),
    returns=ConcernChangesSchema,
)
def concern_changes(context: Context[Concern]) -> dict[str, Any]:
    """Show how a concern has been corrected and added to."""
    context.shown([context.record.id])
    return {"items": changes(context.session, context.record.id)}


@stafettlogg_api.json(
    "/concerns/<uuid:concern_id>/corrections",
    on_concern(Action.CONCERN_EDIT),
    accepts=CorrectConcernSchema,
    returns=ConcernSchema,
)
def correct_concern(context: Context[Concern], wish: CorrectConcern) -> Concern:
    """Correct a concern before the leader has answered."""
    return level_zero.correct_concern(context.work, context.record, wish)


@stafettlogg_api.json(
    "/concerns/<uuid:concern_id>/additions",
    on_concern(Action.CONCERN_EDIT),
    accepts=AddToConcernSchema,
    returns=ConcernSchema,
)
def add_to_concern(context: Context[Concern], wish: dict[str, Any]) -> Concern:
    """Add to a concern that the leader has answered."""
    return level_zero.add_to_concern(context.work, context.record, **wish)


@stafettlogg_api.json(
    "/concerns/<uuid:concern_id>/decision",
    on_concern(Action.CONCERN_DECIDE),
    accepts=DecideSchema,
    returns=ConcernSchema,
)
def decide_concern(context: Context[Concern], wish: Decide) -> Concern:
    """Decide about a concern."""
    return level_zero.decide_concern(context.work, context.record, wish)


@stafettlogg_api.json(
    "/concerns/<uuid:concern_id>/family-talk",
    on_concern(Action.CONCERN_TALK),
    accepts=TalkSchema,
    returns=ConcernSchema,
)
def tell_talk(context: Context[Concern], wish: Talk) -> Concern:
    """Tell when the family was talked with about a concern."""
    return level_zero.tell_talk(context.work, context.record, wish)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/stafettlogg", on_log(Action.LOG_READ), returns=LogSchema
)
def show(context: Context[LogSummary]) -> dict[str, Any]:
    """Show the child's log."""
    return as_json(context, context.record)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/stafettlogg/closing",
    on_log(Action.LOG_CLOSE),
    accepts=CloseSchema,
    returns=LogSchema,
)
def close(context: Context[LogSummary], wish: Close) -> dict[str, Any]:
    """Close the log."""
    commands.close(context.work, context.record.child_id, wish)
    return renewed(context, context.record.child_id)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/level-changes",
    on_log(Action.LOG_SET_LEVEL),
    accepts=ChangeLevelSchema,
    returns=LevelChangeSchema,
    location=lambda _step, child_id: f"/api/v1/children/{child_id}/stafettlogg",
)
def change_level(context: Context[LogSummary], wish: ChangeLevel) -> LevelRow:
    """Move the log to another level."""
    offers = context.can(Action.BATON_OFFER)
    step = commands.change_level(context.work, context.record.child_id, wish, offers=offers)
    return queries.level_row(context.session, step.id)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/level-evaluations",
    on_log(Action.LOG_SET_LEVEL),
    accepts=EvaluateLevelSchema,
    returns=LevelChangeSchema,
    location=lambda _step, child_id: f"/api/v1/children/{child_id}/stafettlogg",
)
def evaluate_level(context: Context[LogSummary], wish: EvaluateLevel) -> LevelRow:
    """Keep what one found on looking at how it goes; the log stays at its level."""
    step = commands.evaluate_level(context.work, context.record.child_id, wish)
    return queries.level_row(context.session, step.id)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/stafettlogg/unsaved/<form>", on_step(), returns=StepWrittenSchema
)
def written(context: Context[Place]) -> Written:
    """Show what the caller has begun to write of a step of the log; version 0 is nothing.

    The forms: `level` (another level), `evaluation` (how it goes at the level), `closing`,
    `handover` (whom to offer the baton), and `forcing` (whom it is moved to by force).
    """
    return unsaved.written(context.work, context.record)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/stafettlogg/unsaved/<form>",
    on_step(),
    accepts=KeepStepSchema,
    returns=StepWrittenSchema,
    method="PUT",
)
def keep_written(context: Context[Place], wish: Keep) -> Written:
    """Keep a step while it is written, for the caller alone; without words it is let go."""
    return keep(context.work, context.record, wish)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/stafettlogg/paper", on_log(Action.LOG_READ), returns=PaperSchema
)
def paper(context: Context[LogSummary]) -> dict[str, Any]:
    """Show where the folder of a log on paper is, and its days."""
    return _paper(context)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/stafettlogg/paper",
    on_log(Action.LOG_KEEP_ON_PAPER),
    accepts=KeepOnPaperSchema,
    returns=PaperSchema,
)
def keep_on_paper(context: Context[LogSummary], wish: dict[str, Any]) -> dict[str, Any]:
    """Keep the log on paper from now on, or its folder in another place."""
    commands.keep_on_paper(context.work, context.record.child_id, wish["place"])
    return _paper(context)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/stafettlogg/paper/days",
    on_log(Action.LOG_KEEP_ON_PAPER),
    accepts=NotePaperSchema,
    returns=PaperSchema,
)
def note_paper(context: Context[LogSummary], wish: NotePaper) -> dict[str, Any]:
    """Keep a day of a log on paper."""
    commands.note_paper(context.work, context.record.child_id, wish)
    return _paper(context)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/stafettlogg/paper/end",
    on_log(Action.LOG_KEEP_ON_PAPER),
    accepts=AnswerSchema,
    returns=PaperSchema,
)
def keep_here(context: Context[LogSummary], _wish: dict[str, Any]) -> dict[str, Any]:
    """Keep a log here again that was on paper, on a new consent."""
    commands.keep_here(context.work, context.record.child_id)
    return _paper(context)


def _paper(context: Context[LogSummary]) -> dict[str, Any]:
    child_id = context.record.child_id
    log = queries.open_log(context.session, child_id)
    place = log.paper_place if log else None
    return {
        "place": place,
        "days": queries.paper_days(context.session, child_id, context.since(Area.LOG)),
    }


@stafettlogg_api.json(
    "/children/<uuid:child_id>/members", on_log(Action.MEMBER_LIST), returns=MemberListSchema
)
def members(context: Context[LogSummary]) -> dict[str, Any]:
    """List who takes part in the log."""
    found = queries.members(context.session, context.record.child, context.work.today)
    return {"items": found, "next": None}


@stafettlogg_api.json(
    "/children/<uuid:child_id>/members",
    on_log(Action.MEMBER_INVITE),
    accepts=InviteSchema,
    returns=MemberSchema,
    location=lambda _member, child_id: f"/api/v1/children/{child_id}/members",
)
def invite(context: Context[LogSummary], wish: Invite) -> MemberRow:
    """Let somebody take part in the log."""
    made = membership.invite(context.work, context.record.child_id, wish)
    return queries.member_row(context.session, made.id)


@stafettlogg_api.json(
    "/members/<uuid:member_id>/extension",
    on_member(Action.MEMBER_EXTEND),
    accepts=ExtendSchema,
    returns=MemberSchema,
)
def extend(context: Context[Member], wish: Extend) -> MemberRow:
    """Let a membership end on another day."""
    membership.extend(context.work, context.record, wish)
    context.session.flush()
    return queries.member_row(context.session, context.record.id)


@stafettlogg_api.json(
    "/members/<uuid:member_id>/access",
    on_member(Action.MEMBER_SET_WRITE),
    accepts=SetAccessSchema,
    returns=MemberSchema,
)
def set_access(context: Context[Member], wish: SetAccess) -> MemberRow:
    """Let a member write, or only read."""
    membership.set_access(context.work, context.record, wish)
    context.session.flush()
    return queries.member_row(context.session, context.record.id)


@stafettlogg_api.json(
    "/members/<uuid:member_id>/leaving",
    on_member(Action.MEMBER_LEAVE),
    accepts=LogReasonSchema,
    returns=MemberSchema,
)
def leave(context: Context[Member], wish: dict[str, Any]) -> MemberRow:
    """Take oneself out of a log."""
    membership.leave(context.work, context.record, wish["reason"])
    context.session.flush()
    return queries.member_row(context.session, context.record.id)


@stafettlogg_api.json(
    "/members/<uuid:member_id>/end",
    on_member(Action.MEMBER_REMOVE),
    accepts=LogReasonSchema,
    returns=MemberSchema,
)
def end_membership(context: Context[Member], wish: dict[str, Any]) -> MemberRow:
    """End a membership."""
    membership.end_membership(context.work, context.record, wish["reason"], context.decision.basis)
    context.session.flush()
    return queries.member_row(context.session, context.record.id)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/handovers",
    on_log(Action.BATON_OFFER),
    accepts=OfferSchema,
    returns=HandoverSchema,
    location=lambda handover, _child: f"/api/v1/handovers/{handover.id}",
)
def offer(context: Context[LogSummary], wish: Offer) -> HandoverRow | None:
    """Offer the baton to somebody."""
    made = baton.offer(context.work, context.record.child_id, wish)
    return queries.handover(context.session, made.id)


@stafettlogg_api.json(
    "/children/<uuid:child_id>/baton",
    on_log(Action.BATON_FORCE),
    accepts=ForceSchema,
    returns=HandoverSchema,
)
def force(context: Context[LogSummary], wish: Force) -> HandoverRow | None:
    """Move a baton that hangs."""
    made = baton.force(context.work, context.record.child_id, wish)
    context.session.flush()
    return queries.handover(context.session, made.id)


@stafettlogg_api.json(
    "/handovers/<uuid:handover_id>", on_handover(Action.BATON_READ), returns=HandoverSchema
)
def handover(context: Context[HandoverRow]) -> HandoverRow:
    """Show a handover."""
    return as_read(context, context.record)


@stafettlogg_api.json(
    "/handovers/<uuid:handover_id>/acceptance",
    on_handover(Action.BATON_ACCEPT),
    accepts=AnswerSchema,
    returns=HandoverSchema,
)
def accept(context: Context[HandoverRow], _wish: dict[str, Any]) -> HandoverRow | None:
    """Take the baton."""
    baton.accept(context.work, context.record.id)
    return _again(context)


@stafettlogg_api.json(
    "/handovers/<uuid:handover_id>/refusal",
    on_handover(Action.BATON_REFUSE),
    accepts=RefuseSchema,
    returns=HandoverSchema,
)
def refuse(context: Context[HandoverRow], wish: dict[str, Any]) -> HandoverRow | None:
    """Say no to the baton."""
    baton.refuse(context.work, context.record.id, **wish)
    return _again(context)


@stafettlogg_api.json(
    "/handovers/<uuid:handover_id>/unsaved", on_refusal(), returns=StepWrittenSchema
)
def refusal(context: Context[Place]) -> Written:
    """Show the no that the receiver has begun to write; version 0 is nothing."""
    return unsaved.written(context.work, context.record)


@stafettlogg_api.json(
    "/handovers/<uuid:handover_id>/unsaved",
    on_refusal(),
    accepts=KeepStepSchema,
    returns=StepWrittenSchema,
    method="PUT",
)
def keep_refusal(context: Context[Place], wish: Keep) -> Written:
    """Keep a no while it is written, for the caller alone; without words it is let go."""
    return keep(context.work, context.record, wish)


@stafettlogg_api.json(
    "/handovers/<uuid:handover_id>/cancellation",
    on_offer(Action.BATON_CANCEL),
    accepts=AnswerSchema,
    returns=HandoverSchema,
)
def cancel(context: Context[HandoverRow], _wish: dict[str, Any]) -> HandoverRow | None:
    """Take an offer back."""
    baton.cancel(context.work, context.record.id)
    return _again(context)


def renewed(context: Context[Any], child_id: UUID) -> dict[str, Any]:
    """Return the log as JSON shows it after a change.

    Raises:
        NotFoundError: there is no such child.

    """
    context.session.flush()
    log = queries.summary(context.session, child_id, context.work.today)
    if log is None:
        raise NotFoundError
    return as_json(context, log)


def as_json(context: Context[Any], log: LogSummary) -> dict[str, Any]:
    """Return a log with its members and levels, as `LogSchema` takes it."""
    since = context.since(Area.LOG)
    log = queries.since_birth(log, since)
    return {
        "state": log.state,
        "level": log.level,
        "holder": log.acting_username if log.needs_holder else log.holder_username,
        "holder_phone": log.reached.phone,
        "holder_email": log.reached.email,
        "needs_holder": log.needs_holder,
        "opened_on": log.opened_at and oslo_date(log.opened_at),
        "closed_on": log.closed_at and oslo_date(log.closed_at),
        "closing_decided_on": log.closing_decided_on,
        "outcome": log.outcome,
        "next_evaluation_on": log.next_evaluation_on,
        "members": queries.members(context.session, log.child, context.work.today),
        "levels": queries.levels(context.session, log.child_id, since),
        "closings": queries.closings(context.session, log.child_id, since),
        "version": log.version,
    }


def _again(context: Context[HandoverRow]) -> HandoverRow | None:
    """Return the handover as it stands now, and as the actor may read it."""
    found = queries.handover(context.session, context.record.id)
    return found and as_read(context, found)
