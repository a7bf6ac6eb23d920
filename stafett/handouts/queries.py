"""What papers that are handed on are made of, gathered from the features below."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from stafett.access import ties
from stafett.access.models import Cover
from stafett.access.policy import Area, Covered, Purpose, Span
from stafett.access.work import Work
from stafett.audience.rules import Viewer, Visibility
from stafett.children import queries as children
from stafett.entries import queries as entries
from stafett.entries.queries import EVERY, EntryRow
from stafett.handouts.rules import Covers
from stafett.people.models import Service
from stafett.plan import measures as plan_measures
from stafett.plan import queries as plans
from stafett.plan import rules as plan_rules
from stafett.plan.measures import EvaluationRow
from stafett.plan.queries import VersionRow
from stafett.plan.rules import Content, Sight, VersionState
from stafett.stafettlogg.queries import LogSummary

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


class PlanTold(NamedTuple):
    """What may be told of a plan: its newest version, and all measures by key, with what came."""

    version: VersionRow | None
    content: Content | None
    measures: dict[str, MeasureRow]
    evaluations: list[EvaluationRow]


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
            ties.in_force(Cover, work.today),
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


def of_plan(work: Work, child_id: UUID, by: Sight, reads: Callable[[VersionRow], bool]) -> PlanTold:
    """Return what those versions that `reads` lets be read say, and what came of their measures.

    A measure is found by its key, and is told as it stood last. An evaluation is read by those who
    read the version that held when it was written.
    """
    session = work.session
    held = [one for one in plans.versions(session, child_id, by) if one.state in HELD][::-1]
    told = [one for one in held if reads(one)]
    contents = plans.contents_of(session, [one.id for one in told], by)
    found: dict[str, MeasureRow] = {}
    for version in told:
        there = {
            one["key"]: MeasureRow(goal, one, None)
            for goal, one in plan_rules.measures(contents[version.id])
        }
        for key, row in found.items():
            if key not in there and row.left_at is None:
                found[key] = row._replace(left_at=_began(version))
        found |= there
    evaluations = [
        one
        for one in plan_measures.evaluations(session, child_id)
        if one.measure_key in found and _held_at(held, one.written_at) in told
    ]
    newest = told[-1] if told else None
    return PlanTold(newest, contents[newest.id] if newest else None, found, evaluations)


def _began(version: VersionRow) -> datetime:
    return version.settled_at or version.created_at


def _held_at(held: Sequence[VersionRow], at: datetime) -> VersionRow | None:
    return next((one for one in reversed(held) if _began(one) <= at), None)
