"""Tables: entries of a log, their versions, and who may read them."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Integer, column, table, text
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base, Id, UtcDateTime


class Entry(Base):
    """One entry; what changes is `version`, the number of the text that stands, and who reads it.

    `audience` is the number of the `EntryAudience` that stands, and `visibility` a copy of it, so
    that a list needs no join; 0 is for everyone since it was written.
    """

    __tablename__ = "entry"
    __table_args__ = (Index("ix_entry_child_id_written_at_id", "child_id", "written_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"))
    log_id: Mapped[UUID] = mapped_column(ForeignKey("stafettlogg.id"))
    kind: Mapped[str]
    visibility: Mapped[str]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("service.id"))
    written_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    audience: Mapped[int] = mapped_column(default=0, server_default=text("0"))

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class EntryVersion(Base):
    """A text of an entry as it stood. Append only: a correction is the next number."""

    __tablename__ = "entry_version"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    reason: Mapped[str | None]
    written_at: Mapped[datetime]


class EntryAudience(Base):
    """Whom an entry was for from a moment on. Append only: a change is the next number.

    `reason` and `hidden_reason` are codes of `rules.Reason`; `review_on` is a local date.
    """

    __tablename__ = "entry_audience"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    visibility: Mapped[str]
    reason: Mapped[str | None]
    hidden_reason: Mapped[str | None]
    review_on: Mapped[date | None] = mapped_column(index=True)
    set_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    set_at: Mapped[datetime]


class EntryReader(Base):
    """Somebody named in one audience of an entry. Append only."""

    __tablename__ = "entry_reader"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)


class EntryHidden(Base):
    """A guardian from whom one audience of an entry hides it. Append only."""

    __tablename__ = "entry_hidden"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    guardian_id: Mapped[UUID] = mapped_column(ForeignKey("guardian.id"), primary_key=True)


SEARCHED = table(
    "entry_search",
    column("entry_id", Id()),
    column("number", Integer()),
    column("written_at", UtcDateTime()),
)
"""The words of every `EntryVersion`, in the way of each database; its migration says how.

No model: the database keeps it by itself.
"""
