"""How the sums of Состояние and the entries behind them look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.models.pages import Delivery, StateRow, SyncState
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.pill import Shape, alarm_of
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import grouped, moment, tr

SUM_H = 8 * theme.UNIT
LINE, SECOND = 8 * theme.UNIT, 5 * theme.UNIT
WHERE_W, WHAT_W = 460, 300

#: Every way an entry can stand: name, what that means for the person, shape and token of its mark.
STANDS: dict[Delivery, tuple[str, str, Shape, str]] = {
    "delivered": ("доставлено", "сервер подтвердил подписью", "full", "positive"),
    "saving": ("сохраняется", "диск ещё пишет; не выключайте компьютер", "dots", "secondary"),
    "waiting": ("ждёт отправки", "уйдёт само при первом же обмене", "hollow", "secondary"),
    "pending": ("ждёт разрешения", "вступит в силу, когда подтвердит завуч или директор", "hollow", "warning"),
    "disputed": ("спор", "двое внесли разное; оба значения целы, решите в «Сегодня»", "split", "dispute"),
    "refused": ("отказано", "правило не позволило; исправьте в журнале или уберите из списка", "bar", "danger"),
    "quarantined": ("отложено", "хранится целиком, решает администратор со вторым человеком", "bar", "danger"),
}

STOPPED = "цело на этом компьютере, но само не уйдёт: что делать, сказано выше"


@dataclass(frozen=True)
class Sum:
    """One addend of what is saved here."""

    id: Delivery
    number: int
    stopped: bool = False

    @property
    def meaning(self) -> str:
        """What it means for the person; while the exchange is stopped nothing goes by itself."""
        return tr(STOPPED if self.stopped and self.id == "waiting" else STANDS[self.id][1])


def sums(state: SyncState) -> list[Sum]:
    """Return the addends; those that are always worth a line, and the rest when there are any."""
    told: list[Sum] = []
    for name in STANDS:
        number = _number(state, name)
        if number or name in ("delivered", "waiting"):
            told.append(Sum(name, number, stopped=bool(alarm_of(state))))
    return told


def _number(state: SyncState, name: Delivery) -> int:
    if name == "saving":
        return state.unsaved if state.is_slow or state.disk_refuses else 0
    return int(getattr(state, name))


class SumFace:
    """A mark, a number, its name, what it means."""

    def height(self, _row: Sum) -> int:
        """Return one line."""
        return SUM_H

    def words(self, row: Sum) -> str:
        """Return the line in words."""
        return f"{tr(STANDS[row.id][0])}: {row.number}, {row.meaning}"

    def paint(self, painter: QPainter, rect: QRect, row: Sum, *, current: bool) -> None:
        """Paint the line."""
        name, _meaning, shape, token = STANDS[row.id]
        brush = Brush(painter, rect)
        brush.sign(16, shape, token, height=SUM_H)
        brush.words(36, 56, grouped(row.number), size=theme.MARK, bold=True, right=True)
        brush.words(108, 150, tr(name), bold=current)
        brush.words(258, rect.width() - 270, row.meaning, "secondary")


class StateFace:
    """When, where, what; the reason under it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def height(self, row: StateRow) -> int:
        """Return one line, or two with a reason."""
        return LINE + (SECOND if row.reason else 0)

    def words(self, row: StateRow) -> str:
        """Return the entry in words."""
        parts = (moment(row.at, self._clock()), row.where, row.what, tr(STANDS[row.delivery][0]), row.reason)
        return ", ".join(part for part in parts if part)

    def paint(self, painter: QPainter, rect: QRect, row: StateRow, *, current: bool) -> None:  # noqa: ARG002
        """Paint the entry."""
        _name, _meaning, shape, token = STANDS[row.delivery]
        brush = Brush(painter, rect)
        brush.sign(16, shape, token, height=LINE)
        brush.words(36, 116, moment(row.at, self._clock()), "secondary", height=LINE)
        where = min(max(rect.width() - 156 - WHAT_W - 24, 120), WHERE_W)
        brush.words(156, where, row.where, height=LINE)
        brush.words(164 + where, WHAT_W, row.what, bold=True, height=LINE)
        if row.reason:
            brush.words(156, rect.width() - 172, row.reason, "secondary", size=theme.SMALL + 1,
                        top=LINE - 7, height=SECOND)  # fmt: skip
