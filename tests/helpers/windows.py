"""A real window on a real encrypted journal, put together for a test and taken apart after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PersonRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.places import session_places
from tests.helpers.school import NOW, SmallSchool, desk_of, small_school

TEACHER = PersonRow("p-teacher", "Иванова Мария Петровна", "Иванова М. П.", ("subject_teacher",))


@contextmanager
def shown_window(qtbot: QtBot, geometry: str = "") -> Iterator[MainWindow]:
    """Give a window on the (offscreen) screen; its threads and screens are gone afterwards."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    window = MainWindow(geometry)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    try:
        yield window
    finally:
        window.close_session()
        window.jobs.close()


@contextmanager
def open_session(
    qtbot: QtBot, folder: Path, school: SmallSchool | None = None, idle_minutes: int = 0
) -> Iterator[tuple[MainWindow, Journal, SmallSchool]]:
    """Give a window in which the teacher of a small school has signed in, on her real file."""
    school = school or small_school()
    journal = desk_of(school, school.teacher, folder)
    with shown_window(qtbot) as window:
        window.open_session(TEACHER, session_places(window, journal, clock=lambda: NOW), idle_minutes)
        yield window, journal, school
    journal.close()
