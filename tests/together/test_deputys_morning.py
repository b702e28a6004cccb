"""A deputy's morning over a real server: a substitute is named, a day is shortened; every desk knows by itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from ejournal_core import ids
from ejournal_core.bells import with_lessons_of
from ejournal_core.errors import Refusal
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.bells import ring
from ejournal_desktop.models.commands.day_changes import call_off, move_lesson, put_back
from ejournal_desktop.models.commands.lessons import hold_lesson
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.substitutions import assign_substitute
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.day_bells import day_bells
from ejournal_desktop.models.queries.lesson_plans import lesson_plan
from ejournal_desktop.models.queries.substitution_day import substitution_day
from ejournal_desktop.sync.desks import OpenDesk
from tests.helpers.school import MOSCOW
from tests.together.town import Town, mark_on, until_quiet

THURSDAY = date(2026, 9, 17)
DAY = date(2026, 9, 16)  # a Wednesday: its only lesson is the fourth, English of Петров
LATER = timedelta(days=1, hours=2)


class Morning:
    """Wednesday: Петров (absent), Иванова (who stands in) and Громова, the deputy, have met the server."""

    def __init__(self, town: Town) -> None:
        self.town, school = town, town.school
        self.desks: dict[str, OpenDesk] = {
            "staffroom": town.sit_down("staffroom", school.teacher),
            "home": town.sit_down("home", school.colleague),
            "office": town.sit_down("office", school.deputy),
        }
        town.clock.now += LATER
        town.server.stop()
        town.server.moment += LATER
        town.server.start()
        self.lesson = school.lesson(DAY, 4, school.english)
        self.pupil = school.pupils[1]
        self.meet()

    def meet(self) -> None:
        """Let everybody meet the server until nothing is under way."""
        for _ in range(2):
            until_quiet(*(lambda d=d, n=n: self.town.meet(d, n) for n, d in self.desks.items()))

    def __getitem__(self, place: str) -> Journal:
        return self.desks[place].journal


@pytest.fixture
def morning(town: Town) -> Morning:
    return Morning(town)


def test_the_substitute_gets_the_page_enters_a_mark_and_the_absent_teacher_sees_both(morning: Morning) -> None:
    substitute, absent, deputy = morning["staffroom"], morning["home"], morning["office"]
    english = morning.town.school.english
    assert english not in {page.id for page in queries.journal_pages(substitute)}
    assign_substitute(deputy, morning.lesson, morning.town.school.teacher)
    morning.meet()
    (mine,) = queries.today(substitute, DAY).lessons
    assert (mine.lesson_id, mine.substitution_for, mine.substitution_waits) == (morning.lesson, "Петров С. И.", False)
    assert english in {page.id for page in queries.journal_pages(substitute)}
    assert queries.today(absent, DAY).lessons == ()

    put_mark(substitute, morning.lesson, None, morning.pupil, "5")
    morning.meet()
    column = ids.mark_column(morning.lesson, "oral", 1)
    assert {mark_on(desk.journal, column, morning.pupil) for desk in morning.desks.values()} == {"5"}
    (given,) = substitution_day(deputy, DAY).replaced
    assert (given.substitute, given.teachers, given.entered) == ("Иванова М. П.", "Петров С. И.", True)
    spread = queries.journal_spread(absent, english)
    assert [row.teacher for row in spread.lessons if row.lesson_id == morning.lesson] == ["замена: Иванова М. П."]


def test_a_substitute_named_for_a_lesson_that_was_given_meanwhile_waits_for_another_person(morning: Morning) -> None:
    """Петров came after all and held it; the deputy did not know yet."""
    hold_lesson(morning["home"], morning.lesson)
    assign_substitute(morning["office"], morning.lesson, morning.town.school.teacher)
    morning.town.meet(morning.desks["home"], "home")
    morning.meet()
    (waits,) = queries.own_requests(morning["office"])
    assert (waits.state, waits.reason) == ("waiting", "EJ-246")
    (row,) = substitution_day(morning["office"], DAY).lessons
    assert row.entered
    assert [each.held for each in queries.today(morning["home"], DAY).lessons] == [True]
    assert queries.today(morning["staffroom"], DAY).lessons == ()


def test_the_bells_of_one_day_change_the_deadlines_of_every_desk(morning: Morning) -> None:
    """By default homework is due when the school's last lesson ends: on this day the fourth."""

    def due(journal: Journal) -> datetime | None:
        (lesson,) = queries.today(journal, DAY).lessons
        return next(item.due_at for item in lesson.items if item.what == "homework")

    assert due(morning["home"]) == datetime(2026, 9, 16, 12, 10, tzinfo=MOSCOW)
    ring(morning["office"], DAY, with_lessons_of(day_bells(morning["office"], DAY).usual, 30))
    morning.meet()
    assert due(morning["home"]) == datetime(2026, 9, 16, 11, 30, tzinfo=MOSCOW)
    (lesson,) = queries.today(morning["home"], DAY).lessons
    assert (lesson.starts_at, lesson.ends_at) == ("11:00", "11:30")


def test_a_lesson_called_off_or_moved_is_so_on_every_desk_and_one_given_meanwhile_waits(morning: Morning) -> None:
    """Петров reads why, has nothing due, and finds it on Thursday; what he gave before he knew is not undone."""
    deputy, teacher, english = morning["office"], morning["home"], morning.town.school.english
    call_off(deputy, morning.lesson, "актированный день")
    morning.meet()
    (off,) = queries.today(teacher, DAY).lessons
    assert (off.cancelled, off.items) == ("актированный день", ())
    notes = {row.lesson_id: row.note for row in queries.journal_spread(teacher, english).lessons}
    assert notes[morning.lesson] == "отменён: актированный день"
    assert morning.lesson in {row.lesson_id for row in lesson_plan(teacher, english).lost}
    with pytest.raises(Refusal) as refused:
        put_mark(teacher, morning.lesson, None, morning.pupil, "5")
    assert refused.value.code == "EJ-573"

    put_back(deputy, morning.lesson)
    move_lesson(deputy, morning.lesson, THURSDAY, 2)
    morning.meet()
    assert queries.today(teacher, DAY).lessons == ()
    (moved,) = queries.today(teacher, THURSDAY).lessons
    assert (moved.lesson_id, moved.lesson_number, moved.moved_from) == (morning.lesson, 2, "16.09, 4-й урок")
    (left,) = substitution_day(deputy, DAY).replaced
    assert (left.id, left.lesson_number, left.moved_to) == (morning.lesson, 4, "17.09, 2-й урок")

    move_lesson(deputy, morning.lesson, DAY, 4)
    morning.meet()
    hold_lesson(teacher, morning.lesson)
    call_off(deputy, morning.lesson, "карантин")
    morning.town.meet(morning.desks["home"], "home")
    morning.meet()
    (waits,) = queries.own_requests(deputy)
    assert (waits.state, waits.reason) == ("waiting", "EJ-570")
    assert [(each.held, each.cancelled) for each in queries.today(teacher, DAY).lessons] == [(True, "")]
