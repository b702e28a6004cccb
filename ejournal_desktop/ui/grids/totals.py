"""Totals of each pupil at the right edge of the page: marks, their averages, lessons missed in the period shown."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct
from PySide6.QtCore import QEvent, QLine, QRect, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from ejournal_core import marks
from ejournal_core.marks import WeighedMark
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.geometry import BAND, HEAD
from ejournal_desktop.ui.grids.mark_grid import MarkGrid, Place
from ejournal_desktop.ui.words import as_tip, tr

#: Heads, their meaning, and their widths.
COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("отм.", "отметок", 34), ("ср.", "средний балл", 40), ("взв.", "средневзвешенный балл", 40),
    ("проп.", "пропущено уроков", 40),
)  # fmt: skip
WIDTH = sum(width for *_, width in COLUMNS)
ORDINARY = ("quarter", "half_year", "trimester")


class PupilTotals(Struct, frozen=True):
    """What one pupil has in a period; averages are None without marks in numbers."""

    count: int
    average: Decimal | None
    weighted: Decimal | None
    missed: int


def totals_of(grid: MarkGrid, row: int, period_number: int) -> PupilTotals:
    """Return the totals of a pupil over the lessons of a period; a double mark is two marks."""
    pupil_id = grid.pupils[row].pupil_id
    given: list[WeighedMark] = []
    missed = 0
    for column in grid.columns:
        if column.kind != "lesson" or column.period_number != period_number:
            continue
        cell = grid.cells.get((column.key, pupil_id))
        if cell is None:
            continue
        if cell.value:
            given.append(WeighedMark(cell.value, column.weight))
        missed += cell.missed
    plain = marks.average(mark.value for mark in given)
    return PupilTotals(marks.count_of(given), plain, marks.weighted_average(given), missed)


class Totals(QWidget):
    """Paints beside the grid, row by row as it is scrolled; figures are reckoned when a row is first seen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Итоги по ученикам"))
        self._grid: MarkGrid | None = None
        self._period = 0
        self._title = ""
        self._row = -1
        self._scrolled = 0
        self._known: dict[int, PupilTotals] = {}
        self.hide()

    def show_grid(self, grid: MarkGrid) -> None:
        """Show another page."""
        if self._grid is not None:
            self._grid.replaced.disconnect(self._forget)
            self._grid.cells_changed.disconnect(self._forget_rows)
        self._grid = grid
        grid.replaced.connect(self._forget)
        grid.cells_changed.connect(self._forget_rows)
        self._forget()

    def show_place(self, column: int, row: int) -> None:
        """Show the period of a column, with the row where the person is."""
        if self._grid is None or not 0 <= column < len(self._grid.columns):
            return
        at = self._grid.columns[column]
        ordinary = at.kind == "lesson" or at.period_kind in ORDINARY
        number = at.period_number if ordinary else self._period
        if number != self._period:
            self._period = number
            self._known.clear()
        same = (each for each in self._grid.columns if each.period_kind in ORDINARY and each.period_number == number)
        self._title, self._row = next((each.period_title for each in same), ""), row
        if self.isVisible() and 0 <= row < len(self._grid.pupils):
            self.setAccessibleDescription(self.spoken(row))
        self.update()

    def scroll_to(self, offset: int) -> None:
        """Follow the rows of the grid."""
        self._scrolled = offset
        self.update()

    def spoken(self, row: int) -> str:
        """Return a pupil's totals in words."""
        assert self._grid is not None
        known = self._of(row)
        told = [f"{meaning} {text}" for (_, meaning, _), text in zip(COLUMNS, texts(known), strict=True) if text]
        return f"{self._grid.pupils[row].name}, {self._title}: {', '.join(told)}"

    def _of(self, row: int) -> PupilTotals:
        assert self._grid is not None
        if row not in self._known:
            self._known[row] = totals_of(self._grid, row, self._period)
        return self._known[row]

    def _forget(self) -> None:
        self._known.clear()
        self.update()

    def _forget_rows(self, places: Iterable[Place]) -> None:
        for _column, row in places:
            self._known.pop(row, None)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say in words what stands under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._grid is not None:
            row = (event.pos().y() - HEAD + self._scrolled) // theme.ROW
            if event.pos().y() >= HEAD and 0 <= row < len(self._grid.pupils):
                QToolTip.showText(event.globalPos(), as_tip(self.spoken(row)), self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint heads and the rows in sight."""
        p = QPainter(self)
        t = theme.tokens()
        p.fillRect(event.rect(), theme.colour(t.paper))
        if self._grid is not None:
            self._paint_rows(p, self._grid)
        self._paint_head(p)
        rows = len(self._grid.pupils) * theme.ROW - self._scrolled if self._grid is not None else 0
        p.fillRect(QRect(0, 0, 1, min(self.height(), HEAD + rows)), theme.colour(t.rule))
        p.end()

    def _paint_head(self, p: QPainter) -> None:
        t = theme.tokens()
        p.fillRect(QRect(0, 0, self.width(), HEAD), theme.colour(t.ground))
        p.fillRect(QRect(0, HEAD - 1, self.width(), 1), theme.colour(t.rule))
        p.setFont(theme.font(theme.SMALL))
        p.setPen(theme.colour(t.secondary))
        left = 2 * theme.UNIT
        p.drawText(QRect(left, 0, WIDTH, BAND), Qt.AlignmentFlag.AlignVCenter, self._title)
        left = 0
        for head, _, width in COLUMNS:
            box = QRect(left, 0, width - 4, HEAD - 5)
            p.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, head)
            left += width

    def _paint_rows(self, p: QPainter, grid: MarkGrid) -> None:
        t = theme.tokens()
        first, last = self._scrolled // theme.ROW, (self._scrolled + self.height() - HEAD) // theme.ROW
        lines = []
        p.setFont(theme.font(theme.BASE))
        for row in range(first, min(last + 1, len(grid.pupils))):
            top = HEAD + row * theme.ROW - self._scrolled
            if row == self._row:
                p.fillRect(QRect(0, top, self.width(), theme.ROW), theme.colour(t.selection))
            lines.append(QLine(0, top + theme.ROW - 1, self.width(), top + theme.ROW - 1))
            left = 0
            for text, (_, _, width) in zip(texts(self._of(row)), COLUMNS, strict=True):
                p.setPen(theme.colour(t.ink if left else t.secondary))
                box = QRect(left, top, width - 4, theme.ROW)
                p.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
                left += width
        p.setPen(theme.colour(t.line))
        p.drawLines(lines)


def texts(known: PupilTotals) -> tuple[str, str, str, str]:
    """Return the figures as they stand in the columns, "" for none."""
    return _number(known.count), _average(known.average), _average(known.weighted), _number(known.missed)


def _number(value: int) -> str:
    return str(value) if value else ""


def _average(value: Decimal | None) -> str:
    return str(marks.rounded(value)).replace(".", ",") if value is not None else ""
