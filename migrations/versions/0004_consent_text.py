"""The exact words of each consent, so that a receipt can be shown as it was.

Adds one table; consents from before have no words. Down loses the words.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_consent_text"
down_revision = "0003_visibility"


def upgrade() -> None:
    """Make the table, append only."""
    op.create_table(
        "consent_text",
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="fk_consent_text_consent_id"),
        sa.PrimaryKeyConstraint("consent_id", name="pk_consent_text"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER consent_text_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON consent_text FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER consent_text_no_{verb.lower()} BEFORE {verb} ON consent_text "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("consent_text")
