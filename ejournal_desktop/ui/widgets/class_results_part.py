"""Успеваемость of Мой класс: the whole class across its subjects, to be read, narrowed and followed to the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QMenu, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError
from ejournal_core.kinds import PeriodKind
from ejournal_desktop.models.commands.audit_log import tell_copied
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_results import ClassResults, class_results
from ejournal_desktop.models.queries.my_class import ClassRef
from ejournal_desktop.models.queries.proposals import period_key
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.widgets.chooser_button import PAD, ChooserButton
from ejournal_desktop.ui.widgets.class_results_model import FILTERS, Filter
from ejournal_desktop.ui.widgets.class_results_table import ClassResultsTable
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import count, tr

PUPIL = ("ученик", "ученика", "учеников")
NARROW = 1000  # logical pixels: less does not hold the line about the report beside the sums

#: Keys that the table reads by itself, for the F1 page.
ENTRY_KEYS: tuple[tuple[str, str], ...] = (
    ("Enter", "Открыть журнал у этого ученика по этому предмету; в правых столбцах — лист семьи"),
    ("начало фамилии", "Найти ученика в любой раскладке"),
    ("Ctrl+C", "Скопировать таблицу для офисной программы"),
    ("Esc", "Показать всех учеников"),
)


class ClassResultsPart(QWidget):
    """One class and period, read only.

    Signals:
        cell_opened: page id, column key, pupil id: whoever hears it opens Журнал there.
        sheet_wanted: pupil id: whoever hears it shows the family sheet.
    """

    cell_opened = Signal(str, str, str)
    sheet_wanted = Signal(str)
    troubled = Signal(object)
    hint_changed = Signal(str)

    entry_keys = ENTRY_KEYS

    def __init__(self, journal: Journal, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Успеваемость")
        self._journal = journal
        self._clock = clock
        self._class_id = ""
        self._asked_for: tuple[PeriodKind | None, int] = (None, 1)
        self.results: ClassResults | None = None
        self.period = ChooserButton(theme.font(theme.TITLE, theme.BOLD), self)
        self._menu = QMenu(self.period)
        self.filter = Chooser(self)
        self.due = Line(self)
        self._head = QGridLayout()
        self.sums = QLabel(self)
        self.table = ClassResultsTable(self)
        self.cell = QLabel(self)
        self.empty = QLabel(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        for title, _lines, _cells in FILTERS.values():
            self.filter.addItem(tr(title))
        self.filter.setAccessibleName(self.tr("Кого показать"))
        self.period.setToolTip(self.tr("Другой период (Alt+←, Alt+→)"))
        self.sums.setProperty("look", "secondary")
        self.sums.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.cell.setProperty("look", "strip")
        self.cell.setWordWrap(True)
        self.cell.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        self.cell.setMinimumHeight(7 * theme.UNIT)
        self.empty.setProperty("look", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        head = self._head
        head.setContentsMargins(2 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        head.setHorizontalSpacing(3 * theme.UNIT)
        head.setVerticalSpacing(theme.UNIT)
        for place, part in enumerate((self.period, self.filter, self.due, self.sums)):
            head.addWidget(part, 0, place)
        head.setColumnStretch(2, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(self.cell)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the line about the report a row of its own where it would be squeezed beside the sums."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self._head.addWidget(self.due, int(narrow), 0 if narrow else 2, 1, 4 if narrow else 1,
                             Qt.AlignmentFlag.AlignVCenter)  # fmt: skip
        self.due.setContentsMargins(PAD if narrow else 0, 0, 0, 0)

    def _connect(self) -> None:
        self.period.clicked.connect(lambda: self._menu.popup(self.period.mapToGlobal(QPoint(0, self.period.height()))))
        self.filter.activated.connect(lambda at: self.narrow(list(FILTERS)[at]))
        self.table.opened.connect(self._open)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._show_cell())
        self.table.lines.modelReset.connect(self._show_cell)
        self.table.copied.connect(
            lambda number: self.hint_changed.emit(self.tr("Скопировано: {n}.").format(n=count(number, PUPIL)))
        )
        self.table.copied.connect(lambda number: tell_copied(self._journal, "class-results", number))

    # --- reading -----------------------------------------------------------------------------------------------------

    def show_class(self, group: ClassRef) -> None:
        """Show a class, in its running period."""
        if group.id != self._class_id:
            self._class_id = group.id
            self._asked_for = (None, 1)
            self._choose_filter("all")

    def enter(self) -> None:
        """Read again and put the focus on the table."""
        self.refresh()
        (self.table if self.table.isVisible() else self.period).setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Read again; the cursor stays where it is."""
        if not self._class_id:
            return
        kind, number = self._asked_for
        found = class_results(self._journal, self._class_id, kind, number, self._clock().date())
        self.results = found
        self._offer_periods(found)
        self.table.lines.show_results(found, self._journal.policy().rounding_thresholds)
        self._show_due(found)
        self.sums.setText(_standing(found))
        self._show_empty(found)
        self._show_cell()

    def _offer_periods(self, results: ClassResults) -> None:
        self.period.setText(results.period.title)
        self.period.setAccessibleName(self.tr("Период: {0}").format(results.period.title))
        self.period.updateGeometry()
        self._menu.clear()
        for choice in results.periods:
            action = self._menu.addAction(choice.title)
            action.triggered.connect(lambda _checked=False, at=choice: self._choose_period(at.kind, at.number))

    def _show_due(self, results: ClassResults) -> None:
        """Say when the preliminary report is due (P24), and of whom it will speak."""
        number = count(len(results.at_risk), PUPIL)
        self.due.show()
        if results.report_due_on is None or results.markless or not results.period.running:
            self.due.say("")
            self.due.hide()
        elif results.report_is_due:
            told = self.tr("Предварительный отчёт завучу: пора, назвать нужно {n} (Ctrl+G).")
            self.due.say(told.format(n=number), "hollow")
        else:
            told = self.tr("Предварительный отчёт завучу — {day:%d.%m}, сейчас в нём {n} (Ctrl+G).")
            self.due.say(told.format(day=results.report_due_on, n=number))

    def _show_empty(self, results: ClassResults) -> None:
        said = ""
        if not results.rows:
            said = self.tr("В списке класса пока нет учеников: их вносит секретарь.")
        elif not results.subjects:
            said = self.tr("Страниц журнала у класса пока нет: их вносит завуч с нагрузкой учителей.")
        elif not self.table.lines.rowCount():
            said = self.tr("Таких учеников нет. Esc — показать всех.")
        self.empty.setText(said)
        for part, shown in ((self.empty, bool(said)), (self.table, not said), (self.cell, not said)):
            part.setVisible(shown)

    def _show_cell(self) -> None:
        """Say under the table all that its current cell can only hint at."""
        row, column = self.table.place
        if not 0 <= row < self.table.lines.rowCount() or column < 0:
            self.cell.setText(self.results.markless if self.results else "")
            return
        name = self.table.lines.lines[row].pupil.whole_name
        self.cell.setText(f"{name} · {self.table.lines.words(row, column)}")

    # --- narrowing ---------------------------------------------------------------------------------------------------

    def narrow(self, to: Filter) -> None:
        """Leave only the pupils of a filter; the pupil in sight stays where that is possible."""
        row, column = self.table.place
        pupil = self.table.lines.lines[row].pupil.pupil_id if row >= 0 else ""
        self._choose_filter(to)
        if self.results is not None:
            self._show_empty(self.results)
        self._go_to(pupil, column)
        (self.table if self.table.isVisible() else self.filter).setFocus(Qt.FocusReason.OtherFocusReason)

    def narrow_next(self) -> None:
        """Take the next filter, after the last one all pupils."""
        known = list(FILTERS)
        self.narrow(known[(known.index(self.table.lines.filter) + 1) % len(known)])

    def show_report(self) -> None:
        """Show whom the preliminary report names, or everybody again."""
        self.narrow("all" if self.table.lines.filter == "risk" else "risk")

    def _choose_filter(self, to: Filter) -> None:
        self.filter.setCurrentIndex(list(FILTERS).index(to))
        self.table.lines.narrow(to)

    def _go_to(self, pupil_id: str, column: int = 0) -> None:
        rows = [line.pupil.pupil_id for line in self.table.lines.lines]
        if pupil_id in rows:
            self.table.setCurrentIndex(self.table.lines.index(rows.index(pupil_id), max(column, 0)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc shows everybody again."""
        if event.key() == Qt.Key.Key_Escape and self.table.lines.filter != "all":
            self.narrow("all")
        else:
            super().keyPressEvent(event)

    # --- going -------------------------------------------------------------------------------------------------------

    def _open(self, row: int, column: int) -> None:
        """Open the journal at a cell; what sums up is explained by the family sheet."""
        line, cell = self.table.lines.lines[row], self.table.lines.cell(row, column)
        assert self.results is not None
        if cell is not None:
            period = self.results.period
            self.cell_opened.emit(cell.page_id, period_key(period.kind, period.number), line.pupil.pupil_id)
        elif self.table.lines.subject(column) is None:
            self.sheet_wanted.emit(line.pupil.pupil_id)

    def open_cell(self) -> None:
        """Open the journal at the current cell."""
        if self.table.place[0] >= 0:
            self._open(*self.table.place)

    def open_sheet(self) -> None:
        """Show the family sheet of the current pupil."""
        row, _column = self.table.place
        if row >= 0:
            self.sheet_wanted.emit(self.table.lines.lines[row].pupil.pupil_id)

    def go_by_period(self, step: int) -> None:
        """Show the next or previous period."""
        if self.results is not None:
            periods = self.results.periods
            at = periods.index(self.results.period) + step
            if 0 <= at < len(periods):
                self._choose_period(periods[at].kind, periods[at].number)

    def _choose_period(self, kind: PeriodKind, number: int) -> None:
        row, column = self.table.place
        pupil = self.table.lines.lines[row].pupil.pupil_id if row >= 0 else ""
        self._asked_for = (kind, number)
        try:
            self.enter()
        except EjournalError as error:
            self.troubled.emit(error)
        self._go_to(pupil, column)

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        reading, moving = tr("Отбор"), tr("Переход")
        return [
            Action("class_results.filter", tr("Долги, двойки, спорные, отчёт, все"), ("Ctrl+J",), self.narrow_next,
                   reading),
            Action("class_results.report", tr("Предварительный отчёт, или все"), ("Ctrl+G",), self.show_report,
                   reading),
            Action("class_results.copy", tr("Скопировать таблицу"), (), self.table.copy_lines, reading),
            Action("class_results.cell", tr("К отметкам ученика в журнале"), ("Ctrl+Return",), self.open_cell, moving),
            Action("class_results.sheet", tr("Лист семьи ученика"), ("Ctrl+I",), self.open_sheet, moving),
            Action("class_results.earlier", tr("Предыдущий период"), ("Alt+Left",), lambda: self.go_by_period(-1),
                   moving),
            Action("class_results.later", tr("Следующий период"), ("Alt+Right",), lambda: self.go_by_period(1),
                   moving),
        ]  # fmt: skip


def _standing(results: ClassResults) -> str:
    """Return how the class will stand: «отличников 3 · хорошистов 9 · с одной 3: 2 · не успевают 4»."""
    stands = Counter(row.outlook.standing for row in results.rows)
    risks = Counter(row.outlook.risk for row in results.rows)
    parts = (
        (tr("отличников"), stands["excellent"]), (tr("хорошистов"), stands["good"]),
        (tr("с одной 4"), risks["one_four"]), (tr("с одной 3"), risks["one_three"]),
        (tr("не успевают"), stands["not_progressing"]),
    )  # fmt: skip
    return " · ".join(f"{name}: {number}" for name, number in parts if number)
