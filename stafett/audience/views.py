"""What a form needs that says whom something is for."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from stafett.access.policy import FAMILY, Relation
from stafett.audience import queries, rules
from stafett.audience.rules import REASONS, REVIEW_WITHIN, Audience, Visibility
from stafett.children import queries as children
from stafett.children.models import Guardian
from stafett.stafettlogg.queries import Reader
from stafett.web.guard import Context


def narrow_first(context: Context[Any], readers: Sequence[Reader]) -> bool:
    """Say whether what the actor writes begins at the narrowest, by the service he belongs to."""
    narrow = {kind.code for kind in context.work.profile.service_kinds if kind.narrow}
    return any(one.own and one.service_kind in narrow for one in readers)


def choosing(
    context: Context[Any],
    readers: Sequence[Reader],
    author: Collection[Relation],
    service_id: UUID | None,
    now: str = Visibility.EVERYONE,
    written_at: datetime | None = None,
    hidden_from: Collection[UUID] = (),
) -> dict[str, Any]:
    """Return whom the author may choose, with who will see it; `now`: what stands.

    `readers`: all who read what it stands in; `written_at`: when it was written, if it has been;
    `hidden_from`: the guardians it stays hidden from, whatever is chosen.
    The child writes in its own room on the room's page, so only what stands there may stay there.
    """
    allowed = rules.choices(author, service_id)
    choices = [one for one in allowed if now == one or one is not Visibility.CHILD_ROOM]
    me, child_id = context.actor.user_id, context.subject.child_id
    hides = rules.hides(author)
    guardians: Sequence[Guardian] = ()
    if child_id is not None and (hides or hidden_from):
        guardians = children.guardians_now(context.session, child_id)
    kept = [one.user_id for one in guardians if one.id in hidden_from and one.user_id]
    thing = Audience(Visibility.EVERYONE, me, service_id, hidden_from=kept, written_at=written_at)
    viewers = [(one, queries.viewer_of(one)) for one in readers]
    sees = {
        choice: [
            one for one, by in viewers if rules.readable(by, replace(thing, visibility=choice))
        ]
        for choice in choices
    }
    return {
        "choices": choices,
        "readers": sees,
        "others": [one for one in readers if not one.own],
        "guardians": guardians if hides else (),
        "hides": hides,
        "reasons": [(code.value, words) for code, words in REASONS.items()],
        "needs_reason": not set(author) <= FAMILY,
        "narrow_first": narrow_first(context, readers),
        "review_at_latest": context.work.today + REVIEW_WITHIN,
    }
