"""Table: looks that somebody is to ask about."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base

WAITS = text("closed_at IS NULL")


class Review(Base):
    """One person's looks at one child on one local day, to be judged by `due_on`.

    `signs` are codes of why, none for one of a random sample; `service_id` is where the person
    worked then. `child_id` is what was looked at: no key, as in the access log. One that is closed
    keeps its answer: a sign that comes later makes another about the same looks.
    """

    __tablename__ = "review"
    __table_args__ = (
        Index(
            "uq_review_one_waiting",
            *("kind", "actor_id", "child_id", "looked_on"),
            unique=True,
            sqlite_where=WAITS,
            postgresql_where=WAITS,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str]
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    service_id: Mapped[UUID | None]
    child_id: Mapped[UUID]
    looked_on: Mapped[date]
    signs: Mapped[list[str]]
    made_at: Mapped[datetime]
    due_on: Mapped[date]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    outcome: Mapped[str | None]
    words: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper
