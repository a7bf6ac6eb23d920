"""Reads of concerns: whose to read and to decide, how they were corrected, what waits for whom."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import Session

from stafett.access import ties
from stafett.access.models import AccessRow, Tie
from stafett.access.policy import Action, Facts, Relation, decide
from stafett.access.work import Work
from stafett.children.models import Child
from stafett.db import constants
from stafett.people import queries as people
from stafett.people.models import Service, User
from stafett.profile.model import Step
from stafett.stafettlogg.models import Concern, ConcernChange, Stafettlogg
from stafett.stafettlogg.rules import ConcernDecision, ConcernForm


class ConcernRow(NamedTuple):
    """A concern in a list."""

    id: UUID
    child_id: UUID
    child_name: str
    written_by: UUID
    author: str
    written_at: datetime
    worry: int
    due_on: date
    decision: str | None
    parents_not_asked: str | None


class WaitingConcern(NamedTuple):
    """A concern that its author must do something about; `talk_by` is a local date."""

    id: UUID
    child_id: UUID
    child_name: str
    birth_date: date | None
    talk_by: date | None
    must_talk: bool
    answered: bool


_CONCERNS = (
    select(Concern.id, Concern.child_id, Child.name, Concern.written_by, User.name)
    .add_columns(Concern.written_at, Concern.worry, Concern.due_on, Concern.decision)
    .add_columns(Concern.parents_not_asked)
    .join(Child, Child.id == Concern.child_id)
    .join(User, User.id == Concern.written_by)
    .order_by(Concern.written_at.desc(), Concern.id)
)


def _concerns_as(*relations: Relation, leads: bool) -> Select[UUID]:
    return select(Tie.source_id).where(
        Tie.relation.in_(constants(relations)),
        Tie.source_id != Tie.child_id,
        ties.in_force(Tie, ties.TODAY),
        ties.owned(leads=leads),
    )


_TALKED_ABOUT = [ConcernDecision.OWN_SERVICE, ConcernDecision.MORE_SERVICES]
_MUST_TALK = and_(  # not when child welfare is asked first, nor when a yes to a log has followed
    Concern.parents_due_on.is_not(None),
    Concern.parents_talk_on.is_(None),
    Concern.parents_not_asked.is_(None),
    or_(Concern.decision.is_(None), Concern.decision.in_(constants(_TALKED_ABOUT))),
    ~exists().where(Stafettlogg.concern_id == Concern.id),
)
_ANSWERED = func.coalesce(Concern.decided_at >= bindparam("answered_since"), false())
WAITING = {
    leads: select(Concern.id, Concern.child_id, Child.name, Child.birth_date)
    .add_columns(Concern.parents_due_on, _MUST_TALK, _ANSWERED)
    .join(Child, Child.id == Concern.child_id)
    .where(Concern.id.in_(_concerns_as(Relation.CA, leads=leads)), or_(_MUST_TALK, _ANSWERED))
    for leads in (False, True)
}
"""What its author must do about a concern; it asks for `answered_since`."""
_OWN_CONCERNS = _CONCERNS.where(Concern.id.in_(_concerns_as(Relation.CA, Relation.UL, leads=True)))
_OWN_CONCERNS_OF = _OWN_CONCERNS.where(Concern.child_id == bindparam("child_id"))
_TO_DECIDE = _CONCERNS.where(
    Concern.id.in_(_concerns_as(Relation.UL, leads=True)), Concern.decision.is_(None)
)


def find(session: Session, concern_id: UUID) -> Concern | None:
    """Return a concern, without asking who wants it."""
    return session.get(Concern, concern_id)


def child_of(session: Session, concern_id: UUID) -> UUID | None:
    """Return whom a concern is about; it never changes, so no lock is needed."""
    return session.scalar(select(Concern.child_id).where(Concern.id == concern_id))


def forms(work: Work, concerns: Collection[UUID]) -> dict[UUID, set[ConcernForm]]:
    """Return in which forms the actor may do something with some concerns as they stand."""
    wanted = select(Concern.id, Concern.child_id, Concern.written_by, Concern.decision)
    rows = work.session.execute(wanted.where(Concern.id.in_(concerns))).all()
    about = {row.child_id for row in rows}
    held = ties.ties_to_all(work.session, work.actor, work.now, about)
    found = {}
    for id_, child_id, author, decision in rows:
        facts = Facts(work.today, object_id=id_, own=author == work.actor.user_id)
        forms = {
            ConcernForm.CORRECTION: Action.CONCERN_EDIT,
            ConcernForm.ANSWER: Action.CONCERN_DECIDE,
        }
        if decision is not None:
            forms = {ConcernForm.ADDITION: Action.CONCERN_EDIT}
        ours = held.get(child_id, ())
        found[id_] = {form for form, action in forms.items() if decide(ours, action, facts).allowed}
    return found


def changes(session: Session, concern_id: UUID) -> Sequence[ConcernChange]:
    """Return how a concern has been corrected and added to, the newest first."""
    wanted = select(ConcernChange).where(ConcernChange.concern_id == concern_id)
    return session.scalars(wanted.order_by(ConcernChange.written_at.desc())).all()


def readers(session: Session, concern: Concern) -> set[UUID]:
    """Return who but its author has been shown a concern, from the access log."""
    wanted = select(AccessRow.actor_id).where(
        AccessRow.child_id == concern.child_id,
        AccessRow.actor_id != concern.written_by,
        AccessRow.action == Action.CONCERN_READ,
        AccessRow.shown == concern.id.bytes,
    )
    return set(session.scalars(wanted))


def guide(work: Work, concern: Concern) -> list[tuple[Step, bool]]:
    """Return the steps of level 0 for the actor's kind of service, with what the concern tells."""
    happened = {
        "written": True,
        "leader_told": concern.discussed_with_leader_on is not None or bool(concern.decision),
        "child_heard": concern.child_talk_on is not None,
        "family_told": concern.parents_talk_on is not None,
        "decided": concern.decision is not None,
    }
    steps = work.profile.steps_at(0, people.kind_of(work.session, work.actor.service_id))
    return [(step, happened.get(step.done_by or "", False)) for step in steps]


def deciding_leader(session: Session, user_id: UUID) -> str | None:
    """Return the name of the leader who decides about a person's concerns."""
    wanted = (
        select(User.name)
        .join(Service, Service.leader_id == User.id)
        .where(Service.id == people.leading_service(session, user_id))
    )
    return session.scalar(wanted)


def to_read(work: Work, child_id: UUID | None = None) -> list[ConcernRow]:
    """Return the concerns that the actor wrote or leads the author of: of one child, or of all.

    The same ties that let him read a single one, so the list never shows more than its pages.
    """
    given = {**_asking(work), **({} if child_id is None else {"child_id": child_id})}
    wanted = _OWN_CONCERNS if child_id is None else _OWN_CONCERNS_OF
    return [ConcernRow._make(row) for row in work.session.execute(wanted, given)]


def to_decide(work: Work) -> list[ConcernRow]:
    """Return the concerns that wait for the actor's decision as a leader."""
    return [ConcernRow._make(row) for row in work.session.execute(_TO_DECIDE, _asking(work))]


def waiting_for_author(work: Work, answered_since: datetime) -> list[WaitingConcern]:
    """Return the actor's concerns whose family he must talk with, or that got an answer lately."""
    given = {**_asking(work), "answered_since": answered_since}
    wanted = WAITING[bool(work.actor.leads)]
    return [WaitingConcern._make(row) for row in work.session.execute(wanted, given)]


def _asking(work: Work) -> dict[str, Any]:
    actor = work.actor
    return {"user_id": actor.user_id, "leads": list(actor.leads), "today": work.today}
