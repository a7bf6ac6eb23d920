"""Where follow-up may have stopped: told to the holder and the leader, gone when somebody acts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from stafett.access.models import Restriction
from stafett.children.models import Child
from stafett.entries.models import Entry
from stafett.people.models import Service
from stafett.profile.load import load
from stafett.stafettlogg.models import Handover, LevelChange, Stafettlogg
from stafett.worklist.rules import Gap, Standing, gaps
from tests.entries.test_api import write

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)
FINE = Standing(TODAY, None, None, None)
SILENT = "Det er en stund siden noen skrev. Hvordan går det?"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, set()),
        ({"active_on": TODAY - 59 * DAY}, set()),
        ({"active_on": TODAY - 60 * DAY}, {Gap.SILENCE}),
        ({"evaluate_on": TODAY}, set()),
        ({"evaluate_on": TODAY - DAY}, {Gap.EVALUATION}),
        ({"consent_until": TODAY + 31 * DAY}, set()),
        ({"consent_until": TODAY + 30 * DAY}, {Gap.CONSENT}),
        ({"offered_on": TODAY - 6 * DAY}, set()),
        ({"offered_on": TODAY - 7 * DAY}, {Gap.HANDOVER}),
    ],
)
def test_what_is_a_gap(change, found):
    assert gaps(replace(FINE, **change), load("standard"), TODAY) == found


def quiet(town, days=61):
    """Let nobody have done anything for a while."""
    with town.work("laerer") as work:
        at = town.now - timedelta(days=days)
        work.session.execute(update(Stafettlogg).values(opened_at=at))
        work.session.execute(update(Entry).values(written_at=at))
        work.session.connection().exec_driver_sql(  # steps are never changed but here
            "DROP TRIGGER level_change_no_update"
            if town.database.engine.dialect.name == "sqlite"
            else "SET LOCAL session_replication_role = replica"
        )
        work.session.execute(update(LevelChange).values(changed_at=at))


def told(town, who):
    answer = town.api(who).get("/worklist").json
    return [one["title"] for one in answer["items"] if one["kind"] == "gap"]


def led(town, who):
    return town.api(who).get("/worklist").json["in_my_services"]


def test_silence_is_told_to_the_holder_and_the_leader_until_somebody_writes(town):
    assert told(town, "laerer") == led(town, "rektor") == []
    quiet(town)
    assert told(town, "laerer") == [SILENT]
    assert led(town, "rektor") == [{"holder": "Laerer Demo", "logs": 1}]
    said = town.browser("rektor").text("/")
    assert "Laerer Demo: én stafettlogg" in said
    assert "Nora" not in said
    for who in ("ppt", "mor", "ke.leder", "helsesykepleier", "admin"):
        assert told(town, who) == led(town, who) == [], who
    write(town, "ppt", text="Vi har øvd.")
    assert told(town, "laerer") == led(town, "rektor") == []


def test_what_the_holder_may_not_read_ends_no_silence(town):
    quiet(town)
    write(town, "ppt", text="Bare for oss.", visibility="own_service")
    assert told(town, "laerer") == [SILENT]


def test_a_handover_that_hangs_is_told_until_it_is_answered(town):
    made = town.api("laerer").post(f"/children/{town.child}/handovers", {"to": "helsesykepleier"})
    assert told(town, "laerer") == []
    with town.work("laerer") as work:
        at = town.now - timedelta(days=8)
        work.session.execute(update(Handover).values(requested_at=at))
    (title,) = told(town, "laerer")
    assert title.startswith("Helsesykepleier Demo har ikke svart")
    assert led(town, "rektor") == [{"holder": "Laerer Demo", "logs": 1}]
    no = f"/handovers/{made.json['id']}/refusal"
    assert town.api("helsesykepleier").post(no, {"reason": "Ikke tid."}).status_code == 200
    assert told(town, "laerer") == led(town, "rektor") == []


def unanswered(town, who):
    return town.api(who).get("/worklist").json["unanswered_in_my_services"]


def offered(town, to, days):
    """Let the holder have offered somebody the baton so many days ago."""
    made = town.api("laerer").post(f"/children/{town.child}/handovers", {"to": to})
    with town.work("laerer") as work:
        at = town.now - timedelta(days=days)
        work.session.execute(update(Handover).values(requested_at=at))
    return made.json["id"]


def test_the_receivers_leader_is_told_of_an_offer_without_an_answer_and_of_no_child(town):
    with town.work("laerer") as work:
        led_by = {"leader_id": town.users["nyansatt"]}
        work.session.execute(update(Service).where(Service.kind == "health_centre").values(led_by))
    made = offered(town, "helsesykepleier", 6)
    assert unanswered(town, "nyansatt") == []
    with town.work("laerer") as work:
        at = town.now - timedelta(days=7)
        work.session.execute(update(Handover).values(requested_at=at))
    assert unanswered(town, "nyansatt") == [{"receiver": "Helsesykepleier Demo", "offers": 1}]
    said = town.browser("nyansatt").text("/")
    told_so = "Helsesykepleier Demo er spurt om å ta over en stafettpinne, og har ikke svart ennå"
    assert told_so in said
    assert "Nora" not in said
    assert led(town, "nyansatt") == []
    for who in ("laerer", "helsesykepleier", "rektor", "ppt", "mor", "ke.leder", "admin"):
        assert unanswered(town, who) == [], who
    town.api("helsesykepleier").post(f"/handovers/{made}/refusal", {"reason": "Ikke tid."})
    assert unanswered(town, "nyansatt") == []


def test_a_leader_who_is_asked_is_told_as_receiver_alone(town):
    offered(town, "rektor", 8)
    assert unanswered(town, "rektor") == []


def test_no_unanswered_offer_is_told_of_a_strictly_protected_or_restricted_child(town):
    offered(town, "helsesykepleier", 8)
    with town.work("laerer") as work:
        strict = {"address_protection": "strengt_fortrolig", "address": None, "school": None}
        work.session.execute(update(Child).values(strict))
    assert unanswered(town, "ke.leder") == []
    with town.work("laerer") as work:
        work.session.execute(update(Child).values(address_protection="none"))
        work.session.add(
            Restriction(
                child_id=town.child, reason="test", begun_at=town.now, begun_by=town.users["mor"]
            )
        )
    assert unanswered(town, "ke.leder") == []


def test_a_child_with_a_strictly_protected_address_is_in_no_count(town):
    quiet(town)
    with town.work("laerer") as work:
        strict = {"address_protection": "strengt_fortrolig", "address": None, "school": None}
        work.session.execute(update(Child).values(strict))
    assert led(town, "rektor") == []
    assert told(town, "laerer") == [SILENT]


def test_nobody_is_asked_to_go_on_with_a_restricted_record(town):
    quiet(town)
    with town.later(days=40):
        assert "Evaluer tiltakene" in town.browser("laerer").text("/")
    with town.work("laerer") as work:
        work.session.add(
            Restriction(
                child_id=town.child, reason="test", begun_at=town.now, begun_by=town.users["mor"]
            )
        )
    assert told(town, "laerer") == led(town, "rektor") == []
    with town.later(days=40):  # where the button would lead, nobody may go
        assert "Evaluer tiltakene" not in town.browser("laerer").text("/")
