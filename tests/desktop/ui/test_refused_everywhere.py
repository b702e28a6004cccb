"""What may not stand in a cell, by every way into it: typed, pasted, on Урок, taken back, asked for.

Each way says one sentence with its rule, and what stood before stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec import Struct
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import PeriodMark, Record, Subject
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import attendance, marks
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.widgets.roll_model import FIRST_MARK
from tests.desktop.ui.test_bad_input import CLOSED, FIRST_GRADE, LEFT, with_records
from tests.helpers.spread import Spread, open_spread
from tests.helpers.typing import type_text

Key = Qt.Key
PAGE = ids.journal_page("s-algebra", "c-7b")
TODAY, AHEAD, OLD = (ids.lesson(PAGE, date(2026, 9, day), number) for day, number in ((15, 3), (18, 1), (8, 3)))


class State(Struct, frozen=True):
    """A cell that takes no five: how it came about, what is typed there, what is said, and what stays."""

    name: str
    sentence: str
    rule: str = ""
    records: tuple[Record, ...] = ()
    prepare: Callable[[Spread], object] = lambda page: None
    lesson: str = TODAY
    typed: str = "5"
    stays: str = ""
    askable: bool = False


def absent(page: Spread) -> None:
    attendance.set_presence(page.journal, TODAY, page.school.pupils[0], "absent")


def four(page: Spread) -> None:
    marks.put_mark(page.journal, TODAY, None, page.school.pupils[0], "4")


def long_ago(page: Spread) -> None:
    marks.put_mark(page.journal, OLD, None, page.school.pupils[0], "4")
    page.clock.now += timedelta(days=2)


STATES = (
    State("off the scale", "«7» — не отметка", prepare=four, typed="7", stays="4"),
    State("on an absence", "Ученик отмечен отсутствующим: отметку поставить нельзя", "Разрешить отметку отсутствующему",
          prepare=absent, stays="н"),
    State("in the future", "Урок ещё впереди", "Что можно записать заранее", lesson=AHEAD),
    State("outside the window", "можно было до 15.09.2026", "Сколько дней после урока можно исправить",
          prepare=long_ago, lesson=OLD, stays="4", askable=True),
    State("of a pupil who has left", "В этот день ученика нет в классе", records=(LEFT,)),
    State("in a closed period", "Период закрыт", "Кто разрешает исправление", (CLOSED,), askable=True),
    State("in grade 1", "В 1 классе обучение безотметочное", "Классы без отметок", (FIRST_GRADE,)),
)  # fmt: skip


@pytest.fixture(params=STATES, ids=lambda state: state.name)
def state(request: pytest.FixtureRequest) -> State:
    found: State = request.param
    return found


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path, state: State) -> Iterator[Spread]:
    """Give the spread with the cursor on that cell."""
    with open_spread(qtbot, tmp_path, with_records(*state.records)) as page:
        state.prepare(page)
        page.view.grid.refresh()
        page.view.go_to_lesson(state.lesson)
        yield page


def stands(page: Spread, state: State) -> str:
    """Return what the file holds of the first pupil, also of one who has left the list of the day."""
    rows = {row.pupil_id: row for row in queries.lesson_sheet(page.journal, state.lesson).roll}
    row = rows.get(page.school.pupils[0])
    return " ".join([row.absence, *(value for _, value in row.marks)]).strip() if row else ""


def said_once(told: str, state: State) -> None:
    """Say that the sentence stands there once, with its rule, and besides it only the way out of it."""
    assert state.sentence in told
    assert (f"правило «{state.rule}" in told) == bool(state.rule)
    assert told.count(". ") <= int(state.askable), told


def test_typed(page: Spread, state: State) -> None:
    page.type(state.typed)
    said_once(page.note, state)
    assert ("Ctrl+E" in page.note) == state.askable
    assert stands(page, state) == state.stays


def test_pasted(page: Spread, state: State) -> None:
    page.paste(state.typed)
    assert page.verdicts() == {0: "refused"}
    assert state.sentence in page.detail
    assert (f"правило «{state.rule}" in page.detail) == bool(state.rule)
    page.press(Key.Key_Return)
    assert stands(page, state) == state.stays


def test_pasted_among_others_that_are_taken(page: Spread, state: State) -> None:
    """A block with one bad cell: the good ones are entered only where a rule lets them."""
    page.paste(f"{state.typed}\n5\n4")
    page.press(Key.Key_Return)
    assert stands(page, state) == state.stays


def test_asked_for_without_being_askable(page: Spread, state: State) -> None:
    page.type(state.typed)
    page.screen.ask()
    assert page.screen.asking.form.isVisible() == state.askable
    assert any("Просить не о чем" in each for each in page.said) != state.askable
    assert stands(page, state) == state.stays


def test_on_the_lesson_itself(page: Spread, state: State, qtbot: QtBot) -> None:
    page.window.go("lesson")
    screen = page.window.screen_shown
    assert isinstance(screen, LessonScreen)
    screen.open(state.lesson)
    roll = screen.table.roll
    if state.name == "of a pupil who has left":
        assert page.school.pupils[0] not in [roll.row(n).pupil_id for n in range(roll.rowCount())], "nothing to type at"
        return
    screen.table.setCurrentIndex(roll.index(0, FIRST_MARK))
    screen.table.setFocus()
    type_text(screen.table, state.typed)
    said_once(roll.note(0)[0], state)
    assert ("Ctrl+E" in roll.note(0)[0]) == state.askable
    assert stands(page, state) == state.stays


# --- taken back ------------------------------------------------------------------------------------------------------


def test_what_was_taken_away_does_not_come_back_when_the_window_is_over(qtbot: QtBot, tmp_path: Path) -> None:
    with open_spread(qtbot, tmp_path) as page:
        page.type("4")
        page.press(Key.Key_Delete)
        assert page.held() == {}
        page.clock.now += timedelta(days=20)
        page.shortcut(Key.Key_Z)
        assert "можно было до 22.09.2026" in page.said[-1]
        assert page.held() == {}


# --- marks of periods ------------------------------------------------------------------------------------------------

STANDING = PeriodMark(id=ids.period_mark(PAGE, "u-01", "quarter", 1), journal_page_id=PAGE, pupil_id="u-01",
                      period_kind="quarter", period_number=1, value="4")  # fmt: skip
OUT_OF_ATTESTATION = Subject(id="s-algebra", title="Алгебра", position=1, attested=False)


@pytest.mark.parametrize(
    ("records", "sentence", "rule"),
    [
        ((OUT_OF_ATTESTATION,), "По этому предмету аттестации нет", "Предмет может быть без итоговых отметок"),
        ((FIRST_GRADE,), "В 1 классе обучение безотметочное", "Классы без отметок"),
        ((CLOSED,), "Период закрыт", "Кто разрешает исправление"),
    ],
    ids=["without attestation", "grade 1", "closed"],
)
@pytest.mark.parametrize("way", ["typed", "pasted"])
def test_a_mark_of_a_period(
    qtbot: QtBot, tmp_path: Path, records: tuple[Record, ...], sentence: str, rule: str, way: str
) -> None:
    with open_spread(qtbot, tmp_path, with_records(STANDING, *records)) as page:
        page.search("I четверть")
        page.press(Key.Key_Escape)
        page.view.setFocus()
        page.view.set_current(page.view.current[0], 0)
        if way == "typed":
            page.type("5")
            told = page.note
        else:
            page.paste("5")
            told = page.detail
            page.press(Key.Key_Return)
        assert sentence in told
        assert f"правило «{rule}" in told
        cell = page.view.grid.cell(*page.view.current)
        assert cell is not None
        assert cell.value == "4"
