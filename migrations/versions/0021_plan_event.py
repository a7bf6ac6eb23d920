"""The beginnings and ends of individuelle planer.

Only adds a table, so it is safe while others read and write. Down loses who ended a plan and why,
and what stood in its draft then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021_plan_event"
down_revision = "0020_protection_end"

UUID = sa.Uuid()


def upgrade() -> None:
    """Make the table, to be added to only."""
    op.create_table(
        "plan_event",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("said_by", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("by", UUID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_plan_event_child_id"),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name="fk_plan_event_by"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_event"),
        sa.UniqueConstraint("child_id", "number", name="uq_plan_event_child_id_number"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER plan_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON plan_event FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER plan_event_no_{verb.lower()} BEFORE {verb} ON plan_event "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("plan_event")
