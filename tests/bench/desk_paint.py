"""Scroll and paint a grid of 35 pupils × 200 columns, against a QTableView with a trivial model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QApplication, QTableView

from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from ejournal_desktop.ui.grids.mark_view import MarkView
from tests.bench.classroom import SIZE, Painted, application, collecting_as_at_work, settle
from tests.bench.rows import Amounts, Bench, Row, in_turns, median, quantile
from tests.helpers.sample_pages import Sample, spread
from tests.helpers.school import small_school

STEP = 40  # pixels a frame
Index = QModelIndex | QPersistentModelIndex


class Trivial(QAbstractTableModel):
    """Text from a list, nothing else."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self._texts = [[str(3 + (r * c) % 3) for c in range(columns)] for r in range(rows)]

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of pupils."""
        return len(self._texts)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(self._texts[0])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell."""
        return self._texts[index.row()][index.column()] if role == Qt.ItemDataRole.DisplayRole else None


class Scrolled:
    """A shown area that is scrolled to and fro, one step a frame."""

    def __init__(self, app: QApplication, area: QAbstractScrollArea) -> None:
        self.app = app
        self.area = area
        area.resize(*SIZE)
        area.show()
        settle(app)
        self.painted = Painted(area.viewport())
        self.step = STEP

    def scroll(self) -> float:
        """Scroll by a step; return the seconds until the frame is painted."""
        bar = self.area.horizontalScrollBar()
        if not bar.minimum() <= bar.value() + self.step <= bar.maximum():
            self.step = -self.step
        return self._frame(lambda: bar.setValue(bar.value() + self.step))

    def repaint(self) -> float:
        """Paint everything in sight anew; return the seconds."""
        return self._frame(self.area.viewport().update)

    def _frame(self, cause: Callable[[], object]) -> float:
        before = self.painted.count
        began = time.perf_counter()
        cause()
        while self.painted.count == before:
            self.app.processEvents()
        return time.perf_counter() - began


def paint(amounts: Amounts) -> Iterator[Row]:
    """Scroll both by the same steps, then paint both anew."""
    import tempfile
    from pathlib import Path

    from tests.helpers.school import desk_of

    app = application()
    school = small_school(2)
    with tempfile.TemporaryDirectory() as folder:
        journal = desk_of(school, school.teacher, Path(folder))
        page = spread(Sample(pupils=amounts.pupils, lessons=amounts.columns))
        grid = MarkGrid(journal, school.page, spread=page)
        ours, plain = Scrolled(app, MarkView(grid)), Scrolled(app, _table(amounts))
        with collecting_as_at_work(app) as begin:
            begin()
            yield from _rows("grid_scroll", *in_turns(amounts.frames, ours.scroll, plain.scroll))
            yield from _rows("grid_repaint", *in_turns(amounts.frames // 3 + 1, ours.repaint, plain.repaint))
        for each in (ours, plain):
            each.area.close()
            each.area.deleteLater()
        grid.close()
        settle(app)
        journal.close()


def _rows(name: str, ours: list[float], plain: list[float]) -> Iterator[Row]:
    target = "≤ 16 ms"
    for part, label in ((0.5, "p50"), (0.99, "p99")):
        mine, theirs = quantile(ours, part), quantile(plain, part)
        yield Row(f"{name}_{label}", mine * 1e3, "ms", mine / theirs, "QTableView", target if part > 0.9 else "")
    assert median(ours) > 0


def _table(amounts: Amounts) -> QTableView:
    table = QTableView()
    table.setModel(Trivial(amounts.pupils, amounts.columns))
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    for column in range(amounts.columns):
        table.setColumnWidth(column, 34)
    return table


BENCHES: tuple[Bench, ...] = (paint,)
