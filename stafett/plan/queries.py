"""Everything that reads plans."""

from collections import defaultdict
from collections.abc import Sequence
from copy import deepcopy
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Date, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from stafett.access import ties
from stafett.access.models import Tie
from stafett.access.policy import Purpose, Relation
from stafett.access.work import Work
from stafett.children import queries as children
from stafett.children.models import Child, Guardian
from stafett.children.queries import ChildSummary
from stafett.children.rules import hides_places
from stafett.consents import queries as consents
from stafett.consents.rules import CHILD
from stafett.dates import age
from stafett.errors import NotFoundError
from stafett.people import queries as people
from stafett.people.models import Service, User
from stafett.plan import rules
from stafett.plan.models import Evaluation, Measure, Plan, PlanAnswer, PlanOutcome, PlanVersion
from stafett.plan.rules import EMPTY, RUNS, Content, PlanKind, VersionState
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.models import LevelChange, Stafettlogg
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.rules import IpAnswer, Level
from stafett.team import queries as team


class Draft(NamedTuple):
    """The draft as it stands; version 0 and empty when nobody has written in it."""

    content: Content
    version: int
    drafted_by: str | None
    drafted_at: datetime | None


class VersionRow(NamedTuple):
    """A version without its content."""

    id: UUID
    number: int
    kind: PlanKind
    summary: str
    created_by: str
    created_name: str
    created_at: datetime
    state: VersionState
    settled_at: datetime | None


class AnswerRow(NamedTuple):
    """One person's answer to a version."""

    version_id: UUID
    guardian_id: UUID | None
    who: str
    approves: bool
    method: str
    comment: str | None
    given_on: date
    answered_at: datetime
    answered_by: str
    answered_name: str


class Needed(NamedTuple):
    """Somebody whose answer a version needs; `key` is a guardian's id, or `child`."""

    key: UUID | str
    name: str
    own: bool
    answer: AnswerRow | None


class Person(NamedTuple):
    """Somebody who can be responsible for a measure, and what he is to the child."""

    username: str
    name: str
    role: str


class MeasureNow(NamedTuple):
    """How a measure of the version in force stands; `responsible_id` is whose it is."""

    status: str
    evaluate_on: date
    responsible_id: UUID | None


class EvaluationRow(NamedTuple):
    """What came of a measure, newest first."""

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


class Waiting(NamedTuple):
    """A version that waits for an answer."""

    id: UUID
    child_id: UUID
    child_name: str
    number: int


class DueMeasure(NamedTuple):
    """A measure that is to be evaluated on a local date."""

    id: UUID
    child_id: UUID
    child_name: str
    key: str
    what: str
    responsible_id: UUID | None
    responsible: str
    evaluate_on: date
    ip: bool


_MEASURES = (  # built once: making a statement costs as much as running it
    select(Measure.id, Measure.child_id, Child.name, Measure.key, Measure.what)
    .add_columns(Measure.responsible_id, Measure.responsible_name, Measure.evaluate_on)
    .add_columns(Measure.ip)
    .join(Child, Child.id == Measure.child_id)
    .where(Measure.status.in_(RUNS))
    .order_by(Measure.evaluate_on, Measure.what, Measure.id)
)
_RUNNING = _MEASURES.where(Measure.child_id == bindparam("child_id"))
_DUE = _MEASURES.where(
    Measure.responsible_id == bindparam("user_id"),
    Measure.evaluate_on <= bindparam("until", type_=Date()),
    Measure.child_id.in_(select(Stafettlogg.child_id).where(Stafettlogg.closed_at.is_(None))),
    ties.covered_today(Measure.child_id, ties.TODAY).exists(),
    ~ties.restricted(Measure.child_id),
)
_WITHOUT_OUTCOME = (
    select(PlanVersion.id, PlanVersion.child_id, Child.name, PlanVersion.number)
    .join(Child, Child.id == PlanVersion.child_id)
    .join(PlanOutcome, PlanOutcome.version_id == PlanVersion.id, isouter=True)
    .where(PlanOutcome.version_id.is_(None))
)
_COORDINATED = _WITHOUT_OUTCOME.where(
    PlanVersion.child_id.in_(
        ties.tied_as([Relation.KO], leads=False).where(
            Tie.service_id.in_(ties.covered_today(Tie.child_id, ties.TODAY, Purpose.PLAN))
        )
    ),
    ~ties.restricted(PlanVersion.child_id),
)
_VERSIONS = (
    select(PlanVersion.id, PlanVersion.number, PlanVersion.kind, PlanVersion.summary)
    .add_columns(User.username, User.name, PlanVersion.created_at)
    .add_columns(PlanOutcome.in_force, PlanOutcome.at)
    .join(User, User.id == PlanVersion.created_by)
    .join(PlanOutcome, PlanOutcome.version_id == PlanVersion.id, isouter=True)
    .where(PlanVersion.child_id == bindparam("child_id"))
    .order_by(PlanVersion.number.desc())
)
_CONTENT = (
    select(PlanVersion.content, Child.address_protection)
    .join(Child, Child.id == PlanVersion.child_id)
    .where(PlanVersion.id == bindparam("version_id"))
)
_DRAFT = (
    select(Plan.draft, Child.address_protection, Plan.version, User.name, Plan.drafted_at)
    .join(User, User.id == Plan.drafted_by)
    .join(Child, Child.id == Plan.child_id)
    .where(Plan.child_id == bindparam("child_id"))
)
_ANSWERS = (
    select(PlanAnswer.version_id, PlanAnswer.guardian_id, Guardian.name)
    .add_columns(PlanAnswer.approves, PlanAnswer.method, PlanAnswer.comment)
    .add_columns(PlanAnswer.given_on, PlanAnswer.answered_at, User.username)
    .add_columns(User.name)
    .join(PlanVersion, PlanVersion.id == PlanAnswer.version_id)
    .join(User, User.id == PlanAnswer.answered_by)
    .join(Guardian, Guardian.id == PlanAnswer.guardian_id, isouter=True)
    .where(PlanVersion.child_id == bindparam("child_id"))
    .order_by(PlanAnswer.answered_at, PlanAnswer.id)
)
_EVALUATIONS = (
    select(Evaluation.id, Evaluation.measure_key, Evaluation.evaluated_on, Evaluation.done)
    .add_columns(Evaluation.effect, Evaluation.voice_how, Evaluation.voice_text)
    .add_columns(Evaluation.text, Evaluation.decision, Evaluation.next_due_on, User.name)
    .add_columns(Evaluation.written_at)
    .join(User, User.id == Evaluation.written_by)
    .where(Evaluation.child_id == bindparam("child_id"))
    .order_by(Evaluation.evaluated_on.desc(), Evaluation.written_at.desc(), Evaluation.id)
)
_NAMES = select(User.username, User.name).where(
    User.username.in_(bindparam("names", expanding=True))
)
_SERVICES = select(Service.id, Service.name).where(Service.id.in_(bindparam("ids", expanding=True)))


def kind_now(session: Session, log: LogSummary) -> PlanKind:
    """Return what the child's plan is today.

    At level 3 the same plan goes on as individuell plan when the family wants one.
    """
    if log.level != Level.THREE or log.id is None:
        return PlanKind.TILTAKSPLAN
    newest = (
        select(LevelChange.ip_answer)
        .where(LevelChange.log_id == log.id, LevelChange.to_level == Level.THREE)
        .order_by(LevelChange.changed_at.desc())
        .limit(1)
    )
    wanted = session.scalar(newest) == IpAnswer.WANTED
    return PlanKind.INDIVIDUELL_PLAN if wanted else PlanKind.TILTAKSPLAN


def of_child(session: Session, child_id: UUID) -> Plan | None:
    """Return the child's plan, if anybody has begun one."""
    return session.scalars(select(Plan).where(Plan.child_id == child_id)).one_or_none()


def draft(session: Session, child_id: UUID) -> Draft:
    """Return the child's draft, without services where its address is protected.

    Nothing is written by asking.
    """
    row = session.execute(_DRAFT, {"child_id": child_id}).one_or_none()
    if row is None:
        return Draft(deepcopy(EMPTY), 0, None, None)
    content, protection, *rest = row
    return Draft(_shown(content, protection), *rest)


def versions(session: Session, child_id: UUID) -> list[VersionRow]:
    """Return the child's versions, newest first, each with where it stands."""
    found, holds = [], True
    for version_id, number, kind, summary, username, name, made_at, came, at in session.execute(
        _VERSIONS, {"child_id": child_id}
    ):
        state = VersionState.REJECTED if came is False else VersionState.FOR_APPROVAL
        if came:
            state, holds = (VersionState.IN_FORCE if holds else VersionState.SUPERSEDED), False
        found.append(
            VersionRow(
                version_id, number, PlanKind(kind), summary, username, name, made_at, state, at
            )
        )
    return found


def row(session: Session, child_id: UUID, number: int) -> VersionRow:
    """Return a version by its number.

    Raises:
        NotFoundError: there is none.

    """
    for one in versions(session, child_id):
        if one.number == number:
            return one
    raise NotFoundError


def content_of(session: Session, version_id: UUID) -> Content:
    """Return what a version says, without services where the child's address is protected."""
    return _shown(*session.execute(_CONTENT, {"version_id": version_id}).one())


def _shown(content: Content, protection: str) -> Content:
    return rules.without_places(content) if hides_places(protection) else content


def in_force(session: Session, child_id: UUID) -> VersionRow | None:
    """Return the version that holds now."""
    found = versions(session, child_id)
    return next((one for one in found if one.state is VersionState.IN_FORCE), None)


def answers(session: Session, child_id: UUID) -> dict[UUID, list[AnswerRow]]:
    """Return the answers to each of a child's versions, oldest first."""
    found: dict[UUID, list[AnswerRow]] = defaultdict(list)
    for row in session.execute(_ANSWERS, {"child_id": child_id}):
        found[row[0]].append(AnswerRow(row[0], row[1], row[2] or "Barnet selv", *row[3:]))
    return found


def evaluations(session: Session, child_id: UUID) -> list[EvaluationRow]:
    """Return what came of the child's measures, newest first."""
    rows = session.execute(_EVALUATIONS, {"child_id": child_id})
    return [EvaluationRow._make(row) for row in rows]


def numbered(session: Session, child_id: UUID, number: int) -> PlanVersion | None:
    """Return a version by its number."""
    wanted = select(PlanVersion).where(
        PlanVersion.child_id == child_id, PlanVersion.number == number
    )
    return session.scalars(wanted).one_or_none()


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


def running(session: Session, child_id: UUID) -> list[DueMeasure]:
    """Return the child's measures that are under way, the next to be evaluated first."""
    return [DueMeasure._make(row) for row in session.execute(_RUNNING, {"child_id": child_id})]


def due_for(work: Work, until: date) -> list[DueMeasure]:
    """Return the measures that a person is to evaluate by a local date, of logs that are open."""
    given = {"user_id": work.actor.user_id, "until": until, "today": work.today}
    return [DueMeasure._make(row) for row in work.session.connection().execute(_DUE, given)]


def waiting_for(work: Work) -> list[Waiting]:
    """Return the versions that wait for the actor: as a guardian, or as the youth who decides."""
    answered = select(PlanAnswer.version_id, PlanAnswer.guardian_id)
    wanted = (
        _WITHOUT_OUTCOME.add_columns(Child.birth_date, Guardian.id)
        .join(
            Guardian,
            and_(
                Guardian.child_id == Child.id,
                Guardian.user_id == work.actor.user_id,
                Guardian.parental_responsibility,
                Guardian.ended_at.is_(None),
                Guardian.blocked_at.is_(None),
                Guardian.from_on <= work.today,
                or_(Guardian.until_on.is_(None), Guardian.until_on >= work.today),
            ),
            isouter=True,
        )
        .where(
            or_(Guardian.id.is_not(None), Child.user_id == work.actor.user_id),
            Child.id.in_(ties.visible_to(work.actor, work.now)),
        )
    )
    rows = work.session.execute(wanted).all()
    found = answered.where(PlanAnswer.version_id.in_({row[0] for row in rows}))
    given = {(row[0], row[1]) for row in work.session.execute(found)} if rows else set()
    return [
        Waiting(*row[:4])
        for row in rows
        if (row[0], row[5]) not in given and _youth_decides(row[4], work) is (row[5] is None)
    ]


def coordinated(work: Work) -> list[Waiting]:
    """Return the versions that wait for somebody's answer, and whose coordinator is the actor."""
    given = {"user_id": work.actor.user_id, "today": work.today}
    return [Waiting._make(row) for row in work.session.connection().execute(_COORDINATED, given)]


def _youth_decides(birth_date: date | None, work: Work) -> bool:
    return birth_date is not None and age(birth_date, work.today) >= work.profile.consent_age


def standing(session: Session, child_id: UUID) -> dict[str, MeasureNow]:
    """Return how each measure of the version in force stands, by its key."""
    wanted = select(Measure.key, Measure.status, Measure.evaluate_on, Measure.responsible_id)
    rows = session.execute(wanted.where(Measure.child_id == child_id))
    return {row[0]: MeasureNow(*row[1:]) for row in rows}


def running_keys(session: Session, child_id: UUID) -> frozenset[str]:
    """Return the keys of what the version in force shows as under way."""
    held = in_force(session, child_id)
    return frozenset() if held is None else rules.running_keys(content_of(session, held.id))


def obstacles_to_version(work: Work, log: LogSummary, content: Content) -> list[str]:
    """List every reason why the draft may not become a version today."""
    obstacles = rules.obstacles_to_version(content)
    if log.closed_at is not None:
        obstacles.append("log-closed")
    kind = kind_now(work.session, log)
    history = versions(work.session, log.child_id)
    if any(one.state is VersionState.FOR_APPROVAL for one in history):
        obstacles.append("version-waits")
    held = next((one for one in history if one.state is VersionState.IN_FORCE), None)
    if held is not None and held.kind is kind:
        there = content_of(work.session, held.id)
        if rules.diff(there, content).empty:
            obstacles.append("plan-unchanged")
    if kind is PlanKind.INDIVIDUELL_PLAN:
        obstacles += rules.missing_parts(
            content,
            has_coordinator=team.coordinator(work.session, log.child_id, work.today) is not None,
            has_consent=bool(
                ties.covered_services(work.session, log.child_id, work.today, Purpose.PLAN)
            ),
        )
        if not consents.family_of(work, log.child_id).needed:
            obstacles.append("guardian-missing")
    return obstacles


def needed(work: Work, child: ChildSummary, version: VersionRow) -> list[Needed]:
    """Return whose answer a version that waits needs today, and what they have said."""
    wanted = consents.family_of(work, child.id).needed
    own = consents.answers_as(work, child.id)
    given = {
        one.guardian_id or CHILD: one for one in answers(work.session, child.id).get(version.id, [])
    }
    called: dict[UUID | str, str] = {CHILD: child.name} | {
        one.id: one.name for one in children.guardians(work.session, child.id)
    }
    found = [Needed(key, called[key], key == own, given.get(key)) for key in wanted]
    return sorted(found, key=lambda one: (one.name, str(one.key)))


def people_of(work: Work, log: LogSummary) -> list[Person]:
    """Return who can be responsible: professionals around the child, its family, and itself."""
    session, child = work.session, log.child
    found: dict[str, Person] = {}

    def add(username: str | None, name: str | None, role: str) -> None:
        if username and name:
            found.setdefault(username, Person(username, name, role))

    add(log.holder_username, log.holder_name, log.holder_title or "")
    add(log.acting_username, log.acting_name, "leder")
    for appointed in team.appointments(session, child.id):
        if not appointed.ended:
            add(appointed.username, appointed.name, appointed.kind)
    for member in logs.members(session, child, work.today):
        add(member.username, member.name, member.title)
    for seated in team.group_members(session, child.id):
        if not seated.ended:
            add(seated.username, seated.name, seated.role)
    for guardian in children.guardians(session, child.id):
        if not (guardian.ended or guardian.blocked):
            add(guardian.username, guardian.name, guardian.relation)
    account = children.account_of(session, child.id)
    add(people.username_of(session, account), child.name, "barnet selv")
    return list(found.values())


def service_of(session: Session, username: str) -> str | None:
    """Return the service that an account belongs to, as a plan keeps it."""
    wanted = select(User.service_id).where(User.username == username)
    found = session.scalar(wanted)
    return None if found is None else str(found)


def names(session: Session, contents: list[Content]) -> dict[str, str]:
    """Return people's names by username and services' names by id, for contents that name them."""
    usernames = {one.get("username") for content in contents for one in content["participants"]}
    services = {one.get("service_id") for content in contents for one in content["participants"]}
    for content in contents:
        for goal in content["goals"]:
            usernames |= {one["responsible"] for one in goal["measures"]}
            services |= {one.get("service_id") for one in goal["measures"]}
    found = {row[0]: row[1] for row in session.execute(_NAMES, {"names": usernames - {None}})}
    ids = [UUID(one) for one in services if one]
    if ids:
        found |= {str(row[0]): row[1] for row in session.execute(_SERVICES, {"ids": ids})}
    return found


def known_usernames(session: Session, usernames: set[str]) -> dict[str, UUID]:
    """Return the accounts that have these usernames and are not disabled."""
    wanted = select(User.username, User.id).where(
        User.username.in_(usernames), User.disabled_at.is_(None)
    )
    return {row[0]: row[1] for row in session.execute(wanted)}
