"""Everything that changes a log: it is opened, changes level, is looked at, and closes."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from stafett.access import ties
from stafett.access.policy import Action, Actor, Relation
from stafett.access.ties import Grant
from stafett.access.work import Work
from stafett.audit import trail
from stafett.children import queries as children
from stafett.children.models import Child
from stafett.children.rules import (
    VoiceHow,
    decides_for_itself,
    hearing_problems,
    is_of_age,
)
from stafett.consents import commands as consents
from stafett.consents import queries as consent_queries
from stafett.dates import birthday, next_working_day, oslo_date
from stafett.errors import ConflictError, DeniedError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.people.models import User
from stafett.profile.model import Profile
from stafett.stafettlogg import queries, rules
from stafett.stafettlogg.baton import Offer, hold, make_offer, obstacles_to_offer, offer_to
from stafett.stafettlogg.membership import professional, running_log, take_out
from stafett.stafettlogg.models import Handover, LevelChange, PaperDay, Stafettlogg
from stafett.stafettlogg.rules import (
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
class Open:
    """A wish to open a log; the actor becomes its holder, another `holder` is offered the baton.

    `paper_place`: the family wants it on paper, and where its folder is. `family_wish` is kept with
    that offer.
    """

    level: Level
    consent_id: UUID
    holder: str | None = None
    concern_id: UUID | None = None
    reason: str | None = None
    ip_assessment: IpAssessment | None = None
    paper_place: str | None = None
    family_wish: str | None = None


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

    `parents_agree`: None where they were not asked, since the youth decides. `participants` are who
    decided it, in words; a new `holder` is offered the baton, and `family_wish` is kept with that
    offer. `decided_on`: the local date on which it was decided, in a log on paper; else today.
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

    `family_view`: None only where the parents do not decide.
    """

    outcome: Outcome
    reason: str
    family_view: str | None
    child_voice: Voice
    seen_version: int
    decided_on: date | None = None
    draft_version: int = 0


def open_log(work: Work, child_id: UUID, wish: Open) -> Stafettlogg:
    """Open a log with the actor as its holder; who registered the child keeps no other access.

    Raises:
        FieldError: no such holder, or a wish of the family for who holds it when nobody is asked.
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
        FieldError: no such holder, or a wish of the family for who holds it when nobody is asked.
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
    receiver = None if wish.holder is None else professional(work, wish.holder, "holder")
    obstacles = rules.obstacles_to_level(
        queries.facts(work, child_id, log),
        work.profile.level(wish.level),
        ip_assessed=wish.ip_assessment is not None,
    )
    if receiver is not None:
        obstacles += obstacles_to_offer(work, log, receiver)
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
        else make_offer(work, log, receiver, family_wish=wish.family_wish),
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

    The parents have been asked as long as they decide; they may have been of a youth who decides
    for itself, and not of one who is of age.
    """
    log = running_log(work, child_id)
    if wish.seen_version != log.version:
        raise ConflictError({"level": log.level, "version": log.version})
    born = work.session.get_one(Child, child_id).birth_date
    if wish.parents_agree is None:
        if not decides_for_itself(born, work.today, work.profile.consent_age):
            raise FieldError("parents_agree", "parents-agree-missing")
    elif is_of_age(born, work.today):
        raise FieldError("parents_agree", "parents-of-one-of-age")
    if wish.next_evaluation_on is not None and wish.next_evaluation_on < work.today:
        raise FieldError("next_evaluation_on", "date-passed")
    return log


def _check_voice(work: Work, child_id: UUID, voice: Voice, on: date | None = None) -> None:
    """Refuse what is wrong in how a child was heard on a local date; None: today."""
    of_age = _is_of_age(work, child_id, on)
    if problems := hearing_problems(voice.how, voice.text, of_age=of_age):
        raise FieldError.of({f"child_voice.{name}": codes for name, codes in problems.items()})


def _is_of_age(work: Work, child_id: UUID, on: date | None = None) -> bool:
    """Say whether whom a log is about was of age on a local date; None: today."""
    return is_of_age(work.session.get_one(Child, child_id).birth_date, on or work.today)


def keep_on_paper(work: Work, child_id: UUID, place: str) -> None:
    """Keep the log on paper from now on, or its folder in another place.

    What is written here stays and can be read; nothing new is written before it is kept here again.

    Raises:
        RuleBrokenError: there is no open log.

    """
    log = running_log(work, child_id)
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


def note_paper(work: Work, child_id: UUID, wish: NotePaper) -> None:
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
    log = running_log(work, child_id)
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
        FieldError: nothing of what the parents say while they decide, what guardians tell in the
            place of one who is of age, or a day on which it cannot have been decided.
        RuleBrokenError: there is no open log.

    """
    log = running_log(work, child_id)
    if wish.seen_version != log.version:
        raise ConflictError({"level": log.level, "version": log.version})
    born = work.session.get_one(Child, child_id).birth_date
    if not wish.family_view and not decides_for_itself(born, work.today, work.profile.consent_age):
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
        take_out(work, member, done)
    tasks.settle_of(work, TaskKind.BATON_REFUSED, log.id, done)
    tasks.drop(work, log.child_id, done, kind=TaskKind.IP_ASSESSED)
    if (waiting := queries.pending(work.session, log.id)) is not None:
        waiting.state, waiting.answered_at = HandoverState.CANCELLED, work.now
        waiting.answered_by = work.actor.user_id


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
    hold(work, log, work.session.get_one(User, work.actor.user_id))
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
    chosen = wish.holder and people.by_username(work.session, wish.holder, "holder")
    if chosen and chosen.id != work.actor.user_id:
        offer_to(work, log, Offer(chosen.username, family_wish=wish.family_wish), "holder")
    elif wish.family_wish is not None:
        raise FieldError("family_wish", "wish-without-holder")
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


def _evaluation_after(work: Work, level: int, day: date) -> date | None:
    """Return when one looks at a level again if nobody has said: on a day when people work."""
    days = work.profile.level(level).evaluation_interval_days
    return None if days is None else next_working_day(day + timedelta(days=days))
