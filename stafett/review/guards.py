"""`on_review(...)`: a review is the privacy officer's, or a leader's about his own unit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts, Held, decide
from stafett.dates import oslo_date
from stafett.errors import NotFoundError
from stafett.review import queries
from stafett.review.models import Review
from stafett.web.guard import Access, Subject


def on_review() -> Access[Review]:
    """Guard a route about one review; one that is not the actor's to judge does not exist."""
    return Access((Action.AUDIT_ANOMALY_REVIEW,), _load)


def _load(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Review]:
    held = [Held(role) for role in actor.roles]
    facts = Facts(oslo_date(now))
    review = queries.find(session, actor, args["review_id"])
    if review is None and decide(held, Action.AUDIT_ANOMALY_REVIEW, facts).allowed:
        raise NotFoundError  # only for those who would have been let in
    return Subject(review, None, held, facts)
