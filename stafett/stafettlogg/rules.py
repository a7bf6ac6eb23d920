"""Levels, and what stands in the way of opening, moving, handing over and closing; pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from uuid import UUID

from stafett.children.rules import is_of_age
from stafett.dates import birthday, months_after
from stafett.profile.model import LevelRules, Profile, Transition
from stafett.tasks.rules import TaskKind

BY_CONCERN = "concern"
"""Basis of the ties of who wrote a concern, and of the leader who decides about it."""


class Level(IntEnum):
    """How many services work together; level 0 has no log. What each means, the profile says."""

    ONE = 1
    TWO = 2
    THREE = 3


class LogStatus(StrEnum):
    """What a child's log is today; `frozen` is an open one that no consent covers."""

    NONE = "none"
    OPEN = "open"
    FROZEN = "frozen"
    CLOSED = "closed"


def status(*, there: bool, closed: bool, covered: bool) -> LogStatus:
    """Return what a child's log is; `covered`: consent covers some service today."""
    if not there:
        return LogStatus.NONE
    if closed:
        return LogStatus.CLOSED
    return LogStatus.OPEN if covered else LogStatus.FROZEN


class HandoverState(StrEnum):
    """Where the baton is between two hands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    FORCED = "forced"


class IpAnswer(StrEnum):
    """What came out of asking whether individuell plan and coordinator are needed."""

    WANTED = "wanted"
    NOT_NOW = "not_now"
    DECLINED = "declined"


class ConcernDecision(StrEnum):
    """What the leader decides about a concern."""

    CLOSE = "close"
    OWN_SERVICE = "own_service"
    MORE_SERVICES = "more_services"
    CHILD_WELFARE = "child_welfare"


VIOLENCE = "violence"
"""Why the parents were not talked with: suspicion of violence or abuse."""


class PaperKind(StrEnum):
    """What is registered of a log on paper: that it is there or is not any more, and its days."""

    BEGUN = "begun"
    CONSENT = "consent"
    MEETING = "meeting"
    CHILD_HEARD = "child_heard"
    MEASURES = "measures"
    EVALUATION = "evaluation"
    ENDED = "ended"


class StepForm(StrEnum):
    """In which form something is decided of a log."""

    EVALUATION = "evaluation"
    LEVEL = "level"
    CLOSING = "closing"
    HANDOVER = "handover"
    FORCING = "forcing"


class ConcernForm(StrEnum):
    """In which form something is done with a concern that is there."""

    CORRECTION = "correction"
    ADDITION = "addition"
    ANSWER = "answer"


class Outcome(StrEnum):
    """How a log came to its end."""

    GOALS_REACHED = "goals_reached"
    OTHER_HELP = "other_help"
    FAMILY_WISH = "family_wish"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    MOVED = "moved"
    OTHER = "other"
    NO_BIRTH = "no_birth"


ENDED: Mapping[str, str] = {
    Outcome.GOALS_REACHED: "Målene er nådd",
    Outcome.OTHER_HELP: "Får annen hjelp",
    Outcome.FAMILY_WISH: "Familien ønsket å avslutte",
    Outcome.CONSENT_WITHDRAWN: "Samtykket er trukket tilbake",
    Outcome.MOVED: "Familien har flyttet",
    Outcome.OTHER: "Annet",
    Outcome.NO_BIRTH: "Avsluttet uten fødsel",
}
"""How a log came to its end, as `how_ended` says it."""
BY_HAND = [one.value for one in Outcome if one is not Outcome.NO_BIRTH]
"""How a follow-up may end that somebody closes; without a birth it ends on a page of its own."""


def how_ended(outcome: str, who: str = "Familien") -> str:
    """Return how a log came to its end; `who` decided: one who is of age does so himself."""
    return ENDED[outcome].replace("Familien", who)


def beside(birth_date: date | None, closed_on: date) -> str:
    """Return who else a closing note lets speak, by the local date on which the log was closed."""
    return "Familien" if is_of_age(birth_date, closed_on) else "Foresatte"


def decide_by(written_on: date, profile: Profile) -> date:
    """Return the local date by which the leader must have decided about a concern."""
    return written_on + timedelta(days=profile.level(0).decision_deadline_days or 0)


def talk_by(written_on: date, profile: Profile, *, bullying: bool) -> date:
    """Return the local date by which the family must have been talked with about a concern.

    Bullying and an unsafe school wait for nothing (opplæringslova § 12-4).
    """
    days = profile.bullying_contact_days if bullying else profile.parent_contact_days
    return written_on + timedelta(days=days)


def may_be_shared(decision: str | None, parents_not_asked: str | None) -> bool:
    """Say whether a concern may be read by the family, as the first entry of a log is.

    What child welfare is asked about, or the police, is not told the parents first.
    """
    return parents_not_asked != VIOLENCE and decision != ConcernDecision.CHILD_WELFARE


@dataclass(frozen=True)
class LogFacts:
    """The log as the rules see it.

    `covered`: the services that consent covers today, each with whether it belongs to
    spesialisthelsetjenesten. `counted`: those of them that the profile counts for a level.
    `partly`: those that may not see the whole log, so that nobody there can hold its baton.
    `from_before_birth`: those whose consent the pregnant person gave, on which nobody new comes in.
    """

    level: Level | None
    covered: Mapping[UUID, bool] = field(default_factory=dict)
    counted: int = 0
    partly: Collection[UUID] = ()
    from_before_birth: Collection[UUID] = ()
    closed: bool = False
    has_holder: bool = True


def obstacles_at(facts: LogFacts, target: LevelRules, *, ip_assessed: bool) -> list[str]:
    """List every reason why a log may not stand at a level: consent, services, specialist, IP."""
    obstacles = []
    if not facts.covered:
        obstacles.append("consent-missing")
    if facts.counted < target.min_services:
        obstacles.append("too-few-services")
    if target.requires_specialist and not any(facts.covered.values()):
        obstacles.append("specialist-missing")
    if target.requires_ip_assessment and not ip_assessed:
        obstacles.append("ip-assessment-missing")
    return obstacles


def obstacles_to_level(facts: LogFacts, target: LevelRules, *, ip_assessed: bool) -> list[str]:
    """List every reason why the log may not move to a level, up or down; empty means it may."""
    obstacles = []
    if facts.closed:
        obstacles.append("log-closed")
    if target.number == facts.level:
        obstacles.append("same-level")
    if target.requires_holder and not facts.has_holder:
        obstacles.append("holder-missing")
    return obstacles + obstacles_at(facts, target, ip_assessed=ip_assessed)


def wrong_day(decided_on: date, last_on: date, today: date, *, on_paper: bool) -> list[str]:
    """List why a log's level or end cannot have been decided on a local date; empty: it can.

    `on_paper`: only what a family decides on paper is registered another day than it is decided.
    `last_on`: the local date of what was decided before it, first of all that there is a log.
    """
    problems = []
    if not on_paper:
        problems.append("decided-not-on-paper")
    if decided_on > today:
        problems.append("date-in-future")
    if decided_on < last_on:
        problems.append("decided-before-last")
    return problems


def obstacles_to_opening(
    facts: LogFacts,
    target: LevelRules,
    opener: UUID | None,
    *,
    consent_holds: bool,
    has_open_log: bool,
    provisional: bool,
    ip_assessed: bool,
) -> list[str]:
    """List every reason why somebody of service `opener` may not open a log at a level.

    A provisional record may be another's twin: it is said only when a consent has been
    registered, and koordinerende enhet must join the two first.
    """
    obstacles = []
    if has_open_log:
        obstacles.append("log-open-already")
    if not consent_holds:
        obstacles.append("consent-not-valid")
    elif provisional:
        obstacles.append("ke-must-join")
    obstacles += obstacles_to_holding(facts, opener)
    return obstacles + obstacles_at(facts, target, ip_assessed=ip_assessed)


def obstacles_to_holding(facts: LogFacts, service_id: UUID | None) -> list[str]:
    """List why nobody of a service may hold the baton, as who opens a log does."""
    obstacles = []
    if service_id not in facts.covered:
        obstacles.append("service-not-covered")
    if service_id in facts.partly:
        obstacles.append("service-sees-part")
    return obstacles


def obstacles_to_handover(
    facts: LogFacts,
    receiver: UUID | None,
    *,
    is_holder: bool,
    pending: bool,
    is_staff: bool,
) -> list[str]:
    """List every reason why the baton may not go to somebody of service `receiver`.

    A frozen log's baton may still be offered: then it is the receiver's acceptance that waits.
    """
    obstacles = []
    if facts.closed:
        obstacles.append("log-closed")
    if is_holder:
        obstacles.append("holder-already")
    if pending:
        obstacles.append("handover-pending")
    if not is_staff:
        obstacles.append("receiver-not-staff")
    if receiver not in facts.covered:
        obstacles.append("service-not-covered")
    if receiver in facts.from_before_birth:
        obstacles.append("consent-from-before-birth")
    if receiver in facts.partly:
        obstacles.append("service-sees-part")
    return obstacles


def obstacles_to_membership(
    facts: LogFacts,
    service_id: UUID | None,
    *,
    is_holder: bool,
    is_member: bool,
    until: date,
    today: date,
    latest: date,
) -> list[str]:
    """List every reason why somebody of a service may not take part until a local date."""
    obstacles = []
    if facts.closed:
        obstacles.append("log-closed")
    if is_holder:
        obstacles.append("holder-already")
    if is_member:
        obstacles.append("member-already")
    if service_id not in facts.covered:
        obstacles.append("service-not-covered")
    if service_id in facts.from_before_birth:
        obstacles.append("consent-from-before-birth")
    if until < today:
        obstacles.append("until-passed")
    if until > latest:
        obstacles.append("until-too-late")
    return obstacles


FORTNIGHT = timedelta(days=14)
"""In how many days the holder is to have done what the worker asks for."""
REMINDERS = {
    TaskKind.MEMBERSHIP_ENDS_SOON: timedelta(days=7),
    TaskKind.MEMBERSHIP_ENDS: timedelta(days=30),
}
"""How long before a membership ends its holder is told, the last time first."""


def reminder(from_on: date, until_on: date, today: date) -> TaskKind | None:
    """Return what the holder is to be told today about a membership's end, if anything.

    One that was meant to be so short is no surprise.
    """
    left = until_on - today
    for kind, before in REMINDERS.items():
        if timedelta() <= left <= before:
            return kind if until_on - from_on > before else None
    return None


def comes_on(transition: Transition, birth_date: date) -> date:
    """Return the local date on which a transition comes for a child."""
    if not transition.month:
        return birthday(birth_date, transition.age)
    return date(birth_date.year + transition.age, transition.month, 1)


def to_prepare(
    transitions: Iterable[Transition], birth_date: date, today: date
) -> list[tuple[Transition, date]]:
    """List the transitions that a child nears, each with the local date the meeting is due.

    In a log that is opened late the meeting is due in a fortnight, or when the transition comes.
    """
    found = []
    for one in transitions:
        on = comes_on(one, birth_date)
        if months_after(on, -one.ahead_months) <= today < on:
            soon = min(today + FORTNIGHT, on)
            found.append((one, max(months_after(on, -one.meeting_months), soon)))
    return found


def obstacles_to_transfer(
    facts: LogFacts, old: UUID, new: UUID, *, takes_part: bool, waits: bool
) -> list[str]:
    """List every reason why the follow-up may not move from one service to another.

    `takes_part`: somebody of the old one is in the log. `waits`: an earlier transfer from it still
    waits for the baton to pass.
    """
    obstacles = []
    if old == new:
        obstacles.append("transfer-to-same")
    if not takes_part and old not in facts.covered:
        obstacles.append("transfer-from-nobody")
    if waits:
        obstacles.append("transfer-waits")
    return obstacles


def counted(covered: Collection[UUID], unit: UUID | None, *, unit_counts: bool) -> int:
    """Return how many covered services count for a level; koordinerende enhet only if it does."""
    return len(set(covered)) - (0 if unit_counts or unit not in covered else 1)
