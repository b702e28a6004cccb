"""The table of КТП, edited in place like a spreadsheet: typing or F2 writes, Enter takes and goes down."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QMenu, QTableView, QWidget

from ejournal_desktop.models.queries.lesson_plans import LessonPlanPage, PlanRow
from ejournal_desktop.ui.grids.keys import COMMANDS
from ejournal_desktop.ui.widgets import entry_table
from ejournal_desktop.ui.widgets.plan_entry import (
    CONTROL,
    FACT,
    FIELDS,
    HOMEWORK,
    HOURS,
    LONGEST,
    NUMBER,
    PLANNED,
    SECTION,
    TOPIC,
)
from ejournal_desktop.ui.widgets.plan_model import HEADS, PlanModel
from ejournal_desktop.ui.widgets.plan_paint import ROW, PlanPainter
from ejournal_desktop.ui.words import day_title

Index = QModelIndex | QPersistentModelIndex

FIXED = {NUMBER: 36, HOURS: 46, PLANNED: 104, FACT: 96}
SHARES = {SECTION: 4, TOPIC: 9, CONTROL: 3, HOMEWORK: 5}  # of the room that is left
LEAST = 420  # for the columns of words together; a narrower window scrolls
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_TOWARDS = {Qt.Key.Key_Return: "down", Qt.Key.Key_Enter: "down", Qt.Key.Key_Tab: "right", Qt.Key.Key_Backtab: "left",
            Qt.Key.Key_Escape: "back"}  # fmt: skip


class PlanTable(QTableView):
    """Hands over what was typed; whoever owns it writes and shows the plan again.

    Args:
        write: line, column, text → whether it was taken; what was not stays at hand for F2.

    Signals:
        refused: a sentence about what cannot be written here.
        rested: a cell was closed, whatever came of it.
        left: Esc outside a cell.
        lesson_wanted: the id of a lesson at which the topic was given.
    """

    refused = Signal(str)
    rested = Signal()
    left = Signal()
    lesson_wanted = Signal(str)

    def __init__(self, write: Callable[[int, int, str], bool], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._write = write
        self.lines = PlanModel(self)
        self.kept: dict[tuple[str, int], str] = {}  # what was typed and not taken, by row id and column
        self.menu = QMenu(self)
        self.editor = CellEditor(self.viewport())
        self.editor.finished.connect(self._take)
        self.setModel(self.lines)
        self.setItemDelegate(PlanPainter(self.lines, self))
        self.setAccessibleName(self.tr("Строки КТП"))
        entry_table.dress(self)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        entry_table.dress_heads(self, ROW)
        self.horizontalHeader().setMinimumSectionSize(0)
        self.verticalScrollBar().valueChanged.connect(self._place_editor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the words the room that is left, each column its share."""
        super().resizeEvent(event)
        room = max(self.viewport().width() - sum(FIXED.values()), LEAST)
        for column in HEADS:
            width = FIXED.get(column) or room * SHARES[column] // sum(SHARES.values())
            self.setColumnWidth(column, width)
        self._place_editor()

    def _place_editor(self) -> None:
        if self.editor.is_open:
            self.editor.setGeometry(self.visualRect(self.lines.index(*self.editor.place)))

    def show_plan(self, plan: LessonPlanPage, new_at: int | None, *, new: bool) -> None:
        """Show a plan; the cursor stays on its row, and on the empty line in its place; a new one opens where it is."""
        row_id, (line, column) = self.current_row_id(), self.place
        self.lines.show_plan(plan, new_at)
        if new or line < 0:
            self.go_to(max(self.lines.line_of(self.lines.next_to_give()), 0), TOPIC)
        elif (at := self.lines.line_of(row_id) if row_id else line) != self.place[0]:
            self.go_to(at if at >= 0 else line, column)

    def forget(self) -> None:
        """Forget what was typed and not taken: another plan is open."""
        self.kept.clear()
        self.lines.draft.clear()

    # --- the cursor --------------------------------------------------------------------------------------------------

    @property
    def place(self) -> tuple[int, int]:
        """Return (line, column) of the cursor, (-1, -1) when it is nowhere."""
        return self.currentIndex().row(), self.currentIndex().column()

    def go_to(self, line: int, column: int | None = None) -> None:
        """Put the cursor on a line, by default in the column where it is."""
        if self.lines.rowCount():
            last = self.lines.rowCount() - 1
            at = max(self.place[1], 0) if column is None else column
            self.setCurrentIndex(self.lines.index(max(0, min(line, last)), at))

    def chosen_rows(self) -> list[str]:
        """Return the ids of the chosen rows, in their order."""
        numbers = sorted({index.row() for index in self.selectionModel().selectedRows()} | {self.place[0]})
        rows = (self.lines.row(number) for number in numbers)
        return [row.row.id for row in rows if row is not None]

    def choose_rows(self, row_ids: Sequence[str]) -> None:
        """Choose rows that stand together; the cursor stays on its own."""
        lines = [line for line in map(self.lines.line_of, row_ids) if line >= 0]
        if lines:
            corner = self.lines.index(max(lines), self.lines.columnCount() - 1)
            whole = QItemSelection(self.lines.index(min(lines), 0), corner)
            self.selectionModel().select(whole, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def open_lesson(self) -> None:
        """Go to the lesson at which the current topic was given; of several a list is offered."""
        row = self.lines.row(self.place[0])
        if row is None or not row.lessons:
            self.refused.emit(self.tr("Эта тема ещё не дана: урока, к которому можно перейти, нет."))
        elif len(row.lessons) == 1:
            self.lesson_wanted.emit(row.lessons[0])
        else:
            self._offer_lessons(row)

    def _offer_lessons(self, row: PlanRow) -> None:
        self.menu.clear()
        for day, lesson_id in zip(row.given_on, row.lessons, strict=True):
            self.menu.addAction(day_title(day)).triggered.connect(
                lambda _checked=False, each=lesson_id: self.lesson_wanted.emit(each)
            )
        self.menu.setActiveAction(self.menu.actions()[0])
        cell = self.visualRect(self.lines.index(self.place[0], FACT))
        self.menu.popup(self.viewport().mapToGlobal(cell.bottomLeft()))

    def current_row_id(self) -> str:
        """Return the row under the cursor, "" for the empty line and for none."""
        row = self.lines.row(self.place[0])
        return row.row.id if row is not None else ""

    # --- writing -----------------------------------------------------------------------------------------------------

    def edit_cell(self, text: str | None = None) -> None:
        """Open the cell: with its own text, or what was typed there and not taken, or the first letters of another."""
        line, column = self.place
        if line < 0:
            return
        if self.lines.plan is not None and self.lines.plan.read_only:
            self.refused.emit(self.lines.plan.read_only)
            return
        if column not in FIELDS:
            self.refused.emit(self.tr("Этот столбец программа заполняет сама."))
            return
        index = self.lines.index(line, column)
        self.scrollTo(index)
        began = self.lines.edited(line, column)
        kept = self.kept.get((self.current_row_id(), column), began)
        self.editor.open_at(
            (line, column), self.visualRect(index), kept if text is None else text,
            began=began, name=self.tr(HEADS[column]), longest=LONGEST.get(column, 40), whole=text is None,
        )  # fmt: skip

    def _take(self, text: str, towards: str) -> None:
        line, column = self.editor.place
        row = self.lines.row(line)
        key = (row.row.id if row is not None else "", column)
        if towards:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.kept.pop(key, None)
        if towards != "back" and (text == self.editor.began or self._write(line, column, text)):
            self._go_on(towards)
        elif text != self.editor.began:
            self.kept[key] = text
        self.rested.emit()

    def _go_on(self, towards: str) -> None:
        line, column = self.place
        if towards == "down":
            self.go_to(line + 1, column)
        elif towards in ("right", "left"):
            self.go_to(line, min(max(column + (1 if towards == "right" else -1), SECTION), PLANNED))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters write over the cell, Enter goes down, Backspace empties the cell."""
        line, _column = self.place
        if line < 0 or event.modifiers() & COMMANDS:
            super().keyPressEvent(event)
        elif event.key() in _ENTER and self._is_at_link():
            self.open_lesson()
        elif event.key() in _ENTER:
            self.go_to(line + (-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1))
        elif event.key() == Qt.Key.Key_Backspace:
            self.edit_cell("")
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.text() and event.text().isprintable() and not event.text().isspace():
            self.edit_cell(event.text())
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens the cell, on a day of «Факт» the lesson."""
        super().mouseDoubleClickEvent(event)
        if self._is_at_link():
            self.open_lesson()
        else:
            self.edit_cell()

    def _is_at_link(self) -> bool:
        """Say whether the cursor stands on the days of lessons that were given."""
        row = self.lines.row(self.place[0])
        return self.place[1] == FACT and row is not None and bool(row.lessons)


class CellEditor(QLineEdit):
    """The text of one cell, over it.

    Signals:
        finished: the text, and where the person goes: "down", "right", "left", "back" (Esc: nothing is written), or ""
            when they left by themselves.
    """

    finished = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setStyleSheet("QLineEdit { min-height: 0; padding: 0 6px; border-radius: 0; }")
        self.place = (-1, -1)
        self.began = ""
        self._open = False
        self.hide()

    def open_at(
        self, place: tuple[int, int], at: QRect, text: str, *, began: str, name: str, longest: int, whole: bool
    ) -> None:
        """Open over a cell; with `whole` all of the text is chosen, so that typing replaces it and arrows go on."""
        self.place, self.began, self._open = place, began, True
        self.setAccessibleName(name)
        self.setMaxLength(longest)
        self.setText(text)
        self.setGeometry(at)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if whole:
            self.selectAll()

    @property
    def is_open(self) -> bool:
        """Say whether a cell is being written."""
        return self._open

    def finish(self, towards: str = "") -> None:
        """Close and hand the text over; nothing when it is closed already."""
        if self._open:
            self._open = False
            self.hide()
            self.finished.emit(self.text(), towards)

    def event(self, event: QEvent) -> bool:
        """Keep Tab, and the keys that mean something else on the table, for the line."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & COMMANDS
            if plain and event.key() not in (Qt.Key.Key_F1, Qt.Key.Key_F5):
                event.accept()
                return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            towards = _TOWARDS.get(Qt.Key(event.key()))
            if towards is not None and not event.modifiers() & COMMANDS:
                self.finish(towards)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hand over when the person goes elsewhere in the window."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self.finish()
