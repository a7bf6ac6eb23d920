"""The indexes that the worklist needs in a large kommune: expected children, logs of a concern.

Adds indexes, so it is safe while others read.
"""

from alembic import op

revision = "0032_ways_to_the_worklist"
down_revision = "0031_decided_on"


def upgrade() -> None:
    """Add both."""
    op.create_index("ix_child_due_date", "child", ["due_date"])
    op.create_index("ix_stafettlogg_concern_id", "stafettlogg", ["concern_id"])


def downgrade() -> None:
    """Drop both."""
    op.drop_index("ix_stafettlogg_concern_id", "stafettlogg")
    op.drop_index("ix_child_due_date", "child")
