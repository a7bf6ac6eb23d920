"""Text into WordprocessingML: escaping, paragraphs, reading direction and the words that differ."""

import re
import unicodedata
from difflib import SequenceMatcher

_SPECIAL = re.compile("[&<>\t\n\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BREAK = '</w:t><w:br/><w:t xml:space="preserve">'
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_INSTEAD = _MARKUP | {
    "\t": '</w:t><w:tab/><w:t xml:space="preserve">',
    "\n": _BREAK,
    "\r": _BREAK,
    "\x0b": _BREAK,
    "\x0c": _BREAK,
}
_SCRIPTS = {
    "he-IL": re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]"),
    "ar-SA": re.compile("[\u0600-\u08ff\ufb50-\ufdff\ufe70-\ufefc]"),
    "uk-UA": re.compile("[\u0400-\u052f]"),
    "ti-ER": re.compile("[\u1200-\u139f\u2d80-\u2ddf]"),
}
_FOREIGN = re.compile("|".join(script.pattern for script in _SCRIPTS.values()))
RTL = frozenset({"he-IL", "ar-SA"})
"""The languages that run from right to left."""
OWN = {
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
_LETTER = re.compile(r"[^\W\d_]")
_BLANK_LINES = re.compile(  # begun only where blanks begin, else a line of them takes for ever
    r"(?<![ \t])(?:[ \t]*(?:\r\n?|\n)){2,}"
)
MARKS = "\u200c\u200d" + "".join(
    one for one in map(chr, range(0x300, 0xFFFF)) if unicodedata.category(one).startswith("M")
)
"""Vowels and tones that are written over or under a letter, and what joins letters."""
_WORD = re.compile(rf"[\w{MARKS}]+\s*|[^\w\s{MARKS}]\s*|\s+")
_MOST_PAIRS = 10_000  # of words compared with words: a few ms; beyond it all of the middle differs
_LEAST_ALIKE = 0.4  # of the shorter middle; below it, marking single words would only confuse

Pieces = list[tuple[str, bool]]
"""A text in pieces, each with whether it differs from the other text."""


def escape(text: str) -> str:
    """Give the text as it may stand inside `<w:t xml:space="preserve">`.

    Line breaks and tabs become elements; what XML 1.0 cannot hold is left out.
    """
    if not _SPECIAL.search(text):
        return text
    return _SPECIAL.sub(lambda found: _INSTEAD.get(found[0], ""), text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Give the text as it may stand in an attribute or a property: no markup and no line breaks."""
    clean = _SPECIAL.sub(lambda found: _MARKUP.get(found[0], " "), text)
    return " ".join(clean.split()).replace('"', "&quot;")


def language_of(text: str) -> str:
    """Return the language that the script of the first letter is mostly of; "" for our own."""
    if text.isascii() or not _FOREIGN.search(text):
        return ""
    first = _LETTER.search(text)
    return next((one for one, script in _SCRIPTS.items() if first and script.match(first[0])), "")


def is_rtl(text: str) -> bool:
    """Say whether the first letter is of a script that runs from right to left."""
    return language_of(text) in RTL


def paragraphs(text: str) -> list[str]:
    """Split at blank lines; a single line break stays inside its paragraph."""
    return [part for part in _BLANK_LINES.split(text.strip("\r\n")) if part.strip()]


def word_diff(old: str, new: str) -> tuple[Pieces, Pieces]:
    """Give old and new in pieces that join to the texts; a space belongs to the word before it."""
    a, b = _WORD.findall(old), _WORD.findall(new)
    shortest = min(len(a), len(b))
    head = next((i for i in range(shortest) if a[i] != b[i]), shortest)
    rest = shortest - head
    tail = next((i for i in range(rest) if a[-1 - i] != b[-1 - i]), rest)
    middle_a, middle_b = a[head : len(a) - tail], b[head : len(b) - tail]
    steps = [("replace", 0, len(middle_a), 0, len(middle_b))]
    if len(middle_a) * len(middle_b) <= _MOST_PAIRS:
        matcher = SequenceMatcher(None, middle_a, middle_b, autojunk=False)
        alike = sum(block.size for block in matcher.get_matching_blocks())
        if alike >= _LEAST_ALIKE * min(len(middle_a), len(middle_b)):
            steps = list(matcher.get_opcodes())
    left: Pieces = [("".join(a[:head]), False)]
    right: Pieces = [("".join(b[:head]), False)]
    for step, from_a, to_a, from_b, to_b in steps:
        left.append(("".join(middle_a[from_a:to_a]), step != "equal"))
        right.append(("".join(middle_b[from_b:to_b]), step != "equal"))
    left.append(("".join(a[len(a) - tail :]), False))
    right.append(("".join(b[len(b) - tail :]), False))
    return [piece for piece in left if piece[0]], [piece for piece in right if piece[0]]
