"""A week of the class, pupils × days: a letter in each cell is what the register and the lessons make of that day."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ejournal_core.russian import WEEKDAYS
from ejournal_desktop.models.queries.class_attendance import ClassAttendance, PupilDay, RegisterEntry
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.keys import COMMANDS
from ejournal_desktop.ui.pupil_names import cut_name
from ejournal_desktop.ui.widgets.attendance_day import at_lessons
from ejournal_desktop.ui.widgets.entry_table import NUMBERS, dress_cells, of_number
from ejournal_desktop.ui.words import as_tip, day_short, tr

Index = QModelIndex | QPersistentModelIndex

NUMBER, NAME, FIRST_DAY = 0, 1, 2
NUMBER_WIDTH, NAME_WIDTH, TOTAL_WIDTH = 34, 210, 132


class WeekModel(QAbstractTableModel):
    """The cells of a week; the last column adds them up."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.attendance: ClassAttendance | None = None

    def show_week(self, attendance: ClassAttendance) -> None:
        """Show a week; the table is built anew only when pupils or days differ."""
        before = self.attendance
        if before is not None and (before.pupils, before.days) == (attendance.pupils, attendance.days):
            self.attendance = attendance
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))
            return
        self.beginResetModel()
        self.attendance = attendance
        self.endResetModel()

    @property
    def total_column(self) -> int:
        """Return the last column."""
        return FIRST_DAY + (len(self.attendance.days) if self.attendance else 0)

    def cell(self, row: int, column: int) -> PupilDay | None:
        """Return the day of a pupil in a cell, None where a column is no day."""
        if self.attendance is None or not FIRST_DAY <= column < self.total_column:
            return None
        return self.attendance.cell(self.attendance.pupils[row].pupil_id, self.attendance.days[column - FIRST_DAY])

    def entry(self, row: int, column: int) -> RegisterEntry | None:
        """Return the entry of the register that speaks of a cell."""
        cell = self.cell(row, column)
        if cell is None or self.attendance is None:
            return None
        return next((each for each in self.attendance.entries if each.entry.pupil_id == cell.pupil_id
                     and each.entry.since <= cell.day <= each.entry.until), None)  # fmt: skip

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of pupils."""
        shown = self.attendance is not None and (parent is None or not parent.isValid())
        return len(self.attendance.pupils) if shown and self.attendance else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return self.total_column + 1 if parent is None or not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, its tip, its name for screen readers."""
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.spoken(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(self.spoken(row, column))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heads: «пн 16.11»."""
        if orientation != Qt.Orientation.Horizontal or self.attendance is None:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section >= FIRST_DAY:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.TextAlignmentRole and section == NUMBER:
            return NUMBERS
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if FIRST_DAY <= section < self.total_column:
            day = self.attendance.days[section - FIRST_DAY]
            return f"{_short(WEEKDAYS[day.weekday()])} {day_short(day)}"
        return {NUMBER: "№", NAME: tr("Ученик"), self.total_column: tr("Пропущено")}.get(section, "")

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell: the letter, and how many lessons of those given."""
        assert self.attendance is not None
        pupil = self.attendance.pupils[row]
        if column == NUMBER:
            return str(pupil.position)
        if column == NAME:
            return pupil.name
        cell = self.cell(row, column)
        if cell is None:
            return self._total(row)
        if not pupil.present_in_class(cell.day):
            return "—"
        if not cell.missed or cell.missed == len(cell.lessons):
            return cell.letter
        return f"{cell.letter} {cell.missed}/{len(cell.lessons)}"

    def _total(self, row: int) -> str:
        assert self.attendance is not None
        cells = [self.attendance.cell(self.attendance.pupils[row].pupil_id, day) for day in self.attendance.days]
        lessons, days = sum(cell.missed for cell in cells), sum(cell.is_missed for cell in cells)
        late = sum(len(cell.late) for cell in cells)
        words = [tr("{lessons} ур., {days} дн.").format(lessons=lessons, days=days) if lessons else "",
                 f"{tr('оп')} {late}" if late else ""]  # fmt: skip
        return " · ".join(word for word in words if word)

    def spoken(self, row: int, column: int) -> str:
        """Return a cell in words: «Котов Илья, пн 16.11: б 1–6 · весь день; в реестре болезнь»."""
        assert self.attendance is not None
        head = self.headerData(column, Qt.Orientation.Horizontal)
        cell, entry = self.cell(row, column), self.entry(row, column)
        told = at_lessons(cell) if cell is not None else self.text(row, column)
        known = tr("в реестре: {why}").format(why=entry.reason_title) if entry is not None else ""
        words = "; ".join(part for part in (told, known) if part) or tr("пусто")
        return f"{self.attendance.pupils[row].whole_name}, {head}: {words}"


def _short(weekday: str) -> str:
    return {"понедельник": "пн", "вторник": "вт", "среда": "ср", "четверг": "чт", "пятница": "пт"}.get(
        weekday, weekday[:2]
    )


class WeekTable(QTableView):
    """Letters, Enter and Delete speak of the current cell.

    Signals:
        typed: row, column, character. opened: row, column. removed: row, column.
    """

    typed = Signal(int, int, str)
    opened = Signal(int, int)
    removed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = WeekModel(self)
        self.setAccessibleName(self.tr("Посещаемость за неделю"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setItemDelegate(_CellPainter(self))
        self.verticalHeader().setMinimumSectionSize(0)
        self.setModel(self.cells)
        dress_cells(self, theme.ROW)
        heads = self.horizontalHeader()
        heads.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        heads.setMinimumSectionSize(0)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row(), index.column()))
        self.cells.modelReset.connect(self._begin)

    def _begin(self) -> None:
        self._fit()
        if self.cells.rowCount() and self.cells.total_column > FIRST_DAY:
            self.setCurrentIndex(self.cells.index(0, self.cells.total_column - 1))

    def go_to(self, pupil_id: str, column: int = -1) -> None:
        """Put the cursor on a pupil; on the day of a column when one is given."""
        attendance = self.cells.attendance
        row = next((n for n, p in enumerate(attendance.pupils) if p.pupil_id == pupil_id), -1) if attendance else -1
        if row >= 0:
            here = max(self.currentIndex().column(), FIRST_DAY)
            self.setCurrentIndex(self.cells.index(row, column if column >= 0 else here))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open, remove, or take the letter of a code."""
        row, column = self.currentIndex().row(), self.currentIndex().column()
        if row < 0 or event.modifiers() & COMMANDS:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(row, column)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(row, column)
        elif event.text().isprintable() and event.text().strip():
            self.typed.emit(row, column, event.text())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room among the days."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        days = max(self.cells.total_column - FIRST_DAY, 1)
        room = self.viewport().width() - NUMBER_WIDTH - NAME_WIDTH - TOTAL_WIDTH
        self.setColumnWidth(NUMBER, NUMBER_WIDTH)
        self.setColumnWidth(NAME, NAME_WIDTH)
        for column in range(FIRST_DAY, self.cells.total_column):
            self.setColumnWidth(column, max(room // days, 56))
        self.setColumnWidth(self.cells.total_column, TOTAL_WIDTH)


class _CellPainter(QStyledItemDelegate):
    """Hairlines, the row where you are, and letters: a whole missed day stands in bold, an unexplained one in red."""

    def __init__(self, table: WeekTable) -> None:
        super().__init__(table)
        self._table = table

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(theme.CELL, theme.ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        t, rect = theme.tokens(), QRect(option.rect)
        here = self._table.currentIndex()
        today = self._is_today(index.column())
        ground = t.selection if here.row() == index.row() else t.today if today else t.paper
        painter.save()
        painter.setClipRect(rect)
        painter.fillRect(rect, theme.colour(ground))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.colour(t.line))
        if index.column() >= FIRST_DAY:
            painter.fillRect(rect.left(), rect.top(), 1, rect.height(), theme.colour(t.line))
        self._paint_text(painter, rect, index)
        if here.row() == index.row() and here.column() == index.column():
            painter.setPen(QPen(theme.colour(t.accent if self._table.hasFocus() else t.rule), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        painter.restore()

    def _is_today(self, column: int) -> bool:
        found = self._table.cells.attendance
        in_days = found is not None and FIRST_DAY <= column < self._table.cells.total_column
        return in_days and found is not None and found.days[column - FIRST_DAY] == found.today

    def _paint_text(self, painter: QPainter, rect: QRect, index: Index) -> None:
        t, row, column = theme.tokens(), index.row(), index.column()
        cell = self._table.cells.cell(row, column)
        hue = t.secondary if column in (NUMBER, self._table.cells.total_column) else t.ink
        bold = italic = False
        if cell is not None:
            hue = t.danger if cell.unexplained else t.ink if cell.marked else t.secondary
            bold, italic = cell.is_missed, True
        painter.setFont(theme.font(theme.BASE, theme.BOLD if bold else theme.REGULAR, italic=italic))
        painter.setPen(theme.colour(hue))
        centre = column >= FIRST_DAY
        side = Qt.AlignmentFlag.AlignHCenter if centre else Qt.AlignmentFlag.AlignLeft
        inner = rect.adjusted(0 if centre else 2 * theme.UNIT, 0, 0 if centre else -theme.UNIT, 0)
        words, metrics = self._table.cells.text(row, column), painter.fontMetrics()
        text = (cut_name(metrics, words, inner.width()) if column == NAME
                else metrics.elidedText(words, Qt.TextElideMode.ElideRight, inner.width()))  # fmt: skip
        if column == NUMBER:
            painter.drawText(of_number(rect), NUMBERS, words)
        else:
            painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, text)
