"""What is being written to decide or say something of a plan: its author's alone until sent."""

import re

import pytest

from stafett.access.models import AccessRow
from stafett.unsaved.models import Unsaved
from tests.plan.scene import (
    a_goal,
    a_measure,
    an_ip_child,
    approved,
    drafted,
    made,
    path,
    save,
    submitted,
)
from tests.stafettlogg.asking import VOICE, closing

WORDS = "Vi vil at hun skal ha ro rundt seg."
FORMS = {  # the form: who writes it, where, its words, and what more he chooses
    "beginning": ("koordinator", "begynn", "words", {}),
    "ending": ("koordinator", "avslutt", "words", {"reason": "other", "said_by": "Mor"}),
    "withdrawing_1": ("koordinator", "versjoner/1/trekk-tilbake", "reason", {}),
    "answer_1": ("mor", "", "comment", {"answer": "reject"}),
    "comment_needs": ("mor", "kommentarer/needs", "text", {"voice": "child", "about": "needs"}),
    "evaluation_m2": (
        "bup",
        "tiltak/m2/evaluer",
        "text",
        {"child_view.text": "«Ja»", "done": "no"},
    ),
}


def at(child, form):
    return f"/children/{child}/plan/unsaved/{form}"


def place(town, form, child):
    """Have the child's plan where the form can be sent; its address."""
    who, there, *_ = FORMS[form]
    if form == "beginning":
        end(town, child)
    else:
        submitted(town, child)
    if form.startswith("evaluation"):
        approved(town, child)
    return who, f"/barn/{child}/plan/{there}".rstrip("/")


def end(town, child):
    wish = {"reason": "other", "words": "Ferdig."}
    ended = town.api("koordinator").post(f"{path(town, child)}/end", wish)
    assert ended.status_code == 200, ended.text


def fields(form):
    *_, name, more = FORMS[form]
    return {name: WORDS, **more}


def keep(town, child, form, who, seen=0, **typed):
    wish = {"fields": typed or fields(form), "seen_version": seen}
    return town.api(who).put(at(child, form), wish)


def unread(town, who):
    page = town.browser(who).get("/ikke-lagret").text
    return re.findall(r'st-text__body" dir="auto">([^<]*)<', page)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_comes_back_as_it_was_typed_for_its_author_alone(town, form):
    child = an_ip_child(town)
    who, there = place(town, form, child)
    assert town.api(who).get(at(child, form)).json["version"] == 0
    kept = keep(town, child, form, who)
    assert kept.status_code == 200, kept.text
    assert kept.json["fields"] == fields(form)
    assert town.api(who).get(at(child, form)).json == kept.json
    shown = town.browser(who).get(there).text
    assert f"{WORDS}</textarea>" in shown
    assert f'data-draft="/api/v1{at(child, form)}"' in shown
    assert "Utkast lagret" in shown
    for name, value in FORMS[form][3].items():
        if name in {"answer", "voice", "done"} or (name, form) == ("reason", "ending"):
            (box,) = re.findall(rf'<input[^>]* value="{value}" checked[^>]*>', shown)
            assert f'name="{name}"' in box
    for other in ("far", "laerer", "ke.leder", "bup", "mor"):
        if other != who:
            assert WORDS not in town.browser(other).get(there).text
    drafts = AccessRow.action == "plan.draft", AccessRow.actor_id == town.users[who]
    assert town.count(AccessRow, *drafts) == 3
    assert town.count(AccessRow, *drafts, AccessRow.child_id.is_(None)) == 3


@pytest.mark.parametrize(
    ("form", "who"),
    [
        *(("ending", who) for who in ("laerer", "ppt", "nyansatt")),
        *(("withdrawing_1", who) for who in ("laerer", "mor", "ppt")),
        *(("withdrawing_2", who) for who in ("koordinator",)),
        *(("answer_1", who) for who in ("koordinator", "laerer", "bup")),
        *(("comment_needs", who) for who in ("nyansatt", "rektor")),
        *(("evaluation_m2", who) for who in ("laerer", "mor", "nyansatt")),
        *(
            (form, "koordinator")
            for form in ("x", "ending_1", "comment_g9", "evaluation", "answer_x")
        ),
    ],
)
def test_who_may_not_save_it_keeps_nothing_and_there_is_no_other_form(town, form, who):
    child = an_ip_child(town)
    submitted(town, child)
    if form.startswith("evaluation"):
        approved(town, child)
    assert keep(town, child, form, who, text=WORDS).status_code in {403, 404}
    assert town.count(Unsaved) == 0


def sent(town, form, child, kept):
    """Send a form with what its page had; the answer."""
    who, there, name, more = FORMS[form]
    typed = {name: WORDS, **more, "draft_version": str(kept)}
    if form.startswith("evaluation"):
        typed |= {"date": str(town.today), "effect": "3", "decision": "stop"}
        typed |= {"child_view.how": "talk_before"}
    if form.startswith("answer"):
        there = "versjoner/1/svar"
    return town.browser(who).send(f"/barn/{child}/plan/{there}", typed)


@pytest.mark.parametrize("form", FORMS)
def test_it_is_gone_when_it_is_sent_and_not_when_it_is_refused(town, form):
    child = an_ip_child(town)
    who, _ = place(town, form, child)
    kept = keep(town, child, form, who).json["version"]
    name = FORMS[form][2]
    if form == "answer_1":
        assert (
            town.browser(who)
            .send(f"/barn/{child}/plan/versjoner/1/svar", {"comment": WORDS, "answer": ""})
            .status_code
            == 422
        )
    else:
        there = f"/barn/{child}/plan/{FORMS[form][1]}"
        assert town.browser(who).send(there, {name: "", "about": "needs"}).status_code == 422
    assert town.count(Unsaved) == 1
    answer = sent(town, form, child, kept)
    assert answer.status_code == 303, answer.text
    assert town.count(Unsaved) == 0


def by_another(town, form, child):
    """Let somebody else do what makes a form of no use."""
    if form == "withdrawing_1":
        return approved(town, child)
    town.tie("ke.leder", "KE", child)
    evaluated = {"date": str(town.today), "done": "yes", "effect": 3, "decision": "stop"}
    evaluated |= {"text": "Ferdig", "child_view": VOICE}
    who, there, wish = {
        "beginning": ("ke.leder", "plan/beginning", {"words": "Familien vil det."}),
        "ending": ("ke.leder", "plan/end", {"reason": "other", "words": "Ferdig."}),
        "answer_1": ("far", "plan/versions/1/approvals", {"answer": "reject"}),
        "evaluation_m2": ("ke.leder", "measures/m2/evaluations", evaluated),
    }[form]
    return town.api(who).post(f"/children/{child}/{there}", wish)


@pytest.mark.parametrize(
    ("form", "who"),
    [
        *(("beginning", "koordinator"), ("ending", "mor"), ("withdrawing_1", "koordinator")),
        *(("answer_1", "mor"), ("evaluation_m2", "bup")),
    ],
)
def test_what_another_has_decided_meanwhile_leaves_the_words_to_be_read(town, form, who):
    child = an_ip_child(town)
    place(town, form, child)
    kept = keep(town, child, form, who)
    assert kept.status_code == 200, kept.text
    assert unread(town, who) == []
    done = by_another(town, form, child)
    assert done.status_code in {200, 201}, done.text
    assert WORDS in "".join(unread(town, who))
    assert 'href="/ikke-lagret"' in town.browser(who).get("/familie" if who == "mor" else "/").text
    assert unread(town, "laerer") == []
    with town.later(days=8):
        assert unread(town, who) == []


@pytest.mark.parametrize("form", [one for one in FORMS if one != "beginning"])
def test_what_was_being_written_when_the_log_was_closed_can_be_read(town, form):
    child = an_ip_child(town)
    who, _ = place(town, form, child)
    assert keep(town, child, form, who).status_code == 200
    assert unread(town, who) == []
    with town.later(minutes=1):
        done = town.api("far").post(f"/children/{child}/stafettlogg/closing", closing())
        assert done.status_code == 200, done.text
    with town.later(minutes=2):
        assert WORDS in "".join(unread(town, who))
        assert "Ida" not in town.browser(who).text("/ikke-lagret")


def test_a_no_to_a_measure_that_has_ended_can_be_read(town):
    mine = a_measure(town, responsible="ppt")
    draft = drafted(town, [a_goal(measures=[mine])])
    assert made(town, draft).status_code == 201
    typed = {"reason": WORDS, "answer": "no", "responsible": "Ppt Demo"}
    no = {"fields": typed, "seen_version": 0}
    there = f"/children/{town.child}/measures/m2/unsaved"
    assert town.api("ppt").put(there, no).status_code == 200
    assert unread(town, "ppt") == []
    goal = {**draft["goals"][0], "measures": [{**draft["goals"][0]["measures"][0]}]}
    goal["measures"][0]["status"] = "stopped"
    again = save(town, "laerer", [goal])
    assert made(town, again.json).status_code == 201
    assert unread(town, "ppt") == [WORDS]
    assert unread(town, "laerer") == []


def test_a_version_keeps_its_own_and_the_next_begins_empty(town):
    child = an_ip_child(town)
    submitted(town, child)
    assert keep(town, child, "withdrawing_1", "koordinator").status_code == 200
    approved(town, child)
    there = f"{path(town, child)}/draft"
    seen = town.api("koordinator").get(there).json["seen_version"]
    draft = town.api("koordinator").put(there, {"seen_version": seen, "needs": "Fred"})
    assert made(town, draft.json, "koordinator", child).status_code == 201
    shown = town.browser("koordinator").get(f"/barn/{child}/plan/versjoner/2/trekk-tilbake").text
    assert WORDS not in shown
    gone = town.browser("koordinator").get(f"/barn/{child}/plan/versjoner/1/trekk-tilbake").text
    assert WORDS in gone


def half_a_no(town, who, responsible):
    """A measure of the version in force with a half-written no to it; its draft."""
    goals = [a_goal(measures=[a_measure(town, responsible=responsible)])]
    draft = drafted(town, goals, participants=[{"name": "Bestefar", "role": "nettverk"}])
    assert made(town, draft).status_code == 201
    no = {"fields": {"reason": WORDS, "answer": "no"}, "seen_version": 0}
    kept = town.api(who).put(f"/children/{town.child}/measures/m2/unsaved", no)
    assert kept.status_code == 200, kept.text
    return draft


def test_a_no_to_a_measure_that_was_given_to_another_can_be_read(town):
    draft = half_a_no(town, "ppt", "ppt")
    assert unread(town, "ppt") == []
    goal = {**draft["goals"][0]}
    goal["measures"] = [{**goal["measures"][0], "responsible": "laerer"}]
    assert made(town, save(town, "laerer", [goal]).json).status_code == 201
    assert unread(town, "ppt") == [WORDS]
    assert unread(town, "laerer") == []


def test_a_no_that_is_written_in_for_somebody_is_lost_only_with_its_log(town):
    half_a_no(town, "laerer", "Bestefar")
    assert unread(town, "laerer") == []
    assert "begynt å skrive" not in town.browser("laerer").text("/")
    with town.later(minutes=1):
        done = town.api("far").post(f"/children/{town.child}/stafettlogg/closing", closing())
        assert done.status_code == 200, done.text
    with town.later(minutes=2):
        assert unread(town, "laerer") == [WORDS]
