"""Where the register and the lessons do not agree, which side gives way, and until when reasons are due."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import Lesson, PolicySetting, RegisteredAbsence
from ejournal_desktop.models.commands import register
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_attendance import class_attendance
from ejournal_desktop.models.queries.class_weeks import class_weeks, monday_of
from ejournal_desktop.models.queries.reconciliation import Discrepancy, corrections_due, discrepancies
from tests.desktop.models.test_register import ALGEBRA, CLASS, PAGE, PUPIL, SECOND, TUESDAY, desk, entries, given

FRIDAY = date(2026, 9, 11)
ON_FRIDAY = ids.lesson(PAGE, FRIDAY, 1)


def away(pupil: str = PUPIL, reason: str = "Б", first: int | None = None, until: date = TUESDAY) -> RegisteredAbsence:
    """Return an entry of the register."""
    return RegisteredAbsence(id=f"r-{pupil}", class_group_id=CLASS, pupil_id=pupil, reason=reason, since=TUESDAY,
                             until=until, first_lesson=first)  # fmt: skip


def told(journal: Journal) -> list[tuple[str, str, list[int]]]:
    """Return what does not agree: clash, pupil, lessons."""
    return [(row.clash, row.pupil_id, [p.number for p in row.lessons]) for row in discrepancies(journal, CLASS)]


def only(journal: Journal) -> Discrepancy:
    (row,) = discrepancies(journal, CLASS)
    return row


def test_a_day_on_which_all_agree_is_not_told(tmp_path: Path) -> None:
    journal = desk(tmp_path, away(), *given(ALGEBRA, (PUPIL, "absent", ""), ("u-01", "absent", "У")))
    assert told(journal) == []
    journal.close()


def test_present_though_in_the_register_stands_once_for_all_such_lessons(tmp_path: Path) -> None:
    journal = desk(tmp_path, away(), *given(ALGEBRA), *given(SECOND))
    assert told(journal) == [("present", PUPIL, [3, 4])]
    assert only(journal).whole_day
    assert only(journal).teachers == ("Иванова М. П.", "Петров С. И.")
    assert not only(journal).mine
    journal.close()


def test_the_lessons_that_the_register_does_not_name_say_nothing_against_it(tmp_path: Path) -> None:
    journal = desk(tmp_path, away(first=4), *given(ALGEBRA), *given(SECOND, (PUPIL, "absent", "")))
    assert told(journal) == []
    journal.close()


def test_a_lesson_that_nobody_held_proves_nothing(tmp_path: Path) -> None:
    """Neither one that is only planned, nor one whose roll was begun and not finished."""
    planned = Lesson(id=ALGEBRA, journal_page_id=PAGE, held_on=TUESDAY, lesson_number=3, topic="Дроби")
    begun, *roll = given(SECOND, ("u-01", "absent", "Б"))
    journal = desk(tmp_path, away(), planned, msgspec.structs.replace(begun, held=False), *roll)
    assert told(journal) == []
    journal.close()


def test_an_absence_without_reason_waits_until_its_term_and_one_key_explains_it(tmp_path: Path) -> None:
    weekly = PolicySetting(id="P18", value='{"owner":"class_teacher","every":"weekly"}')
    journal = desk(tmp_path, weekly, *given(ALGEBRA, (PUPIL, "absent", "")), *given(SECOND, (PUPIL, "absent", "")))
    row = only(journal)
    assert (row.clash, row.due_on) == ("unexplained", date(2026, 9, 18))
    register.explain_absences(journal, tuple((each.record_id, each.lesson.lesson_id) for each in row.marked), "Н")
    assert told(journal) == []
    journal.close()


def test_two_codes_of_one_absence_are_told_and_either_side_is_taken(tmp_path: Path) -> None:
    for side, expected in (("register", "б"), ("lessons", "у")):
        journal = desk(tmp_path / side, away(), *given(ALGEBRA, (PUPIL, "absent", "У")))
        row = only(journal)
        assert (row.clash, row.code, row.lesson_code) == ("code", "Б", "У")
        if side == "register":
            marked = tuple((each.record_id, each.lesson.lesson_id) for each in row.marked)
            register.explain_absences(journal, marked, row.code)
        else:
            register.recode_day(journal, row.entry_id, row.day, row.lesson_code)
        assert told(journal) == []
        assert class_attendance(journal, CLASS, TUESDAY, TUESDAY).cell(PUPIL, TUESDAY).letter == expected
        journal.close()


def test_another_code_for_one_day_leaves_the_other_days_of_the_entry(tmp_path: Path) -> None:
    journal = desk(tmp_path, away(until=date(2026, 9, 17)))
    register.recode_day(journal, f"r-{PUPIL}", date(2026, 9, 16), "У")
    days = [(since.day, until.day) for since, until, _, _ in entries(journal)]
    assert days == [(15, 15), (16, 16), (17, 17)]
    journal.close()


def test_presence_is_the_teachers_fact_and_the_class_teacher_cannot_mark_it(tmp_path: Path) -> None:
    journal = desk(tmp_path, away(), *given(ALGEBRA))
    with pytest.raises(Refusal) as refused:
        register.mark_away(journal, (ALGEBRA,), PUPIL)
    assert (refused.value.code, refused.value.clause) == ("EJ-210", "P18")
    journal.close()
    teacher = desk(tmp_path / "teacher", away(), *given(ALGEBRA), person="p-teacher")
    register.mark_away(teacher, (ALGEBRA,), PUPIL)
    assert told(teacher) == []
    teacher.close()


def test_the_oldest_day_comes_first_and_only_four_weeks_are_compared(tmp_path: Path) -> None:
    older = ids.lesson(PAGE, date(2026, 9, 8), 3)
    journal = desk(tmp_path, *given(ALGEBRA, (PUPIL, "absent", "")), *given(older, ("u-01", "absent", "")))
    assert [row.day.day for row in discrepancies(journal, CLASS)] == [8, 15]
    assert [row.day.day for row in discrepancies(journal, CLASS, date(2026, 10, 8))] == [15]
    journal.close()


# --- for Сегодня -----------------------------------------------------------------------------------------------------


def test_the_class_teacher_is_told_what_to_correct_and_until_when(tmp_path: Path) -> None:
    lessons = [*given(ALGEBRA, (PUPIL, "absent", ""), ("u-01", "absent", "")), *given(ON_FRIDAY, (PUPIL, "absent", ""))]
    journal = desk(tmp_path, *lessons)
    (due,) = corrections_due(journal)
    assert (due.group.title, due.number, due.due_on) == ("7 «Б»", 3, FRIDAY), "daily by the neutral policy"
    journal.close()


@pytest.mark.parametrize(
    "value", ['{"owner":"class_teacher","every":"none"}', '{"owner":"subject_teacher","every":"daily"}']
)
def test_a_school_without_such_a_term_asks_for_nothing(tmp_path: Path, value: str) -> None:
    journal = desk(tmp_path, PolicySetting(id="P18", value=value), *given(ALGEBRA, (PUPIL, "absent", "")))
    assert corrections_due(journal) == ()
    journal.close()


def test_nobody_else_is_asked_to_correct(tmp_path: Path) -> None:
    for person in ("p-teacher", "p-deputy"):
        journal = desk(tmp_path / person, *given(ALGEBRA, (PUPIL, "absent", "")), person=person)
        assert corrections_due(journal) == ()
        journal.close()


# --- the weeks of the year -------------------------------------------------------------------------------------------


def test_weeks_add_up_lessons_days_and_late_arrivals(tmp_path: Path) -> None:
    journal = desk(
        tmp_path, *given(ALGEBRA, (PUPIL, "absent", "Б"), ("u-01", "late", ""), minutes=5), *given(SECOND),
        *given(ON_FRIDAY, (PUPIL, "absent", "")),
    )  # fmt: skip
    weeks = class_weeks(journal, CLASS)
    assert weeks.weeks[-2:] == (date(2026, 9, 7), date(2026, 9, 14))
    this = weeks.cell(PUPIL, monday_of(TUESDAY))
    assert (this.lessons, this.missed, this.days, this.unexplained) == (2, 1, 0, 0)
    before = weeks.cell(PUPIL, monday_of(FRIDAY))
    assert (before.lessons, before.missed, before.days, before.unexplained) == (1, 1, 1, 1)
    assert weeks.cell("u-01", monday_of(TUESDAY)).late == 1
    assert (weeks.of_pupil(PUPIL).missed, weeks.of_week(monday_of(TUESDAY)).lessons) == (2, 50)
    assert weeks.of_pupil("u-02").attendance == 100
    assert weeks.of_pupil("u-none").attendance is None
    journal.close()
