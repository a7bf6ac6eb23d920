"""Tables: the plan, its draft, its immutable versions with their answers, and evaluations.

Also for whom its parts are, and how its measures go.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, aliased, column_property, mapped_column

from stafett.children.models import Guardian
from stafett.db import Base


class Plan(Base):
    """One child's one plan, with its draft; `version` is what a stale save is found by.

    `last_key` is the number of the newest key: none is ever used again. `drafted_by` and
    `drafted_at` are of the newest change of what everybody reads. `revise_on`: the local date by
    which the individuell plan in force is to be gone through.
    """

    __tablename__ = "plan"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), unique=True)
    draft: Mapped[dict[str, Any]]
    last_key: Mapped[int]
    drafted_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    drafted_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    revise_on: Mapped[date | None] = mapped_column(index=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 read once by the mapper


class PlanVersion(Base):
    """The whole plan as it stood once. Append only; what came of it stands in `PlanOutcome`.

    `kind` is `tiltaksplan` or `individuell_plan`; numbers have no gaps and are never reused.
    `audiences`: the number of the audience that stood for each part that had one, by key.
    `sha256` is the `rules.fingerprint` of the whole content, which the trail keeps too.
    """

    __tablename__ = "plan_version"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    number: Mapped[int]
    kind: Mapped[str]
    summary: Mapped[str]
    content: Mapped[dict[str, Any]]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    audiences: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    sha256: Mapped[str] = mapped_column(server_default=text("''"))


class PlanAudience(Base):
    """Whom a goal, measure or text of a plan is for from a moment on. Append only.

    A part without a row is for everyone who reads the plan. A change is the next number, from 1,
    with the same `part_id`. `named` are accounts, `hidden_from` guardians, both as ids in text;
    `reason` and `hidden_reason` are codes of `audience.rules.Reason`; `review_on` is a local date.
    """

    __tablename__ = "plan_audience"
    __table_args__ = (UniqueConstraint("plan_id", "key", "number"),)

    part_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    key: Mapped[str]
    visibility: Mapped[str]
    named: Mapped[list[str]]
    reason: Mapped[str | None]
    hidden_from: Mapped[list[str]]
    hidden_reason: Mapped[str | None]
    review_on: Mapped[date | None] = mapped_column(index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("service.id"))
    set_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    set_at: Mapped[datetime]


class PlanAnswer(Base):
    """One needed person's answer to a version. Append only.

    `guardian_id` is empty when the youth answers. What staff registered of a signed paper has the
    method `signed`; a row that its signer adds later confirms it.
    """

    __tablename__ = "plan_answer"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("plan_version.id"), index=True)
    guardian_id: Mapped[UUID | None] = mapped_column(ForeignKey("guardian.id"))
    approves: Mapped[bool]
    method: Mapped[str]
    comment: Mapped[str | None]
    given_on: Mapped[date]
    answered_at: Mapped[datetime]
    answered_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))


class PlanOutcome(Base):
    """What came of a version: it came in force, or it never will. Append only, once.

    It never will when somebody needed said no, or when it was taken back while it waited:
    `withdrawn_by` says who took it back, and `reason` why, in words.
    """

    __tablename__ = "plan_outcome"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("plan_version.id"), primary_key=True)
    in_force: Mapped[bool]
    at: Mapped[datetime]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str | None]


class PlanEvent(Base):
    """That an individuell plan was begun or ended. Append only, numbered from 1 for each child.

    `kind` is a `rules.PlanEventKind`. An end has a `reason`, a code of `rules.EndReason`;
    `said_by`, whose wish it was, in words; and `draft`, what nobody writes in any more.
    """

    __tablename__ = "plan_event"
    __table_args__ = (UniqueConstraint("child_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"))
    number: Mapped[int]
    kind: Mapped[str]
    reason: Mapped[str | None]
    said_by: Mapped[str | None]
    words: Mapped[str]
    draft: Mapped[dict[str, Any]]
    by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]


class PlanComment(Base):
    """What somebody says of a goal or a section, in his own words. Append only.

    `about` is a goal's key or a section's name, `voice` a `rules.CommentVoice`: whose words they
    are. `ip`: it was said of an individuell plan, which fewer may read. No part of any version.
    """

    __tablename__ = "plan_comment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    about: Mapped[str]
    ip: Mapped[bool]
    voice: Mapped[str]
    text: Mapped[str]
    by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]


class PlanCommentAnswer(Base):
    """The answer that closes a comment. Append only."""

    __tablename__ = "plan_comment_answer"

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("plan_comment.id"), primary_key=True)
    text: Mapped[str]
    by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]


_NAMED = aliased(Guardian)


class Measure(Base):
    """A measure of the version in force, as the worklist and the log need it.

    It repeats what the version says, renewed whenever one comes in force; `evaluate_on` follows
    the newest evaluation. `ip`: the version is an individuell plan, which fewer may read.
    `asked_at`: since when who is responsible has been asked to take it on; `accepted`: what was
    answered, None while nothing was. Both begin anew with another responsible.
    `guardian_id`: which guardian the name is of, where it is by a name that the version has him.
    `account_id`: whose it is, by his own account or by that which the guardian has today.
    """

    __tablename__ = "measure"
    __table_args__ = (
        UniqueConstraint("plan_id", "key"),
        Index("ix_measure_responsible_id_evaluate_on", "responsible_id", "evaluate_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    key: Mapped[str]
    what: Mapped[str]
    responsible_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    responsible_name: Mapped[str]
    evaluate_on: Mapped[date]
    status: Mapped[str]
    ip: Mapped[bool]
    asked_at: Mapped[datetime]
    accepted: Mapped[bool | None]
    guardian_id: Mapped[UUID | None] = mapped_column(ForeignKey("guardian.id"), index=True)
    account_id: Mapped[UUID | None] = column_property(
        func.coalesce(
            responsible_id,
            select(_NAMED.user_id)
            .where(_NAMED.id == guardian_id)
            .correlate_except(_NAMED)
            .scalar_subquery(),
        )
    )


class MeasureAnswer(Base):
    """The yes or no of who was named responsible for a measure. Append only.

    `reason` is why not, empty with a yes. `on_paper`: somebody has written it in for one who cannot
    answer himself; `responsible_id` is empty for who has no account. `goal_key`, `audiences` and
    `ip` are as in `MeasureReport`: who may read the measure of that day reads why not.
    """

    __tablename__ = "measure_answer"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), index=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    measure_key: Mapped[str]
    goal_key: Mapped[str]
    audiences: Mapped[dict[str, Any]]
    ip: Mapped[bool]
    responsible_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    responsible_name: Mapped[str]
    accepts: Mapped[bool]
    reason: Mapped[str]
    on_paper: Mapped[bool]
    answered_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime]


class Evaluation(Base):
    """What came of a measure: how it went, what effect it had, what the child says. Append only."""

    __tablename__ = "evaluation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), index=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    measure_key: Mapped[str]
    evaluated_on: Mapped[date]
    done: Mapped[str]
    effect: Mapped[int]
    voice_how: Mapped[str]
    voice_text: Mapped[str | None]
    text: Mapped[str]
    decision: Mapped[str]
    next_due_on: Mapped[date | None]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    written_at: Mapped[datetime]


class MeasureReport(Base):
    """How a measure goes, said in passing: `done` is `yes`, `partly` or `no`. Append only.

    `what`, `goal_key`, `audiences` and `ip` are the measure's words, its goal, the numbers of the
    audiences of both and whether the plan was an individuell plan, as it stood then: who may read
    the measure of that day reads the report, and nobody else. `text` may be empty.
    """

    __tablename__ = "measure_report"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), index=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    measure_key: Mapped[str]
    goal_key: Mapped[str]
    what: Mapped[str]
    audiences: Mapped[dict[str, Any]]
    ip: Mapped[bool]
    done: Mapped[str]
    text: Mapped[str]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    written_at: Mapped[datetime]
