"""What differs between two contents of a plan, as programs and as people read it; pure."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from exports.text import word_diff
from stafett.plan.rules import (
    GOAL_FIELDS,
    LISTS,
    MEASURE_FIELDS,
    RUNS,
    SECTIONS,
    TEXTS,
    Content,
    by_key,
    measure_of,
    measures,
    parts_in,
    restored,
)

LAST = 1_000_000
TOLD = ("added", "changed", "moved", "ended", "removed", "day")
"""What may have happened to something between two versions, in the order in which it is told.

`ended`: it is there, and says that it is over; `day`: only the day of its evaluation is another.
"""


@dataclass(frozen=True)
class Item:
    """Something that was added, has left or has another place between two versions.

    `value` is what it says itself, without what stands in it; `after` the key, or the name, of what
    it stands after in the newer version (None: first), and `place` the same in words.
    """

    path: str
    label: str
    text: str
    value: Content = field(default_factory=dict)
    after: str | None = None
    place: str = ""


@dataclass(frozen=True)
class Change:
    """A text that differs between two versions; what was empty is the empty string."""

    path: str
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Difference:
    """One thing that differs, as a person reads it: what it is called, and its own changes.

    `kind` is one of `TOLD`. What is new has all that it says as changes from nothing; `place` says
    where something stands that has moved.
    """

    path: str
    kind: str
    label: str
    text: str
    changes: list[Change] = field(default_factory=list)
    place: str = ""


@dataclass(frozen=True)
class Chapter:
    """All that differs within one goal, or outside the goals; number 0: the goal has left."""

    goal: Content | None
    number: int
    differences: list[Difference]


@dataclass(frozen=True)
class Diff:
    """All that differs between two contents. `moved` says where a measure or goal went."""

    added: list[Item] = field(default_factory=list)
    removed: list[Item] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    moved: list[Item] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.added or self.removed or self.changed or self.moved)

    @property
    def paths(self) -> list[str]:
        """The path of everything that differs."""
        items = [one.path for one in (*self.added, *self.removed, *self.moved)]
        return items + [one.path for one in self.changed]

    @property
    def happened(self) -> dict[str, str]:
        """By path which goals, subgoals, measures and texts were `added`, `removed` or `moved`.

        As a whole: what only says something else is not among them.
        """
        kinds = {"added": self.added, "removed": self.removed, "moved": self.moved}
        return {
            one.path: kind
            for kind, items in kinds.items()
            for one in items
            if one.path.startswith(("goals/", "texts/"))
        }


def diff(old: Content, new: Content) -> Diff:
    """Compare two contents by their keys: what was added, has left, changed or moved."""
    found = Diff()
    _fields(found, "", TEXTS, old, new)
    _lists(found, old, new)
    _texts(found, old.get("texts", []), new.get("texts", []))
    before, after = by_key(old["goals"]), by_key(new["goals"])
    _items(found, "goals", "Mål", before, after)
    for key, goal in after.items():
        if goal == before.get(key):
            continue
        path, earlier = f"goals/{key}", before.get(key, {**goal, "subgoals": []})
        _fields(found, path, GOAL_FIELDS, earlier, goal)
        steps, now = by_key(earlier["subgoals"]), by_key(goal["subgoals"])
        _items(found, f"{path}/subgoals", "Delmål", steps, now)
        for under in (one for one in now if one in steps):
            texts = steps[under]["text"], now[under]["text"]
            _compare(found, f"{path}/subgoals/{under}", "Delmål", *texts)
    _measures(found, old, new)
    return found


def name_of(change: Change) -> str:
    """Return the name of the field that has changed."""
    return change.path.rpartition("/")[2]


def foreign_paths(
    old: Content, new: Content, names: Collection[str], own_goals: frozenset[str]
) -> list[str]:
    """Return the changed paths that are not the writer's own.

    His own are the measures for which he is responsible by one of his `names`, before and after,
    and the goals whose wish he speaks for (`own_goals`: `child`, `parents`; empty for
    professionals). Who speaks for the child or the parents writes «Om meg» too, and everybody what
    he himself brings.
    """
    mine = _own_paths(old, names, own_goals), _own_paths(new, names, own_goals)
    there = _all_paths(old), _all_paths(new)
    foreign = []
    for path in diff(old, new).paths:
        if all(path in own for own in mine):
            continue
        item = "/".join(path.split("/")[: 4 if "/measures/" in path else 2])
        held = [item in own for own, every in zip(mine, there, strict=True) if item in every]
        if not held or not all(held):
            foreign.append(path)
    return foreign


def restorable(content: Content, old: Content) -> frozenset[str]:
    """Return the names and keys of what could come back, since it stands otherwise today."""
    goals = {goal["key"] for goal in content["goals"]}
    under = {one["key"] for goal, one in measures(old) if goal["key"] in goals}
    under |= {one["key"] for _, one in measures(content)}
    names = [*SECTIONS, *(one for one in parts_in(old) if one in under or one[0] != "m")]
    back = {name: restored(content, old, name) for name in names}  # most stand as they did
    return frozenset(
        name for name, one in back.items() if one != content and not diff(content, one).empty
    )


def chapters(old: Content, new: Content) -> list[Chapter]:
    """Return what differs between two contents as a person reads it, goal by goal."""
    found = diff(old, new)
    told: dict[str, dict[str, Difference]] = {}

    def chapter(path: str) -> dict[str, Difference]:
        parts = path.split("/")
        return told.setdefault("/".join(parts[:2]) if parts[0] == "goals" else "", {})

    for one in found.added:
        facts = _facts(one)
        chapter(one.path)[one.path] = Difference(one.path, "added", one.label, one.text, facts)
    for change in found.changed:
        about = _about(change.path)
        label, text = _called(new, about, change)
        there = chapter(about).setdefault(about, Difference(about, "changed", label, text))
        there.changes.append(change)
    for kind, items in (("moved", found.moved), ("removed", found.removed)):
        for one in items:
            difference = Difference(one.path, kind, one.label, one.text, place=one.place)
            chapter(one.path)[f"{kind} {one.path}"] = difference
    goals = {f"goals/{one['key']}": (one, 0) for one in old["goals"]}
    for number, one in enumerate(new["goals"], 1):
        goals[f"goals/{one['key']}"] = (one, number)
    result = [
        Chapter(goal, number, _as_told(told[path].values()))
        for path, (goal, number) in sorted(goals.items(), key=lambda pair: pair[1][1] or LAST)
        if path in told
    ]
    if "" in told:
        result.append(Chapter(None, 0, _as_told(told[""].values())))
    return result


def words(old: str, new: str) -> list[tuple[str, str]]:
    """Return a changed sentence in pieces: (`same`, `old` or `new`, the words)."""
    before, after = map(deque, word_diff(old, new))
    found: list[tuple[str, str]] = []
    while before or after:
        for kind, pieces in (("old", before), ("new", after)):
            while pieces and pieces[0][1]:
                found.append((kind, pieces.popleft()[0]))
        if before:
            found.append(("same", before.popleft()[0]))
            after.popleft()
    return found


def without_names(paths: Iterable[str]) -> list[str]:
    """Return changed paths as the trail keeps them: a participant is named there by nobody."""
    named = tuple(f"{name}/" for name, *_ in LISTS)
    return sorted({one.split("/")[0] if one.startswith(named) else one for one in paths})


def place_of(path: str, called: Mapping[str, str]) -> tuple[str, str, str]:
    """Return where in a plan a changed path is: what it is, what it is called, and which field."""
    kind, *rest = path.split("/")
    if kind == "texts":
        return "Tillegg", called.get(rest[0], ""), ""
    if kind != "goals":
        return TEXTS.get(kind) or {"participants": "Hvem er med"}.get(kind, "Samarbeid"), "", ""
    names = {"measures": MEASURE_FIELDS}.get(rest[1] if len(rest) > 1 else "", GOAL_FIELDS)
    if names is MEASURE_FIELDS:
        return "Tiltak", called.get(rest[2], ""), names.get("".join(rest[3:]), "")
    step = "Delmål" if "subgoals" in rest else names.get("".join(rest[1:]), "")
    return "Mål", called.get(rest[0], ""), step


def _about(path: str) -> str:
    """Return the path of the thing that has a changed field."""
    own = "/subgoals/" in path or "/" not in path or path.startswith("texts/")
    return path if own else path.rpartition("/")[0]


def _called(new: Content, about: str, change: Change) -> tuple[str, str]:
    """Return what the thing that has changed is, and what it is called."""
    first, _, rest = about.partition("/")
    if first == "texts":
        return change.label, ""
    if first != "goals":
        label = next((label for name, label, *_ in LISTS if name == first), "")
        return label, rest or change.label
    if "/measures/" in about:
        return "Tiltak", str(measure_of(new, about.rpartition("/")[2])[1]["what"])
    return ("Delmål" if "/subgoals/" in about else "Mål"), ""


def _fields(found: Diff, path: str, labels: Mapping[str, str], old: Content, new: Content) -> None:
    """Note which fields of the same thing differ, by their names under its path."""
    for name, label in labels.items():
        before, after = old.get(name), new.get(name)
        if before != after:
            _compare(found, f"{path}/{name}".lstrip("/"), label, before, after)


def _compare(found: Diff, path: str, label: str, old: Any, new: Any) -> None:
    if old != new and (before := _as_text(old)) != (after := _as_text(new)):
        found.changed.append(Change(path, label, before, after))


def _as_text(value: Any) -> str:
    """Return a value as text; the order of a measure's steps says nothing."""
    if isinstance(value, list):
        return ", ".join(sorted(value))
    return "" if value is None else str(value)


def _facts(one: Item) -> list[Change]:
    """Return what something new says of itself, besides what it is called."""
    fields = {"Mål": GOAL_FIELDS, "Tiltak": MEASURE_FIELDS}.get(one.label, {})
    return [
        Change(f"{one.path}/{name}", label, "", _as_text(one.value[name]))
        for name, label in fields.items()
        if name not in {"text", "what", "service_id"}
        and one.value.get(name)
        and one.value[name] != "active"
    ]


def _as_told(differences: Iterable[Difference]) -> list[Difference]:
    """Return differences as they are told: what has ended apart, and a new day once for many."""
    found: list[Difference] = []
    days: dict[tuple[str, str], Difference] = {}
    for one in map(_of_its_kind, differences):
        if one.kind != "day":
            found.append(one)
            continue
        day = one.changes[0].old, one.changes[0].new
        if day in days:
            text, changes = f"{days[day].text} · {one.text}", [*days[day].changes, *one.changes]
            days[day] = replace(days[day], text=text, changes=changes)
        else:
            days[day] = one
    return sorted([*found, *days.values()], key=lambda one: TOLD.index(one.kind))


def _of_its_kind(one: Difference) -> Difference:
    """Return a change as what it is: an end, a new day, or a change of words.

    Another service says nothing when another person is responsible.
    """
    if one.kind != "changed":
        return one
    news = {name_of(change): change for change in one.changes}
    if "responsible" in news:
        news.pop("service_id", None)
    status = news.get("status")
    if status and status.path.startswith("goals/") and status.new not in RUNS:
        return replace(one, kind="ended", changes=list(news.values()))
    kind = "day" if list(news) == ["evaluate_on"] else "changed"
    return replace(one, kind=kind, changes=list(news.values()))


def _lists(found: Diff, old: Content, new: Content) -> None:
    """Compare the lists whose items have no key: by what they are called."""
    for name, label, called, columns in LISTS:
        before, after = _by_name(old[name], called), _by_name(new[name], called)
        _items(found, name, label, before, after)
        for key in (key for key in after if key in before):
            _fields(found, f"{name}/{key}", columns, before[key], after[key])


def _texts(found: Diff, old: Sequence[Content], new: Sequence[Content]) -> None:
    """Compare the texts that were added to sections."""
    before, after = by_key(old), by_key(new)
    _items(found, "texts", "", before, after)
    for key in (key for key in after if key in before):
        label = TEXTS[after[key]["section"]]
        _compare(found, f"texts/{key}", label, before[key]["text"], after[key]["text"])
        places = before[key]["section"], after[key]["section"]
        _compare(found, f"texts/{key}/section", "Hvor i planen", *places)


def _by_name(rows: Sequence[Content], called: str) -> dict[str, Content]:
    """Return the rows by name; the second of the same name is `name (2)`."""
    found: dict[str, Content] = {}
    for one in rows:
        name = one[called]
        free = (f"{name} ({number})" for number in count(2))
        found[name if name not in found else next(key for key in free if key not in found)] = one
    return found


def _items(
    found: Diff,
    path: str,
    label: str,
    before: Mapping[str, Content],
    after: Mapping[str, Content],
    came: Mapping[str, str] | None = None,
) -> None:
    """Note what was added to a list, has left it, or has another place among what is in both.

    `came`: what came here from another list of its kind, with where it stood there, in words.
    """
    if not came and list(before) == list(after):
        return
    came, last = came or {}, None
    still = _in_order([key for key in before if key in after], list(after))
    for key, one in after.items():
        after_what, last = last, key
        if key in still and key not in came:
            continue
        place = came.get(key) or (
            f"Står nå etter «{_name(after[after_what])}»" if after_what else "Står nå først"
        )
        value = {name: said for name, said in one.items() if name not in {"measures", "subgoals"}}
        where, kind = f"{path}/{key}", label or TEXTS[one["section"]]
        item = Item(where, kind, _name(one), value, after_what, place)
        (found.moved if key in came or key in before else found.added).append(item)
    found.removed.extend(
        Item(f"{path}/{key}", label or TEXTS[one["section"]], _name(one))
        for key, one in before.items()
        if key not in after
    )


def _in_order(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """Return the keys that keep their order, as many as can be: only the others have moved."""
    was = {key: place for place, key in enumerate(before)}
    if list(before) == [key for key in after if key in was]:
        return frozenset(before)
    runs: list[list[str]] = [[]]
    for key in after:
        if key in was:
            longest = max((run for run in runs if not run or was[run[-1]] < was[key]), key=len)
            runs.append([*longest, key])
    most = max(runs, key=len)
    return frozenset(most)


def _name(one: Mapping[str, Any]) -> str:
    """Return what something is called: its words, or who it is and what about."""
    return str(one.get("what") or one.get("text") or _line(one))


def _line(one: Mapping[str, Any]) -> str:
    parts = [one.get(name) for name in ("name", "agency", "role", "purpose", "contribution")]
    return ": ".join(str(part) for part in parts if part)


def _measures(found: Diff, old: Content, new: Content) -> None:
    """Compare measures, which keep their key when they come to stand under another goal."""
    before = {one["key"]: (goal, one) for goal, one in measures(old)}
    after = {one["key"] for _, one in measures(new)}
    there = by_key(old["goals"])
    for goal in new["goals"]:
        was = there.get(goal["key"], {"measures": []})
        if goal["measures"] == was["measures"]:
            continue
        path, here = f"goals/{goal['key']}/measures", by_key(goal["measures"])
        earlier = by_key(was["measures"])
        came = {
            key: f"Sto før under målet «{before[key][0]['text']}»"
            for key in here
            if key in before and key not in earlier
        }
        stayed = {key: one for key, one in earlier.items() if key in here}
        _items(found, path, "Tiltak", stayed, here, came)
        for key, now in here.items():
            then = before[key][1] if key in before else now
            _fields(found, f"{path}/{key}", MEASURE_FIELDS, then, now)
    found.removed.extend(
        Item(f"goals/{goal['key']}/measures/{key}", "Tiltak", _name(one))
        for key, (goal, one) in before.items()
        if key not in after
    )


def _own_paths(content: Content, names: Collection[str], own_goals: Iterable[str]) -> set[str]:
    whose = frozenset(own_goals)
    own = {f"goals/{goal['key']}" for goal in content["goals"] if goal["whose"] in whose}
    own |= {"about_me"} if whose else set()
    own |= {
        f"participants/{name}/contribution"
        for name, one in _by_name(content["participants"], "name").items()
        if one.get("username") in names
    }
    return own | {
        f"goals/{goal['key']}/measures/{one['key']}"
        for goal, one in measures(content)
        if one["responsible"] in names or goal["whose"] in whose
    }


def _all_paths(content: Content) -> set[str]:
    every = {f"goals/{goal['key']}" for goal in content["goals"]}
    return every | {f"goals/{goal['key']}/measures/{one['key']}" for goal, one in measures(content)}
