"""A PDF read back with PDFium, which is what Chromium reads with."""

import re
from collections import Counter
from ctypes import c_ushort, create_string_buffer

import pypdfium2 as pdfium
from pypdfium2 import raw


def opened(file):
    return pdfium.PdfDocument(file)


def pages(file):
    return [page.get_textpage().get_text_range() for page in opened(file)]


def letters(text):
    """What is left of a text however it is broken into lines, with or without hyphens."""
    return re.sub(r"[\W_]", "", text)


def said(ask, *given):
    """A text that PDFium writes into a buffer, as UTF-16."""
    size = ask(*given, None, 0)
    buffer = (c_ushort * (size // 2))()
    ask(*given, buffer, size)
    return bytes(buffer).decode("utf-16-le").rstrip("\x00")


def declared(file):
    """Language, title, whether it is tagged, and the standards that the metadata name."""
    document = opened(file)
    metadata = file.decode("latin-1")
    names = ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part")
    return {
        "language": said(raw.FPDFCatalog_GetLanguage, document),
        "title": document.get_metadata_value("Title"),
        "tagged": bool(raw.FPDFCatalog_IsTagged(document)),
        **{name: re.findall(f"<{name}>(.*?)</{name}>", metadata) for name in names},
    }


def elements(file):
    """The elements of the structure that a screen reader follows, page by page."""

    def within(element):
        yield element
        for number in range(raw.FPDF_StructElement_CountChildren(element)):
            if inner := raw.FPDF_StructElement_GetChildAtIndex(element, number):
                yield from within(inner)

    for page in opened(file):
        tree = raw.FPDF_StructTree_GetForPage(page)
        for number in range(raw.FPDF_StructTree_CountChildren(tree)):
            yield from within(raw.FPDF_StructTree_GetChildAtIndex(tree, number))
        raw.FPDF_StructTree_Close(tree)


def tags(file):
    """How often each kind of element is there."""
    return Counter(said(raw.FPDF_StructElement_GetType, one) for one in elements(file))


def languages(file):
    """The languages that parts of it are said to be in."""
    return {said(raw.FPDF_StructElement_GetLang, one) for one in elements(file)} - {""}


def loose_fonts(file):
    """The names of fonts that are not in the file itself."""
    return {
        said_name(font)
        for page in opened(file)
        for text in page.get_objects([raw.FPDF_PAGEOBJ_TEXT], max_depth=9)
        if not raw.FPDFFont_GetIsEmbedded(font := raw.FPDFTextObj_GetFont(text))
    }


def said_name(font):
    size = raw.FPDFFont_GetBaseFontName(font, None, 0)
    buffer = create_string_buffer(size)
    raw.FPDFFont_GetBaseFontName(font, buffer, size)
    return buffer.value.decode()


def pictures(file):
    """Each picture: its page, its height in mm, and where its left edge is."""
    return [
        (number, round((top - bottom) / 72 * 25.4, 1), round(left / 72 * 25.4))
        for number, page in enumerate(opened(file), 1)
        for picture in page.get_objects([raw.FPDF_PAGEOBJ_IMAGE], max_depth=9)
        for left, bottom, _, top in [picture.get_bounds()]
    ]


def words_for_pictures(file):
    """What those who listen are told of each picture."""
    found = (said(raw.FPDF_StructElement_GetAltText, one) for one in elements(file))
    return [text for text in found if text]
