"""Scenes of «Просмотр копии»: the choice of a copy, the journal of that day, a class beside today."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication

from ejournal_core.kinds import RoleGrant
from ejournal_desktop.models.commands.attendance import set_presence
from ejournal_desktop.models.commands.lessons import set_homework, set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.copies_open import CopiesOpen
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.widgets.copy_part import CopyPart
from tests.helpers.copied_school import SAFE, CopiedSchool, copied_school
from tests.helpers.school import YEAR_START, desk_of
from tests.helpers.windows import DEPUTY
from tools.administration_scenes import show_part
from tools.folder_volumes import FolderVolumes

VALUES = ("5", "4", "4", "3", "5", "2", "4")


def _work(journal: Journal, school: CopiedSchool) -> None:
    """Fill three lessons as a teacher does."""
    small = school.small
    days = [small.today_lesson, small.lesson(journal.clock().date() - timedelta(days=1), 2)]
    days.append(small.lesson(journal.clock().date() - timedelta(days=4), 1))
    for number, lesson in enumerate(days):
        set_topic(journal, lesson, ("Линейные уравнения", "Повторение: дроби", "Входная контрольная")[number])
        set_homework(journal, lesson, f"§ {number + 1}, № 12–18")
        for at, pupil in enumerate(small.pupils):
            if (at + number) % 3:
                put_mark(journal, lesson, None, pupil, VALUES[(at * 2 + number) % len(VALUES)])
            elif (at + number) % 9 == 0:
                set_presence(journal, lesson, pupil, "absent")


def _part(window: MainWindow, *, empty: bool = False) -> CopyPart:
    root = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    school = copied_school(root / "school", pupils=25, work=_work)
    drive = root / "Синяя"
    drive.mkdir()
    if not empty:
        shutil.copytree(school.folder, drive / school.folder.name)
        shutil.copytree(school.folder, drive / "20260908-170000-01")
        (drive / "20260908-170000-01" / "catalogue.json").write_text("{")
    small = school.small
    sees = RoleGrant(id="r-sees", person_id=small.teacher, role="deputy_director", since=YEAR_START)
    journal = desk_of(msgspec.structs.replace(small, records=(*small.records, sees)), small.teacher, root / "desk")
    _work(journal, school)
    put_mark(journal, school.small.today_lesson, None, "u-02", "2")
    put_mark(journal, school.small.today_lesson, None, "u-03", None)
    set_topic(journal, school.small.today_lesson, "Линейные уравнения с одной переменной, решение задач на движение")

    def make() -> CopyPart:
        copies = CopiesOpen(journal, FolderVolumes(drive), lambda: school.server_key)
        window.destroyed.connect(copies.close)
        return CopyPart(journal, window.jobs, journal.clock, copies=copies)

    part = show_part(window, journal, root, DEPUTY, make)
    _wait(lambda: empty or part.choice.list.count() == 2)
    return part


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not until() and time.monotonic() < deadline:
        QCoreApplication.processEvents()
        time.sleep(0.01)


def choice(window: MainWindow) -> None:
    """Two copies on a drive, one of them damaged."""
    _part(window)


def choice_mistyped(window: MainWindow) -> None:
    """A sheet typed with an error in one group."""
    part = _part(window)
    part.choice.key.setText("3ZR2FN-G MAPKD3-E LACUKY-L DQW6JT-Y 5N2WAA-D LECY9C-Q CV6UYT-S HE3USG-A 9D6Q8A-P NP68-7")
    part.choice.submit()


def choice_empty(window: MainWindow) -> None:
    """No drive, no copy."""
    _part(window, empty=True)


def view(window: MainWindow) -> None:
    """The journal of the day of the copy."""
    _opened(window)


def _opened(window: MainWindow) -> CopyPart:
    part = _part(window)
    part.choice.key.setText(SAFE.secret)
    part.choice.submit()
    _wait(lambda: part.view is not None and part.view.spread.view is not None)
    return part


def compare(window: MainWindow) -> None:
    """What was changed and removed since, with what was added."""
    part = _opened(window)
    part.begin_comparing()
    _wait(lambda: part.compare.found is not None)
    part.compare.list.setCurrentRow(1)
    part.compare.put_focus()
