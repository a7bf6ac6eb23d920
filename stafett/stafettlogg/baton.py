"""The baton of a log: offered, taken over or refused, and moved with the child."""

from dataclasses import dataclass
from uuid import UUID

from stafett.access import ties
from stafett.access.models import Tie
from stafett.access.policy import Action, Purpose, Relation
from stafett.access.ties import Grant
from stafett.access.work import Work
from stafett.audit import trail
from stafett.consents import commands as consents
from stafett.dates import months_after
from stafett.errors import ConflictError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.people.models import User
from stafett.stafettlogg import queries, rules
from stafett.stafettlogg.membership import (
    end_membership,
    is_external,
    join,
    professional,
    running_log,
    take_out,
)
from stafett.stafettlogg.models import Handover, Stafettlogg, Transfer
from stafett.stafettlogg.rules import HandoverState, StepForm
from stafett.tasks import commands as tasks
from stafett.tasks.rules import TaskKind
from stafett.unsaved import commands as unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf


@dataclass(frozen=True)
class Offer:
    """A wish to pass the baton to a user; `family_wish` is what the family has said of it.

    `draft_version`: of the draft that is then let go.
    """

    to: str
    message: str | None = None
    family_wish: str | None = None
    draft_version: int = 0


@dataclass(frozen=True)
class Force:
    """A wish to move a baton that hangs to a user, and why nobody can pass it himself.

    `draft_version` as in `Offer`.
    """

    to: str
    reason: str
    draft_version: int = 0


@dataclass(frozen=True)
class Move:
    """A wish to move a child's follow-up from one service to another, and why."""

    from_service_id: UUID
    to_service_id: UUID
    reason: str


def offer(work: Work, child_id: UUID, wish: Offer) -> Handover:
    """Offer the baton; the holder keeps it until the receiver accepts.

    Raises:
        FieldError: no such person.
        RuleBrokenError: with every obstacle.

    """
    log = running_log(work, child_id)
    handover = offer_to(work, log, wish, "to")
    trail.record(work, Action.BATON_OFFER, child_id, handover.id, to=str(handover.to_id))
    unsaved.drop(work, Place(UnsavedOf.STEP, child_id, StepForm.HANDOVER), wish.draft_version)
    return handover


def accept(work: Work, handover_id: UUID) -> None:
    """Take the baton; in this transaction the old holder becomes a writing member.

    But not who works by now in a service that nobody has said yes to. A no that the receiver had
    begun to write is let go.

    Raises:
        ConflictError: the handover has been answered already.
        RuleBrokenError: the receiver's service is no longer covered.

    """
    handover = _pending(work, handover_id)
    log = running_log(work, handover.child_id)
    receiver = work.session.get_one(User, handover.to_id)
    if obstacles := rules.obstacles_to_handover(
        queries.facts(work, log.child_id, log, receiver.id),
        receiver.service_id,
        is_holder=False,
        pending=False,
        is_staff=True,
    ):
        raise RuleBrokenError(obstacles)
    giver = ties.holder_of(work.session, log.child_id)
    _answer(work, handover, HandoverState.ACCEPTED)
    old = work.session.get_one(User, log.holder_id)
    _take_over(work, log, giver, receiver)
    left = _leave_behind(work, log, giver)
    if not left and giver is not None and giver.user_id == old.id and _may_stay(work, old, giver):
        until = months_after(work.today, work.profile.membership_months_staff)
        join(work, log, old, writes=True, until=until)
    trail.record(work, Action.BATON_ACCEPT, log.child_id, handover.id, state=handover.state)
    unsaved.let_go(work, Place(UnsavedOf.REFUSAL, handover.id))


def _may_stay(work: Work, old: User, giver: Tie) -> bool:
    covered = ties.covered_services(work.session, giver.child_id, work.today)
    return old.service_id in {giver.service_id, *covered}


def refuse(work: Work, handover_id: UUID, reason: str, draft_version: int = 0) -> None:
    """Say no to the baton; it stays where it is, and who has it is told.

    `draft_version` as in `Offer`.

    Raises:
        ConflictError: the handover has been answered already.

    """
    handover = _pending(work, handover_id)
    _answer(work, handover, HandoverState.REFUSED, reason)
    holder = ties.holder_of(work.session, handover.child_id)
    if holder is not None:
        tasks.ask_holder(work, TaskKind.BATON_REFUSED, holder, handover.log_id)
    trail.record(work, Action.BATON_REFUSE, handover.child_id, handover.id)
    unsaved.drop(work, Place(UnsavedOf.REFUSAL, handover.id), draft_version)


def cancel(work: Work, handover_id: UUID) -> None:
    """Take an offer back.

    Raises:
        ConflictError: the handover has been answered already.

    """
    handover = _pending(work, handover_id)
    _answer(work, handover, HandoverState.CANCELLED)
    trail.record(work, Action.BATON_CANCEL, handover.child_id, handover.id)


def force(work: Work, child_id: UUID, wish: Force) -> Handover:
    """Move a baton that hangs: its holder is dead, ill or gone, and can pass it to nobody.

    The new holder is not asked, but told. The old one is out at once, and is invited again if he
    comes back; an offer that waits is called back.

    Raises:
        FieldError: no such person, or oneself.
        RuleBrokenError: with every obstacle.

    """
    log = running_log(work, child_id)
    receiver = professional(work, wish.to, "to")
    if receiver.id == work.actor.user_id:
        raise FieldError("to", "baton-to-oneself")
    giver = ties.holder_of(work.session, child_id)
    if obstacles := rules.obstacles_to_handover(
        queries.facts(work, child_id, log, receiver.id),
        receiver.service_id,
        is_holder=giver is not None and giver.user_id == receiver.id,
        pending=False,
        is_staff=not is_external(receiver),
    ):
        raise RuleBrokenError(obstacles)
    if (waiting := queries.pending(work.session, log.id)) is not None:
        _answer(work, waiting, HandoverState.CANCELLED)
    moved = Handover(
        log_id=log.id,
        child_id=child_id,
        from_id=log.holder_id,
        to_id=receiver.id,
        state=HandoverState.FORCED,
        requested_by=work.actor.user_id,
        requested_at=work.now,
        answered_at=work.now,
        answered_by=work.actor.user_id,
        reason=wish.reason,
    )
    work.session.add(moved)
    _take_over(work, log, giver, receiver)
    _leave_behind(work, log, giver)
    tasks.ask_person(work, TaskKind.BATON_MOVED, child_id, receiver.id, moved.id)
    trail.record(
        *(work, Action.BATON_FORCE, child_id, moved.id),
        from_id=str(moved.from_id),
        to=str(receiver.id),
    )
    unsaved.drop(work, Place(UnsavedOf.STEP, child_id, StepForm.FORCING), wish.draft_version)
    return moved


def transfer(work: Work, child_id: UUID, wish: Move) -> Transfer:
    """Move the follow-up to another service: the old one is out at once, but for the baton.

    Its members are out and its consents end; the new one gets nothing before the family has said
    yes to it, which the holder is asked to see to unless it is in already. Who holds the baton
    keeps it until somebody accepts, and is out then.

    Raises:
        FieldError: no such service.
        RuleBrokenError: with every obstacle.

    """
    log = running_log(work, child_id)
    if people.service(work.session, wish.to_service_id) is None:
        raise FieldError("to_service_id", "service-unknown")
    old = wish.from_service_id
    members = queries.standing_members(work.session, log.id)
    if obstacles := rules.obstacles_to_transfer(
        queries.facts(work, child_id, log),
        old,
        wish.to_service_id,
        takes_part=any(one.service_id == old for one in members),
        waits=queries.waiting_transfer(work.session, log.id, old) is not None,
    ):
        raise RuleBrokenError(obstacles)
    ended = _end_members(work, log, old, wish.reason)
    holder = ties.holder_of(work.session, child_id)
    holds = holder is not None and holder.service_id == old
    if (waiting := queries.pending(work.session, log.id)) is not None and (
        people.service_of(work.session, waiting.to_id) == old
    ):
        _answer(work, waiting, HandoverState.CANCELLED)
    for purpose in Purpose:
        if not (holds and purpose is Purpose.STAFETTLOGG):
            consents.withdraw_services(work, child_id, purpose, [old])
    made = Transfer(
        log_id=log.id,
        child_id=child_id,
        from_service_id=old,
        to_service_id=wish.to_service_id,
        reason=wish.reason,
        made_by=work.actor.user_id,
        made_at=work.now,
        finished_at=None if holds else work.now,
    )
    work.session.add(made)
    work.session.flush()
    new = wish.to_service_id
    in_already = any(one.service_id == new for one in members) and (
        new in ties.covered_services(work.session, child_id, work.today)
    )
    if holder is not None and (holds or not in_already):
        tasks.ask_holder(work, TaskKind.TRANSFERRED, holder, made.id)
    trail.record(
        *(work, Action.UNIT_TRANSFER_CHILD, child_id, made.id),
        from_service=str(old),
        to_service=str(wish.to_service_id),
        members=ended,
    )
    return made


def _leave_behind(work: Work, log: Stafettlogg, giver: Tie | None) -> bool:
    """Take out a service that only waited for its baton to pass; say whether it was so."""
    old = giver.service_id if giver is not None else None
    waiting = queries.waiting_transfer(work.session, log.id, old)
    if waiting is None or people.service_of(work.session, log.holder_id) == old:
        return False  # a colleague has it: it is still the service's
    waiting.finished_at = work.now
    _end_members(work, log, waiting.from_service_id, waiting.reason)
    services = [waiting.from_service_id]
    consents.withdraw_services(work, log.child_id, Purpose.STAFETTLOGG, services)
    return True


def _end_members(work: Work, log: Stafettlogg, service_id: UUID, reason: str) -> int:
    members = [
        one
        for one in queries.standing_members(work.session, log.id)
        if one.service_id == service_id
    ]
    for member in members:
        end_membership(work, member, reason, frozenset())
    return len(members)


def _take_over(work: Work, log: Stafettlogg, giver: Tie | None, receiver: User) -> None:
    """Let one be the holder instead of another; a membership he had is over."""
    if giver is not None:
        ties.end_tie(work, giver)
        done = "En annen har stafettpinnen nå."
        tasks.settle_of(work, TaskKind.HOLDER_NEEDED, giver.source_id, done)
    if earlier := queries.membership(work.session, log.id, receiver.id):
        take_out(work, earlier, "Personen har stafettpinnen nå.")
    tasks.settle_of(work, TaskKind.BATON_REFUSED, log.id, "En annen har stafettpinnen nå.")
    log.holder_id = receiver.id
    work.session.flush()
    hold(work, log, receiver)


def hold(work: Work, log: Stafettlogg, user: User) -> None:
    """Tie somebody to the child as its holder."""
    ties.grant(
        work,
        Grant(
            log.child_id,
            Relation.SH,
            "holder",
            log.id,
            user_id=user.id,
            needs_consent=True,
            service_id=user.service_id,
        ),
    )


def offer_to(work: Work, log: Stafettlogg, wish: Offer, name: str) -> Handover:
    """Offer the baton of a log.

    Raises:
        FieldError: at `name`, when there is no such person.
        RuleBrokenError: with every obstacle.

    """
    user = professional(work, wish.to, name)
    if obstacles := obstacles_to_offer(work, log, user):
        raise RuleBrokenError(obstacles)
    return make_offer(work, log, user, wish.message, wish.family_wish)


def obstacles_to_offer(work: Work, log: Stafettlogg, user: User) -> list[str]:
    """List why somebody may not be asked to take the baton."""
    holder = ties.holder_of(work.session, log.child_id)
    return rules.obstacles_to_handover(
        queries.facts(work, log.child_id, log, user.id),
        user.service_id,
        is_holder=holder is not None and holder.user_id == user.id,
        pending=queries.pending(work.session, log.id) is not None,
        is_staff=not is_external(user),
    )


def make_offer(
    work: Work,
    log: Stafettlogg,
    user: User,
    message: str | None = None,
    family_wish: str | None = None,
) -> Handover:
    """Ask somebody to take the baton; what stands in the way has been looked at."""
    handover = Handover(
        log_id=log.id,
        child_id=log.child_id,
        from_id=log.holder_id,
        to_id=user.id,
        message=message,
        family_wish=family_wish,
        requested_by=work.actor.user_id,
        requested_at=work.now,
    )
    work.session.add(handover)
    work.session.flush()
    tasks.settle_of(work, TaskKind.BATON_REFUSED, log.id, "En annen er spurt.")
    return handover


def _pending(work: Work, handover_id: UUID) -> Handover:
    handover = work.session.get_one(Handover, handover_id)
    if handover.state != HandoverState.PENDING:
        raise ConflictError({"state": handover.state})
    return handover


def _answer(
    work: Work, handover: Handover, state: HandoverState, reason: str | None = None
) -> None:
    handover.state, handover.reason = state, reason
    handover.answered_at, handover.answered_by = work.now, work.actor.user_id
    work.session.flush()
