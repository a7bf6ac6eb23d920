"""Who is in an absent holder's place is told so, and sees what must be done meanwhile."""

from datetime import timedelta

from sqlalchemy import update

from stafett.access.models import Tie
from stafett.stafettlogg.models import Stafettlogg
from tests.team.test_delegates import delegate
from tests.worklist.test_gaps import quiet

EVALUATE = "For Laerer Demo: Evaluer tiltakene sammen med dem det gjelder"
ANEW = "For Laerer Demo: Det er en stund siden noen skrev. Hvordan går det?"


def told(town, who="helsesykepleier"):
    found = town.api(who).get("/worklist").json["items"]
    return [one["title"] for one in found if one["kind"] in {"delegation", "evaluation", "gap"}]


def due(town, days):
    with town.work("laerer") as work:
        on = town.today + timedelta(days=days)
        work.session.execute(update(Stafettlogg).values(next_evaluation_on=on))


def test_the_delegate_is_told_and_sees_what_the_holder_must_see_to(town):
    due(town, 3)
    assert told(town) == []
    made = delegate(town)
    first, evaluate = sorted(told(town))
    assert first.startswith("Du er stedfortreder for Laerer Demo til og med ")
    assert evaluate == EVALUATE
    assert EVALUATE in town.browser("helsesykepleier").text("/")
    own = EVALUATE.removeprefix("For Laerer Demo: ")
    assert told(town, "laerer") == [own]  # it is still hers
    for who in ("ppt", "rektor", "nyansatt", "mor", "ke.leder"):
        assert told(town, who) == [], who
    ended = town.api("laerer").post(f"/delegates/{made.json['id']}/end")
    assert ended.status_code == 200
    assert told(town) == []


def test_that_one_is_a_delegate_is_told_for_a_week_and_the_work_as_long_as_it_lasts(town):
    quiet(town)
    delegate(town)
    with town.work("laerer") as work:
        begun = town.today - timedelta(days=7)
        work.session.execute(update(Tie).where(Tie.for_user_id.is_not(None)).values(from_on=begun))
    assert told(town) == [ANEW]
    with town.work("laerer") as work:
        over = town.today - timedelta(days=1)
        work.session.execute(update(Tie).where(Tie.for_user_id.is_not(None)).values(until_on=over))
    assert told(town) == []


def test_not_before_the_day_and_not_without_the_familys_consent(town):
    due(town, 3)
    ahead = {"from_on": str(town.today + timedelta(days=2))}
    assert delegate(town, **ahead).status_code == 201
    assert told(town) == []
    with town.work("laerer") as work:
        work.session.execute(
            update(Tie).where(Tie.for_user_id.is_not(None)).values(from_on=town.today)
        )
    assert EVALUATE in told(town)
    gone = {"services": [str(town.services["helse"])]}
    assert town.api("mor").post(f"/consents/{town.consent}/withdrawal", gone).status_code == 200
    assert EVALUATE not in told(town)


def test_the_child_page_and_the_list_of_who_reads_name_the_delegate(town):
    delegate(town)
    said = town.browser("mor").text(f"/barn/{town.child}")
    assert "Helsesykepleier Demo er stedfortreder til og med" in said
    assert "stedfortreder for Laerer Demo" in town.browser("mor").text(f"/barn/{town.child}/folk")
    with town.work("laerer") as work:
        ahead = town.today + timedelta(days=1)
        work.session.execute(update(Tie).where(Tie.for_user_id.is_not(None)).values(from_on=ahead))
    assert "er stedfortreder" not in town.browser("mor").text(f"/barn/{town.child}")
