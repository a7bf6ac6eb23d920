"""The copy of all that is kept about a child."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from stafett.rights import queries
from stafett.rights.document import packed
from stafett.rights.guards import on_copy
from stafett.stafettlogg.queries import LogSummary
from stafett.web.guard import Context, GuardedBlueprint
from stafett.web.render import page

ZIP = "application/zip"
rights = GuardedBlueprint("rights", __name__)


@rights.page("/barn/<uuid:child_id>/kopi", on_copy())
def about(context: Context[LogSummary]) -> ResponseReturnValue:
    """Say what the copy holds, with the link that gives it."""
    return page(context, "rights/about.html", tab="insight", child=context.record.child)


@rights.page("/barn/<uuid:child_id>/kopi.zip", on_copy())
def copy(context: Context[LogSummary]) -> ResponseReturnValue:
    """Give a copy of what the reader may see of a child's record (GDPR art. 15)."""
    child = context.record.child
    facts, shown = queries.copy(context.work, child, context.subject.held)
    context.shown(shown)
    html = render_template(
        "rights/copy.html", copy=facts, child=child, reader=context.signed.name, now=context.now
    )
    answer = Response(packed(html, facts), mimetype=ZIP)
    answer.headers["Content-Disposition"] = 'attachment; filename="kopi.zip"'
    return answer
