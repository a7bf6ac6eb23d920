"""The JSON call of the worklist."""

from dataclasses import asdict
from typing import Any

from stafett.access.policy import Action
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in
from stafett.worklist import queries
from stafett.worklist.schemas import WorklistSchema

worklist_api = GuardedBlueprint("worklist_api", __name__, url_prefix="/api/v1")


@worklist_api.json("/worklist", for_signed_in(Action.WORKLIST_READ), returns=WorklistSchema)
def show(context: Context[None]) -> dict[str, Any]:
    """List what waits for the actor."""
    day = queries.day(context.work)
    found, asked, measures = day.items, day.waiting, day.measures
    context.shown_children(day.children)
    today = context.work.today
    return {
        "items": [{**asdict(item), "overdue": item.overdue(today)} for item in found],
        "measures": measures,
        "waiting": asked,
        "in_my_services": [
            {"holder": name, "logs": logs} for name, logs in queries.in_my_services(context.work)
        ],
        "unanswered_in_my_services": [
            {"receiver": name, "offers": offers}
            for name, offers in queries.unanswered_in_my_services(context.work)
        ],
        "next": None,
    }
