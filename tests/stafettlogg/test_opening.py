"""A log opens on a consent: who may, on what, and with whom as its holder."""

from datetime import timedelta
from uuid import uuid4

from stafett.access.models import Tie
from stafett.dates import next_working_day
from stafett.stafettlogg.models import Handover, Stafettlogg
from tests.stafettlogg.asking import closing, in_kommune, obstacles


def opened(town, who, child, consent, **more):
    wish = {"level": 1, "consent_id": str(consent), **more}
    return town.api(who).post(f"/children/{child}/stafettlogg", wish)


def test_the_caller_becomes_holder(town):
    child, *_ = town.family("Ny Demo")
    consent = town.agree(child, "skole")
    made = opened(town, "laerer", child, consent)
    assert made.status_code == 201
    body = made.json
    (step,) = body.pop("levels")
    assert body == {
        "closings": [],
        "state": "open",
        "level": 1,
        "holder": "laerer",
        "holder_phone": None,
        "holder_email": None,
        "needs_holder": False,
        "opened_on": town.today.isoformat(),
        "closed_on": None,
        "closing_decided_on": None,
        "outcome": None,
        "next_evaluation_on": next_working_day(town.today + timedelta(days=42)).isoformat(),
        "members": [],
        "version": 1,
    }
    assert (step["from_level"], step["level"], step["child_voice"]) == (None, 1, None)
    assert step["changed_at"].endswith("Z")
    read = town.api("mor").get(made.headers["Location"])
    assert (read.status_code, read.json["holder"]) == (200, "laerer")
    # Who registered the child, and the leader, keep nothing of that; the holder has the log.
    assert town.api("rektor").get(f"/children/{child}").status_code == 404
    assert town.api("laerer").get(f"/children/{child}").json["relations"] == ["holder"]


def test_another_holder_is_offered_the_baton_in_the_same_step(town):
    child, *_ = town.family("Ny Demo")
    consent = town.agree(child, "skole", "helse")
    made = opened(town, "laerer", child, consent, holder="helsesykepleier")
    assert (made.status_code, made.json["holder"]) == (201, "laerer")
    wanted = town.browser("helsesykepleier").get("/")
    assert "stafettpinnen" in wanted.get_data(as_text=True)
    # Naming oneself changes nothing.
    other, *_ = town.family("Nyere Demo")
    consent = town.agree(other, "skole")
    assert opened(town, "laerer", other, consent, holder="laerer").status_code == 201


def test_a_holder_who_cannot_be_leaves_no_log(town):
    child, *_ = town.family("Ny Demo")
    consent = town.agree(child, "skole", "bup")
    before = town.rows()
    for holder in ("ingen", "mor", "personvernombud"):
        answer = opened(town, "laerer", child, consent, holder=holder)
        assert list(answer.json["error"]["fields"]) == ["holder"], holder
    assert obstacles(opened(town, "laerer", child, consent, holder="bup")) == ["receiver-not-staff"]
    assert obstacles(opened(town, "laerer", child, consent, holder="ppt")) == [
        "service-not-covered"
    ]
    assert town.rows() == before


def test_what_stands_in_the_way_is_told_at_once(town):
    child, *_ = town.family("Ny Demo")
    before = town.rows()
    assert obstacles(opened(town, "laerer", child, uuid4(), level=3)) == [
        "consent-not-valid",
        "service-not-covered",
        "consent-missing",
        "too-few-services",
        "specialist-missing",
        "ip-assessment-missing",
    ]
    # Another child's consent, or one for the plan, is none.
    assert obstacles(opened(town, "laerer", child, town.consent))[0] == "consent-not-valid"
    assert town.rows() == before
    plan = town.agree(child, "skole", purpose="plan")
    assert obstacles(opened(town, "laerer", child, plan))[0] == "consent-not-valid"
    # The opener's own service must be among those that are covered.
    ppt = town.agree(child, "ppt")
    assert obstacles(opened(town, "laerer", child, ppt)) == ["service-not-covered"]


def test_a_consent_that_a_newer_has_replaced_opens_nothing(town):
    child, *_ = town.family("Ny Demo")
    old = town.agree(child, "skole")
    new = town.agree(child, "skole")
    assert obstacles(opened(town, "laerer", child, old)) == ["consent-not-valid"]
    assert opened(town, "laerer", child, new).status_code == 201


def test_at_most_one_is_open(town):
    """Who holds the open log may not open another; the registrar of a new one may not either."""
    assert opened(town, "laerer", town.child, town.consent).status_code == 403
    child, *_ = town.family("Ny Demo")
    consent = town.agree(child, "skole", "ke")
    assert opened(town, "laerer", child, consent).status_code == 201
    town.tie("ke.leder", "KEL", child)
    assert obstacles(opened(town, "ke.leder", child, consent)) == ["log-open-already"]
    assert town.count(Stafettlogg, Stafettlogg.child_id == child) == 1


def test_what_is_wrong_is_named(town):
    child, *_ = town.family("Ny Demo")
    consent = town.agree(child, "skole")
    before = town.rows()
    for changed, field in (
        ({"level": 0}, "level"),
        ({"level": 4}, "level"),
        ({"level": "1"}, "level"),
        ({"level": 1.0}, "level"),
        ({"level": True}, "level"),
        ({"level": None}, "level"),
        ({"consent_id": "1"}, "consent_id"),
        ({"consent_id": None}, "consent_id"),
        ({"concern_id": str(uuid4())}, "concern_id"),
        ({"ip_assessment": {"answer": "kanskje"}}, "ip_assessment.answer"),
        ({"ip_assessment": {}}, "ip_assessment.answer"),
        ({"holder_id": "laerer"}, "holder_id"),
        ({"state": "closed"}, "state"),
    ):
        answer = opened(town, "laerer", child, consent, **changed)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid"), changed
        assert list(answer.json["error"]["fields"]) == [field], changed
    assert town.rows() == before


def test_who_may_open(town):
    child, *_ = town.family("Ny Demo")
    consent = town.agree(child, "skole")
    for who, status in (("mor", 403), ("nyansatt", 404), ("ppt", 404), ("admin", 404)):
        assert opened(town, who, child, consent).status_code == status, who
    # The registrar's leader may, in the registrar's place.
    made = opened(town, "rektor", child, consent)
    assert (made.status_code, made.json["holder"]) == (201, "rektor")


def test_level_three_at_once_ties_the_leader_of_the_unit(town):
    child, *_ = town.family("Ny Demo")
    consent = town.agree(child, "skole", "bup")
    made = opened(
        town, "laerer", child, consent, level=3, ip_assessment={"answer": "wanted", "reason": "Ja"}
    )
    assert made.status_code == 201
    assert made.json["levels"][0]["ip_assessment"] == {"answer": "wanted", "reason": "Ja"}
    whole = Tie.basis != "task"  # not what a guardian who waits to be verified gives
    wanted = (Tie.child_id == child, Tie.relation == "KEL", Tie.ended_at.is_(None), whole)
    assert town.one(Tie, *wanted).led_service_id == town.services["ke"]


def test_another_kommune_asks_for_other_things(town):
    """In `standard` koordinerende enhet is none of the services that count."""
    child, *_ = town.family("Ny Demo")
    consent = town.agree(child, "skole", "ke")
    in_kommune(town, "standard")
    assert obstacles(opened(town, "laerer", child, consent, level=2)) == ["too-few-services"]
    assert opened(town, "laerer", child, consent, level=1).status_code == 201


WISH = "Helst en Ny kjenner fra før."


def test_what_the_family_wishes_is_kept_with_the_baton_that_is_offered(town):
    child, *_ = town.family("Ny Demo")
    consent = town.agree(child, "skole", "helse")
    there = f"/barn/{child}/stafettlogg/apne"
    holder = town.browser("laerer")
    page = holder.get(there).text
    assert page.index('name="holder"') < page.index('name="family_wish"')
    assert "Hva ønsker familien?" in page
    sent = {"level": "1", "consent_id": str(consent), "family_wish": WISH}
    before = town.rows()
    for nobody in ({}, {"holder": "laerer"}):
        answer = opened(town, "laerer", child, consent, family_wish=WISH, **nobody)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["family_wish"])
        refused = holder.send(there, sent | nobody)
        assert (refused.status_code, WISH in refused.text) == (422, True)
        assert 'href="#family_wish"' in refused.text
        assert town.rows() == before
    made = holder.send(there, sent | {"holder": "helsesykepleier"})
    assert made.status_code == 303, made.text
    offered = town.one(Handover)
    assert offered.family_wish == WISH
    read = {who: town.api(who).get(f"/handovers/{offered.id}").json for who in OFFERED}
    assert {who: one["family_wish"] for who, one in read.items()} == OFFERED


OFFERED = {"laerer": WISH, "helsesykepleier": None}
"""What each reads of it before the one who is asked has answered."""


def test_so_it_is_when_a_log_is_opened_again(town):
    closed = town.api("laerer").post(f"/children/{town.child}/stafettlogg/closing", closing())
    assert closed.status_code == 200, closed.text
    consent = town.agree(town.child, "skole", "helse")
    there = f"/barn/{town.child}/stafettlogg/gjenapne"
    assert "Hva ønsker familien?" in town.browser("laerer").get(there).text
    wish = {"level": 1, "consent_id": str(consent), "reason": "Igjen", "family_wish": WISH}
    again = f"/children/{town.child}/stafettlogg/reopening"
    assert town.api("laerer").post(again, wish).status_code == 422
    made = town.api("laerer").post(again, wish | {"holder": "helsesykepleier"})
    assert made.status_code in {200, 201}, made.text
    assert town.one(Handover).family_wish == WISH
