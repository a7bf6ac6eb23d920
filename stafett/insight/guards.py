"""`one_row(...)`: a row of the logs, for who sees it."""

from stafett.access.policy import Action
from stafett.audience.rules import viewer, viewer_of_plan
from stafett.children.queries import ChildSummary
from stafett.errors import NotFoundError
from stafett.insight import queries
from stafett.insight.queries import Part
from stafett.insight.rules import Row
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
        viewer(context.actor, context.subject.held, context.work.today),
        viewer_of_plan(context.actor, context.subject.held, context.work.today),
        Part(row_id=context.args["row_id"]),
    )
    if not found:
        raise NotFoundError
    return found[0]
