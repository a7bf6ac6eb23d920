"""The worklist: what is late, what waits, what is coming, and what one waits for others to do."""

import re
from datetime import timedelta

from sqlalchemy import update

from stafett.access.models import Tie
from stafett.stafettlogg.models import Stafettlogg


def due(town, days):
    with town.work("laerer") as work:
        day = {"next_evaluation_on": town.today + timedelta(days=days)}
        work.session.execute(update(Stafettlogg).values(day))


def sections(town, who="laerer"):
    """The headings of the page, with the number of things under each."""
    html = town.browser(who).get("/").get_data(as_text=True)
    parts = re.split(r'<h2[^>]* id="', html.partition("<main")[2])[1:]
    found = {part.partition('"')[0]: part.count("<li") for part in parts}
    assert found.pop("mer") == 1  # a way to ask another service, whatever waits
    return found


def test_a_thing_stands_in_one_list_by_its_day(town):
    for days, where in ((-1, "forsinket"), (0, "venter"), (7, "venter"), (8, "kommer")):
        due(town, days)
        found = sections(town)
        assert found.pop("barna") == 0
        assert found == {where: 1}, days
        (item,) = town.api("laerer").get("/worklist").json["items"]
        assert item["overdue"] is (days < 0)


def test_what_one_has_asked_of_others_stands_until_they_answer(town):
    asked = {"to": "helsesykepleier"}
    made = town.api("laerer").post(f"/children/{town.child}/handovers", asked).json
    wish = {"action": "member.invite", "words": "Ta med helsesykepleieren."}
    answer = town.api("ppt").post(f"/children/{town.child}/requests", wish)
    assert answer.status_code == 201, answer.json
    (mine,) = town.api("laerer").get("/worklist").json["waiting"]
    assert mine == {
        "id": made["id"],
        "kind": "handover",
        "child_id": str(town.child),
        "asked_on": str(town.today),
        "title": "Du har spurt Helsesykepleier Demo om å ta over stafettpinnen",
        "href": f"/overtakelse/{made['id']}",
    }
    (theirs,) = town.api("ppt").get("/worklist").json["waiting"]
    assert theirs["title"] == "Du har bedt Laerer Demo ta noen med i stafettloggen"
    assert sections(town)["andre"] == sections(town, "ppt")["andre"] == 1
    town.api("helsesykepleier").post(f"/handovers/{made['id']}/refusal", {"reason": "Ikke tid."})
    assert town.api("laerer").get("/worklist").json["waiting"] == []


def test_nothing_is_told_of_a_child_one_has_lost(town):
    wish = {"action": "member.invite", "words": "Ta med helsesykepleieren."}
    town.api("ppt").post(f"/children/{town.child}/requests", wish)
    with town.work("laerer") as work:
        gone = update(Tie).where(Tie.user_id == town.users["ppt"])
        work.session.execute(gone.values(ended_at=town.now))
    assert town.api("ppt").get("/worklist").json["waiting"] == []
    assert "Nora" not in town.browser("ppt").text("/")


def test_each_child_says_what_is_next_for_the_reader(town):
    assert "Ingenting nå" in town.browser("laerer").text("/").partition("Barna dine")[2]
    due(town, 3)
    said = town.browser("laerer").text("/").partition("Barna dine")[2]
    assert "Evaluer tiltakene sammen med dem det gjelder" in said


def test_that_nothing_waits_is_said_before_what_comes(town):
    due(town, 8)
    page = town.browser("laerer").text("/")
    assert page.index("Ingenting venter på deg nå.") < page.index("Kommer")


def test_a_concern_waits_for_the_leader_from_its_first_day(town):
    """Its last day is two weeks ahead; he who is worried waits for him now."""
    written = {"observed": "Gråt i garderoben", "worry": 5}
    for name in ("Vera Demo", "Anna Demo"):
        child, _, _ = town.family(name)
        sent = town.api("laerer").post(f"/children/{child}/concerns", written)
        assert sent.status_code == 201, sent.json
    found = sections(town, "rektor")
    assert (found["venter"], "kommer" in found) == (2, False)
    waiting = town.browser("rektor").get("/").text.split('id="venter"')[1].split("</ul>")[0]
    assert waiting.index("Anna Demo") < waiting.index("Vera Demo")


def test_what_is_next_for_two_children_is_told_apart_by_ear(town):
    for name in ("Vera Demo", "Anna Demo"):
        child, _, _ = town.family(name)
        written = {"observed": "Gråt i garderoben", "worry": 5}
        town.api("laerer").post(f"/children/{child}/concerns", written)
    table = town.browser("rektor").get("/").text.split('id="barna"')[1]
    links = [
        re.sub("<[^>]+>", "", one)
        for one in re.findall('<a href="/bekymring/[^>]+>(.*?)</a>', table)
    ]
    assert len(links) == len(set(links)) == 2
