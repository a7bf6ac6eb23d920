"""Tables: entries of a log, and their versions."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base


class Entry(Base):
    """One entry; `version` is the number of the text that stands. Only that number ever changes."""

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

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class EntryVersion(Base):
    """A text of an entry as it stood. Append only: a correction is the next number."""

    __tablename__ = "entry_version"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    reason: Mapped[str | None]
    written_at: Mapped[datetime]
