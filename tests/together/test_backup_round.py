"""The administrator's round of copies at the window: two drives by the keyboard, a real server, real restores."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_desktop.app import Program
from ejournal_desktop.backup import rounds
from ejournal_desktop.backup.write import generations, write_generation
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.drives import backup_state, drives_kept
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.widgets.backup_part import BackupPart
from ejournal_desktop.ui.widgets.backup_wizard import BackupWizard
from ejournal_server import backups
from tests.helpers.typing import type_text
from tests.together.conftest import Start
from tests.together.test_backup_story import ADMINISTRATOR, engage_administrator
from tests.together.test_program import sign_in
from tests.together.town import PASSWORD, Town
from tools.folder_volumes import FolderVolumes

PATIENCE = 30_000  # milliseconds until a step of the round is called stuck


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose server runs; one store is enough, the window cannot tell them apart."""
    with Town(tmp_path) as made:
        yield made


class Hands:
    """The administrator: plugs drives in and out, presses keys, reads the page."""

    def __init__(self, program: Program, qtbot: QtBot, root: Path) -> None:
        self.qtbot, self.window = qtbot, program.window
        self.drives = {name: root / name for name in ("usb1", "usb2")}
        for drive in self.drives.values():
            drive.mkdir(exist_ok=True)
        program.window.go("administration")
        screen = program.window.screen_shown
        assert isinstance(screen, AdministrationScreen)
        screen.open_part("Резервные копии")
        part = screen.tabs.part
        assert isinstance(part, BackupPart)
        assert program.session is not None
        self.part: BackupPart = part
        self.wizard: BackupWizard = part.wizard
        self.journal: Journal = program.session.journal
        self.plug()

    def plug(self, *names: str) -> None:
        """Have these drives plugged in and no others."""
        self.wizard.volumes = FolderVolumes(*(self.drives[name] for name in names))

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key, modifier)

    def begin(self) -> None:
        """Begin the round by its key."""
        self.press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        assert self.wizard.isVisible()

    def wait_for(self, page: str) -> None:
        """Wait until a page of the round is in front."""
        self.qtbot.waitUntil(lambda: self.wizard.page == page and not self.wizard.is_busy, timeout=PATIENCE)

    def type(self, text: str) -> None:
        """Type where the focus is."""
        focus = QApplication.focusWidget()
        assert focus is not None
        type_text(focus, text)

    def register(self, name: str, label: str, room: str) -> None:
        """Plug an unknown drive in and give it a label, a holder and a room."""
        self.plug(name)
        self.wait_for("unknown")
        for text in (label, "Громова В. П.", room):
            self.type(text)
            self.press(Qt.Key.Key_Tab)
        self.press(Qt.Key.Key_Return)
        self.wait_for("ready")

    def write(self) -> None:
        """Write the copy to the drive that is in."""
        self.press(Qt.Key.Key_Return)
        self.wait_for("proved")

    def round(self) -> None:
        """Go through the whole round with two fresh drives."""
        self.begin()
        self.register("usb1", "Синяя", "каб. 5")
        self.write()
        self.plug()
        self.wait_for("insert")
        self.register("usb2", "Красная", "каб. 21")
        self.write()
        self.plug()
        self.qtbot.waitUntil(lambda: self.wizard.page == "done", timeout=PATIENCE)


@pytest.fixture
def safe(town: Town) -> str:
    """Engage an administrator with a desk in the office; give the recovery key of the safe."""
    engage_administrator(town)
    made = backups.new_recovery_key(town.office)
    town.sit_down("staffroom", ADMINISTRATOR).close()
    return made.secret


@pytest.fixture
def hands(town: Town, safe: str, start: Start, qtbot: QtBot) -> Hands:
    program = start()
    sign_in(program, qtbot)
    program.window.activateWindow()
    qtbot.waitUntil(program.window.isActiveWindow)
    return Hands(program, qtbot, town.root)


def test_two_drives_are_written_by_the_keyboard_and_the_school_is_restored_from_each(
    town: Town, safe: str, hands: Hands, tmp_path: Path
) -> None:
    assert backup_state(hands.journal).level == "bad"
    hands.round()
    hands.press(Qt.Key.Key_Return)
    state = backup_state(hands.journal)
    assert (state.level, [row.label for row in state.used], state.lacks) == ("good", ["Красная", "Синяя"], ())
    assert {row.generation for row in state.used} == {rounds.last_here()}
    assert state.sheet, "the state says which sheet opens the copies"
    assert not hands.part.wizard.isVisible()
    for name, folder in hands.drives.items():
        again = tmp_path / f"again-{name}"
        proof = backups.restore_school(folder, safe, again)
        assert proof.school == town.office.authority.school


def test_a_drive_pulled_in_the_middle_leaves_nothing_half_visible_and_the_round_goes_on(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.begin()
    hands.register("usb1", "Синяя", "каб. 5")
    folder, away = hands.drives["usb1"], hands.drives["usb1"].with_name("pulled")
    copied = write_generation

    def pulled(*args: object) -> object:
        folder.rename(away)
        try:
            return copied(*args)  # type: ignore[arg-type]
        finally:
            away.rename(folder)

    monkeypatch.setattr("ejournal_desktop.backup.rounds.write_generation", pulled)
    hands.press(Qt.Key.Key_Return)
    hands.qtbot.waitUntil(lambda: "вынут или отказал" in hands.wizard.message.text, timeout=PATIENCE)
    hands.wait_for("ready")
    assert generations(folder) == []
    assert drives_kept(hands.journal)[0].generation == ""
    monkeypatch.undo()
    hands.write()
    assert generations(folder) == [rounds.last_here()]


def test_a_lock_in_the_middle_stops_no_copy_and_the_register_learns_of_it_afterwards(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.begin()
    hands.register("usb1", "Синяя", "каб. 5")
    reached, go = threading.Event(), threading.Event()

    def slow(*args: object) -> object:
        reached.set()
        assert go.wait(PATIENCE / 1000)
        return write_generation(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("ejournal_desktop.backup.rounds.write_generation", slow)
    hands.press(Qt.Key.Key_Return)
    hands.qtbot.waitUntil(reached.is_set, timeout=PATIENCE)
    hands.window.lock()
    assert hands.window.is_locked
    go.set()
    hands.qtbot.waitUntil(lambda: not hands.wizard.is_busy, timeout=PATIENCE)
    assert generations(hands.drives["usb1"]) == [rounds.last_here()]
    hands.window.unlock_wanted.emit(PASSWORD)
    hands.qtbot.waitUntil(lambda: not hands.window.is_locked, timeout=PATIENCE)
    hands.wait_for("proved")
    hands.qtbot.waitUntil(lambda: drives_kept(hands.journal)[0].generation != "", timeout=PATIENCE)


def test_who_stops_a_copy_under_way_finds_the_drive_as_it_was(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    hands.begin()
    hands.register("usb1", "Синяя", "каб. 5")
    reached = threading.Event()

    def stopped(*args: object) -> object:
        reached.set()
        while not hands.wizard.is_stopping:
            time.sleep(0.01)
        return write_generation(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("ejournal_desktop.backup.rounds.write_generation", stopped)
    hands.press(Qt.Key.Key_Return)
    hands.qtbot.waitUntil(reached.is_set, timeout=PATIENCE)
    hands.press(Qt.Key.Key_Escape)
    hands.qtbot.waitUntil(lambda: not hands.wizard.is_busy, timeout=PATIENCE)
    assert "Остановлено" in hands.wizard.message.text
    assert [each.name for each in hands.drives["usb1"].iterdir()] == ["ejournal-drive.json"]
    assert hands.wizard.isVisible()


def test_a_server_that_is_away_is_told_and_the_same_key_goes_on_when_it_is_back(town: Town, hands: Hands) -> None:
    hands.begin()
    hands.register("usb1", "Синяя", "каб. 5")
    town.server.stop()
    hands.press(Qt.Key.Key_Return)
    hands.qtbot.waitUntil(lambda: bool(hands.wizard.message.text), timeout=PATIENCE)
    hands.wait_for("ready")
    assert generations(hands.drives["usb1"]) == []
    town.server.start()
    hands.write()
    town.server.stop()  # the copy is here: the other drive needs no server
    hands.plug()
    hands.wait_for("insert")
    hands.register("usb2", "Красная", "каб. 21")
    hands.write()
    assert [len(generations(folder)) for folder in hands.drives.values()] == [1, 1]


def test_who_leaves_after_the_first_drive_goes_on_with_the_second(hands: Hands) -> None:
    hands.begin()
    hands.register("usb1", "Синяя", "каб. 5")
    hands.write()
    hands.press(Qt.Key.Key_Escape)
    assert not hands.wizard.isVisible()
    assert "Носителей 1 из 2" in hands.part.front.says.text()
    hands.plug()
    hands.begin()
    hands.wait_for("insert")
    assert hands.wizard.step.text() == "Носитель 2 из 2"


def test_a_copied_card_is_not_taken_for_the_second_drive(hands: Hands) -> None:
    hands.begin()
    hands.register("usb1", "Синяя", "каб. 5")
    hands.write()
    shutil.copy(hands.drives["usb1"] / "ejournal-drive.json", hands.drives["usb2"])
    hands.plug("usb2")
    hands.wizard.look()
    hands.qtbot.wait(50)
    hands.wait_for("proved")
    assert "Выньте носитель «Синяя»" in hands.wizard.title.text()
