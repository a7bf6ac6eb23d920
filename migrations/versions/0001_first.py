"""The first tables, and the triggers that keep logs, versions and steps append-only.

Nothing can read them yet, so it is safe at any time. Down loses everything.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001_first"
down_revision = None

UUID = sa.Uuid()
MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "access_log",
    "attempt",
    "kept_answer",
    "service",
    "trail",
    "access_shown",
    "user_account",
    "child",
    "first_code",
    "sign_in",
    "ansvarsgruppe",
    "concern",
    "consent",
    "coordinator_appointment",
    "cover",
    "guardian",
    "plan",
    "task",
    "tie",
    "ansvarsgruppe_member",
    "consent_giver",
    "consent_service",
    "evaluation",
    "measure",
    "plan_version",
    "stafettlogg",
    "withdrawal",
    "entry",
    "handover",
    "level_change",
    "member",
    "plan_answer",
    "plan_outcome",
    "entry_version",
)
APPEND_ONLY = (
    "access_log",
    "access_shown",
    "trail",
    "entry_version",
    "level_change",
    "withdrawal",
    "plan_version",
    "plan_answer",
    "plan_outcome",
    "evaluation",
)


def upgrade() -> None:
    """Create them all."""
    op.create_table(
        "access_log",
        sa.Column("id", UUID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", UUID, nullable=False),
        sa.Column("service_id", UUID, nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("child_id", UUID, nullable=True),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_access_log"),
    )
    op.create_index("ix_access_log_child_id_at", "access_log", ["child_id", "at"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", UUID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("username_hash", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("user_id", UUID, nullable=True),
        sa.Column("result", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_address_at", "attempt", ["address", "at"], unique=False)
    op.create_index("ix_attempt_username_hash_at", "attempt", ["username_hash", "at"], unique=False)
    op.create_table(
        "kept_answer",
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("location", sa.String(), nullable=True),
        sa.Column("mimetype", sa.String(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_kept_answer"),
    )
    op.create_table(
        "service",
        sa.Column("id", UUID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("specialist", sa.Boolean(), nullable=False),
        sa.Column("leader_id", UUID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service"),
        sa.UniqueConstraint("name", name="uq_service_name"),
    )
    op.create_index("ix_service_leader_id", "service", ["leader_id"], unique=False)
    op.create_table(
        "trail",
        sa.Column("id", UUID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", UUID, nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("child_id", UUID, nullable=True),
        sa.Column("object_id", UUID, nullable=False),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trail"),
    )
    op.create_index("ix_trail_child_id_at", "trail", ["child_id", "at"], unique=False)
    op.create_table(
        "access_shown",
        sa.Column("actor_id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("shown_on", sa.Date(), nullable=False),
        sa.Column("row_id", UUID, nullable=False),
        sa.ForeignKeyConstraint(["row_id"], ["access_log.id"], name="fk_access_shown_row_id"),
        sa.PrimaryKeyConstraint("actor_id", "child_id", "shown_on", name="pk_access_shown"),
    )
    op.create_index("ix_access_shown_child_id", "access_shown", ["child_id"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("id", UUID, nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("service_id", UUID, nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_user_account_service_id"),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("username", name="uq_user_account_username"),
    )
    op.create_index("ix_user_account_service_id", "user_account", ["service_id"], unique=False)
    op.create_table(
        "child",
        sa.Column("id", UUID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("national_id", sa.String(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("address_protection", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("school", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("interpreter", sa.Boolean(), nullable=False),
        sa.Column("user_id", UUID, nullable=True),
        sa.Column("registered_by", UUID, nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'child' AND birth_date IS NOT NULL) "
            " OR (kind = 'unborn' AND due_date IS NOT NULL AND national_id IS NULL)",
            name=op.f("ck_child_kind"),
        ),
        sa.CheckConstraint(
            "address_protection <> 'strengt_fortrolig' OR (address IS NULL AND school IS NULL)",
            name=op.f("ck_child_strictly_protected"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_child_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_child"),
    )
    op.create_index("ix_child_user_id", "child", ["user_id"], unique=False)
    op.create_index(
        "uq_child_national_id",
        "child",
        ["national_id"],
        unique=True,
        sqlite_where=sa.text("NOT provisional"),
        postgresql_where=sa.text("NOT provisional"),
    )
    op.create_table(
        "first_code",
        sa.Column("id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("made_by", UUID, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_first_code_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_first_code"),
    )
    op.create_index("ix_first_code_user_id", "first_code", ["user_id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("id", UUID, nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("bearer", sa.Boolean(), nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_sign_in_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in"),
        sa.UniqueConstraint("secret_hash", name="uq_sign_in_secret_hash"),
    )
    op.create_index("ix_sign_in_user_id", "sign_in", ["user_id"], unique=False)
    op.create_table(
        "ansvarsgruppe",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("formed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_ansvarsgruppe_child_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ansvarsgruppe"),
        sa.UniqueConstraint("child_id", name="uq_ansvarsgruppe_child_id"),
    )
    op.create_table(
        "concern",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("written_by", UUID, nullable=False),
        sa.Column("service_id", UUID, nullable=True),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("observed", sa.String(), nullable=False),
        sa.Column("worry", sa.Integer(), nullable=False),
        sa.Column("context", sa.String(), nullable=True),
        sa.Column("arena", sa.String(), nullable=True),
        sa.Column("frequency", sa.String(), nullable=True),
        sa.Column("duration", sa.String(), nullable=True),
        sa.Column("people_present", sa.String(), nullable=True),
        sa.Column("child_said", sa.String(), nullable=True),
        sa.Column("strengths", sa.String(), nullable=True),
        sa.Column("earlier_concern", sa.String(), nullable=True),
        sa.Column("tried_so_far", sa.String(), nullable=True),
        sa.Column("risk_factors", sa.String(), nullable=True),
        sa.Column("protective_factors", sa.String(), nullable=True),
        sa.Column("areas", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("first_noticed_on", sa.Date(), nullable=True),
        sa.Column("discussed_with_leader_on", sa.Date(), nullable=True),
        sa.Column("child_talk_on", sa.Date(), nullable=True),
        sa.Column("child_talk", sa.String(), nullable=True),
        sa.Column("parents_talk_on", sa.Date(), nullable=True),
        sa.Column("parents_talk", sa.String(), nullable=True),
        sa.Column("parents_not_asked", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("decided_by", UUID, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_concern_child_id"),
        sa.ForeignKeyConstraint(["written_by"], ["user_account.id"], name="fk_concern_written_by"),
        sa.PrimaryKeyConstraint("id", name="pk_concern"),
    )
    op.create_index("ix_concern_child_id", "concern", ["child_id"], unique=False)
    op.create_index("ix_concern_written_by", "concern", ["written_by"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("registered_by", UUID, nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("active_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_consent_child_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_child_id", "consent", ["child_id"], unique=False)
    op.create_table(
        "coordinator_appointment",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("appointed_by", UUID, nullable=False),
        sa.Column("appointed_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name="fk_coordinator_appointment_child_id"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_coordinator_appointment_user_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_coordinator_appointment"),
    )
    op.create_index(
        "ix_coordinator_appointment_child_id", "coordinator_appointment", ["child_id"], unique=False
    )
    op.create_index(
        "ix_coordinator_appointment_user_id", "coordinator_appointment", ["user_id"], unique=False
    )
    op.create_index(
        "uq_coordinator_appointment_one",
        "coordinator_appointment",
        ["child_id"],
        unique=True,
        sqlite_where=sa.text("kind IN ('koordinator', 'barnekoordinator') AND ended_at IS NULL"),
        postgresql_where=sa.text(
            "kind IN ('koordinator', 'barnekoordinator') AND ended_at IS NULL"
        ),
    )
    op.create_table(
        "cover",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("service_id", UUID, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("consent_id", UUID, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_cover_child_id"),
        sa.PrimaryKeyConstraint("id", name="pk_cover"),
    )
    op.create_index("ix_cover_child_id", "cover", ["child_id"], unique=False)
    op.create_index("ix_cover_consent_id", "cover", ["consent_id"], unique=False)
    op.create_table(
        "guardian",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("parental_responsibility", sa.Boolean(), nullable=False),
        sa.Column("lives_with", sa.Boolean(), nullable=False),
        sa.Column("national_id", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("added_by", UUID, nullable=False),
        sa.Column("blocked_at", MOMENT, nullable=True),
        sa.Column("blocked_reason", sa.String(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_guardian_child_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_guardian_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_guardian"),
    )
    op.create_index("ix_guardian_child_id", "guardian", ["child_id"], unique=False)
    op.create_index("ix_guardian_user_id", "guardian", ["user_id"], unique=False)
    op.create_table(
        "plan",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("last_key", sa.Integer(), nullable=False),
        sa.Column("drafted_by", UUID, nullable=False),
        sa.Column("drafted_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_plan_child_id"),
        sa.ForeignKeyConstraint(["drafted_by"], ["user_account.id"], name="fk_plan_drafted_by"),
        sa.PrimaryKeyConstraint("id", name="pk_plan"),
        sa.UniqueConstraint("child_id", name="uq_plan_child_id"),
    )
    op.create_table(
        "task",
        sa.Column("id", UUID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=True),
        sa.Column("service_id", UUID, nullable=True),
        sa.Column("source_id", UUID, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("made_by", UUID, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("done_by", UUID, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_text", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(user_id IS NULL) <> (service_id IS NULL)", name=op.f("ck_task_one_owner")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_task_child_id"),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
    )
    op.create_index("ix_task_child_id", "task", ["child_id"], unique=False)
    op.create_index("ix_task_service_id", "task", ["service_id"], unique=False)
    op.create_index("ix_task_user_id", "task", ["user_id"], unique=False)
    op.create_table(
        "tie",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=True),
        sa.Column("led_service_id", UUID, nullable=True),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("needs_consent", sa.Boolean(), nullable=False),
        sa.Column("writes", sa.Boolean(), nullable=False),
        sa.Column("service_id", UUID, nullable=True),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("source_id", UUID, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("granted_by", UUID, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(user_id IS NULL) <> (led_service_id IS NULL)", name=op.f("ck_tie_one_owner")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_tie_child_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tie"),
    )
    op.create_index("ix_tie_child_id_user_id", "tie", ["child_id", "user_id"], unique=False)
    op.create_index("ix_tie_led_service_id", "tie", ["led_service_id"], unique=False)
    op.create_index("ix_tie_source_id", "tie", ["source_id"], unique=False)
    op.create_index("ix_tie_user_id", "tie", ["user_id"], unique=False)
    op.create_index(
        "uq_tie_one_holder",
        "tie",
        ["child_id"],
        unique=True,
        sqlite_where=sa.text("relation = 'SH' AND ended_at IS NULL"),
        postgresql_where=sa.text("relation = 'SH' AND ended_at IS NULL"),
    )
    op.create_table(
        "ansvarsgruppe_member",
        sa.Column("id", UUID, nullable=False),
        sa.Column("group_id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("service_id", UUID, nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("added_by", UUID, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name="fk_ansvarsgruppe_member_child_id"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["ansvarsgruppe.id"], name="fk_ansvarsgruppe_member_group_id"
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name="fk_ansvarsgruppe_member_service_id"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_ansvarsgruppe_member_user_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ansvarsgruppe_member"),
    )
    op.create_index(
        "ix_ansvarsgruppe_member_child_id", "ansvarsgruppe_member", ["child_id"], unique=False
    )
    op.create_index(
        "ix_ansvarsgruppe_member_group_id", "ansvarsgruppe_member", ["group_id"], unique=False
    )
    op.create_index(
        "uq_ansvarsgruppe_member_once",
        "ansvarsgruppe_member",
        ["group_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND user_id IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND user_id IS NOT NULL"),
    )
    op.create_table(
        "consent_giver",
        sa.Column("id", UUID, nullable=False),
        sa.Column("consent_id", UUID, nullable=False),
        sa.Column("guardian_id", UUID, nullable=True),
        sa.Column("child_id", UUID, nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(guardian_id IS NULL) <> (child_id IS NULL)", name=op.f("ck_consent_giver_one_giver")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_consent_giver_child_id"),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="fk_consent_giver_consent_id"),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name="fk_consent_giver_guardian_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consent_giver"),
    )
    op.create_index("ix_consent_giver_consent_id", "consent_giver", ["consent_id"], unique=False)
    op.create_table(
        "consent_service",
        sa.Column("consent_id", UUID, nullable=False),
        sa.Column("service_id", UUID, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("replaced", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consent.id"], name="fk_consent_service_consent_id"
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name="fk_consent_service_service_id"
        ),
        sa.PrimaryKeyConstraint("consent_id", "service_id", name="pk_consent_service"),
    )
    op.create_table(
        "evaluation",
        sa.Column("id", UUID, nullable=False),
        sa.Column("plan_id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("measure_key", sa.String(), nullable=False),
        sa.Column("evaluated_on", sa.Date(), nullable=False),
        sa.Column("done", sa.String(), nullable=False),
        sa.Column("effect", sa.Integer(), nullable=False),
        sa.Column("voice_how", sa.String(), nullable=False),
        sa.Column("voice_text", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("written_by", UUID, nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_evaluation_child_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_evaluation_plan_id"),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user_account.id"], name="fk_evaluation_written_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation"),
    )
    op.create_index("ix_evaluation_child_id", "evaluation", ["child_id"], unique=False)
    op.create_index("ix_evaluation_plan_id", "evaluation", ["plan_id"], unique=False)
    op.create_table(
        "measure",
        sa.Column("id", UUID, nullable=False),
        sa.Column("plan_id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("responsible_id", UUID, nullable=True),
        sa.Column("responsible_name", sa.String(), nullable=False),
        sa.Column("evaluate_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("ip", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_measure_child_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_measure_plan_id"),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["user_account.id"], name="fk_measure_responsible_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_measure"),
        sa.UniqueConstraint("plan_id", "key", name="uq_measure_plan_id_key"),
    )
    op.create_index("ix_measure_child_id", "measure", ["child_id"], unique=False)
    op.create_index(
        "ix_measure_responsible_id_evaluate_on",
        "measure",
        ["responsible_id", "evaluate_on"],
        unique=False,
    )
    op.create_table(
        "plan_version",
        sa.Column("id", UUID, nullable=False),
        sa.Column("plan_id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_by", UUID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_plan_version_child_id"),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name="fk_plan_version_created_by"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_version_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_version"),
        sa.UniqueConstraint("plan_id", "number", name="uq_plan_version_plan_id_number"),
    )
    op.create_index("ix_plan_version_child_id", "plan_version", ["child_id"], unique=False)
    op.create_table(
        "stafettlogg",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("holder_id", UUID, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", UUID, nullable=False),
        sa.Column("concern_id", UUID, nullable=True),
        sa.Column("next_evaluation_on", sa.Date(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", UUID, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("closing_reason", sa.String(), nullable=True),
        sa.Column("family_view", sa.String(), nullable=True),
        sa.Column("closing_voice", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_stafettlogg_level")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_stafettlogg_child_id"),
        sa.ForeignKeyConstraint(["concern_id"], ["concern.id"], name="fk_stafettlogg_concern_id"),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["user_account.id"], name="fk_stafettlogg_holder_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_stafettlogg"),
    )
    op.create_index("ix_stafettlogg_child_id", "stafettlogg", ["child_id"], unique=False)
    op.create_index(
        "uq_stafettlogg_one_open",
        "stafettlogg",
        ["child_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "withdrawal",
        sa.Column("id", UUID, nullable=False),
        sa.Column("consent_id", UUID, nullable=False),
        sa.Column("services", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("on_behalf_of", UUID, nullable=True),
        sa.Column("how", sa.String(), nullable=True),
        sa.Column("withdrawn_by", UUID, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="fk_withdrawal_consent_id"),
        sa.ForeignKeyConstraint(
            ["on_behalf_of"], ["guardian.id"], name="fk_withdrawal_on_behalf_of"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_withdrawal"),
    )
    op.create_index("ix_withdrawal_consent_id", "withdrawal", ["consent_id"], unique=False)
    op.create_table(
        "entry",
        sa.Column("id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("log_id", UUID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("written_by", UUID, nullable=False),
        sa.Column("service_id", UUID, nullable=True),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_entry_child_id"),
        sa.ForeignKeyConstraint(["log_id"], ["stafettlogg.id"], name="fk_entry_log_id"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_entry_service_id"),
        sa.ForeignKeyConstraint(["written_by"], ["user_account.id"], name="fk_entry_written_by"),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
    )
    op.create_index(
        "ix_entry_child_id_written_at_id", "entry", ["child_id", "written_at", "id"], unique=False
    )
    op.create_table(
        "handover",
        sa.Column("id", UUID, nullable=False),
        sa.Column("log_id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("from_id", UUID, nullable=False),
        sa.Column("to_id", UUID, nullable=False),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requested_by", UUID, nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", UUID, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_handover_child_id"),
        sa.ForeignKeyConstraint(["from_id"], ["user_account.id"], name="fk_handover_from_id"),
        sa.ForeignKeyConstraint(["log_id"], ["stafettlogg.id"], name="fk_handover_log_id"),
        sa.ForeignKeyConstraint(["to_id"], ["user_account.id"], name="fk_handover_to_id"),
        sa.PrimaryKeyConstraint("id", name="pk_handover"),
    )
    op.create_index("ix_handover_child_id", "handover", ["child_id"], unique=False)
    op.create_index("ix_handover_log_id", "handover", ["log_id"], unique=False)
    op.create_index("ix_handover_to_id", "handover", ["to_id"], unique=False)
    op.create_index(
        "uq_handover_one_pending",
        "handover",
        ["log_id"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "level_change",
        sa.Column("id", UUID, nullable=False),
        sa.Column("log_id", UUID, nullable=False),
        sa.Column("from_level", sa.Integer(), nullable=True),
        sa.Column("to_level", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("voice_how", sa.String(), nullable=True),
        sa.Column("voice_text", sa.String(), nullable=True),
        sa.Column("parents_agree", sa.Boolean(), nullable=True),
        sa.Column("ip_answer", sa.String(), nullable=True),
        sa.Column("ip_reason", sa.String(), nullable=True),
        sa.Column("next_evaluation_on", sa.Date(), nullable=True),
        sa.Column("changed_by", UUID, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user_account.id"], name="fk_level_change_changed_by"
        ),
        sa.ForeignKeyConstraint(["log_id"], ["stafettlogg.id"], name="fk_level_change_log_id"),
        sa.PrimaryKeyConstraint("id", name="pk_level_change"),
    )
    op.create_index("ix_level_change_log_id", "level_change", ["log_id"], unique=False)
    op.create_table(
        "member",
        sa.Column("id", UUID, nullable=False),
        sa.Column("log_id", UUID, nullable=False),
        sa.Column("child_id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("service_id", UUID, nullable=False),
        sa.Column("writes", sa.Boolean(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("invited_by", UUID, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", UUID, nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_member_child_id"),
        sa.ForeignKeyConstraint(["log_id"], ["stafettlogg.id"], name="fk_member_log_id"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_member_service_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_member_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_member"),
    )
    op.create_index("ix_member_child_id", "member", ["child_id"], unique=False)
    op.create_index("ix_member_log_id", "member", ["log_id"], unique=False)
    op.create_index(
        "uq_member_once",
        "member",
        ["log_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "plan_answer",
        sa.Column("id", UUID, nullable=False),
        sa.Column("version_id", UUID, nullable=False),
        sa.Column("guardian_id", UUID, nullable=True),
        sa.Column("approves", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("answered_by", UUID, nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user_account.id"], name="fk_plan_answer_answered_by"
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name="fk_plan_answer_guardian_id"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["plan_version.id"], name="fk_plan_answer_version_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan_answer"),
    )
    op.create_index("ix_plan_answer_version_id", "plan_answer", ["version_id"], unique=False)
    op.create_table(
        "plan_outcome",
        sa.Column("version_id", UUID, nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["plan_version.id"], name="fk_plan_outcome_version_id"
        ),
        sa.PrimaryKeyConstraint("version_id", name="pk_plan_outcome"),
    )
    op.create_table(
        "entry_version",
        sa.Column("entry_id", UUID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_entry_version_entry_id"),
        sa.PrimaryKeyConstraint("entry_id", "number", name="pk_entry_version"),
    )

    _forbid_changes()


def downgrade() -> None:
    """Drop them all, with their triggers."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION append_only()")


def _forbid_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'append only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'append only'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
