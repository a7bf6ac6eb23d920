"""A log that the family wants on paper: its days are here, and nothing of what happened."""

from datetime import timedelta

import pytest

from stafett.access.models import Birth
from stafett.audit.models import TrailRow
from stafett.children.models import Child
from stafett.dates import day_text, full_day, next_working_day, oslo_date
from stafett.stafettlogg import queries
from stafett.stafettlogg.models import PaperDay, Stafettlogg
from tests.consents.test_api import register
from tests.exports.reading import headings, lines, schema_problems, unknown_styles
from tests.plan.scene import a_goal, save
from tests.stafettlogg.asking import closing, level
from tests.worklist.test_gaps import SILENT, quiet
from tests.worklist.test_gaps import told as gaps_of

PLACE = {"place": "Låst skap, perm 3"}
NOTE = {"kind": "note", "text": "Vi øver.", "visibility": "everyone"}


def codes(answer):
    return [one["code"] for one in answer.json["error"]["obstacles"]]


@pytest.fixture
def home(town):
    """The town's log, put on paper."""
    there = f"/children/{town.child}/stafettlogg/paper"
    assert town.api("laerer").post(there, PLACE).json["place"] == PLACE["place"]
    return there


def test_it_is_opened_as_such_and_nothing_is_written_here(town):
    child, *_ = town.family("Ola Demo")
    consent = town.agree(child, "skole")
    wish = {"level": 1, "consent_id": str(consent), "paper_place": PLACE["place"]}
    assert town.api("laerer").post(f"/children/{child}/stafettlogg", wish).status_code == 201
    assert codes(town.api("laerer").post(f"/children/{child}/entries", NOTE)) == ["log-on-paper"]
    assert codes(save(town, "laerer", [a_goal()], child)) == ["log-on-paper"]
    days = town.api("mor").get(f"/children/{child}/stafettlogg/paper").json["days"]
    assert [(one["kind"], one["day"], one["by"]) for one in days] == [
        ("begun", str(town.today), "Laerer Demo")
    ]


def test_an_evaluation_moves_the_next_and_a_meeting_ends_the_silence(town, home):
    next_on = town.today + timedelta(days=20)
    evaluated = {"kind": "evaluation", "day": str(town.today), "next_evaluation_on": str(next_on)}
    assert town.api("laerer").post(f"{home}/days", evaluated).status_code == 200
    assert town.one(Stafettlogg).next_evaluation_on == next_on
    shown = town.browser("laerer").text(f"/barn/{town.child}/papirlogg")
    assert "Evaluering, " in shown
    met = {"kind": "meeting", "day": str(town.today - timedelta(days=2))}
    assert town.api("laerer").post(f"{home}/days", met).status_code == 200
    assert town.one(Stafettlogg).next_evaluation_on == next_on


def test_a_day_on_paper_is_a_sign_that_somebody_follows_up(town):
    quiet(town)
    assert gaps_of(town, "laerer") == [SILENT]
    there = f"/children/{town.child}/stafettlogg/paper"
    assert town.api("laerer").post(there, PLACE).status_code == 200
    assert gaps_of(town, "laerer") == []


@pytest.mark.parametrize(
    ("wish", "wrong"),
    [
        ({"kind": "meeting", "day": 1}, "day"),
        ({"kind": "evaluation", "day": 0, "next_evaluation_on": -1}, "next_evaluation_on"),
        ({"kind": "begun", "day": 0}, "kind"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(town, home, wish, wrong):
    typed = {
        name: str(town.today + timedelta(days=value)) if isinstance(value, int) else value
        for name, value in wish.items()
    }
    answer = town.api("laerer").post(f"{home}/days", typed)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [wrong])
    page = town.browser("laerer").send(f"/barn/{town.child}/papirlogg/dag", typed)
    assert page.status_code == 422
    assert f'value="{typed["day"]}"' in page.text


def test_it_is_kept_here_again_on_a_new_consent_alone(town, home):
    assert codes(town.api("laerer").post(f"{home}/end")) == ["paper-needs-consent"]
    register(town, "skole", "ppt", "helse", "ke")
    answer = town.browser("laerer").send(f"/barn/{town.child}/papirlogg/slutt")
    assert answer.status_code == 303
    assert town.api("laerer").get(home).json["place"] is None
    assert town.api("laerer").post(f"/children/{town.child}/entries", NOTE).status_code == 201
    assert codes(town.api("laerer").post(f"{home}/end")) == ["log-not-on-paper"]
    assert town.count(PaperDay) == 2


def test_who_follows_up_registers_and_everybody_in_the_log_reads(town, home):
    day = {"kind": "meeting", "day": str(town.today)}
    for who, status in (("mor", 403), ("ppt", 403), ("nyansatt", 404)):
        assert town.api(who).post(f"{home}/days", day).status_code == status, who
        assert town.api(who).get(home).status_code == (404 if status == 404 else 200), who
    told = town.browser("mor").text(f"/barn/{town.child}/innsyn")
    assert "førte loggen på papir" in told
    page = town.browser("mor").text(f"/barn/{town.child}")
    assert PLACE["place"] in page
    assert "eller registrer en" not in page
    assert "Loggen føres på papir" in town.browser("mor").text(f"/barn/{town.child}/stafettlogg")
    for page in ("", "/stafettlogg", "/plan"):  # nothing leads where it would be refused
        shown = town.browser("laerer").get(f"/barn/{town.child}{page}").text
        for way in ("nytt-mal", "plan/utkast", "#text"):
            assert way not in shown, (page, way)


@pytest.fixture
def thursday(town, home):
    """A day in the life of the log on paper, which is opened a fortnight ago."""
    quiet(town, 14)
    return town.today - timedelta(days=4)


def both(town, day):
    """What a page says of a day that was told today."""
    return f"besluttet {day_text(day, town.today)}, registrert i dag"


def test_a_level_is_of_the_day_it_was_decided(town, home, thursday):
    path = f"/children/{town.child}/level-changes"
    made = town.api("laerer").post(path, level(2, 2, decided_on=str(thursday)))
    assert made.status_code == 201, made.json
    assert made.json["decided_on"] == str(thursday)
    # The next look at it counts from the day the family agreed, not from the day it was typed.
    assert made.json["next_evaluation_on"] == str(next_working_day(thursday + timedelta(days=42)))
    row = town.one(TrailRow, TrailRow.action == "log.set_level")
    assert row.changes["decided_on"] == str(thursday)
    mor = town.browser("mor")
    assert both(town, thursday) in mor.text(f"/barn/{town.child}/niva")
    assert f"siden {day_text(thursday, town.today)}" in mor.text(f"/barn/{town.child}")
    told = lines(mor.get(f"/barn/{town.child}/stafettlogg.docx").data)
    assert {full_day(thursday), f"Registrert {full_day(town.today)}"} <= set(told)
    # What was decided the same day, or said nothing, is of today.
    again = town.api("laerer").post(path, level(1, 3, decided_on=str(town.today)))
    assert (again.status_code, again.json["decided_on"]) == (201, None)


def test_what_parents_told_the_day_before_he_was_of_age_may_be_told_later(town, thursday):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(18)
    told = {"child_voice": {"how": "through_guardian"}}
    wish, path = level(2, 2, **told), f"/children/{town.child}/level-changes"
    del wish["parents_agree"]
    refused = town.api("laerer").post(path, wish | {"decided_on": str(town.today)})
    assert list(refused.json["error"]["fields"]) == ["child_voice.how"]
    made = town.api("laerer").post(path, wish | {"decided_on": str(thursday)})
    assert made.status_code == 201, made.text


def test_the_worklist_leads_to_the_days(town, home):
    def way():
        items = town.api("laerer").get("/worklist").json["items"]
        return {one["kind"]: one["href"].rpartition("/")[2] for one in items}

    with town.later(days=70):
        assert (way()["evaluation"], way()["gap"]) == ("papirlogg", "papirlogg")
        register(town, "skole", "ppt", "helse", "ke")
    with town.later(days=71):
        assert town.browser("laerer").send(f"/barn/{town.child}/papirlogg/slutt").status_code == 303
    with town.later(days=140):
        assert (way()["evaluation"], way()["gap"]) == ("evaluering", "stafettlogg")


def test_an_evaluation_counts_from_its_day(town, home, thursday):
    evaluated = {"kind": "evaluation", "day": str(thursday)}
    assert town.api("laerer").post(f"{home}/days", evaluated).status_code == 200
    again = next_working_day(thursday + timedelta(days=42))
    assert town.one(Stafettlogg).next_evaluation_on == again


def test_an_end_is_of_the_day_it_was_decided(town, home, thursday):
    path = f"/children/{town.child}/stafettlogg/closing"
    done = town.api("far").post(path, closing(2, decided_on=str(thursday)))
    assert (done.status_code, done.json["closing_decided_on"]) == (200, str(thursday))
    assert done.json["closed_on"] == str(town.today)
    for page in ("", "/stafettlogg"):
        assert both(town, thursday) in town.browser("mor").text(f"/barn/{town.child}{page}")
    told = lines(town.browser("mor").get(f"/barn/{town.child}/stafettlogg.docx").data)
    assert f"Besluttet {full_day(thursday)}, registrert {full_day(town.today)}" in told


def test_it_is_opened_again_on_paper(town, home):
    done = town.api("laerer").post(f"/children/{town.child}/stafettlogg/closing", closing(2))
    assert done.status_code == 200
    consent = town.agree(town.child, "skole")
    form = f"/barn/{town.child}/stafettlogg/gjenapne"
    assert PLACE["place"] not in town.browser("laerer").get(form).text  # he reads no more of it
    wish = {"level": 1, "consent_id": str(consent), "reason": "Se mappa.", "paper_place": "Perm 4"}
    assert town.browser("laerer").send(form, wish).status_code == 303
    assert town.api("laerer").get(home).json["place"] == "Perm 4"


def test_a_day_on_which_it_cannot_have_been_decided_is_said_and_nothing_lost(town, home, thursday):
    laerer, before = town.browser("laerer"), town.rows()
    voice = {"child_voice.how": "meeting", "seen_version": 2, "reason": "Se mappa."}
    step = {**voice, "level": 2, "parents_agree": "true"}
    end = {**voice, "outcome": "goals_reached", "family_view": "Se mappa."}
    for ahead, said in ((1, "ikke kommet ennå"), (-15, "før loggen ble åpnet")):
        day = str(town.today + timedelta(days=ahead))
        for page, typed in (("niva", step), ("avslutt", end)):
            answer = laerer.send(f"/barn/{town.child}/{page}", {**typed, "decided_on": day})
            assert answer.status_code == 422, page
            assert said in answer.text
            assert f'value="{day}"' in answer.text
            assert "Se mappa.</textarea>" in answer.text
    assert town.rows() == before


def test_only_on_paper_is_told_afterwards(town):
    today = str(town.today)
    for path, wish in (("level-changes", level(2)), ("stafettlogg/closing", closing())):
        told = wish | {"decided_on": today}
        answer = town.api("laerer").post(f"/children/{town.child}/{path}", told)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["decided_on"])
    for page in ("niva", "avslutt"):
        assert 'name="decided_on"' not in town.browser("laerer").text(f"/barn/{town.child}/{page}")


def test_nothing_is_decided_before_a_birth_of_which_not_all_may_know(town, thursday):
    born = town.now - timedelta(days=2)
    with town.work("laerer") as work:
        log = queries.last_log(work.session, town.child)
        assert queries.last_decided_on(work.session, log) == town.today - timedelta(days=14)
        laerer = town.users["laerer"]
        work.session.add(Birth(child_id=town.child, at=born, registered_by=laerer))
        work.session.flush()
        assert queries.last_decided_on(work.session, log) == oslo_date(born)


def test_the_empty_form_is_for_everybody(app):
    file = app.test_client().get("/skjema/papirlogg.docx").data
    assert not schema_problems(file)
    assert not unknown_styles(file)
    assert headings(file) == []
    assert "Mappa ligger" in lines(file)
