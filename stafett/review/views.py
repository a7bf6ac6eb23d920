"""The pages where looks are judged: those that wait, and one of them."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.review import commands, queries
from stafett.review.commands import Close
from stafett.review.guards import on_review
from stafett.review.models import Review
from stafett.review.schemas import CloseSchema
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in
from stafett.web.render import page

review = GuardedBlueprint("review", __name__)


@review.page("/kontroll", for_signed_in(Action.AUDIT_ANOMALY_REVIEW))
def listed(context: Context[None]) -> ResponseReturnValue:
    """List the looks that wait for an answer, and the last that got one."""
    waiting, closed = queries.listed(context.session, context.actor, context.now)
    context.shown_children(row.child_id for row in (*waiting, *closed) if row.child)
    return page(
        context,
        "review/listed.html",
        waiting=waiting,
        closed=closed,
        today=context.work.today,
        now=context.now,
    )


@review.page("/kontroll/<uuid:review_id>", on_review())
def show(context: Context[Review]) -> ResponseReturnValue:
    """Show one person's looks at one child on one day, and why somebody should ask."""
    row = queries.show(context.session, context.actor, context.now, context.record)
    if row.child:
        context.shown_children([row.child_id])
    return page(
        context,
        "review/show.html",
        review=row,
        answered=queries.answered(context.session, context.actor, context.now, context.record),
        seen=queries.seen(context.session, context.record),
        today=context.work.today,
        now=context.now,
    )


@review.action("/kontroll/<uuid:review_id>", on_review(), CloseSchema, again=show)
def close(context: Context[Review], wish: Close) -> ResponseReturnValue:
    """Say what came of it."""
    commands.close(context.work, context.record, wish)
    return redirect(url_for("review.listed"), code=303)
