"""Which page's plan is open, in the window's header."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ejournal_desktop.ui.widgets.page_chooser import PageChooser


class PlanHeader(QFrame):
    """The chooser of pages, no wider than its words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = PageChooser(self)
        self.pages.setToolTip(self.tr("Выбрать страницу журнала (Ctrl+O)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.pages)
        row.addStretch(1)
