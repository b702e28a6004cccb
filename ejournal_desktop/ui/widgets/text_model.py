"""Lines of words for a table that is walked, sorted and copied: rows stay what they are, cells are their texts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from ejournal_core import russian
from ejournal_desktop.ui.widgets.entry_table import NUMBERS
from ejournal_desktop.ui.words import as_tip, tr

Index = QModelIndex | QPersistentModelIndex
Column = tuple[str, str, int]  # head, field, width


class TextModel(QAbstractTableModel):
    """Rows with the texts of their cells.

    Args:
        columns: head, field and width, as `LineTable` takes them.
        texts: makes the texts of a row, one for each column.
        hue: gives the colour of a row's words, None for the usual one.
        numbers: the fields whose cells stand on their last digit.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        texts: Callable[[Any], Sequence[str]],
        parent: QObject | None = None,
        hue: Callable[[Any], QColor | None] | None = None,
        numbers: Collection[str] = (),
    ) -> None:
        super().__init__(parent)
        self._numbers = [at for at, (_, field, _) in enumerate(columns) if field in numbers]
        self._columns, self._texts, self._hue = columns, texts, hue
        self.rows: list[Any] = []
        self._cells: list[Sequence[str]] = []

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Show other rows, in this order."""
        self.beginResetModel()
        self.rows = list(rows)
        self._cells = [self._texts(row) for row in rows]
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many rows there are."""
        return len(self.rows) if parent is None or not parent.isValid() else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(self._columns) if parent is None or not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell; cut texts are whole in the tip."""
        if role == Qt.ItemDataRole.ForegroundRole and self._hue is not None:
            return self._hue(self.rows[index.row()])
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in self._numbers:
            return NUMBERS
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        text = self._cells[index.row()][index.column()]
        return as_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the head of a column, and how it stands above numbers."""
        if role == Qt.ItemDataRole.TextAlignmentRole and section in self._numbers:
            return NUMBERS
        across = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return tr(self._columns[section][0]) if across else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the rows in the order of a column; -1 leaves them as they came."""
        if column < 0:
            return
        self.layoutAboutToBeChanged.emit()
        order_ = sorted(
            range(len(self.rows)), key=lambda at: russian.sort_key(self._cells[at][column]),
            reverse=order != Qt.SortOrder.AscendingOrder,
        )  # fmt: skip
        self.rows = [self.rows[at] for at in order_]
        self._cells = [self._cells[at] for at in order_]
        self.layoutChanged.emit()
