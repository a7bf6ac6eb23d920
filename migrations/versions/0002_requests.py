"""A task may be a request: what it asks for, of what, and why.

Adds columns that may be empty, so it is safe while others read. Down loses what was asked for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_requests"
down_revision = "0001_first"


def upgrade() -> None:
    """Add the three columns."""
    with op.batch_alter_table("task") as task:
        task.add_column(sa.Column("action", sa.String(), nullable=True))
        task.add_column(sa.Column("object_id", sa.Uuid(), nullable=True))
        task.add_column(sa.Column("words", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop them, and the tasks that were requests."""
    op.execute("DELETE FROM task WHERE kind = 'request'")
    with op.batch_alter_table("task") as task:
        task.drop_column("words")
        task.drop_column("object_id")
        task.drop_column("action")
