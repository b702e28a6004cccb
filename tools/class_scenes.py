"""Scenes of Мой класс that need a whole class: eighteen subjects, thirty-five pupils, their families."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date, datetime
from pathlib import Path

from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.my_class import MyClassScreen
from ejournal_desktop.ui.widgets.class_results_part import ClassResultsPart
from ejournal_desktop.ui.widgets.families_part import FamiliesPart
from tests.helpers.full_class import full_class, guardians
from tests.helpers.school import MOSCOW, SmallSchool, desk_of
from tests.helpers.windows import CLASS_TEACHER, session_places

TODAY = date(2026, 12, 16)


def class_screen(window: MainWindow, school: SmallSchool, title: str, day: date = TODAY) -> MyClassScreen:
    """Sign the class teacher of a school in and open a part of Мой класс."""
    folder = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    now = datetime(day.year, day.month, day.day, 12, 0, tzinfo=MOSCOW)
    journal: Journal = desk_of(school, school.class_teacher, folder, now=now)
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(folder))
    window.open_session(CLASS_TEACHER, session_places(window, journal), 0)
    window.set_sync_state(queries.sync_state(journal, rows=False))
    window.go("class")
    screen = window.screen_shown
    assert isinstance(screen, MyClassScreen)
    screen.open_part(title)
    return screen


def results_of(screen: MyClassScreen) -> ClassResultsPart:
    """Return the part «Успеваемость»."""
    return next(part for part in screen.parts if isinstance(part, ClassResultsPart))


def class_results(window: MainWindow) -> None:
    """Thirty-five pupils and eighteen subjects at the day of the preliminary report."""
    part = results_of(class_screen(window, full_class(TODAY), "Успеваемость"))
    part.table.setCurrentIndex(part.table.lines.index(8, 4))


def class_results_report(window: MainWindow) -> None:
    """Whom the preliminary report names, in the closed first quarter's neighbour with marks that stand."""
    part = results_of(class_screen(window, full_class(date(2026, 11, 2)), "Успеваемость", date(2026, 11, 2)))
    part.show_report()


def class_results_empty(window: MainWindow) -> None:
    """A class before its first lesson."""
    class_screen(window, full_class(TODAY, 1, marks=False), "Успеваемость", date(2026, 9, 1))


def families_of(screen: MyClassScreen) -> FamiliesPart:
    """Return the part «Семьи»."""
    return next(part for part in screen.parts if isinstance(part, FamiliesPart))


def school_with_families(pupils: int = 35) -> SmallSchool:
    """Return the class with its families."""
    school = full_class(TODAY, pupils)
    records = (*school.records, *guardians(school))
    return SmallSchool(records, school.pupils, school.class_group, school.subgroup, school.page, school.english)


def class_families(window: MainWindow) -> None:
    """Two parents of one pupil, and the sheet of the running quarter."""
    families_of(class_screen(window, school_with_families(), "Семьи"))


def class_families_form(window: MainWindow) -> None:
    """A telephone typed without a consent, refused in the form."""
    part = families_of(class_screen(window, school_with_families(), "Семьи"))
    part.show_pupil("u-09")
    part.begin()
    for name, text in (("last_name", "Егоров"), ("first_name", "Юрий"), ("phone", "+7 900 000-09-09")):
        part.form.lines[name].setText(text)
    part.form.submit()


def class_families_withdrawn(window: MainWindow) -> None:
    """A consent that was withdrawn, with its history."""
    part = families_of(class_screen(window, school_with_families(), "Семьи"))
    part.show_pupil("u-06")
    part.go_to_guardians()
    part.withdraw()
    part.show_past()
