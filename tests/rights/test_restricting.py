"""Restricting a record (GDPR art. 18): who reads on, what stops, and how it is lifted."""

from datetime import timedelta

import pytest

from stafett.access.models import Restriction, Tie
from stafett.audit.models import TrailRow
from stafett.children.models import Child
from stafett.tasks.models import Task
from tests.plan.scene import a_goal, a_measure, an_ip_child, drafted, made, submitted
from tests.town import PEOPLE

ASK = {"right": "restriction", "words": "Det som står om skolen, er ikke riktig."}
YES = {"restricted": True, "reason": "Vi sjekker om det stemmer."}
NO = {"restricted": False, "reason": "Det er ikke grunn til det."}


def lifting(town, **more):
    return {"reason": "Det er rettet.", "told_on": str(town.today), **more}


def page(town):
    return f"/barn/{town.child}/begrensning"


def path(town):
    return f"/children/{town.child}/restrictions"


@pytest.mark.parametrize(
    ("years", "decides", "reads"),
    [(9, "familien", "familien"), (16, "Nora", "familien"), (18, "Nora", "Nora")],
)
def test_who_decides_is_told_and_who_reads_is_named(town, years, decides, reads):
    assert town.api("mor").post(f"/children/{town.child}/rights-requests", ASK).status_code == 201
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    leader, begun = town.browser("ke.leder"), f"{reads[0].upper()}{reads[1:]}"
    asked = leader.text(page(town))
    assert f"Bare {reads}, den som har stafettpinnen og du kan lese" in asked
    assert f"men {decides} trenger at de blir tatt vare på" in asked
    assert f"{begun} får lese det." in asked
    assert leader.send(page(town), YES).status_code == 303
    stopped = leader.text(page(town))
    assert f"sier du det til {decides} først." in stopped
    assert f"Når fikk {decides} vite det?" in stopped
    assert "Bare de, den som har stafettpinnen" in town.browser("laerer").text(
        f"/barn/{town.child}"
    )


@pytest.fixture
def restricted(town):
    assert town.api("mor").post(f"/children/{town.child}/rights-requests", ASK).status_code == 201
    assert town.api("ke.leder").post(path(town), YES).status_code == 200
    return town


def test_the_leader_decides_by_the_task_and_the_asker_has_the_answer(town):
    assert town.browser("mor").send(f"/barn/{town.child}/rettigheter", ASK).status_code == 303
    task = town.one(Task, Task.kind == "decide_restriction")
    leader = town.browser("ke.leder")
    assert page(town) in leader.get(f"/oppgave/{task.id}").text
    assert f"Mor Demo skriver: Stanse bruken av noe mens dere ser på det. {ASK['words']}" in (
        leader.text(page(town))
    )
    assert leader.client.get(f"/barn/{town.child}").status_code == 404
    answer = leader.send(page(town), {"reason": "Det jeg skrev"})
    assert answer.status_code == 422
    assert "Det jeg skrev" in answer.text
    assert leader.send(page(town), NO).status_code == 303
    assert town.count(Restriction) == 0
    assert NO["reason"] in town.browser("mor").text(f"/barn/{town.child}/rettigheter")
    assert leader.client.get(page(town)).status_code == 404
    assert town.count(TrailRow, TrailRow.action == "dsr.restrict") == 0


def test_the_services_stop_and_the_family_holder_and_leader_read_on(restricted):
    town, child = restricted, f"/barn/{restricted.child}"
    for who in ("mor", "laerer"):
        assert town.browser(who).client.get(f"{child}/stafettlogg").status_code == 200
        assert town.browser(who).client.get(f"{child}/plan").status_code == 200
        assert "Bruken av opplysningene ble stanset" in town.browser(who).text(child)
    member = town.browser("ppt")
    assert "Bruken av opplysningene ble stanset" in member.text(child)
    assert "Det er ikke åpnet noen stafettlogg" not in member.text(child)
    shut = "Så lenge bruken er stanset, kan du ikke lese stafettloggen og planen her."
    for who, says in (("ppt", True), ("laerer", False), ("mor", False)):
        assert (shut in town.browser(who).text(child)) is says, who
    for part in ("stafettlogg", "plan", "niva"):
        assert member.client.get(f"{child}/{part}").status_code == 403
    for who, words in (
        ("ppt", "år Bruken er stanset Vises ikke"),
        ("laerer", "år Nivå 1, bruken er stanset Laerer Demo"),
    ):
        assert words in town.browser(who).text("/")
    row = next(one for one in town.api("ppt").get("/children").json["items"])
    assert (row["level"], row["holder"]) == (None, None)
    assert town.api("laerer").get("/children").json["items"][0]["level"] == 1
    assert "Dette skal gjøres" not in town.browser("laerer").text(child)
    assert "ikke skrive i den" not in town.browser("laerer").text(f"{child}/stafettlogg")
    folk = town.browser("laerer").text(f"{child}/folk")
    for words in (
        "Mor Demo mor Familien Lese og skrive",
        "Laerer Demo laerer Har stafettpinnen Lese Til",
        "Ppt Demo ppt Demo-ppt Ikke noe nå",
    ):
        assert words in folk
    shown = town.api("ppt").get(f"/children/{town.child}").json
    assert shown["restricted_at"]
    assert shown["level"] is None
    note = {"kind": "note", "text": "Nytt.", "visibility": "everyone"}
    for who in ("laerer", "ppt"):
        assert town.api(who).post(f"/children/{town.child}/entries", note).status_code == 403
    assert town.api("mor").post(f"/children/{town.child}/entries", note).status_code == 201
    assert town.browser("mor").client.get(f"{child}/kopi.zip").status_code == 200
    for document in ("stafettlogg.docx", "plan.docx"):
        for who in ("laerer", "ppt"):
            assert town.browser(who).client.get(f"{child}/{document}").status_code == 403
    invite = {"username": "helsesykepleier", "writes": True, "until": str(town.today)}
    assert town.api("laerer").post(f"/children/{town.child}/members", invite).status_code == 403


def test_it_is_lifted_once_the_family_has_been_told(restricted):
    town, leader = restricted, restricted.browser("ke.leder")
    task = town.one(Task, Task.kind == "lift_restriction")
    assert task.due_on == town.today + timedelta(days=30)
    assert town.api("ke.leder").post(path(town), YES).status_code == 409
    for told_on in (town.today + timedelta(days=1), town.today - timedelta(days=1)):
        answer = leader.send(f"{page(town)}/opphev", lifting(town, told_on=str(told_on)))
        assert answer.status_code == 422
        assert "Det er rettet." in answer.text
    assert leader.send(f"{page(town)}/opphev", lifting(town)).status_code == 303
    assert town.browser("ppt").client.get(f"/barn/{town.child}/stafettlogg").status_code == 200
    told = town.browser("mor").text(f"/barn/{town.child}/rettigheter")
    assert YES["reason"] in told
    assert "Det er rettet." in told
    seen = town.browser("far").text(f"/barn/{town.child}/innsyn")
    assert "stanset bruken av opplysningene" in seen
    assert "åpnet for at opplysningene brukes igjen" in seen
    open_ties = (Tie.basis == "task", Tie.ended_at.is_(None), Tie.source_id == task.id)
    assert town.count(Tie, *open_ties) == 0
    town.tie("ke.leder", "KEL")
    assert town.api("ke.leder").post(f"{path(town)}/lift", lifting(town)).status_code == 409


@pytest.mark.parametrize("who", [one for one in PEOPLE if one != "ke.leder"])
def test_the_leader_of_koordinerende_enhet_decides_and_nobody_else(restricted, who):
    before = restricted.rows()
    assert restricted.api(who).get(path(restricted)).status_code in {403, 404}
    for call, wish in (("", YES), ("/lift", lifting(restricted))):
        answer = restricted.api(who).post(path(restricted) + call, wish)
        assert answer.status_code in {403, 404}
    assert restricted.rows() == before


def test_nobody_is_told_no_who_has_not_asked_and_all_who_have_are_answered(town):
    town.tie("ke.leder", "KEL")
    assert town.api("ke.leder").post(path(town), NO).status_code == 409
    for who in ("mor", "far"):
        assert town.api(who).post(f"/children/{town.child}/rights-requests", ASK).status_code == 201
    assert town.api("ke.leder").post(path(town), YES).json["items"][0]["ended_at"] is None
    assert town.count(Task, Task.kind == "decide_restriction", Task.done_at.is_(None)) == 0


def test_what_cannot_be_done_now_waits_on_no_list(town):
    soon = (town.today + timedelta(days=3)).isoformat()
    measure = a_measure(town, responsible="ppt", evaluate_on=soon)
    draft = drafted(town, [a_goal(measures=[measure])])
    assert made(town, draft).status_code == 201
    child = an_ip_child(town)
    submitted(town, child)
    lists = {"ppt": "Høytlesing", "koordinator": "Planen venter på svar"}
    for who, words in lists.items():
        assert words in town.browser(who).text("/")
    for one in (town.child, child):
        town.tie("ke.leder", "KEL", child=one)
        answer = town.api("ke.leder").post(f"/children/{one}/restrictions", YES)
        assert answer.status_code == 200
    for who, words in lists.items():
        assert words not in town.browser(who).text("/")
