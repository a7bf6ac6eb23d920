"""The life of an individuell plan: what may happen in each state, and what comes of it."""

import re
from datetime import date, timedelta
from functools import partial
from io import BytesIO

import pytest
from docx import Document
from sqlalchemy import update

from stafett.access.policy import Purpose
from stafett.audit.models import TrailRow
from stafett.children.models import Child
from stafett.children.rules import VoiceHow
from stafett.dates import full_day, months_after
from stafett.errors import ConflictError, RuleBrokenError
from stafett.plan import commands, queries, rules
from stafett.plan import waiting as waits
from stafett.plan.commands import Answer, Begin, End, MakeVersion, Withdraw
from stafett.plan.models import Measure, Plan, PlanEvent
from stafett.plan.rules import EMPTY, EndReason, Party
from stafett.stafettlogg import commands as stafettlogg
from stafett.stafettlogg import membership
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.commands import Voice
from stafett.stafettlogg.rules import Level, Outcome
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from stafett.team.models import CoordinatorAppointment
from tests.exports.reading import lines
from tests.plan.scene import (
    a_goal,
    a_measure,
    an_ip_child,
    approved,
    drafted,
    made,
    on_page,
    path,
    submitted,
    whole,
)
from tests.plan.test_api import judged
from tests.plan.test_rules import a_goal as goal
from tests.plan.test_rules import a_measure as measure
from tests.plan.test_rules import a_plan
from tests.plan.test_visibility import draft_of
from tests.stafettlogg.asking import level

ENDED = {"reason": "goals_reached", "words": "Skolen følger opp lesingen."}


def made_of(town):
    """The goals that stand in the draft, or the first."""
    return town.api("laerer").get(f"{path(town)}/draft").json["goals"] or None


def end(town, child, who="koordinator", **more):
    return town.api(who).post(f"{path(town, child)}/end", {**ENDED, **more})


def no_log(town):
    child, *_ = town.family("Ola Demo")
    town.agree(child, "skole", "ke", purpose=Purpose.PLAN)
    return child


def level_one(town):
    town.agree(town.child, "skole", "ke", purpose=Purpose.PLAN)
    drafted(town)
    return town.child


def drafted_ip(town):
    child = an_ip_child(town)
    drafted(town, who="koordinator", child=child, **whole(town))
    return child


def waiting(town):
    child = an_ip_child(town)
    submitted(town, child)
    return child


def in_force(town):
    child = waiting(town)
    approved(town, child)
    return child


def ended(town):
    child = in_force(town)
    assert end(town, child).status_code == 200
    return child


def begun_again(town):
    child = ended(town)
    again = town.api("koordinator").post(f"{path(town, child)}/beginning", {"words": "Nytt behov."})
    assert again.status_code == 200, again.text
    return child


def rejected(town):
    child = waiting(town)
    no = town.api("far").post(f"{path(town, child)}/versions/1/approvals", {"answer": "reject"})
    assert no.status_code == 200, no.text
    return child


def withdrawn(town):
    child = waiting(town)
    taken = town.api("koordinator").post(
        f"{path(town, child)}/versions/1/withdrawal", {"reason": "For tidlig"}
    )
    assert taken.status_code == 200, taken.text
    return child


STATES = [no_log, level_one, drafted_ip, waiting, rejected, withdrawn, in_force, ended, begun_again]
LOST = ("conflict", "conflict")
ANSWERS = {  # begin, end, make a version, withdraw the first; mother's yes and no to that
    no_log: ("log-missing", "plan-not-ip", "goal-missing", "none", None),
    level_one: ("plan-level", "plan-not-ip", "tiltaksplan 1 in_force", "none", None),
    drafted_ip: ("plan-is-ip", "tiltaksplan", "individuell_plan 1 for_approval", "none", None),
    waiting: (
        *("plan-is-ip", "tiltaksplan", "version-waits", "withdrawn"),
        ("for_approval", "rejected"),
    ),
    rejected: ("plan-is-ip", "tiltaksplan", "individuell_plan 2 for_approval", "conflict", LOST),
    withdrawn: ("plan-is-ip", "tiltaksplan", "individuell_plan 2 for_approval", "conflict", LOST),
    in_force: ("plan-is-ip", "tiltaksplan", "plan-unchanged", "conflict", LOST),
    ended: ("individuell_plan", "plan-not-ip", "goal-missing", "conflict", LOST),
    begun_again: ("plan-is-ip", "tiltaksplan", "goal-missing", "conflict", LOST),
}


def tried(town, child, who, step):
    """What comes of a step, which is then undone: words of the state, or the first obstacle."""
    try:
        with town.work(who) as work, work.session.begin_nested() as kept:
            said = step(work, logs.summary(work.session, child, town.today))
            kept.rollback()
    except RuleBrokenError as broken:
        return broken.obstacles[0]
    except ConflictError:
        return "conflict"
    return said


def begin_it(work, log):
    commands.begin_plan(work, log, Begin("Familien ønsker det nå."))
    return queries.kind_now(work.session, log)


def end_it(work, log):
    commands.end_plan(work, log, End(EndReason.OTHER, "Loggen går videre."), by_family=False)
    return queries.kind_now(work.session, log)


def make_it(work, log):
    everything = queries.sight(work.session, log.child_id, None)
    token = queries.draft(work.session, log.child_id, everything).version
    version = commands.make_version(work, log, MakeVersion("Nytt", token), everything)
    row = queries.row(work.session, log.child_id, version.number, everything)
    return f"{row.kind} {row.number} {row.state}"


def withdraw_it(work, log):
    everything = queries.sight(work.session, log.child_id, None)
    version = queries.numbered(work.session, log.child_id, 1, everything)
    if version is None:
        return "none"
    commands.withdraw(work, version, Withdraw("For tidlig"))
    return queries.row(work.session, log.child_id, 1, everything).state


def answer_it(answer, work, log):
    everything = queries.sight(work.session, log.child_id, None)
    version = queries.numbered(work.session, log.child_id, 1, everything)
    commands.answer(work, version, Answer(answer), by_family=True)
    return queries.row(work.session, log.child_id, 1, everything).state


EVENTS = (begin_it, end_it, make_it, withdraw_it)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_what_may_happen_in_each_state(town, state):
    child = state(town)
    found = [tried(town, child, "koordinator", step) for step in EVENTS]
    *wanted, answers = ANSWERS[state]
    assert found == wanted
    if answers:
        steps = [partial(answer_it, said) for said in ("approve", "reject")]
        assert tuple(tried(town, child, "mor", step) for step in steps) == answers


def test_an_end_is_kept_with_who_and_why_and_nothing_is_lost(town):
    child = in_force(town)
    before = town.api("koordinator").get(f"{path(town, child)}/draft").json
    unsaid = end(town, child, reason="family_wish")
    assert unsaid.json["error"]["fields"].keys() == {"said_by"}
    assert end(town, child, reason="family_wish", said_by="Mor Demo").status_code == 200
    event = town.one(PlanEvent)
    assert (event.reason, event.said_by, event.words) == ("family_wish", "Mor Demo", ENDED["words"])
    assert event.draft == {name: value for name, value in before.items() if name != "seen_version"}
    assert town.count(Measure, Measure.child_id == child) == 0
    assert town.one(Plan, Plan.child_id == child).revise_on is None
    (old,) = town.api("mor").get(f"{path(town, child)}/versions").json["items"]
    assert old["state"] == "superseded"
    assert town.api("mor").get(f"{path(town, child)}/versions?on={town.today}").json["items"] == []
    shown = town.browser("mor").text(f"/barn/{child}/plan")
    assert "Retten til koordinator gjelder fortsatt" in shown
    assert ENDED["words"] in shown
    assert "Ingen plan gjelder nå." in shown
    assert "ingen plan ennå" not in shown
    for who in ("laerer", "ppt"):  # who reads the log does not read what the plan said, nor why
        text = town.browser(who).text(f"/barn/{child}/plan")
        assert ENDED["words"] not in text
        draft = town.api(who).get(f"{path(town, child)}/draft").text
        assert "Jeg vil lese" not in draft
    assert town.count(TrailRow, TrailRow.action == "plan.end") == 1


@pytest.mark.parametrize("again", [False, True])
def test_a_lower_level_opens_nothing_of_it_to_who_reads_the_log_alone(town, again):
    """Nor does a log that is closed and opened again: only an end puts the draft away."""
    child = in_force(town)
    town.agree(child, "skole", "ppt", "ke", "bup")
    voice = Voice(VoiceHow.MEETING, "Det går bedre.")
    with town.work("laerer") as work:
        log = logs.summary(work.session, child, town.today)
        if again:
            wish = stafettlogg.Close(Outcome.GOALS_REACHED, "Ferdig", "Enig", voice, log.version)
            stafettlogg.close(work, child, wish)
        else:
            down = stafettlogg.ChangeLevel(
                Level.TWO, "Bedre", voice, parents_agree=True, seen_version=log.version
            )
            stafettlogg.change_level(work, child, down, offers=True)
    consent = town.agree(child, "skole", "ppt", "ke", "bup") if again else None
    with town.work("laerer", town.now + timedelta(seconds=1)) as work:
        if consent:
            stafettlogg.reopen(work, child, stafettlogg.Open(Level.TWO, consent))
        until = town.today + timedelta(days=30)
        membership.invite(work, child, membership.Invite("ppt", writes=True, until=until))
    for there in ("plan/draft", "plan/versions"):
        said = town.api("ppt").get(f"/children/{child}/{there}")
        assert "Glad i bøker" not in said.text
    if again:
        return
    assert town.api("koordinator").get(f"{path(town, child)}/draft").status_code == 200
    assert end(town, child).status_code == 200
    assert town.api("ppt").get(f"/children/{child}/plan/draft").json["resources"] == ""


def printed(town, child, who, number):
    document = town.browser(who).get(f"/barn/{child}/plan.docx?versjon={number}")
    assert document.status_code == 200, document.text
    return "\n".join(lines(document.data))


def judge(town, child, key, text):
    """The coordinator says what came of a measure."""
    said = judged(town, text=text)
    answer = town.api("koordinator").post(f"/children/{child}/measures/{key}/evaluations", said)
    assert answer.status_code == 201, answer.text


def published(town, child, text="Vi øver på skolen"):
    """A tiltaksplan of the holder's, who does not read an individuell plan."""
    measures = [a_measure(town, how="Hver dag")]
    draft = drafted(town, [a_goal(text=text, measures=measures)], child=child)
    answer = made(town, draft, child=child)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_who_reads_only_the_tiltaksplan_is_not_told_what_the_individuell_plan_said(town):
    """Not by the document that says what has changed since the version before, either."""
    child = in_force(town)
    assert end(town, child).status_code == 200
    assert published(town, child)["number"] == 2
    (known,) = town.api("laerer").get(f"{path(town, child)}/versions").json["items"]
    assert known["number"] == 2
    for who, reads in (("laerer", False), ("koordinator", True), ("mor", True)):
        text = printed(town, child, who, 2)
        assert "Vi øver på skolen" in text
        for said in ("Jeg vil lese", "Glad i bøker", "Forrige versjon er 1"):
            assert (said in text) is reads, (who, said)


def test_nor_who_wrote_in_the_draft_of_an_individuell_plan(town):
    child = in_force(town)
    assert end(town, child).status_code == 200
    published(town, child)
    changes = f"{path(town, child)}/draft/changes"
    there = f"/barn/{child}/plan/utkast/endringer"
    for who, writers in (("laerer", {"laerer"}), ("koordinator", {"koordinator", "laerer"})):
        assert {one["by"] for one in town.api(who).get(changes).json["items"]} == writers
        page = town.browser(who).text(there)
        assert ("Koordinator Demo" in page) is ("koordinator" in writers)


def test_nor_what_came_of_a_measure_while_an_individuell_plan_held(town):
    """A measure keeps its key from one kind of plan to the other, and when it comes back."""
    child = an_ip_child(town)
    assert end(town, child).status_code == 200
    key = published(town, child)["content"]["goals"][0]["measures"][0]["key"]
    with town.later(minutes=1):
        judge(town, child, key, "Mens tiltaksplanen gjaldt")
    with town.later(minutes=2):
        begun = town.api("koordinator").post(f"{path(town, child)}/beginning", {"words": "Nå"})
        assert begun.status_code == 200, begun.text
        draft = town.api("koordinator").get(f"{path(town, child)}/draft").json
        draft |= {name: text for name, text in whole(town).items() if name != "goals"}
        saved = town.api("koordinator").put(f"{path(town, child)}/draft", draft)
        assert made(town, saved.json, "koordinator", child).status_code == 201
        approved(town, child, 2)
    with town.later(minutes=3):
        judge(town, child, key, "Mens den individuelle planen gjaldt")
        shown = town.browser("laerer").text(f"/barn/{child}/plan/versjoner/1")
        for text in (shown, printed(town, child, "laerer", 1)):
            assert "Mens tiltaksplanen gjaldt" in text
            assert "Mens den individuelle planen gjaldt" not in text
        assert "individuelle planen gjaldt" in town.browser("mor").text(f"/barn/{child}/plan")
        for who, held in (("laerer", []), ("mor", [2])):
            on = f"{path(town, child)}/versions?on={town.today}"
            assert [one["number"] for one in town.api(who).get(on).json["items"]] == held
            there = town.browser(who).text(f"/barn/{child}/plan/dag?dag={town.today}")
            assert ("Vi øver på skolen" in there) is bool(held), who
            assert ("som du ikke kan lese, gjaldt" in there) is not bool(held), who
        assert end(town, child).status_code == 200
    with town.later(minutes=4):
        back = {"version": 1, "part": saved.json["goals"][0]["key"]}
        back["seen_version"] = draft_of(town, "laerer", child)["seen_version"]
        again = town.api("laerer").post(f"{path(town, child)}/draft/restoration", back)
        assert again.status_code == 200, again.text
        assert made(town, again.json, child=child).status_code == 201
    with town.later(minutes=5):
        reader = town.browser("laerer")
        for there in ("", f"/tiltak/{key}", f"/tiltak/{key}/evaluer"):
            text = reader.text(f"/barn/{child}/plan{there}")
            assert "Mens tiltaksplanen gjaldt" in text, there
            assert "Mens den individuelle planen gjaldt" not in text, there


def test_a_mother_ends_it_and_the_coordinator_is_told(town):
    child = in_force(town)
    there = f"/barn/{child}/plan/avslutt"
    mother = town.browser("mor")
    assert f'href="{there}"' in mother.get(f"/barn/{child}/plan").text
    assert "Hvem har sagt det" not in mother.text(there)
    refused = mother.send(there, {"reason": "family_wish"})
    assert refused.status_code == 422
    sent = {"reason": "family_wish", "words": "Vi vil ha ro en stund."}
    assert mother.send(there, sent).status_code == 303
    assert town.one(PlanEvent).said_by == "Mor Demo"
    assert town.one(Task, Task.kind == TaskKind.PLAN_ENDED).user_id == town.users["koordinator"]
    assert "Ta en prat om veien videre" in town.browser("koordinator").text("/")
    for who in ("laerer", "bup", "ppt"):
        assert town.browser(who).get(there).status_code in {403, 404}


def test_a_new_plan_goes_on_with_the_numbers_and_what_was_can_come_back(town):
    child = begun_again(town)
    api = town.api("koordinator")
    seen = api.get(f"{path(town, child)}/draft").json
    assert seen["goals"] == []
    old = api.get(f"{path(town, child)}/versions/1").json["content"]
    back = {"version": 1, "part": old["goals"][0]["key"], "seen_version": seen["seen_version"]}
    again = api.post(f"{path(town, child)}/draft/restoration", back)
    assert again.json["goals"] == old["goals"]
    more = {name: value for name, value in whole(town).items() if name != "goals"}
    draft = drafted(town, again.json["goals"], "koordinator", child, **more)
    assert made(town, draft, "koordinator", child).json["number"] == 2


def test_the_family_asks_for_a_plan_and_beginning_it_answers(town):
    child = ended(town)
    wish = {"action": "plan.create", "words": "Vi vil ha en plan igjen."}
    there = f"/children/{child}/requests"
    assert town.api("mor").post(there, wish).status_code == 201
    assert town.browser("mor").get(f"/barn/{child}/plan/begynn").status_code == 403
    begun = town.browser("koordinator").send(f"/barn/{child}/plan/begynn", {"words": "Ja."})
    assert begun.status_code == 303
    assert town.one(Task, Task.action == "plan.create").done_text == "Planen er begynt."


def test_a_coordinator_is_told_half_a_year_before_a_child_is_of_age(town):
    child = an_ip_child(town)
    birth = town.born(18) + timedelta(days=100)
    with town.work("koordinator") as work:
        work.session.execute(update(Child).where(Child.id == child).values(birth_date=birth))
        assert commands.remind(work.session, town.now, town.profile) == 1
        assert commands.remind(work.session, town.now, town.profile) == 0
    task = town.one(Task, Task.kind == TaskKind.ADULT_SOON)
    assert (task.user_id, task.due_on) == (
        town.users["koordinator"],
        birth.replace(year=birth.year + 18),
    )


@pytest.mark.parametrize(("years", "signs"), [(15, "Foresatt"), (16, "Ungdommen")])
def test_who_decides_is_who_signs_on_paper(town, years, signs):
    child = waiting(town)
    with town.database.writing() as session:
        born = town.born(years)
        session.execute(update(Child).where(Child.id == child).values(birth_date=born))
    text = printed(town, child, "koordinator", 1).splitlines()
    assert {"Foresatt", "Ungdommen", "Barnet"} & set(text) == {signs}


LEAP = date(2028, 2, 29)


@pytest.mark.parametrize(
    ("born", "today", "until", "soon"),
    [
        (date(2010, 3, 1), LEAP, date(2028, 8, 29), True),  # tomorrow
        (date(2010, 2, 28), LEAP, date(2028, 8, 29), False),  # the day before yesterday
        (date(2010, 3, 1), date(2027, 8, 29), LEAP, False),
        (date(2010, 2, 28), date(2027, 8, 29), LEAP, True),
        (date(2012, 2, 29), date(2030, 2, 28), date(2030, 8, 28), True),  # on 1 March
        (date(2012, 2, 29), date(2029, 8, 28), date(2030, 2, 28), False),
    ],
)
def test_a_leap_day_brings_nobody_s_coming_of_age_nearer(town, born, today, until, soon):
    child = an_ip_child(town)
    with town.work("koordinator") as work:
        work.session.execute(update(Child).where(Child.id == child).values(birth_date=born))
        work.session.execute(update(CoordinatorAppointment).values(from_on=date(2026, 1, 1)))
        found = waits.soon_of_age(work.session, today, until)
    assert [one[0] for one in found] == ([child] if soon else [])


def test_who_coordinates_no_more_is_told_nothing(town):
    child = an_ip_child(town)
    birth = town.born(18) + timedelta(days=100)
    with town.work("koordinator") as work:
        work.session.execute(update(Child).where(Child.id == child).values(birth_date=birth))
        over = town.today - timedelta(days=1)
        work.session.execute(update(CoordinatorAppointment).values(until_on=over))
        assert commands.remind(work.session, town.now, town.profile) == 0
    assert town.count(Task, Task.kind == TaskKind.ADULT_SOON) == 0


FULL = a_plan(
    goal("g1", [measure("m2", how="Hver dag")]),
    needs="Ro",
    resources="Bøker",
    participants=[{"name": "Mor", "contribution": "Leser"}],
    period_from="2026-08-01",
    period_until="2027-07-31",
    next_revision_on="2027-01-15",
    cooperation=[{"agency": "NAV", "purpose": "", "status": "wanted"}],
)
LACKS = {  # without people nobody brings anything, and without measures nothing is done
    "plan-needs-missing": {"needs": ""},
    "plan-participants-missing": {"participants": []},
    "plan-coordinator-missing": {},
    "plan-contributions-missing": {"participants": [{"name": "Mor", "contribution": ""}]},
    "plan-measures-missing": {"goals": [goal("g1")]},
    "plan-how-missing": {"goals": [goal("g1", [measure("m2")])]},
    "plan-period-missing": {"next_revision_on": None},
    "plan-consent-missing": {},
    "plan-cooperation-missing": {"cooperation": []},
}


@pytest.mark.parametrize("code", [None, *LACKS])
def test_each_part_that_the_law_asks_for_is_missed_alone(code):
    found = rules.parts_by_law(
        {**FULL, **LACKS.get(code, {})},
        has_coordinator=code != "plan-coordinator-missing",
        has_consent=code != "plan-consent-missing",
    )
    follows = {
        "plan-participants-missing": "plan-contributions-missing",
        "plan-measures-missing": "plan-how-missing",
    }
    lacks = [name for name in (code, follows.get(code)) if name]
    assert [name for name, there in found.items() if not there] == lacks


CHILD = Party("Ida Demo", "ida", "barn", frozenset({"barn"}))
MOR = Party("Kari Demo", None, "mor", frozenset({"mor"}))
ROWS = {
    "account": ({"name": "Idamor", "username": "ida"}, [CHILD]),
    "name": ({"name": "ida demo", "role": "planens eier"}, [CHILD]),
    "first name": ({"name": "Ida"}, [CHILD]),
    "role": ({"name": "Vår jente", "role": "Barn"}, [CHILD]),
    "another's account": ({"name": "Ida", "username": "laerer"}, []),
    "somebody of hers": ({"name": "Per", "role": "fadder for barnet"}, []),
    "mother": ({"name": "Mor"}, [MOR]),
    "both": ({"name": "Ida og mor", "role": "barn, mor"}, [CHILD, MOR]),
    "her mother": ({"name": "Gerd", "role": "mormor"}, []),
}


@pytest.mark.parametrize("row", ROWS)
def test_who_must_take_part_is_known_by_account_name_or_what_he_is(row):
    said, there = ROWS[row]
    content = {**FULL, "participants": [{**said, "contribution": "Er med"}]}
    missing = [one for one in (CHILD, MOR) if one not in there]
    assert rules.left_out(content, [CHILD, MOR]) == missing
    parts = rules.parts_by_law(
        content, has_coordinator=True, has_consent=True, parties=[CHILD, MOR]
    )
    assert parts["plan-contributions-missing"] is (not missing)
    assert parts["plan-participants-missing"] is True


def test_all_nine_that_an_empty_plan_lacks_are_named_at_once():
    found = rules.parts_by_law(EMPTY, has_coordinator=False, has_consent=False)
    assert [name for name, there in found.items() if not there] == list(LACKS)
    assert len(found) == 9


def test_who_misses_a_goal_is_led_to_where_it_is_written(town):
    child = an_ip_child(town)
    drafted(town, [], "koordinator", child)
    page = town.browser("koordinator").get(f"/barn/{child}/plan/utkast").text
    lacks = page[page.index("Det en individuell plan skal ha") :]
    said = lacks[lacks.index("Mål, ressurser og behov") : lacks.index("Hvem som deltar")]
    assert 'href="#mal"' in said
    assert "/plan/utkast/tekst" in said


@pytest.mark.parametrize("who", rules.WHOSE)
def test_that_nobody_else_is_needed_is_an_answer_when_somebody_says_so(who):
    said = {**FULL, "cooperation": [], "no_cooperation": who}
    assert all(rules.parts_by_law(said, has_coordinator=True, has_consent=True).values())
    assert not rules.cooperation_problems(said)
    both = {**FULL, "no_cooperation": who}
    assert rules.cooperation_problems(both) == {"no_cooperation": ["cooperation-both"]}


def test_what_is_there_is_shown_calmly_while_the_plan_is_written(town):
    child = an_ip_child(town)
    drafted(town, [a_goal(measures=[a_measure(town)])], "koordinator", child)
    there = f"/barn/{child}/plan/utkast"
    assert "3 av 9 deler er på plass" in town.browser("koordinator").text(there)
    assert "deler er på plass" not in town.browser("mor").text(there)


def test_who_is_asked_on_paper_is_named_the_coordinator_too(town):
    child = an_ip_child(town)
    submitted(town, child)
    file = town.browser("koordinator").get(f"/barn/{child}/plan.docx?versjon=1")
    tables = Document(BytesIO(file.data)).tables
    (signed,) = [one for one in tables if one.cell(0, 0).text == "Rolle"]
    rows = [[cell.text for cell in row.cells[:2]] for row in signed.rows[1:]]
    assert rows[-1] == ["Koordinator", "Koordinator Demo"]
    assert {role for role, _ in rows[:-1]} == {"Foresatt"}


def test_what_was_signed_on_paper_is_hers_who_signed_and_says_who_wrote_it_in(town):
    child = an_ip_child(town)
    submitted(town, child)
    coordinator = town.api("koordinator")
    guardians = coordinator.get(f"/children/{child}/guardians").json["items"]
    who = next(one["id"] for one in guardians if one["name"] == "Mor Demo")
    paper = {"answer": "approve", "method": "signed", "given_on": str(town.today)}
    there = f"{path(town, child)}/versions/1/approvals"
    assert coordinator.post(there, {**paper, "on_behalf_of": who}).status_code == 200
    file = town.browser("koordinator").get(f"/barn/{child}/plan.docx?versjon=1")
    tables = Document(BytesIO(file.data)).tables
    (given,) = [one for one in tables if one.cell(0, 0).text == "Hvem"][-1:]
    assert given.cell(1, 0).text.split("\n") == ["Mor Demo", "Skrevet inn av Koordinator Demo"]


def test_the_document_and_the_page_say_the_same_day_to_go_through_the_plan(town):
    child = an_ip_child(town)
    late = {**whole(town), "next_revision_on": str(town.today + timedelta(days=300))}
    draft = drafted(town, who="koordinator", child=child, **late)
    assert made(town, draft, "koordinator", child).status_code == 201
    approved(town, child)
    browser = town.browser("koordinator")
    day = full_day(months_after(town.today, 6))
    shown = browser.text(f"/barn/{child}/plan")
    assert f"Planen gås gjennom innen {' '.join(day.split())}" in shown
    said = lines(browser.get(f"/barn/{child}/plan.docx").data)
    assert f"Neste revisjon: {day}" in said


def test_who_signed_on_paper_confirms_it_later(town):
    child = an_ip_child(town)
    submitted(town, child)
    coordinator = town.api("koordinator")
    guardians = coordinator.get(f"/children/{child}/guardians").json["items"]
    who = {one["name"]: one["id"] for one in guardians}
    there, page = f"{path(town, child)}/versions/1/approvals", f"/barn/{child}/plan"
    for name in ("Mor Demo", "Far Demo"):
        paper = {"answer": "approve", "method": "signed", "given_on": str(town.today)}
        assert coordinator.post(there, {**paper, "on_behalf_of": who[name]}).status_code == 200
    mother, father = town.browser("mor"), town.browser("far")
    assert "Stemmer det at du sa ja til versjon 1?" in mother.text(page)
    assert "Stemmer det at du" not in town.browser("koordinator").text(page)
    shown = mother.text(f"{page}/versjoner/1")
    assert shown.count("på papir, ikke bekreftet") == 2
    assert town.api("mor").post(there, {"answer": "reject"}).status_code == 409
    assert mother.send(f"{page}/versjoner/1/svar", {"answer": "approve"}).status_code == 303
    assert "Stemmer det at du" not in mother.text(page)
    assert "Stemmer det at du" in father.text(page)
    shown = father.text(f"{page}/versjoner/1")
    assert "på papir, bekreftet" in shown
    assert shown.count("på papir, ikke bekreftet") == 1
    told = coordinator.get(f"{path(town, child)}/versions/1").json
    assert told["state"] == "in_force"
    assert [one["method"] for one in told["answers"]] == ["signed", "signed"]
    assert sorted(bool(one["confirmed_at"]) for one in told["answers"]) == [False, True]
    assert town.api("mor").post(there, {"answer": "approve"}).status_code == 409  # once is enough
    file = town.browser("koordinator").get(f"/barn/{child}/plan.docx")
    assert "Underskrevet på papir, bekreftet" in lines(file.data)


def test_a_paper_to_confirm_waits_on_the_family_s_first_page_till_it_is_confirmed(town):
    child = an_ip_child(town)
    submitted(town, child)
    coordinator, mother = town.api("koordinator"), town.browser("mor")
    guardians = coordinator.get(f"/children/{child}/guardians").json["items"]
    who = {one["name"]: one["id"] for one in guardians}
    there = f"{path(town, child)}/versions/1/approvals"
    paper = {"answer": "approve", "method": "signed", "given_on": str(town.today)}
    page, asks = f"/barn/{child}/plan/versjoner/1", "Stemmer det at du sa ja til versjon 1"

    def listed(name):
        items = town.api(name).get("/worklist").json["items"]
        return [one["href"] for one in items if one["kind"] == "confirmation"]

    for name in ("Mor Demo", "Far Demo"):
        assert coordinator.post(there, {**paper, "on_behalf_of": who[name]}).status_code == 200
    first = mother.text("/familie")
    assert first.count(asks) == 2  # and once in what a screen reader says of the button
    assert listed("mor") == listed("far") == [f"{page}#bekreft"]
    assert listed("koordinator") == []
    assert asks in mother.text(page)
    assert mother.send(f"{page}/svar", {"answer": "approve"}).status_code == 303
    assert asks not in mother.text("/familie")
    assert listed("mor") == []
    assert asks in town.browser("far").text("/familie")


def test_any_two_versions_are_compared_in_the_document_too(town):
    for summary, about_me in (("Én", "Jeg leser"), ("To", "Jeg klatrer"), ("Tre", "Jeg svømmer")):
        draft = drafted(town, made_of(town), about_me=about_me)
        assert made(town, draft, summary=summary).status_code == 201
    browser, there = town.browser("laerer"), f"/barn/{town.child}/plan"
    page = browser.get(f"{there}/sammenlign?fra=1&til=3").text
    (way,) = re.findall(r'href="([^"]*plan\.docx[^"]*)"', page)
    said = lines(browser.get(way.replace("&amp;", "&")).data)
    assert "Endringer siden versjon 1" in said
    assert any(one.startswith("Sammenlignet med versjon 1, fra ") for one in said)
    assert "Jeg leser" in said
    assert "Jeg klatrer" not in said
    before = lines(browser.get(f"{there}.docx?versjon=3").data)
    assert "Endringer siden forrige versjon" in before
    assert "Jeg klatrer" in before
    assert browser.get(f"{there}.pdf?versjon=3&fra=1").mimetype == "application/pdf"
    for fra in (3, 9):
        assert browser.get(f"{there}.docx?versjon=3&fra={fra}").status_code == 404


def test_where_something_has_moved_is_one_sentence_after_another(town):
    goals = [a_goal(text="Jeg vil lese."), a_goal(text="Jeg vil klatre.")]
    first = drafted(town, goals)
    assert made(town, first).status_code == 201
    second = drafted(town, first["goals"][::-1])
    assert made(town, second).status_code == 201
    file = town.browser("laerer").get(f"/barn/{town.child}/plan.docx")
    (said,) = [one for one in lines(file.data) if "Står nå" in one]
    assert ".." not in said


def test_who_declines_a_plan_is_told_that_the_right_to_a_coordinator_stands(town):
    town.agree(town.child, "skole", "ke", "bup")
    declined = {"answer": "declined", "reason": "Ikke nå, sier familien."}
    up = town.api("laerer").post(
        f"/children/{town.child}/level-changes", level(3, ip_assessment=declined)
    )
    assert up.status_code == 201, up.text
    said = town.browser("mor").text(f"/barn/{town.child}/niva")
    assert "takket nei. Retten til koordinator gjelder fortsatt." in said


def test_nothing_is_late_in_a_version_that_another_has_followed(town):
    soon = town.today + timedelta(days=5)
    draft = drafted(town, next_revision_on=str(soon))
    assert made(town, draft).status_code == 201
    there, said = f"/barn/{town.child}/plan", f"gjennom {on_page(soon)}"
    with town.later(days=6):
        assert f"Skulle vært gått {said}" in town.browser("laerer").text(there)
        goals = town.api("laerer").get(f"{path(town)}/draft").json["goals"]
        later = str(soon + timedelta(days=90))
        draft = drafted(town, goals, next_revision_on=later)
        assert made(town, draft).status_code == 201
        old = town.browser("laerer").text(f"{there}/versjoner/1")
    assert "Skulle vært" not in old
    assert f"Planen skulle gås gjennom innen {on_page(soon)}" in old


HIS = {"name": "Ida Demo", "role": "barn", "contribution": "Sier hva hun vil"}
THEIRS = [
    {"name": "Mor", "username": "mor", "contribution": "Leser hjemme"},
    {"name": "Far Demo", "contribution": "Kjører til trening"},
]


@pytest.mark.parametrize(
    ("years", "rows", "missing"),
    [
        (9, THEIRS, ["Ida Demo"]),
        (9, [HIS, THEIRS[0]], ["Far Demo"]),
        (9, [HIS, *THEIRS], []),
        (16, THEIRS, ["Ida Demo"]),  # who decides alone may leave the parents out
        (16, [HIS], []),
    ],
)
def test_the_child_and_those_who_say_yes_are_among_those_who_take_part(town, years, rows, missing):
    child = an_ip_child(town)
    born = town.born(years)
    with town.work("koordinator") as work:
        work.session.execute(update(Child).where(Child.id == child).values(birth_date=born))
    draft = drafted(town, who="koordinator", child=child, **whole(town) | {"participants": rows})
    holder, plan = town.browser("koordinator"), f"/barn/{child}/plan/utkast"
    for page in (plan, f"{plan}/deltakere"):
        assert ("Mangler: " + ", ".join(missing) + "." in holder.text(page)) is bool(missing)
    form = holder.get(f"{plan}/deltakere").text
    for name in missing:
        assert f'value="{name}"' in form
    answer = made(town, draft, "koordinator", child)
    if missing:
        found = [one["code"] for one in answer.json["error"]["obstacles"]]
        assert found == ["plan-contributions-missing"]
    else:
        assert answer.status_code == 201, answer.text
