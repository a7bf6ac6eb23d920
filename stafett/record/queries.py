"""What the child's pages and the list of children say, gathered from the features below."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from stafett.access import ties
from stafett.access.policy import (
    RETAINERS,
    Action,
    Actor,
    Facts,
    Held,
    Purpose,
    Relation,
    decide,
    may_ask,
)
from stafett.access.work import Work
from stafett.audience.rules import Viewer, viewer_of_plan
from stafett.children import queries as children
from stafett.children.models import Guardian
from stafett.children.queries import ChildSummary
from stafett.children.rules import (
    WEAKENS_PROTECTION,
    ChildKind,
    VoiceHow,
    hides_places,
    is_of_age,
    stricter,
)
from stafett.consents import queries as consents
from stafett.consents.rules import ConsentState
from stafett.dates import day_text, days_late_text, oslo_date, relative
from stafett.db import UtcDateTime, constants, fetch
from stafett.entries import queries as entries
from stafett.entries.models import Entry
from stafett.entries.rules import Kind
from stafett.people import queries as people
from stafett.people.queries import Reached
from stafett.plan import measures as plan_measures
from stafett.plan import queries as plans
from stafett.plan.measures import DueMeasure
from stafett.plan.models import Evaluation, Measure
from stafett.plan.rules import RUNS, PlanKind
from stafett.profile.model import Profile, Step
from stafett.stafettlogg.models import LevelChange, PaperDay
from stafett.stafettlogg.queries import MOVED, LevelRow, LogSummary
from stafett.stafettlogg.rules import Level, LogStatus, PaperKind
from stafett.tasks.rules import REQUESTS
from stafett.team import queries as team
from stafett.team.models import CoordinatorAppointment
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf

NAMES: dict[Relation, str] = {
    Relation.CA: "registrar",
    Relation.UL: "leader",
    Relation.SH: "holder",
    Relation.MW: "member_write",
    Relation.MR: "member_read",
    Relation.KO: "coordinator",
    Relation.AG: "ansvarsgruppe",
    Relation.PF: "guardian",
    Relation.C12: "self",
    Relation.C16: "self",
    Relation.KE: "ke",
    Relation.KEL: "ke_leader",
    Relation.EX: "external",
    Relation.EMERGENCY: "emergency",
}
"""What the JSON calls a relation that somebody holds to a child."""


NEAREST = (Relation.SH, Relation.KO, Relation.UL, Relation.KEL, Relation.KE, Relation.PF)
"""Whom a request goes to: the first of these who may do it."""
ABOUT_A_GUARDIAN = frozenset(
    {
        Action.ENTRY_HIDE_FROM_GUARDIAN,
        Action.GUARDIAN_BLOCK,
        Action.GUARDIAN_EDIT,
        Action.GUARDIAN_END,
        Action.GUARDIAN_OPEN_ACCESS,
        Action.GUARDIAN_UNBLOCK,
    }
)
MAKES_SENSE: Mapping[Action, Collection[LogStatus]] = {
    Action.LOG_OPEN: {LogStatus.NONE},
    Action.LOG_REOPEN: {LogStatus.CLOSED},
    Action.MEMBER_EXTEND: {LogStatus.OPEN},
    Action.MEMBER_INVITE: {LogStatus.OPEN},
    Action.MEMBER_REMOVE: {LogStatus.OPEN},
    Action.GROUP_ADD_MEMBER: {LogStatus.OPEN},
}
"""The states of a log in which some things can be asked for; all else always can."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Something that may be asked for, of a guardian where it is about one."""

    action: Action
    object_id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something with a day; `late` when the day has passed."""

    on: date
    what: str
    href: str
    when_text: str
    days_text: str
    late: bool


@dataclass(frozen=True, slots=True)
class Header:
    """What stands at the top of each of a child's pages, as much as the reader may see."""

    id: UUID
    name: str
    age_text: str
    about: str
    protection: str | None
    state: str | None
    level: int | None
    levels: list[tuple[int, str, str, bool]]
    holder_name: str | None
    holder_title: str | None
    reached: Reached
    needs_new_holder: bool
    pending_to: str | None
    delegate: str | None
    next: Deadline | None
    late: list[Deadline]
    deadlines: list[Deadline]
    tabs: list[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class Beginning:
    """How far a child without a log has come; `waits_for` names those whose yes is missing.

    `of_age`: it needs no guardians.
    """

    of_age: bool
    guardians: tuple[str, ...]
    consented: bool
    waits_for: tuple[str, ...]


_SINCE = (  # when the log came to its level
    select(func.max(LevelChange.changed_at))
    .where(LevelChange.log_id == bindparam("log_id"), MOVED)
    .scalar_subquery()
)
_STEP = and_(
    LevelChange.log_id == bindparam("log_id"),
    LevelChange.changed_at == _SINCE,
    LevelChange.changed_at > bindparam("since", type_=UtcDateTime()),
)
_ENTRY = and_(
    Entry.child_id == bindparam("child_id"), Entry.written_at >= _SINCE, entries.readable()
)
_MEASURE = and_(
    Measure.child_id == bindparam("child_id"),
    Measure.ip.in_(bindparam("plans", expanding=True)),
    or_(
        bindparam("every_measure", type_=Boolean()),
        Measure.key.in_(bindparam("measures", expanding=True)),
    ),
)
_ON_PAPER = and_(
    PaperDay.log_id == bindparam("log_id"),
    PaperDay.written_at >= _SINCE,
    PaperDay.written_at > bindparam("since", type_=UtcDateTime()),
)
_HAPPENED = select(  # built once: making a statement costs as much as running it
    or_(
        exists().where(Entry.kind == Kind.CONTACT, _ENTRY),
        exists().where(PaperDay.kind == PaperKind.MEETING, _ON_PAPER),
    ).label("met"),
    or_(
        exists().where(Entry.kind == Kind.CHILD_VOICE, _ENTRY),
        exists().where(_STEP, LevelChange.voice_how != VoiceHow.NOT_OBTAINED),
        exists().where(PaperDay.kind == PaperKind.CHILD_HEARD, _ON_PAPER),
    ).label("child_heard"),
    or_(
        exists().where(_MEASURE, Measure.status.in_(constants(RUNS))),
        exists().where(PaperDay.kind == PaperKind.MEASURES, _ON_PAPER),
    ).label("measures"),
    or_(
        exists().where(
            _MEASURE,
            Evaluation.plan_id == Measure.plan_id,
            Evaluation.measure_key == Measure.key,
            Evaluation.written_at >= _SINCE,
        ),
        exists().where(PaperDay.kind == PaperKind.EVALUATION, _ON_PAPER),
    ).label("evaluated"),
    exists().where(_STEP, LevelChange.ip_answer.is_not(None)).label("ip_assessed"),
    exists()
    .where(
        CoordinatorAppointment.child_id == bindparam("child_id"),
        team.coordinates_on(ties.TODAY),
    )
    .label("coordinator"),
)


def guide(
    work: Work, log: LogSummary, viewer: Viewer, held: Iterable[Held]
) -> list[tuple[Step, bool]]:
    """Return the steps of an open log's level for the actor's own kind of service.

    Each with whether it has happened since the log came to the level, as far as the actor may
    read what tells it: never by a box that somebody ticks.
    """
    if log.level is None or log.state != LogStatus.OPEN:
        return []
    held, today = tuple(held), work.today
    by = plans.sight(work.session, log.child_id, viewer_of_plan(work.actor, held, today))
    measures = plan_measures.measure_keys(work.session, log.child_id, by)
    given = {
        "every_measure": measures is None,
        "measures": list(measures or ()),
        "child_id": log.child_id,
        "log_id": log.id,
        "today": today,
        "plans": [
            ip
            for ip in (False, True)
            if decide(held, Action.PLAN_READ, Facts(today, ip=ip)).allowed
        ],
        **entries.asking(viewer),
    }
    (row,) = fetch(work.session, _HAPPENED, given)
    happened = {"opened"} | {name for name, there in row._mapping.items() if there}  # noqa: SLF001 its own public name
    arena = people.kind_of(work.session, work.actor.service_id)
    unborn = log.child.kind == ChildKind.UNBORN  # then there is nobody yet to hear
    return [
        (step, step.done_by in happened)
        for step in work.profile.steps_at(log.level, arena)
        if not (unborn and step.done_by == "child_heard")
    ]


def asking_place(child_id: UUID, action: str, object_id: UUID | None) -> Place:
    """Return where somebody writes what he asks for; `object_id`: the guardian it is about."""
    form = f"{action}:{object_id}" if object_id else str(action)
    return Place(UnsavedOf.REQUEST, child_id, form)


def may_ask_for(work: Work, log: LogSummary, held: Iterable[Held]) -> list[Asking]:
    """Return all that the actor may ask others to do now, in the order that the page shows it."""
    held, facts = tuple(held), Facts(work.today)
    has_coordinator = team.coordinator(work.session, log.child_id, work.today) is not None
    pointless = {Action.COORDINATOR_APPOINT if has_coordinator else Action.COORDINATOR_END}
    if log.level != Level.THREE or plans.kind_now(work.session, log) is PlanKind.INDIVIDUELL_PLAN:
        pointless.add(Action.PLAN_CREATE)
    if not hides_places(log.child.address_protection):
        pointless |= WEAKENS_PROTECTION
    if not stricter(log.child.address_protection):
        pointless.add(Action.CHILD_ADD_PROTECTION)
    found = [
        action
        for action in REQUESTS
        if log.state in MAKES_SENSE.get(action, LogStatus)
        and action not in pointless
        and may_ask(held, action, facts)
        and not decide(held, action, facts).allowed
    ]
    there = children.guardians_now(work.session, log.child_id) if found else []
    others = [one for one in there if one.user_id != work.actor.user_id]
    about: dict[Action, list[Guardian]] = dict.fromkeys(ABOUT_A_GUARDIAN, others)
    about[Action.GUARDIAN_BLOCK] = [one for one in others if not one.blocked]
    about[Action.GUARDIAN_OPEN_ACCESS] = [one for one in others if _is_shut_out(one)]
    if Action.GUARDIAN_UNBLOCK in found:
        about[Action.GUARDIAN_UNBLOCK] = list(
            children.blocked_guardians(work.session, log.child_id)
        )
    return [
        Asking(action, one.id if one else None, one.name if one else "")
        for action in found
        for one in about.get(action, [None])
    ]


def _is_shut_out(guardian: Guardian) -> bool:
    """Say whether it is the protected address alone that keeps a guardian from the record."""
    return guardian.user_id is not None and not guardian.blocked and guardian.opened_at is None


def receiver(work: Work, child_id: UUID, action: Action) -> tuple[UUID | None, UUID | None] | None:
    """Return who is to be asked: the nearest one to the child who may do it, and can log in.

    Never the actor himself.
    """
    facts = Facts(work.today, own=True, asked=True)
    found: dict[Relation, tuple[UUID | None, UUID | None]] = {}
    tied = ties.ties_of_all(work.session, child_id, work.now)
    closed = people.closed(work.session, {owner[0] for owner in tied} - {None})
    for owner, every in tied.items():
        if owner[0] in {work.actor.user_id, *closed} or owner[1] in work.actor.leads:
            continue
        held = [one for one in every if one.for_user_id is None]  # no delegate is asked
        for relation in decide(held, action, facts).basis:
            found.setdefault(relation, owner)
    return next((found[relation] for relation in NEAREST if relation in found), None)


def may_decide(relation: Relation, action: Action) -> bool:
    """Say whether somebody with this relation may do what another asks for."""
    return decide([Held(relation)], action, Facts(date.min, asked=True)).allowed


def knows_state(held: tuple[Held, ...], facts: Facts) -> bool:
    """Say whether somebody may know level, state and holder of a log.

    Who reads the log; and holder, coordinator and KE's leader, whom a stopped log waits for.
    """
    if decide(held, Action.LOG_READ, facts).allowed:
        return True
    current = {one.relation for one in held if one.span.holds(facts.today) and one.task_id is None}
    return Relation.BLOCK not in current and bool(current & RETAINERS)


def relations(held: tuple[Held, ...], today: date) -> list[str]:
    """Return what somebody is to a child today, as JSON says it."""
    current = [one for one in held if one.span.holds(today) and one.task_id is None]
    return sorted({NAMES[one.relation] for one in current if one.relation in NAMES})


def beginning(work: Work, child: ChildSummary) -> Beginning:
    """Return what is in place of all that a log needs before it opens."""
    child_id = child.id
    deciding = children.deciding_now(work.session, child_id, work.today)
    agreed = [
        one for one in consents.of_child(work, child_id) if one.purpose == Purpose.STAFETTLOGG
    ]
    waiting = [one for one in agreed if one.state == ConsentState.WAITING]
    return Beginning(
        of_age=is_of_age(child.birth_date, work.today),
        guardians=tuple(one.name for one in deciding),
        consented=any(one.state == ConsentState.ACTIVE for one in agreed),
        waits_for=tuple(name for _, name in waiting[0].waits_for) if waiting else (),
    )


def carries(work: Work, child: ChildSummary, held: Iterable[Held]) -> bool:
    """Say whether the actor carries, or carried, the child; asked of no other than such a child."""
    if child.kind != ChildKind.UNBORN and not any(one.hers_until for one in held):
        return False
    pregnant = children.pregnant(work.session, child.id)
    return pregnant is not None and pregnant.user_id == work.actor.user_id


def deadlines(
    session: Session,
    log: LogSummary,
    profile: Profile,
    today: date,
    actor: Actor,
    held: Iterable[Held],
    running: Sequence[DueMeasure] | None = None,
) -> list[Deadline]:
    """Return what has a day in a child's open log, soonest first.

    Measures stand there for a reader who holds what it takes to read their plan; `running` are
    those, where they have been read.
    """
    reads = {
        ip: decide(held, Action.PLAN_READ, Facts(today, ip=ip)).allowed for ip in (False, True)
    }
    found: list[Deadline] = []
    if log.state != LogStatus.OPEN:
        return found
    home, facts = f"/barn/{log.child_id}", Facts(today)
    level = f"{home}/niva" if decide(held, Action.LOG_READ, facts).allowed else ""
    folk = f"{home}/folk" if decide(held, Action.MEMBER_LIST, facts).allowed else ""
    if log.next_evaluation_on is not None:
        found.append(_deadline(log.next_evaluation_on, "Evaluere tiltakene", level, today))
    if log.handover_at is not None:
        asked = oslo_date(log.handover_at)
        answer_on = date.fromordinal(asked.toordinal() + profile.handover_reminder_days)
        what = f"{log.handover_to} svarer om stafettpinnen"
        found.append(_deadline(answer_on, what, folk, today))
    if running is None and any(reads.values()):
        by = plans.sight(session, log.child_id, viewer_of_plan(actor, held, today))
        running = plan_measures.running(session, log.child_id, by, today)
    for measure in running or ():
        if reads[measure.ip]:
            who = f"{measure.responsible} evaluerer"
            if measure.nobodys:
                who = "Ingen har ansvaret nå" if measure.accepted else "Ingen har tatt ansvar ennå"
            what = f"{who}: {measure.what}"
            there = f"{home}/plan#tiltak-{measure.key}"
            found.append(_deadline(measure.evaluate_on, what, there, today))
    return sorted(found, key=lambda one: one.on)


def level_scale(
    profile: Profile, log: LogSummary, steps: list[LevelRow], today: date
) -> list[tuple[int, str, str, bool]]:
    """Return the four levels with the day on which the log last came to each."""
    came = {step.to_level: step.on for step in reversed(steps) if not step.stays}
    now = log.level if log.state in {LogStatus.OPEN, LogStatus.FROZEN} else None
    scale = []
    for rules in profile.levels:
        day = came.get(rules.number)
        current = rules.number == now
        text = day_text(day, today) if day else ""
        scale.append(
            (rules.number, rules.label, f"siden {text}" if current and text else text, current)
        )
    return scale


def _deadline(on: date, what: str, href: str, today: date) -> Deadline:
    late = on < today
    near = relative(on, today)
    when = day_text(on, today) + (f", {near}" if near else "")
    return Deadline(on, what, href, when, days_late_text(on, today) if late else "", late)
