"""Fifty people save one plan at once, and make versions: none is lost, none overwrites another."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from stafett.audit.models import TrailRow
from stafett.plan.models import PlanVersion
from tests.plan.scene import drafted, made, path
from tests.proof import WHOLE

PEOPLE, SAVES = 50, 20 if WHOLE else 2


def test_every_save_stands_or_is_told_of_the_other(town):
    drafted(town)
    there = f"{path(town)}/draft"
    saved = (TrailRow.action == "plan.edit_tiltaksplan", TrailRow.child_id == town.child)
    before = town.count(TrailRow, *saved)
    first, built_on = town.api("laerer").get(there).json["seen_version"], {}

    def one_of_them(who):
        api, came = town.api("laerer"), Counter()
        for turn in range(SAVES):
            now = api.get(there).json
            wish = {"seen_version": now["seen_version"], "goals": now["goals"]}
            answer = api.put(there, {**wish, "needs": f"{who}, for {turn}. gang"})
            came[answer.status_code] += 1
            if answer.status_code == 200:  # a second save on top of the same is one that was lost
                assert wish["seen_version"] not in built_on
                built_on[wish["seen_version"]] = answer.json["seen_version"]
            if answer.status_code == 409:
                assert answer.json["error"]["current"]["needs"] != f"{who}, for {turn}. gang"
            if turn % 5 == 0:
                came["version", made(town, now).status_code] += 1
        return came

    with ThreadPoolExecutor(PEOPLE) as pool:
        came = sum(pool.map(one_of_them, range(PEOPLE)), Counter())
    assert came[200] + came[409] == PEOPLE * SAVES, came
    assert town.count(TrailRow, *saved) - before == came[200]
    last = first
    for _ in built_on:  # each on top of the one before, up to what stands
        last = built_on[last]
    assert last == town.api("laerer").get(there).json["seen_version"]
    with town.database.reading() as session:
        numbers = sorted(
            session.scalars(PlanVersion.__table__.select().with_only_columns(PlanVersion.number))
        )
    assert numbers == list(range(1, came["version", 201] + 1))
