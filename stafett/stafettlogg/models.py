"""Tables: concerns, the log, its level changes, members and handovers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base
from stafett.stafettlogg.rules import HandoverState

NOT_CLOSED = text("closed_at IS NULL")
PENDING = text("state = 'pending'")
NOT_ENDED = text("ended_at IS NULL")


class Concern(Base):
    """A note at level 0, private to its author and the author's leader until it is shared.

    The fields are those of the undringsnotat. `due_on` is when the leader must have decided,
    `parents_due_on` when the family must have been talked with.
    """

    __tablename__ = "concern"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    written_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    service_id: Mapped[UUID | None]
    written_at: Mapped[datetime]
    observed: Mapped[str]
    worry: Mapped[int]
    context: Mapped[str | None]
    arena: Mapped[str | None]
    frequency: Mapped[str | None]
    duration: Mapped[str | None]
    people_present: Mapped[str | None]
    child_said: Mapped[str | None]
    strengths: Mapped[str | None]
    earlier_concern: Mapped[str | None]
    tried_so_far: Mapped[str | None]
    risk_factors: Mapped[str | None]
    protective_factors: Mapped[str | None]
    areas: Mapped[list[str] | None]
    first_noticed_on: Mapped[date | None]
    discussed_with_leader_on: Mapped[date | None]
    child_talk_on: Mapped[date | None]
    child_talk: Mapped[str | None]
    parents_talk_on: Mapped[date | None]
    parents_talk: Mapped[str | None]
    parents_not_asked: Mapped[str | None]
    due_on: Mapped[date]
    decision: Mapped[str | None]
    decision_reason: Mapped[str | None]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    bullying: Mapped[bool | None]
    parents_due_on: Mapped[date | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class ConcernChange(Base):
    """That a concern was corrected, or added to once the leader had answered. Append only.

    `was` is what the fields said that were corrected, as they are sent; `added` what was added.
    """

    __tablename__ = "concern_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"), index=True)
    was: Mapped[dict[str, Any] | None]
    added: Mapped[str | None]
    written_at: Mapped[datetime]


class Stafettlogg(Base):
    """One episode of shared follow-up, levels 1-3; at most one not closed per child.

    `holder_id` is who last accepted the baton; who may act as holder now, the ties say.
    `paper_place`: where the folder is of a log that is kept on paper; None where it is kept here.
    `closing_decided_on`: the local date on which a log on paper ended, if it was told later.
    """

    __tablename__ = "stafettlogg"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
        Index(
            "uq_stafettlogg_one_open",
            "child_id",
            unique=True,
            sqlite_where=NOT_CLOSED,
            postgresql_where=NOT_CLOSED,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    level: Mapped[int]
    holder_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID]
    concern_id: Mapped[UUID | None] = mapped_column(ForeignKey("concern.id"), index=True)
    next_evaluation_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    outcome: Mapped[str | None]
    closing_reason: Mapped[str | None]
    family_view: Mapped[str | None]
    closing_voice: Mapped[dict[str, Any] | None]
    version: Mapped[int] = mapped_column(default=1)
    paper_place: Mapped[str | None]
    closing_decided_on: Mapped[date | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class LevelChange(Base):
    """One step of a log, up or down. Never changed; this is the record, not a log of it.

    The first step of an episode has no `from_level`; one that stays at its level tells that one has
    looked at how it goes. `participants` are who decided it, in words;
    `handover_id` is the offer of the baton that was part of it. `decided_on` is the local date on
    which a step of a log on paper was decided, if it was told later.
    """

    __tablename__ = "level_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    log_id: Mapped[UUID] = mapped_column(ForeignKey("stafettlogg.id"), index=True)
    from_level: Mapped[int | None]
    to_level: Mapped[int]
    reason: Mapped[str | None]
    voice_how: Mapped[str | None]
    voice_text: Mapped[str | None]
    parents_agree: Mapped[bool | None]
    ip_answer: Mapped[str | None]
    ip_reason: Mapped[str | None]
    next_evaluation_on: Mapped[date | None]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[datetime]
    participants: Mapped[str | None]
    handover_id: Mapped[UUID | None]
    decided_on: Mapped[date | None]


class PaperDay(Base):
    """A day in the life of a log on paper, without a word of what happened. Append only.

    `kind` is a `rules.PaperKind`, `day` a local date; `place` is where the folder is from then on.
    """

    __tablename__ = "paper_day"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    log_id: Mapped[UUID] = mapped_column(ForeignKey("stafettlogg.id"), index=True)
    kind: Mapped[str]
    day: Mapped[date]
    place: Mapped[str | None]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    written_at: Mapped[datetime]


class Member(Base):
    """Somebody who takes part in a log without holding it, until a local date (included)."""

    __tablename__ = "member"
    __table_args__ = (
        Index(
            "uq_member_once",
            "log_id",
            "user_id",
            unique=True,
            sqlite_where=NOT_ENDED,
            postgresql_where=NOT_ENDED,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    log_id: Mapped[UUID] = mapped_column(ForeignKey("stafettlogg.id"), index=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    writes: Mapped[bool]
    from_on: Mapped[date]
    until_on: Mapped[date]
    invited_by: Mapped[UUID]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]
    ended_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class Handover(Base):
    """The baton offered to somebody; it passes only when he accepts.

    `message` is for him; what the family wishes he reads only when he may read the log.
    """

    __tablename__ = "handover"
    __table_args__ = (
        Index(
            "uq_handover_one_pending",
            "log_id",
            unique=True,
            sqlite_where=PENDING,
            postgresql_where=PENDING,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    log_id: Mapped[UUID] = mapped_column(ForeignKey("stafettlogg.id"), index=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    from_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    message: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=HandoverState.PENDING)
    requested_by: Mapped[UUID] = mapped_column(index=True)
    requested_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    family_wish: Mapped[str | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class Transfer(Base):
    """A child's follow-up moved from one service to another.

    `finished_at`: when the old service was out; while one of it has the baton, it is not.
    """

    __tablename__ = "transfer"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    log_id: Mapped[UUID] = mapped_column(ForeignKey("stafettlogg.id"), index=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    from_service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    to_service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    reason: Mapped[str]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
