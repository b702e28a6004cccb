"""The desk that the desk's rows are measured on: a full page of one class in the real program, on a real file."""

from __future__ import annotations

import contextlib
import gc
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from ejournal_core import ids, seal
from ejournal_core.changes import Change, Entry, Verdict
from ejournal_core.kinds import Attendance, Lesson, Mark, MarkColumn, PeriodMark, Record
from ejournal_desktop import paths, vault
from ejournal_desktop.app import Program, collect_on_the_window_s_thread
from ejournal_desktop.models.desk import create_journal
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.loading import load_whole
from ejournal_desktop.models.state import Identity
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.collecting import Collecting
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.screens.journal import JournalScreen
from tests.helpers.school import MOSCOW, YEAR_START, Clock, SmallSchool, small_school, snapshot_lines

PASSWORD = "длинный пароль 15"
WEEK = {1: 2, 2: 3, 5: 1}  # weekday → number of the lesson of algebra, as in `small_school`
SIZE = (1600, 900)


class Classroom(Struct, frozen=True):
    """The program with a person at work, the journal's screen in front."""

    app: QApplication
    program: Program
    school: SmallSchool
    lessons: tuple[str, ...]
    file: Path
    key: bytes

    @property
    def journal(self) -> Journal:
        """The open journal."""
        assert self.program.session is not None
        return self.program.session.journal

    @property
    def screen(self) -> JournalScreen:
        """The screen Журнал."""
        return self.program.window.findChildren(JournalScreen)[0]

    @property
    def view(self) -> MarkView:
        """The left page."""
        assert self.screen.view is not None
        return self.screen.view


def lesson_days(count: int) -> list[date]:
    """Return the days of the first lessons of algebra of the year."""
    found: list[date] = []
    day = YEAR_START
    while len(found) < count:
        if day.isoweekday() in WEEK and not date(2026, 10, 31) <= day <= date(2026, 11, 8):
            found.append(day)
        day += timedelta(days=1)
    return found


def full_school(
    pupils: int, lessons: int, *, last_empty: bool = False
) -> tuple[SmallSchool, tuple[str, ...], datetime]:
    """Return a school whose page of algebra is filled, the ids of its lessons, and the moment after the last one.

    With `last_empty` nothing of the last lesson has been entered yet.
    """
    bare = small_school(pupils)
    days = lesson_days(lessons)
    lesson_ids = tuple(bare.lesson(day, WEEK[day.isoweekday()]) for day in days)
    filled = list(zip(days, lesson_ids, strict=True))[: -1 if last_empty else None]
    extra = [record for day, lesson_id in filled for record in _lesson(bare, day, lesson_id)]
    extra += _periods(bare, days[-1])
    now = datetime.combine(days[-1], datetime.min.time(), MOSCOW).replace(hour=15)
    return small_school(pupils, extra), lesson_ids, now


def _lesson(school: SmallSchool, day: date, lesson_id: str) -> Iterator[Record]:
    dice = random.Random(day.toordinal())
    column_id = ids.mark_column(lesson_id, "oral", 1)
    yield Lesson(id=lesson_id, journal_page_id=school.page, held_on=day, lesson_number=WEEK[day.isoweekday()],
                 held=True, topic="Тождественные преобразования", homework="§ 4, № 82–87")  # fmt: skip
    yield MarkColumn(id=column_id, lesson_id=lesson_id, work_kind_id="oral", ordinal=1)
    for pupil_id in school.pupils:
        roll = dice.random()
        if roll < 0.7:
            yield Mark(id=ids.mark(column_id, pupil_id), mark_column_id=column_id, pupil_id=pupil_id,
                       value=str(dice.randint(3, 5)))  # fmt: skip
        elif roll < 0.8:
            yield Attendance(id=ids.attendance(lesson_id, pupil_id), lesson_id=lesson_id, pupil_id=pupil_id,
                             presence="absent")  # fmt: skip


def _periods(school: SmallSchool, last: date) -> Iterator[Record]:
    for number, end in ((1, date(2026, 10, 30)), (2, date(2026, 12, 30))):
        for pupil_id in school.pupils if end < last else ():
            yield PeriodMark(
                id=ids.period_mark(school.page, pupil_id, "quarter", number), journal_page_id=school.page,
                pupil_id=pupil_id, period_kind="quarter", period_number=number, value="4",
            )  # fmt: skip


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    """Give a folder that is the program's data folder meanwhile."""
    before = os.environ.get(paths.OVERRIDE)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[paths.OVERRIDE] = folder
        try:
            yield Path(folder)
        finally:
            os.environ.pop(paths.OVERRIDE)
            if before is not None:
                os.environ[paths.OVERRIDE] = before


def make_desk(
    pupils: int, lessons: int, *, last_empty: bool = False
) -> tuple[vault.UnlockedDesk, SmallSchool, tuple[str, ...], datetime]:
    """Make a teacher's desk in the data folder, sealed outgoing file and corrected marks included."""
    school, lesson_ids, now = full_school(pupils, lessons, last_empty=last_empty)
    desk = vault.create_desk(paths.desks_folder(), desk_id="desk-1", person_id=school.teacher,
                             person_name="Иванова Мария Петровна", school=school.id, password=PASSWORD)  # fmt: skip
    identity = Identity("desk-1", school.teacher, "Иванова Мария Петровна", school.id, seal.new_signing_key())
    journal = create_journal(desk.desk.file, desk.key, identity, paths.outgoing_folder(), Clock(now))
    load_whole(journal, 1, snapshot_lines(school.records, 1), scope="all")
    journal.note(seal_key=seal.sealing_public_key(seal.new_sealing_key()).hex())
    corrected = list(colleague_changes(school, lesson_ids, now - timedelta(days=1), 2))[: pupils * 4]
    journal.apply(corrected, corrected[-1].verdict.number)
    journal.close()
    return desk, school, lesson_ids, now


def colleague_changes(
    school: SmallSchool, lessons: tuple[str, ...], at: datetime, first_number: int, n: int = 1
) -> Iterator[Entry]:
    """Yield lines of the log in which a colleague gives each pupil another mark, lesson after lesson."""
    stamp = at.isoformat(timespec="seconds")
    for lesson_id in lessons[:-1]:
        column_id = ids.mark_column(lesson_id, "oral", 1)
        for pupil_id in school.pupils:
            change = Change(
                id=ids.new_id(), desk="desk-2", n=n, author=school.colleague, kind="Mark",
                record=ids.mark(column_id, pupil_id), was={"value": "4", "comment": ""},
                set={"mark_column_id": column_id, "pupil_id": pupil_id, "value": str(3 + n % 3), "comment": ""},
                act="change", at=stamp,
            )  # fmt: skip
            number = first_number + n - 1
            yield Entry(change=change, prev="", verdict=Verdict(id=change.id, number=number, outcome="taken", at=stamp))
            n += 1


@contextlib.contextmanager
def classroom(pupils: int, lessons: int, *, last_empty: bool = False) -> Iterator[Classroom]:
    """Give the program with the teacher signed in and the page open and painted."""
    with data_folder():
        desk, school, lesson_ids, now = make_desk(pupils, lessons, last_empty=last_empty)
        app = application()
        program = Program(Clock(now))
        collect_on_the_window_s_thread(program)
        program.show()
        program.window.resize(*SIZE)
        program.entrance.sign_in("desk-1", PASSWORD)
        until(app, lambda: program.session is not None)
        program.window.go("journal")
        room = Classroom(app, program, school, lesson_ids, desk.desk.file, bytes(desk.key))
        until(app, lambda: not room.screen.is_opening)
        room.screen.open_page(school.page)
        until(app, lambda: not room.screen.is_opening and room.screen.view is not None)
        settle(app)
        try:
            yield room
        finally:
            program.window.close()
            settle(app)
            program.deleteLater()
            settle(app)
            gc.enable()


def application() -> QApplication:
    """Return the application, made when there is none."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        return app
    made = QApplication([])
    theme.apply(made, "light")
    return made


@contextlib.contextmanager
def collecting_as_at_work(app: QApplication) -> Iterator[Callable[[], None]]:
    """Collect garbage as the program does; what is given tells that a person's screens stand and work begins."""
    collecting = Collecting(app)
    try:
        yield lambda: collecting.follow(at_work=True)
    finally:
        collecting.follow(at_work=False)
        collecting.deleteLater()
        gc.enable()


def until(app: QApplication, condition: Callable[[], bool], limit: float = 60) -> None:
    """Let the program work until the condition holds."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the program did not come to the point that was waited for")
        app.processEvents()


def settle(app: QApplication, quiet: float = 0.15) -> None:
    """Let timers that were started run out."""
    end = time.monotonic() + quiet
    while time.monotonic() < end:
        app.processEvents()


class Painted(QObject):
    """Counts the paint events of a widget; a frame is on the screen when `processEvents` has returned after one."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look on."""
        if event.type() == QEvent.Type.Paint:
            self.count += 1
        return False
