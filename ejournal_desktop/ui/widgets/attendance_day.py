"""One day of the class: who is in the register, and who was away or late though the register says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ejournal_core import absences
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.models.queries.class_attendance import ClassAttendance, PupilDay, RegisterEntry
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.keys import COMMANDS
from ejournal_desktop.ui.widgets.entry_table import dress_register
from ejournal_desktop.ui.words import as_tip, day_short, tr

Index = QModelIndex | QPersistentModelIndex

HEADS = ("Ученик", "Когда", "Причина", "На уроках", "Документ", "Кто сообщил", "Внёс")
REASON, AT_LESSONS = 2, 3
#: Shares of the width.
SHARES = (20, 15, 17, 19, 11, 11, 7)


class DayLine(Struct, frozen=True):
    """A pupil's line of the day; `entry` is None for whom only the lessons tell of."""

    pupil: PupilRow
    day: PupilDay
    entry: RegisterEntry | None


def day_lines(attendance: ClassAttendance) -> list[DayLine]:
    """Return the lines of a day: in the order of the class list."""
    day = attendance.first
    lines = []
    for pupil in attendance.pupils:
        cell = attendance.cell(pupil.pupil_id, day)
        own = [each for each in attendance.entries if each.entry.pupil_id == pupil.pupil_id]
        lines += [DayLine(pupil, cell, each) for each in own]
        if not own and cell.marked:
            lines.append(DayLine(pupil, cell, None))
    return lines


def at_lessons(cell: PupilDay) -> str:
    """Return «н 1–2 · оп 3 (10 мин) · на уроках 4, 6»: what teachers entered of a pupil's day."""
    away: dict[str, list[int]] = {}
    for each in cell.marked:
        if each.presence == "absent":
            away.setdefault(each.letter, []).append(each.lesson.number)
    late = [f"{tr('оп')} {each.lesson.number}" + (f" ({each.late_minutes} {tr('мин')})" if each.late_minutes else "")
            for each in cell.late]  # fmt: skip
    marked = {each.lesson.lesson_id for each in cell.marked}
    present = [place.number for place in cell.lessons if place.lesson_id not in marked and place.held]
    parts = [*(f"{letter} {ranges(numbers)}" for letter, numbers in away.items()), *late]
    parts += [f"{tr('на уроке') if len(present) == 1 else tr('на уроках')} {ranges(present)}"] if present else []
    parts += [tr("весь день")] if cell.is_missed else []
    return " · ".join(parts)


def ranges(numbers: Sequence[int]) -> str:
    """Return numbers in order with stretches drawn together: «1–3, 5»."""
    stretches: list[list[int]] = []
    for number in sorted(set(numbers)):
        if stretches and stretches[-1][-1] == number - 1:
            stretches[-1].append(number)
        else:
            stretches.append([number])
    return ", ".join(str(each[0]) if len(each) == 1 else f"{each[0]}–{each[-1]}" for each in stretches)


class DayModel(QAbstractTableModel):
    """The lines of one day."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[DayLine] = []

    def show_day(self, attendance: ClassAttendance) -> None:
        """Show a day."""
        self.beginResetModel()
        self.lines = day_lines(attendance)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many lines there are."""
        return len(self.lines) if parent is None or not parent.isValid() else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(HEADS) if parent is None or not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, its tip, its name for screen readers."""
        line = self.lines[index.row()]
        text = self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{line.pupil.name}, {tr(HEADS[index.column()])}: {text or tr('пусто')}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(line.pupil.whole_name if index.column() == 0 else text)
        if role == Qt.ItemDataRole.ForegroundRole and _is_amiss(line, index.column()):
            return theme.colour(theme.tokens().warning)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the head of a column."""
        across = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return tr(HEADS[section]) if across else None

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell."""
        line = self.lines[row]
        told = (line.pupil.name, _when(line), _why(line), at_lessons(line.day), *_paper(line.entry))
        return told[column]


def _is_amiss(line: DayLine, column: int) -> bool:
    """Say whether a cell asks to be looked at: no reason, or present though the register says away."""
    if column == REASON:
        return line.entry is None and bool(line.day.unexplained)
    if column != AT_LESSONS or line.entry is None:
        return False
    marked = {each.lesson.lesson_id for each in line.day.marked}
    entry = line.entry.entry
    return any(place.held and place.lesson_id not in marked and absences.covers(entry, place.day, place.number)
               for place in line.day.lessons)  # fmt: skip


def _when(line: DayLine) -> str:
    if line.entry is None:
        return tr("в реестре нет")
    entry = line.entry.entry
    days = day_short(entry.since)
    if entry.since != entry.until:
        days = f"{days}–{day_short(entry.until)}"
    return ", ".join(part for part in (days, line.entry.lessons) if part)


def _why(line: DayLine) -> str:
    if line.entry is not None:
        waits = f" · {tr('ждёт отправки')}" if line.entry.delivery == "waiting" else ""
        return f"{line.entry.entry.reason} — {line.entry.reason_title}{waits}"
    if not line.day.unexplained:
        return ", ".join(dict.fromkeys(each.reason for each in line.day.marked if each.reason)) or tr("опоздание")
    return tr("причина не указана")


def _paper(entry: RegisterEntry | None) -> tuple[str, str, str]:
    return (entry.number, entry.told_by, entry.author) if entry is not None else ("", "", "")


class DayTable(QTableView):
    """Whole lines; letters, Enter and Delete speak of the current one.

    Signals:
        typed: row, character: the code of a reason.
        opened: row. removed: row.
    """

    typed = Signal(int, str)
    opened = Signal(int)
    removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = DayModel(self)
        self.setAccessibleName(self.tr("Отсутствующие за день"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setModel(self.lines)
        dress_register(self, theme.LIST_ROW)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))

    def show_day(self, attendance: ClassAttendance) -> None:
        """Show a day; the cursor stays with its pupil."""
        here = self.line
        self.lines.show_day(attendance)
        rows = [number for number, line in enumerate(self.lines.lines)
                if here is not None and line.pupil.pupil_id == here.pupil.pupil_id]  # fmt: skip
        if self.lines.rowCount():
            self.setCurrentIndex(self.lines.index(rows[0] if rows else 0, 0))

    @property
    def line(self) -> DayLine | None:
        """Return the current line."""
        row = self.currentIndex().row()
        return self.lines.lines[row] if 0 <= row < len(self.lines.lines) else None

    def go_to_pupil(self, pupil_id: str) -> None:
        """Put the cursor on a pupil's line, where there is one."""
        row = next((n for n, line in enumerate(self.lines.lines) if line.pupil.pupil_id == pupil_id), -1)
        if row >= 0:
            self.setCurrentIndex(self.lines.index(row, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open, remove, or take the letter of a code."""
        row = self.currentIndex().row()
        if row < 0 or event.modifiers() & COMMANDS:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(row)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(row)
        elif event.text().isprintable() and event.text().strip():
            self.typed.emit(row, event.text())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room among the columns."""
        super().resizeEvent(event)
        room = self.viewport().width()
        for column, share in enumerate(SHARES):
            self.setColumnWidth(column, room * share // sum(SHARES))
