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
        left: nothing of the codes is left here.
    """

    printed = Signal(int)
    left = Signal()

    def __init__(self, jobs: Jobs, parent: QWidget) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._pdf, self._codes = b"", 0
        self._may_go = False  # they were printed, or somebody was told that they were not
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.view = PaperView(jobs, self)
        self.print_button = QPushButton(self.tr("Напечатать…"), self)
        self.print_button.setProperty("look", "main")
        self.print_button.clicked.connect(self.print_paper)
        self.away = QPushButton(self.tr("Убрать"), self)
        self.away.clicked.connect(self.step_back)
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
        self._pdf, self._codes, self._may_go = pdf, codes, False
        self.note.setText(self.tr(
            "Сделано: {n}, за листками — ведомость для подписей. Напечатайте сейчас: второй раз этих кодов не увидит "
            "никто. Первый вход по коду требует придумать свой пароль."
        ).format(n=count(codes, CODE)))  # fmt: skip
        self.view.show_pdf(pdf)
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def print_paper(self) -> None:
        """Ask for the printer."""
        if self._pdf and ask_and_print(self._pdf, self._jobs, self):
            self._may_go = True
            self.printed.emit(self._codes)

    def step_back(self) -> None:
        """Put the codes away; those that nobody printed count already, so they go only when that is asked for twice."""
        if self._may_go:
            self.put_away()
            return
        self._may_go = True
        self.note.setText(self.tr(
            "Ещё не напечатано: {n}. Убрать — Esc ещё раз: эти коды уже действуют, а показать их снова нельзя, каждому "
            "придётся делать новый. Напечатать — Ctrl+P."
        ).format(n=count(self._codes, CODE)))  # fmt: skip

    def put_away(self) -> None:
        """Forget the codes."""
        self._pdf = b""
        self.view.show_pdf(b"")
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts them away."""
        if event.key() == Qt.Key.Key_Escape:
            self.step_back()
        else:
            super().keyPressEvent(event)
