"""The line of Сегодня that says how much waits for this person's decision, and leads there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.models.queries.deciding import Deciding
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import count, day_short, tr

LINE = 9 * theme.UNIT
LEFT, TEXT, KEYS_W = 16, 36, 240
REQUEST = ("заявка", "заявки", "заявок")
DISPUTE = ("спор", "спора", "споров")
PLAN = ("КТП", "КТП", "КТП")
ACT = ("акт об уничтожении", "акта об уничтожении", "актов об уничтожении")


class DecidingFace:
    """A mark, how much of what, since when; the key at the right."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def height(self, _row: Deciding) -> int:
        """Return one line."""
        return LINE

    def words(self, row: Deciding) -> str:
        """Return the line in words."""
        told = ((row.requests, REQUEST), (row.disputes, DISPUTE), (row.plans, PLAN), (row.acts, ACT))
        counted = ", ".join(count(number, forms) for number, forms in told if number)
        return tr("Ждут вашего решения: {counted}").format(counted=counted) + self._since(row)

    def _since(self, row: Deciding) -> str:
        days = (self._clock().date() - row.oldest.date()).days if row.oldest is not None else 0
        if row.oldest is None or days < 1:
            return ""
        return tr(" · со вчерашнего дня") if days == 1 else tr(" · с {day}").format(day=day_short(row.oldest))

    def paint(self, painter: QPainter, rect: QRect, row: Deciding, *, current: bool) -> None:
        """Paint the line."""
        brush, right = Brush(painter, rect), rect.width() - LEFT - KEYS_W
        brush.sign(LEFT, "hollow", "warning", height=LINE)
        brush.words(TEXT, right - TEXT - 16, self.words(row), bold=True, height=LINE)
        brush.words(right, KEYS_W, tr("Ctrl+J  Контроль"), "accent" if current else "secondary", height=LINE,
                    right=True)  # fmt: skip
