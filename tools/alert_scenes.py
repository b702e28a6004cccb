"""Scenes of «Необычное» in Контроль and of «Мои входы» in Состояние."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from ejournal_core.kinds import Certificate
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.control import ControlScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.screens.state import StateScreen
from tests.desktop.models.pocket_server import PocketServer, meet
from tests.helpers import sample_news
from tests.helpers.closed_quarter import deputy_with_requests
from tests.helpers.school import NOW, desk_of, small_school
from tests.helpers.windows import DEPUTY, TEACHER, session_places

ROOM = "Учительская, второй этаж, стол у окна рядом с расписанием, левый компьютер из двух новых"


def _folder(window: MainWindow, make: Callable[[Path], Journal]) -> Journal:
    """Return a journal that is gone with the window."""
    folder = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    journal = make(folder)
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(folder))
    return journal


def control_alerts(number: int) -> Callable[[MainWindow], None]:
    """Return the scene of the deputy's desk with so many requests, and what is unusual below them."""

    def draw(window: MainWindow) -> None:
        journal = _folder(window, lambda folder: deputy_with_requests(folder, number))
        screen = ControlScreen(journal, journal.clock, jobs=window.jobs)
        places = session_places(window, journal)
        window.open_session(DEPUTY, [*places[:-1], Place("control", "Контроль", screen), places[-1]], 0)
        window.set_sync_state(queries.sync_state(journal, rows=False))
        window.go("control")
        while window.jobs.busy():
            QCoreApplication.processEvents()
        assert screen.alerts is not None
        screen.alerts.close_list()  # what is shown the scene brings by itself
        screen.alerts.show_rows(sample_news.unusual())
        screen.alerts.read_anew.emit()
        screen.alerts.setFocus()

    return draw


def sign_ins(window: MainWindow) -> None:
    """Some weeks of somebody who works at two PCs; a password was guessed at."""
    _sign_ins(window, _weeks)


def sign_ins_first(window: MainWindow) -> None:
    """The first morning: nothing but the sign-in of just now."""
    _sign_ins(window, lambda journal, _server: _sign_in(journal, NOW))


def _sign_ins(window: MainWindow, live: Callable[[Journal, PocketServer], None]) -> None:
    places = ((f"desk-of-{TEACHER.id}", "Кабинет 21"), ("other", ROOM))
    school = small_school(extra=[
        Certificate(id=desk, subject_kind="desk", person_id=TEACHER.id, public_key="00", place=place)
        for desk, place in places
    ])  # fmt: skip
    journal = _folder(window, lambda folder: desk_of(school, TEACHER.id, folder))
    live(journal, PocketServer(school))
    window.open_session(TEACHER, session_places(window, journal), 0)
    window.set_sync_state(queries.sync_state(journal, rows=False))
    window.go("state")
    screen = window.screen_shown
    assert isinstance(screen, StateScreen)
    screen.show_sign_ins()


def _sign_in(journal: Journal, at: datetime, *, wrong: int = 0) -> None:
    journal.clock.now = at  # type: ignore[attr-defined]
    if wrong:
        tell_event(journal, "wrong_password", number=wrong, result="refused")
    tell_event(journal, "signed_in")


def _weeks(journal: Journal, server: PocketServer) -> None:
    for back in range(12, -1, -1):
        _sign_in(journal, NOW.replace(hour=8, minute=4 + back % 7) - timedelta(days=back), wrong=3 if back == 9 else 0)
        journal.clock.now += timedelta(hours=5, minutes=17)  # type: ignore[attr-defined]
        tell_event(journal, "unlocked" if back else "password_changed")
    for number, (event, result) in enumerate((("wrong_password", "refused"), ("signed_in", "done"))):
        server.other("AuditEvent", f"e-{number}", act="create", was={}, author=TEACHER.id, person_id=TEACHER.id,
                     event=event, desk_id="other", result=result, number=2 - 2 * number)  # fmt: skip
    meet(journal, server)
