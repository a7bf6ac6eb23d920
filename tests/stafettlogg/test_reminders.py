"""What the holder is told in time: a membership that ends, and a transition that comes."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from stafett.children.models import Child
from stafett.dates import begins
from stafett.people import commands as people
from stafett.people.models import User
from stafett.profile.load import load
from stafett.stafettlogg import membership
from stafett.stafettlogg.models import Member
from stafett.stafettlogg.rules import reminder, to_prepare
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from stafett.worker import Jobs
from tests.conftest import settings
from tests.statements import sent_to

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
        now: datetime = town.in_days(100 - left)
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


def test_it_asks_as_often_for_many_as_for_one(town, jobs):
    for who in ("helsesykepleier", "nyansatt"):
        with town.work("laerer") as work:
            wish = membership.Invite(who, writes=True, until=town.today + 100 * DAY)
            membership.invite(work, town.child, wish)
    jobs(30)
    assert len(told(town)) == 3
    with town.database.writing() as session, sent_to(town.database) as statements:
        assert membership.remind(session, town.now + 70 * DAY, town.profile) == 0
    assert len(statements) == 2  # once for those that end, and once for those who have been told


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


def test_who_is_invited_again_after_it_ran_out_is_not_asked_about_any_more(town, jobs):
    jobs(7)
    task = town.one(Task, Task.kind == WEEK)
    with town.later(days=101):
        until = str(town.today + 201 * DAY)
        wish = {"username": "ppt", "access": "write", "until": until}
        answer = town.api("laerer").post(f"/children/{town.child}/members", wish)
        assert answer.status_code == 201, answer.json
        assert "Skal tiden forlenges?" not in town.browser("laerer").text("/")
    assert town.one(Task, Task.id == task.id).done_at is not None


# Transitions: kindergarten to school, school to school, to adult services.


@pytest.mark.parametrize(
    ("born", "today", "wanted"),
    [
        (date(2021, 5, 4), date(2026, 9, 30), []),
        (date(2021, 5, 4), date(2026, 10, 1), [("school", date(2027, 4, 1))]),
        (date(2021, 5, 4), date(2027, 7, 30), [("school", date(2027, 8, 1))]),
        (date(2021, 5, 4), date(2027, 8, 1), []),
        (date(2021, 12, 31), date(2026, 10, 1), [("school", date(2027, 4, 1))]),
        (date(2022, 1, 1), date(2026, 10, 1), []),
        (date(2021, 5, 4), date(2027, 4, 20), [("school", date(2027, 5, 4))]),
        (date(2014, 5, 4), date(2026, 12, 1), [("lower_secondary", date(2027, 5, 1))]),
        (date(2011, 3, 2), date(2026, 3, 2), [("adult", date(2026, 9, 2))]),
        (
            date(2010, 10, 9),
            date(2025, 10, 9),
            [("upper_secondary", date(2026, 2, 1)), ("adult", date(2026, 4, 9))],
        ),
        (date(2008, 2, 29), date(2026, 2, 28), [("adult", date(2026, 3, 1))]),
        (date(2008, 2, 29), date(2026, 3, 1), []),
    ],
)
def test_which_transitions_are_prepared(born, today, wanted):
    found = to_prepare(load("standard").transitions, born, today)
    assert [(one.code, due_on) for one, due_on in found] == wanted


def to_school(town):
    """The day in the next year, or this, on which Nora's transition to school is told of."""
    starts = town.today.year + 1 + (town.today.month >= 10)
    with town.database.writing() as session:
        born = date(starts - 6, 5, 4)
        session.execute(update(Child).where(Child.id == town.child).values(birth_date=born))
    return begins(date(starts - 1, 10, 1)) + DAY / 2


def test_a_transition_is_a_task_of_the_holder_once(town):
    at = to_school(town)
    for now in (at - DAY, at, at, at + DAY):
        Jobs(town.database, town.database, settings(), town.profile).round(now)
    task = town.one(Task, Task.kind == TaskKind.TRANSITION)
    assert (task.user_id, task.words) == (town.users["laerer"], "fra barnehage til skole")
    assert (task.due_on.month, task.due_on.day, task.made_at) == (4, 1, at)
    holder = town.browser("laerer")
    assert "Overgang fra barnehage til skole: avtal et møte om den" in holder.text("/")
    page = holder.get(f"/oppgave/{task.id}").text
    assert f"/barn/{town.child}/samtykke" in page
    assert f"/barn/{town.child}/folk/ny-tjeneste" not in page  # koordinerende enhet does that
    assert "Avtal et overgangsmøte der barnehagen, skolen og familien er med" in page
    said = {"text": "Møtet er holdt. Skolen får vite det som hjelper."}
    assert holder.send(f"/oppgave/{task.id}", said).status_code == 303
    Jobs(town.database, town.database, settings(), town.profile).round(at + 9 * DAY)
    assert town.count(Task, Task.kind == TaskKind.TRANSITION) == 1
