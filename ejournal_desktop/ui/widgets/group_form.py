"""A pupil's time in the special medical group, in place: from, to, by what paper."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLineEdit, QWidget

from ejournal_core.pupil_notes import LONGEST_BASIS
from ejournal_desktop.ui.widgets.cell_form import CellForm
from ejournal_desktop.ui.widgets.day_field import DayField
from ejournal_desktop.ui.words import tr


class GroupForm(CellForm):
    """Says what is wanted; whoever owns it writes. Without the first day the pupil is in no such group."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Специальная медицинская группа"), parent)
        self.since = DayField(self)
        self.until = DayField(self)
        self.basis = QLineEdit(self)
        self.basis.setMaxLength(LONGEST_BASIS)
        self.add(tr("С какого дня"), self.since)
        self.add(tr("По какой день"), self.until)
        self.add(tr("Основание"), self.basis)

    def open(self, name: str, special: tuple[date, date | None] | None, basis: str, today: date, at: QRect) -> None:
        """Open for one pupil."""
        since, until = special or (today, None)
        for field, day in ((self.since, since), (self.until, until)):
            field.near = today
            field.setText(f"{day:%d.%m.%Y}" if day is not None else "")
        self.basis.setText(basis)
        note = tr("Отмечается по теории, «осв.» не ставится. Без первого дня ученик не в группе. Enter — записать.")
        self.open_at(f"{name} · {tr('специальная медицинская группа')}", note, at, self.since)
