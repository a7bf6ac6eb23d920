"""A membership that ends is told of a month and a week before, once each, to who can extend it."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from stafett.people import commands as people
from stafett.people.models import User
from stafett.stafettlogg.models import Member
from stafett.stafettlogg.rules import reminder
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from stafett.worker import Jobs
from tests.conftest import settings

DAY = timedelta(days=1)
TODAY = date(2026, 3, 2)
MONTH, WEEK = TaskKind.MEMBERSHIP_ENDS, TaskKind.MEMBERSHIP_ENDS_SOON


@pytest.mark.parametrize(
    ("left", "lasts", "wanted"),
    [
        (31, 99, None),
        (30, 99, MONTH),
        (8, 99, MONTH),
        (7, 99, WEEK),
        (0, 99, WEEK),
        (-1, 99, None),
        (30, 31, MONTH),
        (30, 30, None),  # meant to be so short
        (7, 8, WEEK),
        (7, 7, None),
    ],
)
def test_when(left, lasts, wanted):
    until = TODAY + left * DAY
    assert reminder(until - lasts * DAY, until, TODAY) == wanted


@pytest.fixture
def jobs(town):
    """A round on the day that is so many days before the membership of `ppt` (100 days) ends."""

    def run(left, runs=1):
        now: datetime = town.now + (100 - left) * DAY
        for _ in range(runs):  # a new process each time, which remembers nothing
            Jobs(town.database, town.database, settings(), town.profile).round(now)

    return run


def told(town):
    with town.database.reading() as session:
        rows = select(Task).where(Task.kind.in_([MONTH, WEEK])).order_by(Task.made_at)
        return [(row.kind, row.user_id, row.due_on) for row in session.scalars(rows)]


def test_once_a_month_and_once_a_week_before_to_the_holder(town, jobs):
    until = town.today + 100 * DAY
    jobs(31)
    assert told(town) == []
    jobs(30, runs=3)
    holder = town.users["laerer"]
    assert told(town) == [(MONTH, holder, until)]
    jobs(20)
    jobs(7, runs=2)
    jobs(1)
    assert told(town) == [(MONTH, holder, until), (WEEK, holder, until)]
    jobs(-1)
    assert len(told(town)) == 2


def test_a_worker_that_was_down_tells_only_what_still_counts(town, jobs):
    jobs(5)
    assert [kind for kind, *_ in told(town)] == [WEEK]


def test_the_page_leads_to_who_it_is_and_extending_takes_it_off_the_list(town, jobs):
    jobs(30)
    with town.later(days=70):
        holder = town.browser("laerer")
        assert "Skal tiden forlenges?" in holder.text("/")
        task = town.one(Task, Task.kind == MONTH)
        page = holder.get(f"/oppgave/{task.id}").text
        assert f"/medlem/{town.member}/endre" in page
        until = town.today + 200 * DAY
        wish = {"until": str(until), "seen_version": 1}
        answer = town.api("laerer").post(f"/members/{town.member}/extension", wish)
        assert answer.status_code == 200, answer.json
        assert "Skal tiden forlenges?" not in holder.text("/")
    with town.database.writing() as session:  # and the new end is told of anew
        session.execute(update(Member).values(until_on=town.today + 100 * DAY + DAY))
    jobs(29)
    assert len(told(town)) == 2


def test_an_ended_membership_is_not_told_of_and_an_acting_leader_is(town, jobs):
    with town.work("admin") as work:
        people.disable(work, work.session.get_one(User, town.users["laerer"]))
    jobs(30)
    task = town.one(Task, Task.kind == MONTH)
    assert (task.user_id, task.service_id) == (None, town.services["skole"])
    with town.later(days=70):
        ended = town.api("rektor").post(f"/members/{town.member}/end", {"reason": "Ferdig"})
        assert ended.status_code == 200, ended.json
    assert town.one(Task, Task.kind == MONTH).done_at is not None
    jobs(7)
    assert len(told(town)) == 1
