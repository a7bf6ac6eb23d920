"""Until when a decision to protect an address is meant to last. Fast: a column that may be empty.

Nothing ends by it; it is only when somebody is reminded.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020_protection_end"
down_revision = "0019_plan_fingerprint"


def upgrade() -> None:
    """Add the column; of what there is nobody knows the day."""
    op.add_column("protection_step", sa.Column("until_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Drop it; nobody is reminded any more."""
    op.drop_column("protection_step", "until_on")
