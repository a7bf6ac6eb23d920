"""How plans stand, for koordinerende enhet: nothing of what they say, and no child too many."""

from datetime import date

import pytest
from sqlalchemy import update

from stafett.access.ties import ties_of
from stafett.audience.rules import viewer_of_plan
from stafett.children.models import Child
from stafett.plan import queries
from stafett.plan.models import Plan
from stafett.team.models import CoordinatorAppointment
from tests.plan.scene import REVISED_AFTER, an_ip_child, approved, made, submitted
from tests.plan.test_visibility import add, choose, draft_of
from tests.statements import sent_to

PAGE = "/ke/planer"


@pytest.fixture
def child(town):
    child = an_ip_child(town)
    town.tie("ke.leder", "KEL", child)
    town.tie("ke.saksbehandler", "KE", child)
    return child


def listed(town, who="ke.leder"):
    return town.api(who).get("/plans").json["items"]


def test_it_says_how_a_plan_stands_and_nothing_of_what_it_says(town, child):
    goal = submitted(town, child)["content"]["goals"][0]["text"]
    (one,) = listed(town)
    assert one == {
        "child_id": str(child),
        "child_name": "Ida Demo",
        "coordinator": "Koordinator Demo",
        "revise_on": None,
        "waits_since": str(town.today),
    }
    approved(town, child)
    (one,) = listed(town, "ke.saksbehandler")
    assert (one["revise_on"], one["waits_since"]) == (str(town.today + REVISED_AFTER), None)
    shown = town.browser("ke.leder").text(PAGE)
    assert "Ida Demo" in shown
    assert goal not in shown
    with town.work("koordinator") as work:
        work.session.execute(update(Plan).values(revise_on=date(2026, 1, 2)))
    assert "Skulle vært gått gjennom 2. januar 2026" in town.browser("ke.leder").text(PAGE).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert PAGE in town.browser("ke.leder").get("/").text


def test_a_child_without_a_coordinator_comes_first(town, child):
    other = an_ip_child(town, coordinated=False, consented=False)
    town.tie("ke.leder", "KEL", other)
    assert [one["coordinator"] for one in listed(town)] == [None, "Koordinator Demo"]
    assert "Ingen koordinator" in town.browser("ke.leder").text(PAGE)


def test_a_coordinator_whose_days_are_over_is_none(town, child):
    appointed = "koordinator"
    with town.work(appointed) as work:
        until = update(CoordinatorAppointment).values(until_on=town.today)
        work.session.execute(until)
    assert [one["coordinator"] for one in listed(town)] == ["Koordinator Demo"]
    with town.later(days=1):
        assert [one["coordinator"] for one in listed(town)] == [None]


def test_only_those_whom_one_follows_and_never_the_strictly_protected(town, child):
    for who in ("laerer", "koordinator", "rektor", "mor", "personvernombud", "nyansatt"):
        assert listed(town, who) == [], who
    with town.work("laerer") as work:
        change = update(Child).where(Child.id == child)
        work.session.execute(change.values(address_protection="strengt_fortrolig"))
    assert listed(town) == []
    assert "Ida Demo" not in town.browser("ke.leder").text(PAGE)


def test_a_version_that_says_nothing_new_to_him_does_not_wait_for_him(town, child):
    submitted(town, child)
    approved(town, child)
    before = listed(town, "ke.saksbehandler")
    key = add(town, "koordinator", child)
    assert choose(town, "koordinator", key, "named", child, named=["mor", "far"]).status_code == 200
    made(town, draft_of(town, "koordinator", child), "koordinator", child)
    assert listed(town, "ke.saksbehandler") == before


def test_it_asks_as_often_for_many_children_as_for_one(town, child):
    with sent_to(town.database) as first:
        listed(town)
    for _ in range(3):
        town.tie("ke.leder", "KEL", an_ip_child(town))
    with sent_to(town.database) as then:
        assert len(listed(town)) == 4
    assert len(then) == len(first) > 0


@pytest.mark.parametrize("who", ["koordinator", "bup", "mor", "ke.leder", "nyansatt"])
def test_what_one_sees_of_many_plans_is_asked_of_all_at_once(town, child, who):
    children = {child, an_ip_child(town), an_ip_child(town)}
    for one, named in zip(children, (["bup"], ["mor"], ["bup", "mor"]), strict=True):
        key = add(town, "koordinator", one)
        chosen = choose(town, "koordinator", key, "named", one, named=named)
        assert chosen.status_code == 200, chosen.text
    with town.work(who) as work:
        with sent_to(town.database) as asked:
            found = queries.sights(work, children)
        assert len(asked) == 2
        for one in children:
            held = ties_of(work.session, work.actor, one, work.now)
            viewer = viewer_of_plan(work.actor, held, work.today)
            assert found[one] == queries.sight(work.session, one, viewer)
        assert queries.sights(work, []) == {}
