"""Who has asked in his own words is told when it is answered, and where; not what."""

from datetime import timedelta

import pytest

from stafett.access.policy import Action
from stafett.tasks import commands
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from tests.entries.test_api import write

TOLD = "Du har fått svar på noe du har spurt om"
SAID = "Det sto slik i referatet."


def told(town, who="mor"):
    items = town.api(who).get("/worklist").json["items"]
    return [one["href"] for one in items if one["title"] == TOLD]


def ask(town, kind, object_id=None):
    with town.work("mor") as work:
        to = (town.users["laerer"], None)
        asked = commands.ask_in_words(work, kind, town.child, to, "Hvorfor?", object_id=object_id)
        return asked.id


def answer(town, task, who="laerer"):
    done = town.browser(who).send(f"/oppgave/{task}", {"text": SAID})
    assert done.status_code == 303


@pytest.mark.parametrize(
    ("kind", "page"),
    [(TaskKind.ASK_WHY, "innsyn"), (TaskKind.DSR_REQUEST, "rettigheter")],
)
def test_an_answer_is_told_and_the_page_leads_to_where_it_stands(town, kind, page):
    task = ask(town, kind)
    assert told(town) == []
    answer(town, task)
    (there,) = told(town)
    mother = town.browser("mor")
    assert f"Les svaret : {TOLD}, Nora Demo" in mother.text("/familie")
    shown = mother.get(there).get_data(as_text=True)
    assert f'href="/barn/{town.child}/{page}"' in shown
    assert SAID not in shown
    assert "Tilbake til Min side" in shown
    assert told(town, "far") == told(town, "laerer") == []
    assert mother.send(there, {"text": "Lest."}).status_code == 303
    assert told(town) == []


def test_the_answer_to_a_request_is_told(town):
    with town.work("mor") as work:
        to = (town.users["laerer"], None)
        action = Action.MEMBER_INVITE
        task = commands.request(work, town.child, action, None, "Ta med PPT.", to).id
    answer(town, task)
    (there,) = told(town)
    assert f'href="/barn/{town.child}/be-om"' in town.browser("mor").get(there).text


def test_an_answer_about_an_entry_is_told_while_it_may_be_read(town):
    entry = write(town, "laerer", text="Vi øver.").json["id"]
    asked = town.browser("mor").send(f"/oppforing/{entry}/be-om-retting", {"words": "Nei."})
    assert asked.status_code == 303
    answer(town, town.one(Task, Task.kind == TaskKind.CORRECTION).id)
    (there,) = told(town)
    mother = town.browser("mor")
    assert f'href="/oppforing/{entry}"' in mother.get(there).get_data(as_text=True)
    assert SAID in mother.text(f"/oppforing/{entry}")
    until = str(town.today + timedelta(days=9))
    limits = {"visibility": "professionals", "visibility_reason": "our_work", "review_on": until}
    limits["seen_audience"] = 0
    path = f"/entries/{entry}/visibility"
    assert town.api("laerer").post(path, limits).status_code == 200
    assert told(town) == []


def test_a_text_that_is_corrected_tells_it_by_itself(town):
    entry = write(town, "laerer", text="Vi øver.").json["id"]
    town.browser("mor").get(f"/oppforing/{entry}")
    town.browser("mor").send(f"/oppforing/{entry}/be-om-retting", {"words": "Nei."})
    better = {"text": "Vi leser.", "reason": "feil", "seen_version": 1}
    corrected = town.api("laerer").post(f"/entries/{entry}/corrections", better)
    assert corrected.status_code in {200, 201}, corrected.text
    assert told(town) == []
    assert "Teksten er rettet." in town.browser("mor").text(f"/oppforing/{entry}")
