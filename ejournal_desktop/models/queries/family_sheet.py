"""Лист семьи: what one family is told of a period or of any days (S2-1.14a): lessons, marks, absences, remarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import marks
from ejournal_core.kinds import PeriodKind
from ejournal_core.marks import WeighedMark
from ejournal_core.policy import Policy
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.models.queries.class_entries import ClassEntries, Missed
from ejournal_desktop.models.queries.class_results import chosen_period, period_choices
from ejournal_desktop.models.queries.period_results import PeriodChoice
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.queries.words import REMARKS
from ejournal_desktop.models.tables import TABLES

#: What is said of a lesson missed by coming late, and of one of which nobody knows why.
LATE, UNKNOWN = "ОП", "Н"
_WORDS = {LATE: "опоздание", UNKNOWN: "причина не указана"}


class Reason(Struct, frozen=True):
    """So many missed lessons for one reason: its code in the register and what the school calls it."""

    code: str
    title: str
    number: int


class SheetMark(Struct, frozen=True):
    """A mark with its day and the code of its work, «КР»; the paper that it was brought with, "" for most."""

    held_on: date
    work: str
    value: str
    document: str = ""


class SheetSubject(Struct, frozen=True):
    """One subject of the sheet.

    Attributes:
        lessons: given up to today (held, or with anything entered of them) while the pupil was on the list.
        average, weighted_average: exact; None without marks in numbers.
        missed: lessons that count as missed; `reasons`: why, the most frequent first.
        value: the mark of the period, "" for none and for a stretch of days that is no period; `document`: its paper.
    """

    title: str
    lessons: int
    marks: tuple[SheetMark, ...]
    average: Decimal | None
    weighted_average: Decimal | None
    missed: int
    reasons: tuple[Reason, ...]
    late: int
    value: str = ""
    document: str = ""

    @property
    def documents(self) -> tuple[str, ...]:
        """Return what was brought with a paper: «11.09 У 5 — справка № 15 …»."""
        brought = [f"{m.held_on:%d.%m} {m.work} {m.value} — {m.document}" for m in self.marks if m.document]
        return (*brought, f"за период {self.value} — {self.document}") if self.document else tuple(brought)


class SheetRemark(Struct, frozen=True):
    """What a teacher wrote about the pupil at a lesson: «похвала», «замечание», «обращение к родителям»."""

    held_on: date
    subject: str
    kind: str
    text: str
    author: str


class FamilySheet(Struct, frozen=True):
    """What a family is told.

    Attributes:
        period: the period that the days are of, None for other days.
        first, last: both inclusive.
        reasons: of all missed lessons.
    """

    pupil: PupilRow
    class_title: str
    class_teacher: str
    period: PeriodChoice | None
    periods: tuple[PeriodChoice, ...]
    first: date
    last: date
    today: date
    subjects: tuple[SheetSubject, ...]
    remarks: tuple[SheetRemark, ...]
    lessons: int
    missed: int
    reasons: tuple[Reason, ...]
    late: int

    @property
    def title(self) -> str:
        """Return «I четверть», or the days."""
        return self.period.title if self.period is not None else f"{self.first:%d.%m.%Y} – {self.last:%d.%m.%Y}"


def family_sheet(
    journal: Journal,
    class_group_id: str,
    pupil_id: str,
    days: tuple[date, date] | None = None,
    kind: PeriodKind | None = None,
    number: int = 1,
) -> FamilySheet | None:
    """Return the sheet of a pupil, None for who is not of the class.

    Args:
        days: first and last day, both inclusive, cut to the school year; else the period.
        kind, number: the period; None, or one that the class does not have: the running one.
    """
    policy = journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        pupil = next((p for p in around.class_list(class_group_id) if p.pupil_id == pupil_id), None)
        return None if pupil is None else _Sheet(around, policy, class_group_id, pupil, days, kind, number).build()


class _Sheet:
    """Builds the sheet of one pupil from one view of the file."""

    def __init__(
        self, around: Surroundings, policy: Policy, class_group_id: str, pupil: PupilRow,
        days: tuple[date, date] | None, kind: PeriodKind | None, number: int,
    ) -> None:  # fmt: skip
        self.around, self.policy, self.pupil = around, policy, pupil
        self.group = around.class_groups[class_group_id]
        year = around.year_of(self.group)
        self.period: PeriodChoice | None = None
        if days is None:
            self.period, record = chosen_period(around, class_group_id, kind, number)
            days = (record.starts_on, record.ends_on) if record else (year.starts_on, year.ends_on)
        self.first, self.last = max(days[0], year.starts_on), min(days[1], year.ends_on)
        self.entries = ClassEntries(around, self.group, [pupil], self.first, self.last)
        given = self.entries.given()
        self.lessons = [row for row in self.entries.lessons() if row.id in given and self._is_own(row)]
        self.given = self.entries.marks()
        self.away = self.entries.missed(policy)
        self.decided = self._decided()

    def build(self) -> FamilySheet:
        subjects = tuple(self._subjects())
        return FamilySheet(
            pupil=self.pupil,
            class_title=self.group.title,
            class_teacher=self.around.holder_of("class_teacher", self.group.id),
            period=self.period,
            periods=period_choices(self.around, self.group.id),
            first=self.first,
            last=self.last,
            today=self.around.day,
            subjects=subjects,
            remarks=tuple(self._remarks()),
            lessons=sum(subject.lessons for subject in subjects),
            missed=sum(subject.missed for subject in subjects),
            reasons=self._reasons(self.away),
            late=sum(each.late for each in self.away),
        )

    def _is_own(self, row: Any) -> bool:
        """Say whether a lesson was one for this pupil, and has been already."""
        day = date.fromisoformat(row.held_on)
        return day <= self.around.day and self.entries.is_listed(self.pupil.pupil_id, row.journal_page_id, day)

    def _decided(self) -> dict[str, tuple[str, str]]:
        """Return the marks of the period by page, each with its document."""
        if self.period is None:
            return {}
        key = (self.period.kind, self.period.number)
        return {row.journal_page_id: (row.value, row.document) for row in self.entries.period_marks()
                if (row.period_kind, row.period_number) == key}  # fmt: skip

    # --- subjects ------------------------------------------------------------------------------------------------

    def _subjects(self) -> Iterator[SheetSubject]:
        by_subject = self.entries.by_subject(self.pupil.pupil_id)
        learned = [self.around.subjects[each] for each in by_subject if each in self.around.subjects]
        for subject in sorted(learned, key=lambda each: (each.position, each.title)):
            yield self._subject(subject.title, by_subject[subject.id])

    def _subject(self, title: str, pages: list[str]) -> SheetSubject:
        rows = [row for page in pages for row in self.given.get((page, self.pupil.pupil_id), ())]
        rows.sort(key=lambda row: (row.held_on, row.lesson_id))
        away = [each for each in self.away if each.page_id in pages]
        given = [WeighedMark(row.value, self._weight(row)) for row in rows]
        decided = next((self.decided[page] for page in reversed(pages) if page in self.decided), ("", ""))
        return SheetSubject(
            title=title,
            lessons=sum(row.journal_page_id in pages for row in self.lessons),
            marks=tuple(self._mark(row) for row in rows),
            average=marks.average(mark.value for mark in given),
            weighted_average=marks.weighted_average(given),
            missed=sum(each.missed for each in away),
            reasons=self._reasons(away),
            late=sum(each.late for each in away),
            value=decided[0],
            document=decided[1],
        )

    def _mark(self, row: Any) -> SheetMark:
        return SheetMark(date.fromisoformat(row.held_on), self._work(row.work_kind_id), row.value, row.document)

    def _weight(self, row: Any) -> Decimal:
        kind = self.around.work_kinds.get(row.work_kind_id)
        return Decimal(row.weight) if row.weight is not None else kind.weight if kind else Decimal(1)

    def _work(self, work_kind_id: str) -> str:
        kind = self.around.work_kinds.get(work_kind_id)
        return kind.code if kind else ""

    def _reasons(self, away: Sequence[Missed]) -> tuple[Reason, ...]:
        """Count missed lessons by reason; of a late arrival nobody asks why."""
        titles = _WORDS | {code.code: code.title for code in self.policy.absence_codes if not code.late}
        counted = Counter(LATE if each.late else each.reason or UNKNOWN for each in away if each.missed)
        return tuple(Reason(code, titles.get(code, code), number) for code, number in counted.most_common())

    # --- remarks -------------------------------------------------------------------------------------------------

    def _remarks(self) -> Iterator[SheetRemark]:
        asked = {"pupil": self.pupil.pupil_id, "first": self.first.isoformat(), "last": self.last.isoformat()}
        for row in self.around.connection.execute(_REMARKS, asked):
            page = self.entries.pages.get(row.journal_page_id)
            if page is not None:
                yield SheetRemark(
                    date.fromisoformat(row.held_on), self.around.subjects[page.subject_id].title,
                    REMARKS.get(row.remark_kind, ""), row.text, self.around.short_name(row.author),
                )  # fmt: skip


def sheet_text(sheet: FamilySheet, policy: Policy) -> str:
    """Return the sheet as plain text, for a letter or a message."""
    lines = [
        f"{sheet.pupil.full_name}, {sheet.class_title}",
        f"Успеваемость и посещаемость: {sheet.title}"
        + (f" ({sheet.first:%d.%m.%Y} – {sheet.last:%d.%m.%Y})" if sheet.period else ""),
        f"Составлено {sheet.today:%d.%m.%Y}",
        "",
        *(f"{subject.title}: {'; '.join(subject_words(subject, policy))}" for subject in sheet.subjects),
        "",
        f"Всего уроков {sheet.lessons}, {missed_words(sheet.missed, sheet.reasons)}, опозданий {sheet.late}.",
    ]
    if documents := documents_text(sheet):
        lines += ["", *documents]
    if sheet.remarks:
        lines += ["", "Записи учителей:", *(f"{each.held_on:%d.%m} {each.subject}, {each.kind}: {each.text} "
                                           f"({each.author})" for each in sheet.remarks)]  # fmt: skip
    return "\n".join([*lines, "", f"Классный руководитель {sheet.class_teacher}".rstrip()])


def documents_text(sheet: FamilySheet) -> tuple[str, ...]:
    """Return which marks were brought from elsewhere and by which papers, a line for a subject."""
    return tuple(f"{subject.title}, по документам: {'; '.join(subject.documents)}"
                 for subject in sheet.subjects if subject.documents)  # fmt: skip


def subject_words(subject: SheetSubject, policy: Policy) -> Iterator[str]:
    """Yield what the sheet says of a subject: lessons, marks, averages, absences, the mark of the period."""
    thresholds = policy.rounding_thresholds
    yield f"уроков {subject.lessons}"
    yield f"отметки {marks_text(subject)}" if subject.marks else "отметок нет"
    if subject.average is not None:
        yield f"средний {marks.shown_average(subject.average, thresholds)}"
    if subject.weighted_average is not None and subject.weighted_average != subject.average:
        yield f"с весом {marks.shown_average(subject.weighted_average, thresholds)}"
    if subject.missed:
        yield missed_words(subject.missed, subject.reasons)
    if subject.late:
        yield f"опозданий {subject.late}"
    if subject.value:
        yield f"за период {subject.value}"


def marks_text(subject: SheetSubject) -> str:
    """Return «У 5, КР 3, ДЗ точка»: a debt is a word, since a family does not know the sign."""
    return ", ".join(f"{each.work} {'не сдано' if each.value == marks.DEBT else each.value}".strip()
                     for each in subject.marks)  # fmt: skip


def missed_words(missed: int, reasons: Sequence[Reason]) -> str:
    """Return «пропущено 5 (болезнь 3, причина не указана 2)»."""
    told = ", ".join(f"{each.title.lower()} {each.number}" for each in reasons)
    return f"пропущено {missed} ({told})" if missed else "пропусков нет"


_LESSON, _REMARK = TABLES["Lesson"], TABLES["PupilRemark"]
_REMARKS = (
    sa.select(_LESSON.c.journal_page_id, _LESSON.c.held_on, _REMARK.c.remark_kind, _REMARK.c.text, _REMARK.c.author)
    .join(_LESSON, _LESSON.c.id == _REMARK.c.lesson_id)
    .where(
        _REMARK.c.pupil_id == sa.bindparam("pupil"),
        _REMARK.c.voided.is_(False),
        _LESSON.c.held_on.between(sa.bindparam("first"), sa.bindparam("last")),
    )
    .order_by(_LESSON.c.held_on, _LESSON.c.lesson_number, _REMARK.c.id)
)
