"""Seals over the two logs, triggers that let rows past their time go, and reviews of looks.

Adds tables and exchanges triggers, so it is safe while others read. Down loses the seals and the
reviews; what was anchored outside the database stays there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_seals"
down_revision = "0005_own_log"

UUID = sa.Uuid()
MOMENT = sa.DateTime(timezone=True)
EXPIRING = {
    "access_log": "'access_log', OLD.id",
    "access_shown": "'access_log', OLD.row_id",
    "trail": "'trail', OLD.id",
    "seal_row": "OLD.log, OLD.row_id",
}
"""What loses rows past their time, and the row of a log whose seal says so."""
BEFORE = ("access_log", "access_shown", "trail")
"""Those of them that are there already, and have let nothing go."""
# No kommune may choose a shorter time than two years; the database's own clock counts them.
IS_EXPIRED = """
    SELECT 1 FROM seal_row JOIN seal ON seal.id = seal_row.seal_id
    WHERE seal_row.log = {log} AND seal_row.row_id = {row_id}
    AND seal.number <= (SELECT max(expired_to) FROM seal) AND seal.sealed_at < {limit}
"""


def upgrade() -> None:
    """Create the tables and let expired rows go."""
    op.create_table(
        "seal",
        sa.Column("id", UUID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed_at", MOMENT, nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("rows_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("access_rows", sa.Integer(), nullable=False),
        sa.Column("trail_rows", sa.Integer(), nullable=False),
        sa.Column("expired_to", sa.Integer(), nullable=True),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seal"),
        sa.UniqueConstraint("number", name="uq_seal_number"),
    )
    op.create_table(
        "seal_row",
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("row_id", UUID, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("seal_id", UUID, nullable=False),
        sa.ForeignKeyConstraint(["seal_id"], ["seal.id"], name="fk_seal_row_seal_id"),
        sa.PrimaryKeyConstraint("log", "row_id", name="pk_seal_row"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_seal_row_seal_id", "seal_row", ["seal_id"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", UUID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor_id", UUID, nullable=False),
        sa.Column("service_id", UUID, nullable=True),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("looked_on", sa.Date(), nullable=False),
        sa.Column("signs", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", UUID, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user_account.id"], name="fk_review_actor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.UniqueConstraint(
            *("kind", "actor_id", "child_id", "looked_on"),
            name="uq_review_kind_actor_id_child_id_looked_on",
        ),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in BEFORE:
        op.execute(f"DROP TRIGGER {table}_no_delete" if sqlite else _no_trigger(table))
    if sqlite:
        _guard_sqlite()
    else:
        _guard_postgresql()


def downgrade() -> None:
    """Forbid every deletion again, and drop the tables."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in BEFORE:
        if sqlite:
            op.execute(f"DROP TRIGGER {table}_no_delete")
            op.execute(_sqlite(table, "DELETE"))
        else:
            op.execute(f"DROP TRIGGER {table}_expired_only ON {table}")
            op.execute(_no_trigger(table))
            op.execute(_postgresql(table, "UPDATE OR DELETE OR TRUNCATE"))
    op.drop_table("review")
    op.drop_table("seal_row")
    op.drop_table("seal")
    if not sqlite:
        op.execute("DROP FUNCTION is_expired(text, uuid)")


def _guard_sqlite() -> None:
    for table, verb in (("seal", "UPDATE"), ("seal", "DELETE"), ("seal_row", "UPDATE")):
        op.execute(_sqlite(table, verb))
    for table, row in EXPIRING.items():
        log, row_id = row.split(", ")
        limit = "strftime('%Y-%m-%d %H:%M:%f', 'now', '-2 years')"
        expired = IS_EXPIRED.format(log=log, row_id=row_id, limit=limit)
        op.execute(_sqlite(table, "DELETE", f"WHEN NOT EXISTS ({expired})"))


def _guard_postgresql() -> None:
    expired = IS_EXPIRED.format(log="$1", row_id="$2", limit="now() - interval '2 years'")
    op.execute(
        "CREATE FUNCTION is_expired(text, uuid) RETURNS boolean LANGUAGE sql STABLE AS "
        f"$$ SELECT EXISTS ({expired}) $$"
    )
    op.execute(_postgresql("seal", "UPDATE OR DELETE OR TRUNCATE"))
    for table, row in EXPIRING.items():
        op.execute(_postgresql(table, "UPDATE OR TRUNCATE"))
        op.execute(
            f"CREATE TRIGGER {table}_expired_only BEFORE DELETE ON {table} FOR EACH ROW "
            f"WHEN (NOT is_expired({row})) EXECUTE FUNCTION append_only()"
        )


def _sqlite(table: str, verb: str, when: str = "") -> str:
    return (
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {when} "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )


def _postgresql(table: str, verbs: str) -> str:
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE {verbs} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )


def _no_trigger(table: str) -> str:
    return f"DROP TRIGGER {table}_append_only ON {table}"
