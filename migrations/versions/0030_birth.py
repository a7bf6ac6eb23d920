"""The birth of a child whose record was the pregnant person's, and what follows it from before.

Adds tables and columns, so it is safe while others read. Down loses who read before a birth: then
all that was written before it is open to all who read the log.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030_birth"
down_revision = "0029_concern_change"

UUID = sa.Uuid()
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; a birth never changes, of the others only the end does."""
    op.create_table(
        "birth",
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("guardian_id", UUID, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("registered_by", UUID, nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_birth_child_id"),
        sa.ForeignKeyConstraint(["guardian_id"], ["guardian.id"], name="fk_birth_guardian_id"),
        sa.PrimaryKeyConstraint("child_id", name="pk_birth"),
    )
    op.create_table(
        "early_reader",
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("reader_id", UUID, nullable=False),
        sa.Column("areas", sa.String(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_early_reader_child_id"),
        sa.PrimaryKeyConstraint("child_id", "reader_id", name="pk_early_reader"),
    )
    op.create_table(
        "follow",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("entry_id", UUID, nullable=True),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("begun_by", UUID, nullable=False),
        sa.Column("how", sa.String(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", UUID, nullable=True),
        sa.Column("ended_how", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_follow_child_id"),
        sa.PrimaryKeyConstraint("id", name="pk_follow"),
    )
    op.create_index("ix_follow_child_id_entry_id", "follow", ["child_id", "entry_id"])
    op.add_column("child", sa.Column("ended_at", MOMENT, nullable=True))
    op.add_column("guardian", sa.Column("let_in_at", MOMENT, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER birth_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON birth FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER birth_no_{verb.lower()} BEFORE {verb} ON birth "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )


def downgrade() -> None:
    """Drop them."""
    op.drop_column("guardian", "let_in_at")
    op.drop_column("child", "ended_at")
    op.drop_table("follow")
    op.drop_table("early_reader")
    op.drop_table("birth")
