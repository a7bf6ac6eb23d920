"""Everything that changes a plan: its draft, its versions, the answers, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from stafett.access.policy import Action
from stafett.access.work import Work
from stafett.audit import trail
from stafett.children.rules import hides_places
from stafett.consents import queries as consents
from stafett.consents.rules import CHILD
from stafett.errors import (
    ConflictError,
    DeniedError,
    FieldError,
    ForeignPartError,
    RuleBrokenError,
)
from stafett.people.models import User
from stafett.plan import queries, rules
from stafett.plan.models import Evaluation, Measure, Plan, PlanAnswer, PlanOutcome, PlanVersion
from stafett.plan.rules import RUNS, Content, PlanKind
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.commands import Voice
from stafett.stafettlogg.queries import LogSummary


@dataclass(frozen=True)
class SaveDraft:
    """A wish to replace the draft; a section that is missing stays as it is."""

    seen_version: int
    content: Content


@dataclass(frozen=True)
class SavePart:
    """A wish to change one part of the draft; `key` is its goal's or measure's, if any."""

    seen_version: int
    fields: Content
    key: str | None = None


@dataclass(frozen=True)
class MakeVersion:
    """A wish to make the draft the next version, or to send it for approval."""

    summary: str
    seen_version: int


@dataclass(frozen=True)
class Answer:
    """A needed person's answer; staff register a signed one in a guardian's name."""

    answer: str
    comment: str | None = None
    on_behalf_of: UUID | None = None
    method: str | None = None
    given_on: date | None = None


@dataclass(frozen=True)
class Evaluate:
    """What came of a measure."""

    evaluated_on: date
    done: str
    effect: int
    child_view: Voice
    text: str
    decision: str
    next_due_on: date | None = None


@dataclass(frozen=True)
class Writer:
    """Who writes in a draft: all of it, or only what is his own."""

    username: str
    whole: bool
    own_goals: frozenset[str] = frozenset()

    def owns_goal(self, goal: Content) -> bool:
        """Say whether he may change a goal and all its measures."""
        return self.whole or goal["whose"] in self.own_goals

    def owns(self, goal: Content, measure: Content) -> bool:
        """Say whether he may change a measure."""
        return self.owns_goal(goal) or measure["responsible"] == self.username


def save_draft(work: Work, log: LogSummary, wish: SaveDraft, writer: Writer) -> Plan:
    """Replace the draft, and give new items the keys that they keep for life.

    Raises:
        ConflictError: somebody else saved the draft after it was opened; with what stands now.
        ForeignPartError: a change outside the writer's own part, naming the paths.
        FieldError: keys or people that do not exist, at their paths.
        RuleBrokenError: the child has no log, or it is closed.

    """
    if log.id is None or log.closed_at is not None:
        raise RuleBrokenError(["log-closed" if log.id else "log-missing"])
    plan = queries.of_child(work.session, log.child_id)
    seen = queries.draft(work.session, log.child_id)
    if wish.seen_version != seen.version:
        raise ConflictError({"seen_version": seen.version, **seen.content})
    asked = {**seen.content, **wish.content}
    running = queries.running_keys(work.session, log.child_id)
    problems = rules.key_problems(asked, rules.keys_of(seen.content), running)
    problems |= _people_problems(work, seen.content, asked)
    if problems:
        raise FieldError.of(problems)
    content, last_key = rules.with_keys(asked, plan.last_key if plan else 0)
    if hides_places(log.child.address_protection):
        content = rules.without_places(content)
    if not writer.whole and (
        foreign := rules.foreign_paths(seen.content, content, writer.username, writer.own_goals)
    ):
        raise ForeignPartError(foreign)
    if plan is None:
        plan = Plan(child_id=log.child_id, last_key=last_key, draft=content)
        work.session.add(plan)
    changed = rules.paths_changed(seen.content, content)
    plan.draft, plan.last_key = content, last_key
    plan.drafted_by, plan.drafted_at = work.actor.user_id, work.now
    work.session.flush()
    kind = queries.kind_now(work.session, log)
    action = (
        Action.PLAN_EDIT_IP if kind is PlanKind.INDIVIDUELL_PLAN else Action.PLAN_EDIT_TILTAKSPLAN
    )
    fields = rules.without_names(changed)
    trail.record(work, action, log.child_id, plan.id, version=plan.version, fields=fields)
    return plan


def save_part(
    work: Work,
    log: LogSummary,
    part: SavePart,
    change: Callable[[Content, Content], Content],
    writer: Writer,
) -> Plan:
    """Change one part of the draft as it stands: `change` gets the draft and the part's fields.

    Raises:
        ConflictError: somebody else saved the draft after the part was opened.
        FieldError: as `save_draft`, at the part's own names.
        NotFoundError: the part has left the draft.

    """
    seen = queries.draft(work.session, log.child_id)
    if part.seen_version != seen.version:
        raise ConflictError({"seen_version": seen.version, **seen.content})
    asked = change(seen.content, part.fields)
    try:
        return save_draft(work, log, SaveDraft(part.seen_version, asked), writer)
    except FieldError as error:
        path = rules.path_of(asked, part.key or rules.NEW)
        own = {name.removeprefix(f"{path}."): codes for name, codes in error.fields.items()}
        raise FieldError.of(own) from error


def make_version(work: Work, log: LogSummary, wish: MakeVersion) -> PlanVersion:
    """Make the draft the next version: a tiltaksplan holds at once, an IP goes to approval.

    Raises:
        ConflictError: somebody else saved the draft after it was opened.
        RuleBrokenError: with every obstacle.

    """
    plan = queries.of_child(work.session, log.child_id)
    if plan is None or wish.seen_version != plan.version:
        raise ConflictError({"seen_version": plan.version if plan else 0})
    kind = queries.kind_now(work.session, log)
    if obstacles := queries.obstacles_to_version(work, log, plan.draft):
        raise RuleBrokenError(obstacles)
    version = PlanVersion(
        plan_id=plan.id,
        child_id=log.child_id,
        number=len(queries.versions(work.session, log.child_id)) + 1,
        kind=kind,
        summary=wish.summary,
        content=plan.draft,
        created_by=work.actor.user_id,
        created_at=work.now,
    )
    work.session.add(version)
    work.session.flush()
    if kind is PlanKind.TILTAKSPLAN:
        _settle(work, version, in_force=True)
    action = (
        Action.PLAN_SUBMIT_IP
        if kind is PlanKind.INDIVIDUELL_PLAN
        else Action.PLAN_PUBLISH_TILTAKSPLAN
    )
    trail.record(work, action, log.child_id, version.id, number=version.number)
    return version


def answer(work: Work, version: PlanVersion, wish: Answer, *, by_family: bool) -> PlanVersion:
    """Answer a version that waits; the last approval needed puts it in force, one no ends it.

    Needed: each guardian with parental responsibility, or the youth alone from the consent age.

    Raises:
        ConflictError: it does not wait any more, or this person has answered.
        DeniedError: an answer that is not needed of this person.
        FieldError: a paper without a name, or in a name that is not needed.

    """
    if work.session.get(PlanOutcome, version.id) is not None:
        raise ConflictError({"number": version.number})
    needed = consents.family_of(work, version.child_id).needed
    given = {
        one.guardian_id or CHILD
        for one in queries.answers(work.session, version.child_id).get(version.id, [])
    }
    who = (
        consents.answers_as(work, version.child_id) if by_family else _on_paper(work, wish, needed)
    )
    if who not in needed:
        raise DeniedError
    if who in given:
        raise ConflictError({"number": version.number})
    approves = wish.answer == "approve"
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
    if not approves:
        _settle(work, version, in_force=False)
    elif needed <= given | {who}:
        _settle(work, version, in_force=True)
    action = Action.PLAN_APPROVE if by_family else Action.PLAN_REGISTER_ANSWER
    trail.record(
        work, action, version.child_id, version.id, number=version.number, answer=wish.answer
    )
    return version


def complete(work: Work, version: PlanVersion) -> PlanVersion:
    """Put a version in force whose missing answers are not needed any more.

    Raises:
        ConflictError: it does not wait any more.
        RuleBrokenError: somebody's answer is still missing.

    """
    if work.session.get(PlanOutcome, version.id) is not None:
        raise ConflictError({"number": version.number})
    needed = consents.family_of(work, version.child_id).needed
    given = queries.answers(work.session, version.child_id).get(version.id, [])
    if not needed or needed - {one.guardian_id or CHILD for one in given}:
        raise RuleBrokenError(["version-waits"])
    _settle(work, version, in_force=True)
    trail.record(
        work, Action.PLAN_REGISTER_ANSWER, version.child_id, version.id, number=version.number
    )
    return version


def evaluate(work: Work, measure: Measure, wish: Evaluate) -> Evaluation:
    """Say what came of a measure; the draft gets the next day and, when it stops, the end.

    Raises:
        FieldError: a day that has not come, or no next day for what goes on.
        RuleBrokenError: the measure has ended, or the log is closed.

    """
    problems: dict[str, list[str]] = {
        "date": ["date-in-future"] if wish.evaluated_on > work.today else [],
        "next_due_on": [],
    }
    stops = wish.decision == "stop"
    if not stops and wish.next_due_on is None:
        problems["next_due_on"] = ["next-due-missing"]
    elif not stops and wish.next_due_on is not None and wish.next_due_on <= wish.evaluated_on:
        problems["next_due_on"] = ["date-passed"]
    if any(problems.values()):
        raise FieldError.of(problems)
    obstacles = [] if measure.status in RUNS else ["measure-ended"]
    if logs.open_log(work.session, measure.child_id) is None:
        obstacles.append("log-closed")
    if obstacles:
        raise RuleBrokenError(obstacles)
    found = Evaluation(
        plan_id=measure.plan_id,
        child_id=measure.child_id,
        measure_key=measure.key,
        evaluated_on=wish.evaluated_on,
        done=wish.done,
        effect=wish.effect,
        voice_how=wish.child_view.how,
        voice_text=wish.child_view.text,
        text=wish.text,
        decision=wish.decision,
        next_due_on=None if stops else wish.next_due_on,
        written_by=work.actor.user_id,
        written_at=work.now,
    )
    work.session.add(found)
    changes: Content = {"status": "stopped"} if stops else {}
    if wish.next_due_on is not None and not stops:
        changes["evaluate_on"] = wish.next_due_on.isoformat()
        measure.evaluate_on = wish.next_due_on
    if stops:
        measure.status = "stopped"
    _into_draft(work, measure, changes)
    work.session.flush()
    trail.record(
        work,
        Action.MEASURE_EVALUATE,
        measure.child_id,
        found.id,
        measure=measure.key,
        done=wish.done,
        decision=wish.decision,
    )
    return found


def _into_draft(work: Work, measure: Measure, changes: Content) -> None:
    """Write what an evaluation decided into the draft, so that nobody types it again."""
    plan = work.session.get_one(Plan, measure.plan_id)
    goals = [
        {
            **goal,
            "measures": [
                {**one, **changes} if one["key"] == measure.key else one for one in goal["measures"]
            ],
        }
        for goal in plan.draft["goals"]
    ]
    plan.draft = {**plan.draft, "goals": goals}


def _settle(work: Work, version: PlanVersion, *, in_force: bool) -> None:
    """Say what came of a version; one in force renews what worklist and log know of measures."""
    work.session.add(PlanOutcome(version_id=version.id, in_force=in_force, at=work.now))
    work.session.flush()
    if not in_force:
        return
    work.session.execute(delete(Measure).where(Measure.plan_id == version.plan_id))
    usernames = {one["responsible"] for _, one in rules.measures(version.content)}
    people = {
        user.username: user
        for user in work.session.scalars(select(User).where(User.username.in_(usernames)))
    }
    for _, one in rules.measures(version.content):
        user = people.get(one["responsible"])
        work.session.add(
            Measure(
                plan_id=version.plan_id,
                child_id=version.child_id,
                key=one["key"],
                what=one["what"],
                responsible_id=user.id if user else None,
                responsible_name=user.name if user else one["responsible"],
                evaluate_on=date.fromisoformat(one["evaluate_on"]),
                status=one["status"],
                ip=version.kind == PlanKind.INDIVIDUELL_PLAN,
            )
        )
    work.session.flush()
    for late in queries.evaluated_since(work.session, version):  # while the version waited
        there = queries.measure(work.session, version.child_id, late.measure_key)
        if there is not None and late.next_due_on is not None:
            there.evaluate_on = late.next_due_on
        elif there is not None:
            there.status = "stopped"
    work.session.flush()


def _people_problems(work: Work, seen: Content, asked: Content) -> dict[str, list[str]]:
    """Return who is named in the draft and has no account that is open.

    Who was named already stays, or nobody could save anything after somebody has left.
    """
    named = rules.people_named(asked)
    there = set(rules.people_named(seen).values())
    known = queries.known_usernames(work.session, set(named.values()) - there)
    return {
        path: ["user-unknown"]
        for path, name in named.items()
        if name not in known and name not in there
    }


def _on_paper(work: Work, wish: Answer, needed: frozenset[Any]) -> UUID | str:
    problems: dict[str, list[str]] = {
        "on_behalf_of": [] if wish.on_behalf_of in needed else ["guardian-unknown"],
        "method": [] if wish.method == "signed" else ["method-signed"],
        "given_on": [] if wish.given_on is not None else ["date-missing"],
    }
    if wish.given_on is not None and wish.given_on > work.today:
        problems["given_on"] = ["date-in-future"]
    if any(problems.values()) or wish.on_behalf_of is None:
        raise FieldError.of(problems)
    return wish.on_behalf_of
