"""What goes with a referral to PPT: what is for everyone, as far as consent lets PPT be told."""

import pytest

from stafett.access.models import AccessRow
from stafett.access.policy import Area, Covered, Purpose, Span
from stafett.children.models import Child
from stafett.handouts import queries
from stafett.handouts.rules import reaches
from stafett.plan.rules import Sight
from tests.consents.test_limits import limited
from tests.exports.reading import lines
from tests.plan.scene import (
    a_goal,
    a_measure,
    an_ip_child,
    approved,
    drafted,
    made,
    submitted,
)
from tests.plan.test_api import judged
from tests.plan.test_visibility import choose, draft_of

ALL = frozenset(Area)
YES = {"answer": "approve"}
ENTRIES, PLAN, IP = (
    ("entry.list", False),
    ("plan.read", False),
    ("plan.read", True),
)


@pytest.mark.parametrize(
    ("services", "told"),
    [
        ([], (False, False, False)),
        ([("stafettlogg", ALL)], (True, True, False)),
        ([("stafettlogg", {Area.PLAN})], (False, True, False)),
        ([("stafettlogg", {Area.LOG})], (True, False, False)),
        ([("plan", ALL)], (False, True, True)),
        ([("stafettlogg", ALL), ("stafettlogg", {Area.LOG})], (True, False, False)),
        ([("coordinator", ALL)], (False, False, False)),
    ],
)
def test_what_consent_lets_every_service_be_told(services, told, now):
    today = now.date()
    covers = [
        (Covered(Purpose(purpose), Span(today), frozenset(areas)),) for purpose, areas in services
    ]
    assert (
        tuple(reaches(covers, action, today, ip=ip) for action, ip in (ENTRIES, PLAN, IP)) == told
    )


def write(town, text, kind="glimpse", who="laerer", **more):
    wish = {"kind": kind, "text": text, "visibility": "everyone", **more}
    answer = town.api(who).post(f"/children/{town.child}/entries", wish)
    assert answer.status_code == 201, answer.json


def printed(town, who, child=None):
    answer = town.browser(who).get(f"/barn/{child or town.child}/til-ppt.docx")
    assert answer.status_code == 200, answer.text
    return "\n".join(lines(answer.data))


@pytest.fixture
def told(town):
    """A log and a plan with something for everyone and something for some."""
    write(town, "Hun leste høyt.")
    write(town, "Jeg vil sitte ved vinduet.", "child_voice")
    write(town, "Hjemme leser vi hver kveld.", "note", "mor")
    for text, more in (
        ("Bare fagfolk", {"visibility": "professionals", "visibility_reason": "our_work"}),
        ("Ikke for far", {"hidden_from": [str(town.far)], "hidden_reason": "child_asked"}),
    ):
        write(town, text, **more)
    shared = a_measure(town, what="Lesegruppe", starts_on="2026-09-01")
    secret = a_measure(town, what="Hemmelig tiltak")
    draft = drafted(town, [a_goal(measures=[shared, secret])], about_me="Jeg liker hester.")
    key = draft["goals"][0]["measures"][1]["key"]
    assert choose(town, "laerer", key, "professionals").status_code == 200
    assert made(town, draft_of(town, "laerer")).status_code == 201
    return town


FOR_ALL = ("Hun leste høyt.", "sitte ved vinduet", "Hjemme leser vi", "Lesegruppe", "hester")
FOR_SOME = ("Bare fagfolk", "Ikke for far", "Hemmelig tiltak")


def test_it_holds_what_is_for_everyone_whoever_prints_it(told):
    staff, mother = printed(told, "laerer"), printed(told, "mor")
    assert staff.replace("Laerer Demo", "") == mother.replace("Laerer Demo", "")
    assert [text for text in FOR_ALL if text not in staff] == []
    assert [text for text in FOR_SOME if text in staff] == []
    assert "01.09.2026" in staff
    assert "Stafettlogg: " in staff


@pytest.mark.parametrize(
    ("fields", "log", "plan"),
    [(["without_log"], False, True), (["without_plan"], True, False)],
)
def test_what_the_family_keeps_from_ppt_is_not_in_it(told, fields, log, plan):
    limited(told, *fields)
    text = printed(told, "laerer")
    assert ("Hun leste høyt." in text, "Lesegruppe" in text, "hester" in text) == (log, plan, plan)
    assert "Samtykket til PPT gjelder ikke dette." in text


def test_without_consent_that_names_ppt_nothing_is_printed(told):
    page, paper = f"/barn/{told.child}/skriv-ut", f"/barn/{told.child}/til-ppt.docx"
    assert paper in told.browser("laerer").get(page).text
    wish = {"services": [str(told.services["ppt"])]}
    answer = told.api("mor").post(f"/consents/{told.consent}/withdrawal", wish)
    assert answer.status_code == 200, answer.text
    shown = told.browser("laerer").get(page).text
    assert paper not in shown
    assert "ikke sagt ja til at PPT" in shown
    answer = told.browser("laerer").get(paper)
    assert answer.status_code == 422
    assert "Det er ikke gitt samtykke til at PPT får vite noe" in answer.text


def test_an_individuell_plan_goes_to_ppt_on_consent_to_the_plan_alone(town):
    child = an_ip_child(town)
    submitted(town, child)
    approved(town, child)
    assert "Høytlesing" not in printed(town, "koordinator", child)
    town.agree(child, "skole", "ke", "bup", "ppt", purpose=Purpose.PLAN)
    assert "Høytlesing" in printed(town, "koordinator", child)
    assert "Høytlesing" not in printed(town, "laerer", child)  # reads no individuell plan himself


def test_the_family_sees_who_took_it_out(told):
    printed(told, "laerer")
    row = told.one(AccessRow, AccessRow.action == "log.export_docx")
    assert row.edition == "ppt"
    assert "det som følger en henvisning til PPT" in told.browser("mor").text(
        f"/barn/{told.child}/innsyn"
    )


def test_who_may_not_take_out_the_log_takes_out_no_paper(told):
    for who, status in (("nyansatt", 404), ("ppt", 403), ("personvernombud", 404)):
        assert told.browser(who).get(f"/barn/{told.child}/til-ppt.docx").status_code == status


def test_what_came_of_a_measure_is_told_to_those_who_read_the_plan_of_that_day(town):
    draft = drafted(town, [a_goal(measures=[a_measure(town)])])
    key = draft["goals"][0]["measures"][0]["key"]
    there = f"/children/{town.child}/measures/{key}/evaluations"
    for number in (1, 2):
        assert made(town, draft).json["number"] == number
        answer = town.api("laerer").post(there, judged(town, text=f"Evaluert i {number}"))
        assert answer.status_code == 201, answer.text
        goals = [{**draft["goals"][0], "text": "Jeg vil lese mer"}]
        draft = drafted(town, goals)
    with town.work("laerer") as work:
        for number in (1, 2):
            told = queries.of_plan(
                work, town.child, Sight(None, {}), lambda one, only=number: one.number == only
            )
            assert [one.text for one in told.evaluations] == [f"Evaluert i {number}"]


@pytest.mark.parametrize(
    ("years", "decides", "reads"),
    [(9, "familien", "familien"), (17, "Nora", "familien"), (18, "Nora", "Nora")],
)
def test_it_is_gone_through_with_who_decides(told, years, decides, reads):
    with told.database.writing() as session:
        session.get_one(Child, told.child).birth_date = told.born(years)
    page = told.browser("laerer").text(f"/barn/{told.child}/skriv-ut")
    paper = " ".join(printed(told, "laerer").split())
    assert "som det er sagt ja til at PPT får vite" in page
    assert "som det er sagt ja til at PPT får vite" in paper
    assert f"og {reads} ser at den er gjort" in paper
    assert f"Gå gjennom det med {decides} før" in paper
    told.tie("ungdom", "C16")
    own = told.browser("ungdom").text(f"/barn/{told.child}/skriv-ut")
    assert ("Du ser hvem som har tatt ut hva" in own) is (years == 18)
    assert ("hva du og familien sier" in own) is (years < 18)


def test_that_nobody_has_said_yes_yet_is_said_of_no_family(town):
    wish = {"services": [str(town.services["ppt"])]}
    answer = town.api("mor").post(f"/consents/{town.consent}/withdrawal", wish)
    assert answer.status_code == 200, answer.text
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(18)
    page = town.browser("laerer").text(f"/barn/{town.child}/skriv-ut")
    assert "Det er ikke sagt ja til at PPT får vite noe ennå." in page
