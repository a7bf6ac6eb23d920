"""Level changes tell who decided them, and to whom the baton was offered in the same step.

Adds two columns that may be empty; locks for a moment. Down drops them with what they say.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011_levels"
down_revision = "0010_delegates"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("level_change", sa.Column("participants", sa.String(), nullable=True))
    op.add_column("level_change", sa.Column("handover_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Drop them in place: a table that is made anew has lost its triggers."""
    op.drop_column("level_change", "handover_id")
    op.drop_column("level_change", "participants")
