"""The guard of routes about one question."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts, Held
from stafett.dates import oslo_date
from stafett.db import one_at_a_time
from stafett.errors import NotFoundError
from stafett.questions import queries
from stafett.questions.models import Question
from stafett.unsaved.guards import on_unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf
from stafett.web.guard import Access, Subject


def on_question() -> Access[Question]:
    """Guard the reading of a question; for all but asker and asked service there is none."""
    return _on(Action.QUESTION_READ, queries.readable)


def on_answer() -> Access[Question]:
    """Guard the answer to a question, which the service that was asked owns."""
    return _on(Action.QUESTION_ANSWER, queries.answerable)


def on_answering() -> Access[Place]:
    """Guard a route about the answer that the actor is writing to a question."""

    def place(
        _session: Session, found: Subject[Question], _actor: Actor, _args: Mapping[str, Any]
    ) -> Place | None:
        return None if found.record is None else Place(UnsavedOf.QUESTION, found.record.id)

    return on_unsaved(Action.REQUEST_DRAFT, on_answer(), place)


def _on(action: Action, owns: Callable[[Actor, Question], bool]) -> Access[Question]:
    def load(
        session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
    ) -> Subject[Question]:
        one_at_a_time(session, args["question_id"])  # so that one answer is not lost to another
        found = session.get(Question, args["question_id"])
        if found is None or not queries.readable(actor, found):
            raise NotFoundError
        held = [Held(role) for role in actor.roles]
        return Subject(found, None, held, Facts(oslo_date(now), own=owns(actor, found)))

    return Access((action,), load)
