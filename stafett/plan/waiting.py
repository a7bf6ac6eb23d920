"""Reads of what plans wait for: whose answer, whose look, and how each child's plan stands."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Date, Select, and_, bindparam, or_, select, union
from sqlalchemy.orm import Session, aliased

from stafett.access import ties
from stafett.access.models import Birth, Tie
from stafett.access.policy import FAMILY, Action, Facts, Purpose, Relation, decide
from stafett.access.work import Work
from stafett.children.models import Child, Guardian
from stafett.children.rules import OF_AGE, Protection
from stafett.consents import queries as consents
from stafett.consents.rules import CHILD
from stafett.dates import birthday, months_after, oslo_date
from stafett.db import UtcDateTime, fetch
from stafett.people.models import User
from stafett.plan.models import (
    Plan,
    PlanAnswer,
    PlanAudience,
    PlanEvent,
    PlanOutcome,
    PlanVersion,
)
from stafett.plan.queries import content_of, in_force, revise_on, sights, versions
from stafett.plan.rules import PlanEventKind, PlanKind, Sight
from stafett.stafettlogg.models import Stafettlogg
from stafett.stafettlogg.rules import Level
from stafett.team import queries as team
from stafett.team.models import CoordinatorAppointment


class Waiting(NamedTuple):
    """A version that waits for an answer, or for what somebody has `said` to be seen to.

    Its signer is to say that it is right, or its coordinator to write anew what the family refused,
    or another than he has `withdrawn`, and to know that what it agreed to is in force.
    """

    id: UUID
    child_id: UUID
    child_name: str
    number: int
    said: bool | None = None
    withdrawn: bool = False


class PlanStanding(NamedTuple):
    """How the plan of a child at level 3 stands, without a word of what it says.

    `revise_on` is the local date by which it is to be gone through, `waits_since` that on which the
    version that waits for the family was sent.
    """

    child_id: UUID
    child_name: str
    coordinator: str | None
    revise_on: date | None
    waits_since: date | None

    def needs(self, today: date) -> bool:
        """Say whether koordinerende enhet should do something about it on a local date."""
        late = self.revise_on is not None and self.revise_on < today
        return self.coordinator is None or late or self.waits_since is not None


class ToRevise(NamedTuple):
    """A plan in force that its coordinator is to go through by a local date."""

    id: UUID
    child_id: UUID
    child_name: str
    due_on: date


class ReviewRow(NamedTuple):
    """A part kept from somebody, which its author should look at again; a local date."""

    part_id: UUID
    child_id: UUID
    child_name: str
    key: str
    review_on: date


_WITHOUT_OUTCOME = (
    select(PlanVersion.id, PlanVersion.child_id, Child.name, PlanVersion.number)
    .join(Child, Child.id == PlanVersion.child_id)
    .join(PlanOutcome, PlanOutcome.version_id == PlanVersion.id, isouter=True)
    .where(PlanOutcome.version_id.is_(None))
)
_OWN = ties.tied_as([Relation.KO], leads=False).where(
    Tie.service_id.in_(ties.covered_today(Tie.child_id, ties.TODAY, Purpose.PLAN))
)
_NEXT = aliased(PlanVersion)
_AGREED = and_(  # by the answer of another than who coordinates, who knows what he has written in
    PlanOutcome.in_force,
    PlanOutcome.at > bindparam("agreed_since", type_=UtcDateTime()),
    select(PlanAnswer.id)
    .where(
        PlanAnswer.version_id == PlanVersion.id,
        PlanAnswer.answered_at == PlanOutcome.at,
        PlanAnswer.answered_by != bindparam("user_id"),
    )
    .exists(),
)
_ENDED = and_(  # also by a withdrawal of another's
    PlanOutcome.in_force.is_(False),
    PlanOutcome.withdrawn_by.is_distinct_from(bindparam("user_id")),
)
COORDINATED = (
    select(PlanVersion.id, PlanVersion.child_id, Child.name, PlanVersion.number)
    .add_columns(PlanOutcome.in_force, PlanOutcome.withdrawn_by.is_not(None))
    .join(Child, Child.id == PlanVersion.child_id)
    .join(PlanOutcome, PlanOutcome.version_id == PlanVersion.id, isouter=True)
    .where(
        PlanVersion.child_id.in_(_OWN),
        ~ties.restricted(PlanVersion.child_id),
        or_(
            PlanOutcome.version_id.is_(None),
            and_(
                or_(_ENDED, _AGREED),
                ~select(_NEXT.id)
                .where(_NEXT.plan_id == PlanVersion.plan_id, _NEXT.number > PlanVersion.number)
                .exists(),
                ~select(PlanEvent.id)
                .where(
                    PlanEvent.child_id == PlanVersion.child_id,
                    PlanEvent.kind == PlanEventKind.ENDED,
                    PlanEvent.at >= PlanOutcome.at,
                )
                .exists(),
            ),
        ),
    )
)
TO_REVISE = (
    select(Plan.id, Plan.child_id, Child.name, Plan.revise_on)
    .join(Child, Child.id == Plan.child_id)
    .where(
        Plan.child_id.in_(_OWN),
        ~ties.restricted(Plan.child_id),
        or_(
            Plan.revise_on <= bindparam("until", type_=Date()),
            and_(
                Plan.revise_on.is_not(None),
                or_(
                    select(PlanAudience.part_id).where(PlanAudience.plan_id == Plan.id).exists(),
                    select(Birth.at).where(Birth.child_id == Plan.child_id).exists(),
                ),
            ),
        ),
    )
    .order_by(Plan.revise_on, Plan.id)
)


def _standing(*, leads: bool) -> Select[*tuple[Any, ...]]:
    """Return how plans stand for the children whom koordinerende enhet's person follows."""
    return (
        select(Child.id, Child.name, User.name, Plan.revise_on)
        .join(Stafettlogg, Stafettlogg.child_id == Child.id)
        .join(
            CoordinatorAppointment,
            and_(CoordinatorAppointment.child_id == Child.id, team.coordinates_on(ties.TODAY)),
            isouter=True,
        )
        .join(User, User.id == CoordinatorAppointment.user_id, isouter=True)
        .join(Plan, Plan.child_id == Child.id, isouter=True)
        .where(
            Stafettlogg.closed_at.is_(None),
            Stafettlogg.level == Level.THREE,
            Child.address_protection != Protection.STRICT,
            Child.id.in_(ties.tied_as([Relation.KE, Relation.KEL], leads=leads)),
        )
        .order_by(Child.name, Child.id)
    )


_LATER = aliased(PlanAnswer)
ON_PAPER = (
    select(PlanVersion.id, PlanVersion.child_id, Child.name, PlanVersion.number)
    .add_columns(PlanAnswer.approves, PlanVersion.kind, PlanAnswer.guardian_id)
    .join(PlanAnswer, PlanAnswer.version_id == PlanVersion.id)
    .join(Child, Child.id == PlanVersion.child_id)
    .join(Guardian, Guardian.id == PlanAnswer.guardian_id, isouter=True)
    .where(
        PlanVersion.child_id.in_(ties.tied_as(FAMILY, leads=False)),
        PlanAnswer.method == "signed",
        or_(
            Guardian.user_id == bindparam("user_id"),
            and_(PlanAnswer.guardian_id.is_(None), Child.user_id == bindparam("user_id")),
        ),
        ~select(_LATER.id)
        .where(
            _LATER.version_id == PlanAnswer.version_id,
            _LATER.guardian_id.is_not_distinct_from(PlanAnswer.guardian_id),
            _LATER.id != PlanAnswer.id,
        )
        .exists(),
    )
    .order_by(PlanAnswer.answered_at, PlanAnswer.id)
)
_STANDING = {leads: _standing(leads=leads) for leads in (False, True)}
_SENT = _WITHOUT_OUTCOME.add_columns(PlanVersion.created_at).where(
    PlanVersion.child_id.in_(bindparam("ids", expanding=True))
)
_NEWER = aliased(PlanAudience)
REVIEWS = (
    select(PlanAudience.part_id, PlanAudience.child_id, Child.name, PlanAudience.key)
    .add_columns(PlanAudience.review_on)
    .join(Child, Child.id == PlanAudience.child_id)
    .where(
        PlanAudience.author_id == bindparam("user_id"),
        PlanAudience.review_on <= bindparam("today", type_=Date()),
        ~select(_NEWER.part_id)
        .where(_NEWER.part_id == PlanAudience.part_id, _NEWER.number > PlanAudience.number)
        .exists(),
    )
    .order_by(PlanAudience.review_on, PlanAudience.key)
)


def to_review(work: Work) -> list[ReviewRow]:
    """Return the actor's own parts of plans whose review is due and which he still reads."""
    given = {"user_id": work.actor.user_id, "today": work.today}
    found = [ReviewRow._make(one) for one in work.session.execute(REVIEWS, given)]
    seen = sights(work, {one.child_id for one in found})
    return [one for one in found if seen[one.child_id].may(one.key)]


def _with_parts(work: Work, rows: Iterable[Waiting | ToRevise | PlanStanding]) -> dict[UUID, Sight]:
    """Return what the actor sees of those children's plans of which some see less than others."""
    among = {row.child_id for row in rows}
    if not among:
        return {}
    wanted = union(
        *(select(one.child_id).where(one.child_id.in_(among)) for one in (PlanAudience, Birth))
    )
    return sights(work, work.session.scalars(wanted).all())


def _as_seen(work: Work, rows: Sequence[Waiting]) -> list[Waiting]:
    """Return those versions that the actor sees, each with the number it has for him."""
    seen = _with_parts(work, rows)
    numbers = {
        version.id: version.number
        for child_id, by in seen.items()
        for version in versions(work.session, child_id, by)
    }
    return [
        one._replace(number=numbers.get(one.id, one.number))
        for one in rows
        if one.child_id not in seen or one.id in numbers
    ]


def waiting_for(work: Work) -> list[Waiting]:
    """Return the versions that wait for the actor: as a guardian, or as the youth who decides."""
    answered = select(PlanAnswer.version_id, PlanAnswer.guardian_id)
    wanted = (
        _WITHOUT_OUTCOME.add_columns(Guardian.id)
        .join(
            Guardian,
            and_(
                Guardian.child_id == Child.id,
                Guardian.user_id == work.actor.user_id,
                or_(Guardian.parental_responsibility, Guardian.mandate.is_not(None)),
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
    mine = [
        Waiting(*row[:4])
        for row in rows
        if (row[0], row[4]) not in given
        and (row[4] or CHILD) in consents.family_of(work, row[1]).needed(Purpose.PLAN)
    ]
    return _as_seen(work, mine)


def to_confirm(work: Work) -> list[Waiting]:
    """Return the versions to which staff wrote in the actor's answer on paper, till he confirms."""
    given = {"user_id": work.actor.user_id, "today": work.today}
    rows = fetch(work.session, ON_PAPER, given)
    among = {row.child_id for row in rows}
    held = ties.ties_to_all(work.session, work.actor, work.now, among) if among else {}
    himself = {child_id: consents.answers_as(work, child_id) for child_id in among}
    mine = [
        Waiting(*row[:5])
        for row in rows
        if decide(
            held.get(row.child_id, ()),
            Action.PLAN_APPROVE,
            Facts(work.today, ip=row.kind == PlanKind.INDIVIDUELL_PLAN),
        ).allowed
        and himself[row.child_id] == (row.guardian_id or CHILD)
    ]
    return _as_seen(work, mine)


def coordinated(work: Work, agreed_since: datetime) -> list[Waiting]:
    """Return the versions whose coordinator is the actor, and which wait for somebody's answer.

    The newest, when the family said no to it, or yes since a moment, or another has withdrawn it,
    until the next is sent or the plan is ended.
    """
    given = {"user_id": work.actor.user_id, "today": work.today, "agreed_since": agreed_since}
    rows = fetch(work.session, COORDINATED, given)
    return _as_seen(work, [Waiting(*row) for row in rows])


def to_revise(work: Work, until: date) -> list[ToRevise]:
    """Return the plans that the actor coordinates and is to go through by a local date.

    Where parts are for some only, the day is that of the version that the actor sees.
    """
    given = {"user_id": work.actor.user_id, "today": work.today, "until": until}
    found = [ToRevise._make(row) for row in fetch(work.session, TO_REVISE, given)]
    days = {
        child_id: _revise_on(work.session, child_id, by)
        for child_id, by in _with_parts(work, found).items()
    }
    seen = [one._replace(due_on=days.get(one.child_id, one.due_on) or date.max) for one in found]
    return [one for one in seen if one.due_on <= until]


def overview(work: Work) -> list[PlanStanding]:
    """Return how plans stand for the children whom koordinerende enhet's person follows.

    Those first for whom something should be done. Strictly protected children are in no list.
    Where parts are for some only, it is told as the actor would see it.
    """
    given = ties.asking(work.actor, work.today, work.now) | {"today": work.today}
    rows = fetch(work.session, _STANDING[bool(work.actor.leads)], given)
    sent = work.session.execute(_SENT, {"ids": [row[0] for row in rows]}).all() if rows else []
    waiting = {row[0]: oslo_date(row[4]) for row in sent}
    since = {
        one.child_id: waiting[one.id] for one in _as_seen(work, [Waiting(*row[:4]) for row in sent])
    }
    found = [PlanStanding(row[0], row[1], row[2], row[3], since.get(row[0])) for row in rows]
    blocked = set(work.session.scalars(ties.blocked_from(work.actor, work.today)))
    plain = [one for one in found if one.child_id not in blocked]
    days = {
        child_id: _revise_on(work.session, child_id, by)
        for child_id, by in _with_parts(work, plain).items()
    }
    told = [one._replace(revise_on=days.get(one.child_id, one.revise_on)) for one in plain]
    return sorted(told, key=lambda one: not one.needs(work.today))


def _revise_on(session: Session, child_id: UUID, by: Sight) -> date | None:
    held = in_force(session, child_id, by)
    return None if held is None else revise_on(held, content_of(session, held.id, by))


def soon_of_age(session: Session, today: date, until: date) -> list[tuple[UUID, date, UUID]]:
    """Return children who are of age by a local date, each with the day and who coordinates now."""
    wanted = (
        select(Child.id, Child.birth_date, CoordinatorAppointment.user_id)
        .join(CoordinatorAppointment, CoordinatorAppointment.child_id == Child.id)
        .where(
            team.coordinates_on(today),
            Child.birth_date > months_after(today, -OF_AGE * 12),
            Child.birth_date <= months_after(until, -OF_AGE * 12),
        )
        .order_by(Child.id)
    )
    return [
        (child_id, birthday(born, OF_AGE), user_id)
        for child_id, born, user_id in session.execute(wanted)
        if born  # the days say so already
    ]
