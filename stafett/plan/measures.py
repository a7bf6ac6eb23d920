"""Reads of how the measures of a plan stand, who does them, and what came of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, partial
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from stafett.access import ties
from stafett.access.models import Birth, Tie
from stafett.access.policy import Action, Facts, Held, Relation, decide
from stafett.access.work import Work
from stafett.children.models import Child, Guardian
from stafett.dates import oslo_date
from stafett.db import OsloDay, constants, fetch
from stafett.people import queries as people
from stafett.people.models import Service, User
from stafett.plan import rules
from stafett.plan.models import (
    Evaluation,
    Measure,
    MeasureAnswer,
    MeasureReport,
    PlanAudience,
    PlanOutcome,
    PlanVersion,
)
from stafett.plan.queries import HELD, VersionRow, content_of, in_force, sights
from stafett.plan.rules import EMPTY, RUNS, PlanKind, Sight, VersionState
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.models import Stafettlogg


class MeasureNow(NamedTuple):
    """How a measure of the version in force stands; `account_id` is whose it is.

    `accepted`: whether he has taken it on, None while he has not answered. `left`: his account is
    closed, or he has left the child since he was asked.
    """

    status: str
    evaluate_on: date
    account_id: UUID | None
    accepted: bool | None
    left: bool

    @property
    def nobodys(self) -> bool:
        """Say whether nobody has it in hand."""
        return not self.accepted or self.left


class EvaluationRow(NamedTuple):
    """What came of a measure; `ip`: it was said while an individuell plan held."""

    id: UUID
    measure_key: str
    evaluated_on: date
    done: str
    effect: int
    voice_how: str
    voice_text: str | None
    text: str
    decision: str
    next_due_on: date | None
    by: str
    written_at: datetime
    ip: bool


class ReportRow(NamedTuple):
    """How a measure goes, as somebody has said it."""

    id: UUID
    measure_key: str
    goal_key: str
    what: str
    audiences: dict[str, int]
    ip: bool
    done: str
    text: str
    by: str
    title: str
    written_at: datetime

    @property
    def kind(self) -> str:
        """What it is among the entries of a log."""
        return "told"


class TakenOnRow(NamedTuple):
    """What somebody has answered for a measure; `by` has written it in, if `on_paper`."""

    id: UUID
    measure_key: str
    goal_key: str
    audiences: dict[str, int]
    ip: bool
    who: str
    accepts: bool
    reason: str
    on_paper: bool
    by: str
    answered_at: datetime


class OnPaper(NamedTuple):
    """What somebody wrote in of another's answer for a measure, who may now say if it is right."""

    id: UUID
    child_id: UUID
    child_name: str
    key: str
    what: str
    ip: bool
    accepts: bool


Said = TypeVar("Said", ReportRow, TakenOnRow)


class OpenMeasure(NamedTuple):
    """A measure that nobody has taken on, or that was left by who had.

    `accepted` is False when who is responsible has said no, None when he has not answered since
    `asked_at`, a UTC moment. `account`: whether he has one that is open, and has
    not left the child since.
    """

    id: UUID
    child_id: UUID
    child_name: str
    key: str
    what: str
    account_id: UUID | None
    responsible: str
    evaluate_on: date
    ip: bool
    accepted: bool | None
    decision: str | None
    asked_at: datetime
    account: bool


class DueMeasure(NamedTuple):
    """A measure that is to be evaluated on a local date; `decision`: what was decided last time.

    `left`: who is responsible has a closed account, or has left the child since he was asked.
    """

    id: UUID
    child_id: UUID
    child_name: str
    key: str
    what: str
    account_id: UUID | None
    responsible: str
    evaluate_on: date
    ip: bool
    accepted: bool | None
    decision: str | None
    left: bool = False

    @property
    def nobodys(self) -> bool:
        """Say whether nobody has it in hand."""
        return not self.accepted or self.left


class InHand(NamedTuple):
    """Measures that somebody evaluates, or finds somebody for.

    `due` are all that he evaluates, the next first; `held`: what he is to the children of those
    that are due soon, and of those that he finds somebody for.
    """

    due: list[DueMeasure]
    untaken: list[OpenMeasure]
    held: Mapping[UUID, Sequence[Held]]


_OWN = aliased(Measure)
_HIS = Measure.id.in_(  # each half by an index of its own
    union_all(
        select(_OWN.id).where(_OWN.responsible_id == bindparam("user_id")),
        select(_OWN.id)
        .join(Guardian, Guardian.id == _OWN.guardian_id)
        .where(Guardian.user_id == bindparam("user_id")),
    )
)
_DECISION = (
    select(Evaluation.decision)
    .where(Evaluation.plan_id == Measure.plan_id, Evaluation.measure_key == Measure.key)
    .order_by(Evaluation.evaluated_on.desc(), Evaluation.written_at.desc(), Evaluation.id)
    .limit(1)
    .scalar_subquery()
)
_MEASURES = (  # built once: making a statement costs as much as running it
    select(Measure.id, Measure.child_id, Child.name, Measure.key, Measure.what)
    .add_columns(Measure.account_id.label("account_id"), Measure.responsible_name)
    .add_columns(Measure.evaluate_on)
    .add_columns(Measure.ip, Measure.accepted, _DECISION)
    .join(Child, Child.id == Measure.child_id)
    .where(Measure.status.in_(constants(RUNS)))
    .order_by(Measure.evaluate_on, Measure.what, Measure.id)
)
_LOG_IS_OPEN = exists().where(
    Stafettlogg.child_id == Measure.child_id, Stafettlogg.closed_at.is_(None)
)
_SOME_SEE_LESS = or_(
    exists().where(PlanAudience.child_id == Measure.child_id),
    exists().where(Birth.child_id == Measure.child_id),
)
_STAYED, _LEFT = aliased(Tie), aliased(Tie)
_HAS_LEFT = and_(  # who was never with the child may have said yes by word of mouth
    exists().where(
        _LEFT.child_id == Measure.child_id,
        _LEFT.user_id == Measure.account_id,
        _LEFT.relation != Relation.BLOCK,
        or_(
            _LEFT.ended_at >= Measure.asked_at,
            and_(_LEFT.until_on < ties.TODAY, _LEFT.until_on >= OsloDay(Measure.asked_at)),
        ),
    ),
    ~exists().where(
        _STAYED.child_id == Measure.child_id,
        or_(
            _STAYED.user_id == Measure.account_id,
            _STAYED.led_service_id.in_(
                select(Service.id).where(Service.leader_id == Measure.account_id).correlate(Measure)
            ),
        ),
        _STAYED.relation != Relation.BLOCK,
        _STAYED.ended_at.is_(None),
        or_(_STAYED.until_on.is_(None), _STAYED.until_on >= ties.TODAY),
    ),
)
_IS_GONE = or_(
    _HAS_LEFT,
    exists().where(User.id == Measure.account_id, User.disabled_at.is_not(None)),
)
_COVERED = (  # looked up for each: to see if one exists, PostgreSQL would read all children's
    ties.covered_today(Measure.child_id, ties.TODAY).limit(1).scalar_subquery()
)
_RUNNING = _MEASURES.add_columns(_IS_GONE).where(Measure.child_id == bindparam("child_id"))
_IN_HAND = {
    leads: _MEASURES.add_columns(Measure.asked_at, User.id.is_not(None), _SOME_SEE_LESS)
    .join(
        User,
        and_(User.id == Measure.account_id, User.disabled_at.is_(None), ~_HAS_LEFT),
        isouter=True,
    )
    .where(
        _LOG_IS_OPEN,
        or_(
            _HIS,
            Measure.child_id.in_(ties.tied_as([Relation.SH, Relation.KO], leads=leads)),
        ),
        or_(
            and_(
                Measure.accepted.is_(True),
                Measure.account_id == bindparam("user_id"),
                Measure.child_id.in_(ties.visible(leads=leads)),
                _COVERED.is_not(None),
                ~ties.restricted(Measure.child_id),
            ),
            Measure.accepted.is_not(True),
            and_(Measure.account_id != bindparam("user_id"), User.id.is_(None)),
        ),
    )
    for leads in (False, True)
}
_ANSWERED_ON_PAPER = (  # by the newest answer since who is responsible was asked
    select(MeasureAnswer.on_paper)
    .where(
        MeasureAnswer.plan_id == Measure.plan_id,
        MeasureAnswer.measure_key == Measure.key,
        MeasureAnswer.answered_at >= Measure.asked_at,
    )
    .order_by(MeasureAnswer.answered_at.desc(), MeasureAnswer.id.desc())
    .limit(1)
    .scalar_subquery()
)
ON_PAPER = (
    select(Measure.id, Measure.child_id, Child.name, Measure.key, Measure.what)
    .add_columns(Measure.ip, Measure.accepted)
    .join(Child, Child.id == Measure.child_id)
    .where(
        _HIS,
        Measure.status.in_(constants(RUNS)),
        Measure.accepted.is_not(None),
        _ANSWERED_ON_PAPER.is_(True),
        _LOG_IS_OPEN,
    )
    .order_by(Measure.what, Measure.id)
)
_HELD_THEN = (
    select(PlanVersion.kind)
    .join(PlanOutcome, PlanOutcome.version_id == PlanVersion.id)
    .where(
        PlanVersion.plan_id == Evaluation.plan_id,
        PlanOutcome.in_force,
        PlanOutcome.at <= Evaluation.written_at,
    )
    .order_by(PlanOutcome.at.desc(), PlanVersion.number.desc())
    .limit(1)
    .scalar_subquery()
)
_EVALUATIONS = (
    select(Evaluation.id, Evaluation.measure_key, Evaluation.evaluated_on, Evaluation.done)
    .add_columns(Evaluation.effect, Evaluation.voice_how, Evaluation.voice_text)
    .add_columns(Evaluation.text, Evaluation.decision, Evaluation.next_due_on, User.name)
    .add_columns(Evaluation.written_at, _HELD_THEN == PlanKind.INDIVIDUELL_PLAN)
    .join(User, User.id == Evaluation.written_by)
    .where(Evaluation.child_id == bindparam("child_id"))
    .order_by(Evaluation.evaluated_on.desc(), Evaluation.written_at.desc(), Evaluation.id)
)
_REPORTS = (
    select(MeasureReport.id, MeasureReport.measure_key, MeasureReport.goal_key)
    .add_columns(MeasureReport.what, MeasureReport.audiences, MeasureReport.ip)
    .add_columns(MeasureReport.done, MeasureReport.text, User.name, User.title)
    .add_columns(MeasureReport.written_at)
    .join(User, User.id == MeasureReport.written_by)
    .where(MeasureReport.child_id == bindparam("child_id"))
    .order_by(MeasureReport.written_at.desc(), MeasureReport.id.desc())
)
_TAKEN_ON = (
    select(MeasureAnswer.id, MeasureAnswer.measure_key, MeasureAnswer.goal_key)
    .add_columns(MeasureAnswer.audiences, MeasureAnswer.ip, MeasureAnswer.responsible_name)
    .add_columns(MeasureAnswer.accepts, MeasureAnswer.reason, MeasureAnswer.on_paper)
    .add_columns(User.name, MeasureAnswer.answered_at)
    .join(User, User.id == MeasureAnswer.answered_by)
    .where(MeasureAnswer.child_id == bindparam("child_id"))
    .order_by(MeasureAnswer.answered_at.desc(), MeasureAnswer.id.desc())
)
_NOW = (
    select(Measure.status, Measure.evaluate_on, Measure.account_id, Measure.accepted)
    .add_columns(_IS_GONE, Measure.key)
    .where(Measure.child_id == bindparam("child_id"))
)


def measure_keys(session: Session, child_id: UUID, by: Sight) -> frozenset[str] | None:
    """Return the keys of the measures in force that somebody sees; None: he sees all."""
    if by.all:
        return None
    held = in_force(session, child_id, by)
    content = EMPTY if held is None else content_of(session, held.id, by)
    return frozenset(one["key"] for _, one in rules.measures(content))


def evaluations(session: Session, child_id: UUID) -> list[EvaluationRow]:
    """Return what came of the child's measures, newest first."""
    rows = fetch(session, _EVALUATIONS, {"child_id": child_id})
    return [EvaluationRow._make(row) for row in rows]


def newest_evaluations(
    session: Session, child_id: UUID, version: VersionRow, history: Sequence[VersionRow]
) -> dict[str, EvaluationRow]:
    """Return what last came of each measure, by its key, as a version that somebody reads shows it.

    One that held before shows what was written while it held, and one that never held shows
    nothing: what came later is of another plan. A tiltaksplan shows nothing of what was said while
    an individuell plan held, which fewer may read. `history` is what he reads, newest first.
    """
    if version.state in rules.NEVER_HELD:
        return {}
    begun, over = None, list[datetime | None]()
    if version.state is VersionState.SUPERSEDED:
        after = [one for one in history if one.number > version.number and one.state in HELD]
        begun, over = version.settled_at, [version.ended_at, *(one.settled_at for one in after)]
    found: dict[str, EvaluationRow] = {}
    for one in evaluations(session, child_id):
        if one.ip and version.kind is PlanKind.TILTAKSPLAN:
            continue
        since = begun is None or begun <= one.written_at
        if since and all(end is None or one.written_at < end for end in over):
            found.setdefault(one.measure_key, one)
    return found


def reports(
    session: Session, child_id: UUID, by: Sight, reads: Callable[[bool], bool]
) -> list[ReportRow]:
    """Return how the child's measures go, newest first, of those that somebody reads.

    `reads`: whether he reads an individuell plan (True), or a tiltaksplan (False).
    """
    rows = fetch(session, _REPORTS, {"child_id": child_id})
    return _as_read_then(by, [one for row in rows if reads((one := ReportRow._make(row)).ip)])


def taken_on(
    session: Session, child_id: UUID, by: Sight, reads: Callable[[bool], bool]
) -> list[TakenOnRow]:
    """Return what has been answered for the child's measures, newest first, as `reports` does."""
    rows = fetch(session, _TAKEN_ON, {"child_id": child_id})
    return _as_read_then(by, [one for row in rows if reads((one := TakenOnRow._make(row)).ip)])


def _as_read_then(by: Sight, rows: list[Said]) -> list[Said]:
    """Return those that somebody reads of what was said of measures: then, and today."""
    return [
        one
        for one in rows
        if by.may(one.measure_key, one.audiences) and by.may(one.goal_key, one.audiences)
    ]


def evaluated_since(session: Session, version: PlanVersion) -> Sequence[Evaluation]:
    """Return the evaluations that were written after a version was made, oldest first."""
    wanted = select(Evaluation).where(
        Evaluation.plan_id == version.plan_id, Evaluation.written_at > version.created_at
    )
    return session.scalars(wanted.order_by(Evaluation.written_at)).all()


def measure(session: Session, child_id: UUID, key: str) -> Measure | None:
    """Return a measure of the version in force."""
    wanted = select(Measure).where(Measure.child_id == child_id, Measure.key == key)
    return session.scalars(wanted).one_or_none()


def running(session: Session, child_id: UUID, by: Sight, today: date) -> list[DueMeasure]:
    """Return the measures under way that somebody sees, the next to be evaluated first."""
    keys, given = measure_keys(session, child_id, by), {"child_id": child_id, "today": today}
    found = [DueMeasure._make(row) for row in fetch(session, _RUNNING, given)]
    return [one for one in found if keys is None or one.key in keys]


def in_hand(work: Work, until: date) -> InHand:
    """Return the measures under way, of open logs, that the actor evaluates or finds somebody for.

    He evaluates what he has taken on, unless he has nothing to do with the child any more. Nobody
    has yet taken on those that he is named for and has not answered, and others in the plans he
    answers for: as coordinator an individuell plan, else as holder. Of what he may not read there
    are none. Whose account is closed, or who has left the child, answers for nothing. `until`: by
    which local date a measure is due soon.
    """
    given = ties.asking(work.actor, work.today, work.now)
    rows = fetch(work.session, _IN_HAND[bool(work.actor.leads)], given)
    some_see_less = sights(work, {row[1] for row in rows if row[-1]})
    keys = {
        child_id: measure_keys(work.session, child_id, by) for child_id, by in some_see_less.items()
    }
    seen = [row for row in rows if (mine := keys.get(row[1])) is None or row[3] in mine]
    me = work.actor.user_id
    own = [bool(row.accepted) and row.account_id == me for row in seen]
    due = [DueMeasure(*row[:-3]) for row, his in zip(seen, own, strict=True) if his]
    untaken = [OpenMeasure._make(row[:-1]) for row, his in zip(seen, own, strict=True) if not his]
    among = {one.child_id for one in due if one.evaluate_on <= until}
    among.update(one.child_id for one in untaken)
    held = ties.ties_to_all(work.session, work.actor, work.now, among) if among else {}
    sees_to = cache(partial(_sees_to, work, held))  # a plan has many, of few kinds
    his = [
        one
        for one in untaken
        if sees_to(one.child_id, ip=one.ip, own=one.account_id == me and one.accepted is None)
    ]
    return InHand(due, his, held)


def to_confirm(work: Work) -> list[OnPaper]:
    """Return the measures for which somebody wrote in the actor's answer, till he says it himself.

    Of those that he reads and may answer for today.
    """
    rows = fetch(work.session, ON_PAPER, {"user_id": work.actor.user_id})
    found = [OnPaper._make(row) for row in rows]
    among = {one.child_id for one in found}
    held = ties.ties_to_all(work.session, work.actor, work.now, among) if among else {}
    keys = {
        child_id: measure_keys(work.session, child_id, by)
        for child_id, by in sights(work, among).items()
    }
    return [
        one
        for one in found
        if ((seen := keys.get(one.child_id)) is None or one.key in seen)
        and decide(
            held.get(one.child_id, ()),
            Action.MEASURE_ACCEPT,
            Facts(work.today, own=True, ip=one.ip),
        ).allowed
    ]


def writes_in(work: Work, child_id: UUID, key: str) -> bool:
    """Say whether the actor writes in the answer for a measure, for who cannot answer himself."""
    found, log = measure(work.session, child_id, key), logs.open_log(work.session, child_id)
    runs = found is not None and found.status in RUNS and log is not None
    if found is None or not runs or answers_himself(work.session, found, work.now):
        return False
    held = ties.ties_of(work.session, work.actor, child_id, work.now)
    edits = Action.PLAN_EDIT_IP if found.ip else Action.PLAN_EDIT_TILTAKSPLAN
    return decide(held, edits, Facts(work.today, ip=found.ip)).allowed


def answered_on_paper(session: Session, measure: Measure) -> bool:
    """Say whether the answer that stands for a measure was written in by another."""
    wanted = select(_ANSWERED_ON_PAPER).select_from(Measure).where(Measure.id == measure.id)
    return bool(session.scalar(wanted))


def _sees_to(
    work: Work, by_child: Mapping[UUID, Sequence[Held]], child_id: UUID, *, ip: bool, own: bool
) -> bool:
    """Say whether a measure waits for the actor: for his `own` answer, or for him to find one."""
    held, facts = by_child.get(child_id, ()), Facts(work.today, own=True, ip=ip)
    if own and decide(held, Action.MEASURE_ACCEPT, facts).allowed:
        return True
    leads = Relation.KO if ip else Relation.SH
    edits = Action.PLAN_EDIT_IP if ip else Action.PLAN_EDIT_TILTAKSPLAN
    return leads in decide(held, edits, Facts(work.today, ip=ip)).basis


def answers_himself(session: Session, measure: Measure, now: datetime) -> bool:
    """Say whether who is responsible for a measure may answer for it himself today."""
    actor = people.actor(session, measure.account_id) if measure.account_id else None
    if actor is None:
        return False
    held = ties.ties_of(session, actor, measure.child_id, now)
    facts = Facts(oslo_date(now), own=True, ip=measure.ip)
    return decide(held, Action.MEASURE_ACCEPT, facts).allowed


def answering(session: Session, child_id: UUID, now: datetime, *, ip: bool) -> frozenset[UUID]:
    """Return who might answer for a measure of the child himself today, as `answers_himself`.

    But for who is something to the child only by leading a service.
    """
    facts = Facts(oslo_date(now), own=True, ip=ip)
    held = ties.ties_of_all(session, child_id, now)
    return frozenset(
        user_id
        for (user_id, _), every in held.items()
        if user_id and decide(every, Action.MEASURE_ACCEPT, facts).allowed
    )


def standing(session: Session, child_id: UUID, today: date) -> dict[str, MeasureNow]:
    """Return how each measure of the version in force stands on a local date, by its key."""
    rows = fetch(session, _NOW, {"child_id": child_id, "today": today})
    return {key: MeasureNow._make(now) for *now, key in rows}
