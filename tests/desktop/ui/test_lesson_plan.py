"""КТП by the keyboard, on a real encrypted journal in a real window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import CurriculumHours, Lesson, LessonPlan, PlannedLesson, Record
from ejournal_desktop.models.commands import lesson_plans as plans
from ejournal_desktop.models.commands.lesson_plans import RowDraft
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PersonRow
from ejournal_desktop.models.queries import lesson_plans as queries
from ejournal_desktop.models.queries.lesson_plans import LessonPlanPage
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.lesson_plan import LessonPlanScreen
from ejournal_desktop.ui.widgets.plan_entry import CONTROL, FACT, HOMEWORK, HOURS, NUMBER, PLANNED, SECTION, TOPIC
from tests.desktop.models.test_lesson_plans import plan_rows
from tests.helpers.plans import PAGE, approved_plan, planned_school
from tests.helpers.school import SmallSchool, small_school
from tests.helpers.typing import CTRL, SHIFT, press, type_text
from tests.helpers.windows import DEPUTY, TEACHER, open_session

ALT = Qt.KeyboardModifier.AltModifier
ENTER, ESCAPE, TAB, DELETE, INSERT = (
    Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Delete, Qt.Key.Key_Insert
)  # fmt: skip
UP, DOWN, F2 = Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_F2


COLLEAGUE = PersonRow("p-colleague", "Петров Семён Ильич", "Петров С. И.", ("subject_teacher",))


def hours(number: int) -> CurriculumHours:
    record = ids.curriculum_hours("s-algebra", "c-7b")
    return CurriculumHours(id=record, subject_id="s-algebra", class_group_id="c-7b", hours=number)


class Open:
    """КТП of algebra, opened by its digit."""

    def __init__(self, window: MainWindow, journal: Journal, school: SmallSchool, screen: LessonPlanScreen) -> None:
        self.window, self.journal, self.school, self.screen = window, journal, school, screen
        self.table = screen.table

    @property
    def plan(self) -> LessonPlanPage:
        """What the file says."""
        return queries.lesson_plan(self.journal, PAGE)

    @property
    def topics(self) -> list[str]:
        """The topics in the file."""
        return [each.row.topic for each in self.plan.rows]

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is, shortcuts included."""
        QTest.keyClick(self.window.focusWidget(), key, modifiers)

    def write(self, text: str, key: Qt.Key = ENTER) -> None:
        """Type into the cell where the cursor is, and finish."""
        type_text(self.table, text[0])
        type_text(self.table.editor, text[1:])
        press(self.table.editor, key)


@contextmanager
def opened(qtbot: QtBot, folder: Path, *extra: Record, person: PersonRow = TEACHER) -> Iterator[Open]:
    with open_session(qtbot, folder, small_school(extra=extra), person=person) as (window, journal, school):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_4, CTRL)
        screen = window.screen_shown
        assert isinstance(screen, LessonPlanScreen)
        yield Open(window, journal, school, screen)


@pytest.fixture
def plan(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    """Give a plan of five rows for five hours."""
    with opened(qtbot, tmp_path, *plan_rows(PAGE), hours(5)) as found:
        yield found


def test_an_empty_plan_is_typed_like_a_list(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as plan:
        assert plan.window.focusWidget() is plan.table
        for topic in ("Дроби", "Доли", "Проценты"):
            plan.write(topic)
        assert plan.topics == ["Дроби", "Доли", "Проценты"]
        assert plan.table.place == (3, TOPIC)
        assert plan.window.focusWidget() is plan.table


def test_a_topic_without_a_russian_word_is_told_and_taken(plan: Open) -> None:
    plan.table.go_to(1, TOPIC)
    plan.write("Present Perfect")
    assert plan.topics[1] == "Present Perfect"
    assert "на русском языке" in plan.screen.message.text
    plan.write("Глагол be")
    assert "на русском языке" not in plan.screen.message.text
    plan.table.go_to(len(plan.topics), TOPIC)
    plan.write("Unit 5")
    assert plan.topics[-1] == "Unit 5"
    assert "на русском языке" in plan.screen.message.text


def test_typing_writes_over_a_cell_and_f2_goes_on_with_it(plan: Open) -> None:
    plan.table.go_to(1, TOPIC)
    plan.write("Степени")
    assert (plan.topics[1], plan.table.place) == ("Степени", (2, TOPIC))
    plan.table.go_to(1, TOPIC)
    plan.key(F2)
    press(plan.table.editor, Qt.Key.Key_End)
    type_text(plan.table.editor, " чисел")
    press(plan.table.editor, ENTER)
    assert plan.topics[1] == "Степени чисел"


def test_every_column_is_written_and_tab_walks_the_row(plan: Open) -> None:
    plan.table.go_to(0, SECTION)
    for text in ("Повторение", "Числа", "2", "опрос", "§ 1"):
        plan.write(text, TAB)
    plan.write("03.09", TAB)
    row = plan.plan.rows[0].row
    assert (row.section, row.topic, row.hours, row.control, row.homework) == ("Повторение", "Числа", 2, "опрос", "§ 1")
    assert row.planned_on == date(2026, 9, 3)
    assert plan.table.place == (0, PLANNED)


def test_esc_leaves_the_old_text_and_f2_brings_back_what_was_typed(plan: Open) -> None:
    plan.table.go_to(0, TOPIC)
    plan.write("Совсем другое", ESCAPE)
    assert plan.topics[0] == "Числовые выражения"
    assert plan.window.focusWidget() is plan.table
    plan.key(F2)
    assert plan.table.editor.text() == "Совсем другое"


@pytest.mark.parametrize(
    ("column", "typed", "said"),
    [(HOURS, "пять", "не число часов"), (HOURS, "41", "не число часов"), (PLANNED, "32.09", "не понять"),
     (TOPIC, " ", "нет темы")],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_the_cell_and_kept_for_f2(plan: Open, column: int, typed: str, said: str) -> None:
    before = plan.plan.rows[0].row
    plan.table.go_to(0, column)
    plan.key(F2)
    plan.table.editor.setText(typed)
    press(plan.table.editor, ENTER)
    assert plan.plan.rows[0].row == before
    assert said in plan.screen.message.text
    assert plan.table.place == (0, column)
    plan.key(F2)
    assert plan.table.editor.text() == typed


def test_rows_are_inserted_moved_and_deleted_and_each_step_goes_back_and_forth(plan: Open) -> None:
    plan.table.go_to(1, TOPIC)
    plan.key(INSERT)
    type_text(plan.table.editor, "Вставка")
    press(plan.table.editor, ENTER)
    states = [plan.topics]
    assert states[0][:3] == ["Числовые выражения", "Вставка", "Преобразования"]
    plan.table.go_to(1, TOPIC)
    plan.key(DOWN, ALT)
    states.append(plan.topics)
    assert (states[1].index("Вставка"), plan.table.place[0]) == (2, 2)
    plan.table.go_to(0, TOPIC)
    plan.key(DOWN, SHIFT)
    plan.key(DELETE)
    states.append(plan.topics)
    assert len(states[2]) == 4
    for before in (states[1], states[0]):
        plan.key(Qt.Key.Key_Z, CTRL)
        assert plan.topics == before
    plan.key(Qt.Key.Key_Y, CTRL)
    plan.key(Qt.Key.Key_Y, CTRL)
    assert plan.topics == states[2]
    for _ in range(3):
        plan.key(Qt.Key.Key_Z, CTRL)
    assert plan.topics == [each.topic for each in plan_rows(PAGE)]


def test_a_line_that_was_opened_and_left_makes_no_row(qtbot: QtBot, plan: Open) -> None:
    plan.table.go_to(2, TOPIC)
    plan.key(INSERT)
    assert plan.table.lines.new_at == 2
    press(plan.table.editor, ESCAPE)
    plan.key(UP)
    qtbot.waitUntil(lambda: plan.table.lines.new_at == 5)
    assert plan.topics == [each.topic for each in plan_rows(PAGE)]


def test_columns_that_the_program_fills_are_not_written(plan: Open) -> None:
    for column in (NUMBER, FACT):
        plan.table.go_to(0, column)
        type_text(plan.table, "7")
        assert not plan.table.editor.is_open
        assert "сама" in plan.screen.message.text


def test_a_cell_that_is_being_written_is_not_lost_by_leaving_or_by_what_comes(qtbot: QtBot, plan: Open) -> None:
    plan.table.go_to(0, HOMEWORK)
    type_text(plan.table, "§")
    type_text(plan.table.editor, " 7")
    plan.screen.refresh()
    assert plan.table.editor.is_open
    plan.screen.header.pages.setFocus()
    assert plan.plan.rows[0].row.homework == "§ 7"
    plan.table.go_to(0, CONTROL)
    type_text(plan.table, "т")
    type_text(plan.table.editor, "ест")
    plan.window.go("journal")
    assert plan.plan.rows[0].row.control == "тест"
    qtbot.waitUntil(lambda: not plan.table.editor.is_open)


def test_a_row_that_comes_meanwhile_takes_no_text_that_was_meant_for_another(plan: Open) -> None:
    plan.table.go_to(3, HOMEWORK)
    type_text(plan.table, "§")
    plans.insert_row(plan.journal, PAGE, RowDraft("Пришло с другого компьютера"))
    plan.screen.refresh()
    type_text(plan.table.editor, " 7")
    press(plan.table.editor, ENTER)
    told = [(each.row.topic, each.row.homework) for each in plan.plan.rows if each.row.homework]
    assert told == [("Контрольная работа № 1", "§ 7")]
    assert plan.table.lines.rowCount() == 7  # the row that came, and the empty line


def test_the_plan_is_given_in_and_taken_back(plan: Open) -> None:
    assert "Черновик" in plan.screen.standing.state.text()
    plan.key(Qt.Key.Key_G, CTRL)
    assert plan.plan.submitted_by == "Иванова М. П."
    assert plan.screen.standing.give.text() == "Взять назад"
    plan.key(Qt.Key.Key_G, CTRL)
    assert plan.plan.submitted_by == ""


def test_the_deputy_enters_the_hours_and_approves_what_has_them(qtbot: QtBot, tmp_path: Path) -> None:
    rows = plan_rows(PAGE)
    given = LessonPlan(id=ids.lesson_plan(PAGE), journal_page_id=PAGE, submitted_by="p-teacher")
    with opened(qtbot, tmp_path, *rows, given, person=DEPUTY) as plan:
        assert plan.screen.plan is not None
        assert plan.screen.plan.page.id == PAGE
        assert "ещё нет, внесите их (Ctrl+H), утвердить нельзя" in plan.screen.standing.hours.text()
        plan.key(Qt.Key.Key_G, CTRL)
        assert "нет часов" in plan.screen.message.text
        assert plan.plan.approved_by == ""
        plan.key(Qt.Key.Key_H, CTRL)
        type_text(plan.screen.standing.curriculum, "6")
        press(plan.screen.standing.curriculum, ENTER)
        assert "не хватает 1, утвердить нельзя" in plan.screen.standing.hours.text()
        plan.key(Qt.Key.Key_G, CTRL)
        assert "в учебном плане 6 ч" in plan.screen.message.text
        plan.key(Qt.Key.Key_H, CTRL)
        type_text(plan.screen.standing.curriculum, "5")
        press(plan.screen.standing.curriculum, ENTER)
        plan.key(Qt.Key.Key_G, CTRL)
        assert plan.plan.approved_by == "Громова В. П."
        assert "Утверждено 15.09" in plan.screen.standing.state.text()
        assert plan.screen.standing.give.text() == "Снять утверждение"


def test_the_deputy_sees_which_plans_wait_and_goes_to_them(qtbot: QtBot, tmp_path: Path) -> None:
    rows = plan_rows(PAGE)
    given = LessonPlan(id=ids.lesson_plan(PAGE), journal_page_id=PAGE, submitted_by="p-teacher")
    with opened(qtbot, tmp_path, *rows, given, hours(5), person=DEPUTY) as plan:
        header = plan.screen.header
        qtbot.waitUntil(header.waiting.isVisible)
        assert header.waiting.text() == "Ждут утверждения: 1"
        plan.screen.open_page(plan.school.english)
        header.menu.actions()[0].trigger()
        assert plan.screen.plan is not None
        assert plan.screen.plan.page.id == PAGE
        plan.key(Qt.Key.Key_G, CTRL)
        qtbot.waitUntil(lambda: not header.waiting.isVisible())
        plan.key(Qt.Key.Key_R, CTRL)
        assert "не ждёт ни одно КТП" in plan.screen.message.text


def test_who_may_only_look_changes_nothing_and_is_told_why(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, *plan_rows(PAGE), person=DEPUTY) as plan:
        assert "можно только смотреть" in plan.screen.strip.words.text()
        assert plan.table.lines.rowCount() == 5  # no empty line
        plan.table.go_to(0, TOPIC)
        type_text(plan.table, "Я")
        assert not plan.table.editor.is_open
        for key, modifier in ((DELETE, CTRL & ~CTRL), (INSERT, CTRL & ~CTRL), (DOWN, ALT), (Qt.Key.Key_Z, CTRL)):
            plan.key(key, modifier)
            assert "можно только смотреть" in plan.screen.message.text
        assert plan.topics == [each.topic for each in plan_rows(PAGE)]


def test_lost_lessons_show_the_new_dates_first_and_one_more_key_writes_them(qtbot: QtBot, tmp_path: Path) -> None:
    days = (date(2026, 9, 1), date(2026, 9, 4), date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 11))
    dated = [
        PlannedLesson(id=row.id, journal_page_id=PAGE, position=row.position, topic=row.topic, planned_on=day)
        for row, day in zip(plan_rows(PAGE), days, strict=True)
    ]
    with opened(qtbot, tmp_path, *dated, hours(5)) as plan:
        assert "уроков выпали" in plan.screen.strip.words.text()
        plan.key(Qt.Key.Key_D, CTRL)
        assert plan.table.lines.text(0, PLANNED) == "01.09 → 15.09"
        assert plan.plan.rows[0].row.planned_on == days[0]
        plan.key(ESCAPE)
        assert plan.table.lines.text(0, PLANNED) == "01.09"
        plan.key(Qt.Key.Key_D, CTRL)
        plan.key(Qt.Key.Key_D, CTRL)
        qtbot.waitUntil(lambda: "записаны" in plan.screen.message.text)
        assert plan.plan.rows[0].row.planned_on == date(2026, 9, 15)
        plan.key(Qt.Key.Key_Z, CTRL)
        qtbot.waitUntil(lambda: plan.plan.rows[0].row.planned_on == days[0])


def test_rows_that_have_no_lesson_left_are_named(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, *plan_rows(PAGE, ("Первая", "Вторая", "Третья", "Последняя"), 40)) as plan:
        assert "без урока остаются" in plan.screen.strip.words.text()
        assert "«Последняя»" in plan.screen.strip.words.text()
        assert plan.table.lines.text(3, FACT) == "нет урока"


# --- rows from elsewhere ---------------------------------------------------------------------------------------------

CSV = """№;Раздел;Тема урока;Часов;Дата
1;Числа;Дроби;1;03.09
2;Числа;Доли;2;04.09
"""


def offered(qtbot: QtBot, plan: Open, path: Path) -> None:
    """Choose a file in the dialog, and wait until its rows are shown."""
    plan.key(Qt.Key.Key_I, CTRL)
    dialog = plan.screen.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    plan.window.activateWindow()
    qtbot.waitUntil(plan.window.isActiveWindow)
    qtbot.waitUntil(lambda: plan.screen.is_offering or "Файл «" in plan.screen.message.text)
    plan.screen.enter()


def test_rows_of_a_file_are_looked_at_and_enter_writes_them(qtbot: QtBot, tmp_path: Path, plan: Open) -> None:
    path = tmp_path / "план.csv"
    path.write_text(CSV, encoding="utf-8")
    before = plan.topics
    offered(qtbot, plan, path)
    assert plan.screen.offer.sums.text == "Войдёт 2\u00a0строки, 3 ч; 1\u00a0строка пропущена: заголовки и итоги."
    assert plan.topics == before
    assert plan.window.focusWidget() is plan.screen.offer.table
    plan.key(ENTER)
    qtbot.waitUntil(lambda: "Записано: 2\u00a0строки" in plan.screen.message.text)
    assert plan.topics == [*before, "Дроби", "Доли"]
    assert plan.plan.rows[-1].row.hours == 2
    plan.key(Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: plan.topics == before)


def test_esc_leaves_the_offer_and_nothing_was_written(qtbot: QtBot, tmp_path: Path, plan: Open) -> None:
    path = tmp_path / "план.csv"
    path.write_text(CSV, encoding="utf-8")
    before = plan.topics
    offered(qtbot, plan, path)
    for key in (DELETE, INSERT, F2):  # keys of the table behind it
        QTest.keyClick(plan.screen.offer.table, key)
    press(plan.screen.offer.table, ESCAPE)
    assert not plan.screen.is_offering
    assert plan.topics == before
    assert not plan.table.editor.is_open


def test_a_column_is_chosen_by_the_arrow_keys_and_the_rows_follow(qtbot: QtBot, tmp_path: Path, plan: Open) -> None:
    path = tmp_path / "план.csv"
    path.write_text(CSV, encoding="utf-8")
    offered(qtbot, plan, path)
    columns = plan.screen.filling.columns
    assert columns is not None
    chooser = columns.columns["section"]
    assert chooser.currentText() == "2. Раздел"
    QTest.keyClick(chooser, UP)
    QTest.keyClick(chooser, UP)
    assert chooser.currentText() == "не загружать"
    assert [draft.section for draft in plan.screen.offer.preview.drafts] == ["", ""]
    QTest.keyClick(chooser, ENTER)  # Enter writes wherever the focus is on this page
    qtbot.waitUntil(lambda: "Записано" in plan.screen.message.text)
    assert plan.plan.rows[-1].row.section == ""


def test_a_refused_row_stops_all_of_them_and_is_gone_to(qtbot: QtBot, tmp_path: Path, plan: Open) -> None:
    path = tmp_path / "план.csv"
    path.write_text(CSV + "3;Числа;;1;05.09\n4;Числа;Степени;много;\n", encoding="utf-8")
    before = plan.topics
    offered(qtbot, plan, path)
    offer = plan.screen.offer
    assert not offer.write.isEnabled()
    assert "2\u00a0строки загрузить нельзя" in offer.sums.text
    press(offer.table, ENTER)
    assert plan.topics == before
    assert offer.table.currentIndex().row() == 2
    assert "нет темы: впишите тему" in offer.lines.text(offer.preview.lines[2], SECTION)
    QTest.keyClick(offer.table, Qt.Key.Key_J, CTRL)
    assert offer.table.currentIndex().row() == 3
    QTest.keyClick(offer.table, Qt.Key.Key_J, CTRL)
    assert offer.table.currentIndex().row() == 2


def test_a_file_can_take_the_place_of_the_rows_and_one_step_brings_them_back(
    qtbot: QtBot, tmp_path: Path, plan: Open
) -> None:
    path = tmp_path / "план.csv"
    path.write_text("№;Тема;Часы\n" + "".join(f"{n};Тема {n};1\n" for n in range(1, 41)), encoding="utf-8")
    before = plan.topics
    offered(qtbot, plan, path)
    QTest.keyClick(plan.screen.offer.how, DOWN)
    assert plan.screen.offer.how.currentText() == "Вместо прежних строк: 5"
    press(plan.screen.offer.how, ENTER)
    qtbot.waitUntil(lambda: "Записано: 40\u00a0строк" in plan.screen.message.text)
    assert plan.topics == [f"Тема {n}" for n in range(1, 41)]
    QTest.keyClick(plan.table, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: "Отменено" in plan.screen.message.text)
    assert plan.topics == before
    QTest.keyClick(plan.table, Qt.Key.Key_Y, CTRL)
    qtbot.waitUntil(lambda: "Возвращено" in plan.screen.message.text)
    assert len(plan.topics) == 40


def test_a_file_that_is_none_is_told_of_and_changes_nothing(qtbot: QtBot, tmp_path: Path, plan: Open) -> None:
    path = tmp_path / "план.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 40)
    before = plan.topics
    offered(qtbot, plan, path)
    assert not plan.screen.is_offering
    assert "план.xlsx" in plan.screen.message.text
    assert "Ничего не загружено" in plan.screen.message.text
    assert plan.topics == before


def test_a_file_is_dropped_on_the_plan_and_only_where_one_may_write(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "план.csv"
    path.write_text(CSV, encoding="utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    with opened(qtbot, tmp_path / "teacher") as plan:
        assert dragged(plan.screen, mime)
        qtbot.waitUntil(lambda: plan.screen.is_offering)
    with opened(qtbot, tmp_path / "deputy", *plan_rows(PAGE), person=DEPUTY) as plan:
        assert not dragged(plan.screen, mime)


def dragged(screen: LessonPlanScreen, mime: QMimeData) -> bool:
    """Drag something over the screen and let it fall; return whether it was taken."""
    shared = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entering = QDragEnterEvent(QPoint(400, 300), *shared)
    entering.ignore()
    QApplication.sendEvent(screen, entering)
    if entering.isAccepted():
        QApplication.sendEvent(screen, QDropEvent(QPointF(400, 300), *shared))
    return entering.isAccepted()


def test_a_colleagues_plan_is_chosen_and_copied_without_its_dates(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path, planned_school()) as (window, journal, school):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_4, CTRL)
        screen = window.screen_shown
        assert isinstance(screen, LessonPlanScreen)
        plan = Open(window, journal, school, screen)
        before = len(plan.topics)
        plan.key(Qt.Key.Key_K, CTRL)
        assert screen.is_offering
        assert screen.filling.sources is not None
        assert (
            "7 «В» · Алгебра · 2026/27 · Петров С. И. · 30\u00a0строк" in screen.filling.sources.sources.currentText()
        )
        plan.key(ENTER)
        qtbot.waitUntil(lambda: "Записано: 30\u00a0строк" in screen.message.text)
        assert len(plan.topics) == before + 30
        assert plan.plan.rows[-1].row.planned_on is None


def test_without_another_plan_of_the_subject_that_is_said(plan: Open) -> None:
    plan.key(Qt.Key.Key_K, CTRL)
    assert not plan.screen.is_offering
    assert "Других КТП по этому предмету на этом компьютере нет" in plan.screen.message.text


def test_rows_copied_in_a_spreadsheet_are_offered_and_entered(qtbot: QtBot, plan: Open) -> None:
    before = plan.topics
    QGuiApplication.clipboard().setText('1\tДроби\t2\r\n2\t"Доли\r\nи части"\t1\r\n')
    plan.key(Qt.Key.Key_V, CTRL)
    assert plan.screen.is_offering
    assert plan.screen.offer.title.text() == "7 «Б» · Алгебра: строки из буфера обмена"
    assert [(draft.topic, draft.hours) for draft in plan.screen.offer.preview.drafts] == [
        ("Дроби", 2), ("Доли и части", 1)
    ]  # fmt: skip
    plan.key(ENTER)
    qtbot.waitUntil(lambda: "Записано: 2\u00a0строки" in plan.screen.message.text)
    assert plan.topics == [*before, "Дроби", "Доли и части"]


@pytest.mark.parametrize("copied", ["", "\n\t\n", "а" * 2_000_001], ids=["nothing", "blanks", "a book"])
def test_a_clipboard_without_a_plan_is_told_of(plan: Open, copied: str) -> None:
    QGuiApplication.clipboard().setText(copied)
    plan.key(Qt.Key.Key_V, CTRL)
    assert not plan.screen.is_offering
    assert "буфер обмена" in plan.screen.message.text
    assert "Ничего не загружено" in plan.screen.message.text


def test_what_ends_after_another_plan_was_opened_is_no_step_of_it(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path, planned_school(), person=COLLEAGUE) as (window, journal, school):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_4, CTRL)
        screen = window.screen_shown
        assert isinstance(screen, LessonPlanScreen)
        screen.open_page(school.page)
        rows = queries.lesson_plan(journal, school.page).rows
        screen.table.selectAll()
        screen.delete_rows()
        assert screen.writing.is_busy
        screen.open_page(school.english)
        qtbot.waitUntil(lambda: not screen.writing.is_busy)
        assert queries.lesson_plan(journal, school.page).rows == ()
        QTest.keyClick(screen.table, Qt.Key.Key_Z, CTRL)
        assert "Отменять больше нечего" in screen.message.text
        assert len(rows) > 100


def test_while_much_is_being_written_a_cell_keeps_what_was_typed(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path, planned_school()) as (window, journal, school):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_4, CTRL)
        screen = window.screen_shown
        assert isinstance(screen, LessonPlanScreen)
        plan = Open(window, journal, school, screen)
        plan.key(Qt.Key.Key_D, CTRL)
        plan.key(Qt.Key.Key_D, CTRL)
        assert screen.writing.is_busy
        plan.table.go_to(9, TOPIC)
        plan.write("Новая тема")
        assert "подождите" in screen.message.text
        qtbot.waitUntil(lambda: not screen.writing.is_busy)
        plan.key(F2)
        assert plan.table.editor.text() == "Новая тема"
        press(plan.table.editor, ENTER)
        assert plan.topics[9] == "Новая тема"


# --- between the teacher and whoever approves -------------------------------------------------------------------------

GIVEN_IN = LessonPlan(id=ids.lesson_plan(PAGE), journal_page_id=PAGE, submitted_by="p-teacher")


def test_the_deputy_gives_a_plan_back_with_a_reason(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, *plan_rows(PAGE), GIVEN_IN, hours(5), person=DEPUTY) as plan:
        standing, line = plan.screen.standing, plan.screen.returning
        assert standing.back.isVisible()
        plan.key(Qt.Key.Key_G, CTRL | SHIFT)
        assert plan.window.focusWidget() is line.reason
        press(line.reason, ENTER)
        assert "Напишите учителю, что исправить" in plan.screen.message.text
        assert (plan.plan.stage, line.isVisible()) == ("submitted", True)
        type_text(line.reason, "Нет контрольных")
        press(line.reason, ESCAPE)
        assert not line.isVisible()
        assert plan.plan.stage == "submitted"
        plan.key(Qt.Key.Key_G, CTRL | SHIFT)
        assert line.reason.text() == "Нет контрольных", "what was typed is still there"
        press(line.reason, ENTER)
        assert (plan.plan.stage, plan.plan.returned_why) == ("returned", "Нет контрольных")
        assert not line.isVisible()
        assert plan.window.focusWidget() is plan.table
        assert standing.state.text() == "Возвращено: Громова В. П. — «Нет контрольных»"
        assert not standing.back.isVisible()
        plan.key(Qt.Key.Key_G, CTRL | SHIFT)
        assert "Возвращать нечего" in plan.screen.message.text
        assert not line.isVisible()


def test_the_teacher_sees_why_a_plan_came_back_and_gives_it_in_again(qtbot: QtBot, tmp_path: Path) -> None:
    back = LessonPlan(id=ids.lesson_plan(PAGE), journal_page_id=PAGE, submitted_by="p-teacher",
                      returned_by="p-deputy", returned_why="Нет контрольных")  # fmt: skip
    with opened(qtbot, tmp_path, *plan_rows(PAGE), back, hours(5)) as plan:
        standing = plan.screen.standing
        assert standing.state.text() == "Возвращено: Громова В. П. — «Нет контрольных» · исправьте и сдайте снова"
        assert standing.give.text() == "Сдать снова"
        plan.key(Qt.Key.Key_G, CTRL | SHIFT)
        assert "может завуч" in plan.screen.message.text
        plan.key(Qt.Key.Key_G, CTRL)
        assert (plan.plan.stage, plan.plan.returned_by) == ("submitted", "")
        assert standing.state.text().startswith("Отправлено на утверждение: Иванова М. П. ·")
        assert standing.give.text() == "Взять назад"


def test_an_approved_plan_that_was_changed_is_given_in_again(qtbot: QtBot, tmp_path: Path) -> None:
    rows = plan_rows(PAGE)
    with opened(qtbot, tmp_path, *rows, approved_plan(rows), hours(5)) as plan:
        standing = plan.screen.standing
        assert not standing.give.isVisible()
        plan.table.go_to(4, TOPIC)
        plan.write("Неравенства")
        assert "после утверждения изменено" in standing.state.text()
        assert standing.give.text() == "Сдать изменённое"
        plan.key(Qt.Key.Key_G, CTRL)
        assert plan.plan.stage == "resubmitted"
        assert "изменённое отправлено на утверждение" in standing.state.text()
        plan.table.go_to(3, TOPIC)
        plan.write("Степени")
        assert "после утверждения изменено" in standing.state.text()


def lesson_given(day: date, number: int, topic: str) -> Lesson:
    lesson = ids.lesson(PAGE, day, number)
    return Lesson(id=lesson, journal_page_id=PAGE, held_on=day, lesson_number=number, held=True, topic=topic)


def test_enter_and_a_double_click_on_a_day_of_the_fact_lead_to_the_lesson(qtbot: QtBot, tmp_path: Path) -> None:
    days = [(date(2026, 9, 1), 3, "Числовые выражения"), (date(2026, 9, 4), 1, "Преобразования")]
    given = [lesson_given(*each) for each in days]
    with opened(qtbot, tmp_path, *plan_rows(PAGE), *given, hours(5)) as plan:
        plan.table.go_to(0, FACT)
        with qtbot.waitSignal(plan.screen.lesson_wanted) as wanted:
            press(plan.table, ENTER)
        assert wanted.args == [given[0].id]
        at = plan.table.visualRect(plan.table.lines.index(1, FACT)).center()
        QTest.mouseClick(plan.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        with qtbot.waitSignal(plan.screen.lesson_wanted) as wanted:
            QTest.mouseDClick(plan.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert wanted.args == [given[1].id]
        plan.table.go_to(2, FACT)
        press(plan.table, ENTER)
        assert plan.table.place == (3, FACT), "nothing was given there: Enter goes down as everywhere"


@pytest.mark.qt_log_ignore("does not support")  # raise and grab, of a menu without a screen
def test_of_several_lessons_of_a_topic_one_is_chosen(qtbot: QtBot, tmp_path: Path) -> None:
    long = PlannedLesson(id=ids.planned_lesson(PAGE, "long"), journal_page_id=PAGE, position=1, topic="Дроби", hours=2)
    given = [lesson_given(date(2026, 9, 1), 3, "Дроби"), lesson_given(date(2026, 9, 4), 1, "Дроби")]
    with opened(qtbot, tmp_path, long, *given) as plan:
        plan.table.go_to(0, FACT)
        press(plan.table, ENTER)
        assert [each.text() for each in plan.table.menu.actions()] == ["1 сентября, вторник", "4 сентября, пятница"]
        with qtbot.waitSignal(plan.screen.lesson_wanted) as wanted:
            plan.table.menu.actions()[1].trigger()
        assert wanted.args == [given[1].id]
        plan.table.menu.close()


def test_chosen_rows_move_together_and_one_undo_brings_them_back(plan: Open) -> None:
    before = plan.topics
    plan.table.go_to(1, TOPIC)
    plan.key(DOWN, SHIFT)
    plan.key(DOWN, ALT)
    assert plan.topics == [before[each] for each in (0, 3, 1, 2, 4)]
    assert plan.table.chosen_rows() == [each.row.id for each in plan.plan.rows[2:4]]
    plan.key(DOWN, ALT)
    plan.key(DOWN, ALT)  # the edge
    assert plan.topics == [before[each] for each in (0, 3, 4, 1, 2)]
    plan.key(UP, ALT)
    assert plan.topics == [before[each] for each in (0, 3, 1, 2, 4)]
    for _ in range(3):
        plan.key(Qt.Key.Key_Z, CTRL)
    assert plan.topics == before
