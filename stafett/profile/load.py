"""Reads a profile from TOML and refuses it with every problem at once."""

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from exports.pdf import NotSetUpError, can_show
from stafett.profile.model import (
    ONE_IS_ENOUGH,
    DevelopmentArea,
    LevelRules,
    Profile,
    SafetyContact,
    ServiceKind,
    Step,
    Transition,
)

BUILT_IN = ("standard", "holtalen", "tromso")
BASED_ON = "based_on"
COLOURS = (
    "neutral",
    "accent",
    "brand1",
    "brand2",
    "info",
)  # the others say that all is well or not
STAFETTLOGG = ("no", "optional", "yes")
COORDINATORS = ("koordinator", "barnekoordinator", "primarkontakt")
COORDINATING_UNIT = "coordinating_unit"
SIGNS = (
    *("own_child", "colleagues_child", "same_surname", "first_after_silence", "closed_log"),
    *("off_hours", "many_in_a_day", "many_in_an_hour", "before_leaving", "after_handover"),
    *("export_then_left", "refused"),
)
LEVELS = [0, 1, 2, 3]
OF_A_CONCERN = ("written", "leader_told", "child_heard", "family_told", "decided")
OF_A_LOG = ("opened", "met", "child_heard", "measures", "evaluated", "ip_assessed", "coordinator")
ARENAS = ("kindergarten", "school", "health_centre")
DOINGS = tuple(dict.fromkeys(OF_A_CONCERN + OF_A_LOG))
"""What may tick off a step: at level 0 what a concern says, from level 1 what the log says."""
CODE = re.compile(r"[a-z][a-z0-9_]*")
PHONE = re.compile(r"[0-9]{3,8}")
PNG, PNG_END, LONGEST_END = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"IEND", 12
LARGEST_LOGO = 300_000  # bytes: it is in every document
A_YEAR, TEN_YEARS = 366, 120


class ProfileError(Exception):
    """The profile cannot be used; `problems` lists every reason, in Norwegian, with its place."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the reasons."""
        super().__init__("\n".join(problems))
        self.problems = problems


def load(name_or_path: str) -> Profile:
    """Read a built-in profile by its name, or a kommune's own from a TOML file.

    A file may say `based_on = "standard"` and then hold only what is different: each of its
    keys replaces the whole of that key, also a list.

    Raises:
        ProfileError: the file cannot be read, or something in it is missing, unknown or wrong.

    """
    table = _Table(_read(name_or_path), "", [])
    profile = _profile(table, Path(name_or_path).parent)
    wrong = tuple(table.problems)
    table.problems += [
        f"{where}{text}" for where, text in _contradictions(profile) if _is_sound(where, wrong)
    ]
    if table.problems:
        raise ProfileError(table.problems)
    return profile


def _read(name_or_path: str) -> dict[str, Any]:
    """Return the file's keys upon those of the profile it is based on."""
    try:
        if name_or_path in BUILT_IN:
            content = resources.files(__package__).joinpath(f"{name_or_path}.toml").read_bytes()
        else:
            content = Path(name_or_path).read_bytes()
        values = tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        known = ", ".join(BUILT_IN)
        raise ProfileError(
            [f"{name_or_path}: kan ikke leses ({error.strerror}); innebygd er {known}"]
        ) from error
    except ValueError as error:  # neither UTF-8 nor TOML
        raise ProfileError([f"{name_or_path}: er ikke TOML i UTF-8 ({error})"]) from error
    if BASED_ON not in values:
        return values
    base = values.pop(BASED_ON)
    if base not in BUILT_IN:
        raise ProfileError([f"{BASED_ON}: må være en av {', '.join(BUILT_IN)}"])
    return _read(base) | values


class _Table:
    """One table of the file: takes its keys out one by one, and notes what is wrong with each.

    What is wrong is answered with a harmless value, so that reading goes on to the end.
    """

    def __init__(self, values: dict[str, Any], where: str, problems: list[str]) -> None:
        self._values, self._where, self.problems = dict(values), where, problems

    def _take(self, key: str, wanted: type, what: str) -> Any:
        if key not in self._values:
            self.problems.append(f"{self._where}{key}: mangler")
            return None
        value = self._values.pop(key)
        if type(value) is not wanted:  # exactly: in Python, true is an int
            self._wrong(key, what)
            return None
        return value

    def _wrong(self, key: str, what: str) -> None:
        self.problems.append(f"{self._where}{key}: må være {what}")

    def text(self, key: str) -> str:
        value = self._take(key, str, what := "en tekst på én linje")
        if value is not None and (not value.strip() or not value.isprintable()):
            self._wrong(key, what)
        return value or ""

    def code(self, key: str) -> str:
        value = self._take(key, str, what := "en kode av små bokstaver a-z, tall og _")
        if value is not None and not CODE.fullmatch(value):
            self._wrong(key, what)
        return value or ""

    def phone_or_none(self, key: str) -> str | None:
        if key not in self._values:
            return None
        value: str | None = self._take(key, str, what := "et telefonnummer med 3 til 8 siffer")
        if value is not None and not PHONE.fullmatch(value):
            self._wrong(key, what)
        return value

    def png_or_none(self, key: str, folder: Path) -> bytes | None:
        """Return the picture whose path stands there, seen from the folder of the file."""
        if key not in self._values:
            return None
        path = folder / self.text(key)
        try:
            picture = path.read_bytes()
        except OSError as error:
            self.problems.append(f"{self._where}{key}: {path} kan ikke leses ({error.strerror})")
            return None
        whole = picture.startswith(PNG) and PNG_END in picture[-LONGEST_END:]
        if not whole or len(picture) > LARGEST_LOGO:
            self._wrong(key, f"en hel PNG-fil på høyst {LARGEST_LOGO // 1000} kB")
        elif problem := _problem_with(picture):
            self.problems.append(f"{self._where}{key}: {path} {problem}")
        return picture

    def choice(self, key: str, allowed: Collection[str]) -> str:
        value = self._take(key, str, what := f"en av {', '.join(allowed)}")
        if value is not None and value not in allowed:
            self._wrong(key, what)
        return value or ""

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._take(key, list, what := "en liste av tekster")
        if value is not None and not all(type(one) is str and one.strip() for one in value):
            self._wrong(key, what)
            return ()
        return tuple(value or ())

    def choices(self, key: str, allowed: Collection[str]) -> tuple[str, ...]:
        value = self._take(key, list, what := f"en liste av {', '.join(allowed)}")
        if value is not None and any(one not in allowed for one in value):
            self._wrong(key, what)
        return tuple(value or ())

    def flag(self, key: str) -> bool:
        return bool(self._take(key, bool, "true eller false"))

    def has(self, key: str) -> bool:
        return key in self._values

    def flag_or_false(self, key: str) -> bool:
        return self.flag(key) if key in self._values else False

    def number(self, key: str, least: int, most: int) -> int:
        value = self._take(key, int, what := f"et helt tall fra {least} til {most}")
        if value is not None and not least <= value <= most:
            self._wrong(key, what)
        return value or 0

    def number_or_none(self, key: str, least: int, most: int) -> int | None:
        return self.number(key, least, most) if key in self._values else None

    def tables(self, key: str) -> list["_Table"]:
        value = self._take(key, list, what := f"en liste av tabeller, [[{key}]]")
        if value is not None and not all(type(one) is dict for one in value):
            self._wrong(key, what)
            return []
        return [
            _Table(one, f"{self._where}{key}[{place}].", self.problems)
            for place, one in enumerate(value or ())
        ]

    def end(self) -> None:
        """Note the keys that nobody asked for: a misspelt rule must not be silently ignored."""
        self.problems += [f"{self._where}{key}: ukjent nøkkel" for key in self._values]


def _profile(table: _Table, folder: Path) -> Profile:
    signs = [_sign(one) for one in table.tables("review_signs")]
    for code in _repeated([code for code, _ in signs if code]):
        table.problems.append(f"review_signs: {code} står mer enn én gang")
    profile = Profile(
        kommune=table.text("kommune"),
        log_name=table.text("log_name"),
        log_name_definite=table.text("log_name_definite"),
        marking_basis=table.text("marking_basis"),
        max_age=table.number("max_age", 17, 25),
        consent_age=table.number("consent_age", 15, 16),
        participation_age=table.number("participation_age", 7, 14),
        one_is_enough=table.choices("one_is_enough", ONE_IS_ENOUGH),
        coordinating_unit_counts=table.flag("coordinating_unit_counts"),
        consent_months=table.number("consent_months", 1, TEN_YEARS),
        birth_consent_weeks=table.number("birth_consent_weeks", 1, 26),
        membership_months_staff=table.number("membership_months_staff", 1, TEN_YEARS),
        membership_months_external=table.number("membership_months_external", 1, TEN_YEARS),
        parent_contact_days=table.number("parent_contact_days", 0, A_YEAR),
        bullying_contact_days=table.number("bullying_contact_days", 0, A_YEAR),
        handover_reminder_days=table.number("handover_reminder_days", 1, A_YEAR),
        inactivity_days=table.number("inactivity_days", 1, A_YEAR),
        concern_access_days=table.number("concern_access_days", 0, A_YEAR),
        log_years=table.number("log_years", 2, 100),
        review_threshold=table.number("review_threshold", 1, 1000),
        levels=tuple(_level(one) for one in table.tables("levels")),
        service_kinds=tuple(_service_kind(one) for one in table.tables("service_kinds")),
        development_areas=tuple(_area(one) for one in table.tables("development_areas")),
        steps=tuple(_step(one) for one in table.tables("steps")),
        transitions=tuple(_transition(one) for one in table.tables("transitions")),
        safety_contacts=tuple(_contact(one) for one in table.tables("safety_contacts")),
        review_points=dict(signs),
        logo=table.png_or_none("logo", folder),
    )
    table.end()
    return profile


def _problem_with(picture: bytes) -> str | None:
    """Say why no document can show a picture: it would stop every PDF."""
    try:
        if can_show(picture):
            return None
    except NotSetUpError:
        return "kan ikke prøves, for det kan ikke lages PDF her. Kjør make setup"
    return (
        "er skadet, og kan ikke vises i dokumenter. "
        "Åpne bildet i et tegneprogram og lagre det på nytt som PNG"
    )


def _level(table: _Table) -> LevelRules:
    rules = LevelRules(
        number=table.number("number", 0, 3),
        label=table.text("label"),
        short_label=table.text("short_label"),
        colour=table.choice("colour", COLOURS),
        definition=table.text("definition"),
        min_services=table.number("min_services", 0, 20),
        max_services=table.number_or_none("max_services", 1, 20),
        requires_specialist=table.flag("requires_specialist"),
        requires_stafettlogg=table.choice("requires_stafettlogg", STAFETTLOGG),
        requires_holder=table.flag("requires_holder"),
        requires_ip_assessment=table.flag("requires_ip_assessment"),
        decision_deadline_days=table.number_or_none("decision_deadline_days", 1, A_YEAR),
        evaluation_interval_days=table.number_or_none("evaluation_interval_days", 1, A_YEAR),
        coordinator_kinds=table.choices("coordinator_kinds", COORDINATORS),
    )
    table.end()
    return rules


def _service_kind(table: _Table) -> ServiceKind:
    kind = ServiceKind(
        code=table.code("code"),
        label=table.text("label"),
        specialist=table.flag("specialist"),
        narrow=table.flag_or_false("narrow"),
    )
    table.end()
    return kind


def _area(table: _Table) -> DevelopmentArea:
    area = DevelopmentArea(table.code("code"), table.text("label"))
    table.end()
    return area


def _step(table: _Table) -> Step:
    step = Step(
        level=table.number("level", 0, 3),
        code=table.code("code"),
        arenas=table.choices("arenas", ARENAS) if table.has("arenas") else (),
        what=table.text("what"),
        how=table.text("how"),
        who=table.text("who"),
        tools=table.texts("tools") if table.has("tools") else (),
        done_by=table.choice("done_by", DOINGS) if table.has("done_by") else None,
    )
    table.end()
    return step


def _transition(table: _Table) -> Transition:
    transition = Transition(
        code=table.text("code"),
        name=table.text("name"),
        age=table.number("age", 1, 23),
        month=table.number("month", 0, 12),
        ahead_months=table.number("ahead_months", 1, 60),
        meeting_months=table.number("meeting_months", 0, 59),
        how=table.text("how"),
    )
    table.end()
    return transition


def _contact(table: _Table) -> SafetyContact:
    contact = SafetyContact(table.text("name"), table.phone_or_none("phone"), table.text("when"))
    table.end()
    return contact


def _sign(table: _Table) -> tuple[str, int]:
    sign = (table.choice("code", SIGNS), table.number("points", 0, 1000))
    table.end()
    return sign


def _is_sound(where: str, problems: Iterable[str]) -> bool:
    """Tell whether the values at a place were all read; only such can contradict each other."""
    return not any(problem.startswith(where) for problem in problems)


def _contradictions(profile: Profile) -> Iterable[tuple[str, str]]:
    """List, as place and text, what is wrong between values that are each right."""
    if [level.number for level in profile.levels] != LEVELS:
        yield "levels", ": må være nivå 0, 1, 2 og 3, én gang hver og i den rekkefølgen"
    for place, level in enumerate(profile.levels):
        for text in _of_level_0(level) if level.number == 0 else _of_level(level):
            yield f"levels[{place}].", text
    for text in _of_kinds(profile):
        yield "service_kinds", text
    yield from _of_steps(profile)
    yield from _of_transitions(profile)
    if not profile.safety_contacts:
        yield "safety_contacts", ": må ha minst én å ringe til ved mistanke om vold eller overgrep"
    for code in (one for one in SIGNS if one not in profile.review_points):
        yield "review_signs", f": mangler {code}"
    areas = [area.code for area in profile.development_areas]
    for code in _repeated(areas):
        yield "development_areas", f": {code} står mer enn én gang"
    if not areas:
        yield "development_areas", ": må ha minst ett område"


def _of_transitions(profile: Profile) -> Iterable[tuple[str, str]]:
    for code in _repeated([one.code for one in profile.transitions]):
        yield "transitions", f": {code} står mer enn én gang"
    for place, one in enumerate(profile.transitions):
        if one.meeting_months >= one.ahead_months:
            yield f"transitions[{place}].", "meeting_months: må være mindre enn ahead_months"


def _of_steps(profile: Profile) -> Iterable[tuple[str, str]]:
    for place, step in enumerate(profile.steps):
        same = [one for one in profile.steps if (one.level, one.code) == (step.level, step.code)]
        if any(one is not step and _share(one.arenas, step.arenas) for one in same):
            yield f"steps[{place}].", "code: står mer enn én gang på nivået for de samme"
        if step.done_by not in (None, *(OF_A_LOG if step.level else OF_A_CONCERN)):
            yield f"steps[{place}].", f"done_by: {step.done_by} skjer ikke på nivå {step.level}"
    for number in sorted(set(LEVELS) - {step.level for step in profile.steps}):
        yield "steps", f": mangler nivå {number}"


def _share(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return not some or not others or bool(set(some) & set(others))


def _of_kinds(profile: Profile) -> Iterable[str]:
    kinds = [kind.code for kind in profile.service_kinds]
    for code in _repeated(kinds):
        yield f": {code} står mer enn én gang"
    if COORDINATING_UNIT not in kinds:
        yield f": mangler {COORDINATING_UNIT}; alle kommuner skal ha en slik enhet"
    if any(level.requires_specialist for level in profile.levels) and not any(
        kind.specialist for kind in profile.service_kinds
    ):
        yield ": et nivå krever spesialisthelsetjenesten, men ingen hører til den"


def _of_level_0(level: LevelRules) -> Iterable[str]:
    # A concern is private to its author and his leader: nothing is shared, so nobody holds it.
    if level.requires_stafettlogg != "no":
        yield "requires_stafettlogg: må være no på nivå 0"
    if level.requires_holder:
        yield "requires_holder: må være false på nivå 0"
    if level.min_services:
        yield "min_services: må være 0 på nivå 0"
    if level.decision_deadline_days is None:
        yield "decision_deadline_days: mangler på nivå 0"


def _of_level(level: LevelRules) -> Iterable[str]:
    if level.min_services == 0:
        yield "min_services: må være minst 1 fra nivå 1"
    if level.max_services is not None and level.max_services < level.min_services:
        yield "max_services: er lavere enn min_services"
    if not level.requires_holder:
        yield "requires_holder: må være true fra nivå 1; en åpen logg har alltid en stafettholder"
    if level.evaluation_interval_days is None:
        yield "evaluation_interval_days: mangler fra nivå 1"


def _repeated(codes: list[str]) -> list[str]:
    return [code for code, times in Counter(codes).items() if times > 1]
