"""For whom the parts of a plan are, and which audience stood when a version was made.

Adds a table and a column with a value for all rows, so it is safe while others read. Down takes
away for whom parts were, and so must not be run where a part is for some only: it refuses.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015_plan_audience"
down_revision = "0014_consent"

UUID = sa.Uuid()


def upgrade() -> None:
    """Make the table, and say of every version that all of it was for everyone."""
    op.add_column(
        "plan_version",
        sa.Column("audiences", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_table(
        "plan_audience",
        sa.Column("part_id", UUID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("plan_id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("named", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("hidden_from", sa.JSON(), nullable=False),
        sa.Column("hidden_reason", sa.String(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("author_id", UUID, nullable=False),
        sa.Column("service_id", UUID, nullable=True),
        sa.Column("set_by", UUID, nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_audience_plan_id"),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_plan_audience_child_id"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name="fk_plan_audience_author_id"
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_plan_audience_service_id"),
        sa.ForeignKeyConstraint(["set_by"], ["user_account.id"], name="fk_plan_audience_set_by"),
        sa.PrimaryKeyConstraint("part_id", "number", name="pk_plan_audience"),
        sa.UniqueConstraint("plan_id", "key", "number", name="uq_plan_audience_plan_id_key_number"),
    )
    op.create_index("ix_plan_audience_child_id", "plan_audience", ["child_id"], unique=False)
    op.create_index("ix_plan_audience_review_on", "plan_audience", ["review_on"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER plan_audience_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON plan_audience FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER plan_audience_no_{verb.lower()} BEFORE {verb} ON plan_audience "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )


def downgrade() -> None:
    """Drop it, unless somebody has chosen readers for a part.

    Raises:
        RuntimeError: the program before would show everyone what is for some only.

    """
    if op.get_bind().execute(sa.text("SELECT 1 FROM plan_audience LIMIT 1")).first():
        msg = "parts of plans are for some only: the version before knows no such thing"
        raise RuntimeError(msg)
    op.drop_table("plan_audience")
    op.execute("ALTER TABLE plan_version DROP COLUMN audiences")
