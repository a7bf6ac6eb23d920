"""Reads of a plan: its draft, its versions and what they say, who reads and who answers them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from stafett.access import ties
from stafett.access.models import Birth
from stafett.access.policy import Action, Area, Purpose, hers_until
from stafett.access.work import Work
from stafett.audience import queries as audience
from stafett.audience.queries import ReadRow
from stafett.audience.rules import (
    Audience,
    Limits,
    Reason,
    Viewer,
    Visibility,
    opened,
    viewer_of_plan,
)
from stafett.audit.models import TrailRow
from stafett.children import queries as children
from stafett.children.models import Child, Guardian
from stafett.children.queries import ChildSummary
from stafett.children.rules import ChildKind, hides_places, is_of_age
from stafett.consents import queries as consents
from stafett.consents.rules import CHILD
from stafett.dates import oslo_date
from stafett.db import fetch
from stafett.errors import NotFoundError
from stafett.people import queries as people
from stafett.people.models import Service, User
from stafett.people.queries import Reached
from stafett.people.rules import username_problem
from stafett.plan import differences, rules
from stafett.plan.models import (
    Evaluation,
    MeasureAnswer,
    MeasureReport,
    Plan,
    PlanAnswer,
    PlanAudience,
    PlanComment,
    PlanCommentAnswer,
    PlanEvent,
    PlanOutcome,
    PlanVersion,
)
from stafett.plan.rules import (
    AS_PARENT,
    EMPTY,
    OF_CHILD,
    Content,
    PartRow,
    Party,
    PlanEventKind,
    PlanKind,
    Sight,
    VersionState,
)
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.models import LevelChange, Stafettlogg
from stafett.stafettlogg.queries import MOVED, LogSummary, Reader
from stafett.stafettlogg.rules import IpAnswer, Level
from stafett.team import queries as team


class Seen(NamedTuple):
    """What somebody sees of the draft, and the `rules.token` of it: 0 when it is empty."""

    content: Content
    version: int


class Draft(NamedTuple):
    """The draft as somebody sees it: as `Seen`, with who drew it up.

    `drafted_by` and `drafted_at` are of the newest change of what everybody reads; None when
    nothing in it is for him.
    """

    content: Content
    version: int
    drafted_by: str | None
    drafted_at: datetime | None


class Withdrawn(NamedTuple):
    """That a version was taken back while it waited: by whom, at which UTC moment, and why."""

    by: str
    name: str
    at: datetime
    reason: str


class VersionRow(NamedTuple):
    """A version without its content; `number` is its place among those that the reader sees.

    `ended_at`: when the individuell plan ended that this is, or was, a version of.
    """

    id: UUID
    number: int
    kind: PlanKind
    summary: str
    created_by: str
    created_name: str
    created_at: datetime
    state: VersionState
    settled_at: datetime | None
    ended_at: datetime | None = None
    withdrawn: Withdrawn | None = None

    @property
    def dated_at(self) -> datetime:
        """The UTC moment that it is dated by: when it came in force, if it did, or was sent."""
        return self.settled_at if self.settled_at and self.state in HELD else self.created_at


HELD = frozenset({VersionState.IN_FORCE, VersionState.SUPERSEDED})
"""The states of a version that holds, or held until the next."""


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
    confirmed_at: datetime | None = None

    @property
    def unconfirmed(self) -> bool:
        """Whether staff wrote it in, and its signer has not said yet that it is right."""
        return self.method == "signed" and self.confirmed_at is None


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


class EventRow(NamedTuple):
    """That an individuell plan was begun or ended; `at` is a UTC moment."""

    number: int
    kind: str
    reason: str | None
    said_by: str | None
    words: str
    by: str
    name: str
    at: datetime


class CommentRow(NamedTuple):
    """What somebody has said of a goal or a section, with the answer that closed it, if any."""

    id: UUID
    about: str
    voice: str
    text: str
    by: str
    name: str
    at: datetime
    answer: str | None
    answered_name: str | None
    answered_at: datetime | None


class DraftChange(NamedTuple):
    """A save of the draft, as somebody sees it: the paths of what it changed, at a UTC moment.

    `readers`: it changed who reads the part with this key. Of what it `added`, `removed` or
    `moved` the paths are among `paths`; older saves do not say which they were.
    """

    at: datetime
    by: str
    name: str
    paths: list[str]
    readers: str | None
    added: list[str]
    removed: list[str]
    moved: list[str]


class AudienceRow(NamedTuple):
    """Whom a part was for from a moment on.

    `named` are accounts with username and name; `hidden_from` guardians with name.
    """

    key: str
    number: int
    visibility: str
    author_id: UUID
    author_name: str
    reason: str | None
    hidden_reason: str | None
    review_on: date | None
    by: str
    set_at: datetime
    named: tuple[tuple[UUID, str, str], ...]
    hidden_from: tuple[tuple[UUID, str], ...]


_ANSWERER, _WITHDREW = aliased(User), aliased(User)
_COMMENTS = (
    select(PlanComment.id, PlanComment.about, PlanComment.voice, PlanComment.text)
    .add_columns(User.username, User.name, PlanComment.at)
    .add_columns(PlanCommentAnswer.text, _ANSWERER.name, PlanCommentAnswer.at)
    .join(User, User.id == PlanComment.by)
    .join(PlanCommentAnswer, PlanCommentAnswer.comment_id == PlanComment.id, isouter=True)
    .join(_ANSWERER, _ANSWERER.id == PlanCommentAnswer.by, isouter=True)
    .where(
        PlanComment.child_id == bindparam("child_id"),
        or_(~PlanComment.ip, bindparam("ip", type_=Boolean())),
    )
    .order_by(PlanComment.at, PlanComment.id)
)
_SAVES = (
    select(TrailRow.at, User.username, User.name, TrailRow.object_id, TrailRow.changes)
    .add_columns(TrailRow.action == Action.PLAN_EDIT_IP)
    .join(User, User.id == TrailRow.actor_id)
    .where(
        TrailRow.child_id == bindparam("child_id"),
        TrailRow.action.in_([Action.PLAN_EDIT_IP, Action.PLAN_EDIT_TILTAKSPLAN]),
    )
    .order_by(TrailRow.at.desc(), TrailRow.id)
)


_FINGERPRINTS = (
    select(PlanVersion.id, PlanVersion.content, PlanVersion.sha256, TrailRow.changes)
    .join(
        TrailRow,
        and_(
            TrailRow.object_id == PlanVersion.id,
            TrailRow.action.in_([Action.PLAN_SUBMIT_IP, Action.PLAN_PUBLISH_TILTAKSPLAN]),
        ),
        isouter=True,
    )
    .execution_options(yield_per=200)
)
_WANTED = (
    select(
        LevelChange.ip_answer,
        select(PlanEvent.kind)
        .where(PlanEvent.child_id == bindparam("child_id"), PlanEvent.at >= LevelChange.changed_at)
        .order_by(PlanEvent.number.desc())
        .limit(1)
        .scalar_subquery()
        .label("event"),
    )
    .join(Stafettlogg, Stafettlogg.id == LevelChange.log_id)
    .where(
        Stafettlogg.child_id == bindparam("child_id"), LevelChange.to_level == Level.THREE, MOVED
    )
    .order_by(LevelChange.changed_at.desc())
    .limit(1)
)
_EVENTS = (
    select(PlanEvent.number, PlanEvent.kind, PlanEvent.reason, PlanEvent.said_by, PlanEvent.words)
    .add_columns(User.username, User.name, PlanEvent.at)
    .join(User, User.id == PlanEvent.by)
    .where(PlanEvent.child_id == bindparam("child_id"))
    .order_by(PlanEvent.number.desc())
    .limit(1)
)
_ENDED_AT = (
    select(func.min(PlanEvent.at))
    .where(
        PlanEvent.child_id == PlanVersion.child_id,
        PlanEvent.kind == PlanEventKind.ENDED,
        PlanEvent.at >= PlanVersion.created_at,
        PlanVersion.kind == PlanKind.INDIVIDUELL_PLAN,
    )
    .scalar_subquery()
)
_PLAN = select(Plan).where(Plan.child_id == bindparam("child_id"))
_VERSIONS = (
    select(PlanVersion.id, PlanVersion.kind, PlanVersion.summary)
    .add_columns(User.username, User.name, PlanVersion.created_at)
    .add_columns(PlanOutcome.in_force, PlanOutcome.at, _ENDED_AT)
    .add_columns(_WITHDREW.username, _WITHDREW.name, PlanOutcome.reason)
    .add_columns(exists().where(PlanAudience.child_id == PlanVersion.child_id).label("for_some"))
    .join(User, User.id == PlanVersion.created_by)
    .join(PlanOutcome, PlanOutcome.version_id == PlanVersion.id, isouter=True)
    .join(_WITHDREW, _WITHDREW.id == PlanOutcome.withdrawn_by, isouter=True)
    .where(PlanVersion.child_id == bindparam("child_id"))
    .order_by(PlanVersion.number.desc())
)
_CONTENTS = (
    select(PlanVersion.content, PlanVersion.audiences, Child.address_protection, PlanVersion.id)
    .join(Child, Child.id == PlanVersion.child_id)
    .where(PlanVersion.id.in_(bindparam("versions", expanding=True)))
)
_PART = (  # as much of a row as `_sight` reads
    *(PlanAudience.part_id, PlanAudience.key, PlanAudience.number, PlanAudience.visibility),
    *(PlanAudience.author_id, PlanAudience.service_id, PlanAudience.named, PlanAudience.reason),
    *(PlanAudience.hidden_from, PlanAudience.hidden_reason, PlanAudience.review_on),
    *(PlanAudience.set_by, PlanAudience.set_at),
)
_PARTS = (
    select(*_PART)
    .where(PlanAudience.child_id == bindparam("child_id"))
    .order_by(PlanAudience.key, PlanAudience.number)
)
_PARTS_OF_ALL = (
    select(*_PART, PlanAudience.child_id)
    .where(PlanAudience.child_id.in_(bindparam("ids", expanding=True)))
    .order_by(PlanAudience.key, PlanAudience.number)
)
_KIND = _WANTED.subquery()
_KIND_AND_PARTS = (
    select(_KIND.c.ip_answer, _KIND.c.event, *_PART)
    .select_from(Child)
    .join(_KIND, true(), isouter=True)
    .join(PlanAudience, PlanAudience.child_id == Child.id, isouter=True)
    .where(Child.id == bindparam("child_id"))
    .order_by(PlanAudience.key, PlanAudience.number)
)
_DRAFT = (
    select(Plan.draft, Child.address_protection, User.name, Plan.drafted_at)
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
_NAMES = select(
    User.username,
    User.name,
    case((User.disabled_at.is_(None), User.phone)),
    case((User.disabled_at.is_(None), User.email)),
).where(User.username.in_(bindparam("names", expanding=True)))
_SERVICES = select(Service.id, Service.name).where(Service.id.in_(bindparam("ids", expanding=True)))


def kind_now(session: Session, log: LogSummary) -> PlanKind:
    """Return what the child's plan is today.

    From level 3 on the same plan goes on as individuell plan when the family wants one: as it was
    said when the level was set, or when a plan was begun or ended since then. A lower level, or a
    log that is closed and opened again, does not end it, and so opens nothing of it to those who
    read the log alone.
    """
    if log.id is None:
        return PlanKind.TILTAKSPLAN
    found = fetch(session, _WANTED, {"child_id": log.child_id})
    return _kind(*(found[0] if found else (None, None)))


def _kind(answer: str | None, event: str | None) -> PlanKind:
    wanted = event == PlanEventKind.BEGUN if event else answer == IpAnswer.WANTED
    return PlanKind.INDIVIDUELL_PLAN if wanted else PlanKind.TILTAKSPLAN


def last_event(session: Session, child_id: UUID) -> EventRow | None:
    """Return how an individuell plan was last begun or ended, as whole plans are."""
    row = session.execute(_EVENTS, {"child_id": child_id}).first()
    return None if row is None else EventRow._make(row)


def of_child(session: Session, child_id: UUID) -> Plan | None:
    """Return the child's plan, if anybody has begun one."""
    return session.scalars(_PLAN, {"child_id": child_id}).one_or_none()


def sight(session: Session, child_id: UUID, by: Viewer | None) -> Sight:
    """Return what somebody sees of a child's plan; None sees all."""
    return _sight(session, child_id, by, fetch(session, _PARTS, {"child_id": child_id}))


def kind_and_sight(session: Session, log: LogSummary, by: Viewer) -> tuple[PlanKind, Sight]:
    """Return what the child's plan is today, and what somebody sees of it, in one statement."""
    found = fetch(session, _KIND_AND_PARTS, {"child_id": log.child_id})
    kind = PlanKind.TILTAKSPLAN if log.id is None else _kind(*found[0][:2])
    return kind, _sight(session, log.child_id, by, [row for row in found if row.part_id])


def _sight(
    session: Session, child_id: UUID, by: Viewer | None, rows: Sequence[Row[*tuple[Any, ...]]]
) -> Sight:
    accounts = _accounts(session, child_id) if any(row.hidden_from for row in rows) else {}
    parts: dict[str, list[PartRow]] = defaultdict(list)
    for row in rows:
        hidden = [UUID(one) for one in row.hidden_from]
        for_whom = Audience(
            Visibility(row.visibility),
            row.author_id,
            row.service_id,
            [UUID(one) for one in row.named],
            [*hidden, *(accounts[one] for one in hidden if one in accounts)],
        )
        limits = Limits(
            Visibility(row.visibility),
            row.named,
            None if row.reason is None else Reason(row.reason),
            hidden,
            None if row.hidden_reason is None else Reason(row.hidden_reason),
            row.review_on,
        )
        parts[row.key].append(
            PartRow(row.part_id, row.key, row.number, for_whom, limits, row.set_by, row.set_at)
        )
    before = [] if by is None or by.since is None else _keys_before(session, child_id, by.since)
    return Sight(by, dict(parts), before=frozenset(before))


def _keys_before(session: Session, child_id: UUID, moment: datetime) -> Iterator[str]:
    """Return the keys of all that stood in the plan at a moment; its draft is a version since."""
    wanted = select(PlanVersion.content).where(
        PlanVersion.child_id == child_id, PlanVersion.created_at <= moment
    )
    for content in session.scalars(wanted):
        yield from rules.parts_in(content)


def sights(work: Work, among: Collection[UUID]) -> dict[UUID, Sight]:
    """Return what the actor sees of some children's plans, in two statements for all of them.

    A third for each of which something is hidden from a guardian, or that began before the birth.
    """
    if not among:
        return {}
    held = ties.ties_to_all(work.session, work.actor, work.now, among)
    rows: dict[UUID, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in work.session.execute(_PARTS_OF_ALL, {"ids": list(among)}):
        rows[row.child_id].append(row)
    return {
        child_id: _sight(
            work.session,
            child_id,
            viewer_of_plan(work.actor, held.get(child_id, ()), work.today),
            rows[child_id],
        )
        for child_id in among
    }


def _accounts(session: Session, child_id: UUID) -> dict[UUID, UUID]:
    """Return the accounts of those guardians of a child who have one."""
    wanted = select(Guardian.id, Guardian.user_id).where(Guardian.child_id == child_id)
    return {row[0]: row[1] for row in session.execute(wanted) if row[1]}


def draft(session: Session, child_id: UUID, by: Sight) -> Draft:
    """Return the child's draft as somebody sees it, without services where they are protected.

    Nothing is written by asking.
    """
    found = fetch(session, _DRAFT, {"child_id": child_id})
    if not found:
        return Draft(deepcopy(EMPTY), 0, None, None)
    stored, protection, drafted_by, drafted_at = found[0]
    there = _seen(stored, protection, by)
    return Draft(*there, drafted_by, drafted_at) if there.version else Draft(*there, None, None)


def seen(plan: Plan | None, log: LogSummary, by: Sight) -> Seen:
    """Return what somebody sees of the draft of a plan that has been read; None: there is none."""
    stored = deepcopy(EMPTY) if plan is None else plan.draft
    return _seen(stored, log.child.address_protection, by)


def _seen(stored: Content, protection: str, by: Sight) -> Seen:
    content = by.of({**EMPTY, **_shown(stored, protection)})
    return Seen(content, rules.token(content))


def versions(session: Session, child_id: UUID, by: Sight) -> list[VersionRow]:
    """Return the versions that somebody sees, newest first, each with where it stands for him.

    A version in which nothing that he sees is new does not exist for him: it has no number, and
    the one before it still stands.
    """
    return _numbered(session, child_id, by, fetch(session, _VERSIONS, {"child_id": child_id}))


def seen_versions(session: Session, child_id: UUID, by: Viewer) -> tuple[Sight, list[VersionRow]]:
    """Return what somebody sees of a child's plan, and its versions as he sees them.

    Where no part of it is for some only, which stands with the versions, nothing more is asked.
    """
    rows = fetch(session, _VERSIONS, {"child_id": child_id})
    asked = not rows or rows[0].for_some
    parts = fetch(session, _PARTS, {"child_id": child_id}) if asked else []
    seen_by = _sight(session, child_id, by, parts)
    return seen_by, _numbered(session, child_id, seen_by, rows)


def _numbered(
    session: Session, child_id: UUID, by: Sight, rows: Sequence[Row[*tuple[Any, ...]]]
) -> list[VersionRow]:
    if not by.all:
        rows = _told(session, child_id, by, rows)
    found, holds = [], True
    for at, row in enumerate(rows):
        version_id, kind, summary, username, name, made_at, came, settled_at, ended_at = row[:9]
        withdrew, called, reason = row[9:12]
        state = VersionState.REJECTED if came is False else VersionState.FOR_APPROVAL
        if withdrew:
            state = VersionState.WITHDRAWN
        if came:
            in_force = holds and ended_at is None
            state = VersionState.IN_FORCE if in_force else VersionState.SUPERSEDED
            holds = False
        number = len(rows) - at
        found.append(
            VersionRow(
                version_id,
                number,
                PlanKind(kind),
                summary,
                username,
                name,
                made_at,
                state,
                settled_at,
                ended_at,
                Withdrawn(withdrew, called, settled_at, reason) if withdrew else None,
            )
        )
    return found


def _told(session: Session, child_id: UUID, by: Sight, rows: Sequence[Any]) -> list[Any]:
    """Return the rows of those versions that say something new to somebody, in the same order."""
    wanted = select(PlanVersion.id, PlanVersion.content, PlanVersion.audiences)
    contents = {
        version_id: by.of(content, then)
        for version_id, content, then in session.execute(
            wanted.where(PlanVersion.child_id == child_id)
        )
    }
    found: list[Any] = []
    before: tuple[str, Content, datetime | None] = ("", {**EMPTY, "goals": []}, None)
    for row in reversed(rows):
        version_id, kind, made_at, came, ended_at = row[0], row[1], row[5], row[6], row[8]
        if by.since is not None and made_at <= by.since:
            continue
        content = {**EMPTY, **contents[version_id]}
        if content == before[1] and kind == (before[0] or kind) and ended_at == before[2]:
            continue
        found.append(row)
        if came is not False:
            before = (kind, content, ended_at)
    return found[::-1]


def row(session: Session, child_id: UUID, number: int, by: Sight) -> VersionRow:
    """Return a version by the number it has for somebody.

    Raises:
        NotFoundError: there is none.

    """
    return chosen(versions(session, child_id, by), number)


def chosen(among: Iterable[VersionRow], number: int) -> VersionRow:
    """Return the version that has a number among those that somebody sees.

    Raises:
        NotFoundError: none has.

    """
    for one in among:
        if one.number == number:
            return one
    raise NotFoundError


def is_born(session: Session, child_id: UUID) -> bool:
    """Say whether the child's log was begun for a pregnant person."""
    return session.get(Birth, child_id) is not None


def is_before_birth(session: Session, child_id: UUID, version: VersionRow) -> bool:
    """Say whether a version is from before the child was born."""
    birth = session.get(Birth, child_id)
    return birth is not None and version.created_at <= birth.at


def is_hers(session: Session, child_id: UUID, version: VersionRow) -> bool:
    """Say whether a version is the pregnant person's from before the birth, and nobody else's."""
    early = is_before_birth(session, child_id, version)
    return early and all(one.entry_id for one in ties.followed(session, child_id))


def all_versions(session: Session, plan_id: UUID) -> Sequence[PlanVersion]:
    """Return every version of a plan, oldest first."""
    wanted = select(PlanVersion).where(PlanVersion.plan_id == plan_id)
    return session.scalars(wanted.order_by(PlanVersion.number)).all()


def without_outcome(session: Session, plan_id: UUID) -> Sequence[PlanVersion]:
    """Return the versions of a plan that wait for answers."""
    wanted = (
        select(PlanVersion)
        .join(PlanOutcome, PlanOutcome.version_id == PlanVersion.id, isouter=True)
        .where(PlanVersion.plan_id == plan_id, PlanOutcome.version_id.is_(None))
    )
    return session.scalars(wanted).all()


def content_of(session: Session, version_id: UUID, by: Sight) -> Content:
    """Return what a version says to somebody, without services where they are protected."""
    return contents_of(session, [version_id], by)[version_id]


def contents_of(session: Session, versions: Iterable[UUID], by: Sight) -> dict[UUID, Content]:
    """Return what each of some versions says to somebody, in one statement, as `content_of`."""
    return {
        version_id: by.of(_shown(content, protection), then)
        for content, then, protection, version_id in fetch(
            session, _CONTENTS, {"versions": list(versions)}
        )
    }


def _shown(content: Content, protection: str) -> Content:
    return rules.without_places(content) if hides_places(protection) else content


def in_force(session: Session, child_id: UUID, by: Sight) -> VersionRow | None:
    """Return the version that holds now, as somebody sees it."""
    found = versions(session, child_id, by)
    return next((one for one in found if one.state is VersionState.IN_FORCE), None)


def kept_from(session: Session, child_id: UUID, viewer: Viewer) -> list[UUID]:
    """Return the ids of what somebody may not know of: parts, versions, what is said of them."""
    by = sight(session, child_id, viewer)
    if by.all:
        return []
    known = {one.id for one in versions(session, child_id, by)}
    every = session.scalars(select(PlanVersion.id).where(PlanVersion.child_id == child_id))
    parts = [rows[-1].part_id for key, rows in by.parts.items() if not by.may(key)]
    if by.before:
        parts += session.scalars(
            union_all(
                select(Evaluation.id).where(
                    Evaluation.child_id == child_id, Evaluation.measure_key.in_(by.before)
                ),
                select(MeasureReport.id).where(
                    MeasureReport.child_id == child_id, MeasureReport.measure_key.in_(by.before)
                ),
                select(MeasureAnswer.id).where(
                    MeasureAnswer.child_id == child_id, MeasureAnswer.measure_key.in_(by.before)
                ),
                select(PlanComment.id).where(
                    PlanComment.child_id == child_id, PlanComment.about.in_(by.before)
                ),
            )
        )
    return [*parts, *(one for one in every if one not in known)]


def audiences(session: Session, by: Sight, keys: Iterable[str]) -> dict[str, list[AudienceRow]]:
    """Return all that parts' audiences have been, with names, newest first, by key.

    Only of parts that somebody has chosen readers for; no statement when there are none.
    """
    rows = [row for key in keys for row in by.parts.get(key, ())]
    if not rows:
        return {}
    accounts = {one for row in rows for one in (row.set_by, row.audience.author_id)}
    accounts |= {one for row in rows for one in row.audience.named}
    wanted = select(User.id, User.username, User.name).where(User.id.in_(accounts))
    people = {row[0]: (row[0], row[1], row[2]) for row in session.execute(wanted)}
    hidden = {one for row in rows for one in row.limits.hidden_from}
    guardians = {
        row[0]: (row[0], row[1])
        for row in session.execute(
            select(Guardian.id, Guardian.name).where(Guardian.id.in_(hidden))
        )
    }
    found: dict[str, list[AudienceRow]] = defaultdict(list)
    for row in reversed(rows):
        limits, author = row.limits, row.audience.author_id
        named = (people[one] for one in row.audience.named)
        kept = (guardians[one] for one in limits.hidden_from)
        found[row.key].append(
            AudienceRow(
                row.key,
                row.number,
                limits.visibility,
                author,
                people[author][2],
                limits.reason,
                limits.hidden_reason,
                limits.review_on,
                people[row.set_by][2],
                row.set_at,
                tuple(sorted(named, key=lambda one: one[2])),
                tuple(sorted(kept, key=lambda one: one[1])),
            )
        )
    return dict(found)


def opened_since(by: Sight, since: datetime) -> dict[str, datetime]:
    """Return when parts that somebody sees now were opened to him, by key."""
    history = (
        (key, row.set_at, Sight(by.by, {key: [row]}).may(key))
        for key, rows in by.parts.items()
        if by.may(key)
        for row in rows
    )
    return {key: at for key, at in opened(history).items() if at >= since}


def answerers(work: Work, child_id: UUID, version_id: UUID) -> frozenset[UUID | str]:
    """Return whose answer a version needs today: the family that sees something new in it.

    Where none of them does, what they have agreed to still stands as it did.
    """
    family = consents.family_of(work, child_id).needed(Purpose.PLAN)
    everything = sight(work.session, child_id, None)
    born = work.session.get(Birth, child_id)
    if not everything.parts and born is None:
        return family
    accounts = _accounts(work.session, child_id)
    held = ties.ties_of_all(work.session, child_id, work.now) if born else {}
    found = set()
    for key in family:
        if isinstance(key, UUID):
            who = accounts.get(key, key)
        else:
            who = children.account_of(work.session, child_id) or child_id
        since = None
        if born is not None and key != born.guardian_id:
            tied = held.get((who, None))
            since = born.at if tied is None else hers_until(tied, work.today, Area.PLAN)
        by = sight(
            work.session,
            child_id,
            Viewer(who, None, reads=True, family=True, room=False, since=since),
        )
        if version_id in {one.id for one in versions(work.session, child_id, by)}:
            found.add(key)
    return frozenset(found)


def read_by(session: Session, child_id: UUID, key: str, by: Sight) -> list[ReadRow]:
    """Return who but its author has been shown a part, and when first.

    Until somebody chose readers for it, who read a version with it in read it, too; only versions
    that the asker sees count.
    """
    rows = by.parts.get(key, ())
    known = [one.id for one in versions(session, child_id, by)]
    wanted = select(PlanVersion.id, PlanVersion.content, PlanVersion.audiences)
    found = {
        version_id
        for version_id, content, then in session.execute(wanted.where(PlanVersion.id.in_(known)))
        if key in rules.parts_in(content) and key not in then
    }
    things: dict[UUID, datetime | None] = dict.fromkeys(found, rows[0].set_at if rows else None)
    if rows:
        things[rows[0].part_id] = None
    author = rows[0].audience.author_id if rows else None
    return audience.read_by(session, child_id, things, author)


def answers(session: Session, child_id: UUID) -> dict[UUID, list[AnswerRow]]:
    """Return the answers to each of a child's versions, oldest first."""
    found: dict[UUID, list[AnswerRow]] = defaultdict(list)
    for row in fetch(session, _ANSWERS, {"child_id": child_id}):
        one = AnswerRow(row[0], row[1], row[2] or "Ungdommen selv", *row[3:])
        there = {it.guardian_id: at for at, it in enumerate(found[one.version_id])}
        if (at := there.get(one.guardian_id)) is None:
            found[one.version_id].append(one)
        else:
            paper = found[one.version_id][at]
            found[one.version_id][at] = paper._replace(confirmed_at=one.answered_at)
    return found


def to_confirm(work: Work, child_id: UUID, version_id: UUID) -> AnswerRow | None:
    """Return what staff wrote in of the actor's own answer to a version, till he confirms it."""
    own = consents.answers_as(work, child_id)
    for one in answers(work.session, child_id).get(version_id, []):
        if own == (one.guardian_id or CHILD) and one.unconfirmed:
            return one
    return None


def comments(session: Session, child_id: UUID, by: Sight, *, ip: bool) -> list[CommentRow]:
    """Return what has been said of what somebody sees, oldest first; `ip`: he reads such a plan."""
    rows = fetch(session, _COMMENTS, {"child_id": child_id, "ip": ip})
    found = map(CommentRow._make, rows)
    return [row for row in found if by.may(row.about) and _is_his(by, row.at)]


def _is_his(by: Sight, at: datetime) -> bool:
    """Say whether what was said or done at a UTC moment is not kept by the birth."""
    return by.since is None or at > by.since


def commentable(session: Session, child_id: UUID, by: Sight) -> dict[str, str]:
    """Return what somebody may say something of, with its words: goals he reads, and sections.

    Goals are those of the version that holds, and of the one that waits.
    """
    found = versions(session, child_id, by)
    now = {VersionState.IN_FORCE, VersionState.FOR_APPROVAL}
    contents = [content_of(session, one.id, by) for one in found if one.state in now]
    goals = {goal["key"]: goal["text"] for content in contents for goal in content["goals"]}
    return dict(goals) | {name: rules.TEXTS[name] for name in rules.SECTIONS}


def viewer_of(reader: Reader) -> Viewer:
    """Return somebody who reads the plan as what decides which parts of it he reads."""
    return replace(audience.viewer_of(reader), room=False)


def saves(
    session: Session, child_id: UUID, by: Sight, reads: Callable[[bool], bool]
) -> list[DraftChange]:
    """Return who has changed what somebody sees of the draft, newest first.

    A save that changed nothing that he reads today is no save for him. `reads`: as in `reports`.
    """
    parts = {rows[-1].part_id: key for key, rows in by.parts.items() if by.may(key)}
    found = []
    rows = session.execute(_SAVES, {"child_id": child_id})
    for at, username, name, object_id, changes, _ in (row for row in rows if reads(row[-1])):
        paths = [
            path for path in changes.get("fields", ()) if all(map(by.may, rules.parts_of(path)))
        ]
        readers = parts.get(object_id) if "audience" in changes else None
        if (paths or readers) and _is_his(by, at):
            steps = (changes.get(kind, ()) for kind in ("added", "removed", "moved"))
            seen = ([path for path in one if path in paths] for one in steps)
            found.append(DraftChange(at, username, name, paths, readers, *seen))
    return found


def held_on(found: Iterable[VersionRow], day: date) -> VersionRow | None:
    """Return which of some versions, newest first, held at the end of a local date."""
    for one in found:
        if one.state in HELD and one.settled_at and oslo_date(one.settled_at) <= day:
            over = one.ended_at is not None and oslo_date(one.ended_at) <= day
            return None if over else one
    return None


def predecessor(history: Iterable[VersionRow], version: VersionRow) -> VersionRow | None:
    """Return the newest version before another that held or may yet; `history`: newest first."""
    for one in history:
        if one.number < version.number and one.state not in rules.NEVER_HELD:
            return one
    return None


def counterpart(others: Iterable[VersionRow], version: VersionRow) -> VersionRow | None:
    """Return what somebody else had when a version was made: that one, or the newest before it.

    `others`: his versions, newest first.
    """
    for one in others:
        old = one.created_at < version.created_at and one.state not in rules.NEVER_HELD
        if one.id == version.id or old:
            return one
    return None


def numbered(session: Session, child_id: UUID, number: int, by: Sight) -> PlanVersion | None:
    """Return a version by the number it has for somebody."""
    found = next((one for one in versions(session, child_id, by) if one.number == number), None)
    return None if found is None else session.get(PlanVersion, found.id)


def revise_on(version: VersionRow, content: Content) -> date | None:
    """Return by which local date a version is to be gone through; None: the law asks it of none.

    It asks it of an individuell plan while it holds.
    """
    holds = version.state is VersionState.IN_FORCE and version.kind is PlanKind.INDIVIDUELL_PLAN
    if not holds or version.settled_at is None:
        return None
    return rules.revise_on(content, oslo_date(version.settled_at))


def altered(session: Session) -> UUID | None:
    """Return the first version that does not say what it said when it was made.

    It is held against its own fingerprint, and against the one in the trail, which is sealed.
    """
    with session.execute(_FINGERPRINTS) as rows:
        for version_id, content, kept, told in rows:
            found = rules.fingerprint(content)
            if found != kept or (told or {}).get("sha256", found) != found:
                return UUID(str(version_id))
    return None


def running_keys(session: Session, child_id: UUID, by: Sight) -> frozenset[str]:
    """Return the keys of what the version in force shows somebody as under way.

    With a birth the plan begins anew: what is from before it need not be shown ended first.
    """
    held = in_force(session, child_id, by)
    if held is None or is_before_birth(session, child_id, held):
        return frozenset()
    return rules.running_keys(content_of(session, held.id, by))


def obstacles_to_version(work: Work, log: LogSummary, content: Content, by: Sight) -> list[str]:
    """List every reason why the draft may not become a version today, as far as somebody sees it.

    An obstacle in what he does not see would tell him of it; who sees it judges it.
    """
    obstacles = rules.obstacles_to_version(content)
    if log.closed_at is not None:
        obstacles.append("log-closed")
    kind = kind_now(work.session, log)
    history = versions(work.session, log.child_id, by)
    if any(one.state is VersionState.FOR_APPROVAL for one in history):
        obstacles.append("version-waits")
    held = next((one for one in history if one.state is VersionState.IN_FORCE), None)
    if held is not None and held.kind is kind:
        there = content_of(work.session, held.id, by)
        then = work.session.get_one(PlanVersion, held.id).audiences
        same = all(then.get(key, 0) == number for key, number in audiences_of(content, by).items())
        if same and differences.diff(there, content).empty:
            obstacles.append("plan-unchanged")
    if kind is PlanKind.INDIVIDUELL_PLAN:
        obstacles += [code for code, there in by_law(work, log, content).items() if not there]
        if not consents.family_of(work, log.child_id).needed(Purpose.PLAN):
            obstacles.append("guardian-missing")
    return obstacles


def obstacles_to_begin(work: Work, log: LogSummary) -> list[str]:
    """List every reason why no individuell plan can be begun today."""
    open_ = log.id is not None and log.closed_at is None
    checks = {
        "log-missing": log.id is not None,
        "log-closed": log.closed_at is None,
        "plan-level": log.level == Level.THREE or not open_,
        "plan-is-ip": kind_now(work.session, log) is not PlanKind.INDIVIDUELL_PLAN or not open_,
        "plan-consent-missing": consented(work, log.child_id),
    }
    return [code for code, met in checks.items() if not met]


def by_law(work: Work, log: LogSummary, content: Content) -> dict[str, bool]:
    """Return whether each part that the law asks of an individuell plan is there today."""
    return rules.parts_by_law(
        content,
        has_coordinator=team.coordinator(work.session, log.child_id, work.today) is not None,
        has_consent=consented(work, log.child_id),
        parties=parties(work, log.child),
    )


def parties(work: Work, child: ChildSummary) -> list[Party]:
    """Return whom a plan is for, and whose yes it needs: a youth decides alone."""
    needed = consents.family_of(work, child.id).needed(Purpose.PLAN)
    found = []
    if child.kind != ChildKind.UNBORN:
        role = children.word_for(work, child).casefold()
        account = people.username_of(work.session, children.account_of(work.session, child.id))
        found.append(Party(child.name, account, role, OF_CHILD))
    for one in children.guardians(work.session, child.id):
        if one.id in needed:
            called = AS_PARENT | {one.relation}
            found.append(Party(one.name, one.username, one.relation, called))
    return found


def decides_alone(work: Work, child_id: UUID) -> bool:
    """Say whether the youth alone says yes to a plan today."""
    return CHILD in consents.family_of(work, child_id).needed(Purpose.PLAN)


def consented(work: Work, child_id: UUID) -> bool:
    """Say whether somebody has agreed to a plan for some service today."""
    return bool(ties.covered_services(work.session, child_id, work.today, Purpose.PLAN))


def audiences_of(content: Content, by: Sight) -> dict[str, int]:
    """Return the number of the audience that stands for each part of a content that has one."""
    return {key: by.parts[key][-1].number for key in rules.parts_in(content) if key in by.parts}


def needed(work: Work, child: ChildSummary, version: VersionRow) -> list[Needed]:
    """Return whose answer a version that waits needs today, and what they have said."""
    wanted = answerers(work, child.id, version.id)
    own = consents.answers_as(work, child.id)
    given = {
        one.guardian_id or CHILD: one for one in answers(work.session, child.id).get(version.id, [])
    }
    called: dict[UUID | str, str] = {CHILD: child.name} | {
        one.id: one.name for one in children.guardians(work.session, child.id)
    }
    found = [Needed(key, called[key], key == own, given.get(key)) for key in wanted]
    return sorted(found, key=lambda one: (one.name, str(one.key)))


def readers(work: Work, log: LogSummary) -> list[Reader]:
    """Return who reads the plan as it is today, by the question that its page asks."""
    ip = kind_now(work.session, log) is PlanKind.INDIVIDUELL_PLAN
    return logs.readers(work, log, Action.PLAN_READ, ip=ip)


def people_of(work: Work, log: LogSummary, content: Content = EMPTY) -> list[Person]:
    """Return who can be responsible: professionals around the child, its family, and itself.

    Also who takes part by a content of the plan. Who has no account is there by name; who has one
    is there by that alone, unless the content has made him responsible by name.
    """
    session, child = work.session, log.child
    found: dict[str, Person] = {}

    def add(username: str | None, name: str | None, role: str) -> None:
        if username and name:
            found.setdefault(username, Person(username, name, role))

    add(log.holder_username, log.holder_name, log.holder_title or "")
    add(log.acting_username, log.acting_name, "leder")
    for appointed in team.appointments(session, child.id, work.today):
        if not appointed.ended:
            add(appointed.username, appointed.name, appointed.kind)
    for member in logs.members(session, child, work.today):
        add(member.username, member.name, member.title)
    for seated in team.group_members(session, child.id):
        if not seated.ended:
            add(seated.username, seated.name, seated.role)
    account = children.account_of(session, child.id)
    add(people.username_of(session, account), child.name, children.role_of(work, child))
    named = {one["responsible"] for _, one in rules.measures(content)}
    for one in _family_and_others(work, child, content, named):
        there = {(known.name, known.role.casefold()) for known in found.values()}
        if one.username in named or (one.name, one.role.casefold()) not in there:
            found.setdefault(one.username, one)
    return list(found.values())


def _family_and_others(
    work: Work, child: ChildSummary, content: Content, named: Collection[str]
) -> Iterator[Person]:
    of_age = is_of_age(child.birth_date, work.today)
    for guardian in () if of_age else children.guardians(work.session, child.id):
        if not (guardian.ended or guardian.blocked):
            account = guardian.username or guardian.name
            ways = [one for one in (account, guardian.name) if one in named]
            for way in ways or [account]:
                yield Person(way, guardian.name, guardian.relation)
    for one in content["participants"]:
        if not one.get("username"):
            yield Person(one["name"], one["name"], one["role"] or "")


def guardians_named(session: Session, child_id: UUID, content: Content) -> dict[str, Guardian]:
    """Return whom a content means by the name of a guardian of today.

    Two of one name are nobody. Who has an account is named by that, so that his name is another's
    where somebody of that name takes part. What can be a username is one: it may be another's.
    """
    standing = [one for one in children.guardians_now(session, child_id) if not one.blocked]
    number = Counter(one.name for one in standing if username_problem(one.name))
    others = {one["name"] for one in content["participants"] if not one.get("username")}
    return {
        one.name: one
        for one in standing
        if number[one.name] == 1 and not (one.user_id and one.name in others)
    }


def named_as(session: Session, child_id: UUID, user_id: UUID) -> frozenset[str]:
    """Return the names by which the draft of a child's plan means a guardian by his account."""
    plan = of_child(session, child_id)
    found = guardians_named(session, child_id, plan.draft) if plan else {}
    return frozenset(name for name, one in found.items() if one.user_id == user_id)


def is_of_age_on(session: Session, child_id: UUID, on: date) -> bool:
    """Say whether whom a plan is for was of age on a local date: its parents decide no more."""
    found = children.find(session, child_id)
    return found is not None and is_of_age(found.birth_date, on)


def service_of(session: Session, username: str) -> str | None:
    """Return the service that an account belongs to, as a plan keeps it."""
    wanted = select(User.service_id).where(User.username == username)
    found = session.scalar(wanted)
    return None if found is None else str(found)


def names(session: Session, contents: Collection[Content]) -> dict[str, str]:
    """Return people's names by username and services' names by id, for contents that name them."""
    return _names(session, contents)[0]


def names_and_reached(
    session: Session, log: LogSummary, version: VersionRow | None, contents: Collection[Content]
) -> tuple[dict[str, str], dict[str, Reached]]:
    """Return `names`, and by username how one reaches those people at work, in one statement.

    Nobody when the log or the version is over, for then they are not at work with it; and nobody
    of a child whose address is protected, since it would tell where the child is.
    """
    found, reached = _names(session, contents)
    over = log.closed_at is not None or (version is not None and version.state in rules.OVER)
    return found, {} if over or hides_places(log.child.address_protection) else reached


def _names(
    session: Session, contents: Collection[Content]
) -> tuple[dict[str, str], dict[str, Reached]]:
    usernames = {one.get("username") for content in contents for one in content["participants"]}
    services = {one.get("service_id") for content in contents for one in content["participants"]}
    for content in contents:
        for goal in content["goals"]:
            usernames |= {one["responsible"] for one in goal["measures"]}
            services |= {one.get("service_id") for one in goal["measures"]}
    rows = fetch(session, _NAMES, {"names": usernames - {None}})
    found = {username: name for username, name, *_ in rows}
    reached = {username: Reached(*how) for username, _, *how in rows if any(how)}
    ids = [UUID(one) for one in services if one]
    if ids:
        found |= {str(row[0]): row[1] for row in fetch(session, _SERVICES, {"ids": ids})}
    return found, reached


def known_usernames(session: Session, usernames: set[str]) -> dict[str, UUID]:
    """Return the accounts that have these usernames and are not disabled."""
    wanted = select(User.username, User.id).where(
        User.username.in_(usernames), User.disabled_at.is_(None)
    )
    return {row[0]: row[1] for row in session.execute(wanted)}
