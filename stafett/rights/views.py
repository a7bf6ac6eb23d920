"""The copy of all that is kept about a child, and the form that asks to use a right."""

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.children import queries as children
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.children.rules import heard, is_of_age
from stafett.consents.rules import BECAUSE, PURPOSES
from stafett.dates import for_people, full_day
from stafett.errors import DeniedError
from stafett.people import queries as people
from stafett.plan import rules as plan
from stafett.rights import commands, queries
from stafett.rights.commands import DecideRestriction, Lift, UseRight
from stafett.rights.document import packed
from stafett.rights.guards import on_copy, on_restriction
from stafett.rights.rules import RIGHTS, WORDS
from stafett.rights.schemas import DecideRestrictionSchema, LiftSchema, UseRightSchema
from stafett.stafettlogg.document import PAPER
from stafett.stafettlogg.queries import LogSummary
from stafett.tasks import queries as tasks
from stafett.tasks.rules import TaskKind
from stafett.unsaved.guards import kept
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf
from stafett.web.guard import Context, GuardedBlueprint
from stafett.web.render import page

ZIP = "application/zip"
rights = GuardedBlueprint("rights", __name__)


@rights.page("/barn/<uuid:child_id>/kopi", on_copy(Action.CHILD_READ_IDENTITY))
def about(context: Context[LogSummary]) -> ResponseReturnValue:
    """Say what the copy holds, with the link that gives it, to who may have it."""
    if not context.can(Action.DSR_EXPORT):
        raise DeniedError
    return page(context, "rights/about.html", tab="insight", child=context.record.child)


@rights.page("/barn/<uuid:child_id>/kopi.zip", on_copy())
def copy(context: Context[LogSummary]) -> ResponseReturnValue:
    """Give a copy of what the reader may see of a child's record (GDPR art. 15)."""
    child = context.record.child
    facts, shown = queries.copy(context.work, child, context.subject.held)
    context.shown(shown)
    who = children.word_for(context.work, child)
    areas = context.work.profile.development_areas
    html = render_template(
        "rights/copy.html",
        copy=facts,
        child=child,
        reader=context.signed.name,
        who=who,
        of_age=is_of_age(child.birth_date, context.work.today),
        told={**plan.words_of(who), "area": {one.code: one.label for one in areas}},
        because=BECAUSE,
        purposes=PURPOSES,
        paper_words=PAPER,
        heard=heard,
        on=full_day,
        at=for_people,
    )
    answer = Response(packed(html, facts), mimetype=ZIP)
    answer.headers["Content-Disposition"] = 'attachment; filename="kopi.zip"'
    return answer


@rights.page("/barn/<uuid:child_id>/rettigheter", on_child(Action.DSR_REQUEST))
def asking(context: Context[ChildSummary]) -> ResponseReturnValue:
    """Show the form that asks to use a right, and what one has asked for."""
    child = context.record
    return page(
        context,
        "rights/asking.html",
        tab="insight",
        child=child,
        rights=list(WORDS.items()),
        asked=queries.cases(context.work, child.id),
        restrictions=queries.restrictions(context.session, child.id),
        now=context.now,
        **kept(context, Action.REQUEST_DRAFT, Place(UnsavedOf.REQUEST, child.id, RIGHTS)),
    )


@rights.action(
    "/barn/<uuid:child_id>/rettigheter",
    on_child(Action.DSR_REQUEST),
    UseRightSchema,
    again=asking,
)
def ask(context: Context[ChildSummary], wish: UseRight) -> ResponseReturnValue:
    """Ask, and show what one has asked for."""
    commands.use(context.work, context.record.id, wish)
    return redirect(url_for("rights.asking", child_id=context.record.id), code=303)


@rights.page("/barn/<uuid:child_id>/begrensning", on_restriction())
def restriction(context: Context[ChildSummary]) -> ResponseReturnValue:
    """Show who wants the record restricted, and since when it is, with the form that decides."""
    child, session = context.record, context.session
    made = tasks.made_for(session, TaskKind.DECIDE_RESTRICTION, child.id)
    waiting = [one for one in made if one.done_at is None]
    return page(
        context,
        "rights/restriction.html",
        tab="insight",
        child=child,
        waiting=waiting,
        names=people.names_of(session, [one.made_by for one in waiting]),
        restrictions=queries.restrictions(session, child.id),
        today=context.work.today,
        now=context.now,
    )


@rights.action(
    "/barn/<uuid:child_id>/begrensning",
    on_restriction(),
    DecideRestrictionSchema,
    again=restriction,
)
def decide_restriction(
    context: Context[ChildSummary], wish: DecideRestriction
) -> ResponseReturnValue:
    """Restrict the record, or say no."""
    commands.decide_restriction(context.work, context.record.id, wish)
    return redirect(url_for("worklist.show"), code=303)


@rights.action(
    "/barn/<uuid:child_id>/begrensning/opphev", on_restriction(), LiftSchema, again=restriction
)
def lift(context: Context[ChildSummary], wish: Lift) -> ResponseReturnValue:
    """Let the record be used again."""
    commands.lift(context.work, context.record.id, wish)
    return redirect(url_for("worklist.show"), code=303)
