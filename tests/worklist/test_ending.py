"""A consent that ends: told a month and a week before, to the holder and to those who may renew."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from stafett.access.models import Cover
from stafett.access.policy import Purpose
from stafett.consents.models import Consent


def ends(town, days):
    """Let the town's consent end so many days from now; return the day."""
    day = town.today + timedelta(days=days)
    with town.work("laerer") as work:
        work.session.execute(update(Consent).values(expires_on=day))
        work.session.execute(update(Cover).values(until_on=day))
    return day


def told(town, who):
    items = town.api(who).get("/worklist").json["items"]
    return [(one["due_on"], one["href"]) for one in items if one["due_on"]]


@pytest.mark.parametrize("days", [31, 30, 7, 0])
def test_the_holder_and_both_parents_are_told_from_a_month_before(town, days):
    day = ends(town, days).isoformat()
    page = f"/samtykke/{town.consent}"
    assert told(town, "laerer") == ([(day, f"/barn/{town.child}/samtykke")] if days < 31 else [])
    for who in ("mor", "far"):
        assert told(town, who) == ([(day, page)] if days < 31 else [])
        assert ("Snart går noe ut" in town.browser(who).text("/familie")) is (days < 31)
    assert told(town, "ppt") == told(town, "nyansatt") == []
    town.agree(town.child, "skole", "ppt", "helse", "ke")  # a new yes, for a year
    assert told(town, "laerer") == told(town, "mor") == []


def test_who_is_not_asked_for_a_new_yes_is_not_told(town):
    ends(town, 7)
    town.tie("ke.leder", "KEL")
    blocked = town.api("ke.leder").post(f"/guardians/{town.far}/block", {"reason": "Vedtak"})
    assert blocked.status_code == 200, blocked.json
    assert (told(town, "far"), len(told(town, "mor"))) == ([], 1)
    withdrawn = town.api("mor").post(f"/consents/{town.consent}/withdrawal", {})
    assert (withdrawn.status_code, told(town, "mor")) == (200, [])


def test_of_a_plan_the_coordinator_is_told(town):
    consent = town.agree(town.child, "ke", purpose=Purpose.PLAN)
    town.tie("koordinator", "KO", service_id=town.services["ke"])
    day = ends(town, 20).isoformat()
    assert told(town, "koordinator") == [(day, f"/samtykke/{consent}")]
