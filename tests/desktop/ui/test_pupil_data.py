"""Сведения with real keys: telling the office, its answer, Сегодня on both sides; the look through a list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import DataReport, ListCheck, RoleGrant
from ejournal_desktop.models.commands.pupil_data import answer_report, report_wrong_data
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PersonRow
from ejournal_desktop.models.queries.due import due
from ejournal_desktop.models.queries.notices import news
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.my_class import MyClassScreen
from ejournal_desktop.ui.screens.pupil_data import PupilDataScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from ejournal_desktop.ui.widgets.due_row import what_waits
from ejournal_desktop.ui.widgets.families_part import FamiliesPart
from ejournal_desktop.ui.widgets.news_row import told
from tests.helpers.school import MOSCOW, NOW, YEAR_START, small_school
from tests.helpers.typing import type_text
from tests.helpers.windows import CLASS_TEACHER, TEACHER, open_session

CTRL = Qt.KeyboardModifier.ControlModifier
OFFICE = PersonRow("p-deputy", "Громова Вера Павловна", "Громова В. П.", ("secretary",))
NOVEMBER = datetime(2026, 11, 25, 10, 0, tzinfo=MOSCOW)


class Sit(Protocol):
    """Sits down as somebody at some time."""

    def __call__(self, person: PersonRow, now: datetime = NOW) -> tuple[MainWindow, Journal]:
        """Return the window and the journal."""


@contextmanager
def desk(qtbot: QtBot, folder: Path, person: PersonRow, now: datetime) -> Iterator[tuple[MainWindow, Journal]]:
    school = small_school(6, [RoleGrant(id="r-office", person_id="p-deputy", role="secretary", since=YEAR_START)])
    with open_session(qtbot, folder, school, person=person, now=now) as (window, journal, _):
        window.resize(1366, 768)
        yield window, journal


@pytest.fixture
def sitting(qtbot: QtBot, tmp_path: Path) -> Iterator[Sit]:
    """Give a way to sit down as somebody; the windows are closed afterwards."""
    with ExitStack() as stack:
        yield lambda person, now=NOW: stack.enter_context(desk(qtbot, tmp_path / person.id, person, now))


def reports_of(window: MainWindow) -> PupilDataScreen:
    window.go("reports")
    screen = window.screen_shown
    assert isinstance(screen, PupilDataScreen)
    return screen


def kept(journal: Journal) -> list[DataReport]:
    with journal.reading() as connection:
        return select_records(connection, DataReport)


def checks(journal: Journal) -> list[ListCheck]:
    with journal.reading() as connection:
        return select_records(connection, ListCheck)


def families_of(window: MainWindow) -> FamiliesPart:
    window.go("class")
    screen = window.screen_shown
    assert isinstance(screen, MyClassScreen)
    screen.open_part("Семьи")
    assert isinstance(screen.part, FamiliesPart)
    return screen.part


# --- telling --------------------------------------------------------------------------------------------------------


def test_a_teacher_tells_the_office_by_the_keyboard_alone(sitting: Sit) -> None:
    window, journal = sitting(TEACHER)
    screen = reports_of(window)
    QTest.keyClick(screen, Qt.Key.Key_N, CTRL)
    assert screen.form.isVisible()
    type_text(screen.form.pupil, "tkr")  # «елк» on the Latin layout
    QTest.keyClick(screen.form.pupil, Qt.Key.Key_Return)
    type_text(screen.form.wrong, "отчество: Николаевич")
    type_text(screen.form.should_be, "Ильич")
    screen.form.source.setCurrentIndex(screen.form.source.findData("parent"))
    QTest.keyClick(screen.form.should_be, Qt.Key.Key_Return)
    (saved,) = kept(journal)
    assert (saved.pupil_id, saved.wrong, saved.should_be) == ("u-04", "отчество: Николаевич", "Ильич")
    assert (saved.about, saved.source, saved.told_on, saved.class_group_id) == (
        "pupil", "parent", date(2026, 9, 15), "c-7b")  # fmt: skip
    assert not screen.form.isVisible()
    (row,) = screen.waiting.rows
    words = screen.waiting.face.words(row)
    assert "Ёлкин Пётр" in words
    assert "должно быть: Ильич" in words
    assert "от родителей" in words


def test_what_is_missing_is_said_in_the_form_and_nothing_typed_is_lost(sitting: Sit) -> None:
    window, journal = sitting(TEACHER)
    screen = reports_of(window)
    QTest.keyClick(screen, Qt.Key.Key_N, CTRL)
    type_text(screen.form.wrong, "не та буква")
    QTest.keyClick(screen.form.wrong, Qt.Key.Key_Return)
    assert "Выберите ученика" in screen.form.note.text
    type_text(screen.form.pupil, "ъъъ")
    QTest.keyClick(screen.form.wrong, Qt.Key.Key_Return)
    assert "Такого ученика" in screen.form.note.text
    QTest.keyClick(screen.form.wrong, Qt.Key.Key_Escape)
    assert not screen.form.isVisible()
    QTest.keyClick(screen, Qt.Key.Key_N, CTRL)
    assert screen.form.wrong.text() == "не та буква"
    assert kept(journal) == []


def test_a_report_is_taken_back_and_comes_again_by_the_same_keys(sitting: Sit) -> None:
    window, journal = sitting(TEACHER)
    report_wrong_data(journal, "c-7b", "u-04", "pupil", "не та буква")
    screen = reports_of(window)
    screen.refresh()
    QTest.keyClick(screen.waiting, Qt.Key.Key_Delete)
    assert kept(journal) == []
    QTest.keyClick(screen, Qt.Key.Key_Z, CTRL)
    assert [each.wrong for each in kept(journal)] == ["не та буква"]
    QTest.keyClick(screen, Qt.Key.Key_Y, CTRL)
    assert kept(journal) == []


def test_the_class_teacher_tells_of_the_pupil_in_sight(sitting: Sit) -> None:
    window, journal = sitting(CLASS_TEACHER)
    part = families_of(window)
    part.show_pupil("u-03")
    QTest.keyClick(part.pupils, Qt.Key.Key_E, CTRL)
    screen = window.screen_shown
    assert isinstance(screen, PupilDataScreen)
    screen.form.about.setCurrentIndex(screen.form.about.findData("departure"))
    type_text(screen.form.wrong, "выбыла в школу № 2")
    QTest.keyClick(screen.form.wrong, Qt.Key.Key_Return)
    assert [(each.pupil_id, each.about, each.class_group_id) for each in kept(journal)] == [
        ("u-03", "departure", "c-7b")]  # fmt: skip


def test_who_only_told_does_not_answer(sitting: Sit) -> None:
    window, journal = sitting(TEACHER)
    report_wrong_data(journal, "c-7b", "u-04", "pupil", "не та буква")
    screen = reports_of(window)
    screen.refresh()
    type_text(screen.waiting, "+")
    assert "Отвечает секретарь" in screen.foot.message.text
    assert kept(journal)[0].answer == ""
    assert [row.what for row in due(journal) if row.what == "data"] == []


# --- answering ------------------------------------------------------------------------------------------------------


def test_the_office_answers_by_two_keys_and_names_its_reason(sitting: Sit) -> None:
    window, journal = sitting(OFFICE)
    for wrong in ("не та буква", "не тот год"):
        report_wrong_data(journal, "c-7b", "u-04", "pupil", wrong)
    screen = reports_of(window)
    screen.refresh()
    screen.waiting.setFocus()
    type_text(screen.waiting, "+")
    assert [each.answer for each in kept(journal)] == ["fixed", ""]
    type_text(screen.waiting, "-")
    QTest.keyClick(screen.foot.reason, Qt.Key.Key_Return)
    assert "почему не подтвердилось" in screen.foot.message.text
    type_text(screen.foot.reason, "в свидетельстве так")
    QTest.keyClick(screen.foot.reason, Qt.Key.Key_Return)
    assert [(each.answer, each.answer_reason) for each in kept(journal)] == [
        ("fixed", ""), ("unfounded", "в свидетельстве так")]  # fmt: skip
    assert screen.waiting.count() == 0
    QTest.keyClick(screen, Qt.Key.Key_Z, CTRL)
    assert [each.answer for each in kept(journal)] == ["fixed", ""]
    assert screen.waiting.count() == 1


def test_today_asks_the_office_until_the_day_of_the_school(sitting: Sit) -> None:
    window, journal = sitting(OFFICE)
    report_wrong_data(journal, "c-7b", "u-04", "pupil", "не та буква")
    (row,) = (row for row in due(journal) if row.what == "data")
    assert row.due_at == datetime(2026, 9, 17, tzinfo=MOSCOW), "one day after the day on which it was told (P33)"
    assert what_waits(row) == "ответить: 1\u00a0сообщение, раньше всего — 7 «Б» · Ёлкин Пётр"
    window.go("today")
    today = window.screen_shown
    assert isinstance(today, TodayScreen)
    today.refresh()
    today.due.setCurrentRow([each.what for each in today.due.rows].index("data"))
    QTest.keyClick(today.due, Qt.Key.Key_Return)
    assert isinstance(window.screen_shown, PupilDataScreen)
    answer_report(journal, kept(journal)[0].id, "fixed")
    assert [each for each in due(journal) if each.what == "data"] == []


def test_today_tells_who_reported_what_became_of_it(sitting: Sit) -> None:
    window, journal = sitting(OFFICE)
    report_wrong_data(journal, "c-7b", "u-04", "pupil", "не та буква")
    assert [each for each in news(journal).notices if each.kind == "answered"] == []
    answer_report(journal, kept(journal)[0].id, "unfounded", "в свидетельстве так")
    (notice,) = (each for each in news(journal).notices if each.kind == "answered")
    assert "Ёлкин Пётр" in told(notice)[0]
    assert told(notice)[1] == "Ответ: не подтвердилось: в свидетельстве так. Громова В. П."
    window.go("today")
    today = window.screen_shown
    assert isinstance(today, TodayScreen)
    today.refresh()
    today.notices.setCurrentRow(0)
    QTest.keyClick(today.notices, Qt.Key.Key_Return)
    assert isinstance(window.screen_shown, PupilDataScreen)


# --- the list of a class --------------------------------------------------------------------------------------------


def test_the_list_is_said_to_be_checked_by_two_keys(sitting: Sit) -> None:
    window, journal = sitting(CLASS_TEACHER)
    part = families_of(window)
    QTest.keyClick(part.pupils, Qt.Key.Key_G, CTRL)
    assert "6\u00a0учеников" in part.check.title.text()
    assert "до 30.09" in part.check.title.text()
    QTest.keyClick(part.check.pupils, Qt.Key.Key_Return)
    (saved,) = checks(journal)
    assert (saved.pupils, saved.families, saved.number) == (True, True, 6)
    assert not part.check.isVisible()
    QTest.keyClick(part.pupils, Qt.Key.Key_G, CTRL)
    assert "15.09.2026 · Сидорова А. Л. · 6\u00a0учеников: список учеников, сведения о семьях" in part.check.past.text()
    assert "сверить до" not in part.check.title.text()
    QTest.keyClick(part.check.pupils, Qt.Key.Key_Escape)
    QTest.keyClick(part.pupils, Qt.Key.Key_Z, CTRL)
    assert checks(journal) == []


def test_nothing_ticked_is_no_check(sitting: Sit) -> None:
    window, journal = sitting(CLASS_TEACHER)
    part = families_of(window)
    QTest.keyClick(part.pupils, Qt.Key.Key_G, CTRL)
    for box in (part.check.pupils, part.check.families):
        QTest.keyClick(box, Qt.Key.Key_Space)
    QTest.keyClick(part.check.families, Qt.Key.Key_Return)
    assert "Отметьте, что сверено" in part.check.note.text
    assert checks(journal) == []


def test_the_deputy_sees_when_it_was_checked_and_checks_nothing(sitting: Sit) -> None:
    window, journal = sitting(PersonRow("p-deputy", "Громова Вера Павловна", "Громова В. П.", ("deputy_director",)))
    part = families_of(window)
    QTest.keyClick(part.pupils, Qt.Key.Key_G, CTRL)
    assert not part.check.enter.isVisible()
    assert "классный руководитель" in part.check.note.text
    QTest.keyClick(part.check, Qt.Key.Key_Return)
    assert checks(journal) == []


def test_today_asks_for_the_check_in_the_last_week_of_the_month(sitting: Sit) -> None:
    window, journal = sitting(CLASS_TEACHER, NOVEMBER)
    (row,) = (row for row in due(journal) if row.what == "list")
    assert row.due_at == datetime(2026, 12, 1, tzinfo=MOSCOW)
    window.go("today")
    today = window.screen_shown
    assert isinstance(today, TodayScreen)
    today.refresh()
    today.due.setCurrentRow([each.what for each in today.due.rows].index("list"))
    QTest.keyClick(today.due, Qt.Key.Key_Return)
    screen = window.screen_shown
    assert isinstance(screen, MyClassScreen)
    assert screen.families.check.isVisible()
    QTest.keyClick(screen.families.check.pupils, Qt.Key.Key_Return)
    assert [row for row in due(journal) if row.what == "list"] == []


def test_in_the_middle_of_the_month_nothing_is_asked(sitting: Sit) -> None:
    _window, journal = sitting(CLASS_TEACHER)
    assert [row for row in due(journal) if row.what == "list"] == []
