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
AGAIN = "Прежние изменения пришли, пока программа была заблокирована: откройте историю ещё раз."
SIGNED = "Подписи авторов сверены. Вся история страницы ещё загружается: после неё изменения будут доказаны целиком."
PROVED = "История этой страницы загружена целиком и доказана: она сходится с записями."
DIFFERS = "История этой страницы не сходится с записями. Ваши записи целы и не изменены. Скажите администратору."

GONE = "Содержание уничтожено по акту № {number} от {day}: кто и когда вносил, осталось."


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
        self._page = self._title = ""
        self._present: Present | None = None
        self.can_fetch = False  # whether anybody listens who speaks with a server

    def open(self, kind: str, record: str, page_id: str, title: str, present: Present | None) -> None:
        """Show what is known of a record, and ask for the rest where the page's history is not all here yet."""
        self._open, self._page, self._title, self._present = (kind, record), page_id, title, present
        if self._show(tr(COMES) if self.can_fetch else "") and self.can_fetch:
            self.wanted.emit(kind, record)

    def came(self, kind: str, record: str, trouble: EjournalError | None) -> None:
        """Take the answer to `wanted`: the older history is here, or why it is not."""
        if (kind, record) != self._open or self._sheet.isHidden():
            return
        if isinstance(trouble, ServerAway):
            self._sheet.say(tr(AWAY))
        elif trouble is not None:
            self._sheet.say(errors.explain(trouble).text)
        elif not self._sheet.isVisible():  # the lock is over it: the journal is closed and cannot be read
            self._sheet.say(tr(AGAIN))
        else:
            self._show(tr(SIGNED))

    def _show(self, note: str) -> bool:
        """Show what is here, under it `note` unless all of the page's history is; say whether there may be more."""
        try:
            known = {"proved": PROVED, "differs": DIFFERS}.get(queries.history_of_page(self._journal, self._page))
            rows = queries.cell_history(self._journal, *self._open)
            act = queries.destroyed_by(self._journal, *self._open)
        except EjournalError as trouble:
            self.troubled.emit(trouble)
            return False
        gone = tr(GONE).format(number=act.act_number, day=f"{act.act_date:%d.%m.%Y}") if act else ""
        told = " ".join(part for part in (gone, tr(known) if known else note) if part)
        self._sheet.tell(self._title, rows, self._clock(), self._present, told)
        return known is None
