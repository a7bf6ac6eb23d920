"""A concern that is being written: its author's alone, found again, and in nobody's log."""

from dataclasses import fields
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from stafett.access.models import AccessRow, Tie
from stafett.audit.models import TrailRow
from stafett.stafettlogg.level_zero import WriteConcern
from stafett.stafettlogg.models import Concern
from stafett.unsaved.models import Unsaved
from stafett.worker import Jobs

WORDS = "Hun gråt i garderoben, og ville ikke hjem."
TYPED = {
    "observed": WORDS,
    "worry": "5",
    "strengths": "Tegning",
    "areas": ["sosial"],
    "parents_not_asked": "violence",
    "first_noticed_on": "2026-01",
    "bullying": "false",
}
"""Half done: a date that is none yet."""


@pytest.fixture
def child(town):
    """A child whom the teacher has registered to write a first concern."""
    return town.family("Ny Demo")[0]


def place(child):
    return f"/children/{child}/concerns/draft"


def keep(town, child, who="laerer", seen=0, **typed):
    given = {"fields": typed or TYPED, "seen_version": seen}
    return town.api(who).put(place(child), given)


def test_it_comes_back_as_it_was_typed_for_its_author_alone(town, child):
    assert town.api("laerer").get(place(child)).json["version"] == 0
    kept = keep(town, child)
    assert kept.json["fields"] == TYPED
    assert town.api("laerer").get(place(child)).json == kept.json
    form = f"/barn/{child}/bekymring/ny"
    shown = town.browser("laerer").get(form).text
    assert f"{WORDS}</textarea>" in shown
    assert "Utkast lagret i dag" in shown
    assert shown.count(" checked") == 3  # how worried, no bullying, and the area
    assert town.api("rektor").get(place(child)).json["version"] == 0  # the leader has his own
    assert WORDS not in town.browser("rektor").get(form).text
    for who in ("ppt", "mor", "nyansatt", "ke.leder"):
        assert town.api(who).get(place(child)).status_code == 404
        assert keep(town, child, who).status_code == 404
    assert town.count(Unsaved) == 1


def test_each_field_of_a_concern_is_asked_for_kept_while_it_is_written_and_sent_out(town, child):
    names = {field.name for field in fields(WriteConcern)}
    typed = {name: ["sosial"] if name == "areas" else "1" for name in names}
    assert keep(town, child, **typed).json["fields"] == typed
    form = town.browser("laerer").get(f"/barn/{child}/bekymring/ny").text
    assert {name for name in names if f'name="{name}"' not in form} == set()
    path = f"/children/{child}/concerns"
    made = town.api("laerer").post(path, {"observed": WORDS, "worry": 3})
    assert names <= made.json.keys()


def test_nothing_tells_that_somebody_writes_one(town, child):

    def told():
        """What the mother reads of what the teacher has seen and done."""
        items = town.api("mor").get(f"/children/{child}/access-log").json["items"]
        return [one for one in items if one["who"].startswith("Laerer")]

    before, said = town.rows(), told()
    assert said
    town.browser("laerer").get(f"/barn/{child}/bekymring/ny")
    version = 0
    for minute in range(20):
        version = keep(town, child, seen=version, observed=f"{WORDS} {minute}").json["version"]
    assert {name: count for name, count in town.rows().items() if count != before[name]} == {
        "unsaved": before["unsaved"] + 1
    }
    assert town.count(TrailRow, TrailRow.action == "concern.draft") == 0
    rows = AccessRow.action == "concern.draft"
    assert town.count(AccessRow, rows, AccessRow.child_id.is_(None)) == 20
    assert town.count(AccessRow, rows) == 20
    assert told() == said
    assert "utkast" not in town.browser("laerer").text("/min/logg")
    page = town.browser("laerer").get("/")
    assert f'href="/barn/{child}/bekymring/ny"' in page.text
    assert "Du har begynt på en bekymring som ikke er lagret. Skriv den ferdig" in (
        town.browser("laerer").text("/")
    )
    for who in ("rektor", "ppt"):
        assert "bekymring som ikke er lagret" not in town.browser(who).text("/")


def test_without_words_there_is_nothing_to_keep(town, child):
    version = keep(town, child).json["version"]
    assert keep(town, child, seen=version, worry="3", areas=["sosial"]).json["version"] == 0
    assert town.count(Unsaved) == 0
    assert "reson" in str(keep(town, child, reson="x").json["error"]["fields"])


def test_it_is_gone_when_it_is_saved_and_another_devices_words_stay(town, child):
    version = keep(town, child).json["version"]
    wish = {"observed": WORDS, "worry": 5}
    made = town.api("laerer").post(f"/children/{child}/concerns", {**wish, "draft_version": 0})
    assert made.status_code == 201
    assert town.count(Unsaved) == 1  # it was sent from a page without it
    form = {"observed": WORDS, "worry": "5", "draft_version": str(version)}
    done = town.browser("laerer").send(f"/barn/{child}/bekymring/ny", form)
    assert done.status_code == 303
    assert town.count(Unsaved) == 0
    assert town.count(Concern, Concern.observed == WORDS) == 2
    assert town.count(Concern) == 2


def test_what_was_refused_is_shown_again_and_still_kept(town, child):
    version = keep(town, child).json["version"]
    form = {"observed": WORDS, "first_noticed_on": "2199-01-01", "draft_version": str(version)}
    refused = town.browser("laerer").send(f"/barn/{child}/bekymring/ny", form)
    assert refused.status_code == 422
    assert f"{WORDS}</textarea>" in refused.text
    assert f'name="draft_version" value="{version}"' in refused.text
    assert town.count(Unsaved) == 1


def test_it_is_let_go_of_when_its_author_wants_it_no_more(town, child):
    version, browser = keep(town, child).json["version"], town.browser("laerer")
    page = f"/barn/{child}/bekymring/ny"
    assert "Forkast det jeg skrev" in browser.text(page)
    older = browser.send(f"{page}/bort", {"draft_version": str(version - 1)})
    assert (older.status_code, town.count(Unsaved)) == (303, 1)  # another device wrote on
    rows = AccessRow.action == "concern.draft", AccessRow.child_id.is_not(None)
    assert town.count(AccessRow, *rows) == 0
    others = town.browser("rektor").send(f"{page}/bort", {"draft_version": str(version)})
    assert (others.status_code, town.count(Unsaved)) == (303, 1)  # of his own there is none
    gone = browser.send(f"{page}/bort", {"draft_version": str(version)})
    assert (gone.status_code, gone.location, town.count(Unsaved)) == (303, page, 0)
    said = browser.get(page).text
    assert "Forkast" not in said
    assert WORDS not in said


def test_it_is_gone_after_seven_days(town, child):
    with town.later(days=0):
        keep(town, child)
    with town.later(hours=7 * 24) as moment:
        assert town.api("laerer").get(place(child)).json["version"] == 0
        assert "bekymring som ikke er lagret" not in town.browser("laerer").text("/")
        Jobs(town.database, None, None, town.profile).forget(moment - timedelta(seconds=1))
        assert town.count(Unsaved) == 1
        Jobs(town.database, None, None, town.profile).forget(moment)
    assert town.count(Unsaved) == 0


def test_who_may_write_it_no_more_reads_her_words_and_not_about_whom(town, child):
    """As when the child is found to have a record already, or others have opened its log."""
    keep(town, child)
    with town.database.writing() as session:
        session.execute(update(Tie).where(Tie.child_id == child).values(ended_at=town.now))
    assert town.api("laerer").get(place(child)).status_code == 404
    browser = town.browser("laerer")
    page = browser.get("/").text
    assert 'href="/ikke-lagret"' in page
    assert f"/barn/{child}/bekymring/ny" not in page
    said = browser.text("/ikke-lagret")
    assert f"{WORDS} Tegning" in said  # one word is words, too
    assert "violence" not in said
    assert "Ny Demo" not in said
    for who in ("rektor", "ppt", "nyansatt"):
        assert "ikke-lagret" not in town.browser(who).get("/").text
        assert WORDS not in town.browser(who).text("/ikke-lagret")
    with town.database.reading() as session:
        assert session.scalars(select(Unsaved.fields)).one()["observed"] == WORDS
