"""Everything that changes tasks."""

from datetime import date
from uuid import UUID

from stafett.access import ties
from stafett.access.policy import Action
from stafett.access.work import Work
from stafett.audit import trail
from stafett.errors import ConflictError
from stafett.tasks import queries
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind


def ask_service(
    work: Work, kind: TaskKind, child_id: UUID, service_id: UUID | None, source_id: UUID
) -> None:
    """Give whoever leads a service a task; none is made when there is no such service."""
    if service_id is not None:
        work.session.add(_task(work, kind, child_id, source_id, service_id=service_id))


def ask_person(
    work: Work,
    kind: TaskKind,
    child_id: UUID,
    user_id: UUID,
    source_id: UUID,
    due_on: date | None = None,
) -> None:
    """Give one person a task, to be done by a local date if any."""
    work.session.add(_task(work, kind, child_id, source_id, user_id=user_id, due_on=due_on))


def request(
    work: Work,
    child_id: UUID,
    action: Action,
    object_id: UUID | None,
    words: str,
    receiver: tuple[UUID | None, UUID | None],
) -> Task:
    """Ask a person, or whoever leads a service, to do what the actor may only ask for.

    While it stands it also makes its receiver the second of two where the matrix asks for two.

    Raises:
        ConflictError: the actor has asked for the same already, and has no answer yet.

    """
    if queries.requested(work.session, child_id, action, object_id, by=work.actor.user_id):
        raise ConflictError
    user_id, service_id = receiver
    task = _task(
        work,
        TaskKind.REQUEST,
        child_id,
        object_id or child_id,
        user_id=user_id,
        service_id=service_id,
        action=action,
        object_id=object_id,
        words=words,
    )
    work.session.add(task)
    work.session.flush()
    return task


def ask_in_words(
    work: Work,
    kind: TaskKind,
    child_id: UUID,
    receiver: tuple[UUID | None, UUID | None],
    words: str,
    due_on: date | None = None,
    object_id: UUID | None = None,
) -> Task:
    """Ask a person, or whoever leads a service, in words; the answer is the asker's to read.

    Raises:
        ConflictError: the actor has asked about the same object already, and has no answer yet.

    """
    asked = queries.made_by(work.session, child_id, work.actor.user_id, kind)
    if object_id and any(one.object_id == object_id and one.done_at is None for one in asked):
        raise ConflictError
    user_id, service_id = receiver
    task = _task(
        work,
        kind,
        child_id,
        object_id or child_id,
        user_id=user_id,
        service_id=service_id,
        due_on=due_on,
        object_id=object_id,
        words=words,
    )
    work.session.add(task)
    work.session.flush()
    return task


def settle(work: Work, child_id: UUID, action: Action, object_id: UUID | None, text: str) -> None:
    """Finish every request for what has just been done."""
    for task in queries.requests_for(work.session, child_id, action, object_id):
        finish(work, task, text)


def finish(work: Work, task: Task, text: str) -> Task:
    """Say that a task is done, and what was done; a tie that came with it ends.

    Raises:
        ConflictError: somebody has said so already.

    """
    if task.done_at is not None:
        raise ConflictError({"done_text": task.done_text})
    ties.end(work, task.id)
    task.done_at, task.done_by, task.done_text = work.now, work.actor.user_id, text
    trail.record(work, Action.TASK_FINISH, task.child_id, task.id, kind=task.kind)
    return task


def _task(work: Work, kind: TaskKind, child_id: UUID, source_id: UUID, **more: object) -> Task:
    return Task(
        kind=kind,
        child_id=child_id,
        source_id=source_id,
        made_by=work.actor.user_id,
        made_at=work.now,
        **more,
    )
