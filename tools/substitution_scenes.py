"""Scenes of Замены and Звонки: the deputy's morning."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path

from ejournal_core import ids
from ejournal_core.kinds import Lesson
from ejournal_desktop.models.commands.day_changes import call_off, move_lesson
from ejournal_desktop.models.commands.substitutions import assign_substitute
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.bells_part import BellsPart
from ejournal_desktop.ui.widgets.part_tabs import Part
from ejournal_desktop.ui.widgets.substitutes_part import SubstitutesPart
from tests.helpers.full_day import full_day_school, page_of
from tests.helpers.school import NOW, desk_of
from tests.helpers.typing import type_text
from tests.helpers.windows import DEPUTY, session_places

TODAY = NOW.date()
HELD = Lesson(id=ids.lesson(page_of(1, 1), TODAY, 1), journal_page_id=page_of(1, 1), held_on=TODAY, lesson_number=1,
              held=True)  # fmt: skip


def _deputy(window: MainWindow) -> Journal:
    root = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    journal = desk_of(full_day_school([HELD]), DEPUTY.id, root)
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(root))
    return journal


def _open(window: MainWindow, journal: Journal, part: Part) -> None:
    places = session_places(window, journal)
    places.insert(-1, Place("administration", "Администрирование", AdministrationScreen(journal, [part])))
    window.open_session(DEPUTY, places, 0)
    window.go("administration")


def _part(window: MainWindow, journal: Journal) -> SubstitutesPart:
    part = SubstitutesPart(journal, window.jobs, journal.clock)
    _open(window, journal, part)
    return part


def substitutes(window: MainWindow) -> None:
    """A teacher is away: one lesson was given, one has a substitute, the next is being arranged."""
    journal = _deputy(window)
    assign_substitute(journal, ids.lesson(page_of(0, 2), TODAY, 2), "t-1")
    part = _part(window, journal)
    type_text(part.absent, "Гус")
    part.begin()


def substitutes_moved(window: MainWindow) -> None:
    """One lesson is called off, one was moved, and the next is about to be moved to an hour that is taken."""
    journal = _deputy(window)
    call_off(journal, ids.lesson(page_of(0, 2), TODAY, 2), "актированный день")
    move_lesson(journal, ids.lesson(page_of(7, 5), TODAY, 5), TODAY, 7)
    part = _part(window, journal)
    type_text(part.absent, "Гус")
    part.begin()
    part.move_lesson()
    part.change.number.setText("5")
    part.change.number.returnPressed.emit()


def substitutes_reason(window: MainWindow) -> None:
    """A lesson with a topic laid ready is about to be called off."""
    journal = _deputy(window)
    part = _part(window, journal)
    type_text(part.absent, "Гус")
    part.begin()
    part.call_off()


def substitutes_busy(window: MainWindow) -> None:
    """Somebody who has a lesson in that hour was chosen: it is said, and nothing was written."""
    part = _part(window, _deputy(window))
    type_text(part.absent, "Кон")
    part.begin()
    type_text(part.search, "Дём")
    part.assign()


def substitutes_day(window: MainWindow) -> None:
    """All of the day's substitutions, one of them in two places at once; one lesson went to another day."""
    journal = _deputy(window)
    move_lesson(journal, ids.lesson(page_of(4, 3), TODAY, 3), date(2026, 9, 17), 7)
    for class_number, lesson, person in ((0, 2, "t-1"), (6, 6, "t-9"), (5, 5, "t-4"), (3, 1, "t-9")):
        assign_substitute(journal, ids.lesson(page_of(class_number, lesson), TODAY, lesson), person)
    _part(window, journal)


def substitutes_off(window: MainWindow) -> None:
    """A day of the vacation."""
    _part(window, _deputy(window)).go_to(date(2026, 11, 3))


def _bells(window: MainWindow) -> BellsPart:
    journal = _deputy(window)
    part = BellsPart(journal, journal.clock)
    _open(window, journal, part)
    return part


def bells(window: MainWindow) -> None:
    """Lessons of half an hour are about to be written: what would change is told."""
    _bells(window).take_set(30)


def bells_wrong(window: MainWindow) -> None:
    """A time that is none."""
    part = _bells(window)
    field = part.lines.fields[3][1]
    field.setFocus()
    field.clear()
    type_text(field, "25.00")
    part.save()
