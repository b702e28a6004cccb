"""The roll on the screen: letters say who is away, digits are marks, one key each, saved when it is pressed."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ejournal_core.kinds import Presence
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.at_cell import CodeList
from ejournal_desktop.ui.grids.keys import DEBT, Entry, read_key
from ejournal_desktop.ui.grids.tiles import pending_parts
from ejournal_desktop.ui.pupil_names import cut_name
from ejournal_desktop.ui.widgets import entry_table
from ejournal_desktop.ui.widgets.pill import paint_shape
from ejournal_desktop.ui.widgets.roll_model import FIRST_MARK, NAME, NUMBER, PRESENCE, RollModel

Index = QModelIndex | QPersistentModelIndex

ROW = 24
NUMBER_W, NAME_W, PRESENCE_W, MARK_W, NOTE_W = 34, 216, 56, 46, 64
LONGEST_MINUTES = 45
UNDELIVERED = ("waiting",)


class RollTable(QTableView):
    """Says what was entered; whoever owns it writes and shows the sheet again.

    Signals:
        presence_entered: pupil id, presence, minutes (-1: none), claimed reason ("б", "у" or "").
        mark_entered: pupil id, mark column id ("" for a new one), value ("" takes the mark away).
        went_on: Enter below the last pupil.
    """

    presence_entered = Signal(str, str, int, str)
    mark_entered = Signal(str, str, str)
    went_on = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.roll = RollModel(self)
        self.codes = CodeList(self.viewport())
        self.codes.chosen.connect(self._put)
        self.codes.left.connect(self.setFocus)
        self._typed = ""  # what was typed in the current cell since the person came to it
        self.setModel(self.roll)
        self.setItemDelegate(_RollPainter(self.roll, self))
        self.setAccessibleName(self.tr("Перекличка и отметки"))
        entry_table.dress(self)
        entry_table.dress_heads(self, ROW)
        self.roll.modelReset.connect(self._set_widths)
        self.selectionModel().currentChanged.connect(self._forget_typed)

    def _set_widths(self) -> None:
        self._typed = ""
        widths = {NUMBER: NUMBER_W, NAME: NAME_W, PRESENCE: PRESENCE_W}
        for column in range(self.roll.note_column):
            self.setColumnWidth(column, widths.get(column, MARK_W))
        taken = sum(self.columnWidth(column) for column in range(self.roll.note_column))
        self.setColumnWidth(self.roll.note_column, max(NOTE_W, self.viewport().width() - taken))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the sentences have the room that is left."""
        super().resizeEvent(event)
        if self.roll.sheet is not None:
            self._set_widths()

    def _forget_typed(self) -> None:
        self._typed = ""

    def start(self) -> None:
        """Put the cursor on the first pupil's presence, when it is nowhere yet."""
        if not self.currentIndex().isValid() and self.roll.rowCount():
            self.setCurrentIndex(self.roll.index(0, PRESENCE))

    @property
    def place(self) -> tuple[int, int]:
        """Return (row, column) of the cursor, (-1, -1) when it is nowhere."""
        index = self.currentIndex()
        return index.row(), index.column()

    # --- keys and mouse ----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters and digits enter, Enter goes down, Delete takes away; arrows are the table's own."""
        row, _column = self.place
        if row < 0 or event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._down()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._take_away()
        elif event.key() == Qt.Key.Key_Space:
            self._toggle(row)
        elif event.text() and event.text().isprintable():
            self._enter(event.text())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the presence of a pupil goes round: there, away, late."""
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == PRESENCE and event.button() == Qt.MouseButton.LeftButton:
            rounds: dict[Presence, Presence] = {"present": "absent", "absent": "late", "late": "present"}
            self.set_presence(rounds[self.roll.row(index.row()).presence])

    def set_presence(self, presence: Presence, minutes: int = -1, reason: str = "") -> None:
        """Enter where the current pupil was."""
        row, _column = self.place
        if row >= 0:
            self.presence_entered.emit(self.roll.row(row).pupil_id, presence, minutes, reason)

    def _down(self) -> None:
        row, column = self.place
        if row + 1 < self.roll.rowCount():
            self.setCurrentIndex(self.roll.index(row + 1, column))
        else:
            self.went_on.emit()

    def _toggle(self, row: int) -> None:
        self.set_presence("absent" if self.roll.row(row).presence == "present" else "present")

    def _take_away(self) -> None:
        row, column = self.place
        if column < FIRST_MARK or self.roll.work(column) is None:
            self.set_presence("present")
        elif self.roll.cell(row, column).value:
            self._put("")
        self._typed = ""

    def _enter(self, text: str) -> None:
        row, column = self.place
        if column == PRESENCE and text.isdigit() and self.roll.row(row).presence == "late":
            self._enter_minutes(text)
            return
        entry = read_key(text, period=False, after_digit=self._typed[-1:].isdigit())
        if entry is None:
            return
        if entry.kind == "presence":
            self._typed = ""
            self.set_presence(entry.presence, reason=entry.claimed_reason)
        else:
            self._enter_mark(entry)

    def _enter_minutes(self, digit: str) -> None:
        minutes = int((self._typed + digit) if self._typed.isdigit() else digit)
        if minutes > LONGEST_MINUTES:
            minutes, self._typed = int(digit), ""
        self.set_presence("late", minutes)
        self._typed += digit

    def _enter_mark(self, entry: Entry) -> None:
        row, column = self.place
        if self.roll.work(column) is None:
            column = FIRST_MARK
            self.setCurrentIndex(self.roll.index(row, column))
        if entry.kind == "codes":
            self.codes.offer(entry.codes, self.visualRect(self.currentIndex()))
        elif entry.kind == "stroke":
            before = self._typed or self.roll.cell(row, column).value
            self._typed = f"{before}/" if before and "/" not in before else self._typed
        elif self._typed.endswith("/"):
            value = self._typed + entry.value
            self._typed = ""
            self._put(value)
        else:
            self._typed = entry.value
            self._put(entry.value)
            self._typed = entry.value

    def _put(self, value: str) -> None:
        row, column = self.place
        work = self.roll.work(column)
        if work is not None:
            self.mark_entered.emit(self.roll.row(row).pupil_id, work.mark_column_id or "", value)


class _RollPainter(QStyledItemDelegate):
    """Hairlines, the row where you are, the frame of the cell, and what stands in it."""

    def __init__(self, roll: RollModel, table: RollTable) -> None:
        super().__init__(table)
        self._roll = roll
        self._table = table

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(MARK_W, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        t = theme.tokens()
        rect: QRect = option.rect
        row, column = index.row(), index.column()
        here = self._table.place
        focused = self._table.hasFocus()
        painter.save()
        painter.setClipRect(rect)
        painter.fillRect(rect, theme.colour(t.selection if here[0] == row and focused else t.paper))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.colour(t.line))
        if column >= PRESENCE:
            painter.fillRect(rect.left(), rect.top(), 1, rect.height(), theme.colour(t.line))
        self._paint_text(painter, rect, row, column)
        if here == (row, column):
            painter.setPen(QPen(theme.colour(t.accent if focused else t.rule), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        painter.restore()

    def _paint_text(self, painter: QPainter, rect: QRect, row: int, column: int) -> None:
        text = str(self._roll.data(self._roll.index(row, column)) or "")
        hue, size, centre, delivery = self._dress(row, column, text)
        cell = self._roll.cell(row, column)
        if cell.delivery == "disputed" and cell.other_value:
            self._paint_halves(painter, rect, cell.value, cell.other_value)
            return
        if cell.delivery == "pending":
            text = "".join(pending_parts(text, cell.other_value))
        inner = rect.adjusted(0 if centre else 2 * theme.UNIT, 0, 0 if centre else -theme.UNIT, 0)
        weight = theme.BOLD if text == DEBT else theme.REGULAR
        painter.setFont(theme.font(size, weight, italic=column == PRESENCE))
        painter.setPen(theme.colour(getattr(theme.tokens(), hue)))
        metrics = painter.fontMetrics()
        cut = (cut_name(metrics, text, inner.width()) if column == NAME
               else metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width()))  # fmt: skip
        if column == NUMBER:
            painter.drawText(entry_table.of_number(rect), entry_table.NUMBERS, text)
            return
        side = Qt.AlignmentFlag.AlignHCenter if centre else Qt.AlignmentFlag.AlignLeft
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, cut)
        self._paint_delivery(painter, rect, delivery)

    def _dress(self, row: int, column: int, text: str) -> tuple[str, int, bool, str]:
        """Return (hue, size, centred, delivery) of a cell's text."""
        if column == NUMBER:
            return "secondary", theme.SMALL, False, "delivered"
        if column == PRESENCE:
            return "secondary", theme.MARK, True, self._roll.presence_delivery(row) if text else "delivered"
        if column == self._roll.note_column:
            return self._roll.note(row)[1], theme.SMALL + 1, False, "delivered"
        if column >= FIRST_MARK:
            return (
                ("danger" if "2" in text else "ink"),
                theme.MARK,
                True,
                self._roll.cell(row, column).delivery if text else "delivered",
            )
        return "ink", theme.BASE, False, "delivered"

    def _paint_halves(self, painter: QPainter, rect: QRect, standing: str, wanted: str) -> None:
        """Paint a disputed cell: what stands at the left, what is wanted at the right, a stroke between."""
        t = theme.tokens()
        middle = rect.center().x()
        painter.setFont(theme.font(theme.MARK))
        painter.setPen(theme.colour(t.ink))
        painter.drawText(rect.adjusted(0, 0, -rect.width() // 2, 0), Qt.AlignmentFlag.AlignCenter, standing)
        painter.setPen(theme.colour(t.dispute))
        painter.drawText(rect.adjusted(rect.width() // 2, 0, 0, 0), Qt.AlignmentFlag.AlignCenter, wanted)
        painter.fillRect(middle, rect.top() + 4, 1, rect.height() - 8, theme.colour(t.dispute))
        painter.fillRect(rect.left() + 8, rect.bottom() - 3, rect.width() - 16, 2, theme.colour(t.dispute))

    def _paint_delivery(self, painter: QPainter, rect: QRect, delivery: str) -> None:
        t = theme.tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corner = QRectF(rect.right() - 8, rect.bottom() - 8, 5, 5)  # as in the journal
        if delivery in UNDELIVERED:
            paint_shape(painter, corner, "hollow", t.secondary)
        elif delivery == "saving":
            paint_shape(painter, corner, "dots", t.secondary)
        elif delivery == "refused":
            painter.fillRect(QRect(rect.left() + 8, rect.bottom() - 3, rect.width() - 16, 2), theme.colour(t.danger))
        elif delivery == "quarantined":
            painter.setPen(QPen(theme.colour(t.danger), 1))
            box = rect.adjusted(10, 3, -11, -4)
            painter.drawRect(box)
            painter.drawLine(box.bottomLeft(), box.topRight())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
