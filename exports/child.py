"""A plan to give to the child: what it has said, what is agreed on, and room to draw."""

from collections.abc import Iterator

from exports import house
from exports.house import (
    KEPT,
    LARGE,
    MUTED_RUN,
    NORMAL,
    OWN_WORDS,
    POINT,
    Block,
    Document,
    Room,
    Run,
)
from exports.model import Goal, PlanDocument, Whose
from exports.text import paragraphs

_WISHES = {
    Whose.CHILD: "Dette vil jeg",
    Whose.PARENTS: "Dette vil familien min",
    Whose.SERVICES: "Dette vil de som hjelper meg",
}
_ALWAYS = (
    "si hva jeg synes, og ombestemme meg",
    "be om at noe i planen blir endret",
    "spørre om ord jeg ikke forstår",
    "spørre hvem som har lest planen min",
    "ha med en voksen jeg er trygg på, når noen snakker om meg",
)
_LINES, _PICTURE, _DAY = 36, 76, 135  # mm: heights of rooms


def document(plan: PlanDocument) -> Document:
    """Return the child's edition."""
    body = (
        house.TITLE("Planen min"),
        house.SUBTITLE(plan.child),
        *(() if plan.in_force else [NORMAL("Denne planen gjelder ikke nå.")]),
        Room("Her kan jeg tegne meg selv", _PICTURE),
        *_about_me(plan),
        *_wishes(plan),
        *_reached(plan),
        *_always(plan),
        house.heading(6, "En fin dag"),
        Room("Her kan jeg tegne en fin dag", _DAY),
    )
    return house.printed(
        plan,
        LARGE,
        body,
        title=f"Planen min, {plan.child}",
        running=f"Planen min · {plan.child}",
    )


def _about_me(plan: PlanDocument) -> Iterator[Block]:
    yield house.heading(1, "Om meg")
    if plan.about_me.strip():
        yield from map(OWN_WORDS, paragraphs(plan.about_me))
    else:
        yield NORMAL("Her står det ikke noe ennå. Hva vil jeg at de voksne skal vite om meg?")
        yield Room("Her kan jeg skrive eller tegne", _PICTURE)


def _wishes(plan: PlanDocument) -> Iterator[Block]:
    for number, (whose, title) in enumerate(_WISHES.items(), 2):
        goals = [goal for goal in plan.goals if goal.open and goal.whose is whose]
        if goals:
            yield house.heading(number, title)
        for goal in goals:
            yield from _goal(goal)


def _goal(goal: Goal) -> Iterator[Block]:
    yield house.HEADING_2(goal.text)
    agreed = [one for one in goal.measures if one.open]
    if agreed:
        yield KEPT("Dette er vi enige om:")
    for one in agreed:
        whom = (Run(f"{house.BETWEEN}{one.responsible}", MUTED_RUN),) if one.responsible else ()
        yield POINT.of(Run(one.what), *whom, keep=True)
    if goal.success:
        yield from house.labelled(KEPT, "Da har vi klart det:", goal.success)
    yield Room("Her kan jeg tegne eller skrive", _LINES)


def _reached(plan: PlanDocument) -> Iterator[Block]:
    reached = [goal for goal in plan.goals if goal.reached]
    if reached:
        yield house.heading(5, "Dette har vi klart")
    yield from (POINT(goal.text) for goal in reached)


def _always(plan: PlanDocument) -> Iterator[Block]:
    yield house.heading(7, "Jeg kan alltid")
    yield from (POINT.of(Run(text), keep=True) for text in _ALWAYS)
    if plan.contacts:
        name, call = plan.contacts[0].name, plan.contacts[0].call
        ask = f"Du kan alltid ringe og spørre: {call}." if call else "Du kan alltid spørre."
        yield house.NOTE(f"{name} passer på at vi gjør det vi er enige om. {ask}")
