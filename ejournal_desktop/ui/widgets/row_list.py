"""A list of painted rows: arrows walk it, Enter or a double click opens a row; as tall as its rows, never taller.

Each row is any object; a `RowFace` says how it looks, how tall it is and what a screen reader reads out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.pill import DOT, Shape, paint_shape

BAR = 3
ROLE = Qt.ItemDataRole.UserRole


class RowFace(Protocol):
    """How one kind of row looks."""

    def height(self, row: Any) -> int:
        """Return the height of a row in logical pixels."""

    def words(self, row: Any) -> str:
        """Return the row in words, for screen readers."""

    def paint(self, painter: QPainter, rect: QRect, row: Any, *, current: bool) -> None:
        """Paint a row; ground, bar of the current one and hairline are painted already."""


class RowList(QListWidget):
    """`opened` brings the row on Enter or a double click, `walked` the row on every move, `typed` a sign typed.

    `put_away` brings the row on Delete, `entered` says that the focus came; Up and Down past the ends go on in the list
    above or below, as in one column.
    """

    opened = Signal(object)
    typed = Signal(str)
    walked = Signal(object)
    put_away = Signal(object)
    entered = Signal()

    def __init__(self, face: RowFace, name: str, parent: QWidget | None = None, *, fit: bool = True) -> None:
        super().__init__(parent)
        self.face = face
        self.leader: QWidget | None = None  # while it has the focus, keys move this list: its current row is shown
        self.keeps_mark = False  # its current row stays tinted for what is done in another list
        self._fit = fit
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("look", "rows")
        self.setStyleSheet("QListView { border: none; }")
        self.setAccessibleName(name)
        self.setItemDelegate(_Rows(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if fit:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.currentItemChanged.connect(self._walk)
        self.itemDoubleClicked.connect(lambda item: self.opened.emit(item.data(ROLE)))

    @property
    def rows(self) -> list[Any]:
        """Return the rows shown."""
        return [self.item(number).data(ROLE) for number in range(self.count())]

    @property
    def current(self) -> Any:
        """Return the current row, None when there is none."""
        number = self.currentRow()
        return self.item(number).data(ROLE) if number >= 0 else None

    def show_rows(self, rows: Sequence[Any], key: str = "id") -> None:
        """Show rows; the current one, known by its attribute `key`, stays current.

        Nothing moves when nothing changed.
        """
        if rows and self.rows == list(rows):
            return
        before = getattr(self.current, key, None)
        place = max(self.currentRow(), 0)
        self.blockSignals(True)
        self.clear()
        for row in rows:
            item = QListWidgetItem()
            item.setData(ROLE, row)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, self.face.words(row))
            item.setSizeHint(QSize(0, self.face.height(row)))
            self.addItem(item)
        same = [number for number, row in enumerate(rows) if getattr(row, key, None) == before]
        self.setCurrentRow(same[0] if same and before is not None else min(place, len(rows) - 1))
        self.blockSignals(False)
        # Tab passes by where no row could show the focus.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if rows else Qt.FocusPolicy.ClickFocus)
        self.updateGeometry()
        self._walk()

    def _walk(self) -> None:
        self.walked.emit(self.current)
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        """Keep the current row in sight of the page that scrolls as a whole."""
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        page = area.widget() if area is not None else None
        if area is not None and page is not None and self._fit and self.hasFocus() and self.currentRow() >= 0:
            row = self.visualItemRect(self.currentItem())
            for edge in (row.bottomLeft(), row.topLeft()):
                at = self.viewport().mapTo(page, edge)
                area.ensureVisible(at.x(), at.y(), 0, theme.LIST_ROW)

    def sizeHint(self) -> QSize:
        """Return the height of all rows together."""
        return QSize(400, self._height()) if self._fit else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the same: a page scrolls as a whole."""
        return QSize(200, self._height()) if self._fit else super().minimumSizeHint()

    def _height(self) -> int:
        return sum(self.item(number).sizeHint().height() for number in range(self.count()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens; signs that can be seen go to the screen; the rest is the list's own."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentRow() >= 0:
                self.opened.emit(self.current)
        elif event.key() == Qt.Key.Key_Delete:
            if self.currentRow() >= 0:
                self.put_away.emit(self.current)
        elif self._goes_over_the_end(event.key()):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        elif event.text() and event.text().isprintable():
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def _goes_over_the_end(self, key: int) -> bool:
        ends = {Qt.Key.Key_Down: self.count() - 1, Qt.Key.Key_Up: 0}
        return self._fit and self.currentRow() == ends.get(Qt.Key(key), -2)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Repaint the current row and bring it into sight: the focus is always visible."""
        super().focusInEvent(event)
        self._keep_in_sight()
        self.entered.emit()
        self.viewport().update()


class _Rows(QStyledItemDelegate):
    """Ground, bar and hairline of every row."""

    def __init__(self, rows: RowList) -> None:
        super().__init__(rows)
        self._rows = rows

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, self._rows.face.height(index.data(ROLE)))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        t = theme.tokens()
        rect: QRect = option.rect
        current = bool(option.state & QStyle.StateFlag.State_Selected)
        leader = self._rows.leader
        focused = current and (self._rows.hasFocus() or (leader is not None and leader.hasFocus()))
        painter.save()
        painter.setClipRect(rect)
        marked = focused or (current and self._rows.keeps_mark)
        painter.fillRect(rect, theme.colour(t.selection if marked else t.paper))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.colour(t.line))
        if focused:
            painter.fillRect(QRect(rect.left(), rect.top(), BAR, rect.height()), theme.colour(t.accent))
        self._rows.face.paint(painter, rect, index.data(ROLE), current=focused)
        painter.restore()


class Brush:
    """Words and marks at places of a row: the few strokes that faces of rows are made of."""

    def __init__(self, painter: QPainter, rect: QRect) -> None:
        self.painter = painter
        self.rect = rect

    def words(
        self, x: int, width: int, text: str, hue: str = "ink", *, size: int = theme.BASE, bold: bool = False,
        top: int = 0, height: int = 0, right: bool = False,
    ) -> int:  # fmt: skip
        """Write text between x and x + width (from the row's left edge), cut with «…»; return where it ended."""
        painter = self.painter
        painter.setFont(theme.font(size, theme.BOLD if bold else theme.REGULAR))
        painter.setPen(QPen(theme.colour(getattr(theme.tokens(), hue))))
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(width, 0))
        box = QRect(self.rect.left() + x, self.rect.top() + top, max(width, 0), height or self.rect.height() - top)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, cut)
        return x + painter.fontMetrics().horizontalAdvance(cut)

    def sign(self, x: int, shape: Shape, token: str, *, height: int) -> None:
        """Paint a state's mark at x (from the row's left edge), in the middle of a first line of that height."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = self.rect.top() + (height - DOT + 1) // 2  # on whole pixels, where its edges are sharp
        paint_shape(self.painter, QRectF(self.rect.left() + x, top, DOT, DOT), shape, getattr(theme.tokens(), token))

    def at_the_right(self, end: int, text: str, hue: str = "ink", *, height: int) -> int:
        """Write a text that ends at `end` (from the row's left edge); return where it begins: other words go so far."""
        self.painter.setFont(theme.font())
        begin = end - self.painter.fontMetrics().horizontalAdvance(text) - 1  # a fraction of it is rounded away
        self.words(begin, end - begin, text, hue, height=height, right=True)
        return begin
