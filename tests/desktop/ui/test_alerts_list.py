"""«Необычное» in Контроль: read beside the window's thread, led to the mark, put away for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.alerts import MANY
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.screens.control import ControlScreen
from ejournal_desktop.ui.widgets.alerts_list import AlertsList
from ejournal_desktop.ui.widgets.news_row import told
from tests.desktop.models.pocket_server import PocketServer, meet
from tests.helpers import sample_news
from tests.helpers.closed_quarter import COLUMN, LESSON, PUPILS, closed_school, deputy_with_requests
from tests.helpers.school import desk_of
from tests.helpers.typing import press

Key = Qt.Key


@pytest.fixture
def server() -> PocketServer:
    """Give a school where a colleague has corrected many marks of one page."""
    made = PocketServer(closed_school())
    for pupil in PUPILS[:MANY]:
        made.other("Mark", ids.mark(COLUMN, pupil), value="5")
    return made


@pytest.fixture
def journal(server: PocketServer, tmp_path: Path) -> Iterator[Journal]:
    """Give the deputy's desk, which has heard of it."""
    opened = desk_of(closed_school(), "p-deputy", tmp_path)
    meet(opened, server)
    yield opened
    opened.close()


def shown(qtbot: QtBot, journal: Journal, jobs: Jobs) -> tuple[ControlScreen, AlertsList]:
    """Return Контроль once everything is read."""
    screen = ControlScreen(journal, journal.clock, jobs=jobs)
    qtbot.addWidget(screen)
    screen.resize(1180, 620)
    screen.show()
    screen.enter()
    assert screen.alerts is not None
    with qtbot.waitSignal(screen.alerts.read_anew, timeout=20_000):
        screen.alerts.read()
    qtbot.waitUntil(lambda: not jobs.busy(), timeout=20_000)
    return screen, screen.alerts


def titles(screen: ControlScreen) -> list[str]:
    return [label.text() for label in screen.findChildren(QLabel) if label.isVisible() and "Необычное" in label.text()]


def test_the_line_says_who_how_many_and_where_and_leads_to_the_last_mark(
    qtbot: QtBot, journal: Journal, jobs: Jobs
) -> None:
    screen, alerts = shown(qtbot, journal, jobs)
    assert titles(screen) == ["Необычное 1"]
    words = alerts.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert f"Петров С. И. · 7 «Б» · Алгебра: исправлено отметок: {MANY}, сегодня в 11:00" in words
    with qtbot.waitSignal(screen.cell_wanted) as wanted:
        press(alerts, Key.Key_Return)
    assert wanted.args == [ids.lesson_parts(LESSON)[0], COLUMN, PUPILS[MANY - 1]]
    screen.close_screen()


def test_what_is_put_away_stays_away_when_the_screen_is_made_anew(qtbot: QtBot, journal: Journal, jobs: Jobs) -> None:
    screen, alerts = shown(qtbot, journal, jobs)
    press(alerts, Key.Key_Delete)
    assert alerts.count() == 0
    assert titles(screen) == []
    screen.close_screen()
    again, after = shown(qtbot, journal, jobs)
    assert after.count() == 0
    assert titles(again) == []
    again.close_screen()


def test_the_actions_stand_in_the_menu_only_while_there_is_something(
    qtbot: QtBot, journal: Journal, jobs: Jobs
) -> None:
    screen, alerts = shown(qtbot, journal, jobs)
    (away,) = [each for each in screen.actions() if each.id == "control.alert_seen"]
    away.run()
    assert alerts.count() == 0
    assert [each.id for each in screen.actions() if each.id.startswith("control.alert")] == []
    screen.close_screen()


def test_what_comes_by_sync_is_read_before_long(
    qtbot: QtBot, journal: Journal, server: PocketServer, jobs: Jobs
) -> None:
    screen, alerts = shown(qtbot, journal, jobs)
    server.other("Mark", ids.mark(COLUMN, PUPILS[MANY]), value="5")
    meet(journal, server)
    qtbot.waitUntil(lambda: [row.number for row in alerts.rows] == [MANY + 1], timeout=20_000)
    screen.close_screen()


def test_who_oversees_nothing_has_no_such_list(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    teacher = desk_of(closed_school(), "p-class-teacher", tmp_path)
    screen = ControlScreen(teacher, teacher.clock, jobs=jobs)
    qtbot.addWidget(screen)
    assert screen.alerts is None
    screen.close_screen()
    teacher.close()


def test_the_words_say_what_is_unusual_and_the_total_of_the_day_where_it_is_more() -> None:
    first, second, third = (told(each) for each in sample_news.unusual())
    assert first == ("Петров С. И. · 7 «Б» · Алгебра: исправлено отметок: 12", "рабочее место: Кабинет 21")
    assert second[0].endswith("исправлено отметок: 4 (за день всего 17), внесено ночью: 3")
    assert third == ("Ким Н. С. · 5 «В» · Музыка: внесено ночью: 1", "рабочее место неизвестно")


def test_work_under_ones_own_name_says_what_to_do_and_many_changes_name_the_last() -> None:
    own = next(each for each in sample_news.news().notices if each.kind == "unusual")
    assert told(own) == (
        "Под вашим именем. 7 «Б» · Алгебра: внесено ночью: 7",
        "Рабочее место: Учительская, второй компьютер. Если это не вы, смените пароль (Состояние) и сразу скажите "
        "администратору.",
    )
    happened, whose = told(sample_news.many_changes())
    assert happened.startswith("Изменено отметок: 51. Последняя: 7 «Б» · Алгебра · 18.11 · Ястребова")
    assert whose == "изменено не вами: Константинопольская-Преображенская А. В."


def test_under_what_is_unusual_neither_history_nor_keys_of_a_request_are_told(
    qtbot: QtBot, tmp_path: Path, jobs: Jobs
) -> None:
    journal = deputy_with_requests(tmp_path, 1)
    screen, alerts = shown(qtbot, journal, jobs)
    alerts.close_list()  # what is shown is brought below
    alerts.show_rows(sample_news.unusual())
    alerts.read_anew.emit()
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    hints: list[str] = []
    screen.hint_changed.connect(hints.append)
    screen.requests.setFocus()
    assert "в тетради" in screen.foot.history.text()
    press(screen.requests, Key.Key_Down)
    assert alerts.hasFocus()
    assert "к последней отметке" in hints[-1]
    assert not screen.foot.history.isVisible()
    press(alerts, Key.Key_Up)
    assert screen.requests.hasFocus()
    assert "+ разрешить" in hints[-1]
    assert screen.foot.history.isVisible()
    screen.close_screen()
    journal.close()
