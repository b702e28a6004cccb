"""A disk that takes its time: keys come faster than it writes; none is lost, swapped or shown as saved too early."""

from __future__ import annotations

import time
from pathlib import Path

import sqlalchemy as sa
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import queries
from ejournal_desktop.models.tables import history
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.screens.journal import JournalScreen
from tests.helpers.windows import open_session

FLUSH = 0.1  # seconds that one commit waits for the disk
MARKS = "5434253454345425"


def post(view: MarkView, key: Qt.Key, text: str = "") -> None:
    """Let a key wait in the window's queue, as keys do while the program is busy."""
    QApplication.postEvent(view, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text))


def test_keys_that_come_faster_than_the_disk_writes_are_all_entered_in_their_order(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with open_session(qtbot, tmp_path) as (window, journal, school):
        window.go("journal")
        screen = window.screen_shown
        assert isinstance(screen, JournalScreen)
        qtbot.waitUntil(lambda: screen.view is not None and screen.view.hasFocus())
        view = screen.view
        assert view is not None
        view.set_current(view.grid.first_column(school.today_lesson), 0)
        before, shown_early = journal.last_n(), []

        def slowly(_connection: sa.Connection) -> None:
            cell = view.grid.cell(*view.current)
            shown_early.append(cell is not None and cell.value != "")
            time.sleep(FLUSH)

        sa.event.listen(journal.engine, "commit", slowly)
        for mark in MARKS:
            post(view, Qt.Key(ord(mark)), mark)
            post(view, Qt.Key.Key_Return, "\r")
        qtbot.waitUntil(lambda: view.current[1] == len(MARKS), timeout=60_000)
        sa.event.remove(journal.engine, "commit", slowly)
        roll = queries.lesson_sheet(journal, school.today_lesson).roll
        assert [row.marks[0][1] if row.marks else "" for row in roll[: len(MARKS) + 1]] == [*MARKS, ""]
        with journal.reading() as connection:
            written = sa.select(history.c.record).where(history.c.n > before, history.c.kind == "Mark")
            order = list(connection.execute(written.order_by(history.c.n)).scalars())
        assert [record.rsplit(".", 1)[-1] for record in order] == list(school.pupils[: len(MARKS)])
        assert not any(shown_early)
        assert len(shown_early) >= len(MARKS)
