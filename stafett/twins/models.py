"""Table: the joins of two records."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base


class TwinJoin(Base):
    """That a record was joined to another: `gone_id` answers with `kept_id` until it is undone.

    `moved` names the rows that came along, so that the two can be parted again as they were.
    """

    __tablename__ = "twin_join"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    gone_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"))
    kept_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"))
    moved: Mapped[dict[str, Any]]
    joined_at: Mapped[datetime]
    joined_by: Mapped[UUID]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None]
