"""Reads the two logs for one child, as much of them as the reader may see."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    ScalarSelect,
    SQLColumnExpression,
    and_,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, aliased

from stafett.access import ties
from stafett.access.log import SEEN
from stafett.access.models import AccessRow, AccessShown, Tie
from stafett.access.policy import Action, Relation
from stafett.access.work import Work
from stafett.audience.rules import Viewer
from stafett.audit.models import TrailRow
from stafett.children import queries as children
from stafett.children.models import Child
from stafett.children.queries import ChildSummary
from stafett.children.rules import BY_REGISTERING, hides_places
from stafett.db import OsloDay
from stafett.entries import queries as entries
from stafett.entries.models import Entry
from stafett.insight import rules
from stafett.insight.rules import CHANGED, LOOKED, OwnRow, Row
from stafett.people.models import Service, User
from stafett.plan import queries as plans
from stafett.stafettlogg.models import Concern
from stafett.stafettlogg.rules import BY_CONCERN
from stafett.tasks.models import Task
from stafett.tasks.rules import OF_THE_RECORD, TaskKind
from stafett.unsaved import queries as unsaved
from stafett.unsaved.rules import UnsavedOf

Absent = aliased(User)
_Told, _Other, _Led = aliased(Tie), aliased(Tie), aliased(Service)
_ByTask, _Registered, _Asked = aliased(Tie), aliased(Child), aliased(TrailRow)
Place = tuple[datetime, UUID]
"""Where in a list a row is: its UTC moment, and its id among those of one moment."""
MOST = 500
"""Rows of each log on one page, newest first."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which rows are wanted: those before a place in the list, one of them, or all.

    `since`: after a UTC moment.
    """

    before: Place | None = None
    row_id: UUID | None = None
    since: datetime | None = None

    def of(self, log: type[AccessRow | TrailRow]) -> Iterator[ColumnElement[bool]]:
        """Match the rows of one log."""
        if self.before is not None:
            yield tuple_(log.at, log.id) < self.before
        if self.since is not None:
            yield log.at > self.since
        if self.row_id is not None:
            yield log.id == self.row_id


def of_child(
    session: Session,
    child: ChildSummary,
    reader: Collection[Relation],
    viewer: Viewer,
    plan: Viewer,
    part: Part,
) -> tuple[list[Row], Place | None]:
    """Return who looked at and who changed a child's record, newest first, and where older begin.

    `viewer` and `plan`: what the reader is to the child's entries, and to its plan. A row inherits
    the visibility of what it speaks of: nobody sees a row about an entry, a part of the plan or a
    version that he may not read, but for those who oversee and see no content; nobody one about a
    concern, or a refused attempt; and who came after a birth none from before it. Who has to do
    with the child by a concern alone is in no row before the family has been talked with: the look
    itself would tell. So would that he registered the child once more to write it, and that
    koordinerende enhet joined the two. Where people work is left out when the child's address is
    protected.
    """
    by = None if rules.oversees(reader) else viewer
    if by is not None:
        part = replace(part, since=by.since)
    records = children.records_of(session, child.id)  # what was joined to it is about it, too
    kept: list[UUID] = []
    if by is not None:
        kept += (one for record in records for one in plans.kept_from(session, record, plan))
    rows = [*_looks(session, child, records, by, kept, part)]
    rows += _lists(session, child, records, by, part)
    rows += _changes(session, child, records, by, kept, part)
    newest = sorted(rows, key=lambda row: (row.at, row.id), reverse=True)[:MOST]
    last = (newest[-1].at, newest[-1].id) if len(newest) == MOST else None
    return rules.told_once(newest), last


def of_self(work: Work, before: Place | None) -> tuple[list[OwnRow], Place | None]:
    """Return what is logged of the actor himself, newest first, and where older rows begin.

    A child is named only while the actor may know of it. Of what he is writing only what was
    refused is told: it is kept many times while he types.
    """
    known = ties.visible_to(work.actor, work.now)
    told = or_(AccessRow.action.not_in(rules.WHILE_TYPING), AccessRow.result != "allow")
    wanted = (
        select(AccessRow.at, AccessRow.action, AccessRow.child_id, Child.name, AccessRow.result)
        .add_columns(Child.id.label("known_id"))
        .join(Child, and_(Child.id == AccessRow.child_id, Child.id.in_(known)), isouter=True)
        .where(AccessRow.actor_id == work.actor.user_id, told)
        .add_columns(AccessRow.id)
        .order_by(AccessRow.at.desc(), AccessRow.id.desc())
        .limit(MOST + 1)
    )
    if before is not None:
        wanted = wanted.where(tuple_(AccessRow.at, AccessRow.id) < before)
    rows = work.session.execute(wanted).all()
    found = [
        OwnRow(
            at,
            rules.own_in_words(action),
            child_id is not None,
            name,
            known_id,
            rules.OTHERWISE.get(result, ""),
        )
        for at, action, child_id, name, result, known_id, _ in rows[:MOST]
    ]
    last = (rows[MOST - 1].at, rows[MOST - 1].id) if len(rows) > MOST else None
    return found, last


def _looks(
    session: Session,
    child: ChildSummary,
    records: list[UUID],
    viewer: Viewer | None,
    plans_kept: list[UUID],
    part: Part,
) -> list[Row]:
    wanted = (
        select(
            AccessRow.id,
            AccessRow.at,
            AccessRow.actor_id,
            User.name,
            Service.name,
            AccessRow.action,
        )
        .add_columns(AccessRow.basis, Absent.name, AccessRow.edition)
        .join(Absent, Absent.id == AccessRow.on_behalf_of, isouter=True)
        .join(User, User.id == AccessRow.actor_id)
        .join(Service, Service.id == AccessRow.service_id, isouter=True)
        .where(
            AccessRow.child_id.in_(records),
            AccessRow.action.in_(LOOKED),
            AccessRow.result.in_(SEEN),
        )
        .order_by(AccessRow.at.desc(), AccessRow.id.desc())
        .limit(MOST)
    )
    if viewer is not None:
        kept = [one.bytes for one in entries.hidden(session, records, viewer)]
        one_entry = AccessRow.action == Action.ENTRY_HISTORY  # it shows that entry and no more
        wanted = wanted.where(or_(~one_entry, AccessRow.shown.not_in(kept)))
        versions = [one.bytes for one in plans_kept]  # a comparison shows two, and they come first
        wanted = wanted.where(
            or_(
                AccessRow.action != Action.PLAN_READ_VERSION,
                AccessRow.shown.is_(None),
                and_(*(_shown_at(place).not_in(versions) for place in (1, 17))),
            )
        )
        if not viewer.room or not viewer.family:  # only the child itself reads all of its room
            wanted = wanted.where(AccessRow.action != Action.CHILDNOTE_READ)
        wanted = wanted.where(~_by_concern_alone(AccessRow, records))
        joins = AccessRow.action == Action.CHILD_JOIN_TWIN
        wanted = wanted.where(~and_(joins, _registered_again(records, AccessRow.child_id)))
    wanted = wanted.where(*part.of(AccessRow))
    return [
        _row(
            child,
            row_id,
            at,
            actor,
            who,
            service,
            rules.look_in_words(Action(action), edition),
            basis,
            absent,
            changed=False,
        )
        for row_id, at, actor, who, service, action, basis, absent, edition in session.execute(
            wanted
        )
    ]


def _shown_at(place: int) -> ColumnElement[bytes]:
    """Return the id that begins at a place of what a row has shown, from 1."""
    return func.substr(AccessRow.shown, place, 16, type_=LargeBinary())


def _his(row: type[AccessRow | TrailRow], tie: type[Tie]) -> ColumnElement[bool]:
    """Match a tie of who did what a row tells, or of a service that he leads."""
    # It stands two deep: without this it would be what anybody leads who is in the log.
    led = select(_Led.id).where(_Led.leader_id == row.actor_id).correlate(row)
    return or_(tie.user_id == row.actor_id, tie.led_service_id.in_(led))


def _by_concern_alone(row: type[AccessRow | TrailRow], records: list[UUID]) -> ColumnElement[bool]:
    """Match rows of who has to do with the child by a concern that the family does not know alone.

    That he registered the child, too, explains nothing when others had done so before; nor does
    the task to join the two records, when it is for such a concern that there are two.
    """
    day = OsloDay(row.at)
    joining = select(Task.id).where(Task.kind.in_(OF_THE_RECORD))
    return and_(
        or_(
            exists().where(
                Concern.child_id.in_(records),
                Concern.parents_talk_on.is_(None),
                _Told.source_id == Concern.id,
                or_(_his(row, _Told), Concern.decided_by == row.actor_id),
            ),
            and_(
                exists().where(
                    _ByTask.child_id.in_(records),
                    _his(row, _ByTask),
                    _ByTask.source_id.in_(joining),
                ),
                _registered_again(records),
            ),
        ),
        ~exists().where(
            _Other.child_id.in_(records),
            _his(row, _Other),
            _Other.basis != BY_CONCERN,
            or_(_Other.basis != BY_REGISTERING, _Other.source_id == _first(records)),
            _Other.source_id.not_in(joining),
            _Other.relation != Relation.BLOCK,
            _Other.from_on <= day,
            or_(_Other.until_on.is_(None), _Other.until_on >= day),
            or_(_Other.ended_at.is_(None), _Other.ended_at >= row.at),
        ),
        ~_known(row.actor_id, records),
    )


def _registered_again(
    records: list[UUID], twin: SQLColumnExpression[UUID | None] | None = None
) -> ColumnElement[bool]:
    """Match when somebody registered the child anew to write a concern that is not told.

    `twin`: the record that he made, which may not be joined to the child's yet; else any of them.
    """
    return exists().where(
        _Registered.id.in_(records) if twin is None else _Registered.id == twin,
        _Registered.id != _first(records),
        or_(Concern.child_id.in_(records), Concern.child_id == _Registered.id),
        Concern.parents_talk_on.is_(None),
        Concern.written_by == _Registered.registered_by,
        ~_known(_Registered.registered_by, records),
    )


def _known(actor_id: SQLColumnExpression[UUID], records: list[UUID]) -> ColumnElement[bool]:
    """Match who has been given the family's yes: they have talked with him."""
    return exists().where(
        _Asked.child_id.in_(records),
        _Asked.actor_id == actor_id,
        _Asked.action == Action.CONSENT_REGISTER_PAPER,
    )


def _first(records: list[UUID]) -> ScalarSelect[UUID]:
    """Return which of a child's records was registered first."""
    earliest = select(Child.id).where(Child.id.in_(records))
    return earliest.order_by(Child.registered_at, Child.id).limit(1).scalar_subquery()


def _lists(
    session: Session,
    child: ChildSummary,
    records: list[UUID],
    viewer: Viewer | None,
    part: Part,
) -> list[Row]:
    wanted = (
        select(
            AccessRow.id, AccessRow.at, AccessRow.actor_id, User.name, Service.name, AccessRow.basis
        )
        .join(AccessShown, AccessShown.row_id == AccessRow.id)
        .join(User, User.id == AccessRow.actor_id)
        .join(Service, Service.id == AccessRow.service_id, isouter=True)
        .where(AccessShown.child_id.in_(records))
        .order_by(AccessRow.at.desc(), AccessRow.id.desc())
        .limit(MOST)
    )
    if viewer is not None:
        wanted = wanted.where(~_by_concern_alone(AccessRow, records))
        joins = AccessRow.action == Action.CHILD_JOIN_TWIN
        wanted = wanted.where(~and_(joins, _registered_again(records, AccessRow.child_id)))
    wanted = wanted.where(*part.of(AccessRow))
    what = LOOKED[Action.CHILD_LIST_MINE]
    return [
        _row(child, row_id, at, actor, who, service, what, "", None, changed=False)
        for row_id, at, actor, who, service, _ in session.execute(wanted)
    ]


def _changes(
    session: Session,
    child: ChildSummary,
    records: list[UUID],
    viewer: Viewer | None,
    plans_kept: list[UUID],
    part: Part,
) -> list[Row]:
    wanted = (
        select(
            TrailRow.id, TrailRow.at, TrailRow.actor_id, User.name, Service.name, TrailRow.action
        )
        .add_columns(TrailRow.changes, Absent.name)
        .join(Absent, Absent.id == TrailRow.on_behalf_of, isouter=True)
        .join(User, User.id == TrailRow.actor_id)
        .join(Service, Service.id == User.service_id, isouter=True)
        .join(Entry, Entry.id == TrailRow.object_id, isouter=True)
        .where(
            TrailRow.child_id.in_(records),
            TrailRow.action.in_(CHANGED),
        )
        .order_by(TrailRow.at.desc(), TrailRow.id.desc())
        .limit(MOST)
    )
    given = {} if viewer is None else entries.asking(viewer)
    if viewer is not None:
        wanted = wanted.where(or_(Entry.id.is_(None), entries.readable()))
        if viewer.since is not None:  # what she lets follow tells that there is something
            wanted = wanted.where(TrailRow.action != Action.CHILD_LET_FOLLOW)
        joins = TrailRow.action == Action.CHILD_JOIN_TWIN
        wanted = wanted.where(
            ~_by_concern_alone(TrailRow, records), ~and_(joins, _registered_again(records))
        )
        told = TrailRow.object_id.not_in(plans_kept)
        wanted = wanted.where(or_(TrailRow.object_id.is_(None), told))
    wanted = wanted.where(*part.of(TrailRow))
    return [
        _row(
            child,
            row_id,
            at,
            actor,
            who,
            service,
            rules.change_in_words(Action(action), changes),
            "",
            absent,
            changed=True,
            emergency=action == Action.BG_INVOKE,
        )
        for row_id, at, actor, who, service, action, changes, absent in session.execute(
            wanted, given
        )
    ]


def _row(
    child: ChildSummary,
    row_id: UUID,
    at: datetime,
    actor_id: UUID,
    who: str,
    service: str | None,
    what: str,
    basis: str,
    absent: str | None,
    *,
    changed: bool,
    emergency: bool = False,
) -> Row:
    shown = None if hides_places(child.address_protection) else service
    urgent = emergency or rules.in_emergency(basis)
    words = f"er stedfortreder for {absent}" if absent else rules.basis_in_words(basis)
    return Row(row_id, at, actor_id, who, shown, what, words, changed, 1, urgent, absent)


def asking_place(child_id: UUID, row_id: UUID) -> unsaved.Place:
    """Return where somebody writes what more he has to say when he asks about a row."""
    return unsaved.Place(UnsavedOf.REQUEST, child_id, f"{TaskKind.ASK_WHY}:{row_id}")
