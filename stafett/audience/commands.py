"""What becomes of a wish for whom something is: whole, the child's own people, and with a day."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from uuid import UUID

from stafett.access.policy import FAMILY, Relation
from stafett.access.work import Work
from stafett.audience import rules
from stafett.audience.rules import BY_NAME, Limits, Visibility
from stafett.children import queries as children
from stafett.errors import FieldError
from stafett.stafettlogg.queries import Reader


def chosen(limits: Limits, readers: Callable[[], Iterable[Reader]]) -> tuple[Limits, list[UUID]]:
    """Return limits without what the choice needs not, and the accounts of those named.

    `readers`: who reads what it stands in; asked only when somebody is named.

    Raises:
        FieldError: nobody is named, or somebody who does not read it.

    """
    named = frozenset(limits.named) if limits.visibility in BY_NAME else frozenset()
    wide = limits.visibility is Visibility.EVERYONE
    asked = replace(limits, named=named, reason=None if wide else limits.reason)
    room = limits.visibility is Visibility.CHILD_ROOM
    known = {
        one.username: one.user_id
        for one in (readers() if named else ())
        if not one.own and (one.room or not room)
    }
    if found := rules.problems_with_choice(asked, known.keys()):
        raise FieldError.of(found)
    return asked, [known[one] for one in named]


def hidden(work: Work, child_id: UUID, limits: Limits) -> Limits:
    """Return limits whose guardians are the child's; without any there is no reason either.

    Raises:
        FieldError: no guardian of the child, one who is named, or no reason.

    """
    if not limits.hidden_from:
        return replace(limits, hidden_reason=None)
    guardians = {one.id: one.username for one in children.guardians(work.session, child_id)}
    if found := rules.problems_with_hiding(limits, guardians):
        raise FieldError.of(found)
    return replace(limits, hidden_from=frozenset(limits.hidden_from))


def reviewed(work: Work, limits: Limits, author: Collection[Relation]) -> Limits:
    """Return limits with the latest day of review where none is given, so that none lacks one.

    Raises:
        FieldError: a day that has passed, or is too late.

    """
    if not limits.narrow or set(author) <= FAMILY:
        return replace(limits, review_on=None)
    if found := rules.problems_with_review(limits, work.today):
        raise FieldError.of(found)
    latest = work.today + rules.longest_until_review(limits)
    return replace(limits, review_on=limits.review_on or latest)
