"""Tables: consents, who gave them and for which services. What holds now is told by the covers."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from stafett.access.models import ALL_AREAS
from stafett.db import Base

_WAITS = text("active_at IS NULL AND withdrawn_at IS NULL")


class Consent(Base):
    """What a family has agreed to, for a purpose and some services, from a day to a day.

    It counts (`active_at`) when everybody whose yes is needed has given it; `basis` says why those
    were enough. `voice_private`: the child asked that its words be kept from its guardians.
    """

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "ix_consent_registered_by",
            "registered_by",
            sqlite_where=_WAITS,
            postgresql_where=_WAITS,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    purpose: Mapped[str]
    method: Mapped[str]
    given_on: Mapped[date]
    expires_on: Mapped[date]
    note: Mapped[str | None]
    registered_by: Mapped[UUID]
    registered_at: Mapped[datetime]
    active_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    basis: Mapped[str | None]
    basis_reason: Mapped[str | None]
    voice_how: Mapped[str | None]
    voice_text: Mapped[str | None]
    voice_private: Mapped[bool | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class ConsentGiver(Base):
    """Who said yes: a guardian, or the child itself when `guardian_id` is empty.

    `note`: what was said, how and when, of a yes by word of mouth that came after the consent's
    own note.
    """

    __tablename__ = "consent_giver"
    __table_args__ = (
        CheckConstraint("(guardian_id IS NULL) <> (child_id IS NULL)", name="one_giver"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"), index=True)
    guardian_id: Mapped[UUID | None] = mapped_column(ForeignKey("guardian.id"))
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("child.id"))
    method: Mapped[str]
    given_on: Mapped[date]
    confirmed_at: Mapped[datetime | None]
    note: Mapped[str | None]


class ConsentText(Base):
    """The exact words of a consent, as everybody who says yes to it has them. Append only.

    They are kept when it is registered or asked for, so that a receipt can be shown as it was.
    """

    __tablename__ = "consent_text"

    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"), primary_key=True)
    text: Mapped[str]
    sha256: Mapped[str]


class ConsentService(Base):
    """One service of a consent, and when it was taken out: withdrawn, or replaced by a newer.

    `areas`: what it may see besides what is its own, as its cover says it.
    """

    __tablename__ = "consent_service"

    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"), primary_key=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    ended_at: Mapped[datetime | None]
    replaced: Mapped[bool] = mapped_column(default=False)
    areas: Mapped[str] = mapped_column(default=ALL_AREAS, server_default=ALL_AREAS)


class Withdrawal(Base):
    """That somebody took back a consent, for some services or all, in whose name and how."""

    __tablename__ = "withdrawal"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"), index=True)
    services: Mapped[str]
    reason: Mapped[str | None]
    on_behalf_of: Mapped[UUID | None] = mapped_column(ForeignKey("guardian.id"))
    how: Mapped[str | None]
    withdrawn_by: Mapped[UUID]
    withdrawn_at: Mapped[datetime]
