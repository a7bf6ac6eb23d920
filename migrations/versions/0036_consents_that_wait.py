"""The index by which who asked for a consent is told that it has not been answered.

Adds an index of the few that wait, so it is safe while others read.
"""

from alembic import op
from sqlalchemy import text

revision = "0036_consents_that_wait"
down_revision = "0035_tasks_by_source"
WAITS = text("active_at IS NULL AND withdrawn_at IS NULL")


def upgrade() -> None:
    """Add it."""
    op.create_index(
        "ix_consent_registered_by",
        "consent",
        ["registered_by"],
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_consent_registered_by", "consent")
