"""The record before the birth, the birth itself, and the end without one."""

from datetime import UTC, date, datetime, timedelta

import pytest

from stafett.birth.rules import holds_until
from stafett.children import commands as children
from stafett.children.models import Child, Guardian
from stafett.consents import commands as consents
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from stafett.worker import Jobs
from tests.birth.scene import (
    agree,
    born,
    expected,
    father,
    invite,
    passing,
    reads,
    version,
    write,
)
from tests.statements import sent_to

WEEKS = timedelta(weeks=6)


def items(town, who):
    found = town.api(who).get("/worklist").json["items"]
    return [one["title"] for one in found if one["child_id"] == str(town.child)]


def told(answer):
    return {one["code"] for one in answer.json["error"]["obstacles"]}


# Before.


def test_no_other_guardian_gets_in_before_the_birth_unless_she_lets_him(town):
    expected(town)
    write(town, "laerer", "Hun gruer seg")
    far = str(father(town))
    assert reads(town, "far") is None
    there = f"/children/{town.child}/before-birth/readers"
    wish = {"guardian_id": far, "reads": True}
    assert town.api("laerer").post(there, wish).status_code == 422  # how did she say it?
    assert town.api("mor").post(there, wish).status_code == 200
    assert reads(town, "far") == ["Hun gruer seg"]
    with passing(town, minutes=1):
        assert born(town).status_code == 200
        assert reads(town, "far") == ["Hun gruer seg"]
    with passing(town, minutes=2):
        assert town.api("mor").post(there, {**wish, "reads": False}).status_code == 200
        assert reads(town, "far") == []


def test_she_alone_decides_and_nobody_else_can_stop_it(town):
    expected(town)
    far = father(town)
    stop = {"on_behalf_of": str(far), "how": "På telefon"}
    answer = town.api("laerer").post(f"/consents/{town.consent}/withdrawal", stop)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["on_behalf_of"])


def test_the_due_date_reminds_until_somebody_says_how_it_went(town):
    expected(town, due=0)
    asks = [one for one in items(town, "laerer") if one.startswith("Termin var")]
    assert len(asks) == 1
    assert not items(town, "ppt")
    with passing(town, minutes=1):
        assert born(town).status_code == 200
        assert not [one for one in items(town, "laerer") if one.startswith("Termin var")]


# The birth.


@pytest.mark.parametrize(
    ("day", "today", "until"),
    [
        (date(2026, 3, 1), date(2026, 3, 1), date(2026, 4, 12)),  # over the change of the clock
        (date(2026, 10, 1), date(2026, 10, 3), date(2026, 11, 12)),
        (date(2026, 3, 1), date(2026, 4, 20), date(2026, 5, 4)),  # registered late
    ],
)
def test_until_when_what_she_agreed_to_holds(day, today, until):
    assert holds_until(day, today, 6) == until


def test_the_same_record_goes_on(town):
    expected(town)
    write(town, "laerer", "Hun gruer seg")
    with passing(town, minutes=1):
        answer = born(town)
        assert (answer.status_code, answer.json["name"]) == (200, "Lille Demo")
        child = town.one(Child, Child.id == town.child)
        assert (child.kind, child.birth_date, child.due_date) == ("child", town.today, None)
        mother = town.one(Guardian, Guardian.id == town.mor)
        assert (mother.relation, mother.parental_responsibility) == ("mor", True)
        assert reads(town, "mor") == ["Hun gruer seg"]
        assert told(born(town)) == {"child-is-born"}


def test_born_at_the_first_moment_of_the_day_in_oslo(town):
    """An hour or two before midnight in UTC it is tomorrow there."""
    expected(town)
    midnight = datetime(town.today.year, town.today.month, town.today.day, tzinfo=UTC)
    late = midnight + timedelta(hours=23, minutes=30) - town.now
    with passing(town, seconds=late.total_seconds()):
        assert town.today == midnight.date() + timedelta(days=1)
        assert born(town).status_code == 200
    assert town.one(Child, Child.id == town.child).birth_date == midnight.date() + timedelta(days=1)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"birth_date": "2999-01-01"}, "birth_date"),
        ({"birth_date": "2020-01-01"}, "birth_date"),
        ({"national_id": "12345678901"}, "national_id"),
        ({"name": " "}, "name"),
        ({"siblings": [""]}, "siblings.0"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(town, more, field):
    expected(town)
    before = town.rows()
    answer = born(town, **more)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    assert town.rows() == before


def test_who_may_register_it(town):
    expected(town)
    for who, status in (("mor", 403), ("ppt", 404), ("nyansatt", 404)):
        assert born(town, who).status_code == status, who
    assert born(town, seen_version=version(town) + 1).status_code == 409


def test_her_consent_ends_and_a_new_one_is_asked_for(town):
    expected(town)
    with passing(town, minutes=1):
        assert born(town).status_code == 200
        (hers,) = town.api("mor").get(f"/children/{town.child}/consents").json["items"]
        assert hers["expires_on"] == str(town.today + WEEKS)
        assert [one for one in items(town, "laerer") if one.startswith("Barnet er født. Be alle")]
    with passing(town, minutes=2):
        father(town)
        answer = invite(town, "helsesykepleier")
        assert told(answer) == {"consent-from-before-birth"}
        offer = {"to": "helsesykepleier"}
        refused = town.api("laerer").post(f"/children/{town.child}/handovers", offer)
        assert "consent-from-before-birth" in told(refused)
        agree(town, "skole", "helse", given_by=[town.mor, town.far])
        assert invite(town, "helsesykepleier").status_code == 201
        done = town.one(Task, Task.kind == TaskKind.NEW_CONSENT, Task.child_id == town.child)
        assert done.done_at is not None
    after = town.today + WEEKS + timedelta(days=1)
    with passing(town, days=(after - town.today).days):
        assert town.api("ppt").get(f"/children/{town.child}").status_code == 404


def test_without_the_fathers_yes_the_log_freezes_when_hers_ends(town):
    expected(town)
    with passing(town, minutes=1):
        assert born(town).status_code == 200
    for days, state in ((42, "open"), (43, "frozen")):
        with passing(town, days=days):
            assert town.api("mor").get(f"/children/{town.child}").json["state"] == state


def test_the_other_parent_comes_in_once_checked(town):
    expected(town)
    with passing(town, minutes=1):
        assert born(town).status_code == 200
        far = father(town, verified=False)
        assert reads(town, "far") is None
        with town.work("ke.leder") as work:
            guardian = work.session.get_one(Guardian, far)
            check = children.CheckGuardian(
                accepted=True,
                seen_version=guardian.version,
                parental_responsibility=True,
                evidence=children.Evidence.REGISTER,
            )
            children.check_guardian(work, guardian, check)
        assert reads(town, "far") == []


def test_children_born_together_get_a_record_each(town):
    expected(town)
    with passing(town, minutes=1):
        answer = born(town, siblings=["Lillesøster Demo"])
        (other,) = answer.json["siblings"]
        found = town.api("laerer").get(f"/children/{other}").json
        assert (found["name"], found["birth_year"]) == ("Lillesøster Demo", town.today.year)
        assert town.api("mor").get(f"/children/{other}").status_code == 200
        assert reads(town, "mor") == []


# The end without one.


def test_without_a_birth_every_reminder_stops_at_once(town):
    expected(town, due=0)
    write(town, "mor", "Jeg sover dårlig")
    assert invite(town, "ppt").status_code == 201
    father(town)
    assert items(town, "laerer")
    end = f"/children/{town.child}/ending"
    seen = {"seen_version": version(town)}
    assert town.api("mor").post(end, seen).status_code == 422  # not without being sure
    assert town.api("mor").post(end, {"sure": True, **seen}).status_code == 200
    for who in ("laerer", "ppt", "mor", "ke.leder", "rektor"):
        assert not items(town, who), who
    assert reads(town, "mor") == ["Jeg sover dårlig"]
    assert reads(town, "ppt") is None
    listed = town.browser("laerer").get("/barn").get_data(as_text=True)
    assert "ventes" not in listed
    with passing(town, days=40):
        jobs = Jobs(town.database, None, None, town.profile)
        jobs.remind(town.now)
        assert not items(town, "laerer")
    assert told(born(town)) == {"pregnancy-has-ended"}


def test_it_may_be_opened_again_should_it_be_a_mistake(town):
    expected(town)
    seen = {"seen_version": version(town), "sure": True}
    assert town.api("laerer").post(f"/children/{town.child}/ending", seen).status_code == 200
    with passing(town, minutes=1):
        consent = agree(town, "skole")
        wish = {"level": 1, "consent_id": str(consent), "reason": "En feil"}
        again = town.api("laerer").post(f"/children/{town.child}/stafettlogg/reopening", wish)
        assert again.status_code < 300, again.json
    assert town.one(Child, Child.id == town.child).ended_at is None


def test_the_whole_way_through_the_pages(town):
    expected(town)
    home = f"/barn/{town.child}"
    write(town, "laerer", "Hun gruer seg")
    assert "Barnet er født" in town.browser("laerer").get(home).get_data(as_text=True)
    mother = town.browser("mor")
    assert "Loggen er din" in mother.get(f"{home}/for-fodselen").get_data(as_text=True)
    assert mother.get(f"{home}/avslutt-uten-fodsel").status_code == 200
    sent = {"name": "Lille Demo", "birth_date": "", "seen_version": version(town)}
    again = town.browser("laerer").send(f"{home}/fodsel", sent)
    assert again.status_code == 422
    assert 'value="Lille Demo"' in again.get_data(as_text=True)
    with passing(town, minutes=1):
        sent["birth_date"] = str(town.today)
        assert town.browser("laerer").send(f"{home}/fodsel", sent).status_code == 303
        assert "Fra før fødselen" in mother.get(home).get_data(as_text=True)
        there = f"{home}/for-fodselen"
        assert "Hun gruer seg" in mother.get(there).get_data(as_text=True)
        assert mother.send(there, {"follows": "true"}).status_code == 303
        assert "Alt følger med barnet" in mother.get(there).get_data(as_text=True)
        refused = town.browser("laerer").send(there, {"follows": "false"})
        assert refused.status_code == 422
        assert "Skriv hvordan det ble sagt" in refused.get_data(as_text=True)


def test_what_was_replaced_before_the_birth_costs_nothing_at_it(town):
    expected(town)

    def asked():
        until = town.today + timedelta(days=9)
        with town.work("laerer") as work, sent_to(town.database) as statements:
            consents.end_with_birth(work, town.child, until)
            work.session.rollback()
        return len(statements)

    before = asked()
    for _ in range(3):
        agree(town, "skole", "helse", "ppt")
    assert asked() == before
