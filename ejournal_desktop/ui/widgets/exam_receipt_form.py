"""Says when the results of an examination were received: a day, and a time where it is known."""

from __future__ import annotations

import re
from datetime import datetime

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLineEdit, QWidget

from ejournal_desktop.models.queries.period_results import PeriodResults
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.cell_form import CellForm
from ejournal_desktop.ui.widgets.day_field import DayField
from ejournal_desktop.ui.words import tr

WIDE = 26 * theme.UNIT
_CLOCK = re.compile(r"(\d{1,2})[ .,:;жЖ-]?(\d{2})")


class ExamReceiptForm(CellForm):
    """Says what is meant; whoever owns it writes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Когда получены результаты экзамена"), parent)
        self.day = DayField(self)
        self.day.setFixedWidth(WIDE)
        self.clock = QLineEdit(self)
        self.clock.setMaxLength(5)
        self.clock.setFixedWidth(WIDE)
        self.clock.setPlaceholderText("14:30")
        self.add(tr("День"), self.day)
        self.add(tr("Время, если известно"), self.clock)

    def open(self, results: PeriodResults, now: datetime, hours: int, at: QRect) -> None:
        """Open with what stands, or with today."""
        self.day.near = now.date()
        self.day.show_day(results.received_on or now.date())
        self.clock.setText(results.received_at)
        note = tr("Срок внести их — {n} ч. Без времени он считается с 24:00 этого дня. Пустой день — снять.")
        title = tr("Когда получены результаты экзамена: {page}").format(page=results.page.title)
        self.open_at(title, note.format(n=hours), at, self.day)
        self.day.selectAll()

    @property
    def time_of_day(self) -> str:
        """Return the time as "HH:MM", what was typed where it is none."""
        typed = self.clock.text().strip()
        found = _CLOCK.fullmatch(typed)
        return f"{int(found[1]):02}:{found[2]}" if found else typed
