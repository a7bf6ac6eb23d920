from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from exports import word
from exports.house import BETWEEN
from exports.log import Fact, LogDocument, Person, Step, Written, document
from exports.text import paragraphs
from tests.exports.anything import anything
from tests.exports.reading import (
    W,
    as_kept,
    headings,
    lines,
    opened,
    schema_problems,
    unknown_styles,
    xml,
)

ENTRY = Written(
    month="Mars 2027",
    when="3. mars 2027 kl. 10:42",
    who="Kari Demo-Nygård (lærer)",
    kind="Notat",
    measure="",
    text="Vi øver på å lese.\n\nDet går fint.",
    own_words=False,
    corrected="",
    limited="",
)
STEP = Step(
    day="3. mars 2027",
    registered="Registrert 5. mars 2027",
    level="1: Én tjeneste",
    reason="Vi prøver.",
    voice="Jeg vil lese.",
    how="Sagt på møtet",
    more=("Foresatte er enige.",),
    by="Kari Demo",
)
FULL = LogDocument(
    kommune="Demodalen kommune",
    marking="Unntatt offentlighet",
    marking_basis="offl. § 13",
    name="Stafettlogg",
    child="Nora Demo",
    born="Født 2017",
    facts=(Fact("Nivå", "2: Flere tjenester"), Fact("Stafettholder", "Berit Demo-Sund")),
    people=(Person("Anders Demo-Krogh", "PP-rådgiver", "PPT"),),
    steps=(STEP,),
    entries=(
        ENTRY,
        replace(ENTRY, text="Jeg vil lese selv.", own_words=True, kind="Barnets ord"),
        replace(ENTRY, month="April 2027", corrected="Rettet 4. april 2027: feil dag"),
        replace(ENTRY, month="April 2027", limited="Ikke for alle i loggen"),
    ),
    printed_at="9. april 2027 kl. 08:00",
    printed_by="Mari Demo",
)
EMPTY = replace(FULL, facts=(), people=(), steps=(), entries=())


def render(log):
    return word.write(document(log))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(anything(LogDocument))
def test_every_text_comes_back_unchanged(log):
    file = render(log)
    there = set(lines(file))
    texts = [log.kommune, log.name, log.child, log.born, *(one.month for one in log.entries)]
    texts += [text for one in log.facts for text in (one.name, one.text)]
    texts += [text for one in log.people for text in (one.name, one.role, one.service)]
    texts += [text for one in log.steps for text in (one.day, one.level)]
    small = [(one.registered, one.reason, one.how, *one.more, one.by) for one in log.steps]
    texts += [text for one in small for text in one if text]
    texts += [one.measure for one in log.entries if one.measure]
    texts += [part for one in log.entries for part in paragraphs(one.text)]
    assert [text for text in map(as_kept, texts) if text not in there] == []
    assert schema_problems(file) == []
    assert unknown_styles(file) == set()


def test_entries_stand_by_month_with_who_when_and_what():
    file = render(FULL)
    assert headings(file) == ["Hvem er med", "Nivå gjennom tiden", "Skrevet"]
    months = [p.text for p in opened(file).paragraphs if p.style.name == "Heading 2"]
    assert months == ["Mars 2027", "April 2027"]
    first = BETWEEN.join(("3. mars 2027 kl. 10:42", "Kari Demo-Nygård (lærer)", "Notat"))
    assert [line for line in lines(file) if line.startswith("3. mars 2027 kl.")] == [
        first,
        first.replace("Notat", "Barnets ord"),
        f"{first}{BETWEEN}Rettet 4. april 2027: feil dag",
        f"{first}{BETWEEN}Ikke for alle i loggen",
    ]
    own = [p.text for p in opened(file).paragraphs if p.style.name == "Stafett stemme"]
    assert own == ["Jeg vil lese selv."]


def test_what_is_told_of_a_measure_stands_under_its_name():
    told = replace(ENTRY, kind="Tiltak: gjort", measure="Lese sammen", text="Fire sider.")
    silent = replace(told, text="")
    shown = opened(render(replace(FULL, entries=(told, silent)))).paragraphs
    names = [at for at, one in enumerate(shown) if one.text == "Lese sammen"]
    assert [shown[at].runs[0].style.font.bold for at in names] == [True, True]
    assert shown[names[0] + 1].text == "Fire sider."
    assert [shown[at].paragraph_format.keep_with_next for at in names] == [True, None]


def test_a_level_of_which_nothing_is_said_has_an_empty_cell():
    silent = replace(STEP, reason="", voice="", how="", more=(), by="")
    file = render(replace(FULL, steps=(silent,)))
    assert schema_problems(file) == []
    assert opened(file).tables[-1].rows[1].cells[2].text == ""


def test_an_empty_log_says_so_in_every_part():
    for text in (
        "Ingen andre er med ennå.",
        "Loggen har ikke hatt noe nivå ennå.",
        "Det er ikke skrevet noe ennå.",
    ):
        assert text in lines(render(EMPTY))
        assert text not in lines(render(FULL))


def test_a_level_of_which_nothing_is_said_leaves_a_file_that_word_opens():
    empty = Step(day="", registered="", level="", reason="", voice="", how="", more=(), by="")
    assert not schema_problems(render(replace(FULL, steps=(empty,))))


def test_each_page_says_who_printed_it_and_when():
    footer = "".join(xml(render(FULL), "word/footer1.xml").itertext(W + "t"))
    assert "Skrevet ut 9. april 2027 kl. 08:00 av Mari Demo" in footer
    assert any(line.startswith("Her står det Mari Demo kan lese") for line in lines(render(FULL)))
