"""The places of a session and the ways between them: Enter opens a lesson, the pill opens Состояние, Esc goes back.

window.open_session(person, session_places(window, journal), idle_minutes)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ejournal_desktop.documents.own_signer import own_signer
from ejournal_desktop.documents.sign import Signer, sign_pdf
from ejournal_desktop.models import queries
from ejournal_desktop.ui.main_window import STATE, MainWindow
from ejournal_desktop.ui.screens.documents import DocumentsScreen, Sign
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.screens.state import StateScreen
from ejournal_desktop.ui.screens.today import TodayScreen, local_now
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal

TODAY, JOURNAL, LESSON, DOCUMENTS = "today", "journal", "lesson", "documents"


def session_places(
    window: MainWindow,
    journal: Journal,
    *,
    clock: Callable[[], datetime] = local_now,
    signer: Callable[[], Signer] | None = None,
) -> list[Place]:
    """Return the screens of a person who signed in, wired to each other and to the window.

    Args:
        signer: gives what the person signs with; it may ask the server (it runs off the GUI thread). Without it the
            certificate that lies on the desk is used.
    """
    today = TodayScreen(journal, clock)
    journal_screen = JournalScreen(journal, clock)
    lesson = LessonScreen(journal, clock)
    documents = DocumentsScreen(journal, window.jobs, _signing(journal, signer), clock)
    state = StateScreen(journal, clock)
    for screen in (today, journal_screen, lesson, documents):
        screen.troubled.connect(window.show_trouble)

    def open_lesson(lesson_id: str) -> None:
        lesson.open(lesson_id)
        window.go(LESSON)

    today.lesson_opened.connect(open_lesson)
    lesson.left.connect(lambda: window.go(TODAY))
    state.left.connect(window.go_back)
    state.sync_wanted.connect(window.sync_wanted)
    _Pill(window, journal, clock, state)
    return [
        Place(TODAY, tr("Сегодня"), today),
        Place(JOURNAL, tr("Журнал"), journal_screen),
        Place(LESSON, tr("Урок"), lesson),
        Place(DOCUMENTS, tr("Документы"), documents),
        Place(STATE, "", state),
    ]


def _signing(journal: Journal, signer: Callable[[], Signer] | None) -> Sign:
    def sign(pdf: bytes, reason: str) -> bytes:
        chosen = signer() if signer is not None else own_signer(journal)
        return sign_pdf(pdf, chosen, reason=reason, place="")

    return sign


class _Pill(QObject):
    """Keeps the window's pill and the moment of the last commit up to date while the session's screens live."""

    def __init__(
        self, window: MainWindow, journal: Journal, clock: Callable[[], datetime], parent: StateScreen
    ) -> None:
        super().__init__(parent)
        self._window, self._journal, self._clock = window, journal, clock
        self._watch = JournalWatch(journal, self)
        self._watch.changed.connect(self._tell)
        parent.closed.connect(self._watch.close)
        self._tell()

    def _tell(self) -> None:
        self._window.safe_as_of = self._clock()
        self._window.set_sync_state(queries.sync_state(self._journal, rows=False))
