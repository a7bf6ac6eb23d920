"""Records that are restricted (GDPR art. 18). Down lets them be used as before."""

import sqlalchemy as sa
from alembic import op

revision = "0011_restriction"
down_revision = "0010_delegates"

UUID = sa.Uuid()
MOMENT = sa.DateTime(timezone=True)
STANDS = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "restriction",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("begun_by", UUID, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", UUID, nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_restriction_child_id"),
        sa.PrimaryKeyConstraint("id", name="pk_restriction"),
    )
    op.create_index("ix_restriction_child_id", "restriction", ["child_id"], unique=False)
    op.create_index(
        "uq_restriction_one",
        "restriction",
        ["child_id"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("restriction")
