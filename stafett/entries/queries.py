"""Everything that reads entries: columns copied into small rows, because a page shows hundreds."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    String,
    and_,
    bindparam,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from stafett.access import ties
from stafett.access.models import Follow
from stafett.access.policy import Action, Facts, Relation, decide
from stafett.access.work import Work
from stafett.audience import queries as audience
from stafett.audience.queries import ReadRow
from stafett.audience.rules import Viewer, Visibility, opened, viewer
from stafett.children.models import Child, Guardian
from stafett.children.queries import ChildSummary
from stafett.children.rules import hides_places
from stafett.dates import begins
from stafett.db import Id, UtcDateTime, constant, constants, fetch
from stafett.entries.models import (
    SEARCHED,
    Entry,
    EntryAudience,
    EntryHidden,
    EntryReader,
    EntryVersion,
)
from stafett.entries.rules import (
    IN_LOG,
    Beginning,
    Parts,
    Search,
    excerpt,
)
from stafett.people.models import Service, User
from stafett.plan import measures
from stafett.plan.models import Measure, PlanEvent, PlanOutcome, PlanVersion
from stafett.plan.rules import RUNS, PlanEventKind, PlanForm
from stafett.stafettlogg import concerns
from stafett.stafettlogg.models import Handover, Stafettlogg
from stafett.stafettlogg.rules import ConcernForm, HandoverState
from stafett.tasks.models import Task
from stafett.unsaved.models import Unsaved
from stafett.unsaved.rules import KEPT_FOR, UnsavedOf
from stafett.words import kept, mark

LARGEST_PORTION = 8000
"""Hits that are looked at in one statement; SQLite takes some 32,000 values in one."""
CHILDREN_AT_ONCE = 200
"""In whose logs one statement looks; PostgreSQL takes no longer list of words than a megabyte."""


class EntryRow(NamedTuple):
    """An entry as a page or a JSON list shows it, with the text that stands."""

    id: UUID
    kind: str
    text: str
    visibility: str
    author_id: UUID
    author: str
    author_name: str
    author_title: str
    service_id: UUID | None
    service: str | None
    written_at: datetime
    version: int
    reason: str | None
    corrected_at: datetime
    audience: int

    @property
    def corrected(self) -> bool:
        """Whether an earlier text has been replaced."""
        return self.version > 1


class Stranded(NamedTuple):
    """A form that was not saved in time, as it was typed; `saved_at` (UTC): when last kept.

    `part`: which of the forms there, if there are several.
    """

    of: UnsavedOf
    part: str
    saved_at: datetime
    fields: Mapping[str, Any]


class Left(NamedTuple):
    """What somebody has begun to write: the children whom a concern is about that he may save.

    `concern_steps`: what he may save of a concern that is there; `stranded`: what was not saved in
    time.
    """

    concerns: list[UUID]
    concern_steps: list[tuple[ConcernForm, UUID]]
    stranded: list[Stranded]


class VersionRow(NamedTuple):
    """A text of an entry as it stood."""

    number: int
    text: str
    reason: str | None
    written_at: datetime


class AudienceRow(NamedTuple):
    """Whom an entry was for from a moment on.

    `named` are accounts with username and name; `hidden_from` guardians with name.
    """

    entry_id: UUID
    number: int
    visibility: str
    reason: str | None
    hidden_reason: str | None
    review_on: date | None
    by: str
    set_at: datetime
    named: tuple[tuple[UUID, str, str], ...]
    hidden_from: tuple[tuple[UUID, str], ...]


class Names(NamedTuple):
    """Who is named for an entry besides its author, and from which guardians it is hidden."""

    named: list[str]
    hidden_from: list[str]


class FoundRow(NamedTuple):
    """An entry that a search found, and in whose log; `parts` are what it says, the hits marked."""

    entry: EntryRow
    child_id: UUID
    child: str
    parts: Parts


class Found(NamedTuple):
    """What a search found, newest first, one more than was asked for when there are older ones.

    `beginnings` are the words as the database looked for them.
    """

    rows: list[FoundRow]
    beginnings: list[Beginning]


class ReviewRow(NamedTuple):
    """An entry kept from somebody, whose author should look at it again."""

    id: UUID
    child_id: UUID
    child_name: str
    author_id: UUID
    author: str
    review_on: date


EVERY = 1_000_000
"""More than any log has."""
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Before anything was written."""
_FOLLOWED = {  # built once: making a statement costs as much as running it
    leads: select(Child.id, Child.name).where(Child.id.in_(ties.visible(leads=leads)))
    for leads in (False, True)
}


def followed(work: Work) -> dict[UUID, str]:
    """Return the names of the children on the actor's own list; a family has none to mix up."""
    if Relation.PF in work.actor.roles:
        return {}
    given = ties.asking(work.actor, work.today, work.now)
    return {row[0]: row[1] for row in fetch(work.session, _FOLLOWED[bool(work.actor.leads)], given)}


def readable(
    visibility: SQLColumnExpression[str] = Entry.visibility,
    number: SQLColumnExpression[int] = Entry.audience,
) -> ColumnElement[bool]:
    """Match what a viewer may read, now or as an earlier audience was; it asks for `asking`.

    It is `audience.rules.readable` said in SQL; a test holds the two equal.
    """
    named = exists().where(
        EntryReader.entry_id == Entry.id,
        EntryReader.number == number,
        EntryReader.user_id == bindparam("user_id"),
    )
    hidden = exists().where(
        EntryHidden.entry_id == Entry.id,
        EntryHidden.number == number,
        EntryHidden.guardian_id == Guardian.id,
        Guardian.user_id == bindparam("user_id"),
    )
    reads, room = (bindparam(name, type_=Boolean()) for name in ("reads", "room"))
    in_room = and_(room, visibility == constant(Visibility.CHILD_ROOM))
    mine = and_(
        Entry.written_by == bindparam("user_id"),
        or_(and_(reads, visibility.in_(constants(IN_LOG))), in_room),
    )
    for_me = or_(
        and_(reads, visibility == constant(Visibility.EVERYONE)),
        and_(
            bindparam("professional", type_=Boolean()),
            visibility == constant(Visibility.PROFESSIONALS),
        ),
        and_(
            visibility == constant(Visibility.OWN_SERVICE),
            func.coalesce(Entry.service_id == bindparam("service_id"), false()),  # never NULL: ~
        ),
        and_(or_(and_(reads, visibility == constant(Visibility.NAMED)), in_room), named),
    )
    before = Entry.written_at < bindparam("since", type_=UtcDateTime())
    follows = exists().where(Follow.entry_id == Entry.id, Follow.ended_at.is_(None))
    return or_(mine, and_(for_me, or_(number == literal(0), ~hidden), or_(~before, follows)))


def asking(viewer: Viewer) -> dict[str, Any]:
    """Return what `readable` asks for."""
    professional = viewer.reads and not viewer.family
    return {
        "user_id": viewer.user_id,
        "service_id": viewer.service_id if professional else None,
        "reads": viewer.reads,
        "professional": professional,
        "room": viewer.room,
        "since": viewer.since or BEGINNING,
    }


Order = tuple[SQLColumnExpression[datetime], SQLColumnExpression[UUID]]
"""By what entries are in order: when each was written, and its id."""


def _older(order: Order) -> ColumnElement[bool]:
    """Match what comes after a cursor, newest first; it asks for `_at`."""
    (written_at, entry_id), at = order, bindparam("at", type_=UtcDateTime())
    same = and_(written_at == at, entry_id < bindparam("last_id", type_=Id()))
    return or_(written_at < at, same)


_OF_ENTRIES: Order = (Entry.written_at, Entry.id)
_OF_HITS: Order = (SEARCHED.c.written_at, SEARCHED.c.entry_id)
_COLUMNS = (
    select(Entry.id, Entry.kind, EntryVersion.text, Entry.visibility, User.id, User.username)
    .add_columns(User.name, User.title, Entry.service_id, Service.name, Entry.written_at)
    .add_columns(Entry.version, EntryVersion.reason, EntryVersion.written_at, Entry.audience)
    .join(User, User.id == Entry.written_by)
    .join(Service, Service.id == Entry.service_id, isouter=True)
    .join(
        EntryVersion,
        and_(EntryVersion.entry_id == Entry.id, EntryVersion.number == Entry.version),
    )
)
_ONE = (
    _COLUMNS.add_columns(Child.address_protection)
    .join(Child, Child.id == Entry.child_id)
    .where(Entry.id == bindparam("entry_id"))
)
_LISTED = _COLUMNS.add_columns(Child.id, Child.name, Child.address_protection).join(
    Child, Child.id == Entry.child_id
)
_FIRST = (  # built once: making a statement costs as much as running it
    _COLUMNS.where(Entry.child_id == bindparam("child_id"), readable())
    .order_by(Entry.written_at.desc(), Entry.id.desc())
    .limit(bindparam("limit"))
)

_AFTER = _FIRST.where(_older(_OF_ENTRIES))
_AMONG = (  # which, so that the texts are fetched of no more than are shown
    select(Entry.id)
    .where(Entry.child_id.in_(bindparam("child_ids", expanding=True)), readable())
    .order_by(Entry.written_at.desc(), Entry.id.desc())
    .limit(bindparam("limit"))
)
_PLACES = ("written_at", "entry_id", "number")
_HITS = (
    select(SEARCHED.c.entry_id, SEARCHED.c.number, SEARCHED.c.written_at)
    .order_by(*(SEARCHED.c[name].desc() for name in _PLACES))
    .limit(bindparam("portion"))
)
_MATCHES = {
    "sqlite": text(
        "entry_search.id IN "
        "(SELECT rowid FROM entry_search_words WHERE entry_search_words MATCH :match)"
    ),
    "postgresql": text("entry_search.words @@ CAST(looked_for.match AS tsquery)"),
}
_LOOKED_FOR = (
    func.unnest(bindparam("match", type_=ARRAY(String)))
    .table_valued("match")
    .render_derived(name="looked_for")
)
_LISTED_HITS = _LISTED.where(
    Entry.id.in_(bindparam("entry_ids", expanding=True)),
    Entry.child_id.in_(bindparam("child_ids", expanding=True)),
    readable(),
).order_by(Entry.written_at.desc(), Entry.id.desc())
_STEMS = select(cast(func.to_tsquery("norwegian", bindparam("words")), String))
_STEM = re.compile(r"'((?:[^']|'')+)'(:\*)?")
_ROOM = (
    _COLUMNS.where(
        Entry.child_id == bindparam("child_id"),
        Entry.visibility == constant(Visibility.CHILD_ROOM),
        readable(),
    )
    .order_by(Entry.written_at.desc(), Entry.id.desc())
    .limit(bindparam("limit"))
)
_FIND = select(Entry).where(Entry.id == bindparam("entry_id"), readable())
_HIDDEN = select(Entry.id).where(
    Entry.child_id.in_(bindparam("child_ids", expanding=True)), ~readable()
)
_HISTORY = (
    select(EntryAudience.entry_id, EntryAudience.set_at)
    .add_columns(readable(EntryAudience.visibility, EntryAudience.number))
    .join(Entry, Entry.id == EntryAudience.entry_id)
    .where(Entry.child_id == bindparam("child_id"), Entry.audience > 1, readable())
    .order_by(EntryAudience.entry_id, EntryAudience.number)
)
_AUDIENCES = (
    select(EntryAudience.entry_id, EntryAudience.number, EntryAudience.visibility)
    .add_columns(EntryAudience.reason, EntryAudience.hidden_reason, EntryAudience.review_on)
    .add_columns(User.name, EntryAudience.set_at)
    .join(User, User.id == EntryAudience.set_by)
)
_NAMES = union_all(
    select(Entry.id, literal(0), User.name)
    .join(EntryReader, and_(EntryReader.entry_id == Entry.id, EntryReader.number == Entry.audience))
    .join(User, User.id == EntryReader.user_id)
    .where(Entry.id.in_(bindparam("entry_ids", expanding=True))),
    select(Entry.id, literal(1), Guardian.name)
    .join(EntryHidden, and_(EntryHidden.entry_id == Entry.id, EntryHidden.number == Entry.audience))
    .join(Guardian, Guardian.id == EntryHidden.guardian_id)
    .where(Entry.id.in_(bindparam("entry_ids", expanding=True))),
).order_by("name")
_REVIEWS = (
    select(Entry.id, Child.id, Child.name, User.id, User.name, EntryAudience.review_on)
    .join(EntryAudience, EntryAudience.entry_id == Entry.id)
    .join(Child, Child.id == Entry.child_id)
    .join(User, User.id == Entry.written_by)
    .where(
        EntryAudience.number == Entry.audience,
        EntryAudience.review_on <= ties.TODAY,
        readable(),
    )
)


def _shut(child_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Return whether a log is closed that somebody was writing in.

    A family's page may keep more of it afterwards: it is hers to write in when it is opened again.
    """
    of_child = Stafettlogg.child_id == child_id
    return or_(
        exists().where(of_child, Stafettlogg.closed_at > Unsaved.saved_at),
        ~exists().where(of_child, Stafettlogg.closed_at.is_(None)),
    )


_IN_A_LOG = [
    *(UnsavedOf.LOG, UnsavedOf.STEP, UnsavedOf.PLAN, UnsavedOf.PLAN_STEP),
    *(UnsavedOf.MEASURE, UnsavedOf.EVALUATION),
]
_BEGUN_OR_ENDED = (
    select(PlanEvent.kind)
    .where(PlanEvent.child_id == Unsaved.object_id)
    .order_by(PlanEvent.number.desc())
    .limit(1)
    .scalar_subquery()
)
_RUNNING = (
    Measure.child_id == Unsaved.object_id,
    Measure.key == Unsaved.part,
    Measure.status.in_(constants(RUNS)),
)
_DONE = or_(  # without it: an offer, a task, a version, a measure, or the plan, by another
    and_(
        Unsaved.of == constant(UnsavedOf.REFUSAL),
        exists().where(
            Handover.id == Unsaved.object_id, Handover.state != constant(HandoverState.PENDING)
        ),
    ),
    and_(
        Unsaved.of == constant(UnsavedOf.TASK),
        exists().where(Task.id == Unsaved.object_id, Task.done_at.is_not(None)),
    ),
    and_(
        Unsaved.of == constant(UnsavedOf.VERSION),
        or_(
            exists().where(PlanOutcome.version_id == Unsaved.object_id),
            exists().where(PlanVersion.id == Unsaved.object_id, _shut(PlanVersion.child_id)),
        ),
    ),
    and_(
        Unsaved.of == constant(UnsavedOf.EVALUATION),
        ~exists().where(*_RUNNING),
    ),
    and_(
        Unsaved.of == constant(UnsavedOf.MEASURE),
        ~exists().where(*_RUNNING, Measure.account_id == bindparam("user_id")),
    ),
    and_(
        Unsaved.of == constant(UnsavedOf.PLAN_STEP),
        or_(
            and_(
                Unsaved.part == constant(PlanForm.ENDING),
                constant(PlanEventKind.ENDED) == _BEGUN_OR_ENDED,
            ),
            and_(
                Unsaved.part == constant(PlanForm.BEGINNING),
                constant(PlanEventKind.BEGUN) == _BEGUN_OR_ENDED,
            ),
        ),
    ),
)
LEFT = (
    select(Unsaved.of, Unsaved.object_id, Unsaved.part, Unsaved.saved_at, Unsaved.fields)
    .where(
        Unsaved.user_id == bindparam("user_id"),
        Unsaved.saved_at > bindparam("kept_since", type_=UtcDateTime()),
        or_(
            Unsaved.of.in_(constants([UnsavedOf.CONCERN, UnsavedOf.CONCERN_STEP])),
            and_(
                Unsaved.of.in_(constants(_IN_A_LOG)),
                _shut(Unsaved.object_id),
            ),
            and_(
                Unsaved.of == constant(UnsavedOf.CORRECTION),
                exists().where(Entry.id == Unsaved.object_id, _shut(Entry.child_id)),
            ),
            _DONE,
        ),
    )
    .order_by(Unsaved.saved_at.desc())
)
"""What somebody has begun of a concern, in a log that is closed, or of what is done without it.

It asks for `kept_since`.
"""
MY_REVIEWS = {
    leads: _REVIEWS.where(
        or_(
            Entry.written_by == bindparam("user_id"),
            Entry.child_id.in_(ties.tied_as([Relation.SH], leads=leads)),
        )
    )
    for leads in (False, True)
}
"""The entries that `to_review` looks among; it asks for `asking_reviews`."""
Cursor = tuple[datetime, UUID]


def of_child(
    session: Session,
    child: ChildSummary,
    viewer: Viewer,
    limit: int,
    after: Cursor | None = None,
) -> list[EntryRow]:
    """Return the newest entries, older than `after`, that somebody may read.

    One more than `limit` is read, so that the caller knows whether there are older ones. Where
    the author works is left out when the child's address is protected.
    """
    given = {"child_id": child.id, "limit": limit + 1, **asking(viewer)}
    wanted = _FIRST
    if after is not None:
        wanted, given = _AFTER, {**given, "at": after[0], "last_id": after[1]}
    return _rows(session, child, wanted, given)


def search(
    session: Session,
    readers: Mapping[UUID, Viewer],
    wanted: Search,
    limit: int,
    after: Cursor | None = None,
) -> Found:
    """Return the newest entries that say what is looked for, in the logs of some children.

    `readers` is what the reader is to each child's entries; what he may not read is not found, by
    the filter of the log itself. Only the text that stands is looked in. PostgreSQL knows the
    endings of Norwegian words; on SQLite a word finds those that begin with it.
    """
    beginnings = _as_looked_for(session, wanted.beginnings)
    groups: dict[Viewer, list[UUID]] = defaultdict(list)
    for child_id, reader in readers.items():
        groups[reader].append(child_id)
    found = [
        row
        for reader, children in groups.items()
        if beginnings or not wanted.words
        for first in range(0, len(children), CHILDREN_AT_ONCE)
        for row in _sought(
            session,
            reader,
            children[first : first + CHILDREN_AT_ONCE],
            wanted,
            beginnings,
            limit,
            after,
        )
    ]
    found.sort(key=lambda one: (one.entry.written_at, one.entry.id), reverse=True)
    return Found(found[: limit + 1], beginnings)


def _sought(
    session: Session,
    reader: Viewer,
    children: list[UUID],
    wanted: Search,
    beginnings: list[Beginning],
    limit: int,
    after: Cursor | None,
) -> list[FoundRow]:
    """Search the logs of children to whom the reader is the same."""
    given = {"child_ids": children, **asking(reader)}
    if not beginnings:
        ids = _narrowed(_within(_AMONG, _OF_ENTRIES, wanted, after), wanted)
        rows = fetch(
            session, _LISTED.where(Entry.id.in_(ids)), {**given, **_at(after), "limit": limit + 1}
        )
        return [_found(row, beginnings) for row in rows]
    dialect = session.get_bind().dialect.name
    match, listed = _match(dialect, beginnings, children), _narrowed(_LISTED_HITS, wanted)
    found: list[FoundRow] = []
    portion = limit + limit // 4 + 1  # some may have been corrected, or not be his to read
    while True:  # the index proposes what is newest, and then more, until that fills a page
        asked = _within(_HITS.where(_MATCHES[dialect]), _OF_HITS, wanted, after)
        if dialect == "postgresql":
            asked = _of_each(asked)
        hits = fetch(session, asked, {"match": match, "portion": portion, **_at(after)})
        stands = {(one.entry_id, one.number) for one in hits}
        if stands:
            rows = fetch(session, listed, {**given, "entry_ids": [one for one, _ in stands]})
            there = [row for row in rows if (row.id, row.version) in stands]
            found += [_found(row, beginnings) for row in there[: limit + 1 - len(found)]]
        if len(found) > limit or len(hits) < portion:
            return found
        after = (hits[-1].written_at, hits[-1].entry_id)
        portion = min(4 * portion, LARGEST_PORTION)


def author_name(session: Session, readers: Mapping[UUID, Viewer], username: str) -> str:
    """Return what the author of an entry is called that the reader may read.

    Of who has written none there is but the username that was asked for. `readers` as `search`.
    """
    rows = search(session, readers, Search(author=username), 1).rows
    return rows[0].entry.author_name if rows else username


def _of_each(asked: Select[Any]) -> Select[Any]:
    """Ask for the newest of what is found for each child, so that each is looked for by itself.

    For one question with the words of forty children PostgreSQL would compare each hit with all.
    """
    each = asked.lateral("of_each")
    return (
        select(each)
        .select_from(_LOOKED_FOR.join(each, true()))
        .order_by(*(each.c[name].desc() for name in _PLACES))
        .limit(bindparam("portion"))
    )


def _within(asked: Select[Any], order: Order, wanted: Search, after: Cursor | None) -> Select[Any]:
    """Ask only for what was written in the days that are looked in, and comes after a cursor."""
    written_at, _ = order
    if after is not None:
        asked = asked.where(_older(order))
    if wanted.from_on is not None:
        asked = asked.where(written_at >= begins(wanted.from_on))
    if wanted.until_on is not None:
        asked = asked.where(written_at < begins(wanted.until_on + timedelta(days=1)))
    return asked


def _at(after: Cursor | None) -> dict[str, Any]:
    return {} if after is None else {"at": after[0], "last_id": after[1]}


def _narrowed(asked: Select[Any], wanted: Search) -> Select[Any]:
    """Ask only for entries of the kind, and by the author, that are looked for."""
    if wanted.kind is not None:
        asked = asked.where(Entry.kind == wanted.kind)
    if wanted.author:
        author = select(User.id).where(User.username == wanted.author)
        asked = asked.where(Entry.written_by.in_(author))
    return asked


def _found(row: Row[*tuple[Any, ...]], beginnings: list[Beginning]) -> FoundRow:
    *columns, child_id, child, protection = row
    entry = EntryRow._make(columns)
    shown = _masked(entry) if hides_places(protection) else entry
    return FoundRow(shown, child_id, child, excerpt(entry.text, beginnings))


def _as_looked_for(session: Session, typed: list[Beginning]) -> list[Beginning]:
    """Return words as the database looks for them: without endings, and less those on every page.

    Only PostgreSQL knows them («og», «ikke»), and the endings.
    """
    if session.get_bind().dialect.name == "sqlite" or not typed:
        return typed
    words = " & ".join(f"'{word}'{':*' if longer else ''}" for word, longer in typed)
    stems = session.scalar(_STEMS, {"words": words}) or ""
    return [(one.replace("''", "'"), bool(longer)) for one, longer in _STEM.findall(stems)]


def _match(dialect: str, beginnings: list[Beginning], children: list[UUID]) -> str | list[str]:
    """Return what is asked of the index: that each word is a word of one of the children.

    Of SQLite in one question, of PostgreSQL in one for each child. A word is letters and digits,
    and so no operator.
    """
    ids = [one.hex for one in children]
    if dialect == "postgresql":
        words = [(word, ":*" if longer else "") for word, longer in beginnings]
        return [" & ".join(f"'{mark(one)}{word}'{more}" for word, more in words) for one in ids]
    asked = []
    for word, longer in beginnings:
        asked.append(" OR ".join(kept(one, word) + ("*" if longer else "") for one in ids))
    return " AND ".join(f"({one})" for one in asked)


def room(session: Session, child: ChildSummary, viewer: Viewer, limit: int) -> list[EntryRow]:
    """Return the newest notes of the child's own room that somebody may read, `limit` at most."""
    given = {"child_id": child.id, "limit": limit, **asking(viewer)}
    return _rows(session, child, _ROOM, given)


def row(session: Session, entry_id: UUID) -> EntryRow:
    """Return one entry as pages and JSON show it; the workplace as `of_child` does."""
    ((*found, protection),) = fetch(session, _ONE, {"entry_id": entry_id})
    entry = EntryRow._make(found)
    return _masked(entry) if hides_places(protection) else entry


def find(session: Session, entry_id: UUID, viewer: Viewer) -> Entry | None:
    """Return an entry that somebody may read; None: there is none, or it is not for him."""
    return session.scalars(_FIND, {"entry_id": entry_id, **asking(viewer)}).one_or_none()


def is_for_all(session: Session, entry: Entry) -> bool:
    """Say whether an entry is for all who read the log, no guardian left out."""
    named = names(session, [entry]).get(entry.id)
    return entry.visibility == Visibility.EVERYONE and not (named and named.hidden_from)


def hidden(session: Session, records: Sequence[UUID], viewer: Viewer) -> Sequence[UUID]:
    """Return the entries of a child's records that somebody may not read."""
    return session.scalars(_HIDDEN, {"child_ids": records, **asking(viewer)}).all()


def opened_since(
    session: Session, child_id: UUID, viewer: Viewer, since: datetime
) -> dict[UUID, datetime]:
    """Return when entries that somebody reads now were opened to him, after they were written.

    Worked out from what each entry was before, asked for him as he is today.
    """
    given = {"child_id": child_id, **asking(viewer)}
    rows = fetch(session, _HISTORY, given)
    found = opened((entry_id, at, bool(can)) for entry_id, at, can in rows)
    return {entry_id: at for entry_id, at in found.items() if at >= since}


def audiences(session: Session, entry_ids: Collection[UUID]) -> list[AudienceRow]:
    """Return all that entries' audiences have been, with names, newest first."""
    rows = session.execute(
        _AUDIENCES.where(EntryAudience.entry_id.in_(entry_ids)).order_by(
            EntryAudience.entry_id, EntryAudience.number.desc()
        )
    ).all()
    named: dict[tuple[UUID, int], list[tuple[UUID, str, str]]] = defaultdict(list)
    people = (
        select(EntryReader.entry_id, EntryReader.number, User.id, User.username, User.name)
        .join(User, User.id == EntryReader.user_id)
        .where(EntryReader.entry_id.in_(entry_ids))
        .order_by(User.name, User.id)
    )
    for entry_id, number, user_id, username, name in session.execute(people):
        named[entry_id, number].append((user_id, username, name))
    kept: dict[tuple[UUID, int], list[tuple[UUID, str]]] = defaultdict(list)
    guardians = (
        select(EntryHidden.entry_id, EntryHidden.number, Guardian.id, Guardian.name)
        .join(Guardian, Guardian.id == EntryHidden.guardian_id)
        .where(EntryHidden.entry_id.in_(entry_ids))
        .order_by(Guardian.name, Guardian.id)
    )
    for entry_id, number, guardian_id, name in session.execute(guardians):
        kept[entry_id, number].append((guardian_id, name))
    return [
        AudienceRow._make((*row, tuple(named[row[0], row[1]]), tuple(kept[row[0], row[1]])))
        for row in rows
    ]


def names(session: Session, entries: Iterable[EntryRow | Entry]) -> dict[UUID, Names]:
    """Return who is named for, and kept from, the narrow ones among some entries.

    One statement, and none when all are for everyone.
    """
    narrow = [one.id for one in entries if one.audience]
    found = {entry_id: Names([], []) for entry_id in narrow}
    if narrow:
        rows = fetch(session, _NAMES, {"entry_ids": narrow})
        for entry_id, is_hidden, name in rows:
            found[entry_id][bool(is_hidden)].append(name)
    return found


def read_by(session: Session, entry: Entry) -> list[ReadRow]:
    """Return who but its author has been shown an entry, and when first, from the access log."""
    things = {entry.id: None}
    return audience.read_by(session, entry.child_id, things, entry.written_by, entry.written_at)


def left(work: Work) -> Left:
    """Return what the actor has begun to write elsewhere, the newest first.

    Of what was not saved before a log was closed, or a concern before he lost the way to it, he is
    shown the words alone: he may no longer know of the child.
    """
    given = {"user_id": work.actor.user_id, "kept_since": work.now - KEPT_FOR}
    rows = work.session.execute(LEFT, given).all()
    about = {child_id for of, child_id, *_ in rows if of == UnsavedOf.CONCERN}
    held = ties.ties_to_all(work.session, work.actor, work.now, about) if about else {}
    changed = {concern_id for of, concern_id, *_ in rows if of == UnsavedOf.CONCERN_STEP}
    forms = concerns.forms(work, changed) if changed else {}
    today = Facts(work.today)
    found = Left([], [], [])
    for of, object_id, part, saved_at, fields in rows:
        concern = of == UnsavedOf.CONCERN
        if concern and decide(held.get(object_id, ()), Action.CONCERN_CREATE, today).allowed:
            found.concerns.append(object_id)
        elif of == UnsavedOf.CONCERN_STEP and part in forms.get(object_id, ()):
            found.concern_steps.append((ConcernForm(part), object_id))
        elif not (of == UnsavedOf.MEASURE and measures.writes_in(work, object_id, part)):
            found.stranded.append(Stranded(UnsavedOf(of), part, saved_at, fields))
    return found


def asking_reviews(work: Work) -> dict[str, Any]:
    """Return what `MY_REVIEWS` asks for.

    Who reads professionals' entries of a child at all is asked child by child afterwards.
    """
    reader = Viewer(work.actor.user_id, work.actor.service_id, reads=True, family=False, room=False)
    return {**ties.asking(work.actor, work.today), **asking(reader)}


def to_review(work: Work) -> list[ReviewRow]:
    """Return the entries whose review is due, of the actor and of the logs whose baton he holds.

    Only such as he may read, so that a holder learns of none that is kept from him.
    """
    rows = fetch(work.session, MY_REVIEWS[bool(work.actor.leads)], asking_reviews(work))
    found = [ReviewRow._make(row) for row in rows]
    among = {one.child_id for one in found}
    held = ties.ties_to_all(work.session, work.actor, work.now, among) if among else {}
    by = {one: viewer(work.actor, held.get(one, ()), work.today) for one in among}
    mine = work.actor.user_id  # of others' from before the birth only who read them then is asked
    return [
        one
        for one in found
        if by[one.child_id].reads and (one.author_id == mine or by[one.child_id].since is None)
    ]


def follows(session: Session, entry_id: UUID) -> bool:
    """Say whether an entry from before the birth has been let follow the child."""
    wanted = select(Follow.id).where(Follow.entry_id == entry_id, Follow.ended_at.is_(None))
    return session.scalar(wanted) is not None


def child_of(session: Session, entry_id: UUID) -> UUID | None:
    """Return whom an entry is about; it never changes, so no lock is needed."""
    return session.scalar(select(Entry.child_id).where(Entry.id == entry_id))


def versions(session: Session, entry_id: UUID) -> list[VersionRow]:
    """Return every text an entry has had, newest first."""
    wanted = (
        select(EntryVersion.number, EntryVersion.text, EntryVersion.reason)
        .add_columns(EntryVersion.written_at)
        .where(EntryVersion.entry_id == entry_id)
        .order_by(EntryVersion.number.desc())
    )
    return [VersionRow._make(found) for found in session.execute(wanted)]


def _rows(
    session: Session, child: ChildSummary, wanted: Select[Any], given: dict[str, Any]
) -> list[EntryRow]:
    rows = [EntryRow._make(row) for row in fetch(session, wanted, given)]
    return [_masked(row) for row in rows] if hides_places(child.address_protection) else rows


def _masked(entry: EntryRow) -> EntryRow:
    return entry._replace(service_id=None, service=None)
