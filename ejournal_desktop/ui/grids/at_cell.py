"""Small things that open at a cell and never take the screen: a sentence, a list of codes, a line for a comment."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.keys import CODE_NAMES

NOTE_WIDTH = 320


def place_at(widget: QWidget, cell: QRect) -> None:
    """Put a widget under a cell of its parent, or above when there is no room, never outside."""
    parent = widget.parentWidget()
    if parent is None:
        return
    top = cell.bottom() + 3
    if top + widget.height() > parent.height():
        top = max(0, cell.top() - widget.height() - 2)
    left = max(0, min(cell.left(), parent.width() - widget.width() - 2))
    widget.move(left, top)


class CellNote(QLabel):
    """One sentence at a cell; goes away with the next key. `pressed` comes when the mouse takes its way out."""

    pressed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("cell_note")
        self.setWordWrap(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def tell(self, text: str, cell: QRect, *, signal: str) -> None:
        """Show a sentence under a cell; `signal` is the colour of its left edge."""
        t = theme.tokens()
        self.setStyleSheet(
            f"#cell_note {{ background: {t.paper}; color: {t.ink}; border: 1px solid {t.rule};"
            f" border-left: 3px solid {signal}; padding: 5px 9px; }}"
        )
        self.setText(text)
        self.setFixedWidth(min(NOTE_WIDTH, self.fontMetrics().horizontalAdvance(text) + 28))
        self.setFixedHeight(self.heightForWidth(self.width()))
        place_at(self, cell)
        self.show()
        self.raise_()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the way out that the sentence names; the cell under it hears nothing."""
        self.pressed.emit()
        event.accept()


class CodeList(QListWidget):
    """The longer codes that begin with a letter; a letter, an arrow or a digit chooses, Enter takes, Esc steps back."""

    chosen = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Коды отметок"))
        self.setProperty("look", "floating")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._take)
        self.hide()

    def offer(self, codes: tuple[str, ...], cell: QRect) -> None:
        """Show codes at a cell, the first one chosen."""
        self.clear()
        for code in codes:
            item = QListWidgetItem(f"{code}   {CODE_NAMES[code]}")
            item.setData(Qt.ItemDataRole.UserRole, code)
            self.addItem(item)
        self.setCurrentRow(0)
        rows = self.sizeHintForRow(0) * len(codes)
        self.setFixedSize(self.sizeHintForColumn(0) + 6 * theme.UNIT, rows + 2 * self.frameWidth() + 2)
        place_at(self, cell)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose, take or step back."""
        key, text = event.key(), event.text()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._take(self.currentItem())
        elif key == Qt.Key.Key_Escape:
            self._leave()
        elif text.isdigit() and text != "0" and int(text) <= self.count():
            self._take(self.item(int(text) - 1))
        elif text.isalpha():
            self.setCurrentRow((self.currentRow() + 1) % self.count())
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Tab and Esc for the list."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Close when the person goes elsewhere."""
        super().focusOutEvent(event)
        self.hide()

    def _take(self, item: QListWidgetItem) -> None:
        code = item.data(Qt.ItemDataRole.UserRole)
        self._leave()
        self.chosen.emit(code)

    def _leave(self) -> None:
        self.hide()
        self.left.emit()


class CommentLine(QLineEdit):
    """A comment to one mark; taken by Enter and by leaving, Esc steps back without losing it."""

    taken = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedWidth(260)
        self.setMaxLength(500)
        self._open = False
        self.hide()

    def offer(self, text: str, cell: QRect, name: str) -> None:
        """Open at a cell with the comment it has, under its name."""
        self.setAccessibleName(name)
        self.setPlaceholderText(name)
        self.setText(text)
        self._was = text
        self._open = True
        self.adjustSize()
        place_at(self, cell)
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc keep what was typed and go back to the cell, which hears nothing of them."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self._finish()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the comment when the person goes elsewhere, but not when only the window loses the focus."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self._finish()

    def _finish(self) -> None:
        if not self._open:
            return
        self._open = False
        self.hide()
        if self.text().strip() != self._was:
            self.taken.emit(self.text().strip())
        self.left.emit()
