"""The history of a cell on the screen: what this computer has at once, the older part when the server has sent it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ejournal_core.errors import EjournalError
from ejournal_desktop.models import queries
from ejournal_desktop.sync.server import ServerAway
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.widgets.cell_history import CellHistory, Present
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal

COMES = "История загружается…"
AWAY = (
    "Сервер сейчас недоступен: показано то, что есть на этом компьютере. Ваши записи целы. "
    "Прежние изменения придут, когда сервер появится: откройте историю ещё раз."
)
SIGNED = "Подписи авторов сверены. Вся история страницы ещё загружается: после неё изменения будут доказаны целиком."
PROVED = "История этой страницы загружена целиком и доказана: она сходится с записями."
DIFFERS = "История этой страницы не сходится с записями. Ваши записи целы и не изменены. Скажите администратору."


class CellPast(QObject):
    """Opens the sheet of a cell's history and keeps it up to date while it is open.

    Signals:
        wanted: kind and record whose older history somebody should fetch; answered by `came`.
        troubled: the journal could not be read.
    """

    wanted = Signal(str, str)
    troubled = Signal(object)

    def __init__(self, journal: Journal, sheet: CellHistory, clock: Callable[[], datetime]) -> None:
        super().__init__(sheet)
        self._journal = journal
        self._sheet = sheet
        self._clock = clock
        self._open: tuple[str, str] = ("", "")
        self._title = ""
        self._present: Present | None = None
        self.can_fetch = False  # whether anybody listens who speaks with a server

    def open(self, kind: str, record: str, page_id: str, title: str, present: Present | None) -> None:
        """Show what is known of a record, and ask for the rest where the page's history is not all here yet."""
        self._open, self._title, self._present = (kind, record), title, present
        try:
            proof = queries.history_of_page(self._journal, page_id)
            asks = self.can_fetch and proof in ("", "loading")
            self._show({"proved": tr(PROVED), "differs": tr(DIFFERS)}.get(proof, tr(COMES) if asks else ""))
        except EjournalError as trouble:
            self.troubled.emit(trouble)
            return
        if asks:
            self.wanted.emit(kind, record)

    def came(self, kind: str, record: str, trouble: EjournalError | None) -> None:
        """Take the answer to `wanted`: the older history is here, or why it is not."""
        if (kind, record) != self._open or not self._sheet.isVisible():
            return
        if isinstance(trouble, ServerAway):
            self._sheet.say(tr(AWAY))
        elif trouble is not None:
            self._sheet.say(errors.explain(trouble).text)
        else:
            try:
                self._show(tr(SIGNED))
            except EjournalError as unread:
                self.troubled.emit(unread)

    def _show(self, note: str) -> None:
        rows = queries.cell_history(self._journal, *self._open)
        self._sheet.tell(self._title, rows, self._clock(), self._present, note)
