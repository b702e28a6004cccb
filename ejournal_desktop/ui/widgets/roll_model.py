"""The roll of one lesson as a table: №, name, presence, a column for every work, what is to be said of the pupil."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ejournal_desktop.models.pages import Delivery, GridCell, GridColumn, LessonSheet, RollRow
from ejournal_desktop.ui.grids.spoken import written_about
from ejournal_desktop.ui.widgets.entry_table import NUMBERS
from ejournal_desktop.ui.words import as_tip, tr

Index = QModelIndex | QPersistentModelIndex

NUMBER, NAME, PRESENCE, FIRST_MARK = 0, 1, 2, 3
NOTHING = GridCell()
#: Colours of the sentences that say why an entry is not official.
HUES: dict[Delivery, str] = {
    "pending": "warning", "disputed": "dispute", "refused": "danger", "quarantined": "danger",
}  # fmt: skip


#: What cannot all be true, where the words do not hang on what the class teacher knows.
CONTRADICTIONS = {
    "marked": "Отсутствует, а отметка стоит: исправьте одно из двух.",
    "late": "Опоздание и пропуск сразу: присутствие и причина не сходятся.",
}


class RollModel(QAbstractTableModel):
    """Reads a `LessonSheet`; `notes` are sentences of refusals by pupil id, which stand until the next key there."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sheet: LessonSheet | None = None
        self.notes: dict[str, tuple[str, str]] = {}  # (sentence, hue)

    def show_sheet(self, sheet: LessonSheet) -> None:
        """Show a lesson; the table is built anew only when pupils or columns differ."""
        before = self.sheet
        same = before is not None and _frame(before) == _frame(sheet)
        if before is not None and before.lesson.lesson_id != sheet.lesson.lesson_id:
            self.notes.clear()
        if same:
            self.sheet = sheet
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))
        else:
            self.beginResetModel()
            self.sheet = sheet
            self.endResetModel()

    # --- what stands where -------------------------------------------------------------------------------------------

    @property
    def note_column(self) -> int:
        """Return the last column, where sentences stand."""
        return FIRST_MARK + len(self.columns)

    @property
    def columns(self) -> tuple[GridColumn, ...]:
        """Return the works of the lesson."""
        return self.sheet.columns if self.sheet is not None else ()

    def row(self, number: int) -> RollRow:
        """Return a pupil's row."""
        assert self.sheet is not None
        return self.sheet.roll[number]

    def work(self, column: int) -> GridColumn | None:
        """Return the work of a table column, None for the others."""
        number = column - FIRST_MARK
        return self.columns[number] if 0 <= number < len(self.columns) else None

    def cell(self, number: int, column: int) -> GridCell:
        """Return what a mark's cell holds."""
        work = self.work(column)
        if work is None or self.sheet is None:
            return NOTHING
        return self.sheet.cells.get((work.key, self.row(number).pupil_id), NOTHING)

    def presence_text(self, number: int) -> str:
        """Return the letter of a pupil's presence, with the minutes of a late one."""
        row = self.row(number)
        if row.presence == "late":
            return f"оп {row.late_minutes}" if row.late_minutes else "оп"
        return row.absence or ("н" if row.presence == "absent" else "")

    def presence_delivery(self, number: int) -> Delivery:
        """Return where the entry of presence stands."""
        return self.row(number).delivery

    def note(self, number: int) -> tuple[str, str]:
        """Return (sentence, token of its colour) of a pupil: a refusal, a contradiction, what others know."""
        row = self.row(number)
        if row.pupil_id in self.notes:
            return self.notes[row.pupil_id]
        for column in range(FIRST_MARK, self.note_column):
            cell = self.cell(number, column)
            if cell.reason:
                return cell.reason, HUES.get(cell.delivery, "secondary")
        if row.contradiction in CONTRADICTIONS:
            return tr(CONTRADICTIONS[row.contradiction]), "warning"
        if row.presence == "present" and row.known_reason:
            assert self.sheet is not None
            told = tr("По сведениям классного руководителя отсутствует: {why}. Н — подтвердить").format(
                why=row.known_reason
            )
            return told, "warning" if self.sheet.lesson.held else "accent"
        written = written_about(self.cell(number, FIRST_MARK))
        return row.known_reason or (f"{written}: F4" if written else ""), "secondary"

    # --- Qt ----------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of pupils."""
        return len(self.sheet.roll) if self.sheet is not None and (parent is None or not parent.isValid()) else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return self.note_column + 1 if parent is None or not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, its tip, or its name for screen readers."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(index.row(), index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            title = self.headerData(index.column(), Qt.Orientation.Horizontal)
            text = self._text(index.row(), index.column()) or tr("пусто")
            return f"{self.row(index.row()).name}, {title}: {text}"
        if role == Qt.ItemDataRole.ToolTipRole:
            if index.column() == NAME:
                return as_tip(self.row(index.row()).full_name)
            return as_tip(self.cell(index.row(), index.column()).told) or None
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # fmt: skip
        """Return the heads: works by the code of their kind, with the full title as the tip."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and PRESENCE <= section < self.note_column:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.TextAlignmentRole and section == NUMBER:
            return NUMBERS
        work = self.work(section)
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(work.work_title) if work is not None else None
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if work is not None:
            return work.work_code or tr("Отм.")
        return {NUMBER: "№", NAME: tr("Фамилия Имя"), PRESENCE: tr("Явка")}.get(section, "")

    def _text(self, number: int, column: int) -> str:
        if column == NUMBER:
            return str(self.row(number).position)
        if column == NAME:
            return self.row(number).name
        if column == PRESENCE:
            return self.presence_text(number)
        return self.note(number)[0] if column == self.note_column else self.cell(number, column).value


def _frame(sheet: LessonSheet) -> tuple[object, ...]:
    pupils = tuple((row.pupil_id, row.name) for row in sheet.roll)
    return sheet.lesson.lesson_id, pupils, tuple(column.key for column in sheet.columns)
