"""A small school in which every kind of record that can name a person names one: a pupil, and a member of staff."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from msgspec.structs import replace

from ejournal_core import ids
from ejournal_core.kinds import (
    AbsenceDocument,
    Attendance,
    AuditEvent,
    BackupAct,
    BackupDrive,
    Certificate,
    ClockJump,
    CredentialIssue,
    DataReport,
    Destruction,
    Epoch,
    Guardian,
    HomeworkFile,
    Lesson,
    LessonPlan,
    ListCheck,
    Mark,
    MarkColumn,
    PeriodMark,
    Person,
    PolicySetting,
    PupilFile,
    PupilRemark,
    Record,
    RegisteredAbsence,
    RoleGrant,
    SpecialGroup,
)
from ejournal_desktop.models import slices
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PersonRow
from tests.helpers.school import YEAR_START, SmallSchool, desk_of, small_school

PUPIL, CLASSMATE, STAFF = "u-04", "u-05", "p-teacher"
ADMINISTRATOR = PersonRow("p-colleague", "Петров Семён Ильич", "Петров С. И.", ("administrator",))
DAY = date(2026, 9, 8)
AT = "2026-09-08T10:30:00+03:00"


def told_school(role: str = "administrator") -> SmallSchool:
    """Return the school; `role` is what ADMINISTRATOR holds besides teaching."""
    page = ids.journal_page("s-algebra", "c-7b")
    lesson = ids.lesson(page, DAY, 3)
    column = ids.mark_column(lesson, "control", 1)
    grant = RoleGrant(id="r-tells", person_id=ADMINISTRATOR.id, role=role, since=YEAR_START)  # type: ignore[arg-type]
    return small_school(
        extra=(
            grant, *_lesson(page, lesson, column), *_office(page), *_of_staff(page), *_of_backups(),
            Destruction(id="act-1", target_kind="PupilRemark", pupil_id=PUPIL, act_number="3", act_date=DAY,
                        basis="заявление № 5", ordered_by=STAFF),
        )
    )  # fmt: skip


def _lesson(page: str, lesson: str, column: str) -> tuple[Record, ...]:
    return (
        Lesson(id=lesson, journal_page_id=page, held_on=DAY, lesson_number=3, teacher_id=STAFF, held=True,
               topic="Числовые выражения"),
        MarkColumn(id=column, lesson_id=lesson, work_kind_id="control"),
        Mark(id=ids.mark(column, PUPIL), mark_column_id=column, pupil_id=PUPIL, value="4", comment="без черновика"),
        Mark(id=ids.mark(column, CLASSMATE), mark_column_id=column, pupil_id=CLASSMATE, value="2"),
        Attendance(id=ids.attendance(lesson, PUPIL), lesson_id=lesson, pupil_id=PUPIL, presence="late", late_minutes=7),
        PupilRemark(id=ids.pupil_remark(lesson, "x1"), lesson_id=lesson, pupil_id=PUPIL, remark_kind="praise",
                    text="помог соседу по парте"),
        HomeworkFile(id=ids.homework_file(lesson, "f1"), lesson_id=lesson, title="Задачи.pdf", size=10,
                     sha256="0" * 64, media_type="application/pdf"),
        PeriodMark(id=ids.period_mark(page, PUPIL, "quarter", 1), journal_page_id=page, pupil_id=PUPIL,
                   period_kind="quarter", period_number=1, value="5", justification="по контрольным"),
        SpecialGroup(id=ids.special_group(page, PUPIL), journal_page_id=page, pupil_id=PUPIL, since=DAY,
                     basis="справка 11"),
    )  # fmt: skip


def _office(page: str) -> tuple[Record, ...]:
    return (
        PupilFile(id=ids.pupil_file("c-7b", PUPIL), class_group_id="c-7b", pupil_id=PUPIL, born_on=date(2013, 4, 2),
                  file_number="П-17"),
        Guardian(id=ids.guardian("c-7b", PUPIL, "g1"), class_group_id="c-7b", pupil_id=PUPIL, last_name="Ёлкина",
                 first_name="Ольга", relation="mother", phone="+7 900 000-00-04", consent_on=DAY, consent_by="мать"),
        Guardian(id=ids.guardian("c-7b", PUPIL, "g2"), class_group_id="c-7b", pupil_id=PUPIL, last_name="Ёлкин",
                 first_name="Пётр", relation="father", phone="+7 900 000-00-05", consent_on=DAY, withdrawn_on=DAY),
        AbsenceDocument(id="doc-1", class_group_id="c-7b", pupil_id=PUPIL, reason="Б", since=date(2026, 9, 10),
                        until=date(2026, 9, 12), number="справка 14", told_by="мать по телефону"),
        RegisteredAbsence(id="reg-1", class_group_id="c-7b", pupil_id=PUPIL, reason="Б", since=date(2026, 9, 10),
                          until=date(2026, 9, 12), document_id="doc-1"),
        DataReport(id="rep-1", reporter_id=STAFF, told_on=DAY, about="pupil", class_group_id="c-7b", pupil_id=PUPIL,
                   wrong="отчество: Николаевич", should_be="Ильич", answer="fixed", answered_by=STAFF, answered_on=DAY),
        ListCheck(id="check-1", class_group_id="c-7b", checked_on=DAY, checked_by=STAFF, pupils=True, number=25),
        LessonPlan(id=ids.lesson_plan(page), journal_page_id=page, submitted_by=STAFF, given_in="a" * 64),
    )  # fmt: skip


def _of_staff(page: str) -> tuple[Record, ...]:
    return (
        Certificate(id="desk-1", subject_kind="desk", person_id=STAFF, public_key="ab" * 32, place="Учительская",
                    issued_at=AT),
        CredentialIssue(id="issue-1", person_id=STAFF, reason="first", made_on=DAY, valid_until=date(2026, 9, 22)),
        ClockJump(id="jump-1", person_id=STAFF, desk_id="desk-1", expected_at=AT, shown_at=AT),
        AuditEvent(id="event-1", person_id=STAFF, event="printed", desk_id="desk-1", detail="results-page"),
        AuditEvent(id="event-2", person_id=ADMINISTRATOR.id, event="person_report", desk_id="desk-2",
                   subject_kind="Pupil", subject=PUPIL, number=12),
        PolicySetting(id="P07", value=f'{{"rule":"roles","roles":["director"],"named":["{STAFF}"]}}', basis="приказ 4"),
    )  # fmt: skip


def _of_backups() -> tuple[Record, ...]:
    name = "учитель, Иванова Мария Петровна"
    return (
        BackupDrive(id="drive-1", school_id="school-1", label="Копия 1", holder=name, room="каб. 3", since=DAY),
        BackupAct(id="bact-1", school_id="school-1", what="custody", drive_id="drive-1", acted_on=DAY, gives=name,
                  takes="директор, Громова Вера Павловна"),
        Epoch(id=ids.epoch(2), backup_size=10, backup_root="0" * 64, reason="диск сервера", first_person=name,
              second_person="Громова Вера Павловна", opened_at=AT),
    )  # fmt: skip


def told_desk(folder: Path, role: str = "administrator", held: tuple[str, ...] = ()) -> Journal:
    """Return the desk of ADMINISTRATOR, which holds the slices `held`."""
    journal = desk_of(told_school(role), ADMINISTRATOR.id, folder)
    with journal.receiving() as connection:
        slices.hold(connection, held, 1)
    return journal


#: What lies on no desk of an administrator who teaches nobody.
UNSEEN = frozenset({"Mark", "MarkColumn", "PeriodMark", "Attendance", "PupilRemark", "HomeworkFile", "SpecialGroup",
                    "Lesson", "LessonPlan", "AbsenceDocument", "RegisteredAbsence", "ListCheck"})  # fmt: skip


def office_desk(folder: Path) -> Journal:
    """Return the desk of ADMINISTRATOR with what such a desk holds: the office's records and no page of the journal."""
    school = told_school()
    seen = replace(school, records=tuple(each for each in school.records if type(each).__name__ not in UNSEEN))
    journal = desk_of(seen, ADMINISTRATOR.id, folder)
    with journal.receiving() as connection:
        slices.hold(connection, ("directory", "office:c-7b", "drives:school-1"), 1)
        people = (each.id for each in school.records if isinstance(each, Person))
        slices.hold(connection, tuple(f"{place}:{each}" for each in people for place in ("reports", "events")), 1)
    return journal
