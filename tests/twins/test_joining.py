"""Two records of one child become one, and within a day two again; nobody gains by a typed name."""

import json
from datetime import datetime, timedelta
from io import BytesIO
from itertools import product
from urllib.parse import urlencode
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from stafett.access.models import AccessRow, Cover, Restriction, Tie
from stafett.access.policy import Action
from stafett.audit.models import TrailRow
from stafett.children.models import Child, Guardian
from stafett.children.rules import Protection
from stafett.consents.models import Consent, ConsentGiver
from stafett.entries.models import Entry, EntryHidden
from stafett.insight.rules import LOOKED
from stafett.protection.commands import Grade, protect
from stafett.stafettlogg import commands as logs
from stafett.stafettlogg.models import Concern
from stafett.stafettlogg.rules import Level
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from stafett.twins import rules
from stafett.twins.models import TwinJoin
from tests.children.test_twins import NUMBER, WISH
from tests.stafettlogg.asking import closing

FOUND = {"accepted": True, "parental_responsibility": True, "evidence": "register"}


def add(town, who, child, username="mor", **more):
    wish = {
        "name": f"{username} Demo",
        "relation": "mor",
        "parental_responsibility": True,
        "lives_with": True,
        "username": username,
        **more,
    }
    made = town.api(who).post(f"/children/{child}/guardians", wish)
    assert made.status_code == 201, made.json
    return made.json["id"]


def verify(town, guardian):
    done = town.api("ke.leder").post(
        f"/guardians/{guardian}/verification", {**FOUND, "seen_version": 1}
    )
    assert done.status_code == 200, done.json


def agree(town, who, child, *givers, purpose="stafettlogg"):
    wish = {
        "purpose": purpose,
        "services": [str(town.services["skole"]), str(town.services["ke"])],
        "given_by": list(givers),
        "guardians_complete": True,
        "method": "signed",
        "given_on": town.today.isoformat(),
    }
    made = town.api(who).post(f"/children/{child}/consents", wish)
    assert made.status_code == 201, made.json
    return made.json["id"]


@pytest.fixture
def two(town):
    """A record of `laerer`'s and its twin of `nyansatt`'s; a mother in the twin, verified."""
    first = town.api("laerer").post("/children", WISH).json["id"]
    twin = town.api("nyansatt").post("/children", WISH | {"name": "Ola D."}).json["id"]
    return first, twin


def call(town, twin, what, who="ke.leder", body=None):
    return town.api(who).post(f"/children/{twin}/twin/{what}", body or {})


def codes(answer):
    return [one["code"] for one in answer.json["error"]["obstacles"]]


def sees(town, who, child):
    return town.api(who).get(f"/children/{child}").status_code


def test_the_rules():
    for (at, twin), (there, other) in product(enumerate(rules.Use), repeat=2):
        assert rules.twin_stays(twin, other) == (at > there)
        for unverified, restricted in product((False, True), repeat=2):
            found = rules.obstacles_to_join(
                twin, other, unverified=unverified, restricted=restricted
            )
            assert len(found) == (at == there == 2) + unverified + restricted
    at = datetime(2026, 3, 2, 12)  # noqa: DTZ001 only a difference is taken
    for hours, used in product((0, 24, 24.01), (False, True)):
        found = rules.obstacles_to_undo(at, at + timedelta(hours=hours), used=used)
        assert len(found) == (hours > 24) + used


def test_the_leader_sees_both_by_the_task_and_nothing_else(town, two):
    first, twin = two
    add(town, "nyansatt", twin)
    task = town.one(Task, Task.kind == TaskKind.JOIN_TWIN)
    leader = town.browser("ke.leder")
    assert f"/barn/{twin}/sla-sammen" in leader.get(f"/oppgave/{task.id}").text
    page = leader.text(f"/barn/{twin}/sla-sammen")
    for said in ("Ola Demo", "Ola D.", "mor Demo (mor, ikke kontrollert)", "av Laerer Demo"):
        assert said in page
    assert NUMBER not in page
    for child in two:
        assert sees(town, "ke.leder", child) == 404
    for who in ("laerer", "rektor", "mor", "ppt", "admin", "ke.saksbehandler", "personvernombud"):
        for path in (f"/children/{twin}/twin", f"/children/{first}/twin"):
            assert town.api(who).get(path).status_code == 404, who
    assert call(town, twin, "joining", "nyansatt").status_code == 404  # as if it had no twin
    assert call(town, first, "joining").status_code == 404  # the twin's is the address
    assert town.count(TwinJoin) == 0


def test_an_unverified_guardian_stops_the_join(town, two):
    first, twin = two
    stranger = add(town, "nyansatt", twin, "far", relation="far")
    before = town.rows()
    assert codes(call(town, twin, "joining")) == ["twin-guardian-unverified"]
    assert town.rows() == before
    assert sees(town, "far", first) == 404
    verify(town, stranger)
    assert call(town, twin, "joining").status_code == 200
    assert sees(town, "far", first) == 200


def test_everything_moves_and_the_old_address_answers_for_those_who_may(town, two):
    first, twin = two
    mor = add(town, "nyansatt", twin)
    verify(town, mor)
    consent = agree(town, "nyansatt", twin, mor)
    opening = town.browser("nyansatt").get(f"/barn/{twin}/stafettlogg/apne")
    assert "Barnet kan være registrert fra før" in opening.text  # said before the form, not after
    assert 'name="level"' not in opening.text
    wrote = town.api("nyansatt").post(f"/children/{twin}/concerns", {"observed": "Uro", "worry": 3})
    concern = wrote.json["id"]
    looks = town.count(AccessRow, AccessRow.child_id == UUID(twin))
    done = call(town, twin, "joining")
    assert done.status_code == 200
    assert [(one["id"], one["stays"]) for one in done.json["sides"]] == [
        (first, True),
        (twin, False),
    ]
    for table, row in ((Guardian, mor), (Consent, consent), (Concern, concern)):
        assert str(town.one(table, table.id == UUID(row)).child_id) == first
    # Logs stay whole, and both records tell of it.
    assert town.count(AccessRow, AccessRow.child_id == UUID(twin)) > looks
    told = town.count(TrailRow, TrailRow.action == "child.join_twin")
    assert told == 2
    # The mother reads the one record at both addresses, as pages and as JSON.
    for child in two:
        assert town.api("mor").get(f"/children/{child}").json["id"] == first
        for page in ("", "/om", "/samtykke", "/innsyn", "/plan"):
            assert town.browser("mor").get(f"/barn/{child}{page}").status_code == 200, page
        assert sees(town, "laerer", child) == 200
    officer = town.api("personvernombud")  # whose role alone shows who looked
    rows = [officer.get(f"/children/{child}/access-log").json["items"] for child in two]
    assert [[one for one in each if one["changed"]] for each in rows] == [
        [one for one in rows[0] if one["changed"]]
    ] * 2
    row = town.api("mor").get(f"/children/{first}/access-log").json["items"]
    assert {one["who"] for one in row} >= {"Nyansatt Demo", "Ke.Leder Demo"}
    # Who registered the twin reads his concern, and nothing else.
    for who, child in product(("nyansatt", "rektor", "ppt", "ungdom", "bup"), two):
        assert sees(town, who, child) == (200 if who == "rektor" else 404), who
    assert town.browser("nyansatt").get(f"/bekymring/{concern}").status_code == 200
    assert town.browser("laerer").get(f"/bekymring/{concern}").status_code == 404
    task = town.one(Task, Task.kind == TaskKind.TWIN_JOINED)
    assert task.user_id == town.users["nyansatt"]
    told = town.browser("nyansatt").text(f"/oppgave/{task.id}")
    assert "var registrert fra før" in told
    assert "snakk med Ke.Leder Demo" in told
    assert "Hva er gjort?" not in told
    assert "Jeg har lest det" in told
    # The consent of everybody whose yes is needed opens the log there.
    wish = {"level": 1, "consent_id": consent}
    opened = town.api("laerer").post(f"/children/{twin}/stafettlogg", wish)
    assert (opened.status_code, opened.json.get("state")) == (201, "open")
    assert codes(call(town, twin, "undoing")) == ["twin-used-since"]


def test_a_stranger_s_404_is_the_same_for_joined_and_missing(town, two):
    _, twin = two
    assert call(town, twin, "joining").status_code == 200
    gone = town.api("bup").client.get(f"/api/v1/children/{twin}", headers=town.api("bup").headers)
    none = town.api("bup").client.get(
        f"/api/v1/children/{UUID(int=5)}", headers=town.api("bup").headers
    )
    assert (gone.status_code, gone.data) == (404, none.data)
    found = town.api("ke.leder").post("/children/search", {"national_id": NUMBER})
    assert [one["name"] for one in found.json["items"]] == ["Ola Demo"]


@pytest.mark.parametrize("restricted", [True, False])
def test_what_the_family_had_asked_for_is_decided_in_the_record_that_stays(town, two, restricted):
    first, twin = two
    verify(town, add(town, "nyansatt", twin))
    asked = {"right": "restriction", "words": "Det som står, er feil."}
    made = town.api("mor").post(f"/children/{twin}/rights-requests", asked)
    assert made.status_code == 201, made.json
    assert call(town, twin, "joining").status_code == 200
    task = town.one(Task, Task.kind == TaskKind.DECIDE_RESTRICTION)
    assert f"/barn/{first}/begrensning" in town.browser("ke.leder").get(f"/oppgave/{task.id}").text
    answer = {"restricted": restricted, "reason": "Vi har sett på det."}
    done = town.api("ke.leder").post(f"/children/{first}/restrictions", answer)
    assert done.status_code == 200, done.json
    assert town.one(Task, Task.id == task.id).done_at is not None
    assert town.count(Restriction, Restriction.child_id == UUID(first)) == restricted


def test_what_was_asked_for_is_the_first_record_s_again_when_they_part(town, two):
    _, twin = two
    verify(town, add(town, "nyansatt", twin))
    asked = {"right": "restriction", "words": "Det som står, er feil."}
    assert town.api("mor").post(f"/children/{twin}/rights-requests", asked).status_code == 201
    for step in ("joining", "undoing"):
        assert call(town, twin, step).status_code == 200
    task = town.one(Task, Task.kind == TaskKind.DECIDE_RESTRICTION)
    assert (task.child_id, task.source_id) == (UUID(twin), UUID(twin))


def test_the_same_person_in_both_stands_once(town, two):
    first, twin = two
    add(town, "laerer", first)
    double = add(town, "nyansatt", twin)  # known there, so that nobody need verify
    consent = agree(town, "nyansatt", twin, double)
    assert call(town, twin, "joining").status_code == 200
    rows = town.api("laerer").get(f"/children/{first}/guardians").json["items"]
    assert sorted(one["ended"] for one in rows) == [False, True]
    for who in ("laerer", "mor"):  # nobody is told that she is not a guardian any longer
        page = town.browser(who).text(f"/barn/{first}/om")
        assert "Ikke foresatt lenger" not in page
    giver = town.one(ConsentGiver, ConsentGiver.consent_id == UUID(consent))
    assert str(giver.guardian_id) == next(one["id"] for one in rows if not one["ended"])
    assert town.count(Cover, Cover.child_id == UUID(first), Cover.ended_at.is_(None)) == 2


def test_a_consent_never_undoes_what_was_said_before_or_speaks_for_another(town, two):
    first, twin = two
    far = add(town, "laerer", first, "far", relation="far")
    mor = add(town, "nyansatt", twin)
    verify(town, mor)
    agree(town, "nyansatt", twin, mor)
    taken_back = agree(town, "laerer", first, far, purpose="coordinator")
    gone = town.api("far").post(f"/consents/{taken_back}/withdrawal", {})
    assert gone.status_code == 200
    agree(town, "nyansatt", twin, mor, purpose="coordinator")
    assert call(town, twin, "joining").status_code == 200
    assert town.count(Cover, Cover.ended_at.is_(None), Cover.child_id == UUID(first)) == 0
    assert town.count(Cover, Cover.ended_at.is_(None), Cover.child_id == UUID(twin)) == 0


def test_a_block_on_either_side_holds_on_both_and_stays_when_they_part(town, two):
    first, twin = two
    far = add(town, "laerer", first, "far", relation="far")
    add(town, "nyansatt", twin, "far", relation="far")
    town.tie("ke.leder", "KEL", UUID(first))
    blocked = town.api("ke.leder").post(f"/guardians/{far}/block", {"reason": "Besøksforbud"})
    assert blocked.status_code == 200
    assert sees(town, "far", twin) == 200  # what was typed there knew nothing of it
    assert call(town, twin, "joining").status_code == 200
    for child in two:
        assert sees(town, "far", child) == 404
    assert call(town, twin, "undoing").status_code == 200
    for child in two:
        assert sees(town, "far", child) == 404


def test_a_leader_who_is_blocked_from_one_joins_neither(town, two):
    first, twin = two
    town.tie("ke.leder", "BLOCK", UUID(first))
    assert town.api("ke.leder").get(f"/children/{twin}/twin").status_code == 404
    assert call(town, twin, "joining").status_code == 404


def standing(town, child):
    """Every tie and cover of a record that stands, by what it says."""
    with town.database.reading() as session:
        ties = session.execute(
            select(
                Tie.user_id, Tie.led_service_id, Tie.relation, Tie.source_id, Tie.until_on
            ).where(Tie.child_id == UUID(child), Tie.ended_at.is_(None), Tie.basis != "task")
        ).all()
        covers = session.execute(
            select(Cover.service_id, Cover.purpose, Cover.consent_id, Cover.until_on).where(
                Cover.child_id == UUID(child), Cover.ended_at.is_(None)
            )
        ).all()
    return sorted(map(str, ties)), sorted(map(str, covers))


def test_within_a_day_they_are_two_again_as_they_were(town, two):
    first, twin = two
    add(town, "laerer", first)
    double = add(town, "nyansatt", twin)
    consent = agree(town, "nyansatt", twin, double)
    town.api("nyansatt").post(f"/children/{twin}/concerns", {"observed": "Uro", "worry": 3})
    before = [standing(town, child) for child in two]
    assert call(town, twin, "joining").status_code == 200
    assert standing(town, twin) == ([], [])
    with town.later(hours=23):
        parted = call(town, twin, "undoing")
        assert (parted.status_code, parted.json["joined_at"]) == (200, None)
        assert call(town, twin, "undoing").status_code == 409
    assert [standing(town, child) for child in two] == before
    giver = town.one(ConsentGiver, ConsentGiver.consent_id == UUID(consent))
    assert str(giver.guardian_id) == double
    assert town.one(Guardian, Guardian.id == UUID(double)).ended_at is None
    for who, child in (("nyansatt", twin), ("laerer", first)):
        assert sees(town, who, child) == 200
    assert sees(town, "nyansatt", first) == 404
    assert town.one(Task, Task.kind == TaskKind.TWIN_JOINED).done_at
    waits = (Task.kind == TaskKind.JOIN_TWIN, Task.done_at.is_(None))
    assert town.count(Task, *waits) == 1  # they are still to be joined, or told apart
    with town.later(hours=24):
        assert call(town, twin, "joining").status_code == 200  # again


def test_after_a_day_it_stands(town, two):
    _, twin = two
    assert call(town, twin, "joining").status_code == 200
    assert call(town, twin, "joining").status_code == 409
    with town.later(hours=24, minutes=1):
        assert codes(call(town, twin, "undoing")) == ["twin-undo-too-late"]
        browser = town.browser("ke.leder")
        assert browser.send(f"/barn/{twin}/sla-sammen/stemmer").status_code == 303
        assert call(town, twin, "undoing").status_code == 404


def test_the_record_that_is_in_use_stays_and_two_in_use_are_not_joined(town):
    """A number that is corrected later makes a twin of a record with a log."""
    first = town.api("laerer").post("/children", WISH).json["id"]
    town.tie("ke.leder", "KEL")
    seen = town.one(Child, Child.id == town.child).version
    wish = {"national_id": NUMBER, "seen_version": seen}
    assert town.api("ke.leder").patch(f"/children/{town.child}", wish).status_code == 200
    twin = str(town.child)
    done = call(town, twin, "joining")
    assert done.status_code == 200
    assert [one["id"] for one in done.json["sides"] if one["stays"]] == [twin]
    for who in ("laerer", "ppt", "mor"):
        assert town.api(who).get(f"/children/{first}").json["id"] == twin
    assert town.count(Task, Task.kind == TaskKind.GUARDIAN_NOT_ASKED) == 0
    kept = town.one(Child, Child.id == town.child)
    assert (kept.provisional, kept.joined_to) == (False, None)
    assert call(town, twin, "undoing").status_code == 200
    assert town.one(Child, Child.id == town.child).provisional
    assert sees(town, "ppt", first) == 404
    mor = add(town, "laerer", first)
    consent = agree(town, "laerer", first, mor)
    opened = town.api("laerer").post(
        f"/children/{first}/stafettlogg", {"level": 1, "consent_id": consent}
    )
    assert opened.status_code == 201
    assert codes(call(town, twin, "joining")) == [
        "twin-both-going-on",
        "twin-guardian-unverified",
    ]


@pytest.fixture
def past(town):
    """A record of the town's child under another name: its log is closed; the same two parents."""
    child, _, far = town.family("Nora D.")
    consent = town.agree(child, "skole", "ke")
    with town.work("laerer") as work:
        logs.open_log(work, child, logs.Open(Level.ONE, consent))
    laerer = town.api("laerer")
    for text, more in (
        ("Lekser til alle.", {}),
        ("Til oss.", {"visibility": "professionals", "visibility_reason": "our_work"}),
        ("Ikke til far.", {"hidden_from": [str(far)], "hidden_reason": "about_others"}),
    ):
        wish = {"kind": "note", "text": text, "visibility": "everyone", **more}
        wrote = laerer.post(f"/children/{child}/entries", wish)
        assert wrote.status_code == 201, wrote.json
    closed = laerer.post(f"/children/{child}/stafettlogg/closing", closing())
    assert closed.status_code == 200, closed.json
    for one in (child, town.child):
        town.tie("ke.leder", "KEL", one)
        version = town.one(Child, Child.id == one).version
        wish = {"national_id": NUMBER, "seen_version": version}
        assert town.api("ke.leder").patch(f"/children/{one}", wish).status_code == 200
    return child


def texts(town, who, child, **query):
    answer = town.api(who).get(f"/children/{child}/entries?{urlencode(query)}")
    return answer.status_code, [one["text"] for one in answer.json.get("items", [])]


def test_a_closed_log_stays_whole_and_the_family_s(town, past):
    town.api("laerer").post(
        f"/children/{town.child}/entries",
        {"kind": "note", "text": "I den andre.", "visibility": "everyone"},
    )
    page = town.browser("ke.leder").text(f"/barn/{town.child}/sla-sammen")
    assert "Ja, avsluttet" in page
    assert "De det gjelder, kan lese den som før, og ingen andre." in page
    before = {who: texts(town, who, past)[1] for who in ("mor", "far")}
    assert before == {"mor": ["Ikke til far.", "Lekser til alle."], "far": ["Lekser til alle."]}
    done = call(town, town.child, "joining")
    assert [one["use"] for one in done.json["sides"]] == ["going_on", "past"]
    for who, read in before.items():
        assert texts(town, who, past) == (200, read)
        assert texts(town, who, town.child) == (200, ["I den andre."])
        mine = town.api(who).get("/children").json["items"]
        assert [one["id"] for one in mine] == [str(town.child)]
        assert texts(town, who, past, q="lekser") == (200, ["Lekser til alle."])
        assert "Nora D.: Notat Lekser til alle" in town.browser(who).text("/sok?q=lekser")
    # The old address is read by the family; for all else, and for all others, it is the other's.
    mor = town.browser("mor")
    assert f'href="/barn/{past}/stafettlogg"' in mor.get(f"/barn/{town.child}/stafettlogg").text
    there = mor.text(f"/barn/{past}/stafettlogg")
    assert "Dette er skrevet i en registrering som er slått sammen med en annen." in there
    assert "Les det som er skrevet" not in there
    assert "Slik virker loggen" not in there  # nobody can write in it
    assert "Slik virker loggen" in mor.text(f"/barn/{town.child}/stafettlogg")
    for page in ("niva", "plan", "stafettlogg.docx"):
        assert mor.get(f"/barn/{past}/{page}").status_code == 200, page
    assert town.api("mor").get(f"/children/{past}").json["id"] == str(town.child)
    wrote = {"kind": "note", "text": "Fra mor.", "visibility": "everyone"}
    assert town.api("mor").post(f"/children/{past}/entries", wrote).status_code == 201
    assert town.count(Entry, Entry.child_id == past) == 3
    for who in ("laerer", "ppt"):
        assert texts(town, who, past) == (200, ["Fra mor.", "I den andre."])
        assert f'href="/barn/{past}' not in town.browser(who).text(
            f"/barn/{town.child}/stafettlogg"
        )
    for who in ("helsesykepleier", "nyansatt", "admin", "bup", "ungdom"):
        assert texts(town, who, past) == (404, [])
    pack = ZipFile(BytesIO(mor.get(f"/barn/{past}/kopi.zip").data))
    (told,) = json.loads(pack.read("data.json"))["joined"]
    assert [one["texts"][0]["text"] for one in told["entries"]] == before["mor"]
    assert "Ikke til far." in pack.read("les-meg.html").decode()


def test_nobody_is_told_of_a_look_at_what_is_hidden_from_him_in_the_closed_log(town, past):
    hidden = town.one(EntryHidden).entry_id
    assert town.api("mor").get(f"/entries/{hidden}/versions").status_code == 200
    looked = LOOKED[Action.ENTRY_HISTORY]
    for joined in (False, True):
        if joined:
            assert call(town, town.child, "joining").status_code == 200
        child = town.child if joined else past
        for who, told in (("mor", True), ("far", False)):
            rows = town.api(who).get(f"/children/{child}/access-log").json["items"]
            assert (looked in {one["what"] for one in rows}) is told, (who, joined)


def test_who_is_kept_away_from_the_child_is_kept_away_from_the_closed_log(town, past):
    assert call(town, town.child, "joining").status_code == 200
    blocked = town.api("ke.leder").post(f"/guardians/{town.far}/block", {"reason": "Besøksforbud"})
    assert blocked.status_code == 200, blocked.json
    assert texts(town, "far", past) == (404, [])
    assert texts(town, "mor", past)[0] == 200
    with town.work("ke.leder") as work:
        protect(work, town.child, Grade(Protection.STRICT, "Vedtak"))
    assert texts(town, "mor", past) == (404, [])
    row = town.one(Child, Child.id == past)
    assert (row.address_protection, row.address) == ("strengt_fortrolig", None)


def test_a_closed_log_is_its_record_s_again_when_they_part(town, past):
    before = [standing(town, str(one)) for one in (past, town.child)]
    assert call(town, town.child, "joining").status_code == 200
    assert call(town, town.child, "undoing").status_code == 200
    assert [standing(town, str(one)) for one in (past, town.child)] == before
    assert town.api("mor").get(f"/children/{past}").json["id"] == str(past)


def test_the_stronger_protection_holds(town):
    town.api("laerer").post("/children", WISH | {"address": "Storgata 1"})
    strict = WISH | {"address_protection": "strengt_fortrolig"}
    twin = town.api("nyansatt").post("/children", strict).json["id"]
    assert call(town, twin, "joining").status_code == 200
    kept = town.one(Child, Child.national_id == NUMBER, Child.joined_to.is_(None))
    assert (kept.address_protection, kept.address) == ("strengt_fortrolig", None)


def test_of_three_records_all_that_is_logged_is_told_and_each_address_answers(town, two):
    first, twin = two
    verify(town, add(town, "nyansatt", twin))
    town.tie("ke.leder", "KEL", town.child)
    wish = {"national_id": NUMBER, "seen_version": 1}
    assert town.api("ke.leder").patch(f"/children/{town.child}", wish).status_code == 200

    def registered():
        answer = town.api("mor").get(f"/children/{town.child}/access-log")
        return [one["what"] for one in answer.json["items"]].count("registrerte barnet")

    assert registered() == 1
    assert call(town, twin, "joining").status_code == 200
    assert call(town, town.child, "joining").status_code == 200
    for one in (first, twin):
        assert town.api("mor").get(f"/children/{one}").json["id"] == str(town.child)
    assert registered() == 3
    assert call(town, town.child, "undoing").status_code == 200
    assert registered() == 1
    assert town.api("mor").get(f"/children/{twin}").json["id"] == first


def test_two_children_are_told_apart(town, two):
    first, twin = two
    leader, there = town.browser("ke.leder"), f"/barn/{twin}/sla-sammen/to-barn"
    assert leader.send(there, {"reason": ""}).status_code == 422
    assert leader.send(there, {"reason": "Ulike navn"}).status_code == 303
    child = town.one(Child, Child.id == UUID(twin))
    assert (child.provisional, child.national_id) == (False, None)
    assert town.one(Child, Child.id == UUID(first)).national_id == NUMBER
    assert town.one(Task, Task.kind == TaskKind.NUMBER_WRONG).user_id == town.users["nyansatt"]
    assert leader.get(f"/barn/{twin}/sla-sammen").status_code == 404
    assert sees(town, "nyansatt", twin) == 200


def test_a_number_that_is_corrected_is_nobody_s_twin(town, two):
    _, twin = two
    town.tie("ke.leder", "KEL", UUID(twin))
    wish = {"birth_date": "2017-05-02", "national_id": "02851799950", "seen_version": 1}
    assert town.api("ke.leder").patch(f"/children/{twin}", wish).status_code == 200
    assert town.one(Child, Child.id == UUID(twin)).provisional is False
    assert town.one(Task, Task.kind == TaskKind.JOIN_TWIN).done_at


def test_who_had_the_right_number_all_along_is_nobody_s_twin(town, two):
    first, twin = two
    other = town.api("helsesykepleier").post("/children", WISH | {"name": "O. Demo"}).json["id"]
    town.tie("ke.leder", "KEL", UUID(first))
    wish = {"national_id": "01851799083", "seen_version": 1}
    changed = town.api("ke.leder").patch(f"/children/{first}", wish)
    assert changed.status_code == 200, changed.json
    standing = Task.kind == TaskKind.JOIN_TWIN, Task.done_at.is_(None)
    assert town.one(Task, *standing).source_id == UUID(other)  # of the two the first is the child's
    assert not town.one(Child, Child.id == UUID(twin)).provisional
    town.tie("ke.leder", "KEL", UUID(twin))
    assert call(town, twin, "joining").status_code == 404
    assert call(town, other, "joining").status_code == 200
    assert town.one(Child, Child.id == UUID(other)).joined_to == UUID(twin)


def test_the_pages_join_and_part(town, two):
    _, twin = two
    leader, there = town.browser("ke.leder"), f"/barn/{twin}/sla-sammen"
    joined = leader.send(there)
    assert (joined.status_code, joined.location) == (303, there)
    assert "Du kan angre til" in leader.text(there)
    assert "To registreringer er slått sammen" in leader.text("/")
    again = leader.send(there)
    assert again.status_code == 409
    assert leader.send(f"{there}/angre").status_code == 303
    assert "To registreringer av samme barn?" in leader.text(there)


def test_the_holder_is_told_of_a_guardian_who_came_along(town):
    first = town.api("nyansatt").post("/children", WISH).json["id"]
    new = add(town, "nyansatt", first, "ungdom", relation="medmor")
    verify(town, new)
    town.tie("ke.leder", "KEL")
    seen = town.one(Child, Child.id == town.child).version
    wish = {"national_id": NUMBER, "seen_version": seen}
    assert town.api("ke.leder").patch(f"/children/{town.child}", wish).status_code == 200
    assert call(town, town.child, "joining").status_code == 200
    asked = (Task.kind == TaskKind.GUARDIAN_NOT_ASKED, Task.user_id == town.users["laerer"])
    assert str(town.one(Task, *asked).source_id) == new
    assert sees(town, "ungdom", town.child) == 200
    assert call(town, town.child, "undoing").status_code == 200
    assert town.one(Task, *asked).done_at
    assert sees(town, "ungdom", town.child) == 404
