"""The plan as JSON: the draft, its keys, versions, approvals and evaluations (contract 4 and 5)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from stafett.audit.models import TrailRow
from stafett.children.models import Child, Guardian
from stafett.people.models import User
from stafett.plan.models import Evaluation, Plan, PlanAnswer, PlanVersion
from tests.plan.scene import (
    a_goal,
    a_measure,
    an_ip_child,
    drafted,
    made,
    path,
    save,
    submitted,
    whole,
)

YEAR = {"period_from": "2026-08-01", "period_until": "2027-07-31"}


def test_the_first_look_is_empty_and_writes_nothing(town):
    before = town.rows()
    answer = town.api("laerer").get(f"{path(town)}/draft")
    assert answer.status_code == 200
    assert answer.json == {
        "seen_version": 0,
        "period_from": None,
        "period_until": None,
        "next_revision_on": None,
        "next_meeting_on": None,
        "about_me": "",
        "background": "",
        "resources": "",
        "needs": "",
        "participants": [],
        "goals": [],
        "cooperation": [],
        "no_cooperation": None,
        "meetings_and_transitions": "",
        "texts": [],
    }
    assert town.rows() == before


def test_a_period_that_ends_before_it_begins_is_not_saved(town):
    backwards = {"period_from": "2026-08-01", "period_until": "2026-07-31"}
    refused = save(town, "laerer", [], **backwards)
    assert refused.status_code == 422
    assert [*refused.json["error"]["fields"]] == ["period_until"]
    drafted(town, [], period_from="2026-08-01", period_until="2026-08-01")
    part = f"{path(town)}/draft/sections/period"
    now = town.api("laerer").get(part).json
    answer = town.api("laerer").patch(part, {**now, **backwards})
    assert [*answer.json["error"]["fields"]] == ["period_until"]


def test_what_once_was_saved_backwards_stands_in_the_way_of_nothing_else(town):
    drafted(town, **YEAR)
    with town.work("laerer") as work:
        plan = work.session.scalars(select(Plan).where(Plan.child_id == town.child)).one()
        plan.draft = {**plan.draft, "period_until": "2020-01-01"}
    assert save(town, "laerer", [a_goal()]).status_code == 200


def test_a_draft_goes_in_and_comes_out_unchanged(town):
    hostile = "Jeg «vil»\n\n<script>alert(1)</script> عربي 🙂 {{ 7*7 }}"
    sent = {
        "goals": [
            a_goal(
                key="new:g",
                whose="child",
                area="laering",
                success=hostile,
                target_on="2027-06-01",
                status="active",
                subgoals=[{"key": "new:d", "text": "Steg"}],
                measures=[
                    a_measure(
                        town,
                        key="new:m",
                        how=hostile,
                        where="school",
                        scope="2 timer/uke",
                        service_id=str(town.services["skole"]),
                        starts_on="2026-09-01",
                        status="applied",
                        goal_keys=["new:d"],
                    )
                ],
            )
        ],
        "participants": [
            {
                "name": "Far",
                "username": "far",
                "role": "far",
                "service_id": None,
                "contribution": "Leser",
            }
        ],
        "cooperation": [{"agency": "NAV", "purpose": "Støtte", "status": "agreed"}],
        "about_me": hostile,
        "meetings_and_transitions": "Hver måned",
        "next_revision_on": "2027-01-15",
        "next_meeting_on": "2026-12-01",
        **YEAR,
    }
    api, there = town.api("laerer"), f"{path(town)}/draft"
    answer = api.put(there, {"seen_version": 0, **sent})
    assert answer.status_code == 200, answer.text
    found = answer.json
    assert found == api.get(there).json
    (goal,), (step,) = found["goals"], found["goals"][0]["subgoals"]
    (measure,) = goal["measures"]
    assert (goal["key"], step["key"], measure["key"]) == ("g1", "d2", "m3")
    assert measure["goal_keys"] == ["d2"]
    for one, keyed in ((sent["goals"][0], goal), (sent["goals"][0]["measures"][0], measure)):
        same = {name: keyed[name] for name in one if name not in LISTS}
        assert same == {name: one[name] for name in same}
    assert found["participants"] == sent["participants"]
    assert found["about_me"] == hostile
    again = api.put(there, found)
    assert again.status_code == 200
    assert again.json == found


LISTS = {"key", "subgoals", "measures", "goal_keys"}


def test_sections_that_are_left_out_stay(town):
    drafted(town, about_me="Jeg er meg", **YEAR)
    assert town.api("laerer").get(f"{path(town)}/draft").json["about_me"] == "Jeg er meg"
    kept = drafted(town, [a_goal()])
    assert (kept["about_me"], kept["period_from"]) == ("Jeg er meg", "2026-08-01")


def test_a_stale_save_is_told_what_stands(town):
    draft = drafted(town)
    stale = {"seen_version": 0, "goals": [a_goal(text="Noe annet")]}
    answer = town.api("laerer").put(f"{path(town)}/draft", stale)
    assert answer.status_code == 409
    assert answer.json["error"]["code"] == "conflict"
    assert answer.json["error"]["current"] == draft
    assert town.api("laerer").get(f"{path(town)}/draft").json == draft


@pytest.mark.parametrize(
    ("goals", "where"),
    [
        ([a_goal(text="")], "goals.0.text"),
        ([a_goal(text="x" * 2001)], "goals.0.text"),
        ([a_goal(whose="kongen")], "goals.0.whose"),
        ([a_goal(measures=[{"what": "Noe"}])], "goals.0.measures.0.responsible"),
        ([a_goal(measures=[{"what": "Noe"}])], "goals.0.measures.0.evaluate_on"),
        ([a_goal(key="g77")], "goals.0.key"),
        ([a_goal(extra=1)], "goals.0.extra"),
        ([a_goal(text="a\u0000b")], "goals.0.text"),
    ],
)
def test_what_is_refused_names_its_field(town, goals, where):
    before = town.rows()
    answer = save(town, "laerer", goals)
    assert answer.status_code == 422
    assert where in answer.json["error"]["fields"]
    assert town.rows() == before


def test_people_are_named_by_accounts_that_are_open(town):
    answer = save(town, "laerer", [a_goal(measures=[a_measure(town, responsible="ingen")])])
    assert "goals.0.measures.0.responsible" in answer.json["error"]["fields"]
    drafted(town, [a_goal(measures=[a_measure(town, responsible="ppt")])])
    with town.database.writing() as session:
        session.get_one(User, town.users["ppt"]).disabled_at = town.now
    goals = town.api("laerer").get(f"{path(town)}/draft").json["goals"]
    goals[0]["text"] = "Endret etter at rådgiveren sluttet"
    assert save(town, "laerer", goals).status_code == 200
    goals[0]["measures"].append(a_measure(town, responsible="ppt", what="Nytt"))
    assert save(town, "laerer", goals).status_code == 200  # he is named already
    fresh = save(town, "laerer", goals, participants=[{"name": "Bup", "username": "ingen"}])
    assert "participants.0.username" in fresh.json["error"]["fields"]


def test_a_running_key_leaves_only_after_a_version_shows_it_ended(town):
    draft = drafted(town)
    assert made(town, draft).status_code == 201
    goals = draft["goals"]
    kept = goals[0]["measures"]
    refused = save(town, "laerer", [{**goals[0], "measures": []}])
    assert refused.status_code == 422
    assert "goals" in refused.json["error"]["fields"]
    ended = {**goals[0], "measures": [{**kept[0], "status": "completed"}]}
    draft = save(town, "laerer", [ended]).json
    assert made(town, draft).status_code == 201
    assert save(town, "laerer", [{**ended, "measures": []}]).status_code == 200
    back = save(town, "laerer", [{**ended, "measures": [kept[0]]}])
    assert "goals.0.measures.0.key" in back.json["error"]["fields"]
    new = save(town, "laerer", [{**ended, "measures": [a_measure(town)]}])
    assert new.json["goals"][0]["measures"][0]["key"] == "m3"


def test_who_has_a_part_changes_only_that(town):
    others = a_goal(measures=[a_measure(town), a_measure(town, responsible="ppt", what="Mitt")])
    draft = drafted(town, [others, a_goal(whose="parents", text="Foreldrenes")])
    goals = draft["goals"]
    goals[0]["measures"][1]["how"] = "Slik"
    assert save(town, "ppt", goals).status_code == 200
    goals[0]["measures"][0]["how"] = "Slik"
    refused = save(town, "ppt", goals)
    assert refused.status_code == 403
    assert list(refused.json["error"]["fields"]) == ["goals/g1/measures/m2/how"]
    goals[0]["measures"][0]["how"] = ""
    goals[1]["text"] = "Vi vil sove"
    assert save(town, "mor", goals).status_code == 200
    refused = save(town, "mor", goals, about_me="Hei", needs="Ro")
    assert list(refused.json["error"]["fields"]) == ["needs"]
    assert save(town, "mor", goals, about_me="Hei").status_code == 200
    assert save(town, "nyansatt", goals).status_code == 404


def test_a_tiltaksplan_is_in_force_at_once_and_numbers_have_no_gaps(town):
    for number in (1, 2, 3):
        draft = drafted(
            town, about_me=f"Nummer {number}", goals=None if number == 1 else _goals(town)
        )
        answer = made(town, draft, summary=f"Nummer {number}")
        assert answer.status_code == 201
        assert answer.headers["Location"] == f"/api/v1{path(town)}/versions/{number}"
        assert (answer.json["number"], answer.json["state"]) == (number, "in_force")
    listed = town.api("mor").get(f"{path(town)}/versions").json["items"]
    assert [(one["number"], one["state"], one["kind"], one["by"]) for one in listed] == [
        (3, "in_force", "tiltaksplan", "laerer"),
        (2, "superseded", "tiltaksplan", "laerer"),
        (1, "superseded", "tiltaksplan", "laerer"),
    ]
    first = town.api("mor").get(f"{path(town)}/versions/1").json
    assert (first["content"]["about_me"], first["answers"]) == ("Nummer 1", [])
    assert town.api("mor").get(f"{path(town)}/versions/4").status_code == 404
    told = town.api("mor").get(f"{path(town)}/diff?from=1&to=3").json
    assert told["changed"] == [
        {"path": "about_me", "label": "Om meg", "old": "Nummer 1", "new": "Nummer 3"}
    ]
    unchanged = made(town, draft)
    assert [one["code"] for one in unchanged.json["error"]["obstacles"]] == ["plan-unchanged"]
    stale = made(town, {"seen_version": 1})
    assert stale.status_code == 409


def _goals(town):
    return town.api("laerer").get(f"{path(town)}/draft").json["goals"]


def test_a_version_cannot_be_changed_in_the_database(town):
    made(town, drafted(town))
    for sql in ("UPDATE plan_version SET summary = 'x'", "DELETE FROM plan_version"):
        with pytest.raises(DatabaseError), town.database.writing() as session:
            session.execute(text(sql))
    assert town.one(PlanVersion).summary == "Ny versjon"


def test_an_empty_plan_is_no_version_and_a_member_makes_none(town):
    draft = drafted(town, [])
    assert [one["code"] for one in made(town, draft).json["error"]["obstacles"]] == ["goal-missing"]
    assert made(town, draft, "ppt").status_code == 403
    assert made(town, draft, "mor").status_code == 403
    assert made(town, draft, "nyansatt").status_code == 404


def test_an_individuell_plan_needs_all_that_the_law_asks(town):
    child = an_ip_child(town, coordinated=False, consented=False)
    town.tie("ke.saksbehandler", "KE", child)
    town.agree(child, "skole", "ke", purpose="plan")
    draft = drafted(town, [a_goal()], "ke.saksbehandler", child)
    refused = made(town, draft, "ke.saksbehandler", child)
    assert refused.status_code == 422
    assert [one["code"] for one in refused.json["error"]["obstacles"]] == [
        "plan-needs-missing",
        "plan-participants-missing",
        "plan-coordinator-missing",
        "plan-contributions-missing",
        "plan-measures-missing",
        "plan-how-missing",
        "plan-period-missing",
        "plan-cooperation-missing",
    ]
    assert town.count(PlanVersion) == 0


def test_the_last_needed_yes_puts_it_in_force(town):
    child = an_ip_child(town)
    version = submitted(town, child)
    assert (version["state"], version["kind"]) == ("for_approval", "individuell_plan")
    there = f"{path(town, child)}/versions/1/approvals"
    first = town.api("mor").post(there, {"answer": "approve", "comment": "Bra"})
    assert first.status_code == 200
    assert first.json["state"] == "for_approval"
    assert first.json["answers"][0]["answer"] == "approve"
    assert town.api("mor").post(there, {"answer": "reject"}).status_code == 409
    changed = town.api("koordinator").get(f"{path(town, child)}/draft").json
    again = made(town, changed, "koordinator", child)
    assert [one["code"] for one in again.json["error"]["obstacles"]] == ["version-waits"]
    last = town.api("far").post(there, {"answer": "approve"})
    assert last.json["state"] == "in_force"
    assert town.api("far").post(there, {"answer": "approve"}).status_code == 409


def test_one_no_ends_it_and_the_draft_stays(town):
    child = an_ip_child(town)
    version = submitted(town, child)
    there = f"{path(town, child)}/versions/1/approvals"
    assert town.api("far").post(there, {"answer": "reject"}).json["state"] == "rejected"
    assert town.api("mor").post(there, {"answer": "approve"}).status_code == 409
    draft = town.api("koordinator").get(f"{path(town, child)}/draft").json
    assert draft["goals"] == version["content"]["goals"]
    draft = drafted(town, draft["goals"], "koordinator", child, about_me="Rettet")
    assert made(town, draft, "koordinator", child).json["number"] == 2


def test_staff_register_what_was_signed(town):
    child = an_ip_child(town)
    submitted(town, child)
    there = f"{path(town, child)}/versions/1/approvals"
    who = {
        one["name"]: one["id"]
        for one in town.api("koordinator").get(f"/children/{child}/guardians").json["items"]
    }
    paper = {"answer": "approve", "method": "signed", "given_on": town.today.isoformat()}
    api = town.api("koordinator")
    nobody = api.post(there, paper)
    assert "on_behalf_of" in nobody.json["error"]["fields"]
    early = {**paper, "on_behalf_of": who["Mor Demo"]}
    early["given_on"] = (town.today + timedelta(days=3)).isoformat()
    assert "given_on" in api.post(there, early).json["error"]["fields"]
    given = api.post(there, {**paper, "on_behalf_of": who["Mor Demo"]})
    assert given.json["answers"][0] == {
        **given.json["answers"][0],
        "answer": "approve",
        "on_behalf_of": who["Mor Demo"],
        "method": "signed",
    }
    before = {**paper, "on_behalf_of": who["Far Demo"]}
    before["given_on"] = (town.today - timedelta(days=1)).isoformat()
    assert "given_on" in api.post(there, before).json["error"]["fields"]
    assert town.api("laerer").post(there, paper).status_code == 403
    assert town.api("bup").post(there, paper).status_code == 403


def test_staff_register_what_a_youth_without_an_account_has_signed(town):
    child = an_ip_child(town)
    with town.database.writing() as session:
        session.get_one(Child, child).birth_date = town.born(16)
    submitted(town, child)
    page = f"/barn/{child}/plan"
    assert 'name="on_behalf_of" value="child"' in town.browser("koordinator").get(page).text
    paper = {"answer": "approve", "method": "signed", "given_on": town.today.isoformat()}
    api, there = town.api("koordinator"), f"{path(town, child)}/versions/1/approvals"
    assert "on_behalf_of" in api.post(there, paper).json["error"]["fields"]
    given = api.post(there, {**paper, "on_behalf_of": "child"})
    assert given.json["state"] == "in_force"
    assert given.json["answers"][0]["on_behalf_of"] == "child"


def test_nobody_waits_for_somebody_who_is_not_needed_any_more(town):
    child = an_ip_child(town)
    submitted(town, child)
    town.api("mor").post(f"{path(town, child)}/versions/1/approvals", {"answer": "approve"})
    browser, there = town.browser("koordinator"), f"/barn/{child}/plan/versjoner/1/i-kraft"
    assert browser.send(there).status_code == 422
    with town.database.writing() as session:
        father = session.query(Guardian).filter_by(child_id=child, name="Far Demo").one()
        father.ended_at = town.now
    assert "Sett planen i kraft" in browser.text(f"/barn/{child}/plan")
    assert browser.send(there).status_code == 303
    state = town.api("koordinator").get(f"{path(town, child)}/versions/1").json["state"]
    assert state == "in_force"
    assert browser.send(there).status_code == 409


def test_the_group_reads_the_plan_and_not_the_log_and_the_holder_the_other_way(town):
    child = an_ip_child(town)
    submitted(town, child)
    for who in ("bup", "koordinator", "mor"):
        assert town.api(who).get(f"{path(town, child)}/versions/1").status_code == 200, who
    assert town.api("bup").get(f"/children/{child}/entries").status_code == 403
    holder = town.api("laerer")
    assert holder.get(f"/children/{child}/entries").status_code == 200
    assert holder.get(f"{path(town, child)}/versions/1").status_code == 404
    assert holder.get(f"{path(town, child)}/versions").json["items"] == []
    assert holder.get(f"{path(town, child)}/draft").status_code == 403


def test_what_a_group_member_is_responsible_for_is_his_to_change(town):
    child = an_ip_child(town)
    draft = drafted(town, who="koordinator", child=child, **whole(town))
    goals = draft["goals"]
    goals[0]["measures"][0]["how"] = "To ganger i uka"
    assert save(town, "bup", goals, child).status_code == 200
    goals[0]["text"] = "Noe annet"
    assert save(town, "bup", goals, child).status_code == 403


JUDGED = {"done": "partly", "effect": 4, "text": "Det hjelper litt.", "decision": "continue"}


def judged(town, **more):
    next_on = (town.today + timedelta(days=20)).isoformat()
    said = {"child_view": {"how": "meeting", "text": "Det er gøy"}, "next_due_on": next_on}
    return {"date": town.today.isoformat(), **JUDGED, **said, **more}


def test_what_came_of_a_measure_goes_into_the_draft(town):
    seen = drafted(town)["seen_version"]
    made(town, {"seen_version": seen})
    there = f"/children/{town.child}/measures/m2/evaluations"
    answer = town.api("laerer").post(there, judged(town))
    assert answer.status_code == 201, answer.text
    assert judged(town).items() <= answer.json.items()
    draft = town.api("laerer").get(f"{path(town)}/draft").json
    measure = draft["goals"][0]["measures"][0]
    assert measure["evaluate_on"] == judged(town)["next_due_on"]
    assert draft["seen_version"] != seen
    stopped = judged(town, decision="stop", next_due_on=None)
    assert town.api("laerer").post(there, stopped).status_code == 201
    draft = town.api("laerer").get(f"{path(town)}/draft").json
    assert draft["goals"][0]["measures"][0]["status"] == "stopped"
    again = town.api("laerer").post(there, judged(town))
    assert [one["code"] for one in again.json["error"]["obstacles"]] == ["measure-ended"]
    assert town.count(Evaluation) == 2


def test_the_next_day_of_a_measure_comes_after_the_one_it_was_looked_at(town):
    made(town, drafted(town))
    there = f"/children/{town.child}/measures/m2/evaluations"
    today = str(town.today)
    same = town.api("laerer").post(there, judged(town, date=today, next_due_on=today))
    assert same.json["error"]["fields"] == {
        "next_due_on": ["Velg en dag etter den da dere så på det."]
    }


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"date": "2999-01-01"}, "date"),
        ({"next_due_on": None}, "next_due_on"),
        ({"next_due_on": "2020-01-01"}, "next_due_on"),
        ({"effect": 6}, "effect"),
        ({"child_view": {}}, "child_view.how"),
    ],
)
def test_what_an_evaluation_must_have(town, more, field):
    made(town, drafted(town))
    there = f"/children/{town.child}/measures/m2/evaluations"
    answer = town.api("laerer").post(there, judged(town, **more))
    assert answer.status_code == 422
    assert field in answer.json["error"]["fields"]
    assert town.count(Evaluation) == 0


def test_a_member_evaluates_his_own_measure_only(town):
    own = a_measure(town, responsible="ppt", what="Mitt")
    made(town, drafted(town, [a_goal(measures=[a_measure(town), own])]))
    there = f"/children/{town.child}/measures"
    assert town.api("ppt").post(f"{there}/m3/evaluations", judged(town)).status_code == 201
    assert town.api("ppt").post(f"{there}/m2/evaluations", judged(town)).status_code == 403
    assert town.api("mor").post(f"{there}/m2/evaluations", judged(town)).status_code == 403
    assert town.api("nyansatt").post(f"{there}/m2/evaluations", judged(town)).status_code == 404
    assert town.api("laerer").post(f"{there}/m9/evaluations", judged(town)).status_code == 404


def test_the_trail_says_what_changed_and_names_no_participant(town):
    drafted(town, participants=[{"name": "Tante Berit"}])
    row = town.one(TrailRow, TrailRow.action == "plan.edit_tiltaksplan")
    assert "participants" in str(row.changes)
    assert "Berit" not in str(row.changes)
    assert town.count(Plan) == 1
    assert town.count(PlanAnswer) == 0
