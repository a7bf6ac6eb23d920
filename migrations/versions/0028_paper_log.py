"""A log that is kept on paper: where, and the days that are registered of it.

Adds a column and a table, so it is safe while others read. Down loses both.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028_paper_log"
down_revision = "0027_measure_answer"

UUID = sa.Uuid()


def upgrade() -> None:
    """Add the column, and the table, to which rows are only added."""
    op.add_column("stafettlogg", sa.Column("paper_place", sa.String(), nullable=True))
    op.create_table(
        "paper_day",
        sa.Column("id", UUID, nullable=False),
        sa.Column("log_id", UUID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("written_by", UUID, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["stafettlogg.id"], name="fk_paper_day_log_id"),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user_account.id"], name="fk_paper_day_written_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_paper_day"),
    )
    op.create_index("ix_paper_day_log_id", "paper_day", ["log_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER paper_day_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON paper_day FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER paper_day_no_{verb.lower()} BEFORE {verb} ON paper_day "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("paper_day")
    op.drop_column("stafettlogg", "paper_place")
