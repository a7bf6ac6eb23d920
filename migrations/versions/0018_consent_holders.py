"""Who says yes in the parents' place, why a yes was enough, and how the child was heard.

Fast: columns that may be empty, and are so for all that there is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018_consent_holders"
down_revision = "0017_outbox"

COLUMNS = (
    ("guardian", "mandate", sa.String()),
    ("consent", "basis", sa.String()),
    ("consent", "basis_reason", sa.String()),
    ("consent", "voice_how", sa.String()),
    ("consent", "voice_text", sa.String()),
    ("consent", "voice_private", sa.Boolean()),
    ("consent_giver", "note", sa.String()),
)


def upgrade() -> None:
    """Add the columns."""
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Drop them; who stood in the parents' place is asked no more, and the parents are again."""
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)
