"""Everything that changes tasks."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from stafett.access import ties
from stafett.access.models import Tie
from stafett.access.policy import Action, Relation
from stafett.access.ties import BY_TASK, Grant
from stafett.access.work import Work
from stafett.audit import trail
from stafett.errors import ConflictError, RuleBrokenError
from stafett.tasks import queries
from stafett.tasks.models import Task
from stafett.tasks.rules import DONE_BY_DOING, QUESTIONS, TaskKind
from stafett.unsaved import commands as unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf


def ask_service(
    work: Work,
    kind: TaskKind,
    child_id: UUID,
    service_id: UUID | None,
    source_id: UUID,
    due_on: date | None = None,
) -> None:
    """Give whoever leads a service a task; none is made when there is no such service.

    What is done on a page of its own gives koordinerende enhet's leader a tie for that alone.
    """
    if service_id is None:
        return
    task = _task(work, kind, child_id, source_id, service_id=service_id, due_on=due_on)
    _give(work, task)


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


def tell(
    work: Work, kind: TaskKind, child_id: UUID, people: Iterable[UUID], source_id: UUID
) -> None:
    """Give some people word of a row; who has not yet read such word of it gets no more."""
    told = {task.user_id for task in queries.all_open_of(work.session, kind, source_id)}
    for user_id in people:
        if user_id not in told:
            ask_person(work, kind, child_id, user_id, source_id)


def ask_holder(
    work: Work,
    kind: TaskKind,
    holder: Tie,
    source_id: UUID,
    due_on: date | None = None,
    words: str | None = None,
) -> None:
    """Give whoever has a child's baton a task, to be done by a local date if any.

    A leader has it until somebody takes it.
    """
    to = {"user_id": holder.user_id, "service_id": holder.led_service_id}
    task = _task(work, kind, holder.child_id, source_id, due_on=due_on, words=words, **to)
    work.session.add(task)


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

    What is done on a page of its own gives koordinerende enhet's leader a tie for that alone.

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
    _give(work, task)
    return task


def settle(work: Work, child_id: UUID, action: Action, object_id: UUID | None, text: str) -> None:
    """Finish every request for what has just been done."""
    for task in queries.requests_for(work.session, child_id, action, object_id):
        _finish(work, task, text)


def settle_of(work: Work, kind: TaskKind, source_id: UUID, text: str) -> None:
    """Finish what stands of a kind that a row made, whoever has it: it has just been done."""
    for task in queries.all_open_of(work.session, kind, source_id):
        _finish(work, task, text)


def drop(work: Work, child_id: UUID, text: str, kind: TaskKind | None = None) -> None:
    """Finish all that is to be done about a child, or what is of a kind, whoever is to do it."""
    for task in queries.standing(work.session, child_id):
        if kind in {None, task.kind}:
            _finish(work, task, text)


def move(work: Work, from_id: UUID, child_id: UUID) -> list[UUID]:
    """Let what stands about one record of a child stand about another; return what was moved."""
    standing = queries.standing(work.session, from_id)
    move_back(work, [task.id for task in standing], child_id)
    return [task.id for task in standing]


def move_back(work: Work, task_ids: Iterable[UUID], child_id: UUID) -> None:
    """Let tasks, with the ties that came with them, be about a child.

    What the record itself has made is of the record that they are about.
    """
    for task_id in task_ids:
        task = work.session.get_one(Task, task_id)
        if task.source_id == task.child_id:
            task.source_id = child_id
        task.child_id = child_id
        ties.carry(work, task_id, child_id)


def finish(work: Work, task: Task, text: str, draft_version: int = 0) -> Task:
    """Say that a task is done, and what was done; a tie that came with it ends.

    Who has asked a question is told that it is answered, not what: that stands where he asked.
    `draft_version`: of the draft that is then let go.

    Raises:
        ConflictError: somebody has said so already.
        RuleBrokenError: it is done on a page of its own, and words alone do not do it.

    """
    if task.done_at is not None:
        raise ConflictError({"done_text": task.done_text})
    if task.kind in DONE_BY_DOING:
        raise RuleBrokenError(["task-done-elsewhere"])
    if task.kind in QUESTIONS and task.made_by != work.actor.user_id:
        told = {"user_id": task.made_by, "object_id": task.id}
        work.session.add(_task(work, TaskKind.ANSWERED, task.child_id, task.source_id, **told))
    unsaved.drop(work, Place(UnsavedOf.TASK, task.id), draft_version)
    return _finish(work, task, text)


def _finish(work: Work, task: Task, text: str) -> Task:
    ties.end(work, task.id)
    task.done_at, task.done_by, task.done_text = work.now, work.actor.user_id, text
    trail.record(work, Action.TASK_FINISH, task.child_id, task.id, kind=task.kind)
    return task


def _give(work: Work, task: Task) -> None:
    work.session.add(task)
    work.session.flush()
    if task.kind in DONE_BY_DOING:
        tie = Grant(task.child_id, Relation.KEL, BY_TASK, task.id, led_service_id=task.service_id)
        ties.grant(work, tie)


def _task(work: Work, kind: TaskKind, child_id: UUID, source_id: UUID, **more: object) -> Task:
    return Task(
        kind=kind,
        child_id=child_id,
        source_id=source_id,
        made_by=work.actor.user_id,
        made_at=work.now,
        **more,
    )
