"""What waits is true also where one of age, or a youth who decides alone, is the one asked."""

import pytest

from stafett.children.models import Child
from stafett.worklist.queries import TASKS


def test_no_task_takes_for_granted_that_a_family_answers():
    assert [title for title in TASKS.values() if "familien" in title.lower()] == []


@pytest.mark.parametrize(("years", "who"), [(17, "foresatte"), (18, "Nora")])
def test_a_concern_is_talked_of_with_who_decides(town, years, who):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    wish = {"observed": "Sitter alene.", "worry": 3}
    made = town.api("laerer").post(f"/children/{town.child}/concerns", wish)
    assert made.status_code == 201, made.text
    items = town.api("laerer").get("/worklist").json["items"]
    told = [one["title"] for one in items if one["kind"] == "concern"]
    assert told == [f"Snakk med {who} om det du er bekymret for"]


@pytest.mark.parametrize("days", [40, 80])
def test_the_holder_s_list_names_no_family(town, days):
    with town.later(days=days):
        titles = [one["title"] for one in town.api("laerer").get("/worklist").json["items"]]
    assert titles
    assert [one for one in titles if "familien" in one.lower()] == []
