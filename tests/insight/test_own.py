"""What is logged of oneself: everything, nobody else's, and no child that one may not know of."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from stafett.access.policy import Action
from stafett.dates import clock
from stafett.insight.rules import OwnRow, gathered, own_in_words
from tests.town import PEOPLE

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
NORA = UUID(int=1)


def rows(town, who, **asked):
    answer = town.api(who).get("/me/access-log", query_string=asked)
    assert answer.status_code == 200
    return answer.json


def test_what_one_did_newest_first_with_what_came_of_it(town):
    api = town.api("ppt")
    assert api.get(f"/children/{town.child}/entries").status_code == 200
    assert api.get(f"/children/{uuid4()}/entries").status_code == 404
    assert api.post(f"/children/{town.child}/handovers", {"to": "mor"}).status_code == 403
    found = rows(town, "ppt")["items"]
    assert [(one["what"], one["child"], one["outcome"]) for one in found] == [
        ("spurte noen om å ta over stafettpinnen", "Nora Demo", "fikk ikke tilgang"),
        ("leste stafettloggen", None, "fikk ikke tilgang"),
        ("leste stafettloggen", "Nora Demo", ""),
    ]
    assert all(one["about_child"] for one in found)


@pytest.mark.parametrize(("who", "works"), [("laerer", True), ("mor", False), ("ungdom", False)])
def test_the_family_is_not_spoken_to_as_if_it_worked_here(town, who, works):
    page = town.browser(who).text("/min/logg")
    assert "Alt du åpner og endrer, blir skrevet ned." in page
    assert ("Loggen måler ikke arbeidet ditt." in page) is works


def test_everything_that_one_can_do_has_words():
    assert not [one for one in Action if own_in_words(one) == own_in_words("gone")]


def test_a_form_that_was_opened_is_not_told_as_done(town):
    assert town.browser("laerer").get(f"/barn/{town.child}/plan/utkast").status_code == 200
    (opened,) = rows(town, "laerer")["items"]
    assert (opened["what"], opened["outcome"]) == (
        "skrev i utkastet til planen",
        "åpnet bare siden og lagret ingenting",
    )
    said = "Du åpnet bare siden og lagret ingenting: skrev i utkastet til planen (Nora Demo)"
    assert said in town.browser("laerer").text("/min/logg")


def own_row(minutes, what="så barnets side", child="Nora Demo", child_id=NORA, outcome=""):
    at = MORNING + timedelta(minutes=minutes)
    return OwnRow(at, what, about_child=True, child=child, child_id=child_id, outcome=outcome)


def test_what_is_alike_is_told_once_a_day_for_each_child_and_outcome_with_every_time():
    given = [
        own_row(24 * 60),
        own_row(30),
        own_row(25, child_id=UUID(int=2)),  # a namesake
        own_row(20, "leste planen"),
        own_row(15, outcome="fikk ikke tilgang"),
        own_row(10),
        own_row(5, child=None, child_id=None),  # may be two children of whom one may not know
        own_row(4, child=None, child_id=None),
        own_row(0),
    ]
    told = gathered(given)
    assert [(one.row, len(one.times)) for one in told] == [
        (given[0], 1),
        (given[1], 3),
        *((one, 1) for one in (*given[2:5], *given[6:8])),
    ]
    assert told[1].times == [given[1].at, given[5].at, given[8].at]
    assert sorted(at for one in told for at in one.times) == sorted(one.at for one in given)


def test_the_page_says_how_often_and_when(town):
    tomorrow = datetime.combine(town.today + timedelta(days=1), MORNING.timetz()) - town.now
    for minutes in (0, 4, 9):
        with town.later(seconds=tomorrow.total_seconds() + 60 * minutes) as now:
            town.api("ppt").get(f"/children/{town.child}")
    first, between, last = (clock(now - timedelta(minutes=one)) for one in (9, 5, 0))
    with town.later(days=2):
        told = town.browser("ppt").text("/min/logg")
        assert len(rows(town, "ppt")["items"]) >= 3
    assert f"{first} – {last} · Du så barnets side (Nora Demo), 3 ganger" in told  # noqa: RUF001 an en dash stands between two times
    assert (
        f"Alle tidspunktene da du så barnets side (Nora Demo) {last} , {between} , {first}" in told
    )
    assert told.count("Du så barnets side") == 1


def test_nobody_else_s_and_no_child_that_one_no_longer_knows(town):
    town.api("laerer").get(f"/children/{town.child}")
    assert town.api("ppt").get(f"/children/{town.child}").status_code == 200
    assert [one["child"] for one in rows(town, "ppt")["items"]] == ["Nora Demo"]
    ended = town.api("laerer").post(f"/members/{town.member}/end", {"reason": "Ferdig"})
    assert ended.status_code == 200
    first = rows(town, "ppt")["items"][-1]
    assert (first["about_child"], first["child"]) == (True, None)
    assert "Nora" not in town.browser("ppt").text("/min/logg")
    assert "et barn du ikke følger" in town.browser("ppt").text("/min/logg")


@pytest.mark.parametrize("who", list(PEOPLE))
def test_everybody_has_the_page_and_the_way_to_it(town, who):
    browser = town.browser(who)
    browser.get("/", follow_redirects=True)
    assert "/min/logg" in browser.get("/min/logg").text
    assert "Det som er logget om deg" in browser.text("/min/logg")


def test_of_those_of_one_moment_none_is_lost_between_two_parts(town, monkeypatch):
    monkeypatch.setattr("stafett.insight.queries.MOST", 3)
    with town.later(minutes=1):
        for _ in range(5):
            town.api("ppt").get(f"/children/{town.child}")
    first = rows(town, "ppt")
    then = rows(town, "ppt", after=first["next"])
    seen = [one["what"] for part in (first, then) for one in part["items"]]
    assert seen.count("så barnets side") == 5


def test_older_ones_in_parts(town, monkeypatch):
    monkeypatch.setattr("stafett.insight.queries.MOST", 3)
    for _ in range(5):
        town.api("mor").get(f"/children/{town.child}")
    part = rows(town, "mor")
    assert len(part["items"]) == 3
    older = rows(town, "mor", after=part["next"])
    seen = {one["at"] for one in part["items"]}
    assert not seen & {one["at"] for one in older["items"]}
    assert town.api("mor").get("/me/access-log?after=x").status_code == 422
