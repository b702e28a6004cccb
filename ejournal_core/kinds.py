"""The vocabulary of a school journal: one frozen record per thing that a person can enter or look up.

Each record has an `id` and fields of plain types; `docs/glossary.md` fixes the Russian term behind each name. Records
reference each other by id. To add a field: add it here with a default, add the column in
`ejournal_desktop/models/tables.py` with a named migration; a test names what is missing.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

Presence = Literal["present", "absent", "late"]
PeriodKind = Literal["quarter", "half_year", "trimester", "year", "exam", "final"]
PeriodScheme = Literal["quarter", "half_year", "trimester"]
Role = Literal[
    "subject_teacher",
    "class_teacher",
    "deputy_director",
    "administrator",
    "timetable_dispatcher",
    "secretary",
    "personnel_officer",
    "director",
]
#: Who a guardian is to the pupil: parent, opekun or another person; "" where nobody said.
Relation = Literal["", "mother", "father", "guardian", "other"]
RemarkKind = Literal["praise", "remark", "address"]
#: What a report of wrong data speaks of, and what its office answered; "" while nobody has.
ReportedMatter = Literal["pupil", "guardian", "class", "arrival", "departure"]
ReportSource = Literal["self", "parent", "teacher", "other"]
ReportAnswer = Literal["", "fixed", "unfounded"]
DriveStanding = Literal["used", "lost", "broken", "destroyed"]
#: How an event of the audit log ended.
EventResult = Literal["done", "refused", "failed"]
DayKind = Literal["vacation", "holiday", "working_saturday", "shortened"]

#: A field's plain value: text, integer, truth value or nothing. No floats, nothing nested.
Json = str | int | bool | None
Fields = dict[str, Json]


class Record(Struct, frozen=True, kw_only=True):
    """Anything the journal holds. A voided record stays readable in history and counts nowhere."""

    id: str
    voided: bool = False


# --- the school and its year -------------------------------------------------------------------------------------


class School(Record, frozen=True, kw_only=True):
    """Образовательная организация."""

    full_name: str
    short_name: str
    place: str = ""
    founder: str = ""


class SchoolYear(Record, frozen=True, kw_only=True):
    """Учебный год, for example 2026/27."""

    title: str
    starts_on: date
    ends_on: date


class GradingPeriod(Record, frozen=True, kw_only=True):
    """Учебный период: a quarter, half-year or trimester with its study days' bounds, both inclusive."""

    school_year_id: str
    kind: PeriodKind
    number: int
    starts_on: date
    ends_on: date


class CalendarDay(Record, frozen=True, kw_only=True):
    """A stretch of days (both ends inclusive) that differs from the ordinary week."""

    school_year_id: str
    kind: DayKind
    starts_on: date
    ends_on: date
    title: str


class BellSlot(Record, frozen=True, kw_only=True):
    """One lesson of the bell schedule; times are local, "HH:MM". A day with slots of its own rings by those alone."""

    weekday: int  # 1 = Monday … 7; 0 = any day without a slot of its own
    lesson_number: int
    starts_at: str
    ends_at: str
    day: date | None = None  # a slot of this very day, whose lessons are shortened; the weekday is 0 then


class PolicySetting(Record, frozen=True, kw_only=True):
    """The school's value of one parameter of `policy.py`; the id is the parameter's code ("P06")."""

    value: str  # JSON text, decoded and validated by policy.py
    basis: str = ""  # the local regulation that the school adopted


# --- people ------------------------------------------------------------------------------------------------------


class Person(Record, frozen=True, kw_only=True):
    """A member of staff."""

    last_name: str
    first_name: str
    patronymic: str = ""
    position: str = ""
    sex: Literal["", "m", "f"] = ""


class RoleGrant(Record, frozen=True, kw_only=True):
    """A role held by a person between two dates, both inclusive; one person may hold several."""

    person_id: str
    role: Role
    class_group_id: str | None = None  # for a class teacher; for a deputy: None means the whole school
    since: date
    until: date | None = None


class Pupil(Record, frozen=True, kw_only=True):
    """Обучающийся: what everybody in the school needs to know (policy P49); the rest is in `PupilFile`."""

    last_name: str
    first_name: str
    patronymic: str = ""
    sex: Literal["", "m", "f"] = ""


class PupilFile(Record, frozen=True, kw_only=True):
    """Сведения личного дела, as the office of one class keeps them: nobody else's desk ever holds them.

    A pupil who moves to another class, or into the next year, gets a file there: what is seen never moves.
    """

    class_group_id: str
    pupil_id: str
    born_on: date | None = None
    file_number: str = ""  # № личного дела


class Guardian(Record, frozen=True, kw_only=True):
    """Законный представитель ученика, as the office of one class keeps it: nobody else's desk ever holds it.

    Attributes:
        phone, email, home_address: with consent only; what P49 forbids is not kept at all.
        consent_on, consent_by: the day of the consent and who gave it.
        withdrawn_on: the day on which it was withdrawn: contacts are shown to nobody from then on.
    """

    class_group_id: str
    pupil_id: str
    last_name: str = ""
    first_name: str = ""
    patronymic: str = ""
    relation: Relation = ""
    phone: str = ""
    email: str = ""
    home_address: str = ""
    consent_on: date | None = None
    consent_by: str = ""
    withdrawn_on: date | None = None


class DataReport(Record, frozen=True, kw_only=True):
    """Сообщение о неверных сведениях: who noticed it tells the office, which answers. Only these two ever see it.

    Attributes:
        reporter_id: who tells it, and whose it is.
        told_on: the day on which it was noticed, or told by `source`: the term of the answer (P33) begins.
        about: what is wrong: of the pupil, of a guardian, of the class; somebody came or left.
        pupil_id: None where no pupil of the class is meant, or the one who came is not in the list yet.
        wrong, should_be: what is wrong, and what it should be, in words.
        answer, answer_reason: what became of it; a reason where it was found to be right as it was.
    """

    reporter_id: str
    told_on: date
    about: ReportedMatter
    class_group_id: str
    pupil_id: str | None = None
    wrong: str
    should_be: str = ""
    source: ReportSource = "self"
    answer: ReportAnswer = ""
    answer_reason: str = ""
    answered_by: str | None = None
    answered_on: date | None = None


# --- groups, subjects, loads -------------------------------------------------------------------------------------


class ClassGroup(Record, frozen=True, kw_only=True):
    """Класс of one school year: 7 «Б»."""

    school_year_id: str
    grade_level: int
    letter: str = ""
    period_scheme: PeriodScheme = "quarter"
    shift: int = 1

    @property
    def title(self) -> str:
        """Return the class as people write it: 7 «Б»."""
        return f"{self.grade_level} «{self.letter}»" if self.letter else str(self.grade_level)


class Enrolment(Record, frozen=True, kw_only=True):
    """A pupil's time in a class group with the orders of arrival and departure; `position` is the stable list order."""

    pupil_id: str
    class_group_id: str
    since: date
    until: date | None = None  # the last day in the class
    arrival_order: str = ""
    departure_order: str = ""
    position: int = 0


class Subgroup(Record, frozen=True, kw_only=True):
    """Подгруппа: a part of a class, or drawn from several (`class_group_id`: where it is listed)."""

    class_group_id: str
    title: str


class SubgroupMember(Record, frozen=True, kw_only=True):
    """A pupil's time in a subgroup."""

    subgroup_id: str
    pupil_id: str
    since: date
    until: date | None = None


class Subject(Record, frozen=True, kw_only=True):
    """Учебный предмет."""

    title: str
    short_title: str = ""
    position: int = 0  # order of columns in the summary sheet
    attested: bool = True  # policy P41


class JournalPage(Record, frozen=True, kw_only=True):
    """Страница журнала: one subject taught to one class group or subgroup."""

    subject_id: str
    class_group_id: str
    subgroup_id: str | None = None


class TeachingLoad(Record, frozen=True, kw_only=True):
    """Нагрузка: a person teaches a page between two dates, both inclusive."""

    journal_page_id: str
    person_id: str
    since: date
    until: date | None = None
    weekly_hours: Decimal = Decimal(0)


class TimetableSlot(Record, frozen=True, kw_only=True):
    """A weekly lesson of a page."""

    journal_page_id: str
    weekday: int  # 1 = Monday
    lesson_number: int
    room: str = ""
    since: date
    until: date | None = None


class CurriculumHours(Record, frozen=True, kw_only=True):
    """Часы учебного плана: how many lessons of a subject a class has in its year."""

    subject_id: str
    class_group_id: str
    hours: int


class WorkKind(Record, frozen=True, kw_only=True):
    """Вид работы; the id is a short Latin word ("oral", "control")."""

    code: str  # as printed: "КР"
    title: str
    weight: Decimal = Decimal(1)
    whole_class: bool = False
    written: bool = False
    position: int = 0


# --- lesson plans ------------------------------------------------------------------------------------------------


class LessonPlan(Record, frozen=True, kw_only=True):
    """КТП of a journal page: who gave it in and who approved which content of it; its rows are `PlannedLesson`.

    Attributes:
        submitted_by: the teacher who gave it in for approval, None while it is being written.
        given_in: `lesson_plans.content` of the rows that were given in: what was changed since, and an approved plan
            that was changed and given in again, show by themselves.
        returned_by, returned_why: the deputy who gave it back, and why; nobody and "" once it is given in again.
        approved_by, approved_on: the deputy who approved it, and the day; None until then.
        content: `lesson_plans.content` of the rows that were approved: a later change of them shows by itself.
        hours: the sum of their hours.
    """

    journal_page_id: str
    submitted_by: str | None = None
    given_in: str = ""
    returned_by: str | None = None
    returned_why: str = ""
    approved_by: str | None = None
    approved_on: date | None = None
    content: str = ""
    hours: int = 0


class PlannedLesson(Record, frozen=True, kw_only=True):
    """Строка КТП: a topic and for how many lessons it is planned; rows stand in order of (position, id)."""

    journal_page_id: str
    position: int
    topic: str
    section: str = ""
    hours: int = 1
    planned_on: date | None = None  # of its first lesson
    homework: str = ""
    control: str = ""  # вид контроля, in the teacher's words


# --- the journal itself ------------------------------------------------------------------------------------------


class Lesson(Record, frozen=True, kw_only=True):
    """Урок. Planned date and number are frozen in the id; the real ones are fields.

    `late_reason` says why it was entered after its term, where the school allows that with a reason (P02, P03);
    `cancelled` why it does not take place, "" while it does.
    """

    journal_page_id: str
    held_on: date
    lesson_number: int
    teacher_id: str | None = None  # who actually teaches, when not the one with the load
    held: bool = False  # отметка о проведении
    topic: str = ""
    homework: str = ""
    late_reason: str = ""
    cancelled: str = ""


class HomeworkFile(Record, frozen=True, kw_only=True):
    """Файл к домашнему заданию урока: what it is called and which bytes they are; the bytes travel on their own.

    Attributes:
        title: as its teacher calls it; a text, never a path.
        size: bytes.
        sha256: of the whole file, hex.
        media_type: one of `blobs.MEDIA_TYPES`.
        stored: the server holds all its bytes and has compared them with `sha256`; written by the server alone.
    """

    lesson_id: str
    title: str
    size: int
    sha256: str
    media_type: str
    stored: bool = False


class MarkColumn(Record, frozen=True, kw_only=True):
    """Столбец отметок: one work at one lesson; its kind never changes."""

    lesson_id: str
    work_kind_id: str
    ordinal: int = 1
    title: str = ""
    weight: Decimal | None = None  # None: the weight of the kind


class Mark(Record, frozen=True, kw_only=True):
    """Отметка: "5", "5/4", "зач", "." (work debt); None when taken away.

    `document` names the paper of a hospital or another school that the mark was brought with: number, day, from where.
    """

    mark_column_id: str
    pupil_id: str
    value: str | None = None
    comment: str = ""
    document: str = ""


class Attendance(Record, frozen=True, kw_only=True):
    """Посещаемость одного урока. Presence is the teacher's fact, the reason the class teacher's."""

    lesson_id: str
    pupil_id: str
    presence: Presence = "present"
    late_minutes: int | None = None
    reason: str = ""  # absence code of policy P17 ("Б", "У"), empty while unknown
    document_id: str | None = None


class PupilRemark(Record, frozen=True, kw_only=True):
    """Похвала, замечание или обращение об ученике на уроке, in its teacher's words, who is the record's author.

    It is never rewritten: what was written about somebody else is taken back and written anew.
    """

    lesson_id: str
    pupil_id: str
    remark_kind: RemarkKind
    text: str


class SpecialGroup(Record, frozen=True, kw_only=True):
    """Специальная медицинская группа: on this page the pupil is marked on theory between two dates, both inclusive.

    It is the affair of one page (physical education), so nobody sees it who does not see that page. Without `since`
    the pupil is in no such group; `until` may be open.
    """

    journal_page_id: str
    pupil_id: str
    since: date | None = None
    until: date | None = None
    basis: str = ""  # справка, приказ


class AbsenceDocument(Record, frozen=True, kw_only=True):
    """Справка, записка, приказ: explains absences of a pupil between two dates, both inclusive.

    `class_group_id` is the class in which it was entered: its class teacher's affair, also when the pupil moves on.
    """

    class_group_id: str
    pupil_id: str
    reason: str
    since: date
    until: date
    number: str = ""
    told_by: str = ""  # кто сообщил, in the class teacher's words


class RegisteredAbsence(Record, frozen=True, kw_only=True):
    """Запись реестра отсутствующих: whoever teaches the class sees who is away, when, and by which code.

    The paper behind it and who told of it are an `AbsenceDocument`, the class teacher's affair.

    Attributes:
        since, until: days, both inclusive.
        first_lesson, last_lesson: on each of them, both inclusive; None for both: the whole day.
    """

    class_group_id: str
    pupil_id: str
    reason: str
    since: date
    until: date
    first_lesson: int | None = None
    last_lesson: int | None = None
    document_id: str | None = None


class ListCheck(Record, frozen=True, kw_only=True):
    """Сверка списка класса: its class teacher has looked through pupils and families on a day.

    Attributes:
        pupils, families: what was looked through.
        number: how many pupils the list had.
    """

    class_group_id: str
    checked_on: date
    checked_by: str
    pupils: bool = False
    families: bool = False
    number: int = 0


class PeriodMark(Record, frozen=True, kw_only=True):
    """Отметка за период (also year, exam and final); `document` as of a `Mark`."""

    journal_page_id: str
    pupil_id: str
    period_kind: PeriodKind
    period_number: int
    value: str | None = None
    justification: str = ""
    document: str = ""


class PageCompletion(Record, frozen=True, kw_only=True):
    """Итоги по странице готовы: its teacher says so of one period (also year, exam and final), and may take it back.

    Attributes:
        received_on, received_at: the day on which the results of an examination were received, and the local time
            "HH:MM", "" where nobody said it: their term (P11) begins then.
    """

    journal_page_id: str
    period_kind: PeriodKind
    period_number: int
    complete: bool = False
    received_on: date | None = None
    received_at: str = ""


class PeriodClosing(Record, frozen=True, kw_only=True):
    """Whether a grading period is closed for a class group."""

    class_group_id: str
    grading_period_id: str
    closed: bool = False


# --- paper and trust ---------------------------------------------------------------------------------------------


class IssuedDocument(Record, frozen=True, kw_only=True):
    """A signed paper that left the program: what it is, the hash of its data and of its file."""

    form: str
    title: str
    class_group_id: str | None = None
    period_kind: PeriodKind | None = None
    period_number: int | None = None
    data_sha256: str
    file_sha256: str
    issued_at: str  # RFC 3339
    file_size: int = 0  # bytes of the file that travels between signers; 0: it stays where it was made
    stored: bool = False  # the server holds that file; written by the server alone


class Destruction(Record, frozen=True, kw_only=True):
    """Уничтожение сведений по акту: which erasable content goes for ever, on whose order and with whose consent.

    Nothing happens before a second person confirms it; then everything covered that the log holds by that number goes.

    Attributes:
        target_kind: the kind whose erasable fields (`changes.BLANK`) are meant.
        target_record: one record, "" for all of a pupil's.
        pupil_id: the pupil whose records of the kind are meant, None for one record.
        act_number, act_date, basis: the act of destruction, and the law or request behind it.
        ordered_by: the administrator, author of the order.
        confirmed_by: the second person (deputy or director), author of the confirmation; None while it waits.
        backup_upto: the newest backup generation known to who ordered: copies up to it hold the content until they go.
    """

    target_kind: str
    target_record: str = ""
    pupil_id: str | None = None
    act_number: str
    act_date: date
    basis: str
    ordered_by: str
    confirmed_by: str | None = None
    backup_upto: str = ""


class BackupDrive(Record, frozen=True, kw_only=True):
    """Носитель резервных копий в реестре школы; the id is that of its card.

    Attributes:
        school_id: the school's own id, as the card on the drive names it.
        label: what is written on it. serial: the maker's number, for people; "" where there is none.
        holder, room: with whom and where it is kept.
        standing: whether copies are still written to it.
        generation: the newest one that was proved on it by a trial restore, "" while none was.
        proved_at: RFC 3339, when that was.
        held: generations on it then. free_mib: room left then, in MiB.
        sheet: fingerprint of the recovery key that opens that generation.
    """

    school_id: str
    label: str
    serial: str = ""
    holder: str = ""
    room: str = ""
    since: date
    standing: DriveStanding = "used"
    generation: str = ""
    proved_at: str = ""
    held: int = 0
    free_mib: int = 0
    sheet: str = ""


class BackupAct(Record, frozen=True, kw_only=True):
    """What was done about backups and has a paper or a day: never rewritten, only taken back.

    Attributes:
        what: custody: a drive changed hands · destruction: a drive was destroyed, or is to be written off ·
            sheet: the recovery sheet of the safe was looked at and is the right one.
        drive_id: the drive, "" for the sheet.
        gives, takes: who hands it over and to whom, «должность, фамилия имя отчество». room: where it is kept then.
        sheet: fingerprint of the recovery key whose sheet was looked at.
    """

    school_id: str
    what: Literal["custody", "destruction", "sheet"]
    drive_id: str = ""
    acted_on: date
    number: str = ""
    gives: str = ""
    takes: str = ""
    room: str = ""
    reason: str = ""
    sheet: str = ""


class Certificate(Record, frozen=True, kw_only=True):
    """A key certified by the server: a desk's signing key or a person's document certificate. Written by the server.

    Attributes:
        place: the workstation's name when it was issued.
        issued_at: RFC 3339, the server's time.
        after_reset: the person signed in by a new code instead of the known password: what this desk brings is flagged
            until `confirmed` is "yes".
        confirmed: what the person, or a deputy for somebody who has no other desk, answers to «это вы?»; the only field
            that is not the server's.
        trusted_n: of a revoked (voided) desk, its last counter that is still taken.
    """

    subject_kind: Literal["desk", "signer"]
    person_id: str
    workstation: str = ""
    public_key: str  # hexadecimal Ed25519 key, or SHA-256 of an X.509 certificate
    algorithm: str = "ed25519"
    place: str = ""
    issued_at: str = ""
    after_reset: bool = False
    confirmed: Literal["", "yes", "no"] = ""
    trusted_n: int | None = None


class CredentialIssue(Record, frozen=True, kw_only=True):
    """A one-time code that a person was given, in the ledger of the school (P32); no code stands in it.

    Written by the server.

    Attributes:
        reason: a first account, another code before the first sign-in, or a new start of somebody who has a password.
        valid_until: the last whole day on which the code counts.
        given_by: the administrator, "" at the server's own command line.
        second_id: who confirmed it, "" where nobody had to.
        handed_on: when it was handed over against signature; the only field that is not the server's.
    """

    person_id: str
    reason: Literal["first", "again", "reset"]
    made_on: date
    valid_until: date
    given_by: str = ""
    second_id: str = ""
    handed_on: date | None = None


class Epoch(Record, frozen=True, kw_only=True):
    """The school was restored from a backup: the log goes on from the backup's head. Written by the server.

    The id is `ids.epoch`. What desks saw beyond the backup was not in it; they bring it again.

    Attributes:
        backup_size, backup_root: the tree head up to which the backup holds the log; the root in hexadecimal.
        generation: the backup's name.
        first_person, second_person: who decided, as named on the server's command line.
        opened_at: RFC 3339, the server's time.
    """

    backup_size: int
    backup_root: str
    generation: str = ""
    reason: str
    first_person: str
    second_person: str
    opened_at: str


class ClockJump(Record, frozen=True, kw_only=True):
    """The clock of a desk was set or ran away: what it should have shown and what it showed. Written by that desk.

    It explains strange times of entry and decides nothing: no order, no term, no deadline depends on it.
    """

    person_id: str
    desk_id: str
    expected_at: str  # RFC 3339 with offset
    shown_at: str

    @property
    def seconds(self) -> int:
        """By how much the clock went forward, in seconds; backward is negative."""
        return round((datetime.fromisoformat(self.shown_at) - datetime.fromisoformat(self.expected_at)).total_seconds())


class AuditEvent(Record, frozen=True, kw_only=True):
    """Событие журнала событий: what happened, told once by the desk where it did or by the server; see `audit_log`.

    Attributes:
        person_id: whose event it is: theirs to see, besides administrators and the director; "server" where nobody's.
        event: one of `audit_log.EVENTS`.
        by: the person who ordered what the server tells; "" where `person_id` did it or it was ordered at the server.
        desk_id: the desk that tells it, "" for the server.
        workstation: the workstation that the server tells of, else "".
        subject_kind, subject: what it is about, kind and id, "" where it is about nothing else.
        result: how it ended.
        number: how many (wrong passwords, files, sheets), 0 where nothing is counted.
        detail: a short code (the form of a paper, the format of a file), never a name.
    """

    person_id: str
    event: str
    by: str = ""
    desk_id: str = ""
    workstation: str = ""
    subject_kind: str = ""
    subject: str = ""
    result: EventResult = "done"
    number: int = 0
    detail: str = ""


#: Every kind by name, parents before children: the order in which a snapshot is written and foreign keys are met.
KINDS: dict[str, type[Record]] = {
    kind.__name__: kind
    for kind in (
        School, SchoolYear, GradingPeriod, CalendarDay, BellSlot, PolicySetting,
        Person, ClassGroup, RoleGrant, Pupil, PupilFile, Guardian, Enrolment, Subgroup, SubgroupMember,
        Subject, JournalPage, TeachingLoad, TimetableSlot, WorkKind, CurriculumHours,
        LessonPlan, PlannedLesson,
        Lesson, HomeworkFile, MarkColumn, Mark, AbsenceDocument, RegisteredAbsence, Attendance, PeriodMark,
        PageCompletion, PupilRemark, SpecialGroup, DataReport, ListCheck,
        PeriodClosing,
        IssuedDocument, BackupDrive, BackupAct, Certificate, CredentialIssue, Destruction, Epoch, ClockJump, AuditEvent,
    )
}  # fmt: skip

K = TypeVar("K", bound=Record)


def field_names(kind: type[Record]) -> tuple[str, ...]:
    """Return the names of a kind's fields without `id`, in order of definition."""
    return tuple(name for name in kind.__struct_fields__ if name != "id")


def to_fields(record: Record) -> Fields:
    """Return the record's fields as plain JSON values; dates as ISO text, decimals as text."""
    fields: Fields = msgspec.to_builtins(record)
    del fields["id"]
    return fields


def from_fields(kind: type[K], record_id: str, fields: dict[str, Any]) -> K:
    """Build a record from plain values; unknown fields are passed over (they stay in the stored text).

    Raises:
        msgspec.ValidationError: a field is missing or has another type.
    """
    return msgspec.convert({**fields, "id": record_id}, kind)
