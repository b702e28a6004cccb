"""What screens and documents read: frozen pages built by `queries.py`. Plain data, no SQL and no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from ejournal_core.contradictions import Contradiction
from ejournal_core.kinds import PeriodKind, Presence, RemarkKind, Role

#: Where an entered value stands on its way to the server.
#: "entered" and, when the disk takes its time, "saving": a power cut could still take it.
Delivery = Literal[
    "delivered", "entered", "saving", "waiting", "pending", "disputed", "refused", "quarantined"
]  # fmt: skip


# --- the spread of the journal -----------------------------------------------------------------------------------


class PageRef(Struct, frozen=True):
    """A journal page as it is offered in lists and headers."""

    id: str
    class_group_id: str
    subject_id: str
    class_title: str  # 7 «Б»
    subject_title: str  # Алгебра
    subgroup_title: str = ""  # 2 группа
    teachers: tuple[str, ...] = ()  # «Иванова Мария Петровна»
    mine: bool = False

    @property
    def title(self) -> str:
        """Return «7 «Б» · Алгебра · 2 группа»."""
        return " · ".join(part for part in (self.class_title, self.subject_title, self.subgroup_title) if part)


class PupilRow(Struct, frozen=True):
    """One row of the spread, in the stable order of the class list."""

    pupil_id: str
    position: int  # № п/п, from 1
    name: str  # «Фамилия Имя»; of namesakes «Фамилия Имя Отчество» or «Фамилия Имя (№ 8)»: never one for two
    full_name: str  # as papers have it: of two it may be the same
    since: date
    until: date | None = None  # last day in the class or subgroup
    departure_order: str = ""
    arrival_order: str = ""
    special: tuple[date, date | None] | None = None  # in the special medical group of this page, both days inclusive
    apart: str = ""  # what `name` tells besides surname and first name, of namesakes only: «Олеговна», «№ 8»
    changed_group: bool = False  # `until` is the last day in the subgroup only: the pupil is still in the class
    stays: tuple[tuple[date, date | None], ...] = ()  # of whoever left and came back, both days inclusive; else empty

    @property
    def whole_name(self) -> str:
        """Return the full name, with the number in the class list where even that is another pupil's too."""
        return f"{self.full_name} ({self.apart})" if self.apart.startswith("№") else self.full_name

    def is_special(self, day: date) -> bool:
        """Say whether the pupil is marked on theory on that day: in the special medical group."""
        return self.special is not None and self.special[0] <= day <= (self.special[1] or day)

    def present_in_class(self, day: date) -> bool:
        """Say whether the pupil is on the list on that day."""
        return any(since <= day and (until is None or day <= until) for since, until in self.times)

    @property
    def times(self) -> tuple[tuple[date, date | None], ...]:
        """Return the days on the list: one stretch for almost everybody."""
        return self.stays or ((self.since, self.until),)


class LessonRow(Struct, frozen=True):
    """One lesson: a row of the right page. `exists` is False while it is known from the timetable only."""

    lesson_id: str
    held_on: date
    lesson_number: int
    period_number: int | None  # the grading period the day falls in
    exists: bool
    held: bool
    topic: str
    homework: str
    starts_at: str = ""  # "08:30"
    ends_at: str = ""
    room: str = ""
    teacher: str = ""  # when another than the page's own: «замена: Петрова С. И.»
    topic_delivery: Delivery = "delivered"
    homework_delivery: Delivery = "delivered"
    files: int = 0  # attached to the homework
    late_reason: str = ""  # why it was entered after its term
    cancelled: str = ""  # why it does not take place
    moved_from: str = ""  # «16.09, 4-й урок», where the timetable had foreseen it; "" for a lesson that stayed

    @property
    def note(self) -> str:
        """Return what is unusual about it: «отменён: …», «перенесён с 16.09, 4 урок», «замена: Петрова С. И.»."""
        if self.cancelled:
            return f"отменён: {self.cancelled}"
        moved = f"перенесён с {self.moved_from}" if self.moved_from else ""
        return ", ".join(part for part in (moved, self.teacher) if part)


class GridColumn(Struct, frozen=True):
    """One column of the left page.

    kind "lesson": a lesson's mark column; a lesson without marks has one column with `mark_column_id` None (the first
    mark creates a column of the default kind). Absence letters stand in the lesson's first column.
    kind "period": the period mark, right after the last lesson of the period (P10).
    """

    kind: Literal["lesson", "period"]
    key: str  # unique in the page
    lesson_id: str = ""
    mark_column_id: str | None = None
    first_of_lesson: bool = True
    held_on: date | None = None
    lesson_number: int = 0
    work_kind_id: str = ""
    work_code: str = ""  # «КР»
    work_title: str = ""
    weight: Decimal = Decimal(1)
    period_kind: PeriodKind | None = None
    period_number: int = 0
    period_title: str = ""  # «I ч», «Год»
    closed: bool = False
    twin: bool = False  # another lesson of the page stands on the same day: the head tells them apart by number


class GridCell(Struct, frozen=True):
    """What one cell shows. Cells without anything are absent from the mapping."""

    value: str = ""  # "5", "5/4", "зач", "."
    absence: str = ""  # "н", "б", "у", "оп" in lower case as painted
    comment: str = ""
    delivery: Delivery = "delivered"
    other_value: str = ""  # the second value of a dispute
    other_author: str = ""
    reason: str = ""  # one sentence for pending, refused, disputed, quarantined
    author: str = ""
    entered_at: datetime | None = None
    corrected: bool = False  # was changed after the entry grace (history is worth a look)
    editable_until: date | None = None
    remarks: tuple[RemarkKind, ...] = ()  # what was written about the pupil at this lesson; in its first column
    missed: bool = False  # the absence counts as a missed lesson (P17, P58) of a pupil on the list
    excused: bool = False  # it is for a valid reason
    document: str = ""  # the paper that the mark was brought with: number, day, from where

    @property
    def told(self) -> str:
        """Return what is said of the mark in words: its comment or reason, and its document."""
        return " · ".join(part for part in (self.comment, self.document and f"по документу: {self.document}") if part)


class Proposal(Struct, frozen=True):
    """Proposed period mark of one pupil: a decimal average and what the thresholds make of it."""

    pupil_id: str
    average: Decimal | None
    weighted_average: Decimal | None
    proposed: str  # "4", "н/а", ""
    marks: int


class JournalSpread(Struct, frozen=True):
    """The whole spread of one page: left pupils × columns, right lessons."""

    page: PageRef
    pupils: tuple[PupilRow, ...]
    columns: tuple[GridColumn, ...]
    lessons: tuple[LessonRow, ...]  # in order of date and number
    cells: Mapping[tuple[str, str], GridCell]  # (column key, pupil id)
    proposals: Mapping[tuple[str, str], Proposal]  # (period column key, pupil id)
    today: date
    read_only: str = ""  # the reason in one sentence, "" when the person may write here
    nothing_due: str = ""  # why no period marks are put here: grade 1, a subject without attestation
    given: tuple[str, ...] = ()  # lessons of a page only looked at that the person gives instead of its teacher

    def only_look(self, lesson_id: str) -> str:
        """Return why the person may only look at a lesson (at a period, where it is ""), "" where she may write."""
        return "" if lesson_id in self.given else self.read_only


# --- Сегодня ------------------------------------------------------------------------------------------------------


DueWhat = Literal["held", "attendance", "topic", "homework"]


class DueItem(Struct, frozen=True):
    """Something to be entered for a lesson and until when; `allowed_until`: with a reason still lawful after that."""

    what: DueWhat
    done: bool
    due_at: datetime | None = None
    allowed_until: datetime | None = None


class TodayLesson(Struct, frozen=True):
    """One line of Сегодня."""

    lesson_id: str
    page: PageRef
    lesson_number: int
    starts_at: str
    ends_at: str
    room: str
    held: bool
    absent: tuple[str, ...]  # names of pupils marked absent at this lesson
    known_absent: tuple[str, ...]  # «Котов (Б)» from the class teacher's documents
    items: tuple[DueItem, ...]
    substitution_for: str = ""
    substitution_waits: bool = False  # declared and not confirmed yet
    cancelled: str = ""  # why it does not take place
    moved_from: str = ""  # «16.09, 4-й урок», where the timetable had foreseen it; "" for a lesson that stayed


class DisputeRow(Struct, frozen=True):
    """Two values of one fact, with their authors."""

    id: str  # id of the disputed change
    kind: str
    record_id: str
    field: str
    page: PageRef | None
    where: str  # «7 «Б» · Алгебра · 11.09 · Ёлкин Пётр»
    standing_value: str
    standing_author: str
    standing_at: datetime | None
    wanted_value: str
    wanted_author: str
    wanted_at: datetime | None
    mine: bool  # this person is one of the two authors


class Today(Struct, frozen=True):
    """The day of one person."""

    day: date
    person: str
    lessons: tuple[TodayLesson, ...]
    disputes: tuple[DisputeRow, ...]
    note: str = ""  # «Каникулы до 9 ноября», «Выходной»
    guidance: str = ""  # on a day without lessons: where this person's work is, by the roles held
    clocks_apart: int = 0  # seconds, while server and PC disagree on the date


# --- state of delivery ---------------------------------------------------------------------------------------------


class StateRow(Struct, frozen=True):
    """One entry in the list behind the sync pill."""

    change_id: str
    at: datetime
    where: str
    what: str  # «отметка 5 → 4»
    delivery: Delivery
    reason: str = ""
    lesson_id: str = ""  # where it can be mended, "" when it is not of a lesson
    page_id: str = ""  # the journal page it stands on, "" for the directory


class SyncState(Struct, frozen=True):
    """saved = delivered + waiting + pending + disputed + refused + quarantined; what is `unsaved` comes later."""

    saved: int
    delivered: int
    waiting: int
    pending: int
    disputed: int
    refused: int
    quarantined: int
    last_contact: datetime | None
    tree_size: int
    tree_root: str  # first 16 hexadecimal digits
    server_name: str
    problem: str = ""  # one sentence while the server cannot be reached
    clocks_apart: int = 0  # seconds, while nothing may leave this disk because server and PC disagree on the date
    loading: str = ""  # «загружается журнал: 45 %» while something is on its way to this disk
    rows: tuple[StateRow, ...] = ()
    percent: int | None = None  # of what `loading` speaks of
    problem_code: str = ""  # of `problem`, in docs/errors.md
    closed: str = ""  # the server's code for a desk that is frozen, revoked or whose person has left
    restored: int = 0  # how often the school was restored from a backup
    compared_at: datetime | None = None  # when the content was last compared with the server's and found the same
    unproved: int = 0  # pages whose records are not what their history makes of them
    unsaved: int = 0  # entries that the disk has not confirmed yet
    is_slow: bool = False  # it takes longer for that than a person would overlook
    disk_refuses: bool = False  # it has said no and is asked again
    partial: bool = False  # a new journal that is not all here yet: lists still miss what is to come
    files_leaving: int = 0  # own files that the server does not have whole yet


class CellHistoryRow(Struct, frozen=True):
    """One change of a record, newest first.

    `at` is when it was entered by its desk's clock, `received_at` when it reached the server. `is_doubtful` says that
    that clock lay outside what the school's log proves, `is_flagged` that its desk was opened by a new code over
    a password and nobody has confirmed it yet. `author` is whose value it is; where another person let it
    through, `approved_by` names that person.
    """

    at: datetime
    author: str
    old: str
    new: str
    outcome: str  # «принято», «ждёт отправки», «спор» …
    number: int
    why: str = ""
    received_at: datetime | None = None
    is_doubtful: bool = False
    approved_by: str = ""
    proof: str = ""  # «доказано», «есть расписка школы»; "" while this desk holds no proof
    is_flagged: bool = False


# --- documents -----------------------------------------------------------------------------------------------------


class PupilLine(Struct, frozen=True):
    """A pupil's line in a printed form."""

    position: int
    name: str  # full name
    note: str = ""  # «выбыл, приказ № 12 от 03.11.2026»
    since: date | None = None  # first day in the class or subgroup; before it the bound copy prints dashes
    until: date | None = None  # last day; after it the bound copy prints dashes


class SummarySheet(Struct, frozen=True):
    """Сводная ведомость учёта успеваемости of one class: blocks of rows per pupil, one row per period."""

    school_full_name: str
    place: str
    class_title: str
    year_title: str
    period_titles: tuple[str, ...]  # rows of every block: «I четверть» …, «Годовая», «Экзамен», «Итоговая»
    subjects: tuple[str, ...]
    pupils: tuple[PupilLine, ...]
    marks: Mapping[tuple[int, str, str], str]  # (pupil position, period title, subject) → value
    decisions: Mapping[int, str]  # pupil position → решение педсовета
    class_teacher: str  # «Иванова М. П.»
    deputy: str
    director: str
    issued_on: date
    document_number: str
    log_size: int  # size and root of the school's log the data were read at
    log_root: str
    document_id: str = ""  # what the printed code names; the document number when empty
    approval: bool = False  # print the stamp УТВЕРЖДАЮ (the school's local act may want it)


class BookLesson(Struct, frozen=True):
    """A row of the right page of the bound copy."""

    held_on: date
    lesson_number: int
    topic: str
    homework: str
    note: str = ""


class BookColumn(Struct, frozen=True):
    """A column of the left page of the bound copy: a lesson's mark column or a period."""

    held_on: date | None  # for a period column: its last day, when known
    title: str  # day number or «I четв.»
    work_code: str = ""
    lesson_index: int = -1  # index into `BookPage.lessons`, -1 for a period column


class BookPage(Struct, frozen=True):
    """One journal page (subject × group) in the bound copy; it is laid out over as many spreads as needed."""

    subject_title: str
    subgroup_title: str
    teachers: tuple[str, ...]
    pupils: tuple[PupilLine, ...]
    columns: tuple[BookColumn, ...]
    lessons: tuple[BookLesson, ...]
    cells: Mapping[tuple[int, int], str]  # (pupil position, index into columns) → text as painted
    planned: int = 0
    given: int = 0


class YearBook(Struct, frozen=True):
    """The bound year-end copy of one class's journal."""

    school_full_name: str
    place: str
    class_title: str
    year_title: str
    pages: tuple[BookPage, ...]
    summary: SummarySheet
    director: str
    issued_on: date
    document_number: str
    log_size: int
    log_root: str
    document_id: str = ""  # what the printed code names; the document number when empty


# --- people --------------------------------------------------------------------------------------------------------


class PersonRow(Struct, frozen=True):
    """A person in the list of Вход and in headers."""

    id: str
    name: str  # «Иванова Мария Петровна»
    short_name: str  # «Иванова М. П.»
    roles: tuple[Role, ...] = ()


class RollRow(Struct, frozen=True):
    """One pupil on the screen Урок."""

    pupil_id: str
    position: int
    name: str
    full_name: str
    presence: Presence
    late_minutes: int | None
    absence: str
    known_reason: str  # «болезнь, справка до 25.11» from the class teacher's documents
    marks: tuple[tuple[str, str], ...]  # (mark column id, value)
    delivery: Delivery = "delivered"
    contradiction: Contradiction = ""  # what cannot all be true of the pupil at this lesson


class OfferedTopic(Struct, frozen=True):
    """What the lesson plan offers to a lesson: the row's number and topic, and which of its lessons it would be."""

    number: int
    topic: str
    part: int
    parts: int


class HomeworkAdvice(Struct, frozen=True):
    """How long all homework for a day may take (P54), and for how many subjects of the class it is set."""

    day: date
    minutes: int
    subjects: int

    @property
    def minutes_each(self) -> int:
        """Return an equal share, in whole five minutes."""
        return max(self.minutes // max(self.subjects, 1) // 5 * 5, 5)


class LessonSheet(Struct, frozen=True):
    """Everything of one lesson in one place."""

    page: PageRef
    lesson: LessonRow
    columns: tuple[GridColumn, ...]
    roll: tuple[RollRow, ...]
    cells: Mapping[tuple[str, str], GridCell]
    items: tuple[DueItem, ...]
    previous_homework: str
    read_only: str = ""
    offered: OfferedTopic | None = None  # while the lesson has no topic
    advice: HomeworkAdvice | None = None  # where the policy gives one
    ahead: str = ""  # before the lesson's day: what may be entered already (P36)
    planned_homework: str = ""  # what the lesson plan offers while the lesson has no homework
    is_late: bool = False  # its term has passed, or had when it was entered: the school asks why
