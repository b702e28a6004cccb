"""Итоги as they are printed: the texts of the table and the bars of the pictures that stand on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejournal_desktop.models.queries.period_results import NO_REASON, PeriodResults
from ejournal_desktop.ui.widgets.results_header import what_stands
from ejournal_desktop.ui.widgets.results_model import (
    AVERAGE,
    COUNT,
    HEADS,
    MARK,
    NAME,
    NUMBER,
    PROPOSED,
    REASON,
    WEIGHTED,
    ResultsModel,
)
from ejournal_desktop.ui.widgets.results_pictures import pictures_of
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.documents.forms.results_page import ResultsPage

PRINTED = (NUMBER, NAME, COUNT, AVERAGE, WEIGHTED, PROPOSED, MARK, REASON)


def results_page(results: PeriodResults, lines: ResultsModel) -> ResultsPage:
    """Return what is printed of a page."""
    from ejournal_desktop.documents.forms.results_page import PrintedBar, ResultsPage

    return ResultsPage(
        title=f"{tr('Итоги')}: {results.page.title}, {results.period.title}",
        subtitle=f"{', '.join(results.page.teachers)} · {results.today:%d.%m.%Y} · {what_stands(results)}",
        heads=tuple(tr(HEADS[column]) for column in PRINTED),
        lines=tuple(tuple(_told(lines, row, column) for column in PRINTED) for row in range(lines.rowCount())),
        pictures=tuple(
            (title, tuple(PrintedBar(bar.label, bar.figure, bar.length, bar.mark_at) for bar in bars))
            for title, bars in pictures_of(results)
            if bars
        ),
    )


def _told(lines: ResultsModel, row: int, column: int) -> str:
    """Return the text of a cell without what only helps at the keyboard."""
    if column != REASON:
        return lines.text(row, column)
    line = lines.row(row)
    return " · ".join(part for part in (tr(NO_REASON) if line.missing == NO_REASON else "", line.cell.told) if part)


def results_pdf(results: PeriodResults, lines: ResultsModel) -> bytes:
    """Return the page on paper; the libraries of paper load now."""
    from ejournal_desktop.documents.forms.results_page import build_results_page

    return build_results_page(results_page(results, lines))
