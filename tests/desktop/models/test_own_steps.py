"""What Ctrl+Z can still take back after a restart, read from the history of the file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ejournal_core.changes import Verdict
from ejournal_core.kinds import RoleGrant
from ejournal_desktop.models.commands import attendance, lessons, marks
from ejournal_desktop.models.commands.pasting import CellEntry, enter_cells
from ejournal_desktop.models.database import open_database
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries import lesson_sheet, own_steps
from tests.helpers.school import YEAR_START, Clock, SmallSchool, desk_of, small_school

KEY = bytes(range(32))


@pytest.fixture
def school() -> SmallSchool:
    return small_school()


@pytest.fixture
def journal(school: SmallSchool, tmp_path: Path) -> Iterator[Journal]:
    journal = desk_of(school, school.teacher, tmp_path, key=KEY)
    yield journal
    journal.close()


def values(journal: Journal, school: SmallSchool) -> list[tuple[str, ...]]:
    """Return the marks of the first pupils at today's lesson."""
    return [tuple(value for _column, value in row.marks) for row in lesson_sheet(journal, school.today_lesson).roll[:3]]


def later(journal: Journal, **by: float) -> None:
    """Let the next entry be another key's."""
    assert isinstance(journal.clock, Clock)
    journal.clock.now += timedelta(**by)


def put(journal: Journal, school: SmallSchool, row: int, value: str) -> None:
    later(journal, seconds=1)
    columns = lesson_sheet(journal, school.today_lesson).columns
    column = columns[0].mark_column_id if columns else None
    marks.put_mark(journal, school.today_lesson, column, school.pupils[row], value)


def test_steps_are_taken_back_one_by_one_after_the_file_was_closed_and_opened(
    journal: Journal, school: SmallSchool, tmp_path: Path
) -> None:
    put(journal, school, 0, "5")
    put(journal, school, 1, "4")
    put(journal, school, 1, "3")
    clock = journal.clock
    journal.close()
    again = Journal(open_database(next(tmp_path.glob("*.journal")), KEY), clock)
    for expected in ([("5",), ("4",), ()], [("5",), (), ()], [(), (), ()]):
        again.undo(own_steps(again, school.page)[-1])
        assert [tuple(filter(None, row)) for row in values(again, school)] == expected
    assert own_steps(again, school.page) == []
    again.close()


def test_what_was_taken_back_is_no_step_and_what_was_entered_again_is_one(
    journal: Journal, school: SmallSchool
) -> None:
    put(journal, school, 0, "5")
    first = own_steps(journal, school.page)[-1]
    taken = journal.undo(first)
    assert own_steps(journal, school.page) == []
    journal.undo(taken)
    (step,) = own_steps(journal, school.page)
    assert [change.kind for change in step.changes] == ["Mark"]
    journal.undo(step)
    assert own_steps(journal, school.page) == []


def test_a_letter_with_the_reason_that_it_claims_is_one_step(tmp_path: Path) -> None:
    class_teacher = RoleGrant(id="r-both", person_id="p-teacher", role="class_teacher", class_group_id="c-7b",
                              since=YEAR_START)  # fmt: skip
    school = small_school(extra=[class_teacher])
    journal = desk_of(school, school.teacher, tmp_path)
    attendance.set_presence(journal, school.today_lesson, school.pupils[0], "absent")
    later(journal, milliseconds=20)
    attendance.set_reason(journal, school.today_lesson, school.pupils[0], "Б")
    later(journal, milliseconds=20)
    attendance.set_presence(journal, school.today_lesson, school.pupils[1], "late")
    letter, _late = own_steps(journal, school.page)
    assert [sorted(change.set) for change in letter.changes] == [
        ["lesson_id", "presence", "pupil_id"], ["document_id", "reason"],
    ]  # fmt: skip
    journal.undo(letter)
    row = lesson_sheet(journal, school.today_lesson).roll[0]
    assert (row.presence, row.absence) == ("present", "")
    journal.close()


def test_a_block_is_one_step_and_a_mark_of_the_same_second_another(
    journal: Journal, school: SmallSchool, tmp_path: Path
) -> None:
    put(journal, school, 0, "2")
    column = lesson_sheet(journal, school.today_lesson).columns[0].mark_column_id
    later(journal, milliseconds=20)
    block = [CellEntry(pupil_id=pupil, lesson_id=school.today_lesson, mark_column_id=column, marks=True, value="5")
             for pupil in school.pupils[:3]]  # fmt: skip
    enter_cells(journal, school.page, block)
    clock = journal.clock
    journal.close()
    again = Journal(open_database(next(tmp_path.glob("*.journal")), KEY), clock)
    mark, pasted = own_steps(again, school.page)
    assert (len(mark.changes), len(pasted.changes)) == (1, 3)
    again.undo(pasted)
    assert [tuple(filter(None, row)) for row in values(again, school)] == [("2",), (), ()]
    assert own_steps(again, school.page) == [mark]
    again.close()


def test_only_the_lesson_that_is_asked_for_is_looked_at(journal: Journal, school: SmallSchool) -> None:
    lessons.set_topic(journal, school.today_lesson, "Степень")
    later(journal, seconds=1)
    attendance.set_presence(journal, school.today_lesson, school.pupils[2], "absent")
    other = school.lesson(journal.clock().date() - timedelta(days=1), 2)
    assert own_steps(journal, other) == []
    assert [step.changes[0].kind for step in own_steps(journal, school.today_lesson)] == ["Attendance"]
    later(journal, seconds=1)
    lessons.set_topic(journal, school.today_lesson, "Степень с показателем")
    assert [step.changes[0].kind for step in own_steps(journal, school.today_lesson)] == ["Attendance", "Lesson"]


def test_what_was_entered_the_day_before_is_no_step_any_more(journal: Journal, school: SmallSchool) -> None:
    put(journal, school, 0, "5")
    assert isinstance(journal.clock, Clock)
    journal.clock.now += timedelta(hours=13)
    assert journal.policy().entry_grace.until_deadline
    assert len(own_steps(journal, school.page)) == 1
    journal.clock.now += timedelta(hours=1)
    assert own_steps(journal, school.page) == []


def test_what_the_log_refused_and_what_was_given_up_are_no_steps(journal: Journal, school: SmallSchool) -> None:
    put(journal, school, 0, "5")
    put(journal, school, 1, "4")
    first, second = own_steps(journal, school.page)
    assert own_steps(journal, school.page, {second.changes[0].id}) == [first]
    journal.settle([Verdict(id=first.changes[0].id, number=0, outcome="refused", reason="EJ-229")])
    assert own_steps(journal, school.page) == [second]
