"""The screens of one person's session, and the ways that lead from one of them to another.

No screen knows another: each says by a signal what is wanted, and here it becomes a walk to the place that has it.
"""

from __future__ import annotations

from PySide6.QtCore import QObject

from ejournal_core.kinds import PeriodKind
from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Clock, Journal
from ejournal_desktop.models.pages import StateRow
from ejournal_desktop.models.queries.drives import keeps_drives
from ejournal_desktop.models.queries.my_class import classes_seen
from ejournal_desktop.ui.administration_parts import administration_parts
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.papers import Sign
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.control import ControlScreen
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
from ejournal_desktop.ui.speaking import Speak
from ejournal_desktop.ui.widgets.files_sheet import FilesSheet


class Places(QObject):
    """Makes the screens that this person has a use for and joins them; what needs the server is left to the caller.

    Args:
        journal: the person's open journal.
        window: walks to a place and shows what went wrong at one.
        sign: signs a document at one place; called on a worker thread.
        speak: asks the server for what cannot be done without it; called on a worker thread.
        clock: wall clock, aware.
    """

    def __init__(self, journal: Journal, window: MainWindow, sign: Sign, speak: Speak, clock: Clock) -> None:
        super().__init__()
        self._window = window
        self._led_from = ""  # where a link led from to the place shown; "" once the person has gone on from there
        jobs = window.jobs
        self.today, self.spread = TodayScreen(journal, clock), JournalScreen(journal, clock)
        self.lesson, self.results = LessonScreen(journal, jobs, clock), PeriodMarksScreen(journal, jobs, clock)
        self.plan = LessonPlanScreen(journal, jobs)
        self.papers = DocumentsScreen(journal, jobs, sign, clock)
        self.state = StateScreen(journal, clock, drives=keeps_drives(journal))
        decides = queries.decides_about_others(journal) or queries.deals_with_destruction(journal)
        self.control = ControlScreen(journal, clock, jobs=jobs) if decides else None
        self.my_class = MyClassScreen(journal, jobs, clock) if classes_seen(journal) else None
        self.reports = PupilDataScreen(journal, clock)
        parts = administration_parts(journal, jobs, speak, clock)
        self.administration = AdministrationScreen(journal, parts) if parts else None
        self._join()
        self.files = FilesSheet(journal, jobs, self.spread)

    def listed(self) -> list[Place]:
        """Return the places in the order of the navigation."""
        return [
            Place("today", self.tr("Сегодня"), self.today),
            Place("journal", self.tr("Журнал"), self.spread),
            Place("lesson", self.tr("Урок"), self.lesson),
            Place("plan", self.tr("КТП"), self.plan),
            Place("results", self.tr("Итоги"), self.results),
            *([Place("class", self.tr("Мой класс"), self.my_class)] if self.my_class is not None else []),
            Place("documents", self.tr("Документы"), self.papers),
            *([Place("control", self.tr("Контроль"), self.control)] if self.control is not None else []),
            Place("reports", self.tr("Сведения"), self.reports),
            *self._administration(),
            Place("state", "", self.state),
        ]

    def _administration(self) -> list[Place]:
        if self.administration is None:
            return []
        return [Place("administration", self.tr("Администрирование"), self.administration)]

    def _join(self) -> None:
        for screen in (self.today, self.spread, self.lesson, self.plan, self.results, self.papers, self.reports,
                       self.state):  # fmt: skip
            screen.troubled.connect(self._window.show_trouble)
        self._join_today()
        self._join_class()
        self.results.cell_opened.connect(self.open_cell)
        self.plan.lesson_wanted.connect(self.open_lesson)
        if self.control is not None:
            self.control.troubled.connect(self._window.show_trouble)
            self.control.place_opened.connect(self.open_lesson)
            self.control.results_wanted.connect(self.open_results)
            self.control.page_wanted.connect(self.open_page)
            self.control.plan_wanted.connect(self.open_plan)
            self.control.cell_wanted.connect(self.open_cell)
        if self.administration is not None:
            self.administration.troubled.connect(self._window.show_trouble)
            self._join_administration(self.administration)
        self.state.record_opened.connect(self.open_entry)
        self.state.backups_wanted.connect(self.open_backups)
        self.lesson.left.connect(self._window.go_back)
        for linked in (self.results, self.plan):
            linked.left.connect(self._go_back_to_link)
        self._window.screens.currentChanged.connect(self._forget_link)
        self.state.left.connect(self._window.go_back)

    def _join_today(self) -> None:
        today = self.today
        today.lesson_opened.connect(self.open_lesson)
        today.contradiction_opened.connect(self.open_contradiction)
        today.late_opened.connect(self.open_late)
        today.place_opened.connect(self.open_on_page)
        today.results_wanted.connect(self.open_results)
        today.cell_wanted.connect(self.open_cell)
        today.decisions_wanted.connect(self.open_control)
        today.plan_wanted.connect(self.open_plan)
        today.reports_wanted.connect(lambda: self._window.go("reports"))
        today.backups_wanted.connect(self.open_backups)

    def _join_administration(self, screen: AdministrationScreen) -> None:
        """Let parts lead to today's journal."""
        ways = {"cell_wanted": self.open_cell, "lesson_wanted": self.open_on_page, "page_wanted": self.open_page}
        for part in screen.tabs.parts:
            for signal, way in ways.items():
                if hasattr(part, signal):
                    getattr(part, signal).connect(way)

    def _join_class(self) -> None:
        if self.my_class is None:
            return
        self.my_class.troubled.connect(self._window.show_trouble)
        self.my_class.lesson_opened.connect(self.open_lesson)
        self.my_class.cell_opened.connect(self.open_cell)
        self.today.register_wanted.connect(self.open_check)
        self.today.report_wanted.connect(self.open_report)
        self.today.list_wanted.connect(self.open_list)
        self.my_class.wrong_data_seen.connect(self.tell_office)

    def _follow_link(self, place_id: str) -> None:
        """Go to a place so that Esc there leads back."""
        led_from = self._window.place
        self._window.go(place_id)
        self._led_from = led_from

    def _forget_link(self) -> None:
        self._led_from = ""

    def _go_back_to_link(self) -> None:
        if self._led_from:
            self._window.go(self._led_from)

    def open_lesson(self, lesson_id: str) -> None:
        """Go to a lesson on Урок."""
        self.lesson.open(lesson_id)
        self._window.go("lesson")

    def open_contradiction(self, lesson_id: str) -> None:
        """Go to what cannot all be true at a lesson."""
        self.open_lesson(lesson_id)
        self.lesson.show_contradiction()

    def open_late(self, lesson_id: str) -> None:
        """Go to where it is said why a lesson was entered late."""
        self.open_lesson(lesson_id)
        self.lesson.write_late_reason()

    def open_on_page(self, lesson_id: str) -> None:
        """Go to a lesson's column on its page of the journal."""
        self._window.go("journal")
        self.spread.open_lesson(lesson_id)

    def open_entry(self, row: StateRow) -> None:
        """Go to what a row of Состояние tells of; a row without a place leads nowhere."""
        if row.lesson_id:
            self.open_on_page(row.lesson_id)
        elif row.page_id:
            self.open_page(row.page_id)

    def open_page(self, page_id: str) -> None:
        """Go to a page of the journal."""
        self._window.go("journal")
        self.spread.open_page(page_id)

    def open_plan(self, page_id: str) -> None:
        """Go to the lesson plan of a page."""
        self._follow_link("plan")
        self.plan.open_page(page_id)

    def open_cell(self, page_id: str, column_key: str, pupil_id: str) -> None:
        """Go to one cell of a page."""
        self._window.go("journal")
        self.spread.open_cell(page_id, column_key, pupil_id)

    def open_results(self, page_id: str, kind: PeriodKind, number: int) -> None:
        """Go to a page's marks for a period."""
        self._follow_link("results")
        self.results.open_period(page_id, kind, number)

    def open_check(self, class_group_id: str) -> None:
        """Go to what register and lessons of a class do not agree on."""
        self._window.go("class")
        if self.my_class is not None:
            self.my_class.open_check(class_group_id)

    def open_report(self, class_group_id: str) -> None:
        """Go to the preliminary report of a class."""
        self._window.go("class")
        if self.my_class is not None:
            self.my_class.open_report(class_group_id)

    def open_list(self, class_group_id: str) -> None:
        """Go to the list of a class that is to be looked through."""
        self._window.go("class")
        if self.my_class is not None:
            self.my_class.open_list(class_group_id)

    def tell_office(self, class_group_id: str, pupil_id: str) -> None:
        """Go to a new report of wrong data about a pupil."""
        self._window.go("reports")
        self.reports.begin(class_group_id, pupil_id)

    def open_backups(self) -> None:
        """Go to the school's backups."""
        if self.administration is not None:
            self.administration.open_part("Резервные копии")
            self._window.go("administration")

    def open_control(self) -> None:
        """Go to what waits for this person's decision."""
        self._window.go("control")
