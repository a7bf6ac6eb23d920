"""The worklist: the first page of whoever works here."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action, Relation
from stafett.entries.schemas import words_of
from stafett.stafettlogg import queries as logs
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in
from stafett.web.render import page
from stafett.worklist import queries

AS = (
    (Relation.ADM, "administrator"),
    (Relation.AU, "auditor"),
    (Relation.EX, "external"),
)
"""Whose page it is; everybody else is staff."""

worklist = GuardedBlueprint("worklist", __name__)


@worklist.page("/", for_signed_in(Action.WORKLIST_READ))
def show(context: Context[None]) -> ResponseReturnValue:
    """Show what waits for the actor, late first, and his children; the family has its own page."""
    if context.actor.roles == {Relation.PF}:
        return redirect(url_for("family.show"), code=303)
    day, children = queries.day(context.work), logs.children_of(context.work)
    items, asked, measures = day.items, day.waiting, day.measures
    context.shown_children(day.children)
    context.shown_children(child.id for child in children)
    today = context.work.today
    return page(
        context,
        "worklist/show.html",
        reader=next((name for role, name in AS if role in context.actor.roles), "staff"),
        late=[item for item in items if item.overdue(today)],
        waiting=[item for item in items if not (item.overdue(today) or item.coming(today))],
        coming=[item for item in items if item.coming(today)],
        measures=measures,
        asked=asked,
        led=queries.in_my_services(context.work),
        offered=queries.unanswered_in_my_services(context.work),
        ke=not {Relation.KE, Relation.KEL}.isdisjoint(context.actor.roles),
        next={item.child_id: item for item in reversed(items)},
        begun=day.concerns,
        begun_steps=day.concern_steps,
        stranded=any(words_of(one) for one in day.stranded),
        children=children,
        today=today,
    )
