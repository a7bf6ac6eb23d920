"""Everything that reads logs, members, handovers and steps."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from stafett.access import ties
from stafett.access.models import Birth, Tie
from stafett.access.policy import (
    FAMILY,
    READS_ON,
    RETAINERS,
    Action,
    Actor,
    Area,
    Facts,
    Held,
    Purpose,
    Relation,
    decide,
    hers_until,
)
from stafett.access.work import Work
from stafett.children.models import Child, Guardian
from stafett.children.queries import COLUMNS, ChildSummary, reached_at, role_of
from stafett.children.rules import first_name, hides_places
from stafett.consents import queries as consents
from stafett.consents.models import Consent, ConsentService
from stafett.dates import oslo_date
from stafett.db import constant, constants, fetch
from stafett.people import queries as people
from stafett.people.models import Service, User
from stafett.people.queries import Reached
from stafett.people.rules import EXTERNAL, is_professional
from stafett.stafettlogg import rules
from stafett.stafettlogg.models import (
    Handover,
    LevelChange,
    Member,
    PaperDay,
    Stafettlogg,
    Transfer,
)
from stafett.stafettlogg.rules import (
    HandoverState,
    Level,
    LogFacts,
    LogStatus,
    PaperKind,
)

Leader, Delegate, Delegated = aliased(User), aliased(User), aliased(Tie)
Receiver = aliased(User)
Giver, Asker = aliased(User), aliased(User)
Workplace = aliased(Service)


class LogSummary(NamedTuple):
    """What the pages say of a child's log, open or the last one; read as columns.

    The fields of the log are None when the child has never had one. `acting` is the leader who
    acts as holder while a new one is needed; `delegate`, who is in the holder's place today.
    """

    child: ChildSummary
    id: UUID | None
    level: int | None
    opened_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    closing_reason: str | None
    family_view: str | None
    next_evaluation_on: date | None
    version: int | None
    holder_id: UUID | None
    holder_username: str | None
    holder_name: str | None
    holder_title: str | None
    basis: str | None
    acting_name: str | None
    acting_username: str | None
    handover_id: UUID | None
    handover_to: str | None
    handover_at: datetime | None
    covered: bool
    holder_disabled: bool | None
    paper_place: str | None
    closing_decided_on: date | None
    delegate_name: str | None
    delegate_until: date | None
    holder_phone: str | None
    holder_email: str | None
    acting_phone: str | None
    acting_email: str | None

    @property
    def joined_to(self) -> UUID | None:
        """The record that answers in this one's place, if it was joined to one."""
        return self.child.joined_to

    @property
    def child_id(self) -> UUID:
        """Whose log it is."""
        return self.child.id

    @property
    def state(self) -> LogStatus:
        """What the log is today: an open one that no consent covers is frozen."""
        there, closed = self.id is not None, self.closed_at is not None
        return rules.status(there=there, closed=closed, covered=self.covered)

    @property
    def needs_holder(self) -> bool:
        """Whether the holder cannot hold it any more; a leader acts, if there is one."""
        gone = self.basis == ties.ACTING or bool(self.holder_disabled)
        return gone and self.closed_at is None

    @property
    def reached(self) -> Reached:
        """How one reaches who has the baton, or the leader who acts; of a closed log nobody."""
        if self.closed_at is not None:
            return Reached()
        if self.needs_holder:
            return Reached(self.acting_phone, self.acting_email)
        return Reached(self.holder_phone, self.holder_email)


class MemberRow(NamedTuple):
    """A member as pages and JSON show it."""

    id: UUID
    username: str
    name: str
    title: str
    service_id: UUID | None
    service: str
    writes: bool
    from_on: date
    until_on: date
    version: int


class LevelRow(NamedTuple):
    """One step in the history of a child's levels; `holder` was offered the baton in it.

    `decided_on`: when, if it was registered another day.
    """

    id: UUID
    log_id: UUID
    from_level: int | None
    to_level: int
    reason: str | None
    voice_how: str | None
    voice_text: str | None
    parents_agree: bool | None
    ip_answer: str | None
    ip_reason: str | None
    next_evaluation_on: date | None
    participants: str | None
    changed_at: datetime
    by: str
    holder: str | None
    holder_name: str | None
    decided_on: date | None

    @property
    def on(self) -> date:
        """The local date on which it was decided."""
        return self.decided_on or oslo_date(self.changed_at)

    @property
    def stays(self) -> bool:
        """Whether the log stayed at its level: one looked at how it goes."""
        return self.from_level == self.to_level


class ClosingRow(NamedTuple):
    """How a log came to its end; `voice` is the child's view: `how` and `text`.

    `decided_on`: when, if it was registered another day.
    """

    id: UUID
    closed_at: datetime
    decided_on: date | None
    by: str
    outcome: str
    reason: str | None
    family_view: str | None
    voice: dict[str, str | None] | None

    @property
    def on(self) -> date:
        """The local date on which it was decided."""
        return self.decided_on or oslo_date(self.closed_at)


class PaperRow(NamedTuple):
    """A day of a log on paper, and who registered it."""

    id: UUID
    kind: str
    day: date
    place: str | None
    by: str
    written_at: datetime


class HandoverRow(NamedTuple):
    """A handover as pages and JSON show it; the receiver sees no more of the child than this.

    `giver` last held the baton; a leader `acts` in his place when he is gone. `asker_name` is who
    offered it: the giver, that leader, or who coordinates. `family_wish` is not for a receiver who
    is nothing else to the child (`guards.as_read`).
    """

    id: UUID
    child_id: UUID
    child_name: str
    birth_date: date | None
    state: str
    from_id: UUID
    requested_by: UUID
    giver: str
    giver_name: str
    to_id: UUID
    receiver: str
    receiver_name: str
    message: str | None
    requested_at: datetime
    answered_at: datetime | None
    reason: str | None
    version: int
    asker_name: str
    family_wish: str | None
    acts: bool

    @property
    def birth_year(self) -> int | None:
        """The year of birth; None before birth."""
        return None if self.birth_date is None else self.birth_date.year

    @property
    def first_name(self) -> str:
        """What a page calls the child in running text; before the birth, who carries it."""
        return first_name(self.child_name, self.birth_date)


class ListedChild(NamedTuple):
    """A child in the list of one's children; `phone` and `email` are the holder's.

    `hidden`: it has or had a log, of which the reader may not know more.
    """

    id: UUID
    name: str
    kind: str
    birth_date: date | None
    due_date: date | None
    level: int | None
    closed_at: datetime | None
    holder: str | None
    holder_username: str | None
    covered: bool
    needs_holder: bool
    knows: bool
    restricted: bool
    phone: str | None
    email: str | None
    hidden: bool = False

    @property
    def birth_year(self) -> int | None:
        """The year of birth; None before birth."""
        return None if self.birth_date is None else self.birth_date.year

    @property
    def state(self) -> LogStatus:
        """What the log is today, as far as the reader may know."""
        there, closed = self.level is not None, self.closed_at is not None
        return rules.status(there=there, closed=closed, covered=self.covered)


class Reader(NamedTuple):
    """Somebody who reads the log, for «dette ser»; `room`: the child may let him into its own.

    `since`: came after the birth, and reads what is written from this UTC moment on.
    """

    name: str
    role: str
    family: bool
    own: bool
    user_id: UUID
    username: str
    service_id: UUID | None
    service_kind: str | None
    room: bool
    since: datetime | None


class _Person(NamedTuple):
    """Whose a tie is; `relation` is that of a guardian."""

    id: UUID
    name: str
    title: str
    relation: str | None
    username: str
    service_id: UUID | None
    service_kind: str | None


class Candidate(NamedTuple):
    """Somebody who may be chosen; `inside`: he takes part already."""

    username: str
    name: str
    service: str
    external: bool
    inside: bool


_NEWEST = (
    select(Stafettlogg.id)
    .where(Stafettlogg.child_id == Child.id)
    .order_by(Stafettlogg.closed_at.is_not(None), Stafettlogg.opened_at.desc())
    .limit(1)
    .correlate(Child)
    .scalar_subquery()
)
_READS_STATE = [
    Relation.SH,
    Relation.KO,
    Relation.KEL,
    Relation.KE,
    Relation.MW,
    Relation.MR,
    Relation.EX,
    Relation.PF,
    Relation.C12,
    Relation.C16,
]
_READS_RESTRICTED = [one for one in _READS_STATE if one in READS_ON | RETAINERS]
PENDING = Handover.state == constant(HandoverState.PENDING)
"""Matches an offer of the baton that waits for an answer."""
_FOR_A_LOG = and_(Consent.purpose == Purpose.STAFETTLOGG, consents.COUNTS)
"""Matches the consents on which a log may open today; it asks for `today`."""
_SUMMARY = (
    select(*COLUMNS)
    .add_columns(Stafettlogg.id, Stafettlogg.level, Stafettlogg.opened_at, Stafettlogg.closed_at)
    .add_columns(Stafettlogg.outcome, Stafettlogg.closing_reason, Stafettlogg.family_view)
    .add_columns(Stafettlogg.next_evaluation_on, Stafettlogg.version, Stafettlogg.holder_id)
    .add_columns(User.username, User.name, User.title, Tie.basis, Leader.name, Leader.username)
    .add_columns(Handover.id, Receiver.name, Handover.requested_at)
    .add_columns(ties.covered_today(Child.id, ties.TODAY).exists(), User.disabled_at.is_not(None))
    .add_columns(Stafettlogg.paper_place, Stafettlogg.closing_decided_on)
    .add_columns(Delegate.name, Delegated.until_on)
    .add_columns(*reached_at(User), *reached_at(Leader))
    .select_from(Child)
    .join(Stafettlogg, Stafettlogg.child_id == Child.id, isouter=True)
    .join(User, User.id == Stafettlogg.holder_id, isouter=True)
    .join(Tie, and_(Tie.child_id == Child.id, ties.HOLDS), isouter=True)
    .join(Service, Service.id == Tie.led_service_id, isouter=True)
    .join(Leader, Leader.id == Service.leader_id, isouter=True)
    .join(
        Handover,
        and_(Handover.log_id == Stafettlogg.id, PENDING),
        isouter=True,
    )
    .join(Receiver, Receiver.id == Handover.to_id, isouter=True)
    .join(
        Delegated,
        and_(
            Delegated.child_id == Tie.child_id,
            Delegated.relation == Tie.relation,
            Delegated.for_user_id == Tie.user_id,
            ties.in_force(Delegated, ties.TODAY),
        ),
        isouter=True,
    )
    .join(Delegate, Delegate.id == Delegated.user_id, isouter=True)
    .where(Child.id == bindparam("child_id"))
    .order_by(Stafettlogg.closed_at.is_not(None), Stafettlogg.opened_at.desc())
    .limit(1)
)
_OF_THE_LOG = len(_SUMMARY.selected_columns)
_SUMMARY_WITH_TIES = {leads: ties.beside(_SUMMARY, leads=leads) for leads in (False, True)}
_MEMBER = (
    select(Member.id, User.username, User.name, User.title, Service.id, Service.name)
    .add_columns(Member.writes, Member.from_on, Member.until_on, Member.version)
    .join(User, User.id == Member.user_id)
    .join(Service, Service.id == Member.service_id)
)
_MEMBERS = _MEMBER.where(
    Member.child_id == bindparam("child_id"),
    Member.ended_at.is_(None),
    Member.until_on >= ties.TODAY,
).order_by(User.name, Member.id)
_OUTSIDE = (
    select(User.username)
    .join(Tie, Tie.user_id == User.id)
    .where(
        Tie.child_id == bindparam("child_id"),
        Tie.relation.in_(constants([Relation.MW, Relation.MR, Relation.EX, Relation.KO])),
        Tie.ended_at.is_(None),
        Tie.needs_consent,
        Tie.service_id.not_in(ties.covered_today(Tie.child_id, ties.TODAY)),
    )
)


def _acts(child_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Say whether a leader acts as a child's holder."""
    return exists().where(
        Tie.child_id == child_id, Tie.basis == ties.ACTING, Tie.ended_at.is_(None)
    )


_HANDOVER = (
    select(Handover.id, Child.id, Child.name, Child.birth_date, Handover.state, Handover.from_id)
    .add_columns(
        Handover.requested_by,
        Giver.username,
        Giver.name,
        Handover.to_id,
        Receiver.username,
        Receiver.name,
    )
    .add_columns(Handover.message, Handover.requested_at, Handover.answered_at)
    .add_columns(Handover.reason, Handover.version, Asker.name, Handover.family_wish)
    .add_columns(_acts(Handover.child_id))
    .join(Child, Child.id == Handover.child_id)
    .join(Giver, Giver.id == Handover.from_id)
    .join(Asker, Asker.id == Handover.requested_by)
    .join(Receiver, Receiver.id == Handover.to_id)
)
_OF_A_TIE = len(ties.EVERYBODYS.selected_columns)
_READERS = (  # beside each tie the person whose it is, or who leads the service whose it is
    ties.EVERYBODYS.add_columns(User.id, User.name, User.title, Guardian.relation)
    .add_columns(User.username, User.service_id, Workplace.kind)
    .join(Service, Service.id == Tie.led_service_id, isouter=True)
    .join(User, User.id == func.coalesce(Tie.user_id, Service.leader_id))
    .join(Workplace, Workplace.id == User.service_id, isouter=True)
    .join(
        Guardian,
        and_(
            Guardian.user_id == User.id,
            Guardian.child_id == bindparam("child_id"),
            Guardian.ended_at.is_(None),
        ),
        isouter=True,
    )
)
HANDOVERS_TO = _HANDOVER.where(Handover.to_id == bindparam("user_id"), PENDING).order_by(
    Handover.requested_at
)
"""The batons that wait for somebody's answer."""
MOVED = LevelChange.from_level.is_distinct_from(LevelChange.to_level)
"""Matches the steps that brought a log to a level, and not those that stayed at it."""
_LEVELS = (
    select(LevelChange.id, LevelChange.log_id, LevelChange.from_level, LevelChange.to_level)
    .add_columns(LevelChange.reason, LevelChange.voice_how, LevelChange.voice_text)
    .add_columns(LevelChange.parents_agree, LevelChange.ip_answer, LevelChange.ip_reason)
    .add_columns(LevelChange.next_evaluation_on, LevelChange.participants, LevelChange.changed_at)
    .add_columns(User.name, Receiver.username, Receiver.name, LevelChange.decided_on)
    .join(Stafettlogg, Stafettlogg.id == LevelChange.log_id)
    .join(User, User.id == LevelChange.changed_by)
    .join(Handover, Handover.id == LevelChange.handover_id, isouter=True)
    .join(Receiver, Receiver.id == Handover.to_id, isouter=True)
    .order_by(LevelChange.changed_at.desc(), LevelChange.id)
)
_LEVELS_OF = _LEVELS.where(Stafettlogg.child_id == bindparam("child_id"))


def _knowing(relations: Iterable[Relation], *, leads: bool) -> Select[UUID]:
    return ties.tied_as(relations, leads=leads).where(ties.COVERED)


def _children(*, leads: bool) -> Select[*tuple[Any, ...]]:
    """Build the list of somebody's children; who leads no service is asked a simpler question."""
    restricted = ties.restricted(Child.id)
    return (
        select(Child.id, Child.name, Child.kind, Child.birth_date)
        .add_columns(case((Child.ended_at.is_(None), Child.due_date)))
        .add_columns(Stafettlogg.level, Stafettlogg.closed_at, User.name, User.username)
        .add_columns(ties.covered_today(Child.id, ties.TODAY).exists(), _acts(Child.id))
        .add_columns(
            or_(
                and_(Child.id.in_(_knowing(_READS_STATE, leads=leads)), ~restricted),
                Child.id.in_(_knowing(_READS_RESTRICTED, leads=leads)),
            )
        )
        .add_columns(restricted, *reached_at(User))
        .join(Stafettlogg, Stafettlogg.id == _NEWEST, isouter=True)
        .join(User, User.id == Stafettlogg.holder_id, isouter=True)
        .where(Child.id.in_(ties.visible(leads=leads)))
        .order_by(Child.name, Child.id)
    )


_CHILDREN = {leads: _children(leads=leads) for leads in (False, True)}


def summary(session: Session, child_id: UUID, today: date) -> LogSummary | None:
    """Return the child with its open log, else the last closed one; None: no such child."""
    given = {"child_id": child_id, "today": today}
    rows = fetch(session, _SUMMARY, given)
    return _summary(rows[0]) if rows else None


def summary_for(
    session: Session, actor: Actor, child_id: UUID, now: datetime
) -> tuple[LogSummary | None, tuple[Held, ...]]:
    """Return `summary`, and what the actor holds to the child, in one statement."""
    given = ties.asking_of(session, actor, child_id, now)
    wanted = _SUMMARY_WITH_TIES[bool(actor.leads)]
    rows = fetch(session, wanted, given)
    tied = [row[_OF_THE_LOG:] for row in rows if row[_OF_THE_LOG] is not None]
    log = _summary(rows[0][:_OF_THE_LOG]) if rows else None
    return log, ties.own(actor, tied, child_id)


def _summary(row: Sequence[Any]) -> LogSummary:
    return LogSummary(ChildSummary._make(row[: len(COLUMNS)]), *row[len(COLUMNS) :])


def children_of(
    work: Work, limit: int | None = None, after: tuple[str, UUID] | None = None
) -> list[ListedChild]:
    """Return the children whom the actor may know of, by name, with their logs in one statement."""
    wanted = _CHILDREN[bool(work.actor.leads)]
    if after is not None:
        name, child_id = after
        wanted = wanted.where(
            (Child.name > name) | and_(Child.name == literal(name), Child.id > child_id)
        )
    if limit is not None:
        wanted = wanted.limit(limit)
    given = ties.asking(work.actor, work.today, work.now)
    rows = [ListedChild(*row) for row in fetch(work.session, wanted, given)]
    return [row if row.knows else _without_log(row) for row in rows]


def _without_log(row: ListedChild) -> ListedChild:
    return row._replace(
        level=None,
        closed_at=None,
        holder=None,
        holder_username=None,
        needs_holder=False,
        phone=None,
        email=None,
        hidden=row.level is not None,
    )


def open_log(session: Session, child_id: UUID) -> Stafettlogg | None:
    """Return the child's log that is not closed."""
    wanted = select(Stafettlogg).where(
        Stafettlogg.child_id == child_id, Stafettlogg.closed_at.is_(None)
    )
    return session.scalars(wanted).one_or_none()


def last_log(session: Session, child_id: UUID) -> Stafettlogg | None:
    """Return the child's newest log, open or closed."""
    wanted = select(Stafettlogg).where(Stafettlogg.child_id == child_id)
    return session.scalars(wanted.order_by(Stafettlogg.opened_at.desc()).limit(1)).one_or_none()


def closings(session: Session, child_id: UUID, since: datetime | None = None) -> list[ClosingRow]:
    """Return the end of each of the child's logs, after a UTC moment if any, newest first."""
    wanted = (
        select(Stafettlogg.id, Stafettlogg.closed_at, Stafettlogg.closing_decided_on, User.name)
        .add_columns(Stafettlogg.outcome, Stafettlogg.closing_reason, Stafettlogg.family_view)
        .add_columns(Stafettlogg.closing_voice)
        .join(User, User.id == Stafettlogg.closed_by)
        .where(Stafettlogg.child_id == child_id, Stafettlogg.closed_at.is_not(None))
        .order_by(Stafettlogg.closed_at.desc())
    )
    if since is not None:
        wanted = wanted.where(Stafettlogg.closed_at > since)
    return [ClosingRow._make(row) for row in session.execute(wanted)]


def levels(session: Session, child_id: UUID, since: datetime | None = None) -> list[LevelRow]:
    """Return every level step of the child's logs, after a UTC moment if any, newest first."""
    rows = session.execute(_LEVELS_OF, {"child_id": child_id})
    found = [LevelRow._make(row) for row in rows]
    return found if since is None else [one for one in found if one.changed_at > since]


def since_birth(log: LogSummary, since: datetime | None) -> LogSummary:
    """Return a log without what was said of it before a birth, for who came after it."""
    if since is None or log.opened_at is None or log.opened_at > since:
        return log
    log = log._replace(opened_at=None)
    if log.closed_at is None or log.closed_at > since:
        return log
    return log._replace(
        outcome=None, closing_reason=None, family_view=None, closing_decided_on=None
    )


def last_decided_on(session: Session, log: Stafettlogg) -> date:
    """Return the local date on which an open log came to the level it has.

    Never one before a birth: those who came after it may not know of it.
    """
    last = (
        select(LevelChange.decided_on, LevelChange.changed_at, Birth.at)
        .join(Birth, Birth.child_id == log.child_id, isouter=True)
        .where(LevelChange.log_id == log.id)
        .order_by(LevelChange.changed_at.desc())
        .limit(1)
    )
    decided_on, changed_at, born_at = session.execute(last).one()
    day = decided_on or oslo_date(changed_at)
    return day if born_at is None else max(day, oslo_date(born_at))


def level_row(session: Session, step_id: UUID) -> LevelRow:
    """Return one level step as JSON shows it."""
    return LevelRow._make(session.execute(_LEVELS.where(LevelChange.id == step_id)).one())


def members(session: Session, child: ChildSummary, today: date) -> list[MemberRow]:
    """Return who takes part in the child's log on a local date, besides its holder.

    Where they work is left out when the child's address is protected, since it tells where the
    child is.
    """
    rows = fetch(session, _MEMBERS, {"child_id": child.id, "today": today})
    return [_masked(MemberRow._make(row), child.address_protection) for row in rows]


def outside_consent(session: Session, child_id: UUID, today: date) -> frozenset[str]:
    """Return the usernames of who take part, but read nothing on a local date.

    No consent covers their service; with a new one they read again.
    """
    given = {"child_id": child_id, "today": today}
    return frozenset(name for (name,) in fetch(session, _OUTSIDE, given))


def member(session: Session, member_id: UUID) -> Member | None:
    """Return a membership, without asking who wants it."""
    return session.get(Member, member_id)


def member_row(session: Session, member_id: UUID) -> MemberRow:
    """Return a membership as JSON shows it, ended or not; the workplace as `members` does."""
    wanted = _MEMBER.add_columns(Child.address_protection)
    wanted = wanted.join(Child, Child.id == Member.child_id).where(Member.id == member_id)
    *found, protection = session.execute(wanted).one()
    return _masked(MemberRow._make(found), protection)


def _masked(member: MemberRow, protection: str) -> MemberRow:
    return member._replace(service_id=None, service="") if hides_places(protection) else member


def child_of_member(session: Session, member_id: UUID) -> UUID | None:
    """Return whom a membership is about; it never changes, so no lock is needed."""
    return session.scalar(select(Member.child_id).where(Member.id == member_id))


def held_children(session: Session) -> list[tuple[UUID, date, Tie]]:
    """Return the open logs of children who are born, with their birth dates and holders' ties."""
    wanted = (
        select(Stafettlogg.id, Child.birth_date, Tie)
        .join(Child, Child.id == Stafettlogg.child_id)
        .join(Tie, Tie.child_id == Child.id)
        .where(Stafettlogg.closed_at.is_(None), Child.birth_date.is_not(None), ties.HOLDS)
        .order_by(Stafettlogg.id)
    )
    return [(log_id, born, tie) for log_id, born, tie in session.execute(wanted) if born]


def ending(session: Session, today: date, until: date) -> list[tuple[Member, Tie]]:
    """Return the memberships of open logs that end in some days, each with its holder's tie."""
    wanted = (
        select(Member, Tie)
        .join(Stafettlogg, Stafettlogg.id == Member.log_id)
        .join(Tie, Tie.child_id == Member.child_id)
        .where(
            Stafettlogg.closed_at.is_(None),
            Member.ended_at.is_(None),
            Member.until_on >= today,
            Member.until_on <= until,
            ties.HOLDS,
        )
        .order_by(Member.until_on, Member.id)
    )
    return [(row[0], row[1]) for row in session.execute(wanted)]


def membership(session: Session, log_id: UUID, user_id: UUID) -> Member | None:
    """Return a user's membership that has not been ended."""
    wanted = select(Member).where(
        Member.log_id == log_id, Member.user_id == user_id, Member.ended_at.is_(None)
    )
    return session.scalars(wanted).one_or_none()


def standing_members(session: Session, log_id: UUID) -> Sequence[Member]:
    """Return the memberships of a log that have not been ended."""
    wanted = select(Member).where(Member.log_id == log_id, Member.ended_at.is_(None))
    return session.scalars(wanted).all()


def waiting_transfer(session: Session, log_id: UUID, service_id: UUID | None) -> Transfer | None:
    """Return the transfer by which a service is out as soon as it has not the baton."""
    wanted = select(Transfer).where(
        Transfer.log_id == log_id,
        Transfer.from_service_id == service_id,
        Transfer.finished_at.is_(None),
    )
    return session.scalars(wanted).one_or_none()


def taking_part(work: Work, log: LogSummary) -> list[tuple[UUID, str]]:
    """Return the services that consent covers or that have somebody in the log, by name.

    As `consents.shown_services` shows them.
    """
    members = select(Member.service_id).where(Member.log_id == log.id, Member.ended_at.is_(None))
    covered = ties.covered_services(work.session, log.child_id, work.today)
    there = covered | set(work.session.scalars(members))
    shown = consents.shown_services(work, log.child_id)
    return sorted((shown[one] for one in there), key=lambda one: one[1])


def candidates(work: Work, log: LogSummary) -> list[Candidate]:
    """Return who may be invited or offered the baton, by service and name.

    People of the services that consent covers today, without its holder.
    """
    covered = ties.covered_services(work.session, log.child_id, work.today)
    inside = select(Member.user_id).where(Member.log_id == log.id, Member.ended_at.is_(None))
    wanted = (
        select(User.username, User.name, User.service_id, User.roles, User.id.in_(inside))
        .where(
            User.disabled_at.is_(None),
            User.service_id.in_(covered),
            or_(User.id != log.holder_id, literal(log.needs_holder)),
        )
        .order_by(User.name)
    )
    return _candidates(work, log.child_id, wanted)


def candidates_to_hold(work: Work, child_id: UUID) -> list[Candidate]:
    """Return the staff who may be offered the baton of a log that opens now."""
    covered = ties.covered_services(work.session, child_id, work.today)
    covered -= ties.partly_covered(work.session, child_id, work.today)
    wanted = (
        select(User.username, User.name, User.service_id, User.roles, literal(value=False))
        .where(
            User.disabled_at.is_(None),
            User.service_id.in_(covered),
            User.id != work.actor.user_id,
        )
        .order_by(User.name)
    )
    return [one for one in _candidates(work, child_id, wanted) if not one.external]


def _candidates(work: Work, child_id: UUID, wanted: Select[*tuple[Any, ...]]) -> list[Candidate]:
    """Return those to choose, without accounts that work with no child."""
    shown = consents.shown_services(work, child_id)
    found = [
        Candidate(username, name, shown[service_id][1], EXTERNAL in roles.split(), inside)
        for username, name, service_id, roles, inside in work.session.execute(wanted)
        if is_professional(roles.split())
    ]
    return sorted(found, key=lambda one: one.service)


def open_consents(work: Work, child_id: UUID) -> list[tuple[UUID, date, list[str]]]:
    """Return the consents on which a log may open: id, day given, names of services."""
    wanted = (
        select(Consent.id, Consent.given_on, ConsentService.service_id)
        .join(ConsentService, ConsentService.consent_id == Consent.id)
        .where(
            Consent.child_id == child_id,
            _FOR_A_LOG,
            ConsentService.ended_at.is_(None),
        )
        .order_by(Consent.given_on.desc(), Consent.id)
    )
    shown = consents.shown_services(work, child_id)
    found: dict[UUID, tuple[UUID, date, list[str]]] = {}
    for consent_id, given_on, service_id in work.session.execute(wanted, {"today": work.today}):
        names = found.setdefault(consent_id, (consent_id, given_on, []))[2]
        names[:] = sorted([*names, shown[service_id][1]])
    return list(found.values())


def readers(
    work: Work, log: LogSummary, action: Action = Action.ENTRY_LIST, *, ip: bool = False
) -> list[Reader]:
    """Return who reads the log today, by the question that their own pages ask.

    Or who reads the plan: `action` is then `plan.read`, and `ip` whether it is an individuell plan.
    """
    facts, picked = Facts(work.today, ip=ip), Facts(work.today, named=True)
    area = Area.LOG if action is Action.ENTRY_LIST else Area.PLAN
    given = {"child_id": log.child_id, **ties.at(work.now)}
    rows = fetch(work.session, _READERS, given)
    by_owner, in_room, later = {}, set(), {}
    for owner, held in ties.held_of(rows, log.child_id).items():
        if basis := decide(held, action, facts).basis:
            by_owner[owner] = basis
            later[owner] = hers_until(held, work.today, area)
            if decide(held, Action.CHILDNOTE_READ, picked).allowed:
                in_room.add(owner)
    persons, owners_of = {}, defaultdict(set)
    for row in rows:
        if (owner := (row.user_id, row.led_service_id)) in by_owner:
            one = _Person(*row[_OF_A_TIE:])
            persons[one.id] = one
            owners_of[one.id].add(owner)
    found: list[Reader] = []
    itself = role_of(work, log.child)
    for one in persons.values():
        owners = owners_of[one.id]
        family = frozenset().union(*(by_owner[owner] for owner in owners)) <= FAMILY
        since = [later[owner] for owner in owners]
        found.append(
            Reader(
                one.name,
                (one.relation or itself) if family else one.title,
                family,
                one.id == work.actor.user_id,
                one.id,
                one.username,
                one.service_id,
                one.service_kind,
                one.relation is None and not in_room.isdisjoint(owners),
                None if None in since else since[0],
            )
        )
    return sorted(found, key=lambda one: (one.own, not one.family, one.name))


def paper_days(session: Session, child_id: UUID, since: datetime | None = None) -> list[PaperRow]:
    """Return the days of a child's logs on paper, written after `since` if any, newest first."""
    wanted = (
        select(PaperDay.id, PaperDay.kind, PaperDay.day, PaperDay.place, User.name)
        .add_columns(PaperDay.written_at)
        .join(Stafettlogg, Stafettlogg.id == PaperDay.log_id)
        .join(User, User.id == PaperDay.written_by)
        .where(Stafettlogg.child_id == child_id)
        .order_by(PaperDay.day.desc(), PaperDay.written_at.desc(), PaperDay.id)
    )
    if since is not None:
        wanted = wanted.where(PaperDay.written_at > since)
    return [PaperRow._make(row) for row in session.execute(wanted)]


def consented_since_paper(work: Work, log: Stafettlogg) -> bool:
    """Say whether a consent to the log that holds today came after it was put on paper."""
    begun = (
        select(func.max(PaperDay.written_at))
        .where(PaperDay.log_id == log.id, PaperDay.kind == PaperKind.BEGUN)
        .scalar_subquery()
    )
    wanted = select(
        exists().where(Consent.child_id == log.child_id, Consent.active_at > begun, _FOR_A_LOG)
    )
    return bool(work.session.scalar(wanted, {"today": work.today}))


def handover(session: Session, handover_id: UUID) -> HandoverRow | None:
    """Return a handover, without asking who wants it."""
    row = session.execute(_HANDOVER.where(Handover.id == handover_id)).one_or_none()
    return None if row is None else HandoverRow._make(row)


def handovers_to(session: Session, user_id: UUID) -> list[HandoverRow]:
    """Return the batons that wait for a person's answer, oldest first."""
    rows = fetch(session, HANDOVERS_TO, {"user_id": user_id})
    return [HandoverRow._make(row) for row in rows]


def handovers_of(
    session: Session, child_id: UUID, since: datetime | None = None
) -> list[HandoverRow]:
    """Return the history of a child's baton, after a UTC moment if any, newest first."""
    wanted = _HANDOVER.where(Handover.child_id == child_id)
    if since is not None:
        waits = Handover.answered_at.is_(None)
        wanted = wanted.where(or_(waits, Handover.requested_at > since))
    found = session.execute(wanted.order_by(Handover.requested_at.desc()))
    return [HandoverRow._make(row) for row in found]


def child_of_handover(session: Session, handover_id: UUID) -> UUID | None:
    """Return whom a handover is about; it never changes, so no lock is needed."""
    return session.scalar(select(Handover.child_id).where(Handover.id == handover_id))


def pending(session: Session, log_id: UUID) -> Handover | None:
    """Return the handover that waits for an answer."""
    wanted = select(Handover).where(Handover.log_id == log_id, PENDING)
    return session.scalars(wanted).one_or_none()


def holds_consent(work: Work, child_id: UUID, consent_id: UUID) -> bool:
    """Say whether a consent is one of the child's on which a log may open today."""
    wanted = select(Consent.id).where(
        Consent.id == consent_id, Consent.child_id == child_id, _FOR_A_LOG
    )
    return work.session.scalar(wanted, {"today": work.today}) is not None


def _from_before_birth(work: Work, child_id: UUID, user_id: UUID) -> Collection[UUID]:
    """Return the services that consent from before a birth covers, for one who was not there."""
    birth = work.session.get(Birth, child_id)
    if birth is None or ties.was_there(work.session, child_id, user_id):
        return ()
    given = select(Consent.id).where(
        Consent.child_id == child_id, Consent.registered_at <= birth.at
    )
    return frozenset(work.session.scalars(ties.covered_by(child_id, given)))


def facts(
    work: Work, child_id: UUID, log: Stafettlogg | None, user_id: UUID | None = None
) -> LogFacts:
    """Return what the rules need to know of a child's log today, and of who is to come into it."""
    covered = ties.covered_services(work.session, child_id, work.today)
    specialist = dict(
        work.session.execute(
            select(Service.id, Service.specialist).where(Service.id.in_(covered))
        ).all()
    )
    unit = people.coordinating_unit(work.session)
    return LogFacts(
        level=None if log is None else Level(log.level),
        covered=specialist,
        partly=ties.partly_covered(work.session, child_id, work.today),
        from_before_birth=_from_before_birth(work, child_id, user_id) if user_id else (),
        counted=rules.counted(covered, unit, unit_counts=work.profile.coordinating_unit_counts),
        closed=log is not None and log.closed_at is not None,
        has_holder=ties.holder_of(work.session, child_id) is not None,
    )
