"""A record that was joined to another, with a log of its own that stays to be read.

Adds a column with a default, so it is safe while others read. Down loses which records those are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025_past_log"
down_revision = "0024_measure_report"


def upgrade() -> None:
    """Add the column; no record with a log has been joined before."""
    column = sa.Column("past_log", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("child", column)


def downgrade() -> None:
    """Drop it."""
    op.drop_column("child", "past_log")
