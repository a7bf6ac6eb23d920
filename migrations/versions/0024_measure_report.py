"""How measures go, said in passing.

Adds a table, so it is safe while others read. Down loses what has been said.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024_measure_report"
down_revision = "0023_access_edition"

UUID = sa.Uuid()


def upgrade() -> None:
    """Make the table, to which rows are only added."""
    op.create_table(
        "measure_report",
        sa.Column("id", UUID, nullable=False),
        sa.Column("plan_id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("measure_key", sa.String(), nullable=False),
        sa.Column("goal_key", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("audiences", sa.JSON(), nullable=False),
        sa.Column("ip", sa.Boolean(), nullable=False),
        sa.Column("done", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_by", UUID, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_measure_report_plan_id"),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_measure_report_child_id"),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user_account.id"], name="fk_measure_report_written_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_measure_report"),
    )
    op.create_index("ix_measure_report_child_id", "measure_report", ["child_id"], unique=False)
    op.create_index("ix_measure_report_plan_id", "measure_report", ["plan_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER measure_report_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON measure_report FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER measure_report_no_{verb.lower()} BEFORE {verb} ON measure_report "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("measure_report")
