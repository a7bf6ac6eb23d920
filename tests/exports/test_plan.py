import re
from dataclasses import fields, is_dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings

from exports import child, meeting, model, word
from exports.house import UPRIGHT
from exports.model import Change, ChangeKind, PlanDocument, Signature
from exports.plan import NOT_FILLED_IN, document
from exports.text import paragraphs
from tests.exports.anything import anything
from tests.exports.plans import EMPTY, FULL, goal, measure
from tests.exports.reading import (
    W,
    as_kept,
    headings,
    lines,
    opened,
    parts,
    schema_problems,
    unknown_styles,
    xml,
)

SECTIONS = [
    "Om meg",
    "Bakgrunn og situasjonen i dag",
    "Ressurser",
    "Behov nå og framover",
    "Hvem gjør hva",
    "Mål og tiltak",
    "Samarbeid med andre",
    "Vedtak og tjenester i dag",
    "Møter, revisjon og overganger",
    "Samtykke",
    "Endringer siden forrige versjon",
    "Svar og underskrifter",
]


def told(one):
    """A subgoal, and the measures that serve it."""
    served = f"  (tiltak {', '.join(map(str, one.measures))})" if one.measures else ""
    return f"Delmål {one.label}\t{one.text}{served}"


def agreed(plan):
    for it in plan.decisions:
        yield from (it.service, it.what, it.scope, it.reference, it.state, it.evaluate)
    for it in plan.access or ():
        yield from (it.purpose, it.services, it.until)


def expected(plan):
    """The paragraphs that the plan's texts are to be found in, one text each."""
    yield from (plan.kommune, plan.kind, plan.child, plan.born)
    facts = (plan.state, plan.period, plan.next_meeting, plan.next_revision)
    yield from (text for text in facts if text)
    yield from (text for it in plan.contacts for text in (it.title, it.name) if text)
    texts = (plan.about_me, plan.background, plan.resources, plan.needs)
    yield from (part for text in texts for part in paragraphs(text))
    yield from paragraphs(plan.meetings_and_transitions)
    for it in plan.participants:
        yield from (it.name, it.role, it.contribution, *filter(None, [it.service]))
    for it in plan.goals:
        yield f"Mål {it.number}  {it.text}"
        yield from (it.text, it.target, it.status)
        yield from (f"Slik ser vi at det er nådd: {text}" for text in [it.success] if text)
        yield from map(told, it.subgoals)
        for step in it.measures:
            yield from (str(step.number), step.what)
            yield from [", ".join(step.subgoals)] if step.subgoals else []
            yield from (f"Hvor: {text}" for text in [step.where] if text)
            yield from (f"Omfang: {text}" for text in [step.scope] if text)
            yield from (step.responsible, step.status)
            yield from filter(None, (step.how, step.service, step.start, step.evaluate))
            yield from filter(None, [step.application, step.evaluation])
    if plan.no_cooperation:
        yield plan.no_cooperation
    for it in () if plan.no_cooperation else plan.cooperation:
        yield from (it.agency, it.purpose, it.status)
    yield from agreed(plan)
    if plan.previous is not None:
        called = "Forrige versjon er" if plan.since is None else "Sammenlignet med versjon"
        yield f"{called} {plan.previous}."
    yield from paragraphs(plan.summary)
    for it in plan.changes:
        yield it.label
        yield from (
            [it.old] if it.old and it.kind not in {ChangeKind.ADDED, ChangeKind.MOVED} else []
        )
        yield from [it.new] if it.new and it.kind is not ChangeKind.ENDED else []
    for it in plan.approvals or ():
        yield from (it.who, it.answer, it.when, it.how)
        yield from (f"Skrevet inn av {text}" for text in [it.registered_by] if text)
    for it in plan.signatures:
        yield from (it.role, it.name)


def render(plan):
    return word.write(document(plan))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(anything(PlanDocument))
def test_every_text_comes_back_unchanged(plan):
    file = render(plan)
    there = set(lines(file))
    missing = [text for text in map(as_kept, expected(plan)) if text not in there]
    assert missing == []
    assert schema_problems(file) == []
    assert unknown_styles(file) == set()


@pytest.mark.parametrize("plan", [FULL, EMPTY], ids=["full", "empty"])
def test_what_is_written_is_there_and_in_the_schemas_order(plan):
    file = render(plan)
    there = set(lines(file))
    assert [text for text in expected(plan) if text not in there] == []
    assert schema_problems(file) == []
    assert unknown_styles(file) == set()


def test_all_sections_are_numbered_headings_and_stand_in_the_contents():
    file = render(FULL)
    assert headings(file) == SECTIONS
    entries = [p.text.split("\t") for p in opened(file).paragraphs if p.style.name == "toc 1"]
    assert [entry[:2] for entry in entries] == [[str(n), s] for n, s in enumerate(SECTIONS, 1)]
    root = xml(file)
    anchors = [link.get(W + "anchor") for link in root.iter(W + "hyperlink")]
    assert anchors == [mark.get(W + "name") for mark in root.iter(W + "bookmarkStart")]
    goals = [p.text for p in opened(file).paragraphs if p.style.name == "Heading 2"][:3]
    assert goals == [f"Mål {n}  Jeg vil lese selv." for n in (1, 2, 3)]


def test_word_is_not_asked_to_count_pages():
    names = parts(render(FULL))
    code = "".join(xml(render(FULL)).itertext(W + "instrText"))
    assert code.split() == ["TOC", "\\o", '"1-1"', "\\n", "\\h", "\\z"]
    assert b"updateFields" not in names["word/settings.xml"]
    assert not any(b"w:dirty" in content for content in names.values())


def test_a_plan_with_nothing_in_it_says_so_in_every_part():
    file = render(EMPTY)
    assert headings(file) == SECTIONS[:-1]  # a tiltaksplan asks nobody to sign
    assert lines(file).count(NOT_FILLED_IN) == 10  # eight sections, period and next revision
    said = ("Ingen vedtak er knyttet til planen.", "Dette er den første versjonen.")
    assert [one for one in said if one not in lines(file)] == []


def test_answers_are_missing_only_where_they_are_asked_for():
    assert "Ingen har svart ennå." in lines(render(replace(FULL, approvals=())))
    assert SECTIONS[-1] not in headings(render(replace(FULL, approvals=None, signatures=())))


def test_lines_to_sign_stand_together_and_only_when_somebody_is_to_sign():
    unsigned = opened(render(replace(FULL, signatures=()))).tables
    assert unsigned[-1].rows[0].cells[0].text == "Hvem"
    table = opened(render(FULL)).tables[-1]
    assert [cell.text for cell in table.rows[1].cells] == ["Foresatt", "Mari Demo", "", ""]
    rows = list(xml(render(FULL)).iter(W + "tbl"))[-1].findall(W + "tr")[1:]
    kept = [len(list(row.iter(W + "keepNext"))) for row in rows]
    assert kept == [4, 0]


def test_a_version_without_changes_says_so():
    assert "Ingen mål, tiltak eller tekster er endret." in lines(render(replace(FULL, changes=())))


def test_every_table_but_the_facts_repeats_its_header_and_says_what_it_is():
    tables = list(xml(render(FULL)).iter(W + "tbl"))
    for table in tables:
        assert table.find(f"{W}tblPr/{W}tblCaption").get(W + "val")
        assert table.find(f"{W}tblPr/{W}tblDescription").get(W + "val")
    heads = [bool(table.findall(f".//{W}tblHeader")) for table in tables]
    assert heads == [False] + [True] * (len(tables) - 1)
    widths = {sum(int(c.get(W + "w")) for c in t.iter(W + "gridCol")) for t in tables}
    assert max(widths) - min(widths) <= 5  # twentieths of a point: rounding


def test_rows_stay_whole_but_for_those_too_high_to_move():
    long = measure(1, how="Dette er en lang tekst om søvn og skole. " * 490)
    root = xml(render(replace(FULL, goals=(goal(1, measures=(long, measure(2))),))))
    table = root.find(f".//{W}tblCaption[@{W}val='Tiltak til mål 1']").getparent().getparent()
    whole = [row.find(f"{W}trPr/{W}cantSplit") is not None for row in table.findall(W + "tr")]
    assert whole == [True, False, True]


def test_old_and_new_words_differ_by_more_than_colour():
    root = xml(render(FULL))
    marked = [
        (run.find(f"{W}rPr/{W}rStyle").get(W + "val"), run.findtext(W + "t"))
        for run in root.iter(W + "r")
        if run.find(f"{W}rPr/{W}rStyle") is not None
    ]
    assert ("Stafettgammeltord", "4") in marked
    assert ("Stafettnyttord", "3") in marked
    styles = xml(render(FULL), "word/styles.xml")
    looks = {s.get(W + "styleId"): s.find(W + "rPr") for s in styles if s.tag == W + "style"}
    assert looks["Stafettgammeltord"].find(W + "strike") is not None
    assert looks["Stafettnyttord"].find(W + "u") is not None
    cells = [cell.text for cell in opened(render(FULL)).tables[-3].rows[1].cells]
    assert cells == ["Tiltak 1, omfang", "4 ganger i uka", "3 ganger i uka"]


def test_a_change_from_nothing_says_that_nothing_was_there():
    change = Change(ChangeKind.CHANGED, "Bakgrunn", "", "Nora bor annenhver uke her.")
    assert "Ikke fylt ut." in lines(render(replace(FULL, changes=(change,))))


def test_name_kind_and_version_stand_on_top_from_page_two():
    section = opened(render(FULL)).sections[0]
    assert section.different_first_page_header_footer
    top = "Nora Demo · Individuell plan, versjon 6\tUnntatt offentlighet"
    assert section.header.paragraphs[0].text == top
    assert section.first_page_header.paragraphs[0].text == ""
    for footer in (section.footer, section.first_page_footer):
        line = footer.paragraphs[0]
        by = "Skrevet ut 21. november 2026 kl. 14.05 av Berit Demo-Sund"
        assert line.text == f"{by}\tSide 1 av 1"
        codes = [code.text.strip() for code in line._p.iter(W + "instrText")]  # noqa: SLF001
        assert codes == ["PAGE", "NUMPAGES"]


def test_the_file_says_its_title_and_language_and_nothing_about_its_maker():
    properties = opened(render(FULL)).core_properties
    assert properties.title == "Individuell plan, Nora Demo, versjon 6"
    assert properties.language == "nb-NO"
    assert (properties.author, properties.last_modified_by, properties.comments) == ("", "", "")
    language = xml(render(FULL), "word/styles.xml").find(f".//{W}rPrDefault//{W}lang")
    assert language.get(W + "val") == "nb-NO"
    assert "docProps/app.xml" not in parts(render(FULL))


def test_a_line_break_in_a_name_stays_out_of_title_and_header():
    file = render(replace(FULL, child='Nora\n"Demo" <b>'))
    assert opened(file).core_properties.title == 'Individuell plan, Nora "Demo" <b>, versjon 6'


def test_no_identity_number_and_no_address_has_a_place_in_a_plan():
    kinds = [kind for kind in vars(model).values() if is_dataclass(kind)]
    names = {field.name for kind in kinds for field in fields(kind)}
    assert not [n for n in names if re.search("national|identity|address|phone|mail|ident_", n)]
    for content in parts(render(FULL)).values():
        assert not re.search(rb">[^<]*\b\d{6} ?\d{5}\b", content)


def test_the_same_plan_gives_the_same_bytes():
    first = render(FULL)
    assert render(FULL) == first
    word.shell.cache_clear()
    assert render(FULL) == first
    assert word.shell(UPRIGHT) is word.shell(UPRIGHT)


def test_the_child_is_heard_in_its_own_colour_and_in_words():
    file = render(FULL)
    metas = [p for p in opened(file).paragraphs if p.style.name == "Stafett meta"]
    styles = [(p.runs[0].text, p.runs[0].style.name) for p in metas[:3]]
    assert styles == [
        ("Barnet selv", "Stafett barnets ord"),
        ("Foreldrene", "Stafett sterk"),
        ("Tjenestene", "Stafett sterk"),
    ]
    own = [p.text for p in opened(file).paragraphs if p.style.name == "Stafett stemme"]
    assert own == ["Jeg heter Nora.\nJeg klatrer.", "Jeg bruker det blå kortet selv."]


def test_right_to_left_paragraphs_are_marked():
    root = xml(render(replace(FULL, about_me="أحب السباحة", background="أحب الخيول")))
    marked = [p for p in root.iter(W + "p") if p.find(f"{W}pPr/{W}bidi") is not None]
    assert ["".join(p.itertext(W + "t")) for p in marked] == ["أحب السباحة", "أحب الخيول"]
    assert all(p.find(f"{W}r/{W}rPr/{W}rtl") is not None for p in marked)
    bars = [len(p.findall(f"{W}pPr/{W}pBdr/{W}right")) for p in marked]
    assert bars == [1, 0]  # the child's own words have theirs where the line begins


def test_sixty_goals_and_twenty_thousand_characters():
    long = "Dette er en lang tekst om søvn og skole.\n" * 490
    plan = replace(
        FULL,
        about_me=long,
        goals=tuple(goal(n, measures=(measure(n, how=long),) * 3) for n in range(1, 61)),
        changes=(Change(ChangeKind.CHANGED, "Om meg", long, long[:-1] + "Mer.\n"),),
        signatures=tuple(Signature("Foresatt", f"Person {n}") for n in range(40)),
    )
    file = render(plan)
    there = set(lines(file))
    assert [text for text in expected(plan) if text not in there] == []
    assert len(opened(file).tables) == 69


def test_every_part_has_a_type_and_every_relation_a_part():
    names = parts(render(FULL))
    assert "word/stylesWithEffects.xml" not in names
    types = xml(render(FULL), "[Content_Types].xml")
    typed = {t.get("PartName", "").lstrip("/") for t in types}
    by_ending = {t.get("Extension") for t in types}
    for name in names:
        assert name in typed or name.rsplit(".", 1)[-1] in by_ending
    assert typed - set(names) == {""}
    targets = {r.get("Target") for r in xml(render(FULL), "word/_rels/document.xml.rels")}
    assert {f"word/{target}" for target in targets} <= set(names)


REACHED = replace(
    FULL,
    contacts=(replace(FULL.contacts[0], call="22 00 00 00", write="berit@demo.example"),),
    participants=(
        FULL.participants[0],
        replace(FULL.participants[1], call="900 00 000", write="kari@demo.example"),
    ),
)


def test_the_front_says_how_one_reaches_who_answers_for_the_plan():
    facts = {row.cells[0].text: row.cells[1].text for row in opened(render(REACHED)).tables[0].rows}
    assert facts["Barnekoordinator"] == "Berit Demo-Sund\n22 00 00 00\nberit@demo.example"
    facts = {row.cells[0].text: row.cells[1].text for row in opened(render(FULL)).tables[0].rows}
    assert facts["Barnekoordinator"] == "Berit Demo-Sund"


def who_is_with_it(file):
    """The rows of the table of those who take part."""
    for table in opened(file).tables:
        if table.rows[0].cells[0].text == "Navn":
            return [[cell.text for cell in row.cells] for row in table.rows]
    return None


def test_who_takes_part_has_a_column_for_how_one_reaches_them_when_it_is_said_of_anybody():
    for render_it in (render, lambda plan: word.write(meeting.document(plan))):
        heads, nora, kari = who_is_with_it(render_it(REACHED))
        assert heads == ["Navn", "Rolle", "Bidrar med", "Kontakt"]
        assert nora[3] == ""
        assert kari[3] == "900 00 000\nkari@demo.example"
        heads, *_ = who_is_with_it(render_it(FULL))
        assert heads == ["Navn", "Rolle", "Bidrar med"]


def test_a_child_is_told_whom_to_call_and_the_number():
    text = "\n".join(lines(word.write(child.document(REACHED))))
    assert "Du kan alltid ringe og spørre: 22 00 00 00." in text
    assert "berit@demo.example" not in text
    assert "Du kan alltid spørre." in "\n".join(lines(word.write(child.document(FULL))))
