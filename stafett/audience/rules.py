"""Who something in a record is for, who reads it, and what stands in the way of choosing; pure.

It says so of entries and of parts of a plan alike.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from stafett.access.policy import (
    FAMILY,
    GRANTS,
    Action,
    Actor,
    Area,
    Cell,
    Facts,
    Held,
    Relation,
    decide,
    hers_until,
)

Thing = TypeVar("Thing")


class Visibility(StrEnum):
    """Who may read a thing, besides its author."""

    EVERYONE = "everyone"
    PROFESSIONALS = "professionals"
    NAMED = "named"
    OWN_SERVICE = "own_service"
    CHILD_ROOM = "child_room"


BY_NAME = frozenset({Visibility.NAMED, Visibility.CHILD_ROOM})
"""What is read by those whom the author has picked."""


class Reason(StrEnum):
    """Why a thing is kept from somebody.

    The first six are when parents may not be told: danger to the child, a child or a youth who
    decides (pasient- og brukerrettighetsloven § 3-4), what would harm the child, a parent without
    the right to know, and what is about others. The last two are the services' own.
    """

    DANGER = "danger"
    CHILD_ASKED = "child_asked"
    YOUTH_DECIDES = "youth_decides"
    BEST_FOR_CHILD = "best_for_child"
    NO_RIGHT = "no_right"
    ABOUT_OTHERS = "about_others"
    SECRECY = "secrecy"
    OUR_WORK = "our_work"


REASONS = {
    Reason.DANGER: "Det kan være fare for barnet",
    Reason.CHILD_ASKED: "Barnet har bedt om det, og det bør vi respektere",
    Reason.YOUTH_DECIDES: "Ungdommen er 16 år eller eldre, og bestemmer selv",
    Reason.BEST_FOR_CHILD: "Det kan skade barnet at andre får vite det nå",
    Reason.NO_RIGHT: "En forelder har ikke rett til å vite det",
    Reason.ABOUT_OTHERS: "Det handler om noen andre enn barnet",
    Reason.SECRECY: "Taushetsplikten: bare disse kan få vite det",
    Reason.OUR_WORK: "Det handler bare om hvordan vi fordeler arbeidet",
}
"""What people choose among; there is no free text, which would itself tell what is hidden."""
REVIEW_WITHIN = timedelta(days=90)
"""How long something may be kept from somebody before the author must look at it again."""
WITHOUT_REASON = timedelta(days=14)
"""The same when the author has not said why."""
_HIDERS = frozenset(
    relation
    for relation, cell in GRANTS[Action.ENTRY_HIDE_FROM_GUARDIAN].items()
    if cell in {Cell.YES, Cell.OWN}
)
_ROOM_OWNERS = frozenset(
    relation for relation, cell in GRANTS[Action.CHILDNOTE_CREATE].items() if cell is Cell.YES
)
_PARENTS = frozenset({Relation.PF, Relation.PX})


@dataclass(frozen=True, slots=True)
class Limits:
    """Whom an author wants to read a thing.

    `named` are usernames; `hidden_from` guardians of the child, whatever else they are to it.
    `review_on` is the local date by which the author looks at it again.
    """

    visibility: Visibility = Visibility.EVERYONE
    named: Collection[str] = ()
    reason: Reason | None = None
    hidden_from: Collection[UUID] = ()
    hidden_reason: Reason | None = None
    review_on: date | None = None

    @property
    def narrow(self) -> bool:
        """Whether somebody who reads what it stands in is left out."""
        return self.visibility is not Visibility.EVERYONE or bool(self.hidden_from)


@dataclass(frozen=True, slots=True)
class Viewer:
    """What decides which entries, or parts of the plan, of one child somebody reads.

    `reads`: reads the log, or the plan; `family`: only as the family does; `room`: may read what
    the child has picked him for, which a guardian never may. `since`: came after the birth, and
    reads what was written from this moment (UTC) on, besides what follows from before.
    """

    user_id: UUID
    service_id: UUID | None
    reads: bool
    family: bool
    room: bool
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a thing is for, as ids: accounts named, and accounts of guardians it is hidden from.

    `written_at` is a UTC moment; `follows`: it follows the child from before the birth.
    """

    visibility: Visibility
    author_id: UUID
    service_id: UUID | None
    named: Collection[UUID] = ()
    hidden_from: Collection[UUID] = ()
    written_at: datetime | None = None
    follows: bool = False


def viewer(actor: Actor, held: Iterable[Held], today: date) -> Viewer:
    """Return what somebody is to a child's entries, from all that he holds to the child."""
    held = tuple(held)
    basis = decide(held, Action.ENTRY_LIST, Facts(today)).basis
    room = decide(held, Action.CHILDNOTE_READ, Facts(today, own=True, named=True)).allowed
    parent = any(one.relation in _PARENTS and one.span.holds(today) for one in held)
    return Viewer(
        actor.user_id,
        actor.service_id,
        reads=bool(basis),
        family=basis <= FAMILY,
        room=room and not parent,
        since=hers_until(held, today, Area.LOG),
    )


def viewer_of_plan(actor: Actor, held: Iterable[Held], today: date) -> Viewer:
    """Return what somebody is to the parts of a child's plan, from all that he holds to the child.

    Whether he reads the plan as it is today, tiltaksplan or individuell plan, is asked elsewhere.
    """
    held = tuple(held)
    basis = frozenset[Relation]()
    for ip in (False, True):
        basis |= decide(held, Action.PLAN_READ, Facts(today, ip=ip)).basis
    return Viewer(
        actor.user_id,
        actor.service_id,
        reads=bool(basis),
        family=basis <= FAMILY,
        room=False,
        since=hers_until(held, today, Area.PLAN),
    )


def readable(by: Viewer, thing: Audience) -> bool:
    """Say whether somebody may read a thing; `entries.queries.readable` says the same in SQL.

    A name, or the same service, never gives access by itself: it only picks among those whose tie
    lets them read what the thing stands in. Whom it is hidden from does not read it as anything
    else either.
    """
    in_room = thing.visibility is Visibility.CHILD_ROOM
    if not (by.room if in_room else by.reads):
        return False
    if thing.author_id == by.user_id:
        return True
    if by.since and thing.written_at and thing.written_at < by.since and not thing.follows:
        return False
    return by.user_id not in thing.hidden_from and _is_for(by, thing)


def _is_for(by: Viewer, thing: Audience) -> bool:
    match thing.visibility:
        case Visibility.EVERYONE:
            return True
        case Visibility.PROFESSIONALS:
            return not by.family
        case Visibility.OWN_SERVICE:
            return not by.family and by.service_id is not None and by.service_id == thing.service_id
        case Visibility.NAMED | Visibility.CHILD_ROOM:
            return by.user_id in thing.named


def opened(history: Iterable[tuple[Thing, datetime, bool]]) -> dict[Thing, datetime]:
    """Return when things were opened to somebody after they were made, the last time.

    `history`: whether he could read each as it was from a moment on; each thing's in order.
    """
    found: dict[Thing, datetime] = {}
    could_before, last = True, None
    for thing, at, can in history:
        if thing != last:
            last, could_before = thing, can
        if can and not could_before:
            found[thing] = at
        could_before = can
    return found


def choices(author: Collection[Relation], service_id: UUID | None) -> list[Visibility]:
    """Return whom somebody with these relations may write for.

    A family writes for all or for some by name; the child also in its own room.
    """
    if set(author) <= FAMILY:
        room = [Visibility.CHILD_ROOM] if set(author) & _ROOM_OWNERS else []
        return [Visibility.EVERYONE, Visibility.NAMED, *room]
    own = [Visibility.OWN_SERVICE] if service_id else []
    return [Visibility.EVERYONE, Visibility.PROFESSIONALS, Visibility.NAMED, *own]


def hides(author: Iterable[Relation]) -> bool:
    """Say whether somebody with these relations may hide what he writes from a guardian."""
    return not _HIDERS.isdisjoint(author)


def problems_with_choice(limits: Limits, readers: Collection[str]) -> dict[str, list[str]]:
    """Return what is wrong with whom a thing is for; `readers` are those who may be named."""
    found: dict[str, list[str]] = {}
    if limits.visibility is Visibility.NAMED and not limits.named:
        found["named"] = ["named-missing"]
    if not set(limits.named) <= set(readers):
        found["named"] = ["named-not-reader"]
    return found


def problems_with_hiding(
    limits: Limits, guardians: Mapping[UUID, str | None]
) -> dict[str, list[str]]:
    """Return what is wrong with whom a thing is hidden from.

    `guardians`: those whom the child has had, with the username of each who has one.
    """
    found: dict[str, list[str]] = {}
    if not set(limits.hidden_from) <= guardians.keys():
        found["hidden_from"] = ["guardian-unknown"]
    elif {guardians[one] for one in limits.hidden_from} & set(limits.named):
        found["hidden_from"] = ["hidden-is-named"]
    if limits.hidden_from and limits.hidden_reason is None:
        found["hidden_reason"] = ["reason-missing"]
    return found


def problems_with_review(limits: Limits, today: date) -> dict[str, list[str]]:
    """Return what is wrong with the day by which something narrow is looked at again."""
    if not limits.narrow or limits.review_on is None:
        return {}
    if limits.review_on <= today:
        return {"review_on": ["review-too-soon"]}
    if limits.review_on > today + REVIEW_WITHIN:
        return {"review_on": ["review-too-late"]}
    if limits.review_on > today + longest_until_review(limits):
        return {"review_on": ["review-needs-reason"]}
    return {}


def longest_until_review(limits: Limits) -> timedelta:
    """Return how long something narrow may stand; shorter when nobody has said why."""
    reasoned = limits.hidden_reason if limits.visibility is Visibility.EVERYONE else limits.reason
    return REVIEW_WITHIN if reasoned else WITHOUT_REASON
