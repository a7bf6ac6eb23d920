"""Everything that reads who wants mail, and the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from stafett.notices.models import Notice, NoticeChoice
from stafett.notices.rules import Often, State
from stafett.people.models import User

SHOWN = 20
"""How many of one's notices are shown, newest first."""


class StateRow(NamedTuple):
    """How many mails there are of a state, and since when (UTC); nobody's name."""

    state: str
    mails: int
    oldest_at: datetime
    attempts: int


def choice(session: Session, user_id: UUID) -> NoticeChoice | None:
    """Return what somebody has chosen; None: nothing yet, so he gets no mail."""
    return session.get(NoticeChoice, user_id)


def own(session: Session, user_id: UUID) -> Sequence[Notice]:
    """Return the notices of one person, newest first."""
    wanted = select(Notice).where(Notice.user_id == user_id)
    return session.scalars(wanted.order_by(Notice.made_at.desc(), Notice.id).limit(SHOWN)).all()


def wants(session: Session) -> Sequence[UUID]:
    """Return the people who want mail and can log in."""
    wanted = (
        select(NoticeChoice.user_id)
        .join(User, User.id == NoticeChoice.user_id)
        .where(NoticeChoice.often != Often.NEVER, User.disabled_at.is_(None))
        .order_by(NoticeChoice.user_id)
    )
    return session.scalars(wanted).all()


def due(now: datetime) -> Select[Notice]:
    """Return the mails to try at a UTC moment that no worker has in hand, the oldest first."""
    return (
        select(Notice)
        .where(
            Notice.state == State.WAITING,
            Notice.next_at <= now,
            or_(Notice.claimed_until.is_(None), Notice.claimed_until <= now),
        )
        .order_by(Notice.next_at, Notice.id)
        .limit(1)
    )


def is_due(session: Session, now: datetime) -> bool:
    """Say whether there is any mail to try."""
    return session.scalars(due(now)).first() is not None


def states(session: Session) -> list[StateRow]:
    """Return what the outbox holds, by state."""
    wanted = (
        select(Notice.state, func.count(), func.min(Notice.made_at), func.max(Notice.attempts))
        .group_by(Notice.state)
        .order_by(Notice.state)
    )
    return [StateRow._make(row) for row in session.execute(wanted)]
