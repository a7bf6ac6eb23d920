"""An account says how its person is reached at work: a telephone number and an e-mail address.

Down forgets them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041_reached_at_work"
down_revision = "0040_guardian_of_measure"


def upgrade() -> None:
    """Make room for them."""
    op.add_column("user_account", sa.Column("phone", sa.String(), nullable=True))
    op.add_column("user_account", sa.Column("email", sa.String(), nullable=True))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("user_account", "email")
    op.drop_column("user_account", "phone")
