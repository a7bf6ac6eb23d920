"""A concern: private to its author and the leader, until it is shared."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from stafett.access.models import AccessRow
from stafett.dates import oslo_date
from stafett.people.models import Service
from stafett.profile.load import load
from stafett.stafettlogg.models import Concern, Stafettlogg
from stafett.stafettlogg.rules import decide_by, talk_by
from tests.exports.reading import lines
from tests.stafettlogg.asking import VOICE

CONCERN = {
    "observed": "Sitter alene i hvert friminutt.",
    "worry": 4,
    "context": "Ute",
    "child_said": "«Ingen vil.»",
    "strengths": "God i tegning",
    "first_noticed_on": "2026-01-15",
    "arena": "school",
    "frequency": "daily",
    "areas": ["sosial"],
}
EVERYBODY = (
    *("laerer", "rektor", "nyansatt", "ppt", "ke.leder", "ke.saksbehandler"),
    *("koordinator", "mor", "far", "bup", "admin", "personvernombud"),
)


def new_child(town, by="laerer"):
    return town.family("Ny Demo", by=by)[0]


def write(town, child, who="laerer", **more):
    return town.api(who).post(f"/children/{child}/concerns", CONCERN | more)


def decide(town, concern, who="rektor", **more):
    wish = {"decision": "own_service", "reason": "Vi ser på det.", **more}
    return town.api(who).post(f"/concerns/{concern}/decision", wish)


def readers(town, concern):
    return {
        who for who in EVERYBODY if town.api(who).get(f"/concerns/{concern}").status_code == 200
    }


def test_written_and_read_by_author_and_leader_alone(town):
    child = new_child(town)
    made = write(town, child)
    assert made.status_code == 201
    assert {name: made.json[name] for name in CONCERN} == CONCERN
    assert made.json["child_id"] == str(child)
    assert made.json["written_at"].endswith("Z")
    assert made.json["due_on"] == (town.today + timedelta(days=14)).isoformat()
    assert (made.json["decision"], made.json["decided_at"]) == (None, None)
    assert town.api("laerer").get(made.headers["Location"]).json == made.json
    assert readers(town, made.json["id"]) == {"laerer", "rektor"}
    listed = town.api("rektor").get(f"/children/{child}/concerns").json
    assert listed["next"] is None
    assert [one["id"] for one in listed["items"]] == [made.json["id"]]
    assert "observed" not in listed["items"][0]
    assert town.api("mor").get(f"/children/{child}/concerns").json["items"] == []


def test_as_word_for_author_and_leader_alone_and_it_is_kept_who_got_it(town):
    child = new_child(town)
    concern = write(town, child, child_said="«Jeg vil hjem.»", frequency="daily").json["id"]
    decide(town, concern, decision="own_service", reason="Vi følger med selv.")
    for who in ("laerer", "rektor"):
        answer = town.browser(who).get(f"/bekymring/{concern}.docx")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="bekymring.docx"'
        said = lines(answer.data)
        for text in ("«Jeg vil hjem.»", "Hver dag", "Tjenesten følger opp selv", "Ny Demo"):
            assert text in said, (who, text)
        row = town.one(
            AccessRow, AccessRow.edition == "docx", AccessRow.actor_id == town.users[who]
        )
        assert (row.action, row.shown) == ("concern.read", UUID(concern).bytes)
    for who in ("ppt", "mor", "ke.leder", "admin", "nyansatt"):
        assert town.browser(who).get(f"/bekymring/{concern}.docx").status_code == 404, who


def test_what_is_wrong_is_named_and_nothing_is_kept(town):
    child = new_child(town)
    before = town.rows()
    for changed, field in (
        ({"observed": ""}, "observed"),
        ({"observed": None}, "observed"),
        ({"observed": "x" * 20_001}, "observed"),
        ({"worry": 0}, "worry"),
        ({"worry": 6}, "worry"),
        ({"worry": "4"}, "worry"),
        ({"worry": 4.5}, "worry"),
        ({"worry": True}, "worry"),
        ({"worry": None}, "worry"),
        ({"arena": "månen"}, "arena"),
        ({"frequency": "ofte"}, "frequency"),
        ({"areas": ["romfart"]}, "areas"),
        ({"areas": "sosial"}, "areas"),
        ({"areas": ["sosial"] * 31}, "areas"),
        ({"areas": [1]}, "areas.0"),
        ({"first_noticed_on": "2999-01-01"}, "first_noticed_on"),
        ({"first_noticed_on": "1890-05-05"}, "first_noticed_on"),
        ({"parents_talk_on": "15.01.2026"}, "parents_talk_on"),
        ({"parents_not_asked": "gidder ikke"}, "parents_not_asked"),
        ({"bullying": "ja"}, "bullying"),
        ({"parents_due_on": "2026-01-01"}, "parents_due_on"),
        ({"decision": "close"}, "decision"),
        ({"written_by": str(uuid4())}, "written_by"),
    ):
        answer = write(town, child, **changed)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid"), changed
        assert list(answer.json["error"]["fields"]) == [field], changed
    assert town.rows() == before


def test_who_may_write_one(town):
    for who, status in (("mor", 403), ("rektor", 404), ("nyansatt", 404), ("ppt", 201)):
        assert write(town, town.child, who).status_code == status, who


def test_the_leader_decides_and_both_read_on_for_sixty_days(town):
    child = new_child(town)
    concern = write(town, child).json["id"]
    assert decide(town, concern, "laerer").status_code == 403  # one's own
    assert decide(town, concern, "ke.leder").status_code == 404
    for changed, field in (
        ({"decision": "vente"}, "decision"),
        ({"reason": ""}, "reason"),
        ({"decided_by": "rektor"}, "decided_by"),
    ):
        answer = decide(town, concern, **changed)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    done = decide(town, concern)
    assert (done.status_code, done.json["decision"]) == (200, "own_service")
    assert done.json["decision_reason"] == "Vi ser på det."
    assert done.json["decided_at"].endswith("Z")
    again = decide(town, concern, decision="close")
    assert (again.status_code, again.json["error"]["current"]) == (
        409,
        {"decision": "own_service"},
    )
    with town.later(days=60):
        assert readers(town, concern) == {"laerer", "rektor"}
    with town.later(days=61):
        assert readers(town, concern) == set()


def test_a_leaders_own_concern_is_decided_by_the_units_leader(town):
    child = new_child(town, "rektor")
    concern = write(town, child, "rektor").json["id"]
    assert readers(town, concern) == {"rektor", "ke.leder"}
    assert decide(town, concern, "rektor").status_code == 403
    assert decide(town, concern, "ke.leder").status_code == 200


def test_a_new_leader_decides_in_the_old_ones_place(town):
    child = new_child(town)
    concern = write(town, child).json["id"]
    with town.database.writing() as session:
        session.get_one(Service, town.services["skole"]).leader_id = town.users["nyansatt"]
    assert readers(town, concern) == {"laerer", "nyansatt"}


def opening(town, child, concern, who="laerer"):
    consent = town.agree(child, "skole", by="laerer")
    wish = {"level": 1, "consent_id": str(consent), "concern_id": concern}
    return town.api(who).post(f"/children/{child}/stafettlogg", wish)


def test_shared_at_opening_it_becomes_the_first_entry(town):
    child = new_child(town)
    concern = write(town, child).json["id"]
    assert decide(town, concern).status_code == 200
    assert opening(town, child, concern).status_code == 201
    (first,) = town.api("mor").get(f"/children/{child}/entries").json["items"]
    assert (first["kind"], first["text"]) == ("concern", CONCERN["observed"])
    assert (first["author"], first["visibility"]) == ("laerer", "everyone")
    # The rest of the note stays where it was.
    assert CONCERN["child_said"] not in str(first)
    assert readers(town, concern) == {"laerer", "rektor"}


def test_opened_by_the_leader_it_is_still_the_authors_entry(town):
    child = new_child(town)
    concern = write(town, child).json["id"]
    assert opening(town, child, concern, "rektor").status_code == 201
    (first,) = town.api("rektor").get(f"/children/{child}/entries").json["items"]
    assert first["author"] == "laerer"


@pytest.mark.parametrize("how", ["written", "told", "decided"])
def test_suspicion_of_violence_leads_out_and_never_into_what_parents_read(town, how):
    child = new_child(town)
    concern = write(town, child, **{"parents_not_asked": "violence"} if how == "written" else {})
    concern = concern.json["id"]
    out = "Mistanke om vold eller overgrep følges ikke opp her"
    page = f"/bekymring/{concern}"
    assert (out in town.browser("laerer").text(page)) is (how == "written")
    if how == "told":
        assert tell(town, concern, not_asked="violence").status_code == 200
    if how == "decided":
        assert decide(town, concern, decision="child_welfare").status_code == 200
    for who in ("laerer", "rektor"):
        shown = town.browser(who).get(page).text
        assert 'href="/trygghet"' in shown.split("<main")[1], who
        assert (out in shown) is (how != "decided"), who  # then the answer says it
    before = town.count(Stafettlogg)
    answer = opening(town, child, concern)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["concern_id"])
    assert (
        f'value="{concern}"'
        not in town.browser("laerer").get(f"/barn/{child}/stafettlogg/apne").text
    )
    assert town.count(Stafettlogg) == before


def test_what_is_not_ones_own_is_not_ones_to_share(town):
    child, other = new_child(town), new_child(town)
    elsewhere = write(town, other).json["id"]
    by_ppt = write(town, town.child, "ppt").json["id"]
    for concern in (elsewhere, by_ppt, str(uuid4())):
        answer = opening(town, child, concern)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["concern_id"])
    assert town.api("laerer").get(f"/children/{child}").json["state"] == "none"


def test_a_member_may_be_worried_too_and_keeps_it_from_the_log(town):
    concern = write(town, town.child, "ppt").json["id"]
    assert readers(town, concern) == {"ppt", "ke.leder"}  # ppt has no leader of its own
    assert town.api("laerer").get(f"/children/{town.child}/concerns").json["items"] == []
    assert town.api("laerer").get(f"/children/{town.child}/entries").json["items"] == []
    assert town.one(Concern, Concern.written_by == town.users["ppt"]).worry == 4
    assert VOICE["text"] not in town.api("mor").get(f"/children/{town.child}/entries").text


def _utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "decided", "told"),
    [
        ("2026-11-24T10:00", date(2026, 12, 8), date(2026, 12, 22)),
        # Half past midnight in Oslo, the day before in UTC: winter, and summer.
        ("2026-01-31T23:30", date(2026, 2, 15), date(2026, 3, 1)),
        ("2026-06-30T22:30", date(2026, 7, 15), date(2026, 7, 29)),
        # Over the night when the clock goes forward, and back: a day is a day.
        ("2026-03-28T23:30", date(2026, 4, 12), date(2026, 4, 26)),
        ("2026-10-24T22:30", date(2026, 11, 8), date(2026, 11, 22)),
        # Over 29 February, and over the end of a February without one.
        ("2028-02-15T10:00", date(2028, 2, 29), date(2028, 3, 14)),
        ("2027-02-15T10:00", date(2027, 3, 1), date(2027, 3, 15)),
        # Calendar days: the last one may be Good Friday or Christmas Day.
        ("2026-03-20T10:00", date(2026, 4, 3), date(2026, 4, 17)),
        ("2026-11-27T10:00", date(2026, 12, 11), date(2026, 12, 25)),
    ],
)
def test_the_deadlines_of_a_concern(written, decided, told):
    written_on, standard = oslo_date(_utc(written)), load("standard")
    assert decide_by(written_on, standard) == decided
    assert talk_by(written_on, standard, bullying=False) == told
    assert talk_by(written_on, standard, bullying=True) == written_on


def listed(town, who, kind="concern"):
    items = town.api(who).get("/worklist").json["items"]
    return [(one["title"], one["due_on"], one["overdue"]) for one in items if one["kind"] == kind]


def tell(town, concern, who="laerer", **wish):
    return town.api(who).post(f"/concerns/{concern}/family-talk", wish)


TALK = "Snakk med foresatte om det du er bekymret for"


def test_the_author_is_to_talk_with_the_family_until_it_is_told(town):
    child, today = new_child(town), town.today.isoformat()
    four_weeks = (town.today + timedelta(days=28)).isoformat()
    calm = write(town, child).json
    urgent = write(town, child, bullying=True).json
    assert (calm["bullying"], calm["parents_due_on"]) == (False, four_weeks)
    assert (urgent["bullying"], urgent["parents_due_on"]) == (True, today)
    assert listed(town, "laerer") == [(TALK, today, False), (TALK, four_weeks, False)]
    assert all(title != TALK for title, *_ in listed(town, "rektor"))
    with town.later(days=1):
        assert listed(town, "laerer")[0] == (TALK, today, True)
    for wish, field in (
        ({}, "on"),
        ({"on": today, "not_asked": "urgent"}, "on"),
        ({"on": "2999-01-01"}, "on"),
        ({"not_asked": "orker ikke"}, "not_asked"),
    ):
        answer = tell(town, urgent["id"], **wish)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    for who, status in (("ppt", 404), ("mor", 404)):
        assert tell(town, urgent["id"], who, on=today).status_code == status
    done = tell(town, urgent["id"], "rektor", on=today, text="De har sett det samme.")
    assert (done.status_code, done.json["parents_talk_on"]) == (200, today)
    again = tell(town, urgent["id"], on=today)
    assert again.json["error"]["current"] == {"on": today, "not_asked": None}
    assert tell(town, calm["id"], not_asked="other").status_code == 200
    assert listed(town, "laerer") == []


@pytest.mark.parametrize(
    ("decision", "asked"),
    [("own_service", True), ("more_services", True), ("child_welfare", False), ("close", False)],
)
def test_after_the_decision_the_family_is_talked_with_where_it_goes_on(town, decision, asked):
    child = new_child(town)
    concern = write(town, child).json["id"]
    assert decide(town, concern, decision=decision).status_code == 200
    titles = [title for title, *_ in listed(town, "laerer")]
    assert titles == [*([TALK] * asked), "Lederen har svart deg"]
    page = town.browser("laerer").get(f"/bekymring/{concern}").get_data(as_text=True)
    assert ("Når snakket dere med foresatte?" in page) is asked


def test_a_log_that_opens_because_of_it_is_the_talk(town):
    child = new_child(town)
    concern = write(town, child).json["id"]
    assert opening(town, child, concern).status_code == 201
    assert listed(town, "laerer") == []


def test_who_was_worried_gets_an_answer(town):
    child = new_child(town)
    concern = write(town, child, parents_not_asked="urgent").json["id"]
    assert listed(town, "laerer") == []
    decide(town, concern)
    assert listed(town, "laerer") == [("Lederen har svart deg", None, False)]
    assert listed(town, "rektor") == []
    assert "Vi ser på det." in town.browser("laerer").text(f"/bekymring/{concern}")
    with town.later(days=13):
        assert len(listed(town, "laerer")) == 1
    with town.later(days=15):
        assert listed(town, "laerer") == []


def test_a_suspicion_leaves_nothing_that_the_family_can_see(town):
    """Also when the family itself has a log that both parents read."""

    def seen():
        paths = ("", "/stafettlogg", "/entries", "/members", "/concerns")
        found = [town.api(who).get("/worklist").json for who in ("mor", "far")]
        for who, path in ((who, path) for who in ("mor", "far") for path in paths):
            found.append(town.api(who).get(f"/children/{town.child}{path}").json)
        looks = town.api("mor").get(f"/children/{town.child}/access-log").json["items"]
        found.append([one for one in looks if one["who"] not in {"Mor Demo", "Far Demo"}])
        pages = [town.browser("mor").get(f"/barn/{town.child}{one}") for one in ("", "/innsyn")]
        assert all("bekymr" not in one.get_data(as_text=True).lower() for one in pages)
        return found

    looks = town.count(AccessRow)
    help_page = town.browser("laerer").text("/trygghet")
    assert "116 111" in help_page
    assert "<form" not in help_page
    assert town.count(AccessRow) == looks
    before = seen()
    concern = write(town, town.child, parents_not_asked="violence").json["id"]
    assert decide(town, concern, "rektor", decision="child_welfare").status_code == 200
    assert readers(town, concern) == {"laerer", "rektor"}
    assert seen() == before


def waits(town, who):
    found = town.api(who).get("/worklist").json["items"]
    return [one["title"] for one in found if one["title"].startswith("En bekymring du har lest")]


def correct(town, concern, who="laerer", **more):
    seen = town.api("laerer").get(f"/concerns/{concern}").json["version"]
    wish = {**CONCERN, "seen_version": seen, **more}
    return town.api(who).post(f"/concerns/{concern}/corrections", wish)


def test_its_author_corrects_it_until_the_leader_answers_and_what_it_said_is_kept(town):
    concern = write(town, new_child(town)).json["id"]
    answer = correct(town, concern, observed="Sitter alene.", arena="home", areas=[])
    assert (answer.status_code, answer.json["observed"]) == (200, "Sitter alene.")
    (change,) = town.api("rektor").get(f"/concerns/{concern}/changes").json["items"]
    was = {name: CONCERN[name] for name in ("observed", "arena", "areas")}
    assert (change["was"], change["added"]) == (was, None)
    page = town.browser("rektor").text(f"/bekymring/{concern}")
    assert "Rettet" in page
    assert CONCERN["observed"] in page
    assert "Sitter alene." in "\n".join(
        lines(town.browser("rektor").get(f"/bekymring/{concern}.docx").data)
    )
    assert (
        correct(town, concern, observed="Sitter alene.", arena="home", areas=[]).status_code == 200
    )
    assert len(town.api("rektor").get(f"/concerns/{concern}/changes").json["items"]) == 1
    assert correct(town, concern, seen_version=1).status_code == 409
    assert correct(town, concern, child_talk_on="2099-01-01").json["error"]["fields"].keys() == {
        "child_talk_on"
    }
    decide(town, concern)
    obstacles = correct(town, concern).json["error"]["obstacles"]
    assert [one["code"] for one in obstacles] == ["concern-decided"]


def test_afterwards_it_is_added_to(town):
    concern = write(town, new_child(town)).json["id"]
    there = f"/concerns/{concern}/additions"
    early = town.api("laerer").post(there, {"addition": "Han smilte i dag."})
    assert [one["code"] for one in early.json["error"]["obstacles"]] == ["concern-not-decided"]
    decide(town, concern)
    home = f"/bekymring/{concern}"
    assert 'action="/bekymring/' + concern + '/tillegg"' in town.browser("laerer").get(home).text
    sent = town.browser("laerer").send(f"{home}/tillegg", {"addition": "Han smilte i dag."})
    assert sent.status_code == 303
    for who in ("laerer", "rektor"):
        assert "Han smilte i dag." in town.browser(who).text(home)
    assert town.api("laerer").get(f"/concerns/{concern}").json["observed"] == CONCERN["observed"]


def test_only_its_author_changes_it(town):
    concern = write(town, new_child(town)).json["id"]
    assert correct(town, concern, "rektor").status_code == 403
    assert "/rett" not in town.browser("rektor").get(f"/bekymring/{concern}").text
    for who in ("nyansatt", "mor", "ke.leder"):
        assert correct(town, concern, who).status_code == 404
        assert town.browser(who).get(f"/bekymring/{concern}/rett").status_code == 404


def test_who_has_read_it_is_told_once_until_he_has_seen_it(town):
    concern = write(town, new_child(town)).json["id"]
    correct(town, concern, observed="Først rettet.")
    assert waits(town, "rektor") == []  # has not read it
    town.browser("rektor").get(f"/bekymring/{concern}")
    for text in ("Så rettet.", "Og en gang til."):
        correct(town, concern, observed=text)
    assert len(waits(town, "rektor")) == 1
    assert waits(town, "laerer") == []
    decide(town, concern)
    with town.later(days=town.profile.concern_access_days + 1):
        assert waits(town, "rektor") == []  # reads the concern no more


def test_the_form_shows_what_stands_and_keeps_what_was_typed(town):
    concern = write(town, new_child(town), bullying=True).json["id"]
    browser, there = town.browser("laerer"), f"/bekymring/{concern}/rett"
    page = browser.get(there).text
    for said in (CONCERN["observed"], CONCERN["context"], 'value="2026-01-15"'):
        assert said in page
    again = browser.send(there, {"observed": "Nytt", "worry": "9", "seen_version": "1"})
    assert again.status_code == 422
    assert "Nytt" in again.text
    day = oslo_date(datetime.now(UTC))
    assert correct(town, concern, bullying=False).json["parents_due_on"] > day.isoformat()


def test_who_is_to_call_child_welfare_is_not_led_to_the_family_first(town):
    """The child's page says how a log begins: by talking with the family."""
    child = new_child(town)
    concern = write(town, child).json["id"]
    page, wait = f"/barn/{child}", "Vent med å snakke med familien"
    assert wait not in town.browser("laerer").text(page)
    assert decide(town, concern, decision="child_welfare").status_code == 200
    for who in ("laerer", "rektor"):
        shown = town.browser(who).get(page).text
        said = shown.split('id="begynn">Barnevernet skal kontaktes')[1].split("<details")[0]
        assert wait in said, who
        assert 'href="/trygghet"' in said, who
        assert "Steg 1" not in said, who  # no button asks for the family's yes meanwhile
        assert "Steg 1" in shown, who
    assert wait not in town.browser("mor").text(page)


def test_a_new_childs_page_leads_to_the_concern_before_the_family(town):
    child = new_child(town)
    page, first = f"/barn/{child}", "skriver du ned bekymringen først"
    shown = town.browser("laerer").get(page).text
    begins = shown.split("Slik kommer du i gang")[1].split("Steg 1")[0]
    assert f'<a href="{page}/bekymring/ny">{first}</a>' in begins
    write(town, child)
    assert first not in town.browser("laerer").text(page)
    assert first not in town.browser("mor").text(page)


def test_where_nothing_more_is_to_be_done_the_childs_page_says_so(town):
    """How a log begins stays at hand, for a family that wants help all the same."""
    child = new_child(town)
    concern = write(town, child).json["id"]
    page, over = f"/barn/{child}", "Det er bestemt at det ikke skal gjøres mer nå."
    assert over not in town.browser("laerer").text(page)
    assert decide(town, concern, decision="close").status_code == 200
    for who in ("laerer", "rektor"):
        shown = town.browser(who).get(page).text
        said = shown.split('id="begynn">Bekymringen er avsluttet')[1].split("<details")[0]
        assert over in said, who
        assert f'href="/bekymring/{concern}"' in said, who
        assert f'href="/barn/{child}/bekymring/ny"' in said, who
        assert "Steg 1" not in said, who
        assert "Steg 1" in shown, who
    write(town, child)
    assert over not in town.browser("laerer").text(page)  # one waits to be decided


def test_who_has_talked_with_the_family_is_not_told_to_do_it_next(town):
    for talk, says in (
        ({}, "snakke med familien"),
        ({"parents_talk_on": "2026-01-15"}, "spørre familien"),
    ):
        concern = write(town, new_child(town), **talk).json["id"]
        assert decide(town, concern, decision="own_service").status_code == 200
        for who in ("laerer", "rektor"):
            assert f"Neste steg er å {says}" in town.browser(who).text(f"/bekymring/{concern}")
