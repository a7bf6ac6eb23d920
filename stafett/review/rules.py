"""The signs that a look should be asked about, in the rows of the access log; pure.

One review is about one person's looks at one child on one day. It is a question, not an answer:
most that is unusual is right. Nothing here counts or compares anybody's work.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil
from statistics import median
from uuid import UUID

from stafett.access.policy import Action
from stafett.dates import OSLO, is_working_day, oslo_date

FROM_HOUR, TO_HOUR = 6, 20
SILENCE = timedelta(days=90)
LEAVING = timedelta(days=7)
IN_AN_HOUR = 15
FEWEST_IN_A_DAY = 5
"""Who opens few children a day may open this many before three times as many is unusual."""
TIMES_USUAL = 3
USUAL_OVER = timedelta(weeks=8)
LOOKS_BACK = timedelta(days=LEAVING.days + 1)
"""How far back looks are judged again: who leaves is known only afterwards."""
REFUSALS = 3
WORKING_DAYS = 10
"""Within so many a review is closed."""
ASKED_FOR = timedelta(days=90)
"""So long a question that has been asked is not asked again."""
SAMPLE_PERCENT, SMALLEST_SAMPLE = 1, 20
Pair = tuple[UUID, UUID]
"""Who looked, and at which child."""
EXPORTS = frozenset({Action.DSR_EXPORT, Action.LOG_EXPORT_DOCX, Action.PLAN_EXPORT_DOCX})


class Sign(StrEnum):
    """Why a look should be asked about; the profile says how many points each gives."""

    OWN_CHILD = "own_child"
    COLLEAGUES_CHILD = "colleagues_child"
    SAME_SURNAME = "same_surname"
    FIRST_AFTER_SILENCE = "first_after_silence"
    CLOSED_LOG = "closed_log"
    OFF_HOURS = "off_hours"
    MANY_IN_A_DAY = "many_in_a_day"
    MANY_IN_AN_HOUR = "many_in_an_hour"
    BEFORE_LEAVING = "before_leaving"
    AFTER_HANDOVER = "after_handover"
    EXPORT_THEN_LEFT = "export_then_left"
    REFUSED = "refused"


class Kind(StrEnum):
    """Why a review was made."""

    SIGNS = "signs"
    SAMPLE = "sample"


class Outcome(StrEnum):
    """How a review was closed."""

    IN_THE_WORK = "in_the_work"
    BY_MISTAKE = "by_mistake"
    FOLLOWED_UP = "followed_up"
    BREACH = "breach"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the access log about a child; `at` is a UTC moment."""

    at: datetime
    actor_id: UUID
    child_id: UUID
    action: str
    result: str

    @property
    def refused(self) -> bool:
        """Whether the child was kept from this person."""
        return self.result == "deny"


@dataclass(frozen=True, slots=True)
class Person:
    """Who looked. `usual`: children on a median day of the eight weeks before.

    `left_on` is the local date on which the account was closed.
    """

    name: str
    colleagues: frozenset[str] = frozenset()
    left_on: date | None = None
    usual: float = 0


@dataclass(frozen=True, slots=True)
class Child:
    """Whom the look was about. `closed_on`: the log is closed since then."""

    name: str
    guardians: frozenset[str] = frozenset()
    written_on: date | None = None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One person to one child: the first look ever, the baton passed on, the membership ended."""

    first_on: date
    passed_on: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What else the rules look at."""

    people: Mapping[UUID, Person]
    children: Mapping[UUID, Child]
    standings: Mapping[Pair, Standing]


@dataclass(frozen=True, slots=True)
class Look:
    """One person's looks at one child on one local day."""

    actor_id: UUID
    child_id: UUID
    on: date


def found(
    rows: Iterable[Row],
    known: Known,
    points: Mapping[str, int],
    threshold: int,
    asked: Mapping[Pair, frozenset[str]],
) -> dict[Look, frozenset[Sign]]:
    """Return the looks whose signs together reach the threshold.

    `asked` are the signs that somebody has been asked about lately, by person and child: the same
    question is not asked again the next day, but a new sign makes it a new one.
    """
    told = dict(asked)
    looks = {}
    for look, signs in judged(rows, known):
        before = told.get((look.actor_id, look.child_id), frozenset())
        if sum(points[sign] for sign in signs) >= threshold and not signs <= before:
            told[look.actor_id, look.child_id] = before | signs
            looks[look] = signs
    return looks


def judged(rows: Iterable[Row], known: Known) -> Iterator[tuple[Look, frozenset[Sign]]]:
    """Return every look with its signs, in the order of the rows."""
    looks: dict[Look, list[Row]] = defaultdict(list)
    days: dict[tuple[UUID, date], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.at):
        on = oslo_date(row.at)
        looks[Look(row.actor_id, row.child_id, on)].append(row)
        days[row.actor_id, on].append(row)
    over = {day: passes_limits(seen, known.people[day[0]].usual) for day, seen in days.items()}
    for look, seen in looks.items():
        person, child = known.people[look.actor_id], known.children[look.child_id]
        standing = known.standings.get((look.actor_id, look.child_id), Standing(look.on))
        signs = {
            *over[look.actor_id, look.on].get(look.child_id, ()),
            *of_kinship(person, child),
            *of_time(seen, look.on, child, standing),
            *of_leaving(seen, look.on, person, standing),
        }
        yield look, frozenset(signs)


def of_kinship(person: Person, child: Child) -> Iterator[Sign]:
    """Compare names: one's own child, a colleague's, or one with the same surname."""
    guardians = {name.casefold() for name in child.guardians}
    if person.name.casefold() in guardians:
        yield Sign.OWN_CHILD
    elif guardians & {name.casefold() for name in person.colleagues}:
        yield Sign.COLLEAGUES_CHILD
    elif _surname(person.name) in {_surname(name) for name in (child.name, *guardians)}:
        yield Sign.SAME_SURNAME


def of_time(seen: Sequence[Row], on: date, child: Child, standing: Standing) -> Iterator[Sign]:
    """Compare with the clock, and with when something last happened for the child."""
    if any(_off_hours(row.at) for row in seen):
        yield Sign.OFF_HOURS
    if standing.first_on == on and child.written_on and on - child.written_on > SILENCE:
        yield Sign.FIRST_AFTER_SILENCE
    if child.closed_on is not None and on > child.closed_on:
        yield Sign.CLOSED_LOG
    if standing.passed_on is not None and on > standing.passed_on:
        yield Sign.AFTER_HANDOVER
    if sum(row.refused for row in seen) >= REFUSALS:
        yield Sign.REFUSED


def of_leaving(seen: Sequence[Row], on: date, person: Person, standing: Standing) -> Iterator[Sign]:
    """Compare with when the person left, or was no longer with the child."""
    if person.left_on is not None and person.left_on - on < LEAVING:
        yield Sign.BEFORE_LEAVING
    ends = [one for one in (person.left_on, standing.ended_on) if one is not None]
    exported = any(row.action in EXPORTS and not row.refused for row in seen)
    if exported and any(timedelta() <= end - on < LEAVING for end in ends):
        yield Sign.EXPORT_THEN_LEFT


def passes_limits(day: Sequence[Row], usual: float) -> dict[UUID, list[Sign]]:
    """Return the child at which a person's day, in order of time, passed a limit of children."""
    passed: dict[UUID, list[Sign]] = defaultdict(list)
    last: dict[UUID, datetime] = {}
    limit = max(TIMES_USUAL * usual, FEWEST_IN_A_DAY)
    signs = {Sign.MANY_IN_A_DAY, Sign.MANY_IN_AN_HOUR}
    for row in day:
        last[row.child_id] = row.at
        hour = sum(row.at - at < timedelta(hours=1) for at in last.values())
        for sign, over in (
            (Sign.MANY_IN_A_DAY, len(last) > limit),
            (Sign.MANY_IN_AN_HOUR, hour > IN_AN_HOUR),
        ):
            if over and sign in signs:
                signs.discard(sign)
                passed[row.child_id].append(sign)
    return passed


def usual_day(rows: Iterable[tuple[datetime, UUID]]) -> float:
    """Return how many different children a person opens on a median day with any."""
    days: dict[date, set[UUID]] = defaultdict(set)
    for at, child_id in rows:
        days[oslo_date(at)].add(child_id)
    return median(len(children) for children in days.values()) if days else 0


def sample(
    looks: Collection[Look], choose: Callable[[Sequence[Look], int], list[Look]]
) -> list[Look]:
    """Return one in a hundred of a month's looks, at least twenty, as `choose` picks them."""
    wanted = max(SMALLEST_SAMPLE, ceil(len(looks) * SAMPLE_PERCENT / 100))
    ordered = sorted(looks, key=lambda look: (look.on, look.actor_id, look.child_id))
    return choose(ordered, min(wanted, len(ordered)))


def _surname(name: str) -> str:
    return name.casefold().split()[-1]


def _off_hours(at: datetime) -> bool:
    there = at.astimezone(OSLO)
    return not (FROM_HOUR <= there.hour < TO_HOUR and is_working_day(there.date()))
