"""Tables: who wants mail and how often, and the mail itself."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base
from stafett.notices.rules import State


class NoticeChoice(Base):
    """How often somebody wants mail, and where to.

    `told`: what was on his worklist when he was last told, so that only news make a mail; ids and
    codes, no words.
    """

    __tablename__ = "notice_choice"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    often: Mapped[str]
    address: Mapped[str]
    told: Mapped[list[str]]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class Notice(Base):
    """One mail to one person, which is also shown to him in Stafett. It says nothing of any child.

    The address is not here: it is what he has chosen when the mail goes. `key` is the local date of
    a daily mail, or the UTC moment of another, and no person gets two of one key. `claimed_until`:
    until when one worker has it in hand.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("uq_outbox_user_id_key", "user_id", "key", unique=True),
        Index("ix_outbox_state_next_at", "state", "next_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    key: Mapped[str]
    made_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=State.WAITING)
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
