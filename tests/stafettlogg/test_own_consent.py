"""A youth who has come to decide alone is asked for a yes of its own; others' counts until then."""

from datetime import timedelta

import pytest

from stafett.children.models import Child
from stafett.consents.models import Consent
from stafett.dates import birthday
from stafett.stafettlogg import commands
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from tests.consents.test_digital import ask, reply

OWN = "Ungdommen bestemmer selv nå. Spør om et eget samtykke"


def born(town, day):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = day


def round_of(town, days=0):
    with town.database.writing() as session:
        return commands.ask_the_grown(session, town.in_days(days), town.profile)


def open_tasks(town):
    return town.count(Task, Task.kind == TaskKind.OWN_CONSENT, Task.done_at.is_(None))


@pytest.mark.parametrize(("days", "asked"), [(0, 0), (1, 1), (2, 1)])
def test_the_holder_is_asked_from_the_birthday_on_and_once(town, days, asked):
    born(town, birthday(town.today + timedelta(days=1), -town.profile.consent_age))
    assert [round_of(town, days), round_of(town, days)] == [asked, 0]
    assert open_tasks(town) == asked
    with town.later(days=days):
        assert (OWN in town.browser("laerer").text("/")) is bool(asked)
        assert OWN not in town.browser("ppt").text("/")


def test_it_leads_to_the_consents_and_is_done_by_a_yes_of_ones_own(town):
    born(town, town.born(17))
    town.tie("ungdom", "C16")
    with town.database.writing() as session:
        session.get_one(Child, town.child).user_id = town.users["ungdom"]
    assert round_of(town) == 1
    task = town.one(Task, Task.kind == TaskKind.OWN_CONSENT)
    page = town.browser("laerer").get(f"/oppgave/{task.id}").text
    assert f'href="/barn/{town.child}/samtykke"' in page
    asked = ask(town, "skole", "ppt")
    reply(town, asked["id"], "ungdom")
    assert open_tasks(town) == 0


@pytest.mark.parametrize("over", ["expires_on", "withdrawn_at"])
def test_nobody_is_asked_when_no_yes_counts(town, over):
    born(town, town.born(17))
    with town.database.writing() as session:
        consent = session.get_one(Consent, town.consent)
        ended = {"expires_on": town.today - timedelta(days=1), "withdrawn_at": town.now}
        setattr(consent, over, ended[over])
    assert round_of(town) == 0
