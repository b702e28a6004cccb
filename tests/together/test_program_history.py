"""At the window, against a real server: a cell's older history comes when it is opened; Сегодня leads to Контроль."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ejournal_desktop.app import Program
from ejournal_desktop.models import slices
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from tests.together.conftest import Start
from tests.together.test_program import sign_in
from tests.together.town import Town

COMES = "История загружается…"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose server runs and knows of a mark."""
    with Town(tmp_path) as made:
        teacher = made.sit_down("elsewhere", made.school.teacher)
        put_mark(teacher.journal, made.school.today_lesson, None, made.school.pupils[0], "4")
        put_mark(teacher.journal, made.school.today_lesson, None, made.school.pupils[0], "5")
        made.meet(teacher, "elsewhere")
        teacher.close()
        made.sit_down("staffroom", made.school.deputy).close()
        yield made


def opened_history(program: Program, town: Town, qtbot: QtBot) -> JournalScreen:
    """Open the history of the mark, as if nothing of the page's history had come yet."""
    program.window.go("journal")
    spread = program.window.screen_shown
    assert isinstance(spread, JournalScreen)
    spread.open_lesson(town.school.today_lesson)
    qtbot.waitUntil(lambda: spread.view is not None and not spread.is_opening, timeout=20_000)
    assert spread.view is not None
    spread.view.go_to_lesson(town.school.today_lesson)
    spread.view.set_current(spread.view.current[0], 0)
    assert program.session is not None
    with program.session.journal.receiving() as connection:
        slices.mark(connection, [f"page:{town.school.page}"], proof="")
    spread.work.show_history()
    assert told(spread)[-1] == COMES
    return spread


def told(spread: JournalScreen) -> list[str]:
    return [label.text() for label in spread.history.findChildren(QLabel) if label.text()]


def test_the_history_of_a_cell_comes_from_the_server_when_it_is_opened(town: Town, start: Start, qtbot: QtBot) -> None:
    program = start()
    sign_in(program, qtbot)
    spread = opened_history(program, town, qtbot)
    qtbot.waitUntil(lambda: told(spread)[-1] != COMES, timeout=20_000)
    assert "4 → 5" in told(spread)
    assert told(spread)[-1].startswith(("Подписи авторов сверены", "История этой страницы загружена"))


def test_a_history_that_cannot_be_fetched_says_that_the_server_is_away(town: Town, start: Start, qtbot: QtBot) -> None:
    town.server.stop()
    program = start()
    sign_in(program, qtbot)
    spread = opened_history(program, town, qtbot)
    qtbot.waitUntil(lambda: told(spread)[-1] != COMES, timeout=20_000)
    assert "Сервер сейчас недоступен" in told(spread)[-1]


def test_the_line_of_decisions_leads_to_the_screen_where_they_are_made(town: Town, start: Start, qtbot: QtBot) -> None:
    program = start()
    sign_in(program, qtbot)
    today = program.window.screen_shown
    assert isinstance(today, TodayScreen)
    today.decisions_wanted.emit()
    assert program.window.place == "control"
