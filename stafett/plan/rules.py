"""What a plan holds, how keys live, what a version must have, and who sees what; pure.

A plan's content is what JSON carries: a dict of texts, dates as `YYYY-MM-DD`,
and lists of goals with subgoals and measures, each with a key that stays for life. Goals, measures
and `texts`, which add to a section, are its parts: each may be for some of those who read the plan.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache, cached_property
from hashlib import sha256
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

import orjson

from stafett.audience.rules import Audience, Limits, Viewer, readable
from stafett.dates import months_after
from stafett.errors import NotFoundError, RuleBrokenError

Content = dict[str, Any]


class PlanKind(StrEnum):
    """What a plan is in law: the measures of a log, or an individuell plan."""

    TILTAKSPLAN = "tiltaksplan"
    INDIVIDUELL_PLAN = "individuell_plan"


class VersionState(StrEnum):
    """Where a version stands."""

    IN_FORCE = "in_force"
    FOR_APPROVAL = "for_approval"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


NEVER_HELD = frozenset({VersionState.REJECTED, VersionState.WITHDRAWN})
"""The states of a version that was sent for approval, and neither held nor ever will."""
OVER = NEVER_HELD | {VersionState.SUPERSEDED}
"""The states of a version that nobody works by any more."""


class PlanEventKind(StrEnum):
    """What may happen to an individuell plan as a whole."""

    BEGUN = "begun"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why an individuell plan is ended."""

    FAMILY_WISH = "family_wish"
    GOALS_REACHED = "goals_reached"
    MOVED = "moved"
    ADULT = "adult"
    OTHER = "other"


class CommentVoice(StrEnum):
    """Whose words a comment is."""

    OWN = "own"
    CHILD = "child"
    PARENTS = "parents"


class PlanForm(StrEnum):
    """In which form something is decided or said of a plan, a version of it or a measure."""

    BEGINNING = "beginning"
    ENDING = "ending"
    COMMENT = "comment"
    WITHDRAWING = "withdrawing"
    ANSWER = "answer"
    EVALUATION = "evaluation"


NEW = "new:1"
"""The key of the one new item of a form."""
TOO_LONG_FOR_PDF = "pdf-too-long"
"""Why a version is given as Word only."""
WHOLE_FORMS = frozenset({"texts", "participants", "cooperation", "new_text"})
"""The forms of the draft that are for who may change all of it; a form of what has a key is that.

Also names of what is being written there, with the five below.
"""
NEW_GOAL, FIRST_GOAL = "new_goal", "first_goal"
"""The form of a new goal, and of one that is begun from the log with what is done for it."""
ABOUT_ME, CONTRIBUTION = "about_me", "contribution"
"""The forms of what the child says of itself, and of what the writer himself brings."""
NEW_MEASURE = "new_measure_"
"""How the form of a new measure begins; the key of its goal follows."""
BEGUN_WITH = ("service", "home")
"""Where there may be a measure for a goal that is begun with what is done for it."""
RUNS = frozenset({"active", "applied"})
"""Statuses of goals and measures that are under way."""
GOAL_STATUSES = ["active", "reached", "ended"]
MEASURE_STATUSES = ["active", "applied", "completed", "stopped"]
APPLICATIONS = ["sent", "decided", "refused"]
"""How far what a measure needs from others has come: applied for, granted or refused (vedtak)."""
WHOSE = ["child", "parents", "services"]
WHERE = ["home", "kindergarten", "school", "leisure", "health", "other"]
COOPERATION = ["wanted", "agreed", "refused"]
TEXTS = {
    "about_me": "Om meg",
    "background": "Bakgrunn og dagens situasjon",
    "resources": "Ressurser",
    "needs": "Behov",
    "meetings_and_transitions": "Møter og overganger",
    "period_from": "Planperioden begynner",
    "period_until": "Planperioden slutter",
    "next_revision_on": "Neste gjennomgang",
    "next_meeting_on": "Neste møte i ansvarsgruppa",
    "no_cooperation": "Samarbeid med andre",
}
SECTIONS = ["about_me", "background", "resources", "needs", "meetings_and_transitions"]
"""The sections to which a text may be added that is not for all."""
SECTION_FIELDS: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in (*SECTIONS, "participants", "goals", "texts")},
    "cooperation": ("cooperation", "no_cooperation"),
    "period": ("period_from", "period_until", "next_revision_on", "next_meeting_on"),
}
"""The sections of the draft that are saved by themselves, each with its fields."""
AFTER_MEETING = timedelta(days=7)
"""Within which a plan is gone through after a meeting: when objections to its minutes have come."""
DAYS = frozenset(
    {
        *("period_from", "period_until", "next_revision_on", "next_meeting_on"),
        *("target_on", "starts_on", "evaluate_on", "application_on"),
    }
)
"""The fields that are dates."""
GOAL_FIELDS = {
    "text": "Mål",
    "whose": "Hvem sitt ønske",
    "area": "Område",
    "success": "Slik ser vi at det er nådd",
    "target_on": "Nås innen",
    "status": "Status",
}
MEASURE_FIELDS = {
    "what": "Tiltak",
    "how": "Hvordan",
    "where": "Hvor",
    "scope": "Omfang",
    "responsible": "Ansvarlig",
    "service_id": "Tjeneste",
    "starts_on": "Starter",
    "evaluate_on": "Evalueres",
    "status": "Status",
    "application": "Vedtak eller søknad",
    "application_to": "Søkt hos",
    "application_ref": "Vedtakets nummer",
    "application_on": "Dato for søknad eller vedtak",
    "goal_keys": "Delmål",
}
WORDS = {
    "status": {
        "active": "I gang",
        "applied": "Søkt om",
        "completed": "Gjennomført",
        "stopped": "Stoppet",
        "reached": "Nådd",
        "ended": "Avsluttet",
        "wanted": "Ønsket",
        "agreed": "Avtalt",
        "refused": "Ikke aktuelt",
    },
    "no_cooperation": {
        "child": "Barnet sier at det ikke trengs samarbeid med andre nå.",
        "parents": "Foreldrene sier at det ikke trengs samarbeid med andre nå.",
        "services": "Tjenestene sier at det ikke trengs samarbeid med andre nå.",
    },
    "whose": {"child": "Barnet", "parents": "Foreldrene", "services": "Tjenestene"},
    "application": {"sent": "Søkt", "decided": "Vedtak", "refused": "Avslag"},
    "where": {
        "home": "Hjemme",
        "kindergarten": "I barnehagen",
        "school": "På skolen",
        "leisure": "I fritida",
        "health": "I helsetjenesten",
        "other": "Et annet sted",
    },
    "done": {"yes": "Gjort", "partly": "Delvis gjort", "no": "Ikke gjort"},
    "decision": {
        "continue": "Fortsetter",
        "adjust": "Justeres",
        "stop": "Stopper",
        "new": "Nytt tiltak",
    },
    "kind": {"tiltaksplan": "Tiltaksplan", "individuell_plan": "Individuell plan"},
    "state": {
        "in_force": "Gjelder nå",
        "for_approval": "Til godkjenning",
        "rejected": "Ikke godkjent",
        "superseded": "Gjaldt før",
        "withdrawn": "Trukket tilbake",
    },
    "reason": {
        "family_wish": "Familien eller ungdommen ønsker ikke planen",
        "goals_reached": "Målene er nådd",
        "moved": "Flytter fra kommunen",
        "adult": "Er blitt voksen",
        "other": "Noe annet",
    },
    "voice": {"own": "Mine egne", "child": "Barnets", "parents": "Foreldrenes"},
    "section": {name: TEXTS[name] for name in SECTIONS},
}
"""What the codes of a plan are called, by field."""


@cache
def words_of(who: str) -> Mapping[str, Mapping[str, str]]:
    """Return the same where `who` stands for the child: «Barnet», or «Ungdommen»."""
    return {
        field: {code: text.replace("Barnet", who) for code, text in words.items()}
        for field, words in WORDS.items()
    }


EFFECTS = {1: "Det er blitt verre", 2: "Ingen endring", 3: "Litt bedre", 4: "Bedre", 5: "Mye bedre"}
"""What the steps of the scale are called on which an evaluation says what has come of a measure."""
PARTICIPANT_FIELDS = {
    "username": "Konto",
    "role": "Rolle",
    "service_id": "Tjeneste",
    "contribution": "Bidrar med",
}
OF_CHILD = frozenset({"barn", "barnet", "barnet selv", "ungdom", "ungdommen", "ungdommen selv"})
"""What a child is called among those who take part in its plan, where it is not named."""
AS_PARENT = frozenset({"foreldre", "foreldrene", "forelder", "foresatt", "foresatte"})
"""What a parent is called there, besides the relation that is kept."""
COOPERATION_FIELDS = {"purpose": "Om hva", "status": "Status"}
LISTS = (
    ("participants", "Deltaker", "name", PARTICIPANT_FIELDS),
    ("cooperation", "Samarbeid", "agency", COOPERATION_FIELDS),
)
"""The lists whose items have no key: name, what an item is, what it is called by, its fields."""
EMPTY: Content = {
    "period_from": None,
    "period_until": None,
    "next_revision_on": None,
    "next_meeting_on": None,
    "about_me": "",
    "background": "",
    "resources": "",
    "needs": "",
    "participants": [],
    "goals": [],
    "cooperation": [],
    "no_cooperation": None,
    "meetings_and_transitions": "",
    "texts": [],
}


@dataclass(frozen=True, slots=True)
class PartRow:
    """Whom a part was for from a moment on; `number` 1 is the first, `limits` as it was chosen."""

    part_id: UUID
    key: str
    number: int
    audience: Audience
    limits: Limits
    set_by: UUID
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whom a plan is for, or who says yes to it: what he brings stands in it, too.

    `username` is his account's, if he has one; `role` is what he is to the plan, and `called` are
    the words by which he, too, is known who is not named.
    """

    name: str
    username: str | None
    role: str
    called: frozenset[str]

    def is_in(self, row: Content) -> bool:
        """Say whether a row of those who take part is his: by account, name, or what he is."""
        if self.username and row.get("username"):
            return bool(row["username"] == self.username)
        if row.get("username"):
            return False
        name, role = row["name"].casefold(), (row.get("role") or "").casefold()
        own = self.name.casefold()
        if name in {own, own.split(" ")[0]}:
            return True
        said = {word.strip() for word in f"{name},{role}".replace(" og ", ",").split(",")}
        return not said.isdisjoint(self.called)


@dataclass(frozen=True)
class Sight:
    """What one person sees of one child's plan: whom its parts are for, and have been for.

    `parts`: by key, each with its rows in order. `by`: None sees all.
    `shared`: he asks only for what is for everyone. `before`: the keys of what stood there before
    the birth, for who came after it.
    """

    by: Viewer | None
    parts: Mapping[str, Sequence[PartRow]]
    shared: bool = False
    before: frozenset[str] = frozenset()

    def for_all(self) -> "Sight":
        """Return what everyone sees who reads the plan, as far as he sees it himself."""
        return replace(self, shared=True)

    @property
    def since(self) -> datetime | None:
        """The moment of the birth, for who came after it: versions made before are not his."""
        return None if self.by is None else self.by.since

    @cached_property
    def all(self) -> bool:
        """Whether nothing is, or has been, kept from him."""
        return self.since is None and all(
            self._reads(row) for rows in self.parts.values() for row in rows
        )

    def may(self, key: str, then: Mapping[str, int] | None = None) -> bool:
        """Say whether he reads a part; `then`: as it stood in a version, and as it stands now.

        What was kept from him in a version stays so, and what is kept from him now is so there too.
        """
        rows = self.parts.get(key)
        if self.since is not None and key in self.before:
            return False
        if not rows:
            return True
        number = 0 if then is None else then.get(key, 0)
        return self._reads(rows[-1]) and (number == 0 or self._reads(rows[number - 1]))

    def of(self, content: Content, then: Mapping[str, int] | None = None) -> Content:
        """Return a content without what he does not read."""
        if not self.parts and self.since is None:  # nothing is, or has ever been, for some alone
            return {**content, "texts": content.get("texts", [])}
        return visible(content, lambda key: self.may(key, then))

    def narrow(self, key: str) -> bool:
        """Say whether a part is not for everyone who reads the plan."""
        return key in self.parts and self.parts[key][-1].limits.narrow

    def plain(self, key: str) -> bool:
        """Say whether everyone who reads the plan reads a part."""
        return not self.narrow(key)

    def ids(self, content: Content) -> list[UUID]:
        """Return the ids of those parts in a content that somebody has chosen readers for."""
        return [self.parts[one][-1].part_id for one in parts_in(content) if one in self.parts]

    def _reads(self, row: PartRow) -> bool:
        if self.shared and row.limits.narrow:
            return False
        return self.by is None or readable(self.by, row.audience)


def parts_in(content: Content) -> list[str]:
    """Return the keys of all that may be for some only: goals, measures, and texts."""
    found = [goal["key"] for goal in content["goals"]]
    found += [one["key"] for _, one in measures(content)]
    return found + [one["key"] for one in content.get("texts", ())]


def new_parts(old: Content, new: Content, back: Content) -> list[str]:
    """Return the keys of the parts that are new; a new measure in a new goal is a part of that.

    What comes back from an older content is not new.
    """
    before, fresh = {*parts_in(old), *parts_in(back)}, []
    for goal in new["goals"]:
        inside = [one["key"] for one in goal["measures"]]
        fresh += [goal["key"]] if goal["key"] not in before else inside
    fresh += [one["key"] for one in new["texts"]]
    return [one for one in fresh if one not in before]


def parts_of(path: str) -> list[str]:
    """Return the keys of the parts that a changed path stands in, the innermost first."""
    names = path.split("/")
    if names[0] not in {"goals", "texts"}:
        return []
    return [*([names[3]] if names[2:3] == ["measures"] else ()), names[1]]


def visible(content: Content, may: Callable[[str], bool]) -> Content:
    """Return a content without the parts whose keys `may` refuses, and what stands in them.

    A goal that somebody took away without seeing all of it is there for those who see the rest.
    """
    goals = []
    for goal in content["goals"]:
        found = [one for one in goal["measures"] if may(one["key"])]
        if may(goal["key"]) and (found or not goal.get("left")):
            told = {name: value for name, value in goal.items() if name != "left"}
            goals.append({**told, "measures": found})
    texts = [one for one in content.get("texts", ()) if may(one["key"])]
    return {**content, "goals": goals, "texts": texts}


def merged(stored: Content, shown: Content, asked: Content) -> Content:
    """Return what is stored after somebody to whom `shown` was shown asked for `asked`.

    What was not shown to him stays as it is, after what it stood after. A goal that he took away
    is kept for the measures in it that he does not see, and shown to those who do (`visible`).
    """
    seen = {one["key"] for one in shown["goals"]} | {one["key"] for _, one in measures(shown)}
    there, after = by_key(stored["goals"]), by_key(asked["goals"])

    def unseen(goal: Content, steps: Sequence[Content]) -> dict[str, Content]:
        left = {one["key"] for one in steps}
        return {
            one["key"]: {**one, "goal_keys": [key for key in one["goal_keys"] if key in left]}
            for one in goal["measures"]
            if one["key"] not in seen
        }

    kept, goals = {}, []
    for key, goal in there.items():
        if key not in seen and key not in after:  # one that he took away may have come back
            kept[key] = goal
        elif key not in after and (rest := unseen(goal, goal["subgoals"])):
            kept[key] = {**goal, "measures": list(rest.values()), "left": True}
    for key, goal in after.items():
        before = there.get(key, {"measures": []})
        found = _woven(before["measures"], goal["measures"], unseen(before, goal["subgoals"]))
        left = {"left": True} if before.get("left") and key in seen else {}
        if found or not left:
            goals.append({**goal, "measures": found, **left})
    told = {one["key"] for one in shown["texts"]}
    texts = stored.get("texts", [])
    quiet = {one["key"]: one for one in texts if one["key"] not in told}
    return {
        **asked,
        "goals": _woven(stored["goals"], goals, kept),
        "texts": _woven(texts, asked["texts"], quiet),
    }


def fingerprint(content: Content) -> str:
    """Return the SHA-256 in hex of a content as canonical JSON: sorted, no spaces, UTF-8."""
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def revise_on(content: Content, in_force_on: date) -> date:
    """Return by which local date an individuell plan is to be gone through.

    It says so itself, but half a year is the longest (forskrift om individuell plan § 4: planned
    times of revision; half a year is the rule of practice), and it is done after each meeting of
    the ansvarsgruppe. One that was over when the plan came into force asks for nothing.
    """
    latest = months_after(in_force_on, 6)
    days = [latest]
    if said := content.get("next_revision_on"):
        days.append(date.fromisoformat(said))
    if said := content.get("next_meeting_on"):
        meeting = date.fromisoformat(said)
        days += [meeting + AFTER_MEETING] if in_force_on <= meeting < latest else []
    return min(days)


def token(content: Content) -> int:
    """Return a number that is another when a content is: by it, a stale save is found.

    A count of saves would tell of those that changed what somebody does not see. 0: it is empty.
    """
    if {**EMPTY, **content} == EMPTY:
        return 0
    said = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return int(sha256(said).hexdigest()[:13], 16)


def steps(contents: Iterable[Content]) -> dict[str, str]:
    """Return the words of all steps in some contents, by key; the last content's where several."""
    goals = (goal for content in contents for goal in content["goals"])
    return {one["key"]: one["text"] for goal in goals for one in goal["subgoals"]}


def section_of(content: Content, name: str) -> Content:
    """Return one section, by the names of its fields."""
    return {field: content[field] for field in SECTION_FIELDS[name]}


def part_token(content: Content, key: str | None) -> int:
    """Return the `token` of one goal, measure, text that was added, or row of who takes part.

    A goal is its own words and steps, without its measures. 0: what is new or has left.
    """
    goals = [{**goal, "measures": []} for goal in content["goals"]]
    parts = [*goals, *(one for _, one in measures(content)), *content["texts"]]
    parts += _with_accounts(content)
    return token(next(({"part": one} for one in parts if one["key"] == key), {}))


def measures(content: Content) -> Iterator[tuple[Content, Content]]:
    """Give each measure with the goal it stands under."""
    for goal in content["goals"]:
        for measure in goal["measures"]:
            yield goal, measure


def without_places(content: Content) -> Content:
    """Return the content without the services that people belong to."""
    goals = [
        {**goal, "measures": [{**one, "service_id": None} for one in goal["measures"]]}
        for goal in content["goals"]
    ]
    people = [{**one, "service_id": None} for one in content["participants"]]
    return {**content, "goals": goals, "participants": people}


def with_keys(
    content: Content,
    last_key: int,
    narrow: Callable[[str], bool] = lambda _: False,
    *,
    apart: bool = False,
) -> tuple[Content, int]:
    """Return the content with a key on all that has one, and the newest number.

    A new item has no key, or `new:<any>`, by which the same save may refer to it. What begins as
    something for some only (`apart`, or in a goal that is `narrow`) gets a random key: a number
    would leave a gap for the others.
    """
    named: dict[str, str] = {}

    def key_for(item: Content, letter: str, *, quiet: bool) -> str:
        nonlocal last_key
        given = str(item.get("key") or "")
        if not _is_new(item):
            return given
        if quiet:
            made = f"{letter}{uuid4().hex[:12]}"
        else:
            last_key += 1
            made = f"{letter}{last_key}"
        named[given or made] = made
        return made

    goals = []
    for goal in content["goals"]:
        inside = (apart and _is_new(goal)) or narrow(goal.get("key") or "")
        key = key_for(goal, "g", quiet=inside)
        subgoals = [{**one, "key": key_for(one, "d", quiet=inside)} for one in goal["subgoals"]]
        found = [
            {**one, "key": key_for(one, "m", quiet=inside or apart)} for one in goal["measures"]
        ]
        goals.append({**goal, "key": key, "subgoals": subgoals, "measures": found})
    texts = [{**one, "key": key_for(one, "t", quiet=True)} for one in content["texts"]]
    for goal in goals:
        for measure in goal["measures"]:
            measure["goal_keys"] = [named.get(one, one) for one in measure["goal_keys"]]
    return {**content, "goals": goals, "texts": texts}, last_key


def key_problems(
    content: Content, known: frozenset[tuple[str, str]], running: frozenset[str]
) -> dict[str, list[str]]:
    """Return what is wrong with the keys of a content that is to be saved, by path.

    `known`: keys of the draft that is replaced; one that has left it is never used again.
    `running`: keys that the version in force shows as under way: they may leave only after a
    version that shows them ended.
    """
    problems: dict[str, list[str]] = {}
    seen: set[str] = set()
    for path, item in _keyed(content):
        key = item.get("key") or ""
        if key and key in seen:
            problems[f"{path}.key"] = ["key-twice"]
        elif not _is_new(item) and (_kind(path), key) not in known:
            problems[f"{path}.key"] = ["key-unknown"]
        seen.add(key)
    for index, goal in enumerate(content["goals"]):
        inside = {one.get("key") for one in goal["subgoals"]}
        for number, measure in enumerate(goal["measures"]):
            if not set(measure["goal_keys"]) <= inside:
                problems[f"goals.{index}.measures.{number}.goal_keys"] = ["subgoal-unknown"]
    if running - seen:
        problems["goals"] = ["running-item-left"]
    return problems


def application_problems(content: Content, today: date) -> dict[str, list[str]]:
    """Return what is missing or wrong in what is said of applications and decisions, by path.

    What has been applied for says when and to whom, what has been granted or refused when and by
    what reference; a local day that has not come is no day of any.
    """
    problems: dict[str, list[str]] = {}
    for path, item in _keyed(content):
        kind, on = item.get("application"), item.get("application_on")
        if not kind:
            if on or item.get("application_to") or item.get("application_ref"):
                problems[f"{path}.application"] = ["application-missing"]
            continue
        if not on or date.fromisoformat(on) > today:
            problems[f"{path}.application_on"] = ["date-in-future" if on else "date-missing"]
        if kind == "sent" and not item.get("application_to"):
            problems[f"{path}.application_to"] = ["application-to-missing"]
        if kind in {"decided", "refused"} and not item.get("application_ref"):
            problems[f"{path}.application_ref"] = ["application-ref-missing"]
    return problems


def day_problems(content: Content, today: date) -> dict[str, list[str]]:
    """Return which new measures under way would be late at once, by path, on a local date.

    One that is there already may be: it is late, or its day is put right.
    """
    return {
        f"{path}.evaluate_on": ["date-passed"]
        for path, item in _keyed(content)
        if _kind(path) == "measures" and _is_new(item)
        if item["status"] in RUNS and date.fromisoformat(item["evaluate_on"]) < today
    }


def cooperation_problems(content: Content) -> dict[str, list[str]]:
    """Return what is wrong in what is said of cooperation: none is needed, and here it is."""
    both = content["cooperation"] and content["no_cooperation"]
    return {"no_cooperation": ["cooperation-both"]} if both else {}


def period_problems(before: Content, after: Content) -> dict[str, list[str]]:
    """Return what is wrong with a period that is set anew: it ends before it begins."""
    was, now = ([one[name] for name in ("period_from", "period_until")] for one in (before, after))
    backwards = all(now) and date.fromisoformat(now[1]) < date.fromisoformat(now[0])
    return {"period_until": ["until-before-from"]} if backwards and now != was else {}


def running_keys(content: Content) -> frozenset[str]:
    """Return the keys of goals and measures that a content shows as under way."""
    found = {goal["key"] for goal in content["goals"] if goal["status"] in RUNS}
    return frozenset(found | {one["key"] for _, one in measures(content) if one["status"] in RUNS})


def keys_of(content: Content) -> frozenset[tuple[str, str]]:
    """Return every key of a content, with what it is the key of; empty for what is new."""
    kinds = {
        "goals": content["goals"],
        "subgoals": chain.from_iterable(goal["subgoals"] for goal in content["goals"]),
        "measures": chain.from_iterable(goal["measures"] for goal in content["goals"]),
        "texts": content.get("texts", ()),
    }
    return frozenset((kind, one.get("key") or "") for kind, items in kinds.items() for one in items)


def goal_of(content: Content, key: str) -> Content:
    """Return a goal by its key.

    Raises:
        NotFoundError: there is none.

    """
    for goal in content["goals"]:
        if goal["key"] == key:
            found: Content = goal
            return found
    raise NotFoundError


def measure_of(content: Content, key: str) -> tuple[Content, Content]:
    """Return the goal that a measure stands under, and the measure.

    Raises:
        NotFoundError: there is none.

    """
    for goal, measure in measures(content):
        if measure["key"] == key:
            return goal, measure
    raise NotFoundError


def path_of(content: Content, key: str) -> str:
    """Return where in a content a key stands, as the names of its fields begin."""
    return next((path for path, item in _keyed(content) if item.get("key") == key), "")


def text_of(content: Content, key: str) -> str:
    """Return what a goal, a measure or a text that was added says, in a few words."""
    said = {one["key"]: one["text"] for one in (*content["goals"], *content["texts"])}
    said |= {one["key"]: one["what"] for _, one in measures(content)}
    return str(said[key])


def comment_form(about: str) -> str:
    """Return how the form of a comment about a goal or a section is called."""
    return f"{PlanForm.COMMENT}_{about}"


def with_fields(content: Content, fields: Content) -> Content:
    """Return a content with other texts, days or lists of its own."""
    return {**content, **fields}


def taking_part(content: Content, username: str) -> Content | None:
    """Return the row of who takes part by his account, with a `key` of its own."""
    return next((one for one in _with_accounts(content) if one["username"] == username), None)


def with_contribution(content: Content, fields: Content, username: str) -> Content:
    """Return a content where somebody who takes part brings something else.

    Raises:
        NotFoundError: he takes no part.

    """
    people = content["participants"]
    his = [index for index, one in enumerate(people) if one.get("username") == username][:1]
    if not his:
        raise NotFoundError
    rows = [{**one, **fields} if index in his else one for index, one in enumerate(people)]
    return {**content, "participants": rows}


def with_new_text(content: Content, fields: Content) -> Content:
    """Return a content with a new text added to a section."""
    return {**content, "texts": [*content["texts"], {**fields, "key": NEW}]}


def with_text(content: Content, fields: Content, key: str) -> Content:
    """Return a content with a text that was added changed.

    Raises:
        NotFoundError: there is none.

    """
    if key not in {one["key"] for one in content["texts"]}:
        raise NotFoundError
    texts = [{**one, **fields} if one["key"] == key else one for one in content["texts"]]
    return {**content, "texts": texts}


def with_new_goal(content: Content, fields: Content) -> Content:
    """Return a content with a new goal at the end."""
    return {**content, "goals": [*content["goals"], {**fields, "key": NEW, "measures": []}]}


def with_first_goal(content: Content, fields: Content) -> Content:
    """Return a content with a new goal, and what is done for it in the service and at home."""
    goal = {name: value for name, value in fields.items() if name not in BEGUN_WITH}
    found = [fields[name] for name in BEGUN_WITH if fields[name]]
    return {**content, "goals": [*content["goals"], {**goal, "key": NEW, "measures": found}]}


def with_goal(content: Content, fields: Content, key: str) -> Content:
    """Return a content with a goal changed; a step that is gone is no longer a measure's."""
    old, left = goal_of(content, key), {one.get("key") for one in fields["subgoals"]}
    kept = [
        {**one, "goal_keys": [under for under in one["goal_keys"] if under in left]}
        for one in old["measures"]
    ]
    return _replaced(content, {**old, **fields, "measures": kept})


def with_new_measure(
    content: Content, fields: Content, goal_key: str, instead_of: str | None = None
) -> Content:
    """Return a content with a new measure at the end of a goal.

    `instead_of`: the key of one that ends by it, if it is still under way there.
    """
    goal = goal_of(content, goal_key)
    found = [
        {**one, "status": "stopped"} if one["key"] == instead_of and one["status"] in RUNS else one
        for one in goal["measures"]
    ]
    return _replaced(content, {**goal, "measures": [*found, {**fields, "key": NEW}]})


def with_measure(content: Content, fields: Content, key: str) -> Content:
    """Return a content with a measure changed."""
    goal, _ = measure_of(content, key)
    found = [{**one, **fields} if one["key"] == key else one for one in goal["measures"]]
    return _replaced(content, {**goal, "measures": found})


def without(content: Content, key: str) -> Content:
    """Return a content without a goal, a measure or a text that was added."""
    goals = [
        {**goal, "measures": [one for one in goal["measures"] if one["key"] != key]}
        for goal in content["goals"]
        if goal["key"] != key
    ]
    texts = [one for one in content["texts"] if one["key"] != key]
    return {**content, "goals": goals, "texts": texts}


def beside(content: Content, key: str) -> list[Content]:
    """Return the list that a goal or a measure stands in, in order.

    Raises:
        NotFoundError: there is none.

    """
    for items in (content["goals"], *(goal["measures"] for goal in content["goals"])):
        if key in by_key(items):
            return list(items)
    raise NotFoundError


def order_token(items: Iterable[Content]) -> int:
    """Return a number that is another when the order is, or when something has come or left."""
    return token({"order": [one["key"] for one in items]})


def moved(content: Content, key: str, to: int) -> Content:
    """Return a content with a goal, or a measure within its goal, as number `to` from 0."""

    def placed(items: list[Content]) -> list[Content]:
        rest = [one for one in items if one["key"] != key]
        return [*rest[:to], *(one for one in items if one["key"] == key), *rest[to:]]

    goals = [{**goal, "measures": placed(goal["measures"])} for goal in content["goals"]]
    return {**content, "goals": placed(goals)}


def restored(content: Content, old: Content, name: str) -> Content:
    """Return a content with a section, goal, measure or added text as an older one had it.

    Keys are the same. What stands in a goal today stays there, and what has left it comes back.

    Raises:
        NotFoundError: the older one has no such thing.
        RuleBrokenError: a measure comes back to no goal.

    """
    if name in SECTIONS:
        return {**content, name: old[name]}
    if text := next((one for one in old.get("texts", ()) if one["key"] == name), None):
        return {**content, "texts": _put_back(old["texts"], content["texts"], text)}
    if name in by_key(old["goals"]):
        return _with_goal_back(content, old, goal_of(old, name))
    under, was = measure_of(old, name)
    there = next((goal for goal, one in measures(content) if one["key"] == name), None)
    goal = there or by_key(content["goals"]).get(under["key"])
    if goal is None:
        raise RuleBrokenError(["goal-left"])
    left = {one["key"] for one in goal["subgoals"]}
    back = {**was, "goal_keys": [key for key in was["goal_keys"] if key in left]}
    found = _put_back(under["measures"], goal["measures"], back)
    return _replaced(content, {**goal, "measures": found})


def _with_goal_back(content: Content, old: Content, was: Content) -> Content:
    now = by_key(content["goals"]).get(was["key"], {"subgoals": [], "measures": []})
    placed = {one["key"] for _, one in measures(content)}
    steps = [*was["subgoals"], *_left_out(now["subgoals"], was["subgoals"])]
    gone = {one["key"]: one for one in was["measures"] if one["key"] not in placed}
    goal = {**was, "subgoals": steps, "measures": _woven(was["measures"], now["measures"], gone)}
    return {**content, "goals": _put_back(old["goals"], content["goals"], goal)}


def _left_out(items: Iterable[Content], of: Iterable[Content]) -> list[Content]:
    known = {one["key"] for one in of}
    return [one for one in items if one["key"] not in known]


def removable(content: Content, running: frozenset[str]) -> frozenset[str]:
    """Return the keys that may leave a content: those that no version shows as under way."""
    free = {one["key"] for _, one in measures(content)} - running
    return frozenset(
        free
        | {
            goal["key"]
            for goal in content["goals"]
            if goal["key"] not in running and all(one["key"] in free for one in goal["measures"])
        }
    )


def titles(contents: Iterable[Content]) -> dict[str, str]:
    """Return what goals and measures are called, and where added texts stand, by key.

    Where they are called otherwise in several contents, the first has the word.
    """
    found: dict[str, str] = {}
    for content in contents:
        for goal in content["goals"]:
            found.setdefault(goal["key"], goal["text"])
        for _, one in measures(content):
            found.setdefault(one["key"], one["what"])
        for one in content.get("texts", ()):
            found.setdefault(one["key"], TEXTS[one["section"]])
    return found


def people_named(content: Content) -> dict[str, str]:
    """Return the usernames that a content has, by path."""
    named = {
        f"participants.{index}.username": one["username"]
        for index, one in enumerate(content["participants"])
        if one.get("username")
    }
    for index, goal in enumerate(content["goals"]):
        for number, one in enumerate(goal["measures"]):
            named[f"goals.{index}.measures.{number}.responsible"] = one["responsible"]
    return named


def obstacles_to_version(content: Content) -> list[str]:
    """List every reason why a draft may not become a version."""
    obstacles = []
    if not content["goals"]:
        obstacles.append("goal-missing")
    return obstacles


def left_out(content: Content, parties: Iterable[Party]) -> list[Party]:
    """Return who does not stand among those who take part by a content."""
    people = content["participants"]
    return [one for one in parties if not any(map(one.is_in, people))]


def parts_by_law(
    content: Content, *, has_coordinator: bool, has_consent: bool, parties: Iterable[Party] = ()
) -> dict[str, bool]:
    """Return whether each part that the law asks of an individuell plan is there, by its code.

    Source: the list of nine that NAV and Aurland publish. The ninth is the cooperation with others
    that is needed or wished for: who says that none is (`no_cooperation`) has answered, too.
    What nobody takes part in, nobody has said what he brings to; without measures none is told.
    The fourth is what all bring, whom the plan is for and who says yes to it (`parties`) as well.
    """
    found = list(measures(content))
    said = {name for name in SECTIONS if content[name]}
    said |= {one["section"] for one in content.get("texts", ())}
    days = ("period_from", "period_until", "next_revision_on")
    people = content["participants"]
    return {
        "plan-needs-missing": {"needs", "resources"} <= said and bool(content["goals"]),
        "plan-participants-missing": bool(people),
        "plan-coordinator-missing": has_coordinator,
        "plan-contributions-missing": bool(people)
        and all(one["contribution"] for one in people)
        and not left_out(content, parties),
        "plan-measures-missing": bool(found),
        "plan-how-missing": bool(found) and all(one["how"] for _, one in found),
        "plan-period-missing": all(content[name] for name in days),
        "plan-consent-missing": has_consent,
        "plan-cooperation-missing": bool(content["cooperation"] or content["no_cooperation"]),
    }


def _replaced(content: Content, goal: Content) -> Content:
    goals = [goal if one["key"] == goal["key"] else one for one in content["goals"]]
    return {**content, "goals": goals}


def _with_accounts(content: Content) -> list[Content]:
    people = (one for one in content["participants"] if one.get("username"))
    return [{**one, "key": f"participant {one['username']}"} for one in people]


def _keyed(content: Content) -> Iterator[tuple[str, Content]]:
    for index, goal in enumerate(content["goals"]):
        yield f"goals.{index}", goal
        for kind in ("subgoals", "measures"):
            for number, item in enumerate(goal[kind]):
                yield f"goals.{index}.{kind}.{number}", item
    for index, text in enumerate(content.get("texts", ())):
        yield f"texts.{index}", text


def _is_new(item: Content) -> bool:
    key = item.get("key") or ""
    return not key or key.startswith("new:")


def _kind(path: str) -> str:
    """Return whether a path is that of one of the goals, subgoals or measures."""
    return path.split(".")[-2]


def by_key(items: Iterable[Content]) -> dict[str, Content]:
    """Return things that have keys by their keys."""
    return {one["key"]: one for one in items}


def _woven(
    before: Iterable[Content], after: Iterable[Content], kept: Mapping[str, Content]
) -> list[Content]:
    """Return a new list with what is kept of the old one, each after what it stood after."""
    after = list(after)
    there, last = {one["key"] for one in after}, ""
    follows: dict[str, list[Content]] = defaultdict(list)
    for one in before:
        if one["key"] in kept:
            follows[last].append(kept[one["key"]])
        elif one["key"] in there:
            last = one["key"]
    return [*follows[""], *(item for one in after for item in (one, *follows[one["key"]]))]


def _put_back(before: Iterable[Content], after: Sequence[Content], item: Content) -> list[Content]:
    """Return a list with an item of the old one: where it stands, or after what it stood after."""
    if any(one["key"] == item["key"] for one in after):
        return [item if one["key"] == item["key"] else one for one in after]
    return _woven(before, after, {item["key"]: item})
