"""A window of 960×540, which a laptop at 200 % has: what is said there is said whole or visibly cut."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.sign_in import SignInScreen
from ejournal_desktop.ui.widgets.hint_line import ElidedLabel
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.today_header import TodayHeader
from tools.scenes import SCENES

LOW = (960, 540)


def disjoint(page: QWidget) -> list[tuple[str, str]]:
    """Return the parts of a page that lie over each other."""
    parts = [part for part in page.children() if isinstance(part, QWidget) and part.isVisibleTo(page)]
    return [
        (type(one).__name__, type(other).__name__)
        for one, other in combinations(parts, 2)
        if one.geometry().intersects(other.geometry())
    ]


@pytest.mark.parametrize("scene", ["sign-in-update", "sign-in-old", "sign-in-refused"])
def test_nothing_on_the_first_page_lies_over_anything_else(qtbot: QtBot, scene: str) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(*LOW)
    with qtbot.waitExposed(window):
        window.show()
    next(each for each in SCENES if each.id == scene).draw(window)
    qtbot.waitUntil(lambda: disjoint(window.sign_in.people) == [])
    window.jobs.close()


def test_the_minutes_left_are_cut_with_dots_and_never_in_the_middle_of_a_number(qtbot: QtBot) -> None:
    header = TodayHeader()
    qtbot.addWidget(header)
    header.say("21 ноября, суббота", "2 урока не дописаны · ближайшее через 42 мин")
    header.resize(300, 40)
    with qtbot.waitExposed(header):
        header.show()
    due = header.findChild(ElidedLabel)
    assert due is not None
    qtbot.waitUntil(lambda: due.width() < due.sizeHint().width())
    assert header.width() == 300  # the line gives way, the header does not grow


def test_who_needs_the_server_this_once_is_not_told_that_work_goes_on_without_it(qtbot: QtBot) -> None:
    screen = SignInScreen()
    qtbot.addWidget(screen)
    screen.set_server(reachable=False)
    screen.show_newcomer()
    assert "работать можно" not in server_line(screen)
    screen.show_people()
    assert "работать можно" in server_line(screen)


def server_line(screen: SignInScreen) -> str:
    line = next(part for part in screen.findChildren(QWidget) if part.accessibleName() == "Сервер школы")
    assert isinstance(line, Line)
    return line.text
