"""A child's printed stafettlogg: where it stands, who takes part, and what is written.

Ready Norwegian texts, chosen and formatted by the caller, who has left out what the reader may not
see and where people work when the child's address is protected. There is no field for an address
or an identity number.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from exports import house
from exports.house import (
    CELL,
    CELL_SMALL,
    CELL_STRONG,
    MUTED_RUN,
    NORMAL,
    SAID,
    STRONG_RUN,
    UPRIGHT,
    Block,
    Document,
    Filled,
    Run,
    Table,
    under,
)
from exports.text import paragraphs

_FACTS = Table((44, 122))
_PEOPLE = Table((58, 58, 50), ("Navn", "Rolle", "Tjeneste"))


@dataclass(frozen=True, slots=True)
class Fact:
    """What stands on the front: «Nivå», «2: Flere lokale tjenester»."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who takes part; the service may be empty."""

    name: str
    role: str
    service: str


@dataclass(frozen=True, slots=True)
class Step:
    """A change of level, `registered` on another day than its own, or empty.

    `voice` is what the child says of it, `how` how that is known, `more` what else was said; `who`
    stands for the child («Barnet», «Ungdommen»).
    """

    day: str
    registered: str
    level: str
    reason: str
    voice: str
    how: str
    more: tuple[str, ...]
    by: str
    who: str = "Barnet"


@dataclass(frozen=True, slots=True)
class Written:
    """One entry. `month` groups it («Mars 2027»); `own_words`: the child's own words.

    `measure` is what the measure is called that it tells of, if it tells of one. `corrected` says
    when and why it was, `limited` that not everybody in the log may read it.
    """

    month: str
    when: str
    who: str
    kind: str
    measure: str
    text: str
    own_words: bool
    corrected: str
    limited: str


@dataclass(frozen=True, slots=True)
class LogDocument:
    """All of a printed log; `reads` is who reads it at home («familien», «Nora»)."""

    kommune: str
    marking: str
    marking_basis: str
    name: str
    child: str
    born: str
    facts: tuple[Fact, ...]
    people: tuple[Person, ...]
    steps: tuple[Step, ...]
    entries: tuple[Written, ...]
    printed_at: str
    printed_by: str
    language: str = "nb"
    reads: str = "familien"


def document(log: LogDocument) -> Document:
    """Return the log as a document."""
    body = [*_front(log)]
    parts = (
        ("Hvem er med", people(log.people)),
        ("Nivå gjennom tiden", steps(log.steps)),
        ("Skrevet", _entries(log)),
    )
    for number, (title, written) in enumerate(parts, 1):
        body.append(house.heading(number, title, new_page=number == 1))
        body += written
    return house.printed(
        log,
        UPRIGHT,
        body,
        title=f"{log.name}, {log.child}",
        running=f"{log.child} · {log.name}",
    )


def _front(log: LogDocument) -> Iterator[Block]:
    facts = stated("Om loggen", "Nivå, stafettholder, koordinator og neste evaluering", log.facts)
    note = (
        f"Her står det {log.printed_by} kan lese, {log.printed_at}. "
        f"Utskriften er registrert, og {log.reads} ser at den er gjort. "
        "Oppbevar den slik at ingen andre leser den, og makuler den etter bruk."
    )
    return house.front(log, log.name, facts, note=note)


def stated(name: str, about: str, facts: Iterable[Fact]) -> Filled:
    """Give the table of the front that says what a document is about."""
    return _FACTS(name, about, [(CELL_SMALL(fact.name), CELL(fact.text)) for fact in facts])


def people(those: Sequence[Person]) -> Iterator[Block]:
    """Give who takes part."""
    if not those:
        yield NORMAL.of(Run("Ingen andre er med ennå.", MUTED_RUN))
        return
    rows = [(CELL_STRONG(one.name), CELL(one.role), CELL(one.service)) for one in those]
    yield _PEOPLE("Hvem er med", "Navn, rolle og tjeneste", rows)


def steps(taken: Sequence[Step]) -> Iterator[Block]:
    """Give how the level has changed."""
    if not taken:
        yield NORMAL.of(Run("Loggen har ikke hatt noe nivå ennå.", MUTED_RUN))
        return
    rows = []
    for step in taken:
        why = [CELL(step.reason)] if step.reason else []
        if step.voice:
            why += house.labelled(CELL, f"{step.who}:", step.voice)
        why += [CELL_SMALL(text) for text in (step.how, *step.more, step.by) if text]
        rows.append((under(CELL(step.day), step.registered), CELL_STRONG(step.level), why))
    columns = ("Dato", "Nivå", f"Hvorfor, og hva {taken[-1].who.lower()} mener")
    levels = Table((36, 46, 84), columns)
    yield levels("Nivå gjennom tiden", "Når nivået ble endret, til hva, og hvorfor", rows)


def _entries(log: LogDocument) -> Iterator[Block]:
    if not log.entries:
        yield NORMAL.of(Run("Det er ikke skrevet noe ennå.", MUTED_RUN))
    for month, entries in groupby(log.entries, key=lambda one: one.month):
        yield house.HEADING_2(month)
        for one in entries:
            more = [part for part in (one.kind, one.corrected, one.limited) if part]
            yield SAID.of(
                Run(one.when, STRONG_RUN),
                Run("".join(house.BETWEEN + part for part in (one.who, *more))),
            )
            if one.measure:
                yield NORMAL.of(Run(one.measure, STRONG_RUN), keep=bool(one.text))
            yield from map(house.OWN_WORDS if one.own_words else NORMAL, paragraphs(one.text))
