"""«Попросить исправить» on a screen: the form at a refused entry, the request, and what is said afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QWidget

from ejournal_core.errors import Refusal, Trouble
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.asking import Wanted, ask_for
from ejournal_desktop.ui.widgets.ask_form import AskForm
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal

KEY = "Ctrl+E"  # `invitation` in `grids/mark_grid.py` says it


class Asking(QObject):
    """Opens the form for one refused entry at a time.

    Signals:
        asked: a sentence about what was asked for.
        left: the person stepped back.
        troubled: the `Trouble` that the request met.
    """

    asked = Signal(str)
    left = Signal()
    troubled = Signal(object)

    def __init__(self, journal: Journal, screen: QWidget) -> None:
        super().__init__(screen)
        self._journal = journal
        self._wanted: Wanted | None = None
        self._then: Callable[[], None] = _nothing
        self.form = AskForm(screen)
        self.form.wanted.connect(self._ask)
        self.form.left.connect(self.left)

    def open(self, wanted: Wanted, at: QRect, then: Callable[[], None], why: str = "") -> None:
        """Open the form at a rectangle of the screen; `then` is called once the request is in the journal.

        `why` is the reason that the person has typed already, at the entry that was refused.
        """
        try:
            draft = queries.request_draft(self._journal, wanted.kind, wanted.record_id, wanted.fields)
        except Trouble as trouble:
            self.troubled.emit(trouble)
            return
        self._wanted, self._then = wanted, then
        self.form.offer(draft, f"{wanted.kind} {wanted.record_id}", at, why)

    def _ask(self, why: str) -> None:
        wanted = self._wanted
        if wanted is None:
            return
        try:
            changes = ask_for(self._journal, wanted, why).changes
        except Refusal as refusal:
            self.form.refuse(refusal.sentence)
            return
        except Trouble as trouble:
            self.troubled.emit(trouble)
            return
        self._wanted = None
        self.form.close_form()
        self._then()
        self.asked.emit(_told(wanted, changes[-1].kind))


def _told(wanted: Wanted, asked_for: str) -> str:
    if asked_for == wanted.kind:
        return tr("Заявка подана. Решение придёт в «Сегодня»; до него журнал остаётся прежним.")
    what = tr("урок") if asked_for == "Lesson" else tr("столбец отметок")
    told = tr("Сначала нужен {what}: заявка на него подана. Когда разрешат, запись можно будет попросить.")
    return told.format(what=what)


def _nothing() -> None:
    """Stand where nobody waits for a request."""
