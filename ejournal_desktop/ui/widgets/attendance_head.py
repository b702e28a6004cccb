"""Above Посещаемость: which day or week, and the four views."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ejournal_core import russian
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.step_arrows import step_arrows
from ejournal_desktop.ui.words import day_title

#: Views with their titles; the third also says how much does not agree.
TITLES = (("day", "День"), ("week", "Неделя"), ("check", "Сверка"), ("map", "Карта недель"))


class AttendanceHead(QFrame):
    """Signals: `stepped` brings −1 or 1, `chosen` the id of a view."""

    stepped = Signal(int)
    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.when = QLabel(self)
        self.when.setProperty("look", "title")
        self.earlier, self.later = step_arrows(self, self.stepped.emit)
        self.buttons = {view: QPushButton(title, self) for view, title in TITLES}
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        row.setSpacing(theme.UNIT)
        for part in (self.earlier, self.when, self.later):
            row.addWidget(part)
        row.addStretch(1)
        for number, (view, button) in enumerate(self.buttons.items(), 1):
            button.setCheckable(True)
            button.setProperty("look", "choice")
            button.setToolTip(f"Alt+{number}")
            button.clicked.connect(lambda _checked=False, each=view: self.chosen.emit(each))
            row.addWidget(button)

    def _set_left(self, *, bare: bool) -> None:
        """Put the title where the words of lists begin; arrows bring room of their own."""
        row = self.layout()
        assert row is not None
        row.setContentsMargins((4 if bare else 2) * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, theme.UNIT)

    def show_view(self, view: str, day: date, first: date, last: date, disagreeing: int) -> None:
        """Show which view is in front, and of what."""
        week = self.tr("Неделя {days}").format(days=russian.days_and_month(first, last))
        titles = {"day": day_title(day), "week": week, "check": self.tr("Сверка с уроками за четыре недели"),
                  "map": self.tr("Пропущено уроков по неделям")}  # fmt: skip
        self.when.setText(titles[view])
        self._set_left(bare=view in ("check", "map"))
        for arrow in (self.earlier, self.later):
            arrow.setVisible(view in ("day", "week"))
        for each, button in self.buttons.items():
            button.setChecked(each == view)
        title = dict(TITLES)["check"]
        self.buttons["check"].setText(f"{title} · {disagreeing}" if disagreeing else title)
