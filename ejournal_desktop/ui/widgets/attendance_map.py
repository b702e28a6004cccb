"""The year of a class as a map: pupils × weeks, darker where more lessons were missed, the number in each cell.

Every cell is a link to its week: arrows walk the map, Enter or a click opens the week at that pupil.
"""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from ejournal_core.russian import MONTHS
from ejournal_desktop.models.queries.class_weeks import ClassWeeks, WeekCount
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.attendance_paper import total_told
from ejournal_desktop.ui.pupil_names import cut_name
from ejournal_desktop.ui.words import count, day_short, tr

ROW, HEAD, PAD = 19, 40, 3 * theme.UNIT
NAMES, TOTAL = 176, 92
NARROWEST, WIDEST = 15, 44
MISSED_OF = ("урока", "уроков", "уроков")
#: From which missed share on a cell has which strength of the accent; the number stands in every one that is not 0.
STEPS = ((0.5, 0.9), (0.25, 0.5), (0.1, 0.3), (0.0, 0.15))


class AttendanceMap(QWidget):
    """Paints `ClassWeeks`. `opened` brings the Monday and the pupil's id ("" for the whole class)."""

    opened = Signal(object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.weeks: ClassWeeks | None = None
        self._row = self._column = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def show_weeks(self, weeks: ClassWeeks) -> None:
        """Show a class; the cursor stays, or begins in the last week."""
        fresh = self.weeks is None or self.weeks.class_group_id != weeks.class_group_id
        self.weeks = weeks
        if fresh:
            self._row, self._column = 0, max(len(weeks.weeks) - 1, 0)
        self._row = min(self._row, len(weeks.pupils))
        self._column = min(self._column, max(len(weeks.weeks) - 1, 0))
        self.setMinimumSize(self.minimumSizeHint())
        self._speak()
        self.updateGeometry()
        self.update()

    # --- where what is -----------------------------------------------------------------------------------------------

    @property
    def rows(self) -> int:
        """Return the number of rows: the pupils, and the whole class below them."""
        return len(self.weeks.pupils) + 1 if self.weeks is not None else 0

    @property
    def columns(self) -> int:
        """Return the number of weeks."""
        return len(self.weeks.weeks) if self.weeks is not None else 0

    def minimumSizeHint(self) -> QSize:
        """Return the room for every cell at its narrowest."""
        return QSize(NAMES + self.columns * NARROWEST + TOTAL + PAD, HEAD + self.rows * ROW + 2 * PAD)

    def sizeHint(self) -> QSize:
        """Return the same height; the width is what there is."""
        return self.minimumSizeHint()

    def cell_rect(self, row: int, column: int) -> QRect:
        """Return where a cell is painted; the row of the class stands a little apart."""
        width = self._cell_width()
        apart = theme.UNIT if row == self.rows - 1 else 0
        return QRect(NAMES + column * width, HEAD + row * ROW + apart, width, ROW)

    def _cell_width(self) -> int:
        room = (self.width() - NAMES - TOTAL - PAD) // max(self.columns, 1)
        return max(NARROWEST, min(room, WIDEST))

    def at(self, row: int, column: int) -> WeekCount:
        """Return what a cell counts."""
        assert self.weeks is not None
        monday = self.weeks.weeks[column]
        return self.weeks.of_week(monday) if row == self.rows - 1 else self.weeks.cell(
            self.weeks.pupils[row].pupil_id, monday)  # fmt: skip

    @property
    def place(self) -> tuple[int, int]:
        """Return (row, column) of the cursor."""
        return self._row, self._column

    # --- keys and mouse ----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk and open."""
        key = Qt.Key(event.key())
        down = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(key, 0)
        along = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(key, 0)
        if (down or along) and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.go_to(self._row + down, self._column + along)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.go_to(self._row, 0 if key == Qt.Key.Key_Home else self.columns - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def go_to(self, row: int, column: int) -> None:
        """Put the cursor on a cell, as near as there is one."""
        self._row = max(0, min(row, self.rows - 1))
        self._column = max(0, min(column, self.columns - 1))
        self._speak()
        self.update()
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        page = self.parentWidget()
        area = page.parentWidget() if page is not None else None
        if isinstance(area, QScrollArea):
            centre = self.cell_rect(self._row, self._column).center()
            area.ensureVisible(centre.x(), centre.y(), NARROWEST, 2 * ROW)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the cell under the pointer."""
        found = self._under(event)
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.go_to(*found)
            self._open()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell of the cell under the pointer."""
        found = self._under(event)
        self.setToolTip(self.spoken(*found) if found is not None else "")

    def _under(self, event: QMouseEvent) -> tuple[int, int] | None:
        at = event.position().toPoint()
        return next(((row, column) for row in range(self.rows) for column in range(self.columns)
                     if self.cell_rect(row, column).contains(at)), None)  # fmt: skip

    def _open(self) -> None:
        if self.weeks is not None and self.columns and self.rows > 1:
            pupils = self.weeks.pupils
            pupil_id = pupils[self._row].pupil_id if self._row < len(pupils) else ""
            self.opened.emit(self.weeks.weeks[self._column], pupil_id)

    # --- words -------------------------------------------------------------------------------------------------------

    def spoken(self, row: int, column: int) -> str:
        """Return a cell in words: «Котов Илья, неделя с 16.11: пропущено 6 из 30 уроков, без причины 2»."""
        assert self.weeks is not None
        cell = self.at(row, column)
        name = self.weeks.pupils[row].name if row < len(self.weeks.pupils) else self.weeks.title
        week = tr("неделя с {day}").format(day=day_short(self.weeks.weeks[column]))
        if not cell.lessons:
            return tr("{name}, {week}: уроков не записано").format(name=name, week=week)
        words = tr("пропущено {n} из {all}").format(n=cell.missed, all=count(cell.lessons, MISSED_OF))
        more = [tr("без причины {n}").format(n=cell.unexplained) if cell.unexplained else "",
                tr("опозданий {n}").format(n=cell.late) if cell.late else ""]  # fmt: skip
        return f"{name}, {week}: " + ", ".join(part for part in (words, *more) if part)

    def _speak(self) -> None:
        title = tr("Карта посещаемости по неделям")
        here = self.spoken(self._row, self._column) if self.rows > 1 and self.columns else ""
        self.setAccessibleName(f"{title}. {here}" if here else title)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the cursor is."""
        super().focusInEvent(event)
        self.update()

    # --- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the map."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour(theme.tokens().paper))
        if self.weeks is not None and self.columns:
            self._paint_heads(painter, self.weeks.weeks)
            for row in range(self.rows):
                self._paint_row(painter, row)
            self._paint_cursor(painter)
        painter.end()

    def _paint_heads(self, painter: QPainter, weeks: tuple[date, ...]) -> None:
        t = theme.tokens()
        painter.setFont(theme.font(theme.SMALL))
        month, edge = 0, 0
        for column, monday in enumerate(weeks):
            rect = self.cell_rect(0, column)
            friday = monday + timedelta(days=4)
            if friday.month != month:
                month = friday.month
                if rect.left() >= edge:
                    painter.setPen(theme.colour(t.ink))
                    name = MONTHS[month - 1].lower()
                    painter.drawText(rect.left() + 2, 16, name)
                    edge = rect.left() + painter.fontMetrics().horizontalAdvance(name) + theme.UNIT
                painter.fillRect(rect.left(), 20, 1, HEAD - 20 + len(self.weeks.pupils if self.weeks else ()) * ROW,
                                 theme.colour(t.rule))  # fmt: skip
            painter.setPen(theme.colour(t.secondary))
            painter.drawText(QRect(rect.left(), 20, rect.width(), 18), Qt.AlignmentFlag.AlignCenter, str(monday.day))
        right = self.cell_rect(0, len(weeks) - 1).right()
        painter.drawText(QRect(right, 20, TOTAL, 18), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                         tr("всего, %"))  # fmt: skip

    def _paint_row(self, painter: QPainter, row: int) -> None:
        assert self.weeks is not None
        t, whole = theme.tokens(), row == self.rows - 1
        here = self.cell_rect(row, 0)
        right = self.cell_rect(row, self.columns - 1).right()
        if row == self._row and self.hasFocus():
            painter.fillRect(0, here.top(), right + TOTAL, ROW, theme.colour(t.selection))
        painter.fillRect(PAD, here.bottom(), right + TOTAL - PAD, 1, theme.colour(t.line))
        painter.setFont(theme.font(theme.BASE - 1, theme.BOLD if whole else theme.REGULAR))
        painter.setPen(theme.colour(t.ink))
        name = tr("Весь класс") if whole else self.weeks.pupils[row].name
        cut = cut_name(painter.fontMetrics(), name, NAMES - PAD - 8)
        painter.drawText(QRect(PAD, here.top(), NAMES - PAD, ROW), Qt.AlignmentFlag.AlignVCenter, cut)
        for column in range(self.columns):
            self._paint_cell(painter, self.cell_rect(row, column), self.at(row, column))
        everything = self._total(row)
        painter.setFont(theme.font(theme.SMALL + 1))
        painter.setPen(theme.colour(t.secondary))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(right, here.top(), TOTAL, ROW), side, total_told(everything))

    def _total(self, row: int) -> WeekCount:
        assert self.weeks is not None
        if row < len(self.weeks.pupils):
            return self.weeks.of_pupil(self.weeks.pupils[row].pupil_id)
        return sum((self.weeks.of_week(week) for week in self.weeks.weeks), WeekCount())

    def _paint_cell(self, painter: QPainter, rect: QRect, cell: WeekCount) -> None:
        t = theme.tokens()
        inner = rect.adjusted(1, 1, -1, -2)
        if not cell.lessons:
            return
        if not cell.missed:
            painter.fillRect(QRect(inner.center().x(), inner.center().y(), 2, 2), theme.colour(t.rule))
            return
        strength = next(each for least, each in STEPS if cell.share > least or least == 0.0)
        painter.fillRect(inner, theme.colour(t.accent, strength))
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(theme.colour(t.on_accent if strength > 0.8 else t.ink))
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, str(cell.missed))
        if cell.unexplained:
            painter.fillRect(inner.left(), inner.bottom() - 1, inner.width(), 2, theme.colour(t.danger))

    def _paint_cursor(self, painter: QPainter) -> None:
        t = theme.tokens()
        painter.setPen(QPen(theme.colour(t.accent if self.hasFocus() else t.rule), 2))
        painter.drawRect(self.cell_rect(self._row, self._column).adjusted(0, 0, -1, -1))
