"""When the decision behind a protected address ends, and what becomes of brothers and sisters."""

from datetime import timedelta

import pytest

from stafett.access.models import Tie
from stafett.access.ties import BY_TASK
from stafett.children.models import Child, Guardian
from stafett.protection import commands
from stafett.stafettlogg import baton
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from tests.protection.test_grades import WHY

REMINDER = Task.kind == TaskKind.PROTECTION_ENDS


def protect(town, child=None, who="laerer", **more):
    wish = {"protection": "fortrolig", "reason": WHY, **more}
    answer = town.api(who).post(f"/children/{child or town.child}/protection", wish)
    assert answer.status_code == 200, answer.json
    return answer.json


def renew(town, who="laerer", **more):
    path = f"/children/{town.child}/protection/renew"
    return town.api(who).post(path, {"reason": "Fornyet", **more})


def remind(town, days=0):
    with town.database.writing() as session:
        return commands.remind(session, town.in_days(days), town.profile)


def test_it_never_ends_by_itself_and_the_holder_is_asked_once_a_month_before(town):
    until = town.today + timedelta(days=40)
    made = protect(town, until_on=until.isoformat())
    assert made["steps"][0]["until_on"] == until.isoformat()
    assert [remind(town, days) for days in (9, 10, 11, 39, 50)] == [0, 1, 0, 0, 0]
    task = town.one(Task, REMINDER)
    assert (task.user_id, task.due_on) == (town.users["laerer"], until)
    assert town.count(Child, Child.address_protection == "fortrolig") == 1
    done = town.api("laerer").post(f"/tasks/{task.id}/done", {"text": "Sjekket"})
    assert done.json["error"]["obstacles"][0]["code"] == "task-done-elsewhere"
    later = until + timedelta(days=365)
    again = renew(town, until_on=later.isoformat())
    assert (again.status_code, again.json["protection"]) == (200, "fortrolig")
    assert town.one(Task, REMINDER).done_at
    assert [remind(town, days) for days in (41, 374, 375)] == [0, 0, 1]
    assert renew(town).json["steps"][0]["until_on"] is None
    assert remind(town, 400) == 0


def test_who_has_the_baton_now_is_asked_and_not_who_had_it(town):
    protect(town, until_on=(town.today + timedelta(days=9)).isoformat())
    assert remind(town) == 1
    task = str(town.one(Task, REMINDER).id)

    def asked(name):
        return town.api(name).get(f"/tasks/{task}").status_code == 200

    assert (asked("laerer"), asked("ppt")) == (True, False)
    with town.work("laerer") as work:
        made = baton.offer(work, town.child, baton.Offer("ppt", None)).id
    with town.work("ppt") as work:
        baton.accept(work, made)
    assert (asked("laerer"), asked("ppt")) == (False, True)


def test_without_a_holder_the_leader_comes_to_it_by_the_task_and_to_nothing_else(town):
    child, *_ = town.family("Ny Demo")
    day = (town.today + timedelta(days=3)).isoformat()
    protect(town, child, until_on=day)
    assert remind(town) == 1
    leader = town.api("ke.leder")
    assert town.count(Tie, Tie.basis == BY_TASK, Tie.child_id == child, Tie.ended_at.is_(None)) == 3
    assert leader.get(f"/children/{child}/protection").status_code == 200
    assert leader.get(f"/children/{child}").status_code == 404
    page = town.browser("ke.leder").text(f"/barn/{child}/beskyttelse")
    assert "Hvor lenge gjelder vedtaket?" in page
    path = f"/children/{child}/protection/renew"
    assert leader.post(path, {"reason": "Sjekket"}).status_code == 200
    assert leader.get(f"/children/{child}/protection").status_code == 404


def test_a_day_that_has_passed_and_an_address_that_is_not_protected_are_refused(town):
    assert renew(town).status_code == 409
    gone = (town.today - timedelta(days=1)).isoformat()
    before = town.rows()
    wish = {"protection": "fortrolig", "reason": WHY, "until_on": gone}
    refused = town.api("laerer").post(f"/children/{town.child}/protection", wish)
    assert set(refused.json["error"]["fields"]) == {"until_on"}
    assert town.rows() == before
    form = town.browser("laerer").send(f"/barn/{town.child}/beskyttelse", wish)
    assert (form.status_code, "Dagen er over" in form.get_data(as_text=True)) == (422, True)
    protect(town)
    assert renew(town, "ppt").status_code in {403, 404}
    assert renew(town, "laerer", until_on=gone).status_code == 422


@pytest.fixture
def sibling(town):
    """Another child of the mother, whom the teacher has registered."""
    child, *_ = town.family("Søsken Demo")
    return child


def test_who_protects_is_asked_about_a_sibling_that_he_follows(town, sibling):
    made = protect(town)
    assert [one["id"] for one in made["siblings"]] == [str(sibling)]
    assert "Søsken Demo" in town.browser("laerer").text(f"/barn/{town.child}/beskyttelse")
    assert protect(town, sibling)["siblings"] == []  # as much protected as the other


def test_the_form_leads_to_the_siblings(town, sibling):
    sent = {"protection": "fortrolig", "reason": WHY}
    answer = town.browser("laerer").send(f"/barn/{town.child}/beskyttelse", sent)
    assert answer.location == f"/barn/{town.child}/beskyttelse#sosken"


def test_a_sibling_is_nobodys_who_does_not_follow_it(town, sibling):
    """Nor anybody's who follows it without a right to protect it, nor one who shares nobody."""
    protect(town)
    town.tie("koordinator", "KO")
    told = town.api("koordinator").get(f"/children/{town.child}/protection")
    assert (told.status_code, told.json["siblings"]) == (200, [])
    town.tie("koordinator", "MW", sibling, service_id=town.services["ke"])
    assert town.api("koordinator").get(f"/children/{town.child}/protection").json["siblings"] == []
    with town.database.writing() as session:
        for one in session.query(Guardian).where(Guardian.child_id == sibling):
            one.user_id = None
    assert town.api("laerer").get(f"/children/{town.child}/protection").json["siblings"] == []
