"""Who may be coordinator, be in another's place, and sit in the ansvarsgruppe; pure."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from stafett.access.policy import Relation


class CoordinatorKind(StrEnum):
    """What somebody is appointed to be."""

    KOORDINATOR = "koordinator"
    BARNEKOORDINATOR = "barnekoordinator"
    PRIMARKONTAKT = "primarkontakt"


RUNS_OUT = timedelta(days=30)
"""How long before an appointment ends somebody is told."""
COORDINATES = frozenset({CoordinatorKind.KOORDINATOR, CoordinatorKind.BARNEKOORDINATOR})
"""The kinds of which a child has one at most, and which give the coordinator's access."""


class Place(StrEnum):
    """In whose place a delegate is."""

    HOLDER = "holder"
    COORDINATOR = "coordinator"


IN_PLACE_OF: Mapping[Place, Relation] = {
    Place.HOLDER: Relation.SH,
    Place.COORDINATOR: Relation.KO,
}
"""What the absent one is to the child, and his delegate while he is away."""
LONGEST_ABSENCE = timedelta(days=30)
"""For how long somebody may be in another's place, the first and the last day included."""


def obstacles_to_delegating(
    service_id: UUID | None,
    covered: Collection[UUID],
    partly: Collection[UUID],
    *,
    absent: bool,
    is_self: bool,
    is_staff: bool,
    has_delegate: bool,
    days: tuple[date, date],
    today: date,
) -> list[str]:
    """List every reason why somebody of a service may not be in another's place from day to day.

    `absent`: there is somebody to be in the place of; `is_self`: it is he, or who names him.
    """
    obstacles = []
    if not absent:
        obstacles.append("delegate-of-nobody")
    if is_self:
        obstacles.append("delegate-is-self")
    if has_delegate:
        obstacles.append("delegate-already")
    if not is_staff:
        obstacles.append("delegate-not-staff")
    if service_id not in covered:
        obstacles.append("service-not-covered")
    if service_id in partly:
        obstacles.append("service-sees-part")
    if days[1] < days[0]:
        obstacles.append("until-before-from")
    if days[1] < today:
        obstacles.append("until-passed")
    if days[1] - days[0] >= LONGEST_ABSENCE:
        obstacles.append("until-too-late")
    return obstacles


def obstacles_to_appointing(
    service_id: UUID | None,
    covered: Collection[UUID],
    partly: Collection[UUID],
    *,
    is_self: bool,
    has_coordinator: bool,
    coordinates: bool,
    from_on: date,
    until_on: date | None,
) -> list[str]:
    """List every reason why somebody of a service may not be appointed from a local date."""
    obstacles = []
    if is_self:
        obstacles.append("coordinator-is-self")
    if coordinates and has_coordinator:
        obstacles.append("coordinator-already")
    if coordinates and service_id not in covered:
        obstacles.append("service-not-covered")
    if coordinates and service_id in partly:
        obstacles.append("service-sees-part")
    if until_on is not None and until_on < from_on:
        obstacles.append("until-before-from")
    return obstacles


def obstacles_to_joining(
    service_id: UUID | None, covered_for_plan: Collection[UUID], *, is_member: bool
) -> list[str]:
    """List every reason why somebody of a service may not sit in the ansvarsgruppe.

    Consent of purpose plan is asked per service; the family needs none.
    """
    obstacles = []
    if is_member:
        obstacles.append("group-member-already")
    if service_id is not None and service_id not in covered_for_plan:
        obstacles.append("plan-consent-missing")
    return obstacles
