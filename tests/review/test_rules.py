"""The signs as truth tables, and how many snoopers they find among ordinary weeks."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID

import pytest

from stafett.dates import OSLO, is_working_day
from stafett.profile.load import SIGNS, load
from stafett.review import rules
from stafett.review.rules import Child, Known, Look, Person, Row, Sign, Standing

ME, HER = UUID(int=1), UUID(int=2)
MONDAY = date(2026, 3, 2)
"""An ordinary working day."""


def at(day=MONDAY, hour=10, minute=0):
    """A moment by the clock in Oslo."""
    return datetime.combine(day, time(hour, minute), OSLO).astimezone(UTC)


def row(when=None, child=HER, action="child.read_identity", result="allow", actor=ME):
    return Row(when or at(), actor, child, action, result)


def signs(*rows, person=None, child=None, standing=None):
    known = Known(
        {ME: person or Person("Kari Berg")},
        {HER: child or Child("Nora Lund")},
        {(ME, HER): standing or Standing(date(2026, 1, 1))},
    )
    return {look.child_id: found for look, found in rules.judged(rows or [row()], known)}[HER]


def test_an_ordinary_look_has_no_sign():
    assert signs() == frozenset()


@pytest.mark.parametrize(
    ("guardians", "colleagues", "child", "sign"),
    [
        ({"Kari Berg"}, set(), "Nora Lund", Sign.OWN_CHILD),
        ({"KARI BERG"}, {"Kari Berg"}, "Nora Lund", Sign.OWN_CHILD),
        ({"Per Dal"}, {"Per Dal", "Eva Ås"}, "Nora Lund", Sign.COLLEAGUES_CHILD),
        ({"Ola Berg"}, set(), "Nora Lund", Sign.SAME_SURNAME),
        (set(), set(), "Nora Berg", Sign.SAME_SURNAME),
        ({"Ola Bergli"}, {"Per Dal"}, "Nora Lund", None),
    ],
)
def test_kinship_is_told_by_names(guardians, colleagues, child, sign):
    found = signs(
        person=Person("Kari Berg", frozenset(colleagues)),
        child=Child(child, frozenset(guardians)),
    )
    assert found == ({sign} if sign else set())


@pytest.mark.parametrize(
    ("when", "off"),
    [
        (at(hour=6), False),
        (at(hour=5, minute=59), True),
        (at(hour=19, minute=59), False),
        (at(hour=20), True),
        (at(date(2026, 3, 7)), True),
        (at(date(2026, 5, 1)), True),
        (at(date(2026, 7, 6), hour=6), False),
    ],
)
def test_off_hours_by_the_clock_in_oslo(when, off):
    assert signs(row(when)) == ({Sign.OFF_HOURS} if off else set())


@pytest.mark.parametrize(
    ("first", "written", "found"),
    [
        (MONDAY, MONDAY - timedelta(days=91), True),
        (MONDAY, MONDAY - timedelta(days=90), False),
        (MONDAY - timedelta(days=1), MONDAY - timedelta(days=91), False),
        (MONDAY, None, False),
    ],
)
def test_the_first_look_long_after_the_last_entry(first, written, found):
    sign = {Sign.FIRST_AFTER_SILENCE} if found else set()
    child = Child("Nora Lund", written_on=written)
    assert signs(child=child, standing=Standing(first)) == sign


@pytest.mark.parametrize(("days", "found"), [(-1, True), (0, False), (1, False)])
def test_after_the_log_was_closed_or_the_baton_was_passed_on(days, found):
    day = MONDAY + timedelta(days=days)
    closed = signs(child=Child("Nora Lund", closed_on=day))
    assert closed == ({Sign.CLOSED_LOG} if found else set())
    passed = signs(standing=Standing(date(2026, 1, 1), passed_on=day))
    assert passed == ({Sign.AFTER_HANDOVER} if found else set())


@pytest.mark.parametrize(
    ("days", "found"), [(-30, True), (0, True), (6, True), (7, False), (None, False)]
)
def test_in_the_last_week_before_the_account_is_closed_or_after(days, found):
    left = None if days is None else MONDAY + timedelta(days=days)
    person = Person("Kari Berg", left_on=left)
    assert signs(person=person) == ({Sign.BEFORE_LEAVING} if found else set())


@pytest.mark.parametrize(
    ("days", "action", "found"),
    [
        (0, "plan.export_docx", True),
        (6, "plan.export_docx", True),
        (7, "plan.export_docx", False),
        (-1, "plan.export_docx", False),
        (0, "plan.read", False),
    ],
)
def test_a_plan_taken_along_by_who_is_soon_no_longer_with_the_child(days, action, found):
    standing = Standing(date(2026, 1, 1), ended_on=MONDAY + timedelta(days=days))
    expected = {Sign.EXPORT_THEN_LEFT} if found else set()
    assert signs(row(action=action), standing=standing) == expected
    assert signs(row(action=action, result="deny"), standing=standing) == set()


@pytest.mark.parametrize(("times", "found"), [(2, False), (3, True)])
def test_refused_again_and_again(times, found):
    tries = [row(at(minute=minute), result="deny") for minute in range(times)]
    assert signs(*tries, row(result="allow")) == ({Sign.REFUSED} if found else set())


def test_the_child_at_which_an_hour_or_a_day_has_too_many():
    def day(minutes, usual):
        rows = [
            row(at() + timedelta(minutes=minute), UUID(int=number))
            for number, minute in enumerate(minutes)
        ]
        return {child.int: set(found) for child, found in rules.passes_limits(rows, usual).items()}

    hour, many = Sign.MANY_IN_AN_HOUR, Sign.MANY_IN_A_DAY
    assert day(range(15), 10) == {}
    assert day(range(16), 10) == {15: {hour}}
    assert day(range(0, 16 * 5, 5), 10) == {}  # never more than 12 within an hour
    assert day(range(0, 31 * 5, 5), 10) == {30: {many}}
    assert day(range(5), 0) == {}
    assert day(range(7), 0) == {5: {many}}  # once, at the child that passed
    again = [row(at(minute=minute), UUID(int=minute % 3)) for minute in range(40)]
    assert rules.passes_limits(again, 0) == {}


def test_a_usual_day_is_the_median_of_days_with_any():
    assert rules.usual_day([]) == 0
    rows = [(at(MONDAY + timedelta(days=day)), UUID(int=n)) for day in range(3) for n in range(day)]
    assert rules.usual_day([*rows, *rows]) == 1.5


def test_points_together_reach_the_threshold():
    rows = [row(at(hour=22))]
    known = Known(
        {ME: Person("Kari Berg")},
        {HER: Child("Nora Berg")},
        {(ME, HER): Standing(date(2026, 1, 1))},
    )
    points = {Sign.OFF_HOURS: 15, Sign.SAME_SURNAME: 35}
    both = {Look(ME, HER, MONDAY): frozenset(points)}
    assert rules.found(rows, known, points, 50, {}) == both
    assert rules.found(rows, known, points, 51, {}) == {}


def test_the_same_question_is_asked_once_and_a_new_sign_is_a_new_question():
    days = [MONDAY + timedelta(days=number) for number in range(3)]
    rows = [row(at(days[0])), row(at(days[1])), row(at(days[2], hour=22))]
    known = Known(
        {ME: Person("Kari Berg")},
        {HER: Child("Nora Berg")},
        {(ME, HER): Standing(date(2026, 1, 1))},
    )
    points = {Sign.OFF_HOURS: 0, Sign.SAME_SURNAME: 50}

    def asked(before):
        found = rules.found(rows, known, points, 50, before)
        return [look.on for look in found]

    assert asked({}) == [days[0], days[2]]
    assert asked({(ME, HER): frozenset({Sign.SAME_SURNAME})}) == [days[2]]
    assert asked({(ME, HER): frozenset(points)}) == []
    assert asked({(HER, ME): frozenset(points)}) == [days[0], days[2]]


@pytest.mark.parametrize(
    ("looks", "drawn"), [(0, 0), (3, 3), (20, 20), (2000, 20), (2001, 21), (5000, 50)]
)
def test_one_in_a_hundred_is_drawn_and_at_least_twenty(looks, drawn):
    all_of_them = {Look(ME, UUID(int=number), MONDAY) for number in range(looks)}
    chosen = rules.sample(all_of_them, Random(1).sample)
    assert len(set(chosen)) == drawn
    assert set(chosen) <= all_of_them


def test_the_profile_knows_every_sign():
    assert set(SIGNS) == set(Sign)
    assert load("standard").review_points.keys() == set(Sign)


# Two hundred ordinary weeks and forty who snooped.

STAFF, CHILDREN, WEEKS = 40, 300, 5
SURNAMES = [f"Demo-{letter}{ending}" for letter in "ABDEFGHIKL" for ending in ("li", "vik", "nes")]


class Kommune:
    """Forty people for five weeks: each week is one of two hundred; then forty snoop."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.rows, self.snooped = [], []
        pick = self.random.choice
        self.staff = [UUID(int=number) for number in range(1, STAFF + 1)]
        self.children = [UUID(int=1000 + number) for number in range(CHILDREN)]
        names = {one: f"Ansatt{one.int} {pick(SURNAMES)}" for one in self.staff}
        self.own = {one: self.random.sample(self.children, 12) for one in self.staff}
        self.people = {
            one: Person(
                names[one],
                frozenset(
                    names[other]
                    for other in self.staff
                    if other != one and one.int % 8 == other.int % 8
                ),
                usual=4,
            )
            for one in self.staff
        }
        self.facts, self.standings = {}, {}
        for number, child in enumerate(self.children):
            surname = pick(SURNAMES)
            silent = number % 10 == 0
            self.facts[child] = Child(
                f"Barn{number} {surname}",
                frozenset({f"Mor{number} {surname}", f"Far{number} {pick(SURNAMES)}"}),
                written_on=MONDAY - timedelta(days=200 if silent else 10),
                closed_on=MONDAY - timedelta(days=60) if silent else None,
            )
        for week in range(WEEKS):
            for one in self.staff:
                self._ordinary(one, MONDAY + timedelta(weeks=week))

    def look(self, actor, child, when, *, snoops=False, **more):
        self.rows.append(row(when, child, actor=actor, **more))
        first = self.standings.get((actor, child), Standing(MONDAY - timedelta(days=300)))
        self.standings[actor, child] = first
        if snoops:
            self.snooped[-1].add(Look(actor, child, when.astimezone(OSLO).date()))

    def _ordinary(self, one, monday):
        """Some children a day; now and then an evening, a new child, or a closed log."""
        chance = self.random.random
        for day in (monday + timedelta(days=number) for number in range(5)):
            if not is_working_day(day):
                continue
            for child in self.random.sample(self.own[one], self.random.randint(2, 6)):
                hour = 20 + self.random.randrange(2) if chance() < 0.02 else None
                minute = self.random.randrange(60)
                when = at(day, hour or self.random.randint(7, 15), minute)
                self.look(one, child, when)
        if chance() < 0.1:  # somebody new to follow up, now and then after a long silence
            child = self.random.choice(self.children)
            if child not in self.own[one]:
                self.standings[one, child] = Standing(monday)
                self.own[one].append(child)
                self.look(one, child, at(monday, 9))

    def snoop(self, number):
        """One of ten ways to snoop."""
        one = self.random.choice(self.staff)
        child = self.random.choice([c for c in self.children if c not in self.own[one]])
        day = MONDAY + timedelta(days=7 * self.random.randrange(WEEKS) + 1)
        self.snooped.append(set())
        way = self.WAYS[number % 10] if number < 39 else Kommune._unseen
        way(self, one, child, day)

    def _own_child(self, one, child, day):
        self._about(child, guardians=frozenset({self.people[one].name}))
        self.look(one, child, at(day, 12), snoops=True)

    def _colleague(self, one, child, day):
        colleague = self.random.choice(sorted(self.people[one].colleagues))
        self._about(child, guardians=frozenset({colleague}))
        self.look(one, child, at(day, 21), snoops=True)

    def _family_in_a_weekend(self, one, child, day):
        self._about(child, guardians=frozenset({f"Far {self.people[one].name.split()[-1]}"}))
        self.look(one, child, at(day + timedelta(days=4), 11), snoops=True)

    def _one_after_another(self, one, _child, day):
        for minute, other in enumerate(self.random.sample(self.children, 20)):
            self.look(one, other, at(day, 13, minute), snoops=True)

    def _old_log(self, one, child, day):
        closed = {"written_on": day - timedelta(days=300), "closed_on": day - timedelta(days=99)}
        self._about(child, **closed)
        self.standings[one, child] = Standing(day)
        self.look(one, child, at(day, 14), snoops=True)

    def _last_week(self, one, child, day):
        person = self.people[one]
        self._about(child, closed_on=day - timedelta(days=99))
        self.people[one] = replace(person, left_on=day + timedelta(days=2))
        self.look(one, child, at(day, 14), snoops=True)

    def _takes_the_plan_along(self, one, child, day):
        self.standings[one, child] = Standing(day, ended_on=day + timedelta(days=1))
        self.look(one, child, at(day, 15), snoops=True, action="plan.export_docx")

    def _tries_the_door(self, one, child, day):
        for minute in range(4):
            self.look(one, child, at(day, 22, minute), snoops=True, result="deny")

    def _cannot_let_go(self, one, child, day):
        self._about(child, closed_on=day - timedelta(days=20))
        passed_on = day - timedelta(days=30)
        self.standings[one, child] = Standing(MONDAY - timedelta(days=300), passed_on=passed_on)
        self.look(one, child, at(day, 12), snoops=True)

    def _a_long_evening(self, one, _child, day):
        for minute, other in enumerate(self.random.sample(self.children, 14)):
            self.look(one, other, at(day, 20, 4 * minute), snoops=True)

    def _unseen(self, one, child, day):
        self.look(one, child, at(day, 12), snoops=True)  # nothing tells it from the rest

    WAYS = (
        *(_own_child, _colleague, _family_in_a_weekend, _one_after_another, _old_log),
        *(_last_week, _takes_the_plan_along, _tries_the_door, _cannot_let_go, _a_long_evening),
    )

    def _about(self, child, **changes):
        self.facts[child] = replace(self.facts[child], **changes)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_recall_and_precision_among_two_hundred_ordinary_weeks(seed, capsys):
    kommune = Kommune(seed)
    for number in range(40):
        kommune.snoop(number)
    profile = load("standard")
    known = Known(kommune.people, kommune.facts, kommune.standings)
    found = rules.found(kommune.rows, known, profile.review_points, profile.review_threshold, {})
    snooped = set().union(*kommune.snooped)
    recall = sum(bool(one & found.keys()) for one in kommune.snooped) / 40
    precision = sum(look in snooped for look in found) / len(found)
    alerts = len(found) / (STAFF * WEEKS) * 100
    with capsys.disabled():
        print(  # noqa: T201 the measure is to be read
            f"\nseed {seed}: recall {recall:.0%}, precision {precision:.0%},"
            f" {len(found)} of {len(kommune.rows)} looks,"
            f" {alerts:.1f} for each 100 people and week"
        )
    assert len(kommune.snooped) == 40
    assert recall >= 0.9
    assert precision >= 0.3
