"""The page between the view and the file, on a real encrypted file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.changes import Verdict
from ejournal_core.errors import Trouble
from ejournal_desktop.models import queries
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands import attendance, lessons, marks
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from tests.helpers.school import SmallSchool, desk_of, small_school

FRIDAY = date(2026, 9, 11)


@pytest.fixture
def school() -> SmallSchool:
    return small_school()


@pytest.fixture
def journal(school: SmallSchool, tmp_path: Path) -> Iterator[Journal]:
    journal = desk_of(school, school.teacher, tmp_path)
    yield journal
    journal.close()


@pytest.fixture
def grid(qapp: QApplication, journal: Journal, school: SmallSchool) -> Iterator[MarkGrid]:
    grid = MarkGrid(journal, school.page)
    yield grid
    grid.close()


def today(grid: MarkGrid, school: SmallSchool) -> int:
    return grid.first_column(school.today_lesson)


def saved(journal: Journal, school: SmallSchool, lesson_id: str, row: int) -> tuple[str, str]:
    """Return (value, absence) of a pupil at a lesson as a fresh reading of the file shows them."""
    spread = queries.journal_spread(journal, school.page)
    cells = [
        cell
        for column in spread.columns
        if column.lesson_id == lesson_id
        and (cell := spread.cells.get((column.key, spread.pupils[row].pupil_id))) is not None
    ]
    return "".join(cell.value for cell in cells), "".join(cell.absence for cell in cells)


def test_a_mark_is_in_the_file_when_the_key_is_done(grid: MarkGrid, journal: Journal, school: SmallSchool) -> None:
    assert grid.put(today(grid, school), 3, "5")
    assert saved(journal, school, school.today_lesson, 3) == ("5", "")
    cell = grid.cell(today(grid, school), 3)
    assert cell is not None
    assert (cell.value, cell.delivery) == ("5", "waiting")


def test_the_same_mark_once_more_is_not_shown_as_waiting_for_the_server(
    grid: MarkGrid, journal: Journal, school: SmallSchool
) -> None:
    def delivery() -> str | None:
        cell = grid.cell(today(grid, school), 3)
        return cell.delivery if cell else None

    grid.put(today(grid, school), 3, "5")
    journal.settle(
        [Verdict(id=unsent.change.id, number=n, outcome="taken") for n, unsent in enumerate(journal.outbox(), 1)]
    )
    grid.refresh()
    assert delivery() == "delivered"
    assert grid.put(today(grid, school), 3, "5")
    assert delivery() == "delivered"


def test_the_first_mark_of_a_lesson_makes_its_column(grid: MarkGrid, school: SmallSchool) -> None:
    column = today(grid, school)
    assert grid.columns[column].mark_column_id is None
    grid.put(column, 0, "4")
    assert grid.columns[column].mark_column_id is not None
    assert grid.columns[column].work_code == "У"


def test_a_refused_mark_keeps_the_old_value_and_says_why(
    grid: MarkGrid, journal: Journal, school: SmallSchool, qtbot: QtBot
) -> None:
    grid.put(today(grid, school), 2, "4")
    with qtbot.waitSignal(grid.refused) as refused:
        assert not grid.put(today(grid, school), 2, "7")
    assert "не отметка" in refused.args[2]
    assert saved(journal, school, school.today_lesson, 2) == ("4", "")
    cell = grid.cell(today(grid, school), 2)
    assert cell is not None
    assert cell.value == "4"
    assert "не отметка" in grid.notes[grid.key(today(grid, school), 2)]


def test_the_next_accepted_mark_takes_the_refusal_away(grid: MarkGrid, school: SmallSchool) -> None:
    grid.put(today(grid, school), 2, "7")
    grid.put(today(grid, school), 2, "5")
    assert grid.notes == {}


def test_trouble_of_the_disk_is_told_to_the_screen(
    grid: MarkGrid, journal: Journal, school: SmallSchool, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object, **_named: object) -> None:
        raise Trouble("disk")

    monkeypatch.setattr(marks, "put_mark", full_disk)  # a full disk cannot be had in a moment
    with qtbot.waitSignal(grid.troubled):
        assert not grid.put(today(grid, school), 0, "5")
    assert grid.cell(today(grid, school), 0) is None
    assert saved(journal, school, school.today_lesson, 0) == ("", "")


def test_absence_stands_in_the_first_column_and_can_be_taken_back(
    grid: MarkGrid, journal: Journal, school: SmallSchool
) -> None:
    assert grid.set_presence(today(grid, school), 1, "absent")
    assert saved(journal, school, school.today_lesson, 1) == ("", "н")
    assert grid.set_presence(today(grid, school), 1, "present")
    assert saved(journal, school, school.today_lesson, 1) == ("", "")


def test_a_claimed_reason_leaves_the_absence_whatever_the_rules_say_of_it(
    grid: MarkGrid, journal: Journal, school: SmallSchool
) -> None:
    assert grid.set_presence(today(grid, school), 1, "absent", "Б")
    _value, absence = saved(journal, school, school.today_lesson, 1)
    assert absence in ("н", "б")
    refused = grid.key(today(grid, school), 1) in grid.notes
    assert refused == (absence == "н")


def test_one_key_is_one_step_back_even_when_it_wrote_twice(
    grid: MarkGrid, journal: Journal, school: SmallSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def allowed(journal: Journal, lesson_id: str, _pupil_id: str, _reason: str) -> ChangeSet:
        return lessons.set_topic(journal, lesson_id, "второе")  # a teacher may not give reasons, but may write topics

    monkeypatch.setattr(attendance, "set_reason", allowed)
    grid.set_presence(today(grid, school), 1, "absent", "Б")
    assert grid.undo()
    assert not grid.can_undo()
    assert saved(journal, school, school.today_lesson, 1) == ("", "")
    lesson = grid.lesson(school.today_lesson)
    assert lesson is not None
    assert lesson.topic == ""


def test_undo_and_redo_go_through_the_journal(
    grid: MarkGrid, journal: Journal, school: SmallSchool, qtbot: QtBot
) -> None:
    column = today(grid, school)
    grid.put(column, 0, "3")
    grid.put(today(grid, school), 0, "4")
    assert grid.undo()
    assert saved(journal, school, school.today_lesson, 0) == ("3", "")
    assert grid.redo()
    assert saved(journal, school, school.today_lesson, 0) == ("4", "")
    assert grid.undo()
    grid.put(today(grid, school), 0, "5")
    with qtbot.assertNotEmitted(grid.refused):
        assert not grid.redo(), "a new entry ends what could be repeated"


def test_undo_does_not_overwrite_what_another_has_changed_since(
    grid: MarkGrid, journal: Journal, school: SmallSchool, qtbot: QtBot
) -> None:
    grid.put(today(grid, school), 0, "3")
    column_id = grid.columns[today(grid, school)].mark_column_id
    marks.put_mark(journal, school.today_lesson, column_id, school.pupils[0], "4")
    with qtbot.waitSignal(grid.refused):
        assert not grid.undo()
    assert saved(journal, school, school.today_lesson, 0) == ("4", "")


def test_a_comment_stays_with_its_mark(grid: MarkGrid, school: SmallSchool) -> None:
    grid.put(today(grid, school), 0, "3")
    assert grid.put(today(grid, school), 0, "3", comment="переписать")
    grid.refresh()
    cell = grid.cell(today(grid, school), 0)
    assert cell is not None
    assert (cell.value, cell.comment) == ("3", "переписать")


def test_topic_homework_and_held_are_entered_for_a_lesson_known_only_from_the_timetable(
    grid: MarkGrid, school: SmallSchool
) -> None:
    lesson_id = school.lesson(FRIDAY, 1)
    assert grid.set_topic(lesson_id, "Числовые выражения")
    assert grid.set_homework(lesson_id, "§ 1, № 4–8")
    assert grid.hold_lesson(lesson_id, True)
    lesson = grid.lesson(lesson_id)
    assert lesson is not None
    assert (lesson.topic, lesson.homework, lesson.held) == ("Числовые выражения", "§ 1, № 4–8", True)


def test_an_entry_made_on_another_thread_arrives_with_its_author(
    grid: MarkGrid, journal: Journal, school: SmallSchool, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(grid.changed_elsewhere) as told:
        worker = threading.Thread(
            target=attendance.set_presence, args=(journal, school.today_lesson, school.pupils[4], "absent")
        )
        worker.start()
        worker.join()
    assert told.args[0] == {(today(grid, school), 4): "Иванова М. П."}


def test_ones_own_entry_is_not_told_as_somebody_elses(grid: MarkGrid, school: SmallSchool, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(grid.changed_elsewhere, wait=200):
        grid.put(today(grid, school), 0, "5")
        grid.put(today(grid, school), 1, "4")
        grid.set_presence(today(grid, school), 2, "late")


def test_entries_of_other_pages_do_not_make_this_one_read_anew(
    grid: MarkGrid, journal: Journal, school: SmallSchool, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: list[str] = []
    monkeypatch.setattr(grid, "refresh", lambda **_: readings.append("read"))
    other = ids.lesson("s-other.c-7b", FRIDAY, 1)
    grid._arrived.emit(_touching("Mark", f"{other}.oral.1.u-01"))
    qtbot.wait(120)
    assert readings == []
    grid._arrived.emit(_touching("Mark", f"{school.today_lesson}.oral.1.u-01"))
    qtbot.waitUntil(lambda: readings == ["read"])


def _touching(kind: str, record_id: str) -> object:
    return ChangeSet(touched=frozenset({(kind, record_id)}))


def test_a_closed_grid_hears_nothing_more(
    qapp: QApplication, journal: Journal, school: SmallSchool, qtbot: QtBot
) -> None:
    grid = MarkGrid(journal, school.page)
    grid.close()
    with qtbot.assertNotEmitted(grid.cells_changed, wait=120):
        lessons.set_topic(journal, school.today_lesson, "Новая тема")


def test_the_first_mark_says_that_the_lesson_was_held_and_undo_takes_both_back(
    grid: MarkGrid, journal: Journal, school: SmallSchool
) -> None:
    def held() -> bool:
        return queries.lesson_sheet(journal, school.today_lesson).lesson.held

    grid.put(today(grid, school), 0, None)
    assert not held(), "nothing was given"
    grid.put(today(grid, school), 0, "4")
    assert held()
    grid.undo()
    assert not held()
