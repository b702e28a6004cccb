"""Scenes of Рабочие места and Журнал событий."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QCoreApplication

from ejournal_core.wire import DeskLine, WorkstationLine
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync.server import SchoolServer, ServerAway
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.events_part import EventsPart
from ejournal_desktop.ui.widgets.part_tabs import Part
from ejournal_desktop.ui.widgets.workplaces_part import WorkplacesPart
from tests.helpers.acts import ADMINISTRATOR, desk_with_acts
from tests.helpers.typing import type_text
from tests.helpers.windows import session_places


def administration(window: MainWindow, make: Callable[[Journal], Sequence[Part]]) -> AdministrationScreen:
    """Open an administrator's session in front of these parts."""
    root = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    journal = desk_with_acts(root, ADMINISTRATOR.id, ordered=True)
    screen = AdministrationScreen(journal, make(journal))
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(root))
    places = session_places(window, journal)
    places.insert(-1, Place("administration", "Администрирование", screen))
    window.open_session(ADMINISTRATOR, places, 0)
    window.go("administration")
    return screen


def _away(_ask: Callable[[SchoolServer], object]) -> NoReturn:
    """Be without a server: what the scene shows it brings by itself."""
    raise ServerAway("a picture has no server")


def _lines(journal: Journal, *, waiting: bool = True) -> tuple[WorkstationLine, ...]:
    now = journal.clock()

    def ago(**spans: int) -> str:
        return (now - timedelta(**spans)).isoformat()

    def desk(person: str, state: str = "active", heard: str = "", version: str = "0.3.0") -> DeskLine:
        return DeskLine(desk=f"d-{person}-{state}", person=person, state=state, at=ago(days=9), heard=heard,
                        version=version if heard else "")  # fmt: skip

    asks = WorkstationLine(
        id="w-5", name="KAB-21-PC", state="waiting", code="4071 5526", at=ago(minutes=2),
        until=(now + timedelta(minutes=13)).isoformat(), address="192.168.0.41",
    )  # fmt: skip
    return (
        *((asks,) if waiting else ()),
        WorkstationLine(id="w-1", name="Кабинет завуча", state="approved", at=ago(days=20), desks=(
            desk("p-deputy", heard=ago(minutes=4)), desk("p-colleague", heard=ago(minutes=1)))),
        WorkstationLine(id="w-3", name="Ноутбук физики", state="revoked", at=ago(days=15),
                        desks=(desk("p-teacher", "revoked", ago(days=3), "0.2.9"),)),
        WorkstationLine(
            id="w-2", name="Учительская, второй этаж, стол у окна рядом с расписанием, левый компьютер из двух новых",
            state="approved", at=ago(days=20), desks=(
                desk("p-teacher", heard=ago(hours=3)), desk("p-class-teacher", "frozen", ago(days=1)),
                desk("p-colleague", "left"))),
    )  # fmt: skip


def workplaces(window: MainWindow) -> None:
    """Somebody waits with a code, several workstations, one revoked."""
    _workplaces(window, waiting=True)


def _workplaces(window: MainWindow, *, waiting: bool) -> WorkplacesPart:
    made: list[WorkplacesPart] = []

    def make(journal: Journal) -> list[Part]:
        made.append(WorkplacesPart(journal, window.jobs, _away, journal.clock))
        return [*made]

    administration(window, make)
    part = made[0]
    while window.jobs.busy():
        _go_on()
    part.message.say("")
    part.show_lines(_lines(part.journal, waiting=waiting))
    part.rows.setFocus()
    return part


def _go_on() -> None:
    QCoreApplication.processEvents()


def workplaces_revoke(window: MainWindow) -> None:
    """A workstation is being revoked: the reason is asked for."""
    part = _workplaces(window, waiting=False)
    part.rows.setCurrentRow(len(part.rows.rows) - 4)
    part.revoke()


def workplaces_away(window: MainWindow) -> None:
    """No server is to be seen: the list lies there."""

    def make(journal: Journal) -> list[Part]:
        return [WorkplacesPart(journal, window.jobs, _away, journal.clock)]

    administration(window, make)
    while window.jobs.busy():
        _go_on()


def events(window: MainWindow) -> None:
    """A month of events and changes of the administration."""
    _events(window)


def events_nothing(window: MainWindow) -> None:
    """Nothing that was asked for."""
    part = _events(window)
    type_text(part.search, "экзаменационная комиссия")


def _events(window: MainWindow) -> EventsPart:
    made: list[EventsPart] = []

    def make(journal: Journal) -> list[Part]:
        _live_a_little(journal)
        made.append(EventsPart(journal, window.jobs, journal.clock))
        return [*made]

    administration(window, make)
    return made[0]


def _live_a_little(journal: Journal) -> None:
    """Let some things happen at this desk."""
    tell_event(journal, "wrong_password", number=2, result="refused")
    tell_event(journal, "signed_in")
    tell_event(journal, "printed", detail="summary-sheet")
    tell_event(journal, "attachment_opened", subject_kind="Lesson", subject="x.y.20260915.2")
    with journal.write() as write:
        write.edit("PolicySetting", "P48", value="10", basis="приказ № 12 от 01.09.2026")
        write.edit("Person", "p-new", last_name="Константинопольская-Преображенская", first_name="Александра",
                   patronymic="Вениаминовна")  # fmt: skip
        write.edit("RoleGrant", "r-new", person_id="p-new", role="deputy_director", since=journal.clock().date())
        write.edit("RoleGrant", "r-2", until=journal.clock().date())
    tell_event(journal, "log_exported", number=148, detail="csv")
