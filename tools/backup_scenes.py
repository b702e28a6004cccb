"""Scenes of «Резервные копии»: how they stand, the register and its forms, every page of the round of copies."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QCoreApplication

from ejournal_core.kinds import RoleGrant, School
from ejournal_desktop.backup.check import Finding, State
from ejournal_desktop.backup.drives import DriveCard, Plugged
from ejournal_desktop.backup.plugged_check import Checked
from ejournal_desktop.backup.rounds import Proved, Seen
from ejournal_desktop.backup.troubles import DriveFull, OneDevice
from ejournal_desktop.backup.volumes import Volume
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.drives import keep_drive, put_away_drive, record_custody, record_proof
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PersonRow
from ejournal_desktop.ui.jobs import Report
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.widgets.backup_part import BackupPart
from ejournal_desktop.ui.widgets.checkup_words import checked_words
from tests.helpers.school import NOW, YEAR_START, Clock, desk_of, small_school
from tools.administration_scenes import away, show_part
from tools.folder_volumes import FolderVolumes

ADMINISTRATOR = PersonRow("p-deputy", "Громова Вера Павловна", "Громова В. П.", ("administrator",))
SHEET = "3F0A 91C2 77DE 0B54"
HOLDERS = (("Синяя", "директор, Лебедев П. Н.", "каб. 5, сейф директора"),
           ("Красная", "завуч, Громова В. П.", "каб. 21, шкаф под ключом"))  # fmt: skip


class _Quiet(FolderVolumes):
    """Nothing is plugged in that the scene did not say."""


def _part(window: MainWindow, tell: Callable[[Journal], None] = lambda _: None) -> BackupPart:
    """Return the part in front, of a register that `tell` writes two days before today."""
    folder = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    grants = [RoleGrant(id="r-admin", person_id="p-deputy", role="administrator", since=YEAR_START),
              School(id="school", full_name="МБОУ «Школа № 12 г. Заречного»", short_name="Школа № 12")]  # fmt: skip
    clock = Clock(NOW - timedelta(days=2))
    journal = desk_of(small_school(3, grants), "p-deputy", folder, now=clock.now)
    tell(journal)
    assert isinstance(journal.clock, Clock)
    journal.clock.now = NOW
    make = lambda: BackupPart(journal, window.jobs, away, journal.clock, volumes=_Quiet())  # noqa: E731
    part = show_part(window, journal, folder, ADMINISTRATOR, make)
    window.set_sync_state(queries.sync_state(journal, rows=False))
    return part


def _both(journal: Journal) -> None:
    for number, (label, holder, room) in enumerate(HOLDERS):
        keep_drive(journal, f"card-{number}", label, holder=holder, room=room)
        record_proof(journal, f"card-{number}", "20260913-160000-00", held=3, free=12 * 1024**3, sheet=SHEET)


def good(window: MainWindow) -> None:
    """Both drives proved two days ago, two acts, the sheet never looked at."""

    def tell(journal: Journal) -> None:
        _both(journal)
        for number, (_, holder, room) in enumerate(HOLDERS):
            record_custody(journal, f"card-{number}", takes=holder, room=room, gives="администратор, Громова В. П.",
                           number=f"{number + 3}", reason="на хранение")  # fmt: skip

    _part(window, tell)


def late(window: MainWindow) -> None:
    """One copy is too old, one drive has a very long name and no place, one is lost."""

    def tell(journal: Journal) -> None:
        clock = journal.clock
        assert isinstance(clock, Clock)
        clock.now = NOW - timedelta(days=12)
        _both(journal)
        keep_drive(journal, "card-2", "Внешний диск «Архивный № 2», чёрный, с биркой на крышке")
        keep_drive(journal, "card-3", "Зелёная", holder="секретарь, Константинопольская-Рождественская А. В.",
                   room="приёмная")  # fmt: skip
        put_away_drive(journal, "card-3", "lost")
        clock.now = NOW - timedelta(days=2)
        record_proof(journal, "card-1", "20260913-160000-00", held=8, free=700 * 1024**2, sheet=SHEET)

    _part(window, tell)


def good_state(window: MainWindow) -> None:
    """How the drives stand is one line of Состояние."""
    good(window)
    window.go("state")


def late_state(window: MainWindow) -> None:
    """The same when a drive with a very long name has no copy yet."""
    late(window)
    window.go("state")


def empty(window: MainWindow) -> None:
    """The first day: no drive, no copy."""
    _part(window)


def custody(window: MainWindow) -> None:
    """Handing a drive over."""
    _part(window, _both).hand_over()


def put_away(window: MainWindow) -> None:
    """A drive that is used no more."""
    _part(window, _both).write_off()


def sheet(window: MainWindow) -> None:
    """A sheet with another fingerprint."""
    part = _part(window, _both)
    part.check_sheet()
    part.sheet_form.fields["fingerprint"].setText("3F0A 91C2 77DE 0B53")
    part.sheet_form.wanted.emit()


def checked(window: MainWindow) -> None:
    """A drive from the safe whose newest copy went bad; an earlier one on it holds."""

    def tell(journal: Journal) -> None:
        _both(journal)
        record_proof(journal, "card-0", "20260906-160000-00", held=3, free=12 * 1024**3, sheet=SHEET)

    part = _part(window, tell)
    assert part.state is not None
    states: tuple[tuple[str, State, str], ...] = (
        ("20260913-160000-00", "damaged", "base.age"), ("20260906-160000-00", "proved", ""),
    )  # fmt: skip
    found = tuple(Finding(generation=name, state=state, file=file) for name, state, file in states)
    names = tuple(each.generation for each in found)
    said = checked_words(Checked(card="card-0", label="Синяя", findings=found, names=names, free=0), part.state)
    part.message.say(*said)


# --- the round -----------------------------------------------------------------------------------------------------


def _seen(what: str, number: int = 0, trouble: Exception | None = None) -> Seen:
    label = HOLDERS[number][0]
    card = DriveCard(id=f"card-{number}", school="school-1", label=label) if what != "unknown" else None
    volume = Volume(root=Path(f"/media/usb{number}"), label="KINGSTON", devices=(f"sd{number}",), removable=True)
    return Seen(what, Plugged(volume, card), trouble)  # type: ignore[arg-type]


def _round(seen: Seen, tell: Callable[[Journal], None] = _both, *, done: int = 0) -> Callable[[MainWindow], None]:
    def draw(window: MainWindow) -> None:
        part = _part(window, tell)
        wizard = part.wizard
        for number in range(done):
            wizard.proved.append(_proved(number))
        wizard.look = lambda: None  # type: ignore[method-assign]  # what is plugged in is the scene's to say
        part.begin()
        wizard._saw(seen)

    return draw


def _proved(number: int) -> Proved:
    from ejournal_desktop.backup.drives import Drive

    card = DriveCard(id=f"card-{number}", school="school-1", label=HOLDERS[number][0])
    return Proved(Drive(Path("/media"), card), "20260915-104200-00", 4, 12 * 1024**3)


def _for_ever(report: Report) -> NoReturn:
    while True:
        report.step(62, 100, "записывается на «Синяя»")
        report.check()
        time.sleep(0.02)


def busy(window: MainWindow) -> None:
    """The copy is being written."""
    _round(_seen("ready"))(window)
    part = window.findChild(BackupPart)
    assert part is not None
    part.wizard._run(_for_ever, lambda _: None)
    while "%" not in part.wizard.doing.text():
        QCoreApplication.processEvents()


insert = _round(Seen("nothing"))
first = _round(Seen("nothing"), lambda _: None)
ready = _round(_seen("ready"))
unknown = _round(_seen("unknown"), lambda _: None)
full = _round(_seen("trouble", 0, DriveFull("full", drive="Синяя")))
one_device = _round(_seen("trouble", 1, OneDevice("one", drive="KINGSTON", other="Синяя")), done=1)
proved = _round(_seen("written"), done=1)
done = _round(Seen("nothing"), done=2)
