"""A question from one service to another: read by the two, about nobody."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from stafett.access.models import AccessRow
from stafett.audit.models import TrailRow
from stafett.people import commands as people
from stafett.people.models import Service, User
from stafett.questions import queries
from stafett.questions.models import Question
from stafett.questions.rules import tells_who
from tests.races import meet

TEXT = "Et barn på mellomtrinnet sover i timene. Hva kan vi prøve?"
EVERYBODY = (
    *("laerer", "rektor", "nyansatt", "ppt", "helsesykepleier", "ke.leder", "ke.saksbehandler"),
    *("koordinator", "mor", "ungdom", "bup", "admin", "personvernombud"),
)


def ask(town, who="laerer", to="ppt", **changed):
    wish = {"service_id": str(town.services[to]), "text": TEXT, **changed}
    return town.api(who).post("/questions", wish)


def answer(town, question, who="ppt", text="Begynn med søvnen."):
    return town.api(who).post(f"/questions/{question}/answer", {"text": text})


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        (TEXT, False),
        ("Nora sover i timene.", True),
        ("Det er noe med Noras søvn.", True),
        ("(Nora)", True),
        ("Noradrenalin og nora", False),
        ("Liv leker ikke med andre.", True),
        ("Hva er et godt liv?", False),
        ("Jonas' venner", True),
        ("Anne-Li er stille.", True),
        ("Anne er stille.", False),
        ("Nummeret er 01010199999", True),
        ("Nummeret er 010101 99999", True),
        ("Ring 22334455, sak 123456789012", False),
    ],
)
def test_what_tells_who_it_is_about(text, tells):
    names = ["Nora Demo", "Liv Demo", "Jonas Demo-Li", "Anne-Li Demo", " "]
    assert tells_who(text, names) is tells


def test_two_who_answer_at_once_do_not_overwrite_each_other(town, monkeypatch):
    question = ask(town).json["id"]
    meet(monkeypatch, queries, "readable")

    def say(text):
        return text, answer(town, question, text=text).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = dict(pool.map(say, ["Begynn med søvnen.", "Snakk med helsesykepleier."]))
    assert sorted(answers.values()) == [200, 409]
    assert answers[town.one(Question).answer] == 200


def test_the_asker_and_the_asked_service_read_it_and_nobody_else(town):
    made = ask(town)
    assert made.status_code == 201
    assert town.api("laerer").get(made.headers["Location"]).json == made.json
    path = f"/questions/{made.json['id']}"
    status = {who: town.api(who).get(path).status_code for who in EVERYBODY}
    assert {who for who, code in status.items() if code == 200} == {"laerer", "ppt"}
    # As if there were none: the same to a colleague of the asker and about an invented one.
    assert status["nyansatt"] == town.api("nyansatt").get(f"/questions/{uuid4()}").status_code
    for who in ("rektor", "helsesykepleier"):
        assert town.api(who).get("/questions").json["items"] == []
    assert len(town.api("ppt").get("/questions").json["items"]) == 1
    for who in ("mor", "bup", "admin", "personvernombud"):
        assert town.api(who).get("/questions").status_code == 403


def test_there_is_no_child_in_it(town):
    question = ask(town).json["id"]
    assert answer(town, question).status_code == 200
    assert not [one.name for one in Question.__table__.columns if "child" in one.name]
    assert town.count(TrailRow, TrailRow.action.like("question.%")) == 2
    for table in (TrailRow, AccessRow):
        about = (table.action.like("question.%"), table.child_id.is_not(None))
        assert town.count(table, *about) == 0


def test_a_name_or_a_number_is_refused_and_nothing_kept(town):
    before = town.rows()
    for changed, field in (
        ({"text": "Nora sover i timene."}, "text"),
        ({"text": "Barnet er 01010199999."}, "text"),
        ({"text": " "}, "text"),
        ({"service_id": str(uuid4())}, "service_id"),
        ({"service_id": str(town.services["skole"])}, "service_id"),  # one's own
        ({"service_id": str(town.services["stab"])}, "service_id"),  # nobody there may answer
        ({"service_id": "ppt"}, "service_id"),
        ({"child_id": str(town.child)}, "child_id"),
    ):
        refused = ask(town, **changed)
        assert (refused.status_code, list(refused.json["error"]["fields"])) == (422, [field])
    # Who does not know a child called Nora is not told that there is one.
    assert ask(town, "nyansatt", text="Nora sover i timene.").status_code == 201
    assert town.rows()["question"] == before["question"] + 1


def test_the_asked_service_answers_once(town):
    question = ask(town).json["id"]
    for who, status in (("laerer", 403), ("helsesykepleier", 404), ("mor", 404)):
        assert answer(town, question, who).status_code == status, who
    done = answer(town, question)
    assert (done.json["answer"], done.json["answerer"]) == ("Begynn med søvnen.", "Ppt Demo")
    again = answer(town, question, text="Noe annet")
    assert again.json["error"]["current"] == {"answer": "Begynn med søvnen."}
    assert "Begynn med søvnen." in town.browser("laerer").text(f"/sporsmal/{question}")


def waiting(town, who):
    items = town.api(who).get("/worklist").json["items"]
    return [one["child_id"] for one in items if one["kind"] == "question"]


def test_it_waits_for_the_leader_or_for_all_where_nobody_leads(town):
    ask(town)
    assert waiting(town, "ppt") == [None]
    assert "Demo-skole" in town.browser("ppt").text("/")
    with town.database.writing() as session:
        session.get_one(Service, town.services["ppt"]).leader_id = town.users["koordinator"]
    assert (waiting(town, "ppt"), waiting(town, "koordinator")) == ([], [None])
    answer(town, town.one(Question).id, "koordinator")
    assert waiting(town, "koordinator") == []


def test_it_waits_for_all_where_the_leader_s_account_is_closed(town):
    ask(town, "ppt", "skole")
    assert (waiting(town, "laerer"), waiting(town, "rektor")) == ([], [None])
    with town.work("admin") as work:
        people.disable(work, work.session.get_one(User, town.users["rektor"]))
    assert waiting(town, "laerer") == [None]


def test_asked_and_answered_on_the_pages(town):
    teacher = town.browser("laerer")
    form = teacher.text("/sporsmal/nytt")
    assert "Demo-ppt" in form
    assert "Demo-stab" not in form
    sent = {"service_id": str(town.services["ppt"]), "text": "Nora sover."}
    refused = teacher.send("/sporsmal/nytt", sent)
    assert refused.status_code == 422
    assert "Nora sover." in refused.get_data(as_text=True)  # nothing typed is lost
    assert teacher.send("/sporsmal/nytt", {**sent, "text": TEXT}).status_code == 303
    question = town.one(Question).id
    assert "har ikke svart ennå" in teacher.text(f"/sporsmal/{question}")
    asked = town.browser("ppt")
    page = asked.text(f"/sporsmal/{question}")
    assert TEXT in page
    assert ("Til alle spørsmålene" in page, "Tilbake" in page) == (True, False)  # one way back
    assert page.index("Til alle spørsmålene") < page.index("Spørsmål til Demo-ppt")
    assert asked.send(f"/sporsmal/{question}", {"text": "Prøv pauser."}).status_code == 303
    assert "Besvart" in teacher.text("/sporsmal")
