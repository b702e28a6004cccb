"""A pasted block before it is entered: each cell shows what it would hold, Enter takes the good ones, Esc none.

The same is shown when Delete meets cells of a block that may not be cleared. Nothing is written until Enter, and then
all of it in one step that one Ctrl+Z takes back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, Protocol

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen

from ejournal_desktop.exchange.clipboard import Table
from ejournal_desktop.models.queries.pasting import Planned, Verdict, Wish, taken
from ejournal_desktop.models.queries.placing import Namesakes, Placed, place_table
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.block_write import MANY
from ejournal_desktop.ui.grids.frame import Frame
from ejournal_desktop.ui.grids.long_write import LongWrite
from ejournal_desktop.ui.grids.mark_grid import Key, MarkGrid, Place
from ejournal_desktop.ui.grids.tiles import Face, Tiles
from ejournal_desktop.ui.words import count, tr

CELLS = ("клетки", "клеток", "клеток")  # «из 21 клетки»
MOST_ANSWERS = 9  # pupils to choose from by a digit


class Sheet(Protocol):
    """The side of the view that a preview needs."""

    @property
    def grid(self) -> MarkGrid: ...
    @property
    def current(self) -> Place: ...


class Pasting(QObject):
    """The plan that is being looked at, if any.

    Signals:
        changed: it opened, became another one, or closed.
        told: how far very many cells are: looked at, or entered.
        finished: how many cells were entered.
    """

    changed = Signal()
    told = Signal(str)
    finished = Signal(int)

    def __init__(self, sheet: Sheet, parent: QObject) -> None:
        super().__init__(parent)
        self._sheet = sheet
        self._source: Table | None = None
        self._wishes: tuple[tuple[Key, str], ...] = ()
        self._at: Key = ("", "")
        self._answers: dict[int, int | None] = {}
        self.plan: dict[Place, Planned] = {}
        self.placed = Placed(())
        self.is_open = False
        self._takes = False  # as soon as all of it may be entered
        self._is_taken = False  # it is being entered: what changes on the page is this very block
        self.looking = LongWrite(self)  # at very many cells
        self.looking.moved.connect(self._tell_looking)
        self.entered: tuple[Place, ...] = ()  # the cells that were entered last

    @property
    def is_on_its_way(self) -> bool:
        """Say whether very many cells are being looked at or entered."""
        return self.looking.is_on or self._sheet.grid.writing.is_on

    @property
    def cut(self) -> bool:
        """Say whether the clipboard held more than any page takes."""
        return self._source is not None and self._source.cut

    @property
    def asked(self) -> Namesakes | None:
        """Return the line of which it has to be said who is meant, None when all is plain."""
        return next(iter(self.placed.asked), None)

    def counts(self) -> Counter[str]:
        """Return how many cells would be set, stay the same, and be refused."""
        return Counter(planned.verdict for planned in self.plan.values())

    # --- opening and closing -----------------------------------------------------------------------------------------

    def open_table(self, table: Table) -> None:
        """Show what a table would do at the current cell."""
        self._source, self._wishes, self._answers = table, (), {}
        self._at = self._sheet.grid.key(*self._sheet.current)
        self.is_open = True
        self.look_again()

    def open_clearing(self, places: Sequence[Place]) -> None:
        """Clear cells; where some may not be cleared show which first."""
        grid = self._sheet.grid
        self._source, self._answers = None, {}
        self._wishes = tuple((grid.key(*place), "") for place in places)
        self.is_open = self._takes = True
        self.look_again()

    def look_again(self) -> None:
        """Judge anew: the page has changed under the plan, or a question was answered."""
        if not self.is_open or self._is_taken:
            return
        self.placed = self._place()
        look, wishes = self._sheet.grid.plan, self.placed.wishes
        if len(wishes) <= MANY:
            self.looking.drop()
            self._show(look(wishes))
            return
        self.looking.begin(lambda count: look(wishes, count), self._show, self._failed)
        self._tell_looking(0)

    def _show(self, plan: Sequence[Planned]) -> None:
        self.plan = {(each.column, each.row): each for each in plan}
        takes, self._takes = self._takes and not self.counts()["refused"], False
        if takes:
            self.take()
        else:
            self.changed.emit()

    def _failed(self, error: BaseException) -> None:
        self.close()
        raise error

    def _tell_looking(self, so_far: int) -> None:
        number = count(len(self.placed.wishes), CELLS)
        self.told.emit(tr("Проверяю: {0} из {1}. Esc — не надо.").format(so_far, number))

    def _place(self) -> Placed:
        grid = self._sheet.grid
        if self._source is None:
            found = [(grid.place(key), text) for key, text in self._wishes]
            return Placed(tuple(Wish(*place, text) for place, text in found if place is not None))
        column, row = grid.place(self._at) or self._sheet.current
        return place_table(self._source.rows, grid.spread, column, row, self._answers)

    def close(self) -> None:
        """Step back: nothing was entered. A block on its way to the file is told to come to nothing first."""
        if self._sheet.grid.writing.is_on:
            self._sheet.grid.writing.stop()
        elif self.is_open:
            self.looking.drop()
            self.is_open = self._takes = self._is_taken = False
            self.plan, self.placed, self._source = {}, Placed(()), None
            self.changed.emit()

    def finish(self) -> None:
        """Step back and wait until nobody reads the journal for this any more."""
        self.looking.drop()
        self.looking.finish()

    def take(self) -> None:
        """Enter what may be entered; what a rule has come to forbid meanwhile leaves all as it was, shown anew."""
        entries = tuple(taken(self.plan.values()))
        if self.is_on_its_way or self._is_taken:
            return
        if not entries:
            if not self.counts()["refused"]:
                self.close()
            return
        self._is_taken = True
        set_ = tuple(place for place, planned in self.plan.items() if planned.verdict == "set")
        if len(entries) > MANY:
            self._sheet.grid.enter_large_block(entries, partial(self._taken, set_))
        else:
            self._taken(set_, self._sheet.grid.enter_block(entries))

    def _taken(self, places: tuple[Place, ...], done: bool) -> None:
        self._is_taken = False
        if done:
            self.entered = places
            self.close()
            self.finished.emit(len(places))
        else:
            self.look_again()

    def answer(self, number: int) -> None:
        """Say which pupil the asked line means: 1 … of those offered, 0 for nobody."""
        asked = self.asked
        if asked is None or number > min(len(asked.rows), MOST_ANSWERS):
            return
        self._answers[asked.line] = asked.rows[number - 1] if number else None
        self.look_again()

    # --- keys --------------------------------------------------------------------------------------------------------

    def read(self, event: QKeyEvent) -> bool:
        """Take a key while the preview is open; says whether it was meant for it. Arrows are left to the grid."""
        key, text = event.key(), event.text()
        if key == Qt.Key.Key_Escape:
            self.close()
        elif self.asked is not None and text.isdigit() and text.isascii():
            self.answer(int(text))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        else:
            return bool(text.strip()) or key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        return True

    # --- painting ----------------------------------------------------------------------------------------------------

    def paint(self, p: QPainter, frame: Frame, clip: QRect) -> None:
        """Paint over the cells of the plan what they would hold."""
        if not self.plan:
            return
        rows, origin, g = frame.visible_rows(clip), frame.origin, frame.geometry
        for column in frame.visible_columns(clip):
            left, width = origin.x() + g.xs[column], g.widths[column]
            for row in rows:
                planned = self.plan.get((column, row))
                if planned is not None:
                    look = _look(frame, planned, width)
                    tile = frame.tiles.picture(look, width, partial(_paint_look, frame.tiles, look))
                    p.drawPixmap(left, origin.y() + row * theme.ROW, tile)


class Look(NamedTuple):
    """What a cell of a plan looks like: equal looks share one picture. `text` is what is only written there."""

    width: int
    verdict: Verdict
    value: str = ""
    absence: str = ""
    text: str = ""


def _look(frame: Frame, planned: Planned, width: int) -> Look:
    if planned.verdict == "refused":
        return Look(width, "refused", text=planned.text or _standing(frame, planned))
    if planned.verdict == "same":
        return Look(width, "same", text=" ".join((planned.absence, planned.value)).strip())
    if planned.value or planned.absence:
        return Look(width, "set", planned.value, planned.absence)
    return Look(width, "set", text=_standing(frame, planned))


def _paint_look(tiles: Tiles, look: Look, p: QPainter) -> None:
    t, rect = theme.tokens(), QRect(0, 0, look.width - 1, theme.ROW - 1)
    p.fillRect(rect, theme.colour(t.paper))
    if look.verdict == "refused":
        p.fillRect(rect, theme.colour(t.danger, 0.14))
        _words(p, rect, look.text, t.danger, struck=True)
    elif look.verdict == "same":
        _words(p, rect, look.text, t.secondary)
    else:
        p.fillRect(rect, theme.colour(t.accent, 0.2))
        if look.value or look.absence:
            p.drawPixmap(0, 0, tiles.cell(Face(look.width, look.value, look.absence)))
        else:
            _words(p, rect, look.text, t.secondary, struck=True)
        p.fillRect(QRect(0, rect.bottom() - 1, rect.width(), 2), theme.colour(t.accent))


def _standing(frame: Frame, planned: Planned) -> str:
    cell = frame.grid.cell(planned.column, planned.row)
    return (cell.value or cell.absence) if cell is not None else ""


def _words(p: QPainter, rect: QRect, text: str, colour: str, *, struck: bool = False) -> None:
    font = theme.font(theme.MARK if len(text) < 4 else theme.SMALL)
    p.setFont(font)
    p.setPen(QPen(theme.colour(colour), 1))
    metrics = QFontMetrics(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width() - 2)
    p.drawText(rect, Qt.AlignmentFlag.AlignCenter, shown)
    if struck and shown:
        half = metrics.horizontalAdvance(shown) // 2 + 2
        middle = rect.center()
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # else a hair is two pale lines
        p.drawLine(middle.x() - half, middle.y() + 1, middle.x() + half, middle.y() + 1)
