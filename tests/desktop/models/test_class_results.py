"""A class across all subjects: the same figures as on each page, who owes, who is away, who is at risk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from ejournal_core import ids
from ejournal_core.kinds import (
    AbsenceDocument,
    Attendance,
    Enrolment,
    Lesson,
    Mark,
    MarkColumn,
    PeriodMark,
    PolicySetting,
    Pupil,
    Record,
)
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_results import ClassResults, PupilLine, SubjectCell, class_results
from ejournal_desktop.models.queries.due import due
from ejournal_desktop.models.queries.period_results import period_results
from tests.helpers.full_class import full_class, pages
from tests.helpers.school import MOSCOW, SmallSchool, desk_of, small_school

MONDAY, TUESDAY, FRIDAY = date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 11)
Open = Callable[..., Journal]


@pytest.fixture
def open_class(tmp_path: Path) -> Iterator[Open]:
    opened: list[Journal] = []

    def open_(
        *extra: Record, day: date = date(2026, 9, 15), school: SmallSchool | None = None, who: str = ""
    ) -> Journal:
        school = school or small_school(4, extra)
        now = datetime(day.year, day.month, day.day, 12, tzinfo=MOSCOW)
        opened.append(desk_of(school, who or school.class_teacher, tmp_path / str(len(opened)), now=now))
        return opened[-1]

    yield open_
    for journal in opened:
        journal.close()


def work(page: str, day: date, number: int, kind: str, values: dict[str, str]) -> list[Record]:
    lesson = ids.lesson(page, day, number)
    column = ids.mark_column(lesson, kind, 1)
    return [
        Lesson(id=lesson, journal_page_id=page, held_on=day, lesson_number=number),
        MarkColumn(id=column, lesson_id=lesson, work_kind_id=kind),
        *(Mark(id=ids.mark(column, pupil), mark_column_id=column, pupil_id=pupil, value=value)
          for pupil, value in values.items()),
    ]  # fmt: skip


def away(page: str, day: date, number: int, pupil: str, presence: str = "absent", **more: object) -> Attendance:
    lesson = ids.lesson(page, day, number)
    return Attendance(id=ids.attendance(lesson, pupil), lesson_id=lesson, pupil_id=pupil, presence=presence, **more)  # type: ignore[arg-type]


def period_mark(page: str, pupil: str, value: str, number: int = 1) -> PeriodMark:
    return PeriodMark(id=ids.period_mark(page, pupil, "quarter", number), journal_page_id=page, pupil_id=pupil,
                      period_kind="quarter", period_number=number, value=value)  # fmt: skip


ALGEBRA, ENGLISH = ids.journal_page("s-algebra", "c-7b"), ids.journal_page("s-english", "g-2")


def line(results: ClassResults, pupil: str) -> PupilLine:
    return next(row for row in results.rows if row.pupil.pupil_id == pupil)


def cell(results: ClassResults, pupil: str, subject: str = "s-algebra") -> SubjectCell:
    return line(results, pupil).cells[subject]


def test_every_cell_says_what_its_page_says(open_class: Open) -> None:
    school = full_class(date(2026, 10, 16), pupils=6)
    journal = open_class(day=date(2026, 10, 16), school=school)
    seen = class_results(journal, school.class_group)
    compared = 0
    for page in pages(school):
        for row in period_results(journal, page).rows:
            there = cell(seen, row.pupil.pupil_id, page.partition(".")[0])
            assert there.page_id == page
            assert (there.average, there.weighted_average, there.proposed, there.value) == (
                row.average, row.weighted_average, row.proposed, row.cell.value)  # fmt: skip
            assert len(there.marks) == len(row.columns)
            compared += 1
    assert compared == 6 * 18
    year = class_results(journal, school.class_group, "year")
    assert year.period.title == "Год"
    assert year.report_due_on is None


def test_weights_debts_and_absences_of_all_subjects_stand_in_one_line(open_class: Open) -> None:
    journal = open_class(
        *work(ALGEBRA, MONDAY, 2, "oral", {"u-01": "5", "u-02": "."}),
        *work(ALGEBRA, TUESDAY, 3, "control", {"u-01": "2"}),
        *work(ENGLISH, date(2026, 9, 9), 4, "oral", {}),
        away(ALGEBRA, TUESDAY, 3, "u-02"), away(ALGEBRA, MONDAY, 2, "u-03", reason="Б"),
        away(ENGLISH, date(2026, 9, 9), 4, "u-02", "late", late_minutes=21),
        away(ALGEBRA, MONDAY, 2, "u-04", "late", late_minutes=20),
        AbsenceDocument(id="d-1", class_group_id="c-7b", pupil_id="u-03", reason="Б", since=MONDAY, until=MONDAY),
    )  # fmt: skip
    seen = class_results(journal, "c-7b")
    first = cell(seen, "u-01")
    assert (first.average, first.weighted_average) == (Decimal("3.5"), Decimal(3))
    assert first.weights_differ
    assert (first.proposed, first.contested) == ("3", True), "plain 3,5 says 4, with weights 3 says 3"
    assert (cell(seen, "u-02").debts, line(seen, "u-02").debts) == (1, 1)
    assert [(row.missed, row.unexcused, row.late) for row in seen.rows] == [
        (0, 0, 0), (2, 2, 1), (1, 0, 0), (0, 0, 1)
    ], "21 of 40 minutes late is missed, 20 are not (P58)"  # fmt: skip
    assert "s-english" not in line(seen, "u-01").cells, "the pupil is in the other group"


def test_a_mark_that_stands_comes_before_the_proposal(open_class: Open) -> None:
    journal = open_class(
        *work(ALGEBRA, MONDAY, 2, "oral", {"u-01": "5", "u-02": "5"}),
        period_mark(ALGEBRA, "u-01", "4"), period_mark(ALGEBRA, "u-02", "5"),
    )  # fmt: skip
    seen = class_results(journal, "c-7b", "quarter", 1)
    assert (cell(seen, "u-01").expected, cell(seen, "u-01").contested) == ("4", True)
    assert (cell(seen, "u-02").expected, cell(seen, "u-02").contested) == ("5", False)


def test_who_is_at_risk_is_told_from_two_weeks_before_the_end(open_class: Open) -> None:
    both = {"u-01": "5", "u-02": "5", "u-03": "4", "u-04": "2"}
    records = [
        *work(ALGEBRA, MONDAY, 2, "oral", both),
        *work(ENGLISH, date(2026, 9, 9), 4, "oral", {"u-02": "3"}),
    ]
    early = class_results(open_class(*records, day=date(2026, 10, 15)), "c-7b")
    assert (early.report_due_on, early.report_is_due) == (date(2026, 10, 16), False)
    assert line(early, "u-04").outlook.subjects == ("s-algebra",), "no marks yet are no news before"
    due = class_results(open_class(*records, day=date(2026, 10, 16)), "c-7b")
    assert due.report_is_due
    assert {row.pupil.pupil_id: (row.outlook.risk, row.outlook.subjects) for row in due.at_risk} == {
        "u-02": ("one_three", ("s-english",)), "u-03": ("one_four", ("s-algebra",)),
        "u-04": ("failing", ("s-algebra", "s-english")),
    }  # fmt: skip
    assert class_results(open_class(*records, day=date(2026, 10, 30)), "c-7b").report_is_due
    assert not class_results(open_class(*records, day=date(2026, 11, 1)), "c-7b", "quarter", 1).report_is_due
    lead = PolicySetting(id="P24", value=json.dumps(30))
    assert class_results(open_class(*records, lead, day=date(2026, 10, 1)), "c-7b").report_is_due


def test_who_left_has_a_line_and_is_in_no_report(open_class: Open) -> None:
    left = Enrolment(id="e-9", pupil_id="u-09", class_group_id="c-7b", since=date(2026, 9, 1), until=FRIDAY, position=9)
    never = Enrolment(id="e-8", pupil_id="u-08", class_group_id="c-7b", since=date(2026, 11, 9), position=8)
    people = [Pupil(id=f"u-0{n}", last_name="Ушедший", first_name="Иван") for n in (8, 9)]
    journal = open_class(*people, left, never, *work(ALGEBRA, MONDAY, 2, "oral", {"u-09": "2"}))
    seen = class_results(journal, "c-7b")
    assert "u-08" not in {row.pupil.pupil_id for row in seen.rows}
    assert (line(seen, "u-09").failing, line(seen, "u-09").outlook.risk) == (True, "")


def test_a_grade_without_marks_and_a_subject_without_attestation_ask_for_none(open_class: Open) -> None:
    markless = PolicySetting(id="P14", value=json.dumps([7]))
    seen = class_results(open_class(markless, *work(ALGEBRA, MONDAY, 2, "oral", {"u-01": "2"})), "c-7b")
    assert "безотметочное" in seen.markless
    assert not any(subject.asked for subject in seen.subjects)
    assert [cell(seen, "u-01").proposed, line(seen, "u-01").outlook.risk] == ["", ""]


def test_a_teacher_sees_only_what_own_pages_hold(open_class: Open) -> None:
    seen = class_results(open_class(who="p-teacher"), "c-7b")
    assert [subject.subject_id for subject in seen.subjects] == ["s-algebra"]


def test_what_two_people_dispute_is_contested(open_class: Open, tmp_path: Path) -> None:
    from tests.helpers.chaos import House

    house = House(tmp_path / "house", small_school(4))
    teacher, colleague = house.sit_down("p-teacher"), house.sit_down("p-colleague")
    head = house.sit_down("p-class-teacher")
    for seat, value in ((teacher, "5"), (colleague, "4")):
        from ejournal_desktop.models.commands.marks import put_mark

        put_mark(seat.journal, house.school.today_lesson, None, "u-01", value)
    for seat in (teacher, colleague, head, teacher):
        seat.meet()
    assert cell(class_results(head.journal, "c-7b"), "u-01").contested
    assert not cell(class_results(head.journal, "c-7b"), "u-02").contested
    house.close()


def test_the_report_is_a_thing_to_do_in_the_week_before_its_day(open_class: Open) -> None:
    records = work(ALGEBRA, MONDAY, 2, "oral", {"u-01": "5", "u-02": "2"})
    seen = {}
    for day in (8, 9, 16, 17):
        journal = open_class(*records, day=date(2026, 10, day))
        seen[day] = [(row.pupils[:1], row.due_at) for row in due(journal) if row.what == "report"]
    midnight = datetime(2026, 10, 17, tzinfo=MOSCOW)
    assert (seen[8], seen[17]) == ([], [])
    assert seen[9] == [(("Воробьёв Никита",), midnight)]
    assert seen[16][0][1] == midnight
    teacher = open_class(*records, day=date(2026, 10, 16), who="p-teacher")
    assert [row for row in due(teacher) if row.what == "report"] == [], "the report is the class teacher's"
    lead = PolicySetting(id="P24", value=json.dumps(30))
    other = open_class(*records, lead, day=date(2026, 9, 28))
    assert [row.due_at for row in due(other) if row.what == "report"] == [datetime(2026, 10, 1, tzinfo=MOSCOW)]


def test_a_mark_that_was_taken_away_counts_nowhere(open_class: Open) -> None:
    records = work(ALGEBRA, MONDAY, 2, "oral", {"u-01": "5", "u-02": "4"})
    taken = [msgspec.structs.replace(each, value=None) if isinstance(each, Mark) and each.pupil_id == "u-02" else each
             for each in records]  # fmt: skip
    seen = class_results(open_class(*taken), "c-7b")
    assert [cell(seen, pupil).marks for pupil in ("u-01", "u-02")] == [("5",), ()]
