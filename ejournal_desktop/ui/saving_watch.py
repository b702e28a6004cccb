"""What the window's thread hears of the disk: that it takes its time, that it refuses, that all is saved."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QObject, QTimer, Signal

from ejournal_core.errors import Trouble
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal

LOOK_MS = 100
AT_CLOSING = 1.0  # seconds that a window which is to close may stand still for the disk


class StillSaving(Trouble):
    """The window was to be closed while the disk was still writing; it closes by itself."""

    code: ClassVar[str] = "EJ-542"


class SavingWatch(QObject):
    """Looks at the disk for as long as something is on its way there.

    Signals:
        changed: entries are late now, or not any more.
        refused: the trouble of a disk that refuses, None when it has taken everything after all.
        done: everything is saved, and somebody wanted to leave.
    """

    changed = Signal()
    refused = Signal(object)
    done = Signal()
    _heard = Signal(object)
    _answered = Signal(object)

    def __init__(self, journal: Journal, parent: QObject) -> None:
        super().__init__(parent)
        self._journal = journal
        self._was_slow = self._was_refused = self._wants_to_leave = False
        self._looking = QTimer(self, interval=LOOK_MS)
        self._looking.timeout.connect(self._look)
        self._heard.connect(self._on_changes)
        self._answered.connect(self._on_answer)
        self._stop = journal.listen(self._heard.emit)
        self._stop_watching = journal.watch_disk(self._answered.emit)

    def may_leave(self) -> bool:
        """Say whether a person may leave: all is saved, or the disk refuses and the person knows and insists."""
        if self._journal.is_saved(AT_CLOSING) or (self._wants_to_leave and self._was_refused):
            return True
        self._wants_to_leave = True
        self._looking.start()
        return False

    def close(self) -> None:
        """Look no more."""
        self._looking.stop()
        self._stop()
        self._stop_watching()

    def _on_changes(self, changes: ChangeSet) -> None:
        if not changes.saved:
            self._looking.start()

    def _on_answer(self, trouble: Trouble | None) -> None:
        self._was_refused = trouble is not None
        self.refused.emit(trouble)
        self._look()

    def _look(self) -> None:
        is_saved, is_slow = self._journal.is_saved(), self._journal.is_slow()
        if is_saved:
            self._looking.stop()
        if is_slow and not self._was_slow:
            self._journal.tell_everything()  # what is late looks different now
        if is_slow != self._was_slow:
            self._was_slow = is_slow
            self.changed.emit()
        if is_saved and self._wants_to_leave:
            self._wants_to_leave = False
            self.done.emit()
