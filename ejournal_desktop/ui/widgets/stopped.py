"""What has stopped the exchange, whether the work is safe, and the way out: one block, hidden while all goes well."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.models.pages import SyncState
from ejournal_desktop.ui import errors, theme
from ejournal_desktop.ui.sentences import ANSWERS, SENTENCES, Sentence
from ejournal_desktop.ui.widgets.pill import alarm_of
from ejournal_desktop.ui.words import ENTRY, count

WORKSTATION_REVOKED = "EJ-393"


class Stopped(QWidget):
    """The sentence of a closed journal, of a broken promise of the server, of pages that are not proved."""

    sign_in_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.happened, self.way_out = QLabel(self), QLabel(self)
        self.happened.setProperty("look", "danger")
        self.sign_in_button = QPushButton(self)
        self.sign_in_button.setProperty("look", "main")
        self.sign_in_button.clicked.connect(self.sign_in_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * theme.UNIT, 0, 4 * theme.UNIT, 3 * theme.UNIT)
        column.setSpacing(theme.UNIT)
        for label in (self.happened, self.way_out):
            label.setWordWrap(True)
            column.addWidget(label)
        column.addSpacing(theme.UNIT)
        column.addWidget(self.sign_in_button)
        column.setAlignment(self.sign_in_button, Qt.AlignmentFlag.AlignLeft)

    def show_state(self, state: SyncState) -> None:
        """Say what has stopped, that nothing is lost, and what to do; a closed journal leads to the sign-in."""
        sentence = _sentence(state)
        happened = sentence.happened if sentence else ""
        way = errors.words(sentence).removeprefix(happened).strip() if sentence else ""
        if state.closed and state.waiting:
            told = self.tr("Не отправлено: {n}. Они целы в файле и запечатаны в папке этого компьютера.")
            way += f" {told.format(n=count(state.waiting, ENTRY))}"
        self.happened.setText(happened)
        self.way_out.setText(way)
        again = self.tr("Выйти и подключить компьютер заново")
        self.sign_in_button.setText(again if _is_disowned(state) else self.tr("Выйти и войти заново"))
        self.sign_in_button.setVisible(is_for_good(state))
        self.setAccessibleName(f"{happened} {way}".strip())
        self.setVisible(bool(happened))


def is_for_good(state: SyncState) -> bool:
    """Say whether another attempt can only fail: this journal or this PC is not listened to any more."""
    return bool(state.closed) or _is_disowned(state)


def _is_disowned(state: SyncState) -> bool:
    return not state.closed and state.problem_code == WORKSTATION_REVOKED


def _sentence(state: SyncState) -> Sentence | None:
    code = state.closed or (state.problem_code if alarm_of(state) else "EJ-266" if state.unproved else "")
    return ANSWERS.get(code) or SENTENCES.get(code)
