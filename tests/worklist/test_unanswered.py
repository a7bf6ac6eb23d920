"""A consent that the family has been asked for, and that it has not answered."""

from datetime import timedelta

from sqlalchemy import update

from stafett.consents.models import Consent
from tests.consents.test_digital import ask, reply


def waits(town, who="laerer"):
    rows = town.api(who).get("/worklist").json["waiting"]
    return [(one["title"], one["href"]) for one in rows if one["kind"] == "consent"]


def test_who_asked_sees_that_it_waits_until_it_is_answered(town):
    assert waits(town) == []
    asked = ask(town, "bup")
    row = ("Samtykket du ba om, venter på svar", f"/samtykke/{asked['id']}")
    assert waits(town) == [row]
    assert row[0] in town.browser("laerer").text("/")
    for who in ("ppt", "rektor", "ke.leder", "nyansatt"):
        assert waits(town, who) == [], who
    reply(town, asked["id"], "mor")
    assert waits(town) == [row]
    reply(town, asked["id"], "far")
    assert waits(town) == []


def test_what_was_said_no_to_or_ran_out_waits_for_nobody(town):
    asked = ask(town, "bup")
    reply(town, asked["id"], "far", "no")
    assert waits(town) == []
    ask(town, "bup")
    with town.work("laerer") as work:
        over = town.today - timedelta(days=1)
        work.session.execute(update(Consent).values(expires_on=over))
    assert waits(town) == []
