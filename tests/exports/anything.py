"""Any facts of a document: what its type allows, with texts that break naive writers."""

from dataclasses import is_dataclass
from enum import EnumType
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints

from hypothesis import strategies as st

HOSTILE = [
    "Å & B <b>\"'x",
    "100 % %s %(running)s {{ x }} {% tr %}",
    "\x00\x01\x07bjelle\x1f",
    "linje 1\nlinje 2\r\nlinje 3\ttab\x0bnederst",
    "مرحبا بالعالم 12",
    "ሰላም ኩሉኹም",
    "👩\u200d👩\u200d👧 e\u0301 å\u030a",
    "x" * 200,
    "\ud800løs\ufffe\uffff",
    "]]> &amp; <!-- --> </w:t></w:pPr>",
    '"/></w:pPr>',
    "  to  mellomrom  ",
    "\u2028\u0085\ue000",
]


TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=20), max_size=3).map(" ".join)
PLAIN = {str: TEXTS, bool: st.booleans(), int: st.integers(0, 999), NoneType: st.none()}


def anything(kind):
    """Any value of a type of a document's model, the document itself included."""
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, EnumType):
        return st.sampled_from(list(kind))
    if is_dataclass(kind):
        return st.builds(kind, **{n: anything(t) for n, t in get_type_hints(kind).items()})
    if get_origin(kind) is tuple:
        return st.lists(anything(get_args(kind)[0]), max_size=3).map(tuple)
    assert get_origin(kind) is UnionType
    return st.one_of(*map(anything, get_args(kind)))
