"""Everything that changes a plan but its draft: its versions, the answers, what is said of it."""

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor
from stafett.access.work import Work
from stafett.audience.rules import Viewer
from stafett.audit import trail
from stafett.children.models import Guardian
from stafett.consents import queries as consents
from stafett.consents.rules import CHILD
from stafett.dates import months_after, oslo_date
from stafett.errors import (
    ConflictError,
    DeniedError,
    FieldError,
    NotFoundError,
    RuleBrokenError,
)
from stafett.people.models import User
from stafett.plan import measures, people_named, queries, rules, waiting
from stafett.plan.drafting import Writer
from stafett.plan.models import (
    Measure,
    Plan,
    PlanAnswer,
    PlanComment,
    PlanCommentAnswer,
    PlanEvent,
    PlanOutcome,
    PlanVersion,
)
from stafett.plan.rules import (
    CommentVoice,
    EndReason,
    PlanEventKind,
    PlanForm,
    PlanKind,
    Sight,
    VersionState,
)
from stafett.profile.model import Profile
from stafett.stafettlogg.queries import LogSummary
from stafett.tasks import commands as tasks
from stafett.tasks import queries as task_queries
from stafett.tasks.rules import TaskKind
from stafett.team import queries as team
from stafett.unsaved import commands as unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf


@dataclass(frozen=True)
class MakeVersion:
    """A wish to make the draft the next version, or to send it for approval."""

    summary: str
    seen_version: int


@dataclass(frozen=True)
class Withdraw:
    """A wish to take back a version that waits for answers; the reason is in words.

    `draft_version`: of the draft that is then let go.
    """

    reason: str
    draft_version: int = 0


@dataclass(frozen=True)
class Begin:
    """A wish to begin an individuell plan; the words say why now.

    `draft_version` as in `Withdraw`.
    """

    words: str
    draft_version: int = 0


@dataclass(frozen=True)
class End:
    """A wish to end the individuell plan; the words say what follows for the child.

    `said_by`: whose wish it is, in words; who ends it himself needs not say so. `draft_version` as
    in `Withdraw`.
    """

    reason: EndReason
    words: str
    said_by: str | None = None
    draft_version: int = 0


@dataclass(frozen=True)
class Comment:
    """Something to say of a goal (its key) or a section (its name), and whose words it is.

    `draft_version` as in `Withdraw`.
    """

    about: str
    text: str
    voice: CommentVoice = CommentVoice.OWN
    draft_version: int = 0


@dataclass(frozen=True)
class AnswerComment:
    """An answer to a comment."""

    comment_id: UUID
    text: str


@dataclass(frozen=True)
class Answer:
    """A needed person's answer; a signed one is registered in a guardian's or the child's name.

    `draft_version` as in `Withdraw`.
    """

    answer: str
    comment: str | None = None
    on_behalf_of: UUID | str | None = None
    method: str | None = None
    given_on: date | None = None
    draft_version: int = 0


def make_version(work: Work, log: LogSummary, wish: MakeVersion, by: Sight) -> PlanVersion:
    """Make the draft the next version: a tiltaksplan holds at once, an IP goes to approval.

    `by`: what the actor sees of the plan. What he does not see of the draft becomes part of it,
    too. An individuell plan in which nothing is new for those who answer holds at once.

    Raises:
        ConflictError: what he sees was changed after he opened it.
        RuleBrokenError: with every obstacle.

    """
    plan = queries.of_child(work.session, log.child_id)
    seen = queries.draft(work.session, log.child_id, by)
    if wish.seen_version != seen.version:
        raise ConflictError({"seen_version": seen.version})
    kind = queries.kind_now(work.session, log)
    obstacles = queries.obstacles_to_version(work, log, seen.content, by)
    if plan is None or obstacles:
        raise RuleBrokenError(obstacles)
    everything = replace(by, by=None)
    history = queries.versions(work.session, log.child_id, everything)
    for one in history:
        if one.state is VersionState.FOR_APPROVAL:  # the actor does not see it, and goes on
            work.session.add(PlanOutcome(version_id=one.id, in_force=False, at=work.now))
    version = _add_version(work, plan, len(history) + 1, kind, wish.summary)
    if kind is PlanKind.TILTAKSPLAN or not queries.answerers(work, log.child_id, version.id):
        _settle(work, version, in_force=True)
    action = (
        Action.PLAN_SUBMIT_IP
        if kind is PlanKind.INDIVIDUELL_PLAN
        else Action.PLAN_PUBLISH_TILTAKSPLAN
    )
    _keep_fingerprint(work, action, version)
    return version


def _add_version(work: Work, plan: Plan, number: int, kind: PlanKind, summary: str) -> PlanVersion:
    """Make the whole draft, with whom its parts are for, a version."""
    everything = queries.sight(work.session, plan.child_id, None)
    version = PlanVersion(
        plan_id=plan.id,
        child_id=plan.child_id,
        number=number,
        kind=kind,
        summary=summary,
        content=plan.draft,
        audiences=queries.audiences_of(plan.draft, everything),
        sha256=rules.fingerprint(plan.draft),
        created_by=work.actor.user_id,
        created_at=work.now,
    )
    work.session.add(version)
    work.session.flush()
    return version


def _keep_fingerprint(work: Work, action: Action, version: PlanVersion) -> None:
    """Keep in the trail that a version was made, and what it says by its fingerprint."""
    number, digest = version.number, version.sha256
    trail.record(work, action, version.child_id, version.id, number=number, sha256=digest)


def answer(work: Work, version: PlanVersion, wish: Answer, *, by_family: bool) -> PlanVersion:
    """Answer a version that waits; the last approval needed puts it in force, one no ends it.

    Needed: each guardian with parental responsibility, or the youth alone from the consent age.
    Who says the same as staff wrote in of a paper confirms that, also when it waits no more.

    Raises:
        ConflictError: it does not wait any more, or this person has answered.
        DeniedError: an answer that is not needed of this person.
        FieldError: a paper without a name, or in a name that is not needed.

    """
    approves = wish.answer == "approve"
    paper = queries.to_confirm(work, version.child_id, version.id) if by_family else None
    confirms = paper is not None and paper.approves == approves
    if work.session.get(PlanOutcome, version.id) is not None and not confirms:
        raise ConflictError({"number": version.number})
    needed = queries.answerers(work, version.child_id, version.id)
    given = {
        one.guardian_id or CHILD
        for one in queries.answers(work.session, version.child_id).get(version.id, [])
    }
    who = (
        consents.answers_as(work, version.child_id)
        if by_family
        else _on_paper(work, version, wish, needed)
    )
    if who not in needed and not confirms:
        raise DeniedError
    if who in given and not confirms:
        raise ConflictError({"number": version.number})
    work.session.add(
        PlanAnswer(
            version_id=version.id,
            guardian_id=None if who == CHILD else who,
            approves=approves,
            method="digital" if by_family else wish.method,
            comment=wish.comment,
            given_on=wish.given_on if not by_family and wish.given_on else work.today,
            answered_at=work.now,
            answered_by=work.actor.user_id,
        )
    )
    if not approves and not confirms:
        _settle(work, version, in_force=False)
    elif not confirms and needed <= given | {who}:
        _settle(work, version, in_force=True)
    action = Action.PLAN_APPROVE if by_family else Action.PLAN_REGISTER_ANSWER
    trail.record(
        work, action, version.child_id, version.id, number=version.number, answer=wish.answer
    )
    place = Place(UnsavedOf.VERSION, version.id, PlanForm.ANSWER)
    unsaved.drop(work, place, wish.draft_version)
    return version


def complete(work: Work, version: PlanVersion) -> PlanVersion:
    """Put a version in force whose missing answers are not needed any more.

    Raises:
        ConflictError: it does not wait any more.
        RuleBrokenError: somebody's answer is still missing.

    """
    if work.session.get(PlanOutcome, version.id) is not None:
        raise ConflictError({"number": version.number})
    needed = queries.answerers(work, version.child_id, version.id)
    given = queries.answers(work.session, version.child_id).get(version.id, [])
    if not needed or needed - {one.guardian_id or CHILD for one in given}:
        raise RuleBrokenError(["version-waits"])
    _settle(work, version, in_force=True)
    trail.record(
        work, Action.PLAN_REGISTER_ANSWER, version.child_id, version.id, number=version.number
    )
    return version


def withdraw(work: Work, version: PlanVersion, wish: Withdraw) -> PlanVersion:
    """Take back a version that waits: nobody answers it any more, and what held goes on.

    The version and the answers to it stay as they are, and so does the draft.

    Raises:
        ConflictError: it does not wait any more.

    """
    if work.session.get(PlanOutcome, version.id) is not None:
        raise ConflictError({"number": version.number})
    _take_back(work, version, wish.reason)
    action, number = Action.PLAN_SUBMIT_IP, version.number
    trail.record(work, action, version.child_id, version.id, number=number, withdrawn=True)
    place = Place(UnsavedOf.VERSION, version.id, PlanForm.WITHDRAWING)
    unsaved.drop(work, place, wish.draft_version)
    return version


def begin_plan(work: Work, log: LogSummary, wish: Begin) -> PlanEvent:
    """Begin an individuell plan: the draft goes on as one, and its versions need the family's yes.

    Raises:
        RuleBrokenError: with every obstacle.

    """
    obstacles = queries.obstacles_to_begin(work, log)
    if obstacles:
        raise RuleBrokenError(obstacles)
    event = _event(work, log, PlanEventKind.BEGUN, words=wish.words, draft={})
    tasks.settle(work, log.child_id, Action.PLAN_CREATE, None, "Planen er begynt.")
    trail.record(work, Action.PLAN_CREATE, log.child_id, event.id)
    place = Place(UnsavedOf.PLAN_STEP, log.child_id, PlanForm.BEGINNING)
    unsaved.drop(work, place, wish.draft_version)
    return event


def end_plan(work: Work, log: LogSummary, wish: End, *, by_family: bool) -> PlanEvent:
    """End the individuell plan: no version of it holds, and its draft is put away as it stands.

    The log's own plan goes on with the tiltaksplan that holds, if any. The right to a coordinator
    does not end (pbrl. § 2-5 a and c ask for no plan); the coordinator is told when others end it.

    Raises:
        FieldError: it is the family's wish, and nobody is named.
        RuleBrokenError: there is no individuell plan.

    """
    if queries.kind_now(work.session, log) is not PlanKind.INDIVIDUELL_PLAN:
        raise RuleBrokenError(["plan-not-ip"])
    said_by = wish.said_by or (_name(work) if by_family else None)
    if wish.reason is EndReason.FAMILY_WISH and said_by is None:
        raise FieldError("said_by", "end-by-missing")
    plan = queries.of_child(work.session, log.child_id)
    for version in queries.without_outcome(work.session, plan.id) if plan else ():
        _take_back(work, version, "Planen er avsluttet.")
    more = {"reason": wish.reason, "said_by": said_by, "words": wish.words}
    event = _event(work, log, PlanEventKind.ENDED, draft=plan.draft if plan else {}, **more)
    if plan is not None:
        everything = queries.sight(work.session, log.child_id, None)
        held = queries.in_force(work.session, log.child_id, everything)
        found = work.session.get_one(PlanVersion, held.id).content if held else rules.EMPTY
        plan.draft, plan.revise_on = {**rules.EMPTY, **found}, None
        plan.drafted_by, plan.drafted_at = work.actor.user_id, work.now
        work.session.execute(delete(Measure).where(Measure.plan_id == plan.id, Measure.ip))
    coordinator = team.coordinator(work.session, log.child_id, work.today)
    told = people_named.known_usernames(
        work.session, {coordinator.username} if coordinator else set()
    )
    for user_id in set(told.values()) - {work.actor.user_id}:
        tasks.ask_person(work, TaskKind.PLAN_ENDED, log.child_id, user_id, event.id)
    trail.record(work, Action.PLAN_END, log.child_id, event.id, reason=wish.reason)
    place = Place(UnsavedOf.PLAN_STEP, log.child_id, PlanForm.ENDING)
    unsaved.drop(work, place, wish.draft_version)
    return event


def begin_anew(work: Work, log: LogSummary) -> None:
    """Let the plan begin anew with a birth; what stands in it is kept as versions.

    A draft that is no version yet becomes one that never held, and what waits for a yes waits no
    more. What holds goes on for who read it, until there is a new version.
    """
    plan = queries.of_child(work.session, log.child_id)
    if plan is None:
        return
    made = queries.all_versions(work.session, plan.id)
    for version in queries.without_outcome(work.session, plan.id):
        _take_back(work, version, "Barnet er født.")
    last = made[-1].content if made else rules.EMPTY
    if {**rules.EMPTY, **plan.draft} not in (rules.EMPTY, {**rules.EMPTY, **last}):
        kind = queries.kind_now(work.session, log)
        words = "Utkastet slik det var da barnet ble født"
        version = _add_version(work, plan, len(made) + 1, kind, words)
        _settle(work, version, in_force=False)
        _keep_fingerprint(work, Action.PLAN_PUBLISH_TILTAKSPLAN, version)  # not sent for approval
    plan.draft = deepcopy(rules.EMPTY)
    plan.drafted_by, plan.drafted_at = work.actor.user_id, work.now
    work.session.flush()


def remind(session: Session, now: datetime, profile: Profile) -> int:
    """Tell coordinators of children who are of age in half a year, once; return how many are told.

    From that day the youth decides alone, and what guardians have agreed to counts no more.
    """
    today, told, kind = oslo_date(now), 0, TaskKind.ADULT_SOON
    before = {child_id for _, child_id, _ in task_queries.days_of(session, kind)}
    for child_id, of_age_on, user_id in waiting.soon_of_age(session, today, months_after(today, 6)):
        if child_id not in before:
            work = Work(session, Actor(user_id, frozenset()), now, profile)
            tasks.ask_person(work, kind, child_id, user_id, child_id, of_age_on)
            told += 1
    return told


def comment(work: Work, log: LogSummary, wish: Comment, viewer: Viewer) -> PlanComment:
    """Say something of a goal or a section that the actor reads; who answers for the plan is told.

    Nobody is told of what stands at a part that he does not read.

    Raises:
        NotFoundError: there is no such goal or section, or not for the actor.

    """
    by = queries.sight(work.session, log.child_id, viewer)
    if wish.about not in queries.commentable(work.session, log.child_id, by):
        raise NotFoundError
    ip = queries.kind_now(work.session, log) is PlanKind.INDIVIDUELL_PLAN
    made = PlanComment(
        child_id=log.child_id,
        about=wish.about,
        ip=ip,
        voice=wish.voice,
        text=wish.text,
        by=work.actor.user_id,
        at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    coordinator = team.coordinator(work.session, log.child_id, work.today) if ip else None
    whose = coordinator.username if coordinator else log.acting_username or log.holder_username
    for one in queries.readers(work, log):
        sees = Sight(queries.viewer_of(one), by.parts).may(wish.about)
        if one.username == whose and sees and one.user_id != work.actor.user_id:
            tasks.ask_person(work, TaskKind.PLAN_COMMENT, log.child_id, one.user_id, made.id)
    trail.record(work, Action.PLAN_COMMENT, log.child_id, _said_of(made, by))
    place = Place(UnsavedOf.PLAN_STEP, log.child_id, rules.comment_form(wish.about))
    unsaved.drop(work, place, wish.draft_version)
    return made


def answer_comment(work: Work, log: LogSummary, wish: AnswerComment, writer: Writer) -> None:
    """Answer a comment, which closes it; who answers may change all of the plan.

    Raises:
        ConflictError: it has an answer.
        DeniedError: the plan is not the actor's to change.
        NotFoundError: there is no such comment, or not for the actor.

    """
    by = writer.by
    ip = queries.kind_now(work.session, log) is PlanKind.INDIVIDUELL_PLAN
    found = queries.comments(work.session, log.child_id, by, ip=ip)
    one = next((one for one in found if one.id == wish.comment_id), None)
    if one is None:
        raise NotFoundError
    if not writer.whole:
        raise DeniedError
    if one.answer is not None:
        raise ConflictError({"answer": one.answer})
    work.session.add(
        PlanCommentAnswer(comment_id=one.id, text=wish.text, by=work.actor.user_id, at=work.now)
    )
    work.session.flush()
    tasks.settle_of(work, TaskKind.PLAN_COMMENT, one.id, "Svart på i planen.")
    made = work.session.get_one(PlanComment, one.id)
    trail.record(work, Action.PLAN_COMMENT, log.child_id, _said_of(made, by), answered=True)


def _said_of(made: PlanComment, by: Sight) -> UUID:
    """Return what the trail says was changed: the part, where somebody has chosen its readers."""
    return by.parts[made.about][-1].part_id if made.about in by.parts else made.id


def _event(work: Work, log: LogSummary, kind: PlanEventKind, **more: Any) -> PlanEvent:
    before = queries.last_event(work.session, log.child_id)
    event = PlanEvent(
        child_id=log.child_id,
        number=before.number + 1 if before else 1,
        kind=kind,
        by=work.actor.user_id,
        at=work.now,
        **more,
    )
    work.session.add(event)
    work.session.flush()
    return event


def _name(work: Work) -> str:
    return work.session.get_one(User, work.actor.user_id).name


def _take_back(work: Work, version: PlanVersion, reason: str) -> None:
    """Let a version that waits never hold, and keep by whom and why."""
    _settle(work, version, in_force=False, withdrawn_by=work.actor.user_id, reason=reason)


def _settle(work: Work, version: PlanVersion, *, in_force: bool, **more: Any) -> None:
    """Say what came of a version; one in force renews what worklist and log know of measures."""
    work.session.add(PlanOutcome(version_id=version.id, in_force=in_force, at=work.now, **more))
    work.session.flush()
    if not in_force:
        return
    ip = version.kind == PlanKind.INDIVIDUELL_PLAN
    plan = work.session.get_one(Plan, version.plan_id)
    plan.revise_on = rules.revise_on(version.content, work.today) if ip else None
    _renew(work, version, ip=ip)
    for late in measures.evaluated_since(work.session, version):  # while the version waited
        there = measures.measure(work.session, version.child_id, late.measure_key)
        if there is not None and late.next_due_on is not None:
            there.evaluate_on = late.next_due_on
        elif there is not None and late.decision == "stop":
            there.status = "stopped"
    work.session.flush()


def _renew(work: Work, version: PlanVersion, *, ip: bool) -> None:
    """Let the measures say what a version says; who is newly named for one is asked to take it on.

    Who makes the version himself has said yes to what he is named for in it.
    """
    wanted = select(Measure).where(Measure.plan_id == version.plan_id)
    there = {one.key: one for one in work.session.scalars(wanted)}
    usernames = {one["responsible"] for _, one in rules.measures(version.content)}
    people = {
        user.username: user
        for user in work.session.scalars(select(User).where(User.username.in_(usernames)))
    }
    guardians = people_named.guardians(work.session, version.child_id, version.content)
    for _, one in rules.measures(version.content):
        user, guardian = people.get(one["responsible"]), guardians.get(one["responsible"])
        before = there.pop(one["key"], None)
        if user is None and guardian is None and before is not None:  # his name was corrected
            same = before.guardian_id and before.responsible_name == one["responsible"]
            guardian = work.session.get(Guardian, before.guardian_id) if same else None
        account = user.id if user else guardian.user_id if guardian else None
        who = account or one["responsible"]
        found = before or Measure(
            plan_id=version.plan_id, child_id=version.child_id, key=one["key"]
        )
        if before is None or who != (before.account_id or before.responsible_name):
            found.asked_at, found.accepted = work.now, None
        if found.accepted is None and who == version.created_by:
            found.accepted = True
        work.session.add(found)
        found.what, found.status, found.ip = one["what"], one["status"], ip
        found.responsible_id = user.id if user else None
        found.guardian_id = guardian.id if guardian and not user else None
        found.responsible_name = user.name if user else one["responsible"]
        found.evaluate_on = date.fromisoformat(one["evaluate_on"])
    for gone in there.values():
        work.session.delete(gone)
    work.session.flush()


def _on_paper(work: Work, version: PlanVersion, wish: Answer, needed: frozenset[Any]) -> UUID | str:
    problems: dict[str, list[str]] = {
        "on_behalf_of": [] if wish.on_behalf_of in needed else ["guardian-unknown"],
        "method": [] if wish.method == "signed" else ["method-signed"],
        "given_on": [] if wish.given_on is not None else ["date-missing"],
    }
    if wish.given_on is not None and wish.given_on > work.today:
        problems["given_on"] = ["date-in-future"]
    if wish.given_on is not None and wish.given_on < oslo_date(version.created_at):
        problems["given_on"] = ["date-before-version"]
    if any(problems.values()) or wish.on_behalf_of is None:
        raise FieldError.of(problems)
    return wish.on_behalf_of
