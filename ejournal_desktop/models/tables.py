"""The school's tables, one per kind of `ejournal_core.kinds`, and the desk's own: history, outbox, shadow and the like.

Columns hold plain values as they travel: dates and decimals as text. `author` and `entered_at` tell who entered the
present values and when (wall clock of that desk). `log_number` is the number of the school's log up to which a row is
complete (NULL: nobody but this desk knows the record; -1: a record that never came to be). `extra` keeps fields of a
newer version. Foreign keys are checked at commit, because a page of the log may name children first.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Integer, Table, Text

from ejournal_core.kinds import KINDS

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
}
metadata = sa.MetaData(naming_convention=NAMING)

#: Value of `log_number` for a record that never came to be: its birth was refused, but other rows still name it.
NEVER_BORN = -1


def table_name(kind: str) -> str:
    """Return the table of a kind: "MarkColumn" → "mark_column"."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()


def _text(name: str, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def _maybe(name: str) -> Column[str]:
    return Column(name, Text)


def _number(name: str, default: int | None = None) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=None if default is None else sa.text(str(default)))


def _flag(name: str, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=sa.text(str(int(default))))


def _ref(name: str, kind: str, nullable: bool = False) -> Column[str]:
    target = sa.ForeignKey(f"{table_name(kind)}.id", deferrable=True, initially="DEFERRED")
    return Column(name, Text, target, nullable=nullable)


#: Columns of a kind's table that are not fields of the kind.
OWN_COLUMNS = ("id", "author", "entered_at", "log_number", "extra")


def _kind(kind: str, *columns: Column[Any] | sa.Index) -> Table:
    return Table(
        table_name(kind),
        metadata,
        Column("id", Text, primary_key=True),
        _flag("voided"),
        *columns,
        Column("author", Text),
        Column("entered_at", Text),
        Column("log_number", Integer),
        Column("extra", sa.JSON(none_as_null=True)),
        sqlite_with_rowid=False,  # derived ids stand in order: the rows of a page lie side by side
    )


# --- the school and its year ---------------------------------------------------------------------------------------

_kind("School", _text("full_name"), _text("short_name"), _text("place", ""), _text("founder", ""))
_kind("SchoolYear", _text("title"), _text("starts_on"), _text("ends_on"))
_kind(
    "GradingPeriod",
    _ref("school_year_id", "SchoolYear"),
    _text("kind"),
    _number("number"),
    _text("starts_on"),
    _text("ends_on"),
)
_kind(
    "CalendarDay",
    _ref("school_year_id", "SchoolYear"),
    _text("kind"),
    _text("starts_on"),
    _text("ends_on"),
    _text("title"),
)
_kind(
    "BellSlot",
    _number("weekday"),
    _number("lesson_number"),
    _text("starts_at"),
    _text("ends_at"),
    _maybe("day"),
)
_kind("PolicySetting", _text("value"), _text("basis", ""))

# --- people --------------------------------------------------------------------------------------------------------

_kind(
    "Person",
    _text("last_name"),
    _text("first_name"),
    _text("patronymic", ""),
    _text("position", ""),
    _text("sex", ""),
)
_kind(
    "ClassGroup",
    _ref("school_year_id", "SchoolYear"),
    _number("grade_level"),
    _text("letter", ""),
    _text("period_scheme", "quarter"),
    _number("shift", 1),
)
_kind(
    "RoleGrant",
    _ref("person_id", "Person"),
    _text("role"),
    _ref("class_group_id", "ClassGroup", nullable=True),
    _text("since"),
    _maybe("until"),
    sa.Index(None, "person_id"),
)
_kind(
    "Pupil",
    _text("last_name"),
    _text("first_name"),
    _text("patronymic", ""),
    _text("sex", ""),
)
_kind(
    "PupilFile",
    _ref("class_group_id", "ClassGroup"),
    _ref("pupil_id", "Pupil"),
    _maybe("born_on"),
    _text("file_number", ""),
    sa.Index(None, "class_group_id"),
)
_kind(
    "Guardian",
    _ref("class_group_id", "ClassGroup"),
    _ref("pupil_id", "Pupil"),
    _text("last_name", ""),
    _text("first_name", ""),
    _text("patronymic", ""),
    _text("relation", ""),
    _text("phone", ""),
    _text("email", ""),
    _text("home_address", ""),
    _maybe("consent_on"),
    _text("consent_by", ""),
    _maybe("withdrawn_on"),
    sa.Index(None, "class_group_id"),
    sa.Index(None, "pupil_id"),
)
_kind(
    "Enrolment",
    _ref("pupil_id", "Pupil"),
    _ref("class_group_id", "ClassGroup"),
    _text("since"),
    _maybe("until"),
    _text("arrival_order", ""),
    _text("departure_order", ""),
    _number("position", 0),
    sa.Index(None, "class_group_id"),
    sa.Index(None, "pupil_id"),
)
_kind("Subgroup", _ref("class_group_id", "ClassGroup"), _text("title"))
_kind(
    "SubgroupMember",
    _ref("subgroup_id", "Subgroup"),
    _ref("pupil_id", "Pupil"),
    _text("since"),
    _maybe("until"),
    sa.Index(None, "subgroup_id"),
)

# --- subjects, pages, loads ----------------------------------------------------------------------------------------

_kind("Subject", _text("title"), _text("short_title", ""), _number("position", 0), _flag("attested", default=True))
_kind(
    "JournalPage",
    _ref("subject_id", "Subject"),
    _ref("class_group_id", "ClassGroup"),
    _ref("subgroup_id", "Subgroup", nullable=True),
    sa.Index(None, "class_group_id"),
)
_kind(
    "TeachingLoad",
    _ref("journal_page_id", "JournalPage"),
    _ref("person_id", "Person"),
    _text("since"),
    _maybe("until"),
    _text("weekly_hours", "0"),
    sa.Index(None, "journal_page_id"),
    sa.Index(None, "person_id"),
)
_kind(
    "TimetableSlot",
    _ref("journal_page_id", "JournalPage"),
    _number("weekday"),
    _number("lesson_number"),
    _text("room", ""),
    _text("since"),
    _maybe("until"),
    sa.Index(None, "journal_page_id"),
)
_kind(
    "WorkKind",
    _text("code"),
    _text("title"),
    _text("weight", "1"),
    _flag("whole_class"),
    _flag("written"),
    _number("position", 0),
)

_kind(
    "CurriculumHours",
    _ref("subject_id", "Subject"),
    _ref("class_group_id", "ClassGroup"),
    _number("hours"),
    sa.Index(None, "class_group_id"),
)

# --- lesson plans --------------------------------------------------------------------------------------------------

_kind(
    "LessonPlan",
    _ref("journal_page_id", "JournalPage"),
    _maybe("submitted_by"),
    _text("given_in", ""),
    _maybe("returned_by"),
    _text("returned_why", ""),
    _maybe("approved_by"),
    _maybe("approved_on"),
    _text("content", ""),
    _number("hours", 0),
    sa.Index(None, "journal_page_id"),
)
_kind(
    "PlannedLesson",
    _ref("journal_page_id", "JournalPage"),
    _number("position"),
    _text("topic"),
    _text("section", ""),
    _number("hours", 1),
    _maybe("planned_on"),
    _text("homework", ""),
    _text("control", ""),
    sa.Index(None, "journal_page_id"),
)

# --- the journal itself --------------------------------------------------------------------------------------------

_kind(
    "Lesson",
    _ref("journal_page_id", "JournalPage"),
    _text("held_on"),
    _number("lesson_number"),
    _ref("teacher_id", "Person", nullable=True),
    _flag("held"),
    _text("topic", ""),
    _text("homework", ""),
    _text("late_reason", ""),
    _text("cancelled", ""),
    sa.Index(None, "journal_page_id", "held_on"),
    sa.Index(None, "held_on"),
    sa.Index(None, "teacher_id", sqlite_where=sa.text("teacher_id IS NOT NULL")),
)
_kind(
    "HomeworkFile",
    _ref("lesson_id", "Lesson"),
    _text("title"),
    _number("size"),
    _text("sha256"),
    _text("media_type"),
    _flag("stored"),
    sa.Index(None, "lesson_id"),
)
_kind(
    "MarkColumn",
    _ref("lesson_id", "Lesson"),
    _ref("work_kind_id", "WorkKind"),
    _number("ordinal", 1),
    _text("title", ""),
    _maybe("weight"),
    sa.Index(None, "lesson_id"),
)
_kind(
    "Mark",
    _ref("mark_column_id", "MarkColumn"),
    _ref("pupil_id", "Pupil"),
    _maybe("value"),
    _text("comment", ""),
    _text("document", ""),
    sa.Index(None, "mark_column_id"),
)
_kind(
    "AbsenceDocument",
    _ref("class_group_id", "ClassGroup"),
    _ref("pupil_id", "Pupil"),
    _text("reason"),
    _text("since"),
    _text("until"),
    _text("number", ""),
    _text("told_by", ""),
    sa.Index(None, "class_group_id"),
    sa.Index(None, "pupil_id"),
)
_kind(
    "RegisteredAbsence",
    _ref("class_group_id", "ClassGroup"),
    _ref("pupil_id", "Pupil"),
    _text("reason"),
    _text("since"),
    _text("until"),
    Column("first_lesson", Integer),
    Column("last_lesson", Integer),
    _maybe("document_id"),  # no foreign key: the document is out of sight for who teaches the class
    sa.Index(None, "class_group_id"),
    sa.Index(None, "pupil_id"),
)
_kind(
    "Attendance",
    _ref("lesson_id", "Lesson"),
    _ref("pupil_id", "Pupil"),
    _text("presence", "present"),
    Column("late_minutes", Integer),
    _text("reason", ""),
    _maybe("document_id"),  # no foreign key: the document may be out of sight, or destroyed by law
    sa.Index(None, "lesson_id"),
)
_kind(
    "PeriodMark",
    _ref("journal_page_id", "JournalPage"),
    _ref("pupil_id", "Pupil"),
    _text("period_kind"),
    _number("period_number"),
    _maybe("value"),
    _text("justification", ""),
    _text("document", ""),
    sa.Index(None, "journal_page_id"),
)
_kind(
    "PageCompletion",
    _ref("journal_page_id", "JournalPage"),
    _text("period_kind"),
    _number("period_number"),
    _flag("complete"),
    _maybe("received_on"),
    _text("received_at", ""),
    sa.Index(None, "journal_page_id"),
)
_kind(
    "PupilRemark",
    _ref("lesson_id", "Lesson"),
    _ref("pupil_id", "Pupil"),
    _text("remark_kind"),
    _text("text"),
    sa.Index(None, "lesson_id"),
)
_kind(
    "SpecialGroup",
    _ref("journal_page_id", "JournalPage"),
    _ref("pupil_id", "Pupil"),
    _maybe("since"),
    _maybe("until"),
    _text("basis", ""),
    sa.Index(None, "journal_page_id"),
)
_kind(
    "DataReport",
    _text("reporter_id"),
    _text("told_on"),
    _text("about"),
    _ref("class_group_id", "ClassGroup"),
    _ref("pupil_id", "Pupil", nullable=True),
    _text("wrong"),
    _text("should_be", ""),
    _text("source", "self"),
    _text("answer", ""),
    _text("answer_reason", ""),
    _maybe("answered_by"),
    _maybe("answered_on"),
    sa.Index(None, "reporter_id"),
)
_kind(
    "ListCheck",
    _ref("class_group_id", "ClassGroup"),
    _text("checked_on"),
    _text("checked_by"),
    _flag("pupils"),
    _flag("families"),
    _number("number", 0),
    sa.Index(None, "class_group_id"),
)
_kind(
    "PeriodClosing",
    _ref("class_group_id", "ClassGroup"),
    _ref("grading_period_id", "GradingPeriod"),
    _flag("closed"),
    sa.Index(None, "class_group_id"),
)

# --- paper and trust -----------------------------------------------------------------------------------------------

_kind(
    "IssuedDocument",
    _text("form"),
    _text("title"),
    _ref("class_group_id", "ClassGroup", nullable=True),
    _maybe("period_kind"),
    Column("period_number", Integer),
    _text("data_sha256"),
    _text("file_sha256"),
    _text("issued_at"),
    _number("file_size", 0),
    _flag("stored"),
)
_kind(
    "Destruction",
    _text("target_kind"),
    _text("target_record", ""),
    _maybe("pupil_id"),
    _text("act_number"),
    _text("act_date"),
    _text("basis"),
    _text("ordered_by"),
    _maybe("confirmed_by"),
    _text("backup_upto", ""),
)
_kind(
    "BackupDrive",
    _text("school_id"),
    _text("label"),
    _text("serial", ""),
    _text("holder", ""),
    _text("room", ""),
    _text("since"),
    _text("standing", "used"),
    _text("generation", ""),
    _text("proved_at", ""),
    _number("held", 0),
    _number("free_mib", 0),
    _text("sheet", ""),
)
_kind(
    "BackupAct",
    _text("school_id"),
    _text("what"),
    _text("drive_id", ""),
    _text("acted_on"),
    _text("number", ""),
    _text("gives", ""),
    _text("takes", ""),
    _text("room", ""),
    _text("reason", ""),
    _text("sheet", ""),
)
_kind(
    "Certificate",
    _text("subject_kind"),
    _ref("person_id", "Person"),
    _text("workstation", ""),
    _text("public_key"),
    _text("algorithm", "ed25519"),
    _text("place", ""),
    _text("issued_at", ""),
    _flag("after_reset"),
    _text("confirmed", ""),
    Column("trusted_n", Integer),
)

_kind(
    "CredentialIssue",
    _ref("person_id", "Person"),
    _text("reason"),
    _text("made_on"),
    _text("valid_until"),
    _text("given_by", ""),
    _text("second_id", ""),
    _maybe("handed_on"),
    sa.Index(None, "person_id"),
)

_kind(
    "Epoch",
    _number("backup_size"),
    _text("backup_root"),
    _text("generation", ""),
    _text("reason"),
    _text("first_person"),
    _text("second_person"),
    _text("opened_at"),
)

_kind("ClockJump", _ref("person_id", "Person"), _text("desk_id"), _text("expected_at"), _text("shown_at"))
_kind(
    "AuditEvent",
    _text("person_id"),  # no foreign key: the server's own are nobody's
    _text("event"),
    _text("by", ""),
    _text("desk_id", ""),
    _text("workstation", ""),
    _text("subject_kind", ""),
    _text("subject", ""),
    _text("result", "done"),
    _number("number", 0),
    _text("detail", ""),
    sa.Index(None, "person_id"),
)

#: The table of each kind, parents before children as in KINDS.
TABLES: dict[str, Table] = {kind: metadata.tables[table_name(kind)] for kind in KINDS}

# --- the desk's own ------------------------------------------------------------------------------------------------

#: Every change this desk knows, its own and others', in the canonical JSON it travelled in. `outcome` is NULL while an
#: own change waits for its verdict.
history = Table(
    "history",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("change_id", Text, nullable=False, unique=True),
    _text("kind"),
    _text("record"),
    _text("author"),
    _text("desk"),
    _number("n"),
    _text("at"),
    _text("body"),
    _text("prev"),
    Column("log_number", Integer),
    _maybe("outcome"),
    _text("reason", ""),
    _maybe("judged_at"),
    Column("batch", Integer),  # the row of `batch`; NULL for own changes, which this desk signs itself
    Column("position", Integer),
    Column("path", sa.LargeBinary),  # to the batch's root, hashes side by side; NULL where `batch` has them all
    sa.Index(None, "kind", "record", "at"),
    sa.Index(None, "desk", "n"),
    sa.Index(None, "judged_at"),
)

#: Signed heads of the batches that changes came in (JSON): with them an author's signature stays provable. `hashes`
#: holds all change hashes of a batch that came as a whole; lines of another bring their paths.
batch = Table(
    "batch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("root", Text, nullable=False, unique=True),
    _text("head"),
    Column("hashes", sa.LargeBinary),
)

#: The server's signed answers to own batches, compressed as they travel: nobody can deny or rewrite acceptance.
receipt = Table(
    "receipt",
    metadata,
    Column("root", Text, primary_key=True),
    _number("first"),
    _number("last"),
    Column("body", sa.LargeBinary, nullable=False),
    sa.Index(None, "first"),
    sqlite_with_rowid=False,
)

#: Signed tree heads that this desk has seen and found true: all of the last days, before that one a day. `lost` heads
#: lie beyond the backup from which the school was restored; they stay as evidence.
tree_head = Table(
    "tree_head",
    metadata,
    Column("hash", Text, primary_key=True),
    _number("size"),
    _number("epoch"),
    _text("at"),
    _text("body"),
    _flag("lost"),
    sa.Index(None, "size"),
    sqlite_with_rowid=False,
)

#: What others entered beyond a backup from which the school was restored: whole batches as bodies of a push, to be
#: brought again; of others the changes that this desk saw, as evidence. `number` is where they stood in the log; own
#: changes up to counter `after_own` stood before them.
beyond = Table(
    "beyond",
    metadata,
    Column("root", Text, primary_key=True),
    _text("desk"),
    _number("number"),
    _number("after_own"),
    _flag("whole"),
    Column("body", sa.LargeBinary, nullable=False),
)

#: Own changes without a verified receipt, in order of n; their text is in `history`.
outbox = Table(
    "outbox",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("change_id", Text, sa.ForeignKey("history.change_id"), nullable=False),
    _text("kind"),
    _text("record"),
    sa.Index(None, "kind", "record"),
)

#: What the server last said of a record that has own changes the pull has not brought back yet; `fields` NULL: unborn.
shadow = Table(
    "shadow",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("record", Text, primary_key=True),
    Column("fields", sa.JSON(none_as_null=True)),
    Column("author", Text),
    Column("entered_at", Text),
    Column("log_number", Integer),
    sqlite_with_rowid=False,
)

#: Disputed changes. The wanted value is in `history`; the standing one is the record's row. Open while `resolved_by`
#: is NULL.
dispute = Table(
    "dispute",
    metadata,
    Column("change_id", Text, primary_key=True),
    _text("kind"),
    _text("record"),
    _text("author"),
    _maybe("standing_change_id"),
    _maybe("resolved_by"),
    sa.Index(None, "kind", "record"),
)

#: Changes that wait for another person's decision: one's own, and others' as far as they may be seen; their text is in
#: `history`. Open while `decided_by` (id of the deciding change) is NULL; `decided` is "approved" or "refused".
request = Table(
    "request",
    metadata,
    Column("change_id", Text, primary_key=True),
    _text("kind"),
    _text("record"),
    _text("author"),
    _text("reason"),
    _maybe("decided_by"),
    _text("decided", ""),
    sa.Index(None, "kind", "record"),
)

#: Records that hold a change which only a newer program can apply: to be looked at, not to be edited, until
#: a snapshot taken by a program that can read it brings them whole.
ahead = Table(
    "ahead",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("record", Text, primary_key=True),
    sqlite_with_rowid=False,
)

#: This person's changes that did not become official: pending, refused, quarantined. Kept visible until they are
#: corrected, approved or put aside by the person (`seen`).
held_back = Table(
    "held_back",
    metadata,
    Column("change_id", Text, primary_key=True),
    _text("kind"),
    _text("record"),
    _text("outcome"),
    _text("reason", ""),
    _text("sentence", ""),
    _flag("seen"),
    sa.Index(None, "kind", "record"),
)

#: What the person likes to see at this desk.
preference = Table("preference", metadata, Column("name", Text, primary_key=True), _text("value", ""))

#: Files that a record names by SHA-256, whole or on their way; the bytes are in `blob_part`, encrypted as all else.
blob = Table(
    "blob",
    metadata,
    Column("sha256", Text, primary_key=True),
    _number("size"),
    _number("received", 0),  # bytes that this desk holds, from the beginning
    _number("sent", 0),  # bytes that the server is known to hold
    _flag("outgoing"),  # this desk brings it to the server
    _flag("wanted"),  # this desk fetches it
    _text("problem", ""),  # code of why it does not go on
    _text("used_at", ""),
    sqlite_with_rowid=False,
)
blob_part = Table(
    "blob_part",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("at", Integer, primary_key=True),  # offset of its first byte
    Column("content", sa.LargeBinary, nullable=False),
)

#: The slices on this disk: at which number each was loaded, whether it has to leave as soon as nothing of it is unsent,
#: and how its content stands to its history: "" (not known yet), "loading", "proved" or "differs".
held_slice = Table(
    "held_slice",
    metadata,
    Column("name", Text, primary_key=True),
    _number("number"),
    _flag("leaving"),
    _text("proof", ""),
    sqlite_with_rowid=False,
)

#: Where this desk stands with the server: cursor, heads, scope, last contact; one JSON value a key.
sync_state = Table("sync_state", metadata, Column("key", Text, primary_key=True), Column("value", sa.JSON))

#: Who this file belongs to: one row. `next_n` and `last_hash` continue the desk's chain of changes.
desk = Table(
    "desk",
    metadata,
    Column("id", Text, primary_key=True),
    _text("person_id"),
    _text("person_name"),
    _text("school", ""),
    _text("signing_key"),
    _number("next_n", 1),
    _text("last_hash", ""),
)
