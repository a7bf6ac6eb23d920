"""What is being written of a concern that is there: its correction, an addition, the answer."""

import re

import pytest
from sqlalchemy import update

from stafett.access.models import AccessRow, Tie
from stafett.audit.models import TrailRow
from stafett.stafettlogg.models import Concern, ConcernChange
from stafett.unsaved.models import Unsaved

WORDS = "Hun gråt i garderoben, og ville ikke hjem."
FIRST = {"observed": "Sitter alene.", "worry": 3}
FORMS = {
    "correction": ("laerer", {"observed": WORDS, "worry": "4", "areas": ["sosial"]}),
    "addition": ("laerer", {"addition": WORDS}),
    "answer": ("rektor", {"reason": WORDS, "decision": "own_service"}),
}
FIELDS = {"correction": "observed", "addition": "addition", "answer": "reason"}
PAGES = {"correction": "/rett", "addition": "", "answer": ""}
SAID = {
    "correction": "Du har begynt å rette en bekymring, og har ikke lagret det.",
    "addition": "Du har begynt på et tillegg til en bekymring, og har ikke lagret det.",
    "answer": "Du har begynt på svaret på en bekymring, og har ikke lagret det.",
}


@pytest.fixture
def child(town):
    """A child whom the teacher has registered to write a first concern."""
    return town.family("Ny Demo")[0]


@pytest.fixture
def concern(town, child):
    """A concern that waits for its answer."""
    return town.api("laerer").post(f"/children/{child}/concerns", FIRST).json["id"]


def answered(town, concern):
    wish = {"decision": "own_service", "reason": "Vi ser på det."}
    assert town.api("rektor").post(f"/concerns/{concern}/decision", wish).status_code == 200


def place(concern, form):
    return f"/concerns/{concern}/unsaved/{form}"


def keep(town, concern, form, who=None, seen=0, **fields):
    author, typed = FORMS[form]
    given = {"fields": fields or typed, "seen_version": seen}
    return town.api(who or author).put(place(concern, form), given)


@pytest.mark.parametrize("form", FORMS)
def test_it_comes_back_as_it_was_typed_for_its_author_alone(town, concern, form):
    if form == "addition":
        answered(town, concern)
    author, typed = FORMS[form]
    assert town.api(author).get(place(concern, form)).json["version"] == 0
    kept = keep(town, concern, form)
    assert kept.status_code == 200, kept.json
    assert kept.json["fields"] == typed
    assert town.api(author).get(place(concern, form)).json == kept.json
    page = f"/bekymring/{concern}{PAGES[form]}"
    shown = town.browser(author).get(page).text
    assert f"{WORDS}</textarea>" in shown
    assert "Utkast lagret i dag" in shown
    for name, value in {"worry": "4", "areas": "sosial", "decision": "own_service"}.items():
        if name in typed:
            assert re.search(rf'name="{name}" value="{value}" checked', shown)
    for who in {"laerer", "rektor"} - {author}:
        assert keep(town, concern, form, who).status_code == 404
        assert WORDS not in town.browser(who).get(f"/bekymring/{concern}").text
    for who in ("ppt", "mor", "nyansatt", "ke.leder"):
        assert town.api(who).get(place(concern, form)).status_code == 404
        assert keep(town, concern, form, who).status_code == 404
    assert town.count(Unsaved) == 1


@pytest.mark.parametrize("form", FORMS)
def test_nothing_tells_that_somebody_writes(town, concern, form):
    if form == "addition":
        answered(town, concern)
    author, _ = FORMS[form]
    before, trail = town.rows(), town.count(TrailRow)
    version = 0
    for minute in range(5):
        typed = {FIELDS[form]: f"{minute}"}
        version = keep(town, concern, form, seen=version, **typed).json["version"]
    changed = {name: count for name, count in town.rows().items() if count != before[name]}
    assert changed == {"unsaved": before["unsaved"] + 1}
    assert town.count(TrailRow) == trail
    rows = AccessRow.action == "concern.draft_step"
    assert town.count(AccessRow, rows, AccessRow.child_id.is_(None)) == 5
    assert town.count(AccessRow, rows) == 5
    assert "utkast" not in town.browser(author).text("/min/logg")
    assert SAID[form] in town.browser(author).text("/")
    link = {"correction": "/rett", "addition": "#tillegg", "answer": "#avgjor"}[form]
    assert f'href="/bekymring/{concern}{link}"' in town.browser(author).get("/").text
    for who in {"laerer", "rektor", "ppt"} - {author}:
        assert SAID[form] not in town.browser(who).text("/")


def test_without_words_there_is_nothing_to_keep(town, concern):
    version = keep(town, concern, "answer").json["version"]
    again = keep(town, concern, "answer", seen=version, decision="close")
    assert again.json["version"] == 0
    assert town.count(Unsaved) == 0
    assert "reson" in str(keep(town, concern, "answer", reson="x").json["error"]["fields"])
    assert town.api("laerer").put(place(concern, "x"), {}).status_code == 404


def test_it_is_gone_when_it_is_saved(town, concern):
    path, browser = f"/bekymring/{concern}", town.browser("laerer")
    for form, at, who, sent in (
        ("correction", "/rett", "laerer", {"observed": WORDS, "worry": "4", "seen_version": "1"}),
        ("answer", "/avgjorelse", "rektor", FORMS["answer"][1]),
        ("addition", "/tillegg", "laerer", FORMS["addition"][1]),
    ):
        kept = keep(town, concern, form).json["version"]
        done = town.browser(who).send(f"{path}{at}", {**sent, "draft_version": str(kept)})
        assert done.status_code == 303, form
        assert town.count(Unsaved) == 0, form
        assert SAID[form] not in town.browser(who).text("/")
    assert town.one(Concern).observed == WORDS
    assert town.one(ConcernChange, ConcernChange.added == WORDS)
    assert "Utkast lagret" not in browser.text(path)


def test_it_is_gone_when_a_program_saves_it_and_another_devices_words_stay(town, concern):
    kept = keep(town, concern, "correction").json["version"]
    wish = {"observed": WORDS, "worry": 4, "seen_version": 1, "draft_version": kept - 1}
    there = f"/concerns/{concern}"
    assert town.api("laerer").post(f"{there}/corrections", wish).status_code == 200
    assert town.count(Unsaved) == 1
    wish |= {"seen_version": 2, "draft_version": kept}
    assert town.api("laerer").post(f"{there}/corrections", wish).status_code == 200
    kept = keep(town, concern, "answer").json["version"]
    wish = {"decision": "close", "reason": WORDS, "draft_version": kept}
    assert town.api("rektor").post(f"{there}/decision", wish).status_code == 200
    kept = keep(town, concern, "addition").json["version"]
    wish = {"addition": WORDS, "draft_version": kept}
    assert town.api("laerer").post(f"{there}/additions", wish).status_code == 200
    assert town.count(Unsaved) == 0


def test_a_correction_collides_with_what_was_saved_after_it_was_begun(town, concern):
    form = f"/bekymring/{concern}/rett"
    assert 'name="seen_version" value="1"' in town.browser("laerer").get(form).text
    keep(town, concern, "correction", observed=WORDS, worry="3", seen_version="1")
    talked = {"on": town.today.isoformat(), "text": "De vet det."}
    assert town.api("rektor").post(f"/concerns/{concern}/family-talk", talked).status_code == 200
    assert 'name="seen_version" value="1"' in town.browser("laerer").get(form).text
    sent = {"observed": WORDS, "worry": "3", "seen_version": "1"}
    lost = town.browser("laerer").send(form, sent)
    assert lost.status_code == 409
    assert f"{WORDS}</textarea>" in lost.text
    assert 'name="seen_version" value="2"' in lost.text


@pytest.mark.parametrize("form", FORMS)
def test_it_is_let_go_of_when_its_author_wants_it_no_more(town, concern, form):
    if form == "addition":
        answered(town, concern)
    browser = town.browser(FORMS[form][0])
    version = keep(town, concern, form).json["version"]
    page = f"/bekymring/{concern}{PAGES[form]}"
    assert "Forkast det jeg skrev" in browser.text(page)
    away = f"/bekymring/{concern}/ulagret/{form}/bort"
    older = browser.send(away, {"draft_version": str(version - 1)})
    assert (older.status_code, town.count(Unsaved)) == (303, 1)
    gone = browser.send(away, {"draft_version": str(version)})
    assert (gone.status_code, gone.location.partition("#")[0]) == (303, page)
    assert town.count(Unsaved) == 0
    assert "Forkast" not in browser.text(page)
    rows = AccessRow.action == "concern.draft_step", AccessRow.child_id.is_not(None)
    assert town.count(AccessRow, *rows) == 0


def test_what_was_refused_is_shown_again_and_still_kept(town, concern):
    version = keep(town, concern, "answer").json["version"]
    sent = {"reason": WORDS, "draft_version": str(version)}
    refused = town.browser("rektor").send(f"/bekymring/{concern}/avgjorelse", sent)
    assert refused.status_code == 422
    assert f"{WORDS}</textarea>" in refused.text
    assert f'name="draft_version" value="{version}"' in refused.text
    assert town.count(Unsaved) == 1


def test_what_can_be_saved_no_more_is_read_among_what_was_not_saved(town, concern):
    """The leader answered while the author corrected; another leader while this one answered."""
    keep(town, concern, "correction")
    keep(town, concern, "answer")
    answered(town, concern)
    for who, form in (("laerer", "correction"), ("rektor", "answer")):
        page = town.browser(who).get("/").text
        assert 'href="/ikke-lagret"' in page
        assert SAID[form] not in town.browser(who).text("/")
        said = town.browser(who).text("/ikke-lagret")
        assert WORDS in said
        assert "own_service" not in said
        assert "Ny Demo" not in said
    assert "ikke-lagret" not in town.browser("ppt").get("/").text


def test_who_has_lost_the_way_to_the_concern_reads_his_words_and_not_about_whom(
    town, child, concern
):
    keep(town, concern, "answer")
    with town.database.writing() as session:
        session.execute(update(Tie).where(Tie.child_id == child).values(ended_at=town.now))
    assert town.api("rektor").get(place(concern, "answer")).status_code == 404
    said = town.browser("rektor").text("/ikke-lagret")
    assert WORDS in said
    assert "Ny Demo" not in said
    assert concern not in town.browser("rektor").get("/").text


def test_it_is_gone_after_seven_days(town, concern):
    with town.later(days=0):
        keep(town, concern, "answer")
    with town.later(hours=7 * 24):
        assert town.api("rektor").get(place(concern, "answer")).json["version"] == 0
        assert SAID["answer"] not in town.browser("rektor").text("/")
