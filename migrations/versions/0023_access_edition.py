"""In which edition a document was downloaded.

Fast: a column that may be empty, and is so for all that there is; the seals leave it out there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023_access_edition"
down_revision = "0022_plan_comment"


def upgrade() -> None:
    """Add the column."""
    op.add_column("access_log", sa.Column("edition", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop it; that something was downloaded stands there still."""
    op.drop_column("access_log", "edition")
