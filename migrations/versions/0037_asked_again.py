"""Looks that were asked about may be asked about again when a sign comes after the answer.

Down keeps, of several about the same looks, the one that was made last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037_asked_again"
down_revision = "0036_consents_that_wait"
ONE = ["kind", "actor_id", "child_id", "looked_on"]
WAITS = sa.text("closed_at IS NULL")


def upgrade() -> None:
    """Let only one of them wait, instead of letting there be only one."""
    with op.batch_alter_table("review") as review:
        review.drop_constraint("uq_review_kind_actor_id_child_id_looked_on", type_="unique")
    op.create_index(
        *("uq_review_one_waiting", "review", ONE),
        unique=True,
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )


def downgrade() -> None:
    """Let there be only one."""
    op.drop_index("uq_review_one_waiting", "review")
    op.execute(
        "DELETE FROM review WHERE EXISTS (SELECT 1 FROM review AS later "
        "WHERE later.kind = review.kind AND later.actor_id = review.actor_id "
        "AND later.child_id = review.child_id AND later.looked_on = review.looked_on "
        "AND (later.made_at > review.made_at "
        "OR later.made_at = review.made_at AND later.id > review.id))"
    )
    with op.batch_alter_table("review") as review:
        review.create_unique_constraint("uq_review_kind_actor_id_child_id_looked_on", ONE)
