"""What is being written, for its author alone, until it is saved. Down loses it."""

import sqlalchemy as sa
from alembic import op

revision = "0016_drafts"
down_revision = "0015_plan_audience"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "entry_draft",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("of", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_entry_draft_user_id"),
        sa.PrimaryKeyConstraint("user_id", "of", "object_id", name="pk_entry_draft"),
    )
    op.create_index("ix_entry_draft_saved_at", "entry_draft", ["saved_at"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("entry_draft")
