"""Ctrl+F and the filters: a pupil, a day, a work by a few letters in either layout; rows keep their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import marks
from ejournal_desktop.models.pages import GridCell
from ejournal_desktop.ui.grids.finding import FILTERS, find, pupils_left
from tests.helpers import sample_pages
from tests.helpers.sample_pages import Sample
from tests.helpers.spread import Spread, open_spread
from tests.helpers.typing import press

Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[Spread]:
    with open_spread(qtbot, tmp_path) as page:
        yield page


def put(page: Spread, row: int, value: str) -> None:
    marks.put_mark(page.journal, page.school.today_lesson, None, page.school.pupils[row], value)
    page.view.grid.refresh()


@pytest.mark.parametrize(
    ("typed", "here"),
    [("ёлк", "Ёлкин Пётр 15.09"), ("tkrby", "Ёлкин Пётр 15.09"), ("11.09", "Абрамова Анна 11.09"),
     ("11.9", "Абрамова Анна 11.09"), ("11ю09", "Абрамова Анна 11.09"), ("11 сент", "Абрамова Анна 11.09"),
     ("5 мая", "Абрамова Анна 15.09"), ("II чет", "II ч"), ("2 четв", "II ч"), ("год", "Год"), ("ujl", "Год")],
)  # fmt: skip
def test_a_pupil_a_day_and_a_period_are_found_in_either_layout(page: Spread, typed: str, here: str) -> None:
    page.search(typed)
    assert page.here == here


def test_a_work_is_found_by_its_code_and_enter_goes_to_the_next(page: Spread) -> None:
    for day, number in ((date(2026, 9, 8), 3), (date(2026, 9, 11), 1)):
        marks.add_mark_column(page.journal, page.school.lesson(day, number), "control")
    page.view.grid.refresh()
    page.search("кр")
    assert page.here.endswith("08.09")
    press(page.screen.header.search, Key.Key_Return)
    assert page.here.endswith("11.09")
    press(page.screen.header.search, Key.Key_Return)
    assert page.here.endswith("08.09")
    press(page.screen.header.search, Key.Key_Escape)
    assert page.view.hasFocus()


def test_where_only_one_is_found_enter_goes_to_the_cell(page: Spread) -> None:
    page.search("rjn")
    press(page.screen.header.search, Key.Key_Return)
    assert page.here.startswith("Котов")
    assert page.view.hasFocus()


def test_what_is_nowhere_is_said_to_be(page: Spread) -> None:
    page.search("31.12")
    assert page.screen.header.search.accessibleDescription() == "не найдено"
    assert page.here == "Абрамова Анна 15.09"


def test_a_filter_leaves_some_pupils_with_their_numbers_and_esc_shows_all(page: Spread) -> None:
    put(page, 3, "2")
    put(page, 7, "2")
    put(page, 8, "5")
    page.shortcut(Key.Key_2, ALT)
    assert page.shown == [4, 8]
    assert page.screen.narrowing.banner.text == "Показаны 2 из 25: двойки, I четверть"
    page.press(Key.Key_Escape)
    assert len(page.shown) == 25
    assert page.screen.narrowing.banner.text == ""


def test_a_filtered_pupil_stays_in_sight_while_a_mark_is_mended(page: Spread) -> None:
    put(page, 3, ".")
    put(page, 7, ".")
    page.shortcut(Key.Key_1, ALT)
    page.view.set_current(page.view.current[0], 0)
    page.type("4")
    page.view.grid.refresh()
    assert page.shown == [4, 8]
    sheet = queries.lesson_sheet(page.journal, page.school.today_lesson)
    assert [value for _, value in sheet.roll[3].marks] == ["4"]


def test_a_filter_that_leaves_nobody_says_so_and_hides_nothing(page: Spread) -> None:
    page.shortcut(Key.Key_4, ALT)
    assert len(page.shown) == 25
    assert page.said[-1] == "Таких нет: спорные."
    assert page.screen.narrowing.banner.text == ""


def test_a_filter_is_taken_from_the_line_of_search_too(page: Spread) -> None:
    put(page, 3, "2")
    page.search("двой")
    assert len(page.shown) == 25
    press(page.screen.header.search, Key.Key_Return)
    assert page.shown == [4]
    assert page.view.hasFocus()


def test_whoever_a_filter_hides_comes_into_sight_when_looked_for(page: Spread) -> None:
    put(page, 3, "2")
    page.shortcut(Key.Key_2, ALT)
    page.search("яго")
    assert page.here.startswith("Ягодкин")
    assert len(page.shown) == 25
    page.shortcut(Key.Key_2, ALT)
    column = page.view.grid.columns[page.view.current[0]].key
    page.screen.open_cell(page.school.page, column, page.school.pupils[9])
    assert page.here.startswith("Орехова")


def test_a_table_is_pasted_into_the_whole_list(page: Spread) -> None:
    put(page, 3, "2")
    page.shortcut(Key.Key_2, ALT)
    page.screen.clipboard.paste()
    assert len(page.shown) == 25


def test_entries_that_wait_for_the_server_are_ones_own_waiting(page: Spread) -> None:
    put(page, 3, "5")
    page.shortcut(Key.Key_5, ALT)
    assert page.shown == [4]


def test_each_filter_finds_what_it_is_called_by() -> None:
    page = sample_pages.spread(Sample(fill=False))
    first = next(n for n, column in enumerate(page.columns) if column.kind == "lesson")
    key = page.columns[first].key
    cells = {
        (key, page.pupils[0].pupil_id): GridCell("."),
        (key, page.pupils[1].pupil_id): GridCell("5/2"),
        (key, page.pupils[2].pupil_id): GridCell("нз"),
        (key, page.pupils[3].pupil_id): GridCell("4", delivery="disputed", other_value="2"),
        (key, page.pupils[4].pupil_id): GridCell("4", delivery="pending", other_value="5"),
    }
    page = type(page)(page.page, page.pupils, page.columns, page.lessons, cells, {}, page.today)
    left = {name: sorted(page.pupils.index(p) for p in page.pupils if p.pupil_id in pupils_left(page, name, first))
            for name in FILTERS}  # fmt: skip
    unmarked = left.pop("unmarked")
    assert left == {"debts": [0], "low": [1, 2], "disputed": [3], "waiting": [4]}
    assert unmarked[0] == 0
    assert {1, 2, 3, 4}.isdisjoint(unmarked)
    gone = next(n for n, pupil in enumerate(page.pupils) if not pupil.present_in_class(page.today))
    assert gone not in unmarked
    assert find("   ", page) == []
