"""How a measure goes, said in passing: by whom, where it stands, and from whom it is kept."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

from docx import Document

from stafett.plan.models import MeasureReport
from tests.plan.scene import a_goal, a_measure, an_ip_child, approved, drafted, made, whole
from tests.plan.test_visibility import SECRET, choose, draft_of, planned
from tests.stafettlogg.asking import closing

__all__ = ["planned"]


def tell(town, who, key="m2", text="Vi leste tre kapitler", done="partly"):
    there = f"/children/{town.child}/measures/{key}/report"
    return town.api(who).post(there, {"done": done, "text": text})


def read(town, who):
    """All places where somebody may read how the measures go, by name."""
    browser, home = town.browser(who), f"/barn/{town.child}"
    document = Document(BytesIO(browser.get(f"{home}/stafettlogg.docx").data))
    listed = town.api(who).get(f"/children/{town.child}/measures/reports")
    return {
        "plan": browser.get(f"{home}/plan").text,
        "log": browser.get(f"{home}/stafettlogg").text,
        "docx": "\n".join(one.text for one in document.paragraphs),
        "json": str(listed.json),
        **({"copy": copied(town, who)} if who == "mor" else {}),
    }


def copied(town, who):
    pack = ZipFile(BytesIO(town.browser(who).client.get(f"/barn/{town.child}/kopi.zip").data))
    return pack.read("data.json").decode() + pack.read("les-meg.html").decode()


def test_who_answers_for_a_measure_says_how_it_goes_and_who_reads_it_reads_that(town):
    own = a_measure(town, responsible="ppt", what="Lesehjelp")
    made(town, drafted(town, [a_goal(measures=[a_measure(town), own])]))
    assert tell(town, "ppt", "m3").status_code == 201
    assert tell(town, "laerer", "m3", "", "yes").status_code == 201  # the holder: all of them
    assert tell(town, "ppt", "m2").status_code == 403
    assert tell(town, "mor", "m3").status_code == 403
    assert tell(town, "nyansatt", "m3").status_code == 404
    assert tell(town, "ppt", "m9").status_code == 404
    for who in ("mor", "laerer"):
        for place, said in read(town, who).items():
            assert "Vi leste tre kapitler" in said or place == "plan", (who, place)
    assert "Vi leste tre kapitler" in town.browser("ppt").text(f"/barn/{town.child}/stafettlogg")
    assert "sa Laerer Demo: gjort" in town.browser("mor").text(f"/barn/{town.child}/plan")


def test_what_is_said_of_a_hidden_measure_is_hidden_wherever_the_measure_is(town, planned):
    made(town, draft_of(town, "laerer"))
    key = draft_of(town, "laerer")["goals"][-1]["measures"][0]["key"]
    before = read(town, "mor")
    assert tell(town, "laerer", key, "Så mye").status_code == 201
    for place, said in read(town, "laerer").items():
        assert SECRET in said, place
        assert "Så mye" in said, place
    after = read(town, "mor")
    assert after["json"] == before["json"]
    for place, said in after.items():
        assert "Så mye" not in said, place
        assert SECRET not in said, place
    trail = f"/children/{town.child}/access-log"
    assert "med et tiltak" not in town.api("mor").get(trail).text
    assert "med et tiltak" in town.api("personvernombud").get(trail).text
    # What was said while it was narrow stays narrow when the measure is opened.
    assert choose(town, "laerer", planned, "everyone").status_code == 200
    made(town, draft_of(town, "laerer"))
    assert "Så mye" not in read(town, "mor")["log"]
    assert tell(town, "laerer", key, "Nå for alle").status_code == 201
    assert "Nå for alle" in read(town, "mor")["log"]


def test_what_is_said_of_an_individuell_plan_is_read_by_its_readers_alone(town):
    child = an_ip_child(town)
    measure = a_measure(town, responsible="laerer")
    goals = [a_goal(whose="child", measures=[measure | {"how": "Hver dag"}])]
    draft = drafted(town, who="koordinator", child=child, **whole(town) | {"goals": goals})
    assert made(town, draft, "koordinator", child).status_code == 201
    approved(town, child)
    form = f"/barn/{child}/plan/tiltak/m2/si-fra"
    answer = town.browser("laerer").send(form, {"done": "no", "text": "Vi rakk det ikke"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    log = f"/barn/{child}/stafettlogg"
    assert "Vi rakk det ikke" in town.browser("mor").text(log)
    assert "Vi rakk det ikke" not in town.browser("laerer").text(log)
    assert "Vi rakk det ikke" not in town.browser("laerer").text(form)


def test_an_ended_measure_and_a_word_that_is_no_answer_keep_what_was_typed(town):
    made(town, drafted(town, [a_goal(measures=[a_measure(town, status="stopped")])]))
    ended = tell(town, "laerer")
    assert [one["code"] for one in ended.json["error"]["obstacles"]] == ["measure-ended"]
    form = f"/barn/{town.child}/plan/tiltak/m2/si-fra"
    refused = town.browser("laerer").send(form, {"done": "kanskje", "text": "Nesten"})
    assert refused.status_code == 422
    assert "Nesten" in refused.text
    assert town.count(MeasureReport) == 0


def test_own_measures_stand_on_the_worklist_until_one_has_left_the_child(town):
    own = a_measure(town, responsible="ppt", what="Lesehjelp")
    made(town, drafted(town, [a_goal(measures=[own])]))
    assert town.api("ppt").get("/worklist").json["measures"] == []  # he has not said yes
    assert town.api("ppt").post(f"/children/{town.child}/measures/m2/acceptance").status_code == 200
    assert "Lesehjelp" in town.browser("ppt").text("/")
    (listed,) = town.api("ppt").get("/worklist").json["measures"]
    assert (listed["what"], listed["child_id"]) == ("Lesehjelp", str(town.child))
    assert town.api("laerer").get("/worklist").json["measures"] == []
    removed = town.api("laerer").post(f"/members/{town.member}/end", {"reason": "Ferdig"})
    assert removed.status_code == 200, removed.text
    assert "Lesehjelp" not in town.browser("ppt").text("/")
    assert town.api("ppt").get("/worklist").json["measures"] == []


def test_the_log_leads_to_all_that_was_said_of_a_measure_and_to_saying_more(town):
    own = a_measure(town, responsible="ppt", what="Lesehjelp")
    made(town, drafted(town, [a_goal(measures=[a_measure(town), own])]))
    assert tell(town, "laerer", "m3", "Første gang").status_code == 201
    assert tell(town, "laerer", "m3", "Andre gang").status_code == 201
    home = f"/barn/{town.child}"
    follow, more = f"{home}/plan/tiltak/m3", f"{home}/plan/tiltak/m3/si-fra"
    for who, may in (("laerer", True), ("ppt", True), ("mor", False)):
        log = town.browser(who).get(f"{home}/stafettlogg").text
        assert f'href="{follow}"' in log
        assert (f'href="{more}"' in log) is may, who
        page = town.browser(who).text(follow)
        assert page.index("Andre gang") < page.index("Første gang")
    assert "Tiltak som er i gang: 2, 1 uten ansvarlig" in town.browser("mor").text(
        f"{home}/stafettlogg"
    )
    assert town.browser("mor").get(f"{home}/plan/tiltak/m9").status_code == 404
    closed = town.api("laerer").post(f"/children/{town.child}/stafettlogg/closing", closing())
    assert closed.status_code == 200
    assert "i gang" not in town.browser("mor").text(f"{home}/stafettlogg")


def test_a_hidden_measure_has_no_page_and_no_place_in_the_log_of_others(town, planned):
    made(town, draft_of(town, "laerer"))
    key = draft_of(town, "laerer")["goals"][-1]["measures"][0]["key"]
    assert tell(town, "laerer", key, "Så mye").status_code == 201
    there = f"/barn/{town.child}/plan/tiltak/{key}"
    assert "Så mye" in town.browser("laerer").text(there)
    assert town.browser("mor").get(there).status_code == 404
    log = f"/barn/{town.child}/stafettlogg"
    assert "Tiltak som er i gang: 2" in town.browser("laerer").text(log)
    assert "Tiltak som er i gang: 1" in town.browser("mor").text(log)


def test_each_is_led_to_what_he_may_do_with_his_measure(town):
    """Who writes in the log evaluates it; who only reads says how it goes."""
    soon = str(town.today + timedelta(days=3))
    mine = [
        a_measure(town, what=who, responsible=who, evaluate_on=soon) for who in ("ppt", "laerer")
    ]
    made(town, drafted(town, [a_goal(measures=mine)]))
    yes = f"/children/{town.child}/measures/m2/acceptance"
    assert town.api("ppt").post(yes, {"answer": "yes"}).status_code == 200

    def led(who):
        (item,) = [
            one for one in town.api(who).get("/worklist").json["items"] if one["kind"] == "measure"
        ]
        page = item["href"].rpartition("/")[2]
        assert town.browser(who).get(item["href"]).status_code in {200, 302}, who
        return page

    assert [led(who) for who in ("laerer", "ppt")] == ["evaluer", "evaluer"]
    reads = {"access": "read", "seen_version": 1}
    assert town.api("laerer").post(f"/members/{town.member}/access", reads).status_code == 200
    assert led("ppt") == "si-fra"
    # What comes instead is written by who may write in the plan.
    wish = {
        "date": str(town.today),
        "done": "no",
        "effect": 1,
        "child_view": {"how": "observed"},
        "text": "Hjalp ikke.",
        "decision": "new",
    }
    for key in ("m2", "m3"):
        there = f"/children/{town.child}/measures/{key}/evaluations"
        answer = town.api("laerer").post(there, wish)
        assert answer.status_code == 201, answer.text
    assert [led(who) for who in ("laerer", "ppt")] == ["nytt", "si-fra"]


def test_no_measure_waits_for_the_holder_while_no_consent_covers_the_child(town):
    soon = str(town.today + timedelta(days=3))
    made(town, drafted(town, [a_goal(measures=[a_measure(town, evaluate_on=soon)])]))

    def mine():
        return [item["kind"] for item in town.api("laerer").get("/worklist").json["items"]]

    assert "measure" in mine()
    back = f"/consents/{town.consent}/withdrawal"
    assert town.api("mor").post(back, {"reason": "Vi trenger en pause."}).status_code == 200
    assert "measure" not in mine()
    assert "Høytlesing" not in town.browser("laerer").text("/")
