"""The family sheet on the screen: one line per subject, what it comes to, what teachers wrote; copied as text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ejournal_core.marks import shown_average
from ejournal_core.policy import Policy
from ejournal_desktop.models.queries.family_sheet import (
    FamilySheet,
    SheetSubject,
    documents_text,
    marks_text,
    missed_words,
    sheet_text,
)
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.chooser_button import ChooserButton
from ejournal_desktop.ui.widgets.day_field import DayField
from ejournal_desktop.ui.widgets.entry_table import dress_register
from ejournal_desktop.ui.widgets.layouts import scrolling
from ejournal_desktop.ui.words import as_tip, tr

Index = QModelIndex | QPersistentModelIndex

ROW = 22
HEADS = ("Предмет", "Уроков", "Отметки", "Средний", "С весом", "Пропущено", "Опозд.", "За период")
SUBJECT, LESSONS, MARKS, AVERAGE, WEIGHTED, MISSED, LATE, VALUE = range(len(HEADS))
WIDTHS = {SUBJECT: 186, LESSONS: 66, AVERAGE: 72, WEIGHTED: 72, MISSED: 130, LATE: 66, VALUE: 84}
MARKS_LEAST = 160


class SheetModel(QAbstractTableModel):
    """The subjects of a sheet."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sheet: FamilySheet | None = None
        self.policy: Policy | None = None

    def show_sheet(self, sheet: FamilySheet | None, policy: Policy) -> None:
        """Show a sheet."""
        self.beginResetModel()
        self.sheet, self.policy = sheet, policy
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of subjects."""
        whole = parent is None or not parent.isValid()
        return len(self.sheet.subjects) if whole and self.sheet is not None else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(HEADS) if parent is None or not parent.isValid() else 0

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heads."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section not in (SUBJECT, MARKS, MISSED):
            return Qt.AlignmentFlag.AlignCenter
        return tr(HEADS[section]) if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a text, its place, its whole in the tip, and its words for screen readers."""
        text = self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(text) or None
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() not in (SUBJECT, MARKS, MISSED):
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.AccessibleTextRole:
            assert self.sheet is not None
            subject = self.sheet.subjects[index.row()].title
            return f"{subject}, {tr(HEADS[index.column()])}: {text or tr('нет')}"
        return None

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell."""
        assert self.sheet is not None
        subject = self.sheet.subjects[row]
        texts = {
            SUBJECT: subject.title, LESSONS: str(subject.lessons), MARKS: marks_text(subject),
            AVERAGE: self._average(subject.average), WEIGHTED: self._weighted(subject),
            MISSED: _missed(subject),
            LATE: str(subject.late or ""), VALUE: subject.value,
        }  # fmt: skip
        return texts[column]

    def _average(self, value: Decimal | None) -> str:
        return shown_average(value, self.policy.rounding_thresholds) if value is not None and self.policy else ""

    def _weighted(self, subject: SheetSubject) -> str:
        return self._average(subject.weighted_average) if subject.weighted_average != subject.average else ""


def _missed(subject: SheetSubject) -> str:
    """Return «3: Б 2, Н 1»: the register's codes, which the sums below spell out."""
    codes = ", ".join(f"{each.code} {each.number}" for each in subject.reasons)
    return f"{subject.missed}: {codes}" if subject.missed else ""


class FamilySheetView(QFrame):
    """The sheet of one pupil with its days.

    Signals:
        period_chosen: kind and number of a period.
        days_chosen: first and last day.
        copied: the sheet is on the clipboard.
    """

    period_chosen = Signal(str, int)
    days_chosen = Signal(object, object)
    copied = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.period = ChooserButton(theme.font(theme.TITLE, theme.BOLD), self)
        self._menu = QMenu(self.period)
        self.first, self.last = DayField(self), DayField(self)
        self.copy = QPushButton(self.tr("Скопировать текст"), self)
        self.lines = SheetModel(self)
        self.table = QTableView(self)
        self.sums = QLabel(self)
        self.remarks = QLabel(self)
        self.empty = QLabel(self)
        self._dress()
        self._lay_out()
        self.period.clicked.connect(lambda: self._menu.popup(self.period.mapToGlobal(QPoint(0, self.period.height()))))
        for field in (self.first, self.last):
            field.returnPressed.connect(self._choose_days)
        self.copy.clicked.connect(self.copy_text)

    def _dress(self) -> None:
        table = self.table
        table.setModel(self.lines)
        table.setAccessibleName(self.tr("Лист семьи по предметам"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        dress_register(table, ROW)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.period.setToolTip(self.tr("Другой период (Alt+←, Alt+→)"))
        self.first.setAccessibleName(self.tr("С какого дня"))
        self.last.setAccessibleName(self.tr("По какой день"))
        self.copy.setToolTip(self.tr("Весь лист текстом: для письма или сообщения (Ctrl+Shift+C)"))
        self.sums.setWordWrap(True)
        self.remarks.setWordWrap(True)
        self.remarks.setProperty("look", "secondary")
        self.remarks.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty.setProperty("look", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(theme.UNIT, 0, 3 * theme.UNIT, theme.UNIT)
        head.setSpacing(2 * theme.UNIT)
        head.addWidget(self.period)
        for word, field in ((self.tr("с"), self.first), (self.tr("по"), self.last)):
            head.addWidget(QLabel(word, self))
            head.addWidget(field)
        head.addStretch(1)
        head.addWidget(self.copy)
        below = QWidget(self)
        words = QVBoxLayout(below)
        words.setContentsMargins(3 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, 2 * theme.UNIT)
        words.setSpacing(2 * theme.UNIT)
        words.addWidget(self.sums)
        words.addWidget(self.remarks, 1)
        self.below = scrolling(below, self)
        self.below.setMaximumHeight(30 * theme.UNIT)
        self.below.setMinimumHeight(8 * theme.UNIT)
        self.table.setMinimumHeight(3 * ROW)  # a form above needs its room first
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(self.below)

    # --- showing -----------------------------------------------------------------------------------------------------

    def show_sheet(self, sheet: FamilySheet | None, policy: Policy) -> None:
        """Show the sheet of a pupil, or that there is none."""
        if sheet is not None and sheet == self.lines.sheet and policy == self.lines.policy:
            return
        at = self.table.currentIndex().row()
        self.lines.show_sheet(sheet, policy)
        self._fit()
        self.table.setCurrentIndex(self.lines.index(max(at, 0), 0))
        told = sheet is not None and bool(sheet.subjects)
        self.empty.setText("" if told else self.tr("Страниц журнала, о которых можно рассказать семье, пока нет."))
        for part, shown in ((self.table, told), (self.below, told), (self.empty, not told)):
            part.setVisible(shown)
        for button in (self.copy, self.period):
            button.setEnabled(sheet is not None)
        if sheet is not None:
            self._show_days(sheet)
            self._show_words(sheet)

    def _show_days(self, sheet: FamilySheet) -> None:
        self.period.setText(sheet.period.title if sheet.period is not None else self.tr("Свои дни"))
        self.period.setAccessibleName(self.tr("За что лист: {0}").format(sheet.title))
        self.period.updateGeometry()
        for field, day in ((self.first, sheet.first), (self.last, sheet.last)):
            field.near = sheet.first
            if not field.hasFocus():
                field.show_day(day)
        self._menu.clear()
        for choice in sheet.periods:
            action = self._menu.addAction(choice.title)
            action.triggered.connect(lambda _checked=False, at=choice: self.period_chosen.emit(at.kind, at.number))

    def _show_words(self, sheet: FamilySheet) -> None:
        told = self.tr("Всего уроков {lessons}, {missed}, опозданий {late}.")
        self.sums.setText(told.format(lessons=sheet.lessons, missed=missed_words(sheet.missed, sheet.reasons),
                                      late=sheet.late))  # fmt: skip
        lines = [*documents_text(sheet)]
        lines += [f"{each.held_on:%d.%m} {each.subject}, {each.kind}: {each.text} ({each.author})"
                 for each in sheet.remarks]  # fmt: skip
        self.remarks.setText("\n".join(lines))
        self.remarks.setVisible(bool(lines))

    def _fit(self) -> None:
        rest = self.table.viewport().width() - sum(WIDTHS.values())
        for column in range(len(HEADS)):
            self.table.setColumnWidth(column, WIDTHS.get(column, max(MARKS_LEAST, rest)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the marks have the room that is left."""
        super().resizeEvent(event)
        self._fit()

    # --- what a person does ------------------------------------------------------------------------------------------

    def _choose_days(self) -> None:
        days: tuple[date | None, date | None] = (self.first.day, self.last.day)
        for field, day in zip((self.first, self.last), days, strict=True):
            if day is None:
                field.setFocus()
                field.selectAll()
                return
        self.days_chosen.emit(*days)

    def copy_text(self) -> None:
        """Put the whole sheet on the clipboard as text."""
        if self.lines.sheet is not None and self.lines.policy is not None:
            QGuiApplication.clipboard().setText(sheet_text(self.lines.sheet, self.lines.policy))
            self.copied.emit()
