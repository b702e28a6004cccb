"""The history of a cell: what is here at once, what the server adds, and plain words when it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ejournal_core.errors import Trouble
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync import holding
from ejournal_desktop.sync.looking import LookUps
from ejournal_desktop.sync.server import ServerAway
from ejournal_desktop.sync.trust import BrokenHistory
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.widgets.cell_history import CellHistory
from tests.helpers.chaos import House, Seat
from tests.helpers.school import small_school
from tests.helpers.typing import press


@pytest.fixture
def seat(tmp_path: Path) -> Iterator[Seat]:
    """Give a deputy's new desk that holds a snapshot alone: a teacher has put a four, then a five."""
    house = House(tmp_path, small_school(4))
    teacher = house.sit_down(house.school.teacher)
    for value in "45":
        teacher.do(put_mark, house.school.today_lesson, None, house.school.pupils[1], value)
        teacher.meet()
    deputy = Seat(house, house.school.deputy, tmp_path / "new.journal")
    house.seats.append(deputy)
    holding.follow_scope(deputy.journal, deputy.server, house.server_key)
    yield deputy
    house.close()


@pytest.fixture
def screen(qtbot: QtBot, seat: Seat) -> Iterator[JournalScreen]:
    """Give the page with the focus at the mark."""
    made = JournalScreen(seat.journal, seat.journal.clock)
    qtbot.addWidget(made)
    made.resize(1280, 700)
    made.show()
    qtbot.waitUntil(lambda: made.view is not None and not made.is_opening)
    made.open_page(seat.house.school.page)
    qtbot.waitUntil(lambda: not made.is_opening)
    assert made.view is not None
    made.view.go_to_lesson(seat.house.school.today_lesson)
    made.view.set_current(made.view.current[0], 1)
    made.past.can_fetch = True
    yield made
    made.close_screen()


def told(sheet: CellHistory) -> list[str]:
    return [label.text() for label in sheet.findChildren(QLabel) if label.text()]


def fetch(seat: Seat, screen: JournalScreen, kind: str, record: str) -> None:
    """Answer a wish as the network's thread does."""
    look_ups = LookUps()
    look_ups.want(kind, record, lambda why: screen.past.came(kind, record, why))
    look_ups.serve(seat.journal, seat.server, seat.house.server_key)


def test_older_history_comes_while_the_sheet_is_open(qtbot: QtBot, seat: Seat, screen: JournalScreen) -> None:
    with qtbot.waitSignal(screen.past.wanted) as wanted:
        screen.work.show_history()
    assert told(screen.history)[-1] == "История загружается…"
    assert "4 → 5" not in told(screen.history)
    fetch(seat, screen, *wanted.args)
    assert "4 → 5" in told(screen.history)
    assert "пусто → 4" in told(screen.history)
    assert any("подпись автора верна" in line for line in told(screen.history))
    assert told(screen.history)[-1].startswith("Подписи авторов сверены.")
    assert screen.history.hasFocus()


def test_a_page_whose_history_is_proved_says_so_and_asks_nobody(
    qtbot: QtBot, seat: Seat, screen: JournalScreen
) -> None:
    while holding.learn(seat.journal, seat.server, seat.house.server_key, 10.0):
        pass
    with qtbot.assertNotEmitted(screen.past.wanted):
        screen.work.show_history()
    assert told(screen.history)[-1].startswith("История этой страницы загружена целиком и доказана")
    assert any(line.endswith("доказано") for line in told(screen.history))


def test_without_the_server_it_is_said_plainly_and_esc_goes_back(screen: JournalScreen) -> None:
    screen.work.show_history()
    screen.past.came(*screen.past._open, ServerAway("off"))
    assert "Сервер сейчас недоступен" in told(screen.history)[-1]
    assert "записи целы" in told(screen.history)[-1]
    press(screen.history, Qt.Key.Key_Escape)
    assert not screen.history.isVisible()


@pytest.mark.parametrize("trouble", [BrokenHistory("x"), Trouble("x")])
def test_any_other_trouble_is_said_without_its_own_text(screen: JournalScreen, trouble: Trouble) -> None:
    screen.work.show_history()
    screen.past.came(*screen.past._open, trouble)
    assert told(screen.history)[-1] != "История загружается…"
    assert "x" not in told(screen.history)[-1]


def test_an_answer_under_the_lock_reads_nothing_and_asks_to_open_the_history_again(
    screen: JournalScreen, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen.work.show_history()
    screen.hide()
    monkeypatch.setattr(seat.journal, "reading", None)  # whoever reads a locked journal fails
    screen.past.came(*screen.past._open, None)
    assert "откройте историю ещё раз" in told(screen.history)[-1]


def test_an_answer_about_another_cell_changes_nothing(screen: JournalScreen) -> None:
    screen.work.show_history()
    before = told(screen.history)
    screen.past.came("Mark", "another", None)
    screen.past.came("Mark", "another", ServerAway("off"))
    assert told(screen.history) == before


def test_where_nobody_can_fetch_the_sheet_says_where_the_rest_is(
    qtbot: QtBot, screen: JournalScreen, seat: Seat
) -> None:
    journal: Journal = seat.journal
    screen.past.can_fetch = False
    with qtbot.assertNotEmitted(screen.past.wanted):
        screen.work.show_history()
    assert journal.state().learning is None
    assert any("хранятся на сервере" in line for line in told(screen.history))
