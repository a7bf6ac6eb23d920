"""Gathers a copy of a child's record, and reads cases and restrictions.

The copy is what the reader may see of each part, and nothing else.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from stafett.access.models import Restriction
from stafett.access.policy import Action, Facts, Held, Relation, decide, hers_until
from stafett.access.work import Work
from stafett.audience.rules import Viewer, viewer, viewer_of_plan
from stafett.children import queries as children
from stafett.children.queries import ChildSummary
from stafett.children.rules import hides_places, is_of_age
from stafett.consents import queries as consents
from stafett.dates import oslo_date
from stafett.entries import queries as entries
from stafett.entries.queries import EntryRow, Names
from stafett.insight import queries as insight
from stafett.insight.queries import Part
from stafett.insight.rules import Row
from stafett.people.models import Service, User
from stafett.plan import measures as plan_measures
from stafett.plan import queries as plans
from stafett.plan.measures import TakenOnRow
from stafett.plan.rules import PlanKind, Sight, titles
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.models import Member
from stafett.stafettlogg.rules import HandoverState, LogStatus
from stafett.tasks import queries as tasks
from stafett.tasks.queries import RequestRow
from stafett.tasks.rules import TaskKind
from stafett.team import queries as team

AT_A_TIME = 500
ITSELF = frozenset({Relation.C12, Relation.C16})
Told = dict[str, Any]
CASES = (TaskKind.DSR_REQUEST, TaskKind.DECIDE_RESTRICTION)
"""The tasks that somebody's use of a right makes."""


class RestrictionRow(NamedTuple):
    """A time in which a record was restricted; without `ended_at` it is so now.

    `told_on`: the local date on which the family was told that it would be lifted.
    """

    reason: str
    begun_at: datetime
    begun_by: str
    ended_at: datetime | None
    ended_by: str | None
    ended_reason: str | None
    told_on: date | None


def cases(work: Work, child_id: UUID) -> list[RequestRow]:
    """Return what the actor has asked to use of the rights, newest first, with the answers."""
    given = (work.session, child_id, work.actor.user_id)
    found = [one for kind in CASES for one in tasks.made_by(*given, kind)]
    return sorted(found, key=lambda one: (one.made_at, one.id), reverse=True)


def standing(session: Session, child_id: UUID) -> Restriction | None:
    """Return the restriction that a child's record is under."""
    wanted = select(Restriction).where(
        Restriction.child_id == child_id, Restriction.ended_at.is_(None)
    )
    return session.scalars(wanted).one_or_none()


def restrictions(session: Session, child_id: UUID) -> list[RestrictionRow]:
    """Return every time in which a child's record was restricted, newest first."""
    ender = aliased(User)
    wanted = (
        select(Restriction.reason, Restriction.begun_at, User.name, Restriction.ended_at)
        .add_columns(ender.name, Restriction.ended_reason, Restriction.told_on)
        .join(User, User.id == Restriction.begun_by)
        .join(ender, ender.id == Restriction.ended_by, isouter=True)
        .where(Restriction.child_id == child_id)
        .order_by(Restriction.begun_at.desc())
    )
    return [RestrictionRow._make(row) for row in session.execute(wanted)]


def copy(work: Work, child: ChildSummary, held: Iterable[Held]) -> tuple[Told, list[UUID]]:
    """Return the copy, part by part, and the ids of the entries and versions in it.

    Each part asks the question that its own page asks, so the copy shows what the pages show; with
    what was written in a record that was joined to this one, for who may read it there.
    Dates are local, moments UTC. No identity number is ever part, nor is a protected address.
    """
    found, shown = _copy_of(work, child, tuple(held))
    found["joined"] = []
    for past, there in children.past_logs_open_to(work, child.id):
        told, more = _copy_of(work, past, there)
        found["joined"].append(told)
        shown += more
    return found, shown


def _copy_of(work: Work, child: ChildSummary, tied: tuple[Held, ...]) -> tuple[Told, list[UUID]]:

    def may(action: Action, *, ip: bool = False) -> bool:
        return decide(tied, action, Facts(work.today, ip=ip)).allowed

    by = viewer(work.actor, tied, work.today)
    guardian = any(one.relation is Relation.PF and one.span.holds(work.today) for one in tied)
    since = hers_until(tied, work.today)
    found: Told = {"made_at": work.now, "child": _child(child, tied, work.today)}
    shown: list[UUID] = []
    if may(Action.GUARDIAN_READ):
        found["guardians"] = _guardians(work, child, since)
    if may(Action.MEMBER_LIST):
        found["members"] = _members(work, child, since)
        found["baton"] = _baton(work, child, since)
    if may(Action.COORDINATOR_READ):
        found["coordinators"] = [
            _only(one, "name", "title", "service", "kind", "from_on", "until_on", "ended")
            | _only(one, "phone", "email")
            for one in team.appointments(work.session, child.id, work.today, since)
        ]
    if may(Action.LOG_READ):
        told = ("from_level", "to_level", "reason", "changed_at", "decided_on", "by")
        found["levels"] = [
            _only(one, *told, "voice_how", "voice_text", "participants")
            for one in logs.levels(work.session, child.id, by.since)
        ]
        found["closings"] = [
            _only(one, "closed_at", "decided_on", "by", "outcome", "reason", "family_view", "voice")
            | {"of_age": is_of_age(child.birth_date, one.on)}
            for one in logs.closings(work.session, child.id, by.since)
        ]
        found["paper_days"] = [
            _only(one, "kind", "day", "place", "by")
            for one in logs.paper_days(work.session, child.id, by.since)
        ]
    if by.reads:
        rows = [*_all_entries(work, child, by)]
        history = may(Action.ENTRY_HISTORY)
        names = entries.names(work.session, rows)
        found["entries"] = [_entry(work, one, names.get(one.id), history=history) for one in rows]
        shown += [one.id for one in rows]
    if may(Action.CONSENT_READ):
        found["consents"] = _consents(work, child, since, guardian=guardian)
    kinds = {
        one: may(Action.PLAN_READ_VERSION, ip=one is PlanKind.INDIVIDUELL_PLAN) for one in PlanKind
    }
    reader = viewer_of_plan(work.actor, tied, work.today)
    sight = plans.sight(work.session, child.id, reader)
    versions = [one for one in plans.versions(work.session, child.id, sight) if kinds[one.kind]]
    found["plan_versions"] = _versions(work, child, versions, sight)
    ip = kinds[PlanKind.INDIVIDUELL_PLAN]
    said = plans.comments(work.session, child.id, sight, ip=ip) if any(kinds.values()) else []
    found["plan_comments"] = [
        _only(one, "at", "name", "voice", "text", "answer", "answered_name", "answered_at")
        for one in said
    ]
    shown += [one.id for one in versions]
    found["measure_evaluations"] = _evaluations(work, child, found["plan_versions"])
    reports = plan_measures.reports(
        work.session, child.id, sight, lambda ip: may(Action.PLAN_READ, ip=ip)
    )
    columns = ("measure_key", "what", "done", "text", "by", "written_at")
    found["measure_reports"] = [_only(one, *columns) for one in reports]
    taken_on = plan_measures.taken_on(
        work.session, child.id, sight, lambda ip: may(Action.PLAN_READ, ip=ip)
    )
    called = titles(one["content"] for one in found["plan_versions"])
    in_answers = ("measure_key", "who", "accepts", "reason", "on_paper", "by", "answered_at")
    found["measure_answers"] = [
        {"what": called.get(one.measure_key), "confirms": _confirms(one, taken_on[number:])}
        | _only(one, *in_answers)
        for number, one in enumerate(taken_on, 1)
    ]
    shown += [one.id for one in reports] + [one.id for one in taken_on]
    basis = decide(tied, Action.AUDIT_READ_CHILD, Facts(work.today)).basis
    if basis:
        found["access_log"] = [
            _only(one, "at", "who", "service", "what", "basis", "times")
            for one in _all_looks(work, child, basis, by, reader)
        ]
    return found, shown


def _confirms(said: TakenOnRow, earlier: Iterable[TakenOnRow]) -> bool:
    """Say whether somebody says himself what was written in as his answer; the newest first."""
    measure = (said.measure_key, said.who)
    before = next((one for one in earlier if (one.measure_key, one.who) == measure), said)
    return before.on_paper and not said.on_paper and before.accepts == said.accepts


def _child(child: ChildSummary, tied: Iterable[Held], today: date) -> Told:
    """Return who the child is, and where it is to be found for who may know of that."""
    itself = not ITSELF.isdisjoint(one.relation for one in tied)
    contact = decide(tied, Action.CHILD_READ_CONTACT, Facts(today, own=itself)).allowed
    told = _only(child, "name", "kind", "birth_date", "due_date", "language", "interpreter")
    if contact and not hides_places(child.address_protection):
        told |= _only(child, "address", "school")
    return told


def _guardians(work: Work, child: ChildSummary, since: datetime | None) -> list[Told]:
    named = ["name", "relation", "parental_responsibility", "from_on", "until_on", "ended"]
    if not hides_places(child.address_protection):
        named.append("lives_with")
    told = [_only(one, *named) for one in children.guardians(work.session, child.id, since)]
    if is_of_age(child.birth_date, work.today):  # nobody decides for him
        told = [one | {"parental_responsibility": False} for one in told]
    return told


def _members(work: Work, child: ChildSummary, since: datetime | None) -> list[Told]:
    """Return all who take part or have taken part, with where they work unless it is protected."""
    wanted = (
        select(User.name, User.title, Service.name.label("service"), Member.writes)
        .add_columns(Member.from_on, Member.until_on, Member.ended_at)
        .join(User, User.id == Member.user_id)
        .join(Service, Service.id == Member.service_id)
        .where(Member.child_id == child.id, children.not_ended_before(Member.ended_at, since))
        .order_by(Member.from_on, User.name, Member.id)
    )
    named = ["name", "title", "writes", "from_on", "until_on", "ended_at"]
    if not hides_places(child.address_protection):
        named.append("service")
    return [_only(one, *named) for one in work.session.execute(wanted)]


def _baton(work: Work, child: ChildSummary, since: datetime | None) -> Told:
    """Return who has the baton, and who has had it, as all who see who takes part know."""
    log = logs.summary(work.session, child.id, work.today)
    live = log is not None and log.state in {LogStatus.OPEN, LogStatus.FROZEN}
    holder = (log.acting_name if log.needs_holder else log.holder_name) if log and live else None
    passed = {HandoverState.ACCEPTED, HandoverState.FORCED}
    return {
        "holder": holder,
        "before": [
            _only(one, "giver_name", "receiver_name", "answered_at", "family_wish")
            | {"wished_by": children.decider_of(work, child, oslo_date(one.requested_at))}
            for one in logs.handovers_of(work.session, child.id, since)
            if one.state in passed
        ],
    }


def _all_entries(work: Work, child: ChildSummary, by: Viewer) -> Iterable[EntryRow]:
    after = None
    while True:
        found = entries.of_child(work.session, child, by, AT_A_TIME, after)
        yield from found[:AT_A_TIME]
        if len(found) <= AT_A_TIME:
            return
        last = found[AT_A_TIME - 1]
        after = (last.written_at, last.id)


def _entry(work: Work, entry: EntryRow, names: Names | None, *, history: bool) -> Told:
    told = _only(entry, "id", "kind", "author_name", "author_title", "service", "written_at")
    told |= {"visibility": entry.visibility, **(names or Names([], []))._asdict()}
    texts = entries.versions(work.session, entry.id) if history and entry.corrected else []
    told["texts"] = [_only(one, "number", "text", "reason", "written_at") for one in texts] or [
        {"number": entry.version, "text": entry.text, "reason": entry.reason}
        | {"written_at": entry.corrected_at}
    ]
    return told


def _consents(
    work: Work, child: ChildSummary, since: datetime | None, *, guardian: bool
) -> list[Told]:
    told = []
    for found in consents.of_child(work, child.id):
        seen = consents.since_birth(found, since)
        if seen is None:
            continue
        one = consents.for_guardian(seen) if guardian else seen
        hers = since is not None and found.registered_at <= since
        consent = None if hers else consents.find(work.session, one.id)
        words = consents.wording(work, consent) if consent else None
        told.append(
            _only(one, "purpose", "method", "state", "given_on", "expires_on")
            | {
                "services": [_only(service, "name", "ended_at") for service in one.services],
                "given_by": [_only(giver, "name", "method", "given_on") for giver in one.givers],
                "text": words.text if words else None,
                "basis": one.basis and one.basis.value,
                "basis_reason": one.basis_reason,
                "note": one.note,
                "child_heard": one.heard and one.heard.how.value,
                "child_said": one.heard and one.heard.text,
            }
        )
    return told


def _versions(
    work: Work, child: ChildSummary, versions: list[plans.VersionRow], sight: Sight
) -> list[Told]:
    answers = plans.answers(work.session, child.id)
    contents = plans.contents_of(work.session, [one.id for one in versions], sight)
    return [
        _only(one, "number", "kind", "state", "summary", "created_name", "created_at")
        | {
            "answers": [
                _only(answer, "who", "approves", "method", "given_on", "confirmed_at")
                for answer in answers.get(one.id, [])
            ],
            "withdrawn": one.withdrawn and _only(one.withdrawn, "name", "at", "reason"),
            "content": contents[one.id],
        }
        for one in versions
    ]


def _evaluations(work: Work, child: ChildSummary, versions: Iterable[Told]) -> list[Told]:
    """Return what came of those measures that stand in the versions, as the copy has them."""
    called = titles(one["content"] for one in versions)
    columns = ("measure_key", "evaluated_on", "done", "effect", "voice_how", "voice_text", "text")
    return [
        {"what": called[one.measure_key]}
        | _only(one, *columns, "decision", "next_due_on", "by", "written_at")
        for one in plan_measures.evaluations(work.session, child.id)
        if one.measure_key in called
    ]


def _all_looks(
    work: Work, child: ChildSummary, basis: Iterable[Any], by: Viewer, plan: Viewer
) -> Iterable[Row]:
    reader, part = frozenset(basis), Part()
    while True:
        found, last = insight.of_child(work.session, child, reader, by, plan, part)
        yield from found
        if last is None:
            return
        part = Part(before=last)


def _only(row: object, *names: str) -> Told:
    return {name: getattr(row, name) for name in names}
