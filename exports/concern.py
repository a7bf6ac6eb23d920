"""A printed concern: what was seen, what has been said and tried, and what was decided.

Ready Norwegian texts, chosen and formatted by the caller, for the author and the leader alone.
There is no field for an address or an identity number.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from exports import house
from exports.house import META, NORMAL, UPRIGHT, Block, Document
from exports.log import Fact, stated
from exports.text import paragraphs


@dataclass(frozen=True, slots=True)
class Part:
    """A text with its heading; `by` says who wrote it and when, where another than the author."""

    title: str
    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class ConcernDocument:
    """All of a printed concern."""

    kommune: str
    marking: str
    marking_basis: str
    child: str
    born: str
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...]
    printed_at: str
    printed_by: str
    language: str = "nb"


def document(concern: ConcernDocument) -> Document:
    """Return the concern as a document."""
    body = [*_front(concern)]
    for number, part in enumerate(concern.parts, 1):
        body.append(house.heading(number, part.title, new_page=number == 1))
        if part.by:
            body.append(META(part.by))
        body += map(NORMAL, paragraphs(part.text))
    return house.printed(
        concern,
        UPRIGHT,
        body,
        title=f"Bekymring for {concern.child}",
        running=f"{concern.child} · Bekymring",
    )


def _front(concern: ConcernDocument) -> Iterator[Block]:
    facts = stated(
        "Om bekymringen", "Hvem som skrev, når, hvor bekymret, og hva det gjelder", concern.facts
    )
    note = (
        "Bare den som skrev bekymringen, og lederen kan lese den i Stafett. "
        "Utskriften er registrert. Gi den bare til den som trenger den, og makuler den etter bruk."
    )
    return house.front(concern, "Bekymring", facts, note=note)
