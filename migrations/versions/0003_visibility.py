"""Who may read an entry: for whom, who is named, from whom it is hidden, and until when.

Adds tables and a column with a value for all rows, so it is safe while others read. Down hides
from the family what was hidden from one of them, because the program before knows no such thing;
why, and what stood earlier, is lost.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_visibility"
down_revision = "0002_requests"

UUID = sa.Uuid()
APPEND_ONLY = ("entry_audience", "entry_reader", "entry_hidden")


def upgrade() -> None:
    """Make the tables, and the first audience of what was for professionals only."""
    op.add_column(
        "entry", sa.Column("audience", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.create_table(
        "entry_audience",
        sa.Column("entry_id", UUID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("hidden_reason", sa.String(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("set_by", UUID, nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_entry_audience_entry_id"),
        sa.ForeignKeyConstraint(["set_by"], ["user_account.id"], name="fk_entry_audience_set_by"),
        sa.PrimaryKeyConstraint("entry_id", "number", name="pk_entry_audience"),
    )
    op.create_index("ix_entry_audience_review_on", "entry_audience", ["review_on"], unique=False)
    op.create_table(
        "entry_reader",
        sa.Column("entry_id", UUID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_entry_reader_entry_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_entry_reader_user_id"),
        sa.PrimaryKeyConstraint("entry_id", "number", "user_id", name="pk_entry_reader"),
    )
    op.create_table(
        "entry_hidden",
        sa.Column("entry_id", UUID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("guardian_id", UUID, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_entry_hidden_entry_id"),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name="fk_entry_hidden_guardian_id"
        ),
        sa.PrimaryKeyConstraint("entry_id", "number", "guardian_id", name="pk_entry_hidden"),
    )
    op.execute(
        "INSERT INTO entry_audience (entry_id, number, visibility, set_by, set_at) "
        "SELECT id, 1, visibility, written_by, written_at FROM entry WHERE visibility <> 'everyone'"
    )
    op.execute("UPDATE entry SET audience = 1 WHERE visibility <> 'everyone'")
    for table in APPEND_ONLY:
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
    """Drop them, and widen nothing."""
    op.execute(
        "UPDATE entry SET visibility = 'professionals' WHERE visibility = 'everyone' AND EXISTS "
        "(SELECT 1 FROM entry_hidden WHERE entry_id = entry.id AND number = entry.audience)"
    )
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
    op.execute("ALTER TABLE entry DROP COLUMN audience")
