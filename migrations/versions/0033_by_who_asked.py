"""The indexes by which the worklist finds what somebody has asked of others.

Adds indexes, so it is safe while others read.
"""

from alembic import op

revision = "0033_by_who_asked"
down_revision = "0032_ways_to_the_worklist"


def upgrade() -> None:
    """Add both."""
    op.create_index("ix_handover_requested_by", "handover", ["requested_by"])
    op.create_index("ix_task_made_by", "task", ["made_by"])


def downgrade() -> None:
    """Drop both."""
    op.drop_index("ix_task_made_by", "task")
    op.drop_index("ix_handover_requested_by", "handover")
