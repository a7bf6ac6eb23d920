"""Everything that changes a concern or a log, and with it the ties of those who take part."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from stafett.access import ties
from stafett.access.models import Tie
from stafett.access.policy import FAMILY, Action, Actor, Purpose, Relation
from stafett.access.ties import Grant
from stafett.access.work import Work
from stafett.audit import trail
from stafett.children import queries as children
from stafett.children.models import Child
from stafett.children.rules import VoiceHow, hearing_obstacles, is_of_age
from stafett.consents import commands as consents
from stafett.consents import queries as consent_queries
from stafett.dates import birthday, months_after, next_working_day, oslo_date
from stafett.errors import ConflictError, DeniedError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.people.models import User
from stafett.profile.model import Profile
from stafett.stafettlogg import queries, rules
from stafett.stafettlogg.models import (
    Concern,
    ConcernChange,
    Handover,
    LevelChange,
    Member,
    PaperDay,
    Stafettlogg,
    Transfer,
)
from stafett.stafettlogg.rules import (
    ConcernDecision,
    ConcernForm,
    HandoverState,
    IpAnswer,
    Level,
    Outcome,
    PaperKind,
    StepForm,
)
from stafett.tasks import commands as tasks
from stafett.tasks import queries as task_queries
from stafett.tasks.rules import TaskKind
from stafett.unsaved import commands as unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf

KEPT_AT_CLOSING = frozenset(
    {
        Relation.SH,
        Relation.KO,
        Relation.KEL,
        Relation.CA,
        Relation.UL,
        Relation.PF,
        Relation.PX,
        Relation.C12,
        Relation.C16,
        Relation.BLOCK,
    }
)
"""The family's ties, those who may open the log again, and who wrote or decides about a concern.

Every other tie ends at closing; the registrar's have ended when the log opened.
"""
SINCE_BIRTH = 1000
"""The version of every log whose child has just been born."""
LEVEL_THREE = "level-3"
"""Basis of the tie that level 3 gives the leader of koordinerende enhet."""


@dataclass(frozen=True)
class Voice:
    """The child's view: how it was obtained, and the words."""

    how: VoiceHow
    text: str | None = None


@dataclass(frozen=True)
class IpAssessment:
    """What came out of asking about individuell plan and coordinator."""

    answer: IpAnswer
    reason: str | None = None


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


@dataclass(frozen=True)
class Open:
    """A wish to open a log; the actor becomes its holder, another `holder` is offered the baton.

    `paper_place`: the family wants it on paper, and where its folder is.
    """

    level: Level
    consent_id: UUID
    holder: str | None = None
    concern_id: UUID | None = None
    reason: str | None = None
    ip_assessment: IpAssessment | None = None
    paper_place: str | None = None


@dataclass(frozen=True)
class NotePaper:
    """A day of a log on paper: a consent that was seen, a meeting, or another step of the work.

    `next_evaluation_on`: when one looks at it again, after an evaluation.
    """

    kind: PaperKind
    day: date
    next_evaluation_on: date | None = None


@dataclass(frozen=True)
class ChangeLevel:
    """A wish to move a log; `seen_version` is the version the person was looking at.

    `parents_agree`: None only of one who is of age. `participants` are who decided it, in words; a
    new `holder` is offered the baton, and `family_wish` is kept with that offer. `decided_on`: the
    local date on which it was decided, in a log on paper; else today.
    """

    level: Level
    reason: str
    child_voice: Voice
    parents_agree: bool | None
    seen_version: int
    ip_assessment: IpAssessment | None = None
    next_evaluation_on: date | None = None
    participants: str | None = None
    holder: str | None = None
    family_wish: str | None = None
    decided_on: date | None = None
    draft_version: int = 0


@dataclass(frozen=True)
class EvaluateLevel:
    """What one found on looking at how it goes; `parents_agree` as in `ChangeLevel`."""

    reason: str
    child_voice: Voice
    parents_agree: bool | None
    seen_version: int
    next_evaluation_on: date | None = None
    participants: str | None = None
    draft_version: int = 0


@dataclass(frozen=True)
class Close:
    """A wish to close a log; its words are the closing note. `decided_on` as in `ChangeLevel`.

    `family_view`: None only of one who is of age.
    """

    outcome: Outcome
    reason: str
    family_view: str | None
    child_voice: Voice
    seen_version: int
    decided_on: date | None = None
    draft_version: int = 0


@dataclass(frozen=True)
class Invite:
    """A wish to let somebody take part, until a local date."""

    username: str
    writes: bool
    until: date


@dataclass(frozen=True)
class Extend:
    """A wish to let a membership end on another local date."""

    until: date
    seen_version: int


@dataclass(frozen=True)
class SetAccess:
    """A wish to let a member write, or only read."""

    writes: bool
    seen_version: int


@dataclass(frozen=True)
class Offer:
    """A wish to pass the baton to a user; `family_wish` is what the family has said of it.

    `draft_version`: of the draft that is then let go.
    """

    to: str
    message: str | None = None
    family_wish: str | None = None
    draft_version: int = 0


@dataclass(frozen=True)
class Force:
    """A wish to move a baton that hangs to a user, and why nobody can pass it himself."""

    to: str
    reason: str


@dataclass(frozen=True)
class Move:
    """A wish to move a child's follow-up from one service to another, and why."""

    from_service_id: UUID
    to_service_id: UUID
    reason: str


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
    made = task_queries.made_for(work.session, TaskKind.CONCERN_CHANGED, concern.id)
    knows = {task.user_id for task in made if not task.done_at}
    for reader in queries.readers_of_concern(work.session, concern) - knows:
        kind = TaskKind.CONCERN_CHANGED
        tasks.ask_person(work, kind, concern.child_id, reader, concern.id)


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


def open_log(work: Work, child_id: UUID, wish: Open) -> Stafettlogg:
    """Open a log with the actor as its holder; who registered the child keeps no other access.

    Raises:
        FieldError: no such holder.
        RuleBrokenError: with every obstacle.

    """
    last = queries.last_log(work.session, child_id)
    if last is not None and last.closed_at is not None:
        raise RuleBrokenError(["log-must-be-reopened"])
    log = _start(work, child_id, wish, has_open_log=last is not None)
    ties.end_registrars(work, child_id)
    trail.record(work, Action.LOG_OPEN, child_id, log.id, level=int(wish.level))
    return log


def reopen(work: Work, child_id: UUID, wish: Open) -> Stafettlogg:
    """Open a closed log again, on a new consent, as a new episode; the old one stays as it was.

    Raises:
        FieldError: no such holder.
        RuleBrokenError: with every obstacle.

    """
    last = queries.last_log(work.session, child_id)
    if last is None:
        raise RuleBrokenError(["log-missing"])
    if last.closed_at is not None:
        ties.end(work, last.id)
        ties.end_basis(work, child_id, LEVEL_THREE)
    log = _start(work, child_id, wish, has_open_log=last.closed_at is None)
    work.session.get_one(Child, child_id).ended_at = None  # it was said by mistake
    trail.record(work, Action.LOG_REOPEN, child_id, log.id, level=int(wish.level))
    return log


def change_level(work: Work, child_id: UUID, wish: ChangeLevel, *, offers: bool) -> LevelChange:
    """Move the open log to any level and leave the step in its history.

    Level 3 ties the leader of koordinerende enhet and gives the unit a task; leaving it ends both.
    `offers`: whether the actor may offer the baton, which a new holder in the same step is.

    Raises:
        ConflictError: somebody else saved the log after the form was opened.
        DeniedError: a new holder, from somebody who may not offer the baton.
        FieldError: no answer of the parents, or one for a person of age, or what guardians tell in
            the place of one; an evaluation that lies in the past, no such holder, a wish of the
            family for who holds it next when nobody is asked, or a day on which it cannot have
            been decided.
        RuleBrokenError: with every obstacle.

    """
    log = _looked_at(work, child_id, wish)
    decided_on = _decided_on(work, log, wish.decided_on)
    _check_voice(work, child_id, wish.child_voice, decided_on)
    if wish.holder is not None and not offers:
        raise DeniedError
    if wish.holder is None and wish.family_wish is not None:
        raise FieldError("family_wish", "wish-without-holder")
    receiver = None if wish.holder is None else _professional(work, wish.holder, "holder")
    obstacles = rules.obstacles_to_level(
        queries.facts(work, child_id, log),
        work.profile.level(wish.level),
        ip_assessed=wish.ip_assessment is not None,
    )
    if receiver is not None:
        obstacles += _obstacles_to_offer(work, log, receiver)
    if obstacles:
        raise RuleBrokenError(obstacles)
    old = log.level
    log.level = wish.level
    after = _evaluation_after(work, wish.level, decided_on or work.today)
    log.next_evaluation_on = wish.next_evaluation_on or after
    step = _step(
        work,
        log,
        from_level=old,
        reason=wish.reason,
        voice=wish.child_voice,
        parents_agree=wish.parents_agree,
        assessment=wish.ip_assessment,
        participants=wish.participants,
        handover=None
        if receiver is None
        else _make_offer(work, log, receiver, family_wish=wish.family_wish),
        decided_on=decided_on,
    )
    unsaved.drop(work, Place(UnsavedOf.STEP, child_id, StepForm.LEVEL), wish.draft_version)
    trail.record(
        work,
        Action.LOG_SET_LEVEL,
        child_id,
        log.id,
        old=old,
        new=int(wish.level),
        step=str(step.id),
        **_told_later(decided_on),
    )
    return step


def evaluate_level(work: Work, child_id: UUID, wish: EvaluateLevel) -> LevelChange:
    """Keep what one found on looking at how it goes, and when one looks again; the level stays.

    It is a step in the history that moves nothing. Of a log on paper only the day is kept here.

    Raises:
        ConflictError: somebody else saved the log after the form was opened.
        FieldError: no answer of the parents, or one for a person of age, or what guardians tell in
            the place of one; the next time lies in the past.
        RuleBrokenError: there is no open log, or it is on paper.

    """
    log = _looked_at(work, child_id, wish)
    if log.paper_place is not None:
        raise RuleBrokenError(["log-on-paper"])
    _check_voice(work, child_id, wish.child_voice)
    after = _evaluation_after(work, log.level, work.today)
    log.next_evaluation_on = wish.next_evaluation_on or after
    flag_modified(log, "next_evaluation_on")  # a new version, also when the day is the same
    step = _step(
        work,
        log,
        from_level=log.level,
        reason=wish.reason,
        voice=wish.child_voice,
        parents_agree=wish.parents_agree,
        assessment=None,
        participants=wish.participants,
    )
    unsaved.drop(work, Place(UnsavedOf.STEP, child_id, StepForm.EVALUATION), wish.draft_version)
    trail.record(work, Action.LOG_SET_LEVEL, child_id, log.id, stays=log.level, step=str(step.id))
    return step


def _looked_at(work: Work, child_id: UUID, wish: ChangeLevel | EvaluateLevel) -> Stafettlogg:
    """Return the open log as it was looked at, with a next time that can come.

    The parents have been asked as long as they decide, and not of one who is of age.
    """
    log = _open(work, child_id)
    if wish.seen_version != log.version:
        raise ConflictError({"level": log.level, "version": log.version})
    alone = _decides_alone(work, child_id)
    if alone and wish.parents_agree is not None:
        raise FieldError("parents_agree", "parents-of-one-of-age")
    if not alone and wish.parents_agree is None:
        raise FieldError("parents_agree", "parents-agree-missing")
    if wish.next_evaluation_on is not None and wish.next_evaluation_on < work.today:
        raise FieldError("next_evaluation_on", "date-passed")
    return log


def _check_voice(work: Work, child_id: UUID, voice: Voice, on: date | None = None) -> None:
    """Refuse a way in which a child was not heard on a local date; None: today."""
    birth_date = work.session.get_one(Child, child_id).birth_date
    of_age = is_of_age(birth_date, on or work.today)
    if obstacles := hearing_obstacles(voice.how, of_age=of_age):
        raise FieldError("child_voice.how", *obstacles)


def _decides_alone(work: Work, child_id: UUID) -> bool:
    return is_of_age(work.session.get_one(Child, child_id).birth_date, work.today)


def keep_on_paper(work: Work, child_id: UUID, place: str) -> None:
    """Keep the log on paper from now on, or its folder in another place.

    What is written here stays and can be read; nothing new is written before it is kept here again.

    Raises:
        RuleBrokenError: there is no open log.

    """
    log = _open(work, child_id)
    log.paper_place = place
    day = _paper_day(work, log, PaperKind.BEGUN, work.today)
    trail.record(work, Action.LOG_KEEP_ON_PAPER, child_id, day.id, kind=PaperKind.BEGUN)


def keep_here(work: Work, child_id: UUID) -> None:
    """Keep a log here again that was on paper: the family has given a new consent to it.

    Raises:
        RuleBrokenError: it is not on paper, or no consent has been given since it was put there.

    """
    log = _on_paper(work, child_id)
    if not queries.consented_since_paper(work, log):
        raise RuleBrokenError(["paper-needs-consent"])
    log.paper_place = None
    day = _paper_day(work, log, PaperKind.ENDED, work.today)
    trail.record(work, Action.LOG_KEEP_ON_PAPER, child_id, day.id, kind=PaperKind.ENDED)


def note_paper(work: Work, child_id: UUID, wish: NotePaper) -> PaperDay:
    """Keep a day of a log on paper; an evaluation also says when the next one is.

    Raises:
        FieldError: a day that has not come, or a next evaluation that has passed.
        RuleBrokenError: the log is not on paper.

    """
    log = _on_paper(work, child_id)
    if wish.day > work.today:
        raise FieldError("day", "date-in-future")
    if wish.next_evaluation_on is not None and wish.next_evaluation_on < work.today:
        raise FieldError("next_evaluation_on", "date-passed")
    if wish.kind is PaperKind.EVALUATION:
        after = _evaluation_after(work, log.level, wish.day)
        log.next_evaluation_on = wish.next_evaluation_on or after
    day = _paper_day(work, log, wish.kind, wish.day)
    trail.record(work, Action.LOG_KEEP_ON_PAPER, child_id, day.id, kind=wish.kind)
    return day


def _decided_on(work: Work, log: Stafettlogg, day: date | None) -> date | None:
    """Return the day on which something of a log was decided, unless it is today.

    Raises:
        FieldError: it cannot have been decided on that day.

    """
    if day is not None and (
        problems := rules.wrong_day(
            day,
            queries.last_decided_on(work.session, log),
            work.today,
            on_paper=log.paper_place is not None,
        )
    ):
        raise FieldError("decided_on", *problems)
    return None if day == work.today else day


def _told_later(decided_on: date | None) -> dict[str, str]:
    """Return what the trail keeps of a day that is not the day it was registered."""
    return {} if decided_on is None else {"decided_on": decided_on.isoformat()}


def _on_paper(work: Work, child_id: UUID) -> Stafettlogg:
    log = _open(work, child_id)
    if log.paper_place is None:
        raise RuleBrokenError(["log-not-on-paper"])
    return log


def _paper_day(work: Work, log: Stafettlogg, kind: PaperKind, day: date) -> PaperDay:
    begun = kind is PaperKind.BEGUN
    made = PaperDay(
        log_id=log.id,
        kind=kind,
        day=day,
        place=log.paper_place if begun else None,
        written_by=work.actor.user_id,
        written_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    return made


def close(work: Work, child_id: UUID, wish: Close) -> Stafettlogg:
    """Close the log, frozen or not; access is then that of a withdrawn consent.

    Every cover ends, and every staff tie but those of holder, coordinator and KE's leader.

    Raises:
        ConflictError: somebody else saved the log after the form was opened.
        FieldError: nothing of what the parents say, unless the person is of age, what guardians
            tell in the place of one who is, or a day on which it cannot have been decided.
        RuleBrokenError: there is no open log.

    """
    log = _open(work, child_id)
    if wish.seen_version != log.version:
        raise ConflictError({"level": log.level, "version": log.version})
    if not wish.family_view and not _decides_alone(work, child_id):
        raise FieldError("family_view", "family-view-missing")
    log.closing_decided_on = _decided_on(work, log, wish.decided_on)
    _check_voice(work, child_id, wish.child_voice, log.closing_decided_on)
    log.closed_at, log.closed_by = work.now, work.actor.user_id
    log.outcome, log.closing_reason = wish.outcome, wish.reason
    log.family_view = wish.family_view or None
    log.closing_voice = {"how": wish.child_voice.how, "text": wish.child_voice.text}
    _let_go(work, log)
    consents.end_all(work, child_id)
    ties.end_all_but(work, child_id, KEPT_AT_CLOSING)
    unsaved.drop(work, Place(UnsavedOf.STEP, child_id, StepForm.CLOSING), wish.draft_version)
    later = _told_later(log.closing_decided_on)
    trail.record(work, Action.LOG_CLOSE, child_id, log.id, outcome=wish.outcome, **later)
    return log


def end_without_birth(work: Work, child_id: UUID) -> None:
    """Close what there is of a log because there will be no child; all that reminds stops at once.

    She reads on, and who held the baton may open it again should it be a mistake, on a new consent.
    """
    log = queries.open_log(work.session, child_id)
    if log is not None:
        log.closed_at, log.closed_by, log.outcome = work.now, work.actor.user_id, Outcome.NO_BIRTH
        _let_go(work, log)
    consents.end_all(work, child_id)
    ties.end_all_but(work, child_id, [Relation.SH, Relation.PF, Relation.BLOCK])
    tasks.drop(work, child_id, "Avsluttet uten fødsel.")
    trail.record(work, Action.CHILD_END_UNBORN, child_id, child_id)


def count_anew(work: Work, child_id: UUID) -> None:
    """Let a log's versions go on from a fixed number, which tells of no change before the birth."""
    work.session.flush()
    mine = Stafettlogg.child_id == child_id
    work.session.execute(update(Stafettlogg).where(mine).values(version=SINCE_BIRTH))


def _let_go(work: Work, log: Stafettlogg) -> None:
    """End every membership of a log, the offer that waits, and what level 3 asked of the unit."""
    done = "Loggen er avsluttet."
    for member in queries.standing_members(work.session, log.id):
        member.ended_at, member.ended_by = work.now, work.actor.user_id
        _reminded(work, member, done)
    tasks.settle_of(work, TaskKind.BATON_REFUSED, log.id, done)
    tasks.drop(work, log.child_id, done, kind=TaskKind.IP_ASSESSED)
    if (waiting := queries.pending(work.session, log.id)) is not None:
        waiting.state, waiting.answered_at = HandoverState.CANCELLED, work.now
        waiting.answered_by = work.actor.user_id


def invite(work: Work, child_id: UUID, wish: Invite) -> Member:
    """Let somebody take part: staff for a year at most, external people for three months.

    Raises:
        FieldError: no such person, or one who is a citizen.
        RuleBrokenError: with every obstacle.

    """
    log = _open(work, child_id)
    user = _professional(work, wish.username, "username")
    there = queries.membership(work.session, log.id, user.id)
    if there is not None and there.until_on < work.today:  # it ran out; the new one follows it
        there.ended_at, there.ended_by = work.now, work.actor.user_id
        ties.end(work, there.id)
        there = None
    if obstacles := rules.obstacles_to_membership(
        queries.facts(work, child_id, log, user.id),
        user.service_id,
        is_holder=user.id == log.holder_id,
        is_member=there is not None,
        until=wish.until,
        today=work.today,
        latest=months_after(work.today, _longest(work, user)),
    ):
        raise RuleBrokenError(obstacles)
    member = _join(work, log, user, writes=wish.writes, until=wish.until)
    trail.record(
        work,
        Action.MEMBER_INVITE,
        child_id,
        member.id,
        user_id=str(user.id),
        writes=wish.writes,
        until=wish.until.isoformat(),
    )
    return member


def extend(work: Work, member: Member, wish: Extend) -> Member:
    """Let a membership end on another day, counted from today as a new one is.

    Raises:
        ConflictError: somebody else changed it after the form was opened, or it has ended.
        DeniedError: it is the actor's own.
        RuleBrokenError: with every obstacle; the service's consent must still hold.

    """
    _check_seen(member, wish.seen_version)
    if member.user_id == work.actor.user_id:
        raise DeniedError
    log = _open(work, member.child_id)
    user = work.session.get_one(User, member.user_id)
    if obstacles := rules.obstacles_to_membership(
        queries.facts(work, member.child_id, log),
        member.service_id,
        is_holder=False,
        is_member=False,
        until=wish.until,
        today=work.today,
        latest=months_after(work.today, _longest(work, user)),
    ):
        raise RuleBrokenError(obstacles)
    member.until_on = wish.until
    _tie_member(work, member, user)
    _reminded(work, member, "Tiden er endret.")
    until = wish.until.isoformat()
    trail.record(work, Action.MEMBER_EXTEND, member.child_id, member.id, until=until)
    return member


def set_access(work: Work, member: Member, wish: SetAccess) -> Member:
    """Let a member write, or only read, from the next request on.

    Raises:
        ConflictError: somebody else changed it after the form was opened, or it has ended.

    """
    _check_seen(member, wish.seen_version)
    member.writes = wish.writes
    _tie_member(work, member, work.session.get_one(User, member.user_id))
    trail.record(work, Action.MEMBER_SET_WRITE, member.child_id, member.id, writes=wish.writes)
    return member


def remind(session: Session, now: datetime, profile: Profile) -> int:
    """Tell holders of memberships that end in a month or a week; return how many are told.

    Each is told once for each time and day of ending: a membership that was extended is a new one.
    """
    today, told = oslo_date(now), 0
    last = today + max(rules.REMINDERS.values())
    before = task_queries.days_of(session, *rules.REMINDERS)
    for member, holder in queries.ending(session, today, last):
        kind = rules.reminder(member.from_on, member.until_on, today)
        if kind is None or (kind, member.id, member.until_on) in before:
            continue
        work = Work(session, Actor(member.invited_by, frozenset()), now, profile)
        tasks.ask_holder(work, kind, holder, member.id, member.until_on)
        told += 1
    return told


def prepare_transitions(session: Session, now: datetime, profile: Profile) -> int:
    """Ask holders to plan a meeting for each transition that a child nears; return how many.

    Each is asked about once in a log. The change itself is done by a new consent, and by moving
    the follow-up to the service that receives the child.
    """
    today, asked = oslo_date(now), 0
    told = task_queries.words_of(session, TaskKind.TRANSITION)
    for log_id, birth_date, holder in queries.held_children(session):
        for one, due_on in rules.to_prepare(profile.transitions, birth_date, today):
            if (log_id, one.name) not in told:
                work = Work(session, Actor(holder.granted_by, frozenset()), now, profile)
                tasks.ask_holder(work, TaskKind.TRANSITION, holder, log_id, due_on, one.name)
                asked += 1
    return asked


def ask_the_grown(session: Session, now: datetime, profile: Profile) -> int:
    """Ask holders for the yes of those who decide alone from now on; return how many.

    Others' yes counts until it ends. Each is asked about once (pbrl. § 4-3; Helsedirektoratet).
    """
    today = oslo_date(now)
    told = {source_id for source_id, _ in task_queries.words_of(session, TaskKind.OWN_CONSENT)}
    grown = {
        holder.child_id: holder
        for _, born, holder in queries.held_children(session)
        if birthday(born, profile.consent_age) <= today and holder.child_id not in told
    }
    asked = consent_queries.given_by_others(session, grown, today)
    for child_id in asked:
        holder = grown[child_id]
        work = Work(session, Actor(holder.granted_by, frozenset()), now, profile)
        due_on = today + rules.FORTNIGHT
        tasks.ask_holder(work, TaskKind.OWN_CONSENT, holder, child_id, due_on)
    return len(asked)


def _reminded(work: Work, member: Member, text: str) -> None:
    """Take the reminders off the worklist: somebody has done what they ask for."""
    for kind in rules.REMINDERS:
        tasks.settle_of(work, kind, member.id, text)


def leave(work: Work, member: Member, reason: str) -> Member:
    """Take oneself out of a log at once; the service's consent stands.

    Raises:
        ConflictError: it has ended already.

    """
    if member.ended_at is not None:
        raise ConflictError({"version": member.version})
    member.ended_at, member.ended_by, member.ended_reason = work.now, work.actor.user_id, reason
    ties.end(work, member.id)
    _reminded(work, member, "Personen er ikke med lenger.")
    trail.record(work, Action.MEMBER_LEAVE, member.child_id, member.id)
    return member


def _check_seen(member: Member, seen_version: int) -> None:
    if member.ended_at is not None or member.version != seen_version:
        raise ConflictError({"version": member.version, "until": member.until_on.isoformat()})


def end_membership(
    work: Work, member: Member, reason: str, relations: frozenset[Relation]
) -> Member:
    """End a membership at once. When the family does it, the service's consent goes with it.

    Raises:
        ConflictError: it has ended already.
        DeniedError: a parent in whose place somebody else stands.

    """
    if member.ended_at is not None:
        raise ConflictError({"version": member.version})
    by_family = bool(relations) and relations <= FAMILY
    if by_family:
        consents.require_stopper(work, member.child_id, Purpose.STAFETTLOGG)
    member.ended_at, member.ended_by, member.ended_reason = work.now, work.actor.user_id, reason
    ties.end(work, member.id)
    _reminded(work, member, "Personen er ikke med lenger.")
    if by_family:
        consents.stop(work, member.child_id, Purpose.STAFETTLOGG, [member.service_id])
    trail.record(
        work, Action.MEMBER_REMOVE, member.child_id, member.id, user_id=str(member.user_id)
    )
    return member


def offer(work: Work, child_id: UUID, wish: Offer) -> Handover:
    """Offer the baton; the holder keeps it until the receiver accepts.

    Raises:
        FieldError: no such person.
        RuleBrokenError: with every obstacle.

    """
    log = _open(work, child_id)
    handover = _offer(work, log, wish, "to")
    trail.record(work, Action.BATON_OFFER, child_id, handover.id, to=str(handover.to_id))
    unsaved.drop(work, Place(UnsavedOf.STEP, child_id, StepForm.HANDOVER), wish.draft_version)
    return handover


def accept(work: Work, handover_id: UUID) -> Handover:
    """Take the baton; in this transaction the old holder becomes a writing member.

    But not who works by now in a service that nobody has said yes to.

    Raises:
        ConflictError: the handover has been answered already.
        RuleBrokenError: the receiver's service is no longer covered.

    """
    handover = _pending(work, handover_id)
    log = _open(work, handover.child_id)
    receiver = work.session.get_one(User, handover.to_id)
    if obstacles := rules.obstacles_to_handover(
        queries.facts(work, log.child_id, log, receiver.id),
        receiver.service_id,
        is_holder=False,
        pending=False,
        is_staff=True,
    ):
        raise RuleBrokenError(obstacles)
    giver = ties.holder_of(work.session, log.child_id)
    _answer(work, handover, HandoverState.ACCEPTED)
    old = work.session.get_one(User, log.holder_id)
    _take_over(work, log, giver, receiver)
    left = _leave_behind(work, log, giver)
    if not left and giver is not None and giver.user_id == old.id and _may_stay(work, old, giver):
        until = months_after(work.today, work.profile.membership_months_staff)
        _join(work, log, old, writes=True, until=until)
    trail.record(work, Action.BATON_ACCEPT, log.child_id, handover.id, state=handover.state)
    return handover


def _may_stay(work: Work, old: User, giver: Tie) -> bool:
    covered = ties.covered_services(work.session, giver.child_id, work.today)
    return old.service_id in {giver.service_id, *covered}


def refuse(work: Work, handover_id: UUID, reason: str) -> Handover:
    """Say no to the baton; it stays where it is, and who has it is told.

    Raises:
        ConflictError: the handover has been answered already.

    """
    handover = _pending(work, handover_id)
    _answer(work, handover, HandoverState.REFUSED, reason)
    holder = ties.holder_of(work.session, handover.child_id)
    if holder is not None:
        tasks.ask_holder(work, TaskKind.BATON_REFUSED, holder, handover.log_id)
    trail.record(work, Action.BATON_REFUSE, handover.child_id, handover.id)
    return handover


def cancel(work: Work, handover_id: UUID) -> Handover:
    """Take an offer back.

    Raises:
        ConflictError: the handover has been answered already.

    """
    handover = _pending(work, handover_id)
    _answer(work, handover, HandoverState.CANCELLED)
    trail.record(work, Action.BATON_CANCEL, handover.child_id, handover.id)
    return handover


def force(work: Work, child_id: UUID, wish: Force) -> Handover:
    """Move a baton that hangs: its holder is dead, ill or gone, and can pass it to nobody.

    The new holder is not asked, but told. The old one is out at once, and is invited again if he
    comes back; an offer that waits is called back.

    Raises:
        FieldError: no such person, or oneself.
        RuleBrokenError: with every obstacle.

    """
    log = _open(work, child_id)
    receiver = _professional(work, wish.to, "to")
    if receiver.id == work.actor.user_id:
        raise FieldError("to", "baton-to-oneself")
    giver = ties.holder_of(work.session, child_id)
    if obstacles := rules.obstacles_to_handover(
        queries.facts(work, child_id, log, receiver.id),
        receiver.service_id,
        is_holder=giver is not None and giver.user_id == receiver.id,
        pending=False,
        is_staff=not _is_external(receiver),
    ):
        raise RuleBrokenError(obstacles)
    if (waiting := queries.pending(work.session, log.id)) is not None:
        _answer(work, waiting, HandoverState.CANCELLED)
    moved = Handover(
        log_id=log.id,
        child_id=child_id,
        from_id=log.holder_id,
        to_id=receiver.id,
        state=HandoverState.FORCED,
        requested_by=work.actor.user_id,
        requested_at=work.now,
        answered_at=work.now,
        answered_by=work.actor.user_id,
        reason=wish.reason,
    )
    work.session.add(moved)
    _take_over(work, log, giver, receiver)
    _leave_behind(work, log, giver)
    tasks.ask_person(work, TaskKind.BATON_MOVED, child_id, receiver.id, moved.id)
    trail.record(
        *(work, Action.BATON_FORCE, child_id, moved.id),
        from_id=str(moved.from_id),
        to=str(receiver.id),
    )
    return moved


def transfer(work: Work, child_id: UUID, wish: Move) -> Transfer:
    """Move the follow-up to another service: the old one is out at once, but for the baton.

    Its members are out and its consents end; the new one gets nothing before the family has said
    yes to it, which the holder is asked to see to unless it is in already. Who holds the baton
    keeps it until somebody accepts, and is out then.

    Raises:
        FieldError: no such service.
        RuleBrokenError: with every obstacle.

    """
    log = _open(work, child_id)
    if people.service(work.session, wish.to_service_id) is None:
        raise FieldError("to_service_id", "service-unknown")
    old = wish.from_service_id
    members = queries.standing_members(work.session, log.id)
    if obstacles := rules.obstacles_to_transfer(
        queries.facts(work, child_id, log),
        old,
        wish.to_service_id,
        takes_part=any(one.service_id == old for one in members),
        waits=queries.waiting_transfer(work.session, log.id, old) is not None,
    ):
        raise RuleBrokenError(obstacles)
    ended = _end_members(work, log, old, wish.reason)
    holder = ties.holder_of(work.session, child_id)
    holds = holder is not None and holder.service_id == old
    if (waiting := queries.pending(work.session, log.id)) is not None and (
        people.service_of(work.session, waiting.to_id) == old
    ):
        _answer(work, waiting, HandoverState.CANCELLED)
    for purpose in Purpose:
        if not (holds and purpose is Purpose.STAFETTLOGG):
            consents.withdraw_services(work, child_id, purpose, [old])
    made = Transfer(
        log_id=log.id,
        child_id=child_id,
        from_service_id=old,
        to_service_id=wish.to_service_id,
        reason=wish.reason,
        made_by=work.actor.user_id,
        made_at=work.now,
        finished_at=None if holds else work.now,
    )
    work.session.add(made)
    work.session.flush()
    new = wish.to_service_id
    in_already = any(one.service_id == new for one in members) and (
        new in ties.covered_services(work.session, child_id, work.today)
    )
    if holder is not None and (holds or not in_already):
        tasks.ask_holder(work, TaskKind.TRANSFERRED, holder, made.id)
    trail.record(
        *(work, Action.UNIT_TRANSFER_CHILD, child_id, made.id),
        from_service=str(old),
        to_service=str(wish.to_service_id),
        members=ended,
    )
    return made


def _leave_behind(work: Work, log: Stafettlogg, giver: Tie | None) -> bool:
    """Take out a service that only waited for its baton to pass; say whether it was so."""
    old = giver.service_id if giver is not None else None
    waiting = queries.waiting_transfer(work.session, log.id, old)
    if waiting is None or people.service_of(work.session, log.holder_id) == old:
        return False  # a colleague has it: it is still the service's
    waiting.finished_at = work.now
    _end_members(work, log, waiting.from_service_id, waiting.reason)
    services = [waiting.from_service_id]
    consents.withdraw_services(work, log.child_id, Purpose.STAFETTLOGG, services)
    return True


def _end_members(work: Work, log: Stafettlogg, service_id: UUID, reason: str) -> int:
    members = [
        one
        for one in queries.standing_members(work.session, log.id)
        if one.service_id == service_id
    ]
    for member in members:
        end_membership(work, member, reason, frozenset())
    return len(members)


def _take_over(work: Work, log: Stafettlogg, giver: Tie | None, receiver: User) -> None:
    """Let one be the holder instead of another; a membership he had is over."""
    if giver is not None:
        ties.end_tie(work, giver)
        done = "En annen har stafettpinnen nå."
        tasks.settle_of(work, TaskKind.HOLDER_NEEDED, giver.source_id, done)
    if earlier := queries.membership(work.session, log.id, receiver.id):
        earlier.ended_at, earlier.ended_by = work.now, work.actor.user_id
        ties.end(work, earlier.id)
        _reminded(work, earlier, "Personen har stafettpinnen nå.")
    tasks.settle_of(work, TaskKind.BATON_REFUSED, log.id, "En annen har stafettpinnen nå.")
    log.holder_id = receiver.id
    work.session.flush()
    _hold(work, log, receiver)


def _start(work: Work, child_id: UUID, wish: Open, *, has_open_log: bool) -> Stafettlogg:
    """Begin an episode: check everything at once, then log, first step, holder, and an offer."""
    child = children.find(work.session, child_id)
    if obstacles := rules.obstacles_to_opening(
        queries.facts(work, child_id, None),
        work.profile.level(wish.level),
        work.actor.service_id,
        consent_holds=queries.holds_consent(work, child_id, wish.consent_id),
        has_open_log=has_open_log,
        provisional=child is not None and child.provisional,
        ip_assessed=wish.ip_assessment is not None,
    ):
        raise RuleBrokenError(obstacles)
    log = Stafettlogg(
        child_id=child_id,
        level=wish.level,
        holder_id=work.actor.user_id,
        opened_at=work.now,
        opened_by=work.actor.user_id,
        concern_id=wish.concern_id,
        next_evaluation_on=_evaluation_after(work, wish.level, work.today),
    )
    work.session.add(log)
    work.session.flush()
    _hold(work, log, work.session.get_one(User, work.actor.user_id))
    _step(
        work,
        log,
        from_level=None,
        reason=wish.reason,
        voice=None,
        parents_agree=None,
        assessment=wish.ip_assessment,
    )
    if wish.paper_place is not None:
        log.paper_place = wish.paper_place
        _paper_day(work, log, PaperKind.BEGUN, work.today)
    if wish.holder is not None:
        chosen = people.by_username(work.session, wish.holder, "holder")
        if chosen.id != work.actor.user_id:
            _offer(work, log, Offer(wish.holder), "holder")
    return log


def _step(
    work: Work,
    log: Stafettlogg,
    *,
    from_level: int | None,
    reason: str | None,
    voice: Voice | None,
    parents_agree: bool | None,
    assessment: IpAssessment | None,
    participants: str | None = None,
    handover: Handover | None = None,
    decided_on: date | None = None,
) -> LevelChange:
    """Leave one step in the history; level 3 ties and asks koordinerende enhet while it lasts."""
    step = LevelChange(
        log_id=log.id,
        from_level=from_level,
        to_level=log.level,
        reason=reason,
        voice_how=voice and voice.how,
        voice_text=voice and voice.text,
        parents_agree=parents_agree,
        ip_answer=assessment and assessment.answer,
        ip_reason=assessment and assessment.reason,
        next_evaluation_on=log.next_evaluation_on,
        participants=participants,
        handover_id=handover and handover.id,
        decided_on=decided_on,
        changed_by=work.actor.user_id,
        changed_at=work.now,
    )
    work.session.add(step)
    work.session.flush()  # gives the step its id, and finds a lost race now
    if from_level == log.level:
        return step
    unit = people.coordinating_unit(work.session)
    if log.level == Level.THREE and unit is not None:
        kel = Grant(log.child_id, Relation.KEL, LEVEL_THREE, step.id, led_service_id=unit)
        ties.grant(work, replace(kel, needs_consent=True))
        tasks.ask_service(work, TaskKind.IP_ASSESSED, log.child_id, unit, step.id)
    elif from_level == Level.THREE:
        ties.end_basis(work, log.child_id, LEVEL_THREE)
        tasks.drop(
            work, log.child_id, "Barnet er ikke på nivå 3 lenger.", kind=TaskKind.IP_ASSESSED
        )
    return step


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


def _hold(work: Work, log: Stafettlogg, user: User) -> Tie:
    return ties.grant(
        work,
        Grant(
            log.child_id,
            Relation.SH,
            "holder",
            log.id,
            user_id=user.id,
            needs_consent=True,
            service_id=user.service_id,
        ),
    )


def _join(work: Work, log: Stafettlogg, user: User, *, writes: bool, until: date) -> Member:
    member = Member(
        log_id=log.id,
        child_id=log.child_id,
        user_id=user.id,
        service_id=user.service_id,
        writes=writes,
        from_on=work.today,
        until_on=until,
        invited_by=work.actor.user_id,
    )
    work.session.add(member)
    work.session.flush()
    _tie_member(work, member, user)
    return member


def _tie_member(work: Work, member: Member, user: User) -> None:
    """Let the member's tie say what the membership says."""
    work.session.flush()
    ties.end(work, member.id)
    inside = Relation.MW if member.writes else Relation.MR
    relation = Relation.EX if _is_external(user) else inside
    ties.grant(
        work,
        Grant(
            member.child_id,
            relation,
            "member",
            member.id,
            user_id=user.id,
            needs_consent=True,
            service_id=member.service_id,
            writes=member.writes,
            from_on=member.from_on,
            until_on=member.until_on,
        ),
    )


def _longest(work: Work, user: User) -> int:
    """Return for how many months somebody may be a member before it is asked anew."""
    profile = work.profile
    external = _is_external(user)
    return profile.membership_months_external if external else profile.membership_months_staff


def _offer(work: Work, log: Stafettlogg, wish: Offer, name: str) -> Handover:
    user = _professional(work, wish.to, name)
    if obstacles := _obstacles_to_offer(work, log, user):
        raise RuleBrokenError(obstacles)
    return _make_offer(work, log, user, wish.message, wish.family_wish)


def _obstacles_to_offer(work: Work, log: Stafettlogg, user: User) -> list[str]:
    holder = ties.holder_of(work.session, log.child_id)
    return rules.obstacles_to_handover(
        queries.facts(work, log.child_id, log, user.id),
        user.service_id,
        is_holder=holder is not None and holder.user_id == user.id,
        pending=queries.pending(work.session, log.id) is not None,
        is_staff=not _is_external(user),
    )


def _make_offer(
    work: Work,
    log: Stafettlogg,
    user: User,
    message: str | None = None,
    family_wish: str | None = None,
) -> Handover:
    handover = Handover(
        log_id=log.id,
        child_id=log.child_id,
        from_id=log.holder_id,
        to_id=user.id,
        message=message,
        family_wish=family_wish,
        requested_by=work.actor.user_id,
        requested_at=work.now,
    )
    work.session.add(handover)
    work.session.flush()
    tasks.settle_of(work, TaskKind.BATON_REFUSED, log.id, "En annen er spurt.")
    return handover


def _pending(work: Work, handover_id: UUID) -> Handover:
    handover = work.session.get_one(Handover, handover_id)
    if handover.state != HandoverState.PENDING:
        raise ConflictError({"state": handover.state})
    return handover


def _answer(
    work: Work, handover: Handover, state: HandoverState, reason: str | None = None
) -> None:
    handover.state, handover.reason = state, reason
    handover.answered_at, handover.answered_by = work.now, work.actor.user_id
    work.session.flush()


def _professional(work: Work, username: str, name: str) -> User:
    user = people.by_username(work.session, username, name)
    if not {"staff", "external"} & set(user.roles.split()) or user.service_id is None:
        raise FieldError(name, "not-staff")
    return user


def _is_external(user: User) -> bool:
    return "external" in user.roles.split()


def _evaluation_after(work: Work, level: int, day: date) -> date | None:
    """Return when one looks at a level again if nobody has said: on a day when people work."""
    days = work.profile.level(level).evaluation_interval_days
    return None if days is None else next_working_day(day + timedelta(days=days))


def _open(work: Work, child_id: UUID) -> Stafettlogg:
    log = queries.last_log(work.session, child_id)
    if log is None:
        raise RuleBrokenError(["log-missing"])
    if log.closed_at is not None:
        raise RuleBrokenError(["log-closed"])
    return log
