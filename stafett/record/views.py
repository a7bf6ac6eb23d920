"""The child's page, the list of one's children, and the band on top of each of a child's pages."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from exports import log as printed
from exports import word
from stafett.access.policy import Action, Area, Relation
from stafett.children.rules import age_text, hides_places, is_of_age
from stafett.dates import day_text
from stafett.entries import queries as entries
from stafett.entries.guards import reader
from stafett.errors import NotFoundError
from stafett.people.queries import Reached
from stafett.plan.guards import begins_goals, reports, sight
from stafett.plan.measures import DueMeasure
from stafett.record import commands, document, queries
from stafett.record.commands import Ask
from stafett.record.queries import Header
from stafett.record.schemas import AskQuerySchema, AskSchema
from stafett.stafettlogg import concerns
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.rules import LogStatus
from stafett.tasks import queries as tasks
from stafett.tasks.rules import REQUESTS
from stafett.unsaved.guards import kept
from stafett.web.guard import Context, GuardedBlueprint, for_list
from stafett.web.render import page, word_file

NEWEST = 5
TABS = (
    ("record", "Oversikt", "record.show", Action.CHILD_READ_IDENTITY),
    ("entries", "Stafettlogg", "entries.older", Action.ENTRY_LIST),
    ("room", "Mitt rom", "entries.room", Action.CHILDNOTE_CREATE),
    ("plan", "Plan", "plan.show", Action.PLAN_READ),
    ("level", "Nivå", "stafettlogg.level", Action.LOG_READ),
    ("folk", "Folk", "team.folk", Action.MEMBER_LIST),
    ("consents", "Samtykke", "consents.listed", Action.CONSENT_READ),
    ("about", "Om barnet", "children.about", Action.GUARDIAN_READ),
    ("insight", "Innsyn", "insight.show", Action.AUDIT_READ_CHILD),
)

ITSELF = frozenset({Relation.C12, Relation.C16})

record = GuardedBlueprint("record", __name__)


@record.page("/barn", for_list(Action.CHILD_LIST_MINE))
def mine(context: Context[None]) -> ResponseReturnValue:
    """List the children to whom the actor has a relation."""
    found = logs.children_of(context.work)
    context.shown_children(child.id for child in found)
    return page(
        context,
        "record/mine.html",
        children=found,
        adds=Relation.ST in context.actor.roles,
        today=context.work.today,
    )


@record.page("/barn/<uuid:child_id>", on_log(Action.CHILD_READ_IDENTITY))
def show(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the child's page: level, baton, what is next, what is late, and the newest entries."""
    log, session = context.record, context.session
    by = reader(context)
    log = logs.since_birth(log, by.since)
    newest = entries.of_child(session, log.child, by, NEWEST) if by.reads else []
    knows = queries.knows_state(tuple(context.subject.held), context.subject.facts)
    begins = log.state == LogStatus.NONE and (knows or context.can(Action.LOG_OPEN))
    context.shown(entry.id for entry in newest[:NEWEST])
    reads = context.can(Action.LOG_READ)
    return page(
        context,
        "record/show.html",
        tab="record",
        log=log,
        newest=newest[:NEWEST],
        names=entries.names(session, newest[:NEWEST]),
        concerns=concerns.to_read(context.work, log.child_id),
        voice=next((one for one in newest if one.kind == "child_voice" and not one.audience), None),
        beginning=queries.beginning(context.work, log.child) if begins else None,
        reads=reads,
        begins_goals=begins_goals(context),
        guide=queries.guide(context.work, log, by, context.subject.held) if reads else [],
        closing=next(iter(logs.closings(session, log.child_id)), None)
        if reads and log.outcome
        else None,
        early=any(one.hers_until for one in context.subject.held),
        carries=queries.carries(context.work, log.child, context.subject.held),
        now=context.now,
    )


@record.page("/barn/<uuid:child_id>/stafettlogg.docx", on_log(Action.LOG_EXPORT_DOCX))
def docx(context: Context[LogSummary]) -> ResponseReturnValue:
    """Give the whole log, as the actor may read it, as a Word document."""
    log, session = context.record, context.session
    if log.id is None:
        raise NotFoundError
    by = reader(context)
    found = entries.of_child(session, log.child, by, entries.EVERY)
    told = reports(context, sight(context))
    context.shown([*(one.id for one in found), *(one.id for one in told)])
    names = entries.names(session, found)
    facts = document.facts(context.work, log, found, names, told, context.signed.name, by.since)
    return word_file(
        word.write(printed.document(facts), context.work.profile.logo), "stafettlogg.docx"
    )


@record.page("/barn/<uuid:child_id>/be-om", on_log(Action.REQUEST_MAKE), query=AskQuerySchema)
def asking(context: Context[LogSummary], query: dict[str, Any]) -> ResponseReturnValue:
    """Show what the actor may ask others to do, or the form for one of it, and the answers."""
    log = context.record
    may = queries.may_ask_for(context.work, log, context.subject.held)
    asked = (query.get("action"), query.get("object_id"))
    chosen = next((one for one in may if (one.action, one.object_id) == asked), None)
    place = None
    if chosen is not None:
        place = queries.asking_place(log.child_id, chosen.action, chosen.object_id)
    return page(
        context,
        "record/asking.html",
        tab="record",
        log=log,
        may=may,
        chosen=chosen,
        form_name=place and place.part,
        mine=tasks.made_by(context.session, log.child_id, context.actor.user_id),
        phrases=REQUESTS,
        now=context.now,
        **kept(context, Action.REQUEST_DRAFT, place),
    )


@record.action("/barn/<uuid:child_id>/be-om", on_log(Action.REQUEST_MAKE), AskSchema, again=asking)
def ask(context: Context[LogSummary], wish: Ask) -> ResponseReturnValue:
    """Ask, and show what one has asked for."""
    may = queries.may_ask_for(context.work, context.record, context.subject.held)
    commands.ask(context.work, context.record, wish, may)
    return redirect(url_for("record.asking", child_id=context.record.child_id), code=303)


def child_header(
    context: Context[Any], tab: str, running: Sequence[DueMeasure] | None
) -> Header | None:
    """Return the band for a child's page, or None for who may not know of the child.

    `running`: the measures under way that the actor reads, where the page has read them.
    """
    child_id = context.subject.child_id
    if child_id is None or not context.can(Action.CHILD_READ_IDENTITY):
        return None
    log = context.record
    if not isinstance(log, LogSummary):
        log = logs.summary(context.session, child_id, context.work.today)
        if log is None:
            return None
    child, today, profile = log.child, context.work.today, context.work.profile
    knows = queries.knows_state(tuple(context.subject.held), context.subject.facts)
    soonest = (
        queries.deadlines(
            context.session, log, profile, today, context.actor, context.subject.held, running
        )
        if knows
        else []
    )
    since = context.since(Area.LOG)
    steps = logs.levels(context.session, child_id, since) if knows and tab == "record" else []
    protection = child.address_protection
    itself = any(one.relation in ITSELF for one in context.subject.held)
    of_age = is_of_age(child.birth_date, today)
    own = {"about": "Om meg" if itself else f"Om {child.first_name}"} if itself or of_age else {}
    return Header(
        id=child.id,
        name=child.name,
        age_text=age_text(child.birth_date, None if child.ended_at else child.due_date, today),
        about="" if hides_places(protection) else child.school or "",
        protection=protection if hides_places(protection) else None,
        state=log.state if knows else None,
        level=log.level if knows else None,
        levels=queries.level_scale(profile, log, steps, today) if knows and tab == "record" else [],
        holder_name=(log.acting_name if log.needs_holder else log.holder_name) if knows else None,
        holder_title=log.holder_title if knows and not log.needs_holder else None,
        reached=log.reached if knows else Reached(),
        needs_new_holder=knows and log.needs_holder,
        pending_to=log.handover_to if knows else None,
        delegate=_delegate(log, today) if knows and log.state is LogStatus.OPEN else None,
        next=next((one for one in soonest if not one.late), None),
        late=[one for one in soonest if one.late],
        deadlines=soonest,
        tabs=[
            (url_for(endpoint, child_id=child_id), own.get(name, label), name == tab)
            for name, label, endpoint, action in TABS
            if context.can(action)
        ],
    )


def _delegate(log: LogSummary, today: date) -> str | None:
    if log.delegate_name is None or log.delegate_until is None:
        return None
    return f"{log.delegate_name} er stedfortreder til og med {day_text(log.delegate_until, today)}"
