"""Tables: ties, covers, restrictions (who stands how to a child), the access log (who looked)."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from stafett.access.policy import Area
from stafett.db import Base, Id

ALL_AREAS = " ".join(Area)
STANDS = text("ended_at IS NULL")
HOLDER_NOW = text("relation = 'SH' AND ended_at IS NULL AND for_user_id IS NULL")


class Tie(Base):
    """One person's, or one service's leader's, relation to a child. Only `ended_at` ever changes.

    A tie that `needs_consent` rests on the covers of `service_id`; of any service if it has none.
    `source_id` is the feature's own row that gave it, `basis` says in a code what that row is.
    `writes` is false for an external person who only reads. `until_at` is the moment from which
    what was opened in an emergency is closed again. With `for_user_id` it is another's relation,
    used in his absence, and lasts no longer than his own.
    """

    __tablename__ = "tie"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (led_service_id IS NULL)", name="one_owner"),
        Index("ix_tie_child_id_user_id", "child_id", "user_id"),
        Index(
            "uq_tie_one_holder",
            "child_id",
            unique=True,
            sqlite_where=HOLDER_NOW,
            postgresql_where=HOLDER_NOW,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(Id(), ForeignKey("child.id"))
    user_id: Mapped[UUID | None] = mapped_column(index=True)
    led_service_id: Mapped[UUID | None] = mapped_column(index=True)
    relation: Mapped[str]
    needs_consent: Mapped[bool] = mapped_column(default=False)
    writes: Mapped[bool] = mapped_column(default=True)
    service_id: Mapped[UUID | None]
    basis: Mapped[str]
    source_id: Mapped[UUID] = mapped_column(index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    granted_by: Mapped[UUID]
    ended_at: Mapped[datetime | None]
    until_at: Mapped[datetime | None]
    for_user_id: Mapped[UUID | None]


class Cover(Base):
    """A service that a consent covers for a purpose, from a day to a day. Only `ended_at` changes.

    `areas`: what it may see besides what is its own, as codes with a space between. Rows of a
    consent that a newer one has replaced are ended, so what stands is what holds.
    """

    __tablename__ = "cover"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(Id(), ForeignKey("child.id"), index=True)
    service_id: Mapped[UUID]
    purpose: Mapped[str]
    consent_id: Mapped[UUID] = mapped_column(index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    areas: Mapped[str] = mapped_column(default=ALL_AREAS, server_default=ALL_AREAS)


class Restriction(Base):
    """That a child's record is kept, and used by as few as must (GDPR art. 18), until it is lifted.

    `told_on` is the local date on which the family was told that it would be lifted (no. 3).
    """

    __tablename__ = "restriction"
    __table_args__ = (
        Index(
            "uq_restriction_one",
            "child_id",
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    reason: Mapped[str]
    begun_at: Mapped[datetime]
    begun_by: Mapped[UUID]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]
    ended_reason: Mapped[str | None]
    told_on: Mapped[date | None]


class Birth(Base):
    """That a child is born whose record was the pregnant person's until then: `at`, a UTC moment.

    What was written before it is hers: `guardian_id`, if she was registered. Never changed.
    """

    __tablename__ = "birth"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), primary_key=True)
    guardian_id: Mapped[UUID | None] = mapped_column(ForeignKey("guardian.id"))
    at: Mapped[datetime]
    registered_by: Mapped[UUID]


class EarlyReader(Base):
    """Somebody who was tied to a child when its birth was registered, and what he read then.

    `reader_id` is a person, or a service whose leader he is; `areas` are codes with a space
    between. Only `ended_at` ever changes.
    """

    __tablename__ = "early_reader"

    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), primary_key=True)
    reader_id: Mapped[UUID] = mapped_column(primary_key=True)
    areas: Mapped[str]
    ended_at: Mapped[datetime | None]


class Follow(Base):
    """That she lets what was written before the birth follow the child: one entry, or all of it.

    `how`, `ended_how`: how she said it, where staff wrote it down for her. Only the end changes.
    """

    __tablename__ = "follow"
    __table_args__ = (Index("ix_follow_child_id_entry_id", "child_id", "entry_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"))
    entry_id: Mapped[UUID | None]
    begun_at: Mapped[datetime]
    begun_by: Mapped[UUID]
    how: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]
    ended_how: Mapped[str | None]


class AccessRow(Base):
    """One look, change, refusal or error. Append only. `child_id` is what was asked for: no key.

    `on_behalf_of`: in whose place the actor looked, when he could not have otherwise. `edition`: of
    the document that he got, where there is more than one; as PDF it ends with «.pdf».
    """

    __tablename__ = "access_log"
    __table_args__ = (
        Index("ix_access_log_child_id_at", "child_id", "at"),
        Index("ix_access_log_actor_id_at", "actor_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime]
    actor_id: Mapped[UUID]
    service_id: Mapped[UUID | None]
    action: Mapped[str]
    child_id: Mapped[UUID | None]
    basis: Mapped[str]
    result: Mapped[str]
    request_id: Mapped[str]
    shown: Mapped[bytes | None] = mapped_column(LargeBinary)
    on_behalf_of: Mapped[UUID | None]
    edition: Mapped[str | None]


class AccessShown(Base):
    """A child whose name a list, a search or an export showed somebody that day. Append only."""

    __tablename__ = "access_shown"

    actor_id: Mapped[UUID] = mapped_column(primary_key=True)
    child_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    shown_on: Mapped[date] = mapped_column(primary_key=True)
    row_id: Mapped[UUID] = mapped_column(ForeignKey("access_log.id"))
