"""The F1 page: the keys of this screen, made from its actions; lies over the window until Esc or F1."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPalette, QPixmap
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGraphicsDropShadowEffect,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action, key_page
from ejournal_desktop.ui.widgets import hint_line
from ejournal_desktop.ui.widgets.header import HEIGHT

Signs = Sequence[tuple[QPixmap, str]]

WIDTH = 110 * theme.UNIT
MARGIN = 3 * theme.UNIT
UNDER_HEADER = HEIGHT + theme.UNIT
OVER_HINTS = hint_line.HEIGHT + theme.UNIT  # what F1 does is read whole


class KeyPage(QFrame):
    """A floating sheet at the right edge of its window; the focus comes back to where it was."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("keyPage")
        self.setProperty("look", "paper")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Клавиши этого экрана"))
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(24)
        shadow.setOffset(0, 2)
        self.setGraphicsEffect(shadow)
        self._home = parent
        self._before: QWidget | None = None
        self._is_wide = False  # signs stand beside the keys
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._area)
        self.hide()

    def toggle(self, title: str, actions: Sequence[Action], signs: Signs = ()) -> None:
        """Show the keys of these actions, or step back; `signs` are pictures with what they mean."""
        if self.isVisible():
            self.close_page()
            return
        self._before = self.window().focusWidget()
        self._is_wide = bool(signs) and self._home.width() >= 2 * WIDTH + 2 * MARGIN
        self._area.setWidget(self._sheet(title, actions, signs))
        self.place()
        self.show()
        self.raise_()
        self.setFocus()

    def place(self) -> None:
        """Stand at the right edge between the header and the line of hints."""
        around = self._home.rect()
        sheet = self._area.widget()
        wanted = sheet.sizeHint().height() + theme.UNIT if sheet is not None else 0
        height = min(wanted, around.height() - UNDER_HEADER - OVER_HINTS)
        width = min(2 * WIDTH if self._is_wide else WIDTH, around.width() - 2 * MARGIN)
        self.setGeometry(around.width() - width - MARGIN, UNDER_HEADER, width, height)

    def close_page(self) -> None:
        """Go away and give the focus back."""
        self.hide()
        if self._before is not None:
            self._before.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc and F1 step back; arrows and page keys scroll a page that is taller than the window."""
        bar, key = self._area.verticalScrollBar(), event.key()
        steps = {Qt.Key.Key_Down: bar.singleStep(), Qt.Key.Key_Up: -bar.singleStep(),
                 Qt.Key.Key_PageDown: bar.pageStep(), Qt.Key.Key_PageUp: -bar.pageStep()}  # fmt: skip
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_F1):
            self.close_page()
        elif key in steps:
            bar.setValue(bar.value() + steps[Qt.Key(key)])
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, _forward: bool) -> bool:
        """Keep the focus: what lies under the sheet is not seen, so nothing may be typed there."""
        return True

    def _sheet(self, title: str, actions: Sequence[Action], signs: Signs) -> QWidget:
        sheet = QWidget()
        sheet.setObjectName("sheet")
        sheet.setAutoFillBackground(True)
        sheet.setBackgroundRole(QPalette.ColorRole.Base)
        way = QBoxLayout.Direction.LeftToRight if self._is_wide else QBoxLayout.Direction.TopToBottom
        row = QBoxLayout(way, sheet)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(self._keys(title, actions), 1)
        if signs:
            row.addLayout(self._signs(signs), 1)
        return sheet

    def _signs(self, signs: Signs) -> QGridLayout:
        grid = _grid()
        grid.addWidget(_label(self.tr("Знаки в клетке"), "title"), 0, 0, 1, 2)
        for number, (picture, words) in enumerate(signs, 1):
            shown = QLabel()
            shown.setPixmap(picture)
            shown.setAccessibleName(words)
            told = _label(words, "")
            told.setWordWrap(True)
            grid.addWidget(shown, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(told, number, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        return grid

    def _keys(self, title: str, actions: Sequence[Action]) -> QGridLayout:
        grid = _grid()
        grid.addWidget(_label(title, "title"), 0, 0, 1, 2)
        for heading, lines in key_page(actions).items():
            row = grid.rowCount()
            head = _label(heading, "secondary")
            head.setContentsMargins(0, 3 * theme.UNIT, 0, 0)
            grid.addWidget(head, row, 0, 1, 2)
            for number, (keys, text) in enumerate(lines, row + 1):
                grid.addWidget(_label(keys, ""), number, 0, Qt.AlignmentFlag.AlignTop)
                grid.addWidget(_label(text, ""), number, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        return grid


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(4 * theme.UNIT, 3 * theme.UNIT, 4 * theme.UNIT, 4 * theme.UNIT)
    grid.setHorizontalSpacing(4 * theme.UNIT)
    grid.setVerticalSpacing(theme.UNIT)
    grid.setColumnStretch(1, 1)
    return grid


def _label(text: str, look: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("look", look)
    return label
