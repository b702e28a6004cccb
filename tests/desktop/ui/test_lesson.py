"""Урок by the keyboard, on a real encrypted journal: every key is in the file before the next one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import attendance, lessons
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import LessonSheet
from ejournal_desktop.models.queries.files import LessonFiles
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.widgets.roll_model import FIRST_MARK, NAME, PRESENCE
from tests.helpers import sample_days
from tests.helpers.school import SmallSchool
from tests.helpers.typing import CTRL, press, type_text
from tests.helpers.windows import open_session

ENTER, DELETE, SPACE, LEFT, RIGHT = (
    Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right,
)  # fmt: skip


class Open:
    """The lesson screen of an open session."""

    def __init__(self, window: MainWindow, journal: Journal, school: SmallSchool) -> None:
        self.window, self.journal, self.school = window, journal, school
        screen = window.screen_shown
        assert isinstance(screen, LessonScreen)
        self.screen = screen
        self.table, self.panel = screen.table, screen.panel

    def sheet(self) -> LessonSheet:
        """Return what the file says."""
        return queries.lesson_sheet(self.journal, self.school.today_lesson)

    def presence(self, number: int) -> tuple[str, int | None]:
        """Return presence and minutes of a pupil in the file."""
        row = self.sheet().roll[number]
        return row.presence, row.late_minutes

    def marks(self, number: int) -> tuple[str, ...]:
        """Return the marks of a pupil in the file."""
        return tuple(value for _column, value in self.sheet().roll[number].marks)

    def go(self, row: int, column: int) -> None:
        """Put the cursor on a cell."""
        self.table.setCurrentIndex(self.table.roll.index(row, column))

    def note(self, row: int) -> str:
        """Return the sentence beside a pupil."""
        return self.table.roll.note(row)[0]


@pytest.fixture
def lesson(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    """Give today's algebra, opened by Enter from Сегодня."""
    with open_session(qtbot, tmp_path) as (window, journal, school):
        today = window.focusWidget()
        assert today is not None
        press(today, ENTER)
        assert window.place == "lesson"
        yield Open(window, journal, school)


def test_a_whole_lesson_is_entered_without_the_mouse(lesson: Open) -> None:
    table = lesson.table
    assert lesson.window.focusWidget() is table
    assert table.place == (0, PRESENCE)
    type_text(table, "н")
    press(table, ENTER)
    type_text(table, "5")
    press(table, ENTER)
    type_text(table, "4")
    for _ in range(table.roll.rowCount() - 3):
        press(table, ENTER)
    press(table, ENTER)  # below the last pupil
    topic = lesson.panel.topic
    assert lesson.window.focusWidget() is topic
    type_text(topic, "Линейное уравнение")
    press(topic, ENTER)
    homework = lesson.panel.homework
    assert lesson.window.focusWidget() is homework
    type_text(homework, "§ 7, № 120")
    QTest.keyClick(homework, Qt.Key.Key_P, CTRL)
    sheet = lesson.sheet()
    assert lesson.presence(0) == ("absent", None)
    assert (lesson.marks(1), lesson.marks(2)) == (("5",), ("4",))
    assert (sheet.lesson.topic, sheet.lesson.homework) == ("Линейное уравнение", "§ 7, № 120")
    assert sheet.lesson.held
    assert lesson.panel.held.isChecked()


@pytest.mark.parametrize(
    ("typed", "presence"),
    [("н", "absent"), ("Н", "absent"), ("y", "absent"), ("H", "absent"), ("о", "late"), ("j", "late")],
)
def test_letters_of_the_roll_are_understood_in_either_layout(lesson: Open, typed: str, presence: str) -> None:
    type_text(lesson.table, typed)
    assert lesson.presence(0)[0] == presence


def test_minutes_of_lateness_follow_the_letter(lesson: Open) -> None:
    type_text(lesson.table, "о")
    type_text(lesson.table, "12")
    assert lesson.presence(0) == ("late", 12)
    type_text(lesson.table, "7")  # 127 minutes make no sense: begun anew
    assert lesson.presence(0) == ("late", 7)


def test_space_delete_and_a_click_change_presence(lesson: Open) -> None:
    press(lesson.table, SPACE, text=" ")
    assert lesson.presence(0)[0] == "absent"
    press(lesson.table, DELETE)
    assert lesson.presence(0)[0] == "present"
    cell = lesson.table.visualRect(lesson.table.roll.index(4, PRESENCE)).center()
    for expected in ("absent", "late", "present"):
        QTest.mouseClick(lesson.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(cell))
        assert lesson.presence(4)[0] == expected


def test_a_mark_is_taken_away_with_delete_and_changed_by_another_digit(lesson: Open) -> None:
    lesson.go(3, FIRST_MARK)
    type_text(lesson.table, "5")
    type_text(lesson.table, "4")
    assert lesson.marks(3) == ("4",)
    press(lesson.table, DELETE)
    assert lesson.marks(3) == ()


def test_a_refused_mark_says_why_beside_the_pupil_and_the_old_value_stays(lesson: Open) -> None:
    lesson.go(3, FIRST_MARK)
    type_text(lesson.table, "5")
    type_text(lesson.table, "9")
    assert lesson.marks(3) == ("5",)
    assert "не отметка" in lesson.note(3)
    type_text(lesson.table, "4")
    assert lesson.note(3) == ""
    assert lesson.window.banner.text == ""


def test_an_absent_pupil_with_a_mark_is_told_at_the_place(lesson: Open) -> None:
    lesson.go(2, FIRST_MARK)
    type_text(lesson.table, "5")
    type_text(lesson.table, "н")
    assert lesson.note(2) != ""
    type_text(lesson.table, "4")
    assert not (lesson.presence(2)[0] == "absent" and lesson.marks(2) == ("4",))


def test_the_pass_mark_is_chosen_from_a_list_at_the_cell(lesson: Open) -> None:
    lesson.go(5, FIRST_MARK)
    type_text(lesson.table, "з")
    codes = lesson.table.codes
    assert [codes.item(row).text() for row in range(codes.count())] == ["зач   зачёт", "нз   незачёт"]
    assert lesson.window.focusWidget() is codes
    press(codes, ENTER)
    assert lesson.window.focusWidget() is lesson.table
    assert lesson.marks(5) == ("зач",)


def test_a_column_for_a_control_work_is_added_by_the_keyboard(lesson: Open) -> None:
    lesson.go(1, FIRST_MARK)
    type_text(lesson.table, "5")
    QTest.keyClick(lesson.table, Qt.Key.Key_N, CTRL)
    works = lesson.screen.works
    assert lesson.window.focusWidget() is works
    assert [works.item(row).text() for row in range(works.count())] == ["У   Устный ответ", "КР   Контрольная работа"]
    press(works, Qt.Key.Key_Escape)
    assert lesson.window.focusWidget() is lesson.table
    assert lesson.window.place == "lesson"
    QTest.keyClick(lesson.table, Qt.Key.Key_N, CTRL)
    press(works, Qt.Key.Key_Down)
    press(works, ENTER)
    assert [column.work_code for column in lesson.sheet().columns] == ["У", "КР"]
    assert lesson.window.focusWidget() is lesson.table
    assert lesson.table.place == (1, FIRST_MARK + 1)
    type_text(lesson.table, "4")
    assert lesson.marks(1) == ("5", "4")


def test_one_column_too_many_is_refused_beside_the_pupil(lesson: Open) -> None:
    most = lesson.journal.policy().max_columns_per_lesson
    for _ in range(most + 1):
        QTest.keyClick(lesson.table, Qt.Key.Key_N, CTRL)
        press(lesson.screen.works, ENTER)
    assert len(lesson.sheet().columns) == most
    assert lesson.note(0) != ""


def test_undo_takes_the_last_entry_back_and_then_the_one_before(lesson: Open) -> None:
    type_text(lesson.table, "н")
    lesson.go(1, FIRST_MARK)
    type_text(lesson.table, "5")
    QTest.keyClick(lesson.table, Qt.Key.Key_Z, CTRL)
    assert lesson.marks(1) == ()
    QTest.keyClick(lesson.table, Qt.Key.Key_Z, CTRL)
    assert lesson.presence(0)[0] == "present"
    QTest.keyClick(lesson.table, Qt.Key.Key_Z, CTRL)
    assert lesson.presence(0)[0] == "present"


def test_undo_and_redo_say_what_they_did_and_no_old_refusal_stays(lesson: Open) -> None:
    said: list[str] = []
    lesson.screen.hint_changed.connect(said.append)
    lesson.go(0, FIRST_MARK)
    type_text(lesson.table, "н")
    type_text(lesson.table, "5")
    assert "отсутствующим" in lesson.note(0)
    QTest.keyClick(lesson.table, Qt.Key.Key_Z, CTRL)
    assert lesson.note(0) == ""
    assert said[-1] == "Отменено. Ctrl+Y — вернуть."
    QTest.keyClick(lesson.table, Qt.Key.Key_Y, CTRL)
    assert lesson.presence(0)[0] == "absent"
    assert said[-1] == "Возвращено. Ctrl+Z — отменить."
    QTest.keyClick(lesson.table, Qt.Key.Key_Y, CTRL)
    assert said[-1] == "Возвращать нечего."
    for _ in range(2):
        QTest.keyClick(lesson.table, Qt.Key.Key_Z, CTRL)
    assert said[-1].startswith("Отменять больше нечего")


def test_a_refusal_names_the_rule_behind_it_as_in_the_journal(lesson: Open) -> None:
    lesson.go(0, FIRST_MARK)
    type_text(lesson.table, "5/4")
    assert "добавьте столбец (правило «Две отметки в одной клетке»" in lesson.note(0)


def test_the_screen_says_when_it_was_saved(lesson: Open) -> None:
    assert lesson.panel.saved.text == "Каждая запись сохраняется сразу"
    type_text(lesson.table, "н")
    assert lesson.panel.saved.text == "Сохранено на этом компьютере в 10:42:00"


def test_half_typed_text_is_saved_after_a_pause_and_never_overwritten_meanwhile(qtbot: QtBot, lesson: Open) -> None:
    topic = lesson.panel.topic
    topic.setFocus()
    type_text(topic, "Урав")
    attendance.set_presence(lesson.journal, lesson.school.today_lesson, lesson.school.pupils[7], "absent")
    qtbot.waitUntil(lambda: lesson.table.roll.presence_text(7) == "н")
    assert topic.toPlainText() == "Урав"
    qtbot.waitUntil(lambda: lesson.sheet().lesson.topic == "Урав", timeout=4000)


def test_what_somebody_else_enters_appears_by_itself_and_the_cursor_stays(qtbot: QtBot, lesson: Open) -> None:
    lesson.go(9, FIRST_MARK)
    lessons.set_homework(lesson.journal, lesson.school.today_lesson, "№ 5")
    qtbot.waitUntil(lambda: lesson.panel.homework.toPlainText() == "№ 5")
    assert lesson.table.place == (9, FIRST_MARK)


def test_esc_saves_what_is_typed_and_goes_back_to_the_day(lesson: Open) -> None:
    lesson.panel.homework.setFocus()
    type_text(lesson.panel.homework, "учить правило")
    QTest.keyClick(lesson.panel.homework, Qt.Key.Key_Escape)
    assert lesson.window.place == "today"
    assert lesson.sheet().lesson.homework == "учить правило"


def test_every_cell_can_be_read_aloud(lesson: Open) -> None:
    lesson.go(1, FIRST_MARK)
    type_text(lesson.table, "5")
    model = lesson.table.roll
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.data(model.index(1, FIRST_MARK), role) == "Воробьёв Никита, У: 5"
    assert model.data(model.index(1, PRESENCE), role) == "Воробьёв Никита, Явка: пусто"
    assert model.data(model.index(1, NAME), Qt.ItemDataRole.ToolTipRole) == "Воробьёв Никита"


def test_a_closed_lesson_says_why_and_takes_nothing(lesson: Open) -> None:
    why = "I четверть закрыта 24 октября. Исправить можно заявкой завучу."
    lesson.screen.show_sheet(msgspec.structs.replace(lesson.sheet(), read_only=why))
    lesson.go(0, PRESENCE)
    type_text(lesson.table, "н")
    assert lesson.presence(0)[0] == "present"
    assert lesson.note(0) == why
    assert lesson.panel.topic.isReadOnly()
    assert not lesson.panel.held.isEnabled()
    assert lesson.panel.read_only.text == why


def test_lessons_of_the_day_follow_one_another_with_alt_and_arrows(qtbot: QtBot, tmp_path: Path) -> None:
    opened: list[str] = []
    sheet = sample_days.sheet()

    def read(_journal: object, lesson_id: str) -> LessonSheet:
        opened.append(lesson_id)
        return msgspec.structs.replace(sheet, lesson=msgspec.structs.replace(sheet.lesson, lesson_id=lesson_id))

    jobs = Jobs()
    screen = LessonScreen(
        sample_days.SilentJournal(), jobs, lambda: sample_days.NOW, read=read, read_day=lambda *_: sample_days.day(),  # type: ignore[arg-type]
        read_files=lambda *_: LessonFiles(),
    )  # fmt: skip
    qtbot.addWidget(screen)
    screen.open("l1")
    screen.step(1)
    screen.step(1)
    screen.step(-1)
    screen.step(-1)
    screen.step(-1)  # there is none before the first
    assert opened == ["l1", "l2", "l3", "l2", "l1"]
    screen.close_screen()
    jobs.close()


def test_the_place_opens_the_lesson_that_goes_on_when_none_was_chosen(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, school):
        window.go("lesson")
        screen = window.screen_shown
        assert isinstance(screen, LessonScreen)
        assert screen.lesson_id == school.today_lesson


def test_a_remark_is_written_on_the_lesson_said_beside_the_pupil_and_taken_back(lesson: Open) -> None:
    press(lesson.table, Qt.Key.Key_F4)
    sheet = lesson.screen.remarks.sheet
    assert sheet.isVisible()
    type_text(sheet.line, "пришёл без формы")
    sheet.kind.setCurrentIndex(1)
    press(sheet.line, ENTER)
    assert "замечание: пришёл без формы" in sheet.rows.item(0).text()
    press(sheet.line, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert lesson.note(0) == "замечание: F4"
    QTest.keyClick(lesson.table, Qt.Key.Key_Z, CTRL)
    assert lesson.note(0) == ""
