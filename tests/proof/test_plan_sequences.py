"""Any sequence of edits, moves, answers and old texts brought back leaves a plan whole."""

from random import Random

import pytest
from sqlalchemy import select

from stafett.plan import differences, rules
from stafett.plan.models import PlanOutcome, PlanVersion
from tests.plan.scene import a_goal, a_measure, an_ip_child, made, path, submitted
from tests.plan.test_life import approved
from tests.proof import WHOLE

SEQUENCES, STEPS = (25, 40) if WHOLE else (2, 25)
ACTS = ["edit"] * 3 + ["move", "version", "version"] + ["answer"] * 3
ACTS += ["restore"] * 2 + ["withdraw"]
REFUSED = {403, 409, 422}
WORDS = ["Lese", "Sove selv", "Ha venner, og leke", "én 🧒🏽", "שלום"]


class Plan:
    """One child's individuell plan, what has been done to it, and what it has ever been."""

    def __init__(self, town, seed):
        self.town, self.random = town, Random(seed)
        self.child = an_ip_child(town)
        self.there = path(town, self.child)
        submitted(town, self.child)
        approved(town, self.child)
        self.draft = self.get("/draft")
        self.kept: dict[int, tuple[dict, str]] = {}  # by number
        self.gone: set[str] = set()  # keys that stand neither in the draft nor in a version
        self.done: list[tuple[str, int]] = []
        self.whole(keys(self.draft))

    def step(self):
        """Do something that somebody could do; return what the draft is to be after, if told."""
        act = self.random.choice(ACTS)
        before = keys(self.draft)
        answer, expected = getattr(self, act)()
        if answer is None:
            return
        self.done.append((act, answer.status_code))
        assert answer.status_code < 300 or answer.status_code in REFUSED, answer.text
        now = self.get("/draft")
        if answer.status_code >= 300 or act in {"version", "answer", "withdraw"}:
            assert now == self.draft, (self.done, answer.text)
        elif expected is not None:
            assert shape(now) == shape(expected), self.done
        self.draft = now
        self.whole(before)

    def get(self, more):
        return self.town.api("koordinator").get(f"{self.there}{more}").json

    def edit(self):
        sent = {**self.draft, "goals": [dict(one) for one in self.draft["goals"]]}
        goals, what = sent["goals"], self.random.randrange(5)
        if what == 0 or not goals:
            goals.insert(self.random.randint(0, len(goals)), a_goal(text=self.word()))
        elif what == 1:
            goals.pop(self.random.randrange(len(goals)))
        elif what == 2:
            goals[0]["text"] = self.word()
        elif what == 3:
            one = self.random.choice(goals)
            new = a_measure(self.town, what=self.word(), how="Daglig", responsible="bup")
            one["measures"] = [*one["measures"], new]
        else:
            sent["about_me"] = self.word()
        return self.town.api("koordinator").put(f"{self.there}/draft", sent), sent

    def move(self):
        goals = self.draft["goals"]
        if not goals:
            return None, None
        key, to = self.random.choice(goals)["key"], self.random.randrange(len(goals))
        expected = rules.moved(content(self.draft), key, to)
        sent = {**expected, "seen_version": self.draft["seen_version"]}
        return self.town.api("koordinator").put(f"{self.there}/draft", sent), expected

    def version(self):
        answer = made(self.town, self.draft, "koordinator", self.child, self.word())
        return answer, None

    def answer(self):
        waits = [number for number, (_, state) in self.kept.items() if state == "for_approval"]
        number = waits[0] if waits else self.random.randint(1, 3)
        who = self.random.choice(["mor", "far"])
        said = {"answer": self.random.choice(["approve"] * 3 + ["reject"]), "comment": "Vi mener."}
        there = f"{self.there}/versions/{number}/approvals"
        answer = self.town.api(who).post(there, said)
        return (None, None) if answer.status_code == 404 else (answer, None)

    def withdraw(self):
        waits = [number for number, (_, state) in self.kept.items() if state == "for_approval"]
        there = f"{self.there}/versions/{waits[0] if waits else 1}/withdrawal"
        return self.town.api("koordinator").post(there, {"reason": self.word()}), None

    def restore(self):
        if not self.kept:
            return None, None
        number = self.random.choice(list(self.kept))
        old = self.kept[number][0]
        part = self.random.choice(
            [*sorted(differences.restorable(content(self.draft), old)), "about_me"]
        )
        wish = {"version": number, "part": part, "seen_version": self.draft["seen_version"]}
        answer = self.town.api("koordinator").post(f"{self.there}/draft/restoration", wish)
        if answer.status_code >= 300:
            return answer, None
        return answer, rules.restored(content(self.draft), old, part)

    def word(self):
        return f"{self.random.choice(WORDS)} {self.random.randrange(1000)}"

    def whole(self, before):
        """Hold what may never be otherwise, whatever has been done."""
        now = keys(self.draft)
        assert len(now) == len(set(now)), self.done
        assert self.gone.isdisjoint(now), self.done  # a key is never another thing's later
        with self.town.database.reading() as session:
            rows = session.execute(
                select(PlanVersion.number, PlanVersion.content, PlanOutcome.in_force)
                .join(PlanOutcome, PlanOutcome.version_id == PlanVersion.id, isouter=True)
                .where(PlanVersion.child_id == self.child)
                .order_by(PlanVersion.number)
            ).all()
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        for number, stored, _ in rows:
            assert stored == self.kept.get(number, (stored,))[0], self.done  # for good
        told = {one["number"]: one["state"] for one in self.get("/versions")["items"]}
        states = list(told.values())
        assert states.count("for_approval") <= 1
        assert states.count("in_force") <= 1
        in_force = [row.number for row in rows if row.in_force]
        assert [number for number, state in told.items() if state == "in_force"] == in_force[-1:]
        self.kept = {number: (stored, told[number]) for number, stored, _ in rows}
        standing = {key for stored, _ in self.kept.values() for key in keys(stored)}
        self.gone |= set(before) - set(now) - standing


def content(draft):
    return {name: value for name, value in draft.items() if name != "seen_version"}


def keys(of):
    found = [goal["key"] for goal in of["goals"]]
    return found + [one["key"] for goal in of["goals"] for one in goal["measures"]]


def shape(of):
    """The order and the words of all goals and measures."""
    return [
        (goal["text"], [one["what"] for one in goal["measures"]]) for goal in of["goals"]
    ], of.get("about_me", "")


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_keys_order_and_versions_hold_through_any_sequence(town, seed):
    plan = Plan(town, seed)
    for _ in range(STEPS):
        plan.step()
    done = {act for act, status in plan.done if status < 300}
    assert {"edit", "restore"} <= done, plan.done
