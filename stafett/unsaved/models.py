"""The table of what is being written."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base


class Unsaved(Base):
    """What somebody is writing, for him alone: no part of the record until he saves it there.

    `of` is a `rules.UnsavedOf`; `object_id` the child, or the entry, concern or handover it is
    of; `part` which form of it, where there are several. `fields` is the form as it was typed.
    `version` is the UTC moment of the save in milliseconds, or one more than the one before: what
    is begun anew never has an old one's number.
    """

    __tablename__ = "unsaved"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    of: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    saved_at: Mapped[datetime] = mapped_column(index=True)
    fields: Mapped[dict[str, Any]]
