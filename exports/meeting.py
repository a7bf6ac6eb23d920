"""A plan to bring to a meeting: what is open, and room to write down what one agrees on."""

from collections.abc import Iterator, Mapping

from exports import house
from exports.house import (
    CELL,
    CELL_NUMBER,
    CELL_SMALL,
    CELL_STRONG,
    META,
    MUTED_RUN,
    NORMAL,
    WIDE,
    Block,
    Document,
    Row,
    Run,
    Table,
    under,
)
from exports.model import Goal, Measure, PlanDocument
from exports.plan import days_ahead, goal_heading, stands, who_does_what
from exports.text import paragraphs

_WHO = Table((66, 80, 115), ("Navn", "Rolle", "Bidrar med"))
_WHO_AND_REACHED = Table((54, 66, 83, 58), ("Navn", "Rolle", "Bidrar med", "Kontakt"))
_OPEN = Table(
    (12, 70, 36, 23, 58, 62),
    ("Nr", "Tiltak, og hvordan vi gjør det", "Ansvarlig", "Vurderes", "Slik er det nå", "Notater"),
)
_AGREED = Table((131, 76, 54), ("Hva", "Hvem", "Innen"), height=11)
_LINES = 8


def document(plan: PlanDocument) -> Document:
    """Return the meeting's edition."""
    body = (
        house.TITLE("Til møtet"),
        house.SUBTITLE(plan.child),
        house.LEAD(_about(plan)),
        house.heading(1, "Hvem gjør hva"),
        *_who(plan),
        house.heading(2, "Åpne tiltak", new_page=True),
        *_open(plan),
        house.heading(3, "Møter og overganger"),
        *_meetings(plan),
        *agreed(4),
    )
    return house.printed(
        plan,
        WIDE,
        body,
        title=f"Til møtet: {plan.kind}, {plan.child}, versjon {plan.version}",
        running=f"{plan.child} · Til møtet, versjon {plan.version}",
    )


def agreed(number: int) -> Iterator[Block]:
    """Give the last part of a paper for a meeting: empty rows for what one agrees on."""
    yield house.heading(number, "Dette blir vi enige om", keep=True)
    yield _AGREED(
        "Dette blir vi enige om",
        "Tomme rader til hva som skal gjøres, av hvem og innen når",
        [(CELL(""),) * 3] * _LINES,
        together=True,
    )


def _about(plan: PlanDocument) -> str:
    revision = f" Neste revisjon er {plan.next_revision}." if plan.next_revision else ""
    remember = f" {plan.speaks}." if plan.speaks else ""
    state = "" if plan.in_force else f" {plan.state}."
    return (
        f"{plan.kind}, versjon {plan.version}, {plan.dated}.{state}{revision} "
        f"Her står bare det som er for alle som leser planen.{remember}"
    )


def _who(plan: PlanDocument) -> Iterator[Block]:
    if not plan.participants:
        yield NORMAL.of(Run("Ingen er skrevet inn ennå.", MUTED_RUN))
        return
    yield who_does_what(plan.participants, _WHO, _WHO_AND_REACHED)


def _open(plan: PlanDocument) -> Iterator[Block]:
    goals = [goal for goal in plan.goals if goal.open]
    if not goals:
        yield NORMAL.of(Run("Ingen mål er i gang.", MUTED_RUN))
    for goal in goals:
        yield from _goal(goal)


def _goal(goal: Goal) -> Iterator[Block]:
    yield from goal_heading(goal)
    steps = {one.label: one.text for one in goal.subgoals}
    rows = [_measure_cells(one, steps) for one in goal.measures if one.open]
    if rows:
        about = (
            "Hva, hvem, når det vurderes og hvordan det er nå. Siste kolonne er tom, til notater"
        )
        yield _OPEN(f"Åpne tiltak til mål {goal.number}", about, rows)
    else:
        yield META.of(Run("Ingen åpne tiltak.", MUTED_RUN))


def _measure_cells(one: Measure, steps: Mapping[str, str]) -> Row:
    what = [CELL_STRONG(one.what)]
    if one.how:
        what.append(CELL(one.how))
    if place := house.BETWEEN.join(filter(None, (one.where, one.scope))):
        what.append(CELL_SMALL(place))
    if served := house.BETWEEN.join(steps[it] for it in one.subgoals if it in steps):
        what += house.labelled(CELL_SMALL, "Til:", served)
    return (
        CELL_NUMBER(str(one.number)),
        what,
        under(CELL(one.responsible), one.service),
        CELL(one.evaluate),
        stands(one),
        CELL(""),
    )


def _meetings(plan: PlanDocument) -> Iterator[Block]:
    texts = paragraphs(plan.meetings_and_transitions)
    yield from days_ahead(plan)
    yield from map(NORMAL, texts)
    if not (texts or plan.next_meeting or plan.next_revision):
        yield NORMAL.of(Run("Ikke fylt ut ennå.", MUTED_RUN))
