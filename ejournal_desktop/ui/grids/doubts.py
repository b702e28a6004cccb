"""Entries of Журнал that cannot both be true, and period marks that lack their reason: told at the cell."""

from __future__ import annotations

from ejournal_core.indicators import deviates
from ejournal_core.policy import Policy
from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from ejournal_desktop.ui.words import tr

LATE = "оп"


def doubt(grid: MarkGrid, column: int, row: int, policy: Policy) -> str:
    """Return what does not fit at a cell: a mark of a pupil whom the same lesson has as absent (P16), or one of a
    period that differs from what is proposed and says not why (S0-9.32).
    """
    proposed = unreasoned(grid, column, row)
    if proposed:
        return tr("предложено {0}, нужно обоснование: F2").format(proposed)
    at, pupil = grid.columns[column], grid.pupils[row]
    if policy.allow_mark_when_absent or at.kind != "lesson":
        return ""
    cells = [grid.cells.get((other.key, pupil.pupil_id)) for other in grid.columns if other.lesson_id == at.lesson_id]
    away = any(cell is not None and cell.absence not in ("", LATE) for cell in cells)
    if away and any(cell is not None and cell.value for cell in cells):
        return tr("не сходится: отсутствует, а отметка стоит — исправьте одно из двух")
    return ""


def unreasoned(grid: MarkGrid, column: int, row: int) -> str:
    """Return what is proposed where the period mark that stands differs from it without a reason; "" elsewhere."""
    if grid.columns[column].kind != "period" or grid.spread.nothing_due:
        return ""
    cell, proposal = grid.cell(column, row), grid.proposal(column, row)
    if cell is None or proposal is None or cell.comment.strip():
        return ""
    return proposal.proposed if deviates(cell.value, proposal.proposed) else ""
