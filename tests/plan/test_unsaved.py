"""What is being written in a form of the draft: its author's alone, and no part of any plan."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import update

from stafett.access.models import AccessRow, Tie
from stafett.audit.models import TrailRow
from stafett.unsaved.models import Unsaved
from tests.client import but_for_token
from tests.plan.scene import a_goal, a_measure, drafted, path, save
from tests.stafettlogg.asking import closing

WORDS = "Hun vil bli med i friminuttet"


def place(town, form="g1"):
    return f"{path(town)}/draft/unsaved/{form}"


def keep(town, form="g1", seen=0, who="laerer", **fields):
    """Keep a form as a page does while somebody types; the number of what it was begun with."""
    given = {"fields": fields or {"text": WORDS}, "seen_version": seen}
    return town.api(who).put(place(town, form), given)


def page(town, at, who="laerer"):
    return town.browser(who).get(f"/barn/{town.child}/plan/utkast{at}").text


def hidden(text, name):
    """What a hidden field of the page's form says."""
    return re.search(rf'name="{name}" value="(\d+)"', text.split("data-draft=")[1])[1]


@pytest.fixture
def draft(town):
    """A goal of the child's with two steps and a measure, saved in the plan's draft."""
    steps = [{"text": "Ett steg"}, {"text": "To steg"}]
    goals = [a_goal(whose="child", subgoals=steps, measures=[a_measure(town)])]
    people = [{"name": "Laerer Demo", "username": "laerer", "contribution": "Leser"}]
    return drafted(town, goals, about_me="Glad i bøker", participants=people)


@pytest.mark.parametrize(
    ("form", "at", "fields"),
    [
        ("texts", "/tekst", {"about_me": WORDS, "needs": "", "period_from": "2027"}),
        ("participants", "/deltakere", {"participants.1.name": WORDS}),
        ("about_me", "/om-meg", {"about_me": WORDS}),
        ("contribution", "/bidrag", {"contribution": WORDS}),
        ("cooperation", "/samarbeid", {"cooperation.1.purpose": WORDS}),
        ("new_text", "/tillegg", {"text": WORDS, "section": "needs"}),
        ("new_goal", "/mal", {"text": WORDS, "subgoals.1.text": "Et steg"}),
        ("g1", "/mal/g1", {"text": WORDS, "subgoals.0.key": "d2", "subgoals.0.text": ""}),
        ("new_measure_g1", "/mal/g1/tiltak", {"what": WORDS, "goal_keys": ["d2", "d3"]}),
        ("m4", "/tiltak/m4", {"what": "Lesing", "how": WORDS, "responsible": "ppt"}),
    ],
)
def test_every_form_comes_back_as_it_was_typed(town, draft, form, at, fields):
    assert town.api("laerer").get(place(town, form)).json["version"] == 0
    kept = keep(town, form, **fields)
    assert kept.status_code == 200, kept.text
    assert kept.json["fields"] == fields
    assert town.api("laerer").get(place(town, form)).json == kept.json
    shown = page(town, at)
    assert WORDS in shown
    assert "har ikke lagret det" in shown
    assert (
        f'href="/barn/{town.child}/plan/utkast{at}"' in page(town, "").split("ikke har lagret")[1]
    )
    for who in ("mor", "ppt"):
        answer = town.browser(who).get(f"/barn/{town.child}/plan/utkast{at}")
        assert WORDS not in answer.text
        assert "har ikke lagret" not in page(town, "", who)


def test_it_is_gone_when_the_part_is_saved_and_what_stands_is_untouched_until_then(town, draft):
    kept = keep(town, "g1", text=WORDS, seen_version=str(draft["seen_version"]))
    assert town.api("laerer").get(f"{path(town)}/draft").json == draft
    sent = {"text": WORDS, "whose": "child", "seen_version": draft["seen_version"]}
    older, newer = kept.json["version"], keep(town, seen=kept.json["version"]).json["version"]
    there = f"/barn/{town.child}/plan/utkast/mal/g1"
    town.browser("laerer").send(there, {**sent, "draft_version": older})
    assert town.count(Unsaved) == 1  # another device has written on
    now = town.api("laerer").get(f"{path(town)}/draft").json
    assert now["goals"][0]["text"] == WORDS
    again = {**sent, "seen_version": now["seen_version"], "draft_version": newer}
    assert town.browser("laerer").send(there, again).status_code == 303
    assert town.count(Unsaved) == 0


def test_what_was_kept_still_collides_with_what_somebody_saved_meanwhile(town, draft):
    before = page(town, "/mal/g1")
    seen = {name: hidden(before, name) for name in ("seen_version", "seen_part")}
    kept = keep(town, "g1", text=WORDS, **seen)
    goals = [{**draft["goals"][0], "text": "Noe annet"}]
    assert save(town, "laerer", goals).status_code == 200
    shown = page(town, "/mal/g1")
    assert {name: hidden(shown, name) for name in seen} == seen
    sent = {"text": WORDS, "whose": "child", **seen, "draft_version": kept.json["version"]}
    lost = town.browser("laerer").send(f"/barn/{town.child}/plan/utkast/mal/g1", sent)
    assert lost.status_code == 409
    assert "Ingenting er borte" in lost.text
    assert WORDS in lost.text
    assert "Noe annet" in lost.text
    assert "data-draft-state" not in lost.text  # only what is typed now is kept as seen
    assert town.count(Unsaved) == 1
    assert town.api("laerer").get(f"{path(town)}/draft").json["goals"][0]["text"] == "Noe annet"


def test_two_devices_do_not_overwrite_each_other(town, draft):
    first = keep(town).json
    lost = keep(town, text="Fra nettbrettet")
    assert lost.status_code == 409
    assert lost.json["error"]["current"] == first
    assert keep(town, seen=first["version"], text="Begge").json["version"] > first["version"]


def test_it_is_let_go_of_by_its_author(town, draft):
    kept = keep(town, "m4", what=WORDS).json["version"]
    there = f"/barn/{town.child}/plan/utkast/ulagret/m4/bort"
    town.browser("mor").send(there, {"draft_version": kept})
    assert town.count(Unsaved) == 1
    assert town.browser("laerer").send(there, {"draft_version": kept}).status_code == 303
    assert WORDS not in page(town, "/tiltak/m4")
    again = keep(town, "m4", what=WORDS).json["version"]
    empty = town.api("laerer").put(place(town, "m4"), {"fields": {}, "seen_version": again})
    assert (empty.json["version"], town.count(Unsaved)) == (0, 0)


def test_only_what_one_may_save_may_be_kept(town, draft):
    everybody = {"laerer": True, "mor": False, "ppt": False}
    for who, whole in everybody.items():
        for form in ("texts", "participants", "cooperation", "new_text"):
            assert (keep(town, form, who=who).status_code == 200) is whole, (who, form)
    assert keep(town, "g1", who="mor").status_code == 200  # the child's wish
    assert keep(town, "new_goal", who="mor").status_code == 200
    for form in ("g1", "m4", "new_goal"):
        assert keep(town, form, who="ppt").status_code == 404
    assert keep(town, "new_measure_g1", who="ppt").status_code == 200  # his own measure
    for form in ("g9", "new_measure_g9", "d2", "x", "new_measure_", "new"):
        assert keep(town, form).status_code == 404
    assert (
        town.api("nyansatt").put(place(town), {"fields": {}, "seen_version": 0}).status_code == 404
    )


def test_what_is_hidden_or_taken_away_since_is_reached_no_more(town, draft):
    """A form holds what stood there: who may not read that any more gets nothing of it back."""
    keep(town, "g1", who="mor", text=WORDS)
    hide = {"visibility": "own_service", "visibility_reason": "secrecy", "seen_audience": 0}
    hidden_one = town.api("laerer").post(f"{path(town)}/parts/g1/visibility", hide)
    assert hidden_one.status_code == 200, hidden_one.text
    missing = town.api("mor").get(place(town, "g9"))
    for answer in (town.api("mor").get(place(town)), keep(town, who="mor", seen=1)):
        assert answer.status_code == 404
        assert answer.json == missing.json
    assert WORDS not in page(town, "", "mor")


def test_who_has_lost_the_access_reaches_it_no_more(town, draft):
    keep(town, "new_measure_g1", who="ppt", what=WORDS)
    with town.database.writing() as session:
        ppt = Tie.user_id == town.users["ppt"]
        session.execute(update(Tie).where(ppt).values(ended_at=town.now))
    assert town.api("ppt").get(place(town, "new_measure_g1")).status_code == 404
    assert keep(town, "new_measure_g1", who="ppt", seen=1).status_code == 404
    assert town.one(Unsaved).fields == {"what": WORDS}


def test_nothing_tells_that_somebody_writes(town, draft):
    before = town.rows()
    keep(town)
    assert {name: count for name, count in town.rows().items() if count != before[name]} == {
        "unsaved": before["unsaved"] + 1
    }
    assert town.count(TrailRow, TrailRow.action == "plan.draft") == 0
    named = (AccessRow.action == "plan.draft", AccessRow.child_id.is_not(None))
    assert town.count(AccessRow, *named) == 0
    assert "lagret et utkast" not in town.browser("laerer").text("/min/logg")
    town.api("nyansatt").get(place(town))
    assert town.count(AccessRow, *named) == 1


def test_it_is_gone_after_seven_days(town, draft):
    keep(town)
    with town.later(hours=7 * 24, seconds=1):
        assert town.api("laerer").get(place(town)).json["version"] == 0
        assert "har ikke lagret" not in page(town, "")


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "æ" * 40_001},
        {"text": "\x00"},
        {"text": 7},
        {"goal_keys": ["d" * 61]},
        {"<script>": "x"},
        {f"subgoals.{n}.text": "" for n in range(2001)},
    ],
)
def test_what_cannot_be_kept_is_refused(town, draft, fields):
    answer = town.api("laerer").put(place(town), {"fields": fields, "seen_version": 0})
    assert answer.status_code == 422
    assert town.count(Unsaved) == 0


FORMS = {
    "/mal/g1": {"text": WORDS, "success": "ro", "whose": "child", "subgoals.0.text": "Si hei"},
    "/mal/g1/tiltak": {"what": WORDS, "how": "ro", "starts_on": "2027-01-01", "scope": "Si hei"},
    "/tekst": {"about_me": WORDS, "needs": "ro\n\nSi hei", "next_meeting_on": "2027-01-01"},
    "/deltakere": {"participants.0.name": WORDS, "participants.0.contribution": "ro\r\nSi hei"},
}


@pytest.mark.parametrize(("at", "fields"), FORMS.items())
@pytest.mark.parametrize(("who", "status"), [("laerer", 403), ("ppt", 404), ("nyansatt", 404)])
def test_whoever_may_not_save_any_more_gets_all_that_he_typed_back(
    town, draft, who, status, at, fields
):
    there, sent = f"/barn/{town.child}/plan/utkast{at}", {**fields, "seen_version": 1}
    town.api("laerer").post(f"/children/{town.child}/stafettlogg/closing", closing())
    before = town.rows()
    lost = town.browser(who).send(there, sent)
    assert lost.status_code == status
    given = lost.text.split("Det du skrev</h2>")[1]
    for words in (WORDS, "ro", "Si hei"):
        assert words in given
    for code in ("child", "2027-01-01", 'value="'):
        assert code not in given
    assert "Det du skrev, er ikke lagret" in lost.text
    assert "Nora" not in lost.text
    assert town.rows() == before
    if status == 404:  # it is answered as of a child who is not there
        missing = town.browser(who).send(there.replace(str(town.child), str(uuid4())), sent)
        assert missing.status_code == 404
        assert but_for_token(missing) == but_for_token(lost)


def test_the_family_has_its_words_in_the_fields_when_the_log_is_closed_meanwhile(town, draft):
    shown = page(town, "/mal/g1", "mor")
    seen = {name: hidden(shown, name) for name in ("seen_version", "seen_part")}
    town.api("laerer").post(f"/children/{town.child}/stafettlogg/closing", closing())
    there = f"/barn/{town.child}/plan/utkast/mal/g1"
    kept = town.browser("mor").send(there, {"text": WORDS, "whose": "child", **seen})
    assert kept.status_code == 422
    assert f"{WORDS}</textarea>" in kept.text
    assert "Stafettloggen er avsluttet" in kept.text
