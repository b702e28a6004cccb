"""Rows that would be entered into a plan, before anything is: from a file or from another plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ejournal_desktop.exchange.lesson_plans import PlanLine, PlanPreview
from ejournal_desktop.models.commands.lesson_plans import RowDraft
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.entry_table import dress_register
from ejournal_desktop.ui.widgets.plan_standing import ROWS
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import as_tip, count, day_short, tr

Index = QModelIndex | QPersistentModelIndex
Read = Callable[[], PlanPreview]

HEADS = ("Строка", "Раздел", "Тема", "Часы", "Контроль", "Домашнее задание", "Дата")
SHARES = (0, 4, 9, 0, 3, 5, 0)
FIXED = {0: 64, 3: 46, 6: 64}
SECTION, WORDS = 1, 6  # a refused row is one sentence over all columns from the section on
REFUSED = ("строку", "строки", "строк")
SKIPPED = ("строка пропущена", "строки пропущены", "строк пропущено")


class OfferModel(QAbstractTableModel):
    """The lines of a preview."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[PlanLine, ...] = ()

    def show_lines(self, lines: tuple[PlanLine, ...]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of lines."""
        return len(self.lines) if parent is None or not parent.isValid() else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(HEADS) if parent is None or not parent.isValid() else 0

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heads."""
        across = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return tr(HEADS[section]) if across else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell; what is refused is in the colour of danger, and begins with a sign besides."""
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.ForegroundRole and line.problem:
            return theme.colour(theme.tokens().danger)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.text(line, index.column())
        return as_tip(self.text(line, index.column())) if role == Qt.ItemDataRole.ToolTipRole else None

    @staticmethod
    def text(line: PlanLine, column: int) -> str:
        """Return what stands in a cell."""
        if column == 0:
            return str(line.number)
        if line.problem is not None:
            told = f"! {line.problem.what}: {line.problem.advice}"
            return told if column == SECTION else ""
        return _words(line.draft, column) if line.draft is not None else ""


def _words(draft: RowDraft, column: int) -> str:
    day = day_short(draft.planned_on) if draft.planned_on else ""
    return ("", draft.section, draft.topic, str(draft.hours), draft.control, draft.homework, day)[column]


class PlanOffer(QFrame):
    """Enter writes all of it, Esc nothing.

    Signals:
        taken: the rows as `RowDraft`s, and whether they take the place of those that stand.
        left: the person steps back; nothing was written.
    """

    taken = Signal(object, bool)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "paper")
        self._head: QWidget | None = None
        self._read: Read | None = None
        self.preview = PlanPreview((), 0)
        self.title = QLabel(self)
        self.title.setProperty("look", "title")
        self.title.setWordWrap(True)
        self.sums = Line(self)
        self.lines = OfferModel(self)
        self.table = _OfferTable(self.lines, self)
        self.how = Chooser(self)
        self.how.setAccessibleName(self.tr("Куда записать"))
        self.write = QPushButton(self)
        self.write.setProperty("look", "main")
        self.write.clicked.connect(self.take)
        self.leave = QPushButton(self.tr("Не надо (Esc)"), self)
        self.leave.clicked.connect(self.left)
        self._lay_out()

    def _lay_out(self) -> None:
        self._place = QVBoxLayout()
        foot = QHBoxLayout()
        foot.setSpacing(2 * theme.UNIT)
        foot.addWidget(self.how)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        foot.addWidget(self.write)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[3 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(self.title)
        column.addLayout(self._place)
        column.addWidget(self.sums)
        column.addWidget(self.table, 1)
        column.addLayout(foot)

    def offer(self, title: str, head: QWidget, read: Read, standing: int) -> None:
        """Show what `read` gives; `head` stands above it, and `standing` rows are in the plan already."""
        if self._head is not None:
            self._head.hide()
            self._head.deleteLater()
        self._head, self._read = head, read
        self._place.addWidget(head)
        self.title.setText(title)
        self.how.clear()
        self.how.addItem(self.tr("Добавить в конец плана"))
        self.how.addItem(self.tr("Вместо прежних строк: {n}").format(n=standing))
        self.how.setVisible(bool(standing))
        self.refresh()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Read the rows again, with what was chosen above."""
        assert self._read is not None
        self.preview = self._read()
        self.lines.show_lines(self.preview.lines)
        for number, line in enumerate(self.preview.lines):
            if line.problem is not None:
                self.table.setSpan(number, SECTION, 1, WORDS)
        if self.preview.lines:
            self.table.setCurrentIndex(self.lines.index(0, 0))
        rows = len(self.preview.drafts)
        self.write.setText(self.tr("Записать {n} (Enter)").format(n=count(rows, REFUSED)))
        self.write.setEnabled(bool(rows) and not self.preview.problems)
        self.sums.say(what_would_come(self.preview), "danger" if self.preview.problems else "")

    def take(self) -> None:
        """Hand the rows over; while one is refused, say so and go to it."""
        if self.preview.problems or not self.preview.drafts:
            self.go_to_refused()
        else:
            self.taken.emit(self.preview.drafts, self.how.currentIndex() == 1)

    def go_to_refused(self) -> None:
        """Go to the next row that is refused; after the last to the first."""
        refused = [number for number, line in enumerate(self.preview.lines) if line.problem]
        here = self.table.currentIndex().row()
        if refused:
            self.table.setCurrentIndex(self.lines.index(next((n for n in refused if n > here), refused[0]), SECTION))
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take all, or step back, wherever the focus is on this page."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class _OfferTable(QTableView):
    """The rows; nothing is written in them."""

    def __init__(self, lines: OfferModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(lines)
        self.setAccessibleName(self.tr("Что будет записано"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        dress_register(self, theme.ROW + 2)
        lines.modelAboutToBeReset.connect(self.clearSpans)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the words the room that is left."""
        super().resizeEvent(event)
        room = max(self.viewport().width() - sum(FIXED.values()), 420)
        for column, share in enumerate(SHARES):
            self.setColumnWidth(column, FIXED.get(column) or room * share // sum(SHARES))


def what_would_come(preview: PlanPreview) -> str:
    """Return «Войдёт 66 строк, 68 ч; 5 строк пропущено: заголовки и итоги», or how many rows have to be mended."""
    if preview.problems:
        n = count(len(preview.problems), REFUSED)
        return tr("{n} загрузить нельзя, поэтому не загружается ничего: исправьте файл и выберите его снова, "
                  "или другой столбец. Ctrl+J — к следующей.").format(n=n[:1].upper() + n[1:])  # fmt: skip
    if not preview.drafts:
        return tr("Тем здесь не нашлось: выберите другую таблицу или другой столбец с темами.")
    told = tr("Войдёт {n}, {hours} ч").format(n=count(len(preview.drafts), ROWS), hours=preview.hours)
    skipped = tr("{n}: заголовки и итоги").format(n=count(preview.skipped, SKIPPED)) if preview.skipped else ""
    return "; ".join(part for part in (told, skipped) if part) + "."
