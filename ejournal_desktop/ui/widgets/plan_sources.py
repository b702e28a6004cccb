"""From whose plan the rows are taken: last year's, a colleague's, the parallel class's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ejournal_core.kinds import PlannedLesson
from ejournal_desktop.exchange.lesson_plans import PlanLine, PlanPreview
from ejournal_desktop.models.commands.lesson_plans import RowDraft
from ejournal_desktop.models.queries.lesson_plans import PlanSource
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.plan_standing import ROWS
from ejournal_desktop.ui.words import count

Read = Callable[[str], Sequence[PlannedLesson]]


class PlanSources(QWidget):
    """One chooser of plans. `changed` comes when the person chose another."""

    changed = Signal()

    def __init__(self, read: Read, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._read = read
        self.sources = Chooser(self)
        self.sources.setAccessibleName(self.tr("Откуда взять"))
        self.sources.setMinimumContentsLength(40)
        self.sources.activated.connect(self.changed)
        label = QLabel(self.tr("Откуда взять"), self)
        label.setProperty("look", "secondary")
        label.setBuddy(self.sources)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(label)
        row.addWidget(self.sources)
        row.addStretch(1)

    def show_sources(self, sources: Sequence[PlanSource]) -> None:
        """Offer plans, the first chosen."""
        self.sources.clear()
        for source in sources:
            told = (source.title, source.year, source.teacher, count(source.rows, ROWS), f"{source.hours} ч")
            self.sources.addItem(" · ".join(part for part in told if part), source.journal_page_id)

    def preview(self) -> PlanPreview:
        """Return the rows that would be taken; their dates are of another timetable and stay behind."""
        rows = self._read(self.sources.currentData())
        return PlanPreview(tuple(
            PlanLine(number, RowDraft(row.topic, row.section, row.hours, None, row.homework, row.control))
            for number, row in enumerate(rows, 1)
        ), 0)  # fmt: skip
