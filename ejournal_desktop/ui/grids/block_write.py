"""Entering and taking back very many cells of a page: the window goes on, and says how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ejournal_desktop.ui.grids.long_write import Counted, LongWrite, Stopped
from ejournal_desktop.ui.words import count, tr

if TYPE_CHECKING:
    from ejournal_desktop.models.change_set import ChangeSet

MANY = 40  # cells; more of them take longer than a glance
OF = ("записи", "записей", "записей")

#: What is said on the way: (in progress, after a step back).
ENTERING = (
    "Записываю: {0} из {1}. Esc — не записывать ничего.",
    "Остановлено: не записано ничего, всё осталось как было.",
)
STEPPING = ("Отменяю: {0} из {1}. Esc — оставить как есть.", "Остановлено: не отменено ничего, всё осталось как было.")

Deed = Callable[[], "ChangeSet"]


class BlockWrite(LongWrite):
    """One block on its way.

    Signals:
        told: how far it is, ten times a second, and that it was left.
        left: the person stepped back; nothing was written.
    """

    told = Signal(str)
    left = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._words, self._number = ENTERING, 0
        self.moved.connect(self._say)

    def start(
        self, write: Callable[[Counted], ChangeSet], number: int, words: tuple[str, str], ended: Callable[[Deed], None]
    ) -> None:
        """Write; `ended` gets a deed that returns what was written, or raises why it was not."""
        self._words, self._number = words, number

        def failed(error: BaseException) -> None:
            if isinstance(error, Stopped):
                self.told.emit(tr(words[1]))
                self.left.emit()
            else:
                ended(lambda: _raise(error))

        self.begin(write, lambda changes: ended(lambda: changes), failed)
        self._say(0)

    def _say(self, so_far: int) -> None:
        self.told.emit(tr(self._words[0]).format(so_far, count(self._number, OF)))


def _raise(error: BaseException) -> Any:
    raise error
