"""Papers about a child that are handed on, and the page from which one takes them."""

from flask.typing import ResponseReturnValue

from exports.referral import render
from stafett.access.policy import Action
from stafett.audience.rules import viewer
from stafett.consents import queries as consents
from stafett.errors import NotFoundError, RuleBrokenError
from stafett.handouts import document, queries
from stafett.handouts.document import Written
from stafett.handouts.queries import Reach
from stafett.handouts.rules import PPT, reaches
from stafett.plan import queries as plans
from stafett.plan.guards import may_read, reports, sight
from stafett.plan.rules import PlanKind
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.web.guard import Context, GuardedBlueprint
from stafett.web.render import page, word_file

handouts = GuardedBlueprint("handouts", __name__)


@handouts.page("/barn/<uuid:child_id>/skriv-ut", on_log(Action.LOG_READ))
def listed(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the papers that the actor may take, and what is missing for the others."""
    return page(
        context,
        "handouts/listed.html",
        tab="record",
        log=context.record,
        to_ppt=bool(queries.reach(context.work, context.record.child_id, PPT).services),
    )


@handouts.page("/barn/<uuid:child_id>/til-ppt.docx", on_log(Action.LOG_EXPORT_DOCX))
def referral(context: Context[LogSummary]) -> ResponseReturnValue:
    """Give what goes with a referral to PPT as a Word document.

    It holds what is for everyone in the log and the plan, as far as the actor reads it himself and
    consent lets PPT be told.
    """
    log, work = context.record, context.work
    if log.id is None:
        raise NotFoundError
    reach = queries.reach(work, log.child_id, PPT)
    if not reach.services:
        raise RuleBrokenError(["ppt-not-covered"])
    context.look.edition = "ppt"
    agreed = [one for one in consents.of_child(work, log.child_id) if one.id in reach.consents]
    facts = document.referral(work, log, _written(context, reach), agreed, context.signed.name)
    return word_file(render(facts), "til-ppt.docx")


def _written(context: Context[LogSummary], reach: Reach) -> Written:
    """Return what the actor reads, is for everyone, and may be told to some services."""
    work, log = context.work, context.record
    today, child_id, services = work.today, log.child_id, reach.services
    by = sight(context).for_all()
    versions = [
        one
        for one in plans.versions(work.session, child_id, by)
        if may_read(context, one)
        and reaches(services, Action.PLAN_READ, today, ip=one.kind is PlanKind.INDIVIDUELL_PLAN)
    ]
    content, measures = queries.measures(work, versions, by)
    seen = viewer(context.actor, context.subject.held, today)
    of_log = reaches(services, Action.ENTRY_LIST, today)
    of_plan = reaches(services, Action.PLAN_READ, today)
    entries = queries.for_everyone(work, log, seen) if of_log else None
    keys = {one.measure["key"] for one in measures}
    told = [
        one
        for one in reports(context)
        if one.measure_key in keys and by.may(one.measure_key, one.audiences)
    ]
    context.shown(
        [
            *(one.id for one in entries or ()),
            *(one.id for one in versions),
            *(one.id for one in told),
        ]
    )
    return Written(
        entries=entries,
        family=queries.family_accounts(work, child_id),
        content=content,
        measures=measures if of_plan or measures else None,
        told=told,
    )
