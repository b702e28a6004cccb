"""When results of an examination were received, said in Итоги by the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import PageCompletion
from ejournal_desktop.models import queries
from ejournal_desktop.models.queries import period_results
from ejournal_desktop.models.queries.period_results import PeriodResults
from ejournal_desktop.ui.widgets.due_row import what_waits
from tests.desktop.models.test_period_results import PAGE
from tests.desktop.ui.test_period_marks import ENTER, ESCAPE, Open, opened
from tests.helpers.typing import press, type_text

TAB = Qt.Key.Key_Tab


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    with opened(qtbot, tmp_path) as results:
        yield results


def exam(page: Open) -> PeriodResults:
    return period_results(page.journal, PAGE, "exam")


def test_the_day_and_the_time_are_said_by_the_keyboard_and_the_term_runs(page: Open) -> None:
    page.screen.open_period(PAGE, "exam", 1)
    assert page.screen.standing.text() == "Отметок выставлено: 0 · день получения результатов не внесён"
    page.press_ctrl(Qt.Key.Key_D)
    form = page.screen.receipt
    assert form.day.hasFocus()
    type_text(form.day, "19.10")
    press(form.day, TAB)
    assert form.clock.hasFocus()
    type_text(form.clock, "9.30")
    press(form.clock, ENTER)
    assert not form.isVisible()
    assert page.table.hasFocus()
    assert (exam(page).received_on, exam(page).received_at) == (date(2026, 10, 19), "09:30")
    assert page.screen.standing.text() == (
        "Отметок выставлено: 0 · результаты получены 19.10.2026 в 09:30 · срок был 09:30 20.10.2026"
    )
    (row,) = [each for each in queries.due(page.journal) if each.what == "exam"]
    assert what_waits(row) == "результаты экзамена получены 19.10: не подтверждены"
    page.press_ctrl(Qt.Key.Key_Z)
    assert exam(page).received_on is None


def test_what_is_no_day_stays_in_the_form_and_says_why(page: Open) -> None:
    page.screen.open_period(PAGE, "exam", 1)
    page.press_ctrl(Qt.Key.Key_D)
    form = page.screen.receipt
    for day, clock, told in (
        ("32.13", "", "Такого дня нет"),
        ("21.10", "", "впереди"),
        ("20.10", "12:01", "впереди"),
        ("19.10", "двенадцать", "часы и минуты"),
        ("31.08", "", "раньше учебного года"),
    ):
        form.day.setText(day)
        form.clock.setText(clock)
        press(form.clock, ENTER)
        assert form.isVisible()
        assert told in form.note.text
        assert exam(page).received_on is None
    form.day.setText("20.10")
    form.clock.clear()
    press(form.day, ENTER)
    assert page.screen.standing.text().endswith("результаты получены 20.10.2026 · внести до 24:00 21.10.2026")


def test_an_empty_day_takes_it_away_and_escape_changes_nothing(page: Open) -> None:
    page.screen.open_period(PAGE, "exam", 1)
    for typed, key, stands in (("20.10", ENTER, True), ("", ESCAPE, True), ("", ENTER, False)):
        page.press_ctrl(Qt.Key.Key_D)
        page.screen.receipt.day.setText(typed)
        press(page.screen.receipt.day, key)
        assert (exam(page).received_on is not None) == stands


def test_only_an_examination_is_asked_about_and_only_by_who_writes_here(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path / "teacher") as page:
        page.press_ctrl(Qt.Key.Key_D)
        assert not page.screen.receipt.isVisible()
        assert not page.screen.received.isVisible()
    came = PageCompletion(id=ids.page_completion(PAGE, "exam", 1), journal_page_id=PAGE, period_kind="exam",
                          period_number=1, received_on=date(2026, 10, 19), complete=True)  # fmt: skip
    with opened(qtbot, tmp_path / "deputy", came, person="p-deputy") as page:
        page.screen.open_period(PAGE, "exam", 1)
        page.press_ctrl(Qt.Key.Key_D)
        assert not page.screen.receipt.isVisible()
        assert page.screen.standing.text() == "Итоги готовы · результаты получены 19.10.2026"
