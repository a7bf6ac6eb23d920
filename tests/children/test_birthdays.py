"""Rights that change on a birthday change at midnight in Oslo, to the second."""

from calendar import isleap
from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest

from stafett.children import commands as children
from stafett.children.models import Child, Guardian
from stafett.children.queries import deciding_now
from stafett.dates import OSLO, birthday
from tests.plan.scene import a_goal, a_measure, drafted

SECOND = timedelta(seconds=1)
DAYS = [
    (3, 29),  # birthdays in the weeks of the change to summer time
    (10, 25),  # and of the change back
    (2, 29),  # in most years there is no such day
    (7, 14),
]


@pytest.fixture(params=DAYS)
def born(request, town):
    """A day some ten years ago, so that every birthday that counts is still to come."""
    year = town.today.year - 10
    while request.param == (2, 29) and not isleap(year):
        year += 1
    return date(year, *request.param)


def around(town, day):
    """A second before and a second after midnight in Oslo, as time from now."""
    midnight = datetime.combine(day, time.min, OSLO)
    return [{"seconds": (midnight - town.now + step).total_seconds()} for step in (-SECOND, SECOND)]


@pytest.fixture
def child(town, born):
    """A child with an account of its own, whose parents have one too."""
    made, *_ = town.family("Fødselsdag Demo", born)
    with town.database.writing() as session:
        session.get_one(Child, made).user_id = town.users["ungdom"]
    with town.work("ke.leder") as work:
        row = work.session.get_one(Child, made)
        children._tie_account(work, row)  # noqa: SLF001 as giving the account did, whatever its age
    return made


def seen(town, who, path, moments):
    found = []
    for moment in moments:
        with town.later(**moment):
            found.append(town.api(who).get(path).status_code)
    return found


def test_the_child_reads_from_its_twelfth(town, born, child):
    moments = around(town, birthday(born, 12))
    assert seen(town, "ungdom", f"/children/{child}", moments) == [404, 200]


def test_the_youth_decides_from_the_consent_age(town, born, child):
    """The day before it is the parents' to take a consent back; from then on the youth's, too."""
    town.agree(child, "skole", given_on=town.today)
    consent = town.api("mor").get(f"/children/{child}/consents").json["items"][0]["id"]
    path = f"/consents/{consent}/withdrawal"
    before, after = around(town, birthday(born, town.profile.consent_age))
    with town.later(**before):
        assert town.api("ungdom").post(path, {}).status_code == 403
    with town.later(**after):
        answer = town.api("ungdom").post(path, {})
        assert answer.status_code in {200, 409}, answer.json  # 409: it has run out by then
        assert answer.json.get("error", {}).get("code", "conflict") == "conflict"


def test_whose_yes_is_needed_changes_at_the_consent_age(town, born, child):
    asked = {
        "purpose": "stafettlogg",
        "services": [str(town.services["skole"])],
        "given_by": [],
        "guardians_complete": True,
        "method": "digital",
        "child_voice": {"how": "talk_before"},
    }
    needed = []
    for moment in around(town, birthday(born, town.profile.consent_age)):
        with town.later(**moment) as now:
            wish = {**asked, "given_on": now.astimezone(OSLO).date().isoformat()}
            key = {"headers": {"Idempotency-Key": uuid4().hex}}
            made = town.api("laerer").post(f"/children/{child}/consents", wish, **key)
            assert made.status_code == 201, made.json
            needed.append(
                len(made.json["waits_for"]) if "child" not in made.json["waits_for"] else "child"
            )
    assert needed == [2, "child"]


def test_guardians_lose_everything_when_the_child_is_of_age(town, born, child):
    moments = around(town, birthday(born, 18))
    for who in ("mor", "far"):
        assert seen(town, who, f"/children/{child}", moments) == [200, 404]
        assert seen(town, who, f"/children/{child}/entries", moments)[1] == 404
    assert seen(town, "ungdom", f"/children/{child}", moments) == [200, 200]


def test_the_parents_decide_until_the_day_before_the_eighteenth(town, born, child):
    day = birthday(born, 18)
    with town.database.reading() as session:
        before, on = (
            {one.name for one in deciding_now(session, child, when)}
            for when in (day - timedelta(days=1), day)
        )
    assert (before, on) == ({"Mor Demo", "Far Demo"}, set())


def test_one_who_is_of_age_begins_a_log_without_guardians(town):
    child, *_ = town.family("Voksen Demo", town.born(17))
    page = f"/barn/{child}"
    assert "Mor Demo" in town.browser("laerer").text(page)
    with town.database.writing() as session:
        session.get_one(Child, child).birth_date = town.born(18)
    said = town.browser("laerer").text(page)
    assert "Det trengs ikke. Voksen er myndig og bestemmer selv." in said
    assert "Mor Demo" not in said
    assert "Legg til foresatte" not in said


@pytest.mark.parametrize(("years", "there"), [(17, True), (18, False)])
def test_a_parent_of_one_who_is_of_age_is_not_asked_to_do_what_is_planned(town, years, there):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    drafted(town, [a_goal(measures=[a_measure(town)])])
    page = town.browser("laerer").get(f"/barn/{town.child}/plan/utkast/tiltak/m2").text
    assert ('<option value="mor"' in page) is there


@pytest.mark.parametrize(("years", "guardians"), [(17, True), (18, False)])
def test_the_parents_of_one_who_is_of_age_are_said_to_decide_no_more(town, years, guardians):
    town.tie("ungdom", "C16")
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    for who, alone in (
        ("laerer", "Nora er myndig og bestemmer selv."),
        ("ungdom", "Du er myndig og bestemmer selv."),
    ):
        page = town.browser(who).get(f"/barn/{town.child}/om").text
        for words in ("Foresatte nå", ">Foreldreansvar<", ">Foresatte<"):
            assert (words in page) is guardians, (who, words)
        for words in (alone, ">Foreldre<", "Var foresatt fra"):
            assert (words in page) is not guardians, (who, words)
        assert "Mor Demo" in page
    assert ("Registrer en foresatt" in town.browser("laerer").text(f"/barn/{town.child}/om")) is (
        guardians
    )


@pytest.mark.parametrize(("years", "decides"), [(17, True), (18, False)])
def test_nobody_has_parental_responsibility_for_one_who_is_of_age(town, years, decides):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
        session.get_one(Guardian, town.far).mandate = "stafettlogg"
    api = town.api("laerer")
    items = api.get(f"/children/{town.child}/guardians").json["items"]
    assert {one["parental_responsibility"] for one in items} == {decides}
    assert {tuple(one["mandate"]) for one in items} == ({(), ("stafettlogg",)} if decides else {()})
    one = api.get(f"/guardians/{town.far}").json
    assert (one["parental_responsibility"], bool(one["mandate"])) == (decides, decides)
    page = town.browser("laerer").text(f"/foresatt/{town.far}")
    assert ("Foreldre\u00adansvar" in page, "Var foresatt fra" in page) == (decides, not decides)


@pytest.mark.parametrize(("years", "who"), [(17, "familien"), (18, "Nora")])
def test_of_one_who_is_of_age_nothing_is_said_to_be_the_familys(town, years, who):
    with town.database.writing() as session:
        child = session.get_one(Child, town.child)
        child.birth_date, child.interpreter = town.born(years), True
    page = town.browser("laerer").text(f"/barn/{town.child}/om")
    assert f"{who[0].upper()}{who[1:]} trenger tolk" in page
    tabs = town.browser("laerer").get(f"/barn/{town.child}").text
    assert (">Om barnet</a>" in tabs, ">Om Nora</a>" in tabs) == (years == 17, years == 18)
    town.tie("ke.saksbehandler", "KE")
    assert (
        f"Trenger {who} tolk?"
        in town.browser("ke.saksbehandler").get(f"/barn/{town.child}/om").text
    )
    town.tie("ungdom", "C16")
    own = town.browser("ungdom").text(f"/barn/{town.child}/om")
    assert ("Du trenger tolk" in own) is (years == 18)
