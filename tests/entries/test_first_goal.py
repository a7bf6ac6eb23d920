"""The first goal, with what is done for it, straight from the log: both or none, and for whom."""

from datetime import timedelta

from stafett.plan.models import Plan
from stafett.unsaved.models import Unsaved
from tests.plan.scene import path
from tests.town import PEOPLE

WORDS = "«Jeg vil ha noen å leke med ute»"


def form_of(town):
    return f"/barn/{town.child}/stafettlogg/nytt-mal"


def entry(town, **more):
    wish = {"kind": "child_voice", "text": WORDS, "visibility": "everyone", **more}
    answer = town.api("laerer").post(f"/children/{town.child}/entries", wish)
    assert answer.status_code == 201, answer.text
    return answer.json["id"]


def filled(town, **more):
    day = str(town.today + timedelta(days=365))
    goal = {"text": WORDS, "whose": "child", "seen_version": "0", "seen_part": "0"}
    return goal | {
        "service.what": "Lekegruppe",
        "service.where": "school",
        "service.responsible": "laerer",
        "service.evaluate_on": day,
        "home.where": "home",
        **more,
    }


def test_a_goal_begins_with_the_words_of_an_entry_and_what_is_done_at_both_places(town):
    there = f"{form_of(town)}?fra={entry(town)}"
    log = town.browser("laerer").get(f"/barn/{town.child}/stafettlogg").text
    assert there in log
    assert WORDS in town.browser("laerer").get(there).text
    at_home = {"home.what": "En venn hjem", "home.responsible": "mor"}
    wish = filled(town, **at_home, **{"home.evaluate_on": str(town.today)})
    sent = town.browser("laerer").send(there, wish)
    assert sent.status_code == 303, sent.text
    assert sent.headers["Location"].endswith(f"/barn/{town.child}/plan/utkast#mal-g1")
    (goal,) = town.api("laerer").get(f"{path(town)}/draft").json["goals"]
    assert (goal["text"], goal["whose"]) == (WORDS, "child")
    found = [(one["what"], one["where"], one["responsible"]) for one in goal["measures"]]
    assert found == [("Lekegruppe", "school", "laerer"), ("En venn hjem", "home", "mor")]
    services = [one["service_id"] for one in goal["measures"]]
    assert services == [str(town.services["skole"]), None]


def test_it_is_kept_while_it_is_written_and_gone_when_it_is_saved(town):
    there, begun = f"{path(town)}/draft/unsaved/first_goal", entry(town)
    typed = {"text": "Jeg vil vel", "service.what": "Lekegruppe", "home.evaluate_on": ""}
    kept = town.api("laerer").put(there, {"fields": typed, "seen_version": 0})
    assert (kept.status_code, kept.json["fields"]) == (200, typed)
    laerer = town.browser("laerer")
    for at in (form_of(town), f"{form_of(town)}?fra={begun}"):
        shown = laerer.get(at).text
        assert "Jeg vil vel</textarea>" in shown
        assert "Lekegruppe</textarea>" in shown
        assert f'data-draft="/api/v1{there}"' in shown
    told = laerer.get(f"/barn/{town.child}/plan/utkast").text.split("ikke har lagret")[1]
    assert f'href="{form_of(town)}"' in told
    assert "Jeg vil vel" not in town.browser("mor").get(form_of(town)).text
    # What is refused is what was sent last, and both are there until it is saved.
    wish = filled(town, draft_version=str(kept.json["version"]))
    refused = laerer.send(form_of(town), wish | {"text": "Noe annet", "whose": ""})
    assert "Noe annet</textarea>" in refused.text
    assert town.one(Unsaved).fields == typed
    assert laerer.send(form_of(town), wish).status_code == 303
    assert town.count(Unsaved) == 0


def test_only_who_may_begin_a_goal_has_a_place_for_what_is_written(town):
    there = f"{path(town)}/draft/unsaved/first_goal"
    for who, status in (("mor", 200), ("ppt", 404), ("nyansatt", 404)):
        kept = town.api(who).put(there, {"fields": {"text": WORDS}, "seen_version": 0})
        assert kept.status_code == status, who
    there = f"/barn/{town.child}/plan/utkast/ulagret/first_goal/bort"
    version = {"draft_version": town.one(Unsaved).version}
    gone = town.browser("mor").send(there, version)
    assert gone.headers["Location"].endswith(form_of(town))
    assert town.count(Unsaved) == 0


def test_nothing_is_saved_of_half_and_nothing_typed_is_lost(town):
    browser = town.browser("laerer")
    for left_out, said in (
        ({"service.evaluate_on": ""}, "service-evaluate_on"),
        ({"service.evaluate_on": "2020-01-01"}, "service-evaluate_on"),
        (
            {"home.what": "x", "home.responsible": "mor", "home.evaluate_on": "2020-01-01"},
            "home-evaluate_on",
        ),
        (
            {"service.what": "", "service.responsible": "", "service.evaluate_on": ""},
            "service-what",
        ),
        ({"home.what": "En venn hjem"}, "home-responsible"),
        (
            {"home.what": "x", "home.responsible": "ukjent", "home.evaluate_on": "2030-01-01"},
            "home",
        ),
        ({"whose": ""}, "whose"),
        ({"text": ""}, "text"),
    ):
        refused = browser.send(form_of(town), filled(town) | left_out)
        assert refused.status_code == 422, left_out
        assert f'href="#{said}' in refused.text, (left_out, said)
        assert "Lekegruppe" in refused.text or "service.what" in left_out
    assert town.count(Plan) == 0


def test_what_is_missing_is_named_with_the_place_where_it_is_missing(town):
    for left_out, said in (
        ({"service.responsible": ""}, "Hvem har ansvaret i tjenesten: Velg en fra lista."),
        ({"home.what": "En venn hjem"}, "Hvem har ansvaret hjemme: Velg en fra lista."),
    ):
        refused = town.browser("laerer").send(form_of(town), filled(town) | left_out)
        assert f">{said}</a>" in refused.text, left_out


def test_who_may_begin_a_goal_has_the_button_and_nobody_else(town):
    log = f"/barn/{town.child}/stafettlogg"
    for who in ("laerer", "mor", "ppt"):
        may = who != "ppt"
        browser = town.browser(who)
        for place in (log, f"/barn/{town.child}"):
            assert (form_of(town) in browser.get(place).text) is may, (who, place)
        assert browser.client.get(form_of(town)).status_code == (200 if may else 403)
    for who in PEOPLE.keys() - {"laerer", "rektor", "mor", "far", "ppt"}:
        assert town.browser(who).client.get(form_of(town)).status_code in {403, 404}, who
    theirs = town.browser("mor").send(form_of(town), filled(town, whose="services"))
    assert theirs.status_code == 403
    own = town.browser("mor").send(form_of(town), filled(town, whose="parents"))
    assert own.status_code == 303, own.text


def test_what_is_for_some_begins_no_goal_for_all(town):
    narrow = entry(town, visibility="professionals", visibility_reason="secrecy")
    hidden = entry(town, hidden_from=[str(town.far)], hidden_reason="secrecy")
    for one in (narrow, hidden):
        assert (
            f"fra={one}" not in town.browser("laerer").get(f"/barn/{town.child}/stafettlogg").text
        )
        assert town.browser("laerer").get(f"{form_of(town)}?fra={one}").status_code == 404
    assert town.browser("mor").get(f"{form_of(town)}?fra={narrow}").status_code == 404
