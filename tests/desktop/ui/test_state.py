"""Состояние: the sum is the sum of its parts, each part has its list, and nothing is called delivered that is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ejournal_core.changes import Verdict
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import marks
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import SyncState
from ejournal_desktop.ui.screens.state import StateScreen
from ejournal_desktop.ui.widgets.pill import face
from ejournal_desktop.ui.widgets.server_words import server_words
from ejournal_desktop.ui.widgets.state_row import SumFace, sums
from tests.helpers import sample_days as days
from tests.helpers import sample_news
from tests.helpers.school import desk_of, small_school
from tests.helpers.typing import press, type_text


def opened(qtbot: QtBot, state: SyncState) -> StateScreen:
    """Show a state."""
    screen = StateScreen(days.SilentJournal(), lambda: days.NOW, read=lambda _journal: state)  # type: ignore[arg-type]
    qtbot.addWidget(screen)
    screen.resize(1100, 700)
    screen.show()
    screen.enter()
    return screen


def words(screen: StateScreen) -> str:
    """Return the words of the screen."""
    return " ".join(label.text() for label in screen.findChildren(QLabel) if label.isVisible())


@pytest.mark.parametrize("state", [days.delivered_state(), days.offline_state(), days.troubled_state()])
def test_the_parts_add_up_to_what_is_saved(state: SyncState) -> None:
    assert sum(row.number for row in sums(state)) == state.saved


def test_the_first_unsettled_part_is_open_and_arrows_open_the_others(qtbot: QtBot) -> None:
    screen = opened(qtbot, days.troubled_state())
    assert "Сохранено на этом компьютере: 1291\u00a0запись" in words(screen)
    assert screen.sums.current.id == "pending"
    assert [row.change_id for row in screen.entries.rows] == ["s4"]
    press(screen.sums, Qt.Key.Key_Down)
    press(screen.sums, Qt.Key.Key_Down)
    assert screen.sums.current.id == "refused"
    told = screen.entries.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "отметка за четверть 4" in told
    assert "исправляет завуч по заявке" in told
    screen.close_screen()


def test_offline_says_since_when_and_that_nothing_is_lost(qtbot: QtBot) -> None:
    screen = opened(qtbot, days.offline_state())
    said = words(screen)
    assert "Сервера школы не видно. Всё введённое сохранено на этом компьютере. Записи уйдут сами" in said
    assert "Последний обмен: сегодня в 09:02 (5 ч 26 мин назад)" in said
    assert [row.what for row in screen.entries.rows] == ["отметка 4", "отсутствует", "домашнее задание"]
    screen.close_screen()


def test_a_desk_that_never_met_the_server_says_so(qtbot: QtBot) -> None:
    screen = opened(qtbot, SyncState(0, 0, 0, 0, 0, 0, 0, None, 0, "", ""))
    assert "ещё не обменивался" in words(screen)
    screen.close_screen()


def test_the_fingerprint_of_the_schools_log_can_be_read_aloud(qtbot: QtBot) -> None:
    screen = opened(qtbot, days.delivered_state())
    assert "9f2c 41d0 7ab3 5e18" in words(screen)
    assert "48\u202f213\u00a0записей" in words(screen)
    screen.close_screen()


def test_the_numbers_follow_real_entries_through_their_verdicts(qtbot: QtBot, tmp_path: Path) -> None:
    school = small_school()
    journal = desk_of(school, school.teacher, tmp_path)
    screen = StateScreen(journal, journal.clock)
    qtbot.addWidget(screen)
    screen.show()
    screen.enter()
    assert "0\u00a0записей" in words(screen)
    done = marks.put_mark(journal, school.today_lesson, None, school.pupils[0], "5")
    many = len(done.changes)
    qtbot.waitUntil(lambda: f"{many}\u00a0запис" in words(screen))
    assert {row.id: row.number for row in screen.sums.rows} == {"delivered": 0, "waiting": many}
    press(screen.sums, Qt.Key.Key_Down)
    assert len(screen.entries.rows) == many
    last = done.changes[-1].id
    journal.settle(
        [Verdict(id=c.id, number=n, outcome="refused" if c.id == last else "taken", reason="EJ-228")
         for n, c in enumerate(done.changes, 2)]
    )  # fmt: skip
    expected = {"delivered": many - 1, "waiting": 0, "refused": 1}
    qtbot.waitUntil(lambda: {row.id: row.number for row in screen.sums.rows} == expected)
    state = queries.sync_state(journal)
    assert state.saved == sum(expected.values())
    screen.close_screen()
    journal.close()


def test_behind_the_lock_nothing_is_read_by_the_clock(qtbot: QtBot) -> None:
    reads: list[int] = []

    def read(_journal: object) -> SyncState:
        reads.append(1)
        return days.delivered_state()

    screen = StateScreen(days.SilentJournal(), lambda: days.NOW, read=read)  # type: ignore[arg-type]
    qtbot.addWidget(screen)
    screen.enter()
    screen._timer.timeout.emit()
    assert reads == [1]
    screen.close_screen()


def test_a_broken_promise_is_said_with_what_is_safe_and_what_to_do(qtbot: QtBot) -> None:
    screen = opened(qtbot, sample_news.alarm_state())
    said = words(screen)
    assert "История на сервере не сходится с той, что видел этот компьютер." in said
    assert "Всё введённое сохранено на этом компьютере." in said
    assert "Сразу сообщите администратору и директору." in said
    assert "уйдут сами" not in said  # nothing goes by itself any more
    assert not screen.stopped.sign_in_button.isVisible()
    pill = face(sample_news.alarm_state())
    assert (pill.shape, pill.text) == ("bar", "История сервера не сходится · записи целы")
    screen.close_screen()


def test_a_frozen_journal_says_what_of_it_is_safe_and_leads_to_the_sign_in(qtbot: QtBot) -> None:
    screen = opened(qtbot, sample_news.frozen_state())
    assert "Не отправлено: 3\u00a0записи. Они целы в файле и запечатаны в папке этого компьютера." in words(screen)
    with qtbot.waitSignal(screen.sign_in_wanted):
        QTest.mouseClick(screen.stopped.sign_in_button, Qt.MouseButton.LeftButton)
    assert face(sample_news.frozen_state()).text == "Журнал заморожен · записи целы"
    screen.close_screen()


@pytest.mark.parametrize("state", [sample_news.alarm_state(), sample_news.frozen_state()], ids=["alarm", "frozen"])
def test_while_the_exchange_is_stopped_no_line_promises_that_entries_go_by_themselves(state: SyncState) -> None:
    told = {row.id: SumFace().words(row) for row in sums(state)}
    assert told["waiting"].startswith("ждёт отправки: 3, цело на этом компьютере, но само не уйдёт")
    offline = {row.id: SumFace().words(row) for row in sums(days.delivered_state())}
    assert offline["waiting"].endswith("уйдёт само при первом же обмене")


def test_loading_is_told_with_its_progress_and_that_one_can_work(qtbot: QtBot) -> None:
    screen = opened(qtbot, sample_news.loading_state())
    assert screen._bar.isVisible()
    assert screen._bar.text == "История загружается: 37 %. Работать можно уже сейчас."
    screen.show_state(days.delivered_state())
    assert not screen._bar.isVisible()
    screen.close_screen()


@pytest.fixture
def refused(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[StateScreen, Journal]]:
    """Give the screen of a desk of which the server refused one mark."""
    school = small_school()
    journal = desk_of(school, school.teacher, tmp_path)
    marks.put_mark(journal, school.today_lesson, None, "u-04", "5")
    outcomes = ("taken", "taken", "refused")
    journal.settle([
        Verdict(id=each.change.id, number=number, outcome=outcome, reason="EJ-210")  # type: ignore[arg-type]
        for number, (each, outcome) in enumerate(zip(journal.outbox(), outcomes, strict=True), 2)
    ])  # fmt: skip
    screen = StateScreen(journal, journal.clock)
    qtbot.addWidget(screen)
    screen.resize(1100, 700)
    screen.show()
    screen.enter()
    yield screen, journal
    screen.close_screen()
    journal.close()


def test_a_refused_entry_is_sent_anew_by_one_key(refused: tuple[StateScreen, Journal]) -> None:
    screen, journal = refused
    assert screen.sums.current.id == "refused"
    assert screen.entries.count() == 1
    type_text(screen.entries, "+")
    assert "Внесено заново, ждёт отправки" in words(screen)
    state = queries.sync_state(journal)
    assert (state.refused, state.waiting) == (0, 1)


def test_a_refused_entry_is_put_aside_and_one_that_waits_is_not(refused: tuple[StateScreen, Journal]) -> None:
    screen, journal = refused
    press(screen.entries, Qt.Key.Key_Delete)
    assert queries.sync_state(journal).refused == 0
    marks.put_mark(journal, small_school().today_lesson, None, "u-05", "4")
    screen.enter()
    press(screen.entries, Qt.Key.Key_Delete)
    assert "ещё в пути" in words(screen)
    assert queries.sync_state(journal).waiting == 1


@pytest.mark.parametrize("code", ["EJ-382", "EJ-392", "EJ-393", "EJ-394"])
def test_where_another_attempt_can_only_fail_none_is_offered_and_the_way_out_is(qtbot: QtBot, code: str) -> None:
    screen = opened(qtbot, sample_news.closed_state(code))
    assert not screen.sync_button.isVisible()
    assert screen.stopped.sign_in_button.isVisible()
    assert screen.stopped.accessibleName().startswith(screen.stopped.happened.text())
    screen.explain_stop()
    assert screen.focusWidget() is screen.stopped.sign_in_button
    said = words(screen)
    assert "целы" in said or "цело" in said or "сохранено" in said
    assert "уйдут сами" not in said
    screen.show_state(days.offline_state())
    assert screen.sync_button.isVisible()
    assert screen.stopped.isHidden()
    screen.close_screen()


def test_a_computer_that_the_school_does_not_trust_leads_to_pairing(qtbot: QtBot) -> None:
    screen = opened(qtbot, sample_news.closed_state("EJ-393"))
    assert screen.stopped.sign_in_button.text() == "Выйти и подключить компьютер заново"
    screen.close_screen()


def test_pages_that_are_not_proved_are_told_while_everything_goes_on(qtbot: QtBot) -> None:
    screen = opened(qtbot, msgspec.structs.replace(days.delivered_state(), unproved=2))
    assert "их меняли в обход журнала" in words(screen)
    assert "Скажите администратору и завучу." in words(screen)
    assert screen.sync_button.isVisible()
    assert not screen.stopped.sign_in_button.isVisible()
    screen.close_screen()


def test_the_sentence_of_an_absent_server_is_said_once(qtbot: QtBot) -> None:
    screen = opened(qtbot, days.offline_state())
    assert words(screen).count("уйдут сами") == 1
    screen.close_screen()


def test_a_file_that_has_not_gone_yet_is_told_of_until_it_has() -> None:
    assert "файл" not in server_words(days.offline_state(), days.NOW)
    state = msgspec.structs.replace(days.offline_state(), files_leaving=2)
    assert "не ушли целиком: 2\u00a0файла" in server_words(state, days.NOW)


def test_everybody_sees_the_own_sign_ins_and_nobody_elses_and_what_to_do(qtbot: QtBot, tmp_path: Path) -> None:
    journal = desk_of(small_school(), "p-teacher", tmp_path)
    tell_event(journal, "signed_in")
    tell_event(journal, "wrong_password", number=3, result="refused")
    tell_event(journal, "printed")
    screen = StateScreen(journal, journal.clock)
    qtbot.addWidget(screen)
    screen.show()
    keys: list[str] = []
    screen.hint_changed.connect(keys.append)
    screen.enter()
    screen.show_sign_ins()
    assert keys[-1] == "Esc назад"
    assert sorted(row.what for row in screen.sign_ins.rows.rows) == ["вход в журнал", "неверный пароль, попыток: 3"]
    assert "Это были не вы?" in words(screen)
    told = [screen.sign_ins.rows.item(at).data(Qt.ItemDataRole.AccessibleTextRole) for at in range(2)]
    assert all("сегодня" in each and "здесь" in each for each in told)
    assert [row.refused for row in screen.sign_ins.rows.rows] == ["неверный" in each for each in told]
    QTest.keyClick(screen.sign_ins.rows, Qt.Key.Key_Escape)
    assert keys[-1] == ""
    assert "Сохранено на этом компьютере" in words(screen)
    screen.close_screen()
    journal.close()
