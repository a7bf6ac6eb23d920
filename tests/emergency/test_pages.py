"""Break-glass: what it opens, to whom, until when, who is told, and who looks at it afterwards."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from stafett.access.models import AccessRow, Tie
from stafett.audit.models import TrailRow
from stafett.children.models import Child
from stafett.dates import oslo_date
from stafett.emergency import commands, rules
from stafett.emergency.commands import OpenRecord
from stafett.emergency.models import Duty, Emergency
from stafett.emergency.rules import Category
from stafett.errors import FieldError, RuleBrokenError
from stafett.people.models import User
from stafett.tasks.models import Task
from tests.statements import sent_to
from tests.town import PEOPLE

NUMBER = "01051712345"
WHY = "Barnevernvakta står hos en gutt som ikke får puste."
WISH = {"national_id": NUMBER, "category": "life_or_health", "reason": WHY}
FOUND = {"outcome": "needed", "words": "Det var riktig."}


@pytest.fixture(autouse=True)
def _numbered(town):
    with town.database.writing() as session:
        session.execute(update(Child).where(Child.id == town.child).values(national_id=NUMBER))


def opened(town, who="ke.leder", **more):
    answer = town.browser(who).send("/nodtilgang", {**WISH, **more})
    assert answer.status_code == 303, answer.text
    return town.one(Emergency, Emergency.user_id == town.users[who])


def put_on_duty(town, who="nyansatt", **more):
    day = town.today.isoformat()
    wish = {"username": who, "from_on": day, "until_on": day, **more}
    return town.browser("ke.leder").send("/nodtilganger/vakt", wish)


def test_the_leader_reads_one_child_for_an_hour_and_writes_nothing(town):
    leader, api = town.browser("ke.leder"), town.api("ke.leder")
    child = f"/barn/{town.child}"
    other, *_ = town.family("Ola Demo")
    assert leader.get(child).status_code == 404
    answer = leader.send("/nodtilgang", WISH)
    assert (answer.status_code, answer.location) == (303, child)
    for path in (child, f"{child}/stafettlogg", f"{child}/plan", f"{child}/om", f"{child}/folk"):
        assert leader.get(path).status_code == 200, path
    assert leader.get(f"/barn/{other}").status_code == 404
    note = {"kind": "note", "text": "x", "visibility": "everyone"}
    assert api.post(f"/children/{town.child}/entries", note).status_code == 403
    assert api.get(f"/children/{town.child}/plan.docx").status_code in {403, 404}
    assert leader.get(f"{child}/innsyn").status_code == 403
    with town.later(minutes=59, seconds=59):
        assert leader.get(child).status_code == 200
    with town.later(minutes=62):
        assert leader.get(child).status_code == 404
        assert "nødsituasjon" not in leader.get("/").text


def test_the_page_of_a_refusal_says_it_too_while_it_is_open(database, town):
    leader, child = town.browser("ke.leder"), f"/barn/{town.child}"

    def refused():
        return {
            404: leader.get(f"/barn/{uuid4()}"),
            403: leader.get(f"{child}/innsyn"),
            405: leader.client.put(child),
        }

    with sent_to(database) as before:
        leader.get(f"/barn/{uuid4()}")
    emergency = opened(town)
    for status, answer in refused().items():
        assert answer.status_code == status
        assert "st-emergency" in answer.text, status
        assert f'href="{child}">Nora Demo</a> i en nødsituasjon' in answer.text
        assert f"/nodtilgang/{emergency.id}/" in answer.text
    assert "st-emergency" not in town.browser("laerer").get(f"/barn/{uuid4()}").text
    assert leader.send(f"/nodtilgang/{emergency.id}/lukk").status_code == 303
    for answer in refused().values():
        assert "st-emergency" not in answer.text
    with sent_to(database) as after:
        leader.get(f"/barn/{uuid4()}")
    assert len(after) == len(before)  # nobody else's page asks for more


@pytest.mark.parametrize("by", ["national_id", "child_id"])
def test_a_record_that_is_protected_meanwhile_does_not_stay_open(town, monkeypatch, by):
    judge, strict = rules.obstacles_to_opening, {"protection": "strengt_fortrolig", "reason": "x"}
    with ThreadPoolExecutor(1) as pool:
        protected = []

        def meanwhile(*given, **more):
            there = f"/children/{town.child}/protection"
            protected.append(pool.submit(town.api("laerer").post, there, strict))
            wait(protected, timeout=1)
            return judge(*given, **more)

        monkeypatch.setattr(rules, "obstacles_to_opening", meanwhile)
        named = {"national_id": "", by: WISH["national_id"] if by == "national_id" else town.child}
        town.browser("ke.leder").send("/nodtilgang", {**WISH, **named})
        assert protected[0].result().status_code == 200
    assert town.browser("ke.leder").get(f"/barn/{town.child}").status_code == 404
    assert town.count(Emergency, Emergency.closed_at.is_(None)) == 0


def test_every_page_says_that_it_is_open_and_how_it_is_closed(town):
    leader = town.browser("ke.leder")
    assert "st-emergency" not in leader.get("/").text
    emergency = opened(town)
    for path in ("/", f"/barn/{town.child}", "/min/logg", "/nodtilganger"):
        assert "Du har åpnet" in leader.get(path).text, path
    assert "st-emergency" not in town.browser("laerer").get(f"/barn/{town.child}").text
    assert leader.send(f"/nodtilgang/{emergency.id}/lukk").status_code == 303
    assert leader.get(f"/barn/{town.child}").status_code == 404
    assert "st-emergency" not in leader.get("/").text
    closed = town.one(Emergency)
    assert closed.closed_at is not None
    leader.send(f"/nodtilgang/{emergency.id}/lukk")  # twice does no more
    assert town.one(Emergency).closed_at == closed.closed_at


def test_the_family_sees_at_once_that_it_was_opened_and_why_but_not_the_words(town):
    opened(town)
    town.browser("ke.leder").get(f"/barn/{town.child}/stafettlogg")
    for name in ("mor", "far"):
        page = town.browser(name).text(f"/barn/{town.child}/innsyn")
        assert "Nødtilgang: Ke.Leder Demo (Demo-ke) åpnet alt om barnet" in page
        assert "fare for liv eller helse" in page
        assert "Nødtilgang: Ke.Leder Demo (Demo-ke) leste stafettloggen" in page
        assert "Ke.Leder åpnet det i en nødsituasjon" in page
        assert WHY not in page
    rows = town.api("mor").get(f"/children/{town.child}/access-log").json["items"]
    assert {row["who"] for row in rows if row["emergency"]} == {"Ke.Leder Demo"}
    assert any(not row["emergency"] for row in rows)


def test_the_log_says_on_which_basis_it_was_read(town):
    opened(town)
    town.browser("ke.leder").get(f"/barn/{town.child}")
    with town.database.reading() as session:
        basis = select(AccessRow.basis).where(AccessRow.child_id == town.child)
        assert session.scalars(basis).all() == ["BG"]
    row = town.one(TrailRow, TrailRow.action == "bg.invoke")
    assert (row.child_id, row.changes) == (town.child, {"category": "life_or_health"})


def test_an_alert_goes_to_all_who_oversee_but_to_who_opened_it(town):
    emergency = opened(town)
    task = town.one(Task, Task.kind == "emergency")
    assert task.user_id == town.users["personvernombud"]
    due_on = oslo_date(emergency.opened_at + timedelta(hours=72))
    assert (task.source_id, task.due_on) == (emergency.id, due_on)
    officer = town.browser("personvernombud")
    assert f"/nodtilganger/{emergency.id}" in officer.get(f"/oppgave/{task.id}").text
    assert "Noen har brukt nødtilgang" in officer.text("/")


def test_the_alert_names_the_child_to_those_alone_who_may_know_of_it(town):
    put_on_duty(town)
    opened(town, "nyansatt")

    def alert(who):
        found = town.api(who).get("/worklist").json["items"]
        (one,) = [item for item in found if "nødtilgang" in item["title"]]
        return one["child_id"], "Nora" in town.browser(who).text("/nodtilganger")

    leader = town.browser("ke.leder")
    task = town.one(Task, Task.user_id == town.users["ke.leder"])
    assert alert("ke.leder") == (None, False)
    assert "Det gjelder Nyansatt Demo" in leader.text("/")
    assert "Nora" not in leader.text(f"/oppgave/{task.id}")
    assert alert("personvernombud") == (str(town.child), True)
    town.tie("ke.leder", "KEL")
    assert alert("ke.leder") == (str(town.child), True)


def test_another_person_reviews_and_the_tasks_are_done(town):
    assert put_on_duty(town).status_code == 303
    emergency = opened(town, "nyansatt")
    assert town.count(Task, Task.kind == "emergency") == 2
    town.browser("nyansatt").get(f"/barn/{town.child}/stafettlogg")
    leader = town.browser("ke.leder")
    assert "et barn du ikke har tilgang til" in leader.text("/nodtilganger")
    page = leader.text(f"/nodtilganger/{emergency.id}")
    assert WHY in page
    assert "Leste stafettloggen" in page
    assert "Nora" not in page
    assert ("Alle som har brukt" in page, "Tilbake" in page) == (True, False)  # one way back
    assert "Nora Demo" in town.browser("personvernombud").text(f"/nodtilganger/{emergency.id}")
    assert leader.send(f"/nodtilganger/{emergency.id}", {"words": "Ja"}).status_code == 422
    assert leader.send(f"/nodtilganger/{emergency.id}", FOUND).status_code == 303
    reviewed = town.one(Emergency)
    assert (reviewed.reviewed_by, reviewed.outcome) == (town.users["ke.leder"], "needed")
    assert town.count(Task, Task.kind == "emergency", Task.done_at.is_(None)) == 0
    # What was still open closed with it, so that nothing is read unreviewed.
    assert town.browser("nyansatt").get(f"/barn/{town.child}").status_code == 404
    again = town.browser("personvernombud").send(f"/nodtilganger/{emergency.id}", FOUND)
    assert again.status_code == 409


def test_nobody_reviews_himself(town):
    emergency = opened(town)
    leader = town.browser("ke.leder")
    assert "Ingenting venter" in leader.text("/nodtilganger")
    assert leader.get(f"/nodtilganger/{emergency.id}").status_code == 404
    assert leader.send(f"/nodtilganger/{emergency.id}", FOUND).status_code == 404
    assert town.one(Emergency).reviewed_at is None


def test_who_is_not_reviewed_in_time_opens_no_more(town):
    emergency = opened(town)
    with town.later(hours=73):
        answer = town.browser("ke.leder").send("/nodtilgang", WISH)
        assert answer.status_code == 422
        assert "Ingen har sett på forrige gang" in answer.text
        assert WHY in answer.text  # nothing typed is lost
    town.browser("personvernombud").send(f"/nodtilganger/{emergency.id}", FOUND)
    with town.later(hours=74):
        assert "Ingen har sett på" not in town.browser("ke.leder").text("/nodtilgang")


def test_three_in_thirty_days_are_the_most(town):
    for hours in (0, 2, 4):
        with town.work("ke.leder", town.now + timedelta(hours=hours)) as work:
            commands.open_record(work, wish(town), work.now)
    rows = town.rows()
    late = town.now + timedelta(hours=6)
    with pytest.raises(RuleBrokenError) as error, town.work("ke.leder", late) as work:
        commands.open_record(work, wish(town), late)
    assert error.value.obstacles == ("emergency-too-often",)
    assert town.rows() == rows


def wish(town, **more):
    return OpenRecord(Category.MISSING, WHY, **{"child_id": town.child, **more})


def test_a_token_and_an_old_log_in_prove_nobody(town):
    refused = town.api("ke.leder").post("/emergencies", WISH)
    assert refused.status_code == 422
    assert refused.json["error"]["obstacles"][0]["code"] == "log-in-again"
    with town.later(minutes=11):
        leader = town.browser("ke.leder")
        assert "Logg inn på nytt" in leader.text("/nodtilgang")
        assert leader.send("/nodtilgang", WISH).status_code == 422
    assert town.count(Emergency) == 0


def test_strict_protection_a_block_and_a_missing_child_are_answered_alike(town):
    leader = town.browser("ke.leder")
    answers = [leader.send("/nodtilgang", {**WISH, "national_id": "31129956715"})]
    block = town.tie("ke.leder", "BLOCK")
    answers.append(leader.send("/nodtilgang", WISH))
    with town.database.writing() as session:
        session.delete(session.get_one(Tie, block))
        protected = update(Child).where(Child.id == town.child)
        session.execute(protected.values(address_protection="strengt_fortrolig"))
    answers.append(leader.send("/nodtilgang", WISH))
    for answer in answers:
        assert answer.status_code == 422
        assert "Vi finner ikke barnet" in answer.text
    assert town.count(Emergency) == 0
    for given in ({"child_id": town.child}, {"child_id": None, "national_id": NUMBER}):
        with pytest.raises(FieldError), town.work("ke.leder") as work:
            commands.open_record(work, wish(town, **given), town.now)


def test_a_block_that_comes_later_beats_what_is_open(town):
    opened(town)
    town.tie("ke.leder", "BLOCK")
    assert town.browser("ke.leder").get(f"/barn/{town.child}").status_code == 404


def test_what_is_meant_for_some_by_name_and_the_childs_room_stay_closed(town):
    ids = {}
    for visibility, more in (
        ("everyone", {}),
        ("professionals", {}),
        ("named", {"named": ["ppt"]}),
        ("own_service", {}),
    ):
        note = {"kind": "note", "text": f"Dette er {visibility}", "visibility": visibility, **more}
        answer = town.api("laerer").post(f"/children/{town.child}/entries", note)
        assert answer.status_code == 201, answer.json
        ids[visibility] = answer.json["id"]
    opened(town)
    page = town.browser("ke.leder").text(f"/barn/{town.child}/stafettlogg")
    assert [name for name in ids if f"Dette er {name}" in page] == ["everyone", "professionals"]
    assert town.browser("ke.leder").get(f"/barn/{town.child}/rom").status_code in {403, 404}


def test_family_opens_nothing_of_its_own(town):
    with town.database.writing() as session:
        leader = session.get_one(User, town.users["mor"])
        leader.roles = "staff ke_leader"
    with pytest.raises(RuleBrokenError) as error, town.work("mor") as work:
        commands.open_record(work, wish(town), town.now)
    assert error.value.obstacles == ("emergency-own-family",)


def test_nothing_opens_when_nobody_could_review_it(town):
    with town.database.writing() as session:
        gone = update(User).where(User.username == "personvernombud")
        session.execute(gone.values(disabled_at=town.now))
    answer = town.browser("ke.leder").send("/nodtilgang", WISH)
    assert answer.status_code == 422
    assert "Kommunen har ingen annen" in answer.text
    assert town.count(Emergency) == 0


def test_only_the_leader_and_who_is_on_duty_may_open(town):
    for name in set(PEOPLE) - {"ke.leder"}:
        assert town.browser(name).send("/nodtilgang", WISH).status_code == 403, name
        assert town.browser(name).get("/nodtilgang").status_code == 403, name
    assert put_on_duty(town).status_code == 303
    assert opened(town, "nyansatt").user_id == town.users["nyansatt"]


def test_the_menu_leads_there_for_those_who_may_open_and_for_nobody_else(town):
    day = str(town.today + timedelta(days=1))
    assert put_on_duty(town, "ppt", from_on=day, until_on=day).status_code == 303
    assert put_on_duty(town).status_code == 303
    for who, may in (("ke.leder", True), ("nyansatt", True), ("ppt", False), ("laerer", False)):
        menu = town.browser(who).get("/").text
        assert ('href="/nodtilgang"' in menu) is may, who
    assert 'href="/nodtilgang"' not in town.browser("mor").get("/familie").text


def test_duty_is_from_a_day_to_a_day_and_never_ones_own(town):
    yesterday = (town.today - timedelta(days=1)).isoformat()
    tomorrow = (town.today + timedelta(days=1)).isoformat()
    assert put_on_duty(town, from_on=tomorrow, until_on=tomorrow).status_code == 303
    assert town.browser("nyansatt").get("/nodtilgang").status_code == 403
    for who, more in (
        ("ke.leder", {}),
        ("mor", {}),
        ("ingen", {}),
        ("ppt", {"until_on": yesterday}),
        ("ppt", {"until_on": (town.today + timedelta(days=400)).isoformat()}),
    ):
        assert put_on_duty(town, who, **more).status_code == 422, (who, more)
    assert town.count(Duty) == 1
    assert town.browser("laerer").send("/nodtilganger/vakt", {}).status_code == 403


def test_taken_off_the_list_is_out_at_once(town):
    put_on_duty(town)
    opened(town, "nyansatt")
    duty = town.one(Duty)
    leader = town.browser("ke.leder")
    assert "Nyansatt Demo" in leader.text("/nodtilganger/vakt")
    assert leader.send(f"/nodtilganger/vakt/{duty.id}").status_code == 303
    assert "Ingen står på lista" in leader.text("/nodtilganger/vakt")
    browser = town.browser("nyansatt")
    assert browser.get(f"/barn/{town.child}").status_code == 404
    assert browser.get("/nodtilgang").status_code == 403


def test_what_is_typed_wrong_is_said_at_its_field(town):
    answer = town.browser("ke.leder").send("/nodtilgang", {**WISH, "reason": "Haster"})
    assert answer.status_code == 422
    assert "Skriv minst 30 tegn" in answer.text
    assert 'href="#reason"' in answer.text
    answer = town.browser("ke.leder").send("/nodtilgang", {"reason": WHY})
    assert 'href="#category"' in answer.text
    answer = town.browser("ke.leder").send("/nodtilgang", {**WISH, "national_id": ""})
    assert 'href="#national_id"' in answer.text
    assert town.count(Emergency) == 0


def test_json_in_a_session(town):
    leader = town.browser("ke.leder")
    headers = {"X-CSRFToken": leader.token}
    made = leader.client.post("/api/v1/emergencies", json=WISH, headers=headers)
    assert made.status_code == 201, made.json
    assert made.headers["Location"] == f"/api/v1/children/{town.child}"
    assert leader.client.get(made.headers["Location"]).json["relations"] == ["emergency"]
    officer = town.api("personvernombud")
    (waiting,) = officer.get("/emergencies").json["waiting"]
    assert (waiting["who"], waiting["child"]) == ("Ke.Leder Demo", "Nora Demo")
    closed = town.api("ke.leder").post(f"/emergencies/{waiting['id']}/close")
    assert closed.json["closed_at"] is not None
    reviewed = officer.post(f"/emergencies/{waiting['id']}/review", FOUND)
    assert (reviewed.json["outcome"], reviewed.json["reviewer"]) == (
        "needed",
        "Personvernombud Demo",
    )
    assert (
        town.api("ke.leder").post(f"/emergencies/{waiting['id']}/review", FOUND).status_code == 404
    )


def test_who_knows_of_the_child_finds_the_way_from_its_page(town):
    leader = town.browser("ke.leder")
    town.tie("ke.leder", "KEL")
    page = leader.get(f"/barn/{town.child}").text
    assert f"/nodtilgang?child_id={town.child}" in page
    form = leader.get(f"/nodtilgang?child_id={town.child}")
    assert "Du åpner <strong>Nora Demo</strong>" in form.text
    other, *_ = town.family("Ola Demo")
    assert "Ola" not in leader.get(f"/nodtilgang?child_id={other}").text
    wish = {**WISH, "national_id": "", "child_id": str(town.child)}
    answer = leader.send(f"/nodtilgang?child_id={town.child}", {**wish, "reason": "x"})
    assert "Du åpner <strong>Nora Demo</strong>" in answer.text
    assert leader.send("/nodtilgang", wish).status_code == 303
