"""`on_unsaved(...)`: open to who may save it as what it will be, and to nobody else."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, decide
from stafett.unsaved.queries import NOTHING, Place, written
from stafett.web.guard import Access, Context, Subject
from stafett.web.render import Form


def on_unsaved(
    action: Action,
    saved_as: Access[Any],
    place: Callable[[Session, Subject[Any], Actor, Mapping[str, Any]], Place | None],
) -> Access[Place]:
    """Guard a route about what the actor is writing; `place`: where, None if not for him.

    An answer shows nothing but the actor's own words, so its row in the access log names no child:
    nobody is to see that somebody writes. What is refused names the child like any other.
    """

    def load(
        session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
    ) -> Subject[Place]:
        found = saved_as.load(session, actor, now, args)
        asks = saved_as.action(found.record, actor)
        there = None
        if found.record is not None and decide(found.held, asks, found.facts).allowed:
            there = place(session, found, actor, args)
        child_id = found.child_id if there is None else None
        return Subject(there, child_id, found.held, found.facts)

    return Access((action,), load)


def kept(context: Context[Any], action: Action, place: Place | None) -> dict[str, Any]:
    """Return for a page what the actor has begun to write in a form, and the form as it was typed.

    `action`: what keeping it is; `place`: None where he has no such form.
    """
    found = NOTHING
    if place is not None and context.can(action):
        found = written(context.work, place)
    return {"draft": found, "drafted": Form(found.fields, {})}
