"""The left page of the journal: one painted area of pupils × lessons with everything by keyboard."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids import spoken
from ejournal_desktop.ui.grids.accessible import announce, give_voice, tell_cell
from ejournal_desktop.ui.grids.block_write import MANY
from ejournal_desktop.ui.grids.entering import Entering
from ejournal_desktop.ui.grids.frame import Frame
from ejournal_desktop.ui.grids.geometry import BAND, HEAD, Geometry
from ejournal_desktop.ui.grids.giving_way import undisturbed
from ejournal_desktop.ui.grids.glow import Glow
from ejournal_desktop.ui.grids.mark_grid import MarkGrid, Place
from ejournal_desktop.ui.grids.tiles import Tiles
from ejournal_desktop.ui.grids.totals import WIDTH as TOTALS_WIDTH
from ejournal_desktop.ui.grids.totals import Totals
from ejournal_desktop.ui.grids.walking import walk
from ejournal_desktop.ui.words import as_tip


class MarkView(QAbstractScrollArea):
    """Paints a `MarkGrid` and enters into it.

    Signals:
        current_changed: column, row of the cell with the focus.
        scrolled: the visible lessons are others now.
        menu_wanted: global point at which the context menu of the current cell should open.
    """

    current_changed = Signal(int, int)
    scrolled = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, grid: MarkGrid, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Журнал: ученики и уроки"))
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._tiles = Tiles()
        self._glow = Glow(self._redraw_rows, self)
        self.entering = Entering(self, self.viewport())
        self._current: Place = (-1, -1)
        self._grid: MarkGrid | None = None
        self._settled = False
        self.totals = Totals(self)
        self.current_changed.connect(self.totals.show_place)
        give_voice(self, self)
        self.show_grid(grid)

    # --- the page ------------------------------------------------------------------------------------------------

    @property
    def grid(self) -> MarkGrid:
        """Return the page that is shown."""
        assert self._grid is not None
        return self._grid

    @property
    def current(self) -> Place:
        """Return (column, row) of the cell with the focus, (-1, -1) on an empty page."""
        return self._current

    def show_grid(self, grid: MarkGrid) -> None:
        """Show another page, at today's lesson."""
        if self._grid is not None:
            self._part_from(self._grid)
        self._grid = grid
        grid.replaced.connect(self._on_replaced)
        grid.cells_changed.connect(self._redraw)
        grid.changed_elsewhere.connect(self._glow.start)
        grid.refused.connect(self._on_refused)
        grid.stepped.connect(self.set_current)
        self.entering.watch(grid)
        grid.edited.connect(self.entering.note.hide)  # accepted, or taken back: what was refused before is past
        self.entering.leave_cell()
        self.totals.show_grid(grid)
        self._glow.stop()
        self._tiles.forget(self.devicePixelRatioF())
        self._lay_out()
        self._current = (self.today_column(), 0) if self._filled() else (-1, -1)
        self._settled = False
        self.ensure_visible()
        self._tell_current()

    def _part_from(self, grid: MarkGrid) -> None:
        grid.replaced.disconnect(self._on_replaced)
        grid.cells_changed.disconnect(self._redraw)
        grid.changed_elsewhere.disconnect(self._glow.start)
        grid.refused.disconnect(self._on_refused)
        grid.stepped.disconnect(self.set_current)
        grid.edited.disconnect(self.entering.note.hide)

    def _filled(self) -> bool:
        return bool(self.grid.columns and self.grid.pupils)

    def today_column(self) -> int:
        """Return the column of the last lesson not after today, the first one before the year begins."""
        today, found = self.grid.spread.today, 0
        for number, column in enumerate(self.grid.columns):
            if column.held_on and column.held_on <= today and column.first_of_lesson:
                found = number
        return found

    def _lay_out(self) -> None:
        self._geometry = Geometry(self.grid.spread)
        self._columns, self._pupils = self.grid.columns, self.grid.pupils
        self._update_bars()
        self.viewport().update()

    def _on_replaced(self) -> None:
        """Keep the focus on the same lesson and pupil although columns may have come or gone."""
        where = self._same_place()
        self._glow.stop()
        self._lay_out()
        if where != self._current:
            self._current = where
            self._tell_current()

    def _same_place(self) -> Place:
        column, row = self._current
        if not self._filled() or column < 0:
            return (0, 0) if self._filled() else (-1, -1)
        old, pupil_id = self._columns[column], self._pupils[row].pupil_id
        rows = [number for number, pupil in enumerate(self.grid.pupils) if pupil.pupil_id == pupil_id]
        same = [number for number, new in enumerate(self.grid.columns) if new.key == old.key]
        lesson = [n for n, new in enumerate(self.grid.columns) if old.lesson_id and new.lesson_id == old.lesson_id]
        column = (same or lesson or [min(column, len(self.grid.columns) - 1)])[0]
        return column, (rows or [min(row, len(self.grid.pupils) - 1)])[0]

    def _on_refused(self, column_key: str, pupil_id: str, sentence: str) -> None:
        place = self.grid.place((column_key, pupil_id))
        if place is not None:
            self.set_current(*place)
            self.entering.tell(sentence, refused=True)
            announce(self, sentence)

    # --- painting ------------------------------------------------------------------------------------------------

    def frame(self) -> Frame:
        """Return what a frame would show now."""
        return Frame(
            self.grid, self._geometry, self._tiles, self.viewport().size(), self._offset(), self._current,
            self.hasFocus() or self._open_at_cell(), self.entering.typing, self._glow.strengths(),
            self._glow.authors(), (self.entering.block, self.entering.pasting),
        )  # fmt: skip

    def _open_at_cell(self) -> bool:
        entering = self.entering
        return any(each.isVisible() for each in (entering.codes, entering.comment, entering.document))

    def _offset(self) -> QPoint:
        return QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is asked for."""
        scale = self.devicePixelRatioF()
        if scale != self._tiles.scale:
            self._tiles.forget(scale)
        with undisturbed():
            painter = QPainter(self.viewport())
            frame = self.frame()
            # After a scroll the region is a narrow stripe and the months; its bounding box would be nearly everything.
            for part in event.region():  # type: ignore[attr-defined]  # the stubs leave out its iterator
                frame.paint(painter, part)
            painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Take new colours."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._tiles.forget(self.devicePixelRatioF())
            self.viewport().update()

    def _redraw(self, places: Iterable[Place]) -> None:
        frame, view = self.frame(), self.viewport()
        columns, rows = frame.visible_columns(frame.body), frame.visible_rows(frame.body)
        in_sight = [place for place in places if place[0] in columns and place[1] in rows]
        if len(in_sight) > MANY:
            view.update()  # a region of hundreds of cells costs more than painting the others with them
            return
        for column, row in in_sight:
            view.update(frame.cell_rect(column, row).adjusted(-2, -2, 2, 2))

    def _redraw_rows(self, places: Iterable[Place]) -> None:
        """Paint again whole rows: the name of who changed a cell stands beside it."""
        for _column, row in places:
            top = self.frame().origin.y() + row * theme.ROW
            self.viewport().update(QRect(0, top - 2, self.viewport().width(), theme.ROW + 4))

    def redraw_current(self) -> None:
        """Paint the current cell again."""
        self._redraw([self._current])

    def current_rect(self) -> QRect:
        """Return where the current cell stands in the viewport."""
        return self.frame().cell_rect(*self._current) if self._current[0] >= 0 else QRect()

    # --- scrolling -----------------------------------------------------------------------------------------------

    def show_totals(self, *, on: bool) -> None:
        """Show or hide each pupil's totals right of the lessons."""
        self.setViewportMargins(0, 0, TOTALS_WIDTH if on else 0, 0)
        self.totals.setVisible(on)
        self._place_totals()
        self.totals.show_place(*self._current)
        self._update_bars()
        self.ensure_visible()

    def _place_totals(self) -> None:
        view = self.viewport().geometry()
        self.totals.setGeometry(view.right() + 1, view.top(), TOTALS_WIDTH, view.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the current cell in sight."""
        super().resizeEvent(event)
        self._place_totals()
        self._update_bars()
        self.ensure_visible()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with today's lesson well in sight."""
        super().showEvent(event)
        self.ensure_visible()

    def _update_bars(self) -> None:
        body = self.frame().body
        for bar, whole, seen, step in (
            (self.horizontalScrollBar(), self._geometry.width, body.width(), theme.CELL),
            (self.verticalScrollBar(), self._geometry.height, body.height(), theme.ROW),
        ):
            bar.setRange(0, max(0, whole - seen))
            bar.setPageStep(seen)
            bar.setSingleStep(step)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move the pixels that stay; only what comes into sight is painted."""
        self.entering.note.hide()
        self.totals.scroll_to(self.verticalScrollBar().value())
        view, frozen = self.viewport(), self._geometry.frozen
        if self.devicePixelRatioF() != int(self.devicePixelRatioF()):
            view.update()  # a step may be a broken number of device pixels
        else:
            if dx:
                view.scroll(dx, 0, QRect(frozen, 0, view.width() - frozen, view.height()))
                view.update(QRect(frozen, 0, view.width() - frozen, BAND))
            if dy:
                view.scroll(0, dy, QRect(0, HEAD, view.width(), view.height() - HEAD))
        self.scrolled.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll rows; where all rows are in sight, or with Shift, lessons."""
        delta = event.angleDelta()
        across = delta.x() or (
            delta.y()
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or not self.verticalScrollBar().maximum()
            else 0
        )
        bar, turned = (self.horizontalScrollBar(), across) if across else (self.verticalScrollBar(), delta.y())
        bar.setValue(bar.value() - turned * 3 * bar.singleStep() // 120)
        event.accept()

    def ensure_visible(self) -> None:
        """Scroll so that the current cell is in sight, with a neighbour on either side where there is room.

        A page just opened shows what led to today: three quarters of the width before it.
        """
        column, row = self._current
        if column < 0 or not self.isVisible():
            return
        cell, body, offset = self._geometry.cell(column, row), self.frame().body, self._offset()
        bar = self.horizontalScrollBar()
        if not self._settled:
            self._settled = True
            left = max(0, cell.right() - body.width() * 3 // 4)
            bar.setValue(self._geometry.xs[self._geometry.column_at(left + theme.CELL - 1)])  # no column is cut
        elif cell.left() - theme.CELL < offset.x():
            bar.setValue(cell.left() - theme.CELL)
        elif cell.right() + theme.CELL > offset.x() + body.width():
            bar.setValue(cell.right() + theme.CELL - body.width())
        if cell.top() < offset.y():
            self.verticalScrollBar().setValue(cell.top())
        elif cell.bottom() > offset.y() + body.height():
            self.verticalScrollBar().setValue(cell.bottom() - body.height() + 1)

    @property
    def geometry_of_page(self) -> Geometry:
        """Return the places of columns and rows."""
        return self._geometry

    def lesson_at(self, fraction: float) -> str:
        """Return the lesson at a fraction of the width in sight, the nearest one before a period column."""
        x = self._offset().x() + fraction * (self.frame().body.width() - 1)
        number = self._geometry.column_at(int(x))
        while number > 0 and not self._columns[number].lesson_id:
            number -= 1
        return self._columns[number].lesson_id if number >= 0 else ""

    def show_at(self, lesson_id: str, fraction: float) -> None:
        """Scroll so that a lesson stands at a fraction of the width in sight."""
        if not any(column.lesson_id == lesson_id for column in self._columns):
            return
        cell = self._geometry.cell(self.grid.first_column(lesson_id), 0)
        self.horizontalScrollBar().setValue(round(cell.left() + fraction * (cell.width() - self.frame().body.width())))

    # --- moving --------------------------------------------------------------------------------------------------

    def set_current(self, column: int, row: int) -> None:
        """Move the focus to a cell and into sight."""
        if not self._filled():
            return
        place = (max(0, min(column, len(self._columns) - 1)), max(0, min(row, len(self._pupils) - 1)))
        if place == self._current:
            self.ensure_visible()
            return
        self.entering.leave_cell()
        before = self._current
        self._current = place
        self._redraw_crosshair(before)
        self._redraw_crosshair(place)
        self.ensure_visible()
        self._tell_current()

    def go_to_lesson(self, lesson_id: str) -> None:
        """Move the focus to a lesson, in the same row."""
        if any(column.lesson_id == lesson_id for column in self._columns):
            self.set_current(self.grid.first_column(lesson_id), self._current[1])

    def _redraw_crosshair(self, place: Place) -> None:
        column, row = place
        if column < 0:
            return
        cell, view = self.frame().cell_rect(column, row), self.viewport()
        view.update(QRect(0, cell.top() - 2, view.width(), cell.height() + 4))
        view.update(QRect(cell.left() - 2, 0, cell.width() + 4, HEAD))

    def _tell_current(self) -> None:
        self.current_changed.emit(*self._current)
        tell_cell(self, self.spoken_cell())

    def spoken_cell(self) -> str:
        """Return the current cell in words, "" on an empty page."""
        return spoken.announcement(self.grid, *self._current) if self._current[0] >= 0 else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, move, or let the screen have the key."""
        if not self._filled() or not (self.entering.read(event) or walk(self, event) or self._step_back(event)):
            event.ignore()

    def _step_back(self, event: QKeyEvent) -> bool:
        plain = not event.modifiers() & Qt.KeyboardModifier.AltModifier
        return plain and event.key() == Qt.Key.Key_Escape and self.entering.step_back()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes along the row and leaves the grid at its end."""
        column, row = self._current
        if self.hasFocus() and self._filled() and 0 <= column + (1 if forward else -1) < len(self._columns):
            self.set_current(column + (1 if forward else -1), row)
            return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.redraw_current()
        tell_cell(self, self.spoken_cell())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that keys go elsewhere."""
        super().focusOutEvent(event)
        self.redraw_current()

    # --- mouse ---------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the focus to the cell under the pointer; on a head or a name keep the other coordinate."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        column, row = self._at(event.position().toPoint())
        if self._filled() and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.entering.extend(column, row)
        elif self._filled():
            self.entering.drop_block()
            self.set_current(self._current[0] if column < 0 else column, self._current[1] if row < 0 else row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose a block by dragging."""
        if event.buttons() & Qt.MouseButton.LeftButton and self._filled():
            self.entering.extend(*self._at(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing more: the press has done it."""
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the cell under the pointer, or of the current one."""
        if event.reason() != QContextMenuEvent.Reason.Mouse and self._filled():
            self.menu_wanted.emit(self.viewport().mapToGlobal(self.current_rect().bottomLeft()))
        else:
            self.menu_wanted.emit(event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        """Show what the place under the pointer means."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._filled():
            column, row = self._at(event.pos())
            QToolTip.showText(event.globalPos(), as_tip(self._hint(column, row)), self.viewport())
            return True
        return super().viewportEvent(event)

    def _hint(self, column: int, row: int) -> str:
        if column >= 0 and row >= 0:
            return spoken.cell_sentence(self.grid, column, row)
        if column >= 0:
            return spoken.column_sentence(self._columns[column])
        return spoken.pupil_sentence(self._pupils[row], self.grid.spread.today) if row >= 0 else ""

    def _at(self, point: QPoint) -> Place:
        """Return (column, row) under a point; -1 for what the point is outside of."""
        frame = self.frame()
        across, down = (point - frame.origin).toTuple()
        column = self._geometry.column_at(across) if point.x() >= self._geometry.frozen else -1
        row = self._geometry.row_at(down) if point.y() >= HEAD else -1
        return (-1 if across >= self._geometry.width else column), (-1 if down >= self._geometry.height else row)
