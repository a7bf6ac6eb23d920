"""The day on which the level or the end of a log on paper was decided, when it is told later.

Adds columns, so it is safe while others read. Down loses the days; that it was registered stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031_decided_on"
down_revision = "0030_birth"


def upgrade() -> None:
    """Add a local date to a step of the level, and to a closed log."""
    op.add_column("level_change", sa.Column("decided_on", sa.Date(), nullable=True))
    op.add_column("stafettlogg", sa.Column("closing_decided_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Drop both."""
    op.drop_column("stafettlogg", "closing_decided_on")
    op.drop_column("level_change", "decided_on")
