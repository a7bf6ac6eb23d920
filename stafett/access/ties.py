"""Writes ties and covers, and answers what one person is to one child, and to which children."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session, aliased

from stafett.access.models import (
    ALL_AREAS,
    Birth,
    Cover,
    EarlyReader,
    Follow,
    Restriction,
    Tie,
)
from stafett.access.policy import (
    ALWAYS,
    GRANTS,
    RETAINERS,
    Action,
    Actor,
    Area,
    Cell,
    Covered,
    Facts,
    Held,
    Purpose,
    Relation,
    Span,
    decide,
)
from stafett.access.work import Work
from stafett.dates import oslo_date
from stafett.db import constant, constants, fetch, one_at_a_time

IDENTITY = [
    relation
    for relation, cell in GRANTS[Action.CHILD_READ_IDENTITY].items()
    if cell in {Cell.YES, Cell.MINIMUM}
]
ACTING = "acting"
"""Basis of a leader's tie while the baton needs a new holder."""
BY_TASK = "task"
"""Basis of a tie of koordinerende enhet's leader that counts for one task, which is its source."""
READS_OF = {Area.LOG: Action.ENTRY_LIST, Area.PLAN: Action.PLAN_READ}
"""By what somebody reads each area."""
BY_JOIN = "joined"
"""Basis of the family's tie to a record that was joined to another: it reads what stands there."""
ELSEWHERE = (BY_TASK, BY_JOIN)
"""The bases of ties that lead to one thing, and not to a child among one's children."""
Owner = tuple[UUID | None, UUID | None]
"""Whose a tie is: a user's, or that of whoever leads a service."""
NOW = bindparam("now", type_=Tie.until_at.type)
_STILL_OPEN = or_(Tie.until_at.is_(None), Tie.until_at > NOW)
TODAY = bindparam("today", type_=Date())
_ABSENT = aliased(Tie)
HOLDS = and_(
    Tie.relation == constant(Relation.SH), Tie.ended_at.is_(None), Tie.for_user_id.is_(None)
)
"""It is the tie of whoever holds a child's baton, and nobody's in his place."""


def in_force(row: type[Tie | Cover], today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Match the ties, or the covers, that hold on a local date."""
    return (
        row.ended_at.is_(None)
        & (row.from_on <= today)
        & or_(row.until_on.is_(None), row.until_on >= today)
    )


_STANDS = or_(
    Tie.for_user_id.is_(None),
    exists().where(
        _ABSENT.child_id == Tie.child_id,
        _ABSENT.user_id == Tie.for_user_id,
        _ABSENT.relation == Tie.relation,
        _ABSENT.for_user_id.is_(None),
        in_force(_ABSENT, TODAY),
    ),
)
"""A delegate has no more than him in whose place he is, and no longer."""
_NOTHING_KEPT = or_(
    Tie.source_id == Birth.guardian_id,
    exists().where(
        Follow.child_id == Birth.child_id, Follow.entry_id.is_(None), Follow.ended_at.is_(None)
    ),
)
"""The tie is the pregnant person's, or she lets all from before the birth follow the child."""
_EVERY = (
    select(Tie.id, Tie.relation, Tie.needs_consent, Tie.service_id, Tie.from_on, Tie.until_on)
    .add_columns(Tie.source_id, Tie.writes, Tie.user_id, Tie.led_service_id)
    .add_columns(Tie.basis, Tie.for_user_id, Restriction.begun_at)
    .add_columns(Birth.at, case((_NOTHING_KEPT, ALL_AREAS), else_=EarlyReader.areas))
    .add_columns(Cover.service_id, Cover.purpose, Cover.from_on, Cover.until_on, Cover.ended_at)
    .add_columns(Cover.areas)
    .join(  # what no cover can add to is read without one
        Cover,
        and_(
            Cover.child_id == Tie.child_id,
            Tie.needs_consent,
            or_(Tie.service_id.is_(None), Cover.service_id == Tie.service_id),
        ),
        isouter=True,
    )
    .join(
        Restriction,
        and_(Restriction.child_id == Tie.child_id, Restriction.ended_at.is_(None)),
        isouter=True,
    )
    .join(Birth, Birth.child_id == Tie.child_id, isouter=True)
    .join(
        EarlyReader,
        and_(
            EarlyReader.child_id == Birth.child_id,
            EarlyReader.reader_id == func.coalesce(Tie.user_id, Tie.led_service_id),
            EarlyReader.ended_at.is_(None),
        ),
        isouter=True,
    )
    .where(Tie.ended_at.is_(None), _STILL_OPEN, _STANDS)
)
EVERYBODYS = _EVERY.where(Tie.child_id == bindparam("child_id"))
"""What everybody holds to a child, a row for each tie and cover, which `held_of` makes into it.

More columns may be added behind, with what joins one row to each. It asks for `at`.
"""


def owned(*, leads: bool) -> ColumnElement[bool]:
    """Match his own ties; a service's only for those who lead one, so most plans stay simple."""
    own = Tie.user_id == bindparam("user_id")
    led = Tie.led_service_id.in_(bindparam("leads", expanding=True))
    return or_(own, led) if leads else own


_HELD = {leads: EVERYBODYS.where(owned(leads=leads)) for leads in (False, True)}
_MINE = {
    leads: _EVERY.where(owned(leads=leads)).add_columns(Tie.child_id) for leads in (False, True)
}
_MINE_AMONG = {
    leads: mine.where(Tie.child_id.in_(bindparam("among", expanding=True)))
    for leads, mine in _MINE.items()
}


def _blocks(user_id: UUID | ColumnElement[UUID], today: date | ColumnElement[date]) -> Select[UUID]:
    return select(Tie.child_id).where(
        Tie.user_id == user_id, Tie.relation == constant(Relation.BLOCK), in_force(Tie, today)
    )


BLOCKED_FROM = _blocks(bindparam("user_id"), TODAY)
"""`blocked_from` for a statement that is built once."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A relation to give. Exactly one of `user_id` and `led_service_id` is whose it becomes."""

    child_id: UUID
    relation: Relation
    basis: str
    source_id: UUID
    user_id: UUID | None = None
    led_service_id: UUID | None = None
    needs_consent: bool = False
    service_id: UUID | None = None
    writes: bool = True
    from_on: date | None = None
    until_on: date | None = None
    until_at: datetime | None = None
    for_user_id: UUID | None = None


def grant(work: Work, wish: Grant) -> Tie:
    """Give somebody a relation, from today when `from_on` is not set.

    Raises:
        IntegrityError: the child has another holder; found now, by the database.

    """
    return grant_all(work, [wish])[0]


def grant_all(work: Work, wishes: Iterable[Grant]) -> list[Tie]:
    """Give several relations in one statement, as `grant` does."""
    granted = [
        Tie(
            child_id=wish.child_id,
            user_id=wish.user_id,
            led_service_id=wish.led_service_id,
            relation=wish.relation,
            needs_consent=wish.needs_consent,
            writes=wish.writes,
            service_id=wish.service_id,
            basis=wish.basis,
            source_id=wish.source_id,
            from_on=wish.from_on or work.today,
            until_on=wish.until_on,
            until_at=wish.until_at,
            for_user_id=wish.for_user_id,
            granted_by=work.actor.user_id,
        )
        for wish in wishes
    ]
    work.session.add_all(granted)
    work.session.flush()
    return granted


def end(work: Work, source_id: UUID) -> None:
    """End every tie that a feature's row gave."""
    _end(work, Tie.source_id == source_id)


def end_own(work: Work, child_id: UUID) -> None:
    """End the ties that a child's own account has to its own record."""
    _end(work, Tie.child_id == child_id, Tie.relation.in_([Relation.C12, Relation.C16]))


def end_registrars(work: Work, child_id: UUID) -> None:
    """End what who registered the child, and his leader, had until a log opened."""
    _end(work, Tie.source_id == child_id, Tie.relation.in_([Relation.CA, Relation.UL]))


def end_basis(work: Work, child_id: UUID, basis: str) -> None:
    """End the ties to a child that were given on one basis."""
    _end(work, Tie.child_id == child_id, Tie.basis == basis)


def end_all_but(work: Work, child_id: UUID, kept: Iterable[Relation]) -> None:
    """End every tie to a child whose relation is not among `kept`, and every delegate's."""
    others = or_(Tie.relation.not_in(list(kept)), Tie.for_user_id.is_not(None))
    _end(work, Tie.child_id == child_id, others)


def carry(work: Work, source_id: UUID, child_id: UUID) -> None:
    """Let what a row gave be ties to another child: the row has been moved there."""
    wanted = select(Tie).where(Tie.source_id == source_id, Tie.ended_at.is_(None))
    for tie in work.session.scalars(wanted).all():
        end_tie(work, tie)
        _grant_anew(work, tie, child_id)


def end_child(work: Work, child_id: UUID) -> list[UUID]:
    """End every tie to a child; return which, so that they can be revived."""
    wanted = select(Tie).where(Tie.child_id == child_id, Tie.ended_at.is_(None))
    standing = work.session.scalars(wanted).all()
    for tie in standing:
        end_tie(work, tie)
    return [tie.id for tie in standing]


def revive(work: Work, tie_ids: Iterable[UUID]) -> None:
    """Grant ties that were ended anew, for whoever's they were."""
    for tie_id in tie_ids:
        tie = work.session.get_one(Tie, tie_id)
        _grant_anew(work, tie, tie.child_id)


def _grant_anew(work: Work, tie: Tie, child_id: UUID) -> None:
    grant(
        work,
        Grant(
            child_id=child_id,
            relation=Relation(tie.relation),
            basis=tie.basis,
            source_id=tie.source_id,
            user_id=tie.user_id,
            led_service_id=tie.led_service_id,
            needs_consent=tie.needs_consent,
            service_id=tie.service_id,
            writes=tie.writes,
            from_on=tie.from_on,
            until_on=tie.until_on,
            until_at=tie.until_at,
            for_user_id=tie.for_user_id,
        ),
    )


def end_tie(work: Work, tie: Tie) -> None:
    """End one tie now."""
    tie.ended_at = work.now
    work.session.flush()


def pass_to_leader(work: Work, holder: Tie, led_service_id: UUID) -> Tie:
    """Let a service's leader hold the baton (basis `acting`) until somebody accepts it."""
    end_tie(work, holder)
    return grant(
        work,
        Grant(
            child_id=holder.child_id,
            relation=Relation.SH,
            basis=ACTING,
            source_id=holder.source_id,
            led_service_id=led_service_id,
            needs_consent=True,
            service_id=holder.service_id,
        ),
    )


def held_by(session: Session, user_id: UUID) -> list[Tie]:
    """Return the ties by which a person holds batons."""
    return list(session.scalars(select(Tie).where(Tie.user_id == user_id, HOLDS)))


def holder_of(session: Session, child_id: UUID) -> Tie | None:
    """Return the tie of whoever holds the child's baton; a closed log's last holder keeps his."""
    return session.scalars(select(Tie).where(Tie.child_id == child_id, HOLDS)).one_or_none()


def unit_that_follows(session: Session, child_id: UUID, today: date) -> UUID | None:
    """Return koordinerende enhet when its leader follows a child, not for one task alone."""
    wanted = select(Tie.led_service_id).where(
        Tie.child_id == child_id,
        Tie.relation == constant(Relation.KEL),
        Tie.basis != BY_TASK,
        in_force(Tie, today),
    )
    return session.scalars(wanted).first()


def leading(session: Session, child_id: UUID, today: date) -> frozenset[UUID]:
    """Return the services of those who hold the baton or coordinate on a local date."""
    wanted = select(Tie.service_id).where(
        Tie.child_id == child_id,
        Tie.relation.in_(constants([Relation.SH, Relation.KO])),
        Tie.service_id.is_not(None),
        in_force(Tie, today),
    )
    return frozenset(session.scalars(wanted))


def whose(session: Session, child_id: UUID, relation: Relation, today: date) -> UUID | None:
    """Return the person who is holder or coordinator himself on a local date; no delegate."""
    wanted = select(Tie.user_id).where(
        Tie.child_id == child_id,
        Tie.relation == relation,
        Tie.for_user_id.is_(None),
        in_force(Tie, today),
    )
    return session.scalars(wanted).first()


def cover(
    work: Work,
    child_id: UUID,
    service_id: UUID,
    purpose: Purpose,
    consent_id: UUID,
    days: tuple[date, date | None],
    areas: str = ALL_AREAS,
) -> None:
    """Let ties of a service be used from a day to a day, on a consent that replaces earlier ones.

    `areas`: what its people may see besides what is their own, as the cover keeps it.

    The earlier covers of the same service and purpose are ended, so a later withdrawal of an old
    consent takes nothing away that a newer one gives.
    """
    uncover(work, child_id, purpose, [service_id])
    work.session.add(
        Cover(
            child_id=child_id,
            service_id=service_id,
            purpose=purpose,
            consent_id=consent_id,
            areas=areas,
            from_on=days[0],
            until_on=days[1],
        )
    )
    work.session.flush()


def uncover(
    work: Work, child_id: UUID, purpose: Purpose, services: Iterable[UUID] | None = None
) -> None:
    """End every cover of a purpose for some services, or for all; the next request feels it."""
    work.session.flush()
    ended = update(Cover).where(
        Cover.child_id == child_id, Cover.purpose == purpose, Cover.ended_at.is_(None)
    )
    if services is not None:
        ended = ended.where(Cover.service_id.in_(list(services)))
    work.session.execute(ended.values(ended_at=work.now))


def uncover_consents(work: Work, consents: Iterable[UUID]) -> None:
    """End every cover that some consents give."""
    work.session.flush()
    ended = update(Cover).where(Cover.consent_id.in_(list(consents)), Cover.ended_at.is_(None))
    work.session.execute(ended.values(ended_at=work.now))


def uncover_all(work: Work, child_id: UUID) -> None:
    """End every cover of a child, of every purpose."""
    work.session.flush()
    work.session.execute(
        update(Cover)
        .where(Cover.child_id == child_id, Cover.ended_at.is_(None))
        .values(ended_at=work.now)
    )


def ties_of(session: Session, actor: Actor, child_id: UUID, now: datetime) -> tuple[Held, ...]:
    """Return all that `actor` holds to a child, in one statement, with his standing roles.

    KE, KEL, EX and PF are roles only where no child is asked for; a child they must be tied to.
    """
    wanted, given = _HELD[bool(actor.leads)], asking_of(session, actor, child_id, now)
    return own(actor, fetch(session, wanted, given), child_id)


def beside(wanted: Select[*tuple[Any, ...]], *, leads: bool) -> Select[*tuple[Any, ...]]:
    """Return a statement about one child that also reads what an actor holds to it.

    `leads`: whether he leads a service. It asks for `asking_of`, and gives a row for each tie and
    cover, or one without either: what `own` takes stands behind the statement's own columns.
    """
    one, held = wanted.subquery(), _HELD[leads].subquery()
    return select(*one.c, *held.c).select_from(one).join(held, true(), isouter=True)


def asking_of(session: Session, actor: Actor, child_id: UUID, now: datetime) -> dict[str, Any]:
    """Return what a statement about an actor's ties to a child asks for; one writes at a time."""
    one_at_a_time(session, child_id)
    return {"child_id": child_id, **asking(actor, oslo_date(now), now)}


def own(actor: Actor, rows: Iterable[Sequence[Any]], child_id: UUID) -> tuple[Held, ...]:
    """Return all that an actor holds by the rows of his ties to a child, and by himself."""
    standing = tuple(Held(role) for role in actor.roles & ALWAYS)
    return standing + tuple(held for _, held in _held(rows, child_id))


def ties_of_all(session: Session, child_id: UUID, now: datetime) -> dict[Owner, list[Held]]:
    """Return what everybody holds to a child by tie, by who owns it, as `ties_of` does."""
    rows = fetch(session, EVERYBODYS, {"child_id": child_id, **at(now)})
    return held_of(rows, child_id)


def held_of(rows: Iterable[Sequence[Any]], child_id: UUID) -> dict[Owner, list[Held]]:
    """Return what the rows of `EVERYBODYS` say, by who owns it."""
    by_owner: dict[Owner, list[Held]] = defaultdict(list)
    for owner, held in _held(rows, child_id):
        by_owner[owner].append(held)
    return by_owner


def ties_to_all(
    session: Session, actor: Actor, now: datetime, among: Collection[UUID] | None = None
) -> dict[UUID, tuple[Held, ...]]:
    """Return all that `actor` holds to each child he is tied to, in one statement, as `ties_of`.

    `among`: only to these.
    """
    given = asking(actor, oslo_date(now), now)
    wanted = _MINE[bool(actor.leads)]
    if among is not None:
        wanted, given["among"] = _MINE_AMONG[bool(actor.leads)], list(among)
    by_child: dict[UUID, list[Sequence[Any]]] = defaultdict(list)
    for *row, child_id in fetch(session, wanted, given):
        by_child[child_id].append(row)
    standing = tuple(Held(role) for role in actor.roles & ALWAYS)
    return {
        child_id: standing + tuple(held for _, held in _held(rows, child_id))
        for child_id, rows in by_child.items()
    }


COVERED = or_(
    ~Tie.needs_consent,
    Tie.relation.in_(constants(RETAINERS)),
    exists().where(
        Cover.child_id == Tie.child_id,
        or_(Tie.service_id.is_(None), Cover.service_id == Tie.service_id),
        Cover.purpose
        == case(
            (Tie.relation == constant(Relation.AG), constant(Purpose.PLAN)),
            else_=constant(Purpose.STAFETTLOGG),
        ),
        in_force(Cover, TODAY),
    ),
)
"""Matches the ties that wait for no consent, or whose service a consent covers on a local date."""


def visible_to(actor: Actor, now: datetime) -> Select[UUID]:
    """Ids of the children the actor may know of; every list starts here.

    It is `decide(..., CHILD_READ_IDENTITY, ...)` said in SQL; a test holds the two equal.
    """
    return visible(leads=bool(actor.leads)).params(asking(actor, oslo_date(now), now))


def visible(*, leads: bool) -> Select[UUID]:
    """`visible_to` for a statement that is built once: what it asks for is `asking`."""
    block = aliased(Tie)
    return select(Tie.child_id).where(
        owned(leads=leads),
        in_force(Tie, TODAY),
        _STILL_OPEN,
        _STANDS,
        Tie.relation.in_(constants(IDENTITY)),
        Tie.basis.not_in(constants(ELSEWHERE)),
        or_(
            Tie.relation.not_in(constants([Relation.CA, Relation.UL])),
            Tie.source_id == Tie.child_id,
        ),
        COVERED,
        ~exists().where(
            block.child_id == Tie.child_id,
            block.user_id == bindparam("user_id"),
            block.relation == constant(Relation.BLOCK),
            in_force(block, TODAY),
        ),
    )


def asking(actor: Actor, today: date, now: datetime | None = None) -> dict[str, Any]:
    """Return what `visible` and `tied_as` ask for: who it is, what he leads, date and moment."""
    leads = {"leads": list(actor.leads)} if actor.leads else {}
    moment = {} if now is None else {"now": now}  # only `visible` asks for it
    return {"user_id": actor.user_id, "today": today, **leads, **moment}


def tied_as(relations: Iterable[Relation], *, leads: bool) -> Select[UUID]:
    """Ids of the children to whom the actor stands in one of these relations, covered or not."""
    return select(Tie.child_id).where(
        owned(leads=leads),
        in_force(Tie, TODAY),
        _STANDS,
        Tie.relation.in_(constants(relations)),
        Tie.basis.not_in(constants(ELSEWHERE)),
    )


def blocked_from(actor: Actor, today: date) -> Select[UUID]:
    """Ids of the children whom the actor is kept away from, whatever else he is to them."""
    return _blocks(actor.user_id, today)


def covered_services(
    session: Session, child_id: UUID, today: date, purpose: Purpose = Purpose.STAFETTLOGG
) -> frozenset[UUID]:
    """Return the services that consent covers for a purpose on a local date."""
    wanted = select(Cover.service_id).where(
        Cover.child_id == child_id, Cover.purpose == purpose, in_force(Cover, today)
    )
    return frozenset(session.scalars(wanted))


def partly_covered(session: Session, child_id: UUID, today: date) -> frozenset[UUID]:
    """Return the services that consent to the log covers on a local date, but not for all of it."""
    wanted = select(Cover.service_id).where(
        Cover.child_id == child_id,
        Cover.purpose == Purpose.STAFETTLOGG,
        Cover.areas != ALL_AREAS,
        in_force(Cover, today),
    )
    return frozenset(session.scalars(wanted))


def covered_today(
    child_id: SQLColumnExpression[UUID],
    today: ColumnElement[date],
    purpose: Purpose = Purpose.STAFETTLOGG,
) -> Select[UUID]:
    """Services whose cover for a purpose is in force, as part of a larger statement."""
    return select(Cover.service_id).where(
        Cover.child_id == child_id, Cover.purpose == purpose, in_force(Cover, today)
    )


def covered_by(child_id: UUID, consents: Select[UUID]) -> Select[UUID]:
    """Services that some consents to the log still cover."""
    return select(Cover.service_id).where(
        Cover.child_id == child_id,
        Cover.purpose == Purpose.STAFETTLOGG,
        Cover.consent_id.in_(consents),
        Cover.ended_at.is_(None),
    )


def register_birth(work: Work, child_id: UUID, guardian_id: UUID | None) -> Birth:
    """Keep that a child is born, whose mother it is, and who is there and reads what now is hers.

    Raises:
        IntegrityError: it has been kept already.

    """
    for owner, every in ties_of_all(work.session, child_id, work.now).items():
        held = [one for one in every if one.span.holds(work.today)]
        if not held or any(one.relation is Relation.BLOCK for one in held):
            continue
        areas = " ".join(
            sorted(area for area, asked in READS_OF.items() if _reads(held, asked, work))
        )
        work.session.add(
            EarlyReader(child_id=child_id, reader_id=owner[0] or owner[1], areas=areas)
        )
    birth = Birth(
        child_id=child_id,
        guardian_id=guardian_id,
        at=work.now,
        registered_by=work.actor.user_id,
    )
    work.session.add(birth)
    work.session.flush()
    return birth


def _reads(held: Iterable[Held], action: Action, work: Work) -> bool:
    kinds = (False, True)
    return any(decide(held, action, Facts(work.today, ip=ip)).allowed for ip in kinds)


def was_there(session: Session, child_id: UUID, reader_id: UUID) -> bool:
    """Say whether somebody was tied to a child when its birth was registered, and still counts."""
    there = session.get(EarlyReader, (child_id, reader_id))
    return there is not None and there.ended_at is None


def let_go(work: Work, child_id: UUID, reader_id: UUID) -> None:
    """Let somebody who read before a birth be as one who came after it."""
    there = work.session.get(EarlyReader, (child_id, reader_id))
    if there is not None:
        there.ended_at = work.now


def followed(session: Session, child_id: UUID) -> Sequence[Follow]:
    """Return what follows a child from before its birth: entries, or all where one names none."""
    wanted = select(Follow).where(Follow.child_id == child_id, Follow.ended_at.is_(None))
    return session.scalars(wanted.order_by(Follow.begun_at, Follow.id)).all()


def shared_since(session: Session, child_id: UUID) -> datetime | None:
    """Return from which UTC moment on all readers of a record read the same; None: its beginning.

    It is the birth, unless all from before it follows: what is handed on holds nothing older.
    """
    birth = session.get(Birth, child_id)
    if birth is None or any(one.entry_id is None for one in followed(session, child_id)):
        return None
    return birth.at


def restricted(child_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Say whether a child's record is restricted, as part of a larger statement."""
    return exists().where(Restriction.child_id == child_id, Restriction.ended_at.is_(None))


def is_restricted(session: Session, child_ids: Iterable[UUID]) -> bool:
    """Say whether the record of any of some children is restricted."""
    wanted = select(Restriction.id).where(
        Restriction.child_id.in_(list(child_ids)), Restriction.ended_at.is_(None)
    )
    return session.scalars(wanted.limit(1)).first() is not None


def _end(work: Work, *which: ColumnElement[bool]) -> None:
    work.session.flush()
    ended = update(Tie).where(Tie.ended_at.is_(None), *which).values(ended_at=work.now)
    work.session.execute(ended)


def _held(rows: Iterable[Sequence[Any]], child_id: UUID) -> Iterator[tuple[Owner, Held]]:
    """Fold rows of ties joined with covers into one `Held` a tie."""
    ties: dict[UUID, Sequence[Any]] = {}
    covers: dict[UUID, list[Covered]] = defaultdict(list)
    for row in rows:
        ties[row[0]] = row
        covered, purpose, since, until, ended_at, areas = row[15:21]
        if covered is not None:
            span = Span(since, until, ended=ended_at is not None)
            seen = frozenset(map(Area, areas.split()))
            covers[row[0]].append(Covered(Purpose(purpose), span, seen))
    for tie_id, row in ties.items():
        _, relation, needs_consent, _, from_on, until_on, source_id, writes, user_id, led = row[:10]
        task_id = source_id if row[10] == BY_TASK else None
        yield (
            (user_id, led),
            Held(
                Relation(relation),
                Span(from_on, until_on),
                tuple(covers[tie_id]) if needs_consent else None,
                _concern(relation, source_id, child_id),
                writes,
                task_id,
                row[11],
                row[12],
                row[10] == BY_JOIN,
                row[13],
                None if row[14] is None else frozenset(map(Area, row[14].split())),
            ),
        )


def at(now: datetime) -> dict[str, Any]:
    """Return the moment and the local date that the statements about ties ask for."""
    return {"now": now, "today": oslo_date(now)}


def _concern(relation: str, source_id: UUID, child_id: UUID) -> UUID | None:
    """Return the concern that an author's or leader's tie is about; the registrar's is the child's.

    The registrar's tie has the child's own row as its source, a concern's author's the concern.
    """
    about_concern = relation in {Relation.CA, Relation.UL} and source_id != child_id
    return source_id if about_concern else None
