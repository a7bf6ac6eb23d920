"""What somebody does not see of a plan stays whole when he saves it, and leaves no trace; pure."""

from copy import deepcopy
from datetime import UTC, datetime
from random import Random
from uuid import uuid4

from stafett.audience.rules import Audience, Limits, Viewer, Visibility
from stafett.plan import rules
from stafett.plan.rules import EMPTY, PartRow, Sight

ME, OTHER = uuid4(), uuid4()
SEEDS = 500
NOW = datetime(2026, 11, 28, tzinfo=UTC)


def measure(key, what="Lese", goal_keys=()):
    return {
        "key": key,
        "what": what,
        "how": "",
        "where": None,
        "scope": "",
        "service_id": None,
        "responsible": "laerer",
        "starts_on": None,
        "evaluate_on": "2026-12-01",
        "status": "active",
        "goal_keys": list(goal_keys),
    }


def goal(key, *measures, text="Mål", subgoals=()):
    return {
        "key": key,
        "text": text,
        "whose": "child",
        "area": None,
        "success": "",
        "target_on": None,
        "status": "active",
        "subgoals": list(subgoals),
        "measures": list(measures),
    }


def content(*goals, texts=()):
    return {**EMPTY, "goals": list(goals), "texts": list(texts)}


def added(key, text="Tillegg", section="needs"):
    return {"key": key, "section": section, "text": text}


def edited(shown, dice, last):
    """What somebody makes of what he sees: changed, moved, taken away, new."""
    asked = deepcopy(shown)
    for place in (asked["goals"], asked["texts"], *(one["measures"] for one in asked["goals"])):
        if place and dice.random() < 0.3:
            place.pop(dice.randrange(len(place)))
        if dice.random() < 0.3:
            dice.shuffle(place)
    if asked["goals"] and dice.random() < 0.4:
        under, there = dice.choice(asked["goals"]), dice.choice(asked["goals"])
        if under["measures"]:
            there["measures"].append(under["measures"].pop())
        under["text"] = f"Endret {dice.random()}"
    if dice.random() < 0.5:
        asked["goals"].insert(0, goal(None, measure(None), text="Nytt"))
    if dice.random() < 0.3:
        asked["texts"].append(added(None))
    return rules.with_keys(asked, last)


def test_what_is_not_shown_stays_whole_through_any_edits():
    keys = [f"{letter}{number}" for letter in "gmt" for number in range(6)]
    first = content(
        goal("g0", measure("m0"), measure("m1")),
        goal("g1", measure("m2")),
        goal("g2", measure("m3"), measure("m4"), measure("m5")),
        texts=[added("t0"), added("t1", section="about_me")],
    )
    for seed in range(SEEDS):
        dice = Random(seed)
        people = [frozenset(dice.sample(keys, dice.randrange(8))) for _ in range(3)]
        stored, last = first, 100
        for _ in range(dice.randrange(9)):
            stored, last = saved(stored, last, dice.choice(people), dice)


def saved(stored, last, kept_from, dice):
    """One edit by somebody from whom some keys are kept, and what must be true of it."""

    def may(key):
        return key not in kept_from

    before, shown = parts(stored), rules.visible(stored, may)
    asked, last = edited(shown, dice, last)
    made = rules.merged(stored, shown, asked)
    # What he asked for is what he sees; what others took away goes with the last thing in it.
    left = {one["key"] for one in stored["goals"] if one.get("left")}
    stays = [one for one in asked["goals"] if one["measures"] or one["key"] not in left]
    assert rules.visible(made, may) == {**asked, "goals": stays}
    # What he does not see is there, as it was, after what it stood after.
    after, unseen = parts(made), [key for key in before if key not in parts(shown)]
    assert {key: after[key] for key in unseen} == {key: before[key] for key in unseen}
    for place in ("goals", "texts"):
        was, now = ([one["key"] for one in each[place]] for each in (stored, made))
        there = [one["key"] for one in rules.visible(made, may)[place]]
        assert follows(now, unseen, there) == follows(was, unseen, there)
    assert len(after) == len(rules.parts_in(made))  # nothing stands there twice
    return made, last


def follows(keys, unseen, there):
    """After which of those there, and which unseen ones, each unseen one stands."""
    found, last = {}, ["start"]
    for key in keys:
        if key in unseen:
            found[key] = list(last)
            last.append(key)
        elif key in there:
            last = [key]
    return found


def parts(plan):
    """Every part of a plan by key, without what stands in it that has a key of its own."""
    found = {one["key"]: {**one, "measures": None, "left": None} for one in plan["goals"]}
    found |= {one["key"]: one for _, one in rules.measures(plan)}
    return found | {one["key"]: one for one in plan["texts"]}


def test_a_goal_taken_away_is_there_for_those_who_see_what_was_left_in_it():
    stored = content(goal("g0", measure("m0"), measure("m1")), goal("g1"))
    shown = rules.visible(stored, lambda key: key != "m1")
    stored = rules.merged(stored, shown, content(goal("g1")))
    assert rules.visible(stored, lambda key: key != "m1") == content(goal("g1"))
    assert rules.visible(stored, lambda _: True) == content(goal("g0", measure("m1")), goal("g1"))


def test_a_step_that_is_gone_is_no_longer_that_of_a_measure_not_shown():
    steps = [{"key": "d1", "text": "A"}, {"key": "d2", "text": "B"}]
    stored = content(goal("g0", measure("m0", goal_keys=["d1", "d2"]), subgoals=steps))
    shown = rules.visible(stored, lambda key: key != "m0")
    stored = rules.merged(stored, shown, content(goal("g0", subgoals=steps[:1])))
    assert stored["goals"][0]["measures"][0]["goal_keys"] == ["d1"]


def sight(*visibilities, me=OTHER, key="m0"):
    rows = [
        PartRow(uuid4(), key, number, Audience(one, ME, None), Limits(visibility=one), ME, NOW)
        for number, one in enumerate(visibilities, 1)
    ]
    return Sight(Viewer(me, None, reads=True, family=True, room=False), {key: rows})


EVERYONE, PROFESSIONALS = Visibility.EVERYONE, Visibility.PROFESSIONALS


def test_a_version_is_never_more_open_than_it_was_nor_than_the_part_is_now():
    for rows, then, may in (
        ([], {}, True),
        ([PROFESSIONALS], {}, False),  # was open, is narrow now
        ([PROFESSIONALS], {"m0": 1}, False),
        ([PROFESSIONALS, EVERYONE], {"m0": 1}, False),  # was narrow, is open now
        ([PROFESSIONALS, EVERYONE], {"m0": 2}, True),
        ([PROFESSIONALS, EVERYONE], {}, True),
        ([PROFESSIONALS, EVERYONE], None, True),  # the draft
        ([EVERYONE, PROFESSIONALS], {"m0": 1}, False),
    ):
        assert sight(*rows).may("m0", then) is may, (rows, then)
    assert sight(PROFESSIONALS, me=ME).may("m0", {"m0": 1})  # its author


def test_a_token_is_of_what_is_shown_alone():
    empty, one = content(), content(goal("g0"))
    assert rules.token(EMPTY) == rules.token(empty) == 0
    other = content(goal("g0", text="Annet"))
    assert len({rules.token(empty), rules.token(one), rules.token(other)}) == 3
    with_hidden = content(goal("g0"), goal("g9"))
    assert rules.token(rules.visible(with_hidden, lambda key: key != "g9")) == rules.token(one)


def test_what_begins_for_some_only_takes_no_number():
    asked = content(goal(None, measure(None)), texts=[added(None)])
    made, last = rules.with_keys(asked, 7, apart=True)
    assert last == 7
    inside, last = rules.with_keys(content(goal("g1", measure(None))), 7, lambda key: key == "g1")
    assert last == 7
    plain, last = rules.with_keys(content(goal(None, measure(None)), texts=[added(None)]), 7)
    assert last == 9
    assert [one["key"] for one in plain["goals"]] == ["g8"]
    assert len({*rules.parts_in(made), *rules.parts_in(inside)}) == 5
