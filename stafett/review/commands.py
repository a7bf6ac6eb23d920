"""Makes reviews out of the access log, and closes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from stafett.access.policy import Action
from stafett.access.work import Work
from stafett.audit import trail
from stafett.dates import oslo_date, working_days_after
from stafett.errors import ConflictError
from stafett.profile.model import Profile
from stafett.review import queries, rules
from stafett.review.models import Review
from stafett.review.rules import Kind, Look, Outcome, Sign


@dataclass(frozen=True, slots=True)
class Found:
    """A look to put up for review, and why."""

    kind: Kind
    look: Look
    signs: frozenset[Sign]


@dataclass(frozen=True, slots=True)
class Close:
    """How a review ended, and a word on why; `seen_version` is the review that was answered."""

    outcome: Outcome
    words: str
    seen_version: int


def find_signs(session: Session, now: datetime, profile: Profile) -> list[Found]:
    """Return the looks of the last days whose signs reach the profile's threshold.

    Days are judged again until nothing more can be known of them.
    """
    rows = queries.looks(session, now - rules.LOOKS_BACK)
    known = queries.known(session, rows, now)
    asked = queries.asked(session, oslo_date(now - rules.ASKED_FOR))
    points, threshold = profile.review_points, profile.review_threshold
    found = rules.found(rows, known, points, threshold, asked)
    return [Found(Kind.SIGNS, look, signs) for look, signs in found.items()]


def draw_sample(
    session: Session, now: datetime, choose: Callable[[Sequence[Look], int], list[Look]]
) -> list[Found]:
    """Return a random few of last month's looks; none when they have been drawn before."""
    until = oslo_date(now).replace(day=1)
    since = (until - timedelta(days=1)).replace(day=1)
    if queries.has_sample(session, since, until):
        return []
    looks = rules.sample(queries.looks_of_month(session, since, until), choose)
    return [Found(Kind.SAMPLE, look, frozenset()) for look in looks]


def put_up(session: Session, found: Sequence[Found], now: datetime) -> int:
    """Put looks up for review, each of them once for each kind; return how many are new.

    A sign that was not known when a look was put up comes to its review while that waits; once it
    is closed, the looks are put up again.
    """
    if not found:
        return 0
    before = queries.put_up(session, min(one.look.on for one in found))
    new = []
    for one in found:
        there = before[one.kind, one.look]
        if there and one.signs <= {sign for each in there for sign in each.signs}:
            continue
        waits = next((each for each in there if each.closed_at is None), None)
        if waits is None:
            new.append(one)
        else:
            waits.signs = sorted({*waits.signs, *one.signs})
    services = queries.services(session)
    due_on = working_days_after(oslo_date(now), rules.WORKING_DAYS)
    rows = [
        {
            "kind": one.kind,
            "actor_id": one.look.actor_id,
            "service_id": services[one.look.actor_id],
            "child_id": one.look.child_id,
            "looked_on": one.look.on,
            "signs": sorted(one.signs),
            "made_at": now,
            "due_on": due_on,
        }
        for one in new
    ]
    if rows:
        session.execute(insert(Review), rows)
    return len(rows)


def close(work: Work, review: Review, wish: Close) -> Review:
    """Say what came of a review.

    Raises:
        ConflictError: somebody has said so already, or a sign has come since it was read.

    """
    if review.closed_at is not None or wish.seen_version != review.version:
        raise ConflictError
    review.closed_at, review.closed_by = work.now, work.actor.user_id
    review.outcome, review.words = wish.outcome, wish.words
    action = Action.AUDIT_ANOMALY_REVIEW
    trail.record(work, action, review.child_id, review.id, outcome=wish.outcome)
    return review
