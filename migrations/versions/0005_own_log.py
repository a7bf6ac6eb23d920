"""Everybody reads what is logged of himself: an index by person and moment.

Locks the access log against writing while it is made (seconds for a million rows).
"""

from alembic import op

revision = "0005_own_log"
down_revision = "0004_consent_text"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_access_log_actor_id_at", "access_log", ["actor_id", "at"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_access_log_actor_id_at", table_name="access_log")
