"""Tables: the child, how its address came to be protected, and its guardians."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from stafett.access.policy import Purpose
from stafett.db import Base

CONFIRMED = text("NOT provisional")


class Child(Base):
    """Whom the record is about. `provisional`: perhaps a twin of another record, to be joined.

    `joined_to`: the record of the same child that answers in its place. `past_log`: it was joined,
    and what was written in it stays there for the family to read.
    An `unborn` child has a due date and no number; its guardian `gravid` is the pregnant person.
    `ended_at`: when the pregnancy was said to have ended without a birth.
    With strengt fortrolig address neither address nor school is stored at all.
    """

    __tablename__ = "child"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'child' AND birth_date IS NOT NULL)"
            " OR (kind = 'unborn' AND due_date IS NOT NULL AND national_id IS NULL)",
            name="kind",
        ),
        CheckConstraint(
            "address_protection <> 'strengt_fortrolig' OR (address IS NULL AND school IS NULL)",
            name="strictly_protected",
        ),
        Index(
            "uq_child_national_id",
            "national_id",
            unique=True,
            sqlite_where=CONFIRMED,
            postgresql_where=CONFIRMED,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(default="child")
    name: Mapped[str]
    birth_date: Mapped[date | None]
    due_date: Mapped[date | None] = mapped_column(index=True)
    national_id: Mapped[str | None]
    provisional: Mapped[bool] = mapped_column(default=False)
    address_protection: Mapped[str] = mapped_column(default="none")
    address: Mapped[str | None]
    school: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="nb")
    interpreter: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    registered_by: Mapped[UUID]
    registered_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    joined_to: Mapped[UUID | None]
    past_log: Mapped[bool] = mapped_column(default=False, server_default=false())
    ended_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class ProtectionStep(Base):
    """That a child's address became more or less protected, and why. Append only.

    `asked_by` is the first of the two whom an easing takes. `until_on`: how long the decision
    behind it is meant to last; the protection does not end by it.
    """

    __tablename__ = "protection_step"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    protection: Mapped[str]
    reason: Mapped[str]
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]
    asked_by: Mapped[UUID | None]
    until_on: Mapped[date | None]


class Guardian(Base):
    """Somebody who stands as parent or in a parent's place, from a day to a day.

    `verified_on`: when koordinerende enhet checked it. A blocked one sees nothing of the child.
    `opened_at`: when two people let this one see a child whose address is protected.
    `informed_until`: how long one without parental responsibility may read what was decided.
    `mandate`: the purposes for which this one says yes in the parents' place, found by
    koordinerende enhet. `let_in_at`: when the pregnant person let this one read with her.
    """

    __tablename__ = "guardian"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str]
    relation: Mapped[str]
    parental_responsibility: Mapped[bool]
    lives_with: Mapped[bool]
    national_id: Mapped[str | None]
    phone: Mapped[str | None]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    verified_on: Mapped[date | None]
    added_by: Mapped[UUID]
    blocked_at: Mapped[datetime | None]
    blocked_reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime | None]
    informed_from: Mapped[date | None]
    informed_until: Mapped[date | None]
    mandate: Mapped[str | None]
    let_in_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper

    @property
    def says_yes_to(self) -> frozenset[Purpose]:
        """For what this one says yes in the parents' place."""
        return frozenset(map(Purpose, (self.mandate or "").split()))

    @property
    def blocked(self) -> bool:
        """Whether this person is kept away from the record."""
        return self.blocked_at is not None


class GuardianEvent(Base):
    """Something that was decided about a guardian: what, on what evidence, and why. Append only."""

    __tablename__ = "guardian_event"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    guardian_id: Mapped[UUID] = mapped_column(ForeignKey("guardian.id"), index=True)
    step: Mapped[str]
    parental_responsibility: Mapped[bool | None]
    evidence: Mapped[str | None]
    words: Mapped[str | None]
    decided_at: Mapped[datetime]
    decided_by: Mapped[UUID]
