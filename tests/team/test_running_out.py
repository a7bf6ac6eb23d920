"""Koordinerende enhet is told in time of a coordinator whose appointment runs out."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from stafett.access import ties
from stafett.access.models import Tie
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from stafett.team.models import CoordinatorAppointment
from stafett.worker import Jobs
from tests.conftest import settings
from tests.team.test_api import coordinators, wish

DAY = timedelta(days=1)


@pytest.fixture
def appointed(town):
    """A child whom the leader of koordinerende enhet follows, with a coordinator for 100 days."""
    unit = {"user_id": None, "led_service_id": town.services["ke"], "needs_consent": True}
    town.tie("ke.leder", "KEL", **unit, basis="level-3")
    until = (town.today + 100 * DAY).isoformat()
    made = town.api("ke.leder").post(coordinators(town), wish(town, until_on=until))
    assert made.status_code == 201, made.text
    town.appointment = made.json["id"]
    return town


def jobs(town, left):
    now = town.in_days(100 - left)
    Jobs(town.database, town.database, settings(), town.profile).round(now)


def told(town):
    with town.database.reading() as session:
        wanted = select(Task.user_id, Task.service_id, Task.due_on, Task.done_at.is_(None))
        rows = session.execute(wanted.where(Task.kind == TaskKind.COORDINATOR_ENDS))
        return [tuple(row) for row in rows]


def test_a_month_before_and_once(appointed):
    town, ends = appointed, appointed.today + 100 * DAY
    jobs(town, 31)
    assert told(town) == []
    for left in (30, 29, 1, 0):
        jobs(town, left)
        assert told(town) == [(None, town.services["ke"], ends, True)], left
    jobs(town, -1)
    assert len(told(town)) == 1


def test_one_that_was_down_tells_nothing_of_what_is_over(appointed):
    jobs(appointed, -1)
    assert told(appointed) == []


def test_the_page_leads_to_who_it_is_and_a_new_one_takes_it_off_the_list(appointed):
    town = appointed
    jobs(town, 30)
    with town.later(days=70):
        leader, task = town.browser("ke.leder"), town.one(Task, Task.kind == "coordinator_ends")
        assert f"/oppgave/{task.id}" in leader.get("/").text
        assert f'href="/barn/{town.child}/folk"' in leader.get(f"/oppgave/{task.id}").text
        end = f"/coordinators/{town.appointment}/end"
        assert town.api("ke.leder").post(end, {"reason": "En ny"}).status_code == 200
        assert f"/oppgave/{task.id}" not in leader.get("/").text


def test_one_who_follows_the_one_that_ran_out_takes_it_off_the_list(appointed):
    town = appointed
    jobs(town, 30)
    with town.later(days=101):
        ppt = wish(town, username="ppt", from_on=(town.today + 101 * DAY).isoformat())
        made = town.api("ke.leder").post(coordinators(town), ppt)
        assert made.status_code == 201, made.text
    assert [standing for *_, standing in told(town)] == [False]


def test_where_the_unit_does_not_follow_the_child_the_holder_is_told(appointed):
    town = appointed
    with town.database.writing() as session:
        session.execute(update(Tie).where(Tie.relation == "KEL").values(ended_at=town.now))
        assert ties.unit_that_follows(session, town.child, town.today) is None
    jobs(town, 30)
    assert [user for user, *_ in told(town)] == [town.users["laerer"]]


def test_of_a_primarkontakt_nobody_is_told(appointed):
    with appointed.database.writing() as session:
        session.execute(update(CoordinatorAppointment).values(kind="primarkontakt"))
    jobs(appointed, 30)
    assert told(appointed) == []
