"""Мой класс: attendance, groups and the rest of a class teacher's work, each on a page of its own behind a tab."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError
from ejournal_desktop.models.journal import Journal, local_now
from ejournal_desktop.models.queries.my_class import ClassRef, classes_seen
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action, install
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.widgets.attendance_part import AttendancePart
from ejournal_desktop.ui.widgets.chooser_button import ChooserButton
from ejournal_desktop.ui.widgets.class_part import ClassPart
from ejournal_desktop.ui.widgets.class_results_part import ClassResultsPart
from ejournal_desktop.ui.widgets.families_part import FamiliesPart
from ejournal_desktop.ui.widgets.groups_part import GroupsPart
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.widgets.part_tabs import PartTabs
from ejournal_desktop.ui.words import tr


class MyClassScreen(QWidget):
    """One class; the header chooses among several.

    Signals:
        lesson_opened: lesson id: whoever hears it opens Урок there.
        cell_opened: page id, column key, pupil id: whoever hears it opens Журнал there.
        wrong_data_seen: class and pupil: whoever hears it opens Сведения there.
    """

    lesson_opened = Signal(str)
    cell_opened = Signal(str, str, str)
    wrong_data_seen = Signal(str, str)
    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(
        self, journal: Journal, jobs: Jobs, clock: Callable[[], datetime] = local_now, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._jobs = jobs
        self._clock = clock
        self._class_id = ""
        self.setAccessibleName(self.tr("Мой класс"))
        self.header = ClassHeader()
        self.empty = QLabel(self.tr("Класса, который вы ведёте, в журнале пока нет. Классное руководство вносит "
                                    "администратор; страница появится сама."), self)  # fmt: skip
        self.parts = self._make_parts()
        self.tabs = PartTabs(self.accessibleName(), self.parts, self)
        self._lay_out()
        self._connect()

    def _make_parts(self) -> list[ClassPart]:
        """Return the parts in the order of their tabs."""
        self.attendance = AttendancePart(self._journal, self._jobs, self._clock, self)
        self.attendance.lesson_opened.connect(self.lesson_opened)
        self.results = ClassResultsPart(self._journal, self._clock, self)
        self.results.cell_opened.connect(self.cell_opened)
        self.results.sheet_wanted.connect(self.open_family)
        self.families = FamiliesPart(self._journal, self._clock, self)
        self.families.wrong_data_seen.connect(self.wrong_data_seen)
        return [self.attendance, self.results, GroupsPart(self._journal, self._clock, self), self.families]

    def _lay_out(self) -> None:
        self.empty.setProperty("look", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        page = QFrame(self)
        page.setProperty("look", "paper")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.empty, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)

    def _connect(self) -> None:
        self.header.chosen.connect(self.open_class)
        self.tabs.turned.connect(self._show_part)
        self.tabs.troubled.connect(self.troubled)
        self.tabs.hint_changed.connect(self.hint_changed)
        self._watch = JournalWatch(self._journal, self, seen_on=self)
        self._watch.changed.connect(self.refresh)

    # --- reading -----------------------------------------------------------------------------------------------------

    @property
    def part(self) -> ClassPart:
        """Return the part in front."""
        return self.parts[self.tabs.tabs.currentIndex()]

    def enter(self) -> None:
        """Read again and put the focus where work goes on."""
        try:
            if self._read_classes():
                self.part.enter()
            else:
                self.setFocus()
        except EjournalError as error:
            self.troubled.emit(error)

    def refresh(self) -> None:
        """Read again; cursor and what is half typed stay."""
        try:
            if self._read_classes():
                self.part.refresh()
        except EjournalError as error:
            self.troubled.emit(error)

    def _read_classes(self) -> bool:
        """Read which classes there are and show one of them; say whether there is any."""
        classes = classes_seen(self._journal)
        current = next((group for group in classes if group.id == self._class_id), classes[0] if classes else None)
        self.header.show_classes(classes, current)
        self.tabs.setVisible(current is not None)
        self.empty.setVisible(current is None)
        if current is not None:
            self._class_id = current.id
            self.part.show_class(current)
        return current is not None

    def open_class(self, class_group_id: str) -> None:
        """Show another class."""
        self._class_id = class_group_id
        self.enter()

    def open_check(self, class_group_id: str) -> None:
        """Show what register and lessons of a class do not agree on."""
        self._class_id = class_group_id
        self.tabs.open(self.attendance.title)
        self.enter()
        self.attendance.show_view("check")

    def open_part(self, title: str) -> None:
        """Show a part by the title of its tab."""
        self.tabs.open(title)

    def open_report(self, class_group_id: str) -> None:
        """Show whom the preliminary report of a class names."""
        self.open_class(class_group_id)
        self.open_part(self.results.title)
        self.results.narrow("risk")

    def open_list(self, class_group_id: str) -> None:
        """Show the list of a class, to say that it was looked through."""
        self.open_class(class_group_id)
        self.open_part(self.families.title)
        if not self.families.check.isVisible():
            self.families.check_list()

    def open_family(self, pupil_id: str) -> None:
        """Show the family of a pupil."""
        self.open_part(self.families.title)
        self.families.show_pupil(pupil_id)

    def _show_part(self) -> None:
        install(self, self.actions())
        if self.isVisible():
            self.enter()

    def close_screen(self) -> None:
        """Stop listening, before the journal is closed."""
        self._watch.close()

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done in the part in front, then how to come to the others."""
        another = Action("class.open", tr("Другой класс"), ("Ctrl+O",), self.header.open_list, tr("Переход"))
        return [*self.part.actions(), *self.tabs.moving("class"), another]

    @property
    def entry_keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that the part in front reads by itself, for the page of keys."""
        return getattr(self.part, "entry_keys", ())


class ClassHeader(QFrame):
    """The class in the window's header; with several, a list of them opens."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = ChooserButton(theme.font(theme.TITLE, theme.BOLD), self)
        self.button.setToolTip(self.tr("Другой класс (Ctrl+O)"))
        self._menu = QMenu(self.button)
        self.button.clicked.connect(self.open_list)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button)
        row.addStretch(1)

    def open_list(self) -> None:
        """Open the list of classes."""
        if self._menu.actions():
            self._menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height())))

    def show_classes(self, classes: tuple[ClassRef, ...], current: ClassRef | None) -> None:
        """Offer classes, one of which is shown."""
        self.button.setVisible(current is not None)
        self.button.setText(current.title if current else "")
        self.button.setAccessibleName(self.tr("Класс: {0}").format(self.button.text()))
        self.button.updateGeometry()
        self._menu.clear()
        for group in classes:
            words = self.tr("{title} — ваш класс") if group.mine else "{title}"
            action = self._menu.addAction(words.format(title=group.title).replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, group_id=group.id: self.chosen.emit(group_id))
