"""The house style of all documents: styles, tables and the package around a document's body.

python-docx makes the package with its styles and page once per process; a body is strings, written
by the styles themselves and joined by the document's own module. Every style here is a real style
of the file: runs carry no formatting of their own, so what people change in Word stays in keeping.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import BytesIO
from typing import Any, Protocol, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from exports.text import RTL, escape, language_of, one_line

FONT = "Calibri"  # Carlito has the same widths, so pages break alike where Calibri is missing
FONT_COMPLEX = "Arial"  # Arabic and Hebrew
PETROL, INK, MUTED = "0A5C63", "1E2B2F", "4C5D62"  # 7.7, 14.6 and 6.9 to 1 on white
NUMBER, LINE, TINT, ADDED = "3E7C82", "CFDADB", "EDF4F4", "DDECEC"
VOICE = "B5532B"  # the child's own words, and nothing else

TEXT_WIDTH = 166.0  # mm: A4 between its margins
WIDE_WIDTH = 261.0  # the same of A4 on its side
_NS = nsdecls("w")
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TEXT = '<w:t xml:space="preserve">'
_TWIPS = 56.7  # in a millimetre
_TAGS = re.compile("<[^>]*>")
_HIGH = 23  # lines: some 100 mm


# ---- paragraphs and runs ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style, and the writer of its paragraphs. Sizes and spaces in points."""

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
    outline: int | None = None  # level in Word's navigation pane
    tabs: tuple[float, ...] = ()  # mm from the left
    right_tab: float = 0
    in_list: int = 0  # of _WRITTEN's lists: 1 numbers, 2 points
    _open: str = field(init=False, repr=False)
    _ltr: str = field(init=False, repr=False)
    _rtl: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Write the beginnings of its paragraphs once."""
        start = f'<w:p><w:pPr><w:pStyle w:val="{self.id}"/>'
        set_ = object.__setattr__  # frozen
        set_(self, "_open", start)
        set_(self, "_ltr", f"{start}</w:pPr><w:r>{_TEXT}")
        mirrored = _mirrored(self.bar) if self.bar else ""
        set_(
            self,
            "_rtl",
            f"{start}{mirrored}<w:bidi/></w:pPr>",
        )

    @property
    def id(self) -> str:
        """The style's id in the file, as python-docx makes it from the name."""
        return self.name.replace(" ", "")

    def __call__(self, text: str) -> str:
        """Write one paragraph; its first letter decides the direction, and what language it is."""
        language = language_of(text)
        if not language:
            return f"{self._ltr}{escape(text)}</w:t></w:r></w:p>"
        start = self._rtl if language in RTL else f"{self._open}</w:pPr>"
        said = f"<w:rPr>{_language(language)}</w:rPr>{_TEXT}{escape(text)}</w:t>"
        return f"{start}<w:r>{said}</w:r></w:p>"

    def of(self, *runs: str, properties: str = "") -> str:
        """Write one paragraph of ready runs; `properties` are elements after w:pStyle."""
        return f"{self._open}{properties}</w:pPr>{''.join(runs)}</w:p>"


def _language(tag: str) -> str:
    """Write of what language a run is; `tag` is one of `text.language_of`, or its reader's own."""
    kind = "bidi" if tag in RTL else "val"
    return f'{"<w:rtl/>" if tag in RTL else ""}<w:lang w:{kind}="{tag}"/>'


def _mirrored(bar: str) -> str:
    """Move a bar to the right, where a line from right to left begins."""
    right = f'<w:right w:val="single" w:sz="24" w:space="10" w:color="{bar}"/>'
    return f'<w:pBdr><w:left w:val="nil"/>{right}</w:pBdr>'


_OWN = {
    "am": ("ti-ER", "am-ET"),
    "bg": ("uk-UA", "bg-BG"),
    "ckb": ("ar-SA", "ku-Arab-IQ"),
    "fa": ("ar-SA", "fa-IR"),
    "prs": ("ar-SA", "prs-AF"),
    "ps": ("ar-SA", "ps-AF"),
    "ru": ("uk-UA", "ru-RU"),
    "sr": ("uk-UA", "sr-Cyrl-RS"),
    "ur": ("ar-SA", "ur-PK"),
}
"""The languages that share a script with the usual one of it: that one's tag, and their own."""
NEW_PAGE = '<w:pageBreakBefore/><w:spacing w:before="0"/>'  # the tops of pages align
KEEP_NEXT = "<w:keepNext/>"
BIDI = "<w:bidi/>"
TAB = "<w:r><w:tab/></w:r>"

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
    LEAD, META, KEPT, SUBGOAL, OWN_WORDS, NOTE, MARKING, TABLE_HEAD, CELL, CELL_STRONG, CELL_SMALL,
    CELL_NUMBER, GAP, POINT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
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
        replace(TITLE, size=40, before=20),
        replace(SUBTITLE, size=24, after=18),
        replace(HEADING_1, size=28, before=10, left=0, hanging=0, in_list=0),
        replace(HEADING_2, size=20, before=22, after=4),
        replace(KEPT, size=16),
        replace(POINT, size=16, left=8, hanging=8),
        replace(OWN_WORDS, size=18, after=10),
        replace(NOTE, size=14),
        replace(CELL_SMALL, size=11),
    ),
)
"""For a child: large letters on few lines."""
_BUILT_IN = {"Normal", "Title", "Subtitle", "Heading1", "Heading2", "Header", "Footer"}
_KEPT_STYLES = _BUILT_IN | {"DefaultParagraphFont", "TableNormal", "NoList"}

# A style turns bold on only where the paragraph's style is not bold: Word lets two bolds cancel
# each other. To be light in a bold paragraph a run says so itself (`light`).
MUTED_RUN, STRONG_RUN = "Stafettsvak", "Stafettsterk"
VOICE_RUN, OLD_RUN, NEW_RUN = "Stafettbarnetsord", "Stafettgammeltord", "Stafettnyttord"


class FrontPage(Protocol):
    """What the front of a document says of whom it is about, and how it is marked."""

    @property
    def kommune(self) -> str: ...  # noqa: D102 the fields of the documents say what they are
    @property
    def child(self) -> str: ...  # noqa: D102 as above
    @property
    def born(self) -> str: ...  # noqa: D102 as above
    @property
    def marking(self) -> str: ...  # noqa: D102 as above
    @property
    def marking_basis(self) -> str: ...  # noqa: D102 as above


def run(text: str, style: str = "", *, light: bool = False) -> str:
    """Write a run, of a character style if one is named; `light` is regular weight in a heading."""
    named = f'<w:rStyle w:val="{style}"/>' if style else ""
    regular = '<w:b w:val="0"/>' if light else ""
    language = language_of(text)
    properties = f"{named}{regular}{_language(language) if language else ''}"
    before = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f"<w:r>{before}{_TEXT}{escape(text)}</w:t></w:r>"


def field_mark(kind: str) -> str:
    """Write one of the marks around a field: begin, separate, end."""
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def field_code(code: str) -> str:
    """Write what a field asks Word for."""
    return f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'


def front(page: FrontPage, title: str, facts: str, *, note: str = "") -> Iterator[str]:
    """Write the front of a document: its sender, its title, whom it is about, and how it is marked.

    `facts` is a ready table, `note` what whoever holds the paper is to know.
    """
    yield SENDER(page.kommune)
    yield TITLE(title)
    yield SUBTITLE(page.child)
    yield BORN(page.born)
    yield facts
    if note:
        yield NOTE(note)
    yield MARKING("\n".join(filter(None, (page.marking, page.marking_basis))))


def heading(number: int, text: str, properties: str = "") -> str:
    """Write a numbered heading with the bookmark that the contents point to."""
    mark = f'<w:bookmarkStart w:id="{number}" w:name="_Toc{number:04d}"/>'
    end = f'<w:bookmarkEnd w:id="{number}"/>'
    return HEADING_1.of(mark, run(text), end, properties=properties)


def contents(entries: Sequence[tuple[str, str]]) -> str:
    r"""Write a contents field with ready entries (title, a few words) and no page numbers (\n).

    Only Word knows on which page a heading falls; a wrong number is worse than none, and asking
    Word to count at opening makes it warn the reader of «felt som kan referere til andre filer».
    """
    lines = []
    for number, (title, about) in enumerate(entries, 1):
        first = (
            field_mark("begin") + field_code(r'TOC \o "1-1" \n \h \z') + field_mark("separate")
            if number == 1
            else ""
        )
        link = (
            f'<w:hyperlink w:anchor="_Toc{number:04d}" w:history="1">',
            _direct(str(number), f'<w:color w:val="{NUMBER}"/>') + TAB,
            _direct(title, "<w:b/>") + TAB,
            _direct(about, f'<w:color w:val="{MUTED}"/>') + "</w:hyperlink>",
        )
        last = field_mark("end") if number == len(entries) else ""
        lines.append(TOC_1.of(first, *link, last))
    return "".join(lines)


def _direct(text: str, properties: str) -> str:
    """Write a run with formatting of its own: LibreOffice replaces a run's style inside a link."""
    return f"<w:r><w:rPr>{properties}</w:rPr>{_TEXT}{escape(text)}</w:t></w:r>"


# ---- tables ----------------------------------------------------------------------------------

_FRAME = (
    "<w:tblBorders>"
    + "".join(
        f'<w:{side} w:val="dashed" w:sz="6" w:space="0" w:color="{NUMBER}"/>'
        for side in ("top", "left", "bottom", "right")
    )
    + "</w:tblBorders>",
    '<w:tblCellMar><w:left w:w="170" w:type="dxa"/></w:tblCellMar>',
)
Row = tuple[str, ...]
"""The cells of a row: each one or more ready paragraphs."""


class Table:
    """A table's columns, and the writer of tables with them.

    Text stands on the page's margin; only thin lines between rows. The header row is repeated on
    every page. A row stays whole, but for one so high that moving it would leave half a page white.
    """

    def __init__(
        self, widths: tuple[float, ...], heads: Row = (), height: float = 0, *, frame: bool = False
    ) -> None:
        """Take widths in mm (all of the page), header texts, and the least height of a row.

        `frame`: a line all around, to draw or write in.
        """
        twips = [round(width * _TWIPS) for width in widths]
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in twips)
        shows = f'w:val="{"04A0" if heads else "0480"}" w:firstRow="{int(bool(heads))}"'
        borders, margins = _FRAME if frame else ("", "")
        self._open = (
            '<w:tbl><w:tblPr><w:tblStyle w:val="Stafetttabell"/>'
            f'<w:tblW w:w="{sum(twips)}" w:type="dxa"/>{borders}'
            f'<w:tblLayout w:type="fixed"/>{margins}'
            f'<w:tblLook {shows} w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="0" '
            'w:noVBand="1"/><w:tblCaption w:val="%s"/><w:tblDescription w:val="%s"/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>"
        )
        if heads:
            self._open += _row(
                twips,
                "<w:cantSplit/><w:tblHeader/>",
                '<w:tcBorders><w:bottom w:val="single" w:sz="8" w:space="0" '
                f'w:color="{PETROL}"/></w:tcBorders><w:vAlign w:val="bottom"/>',
            ) % tuple(TABLE_HEAD(head).replace("%", "%%") for head in heads)
        high = f'<w:trHeight w:val="{round(height * _TWIPS)}" w:hRule="atLeast"/>' if height else ""
        low = '<w:vAlign w:val="bottom"/>' if height and not frame else ""
        self._whole = _row(twips, "<w:cantSplit/>" + high, low)
        self._loose = _row(twips, high, low)
        self._line = tuple(round(width / 1.8) for width in widths)  # characters, about

    def __call__(
        self, caption: str, about: str, rows: Sequence[Row], *, together: bool = False
    ) -> str:
        """Write a table with its caption and description for those who listen to the page.

        `together` keeps all of it on one page. Otherwise the last row but one is kept with the
        last; never the first, for LibreOffice then keeps the whole table on one page.
        """
        written = [self._open % (one_line(caption), one_line(about))]
        last = len(rows) - 1
        for number, cells in enumerate(rows):
            high = any(map(_is_high, cells, self._line))
            row = (self._loose if high else self._whole) % cells
            if not high and number < last and (together or 0 < number == last - 1):
                row = row.replace('"/></w:pPr>', f'"/>{KEEP_NEXT}</w:pPr>')
                row = row.replace('"/><w:bidi/>', f'"/>{KEEP_NEXT}<w:bidi/>')
            written.append(row)
        written.append("</w:tbl>")
        return "".join(written)


def _is_high(cell: str, line: int) -> bool:
    """Say whether a cell is higher than some 100 mm, its text running in lines of that length."""
    if len(cell) <= _HIGH * line + 500:  # markup and all, so most cells are done here
        return False
    breaks = cell.count("</w:p>") + cell.count("<w:br/>")
    return breaks + len(_TAGS.sub("", cell)) / line > _HIGH


def _row(widths: list[int], properties: str, cell: str) -> str:
    """Write a row with %s for each cell's paragraphs."""
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{cell}</w:tcPr>%s</w:tc>'
        for width in widths
    )
    return f"<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>"


# ---- the package -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shell:
    """A finished package but for what differs from document to document."""

    base: bytes
    head: str  # of word/document.xml, up to the body's first paragraph
    tail: str  # from the section's properties on
    parts: tuple[tuple[str, str], ...]  # name, text with %(name)s

    def pack(
        self,
        body: Iterable[str],
        *,
        title: str,
        running: str,
        marking: str,
        printed: str,
        language: str = "",
    ) -> bytes:
        """Give the file: the body, its title, and the texts of header and footer.

        `language` is the code of what the family speaks: what is written in its script is in it.

        Everything in the zip carries one fixed time: the same texts give the same bytes.
        """
        body = list(body)
        if body[-1].endswith("</w:tbl>"):
            body.append(GAP(""))  # Word wants a paragraph after the last table
        values = {
            "title": one_line(title),
            "running": one_line(running),
            "marking": one_line(marking),
            "printed": one_line(printed),
        }
        file = BytesIO()
        file.write(self.base)
        with ZipFile(file, "a", ZIP_DEFLATED) as package:
            for name, text in self.parts:
                package.writestr(_entry(name), text % values)
            usual, own = _OWN.get(language, ("", ""))
            written = "".join(body)
            if own:
                written = written.replace(f'="{usual}"/></w:rPr>', f'="{own}"/></w:rPr>')
            whole = f"{self.head}{written}{self.tail}"
            package.writestr(_entry("word/document.xml"), whole)
        return file.getvalue()


@lru_cache
def shell(paper: Paper = UPRIGHT) -> Shell:
    """Make the package (some 100 ms); ask for it when the server starts."""
    document = Document()
    _styles(document, paper)
    _page(document, paper)
    made = BytesIO()
    document.save(made)
    base = BytesIO()
    body = ""
    with ZipFile(made) as package, ZipFile(base, "w", ZIP_DEFLATED) as kept:
        for info in package.infolist():
            if info.filename == "word/document.xml":
                body = package.read(info).decode()
            elif info.filename not in _CHANGING:
                kept.writestr(
                    _entry(info.filename), _part(info.filename, package.read(info), paper)
                )
    section = body[body.index("<w:sectPr") : body.index("</w:body>")]
    return Shell(
        base.getvalue(),
        f"{_DECLARATION}<w:document {nsdecls('w', 'r')}><w:body>",
        f"{section}</w:body></w:document>",
        tuple(_CHANGING.items()),
    )


def _entry(name: str) -> ZipInfo:
    info = ZipInfo(name, (2020, 1, 1, 0, 0, 0))
    info.compress_type = ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o600 << 16
    return info


def _part(name: str, made: bytes, paper: Paper) -> bytes:
    """Give a part that is the same in all documents; python-docx's own where nothing is better."""
    if name.endswith("theme1.xml"):
        return _theme(made.decode()).encode()
    written = _WRITTEN.get(name, "")
    if not paper.style(HEADING_1).in_list:  # else the list takes the headings by their name
        written = written.replace('<w:pStyle w:val="Heading1"/>', "")
    return written.encode() or made


def _styles(document: DocxDocument, paper: Paper) -> None:
    """Leave out the template's 160 unused styles and define the house's."""
    for style in list(document.styles):
        if style.style_id not in _KEPT_STYLES:
            style.delete()
    styles = cast("Any", document.styles.element)
    for latent in styles.findall(qn("w:latentStyles")):
        styles.remove(latent)
    defaults = styles.find(qn("w:docDefaults"))
    defaults.getparent().replace(defaults, parse_xml(_DEFAULTS))
    for style in STYLES:
        _paragraph_style(document, paper.style(style))
    for name, properties in _RUN_STYLES.items():
        made = document.styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        made.priority = 99
        made.element.append(parse_xml(f"<w:rPr {_NS}>{properties}</w:rPr>"))
    table = cast("Any", document.styles.add_style("Stafett tabell", WD_STYLE_TYPE.TABLE)).element
    for child in table.findall(qn("w:tblPr")):
        table.remove(child)
    table.append(parse_xml(_TABLE_PROPERTIES))


def _paragraph_style(document: DocxDocument, style: Style) -> None:
    styles = document.styles
    if style.id in _BUILT_IN:
        made = cast("ParagraphStyle", styles[style.name])
    else:
        built_in = not style.name.startswith("Stafett")
        made = cast(
            "ParagraphStyle", styles.add_style(style.name, WD_STYLE_TYPE.PARAGRAPH, built_in)
        )
        made.quick_style = not built_in
    element = cast("Any", made.element)
    for tag in ("w:pPr", "w:rPr", "w:link", "w:rsid", "w:next"):
        for old in element.findall(qn(tag)):
            element.remove(old)
    if style.name != NORMAL.name:
        made.base_style = styles["Normal"]
    made.font.size, made.font.bold, made.font.cs_bold = Pt(style.size), style.bold, style.bold
    made.font.color.rgb = RGBColor.from_string(style.color)
    size = element.rPr.find(qn("w:sz"))
    size.addnext(parse_xml(f'<w:szCs {_NS} w:val="{round(style.size * 2)}"/>'))
    form = made.paragraph_format
    form.space_before, form.space_after = Pt(style.before), Pt(style.after)
    form.line_spacing, form.widow_control = style.line, True
    form.keep_with_next, form.keep_together = style.keep, style.whole
    if style.left:
        form.left_indent, form.first_line_indent = Mm(style.left), Mm(-style.hanging)
    if style.right:
        form.right_indent = Mm(style.right)
    for tab in style.tabs:
        form.tab_stops.add_tab_stop(Mm(tab))
    if style.right_tab:
        form.tab_stops.add_tab_stop(Mm(style.right_tab), WD_TAB_ALIGNMENT.RIGHT)
    _put(element.pPr, _what_python_docx_lacks(style))


def _what_python_docx_lacks(style: Style) -> list[str]:
    """Write numbering, borders, ground and outline level, each an element of w:pPr."""
    lacking = []
    if style.in_list:
        lacking.append(f'<w:numPr {{ns}}><w:numId w:val="{style.in_list}"/></w:numPr>')
    sides: list[tuple[str, str, int, int]] = []  # side, colour, eighths of a point, space
    if style.bar:
        ground = style.fill
        sides = [("left", style.bar, 24, 10)]
        if ground:  # borders in the ground's colour are its padding
            sides = [("top", ground, 8, 5), *sides, ("bottom", ground, 8, 5)]
    elif style.box:
        pads = {"top": 4, "left": 7, "bottom": 4, "right": 7}
        sides = [(side, style.box, 6, space) for side, space in pads.items()]
    if sides:
        borders = "".join(
            f'<w:{side} w:val="single" w:sz="{size}" w:space="{space}" w:color="{color}"/>'
            for side, color, size, space in sides
        )
        lacking.append(f"<w:pBdr {{ns}}>{borders}</w:pBdr>")
    if style.fill:
        lacking.append(f'<w:shd {{ns}} w:val="clear" w:color="auto" w:fill="{style.fill}"/>')
    if style.outline is not None:
        lacking.append(f'<w:outlineLvl {{ns}} w:val="{style.outline}"/>')
    return [element.format(ns=_NS) for element in lacking]


_ORDER = [
    qn(f"w:{name}")
    for name in (
        *("keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "pBdr", "shd"),
        *("tabs", "bidi", "spacing", "ind", "jc", "outlineLvl"),
    )
]  # of the children of w:pPr, by the schema


def _put(properties: Any, elements: list[str]) -> None:
    """Put each element where the schema wants it."""
    for xml in elements:
        new = cast("Any", parse_xml(xml))
        at = _ORDER.index(new.tag)
        later = (child for child in properties if _ORDER.index(child.tag) > at)
        if (following := next(later, None)) is not None:
            following.addprevious(new)
        else:
            properties.append(new)


def _page(document: DocxDocument, paper: Paper) -> None:
    """Set A4, and make headers and footers, whose texts `_CHANGING` holds in this order."""
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(22)
    if paper.wide:
        page.orientation = WD_ORIENT.LANDSCAPE
        page.page_width, page.page_height = Mm(297), Mm(210)
        page.left_margin = page.right_margin = Mm(18)
    page.top_margin, page.bottom_margin = Mm(25), Mm(22)
    page.header_distance, page.footer_distance = Mm(11), Mm(10)
    page.different_first_page_header_footer = paper.front
    for part in (page.header, page.first_page_header, page.footer, page.first_page_footer):
        part.is_linked_to_previous = False
    for relations in (document.part.rels, document.part.package.rels):
        for key, relation in list(relations.items()):
            if relation.reltype.rsplit("/", 1)[-1] in _UNUSED_PARTS:
                del relations[key]


_UNUSED_PARTS = {
    "stylesWithEffects",
    "customXml",
    "webSettings",
    "thumbnail",
    "fontTable",
    "extended-properties",
}


def _theme(xml: str) -> str:
    """Give Word's choice of colours and fonts the house's, for what people add themselves."""
    colors = {"dk2": PETROL, "accent1": PETROL, "accent2": NUMBER, "accent3": MUTED}
    colors |= {"accent4": LINE, "accent5": VOICE, "accent6": INK}
    for name, color in colors.items():
        there = rf"(<a:{name}>).*?(</a:{name}>)"
        xml = re.sub(there, rf'\g<1><a:srgbClr val="{color}"/>\g<2>', xml, flags=re.DOTALL)
    return re.sub(r'(<a:m\w+Font>\s*<a:latin typeface=")[^"]*', rf"\g<1>{FONT}", xml)


_DEFAULTS = (
    f'<w:docDefaults {_NS}><w:rPrDefault><w:rPr><w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" '
    f'w:eastAsia="{FONT}" w:cs="{FONT_COMPLEX}"/><w:sz w:val="21"/><w:szCs w:val="21"/>'
    '<w:lang w:val="nb-NO" w:eastAsia="nb-NO" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
    "<w:pPrDefault><w:pPr/></w:pPrDefault></w:docDefaults>"
)
_RUN_STYLES = {
    "Stafett svak": f'<w:color w:val="{MUTED}"/>',
    "Stafett sterk": "<w:b/>",
    "Stafett barnets ord": f'<w:b/><w:color w:val="{VOICE}"/>',
    "Stafett gammelt ord": f'<w:strike/><w:color w:val="{MUTED}"/>',
    "Stafett nytt ord": f'<w:u w:val="single" w:color="{PETROL}"/>'
    f'<w:shd w:val="clear" w:color="auto" w:fill="{ADDED}"/>',
}
_TABLE_PROPERTIES = (
    f'<w:tblPr {_NS}><w:tblBorders><w:bottom w:val="single" w:sz="4" w:space="0" '
    f'w:color="{LINE}"/><w:insideH w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/>'
    '</w:tblBorders><w:tblCellMar><w:top w:w="74" w:type="dxa"/><w:left w:w="0" w:type="dxa"/>'
    '<w:bottom w:w="74" w:type="dxa"/><w:right w:w="170" w:type="dxa"/></w:tblCellMar></w:tblPr>'
)
_WRITTEN = {
    "word/settings.xml": f'{_DECLARATION}<w:settings {_NS}><w:zoom w:percent="100"/>'
    '<w:defaultTabStop w:val="709"/><w:characterSpacingControl w:val="doNotCompress"/><w:compat>'
    '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
    'w:val="15"/></w:compat><w:themeFontLang w:val="nb-NO" w:bidi="ar-SA"/>'
    '<w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/></w:settings>',
    "word/numbering.xml": f'{_DECLARATION}<w:numbering {_NS}><w:abstractNum w:abstractNumId="1">'
    '<w:multiLevelType w:val="multilevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="decimal"/><w:pStyle w:val="Heading1"/><w:suff w:val="tab"/>'
    '<w:lvlText w:val="%1"/><w:lvlJc w:val="left"/><w:pPr><w:tabs>'
    '<w:tab w:val="num" w:pos="567"/></w:tabs><w:ind w:left="567" w:hanging="567"/></w:pPr>'
    f'<w:rPr><w:b w:val="0"/><w:color w:val="{NUMBER}"/></w:rPr></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="2"><w:multiLevelType w:val="hybridMultilevel"/>'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/>'
    '<w:pStyle w:val="Stafettpunkt"/><w:suff w:val="tab"/><w:lvlText w:val="•"/>'
    f'<w:lvlJc w:val="left"/><w:rPr><w:color w:val="{PETROL}"/></w:rPr></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num></w:numbering>',
}


def _footer() -> str:
    page, pages = (
        field_mark("begin") + field_code(code) + field_mark("separate") + run("1")
        + field_mark("end")
        for code in ("PAGE", "NUMPAGES")
    )  # fmt: skip
    line = f'<w:pBdr><w:top w:val="single" w:sz="4" w:space="6" w:color="{LINE}"/></w:pBdr>'
    texts = (run("%(printed)s"), TAB, run("Side "), page, run(" av "), pages)
    return f"{_DECLARATION}<w:ftr {_NS}>{FOOTER.of(*texts, properties=line)}</w:ftr>"


_CHANGING = {
    "word/header1.xml": f"{_DECLARATION}<w:hdr {_NS}>"
    f"{HEADER.of(run('%(running)s'), TAB, run('%(marking)s'))}</w:hdr>",
    "word/footer1.xml": _footer(),
    "word/footer2.xml": _footer(),
    "docProps/core.xml": f"{_DECLARATION}<cp:coreProperties "
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>%(title)s</dc:title><dc:creator/>'
    "<dc:language>nb-NO</dc:language></cp:coreProperties>",
}
