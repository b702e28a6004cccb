"""The table of Итоги: a digit is the period mark at once; one that needs a reason opens the line for it in its row."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.at_cell import CodeList
from ejournal_desktop.ui.grids.keys import COMMANDS, read_key
from ejournal_desktop.ui.grids.tiles import pending_parts
from ejournal_desktop.ui.pupil_names import cut_name
from ejournal_desktop.ui.widgets import entry_table
from ejournal_desktop.ui.widgets.pill import paint_shape
from ejournal_desktop.ui.widgets.results_model import (
    AVERAGE,
    COUNT,
    FORECAST,
    MARK,
    NAME,
    NUMBER,
    PROPOSED,
    REASON,
    WEIGHTED,
    ResultsModel,
)

Index = QModelIndex | QPersistentModelIndex
ReasonKey = tuple[str, str, int, str]  # page, kind and number of the period, pupil

ROW = 24
WIDTHS = {NUMBER: 30, NAME: 190, COUNT: 66, AVERAGE: 66, WEIGHTED: 62, PROPOSED: 54, FORECAST: 142, MARK: 54}
REASON_LEAST = 150
LONGEST_REASON = 500


class ResultsTable(QTableView):
    """Says what was entered; whoever owns it writes and shows the results again.

    Signals:
        mark_entered: row, value ("" takes the mark away).
        reason_entered: row, value, reason: both are one entry.
    """

    mark_entered = Signal(int, str)
    reason_entered = Signal(int, str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = ResultsModel(self)
        self.codes = CodeList(self.viewport())
        self.codes.chosen.connect(self._put)
        self.codes.left.connect(self.setFocus)
        self.reason = _ReasonLine(self.viewport())
        self.reason.taken.connect(self._take_reason)
        self.reason.left.connect(self.setFocus)
        self.setModel(self.lines)
        self.setItemDelegate(_ResultsPainter(self.lines, self))
        self.setAccessibleName(self.tr("Итоговые отметки"))
        entry_table.dress(self)
        entry_table.dress_heads(self, ROW)
        self.horizontalHeader().setMinimumSectionSize(0)
        self.lines.modelReset.connect(self._begin)
        self.verticalScrollBar().valueChanged.connect(self._place_reason)

    def _begin(self) -> None:
        self.reason.put_away()
        self.codes.hide()
        self._hide_all_but(None)
        self._set_widths()
        if self.lines.rowCount():
            self.setCurrentIndex(self.lines.index(0, MARK))

    def _set_widths(self) -> None:
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, width)
        self.setColumnWidth(REASON, max(REASON_LEAST, self.viewport().width() - sum(WIDTHS.values())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the reasons have the room that is left."""
        super().resizeEvent(event)
        self._set_widths()
        self._place_reason()

    def _place_reason(self) -> None:
        """Keep the line of a reason in its row, wherever that goes."""
        if self.reason.isVisible():
            self.reason.setGeometry(self.visualRect(self.lines.index(self.reason.row, REASON)))

    @property
    def place(self) -> tuple[int, int]:
        """Return (row, column) of the cursor, (-1, -1) when it is nowhere."""
        return self.currentIndex().row(), self.currentIndex().column()

    def go_to_row(self, row: int) -> None:
        """Put the cursor on the mark of a pupil."""
        self.setCurrentIndex(self.lines.index(row, MARK))
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_only(self, pupil_ids: frozenset[str] | None) -> None:
        """Hide all other pupils, whatever is entered meanwhile; None shows all. Numbers in the list stay."""
        self._hide_all_but(pupil_ids)
        shown = [row for row in range(self.lines.rowCount()) if not self.isRowHidden(row)]
        here = self.place[0]
        if shown:
            self.go_to_row(here if here in shown else shown[0])
            self.scrollTo(self.currentIndex())

    def _hide_all_but(self, pupil_ids: frozenset[str] | None) -> None:
        for row in range(self.lines.rowCount()):
            self.setRowHidden(row, pupil_ids is not None and self.lines.row(row).pupil.pupil_id not in pupil_ids)

    # --- keys --------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits and letters enter the mark wherever in the row one is; Enter goes down, Delete takes away."""
        row, _column = self.place
        if row < 0 or event.modifiers() & COMMANDS:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._down(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._put("")
        elif event.key() == Qt.Key.Key_Space:
            self.take_proposal()
        elif event.text() and event.text().isprintable():
            self._enter(event.text())
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click on the reason opens its line."""
        super().mouseDoubleClickEvent(event)
        if self.place[1] == REASON:
            self.write_reason()

    def take_proposal(self) -> None:
        """Enter what is proposed for the current pupil, and go on to the next."""
        row, _column = self.place
        if row >= 0 and self.lines.row(row).proposed:
            self._put(self.lines.row(row).proposed)
            self._down(1)

    def write_reason(self, value: str = "") -> None:
        """Open the line for the reason of the current pupil's mark, or of `value`, which is entered with it."""
        row, _column = self.place
        if row < 0:
            return
        line = self.lines.row(row)
        wanted = value or line.cell.value
        if wanted:
            index = self.lines.index(row, REASON)
            self.scrollTo(index)
            self.reason.keep_for(self._key(row))
            self.reason.ask(row, wanted, line.cell.comment, line.proposed, self.visualRect(index))

    def forget_reason(self, row: int) -> None:
        """Let go of a reason that was half typed: the mark of the row stands."""
        self.reason.drafts.pop(self._key(row), None)

    def _key(self, row: int) -> ReasonKey:
        results = self.lines.results
        assert results is not None
        return results.page.id, results.period.kind, results.period.number, self.lines.row(row).pupil.pupil_id

    def _down(self, step: int) -> None:
        row, column = self.place
        ahead = range(row + 1, self.lines.rowCount()) if step > 0 else range(row - 1, -1, -1)
        found = next((each for each in ahead if not self.isRowHidden(each)), row)
        self.setCurrentIndex(self.lines.index(found, column))

    def _enter(self, text: str) -> None:
        entry = read_key(text, period=True, after_digit=False)
        if entry is None or entry.kind == "stroke":
            return
        row, _column = self.place
        self.setCurrentIndex(self.lines.index(row, MARK))
        if entry.kind == "codes":
            self.codes.offer(entry.codes, self.visualRect(self.currentIndex()))
        else:
            self._put(entry.value)

    def _put(self, value: str) -> None:
        row, _column = self.place
        self.lines.notes.pop(self.lines.row(row).pupil.pupil_id, None)
        self.mark_entered.emit(row, value)

    def _take_reason(self, row: int, value: str, reason: str) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.reason_entered.emit(row, value, reason)


class _ReasonLine(QLineEdit):
    """The reason of one mark, in its row. Enter takes it, Esc steps back; nothing is entered or lost by leaving."""

    taken = Signal(int, str, str)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMaxLength(LONGEST_REASON)
        self.setAccessibleName(self.tr("Обоснование"))
        self.row, self._value = -1, ""
        self.drafts: dict[ReasonKey, str] = {}  # what was typed and is not entered
        self._key: ReasonKey = ("", "", 0, "")
        self.hide()

    def keep_for(self, key: ReasonKey) -> None:
        """Learn whose reason is asked for next."""
        self.put_away()
        self._key = key

    def put_away(self) -> None:
        """Close, and keep what is half typed."""
        if not self.isHidden() and self.isModified():
            self.drafts[self._key] = self.text()
        self.hide()

    def ask(self, row: int, value: str, reason: str, proposed: str, place: QRect) -> None:
        """Open at a cell for a mark of a row."""
        self.row, self._value = row, value
        asked = self.tr("Почему {value}, а не {proposed}?")
        other = proposed and proposed != value
        self.setPlaceholderText(asked.format(value=value, proposed=proposed) if other else self.tr("Обоснование"))
        self.setText(self.drafts.get(self._key, reason))
        self.selectAll()
        self.setGeometry(place)
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take or step back."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.put_away()
            self.taken.emit(self.row, self._value, self.text())
        elif event.key() == Qt.Key.Key_Escape:
            self.put_away()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Esc for the line."""
        escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if event.type() == QEvent.Type.ShortcutOverride and escape:
            event.accept()
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Stay while the text is not taken: what was typed is not lost by looking elsewhere."""
        super().focusOutEvent(event)
        if not self.text().strip():
            self.hide()


class _ResultsPainter(QStyledItemDelegate):
    """Hairlines, the row where you are, the tint of the mark's column, and what stands in the cell."""

    def __init__(self, lines: ResultsModel, table: ResultsTable) -> None:
        super().__init__(table)
        self._lines = lines
        self._table = table

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(WIDTHS[MARK], ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        t = theme.tokens()
        rect: QRect = option.rect
        row, column = index.row(), index.column()
        here, focused = self._table.place, self._table.hasFocus()
        ground = t.selection if here[0] == row else t.period if column == MARK else t.paper
        painter.save()
        painter.setClipRect(rect)
        painter.fillRect(rect, theme.colour(ground))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.colour(t.line))
        if column in (MARK, REASON):
            painter.fillRect(rect.left(), rect.top(), 1, rect.height(), theme.colour(t.rule))
        self._paint_text(painter, rect, row, column)
        if column == MARK:
            self._paint_delivery(painter, rect, row)
        if here == (row, column):
            painter.setPen(QPen(theme.colour(t.accent if focused else t.rule), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        painter.restore()

    def _paint_text(self, painter: QPainter, rect: QRect, row: int, column: int) -> None:
        line = self._lines.row(row)
        text, hue, bold = self._lines.text(row, column), "ink", False
        if column == MARK:
            hue, bold = ("danger" if text in ("2", "1") else "ink"), True
            if line.cell.delivery == "pending":
                text = "".join(pending_parts(text, line.cell.other_value))
        elif column == COUNT and line.short:
            hue, text = "warning", f"{text} !"
        elif column == REASON:
            hue = self._lines.reason(row)[1]
        elif column in (NUMBER, COUNT, FORECAST) or not line.asked:
            hue = "secondary"
        centre = COUNT <= column <= MARK
        size = theme.MARK if column in (MARK, PROPOSED) else theme.SMALL if column == NUMBER else theme.BASE
        painter.setFont(theme.font(size, theme.BOLD if bold else theme.REGULAR))
        painter.setPen(theme.colour(getattr(theme.tokens(), hue)))
        inner = rect.adjusted(0 if centre else 2 * theme.UNIT, 0, 0 if centre else -theme.UNIT, 0)
        metrics = painter.fontMetrics()
        cut = (cut_name(metrics, text, inner.width()) if column == NAME
               else metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width()))  # fmt: skip
        if column == NUMBER:
            painter.drawText(entry_table.of_number(rect), entry_table.NUMBERS, text)
            return
        side = Qt.AlignmentFlag.AlignHCenter if centre else Qt.AlignmentFlag.AlignLeft
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, cut)

    def _paint_delivery(self, painter: QPainter, rect: QRect, row: int) -> None:
        """Paint how the mark stands; a deviation has a small bar at the left besides its reason."""
        t, line = theme.tokens(), self._lines.row(row)
        if line.deviates:
            painter.fillRect(rect.left() + 1, rect.top() + 4, 3, rect.height() - 8, theme.colour(t.accent))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        delivery = line.cell.delivery
        if delivery == "waiting":
            paint_shape(painter, QRectF(rect.right() - 8, rect.bottom() - 8, 5, 5), "hollow", t.secondary)
        elif delivery == "saving":
            paint_shape(painter, QRectF(rect.right() - 9, rect.bottom() - 8, 7, 5), "dots", t.secondary)
        elif delivery in ("refused", "disputed", "quarantined"):
            hue = t.dispute if delivery == "disputed" else t.danger
            painter.fillRect(QRect(rect.left() + 8, rect.bottom() - 3, rect.width() - 16, 2), theme.colour(hue))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
