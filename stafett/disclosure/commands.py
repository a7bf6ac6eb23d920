"""Takes in a parent's request to be told of the child, and decides it."""

from dataclasses import dataclass
from datetime import date

from stafett.access.policy import Action
from stafett.access.work import Work
from stafett.audit import trail
from stafett.children import commands as children
from stafett.children.models import Child, Guardian
from stafett.children.rules import hides_places
from stafett.disclosure import queries, rules
from stafett.disclosure.models import DisclosureDecision, DisclosureRequest
from stafett.errors import ConflictError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.tasks import commands as tasks
from stafett.tasks.queries import open_of
from stafett.tasks.rules import TaskKind
from stafett.unsaved import commands as unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf


@dataclass(frozen=True)
class AskToBeTold:
    """What a parent has asked for, and on which local date."""

    wish: str
    asked_on: date


@dataclass(frozen=True)
class AskMyself:
    """What a parent asks for himself, and which day his child was born."""

    wish: str
    birth_date: date


@dataclass(frozen=True)
class DecideDisclosure:
    """The decision: granted with what is told and until when, or refused; always with grounds.

    `draft_version`: of the draft that is then let go.
    """

    granted: bool
    grounds: str
    information: str | None = None
    until_on: date | None = None
    draft_version: int = 0


def ask(work: Work, guardian: Guardian, wish: AskToBeTold) -> DisclosureRequest:
    """Take in a request; koordinerende enhet gets a task to decide it, and nobody is told anything.

    Raises:
        FieldError: the day has not come.
        RuleBrokenError: with every obstacle.

    """
    obstacles = rules.obstacles_to_request(
        responsible=guardian.parental_responsibility,
        ended=guardian.ended_at is not None,
        stands=queries.standing(work.session, guardian.id) is not None,
        relation=guardian.relation,
    )
    unit = people.coordinating_unit(work.session)
    if unit is None:
        obstacles.append("nobody-to-ask")
    if obstacles:
        raise RuleBrokenError(obstacles)
    if wish.asked_on > work.today:
        raise FieldError("asked_on", "date-in-future")
    request = DisclosureRequest(
        guardian_id=guardian.id,
        asked_on=wish.asked_on,
        wish=wish.wish,
        registered_at=work.now,
        registered_by=work.actor.user_id,
    )
    work.session.add(request)
    work.session.flush()
    kind = TaskKind.DECIDE_DISCLOSURE
    tasks.ask_service(work, kind, guardian.child_id, unit, guardian.id)
    trail.record(work, Action.DISCLOSURE_REQUEST, guardian.child_id, request.id)
    return request


def ask_myself(work: Work, wish: AskMyself) -> None:
    """Take in what a parent without parental responsibility asks from his own account.

    It reaches koordinerende enhet where he stands as the parent of a child born on that day, and
    has no request that waits. Nothing tells him whether it did: that there is a record is secret.

    Raises:
        RuleBrokenError: the kommune has nobody who decides it.

    """
    if people.coordinating_unit(work.session) is None:
        raise RuleBrokenError(["nobody-to-ask"])
    for guardian in queries.own_standing(work.session, work.actor.user_id, wish.birth_date):
        if queries.standing(work.session, guardian.id) is None:
            ask(work, guardian, AskToBeTold(wish.wish, work.today))


def decide(work: Work, guardian: Guardian, wish: DecideDisclosure) -> DisclosureDecision:
    """Decide what a parent has asked for; a later decision takes the place of an earlier one.

    Raises:
        ConflictError: nothing waits for a decision; somebody has made it.
        FieldError: the decision lacks something.
        RuleBrokenError: with every obstacle to telling anything.

    """
    request = queries.standing(work.session, guardian.id)
    if request is None:
        raise ConflictError
    problems = rules.decision_problems(
        granted=wish.granted,
        information=wish.information,
        until_on=wish.until_on,
        today=work.today,
    )
    if problems:
        raise FieldError.of(problems)
    if wish.granted:
        _check_may_be_told(work, guardian)
    decision = DisclosureDecision(
        request_id=request.id,
        granted=wish.granted,
        grounds=wish.grounds,
        information=wish.information or None,
        until_on=wish.until_on,
        appeal=rules.APPEAL.format(kommune=work.profile.kommune),
        decided_at=work.now,
        decided_by=work.actor.user_id,
    )
    work.session.add(decision)
    children.inform_guardian(work, guardian, wish.until_on)
    if (task := open_of(work.session, TaskKind.DECIDE_DISCLOSURE, guardian.id)) is not None:
        unsaved.drop(work, Place(UnsavedOf.TASK, task.id, rules.DECISION), wish.draft_version)
    said = "Innvilget." if wish.granted else "Avslått."
    tasks.settle_of(work, TaskKind.DECIDE_DISCLOSURE, guardian.id, said)
    action = Action.DISCLOSURE_DECIDE
    trail.record(work, action, guardian.child_id, request.id, granted=wish.granted)
    return decision


def _check_may_be_told(work: Work, guardian: Guardian) -> None:
    child = work.session.get_one(Child, guardian.child_id)
    obstacles = rules.obstacles_to_grant(
        responsible=guardian.parental_responsibility,
        ended=guardian.ended_at is not None,
        blocked=guardian.blocked,
        protected=hides_places(child.address_protection),
    )
    if obstacles:
        raise RuleBrokenError(obstacles)
