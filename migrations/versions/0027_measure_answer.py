"""Who has taken on the measures that he was named for, and who has not.

Adds a table and two columns, and fills one of them, so it must run while nobody writes: whoever is
named in a plan in force is asked from the day it came in force. Down loses what was answered.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027_measure_answer"
down_revision = "0026_unsaved"

UUID = sa.Uuid()
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table, to which rows are only added, and ask all who are named."""
    op.create_table(
        "measure_answer",
        sa.Column("id", UUID, nullable=False),
        sa.Column("plan_id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("measure_key", sa.String(), nullable=False),
        sa.Column("goal_key", sa.String(), nullable=False),
        sa.Column("audiences", sa.JSON(), nullable=False),
        sa.Column("ip", sa.Boolean(), nullable=False),
        sa.Column("responsible_id", UUID, nullable=True),
        sa.Column("responsible_name", sa.String(), nullable=False),
        sa.Column("accepts", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        sa.Column("answered_by", UUID, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_measure_answer_plan_id"),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_measure_answer_child_id"),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["user_account.id"], name="fk_measure_answer_responsible_id"
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user_account.id"], name="fk_measure_answer_answered_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_measure_answer"),
    )
    op.create_index("ix_measure_answer_child_id", "measure_answer", ["child_id"], unique=False)
    op.create_index("ix_measure_answer_plan_id", "measure_answer", ["plan_id"], unique=False)
    op.add_column("measure", sa.Column("asked_at", MOMENT, nullable=True))
    op.add_column("measure", sa.Column("accepted", sa.Boolean(), nullable=True))
    op.execute(
        "UPDATE measure SET asked_at = (SELECT max(plan_outcome.at) FROM plan_outcome "
        "JOIN plan_version ON plan_version.id = plan_outcome.version_id "
        "WHERE plan_version.plan_id = measure.plan_id AND plan_outcome.in_force)"
    )
    with op.batch_alter_table("measure") as measure:
        measure.alter_column("asked_at", existing_type=MOMENT, nullable=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER measure_answer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON measure_answer FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER measure_answer_no_{verb.lower()} BEFORE {verb} ON measure_answer "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )


def downgrade() -> None:
    """Drop it all."""
    with op.batch_alter_table("measure") as measure:
        measure.drop_column("asked_at")
        measure.drop_column("accepted")
    op.drop_table("measure_answer")
