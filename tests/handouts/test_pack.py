"""The paper for the next meeting: who comes, what was agreed, what is new, and what waits."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from stafett.access.models import AccessRow
from stafett.children.models import Child, Guardian
from stafett.people.models import User
from stafett.plan.models import Measure
from tests.exports.reading import lines
from tests.handouts.test_referral import FOR_ALL, FOR_SOME, told, write  # noqa: F401 a fixture
from tests.plan.scene import a_goal, a_measure, drafted, made
from tests.plan.test_api import judged


def printed(town, who="laerer"):
    answer = town.browser(who).get(f"/barn/{town.child}/til-motet.docx")
    assert answer.status_code == 200, answer.text
    return lines(answer.data)


def test_it_lies_on_a_table_and_holds_what_is_for_everyone(told):  # noqa: F811 the fixture
    staff, mother = printed(told), printed(told, "mor")
    assert staff == mother
    text = "\n".join(staff)
    assert [one for one in FOR_ALL if one not in text] == ["hester"]  # «Om meg» is no news
    assert [one for one in FOR_SOME if one in text] == []


def test_late_measures_come_first_with_what_was_said_last(town):
    first, second = a_measure(town, what="Turgruppe"), a_measure(town, what="Lesegruppe")
    draft = drafted(town, [a_goal(measures=[first, second])])
    assert made(town, draft).status_code == 201
    keys = {one["what"]: one["key"] for one in draft["goals"][0]["measures"]}
    late = town.today - timedelta(days=3)
    with town.database.writing() as session:
        row = update(Measure).where(Measure.key == keys["Lesegruppe"])
        session.execute(row.values(evaluate_on=late))
    there = f"/children/{town.child}/measures/{keys['Turgruppe']}"
    report = {"done": "no", "text": "Læreren var syk."}
    assert town.api("laerer").post(f"{there}/report", report).status_code == 201
    text = printed(town)
    assert text.index("Lesegruppe") < text.index("Turgruppe")
    assert f"Over tiden: {late:%d.%m.%Y}" in text
    assert any("Ikke gjort. Læreren var syk." in line for line in text)


def test_new_is_what_came_after_the_last_evaluation(town):
    write(town, "Før evalueringen.")
    draft = drafted(town, [a_goal(measures=[a_measure(town)])])
    assert made(town, draft).status_code == 201
    key = draft["goals"][0]["measures"][0]["key"]
    there = f"/children/{town.child}/measures/{key}/evaluations"
    assert town.api("laerer").post(there, judged(town)).status_code == 201
    write(town, "Etter evalueringen.")
    text = printed(town)
    assert ("Før evalueringen." in text, "Etter evalueringen." in text) == (False, True)


def test_what_waits_is_asked_at_the_meeting(town):
    answer = town.api("laerer").post(f"/children/{town.child}/handovers", {"to": "ppt"})
    assert answer.status_code == 201
    draft = drafted(town, [a_goal()])
    assert made(town, draft).status_code == 201
    comment = {"about": draft["goals"][0]["key"], "text": "Hvor lenge varer dette?"}
    answer = town.api("mor").post(f"/children/{town.child}/plan/comments", comment)
    assert answer.status_code == 201, answer.text
    text = "\n".join(printed(town))
    assert "Ppt Demo er spurt om å ta over stafettpinnen." in text
    assert "Hvor lenge varer dette?" in text


@pytest.mark.parametrize(("protection", "there"), [("none", True), ("fortrolig", False)])
def test_a_parent_who_is_shut_out_is_not_on_the_list(town, protection, there):
    with town.database.writing() as session:
        session.execute(update(Child).values(address_protection=protection))
        session.execute(update(Guardian).where(Guardian.id == town.mor).values(opened_at=town.now))
    text = printed(town)
    assert ("Mor Demo" in text, "Far Demo" in text) == (True, there)
    assert ("Demo-ppt" in text) == there


@pytest.mark.parametrize(("years", "there"), [(17, True), (18, False)])
def test_parents_of_one_who_is_of_age_come_when_they_are_asked_to_sit_in_the_group(
    town, years, there
):
    """The page of the people says the same."""
    town.tie("ke.leder", "KEL")
    town.agree(town.child, "ppt", "bup", "ke", purpose="plan")
    with town.database.writing() as session:
        session.execute(update(Child).values(birth_date=town.born(years)))
    seat = {"name": "Far Demo", "role": "far", "from_on": str(town.today)}
    group = f"/children/{town.child}/ansvarsgruppe/members"
    assert town.api("ke.leder").post(group, seat).status_code == 201
    text = printed(town)
    who = text[text.index("Til stede") : text.index("Dette ble vi enige om sist")]
    assert (who.count("Mor Demo"), who.count("Far Demo")) == (there, 1)
    page = town.browser("laerer").text(f"/barn/{town.child}/folk")
    members = page[page.index("Med i stafettloggen") : page.index("Ta med flere")]
    assert ("Mor Demo" in members) is there
    assert ("er myndig" in members) is not there
    assert page.count("Far Demo") == 1 + there


def test_it_is_kept_as_an_edition_of_its_own(town):
    printed(town)
    assert town.one(AccessRow, AccessRow.action == "log.export_docx").edition == "pack"
    told_of = town.browser("mor").text(f"/barn/{town.child}/innsyn")
    assert "papiret til neste møte" in told_of


def test_the_child_comes_once_also_where_it_sits_in_the_group(town):
    town.tie("ke.leder", "KEL")
    town.agree(town.child, "ppt", "bup", "ke", purpose="plan")
    group = f"/children/{town.child}/ansvarsgruppe/members"
    for name in ("Nora Demo", "Bestefar"):
        seat = {"name": name, "role": "med", "from_on": str(town.today)}
        assert town.api("ke.leder").post(group, seat).status_code == 201
    text = printed(town)
    who = text[text.index("Til stede") : text.index("Dette ble vi enige om sist")]
    assert (who.count("Nora Demo"), who.count("Bestefar")) == (1, 1)


@pytest.mark.parametrize(("protection", "service"), [("none", "Demo-skole"), ("fortrolig", "")])
def test_the_holder_is_named_with_where_he_works_unless_it_tells_where_the_child_is(
    town, protection, service
):
    with town.database.writing() as session:
        session.execute(update(Child).values(address_protection=protection))
    text = printed(town)
    row = text.index("Stafettholder (laerer)")
    assert text[row - 1] == "Laerer Demo"
    assert ("Demo-skole" in text, text[row + 1] == "Demo-skole") == (bool(service),) * 2
    assert ("Demo-ppt" in text) is bool(service)


@pytest.mark.parametrize("born", [True, False])
def test_only_who_is_born_comes_to_the_meeting(town, born):
    if not born:
        with town.database.writing() as session:
            due = {"birth_date": None, "due_date": town.today + timedelta(days=40)}
            session.execute(update(Child).values(kind="unborn", **due))
    assert ("Barnet selv" in printed(town)) is born


@pytest.mark.parametrize(("years", "called"), [(15, "Barnet selv"), (16, "Ungdommen selv")])
def test_who_is_old_enough_to_decide_is_called_a_youth(town, years, called):
    with town.database.writing() as session:
        born = town.born(years)
        session.execute(update(Child).values(birth_date=born))
    assert [one for one in printed(town) if one.endswith(" selv")] == [called]


def test_two_of_one_name_from_two_services_both_come(town):
    town.tie("ke.leder", "KEL")
    town.agree(town.child, "ppt", "bup", "ke", purpose="plan")
    with town.database.writing() as session:
        session.execute(update(User).where(User.username == "bup").values(name="Ppt Demo"))
    group = f"/children/{town.child}/ansvarsgruppe/members"
    for name in ("bup", "ppt"):  # the latter is in the log too
        seat = {"username": name, "role": "med", "from_on": str(town.today)}
        answer = town.api("ke.leder").post(group, seat)
        assert answer.status_code == 201, answer.text
    text = printed(town)
    who = text[text.index("Til stede") : text.index("Dette ble vi enige om sist")]
    assert (who.count("Ppt Demo"), who.count("Demo-ppt"), who.count("Demo-bup")) == (2, 1, 1)


def test_a_parent_comes_once_and_another_of_the_same_name_too(town):
    town.tie("ke.leder", "KEL")
    town.agree(town.child, "ppt", "bup", "ke", purpose="plan")
    group = f"/children/{town.child}/ansvarsgruppe/members"
    for role in ("mor til Nora", "tante og støttekontakt"):
        seat = {"name": "Mor Demo", "role": role, "from_on": str(town.today)}
        assert town.api("ke.leder").post(group, seat).status_code == 201
    text = printed(town)
    who = text[text.index("Til stede") : text.index("Dette ble vi enige om sist")]
    assert (who.count("Mor Demo"), "tante og støttekontakt" in who) == (2, True)
