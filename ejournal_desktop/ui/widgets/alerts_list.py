"""«Необычное» in Контроль: what others did to marks that a deputy should ask about; read off the window's thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from ejournal_core.errors import EjournalError
from ejournal_desktop.models.commands.notices import put_away
from ejournal_desktop.models.queries.alerts import Unusual, unusual_in_school
from ejournal_desktop.models.queries.notices import Notice, of_unusual
from ejournal_desktop.ui.widgets.news_row import NoticeFace
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal
    from ejournal_desktop.ui.jobs import Jobs

AGAIN_MS = 3_000  # what comes by sync meanwhile is read together


class AlertsList(RowList):
    """One line a person, page and day; Enter leads to the last cell, Delete puts away for good.

    Signals:
        read_anew: other rows are shown.
        cell_wanted: page id, column key, pupil id.
        troubled: a `Trouble` of the reading or of the putting away.
    """

    read_anew = Signal()
    cell_wanted = Signal(str, str, str)
    troubled = Signal(object)

    def __init__(self, journal: Journal, jobs: Jobs, clock: Callable[[], datetime], parent: QWidget) -> None:
        super().__init__(NoticeFace(clock), tr("Необычное"), parent)
        self._journal, self._jobs = journal, jobs
        self._reading = self._is_stale = self._is_closed = False
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self.read)
        self.opened.connect(self._open)
        self.put_away.connect(self.put_away_row)

    def refresh(self) -> None:
        """Read again before long, because something has come."""
        if not self._again.isActive():
            self._again.start()

    def read(self) -> None:
        """Read; a wish that comes meanwhile is the next."""
        if self._is_closed or self._reading:
            self._is_stale = True
            return
        self._again.stop()
        self._reading, self._is_stale = True, False
        self._jobs.run(
            lambda _report: unusual_in_school(self._journal), done=self._show, failed=self._failed, quiet=True
        )

    def _show(self, found: Sequence[Unusual]) -> None:
        if self._ended():
            self.show_rows([of_unusual(each) for each in found])
            self.read_anew.emit()

    def _failed(self, error: BaseException) -> None:
        if self._ended() and isinstance(error, EjournalError) and not self._journal.is_closed:
            self.troubled.emit(error)

    def _ended(self) -> bool:
        """Note the end of a reading; return whether anybody is there to see it."""
        self._reading = False
        if self._is_stale and not self._is_closed:
            self.read()
        return not self._is_closed

    def _open(self, row: Notice) -> None:
        if row.cell is not None:
            self.cell_wanted.emit(*row.cell)

    def open_row(self) -> None:
        """Go to the last cell of the current line."""
        if self.current is not None:
            self._open(self.current)

    def put_away_row(self, row: Notice | None = None) -> None:
        """Put a line away for good, the current one where none is given; the entries and their history stay."""
        row = row or self.current
        if row is None:
            return
        try:
            put_away(self._journal, row.id)
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            self.show_rows([each for each in self.rows if each.id != row.id])
            self.read_anew.emit()

    def close_list(self) -> None:
        """Read no more."""
        self._is_closed = True
        self._again.stop()
