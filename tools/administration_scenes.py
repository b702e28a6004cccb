"""Scenes of Рабочие места and Журнал событий; how every part of Администрирование is shown among the others."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from ejournal_core.kinds import Certificate
from ejournal_core.wire import DeskLine, WorkstationLine
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PersonRow
from ejournal_desktop.sync.server import SchoolServer, ServerAway
from ejournal_desktop.ui.administration_parts import administration_parts
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.events_part import EventsPart
from ejournal_desktop.ui.widgets.part_tabs import Part
from ejournal_desktop.ui.widgets.workplaces_part import WorkplacesPart
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.acts import ADMINISTRATOR, desk_with_acts, school_with_a_leaver
from tests.helpers.school import NOW, Clock, desk_of
from tests.helpers.typing import type_text
from tests.helpers.windows import session_places

CHANGES: tuple[tuple[float, str, str, str, dict[str, Any]], ...] = (
    (95.6, "PolicySetting", "P48", "в кабинете информатики экран закрывался посреди урока",
     {"value": "10", "basis": "приказ № 12 от 01.09.2026"}),
    (26.2, "Person", "p-new", "", {"last_name": "Константинопольская-Преображенская", "first_name": "Александра",
                                   "patronymic": "Вениаминовна"}),
    (26.1, "RoleGrant", "r-new", "", {"person_id": "p-new", "role": "deputy_director", "since": NOW.date()}),
    (2.9, "RoleGrant", "r-2", "приказ № 15-к: декретный отпуск", {"until": NOW.date()}),
)  # fmt: skip
P = TypeVar("P", bound=Part)
Lived = tuple[float, str, dict[str, Any]]  # hours ago, event, what else is told of it

#: Whose desks stand where, and what happened at each of them.
PLACES = {"p-colleague": "Кабинет 12, сервер", "p-deputy": "Кабинет завуча", "p-teacher": "Учительская, стол у окна",
          "p-class-teacher": "Ноутбук физики"}  # fmt: skip
LIVES: dict[str, tuple[Lived, ...]] = {
    "p-colleague": ((96, "signed_in", {}), (27, "signed_in", {}), (25.8, "printed", {"detail": "carrier-act"}),
                    (3.1, "signed_in", {}), (0.4, "log_exported", {"number": 148, "detail": "csv"})),
    "p-deputy": ((312, "signed_in", {}), (50, "signed_in", {}), (49.7, "printed", {"detail": "summary-sheet"}),
                 (1.2, "backup_viewed", {"detail": "20260908-170000-01"})),
    "p-teacher": ((74, "wrong_password", {"number": 2, "result": "refused"}), (73.9, "signed_in", {}),
                  (73.5, "attachment_opened", {"subject_kind": "Lesson", "subject": "x.y.20260915.2"}),
                  (4.2, "unlocked", {})),
    "p-class-teacher": ((170, "signed_in", {}), (121, "password_changed", {}),
                        (28, "exported", {"number": 25, "detail": "attendance-map"}), (5, "signed_in", {})),
}  # fmt: skip


def away(_ask: Callable[[SchoolServer], object]) -> NoReturn:
    """Be without a server: what the scene shows it brings by itself."""
    raise ServerAway("a picture has no server")


def show_part(window: MainWindow, journal: Journal, root: Path, person: PersonRow, make: Callable[[], P]) -> P:
    """Open a person's session at a part of a scene's own making, behind the tabs of all that this person has.

    Args:
        root: the folder of the scene; it goes when the window and the journal are closed.
        make: makes the part, after the others.
    """
    others = administration_parts(journal, window.jobs, away, journal.clock)
    part = make()
    parts: list[Part] = [part if each.title == part.title else each for each in others]
    for each in others:
        if each.title == part.title:
            cast(QWidget, each).deleteLater()
    screen = AdministrationScreen(journal, parts)
    screen.open_part(part.title)
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(root))
    places = session_places(window, journal)
    places.insert(-1, Place("administration", "Администрирование", screen))
    window.open_session(person, places, 0)
    window.go("administration")
    return part


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
    part = _workplaces_away(window)
    part.message.say("")
    part.show_lines(_lines(part.journal, waiting=waiting))
    part.rows.setFocus()
    return part


def workplaces_revoke(window: MainWindow) -> None:
    """A workstation is being revoked: the reason is asked for."""
    part = _workplaces(window, waiting=False)
    part.rows.setCurrentRow(len(part.rows.rows) - 4)
    part.revoke()


def workplaces_away(window: MainWindow) -> None:
    """No server is to be seen: the list lies there."""
    _workplaces_away(window)


def _workplaces_away(window: MainWindow) -> WorkplacesPart:
    root = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    journal = desk_with_acts(root, ADMINISTRATOR.id, ordered=True)
    make = lambda: WorkplacesPart(journal, window.jobs, away, journal.clock)  # noqa: E731
    part = show_part(window, journal, root, ADMINISTRATOR, make)
    while window.jobs.busy():
        QCoreApplication.processEvents()
    return part


def events(window: MainWindow) -> None:
    """A month of events and changes of the administration."""
    _events(window)


def events_nothing(window: MainWindow) -> None:
    """Nothing that was asked for."""
    part = _events(window)
    type_text(part.search, "экзаменационная комиссия")


def _events(window: MainWindow) -> EventsPart:
    root = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    school = school_with_a_leaver()
    desks = [_desk_key(person, place) for person, place in PLACES.items()]
    school = replace(school, records=(*school.records, *desks))
    server = PocketServer(school)
    for person in PLACES:
        desk = desk_of(school, person, root / person)
        _live(desk, LIVES[person])
        if person == ADMINISTRATOR.id:
            _administer(desk)
        server.push(desk.outbox())
        desk.close()
    journal = desk_of(school, ADMINISTRATOR.id, root / "own", desk_id="own")
    journal.apply(*server.pull(0))
    return show_part(window, journal, root, ADMINISTRATOR, lambda: EventsPart(journal, window.jobs, journal.clock))


def _desk_key(person: str, place: str) -> Certificate:
    return Certificate(id=f"desk-of-{person}", subject_kind="desk", person_id=person, public_key="00" * 32, place=place,
                       issued_at="2026-09-02T07:00:00Z")  # fmt: skip


def _live(desk: Journal, life: tuple[Lived, ...]) -> None:
    """Let events happen at a desk, each so many hours before now."""
    for hours, event, told in life:
        _back(desk, hours)
        tell_event(desk, event, **told)


def _back(desk: Journal, hours: float) -> None:
    assert isinstance(desk.clock, Clock)
    desk.clock.now = NOW - timedelta(hours=hours)


def _administer(desk: Journal) -> None:
    """Change what only an administrator changes, with and without a reason."""
    for hours, kind, record, why, fields in CHANGES:
        _back(desk, hours)
        with desk.write() as write:
            write.edit(kind, record, why=why, **fields)
