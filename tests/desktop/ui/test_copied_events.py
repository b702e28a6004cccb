"""What is copied out of the journal is told to the log of events: of each kind once an hour, never what it said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import AuditEvent
from ejournal_desktop.models.commands.audit_log import tell_copied
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.audit_log import event_log
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.my_class import MyClassScreen
from tests.helpers.school import Clock, desk_of, small_school
from tests.helpers.windows import CLASS_TEACHER, open_session

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    school = small_school(3)
    opened = desk_of(school, school.teacher, tmp_path)
    yield opened
    opened.close()


def copied(journal: Journal) -> list[tuple[str, int]]:
    with journal.reading() as connection:
        found = select_records(connection, AuditEvent, event="copied")
    return sorted((each.detail, each.number) for each in found)


def test_of_each_kind_one_line_an_hour_is_told(journal: Journal) -> None:
    assert isinstance(journal.clock, Clock)
    for what in ("marks", "marks", "events"):
        tell_copied(journal, what, 3)
    assert copied(journal) == [("events", 3), ("marks", 3)]
    journal.clock.now += timedelta(hours=1, seconds=1)
    tell_copied(journal, "marks", 5)
    assert copied(journal) == [("events", 3), ("marks", 3), ("marks", 5)]
    assert event_log(journal).rows[0].what == "скопировано в буфер обмена, клетки журнала"


def test_cells_of_the_journal(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, journal, _school):
        window.go("journal")
        screen = window.screen_shown
        assert isinstance(screen, JournalScreen)
        assert screen.view is not None
        screen.view.setFocus()
        screen.clipboard.choose_all()
        QTest.keyClick(screen.view, Qt.Key.Key_C, CTRL)
        ((what, number),) = copied(journal)
        assert what == "marks"
        assert number > 20
        QTest.keyClick(screen.view, Qt.Key.Key_C, CTRL)
        assert len(copied(journal)) == 1


def test_the_family_sheet(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path, person=CLASS_TEACHER) as (window, journal, _school):
        window.go("class")
        screen = window.screen_shown
        assert isinstance(screen, MyClassScreen)
        screen.open_part("Семьи")
        QTest.keyClick(screen.families.pupils, Qt.Key.Key_C, CTRL | SHIFT)
        assert "Абрамова" in QApplication.clipboard().text()
        assert copied(journal) == [("family-sheet", 1)]
