from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from exports.text import escape, is_rtl, language_of, one_line, paragraphs, word_diff
from tests.exports.reading import as_kept

TEXTS = st.text(st.characters() | st.sampled_from("\n\r\t &<>\"%'\x00\x0b\ufffe\ud800"))


@given(TEXTS)
def test_an_escaped_text_loses_only_what_xml_cannot_hold(text):
    written = f'<x xmlns:w="w"><w:t xml:space="preserve">{escape(text)}</w:t></x>'
    root = etree.fromstring(written.encode())
    instead = {"{w}br": "\n", "{w}tab": "\t"}
    assert "".join(instead.get(e.tag, e.text or "") for e in root.iter()) == as_kept(text)


@given(TEXTS)
def test_one_line_fits_in_an_attribute(text):
    value = etree.fromstring(f'<x y="{one_line(text)}"/>'.encode()).get("y")
    assert value == " ".join(value.split())


@pytest.mark.parametrize(
    ("text", "rtl"),
    [
        ("Nora", False),
        ("أحب الخيول", True),
        ("12: שלום Nora", True),
        ("Nora sier أحب", False),
        ("ፈረስ ይፈቱ እየ", False),
        ("123", False),
        ("", False),
    ],
)
def test_the_first_letter_decides_the_direction(text, rtl):
    assert is_rtl(text) is rtl


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Nora er glad i å lese", ""),
        ("أحب الخيول", "ar-SA"),
        ("שלום", "he-IL"),
        ("ፈረስ", "ti-ER"),
        ("Привіт", "uk-UA"),
        ("Nora sier Привіт", ""),
        ("123", ""),
    ],
)
def test_the_first_letter_decides_the_language(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" \n \n", []),
        ("en", ["en"]),
        ("en\nto", ["en\nto"]),
        ("en\n\nto\n \n\n\ntre\n", ["en", "to", "tre"]),
        ("en\r\n\r\nto", ["en", "to"]),
        ("  - inn", ["  - inn"]),
    ],
)
def test_paragraphs_are_split_at_blank_lines(text, parts):
    assert paragraphs(text) == parts


@pytest.mark.parametrize("text", ["x" + " " * 20_000 + "y", "x\n" + "\t" * 20_000 + "y"])
def test_a_long_text_of_blanks_is_split_at_once(text):
    begun = process_time()
    assert paragraphs(text) == [text]
    assert process_time() - begun < 0.5


@given(TEXTS)
def test_paragraphs_lose_only_space(text):
    assert "".join("".join(paragraphs(text)).split()) == "".join(text.split())


WORDS = st.lists(st.sampled_from(["Nora ", "leser", " ", "selv", ".", "\n"]), max_size=30)


@given(WORDS.map("".join) | TEXTS, WORDS.map("".join) | TEXTS)
def test_pieces_join_to_the_texts(old, new):
    left, right = word_diff(old, new)
    assert "".join(text for text, _ in left) == old
    assert "".join(text for text, _ in right) == new
    same = ["".join(text for text, differs in side if not differs) for side in (left, right)]
    assert same[0].split() == same[1].split()


@pytest.mark.parametrize(
    ("old", "new", "gone", "come"),
    [
        ("4 ganger i uka", "3 ganger i uka", ["4 "], ["3 "]),
        ("hver uke", "hver annen uke, i byttet", [], ["annen ", ", i byttet"]),
        ("likt", "likt", [], []),
        ("", "nytt", [], ["nytt"]),
        ("Jeg er tom.", "Nå vil vi klatre høyt.", ["Jeg er tom"], ["Nå vil vi klatre høyt"]),
        ("أتكلم بصوت عالٍ.", "أتكلم بصوت عالٍ في الصف.", ["عالٍ"], ["عالٍ في الصف"]),
        ("من می‌خواهم", "من نمی‌خواهم", ["می‌خواهم"], ["نمی‌خواهم"]),
        ("பள்ளி செல்", "பள்ளி செல்கிறேன்", ["செல்"], ["செல்கிறேன்"]),
    ],
)
def test_only_the_words_that_differ_are_marked(old, new, gone, come):
    left, right = word_diff(old, new)
    assert [text for text, differs in left if differs] == gone
    assert [text for text, differs in right if differs] == come


def test_long_texts_are_compared_without_weighing_every_word():
    old, new = "Dette er en lang tekst. " * 900, "Her står noe annet nå! " * 900
    assert [differs for _, differs in word_diff(old, new)[0]] == [True]
