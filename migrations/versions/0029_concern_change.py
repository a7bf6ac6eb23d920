"""How a concern has been corrected before the leader answered, and what was added afterwards.

Adds a table, so it is safe while others read. Down loses it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029_concern_change"
down_revision = "0028_paper_log"

UUID = sa.Uuid()


def upgrade() -> None:
    """Make the table, to which rows are only added."""
    op.create_table(
        "concern_change",
        sa.Column("id", UUID, nullable=False),
        sa.Column("concern_id", UUID, nullable=False),
        sa.Column("was", sa.JSON(), nullable=True),
        sa.Column("added", sa.String(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["concern_id"], ["concern.id"], name="fk_concern_change_concern_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_concern_change"),
    )
    op.create_index("ix_concern_change_concern_id", "concern_change", ["concern_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER concern_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON concern_change FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER concern_change_no_{verb.lower()} BEFORE {verb} ON concern_change "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("concern_change")
