"""Which page's plan is open, in the window's header; for whoever approves, which plans wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from ejournal_desktop.models.queries.plans_to_approve import WaitingPlan
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.chooser_button import ChooserButton
from ejournal_desktop.ui.widgets.page_chooser import PageChooser
from ejournal_desktop.ui.words import tr

_STATES: dict[str, Callable[[str], str]] = {
    "submitted": lambda who: who,
    "resubmitted": lambda who: tr("{who}, изменённое сдано снова").format(who=who),
    "changed": lambda _who: tr("изменено после утверждения"),
}


class PlanHeader(QFrame):
    """The chooser of pages, no wider than its words, and the list of plans that wait for approval."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = PageChooser(self)
        self.pages.setToolTip(self.tr("Выбрать страницу журнала (Ctrl+O)"))
        self.waiting = ChooserButton(theme.font(), self)
        self.waiting.setToolTip("Ctrl+R")
        self.menu = QMenu(self.waiting)
        self.waiting.clicked.connect(self.open_waiting)
        self.waiting.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.pages)
        row.addWidget(self.waiting)
        row.addStretch(1)

    def show_waiting(self, plans: Sequence[WaitingPlan]) -> None:
        """Offer the plans that wait for approval; without any nothing is shown."""
        self.waiting.setVisible(bool(plans))
        self.waiting.setText(self.tr("Ждут утверждения: {n}").format(n=len(plans)))
        self.waiting.setAccessibleName(self.waiting.text())
        self.waiting.updateGeometry()
        self.menu.clear()
        for plan in plans:
            why = _STATES[plan.state](plan.teacher)
            action = self.menu.addAction(f"{plan.page.title} — {why}".replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, page_id=plan.page.id: self.pages.chosen.emit(page_id))

    def open_waiting(self) -> bool:
        """Open the list; return whether there is anything in it."""
        if self.menu.actions():
            self.menu.popup(self.waiting.mapToGlobal(QPoint(0, self.waiting.height())))
        return bool(self.menu.actions())
