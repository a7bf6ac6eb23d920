"""Level changes tell who decided them, and concerns by when the family is to be talked with.

Adds columns that may be empty; locks for a moment. Down drops them with what they say.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011_levels"
down_revision = "0010_delegates"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("level_change", sa.Column("participants", sa.String(), nullable=True))
    op.add_column("level_change", sa.Column("handover_id", sa.Uuid(), nullable=True))
    op.add_column("concern", sa.Column("bullying", sa.Boolean(), nullable=True))
    op.add_column("concern", sa.Column("parents_due_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Drop them in place: a table that is made anew has lost its triggers."""
    op.drop_column("concern", "parents_due_on")
    op.drop_column("concern", "bullying")
    op.drop_column("level_change", "handover_id")
    op.drop_column("level_change", "participants")
