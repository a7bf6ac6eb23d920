"""Protected addresses: each change of the grade, who may read where a child is, opened guardians.

Adds two tables and a column, and ends guardians' access to children whose address is protected:
from now on two people open it for each. Down loses who could read, and why the grade was changed.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0007_protection"
down_revision = "0006_seals"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, and close what was open to guardians."""
    op.create_table(
        "protection_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("protection", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_protection_step_child_id"),
        sa.PrimaryKeyConstraint("id", name="pk_protection_step"),
    )
    op.create_index("ix_protection_step_child_id", "protection_step", ["child_id"], unique=False)
    op.create_table(
        "address_reader",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=False),
        sa.Column("named_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_address_reader_child_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_address_reader_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_address_reader"),
    )
    op.create_index("ix_address_reader_child_id", "address_reader", ["child_id"], unique=False)
    op.add_column("guardian", sa.Column("opened_at", MOMENT, nullable=True))
    close = sa.text(
        "UPDATE tie SET ended_at = :now WHERE basis = 'guardian' AND ended_at IS NULL "
        "AND child_id IN (SELECT id FROM child WHERE address_protection <> 'none')"
    ).bindparams(sa.bindparam("now", datetime.now(UTC), type_=MOMENT))
    op.execute(close)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER protection_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON protection_step FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER protection_step_no_{verb.lower()} BEFORE {verb} ON protection_step "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )


def downgrade() -> None:
    """Drop them; guardians stay without access until each is saved again."""
    op.drop_column("guardian", "opened_at")
    op.drop_table("address_reader")
    op.drop_table("protection_step")
