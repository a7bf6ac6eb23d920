from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from exports import word
from exports.log import Fact, Person
from exports.referral import ReferralDocument, Said, Tried, document
from exports.text import paragraphs
from tests.exports.anything import anything
from tests.exports.reading import as_kept, headings, lines, schema_problems, unknown_styles
from tests.exports.test_log import STEP

FULL = ReferralDocument(
    kommune="Demodalen kommune",
    marking="Unntatt offentlighet",
    marking_basis="offl. § 13",
    child="Nora Demo",
    born="Født 2017",
    facts=(Fact("Nivå", "2: Flere tjenester"),),
    concerns=(Said("3. mars 2026, Kari Demo", "Nora gruer seg til lesing."),),
    tried=(
        Tried(
            "Høytlesing",
            "Ti minutter hver dag",
            "Jeg vil lese",
            "Kari Demo",
            "Demo skole",
            "01.04.2026 til 01.06.2026",
            "Gjennomført",
            ("01.06.2026: Gjort, litt bedre. Hun leser mer.",),
        ),
    ),
    goes_well=(Said("4. mars 2026, Kari Demo", "Hun lo."),),
    family=(Said("5. mars 2026, Kari Demo", "Jeg vil lese selv.", own_words=True),),
    steps=(STEP,),
    people=(Person("Anders Demo", "PP-rådgiver", "PPT"),),
    consents=("Stafettlogg: PPT. Gitt 1. mars 2026, gjelder til 1. mars 2027.",),
    printed_at="9. april 2027 kl. 08:00",
    printed_by="Kari Demo",
)


def render(referral):
    return word.write(document(referral))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(anything(ReferralDocument))
def test_whatever_was_typed_goes_in_and_comes_out(referral):
    file = render(referral)
    assert not schema_problems(file)
    assert not unknown_styles(file)
    there = set(lines(file))
    said = [*(referral.concerns or ()), *(referral.goes_well or ()), *(referral.family or ())]
    texts = [part for one in said for part in paragraphs(one.text)]
    texts += [text for one in referral.tried or () for text in (one.what, *one.results)]
    assert [text for text in map(as_kept, texts) if text not in there] == []


def test_what_was_tried_stands_with_when_and_what_came_of_it():
    file = render(FULL)
    assert headings(file)[:2] == ["Dette har vært bekymringen", "Dette er prøvd"]
    there = lines(file)
    at = there.index("Høytlesing")
    assert there[at : at + 8] == [
        "Høytlesing",
        "Ti minutter hver dag",
        "Mål: Jeg vil lese",
        "Kari Demo",
        "Demo skole",
        "01.04.2026 til 01.06.2026",
        "Gjennomført",
        "01.06.2026: Gjort, litt bedre. Hun leser mer.",
    ]


def test_what_the_consent_does_not_reach_is_another_thing_than_what_is_empty():
    limited, nothing = "Samtykket til PPT gjelder ikke dette.", "Ingenting å vise."
    without = lines(render(replace(FULL, concerns=None, tried=None, goes_well=())))
    assert (without.count(limited), without.count(nothing)) == (2, 1)
    assert not {limited, nothing} & set(lines(render(FULL)))
