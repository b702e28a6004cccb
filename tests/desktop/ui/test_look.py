"""What every screen has in common: titles begin at one place, places fit, what is red stays red where one stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from ejournal_core import russian
from ejournal_desktop.models.pages import PageRef
from ejournal_desktop.models.queries.oversight import PageStanding
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.chooser_button import PAD, ChooserButton
from ejournal_desktop.ui.widgets.header import MARGIN
from ejournal_desktop.ui.widgets.layouts import part_sections
from ejournal_desktop.ui.widgets.line_table import LineTable
from ejournal_desktop.ui.widgets.navigation import LEFT, WIDTH, Navigation
from ejournal_desktop.ui.widgets.readiness_model import COLUMNS, EXACT, ReadinessModel
from tests.helpers.windows import CLASS_TEACHER, TEACHER, open_session, shown_window

TODAY = date(2026, 11, 3)
RED = 50  # more red than blue, out of 255, than the edges of any other letter have


def test_the_words_of_all_titles_begin_at_one_place(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path, person=CLASS_TEACHER) as (window, _journal, _school):
        for place in ("today", "journal", "lesson", "plan", "results", "class", "documents", "reports", "state"):
            window.go(place)
            QApplication.processEvents()
            shown = window.header.left.currentWidget()
            assert shown is not None
            names = [part for part in (shown, *shown.findChildren(QWidget)) if isinstance(part, QLabel | ChooserButton)]
            first = min((part for part in names if part.isVisible() and part.text()), key=lambda part: _left(part))
            room = PAD if isinstance(first, ChooserButton) else 0
            assert _left(first) + room == MARGIN, place


def _left(part: QWidget) -> int:
    return part.mapTo(part.window(), QPoint(0, 0)).x()


def test_the_longest_name_of_a_place_is_not_cut_and_the_width_goes_with_it(qtbot: QtBot) -> None:
    navigation = Navigation()
    qtbot.addWidget(navigation)
    navigation.add("today", "Сегодня", "Ctrl+1")
    assert navigation.width() == WIDTH
    navigation.add("administration", "Администрирование", "Ctrl+9")
    word = QFontMetrics(theme.font(theme.BASE, theme.BOLD)).horizontalAdvance("Администрирование")
    assert navigation.width() >= LEFT + word
    navigation.clear()
    assert navigation.width() == WIDTH


def test_the_tenth_place_has_a_key_of_its_own(qtbot: QtBot) -> None:
    with shown_window(qtbot) as window:
        places = [Place(f"place{number}", f"Место {number}", QWidget()) for number in range(1, 11)]
        window.open_session(TEACHER, places, 0)
        keys = [key for action in window.general_actions() for key in action.shortcuts]
        assert len(keys) == len(set(keys))
        QTest.keyClick(window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
        assert window.place == "place10"
        QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
        assert window.place == "place1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_late_is_red_in_the_line_one_stands_on_too(qtbot: QtBot, scheme: theme.Scheme) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, scheme)
    lines = ReadinessModel()
    page = PageRef("page", "class", "subject", "7 «Б»", "Алгебра")
    late = PageStanding(page=page, kind="quarter", number=1, period="I четверть", standing="late",
                        due_on=date(2026, 10, 30))  # fmt: skip
    lines.show_rows([late, late], TODAY)
    holder = QWidget()
    qtbot.addWidget(holder)
    table = LineTable(COLUMNS, EXACT, holder)
    table.setModel(lines)
    table.resize(1200, 200)
    table.selectRow(0)
    standing = len(COLUMNS) - 1
    table.grab()  # its columns are laid out with the first picture
    cells = [table.visualRect(lines.index(row, standing)) for row in (0, 1)]
    pictures = [table.viewport().grab(cell).toImage() for cell in cells]
    t = theme.tokens()
    for picture, ground in zip(pictures, (t.selection, t.paper), strict=True):
        colours = [picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height())]
        assert QColor(ground) in colours
        assert max(each.red() - each.blue() for each in colours) > RED
    theme.apply(app, "light")


def test_the_first_title_that_is_seen_stands_near_the_top_and_the_next_apart(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    hidden, first, second = QLabel(page), QLabel(page), QLabel(page)
    hidden.hide()
    part_sections((hidden, first, second))
    assert 0 < first.contentsMargins().top() < second.contentsMargins().top()


def test_days_of_one_month_name_it_once() -> None:
    assert russian.days_and_month(date(2026, 9, 14), date(2026, 9, 20)) == "14–20 сентября"
    assert russian.days_and_month(date(2026, 9, 28), date(2026, 10, 4)) == "28 сентября – 4 октября"
