"""The shape of a kommune's rules, as every feature reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

ONE_IS_ENOUGH = ("daily_care", "prevent_harm")
"""Cases in which one with parental responsibility may say yes alone (pbrl § 4-4): what belongs to
the daily care, and what qualified health personnel find needed so that the child is not harmed."""


@dataclass(frozen=True)
class LevelRules:
    """What one level means in this kommune and what it asks for.

    `min_services` counts the services that a valid consent to the log covers, and blocks;
    `max_services` is only what the level is meant for: more services are a reason to think of
    the next level, never to refuse one. `requires_stafettlogg` is `no`, `optional` or `yes`.
    The deadline and the interval are in days; None where the level has none.
    `coordinator_kinds`: what koordinerende enhet may appoint at this level.
    """

    number: int
    label: str
    short_label: str
    colour: str
    definition: str
    min_services: int
    max_services: int | None
    requires_specialist: bool
    requires_stafettlogg: str
    requires_holder: bool
    requires_ip_assessment: bool
    decision_deadline_days: int | None
    evaluation_interval_days: int | None
    coordinator_kinds: tuple[str, ...]


@dataclass(frozen=True)
class ServiceKind:
    """A kind of service; `specialist` is what a new service of it is, until said otherwise.

    `narrow`: its people begin an entry for those whom they name, because they may not share with
    school, PPT and child welfare without consent (helsepersonelloven § 25).
    """

    code: str
    label: str
    specialist: bool
    narrow: bool = False


@dataclass(frozen=True)
class DevelopmentArea:
    """An area of a child's life which a concern or a goal is about."""

    code: str
    label: str


@dataclass(frozen=True)
class Step:
    """One step of the handlingsveileder at a level: what is done, how, by whom, and with what.

    `arenas` are the kinds of service it is for (`load.ARENAS`), empty for all; several rows may
    share a `code`, one for each arena. `done_by` is what ticks it when it has happened, as the
    record knows (`load.DOINGS`); None where nothing stored can tell.
    """

    level: int
    code: str
    arenas: tuple[str, ...]
    what: str
    how: str
    who: str
    tools: tuple[str, ...]
    done_by: str | None


@dataclass(frozen=True)
class Transition:
    """A change of kindergarten, school or to adult services that is prepared in good time.

    It comes on the first of `month` (1..12) in the year in which the child turns `age`, or on that
    birthday itself when `month` is 0. The holder is told `ahead_months` before, and there has been
    a meeting `meeting_months` before. `name` is said after «overgang»; `how` says what to do.
    """

    code: str
    name: str
    age: int
    month: int
    ahead_months: int
    meeting_months: int
    how: str


@dataclass(frozen=True)
class SafetyContact:
    """Whom to call on suspicion of violence or abuse; `phone` is digits, None where it varies."""

    name: str
    phone: str | None
    when: str


@dataclass(frozen=True)
class Profile:
    """One kommune's rules. Ages are in whole years, `_days` and `_months` calendar ones.

    `max_age`: the highest age at which a child is registered. `consent_age`: from here the
    youth consents alone. `participation_age`: from here the child has an account of its own.
    `one_is_enough`: in which cases the yes of one of several with parental responsibility counts.
    `birth_consent_weeks`: how long after the birth what the pregnant person agreed to still holds.
    `marking_basis`: the paragraphs that documents are marked with, which change with the law.
    `log_years`: how long the rows of access log and trail are kept.
    `review_points`: how much each sign of a look counts; from `review_threshold` on somebody asks.
    `coordinating_unit_counts`: whether koordinerende enhet is one of `min_services`.
    `logo`: what documents carry, as a PNG file's bytes.
    `synthetic_ids`: whether synthetic identity numbers are taken (demo and tests only); it comes
    from the environment, never from a kommune's file.
    """

    kommune: str
    log_name: str
    log_name_definite: str
    marking_basis: str
    max_age: int
    consent_age: int
    participation_age: int
    one_is_enough: tuple[str, ...]
    coordinating_unit_counts: bool
    consent_months: int
    birth_consent_weeks: int
    membership_months_staff: int
    membership_months_external: int
    parent_contact_days: int
    bullying_contact_days: int
    handover_reminder_days: int
    inactivity_days: int
    concern_access_days: int
    log_years: int
    review_threshold: int
    levels: tuple[LevelRules, ...]
    service_kinds: tuple[ServiceKind, ...]
    development_areas: tuple[DevelopmentArea, ...]
    steps: tuple[Step, ...]
    transitions: tuple[Transition, ...]
    safety_contacts: tuple[SafetyContact, ...]
    review_points: Mapping[str, int]
    logo: bytes | None = None
    synthetic_ids: bool = False

    def level(self, number: int) -> LevelRules:
        """Return the rules of a level 0..3.

        Raises:
            IndexError: there is no such level.

        """
        return self.levels[number]

    def steps_at(self, level: int, arena: str | None) -> list[Step]:
        """Return the steps of a level for somebody in a kind of service, in their order."""
        return [one for one in self.steps if one.level == level and _is_for(one, arena)]

    def service_kind(self, code: str) -> ServiceKind:
        """Return a kind of service.

        Raises:
            KeyError: the profile has none with this code.

        """
        return {kind.code: kind for kind in self.service_kinds}[code]


def _is_for(step: Step, arena: str | None) -> bool:
    return not step.arenas or arena in step.arenas
