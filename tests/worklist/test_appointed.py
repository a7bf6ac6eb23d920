"""Who is appointed to coordinate is told so, for a week."""

from datetime import timedelta

import pytest

from tests.stafettlogg.asking import closing
from tests.town import Town

TOLD = "Du er barnekoordinator nå. Ta kontakt, og les det som er avtalt"


def appoint(town: Town, kind: str = "barnekoordinator", days: int = 0):
    town.tie("ke.leder", "KEL")
    wish = {"username": "koordinator", "kind": kind}
    on = (town.today + timedelta(days=days)).isoformat()
    there = f"/children/{town.child}/coordinators"
    made = town.api("ke.leder").post(there, {**wish, "from_on": on})
    assert made.status_code == 201, made.json
    return made.json


def told(town: Town, who: str = "koordinator"):
    return [one for one in town.api(who).get("/worklist").json["items"] if one["title"] == TOLD]


def test_a_new_coordinator_is_told_until_it_is_ended(town):
    assert told(town) == []
    made = appoint(town)
    assert [one["href"] for one in told(town)] == [f"/barn/{town.child}"]
    assert TOLD in town.browser("koordinator").text("/")
    for who in ("laerer", "ke.leder", "mor"):
        assert told(town, who) == [], who
    there = f"/coordinators/{made['id']}/end"
    assert town.api("ke.leder").post(there, {"reason": "Sluttet"}).status_code == 200
    assert told(town) == []


def test_it_is_told_for_a_week_and_not_before_the_day(town):
    appoint(town, days=2)
    assert told(town) == []
    for days, count in ((2, 1), (8, 1), (9, 0)):
        with town.later(days=days):
            assert len(told(town)) == count, days


def test_the_week_counts_from_when_it_was_registered_if_that_was_later(town):
    appoint(town, days=-20)
    for days, count in ((0, 1), (6, 1), (7, 0)):
        with town.later(days=days):
            assert len(told(town)) == count, days


def test_not_to_who_has_no_access_by_it(town):
    appoint(town, "primarkontakt")
    assert told(town) == []


@pytest.mark.parametrize("ends", ["the log", "the yes", "his service's yes"])
def test_not_when_he_may_no_longer_know_what_is_agreed(town, ends):
    appoint(town)
    assert len(told(town)) == 1
    if ends == "the log":
        log = town.api("laerer").get(f"/children/{town.child}/stafettlogg").json
        wish = closing(log["version"])
        done = town.api("laerer").post(f"/children/{town.child}/stafettlogg/closing", wish)
    else:
        services = {"services": [str(town.services["ke"])]} if ends != "the yes" else {}
        done = town.api("mor").post(f"/consents/{town.consent}/withdrawal", services)
    assert done.status_code == 200, done.text
    assert town.browser("koordinator").get(f"/barn/{town.child}/folk").status_code in {403, 404}
    assert told(town) == []
