"""What is being written may be a part of a plan too. Down loses that, and keeps the entries'."""

import sqlalchemy as sa
from alembic import op

revision = "0026_unsaved"
down_revision = "0025_past_log"


def upgrade() -> None:
    """Move it to a table that says which form it is of."""
    op.create_table(
        "unsaved",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("of", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_unsaved_user_id"),
        sa.PrimaryKeyConstraint("user_id", "of", "object_id", "part", name="pk_unsaved"),
    )
    op.create_index("ix_unsaved_saved_at", "unsaved", ["saved_at"], unique=False)
    op.execute(
        "INSERT INTO unsaved (user_id, of, object_id, part, version, saved_at, fields) "
        "SELECT user_id, of, object_id, '', version, saved_at, fields FROM entry_draft"
    )
    op.drop_table("entry_draft")


def downgrade() -> None:
    """Move the entries' back."""
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
    op.execute(
        "INSERT INTO entry_draft (user_id, of, object_id, version, saved_at, fields) "
        "SELECT user_id, of, object_id, version, saved_at, fields FROM unsaved WHERE part = ''"
    )
    op.drop_table("unsaved")
