"""Итоги as a table: one line per pupil, what was counted at the left, the mark and its reason at the right."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ejournal_core.marks import shown_average
from ejournal_core.policy_values import RoundingThresholds
from ejournal_desktop.models.queries.period_results import NO_REASON, PeriodResults, PupilResult
from ejournal_desktop.ui.widgets.entry_table import NUMBERS
from ejournal_desktop.ui.words import count, day_short, tr

Index = QModelIndex | QPersistentModelIndex

NUMBER, NAME, COUNT, AVERAGE, WEIGHTED, PROPOSED, FORECAST, MARK, REASON = range(9)
HEADS = ("№", "Фамилия Имя", "Отметок", "Средний", "С весом", "Предл.", "Следующая", "Итог", "Обоснование")
FIVE = ("пятёрка", "пятёрки", "пятёрок")
TIPS = {
    COUNT: "Сколько текущих отметок в периоде и сколько нужно по норме (P12)",
    AVERAGE: "Среднее арифметическое отметок",
    WEIGHTED: "Среднее с весами работ",
    PROPOSED: "Что предлагают пороги округления школы (P51)",
    FORECAST: "Какой должна быть следующая отметка, чтобы итоговая стала выше",
    MARK: "Решает учитель",
    REASON: "Нужно, когда итоговая отметка отличается от предложенной",
}


class ResultsModel(QAbstractTableModel):
    """Reads `PeriodResults`; `notes` are sentences of refusals by pupil id, until the next key there."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.results: PeriodResults | None = None
        self.thresholds: RoundingThresholds | None = None
        self.notes: dict[str, str] = {}

    def show_results(self, results: PeriodResults, thresholds: RoundingThresholds) -> None:
        """Show a page; the table is built anew only when its pupils differ."""
        before, self.thresholds = self.results, thresholds
        if before is not None and _frame(before) == _frame(results):
            self.results = results
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, REASON))
            return
        self.beginResetModel()
        self.results = results
        self.notes.clear()
        self.endResetModel()

    def row(self, number: int) -> PupilResult:
        """Return the line of a pupil."""
        assert self.results is not None
        return self.results.rows[number]

    def reason(self, number: int) -> tuple[str, str]:
        """Return (text, token of its colour) of the last column: a refusal, what is missing, the reason itself."""
        row = self.row(number)
        if row.pupil.pupil_id in self.notes:
            return self.notes[row.pupil.pupil_id], "danger"
        if row.cell.reason:
            return row.cell.reason, "warning"
        if row.missing == NO_REASON:
            return tr("предложено {mark}: напишите обоснование (F2)").format(mark=row.proposed), "warning"
        return row.cell.told, "ink"

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of pupils."""
        return len(self.results.rows) if self.results is not None and (parent is None or not parent.isValid()) else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(HEADS) if parent is None or not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, its tip, or its name for screen readers."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text = self.text(index.row(), index.column()) or tr("пусто")
            return f"{self.row(index.row()).pupil.name}, {tr(HEADS[index.column()])}: {text}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(index.row(), index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heads, what they mean as the tip."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and COUNT <= section <= MARK:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.TextAlignmentRole and section == NUMBER:
            return NUMBERS
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr(TIPS[section]) if section in TIPS else None
        return tr(HEADS[section]) if role == Qt.ItemDataRole.DisplayRole else None

    def text(self, number: int, column: int) -> str:
        """Return what stands in a cell."""
        row = self.row(number)
        match column:
            case 0:
                return str(row.pupil.position)
            case 1:
                return self._name(row)
            case 2:
                return f"{row.marks} / {row.norm}" if row.norm else str(row.marks)
            case 3:
                return self._average(row.average)
            case 4:
                return self._average(row.weighted_average)
            case 5:
                return row.proposed
            case 6:
                return _forecast(row)
            case 7:
                return row.cell.value
            case _:
                return self.reason(number)[0]

    def _name(self, row: PupilResult) -> str:
        assert self.results is not None
        first = min((c.held_on for c in self.results.lesson_columns.values() if c.held_on), default=None)
        if row.pupil.until is not None and not row.asked:
            return tr("{name}, до {day}").format(name=row.pupil.name, day=day_short(row.pupil.until))
        if first is not None and row.pupil.since > first:
            return tr("{name}, с {day}").format(name=row.pupil.name, day=day_short(row.pupil.since))
        return row.pupil.name

    def _average(self, value: Decimal | None) -> str:
        return shown_average(value, self.thresholds) if value is not None and self.thresholds is not None else ""

    def _tip(self, number: int, column: int) -> str | None:
        row = self.row(number)
        if column == NAME:
            return row.pupil.whole_name
        if column == PROPOSED:
            return row.why
        if column == COUNT and row.exempt:
            return tr("Ниже нормы, но пропуски по уважительной причине это объясняют (P13)")
        return self.text(number, column) or None if column in (REASON, FORECAST) else None


def _forecast(row: PupilResult) -> str:
    ahead = row.forecast
    if ahead is None:
        return ""
    if ahead.next_mark:
        return tr("{next} — выйдет {wanted}").format(next=ahead.next_mark, wanted=ahead.wanted)
    if ahead.fives:
        return tr("{fives} — выйдет {wanted}").format(fives=count(ahead.fives, FIVE), wanted=ahead.wanted)
    return ""


def _frame(results: PeriodResults) -> tuple[object, ...]:
    return results.page.id, results.period.kind, results.period.number, tuple(r.pupil.pupil_id for r in results.rows)
