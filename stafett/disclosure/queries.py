"""Reads requests and decisions, as much of them as the reader may see."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from stafett.access import ties
from stafett.access.models import Tie
from stafett.access.policy import Relation
from stafett.access.work import Work
from stafett.children.models import Child, Guardian
from stafett.db import one_at_a_time
from stafett.disclosure.models import DisclosureDecision, DisclosureRequest
from stafett.disclosure.rules import PARENTS
from stafett.people.models import User


class DisclosureRow(NamedTuple):
    """A request and what came of it; `granted` is None while it waits."""

    id: UUID
    asked_on: date
    wish: str | None
    registered_by: str | None
    granted: bool | None
    grounds: str | None
    information: str | None
    until_on: date | None
    appeal: str | None
    decided_at: datetime | None
    decided_by: str | None


class Told(NamedTuple):
    """A child of whom a parent is told something, and until when."""

    guardian_id: UUID
    name: str
    until_on: date


def of_guardian(session: Session, guardian_id: UUID, *, least: bool) -> list[DisclosureRow]:
    """Return what one parent has asked for, newest first.

    `least`: only that something was asked and decided, no words of it.
    """
    decider = aliased(User)
    wanted = (
        select(DisclosureRequest.id, DisclosureRequest.asked_on, DisclosureRequest.wish, User.name)
        .add_columns(DisclosureDecision.granted, DisclosureDecision.grounds)
        .add_columns(DisclosureDecision.information, DisclosureDecision.until_on)
        .add_columns(DisclosureDecision.appeal, DisclosureDecision.decided_at, decider.name)
        .join(User, User.id == DisclosureRequest.registered_by)
        .join(
            DisclosureDecision,
            DisclosureDecision.request_id == DisclosureRequest.id,
            isouter=True,
        )
        .join(decider, decider.id == DisclosureDecision.decided_by, isouter=True)
        .where(DisclosureRequest.guardian_id == guardian_id)
        .order_by(DisclosureRequest.registered_at.desc(), DisclosureRequest.id)
    )
    rows = [DisclosureRow._make(row) for row in session.execute(wanted)]
    if not least:
        return rows
    return [
        row._replace(
            wish=None,
            registered_by=None,
            grounds=None,
            information=None,
            appeal=None,
            decided_by=None,
        )
        for row in rows
    ]


def standing(session: Session, guardian_id: UUID) -> DisclosureRequest | None:
    """Return the request that nobody has decided."""
    decided = select(DisclosureDecision.request_id)
    wanted = select(DisclosureRequest).where(
        DisclosureRequest.guardian_id == guardian_id, DisclosureRequest.id.not_in(decided)
    )
    return session.scalars(wanted).one_or_none()


def own_standing(session: Session, user_id: UUID, birth_date: date) -> Sequence[Guardian]:
    """Return as whose parent without parental responsibility an account stands, by the birthday.

    The children are locked first, so that none of it changes any more when the transaction writes.
    """
    wanted = (
        select(Guardian)
        .join(Child, Child.id == Guardian.child_id)
        .where(
            Guardian.user_id == user_id,
            ~Guardian.parental_responsibility,
            Guardian.relation.in_(PARENTS),
            Guardian.ended_at.is_(None),
            Child.birth_date == birth_date,
        )
        .order_by(Guardian.id)
    )
    one_at_a_time(session, *session.scalars(wanted.with_only_columns(Guardian.child_id)))
    return session.scalars(wanted).all()


def told_to(work: Work) -> list[Told]:
    """Return the children of whom the actor may read something that was decided."""
    by_decision = ties.tied_as([Relation.PX], leads=False).where(Tie.source_id == Guardian.id)
    wanted = (
        select(Guardian.id, Child.name, Guardian.informed_until)
        .join(Child, Child.id == Guardian.child_id)
        .where(
            Guardian.user_id == work.actor.user_id,
            Child.id.in_(by_decision),
            Child.id.not_in(ties.blocked_from(work.actor, work.today)),
        )
        .order_by(Child.name, Guardian.id)
    )
    given = {"user_id": work.actor.user_id, "today": work.today}
    return [
        Told(guardian_id, name, until_on)
        for guardian_id, name, until_on in work.session.execute(wanted, given)
        if until_on is not None  # the tie says so already
    ]
