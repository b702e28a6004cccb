"""A small form that opens at a place of the page: a title, named fields, one sentence; Enter takes, Esc steps back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.at_cell import place_at
from ejournal_desktop.ui.widgets.layouts import caption
from ejournal_desktop.ui.widgets.say import Line

WIDTH = 95 * theme.UNIT
MARGIN = 3 * theme.UNIT


class CellForm(QFrame):
    """Fields are added by `add`; Enter in any of them comes as `taken`.

    Signals:
        taken: what the fields say is meant. left: the person steps back.
    """

    taken = Signal()
    left = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("cell_form")
        self.setAccessibleName(name)
        self._title = QLabel(self)
        self._title.setFont(theme.font(theme.BASE, theme.BOLD))
        self._title.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(3 * theme.UNIT)
        self._grid.setVerticalSpacing(theme.UNIT)
        self._grid.setColumnStretch(1, 1)
        self.note = Line(self, lines=2)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(MARGIN, MARGIN, MARGIN, 2 * theme.UNIT)
        self._column.setSpacing(2 * theme.UNIT)
        self._column.addWidget(self._title)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.note)
        self.hide()

    def add(self, name: str, field: QWidget) -> None:
        """Add a field under the others, with its name before it."""
        row = self._grid.rowCount()
        self._grid.addWidget(caption(name, field, self), row, 0)
        self._grid.addWidget(field, row, 1)
        if isinstance(field, QLineEdit):
            field.returnPressed.connect(self.taken)

    def open_at(self, title: str, note: str, at: QRect, first: QWidget) -> None:
        """Open at a rectangle of the parent, the focus on one field."""
        t = theme.tokens()
        self.setStyleSheet(
            f"#cell_form {{ background: {t.paper}; border: 1px solid {t.rule}; border-left: 3px solid {t.accent}; }}"
            f"#cell_form QLabel {{ background: {t.paper}; }}"
        )
        self._title.setText(title)
        self.note.say(note)
        parent = self.parentWidget()
        self.setFixedWidth(min(WIDTH, parent.width() - 2 * theme.UNIT) if parent is not None else WIDTH)
        self.setFixedHeight(self._column.totalHeightForWidth(self.width()))
        place_at(self, at)
        self.show()
        self.raise_()
        first.setFocus(Qt.FocusReason.PopupFocusReason)

    def refuse(self, sentence: str) -> None:
        """Say why it was not entered; what was typed stays."""
        self.note.say(sentence, "danger")
        self.setFixedHeight(self._column.totalHeightForWidth(self.width()))

    def leave(self) -> None:
        """Close and give the focus back."""
        self.hide()
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc steps back, Enter on a list takes."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the screen below."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)
