"""The slim header: the screen's own title at the left; the sync pill, the person and the lock at the right."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QLabel, QStackedWidget, QToolButton, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.chooser_button import PAD, ChooserButton
from ejournal_desktop.ui.widgets.pill import SyncPill

HEIGHT = 10 * theme.UNIT
MARGIN = 3 * theme.UNIT


class LockButton(QAbstractButton):
    """A small padlock, painted in the colour of the words beside it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Заблокировать"))
        self.setToolTip(self.tr("Заблокировать (Ctrl+L)"))

    def sizeHint(self) -> QSize:
        """Return a square of a field's height."""
        return QSize(theme.FIELD, theme.FIELD)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the padlock and the frame of the focus."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(theme.colour(t.accent if self.hasFocus() else t.rule), 2 if self.hasFocus() else 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        centre = QPointF(self.rect().center()) + QPointF(0.5, 2.5)
        body = QRectF(centre.x() - 5, centre.y() - 3, 10, 8)
        painter.setPen(QPen(theme.colour(t.secondary), 1.6))
        painter.drawArc(QRectF(centre.x() - 3, centre.y() - 9, 6, 11), 0, 180 * 16)
        painter.setBrush(theme.colour(t.secondary))
        painter.drawRoundedRect(body, 1, 1)
        painter.end()


class Header(QFrame):
    """One line over everything."""

    lock_wanted = Signal()
    state_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.left = QStackedWidget(self)
        self.title = QLabel(self)
        self.title.setProperty("look", "title")
        self.left.addWidget(self.title)
        self.pill = SyncPill(self)
        self.pill.clicked.connect(self.state_wanted)
        self.person = QToolButton(self)
        self.person.setProperty("look", "quiet")
        self.person.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.person.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.lock = LockButton(self)
        self.lock.clicked.connect(self.lock_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 0, 2 * theme.UNIT, 0)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.left, 1)
        row.addWidget(self.pill)
        row.addWidget(self.person)
        row.addWidget(self.lock)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground and one hairline under it."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour(t.ground))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.colour(t.line))
        painter.end()

    def show_title(self, title: str, chooser: QWidget | None) -> None:
        """Show a screen's chooser, or its plain title when it has none; on all screens the words begin at one place."""
        row = self.layout()
        assert row is not None
        row.setContentsMargins(MARGIN - _room_before(chooser), 0, 2 * theme.UNIT, 0)
        if chooser is None:
            self.title.setText(title)
            self.left.setCurrentWidget(self.title)
            return
        if self.left.indexOf(chooser) < 0:
            self.left.addWidget(chooser)
        self.left.setCurrentWidget(chooser)

    def forget(self, choosers: Iterable[QWidget]) -> None:
        """Drop the choosers of a closed session; one whose screen nobody went to has no place here yet."""
        for chooser in choosers:
            self.left.removeWidget(chooser)
            chooser.deleteLater()


def _room_before(chooser: QWidget | None) -> int:
    """Return how many logical pixels a chooser has before its words, for the frame of the focus."""
    row = chooser.layout() if chooser is not None else None
    item = row.itemAt(0) if row is not None else None
    first = item.widget() if item is not None else chooser
    return PAD if isinstance(first, ChooserButton) else 0
