"""Which table of a file is the plan, and which of its columns is what: guessed, and changed by the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from ejournal_desktop.exchange.lesson_plan_tables import TextTable
from ejournal_desktop.exchange.lesson_plans import FIELDS, TITLES, Field, PlanPreview, guess_columns, preview
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.layouts import caption
from ejournal_desktop.ui.widgets.plan_standing import ROWS
from ejournal_desktop.ui.words import count

IN_A_ROW = 4
LONGEST_HEAD = 24


class PlanColumns(QWidget):
    """One chooser for the table and one for each field of a row. `changed` comes when the person chose otherwise."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tables: tuple[TextTable, ...] = ()
        self.tables = Chooser(self)
        self.tables.activated.connect(self._choose_table)
        self.columns: dict[Field, Chooser] = {field: Chooser(self) for field in FIELDS}
        for chooser in self.columns.values():
            chooser.activated.connect(self.changed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * theme.UNIT)
        grid.setVerticalSpacing(0)
        named = [(self.tr("Таблица в файле"), self.tables),
                 *((self.tr(TITLES[field]), chooser) for field, chooser in self.columns.items())]  # fmt: skip
        for number, (title, chooser) in enumerate(named):
            row, column = divmod(number, IN_A_ROW)
            label = caption(title, chooser, self)
            chooser.setMinimumContentsLength(8)
            label.setContentsMargins(0, theme.UNIT if row else 0, 0, 0)
            grid.addWidget(label, 2 * row, column)
            grid.addWidget(chooser, 2 * row + 1, column)
            grid.setColumnStretch(column, 1)

    def show_tables(self, tables: Sequence[TextTable]) -> None:
        """Offer the tables of a file, the longest chosen, its columns guessed."""
        self._tables = tuple(tables)
        self.tables.clear()
        for table in self._tables:
            self.tables.addItem(f"{table.place}: {count(len(table.rows), ROWS)}")
        longest = max(range(len(self._tables)), key=lambda number: len(self._tables[number].rows))
        self.tables.setCurrentIndex(longest)
        self._show_columns()

    def _choose_table(self) -> None:
        self._show_columns()
        self.changed.emit()

    def _show_columns(self) -> None:
        table = self._tables[self.tables.currentIndex()]
        guessed = guess_columns(table)
        heads = [_head(table, place) for place in range(table.width)]
        for field, chooser in self.columns.items():
            chooser.clear()
            if field != "topic":  # a row without a topic is no row
                chooser.addItem(self.tr("не загружать"), None)
            for place, head in enumerate(heads):
                chooser.addItem(head, place)
            chooser.setCurrentIndex(chooser.findData(guessed.get(field)) if field in guessed else 0)

    def chosen(self) -> dict[Field, int]:
        """Return which column is what."""
        places = {field: chooser.currentData() for field, chooser in self.columns.items()}
        return {field: place for field, place in places.items() if place is not None}

    def preview(self, year_starts_on: date) -> PlanPreview:
        """Return what would be entered with these columns."""
        return preview(self._tables[self.tables.currentIndex()], self.chosen(), year_starts_on)


def _head(table: TextTable, place: int) -> str:
    """Return the name of a column: its number and its first words."""
    cells = (row.cells[place] for row in table.rows if place < len(row.cells))
    words = " ".join(next((cell for cell in cells if cell), "").split())
    short = words if len(words) <= LONGEST_HEAD else words[:LONGEST_HEAD].rstrip() + "…"
    return f"{place + 1}. {short}"
