"""Итоги on a real encrypted journal: what is counted, proposed, asked for and missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_core.indicators import Forecast
from ejournal_core.kinds import Attendance, Enrolment, Lesson, Mark, MarkColumn, PolicySetting, Pupil, Record, Subject
from ejournal_desktop.models.commands.marks import put_period_mark
from ejournal_desktop.models.commands.periods import decide_period_mark, state_complete
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries import period_results, readiness
from ejournal_desktop.models.queries.period_results import NO_MARK, NO_REASON, PeriodResults, PupilResult
from tests.helpers.school import SmallSchool, desk_of, small_school

PAGE = ids.journal_page("s-algebra", "c-7b")
FIRST = date(2026, 9, 1)  # a Tuesday: lesson 3


def marks_of(pupil: str, values: str) -> Iterator[Record]:
    """Yield one Tuesday's oral mark after the other."""
    for week, value in enumerate(values.split()):
        lesson = ids.lesson(PAGE, FIRST + timedelta(weeks=week), 3)
        column = ids.mark_column(lesson, "oral", 1)
        yield Lesson(id=lesson, journal_page_id=PAGE, held_on=FIRST + timedelta(weeks=week), lesson_number=3)
        yield MarkColumn(id=column, lesson_id=lesson, work_kind_id="oral")
        yield Mark(id=ids.mark(column, pupil), mark_column_id=column, pupil_id=pupil, value=value)


def absences_of(pupil: str, weeks: range, reason: str) -> Iterator[Record]:
    for week in weeks:
        lesson = ids.lesson(PAGE, FIRST + timedelta(weeks=week), 3)
        yield Lesson(id=lesson, journal_page_id=PAGE, held_on=FIRST + timedelta(weeks=week), lesson_number=3)
        yield Attendance(id=ids.attendance(lesson, pupil), lesson_id=lesson, pupil_id=pupil, presence="absent",
                         reason=reason)  # fmt: skip


def school(*extra: Record, pupils: int = 3) -> SmallSchool:
    """Return the small school; the last record of an id counts."""
    made = small_school(pupils)
    records = {(type(record), record.id): record for record in (*made.records, *extra)}
    return SmallSchool(tuple(records.values()), made.pupils, made.class_group, made.subgroup, made.page, made.english)


def desk(folder: Path, *extra: Record, person: str = "p-teacher") -> Journal:
    return desk_of(school(*extra), person, folder)


def line(results: PeriodResults, pupil: str = "u-01") -> PupilResult:
    return next(row for row in results.rows if row.pupil.pupil_id == pupil)


def in_october(journal: Journal, page: str = PAGE) -> PeriodResults:
    return period_results(journal, page, today=date(2026, 10, 20))


def test_a_line_counts_averages_and_proposes(tmp_path: Path) -> None:
    journal = desk(tmp_path, *marks_of("u-01", "3 4 3"))
    found = line(in_october(journal))
    assert (found.marks, found.norm, found.proposed) == (3, 8, "3")
    assert found.average == found.weighted_average == Decimal(10) / 3
    assert found.forecast == Forecast("4", "4", 1)
    assert found.short
    assert (found.asked, found.missing) == (True, NO_MARK)
    journal.close()


def test_valid_absences_exempt_as_far_as_they_explain_the_missing_marks(tmp_path: Path) -> None:
    journal = desk(
        tmp_path, *marks_of("u-01", "4 4 4"), *absences_of("u-01", range(3, 7), "Б"),
        *marks_of("u-02", "4 4 4 4"), *absences_of("u-02", range(4, 7), "Н"),
        *marks_of("u-03", "4 4 4 4"), *absences_of("u-03", range(3, 7), "У"),
    )  # fmt: skip
    results = in_october(journal)
    assert [row.exempt for row in results.rows] == [False, False, True]
    assert [row.short for row in results.rows] == [True, True, False]
    journal.close()


def test_another_mark_than_the_proposed_one_needs_its_reason(tmp_path: Path) -> None:
    journal = desk(tmp_path, *marks_of("u-01", "3 4 3"))
    results = in_october(journal)
    with pytest.raises(Refusal) as refused:
        decide_period_mark(journal, results, line(results), "4", "  ")
    assert refused.value.code == "EJ-268"
    assert line(in_october(journal)).cell.value == ""
    decide_period_mark(journal, results, line(results), "4", " победа на олимпиаде ")
    decided = line(in_october(journal))
    assert (decided.cell.value, decided.cell.comment, decided.missing) == ("4", "победа на олимпиаде", "")
    decide_period_mark(journal, results, decided, None)
    assert (line(in_october(journal)).cell.value, line(in_october(journal)).cell.comment) == ("", "")
    journal.close()


def test_the_page_is_complete_only_when_nothing_is_missing(tmp_path: Path) -> None:
    journal = desk(tmp_path, *marks_of("u-01", "3 4 3"))
    journal.clock.now = journal.clock.now.replace(month=10, day=20)  # type: ignore[attr-defined]
    for pupil in ("u-02", "u-03"):
        put_period_mark(journal, PAGE, pupil, "quarter", 1, "н/а")
    put_period_mark(journal, PAGE, "u-01", "quarter", 1, "5")  # from the page of Журнал, without a reason
    assert [row.missing for row in in_october(journal).rows] == [NO_REASON, "", ""]
    with pytest.raises(Refusal, match="Абрамова Анна") as refused:
        state_complete(journal, PAGE, "quarter", 1)
    assert refused.value.code == "EJ-269"
    put_period_mark(journal, PAGE, "u-01", "quarter", 1, "3")
    state_complete(journal, PAGE, "quarter", 1)
    results = in_october(journal)
    assert (results.complete, results.stated_by) == (True, "Иванова М. П.")
    assert [(row.page.id == PAGE, row.complete) for row in readiness(journal, "quarter", 1)] == [(True, True)]
    state_complete(journal, PAGE, "quarter", 1, complete=False)
    assert not in_october(journal).complete
    journal.close()


def test_the_year_is_proposed_from_the_periods_and_the_final_mark_from_year_and_exam(tmp_path: Path) -> None:
    journal = desk(tmp_path)
    for number, value in enumerate("5544", 1):
        put_period_mark(journal, PAGE, "u-01", "quarter", number, value)
    found = line(period_results(journal, PAGE, "year", today=date(2027, 5, 25)))
    assert (found.proposed, found.average, found.norm, found.marks) == ("5", Decimal("4.5"), 0, 4)
    put_period_mark(journal, PAGE, "u-01", "year", 1, "5")
    put_period_mark(journal, PAGE, "u-01", "exam", 1, "3")
    final = line(period_results(journal, PAGE, "final", today=date(2027, 6, 25)))
    assert (final.proposed, final.average) == ("4", Decimal(4))
    exam = period_results(journal, PAGE, "exam", today=date(2027, 6, 25))
    assert (line(exam).cell.value, line(exam).proposed, exam.missing) == ("3", "", ())
    journal.close()


def test_who_came_in_the_middle_is_asked_for_a_share_and_who_left_for_nothing(tmp_path: Path) -> None:
    journal = desk(
        tmp_path,
        Enrolment(id="e-u-02", pupil_id="u-02", class_group_id="c-7b", since=date(2026, 10, 1), position=2),
        Enrolment(
            id="e-u-03", pupil_id="u-03", class_group_id="c-7b", since=FIRST, until=date(2026, 9, 20), position=3
        ),
        Pupil(id="u-09", last_name="Яров", first_name="Ян"),
        Enrolment(id="e-u-09", pupil_id="u-09", class_group_id="c-7b", since=date(2026, 11, 9), position=9),
    )
    results = in_october(journal)
    assert [row.pupil.pupil_id for row in results.rows] == ["u-01", "u-02", "u-03"]
    assert line(results).norm == 8
    assert 3 <= line(results, "u-02").norm <= 4  # half of the quarter
    assert (line(results, "u-03").asked, line(results, "u-03").missing) == (False, "")
    journal.close()


@pytest.mark.parametrize(
    "record",
    [PolicySetting(id="P14", value="[1, 7]"), Subject(id="s-algebra", title="Алгебра", position=1, attested=False)],
)
def test_where_no_marks_are_given_nothing_is_missing_and_nothing_is_entered(tmp_path: Path, record: Record) -> None:
    journal = desk(tmp_path, *marks_of("u-01", "3 4 3"), record, PolicySetting(id="P41", value="true"))
    results = in_october(journal)
    assert results.nothing_due
    assert (results.missing, results.norm, line(results).proposed) == ((), 0, "")
    with pytest.raises(Refusal, match=results.nothing_due):
        decide_period_mark(journal, results, line(results), "3")
    with pytest.raises(Refusal, match=results.nothing_due):
        state_complete(journal, PAGE, "quarter", 1)
    assert PAGE not in [row.page.id for row in readiness(journal, "quarter", 1)]
    journal.close()


@pytest.mark.parametrize(
    ("setting", "due"),
    [
        ('"last_study_day"', date(2026, 10, 30)),
        ('"vacation_after"', date(2026, 11, 8)),
        ('"after_last_lesson"', date(2026, 10, 30)),
    ],
)
def test_the_deadline_is_the_preset_s(tmp_path: Path, setting: str, due: date) -> None:
    journal = desk(tmp_path, PolicySetting(id="P09", value=setting))
    results = in_october(journal)
    assert (results.due_on, results.days_left) == (due, (due - date(2026, 10, 20)).days)
    journal.close()


def test_the_distribution_counts_those_without_a_mark_too(tmp_path: Path) -> None:
    journal = desk(tmp_path)
    put_period_mark(journal, PAGE, "u-02", "quarter", 1, "4")
    assert in_october(journal).distribution == (("4", ("u-02",)), ("", ("u-01", "u-03")))
    journal.close()


def test_a_deputy_sees_every_page_and_which_are_not_complete(tmp_path: Path) -> None:
    journal = desk(tmp_path, person="p-deputy")
    assert [(row.page.subject_title, row.complete) for row in readiness(journal, "quarter", 1)] == [
        ("Алгебра", False), ("Английский язык", False),
    ]  # fmt: skip
    assert readiness(journal, "trimester", 1) == ()
    journal.close()
