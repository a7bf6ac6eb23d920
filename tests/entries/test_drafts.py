"""What is being written: kept for its author alone, never overwritten unseen, and gone in time."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from stafett.access.models import AccessRow, Tie
from stafett.audit.models import TrailRow
from stafett.unsaved.models import Unsaved
from stafett.worker import Jobs

TEXT = "Vi prøvde pauser hver time. Det gikk"
LONGEST_WORDS = "æ" * 40_000


def place(town):
    return f"/children/{town.child}/entries/draft"


def save(town, text=TEXT, seen=0, who="laerer", **fields):
    given = {"fields": {"text": text, **fields}, "seen_version": seen}
    return town.api(who).put(place(town), given)


def test_a_draft_is_kept_as_it_was_typed_and_comes_back_on_every_device(town):
    empty = {"version": 0, "saved_at": None, "fields": {}}
    assert town.api("laerer").get(place(town)).json == empty
    fields = {"kind": "contact", "visibility": "named", "named": ["ppt"], "review_on": "2026-1"}
    saved = save(town, **fields)
    assert saved.status_code == 200, saved.json
    assert saved.json["fields"] == {"text": TEXT, **fields}
    assert town.api("laerer").get(place(town)).json == saved.json
    page = town.browser("laerer").get(f"/barn/{town.child}/stafettlogg").text
    assert TEXT in page
    assert '<option value="contact" selected' in page
    assert '<option value="named" selected' in page


def test_the_second_device_does_not_overwrite_what_the_first_has_saved(town):
    first = save(town).json
    second = save(town, "Noe annet", seen=0)
    assert second.status_code == 409
    assert second.json["error"]["current"] == first
    third = save(town, "Begge", seen=first["version"])
    assert third.json["version"] > first["version"]
    assert save(town, "For sent", seen=first["version"]).status_code == 409
    assert town.one(Unsaved).fields == {"text": "Begge"}


def test_a_number_never_comes_back_so_that_an_old_page_overwrites_no_new_draft(town):
    first = save(town).json
    assert save(town, " ", seen=first["version"]).json["version"] == 0
    assert town.count(Unsaved) == 0
    with town.later(seconds=5):
        newer = save(town, "Et nytt").json
        assert newer["version"] > first["version"]
        assert save(town, "Gammelt", seen=first["version"]).status_code == 409
    assert town.one(Unsaved).fields == {"text": "Et nytt"}


def test_saving_the_entry_takes_its_draft_and_no_newer_one(town):
    old = save(town).json["version"]
    new = save(town, "Skrevet på telefonen", seen=old).json["version"]
    note = {"kind": "note", "text": TEXT, "visibility": "everyone"}
    laerer = town.browser("laerer")
    for version, left in ((0, 1), (old, 1), (new, 0)):
        sent = laerer.send(f"/barn/{town.child}/stafettlogg", {**note, "draft_version": version})
        assert sent.status_code == 303
        page, _, entry = sent.headers["Location"].partition("#")
        assert f'id="{entry}"' in laerer.get(page).text
        assert town.count(Unsaved) == left


def test_a_refused_entry_keeps_its_draft(town):
    version = save(town, "x" * 20_001).json["version"]
    note = {"kind": "note", "text": "x" * 20_001, "visibility": "everyone"}
    sent = town.browser("laerer").send(
        f"/barn/{town.child}/stafettlogg", {**note, "draft_version": version}
    )
    assert sent.status_code == 422
    assert f'name="draft_version" value="{version}"' in sent.text
    assert town.count(Unsaved) == 1


def test_a_correction_has_a_draft_of_its_own(town):
    note = {"kind": "note", "text": "Mandag.", "visibility": "everyone"}
    api = town.api("laerer")
    entry = api.post(f"/children/{town.child}/entries", note).json["id"]
    fields = {"text": "Tirsdag.", "reason": "Feil", "seen_version": "1"}
    path = f"/entries/{entry}/draft"
    saved = api.put(path, {"fields": fields, "seen_version": 0}).json
    assert api.get(place(town)).json["version"] == 0
    page = town.browser("laerer").get(f"/oppforing/{entry}").text
    assert "Tirsdag." in page
    assert 'value="Feil"' in page
    for who in ("ppt", "mor"):  # they read the entry, and did not write it
        assert town.api(who).get(path).status_code == 404
    sent = {**fields, "draft_version": saved["version"]}
    assert town.browser("laerer").send(f"/oppforing/{entry}", sent).status_code == 303
    assert town.count(Unsaved) == 0


def test_only_the_author_ever_finds_it_and_nothing_tells_of_it(town):
    before = town.rows()
    save(town)
    for who in ("mor", "far", "ppt"):
        assert town.api(who).get(place(town)).json["version"] == 0
        assert TEXT not in town.browser(who).get(f"/barn/{town.child}/stafettlogg").text
    assert {name: count for name, count in town.rows().items() if count != before[name]} == {
        "unsaved": before["unsaved"] + 1
    }
    assert town.count(TrailRow, TrailRow.action == "entry.draft") == 0
    rows = (AccessRow.action == "entry.draft", AccessRow.child_id.is_not(None))
    assert town.count(AccessRow, *rows) == 0
    mor = town.browser("mor")
    assert "utkast" not in mor.text(f"/barn/{town.child}/innsyn")
    assert "utkast" not in town.browser("laerer").text("/min/logg")
    assert town.api("nyansatt").get(place(town)).status_code == 404
    assert town.count(AccessRow, *rows) == 1  # who is refused is told of like any other


@pytest.mark.parametrize("who", ["mor", "ungdom"])
def test_the_family_has_drafts_too(town, who):
    if who == "ungdom":
        town.tie("ungdom", "C16")
    assert save(town, who=who).status_code == 200
    assert TEXT in town.browser(who).get(f"/barn/{town.child}/stafettlogg").text


def test_the_child_has_a_draft_in_its_room_and_nobody_else_has(town):
    town.tie("ungdom", "C16")
    path = f"/children/{town.child}/room/draft"
    given = {"fields": {"text": "Hemmelig"}, "seen_version": 0}
    saved = town.api("ungdom").put(path, given)
    assert saved.status_code == 200
    for who in ("laerer", "mor", "ppt"):
        assert town.api(who).put(path, given).status_code == 404
    room = f"/barn/{town.child}/rom"
    assert "Hemmelig" in town.browser("ungdom").get(room).text
    sent = {"text": "Hemmelig", "draft_version": saved.json["version"]}
    assert town.browser("ungdom").send(room, sent).status_code == 303
    assert town.count(Unsaved) == 0


def test_who_has_lost_the_access_reaches_his_draft_no_more(town):
    save(town, who="ppt")
    with town.database.writing() as session:
        ppt = Tie.user_id == town.users["ppt"]
        session.execute(update(Tie).where(ppt).values(ended_at=town.now))
    assert town.api("ppt").get(place(town)).status_code == 404
    assert save(town, "Mer", who="ppt").status_code == 404
    assert town.one(Unsaved).fields == {"text": TEXT}


def test_a_draft_is_gone_after_seven_days_from_sight_and_from_the_table(town):
    with town.later(days=0):
        save(town)
    with town.later(hours=7 * 24, seconds=-1):
        assert town.api("laerer").get(place(town)).json["version"]
    with town.later(hours=7 * 24) as moment:
        assert town.api("laerer").get(place(town)).json["version"] == 0
        Jobs(town.database, None, None, town.profile).forget(moment - timedelta(seconds=1))
        assert town.count(Unsaved) == 1
        Jobs(town.database, None, None, town.profile).forget(moment)
    assert town.count(Unsaved) == 0


@pytest.mark.parametrize(
    "fields", [{"text": LONGEST_WORDS + "æ"}, {"text": "\x00"}, {"text": 7}, {"other": "x"}]
)
def test_what_cannot_be_kept_is_said_at_its_field(town, fields):
    assert save(town, LONGEST_WORDS).status_code == 200
    answer = town.api("laerer").put(place(town), {"fields": fields, "seen_version": 0})
    assert answer.status_code == 422
    assert [*answer.json["error"]["fields"]] == [f"fields.{one}" for one in fields]
