"""A row of the logs, for who sees it, and what he is writing to ask about it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.entries.guards import reader
from stafett.errors import NotFoundError
from stafett.insight import queries
from stafett.insight.queries import Part
from stafett.insight.rules import Row
from stafett.plan import guards as plan
from stafett.unsaved.guards import on_unsaved
from stafett.unsaved.queries import Place
from stafett.web.guard import Access, Context, Subject


def on_asking() -> Access[Place]:
    """Guard a route about what the actor is writing when he asks about a row of the logs."""

    def place(
        _session: Session, found: Subject[ChildSummary], _actor: Actor, args: Mapping[str, Any]
    ) -> Place | None:
        if found.record is None:
            return None
        return queries.asking_place(found.record.id, args["row_id"])

    return on_unsaved(Action.REQUEST_DRAFT, on_child(Action.AUDIT_ASK_WHY), place)


def one_row(context: Context[ChildSummary]) -> Row:
    """Return the row that the address names, as the page of the logs shows it to the actor.

    Raises:
        NotFoundError: the page does not show it to him, whether or not there is such a row.

    """
    found, _ = queries.of_child(
        context.session,
        context.record,
        context.basis(Action.AUDIT_READ_CHILD),
        reader(context),
        plan.viewer(context),
        Part(row_id=context.args["row_id"]),
    )
    if not found:
        raise NotFoundError
    return found[0]
