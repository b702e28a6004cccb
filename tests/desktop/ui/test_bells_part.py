"""Звонки with real keys: a shortened day from a set, typed, half typed, refused, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_core.bells import overlapping, read_clock
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.bells import ring
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.day_bells import day_bells, keeps_bells
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.bells_part import BellsPart
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.full_day import full_day_school
from tests.helpers.school import MOSCOW, NOW, desk_of
from tests.helpers.typing import press, type_text
from tests.helpers.windows import DEPUTY, shown_window

TODAY, WEEK_LATER = NOW.date(), date(2026, 9, 22)
USUAL = {1: ("08:30", "09:10"), 2: ("09:25", "10:05"), 3: ("10:30", "11:10"), 4: ("11:30", "12:10"),
         5: ("12:30", "13:10"), 6: ("13:25", "14:05")}  # fmt: skip


@pytest.fixture
def part(qtbot: QtBot, tmp_path: Path) -> Iterator[BellsPart]:
    journal = desk_of(full_day_school(), DEPUTY.id, tmp_path / "deputy")
    with shown_window(qtbot) as window:
        made = BellsPart(journal, journal.clock)
        screen = AdministrationScreen(journal, [made])
        window.open_session(DEPUTY, [Place("administration", "Администрирование", screen)], 0)
        yield made
    journal.close()


def rings(part: BellsPart, day: date = TODAY) -> dict[int, tuple[str, str]]:
    return dict(day_bells(part._journal, day).ringing)


def test_a_set_of_short_lessons_keeps_the_breaks_and_is_written_by_one_key(part: BellsPart) -> None:
    part.take_set(30)
    assert rings(part) == USUAL, "nothing is written before Ctrl+S"
    assert part.preview.text().startswith("Ещё не записано.")
    part.save()
    assert rings(part)[2] == ("09:15", "09:45")
    assert rings(part)[6] == ("12:35", "13:05")
    assert rings(part, WEEK_LATER) == USUAL
    assert "звонки записаны" in part.message.text
    assert part.preview.text().startswith("У этого дня свои звонки.")


def test_when_the_school_ends_is_told_before_it_is_written(part: BellsPart) -> None:
    assert "Последний урок школы, 6-й, кончается в 14:05." in part.preview.text()
    part.take_set(30)
    assert "Последний урок школы, 6-й, кончится в 13:05, обычно в 14:05." in part.preview.text()


def test_a_late_beginning_moves_the_whole_set(part: BellsPart) -> None:
    field = part.lines.fields[1][0]
    field.selectAll()
    type_text(field, "1000")
    part.take_set(40)
    part.save()
    assert rings(part)[1] == ("10:00", "10:40")
    assert rings(part)[6] == ("14:55", "15:35")


def test_times_are_typed_in_any_form_and_arrows_go_from_line_to_line(part: BellsPart) -> None:
    field = part.lines.fields[1][1]
    field.setFocus()
    field.selectAll()
    type_text(field, "9.00")
    press(field, Qt.Key.Key_Down)
    assert part.lines.fields[2][1].hasFocus()
    assert field.text() == "09:00"
    part.save()
    assert rings(part)[1] == ("08:30", "09:00")


@pytest.mark.parametrize("typed", ["25:00", "10:75", "утром", "", "10"])
def test_a_time_that_is_none_is_said_and_writes_nothing(part: BellsPart, typed: str) -> None:
    field = part.lines.fields[3][1]
    field.setFocus()
    field.selectAll()
    press(field, Qt.Key.Key_Delete)
    type_text(field, typed)
    assert "3 урок: время — часы и минуты" in part.preview.text()
    part.save()
    assert "Ничего не записано." in part.message.text
    assert rings(part) == USUAL


def test_a_lesson_that_begins_before_the_earlier_one_has_ended_is_told(part: BellsPart) -> None:
    field = part.lines.fields[2][0]
    field.selectAll()
    type_text(field, "900")
    assert "Урок 2 начинается раньше, чем кончится 1." in part.preview.text()


def test_ctrl_z_gives_the_day_its_earlier_bells_however_many_times(part: BellsPart) -> None:
    part.take_set(30)
    part.save()
    part.take_set(40)
    part.save()
    part.undo()
    assert rings(part)[1] == ("08:30", "09:00")
    part.undo()
    assert rings(part) == USUAL
    part.undo()
    assert "Отменять нечего" in part.message.text
    part.take_set(30)
    part.save()
    assert rings(part)[1] == ("08:30", "09:00"), "what was taken back can be entered once more"


def test_ctrl_z_on_another_day_goes_back_to_the_day_that_was_written(part: BellsPart) -> None:
    part.take_set(30)
    part.save()
    part.go_to(WEEK_LATER)
    part.undo()
    assert part.bells.day == TODAY
    assert rings(part) == USUAL


def test_esc_takes_back_what_was_typed_and_not_written(part: BellsPart) -> None:
    part.take_set(30)
    press(part.lines.fields[1][0], Qt.Key.Key_Escape)
    assert dict(part.lines.times) == USUAL
    assert "звонит как прежде" in part.message.text


def test_going_to_another_day_says_that_typed_bells_were_not_written(part: BellsPart) -> None:
    part.take_set(30)
    part.go_by(1)
    assert part.bells.day == date(2026, 9, 16)
    assert "15 сентября, вторник: набранные звонки не записаны" in part.message.text
    assert dict(part.lines.times) == USUAL


def test_what_comes_from_another_desk_does_not_overwrite_what_is_half_typed(part: BellsPart) -> None:
    part.take_set(30)
    ring(part._journal, TODAY, {1: ("08:00", "08:40")} | {n: USUAL[n] for n in range(2, 7)})
    part.refresh()
    assert part.lines.times[1] == ("08:30", "09:00")
    assert part.preview.text().startswith("Ещё не записано.")


def test_a_day_that_is_over_says_that_its_terms_are_counted_anew(part: BellsPart) -> None:
    part.go_to(date(2026, 9, 14))
    assert "День уже прошёл" in part.preview.text()


def homework_due(journal: Journal) -> datetime | None:
    first = queries.today(journal, TODAY).lessons[0]
    return next(item.due_at for item in first.items if item.what == "homework")


def test_a_teacher_s_terms_are_those_that_the_part_had_told(part: BellsPart, tmp_path: Path) -> None:
    school = full_day_school()
    server, teacher = PocketServer(school), desk_of(school, "t-2", tmp_path / "teacher")
    assert not keeps_bells(teacher)
    assert keeps_bells(part._journal)
    assert homework_due(teacher) == datetime(2026, 9, 15, 14, 5, tzinfo=MOSCOW)
    part.take_set(30)
    assert "домашнее задание — до 13:05" in part.preview.text()
    part.save()
    server.push(part._journal.outbox())
    teacher.apply(*server.pull(0))
    assert homework_due(teacher) == datetime(2026, 9, 15, 13, 5, tzinfo=MOSCOW)
    teacher.close()


@pytest.mark.parametrize(("typed", "read"), [("9:05", "09:05"), ("9.05", "09:05"), ("905", "09:05"), ("0905", "09:05"),
                                             (" 14-30 ", "14:30"), ("24:00", ""), ("9:5", ""), ("9", "")])  # fmt: skip
def test_a_time_of_day_is_read_as_people_type_it(typed: str, read: str) -> None:
    assert read_clock(typed) == read


def test_lessons_one_after_the_other_do_not_overlap() -> None:
    assert overlapping(USUAL) is None
    assert overlapping(USUAL | {2: ("09:00", "09:40")}) == (1, 2)
