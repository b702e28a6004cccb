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
from tests.desktop.models.test_database import search
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
    for place in ("journal", "period_marks", "state", "lesson"):
        window.go(place)
    journal.flush()
    program.session.sync_now()
    print("worked", flush=True)

def look():
    if not begun and program.session is not None and program.window.place == "today":
        begun.append(True)
        work()
    elif len(begun) == 1 and not program.session.journal.is_anything_unsent():
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
