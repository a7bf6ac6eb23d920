"""Joins two records of one child, parts them again, or says that they are two children."""

from uuid import UUID

from stafett.access import ties
from stafett.access.policy import Action
from stafett.access.work import Work
from stafett.audit import trail
from stafett.children import commands as children
from stafett.children.models import Child
from stafett.children.rules import Protection, stricter
from stafett.consents import commands as consents
from stafett.errors import ConflictError, RuleBrokenError
from stafett.people import queries as people
from stafett.protection.commands import Grade, protect, spread
from stafett.stafettlogg import level_zero
from stafett.tasks import commands as tasks
from stafett.tasks.rules import TaskKind
from stafett.twins import queries, rules
from stafett.twins.models import TwinJoin
from stafett.twins.queries import Pair


def join(work: Work, pair: Pair) -> TwinJoin:
    """Move guardians, consents, concerns and tasks to the record that stays; end all ties else.

    What was written and logged stays where it is. A log that was closed before can be read there
    by the family, as they could read it before. A block on either side holds on both, and the
    stronger protection of the address does.

    Raises:
        ConflictError: they have been joined already.
        RuleBrokenError: with every obstacle.

    """
    if pair.join is not None:
        raise ConflictError
    kept, gone = pair.kept, pair.gone
    obstacles = rules.obstacles_to_join(
        pair.twin_use,
        pair.other_use,
        unverified=queries.unverified(work.session, pair),
        restricted=ties.is_restricted(work.session, [kept.id, gone.id]),
    )
    if obstacles:
        raise RuleBrokenError(obstacles)
    tasks.settle_of(work, TaskKind.JOIN_TWIN, pair.twin.id, "Slått sammen.")
    told = {gone.registered_by} | queries.followed_by(work.session, gone.id)
    guardians = children.move_guardians(work, gone.id, kept.id)
    doubles = {one: other for one, other in guardians.items() if other is not None}
    moved = {
        "guardians": list(guardians),
        "doubles": [part for two in doubles.items() for part in two],
        "consents": consents.move(work, gone.id, kept.id, doubles),
        "concerns": level_zero.move_concerns(work, gone.id, kept.id),
        "tasks": tasks.move(work, gone.id, kept.id),
        "account": children.move_account(work, gone, kept),
        "joined": children.move_joined(work, gone.id, kept.id),
        "ties": ties.end_child(work, gone.id),
    }
    _change_numbers(work, confirmed=kept, other=gone)
    gone.joined_to, gone.past_log = kept.id, pair.leaves_a_log
    work.session.flush()
    stronger = Protection(gone.address_protection)
    if stronger in stricter(kept.address_protection):
        protect(work, kept.id, Grade(stronger, "Slått sammen med en registrering med beskyttelse."))
    spread(work, kept, Protection(kept.address_protection))
    children.retie(work, kept)
    made = TwinJoin(
        twin_id=pair.twin.id,
        gone_id=gone.id,
        kept_id=kept.id,
        moved={name: [str(one) for one in ids] for name, ids in moved.items()},
        joined_at=work.now,
        joined_by=work.actor.user_id,
    )
    work.session.add(made)
    work.session.flush()
    unit = people.coordinating_unit(work.session)
    tasks.ask_service(work, TaskKind.CHECK_JOIN, pair.twin.id, unit, pair.twin.id)
    for person in sorted(told):
        tasks.ask_person(work, TaskKind.TWIN_JOINED, gone.id, person, made.id)
    _record(work, pair, made, "joined")
    return made


def undo(work: Work, pair: Pair) -> TwinJoin:
    """Part two records that were joined within the last 24 hours, as they were.

    A block or a protection that one got from the other stays.

    Raises:
        ConflictError: they are not joined.
        RuleBrokenError: with every obstacle.

    """
    made = pair.join
    if made is None:
        raise ConflictError
    used = queries.used_since(work.session, made)
    obstacles = rules.obstacles_to_undo(made.joined_at, work.now, used=used)
    if obstacles:
        raise RuleBrokenError(obstacles)
    kept, gone = pair.kept, pair.gone
    moved = {name: [UUID(one) for one in ids] for name, ids in made.moved.items()}
    doubles = dict(zip(moved["doubles"][::2], moved["doubles"][1::2], strict=True))
    gone.joined_to, gone.past_log = None, False
    children.move_joined(work, kept.id, gone.id, moved.get("joined", ()))
    work.session.flush()
    children.move_guardians_back(work, moved["guardians"], gone.id, doubles)
    consents.move_back(work, moved["consents"], gone.id, doubles, made.joined_at)
    level_zero.move_concerns_back(work, moved["concerns"], gone.id)
    tasks.move_back(work, moved["tasks"], gone.id)
    if moved["account"]:
        children.move_account(work, kept, gone)
    children.retie(work, kept)
    ties.revive(work, moved["ties"])
    if kept is pair.twin:
        _change_numbers(work, confirmed=gone, other=kept)
    made.undone_at, made.undone_by = work.now, work.actor.user_id
    tasks.settle_of(work, TaskKind.CHECK_JOIN, pair.twin.id, "Delt igjen.")
    tasks.settle_of(work, TaskKind.TWIN_JOINED, made.id, "Delt igjen.")
    unit = people.coordinating_unit(work.session)
    tasks.ask_service(work, TaskKind.JOIN_TWIN, pair.twin.id, unit, pair.twin.id)
    _record(work, pair, made, "parted")
    return made


def confirm(work: Work, pair: Pair) -> None:
    """Say that a join was right, so that nobody needs to look at it again.

    Raises:
        ConflictError: they are not joined.

    """
    if pair.join is None:
        raise ConflictError
    tasks.settle_of(work, TaskKind.CHECK_JOIN, pair.twin.id, "Sett på. Det stemmer.")
    _record(work, pair, pair.join, "confirmed")


def tell_apart(work: Work, pair: Pair, reason: str) -> None:
    """Say that they are two children: the provisional record loses the number, and stays.

    Raises:
        ConflictError: they have been joined.

    """
    if pair.join is not None:
        raise ConflictError
    pair.twin.national_id, pair.twin.provisional = None, False
    tasks.settle_of(work, TaskKind.JOIN_TWIN, pair.twin.id, f"To ulike barn: {reason}")
    kind = TaskKind.NUMBER_WRONG
    tasks.ask_person(work, kind, pair.twin.id, pair.twin.registered_by, pair.twin.id)
    trail.record(work, Action.CHILD_JOIN_TWIN, pair.twin.id, pair.twin.id, step="told_apart")


def _change_numbers(work: Work, *, confirmed: Child, other: Child) -> None:
    """Let one of the two be the one that has the number; it is unique among confirmed ones."""
    other.provisional = True
    work.session.flush()
    confirmed.provisional = False
    work.session.flush()


def _record(work: Work, pair: Pair, made: TwinJoin, step: str) -> None:
    for child in (pair.twin, pair.other):
        trail.record(work, Action.CHILD_JOIN_TWIN, child.id, made.id, step=step)
