"""Table: who may read where a protected child is."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base


class AddressReader(Base):
    """Somebody who may read where a protected child is, to a local date, that day included.

    `reason` is why he asked for it; `named_by` is the second of the two.
    """

    __tablename__ = "address_reader"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    until_on: Mapped[date]
    reason: Mapped[str]
    named_by: Mapped[UUID]
    named_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
