"""Keys into entries: the first key commits at once, a stroke amends the cell, longer codes come from a small list."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QCoreApplication, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from ejournal_core.wording import LONGEST
from ejournal_desktop.exchange.clipboard import Table
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.at_cell import CellNote, CodeList, CommentLine
from ejournal_desktop.ui.grids.block import Block
from ejournal_desktop.ui.grids.doubts import unreasoned
from ejournal_desktop.ui.grids.keys import COMMANDS, Entry, read_key
from ejournal_desktop.ui.grids.mark_grid import NOTHING, MarkGrid, Place
from ejournal_desktop.ui.grids.pasting import Pasting

DOCUMENT_WIDE = 105 * theme.UNIT
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class _Sheet(Protocol):
    """The side of the view that entering needs."""

    @property
    def grid(self) -> MarkGrid: ...
    @property
    def current(self) -> Place: ...
    def current_rect(self) -> QRect: ...
    def redraw_current(self) -> None: ...
    def set_current(self, column: int, row: int) -> None: ...
    def setFocus(self) -> None: ...


class Entering:
    """What is being typed in the current cell, and the small things that open at it."""

    def __init__(self, sheet: _Sheet, viewport: QWidget) -> None:
        self._sheet = sheet
        self.typing = ""  # "5/" while the second digit is awaited
        self._after_digit = False
        self._words = 0  # signs of a comment that was refused: the cell does not take them for entries
        self._viewport = viewport
        self._extending = False
        self.block = Block()
        self.pasting = Pasting(sheet, viewport)
        self.pasting.changed.connect(viewport.update)
        self.pasting.finished.connect(self._tell_of_reasons)
        self.note = CellNote(viewport)
        self.codes = CodeList(viewport)
        self.comment = CommentLine(viewport)
        self.document = CommentLine(viewport)
        self.document.setFixedWidth(DOCUMENT_WIDE)
        self.document.setMaxLength(LONGEST["Mark"]["document"])
        self.document.taken.connect(self._take_document)
        self.document.left.connect(sheet.setFocus)
        self.codes.chosen.connect(self.put)
        self.codes.left.connect(sheet.setFocus)
        self.comment.taken.connect(self._take_comment)
        self.comment.left.connect(sheet.setFocus)

    def leave_cell(self) -> None:
        """Forget what was begun in the cell: nothing begun is ever half an entry."""
        self.note.hide()
        self._after_digit = False
        self._words = 0
        self._stop_typing()
        if not self._extending:
            self.drop_block()

    def watch(self, grid: MarkGrid) -> None:
        """Take entries of another page from now on; what was looked at on the one before is left."""
        self.pasting.close()
        grid.writing.left.connect(self.pasting.close)
        for signal in (grid.replaced, grid.cells_changed):
            signal.connect(self.pasting.look_again)

    def step_back(self) -> bool:
        """Close the sentence at the cell and drop its mark; says whether there was one."""
        key = self._sheet.grid.key(*self._sheet.current)
        was = self.note.isVisible() or key in self._sheet.grid.notes or self.block.anchor is not None
        self._sheet.grid.forget_refusal(key)
        self.leave_cell()
        self._sheet.redraw_current()
        return was

    def read(self, event: QKeyEvent) -> bool:
        """Take a key if it enters something; says whether it was taken."""
        if event.modifiers() & COMMANDS:
            return False
        if self.pasting.is_open:
            return self.pasting.read(event)
        if self._sheet.grid.writing.is_on and event.key() == Qt.Key.Key_Escape:
            self._sheet.grid.writing.stop()
            return True
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and event.key() in _ARROWS:
            across, down = _ARROWS[Qt.Key(event.key())]
            here = self._sheet.current
            self.extend(max(0, here[0] + across), max(0, here[1] + down))
            return True
        if (self.typing and self._second_digit(event)) or (self._words and self._is_of_the_comment(event.text())):
            return True
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
            return True
        column = self._sheet.grid.columns[self._sheet.current[0]]
        entry = read_key(event.text(), period=column.kind == "period", after_digit=self._after_digit)
        if entry is None:
            return False
        self.note.hide()
        self.drop_block()
        if self._may_write():
            self._take(entry)
        return True

    def clear(self) -> None:
        """Take away the mark of the current cell, or the absence where there is no mark; in a block of every cell."""
        self.note.hide()
        if not self._may_write():
            return
        if self.block.anchor is not None:
            self._clear_block()
            return
        grid, (column, row) = self._sheet.grid, self._sheet.current
        self._after_digit = False
        cell = grid.cell(column, row) or NOTHING
        if cell.value:
            grid.put(column, row, None)
        elif cell.absence:
            grid.set_presence(column, row, "present")

    # --- a block -----------------------------------------------------------------------------------------------------

    def extend(self, column: int, row: int) -> None:
        """Choose the cells from where the block began to this one; -1 keeps a coordinate."""
        place = self._sheet.current
        reached = (place[0] if column < 0 else column, place[1] if row < 0 else row)
        if self.pasting.is_open or reached == place:
            return
        anchor, self._extending = self.block.anchor or place, True
        self._sheet.set_current(*reached)
        self._extending = False
        self.block.anchor = anchor if anchor != self._sheet.current else None
        self._viewport.update()

    def drop_block(self) -> None:
        """Choose nothing but the current cell."""
        if self.block.anchor is not None:
            self.block.anchor = None
            self._viewport.update()

    def choose_all(self) -> None:
        """Choose every cell of the page."""
        grid = self._sheet.grid
        if grid.columns and grid.pupils and not self.pasting.is_open:
            self.block.anchor = (0, 0)
            self.extend(len(grid.columns) - 1, len(grid.pupils) - 1)

    def chosen(self) -> list[list[str]]:
        """Return what the chosen cells hold, row by row: «5», «н», «оп 5»."""
        grid = self._sheet.grid
        columns, rows = self.block.spans(self._sheet.current)
        return [[_held(grid, column, row) for column in columns] for row in rows]

    def paste(self, table: Table) -> None:
        """Show what a table from the clipboard would do here."""
        self.note.hide()
        if not table.rows:
            self.tell(_tr("В буфере обмена нет таблицы. В журнале всё осталось как было: скопируйте ячейки ещё раз."))
        elif self._may_write():
            self._begin_at_the_corner()
            self.pasting.open_table(table)

    def _begin_at_the_corner(self) -> None:
        columns, rows = self.block.spans(self._sheet.current)
        self._sheet.set_current(columns[0], rows[0])
        self.drop_block()

    def _clear_block(self) -> None:
        grid = self._sheet.grid
        places = [place for place in self.block.places(self._sheet.current) if _held(grid, *place)]
        self.pasting.open_clearing(places)

    def open_comment(self) -> None:
        """Open the line for a comment to the mark of the current cell; of a period mark it is the reason."""
        grid, (column, row) = self._sheet.grid, self._sheet.current
        cell = grid.cell(column, row) or NOTHING
        period = grid.columns[column].kind == "period"
        if not cell.value:
            self._words = 1
            reason = _tr("Обоснование пишут к поставленной отметке: сначала цифра отметки. Esc — назад к клетке.")
            comment = _tr("Комментарий пишут к поставленной отметке: сначала её цифра. Esc — назад к клетке.")
            self.tell(reason if period else comment)
        elif self._may_write():
            self.note.hide()
            name = _tr("Обоснование отметки") if period else _tr("Комментарий к отметке")
            self.comment.offer(cell.comment, self._sheet.current_rect(), name)

    def open_document(self) -> None:
        """Open the line for the paper that the mark of the current cell was brought with."""
        cell = self._sheet.grid.cell(*self._sheet.current) or NOTHING
        if not cell.value:
            self._words = 1
            self.tell(_tr("Документ называют у поставленной отметки: сначала её цифра. Esc — назад к клетке."))
        elif self._may_write():
            self.note.hide()
            self.document.offer(
                cell.document, self._sheet.current_rect(), _tr("Документ: №, дата, откуда; без диагноза")
            )

    def tell(self, sentence: str, *, refused: bool = False) -> None:
        """Say one sentence at the current cell."""
        t = theme.tokens()
        self.note.tell(sentence, self._sheet.current_rect(), signal=t.danger if refused else t.accent)

    def _may_write(self) -> bool:
        grid, (column, _row) = self._sheet.grid, self._sheet.current
        reason = grid.spread.only_look(grid.columns[column].lesson_id if column >= 0 else "")
        if reason:
            self.tell(reason)
        return not reason

    def _take(self, entry: Entry) -> None:
        grid, (column, row) = self._sheet.grid, self._sheet.current
        if entry.kind == "value":
            self.put(entry.value)
            self._after_digit = entry.value.isdigit()
        elif entry.kind == "stroke":
            self._begin_second((grid.cell(column, row) or NOTHING).value)
        elif entry.kind == "codes":
            self.codes.offer(entry.codes, self._sheet.current_rect())
        else:
            grid.set_presence(column, row, entry.presence, entry.claimed_reason)

    def put(self, value: str) -> None:
        """Enter a mark; one of a period that differs from what is proposed is told to want its reason."""
        grid, place = self._sheet.grid, self._sheet.current
        if grid.put(*place, value) and (proposed := unreasoned(grid, *place)):
            told = _tr("Записано. Предложено {0}: для другой отметки нужно обоснование. F2 — написать его здесь.")
            self.tell(told.format(proposed))

    def _tell_of_reasons(self, _number: int) -> None:
        """Go to the first pasted period mark that wants its reason and say so: pasted ones are told like typed ones."""
        grid = self._sheet.grid
        wanting = [place for place in sorted(self.pasting.entered) if unreasoned(grid, *place)]
        if not wanting:
            return
        self._sheet.set_current(*wanting[0])
        told = _tr("Записано. Отличаются от предложенных, нужно обоснование: {0}. F2 — написать его здесь.")
        self.tell(told.format(len(wanting)))

    def _is_of_the_comment(self, text: str) -> bool:
        """Say whether a sign belongs to words that the cell refused; a digit typed at once is the mark it asked for."""
        if not text.isprintable() or not text or (text.isdigit() and self._words == 1):
            self._words = 0
            return False
        self._words += 1
        return True

    def _take_comment(self, text: str) -> None:
        column, row = self._sheet.current
        cell = self._sheet.grid.cell(column, row) or NOTHING
        self._sheet.grid.put(column, row, cell.value, comment=text)

    def _take_document(self, text: str) -> None:
        self._sheet.grid.name_document(*self._sheet.current, text)

    def _begin_second(self, first: str) -> None:
        if not first.isdigit():
            self.tell(_tr("Вторая отметка ставится через «/» после первой: 5/4."))
            return
        self.typing = f"{first}/"
        self._sheet.redraw_current()

    def _second_digit(self, event: QKeyEvent) -> bool:
        text, typing = event.text(), self.typing
        if event.key() in (Qt.Key.Key_Shift, Qt.Key.Key_CapsLock):
            return True
        self._stop_typing()
        if text.isdigit() and text.isascii():
            self.put(typing + text)
            self._after_digit = False
            return True
        return event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace)

    def _stop_typing(self) -> None:
        if self.typing:
            self.typing = ""
            self._sheet.redraw_current()


def _held(grid: MarkGrid, column: int, row: int) -> str:
    cell = grid.cell(column, row) or NOTHING
    return " ".join(part for part in (cell.absence, cell.value) if part)


def _tr(text: str) -> str:
    return QCoreApplication.translate("MarkView", text)
