"""The guard of what somebody writes when he asks another to do something."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.tasks.rules import REQUESTS
from stafett.unsaved.guards import on_unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf
from stafett.web.guard import Access, Subject

_OBJECT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def on_asking() -> Access[Place]:
    """Guard a route about what the actor is asking for.

    The form is the action that is asked for; the guardian it is about, if any, follows after a `:`.
    """

    def place(
        _session: Session, found: Subject[LogSummary], _actor: Actor, args: Mapping[str, Any]
    ) -> Place | None:
        action, about, object_id = args["form"].partition(":")
        known = action in REQUESTS and (not about or _OBJECT.fullmatch(object_id))
        if found.record is None or not known:
            return None
        return Place(UnsavedOf.REQUEST, found.record.child_id, args["form"])

    return on_unsaved(Action.REQUEST_DRAFT, on_log(Action.REQUEST_MAKE), place)
