"""A few lines of text that save themselves, as they stand on Урок."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.files_panel import is_attachable, paths_in

SAVE_AFTER_MS = 1200  # a pause in typing; leaving the field saves at once


class TextField(QPlainTextEdit):
    """A few lines of text that save themselves: after a pause, on leaving, on the lock.

    What the file says is shown unless the person is in the middle of typing something else here.
    """

    entered = Signal(str)
    went_on = Signal()
    given = Signal(object)  # a QMimeData that is no text: files, or a picture

    def __init__(self, name: str, lines: int, parent: QWidget, *, enter_goes_on: bool) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self._enter_goes_on = enter_goes_on
        self._saved = ""
        self._before = ""
        self._offer = ""
        self._pause = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        self._pause.timeout.connect(self.save)
        self.textChanged.connect(self._typed)
        least, most = (n * self.fontMetrics().lineSpacing() + 4 * theme.UNIT for n in (min(lines, 2), lines))
        self.setMinimumHeight(least)  # on a low screen the files need the room
        self.setMaximumHeight(most)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def unsaved(self) -> bool:
        """Say whether something typed here is not in the file yet."""
        return self.toPlainText() != self._saved

    def show_text(self, text: str, *, force: bool = False) -> None:
        """Show what the file says."""
        if self.unsaved and not force:
            return
        self._saved = text
        if self.toPlainText() != text:
            self.setPlainText(text)
        self._pause.stop()

    def offer(self, text: str, told: str) -> None:
        """Show in the empty field what Enter would write there; "" offers nothing."""
        self._offer = text
        self.setPlaceholderText(told if text else "")

    def take_offer(self) -> bool:
        """Write what is offered, where nothing is written yet; return whether it was."""
        if not self._offer or self.isReadOnly() or self.toPlainText().strip():
            return False
        self.setPlainText(self._offer)
        self.moveCursor(QTextCursor.MoveOperation.End)
        return True

    def save(self) -> None:
        """Hand over what was typed, if anything was."""
        self._pause.stop()
        if self.unsaved and not self.isReadOnly():
            text = self.toPlainText()
            self._before, self._saved = self._saved, text
            self.entered.emit(text)

    def refused(self) -> None:
        """Learn that the file did not take the text: it stays here, unsaved, for the person to mend."""
        self._saved = self._before

    def _typed(self) -> None:
        if self.unsaved:
            self._pause.start()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Take files and pictures too: they go to the files of the lesson."""
        return _is_no_text(source) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Enter a text; hand over what is none."""
        if _is_no_text(source):
            self.given.emit(source)
        else:
            super().insertFromMimeData(source)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Save on leaving."""
        super().focusOutEvent(event)
        self.save()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a one-line field goes on to the next; Esc saves and steps back."""
        plain = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if self._enter_goes_on and plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take_offer()
            self.save()
            self.went_on.emit()
        elif plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.take_offer():
            self.save()
        elif event.key() == Qt.Key.Key_Escape:
            self.save()
            event.ignore()
        else:
            super().keyPressEvent(event)


def _is_no_text(mime: QMimeData) -> bool:
    """Say whether it is for the files: words copied from an office program bring a picture of themselves along."""
    return bool(paths_in(mime)) or (is_attachable(mime) and not mime.hasText())
