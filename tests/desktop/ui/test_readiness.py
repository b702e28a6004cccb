"""Готовность журналов in Контроль, with a real journal and real keys: what is late, narrowed, opened and summed up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import RoleGrant
from ejournal_desktop.models.commands.periods import state_complete
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries import oversight as queries
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.screens.control import ControlScreen
from ejournal_desktop.ui.widgets import readiness_page
from ejournal_desktop.ui.widgets.readiness_model import COLUMNS, told
from ejournal_desktop.ui.widgets.readiness_page import ReadinessPage
from tests.helpers.school import MOSCOW, YEAR_START, desk_of
from tests.helpers.typing import press
from tests.helpers.whole_school import whole_school

Key = Qt.Key
NOW = datetime(2026, 11, 3, 10, 42, tzinfo=MOSCOW)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Give the deputy's desk after the first quarter."""
    opened = desk_of(whole_school(3, 4, 5, date(2026, 10, 30)), "p-deputy", tmp_path, now=NOW)
    yield opened
    opened.close()


@pytest.fixture
def screen(qtbot: QtBot, journal: Journal, jobs: Jobs) -> Iterator[ControlScreen]:
    """Give Контроль with the page of readiness open and read."""
    made = ControlScreen(journal, journal.clock, jobs=jobs)
    qtbot.addWidget(made)
    made.resize(1180, 620)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.enter()
    made.show_readiness()
    qtbot.waitUntil(lambda: page_of(made).known is not None)
    yield made
    made.close_screen()


def page_of(screen: ControlScreen) -> ReadinessPage:
    assert screen.readiness is not None
    return screen.readiness


def shown(page: ReadinessPage) -> list[tuple[str, str]]:
    return [(row.page.class_title, row.page.subject_title) for row in page.lines.rows]


def test_what_is_late_stands_first_and_the_sum_says_how_much(screen: ControlScreen) -> None:
    page = page_of(screen)
    assert page.table.hasFocus()
    standings = [row.standing for row in page.lines.rows]
    assert standings == ["late"] * 11 + ["ready"] * 3
    assert page.sums.text.startswith("14\u00a0страниц: готово 3, не готово 11, из них с опозданием 11 · не заполнено")
    assert "опоздание 4\u00a0дня" in page.whole.text()
    assert "5 «А» · Литература, I четверть, Гусев Ф. И." in page.whole.text()


def test_a_head_of_two_lines_is_not_cut_as_if_it_were_one(screen: ControlScreen) -> None:
    head = page_of(screen).table.horizontalHeader()
    assert head.textElideMode() == Qt.TextElideMode.ElideNone
    metrics = head.fontMetrics()
    for at, (words, _field, _width) in enumerate(COLUMNS):
        widest = max(metrics.horizontalAdvance(line) for line in words.split("\n"))
        assert widest < head.sectionSize(at), words


def test_what_is_missing_is_counted_in_period_marks_and_not_in_pupils(screen: ControlScreen) -> None:
    """A pupil without marks in fourteen subjects is one pupil and fourteen marks."""
    page = page_of(screen)
    missing = sum(row.unmarked for row in page.lines.rows)
    assert missing > 15  # the three classes have five pupils each
    assert f"не выставлено {missing}\u00a0итогов" in page.sums.text
    assert "учени" not in page.sums.text


def test_after_из_the_lessons_stand_in_the_genitive(screen: ControlScreen) -> None:
    row = msgspec.structs.replace(page_of(screen).lines.rows[0], lessons=21, unfilled=3)
    assert "не заполнено 3 из 21\u00a0урока;" in told(row, NOW.date())
    assert "не заполнено 3 из 12\u00a0уроков;" in told(msgspec.structs.replace(row, lessons=12), NOW.date())


def test_enter_opens_the_results_of_the_page_and_ctrl_enter_its_journal(qtbot: QtBot, screen: ControlScreen) -> None:
    page = page_of(screen)
    first = page.lines.rows[0]
    with qtbot.waitSignal(screen.results_wanted) as opened:
        press(page.table, Key.Key_Return)
    assert opened.args == [first.page.id, "quarter", 1]
    press(page.table, Key.Key_Down)
    action = next(each for each in screen.actions() if each.shortcuts == ("Ctrl+Return",))
    with qtbot.waitSignal(screen.page_wanted) as wanted:
        action.run()
    assert wanted.args == [page.lines.rows[1].page.id]


def test_a_double_click_opens_too(qtbot: QtBot, screen: ControlScreen) -> None:
    table = page_of(screen).table
    at = table.visualRect(table.model().index(2, 1)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    with qtbot.waitSignal(screen.results_wanted) as opened:
        QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert opened.args is not None
    assert opened.args[0] == page_of(screen).lines.rows[2].page.id


def test_only_what_is_not_ready_of_a_class_or_a_teacher(screen: ControlScreen) -> None:
    page = page_of(screen)
    page.toggle_unready()
    assert len(page.lines.rows) == 11
    page.group.setCurrentIndex(page.group.findText("5 «А»"))
    assert shown(page) == [("5 «А»", "Литература"), ("5 «А»", "Геометрия"), ("5 «А»", "Вероятность и статистика")]
    page.teacher.setCurrentIndex(page.teacher.findText("Гусев Ф. И."))
    assert shown(page) == [("5 «А»", "Литература")]
    page.toggle_unready()
    page.teacher.setCurrentIndex(page.teacher.findText("Белова И. О."))
    assert page.lines.rows[0].standing == "ready"
    page.toggle_unready()
    assert page.note.text.startswith("Таких страниц нет.")
    assert page.whole.text() == page.sums.text == ""


def test_another_period_is_counted_anew(qtbot: QtBot, screen: ControlScreen) -> None:
    page = page_of(screen)
    page.period.setCurrentIndex(page.period.findText("II четверть"))
    qtbot.waitUntil(lambda: {row.period for row in page.lines.rows} == {"II четверть"})
    assert {row.standing for row in page.lines.rows} == {"waits"}
    assert {row.lessons for row in page.lines.rows} == {0}


def test_numbers_are_sorted_by_their_size(screen: ControlScreen) -> None:
    page = page_of(screen)
    column = next(at for at in range(10) if page.lines.headerData(at, Qt.Orientation.Horizontal) == "Не\nзаполнено")
    page.table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
    numbers = [row.unfilled for row in page.lines.rows]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > 9, "two digits are more than one"


def test_esc_steps_from_the_choosers_to_the_lines_and_back_to_what_waits(screen: ControlScreen) -> None:
    page = page_of(screen)
    screen.look_for()
    assert page.group.hasFocus()
    press(page.group, Key.Key_Escape)
    assert page.table.hasFocus()
    press(page.table, Key.Key_Escape)
    assert not page.isVisible()


def test_the_lines_are_copied_with_their_heads(screen: ControlScreen) -> None:
    page = page_of(screen)
    page.table.selectAll()
    page.table.copy_lines()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0].split("\t")[:3] == ["Класс", "Предмет", "Учитель"]
    assert len(lines) == 15


def test_the_cursor_stays_on_its_page_when_something_comes(
    qtbot: QtBot, screen: ControlScreen, journal: Journal
) -> None:
    page = page_of(screen)
    press(page.table, Key.Key_Down)
    press(page.table, Key.Key_Down)
    here = page.current
    assert here is not None
    before = page.known
    page.read()
    qtbot.waitUntil(lambda: page.known is not before)
    assert page.current is not None
    assert page.current.page.id == here.page.id
    assert here.page.id in {row.page.id for row in page.lines.rows}
    assert journal.identity.person_id == "p-deputy"


def test_what_is_stated_meanwhile_comes_by_itself(qtbot: QtBot, tmp_path: Path, jobs: Jobs) -> None:
    school = whole_school(1, 4, 5, date(2026, 10, 30))
    role = RoleGrant(id="r-x", person_id="t-2", role="deputy_director", since=YEAR_START)
    own = desk_of(type(school)((*school.records, role), school.pupils, school.class_group, school.subgroup,
                               school.page, school.english), "t-2", tmp_path, now=NOW)  # fmt: skip
    made = ControlScreen(own, own.clock, jobs=jobs)
    qtbot.addWidget(made)
    made.show()
    made.show_readiness()
    page = page_of(made)
    qtbot.waitUntil(lambda: page.known is not None)
    silent = next(row for row in page.lines.rows if row.page.id == "w-2.k-0")
    assert silent.standing == "late"
    page._again.setInterval(1)
    state_complete(own, silent.page.id, "quarter", 1)
    qtbot.waitUntil(lambda: any(row.page.id == "w-2.k-0" and row.standing == "ready" for row in page.lines.rows))
    made.close_screen()
    own.flush()
    own.close()


def test_the_counting_goes_on_off_the_window_s_thread(
    qtbot: QtBot, screen: ControlScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def counted(journal: Journal, asked: queries.Asked) -> queries.Oversight:
        threads.append(threading.get_ident())
        return queries.oversight(journal, asked)

    monkeypatch.setattr(readiness_page, "oversight", counted)
    page = page_of(screen)
    before = page.known
    page.read()
    qtbot.waitUntil(lambda: page.known is not before)
    assert threads
    assert threading.get_ident() not in threads


def test_a_desk_without_a_class_to_oversee_has_no_such_page(qtbot: QtBot, tmp_path: Path, jobs: Jobs) -> None:
    teacher = desk_of(whole_school(1, 1, 2, date(2026, 10, 30)), "p-teacher", tmp_path, now=NOW)
    made = ControlScreen(teacher, teacher.clock, jobs=jobs)
    qtbot.addWidget(made)
    assert made.readiness is None
    assert not any(action.id == "control.readiness" for action in made.actions())
    made.show_readiness()
    made.close_screen()
    teacher.close()
