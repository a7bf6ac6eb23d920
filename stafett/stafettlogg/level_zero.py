"""Level 0: a concern is written, corrected, added to, talked of with the family, and decided."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from stafett.access import ties
from stafett.access.policy import Action, Relation
from stafett.access.ties import Grant
from stafett.access.work import Work
from stafett.audit import trail
from stafett.dates import months_after, oslo_date
from stafett.errors import ConflictError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.stafettlogg import concerns, rules
from stafett.stafettlogg.models import Concern, ConcernChange
from stafett.stafettlogg.rules import ConcernDecision, ConcernForm
from stafett.tasks import commands as tasks
from stafett.tasks.rules import TaskKind
from stafett.unsaved import commands as unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf


@dataclass(frozen=True)
class WriteConcern:
    """A note at level 0; what was seen and heard, not what it may mean."""

    observed: str
    worry: int
    context: str | None = None
    arena: str | None = None
    frequency: str | None = None
    duration: str | None = None
    people_present: str | None = None
    child_said: str | None = None
    strengths: str | None = None
    earlier_concern: str | None = None
    tried_so_far: str | None = None
    risk_factors: str | None = None
    protective_factors: str | None = None
    areas: list[str] | None = None
    first_noticed_on: date | None = None
    discussed_with_leader_on: date | None = None
    child_talk_on: date | None = None
    child_talk: str | None = None
    parents_talk_on: date | None = None
    parents_talk: str | None = None
    parents_not_asked: str | None = None
    bullying: bool = False


@dataclass(frozen=True)
class NewConcern:
    """A concern to write, and the draft of it that is then let go."""

    concern: WriteConcern
    draft_version: int = 0


@dataclass(frozen=True)
class CorrectConcern:
    """A concern as it should have been; `seen_version` is the version its author was looking at.

    `draft_version` as in `NewConcern`.
    """

    concern: WriteConcern
    seen_version: int
    draft_version: int = 0


@dataclass(frozen=True)
class Talk:
    """A talk with the family about a concern on a local date; or why there can be none."""

    on: date | None = None
    text: str | None = None
    not_asked: str | None = None


@dataclass(frozen=True)
class Decide:
    """A leader's decision about a concern; the reason is the answer to who wrote it.

    `draft_version` as in `NewConcern`.
    """

    decision: ConcernDecision
    reason: str
    draft_version: int = 0


def write_concern(work: Work, child_id: UUID, wish: NewConcern) -> Concern:
    """Write a concern; only its author, and the leader who decides, can read it.

    Raises:
        FieldError: dates that have not come yet, or an area that the profile does not have.

    """
    said = wish.concern
    _check_concern(work, said)
    concern = Concern(
        child_id=child_id,
        written_by=work.actor.user_id,
        service_id=work.actor.service_id,
        written_at=work.now,
        due_on=rules.decide_by(work.today, work.profile),
        parents_due_on=rules.talk_by(work.today, work.profile, bullying=said.bullying),
        **vars(said),
    )
    work.session.add(concern)
    work.session.flush()
    _tie_concern(work, concern, None)
    trail.record(work, Action.CONCERN_CREATE, child_id, concern.id, worry=concern.worry)
    unsaved.drop(work, Place(UnsavedOf.CONCERN, child_id), wish.draft_version)
    return concern


def correct_concern(work: Work, concern: Concern, wish: CorrectConcern) -> Concern:
    """Correct a concern that waits for the leader's answer; what it said is kept.

    Raises:
        ConflictError: somebody else changed it after the form was opened.
        FieldError: dates that have not come yet, or an area that the profile does not have.
        RuleBrokenError: the leader has answered.

    """
    if concern.decision is not None:
        raise RuleBrokenError(["concern-decided"])
    if wish.seen_version != concern.version:
        raise ConflictError({"observed": concern.observed, "version": concern.version})
    _check_concern(work, wish.concern)
    was = {}
    for name, new in vars(wish.concern).items():
        if (old := getattr(concern, name)) != new and (old or new):
            was[name] = old.isoformat() if isinstance(old, date) else old
            setattr(concern, name, new)
    if was:
        if "bullying" in was:
            written_on, bullying = oslo_date(concern.written_at), wish.concern.bullying
            concern.parents_due_on = rules.talk_by(written_on, work.profile, bullying=bullying)
        _concern_changed(work, concern, ConcernChange(was=was))
    unsaved.drop(work, _written_of(concern, ConcernForm.CORRECTION), wish.draft_version)
    return concern


def add_to_concern(work: Work, concern: Concern, addition: str, draft_version: int = 0) -> Concern:
    """Add to a concern that the leader has answered; `draft_version` as in `NewConcern`.

    Raises:
        RuleBrokenError: the leader has not answered yet, so that it can be corrected.

    """
    if concern.decision is None:
        raise RuleBrokenError(["concern-not-decided"])
    _concern_changed(work, concern, ConcernChange(added=addition))
    unsaved.drop(work, _written_of(concern, ConcernForm.ADDITION), draft_version)
    return concern


def _written_of(concern: Concern, form: ConcernForm) -> Place:
    return Place(UnsavedOf.CONCERN_STEP, concern.id, form)


def _concern_changed(work: Work, concern: Concern, change: ConcernChange) -> None:
    """Keep a change of a concern, and tell who has read it."""
    change.concern_id, change.written_at = concern.id, work.now
    work.session.add(change)
    work.session.flush()
    how = {"corrected": sorted(change.was)} if change.was else {"added": True}
    trail.record(work, Action.CONCERN_EDIT, concern.child_id, concern.id, **how)
    readers = concerns.readers(work.session, concern)
    tasks.tell(work, TaskKind.CONCERN_CHANGED, concern.child_id, readers, concern.id)


def _check_concern(work: Work, wish: WriteConcern) -> None:
    days = ("first_noticed_on", "discussed_with_leader_on", "child_talk_on", "parents_talk_on")
    problems = {
        name: ["date-in-future" if day > work.today else "date-too-old"]
        for name in days
        if (day := getattr(wish, name)) is not None
        and not months_after(work.today, -12 * work.profile.max_age) <= day <= work.today
    }
    known = {area.code for area in work.profile.development_areas}
    if not set(wish.areas or ()) <= known:
        problems["areas"] = ["area-unknown"]
    if problems:
        raise FieldError.of(problems)


def move_concerns(work: Work, from_id: UUID, child_id: UUID) -> list[UUID]:
    """Let the concerns of one record be another's; author and leader go on reading theirs."""
    moved = list(work.session.scalars(select(Concern.id).where(Concern.child_id == from_id)))
    move_concerns_back(work, moved, child_id)
    return moved


def move_concerns_back(work: Work, concerns: Iterable[UUID], child_id: UUID) -> None:
    """Let concerns, with their ties, be about a record of the same child."""
    for concern_id in concerns:
        work.session.get_one(Concern, concern_id).child_id = child_id
        work.session.flush()
        ties.carry(work, concern_id, child_id)


def tell_talk(work: Work, concern: Concern, wish: Talk) -> Concern:
    """Keep when the family was talked with about a concern, or why it cannot be, once.

    Raises:
        ConflictError: it has been told already.
        FieldError: a day that has not come, or neither or both of day and reason.

    """
    if concern.parents_talk_on is not None or concern.parents_not_asked is not None:
        there = concern.parents_talk_on and concern.parents_talk_on.isoformat()
        raise ConflictError({"on": there, "not_asked": concern.parents_not_asked})
    if (wish.on is None) is (wish.not_asked is None):
        raise FieldError("on", "talk-or-reason")
    if wish.on is not None and wish.on > work.today:
        raise FieldError("on", "date-in-future")
    concern.parents_talk_on, concern.parents_talk = wish.on, wish.text
    concern.parents_not_asked = wish.not_asked
    trail.record(work, Action.CONCERN_TALK, concern.child_id, concern.id)
    work.session.flush()
    return concern


def decide_concern(work: Work, concern: Concern, wish: Decide) -> Concern:
    """Decide about a concern; author and leader read it for some days more (the profile's).

    Raises:
        ConflictError: it has been decided already.

    """
    if concern.decision is not None:
        raise ConflictError({"decision": concern.decision})
    concern.decision, concern.decision_reason = wish.decision, wish.reason
    concern.decided_by, concern.decided_at = work.actor.user_id, work.now
    ties.end(work, concern.id)
    _tie_concern(work, concern, work.today + timedelta(days=work.profile.concern_access_days))
    trail.record(work, Action.CONCERN_DECIDE, concern.child_id, concern.id, decision=wish.decision)
    unsaved.drop(work, _written_of(concern, ConcernForm.ANSWER), wish.draft_version)
    return concern


def _tie_concern(work: Work, concern: Concern, until: date | None) -> None:
    given = Grant(
        concern.child_id,
        Relation.CA,
        rules.BY_CONCERN,
        concern.id,
        user_id=concern.written_by,
        until_on=until,
    )
    ties.grant(work, given)
    leader_of = people.leading_service(work.session, concern.written_by)
    if leader_of is not None:
        leader = replace(given, relation=Relation.UL, user_id=None, led_service_id=leader_of)
        ties.grant(work, leader)
