"""What was written before the birth is the pregnant person's: who comes later reads none of it."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from stafett.audit.models import TrailRow
from stafett.dates import full_day
from stafett.plan.models import PlanVersion
from tests.birth.scene import (
    after_the_birth,
    agree,
    born,
    expected,
    father,
    invite,
    passing,
    reads,
    write,
)
from tests.exports.reading import lines
from tests.plan.scene import a_goal, a_measure, drafted, made


@pytest.fixture
def late(town):
    """A birth, with something written before and after; `ppt` was there, `far` and others came."""
    expected(town)
    assert invite(town, "ppt").status_code == 201
    town.early = write(town, "laerer", "Hun gruer seg")
    town.own = write(town, "mor", "Jeg sover dårlig")
    with passing(town, minutes=1):
        assert born(town).status_code == 200
    with passing(town, minutes=2):
        father(town)
        town.after = write(town, "laerer", "Barnet legger på seg")
        agree(town, "skole", "helse", "ppt", given_by=[town.mor, town.far])
        assert invite(town, "helsesykepleier").status_code == 201
        yield town


def test_who_read_before_reads_on_and_who_comes_later_does_not(late):
    everything = ["Barnet legger på seg", "Jeg sover dårlig", "Hun gruer seg"]
    for who in ("mor", "laerer", "ppt"):
        assert reads(late, who) == everything, who
    for who in ("far", "helsesykepleier"):
        assert reads(late, who) == everything[:1], who
        for path in (f"/entries/{late.early}/versions", f"/entries/{late.own}/visibility"):
            assert late.api(who).get(path).status_code == 404


def test_she_lets_one_entry_follow_and_takes_it_back(late):
    mine = late.api("mor")
    there = f"/children/{late.child}/before-birth"
    found = mine.get(there).json
    assert [one["id"] for one in found["entries"]] == [late.own, late.early]
    assert not any(one["follows"] for one in found["entries"])
    wish = {"follows": True, "entry_id": late.early}
    assert mine.post(there, wish).status_code == 200
    assert mine.post(there, wish).status_code == 409
    assert reads(late, "far") == ["Barnet legger på seg", "Hun gruer seg"]
    assert mine.post(there, {**wish, "follows": False}).status_code == 200
    assert reads(late, "far") == ["Barnet legger på seg"]


def test_she_lets_all_follow_and_takes_it_back(late):
    there, everything = f"/children/{late.child}/before-birth", 3
    levels = f"/children/{late.child}/stafettlogg"
    assert late.api("far").get(levels).json["levels"] == []
    assert late.api("mor").post(there, {"follows": True}).status_code == 200
    for who in ("far", "helsesykepleier"):
        assert len(reads(late, who)) == everything
    assert late.api("far").get(levels).json["levels"][0]["reason"].startswith("Mor trenger")
    assert late.api("mor").post(there, {"follows": False}).status_code == 200
    assert len(reads(late, "far")) == 1
    assert late.api("far").get(levels).json["levels"] == []


def test_staff_write_down_how_she_said_it_and_nobody_else_may(late):
    there = f"/children/{late.child}/before-birth"
    answer = late.api("laerer").post(there, {"follows": True})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["how"])
    assert late.api("laerer").post(there, {"follows": True, "how": "På papir"}).status_code == 200
    for who, status in (("far", 403), ("ppt", 403), ("nyansatt", 404)):
        assert late.api(who).get(there).status_code == status, who
        assert late.api(who).post(there, {"follows": False}).status_code == status, who


def test_search_copy_and_document_hold_nothing_from_before(late):
    for who, status in (("mor", True), ("far", False)):
        browser = late.browser(who)
        found = browser.get(f"/barn/{late.child}/stafettlogg?q=gruer").get_data(as_text=True)
        assert ("<mark" in found) is status
        copied = ZipFile(BytesIO(browser.client.get(f"/barn/{late.child}/kopi.zip").data))
        told = copied.read("data.json").decode()
        assert ("Hun gruer seg" in told) is status
        assert ("Mor trenger noen" in told) is status
        word = browser.client.get(f"/barn/{late.child}/stafettlogg.docx").data
        text = ZipFile(BytesIO(word)).read("word/document.xml").decode()
        assert ("Hun gruer seg" in text) is status


def test_her_consent_shows_the_other_parent_no_more_than_whom_it_lets_in(town):
    expected(town)
    hers = town.consent
    with passing(town, minutes=1):
        assert born(town).status_code == 200
    with passing(town, minutes=2):
        father(town)
        (seen,) = town.api("far").get(f"/children/{town.child}/consents").json["items"]
        (whole,) = town.api("mor").get(f"/children/{town.child}/consents").json["items"]
        assert (seen["id"], seen["given_by"], seen["note"]) == (str(hers), [], None)
        assert whole["given_by"] == [str(town.mor)]
        assert town.browser("far").get(f"/samtykke/{hers}").status_code == 200
        assert town.browser("far").get(f"/samtykke/{hers}/kvittering").status_code == 403
        assert town.browser("mor").get(f"/samtykke/{hers}/kvittering").status_code == 200


def test_who_was_kept_away_when_the_child_was_born_was_not_there(town):
    expected(town)
    far = father(town)
    town.tie("ke.leder", "KEL")
    leader, there = town.api("ke.leder"), f"/guardians/{far}"
    assert leader.post(f"{there}/block", {"reason": "Besøksforbud"}).status_code == 200
    with passing(town, minutes=1):
        assert born(town).status_code == 200
    with passing(town, minutes=2):
        asked = {"action": "guardian.unblock", "object_id": str(far), "words": "Det er over."}
        made = town.api("laerer").post(f"/children/{town.child}/requests", asked)
        assert made.status_code == 201, made.json
        lifted = leader.post(f"{there}/unblock", {"reason": "Kjennelse"})
        assert lifted.status_code == 200, lifted.json
        (seen,) = town.api("far").get(f"/children/{town.child}/consents").json["items"]
        assert seen["given_by"] == []


def test_the_plan_begins_anew_and_what_was_in_it_is_kept_for_who_read_it(town):
    expected(town)
    draft = drafted(town, [a_goal(text="Hun sover", measures=[a_measure(town)])])
    assert made(town, draft).status_code == 201
    drafted(town, draft["goals"], needs="Hun trenger ro")
    with passing(town, minutes=1):
        assert born(town).status_code == 200
    with passing(town, minutes=2):
        father(town)
        plan = f"/children/{town.child}/plan"
        numbers = [one["number"] for one in town.api("mor").get(f"{plan}/versions").json["items"]]
        assert numbers == [2, 1]
        kept = town.api("laerer").get(f"{plan}/versions/2").json
        assert (kept["content"]["needs"], kept["state"]) == ("Hun trenger ro", "rejected")
        version = town.one(PlanVersion, PlanVersion.number == 2)
        trail = town.one(TrailRow, TrailRow.object_id == version.id)
        assert trail.changes == {"number": 2, "sha256": version.sha256}
        innsyn = {
            who: town.browser(who).text(f"/barn/{town.child}/innsyn") for who in ("mor", "far")
        }
        assert ["ny versjon av planen" in one for one in innsyn.values()] == [True, False]
        assert town.api("far").get(f"{plan}/versions").json["items"] == []
        assert town.api("far").get(f"{plan}/versions/1").status_code == 404
        now = drafted(town, [a_goal(text="Barnet sover")])
        key = now["goals"][0]["key"]
        assert len(key) == len("g") + 12  # a number would tell of those before
        assert made(town, now).status_code == 201
        (one,) = town.api("far").get(f"{plan}/versions").json["items"]
        assert one["number"] == 1
        found = town.api("far").get(f"{plan}/versions/1").json["content"]
        assert [goal["text"] for goal in found["goals"]] == ["Barnet sover"]


def test_what_is_handed_on_holds_only_what_all_read(late):
    """Also when who read it before prints it."""

    def printed():
        word = late.browser("laerer").client.get(f"/barn/{late.child}/til-motet.docx").data
        return ZipFile(BytesIO(word)).read("word/document.xml").decode()

    assert "Barnet legger på seg" in printed()
    assert "Hun gruer seg" not in printed()
    assert late.api("mor").post(f"/children/{late.child}/before-birth", {"follows": True}).json
    assert "Hun gruer seg" in printed()


def test_a_paper_tells_of_her_consent_as_from_the_birth_on(town):
    """As its own page tells the other parent; whoever prints the paper, it is handed on."""
    expected(town)
    with after_the_birth(town) as (given_on, born_on):
        for who in ("mor", "far", "laerer"):
            word = town.browser(who).get(f"/barn/{town.child}/til-ppt.docx").data
            text = "\n".join(lines(word))
            told = [f"Gitt {full_day(day)}" in text for day in (given_on, born_on)]
            assert told == [False, True], who


def test_her_own_first_page_leads_there_and_nobody_elses(town):
    expected(town)
    there = f"/barn/{town.child}/for-fodselen"
    father(town)
    for who, leads in (("mor", True), ("far", False)):
        assert (there in town.browser(who).get("/familie").text) is leads, who
    assert "Hvem leser før fødselen" in town.browser("mor").text("/familie")
    assert born(town).status_code == 200
    for who, leads in (("mor", True), ("far", False)):
        assert (there in town.browser(who).get("/familie").text) is leads, who
    assert "Fra før fødselen" in town.browser("mor").text("/familie")
    assert town.browser("mor").get(there).status_code == 200
