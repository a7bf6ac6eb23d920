"""Everything that reads questions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from stafett.access.policy import Actor
from stafett.access.work import Work
from stafett.db import fetch
from stafett.people.models import Service, User
from stafett.questions.models import Question

Home = aliased(Service)
Answerer, Leader = aliased(User), aliased(User)


class QuestionRow(NamedTuple):
    """A question as pages and JSON show it; `own`: the reader asked it."""

    id: UUID
    text: str
    asked_at: datetime
    asker: str
    from_service: str | None
    service: str
    answer: str | None
    answerer: str | None
    answered_at: datetime | None
    own: bool


_ROWS = (  # built once: making a statement costs as much as running it
    select(Question.id, Question.text, Question.asked_at, User.name, Home.name, Service.name)
    .add_columns(Question.answer, Answerer.name, Question.answered_at)
    .add_columns(Question.asked_by == bindparam("user_id"))
    .join(User, User.id == Question.asked_by)
    .join(Home, Home.id == User.service_id, isouter=True)
    .join(Service, Service.id == Question.service_id)
    .join(Answerer, Answerer.id == Question.answered_by, isouter=True)
    .join(Leader, and_(Leader.id == Service.leader_id, Leader.disabled_at.is_(None)), isouter=True)
    .order_by(Question.asked_at.desc(), Question.id)
)
_OF_NOBODY = and_(Question.service_id == bindparam("works_at"), Leader.id.is_(None))
TO_ANSWER = {
    leads: _ROWS.where(
        Question.answered_at.is_(None),
        Question.asked_by != bindparam("user_id"),
        or_(_OF_NOBODY, Question.service_id.in_(bindparam("leads", expanding=True)))
        if leads
        else _OF_NOBODY,
    )
    for leads in (False, True)
}


def readable(actor: Actor, question: Question) -> bool:
    """Say whether somebody asked it, or works where it was sent."""
    return question.asked_by == actor.user_id or answerable(actor, question)


def answerable(actor: Actor, question: Question) -> bool:
    """Say whether somebody works where it was sent, and did not ask it himself."""
    asked = actor.service_id == question.service_id or question.service_id in actor.leads
    return asked and question.asked_by != actor.user_id


def services(work: Work) -> Sequence[Service]:
    """Return the other services in which somebody can answer, by name."""
    works = select(User.service_id).where(
        User.disabled_at.is_(None), User.roles.contains("staff"), User.service_id.is_not(None)
    )
    wanted = select(Service).where(Service.id.in_(works), Service.id != work.actor.service_id)
    return work.session.scalars(wanted.order_by(Service.name)).all()


def row(work: Work, question_id: UUID) -> QuestionRow:
    """Return a question as it is shown."""
    (found,) = _found(
        work, _ROWS.where(Question.id == question_id), {"user_id": work.actor.user_id}
    )
    return found


def listed(work: Work) -> list[QuestionRow]:
    """Return what the actor has asked, and what his service has been asked, newest first."""
    actor = work.actor
    sent = Question.service_id.in_(
        {*actor.leads, *([actor.service_id] if actor.service_id else [])}
    )
    wanted = _ROWS.where(or_(Question.asked_by == actor.user_id, sent))
    return _found(work, wanted, {"user_id": actor.user_id})


def to_answer(work: Work) -> list[QuestionRow]:
    """Return what waits for the actor: as leader; where nobody leads, as anyone who works there.

    Whose account is closed leads nobody.
    """
    return _found(work, TO_ANSWER[bool(work.actor.leads)], asking(work))


def asking(work: Work) -> dict[str, Any]:
    """Return what `TO_ANSWER` asks for."""
    actor = work.actor
    return {
        "user_id": actor.user_id,
        "works_at": actor.service_id,
        "leads": list(actor.leads),
    }


def _found(
    work: Work, wanted: Select[*tuple[Any, ...]], given: dict[str, Any]
) -> list[QuestionRow]:
    return [QuestionRow._make(one) for one in fetch(work.session, wanted, given)]
