"""Scenes of «Сведения о человеке»: what is held about a pupil, what is not, and a name that nobody has."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import NoReturn

from msgspec.structs import replace

from ejournal_desktop.models import queries
from ejournal_desktop.models.queries.person_data import PersonData, person_data
from ejournal_desktop.sync.server import ServerAway
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.person_report_part import PersonReportPart
from tests.helpers.person_data import ADMINISTRATOR, office_desk, told_desk
from tests.helpers.windows import session_places


def _nobody_answers(_ask: object) -> NoReturn:
    raise ServerAway("no server in a picture")


def _part(window: MainWindow, typed: str) -> PersonReportPart:
    folder = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    journal = office_desk(folder)
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(folder))
    part = PersonReportPart(journal, window.jobs, _nobody_answers)
    places = session_places(window, journal)
    places.insert(-1, Place("administration", "Администрирование", AdministrationScreen(journal, [part])))
    window.open_session(ADMINISTRATOR, places, 0)
    window.set_sync_state(queries.sync_state(journal, rows=False))
    window.go("administration")
    part.search.setText(typed)
    return part


def _show(part: PersonReportPart, found: PersonData) -> None:
    part.show_held(found)
    part.table.setFocus()


def choose(window: MainWindow) -> None:
    """Everybody: nobody is chosen yet."""
    _part(window, "")


def pupil(window: MainWindow) -> None:
    """A pupil: how much of what is here, and what an administrator's desk does not hold."""
    part = _part(window, "Ёлкин")
    assert part.current is not None
    _show(part, person_data(part.journal, part.current))


def second(window: MainWindow) -> None:
    """Everything is wanted: a deputy or the director types the password."""
    _part(window, "Ёлкин").gather()


def whole(window: MainWindow) -> None:
    """All that the school holds of the pupil, as the server told it."""
    part = _part(window, "Ёлкин")
    assert part.current is not None
    with tempfile.TemporaryDirectory(prefix="ejournal-shots-") as folder:
        everything = told_desk(Path(folder))
        found = person_data(everything, part.current)
        everything.close()
    _show(part, replace(found, not_held=(), number=48_213))
    part.message.say(part.gathered, "done")


def nobody(window: MainWindow) -> None:
    """A name that nobody has."""
    _part(window, "Щукоженов")
