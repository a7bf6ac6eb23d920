"""How a family reaches those who follow the child: who sees the number, where, and who does not."""

import re
from io import BytesIO
from zipfile import ZipFile

import pytest

from stafett.access.models import Tie
from stafett.children.models import Child, Guardian
from stafett.children.rules import Protection
from stafett.people import commands as people
from stafett.people.models import User
from stafett.team import commands as team
from stafett.team.rules import CoordinatorKind
from tests.exports.reading import lines
from tests.plan.scene import a_goal, a_measure, drafted, made
from tests.stafettlogg.asking import closing

OF = {  # what is typed of each, and so of whom a number on a page is
    "laerer": ("22 00 00 01", "laerer@skole.example"),
    "koordinator": ("22 00 00 02", "koordinator@ke.example"),
    "ppt": ("22 00 00 03", "ppt@ppt.example"),
    "rektor": ("22 00 00 04", "rektor@skole.example"),
}


@pytest.fixture
def reached(town):
    """All have a number and an address at work, and the child has a coordinator."""
    with town.database.writing() as session:
        for name, (phone, email) in OF.items():
            user = session.get_one(User, town.users[name])
            user.phone, user.email = phone, email
    with town.work("ke.leder") as work:
        wish = team.Appoint("koordinator", CoordinatorKind.KOORDINATOR, town.today)
        town.appointment = team.appoint(work, town.child, wish).id
    return town


def numbers(text):
    """Whose numbers and addresses stand in a text."""
    return {who for who, how in OF.items() for one in how if one in text}


def home(town):
    return f"/barn/{town.child}"


def seen(town, who, path):
    answer = town.browser(who).get(path)
    assert answer.status_code == 200, (who, path)
    return answer.text


def test_a_parent_finds_who_has_the_baton_and_who_coordinates_on_each_of_his_pages(reached):
    for path, whose in (
        ("/familie", {"laerer", "koordinator"}),
        (home(reached), {"laerer"}),
        (f"{home(reached)}/folk", {"laerer", "koordinator"}),
    ):
        text = seen(reached, "mor", path)
        assert numbers(text) == whose, path
        assert 'href="tel:22000001"' in text
        assert 'href="mailto:laerer@skole.example"' in text
        assert "Ring Laerer Demo: " in text


def test_who_has_said_nothing_has_no_link(reached):
    with reached.database.writing() as session:
        session.get_one(User, reached.users["laerer"]).phone = None
        session.get_one(User, reached.users["koordinator"]).email = None
    text = seen(reached, "mor", f"{home(reached)}/folk")
    assert re.findall(r'href="((?:tel|mailto):[^"]+)"', text) == [
        "mailto:laerer@skole.example",
        "tel:22000002",
    ]


def test_a_closed_account_is_not_reached_and_the_leader_who_acts_is(reached):
    with reached.work("admin") as work:
        for name in ("laerer", "koordinator"):
            people.disable(work, work.session.get_one(User, reached.users[name]))
    for path, whose in (
        ("/familie", set()),
        (home(reached), {"rektor"}),
        (f"{home(reached)}/folk", {"rektor"}),
    ):
        assert numbers(seen(reached, "mor", path)) == whose, path
    told = reached.api("mor").get(f"/children/{reached.child}/stafettlogg").json
    assert (told["holder"], told["holder_phone"]) == ("rektor", "22 00 00 04")
    printed = reached.browser("mor").get(f"{home(reached)}/stafettlogg.docx")
    assert numbers("\n".join(lines(printed.data))) == {"rektor"}


def test_of_a_closed_log_and_an_appointment_that_is_over_nobody_is_reached(reached):
    reached.tie("ke.leder", "KEL")
    wish = {"reason": "Ferdig."}
    ended = reached.api("ke.leder").post(f"/coordinators/{reached.appointment}/end", wish)
    assert ended.status_code == 200, ended.text
    assert (ended.json["phone"], ended.json["email"]) == (None, None)
    assert numbers(seen(reached, "mor", f"{home(reached)}/folk")) == {"laerer"}
    log = reached.api("laerer").get(f"/children/{reached.child}/stafettlogg").json
    wish = closing(log["version"])
    closed = reached.api("laerer").post(f"/children/{reached.child}/stafettlogg/closing", wish)
    assert closed.status_code == 200, closed.text
    for path in ("/familie", home(reached), f"{home(reached)}/folk"):
        assert numbers(seen(reached, "mor", path)) == set(), path
    told = reached.api("mor").get(f"/children/{reached.child}/stafettlogg").json
    assert (told["holder_phone"], told["holder_email"]) == (None, None)


@pytest.mark.parametrize("grade", [Protection.FORTROLIG, Protection.STRICT])
def test_what_tells_where_a_protected_child_is_is_not_told(reached, grade):
    with reached.database.writing() as session:
        session.get_one(Child, reached.child).address_protection = grade
        session.get_one(Guardian, reached.mor).opened_at = reached.now
    for who in ("mor", "laerer", "koordinator"):
        for path in (home(reached), f"{home(reached)}/folk", f"{home(reached)}/stafettlogg.docx"):
            answer = reached.browser(who).get(path)
            text = "\n".join(lines(answer.data)) if path.endswith("docx") else answer.text
            assert numbers(text) == set(), (who, path)
        told = reached.api(who).get(f"/children/{reached.child}/stafettlogg").json
        assert (told["holder_phone"], told["holder_email"]) == (None, None)
        items = reached.api(who).get(f"/children/{reached.child}/coordinators").json["items"]
        assert [(one["phone"], one["email"]) for one in items] == [(None, None)]
    assert numbers(seen(reached, "mor", "/familie")) == set()


def test_a_blocked_guardian_and_a_stranger_learn_nothing(reached):
    with reached.database.writing() as session:
        session.query(Tie).filter_by(user_id=reached.users["far"]).update({"ended_at": reached.now})
    reached.tie("far", "BLOCK")
    for who in ("far", "nyansatt", "personvernombud"):
        for path in (home(reached), f"{home(reached)}/folk", "/familie"):
            assert numbers(reached.browser(who).get(path).text) == set(), (who, path)


def test_json_says_the_same_as_the_pages(reached):
    told = reached.api("mor").get(f"/children/{reached.child}/stafettlogg").json
    assert (told["holder_phone"], told["holder_email"]) == OF["laerer"]
    (one,) = reached.api("mor").get(f"/children/{reached.child}/coordinators").json["items"]
    assert (one["phone"], one["email"]) == OF["koordinator"]


def in_the_plan(town):
    """A plan with who has an account at work, a mother with one, and a grandmother without."""
    taking_part = [
        {"username": "ppt", "name": "Ppt Demo", "role": "PP-rådgiver"},
        {"username": "mor", "name": "Mor Demo", "role": "mor"},
        {"name": "Bestemor", "role": "nettverk"},
    ]
    draft = drafted(town, [a_goal(measures=[a_measure(town)])], participants=taking_part)
    assert made(town, draft).status_code == 201


def cells(file):
    return "\n".join(lines(file))


def test_a_plan_says_how_one_reaches_who_is_with_it_and_never_a_guardian(reached):
    in_the_plan(reached)
    with reached.database.writing() as session:
        session.get_one(Guardian, reached.mor).phone = "99 00 00 09"
    plan = f"{home(reached)}/plan"
    assert numbers(seen(reached, "mor", plan)) == {"ppt"}
    assert "99 00 00 09" not in seen(reached, "mor", plan)
    for edition, whose in (
        ("full", {"ppt", "koordinator", "laerer"}),
        ("mote", {"ppt"}),
        ("barn", {"koordinator"}),
    ):
        text = cells(reached.browser("mor").get(f"{plan}.docx?utgave={edition}").data)
        assert numbers(text) == whose, edition
        assert "99 00 00 09" not in text


def test_a_version_that_is_over_does_not_say_how_one_reaches_who_was_with_it(reached):
    in_the_plan(reached)
    goals = reached.api("laerer").get(f"/children/{reached.child}/plan/draft").json["goals"]
    assert made(reached, drafted(reached, goals, about_me="Nytt")).status_code == 201
    old = f"{home(reached)}/plan/versjoner/1"
    assert numbers(seen(reached, "laerer", old)) == set()
    assert numbers(seen(reached, "laerer", f"{home(reached)}/plan/versjoner/2")) == {"ppt"}
    file = reached.browser("laerer").get(f"{home(reached)}/plan.docx?versjon=1").data
    assert "ppt" not in numbers(cells(file))


def test_the_log_on_paper_says_how_one_reaches_who_has_the_baton(reached):
    file = reached.browser("mor").get(f"{home(reached)}/stafettlogg.docx").data
    assert "Laerer Demo (laerer), 22 00 00 01, laerer@skole.example" in cells(file)
    assert numbers(cells(file)) == {"laerer", "koordinator"}


def test_a_plan_does_not_say_how_one_reaches_a_closed_account(reached):
    in_the_plan(reached)
    with reached.work("admin") as work:
        people.disable(work, work.session.get_one(User, reached.users["ppt"]))
    assert numbers(seen(reached, "mor", f"{home(reached)}/plan")) == set()
    file = reached.browser("mor").get(f"{home(reached)}/plan.docx").data
    assert numbers(cells(file)) == {"laerer", "koordinator"}


def taken_away(town, who):
    """What he takes with him of the child: the copy, to read and as data, and the plan as FHIR."""
    copy = town.browser(who).client.get(f"{home(town)}/kopi.zip")
    assert copy.status_code == 200, who
    with ZipFile(BytesIO(copy.data)) as pack:
        found = {name: pack.read(name).decode() for name in pack.namelist()}
    bundle = town.api(who).get(f"/children/{town.child}/plan/versions/1/fhir")
    assert bundle.status_code == 200, who
    return found | {"fhir": bundle.text}


@pytest.mark.parametrize("grade", list(Protection))
def test_the_copy_and_the_bundle_say_how_to_reach_who_coordinates(reached, grade):
    goal = a_goal(measures=[a_measure(reached)])
    assert made(reached, drafted(reached, [goal])).status_code == 201
    with reached.database.writing() as session:
        session.get_one(Child, reached.child).address_protection = grade
        session.get_one(Guardian, reached.mor).opened_at = reached.now
    told = {"koordinator"} if grade is Protection.NONE else set()
    for name, text in taken_away(reached, "mor").items():
        assert numbers(text) == told, name


def test_a_closed_account_is_in_neither(reached):
    goal = a_goal(measures=[a_measure(reached)])
    assert made(reached, drafted(reached, [goal])).status_code == 201
    with reached.work("admin") as work:
        people.disable(work, work.session.get_one(User, reached.users["koordinator"]))
    for name, text in taken_away(reached, "mor").items():
        assert numbers(text) == set(), name


def test_a_parent_of_two_hears_whose_each_way_is(town):
    ways = re.compile(r'<a [^>]*href="/barn/[^"]*">(.*?)</a>', re.DOTALL)
    alone = [re.sub("<[^>]+>", "", one) for one in ways.findall(seen(town, "mor", "/familie"))]
    assert "Les planen" in alone
    town.family("Ella Demo")
    both = [re.sub("<[^>]+>", "", one) for one in ways.findall(seen(town, "mor", "/familie"))]
    assert len(both) == len(set(both))
    assert "Hvem har sett og endret: Ella Demo" in both
