"""Tables: appointments of coordinators, the ansvarsgruppe and its members."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base

ONE_COORDINATES = text("kind IN ('koordinator', 'barnekoordinator') AND ended_at IS NULL")
NOT_ENDED = text("ended_at IS NULL AND user_id IS NOT NULL")


class CoordinatorAppointment(Base):
    """Somebody appointed by koordinerende enhet, from a day to a day.

    One koordinator or barnekoordinator at most that has not been ended.
    """

    __tablename__ = "coordinator_appointment"
    __table_args__ = (
        Index(
            "uq_coordinator_appointment_one",
            "child_id",
            unique=True,
            sqlite_where=ONE_COORDINATES,
            postgresql_where=ONE_COORDINATES,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    appointed_by: Mapped[UUID]
    appointed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class Delegation(Base):
    """Somebody in the place of holder or coordinator, from a local date to another (included)."""

    __tablename__ = "delegation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    relation: Mapped[str]
    for_user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class Ansvarsgruppe(Base):
    """The group around one child; it has no power of decision over services."""

    __tablename__ = "ansvarsgruppe"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), unique=True)
    formed_on: Mapped[date]


class AnsvarsgruppeMember(Base):
    """Somebody in the group, with or without an account, from a day on."""

    __tablename__ = "ansvarsgruppe_member"
    __table_args__ = (
        Index(
            "uq_ansvarsgruppe_member_once",
            "group_id",
            "user_id",
            unique=True,
            sqlite_where=NOT_ENDED,
            postgresql_where=NOT_ENDED,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("ansvarsgruppe.id"), index=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str]
    role: Mapped[str]
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("service.id"))
    from_on: Mapped[date]
    added_by: Mapped[UUID]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper
