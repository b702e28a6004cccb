"""Готовность журналов on real encrypted journals: what each page lacks, who is late, and what is not here at all."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.kinds import (
    ClassGroup,
    Enrolment,
    GradingPeriod,
    Lesson,
    PeriodMark,
    PolicySetting,
    Record,
    RoleGrant,
)
from ejournal_desktop.models import slices
from ejournal_desktop.models.commands.periods import state_complete
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.oversight import PageStanding, oversees, oversight
from tests.helpers.school import MOSCOW, YEAR_START, desk_of, small_school
from tests.helpers.whole_school import EMPTY, FINISHED, HALF, NO_WORD, state_of, whole_school

LAST_DAY = datetime(2026, 10, 30, 10, 0, tzinfo=MOSCOW)
AFTER = datetime(2026, 11, 3, 10, 0, tzinfo=MOSCOW)
ALGEBRA = ids.journal_page("s-algebra", "c-7b")


def deputy(folder: Path, now: datetime = LAST_DAY, *extra: Record, person: str = "p-deputy") -> Journal:
    school = whole_school(2, 4, 6, date(2026, 10, 30))
    records = {(type(each), each.id): each for each in (*school.records, *extra)}
    return desk_of(small_school(extra=records.values()), person, folder, now=now)


def made(journal: Journal) -> list[PageStanding]:
    """Return the pages of the school that was made, in the order in which they were made."""
    return [row for row in oversight(journal).rows if row.page.subject_id.startswith("w-")]


def test_each_page_says_what_it_lacks_in_its_running_period(tmp_path: Path) -> None:
    journal = deputy(tmp_path)
    rows = made(journal)
    assert [(row.page.class_title, row.page.subject_title) for row in rows[:2]] == [
        ("5 «А»", "Русский язык"), ("5 «А»", "Литература"),
    ]  # fmt: skip
    by_state = {state_of(number): row for number, row in enumerate(rows)}
    finished, half, silent, empty = (by_state[each] for each in (FINISHED, HALF, NO_WORD, EMPTY))
    assert (finished.standing, finished.complete, finished.unfilled, finished.unmarked) == ("ready", True, 0, 0)
    assert (half.standing, half.lessons, half.unfilled) == ("waits", 8, 4)
    assert (half.pupils, half.unmarked, half.unreasoned) == (6, 2, 1)
    assert (silent.standing, silent.unfilled, silent.unmarked, silent.complete) == ("waits", 0, 0, False)
    assert (empty.lessons, empty.unfilled, empty.unmarked) == (8, 8, 6), "foreseen by the timetable, entered by nobody"
    assert {row.due_on for row in rows} == {date(2026, 10, 30)}
    assert {row.period for row in rows} == {"I четверть"}
    journal.close()


def test_who_has_not_finished_after_the_deadline_is_late(tmp_path: Path) -> None:
    journal = deputy(tmp_path, AFTER)
    assert [row.standing for row in made(journal)][:4] == ["ready", "late", "late", "late"]
    journal.close()
    later = deputy(tmp_path / "later", AFTER, PolicySetting(id="P09", value='"vacation_after"'))
    assert [(row.standing, row.due_on) for row in made(later)][1] == ("waits", date(2026, 11, 8))
    later.close()


def test_who_stated_it_and_when_stands_there(tmp_path: Path) -> None:
    marks = [PeriodMark(id=ids.period_mark(ALGEBRA, pupil, "quarter", 1), journal_page_id=ALGEBRA, pupil_id=pupil,
                        period_kind="quarter", period_number=1, value="н/а", justification="болел")
             for pupil in small_school().pupils]  # fmt: skip
    teacher = deputy(tmp_path, LAST_DAY, *marks, RoleGrant(
        id="r-x", person_id="p-teacher", role="deputy_director", since=YEAR_START), person="p-teacher")  # fmt: skip
    before = next(row for row in oversight(teacher).rows if row.page.id == ALGEBRA)
    assert (before.complete, before.stated_by, before.unmarked, before.unreasoned) == (False, "", 0, 0)
    state_complete(teacher, ALGEBRA, "quarter", 1)
    found = next(row for row in oversight(teacher).rows if row.page.id == ALGEBRA)
    assert (found.complete, found.stated_by, found.stated_at) == (True, "Иванова М. П.", LAST_DAY)
    assert found.standing == "waits", "its lessons are not filled in"
    teacher.close()


def test_a_page_that_has_not_come_is_not_counted_as_zero(tmp_path: Path) -> None:
    journal = deputy(tmp_path)
    whole = [f"page:{row.page.id}" for row in oversight(journal).rows]
    with journal.engine.begin() as connection:
        slices.hold(connection, ["directory", *whole[1:]], 1)
        slices.mark(connection, [whole[2]], leaving=True)
    found = oversight(journal)
    assert [row.standing for row in found.rows[:3]] == ["absent", "waits", "absent"]
    assert (found.rows[0].lessons, found.rows[0].unmarked, found.rows[0].due_on) == (0, 0, None)
    assert found.counted("absent") == 2
    journal.close()


def test_a_deputy_of_one_class_sees_its_pages_and_hears_of_the_others(tmp_path: Path) -> None:
    grant = RoleGrant(id="r-k", person_id="p-colleague", role="deputy_director", class_group_id="k-0", since=YEAR_START)
    journal = deputy(tmp_path, LAST_DAY, grant, person="p-colleague")
    found = oversight(journal)
    assert {row.page.class_group_id for row in found.rows} == {"k-0"}
    assert (len(found.rows), found.elsewhere) == (4, 6)
    assert oversees(journal)
    journal.close()


@pytest.mark.parametrize("person", ["p-teacher", "p-class-teacher"])
def test_who_oversees_nothing_has_no_list(tmp_path: Path, person: str) -> None:
    journal = deputy(tmp_path, person=person)
    assert not oversees(journal)
    assert oversight(journal).rows == ()
    journal.close()


def test_each_class_has_its_own_running_period_and_another_can_be_asked_for(tmp_path: Path) -> None:
    half_years = [
        GradingPeriod(id=f"h-{n}", school_year_id="y-2026", kind="half_year", number=n, starts_on=first, ends_on=last)
        for n, first, last in ((1, YEAR_START, date(2026, 12, 29)), (2, date(2027, 1, 11), date(2027, 5, 28)))
    ]
    senior = ClassGroup(id="k-1", school_year_id="y-2026", grade_level=10, letter="А", period_scheme="half_year")
    journal = deputy(tmp_path, LAST_DAY, *half_years, senior)
    assert {row.page.class_title: row.period for row in oversight(journal).rows}["10 «А»"] == "I полугодие"
    assert ("half_year", 2, "II полугодие") in oversight(journal).periods
    second = oversight(journal, ("half_year", 2))
    assert {(row.page.class_title, row.period) for row in second.rows} == {("10 «А»", "II полугодие")}
    assert {row.lessons for row in second.rows} == {0}, "nothing of it has been due yet"
    assert len(oversight(journal, ("quarter", 1)).rows) == 6
    journal.close()


def test_a_moved_lesson_is_not_missed_where_it_was(tmp_path: Path) -> None:
    page = ids.journal_page("w-3", "k-0")  # empty: eight Mondays are missing
    number = 1 + 3 % 7
    moved = Lesson(id=ids.lesson(page, date(2026, 10, 5), number), journal_page_id=page, held_on=date(2026, 10, 7),
                   lesson_number=2, held=True, topic="Перенесённый")  # fmt: skip
    journal = deputy(tmp_path, LAST_DAY, moved)
    row = next(row for row in oversight(journal).rows if row.page.id == page)
    assert (row.lessons, row.unfilled, row.no_homework) == (8, 7, 1)
    journal.close()


def test_a_lesson_moved_beyond_the_period_is_missing_nowhere(tmp_path: Path) -> None:
    page, number = ids.journal_page("w-3", "k-0"), 1 + 3 % 7
    moved = Lesson(id=ids.lesson(page, date(2026, 10, 5), number), journal_page_id=page, held_on=date(2026, 11, 11),
                   lesson_number=2)  # fmt: skip
    journal = deputy(tmp_path, LAST_DAY, moved)
    row = next(row for row in oversight(journal).rows if row.page.id == page)
    assert (row.lessons, row.unfilled) == (7, 7)
    journal.close()


def test_where_no_marks_are_given_only_lessons_are_asked_for(tmp_path: Path) -> None:
    journal = deputy(tmp_path, LAST_DAY, PolicySetting(id="P14", value="[5]"), PolicySetting(id="P45", value="[5]"))
    rows = oversight(journal).rows
    assert {row.page.class_title for row in rows} == {"5 «А»"}, "grades that the journal does not cover are left out"
    assert [row.standing for row in rows] == ["ready", "waits", "ready", "waits"]
    assert [(row.pupils, row.unmarked, bool(row.nothing_due)) for row in rows] == [(0, 0, True)] * 4
    journal.close()


def test_who_left_before_the_end_is_not_asked_for_a_mark(tmp_path: Path) -> None:
    gone = Enrolment(id="e-k-0p1", pupil_id="k-0p1", class_group_id="k-0", since=YEAR_START, position=1,
                     until=date(2026, 10, 10))  # fmt: skip
    journal = deputy(tmp_path, LAST_DAY, gone)
    empty = next(row for row in made(journal) if row.page.id == ids.journal_page("w-3", "k-0"))
    assert (empty.pupils, empty.unmarked) == (5, 5)
    journal.close()
