"""The guards of routes about a child's plan."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from stafett.access import ties
from stafett.access.policy import FAMILY, GRANTS, Action, Actor, Cell, Facts, Relation, decide
from stafett.access.ties import ties_of
from stafett.audience.rules import Viewer, viewer_of_plan
from stafett.dates import oslo_date
from stafett.errors import NotFoundError
from stafett.people.models import User
from stafett.plan import measures, people_named, queries, rules
from stafett.plan.drafting import Writer
from stafett.plan.measures import DueMeasure, MeasureNow, ReportRow, TakenOnRow
from stafett.plan.models import Measure, PlanVersion
from stafett.plan.queries import DraftChange, VersionRow
from stafett.plan.rules import RUNS, PlanForm, PlanKind, Sight, VersionState
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.rules import Level, LogStatus
from stafett.unsaved.guards import on_unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf
from stafett.web.guard import Access, Context, Subject


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """The child's log, what its plan is today, and how the actor stands to it.

    `by`: what he sees of it.
    """

    log: LogSummary
    kind: PlanKind
    family: bool
    by: Sight

    @property
    def joined_to(self) -> UUID | None:
        """The record that answers in this one's place, if it was joined to one."""
        return self.log.joined_to


@dataclass(frozen=True, slots=True)
class Asked:
    """A measure that somebody is to take on, the actor if `himself`.

    `on_paper`: who is responsible cannot answer himself, and is answered for by who may write all
    of the plan.
    """

    measure: Measure
    himself: bool
    on_paper: bool
    ip: bool


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A version that somebody answers, and whether the actor is of the family.

    `number` is the one that it has for him, `by` what he sees.
    """

    version: PlanVersion
    number: int
    family: bool
    by: Sight


def on_draft() -> Access[PlanRecord]:
    """Guard the draft; who may change only his own part is held to it by the command."""
    actions = (Action.PLAN_EDIT_TILTAKSPLAN, Action.PLAN_EDIT_IP)
    return Access(actions, _load_draft, _by_kind(*actions))


def on_form() -> Access[Place]:
    """Guard a route about what the actor is writing in a form of the draft, if it is his to save.

    What has been hidden from him, or has left the draft, has no such place.
    """
    return on_unsaved(Action.PLAN_DRAFT, on_draft(), _form)


def on_step() -> Access[Place]:
    """Guard a route about what the actor is writing in a form that decides or says something.

    The form is a `PlanForm`; the number of a version, the key of a measure or what a comment is
    about follows after a `_`.
    """

    def load(
        session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
    ) -> Subject[Place]:
        form, _, of = args["form"].partition("_")
        saved_as, place = _STEPS.get(form, (on_log(Action.PLAN_END), _nowhere))
        number = int(of) if of.isdecimal() and len(of) <= _DIGITS else 0
        given = {"child_id": args["child_id"], "form": form, "key": of, "number": number}
        return on_unsaved(Action.PLAN_DRAFT, saved_as, place).load(session, actor, now, given)

    return Access((Action.PLAN_DRAFT,), load)


def on_comments() -> Access[PlanRecord]:
    """Guard what is said of the plan, by those who read it."""
    return Access((Action.PLAN_COMMENT,), _load_making)


def on_making() -> Access[PlanRecord]:
    """Guard the step from draft to version."""
    actions = (Action.PLAN_PUBLISH_TILTAKSPLAN, Action.PLAN_SUBMIT_IP)
    return Access(actions, _load_making, _by_kind(*actions))


def on_answer() -> Access[VersionRecord]:
    """Guard the answer to a version: the family's own, or a signed one that staff register."""
    actions = (Action.PLAN_APPROVE, Action.PLAN_REGISTER_ANSWER)
    return Access(actions, _load_version, _by_side(*actions))


def on_completing() -> Access[VersionRecord]:
    """Guard the step that puts a version in force when nobody's answer is missing any more."""
    return Access((Action.PLAN_REGISTER_ANSWER,), _load_version)


def on_withdrawing() -> Access[VersionRecord]:
    """Guard the step that takes a version back: who may send one for approval may do that."""
    return Access((Action.PLAN_SUBMIT_IP,), _load_version)


def on_measure(action: Action) -> Access[Measure]:
    """Guard a route about one measure of the version in force; who answers for it owns it."""
    return Access((action,), _load_measure)


def on_taking_on() -> Access[Asked]:
    """Guard the answer of who is named responsible for a measure, or that on paper for him."""
    actions = (Action.MEASURE_ACCEPT, Action.PLAN_EDIT_TILTAKSPLAN, Action.PLAN_EDIT_IP)

    def which(record: Asked, _actor: Actor) -> Action:
        if not record.on_paper:
            return Action.MEASURE_ACCEPT
        return Action.PLAN_EDIT_IP if record.ip else Action.PLAN_EDIT_TILTAKSPLAN

    return Access(actions, _load_asked, which)


def on_answering() -> Access[Place]:
    """Guard a route about the no to a measure that the actor is writing."""

    def place(
        _session: Session, found: Subject[Asked], _actor: Actor, _args: Mapping[str, Any]
    ) -> Place | None:
        if found.record is None:
            return None
        measure = found.record.measure
        return Place(UnsavedOf.MEASURE, measure.child_id, measure.key)

    return on_unsaved(Action.PLAN_DRAFT, on_taking_on(), place)


def _by_kind(tiltaksplan: Action, ip: Action) -> Any:
    def which(record: PlanRecord, _actor: Actor) -> Action:
        return ip if record.kind is PlanKind.INDIVIDUELL_PLAN else tiltaksplan

    return which


def _by_side(own: Action, paper: Action) -> Any:
    def which(record: VersionRecord, _actor: Actor) -> Action:
        return own if record.family else paper

    return which


def _load_draft(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[PlanRecord]:
    return _plan(session, actor, now, args, own=True)


def _form(
    session: Session, found: Subject[Any], actor: Actor, args: Mapping[str, Any]
) -> Place | None:
    record: Any = found.record
    action = on_draft().action(record, actor)
    basis = decide(found.held, action, found.facts).basis
    username = session.get_one(User, actor.user_id).username
    content = queries.draft(session, record.log.child_id, record.by).content
    his = _writer(session, action, basis, (actor.user_id, username), record)
    if not his.writes(content, args["key"]):
        return None
    return Place(UnsavedOf.PLAN, record.log.child_id, args["key"])


def _decided(
    _session: Session, found: Subject[Any], _actor: Actor, args: Mapping[str, Any]
) -> Place | None:
    log: Any = found.record
    return None if args["key"] else Place(UnsavedOf.PLAN_STEP, log.child_id, args["form"])


def _said(
    session: Session, found: Subject[Any], _actor: Actor, args: Mapping[str, Any]
) -> Place | None:
    plan: Any = found.record
    child_id, about = plan.log.child_id, args["key"]
    if about not in queries.commentable(session, child_id, plan.by):
        return None
    return Place(UnsavedOf.PLAN_STEP, child_id, rules.comment_form(about))


def _of_version(
    _session: Session, found: Subject[Any], _actor: Actor, args: Mapping[str, Any]
) -> Place | None:
    record: Any = found.record
    if args["form"] == PlanForm.ANSWER and not record.family:
        return None
    return Place(UnsavedOf.VERSION, record.version.id, args["form"])


def _evaluated(
    _session: Session, found: Subject[Any], _actor: Actor, _args: Mapping[str, Any]
) -> Place | None:
    measure: Any = found.record
    return Place(UnsavedOf.EVALUATION, measure.child_id, measure.key)


def _nowhere(*_: Any) -> None:
    return None


def _load_making(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[PlanRecord]:
    return _plan(session, actor, now, args, own=False)


def _plan(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any], *, own: bool
) -> Subject[PlanRecord]:
    child_id, today = args["child_id"], oslo_date(now)
    log, held = logs.summary_for(session, actor, child_id, now)
    if log is None:
        return Subject(None, child_id, held, Facts(today))
    kind, by = queries.kind_and_sight(session, log, viewer_of_plan(actor, held, today))
    family = any(one.relation in FAMILY and one.span.holds(today) for one in held)
    facts = Facts(today, own=own, ip=kind is PlanKind.INDIVIDUELL_PLAN)
    return Subject(PlanRecord(log, kind, family, by), child_id, held, facts)


def _load_version(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[VersionRecord]:
    child_id, today = args["child_id"], oslo_date(now)
    held = ties_of(session, actor, child_id, now)
    by = queries.sight(session, child_id, viewer_of_plan(actor, held, today))
    found = queries.numbered(session, child_id, args["number"], by)
    facts = Facts(today, ip=found is not None and found.kind == PlanKind.INDIVIDUELL_PLAN)
    family = any(one.relation in FAMILY and one.span.holds(today) for one in held)
    record = None if found is None else VersionRecord(found, args["number"], family, by)
    return Subject(record, child_id, held, facts)


def _load_measure(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Measure]:
    child_id = args["child_id"]
    held = ties_of(session, actor, child_id, now)
    today = oslo_date(now)
    by = queries.sight(session, child_id, viewer_of_plan(actor, held, today))
    keys = measures.measure_keys(session, child_id, by)
    found = measures.measure(session, child_id, args["key"])
    if keys is not None and args["key"] not in keys:
        found = None
    holds = queries.in_force(session, child_id, by)
    facts = Facts(
        today,
        own=found is not None and found.account_id == actor.user_id and found.accepted is not False,
        ip=holds is not None and holds.kind is PlanKind.INDIVIDUELL_PLAN,
    )
    return Subject(found, child_id, held, facts)


def _load_asked(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Asked]:
    there = _load_measure(session, actor, now, args)
    found, facts = there.record, there.facts
    if found is None:
        return Subject(None, there.child_id, there.held, facts)
    himself = found.account_id == actor.user_id
    on_paper = not himself and not measures.answers_himself(session, found, now)
    record = Asked(found, himself, on_paper, facts.ip)
    return Subject(record, there.child_id, there.held, replace(facts, own=himself))


def allows(context: Context[Any], action: Action, *, ip: bool, own: bool = False) -> bool:
    """Say whether a button about a plan would be answered, by the question its route asks."""
    facts = replace(context.subject.facts, ip=ip, own=own)
    return decide(context.subject.held, action, facts).allowed


def may_read(context: Context[Any], version: VersionRow) -> bool:
    """Say whether the actor may read a version; what held before is asked for by itself."""
    now = version.state in {VersionState.IN_FORCE, VersionState.FOR_APPROVAL}
    action = Action.PLAN_READ if now else Action.PLAN_READ_VERSION
    return context.may(action, ip=version.kind is PlanKind.INDIVIDUELL_PLAN)


def may_draft(context: Context[Any], kind: PlanKind) -> bool:
    """Say whether the actor may open the draft, to change all of it or his own part."""
    ip = kind is PlanKind.INDIVIDUELL_PLAN
    action = Action.PLAN_EDIT_IP if ip else Action.PLAN_EDIT_TILTAKSPLAN
    return allows(context, action, ip=ip, own=True)


def begins_goals(context: Context[LogSummary], kind: PlanKind | None = None) -> bool:
    """Say whether the actor may begin a goal in the plan of an open log at level 1 or 2.

    Whoever may write all of the plan, and the family, whose own goals are theirs to write.
    `kind`: what the plan is today, where that has been read.
    """
    log = context.record
    open_here = log.state == LogStatus.OPEN and not log.paper_place
    if not open_here or log.level not in {Level.ONE, Level.TWO}:
        return False
    ip = (kind or queries.kind_now(context.session, log)) is PlanKind.INDIVIDUELL_PLAN
    action = Action.PLAN_EDIT_IP if ip else Action.PLAN_EDIT_TILTAKSPLAN
    facts = replace(context.subject.facts, ip=ip, own=True)
    basis = decide(context.subject.held, action, facts).basis
    return any(one in FAMILY or GRANTS[action][one] is Cell.YES for one in basis)


def may_make(context: Context[Any], kind: PlanKind) -> bool:
    """Say whether the actor may make the draft a version, or send it for approval."""
    ip = kind is PlanKind.INDIVIDUELL_PLAN
    return allows(context, Action.PLAN_SUBMIT_IP if ip else Action.PLAN_PUBLISH_TILTAKSPLAN, ip=ip)


def may_do(
    context: Context[Any], action: Action, standing: Mapping[str, MeasureNow], *, ip: bool
) -> frozenset[str]:
    """Return the keys of the running measures with which the actor may do something."""
    own = allows(context, action, ip=ip, own=True)
    others = allows(context, action, ip=ip)
    return frozenset(
        key
        for key, one in standing.items()
        if one.status in RUNS
        and (own if _answers_for(context, one) and one.accepted is not False else others)
    )


def running(context: Context[Any], by: Sight) -> list[DueMeasure]:
    """Return the measures under way that the actor, who sees `by` of the plan, reads there."""
    child_id = context.subject.child_id
    reads = {ip for ip in (False, True) if context.may(Action.PLAN_READ, ip=ip)}
    if child_id is None or not reads:
        return []
    found = measures.running(context.session, child_id, by, context.work.today)
    return [one for one in found if one.ip in reads]


def under_way(
    context: Context[Any], measures: Iterable[DueMeasure]
) -> dict[str, tuple[DueMeasure, bool]]:
    """Return measures under way by key, each with whether the actor may say how it goes."""
    tells = cache(partial(allows, context, Action.MEASURE_REPORT))  # a plan has many, of few kinds
    found = {}
    for one in measures:
        own = one.account_id == context.actor.user_id and one.accepted is not False
        found[one.key] = (one, tells(ip=one.ip, own=own))
    return found


def may_take_on(
    context: Context[Any], standing: Mapping[str, MeasureNow], *, ip: bool
) -> frozenset[str]:
    """Return the keys of the running measures whose answer is the actor's to give, or write in."""
    runs = {key: one for key, one in standing.items() if one.status in RUNS}
    found = set()
    if allows(context, Action.MEASURE_ACCEPT, ip=ip, own=True):
        found = {key for key, one in runs.items() if _answers_for(context, one)}
    left = {key: one for key, one in runs.items() if one.accepted is None and key not in found}
    edits = Action.PLAN_EDIT_IP if ip else Action.PLAN_EDIT_TILTAKSPLAN
    if left and context.subject.child_id and allows(context, edits, ip=ip):
        able = measures.answering(context.session, context.subject.child_id, context.now, ip=ip)
        found |= {key for key, one in left.items() if one.account_id not in able}
    return frozenset(found)


def _answers_for(context: Context[Any], one: MeasureNow) -> bool:
    return one.account_id == context.actor.user_id


def writer(context: Context[PlanRecord]) -> Writer:
    """Return how much of the draft the actor may change: all (cells A), or his own part (O)."""
    action = context.look.action or Action.PLAN_EDIT_TILTAKSPLAN
    who = context.actor.user_id, context.signed.username
    return _writer(context.session, action, context.decision.basis, who, context.record)


def _writer(
    session: Session,
    action: Action,
    basis: frozenset[Relation],
    who: tuple[UUID, str],
    record: PlanRecord,
) -> Writer:
    cells = GRANTS[action]
    whole = any(cells[relation] is Cell.YES for relation in basis)
    own, called = frozenset[str](), frozenset[str]()
    if Relation.PF in basis:
        own = frozenset({"child", "parents"})
        called = people_named.named_as(session, record.log.child_id, who[0])
    elif basis & {Relation.C12, Relation.C16}:
        own = frozenset({"child"})
    return Writer(who[1], action, whole, record.by, own, basis, called)


def viewer(context: Context[Any]) -> Viewer:
    """Return what the actor is to the plan of the child that the request is about."""
    return viewer_of_plan(context.actor, context.subject.held, context.work.today)


def reports(context: Context[Any], by: Sight) -> list[ReportRow]:
    """Return how the measures of the child go, newest first, as far as the actor reads of them.

    `by`: what he sees of the plan.
    """
    child_id = context.subject.child_id
    if child_id is None:
        raise NotFoundError
    return measures.reports(
        context.session, child_id, by, lambda ip: context.may(Action.PLAN_READ, ip=ip)
    )


def saves(context: Context[PlanRecord], by: Sight) -> list[DraftChange]:
    """Return who has changed the draft, newest first, of those kinds of plan that the actor reads.

    `by`: what he sees of the plan.
    """
    child_id = context.record.log.child_id
    return queries.saves(
        context.session, child_id, by, lambda ip: context.may(Action.PLAN_READ, ip=ip)
    )


def taken_on(context: Context[Any], by: Sight) -> dict[str, TakenOnRow]:
    """Return the newest answer for each measure of the child, as far as the actor reads it."""
    child_id = context.subject.child_id
    if child_id is None:
        raise NotFoundError
    found: dict[str, TakenOnRow] = {}
    for one in measures.taken_on(
        context.session, child_id, by, lambda ip: context.may(Action.PLAN_READ, ip=ip)
    ):
        found.setdefault(one.measure_key, one)
    return found


def shared(context: Context[Any]) -> Sight:
    """Return what all who read the plan see of it, as far as the actor sees it himself."""
    child_id = context.subject.child_id
    if child_id is None:
        raise NotFoundError
    by = viewer(context)
    since = by.since or ties.shared_since(context.session, child_id)
    return queries.sight(context.session, child_id, replace(by, since=since)).for_all()


def kind_and_sight(context: Context[LogSummary]) -> tuple[PlanKind, Sight]:
    """Return what the child's plan is today, and what the actor sees of it."""
    return queries.kind_and_sight(context.session, context.record, viewer(context))


def sight(context: Context[Any]) -> Sight:
    """Return what the actor sees of the plan of the child that the request is about."""
    child_id = context.subject.child_id
    if child_id is None:
        raise NotFoundError
    return queries.sight(context.session, child_id, viewer(context))


_DIGITS = 6
_STEPS: Mapping[str, tuple[Access[Any], Callable[..., Place | None]]] = {
    PlanForm.BEGINNING: (on_log(Action.PLAN_CREATE), _decided),
    PlanForm.ENDING: (on_log(Action.PLAN_END), _decided),
    PlanForm.COMMENT: (on_comments(), _said),
    PlanForm.WITHDRAWING: (on_withdrawing(), _of_version),
    PlanForm.ANSWER: (on_answer(), _of_version),
    PlanForm.EVALUATION: (on_measure(Action.MEASURE_EVALUATE), _evaluated),
}
