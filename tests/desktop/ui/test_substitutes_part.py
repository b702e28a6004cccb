"""Замены with real keys: a morning on which a teacher is away, somebody busy, a lesson already given, the way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import JournalPage, Lesson, Mark, MarkColumn, Person, Record, RoleGrant, TeachingLoad
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.day_changes import move_lesson
from ejournal_desktop.models.commands.substitutions import assign_substitute
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.clashes import clashes
from ejournal_desktop.models.queries.substitution_day import DayLesson, keeps_timetable, substitution_day
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.substitution_paper import substitution_pdf
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.substitutes_part import SubstitutesPart
from tests.helpers.full_day import full_day_school, page_of
from tests.helpers.school import NOW, YEAR_START, desk_of
from tests.helpers.typing import press, type_text
from tests.helpers.windows import DEPUTY, shown_window

TODAY = NOW.date()
GUSEV, BELOVA, DEMINA = "t-2", "t-1", "t-3"
ENTER = Qt.Key.Key_Return


def lesson(class_number: int, number: int, day: date = TODAY) -> str:
    return ids.lesson(page_of(class_number, number), day, number)


#: Гусев gives lesson 1 in 5Б, 2 in 5А, 5 in 9Б and 6 in 9А; the first one was given already.
HELD = Lesson(id=lesson(1, 1), journal_page_id=page_of(1, 1), held_on=TODAY, lesson_number=1, held=True)


class Desk:
    """Somebody at the part, with keys that go where the focus is."""

    def __init__(self, part: SubstitutesPart, journal: Journal) -> None:
        self.part, self.journal = part, journal

    def type(self, text: str) -> None:
        for letter in text:
            focus = self.part.window().focusWidget()
            assert focus is not None
            type_text(focus, letter)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        focus = self.part.window().focusWidget()
        assert focus is not None
        press(focus, key, held)

    def given(self) -> dict[str, str]:
        """Return who gives which lesson instead of its teacher, by the journal."""
        with self.journal.reading() as connection:
            return {each.id: each.teacher_id for each in select_records(connection, Lesson) if each.teacher_id}


@contextmanager
def at_the_part(qtbot: QtBot, folder: Path, extra: list[Record], person: str = DEPUTY.id) -> Iterator[Desk]:
    journal = desk_of(full_day_school(extra), person, folder)
    with shown_window(qtbot) as window:
        part = SubstitutesPart(journal, window.jobs, journal.clock)
        screen = AdministrationScreen(journal, [part])
        window.open_session(DEPUTY, [Place("administration", "Администрирование", screen)], 0)
        yield Desk(part, journal)
    journal.close()


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    with at_the_part(qtbot, tmp_path / "deputy", [HELD]) as found:
        yield found


def test_a_morning_is_arranged_with_surnames_and_enter_alone(desk: Desk) -> None:
    """Гусев is away: four lessons, one of which was given; three surnames, each with Enter."""
    for typed in ("гус", "бел", "дём", "жда"):
        desk.type(typed)
        desk.key(ENTER)
    assert desk.given() == {lesson(0, 2): BELOVA, lesson(7, 5): DEMINA, lesson(6, 6): "t-5"}
    assert "Всё расставлено: 3\u00a0урока." in desk.part.message.text
    assert desk.part.absent.hasFocus()


def test_surnames_typed_in_the_wrong_layout_are_found(desk: Desk) -> None:
    desk.type("uec")
    desk.key(ENTER)
    assert [row.id for row in desk.part.lessons.rows] == [HELD.id, lesson(0, 2), lesson(7, 5), lesson(6, 6)]


def test_free_people_come_first_and_whoever_teaches_the_subject_before_others(qtbot: QtBot, tmp_path: Path) -> None:
    """At lesson 2 Абросимова and Белова are free of those with lessons; Белова also teaches history, in 8А."""
    page = ids.journal_page("f-2", "f-8А")
    history = [JournalPage(id=page, subject_id="f-2", class_group_id="f-8А"),
               TeachingLoad(id="l-more", journal_page_id=page, person_id=BELOVA, since=YEAR_START,
                            weekly_hours=Decimal(1))]  # fmt: skip
    with at_the_part(qtbot, tmp_path / "deputy", [*history]) as desk:
        desk.type("гус")
        desk.key(ENTER)
        rows = {row.lesson_number: row for row in desk.part.lessons.rows}
        offered = desk.part.day.stand_ins(rows[2])
    assert [(row.id, row.same_subject) for row in offered][:2] == [(BELOVA, True), ("t-0", False)]
    busy = [bool(row.gives) for row in offered]
    assert busy == sorted(busy)
    assert busy.count(True) == 7
    assert GUSEV not in {row.id for row in offered}, "nobody stands in for oneself"


def test_somebody_busy_is_named_and_written_by_a_second_enter_only(desk: Desk) -> None:
    desk.type("гус")
    desk.key(ENTER)
    desk.type("дём")
    desk.key(ENTER)
    assert desk.given() == {}
    assert "в этот час" in desk.part.message.text
    assert "5 «Б» · География" in desk.part.message.text
    desk.key(ENTER)
    assert desk.given() == {lesson(0, 2): DEMINA}
    (row,) = substitution_day(desk.journal, TODAY).replaced
    assert row.also == "5 «Б» · География", "and the clash is said at the lesson from then on"


def test_another_person_or_lesson_asks_anew(desk: Desk) -> None:
    desk.type("гус")
    desk.key(ENTER)
    desk.type("лом")
    desk.key(ENTER)
    desk.key(Qt.Key.Key_PageDown)
    desk.key(ENTER)
    assert desk.given() == {}, "the second Enter was at another lesson"


def test_a_lesson_that_was_given_is_said_so_and_left(desk: Desk) -> None:
    desk.type("гус")
    desk.key(ENTER)
    desk.key(Qt.Key.Key_PageUp)
    desk.key(ENTER)
    assert desk.part.lesson is not None
    assert desk.part.lesson.id == HELD.id
    assert "уже внесён" in desk.part.message.text
    assert desk.part.people.count() == 0
    assert desk.part.lesson_face.below(desk.part.lesson) == "уже внесён своим учителем: не меняется"
    with pytest.raises(Refusal) as refused:
        assign_substitute(desk.journal, HELD.id, BELOVA)
    assert refused.value.code == "EJ-246"
    assert desk.given() == {}


def test_a_substitute_at_whose_lesson_somebody_was_marked_stays(qtbot: QtBot, tmp_path: Path) -> None:
    given, column = lesson(0, 2), ids.mark_column(lesson(0, 2), "oral", 1)
    marked: list[Record] = [
        Lesson(id=given, journal_page_id=page_of(0, 2), held_on=TODAY, lesson_number=2, teacher_id=BELOVA),
        MarkColumn(id=column, lesson_id=given, work_kind_id="oral"),
        Mark(id=ids.mark(column, "u-5А"), mark_column_id=column, pupil_id="u-5А", value="5"),
    ]
    with at_the_part(qtbot, tmp_path / "deputy", marked) as desk:
        desk.part.lessons.setFocus()
        desk.part.lessons.setCurrentRow(0)
        desk.key(Qt.Key.Key_Delete)
        assert desk.given() == {given: BELOVA}
        assert "уже внесён" in desk.part.message.text


def test_a_substitute_goes_by_delete_and_every_step_comes_back_by_ctrl_z(desk: Desk) -> None:
    desk.type("гус")
    desk.key(ENTER)
    desk.type("бел")
    desk.key(ENTER)
    desk.key(Qt.Key.Key_Escape)
    desk.part.lessons.setCurrentRow(1)
    desk.key(Qt.Key.Key_Delete)
    assert desk.given() == {}
    desk.part.deeds.undo()
    assert desk.given() == {lesson(0, 2): BELOVA}
    desk.part.deeds.undo()
    assert desk.given() == {}, "the lesson that was born with its substitute is its teacher's again"
    desk.part.deeds.redo()
    assert desk.given() == {lesson(0, 2): BELOVA}


def test_a_step_comes_back_after_the_program_was_started_again(desk: Desk, qtbot: QtBot) -> None:
    assign_substitute(desk.journal, lesson(0, 2), DEMINA)
    desk.part.deeds.undo()
    assert desk.given() == {}


def test_what_another_person_has_changed_since_is_not_taken_back(desk: Desk) -> None:
    desk.part.deeds.do(lambda: assign_substitute(desk.journal, lesson(0, 2), DEMINA))
    assign_substitute(desk.journal, lesson(0, 2), BELOVA)
    desk.part.deeds.undo()
    assert "отмена не выполнена" in desk.part.message.text
    assert desk.given() == {lesson(0, 2): BELOVA}


def test_another_day_is_an_arrow_or_a_number_away_and_weekends_are_passed_over(desk: Desk) -> None:
    desk.part.go_to(date(2026, 9, 18))
    desk.part.go_by(1)
    assert desk.part.day.day == date(2026, 9, 21)
    desk.part.head.ask()
    desk.type("23")
    desk.key(ENTER)
    assert desk.part.day.day == date(2026, 9, 23)
    assert desk.part.absent.hasFocus()


def test_a_day_of_the_vacation_says_why_it_is_empty(desk: Desk) -> None:
    desk.part.go_to(date(2026, 11, 3))
    assert desk.part.empty.isVisibleTo(desk.part)
    assert desk.part.empty.text().startswith("Осенние каникулы: уроков нет.")
    assert not desk.part.lessons.isVisibleTo(desk.part), "an empty list would push the words to the middle"


def test_a_day_ahead_can_be_arranged(desk: Desk) -> None:
    ahead = TODAY + timedelta(days=1)
    desk.part.go_to(ahead)
    desk.type("гус")
    desk.key(ENTER)
    desk.type("ким")
    desk.key(ENTER)
    desk.key(ENTER)
    assert set(desk.given().values()) == {"t-6"}
    assert next(iter(desk.given())).split(".")[-2] == f"{ahead:%Y%m%d}"


def test_esc_steps_back_and_loses_nothing(desk: Desk) -> None:
    desk.type("гус")
    desk.key(ENTER)
    desk.type("дё")
    desk.key(Qt.Key.Key_Escape)
    assert desk.part.lessons.hasFocus()
    desk.key(Qt.Key.Key_Escape)
    assert desk.part.absent.hasFocus()
    assert desk.given() == {}


def test_a_letter_typed_on_the_lessons_begins_the_surname(desk: Desk) -> None:
    desk.type("гус")
    desk.key(ENTER)
    desk.key(Qt.Key.Key_Escape)
    desk.type("дём")
    assert desk.part.search.text() == "дём"
    assert [row.id for row in desk.part.people.rows] == [DEMINA]


def test_the_paper_for_the_door_says_what_stands_on_the_screen(desk: Desk, tmp_path: Path) -> None:
    assign_substitute(desk.journal, lesson(0, 2), "t-4")
    pdf = substitution_pdf(desk.journal, substitution_day(desk.journal, TODAY))
    assert pdf == substitution_pdf(desk.journal, substitution_day(desk.journal, TODAY))
    (tmp_path / "door.pdf").write_bytes(pdf)
    with pikepdf.open(tmp_path / "door.pdf") as document:
        assert len(document.pages) == 1


def test_a_day_without_substitutions_prints_nothing(desk: Desk) -> None:
    desk.part.print_list()
    assert "печатать нечего" in desk.part.message.text


def test_a_teacher_is_not_offered_the_part(tmp_path: Path) -> None:
    teacher = desk_of(full_day_school(), GUSEV, tmp_path / "teacher")
    assert not keeps_timetable(teacher)
    teacher.close()


def test_a_dispatcher_is_told_that_entries_are_not_seen_from_here(qtbot: QtBot, tmp_path: Path) -> None:
    dispatcher: list[Record] = [
        Person(id="p-dispatcher", last_name="Часова", first_name="Ада"),
        RoleGrant(id="r-d", person_id="p-dispatcher", role="timetable_dispatcher", since=YEAR_START),
    ]
    with at_the_part(qtbot, tmp_path / "desk", dispatcher, "p-dispatcher") as desk:
        assert desk.part.note.isVisibleTo(desk.part)
        desk.type("гус")
        desk.key(ENTER)
        desk.type("абр")
        desk.key(ENTER)
        assert set(desk.given().values()) == {"t-0"}


def test_a_dispatcher_of_one_class_is_shown_that_class_alone(qtbot: QtBot, tmp_path: Path) -> None:
    of_one: list[Record] = [
        Person(id="p-dispatcher", last_name="Часова", first_name="Ада"),
        RoleGrant(id="r-d", person_id="p-dispatcher", role="timetable_dispatcher", class_group_id="f-5А",
                  since=YEAR_START),
    ]  # fmt: skip
    with at_the_part(qtbot, tmp_path / "desk", of_one, "p-dispatcher") as desk:
        assert {row.page.class_group_id for row in desk.part.day.lessons} == {"f-5А"}
        someone = next(row for row in desk.part.day.stand_ins(desk.part.day.lessons[0]) if row.gives)
        assert someone.gives, "but whoever is busy elsewhere is busy here too"


def test_whoever_opens_the_list_later_finds_what_was_arranged(desk: Desk) -> None:
    assign_substitute(desk.journal, lesson(0, 2), BELOVA)
    desk.part.refresh()
    assert [row.id for row in desk.part.lessons.rows] == [lesson(0, 2)]
    assert desk.part.lesson_face.words(desk.part.lessons.rows[0]) == (
        "2 урок, 09:25, 5 «А» · История, Белова И. О., вместо: Гусев Ф. И."
    )


def test_ctrl_enter_leads_to_the_lesson(desk: Desk, qtbot: QtBot) -> None:
    assign_substitute(desk.journal, lesson(0, 2), DEMINA)
    desk.part.refresh()
    desk.key(ENTER)
    with qtbot.waitSignal(desk.part.lesson_wanted) as led:
        QTest.keyClick(desk.part, ENTER, Qt.KeyboardModifier.ControlModifier)
        desk.part.open_lesson()
    assert led.args == [lesson(0, 2)]


def test_a_deputy_who_stands_in_herself_has_the_lesson_today_and_is_told_who_confirms(desk: Desk) -> None:
    desk.type("гус")
    desk.key(ENTER)
    desk.type("гром")
    desk.key(ENTER)
    assert "свою замену подтвердит другой человек" in desk.part.message.text
    assert [each.lesson_id for each in queries.today(desk.journal, TODAY).lessons] == [lesson(0, 2)]


def _row(desk: Desk, lesson_id: str) -> DayLesson:
    return next(each for each in substitution_day(desk.journal, TODAY).lessons if each.id == lesson_id)


def test_a_lesson_is_called_off_with_a_reason_frees_its_teacher_and_is_put_back(desk: Desk) -> None:
    """Гусев's second lesson: whoever was busy in that hour with it is free then, and nobody is named for it."""
    desk.type("гус")
    desk.key(ENTER)
    desk.part.call_off()
    assert desk.part.change.isVisible()
    desk.key(ENTER)
    assert "причина" in desk.part.message.text, "and without one nothing is called off"
    desk.type("актированный день")
    desk.key(ENTER)
    assert _row(desk, lesson(0, 2)).cancelled == "актированный день"
    assert GUSEV not in desk.part.day.busy.get(2, {})
    assert "отменён" in desk.part.lesson_face.words(_row(desk, lesson(0, 2)))
    assert desk.part.people.count() == 0
    desk.part.call_off()
    assert _row(desk, lesson(0, 2)).cancelled == ""
    desk.part.deeds.undo()
    assert _row(desk, lesson(0, 2)).cancelled == "актированный день"
    desk.part.deeds.undo()
    assert _row(desk, lesson(0, 2)).cancelled == ""


def test_a_lesson_that_was_given_is_not_called_off_and_what_stands_there_is_named(desk: Desk) -> None:
    desk.type("гус")
    desk.key(ENTER)
    desk.key(Qt.Key.Key_PageUp)
    for act in (desk.part.call_off, desk.part.move_lesson):
        act()
        assert not desk.part.change.isVisible()
        assert "уже внесён (отметка о проведении)" in desk.part.message.text


def test_a_lesson_is_moved_after_what_it_meets_was_named(desk: Desk) -> None:
    """5А has a lesson at every hour of the day, and Гусев one at the fifth; the seventh is free."""
    desk.type("гус")
    desk.key(ENTER)
    desk.part.move_lesson()
    desk.key(ENTER)
    desk.type("5")
    desk.key(ENTER)
    assert "учитель занят: 9 «Б» · История" in desk.part.message.text
    assert "у класса в этот час" in desk.part.message.text
    assert _row(desk, lesson(0, 2)).lesson_number == 2
    desk.key(Qt.Key.Key_Backspace)
    desk.type("7")
    desk.key(ENTER)
    moved = _row(desk, lesson(0, 2))
    assert (moved.lesson_number, moved.moved_from) == (7, "15.09, 2-й урок")
    assert not desk.part.change.isVisible()
    desk.part.deeds.undo()
    assert _row(desk, lesson(0, 2)).lesson_number == 2


def test_a_second_enter_moves_a_lesson_all_the_same_to_another_day_too(desk: Desk) -> None:
    desk.type("гус")
    desk.key(ENTER)
    desk.part.move_lesson()
    desk.type("+1")
    desk.key(ENTER)
    desk.type("1")
    desk.key(ENTER)
    assert lesson(0, 2) in {each.id for each in substitution_day(desk.journal, TODAY).lessons}
    desk.key(ENTER)
    assert _row(desk, lesson(0, 2)).moved_to == "16.09, 1-й урок"
    tomorrow = substitution_day(desk.journal, TODAY + timedelta(days=1))
    assert [(each.id, each.moved_from, each.moved_to) for each in tomorrow.replaced] == [
        (lesson(0, 2), "15.09, 2-й урок", "")
    ]


def test_among_all_substitutions_a_double_click_writes_for_the_lesson_that_is_marked_and_for_no_other(
    desk: Desk,
) -> None:
    """At first none is marked, and nobody is offered; the one that is clicked stays marked wherever the focus is."""
    for number, (class_number, person) in {2: (0, BELOVA), 5: (7, BELOVA)}.items():
        assign_substitute(desk.journal, lesson(class_number, number), person)
    desk.part.refresh()
    assert (desk.part.lessons.count(), desk.part.lesson, desk.part.people.count()) == (2, None, 0)
    for act in (desk.part.assign, desk.part.call_off, desk.part.move_lesson):
        desk.part.message.say("")
        act()
        assert "Урок не выбран" in desk.part.message.text
    _click(desk.part.lessons, 1)
    desk.part.people.setFocus()
    _click(desk.part.people, 0)
    at = desk.part.lessons.visualItemRect(desk.part.lessons.item(1)).bottomRight()
    marked = desk.part.lessons.viewport().grab().toImage().pixelColor(at.x() - 2, at.y() - 3)
    assert marked.name().upper() == theme.tokens().selection
    chosen = desk.part.people.rows[0].id
    QTest.mouseDClick(desk.part.people.viewport(), Qt.MouseButton.LeftButton, pos=_middle(desk.part.people, 0))
    assert desk.given() == {lesson(0, 2): BELOVA, lesson(7, 5): chosen}
    assert desk.part.lesson is not None, "and the lesson stays marked when the list is read again"
    assert desk.part.lesson.id == lesson(7, 5)


def _middle(rows: RowList, number: int) -> QPoint:
    return rows.visualItemRect(rows.item(number)).center()


def _click(rows: RowList, number: int) -> None:
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=_middle(rows, number))


def test_a_lesson_moved_to_another_day_leaves_one_grey_line_that_is_nobodys_work(desk: Desk) -> None:
    """Гусев's second lesson goes to tomorrow: today's line says where, is read out, and holds nobody in that hour."""
    move_lesson(desk.journal, lesson(0, 2), TODAY + timedelta(days=1), 3)
    desk.part.refresh()
    left, face = _row(desk, lesson(0, 2)), desk.part.lesson_face
    assert left.is_rearranged
    assert face.height(left) == theme.LIST_ROW
    assert face.words(left) == "2 урок, 09:25, 5 «А» · История, Гусев Ф. И., перенесён на 16.09, 3-й урок"
    assert GUSEV not in desk.part.day.busy.get(2, {})
    other = next(each for each in desk.part.day.lessons if each.lesson_number == 5 and each.page.id == page_of(0, 5))
    met = clashes(desk.part.day, other, 2)
    assert not any("у класса" in each for each in met), "and its class is free in the hour that it left"
    desk.type("гус")
    desk.key(ENTER)
    desk.part.lessons.setCurrentRow(1)
    for act in (desk.part.call_off, desk.part.move_lesson, desk.part.take_away, desk.part.assign):
        desk.part.message.say("")
        act()
        assert not desk.part.change.isVisible()
        assert "перенесён на 16.09, 3-й урок. Менять его — на том дне." in desk.part.message.text
    assert desk.given() == {}


def test_both_days_of_a_moved_lesson_tell_of_it_on_their_sheets(desk: Desk) -> None:
    tomorrow = TODAY + timedelta(days=1)
    move_lesson(desk.journal, lesson(0, 2), tomorrow, 3)
    assert "перенесён на 16.09, 3-й урок" in _on_paper(desk, TODAY)
    assert "перенесён с 15.09, 2-й урок" in _on_paper(desk, tomorrow)
    assign_substitute(desk.journal, lesson(0, 2), BELOVA)
    assert "Белова И. О., перенесён с 15.09, 2-й урок" in _on_paper(desk, tomorrow)
    assert "Белова" not in _on_paper(desk, TODAY), "whoever gives it gives it on the other day"


def _on_paper(desk: Desk, day: date) -> str:
    document = pypdfium2.PdfDocument(substitution_pdf(desk.journal, substitution_day(desk.journal, day)))
    words = " ".join(document[0].get_textpage().get_text_range().split())
    document.close()
    return words
