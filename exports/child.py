"""A plan to give to the child: what it has said, what is agreed on, and room to draw."""

from collections.abc import Iterator

from exports import house
from exports.house import CELL_SMALL, KEPT, LARGE, NORMAL, OWN_WORDS, POINT, Table, run
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
_SMALL_FRAME, _FRAME, _PAGE_FRAME = (
    Table((house.TEXT_WIDTH,), height=height, frame=True) for height in (36, 105, 170)
)


def render(plan: PlanDocument) -> bytes:
    """Give the child's edition as a Word document; the same plan gives the same bytes."""
    body = [
        house.TITLE("Planen min"),
        house.SUBTITLE(plan.child),
        _room(_FRAME, "Her kan jeg tegne meg selv"),
        *_about_me(plan),
        *_wishes(plan),
        *_reached(plan),
        *_always(plan),
        house.heading(6, "En fin dag", house.NEW_PAGE),
        _room(_PAGE_FRAME, "Her kan jeg tegne en fin dag"),
    ]
    return house.shell(LARGE).pack(
        body,
        title=f"Planen min, {plan.child}",
        running=f"Planen min · {plan.child}",
        marking=plan.marking,
        printed=f"Skrevet ut {plan.printed_at} av {plan.printed_by}",
        language=plan.language,
    )


def _about_me(plan: PlanDocument) -> Iterator[str]:
    yield house.heading(1, "Om meg", house.NEW_PAGE)
    if plan.about_me.strip():
        yield from map(OWN_WORDS, paragraphs(plan.about_me))
    else:
        yield NORMAL("Her står det ikke noe ennå. Hva vil jeg at de voksne skal vite om meg?")
        yield _room(_FRAME, "Her kan jeg skrive eller tegne")


def _wishes(plan: PlanDocument) -> Iterator[str]:
    for number, (whose, title) in enumerate(_WISHES.items(), 2):
        goals = [goal for goal in plan.goals if goal.open and goal.whose is whose]
        if goals:
            yield house.heading(number, title, house.NEW_PAGE)
        for goal in goals:
            yield from _goal(goal)


def _goal(goal: Goal) -> Iterator[str]:
    yield house.HEADING_2(goal.text)
    agreed = [one for one in goal.measures if one.open]
    if agreed:
        yield KEPT("Dette er vi enige om:")
    for one in agreed:
        with_whom = run(f"  ·  {one.responsible}", house.MUTED_RUN) if one.responsible else ""
        yield POINT.of(run(one.what), with_whom, properties=house.KEEP_NEXT)
    if goal.success:
        yield KEPT.of(run("Da har vi klart det: ", house.MUTED_RUN), run(goal.success))
    yield _room(_SMALL_FRAME, "Her kan jeg tegne eller skrive")


def _reached(plan: PlanDocument) -> Iterator[str]:
    reached = [goal for goal in plan.goals if goal.reached]
    if reached:
        yield house.heading(5, "Dette har vi klart")
    yield from (POINT(goal.text) for goal in reached)


def _always(plan: PlanDocument) -> Iterator[str]:
    yield house.heading(7, "Jeg kan alltid", house.NEW_PAGE)
    yield from map(POINT, _ALWAYS)
    if plan.contacts:
        name = plan.contacts[0].name
        yield house.NOTE(f"{name} passer på at vi gjør det vi er enige om. Spør gjerne {name}.")


def _room(frame: Table, what: str) -> str:
    """Write a frame to draw in, and the line that keeps it from what follows."""
    return frame("Plass til å tegne", what, [(CELL_SMALL(what),)]) + house.GAP("")
