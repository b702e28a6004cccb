"""The slim navigation at the left: a word for each place, a bar of the accent beside the one where you are."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme

WIDTH = 26 * theme.UNIT
BAR = 3
LEFT, RIGHT = 3 * theme.UNIT + BAR, theme.UNIT  # of the words


class NavigationButton(QAbstractButton):
    """One place."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Return a full line of the navigation, with room for the word as it is when one is there."""
        word = QFontMetrics(theme.font(theme.BASE, theme.BOLD)).horizontalAdvance(self.text())
        return QSize(max(WIDTH, LEFT + word + 2 * RIGHT), theme.LIST_ROW)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the word; the current place is bold with a bar, so that colour is not alone."""
        t = theme.tokens()
        painter = QPainter(self)
        if self.isChecked() or self.underMouse():
            painter.fillRect(self.rect(), theme.colour(t.selection, 1.0 if self.isChecked() else 0.5))
        if self.isChecked():
            painter.fillRect(QRect(0, 0, BAR, self.height()), theme.colour(t.accent))
        painter.setFont(theme.font(theme.BASE, theme.BOLD if self.isChecked() else theme.REGULAR))
        painter.setPen(theme.colour(t.ink if self.isChecked() else t.secondary))
        words = self.rect().adjusted(LEFT, 0, -RIGHT, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self.hasFocus():
            painter.setPen(QPen(theme.colour(t.accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()


class Navigation(QWidget):
    """The list of places, as wide as its longest word; arrow keys walk it, `chosen` says where the person is going."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(self.tr("Разделы"))
        self._buttons: dict[str, NavigationButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)

    def add(self, place_id: str, text: str, shortcut: str) -> None:
        """Add a place at the end."""
        button = NavigationButton(text, self)
        button.setToolTip(f"{text} ({shortcut})" if shortcut else text)
        button.setAccessibleName(text)
        button.clicked.connect(lambda: self.chosen.emit(place_id))
        self._group.addButton(button)
        self._buttons[place_id] = button
        self._column.insertWidget(self._column.count() - 1, button)
        self.setFixedWidth(max(self.width(), button.sizeHint().width()))

    def show_current(self, place_id: str) -> None:
        """Mark the place where the person is; a place outside the list leaves none marked."""
        button = self._buttons.get(place_id)
        self._group.setExclusive(button is not None)
        for other in self._buttons.values():
            other.setChecked(other is button)

    def clear(self) -> None:
        """Take all places away."""
        for button in self._buttons.values():
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        self._buttons.clear()
        self.setFixedWidth(WIDTH)
