from hypothesis import HealthCheck, given, settings

from exports import word
from exports.log import Fact
from exports.pack import PackDocument, document
from exports.text import paragraphs
from tests.exports.anything import anything
from tests.exports.reading import as_kept, headings, lines, schema_problems, unknown_styles


def render(pack):
    return word.write(document(pack))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(anything(PackDocument))
def test_whatever_was_typed_goes_in_and_comes_out(pack):
    file = render(pack)
    assert not schema_problems(file)
    assert not unknown_styles(file)
    there = set(lines(file))
    texts = [part for one in pack.news for part in paragraphs(one.text)]
    texts += [text for one in pack.open for text in (one.what, one.responsible, one.status)]
    texts += [text for one in pack.people for text in (one.name, one.role)]
    assert [text for text in map(as_kept, (*texts, *pack.waits)) if text not in there] == []


def test_with_nothing_to_say_it_still_has_room_to_write():
    file = render(PackDocument("U.off.", "Nora Demo", (), (), (), "1. mai", (), (), "nå", "Kari"))
    assert headings(file) == [
        "Hvem kommer",
        "Dette ble vi enige om sist",
        "Nytt siden 1. mai",
        "Dette venter på svar",
        "Dette blir vi enige om",
    ]
    assert {"Ingen tiltak er i gang.", "Ingenting er skrevet.", "Ingenting."} <= set(lines(file))


def test_no_line_of_the_front_begins_with_the_dot_between_two_facts():
    """A line may break after the dot alone."""
    facts = (Fact("Nivå", "1"), Fact("Neste evaluering", "1. mai"))
    file = render(
        PackDocument("U.off.", "Nora Demo", facts, (), (), "1. mai", (), (), "nå", "Kari")
    )
    (front,) = (line for line in lines(file) if line.startswith("Nivå"))
    assert [said.strip() for said in front.split("·")] == [
        "Nivå: 1",
        "Neste evaluering: 1. mai",
        "Her står bare det som er for alle som leser loggen.",
    ]
    assert " ·" not in front
