"""What Урок says of itself: until when all is in time, who is away, what cannot be true, what is ahead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import (
    AbsenceDocument,
    Attendance,
    ClassGroup,
    JournalPage,
    Lesson,
    PolicySetting,
    Record,
    TimetableSlot,
)
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import lessons
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.widgets.roll_model import FIRST_MARK, PRESENCE
from tests.helpers import sample_days as days
from tests.helpers.school import YEAR_START, Clock, SmallSchool, small_school
from tests.helpers.typing import CTRL, press, type_text
from tests.helpers.windows import open_session

TUESDAY = date(2026, 9, 15)
LESSON = "s-algebra.c-7b.20260915.3"
ENTER = Qt.Key.Key_Return
#: The class goes on after algebra (lesson 3, until 11:10) with English until 13:10; 8 «А» is at school until 14:05.
LONGER_DAY: tuple[Record, ...] = (
    TimetableSlot(id="t-late", journal_page_id="s-english.g-2", weekday=2, lesson_number=5, since=YEAR_START),
    ClassGroup(id="c-8a", school_year_id="y-2026", grade_level=8, letter="А"),
    JournalPage(id="s-english.c-8a", subject_id="s-english", class_group_id="c-8a"),
    TimetableSlot(id="t-8a", journal_page_id="s-english.c-8a", weekday=2, lesson_number=6, since=YEAR_START),
)


def known_away(*numbers: int) -> list[Record]:
    """Return the class teacher's papers about pupils by their places in the list."""
    return [
        AbsenceDocument(id=f"doc-{n}", class_group_id="c-7b", pupil_id=f"u-{n:02}", reason="Б", since=TUESDAY,
                        until=TUESDAY + timedelta(days=3))
        for n in numbers
    ]  # fmt: skip


class Open:
    """The lesson on the screen."""

    def __init__(self, screen: LessonScreen, journal: Journal, school: SmallSchool) -> None:
        self.screen, self.journal, self.school = screen, journal, school
        self.table, self.panel = screen.table, screen.panel

    @property
    def due(self) -> list[str]:
        """Return the lines about what is due, as they stand on the screen."""
        return [line.text for line in self.panel._due if not line.isHidden()]

    def absent(self) -> list[int]:
        """Return the places of the pupils whom the file has as absent."""
        roll = queries.lesson_sheet(self.journal, self.screen.lesson_id).roll
        return [row.position for row in roll if row.presence == "absent"]

    def set_clock(self, hour: int, minute: int) -> None:
        """Move the clock of the desk."""
        assert isinstance(self.journal.clock, Clock)
        self.journal.clock.now = self.journal.clock.now.replace(hour=hour, minute=minute)


@contextmanager
def lesson(qtbot: QtBot, folder: Path, *extra: Record) -> Iterator[Open]:
    """Give today's algebra in a school with more records, opened by Enter from Сегодня."""
    with open_session(qtbot, folder, small_school(extra=extra)) as (window, journal, school):
        today = window.focusWidget()
        assert today is not None
        press(today, ENTER)
        screen = window.screen_shown
        assert isinstance(screen, LessonScreen)
        yield Open(screen, journal, school)


# --- until when -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("anchor", "until"),
    [("lesson_end", "11:10 (28 мин)"), ("pupils_last_lesson", "13:10"), ("school_last_lesson", "14:05")],
)
def test_homework_is_due_by_the_anchor_that_the_school_chose_and_its_real_bells(
    qtbot: QtBot, tmp_path: Path, anchor: str, until: str
) -> None:
    chosen = PolicySetting(id="P01", value=f'{{"anchor":"{anchor}"}}')
    with lesson(qtbot, tmp_path, *LONGER_DAY, chosen) as at:
        assert at.due[-1] == f"д/з до {until}"


def test_the_minutes_left_go_on_by_themselves_and_end_in_overdue(qtbot: QtBot, tmp_path: Path) -> None:
    chosen = PolicySetting(id="P01", value='{"anchor":"lesson_end"}')
    with lesson(qtbot, tmp_path, chosen) as at:
        at.set_clock(11, 0)
        at.screen._timer.timeout.emit()
        assert at.due[-1] == "д/з до 11:10 (10 мин)"
        at.set_clock(11, 11)
        at.screen._timer.timeout.emit()
        assert at.due[-1] == "д/з просрочено"


# --- the class teacher's register -----------------------------------------------------------------------------------


def test_those_of_the_register_are_offered_and_marked_by_one_key_that_is_taken_back_by_one(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with lesson(qtbot, tmp_path, *known_away(2, 7)) as at:
        assert (
            at.panel.check.line.text == "По сведениям классного руководителя отсутствуют: Воробьёв Никита, Котов Илья"
        )
        assert at.absent() == [], "an offer enters nothing"
        QTest.keyClick(at.table, Qt.Key.Key_K, CTRL)
        assert at.absent() == [2, 7]
        assert [at.table.roll.presence_text(row) for row in (1, 6)] == ["б", "б"]
        assert at.panel.check.isHidden()
        QTest.keyClick(at.table, Qt.Key.Key_Z, CTRL)
        assert at.absent() == []
        assert not at.panel.check.isHidden()


def test_many_names_are_counted_and_nobody_is_offered_without_a_paper(qtbot: QtBot, tmp_path: Path) -> None:
    with lesson(qtbot, tmp_path, *known_away(1, 2, 3, 4, 5)) as at:
        assert at.panel.check.line.text.endswith("Дятлова Софья и ещё 2")
    with lesson(qtbot, tmp_path / "other") as at:
        assert at.panel.check.isHidden()
        QTest.keyClick(at.table, Qt.Key.Key_K, CTRL)
        assert at.absent() == []


# --- what cannot be true --------------------------------------------------------------------------------------------


def test_present_though_excused_is_told_once_the_lesson_is_held_and_a_key_leads_there(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with lesson(qtbot, tmp_path, *known_away(7)) as at:
        QTest.keyClick(at.table, Qt.Key.Key_P, CTRL)
        assert at.panel.held.isChecked()
        assert at.panel.check.line.text == "По сведениям классного руководителя отсутствуют, а не отмечены: Котов Илья"
        QTest.keyClick(at.table, Qt.Key.Key_J, CTRL)
        assert at.table.place == (6, PRESENCE)
        assert at.table.roll.note(6)[1] == "warning"
        type_text(at.table, "н")
        assert at.absent() == [7]
        assert at.panel.check.isHidden()


def test_a_mark_of_somebody_excused_does_not_pass_unsaid_and_is_not_swept_away(qtbot: QtBot, tmp_path: Path) -> None:
    with lesson(qtbot, tmp_path, *known_away(2, 7)) as at:
        at.table.setCurrentIndex(at.table.roll.index(6, FIRST_MARK))
        type_text(at.table, "5")
        assert at.panel.check.line.text == "Не сходится: Котов Илья"
        QTest.keyClick(at.table, Qt.Key.Key_K, CTRL)
        assert at.absent() == [2], "who has a mark was there"
        assert queries.lesson_sheet(at.journal, at.screen.lesson_id).roll[6].marks != ()


def test_late_and_absent_at_once_is_told_and_a_school_that_allows_marks_of_the_absent_hears_nothing_of_them(
    qtbot: QtBot, tmp_path: Path
) -> None:
    allowed = PolicySetting(id="P16", value="true")
    late = Attendance(id=ids.attendance(LESSON, "u-03"), lesson_id=LESSON, pupil_id="u-03", presence="absent",
                      reason="ОП")  # fmt: skip
    with lesson(qtbot, tmp_path, allowed, Lesson(id=LESSON, journal_page_id="s-algebra.c-7b", held_on=TUESDAY,
                                                 lesson_number=3), late) as at:  # fmt: skip
        assert at.panel.check.line.text == "Не сходится: Дятлова Софья"
        assert at.table.roll.note(2)[0].startswith("Опоздание и пропуск сразу")
        at.table.setCurrentIndex(at.table.roll.index(4, PRESENCE))
        type_text(at.table, "н")
        at.table.setCurrentIndex(at.table.roll.index(4, FIRST_MARK))
        type_text(at.table, "5")
        assert at.panel.check.line.text == "Не сходится: Дятлова Софья"


# --- held -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["н", "5"])
def test_the_first_entry_says_that_the_lesson_was_held_and_one_undo_takes_both_back(
    qtbot: QtBot, tmp_path: Path, sign: str
) -> None:
    with lesson(qtbot, tmp_path) as at:
        at.panel.topic.setFocus()
        type_text(at.panel.topic, "Дроби")
        at.panel.save()
        assert not at.panel.held.isChecked(), "a topic may be written ahead"
        at.table.setFocus()
        at.table.setCurrentIndex(at.table.roll.index(0, PRESENCE))
        type_text(at.table, sign)
        assert at.panel.held.isChecked()
        QTest.keyClick(at.table, Qt.Key.Key_P, CTRL)
        assert at.panel.held.isChecked(), "the key says it, and never takes it back unseen"
        QTest.keyClick(at.table, Qt.Key.Key_Z, CTRL)
        sheet = queries.lesson_sheet(at.journal, at.screen.lesson_id)
        assert (sheet.lesson.held, sheet.lesson.topic) == (False, "Дроби")
        assert at.absent() == []


def test_the_register_marked_by_one_key_says_it_too_and_taking_away_says_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    with lesson(qtbot, tmp_path, *known_away(2)) as at:
        press(at.table, Qt.Key.Key_Delete)
        assert not at.panel.held.isChecked()
        QTest.keyClick(at.table, Qt.Key.Key_K, CTRL)
        assert at.panel.held.isChecked()


# --- a journal on its way, a low screen -----------------------------------------------------------------------------


def test_a_lesson_that_is_still_on_its_way_opens_by_itself_and_takes_the_focus_it_waited_for(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with open_session(qtbot, tmp_path) as (window, journal, school):
        screen = window.screen_of("lesson")
        assert isinstance(screen, LessonScreen)
        screen._read_day = lambda *_: days.loading_day()
        window.go("lesson")
        assert "ещё загружается" in screen._nothing.text()
        assert screen.lesson_id == ""
        screen._read_day = queries.today
        lessons.set_topic(journal, school.lesson(date(2026, 9, 18), 1), "Степень")  # a commit: something has come
        qtbot.waitUntil(lambda: screen.lesson_id == school.today_lesson)
        assert window.focusWidget() is screen.table


def test_on_a_low_screen_the_keys_lead_into_sight(qtbot: QtBot, tmp_path: Path) -> None:
    with lesson(qtbot, tmp_path) as at:
        window = at.screen.window()
        window.resize(960, 540)
        area, bar = at.panel._area, at.panel._area.verticalScrollBar()
        for field in at.panel.faults:
            at.panel.say_fault(field, "Период закрыт: исправление возможно по заявке завучу. " * 5)
        qtbot.waitUntil(lambda: bar.maximum() > 0)
        for go, part, from_end in (
            (at.panel.files.enter, at.panel.files.button, 0),
            (at.panel.held.setFocus, at.panel.held, bar.maximum()),
        ):
            bar.setValue(from_end)
            place = part.mapTo(area.viewport(), part.rect().center())
            assert not area.viewport().rect().contains(place)
            go()
            assert area.viewport().rect().contains(part.mapTo(area.viewport(), part.rect().center()))


# --- ahead ----------------------------------------------------------------------------------------------------------


def test_ahead_of_its_day_a_lesson_takes_topic_and_homework_and_nothing_else(qtbot: QtBot, tmp_path: Path) -> None:
    with lesson(qtbot, tmp_path, *known_away(7)) as at:
        at.screen.open(at.school.lesson(date(2026, 9, 18), 1))
        assert at.panel.check.isHidden(), "nobody is away yet"
        assert at.panel.ahead.text == (
            "Урок ещё впереди: заранее можно записать тему, задание и файлы; перекличку и отметки — в его день."
        )
        at.panel.topic.setFocus()
        type_text(at.panel.topic, "Степень")
        press(at.panel.topic, ENTER)
        type_text(at.panel.homework, "§ 8")
        at.panel.save()
        at.screen.enter()
        type_text(at.table, "н")
        assert "Урок ещё впереди" in at.table.roll.note(0)[0]
        at.table.setCurrentIndex(at.table.roll.index(1, FIRST_MARK))
        type_text(at.table, "5")
        assert "Урок ещё впереди" in at.table.roll.note(1)[0]
        QTest.keyClick(at.table, Qt.Key.Key_P, CTRL)
        assert not at.panel.held.isChecked()
        sheet = queries.lesson_sheet(at.journal, at.screen.lesson_id)
        assert (sheet.lesson.topic, sheet.lesson.homework, sheet.lesson.held) == ("Степень", "§ 8", False)
        assert at.absent() == []
        assert sheet.roll[1].marks == ()


def test_a_school_that_plans_nothing_ahead_refuses_topics_and_files_too(qtbot: QtBot, tmp_path: Path) -> None:
    nothing = PolicySetting(id="P36", value='{"topic_and_homework":false,"attendance_and_marks":false}')
    book = tmp_path / "Задачи.pdf"
    book.write_bytes(b"%PDF")
    with lesson(qtbot, tmp_path, nothing) as at:
        assert at.panel.ahead.isHidden(), "today is not ahead"
        at.screen.open(at.school.lesson(date(2026, 9, 18), 1))
        assert at.panel.ahead.text.endswith("его заполняют в его день.")
        at.panel.topic.setFocus()
        type_text(at.panel.topic, "Степень")
        at.panel.save()
        assert "Урок ещё впереди" in at.panel.faults["topic"].text
        assert at.panel.topic.toPlainText() == "Степень", "what was typed stays to be copied"
        at.screen.filing.attach([book])
        qtbot.waitUntil(lambda: "Урок ещё впереди" in at.panel.files.message.text)
        assert queries.lesson_sheet(at.journal, at.screen.lesson_id).lesson.exists is False


# --- how much a class is asked to do --------------------------------------------------------------------------------


def test_before_a_work_of_the_whole_class_is_planned_what_it_meets_is_told_and_nothing_is_forbidden(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with lesson(qtbot, tmp_path) as at:
        QTest.keyClick(at.table, Qt.Key.Key_N, CTRL)
        works, note = at.screen.works, at.screen.work_note
        assert note.isHidden(), "an answer of one pupil is no work of the class"
        press(works, Qt.Key.Key_Down)
        assert note.isVisible()
        assert note.text().splitlines() == [
            "Это единственный урок дня.", "Это только предупреждение: решаете вы.",
            "О работах по другим предметам этот компьютер не знает: Английский язык.",
        ]  # fmt: skip
        assert works.item(1).data(Qt.ItemDataRole.AccessibleDescriptionRole) == note.text()
        assert not note.geometry().intersects(works.geometry())
        press(works, ENTER)
        assert note.isHidden()
        assert [column.work_code for column in at.table.roll.columns] == ["КР"]


def test_the_empty_field_of_homework_says_how_much_time_the_class_has_for_it(qtbot: QtBot, tmp_path: Path) -> None:
    with lesson(qtbot, tmp_path) as at:
        told = "К 18.09 у класса 1\u00a0предмет: на всё вместе до 2 ч 30 мин"
        assert at.panel.homework.placeholderText() == told
        assert at.panel.homework.toolTip() == told
        sheet = queries.lesson_sheet(at.journal, at.screen.lesson_id)
        assert sheet.advice is not None
        at.screen.show_sheet(replace(sheet, advice=replace(sheet.advice, subjects=2)))
        assert at.panel.homework.toolTip().endswith("на всё вместе до 2 ч 30 мин, примерно 1 ч 15 мин на предмет")
