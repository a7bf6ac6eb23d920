"""Tables: each change of a child's grade, and who may read where a protected child is."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base


class ProtectionStep(Base):
    """That a child's address became more or less protected, and why. Append only.

    `asked_by` is the first of the two whom an easing takes.
    """

    __tablename__ = "protection_step"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    protection: Mapped[str]
    reason: Mapped[str]
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]
    asked_by: Mapped[UUID | None]


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
