"""The empty form of a log on paper: to write in by hand, one sheet for each meeting."""

from exports import house
from exports.house import CELL, CELL_SMALL, FORM, META, Block, Document, Row, Table

_FACTS = Table((44, 122), height=9)
_PEOPLE = Table((62, 52, 52), ("Navn", "Rolle og tjeneste", "Telefon"), height=9)
_DAYS = Table((30, 76, 60), ("Dato", "Hva", "Signatur"), height=9)
_AGREED = Table((86, 46, 34), ("Hva", "Hvem", "Innen"), height=9)
_BOX = Table((166,), height=26)
_ROWS, _MEETINGS = 7, 2


def document(kommune: str) -> Document:
    """Return the form of a kommune."""
    body: list[Block] = [
        house.SENDER(kommune),
        house.UNNUMBERED("Stafettlogg på papir"),
        META(
            "Til dem det gjelder, og dem som er med. Mappa ligger innelåst hos den som har "
            "stafettpinnen. Datoene for møter, evalueringer og nivå registreres også i Stafett."
        ),
        _FACTS(
            "Om loggen",
            "Tomme felt for barnet eller ungdommen, hvem som har stafettpinnen, og mappa",
            _about(),
        ),
        house.HEADING_2("Hvem er med"),
        _PEOPLE("Hvem er med", "Tomme rader til navn, rolle og telefon", _empty(3, 4)),
        house.HEADING_2("Viktige datoer"),
        META("Åpnet, samtykke sett, møte, evaluering, nytt nivå, ny stafettholder, avsluttet."),
        _DAYS("Viktige datoer", "Tomme rader til dato, hva som skjedde, og signatur", _empty(3, 4)),
    ]
    for _ in range(_MEETINGS):
        body += _meeting()
    return Document(
        FORM,
        title="Stafettlogg på papir",
        running="Stafettlogg på papir",
        marking="Unntatt offentlighet når den er fylt ut",
        printed="Skjema fra Stafett",
        body=tuple(body),
    )


def _about() -> list[Row]:
    names = (
        "Barnet eller ungdommen",
        "Født",
        "Foresatte, om noen",
        "Stafettholder",
        "Nivå",
        "Språk, tolk",
        "Mappa ligger",
    )
    return [(CELL_SMALL(name), CELL("")) for name in names]


def _meeting() -> list[Block]:
    when = [(CELL_SMALL(name), CELL("")) for name in ("Dato", "Til stede", "Vi ser på det igjen")]
    return [
        house.UNNUMBERED.of(house.Run("Møte"), new_page=True),
        _FACTS("Møte", "Tomme felt for dato og hvem som var med", when),
        *_box("Slik går det med det vi ble enige om"),
        *_box("Dette sier barnet eller ungdommen"),
        *_box("Dette sier foresatte, når de er med"),
        house.HEADING_2("Dette blir vi enige om"),
        _AGREED("Dette blir vi enige om", "Tomme rader: hva, hvem og innen når", _empty(3, _ROWS)),
    ]


def _box(title: str) -> tuple[Block, Block]:
    return house.HEADING_2(title), _BOX(title, "Et tomt felt til å skrive i", _empty(1, 1))


def _empty(columns: int, rows: int) -> list[Row]:
    return [(CELL(""),) * columns] * rows
