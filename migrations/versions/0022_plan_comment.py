"""What the family, the child and those who take part say of a plan, and the answers to it.

Only adds tables, so it is safe while others read and write. Down loses what was said.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022_plan_comment"
down_revision = "0021_plan_event"

UUID = sa.Uuid()
MOMENT = sa.DateTime(timezone=True)
TABLES = ("plan_comment", "plan_comment_answer")


def upgrade() -> None:
    """Make the tables, to be added to only."""
    op.create_table(
        "plan_comment",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("ip", sa.Boolean(), nullable=False),
        sa.Column("voice", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("by", UUID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_plan_comment_child_id"),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name="fk_plan_comment_by"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_comment"),
    )
    op.create_index("ix_plan_comment_child_id", "plan_comment", ["child_id"], unique=False)
    op.create_table(
        "plan_comment_answer",
        sa.Column("comment_id", UUID, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("by", UUID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["plan_comment.id"], name="fk_plan_comment_answer_comment_id"
        ),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name="fk_plan_comment_answer_by"),
        sa.PrimaryKeyConstraint("comment_id", name="pk_plan_comment_answer"),
    )
    for table in TABLES:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
                f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
            )
            continue
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'append only'); END"
            )


def downgrade() -> None:
    """Drop both."""
    for table in reversed(TABLES):
        op.drop_table(table)
