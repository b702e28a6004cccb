"""How the rows of КТП look: hairlines, a rule where a section begins, a bar at the row that comes next."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.pill import paint_shape
from ejournal_desktop.ui.widgets.plan_entry import FACT, HOURS, NUMBER, PLANNED, SECTION, TOPIC
from ejournal_desktop.ui.widgets.plan_model import ARROW, PlanModel
from ejournal_desktop.ui.words import tr

Index = QModelIndex | QPersistentModelIndex

ROW = 24
BAR = 3


class PlanPainter(QStyledItemDelegate):
    """Paints a cell of the plan."""

    def __init__(self, lines: PlanModel, table: QTableView) -> None:
        super().__init__(table)
        self._lines = lines
        self._table = table

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Return the height of a line."""
        return QSize(40, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint ground, lines, words and the cursor."""
        t = theme.tokens()
        rect: QRect = option.rect
        line, column = index.row(), index.column()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setClipRect(rect)
        painter.fillRect(rect, theme.colour(t.selection if chosen else t.paper))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.colour(t.line))
        if line and self._lines.opens_section(line):
            painter.fillRect(rect.left(), rect.top(), rect.width(), 1, theme.colour(t.rule))
        if column == NUMBER:
            self._paint_signs(painter, rect, line)
        self._paint_words(painter, rect, line, column)
        if self._table.currentIndex() == index:
            painter.setPen(QPen(theme.colour(t.accent if self._table.hasFocus() else t.rule), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        painter.restore()

    def _paint_signs(self, painter: QPainter, rect: QRect, line: int) -> None:
        """A bar at the row that comes next; a hollow dot at one that waits, a bar below at one that was not taken."""
        t, row = theme.tokens(), self._lines.row(line)
        if row is None:
            return
        if row.row.id == self._lines.next_to_give():
            painter.fillRect(rect.left(), rect.top() + 1, BAR, rect.height() - 2, theme.colour(t.accent))
        if row.delivery == "waiting":
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_shape(painter, QRectF(rect.right() - 7, rect.bottom() - 8, 5, 5), "hollow", t.secondary)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        elif row.delivery == "saving":
            paint_shape(painter, QRectF(rect.right() - 9, rect.bottom() - 8, 7, 5), "dots", t.secondary)
        elif row.delivery not in ("delivered", "entered"):
            hue = t.dispute if row.delivery == "disputed" else t.danger
            painter.fillRect(QRect(rect.left() + 8, rect.bottom() - 3, rect.width() - 16, 2), theme.colour(hue))

    def _paint_words(self, painter: QPainter, rect: QRect, line: int, column: int) -> None:
        text, hue = self._lines.text(line, column), self._hue(line, column)
        if not text and self._lines.row(line) is None and column == TOPIC:
            text = tr("Новая тема: начните печатать")
        if column == PLANNED and self._lines.is_late(line) and ARROW not in text:
            text += " !"
        centre = column in (NUMBER, HOURS)
        bold = column == SECTION and self._lines.opens_section(line)
        painter.setFont(
            theme.font(theme.SMALL if column == NUMBER else theme.BASE, theme.BOLD if bold else theme.REGULAR)
        )
        painter.setPen(theme.colour(getattr(theme.tokens(), hue)))
        inner = rect.adjusted(0 if centre else 2 * theme.UNIT, 0, 0 if centre else -theme.UNIT, 0)
        cut = painter.fontMetrics().elidedText(" ".join(text.split()), Qt.TextElideMode.ElideRight, inner.width())
        side = Qt.AlignmentFlag.AlignHCenter if centre else Qt.AlignmentFlag.AlignLeft
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, cut)

    def _hue(self, line: int, column: int) -> str:
        row = self._lines.row(line)
        if row is None:
            return "ink" if self._lines.draft.get(column) else "secondary"
        if column == FACT and row.state == "left":
            return "warning"
        if column == FACT and row.lessons:  # a link to the lesson
            return "accent"
        if column == PLANNED and self._lines.shifting and row.moves:
            return "accent"
        if column == PLANNED and self._lines.is_late(line):
            return "warning"
        repeats = column == SECTION and not self._lines.opens_section(line)
        return "secondary" if repeats or column == NUMBER or row.state == "given" else "ink"
