"""A screen behind another one reads nothing while a person types in front, and shows everything when it comes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import marks
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import JournalSpread
from ejournal_desktop.ui.grids.mark_grid import REFRESH_AFTER_MS
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.state import StateScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from ejournal_desktop.ui.widgets.journal_watch import TOGETHER_MS
from tests.helpers.windows import open_session


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what was read of the page since, one word each time."""
    found: list[str] = []
    read: Callable[[Journal, str], JournalSpread] = queries.journal_spread

    def noting(journal: Journal, page_id: str) -> JournalSpread:
        found.append(page_id)
        return read(journal, page_id)

    monkeypatch.setattr(queries, "journal_spread", noting)
    return found


def test_the_page_is_read_again_when_it_comes_to_the_front(qtbot: QtBot, tmp_path: Path, readings: list[str]) -> None:
    with open_session(qtbot, tmp_path) as (window, journal, school):
        screen = window.screen_of("journal")
        assert isinstance(screen, JournalScreen)
        qtbot.waitUntil(lambda: screen.view is not None)
        window.go("lesson")
        readings.clear()
        marks.put_mark(journal, school.today_lesson, None, school.pupils[0], "5")
        qtbot.wait(4 * REFRESH_AFTER_MS)
        assert readings == []
        window.go("journal")
        assert readings == [school.page]
        assert screen.grid is not None
        cell = screen.grid.cell(screen.grid.first_column(school.today_lesson), 0)
        assert cell is not None
        assert cell.value == "5"


def test_the_page_in_front_is_read_again_at_once(qtbot: QtBot, tmp_path: Path, readings: list[str]) -> None:
    with open_session(qtbot, tmp_path) as (window, journal, school):
        screen = window.screen_of("journal")
        assert isinstance(screen, JournalScreen)
        window.go("journal")
        qtbot.waitUntil(lambda: screen.view is not None)
        readings.clear()
        marks.put_mark(journal, school.today_lesson, None, school.pupils[0], "5")
        qtbot.waitUntil(lambda: readings == [school.page])


def test_the_day_and_the_state_show_what_came_while_they_were_behind(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, journal, school):
        today, state = window.screen_of("today"), window.screen_of("state")
        assert isinstance(today, TodayScreen)
        assert isinstance(state, StateScreen)
        read: list[str] = []
        window.go("lesson")
        today._watch.changed.connect(lambda: read.append("today"))
        state._watch.changed.connect(lambda: read.append("state"))
        marks.put_mark(journal, school.today_lesson, None, school.pupils[0], "5")
        qtbot.wait(4 * TOGETHER_MS)
        assert read == []
        window.go("state")
        window.go("today")
        window.go("state")
        assert read == ["state", "today"]
