"""The first journal: every kind of record and the desk's own tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_first_journal"
down_revision = None


def upgrade() -> None:
    """Make the tables of version 0.1."""

    op.create_table(
        "bell_slot",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("lesson_number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bell_slot")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "desk",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("school", sa.Text(), server_default="", nullable=False),
        sa.Column("signing_key", sa.Text(), nullable=False),
        sa.Column("next_n", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("last_hash", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk")),
    )
    op.create_table(
        "dispute",
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("standing_change_id", sa.Text(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_dispute")),
    )
    op.create_index(op.f("ix_dispute_kind_record"), "dispute", ["kind", "record"], unique=False)
    op.create_table(
        "ahead",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record", name=op.f("pk_ahead")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "request",
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_request")),
    )
    op.create_index(op.f("ix_request_kind_record"), "request", ["kind", "record"], unique=False)
    op.create_table(
        "held_back",
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("sentence", sa.Text(), server_default="", nullable=False),
        sa.Column("seen", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_held_back")),
    )
    op.create_index(op.f("ix_held_back_kind_record"), "held_back", ["kind", "record"], unique=False)
    op.create_table(
        "history",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev", sa.Text(), nullable=False),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("judged_at", sa.Text(), nullable=True),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("path", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_history")),
        sa.UniqueConstraint("change_id", name=op.f("uq_history_change_id")),
    )
    op.create_index(op.f("ix_history_desk_n"), "history", ["desk", "n"], unique=False)
    op.create_index(op.f("ix_history_judged_at"), "history", ["judged_at"], unique=False)
    op.create_index(op.f("ix_history_kind_record_at"), "history", ["kind", "record", "at"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("patronymic", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Text(), server_default="", nullable=False),
        sa.Column("sex", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "policy_setting",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_setting")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pupil",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("patronymic", sa.Text(), server_default="", nullable=False),
        sa.Column("sex", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "school",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("founder", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "school_year",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_year")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shadow",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "record", name=op.f("pk_shadow")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subject",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("short_title", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attested", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sync_state",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sync_state")),
    )
    op.create_table(
        "work_kind",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("weight", sa.Text(), server_default="1", nullable=False),
        sa.Column("whole_class", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("written", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_kind")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pupil_file",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("class_group_id", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Text(), nullable=False),
        sa.Column("born_on", sa.Text(), nullable=True),
        sa.Column("file_number", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
            name=op.f("fk_pupil_file_class_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_pupil_file_pupil_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil_file")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_pupil_file_class_group_id"), "pupil_file", ["class_group_id"], unique=False)
    op.create_table(
        "guardian",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("class_group_id", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), server_default="", nullable=False),
        sa.Column("first_name", sa.Text(), server_default="", nullable=False),
        sa.Column("patronymic", sa.Text(), server_default="", nullable=False),
        sa.Column("relation", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("home_address", sa.Text(), server_default="", nullable=False),
        sa.Column("consent_on", sa.Text(), nullable=True),
        sa.Column("consent_by", sa.Text(), server_default="", nullable=False),
        sa.Column("withdrawn_on", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
            name=op.f("fk_guardian_class_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_guardian_pupil_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_guardian_class_group_id"), "guardian", ["class_group_id"], unique=False)
    op.create_index(op.f("ix_guardian_pupil_id"), "guardian", ["pupil_id"], unique=False)
    op.create_table(
        "absence_document",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("class_group_id", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("told_by", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
            name=op.f("fk_absence_document_class_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_absence_document_pupil_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_document")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_absence_document_class_group_id"), "absence_document", ["class_group_id"], unique=False)
    op.create_index(op.f("ix_absence_document_pupil_id"), "absence_document", ["pupil_id"], unique=False)
    op.create_table(
        "registered_absence",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("class_group_id", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.Column("first_lesson", sa.Integer(), nullable=True),
        sa.Column("last_lesson", sa.Integer(), nullable=True),
        sa.Column("document_id", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
            name=op.f("fk_registered_absence_class_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"],
            ["pupil.id"],
            name=op.f("fk_registered_absence_pupil_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registered_absence")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_registered_absence_class_group_id"), "registered_absence", ["class_group_id"], unique=False
    )
    op.create_index(op.f("ix_registered_absence_pupil_id"), "registered_absence", ["pupil_id"], unique=False)
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("school_year_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_year_id"],
            ["school_year.id"],
            name=op.f("fk_calendar_day_school_year_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("workstation", sa.Text(), server_default="", nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), server_default="ed25519", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("issued_at", sa.Text(), server_default="", nullable=False),
        sa.Column("after_reset", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("confirmed", sa.Text(), server_default="", nullable=False),
        sa.Column("trusted_n", sa.Integer(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_certificate_person_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "clock_jump",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("desk_id", sa.Text(), nullable=False),
        sa.Column("expected_at", sa.Text(), nullable=False),
        sa.Column("shown_at", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_clock_jump_person_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_jump")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "class_group",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("school_year_id", sa.Text(), nullable=False),
        sa.Column("grade_level", sa.Integer(), nullable=False),
        sa.Column("letter", sa.Text(), server_default="", nullable=False),
        sa.Column("period_scheme", sa.Text(), server_default="quarter", nullable=False),
        sa.Column("shift", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_year_id"],
            ["school_year.id"],
            name=op.f("fk_class_group_school_year_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_group")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "grading_period",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("school_year_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_year_id"],
            ["school_year.id"],
            name=op.f("fk_grading_period_school_year_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading_period")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "held_slice",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("leaving", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("proof", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_held_slice")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["history.change_id"], name=op.f("fk_outbox_change_id")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_kind_record"), "outbox", ["kind", "record"], unique=False)
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("pupil_id", sa.Text(), nullable=False),
        sa.Column("class_group_id", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("arrival_order", sa.Text(), server_default="", nullable=False),
        sa.Column("departure_order", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
            name=op.f("fk_enrolment_class_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_enrolment_pupil_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_enrolment_class_group_id"), "enrolment", ["class_group_id"], unique=False)
    op.create_index(op.f("ix_enrolment_pupil_id"), "enrolment", ["pupil_id"], unique=False)
    op.create_table(
        "issued_document",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("class_group_id", sa.Text(), nullable=True),
        sa.Column("period_kind", sa.Text(), nullable=True),
        sa.Column("period_number", sa.Integer(), nullable=True),
        sa.Column("data_sha256", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.Text(), nullable=False),
        sa.Column("file_size", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("stored", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
            name=op.f("fk_issued_document_class_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_document")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "period_closing",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("class_group_id", sa.Text(), nullable=False),
        sa.Column("grading_period_id", sa.Text(), nullable=False),
        sa.Column("closed", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
            name=op.f("fk_period_closing_class_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["grading_period_id"],
            ["grading_period.id"],
            name=op.f("fk_period_closing_grading_period_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_closing")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_period_closing_class_group_id"), "period_closing", ["class_group_id"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("class_group_id", sa.Text(), nullable=True),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
            name=op.f("fk_role_grant_class_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_role_grant_person_id"), "role_grant", ["person_id"], unique=False)
    op.create_table(
        "subgroup",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("class_group_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
            name=op.f("fk_subgroup_class_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subgroup")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "journal_page",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("class_group_id", sa.Text(), nullable=False),
        sa.Column("subgroup_id", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
            name=op.f("fk_journal_page_class_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["subgroup_id"],
            ["subgroup.id"],
            name=op.f("fk_journal_page_subgroup_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
            name=op.f("fk_journal_page_subject_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_page")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_journal_page_class_group_id"), "journal_page", ["class_group_id"], unique=False)
    op.create_table(
        "subgroup_member",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("subgroup_id", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_subgroup_member_pupil_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["subgroup_id"],
            ["subgroup.id"],
            name=op.f("fk_subgroup_member_subgroup_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subgroup_member")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_subgroup_member_subgroup_id"), "subgroup_member", ["subgroup_id"], unique=False)
    op.create_table(
        "lesson",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("journal_page_id", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Text(), nullable=False),
        sa.Column("lesson_number", sa.Integer(), nullable=False),
        sa.Column("teacher_id", sa.Text(), nullable=True),
        sa.Column("held", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("topic", sa.Text(), server_default="", nullable=False),
        sa.Column("homework", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["journal_page_id"],
            ["journal_page.id"],
            name=op.f("fk_lesson_journal_page_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["person.id"], name=op.f("fk_lesson_teacher_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_lesson_held_on"), "lesson", ["held_on"], unique=False)
    op.create_index(op.f("ix_lesson_journal_page_id_held_on"), "lesson", ["journal_page_id", "held_on"], unique=False)
    op.create_index(
        op.f("ix_lesson_teacher_id"), "lesson", ["teacher_id"], unique=False,
        sqlite_where=sa.text("teacher_id IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "page_completion",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("journal_page_id", sa.Text(), nullable=False),
        sa.Column("period_kind", sa.Text(), nullable=False),
        sa.Column("period_number", sa.Integer(), nullable=False),
        sa.Column("complete", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["journal_page_id"],
            ["journal_page.id"],
            name=op.f("fk_page_completion_journal_page_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_completion")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_page_completion_journal_page_id"), "page_completion", ["journal_page_id"], unique=False)
    op.create_table(
        "period_mark",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("journal_page_id", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Text(), nullable=False),
        sa.Column("period_kind", sa.Text(), nullable=False),
        sa.Column("period_number", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("justification", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["journal_page_id"],
            ["journal_page.id"],
            name=op.f("fk_period_mark_journal_page_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_period_mark_pupil_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_mark")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_period_mark_journal_page_id"), "period_mark", ["journal_page_id"], unique=False)
    op.create_table(
        "curriculum_hours",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("class_group_id", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
            name=op.f("fk_curriculum_hours_subject_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["class_group_id"],
            ["class_group.id"],
            name=op.f("fk_curriculum_hours_class_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curriculum_hours")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_curriculum_hours_class_group_id"), "curriculum_hours", ["class_group_id"], unique=False)
    op.create_table(
        "lesson_plan",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("journal_page_id", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("given_in", sa.Text(), server_default="", nullable=False),
        sa.Column("returned_by", sa.Text(), nullable=True),
        sa.Column("returned_why", sa.Text(), server_default="", nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_on", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), server_default="", nullable=False),
        sa.Column("hours", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["journal_page_id"],
            ["journal_page.id"],
            name=op.f("fk_lesson_plan_journal_page_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_plan")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_lesson_plan_journal_page_id"), "lesson_plan", ["journal_page_id"], unique=False)
    op.create_table(
        "planned_lesson",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("journal_page_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), server_default="", nullable=False),
        sa.Column("hours", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("planned_on", sa.Text(), nullable=True),
        sa.Column("homework", sa.Text(), server_default="", nullable=False),
        sa.Column("control", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["journal_page_id"],
            ["journal_page.id"],
            name=op.f("fk_planned_lesson_journal_page_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_lesson")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_planned_lesson_journal_page_id"), "planned_lesson", ["journal_page_id"], unique=False)
    op.create_table(
        "teaching_load",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("journal_page_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("weekly_hours", sa.Text(), server_default="0", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["journal_page_id"],
            ["journal_page.id"],
            name=op.f("fk_teaching_load_journal_page_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_teaching_load_person_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_load")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_teaching_load_journal_page_id"), "teaching_load", ["journal_page_id"], unique=False)
    op.create_index(op.f("ix_teaching_load_person_id"), "teaching_load", ["person_id"], unique=False)
    op.create_table(
        "timetable_slot",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("journal_page_id", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("lesson_number", sa.Integer(), nullable=False),
        sa.Column("room", sa.Text(), server_default="", nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["journal_page_id"],
            ["journal_page.id"],
            name=op.f("fk_timetable_slot_journal_page_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable_slot")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_timetable_slot_journal_page_id"), "timetable_slot", ["journal_page_id"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("lesson_id", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Text(), nullable=False),
        sa.Column("presence", sa.Text(), server_default="present", nullable=False),
        sa.Column("late_minutes", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("document_id", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_attendance_lesson_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_attendance_pupil_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_attendance_lesson_id"), "attendance", ["lesson_id"], unique=False)
    op.create_table(
        "mark_column",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("lesson_id", sa.Text(), nullable=False),
        sa.Column("work_kind_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("weight", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_mark_column_lesson_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["work_kind_id"],
            ["work_kind.id"],
            name=op.f("fk_mark_column_work_kind_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark_column")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_mark_column_lesson_id"), "mark_column", ["lesson_id"], unique=False)
    op.create_table(
        "mark",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("mark_column_id", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["mark_column_id"],
            ["mark_column.id"],
            name=op.f("fk_mark_mark_column_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_mark_pupil_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_mark_mark_column_id"), "mark", ["mark_column_id"], unique=False)
    op.create_table(
        "homework_file",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("lesson_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("stored", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_homework_file_lesson_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_homework_file")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_homework_file_lesson_id"), "homework_file", ["lesson_id"], unique=False)
    op.create_table(
        "pupil_remark",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("lesson_id", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Text(), nullable=False),
        sa.Column("remark_kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["lesson_id"],
            ["lesson.id"],
            name=op.f("fk_pupil_remark_lesson_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"],
            ["pupil.id"],
            name=op.f("fk_pupil_remark_pupil_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil_remark")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_pupil_remark_lesson_id"), "pupil_remark", ["lesson_id"], unique=False)
    op.create_table(
        "special_group",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("journal_page_id", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=True),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["journal_page_id"],
            ["journal_page.id"],
            name=op.f("fk_special_group_journal_page_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"],
            ["pupil.id"],
            name=op.f("fk_special_group_pupil_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_group")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_special_group_journal_page_id"), "special_group", ["journal_page_id"], unique=False)
    op.create_table(
        "preference",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_preference")),
    )
    op.create_table(
        "epoch",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("backup_size", sa.Integer(), nullable=False),
        sa.Column("backup_root", sa.Text(), nullable=False),
        sa.Column("generation", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_person", sa.Text(), nullable=False),
        sa.Column("second_person", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epoch")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("root", name=op.f("uq_batch_root")),
    )
    op.create_table(
        "beyond",
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after_own", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("root", name=op.f("pk_beyond")),
    )
    op.create_table(
        "receipt",
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("root", name=op.f("pk_receipt")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_receipt_first"), "receipt", ["first"], unique=False)
    op.create_table(
        "tree_head",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("lost", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tree_head")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_tree_head_size"), "tree_head", ["size"], unique=False)
    op.create_table(
        "destruction",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target_record", sa.Text(), server_default="", nullable=False),
        sa.Column("pupil_id", sa.Text(), nullable=True),
        sa.Column("act_number", sa.Text(), nullable=False),
        sa.Column("act_date", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("backup_upto", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.Text(), nullable=True),
        sa.Column("log_number", sa.Integer(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "blob",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("outgoing", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("wanted", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("used_at", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "blob_part",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "at", name=op.f("pk_blob_part")),
    )
