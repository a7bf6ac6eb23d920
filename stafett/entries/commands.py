"""Everything that changes entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from stafett.access.policy import Action, Facts, Relation, decide
from stafett.access.ties import ties_of
from stafett.access.work import Work
from stafett.audit import trail
from stafett.entries import queries, rules
from stafett.entries.models import Entry, EntryVersion
from stafett.entries.rules import Kind, Visibility
from stafett.errors import ConflictError, FieldError, RuleBrokenError
from stafett.stafettlogg import commands as stafettlogg
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.commands import Open
from stafett.stafettlogg.models import Concern, Stafettlogg
from stafett.stafettlogg.queries import LogSummary


@dataclass(frozen=True)
class Write:
    """A wish to write in the log."""

    kind: Kind
    text: str
    visibility: Visibility


@dataclass(frozen=True)
class Correct:
    """A wish to replace the text of an entry; the visibility stays."""

    text: str
    reason: str
    seen_version: int


def write(work: Work, log: LogSummary, wish: Write, author: Iterable[Relation]) -> Entry:
    """Add an entry to the child's open log.

    Raises:
        RuleBrokenError: with every obstacle.

    """
    if obstacles := rules.obstacles_to_writing(wish.visibility, author, log.state):
        raise RuleBrokenError(obstacles)
    if log.id is None:
        raise RuleBrokenError(["log-missing"])
    entry = _add(work, log.child_id, log.id, wish)
    trail.record(
        work,
        Action.ENTRY_CREATE,
        log.child_id,
        entry.id,
        kind=wish.kind,
        visibility=wish.visibility,
    )
    return entry


def correct(work: Work, entry: Entry, wish: Correct) -> Entry:
    """Replace the text that stands; the old one stays readable to those who may read the entry.

    Raises:
        ConflictError: somebody else corrected it after the form was opened.
        RuleBrokenError: the log has been closed since.

    """
    if wish.seen_version != entry.version:
        now = queries.row(work.session, entry.id)
        raise ConflictError({"version": now.version, "text": now.text})
    log = work.session.get_one(Stafettlogg, entry.log_id)
    if log.closed_at is not None:
        raise RuleBrokenError(["log-closed"])
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
    trail.record(work, Action.ENTRY_CORRECT, entry.child_id, entry.id, version=number)
    return entry


def open_log(work: Work, child_id: UUID, wish: Open) -> Stafettlogg:
    """Open a log; a concern that is shared becomes its first entry, for everyone to read.

    Raises:
        FieldError: the concern is not this child's, or not the actor's to share.
        RuleBrokenError: with every obstacle.

    """
    concern = None if wish.concern_id is None else _to_share(work, child_id, wish.concern_id)
    log = stafettlogg.open_log(work, child_id, wish)
    if concern is not None:
        shared = Write(Kind.CONCERN, concern.observed, Visibility.EVERYONE)
        entry = _add(work, child_id, log.id, shared, concern)
        trail.record(work, Action.CONCERN_SHARE, child_id, concern.id, entry=str(entry.id))
    return log


def _to_share(work: Work, child_id: UUID, concern_id: UUID) -> Concern:
    """Return the concern if the actor wrote it or leads its author; asked like any other right."""
    concern = logs.concern(work.session, concern_id)
    held = ties_of(work.session, work.actor, child_id)
    facts = Facts(work.today, object_id=concern_id)
    if (
        concern is None
        or concern.child_id != child_id
        or not decide(held, Action.CONCERN_SHARE, facts).allowed
    ):
        raise FieldError("concern_id", "concern-unknown")
    return concern


def _add(
    work: Work, child_id: UUID, log_id: UUID, wish: Write, source: Concern | None = None
) -> Entry:
    entry = Entry(
        child_id=child_id,
        log_id=log_id,
        kind=wish.kind,
        visibility=wish.visibility,
        written_by=source.written_by if source else work.actor.user_id,
        service_id=source.service_id if source else work.actor.service_id,
        written_at=work.now,
    )
    work.session.add(entry)
    work.session.flush()
    work.session.add(EntryVersion(entry_id=entry.id, number=1, text=wish.text, written_at=work.now))
    work.session.flush()
    return entry
