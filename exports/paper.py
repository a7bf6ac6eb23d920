"""The empty form of a log on paper: to write in by hand, one sheet for each meeting."""

from exports import house
from exports.house import CELL, CELL_SMALL, META, Row, Table

_FACTS = Table((44, 122), height=9)
_PEOPLE = Table((62, 52, 52), ("Navn", "Rolle og tjeneste", "Telefon"), height=9)
_DAYS = Table((30, 76, 60), ("Dato", "Hva", "Signatur"), height=9)
_BOX = Table((166,), height=24, frame=True)
_AGREED = Table((86, 46, 34), ("Hva", "Hvem", "Innen"), height=9)
_ROWS, _MEETINGS = 7, 2


def render(kommune: str) -> bytes:
    """Give the form as a Word document; the same kommune gives the same bytes."""
    body = [
        house.SENDER(kommune),
        house.UNNUMBERED("Stafettlogg på papir"),
        META(
            "Til familien og dem som er med. Mappa ligger innelåst hos den som har stafettpinnen. "
            "Datoene for møter, evalueringer og nivå registreres også i Stafett."
        ),
        _FACTS(
            "Om loggen", "Tomme felt for barnet, hvem som har stafettpinnen, og mappa", _about()
        ),
        house.HEADING_2("Hvem er med"),
        _PEOPLE("Hvem er med", "Tomme rader til navn, rolle og telefon", _empty(3, 4)),
        house.HEADING_2("Viktige datoer"),
        META("Åpnet, samtykke sett, møte, evaluering, nytt nivå, ny stafettholder, avsluttet."),
        _DAYS("Viktige datoer", "Tomme rader til dato, hva som skjedde, og signatur", _empty(3, 4)),
    ]
    for _ in range(_MEETINGS):
        body += _meeting()
    return house.shell(house.FORM).pack(
        body,
        title="Stafettlogg på papir",
        running="Stafettlogg på papir",
        marking="Unntatt offentlighet når den er fylt ut",
        printed="Skjema fra Stafett",
    )


def _about() -> list[Row]:
    names = (
        "Barnet",
        "Født",
        "Foresatte",
        "Stafettholder",
        "Nivå",
        "Språk, og tolk",
        "Mappa ligger",
    )
    return [(CELL_SMALL(name), CELL("")) for name in names]


def _meeting() -> list[str]:
    return [
        house.UNNUMBERED.of(house.run("Møte"), properties=house.NEW_PAGE),
        _FACTS("Møte", "Tomme felt for dato og hvem som var med", _when()),
        *_box("Slik går det med det vi ble enige om"),
        *_box("Dette sier barnet"),
        *_box("Dette sier foresatte"),
        house.HEADING_2("Dette blir vi enige om"),
        _AGREED("Dette blir vi enige om", "Tomme rader: hva, hvem og innen når", _empty(3, _ROWS)),
    ]


def _when() -> list[Row]:
    return [(CELL_SMALL(name), CELL("")) for name in ("Dato", "Til stede", "Vi ser på det igjen")]


def _box(title: str) -> list[str]:
    return [house.HEADING_2(title), _BOX(title, "Et tomt felt til å skrive i", [(CELL(""),)])]


def _empty(columns: int, rows: int) -> list[Row]:
    return [(CELL(""),) * columns] * rows
