"""What papers that are handed on are made of, gathered from the features below."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from stafett.access.models import Cover
from stafett.access.policy import Area, Covered, Purpose, Span
from stafett.access.work import Work
from stafett.audience.rules import Viewer, Visibility
from stafett.children import queries as children
from stafett.entries import queries as entries
from stafett.entries.queries import EntryRow
from stafett.handouts.rules import Covers
from stafett.people.models import Service
from stafett.plan import queries as plans
from stafett.plan import rules as plan_rules
from stafett.plan.queries import VersionRow
from stafett.plan.rules import Content, Sight, VersionState
from stafett.stafettlogg.queries import LogSummary

EVERY = 1_000_000
"""More than any log has."""
HELD = {VersionState.IN_FORCE, VersionState.SUPERSEDED}


class MeasureRow(NamedTuple):
    """A measure as it stood last in a plan that held.

    `left_at`: the UTC moment of the version from which it was not there any more, if it is not.
    """

    goal: Content
    measure: Content
    left_at: datetime | None


class Reach(NamedTuple):
    """What consent covers today for each of some services, and which consents."""

    services: list[Covers]
    consents: frozenset[UUID]


def reach(work: Work, child_id: UUID, kind: str) -> Reach:
    """Return how far consent to the log, and to a plan, reaches to services of a kind today."""
    wanted = (
        select(Cover.service_id, Cover.purpose, Cover.from_on, Cover.until_on, Cover.areas)
        .add_columns(Cover.consent_id)
        .join(Service, Service.id == Cover.service_id)
        .where(
            Service.kind == kind,
            Cover.child_id == child_id,
            Cover.purpose.in_([Purpose.STAFETTLOGG, Purpose.PLAN]),
            Cover.ended_at.is_(None),
            Cover.from_on <= work.today,
            or_(Cover.until_on.is_(None), Cover.until_on >= work.today),
        )
    )
    found: dict[UUID, list[Covered]] = defaultdict(list)
    on: set[UUID] = set()
    for service_id, purpose, since, until, areas, consent_id in work.session.execute(wanted):
        seen = frozenset(map(Area, areas.split()))
        found[service_id].append(Covered(Purpose(purpose), Span(since, until), seen))
        on.add(consent_id)
    return Reach([tuple(one) for one in found.values()], frozenset(on))


def for_everyone(work: Work, log: LogSummary, by: Viewer) -> list[EntryRow]:
    """Return the entries that somebody reads and that are for everyone in the log, oldest first."""
    found = entries.of_child(work.session, log.child, by, EVERY)
    plain = [one for one in found if one.visibility == Visibility.EVERYONE]
    names = entries.names(work.session, plain)
    shared = [one for one in plain if not (one.audience and names[one.id].hidden_from)]
    return shared[::-1]


def family_accounts(work: Work, child_id: UUID) -> set[UUID]:
    """Return the accounts of the child and of those who are or were its guardians."""
    found = {one.user_id for one in children.all_guardians(work.session, child_id)}
    return {one for one in (*found, children.account_of(work.session, child_id)) if one}


def measures(
    work: Work, versions: Iterable[VersionRow], by: Sight
) -> tuple[Content | None, list[MeasureRow]]:
    """Return what the newest of some versions says, and each measure there has been in them.

    `versions` in the order of `plans.versions`: the newest first. Those that never held are left
    out. A measure is found by its key, and is told as it stood last.
    """
    held = [one for one in versions if one.state in HELD][::-1]
    contents = plans.contents_of(work.session, [one.id for one in held], by)
    found: dict[str, MeasureRow] = {}
    content: Content | None = None
    for version in held:
        content = contents[version.id]
        there: dict[str, Any] = {
            one["key"]: MeasureRow(goal, one, None) for goal, one in plan_rules.measures(content)
        }
        for key, row in found.items():
            if key not in there and row.left_at is None:
                found[key] = row._replace(left_at=version.settled_at or version.created_at)
        found |= there
    return content, list(found.values())
