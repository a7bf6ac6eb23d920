"""A fingerprint of each version of a plan, and the day by which a plan is to be gone through.

Adds two columns and fills them, so it must run while nobody writes: on PostgreSQL the trigger that
keeps versions from being changed is off until the fingerprints are in. Down loses nothing that
cannot be worked out again.
"""

import json
from calendar import monthrange
from datetime import date
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0019_plan_fingerprint"
down_revision = "0018_consent_holders"

PLAN = sa.table("plan", sa.column("id", sa.Uuid()), sa.column("revise_on", sa.Date()))
VERSION = sa.table(
    "plan_version",
    sa.column("id", sa.Uuid()),
    sa.column("plan_id", sa.Uuid()),
    sa.column("number", sa.Integer()),
    sa.column("kind", sa.String()),
    sa.column("content", sa.JSON()),
    sa.column("sha256", sa.String()),
)
OUTCOME = sa.table(
    "plan_outcome",
    sa.column("version_id", sa.Uuid()),
    sa.column("in_force", sa.Boolean()),
    sa.column("at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Add both columns, and say of all that is there what they say of what will come."""
    op.add_column(
        "plan_version",
        sa.Column("sha256", sa.String(), server_default=sa.text("''"), nullable=False),
    )
    op.add_column("plan", sa.Column("revise_on", sa.Date(), nullable=True))
    op.create_index("ix_plan_revise_on", "plan", ["revise_on"], unique=False)
    bind = op.get_bind()
    _let_change(bind.dialect.name)
    for version_id, content in bind.execute(sa.select(VERSION.c.id, VERSION.c.content)).all():
        said = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest = sha256(said.encode()).hexdigest()
        bind.execute(sa.update(VERSION).where(VERSION.c.id == version_id).values(sha256=digest))
    _keep(bind.dialect.name)
    held = (
        sa.select(VERSION.c.plan_id, VERSION.c.kind, VERSION.c.content, OUTCOME.c.at)
        .join_from(VERSION, OUTCOME, OUTCOME.c.version_id == VERSION.c.id)
        .where(OUTCOME.c.in_force)
        .order_by(VERSION.c.number)
    )
    for plan_id, kind, content, at in bind.execute(held).all():
        later = _half_a_year_after(at.date())
        said = content.get("next_revision_on")
        day = min(later, date.fromisoformat(said)) if said else later
        value = day if kind == "individuell_plan" else None
        bind.execute(sa.update(PLAN).where(PLAN.c.id == plan_id).values(revise_on=value))


def downgrade() -> None:
    """Drop both."""
    op.drop_index("ix_plan_revise_on", "plan")
    op.execute("ALTER TABLE plan DROP COLUMN revise_on")
    op.execute("ALTER TABLE plan_version DROP COLUMN sha256")


def _half_a_year_after(day: date) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + 6, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _let_change(dialect: str) -> None:
    if dialect == "postgresql":
        op.execute("ALTER TABLE plan_version DISABLE TRIGGER plan_version_append_only")
    else:
        op.execute("DROP TRIGGER plan_version_no_update")


def _keep(dialect: str) -> None:
    if dialect == "postgresql":
        op.execute("ALTER TABLE plan_version ENABLE TRIGGER plan_version_append_only")
        return
    op.execute(
        "CREATE TRIGGER plan_version_no_update BEFORE UPDATE ON plan_version "
        "BEGIN SELECT RAISE(ABORT, 'append only'); END"
    )
