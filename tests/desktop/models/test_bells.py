"""The bells of one day at a desk: entered in one step, taken back, and asked by every term of that day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import pytest

from ejournal_core.errors import Refusal
from ejournal_core.kinds import RoleGrant
from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.school import MOSCOW, NOW, YEAR_START, SmallSchool, desk_of, small_school
from tests.helpers.short_day import ring_as_usual, shorten_day

TODAY = NOW.date()
DISPATCHER = RoleGrant(id="r-9", person_id="p-colleague", role="timetable_dispatcher", since=YEAR_START)


@pytest.fixture
def school() -> SmallSchool:
    return small_school(3, extra=[DISPATCHER])


@pytest.fixture
def keeper(school: SmallSchool, tmp_path: Path) -> Iterator[Journal]:
    journal = desk_of(school, school.colleague, tmp_path / "keeper")
    yield journal
    journal.close()


def third_lesson(journal: Journal, day: date = TODAY) -> tuple[str, str]:
    lesson = next(each for each in queries.today(journal, day).lessons if each.lesson_number == 3)
    return lesson.starts_at, lesson.ends_at


def test_a_shortened_day_rings_by_its_own_bells_and_the_next_week_by_the_usual(keeper: Journal) -> None:
    assert third_lesson(keeper) == ("10:30", "11:10")
    shorten_day(keeper, TODAY, time(9), 30, 5)
    assert third_lesson(keeper) == ("10:10", "10:40")
    assert third_lesson(keeper, date(2026, 9, 22)) == ("10:30", "11:10")
    shorten_day(keeper, TODAY, time(8, 30), 30, 10)
    assert third_lesson(keeper) == ("09:50", "10:20"), "entered again, it is the same six records"
    assert ring_as_usual(keeper, TODAY).changes
    assert third_lesson(keeper) == ("10:30", "11:10")
    shorten_day(keeper, TODAY, time(9), 30, 5)
    assert third_lesson(keeper) == ("10:10", "10:40"), "and what was taken back can be entered once more"


def test_minutes_left_of_a_shortened_day_count_by_its_bells(keeper: Journal) -> None:
    """Homework is due when the school's last lesson ends, the default: the only class has its last one now."""

    def due() -> datetime | None:
        lesson = next(each for each in queries.today(keeper, TODAY).lessons if each.lesson_number == 3)
        return next(item.due_at for item in lesson.items if item.what == "homework")

    assert due() == datetime(2026, 9, 15, 11, 10, tzinfo=MOSCOW)
    shorten_day(keeper, TODAY, time(9), 30, 5)
    assert due() == datetime(2026, 9, 15, 10, 40, tzinfo=MOSCOW)


def test_lessons_beyond_midnight_and_a_teacher_s_bells_are_refused_and_change_nothing(
    keeper: Journal, school: SmallSchool, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match="звонки не изменены") as refused:
        shorten_day(keeper, TODAY, time(22), 150, 10)  # the first would end at half past twelve at night
    assert refused.value.code == "EJ-285"
    with pytest.raises(Refusal) as zero:
        shorten_day(keeper, TODAY, time(9), 0, 5)
    assert zero.value.code == "EJ-285"
    assert third_lesson(keeper) == ("10:30", "11:10")
    teacher = desk_of(school, school.teacher, tmp_path / "teacher")
    with pytest.raises(Refusal) as not_hers:
        shorten_day(teacher, TODAY, time(9), 30, 5)
    assert not_hers.value.code == "EJ-213"
    teacher.close()


def test_bells_of_a_day_reach_every_desk(keeper: Journal, school: SmallSchool, tmp_path: Path) -> None:
    server, teacher = PocketServer(school), desk_of(school, school.teacher, tmp_path / "teacher")
    shorten_day(keeper, TODAY, time(9), 30, 5)
    server.push(keeper.outbox())
    teacher.apply(*server.pull(0))
    assert third_lesson(teacher) == ("10:10", "10:40")
    teacher.close()
