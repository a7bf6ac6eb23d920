"""Everything that changes entries."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import insert, update

from stafett.access.policy import Action, Facts, Relation, decide
from stafett.access.ties import ties_of
from stafett.access.work import Work
from stafett.audience import commands as audience
from stafett.audience.queries import viewer_of
from stafett.audience.rules import (
    Audience,
    Limits,
    Reason,
    Visibility,
    choices,
    readable,
)
from stafett.audit import trail
from stafett.children import queries as children
from stafett.entries import queries, rules
from stafett.entries.models import (
    Entry,
    EntryAudience,
    EntryHidden,
    EntryReader,
    EntryVersion,
)
from stafett.entries.rules import Kind
from stafett.errors import ConflictError, DeniedError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.stafettlogg import commands as stafettlogg
from stafett.stafettlogg import concerns
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.commands import Open
from stafett.stafettlogg.models import Concern, Stafettlogg
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.rules import may_be_shared
from stafett.tasks import commands as tasks
from stafett.tasks import queries as task_queries
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from stafett.unsaved import commands as unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf

CORRECTED = "Teksten er rettet."
"""What those who asked for a correction are answered when it is made."""
NOT_FOR_HIM_NOW = "Gjelder ikke lenger."
"""What becomes of word to somebody who may not read the entry any more."""


_ENTRY, _VERSION = insert(Entry), insert(EntryVersion)


@dataclass(frozen=True)
class Write:
    """A wish to write in the log."""

    kind: Kind
    text: str
    limits: Limits
    draft_version: int = 0
    anyway: Collection[str] = ()


@dataclass(frozen=True)
class SetVisibility:
    """A wish to change whom an entry is for; from whom it is hidden stays."""

    limits: Limits
    seen_audience: int


@dataclass(frozen=True)
class Hide:
    """A wish to hide an entry from some guardians; whom else it is for stays. None: from nobody."""

    hidden_from: Collection[UUID]
    hidden_reason: Reason | None
    review_on: date | None
    seen_audience: int


@dataclass(frozen=True)
class Correct:
    """A wish to replace the text of an entry; the visibility stays."""

    text: str
    reason: str
    seen_version: int
    draft_version: int = 0
    anyway: Collection[str] = ()


def write(work: Work, log: LogSummary, wish: Write, author: Collection[Relation]) -> UUID:
    """Add an entry to the child's open log, and return which.

    Raises:
        RuleBrokenError: with every obstacle.
        FieldError: with what is wrong in the fields that say whom it is for, or once with what the
            text seems to hold that does not belong in a log.

    """
    if obstacles := rules.obstacles_to_writing(
        wish.limits, author, work.actor.service_id, log.state
    ):
        raise RuleBrokenError(obstacles)
    if log.id is None:
        raise RuleBrokenError(["log-missing"])
    if log.paper_place and wish.limits.visibility is not Visibility.CHILD_ROOM:
        raise RuleBrokenError(["log-on-paper"])
    limits, named = audience.chosen(wish.limits, lambda: logs.readers(work, log))
    limits = audience.reviewed(work, audience.hidden(work, log.child_id, limits), author)
    if limits.visibility is not Visibility.CHILD_ROOM:
        _warn(work, log.child_id, wish)
    entry_id = _add(work, log.child_id, log.id, replace(wish, limits=limits))
    if limits.narrow:
        _set(work, entry_id, 1, limits, named)
    room = limits.visibility is Visibility.CHILD_ROOM
    place = Place(UnsavedOf.ROOM if room else UnsavedOf.LOG, log.child_id)
    unsaved.drop(work, place, wish.draft_version)
    trail.record(
        work,
        Action.CHILDNOTE_CREATE if room else Action.ENTRY_CREATE,
        log.child_id,
        entry_id,
        kind=wish.kind,
        visibility=limits.visibility,
    )
    return entry_id


def set_visibility(
    work: Work, entry: Entry, wish: SetVisibility, author: Collection[Relation]
) -> None:
    """Change whom an entry is for, as a new row; those who have read it have read it.

    Raises:
        ConflictError: it was changed after the form was opened.
        RuleBrokenError: it is no choice of the author's.
        FieldError: with what is wrong in the fields that say whom it is for.

    """
    before, _ = _seen(work, entry, wish.seen_audience)
    if wish.limits.visibility not in choices(author, entry.service_id):
        raise RuleBrokenError(["visibility-not-own"])
    log = logs.summary(work.session, entry.child_id, work.today)
    if log is None:
        raise RuleBrokenError(["log-missing"])
    kept = replace(wish.limits, hidden_from=before.hidden_from, hidden_reason=before.hidden_reason)
    limits, named = audience.chosen(kept, lambda: logs.readers(work, log))
    limits = audience.reviewed(work, audience.hidden(work, entry.child_id, limits), author)
    _change(work, entry, limits, named, Action.ENTRY_SET_VISIBILITY)


def hide(work: Work, entry: Entry, wish: Hide, author: Collection[Relation]) -> None:
    """Hide an entry from some guardians of the child, or from none any more, as a new row.

    Raises:
        ConflictError: it was changed after the form was opened.
        FieldError: with what is wrong in the fields that say from whom.

    """
    before, named = _seen(work, entry, wish.seen_audience)
    wanted = replace(
        before,
        hidden_from=wish.hidden_from,
        hidden_reason=wish.hidden_reason,
        review_on=wish.review_on,
    )
    limits = audience.reviewed(work, audience.hidden(work, entry.child_id, wanted), author)
    _change(work, entry, limits, named, Action.ENTRY_HIDE_FROM_GUARDIAN)


def correct(work: Work, entry: Entry, wish: Correct) -> Entry:
    """Replace the text that stands; the old one stays readable to those who may read the entry.

    Who has read an earlier text, and may read the entry today, is told (GDPR art. 19).

    Raises:
        ConflictError: somebody else corrected it after the form was opened.
        FieldError: once, with what the text seems to hold that does not belong in a log.
        RuleBrokenError: the log has been closed since.

    """
    if wish.seen_version != entry.version:
        now = queries.row(work.session, entry.id)
        raise ConflictError({"version": now.version, "text": now.text})
    log = work.session.get_one(Stafettlogg, entry.log_id)
    if log.closed_at is not None:
        raise RuleBrokenError(["log-closed"])
    _warn(work, entry.child_id, wish)
    number = entry.version + 1
    work.session.add(
        EntryVersion(
            entry_id=entry.id,
            number=number,
            text=wish.text,
            reason=wish.reason,
            written_at=work.now,
        )
    )
    entry.version = number
    tasks.settle_of(work, TaskKind.CORRECTION, entry.id, CORRECTED)  # the new text tells it
    unsaved.drop(work, Place(UnsavedOf.CORRECTION, entry.id), wish.draft_version)
    trail.record(work, Action.ENTRY_CORRECT, entry.child_id, entry.id, version=number)
    _tell(work, entry)
    return entry


def _tell(work: Work, entry: Entry) -> None:
    """Tell who has read an entry, and may read it today, that it is corrected."""
    reads = _readers(work, entry)
    known = (one.user_id for one in queries.read_by(work.session, entry) if one.user_id in reads)
    tasks.tell(work, TaskKind.CORRECTED, entry.child_id, known, entry.id)


def _readers(work: Work, entry: Entry) -> set[UUID]:
    """Return who may read an entry today."""
    log = logs.summary(work.session, entry.child_id, work.today)
    if log is None:
        return set()
    limits, named = _standing(work, entry)
    there = children.guardians(work.session, entry.child_id) if limits.hidden_from else []
    hidden = {one.username for one in there if one.id in limits.hidden_from}
    readers = logs.readers(work, log)
    audience = Audience(
        limits.visibility,
        entry.written_by,
        entry.service_id,
        named,
        {one.user_id for one in readers if one.username in hidden},
        entry.written_at,
        queries.follows(work.session, entry.id),
    )
    return {one.user_id for one in readers if readable(viewer_of(one), audience)}


def _warn(work: Work, child_id: UUID, wish: Write | Correct) -> None:
    """Stop once, to warn of what the text seems to hold; `anyway` are the signs warned of before.

    Raises:
        FieldError: with the signs.

    """
    others = queries.followed(work)
    found = rules.signs(wish.text, others.pop(child_id, ""), others.values())
    if new := [sign for sign in found if sign not in wish.anyway]:
        raise FieldError("text", *new)


def request_correction(work: Work, entry: Entry, words: str, draft_version: int = 0) -> Task:
    """Ask the author to correct an entry, or to say why not (GDPR art. 16).

    Koordinerende enhet's leader is asked when the author works here no more, or never did.
    `draft_version`: of the draft that is then let go.

    Raises:
        ConflictError: the actor has asked already, and has no answer yet.
        DeniedError: it is the actor's own, or stands in the child's own room.
        RuleBrokenError: there is nobody to ask.

    """
    if entry.written_by == work.actor.user_id or entry.visibility == Visibility.CHILD_ROOM:
        raise DeniedError
    author = people.user(work.session, entry.written_by)
    answers = author is not None and author.disabled_at is None and author.roles != "citizen"
    unit = None if answers else people.coordinating_unit(work.session)
    if not answers and unit is None:
        raise RuleBrokenError(["nobody-to-ask"])
    receiver = (entry.written_by if answers else None, unit)
    task = tasks.ask_in_words(
        work, TaskKind.CORRECTION, entry.child_id, receiver, words, object_id=entry.id
    )
    trail.record(work, Action.ENTRY_REQUEST_CORRECTION, entry.child_id, entry.id, task=str(task.id))
    unsaved.drop(work, Place(UnsavedOf.REQUEST, entry.id), draft_version)
    return task


def open_log(work: Work, child_id: UUID, wish: Open) -> Stafettlogg:
    """Open a log; a concern that is shared becomes its first entry, for everyone to read.

    Raises:
        FieldError: the concern is not this child's, not the actor's to share, or of suspected
            violence.
        RuleBrokenError: with every obstacle.

    """
    concern = None if wish.concern_id is None else _to_share(work, child_id, wish.concern_id)
    log = stafettlogg.open_log(work, child_id, wish)
    if concern is not None:
        shared = Write(Kind.CONCERN, concern.observed, Limits())
        entry_id = _add(work, child_id, log.id, shared, concern)
        trail.record(work, Action.CONCERN_SHARE, child_id, concern.id, entry=str(entry_id))
    return log


def _to_share(work: Work, child_id: UUID, concern_id: UUID) -> Concern:
    """Return the concern if the actor wrote it or leads its author; asked like any other right."""
    concern = concerns.find(work.session, concern_id)
    held = ties_of(work.session, work.actor, child_id, work.now)
    facts = Facts(work.today, object_id=concern_id)
    if (
        concern is None
        or concern.child_id != child_id
        or not decide(held, Action.CONCERN_SHARE, facts).allowed
    ):
        raise FieldError("concern_id", "concern-unknown")
    if not may_be_shared(concern.decision, concern.parents_not_asked):
        raise FieldError("concern_id", "concern-not-for-family")
    return concern


def _add(
    work: Work, child_id: UUID, log_id: UUID, wish: Write, source: Concern | None = None
) -> UUID:
    entry_id = uuid4()
    entry = {
        "id": entry_id,
        "child_id": child_id,
        "log_id": log_id,
        "kind": wish.kind,
        "visibility": wish.limits.visibility,
        "written_by": source.written_by if source else work.actor.user_id,
        "service_id": source.service_id if source else work.actor.service_id,
        "written_at": work.now,
    }
    first = {"entry_id": entry_id, "number": 1, "text": wish.text, "written_at": work.now}
    connection = work.session.connection()
    connection.execute(_ENTRY, entry)
    connection.execute(_VERSION, first)
    return entry_id


def _seen(work: Work, entry: Entry, seen_audience: int) -> tuple[Limits, list[UUID]]:
    """Return the limits that stand, with who is named, if they are what somebody looked at."""
    if seen_audience != entry.audience:
        raise ConflictError({"audience": entry.audience})
    return _standing(work, entry)


def _standing(work: Work, entry: Entry) -> tuple[Limits, list[UUID]]:
    """Return the limits that stand, with who is named."""
    if entry.audience == 0:
        return Limits(Visibility(entry.visibility)), []
    found = queries.audiences(work.session, [entry.id])[0]
    limits = Limits(
        Visibility(found.visibility),
        [username for _, username, _ in found.named],
        None if found.reason is None else Reason(found.reason),
        [guardian_id for guardian_id, _ in found.hidden_from],
        None if found.hidden_reason is None else Reason(found.hidden_reason),
        found.review_on,
    )
    return limits, [user_id for user_id, _, _ in found.named]


def _change(
    work: Work, entry: Entry, limits: Limits, named: Collection[UUID], action: Action
) -> None:
    before, new, number = entry.visibility, limits.visibility, entry.audience + 1
    _set(work, entry.id, number, limits, named)
    trail.record(work, action, entry.child_id, entry.id, old=before, new=new, audience=number)
    waiting = [
        task
        for kind in (TaskKind.CORRECTED, TaskKind.ANSWERED)
        for task in task_queries.all_open_of(work.session, kind, entry.id)
    ]
    reads = _readers(work, entry) if waiting else set()
    for task in waiting:
        if task.user_id not in reads:
            tasks.finish(work, task, NOT_FOR_HIM_NOW)


def _set(work: Work, entry_id: UUID, number: int, limits: Limits, named: Collection[UUID]) -> None:
    """Let an audience be the one that stands; the text's number, which guards races, stays."""
    work.session.add(
        EntryAudience(
            entry_id=entry_id,
            number=number,
            visibility=limits.visibility,
            reason=limits.reason,
            hidden_reason=limits.hidden_reason,
            review_on=limits.review_on,
            set_by=work.actor.user_id,
            set_at=work.now,
        )
    )
    work.session.add_all(
        EntryReader(entry_id=entry_id, number=number, user_id=one) for one in named
    )
    work.session.add_all(
        EntryHidden(entry_id=entry_id, number=number, guardian_id=one) for one in limits.hidden_from
    )
    stands = {"audience": number, "visibility": limits.visibility}
    work.session.execute(update(Entry).where(Entry.id == entry_id).values(stands))
    work.session.flush()
