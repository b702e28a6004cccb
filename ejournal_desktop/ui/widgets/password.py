"""A password field that notices Caps Lock and the wrong keyboard layout before the password is refused."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ejournal_desktop.ui.words import tr


class PasswordField(QLineEdit):
    """Qt tells nothing of Caps Lock, so it is read off the letters as they are typed.

    `hint_changed` brings the sentence to show beside the field, "" for none.
    """

    hint_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData)
        self._caps = False
        self._hint = ""
        self.textChanged.connect(self._look)

    @property
    def hint(self) -> str:
        """Return the sentence that stands beside the field now."""
        return self._hint

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read Caps Lock off a letter, then type it."""
        letter = event.text()
        if len(letter) == 1 and letter.isalpha() and letter.upper() != letter.lower():
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._caps = letter.isupper() != shifted
        elif event.key() == Qt.Key.Key_CapsLock:
            self._caps = False  # whatever it was, it is the other now; the next letter tells
        super().keyPressEvent(event)
        self._look()

    def refused(self) -> str:
        """Say what to look at after a wrong password, and select it for typing anew."""
        self.selectAll()
        now = f" ({tr('сейчас')} {self.layout_name()})" if self.layout_name() else ""
        return tr("Проверьте раскладку{now} и Caps\u00a0Lock.").format(now=now)

    def layout_name(self) -> str:
        """Return which letters the password has: «русские буквы», «английские буквы», or "" when it has none."""
        scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in self.text() if letter.isalpha()}
        if scripts == {"CYRILLIC"}:
            return tr("русские буквы")
        if scripts == {"LATIN"}:
            return tr("английские буквы")
        return tr("русские и английские буквы вместе") if len(scripts) > 1 else ""

    def _look(self) -> None:
        parts = []
        if self.text() and self._caps:
            parts.append(tr("Включён Caps\u00a0Lock"))
        if self.layout_name():
            parts.append(tr("Печатаются {letters}").format(letters=self.layout_name()))
        hint = ". ".join(parts)
        if hint != self._hint:
            self._hint = hint
            self.hint_changed.emit(hint)
