"""Cells R of the matrix: who may only ask, makes a task for one who may, and gets an answer."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from stafett.access.models import Tie
from stafett.access.policy import (
    GRANTS,
    RETAINED_BY_HOLDER,
    RETAINERS,
    Action,
    Cell,
    Facts,
    Held,
    Relation,
    Span,
    decide,
    may_ask,
)
from stafett.audit.models import TrailRow
from stafett.people import commands as people
from stafett.people.models import Service, User
from stafett.tasks.models import Task
from stafett.tasks.rules import ASKED_BY_ITSELF, REQUESTS
from tests.plan.scene import an_ip_child

TODAY = date(2026, 3, 2)
BLOCK = "guardian.block"
WHY = {"words": "Han møter opp på skolen."}


def ask(town, who, action, **more):
    wish = {"action": action, **WHY, **more}
    return town.api(who).post(f"/children/{town.child}/requests", wish)


def test_everything_that_the_matrix_lets_people_ask_for_has_words():
    asked = {action for action in Action if {Cell.ASK, Cell.TWO} & set(GRANTS[action].values())}
    assert asked == REQUESTS.keys() | ASKED_BY_ITSELF
    assert not REQUESTS.keys() & ASKED_BY_ITSELF


@pytest.mark.parametrize("action", list(Action))
def test_who_may_ask_is_what_the_matrix_says(action):
    today = Facts(TODAY)
    for relation, cell in GRANTS[action].items():
        concern = action in {"concern.decide", "concern.read", "concern.share", "concern.talk"}
        if concern and relation in {Relation.CA, Relation.UL}:
            continue
        assert may_ask([Held(relation)], action, today) == (cell in {Cell.ASK, Cell.TWO})
        blocked = [Held(relation), Held(Relation.BLOCK)]
        assert not may_ask(blocked, action, today)
        over = Span(TODAY - timedelta(days=9), TODAY - timedelta(days=1))
        assert not may_ask([Held(relation, over)], action, today)
        retained = relation in RETAINERS and action in RETAINED_BY_HOLDER
        assert not may_ask([Held(relation, covers=())], action, today) or retained


def test_two_people():
    """A cell 2 says yes only to what another has asked for."""
    for action in Action:
        for relation, cell in GRANTS[action].items():
            if cell is Cell.TWO:
                assert not decide([Held(relation)], action, Facts(TODAY)).allowed
                assert decide([Held(relation)], action, Facts(TODAY, asked=True)).allowed
            elif cell in {Cell.ASK, Cell.NO, Cell.BREAK_GLASS}:
                assert not decide([Held(relation)], action, Facts(TODAY, asked=True)).allowed


def test_a_mother_asks_for_a_block_and_reads_the_answer(town):
    """Nobody of koordinerende enhet knows the child: its leader is tied until he has answered."""
    made = ask(town, "mor", BLOCK, object_id=str(town.far))
    assert made.status_code == 201
    assert made.json["done_at"] is None
    task = town.one(Task, Task.action == BLOCK)
    assert (task.service_id, task.object_id) == (town.services["ke"], town.far)
    leader = town.browser("ke.leder")
    assert "ber deg sperre en foresatt ute" in leader.text("/")
    assert WHY["words"] in leader.text(f"/oppgave/{task.id}")
    blocked = town.api("ke.leder").post(f"/guardians/{town.far}/block", {"reason": "Vedtak"})
    assert blocked.status_code == 200
    answer = {"text": "Far er sperret fra i dag."}
    assert leader.send(f"/oppgave/{task.id}", answer).status_code == 303
    page = town.browser("mor").text(f"/barn/{town.child}/be-om")
    assert "Besvart" in page
    assert answer["text"] in page
    mine = town.api("mor").get(made.headers["Location"]).json["items"]
    assert [one["answer"] for one in mine] == [answer["text"]]
    assert town.api("ke.leder").get(f"/children/{town.child}").status_code == 404


def test_a_request_goes_to_the_nearest_who_may(town):
    """The holder may take somebody in; what only a guardian may, goes to nobody else."""
    assert ask(town, "ppt", "member.invite").status_code == 201
    assert town.one(Task, Task.action == "member.invite").user_id == town.users["laerer"]
    assert town.count(Tie, Tie.basis == "request") == 0
    assert "Ppt Demo ber deg ta noen med" in town.browser("laerer").text("/")


@pytest.mark.parametrize(
    ("who", "action", "about"),
    [
        ("laerer", "member.invite", None),  # he may do it himself
        ("mor", "member.remove", None),  # so may she
        ("ppt", "coordinator.appoint", None),  # not his to ask
        ("mor", BLOCK, None),  # of whom?
        ("mor", BLOCK, "child"),
        ("mor", "log.open", None),  # it is open
        ("mor", "concern.decide", None),  # a concern asks by itself
        ("mor", "entry.list", None),
    ],
)
def test_what_may_not_be_asked_for_is_said_at_its_field(town, who, action, about):
    before = town.rows()
    more = {"object_id": str(town.child)} if about else {}
    answer = ask(town, who, action, **more)
    assert answer.status_code == 422
    assert answer.json["error"]["fields"].keys() == {"action"}
    assert town.rows() == before


def test_asking_twice_before_the_answer_is_a_conflict(town):
    assert ask(town, "ppt", "member.invite").status_code == 201
    before = town.rows()
    assert ask(town, "ppt", "member.invite").status_code == 409
    assert town.rows() == before
    assert ask(town, "mor", "member.invite").status_code == 201


def test_a_coordinator_whose_account_is_closed_is_not_asked(town):
    town.child = an_ip_child(town)
    assert ask(town, "mor", "group.add_member").status_code == 201
    (before,) = asked(town, "group.add_member")
    assert before == (town.users["koordinator"], None)
    with town.work("admin") as work:
        people.disable(work, work.session.get_one(User, before[0]))
    assert ask(town, "far", "group.add_member").status_code == 201
    assert asked(town, "group.add_member") == [before, (None, town.services["ke"])]


def asked(town, action):
    with town.database.reading() as session:
        rows = select(Task).where(Task.action == action).order_by(Task.made_at)
        return [(row.user_id, row.service_id) for row in session.scalars(rows)]


def test_nobody_to_ask(town):
    with town.database.writing() as session:
        session.execute(update(Service).values(kind="other"))
    before = town.rows()
    answer = ask(town, "mor", BLOCK, object_id=str(town.far))
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json["error"]["obstacles"]] == ["nobody-to-ask"]
    assert town.rows() == before


def test_strangers_and_the_administrator_find_nothing(town):
    for who in ("nyansatt", "admin", "personvernombud", "bup"):
        assert town.api(who).get(f"/children/{town.child}/requests").status_code == 404
        assert ask(town, who, BLOCK, object_id=str(town.far)).status_code == 404


def test_the_page_lists_what_may_be_asked_for_and_keeps_what_was_typed(town):
    browser, path = town.browser("mor"), f"/barn/{town.child}/be-om"
    assert "Be om noe" in browser.text(f"/barn/{town.child}")
    page = browser.text(path)
    assert "Far Demo" in page
    assert "Mor Demo" not in page.replace("Mor Demo Logg ut", "")
    about = f"{path}?action={BLOCK}&object_id={town.far}"
    wish = {"action": BLOCK, "object_id": str(town.far), "words": " "}
    refused = browser.send(about, wish)
    assert refused.status_code == 422
    assert "Fyll ut dette feltet" in refused.text
    odd = browser.send(about, {**wish, "action": "log.open", "words": "Dette skrev jeg"})
    assert odd.status_code == 422
    assert "Dette skrev jeg" in odd.text
    sent = browser.send(about, {**wish, "words": "Han skal ikke se dette."})
    assert sent.status_code == 303
    assert "Venter på svar" in browser.text(path)
    assert "Han skal ikke se dette." not in town.browser("far").text(path)
    with town.database.reading() as session:
        row = session.query(TrailRow).filter(TrailRow.action == "request.make").one()
        assert row.changes == {"asked": BLOCK}


def test_who_has_nothing_to_ask_for_is_told_so(town):
    assert "ikke noe du trenger å be om" in town.browser("ke.leder").text(
        f"/barn/{_tied(town)}/be-om"
    )


def test_a_child_is_not_spoken_of_as_another_to_itself(town):
    town.tie("ungdom", "C16")
    page = town.browser("ungdom").text(f"/barn/{town.child}/be-om")
    assert "Rette opplysninger om deg" in page
    assert "om barnet" not in page
    assert "Ta mor Demo ut av lista over foresatte" in page.replace("Mor", "mor")


def _tied(town):
    town.tie("ke.leder", "KEL")
    return town.child


def test_the_family_is_led_from_what_is_written_of_the_child_to_where_it_is_mended(town):
    page = town.browser("mor").get(f"/barn/{town.child}/om").text
    there = f"/barn/{town.child}/be-om?action=child.edit_identity"
    assert f'<a href="{there}">Be om at det blir rettet</a>' in page
    assert "Rette opplysninger om barnet" in town.browser("mor").text(there)
    assert "Be om at det blir rettet" not in town.browser("laerer").text(f"/barn/{town.child}/om")
