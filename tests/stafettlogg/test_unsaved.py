"""What is being written of a log's level and of its end: its author's alone until it is saved."""

import re

import pytest

from stafett.access.models import AccessRow
from stafett.consents.models import Consent
from stafett.unsaved.models import Unsaved
from tests.stafettlogg.asking import VOICE, closing

WORDS = "Pausene hjelper, og hun sier fra selv."
FORMS = {
    "evaluation": ("/niva/evaluering", {"reason": WORDS, "parents_agree": "true"}),
    "level": (
        "/niva",
        {
            "reason": WORDS,
            "level": "2",
            "child_voice.text": "«Bedre nå.»",
            "family_wish": "En hun kjenner",
        },
    ),
    "closing": ("/avslutt", {"family_view": WORDS, "outcome": "other"}),
    "handover": ("/folk/stafettpinne", {"message": WORDS, "to": "ppt"}),
}


def place(town, form):
    return f"/children/{town.child}/stafettlogg/unsaved/{form}"


def keep(town, form, who="laerer", seen=0, **fields):
    given = {"fields": fields or FORMS[form][1], "seen_version": seen}
    return town.api(who).put(place(town, form), given)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_comes_back_as_it_was_typed_for_its_author_alone(town, form):
    at, fields = FORMS[form]
    assert town.api("laerer").get(place(town, form)).json["version"] == 0
    kept = keep(town, form)
    assert kept.json["fields"] == fields
    assert town.api("laerer").get(place(town, form)).json == kept.json
    shown = town.browser("laerer").get(f"/barn/{town.child}{at}").text
    assert f"{WORDS}</textarea>" in shown
    assert "Utkast lagret i dag" in shown
    for name, value in fields.items():
        if name in {"level", "parents_agree", "outcome"}:
            (box,) = re.findall(rf'<input[^>]* value="{value}" checked[^>]*>', shown)
            assert f'name="{name}"' in box
        if name == "family_wish":
            assert f"{value}</textarea>" in shown
    if "to" in fields:
        assert re.search(r'<option value="ppt" selected|value="ppt" checked', shown)
    for who in ("mor", "ppt", "far"):
        assert WORDS not in town.browser(who).get(f"/barn/{town.child}/niva").text


@pytest.mark.parametrize("form", ["evaluation", "level", "handover"])
@pytest.mark.parametrize("who", ["ppt", "mor", "rektor"])
def test_who_may_not_save_it_keeps_nothing(town, form, who):
    assert keep(town, form, who).status_code == 404
    assert town.count(Unsaved) == 0


@pytest.mark.parametrize("form", ["x", "levels", "Level", ""])
def test_there_is_no_other_form(town, form):
    answer = town.api("laerer").put(place(town, form), {"fields": {}, "seen_version": 0})
    assert answer.status_code == 404
    assert town.api("laerer").get(place(town, form)).status_code == 404


def test_nobody_sees_that_somebody_writes(town):
    keep(town, "evaluation")
    drafts = AccessRow.action == "entry.draft"
    assert town.count(AccessRow, drafts, AccessRow.child_id.is_(None)) == 1
    assert town.count(AccessRow, drafts, AccessRow.child_id.is_not(None)) == 0


def test_without_words_there_is_nothing_to_keep(town):
    kept = keep(town, "evaluation")
    choice = {"parents_agree": "true", "seen_version": "1"}
    assert keep(town, "evaluation", seen=kept.json["version"], **choice).json["version"] == 0
    assert town.count(Unsaved) == 0
    unknown = keep(town, "evaluation", reson="x")
    assert unknown.status_code == 422
    assert "reson" in str(unknown.json["error"]["fields"])


def test_it_is_gone_when_it_is_saved(town):
    for seen, (form, there, send) in enumerate(
        [
            (
                "evaluation",
                "level-evaluations",
                {"parents_agree": True, "next_evaluation_on": "2199-01-01"},
            ),
            ("level", "level-changes", {"parents_agree": True, "level": 2}),
            ("closing", "stafettlogg/closing", {"family_view": WORDS, "outcome": "other"}),
        ],
        start=1,
    ):
        kept = keep(town, form).json["version"]
        wish = {"reason": WORDS, "child_voice": VOICE, "seen_version": seen, "draft_version": kept}
        made = town.api("laerer").post(f"/children/{town.child}/{there}", {**wish, **send})
        assert made.status_code in {200, 201}, made.json
        assert town.count(Unsaved) == 0, form


def test_whom_to_ask_is_gone_when_he_is_asked(town):
    kept, form = keep(town, "handover").json["version"], f"/barn/{town.child}/folk/stafettpinne"
    sent = {"to": "ppt", "message": WORDS, "draft_version": str(kept)}
    assert town.browser("laerer").send(form, {**sent, "to": ""}).status_code == 422
    assert town.count(Unsaved) == 1
    assert town.browser("laerer").send(form, sent).status_code == 303
    assert town.count(Unsaved) == 0


MOVING = {"reason": WORDS, "to": "ppt"}


def test_a_forced_move_comes_back_to_the_leader_alone_and_is_gone_when_it_is_made(town):
    town.tie("ke.leder", "KEL")
    leader, there = town.browser("ke.leder"), f"/barn/{town.child}/folk/stafettpinne/flytt"
    for who in ("laerer", "rektor", "mor", "ppt"):
        assert keep(town, "forcing", who, **MOVING).status_code == 404, who
    kept = keep(town, "forcing", "ke.leder", **MOVING)
    assert kept.status_code == 200, kept.text
    shown = leader.get(there).text
    assert f"{WORDS}</textarea>" in shown
    assert re.search(r'<option value="ppt" selected|value="ppt" checked', shown)
    assert "Utkast lagret i dag" in shown
    assert f'data-draft="/api/v1{place(town, "forcing")}"' in shown
    sent = MOVING | {"draft_version": str(kept.json["version"])}
    assert leader.send(there, {**sent, "to": ""}).status_code == 422
    assert town.count(Unsaved) == 1
    assert leader.send(there, sent).status_code == 303
    assert town.count(Unsaved) == 0
    drafts = AccessRow.action == "baton.draft", AccessRow.actor_id == town.users["ke.leder"]
    assert town.count(AccessRow, *drafts) == 1
    assert town.count(AccessRow, *drafts, AccessRow.child_id.is_(None)) == 1


def test_who_says_no_to_the_baton_finds_his_words_again_until_he_has_sent_them(town):
    asked = {"to": "ppt", "message": "Kan du?"}
    made = town.api("laerer").post(f"/children/{town.child}/handovers", asked).json["id"]
    at, page = f"/handovers/{made}/unsaved", f"/overtakelse/{made}"
    wish = {"fields": {"reason": WORDS}, "seen_version": 0}
    for who in ("laerer", "rektor", "mor", "helsesykepleier", "nyansatt"):
        assert town.api(who).put(at, wish).status_code in {403, 404}, who
    kept = town.api("ppt").put(at, wish)
    assert kept.status_code == 200, kept.text
    assert town.api("ppt").get(at).json == kept.json
    shown = town.browser("ppt").get(page).text
    assert f"{WORDS}</textarea>" in shown
    assert re.search(r"<details [^>]*open", shown)
    assert WORDS not in town.browser("laerer").get(page).text
    drafts = AccessRow.action == "baton.draft", AccessRow.actor_id == town.users["ppt"]
    assert town.count(AccessRow, *drafts) == 2
    assert town.count(AccessRow, *drafts, AccessRow.child_id.is_(None)) == 2
    sent = {"reason": WORDS, "draft_version": str(kept.json["version"])}
    assert town.browser("ppt").send(f"{page}/nei", sent).status_code == 303
    assert town.count(Unsaved) == 0
    gone = town.api("ppt").put(at, wish)
    assert gone.status_code == 404
    assert town.count(Unsaved) == 0


def half_a_no(town, who="ppt"):
    """An offer of the baton, with a no to it that is half-written; the offer's id."""
    offer = {"to": who, "message": "Kan du?"}
    made = town.api("laerer").post(f"/children/{town.child}/handovers", offer).json["id"]
    wish = {"fields": {"reason": WORDS}, "seen_version": 0}
    assert town.api(who).put(f"/handovers/{made}/unsaved", wish).status_code == 200
    return made


def unread(town, who="ppt"):
    """What somebody reads of what he did not get saved."""
    page = town.browser(who).get("/ikke-lagret").text
    return re.findall(r'st-text__body" dir="auto">([^<]*)<', page)


def test_a_yes_to_the_baton_lets_go_of_the_half_written_no(town):
    made = half_a_no(town)
    assert town.browser("ppt").send(f"/overtakelse/{made}/ja", {}).status_code == 303
    assert town.count(Unsaved) == 0
    assert unread(town) == []


def end_of_offer(town, made, how):
    """Take an offer away while somebody writes his no to it."""
    match how:
        case "taken back":
            return town.api("laerer").post(f"/handovers/{made}/cancellation", {})
        case "moved by force":
            town.tie("ke.leder", "KEL")
            moved = {"to": "helsesykepleier", "reason": "Sluttet"}
            return town.api("ke.leder").post(f"/children/{town.child}/baton", moved)
        case "answered elsewhere":
            return town.api("ppt").post(f"/handovers/{made}/refusal", {"reason": "Nei"})
    return town.api("far").post(f"/children/{town.child}/stafettlogg/closing", closing())


@pytest.mark.parametrize("how", ["taken back", "moved by force", "answered elsewhere", "closed"])
def test_a_no_to_a_baton_that_is_not_offered_any_more_can_be_read_by_its_author(town, how):
    town.agree(town.child, "skole", "ppt", "helse")
    made = half_a_no(town)
    assert "begynt å skrive" not in town.browser("ppt").text("/")
    assert unread(town) == []
    assert end_of_offer(town, made, how).status_code == 200
    assert 'href="/ikke-lagret"' in town.browser("ppt").get("/").text
    assert unread(town) == [WORDS]
    assert "Nora" not in town.browser("ppt").text("/ikke-lagret")
    for who in ("laerer", "helsesykepleier", "ke.leder", "mor"):
        assert unread(town, who) == []
    with town.later(days=8):
        assert unread(town) == []


def test_what_was_kept_collides_with_what_somebody_saved_meanwhile(town):
    keep(town, "level", reason=WORDS, level="2", seen_version="1")
    evaluated = {"reason": "Sett på.", "child_voice": VOICE, "parents_agree": True}
    evaluated |= {"seen_version": 1, "next_evaluation_on": "2199-01-01"}
    done = town.api("laerer").post(f"/children/{town.child}/level-evaluations", evaluated)
    assert done.status_code == 201
    page = town.browser("laerer").get(f"/barn/{town.child}/niva").text
    assert re.search(r'name="seen_version" value="(\d+)"', page)[1] == "1"
    lost = town.browser("laerer").send(
        f"/barn/{town.child}/niva",
        {
            "level": "2",
            "reason": WORDS,
            "child_voice.how": "meeting",
            "parents_agree": "true",
            "seen_version": "1",
        },
    )
    assert lost.status_code == 409
    assert f"{WORDS}</textarea>" in lost.text
    assert re.search(r'name="seen_version" value="(\d+)"', lost.text)[1] == "2"


def entry(town, who, text=WORDS):
    wish = {"fields": {"text": text, "kind": "contact"}, "seen_version": 0}
    assert town.api(who).put(f"/children/{town.child}/entries/draft", wish).status_code == 200


def test_what_was_written_is_told_from_what_was_chosen(town):
    """A single word in small letters is written too."""
    child, seen = f"/children/{town.child}", {"seen_version": 0}
    assert keep(town, "closing", outcome="goals_reached", reason="fotball").status_code == 200
    chosen = {"level": "2", "next_evaluation_on": "2031-02-03", "child_voice.how": "meeting"}
    assert keep(town, "level", participants="farmor", holder="ppt", **chosen).status_code == 200
    assert keep(town, "handover", to="ppt", family_wish="bestemor").status_code == 200
    goal = {"text": "lese", "whose": "parents", "subgoals.1.text": "ro", "subgoals.1.key": "g1a"}
    there = f"{child}/plan/draft/unsaved/new_goal"
    assert town.api("laerer").put(there, {"fields": goal, **seen}).status_code == 200
    entry(town, "laerer", "ok")
    with town.later(minutes=1):
        assert town.api("far").post(f"{child}/stafettlogg/closing", closing()).status_code == 200
    with town.later(minutes=2):
        page = town.browser("laerer").get("/ikke-lagret").text
        found = re.findall(r'st-text__body" dir="auto">([^<]*)<', page)
    assert sorted(sorted(one.split()) for one in found) == [
        *(["bestemor"], ["farmor"], ["fotball"], ["lese", "ro"], ["ok"])
    ]


def test_where_nothing_is_written_there_is_nothing_to_read(town):
    place = f"/children/{town.child}/plan/draft/unsaved/new_goal"
    wish = {"fields": {"whose": "parents", "target_on": "2031-02-03"}, "seen_version": 0}
    assert town.api("laerer").put(place, wish).status_code == 200
    with town.later(minutes=1):
        done = town.api("far").post(f"/children/{town.child}/stafettlogg/closing", closing())
    assert done.status_code == 200
    with town.later(minutes=2):
        assert "begynt å skrive" not in town.browser("laerer").text("/")
        assert "Her er det ingenting nå." in town.browser("laerer").text("/ikke-lagret")


def test_who_was_writing_when_the_log_was_closed_reads_what_he_wrote_and_nobody_else(town):
    entry(town, "ppt")
    keep(town, "evaluation", reason="Noe annet", parents_agree="true")
    assert "begynt å skrive" not in town.browser("ppt").text("/")
    assert "De kan lese det i sju dager" in town.browser("far").text(f"/barn/{town.child}/avslutt")
    path = f"/children/{town.child}/stafettlogg/closing"
    with town.later(minutes=1):
        done = town.api("far").post(path, closing())
    assert done.status_code == 200, done.json
    assert town.api("ppt").get(f"/children/{town.child}").status_code == 404
    with town.later(minutes=2):
        assert 'href="/ikke-lagret"' in town.browser("ppt").get("/").text
        said = town.browser("ppt").text("/ikke-lagret")
        assert WORDS in said
        assert "Noe annet" not in said
        assert "Nora" not in said  # he may not know of her any more
        assert "contact" not in said
        assert "Noe annet" in town.browser("laerer").text("/ikke-lagret")
        for who in ("nyansatt", "bup", "rektor"):
            assert "begynt å skrive" not in town.browser(who).text("/")
            assert WORDS not in town.browser(who).text("/ikke-lagret")
    row = AccessRow.action == "worklist.read"
    assert town.count(AccessRow, row, AccessRow.child_id == town.child) == 0
    with town.later(days=8):
        assert "begynt å skrive" not in town.browser("ppt").text("/")
        assert WORDS not in town.browser("ppt").text("/ikke-lagret")


def test_a_correction_that_was_being_written_is_among_it(town):
    note = {"kind": "note", "text": "Sov dårlig.", "visibility": "everyone"}
    made = town.api("ppt").post(f"/children/{town.child}/entries", note).json["id"]
    wish = {"fields": {"text": WORDS, "reason": "Feil"}, "seen_version": 0}
    assert town.api("ppt").put(f"/entries/{made}/draft", wish).status_code == 200
    assert "begynt å skrive" not in town.browser("ppt").text("/")
    assert WORDS not in town.browser("ppt").text("/ikke-lagret")
    with town.later(minutes=1):
        closed = town.api("far").post(f"/children/{town.child}/stafettlogg/closing", closing())
    assert closed.status_code == 200
    with town.later(minutes=2):
        assert 'href="/ikke-lagret"' in town.browser("ppt").get("/").text
        said = town.browser("ppt").text("/ikke-lagret")
        assert WORDS in said
        assert "Nora" not in said
        assert WORDS not in town.browser("laerer").text("/ikke-lagret")
    with town.later(days=8):
        assert WORDS not in town.browser("ppt").text("/ikke-lagret")


def test_what_was_saved_or_is_written_in_a_log_opened_since_is_not_among_it(town):
    with town.later(minutes=1):
        town.api("far").post(f"/children/{town.child}/stafettlogg/closing", closing())
    with town.later(minutes=2):
        consent = town.agree(town.child, "skole", "ppt")
        wish = {"level": 1, "consent_id": str(consent), "reason": "Igjen."}
        path = f"/children/{town.child}/stafettlogg/reopening"
        assert town.api("laerer").post(path, wish).status_code == 200
        entry(town, "laerer")
        assert "begynt å skrive" not in town.browser("laerer").text("/")


def test_what_was_begun_before_an_end_is_not_said_to_be_lost_once_the_log_is_open_again(town):
    entry(town, "laerer")
    with town.later(minutes=1):
        town.api("far").post(f"/children/{town.child}/stafettlogg/closing", closing())
    with town.later(minutes=2):
        consent = town.agree(town.child, "skole", "ppt")
        wish = {"level": 1, "consent_id": str(consent), "reason": "Igjen."}
        path = f"/children/{town.child}/stafettlogg/reopening"
        assert town.api("laerer").post(path, wish).status_code == 200
        assert (
            f"{WORDS}</textarea>"
            in town.browser("laerer").get(f"/barn/{town.child}/stafettlogg").text
        )
        for page in ("/", "/ikke-lagret"):
            said = town.browser("laerer").text(page)
            assert "ikke fikk lagret" in said
            assert "lagres lenger" not in said


def test_what_a_parent_goes_on_writing_after_the_log_is_closed_is_among_it_too(town):
    place = f"/children/{town.child}/plan/draft/unsaved/new_goal"
    wish = {"fields": {"text": WORDS, "whose": "parents"}, "seen_version": 0}
    kept = town.api("mor").put(place, wish).json
    with town.later(minutes=1):
        closed = town.api("far").post(f"/children/{town.child}/stafettlogg/closing", closing())
    assert closed.status_code == 200
    with town.later(minutes=2):
        assert WORDS in town.browser("mor").text("/ikke-lagret")
        more = {"fields": {**wish["fields"], "text": f"{WORDS} Og mer."}}
        again = town.api("mor").put(place, {**more, "seen_version": kept["version"]})
        assert again.status_code == 200, again.json
    with town.later(minutes=3):
        assert 'href="/ikke-lagret"' in town.browser("mor").get("/familie").text
        assert f"{WORDS} Og mer." in town.browser("mor").text("/ikke-lagret")
        assert WORDS not in town.browser("far").text("/ikke-lagret")
        assert "ikke-lagret" not in town.browser("far").get("/familie").text


@pytest.mark.parametrize("form", ["handover", "closing"])
def test_the_leader_of_koordinerende_enhet_finds_again_what_he_may_save(town, form):
    town.tie("ke.leder", "KEL")
    at = f"/barn/{town.child}{FORMS[form][0]}"
    kept = keep(town, form, "ke.leder")
    assert kept.status_code == 200, kept.text
    shown = town.browser("ke.leder").get(at).text
    assert f"{WORDS}</textarea>" in shown
    assert f'data-draft="/api/v1{place(town, form)}"' in shown
    assert WORDS not in town.browser("laerer").get(at).text
    assert keep(town, "level", "ke.leder").status_code == 404  # not his to save


@pytest.mark.parametrize(
    ("form", "still"),
    [("closing", "without consent"), ("closing", "restricted"), ("handover", "restricted")],
)
def test_what_may_be_saved_while_the_record_stands_still_is_kept_too(town, form, still):
    if still == "restricted":
        asked = {"right": "restriction", "words": "Mye av dette er feil."}
        town.api("mor").post(f"/children/{town.child}/rights-requests", asked)
        decided = {"restricted": True, "reason": "Vi undersøker."}
        made = town.api("ke.leder").post(f"/children/{town.child}/restrictions", decided)
    else:
        consent = f"/consents/{town.one(Consent).id}/withdrawal"
        made = town.api("mor").post(consent, {})
    assert made.status_code == 200, made.text
    assert keep(town, form).status_code == 200
    page = town.browser("laerer").get(f"/barn/{town.child}{FORMS[form][0]}").text
    assert f"{WORDS}</textarea>" in page
    assert keep(town, "evaluation").status_code in {403, 404}
