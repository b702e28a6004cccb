"""Scenes of КТП: a year's plan in its states, and rows that are looked at before they are entered."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from ejournal_desktop.models import queries
from ejournal_desktop.models.pages import PersonRow
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.lesson_plan import LessonPlanScreen
from ejournal_desktop.ui.widgets.plan_entry import TOPIC
from tests.helpers.plans import PAGE, planned_school
from tests.helpers.school import SmallSchool, desk_of, small_school
from tests.helpers.typing import type_text
from tests.helpers.windows import CLASS_TEACHER, DEPUTY, TEACHER, session_places

FILE = """№;Раздел;Тема урока;Кол-во часов;Дата;Домашнее задание;Вид контроля
1;Выражения;Числовые выражения;1;01.09;§ 1, № 3–7;
2;Выражения;Преобразование выражений;2;04.09;§ 2, № 12;устный опрос
3;Выражения;Контрольная работа № 1;1;31.06;;контрольная работа
4;Уравнения;Линейное уравнение с одной переменной;2;11.09;§ 3, № 21, 24;
5;Уравнения;;1;15.09;§ 3;
6;Уравнения;Решение задач с помощью уравнений;полтора;18.09;§ 4;самостоятельная
"""


def plan_screen(window: MainWindow, school: SmallSchool, person: PersonRow = TEACHER) -> LessonPlanScreen:
    """Sign somebody of a school in and open КТП of algebra."""
    folder = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    journal = desk_of(school, person.id, folder)
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(folder))
    window.open_session(person, session_places(window, journal), 0)
    window.set_sync_state(queries.sync_state(journal, rows=False))
    window.go("plan")
    screen = window.screen_shown
    assert isinstance(screen, LessonPlanScreen)
    screen.open_page(PAGE)
    return screen


def plan(window: MainWindow) -> None:
    """A year's plan in September: three rows given, one lesson lost, a topic being written."""
    screen = plan_screen(window, planned_school(approved=True))
    screen.table.go_to(4, TOPIC)
    screen.table.edit_cell()


def plan_shift(window: MainWindow) -> None:
    """The dates of a shift are looked at; two hours are lacking."""
    screen = plan_screen(window, planned_school(lacking=2))
    screen.shift_dates()


def plan_empty(window: MainWindow) -> None:
    """The first topic of an empty plan is being written."""
    screen = plan_screen(window, small_school())
    type_text(screen.table, "П")
    type_text(screen.table.editor, "овторение: обыкновенные дроби")


def plan_approval(window: MainWindow) -> None:
    """The deputy looks at a plan that lacks two hours; an approval was refused."""
    plan_screen(window, planned_school(lacking=2), DEPUTY).approval.give()


def plan_file(window: MainWindow) -> None:
    """Rows of a file, three of which cannot be entered."""
    screen = plan_screen(window, planned_school())
    with tempfile.TemporaryDirectory(prefix="ejournal-shots-") as folder:
        path = Path(folder) / "КТП алгебра 7 класс.csv"
        path.write_text(FILE, encoding="utf-8")
        assert screen.plan is not None
        screen.filling.read_file(path, screen.plan)
        _wait(lambda: screen.is_offering)
    screen.enter()


def plan_copy(window: MainWindow) -> None:
    """Rows of a colleague's plan."""
    plan_screen(window, planned_school()).copy_plan()


def plan_nobody(window: MainWindow) -> None:
    """A class teacher who teaches nothing sees no plan."""
    plan_screen(window, small_school(), CLASS_TEACHER)


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not until() and time.monotonic() < deadline:
        QCoreApplication.processEvents()
        time.sleep(0.01)
