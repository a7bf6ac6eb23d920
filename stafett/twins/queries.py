"""Reads two records of one child, side by side."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from stafett.children.models import Child, Guardian
from stafett.consents.models import Consent
from stafett.db import one_at_a_time
from stafett.entries.models import Entry
from stafett.people.models import User
from stafett.plan.models import Plan
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.models import Stafettlogg
from stafett.team.models import Ansvarsgruppe, CoordinatorAppointment
from stafett.twins import rules
from stafett.twins.models import TwinJoin
from stafett.twins.rules import Use


@dataclass(frozen=True, slots=True)
class Pair:
    """A provisional record, the other with the same number, and the join that stands, if any."""

    twin: Child
    other: Child
    twin_use: Use
    other_use: Use
    join: TwinJoin | None

    @property
    def kept(self) -> Child:
        """The record that stays, or has stayed."""
        if self.join is not None:
            return self.twin if self.join.kept_id == self.twin.id else self.other
        return self.twin if self._twin_stays else self.other

    @property
    def gone(self) -> Child:
        """The record that is joined to the other."""
        return self.other if self.kept is self.twin else self.twin

    @property
    def leaves_a_log(self) -> bool:
        """Whether the record that is joined has what stays there to be read."""
        return (self.twin_use if self.gone is self.twin else self.other_use) is not Use.NONE

    @property
    def _twin_stays(self) -> bool:
        return rules.twin_stays(self.twin_use, self.other_use)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records, as who joins them sees it: no more than it takes."""

    id: UUID
    name: str
    birth_year: int | None
    registered_by: str
    registered_at: datetime
    guardians: list[tuple[str, str, bool]]
    use: Use
    holder: str | None
    stays: bool


def take(session: Session, twin_id: UUID) -> None:
    """Lock the two records that a twin and its other are, before anything is read of them.

    One that was joined comes before the one that stays, as it does for who writes at its address.
    """
    joined = select(TwinJoin.kept_id, TwinJoin.gone_id).where(
        TwinJoin.twin_id == twin_id, TwinJoin.undone_at.is_(None)
    )
    if both := session.execute(joined).one_or_none():
        one_at_a_time(session, both.gone_id)
        one_at_a_time(session, both.kept_id)
        return
    twin = aliased(Child)
    other = (
        select(Child.id)
        .join(twin, and_(twin.national_id == Child.national_id, twin.id == twin_id))
        .where(twin.provisional, ~Child.provisional, Child.joined_to.is_(None))
    )
    one_at_a_time(session, twin_id, *session.scalars(other))


def pair(session: Session, twin_id: UUID) -> Pair | None:
    """Return the two records, both locked when the transaction writes; None when there is one."""
    twin = session.get(Child, twin_id)
    standing = (TwinJoin.twin_id == twin_id, TwinJoin.undone_at.is_(None))
    join = session.scalars(select(TwinJoin).where(*standing)).one_or_none()
    if twin is None or (join is None and not twin.provisional):
        return None
    if join is not None:
        other_id: UUID | None = join.gone_id if join.kept_id == twin_id else join.kept_id
    else:
        wanted = select(Child.id).where(
            Child.national_id == twin.national_id, ~Child.provisional, Child.joined_to.is_(None)
        )
        other_id = session.scalar(wanted)
    if other_id is None:
        return None
    one_at_a_time(session, other_id)
    other = session.get_one(Child, other_id)
    return Pair(twin, other, _use(session, twin_id), _use(session, other_id), join)


def _use(session: Session, child_id: UUID) -> Use:
    """Say whether a record has, or has had, what cannot be moved: a log, notes, a plan, a group."""
    tables = (Stafettlogg, Entry, Plan, CoordinatorAppointment, Ansvarsgruppe)
    has = or_(*(exists().where(table.child_id == child_id) for table in tables))
    log = exists().where(Stafettlogg.child_id == child_id, Stafettlogg.closed_at.is_(None))
    appointed = (
        CoordinatorAppointment.child_id == child_id,
        CoordinatorAppointment.ended_at.is_(None),
    )
    found, followed = session.execute(select(has, or_(log, exists().where(*appointed)))).one()
    return Use.GOING_ON if followed else Use.PAST if found else Use.NONE


def followed_by(session: Session, child_id: UUID) -> set[UUID]:
    """Return who had the last log of a record, if there has been one."""
    last = logs.last_log(session, child_id)
    return set() if last is None else {last.holder_id}


def unverified(session: Session, pair: Pair) -> bool:
    """Say whether a guardian would come along who is new to the record and not verified."""
    there = select(Guardian).where(Guardian.child_id == pair.kept.id, Guardian.ended_at.is_(None))
    known = session.scalars(there).all()
    accounts = {one.user_id for one in known} - {None}
    numbers = {one.national_id for one in known} - {None}
    coming = select(Guardian).where(
        Guardian.child_id == pair.gone.id,
        Guardian.ended_at.is_(None),
        Guardian.verified_on.is_(None),
    )
    return any(
        one.user_id not in accounts and one.national_id not in numbers
        for one in session.scalars(coming)
    )


def used_since(session: Session, join: TwinJoin) -> bool:
    """Say whether a consent was registered or a log opened in the record since the join."""
    consent = exists().where(
        Consent.child_id == join.kept_id, Consent.registered_at > join.joined_at
    )
    log = exists().where(
        Stafettlogg.child_id == join.kept_id, Stafettlogg.opened_at > join.joined_at
    )
    return bool(session.scalar(select(or_(consent, log))))


def sides(session: Session, pair: Pair) -> list[Side]:
    """Return the two records as their page compares them, the one that stays first."""
    return [
        _side(session, child, use, stays=child is pair.kept)
        for child, use in sorted(
            ((pair.twin, pair.twin_use), (pair.other, pair.other_use)),
            key=lambda one: one[0] is not pair.kept,
        )
    ]


def _side(session: Session, child: Child, use: Use, *, stays: bool) -> Side:
    guardians = (
        select(Guardian.name, Guardian.relation, Guardian.verified_on.is_not(None))
        .where(Guardian.child_id == child.id, Guardian.ended_at.is_(None))
        .order_by(Guardian.name, Guardian.id)
    )
    last = logs.last_log(session, child.id)
    return Side(
        id=child.id,
        name=child.name,
        birth_year=None if child.birth_date is None else child.birth_date.year,
        registered_by=session.get_one(User, child.registered_by).name,
        registered_at=child.registered_at,
        guardians=[(name, relation, seen) for name, relation, seen in session.execute(guardians)],
        use=use,
        holder=None if last is None else session.get_one(User, last.holder_id).name,
        stays=stays,
    )
