"""How tables look: those in which a key enters something, and registers. No frame, no grid of lines, Tab leaves."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from ejournal_desktop.ui import theme

#: How the numbers of a list stand: on their last digit.
NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def of_number(cell: QRect) -> QRect:
    """Return where in its cell the number of a pupil is painted."""
    return cell.adjusted(0, 0, -2 * theme.UNIT, 0)


class RegisterCells(QStyledItemDelegate):
    """The cells of a register: what is red stays red in the chosen line, where it is read."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Let the words of a chosen line have the colour that they have in any other."""
        super().initStyleOption(option, index)
        own = index.data(Qt.ItemDataRole.ForegroundRole)
        palette = option.palette
        palette.setColor(QPalette.ColorRole.HighlightedText, own or theme.colour(theme.tokens().ink))
        option.palette = palette


def dress(table: QTableView) -> None:
    """Give the table itself its look and manners."""
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setStyleSheet("QTableView { border: none; }")
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)


def dress_register(table: QTableView, row: int) -> None:
    """Give a table the look of a register, with rows of one height whose words stand on one line."""
    _dress_as_register(table, row)
    table.setItemDelegate(RegisterCells(table))


def dress_cells(table: QTableView, row: int) -> None:
    """Give a table the look of a register in which one cell is the current one: its frame alone says where one is."""
    table.setProperty("cells", "true")
    _dress_as_register(table, row)


def _dress_as_register(table: QTableView, row: int) -> None:
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setProperty("look", "register")
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    dress_heads(table, row)


def dress_heads(table: QTableView, row: int) -> None:
    """Give it rows of one height without heads, and heads of columns that only say what stands below."""
    rows, columns = table.verticalHeader(), table.horizontalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(row)
    columns.setHighlightSections(False)
    columns.setSectionsClickable(False)
    columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
