"""Tables: services, users, sessions and tokens, first log-in codes, and attempts to log in."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base


class Service(Base):
    """A school, a helsestasjon, PPT ...; its leader holds the ties given to the service.

    `kind` is a code of the profile's catalogue; `specialist` is set for spesialisthelsetjenesten.
    """

    __tablename__ = "service"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    specialist: Mapped[bool] = mapped_column(default=False)
    leader_id: Mapped[UUID | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class User(Base):
    """Somebody who can sign in; `roles` are names of `access.policy.ROLES`, parted by blanks.

    `phone` and `email` are where he is reached at work, as the family may know it: never where
    notices go, which is his alone.
    """

    __tablename__ = "user_account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    roles: Mapped[str] = mapped_column(default="staff")
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("service.id"), index=True)
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    phone: Mapped[str | None]
    email: Mapped[str | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class SignIn(Base):
    """A session (`bearer` false) or an API token, known by the hash of its secret.

    A session ends at `expires_at` (8 h), after idling, at log-out or when the account is disabled.
    """

    __tablename__ = "sign_in"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    bearer: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    label: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class FirstCode(Base):
    """A single-use code on paper, for a first log-in or a forgotten password; lives 72 hours."""

    __tablename__ = "first_code"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    code_hash: Mapped[str]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Attempt(Base):
    """One attempt to log in: the sign-in log, and what the throttle counts.

    `username_hash` instead of the name, since people type passwords into the wrong field.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_username_hash_at", "username_hash", "at"),
        Index("ix_attempt_address_at", "address", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime]
    username_hash: Mapped[str]
    address: Mapped[str]
    user_id: Mapped[UUID | None]
    result: Mapped[str]
