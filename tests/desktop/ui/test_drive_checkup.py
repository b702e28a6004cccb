"""«Проверить носитель»: a drive from the safe is plugged in, read whole, and one sentence says what it is worth."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_core import key_sheet
from ejournal_core.kinds import RoleGrant
from ejournal_desktop import paths
from ejournal_desktop.backup.drives import Drive
from ejournal_desktop.backup.volumes import Volume
from ejournal_desktop.models.commands.drives import keep_drive, record_proof
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.drives import DriveRow, backup_state
from ejournal_desktop.models.tables import TABLES
from ejournal_desktop.sync.pairing import Workstation, keep_workstation
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.backup_part import BackupPart
from ejournal_desktop.ui.widgets.drive_row import generation_day
from tests.desktop.backup.drive_world import ADMINISTRATOR, SAFE, Made, make_school, new_drive
from tests.desktop.models.pocket_server import PocketServer, meet
from tests.desktop.ui.test_backup_part import away
from tests.helpers.school import NOW, YEAR_START, Clock, desk_of, small_school
from tests.helpers.windows import DEPUTY, shown_window
from tools.folder_volumes import FolderVolumes

WHO, PATIENCE = "p-class-teacher", 30_000
OLD = "20260801-100000-00"


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    """Give two generations of one school, the older first."""
    return make_school(tmp_path_factory.mktemp("school"), marks=1)


class Safe:
    """The administrator at the part, with two drives of the register that carry copies."""

    def __init__(self, journal: Journal, part: BackupPart, blue: Drive, red: Drive, qtbot: QtBot) -> None:
        self.journal, self.part, self.blue, self.red, self._qtbot = journal, part, blue, red, qtbot

    def plug(self, *drives: Drive) -> None:
        self.part.wizard.volumes = FolderVolumes(*(each.folder for each in drives))

    def check(self) -> str:
        """Press the key where the focus is and wait for the verdict."""
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
        self._qtbot.waitUntil(lambda: not self.part.checkup.is_busy, timeout=PATIENCE)
        return self.part.message.text

    def row(self, drive: Drive) -> DriveRow:
        return next(each for each in backup_state(self.journal).drives if each.id == drive.card.id)

    def events(self) -> list[tuple[str, str, str]]:
        """Return what the log of events was told, in no order of time."""
        events = TABLES["AuditEvent"].c
        wanted = sa.select(events.subject, events.result, events.detail).where(events.event == "drive_checked")
        with self.journal.reading() as connection:
            return sorted((row.subject, row.result, row.detail) for row in connection.execute(wanted))


@pytest.fixture
def journal(copies: list[Made], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    monkeypatch.setenv(paths.OVERRIDE, str(tmp_path / "pc"))
    made = copies[0]
    keep_workstation(Workstation(
        id="w-1", school=made.school, school_name="Школа", address="https://127.0.0.1:9", ca_certificate="",
        server_key=made.server_key, seal_key="", private_key="00" * 32,
    ))  # fmt: skip
    school = small_school(3, [RoleGrant(id="r-more", person_id=WHO, role="administrator", since=YEAR_START)])
    opened = desk_of(msgspec.structs.replace(school, id=made.school), WHO, tmp_path / "desk")
    opened.note(backup_key=ADMINISTRATOR.secret)
    yield opened
    opened.close()


@pytest.fixture
def safe(qtbot: QtBot, journal: Journal, copies: list[Made], tmp_path: Path) -> Iterator[Safe]:
    drives = [new_drive(tmp_path, copies[0].school, label) for label in ("Синяя", "Красная")]
    for drive in drives:
        for each in copies:
            shutil.copytree(each.folder, drive.folder / each.catalogue.generation)
        keep_drive(journal, drive.card.id, drive.card.label, holder="Громова В. П.", room=drive.card.label)
        record_proof(journal, drive.card.id, copies[1].catalogue.generation, held=2, free=0, sheet="0000")
    assert isinstance(journal.clock, Clock)
    journal.clock.now = NOW + timedelta(days=1)
    with shown_window(qtbot) as window:
        part = BackupPart(journal, window.jobs, away, journal.clock, volumes=FolderVolumes())
        screen = AdministrationScreen(journal, [part])
        window.open_session(DEPUTY, [Place("administration", "Администрирование", screen)], 0)
        yield Safe(journal, part, drives[0], drives[1], qtbot)


def spoil(drive: Drive, made: Made) -> None:
    file = drive.folder / made.catalogue.generation / "base.age"
    file.write_bytes(file.read_bytes()[:-1])


def test_a_good_drive_is_said_to_be_good_and_its_proof_is_of_today(safe: Safe, copies: list[Made]) -> None:
    safe.plug(safe.blue)
    day = generation_day(copies[1].catalogue.generation)
    assert safe.check() == (
        f"«Синяя»: копия от {day} цела, школа из неё восстанавливается. Носитель можно вернуть на место."
    )
    row = safe.row(safe.blue)
    assert row.proved_at == safe.journal.clock()
    assert (row.generation, row.held, row.sheet) == (
        copies[1].catalogue.generation, 2, key_sheet.fingerprint(SAFE.recipient),
    )  # fmt: skip
    assert safe.row(safe.red).proved_at == NOW, "the other drive stays as it was"
    assert safe.events() == [(safe.blue.card.id, "done", "copy-proved")]


def test_a_newest_copy_that_was_cut_is_named_and_the_register_goes_back_to_the_earlier_one(
    safe: Safe, copies: list[Made]
) -> None:
    spoil(safe.blue, copies[1])
    safe.plug(safe.blue)
    said, days = safe.check(), [generation_day(each.catalogue.generation) for each in copies]
    assert said.startswith(f"«Синяя»: копия от {days[1]} оборвана (base.age). Цела более ранняя, от {days[0]}, ")
    assert "Записи школы это не затронуло." in said
    assert "На носителе «Красная» копия новее" in said
    assert said.endswith("Сделайте новую копию (Ctrl+N); если повторится, спишите носитель (Ctrl+U).")
    assert safe.row(safe.blue).generation == copies[0].catalogue.generation
    assert safe.events() == [(safe.blue.card.id, "failed", "copy-earlier")]


def test_a_drive_on_which_nothing_holds_is_not_called_proved_any_more(safe: Safe, copies: list[Made]) -> None:
    for each in copies:
        spoil(safe.blue, each)
    safe.plug(safe.blue)
    said = safe.check()
    assert "Целых копий на нём нет." in said
    assert f"На носителе «Красная» есть копия от {generation_day(copies[1].catalogue.generation)}." in said
    row = safe.row(safe.blue)
    assert (row.generation, row.proved_at, row.held) == ("", None, 2)
    assert backup_state(safe.journal).level == "bad"
    safe.part.refresh()
    assert safe.part.front.says.text() == "На носителе «Синяя» проверенной копии нет"
    for each in copies:
        shutil.rmtree(safe.blue.folder / each.catalogue.generation)
    assert safe.check().startswith("«Синяя»: копий школы на носителе нет. Записи школы это не затронуло.")
    assert [detail for _, _, detail in safe.events()] == ["copy-broken", "copy-none"]


def test_a_drive_without_the_copy_that_the_register_tells_of_is_older(safe: Safe, copies: list[Made]) -> None:
    shutil.rmtree(safe.blue.folder / copies[1].catalogue.generation)
    safe.plug(safe.blue)
    said = safe.check()
    assert "которая записана за ним в реестре, на нём нет." in said
    assert said.endswith("Сделайте новую копию: Ctrl+N.")
    assert safe.row(safe.blue).generation == copies[0].catalogue.generation


def test_a_copy_that_only_another_key_opens_is_called_whole_and_the_register_keeps_its_proof(
    safe: Safe, journal: Journal
) -> None:
    journal.note(backup_key="")
    before = safe.row(safe.blue)
    safe.plug(safe.blue)
    assert "все файлы такие, какими записаны. Пробного восстановления не было" in safe.check()
    assert safe.row(safe.blue) == before
    assert safe.events() == [(safe.blue.card.id, "done", "copy-whole")]


def test_a_proof_of_an_old_copy_puts_the_next_copy_off_by_nothing(safe: Safe) -> None:
    record_proof(safe.journal, safe.blue.card.id, OLD, held=2, free=0)
    row = safe.row(safe.blue)
    assert row.proved_at == safe.journal.clock()
    assert row.late, "what was entered since August is on no drive"


def test_a_drive_that_is_not_in_the_register_is_checked_and_said_to_be_none_of_it(
    safe: Safe, copies: list[Made], tmp_path: Path
) -> None:
    green = new_drive(tmp_path, copies[0].school, "Зелёная")
    shutil.copytree(copies[1].folder, green.folder / copies[1].catalogue.generation)
    before = backup_state(safe.journal).drives
    safe.plug(green)
    said = safe.check()
    assert said.startswith("«Зелёная»: копия от")
    assert said.endswith("В реестре среди носителей в работе его нет: Ctrl+N внесёт.")
    assert backup_state(safe.journal).drives == before


def test_no_drive_several_drives_and_another_school_s_are_told_and_nothing_is_changed(
    safe: Safe, tmp_path: Path
) -> None:
    before = backup_state(safe.journal)
    assert "Ни один носитель не вставлен." in safe.check()
    strangers = [new_drive(tmp_path, school, label) for school, label in
                 (("another", "Чужая"), (safe.journal.identity.school, "Новая"))]  # fmt: skip
    safe.plug(*strangers)
    assert safe.check().startswith("Вставлены «Чужая», «Новая»: выберите нужный")
    safe.plug(strangers[0])
    assert "принадлежит другой школе" in safe.check()
    assert (backup_state(safe.journal), safe.events()) == (before, [])


def test_of_two_drives_that_are_plugged_in_the_chosen_one_is_checked(safe: Safe) -> None:
    safe.plug(safe.blue, safe.red)
    for number, row in enumerate(safe.part.drives.rows):
        safe.part.drives.setCurrentRow(number)
        assert safe.check().startswith(f"«{row.label}»: копия от")


class Slow(FolderVolumes):
    """Says what is mounted when the test lets it."""

    def __init__(self, *folders: Path) -> None:
        super().__init__(*folders)
        self.go = threading.Event()

    def mounted(self) -> tuple[Volume, ...]:
        assert self.go.wait(PATIENCE / 1000)
        return super().mounted()


def begin_slowly(safe: Safe) -> threading.Event:
    """Begin a check that has not read anything until the event is set."""
    safe.part.wizard.volumes = slow = Slow(safe.blue.folder)
    safe.part.check_drive()
    assert safe.part.checkup.is_busy
    return slow.go


def test_a_check_that_is_stopped_says_so_and_changes_nothing(safe: Safe, qtbot: QtBot) -> None:
    before = backup_state(safe.journal)
    go = begin_slowly(safe)
    safe.part.check_drive()  # pressed twice it is one check
    safe.part.checkup.close_checkup()
    go.set()
    qtbot.waitUntil(lambda: not safe.part.checkup.is_busy, timeout=PATIENCE)
    assert safe.part.message.text == "Проверка остановлена. Ничего не изменено."
    assert (backup_state(safe.journal), safe.events()) == (before, [])


def test_a_verdict_that_comes_behind_the_lock_is_written_down_after_it(safe: Safe, qtbot: QtBot) -> None:
    go, identity = begin_slowly(safe), safe.journal.identity
    safe.journal.close()
    go.set()
    qtbot.waitUntil(lambda: not safe.part.checkup.is_busy, timeout=PATIENCE)
    assert "школа из неё восстанавливается" in safe.part.message.text
    assert safe.events() == [], "nothing is written while the keys are away"
    safe.journal.identity = identity
    safe.journal.reopen()
    safe.part.refresh()
    assert safe.row(safe.blue).proved_at == safe.journal.clock()
    assert len(safe.events()) == 1


def test_the_line_of_the_daily_copy_takes_its_colour_at_once(safe: Safe, copies: list[Made]) -> None:
    """It is quiet while all is well and in ink when the copy is missed, also while somebody looks at it."""
    server = PocketServer(msgspec.structs.replace(small_school(3), id=copies[0].school))
    server.other("AuditEvent", "e-1", act="create", was={}, author="server", person_id="server", event="backup_made",
                 detail="daily", desk_id="")  # fmt: skip
    meet(safe.journal, server)
    daily = safe.part.front.daily

    def hue() -> str:
        return daily.palette().color(daily.foregroundRole()).name()

    safe.part.refresh()
    assert hue() == QColor(theme.tokens().secondary).name()
    assert isinstance(safe.journal.clock, Clock)
    safe.journal.clock.now = NOW + timedelta(days=9)
    safe.part.refresh()
    assert "не делается" in daily.text()
    assert hue() == QColor(theme.tokens().ink).name()
