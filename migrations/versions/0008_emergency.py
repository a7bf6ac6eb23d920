"""Break-glass: records opened for an hour, the duty list, and ties that end at a moment."""

import sqlalchemy as sa
from alembic import op

revision = "0008_emergency"
down_revision = "0007_protection"

UUID = sa.Uuid()
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the column and make the tables."""
    op.add_column("tie", sa.Column("until_at", MOMENT, nullable=True))
    op.create_table(
        "emergency",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("reviewed_by", UUID, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_emergency_child_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_emergency_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_emergency"),
    )
    op.create_index("ix_emergency_child_id", "emergency", ["child_id"], unique=False)
    op.create_index("ix_emergency_user_id", "emergency", ["user_id"], unique=False)
    op.create_table(
        "duty",
        sa.Column("id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("added_by", UUID, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_duty_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_duty"),
    )
    op.create_index("ix_duty_user_id", "duty", ["user_id"], unique=False)


def downgrade() -> None:
    """Drop the tables; what was opened in an emergency and still stands is closed first."""
    op.execute("DELETE FROM tie WHERE until_at IS NOT NULL")
    op.drop_table("duty")
    op.drop_table("emergency")
    with op.batch_alter_table("tie") as tie:
        tie.drop_column("until_at")
