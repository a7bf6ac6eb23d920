"""Looking at how it goes: the level stays, what one found is kept, and a new day is set."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from stafett.access.models import Tie
from stafett.access.policy import Relation
from stafett.audit.models import TrailRow
from stafett.dates import next_working_day
from stafett.stafettlogg.models import LevelChange, Stafettlogg
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from tests.plan.scene import drafted, made
from tests.stafettlogg.asking import VOICE, level, obstacles


def evaluation(**more):
    wish = {"reason": "Det går bedre.", "child_voice": VOICE, "parents_agree": True}
    return wish | {"seen_version": 1, **more}


def evaluate(town, who="laerer", **more):
    wish = evaluation(**more)
    return town.api(who).post(f"/children/{town.child}/level-evaluations", wish)


def due(town, days):
    """Let the holder have been going to look at it on another day."""
    with town.work("laerer") as work:
        on = town.today + timedelta(days=days)
        work.session.execute(update(Stafettlogg).values(next_evaluation_on=on, version=1))


def told(town, who="laerer"):
    items = town.api(who).get("/worklist").json["items"]
    return [(one["title"], one["href"]) for one in items if one["kind"] == "evaluation"]


def test_what_one_found_is_kept_and_the_worklist_asks_again_on_the_new_day(town):
    due(town, -11)
    ask = ("Evaluer tiltakene sammen med dem det gjelder", f"/barn/{town.child}/niva/evaluering")
    assert told(town) == [ask]
    made = evaluate(town, participants="mor, far og Nora")
    again = next_working_day(town.today + timedelta(days=42)).isoformat()
    assert made.status_code == 201
    assert (made.json["from_level"], made.json["level"]) == (1, 1)
    assert (made.json["next_evaluation_on"], made.json["child_voice"]) == (again, VOICE)
    assert told(town) == []
    log = town.api("mor").get(made.headers["Location"]).json
    assert (log["level"], log["next_evaluation_on"]) == (1, again)
    assert log["levels"][0] == made.json
    row = town.one(TrailRow, TrailRow.action == "log.set_level")
    assert row.changes == {"stays": 1, "step": made.json["id"]}
    assert "skrev hvordan det går på nivået" in town.browser("mor").text(
        f"/barn/{town.child}/innsyn"
    )


def test_it_is_done_on_a_page_that_the_level_leads_to(town):
    holder = town.browser("laerer")
    page = f"/barn/{town.child}/niva/evaluering"
    assert f'href="{page}"' in holder.get(f"/barn/{town.child}/niva").get_data(as_text=True)
    form = {
        "reason": "Pausene hjelper.",
        "parents_agree": "true",
        "seen_version": "1",
        "child_voice.how": "meeting",
        "next_evaluation_on": "",
    }
    assert holder.send(page, form).status_code == 303
    said = town.browser("mor").text(f"/barn/{town.child}/niva")
    assert "Så på hvordan det går, og ble på nivå 1" in said
    assert "Pausene hjelper." in said
    assert "Fra nivå 1 til nivå 1" not in said


def test_since_when_the_level_has_been_stays_as_it_was(town):
    with town.work("laerer") as work:
        work.session.connection().exec_driver_sql(  # steps are never changed but here
            "DROP TRIGGER level_change_no_update"
            if town.database.engine.dialect.name == "sqlite"
            else "SET LOCAL session_replication_role = replica"
        )
        at = town.now - timedelta(days=3)
        work.session.execute(update(LevelChange).values(changed_at=at))
    mother = town.browser("mor")
    before = re.findall(r"siden \w+ \d+\. \w+", mother.text(f"/barn/{town.child}"))
    assert before
    assert evaluate(town).status_code == 201
    assert re.findall(r"siden \w+ \d+\. \w+", mother.text(f"/barn/{town.child}")) == before


def test_at_level_three_nothing_is_asked_or_tied_anew(town):
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    answer = {"answer": "wanted", "reason": "Familien ønsker det."}
    raised = town.api("laerer").post(
        f"/children/{town.child}/level-changes", level(3, ip_assessment=answer)
    )
    assert raised.status_code == 201
    plan = f"/children/{town.child}/plan"
    kind = town.api("laerer").get(plan).json
    tied = (Tie.child_id == town.child, Tie.relation == Relation.KEL, Tie.ended_at.is_(None))
    ties = town.count(Tie, *tied)
    assert evaluate(town, seen_version=2).status_code == 201
    assert town.count(Tie, *tied) == ties
    assert town.count(Task, Task.kind == TaskKind.IP_ASSESSED) == 1
    assert town.api("laerer").get(plan).json == kind


def test_refused_and_nothing_kept(town):
    before = town.rows()
    late = str(town.today - timedelta(days=1))
    assert list(evaluate(town, next_evaluation_on=late).json["error"]["fields"]) == [
        "next_evaluation_on"
    ]
    stale = evaluate(town, seen_version=7)
    assert (stale.status_code, stale.json["error"]["current"]) == (409, {"level": 1, "version": 1})
    for who, status in (("ppt", 403), ("mor", 403), ("rektor", 404), ("ke.leder", 404)):
        assert evaluate(town, who).status_code == status, who
    assert town.rows() == before


def test_what_is_missing_is_asked_for_as_it_is_given(town):
    page = f"/barn/{town.child}/niva/evaluering"
    typed = {"seen_version": 1, "next_evaluation_on": "i dag", "shown": "parents_agree"}
    refused = town.browser("laerer").send(page, typed)
    assert refused.status_code == 422
    for field, asked in (
        ("Hva kom dere fram til", "Fyll ut dette feltet."),
        ("Foresatte", "Velg et svar."),
        ("Hva Nora mener", "Velg et svar."),
        ("Neste gang", "Skriv en gyldig dato."),
    ):
        assert f"{field}: {asked}" in refused.text


def test_a_log_on_paper_keeps_the_day_alone(town):
    paper = f"/children/{town.child}/stafettlogg/paper"
    assert town.api("laerer").post(paper, {"place": "Skap 3"}).status_code in {200, 201}
    assert obstacles(evaluate(town, seen_version=2)) == ["log-on-paper"]


@pytest.mark.parametrize("who", ["mor", "ppt"])
def test_who_may_not_is_shown_no_way_there(town, who):
    shown = {one: town.browser(one).get(f"/barn/{town.child}/niva") for one in ("laerer", who)}
    assert shown[who].status_code == 200
    assert ["/niva/evaluering" in page.text for page in shown.values()] == [True, False]


def test_who_has_not_seen_what_another_found_the_same_day_is_shown_it(town):
    assert evaluate(town).status_code == 201
    late = evaluate(town, reason="Noe annet.")
    assert (late.status_code, late.json["error"]["current"]) == (409, {"level": 1, "version": 2})
    assert evaluate(town, reason="Noe annet.", seen_version=2).status_code == 201


@pytest.mark.parametrize("page", ["niva", "niva/evaluering", "plan/tiltak/m2/evaluer"])
def test_the_forms_take_no_year_that_is_mistyped(town, page):
    made(town, drafted(town))
    form = town.browser("laerer").get(f"/barn/{town.child}/{page}").text
    assert f'min="{town.today}" max="{town.today.year + 2}-12-31"' in form
