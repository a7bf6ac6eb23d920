"""A parent without parental responsibility is told of the child by decision alone (§ 47)."""

from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from stafett.access.models import Tie
from stafett.audit.models import TrailRow
from stafett.children.models import Child
from stafett.dates import months_after
from stafett.disclosure import rules
from stafett.disclosure.models import DisclosureDecision, DisclosureRequest
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind

DAY = timedelta(days=1)
SECRET = "Han leser godt, og trives i klassen."
GROUNDS = "Det kan ikke skade barnet."


@pytest.fixture
def parent(town):
    """A father with an account and without parental responsibility."""
    wish = {
        "name": "Ungdom Demo",
        "relation": "far",
        "parental_responsibility": False,
        "lives_with": False,
        "username": "ungdom",
    }
    made = town.api("laerer").post(f"/children/{town.child}/guardians", wish)
    return made.json["id"]


def ask(town, parent, who="laerer", **more):
    wish = {"wish": "Hvordan går det på skolen?", "asked_on": str(town.today), **more}
    return town.api(who).post(f"/guardians/{parent}/disclosures", wish)


def granted(town, **more):
    until = str(town.today + 30 * DAY)
    return {"granted": True, "grounds": GROUNDS, "information": SECRET, "until_on": until, **more}


REFUSED = {"granted": False, "grounds": "Det kan føre til uro for barnet."}


def decide(town, parent, wish, who="ke.leder"):
    return town.api(who).post(f"/guardians/{parent}/disclosures/decision", wish)


def sees(town, parent, who="ungdom"):
    return town.api(who).get(f"/guardians/{parent}/disclosures")


def test_who_may_ask_what():
    for responsible, ended, stands, relation in product(
        (False, True), (False, True), (False, True), ("mor", "far", "medmor", "verge", "annen")
    ):
        found = rules.obstacles_to_request(
            responsible=responsible, ended=ended, stands=stands, relation=relation
        )
        parent = relation in {"mor", "far", "medmor"}
        assert len(found) == (not parent) + responsible + ended + stands
    for flags in product((False, True), repeat=4):
        names = ("responsible", "ended", "blocked", "protected")
        found = rules.obstacles_to_grant(**dict(zip(names, flags, strict=True)))
        assert len(found) == sum(flags)


def test_what_a_decision_says(town):
    today = town.today
    last = months_after(today, 12)
    until = {None: ["date-missing"], today - DAY: ["date-passed"], today: None, last: None}
    for information, (day, wrong) in product((None, "", "x"), until.items()):
        found = rules.decision_problems(
            granted=True, information=information, until_on=day, today=today
        )
        assert found.get("until_on") == wrong
        assert ("information" in found) == (not information)
        refused = rules.decision_problems(
            granted=False, information=information, until_on=day, today=today
        )
        assert set(refused) == ({"information"} if information else set()) | (
            {"until_on"} if day else set()
        )
    late = rules.decision_problems(granted=True, information="x", until_on=last + DAY, today=today)
    assert late == {"until_on": ["until-over-a-year"]}


def test_the_way_to_it_is_beside_such_a_parent_alone(town, parent):
    there = "/opplysninger"
    for path in (f"/barn/{town.child}/om", f"/foresatt/{parent}"):
        assert f"/foresatt/{parent}{there}" in town.browser("laerer").get(path).text
        assert there not in town.browser("ppt").get(path).text
    assert there not in town.browser("laerer").get(f"/foresatt/{town.far}").text


def test_nothing_is_told_before_somebody_has_decided(town, parent):
    assert town.count(Tie, Tie.user_id == town.users["ungdom"]) == 0
    made = ask(town, parent)
    assert (made.status_code, made.json["granted"]) == (201, None)
    assert sees(town, parent).status_code == 404
    assert town.browser("ungdom").get(f"/foresatt/{parent}/opplysninger").status_code == 404
    assert "fått vite" not in town.browser("ungdom").text("/familie")
    assert town.count(Tie, Tie.user_id == town.users["ungdom"]) == 0
    again = ask(town, parent)
    assert [one["code"] for one in again.json["error"]["obstacles"]] == ["disclosure-asked-already"]


def test_granted_he_reads_the_answer_and_nothing_else_until_the_day(town, parent):
    ask(town, parent)
    done = decide(town, parent, granted(town))
    assert (done.status_code, done.json["granted"]) == (200, True)
    assert "Statsforvalteren" in done.json["appeal"]  # he may want to know more
    told = sees(town, parent)
    assert [one["information"] for one in told.json["items"]] == [SECRET]
    page = town.browser("ungdom").text(f"/foresatt/{parent}/opplysninger")
    assert SECRET in page
    assert "Nora Demo" in page
    for hidden in ("Laerer Demo har", "Mor Demo", "Alle foresatte", "Gjør vedtak"):
        assert hidden not in page
    assert "Det du har fått vite om Nora Demo" in town.browser("ungdom").text("/familie")
    api = town.api("ungdom")
    for path in (
        "",
        "/guardians",
        "/entries",
        "/consents",
        "/members",
        "/access-log",
        "/plan/draft",
    ):
        assert api.get(f"/children/{town.child}{path}").status_code == 404, path
    assert api.get(f"/guardians/{parent}").status_code == 404
    assert api.get("/children").json["items"] == []
    assert ask(town, parent, "ungdom").status_code == 404
    with town.later(days=30):
        assert sees(town, parent).status_code == 200
    with town.later(days=31):
        assert sees(town, parent).status_code == 404
        assert "fått vite" not in town.browser("ungdom").text("/familie")


def test_refused_he_gets_a_letter_that_says_how_to_appeal(town, parent):
    ask(town, parent)
    done = decide(town, parent, REFUSED)
    assert done.status_code == 200
    for word in ("Statsforvalteren", "tre uker", "til Holtålen kommune, som", "§ 47"):
        assert word in done.json["appeal"]
    assert sees(town, parent).status_code == 404
    assert done.json["appeal"] in town.browser("laerer").text(f"/foresatt/{parent}/opplysninger")
    trail = town.one(TrailRow, TrailRow.action == "disclosure.decide")
    assert trail.changes == {"granted": False}


def test_a_refusal_ends_what_was_granted_before(town, parent):
    ask(town, parent)
    decide(town, parent, granted(town))
    ask(town, parent)
    assert sees(town, parent).status_code == 200
    decide(town, parent, REFUSED)
    assert sees(town, parent).status_code == 404
    rows = sees(town, parent, "laerer").json["items"]
    assert [one["granted"] for one in rows] == [False, True]


def test_the_task_opens_the_request_and_nothing_else_and_the_decision_ends_it(town, parent):
    ask(town, parent)
    task = town.one(Task, Task.kind == TaskKind.DECIDE_DISCLOSURE)
    leader = town.browser("ke.leder")
    assert f"/foresatt/{parent}/opplysninger#vedtak" in leader.get(f"/oppgave/{task.id}").text
    page = leader.text(f"/foresatt/{parent}/opplysninger")
    assert "Nora Demo, født 2017" in page
    assert "Hvordan går det på skolen?" in page
    assert "Mor Demo" not in page
    assert town.api("ke.leder").get(f"/children/{town.child}").status_code == 404
    assert sees(town, town.far, "ke.leder").status_code == 404
    there = f"/foresatt/{parent}/opplysninger/vedtak"
    lacking = leader.send(there, {"granted": "true", "grounds": "Skrevet"})
    assert lacking.status_code == 422
    assert "Skrevet" in lacking.text
    sent = {
        key: str(value).lower() if key == "granted" else value
        for key, value in granted(town).items()
    }
    done = leader.send(there, sent)
    assert (done.status_code, done.location) == (303, "/")
    assert leader.get(f"/foresatt/{parent}/opplysninger").status_code == 404
    assert decide(town, parent, REFUSED).status_code == 404
    town.tie("ke.leder", "KEL")
    assert decide(town, parent, REFUSED).status_code == 409  # nothing waits


def test_who_may_do_what(town, parent):
    for who, status in (("mor", 403), ("ppt", 403), ("nyansatt", 404), ("ungdom", 404)):
        assert ask(town, parent, who).status_code == status, who
    assert ask(town, parent).status_code == 201
    for who, status in (("mor", 403), ("laerer", 403), ("ppt", 403), ("ke.saksbehandler", 404)):
        assert decide(town, parent, REFUSED, who).status_code == status, who
    decide(town, parent, granted(town))
    (least,) = sees(town, parent, "mor").json["items"]
    assert (least["granted"], least["until_on"]) == (True, str(town.today + 30 * DAY))
    assert {least[name] for name in ("wish", "grounds", "information", "decided_by")} == {None}
    page = town.browser("mor").text(f"/foresatt/{parent}/opplysninger")
    assert "Innvilget" in page
    for hidden in (SECRET, GROUNDS, "Hvordan går det på skolen?"):
        assert hidden not in page
    assert sees(town, parent, "ppt").status_code == 403
    insight = town.api("mor").get(f"/children/{town.child}/access-log").json["items"]
    said = {one["what"] for one in insight}
    assert "avgjorde om en forelder uten foreldreansvar får vite noe" in said


def test_another_parent_reads_only_his_own(town, parent):
    ask(town, parent)
    decide(town, parent, granted(town))
    second = (
        town.api("laerer")
        .post(
            f"/children/{town.child}/guardians",
            {"name": "X", "relation": "mor", "parental_responsibility": False, "lives_with": False},
        )
        .json["id"]
    )
    ask(town, second)
    assert decide(town, second, granted(town, information="Bare for X")).status_code == 200
    assert sees(town, second).status_code == 404
    assert "Bare for X" not in str(sees(town, parent).json)


def test_a_block_beats_a_decision_and_lets_none_be_granted(town, parent):
    ask(town, parent)
    decide(town, parent, granted(town))
    town.tie("ke.leder", "KEL")
    blocked = town.api("ke.leder").post(f"/guardians/{parent}/block", {"reason": "x"})
    assert blocked.status_code == 200
    assert sees(town, parent).status_code == 404
    assert "fått vite" not in town.browser("ungdom").text("/familie")
    ask(town, parent)
    answer = decide(town, parent, granted(town))
    assert [one["code"] for one in answer.json["error"]["obstacles"]] == ["disclosure-blocked"]
    assert decide(town, parent, REFUSED).status_code == 200


def test_an_ended_or_responsible_parent_has_nothing_by_decision(town, parent):
    town.tie("ke.leder", "KEL")
    ask(town, parent)
    decide(town, parent, granted(town))
    mine = (Tie.user_id == town.users["ungdom"], Tie.ended_at.is_(None))
    assert town.one(Tie, *mine).relation == "PX"
    version = town.api("laerer").get(f"/guardians/{parent}").json["version"]
    wish = {"parental_responsibility": True, "seen_version": version}
    assert town.api("ke.leder").patch(f"/guardians/{parent}", wish).status_code == 200
    assert town.one(Tie, *mine).relation == "PF"
    assert town.api("ke.leder").post(f"/guardians/{parent}/end", {"reason": "x"}).status_code == 200
    assert town.count(Tie, *mine) == 0
    asked = ask(town, parent).json["error"]["obstacles"]
    assert {one["code"] for one in asked} == {
        "disclosure-has-responsibility",
        "disclosure-guardian-ended",
    }


def test_with_a_protected_address_nothing_is_given_here(town, parent):
    ask(town, parent)
    with town.database.writing() as session:
        session.get_one(Child, town.child).address_protection = "fortrolig"
    before = town.rows()
    answer = decide(town, parent, granted(town))
    assert [one["code"] for one in answer.json["error"]["obstacles"]] == ["disclosure-protected"]
    assert town.rows() == before
    assert sees(town, parent).status_code == 404


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, "granted"),
        ({"grounds": ""}, "grounds"),
        ({"information": None}, "information"),
        ({"until_on": None}, "until_on"),
        ({"until_on": "2099-01-01"}, "until_on"),
        ({"appeal": "x"}, "appeal"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(town, parent, wish, field):
    ask(town, parent)
    before = town.rows()
    sent = {**granted(town), **wish}
    if not wish:
        del sent["granted"]
    answer = decide(town, parent, sent)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    assert town.rows() == before
    late = ask(town, town.far, asked_on=str(town.today + DAY))
    assert late.status_code == 422


@pytest.mark.parametrize("table", [DisclosureRequest, DisclosureDecision])
def test_requests_and_decisions_stand(town, parent, table):
    ask(town, parent)
    decide(town, parent, REFUSED)
    (key,) = table.__table__.primary_key
    for change in (delete(table), update(table).values({key: uuid4()})):
        with pytest.raises(DBAPIError), town.database.writing() as session:
            session.execute(change)
