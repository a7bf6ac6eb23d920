"""The guards of routes about a child's log, one of its members, a handover or a concern."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts, decide
from stafett.access.ties import ties_of
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.dates import oslo_date
from stafett.errors import NotFoundError
from stafett.stafettlogg import concerns, queries
from stafett.stafettlogg.models import Concern, Member
from stafett.stafettlogg.queries import HandoverRow, LogSummary
from stafett.stafettlogg.rules import ConcernForm, HandoverState, StepForm
from stafett.unsaved.guards import on_unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf
from stafett.web.guard import Access, Context, Subject


def on_log(action: Action) -> Access[LogSummary]:
    """Guard a route about the log of the child in its address; the child may have none yet."""
    return Access((action,), _load_log)


def on_step() -> Access[Place]:
    """Guard a route about what the actor is writing in a form that decides something of a log."""
    saves = {
        StepForm.CLOSING: Action.LOG_CLOSE,
        StepForm.HANDOVER: Action.BATON_OFFER,
        StepForm.FORCING: Action.BATON_FORCE,
    }

    def load(
        session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
    ) -> Subject[Place]:
        saved_as = on_log(saves.get(args["form"], Action.LOG_SET_LEVEL))
        return on_unsaved(Action.ENTRY_DRAFT, saved_as, _step).load(session, actor, now, args)

    def which(place: Place, _actor: Actor) -> Action:
        return draft_action(StepForm(place.part))

    return Access((Action.ENTRY_DRAFT, Action.BATON_DRAFT), load, which)


def draft_action(form: StepForm) -> Action:
    """Return what keeping a form is: who moves the baton by force writes nothing else in a log."""
    return Action.BATON_DRAFT if form is StepForm.FORCING else Action.ENTRY_DRAFT


def _step(
    _session: Session, found: Subject[LogSummary], _actor: Actor, args: Mapping[str, Any]
) -> Place | None:
    if found.record is None or args["form"] not in set(StepForm):
        return None
    return Place(UnsavedOf.STEP, found.record.child_id, args["form"])


def on_refusal() -> Access[Place]:
    """Guard a route about the no to a baton that its receiver is writing, until he has answered."""

    def place(
        _session: Session, found: Subject[HandoverRow], _actor: Actor, _args: Mapping[str, Any]
    ) -> Place | None:
        handover = found.record
        if handover is None or handover.state != HandoverState.PENDING:
            return None
        return Place(UnsavedOf.REFUSAL, handover.id)

    return on_unsaved(Action.BATON_DRAFT, on_handover(Action.BATON_REFUSE), place)


def on_concern_draft() -> Access[Place]:
    """Guard a route about the concern that the actor is writing about a child."""

    def place(
        _session: Session, found: Subject[ChildSummary], _actor: Actor, _args: Mapping[str, Any]
    ) -> Place | None:
        return found.record and Place(UnsavedOf.CONCERN, found.record.id)

    return on_unsaved(Action.CONCERN_DRAFT, on_child(Action.CONCERN_CREATE), place)


def on_concern_step() -> Access[Place]:
    """Guard a route about what the actor is writing of a concern that is there."""

    def load(
        session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
    ) -> Subject[Place]:
        answers = args["form"] == ConcernForm.ANSWER
        saved_as = on_concern(Action.CONCERN_DECIDE if answers else Action.CONCERN_EDIT)
        found = on_unsaved(Action.CONCERN_DRAFT_STEP, saved_as, _concern_step)
        return found.load(session, actor, now, args)

    return Access((Action.CONCERN_DRAFT_STEP,), load)


def _concern_step(
    _session: Session, found: Subject[Concern], _actor: Actor, args: Mapping[str, Any]
) -> Place | None:
    if found.record is None or args["form"] not in set(ConcernForm):
        return None
    return Place(UnsavedOf.CONCERN_STEP, found.record.id, args["form"])


def on_member(action: Action) -> Access[Member]:
    """Guard a route about one membership; who takes part by it owns it."""
    return Access((action,), _load_member)


def on_handover(action: Action) -> Access[HandoverRow]:
    """Guard a route about one handover; its receiver is the one who owns the answer."""
    return Access((action,), _load_handover)


def on_offer(action: Action) -> Access[HandoverRow]:
    """Guard the taking back of an offer; who offered owns it, and whose baton it is."""
    return Access((action,), _load_offer)


def on_concern(action: Action) -> Access[Concern]:
    """Guard a route about one concern, which all but its author and leader never find."""
    return Access((action,), _load_concern)


def on_concerns(action: Action) -> Access[LogSummary]:
    """Guard a child's list of concerns, which holds only those the actor may read."""
    return Access((action,), _load_log, row_by_row=True)


def offered_by(handover: HandoverRow) -> set[UUID]:
    """Return who may take an offer back: the holder, or a leader who acts in the holder's place."""
    return {handover.from_id, handover.requested_by}


def as_read(context: Context[Any], handover: HandoverRow) -> HandoverRow:
    """Return a handover as the actor may read it: who is only asked to take over sees no wish."""
    facts = replace(context.subject.facts, own=False)
    if decide(context.subject.held, Action.BATON_READ, facts).allowed:
        return handover
    return handover._replace(family_wish=None)


def _load_log(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[LogSummary]:
    child_id, today = args["child_id"], oslo_date(now)
    log, held = queries.summary_for(session, actor, child_id, now)
    return Subject(log, child_id, held, Facts(today))


def _load_member(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Member]:
    child_id = queries.child_of_member(session, args["member_id"])
    if child_id is None:
        raise NotFoundError
    held = ties_of(session, actor, child_id, now)
    found = queries.member(session, args["member_id"])
    own = found is not None and found.user_id == actor.user_id
    return Subject(found, child_id, held, Facts(oslo_date(now), own=own))


def _load_handover(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[HandoverRow]:
    return _handover(session, actor, now, args, lambda row: {row.to_id})


def _load_offer(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[HandoverRow]:
    return _handover(session, actor, now, args, offered_by)


def _handover(
    session: Session,
    actor: Actor,
    now: datetime,
    args: Mapping[str, Any],
    owners: Callable[[HandoverRow], set[UUID]],
) -> Subject[HandoverRow]:
    child_id = queries.child_of_handover(session, args["handover_id"])
    if child_id is None:
        raise NotFoundError
    held = ties_of(session, actor, child_id, now)
    found = queries.handover(session, args["handover_id"])
    own = found is not None and actor.user_id in owners(found)
    return Subject(found, child_id, held, Facts(oslo_date(now), own=own))


def _load_concern(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Concern]:
    concern_id = args["concern_id"]
    child_id = concerns.child_of(session, concern_id)
    if child_id is None:
        raise NotFoundError
    held = ties_of(session, actor, child_id, now)
    facts = Facts(oslo_date(now), object_id=concern_id)
    readable = decide(held, Action.CONCERN_READ, facts).allowed
    found = concerns.find(session, concern_id) if readable else None
    own = found is not None and found.written_by == actor.user_id
    return Subject(found, child_id, held, replace(facts, own=own))
