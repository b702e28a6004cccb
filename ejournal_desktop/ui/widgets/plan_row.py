"""How a lesson plan that waits for approval looks in the list of Контроль."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.models.queries.plans_to_approve import WaitingPlan
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import moment, tr

LINE = 8 * theme.UNIT
LEFT, TEXT = 16, 36
STATE_W = 330
KEYS = "Enter посмотреть и решить"


class PlanFace:
    """A mark, whose plan and by whom, when it was given in; the key at the current one."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def height(self, _row: WaitingPlan) -> int:
        """Return one line."""
        return LINE

    def words(self, row: WaitingPlan) -> str:
        """Return the line in words."""
        return f"{row.page.title}, {row.teacher}, {self._state(row)}, {tr(KEYS)}"

    def _state(self, row: WaitingPlan) -> str:
        word = tr("изменённое сдано снова") if row.state == "resubmitted" else tr("сдано")
        return f"{word} {moment(row.at, self._clock())}" if row.at is not None else word

    def paint(self, painter: QPainter, rect: QRect, row: WaitingPlan, *, current: bool) -> None:
        """Paint the line."""
        brush, right = Brush(painter, rect), rect.width() - LEFT - STATE_W
        brush.sign(LEFT, "hollow", "warning", height=LINE)
        end = brush.words(TEXT, right - TEXT - 16, row.page.title, height=LINE)
        brush.words(end + 12, right - end - 28, row.teacher, "secondary", height=LINE)
        told = tr(KEYS) if current else self._state(row)
        brush.words(right, STATE_W, told, "accent" if current else "secondary", height=LINE, right=True)
