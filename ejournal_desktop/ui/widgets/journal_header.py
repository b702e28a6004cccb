"""The journal's part of the window's header: which page, which period, and a line to find a pupil, a day, a column."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QMenu, QWidget

from ejournal_desktop.models.pages import GridColumn, JournalSpread, PageRef
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids import spoken
from ejournal_desktop.ui.grids.finding import find
from ejournal_desktop.ui.widgets.chooser_button import ChooserButton
from ejournal_desktop.ui.widgets.page_chooser import PageChooser

FIND_WIDTH = 48 * theme.UNIT


class JournalHeader(QFrame):
    """Left to right: page, period, a word when the period is not the running one, find.

    Signals:
        page_chosen: page id. period_chosen: column to go to. pupil_found: row.
        column_found: column. filter_wanted: its name. left: back to the marks.
    """

    page_chosen = Signal(str)
    period_chosen = Signal(int)
    pupil_found = Signal(int)
    column_found = Signal(int)
    filter_wanted = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = PageChooser(self)
        self.pages.chosen.connect(self.page_chosen)
        self.pages.left.connect(self.left)
        self.period = ChooserButton(theme.font(), self)
        self.period.setText(self.tr("Период"))
        self.period.setAccessibleName(self.tr("Период"))
        self._periods = QMenu(self.period)
        self.period.clicked.connect(self._open_periods)
        self.aside = QLabel(self)
        self.aside.setProperty("look", "warning")
        self.search = _FindLine(self)
        self.search.setFixedWidth(FIND_WIDTH)
        self.search.textChanged.connect(lambda: self._seek(0))
        self.search.stepped.connect(self._seek)
        self.search.left.connect(self.left)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.UNIT)
        for part in (self.pages, self.period, self.aside):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.search)
        self._spread: JournalSpread | None = None
        self._found = 0

    def show_pages(self, pages: tuple[PageRef, ...], current: str) -> None:
        """Offer pages, one of which is open."""
        self.pages.show_pages(pages, current)
        for part in (self.period, self.aside, self.search):
            part.setVisible(bool(current))

    def show_spread(self, spread: JournalSpread) -> None:
        """Offer the periods and pupils of a page."""
        self._spread = spread
        menu = self._periods
        menu.clear()
        for number, column in enumerate(spread.columns):
            if column.kind == "period" and column.period_kind not in ("year", "exam", "final"):
                starts = _first_lesson(spread, column.period_number, number)
                action = menu.addAction(spoken.column_name(column))
                action.triggered.connect(lambda _checked=False, start=starts: self.period_chosen.emit(start))
            elif column.kind == "period":
                action = menu.addAction(spoken.column_name(column))
                action.triggered.connect(lambda _checked=False, at=number: self.period_chosen.emit(at))

    def show_period(self, spread: JournalSpread, column: GridColumn) -> None:
        """Say in which period the current column stands, and whether that is the running one."""
        here = _period_name(spread, column)
        running = next(
            (lesson.period_number for lesson in reversed(spread.lessons) if lesson.held_on <= spread.today), None
        )
        self.period.setText(here or self.tr("Период"))
        self.period.setAccessibleName(self.tr("Период: {0}").format(here))
        self.period.updateGeometry()
        other = column.kind == "lesson" and bool(column.period_number) and running not in (None, column.period_number)
        title = _title_of(spread, running) if other and running else ""
        self.aside.setText(self.tr("сейчас идёт {0}: Alt+Home").format(title) if title else "")

    def _open_periods(self) -> None:
        self._periods.popup(self.period.mapToGlobal(QPoint(0, self.period.height() + 2)))

    def find_pupil(self) -> None:
        """Put the focus into the line to find a pupil."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _seek(self, step: int) -> None:
        """Go to what the typed text means, with a step to the next such place; a filter waits for Enter."""
        typed = self.search.text().strip()
        found = find(typed, self._spread) if self._spread is not None else []
        places = [each for each in found if each.filter is None]
        self.search.setProperty("wrong", bool(typed) and not found)
        self.search.setAccessibleDescription(self.tr("не найдено") if typed and not found else "")
        self.search.style().polish(self.search)
        if not places:
            if step and found and found[0].filter:
                self.search.clear()
                self.filter_wanted.emit(found[0].filter)
            return
        if step and len(places) == 1:  # it is found already: the next key is meant for the cell
            self.left.emit()
            return
        self._found = (self._found + step) % len(places) if step else 0
        place = places[self._found]
        if place.row >= 0:
            self.pupil_found.emit(place.row)
        else:
            self.column_found.emit(place.column)


class _FindLine(QLineEdit):
    """Enter goes to the next pupil found, to the marks when there is only one; Esc and Tab go back to the marks."""

    stepped = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setPlaceholderText(self.tr("Найти  Ctrl+F"))
        self.setAccessibleName(self.tr("Найти ученика, день или столбец"))
        self.setToolTip(self.tr("Ученик, день («11.09»), вид работы, период; «долги», «двойки» — только они"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step or leave."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.stepped.emit(1)
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _first_lesson(spread: JournalSpread, period_number: int, otherwise: int) -> int:
    for number, column in enumerate(spread.columns):
        if column.kind == "lesson" and column.period_number == period_number:
            return number
    return otherwise


def _title_of(spread: JournalSpread, period_number: int) -> str:
    for column in spread.columns:
        ordinary = column.kind == "period" and column.period_kind not in ("year", "exam", "final")
        if ordinary and column.period_number == period_number:
            return spoken.column_name(column)
    return ""


def _period_name(spread: JournalSpread, column: GridColumn) -> str:
    if column.kind == "period":
        return spoken.column_name(column)
    return _title_of(spread, column.period_number)
