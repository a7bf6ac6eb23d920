"""The page of a task: what it is about, said to be done once, and nobody else's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from stafett.access import ties
from stafett.access.policy import Action, Relation
from stafett.audit.models import TrailRow
from stafett.tasks import commands, queries
from stafett.tasks.models import Task
from stafett.tasks.rules import DONE_BY_DOING, NOTICES, REQUESTS, TaskKind
from stafett.worklist.queries import day
from tests.races import meet

ELSEWHERE = {TaskKind.REQUEST, TaskKind.CONCERN_CHANGED}
"""Kinds with tests of their own: below, and where one reads the concern."""
READ = {*NOTICES, TaskKind.TWIN_JOINED}
"""What there is nothing to do about but to know it."""
DONE = {"text": "Snakket med mor på telefon."}


def make(town, kind, who="laerer"):
    with town.work("rektor") as work:
        commands.ask_person(work, kind, town.child, town.users[who], uuid4())
    with town.database.reading() as session:
        mine = (Task.kind == kind, Task.user_id == town.users[who])
        return session.scalars(select(Task.id).where(*mine)).one()


def worklist(town):
    with town.work("laerer") as work:
        return day(work).items


@pytest.mark.parametrize("kind", [kind for kind in TaskKind if kind not in ELSEWHERE])
def test_every_kind_is_on_the_worklist_and_has_a_page(town, kind):
    task, browser = make(town, kind), town.browser("laerer")
    assert f"/oppgave/{task}" in browser.get("/").text
    page = browser.text(f"/oppgave/{task}")
    assert ("Jeg har lest det" in page) == (kind in READ)
    (item,) = [one for one in worklist(town) if one.id == task]
    assert (item.button == "Se oppgaven") == (kind not in READ)
    assert ("Hva er gjort?" in page) == (kind not in {*DONE_BY_DOING, *READ})
    assert ("Gjør oppgaven" in page) == (kind in DONE_BY_DOING)


@pytest.mark.parametrize("kind", [kind for kind in TaskKind if kind not in ELSEWHERE])
def test_no_task_but_that_of_two_parents_takes_a_family_for_granted(town, kind):
    page = town.browser("laerer").text(f"/oppgave/{make(town, kind)}")
    assert ("familien" in page.lower()) is (kind == TaskKind.ONE_STOPPED)


def test_a_day_of_the_new_year_is_this_year_s_as_soon_as_that_has_begun_in_oslo(town):
    midnight = datetime(town.today.year, 12, 31, 23, 30, tzinfo=UTC)
    due_on = date(town.today.year + 1, 1, 20)
    with town.work("rektor") as work:
        who = town.users["laerer"]
        commands.ask_person(work, TaskKind.MEMBERSHIP_ENDS, town.child, who, uuid4(), due_on)
    task = town.one(Task, Task.kind == TaskKind.MEMBERSHIP_ENDS)
    with town.later(seconds=(midnight - town.now).total_seconds()):
        page = town.browser("laerer").text(f"/oppgave/{task.id}")
    assert "20. januar." in page
    assert f"20. januar {due_on.year}" not in page


@pytest.mark.parametrize("action", list(REQUESTS))
def test_every_request_is_on_the_worklist_and_has_a_page(town, action):
    with town.work("mor") as work:
        receiver = (town.users["laerer"], None)
        task = commands.request(work, town.child, action, None, "Vær så snill.", receiver).id
    browser = town.browser("laerer")
    assert f"Mor Demo ber deg {REQUESTS[action]}" in browser.text("/")
    page = browser.text(f"/oppgave/{task}")
    assert "Vær så snill." in page
    assert "Hva svarer du?" in page


def test_only_who_may_open_the_child_s_page_is_sent_there(town):
    tied, stranger = (
        make(town, TaskKind.IP_ASSESSED),
        make(town, TaskKind.HOLDER_NEEDED, "nyansatt"),
    )
    there = f'href="/barn/{town.child}"'
    shown = town.browser("laerer").get(f"/oppgave/{tied}").text
    assert there in shown
    assert "Nora Demo" in shown
    leaders = make(town, TaskKind.IP_ASSESSED, "ke.leder")  # her role alone opens no child
    for who, task in (("nyansatt", stranger), ("ke.leder", leaders)):
        shown = town.browser(who).get(f"/oppgave/{task}").text
        assert there not in shown
        assert "snakk med Rektor Demo" in shown
        assert "Nora Demo" not in shown


def test_done_is_said_once_and_shown(town):
    task, browser = make(town, TaskKind.CONSENT_WITHDRAWN), town.browser("laerer")
    empty = browser.send(f"/oppgave/{task}", {"text": "  "})
    assert empty.status_code == 422
    assert "Fyll ut dette feltet" in empty.text
    assert browser.send(f"/oppgave/{task}", DONE).status_code == 303
    assert f"/oppgave/{task}" not in browser.get("/").text
    assert DONE["text"] in browser.text(f"/oppgave/{task}")
    again = browser.send(f"/oppgave/{task}", {"text": "En gang til"})
    assert again.status_code == 409
    said = town.api("laerer").post(f"/tasks/{task}/done", {"text": "En gang til"})
    assert (said.status_code, said.json["error"]["current"]) == (409, {"done_text": DONE["text"]})
    assert town.one(Task, Task.id == task).done_text == DONE["text"]
    assert town.count(TrailRow, TrailRow.action == "task.finish") == 1


def test_two_who_finish_it_at_once_do_not_overwrite_each_other(town, monkeypatch):
    task = make(town, TaskKind.IP_ASSESSED)
    meet(monkeypatch, queries, "find")
    words = ["Ringte mor.", "Ringte far."]

    def finish(text):
        return text, town.api("laerer").post(f"/tasks/{task}/done", {"text": text}).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = dict(pool.map(finish, words))
    assert sorted(answers.values()) == [200, 409]
    assert answers[town.one(Task, Task.id == task).done_text] == 200


def test_a_service_s_task_is_its_leader_s(town):
    with town.work("laerer") as work:
        unit = town.services["ke"]
        commands.ask_service(work, TaskKind.VERIFY_GUARDIAN, town.child, unit, town.mor)
    with town.database.reading() as session:
        wanted = select(Task.id).where(Task.service_id == unit, Task.source_id == town.mor)
        task = session.scalars(wanted.order_by(Task.made_at.desc())).first()
    assert town.browser("ke.leder").get(f"/oppgave/{task}").status_code == 200
    for who in ("laerer", "rektor", "ke.saksbehandler", "mor"):
        assert town.browser(who).get(f"/oppgave/{task}").status_code == 404


def test_a_blocked_person_s_task_is_gone(town):
    task = make(town, TaskKind.GUARDIAN_NOT_ASKED)
    town.tie("laerer", Relation.BLOCK)
    assert town.browser("laerer").get(f"/oppgave/{task}").status_code == 404
    assert f"/oppgave/{task}" not in town.browser("laerer").get("/").text


def test_settling_finishes_every_request_for_the_same_thing(town):
    action, receiver = Action.GUARDIAN_BLOCK, (town.users["ke.leder"], None)
    for who, about in (("mor", town.far), ("laerer", town.far), ("laerer", town.mor)):
        with town.work(who) as work:
            commands.request(work, town.child, action, about, "Fordi.", receiver)
    with town.work("ke.leder") as work:
        commands.settle(work, town.child, action, town.far, "Sperret.")
    with town.database.reading() as session:
        rows = session.execute(select(Task.object_id, Task.done_text).where(Task.action == action))
        assert sorted(map(str, rows)) == sorted(
            map(str, [(town.far, "Sperret."), (town.far, "Sperret."), (town.mor, None)])
        )


def test_a_transition_ends_with_those_who_are_not_to_follow_it_any_more(town):
    with town.work("laerer") as work:
        holder = ties.holder_of(work.session, town.child)
        name = "fra barnehage til skole"
        commands.ask_holder(work, TaskKind.TRANSITION, holder, town.log, town.today, name)
    page = (
        town.browser("laerer")
        .get(f"/oppgave/{town.one(Task, Task.kind == TaskKind.TRANSITION).id}")
        .text
    )
    steps = page.split("<ol>")[1].split("</ol>")[0]
    assert steps.index("Avtal møtet") < steps.index("samtykke") < steps.index("stafettpinnen")
    assert f'href="/barn/{town.child}/folk"' in steps.split("Ta ut dem")[1]
