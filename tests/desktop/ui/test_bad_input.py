"""What may not stand in a cell is refused at the cell by the key: one sentence, its rule, the old value stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import ClassGroup, Enrolment, PeriodClosing, Record
from ejournal_desktop.models.commands import marks
from tests.helpers.school import YEAR_START, SmallSchool, small_school
from tests.helpers.spread import Spread, open_spread

Key = Qt.Key
CLOSED = PeriodClosing(
    id=ids.period_closing("c-7b", "q-1"), class_group_id="c-7b", grading_period_id="q-1", closed=True
)
LEFT = Enrolment(
    id="e-u-01", pupil_id="u-01", class_group_id="c-7b", since=YEAR_START, until=date(2026, 9, 10), position=1,
    departure_order="№ 112",
)  # fmt: skip
FIRST_GRADE = ClassGroup(id="c-7b", school_year_id="y-2026", grade_level=1, letter="Б")


def with_records(*records: Record) -> SmallSchool:
    """Return the small school with records instead of those of the same kind and id."""
    school = small_school()
    instead = {(type(record), record.id): record for record in records}
    kept = [instead.pop((type(record), record.id), record) for record in school.records]
    return SmallSchool(
        (*kept, *instead.values()), school.pupils, school.class_group, school.subgroup, school.page, school.english
    )


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Spread]:
    with open_spread(qtbot, tmp_path, with_records(*getattr(request, "param", ()))) as page:
        yield page


def refused(page: Spread, sentence: str, rule: str = "") -> None:
    """Say that the sentence stands at the cell, with its rule, once, and on the line under the window."""
    assert sentence in page.note
    assert (f"правило «{rule}" in page.note) == bool(rule)
    assert page.note.count(". ") <= (1 if "Ctrl+E" in page.note else 0), "one sentence, and the way out of it"
    assert sentence in page.said[-1]


def test_a_mark_off_the_scale(page: Spread) -> None:
    page.type("57")
    refused(page, "«7» — не отметка")
    assert page.held() == {0: "5"}


def test_a_mark_on_an_absence(page: Spread) -> None:
    page.type("н5")
    refused(page, "Ученик отмечен отсутствующим: отметку поставить нельзя", "Разрешить отметку отсутствующему")
    assert page.held() == {0: "н"}


def test_an_absence_over_a_mark(page: Spread) -> None:
    page.type("4н")
    refused(page, "стоит отметка: сначала снимите её", "Разрешить отметку отсутствующему")
    assert page.held() == {0: "4"}


def test_a_mark_in_the_future(page: Spread) -> None:
    page.press(Key.Key_Right)
    page.type("5")
    refused(page, "Урок ещё впереди", "Что можно записать заранее")
    assert page.held(page.school.lesson(date(2026, 9, 18), 1)) == {}


def test_a_mark_outside_the_window(page: Spread) -> None:
    old = page.school.lesson(date(2026, 9, 8), 3)
    marks.put_mark(page.journal, old, None, page.school.pupils[0], "4")
    page.clock.now += timedelta(days=2)
    page.view.grid.refresh()
    page.view.go_to_lesson(old)
    page.type("5")
    refused(page, "Изменить эту отметку можно было до 15.09.2026", "Сколько дней после урока можно исправить")
    assert "Ctrl+E" in page.note
    assert page.held(old) == {0: "4"}


@pytest.mark.parametrize("page", [(LEFT,)], indirect=True)
def test_a_mark_for_a_pupil_who_has_left(page: Spread) -> None:
    page.type("5")
    refused(page, "В этот день ученика нет в классе")
    assert page.held() == {}


@pytest.mark.parametrize("page", [(CLOSED,)], indirect=True)
def test_a_mark_in_a_closed_period(page: Spread) -> None:
    page.type("5")
    refused(page, "Период закрыт", "Кто разрешает исправление")
    assert page.held() == {}


@pytest.mark.parametrize("page", [(FIRST_GRADE,)], indirect=True)
def test_a_mark_in_the_first_grade(page: Spread) -> None:
    page.type("5")
    refused(page, "В 1 классе обучение безотметочное", "Классы без отметок")
    assert page.held() == {}


def test_an_exemption_as_a_mark_for_a_period(page: Spread) -> None:
    page.search("I четверть")
    page.press(Key.Key_Escape)
    page.view.setFocus()
    page.type("о")
    refused(page, "Запись «осв.» правилами школы не допускается", "Разрешить запись «осв.»")
    assert page.view.grid.cell(*page.view.current) is None


def test_an_exemption_pasted_into_a_lesson(page: Spread) -> None:
    page.type("5")
    page.paste("осв.")
    assert "Запись «осв.» правилами школы не допускается (правило «" in page.detail
    page.press(Key.Key_Return)
    assert page.held() == {0: "5"}
