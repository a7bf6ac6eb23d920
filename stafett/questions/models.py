"""Table: questions."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base


class Question(Base):
    """What one service asks another without saying about whom, and the answer.

    There is no child here on purpose, and no way from here to one.
    """

    __tablename__ = "question"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"), index=True)
    text: Mapped[str]
    asked_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
