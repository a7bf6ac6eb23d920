"""What a word is, and how the index of words keeps it: as a word of one child.

A word that is looked for among some children is so found without reading those of all others.
SQLite's index is given its bytes as digits, so that it has no say in what a letter is.
"""

import re

from exports.text import MARKS

WORD = re.compile(rf"[^\W_]+(?:[{MARKS}]+[^\W_]*)*")
BY_CHILD = "words_of_child"
"""What SQLite knows `of_child` by, to keep the words of each text that is written."""


def small(text: str) -> str:
    """Return a text in small letters, as PostgreSQL does too.

    Python would make two signs of «İ», of which the second parts words.
    """
    return text.replace("İ", "i").lower()


def words(text: str) -> list[str]:
    """Return the words of a text in small letters, each once; all other signs part them."""
    return list(dict.fromkeys(WORD.findall(small(text))))


def mark(child_id: str) -> str:
    """Return what stands before each word of a child, from its id in 32 hex digits.

    Two children may share it, so the index only proposes.
    """
    return child_id[:12]


def kept(child_id: str, word: str) -> str:
    """Return a word of a child as SQLite keeps it; a longer word begins with its beginning."""
    return mark(child_id) + word.encode().hex()


def of_child(child_id: str, text: str) -> str:
    """Return all words of a child's text as SQLite's index takes them."""
    return " ".join(kept(child_id, word) for word in words(text))
