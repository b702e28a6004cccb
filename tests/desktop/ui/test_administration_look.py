"""Администрирование as it is seen: whole lines, whole words, the keys of what is in front, how far a round is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.widgets.backup_part import BackupPart
from ejournal_desktop.ui.widgets.entry_table import NUMBERS
from ejournal_desktop.ui.widgets.events_part import COLUMNS as EVENT_COLUMNS
from ejournal_desktop.ui.widgets.events_part import EventsPart
from ejournal_desktop.ui.widgets.line_table import LineTable
from ejournal_desktop.ui.widgets.part_tabs import PartTabs
from ejournal_desktop.ui.widgets.people_part import PeoplePart
from ejournal_desktop.ui.widgets.readiness_model import COLUMNS as READINESS_COLUMNS
from ejournal_desktop.ui.widgets.round_words import STEPS
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.widgets.text_model import TextModel
from tests.helpers.windows import shown_window
from tools import administration_scenes, backup_scenes, people_scenes, scenes

COLUMNS = (("Видит и может", "what", 200), ("по", "until", 92))
LONG = "правит: учебный год и периоды, календарь, звонки, подгруппы, предметы, нагрузку учителей, расписание"


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    with shown_window(qtbot) as opened:
        yield opened


def found(window: MainWindow, kind: type[Any]) -> Any:
    return next(each for each in window.findChildren(kind) if each.isVisible())


@pytest.fixture
def holder(qtbot: QtBot) -> QWidget:
    held = QWidget()
    qtbot.addWidget(held)
    held.resize(400, 300)
    with qtbot.waitExposed(held):
        held.show()
    return held


def table_of(holder: QWidget, lines: int, *, whole: bool) -> LineTable:
    table = LineTable(COLUMNS, ("until",), holder, whole=whole)
    model = TextModel(COLUMNS, lambda text: (text, "бессрочно"), table)
    table.setModel(model)
    model.show_rows([LONG] * lines)
    table.resize(400, 300)
    table.show()
    return table


def lines_of_ink(table: LineTable, height: int) -> int:
    """Count the lines of words in the first cell, whose row is so high."""
    seen = table.viewport().grab().toImage()
    scale = seen.height() / table.viewport().height()
    right = int((table.columnWidth(0) - 2) * scale)
    ink = [any(seen.pixelColor(x, y).lightness() < 110 for x in range(right)) for y in range(int((height - 1) * scale))]
    return sum(now and not before for before, now in zip([False, *ink], ink, strict=False))


def test_the_lower_edge_cuts_no_line_in_two(holder: QWidget) -> None:
    table = table_of(holder, 30, whole=False)
    height = table.viewport().height()
    last = table.rowAt(height - 1)
    top = table.rowViewportPosition(last)
    assert top + table.rowHeight(last) > height, "the edge lies inside a line"
    seen = table.viewport().grab().toImage()
    scale = seen.height() / height
    paper = QColor(theme.tokens().paper)
    below = {seen.pixelColor(x, y).name() for x in range(0, seen.width(), 3)
             for y in range(int((top + 1) * scale), seen.height())}  # fmt: skip
    above = {seen.pixelColor(x, int((top - 16) * scale)).name() for x in range(seen.width())}
    assert below == {paper.name()}
    assert len(above) > 1, "the line before it is there"


def test_the_current_line_stays_in_sight_when_a_strip_takes_its_room(holder: QWidget) -> None:
    table = table_of(holder, 30, whole=False)
    table.selectRow(table.rowAt(table.viewport().height() - 1) - 1)
    table.resize(400, 200)
    row = table.visualRect(table.currentIndex())
    assert table.viewport().rect().contains(row.adjusted(0, 0, -row.width() // 2, 0))


def test_few_lines_are_as_high_as_their_words_and_follow_the_width(holder: QWidget) -> None:
    assert table_of(holder, 2, whole=False).rowHeight(0) == theme.LIST_ROW
    table = table_of(holder, 2, whole=True)
    narrow = table.rowHeight(0)
    assert narrow > theme.LIST_ROW
    lines = lines_of_ink(table, narrow)
    table.setRowHeight(0, 8 * theme.LIST_ROW)
    assert lines == lines_of_ink(table, 8 * theme.LIST_ROW), "with all the room of the window no more is written"
    table.resize(1200, 300)
    assert table.rowHeight(0) == theme.LIST_ROW


def test_the_line_below_tells_the_keys_of_what_is_in_front(window: MainWindow) -> None:
    people_scenes.people(window)
    part: PeoplePart = found(window, PeoplePart)
    assert "Ctrl+K код для входа" in window.hint_line.text
    QTest.keyClick(part.table, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window.hint_line.text == "Enter записать   Esc назад"
    QTest.keyClick(part.person_form.lines["last_name"], Qt.Key.Key_Escape)
    assert "Ctrl+N новый сотрудник" in window.hint_line.text


def test_the_line_below_calls_enter_as_the_button_of_the_form_is_called(window: MainWindow) -> None:
    people_scenes.people_role(window)
    assert window.hint_line.text == "Enter дать роль   Esc назад"
    people_scenes.people_second(window)
    assert window.hint_line.text == "Enter подтвердить   Esc назад"


def test_on_a_narrow_window_names_stay_whole_and_what_stands_beside_is_left_out(window: MainWindow) -> None:
    people_scenes.people(window)
    table = found(window, PeoplePart).table
    assert [table.isColumnHidden(at) for at in range(4)] == [False] * 4
    window.resize(960, 540)
    QCoreApplication.processEvents()
    assert [table.isColumnHidden(at) for at in range(4)] == [False, True, True, False]
    assert table.fontMetrics().horizontalAdvance("Преображенская Екатерина Андреевна") < table.columnWidth(0) - 16
    window.resize(1366, 768)
    QCoreApplication.processEvents()
    assert not table.isColumnHidden(1), "they come back with the room"


def test_the_longest_names_of_the_school_are_whole_and_the_position_gives_way(window: MainWindow) -> None:
    people_scenes.people(window)
    part: PeoplePart = found(window, PeoplePart)
    names = [row.name for row in part.lines.rows]
    assert max(names, key=len) == "Ващенко-Захарченко Екатерина Александровна"
    for width in (1366, 960):
        window.resize(width, 768)
        QCoreApplication.processEvents()
        assert cut_in(part.table, 0) == []
    window.resize(1366, 768)
    QCoreApplication.processEvents()
    assert "учитель-предметник" not in cut_in(part.table, 2)
    assert "учитель математики" in cut_in(part.table, 1)
    tip = part.lines.data(part.lines.index(0, 1), Qt.ItemDataRole.ToolTipRole)
    assert tip == "учитель математики", "and what is cut is whole in the tip"


def test_at_960_pixels_surnames_in_the_readiness_of_journals_are_whole(window: MainWindow) -> None:
    window.resize(960, 540)
    scenes.readiness(3)(window)
    QCoreApplication.processEvents()
    table, fields = found(window, LineTable), [field for _, field, _ in READINESS_COLUMNS]
    assert cut_in(table, fields.index("teacher")) == []
    hidden = [field for at, field in enumerate(fields) if table.isColumnHidden(at)]
    assert hidden == ["period", "stated"], "what is told below of the line where one is"
    window.resize(1366, 768)
    QCoreApplication.processEvents()
    assert not any(table.isColumnHidden(at) for at in range(len(fields)))


def cut_in(table: LineTable, column: int) -> list[str]:
    """Return the words of a column that are cut."""
    model, room = table.model(), table.columnWidth(column) - 2 * theme.UNIT
    words = dict.fromkeys(str(model.data(model.index(row, column))) for row in range(model.rowCount()))
    return [each for each in words if table.fontMetrics().horizontalAdvance(each) > room]


def test_at_960_pixels_rooms_and_labels_of_drives_are_whole(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut: list[str] = []
    write = Brush.words

    def watched(brush: Brush, x: int, width: int, text: str, *more: Any, **how: Any) -> int:
        end = write(brush, x, width, text, *more, **how)
        cut.extend([text] if brush.painter.fontMetrics().horizontalAdvance(text) > width else [])
        return end

    window.resize(960, 540)
    for scene in (backup_scenes.good, backup_scenes.late):
        scene(window)
        monkeypatch.setattr(Brush, "words", watched)
        front = found(window, BackupPart).front
        for rows in (front.drives, front.acts):
            rows.grab()
        assert cut == []
        monkeypatch.setattr(Brush, "words", write)
        window.close_session()


def test_a_table_without_lines_says_why_where_the_lines_would_stand(holder: QWidget) -> None:
    table = table_of(holder, 0, whole=False)
    assert lines_of_ink(table, 60) == 0
    table.say_nothing("Никого не нашлось.")
    assert table.accessibleDescription() == "Никого не нашлось."
    seen = table.viewport().grab().toImage()
    corner = {seen.pixelColor(x, y).name() for x in range(seen.width() // 2) for y in range(40)}
    assert len(corner) > 1, "it is written"
    cast(TextModel, table.model()).show_rows([LONG])
    other = table.viewport().grab().toImage()
    table.say_nothing("")
    assert other == table.viewport().grab().toImage(), "beside a line nothing of it is seen"


def test_numbers_of_events_stand_on_their_last_digit(window: MainWindow) -> None:
    administration_scenes.events(window)
    model = found(window, EventsPart).model
    number = [head for head, _, _ in EVENT_COLUMNS].index("№")
    role = Qt.ItemDataRole.TextAlignmentRole
    assert model.data(model.index(0, number), role) == NUMBERS
    assert model.headerData(number, Qt.Orientation.Horizontal, role) == NUMBERS
    assert model.data(model.index(0, number + 1), role) is None


def test_a_form_that_closes_behind_another_part_says_nothing_there(window: MainWindow) -> None:
    people_scenes.people(window)
    part: PeoplePart = found(window, PeoplePart)
    part.begin()
    tabs: PartTabs = found(window, PartTabs)
    tabs.open("Резервные копии")
    told = window.hint_line.text
    part.person_form.hide()
    assert window.hint_line.text == told
    assert told.startswith("Ctrl+N сделать копии")


def test_all_tabs_of_an_administrator_are_seen_at_once_on_a_laptop(window: MainWindow) -> None:
    people_scenes.people(window)
    window.resize(1280, 720)  # 1920×1080 at 150 %
    QCoreApplication.processEvents()
    bar = found(window, PartTabs).tabs
    assert bar.count() >= 5
    assert bar.tabRect(bar.count() - 1).right() <= bar.width()


@pytest.mark.parametrize(
    ("scene", "step"),
    [(backup_scenes.insert, 0), (backup_scenes.unknown, 0), (backup_scenes.ready, 1), (backup_scenes.proved, 2)],
    ids=["nothing is in", "an unknown drive", "a drive of the register", "proved"],
)
def test_the_round_says_how_far_it_is_with_the_drive(
    window: MainWindow, scene: Callable[[MainWindow], None], step: int
) -> None:
    scene(window)
    steps = found(window, BackupPart).wizard.steps
    assert steps.isVisible()
    assert steps.current == step
    assert steps.accessibleName() == f"Шаг {step + 1} из 3: {STEPS[step]}"


def test_enter_is_offered_in_the_line_below_only_where_it_does_something(window: MainWindow) -> None:
    backup_scenes.insert(window)
    assert window.hint_line.text == "Esc выйти"
    part: BackupPart = found(window, BackupPart)
    part.wizard._turn("ready")
    assert window.hint_line.text == "Enter записать копию   Esc выйти"


def test_the_form_of_a_drive_put_away_is_walked_in_the_order_that_is_seen(window: MainWindow) -> None:
    backup_scenes.put_away(window)
    form = found(window, BackupPart).put_away
    assert form.outcome.hasFocus()
    for field in (form.fields["reason"], form.fields["number"], form.button):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        assert field.hasFocus()
