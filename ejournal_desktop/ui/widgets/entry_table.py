"""How tables look: those in which a key enters something, and registers. No frame, no grid of lines, Tab leaves."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from ejournal_desktop.ui import theme

#: How the numbers of a list stand: on their last digit.
NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def of_number(cell: QRect) -> QRect:
    """Return where in its cell the number of a pupil is painted."""
    return cell.adjusted(0, 0, -2 * theme.UNIT, 0)


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
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setProperty("look", "register")
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    dress_heads(table, row)


def dress_cells(table: QTableView, row: int) -> None:
    """Give a table the look of a register in which one cell is the current one: its frame alone says where one is."""
    table.setProperty("cells", "true")
    dress_register(table, row)


def dress_heads(table: QTableView, row: int) -> None:
    """Give it rows of one height without heads, and heads of columns that only say what stands below."""
    rows, columns = table.verticalHeader(), table.horizontalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(row)
    columns.setHighlightSections(False)
    columns.setSectionsClickable(False)
    columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
