"""A parent without parental responsibility asks for himself, and learns nothing by asking."""

import pytest

from stafett.disclosure.models import DisclosureRequest
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from tests.disclosure.test_disclosure import decide, granted

BORN = "2017-05-01"


@pytest.fixture
def parent(town):
    """A father with an account and without parental responsibility."""
    wish = {"name": "Ungdom Demo", "relation": "far", "username": "ungdom"}
    wish |= {"parental_responsibility": False, "lives_with": False}
    return town.api("laerer").post(f"/children/{town.child}/guardians", wish).json["id"]


def ask(town, who="ungdom", **more):
    wish = {"birth_date": BORN, "wish": "Hvordan går det?", **more}
    return town.api(who).post("/disclosures", wish)


def test_it_reaches_the_leader_once_and_is_decided_as_any_other(town, parent):
    assert ask(town).json == {"answer": "received"}
    assert ask(town, wish="En gang til").json == {"answer": "received"}
    request = town.one(DisclosureRequest)
    assert (request.wish, request.registered_by) == ("Hvordan går det?", town.users["ungdom"])
    assert town.count(Task, Task.kind == TaskKind.DECIDE_DISCLOSURE) == 1
    page = town.browser("ke.leder").text(f"/foresatt/{parent}/opplysninger")
    assert "Hvordan går det?" in page
    assert town.api("ungdom").get(f"/guardians/{parent}/disclosures").status_code == 404
    assert decide(town, parent, granted(town)).status_code == 200
    assert town.api("ungdom").get(f"/guardians/{parent}/disclosures").status_code == 200


@pytest.mark.parametrize("who", ["ungdom", "mor", "far"])
@pytest.mark.parametrize("born", [BORN, "2016-05-01"])
def test_the_answer_is_the_same_whether_there_is_a_child_or_not(town, who, born):
    """A stranger, a parent with responsibility, a wrong day: nothing is stored or said."""
    sent = {"birth_date": born, "wish": "Hvordan går det?"}
    assert town.api(who).post("/disclosures", sent).json == {"answer": "received"}
    form = town.browser(who).send("/familie/be-om-opplysninger", sent)
    assert (form.status_code, form.location) == (303, "/familie/be-om-opplysninger/sendt")
    assert "Vi kan ikke si her" in town.browser(who).text(form.location)
    assert town.count(DisclosureRequest) == 0


def test_who_is_no_guardian_any_more_is_not_found(town, parent):
    town.tie("ke.leder", "KEL")
    ended = town.api("ke.leder").post(f"/guardians/{parent}/end", {"reason": "Feil"})
    assert (ended.status_code, ask(town).json) == (200, {"answer": "received"})
    assert town.count(DisclosureRequest) == 0


def test_staff_take_it_down_on_the_parents_page_alone(town):
    for who in ("laerer", "ke.leder", "bup", "admin", "personvernombud"):
        assert ask(town, who).status_code == 403, who
    before = town.rows()
    refused = town.browser("ungdom").send("/familie/be-om-opplysninger", {"wish": "Hei"})
    assert (refused.status_code, town.rows()) == (422, before)
    assert "Hei" in refused.get_data(as_text=True)
