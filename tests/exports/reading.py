"""A rendered document read back: through python-docx, and as the XML of its parts."""

import re
from io import BytesIO
from zipfile import ZipFile

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree

from exports.text import is_rtl

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BREAKS = re.compile("\r\n|[\r\x0b\x0c]")
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def behind(label, text):
    """The paragraphs of a text behind its label; below it, where it runs from right to left."""
    return [label, text] if is_rtl(text) else [f"{label} {text}"] if text else []


def as_kept(text):
    """What a document can hold of a text: all of it but what XML forbids."""
    return _FORBIDDEN.sub("", _BREAKS.sub("\n", text))


def opened(file):
    return Document(BytesIO(file))


def lines(file):
    """Every paragraph's text in the body's order, also those in tables."""
    found = []
    for block in opened(file).iter_inner_content():
        if isinstance(block, Paragraph):
            found.append(block.text)
        elif isinstance(block, Table):
            cells = [tc for row in block._tbl.tr_lst for tc in row.tc_lst]  # noqa: SLF001
            found += [Paragraph(p, block).text for tc in cells for p in tc.p_lst]
    return found


def parts(file):
    with ZipFile(BytesIO(file)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def xml(file, name="word/document.xml"):
    return etree.fromstring(parts(file)[name])


def headings(file):
    return [p.text for p in opened(file).paragraphs if p.style.name == "Heading 1"]


ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr "
    "suppressLineNumbers pBdr shd tabs suppressAutoHyphens bidi spacing ind contextualSpacing jc "
    "textAlignment outlineLvl rPr",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike color spacing position sz szCs "
    "highlight u shd rtl lang",
    "tblPr": "tblStyle tblW jc tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption "
    "tblDescription",
    "tcPr": "tcW gridSpan vMerge tcBorders shd tcMar vAlign",
    "trPr": "cantSplit trHeight tblHeader",
    "tbl": "tblPr tblGrid tr",
    "tr": "trPr tc",
    "style": "name basedOn next link uiPriority semiHidden unhideWhenUsed qFormat pPr rPr tblPr "
    "tblStylePr",
    "styles": "docDefaults latentStyles style",
    "sectPr": "headerReference footerReference type pgSz pgMar cols titlePg docGrid",
    "lvl": "start numFmt pStyle suff lvlText lvlJc pPr rPr",
    "settings": "zoom defaultTabStop characterSpacingControl compat themeFontLang decimalSymbol "
    "listSeparator",
}  # of the elements we write, by the schema; headers and footers may mix


def schema_problems(file):
    """Elements whose children are not in the schema's order, which Word would not open."""
    problems = []
    for name, content in parts(file).items():
        if not re.fullmatch(r"word/\w+\.xml", name):
            continue
        for element in etree.fromstring(content).iter(f"{W}*"):
            kind = element.tag.removeprefix(W)
            if kind not in ORDER:
                continue
            children = [child.tag.removeprefix(W) for child in element]
            order = ORDER[kind].split()
            places = [order.index(child) if child in order else -1 for child in children]
            if kind == "sectPr":
                places = [max(place, 1) for place in places]
            if -1 in places or places != sorted(places):
                problems.append((name, kind, children))
    body = xml(file)[0]
    ends = [body[-2], *(cell[-1] for cell in body.iter(W + "tc"))]  # of the body and of each cell
    return problems + [end.tag for end in ends if end.tag != W + "p"]


def unknown_styles(file):
    """Styles that are used and not defined."""
    known = {style.get(W + "styleId") for style in xml(file, "word/styles.xml")}
    used = {
        element.get(W + "val")
        for name in ("word/document.xml", "word/header1.xml", "word/footer1.xml")
        for kind in ("pStyle", "rStyle", "tblStyle")
        for element in xml(file, name).iter(W + kind)
    }
    return used - known
