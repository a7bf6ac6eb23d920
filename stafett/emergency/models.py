"""Tables: records opened in an emergency, and who is on the duty list."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base


class Emergency(Base):
    """One child's record opened to one person from a moment to another; a tie gives the access.

    `closed_at` when he, or who reviewed it, closed it earlier. `outcome` and `words` are what
    another person found.
    """

    __tablename__ = "emergency"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    category: Mapped[str]
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    until_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[UUID | None]
    outcome: Mapped[str | None]
    words: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class Duty(Base):
    """Somebody who may use break-glass from a local date to another, both included."""

    __tablename__ = "duty"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    added_by: Mapped[UUID]
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
