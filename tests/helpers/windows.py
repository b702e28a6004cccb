"""A real window on a real encrypted journal, put together for a test and taken apart after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import PeriodKind
from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PersonRow
from ejournal_desktop.models.queries.drives import keeps_drives
from ejournal_desktop.models.queries.my_class import classes_seen
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.papers import Sign
from ejournal_desktop.ui.screens.documents import DocumentsScreen
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.screens.lesson_plan import LessonPlanScreen
from ejournal_desktop.ui.screens.my_class import MyClassScreen
from ejournal_desktop.ui.screens.period_marks import PeriodMarksScreen
from ejournal_desktop.ui.screens.pupil_data import PupilDataScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.screens.state import StateScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from ejournal_desktop.ui.widgets.files_sheet import FilesSheet
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from tests.helpers.school import NOW, SmallSchool, desk_of, small_school

DEPUTY = PersonRow("p-deputy", "Громова Вера Павловна", "Громова В. П.", ("deputy_director", "director"))
CLASS_TEACHER = PersonRow("p-class-teacher", "Сидорова Анна Львовна", "Сидорова А. Л.", ("class_teacher",))
TEACHER = PersonRow("p-teacher", "Иванова Мария Петровна", "Иванова М. П.", ("subject_teacher",))


@contextmanager
def shown_window(qtbot: QtBot, geometry: str = "") -> Iterator[MainWindow]:
    """Give a window on the (offscreen) screen; its threads and screens are gone afterwards."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    window = MainWindow(geometry)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    try:
        yield window
    finally:
        window.close_session()
        window.jobs.close()


def session_places(window: MainWindow, journal: Journal, sign: Sign | None = None) -> list[Place]:
    """Return the screens of a session on a desk whose clock stands, wired to each other as `app.py` does it."""
    today, spread = TodayScreen(journal, journal.clock), JournalScreen(journal, journal.clock)
    lesson = LessonScreen(journal, window.jobs, journal.clock)
    state = StateScreen(journal, journal.clock, drives=keeps_drives(journal))
    plan, results = LessonPlanScreen(journal, window.jobs), PeriodMarksScreen(journal, window.jobs, journal.clock)
    papers = DocumentsScreen(journal, window.jobs, sign, journal.clock)

    def open_lesson(lesson_id: str) -> None:
        lesson.open(lesson_id)
        window.go("lesson")

    def open_contradiction(lesson_id: str) -> None:
        open_lesson(lesson_id)
        lesson.show_contradiction()

    def open_late(lesson_id: str) -> None:
        open_lesson(lesson_id)
        lesson.write_late_reason()

    def open_check(class_group_id: str) -> None:
        window.go("class")
        if my_class is not None:
            my_class.open_check(class_group_id)

    def open_report(class_group_id: str) -> None:
        window.go("class")
        if my_class is not None:
            my_class.open_report(class_group_id)

    def open_results(page_id: str, kind: PeriodKind, number: int) -> None:
        window.go("results")
        results.open_period(page_id, kind, number)

    def open_cell(page_id: str, column_key: str, pupil_id: str) -> None:
        window.go("journal")
        spread.open_cell(page_id, column_key, pupil_id)

    FilesSheet(journal, window.jobs, spread)
    today.contradiction_opened.connect(open_contradiction)
    today.late_opened.connect(open_late)
    today.cell_wanted.connect(open_cell)
    today.results_wanted.connect(open_results)
    today.lesson_opened.connect(open_lesson)
    for screen in (today, spread, lesson, plan, results, papers, state):
        screen.troubled.connect(window.show_trouble)
    for place in (lesson, state):
        place.left.connect(window.go_back)
    watch = JournalWatch(journal, state)
    watch.changed.connect(lambda: window.set_sync_state(queries.sync_state(journal, rows=False)))
    state.closed.connect(watch.close)
    reports = PupilDataScreen(journal, journal.clock)

    def tell_office(class_group_id: str, pupil_id: str) -> None:
        window.go("reports")
        reports.begin(class_group_id, pupil_id)

    def open_list(class_group_id: str) -> None:
        window.go("class")
        if my_class is not None:
            my_class.open_list(class_group_id)

    reports.troubled.connect(window.show_trouble)
    today.reports_wanted.connect(lambda: window.go("reports"))
    today.list_wanted.connect(open_list)
    my_class = MyClassScreen(journal, window.jobs, journal.clock) if classes_seen(journal) else None
    if my_class is not None:
        my_class.troubled.connect(window.show_trouble)
        my_class.lesson_opened.connect(open_lesson)
        my_class.cell_opened.connect(open_cell)
        my_class.wrong_data_seen.connect(tell_office)
        today.register_wanted.connect(open_check)
        today.report_wanted.connect(open_report)
    screens = (("today", "Сегодня", today), ("journal", "Журнал", spread), ("lesson", "Урок", lesson),
               ("plan", "КТП", plan), ("results", "Итоги", results), ("class", "Мой класс", my_class),
               ("documents", "Документы", papers), ("reports", "Сведения", reports), ("state", "", state))  # fmt: skip
    return [Place(name, title, screen) for name, title, screen in screens if screen is not None]


@contextmanager
def open_session(
    qtbot: QtBot,
    folder: Path,
    school: SmallSchool | None = None,
    idle_minutes: int = 0,
    sign: Sign | None = None,
    person: PersonRow = TEACHER,
    now: datetime = NOW,
) -> Iterator[tuple[MainWindow, Journal, SmallSchool]]:
    """Give a window in which somebody of a small school (the teacher) has signed in, on a real file."""
    school = school or small_school()
    journal = desk_of(school, person.id, folder, now=now)
    with shown_window(qtbot) as window:
        window.open_session(person, session_places(window, journal, sign), idle_minutes)
        window.set_sync_state(queries.sync_state(journal, rows=False))
        yield window, journal, school
    journal.close()
