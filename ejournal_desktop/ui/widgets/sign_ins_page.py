"""«Мои входы» in Состояние: where and when this person's journal was opened, and what to do where it was another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.audit_log import EventRow, event_log
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.layouts import set_in
from ejournal_desktop.ui.widgets.pill import DOT, paint_shape
from ejournal_desktop.ui.widgets.row_list import Brush, RowList
from ejournal_desktop.ui.words import moment, tr

LINE = 8 * theme.UNIT
LEFT, TEXT = 16, 36
WHEN_W, WHAT_W = 140, 330
#: So far back the page shows: a term and its holidays; the rest is in the log that the administrator keeps.
DAYS = 120


class SignInFace:
    """When, what, where; a mark at what failed, and words in ink for what was at another workplace than this."""

    def __init__(self, clock: Callable[[], datetime], own_desk: Callable[[], str]) -> None:
        self._clock, self._own_desk = clock, own_desk

    def height(self, _row: EventRow) -> int:
        """Return one line."""
        return LINE

    def words(self, row: EventRow) -> str:
        """Return the line in words."""
        return ", ".join(part for part in (moment(row.at, self._clock()), row.what, self._where(row)) if part)

    def _is_here(self, row: EventRow) -> bool:
        return row.desk == self._own_desk()

    def _where(self, row: EventRow) -> str:
        return ", ".join(filter(None, (tr("здесь") if self._is_here(row) else "", row.place)))

    def paint(self, painter: QPainter, rect: QRect, row: EventRow, *, current: bool) -> None:  # noqa: ARG002
        """Paint the line."""
        if row.refused:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            dot = QRectF(rect.left() + LEFT, rect.top() + (LINE - DOT) / 2, DOT, DOT)
            paint_shape(painter, dot, "hollow", theme.tokens().warning)
        brush = Brush(painter, rect)
        brush.words(TEXT, WHEN_W, moment(row.at, self._clock()), "secondary", height=LINE)
        brush.words(TEXT + WHEN_W, WHAT_W, row.what, bold=row.refused, height=LINE)
        left = TEXT + WHEN_W + WHAT_W + LEFT
        hue = "secondary" if self._is_here(row) else "ink"
        brush.words(left, rect.width() - left - LEFT, self._where(row), hue, height=LINE)


class SignInsPage(QFrame):
    """The list and the advice above it; Esc leads back."""

    left = Signal()

    def __init__(self, journal: Journal, clock: Callable[[], datetime], parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "paper")
        self.setAccessibleName(tr("Входы"))
        self._journal, self._clock = journal, clock
        title = QLabel(tr("Мои входы и рабочие места"), self)
        title.setProperty("look", "title")
        self.advice = QLabel(self)
        self.advice.setProperty("look", "secondary")
        self.advice.setWordWrap(True)
        self.advice.setText(tr(
            "Это были не вы? Вернитесь (Esc), смените пароль (Ctrl+Shift+P) и сразу скажите администратору: он отзовёт "
            "то рабочее место. О новом рабочем месте «Сегодня» спрашивает само: ответьте «это не я»."
        ))  # fmt: skip
        self.rows = RowList(SignInFace(clock, lambda: journal.identity.desk_id), tr("Входы"), self, fit=False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 3 * theme.UNIT, 0, 0)
        column.setSpacing(0)
        column.addLayout(set_in(title, 0, theme.UNIT))
        column.addLayout(set_in(self.advice, 0, 3 * theme.UNIT))
        column.addWidget(self.rows, 1)

    def enter(self) -> None:
        """Read and put the focus into the list."""
        self.refresh()
        self.rows.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Read again."""
        since = self._clock().date() - timedelta(days=DAYS)
        log = event_log(self._journal, since, self._journal.identity.person_id)
        self.rows.show_rows([row for row in log.rows if row.matter in ("sign_in", "workplaces")])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leads back."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
