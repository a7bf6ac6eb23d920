"""Delegates and transfers: ties that are another's, in whose place somebody did what, new services.

Takes the index of the one holder for some milliseconds. Down takes delegates' access away.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_delegates"
down_revision = "0009_guardians"

UUID = sa.Uuid()
MOMENT = sa.DateTime(timezone=True)
HOLDER = sa.text("relation = 'SH' AND ended_at IS NULL")
HOLDER_HIMSELF = sa.text("relation = 'SH' AND ended_at IS NULL AND for_user_id IS NULL")
LOGS = ("access_log", "trail")


def upgrade() -> None:
    """Add the columns and make the tables; one holder is one who is so himself."""
    op.add_column("tie", sa.Column("for_user_id", UUID, nullable=True))
    for log in LOGS:
        op.add_column(log, sa.Column("on_behalf_of", UUID, nullable=True))
    _one_holder(HOLDER_HIMSELF)
    op.create_table(
        "delegation",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("for_user_id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("made_by", UUID, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", UUID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_delegation_child_id"),
        sa.ForeignKeyConstraint(
            ["for_user_id"], ["user_account.id"], name="fk_delegation_for_user_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_delegation_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_delegation"),
    )
    op.create_index("ix_delegation_child_id", "delegation", ["child_id"], unique=False)
    op.create_index("ix_delegation_user_id", "delegation", ["user_id"], unique=False)
    op.create_table(
        "transfer",
        sa.Column("id", UUID, nullable=False),
        sa.Column("log_id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("from_service_id", UUID, nullable=False),
        sa.Column("to_service_id", UUID, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by", UUID, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["log_id"], ["stafettlogg.id"], name="fk_transfer_log_id"),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_transfer_child_id"),
        sa.ForeignKeyConstraint(
            ["from_service_id"], ["service.id"], name="fk_transfer_from_service_id"
        ),
        sa.ForeignKeyConstraint(
            ["to_service_id"], ["service.id"], name="fk_transfer_to_service_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_transfer"),
    )
    op.create_index("ix_transfer_log_id", "transfer", ["log_id"], unique=False)
    op.create_index("ix_transfer_child_id", "transfer", ["child_id"], unique=False)


def downgrade() -> None:
    """Drop it all; what is another's is taken away first."""
    op.execute("DELETE FROM tie WHERE for_user_id IS NOT NULL")
    op.drop_table("transfer")
    op.drop_table("delegation")
    _one_holder(HOLDER)
    for log in LOGS:  # in place: a table that is made anew has lost its triggers
        op.drop_column(log, "on_behalf_of")
    op.drop_column("tie", "for_user_id")


def _one_holder(condition: sa.TextClause) -> None:
    op.drop_index("uq_tie_one_holder", table_name="tie")
    op.create_index(
        "uq_tie_one_holder",
        "tie",
        ["child_id"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )
