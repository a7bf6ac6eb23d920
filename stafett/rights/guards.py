"""The guards of a whole copy, of what is asked for, and of restricting a record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts
from stafett.access.ties import ties_of
from stafett.children import queries as children
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.dates import oslo_date
from stafett.rights.rules import RIGHTS
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.queries import LogSummary
from stafett.tasks import queries as tasks
from stafett.tasks.rules import TaskKind
from stafett.unsaved.guards import on_unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf
from stafett.web.guard import Access, Subject


def on_copy(action: Action = Action.DSR_EXPORT) -> Access[LogSummary]:
    """Guard the copy: the family owns its own child's.

    KE's leader needs that somebody waits for an answer to what he has asked for. The
    page before the copy asks another `action`: the log must not say that a copy is taken there.
    """
    return Access((action,), _load)


def on_asking() -> Access[Place]:
    """Guard a route about what the actor is writing of a right that he asks to use."""

    def place(
        _session: Session, found: Subject[ChildSummary], _actor: Actor, _args: Mapping[str, Any]
    ) -> Place | None:
        return found.record and Place(UnsavedOf.REQUEST, found.record.id, RIGHTS)

    return on_unsaved(Action.REQUEST_DRAFT, on_child(Action.DSR_REQUEST), place)


def on_restriction() -> Access[ChildSummary]:
    """Guard the restriction of a record; KE's leader comes to it by the task, or the child."""
    return Access((Action.DSR_RESTRICT,), _load_restriction)


def _load(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[LogSummary]:
    child_id, today = args["child_id"], oslo_date(now)
    held = ties_of(session, actor, child_id, now)
    asked = tasks.waits(session, child_id, TaskKind.DSR_REQUEST, but=actor.user_id)
    log = logs.summary(session, child_id, today)
    return Subject(log, child_id, held, Facts(today, own=True, asked=asked))


def _load_restriction(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[ChildSummary]:
    child_id = args["child_id"]
    held = ties_of(session, actor, child_id, now)
    task = tasks.open_of(session, TaskKind.DECIDE_RESTRICTION, child_id)
    task = task or tasks.open_of(session, TaskKind.LIFT_RESTRICTION, child_id)
    facts = Facts(oslo_date(now), object_id=None if task is None else task.id)
    return Subject(children.find(session, child_id), child_id, held, facts)
