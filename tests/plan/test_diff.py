"""What differs between any two contents is all that it takes to make the second of the first."""

from collections import deque
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from stafett.plan import differences, rules
from tests.plan.test_rules import a_goal, a_measure, a_plan

EMPTY_IS_NONE = {"where", "area", "application", "username", "service_id", *rules.DAYS}
EMPTY_IS_NONE |= {"no_cooperation"}
NESTED = ("subgoals", "measures")
WORDS = st.sampled_from(["", "Lese", "Lese sammen", "Sove selv", "Ha venner, og leke"])
DAYS = st.sampled_from([None, "2026-08-01", "2027-01-15"])
NAMES = st.lists(st.sampled_from(["Mor", "Far", "NAV"]), max_size=4)


@st.composite
def contents(draw):
    """A content whose keys are drawn from few, so that two contents share many."""
    left = [f"{letter}{number}" for letter in "gdmt" for number in range(4)]

    def keys(letter):
        mine = [one for one in left if one.startswith(letter)]
        found = draw(st.permutations(mine))[: draw(st.integers(0, len(mine)))]
        left[:] = [one for one in left if one not in found]
        return found

    def goal(key):
        steps = keys("d")
        under = [
            a_measure(
                one,
                what=draw(WORDS),
                how=draw(WORDS),
                responsible=draw(st.sampled_from(["laerer", "ppt"])),
                evaluate_on=draw(DAYS) or "2027-03-01",
                status=draw(st.sampled_from(rules.MEASURE_STATUSES)),
                application=draw(st.sampled_from([None, *rules.APPLICATIONS])),
                application_on=draw(DAYS),
                application_to=draw(WORDS),
                goal_keys=sorted(steps[: draw(st.integers(0, 4))]),
            )
            for one in keys("m")
        ]
        whose = draw(st.sampled_from(rules.WHOSE))
        made = a_goal(key, under, steps, text=draw(WORDS), whose=whose, target_on=draw(DAYS))
        made["subgoals"] = [{**one, "text": draw(WORDS)} for one in made["subgoals"]]
        return made

    return a_plan(
        *[goal(key) for key in keys("g")],
        about_me=draw(WORDS),
        next_revision_on=draw(DAYS),
        next_meeting_on=draw(DAYS),
        texts=[
            {"key": key, "section": draw(st.sampled_from(rules.SECTIONS)), "text": draw(WORDS)}
            for key in keys("t")
        ],
        participants=[
            {"name": name, "username": None, "role": draw(WORDS), "contribution": ""}
            for name in draw(NAMES)
        ],
        cooperation=[
            {"agency": name, "purpose": draw(WORDS), "status": "wanted"} for name in draw(NAMES)
        ],
        no_cooperation=draw(st.sampled_from([None, *rules.WHOSE])),
    )


def flat(content):
    """The texts of a content, and each of its lists by path: what it has in order, by key."""
    lists = {}

    def put(path, items, called="key"):
        rows = lists[path] = {}
        for one in items:
            same = [key for key in rows if key.split(" (")[0] == one[called]]
            key = f"{one[called]} ({len(same) + 1})" if same else one[called]
            rows[key] = {name: value for name, value in one.items() if name not in NESTED}

    for name, called in (("participants", "name"), ("cooperation", "agency")):
        put(name, content[name], called)
    put("goals", content["goals"])
    put("texts", content["texts"])
    for goal in content["goals"]:
        for kind in NESTED:
            put(f"goals/{goal['key']}/{kind}", goal[kind])
    return {name: content[name] for name in rules.TEXTS}, lists


def applied(old, found):
    """What a content is after some differences, by nothing but what they say."""
    texts, lists = flat(deepcopy(old))
    taken = {one.path: taken_out(lists, one.path) for one in found.moved}
    for one in sorted(found.removed, key=lambda one: -one.path.count("/")):
        there, _, key = one.path.rpartition("/")
        lists[there].pop(key)
        lists = {path: it for path, it in lists.items() if not path.startswith(f"{one.path}/")}
    waiting = deque([*found.added, *found.moved])
    while waiting:
        one = waiting.popleft()
        path, _, key = one.path.rpartition("/")
        rows = lists.setdefault(path, {})
        if one.after is not None and one.after not in rows:
            waiting.append(one)
            continue
        at = 0 if one.after is None else list(rows).index(one.after) + 1
        before, after = list(rows.items())[:at], list(rows.items())[at:]
        lists[path] = dict([*before, (key, taken.get(one.path, one.value)), *after])
        for kind in NESTED if path == "goals" else ():
            lists.setdefault(f"{one.path}/{kind}", {})
    for one in found.changed:
        change(texts, lists, one)
    return texts, {path: list(rows.items()) for path, rows in lists.items()}


def taken_out(lists, path):
    """What has moved, wherever it stood."""
    *_, kind, key = path.split("/")
    return next(
        rows.pop(key)
        for where, rows in lists.items()
        if where.rpartition("/")[2] == kind and key in rows
    )


def change(texts, lists, one):
    there, _, name = one.path.rpartition("/")
    value = one.new or (None if name in EMPTY_IS_NONE else "")
    if name == "goal_keys":
        value = [key for key in one.new.split(", ") if key]
    if not there:
        texts[name] = value
    elif there in lists:
        lists[there][name]["text"] = value
    else:
        path, _, key = there.rpartition("/")
        lists[path][key][name] = value


@settings(max_examples=100, deadline=None)
@given(contents(), contents())
def test_the_differences_make_the_newer_of_the_older(old, new):
    texts, lists = flat(new)
    wanted = texts, {path: list(rows.items()) for path, rows in lists.items()}
    assert applied(old, differences.diff(old, new)) == wanted


def test_of_many_that_keep_their_order_only_the_one_between_has_moved():
    first, *rest = [a_goal(f"g{number}") for number in range(5)]
    found = differences.diff(a_plan(first, *rest), a_plan(*rest, first))
    assert [(one.path, one.place) for one in found.moved] == [
        ("goals/g0", "Står nå etter «Mål g4»")
    ]
    assert not found.changed


def test_a_new_day_is_told_once_and_an_end_is_an_end():
    old = a_plan(a_goal("g1", [a_measure(f"m{number}") for number in range(4)]))
    (goal,) = deepcopy(old)["goals"]
    for number in (0, 1):
        goal["measures"][number]["evaluate_on"] = "2027-02-02"
    goal["measures"][2] |= {"status": "completed"}
    goal["measures"][3] |= {"responsible": "ppt", "service_id": "another"}
    (told,) = differences.chapters(old, a_plan(goal))
    assert [(one.kind, one.text) for one in told.differences] == [
        ("changed", "Tiltak m3"),
        ("ended", "Tiltak m2"),
        ("day", "Tiltak m0\N{NO-BREAK SPACE}· Tiltak m1"),
    ]
    assert [one.label for one in told.differences[0].changes] == ["Ansvarlig"]


def test_what_is_new_says_all_that_it_is():
    new = a_plan(a_goal("g1", [a_measure("m2", how="Hver dag")], text="Lese"))
    (told,) = differences.chapters(a_plan(), new)
    goal, measure = told.differences
    assert [(one.label, one.old, one.new) for one in goal.changes] == [
        ("Hvem sitt ønske", "", "services")
    ]
    assert [one.label for one in measure.changes] == ["Hvordan", "Ansvarlig", "Evalueres"]
