"""The kommune's logo on its documents, from a file that the kommune's rules name."""

import zlib
from datetime import UTC, datetime

import pytest

from exports import log, meeting, pack, pdf, plan, word
from exports.pack import PackDocument
from stafett.profile.load import ProfileError, load
from tests.exports.plans import FULL as PLAN
from tests.exports.reading import opened, parts, schema_problems
from tests.exports.reading_pdf import declared, pages, pictures, words_for_pictures
from tests.exports.test_log import FULL


def chunk(kind, data):
    check = zlib.crc32(kind + data)
    return len(data).to_bytes(4) + kind + data + check.to_bytes(4)


SIZE = (40).to_bytes(4) + (20).to_bytes(4) + bytes([8, 0, 0, 0, 0])
PIXELS = zlib.compress((b"\0" + b"\x80" * 40) * 20)


def picture(pixels):
    parts = ((b"IHDR", SIZE), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in parts)


PNG = picture(PIXELS)


def shown(xml):
    return xml.count(b'descr="Kommunens logo"')


def test_it_stands_on_the_front_and_on_top_of_each_page_with_words_for_it():
    file = word.write(log.document(FULL), PNG)
    found = parts(file)
    assert [shown(found[f"word/{name}.xml"]) for name in ("document", "header1")] == [1, 1]
    assert [data for name, data in found.items() if name.startswith("word/media/")] == [PNG]
    (picture,) = opened(file).inline_shapes
    assert round(picture.width / picture.height) == 2
    assert not schema_problems(file)
    assert word.write(log.document(FULL), PNG) == file


def test_a_paper_without_a_front_has_it_on_top_alone():
    paper = PackDocument("U.off.", "Nora Demo", (), (), (), "1. mai", (), (), "nå", "Kari")
    found = parts(word.write(pack.document(paper), PNG))
    assert [shown(found[f"word/{name}.xml"]) for name in ("document", "header1")] == [0, 1]


def test_without_it_there_is_none():
    found = parts(word.write(log.document(FULL)))
    assert not any(name.startswith("word/media/") for name in found)
    assert b"%(logo)s" not in found["word/header1.xml"]


def test_a_pdf_has_it_where_word_has_it_as_high_and_with_the_same_words():
    now = datetime(2026, 11, 28, tzinfo=UTC)
    whole = pdf.write(plan.document(PLAN), now, PNG)
    after = range(2, len(pages(whole)) + 1)
    assert pictures(whole) == [(1, 18.0, 22), *((number, 7.0, 22) for number in after)]
    assert words_for_pictures(whole) == ["Kommunens logo"]  # what is on top of pages is not read
    assert declared(whole)["pdfuaid:part"] == ["1"]
    assert {height for _, height, _ in pictures(pdf.write(meeting.document(PLAN), now, PNG))} == {7}
    assert not pictures(pdf.write(plan.document(PLAN), now))


def test_it_is_read_from_the_folder_of_the_rules(tmp_path):
    (tmp_path / "logo.png").write_bytes(PNG)
    rules = tmp_path / "kommune.toml"
    rules.write_text('based_on = "standard"\nlogo = "logo.png"\n')
    assert load(str(rules)).logo == PNG
    assert load("standard").logo is None


def test_where_no_pdf_can_be_made_it_is_not_the_logo_that_is_blamed(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "FONTS", ("Ukjent",))
    (tmp_path / "logo.png").write_bytes(PNG)
    rules = tmp_path / "kommune.toml"
    rules.write_text('based_on = "standard"\nlogo = "logo.png"\n')
    with pytest.raises(ProfileError) as caught:
        load(str(rules))
    (problem,) = caught.value.problems
    assert problem.endswith("kan ikke prøves, for det kan ikke lages PDF her. Kjør make setup")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "kan ikke leses"),
        (b"<svg/>", "må være en hel PNG-fil på høyst 300 kB"),
        (PNG[:-12], "må være en hel PNG-fil"),
        (PNG[:-12] + b"x" * 300_000 + PNG[-12:], "må være en hel PNG-fil"),
        (picture(PIXELS[:12]), "er skadet, og kan ikke vises i dokumenter"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start(tmp_path, content, said):
    if content is not None:
        (tmp_path / "logo.png").write_bytes(content)
    rules = tmp_path / "kommune.toml"
    rules.write_text('based_on = "standard"\nlogo = "logo.png"\n')
    with pytest.raises(ProfileError) as caught:
        load(str(rules))
    (problem,) = caught.value.problems
    assert problem.startswith("logo: ")
    assert said in problem
