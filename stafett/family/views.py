"""The family's first page: what waits for an answer, and each child's log, plan and consents."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action, Relation
from stafett.children import queries as children
from stafett.consents import queries as consents
from stafett.disclosure import queries as disclosure
from stafett.entries.schemas import words_of
from stafett.stafettlogg import queries as logs
from stafett.team import queries as team
from stafett.web.guard import Context, GuardedBlueprint, for_list
from stafett.web.render import page
from stafett.worklist import queries as worklist

family = GuardedBlueprint("family", __name__)


@family.page("/familie", for_list(Action.CHILD_LIST_MINE))
def show(context: Context[None]) -> ResponseReturnValue:
    """Show the family what waits for them; who is only at work has the worklist instead."""
    if Relation.PF not in context.actor.roles:
        return redirect(url_for("worklist.show"), code=303)
    mine, day = logs.children_of(context.work), worklist.day(context.work)
    context.shown_children(child.id for child in mine)
    context.shown_children(one.child_id for one in day.measures)
    return page(
        context,
        "family/show.html",
        children=mine,
        coordinators=team.coordinators(context.work, [child.id for child in mine]),
        carried=children.carried(context.work),
        itself=children.own_record(context.work),
        told=disclosure.told_to(context.work),
        measures=day.measures,
        waits=day.items,
        stranded=any(words_of(one) for one in day.stranded),
        services=consents.named(
            context.work,
            [one.id for one in day.items if one.kind == "consent" and one.due_on is None],
        ),
        today=context.work.today,
    )
