"""Asking another service, and answering."""

from dataclasses import dataclass
from uuid import UUID

from stafett.access.policy import Action
from stafett.access.work import Work
from stafett.audit import trail
from stafett.errors import ConflictError, FieldError
from stafett.questions import queries, rules
from stafett.questions.models import Question
from stafett.stafettlogg import queries as logs
from stafett.unsaved import commands as unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf


@dataclass(frozen=True)
class Ask:
    """A question to a service, without a name."""

    service_id: UUID
    text: str


def ask(work: Work, wish: Ask) -> Question:
    """Ask a service about a child whom nothing names.

    Raises:
        FieldError: a service that cannot be asked, or a text that tells who it is about.

    """
    if wish.service_id not in {one.id for one in queries.services(work)}:
        raise FieldError("service_id", "service-unknown")
    if rules.tells_who(wish.text, (one.name for one in logs.children_of(work))):
        raise FieldError("text", "names-a-child")
    question = Question(
        asked_by=work.actor.user_id,
        service_id=wish.service_id,
        text=wish.text,
        asked_at=work.now,
    )
    work.session.add(question)
    work.session.flush()
    trail.record(work, Action.QUESTION_ASK, None, question.id)
    return question


def answer(work: Work, question: Question, text: str, draft_version: int = 0) -> Question:
    """Answer a question, once, for the service that was asked.

    `draft_version`: of the draft that is then let go.

    Raises:
        ConflictError: a colleague has answered already.

    """
    if question.answered_at is not None:
        raise ConflictError({"answer": question.answer})
    question.answer, question.answered_by, question.answered_at = (
        text,
        work.actor.user_id,
        work.now,
    )
    trail.record(work, Action.QUESTION_ANSWER, None, question.id)
    unsaved.drop(work, Place(UnsavedOf.QUESTION, question.id), draft_version)
    work.session.flush()
    return question
