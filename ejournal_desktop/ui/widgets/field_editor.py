"""A text written in place: it lies over the words that it replaces and never loses what was typed."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.words import tr

LINE = 18
TOP, SIDE = 3, 7  # from the frame's outer edge to the words, border included
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FieldEditor(QPlainTextEdit):
    """Ctrl+Enter, Esc, Tab and leaving all finish; none of them drops the text.

    What is offered stands in it while it is empty, and Enter alone writes it: leaving must not enter what nobody wrote.

    Signals:
        finished: the text, and where the person goes: "back", "next", "previous" or "" when they left by themselves.
    """

    finished = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFont(theme.font())
        self.setStyleSheet(f"QPlainTextEdit {{ padding: 1px {SIDE - 2}px; border-width: 2px; border-radius: 2px; }}")
        self.setTabChangesFocus(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.textChanged.connect(self._grow)
        self._single_line = False
        self._open = False
        self._least = LINE
        self._offer = ""
        self.hide()

    @property
    def is_open(self) -> bool:
        """Say whether a text is being written."""
        return self._open

    def open_at(self, place: QRect, text: str, *, name: str, single_line: bool, offer: str = "") -> None:
        """Open over a place of the parent with a text to go on with; Enter finishes a single line."""
        self._single_line = single_line
        self._open = True
        self._offer = offer
        self.setPlaceholderText(tr("По КТП: {0}. Enter — записать").format(offer) if offer else "")
        self._least = place.height()
        self.setAccessibleName(name)
        self.setPlainText(text)
        self.move(place.left() - SIDE, place.top() - TOP)
        self.setFixedWidth(place.width() + 2 * SIDE)
        self._grow()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.moveCursor(self.textCursor().MoveOperation.End)

    def finish(self, towards: str = "") -> None:
        """Close and hand the text over."""
        if not self._open:
            return
        self._open = False
        text = self.toPlainText().strip()
        self.hide()
        self.finished.emit(" ".join(text.split()) if self._single_line else text, towards)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Finish on the keys that finish, write with the others."""
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key in _ENTER and not control and self._offer and not self.toPlainText().strip():
            self.setPlainText(self._offer)
            self.finish("next")
        elif key == Qt.Key.Key_Escape or (key in _ENTER and control):
            self.finish("back")
        elif key == Qt.Key.Key_Tab or (key in _ENTER and self._single_line):
            self.finish("next")
        elif key == Qt.Key.Key_Backtab:
            self.finish("previous")
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Finish when the person goes elsewhere in the window."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self.finish()

    def _lines_of_offer(self) -> int:
        if not self._offer or self.toPlainText():
            return 0
        room, wrap = QRect(0, 0, self.width() - 2 * SIDE, 10_000), Qt.TextFlag.TextWordWrap.value
        metrics = self.fontMetrics()
        return metrics.boundingRect(room, wrap, self.placeholderText()).height() // metrics.lineSpacing()

    def _grow(self) -> None:
        lines = max(1, int(self.document().size().height()), self._lines_of_offer())  # in lines, for a plain text
        wanted = max(self._least, lines * self.fontMetrics().lineSpacing()) + 2 * TOP
        parent = self.parentWidget()
        self.setFixedHeight(min(wanted, parent.height()) if parent else wanted)
        if parent and self.geometry().bottom() > parent.height():
            self.move(self.x(), max(0, parent.height() - self.height()))
