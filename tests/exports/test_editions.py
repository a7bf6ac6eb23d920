"""The editions that are handed on: what a meeting and the child get of a plan."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from exports import child, meeting, word
from exports.house import BETWEEN
from exports.model import PlanDocument, Subgoal, Whose
from exports.text import paragraphs
from tests.exports.anything import anything
from tests.exports.plans import EMPTY, FULL, goal, measure
from tests.exports.reading import (
    W,
    as_kept,
    behind,
    headings,
    lines,
    opened,
    schema_problems,
    unknown_styles,
    xml,
)

EDITIONS = {"mote": meeting.document, "barn": child.document}
OVER = measure(2, what="Kortere dag", status="Gjennomført", open=False)
PLAN = replace(
    FULL,
    goals=(
        goal(1, measures=(measure(1), OVER)),
        goal(2, text="Nora skal sove nok.", whose=Whose.PARENTS, measures=(OVER,)),
        goal(3, text="Svømme 25 meter.", status="Nådd", open=False, reached=True),
        goal(4, text="Bytte skole.", status="Avsluttet", open=False),
    ),
)


def render(document, plan):
    return word.write(document(plan))


def of_meeting(plan):
    """The texts that the meeting's edition has, one paragraph each."""
    yield plan.child
    yield from paragraphs(plan.meetings_and_transitions)
    for it in plan.participants:
        yield from (it.name, it.role, it.contribution, *filter(None, [it.service]))
    for it in (it for it in plan.goals if it.open):
        yield f"Mål {it.number}  {it.text}"
        for step in (step for step in it.measures if step.open):
            yield from (str(step.number), step.what, step.responsible, step.evaluate, step.status)
            yield from filter(None, (step.how, step.application, step.evaluation))
            yield from filter(None, [BETWEEN.join(filter(None, (step.where, step.scope)))])


def of_child(plan):
    yield plan.child
    yield from paragraphs(plan.about_me)
    yield from (it.text for it in plan.goals if it.open or it.reached)
    for it in (it for it in plan.goals if it.open):
        yield from behind("Da har vi klart det:", it.success)
        for step in (step for step in it.measures if step.open):
            yield f"{step.what}{BETWEEN}{step.responsible}" if step.responsible else step.what


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(anything(PlanDocument))
def test_every_text_of_an_edition_comes_back_unchanged(plan):
    for edition, expected in (("mote", of_meeting), ("barn", of_child)):
        file = render(EDITIONS[edition], plan)
        there = set(lines(file))
        assert [text for text in map(as_kept, expected(plan)) if text not in there] == []
        assert schema_problems(file) == []
        assert unknown_styles(file) == set()


def test_a_meeting_gets_what_is_open_and_room_to_write():
    file = render(meeting.document, PLAN)
    assert headings(file) == [
        "Hvem gjør hva",
        "Åpne tiltak",
        "Møter og overganger",
        "Dette blir vi enige om",
    ]
    text = "\n".join(lines(file))
    assert "Lese sammen" in text
    assert [one for one in ("Kortere dag", "Svømme", "Bytte skole", "klatrer") if one in text] == []
    assert "Ingen åpne tiltak." in text
    page = opened(file).sections[0]
    assert page.page_width > page.page_height
    notes = [table.rows[1].cells[-1].text for table in opened(file).tables[1:]]
    assert notes == ["", ""]


def test_the_child_gets_its_own_words_what_is_agreed_on_and_what_was_reached():
    file = render(child.document, PLAN)
    assert headings(file) == [
        "Om meg",
        "Dette vil jeg",
        "Dette vil familien min",
        "Dette har vi klart",
        "Jeg kan alltid",
        "En fin dag",
    ]
    there = lines(file)
    assert "Jeg heter Nora.\nJeg klatrer." in there
    assert f"Lese sammen{BETWEEN}Kari Demo" in there
    after = there.index("Dette har vi klart")
    assert there[after + 1] == "Svømme 25 meter."
    text = "\n".join(there)
    unfit = ("Kortere dag", "Bytte skole", "annenhver uke", "Voksne som kan", "Tar lengre avsnitt")
    assert [one for one in unfit if one in text] == []
    assert min(p.style.font.size.pt for p in opened(file).paragraphs if p.text) >= 14


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_page_says_who_printed_it_and_when(edition):
    file = render(EDITIONS[edition], FULL)
    page = opened(file).sections[0]
    assert not page.different_first_page_header_footer
    by = "Skrevet ut 21. november 2026 kl. 14.05 av Berit Demo-Sund"
    assert page.footer.paragraphs[0].text == f"{by}\tSide 1 av 1"
    assert page.header.paragraphs[0].text.endswith("\tUnntatt offentlighet")
    assert "Nora Demo" in opened(file).core_properties.title


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_edition_of_nothing_and_of_much_is_whole(edition):
    long = "Dette er en lang tekst om søvn og skole.\n" * 490
    much = replace(FULL, about_me=long, goals=(goal(1, measures=(measure(1, how=long),) * 3),) * 60)
    for plan in (EMPTY, much, replace(FULL, goals=(goal(1, subgoals=(Subgoal("", ""),)),))):
        file = render(EDITIONS[edition], plan)
        assert schema_problems(file) == []
        for table in xml(file).iter(W + "tbl"):
            assert table.find(f"{W}tblPr/{W}tblCaption").get(W + "val")
            assert table.find(f"{W}tblPr/{W}tblDescription").get(W + "val")
        marks = [mark.get(W + "name") for mark in xml(file).iter(W + "bookmarkStart")]
        assert len(marks) == len(set(marks))


@pytest.mark.parametrize("in_force", [True, False])
def test_what_nobody_works_by_is_not_taken_for_the_plan(in_force):
    plan = replace(PLAN, in_force=in_force, state="Trukket tilbake 29. november 2026")
    at_the_meeting = " ".join(lines(render(meeting.document, plan)))
    assert (f"{plan.dated}. {plan.state}." in at_the_meeting) is not in_force
    for_the_child = " ".join(lines(render(child.document, plan)))
    assert ("Denne planen gjelder ikke nå." in for_the_child) is not in_force
