"""How a change that waits for another person's decision looks in its list, and a line of its cell's history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPainter, QPen, QPolygonF

from ejournal_desktop.models.pages import CellHistoryRow
from ejournal_desktop.models.queries.requests import RequestRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.cell_history import below
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import ENTRY, count, day_short, moment, tr

LINE, SECOND = 8 * theme.UNIT, 5 * theme.UNIT
LEFT, BOX = 16, 14
TEXT = LEFT + BOX + 10
WHERE_W, VALUE_W = 460, 240

#: Why a change waits, by the code of its rule.
WAITS_BECAUSE = {
    "EJ-228": "период закрыт",
    "EJ-229": "срок правки прошёл",
    "EJ-230": "просьба учителя",
    "EJ-231": "замена",
    "EJ-240": "часы компьютера и сервера расходились",
}


def because(row: RequestRow) -> str:
    """Return why the change waits, in the asker's words where there are some."""
    usual = "просьба учителя" if row.asked else "право или правило изменилось после записи"
    rule = tr(WAITS_BECAUSE.get(row.reason, usual))
    carried = tr("с ней {n} на этом уроке").format(n=count(len(row.carried), ENTRY)) if row.carried else ""
    late = ""
    if row.is_late and row.received_at is not None:
        late = tr("внесено вовремя, доставлено {day}").format(day=day_short(row.received_at))
    return " · ".join(part for part in (rule, carried, row.why, late) if part)


class RequestFace:
    """A box for marking; where; what stands → what is wanted; who asks and when. Why it waits stands below."""

    def __init__(self, clock: Callable[[], datetime], chosen: Callable[[object], bool]) -> None:
        self._clock = clock
        self._chosen = chosen  # says by its id whether a change is marked for one decision

    def height(self, _row: RequestRow) -> int:
        """Return two lines."""
        return LINE + SECOND

    def words(self, row: RequestRow) -> str:
        """Return the row in words."""
        marked = tr("отмечено") if self._chosen(row.change_id) else ""
        parts = (marked, row.where, row.what, self._asked(row), because(row))
        return ", ".join(part for part in parts if part)

    def _asked(self, row: RequestRow) -> str:
        verb = tr("просит") if row.asked else tr("внесено:")
        return f"{verb} {row.requester}, {moment(row.entered_at, self._clock())}"

    def paint(self, painter: QPainter, rect: QRect, row: RequestRow, *, current: bool) -> None:
        """Paint the row."""
        self._paint_box(painter, rect, ticked=self._chosen(row.change_id), current=current)
        brush = Brush(painter, rect)
        where = min(max((rect.width() - TEXT - VALUE_W) // 2, 160), WHERE_W)
        brush.words(TEXT, where - 16, row.where, height=LINE)
        left = TEXT + where
        end = brush.words(left, VALUE_W // 2, row.standing_value or tr("пусто"), "secondary", size=theme.MARK,
                          height=LINE)  # fmt: skip
        end = brush.words(end + 8, 16, "→", "secondary", height=LINE)
        brush.words(end + 8, left + VALUE_W - end - 16, row.wanted_value or tr("пусто"), "ink", size=theme.MARK,
                    bold=True, height=LINE)  # fmt: skip
        right = left + VALUE_W
        brush.words(right, rect.width() - right - LEFT, self._asked(row), "secondary", height=LINE)
        brush.words(TEXT, rect.width() - TEXT - LEFT, because(row), "secondary", size=theme.SMALL + 1,
                    top=LINE - 7, height=SECOND)  # fmt: skip

    def _paint_box(self, painter: QPainter, rect: QRect, *, ticked: bool, current: bool) -> None:
        t = theme.tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(rect.left() + LEFT + 0.5, rect.top() + (LINE - BOX) / 2 + 0.5, BOX - 1, BOX - 1)
        painter.setPen(QPen(theme.colour(t.accent if ticked or current else t.secondary), 1.2))
        painter.setBrush(theme.colour(t.accent if ticked else t.paper))
        painter.drawRoundedRect(box, 3, 3)
        if ticked:
            painter.setPen(QPen(theme.colour(t.on_accent), 2))
            points = (QPointF(3, 6.8), QPointF(5.6, 9.6), QPointF(10.4, 3.6))
            painter.drawPolyline(QPolygonF([box.topLeft() + point for point in points]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def history_line(row: CellHistoryRow, now: datetime) -> str:
    """Return one change of a cell as a line: «21.11 в 10:42 · Иванова М. П.: 4 → 5 · принято, № 812»."""
    change = f"{row.old or tr('пусто')} → {row.new or tr('пусто')}"
    return f"{moment(row.at, now)} · {row.author}: {change} · {below(row)}"
