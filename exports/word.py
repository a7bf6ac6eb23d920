"""Documents for Word: python-docx makes the package with styles and page once for each paper.

A body is written as strings. Runs carry no formatting of their own, only the names of the styles.
"""

import re
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from exports.house import (
    CELL,
    CELL_SMALL,
    FOOTER,
    FRONT_LOGO,
    GAP,
    HEADER,
    HEADING_1,
    INK,
    LINE,
    LOGO,
    LOOKS,
    MUTED,
    MUTED_RUN,
    NORMAL,
    NUMBER,
    PETROL,
    ROOM,
    SENDER,
    STYLES,
    TABLE_HEAD,
    TEXT_WIDTH,
    TOC_1,
    TOP_LOGO,
    VOICE,
    Block,
    Contents,
    Document,
    Filled,
    Look,
    Paper,
    Paragraph,
    Room,
    Row,
    Run,
    Style,
    Table,
    is_high,
    is_kept,
)
from exports.text import OWN, RTL, escape, language_of, one_line

FONT = "Calibri"  # Carlito has the same widths, so pages break alike where Calibri is missing
FONT_COMPLEX = "Arial"  # Arabic and Hebrew
_NS = nsdecls("w")
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TEXT = '<w:t xml:space="preserve">'
_TWIPS = 56.7  # in a millimetre
_PACKED = 3  # of 9: a third of the time of 6, and 2 kB more
_BUILT_IN = {"Normal", "Title", "Subtitle", "Heading1", "Heading2", "Header", "Footer"}
_KEPT_STYLES = _BUILT_IN | {"DefaultParagraphFont", "TableNormal", "NoList"}
_TAB = "<w:r><w:tab/></w:r>"


def write(document: Document, logo: bytes | None = None) -> bytes:
    """Give the file; the same document gives the same bytes.

    Everything in the zip carries one fixed time. `logo` is a PNG file, which stands above the
    sender on the front, and on top of every page.
    """
    made = shell(document.paper, logo)
    body = [_block(block) for block in document.body]
    first = document.body[0]
    if logo and document.paper.front and isinstance(first, Paragraph) and first.style is SENDER:
        body.insert(0, f"{_OPEN[SENDER.name]}</w:pPr>{made.front_logo}</w:p>")
    if body[-1].endswith("</w:tbl>"):
        body.append(_paragraph(GAP("")))  # Word wants a paragraph after the last table
    values = {
        "title": one_line(document.title),
        "running": one_line(document.running),
        "marking": one_line(document.marking),
        "printed": one_line(document.printed),
    }
    file = BytesIO()
    file.write(made.base)
    with ZipFile(file, "a", ZIP_DEFLATED) as package:
        for name, text in _CHANGING.items():
            package.writestr(_entry(name), text % (values | {"logo": made.top_logo}))
        written = "".join(body)
        if document.language in OWN:
            usual, own = OWN[document.language]
            written = written.replace(f'="{usual}"/></w:rPr>', f'="{own}"/></w:rPr>')
        whole = f"{_HEAD}{written}{made.tail}"
        package.writestr(_entry("word/document.xml"), whole, compresslevel=_PACKED)
    return file.getvalue()


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return _paragraph(block)
        case Filled():
            return _table(block)
        case Room():
            return _room(block)
        case Contents():
            return _contents(block)


# ---- paragraphs and runs ---------------------------------------------------------------------


def _id(style: Style | Look) -> str:
    """Return a style's id in the file, as python-docx makes it from the name."""
    return style.name.replace(" ", "")


_OPEN = {style.name: f'<w:p><w:pPr><w:pStyle w:val="{_id(style)}"/>' for style in STYLES}
_LOOKS = {look.name: f'<w:rStyle w:val="{_id(look)}"/>' for look in LOOKS}


def _paragraph(paragraph: Paragraph, borders: str = "", *, keep: bool = False) -> str:
    """Write a paragraph; `borders` is an element of its properties, `keep` ties it to the next."""
    style, runs, label, kept, new_page, number = paragraph
    before = "<w:keepNext/>" if keep or kept else ""
    if new_page:
        before += "<w:pageBreakBefore/>"
    if paragraph.rtl:
        before += f"{_mirrored(style.bar) if style.bar else borders}<w:bidi/>"
    else:
        before += borders
    if new_page:  # the tops of pages align
        before += '<w:spacing w:before="0"/>'
    inside = _run(runs[0]) if len(runs) == 1 else "".join(map(_run, runs))
    if label:
        inside = _run(Run(label, MUTED_RUN)) + _TAB + inside
    if number:
        mark = f'<w:bookmarkStart w:id="{number}" w:name="_Toc{number:04d}"/>'
        inside = f'{mark}{inside}<w:bookmarkEnd w:id="{number}"/>'
    return f"{_OPEN[style.name]}{before}</w:pPr>{inside}</w:p>"


def _mirrored(bar: str) -> str:
    """Move a bar to the right, where a line from right to left begins."""
    right = f'<w:right w:val="single" w:sz="24" w:space="10" w:color="{bar}"/>'
    return f'<w:pBdr><w:left w:val="nil"/>{right}</w:pBdr>'


def _run(run: Run) -> str:
    # A look turns bold on only where the paragraph's style is not bold: Word lets two bolds cancel
    # each other. To be light in a bold paragraph a run says so itself.
    text, look, light = run
    properties = _LOOKS[look.name] if look else ""
    if light:
        properties += '<w:b w:val="0"/>'
    if language := language_of(text):
        kind, direction = ("bidi", "<w:rtl/>") if language in RTL else ("val", "")
        properties += f'{direction}<w:lang w:{kind}="{language}"/>'
    if properties:
        properties = f"<w:rPr>{properties}</w:rPr>"
    return f"<w:r>{properties}{_TEXT}{escape(text)}</w:t></w:r>"


def _contents(contents: Contents) -> str:
    r"""Write a contents field with ready entries and no page numbers (\n).

    Only Word knows on which page a heading falls; a wrong number is worse than none, and asking
    Word to count at opening makes it warn the reader of «felt som kan referere til andre filer».
    """
    lines: list[str] = []
    for number, (title, about) in enumerate(contents.entries, 1):
        first = (
            _field_mark("begin") + _field_code(r'TOC \o "1-1" \n \h \z') + _field_mark("separate")
            if number == 1
            else ""
        )
        link = (
            f'<w:hyperlink w:anchor="_Toc{number:04d}" w:history="1">',
            _direct(str(number), f'<w:color w:val="{NUMBER}"/>') + _TAB,
            _direct(title, "<w:b/>") + _TAB,
            _direct(about, f'<w:color w:val="{MUTED}"/>') + "</w:hyperlink>",
        )
        last = _field_mark("end") if number == len(contents.entries) else ""
        lines += (_OPEN[TOC_1.name], "</w:pPr>", first, *link, last, "</w:p>")
    return "".join(lines)


def _direct(text: str, properties: str) -> str:
    """Write a run with formatting of its own: LibreOffice replaces a run's style inside a link."""
    return f"<w:r><w:rPr>{properties}</w:rPr>{_TEXT}{escape(text)}</w:t></w:r>"


def _field_mark(kind: str) -> str:
    """Write one of the marks around a field: begin, separate, end."""
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def _field_code(code: str) -> str:
    """Write what a field asks Word for."""
    return f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'


# ---- tables ----------------------------------------------------------------------------------

_FRAME = (
    "<w:tblBorders>"
    + "".join(
        f'<w:{side} w:val="dashed" w:sz="6" w:space="0" w:color="{NUMBER}"/>'
        for side in ("top", "left", "bottom", "right")
    )
    + "</w:tblBorders>"
)
_FRAME_MARGIN = '<w:tblCellMar><w:left w:w="170" w:type="dxa"/></w:tblCellMar>'


@dataclass(frozen=True, slots=True)
class _Columns:
    """What all tables of the same columns have in common, with %s for what they have not."""

    open: str
    whole: str  # a row
    loose: str  # a row that may break across pages


@cache
def _columns(table: Table) -> _Columns:
    twips = [round(width * _TWIPS) for width in table.widths]
    opened = _opened(twips, heads=bool(table.heads))
    if table.heads:
        opened += _row(
            twips,
            "<w:cantSplit/><w:tblHeader/>",
            '<w:tcBorders><w:bottom w:val="single" w:sz="8" w:space="0" '
            f'w:color="{PETROL}"/></w:tcBorders><w:vAlign w:val="bottom"/>',
        ) % tuple(_paragraph(TABLE_HEAD(head)).replace("%", "%%") for head in table.heads)
    high = _least(table.height) if table.height else ""
    low = '<w:vAlign w:val="bottom"/>' if table.height else ""
    return _Columns(opened, _row(twips, "<w:cantSplit/>" + high, low), _row(twips, high, low))


def _opened(twips: list[int], *, heads: bool, borders: str = "", margins: str = "") -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in twips)
    shows = f'w:val="{"04A0" if heads else "0480"}" w:firstRow="{int(heads)}"'
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="Stafetttabell"/>'
        f'<w:tblW w:w="{sum(twips)}" w:type="dxa"/>{borders}'
        f'<w:tblLayout w:type="fixed"/>{margins}'
        f'<w:tblLook {shows} w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="0" '
        'w:noVBand="1"/><w:tblCaption w:val="%s"/><w:tblDescription w:val="%s"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>"
    )


def _least(height: float) -> str:
    return f'<w:trHeight w:val="{round(height * _TWIPS)}" w:hRule="atLeast"/>'


def _row(widths: list[int], properties: str, cell: str) -> str:
    """Write a row with %s for each cell's paragraphs."""
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{cell}</w:tcPr>%s</w:tc>'
        for width in widths
    )
    return f"<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>"


def _table(filled: Filled) -> str:
    """Write a table with its caption and description for those who listen to the page.

    Where it may break, the last row but one is kept with the last; never the first, for
    LibreOffice then keeps the whole table on one page.
    """
    table, caption, about, rows, _ = filled
    together = is_kept(filled)
    columns = _columns(table)
    written = [columns.open % (one_line(caption), one_line(about))]
    last = len(rows) - 1
    for number, cells in enumerate(rows):
        high = is_high(table, cells)
        keep = not high and number < last and (together or 0 < number == last - 1)
        written.append((columns.loose if high else columns.whole) % _cells(cells, keep=keep))
    written.append("</w:tbl>")
    return "".join(written)


_NOTHING = [CELL("")]
"""What stands in a cell without a word: Word opens no file in which a cell has no paragraph."""


def _cells(cells: Row, *, keep: bool) -> tuple[str, ...]:
    return tuple(
        [
            "".join([_paragraph(one, keep=keep) for one in cell or _NOTHING])
            if isinstance(cell, list)
            else _paragraph(cell, keep=keep)
            for cell in cells
        ]
    )


def _room(room: Room) -> str:
    """Write a room as a table of one cell, and the line that keeps it from what follows."""
    twips = [round(TEXT_WIDTH * _TWIPS)]
    opened = _opened(twips, heads=False, borders=_FRAME, margins=_FRAME_MARGIN)
    return (
        opened % (ROOM, one_line(room.what))
        + _row(twips, "<w:cantSplit/>" + _least(room.height), "")
        % _paragraph(CELL_SMALL(room.what))
        + f"</w:tbl>{_paragraph(GAP(''))}"
    )


# ---- the package -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shell:
    """A finished package but for `_CHANGING` and word/document.xml, which ends with `tail`.

    The logos are runs, as they stand on the front and on top of a page; empty without one.
    """

    base: bytes
    tail: str  # from the section's properties on
    front_logo: str
    top_logo: str


@cache
def shell(paper: Paper, logo: bytes | None = None) -> Shell:
    """Make the package (some 100 ms); ask for it when the server starts."""
    document = docx.Document()
    _styles(document, paper)
    _page(document, paper)
    front, top = "", ""
    if logo:
        front = _picture(document, logo, FRONT_LOGO)
        top = _picture(document.sections[0].header, logo, TOP_LOGO) + _run(Run("  "))
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
    return Shell(base.getvalue(), f"{section}</w:body></w:document>", front, top)


def _picture(part: Any, logo: bytes, height: float) -> str:
    """Let a part hold the logo, `height` mm high; return the run that shows it."""
    paragraph = part.add_paragraph()
    run = paragraph.add_run()
    picture = run.add_picture(BytesIO(logo), height=Mm(height))
    picture._inline.set("distL", "0")  # noqa: SLF001 python-docx has no public way to place it at the margin
    about = picture._inline.docPr  # noqa: SLF001 python-docx has no public way to describe it
    about.set("descr", LOGO)
    about.set("name", "Logo")
    paragraph._p.getparent().remove(paragraph._p)  # noqa: SLF001 no public way to remove one
    return str(run._r.xml)  # noqa: SLF001 a run's XML is not public


_HEAD = f"{_DECLARATION}<w:document {nsdecls('w', 'r')}><w:body>"


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
    for look in LOOKS:
        made = document.styles.add_style(look.name, WD_STYLE_TYPE.CHARACTER)
        made.priority = 99
        made.element.append(parse_xml(f"<w:rPr {_NS}>{_look(look)}</w:rPr>"))
    table = cast("Any", document.styles.add_style("Stafett tabell", WD_STYLE_TYPE.TABLE)).element
    for child in table.findall(qn("w:tblPr")):
        table.remove(child)
    table.append(parse_xml(_TABLE_PROPERTIES))


def _look(look: Look) -> str:
    """Write the properties of a look, in the schema's order."""
    written = "<w:b/>" if look.bold else ""
    if look.strike:
        written += "<w:strike/>"
    if look.color:
        written += f'<w:color w:val="{look.color}"/>'
    if look.underline:
        written += f'<w:u w:val="single" w:color="{look.underline}"/>'
    if look.fill:
        written += f'<w:shd w:val="clear" w:color="auto" w:fill="{look.fill}"/>'
    return written


def _paragraph_style(document: DocxDocument, style: Style) -> None:
    styles = document.styles
    if _id(style) in _BUILT_IN:
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
        _field_mark("begin") + _field_code(code) + _field_mark("separate") + _run(Run("1"))
        + _field_mark("end")
        for code in ("PAGE", "NUMPAGES")
    )  # fmt: skip
    line = f'<w:pBdr><w:top w:val="single" w:sz="4" w:space="6" w:color="{LINE}"/></w:pBdr>'
    rest = f"{_TAB}{_run(Run('Side '))}{page}{_run(Run(' av '))}{pages}</w:p>"
    written = _paragraph(FOOTER("%(printed)s"), line).removesuffix("</w:p>") + rest
    return f"{_DECLARATION}<w:ftr {_NS}>{written}</w:ftr>"


def _header() -> str:
    written = _paragraph(HEADER("%(running)s")).removesuffix("</w:p>")
    written = written.replace("</w:pPr>", "</w:pPr>%(logo)s")
    return f"{_DECLARATION}<w:hdr {_NS}>{written}{_TAB}{_run(Run('%(marking)s'))}</w:p></w:hdr>"


_CHANGING = {
    "word/header1.xml": _header(),
    "word/footer1.xml": _footer(),
    "word/footer2.xml": _footer(),
    "docProps/core.xml": f"{_DECLARATION}<cp:coreProperties "
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>%(title)s</dc:title><dc:creator/>'
    "<dc:language>nb-NO</dc:language></cp:coreProperties>",
}
