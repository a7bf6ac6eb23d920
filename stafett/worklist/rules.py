"""When the follow-up of a child may have stopped (oppfølgingsbrudd); pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from stafett.profile.model import Profile

EXPIRES_SOON = timedelta(days=30)
"""How long before its end a consent is shown."""


class Gap(StrEnum):
    """A sign that nobody may be following up, and no blame: there may be a good reason."""

    SILENCE = "silence"
    EVALUATION = "evaluation"
    HANDOVER = "handover"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Standing:
    """How an open log stands; all are local dates.

    `active_on`: when somebody last wrote for all or for all professionals, evaluated a measure or
    changed the level. What is for some by name counts for nobody, so that no gap that comes or goes
    tells of it.
    """

    active_on: date
    evaluate_on: date | None
    consent_until: date | None
    offered_on: date | None


def gaps(log: Standing, profile: Profile, today: date) -> set[Gap]:
    """Return what may have stopped in a log on a local date."""
    signs = {
        Gap.SILENCE: log.active_on + timedelta(days=profile.inactivity_days) <= today,
        Gap.EVALUATION: log.evaluate_on is not None and log.evaluate_on < today,
        Gap.HANDOVER: log.offered_on is not None and hangs(log.offered_on, profile, today),
        Gap.CONSENT: log.consent_until is not None and log.consent_until <= today + EXPIRES_SOON,
    }
    return {gap for gap, found in signs.items() if found}


def hangs(offered_on: date, profile: Profile, today: date) -> bool:
    """Say whether a baton offered on a local date has waited too long for an answer."""
    return offered_on + timedelta(days=profile.handover_reminder_days) <= today
