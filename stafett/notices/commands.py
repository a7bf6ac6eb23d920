"""Everything that changes who wants mail, and the outbox."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from stafett.access.work import Work
from stafett.errors import ConflictError
from stafett.notices import queries, rules
from stafett.notices.models import Notice, NoticeChoice
from stafett.notices.rules import Often, State
from stafett.people import queries as people
from stafett.profile.model import Profile
from stafett.worklist import queries as worklist


@dataclass(frozen=True)
class Choose:
    """A wish to get mail so often, at an address; without one there is no mail."""

    often: Often
    address: str
    seen_version: int


@dataclass(frozen=True)
class Letter:
    """A mail that this worker has in hand, and where it goes."""

    id: UUID
    address: str


def choose(work: Work, wish: Choose) -> NoticeChoice:
    """Choose how often one wants mail; what waits already is no news.

    Raises:
        ConflictError: it was changed after the form was opened.

    """
    there = queries.choice(work.session, work.actor.user_id)
    if wish.seen_version != (there.version if there else 0):
        raise ConflictError({"version": there.version if there else 0})
    if there is None:
        there = NoticeChoice(user_id=work.actor.user_id, told=_waits(work))
        work.session.add(there)
    elif there.often == Often.NEVER:
        there.told = _waits(work)
    there.often, there.address = wish.often, wish.address
    work.session.flush()
    return there


def tell(session: Session, user_id: UUID, now: datetime, profile: Profile) -> Notice | None:
    """Put a mail in the outbox if there is news for somebody and it is time; return it.

    One at a time: while a mail waits, there is no other, and what it would say is in it.
    """
    there = queries.choice(session, user_id)
    actor = people.actor(session, user_id)
    name = rules.key(Often(there.often), now) if there else None
    if there is None or actor is None or name is None:
        return None
    mine = select(Notice.id).where(Notice.user_id == user_id)
    if session.scalar(mine.where(or_(Notice.key == name, Notice.state == State.WAITING)).limit(1)):
        return None
    waits = _waits(Work(session, actor, now, profile))
    news = rules.is_news(waits, there.told)
    if waits != there.told:
        there.told = waits
    if not news:
        return None
    made = Notice(user_id=user_id, key=name, made_at=now, next_at=now)
    session.add(made)
    session.flush()
    return made


def claim(session: Session, now: datetime, profile: Profile) -> Letter | None:
    """Take the next mail that is due in hand, so that no other worker sends it.

    What is for nobody any more is dropped on the way: the account is closed, mail is no longer
    wanted, or nothing waits for him, because it is done or because he has lost the access.
    """
    due = queries.due(now).with_for_update(skip_locked=True)
    while (notice := session.scalars(due).first()) is not None:
        there = queries.choice(session, notice.user_id)
        actor = people.actor(session, notice.user_id)
        if (
            there
            and there.often != Often.NEVER
            and actor
            and _waits(Work(session, actor, now, profile))
        ):
            notice.claimed_until = now + rules.HAND
            notice.attempts += 1
            return Letter(notice.id, there.address)
        notice.state, notice.done_at = State.DROPPED, now
        session.flush()
    return None


def settle(session: Session, letter: Letter, now: datetime, state: State) -> None:
    """Keep what became of a mail in hand; one that waits still is tried again, later each time."""
    notice = session.get_one(Notice, letter.id)
    notice.state, notice.claimed_until = state, None
    if state is State.WAITING:
        notice.next_at = now + rules.wait_after(notice.attempts)
    else:
        notice.done_at = now


def forget(session: Session, now: datetime) -> None:
    """Delete the mails of which no more is to come, and that are past their time."""
    session.execute(delete(Notice).where(Notice.done_at <= now - rules.KEPT_FOR))


def _waits(work: Work) -> list[str]:
    """Return what waits for somebody, as ids."""
    return sorted(filter(None, (one.news(work.today) for one in worklist.day(work).items)))
