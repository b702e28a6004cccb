"""Мой класс by the keyboard, on a real encrypted journal in a real window: the register, the week, сверка, the map."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import JournalPage, Record, RegisteredAbsence, Subgroup, Subject
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_attendance import class_attendance
from ejournal_desktop.models.queries.reconciliation import discrepancies
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.attendance_paper import attendance_map_pdf
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.screens.my_class import MyClassScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from ejournal_desktop.ui.widgets.attendance_day import ranges
from ejournal_desktop.ui.widgets.attendance_map import AttendanceMap
from ejournal_desktop.ui.widgets.attendance_part import AttendancePart
from ejournal_desktop.ui.widgets.attendance_week import FIRST_DAY
from ejournal_desktop.ui.widgets.day_field import lessons_text, read_day, read_lessons
from ejournal_desktop.ui.widgets.groups_part import GroupsPart
from tests.desktop.models.test_register import ALGEBRA, CLASS, PUPIL, SECOND, TUESDAY, entries, given
from tests.desktop.models.test_subgroups import FIRST_GROUP
from tests.helpers.school import small_school
from tests.helpers.typing import CTRL, press, type_text
from tests.helpers.windows import CLASS_TEACHER, DEPUTY, TEACHER, open_session

ALT = Qt.KeyboardModifier.AltModifier
ENTER, ESCAPE, DELETE, DOWN = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Down
AWAY = RegisteredAbsence(id="r-1", class_group_id=CLASS, pupil_id=PUPIL, reason="Б", since=TUESDAY,
                         until=date(2026, 9, 17))  # fmt: skip


class Open:
    """Мой класс of the class teacher on Tuesday, the 15th of September."""

    def __init__(self, window: MainWindow, journal: Journal, screen: MyClassScreen) -> None:
        self.window, self.journal, self.screen = window, journal, screen
        self.part: AttendancePart = screen.attendance
        self.form, self.lines, self.week, self.check = (
            self.part.form, self.part.lines, self.part.week, self.part.check
        )  # fmt: skip

    @property
    def focus(self) -> QWidget:
        """Return where the focus is."""
        found = self.window.focusWidget()
        assert found is not None
        return found

    def type(self, *words: str | Qt.Key) -> None:
        """Type texts and keys one after the other, each where the focus is."""
        for word in words:
            if isinstance(word, str):
                if isinstance(self.focus, QLineEdit):
                    self.focus.selectAll()
                type_text(self.focus, word)
            else:
                press(self.focus, word)

    def view(self, number: int) -> None:
        """Show a view by its key."""
        QTest.keyClick(self.focus, Qt.Key(Qt.Key.Key_0 + number), ALT)

    def rows(self) -> list[list[str]]:
        """Return the texts of the day's lines."""
        model = self.lines.lines
        return [[model.text(row, column) for column in range(4)] for row in range(model.rowCount())]

    def undo(self) -> None:
        """Press Ctrl+Z."""
        QTest.keyClick(self.focus, Qt.Key.Key_Z, CTRL)


@contextmanager
def opened(qtbot: QtBot, folder: Path, *extra: Record) -> Iterator[Open]:
    school = small_school(extra=extra)
    with open_session(qtbot, folder, school, person=CLASS_TEACHER) as (window, journal, _):
        window.resize(1366, 768)
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_6, CTRL)
        screen = window.screen_shown
        assert isinstance(screen, MyClassScreen), "it has its digit after Итоги"
        yield Open(window, journal, screen)


@pytest.fixture
def here(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    with opened(qtbot, tmp_path, *given(ALGEBRA, ("u-08", "absent", "")), *given(SECOND)) as found:
        yield found


# --- entering --------------------------------------------------------------------------------------------------------


def test_an_absence_is_entered_in_a_few_keys_in_the_wrong_layout(here: Open) -> None:
    assert here.focus is here.form.pupil
    here.type("rjn", ENTER, ENTER, ",", ENTER)  # «кот», today, «б»
    assert entries(here.journal) == [(TUESDAY, TUESDAY, None, None)]
    assert ["Котов Илья", "15.09", "Б — болезнь · ждёт отправки", "на уроках 3–4"] in here.rows()
    assert here.focus is here.form.pupil, "ready for the next"
    assert here.form.is_empty


def test_days_lessons_paper_and_teller_are_entered_too(here: Open) -> None:
    here.type("кот", ENTER, "+3")
    here.form.lessons.setFocus()
    here.type("1-2", ENTER, "у")
    here.form.number.setText("№ 214")
    here.form.teller.setFocus()
    here.type("мама", ENTER)
    (row,) = class_attendance(here.journal, CLASS, TUESDAY, TUESDAY).entries
    assert (row.entry.until, row.lessons, row.number, row.told_by) == (date(2026, 9, 18), "уроки 1–2", "№ 214", "мама")


def test_the_arrows_choose_among_those_who_begin_alike(here: Open) -> None:
    here.type("я", DOWN, DOWN, ENTER)
    assert here.form.pupil.text() == "Ясенева Лина"
    here.form.clear()
    here.form.pupil.setFocus()
    here.type("щъ", ENTER)
    assert here.focus is here.form.pupil, "nobody is called so"


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("pupil", "Ъъъ", "такого ученика"), ("since", "31.02", "Первый день"), ("until", "завтра", "Последний день"),
        ("lessons", "много", "Уроки не понятны"), ("code", "ж", "Нужен код"), ("code", "оп", "Нужен код"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_everything_typed_stays(here: Open, field: str, typed: str, told: str) -> None:
    here.form.pupil.setText("кот")
    here.form.code.setText("б")
    line = getattr(here.form, field)
    line.setText(typed)
    here.form.submit()
    assert told in here.form.note.text
    assert line.text() == typed
    assert here.focus is line
    assert entries(here.journal) == []


def test_a_second_entry_of_the_same_days_is_refused_with_the_first_named(here: Open) -> None:
    here.type("кот", ENTER, ENTER, "б", ENTER, "кот", ENTER, ENTER, "у", ENTER)
    assert "Ученик уже в реестре 15.09, код Б" in here.form.note.text
    assert here.form.pupil.text() == "Котов Илья", "what was typed stays"
    assert len(entries(here.journal)) == 1


def test_esc_empties_the_form_and_then_steps_out_of_it(here: Open) -> None:
    here.type("кот", ESCAPE)
    assert here.form.pupil.text() == ""
    here.type(ESCAPE)
    assert here.focus is here.lines


def test_an_entry_is_mended_recoded_removed_and_taken_back(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, AWAY) as here:
        here.type(ESCAPE, ENTER)
        assert here.focus is here.form.until
        here.type("16.09", ENTER, ENTER)
        assert entries(here.journal) == [(TUESDAY, date(2026, 9, 16), None, None)]
        here.type(ESCAPE, DELETE)
        assert entries(here.journal) == []
        here.undo()
        assert entries(here.journal) == [(TUESDAY, date(2026, 9, 16), None, None)]


def test_a_letter_gives_the_reason_of_absences_that_the_register_does_not_know(here: Open) -> None:
    assert here.rows() == [["Ласточкина Вера", "в реестре нет", "причина не указана", "н 3 · на уроке 4"]]
    here.type(ESCAPE, "e")  # the key of «у»
    assert here.rows() == [["Ласточкина Вера", "в реестре нет", "У", "у 3 · на уроке 4"]]
    assert "Ласточкина Вера: уважительная причина" in here.part.message.text
    here.undo()
    assert here.rows()[0][2] == "причина не указана"


def test_the_days_are_walked_and_an_empty_one_says_so(here: Open) -> None:
    QTest.keyClick(here.focus, Qt.Key.Key_Left, ALT)
    assert here.part.head.when.text() == "14 сентября, понедельник"
    assert "отсутствующих нет" in here.part.empty.text()
    QTest.keyClick(here.focus, Qt.Key.Key_T, CTRL)
    assert here.part.day == TUESDAY


def test_what_was_written_of_one_day_is_no_news_on_another_and_what_is_half_typed_stays(here: Open) -> None:
    codes = here.part.form.note.text
    here.type("кот", ENTER, ENTER, "б", ENTER)
    assert "Записано" in here.part.form.note.text
    here.part.go_by(-1)
    assert here.part.form.note.text == codes
    here.form.pupil.setText("кот")
    here.form.code.setText("щ")
    here.form.submit()
    refused = here.part.form.note.text
    assert refused not in ("", codes)
    here.part.go_by(1)
    assert here.part.form.note.text == refused


# --- the week --------------------------------------------------------------------------------------------------------


def test_a_letter_in_the_week_enters_a_day_and_delete_takes_one_day_out(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, AWAY, *given(ALGEBRA, ("u-08", "absent", ""))) as here:
        here.view(2)
        assert here.focus is here.week
        assert here.part.head.when.text() == "Неделя 14–20 сентября"
        here.week.go_to(PUPIL, FIRST_DAY + 2)
        press(here.week, DELETE)
        assert [(since.day, until.day) for since, until, _, _ in entries(here.journal)] == [(15, 15), (17, 17)]
        here.week.go_to("u-01", FIRST_DAY)
        here.type("б")
        assert (date(2026, 9, 14), date(2026, 9, 14), None, None) in entries(here.journal)
        here.week.go_to("u-08", FIRST_DAY + 1)
        assert here.week.cells.text(7, FIRST_DAY + 1) == "н"
        here.type("у")
        assert here.week.cells.text(7, FIRST_DAY + 1) == "у"
        press(here.week, ENTER)
        assert here.part.view == "day"
        assert here.lines.line is not None
        assert here.lines.line.pupil.pupil_id == "u-08"


def test_each_cell_of_the_week_is_read_out_in_words(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, AWAY, *given(ALGEBRA, (PUPIL, "absent", ""), ("u-01", "late", ""), minutes=7)) as here:
        here.view(2)
        told = here.week.cells.data(here.week.cells.index(6, FIRST_DAY + 1), Qt.ItemDataRole.AccessibleTextRole)
        assert told == "Котов Илья, вт 15.09: б 3 · весь день; в реестре: болезнь"
        late = here.week.cells.data(here.week.cells.index(0, FIRST_DAY + 1), Qt.ItemDataRole.AccessibleTextRole)
        assert late == "Абрамова Анна, вт 15.09: оп 3 (7 мин)"


# --- сверка ----------------------------------------------------------------------------------------------------------


def test_one_key_takes_the_teachers_side_and_the_other_says_whose_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, AWAY, *given(ALGEBRA), *given(SECOND)) as here:
        assert here.part.head.buttons["check"].text() == "Сверка · 1"
        here.view(3)
        assert here.focus is here.check
        here.type("1")
        assert "Присутствие отмечает учитель (Иванова М. П., Петров С. И.)" in here.part.message.text
        assert len(discrepancies(here.journal, CLASS)) == 1
        here.type("2")
        assert discrepancies(here.journal, CLASS) == ()
        assert entries(here.journal) == [(date(2026, 9, 16), date(2026, 9, 17), None, None)]
        assert "сходятся" in here.part.empty.text()
        here.undo()
        assert len(discrepancies(here.journal, CLASS)) == 1


def test_a_letter_explains_in_the_reconciliation(here: Open) -> None:
    here.view(3)
    here.type("н")
    assert discrepancies(here.journal, CLASS) == ()
    assert "неуважительная" in here.part.message.text


def test_today_leads_to_what_is_to_be_corrected(here: Open) -> None:
    QTest.keyClick(here.focus, Qt.Key.Key_1, CTRL)
    today = here.window.screen_shown
    assert isinstance(today, TodayScreen)
    rows = [row for row in today.due.rows if row.what == "register"]
    assert [(row.page.title, row.number) for row in rows] == [("7 «Б» · Посещаемость", 1)]
    today.due.setCurrentRow(today.due.rows.index(rows[0]))
    press(today.due, ENTER)
    assert here.window.screen_shown is here.screen
    assert here.part.view == "check"


# --- the map ---------------------------------------------------------------------------------------------------------


def test_each_cell_of_the_map_opens_its_week_by_key_and_by_click(here: Open) -> None:
    here.view(4)
    chart = here.part.map
    assert here.focus is chart
    assert (chart.columns, chart.rows) == (3, 26)
    for _ in range(7):
        press(chart, DOWN)
    assert chart.accessibleName().endswith(
        "Ласточкина Вера, неделя с 14.09: пропущено 1 из 2\u00a0уроков, без причины 1"
    )  # fmt: skip
    press(chart, ENTER)
    assert (here.part.view, here.week.currentIndex().row()) == ("week", 7)
    assert here.part.head.when.text() == "Неделя 14–20 сентября"
    here.view(4)
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart.cell_rect(2, 0).center())
    assert (here.part.view, here.week.currentIndex().row()) == ("week", 2)
    assert here.part.head.when.text() == "Неделя 31 августа – 6 сентября"


def test_the_map_speaks_to_a_screen_reader_and_shows_both_themes(here: Open, qtbot: QtBot) -> None:
    here.view(4)
    chart: AttendanceMap = here.part.map
    light = chart.grab().toImage()
    spoken = QAccessible.queryAccessibleInterface(chart).text(QAccessible.Text.Name)
    assert "Абрамова Анна" in spoken
    running = QApplication.instance()
    assert isinstance(running, QApplication)
    theme.apply(running, "dark")
    try:
        qtbot.waitUntil(lambda: chart.grab().toImage() != light)
    finally:
        theme.apply(running, "light")


def test_the_map_is_printed_with_the_numbers_of_the_screen(here: Open) -> None:
    here.view(4)
    weeks = here.part.map.weeks
    assert weeks is not None
    pdf = attendance_map_pdf(weeks)
    assert pdf == attendance_map_pdf(weeks)
    document = pypdfium2.PdfDocument(pdf)
    words = " ".join(" ".join(str(page.get_textpage().get_text_range()) for page in document).split())
    document.close()
    for told in ("Посещаемость по неделям: 7 «Б»", "Ласточкина Вера", "1 · 50,0 %", "Весь класс", "14.09"):
        assert told in words


# --- who may what ----------------------------------------------------------------------------------------------------


def test_the_deputy_looks_at_all_and_writes_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    school = small_school(extra=[AWAY, *given(ALGEBRA, ("u-08", "absent", ""))])
    with open_session(qtbot, tmp_path, school, person=DEPUTY) as (window, journal, _):
        window.go("class")
        screen = window.screen_shown
        assert isinstance(screen, MyClassScreen)
        part = screen.attendance
        assert not part.form.isVisible()
        assert "Сидорова А. Л." in part.reason.text()
        for view in ("day", "week", "check"):
            part.show_view(view)
            focus = window.focusWidget()
            assert focus is not None
            type_text(focus, "у2")
            press(focus, DELETE)
        assert entries(journal) == [(TUESDAY, date(2026, 9, 17), None, None)]
        assert [row.clash for row in discrepancies(journal, CLASS)] == ["present", "unexplained"]


def test_who_leads_no_class_has_no_such_place(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path, person=TEACHER) as (window, _, __):
        assert window.screen_of("class") is None


def test_what_the_register_says_is_offered_on_the_lesson(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path, small_school(extra=[AWAY]), person=TEACHER) as (window, _, __):
        focus = window.focusWidget()
        assert focus is not None
        press(focus, ENTER)
        lesson = window.screen_shown
        assert isinstance(lesson, LessonScreen)
        assert lesson.panel.check.line.text == "По сведениям классного руководителя отсутствуют: Котов Илья"


# --- what is typed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("18", date(2026, 9, 18)), ("15", TUESDAY), ("1", date(2026, 10, 1)), ("18.10", date(2026, 10, 18)),
        ("3.1", date(2027, 1, 3)), ("18.09.2026", date(2026, 9, 18)), ("18.9.26", date(2026, 9, 18)),
        ("18 9", date(2026, 9, 18)), ("+0", TUESDAY), ("+3", date(2026, 9, 18)), ("31.02", None), ("0", None),
        ("", None), ("завтра", None), ("18.13", None), ("+", None), ("18юю9", date(2026, 9, 18)),
    ],
)  # fmt: skip
def test_days_are_typed_as_people_say_them(typed: str, day: date | None) -> None:
    assert read_day(typed, TUESDAY) == day


@pytest.mark.parametrize(
    ("typed", "lessons"),
    [("", (None, None)), ("2", (2, 2)), ("1-3", (1, 3)), ("4-", (4, None)), ("1–3", (1, 3)), ("1 - 3", (1, 3)),
     ("x", None), ("-3", None)],
)  # fmt: skip
def test_lessons_are_typed_as_people_say_them(typed: str, lessons: tuple[int | None, int | None] | None) -> None:
    assert read_lessons(typed) == lessons
    if lessons is not None:
        assert read_lessons(lessons_text(*lessons)) == lessons


def test_numbers_side_by_side_are_drawn_together() -> None:
    assert ranges([3, 1, 2, 5, 7, 8]) == "1–3, 5, 7–8"
    assert ranges([]) == ""


# --- groups ----------------------------------------------------------------------------------------------------------


def groups_of(here: Open) -> GroupsPart:
    """Show the part «Группы»."""
    here.screen.open_part("Группы")
    part = here.screen.part
    assert isinstance(part, GroupsPart)
    return part


def test_pupils_are_divided_by_digits_from_a_day(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, *FIRST_GROUP) as here:
        part = groups_of(here)
        assert here.focus is part.table
        here.type("1", "1", "2")
        assert [part.table.cells.text(row, 2) for row in range(4)] == ["✓ с 15.09", "✓ с 15.09", "", ""]
        assert [part.table.cells.text(row, 3) for row in range(4)] == ["", "до 14.09", "✓ с 15.09", "✓"]
        assert part.table.place[0] == 3
        assert "Дятлова Софья — 2 группа с 15.09" in part.message.text
        assert part.table.cells.headerData(2, Qt.Orientation.Horizontal) == (
            "1 группа: 2\nклавиша 1 · Английский язык"
        )  # fmt: skip
        here.undo()
        assert part.table.cells.text(2, 3) == ""


def test_the_head_of_a_group_tells_its_key_however_long_the_subject_is(qtbot: QtBot, tmp_path: Path) -> None:
    french = (
        Subject(id="s-french", title="Иностранный язык (французский), углублённое изучение", position=9),
        Subgroup(id="g-3", class_group_id="c-7b", title="3 группа"),
        JournalPage(id=ids.journal_page("s-french", "g-3"), subject_id="s-french", class_group_id="c-7b",
                    subgroup_id="g-3"),
    )  # fmt: skip
    with opened(qtbot, tmp_path, *french) as here:
        table = groups_of(here).table
        heads = [str(table.cells.headerData(column, Qt.Orientation.Horizontal)) for column in (2, 3)]
        (said,) = [head for head in heads if "Иностр" in head]
        assert "клавиша" in said
        assert "…" in said
        metrics = table.horizontalHeader().fontMetrics()
        assert max(metrics.horizontalAdvance(line) for line in said.split("\n")) < table.columnWidth(2)


def test_the_day_of_the_move_is_typed_and_one_outside_the_year_moves_nobody(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, *FIRST_GROUP) as here:
        part = groups_of(here)
        part.since.setFocus()
        here.type("21", ENTER, DOWN)
        press(part.table, Qt.Key.Key_Space)
        assert part.table.cells.text(1, 2) == "✓ с 21.09"
        assert part.table.cells.text(1, 3) == "до 20.09"
        part.since.setFocus()
        here.type("1.8", ENTER)
        before = [part.table.cells.text(row, 2) for row in range(5)]
        here.type("1")
        assert "вне учебного года" in part.message.text
        assert [part.table.cells.text(row, 2) for row in range(5)] == before


def test_delete_takes_out_of_the_group_and_its_past_is_read_out(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, *FIRST_GROUP) as here:
        part = groups_of(here)
        part.table.setCurrentIndex(part.table.cells.index(1, 3))
        press(part.table, DELETE)
        assert part.table.cells.text(1, 3) == "до 14.09"
        told = part.table.cells.data(part.table.cells.index(1, 3), Qt.ItemDataRole.AccessibleTextRole)
        assert told == "Воробьёв Никита, 2 группа: с 01.09.2026 по 14.09.2026"


def test_a_group_is_made_by_its_name_and_says_who_opens_its_page(here: Open) -> None:
    part = groups_of(here)
    assert not part.subject.isVisible(), "the class teacher opens no pages"
    QTest.keyClick(here.focus, Qt.Key.Key_N, CTRL)
    here.type("Хор", ENTER)
    assert "Группа «Хор» заведена" in part.message.text
    assert "откроет завуч" in part.message.text
    assert str(part.table.cells.headerData(3, Qt.Orientation.Horizontal)).startswith("Хор: 0")
    here.type("хор", ENTER)
    assert "уже есть" in part.message.text
    assert part.name.text() == "хор", "what was typed stays"
