"""`one_row(...)`: a row of the logs, for who sees it."""

from stafett.access.policy import Action
from stafett.children.queries import ChildSummary
from stafett.entries.guards import reader
from stafett.errors import NotFoundError
from stafett.insight import queries
from stafett.insight.queries import Part
from stafett.insight.rules import Row
from stafett.plan import guards as plan
from stafett.web.guard import Context


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
