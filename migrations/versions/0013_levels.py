"""Who decided a level, by when the family is told of a concern, and questions without a name.

Adds a table, and columns that may be empty; locks for a moment. Down drops them all.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013_levels"
down_revision = "0012_search"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns."""
    op.add_column("level_change", sa.Column("participants", sa.String(), nullable=True))
    op.add_column("level_change", sa.Column("handover_id", sa.Uuid(), nullable=True))
    op.add_column("concern", sa.Column("bullying", sa.Boolean(), nullable=True))
    op.add_column("concern", sa.Column("parents_due_on", sa.Date(), nullable=True))
    op.create_table(
        "question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["user_account.id"], name="fk_question_asked_by"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_question_service_id"),
        sa.PrimaryKeyConstraint("id", name="pk_question"),
    )
    op.create_index("ix_question_asked_by", "question", ["asked_by"], unique=False)
    op.create_index("ix_question_service_id", "question", ["service_id"], unique=False)


def downgrade() -> None:
    """Drop the columns in place: a table that is made anew has lost its triggers."""
    op.drop_table("question")
    op.drop_column("concern", "parents_due_on")
    op.drop_column("concern", "bullying")
    op.drop_column("level_change", "handover_id")
    op.drop_column("level_change", "participants")
