"""Table: the trail of changes."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base


class TrailRow(Base):
    """Who changed which fields of what; never the text itself. Append only.

    `child_id` is empty when the change is about the kommune's own people and services.
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
