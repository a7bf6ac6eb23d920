"""One paper for the next meeting about a child who has no individuell plan.

Who comes, what was agreed, what is new, and what waits for an answer, with room to write. Ready
Norwegian texts, chosen and formatted by the caller: only what everyone in the log may read, since
it lies on a table. There is no field for an address or an identity number.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from exports import house
from exports.house import (
    CELL,
    CELL_NUMBER,
    CELL_SMALL,
    CELL_STRONG,
    MUTED_RUN,
    NORMAL,
    POINT,
    SAID,
    STRONG_RUN,
    WIDE,
    Block,
    Document,
    Paragraph,
    Row,
    Run,
    Table,
    under,
)
from exports.log import Fact, Person
from exports.meeting import agreed
from exports.referral import Said
from exports.text import paragraphs

_WHO = Table((96, 66, 66, 33), ("Navn", "Rolle", "Tjeneste", "Til stede"))
_OPEN = Table(
    (80, 38, 27, 52, 64),
    ("Tiltak, og til hvilket mål", "Ansvarlig", "Frist", "Slik er det nå", "Notater"),
)


@dataclass(frozen=True, slots=True)
class Open:
    """A measure that is under way; `late`: its day has passed."""

    what: str
    goal: str
    responsible: str
    service: str
    due: str
    late: bool
    status: str
    newest: str


@dataclass(frozen=True, slots=True)
class PackDocument:
    """All of it. `since` is the day from which something is new («3. mars 2027»).

    `waits` are sentences, each of which waits for somebody's answer.
    """

    marking: str
    child: str
    facts: tuple[Fact, ...]
    people: tuple[Person, ...]
    open: tuple[Open, ...]
    since: str
    news: tuple[Said, ...]
    waits: tuple[str, ...]
    printed_at: str
    printed_by: str
    language: str = "nb"


def document(pack: PackDocument) -> Document:
    """Return it as a document."""
    parts = (
        ("Hvem kommer", _people(pack)),
        ("Dette ble vi enige om sist", _open(pack)),
        (f"Nytt siden {pack.since}", _news(pack)),
        ("Dette venter på svar", _waits(pack)),
    )
    body: list[Block] = [
        house.TITLE("Til møtet"),
        house.SUBTITLE(pack.child),
        house.LEAD.of(*_facts(pack)),
    ]
    for number, (title, written) in enumerate(parts, 1):
        body.append(house.heading(number, title))
        body += written
    body += agreed(len(parts) + 1)
    return house.printed(
        pack,
        WIDE,
        body,
        title=f"Til møtet, {pack.child}",
        running=f"{pack.child} · Til møtet",
    )


def _facts(pack: PackDocument) -> Iterator[Run]:
    for number, fact in enumerate(pack.facts):
        yield Run(f"{house.BETWEEN if number else ''}{fact.name}: ")
        yield Run(fact.text, STRONG_RUN)
    yield Run(house.BETWEEN if pack.facts else "")
    yield Run("Her står bare det som er for alle som leser loggen.")


def _people(pack: PackDocument) -> Iterator[Block]:
    rows = [
        (CELL_STRONG(one.name), CELL(one.role), CELL(one.service), CELL("☐")) for one in pack.people
    ]
    about = "Navn, rolle og tjeneste. Siste kolonne er til å krysse av for den som er til stede"
    yield _WHO("Hvem kommer", about, rows)


def _open(pack: PackDocument) -> Iterator[Block]:
    if not pack.open:
        yield _nothing("Ingen tiltak er i gang.")
        return
    about = "Hva, hvem, når det ses på, og hvordan det er nå. Siste kolonne er tom, til notater"
    yield _OPEN("Dette ble vi enige om sist", about, [_cells(one) for one in pack.open])


def _cells(one: Open) -> Row:
    due = CELL_NUMBER(f"Over tiden: {one.due}") if one.late else CELL(one.due)
    return (
        [CELL_STRONG(one.what), *house.labelled(CELL_SMALL, "Mål:", one.goal)],
        under(CELL(one.responsible), one.service),
        due,
        under(CELL(one.status), one.newest),
        CELL(""),
    )


def _news(pack: PackDocument) -> Iterator[Block]:
    if not pack.news:
        yield _nothing("Ingenting er skrevet.")
    for one in pack.news:
        yield SAID(one.by)
        yield from map(house.OWN_WORDS if one.own_words else NORMAL, paragraphs(one.text))


def _waits(pack: PackDocument) -> Iterator[Block]:
    if not pack.waits:
        yield _nothing("Ingenting.")
    yield from map(POINT, pack.waits)


def _nothing(text: str) -> Paragraph:
    return NORMAL.of(Run(text, MUTED_RUN))
