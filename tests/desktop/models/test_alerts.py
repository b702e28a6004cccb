"""What is unusual about marks: told once a person, page and day, and never of ordinary work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import event

from ejournal_core import ids
from ejournal_core.kinds import Certificate, JournalPage, Lesson, Mark, MarkColumn, Subject, TeachingLoad
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.notices import put_away
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries import alerts
from ejournal_desktop.models.queries.alerts import MANY, Unusual, unusual_in_school
from ejournal_desktop.models.queries.audit_log import event_log
from ejournal_desktop.models.queries.notices import APART, Notice
from ejournal_desktop.models.tables import history
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import PocketServer, meet
from tests.helpers.school import YEAR_START, SmallSchool, desk_of, small_school

PUPILS = tuple(f"u-{number:02}" for number in range(1, 26))
MARKED, FREE = PUPILS[:20], PUPILS[20:]
DAY, EVENING, NIGHT, BEFORE_DAWN = "11:00", "21:59", "22:10", "05:59"
GEOMETRY = ids.journal_page("s-geometry", "c-7b")
GEOMETRY_LESSON = ids.lesson(GEOMETRY, date(2026, 9, 15), 5)
GEOMETRY_COLUMN = ids.mark_column(GEOMETRY_LESSON, "oral", 1)
SetClock = Callable[..., None]
DESKS = (("other", "p-teacher", "Кабинет 14"), ("desk-of-p-teacher", "p-teacher", "Учительская"))


@pytest.fixture
def school(school: SmallSchool) -> SmallSchool:
    return small_school(extra=(
        *school.records[-2:],
        Subject(id="s-geometry", title="Геометрия"),
        JournalPage(id=GEOMETRY, subject_id="s-geometry", class_group_id="c-7b"),
        TeachingLoad(id="l-geometry", journal_page_id=GEOMETRY, person_id="p-colleague", since=YEAR_START,
                     weekly_hours=Decimal(2)),
        Lesson(id=GEOMETRY_LESSON, journal_page_id=GEOMETRY, held_on=date(2026, 9, 15), lesson_number=5),
        MarkColumn(id=GEOMETRY_COLUMN, lesson_id=GEOMETRY_LESSON, work_kind_id="oral"),
        *(Mark(id=ids.mark(GEOMETRY_COLUMN, pupil), mark_column_id=GEOMETRY_COLUMN, pupil_id=pupil, value="4")
          for pupil in MARKED),
        *(Certificate(id=desk, subject_kind="desk", person_id=person, public_key="00", place=place, confirmed="yes")
          for desk, person, place in DESKS),
        *(Mark(id=ids.mark(COLUMN, pupil), mark_column_id=COLUMN, pupil_id=pupil, value="4") for pupil in MARKED),
    ))  # fmt: skip


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Set the clock of whoever enters next."""

    def set_clock(clock: str, day: str = "2026-09-15", zone: str = "+03:00") -> None:
        monkeypatch.setattr("tests.desktop.models.pocket_server.AT", f"{day}T{clock}:00{zone}")

    return set_clock


def correct(server: PocketServer, pupils: Sequence[str], author: str = "p-colleague", column: str = COLUMN) -> None:
    for pupil in pupils:
        server.other("Mark", ids.mark(column, pupil), author=author, value="5")


def give(server: PocketServer, pupils: Sequence[str], author: str = "p-colleague") -> None:
    for pupil in pupils:
        server.other("Mark", ids.mark(COLUMN, pupil), author=author, act="create", was={}, mark_column_id=COLUMN,
                     pupil_id=pupil, value="3")  # fmt: skip


def seen(desk: Journal, server: PocketServer) -> tuple[Unusual, ...]:
    meet(desk, server)
    return unusual_in_school(desk)


def changed(journal: Journal, server: PocketServer) -> list[Notice]:
    meet(journal, server)
    return [each for each in queries.news(journal).notices if each.kind == "changed"]


def test_many_marks_corrected_on_one_day_are_one_line_that_leads_to_the_last(
    deputy: Journal, server: PocketServer, school: SmallSchool
) -> None:
    correct(server, MARKED[: MANY - 1])
    assert seen(deputy, server) == ()
    correct(server, MARKED[MANY - 1 : MANY])
    (told,) = seen(deputy, server)
    assert (told.who, told.where, told.corrected, told.by_night) == ("Петров С. И.", "7 «Б» · Алгебра", MANY, 0)
    assert told.cell == (school.page, COLUMN, MARKED[MANY - 1])
    assert told.lesson_id == LESSON
    assert told.at == datetime.fromisoformat("2026-09-15T11:00:00+03:00")


def test_one_mark_changed_many_times_is_one_mark(deputy: Journal, server: PocketServer) -> None:
    for number in range(2 * MANY):
        server.other("Mark", ids.mark(COLUMN, PUPILS[0]), value="25"[number % 2])
    assert seen(deputy, server) == ()


def test_few_marks_on_each_of_several_pages_are_many_for_the_day(deputy: Journal, server: PocketServer) -> None:
    correct(server, MARKED[: MANY - 2])
    correct(server, MARKED[:2], column=GEOMETRY_COLUMN)
    told = {each.where: (each.corrected, each.that_day) for each in seen(deputy, server)}
    assert told == {"7 «Б» · Алгебра": (MANY - 2, MANY), "7 «Б» · Геометрия": (2, MANY)}


def test_marks_of_several_days_are_not_many(deputy: Journal, server: PocketServer, at: SetClock) -> None:
    for number, day in enumerate(("2026-09-14", "2026-09-15", "2026-09-16")):
        at(DAY, day)
        correct(server, MARKED[number * 6 : number * 6 + 6])
    assert seen(deputy, server) == ()


def test_what_its_author_corrects_while_typing_is_no_alert_and_later_it_is(
    deputy: Journal, server: PocketServer, at: SetClock
) -> None:
    fresh = [*MARKED[:5], *FREE]
    for pupil in MARKED[:5]:  # one more column would do: five marks are free in this one
        server.records.pop(("Mark", ids.mark(COLUMN, pupil)))
    give(server, fresh)
    at("10:00", "2026-09-16")
    correct(server, fresh)  # P04: a mark at the lesson until 24 hours after it, and so long it is typing
    assert seen(deputy, server) == ()
    at("11:11", "2026-09-16")
    for pupil in fresh:
        server.other("Mark", ids.mark(COLUMN, pupil), value="2")
    (told,) = seen(deputy, server)
    assert told.corrected == len(fresh)


def test_typing_over_the_fresh_marks_of_another_is_correcting(deputy: Journal, server: PocketServer) -> None:
    for pupil in MARKED[:5]:
        server.records.pop(("Mark", ids.mark(COLUMN, pupil)))
    give(server, [*MARKED[:5], *FREE], "p-teacher")
    correct(server, [*MARKED[:5], *FREE])
    (told,) = seen(deputy, server)
    assert told.who == "Петров С. И."


@pytest.mark.parametrize(
    ("clock", "zone", "is_night"),
    [(EVENING, "+03:00", False), (NIGHT, "+03:00", True), (BEFORE_DAWN, "+03:00", True), ("06:00", "+03:00", False),
     ("19:10", "+00:00", True), ("22:10", "+05:00", False)],
)  # fmt: skip
def test_entries_between_ten_and_six_by_the_schools_clock_are_told(
    deputy: Journal, server: PocketServer, at: SetClock, clock: str, zone: str, *, is_night: bool
) -> None:
    at(clock, zone=zone)
    give(server, FREE[:2])
    assert [(each.by_night, each.corrected) for each in seen(deputy, server)] == ([(2, 0)] if is_night else [])


def test_a_slip_put_right_in_the_night_is_typing(deputy: Journal, server: PocketServer, at: SetClock) -> None:
    at(EVENING)
    give(server, FREE[:1])
    at(NIGHT)
    correct(server, FREE[:1])
    assert seen(deputy, server) == ()


def test_what_a_second_person_let_through_or_decided_is_no_alert(deputy: Journal, server: PocketServer) -> None:
    for pupil in MARKED[:MANY]:
        server.other("Mark", ids.mark(COLUMN, pupil), act="approve", requester="p-teacher", about="c", value="5")
        server.other("Mark", ids.mark(COLUMN, pupil), act="resolve", author="p-teacher", value="4")
    assert seen(deputy, server) == ()


def test_put_away_stays_away_until_there_is_more(deputy: Journal, server: PocketServer) -> None:
    correct(server, MARKED[:MANY])
    (told,) = seen(deputy, server)
    put_away(deputy, told.id)
    assert unusual_in_school(deputy) == ()
    correct(server, MARKED[MANY : MANY + 1])
    (more,) = seen(deputy, server)
    assert more.corrected == MANY + 1


def test_what_is_put_away_at_one_computer_is_away_at_the_other_and_stands_in_the_log_of_events(
    deputy: Journal, server: PocketServer, school: SmallSchool, tmp_path: Path
) -> None:
    correct(server, MARKED[:MANY])
    (told,) = seen(deputy, server)
    other = desk_of(school, "p-deputy", tmp_path / "other", desk_id="desk-2")
    assert seen(other, server) == (told,)
    put_away(deputy, told.id)
    meet(deputy, server)
    assert seen(other, server) == ()
    (line,) = [row for row in event_log(other).rows if row.matter == "rules"]
    assert (line.person_id, line.what) == ("p-deputy", "необычное просмотрено и убрано из списка")
    correct(server, MARKED[MANY : MANY + 1])
    assert len(seen(other, server)) == 1, "there is more of it"
    other.close()


def test_what_a_colleague_has_put_away_is_still_told_to_this_one(deputy: Journal, server: PocketServer) -> None:
    correct(server, MARKED[:MANY])
    (told,) = seen(deputy, server)
    server.other("AuditEvent", "e-1", act="create", was={}, author="p-director", person_id="p-director",
                 event="unusual_put_away", desk_id="other", subject=told.id)  # fmt: skip
    assert seen(deputy, server) == (told,)


def test_own_work_is_no_news_and_only_who_oversees_hears_of_the_school(
    journal: Journal, deputy: Journal, server: PocketServer
) -> None:
    correct(server, MARKED[:MANY], author="p-deputy")
    assert seen(deputy, server) == ()
    correct(server, MARKED[MANY:])
    assert len(seen(deputy, server)) == 1
    assert seen(journal, server) == ()


def test_night_work_under_ones_own_name_at_another_desk_is_told_with_its_place(
    journal: Journal, server: PocketServer, at: SetClock
) -> None:
    at(NIGHT)
    give(server, FREE[:3], "p-teacher")
    meet(journal, server)
    (told,) = [each for each in queries.news(journal).notices if each.kind == "unusual"]
    assert (told.own, told.by_night, told.what, told.where) == (True, 3, "Кабинет 14", "7 «Б» · Алгебра")
    put_away(journal, told.id)
    assert [each for each in queries.news(journal).notices if each.kind == "unusual"] == []


def test_night_work_at_this_desk_and_of_others_is_no_news_to_a_teacher(
    journal: Journal, server: PocketServer, at: SetClock
) -> None:
    at(NIGHT)
    give(server, FREE[:3])
    journal.clock.now = datetime.fromisoformat("2026-09-15T23:30:00+03:00")  # type: ignore[attr-defined]
    put_mark(journal, LESSON, COLUMN, FREE[3], "5")
    meet(journal, server)
    assert [each for each in queries.news(journal).notices if each.kind == "unusual"] == []


def test_what_somebody_changes_on_ones_page_is_told_cell_by_cell_while_it_is_little(
    journal: Journal, server: PocketServer
) -> None:
    correct(server, MARKED[:APART])
    assert sorted(each.number for each in changed(journal, server)) == [0] * APART
    correct(server, MARKED[APART : APART + 1])
    (told,) = changed(journal, server)
    assert (told.number, told.who) == (APART + 1, "Петров С. И.")
    assert told.cell == (ids.lesson_parts(LESSON)[0], COLUMN, MARKED[APART])
    put_away(journal, told.id)
    assert changed(journal, server) == []
    correct(server, MARKED[APART + 1 : APART + 2])
    (alone,) = changed(journal, server)
    assert (alone.number, alone.what) == (0, "отметка 4 → 5")


def test_lines_put_away_one_by_one_do_not_come_back_with_the_many(journal: Journal, server: PocketServer) -> None:
    correct(server, MARKED[:2])
    for each in changed(journal, server):
        put_away(journal, each.id)
    correct(server, MARKED[2 : 2 + APART])
    assert [each.number for each in changed(journal, server)] == [0] * APART


def test_a_colleague_who_puts_a_slip_of_her_own_right_on_a_shared_page_is_no_news(
    journal: Journal, server: PocketServer, at: SetClock
) -> None:
    give(server, FREE[:1])
    correct(server, FREE[:1])
    assert changed(journal, server) == []
    at("11:11", "2026-09-16")
    server.other("Mark", ids.mark(COLUMN, FREE[0]), value="2")
    (told,) = changed(journal, server)
    assert told.what == "отметка 5 → 2"


def test_alerts_are_looked_for_by_their_time_and_not_through_the_year(deputy: Journal) -> None:
    asked: list[str] = []
    with deputy.reading() as connection:
        event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
        assert list(alerts._lines(connection, deputy.clock(), history.c.author != "p-deputy")) == []
        (question,) = [each for each in asked if "judged_at >" in each]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {question}", ("",) * question.count("?")).all()
    assert any("ix_history_judged_at (judged_at>?)" in row[-1] for row in plan)
