"""A day in the whole program, ended by kill -9: no file of that PC or of the server holds a word that was entered."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.kinds import Pupil
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_server import backups
from tests.desktop.models.test_database import search
from tests.together.test_backup_story import ADMINISTRATOR, engage_administrator
from tests.together.town import PASSWORD, Town, mark_on

PC = "staffroom"
WORD = "КАНАРЕЙКА"

#: Works as a teacher does, says how far it has come, and waits to be killed.
TEACHER = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ejournal_desktop.app import Program
from ejournal_desktop.models.commands.files import attach_file
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.commands.marks import put_mark
from tests.helpers.school import NOW, Clock

lesson, password, word, book = sys.argv[1:]
app = QApplication([])
program = Program(Clock(NOW))
program.show()
program.entrance.sign_in(program.entrance.known_desks()[0].id, password)

def work():
    journal, window = program.session.journal, program.window
    set_topic(journal, lesson, f"{word}: уравнения")
    put_mark(journal, lesson, None, "u-04", "5", comment=word)
    attach_file(journal, lesson, Path(book))
    window.go("lesson")
    window.screen_shown.open(lesson)
    window.screen_shown.panel.homework.setPlainText(f"{word} недописанное")
    for place in ("journal", "period_marks", "state", "lesson", "documents"):
        window.go(place)
    window.screen_shown.form.setCurrentIndex(window.screen_shown.form.findData("year-book"))
    window.screen_shown.build()  # looked at and never saved
    journal.flush()
    program.session.sync_now()
    print("worked", flush=True)

def is_sent():
    return not program.session.journal.is_anything_unsent()

def look():
    if not begun and program.session is not None and program.window.place == "today":
        begun.append(True)
        work()
    elif len(begun) == 1 and program.window.screen_shown.view.drawn and is_sent():
        begun.append(True)
        set_topic(program.session.journal, lesson, f"{word}: неравенства")
        program.session.journal.flush()
        print("killed now", flush=True)

begun = []
timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
QTimer.singleShot(240_000, app.quit)
app.exec()
"""

#: Goes through all of Администрирование, writes two drives, looks into a copy, and waits to be killed.
ADMINISTRATOR_S_DAY = """
import sys
from datetime import UTC
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ejournal_desktop import paths
from ejournal_desktop.app import Program
from ejournal_desktop.backup import rounds
from ejournal_desktop.backup.drives import register_drive
from ejournal_desktop.backup.identity import own_identity
from ejournal_desktop.backup.viewing import open_copy
from tests.desktop.backup.drive_world import Quiet
from tests.helpers.school import NOW, Clock
from tools.folder_volumes import FolderVolumes

password, *folders = sys.argv[1:]
drives = [Path(folder) for folder in folders]
app = QApplication([])
program = Program(Clock(NOW))
program.show()
program.entrance.sign_in(program.entrance.known_desks()[0].id, password)

def work():
    journal, window = program.session.journal, program.window
    for place in ("journal", "administration"):
        window.go(place)
    for part in window.screen_shown.tabs.parts:
        window.screen_shown.open_part(part.title)
        app.processEvents()
    identity = own_identity(journal)
    fetched = rounds.fetch(program._speak, identity.recipient, Quiet())
    for drive in drives:
        register_drive(drive, fetched.catalogue.proof.school, drive.name, volumes=FolderVolumes(*drives))
        rounds.write(fetched, drive, identity.secret, Quiet(), FolderVolumes(*drives))
    copy, key = drives[1] / fetched.folder.name, fetched.catalogue.server_key
    opened.append(open_copy(copy, identity.secret, key, paths.viewed_folder(), Quiet(), UTC))
    with opened[0].journal.reading() as connection:
        topics = connection.exec_driver_sql("SELECT topic FROM lesson WHERE topic <> ''").scalars()
        print("read there, killed now:", *topics, flush=True)

def look():
    if not begun and program.session is not None and program.window.place:
        begun.append(True)
        work()

begun, opened = [], []
timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
QTimer.singleShot(240_000, app.quit)
app.exec()
"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose server runs; one store is enough, the window cannot tell them apart."""
    with Town(tmp_path) as made:
        yield made


def a_pc_of_its_own(root: Path) -> dict[str, str]:
    """Return surroundings in which all that a program may write by itself lies below `root`."""
    places = {"HOME": "home", "TMPDIR": "tmp", "XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "config",
              "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state"}  # fmt: skip
    for name in places.values():
        (root / name).mkdir(parents=True)
    (root / "tmp" / "a file").write_text("so that there is one")
    return {name: str(root / place) for name, place in places.items()}


def test_after_a_day_that_kill_9_ends_no_file_of_the_pc_or_the_server_holds_a_word(town: Town, tmp_path: Path) -> None:
    town.sit_down(PC, town.school.teacher).close()
    stick = tmp_path / "stick"
    stick.mkdir()
    book = stick / f"{WORD}.txt"
    book.write_text(f"{WORD} в файле. " * 500)
    machine = tmp_path / "machine"
    around = os.environ | a_pc_of_its_own(machine) | {
        "EJOURNAL_DATA": str(town.root / PC), "PYTHONPATH": str(Path.cwd()), "QT_QPA_PLATFORM": "offscreen",
    }  # fmt: skip
    command = [sys.executable, "-c", TEACHER, town.school.today_lesson, PASSWORD, WORD, str(book)]
    with subprocess.Popen(command, env=around, cwd=machine, stdout=subprocess.PIPE, text=True) as teacher:
        assert teacher.stdout is not None
        said = [teacher.stdout.readline() for _ in range(2)]
        teacher.kill()
    assert said == ["worked\n", "killed now\n"]
    surname = next(each.last_name for each in town.school.records if isinstance(each, Pupil) and each.id == "u-04")
    for secret in (WORD, surname, PASSWORD):
        for place in (town.root / PC, town.root / "server", machine):
            assert search(place, secret) == []
    again = town.sit_down(PC, town.school.teacher)
    assert mark_on(again.journal, ids.mark_column(town.school.today_lesson, "oral", 1), "u-04") == "5"


def test_after_a_round_of_copies_that_kill_9_ends_no_file_of_the_pc_and_no_drive_holds_a_word(
    town: Town, tmp_path: Path
) -> None:
    engage_administrator(town)
    backups.new_recovery_key(town.office)
    teacher = town.sit_down("home", town.school.teacher)
    set_topic(teacher.journal, town.school.today_lesson, WORD)
    town.meet(teacher, "home")
    town.sit_down(PC, ADMINISTRATOR).close()
    drives = [tmp_path / "usb1", tmp_path / "usb2"]
    for drive in drives:
        drive.mkdir()
    machine = tmp_path / "machine"
    around = os.environ | a_pc_of_its_own(machine) | {
        "EJOURNAL_DATA": str(town.root / PC), "PYTHONPATH": str(Path.cwd()), "QT_QPA_PLATFORM": "offscreen",
    }  # fmt: skip
    command = [sys.executable, "-c", ADMINISTRATOR_S_DAY, PASSWORD, *map(str, drives)]
    with subprocess.Popen(command, env=around, cwd=machine, stdout=subprocess.PIPE, text=True) as administrator:
        assert administrator.stdout is not None
        said = administrator.stdout.readline()
        administrator.kill()
    assert said == f"read there, killed now: {WORD}\n"
    assert any((town.root / PC / "viewed").rglob("copy.db")), "it was killed while it looked"
    surname = next(each.last_name for each in town.school.records if isinstance(each, Pupil) and each.id == "u-04")
    for secret in (WORD, surname, PASSWORD):
        for place in (town.root / PC, town.root / "server", machine, *drives):
            assert search(place, secret) == []
