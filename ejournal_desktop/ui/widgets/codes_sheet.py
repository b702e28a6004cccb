"""Slips with codes and the ledger, shown to be printed at once: they lie in memory only, and go with Esc."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.printing import ask_and_print
from ejournal_desktop.ui.widgets.layouts import in_a_row
from ejournal_desktop.ui.widgets.paper_view import PaperView
from ejournal_desktop.ui.words import count

CODE = ("код", "кода", "кодов")


class CodesSheet(QWidget):
    """One print of codes.

    Signals:
        printed: how many codes; the person agreed to print them.
        left: Esc; nothing of the codes is left here.
    """

    printed = Signal(int)
    left = Signal()

    def __init__(self, jobs: Jobs, parent: QWidget) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._pdf, self._codes = b"", 0
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.view = PaperView(jobs, self)
        self.print_button = QPushButton(self.tr("Напечатать… Ctrl+P"), self)
        self.print_button.setProperty("look", "main")
        self.print_button.clicked.connect(self.print_paper)
        self.away = QPushButton(self.tr("Убрать: Esc"), self)
        self.away.clicked.connect(self.put_away)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, 0)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(self.note)
        column.addLayout(in_a_row(self.print_button, self.away))
        column.addWidget(self.view, 1)

    @property
    def is_full(self) -> bool:
        """Say whether codes are shown."""
        return bool(self._pdf)

    def show_codes(self, codes: int, pdf: bytes) -> None:
        """Show a print."""
        self._pdf, self._codes = pdf, codes
        self.note.setText(self.tr(
            "Сделано: {n}, за листками — ведомость для подписей. Напечатайте сейчас: второй раз этих кодов не увидит "
            "никто. Первый вход по коду требует придумать свой пароль."
        ).format(n=count(codes, CODE)))  # fmt: skip
        self.view.show_pdf(pdf)
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def print_paper(self) -> None:
        """Ask for the printer."""
        if self._pdf and ask_and_print(self._pdf, self._jobs, self):
            self.printed.emit(self._codes)

    def put_away(self) -> None:
        """Forget the codes."""
        self._pdf = b""
        self.view.show_pdf(b"")
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts them away."""
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
        else:
            super().keyPressEvent(event)
