"""Versions that can be held against what they were, on any day, and gone through in time."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from json import dumps
from uuid import uuid4

import pytest

from stafett.access.models import AccessRow
from stafett.access.policy import Action, Purpose
from stafett.audit.models import TrailRow
from stafett.consents import commands as consents
from stafett.consents.commands import Record
from stafett.consents.models import Consent
from stafett.consents.rules import Method
from stafett.plan import queries, rules
from stafett.plan.models import PlanVersion
from stafett.plan.queries import VersionRow
from stafett.plan.rules import EMPTY, PlanKind, VersionState
from tests.birth.scene import after_the_birth, expected
from tests.exports.reading import lines
from tests.plan.scene import (
    REVISED_AFTER,
    a_goal,
    an_ip_child,
    approved,
    drafted,
    made,
    on_page,
    path,
    submitted,
    whole,
)
from tests.plan.test_visibility import add, choose, draft_of
from tests.statements import sent_to


def number_of(content):
    said = dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(said.encode()).hexdigest()


def test_a_version_has_the_fingerprint_of_what_its_reader_sees(town):
    made(town, drafted(town, about_me="Jeg heter Nora. Æ, ø og å"))
    choose(town, "laerer", add(town, "laerer"), "professionals")
    made(town, drafted(town, town.api("laerer").get(f"{path(town)}/draft").json["goals"]))
    shown = {}
    for who in ("laerer", "mor"):
        for number in (1, 2) if who == "laerer" else (1,):
            version = town.api(who).get(f"{path(town)}/versions/{number}").json
            assert version["sha256"] == number_of(version["content"])
            assert version["sha256"] in town.browser(who).text(
                f"/barn/{town.child}/plan/versjoner/{number}"
            )
            shown[who, number] = version["sha256"]
    assert shown["laerer", 1] == shown["mor", 1]
    assert len(set(shown.values())) == 2
    with town.database.reading() as session:
        kept = {one.sha256 for one in session.query(PlanVersion)}
    assert kept == set(shown.values())


@pytest.mark.parametrize(("own", "told"), [(False, True), (True, False)])
def test_a_version_that_was_altered_is_found_by_its_own_number_or_the_trail_s(town, own, told):
    made(town, drafted(town))
    with town.database.reading() as session:
        assert queries.altered(session) is None
        true = session.query(PlanVersion).one()
    forged = {**true.content, "about_me": "Noe annet"}
    right, wrong = rules.fingerprint(forged), "0" * 64
    with town.database.writing() as session:
        version = PlanVersion(
            id=uuid4(),
            plan_id=true.plan_id,
            child_id=true.child_id,
            number=2,
            kind=true.kind,
            summary="",
            content=forged,
            sha256=right if own else wrong,
            created_by=true.created_by,
            created_at=true.created_at,
        )
        session.add(version)
        row = TrailRow(at=town.now, actor_id=true.created_by, child_id=true.child_id)
        row.action, row.object_id = Action.PLAN_PUBLISH_TILTAKSPLAN, version.id
        row.changes = {"number": 2, "sha256": right if told else wrong}
        session.add(row)
        session.flush()
        assert queries.altered(session) == version.id


def a_version(number, state, settled_at):
    kind = PlanKind.TILTAKSPLAN
    return VersionRow(uuid4(), number, kind, "", "a", "A", settled_at, state, settled_at)


VERSIONS = [
    a_version(4, VersionState.FOR_APPROVAL, None),
    a_version(3, VersionState.IN_FORCE, datetime(2026, 3, 12, 22, 59, tzinfo=UTC)),
    a_version(2, VersionState.REJECTED, datetime(2026, 3, 11, tzinfo=UTC)),
    a_version(1, VersionState.SUPERSEDED, datetime(2026, 3, 10, 23, 30, tzinfo=UTC)),
]


@pytest.mark.parametrize(
    ("day", "number"),
    [(10, None), (11, 1), (12, 3), (13, 3)],  # in Oslo it is the next day an hour earlier
)
def test_which_version_held_on_a_day(day, number):
    held = queries.held_on(VERSIONS, date(2026, 3, day))
    assert (held and held.number) == number


def test_the_plan_is_shown_as_it_was_on_a_day(town):
    there = f"/barn/{town.child}/plan/dag"
    made(town, drafted(town, about_me="Før"))
    with town.later(days=3):
        goals = town.api("laerer").get(f"{path(town)}/draft").json["goals"]
        made(town, drafted(town, goals, about_me="Etter"))
        today = town.today
        mother = town.browser("mor")
        for days, said, unsaid in ((0, "Før", "Etter"), (3, "Etter", "Før")):
            day = today + timedelta(days=days)
            text = mother.text(f"{there}?dag={day}")
            assert said in text
            assert unsaid not in text
            assert "Se planen slik den var en bestemt dag" not in text
            (item,) = town.api("mor").get(f"{path(town)}/versions?on={day}").json["items"]
            assert item["number"] == 1 + (days == 3)
        assert "Ingen plan gjaldt" in mother.text(f"{there}?dag={today - timedelta(days=1)}")
        assert "Velg en dag som har vært" in mother.text(f"{there}?dag={today + timedelta(days=9)}")
        assert town.api("mor").get(f"{path(town)}/versions?on=2000-01-01").json["items"] == []
        assert mother.get(f"{there}?dag=tull").status_code == 422


@pytest.mark.parametrize(
    ("said", "meeting", "wanted"),
    [
        (None, None, "2027-02-28"),
        ("2026-12-01", None, "2026-12-01"),
        ("2028-01-01", None, "2027-02-28"),
        (None, "2026-10-20", "2026-10-27"),
        (None, "2026-08-31", "2026-09-07"),
        (None, "2026-08-30", "2027-02-28"),
        (None, "2027-02-25", "2027-02-28"),
        (None, "9999-12-31", "2027-02-28"),
        ("2026-12-01", "2026-11-25", "2026-12-01"),
        ("2026-12-01", "2026-11-20", "2026-11-27"),
    ],
)
def test_a_plan_is_gone_through_when_it_says_after_a_meeting_and_each_half_year(
    said, meeting, wanted
):
    content = {**EMPTY, "next_revision_on": said, "next_meeting_on": meeting}
    assert rules.revise_on(content, date(2026, 8, 31)) == date.fromisoformat(wanted)


def test_a_plan_from_before_meetings_had_a_day_is_gone_through_as_it_says():
    content = {name: value for name, value in EMPTY.items() if name != "next_meeting_on"}
    assert rules.revise_on(content, date(2026, 8, 31)) == date(2027, 2, 28)


def test_its_coordinator_is_told_when_a_plan_is_to_be_gone_through(town):
    child = an_ip_child(town)
    submitted(town, child)
    words = "Gå gjennom planen med dem den gjelder, og med ansvarsgruppa"
    approved(town, child)
    due = town.today + REVISED_AFTER
    with town.later(days=REVISED_AFTER.days - 15):
        assert words not in town.browser("koordinator").text("/")
    with town.later(days=REVISED_AFTER.days - 14):
        (item,) = [
            one
            for one in town.api("koordinator").get("/worklist").json["items"]
            if one["title"] == words
        ]
        assert (item["due_on"], item["href"]) == (str(due), f"/barn/{child}/plan")
        assert words not in town.browser("laerer").text("/")


def test_a_plan_is_gone_through_within_a_week_of_the_meeting_that_it_names(town):
    child = an_ip_child(town)
    meeting = town.today + timedelta(days=20)
    said = {**whole(town), "next_meeting_on": str(meeting)}
    draft = drafted(town, who="koordinator", child=child, **said)
    assert made(town, draft, "koordinator", child).status_code == 201
    approved(town, child)
    there = f"/barn/{child}/plan"
    assert f"Ansvarsgruppa møtes {on_page(meeting)}" in town.browser("mor").text(there)
    with town.later(days=21):
        text = town.browser("mor").text(there)
        assert f"Ansvarsgruppa møttes {on_page(meeting)}" in text
        assert f"Planen gås gjennom innen {on_page(meeting + timedelta(days=7))}" in text
        items = town.api("koordinator").get("/worklist").json["items"]
        assert str(meeting + timedelta(days=7)) in {
            one["due_on"] for one in items if one["href"] == there
        }
    with town.later(days=28):
        assert "Skulle vært gått gjennom" in town.browser("koordinator").text(there)


def test_a_version_is_given_as_fhir_by_its_reader_s_sight_and_kept_as_a_download(town):
    key = add(town, "laerer")
    choose(town, "laerer", key, "professionals")
    draft = town.api("laerer").get(f"{path(town)}/draft").json
    made(town, drafted(town, [*draft["goals"], {"text": "Jeg vil lese"}]))
    there = f"{path(town)}/versions/1/fhir"
    texts = {}
    for who in ("laerer", "mor"):
        answer = town.api(who).get(there)
        assert answer.content_type == "application/fhir+json"
        assert answer.json["type"] == "collection"
        assert "replaces" not in answer.text
        goals = [
            one["resource"]["description"]["text"]
            for one in answer.json["entry"]
            if one["resource"]["resourceType"] == "Goal"
        ]
        texts[who] = (len(goals), "Samtaler" in answer.text)
    assert texts == {"laerer": (2, True), "mor": (1, False)}
    assert town.api("ppt").get(there).status_code == 403
    assert town.api("nyansatt").get(there).status_code == 404
    rows = town.count(
        AccessRow, AccessRow.action == Action.PLAN_EXPORT_DOCX, AccessRow.result == "allow"
    )
    assert rows == 2
    goals = town.api("laerer").get(f"{path(town)}/draft").json["goals"]
    made(town, drafted(town, [*goals, {"text": "Jeg vil sove"}]))
    second = town.api("laerer").get(f"{path(town)}/versions/2/fhir").json
    plans = [one["resource"] for one in second["entry"] if "replaces" in one["resource"]]
    assert [one["replaces"] for one in plans] == [[{"identifier": {"value": "1"}}]]


@pytest.mark.parametrize("shows", ["versions", "changes", "copy"])
def test_many_versions_are_read_in_as_many_statements_as_one(town, shows):
    home = f"/barn/{town.child}"
    show = {
        "versions": lambda: town.api("laerer").get(f"{path(town)}/versions"),
        "changes": lambda: town.browser("laerer").get(f"{home}/plan/utkast/endringer"),
        "copy": lambda: town.browser("mor").client.get(f"{home}/kopi.zip"),
    }[shows]
    made(town, drafted(town, about_me="Første"))
    with sent_to(town.database) as first:
        assert show().status_code == 200
    for text in ("Andre", "Tredje"):
        goals = draft_of(town, "laerer")["goals"]
        assert made(town, drafted(town, goals, about_me=text)).status_code == 201
    with sent_to(town.database) as then:
        assert show().status_code == 200
    assert len(then) == len(first)


def agreed_in(answer):
    """What a bundle says of consents: the day of each, and the services that it names."""
    resources = [one["resource"] for one in answer.json["entry"]]
    return [
        (one["dateTime"], [it["reference"]["display"] for it in one["provision"]["actor"]])
        for one in resources
        if one["resourceType"] == "Consent"
    ]


def test_a_service_whose_consent_is_taken_back_is_not_let_in_by_the_bundle(town):
    child = an_ip_child(town)
    submitted(town, child)
    consent = town.one(Consent, Consent.child_id == child, Consent.purpose == Purpose.PLAN)
    back = {"services": [str(town.services["bup"])], "reason": "Nei"}
    assert town.api("mor").post(f"/consents/{consent.id}/withdrawal", back).status_code == 200
    answer = town.api("koordinator").get(f"{path(town, child)}/versions/1/fhir")
    assert agreed_in(answer) == [(str(town.today), ["Demo-ke", "Demo-skole"])]


def test_the_bundle_tells_of_a_consent_from_before_the_birth_as_its_own_page_does(town):
    expected(town)
    with town.work("laerer") as work:
        services, given_by = [town.services["helse"]], [town.mor]
        wish = Record(Purpose.PLAN, services, given_by, Method.SIGNED, town.today)
        consents.record(work, town.child, wish)
    with after_the_birth(town) as (given_on, born_on):
        assert made(town, drafted(town, [a_goal(text="Barnet sover")])).status_code == 201
        for who, day in (("mor", given_on), ("far", born_on)):
            number = town.api(who).get(f"{path(town)}/versions").json["items"][0]["number"]
            answer = town.api(who).get(f"{path(town)}/versions/{number}/fhir")
            assert agreed_in(answer) == [(str(day), ["Demo-helse"])], who


def test_a_version_shows_what_came_of_its_measures_while_it_held(town):
    home = f"/barn/{town.child}/plan"

    def evaluate(text):
        said = {"done": "yes", "effect": 4, "child_view": {"how": "observed"}, "text": text}
        said |= {"date": str(town.today), "decision": "continue"}
        said["next_due_on"] = str(town.today + timedelta(days=60))
        answer = town.api("laerer").post(f"/children/{town.child}/measures/m2/evaluations", said)
        assert answer.status_code == 201, answer.text

    assert made(town, drafted(town)).status_code == 201
    with town.later(minutes=1):
        evaluate("Mens den første gjaldt")
    with town.later(minutes=2):
        goals = draft_of(town, "laerer")["goals"]
        assert made(town, drafted(town, goals, about_me="Ny")).status_code == 201
        assert "Mens den første gjaldt" in town.browser("mor").text(home)  # it still goes on
    with town.later(minutes=3):
        evaluate("Mens den andre gjaldt")
    with town.later(minutes=4):
        assert made(town, drafted(town, goals, about_me="Nyere")).status_code == 201
    with town.later(minutes=5):
        evaluate("Mens den tredje gjelder")
        for number, said in ((1, "første"), (2, "andre"), (3, None)):
            document = town.browser("mor").get(f"{home}.docx?versjon={number}")
            for text in (
                town.browser("mor").text(f"{home}/versjoner/{number}"),
                "\n".join(lines(document.data)),
            ):
                assert ("Mens den første gjaldt" in text) is (said == "første"), number
                assert ("Mens den andre gjaldt" in text) is (said == "andre"), number
                assert ("Mens den tredje gjelder" in text) is (said is None), number


def test_a_version_is_dated_by_when_it_came_in_force_or_was_sent(town):
    """The same on the list, the page of what differs, and the document."""
    child = an_ip_child(town)
    submitted(town, child)
    there, holder = f"/barn/{child}/plan", town.browser("koordinator")
    held, second = (on_page(town.today + timedelta(days=days)) for days in (3, 8))
    with town.later(days=3):
        approved(town, child)
    with town.later(days=8):
        draft = draft_of(town, "koordinator", child) | {"needs": "Ro og pauser"}
        saved = town.api("koordinator").put(f"{path(town, child)}/draft", draft)
        assert made(town, saved.json, "koordinator", child).status_code == 201
        listed = holder.text(there)
        compared = holder.text(f"{there}/sammenlign?fra=1&til=2")
        paper = " ".join(lines(holder.get(f"{there}.docx?versjon=2&fra=1").data))
        first = " ".join(lines(holder.get(f"{there}.docx?versjon=1").data))
    for said in (f"jelder fra {held}", f"endt {second}"):
        assert said in listed
        assert said in compared
    assert f"Fra versjon 1 (gjelder fra {held}) til versjon 2 (sendt {second})" in compared
    assert f"Versjon 1, {held}" in compared
    paper, first = (" ".join(one.split()) for one in (paper, first))
    assert f"Versjon 2, {second}" in paper
    assert f"1, fra {held}" in paper
    assert f"Versjon 1, {held}" in first


def test_a_version_that_was_never_in_force_is_dated_by_when_it_was_sent(town):
    child = an_ip_child(town)
    submitted(town, child)
    with town.later(days=3):
        no = {"answer": "reject", "comment": "Ikke ennå"}
        answer = town.api("mor").post(f"{path(town, child)}/versions/1/approvals", no)
        assert answer.status_code == 200, answer.text
        said = town.browser("koordinator").text(f"/barn/{child}/plan/versjoner/1")
    assert f"endt {on_page(town.today)}, ikke godkjent" in said
