"""The copy of a child's record: whole for who asks, and nothing that is hidden from him."""

import json
import re
from io import BytesIO
from zipfile import ZipFile

import html5lib
import pytest

from stafett.access.models import AccessRow
from stafett.children.models import Child
from stafett.dates import full_day
from tests.plan.scene import a_goal, a_measure, an_ip_child, drafted, made, path, submitted
from tests.plan.test_api import judged
from tests.plan.test_visibility import choose
from tests.stafettlogg.test_level_evaluation import evaluate
from tests.town import PEOPLE

KEPT = {"visibility": "professionals", "visibility_reason": "secrecy"}
PARTS = {
    *("baton", "paper_days"),
    *("made_at", "child", "guardians", "members", "coordinators", "levels", "closings", "joined"),
    *("entries", "consents", "plan_versions", "plan_comments", "access_log"),
    *("measure_evaluations", "measure_reports", "measure_answers"),
}


def fetch(town, who, child=None):
    return town.browser(who).client.get(f"/barn/{child or town.child}/kopi.zip")


def opened(answer):
    """The page to read and the data of a copy."""
    assert answer.status_code == 200
    assert answer.mimetype == "application/zip"
    with ZipFile(BytesIO(answer.data)) as pack:
        assert pack.testzip() is None
        assert pack.namelist() == ["les-meg.html", "data.json"]
        html, data = (pack.read(name).decode() for name in pack.namelist())
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(html)
    assert not parser.errors, parser.errors[:3]
    return html, json.loads(data)


def write(town, text, who="laerer", **more):
    note = {"kind": "note", "text": text, "visibility": "everyone", **more}
    answer = town.api(who).post(f"/children/{town.child}/entries", note)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def test_it_is_read_long_after_and_says_what_each_thing_is(town):
    """Full dates, who has the baton, what each consent is for and whether it holds."""
    write(town, "Bare mor og far", hidden_from=[str(town.far)], hidden_reason="no_right")
    api, home = town.api("laerer"), f"/children/{town.child}"
    asked = {"purpose": "plan", "services": [str(town.services["ppt"])], "method": "digital"}
    asked |= {"given_on": str(town.today), "guardians_complete": True}
    assert api.post(f"{home}/consents", asked).status_code == 201
    html, data = opened(fetch(town, "mor"))
    day = full_day(town.today)
    assert "i dag" not in html
    assert f"Stafettlogg, fra {day} til " in html
    assert re.search(f"Individuell plan, fra {day} til [^:]*: venter på svar, og gjelder", html)
    assert f"Sagt ja: Far Demo skriftlig {day}, Mor Demo skriftlig {day}." in html
    assert "Laerer Demo har stafettpinnen." in html
    assert "<h3>Notat fra Laerer Demo (laerer), " in html
    assert "Skjult for Far Demo." in html
    assert data["baton"] == {"holder": "Laerer Demo", "before": []}


@pytest.mark.parametrize("who", list(PEOPLE))
def test_who_may_have_a_copy(town, who):
    town.tie("ke.saksbehandler", "KE")
    town.tie("ke.leder", "KEL")
    known = {"laerer": 403, "ppt": 403, "ke.leder": 403, "rektor": 404}
    expected = 200 if who in {"mor", "far", "ke.saksbehandler"} else known.get(who, 404)
    assert fetch(town, who).status_code == expected
    assert town.browser(who).get(f"/barn/{town.child}/kopi").status_code == expected
    if expected in {200, 403}:
        page = town.browser(who).get(f"/barn/{town.child}/innsyn")
        assert (f"/barn/{town.child}/kopi" in page.text) is (who in {"mor", "far"})


def test_all_of_it_with_every_text_and_the_exact_words_of_the_consent(town):
    entry = write(town, "Vi øver på å lese.")
    fix = {"text": "Vi øver på å regne.", "reason": "Feil fag", "seen_version": 1}
    assert town.api("laerer").post(f"/entries/{entry}/corrections", fix).status_code == 201
    assert (
        town.api("laerer").post(f"/members/{town.member}/end", {"reason": "Ferdig"}).status_code
        == 200
    )
    html, data = opened(fetch(town, "mor"))
    assert set(data) == PARTS
    texts = [(one["number"], one["text"]) for one in data["entries"][0]["texts"]]
    assert texts == [(2, "Vi øver på å regne."), (1, "Vi øver på å lese.")]
    assert data["consents"][0]["text"] in {
        one["text"] for one in data["consents"] if one["purpose"] == "stafettlogg"
    }
    assert [one["name"] for one in data["members"]] == ["Ppt Demo"]
    assert data["members"][0]["ended_at"]
    assert {one["name"] for one in data["guardians"]} == {"Mor Demo", "Far Demo"}
    assert "skrev i stafettloggen" in {one["what"] for one in data["access_log"]}
    for said in ("Vi øver på å regne.", "Vi øver på å lese.", "Feil fag", "Ppt Demo", "Nora Demo"):
        assert said in html


def test_nothing_that_is_hidden_from_who_asks_is_in_it_in_any_form(town):
    write(town, "Bare for oss som arbeider her", **KEPT)
    hidden = {"hidden_from": [str(town.far)], "hidden_reason": "no_right"}
    write(town, "Ikke for far", **hidden)
    write(town, "For alle")
    mother, father = fetch(town, "mor"), fetch(town, "far")
    for answer, sees in ((mother, True), (father, False)):
        html, data = opened(answer)
        for text in (html, json.dumps(data, ensure_ascii=False)):
            assert "Bare for oss" not in text
            assert ("Ikke for far" in text) is sees
            assert "For alle" in text
        wrote = [one for one in data["access_log"] if one["what"] == "skrev i stafettloggen"]
        assert len(wrote) == 1 + sees


def test_a_protected_address_and_places_of_work_are_in_no_copy(town):
    with town.database.writing() as session:
        child = session.get_one(Child, town.child)
        child.address, child.school = "Hemmelig vei 7", "Skjult skole"
    town.tie("ke.saksbehandler", "KE")
    assert "Hemmelig vei 7" in opened(fetch(town, "ke.saksbehandler"))[0]
    assert "Hemmelig vei 7" not in opened(fetch(town, "mor"))[0]
    with town.database.writing() as session:
        session.get_one(Child, town.child).address_protection = "fortrolig"
    write(town, "Vi øver")
    for who in ("mor", "far", "ke.saksbehandler"):
        html, data = opened(fetch(town, who))
        told = html + json.dumps(data, ensure_ascii=False)
        for place in ("Hemmelig vei 7", "Skjult skole", "lives_with"):
            assert place not in told
        assert not [one for one in data["members"] if "service" in one]
        assert not [one["service"] for one in data["entries"] if one["service"]]
        looks = data.get("access_log", [])
        assert not [one["service"] for one in looks if one["service"]]


def test_the_look_is_kept_with_what_it_showed_and_the_other_guardian_sees_it(town):
    entry = write(town, "Vi øver")
    assert fetch(town, "mor").status_code == 200
    row = town.one(AccessRow, AccessRow.action == "dsr.export")
    assert (row.actor_id, row.child_id, row.result) == (town.users["mor"], town.child, "allow")
    assert entry.replace("-", "") in row.shown.hex()
    seen = town.api("far").get(f"/children/{town.child}/access-log").json["items"]
    assert ("Mor Demo", "lastet ned en kopi av det som er lagret") in {
        (one["who"], one["what"]) for one in seen
    }


def test_to_read_about_the_copy_is_not_to_take_it(town):
    assert town.browser("mor").get(f"/barn/{town.child}/kopi").status_code == 200
    assert town.browser("laerer").get(f"/barn/{town.child}/kopi").status_code == 403
    assert town.count(AccessRow, AccessRow.action == "dsr.export") == 0


def test_a_level_that_was_looked_at_and_stayed_is_no_change_of_level(town):
    assert evaluate(town).status_code == 201
    html, _ = opened(fetch(town, "mor"))
    (stayed,) = [one for one in html.split("<li>") if "Det går bedre" in one]
    assert stayed.startswith("Nivå 1 (som før), ")
    assert html.count("som før") == 1


def test_the_plan_is_in_plain_words(town):
    given = [a_goal(text="Jeg vil lese", measures=[a_measure(town)])]
    assert made(town, drafted(town, given)).status_code == 201
    html, data = opened(fetch(town, "mor"))
    for said in ("Mål: ", "Jeg vil lese", "Ansvarlig: ", "Høytlesing"):
        assert said in html
    assert "goal_keys" not in html
    assert data["plan_versions"][0]["content"]["goals"][0]["text"] == "Jeg vil lese"


def test_what_came_of_a_measure_is_there_for_who_reads_the_measure(town):
    two = [a_measure(town), a_measure(town, what="Samtaler")]
    draft = drafted(town, [a_goal(measures=two)])
    assert choose(town, "laerer", "m3", "professionals").status_code == 200
    assert made(town, draft).status_code == 201
    there = f"/children/{town.child}/measures"
    for key, text in (("m2", "Leser selv nå"), ("m3", "Bare for oss")):
        said = judged(town, text=text, child_view={"how": "meeting", "text": f"{text}, sier hun"})
        assert town.api("laerer").post(f"{there}/{key}/evaluations", said).status_code == 201
    html, data = opened(fetch(town, "mor"))
    (one,) = data["measure_evaluations"]
    assert (one["what"], one["text"]) == ("Høytlesing", "Leser selv nå")
    assert one["evaluated_on"] == town.today.isoformat()
    assert "Leser selv nå, sier hun" in html
    assert "Bare for oss" not in html + json.dumps(data, ensure_ascii=False)


def test_a_blocked_guardian_has_no_copy(town):
    town.tie("far", "BLOCK")
    assert fetch(town, "far").status_code == 404
    with town.later(days=1):
        assert fetch(town, "far").status_code == 404


def test_a_long_log_is_whole(town, monkeypatch):
    monkeypatch.setattr("stafett.rights.queries.AT_A_TIME", 2)
    monkeypatch.setattr("stafett.insight.queries.MOST", 4)
    for number in range(7):
        write(town, f"Tekst nummer {number}")
    for _ in range(7):
        town.api("ppt").get(f"/children/{town.child}/entries")
    _, data = opened(fetch(town, "mor"))
    texts = sorted(one["texts"][0]["text"] for one in data["entries"])
    assert texts == [f"Tekst nummer {number}" for number in range(7)]
    wrote = [one for one in data["access_log"] if one["what"] == "skrev i stafettloggen"]
    assert len(wrote) == 7
    read = [one for one in data["access_log"] if one["what"] == "leste stafettloggen"]
    assert sum(one["times"] for one in read) == 7


def test_what_the_child_wrote_in_its_room_is_there_once(town):
    town.tie("ungdom", "C16")
    write(town, "Til meg selv", "ungdom", visibility="child_room")
    write(town, "Til alle")
    _, data = opened(fetch(town, "ungdom"))
    texts = sorted(one["texts"][0]["text"] for one in data["entries"])
    assert texts == ["Til alle", "Til meg selv"]


def test_a_family_without_consent_still_gets_what_it_may_see(town):
    write(town, "Vi øver")
    assert town.api("mor").post(f"/consents/{town.consent}/withdrawal", {}).status_code == 200
    _, data = opened(fetch(town, "mor"))
    assert data["entries"][0]["texts"][0]["text"] == "Vi øver"
    with town.later(days=400):
        assert opened(fetch(town, "mor"))[1]["entries"]


@pytest.mark.parametrize(("years", "decides"), [(17, True), (18, False)])
def test_the_copy_of_one_who_is_of_age_gives_nobody_parental_responsibility(town, years, decides):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    town.tie("ungdom", "C16")
    html, data = opened(fetch(town, "ungdom"))
    assert {one["parental_responsibility"] for one in data["guardians"]} == {decides}
    assert ("Foreldreansvar: Ja" in html) is decides
    assert (">Foresatte<" in html) is decides
    assert "Mor Demo" in html


@pytest.mark.parametrize(("years", "whose"), [(15, "Familien"), (17, "Nora"), (18, "Nora")])
def test_the_copy_says_whose_wish_it_was_who_took_the_baton(town, years, whose):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    town.tie("ungdom", "C16")
    asked = {"to": "ppt", "family_wish": "En hun kjenner."}
    made = town.api("laerer").post(f"/children/{town.child}/handovers", asked)
    assert made.status_code == 201, made.text
    taken = town.api("ppt").post(f"/handovers/{made.json['id']}/acceptance", {})
    assert taken.status_code == 200, taken.text
    html, _ = opened(fetch(town, "ungdom"))
    assert re.findall(r"(\w+) ønsket: ", html) == [whose]


def test_what_somebody_wrote_in_of_an_answer_is_marked_and_so_is_that_it_was_confirmed(town):
    child = an_ip_child(town)
    submitted(town, child)
    coordinator = town.api("koordinator")
    guardians = coordinator.get(f"/children/{child}/guardians").json["items"]
    there = f"{path(town, child)}/versions/1/approvals"
    for one in guardians:
        paper = {"answer": "approve", "method": "signed", "given_on": str(town.today)}
        assert coordinator.post(there, {**paper, "on_behalf_of": one["id"]}).status_code == 200
    assert town.api("mor").post(there, {"answer": "approve"}).status_code == 200
    html, data = opened(fetch(town, "mor", child))
    (version,) = data["plan_versions"]
    told = {one["who"]: one["confirmed_at"] is not None for one in version["answers"]}
    assert told == {"Mor Demo": True, "Far Demo": False}
    day = full_day(town.today)
    assert f"Mor Demo sa ja {day}, på papir, bekreftet {town.today:%d.%m.%Y} kl. " in html
    assert f"Far Demo sa ja {day}, på papir, ikke bekreftet</li>" in html


def test_a_version_that_was_taken_back_says_so_and_why(town):
    child = an_ip_child(town)
    submitted(town, child)
    there, why = f"{path(town, child)}/versions/1/withdrawal", "Sendt for tidlig <ennå>"
    assert town.api("koordinator").post(there, {"reason": why}).status_code == 200
    html, data = opened(fetch(town, "mor", child))
    (version,) = data["plan_versions"]
    assert (version["state"], version["withdrawn"]["reason"]) == ("withdrawn", why)
    assert version["withdrawn"]["name"] == "Koordinator Demo"
    assert f"Koordinator Demo trakk den tilbake {town.today:%d.%m.%Y} kl. " in html
    assert "Sendt for tidlig &lt;ennå&gt;" in html


@pytest.mark.parametrize("says", ["yes", "no"])
def test_an_answer_for_a_measure_that_confirms_another_says_so(town, says):
    measure = a_measure(town, responsible="nyansatt")
    made(town, drafted(town, [a_goal(measures=[measure])]))
    there = f"/children/{town.child}/measures/m2/acceptance"
    assert town.api("laerer").post(there, {"answer": "yes"}).status_code == 200
    town.tie("nyansatt", "MW")
    own = {"answer": says, **({"reason": "Passer ikke"} if says == "no" else {})}
    assert town.api("nyansatt").post(there, own).status_code == 200
    html, data = opened(fetch(town, "mor"))
    confirms = [one["confirms"] for one in data["measure_answers"]]
    assert confirms == [says == "yes", False]  # the newest first
    assert ("bekreftet det som var skrevet inn" in html) is (says == "yes")
    assert html.count("Laerer Demo skrev det inn.") == 1
