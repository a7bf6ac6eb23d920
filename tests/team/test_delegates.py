"""In another's place: what he may and no more, no longer than he may himself, with both names."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from stafett.access import ties
from stafett.access.models import AccessRow, Tie
from stafett.access.policy import (
    NOT_BY_A_DELEGATE,
    Action,
    Facts,
    Held,
    Relation,
    decide,
)
from stafett.audit.models import TrailRow
from stafett.team.models import Delegation
from stafett.team.rules import obstacles_to_delegating
from tests.stafettlogg.asking import obstacles

DAY = timedelta(days=1)
TODAY = date(2026, 3, 2)


def delegate(town, who="laerer", username="helsesykepleier", days=9, **more):
    wish = {
        "username": username,
        "place": "holder",
        "from_on": str(town.today),
        "until_on": str(town.today + days * DAY),
        **more,
    }
    return town.api(who).post(f"/children/{town.child}/delegates", wish)


def reads(town, who="helsesykepleier"):
    return town.api(who).get(f"/children/{town.child}/entries").status_code


def write(town, who="helsesykepleier", visibility="everyone"):
    note = {"kind": "note", "text": "Vi øver.", "visibility": visibility}
    return town.api(who).post(f"/children/{town.child}/entries", note)


@pytest.mark.parametrize("action", list(Action))
def test_same_right_or_smaller(action):
    absent = uuid4()
    for relation in (Relation.SH, Relation.KO):
        for facts in (Facts(TODAY), Facts(TODAY, own=True, named=True)):
            own = decide([Held(relation)], action, facts)
            place = decide([Held(relation, for_user_id=absent)], action, facts)
            assert place.allowed == (own.allowed and action not in NOT_BY_A_DELEGATE)
            assert place.on_behalf_of == (absent if place.allowed else None)
            both = decide([Held(relation, for_user_id=absent), Held(Relation.MW)], action, facts)
            if Relation.MW in both.basis:
                assert both.on_behalf_of is None
    assert Action.COORDINATOR_DELEGATE in NOT_BY_A_DELEGATE


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, []),
        ({"absent": False}, ["delegate-of-nobody"]),
        ({"is_self": True}, ["delegate-is-self"]),
        ({"has_delegate": True}, ["delegate-already"]),
        ({"is_staff": False}, ["delegate-not-staff"]),
        ({"days": (TODAY, TODAY + 29 * DAY)}, []),
        ({"days": (TODAY, TODAY + 30 * DAY)}, ["until-too-late"]),
        ({"days": (TODAY, TODAY - DAY)}, ["until-before-from", "until-passed"]),
        ({"days": (TODAY - 9 * DAY, TODAY - DAY)}, ["until-passed"]),
    ],
)
def test_what_stands_in_the_way(change, wanted):
    service = uuid4()
    given = {"absent": True, "is_self": False, "is_staff": True, "has_delegate": False}
    given |= {"days": (TODAY, TODAY), "today": TODAY, **change}
    assert obstacles_to_delegating(service, {service}, (), **given) == wanted
    assert obstacles_to_delegating(uuid4(), {service}, (), **given)[-1:] != []


def test_the_delegate_reads_and_writes_with_both_names_in_the_logs(town):
    assert reads(town) == 404
    made = delegate(town)
    assert made.status_code == 201, made.json
    assert (made.json["name"], made.json["absent"]) == ("Helsesykepleier Demo", "Laerer Demo")
    assert (made.json["place"], reads(town)) == ("holder", 200)
    written = write(town)
    assert written.status_code == 201
    with town.database.reading() as session:
        rows = select(AccessRow).where(
            AccessRow.actor_id == town.users["helsesykepleier"], AccessRow.result == "allow"
        )
        assert {row.on_behalf_of for row in session.scalars(rows)} == {town.users["laerer"]}
    row = town.one(TrailRow, TrailRow.action == "entry.create")
    assert (row.actor_id, row.on_behalf_of) == (
        town.users["helsesykepleier"],
        town.users["laerer"],
    )
    seen = town.browser("mor").text(f"/barn/{town.child}/innsyn")
    assert "Helsesykepleier Demo (Demo-helse) på vegne av Laerer Demo leste stafettloggen" in seen
    assert "på vegne av Laerer Demo skrev i stafettloggen" in seen
    assert "Helsesykepleier er stedfortreder for Laerer Demo" in seen
    for name in ("mor", "laerer", "helsesykepleier"):
        said = town.browser(name).text(f"/barn/{town.child}/folk")
        assert "Helsesykepleier Demo (Demo-helse) er stedfortreder for Laerer Demo" in said, name


def test_what_one_may_oneself_is_not_on_behalf_of_anybody(town):
    delegate(town, username="ppt")
    write(town, "ppt")
    assert town.one(TrailRow, TrailRow.action == "entry.create").on_behalf_of is None


def test_it_is_not_passed_on_and_the_baton_stays(town):
    delegate(town)
    again = delegate(town, "helsesykepleier", "ppt")
    assert again.status_code == 403
    offer = town.api("helsesykepleier").post(f"/children/{town.child}/handovers", {"to": "ppt"})
    assert offer.status_code == 403
    child = town.api("laerer").get(f"/children/{town.child}").json
    assert child["holder"] == "laerer"
    assert town.browser("helsesykepleier").get("/").status_code == 200


def test_it_ends_by_itself_and_can_be_ended_early(town):
    made = delegate(town, days=2)
    with town.later(days=2):
        assert reads(town) == 200
    with town.later(days=3):
        assert reads(town) == 404
    ended = town.api("laerer").post(f"/delegates/{made.json['id']}/end")
    assert (ended.status_code, ended.json["ended"], reads(town)) == (200, True, 404)
    again = town.api("laerer").post(f"/delegates/{made.json['id']}/end")
    assert again.status_code == 409
    assert town.api("laerer").get(f"/children/{town.child}/delegates").json["items"] == []


def test_a_delegate_is_a_professional_and_no_family(town):
    delegate(town)
    assert write(town, visibility="professionals").status_code == 201
    written = town.api("mor").get(f"/children/{town.child}/entries").json["items"]
    assert written == []


def test_it_begins_on_its_day(town):
    tomorrow = town.today + DAY
    delegate(town, from_on=str(tomorrow), until_on=str(tomorrow))
    assert reads(town) == 404
    with town.later(days=1):
        assert reads(town) == 200


def test_it_lasts_no_longer_than_what_it_stands_for(town):
    """The baton goes to another, and its delegate with it, without any row being touched."""
    delegate(town)
    made = town.api("laerer").post(f"/children/{town.child}/handovers", {"to": "ppt"})
    town.api("ppt").post(f"/handovers/{made.json['id']}/acceptance")
    assert reads(town) == 404
    actor = town.actor("helsesykepleier")
    with town.database.reading() as session:
        assert session.scalars(ties.visible_to(actor, town.now)).all() == []
    assert "er stedfortreder for" not in town.browser("mor").text(f"/barn/{town.child}/folk")
    assert delegate(town, "ppt").status_code == 201  # the place is free again


def test_without_the_services_consent_the_delegate_reads_nothing(town):
    delegate(town)
    town.agree(town.child, "skole", "ppt")
    assert reads(town) == 200  # an older consent still covers it
    sent = {"services": [str(town.services["helse"])]}
    assert town.api("mor").post(f"/consents/{town.consent}/withdrawal", sent).status_code == 200
    assert reads(town) == 403  # as for a holder: that the log waits for a consent is all he sees


def test_who_names_whom(town):
    for who, status in (("ppt", 403), ("mor", 403), ("nyansatt", 404)):
        assert delegate(town, who).status_code == status, who
    assert delegate(town, place="coordinator").status_code == 403
    town.tie("ke.leder", "KEL")
    assert obstacles(delegate(town, "ke.leder", place="coordinator")) == ["delegate-of-nobody"]
    assert obstacles(delegate(town, "ke.leder", "laerer")) == ["delegate-is-self"]
    assert obstacles(delegate(town, "ke.leder", "ke.leder")) == ["delegate-is-self"]
    assert obstacles(delegate(town, "ke.leder", "bup")) == [
        "delegate-not-staff",
        "service-not-covered",
    ]
    assert delegate(town, "ke.leder", "mor").status_code == 422
    before = town.rows()
    assert obstacles(delegate(town, days=30)) == ["until-too-late"]
    assert town.rows() == before
    assert delegate(town, "ke.leder").status_code == 201
    assert obstacles(delegate(town)) == ["delegate-already"]
    assert town.one(Delegation).made_by == town.users["ke.leder"]


def test_a_coordinators_delegate(town):
    town.tie("koordinator", "KO")
    assert delegate(town, "koordinator", place="holder").status_code == 403
    assert delegate(town, "koordinator", place="coordinator").status_code == 201
    assert write(town).status_code == 201
    relations = town.api("helsesykepleier").get(f"/children/{town.child}").json["relations"]
    assert relations == ["coordinator"]
    with town.database.reading() as session:
        held = select(Tie.for_user_id).where(Tie.relation == "KO", Tie.basis == "delegated")
        assert session.scalar(held) == town.users["koordinator"]


def test_the_pages(town):
    holder, path = town.browser("laerer"), f"/barn/{town.child}/folk/stedfortreder"
    assert path in holder.get(f"/barn/{town.child}/folk").text
    assert path not in town.browser("ppt").get(f"/barn/{town.child}/folk").text
    assert "Hvem skal være stedfortreder?" in holder.text(path)
    town.agree(town.child, "skole", "helse", "bup")
    assert "Helsesykepleier Demo" in holder.text(path)
    assert "Bup Demo" not in holder.text(path)  # only staff
    until = (town.today + 60 * DAY).isoformat()
    wish = {"place": "holder", "username": "helsesykepleier", "from_on": town.today.isoformat()}
    refused = holder.send(path, {**wish, "until_on": until})
    assert refused.status_code == 422
    assert until in refused.text
    assert holder.send(path, {**wish, "until_on": wish["from_on"]}).status_code == 303
    made = town.one(Delegation)
    assert "Avslutt nå" in holder.text(path)
    assert holder.send(f"/stedfortreder/{made.id}/slutt").status_code == 303
    assert town.one(Delegation).ended_by == town.users["laerer"]
    town.tie("ke.leder", "KEL")
    assert "Hvem er borte?" in town.browser("ke.leder").text(path)
