"""The list of kinds of work at the head of the roll: Enter adds a column of the chosen kind, Esc steps back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from ejournal_core.kinds import WorkKind
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.words import tr

WIDTH = 75 * theme.UNIT
ROLE = Qt.ItemDataRole.UserRole


class WorkList(QListWidget):
    """Typing the beginning of a code («КР») goes to it."""

    chosen = Signal(str)  # work kind id
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Вид работы"))
        self.setProperty("look", "floating")
        self.itemClicked.connect(self._take)
        self.hide()

    def offer(self, kinds: Sequence[WorkKind], left: int, top: int = 0) -> None:
        """Show the kinds under the heads, from `left` and `top` on."""
        self.clear()
        for kind in kinds:
            item = QListWidgetItem(f"{kind.code}   {kind.title}")
            item.setData(ROLE, kind.id)
            self.addItem(item)
        self.setCurrentRow(0)
        rows = self.sizeHintForRow(0) * len(kinds) + 2 * self.frameWidth() + 2
        room = self.parentWidget()
        height = min(rows, room.height() - top - theme.UNIT) if room is not None else rows
        rightmost = room.width() - WIDTH if room is not None else left
        self.setGeometry(max(0, min(left, rightmost)), top, WIDTH, height)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take or step back."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.currentItem())
        elif event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Esc and letters for the list while it is open."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Close when the person goes elsewhere."""
        super().focusOutEvent(event)
        self.hide()

    def _take(self, item: QListWidgetItem) -> None:
        kind_id = item.data(ROLE)
        self._leave()
        self.chosen.emit(kind_id)

    def _leave(self) -> None:
        self.hide()
        self.left.emit()
