"""Scenes of «Сведения о человеке»: what is held about a pupil, what is not, and a name that nobody has."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ejournal_desktop.models import queries
from ejournal_desktop.models.queries.person_data import person_data
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.person_report_part import PersonReportPart
from tests.helpers.person_data import ADMINISTRATOR, told_desk
from tests.helpers.windows import session_places


def _part(window: MainWindow, typed: str) -> PersonReportPart:
    folder = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    held = ("directory", "office:c-7b", "reports:p-teacher", "events:p-teacher")
    journal = told_desk(folder, held=held)
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(folder))
    part = PersonReportPart(journal, window.jobs)
    places = session_places(window, journal)
    places.insert(-1, Place("administration", "Администрирование", AdministrationScreen(journal, [part])))
    window.open_session(ADMINISTRATOR, places, 0)
    window.set_sync_state(queries.sync_state(journal, rows=False))
    window.go("administration")
    part.search.setText(typed)
    whom = part.current
    if whom is not None and typed:
        part.show_held(person_data(journal, whom))
        part.table.setFocus()
    return part


def choose(window: MainWindow) -> None:
    """Everybody: nobody is chosen yet."""
    _part(window, "")


def pupil(window: MainWindow) -> None:
    """A pupil: how much of what is here, and what an administrator's desk does not hold."""
    _part(window, "Ёлкин")


def nobody(window: MainWindow) -> None:
    """A name that nobody has."""
    _part(window, "Щукоженов")
