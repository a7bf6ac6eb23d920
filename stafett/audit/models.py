"""Tables: the trail of changes, and the seals over both logs."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base


class TrailRow(Base):
    """Who changed which fields of what; never the text itself. Append only.

    `child_id` is empty when the change is about the kommune's own people and services;
    `on_behalf_of` is in whose place the actor did it, when he could not have otherwise.
    """

    __tablename__ = "trail"
    __table_args__ = (Index("ix_trail_child_id_at", "child_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime]
    actor_id: Mapped[UUID]
    action: Mapped[str]
    child_id: Mapped[UUID | None]
    object_id: Mapped[UUID]
    changes: Mapped[dict[str, Any]]
    on_behalf_of: Mapped[UUID | None]


class Seal(Base):
    """One link of the chain over both logs. Append only, and never deleted.

    `number` counts from 1 without a gap. `previous` is the head before it, `rows_sha256` covers
    the rows that it seals, and `head` covers all of it: `audit.seal` says how. With `expired_to`
    it is a checkpoint: the rows of every seal up to that number were deleted, being past their
    time.
    """

    __tablename__ = "seal"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[int] = mapped_column(unique=True)
    sealed_at: Mapped[datetime]
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    rows_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    access_rows: Mapped[int]
    trail_rows: Mapped[int]
    expired_to: Mapped[int | None]
    head: Mapped[bytes] = mapped_column(LargeBinary)


class SealRow(Base):
    """That a row of a log is sealed, and what it was then. Append only; goes with its row."""

    __tablename__ = "seal_row"
    __table_args__ = (
        Index("ix_seal_row_seal_id", "seal_id"),
        {"sqlite_with_rowid": False},  # read in the order of its key, a million rows at a time
    )

    log: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    seal_id: Mapped[UUID] = mapped_column(ForeignKey("seal.id"))
