"""A look that a concern alone explains: not told before the family has been talked with."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from stafett.access.models import AccessRow
from stafett.access.policy import Action
from stafett.dates import begins, iso
from stafett.people.models import Service
from stafett.stafettlogg.models import Concern
from tests.insight.test_why import log, why
from tests.stafettlogg.asking import level


@pytest.fixture
def concern(town):
    """A concern that the family is not to know of; the leader has seen the child's name by it."""
    wish = {"observed": "Blåmerker", "worry": 5, "parents_not_asked": "violence"}
    made = town.api("laerer").post(f"/children/{town.child}/concerns", wish)
    assert made.status_code == 201, made.text
    leader = town.browser("rektor")
    assert "Nora Demo" in leader.text("/")
    leader.get(f"/barn/{town.child}")
    leader.get("/barn")
    leader.get(f"/bekymring/{made.json['id']}")
    return made.json["id"]


def who(town, reader="mor"):
    return {one["who"] for one in log(town, reader)}


def test_the_family_does_not_learn_that_the_leader_has_looked(town, concern):
    for reader in ("mor", "far"):
        assert "Rektor Demo" not in who(town, reader)
        assert "Rektor Demo" not in town.browser(reader).text(f"/barn/{town.child}/innsyn")
    listed = log(town, "personvernombud")
    row = next(one["id"] for one in listed if one["who"] == "Rektor Demo")
    assert why(town, row).status_code == 404
    copied = town.browser("mor").get(f"/barn/{town.child}/kopi").get_data(as_text=True)
    assert "Rektor Demo" not in copied


def test_nor_when_the_leader_has_decided_and_leads_no_more(town, concern):
    decision = {"decision": "child_welfare", "reason": "Vi melder fra."}
    decided = town.api("rektor").post(f"/concerns/{concern}/decision", decision)
    assert decided.status_code == 200, decided.text
    town.browser("rektor").text("/")
    with town.work("admin") as work:
        work.session.execute(update(Service).values(leader_id=None))
    assert "Rektor Demo" not in who(town)


def test_it_is_told_when_the_family_has_been_talked_with(town, concern):
    with town.work("laerer") as work:
        told = {"parents_talk_on": town.today, "parents_not_asked": None}
        work.session.execute(update(Concern).values(told))
    assert "Rektor Demo" in who(town)


def test_other_looks_of_its_author_and_leader_are_told_as_before(town, concern):
    assert town.api("laerer").get(f"/children/{town.child}/entries").status_code == 200
    assert "Laerer Demo" in who(town)
    town.tie("rektor", "MR", needs_consent=False)
    town.browser("rektor").text("/")
    assert "Rektor Demo" in who(town)


def looked_after_midnight(town):
    """The leader looked at half past twelve the next night, which in UTC is today."""
    at = begins(town.today + timedelta(days=1)) + timedelta(minutes=30)
    row = {"actor_id": town.users["rektor"], "action": Action.CHILD_READ_IDENTITY, "basis": "UL"}
    with town.work("admin") as work:
        look = AccessRow(at=at, child_id=town.child, result="allow", request_id="a", **row)
        work.session.add(look)
    return iso(at)


@pytest.mark.parametrize(("days", "told"), [(0, False), (1, True)])
def test_a_look_after_midnight_is_explained_by_what_held_on_that_day(town, concern, days, told):
    day = town.today + timedelta(days=days)
    town.tie("rektor", "MR", from_on=day, until_on=day)
    at = looked_after_midnight(town)
    with town.later(days=1):
        found = {(one["at"], one["who"]) for one in log(town, "mor")}
        assert ((at, "Rektor Demo") in found) is told


def test_what_others_lead_explains_nothing(town):
    """At level 3 koordinerende enhet's leader follows the child, and no other leader does."""
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    answer = {"answer": "wanted", "reason": "Familien ønsker det."}
    up = f"/children/{town.child}/level-changes"
    raised = town.api("laerer").post(up, level(3, ip_assessment=answer))
    assert raised.status_code == 201, raised.text
    assert "Nora Demo" in town.browser("ke.leder").text("/")
    wish = {"observed": "Blåmerker", "worry": 5, "parents_not_asked": "violence"}
    made = town.api("laerer").post(f"/children/{town.child}/concerns", wish).json["id"]
    leader = town.browser("rektor")
    assert "Nora Demo" in leader.text("/")
    leader.get(f"/bekymring/{made}")
    assert "Ke.Leder Demo" in who(town)
    assert "Rektor Demo" not in who(town)


@pytest.fixture
def again(town):
    """A nurse who does not find the child registers it anew, to write what is not told.

    Her leader, who leads koordinerende enhet as well, joins the two.
    """
    child = {"name": "Ola Demo", "birth_date": "2017-05-01", "address_protection": "none"}
    number = {"national_id": "01851799911"}  # synthetic
    first = town.api("laerer").post("/children", child | number).json["id"]
    mother = {"name": "Mor Demo", "relation": "mor", "username": "mor"}
    mother |= {"parental_responsibility": True, "lives_with": True}
    guardian = town.api("laerer").post(f"/children/{first}/guardians", mother).json["id"]
    seen = {"accepted": True, "parental_responsibility": True, "evidence": "register"}
    verified = {**seen, "seen_version": 1}
    done = town.api("ke.leder").post(f"/guardians/{guardian}/verification", verified)
    assert done.status_code == 200, done.text
    twin = town.api("helsesykepleier").post("/children", child | number).json["id"]
    wish = {"observed": "Blåmerker", "worry": 5, "parents_not_asked": "violence"}
    made = town.api("helsesykepleier").post(f"/children/{twin}/concerns", wish)
    assert made.status_code == 201, made.text
    for path in ("/", "/barn", f"/barn/{twin}", f"/bekymring/{made.json['id']}"):
        town.browser("helsesykepleier").get(path)
    return first, twin


def told(town, child, reader="mor"):
    rows = town.api(reader).get(f"/children/{child}/access-log").json["items"]
    return {(one["who"], one["what"]) for one in rows}


def test_that_a_child_was_registered_once_more_for_it_is_not_told_either(town, again):
    first, twin = again
    before = told(town, first)
    assert ("Laerer Demo", "registrerte barnet") in before
    leader = town.browser("ke.leder")
    assert "Ola Demo" in leader.text("/")
    leader.get(f"/barn/{twin}/sla-sammen")
    own = {("Mor Demo", "så hvem som har sett og endret")}
    assert told(town, first) - own == before
    joined = leader.send(f"/barn/{twin}/sla-sammen")
    assert joined.status_code == 303, joined.text
    leader.text("/")
    town.browser("helsesykepleier").text("/")
    assert told(town, first) - own == before
    mother = town.browser("mor")
    for path in (f"/barn/{first}/innsyn", f"/barn/{first}/kopi"):
        for name in ("Helsesykepleier Demo", "to registreringer"):
            assert name not in mother.get(path).text, (path, name)
    assert ("Helsesykepleier Demo", "registrerte barnet") in told(town, first, "personvernombud")
    with town.work("laerer") as work:
        talk = {"parents_talk_on": town.today, "parents_not_asked": None}
        work.session.execute(update(Concern).values(talk))
    after = told(town, first)
    assert ("Helsesykepleier Demo", "registrerte barnet") in after
    assert ("Ke.Leder Demo", "slo sammen eller delte to registreringer av barnet") in after


def test_a_join_without_such_a_concern_is_told(town, again):
    first, twin = again
    with town.work("laerer") as work:
        work.session.execute(update(Concern).values(parents_talk_on=town.today))
    assert town.browser("ke.leder").send(f"/barn/{twin}/sla-sammen").status_code == 303
    after = told(town, first)
    assert ("Helsesykepleier Demo", "registrerte barnet") in after
    assert ("Ke.Leder Demo", "slo sammen eller delte to registreringer av barnet") in after
