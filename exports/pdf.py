"""Documents as PDF/A-2a and PDF/UA-1, by Typst: one template, and all that differs as data.

The template is `pdf.typ`. What somebody has written is a string there, and never part of it.
"""

import json
import re
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from exports.house import (
    CELL_SMALL,
    FRONT_LOGO,
    LINE,
    LOGO,
    LOOKS,
    MUTED,
    NUMBER,
    PETROL,
    SENDER,
    STYLES,
    TABLE_HEAD,
    TEXT_WIDTH,
    TITLE,
    TOC_1,
    TOP_LOGO,
    UPRIGHT,
    WIDE_WIDTH,
    Block,
    Cell,
    Contents,
    Document,
    Filled,
    Paragraph,
    Room,
    is_high,
    is_kept,
)
from exports.text import OWN, language_of

# Carlito has Calibri's widths, so a plan breaks alike in Word. The last one has a box for whatever
# the others lack: without it such a letter would stop the document, which must not hold an unknown.
FONTS = ("Carlito", "Vazirmatn", "Noto Sans Ethiopic", "Noto Emoji", "Stafett Box")
PATIENCE = 20  # seconds
TURN = 10  # seconds to wait for those before: who waits holds a thread that others need
MOST = 1_500_000  # bytes of JSON: some 500 pages, which take 600 MB to lay out
_TYPESET = Path(__file__).with_name("typeset.py")
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_NOTHING = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_UNKNOWN = re.compile("[\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff]")
_one_at_a_time = Lock()  # two would only take each other's time, and twice the memory


class NotSetUpError(Exception):
    """No document at all can be laid out here; what went wrong is on standard error."""


class NoTurnError(Exception):
    """So many documents are being laid out that this one had no turn in `TURN` seconds."""


class TooLongError(Exception):
    """The document takes more memory to lay out, or more time, than anybody should be given."""


def write(document: Document, now: datetime, logo: bytes | None = None) -> bytes:
    """Give the file, made `now`; the same document at the same time gives the same bytes.

    `logo` is a PNG file, which stands where it does in Word.

    Raises:
        NoTurnError: others were before it for more than `TURN` seconds.
        TooLongError: it has more than `MOST`, or was not ready in `PATIENCE` seconds.

    """
    command = [sys.executable, "-I", str(_TYPESET), str(int(now.timestamp())), *FONTS]
    given = json.dumps(_given(document, logo), ensure_ascii=False).encode()
    if len(given) > MOST:
        raise TooLongError
    if not _one_at_a_time.acquire(timeout=TURN):
        raise NoTurnError
    try:
        made = subprocess.run(  # noqa: S603 our own program, and nothing typed in the command
            command,
            input=b"\n".join((given, logo or b"")),
            stdout=subprocess.PIPE,
            env={},  # no secret of the server's
            timeout=PATIENCE,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise TooLongError from error
    finally:
        _one_at_a_time.release()
    return made.stdout


def can_show(logo: bytes) -> bool:
    """Say whether a PNG file can be read as a picture, by setting a document that has it.

    Raises:
        NotSetUpError: a document without it cannot be set either.

    """
    document = Document(UPRIGHT, LOGO, "", "", "", (SENDER(LOGO),))
    at = datetime.fromtimestamp(0, UTC)
    try:
        write(document, at, logo)
    except subprocess.CalledProcessError:
        try:
            write(document, at)
        except subprocess.CalledProcessError as error:
            raise NotSetUpError from error
        return False
    return True


def _given(document: Document, logo: bytes | None) -> dict[str, Any]:
    paper = document.paper
    return {
        "title": shown(document.title),
        "running": shown(document.running),
        "marking": shown(document.marking),
        "printed": shown(document.printed),
        "wide": paper.wide,
        "front": paper.front,
        "width": WIDE_WIDTH if paper.wide else TEXT_WIDTH,
        "fonts": FONTS,
        "logo": {"front": FRONT_LOGO, "top": TOP_LOGO, "text": LOGO} if logo else None,
        "sender_style": SENDER.name,
        "colors": {"number": NUMBER, "dark": PETROL, "muted": MUTED, "line": LINE},
        "title_style": TITLE.name,
        "contents_style": TOC_1.name,
        "styles": {style.name: asdict(paper.style(style)) for style in STYLES},
        "looks": {look.name: asdict(look) for look in LOOKS},
        "own": OWN.get(document.language),
        "body": [_block(block) for block in document.body],
    }


def shown(text: str) -> str:
    """Return a text as a PDF can hold it.

    Left out is what Word leaves out too. Characters of private use, which mean nothing without
    their own font, become U+FFFD, as do halves of characters.
    """
    text = _BREAKS.sub("\n", text).replace("\t", "    ")
    return _UNKNOWN.sub("\N{REPLACEMENT CHARACTER}", _NOTHING.sub("", text))


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {"kind": "paragraph", **_paragraph(block)}
        case Filled():
            return {"kind": "table", **_table(block)}
        case Room():
            what = _paragraph(CELL_SMALL(block.what))
            return {"kind": "room", "what": what, "height": block.height}
        case Contents():
            return {"kind": "contents", "entries": block.entries}


def _paragraph(paragraph: Paragraph) -> dict[str, Any]:
    return {
        "style": paragraph.style.name,
        "runs": [
            {
                "text": shown(run.text),
                "look": run.look.name if run.look else "",
                "light": run.light,
                "language": language_of(run.text),
            }
            for run in paragraph.runs
        ],
        "label": shown(paragraph.label),
        "keep": paragraph.keep,
        "new_page": paragraph.new_page,
        "number": paragraph.number,
        "rtl": paragraph.rtl,
    }


def _table(filled: Filled) -> dict[str, Any]:
    table = filled.table
    return {
        "widths": table.widths,
        "heads": [_paragraph(TABLE_HEAD(head)) for head in table.heads],
        "height": table.height,
        "together": is_kept(filled),
        "rows": [
            {"high": is_high(table, row), "cells": [_cell(cell) for cell in row]}
            for row in filled.rows
        ],
    }


def _cell(cell: Cell) -> list[dict[str, Any]]:
    return [_paragraph(one) for one in (cell if isinstance(cell, list) else [cell])]
