"""Papers about a child that are handed on, and the page from which one takes them."""

from collections.abc import Callable
from dataclasses import replace

from flask.typing import ResponseReturnValue

from exports import pack as meeting
from exports import paper, word
from exports import referral as to_ppt
from exports.log import Person
from stafett.access.policy import Action
from stafett.consents import queries as consents
from stafett.consents.queries import ConsentView
from stafett.entries.guards import reader
from stafett.errors import NotFoundError, RuleBrokenError
from stafett.handouts import document, queries
from stafett.handouts.document import Written
from stafett.handouts.rules import PPT, obstacles_to_referral, reaches
from stafett.plan import queries as plans
from stafett.plan.guards import may_read, reports, shared, sight
from stafett.plan.rules import PlanKind
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.rules import LogStatus
from stafett.team import queries as team
from stafett.web.guard import Context, GuardedBlueprint, Visit
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
        of_plan=plans.kind_now(context.session, context.record) is PlanKind.INDIVIDUELL_PLAN
        and context.may(Action.PLAN_EXPORT_DOCX, ip=True),
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
    if obstacles := obstacles_to_referral(reach.services):
        raise RuleBrokenError(obstacles)
    context.look.edition = "ppt"
    written = _written(
        context,
        log=reaches(reach.services, Action.ENTRY_LIST, work.today),
        plan=lambda ip: reaches(reach.services, Action.PLAN_READ, work.today, ip=ip),
    )
    agreed = [one for one in _agreed(context, written) if one.id in reach.consents]
    facts = document.referral(work, log, written, agreed, context.signed.name)
    return word_file(word.write(to_ppt.document(facts), work.profile.logo), "til-ppt.docx")


@handouts.page("/barn/<uuid:child_id>/til-motet.docx", on_log(Action.LOG_EXPORT_DOCX))
def pack(context: Context[LogSummary]) -> ResponseReturnValue:
    """Give the paper for the next meeting about a child as a Word document.

    It holds what is for everyone in the log and the plan, as far as the actor reads it himself.
    """
    log, work, session = context.record, context.work, context.session
    if log.state not in {LogStatus.OPEN, LogStatus.FROZEN}:
        raise NotFoundError
    context.look.edition = "pack"
    written = _written(context, log=True, plan=lambda _ip: True)
    by, version = shared(context), written.plan.version
    ip = version is not None and version.kind is PlanKind.INDIVIDUELL_PLAN
    reads = version is not None and context.may(Action.PLAN_COMMENT, ip=ip)
    said = plans.comments(session, log.child_id, by, ip=ip) if reads else []
    sits = team.group_members(session, log.child_id) if context.can(Action.GROUP_READ) else []
    facts = document.pack(
        work,
        log,
        written,
        _agreed(context, written),
        context.signed.name,
        sits=[Person(one.name, one.role, one.service or "") for one in sits if not one.ended],
        said=said,
    )
    return word_file(word.write(meeting.document(facts), work.profile.logo), "til-motet.docx")


@handouts.public("/skjema/papirlogg.docx", because="an empty form holds no data")
def paper_form(visit: Visit) -> ResponseReturnValue:
    """Give the empty form of a log that is kept on paper as a Word document."""
    return word_file(
        word.write(paper.document(visit.profile.kommune), visit.profile.logo),
        "stafettlogg-pa-papir.docx",
    )


def _agreed(context: Context[LogSummary], written: Written) -> list[ConsentView]:
    """Return the consents as all who read the paper may see them."""
    found = consents.of_child(context.work, context.record.child_id)
    return [seen for one in found if (seen := consents.since_birth(one, written.since))]


def _written(context: Context[LogSummary], *, log: bool, plan: Callable[[bool], bool]) -> Written:
    """Return what the actor reads and is for everyone, and what of it may be told.

    `log`: of the log; `plan`: of an individuell plan (True), or of a tiltaksplan (False).
    """
    work, child_id = context.work, context.record.child_id
    by = shared(context)
    told = queries.of_plan(
        work,
        child_id,
        by,
        lambda one: may_read(context, one) and plan(one.kind is PlanKind.INDIVIDUELL_PLAN),
    )
    seen = reader(context)
    seen = replace(seen, since=seen.since or by.since)
    entries = queries.for_everyone(work, context.record, seen) if log else None
    how = [
        one
        for one in reports(context, sight(context))
        if one.measure_key in told.measures
        and plan(one.ip)
        and by.may(one.measure_key, one.audiences)
        and by.may(one.goal_key, one.audiences)
    ]
    context.shown(
        [
            *(one.id for one in entries or ()),
            *(one.id for one in how),
            *([told.version.id] if told.version else []),
        ]
    )
    family = queries.family_accounts(work, child_id)
    of_plan = plan(False) or bool(told.measures)  # noqa: FBT003 a tiltaksplan
    return Written(entries, family, told, how, of_plan, seen.since)
