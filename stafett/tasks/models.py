"""Table: tasks."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base


class Task(Base):
    """Something to do for one person, or for whoever leads a service; `kind` says what, in a code.

    `source_id` is the row that made it, so that the feature that owns the row can say more. Only a
    request has `action`, what it asks for; it and a question have `object_id`, of what; and
    `words`, why. That a question is answered has it as `object_id`. A transition's `words` are
    which it is.
    """

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (service_id IS NULL)", name="one_owner"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str]
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(index=True)
    service_id: Mapped[UUID | None] = mapped_column(index=True)
    source_id: Mapped[UUID] = mapped_column(index=True)
    due_on: Mapped[date | None]
    made_by: Mapped[UUID] = mapped_column(index=True)
    made_at: Mapped[datetime]
    done_by: Mapped[UUID | None]
    done_at: Mapped[datetime | None]
    done_text: Mapped[str | None]
    action: Mapped[str | None]
    object_id: Mapped[UUID | None]
    words: Mapped[str | None]
