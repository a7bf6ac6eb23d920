"""What a referral to PPT builds on: what worried, what has been tried, and what came of it.

Ready Norwegian texts, chosen and formatted by the caller, who has left out what may not leave for
PPT. None stands for a part that the consent does not reach. There is no field for an address or an
identity number.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from exports import house
from exports.house import (
    CELL,
    CELL_SMALL,
    CELL_STRONG,
    MUTED_RUN,
    NORMAL,
    SAID,
    UPRIGHT,
    Block,
    Document,
    Paragraph,
    Row,
    Run,
    Table,
    under,
)
from exports.log import Fact, Person, Step, people, stated, steps
from exports.text import paragraphs

_TRIED = Table((54, 37, 24, 51), ("Tiltak", "Ansvarlig", "Når", "Hvordan det gikk"))


@dataclass(frozen=True, slots=True)
class Said:
    """Something written; `by` says who and when («3. mars 2027, Kari Demo»)."""

    by: str
    text: str
    own_words: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """A measure: for which goal, by whom, in which period, and what was said of it, oldest first.

    `results` are texts that begin with their day.
    """

    what: str
    how: str
    goal: str
    responsible: str
    service: str
    period: str
    status: str
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferralDocument:
    """All of it; `who` as in `Step`. `consents`: what each is for, whom it names, until when.

    `home` is who is spoken to there («Nora og familien»), `reads` who reads it, `decides` who says
    yes: each of them is one alone where no family does.
    """

    kommune: str
    marking: str
    marking_basis: str
    child: str
    born: str
    facts: tuple[Fact, ...]
    concerns: tuple[Said, ...] | None
    tried: tuple[Tried, ...] | None
    goes_well: tuple[Said, ...] | None
    family: tuple[Said, ...] | None
    steps: tuple[Step, ...]
    people: tuple[Person, ...]
    consents: tuple[str, ...]
    printed_at: str
    printed_by: str
    language: str = "nb"
    who: str = "Barnet"
    home: str = "Barnet og familien"
    reads: str = "familien"
    decides: str = "familien"


def document(referral: ReferralDocument) -> Document:
    """Return it as a document."""
    parts = (
        ("Dette har vært bekymringen", _said(referral.concerns)),
        ("Dette er prøvd", _tried(referral.tried)),
        ("Dette går bra", _said(referral.goes_well)),
        (f"Dette sier {referral.home}", _said(referral.family)),
        ("Nivå gjennom tiden", steps(referral.steps)),
        ("Hvem er med", people(referral.people)),
        ("Samtykke", map(NORMAL, referral.consents)),
    )
    body = [*_front(referral)]
    for number, (title, written) in enumerate(parts, 1):
        body.append(house.heading(number, title, new_page=number == 1))
        body += written
    return house.printed(
        referral,
        UPRIGHT,
        body,
        title=f"Til henvisning til PPT, {referral.child}",
        running=f"{referral.child} · Til henvisning til PPT",
    )


def _front(referral: ReferralDocument) -> Iterator[Block]:
    who = referral.who.lower()
    facts = stated(f"Om {who}", "Nivå, hvem som har stafettpinnen, og språk", referral.facts)
    note = (
        f"Her står bare det som er for alle rundt {who}, og som det er sagt ja til at PPT får "
        f"vite. Gå gjennom det med {referral.decides} før det sendes. Utskriften er registrert, "
        f"og {referral.reads} ser at den er gjort. Makuler den etter bruk."
    )
    return house.front(referral, "Til henvisning til PPT", facts, note=note)


def _said(texts: tuple[Said, ...] | None) -> Iterator[Block]:
    if not texts:
        yield _nothing(texts)
    for one in texts or ():
        yield SAID(one.by)
        yield from map(house.OWN_WORDS if one.own_words else NORMAL, paragraphs(one.text))


def _tried(measures: tuple[Tried, ...] | None) -> Iterator[Block]:
    if not measures:
        yield _nothing(measures)
        return
    about = "Hva, hvem som hadde ansvaret, når, og hvordan det gikk"
    yield _TRIED("Dette er prøvd", about, [_cells(one) for one in measures])


def _cells(one: Tried) -> Row:
    how = [CELL(one.how)] if one.how else []
    return (
        [CELL_STRONG(one.what), *how, *house.labelled(CELL_SMALL, "Mål:", one.goal)],
        under(CELL(one.responsible), one.service),
        CELL(one.period),
        [CELL_STRONG(one.status), *map(CELL, one.results)],
    )


def _nothing(part: tuple[object, ...] | None) -> Paragraph:
    text = "Samtykket til PPT gjelder ikke dette." if part is None else "Ingenting å vise."
    return NORMAL.of(Run(text, MUTED_RUN))
