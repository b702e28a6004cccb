"""The strip under the header: one sentence about trouble around the program and one thing to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action


class Banner(QFrame):
    """Shows the latest trouble; hidden while there is none. It never takes the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "strip")
        self.code = ""
        self._action: Action | None = None
        self._mark = QLabel("!", self)
        self._mark.setFont(theme.font(theme.TITLE, theme.BOLD))
        self._mark.setProperty("look", "warning")
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._do = QPushButton(self)
        self._do.clicked.connect(self._run)
        self._hide = QPushButton(self.tr("Скрыть"), self)
        self._hide.setProperty("look", "quiet")
        self._hide.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * theme.UNIT, theme.UNIT, 2 * theme.UNIT, theme.UNIT)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self._mark)
        row.addWidget(self._text, 1)
        row.addWidget(self._do)
        row.addWidget(self._hide)
        self.hide()

    def say(self, code: str, text: str, action: Action | None = None) -> None:
        """Show a sentence with at most one action; it replaces what stood there."""
        self.code = code
        self._action = action
        self._text.setText(text)
        self.setAccessibleName(text)
        self._text.setToolTip(code)
        self._do.setVisible(action is not None)
        if action is not None:
            self._do.setText(action.text)
        self.show()

    def clear(self, code: str = "") -> None:
        """Take the sentence away; with a code only when it is the one shown."""
        if not code or code == self.code:
            self._action = None
            self.code = ""
            self.hide()

    @property
    def text(self) -> str:
        """Return the sentence shown, "" when there is none."""
        return "" if self.isHidden() else self._text.text()

    def _run(self) -> None:
        action = self._action
        self.clear()
        if action is not None:
            action.run()
