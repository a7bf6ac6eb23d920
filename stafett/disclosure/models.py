"""Tables: what parents without parental responsibility have asked for, and what was decided."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from stafett.db import Base


class DisclosureRequest(Base):
    """That a parent has asked to be told of the child: when, and what for. Append only."""

    __tablename__ = "disclosure_request"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    guardian_id: Mapped[UUID] = mapped_column(ForeignKey("guardian.id"), index=True)
    asked_on: Mapped[date]
    wish: Mapped[str]
    registered_at: Mapped[datetime]
    registered_by: Mapped[UUID]


class DisclosureDecision(Base):
    """The decision on one request, with its grounds. Append only.

    Granted: what is told, readable by the parent until a local date. `appeal`: how to appeal, in
    the words that the parent got.
    """

    __tablename__ = "disclosure_decision"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("disclosure_request.id"), primary_key=True)
    granted: Mapped[bool]
    grounds: Mapped[str]
    information: Mapped[str | None]
    until_on: Mapped[date | None]
    appeal: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[UUID]
