"""«Попросить исправить» where an entry was refused: the value is known, one sentence is typed, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.changes import Verdict
from ejournal_core.kinds import Lesson, Mark, MarkColumn, PeriodClosing
from ejournal_core.wire import Receipt, TreeHead
from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import CellHistoryRow
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.widgets.cell_history import below
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.helpers.school import NOW, SmallSchool, small_school
from tests.helpers.typing import press, type_text
from tests.helpers.windows import open_session

Key = Qt.Key
PUPIL, ROW = "u-04", 3
CLOSED = PeriodClosing(
    id=ids.period_closing("c-7b", "q-1"), class_group_id="c-7b", grading_period_id="q-1", closed=True
)
HEAD = TreeHead(school="school-1", epoch=0, size=2, root="00", at="2026-09-15T08:00:00Z")
Opened = tuple[MainWindow, Journal, SmallSchool]


def closed_school() -> SmallSchool:
    page, day = ids.lesson_parts(LESSON)[:2]
    lesson = Lesson(id=LESSON, journal_page_id=page, held_on=day, lesson_number=3)
    column = MarkColumn(id=COLUMN, lesson_id=LESSON, work_kind_id="oral")
    mark = Mark(id=ids.mark(COLUMN, PUPIL), mark_column_id=COLUMN, pupil_id=PUPIL, value="4")
    return small_school(extra=(lesson, column, mark, CLOSED))


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    """Give a window of a teacher whose first quarter is closed; one mark stands there."""
    with open_session(qtbot, tmp_path, closed_school()) as session:
        yield session


def journal_at(opened: Opened, qtbot: QtBot, row: int = ROW, lesson_id: str = LESSON) -> JournalScreen:
    window = opened[0]
    window.go("journal")
    screen = window.screen_shown
    assert isinstance(screen, JournalScreen)
    qtbot.waitUntil(lambda: screen.view is not None and not screen.is_opening)
    assert screen.view is not None
    screen.view.go_to_lesson(lesson_id)
    screen.view.set_current(screen.view.current[0], row)
    screen.view.setFocus()
    return screen


def ctrl_e(opened: Opened) -> None:
    """Let the window's shortcut be heard: an event sent to a widget passes the shortcuts by."""
    next(each for each in opened[0].screen_shown.actions() if each.id.endswith(".ask")).run()  # type: ignore[union-attr]


def test_a_refused_mark_is_asked_for_with_one_sentence(opened: Opened, qtbot: QtBot) -> None:
    screen, journal = journal_at(opened, qtbot), opened[1]
    assert screen.view is not None
    type_text(screen.view, "5")
    assert "Период закрыт" in screen.view.entering.note.text()
    assert "Ctrl+E — попросить исправить" in screen.view.entering.note.text()
    ctrl_e(opened)
    form = screen.asking.form
    assert form.isVisible()
    assert form.reason.hasFocus()
    assert [label.text() for label in form._fields.values()] == [
        "Иванова М. П., 15.09.2026", "7 «Б» · Алгебра", "15.09.2026", "Ёлкин Пётр: отметка 4 → 5",
    ]  # fmt: skip
    type_text(form.reason, "в тетради стоит 5")
    press(form.reason, Key.Key_Return)
    (row,) = queries.own_requests(journal)
    assert (row.what, row.why, row.state) == ("отметка 4 → 5", "в тетради стоит 5", "unsent")
    assert not form.isVisible()
    assert screen.view.hasFocus()


def test_what_was_asked_stands_in_brackets_beside_what_is(opened: Opened, qtbot: QtBot) -> None:
    screen = journal_at(opened, qtbot)
    assert screen.view is not None
    assert screen.grid is not None
    type_text(screen.view, "5")
    ctrl_e(opened)
    type_text(screen.asking.form.reason, "в тетради 5")
    press(screen.asking.form.reason, Key.Key_Return)
    cell = screen.grid.cell(*screen.view.current)
    assert cell is not None
    assert (cell.value, cell.other_value, cell.delivery) == ("4", "5", "pending")
    assert "ждёт отправки" in cell.reason
    assert screen.grid.notes == {}


def test_what_was_asked_where_nothing_stood_stands_in_brackets_too(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as opened:
        screen = journal_at(opened, qtbot, lesson_id=opened[2].lesson(date(2026, 9, 4), 1))
        assert screen.view is not None
        assert screen.grid is not None
        type_text(screen.view, "5")  # a week is over: no column was made
        ctrl_e(opened)
        type_text(screen.asking.form.reason, "забыла внести")
        press(screen.asking.form.reason, Key.Key_Return)
        cell = screen.grid.cell(*screen.view.current)
        assert cell is not None
        assert (cell.value, cell.other_value, cell.delivery) == ("", "5", "pending")


def test_a_request_without_reasons_is_not_made_and_esc_keeps_what_was_typed(opened: Opened, qtbot: QtBot) -> None:
    screen, journal = journal_at(opened, qtbot), opened[1]
    assert screen.view is not None
    type_text(screen.view, "5")
    ctrl_e(opened)
    form = screen.asking.form
    press(form.reason, Key.Key_Return)
    assert "причину" in form.note.text
    type_text(form.reason, "в тетра")
    press(form.reason, Key.Key_Escape)
    assert not form.isVisible()
    assert screen.view.hasFocus()
    ctrl_e(opened)
    assert form.reason.text() == "в тетра"
    assert queries.own_requests(journal) == ()


def test_where_the_column_is_missing_too_it_is_asked_for_first(opened: Opened, qtbot: QtBot) -> None:
    school, journal = opened[2], opened[1]
    screen = journal_at(opened, qtbot, lesson_id=school.lesson(date(2026, 9, 14), 2))
    assert screen.view is not None
    said: list[str] = []
    screen.hint_changed.connect(said.append)
    type_text(screen.view, "5")
    ctrl_e(opened)
    type_text(screen.asking.form.reason, "урок был, журнал был закрыт")
    press(screen.asking.form.reason, Key.Key_Return)
    (row,) = queries.own_requests(journal)
    assert row.kind == "Lesson"
    assert said[-1].startswith("Сначала нужен урок: заявка на него подана")


def test_a_topic_of_the_right_page_is_asked_for_and_the_draft_goes(opened: Opened, qtbot: QtBot) -> None:
    screen, journal = journal_at(opened, qtbot), opened[1]
    assert screen.grid is not None
    assert screen.topics is not None
    screen.topics.drafts[LESSON, "topic"] = "Дроби"
    screen.grid.set_topic(LESSON, "Дроби")
    ctrl_e(opened)
    type_text(screen.asking.form.reason, "забыла записать")
    press(screen.asking.form.reason, Key.Key_Return)
    (row,) = queries.own_requests(journal)
    assert row.what == "тема: Дроби"
    assert screen.topics.drafts == {}


def test_on_the_lesson_each_refused_pupil_can_be_asked_for(opened: Opened) -> None:
    window, journal, _school = opened
    screen = next(place.widget for place in window._places if place.id == "lesson")
    assert isinstance(screen, LessonScreen)
    screen.open(LESSON)
    window.go("lesson")
    roll = screen.table.roll
    for row in (ROW, ROW + 1):
        screen.table.setCurrentIndex(roll.index(row, 3))
        type_text(screen.table, "3")
    assert "Ctrl+E" in roll.note(ROW)[0]
    screen.table.setCurrentIndex(roll.index(ROW, 3))
    ctrl_e(opened)
    type_text(screen.asking.form.reason, "ошибка ввода")
    press(screen.asking.form.reason, Key.Key_Return)
    (asked,) = queries.own_requests(journal)
    assert asked.what == "отметка 4 → 3"
    assert roll.cell(ROW, 3).other_value == "3"
    assert "Ctrl+E" not in roll.note(ROW)[0]
    assert "Ctrl+E" in roll.note(ROW + 1)[0]


def test_the_history_says_by_whose_word_a_change_stands_and_how_sure_it_is() -> None:
    plain = CellHistoryRow(NOW, "Иванова М. П.", "4", "5", "принято", 812, "в тетради 5", proof="доказано")
    assert below(plain) == "принято · № 812, доказано · в тетради 5"
    by_deputy = msgspec.structs.replace(plain, approved_by="Громова В. П.", is_doubtful=True, proof="")
    assert below(by_deputy) == "разрешено: Громова В. П. · № 812 · часы компьютера были неверны · в тетради 5"
    assert below(CellHistoryRow(NOW, "Иванова М. П.", "", "5", "ждёт отправки", 0)) == "ждёт отправки"
    flagged = msgspec.structs.replace(plain, is_flagged=True)
    assert "доказано · рабочее место открыто по новому коду и не подтверждено · в тетради" in below(flagged)


def test_the_history_of_a_cell_marks_what_the_log_proves(opened: Opened, qtbot: QtBot) -> None:
    journal = opened[1]
    screen = journal_at(opened, qtbot)
    type_text(screen.view, "5")  # type: ignore[arg-type]
    ctrl_e(opened)
    type_text(screen.asking.form.reason, "в тетради 5")
    press(screen.asking.form.reason, Key.Key_Return)
    (unsent,) = journal.outbox()
    answer = Receipt(
        school="school-1", desk=journal.identity.desk_id, root="00", head=HEAD,
        verdicts=(Verdict(id=unsent.change.id, number=2, outcome="pending", reason="EJ-228"),), at=HEAD.at,
    )  # fmt: skip
    journal.settle(answer.verdicts, receipt=(answer, unsent.change.n))
    (row,) = queries.cell_history(journal, "Mark", ids.mark(COLUMN, PUPIL))
    assert (row.number, row.proof) == (2, "есть расписка школы")
