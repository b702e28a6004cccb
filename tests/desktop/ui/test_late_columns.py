"""Columns when the time for their marks is over: a weight or a kind bends them all, so it is asked for as they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import Lesson, MarkColumn
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import marks
from tests.helpers.closed_quarter import CLOSED, COLUMN, LESSON
from tests.helpers.school import small_school
from tests.helpers.spread import Spread, open_spread
from tests.helpers.typing import CTRL, press, type_text

Key = Qt.Key
OLD = ids.lesson(ids.journal_page("s-algebra", "c-7b"), date(2026, 9, 8), 3)
WORK = ids.mark_column(OLD, "oral", 1)
GONE = (
    Lesson(id=LESSON, journal_page_id=ids.journal_page("s-algebra", "c-7b"), held_on=date(2026, 9, 15),
           lesson_number=3),
    MarkColumn(id=COLUMN, lesson_id=LESSON, work_kind_id="oral", voided=True),
    CLOSED,
)  # fmt: skip


@pytest.fixture
def late(qtbot: QtBot, tmp_path: Path) -> Iterator[Spread]:
    """Give a page at a lesson whose marks could be changed until the day before yesterday."""
    with open_spread(qtbot, tmp_path) as page:
        marks.put_mark(page.journal, OLD, None, page.school.pupils[0], "4")
        page.clock.now += timedelta(days=2)
        page.view.grid.refresh()
        page.view.go_to_lesson(OLD)
        yield page


@pytest.fixture
def removed(qtbot: QtBot, tmp_path: Path) -> Iterator[Spread]:
    """Give a page of a closed quarter at a lesson whose only column was struck out before."""
    with open_spread(qtbot, tmp_path, small_school(extra=GONE)) as page:
        yield page


def key(name: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the focus is."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, name, modifiers)


def weigh(page: Spread, weight: str) -> str:
    """Type a weight into the form of the current column; return what the form says then, "" where it is closed."""
    page.shortcut(Key.Key_K)
    form = page.screen.work.column
    form.weight.clear()
    type_text(form.weight, weight)
    press(form.weight, Key.Key_Return)
    return form.note.text if form.isVisible() else ""


def weight_of(page: Spread, column: str) -> Decimal:
    spread = queries.journal_spread(page.journal, page.school.page)
    return next(each.weight for each in spread.columns if each.mark_column_id == column)


def test_a_weight_is_refused_with_its_rule_when_the_marks_may_not_change_any_more(late: Spread) -> None:
    said = weigh(late, "3")
    assert "Вес меняет все отметки работы: изменить его можно было до 15.09.2026" in said
    assert "Сколько дней после урока можно исправить" in said
    assert weight_of(late, WORK) == 1


def test_a_refused_weight_is_asked_for_from_its_form_and_stands_in_the_history(late: Spread, qtbot: QtBot) -> None:
    weigh(late, "3")
    key(Key.Key_E, CTRL)
    asking = late.screen.asking.form
    qtbot.waitUntil(asking.isVisible)
    assert not late.screen.work.column.isVisible()
    assert "вес 3" in asking._fields["changes"].text()
    type_text(asking.reason, "контрольная, а не опрос")
    press(asking.reason, Key.Key_Return)
    (row,) = queries.own_requests(late.journal)
    assert (row.kind, row.what, row.state) == ("MarkColumn", "вес 3", "unsent")
    assert weight_of(late, WORK) == 1
    told = queries.cell_history(late.journal, "MarkColumn", WORK)
    assert next((each.author, each.new) for each in told) == ("Иванова М. П.", "3"), told
    assert late.view.hasFocus()


def test_a_name_is_no_edit_of_marks(late: Spread) -> None:
    late.shortcut(Key.Key_K)
    form = late.screen.work.column
    type_text(form.title, "у доски")
    press(form.title, Key.Key_Return)
    assert not form.isVisible()


def test_another_kind_of_work_is_refused_when_the_marks_may_not_change_any_more(late: Spread) -> None:
    late.shortcut(Key.Key_K)
    form = late.screen.work.column
    form.kind.setFocus()
    press(form.kind, Key.Key_Down)
    press(form.kind, Key.Key_Return)
    assert "можно было до 15.09.2026" in form.note.text
    assert late.held(OLD) == {0: "4"}


def test_a_mark_where_a_column_was_removed_is_asked_for_in_a_column_of_its_own(removed: Spread) -> None:
    removed.type("5")
    assert "Ctrl+E" in removed.note
    removed.screen.ask()
    asking = removed.screen.asking.form
    type_text(asking.reason, "в тетради 5")
    press(asking.reason, Key.Key_Return)
    assert not asking.isVisible(), asking.note.text
    (row,) = queries.own_requests(removed.journal)
    assert (row.kind, row.record_id) == ("MarkColumn", ids.mark_column(LESSON, "oral", 2))
