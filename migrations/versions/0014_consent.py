"""What each service of a consent may see.

Fast: two columns with a default. What stands sees all, as before. Down takes the access of those
who see only some of it away: their families must be asked again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014_consent"
down_revision = "0013_levels"

TABLES = ("cover", "consent_service")


def upgrade() -> None:
    """Add the columns; what was agreed to before leaves nothing out."""
    for table in TABLES:
        op.add_column(
            table, sa.Column("areas", sa.String(), nullable=False, server_default="log plan")
        )


def downgrade() -> None:
    """Drop them; nobody sees more than was agreed to."""
    op.execute("DELETE FROM cover WHERE areas <> 'log plan'")
    for table in TABLES:
        op.drop_column(table, "areas")
