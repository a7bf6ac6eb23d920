"""What has been decided about guardians, and what parents without responsibility are told.

Adds tables, append only. Koordinerende enhet's leader gets the tie that each guardian's check takes
from now on also for those that wait already; a guardian without parental responsibility loses the
tie that gave him nothing, since a decision is what gives it now. Down loses all of that.
"""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0009_guardians"
down_revision = "0008_emergency"

UUID = sa.Uuid()
MOMENT = sa.DateTime(timezone=True)
TASK = sa.table(
    "task",
    sa.column("id", UUID),
    sa.column("kind", sa.String()),
    sa.column("child_id", UUID),
    sa.column("service_id", UUID),
    sa.column("made_by", UUID),
    sa.column("done_at", MOMENT),
)
TIE = sa.table(
    "tie",
    *(sa.column(name, UUID) for name in ("id", "child_id", "led_service_id", "source_id")),
    *(sa.column(name, sa.String()) for name in ("relation", "basis")),
    *(sa.column(name, sa.Boolean()) for name in ("needs_consent", "writes")),
    sa.column("from_on", sa.Date()),
    sa.column("granted_by", UUID),
    sa.column("ended_at", MOMENT),
)


def upgrade() -> None:
    """Make the table, append only, and tie those who have a guardian to verify."""
    op.create_table(
        "guardian_event",
        sa.Column("id", UUID, nullable=False),
        sa.Column("guardian_id", UUID, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("parental_responsibility", sa.Boolean(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("decided_by", UUID, nullable=False),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name="fk_guardian_event_guardian_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_guardian_event"),
    )
    op.create_index("ix_guardian_event_guardian_id", "guardian_event", ["guardian_id"])
    _append_only("guardian_event")
    op.create_table(
        "disclosure_request",
        sa.Column("id", UUID, nullable=False),
        sa.Column("guardian_id", UUID, nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("wish", sa.String(), nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("registered_by", UUID, nullable=False),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name="fk_disclosure_request_guardian_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_disclosure_request"),
    )
    op.create_index("ix_disclosure_request_guardian_id", "disclosure_request", ["guardian_id"])
    op.create_table(
        "disclosure_decision",
        sa.Column("request_id", UUID, nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("grounds", sa.String(), nullable=False),
        sa.Column("information", sa.String(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("appeal", sa.String(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("decided_by", UUID, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["disclosure_request.id"], name="fk_disclosure_decision_request_id"
        ),
        sa.PrimaryKeyConstraint("request_id", name="pk_disclosure_decision"),
    )
    for name in ("disclosure_request", "disclosure_decision"):
        _append_only(name)
    op.add_column("guardian", sa.Column("informed_from", sa.Date(), nullable=True))
    op.add_column("guardian", sa.Column("informed_until", sa.Date(), nullable=True))
    op.add_column("child", sa.Column("joined_to", UUID, nullable=True))
    op.create_table(
        "twin_join",
        sa.Column("id", UUID, nullable=False),
        sa.Column("twin_id", UUID, nullable=False),
        sa.Column("gone_id", UUID, nullable=False),
        sa.Column("kept_id", UUID, nullable=False),
        sa.Column("moved", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("joined_by", UUID, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by", UUID, nullable=True),
        sa.ForeignKeyConstraint(["twin_id"], ["child.id"], name="fk_twin_join_twin_id"),
        sa.ForeignKeyConstraint(["gone_id"], ["child.id"], name="fk_twin_join_gone_id"),
        sa.ForeignKeyConstraint(["kept_id"], ["child.id"], name="fk_twin_join_kept_id"),
        sa.PrimaryKeyConstraint("id", name="pk_twin_join"),
    )
    op.create_index("ix_twin_join_twin_id", "twin_join", ["twin_id"])
    gone = sa.update(TIE).where(TIE.c.relation == "PX", TIE.c.ended_at.is_(None))
    op.execute(gone.values(ended_at=datetime.now(UTC)))
    waiting = sa.select(TASK).where(
        TASK.c.kind.in_(["verify_guardian", "join_twin"]),
        TASK.c.done_at.is_(None),
        TASK.c.service_id.is_not(None),
    )
    today = datetime.now(UTC).date()
    for task in op.get_bind().execute(waiting).fetchall():
        op.execute(
            sa.insert(TIE).values(
                id=uuid4(),
                child_id=task.child_id,
                led_service_id=task.service_id,
                source_id=task.id,
                relation="KEL",
                basis="task",
                needs_consent=False,
                writes=True,
                from_on=today,
                granted_by=task.made_by,
            )
        )


def downgrade() -> None:
    """Drop it, and the ties: a leader tied by a task would be one tied to the whole child."""
    op.execute(sa.delete(TIE).where(TIE.c.basis == "task"))
    op.drop_table("twin_join")
    op.drop_column("child", "joined_to")
    op.drop_column("guardian", "informed_until")
    op.drop_column("guardian", "informed_from")
    op.drop_table("disclosure_decision")
    op.drop_table("disclosure_request")
    op.drop_table("guardian_event")


def _append_only(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )
