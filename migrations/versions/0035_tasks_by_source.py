"""The index by which what made a task is asked what has come of it.

Adds an index, so it is safe while others read.
"""

from alembic import op

revision = "0035_tasks_by_source"
down_revision = "0034_words_in_their_place"


def upgrade() -> None:
    """Add it."""
    op.create_index("ix_task_source_id", "task", ["source_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_task_source_id", "task")
