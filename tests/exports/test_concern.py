from hypothesis import HealthCheck, given, settings

from exports import word
from exports.concern import ConcernDocument, Part, document
from exports.log import Fact
from exports.text import paragraphs
from tests.exports.anything import anything
from tests.exports.reading import as_kept, headings, lines, schema_problems, unknown_styles

FULL = ConcernDocument(
    kommune="Demodalen kommune",
    marking="Unntatt offentlighet",
    marking_basis="offl. § 13",
    child="Sara Demo-Vik",
    born="Født 2022",
    facts=(Fact("Skrevet av", "Eirik Demo-Tangen, 26. november 2026"),),
    parts=(
        Part("Sett og hørt", "Sara står for seg selv i garderoben.\n\nHun gråter når far går."),
        Part("Tjenesten følger opp selv", "Vi snakker med foresatte.", "Styrer Demo, 28. november"),
    ),
    printed_at="28. november 2026 kl. 10:42",
    printed_by="Eirik Demo-Tangen",
)


def render(concern):
    return word.write(document(concern))


def test_every_text_stands_in_it_under_its_heading():
    file = render(FULL)
    assert headings(file) == ["Sett og hørt", "Tjenesten følger opp selv"]
    found = lines(file)
    for text in (*FULL.parts[0].text.split("\n\n"), "Styrer Demo, 28. november", "Sara Demo-Vik"):
        assert text in found
    assert not schema_problems(file)
    assert not unknown_styles(file)
    assert render(FULL) == file


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(anything(ConcernDocument))
def test_whatever_was_typed_goes_in_and_comes_out(concern):
    file = render(concern)
    assert not schema_problems(file)
    found = lines(file)
    for part in concern.parts:
        assert all(as_kept(one) in found for one in paragraphs(part.text))
