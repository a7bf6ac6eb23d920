"""Pages on which the draft of a plan is written, part by part.

They stand in the blueprint of all pages of a plan, which is whole when this module is read.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.audience.rules import Visibility
from stafett.audience.views import choosing
from stafett.dates import oslo_date
from stafett.errors import ConflictError, DeniedError, NotFoundError, RuleBrokenError
from stafett.plan import (
    commands,
    differences,
    document,
    drafting,
    people_named,
    queries,
    rules,
)
from stafett.plan.commands import MakeVersion
from stafett.plan.drafting import Move, Restore, SavePart, SetAudience
from stafett.plan.guards import (
    PlanRecord,
    may_make,
    may_read,
    on_draft,
    on_form,
    on_making,
    saves,
    writer,
)
from stafett.plan.rules import Content, Party, PlanKind, VersionState
from stafett.plan.schemas import (
    AboutMePartSchema,
    ContributionPartSchema,
    CooperationPartSchema,
    DraftQuerySchema,
    GoalPartSchema,
    LeaveSchema,
    MakeVersionSchema,
    MeasurePartSchema,
    MoveSchema,
    NewGoalPartSchema,
    NewMeasurePartSchema,
    NewMeasureQuerySchema,
    NewTextPartSchema,
    ParticipantsPartSchema,
    SetAudienceSchema,
    TextPartSchema,
    TextsPartSchema,
)
from stafett.plan.views import closed_plan, for_whom, lost, plan, wording
from stafett.unsaved import queries as unsaved
from stafett.unsaved.commands import drop
from stafett.unsaved.queries import NOTHING, Place, written
from stafett.unsaved.rules import UnsavedOf
from stafett.unsaved.schemas import LetGoSchema
from stafett.web import messages
from stafett.web.guard import Context
from stafett.web.render import Form, page

__all__ = ["plan"]
_FORMS = {
    "texts": "plan.texts",
    "participants": "plan.participants",
    "cooperation": "plan.cooperation",
    "new_text": "plan.new_text",
    rules.NEW_GOAL: "plan.new_goal",
    rules.FIRST_GOAL: "entries.goal",
    rules.ABOUT_ME: "plan.about_me",
    rules.CONTRIBUTION: "plan.contribution",
}
_FORMS_OF_KEYS = {"g": "plan.goal", "m": "plan.measure", "t": "plan.added_text"}
_FORM_WORDS = {
    "texts": "Tekst og periode",
    "participants": "Hvem er med",
    "cooperation": "Samarbeid med andre",
    "new_text": "Nytt tillegg",
    rules.NEW_GOAL: "Nytt mål",
    rules.FIRST_GOAL: "Nytt mål med tiltak",
    rules.ABOUT_ME: "Om meg",
    rules.CONTRIBUTION: "Det du bidrar med",
}
Change = Callable[[Content, Content], Content]
"""How one part of the draft is changed: it gets the draft and the part's fields."""


@plan.page("/barn/<uuid:child_id>/plan/utkast", on_draft(), query=DraftQuerySchema)
def draft(context: Context[PlanRecord], query: dict[str, Any]) -> ResponseReturnValue:
    """Show the whole draft, with a way to change each part that is the actor's to change."""
    record, session = context.record, context.session
    log, by = record.log, record.by
    if log.closed_at is not None and context.refused is None:
        return closed_plan(context, log.child_id)
    found = queries.draft(session, log.child_id, by)
    history = queries.versions(session, log.child_id, by)
    context.shown(by.ids(found.content))
    makes = may_make(context, record.kind)
    return page(
        context,
        "plan/draft.html",
        tab="plan",
        log=log,
        kind=record.kind,
        draft=found,
        writer=writer(context),
        makes=makes,
        obstacles=[
            (code, messages.of(code))
            for code in queries.obstacles_to_version(context.work, log, found.content, by)
        ]
        if makes
        else [],
        parts=queries.by_law(context.work, log, found.content)
        if makes and record.kind is PlanKind.INDIVIDUELL_PLAN
        else {},
        decides_alone=makes
        and record.kind is PlanKind.INDIVIDUELL_PLAN
        and queries.decides_alone(context.work, log.child_id),
        left_out=_left_out(context, found.content) if makes else [],
        number=len(history) + 1,
        holds=next((one for one in history if one.state is VersionState.IN_FORCE), None),
        removable=rules.removable(found.content, queries.running_keys(session, log.child_id, by)),
        content=found.content,
        **wording(context, log, [found.content]),
        **for_whom(context, by, found.content),
        chooses=drafting.chosen_by(context.work, found.content, by, writer(context)),
        applied_for=document.applied_for,
        begun=_begun(context, found.content, writer(context)),
        moved=query,
        order_token=rules.order_token,
        conflict=lost(context),
        today=context.work.today,
        now=context.now,
    )


@plan.action("/barn/<uuid:child_id>/plan/utkast/flytt/<key>", on_draft(), MoveSchema, again=draft)
def move(context: Context[PlanRecord], wish: dict[str, Any]) -> ResponseReturnValue:
    """Give a goal or a measure another place, and show it there, with the same button in focus."""
    log, key = context.record.log, context.args["key"]
    was = drafting.move(context.work, log, Move(key, **wish), writer(context))
    way = "opp" if wish["to"] < was else "ned"
    return redirect(url_for("plan.draft", child_id=log.child_id, flyttet=key, vei=way), code=303)


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/ulagret/<key>/bort", on_form(), LetGoSchema, again=draft
)
def let_go(context: Context[Place], version: int) -> ResponseReturnValue:
    """Let go of what was being written in a form, and show what stands."""
    drop(context.work, context.record, version)
    return redirect(_address(context.args["child_id"], context.args["key"]), code=303)


@plan.page("/barn/<uuid:child_id>/plan/utkast/tekst", on_draft())
def texts(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of the draft's texts and days."""
    return _part(
        context, "plan/texts.html", "texts", whole=True, sections=(*rules.SECTIONS, "period")
    )


@plan.action("/barn/<uuid:child_id>/plan/utkast/tekst", on_draft(), TextsPartSchema, again=texts)
def save_texts(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save the texts and days."""
    return _saved(context, replace(wish, form="texts"), rules.with_fields, "tekst")


@plan.page("/barn/<uuid:child_id>/plan/utkast/om-meg", on_draft())
def about_me(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of what the child says of itself, which the family writes too."""
    if not writer(context).speaks:
        raise DeniedError
    return _part(context, "plan/about_me.html", rules.ABOUT_ME, sections=("about_me",))


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/om-meg", on_draft(), AboutMePartSchema, again=about_me
)
def save_about_me(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save what the child says of itself."""
    return _saved(context, replace(wish, form=rules.ABOUT_ME), rules.with_fields, "tekst")


@plan.page("/barn/<uuid:child_id>/plan/utkast/bidrag", on_draft())
def contribution(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of what the actor himself brings."""
    record, own = context.record, writer(context)
    content = queries.draft(context.session, record.log.child_id, record.by).content
    found = rules.taking_part(content, own.username)
    if found is None and context.refused is None:
        raise NotFoundError
    return _part(context, "plan/contribution.html", rules.CONTRIBUTION, part=found, found=found)


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/bidrag",
    on_draft(),
    ContributionPartSchema,
    again=contribution,
)
def save_contribution(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save what the actor himself brings."""
    record, username = context.record, writer(context).username
    content = queries.draft(context.session, record.log.child_id, record.by).content
    found = rules.taking_part(content, username)
    wish = replace(wish, key=found["key"] if found else None, form=rules.CONTRIBUTION)
    change = partial(rules.with_contribution, username=username)
    return _saved(context, wish, change, "deltakere")


@plan.page("/barn/<uuid:child_id>/plan/utkast/deltakere", on_draft())
def participants(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of those who take part, with a row for each who must and does not yet."""
    content = queries.draft(context.session, context.record.log.child_id, context.record.by).content
    return _part(
        context,
        "plan/participants.html",
        "participants",
        whole=True,
        sections=("participants",),
        people=people_named.candidates(context.work, context.record.log),
        left_out=_left_out(context, content),
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/deltakere",
    on_draft(),
    ParticipantsPartSchema,
    again=participants,
)
def save_participants(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save who takes part."""
    return _saved(context, replace(wish, form="participants"), rules.with_fields, "deltakere")


@plan.page("/barn/<uuid:child_id>/plan/utkast/samarbeid", on_draft())
def cooperation(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of cooperation with others."""
    return _part(
        context, "plan/cooperation.html", "cooperation", whole=True, sections=("cooperation",)
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/samarbeid",
    on_draft(),
    CooperationPartSchema,
    again=cooperation,
)
def save_cooperation(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save cooperation with others."""
    return _saved(context, replace(wish, form="cooperation"), rules.with_fields, "samarbeid")


@plan.page("/barn/<uuid:child_id>/plan/utkast/tillegg", on_draft())
def new_text(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of a text that adds to a section, for all or for some."""
    more = _choosing(context)
    return _part(context, "plan/text.html", "new_text", whole=True, found=None, **more)


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/tillegg", on_draft(), NewTextPartSchema, again=new_text
)
def save_new_text(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a text that adds to a section."""
    return _saved(context, replace(wish, form="new_text"), rules.with_new_text, "tekst")


@plan.page("/barn/<uuid:child_id>/plan/utkast/tillegg/<key>", on_draft())
def added_text(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of a text that was added."""
    record, key = context.record, context.args["key"]
    content = queries.draft(context.session, record.log.child_id, record.by).content
    found = next((one for one in content["texts"] if one["key"] == key), None)
    if found is None and context.refused is None:
        raise NotFoundError
    more: dict[str, Any] = {"part": found, "found": found, "gone": found is None}
    form = key if found else "new_text"
    return _part(context, "plan/text.html", form, whole=True, **more)


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/tillegg/<key>",
    on_draft(),
    TextPartSchema,
    again=added_text,
)
def save_text(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a text that was added."""
    key = context.args["key"]
    wish = replace(wish, key=key, form=key)
    return _saved(context, wish, partial(rules.with_text, key=key), "tekst")


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/tillegg/<key>/bort", on_draft(), LeaveSchema, again=draft
)
def remove_text(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Take a text that was added out of the draft."""
    return _saved(context, wish, _leaving(context), "tekst")


@plan.page("/barn/<uuid:child_id>/plan/utkast/del/<key>/hvem-ser", on_draft())
def audience(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show whom a part is for, who has read it, and the form that changes it."""
    record, session, key = context.record, context.session, context.args["key"]
    content = queries.draft(session, record.log.child_id, record.by).content
    if key not in rules.parts_in(content):
        raise NotFoundError
    if not drafting.sets_audience(context.work, content, key, record.by, writer(context)):
        raise DeniedError
    found = queries.audiences(session, record.by, [key]).get(key, [])
    now = found[0].visibility if found else Visibility.EVERYONE
    return _part(
        context,
        "plan/audience.html",
        "",
        key=key,
        text=rules.text_of(content, key),
        history=found,
        read_by=queries.read_by(session, record.log.child_id, key, record.by),
        **_choosing(context, now),
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/del/<key>/hvem-ser",
    on_draft(),
    SetAudienceSchema,
    again=audience,
)
def set_audience(context: Context[PlanRecord], wish: SetAudience) -> ResponseReturnValue:
    """Change whom a part is for, and show what stands."""
    log, key = context.record.log, context.args["key"]
    drafting.set_audience(context.work, log, key, wish, writer(context))
    return redirect(url_for("plan.audience", child_id=log.child_id, key=key), code=303)


@plan.page("/barn/<uuid:child_id>/plan/utkast/mal", on_draft())
def new_goal(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of a new goal."""
    if not writer(context).speaks:
        raise DeniedError
    more = _choosing(context)
    return _part(context, "plan/goal.html", rules.NEW_GOAL, goal=None, gone=False, **more)


@plan.action("/barn/<uuid:child_id>/plan/utkast/mal", on_draft(), NewGoalPartSchema, again=new_goal)
def save_new_goal(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a new goal and show it in the draft, where its measures are added."""
    log, wish = context.record.log, replace(wish, form=rules.NEW_GOAL)
    made = drafting.save_part(context.work, log, wish, rules.with_new_goal, writer(context))
    there = f"mal-{made['goals'][-1]['key']}"
    return redirect(url_for("plan.draft", child_id=log.child_id, _anchor=there), code=303)


@plan.page("/barn/<uuid:child_id>/plan/utkast/mal/<key>", on_draft())
def goal(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of a goal with its steps."""
    record, key = context.record, context.args["key"]
    content = queries.draft(context.session, record.log.child_id, record.by).content
    found = next((one for one in content["goals"] if one["key"] == key), None)
    if found is None and context.refused is None:
        raise NotFoundError
    if found is not None and not writer(context).owns_goal(found):
        raise DeniedError
    form = key if found else rules.NEW_GOAL
    return _part(context, "plan/goal.html", form, part=found, goal=found, gone=found is None)


@plan.action("/barn/<uuid:child_id>/plan/utkast/mal/<key>", on_draft(), GoalPartSchema, again=goal)
def save_goal(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a goal."""
    key = context.args["key"]
    wish = replace(wish, key=key, form=key)
    return _saved(context, wish, partial(rules.with_goal, key=key), f"mal-{key}")


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/mal/<key>/bort", on_draft(), LeaveSchema, again=draft
)
def remove_goal(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Take a goal out of the draft, with its measures."""
    return _saved(context, wish, _leaving(context), "mal")


@plan.page(
    "/barn/<uuid:child_id>/plan/utkast/mal/<goal_key>/tiltak",
    on_draft(),
    query=NewMeasureQuerySchema,
)
def new_measure(context: Context[PlanRecord], query: dict[str, Any]) -> ResponseReturnValue:
    """Show the form of a new measure under a goal, maybe begun as another that ends by it."""
    record = context.record
    content = queries.draft(context.session, record.log.child_id, record.by).content
    under = next((one for one in content["goals"] if one["key"] == context.args["goal_key"]), None)
    if under is None and context.refused is None:
        raise NotFoundError
    before = next(
        (one for one in (under or {}).get("measures", ()) if one["key"] == query["for_"]), None
    )
    return _measure_part(context, under, None, before)


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/mal/<goal_key>/tiltak",
    on_draft(),
    NewMeasurePartSchema,
    again=new_measure,
)
def save_new_measure(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a new measure."""
    under, fields = context.args["goal_key"], dict(wish.fields)
    instead_of = fields.pop("instead_of")
    change = partial(rules.with_new_measure, goal_key=under, instead_of=instead_of)
    wish = _served(context, replace(wish, fields=fields, form=rules.NEW_MEASURE + under))
    return _saved(context, wish, change, f"mal-{under}")


@plan.page("/barn/<uuid:child_id>/plan/utkast/tiltak/<key>", on_draft())
def measure(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show the form of a measure."""
    record = context.record
    content = queries.draft(context.session, record.log.child_id, record.by).content
    key = context.args["key"]
    under, found = next(
        ((goal, one) for goal, one in rules.measures(content) if one["key"] == key), (None, None)
    )
    if context.refused is None and (under is None or found is None):
        raise NotFoundError
    if under and found and not writer(context).owns(under, found):
        raise DeniedError
    return _measure_part(context, under, found)


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/tiltak/<key>",
    on_draft(),
    MeasurePartSchema,
    again=measure,
)
def save_measure(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Save a measure."""
    key = context.args["key"]
    change = partial(rules.with_measure, key=key)
    wish = replace(_served(context, wish), key=key, form=key)
    return _saved(context, wish, change, f"tiltak-{key}")


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/tiltak/<key>/bort", on_draft(), LeaveSchema, again=draft
)
def remove_measure(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Take a measure out of the draft."""
    return _saved(context, wish, _leaving(context), "mal")


@plan.page("/barn/<uuid:child_id>/plan/utkast/hent/<int(max=100000):number>/<key>", on_draft())
def restoring(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show what is changed in the draft when a part of a version is brought back."""
    record, session, name = context.record, context.session, context.args["key"]
    child_id, by = record.log.child_id, record.by
    version = queries.row(session, child_id, context.args["number"], by)
    if not may_read(context, version):
        raise NotFoundError
    now = queries.draft(session, child_id, by)
    old = {**rules.EMPTY, **queries.content_of(session, version.id, by)}
    asked = now.content
    obstacles: list[str] = []
    try:
        asked = rules.restored(now.content, old, name)
    except RuleBrokenError as broken:
        obstacles = [messages.of(one) for one in broken.obstacles]
    context.shown([version.id, *by.ids(old)])
    return page(
        context,
        "plan/restoring.html",
        tab="plan",
        log=record.log,
        version=version,
        name=name,
        draft=now,
        obstacles=obstacles,
        chapters=differences.chapters(now.content, asked),
        words=differences.words,
        **wording(context, record.log, [now.content, old]),
        conflict=lost(context),
    )


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/hent/<int(max=100000):number>/<key>",
    on_draft(),
    LeaveSchema,
    again=restoring,
)
def restore(context: Context[PlanRecord], wish: SavePart) -> ResponseReturnValue:
    """Bring a part of a version back into the draft."""
    log, number, name = context.record.log, context.args["number"], context.args["key"]
    if not may_read(context, queries.row(context.session, log.child_id, number, context.record.by)):
        raise NotFoundError
    back = Restore(number, name, wish.seen_version)
    drafting.restore(context.work, log, back, writer(context))
    return redirect(url_for("plan.draft", child_id=log.child_id), code=303)


@plan.page("/barn/<uuid:child_id>/plan/utkast/endringer", on_draft())
def history(context: Context[PlanRecord]) -> ResponseReturnValue:
    """Show who has changed what of the draft, day by day, between the versions."""
    record, session = context.record, context.session
    child_id, by = record.log.child_id, record.by
    made = [one for one in queries.versions(session, child_id, by) if may_read(context, one)]
    contents = [queries.draft(session, child_id, by).content]
    said = queries.contents_of(session, [one.id for one in made], by)
    contents += [said[one.id] for one in made]
    called = rules.titles(contents)
    days: dict[tuple[int, date, str], dict[tuple[str, str], list[str]]] = {}
    for one in saves(context, by):
        since = next((row.number for row in made if row.created_at <= one.at), 0)
        told = days.setdefault((since, oslo_date(one.at), one.name), {})
        for path in one.paths:
            what, which, name = differences.place_of(path, called)
            words = f"{name} {_happened(one, path)}".strip()
            told.setdefault((what, which), []).extend([words] if words else [])
        if one.readers:
            told.setdefault(("Hvem som ser", called.get(one.readers, "")), [])
    context.shown([*(one.id for one in made), *by.ids(contents[0])])
    return page(
        context,
        "plan/history.html",
        tab="plan",
        log=record.log,
        days=days,
        newest=made[0].number if made else 0,
    )


def _happened(one: queries.DraftChange, path: str) -> str:
    """Return what happened to something as a whole when the draft was saved, in words, or none."""
    kinds = {"lagt til": one.added, "tatt ut": one.removed, "flyttet": one.moved}
    return next((words for words, paths in kinds.items() if path in paths), "")


@plan.action(
    "/barn/<uuid:child_id>/plan/utkast/versjon", on_making(), MakeVersionSchema, again=draft
)
def make_version(context: Context[PlanRecord], wish: MakeVersion) -> ResponseReturnValue:
    """Make the draft the next version, or send it for approval."""
    log = context.record.log
    commands.make_version(context.work, log, wish, context.record.by)
    return redirect(url_for("plan.show", child_id=log.child_id), code=303)


def _left_out(context: Context[PlanRecord], content: Content) -> list[Party]:
    """Return who must be among those who take part in an individuell plan, and is not yet."""
    if context.record.kind is not PlanKind.INDIVIDUELL_PLAN:
        return []
    return rules.left_out(content, queries.parties(context.work, context.record.log.child))


def _part(
    context: Context[PlanRecord],
    template: str,
    form: str,
    *,
    whole: bool = False,
    sections: Iterable[str] = (),
    part: Content | None = None,
    **values: Any,
) -> ResponseReturnValue:
    """Show the form of one part of the draft; `whole`: only for who may change all of it.

    The part is some `sections`, a `part` with a key, or new. What the actor has begun to write in
    the `form` is shown instead of what stands, with what he had seen then.
    """
    own, log = writer(context), context.record.log
    if whole and not own.whole:
        raise DeniedError
    if log.closed_at is not None and context.refused is None:
        return closed_plan(context, log.child_id)
    found = queries.draft(context.session, log.child_id, context.record.by)
    begun = NOTHING
    if form and own.writes(found.content, form):
        begun = written(context.work, Place(UnsavedOf.PLAN, log.child_id, form))
    now = {f"seen.{name}": rules.token(rules.section_of(found.content, name)) for name in sections}
    if not sections:
        now["seen_part"] = rules.part_token(found.content, part["key"] if part else None)
    now["seen_version"] = found.version
    sent = context.refused.typed if context.refused else begun.fields
    saved = _saved_first(context)
    return page(
        context,
        template,
        tab="plan",
        log=log,
        kind=context.record.kind,
        draft=found,
        form_name=form,
        begun=begun,
        drafted=Form(begun.fields, {}),
        seen={
            name: value if _renewed(name, saved) else sent.get(name, value)
            for name, value in now.items()
        },
        saved_first=saved,
        writer=own,
        **wording(context, log, [found.content]),
        areas=context.work.profile.development_areas,
        conflict=lost(context),
        now=context.now,
        today=context.work.today,
        WORDS=rules.WORDS,
        **values,
    )


def _measure_part(
    context: Context[PlanRecord],
    under: Content | None,
    found: Content | None,
    before: Content | None = None,
) -> ResponseReturnValue:
    """Show the form of a measure; who may change only his own can make nobody else responsible.

    `before`: the one that a new one comes instead of; where that was for some only, so begins this.
    """
    own, record = writer(context), context.record
    content = queries.draft(context.session, record.log.child_id, record.by).content
    people = people_named.candidates(context.work, record.log, content)
    if under is not None and not own.owns_goal(under):
        people = [one for one in people if one.username in own.names]
    more = {} if found else _choosing(context)
    more |= {"goal": under, "measure": found, "people": people, "before": before}
    more["narrow_before"] = before is not None and record.by.narrow(before["key"])
    form = context.args.get("key") or rules.NEW_MEASURE + context.args["goal_key"]
    return _part(context, "plan/measure.html", form, part=found, **more)


def _choosing(context: Context[PlanRecord], now: str = Visibility.EVERYONE) -> dict[str, Any]:
    """Return whom the actor may choose for a part, with who will see it."""
    readers = queries.readers(context.work, context.record.log)
    author, service_id = context.decision.basis, context.actor.service_id
    return choosing(context, readers, author, service_id, now)


def _served(context: Context[PlanRecord], wish: SavePart) -> SavePart:
    """Return a wish for a measure with the service of who is responsible."""
    service = people_named.service_of(context.session, wish.fields["responsible"])
    return replace(wish, fields={**wish.fields, "service_id": service})


def _leaving(context: Context[PlanRecord]) -> Change:
    key = context.args["key"]
    return lambda content, _: rules.without(content, key)


def _saved(
    context: Context[PlanRecord], wish: SavePart, change: Change, anchor: str
) -> ResponseReturnValue:
    """Save one part and go back to where it stands in the draft."""
    log = context.record.log
    drafting.save_part(context.work, log, wish, change, writer(context))
    return redirect(url_for("plan.draft", child_id=log.child_id, _anchor=anchor), code=303)


def _begun(
    context: Context[PlanRecord], content: Content, own: drafting.Writer
) -> list[tuple[str, str, datetime]]:
    """Return what the actor has begun to write in the draft's forms: what, where, since when."""
    child_id, called = context.record.log.child_id, rules.titles([content])
    found = unsaved.begun(context.work, UnsavedOf.PLAN, child_id)
    return [
        (_FORM_WORDS.get(form) or called[form.removeprefix(rules.NEW_MEASURE)], there, at)
        for form, at in sorted(found.items(), key=lambda one: one[1])
        if own.writes(content, form) and (there := _address(child_id, form))
    ]


def _address(child_id: UUID, form: str) -> str:
    """Return where a form of the draft is."""
    if form.startswith(rules.NEW_MEASURE):
        key = form.removeprefix(rules.NEW_MEASURE)
        return url_for("plan.new_measure", child_id=child_id, goal_key=key)
    if form in _FORMS:
        return url_for(_FORMS[form], child_id=child_id)
    return url_for(_FORMS_OF_KEYS[form[0]], child_id=child_id, key=form)


def _saved_first(context: Context[Any]) -> Iterable[str]:
    """Return the fields of a form that somebody else saved first; all, where it is not known."""
    if not lost(context):
        return ()
    error = context.refused and context.refused.error
    return (isinstance(error, ConflictError) and error.current) or rules.EMPTY


def _renewed(seen: str, saved_first: Iterable[str]) -> bool:
    """Say whether a number of a form is to be the one that stands now: both texts are shown."""
    fields = rules.SECTION_FIELDS.get(seen.removeprefix("seen."), saved_first)
    return any(one in saved_first for one in fields)
