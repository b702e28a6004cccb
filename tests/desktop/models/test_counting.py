"""What counts and what does not, where screens told different numbers or wrong ones; each was found by a recount."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import (
    BellSlot,
    ClassGroup,
    Enrolment,
    JournalPage,
    Lesson,
    MarkColumn,
    PolicySetting,
    Record,
    Subgroup,
    SubgroupMember,
    Subject,
)
from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_attendance import class_attendance
from ejournal_desktop.models.queries.class_results import PupilLine, class_results
from ejournal_desktop.models.queries.class_weeks import class_weeks
from ejournal_desktop.models.queries.due import due
from ejournal_desktop.models.queries.family_sheet import FamilySheet, family_sheet
from ejournal_desktop.models.queries.period_results import PupilResult, period_results
from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from ejournal_desktop.ui.grids.totals import PupilTotals, totals_of
from tests.desktop.models.test_class_results import ALGEBRA, ENGLISH, FRIDAY, MONDAY, TUESDAY, away, period_mark, work
from tests.helpers.school import MOSCOW, YEAR_START, desk_of, small_school

Open = Callable[..., Journal]
WEDNESDAY, PUPIL = date(2026, 9, 9), "u-02"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Open]:
    """Give desks of a school of four pupils; a record with the id of one of its own stands in its place."""
    opened: list[Journal] = []

    def open_(*extra: Record, who: str = "p-deputy", day: date = date(2026, 9, 15)) -> Journal:
        anew = {(type(record), record.id) for record in extra}
        school = small_school(4)
        kept = tuple(record for record in school.records if (type(record), record.id) not in anew)
        school = msgspec.structs.replace(school, records=(*kept, *extra))
        now = datetime(day.year, day.month, day.day, 12, tzinfo=MOSCOW)
        opened.append(desk_of(school, who, tmp_path / str(len(opened)), now=now))
        return opened[-1]

    yield open_
    for journal in opened:
        journal.close()


def at_the_edge(journal: Journal, page: str = ALGEBRA) -> PupilTotals:
    grid = MarkGrid(journal, page)
    row = next(number for number, pupil in enumerate(grid.pupils) if pupil.pupil_id == PUPIL)
    found = totals_of(grid, row, 1)
    grid.close()
    return found


def in_results(journal: Journal, page: str = ALGEBRA) -> PupilResult:
    return next(row for row in period_results(journal, page).rows if row.pupil.pupil_id == PUPIL)


def in_class(journal: Journal) -> PupilLine:
    return next(row for row in class_results(journal, "c-7b").rows if row.pupil.pupil_id == PUPIL)


def at_home(journal: Journal) -> FamilySheet:
    sheet = family_sheet(journal, "c-7b", PUPIL)
    assert sheet is not None
    return sheet


def own(code: str, value: object) -> PolicySetting:
    return PolicySetting(id=code, value=json.dumps(value))


def test_not_assessed_and_a_debt_are_no_marks_on_the_spread_either(desk: Open, qtbot: QtBot) -> None:
    journal = desk(*work(ALGEBRA, MONDAY, 2, "oral", {PUPIL: "н/а"}), *work(ALGEBRA, TUESDAY, 3, "oral", {PUPIL: "."}),
                   *work(ALGEBRA, FRIDAY, 1, "oral", {PUPIL: "зач"}))  # fmt: skip
    assert (at_the_edge(journal).count, in_results(journal).marks) == (1, 1)


def test_a_late_arrival_of_more_than_half_a_lesson_is_missed_on_the_spread_too(desk: Open, qtbot: QtBot) -> None:
    journal = desk(*work(ALGEBRA, MONDAY, 2, "oral", {}), *work(ALGEBRA, TUESDAY, 3, "oral", {}),
                   away(ALGEBRA, MONDAY, 2, PUPIL, "late", late_minutes=21),
                   away(ALGEBRA, TUESDAY, 3, PUPIL, "late", late_minutes=20))  # fmt: skip
    assert (at_the_edge(journal).missed, in_class(journal).missed, at_home(journal).missed) == (1, 1, 1)


def test_a_code_that_is_no_missed_lesson_is_none_anywhere(desk: Open, qtbot: QtBot) -> None:
    codes = [{"code": "Н", "title": "без причины", "counts_as_missed": True, "excused": False},
             {"code": "У", "title": "дело школы", "counts_as_missed": False, "excused": True}]  # fmt: skip
    journal = desk(own("P17", codes), *work(ALGEBRA, MONDAY, 2, "oral", {}), *work(ALGEBRA, TUESDAY, 3, "oral", {}),
                   away(ALGEBRA, MONDAY, 2, PUPIL, reason="У"), away(ALGEBRA, TUESDAY, 3, PUPIL))  # fmt: skip
    assert (at_the_edge(journal).missed, in_class(journal).missed, at_home(journal).missed) == (1, 1, 1)
    cell = MarkGrid(journal, ALGEBRA).cells[ids.mark_column(ids.lesson(ALGEBRA, MONDAY, 2), "oral", 1), PUPIL]
    assert (cell.absence, cell.missed, cell.excused) == ("у", False, False)


def test_a_lesson_without_bells_is_as_long_in_one_part_of_my_class_as_in_another(desk: Open) -> None:
    lesson = Lesson(id=ids.lesson(ALGEBRA, MONDAY, 9), journal_page_id=ALGEBRA, held_on=MONDAY, lesson_number=9)
    journal = desk(lesson, away(ALGEBRA, MONDAY, 9, PUPIL, "late", late_minutes=5))
    found = class_attendance(journal, "c-7b", MONDAY, MONDAY)
    assert (in_class(journal).missed, found.cell(PUPIL, MONDAY).missed) == (0, 0)


def test_on_a_shortened_day_half_a_lesson_is_shorter(desk: Open, qtbot: QtBot) -> None:
    bell = BellSlot(id="short", weekday=0, lesson_number=2, starts_at="09:00", ends_at="09:30", day=MONDAY)
    journal = desk(
        bell, *work(ALGEBRA, MONDAY, 2, "oral", {}), away(ALGEBRA, MONDAY, 2, PUPIL, "late", late_minutes=16)
    )
    assert (at_the_edge(journal).missed, in_class(journal).missed, at_home(journal).missed) == (1, 1, 1)
    assert class_weeks(journal, "c-7b").of_pupil(PUPIL).missed == 1


def test_what_was_entered_of_who_had_left_is_no_missed_lesson(desk: Open, qtbot: QtBot) -> None:
    left = Enrolment(id=f"e-{PUPIL}", pupil_id=PUPIL, class_group_id="c-7b", since=YEAR_START, until=MONDAY, position=2)
    journal = desk(left, *work(ALGEBRA, MONDAY, 2, "oral", {}), *work(ALGEBRA, TUESDAY, 3, "oral", {}),
                   away(ALGEBRA, MONDAY, 2, PUPIL), away(ALGEBRA, TUESDAY, 3, PUPIL))  # fmt: skip
    total = class_weeks(journal, "c-7b").of_pupil(PUPIL)
    assert (total.missed, total.lessons, at_home(journal).missed, at_home(journal).lessons) == (1, 1, 1, 1)
    assert (in_class(journal).missed, at_the_edge(journal).missed) == (1, 1)


def test_who_came_back_has_no_lessons_of_the_time_between(desk: Open) -> None:
    before = SubgroupMember(id=ids.subgroup_member("g-2", PUPIL), subgroup_id="g-2", pupil_id=PUPIL, since=YEAR_START,
                            until=date(2026, 9, 4))  # fmt: skip
    after = SubgroupMember(id="again", subgroup_id="g-2", pupil_id=PUPIL, since=date(2026, 9, 14))
    given = [record for day in (date(2026, 9, 2), WEDNESDAY, date(2026, 9, 16))
             for record in work(ENGLISH, day, 4, "oral", {"u-04": "5"})]  # fmt: skip
    journal = desk(before, after, *given, day=date(2026, 9, 18))
    assert at_home(journal).lessons == 2
    assert class_weeks(journal, "c-7b").of_pupil(PUPIL).lessons == 2
    row = next(p for p in queries.journal_spread(journal, ENGLISH).pupils if p.pupil_id == PUPIL)
    assert [row.present_in_class(date(2026, 9, day)) for day in (2, 4, 9, 13, 14)] == [True, True, False, False, True]


def test_a_lesson_that_was_taken_away_takes_its_entries_along(desk: Open, qtbot: QtBot) -> None:
    lesson, column, mark = work(ALGEBRA, MONDAY, 2, "control", {PUPIL: "5"})
    journal = desk(msgspec.structs.replace(lesson, voided=True), column, mark, away(ALGEBRA, MONDAY, 2, "u-03"),
                   who="p-teacher")  # fmt: skip
    assert (at_the_edge(journal).count, in_results(journal).marks) == (0, 0)
    assert not [cell for cell in queries.journal_spread(journal, ALGEBRA).cells.values() if cell.absence]
    assert not [row for row in due(journal) if row.what in ("marks", "wrong")]
    assert [lesson.absent for lesson in queries.today(journal, MONDAY).lessons] == [()]


def test_a_mark_without_weight_proposes_nothing_in_either_place(desk: Open) -> None:
    lesson, _column, mark = work(ALGEBRA, MONDAY, 2, "oral", {PUPIL: "5"})
    column = MarkColumn(id=mark.mark_column_id, lesson_id=lesson.id, work_kind_id="oral", weight=Decimal(0))  # type: ignore[attr-defined]
    journal = desk(lesson, column, mark)
    cell = in_class(journal).cells["s-algebra"]
    assert (cell.average, cell.weighted_average) == (Decimal(5), None)
    assert in_results(journal).weighted_average is None


def test_lessons_of_a_group_of_two_classes_are_among_those_of_the_day(desk: Open) -> None:
    page = ids.journal_page("s-craft", "g-mixed")
    journal = desk(
        ClassGroup(id="c-7v", school_year_id="y-2026", grade_level=7, letter="В"),
        Subject(id="s-craft", title="Труд"), Subgroup(id="g-mixed", class_group_id="c-7v", title="Мастерская"),
        JournalPage(id=page, subject_id="s-craft", class_group_id="c-7v", subgroup_id="g-mixed"),
        SubgroupMember(id="m", subgroup_id="g-mixed", pupil_id=PUPIL, since=YEAR_START),
        *work(page, MONDAY, 5, "oral", {}), away(page, MONDAY, 5, PUPIL),
    )  # fmt: skip
    assert class_attendance(journal, "c-7b", MONDAY, MONDAY).cell(PUPIL, MONDAY).missed == in_class(journal).missed == 1


def test_lessons_are_those_that_were_given_on_the_sheet_and_on_the_map(desk: Open) -> None:
    planned = Lesson(id=ids.lesson(ALGEBRA, FRIDAY, 1), journal_page_id=ALGEBRA, held_on=FRIDAY, lesson_number=1,
                     topic="Не было: карантин")  # fmt: skip
    journal = desk(*work(ALGEBRA, MONDAY, 2, "oral", {"u-04": "5"}), planned)
    assert (at_home(journal).lessons, class_weeks(journal, "c-7b").of_pupil(PUPIL).lessons) == (1, 1)


def test_a_lesson_given_in_the_vacation_stands_on_the_map(desk: Open) -> None:
    lesson = Lesson(id=ids.lesson(ALGEBRA, date(2026, 10, 30), 1), journal_page_id=ALGEBRA, held_on=date(2026, 11, 3),
                    lesson_number=1, held=True)  # fmt: skip
    journal = desk(lesson, day=date(2026, 11, 10))
    assert class_weeks(journal, "c-7b").of_pupil(PUPIL).lessons == 1


def test_a_subject_stands_on_the_summary_sheet_where_the_school_attests_all(desk: Open) -> None:
    talk = ids.journal_page("s-talk", "c-7b")
    subject = Subject(id="s-talk", title="Разговоры о важном", attested=False)
    page = JournalPage(id=talk, subject_id="s-talk", class_group_id="c-7b")
    records = (subject, page, period_mark(talk, PUPIL, "5"))
    told = queries.summary_sheet(desk(*records, own("P41", False)), "c-7b")
    silent = queries.summary_sheet(desk(*records), "c-7b")
    assert list(told.marks.values()) == ["5"]
    assert "Разговоры о важном" in told.subjects
    assert (list(silent.marks), silent.subjects.count("Разговоры о важном")) == ([], 0)


def test_of_two_marks_of_a_subject_that_of_the_last_group_stands_everywhere(desk: Open) -> None:
    first = ids.journal_page("s-english", "g-1")
    records = (
        Subgroup(id="g-1", class_group_id="c-7b", title="1 группа"),
        JournalPage(id=first, subject_id="s-english", class_group_id="c-7b", subgroup_id="g-1"),
        SubgroupMember(id="early", subgroup_id="g-1", pupil_id=PUPIL, since=YEAR_START, until=MONDAY),
        SubgroupMember(id=ids.subgroup_member("g-2", PUPIL), subgroup_id="g-2", pupil_id=PUPIL, since=TUESDAY),
    )
    for early, late in (("3", "4"), ("4", "3")):
        journal = desk(*records, period_mark(first, PUPIL, early), period_mark(ENGLISH, PUPIL, late))
        (told,) = (subject.value for subject in at_home(journal).subjects if subject.value)
        paper = queries.summary_sheet(journal, "c-7b", "quarter", 1)
        assert (in_class(journal).cells["s-english"].value, told, list(paper.marks.values())) == (late, late, [late])
