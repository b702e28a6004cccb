"""What the line under the spread says of a cell: what the rules allow there now and until when, or the way to ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import PeriodClosing, PolicySetting
from ejournal_desktop.models.commands import attendance, marks
from tests.helpers.school import small_school
from tests.helpers.spread import Spread, open_spread
from tests.helpers.typing import press, type_text

Key = Qt.Key
CLOSED = PeriodClosing(
    id=ids.period_closing("c-7b", "q-1"), class_group_id="c-7b", grading_period_id="q-1", closed=True
)
NO_CORRECTION = PolicySetting(id="P06", value='{"days":0}', basis="Положение о журнале")
TYPING_FOR_HALF_AN_HOUR = PolicySetting(id="P61", value='{"minutes":30,"until_deadline":false}', basis="Положение")
CLOSES_AT_NINE = PolicySetting(id="P04", value='{"anchor":"clock","clock":"21:00"}', basis="Положение")


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Spread]:
    with open_spread(qtbot, tmp_path, small_school(extra=getattr(request, "param", ()))) as page:
        yield page


def test_an_empty_cell_says_until_when_a_mark_may_be_put(page: Spread) -> None:
    page.says("Абрамова Анна · 15.09 · можно поставить до 22.09")


def test_a_mark_says_until_when_it_may_be_changed(page: Spread) -> None:
    page.type("4")
    page.says("можно изменить до 22.09")


@pytest.mark.parametrize("page", [(NO_CORRECTION, CLOSES_AT_NINE)], indirect=True)
def test_where_correcting_is_forbidden_the_first_mark_has_its_own_term_to_the_minute(page: Spread) -> None:
    page.says("можно поставить до 15.09, 21:00")


@pytest.mark.parametrize("page", [(NO_CORRECTION, TYPING_FOR_HALF_AN_HOUR)], indirect=True)
def test_a_slip_may_be_mended_for_the_grace_of_typing(page: Spread) -> None:
    page.type("4")
    page.says("можно изменить до 15.09, 11:12")


def test_past_the_window_the_line_says_when_it_closed_by_which_rule_and_how_to_ask(page: Spread) -> None:
    page.view.go_to_lesson(page.school.lesson(date(2026, 9, 1), 3))
    page.says("Изменить эту отметку можно было до 08.09.2026")
    page.says("заявка на исправление: внесите нужное и нажмите Ctrl+E (правило «")


@pytest.mark.parametrize("page", [(CLOSED,)], indirect=True)
def test_in_a_closed_period_the_line_says_so_before_anything_is_typed(page: Spread) -> None:
    page.says("Период закрыт")
    page.says("Ctrl+E")


def test_of_a_lesson_to_come_the_line_says_what_may_be_written_ahead(page: Spread) -> None:
    page.press(Key.Key_Right)
    page.says("заранее можно записать только тему и задание")
    assert "Ctrl+E" not in page.window.hint_line.text


def test_of_an_absence_it_is_not_said_that_no_mark_may_be_put(page: Spread, qtbot: QtBot) -> None:
    attendance.set_presence(page.journal, page.school.today_lesson, page.school.pupils[0], "absent")
    page.view.grid.refresh()
    page.says("отсутствие")
    told: list[str] = []
    page.screen.hint_changed.connect(told.append)
    qtbot.wait(300)
    assert not any("отметку поставить нельзя" in line for line in told)


def test_asked_for_what_is_late_the_line_says_what_is_asked_and_that_it_waits(page: Spread) -> None:
    old = page.school.lesson(date(2026, 9, 8), 3)
    marks.put_mark(page.journal, old, None, page.school.pupils[0], "4")
    page.clock.now += timedelta(days=2)
    page.view.grid.refresh()
    page.view.go_to_lesson(old)
    page.says("Изменить эту отметку можно было до 15.09.2026")
    page.type("5")
    page.screen.ask()
    type_text(page.screen.asking.form.reason, "в тетради стоит 5")
    press(page.screen.asking.form.reason, Key.Key_Return)
    page.says("Заявка подана")
    page.press(Key.Key_Down)
    page.press(Key.Key_Up)
    page.says("просят 5, Иванова М. П.")
    page.says("Заявка на исправление ждёт отправки")


def test_what_was_just_said_is_not_replaced_by_the_terms_of_the_cell(page: Spread, qtbot: QtBot) -> None:
    page.screen.hint.show()
    page.screen.hint_changed.emit("Заявка подана.")
    qtbot.wait(300)
    assert page.window.hint_line.text == "Заявка подана."
