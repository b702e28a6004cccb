"""Сегодня beside the lessons: what else is due and where it is entered, what others changed, and time that goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import PolicySetting
from ejournal_desktop.models.commands import lessons, marks
from ejournal_desktop.models.pages import Today
from ejournal_desktop.models.queries.due import DueRow
from ejournal_desktop.models.queries.notices import News
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.screens.period_marks import PeriodMarksScreen
from ejournal_desktop.ui.screens.today import TodayScreen, local_now
from ejournal_desktop.ui.widgets.due import time_left
from ejournal_desktop.ui.widgets.due_row import DueFace, what_waits
from ejournal_desktop.ui.widgets.row_list import RowList
from tests.helpers import sample_days as days
from tests.helpers import sample_news
from tests.helpers.sample_pages import page_ref
from tests.helpers.school import MOSCOW, Clock, desk_of, small_school
from tests.helpers.typing import press
from tests.helpers.windows import TEACHER, session_places, shown_window

ENTER = Qt.Key.Key_Return
LESSON = "s-algebra.c-7b.20260915.3"


def read_aloud(rows: RowList) -> list[str]:
    return [rows.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(rows.count())]


def shown(qtbot: QtBot, screen: TodayScreen) -> TodayScreen:
    qtbot.addWidget(screen)
    screen.resize(1200, 700)
    screen.show()
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    screen.enter()
    return screen


# --- what else is due ------------------------------------------------------------------------------------------------


Session = Callable[[datetime], tuple[MainWindow, TodayScreen]]


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    """Give the window of the algebra teacher at a moment of the first quarter."""
    with shown_window(qtbot) as window:

        def begin(now: datetime) -> tuple[MainWindow, TodayScreen]:
            school = small_school(extra=[PolicySetting(id="P09", value='"after_last_lesson"')])
            begin.journal = journal = desk_of(school, "p-teacher", tmp_path, now=now)  # type: ignore[attr-defined]
            window.open_session(TEACHER, session_places(window, journal), 0)
            screen = window.screen_shown
            assert isinstance(screen, TodayScreen)
            return window, screen

        yield begin
        window.close_session()
        begin.journal.close()  # type: ignore[attr-defined]


def test_enter_on_what_is_due_opens_the_place_where_it_is_entered(session: Session) -> None:
    window, screen = session(datetime(2026, 10, 28, 12, tzinfo=MOSCOW))
    told = read_aloud(screen.due)
    assert told[0] == "7 «Б» · Алгебра, итоги не подтверждены: I четверть, до 30.10"
    assert told[1].startswith("7 «Б» · Алгебра, не заполнено 25\u00a0уроков, первый — 01.09, срок прошёл 01.09")
    assert screen.header.text.endswith("2\u00a0дела · просрочено 1 · ближайшее через 2\u00a0дня")
    screen.due.setFocus()
    screen.due.setCurrentRow(0)
    press(screen.due, ENTER)
    results = window.screen_shown
    assert isinstance(results, PeriodMarksScreen)
    assert results.results is not None
    assert (results.results.period.kind, results.results.period.number) == ("quarter", 1)
    window.go("today")
    screen.due.setFocus()
    screen.due.setCurrentRow(1)
    press(screen.due, ENTER)
    lesson = window.screen_shown
    assert isinstance(lesson, LessonScreen)
    assert lesson.lesson_id.endswith("20260901.3")


def test_what_is_entered_leaves_the_list_by_itself_and_the_focus_is_not_lost(qtbot: QtBot, session: Session) -> None:
    window, screen = session(datetime(2026, 9, 2, 12, tzinfo=MOSCOW))
    screen.due.setFocus()
    assert read_aloud(screen.due) == [
        "7 «Б» · Алгебра, 01.09, 3 урок — не проведён, нет переклички, нет темы, срок прошёл 01.09"
    ]
    journal, lesson_id = screen._journal, screen.due.rows[0].lesson_id
    lessons.set_topic(journal, lesson_id, "Дроби")
    lessons.hold_lesson(journal, lesson_id)
    qtbot.waitUntil(lambda: screen.due.count() == 0)
    assert not screen._titles["due"].isVisible()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.isVisibleTo(window)


def row(due_at: datetime, allowed_until: datetime | None = None) -> DueRow:
    return DueRow(id="m", what="marks", page=page_ref(), lesson_id="l1", held_on=days.DAY, lesson_number=1, work="КР",
                  pupils=("Котов Марк",), due_at=due_at, allowed_until=allowed_until)  # fmt: skip


@pytest.mark.parametrize(
    ("due", "allowed", "said"),
    [
        (timedelta(minutes=42), None, "до 15:10 (42 мин)"),
        (timedelta(hours=3), None, "до 17:28 (3 ч)"),
        (timedelta(hours=9, minutes=32), None, "до 24:00 (9 ч 32 мин)"),
        (timedelta(days=1, hours=9, minutes=32), None, "до 22.11"),  # 0:00 of the 23rd is 24:00 of the 22nd
        (timedelta(minutes=-5), None, "срок прошёл 14:23"),
        (timedelta(days=-3), None, "срок прошёл 18.11"),
        (timedelta(days=-1), timedelta(hours=9, minutes=32), "срок прошёл 20.11, с причиной до 24:00"),
    ],
)
def test_a_deadline_of_a_line_is_told_calmly_and_to_the_very_day(
    due: timedelta, allowed: timedelta | None, said: str
) -> None:
    until = days.NOW + allowed if allowed is not None else None
    assert time_left(days.NOW + due, until, days.NOW).text == said


def test_many_names_are_counted_and_a_work_without_any_mark_says_so() -> None:
    many = msgspec.structs.replace(row(days.NOW), pupils=("А", "Б", "В", "Г", "Д"))
    assert what_waits(many) == "КР 21.11 — нет отметки: А, Б, В и ещё 2"
    assert what_waits(msgspec.structs.replace(row(days.NOW), pupils=())) == "КР 21.11 — отметок ещё нет"
    assert DueFace(lambda: days.NOW).words(row(days.NOW + timedelta(minutes=5))).endswith("до 14:33 (5 мин)")


# --- what others changed ---------------------------------------------------------------------------------------------


def test_what_others_changed_is_a_list_of_its_own_and_enter_leads_to_the_cell(qtbot: QtBot) -> None:
    changed = next(each for each in sample_news.news().notices if each.kind == "changed")
    at_cell = msgspec.structs.replace(changed, cell=("page", "column", "pupil"))
    others = tuple(each for each in sample_news.news().notices if each.kind != "changed")
    screen = TodayScreen(
        days.SilentJournal(), lambda: days.NOW, read=lambda *_: days.day(),  # type: ignore[arg-type]
        read_news=lambda _: News((*others, at_cell)),
    )  # fmt: skip
    shown(qtbot, screen)
    assert screen._titles["changed"].text() == "Изменено не вами 1"
    assert screen.notices.count() == len(others)
    opened: list[tuple[str, ...]] = []
    screen.cell_wanted.connect(lambda *cell: opened.append(cell))
    screen.changed.setFocus()
    press(screen.changed, ENTER)
    assert opened == [("page", "column", "pupil")]
    screen.close_screen()


# --- time goes on ----------------------------------------------------------------------------------------------------


def test_after_midnight_the_open_screen_shows_the_new_day(qtbot: QtBot) -> None:
    clock = Clock(days.at(23, 59))
    asked: list[object] = []

    def read(_journal: object, day: object) -> Today:
        asked.append(day)
        return days.day()

    screen = shown(qtbot, TodayScreen(days.SilentJournal(), clock, read=read))  # type: ignore[arg-type]
    asked.clear()
    screen._timer.timeout.emit()
    assert asked == [], "within a day nothing is read anew"
    clock.now += timedelta(minutes=1)
    screen._timer.timeout.emit()
    assert asked == [days.DAY + timedelta(days=1)]
    screen.close_screen()


def test_in_another_time_zone_the_deadlines_are_read_anew(qtbot: QtBot) -> None:
    clock = Clock(days.NOW)
    asked: list[object] = []

    def read(_journal: object, day: object) -> Today:
        asked.append(day)
        return days.day()

    screen = shown(qtbot, TodayScreen(days.SilentJournal(), clock, read=read))  # type: ignore[arg-type]
    asked.clear()
    clock.now = days.NOW.astimezone(timezone(timedelta(hours=7)))
    screen._timer.timeout.emit()
    assert len(asked) == 1
    screen.close_screen()


def test_the_clock_follows_the_zone_that_the_computer_is_set_to(monkeypatch: pytest.MonkeyPatch) -> None:
    offsets = []
    for zone in ("MSK-3", "NOVT-7"):
        monkeypatch.setenv("TZ", zone)
        offsets.append(local_now().utcoffset())
    monkeypatch.undo()
    local_now()
    assert offsets == [timedelta(hours=3), timedelta(hours=7)]


def test_the_minutes_go_on_without_taking_the_cursor_or_the_focus(qtbot: QtBot) -> None:
    clock = Clock(days.NOW)
    screen = TodayScreen(days.SilentJournal(), clock, read=lambda *_: days.day(),  # type: ignore[arg-type]
                         read_due=lambda _: [row(days.NOW + timedelta(minutes=30))])  # fmt: skip
    shown(qtbot, screen)
    screen.disputes.setFocus()
    screen.disputes.setCurrentRow(1)
    item = screen.due.item(0)
    clock.now += timedelta(minutes=5)
    screen._timer.timeout.emit()
    assert screen.disputes.hasFocus()
    assert screen.disputes.currentRow() == 1
    assert screen.due.item(0) is item, "nothing is built anew for a minute"
    assert "25 мин" in screen.header.text
    screen.close_screen()


@pytest.mark.parametrize(("apart", "said"), [(0, ""), (-2 * 86_400, "расходятся на 2\u00a0дня")])
def test_a_clock_in_doubt_is_told_where_the_minutes_are_counted(qtbot: QtBot, apart: int, said: str) -> None:
    day = msgspec.structs.replace(days.day(), clocks_apart=apart)
    screen = shown(qtbot, TodayScreen(days.SilentJournal(), lambda: days.NOW, read=lambda *_: day))  # type: ignore[arg-type]
    assert screen.clocks.isVisible() is bool(apart)
    assert said in screen.clocks.text
    screen.close_screen()


def test_a_cell_that_a_colleague_changed_is_found_in_the_journal(qtbot: QtBot, session: Session) -> None:
    window, screen = session(datetime(2026, 9, 15, 12, tzinfo=MOSCOW))
    mark = marks.put_mark(screen._journal, LESSON, None, "u-04", "4").changes[-1].set
    cell = str(mark["mark_column_id"]), "u-04"
    spread = window.screen_of("journal")
    assert isinstance(spread, JournalScreen)
    window.go("journal")
    qtbot.waitUntil(lambda: spread.grid is not None and cell in spread.grid.cells)
    window.go("today")
    changed = next(each for each in sample_news.news().notices if each.kind == "changed")
    screen._read_news = lambda _: News((msgspec.structs.replace(changed, cell=("s-algebra.c-7b", *cell)),))
    screen.enter()
    screen.changed.setFocus()
    press(screen.changed, ENTER)
    assert window.screen_shown is spread
    assert spread.grid is not None
    assert spread.view is not None
    found = spread.grid.cell(*spread.view.current)
    assert found is not None
    assert found.value == "4"
