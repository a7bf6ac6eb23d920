"""What the family wishes is kept with the baton that is offered: who should hold it next.

Down forgets it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039_wish_of_the_family"
down_revision = "0038_words_by_child"


def upgrade() -> None:
    """Make room for it."""
    op.add_column("handover", sa.Column("family_wish", sa.String(), nullable=True))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("handover", "family_wish")
