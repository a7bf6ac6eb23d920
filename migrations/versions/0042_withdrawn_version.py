"""What came of a version of a plan may be that it was taken back, by whom and why.

Down forgets who and why: what was taken back is then as what the family said no to. On SQLite the
table is made anew both ways, and so are the triggers that keep its rows from being changed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0042_withdrawn_version"
down_revision = "0041_reached_at_work"

KEY = "fk_plan_outcome_withdrawn_by"


def upgrade() -> None:
    """Make room for them."""
    with op.batch_alter_table("plan_outcome") as outcome:
        outcome.add_column(sa.Column("withdrawn_by", sa.Uuid(), nullable=True))
        outcome.add_column(sa.Column("reason", sa.String(), nullable=True))
        outcome.create_foreign_key(KEY, "user_account", ["withdrawn_by"], ["id"])
    _keep()


def downgrade() -> None:
    """Forget them."""
    with op.batch_alter_table("plan_outcome") as outcome:
        outcome.drop_constraint(KEY, type_="foreignkey")
        outcome.drop_column("reason")
        outcome.drop_column("withdrawn_by")
    _keep()


def _keep() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER plan_outcome_no_{verb.lower()} BEFORE {verb} ON plan_outcome "
                "BEGIN SELECT RAISE(ABORT, 'append only'); END"
            )
