"""The house style of all documents, and what a document is made of: paragraphs, tables and rooms.

An edition says here what stands in it, once; `exports.word` says how that becomes a file. Every
look is a style with a name: what people change in Word stays in keeping.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from exports.text import is_rtl

PETROL, INK, MUTED = "0A5C63", "1E2B2F", "4C5D62"  # 7.7, 14.6 and 6.9 to 1 on white
NUMBER, LINE, TINT, ADDED = "3E7C82", "CFDADB", "EDF4F4", "DDECEC"
VOICE = "B5532B"  # the child's own words, and nothing else

TEXT_WIDTH = 166.0  # mm: A4 between its margins
WIDE_WIDTH = 261.0  # the same of A4 on its side
FRONT_LOGO, TOP_LOGO = 18.0, 7.0  # mm high: above the sender on a front, and on top of a page
LOGO = "Kommunens logo"  # what it is called for those who listen to the page
BETWEEN = "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}·  "  # two facts: a line breaks after the dot alone
_HIGH = 23  # lines: some 100 mm
_PAGE = 36  # lines: some 155 mm, which any page has room for
_MM_A_LINE = 4.3
_MM_A_CHARACTER = 1.8  # about


# ---- paragraphs and runs ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """How some words differ from their paragraph; colours are hexadecimal, empty as around them."""

    name: str
    color: str = ""
    bold: bool = False
    strike: bool = False
    underline: str = ""
    fill: str = ""


class Run(NamedTuple):
    """Words of one look; `light` is regular weight in a bold paragraph."""

    text: str
    look: Look | None = None
    light: bool = False


class Paragraph(NamedTuple):
    """A paragraph. Its first letter decides the direction, labels and muted words aside.

    `label` stands where the style's indent hangs. `keep`: on the page of what follows; `new_page`:
    the first on its own. `number` is a heading's place in the contents, 0 if it has none.
    """

    style: "Style"
    runs: tuple[Run, ...]
    label: str = ""
    keep: bool = False
    new_page: bool = False
    number: int = 0

    @property
    def text(self) -> str:
        """What it says, without its label."""
        runs = self.runs
        return runs[0].text if len(runs) == 1 else "".join([run.text for run in runs])

    @property
    def rtl(self) -> bool:
        """Whether it runs from right to left, as what it is called beside it then does too."""
        said = [run.text for run in self.runs if run.look is not MUTED_RUN]
        return is_rtl(said[0] if len(said) == 1 else "".join(said))


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """A paragraph style. Sizes and spaces in points."""

    name: str
    size: float
    color: str = INK
    bold: bool = False
    before: float = 0
    after: float = 0
    line: float = 1.15
    keep: bool = False  # on the page of what follows
    whole: bool = False  # not broken across pages
    bar: str = ""  # colour of a bar at the left
    fill: str = ""  # ground
    box: str = ""  # colour of a frame
    left: float = 0  # indents in mm
    right: float = 0
    hanging: float = 0
    outline: int | None = None  # level among the headings
    tabs: tuple[float, ...] = ()  # mm from the left
    right_tab: float = 0
    in_list: int = 0  # 1 numbers, 2 points

    def __call__(self, text: str) -> Paragraph:
        """Return a paragraph of one text."""
        return Paragraph(self, (Run(text),))

    def of(
        self, *runs: Run, label: str = "", keep: bool = False, new_page: bool = False
    ) -> Paragraph:
        """Return a paragraph of several looks, or one that breaks pages in another way."""
        return Paragraph(self, runs, label, keep, new_page)


NORMAL = Style("Normal", 10.5, after=6, line=1.2)
TITLE = Style("Title", 38, PETROL, bold=True, before=128, after=2, line=1.0, keep=True)
SUBTITLE = Style("Subtitle", 22, after=4, line=1.1)
HEADING_1 = Style(
    "Heading 1", 19, PETROL, bold=True, before=20, after=8, line=1.05, keep=True, whole=True,
    outline=0, left=10, hanging=10, in_list=1,
)  # fmt: skip
HEADING_2 = Style(
    "Heading 2", 13.5, PETROL, bold=True, before=16, after=3, line=1.1, keep=True, whole=True,
    outline=1,
)  # fmt: skip
HEADER = Style("Header", 9, MUTED, line=1.0, right_tab=TEXT_WIDTH)
FOOTER = Style("Footer", 9, MUTED, line=1.0, right_tab=TEXT_WIDTH)
TOC_1 = Style("toc 1", 11, before=4, after=4, line=1.1, tabs=(10, 72))
SENDER = Style("Stafett avsender", 12.5, bold=True)
UNNUMBERED = Style(
    "Stafett overskrift", 19, PETROL, bold=True, before=23, after=8, line=1.05, keep=True,
    outline=0,
)  # fmt: skip
BORN = Style("Stafett født", 12, MUTED, after=72, line=1.25)
LEAD = Style("Stafett ingress", 12, MUTED, after=8, line=1.25, keep=True)
META = Style("Stafett meta", 9.5, MUTED, after=4, keep=True)
SAID = Style("Stafett skrevet av", 9.5, MUTED, before=8, after=3, keep=True)
KEPT = Style("Stafett hvorfor", 10.5, after=5, line=1.2, keep=True)
SUBGOAL = Style("Stafett delmål", 10.5, after=3, line=1.2, left=20, hanging=20, tabs=(20,))
OWN_WORDS = Style("Stafett stemme", 14, after=6, line=1.4, bar=VOICE, left=5)
NOTE = Style(
    "Stafett merknad", 10.5, before=16, after=10, line=1.25, whole=True, bar=PETROL, fill=TINT,
    left=5,
)  # fmt: skip
MARKING = Style(
    "Stafett merking", 9.5, PETROL, bold=True, before=40, whole=True, box=PETROL, left=3, right=98
)
TABLE_HEAD = Style("Stafett tabellhode", 9, PETROL, bold=True, keep=True)
CELL = Style("Stafett celle", 9.5, line=1.12)
CELL_STRONG = Style("Stafett celle sterk", 9.5, bold=True, line=1.12)
CELL_SMALL = Style("Stafett celle liten", 9, MUTED, line=1.12)
CELL_NUMBER = Style("Stafett nummer", 9.5, PETROL, bold=True, line=1.12)
GAP = Style("Stafett mellomrom", 1, line=1.0)
POINT = Style("Stafett punkt", 10.5, after=4, line=1.2, left=6, hanging=6, in_list=2)

STYLES = (
    NORMAL, TITLE, SUBTITLE, HEADING_1, HEADING_2, HEADER, FOOTER, TOC_1, SENDER, BORN, UNNUMBERED,
    LEAD, META, SAID, KEPT, SUBGOAL, OWN_WORDS, NOTE, MARKING, TABLE_HEAD, CELL, CELL_STRONG,
    CELL_SMALL, CELL_NUMBER, GAP, POINT,
)  # fmt: skip

MUTED_RUN = Look("Stafett svak", MUTED)
STRONG_RUN = Look("Stafett sterk", bold=True)
VOICE_RUN = Look("Stafett barnets ord", VOICE, bold=True)
OLD_RUN = Look("Stafett gammelt ord", MUTED, strike=True)
NEW_RUN = Look("Stafett nytt ord", underline=PETROL, fill=ADDED)
LOOKS = (MUTED_RUN, STRONG_RUN, VOICE_RUN, OLD_RUN, NEW_RUN)


def labelled(style: Style, label: str, text: str) -> list[Paragraph]:
    """Return a text behind what it is called; below it, where it runs from right to left."""
    if is_rtl(text):
        return [style.of(Run(label, MUTED_RUN), keep=True), style(text)]
    return [style.of(Run(f"{label} ", MUTED_RUN), Run(text))]


# ---- tables, and room to write and draw ------------------------------------------------------

Cell = Paragraph | list[Paragraph]
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table's columns: widths in mm (all of the page), heads, and the least height of a row.

    Text stands on the page's margin; only thin lines between rows. The header row is repeated on
    every page. Without heads the first cell of a row names what stands in the second.
    """

    widths: tuple[float, ...]
    heads: tuple[str, ...] = ()
    height: float = 0

    def __call__(
        self, caption: str, about: str, rows: Sequence[Row], *, together: bool = False
    ) -> "Filled":
        """Return the table with its rows; caption and description are for those who listen."""
        return Filled(self, caption, about, rows, together)


class Filled(NamedTuple):
    """A table with its rows; `together` keeps all of it on one page, if it fits (`is_kept`)."""

    table: Table
    caption: str
    about: str
    rows: Sequence[Row]
    together: bool


def under(above: Paragraph, text: str) -> Cell:
    """Return a cell with a small text under another, if there is one."""
    return [above, CELL_SMALL(text)] if text else above


def is_high(table: Table, row: Row) -> bool:
    """Say whether a row is higher than some 100 mm: kept whole it could leave half a page white."""
    return _lines(table, row) > _HIGH


def is_kept(filled: Filled) -> bool:
    """Say whether a table is kept on one page; what is higher than a page would run out of it."""
    return filled.together and sum(_lines(filled.table, row) for row in filled.rows) <= _PAGE


def _lines(table: Table, row: Row) -> float:
    """Return about how many lines high a row is."""
    return max(table.height / _MM_A_LINE, *map(_lines_of, row, table.widths))


def _lines_of(cell: Cell, width: float) -> float:
    lines = 0.0
    for paragraph in cell if isinstance(cell, list) else (cell,):
        text = paragraph.text
        lines += 1 + len(text) * _MM_A_CHARACTER / width + text.count("\n")
    return lines


class Room(NamedTuple):
    """A frame to draw or write in: what it is for, and its height in mm."""

    what: str
    height: float


ROOM = "Plass til å tegne"
"""What a room is called for those who listen to the page."""


class Contents(NamedTuple):
    """The contents: each numbered heading with a few words of what stands there."""

    entries: Sequence[tuple[str, str]]


Block = Paragraph | Filled | Room | Contents


# ---- documents -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """What an edition is printed on: how the page lies, and the styles that differ there.

    `front`: the first page is a front, with no line on top.
    """

    wide: bool = False
    front: bool = True
    styles: tuple[Style, ...] = ()

    def style(self, style: Style) -> Style:
        """Return a style as it is on this paper."""
        return next((one for one in self.styles if one.name == style.name), style)


UPRIGHT = Paper()
WIDE = Paper(
    wide=True,
    front=False,
    styles=(
        replace(TITLE, size=24, before=0, after=0),
        replace(SUBTITLE, size=15, after=2),
        replace(HEADING_1, size=15.5, before=14, after=5, left=0, hanging=0, in_list=0),
        replace(HEADING_2, size=12, before=12),
        replace(HEADER, right_tab=WIDE_WIDTH),
        replace(FOOTER, right_tab=WIDE_WIDTH),
    ),
)
"""To write on at a table: on its side, with room for notes."""
FORM = Paper(front=False)
"""A form to fill in by hand."""
LARGE = Paper(
    front=False,
    styles=(
        replace(NORMAL, size=16, after=8),
        replace(TITLE, size=40, before=0),
        replace(SUBTITLE, size=24, after=10),
        replace(HEADING_1, size=28, before=16, left=0, hanging=0, in_list=0),
        replace(HEADING_2, size=20, before=14, after=4),
        replace(KEPT, size=16),
        replace(POINT, size=16, left=8, hanging=8),
        replace(OWN_WORDS, size=18, after=10),
        replace(NOTE, size=14),
        replace(CELL_SMALL, size=11),
    ),
)
"""For a child: large letters on few lines."""


@dataclass(frozen=True, slots=True)
class Document:
    """All of a document: its body, its title, and the texts at the top and foot of every page.

    `language` is the code of what the family speaks: what is written in its script is in it.
    """

    paper: Paper
    title: str
    running: str
    marking: str
    printed: str
    body: tuple[Block, ...]
    language: str = ""


class Printed(Protocol):
    """How a document about a child is marked, when and by whom it is printed, and the language."""

    @property
    def marking(self) -> str: ...  # noqa: D102 the documents say it
    @property
    def printed_at(self) -> str: ...  # noqa: D102 the documents say it
    @property
    def printed_by(self) -> str: ...  # noqa: D102 the documents say it
    @property
    def language(self) -> str: ...  # noqa: D102 the documents say it


def printed(
    facts: Printed, paper: Paper, body: Iterable[Block], *, title: str, running: str
) -> Document:
    """Return a document about a child, with what all of them say at the top and foot of a page."""
    by = f"Skrevet ut {facts.printed_at} av {facts.printed_by}"
    return Document(paper, title, running, facts.marking, by, tuple(body), facts.language)


class FrontPage(Printed, Protocol):
    """What the front of a document says of whom it is about, and how it is marked."""

    @property
    def kommune(self) -> str: ...  # noqa: D102 the documents say it
    @property
    def child(self) -> str: ...  # noqa: D102 the documents say it
    @property
    def born(self) -> str: ...  # noqa: D102 the documents say it
    @property
    def marking_basis(self) -> str: ...  # noqa: D102 the documents say it


def front(page: FrontPage, title: str, facts: Filled, *, note: str = "") -> Iterator[Block]:
    """Give the front of a document: its sender, its title, whom it is about, and how it is marked.

    `note` is what whoever holds the paper is to know.
    """
    yield SENDER(page.kommune)
    yield TITLE(title)
    yield SUBTITLE(page.child)
    yield BORN(page.born)
    yield facts
    if note:
        yield NOTE(note)
    yield MARKING("\n".join(filter(None, (page.marking, page.marking_basis))))


def heading(number: int, text: str, *, keep: bool = False, new_page: bool = False) -> Paragraph:
    """Return a heading that the contents point to."""
    return Paragraph(HEADING_1, (Run(text),), "", keep, new_page, number)
