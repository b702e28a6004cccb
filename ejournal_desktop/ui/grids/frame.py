"""One frame of the left page: grounds, lines, pictures of cells, heads and names, the focus."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from PySide6.QtCore import QLine, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.geometry import BAND, HEAD, NUMBER_WIDTH, Geometry
from ejournal_desktop.ui.grids.mark_grid import MarkGrid, Place
from ejournal_desktop.ui.grids.tiles import Face, Tiles, face


class Layer(Protocol):
    """Something painted over the cells: a chosen block, what a paste would do."""

    def paint(self, p: QPainter, frame: Frame, clip: QRect) -> None:
        """Paint what lies inside `clip`."""


@dataclass
class Frame:
    """All that a frame shows besides the page itself."""

    grid: MarkGrid
    geometry: Geometry
    tiles: Tiles
    size: QSize
    scroll: QPoint
    current: Place
    focused: bool
    typing: str = ""  # what stands in the current cell while a stroke waits for its digit
    glow: dict[Place, float] = field(default_factory=dict)  # place → strength between 0 and 1
    authors: dict[Place, str] = field(default_factory=dict)  # who changed the cells that glow
    layers: tuple[Layer, ...] = ()

    @property
    def body(self) -> QRect:
        """Return the part of the view where cells stand."""
        left = self.geometry.frozen
        return QRect(left, HEAD, max(0, self.size.width() - left), max(0, self.size.height() - HEAD))

    @property
    def origin(self) -> QPoint:
        """Return where the first cell's corner stands in the view."""
        return QPoint(self.geometry.frozen - self.scroll.x(), HEAD - self.scroll.y())

    def cell_rect(self, column: int, row: int) -> QRect:
        """Return where a cell stands in the view."""
        return self.geometry.cell(column, row).translated(self.origin)

    def visible_columns(self, clip: QRect) -> range:
        """Return the columns that touch a part of the view."""
        if not self.geometry.columns or clip.isEmpty():
            return range(0)
        left = clip.left() - self.origin.x()
        if left >= self.geometry.width:
            return range(0)
        return range(self.geometry.column_at(left), self.geometry.column_at(clip.right() - self.origin.x()) + 1)

    def visible_rows(self, clip: QRect) -> range:
        """Return the rows that touch a part of the view."""
        top = clip.top() - self.origin.y()
        if not self.geometry.rows or clip.isEmpty() or top >= self.geometry.height:
            return range(0)
        return range(self.geometry.row_at(top), self.geometry.row_at(clip.bottom() - self.origin.y()) + 1)

    def paint(self, p: QPainter, clip: QRect) -> None:
        """Paint what lies inside `clip`."""
        t = theme.tokens()
        p.setClipRect(clip)
        p.fillRect(clip, theme.colour(t.paper))
        body = clip & self.body
        if not body.isEmpty():
            p.setClipRect(body)
            self._grounds(p, body)
            self._lines(p, body)
            self._cells(p, body)
            for layer in self.layers:
                layer.paint(p, self, body)
            self._focus(p)
            self._authors(p)
        self._head(p, clip & QRect(self.geometry.frozen, 0, self.size.width(), HEAD))
        self._names(p, clip & QRect(0, HEAD, self.geometry.frozen, self.size.height()))
        self._corner(p, clip & QRect(0, 0, self.geometry.frozen, HEAD))
        p.setClipRect(clip)
        self._edges(p)

    def _grounds(self, p: QPainter, clip: QRect) -> None:
        t, origin = theme.tokens(), self.origin
        bottom = min(self.body.bottom() + 1, origin.y() + self.geometry.height)
        for number in self.visible_columns(clip):
            column = self.geometry.columns[number]
            tint = t.period if column.kind == "period" else t.today if self._is_today(number) else ""
            if tint:
                left, width = origin.x() + self.geometry.xs[number], self.geometry.widths[number]
                p.fillRect(QRect(left, clip.top(), width, bottom - clip.top()), theme.colour(tint))
        if self.current[1] in self.visible_rows(clip):
            top = origin.y() + self.current[1] * theme.ROW
            width = min(self.geometry.width + origin.x() - clip.left(), clip.width())
            p.fillRect(QRect(clip.left(), top, width, theme.ROW), theme.colour(t.selection, 0.6))
        for place, strength in self.glow.items():
            p.fillRect(self.cell_rect(*place), theme.colour(t.accent, round(0.35 * strength, 2)))

    def _is_today(self, number: int) -> bool:
        return self.geometry.columns[number].held_on == self.grid.spread.today

    def _lines(self, p: QPainter, clip: QRect) -> None:
        t, origin, g = theme.tokens(), self.origin, self.geometry
        right = min(clip.right(), origin.x() + g.width)
        hair = [
            QLine(clip.left(), y, right, y)
            for row in self.visible_rows(clip)
            for y in (origin.y() + (row + 1) * theme.ROW - 1,)
        ]
        bottom = min(clip.bottom(), origin.y() + g.height - 1)
        strong: list[QLine] = []
        columns = self.visible_columns(clip.adjusted(0, 0, 1, 0))  # a column's line stands before its first pixel
        for number in columns:
            line = QLine(origin.x() + g.xs[number] - 1, clip.top(), origin.x() + g.xs[number] - 1, bottom)
            if number and g.rules.get(number):
                (strong if g.rules[number] == "strong" else hair).append(line)
        if columns and columns[-1] == len(g.columns) - 1:
            x = origin.x() + g.width - 1
            strong.append(QLine(x, clip.top(), x, bottom))
        for lines, colour in ((hair, t.line), (strong, t.rule)):
            if lines and bottom >= clip.top():
                p.setPen(_hair_pen(colour))
                p.drawLines(lines)

    def _cells(self, p: QPainter, clip: QRect) -> None:
        g, origin, cells = self.geometry, self.origin, self.grid.cells
        rows = [(row, self.grid.pupils[row]) for row in self.visible_rows(clip)]
        proposals, notes = self.grid.spread.proposals, self.grid.notes
        for number in self.visible_columns(clip):
            column, width, left = g.columns[number], g.widths[number], origin.x() + g.xs[number]
            period, day, name = column.kind == "period", column.held_on, column.key
            for row, pupil in rows:
                key = (name, pupil.pupil_id)
                cell = cells.get(key)
                if cell is not None or key in notes or (period and key in proposals):
                    proposal = proposals.get(key)
                    look = face(
                        cell, width, period=period, proposed=proposal.proposed if proposal else "", refused=key in notes
                    )
                elif day is not None and not pupil.present_in_class(day):
                    look = Face(width, away=True)
                else:
                    continue
                if look is not None:
                    p.drawPixmap(left, origin.y() + row * theme.ROW, self.tiles.cell(look))

    def _focus(self, p: QPainter) -> None:
        column, row = self.current
        if column < 0 or row < 0:
            return
        t = theme.tokens()
        rect = self.cell_rect(column, row)
        if self.typing:
            p.fillRect(rect.adjusted(0, 0, -1, -1), theme.colour(t.paper))
            p.drawPixmap(rect.topLeft(), self.tiles.cell(Face(rect.width(), self.typing)))
        p.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(theme.colour(t.accent if self.focused else t.secondary), 2 if self.focused else 1)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        p.setPen(pen)
        p.drawRect(rect.adjusted(0, 0, -1, -1))

    def _authors(self, p: QPainter) -> None:
        """Names beside the cells that somebody else has changed just now."""
        t = theme.tokens()
        p.setFont(theme.font(theme.SMALL))
        metrics = QFontMetrics(theme.font(theme.SMALL))
        for place, author in self.authors.items():
            cell = self.cell_rect(*place)
            tag = QRect(cell.right() + 2, cell.top() + 2, metrics.horizontalAdvance(author) + 8, theme.ROW - 5)
            if tag.right() > self.size.width():
                tag.moveRight(cell.left() - 3)
            p.fillRect(tag, theme.colour(t.paper))
            p.setPen(theme.colour(t.accent))
            p.drawRect(tag)
            p.drawText(tag, Qt.AlignmentFlag.AlignCenter, author)

    def _head(self, p: QPainter, clip: QRect) -> None:
        if clip.isEmpty():
            return
        t, origin, g = theme.tokens(), self.origin, self.geometry
        p.setClipRect(clip)
        p.fillRect(clip, theme.colour(t.ground))
        for number in self.visible_columns(clip.adjusted(0, 0, 1, 0)):
            column, left = g.columns[number], origin.x() + g.xs[number]
            today, here = self._is_today(number), number == self.current[0]
            if today or here:
                tint = theme.colour(t.selection if here else t.today)
                p.fillRect(QRect(left, BAND, g.widths[number], HEAD - BAND), tint)
            repeated = column.kind == "lesson" and not column.first_of_lesson
            tile = self.tiles.head(column, g.widths[number], today=today, here=here, repeated=repeated)
            p.drawPixmap(left, BAND, tile)
            if number and g.rules.get(number) == "strong":
                p.fillRect(QRect(left - 1, 0, 1, HEAD), theme.colour(t.rule))
        self._months(p)

    def _months(self, p: QPainter) -> None:
        """Month names stay in sight while any day of the month is."""
        t, origin = theme.tokens(), self.origin
        p.setFont(theme.font(theme.SMALL))
        p.setPen(theme.colour(t.secondary))
        metrics = QFontMetrics(theme.font(theme.SMALL))
        for month in self.geometry.months:
            left = max(month.left + origin.x(), self.geometry.frozen) + 2 * theme.UNIT
            room = month.right + origin.x() - left - theme.UNIT
            text = month.name if metrics.horizontalAdvance(month.name) <= room else month.short
            if metrics.horizontalAdvance(text) <= room:
                box = QRect(left, 0, room, BAND)
                p.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _names(self, p: QPainter, clip: QRect) -> None:
        if clip.isEmpty():
            return
        t, g = theme.tokens(), self.geometry
        p.setClipRect(clip)
        lines = []
        for row in self.visible_rows(clip):
            pupil, top = self.grid.pupils[row], self.origin.y() + row * theme.ROW
            here = row == self.current[1]
            if here:
                p.fillRect(QRect(0, top, g.frozen, theme.ROW), theme.colour(t.selection))
            today = self.grid.spread.today
            gone, special = not pupil.present_in_class(today), pupil.is_special(today)
            p.drawPixmap(0, top, self.tiles.name(pupil, g.frozen, here=here, gone=gone, special=special))
            lines.append(QLine(0, top + theme.ROW - 1, g.frozen, top + theme.ROW - 1))
        p.setPen(_hair_pen(t.line))
        p.drawLines(lines)

    def _corner(self, p: QPainter, clip: QRect) -> None:
        if clip.isEmpty():
            return
        t = theme.tokens()
        p.setClipRect(clip)
        p.fillRect(clip, theme.colour(t.ground))
        p.setFont(theme.font(theme.SMALL))
        p.setPen(theme.colour(t.secondary))
        bottom = Qt.AlignmentFlag.AlignBottom
        p.drawText(QRect(0, 0, NUMBER_WIDTH - 6, HEAD - 5), Qt.AlignmentFlag.AlignRight | bottom, "№")
        names = QRect(NUMBER_WIDTH, 0, self.geometry.name_width, HEAD - 5)
        p.drawText(names, Qt.AlignmentFlag.AlignLeft | bottom, "Фамилия Имя")

    def _edges(self, p: QPainter) -> None:
        """The stronger lines under the head and right of the names."""
        rule = theme.colour(theme.tokens().rule)
        p.fillRect(QRect(0, HEAD - 1, self.size.width(), 1), rule)
        bottom = min(self.size.height(), HEAD + self.geometry.height - self.scroll.y())
        p.fillRect(QRect(self.geometry.frozen - 1, 0, 1, bottom), rule)


def _hair_pen(colour: str) -> QPen:
    pen = QPen(theme.colour(colour), 1)
    pen.setCosmetic(True)  # one device pixel at any scale
    return pen
