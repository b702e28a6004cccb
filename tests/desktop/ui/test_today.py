"""Сегодня: the day in order, what is due and when, and disputes decided by one key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ejournal_core.changes import Verdict
from ejournal_core.kinds import Certificate
from ejournal_desktop.models import queries, records
from ejournal_desktop.models.commands import lessons, marks
from ejournal_desktop.models.commands.requests import approve_all, ask_correction
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import DueItem
from ejournal_desktop.models.queries.deciding import Deciding
from ejournal_desktop.models.state import Notice as SliceNotice
from ejournal_desktop.ui.screens.today import TodayScreen
from ejournal_desktop.ui.widgets.deciding_row import DecidingFace
from ejournal_desktop.ui.widgets.due import sign, summary
from ejournal_desktop.ui.widgets.layouts import READING
from ejournal_desktop.ui.widgets.lesson_row import LessonFace
from ejournal_desktop.ui.widgets.row_list import RowList
from tests.helpers import sample_days as days
from tests.helpers.closed_quarter import LESSON, closed_school, deputy_with_requests, mark_id
from tests.helpers.school import MOSCOW, desk_of, small_school
from tests.helpers.typing import press, type_text


def shown(qtbot: QtBot, screen: TodayScreen) -> TodayScreen:
    """Show a screen alone."""
    qtbot.addWidget(screen)
    screen.resize(1200, 700)
    screen.show()
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    screen.enter()
    return screen


@pytest.fixture
def sample(qtbot: QtBot) -> Iterator[TodayScreen]:
    """Give the rich sample day at 14:28."""
    journal = days.SilentJournal()
    screen = TodayScreen(journal, lambda: days.NOW, read=lambda *_: days.day())  # type: ignore[arg-type]
    yield shown(qtbot, screen)
    screen.close_screen()


def words(screen: TodayScreen) -> list[str]:
    """Return each lesson as it is read aloud."""
    rows = range(screen.lessons.count())
    return [screen.lessons.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in rows]


def test_each_lesson_says_what_is_done_and_what_is_left(sample: TodayScreen) -> None:
    told = words(sample)
    assert told[0] == (
        "1 урок 08:30, 7 «Б» · Алгебра, каб. 21, проведён, отсутствуют 2, тема, д/з до 15:10 (42 мин), "
        "нет на уроке: Ёлкин Пётр, Котов Марк"
    )
    assert "не проведён, нет переклички, нет темы" in told[1]
    assert "отсутствуют по сведениям классного руководителя: Котов (Б)" in told[1]
    assert "вместо: Петрова С. И." in told[2]
    assert told[5] == "8 урок 15:10, 11 «А» · Индивидуальный проект, спортзал"


def test_the_header_says_the_day_and_the_nearest_deadline(sample: TodayScreen) -> None:
    assert sample.header.text == "21 ноября, суббота · 2\u00a0урока не дописаны · ближайшее через 42 мин"


def test_enter_opens_the_lesson_under_the_cursor(sample: TodayScreen) -> None:
    opened: list[str] = []
    sample.lesson_opened.connect(opened.append)
    press(sample.lessons, Qt.Key.Key_Down)
    press(sample.lessons, Qt.Key.Key_Return)
    assert opened == ["l2"]


@pytest.mark.parametrize(
    ("due", "text", "shape"),
    [
        (timedelta(minutes=42), "д/з до 15:10 (42 мин)", "hollow"),
        (timedelta(hours=3), "д/з до 17:28", "hollow"),
        (timedelta(minutes=-5), "д/з просрочено", "bar"),
        (timedelta(days=2), "д/з до 23.11", "hollow"),
        (timedelta(hours=9, minutes=31), "д/з", "hollow"),
    ],
)
def test_a_deadline_is_told_in_words_and_shape(due: timedelta, text: str, shape: str) -> None:
    shown_sign = sign(DueItem("homework", False, days.NOW + due), days.NOW)
    assert (shown_sign.text, shown_sign.shape) == (text, shape)


def test_the_summary_counts_the_rows_below_it_as_they_stand_there() -> None:
    lesson = [
        DueItem("topic", False, days.NOW - timedelta(minutes=1)),
        DueItem("homework", False, days.NOW + timedelta(hours=2)),
        DueItem("held", True, days.NOW),
    ]
    finished, row = [DueItem("held", True)], DueItem("homework", False, days.NOW + timedelta(minutes=30))
    assert summary([lesson, finished], [], days.NOW) == "1\u00a0урок не дописан · просрочено 1 · ближайшее через 2 ч"
    assert summary([lesson], [row, row], days.NOW) == (
        "1\u00a0урок не дописан · 2\u00a0дела · просрочено 1 · ближайшее через 30 мин"
    )
    assert summary([finished], [], days.NOW) == "всё внесено"
    assert summary([], [], days.NOW) == ""


def test_on_a_very_wide_screen_a_row_is_no_wider_than_the_eye_can_follow(sample: TodayScreen) -> None:
    sample.resize(3400, 1200)
    assert sample.lessons.width() == READING
    sample.resize(1100, 700)
    assert sample.lessons.width() == 1100


def test_a_day_off_says_why_and_an_empty_one_what_to_do(qtbot: QtBot) -> None:
    for note, said in (("Осенние каникулы до 8 ноября", "Осенние каникулы"), ("", "нет уроков")):
        journal = days.SilentJournal()
        screen = TodayScreen(journal, lambda: days.NOW, read=lambda *_, note=note: days.empty_day(note))  # type: ignore[arg-type]
        shown(qtbot, screen)
        (label,) = [each for each in screen.findChildren(QLabel) if each.isVisible() and said in each.text()]
        assert label.margin() > 0
        assert label.sizeHint().height() > 2 * label.margin()
        screen.close_screen()


def test_the_minutes_left_move_with_the_clock(qtbot: QtBot) -> None:
    now = [days.NOW]
    screen = TodayScreen(days.SilentJournal(), lambda: now[0], read=lambda *_: days.day())  # type: ignore[arg-type]
    shown(qtbot, screen)
    now[0] += timedelta(minutes=41, seconds=30)
    screen._timer.timeout.emit()
    assert screen.header.text.endswith("ближайшее через меньше минуты")
    face = LessonFace(lambda: now[0])
    assert face.signs(days.day().lessons[0])[3].text == "д/з до 15:10 (меньше минуты)"
    screen.close_screen()


def test_what_is_entered_elsewhere_changes_the_day_by_itself(qtbot: QtBot, tmp_path: Path) -> None:
    school = small_school()
    journal = desk_of(school, school.teacher, tmp_path)
    screen = shown(qtbot, TodayScreen(journal, journal.clock))
    assert "нет темы" in words(screen)[0]
    lessons.set_topic(journal, school.today_lesson, "Уравнения")
    qtbot.waitUntil(lambda: "нет темы" not in words(screen)[0])
    screen.close_screen()
    journal.close()


def test_a_real_vacation_is_named(qtbot: QtBot, tmp_path: Path) -> None:
    school = small_school()
    now = datetime(2026, 11, 3, 9, tzinfo=MOSCOW)
    journal = desk_of(school, school.teacher, tmp_path, now=now)
    screen = shown(qtbot, TodayScreen(journal, journal.clock))
    assert screen.lessons.isHidden()
    assert any("каникулы" in label.text() for label in screen.findChildren(QLabel) if label.isVisible())
    screen.close_screen()
    journal.close()


def disputed(tmp_path: Path) -> tuple[object, object]:
    """Return a real journal with one dispute of two marks: 4 stands, 2 is wanted; and its school."""
    school = small_school()
    journal = desk_of(school, school.teacher, tmp_path)
    first = marks.put_mark(journal, school.today_lesson, None, school.pupils[3], "4")
    taken = [Verdict(id=c.id, number=n, outcome="taken") for n, c in enumerate(first.changes, 2)]
    journal.settle(taken)
    second = marks.put_mark(journal, school.today_lesson, None, school.pupils[3], "2")
    journal.settle([Verdict(id=second.changes[0].id, number=20, outcome="disputed", reason="EJ-260")])
    return journal, school


@pytest.mark.parametrize(("key", "kept"), [("1", "4"), ("2", "2")])
def test_a_dispute_shows_both_values_and_one_key_decides_it(qtbot: QtBot, tmp_path: Path, key: str, kept: str) -> None:
    journal, school = disputed(tmp_path)
    screen = shown(qtbot, TodayScreen(journal, journal.clock))  # type: ignore[arg-type, attr-defined]
    assert screen.disputes.count() == 1
    said = screen.disputes.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Ёлкин" in said
    assert "1 — 4" in said
    assert "2 — 2" in said
    type_text(screen.lessons, key)
    assert screen.disputes.count() == 1, "a key in the list of lessons decides nothing"
    screen.disputes.setFocus()
    type_text(screen.disputes, key)
    assert screen.disputes.count() == 0
    assert screen.focusWidget() is screen.lessons
    sheet = queries.lesson_sheet(journal, school.today_lesson)  # type: ignore[arg-type, attr-defined]
    assert [value for _column, value in sheet.roll[3].marks] == [kept]
    assert kept in screen._message.text
    screen.close_screen()
    journal.close()  # type: ignore[attr-defined]


def test_the_day_is_the_clocks_day(qtbot: QtBot, tmp_path: Path) -> None:
    school = small_school()
    journal = desk_of(school, school.teacher, tmp_path)
    asked: list[date] = []

    def read(_journal: object, day: date) -> object:
        asked.append(day)
        return days.empty_day()

    screen = shown(qtbot, TodayScreen(journal, journal.clock, read=read))  # type: ignore[arg-type]
    assert set(asked) == {date(2026, 9, 15)}
    screen.close_screen()
    journal.close()


# --- what happened meanwhile -----------------------------------------------------------------------------------------


@pytest.fixture
def told(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[TodayScreen, Journal]]:
    """Give the day of a teacher of whom a new workplace asks; a request of hers waits, and a clock has jumped."""
    place = Certificate(id="desk-new", subject_kind="desk", person_id="p-teacher", public_key="00",
                        issued_at="2026-09-15T09:00:00+03:00", place="Кабинет 14")  # fmt: skip
    school = closed_school()
    school = msgspec.structs.replace(school, records=(*school.records, _own_desk(), place))
    journal = desk_of(school, school.teacher, tmp_path)
    ask_correction(journal, "Mark", mark_id("u-04"), "в тетради 5", value="5")
    journal.note(notices=(SliceNotice(code="EJ-267", at=journal.clock().isoformat(), slices=("page:x",)),))
    screen = TodayScreen(journal, journal.clock)
    yield shown(qtbot, screen), journal
    screen.close_screen()
    journal.close()


def _own_desk() -> Certificate:
    return Certificate(id="desk-of-p-teacher", subject_kind="desk", person_id="p-teacher", public_key="01",
                       issued_at="2026-09-01T09:00:00+03:00", confirmed="yes")  # fmt: skip


def read_aloud(rows: RowList) -> list[str]:
    return [rows.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(rows.count())]


def test_a_deputy_is_asked_about_a_colleague_s_workplace_and_not_whether_it_is_she(
    qtbot: QtBot, tmp_path: Path
) -> None:
    place = Certificate(id="desk-new", subject_kind="desk", person_id="p-teacher", public_key="00",
                        issued_at="2026-09-15T09:00:00+03:00", place="Кабинет 14")  # fmt: skip
    school = closed_school()
    own = msgspec.structs.replace(_own_desk(), id="desk-of-p-deputy", person_id="p-deputy")
    school = msgspec.structs.replace(school, records=(*school.records, own, place))
    journal = desk_of(school, school.deputy, tmp_path)
    screen = shown(qtbot, TodayScreen(journal, journal.clock))
    (asked,) = read_aloud(screen.notices)
    assert asked.startswith("Новое рабочее место: Кабинет 14, Иванова М. П.")
    assert "Спросите, там ли работает владелец: если нет, место заморозят" in asked
    assert "не вы" not in asked
    screen.notices.setFocus()
    type_text(screen.notices, "+")
    assert screen.notices.count() == 0
    assert screen._message.text == "Записано: рабочее место известно, Иванова М. П."
    screen.close_screen()
    journal.close()


def test_a_new_workplace_asks_and_one_key_answers(told: tuple[TodayScreen, Journal]) -> None:
    screen, journal = told
    assert read_aloud(screen.notices)[0].startswith("Новое рабочее место: Кабинет 14 — это вы?")
    screen.notices.setFocus()
    screen.notices.setCurrentRow(0)
    press(screen.notices, Qt.Key.Key_Delete)
    assert screen.notices.count() == 2  # a question is not put away
    type_text(screen.notices, "-")
    assert screen.notices.count() == 1
    assert queries.new_workplaces(journal) == []
    with journal.reading() as connection:
        fields = records.read(connection, "Certificate", "desk-new").fields
    assert fields is not None
    assert fields["confirmed"] == "no"


def test_a_notice_is_put_away_by_delete_and_the_focus_stays_on_the_screen(told: tuple[TodayScreen, Journal]) -> None:
    screen, _journal = told
    assert "Копия журнала на этом компьютере была повреждена" in read_aloud(screen.notices)[1]
    screen.notices.setFocus()
    screen.notices.setCurrentRow(1)
    press(screen.notices, Qt.Key.Key_Delete)
    assert screen.notices.count() == 1
    type_text(screen.notices, "+")
    assert not screen.notices.isVisible()
    assert screen.lessons.hasFocus()


def test_own_requests_stand_with_their_state_and_lead_to_their_place(told: tuple[TodayScreen, Journal]) -> None:
    screen, _journal = told
    (row,) = read_aloud(screen.requests)
    assert row.startswith("7 «Б» · Алгебра · 15.09 · Ёлкин Пётр, отметка 4 → 5, ждёт отправки")
    opened: list[str] = []
    screen.place_opened.connect(opened.append)
    press(screen.requests, Qt.Key.Key_Return)
    assert opened == [LESSON]
    press(screen.requests, Qt.Key.Key_Delete)
    assert screen.requests.count() == 1  # it is not decided yet


def test_arrows_walk_through_all_lists_as_through_one(told: tuple[TodayScreen, Journal]) -> None:
    screen, _journal = told
    screen.lessons.setFocus()
    screen.lessons.setCurrentRow(screen.lessons.count() - 1)
    press(screen.lessons, Qt.Key.Key_Down)
    assert screen.notices.hasFocus()
    screen.notices.setCurrentRow(0)
    press(screen.notices, Qt.Key.Key_Up)
    assert screen.lessons.hasFocus()


def test_the_line_below_says_the_keys_of_the_list_one_is_in(told: tuple[TodayScreen, Journal]) -> None:
    screen, _journal = told
    said: list[str] = []
    screen.hint_changed.connect(said.append)
    for rows, keys in (
        (screen.notices, "Delete убрать прочитанное"),
        (screen.disputes, "1 или 2 — какое значение верно"),
        (screen.requests, "Delete убрать решённую"),
        (screen.lessons, "Ctrl+N веду замену"),
    ):
        rows.show()
        rows.setFocus()
        assert keys in said[-1]


def test_a_lesson_of_another_teacher_is_found_taken_and_filled_offline(qtbot: QtBot, tmp_path: Path) -> None:
    school = small_school()
    journal = desk_of(school, school.teacher, tmp_path)
    journal.clock.now += timedelta(days=1)  # type: ignore[attr-defined]
    screen = shown(qtbot, TodayScreen(journal, journal.clock))
    opened: list[str] = []
    screen.lesson_opened.connect(opened.append)
    screen.offer_substitution()
    panel = screen.substitution
    type_text(panel.search, "алгебра")
    assert panel.lessons.count() == 0
    panel.search.clear()
    type_text(panel.search, "7б англ")
    assert read_aloud(panel.lessons) == ["4 урок, 7 «Б» · Английский язык · 2 группа, Петров С. И."]
    press(panel.search, Qt.Key.Key_Return)
    (lesson_id,) = opened
    assert not panel.isVisible()
    assert "вместо: Петров С. И. · ждёт подтверждения" in words(screen)[0]
    sheet = queries.lesson_sheet(journal, lesson_id)
    assert sheet.read_only == ""
    marks.put_mark(journal, lesson_id, None, sheet.roll[0].pupil_id, "5")
    screen.close_screen()
    journal.close()


def test_esc_leaves_the_substitution_and_declares_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    school = small_school()
    journal = desk_of(school, school.teacher, tmp_path)
    screen = shown(qtbot, TodayScreen(journal, journal.clock))
    screen.offer_substitution()
    press(screen.substitution.search, Qt.Key.Key_Escape)
    assert not screen.substitution.isVisible()
    assert screen.lessons.hasFocus()
    assert journal.outbox() == []
    screen.close_screen()
    journal.close()


# --- what waits for this person's decision ---------------------------------------------------------------------------


def test_what_waits_for_a_deputys_decision_is_a_line_with_a_key_that_leads_there(qtbot: QtBot, tmp_path: Path) -> None:
    journal = deputy_with_requests(tmp_path, 3)
    screen = shown(qtbot, TodayScreen(journal, journal.clock))
    assert read_aloud(screen.decisions) == ["Ждут вашего решения: 3\u00a0заявки"]
    assert screen.decisions.hasFocus()
    with qtbot.waitSignal(screen.decisions_wanted):
        press(screen.decisions, Qt.Key.Key_Return)
    wanted = next(action for action in screen.actions() if action.id == "today.decide")
    assert wanted.shortcuts == ("Ctrl+J",)
    with qtbot.waitSignal(screen.decisions_wanted):
        wanted.run()
    approve_all(journal, [row.change_id for row in queries.waiting_decisions(journal)])
    qtbot.waitUntil(lambda: not screen.decisions.isVisible())
    assert "today.decide" not in [action.id for action in screen.actions()]
    screen.close_screen()
    journal.close()


@pytest.mark.parametrize(
    ("days_ago", "said"),
    [(0, "2\u00a0заявки, 1\u00a0спор, 1\u00a0акт об уничтожении"), (1, " · со вчерашнего дня"), (4, " · с 17.11")],
)
def test_the_line_of_decisions_counts_each_kind_and_says_since_when(days_ago: int, said: str) -> None:
    waiting = Deciding(2, 1, 1, days.NOW - timedelta(days=days_ago))
    assert DecidingFace(lambda: days.NOW).words(waiting).endswith(said)


def test_a_teacher_sees_no_line_about_decisions(told: tuple[TodayScreen, Journal]) -> None:
    screen, _journal = told
    assert not screen.decisions.isVisible()
