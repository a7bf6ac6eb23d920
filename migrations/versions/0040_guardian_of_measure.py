"""A measure knows which guardian without an account it names, so that it is his when he gets one.

One that is in force and names a guardian of today by the name that he alone has is his, too.
Down forgets it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040_guardian_of_measure"
down_revision = "0039_wish_of_the_family"


def upgrade() -> None:
    """Make room for it, and find those that are named already."""
    with op.batch_alter_table("measure") as measure:
        measure.add_column(sa.Column("guardian_id", sa.Uuid(), nullable=True))
        measure.create_foreign_key("fk_measure_guardian_id", "guardian", ["guardian_id"], ["id"])
    op.create_index("ix_measure_guardian_id", "measure", ["guardian_id"])
    alike = (
        "FROM guardian WHERE guardian.child_id = measure.child_id "
        "AND guardian.name = measure.responsible_name "
        "AND guardian.ended_at IS NULL AND guardian.blocked_at IS NULL"
    )
    op.execute(
        f"UPDATE measure SET guardian_id = (SELECT guardian.id {alike}) "  # noqa: S608 both parts are written here
        f"WHERE responsible_id IS NULL AND (SELECT count(*) {alike} ) = 1"
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_index("ix_measure_guardian_id", "measure")
    with op.batch_alter_table("measure") as measure:
        measure.drop_constraint("fk_measure_guardian_id", type_="foreignkey")
        measure.drop_column("guardian_id")
