"""What official papers are made of: the summary sheet of a class and the bound copy of its journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ejournal_core import access, calendar, russian
from ejournal_core.kinds import ClassGroup, JournalPage, PeriodKind, SubgroupMember
from ejournal_core.policy import Policy
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import (
    BookColumn,
    BookLesson,
    BookPage,
    GridCell,
    GridColumn,
    LessonRow,
    PupilLine,
    PupilRow,
    SummarySheet,
    YearBook,
)
from ejournal_desktop.models.queries.cells import rows_of_page
from ejournal_desktop.models.queries.spread import SpreadBuilder
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.state import SyncState

#: Rows that close the block of a pupil when the sheet is of the whole year.
CLOSING_ROWS: tuple[PeriodKind, ...] = ("year", "exam", "final")


def summary_sheet(
    journal: Journal,
    class_group_id: str,
    period_kind: PeriodKind = "year",
    period_number: int = 1,
    *,
    issued_on: date | None = None,
    document_number: str = "",
    document_id: str = "",
) -> SummarySheet:
    """Return the summary sheet of a class.

    Args:
        period_kind, period_number: the sheet holds the periods up to this one; "year" holds them all and the year's,
            exam and final marks.
    """
    day, policy = issued_on or journal.clock().date(), journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, day)
        return _summary(around, policy, around.class_groups[class_group_id], period_kind, period_number,
                        document_number, document_id)  # fmt: skip


def year_book(
    journal: Journal,
    class_group_id: str,
    *,
    issued_on: date | None = None,
    document_number: str = "",
    document_id: str = "",
) -> YearBook:
    """Return the bound year-end copy of one class's journal: every page with the lessons that were entered."""
    day = issued_on or journal.clock().date()
    policy = journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, day)
        group = around.class_groups[class_group_id]
        summary = _summary(around, policy, group, "year", 1, document_number, document_id)
        pages = sorted(pages_of_class(around, group), key=lambda page: _order_in_book(around, group, page))
        return YearBook(
            school_full_name=summary.school_full_name,
            place=summary.place,
            class_title=summary.class_title,
            year_title=summary.year_title,
            pages=tuple(_book_page(around, page, policy) for page in pages),
            summary=summary,
            director=summary.director,
            issued_on=day,
            document_number=document_number,
            log_size=summary.log_size,
            log_root=summary.log_root,
            document_id=document_id,
        )


def signing_places(journal: Journal, class_group_id: str) -> tuple[str, ...]:
    """Return which places on papers of a class this person signs today, by the roles held today."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        return access.signing_places(around.grants, class_group_id, around.day)


def pages_of_class(around: Surroundings, group: ClassGroup) -> list[JournalPage]:
    """Return the journal pages of a class: its own, and those of groups drawn from several classes with its pupils."""
    pupils = {pupil.pupil_id for pupil in around.class_list(group.id)}
    found = []
    for page in around.pages.values():
        own = page.class_group_id == group.id
        members = (
            select_records(around.connection, SubgroupMember, subgroup_id=page.subgroup_id or "") if not own else []
        )
        if own or any(member.pupil_id in pupils for member in members):
            found.append(page)
    return found


def _order_in_book(around: Surroundings, group: ClassGroup, page: JournalPage) -> tuple[int, str, bool, bool, str]:
    """Return the key of a page in the book of a class: by subject, the whole class before its groups.

    A group drawn from several classes may belong to another of them; it stands with its subject all the same.
    """
    subject, subgroup = around.subjects.get(page.subject_id), around.subgroups.get(page.subgroup_id or "")
    return (
        subject.position if subject else 0,
        russian.sort_key(subject.title) if subject else "",
        bool(page.subgroup_id),
        page.class_group_id != group.id,
        russian.sort_key(subgroup.title) if subgroup else "",
    )


# --- the summary sheet ---------------------------------------------------------------------------------------------


def _summary(
    around: Surroundings, policy: Policy, group: ClassGroup, kind: PeriodKind, number: int, document_number: str,
    document_id: str,
) -> SummarySheet:  # fmt: skip
    head = SyncState.read(around.connection).head
    rows = _period_rows(around, group, kind, number)
    pupils = around.class_list(group.id)
    pages = pages_of_class(around, group)
    attested = {s.id: s for s in around.subjects.values() if s.attested or not policy.no_attestation}
    taught = {page.subject_id for page in pages} & attested.keys()
    subjects = sorted((attested[subject_id] for subject_id in taught), key=lambda s: (s.position, s.title))
    return SummarySheet(
        school_full_name=around.school.full_name,
        place=around.school.place,
        class_title=group.title,
        year_title=around.year_of(group).title,
        period_titles=tuple(calendar.period_mark_title(*row) for row in rows),
        subjects=tuple(subject.title for subject in subjects),
        pupils=tuple(_line(pupil) for pupil in pupils),
        marks=_period_marks(
            around,
            [page for page in pages if page.subject_id in attested],
            pupils,
            rows,
            {(period.kind, period.number): period.ends_on for period in around.periods_of(group)},
        ),
        decisions={},
        class_teacher=around.holder_of("class_teacher", group.id),
        deputy=around.holder_of("deputy_director", group.id),
        director=around.holder_of("director"),
        issued_on=around.day,
        document_number=document_number,
        log_size=head.size if head else 0,
        log_root=head.root if head else "",
        document_id=document_id,
    )


def _period_rows(
    around: Surroundings, group: ClassGroup, kind: PeriodKind, number: int
) -> list[tuple[PeriodKind, int]]:
    periods: list[tuple[PeriodKind, int]] = [(period.kind, period.number) for period in around.periods_of(group)]
    if kind in CLOSING_ROWS:
        return periods + [(closing, 1) for closing in CLOSING_ROWS]
    return [row for row in periods if row[1] <= number]


def _period_marks(
    around: Surroundings, pages: Sequence[JournalPage], pupils: Sequence[PupilRow], rows: list[tuple[PeriodKind, int]],
    ends: Mapping[tuple[PeriodKind, int], date],
) -> dict[tuple[int, str, str], str]:  # fmt: skip
    """Return the marks; of whoever changed the group in a period that of the last group stands, as on the screens."""
    positions = {pupil.pupil_id: pupil.position for pupil in pupils}
    titles = {row: calendar.period_mark_title(*row) for row in rows}
    marks: dict[tuple[int, str, str], tuple[bool, date, str]] = {}
    for page in pages:
        subject = around.subjects[page.subject_id].title
        members = {pupil.pupil_id: pupil for pupil in around.pupils_of(page)} if page.subgroup_id else {}
        for row in rows_of_page(around.connection, "PeriodMark", page.id):
            of = (row.period_kind, row.period_number)
            if of in titles and row.value is not None and row.pupil_id in positions:
                ends_on = ends.get(of, date.max)
                begun = _begun(members.get(row.pupil_id), ends_on)
                key = (positions[row.pupil_id], titles[of], subject)
                marks[key] = max(marks.get(key, _NO_MARK), (begun <= ends_on, begun, row.value))
    return {key: value for key, (_in_time, _begun, value) in marks.items()}


def _begun(member: PupilRow | None, ends_on: date) -> date:
    """Return when the last stay in a group began that a period saw, of a later one when its first did."""
    if member is None:
        return date.min
    seen = [since for since, _until in member.times if since <= ends_on]
    return max(seen) if seen else member.since


_NO_MARK = (False, date.min, "")


def _line(pupil: PupilRow) -> PupilLine:
    note = ""
    if pupil.until is not None:
        order = f", приказ {pupil.departure_order}" if pupil.departure_order else ""
        note = f"выбыл {pupil.until:%d.%m.%Y}{order}"
    return PupilLine(position=pupil.position, name=pupil.full_name, note=note, since=pupil.since, until=pupil.until)


# --- the bound copy ------------------------------------------------------------------------------------------------


def _book_page(around: Surroundings, page: JournalPage, policy: Policy) -> BookPage:
    builder = SpreadBuilder(around, page.id, policy)
    every = builder.lessons()
    lessons = [lesson for lesson in every if lesson.exists]
    columns = list(builder.columns(lessons))
    cells = builder.cells(columns)
    places = {lesson.lesson_id: index for index, lesson in enumerate(lessons)}
    keys = {column.key: index for index, column in enumerate(columns)}
    positions = {pupil.pupil_id: pupil.position for pupil in builder.pupils}
    ref = around.page_ref(page)
    brought = _brought(builder, columns, cells)
    return BookPage(
        subject_title=ref.subject_title,
        subgroup_title=ref.subgroup_title,
        teachers=tuple(around.short_name(load.person_id) for load in around.loads.get(page.id, ())),
        pupils=tuple(_line(pupil) for pupil in builder.pupils),
        columns=tuple(_book_column(builder, column, places) for column in columns),
        lessons=tuple(_book_lesson(lesson, brought.get(lesson.lesson_id, ())) for lesson in lessons),
        cells={(positions[pupil], keys[key]): _painted(cell) for (key, pupil), cell in cells.items()
               if pupil in positions and key in keys and _painted(cell)},
        planned=len(every),
        given=sum(lesson.held for lesson in lessons),
    )  # fmt: skip


def _book_column(builder: SpreadBuilder, column: GridColumn, places: dict[str, int]) -> BookColumn:
    if column.kind == "lesson":
        assert column.held_on is not None
        return BookColumn(column.held_on, str(column.held_on.day), column.work_code, places[column.lesson_id])
    last_days = {(period.kind, period.number): period.ends_on for period in builder.periods}
    key = (column.period_kind or "year", column.period_number)
    return BookColumn(last_days.get(key), column.period_title)


def _book_lesson(lesson: LessonRow, brought: Sequence[str]) -> BookLesson:
    note = "; ".join(part for part in (lesson.note, *brought) if part)
    return BookLesson(lesson.held_on, lesson.lesson_number, lesson.topic, lesson.homework, note)


def _brought(
    builder: SpreadBuilder, columns: Sequence[GridColumn], cells: Mapping[tuple[str, str], GridCell]
) -> dict[str, list[str]]:
    """Return by lesson whose marks were brought with a paper, and which: a period's with its last lesson."""
    found: dict[str, list[str]] = {}
    lesson = next((column.lesson_id for column in columns if column.lesson_id), "")
    for column in columns:
        lesson = column.lesson_id or lesson
        for pupil in builder.pupils:
            cell = cells.get((column.key, pupil.pupil_id))
            if cell is not None and cell.document:
                told = f"{pupil.name}, {column.period_title or 'отметка'} {cell.value}: {cell.document}"
                found.setdefault(lesson, []).append(told)
    return found


def _painted(cell: GridCell) -> str:
    return " ".join(part for part in (cell.value, cell.absence) if part)
