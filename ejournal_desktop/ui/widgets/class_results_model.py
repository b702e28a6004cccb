"""Успеваемость of a class as a table: one line per pupil, one column per subject, four that sum up."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ejournal_core.indicators import Outlook
from ejournal_core.marks import shown_average
from ejournal_core.policy_values import RoundingThresholds
from ejournal_desktop.models.queries.class_results import ClassResults, PupilLine, SubjectCell, SubjectColumn
from ejournal_desktop.ui.words import as_tip, count, tr

Index = QModelIndex | QPersistentModelIndex
Filter = Literal["all", "debts", "failing", "contested", "risk"]
Sum = Literal["missed", "late", "debts", "outlook"]

LESSON = ("урок", "урока", "уроков")
WORK = ("работа", "работы", "работ")
SUMS: tuple[Sum, ...] = ("missed", "late", "debts", "outlook")
HEADS: dict[Sum, str] = {"missed": "Проп.", "late": "Опозд.", "debts": "Долги", "outlook": "Что выходит"}
SPOKEN: dict[Sum, str] = {
    "missed": "Пропущено уроков", "late": "Опозданий", "debts": "Не сдано работ", "outlook": "Что выходит за период"
}  # fmt: skip

#: Whom each filter leaves, and which of their cells it is about.
FILTERS: dict[Filter, tuple[str, Callable[[PupilLine], bool], Callable[[PupilLine, str], bool]]] = {
    "all": ("Все ученики", lambda _line: True, lambda _line, _subject: True),
    "debts": ("Только долги", lambda line: line.debts > 0, lambda line, at: line.cells[at].debts > 0),
    "failing": ("Только с 2", lambda line: line.failing, lambda line, at: line.cells[at].failing),
    "contested": ("Спорные", lambda line: line.contested, lambda line, at: line.cells[at].contested),
    "risk": ("Предварительный отчёт", lambda line: bool(line.outlook.risk),
             lambda line, at: at in line.outlook.subjects),
}  # fmt: skip

STANDINGS = {"excellent": "отличник", "good": "хорошист"}
RISKS = {"failing": "не успевает", "not_assessed": "не аттестован", "one_three": "одна 3", "one_four": "одна 4"}
SHORT_RISKS = {**RISKS, "failing": "2", "not_assessed": "н/а"}


class ClassResultsModel(QAbstractTableModel):
    """Reads `ClassResults` through a filter."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.results: ClassResults | None = None
        self.thresholds: RoundingThresholds | None = None
        self.filter: Filter = "all"
        self.lines: list[PupilLine] = []

    def show_results(self, results: ClassResults, thresholds: RoundingThresholds) -> None:
        """Show a class; the table is built anew only when its pupils or subjects differ."""
        before, self.thresholds = self._frame(), thresholds
        after = [line for line in results.rows if FILTERS[self.filter][1](line)]
        if before and before == _frame(results, after):
            self.results, self.lines = results, after
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))
            return
        self.beginResetModel()
        self.results, self.lines = results, after
        self.endResetModel()

    def narrow(self, to: Filter) -> None:
        """Leave only the pupils of a filter."""
        self.filter = to
        if self.results is not None:
            self.beginResetModel()
            self.lines = [line for line in self.results.rows if FILTERS[to][1](line)]
            self.endResetModel()

    def _frame(self) -> tuple[object, ...]:
        return _frame(self.results, self.lines) if self.results is not None else ()

    # --- where ---------------------------------------------------------------------------------------------------

    @property
    def subjects(self) -> tuple[SubjectColumn, ...]:
        """Return the columns of subjects."""
        return self.results.subjects if self.results is not None else ()

    def subject(self, column: int) -> SubjectColumn | None:
        """Return the subject of a column, None where it sums up."""
        return self.subjects[column] if column < len(self.subjects) else None

    def sum(self, column: int) -> Sum:
        """Return what a column behind the subjects sums up."""
        return SUMS[column - len(self.subjects)]

    def cell(self, row: int, column: int) -> SubjectCell | None:
        """Return how a pupil stands in a subject, None where the pupil does not learn it."""
        subject = self.subject(column)
        return self.lines[row].cells.get(subject.subject_id) if subject is not None else None

    def is_meant(self, row: int, column: int) -> bool:
        """Say whether the filter is about this cell; without one it is about all."""
        subject = self.subject(column)
        if subject is None or subject.subject_id not in self.lines[row].cells:
            return True
        return FILTERS[self.filter][2](self.lines[row], subject.subject_id)

    # --- what Qt asks --------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of pupils."""
        return len(self.lines) if parent is None or not parent.isValid() else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the subjects and what sums them up."""
        return len(self.subjects) + len(SUMS) if parent is None or not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, its tip, or its words for screen readers."""
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.lines[row].pupil.name}, {self.words(row, column)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(self.words(row, column))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return names at the left, subjects above; whole ones in tips and for screen readers."""
        if orientation == Qt.Orientation.Vertical:
            pupil = self.lines[section].pupil
            if role == Qt.ItemDataRole.DisplayRole:
                return f"{pupil.position}  {pupil.name}"
            return as_tip(pupil.whole_name) if role == Qt.ItemDataRole.ToolTipRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            subject = self.subject(section)
            return (subject.short_title or subject.title) if subject else tr(HEADS[self.sum(section)])
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return as_tip(self.title(section))
        return None

    # --- words ---------------------------------------------------------------------------------------------------

    def title(self, column: int) -> str:
        """Return the whole name of a column."""
        subject = self.subject(column)
        return subject.title if subject else tr(SPOKEN[self.sum(column)])

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell: the average and the mark, or a sum."""
        cell = self.cell(row, column)
        if cell is not None:
            return " ".join(part for part in (self.average(cell.weighted_average), cell.expected) if part)
        return self.sum_text(row, column) if self.subject(column) is None else ""

    def sum_text(self, row: int, column: int) -> str:
        """Return what stands in a column that sums up; nothing for none."""
        what = self.sum(column)
        if what == "outlook":
            return self.outlook(self.lines[row].outlook, short=True)
        number: int = getattr(self.lines[row], what)
        return str(number) if number else ""

    def average(self, value: Decimal | None) -> str:
        """Return an average as it is shown, "" for none."""
        return shown_average(value, self.thresholds) if value is not None and self.thresholds is not None else ""

    def words(self, row: int, column: int) -> str:
        """Return everything that a cell tells, as a colleague would say it."""
        subject, cell = self.subject(column), self.cell(row, column)
        if subject is None:
            return self._sum_words(row, column)
        if cell is None:
            return tr("{subject}: в группе этого предмета ученика нет").format(subject=subject.title)
        return f"{subject.title}: {', '.join(self._told(cell))}"

    def _told(self, cell: SubjectCell) -> list[str]:
        parts = [tr("отметки {marks}").format(marks=" ".join(cell.marks)) if cell.marks else tr("отметок нет")]
        if cell.average is not None:
            parts.append(tr("средний {value}").format(value=self.average(cell.average)))
        if cell.weights_differ:
            parts.append(tr("с весом {value}").format(value=self.average(cell.weighted_average)))
        if cell.value:
            parts.append(tr("стоит {mark}").format(mark=cell.value))
        if cell.proposed and cell.proposed != cell.value:
            parts.append(tr("предлагается {mark}").format(mark=cell.proposed))
        parts += [tr("не сдано: {n}").format(n=count(cell.debts, WORK))] if cell.debts else []
        parts += [tr("пропущено: {n}").format(n=count(cell.missed, LESSON))] if cell.missed else []
        parts += [tr("опозданий: {n}").format(n=cell.late)] if cell.late else []
        return [*parts, tr("спорная")] if cell.contested else parts

    def _sum_words(self, row: int, column: int) -> str:
        line, what = self.lines[row], self.sum(column)
        if what == "outlook":
            return self.outlook(line.outlook) or tr("Выходит без двоек и без одной тройки или четвёрки")
        if what == "missed" and line.missed:
            told = tr("пропущено: {n}, без уважительной причины {unexcused}")
            return told.format(n=count(line.missed, LESSON), unexcused=line.unexcused)
        return f"{tr(SPOKEN[what])}: {getattr(line, what) or tr('нет')}"

    def outlook(self, outlook: Outlook, *, short: bool = False) -> str:
        """Return «не успевает: Алгебра, Физика», «одна 3: Химия», «отличник»."""
        if not outlook.risk:
            return tr(STANDINGS.get(outlook.standing, ""))
        named = {each.subject_id: (short and each.short_title) or each.title for each in self.subjects}
        title = (SHORT_RISKS if short else RISKS)[outlook.risk]
        return f"{tr(title)}: {', '.join(named[each] for each in outlook.subjects)}"


def _frame(results: ClassResults, lines: list[PupilLine]) -> tuple[object, ...]:
    pupils = tuple(line.pupil.pupil_id for line in lines)
    return results.class_group_id, results.period.kind, results.period.number, results.subjects, pupils
