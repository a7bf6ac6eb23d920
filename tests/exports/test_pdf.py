"""The editions as PDF: the same texts as in Word, declared, tagged, whatever was typed."""

import subprocess
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from exports import child, concern, log, meeting, pdf, plan
from exports.house import Filled
from exports.model import Participant, PlanDocument, Signature
from tests.exports import test_concern, test_log
from tests.exports.anything import anything
from tests.exports.plans import EMPTY, FULL, goal, measure
from tests.exports.reading_pdf import declared, languages, letters, loose_fonts, opened, pages, tags
from tests.exports.test_editions import PLAN, of_child, of_meeting
from tests.exports.test_plan import expected

MM = 72 / 25.4
NOW = datetime(2026, 11, 28, 13, 5, tzinfo=UTC)
EDITIONS = {"full": plan, "mote": meeting, "barn": child}
TEXTS = {"full": expected, "mote": of_meeting, "barn": of_child}
ASKED = [phase for phase in Phase if phase is not Phase.shrink]  # each try takes a second
STANDARDS = {"pdfaid:part": ["2"], "pdfaid:conformance": ["A"], "pdfuaid:part": ["1"]}


def written(edition, facts):
    return pdf.write(EDITIONS[edition].document(facts), NOW)


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("facts", [FULL, PLAN, EMPTY], ids=["full", "plan", "empty"])
def test_every_text_of_an_edition_is_in_a_file_that_declares_itself(edition, facts):
    file = written(edition, facts)
    there = letters("".join(pages(file)))
    assert [text for text in TEXTS[edition](facts) if letters(text) not in there] == []
    title = EDITIONS[edition].document(facts).title
    assert declared(file) == {"language": "nb-NO", "title": title, "tagged": True, **STANDARDS}
    assert loose_fonts(file) == set()


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_page_says_who_printed_it_and_when_and_how_it_is_marked(edition):
    whole = pages(written(edition, FULL))
    for number, page in enumerate(whole, 1):
        assert "Skrevet ut 21. november 2026 kl. 14.05 av Berit Demo-Sund" in page
        assert f"Side {number} av {len(whole)}" in page
        assert "Unntatt offentlighet" in page
    running = EDITIONS[edition].document(FULL).running
    assert [running in page for page in whole] == [edition != "full"] + [True] * (len(whole) - 1)


def test_headings_lists_tables_and_contents_are_there_for_those_who_listen():
    file = written("full", FULL)
    found = tags(file)
    assert found["H1"] == 14
    assert found["TOCI"] == found["Link"] == 12
    tables = [block for block in plan.document(FULL).body if isinstance(block, Filled)]
    assert found["TH"] == sum(len(one.table.heads) for one in tables)
    assert found["TR"] == sum(len(one.rows) + bool(one.table.heads) for one in tables)
    assert tags(written("barn", PLAN))["LI"] == 7
    listed = [mark.get_title() for mark in opened(file).get_toc()]
    assert listed[:3] == ["Innhold", "Målene på ett blikk", "1 Om meg"]
    assert listed[-1] == "12 Svar og underskrifter"


def test_the_contents_name_the_page_where_each_part_begins():
    whole = pages(written("full", FULL))
    for number, title in ((1, "Om meg"), (6, "Mål og tiltak"), (12, "Svar og underskrifter")):
        (page,) = (at for at, text in enumerate(whole, 1) if f"{number} {title}\r\n" in text)
        (line,) = (line for line in whole[1].splitlines() if line.startswith(f"{number} {title} "))
        assert line.endswith(f" {page}")


def test_the_head_of_a_table_stands_on_every_page_of_it():
    many = replace(FULL, goals=(goal(1, measures=tuple(measure(n) for n in range(1, 40))),))
    whole = [page for page in pages(written("full", many)) if "Kari leser først" in page]
    assert len(whole) > 2
    assert all("Tiltak, og hvordan vi gjør det" in page for page in whole)


STRANGE = [
    "čáhci đŋšŧž",
    "أحب السباحة",
    "ሰላም ኩሉኹም",
    "😀 👩\u200d👩\u200d👧",
    "Z\u0321\u0310e\u0301",
    "漢字 தமிழ்",
    '#eval("1+1") $x$ *b* _i_ = x <y> @z // w \\ [k] {m} `n`',
]


@pytest.mark.parametrize("text", STRANGE)
def test_no_letter_is_lost_and_nothing_typed_is_a_command(text):
    there = "".join(pages(written("barn", replace(EMPTY, about_me=text))))
    assert "".join(text.split()) in "".join(there.split())


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [("ሰላም", "", {"ti"}), ("ሰላም", "am", {"am"}), ("أحب", "", {"ar"}), ("أحب", "ckb", {"ku"})],
)
def test_what_the_family_wrote_is_said_to_be_in_its_language(text, language, told):
    assert languages(written("full", replace(EMPTY, about_me=text, language=language))) == told


def test_a_right_to_left_paragraph_begins_at_the_right():
    for text, right in (("أحب", True), ("Nora", False)):
        page = opened(written("barn", replace(EMPTY, about_me=text)))[0]
        found = page.get_textpage().search(text)
        index, count = found.get_next()
        left, *_ = page.get_textpage().get_charbox(index)
        assert count == len(text)
        assert (left > page.get_width() / 2) is right


def test_what_a_child_gets_fills_its_pages():
    small = replace(FULL, about_me="Jeg klatrer.", goals=(goal(1),))
    first, last = pages(written("barn", small))
    assert "Her kan jeg tegne eller skrive" in first
    assert "Her kan jeg tegne en fin dag" in last


@pytest.mark.parametrize("lines", range(3, 8))
def test_no_room_to_draw_is_cut_in_two(lines):
    said = "Jeg liker å klatre. " * 4 * lines
    for page in opened(written("barn", replace(FULL, about_me=said, goals=(goal(1),)))):
        text = page.get_textpage()
        if found := text.search("Her kan jeg tegne eller skrive").get_next():
            top = text.get_charbox(found[0])[3]
            assert top - 36 * MM > 20 * MM  # where the foot of the page is


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=ASKED)
@given(anything(PlanDocument))
def test_whatever_was_typed_becomes_a_file(facts):
    for edition in EDITIONS:
        assert declared(written(edition, facts))["tagged"]


def test_twenty_thousand_characters_go_over_many_pages():
    text = "Dette er en lang tekst. 😀 أحب e\u0301\n" * 600
    long = replace(FULL, about_me=text, goals=(goal(1, measures=(measure(1, how=text),)),))
    there = letters("".join(pages(written("full", long))))
    assert there.count("lang") >= 1200
    word = replace(FULL, goals=(goal(1, measures=(measure(1, how="x" * 20_000),)),))
    assert "".join(pages(written("full", word))).count("x") >= 20_000


def test_a_table_that_is_kept_together_never_runs_out_of_its_page():
    said = "Vi leser sammen hver dag. " * 76
    people = tuple(Participant(f"Deltaker {n}", "", "", said) for n in range(5))
    many = tuple(Signature("Foresatt", f"Person {n}") for n in range(40))
    file = written("full", replace(FULL, participants=people, signatures=many))
    for page in opened(file):
        text = page.get_textpage()
        low = min(text.get_charbox(at)[1] for at in range(text.count_chars()))
        assert low > 0  # points above the foot of the page
    assert letters("".join(pages(file))).count("Vilesersammenhverdag") == 5 * 76


def test_what_came_of_forty_measures_stands_in_no_narrow_column():
    said = "24.11.2026: Delvis gjort. Hun leste fire linjer høyt tirsdag og torsdag. " * 4
    short, long = (
        goal(1, measures=tuple(measure(n, evaluation=text) for n in range(1, 41)))
        for text in ("Tar lengre avsnitt.", said)
    )
    few, many = (len(pages(written("full", replace(FULL, goals=(one,))))) for one in (short, long))
    assert many - few <= 5


def test_sixty_goals_are_all_there():
    many = replace(FULL, goals=tuple(goal(n, text=f"Nummer {n} er mitt") for n in range(1, 61)))
    there = "".join(pages(written("full", many)))
    assert [n for n in range(1, 61) if f"Mål {n} Nummer {n} er mitt" not in there] == []


def test_the_other_documents_can_be_pdf_too():
    for document in (log.document(test_log.FULL), concern.document(test_concern.FULL)):
        assert declared(pdf.write(document, NOW))["title"] == document.title


def test_the_same_document_at_the_same_time_gives_the_same_bytes():
    assert written("mote", FULL) == written("mote", FULL)


def test_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr(pdf, "PATIENCE", 0.01)
    with pytest.raises(pdf.TooLongError):
        written("full", FULL)
    monkeypatch.undo()
    assert written("full", EMPTY)  # and nobody waits for him who did
    with pytest.raises(pdf.TooLongError):
        written("full", replace(FULL, about_me="Jeg heter Nora. " * 100_000))


def test_nobody_waits_long_for_his_turn_and_gets_it_when_those_before_are_done(monkeypatch):
    monkeypatch.setattr(pdf, "TURN", 0.05)
    with pdf._one_at_a_time, pytest.raises(pdf.NoTurnError):  # noqa: SLF001 as another's document does
        written("full", EMPTY)
    for wrong in (0.01, 20):  # and who was before lets it go whatever came of his
        monkeypatch.setattr(pdf, "PATIENCE", wrong)
        with suppress(pdf.TooLongError):
            assert written("full", EMPTY)


def test_without_its_fonts_nothing_is_printed_and_the_log_says_why(monkeypatch, capfd):
    monkeypatch.setattr(pdf, "FONTS", ("Ukjent", *pdf.FONTS))
    with pytest.raises(subprocess.CalledProcessError):
        written("full", FULL)
    assert capfd.readouterr().err == "exports/fonts lacks Ukjent: run make setup\n"


def test_what_typst_refuses_is_not_quoted_in_the_log(monkeypatch, capfd):
    monkeypatch.setattr(pdf, "shown", lambda text: text)
    with pytest.raises(subprocess.CalledProcessError):
        written("full", replace(FULL, about_me="Hemmelig \x01"))
    assert capfd.readouterr().err == "Typst refused a document\n"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\r\nb\rc\x0bd\u2028e\x85f", "a\nb\nc\nd\ne\nf"),
        ("a\tb", "a    b"),
        ("\x00a\x07\x1f\x7f\x9fb\ufeff\ufffe\uffff", "ab"),
        ("\ue000\ud800\U000f0000", "\ufffd" * 3),
        ("Å & <b> #x", "Å & <b> #x"),
    ],
)
def test_what_a_pdf_may_not_hold_is_left_out(text, kept):
    assert pdf.shown(text) == kept
