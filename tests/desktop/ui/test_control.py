"""Контроль: others' requests decided by one key each or together, with their history; nothing is lost by Esc."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import Lesson, Mark, MarkColumn, PeriodClosing
from ejournal_desktop.models import queries, records
from ejournal_desktop.models.commands.requests import ask_correction
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.requests import RegisterRow
from ejournal_desktop.ui.screens.control import ControlScreen
from ejournal_desktop.ui.widgets.register_table import Register
from ejournal_desktop.ui.widgets.waiting_filter import WaitingFilter
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.closed_quarter import deputy_with_requests
from tests.helpers.school import NOW, desk_of, small_school
from tests.helpers.typing import press, type_text

PUPILS = ("u-04", "u-05", "u-06")


def mark_id(pupil: str) -> str:
    return ids.mark(COLUMN, pupil)


@pytest.fixture
def deputy(tmp_path: Path) -> Iterator[Journal]:
    """Give the deputy's desk with three requests of a teacher about marks in a closed period."""
    page, day = ids.lesson_parts(LESSON)[:2]
    lesson = Lesson(id=LESSON, journal_page_id=page, held_on=day, lesson_number=3)
    column = MarkColumn(id=COLUMN, lesson_id=LESSON, work_kind_id="oral")
    given = [Mark(id=mark_id(each), mark_column_id=COLUMN, pupil_id=each, value="4") for each in PUPILS]
    closing = PeriodClosing(id=ids.period_closing("c-7b", "q-1"), class_group_id="c-7b", grading_period_id="q-1",
                            closed=True)  # fmt: skip
    school = small_school(extra=(lesson, column, *given, closing))
    server = PocketServer(school)
    teacher = desk_of(school, school.teacher, tmp_path / "teacher")
    for each in PUPILS:
        ask_correction(teacher, "Mark", mark_id(each), f"в тетради {each}", value="5")
    server.push(teacher.outbox())
    teacher.close()
    journal = desk_of(school, school.deputy, tmp_path / "deputy")
    entries, upto = server.pull(0)
    journal.apply(entries, upto)
    yield journal
    journal.close()


@pytest.fixture
def screen(qtbot: QtBot, deputy: Journal) -> Iterator[ControlScreen]:
    """Give the screen on the deputy's desk."""
    made = ControlScreen(deputy, deputy.clock)
    qtbot.addWidget(made)
    made.resize(1180, 620)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.enter()
    yield made
    made.close_screen()


def value(journal: Journal, pupil: str) -> object:
    with journal.reading() as connection:
        return (records.read(connection, "Mark", mark_id(pupil)).fields or {}).get("value")


def test_plus_lets_the_current_request_through_and_goes_on_to_the_next(screen: ControlScreen, deputy: Journal) -> None:
    type_text(screen.requests, "+")
    assert [value(deputy, each) for each in PUPILS] == ["5", "4", "4"]
    assert screen.requests.count() == 2
    assert screen.requests.hasFocus()


def test_several_marked_requests_are_let_through_at_once(screen: ControlScreen, deputy: Journal) -> None:
    type_text(screen.requests, "  ")  # marks and moves on, twice
    type_text(screen.requests, "=")  # the plus without Shift
    assert [value(deputy, each) for each in PUPILS] == ["5", "5", "4"]


def test_a_refusal_needs_a_reason_and_keeps_the_mark(screen: ControlScreen, deputy: Journal) -> None:
    type_text(screen.requests, "-")
    press(screen.reason, Qt.Key.Key_Return)
    assert screen.requests.count() == 3  # nothing was refused without a reason
    type_text(screen.reason, "оценка верна")
    press(screen.reason, Qt.Key.Key_Return)
    assert value(deputy, PUPILS[0]) == "4"
    assert screen.requests.count() == 2
    told = queries.correction_register(deputy, deputy.clock().date(), deputy.clock().date())
    assert next(row.decision for row in told if "отказано" in row.decision).endswith("оценка верна")


def test_the_line_for_a_reason_says_what_is_refused(screen: ControlScreen, deputy: Journal) -> None:
    """The row loses its colour with the focus: whoever types a reason sees whose request it is for all that."""
    type_text(screen.requests, "-")
    row = queries.waiting_decisions(deputy)[0]
    assert screen.foot.about.isVisible()
    assert screen.foot.about.text() == f"Отказать: {row.where}, {row.what}, Иванова М. П."
    assert screen.reason.accessibleDescription() == screen.foot.about.text()
    press(screen.reason, Qt.Key.Key_Escape)
    assert not screen.foot.about.isVisible()
    type_text(screen.requests, "  -")
    assert screen.foot.about.text() == "Отказать сразу: 2\u00a0заявки, одна причина на все."
    assert screen.foot.message.text == ""  # what was said before is not about this


def test_esc_leaves_a_refusal_and_nothing_is_decided(screen: ControlScreen) -> None:
    type_text(screen.requests, "-")
    type_text(screen.reason, "переду")
    press(screen.reason, Qt.Key.Key_Escape)
    assert not screen.reason.isVisible()
    assert screen.requests.count() == 3
    assert screen.requests.hasFocus()


def test_each_row_is_read_out_with_who_asks_and_why(screen: ControlScreen) -> None:
    told = screen.requests.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "отметка 4 → 5" in told
    assert "Иванова М. П." in told
    assert "в тетради u-04" in told


def test_a_desk_where_nothing_waits_says_what_will_appear(screen: ControlScreen) -> None:
    screen.mark_all()
    type_text(screen.requests, "+")
    assert screen.requests.count() == 0
    assert "Ничего не ждёт вашего решения" in screen._note.text()


# --- finding and the register ----------------------------------------------------------------------------------------


def test_typing_finds_among_what_waits_and_esc_shows_all_again(screen: ControlScreen) -> None:
    screen.look_for()
    type_text(screen.search, "журавл 7б")
    assert [row.change_id for row in screen.requests.rows] != []
    assert screen.requests.count() == 1
    assert "Журавлёв" in screen.requests.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    press(screen.search, Qt.Key.Key_Return)
    assert screen.requests.hasFocus()
    screen.look_for()
    type_text(screen.search, " физика")
    assert screen.requests.count() == 0
    assert "Всего ждут решения: 3" in screen._note.text()
    press(screen.search, Qt.Key.Key_Escape)
    assert screen.requests.count() == 3


def test_what_waits_is_found_in_the_wrong_layout_as_well(screen: ControlScreen) -> None:
    screen.look_for()
    type_text(screen.search, ";ehfdk` 7,")
    assert screen.requests.count() == 1
    assert "Журавлёв" in screen.requests.item(0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_what_waits_is_narrowed_to_a_class_a_kind_and_a_person(screen: ControlScreen) -> None:
    screen.look_for()
    chosen = screen.filter
    assert [chosen.group.itemText(at) for at in range(chosen.group.count())] == ["Все классы", "7 «Б»"]
    assert [chosen.person.itemText(at) for at in range(chosen.person.count())] == ["Все учителя", "Иванова М. П."]
    assert [chosen.kind.itemText(at) for at in range(chosen.kind.count())] == ["Все виды", "Отметки"]
    press(screen.search, Qt.Key.Key_Tab)
    press(screen.search, Qt.Key.Key_Tab)
    assert chosen.kind.hasFocus()
    screen.refresh()  # something has arrived meanwhile: the lists do not go away from under the hands
    assert chosen.isVisible()
    press(chosen.kind, Qt.Key.Key_Down)
    assert screen.requests.count() == 3
    type_text(screen.search, "Зимина")
    assert screen.requests.count() == 1
    press(screen.search, Qt.Key.Key_Escape)
    assert screen.requests.count() == 3
    assert chosen.is_empty


def test_a_chosen_person_hides_the_others_and_stays_chosen_when_something_arrives(
    qtbot: QtBot, screen: ControlScreen
) -> None:
    waiting = screen.requests.rows
    other = msgspec.structs.replace(waiting[0], change_id="x", kind="Lesson", requester="Петров С. И.")
    chosen = WaitingFilter()
    qtbot.addWidget(chosen)
    chosen.offer([*waiting, other])
    chosen.person.setCurrentText("Петров С. И.")
    assert [row for row in (*waiting, other) if chosen.keeps(row, "")] == [other]
    chosen.offer([*waiting, other, msgspec.structs.replace(other, change_id="y", kind="Attendance")])
    assert chosen.person.currentText() == "Петров С. И."
    chosen.offer(waiting)  # the last of that person's is decided: nothing stays hidden by a name that is not offered
    assert chosen.is_empty


def test_the_foot_takes_no_room_while_it_has_nothing_to_say(screen: ControlScreen) -> None:
    assert screen.foot.isVisible()  # the history of the current request
    screen.mark_all()
    type_text(screen.requests, "+")
    assert screen.foot.isVisible()  # what was just done
    screen.foot.say("")
    assert not screen.foot.isVisible()


def test_only_what_is_found_is_decided_when_all_are_marked(screen: ControlScreen, deputy: Journal) -> None:
    screen.search.setText("Зимина")
    screen.mark_all()
    type_text(screen.requests, "+")
    assert [value(deputy, each) for each in PUPILS] == ["4", "4", "5"]


def test_the_register_has_the_seven_fields_and_the_decision(screen: ControlScreen) -> None:
    type_text(screen.requests, "+")
    screen.show_register()
    lines = screen.register.lines
    assert screen.register.table.hasFocus()
    assert lines.rowCount() == 3
    row = next(row for row in range(3) if "внесено" in lines.text(row, 7))
    assert [lines.text(row, column) for column in range(7)] == [
        "15.09.2026", "7 «Б»", "Иванова М. П.", "15.09.2026", "Алгебра", "Ёлкин Пётр: отметка 4 → 5", "в тетради u-04",
    ]  # fmt: skip
    assert lines.text(row, 7).startswith("внесено, Громова В. П.")
    press(screen.register.table, Qt.Key.Key_Escape)
    assert screen.requests.hasFocus()


@pytest.mark.parametrize("width", [800, 1176, 2400])
def test_the_register_shows_whole_lines_without_scrolling_sideways(screen: ControlScreen, width: int) -> None:
    screen.show_register()
    screen.resize(width, 600)
    table = screen.register.table
    assert table.horizontalScrollBar().maximum() == 0
    assert min(table.columnWidth(at) for at in range(table.model().columnCount())) >= 40


def test_what_a_narrow_column_cuts_stands_whole_under_the_register(screen: ControlScreen) -> None:
    screen.show_register()
    press(screen.register.table, Qt.Key.Key_Down)
    row = screen.register.table.currentIndex().row()
    assert screen.register.lines.text(row, 5) in screen.register.whole.text()
    assert screen.register.lines.text(row, 6) in screen.register.whole.text()


def test_the_register_is_sorted_by_any_column_and_copied_as_a_table(screen: ControlScreen) -> None:
    screen.show_register()
    register = screen.register
    register.table.sortByColumn(5, Qt.SortOrder.AscendingOrder)
    assert [register.lines.text(row, 5).split()[0] for row in range(3)] == ["Ёлкин", "Журавлёв", "Зимина"]
    register.table.selectAll()
    register.table.copy_lines()
    copied = QGuiApplication.clipboard().text().split("\n")
    assert copied[0].split("\t")[:3] == ["Дата", "Класс", "Учитель"]
    assert [line.split("\t")[6] for line in copied[1:]] == ["в тетради u-04", "в тетради u-05", "в тетради u-06"]
    assert "Скопировано: 3\u00a0строки" in register.note.text


def test_a_reason_that_looks_like_a_formula_is_copied_as_words(qtbot: QtBot) -> None:
    row = RegisterRow(
        requested_on=date(2026, 9, 15), class_title="7 «Б»", requester="Иванова М. П.", changed_date=None,
        subject="Алгебра", changes="отметка 4 → 5", reasons="=2+2\nвот", decision="", change_id="c",
    )  # fmt: skip
    register = Register(lambda *_: [row], lambda: NOW)
    qtbot.addWidget(register)
    register.refresh()
    register.table.selectAll()
    register.table.copy_lines()
    assert QGuiApplication.clipboard().text().split("\n")[1].split("\t")[6] == "'=2+2 вот"


def test_a_period_without_corrections_says_so(screen: ControlScreen) -> None:
    screen.show_register()
    screen.register.until.setDate(screen.register.since.date())
    assert screen.register.note.text == "За эти дни исправлений не просили."


def test_walking_keeps_the_current_request_and_its_history_in_sight(qtbot: QtBot, tmp_path: Path) -> None:
    journal = deputy_with_requests(tmp_path, 24)
    made = ControlScreen(journal, journal.clock)
    qtbot.addWidget(made)
    made.resize(1180, 500)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.enter()
    for _ in range(23):
        press(made.requests, Qt.Key.Key_Down)
    row = made.requests.visualItemRect(made.requests.currentItem())
    at = made.requests.viewport().mapTo(made, row.bottomLeft())
    assert 0 < at.y() < made.foot.history.mapTo(made, made.foot.history.rect().topLeft()).y()
    assert made.foot.history.isVisible()
    made.close_screen()
    journal.close()
