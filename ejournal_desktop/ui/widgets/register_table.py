"""«Замена сведений в электронном журнале»: the register of corrections of a period, to be sorted, read and copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QDate, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDateEdit, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ejournal_core import russian
from ejournal_desktop.models.queries.requests import RegisterRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.line_table import LineTable
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import as_tip, count, tr

Index = QModelIndex | QPersistentModelIndex
Read = Callable[[date, date], Sequence[RegisterRow]]

MARGIN = 4 * theme.UNIT
#: Heads, fields and widths of the columns: the seven fields of the clause (S1-2.3.4.1) and the decision. The widths of
#: words are shares of the room that dates and classes leave, so that the whole line is in sight on any screen.
COLUMNS = (
    ("Дата", "requested_on", 84), ("Класс", "class_title", 64), ("Учитель", "requester", 120),
    ("Дата урока", "changed_date", 84), ("Предмет", "subject", 130), ("Внесённые изменения", "changes", 250),
    ("Причины", "reasons", 200), ("Решение", "decision", 240),
)  # fmt: skip
EXACT = frozenset({"requested_on", "class_title", "changed_date"})


class RegisterModel(QAbstractTableModel):
    """The lines of the register in the order chosen by the head of a column."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[RegisterRow] = []

    def show_rows(self, rows: Sequence[RegisterRow]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many lines there are."""
        return len(self.rows) if parent is None or not parent.isValid() else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(COLUMNS) if parent is None or not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell; cut texts are whole in the tip."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        text = self.text(index.row(), index.column())
        return as_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the head of a column."""
        across = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return tr(COLUMNS[section][0]) if across else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the lines in the order of a column; dates by time, words as a Russian list has them."""
        self.layoutAboutToBeChanged.emit()
        self.rows.sort(key=lambda row: _sort_key(row, COLUMNS[column][1]), reverse=order != Qt.SortOrder.AscendingOrder)
        self.layoutChanged.emit()

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell."""
        value = getattr(self.rows[row], COLUMNS[column][1])
        return f"{value:%d.%m.%Y}" if isinstance(value, date) else value or ""


def _sort_key(row: RegisterRow, field: str) -> str:
    value = getattr(row, field)
    return value.isoformat() if isinstance(value, date) else russian.sort_key(value or "")


class Register(QFrame):
    """The register with its period. `left` comes on Esc."""

    left = Signal()

    def __init__(self, read: Read, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "paper")
        self._read = read
        today = clock().date()
        year = today.year if today.month >= 9 else today.year - 1
        self.since, self.until = _date_field(date(year, 9, 1), self), _date_field(today, self)
        self.since.setAccessibleName(self.tr("С какого дня"))
        self.until.setAccessibleName(self.tr("По какой день"))
        self.note = Line(self)
        self.lines = RegisterModel(self)
        self.table = LineTable(COLUMNS, EXACT, self)
        self.table.setModel(self.lines)
        self.table.setAccessibleName(self.tr("Замена сведений в электронном журнале"))
        self.whole = QLabel(self)
        self.whole.setProperty("look", "secondary")
        self.whole.setWordWrap(True)
        self.whole.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table.selectionModel().currentRowChanged.connect(lambda now, _before: self._show_whole(now.row()))
        self.table.copied.connect(lambda number: self.note.say(
            self.tr("Скопировано: {n}.").format(n=count(number, ("строка", "строки", "строк"))), "done"))  # fmt: skip
        self._lay_out()
        for field in (self.since, self.until):
            field.dateChanged.connect(self.refresh)

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Замена сведений в электронном журнале"), self)
        title.setProperty("look", "title")
        head = QHBoxLayout()
        head.setSpacing(2 * theme.UNIT)
        head.addWidget(title)
        head.addStretch(1)
        for word, field in ((self.tr("с"), self.since), (self.tr("по"), self.until)):
            head.addWidget(QLabel(word, self))
            head.addWidget(field)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 3 * theme.UNIT, MARGIN, 2 * theme.UNIT)
        column.setSpacing(2 * theme.UNIT)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.whole)
        column.addWidget(self.note)

    def _show_whole(self, row: int) -> None:
        """Say under the table all of the current line that its columns may cut."""
        known = 0 <= row < self.lines.rowCount()
        texts = [(tr(head), self.lines.text(row, at)) for at, (head, field, _) in enumerate(COLUMNS)
                 if known and field in ("changes", "reasons", "decision")]  # fmt: skip
        self.whole.setText(" · ".join(f"{head}: {text}" for head, text in texts if text))

    def refresh(self) -> None:
        """Read the lines of the period again, newest first."""
        since, until = (_as_date(field.date()) for field in (self.since, self.until))
        self.lines.show_rows(self._read(since, until))
        self.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        if self.lines.rowCount():
            self.table.setCurrentIndex(self.lines.index(0, 0))
        self._show_whole(self.table.currentIndex().row())
        known = count(self.lines.rowCount(), ("исправление", "исправления", "исправлений"))
        self.note.say(f"{known}. {tr('Ctrl+C — скопировать выбранные строки, Ctrl+A — выбрать все, Esc — назад.')}"
                      if self.lines.rowCount() else self.tr("За эти дни исправлений не просили."))  # fmt: skip

    def enter(self) -> None:
        """Read and put the focus on the lines."""
        self.refresh()
        self.table.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc steps back."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _date_field(day: date, parent: QWidget) -> QDateEdit:
    field = QDateEdit(QDate(day.year, day.month, day.day), parent)
    field.setDisplayFormat("dd.MM.yyyy")
    field.setCalendarPopup(True)
    return field


def _as_date(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())
