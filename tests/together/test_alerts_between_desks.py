"""Somebody else changes a teacher's marks, or works under her name at another PC: who hears of it, and where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import AuditEvent
from ejournal_desktop.app import Program
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.notices import put_away
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.alerts import MANY, unusual_in_school
from ejournal_desktop.models.queries.notices import Notice
from ejournal_desktop.ui.screens.control import ControlScreen
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from ejournal_desktop.ui.widgets.alerts_list import AlertsList
from tests.helpers.typing import press
from tests.together.conftest import Start
from tests.together.test_program import sign_in
from tests.together.town import Town, until_quiet

UNTIL_NIGHT = timedelta(hours=12)  # the clocks stand at 10:42


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose server runs; one store is enough, a desk reckons alone."""
    with Town(tmp_path) as made:
        yield made


def told(journal: Journal, kind: str) -> list[Notice]:
    return [each for each in queries.news(journal).notices if each.kind == kind]


def change_at_the_colleague_s(town: Town, number: int) -> None:
    """Let the teacher give marks and a colleague, who shares the page, change so many of them at another PC."""
    teacher = town.sit_down("staffroom", town.school.teacher)
    colleague = town.sit_down("hall", town.school.colleague)
    lesson, column = town.school.today_lesson, ids.mark_column(town.school.today_lesson, "oral", 1)
    put_mark(teacher.journal, lesson, None, town.school.pupils[0], "4")
    for pupil in town.school.pupils[1:number]:
        put_mark(teacher.journal, lesson, column, pupil, "4")
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(colleague, "hall"))
    for pupil in town.school.pupils[:number]:
        put_mark(colleague.journal, lesson, column, pupil, "2")
    until_quiet(lambda: town.meet(colleague, "hall"))
    teacher.close()


def today_of(program: Program, qtbot: QtBot) -> TodayScreen:
    """Sign in, exchange everything with the server, and return Сегодня."""
    sign_in(program, qtbot)
    assert program.session is not None
    journal = program.session.journal
    qtbot.waitUntil(lambda: not journal.is_anything_unsent(), timeout=20_000)
    screen = program.window.screen_shown
    assert isinstance(screen, TodayScreen)
    return screen


def test_a_mark_that_a_colleague_changed_elsewhere_is_told_leads_to_its_cell_and_stays_put_away(
    town: Town, start: Start, qtbot: QtBot
) -> None:
    change_at_the_colleague_s(town, 1)
    program = start()
    today = today_of(program, qtbot)
    qtbot.waitUntil(lambda: today.changed.count() == 1, timeout=20_000)
    words = today.changed.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "15.09 · Абрамова Анна: отметка 4 → 2" in words
    assert "изменено не вами: Петров С. И." in words
    assert "сегодня в" in words
    press(today.changed, Qt.Key.Key_Return)
    assert program.window.place == "journal"
    spread = program.window.screen_shown
    assert isinstance(spread, JournalScreen)
    qtbot.waitUntil(lambda: spread.view is not None and not spread.is_opening, timeout=20_000)
    assert spread.view is not None
    assert spread.grid is not None
    assert spread.grid.columns[spread.view.current[0]].lesson_id == town.school.today_lesson
    assert spread.view.current[1] == 0
    program.window.go("today")
    press(today.changed, Qt.Key.Key_Delete)
    assert today.changed.count() == 0
    program.window.close()
    again = start()
    after = today_of(again, qtbot)
    after.refresh()
    assert again.session is not None
    with again.session.journal.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM history WHERE author = 'p-colleague'").scalar() == 1
    assert after.changed.count() == 0


def test_many_changes_are_one_line_for_the_teacher_and_one_for_the_deputy_who_puts_it_away(
    town: Town, start: Start, qtbot: QtBot
) -> None:
    change_at_the_colleague_s(town, MANY)
    teacher = town.sit_down("staffroom", town.school.teacher)
    town.meet(teacher, "staffroom")
    (line,) = told(teacher.journal, "changed")
    assert (line.number, line.who) == (MANY, "Петров С. И.")
    teacher.close()
    town.sit_down("office", town.school.deputy).close()
    with town.on("office"):
        program = start()
        sign_in(program, qtbot)
        program.window.go("control")
        alerts = alerts_of(program)
        qtbot.waitUntil(lambda: alerts.count() == 1, timeout=20_000)
        words = alerts.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
        assert f"Петров С. И. · 7 «Б» · Алгебра: исправлено отметок: {MANY}" in words
        press(alerts, Qt.Key.Key_Delete)
        assert alerts.count() == 0
        assert program.session is not None
        assert unusual_in_school(program.session.journal) == ()
        program.window.close()


def alerts_of(program: Program) -> AlertsList:
    screen = program.window.screen_shown
    assert isinstance(screen, ControlScreen)
    assert screen.alerts is not None
    return screen.alerts


def test_marks_entered_by_night_under_one_s_name_elsewhere_are_told_at_the_desk_where_one_works(town: Town) -> None:
    teacher = town.sit_down("staffroom", town.school.teacher)
    deputy = town.sit_down("office", town.school.deputy)
    stranger = town.sit_down("home", town.school.teacher)  # whoever knows her password
    town.clock.now += UNTIL_NIGHT
    town.server.stop()
    town.server.moment += UNTIL_NIGHT
    town.server.start()
    put_mark(stranger.journal, town.school.today_lesson, None, town.school.pupils[0], "5")
    until_quiet(lambda: town.meet(stranger, "home"), lambda: town.meet(teacher, "staffroom"))
    town.meet(deputy, "office")
    (line,) = told(teacher.journal, "unusual")
    assert (line.own, line.what, line.by_night) == (True, "home", 1)
    assert told(stranger.journal, "unusual") == []
    (seen,) = unusual_in_school(deputy.journal)
    assert (seen.who, seen.by_night, seen.corrected) == ("Иванова М. П.", 1, 0)
    at_home = town.sit_down("home", town.school.deputy)
    town.meet(at_home, "home")
    assert unusual_in_school(at_home.journal) == (seen,)
    put_away(deputy.journal, seen.id)
    until_quiet(lambda: town.meet(deputy, "office"), lambda: town.meet(at_home, "home"))
    assert unusual_in_school(at_home.journal) == ()
    town.meet(teacher, "staffroom")
    assert put_away_events(teacher.journal) == []
    assert put_away_events(at_home.journal) == [seen.id]


def put_away_events(journal: Journal) -> list[str]:
    with journal.reading() as connection:
        return [each.subject for each in select_records(connection, AuditEvent, event="unusual_put_away")]
