"""What becomes of the measures of a plan: who takes them on, how they go, what came of them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from stafett.access.policy import Action
from stafett.access.work import Work
from stafett.audit import trail
from stafett.children.rules import hearing_problems
from stafett.errors import ConflictError, FieldError, RuleBrokenError
from stafett.plan import measures, queries, rules
from stafett.plan.models import (
    Evaluation,
    Measure,
    MeasureAnswer,
    MeasureReport,
    Plan,
)
from stafett.plan.rules import RUNS, Content
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.commands import Voice
from stafett.unsaved import commands as unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf


@dataclass(frozen=True)
class Evaluate:
    """What came of a measure; `draft_version`: of the draft that is then let go."""

    evaluated_on: date
    done: str
    effect: int
    child_view: Voice
    text: str
    decision: str
    next_due_on: date | None = None
    draft_version: int = 0


@dataclass(frozen=True)
class Report:
    """How a measure goes, in passing; the text may be empty."""

    done: str
    text: str = ""


@dataclass(frozen=True)
class TakeOn:
    """The yes or no of who is named responsible for a measure; a no says why.

    `responsible`: the name as the page said it, for who answers in another's place.
    `draft_version`: of the draft that is then let go.
    """

    accepts: bool
    reason: str = ""
    responsible: str | None = None
    draft_version: int = 0


def evaluate(work: Work, measure: Measure, wish: Evaluate) -> Evaluation:
    """Say what came of a measure; the draft gets the next day and, when it stops, the end.

    One that something new shall come instead of goes on, and is due, until that is written.

    Raises:
        FieldError: a day that has not come, no next day for what goes on, or what guardians tell in
            the place of one who was of age.
        RuleBrokenError: the measure has ended, or the log is closed.

    """
    problems: dict[str, list[str]] = {
        "date": ["date-in-future"] if wish.evaluated_on > work.today else [],
        "next_due_on": [],
    }
    of_age = queries.is_of_age_on(work.session, measure.child_id, wish.evaluated_on)
    heard = hearing_problems(wish.child_view.how, wish.child_view.text, of_age=of_age)
    problems |= {f"child_view.{name}": codes for name, codes in heard.items()}
    stops = wish.decision == "stop"
    if wish.decision in {"continue", "adjust"} and wish.next_due_on is None:
        problems["next_due_on"] = ["next-due-missing"]
    elif not stops and wish.next_due_on is not None and wish.next_due_on <= wish.evaluated_on:
        problems["next_due_on"] = ["next-due-too-early"]
    if any(problems.values()):
        raise FieldError.of(problems)
    _goes_on(work, measure)
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
    elif not stops:
        measure.evaluate_on = wish.evaluated_on
    if stops:
        measure.status = "stopped"
    _into_draft(work, measure, changes)
    work.session.flush()
    trail.record(
        work,
        Action.MEASURE_EVALUATE,
        measure.child_id,
        _part_id(work, measure) or found.id,
        measure=measure.key,
        done=wish.done,
        decision=wish.decision,
    )
    place = Place(UnsavedOf.EVALUATION, measure.child_id, measure.key)
    unsaved.drop(work, place, wish.draft_version)
    return found


def report(work: Work, measure: Measure, wish: Report) -> MeasureReport:
    """Say in passing how a measure goes; nothing of the plan is changed by it.

    Raises:
        RuleBrokenError: the measure has ended, or the log is closed.

    """
    _goes_on(work, measure)
    goal, parts = _stands_in(work, measure)
    found = MeasureReport(
        plan_id=measure.plan_id,
        child_id=measure.child_id,
        measure_key=measure.key,
        goal_key=goal,
        what=measure.what,
        audiences={key: part.number for key, part in parts.items()},
        ip=measure.ip,
        done=wish.done,
        text=wish.text,
        written_by=work.actor.user_id,
        written_at=work.now,
    )
    work.session.add(found)
    work.session.flush()
    trail.record(
        work,
        Action.MEASURE_REPORT,
        measure.child_id,
        next((part.part_id for part in parts.values()), found.id),
        measure=measure.key,
        done=wish.done,
    )
    return found


def take_on(work: Work, measure: Measure, wish: TakeOn, *, on_paper: bool) -> MeasureAnswer:
    """Answer for a measure: take it on, or say why not, and then it is nobody's.

    Who has answered may answer otherwise later. `on_paper`: the actor writes it in for somebody who
    cannot answer himself; when he can, he confirms it by the same answer. A yes lets go of the no
    that the actor had begun to write.

    Raises:
        ConflictError: that is the answer already, or another is responsible now.
        FieldError: a no without a reason.
        RuleBrokenError: the measure has ended, or the log is closed.

    """
    if not (wish.accepts or wish.reason):
        raise FieldError("reason", "why-not-missing")
    _goes_on(work, measure)
    other = wish.responsible not in {None, measure.responsible_name}
    confirms = not on_paper and measures.answered_on_paper(work.session, measure)
    if (measure.accepted is wish.accepts and not confirms) or other:
        raise ConflictError({"responsible": measure.responsible_name, "accepted": measure.accepted})
    goal, parts = _stands_in(work, measure)
    found = MeasureAnswer(
        plan_id=measure.plan_id,
        child_id=measure.child_id,
        measure_key=measure.key,
        goal_key=goal,
        audiences={key: part.number for key, part in parts.items()},
        ip=measure.ip,
        responsible_id=measure.account_id,
        responsible_name=measure.responsible_name,
        accepts=wish.accepts,
        reason="" if wish.accepts else wish.reason,
        on_paper=on_paper,
        answered_by=work.actor.user_id,
        answered_at=work.now,
    )
    work.session.add(found)
    measure.accepted = wish.accepts
    work.session.flush()
    trail.record(
        work,
        Action.MEASURE_ACCEPT,
        measure.child_id,
        next((part.part_id for part in parts.values()), found.id),
        measure=measure.key,
        accepts=wish.accepts,
        on_paper=on_paper,
    )
    place = Place(UnsavedOf.MEASURE, measure.child_id, measure.key)
    if wish.accepts:
        unsaved.let_go(work, place)
    else:
        unsaved.drop(work, place, wish.draft_version)
    return found


def _stands_in(work: Work, measure: Measure) -> tuple[str, dict[str, rules.PartRow]]:
    """Return the key of a measure's goal, and whom both are for, of those that are not for all."""
    everything = queries.sight(work.session, measure.child_id, None)
    version = queries.in_force(work.session, measure.child_id, everything)
    content = queries.content_of(work.session, version.id, everything) if version else rules.EMPTY
    goal = next(under["key"] for under, one in rules.measures(content) if one["key"] == measure.key)
    keys = [key for key in (measure.key, goal) if key in everything.parts]
    return goal, {key: everything.parts[key][-1] for key in keys}


def _goes_on(work: Work, measure: Measure) -> None:
    obstacles = [] if measure.status in RUNS else ["measure-ended"]
    if logs.open_log(work.session, measure.child_id) is None:
        obstacles.append("log-closed")
    if obstacles:
        raise RuleBrokenError(obstacles)


def _part_id(work: Work, measure: Measure) -> UUID | None:
    """Return the part that a measure is of, when somebody has chosen readers for it or its goal."""
    by = queries.sight(work.session, measure.child_id, None)
    if not by.parts:
        return None
    contents = [work.session.get_one(Plan, measure.plan_id).draft]
    if (held := queries.in_force(work.session, measure.child_id, by)) is not None:
        contents.append(queries.content_of(work.session, held.id, by))  # a birth empties the draft
    goals = (
        under["key"]
        for content in contents
        for under, one in rules.measures(content)
        if one["key"] == measure.key
    )
    goal = next(goals, "")
    return next((by.parts[key][-1].part_id for key in (measure.key, goal) if key in by.parts), None)


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
