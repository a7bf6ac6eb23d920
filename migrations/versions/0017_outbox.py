"""Who wants mail and how often, and the mail to send.

Only adds tables, so it is safe while others read and write. Down loses the choices and the mail.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017_outbox"
down_revision = "0016_drafts"

UUID = sa.Uuid()
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "notice_choice",
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("often", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_notice_choice_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_notice_choice"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_outbox_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("uq_outbox_user_id_key", "outbox", ["user_id", "key"], unique=True)
    op.create_index("ix_outbox_state_next_at", "outbox", ["state", "next_at"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("outbox")
    op.drop_table("notice_choice")
