"""The log as a Word document: what each reader gets of it, and what is kept of that."""

from io import BytesIO
from uuid import UUID
from zipfile import ZipFile

import pytest

from stafett.access.models import AccessRow
from stafett.children.models import Child, Guardian
from tests.exports.reading import lines
from tests.stafettlogg.asking import closing, level


def printed(town, who):
    answer = town.browser(who).get(f"/barn/{town.child}/stafettlogg.docx")
    assert answer.status_code == 200, who
    assert answer.headers["Content-Disposition"] == 'attachment; filename="stafettlogg.docx"'
    return "\n".join(lines(answer.data))


def write(town, text, visibility="everyone", **more):
    wish = {"kind": "note", "text": text, "visibility": visibility, **more}
    answer = town.api("laerer").post(f"/children/{town.child}/entries", wish)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def test_everybody_gets_what_he_may_read_oldest_first(town):
    write(town, "Først dette.")
    write(town, "Bare for oss som jobber her.", "professionals", visibility_reason="our_work")
    write(town, "Så dette.")
    for who, narrow in (("laerer", True), ("mor", False)):
        text = printed(town, who)
        assert text.index("Først dette.") < text.index("Så dette.")
        assert ("Bare for oss" in text, "Ikke for alle i loggen" in text) == (narrow, narrow), who
        assert f"Her står det {who.title()} Demo kan lese" in text
    assert "Stafettholder" in text
    assert "Laerer Demo (laerer)" in text


def taking_part(town, who="laerer"):
    """Give what stands between the heading of those who take part and the next one."""
    text = printed(town, who).split("\n")
    return text[text.index("Hvem er med") : text.index("Nivå gjennom tiden")]


def test_who_takes_part_are_the_parents_the_holder_and_the_members(town):
    for who in ("laerer", "mor"):
        said = "\n".join(one for one in taking_part(town, who) if one)
        parents, others = said.split("Laerer Demo\nStafettholder (laerer)\nDemo-skole\n")
        assert all(f"{one} Demo\n{one}\n" in parents for one in ("Mor", "Far"))
        assert "Ppt Demo" in others
    with town.database.writing() as session:
        session.get_one(Guardian, town.far).blocked_at = town.now
    assert "Far Demo" not in taking_part(town)


def test_a_log_that_is_closed_says_who_had_the_baton_and_that_nobody_has_it(town):
    path = f"/children/{town.child}/stafettlogg/closing"
    assert town.api("far").post(path, closing()).status_code == 200
    text = printed(town, "mor").split("\n")
    assert text[text.index("Hadde stafettpinnen") + 1] == "Laerer Demo (laerer)"
    assert not [line for line in text if line.startswith("Stafettholder")]


def test_where_the_address_is_protected_the_parents_stand_there_and_no_workplace(town):
    with town.database.writing() as session:
        session.get_one(Child, town.child).address_protection = "fortrolig"
    there = taking_part(town)
    assert {"Mor Demo", "Far Demo", "Laerer Demo"} <= set(there)
    assert [one for one in there if one.startswith("Demo-")] == []


@pytest.mark.parametrize(("years", "there"), [(17, True), (18, False)])
def test_parents_of_one_who_is_of_age_do_not_take_part(town, years, there):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    names = taking_part(town)
    assert ("Mor Demo" in names, "Laerer Demo" in names) == (there, True)


def test_it_is_kept_who_got_which_entries(town):
    entry = write(town, "Vi øver.")
    write(town, "Skjult", "professionals", visibility_reason="our_work")
    printed(town, "mor")
    row = town.one(AccessRow, AccessRow.action == "log.export_docx")
    assert (row.actor_id, row.shown) == (town.users["mor"], UUID(entry).bytes)


def test_who_does_not_read_the_log_gets_no_document(town):
    for who in ("nyansatt", "admin", "bup"):
        assert town.browser(who).get(f"/barn/{town.child}/stafettlogg.docx").status_code == 404
    assert town.browser("ppt").get(f"/barn/{town.child}/stafettlogg.docx").status_code == 403
    other, *_ = town.family("Ola Demo")
    assert town.browser("mor").get(f"/barn/{other}/stafettlogg.docx").status_code == 404


def test_a_level_says_how_the_child_was_heard_and_who_agreed(town):
    there = f"/children/{town.child}/level-changes"
    heard = {"child_voice": {"how": "meeting", "text": "«Det er greit.»"}, "participants": "Mor"}
    assert town.api("laerer").post(there, level(2, 1, **heard)).status_code == 201
    text = printed(town, "mor")
    assert "Barnet: «Det er greit.»\nSagt på møtet\nMed på beslutningen: Mor" in text
    assert "Foresatte er enige.\n" in text
    # Why nobody knows is the grown-ups' word, not the child's.
    silent = {"child_voice": {"how": "not_obtained", "text": "Han var syk."}}
    assert town.api("laerer").post(there, level(1, 2, **silent)).status_code == 201
    assert "\nVi har ikke fått vite hva barnet mener. Han var syk.\n" in printed(town, "mor")
    wordless = {"child_voice": {"how": "drawing_ask"}}
    assert town.api("laerer").post(there, level(2, 3, **wordless)).status_code == 201
    said = "Barnets mening: fortalt med tegning eller ASK"
    assert f"\n{said}\n" in printed(town, "mor")
    page = town.browser("mor").text(f"/barn/{town.child}/niva")
    assert "mening: fortalt med tegning eller ASK." in page
    # What goes to PPT has the child's words, and not who was there.
    paper = "\n".join(lines(town.browser("laerer").get(f"/barn/{town.child}/til-ppt.docx").data))
    assert "Barnet: «Det er greit.»\nSagt på møtet\nLaerer Demo" in paper


@pytest.mark.parametrize(
    ("years", "who", "other"), [(15, "Barnet", "Ungdommen"), (16, "Ungdommen", "Barnet")]
)
def test_who_is_old_enough_to_decide_is_called_a_youth(town, years, who, other):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    there, seen = f"/children/{town.child}/level-changes", 1
    for number, voice in (
        (2, {"how": "meeting", "text": "«Det er greit.»"}),
        (1, {"how": "not_obtained", "text": "Vi rakk det ikke."}),
        (2, {"how": "drawing_ask"}),
    ):
        wish = level(number, seen, child_voice=voice)
        assert town.api("laerer").post(there, wish).status_code == 201
        seen += 1
    words = {"kind": "child_voice", "text": "Jeg vil lese.", "visibility": "everyone"}
    assert town.api("laerer").post(f"/children/{town.child}/entries", words).status_code == 201
    holder = town.browser("laerer")
    paper = "\n".join(lines(holder.get(f"/barn/{town.child}/til-ppt.docx").data))
    for said in (printed(town, "mor"), paper):
        assert f"{who}: «Det er greit.»" in said
        assert f"hva {who.lower()} mener" in said
        assert f"{who}s mening: fortalt med tegning eller ASK" in said
        assert other.lower() not in said.lower()
    assert f"{who}s ord" in printed(town, "mor")
    copy = ZipFile(BytesIO(town.browser("mor").get(f"/barn/{town.child}/kopi.zip").data))
    page = copy.read("les-meg.html").decode()
    assert f"{who}: «Det er greit.»" in page
    assert f"{other}:" not in page
    found = holder.text("/sok?q=lese")
    assert "Nora Demo: Noras ord" in found
