"""One class of the open copy beside today's journal: what was changed, removed or added, each a way to its cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError
from ejournal_desktop.backup.viewing import Copy
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.copy_differences import ClassDifferences, Way, class_differences
from ejournal_desktop.models.queries.drives import school_name
from ejournal_desktop.models.queries.my_class import ClassRef, classes_seen
from ejournal_desktop.ui import errors, theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.copy_paper import differences_pdf
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.widgets.controls import Chooser, TickBox
from ejournal_desktop.ui.widgets.difference_row import DIFFERENCE, DifferenceFace, DifferenceRow, rows_of
from ejournal_desktop.ui.widgets.layouts import MARGIN
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.words import count, moment_title, tr

ALTERED: frozenset[Way] = frozenset({"changed", "gone"})
EVERY: frozenset[Way] = ALTERED | {"added"}
PAGE = ("журнал", "журнала", "журналов")


class CopyCompare(QFrame):
    """Signals: as those of the part; `left` leads back to the copy."""

    left = Signal()
    cell_wanted = Signal(str, str, str)
    lesson_wanted = Signal(str)
    page_wanted = Signal(str)
    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(
        self, journal: Journal, jobs: Jobs, clock: Callable[[], datetime], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("look", "paper")
        self._journal = journal
        self._jobs = jobs
        self._clock = clock
        self._copy: Copy | None = None
        self._classes: tuple[ClassRef, ...] = ()
        self.found: ClassDifferences | None = None
        self.classes = Chooser(self)
        self.added = TickBox(self.tr("И внесённое после копии"), self)
        self.print_button = QPushButton(self.tr("Напечатать"), self)
        self.back = QPushButton(self.tr("К копии"), self)
        self.mark, self.summary = QLabel(self), QLabel(self)
        self.list = RowList(DifferenceFace(clock), self.tr("Отличия копии от сегодняшнего журнала"), self, fit=False)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.mark.setProperty("look", "warning")
        self.mark.setFont(theme.font(theme.BASE, theme.BOLD))
        self.summary.setProperty("look", "secondary")
        self.classes.setAccessibleName(self.tr("Класс"))
        bar = QHBoxLayout()
        bar.setContentsMargins(MARGIN, 2 * theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        bar.setSpacing(2 * theme.UNIT)
        for part in (self.classes, self.added):
            bar.addWidget(part)
        bar.addStretch(1)
        for button in (self.print_button, self.back):
            bar.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2 * theme.UNIT, 0, 0)
        column.setSpacing(0)
        for label in (self.mark, self.summary):
            label.setWordWrap(True)
            label.setContentsMargins(MARGIN, 0, MARGIN, 0)
        column.addWidget(self.mark)
        column.addLayout(bar)
        self.summary.setContentsMargins(MARGIN, 0, MARGIN, 2 * theme.UNIT)
        column.addWidget(self.summary)
        column.addWidget(self.list, 1)

    def _connect(self) -> None:
        self.classes.activated.connect(lambda _: self.compare())
        self.added.toggled.connect(lambda _: self._show())
        self.print_button.clicked.connect(self.print_list)
        self.back.clicked.connect(self.left)
        self.list.opened.connect(self.open_row)

    # --- comparing ---------------------------------------------------------------------------------------------------

    def begin(self, copy: Copy, class_group_id: str) -> None:
        """Compare a class of a copy; that of the page in front, where this person sees it today."""
        self._copy = copy
        self._classes = classes_seen(self._journal)
        self.mark.setText(tr("Резервная копия от {moment} рядом с сегодняшним журналом.").format(
            moment=moment_title(copy.moment)))  # fmt: skip
        self.classes.clear()
        self.classes.addItems([group.title for group in self._classes])
        here = next((at for at, group in enumerate(self._classes) if group.id == class_group_id), 0)
        self.classes.setCurrentIndex(here)
        self.compare()

    def forget(self) -> None:
        """Show nothing of a copy that is closed."""
        self._copy, self.found = None, None
        self.list.clear()
        self.summary.clear()
        self.mark.clear()

    def compare(self) -> None:
        """Compare the class that is chosen; two whole journals are read, so not on the window's thread."""
        self.found = None
        self.list.clear()
        self._enable()
        if self._copy is None:
            return
        if not self._classes:
            self.summary.setText(self.tr(
                "Сегодняшних журналов на этом компьютере нет: ваша роль их не видит. Сравнить класс может завуч или "
                "директор, открыв копию у себя."
            ))  # fmt: skip
            return
        self.summary.setText(self.tr("Сравниваю…"))
        group, copy = self._classes[self.classes.currentIndex()], self._copy
        self._jobs.run(
            lambda _: class_differences(self._journal, copy.journal, group), title=self.tr("Сравнение с копией"),
            done=partial(self._compared, copy), failed=self._failed,
        )  # fmt: skip

    def _compared(self, copy: Copy, found: ClassDifferences) -> None:
        if copy is self._copy:
            self.found = found
            self._show()
            self.put_focus()

    def _failed(self, error: BaseException) -> None:
        if self._copy is not None:
            errors.tell(error, lambda text, _kind: self.summary.setText(text), self.troubled.emit)

    @property
    def _ways(self) -> frozenset[Way]:
        return EVERY if self.added.isChecked() else ALTERED

    def _show(self) -> None:
        if self.found is not None:
            self.list.show_rows(rows_of(self.found, self._ways))
            self.summary.setText(" ".join(self.told()))
        self._enable()

    def _enable(self) -> None:
        for part in (self.added, self.print_button):
            part.setEnabled(self.found is not None)
        for choice in (self.classes, self.added, self.print_button):
            choice.setVisible(bool(self._classes))

    def told(self) -> Sequence[str]:
        """Return what is said above the list, sentence by sentence: equal is said plainly."""
        found = self.found
        if found is None:
            return ()
        altered, added = found.count("changed", "gone"), found.count("added")
        said = []
        if altered:
            said.append(tr("Изменено или убрано после копии: {n}.").format(n=count(altered, DIFFERENCE)))
        else:
            said.append(tr("Всё, что было в копии, стоит и сегодня: ничего не изменено и не убрано."))
        said.append(tr("Внесено после копии: {n}.").format(n=added) if added else tr("Нового после копии нет."))
        if found.equal:
            said.append(tr("Совпадает полностью: {n}.").format(n=count(found.equal, PAGE)))
        if found.missing:
            said.append(tr("Есть только с одной стороны, не сравнивались: {titles}.").format(
                titles="; ".join(found.missing)))  # fmt: skip
        return said

    # --- going on ----------------------------------------------------------------------------------------------------

    def put_focus(self) -> None:
        """Put the focus into the list, or where another class is chosen."""
        target = next((part for part in (self.list, self.classes) if part.count()), self.back)
        target.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.list.count():
            self.hint_changed.emit(self.tr("Enter — к клетке сегодняшнего журнала   Esc — к копии"))

    def open_row(self, row: DifferenceRow) -> None:
        """Go to the cell of today's journal that a line tells of; of a head, to its page."""
        line = row.line
        if line is None:
            self.page_wanted.emit(row.page_id)
        elif line.pupil_id and line.column_key:
            self.cell_wanted.emit(row.page_id, line.column_key, line.pupil_id)
        elif line.lesson_id and line.column_key:
            self.lesson_wanted.emit(line.lesson_id)
        else:
            self.page_wanted.emit(row.page_id)

    def show_added(self) -> None:
        """Show or hide what was entered after the copy."""
        if self.added.isEnabled():
            self.added.toggle()

    def print_list(self) -> None:
        """Print the lines that are shown."""
        from ejournal_desktop.ui.printing import ask_and_print  # the libraries of paper load with the first paper

        if self.found is None:
            return
        try:
            school, told = school_name(self._journal), self.told()
            if ask_and_print(differences_pdf(school, self.found, self._ways, told, self._clock()), self._jobs, self):
                tell_event(self._journal, "printed", subject_kind="ClassGroup", detail="copy-differences",
                           subject=self._classes[self.classes.currentIndex()].id)  # fmt: skip
        except EjournalError as error:
            self.troubled.emit(error)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leads back to the copy."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        menu = self.tr("Копия")
        return [
            Action("copy.class", self.tr("Другой класс"), ("Ctrl+O",), self._choose_class, menu),
            Action("copy.added", self.added.text(), ("Alt+2",), self.show_added, menu),
            Action("copy.print", self.print_button.text(), ("Ctrl+P",), self.print_list, menu),
            Action("copy.back", self.tr("К копии (Esc)"), ("Ctrl+W",), self.left.emit, menu),
        ]

    def _choose_class(self) -> None:
        if self.classes.isVisible():
            self.classes.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.classes.showPopup()
