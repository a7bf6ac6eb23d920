"""Everything that reads tasks."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, exists, select, union_all
from sqlalchemy.orm import Session, aliased

from stafett.access import ties
from stafett.access.models import Tie
from stafett.access.policy import Action, Actor, Relation
from stafett.access.work import Work
from stafett.db import constants, fetch
from stafett.people.models import User
from stafett.tasks.models import Task
from stafett.tasks.rules import OF_THE_HOLDER, OF_THE_RECORD, TaskKind

_GIVEN = aliased(Task)
_OF_THE_HOLDER = and_(
    _GIVEN.kind.in_(constants(OF_THE_HOLDER)),
    exists().where(Tie.child_id == _GIVEN.child_id, ties.HOLDS),
)


def _his(*, leads: bool) -> ColumnElement[bool]:
    held = _GIVEN.child_id.in_(ties.tied_as([Relation.SH], leads=leads))
    own = [_GIVEN.user_id == bindparam("user_id")]
    if leads:
        own.append(_GIVEN.service_id.in_(bindparam("leads", expanding=True)))
    given = [and_(_OF_THE_HOLDER, held), *(and_(~_OF_THE_HOLDER, one) for one in own)]
    each = [select(_GIVEN.id).where(one) for one in given]
    return Task.id.in_(union_all(*each))  # each by an index of its own


OPEN = {
    leads: select(Task.id, Task.kind, Task.child_id, Task.due_on, User.name, Task.action)
    .add_columns(Task.words, Task.source_id)
    .join(User, User.id == Task.made_by)
    .where(Task.done_at.is_(None), _his(leads=leads))
    .order_by(Task.due_on, Task.made_at, Task.id)
    for leads in (False, True)
}
"""What somebody has been given and not done, what has a day first."""
_FIND = {
    leads: select(Task).where(Task.id == bindparam("task_id"), _his(leads=leads))
    for leads in (False, True)
}
_ASKED = (
    select(Task.id, Task.action, Task.object_id, Task.words, Task.made_at)
    .add_columns(Task.done_at, Task.done_text, User.name)
    .join(User, User.id == Task.done_by, isouter=True)
    .order_by(Task.made_at.desc(), Task.id)
)


class TaskRow(NamedTuple):
    """A task as lists show it."""

    id: UUID
    kind: str
    child_id: UUID
    due_on: date | None
    maker: str
    action: str | None
    words: str | None
    source_id: UUID


class RequestRow(NamedTuple):
    """What somebody has asked; `answer` and `answered_by` when somebody has answered.

    `action` is what a request asks for; a question has none.
    """

    id: UUID
    action: str | None
    object_id: UUID | None
    words: str
    made_at: datetime
    done_at: datetime | None
    answer: str | None
    answered_by: str | None


def find(session: Session, task_id: UUID, actor: Actor, today: date) -> Task | None:
    """Return a task that is somebody's on a local date: given to him, or to the holder he is."""
    given = {"task_id": task_id, **ties.asking(actor, today)}
    return session.scalars(_FIND[bool(actor.leads)], given).one_or_none()


def child_of(session: Session, task_id: UUID) -> UUID | None:
    """Return whom a task is about, without a lock."""
    return session.scalar(select(Task.child_id).where(Task.id == task_id))


def made_for(session: Session, kind: TaskKind, source_id: UUID) -> Sequence[Task]:
    """Return the tasks of a kind that a feature's row has made, done ones too."""
    return session.scalars(select(Task).where(Task.kind == kind, Task.source_id == source_id)).all()


def words_of(session: Session, kind: TaskKind) -> set[tuple[UUID, str | None]]:
    """Return what every task of a kind was made by, with its words; done ones too."""
    rows = session.execute(select(Task.source_id, Task.words).where(Task.kind == kind))
    return {(source_id, words) for source_id, words in rows}


def days_of(session: Session, *kinds: TaskKind) -> set[tuple[str, UUID, date | None]]:
    """Return kind, maker and day of every task of some kinds; done ones too."""
    wanted = select(Task.kind, Task.source_id, Task.due_on).where(Task.kind.in_(kinds))
    return {(kind, source_id, due_on) for kind, source_id, due_on in session.execute(wanted)}


def all_open_of(session: Session, kind: TaskKind, source_id: UUID) -> Sequence[Task]:
    """Return the tasks of a kind that a row made and that nobody has done, the oldest first."""
    wanted = select(Task).where(
        Task.source_id == source_id, Task.kind == kind, Task.done_at.is_(None)
    )
    return session.scalars(wanted.order_by(Task.made_at, Task.id)).all()


def open_of(session: Session, kind: TaskKind, source_id: UUID) -> Task | None:
    """Return the task of a kind that a row made and that nobody has done."""
    return next(iter(all_open_of(session, kind, source_id)), None)


def told(session: Session, kind: TaskKind, source_id: UUID) -> list[str]:
    """Return the names of those who were given a task of a kind by a row, done or not."""
    wanted = (
        select(User.name)
        .join(Task, Task.user_id == User.id)
        .where(Task.kind == kind, Task.source_id == source_id)
        .distinct()
        .order_by(User.name)
    )
    return list(session.scalars(wanted))


def standing(session: Session, child_id: UUID) -> Sequence[Task]:
    """Return what stands about a child, but for what is about the record itself."""
    wanted = select(Task).where(
        Task.child_id == child_id, Task.done_at.is_(None), Task.kind.not_in(OF_THE_RECORD)
    )
    return session.scalars(wanted.order_by(Task.made_at, Task.id)).all()


def requests_for(
    session: Session, child_id: UUID, action: Action, object_id: UUID | None
) -> Sequence[Task]:
    """Return the requests for one thing that nobody has answered."""
    wanted = select(Task).where(
        Task.child_id == child_id,
        Task.action == action,
        Task.object_id == object_id if object_id else Task.object_id.is_(None),
        Task.done_at.is_(None),
    )
    return session.scalars(wanted).all()


def requested(
    session: Session,
    child_id: UUID,
    action: Action,
    object_id: UUID | None,
    *,
    by: UUID | None = None,
    but: UUID | None = None,
) -> bool:
    """Say whether one person has asked for something, or anybody `but` one, and has no answer.

    The latter is `Facts.asked`: the first of two has said what he wants.
    """
    return any(
        (by is None or task.made_by == by) and task.made_by != but
        for task in requests_for(session, child_id, action, object_id)
    )


def asked_about(
    session: Session, kind: TaskKind, object_id: UUID, asker: UUID | None
) -> list[RequestRow]:
    """Return what has been asked about one object, by one person or by all, newest first."""
    wanted = _ASKED.where(Task.kind == kind, Task.object_id == object_id)
    if asker is not None:
        wanted = wanted.where(Task.made_by == asker)
    return [RequestRow._make(row) for row in session.execute(wanted)]


def waits(session: Session, child_id: UUID, kind: TaskKind, *, but: UUID) -> bool:
    """Say whether anybody but one person has made a task of a kind that nobody has done."""
    wanted = select(Task.id).where(
        Task.child_id == child_id,
        Task.kind == kind,
        Task.made_by != but,
        Task.done_at.is_(None),
    )
    return session.scalars(wanted.limit(1)).first() is not None


def made_by(
    session: Session, child_id: UUID, user_id: UUID, kind: TaskKind = TaskKind.REQUEST
) -> list[RequestRow]:
    """Return what one person has asked about a child, newest first, with the answers."""
    wanted = _ASKED.where(Task.child_id == child_id, Task.made_by == user_id, Task.kind == kind)
    return [RequestRow._make(row) for row in session.execute(wanted)]


def open_for(work: Work) -> list[TaskRow]:
    """Return what a person, or a service that he leads, has been given and not done.

    What was given to the holder of a baton is the present holder's.
    """
    wanted, given = OPEN[bool(work.actor.leads)], ties.asking(work.actor, work.today)
    return [TaskRow._make(row) for row in fetch(work.session, wanted, given)]
