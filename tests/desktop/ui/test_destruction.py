"""Уничтожение по акту: filled in by one person, confirmed by another who types its number, withdrawn until then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import AuditEvent
from ejournal_desktop.models import queries, records
from ejournal_desktop.models.commands.destruction import confirm_destruction
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.acts import PupilToName
from ejournal_desktop.ui.actions import key_page
from ejournal_desktop.ui.screens.control import ControlScreen
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.acts import order_an_act, school_with_a_leaver
from tests.helpers.paper_words import placed_words
from tests.helpers.school import MOSCOW, NOW, desk_of
from tests.helpers.typing import press, type_text

Key = Qt.Key


class Open(Protocol):
    """Opens Контроль at the page of acts on somebody's desk, at some time."""

    def __call__(self, person: str, now: datetime = NOW) -> tuple[ControlScreen, Journal]:
        """Return the screen and the journal."""


#: The first day on which the journals of whoever left in 2026 are kept no longer (P27: five years).
TERM_OVER = datetime(2032, 1, 1, 10, 0, tzinfo=MOSCOW)
DAY_BEFORE = datetime(2031, 12, 31, 10, 0, tzinfo=MOSCOW)


@pytest.fixture
def server() -> PocketServer:
    return PocketServer(school_with_a_leaver())


@pytest.fixture
def open_control(qtbot: QtBot, tmp_path: Path, server: PocketServer) -> Iterator[Open]:
    """Give the way to open Контроль at the page of acts on the desk of a person who has heard all the server knows."""
    with ExitStack() as ends:

        def opened(person: str, now: datetime = NOW) -> tuple[ControlScreen, Journal]:
            journal = desk_of(school_with_a_leaver(), person, tmp_path / person, now=now)
            ends.callback(journal.close)
            journal.apply(*server.pull(0))
            screen = ControlScreen(journal, journal.clock)
            qtbot.addWidget(screen)
            ends.callback(screen.close_screen)
            screen.resize(1180, 620)
            screen.show()
            screen.activateWindow()
            qtbot.waitUntil(screen.isActiveWindow)
            screen.show_destruction()
            return screen, journal

        yield opened


def ordered(tmp_path: Path, server: PocketServer) -> None:
    """Let the administrator enter an act at another desk."""
    journal = desk_of(school_with_a_leaver(), "p-colleague", tmp_path / "elsewhere")
    order_an_act(journal, server)
    journal.close()


def document_number(journal: Journal) -> object:
    with journal.reading() as connection:
        return (records.read(connection, "AbsenceDocument", "doc-1").fields or {}).get("number")


def read_aloud(screen: ControlScreen) -> list[str]:
    assert screen.destruction is not None
    acts = screen.destruction.acts
    return [acts.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(acts.count())]


def test_an_administrator_enters_an_act_about_a_leaver_by_the_keyboard_alone(open_control: Open) -> None:
    screen, journal = open_control("p-colleague", TERM_OVER)
    page = screen.destruction
    assert page is not None
    assert page.due.hasFocus()
    told = page.due.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert told == "Котов Илья, 7 «Б», № 7 по списку, выбытие 10.09.2026, приказ 12-к, срок вышел 01.01.2032"
    press(page.due, Key.Key_Return)
    assert page.form.pupil.text() == "Котов Илья, 7 «Б», № 7 по списку"
    assert page.form.number.hasFocus()
    type_text(page.form.number, "7")
    press(page.form.number, Key.Key_Return)
    assert "Нужны номер акта и основание" in page.form.note.text
    assert queries.acts_shown(journal) == ()
    type_text(page.form.basis, "заявление родителя № 3")
    press(page.form.basis, Key.Key_Return)
    assert [row.act.act_number for row in queries.acts_shown(journal)] == ["7"]
    assert "ждёт завуча или директора" in page._message.text
    assert page.due.count() == page.leavers.count() == 0
    assert document_number(journal) == "справка 14"


def test_before_its_time_nothing_is_offered_and_the_day_and_the_rule_are_named(open_control: Open) -> None:
    screen, journal = open_control("p-colleague", DAY_BEFORE)
    page = screen.destruction
    assert page is not None
    assert (page.due.count(), page.leavers.count()) == (0, 1)
    assert not page._titles["due"].isVisible()
    told = page.leavers.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert told.endswith("срок до 01.01.2032")
    assert "5\u00a0лет с 1 января после года выбытия (правило «Сроки хранения, лет»" in page._term.text()
    press(page.leavers, Key.Key_Return)
    assert not page.form.isVisible()
    assert "Срок хранения идёт до 01.01.2032" in page._message.text
    screen.order_destruction()  # somebody demands it: the form names nobody by itself
    assert page.form.isVisible()
    assert page.form.pupil.text() == ""
    assert queries.acts_shown(journal) == ()


def test_where_the_school_named_no_term_nothing_is_ever_due(open_control: Open) -> None:
    screen, journal = open_control("p-colleague", TERM_OVER)
    page = screen.destruction
    assert page is not None
    with journal.write() as write:
        write.edit("PolicySetting", "P27", value='{"summary_sheet_years": 25, "journal_years": null}', basis="приказ 3")
    page.refresh()
    assert (page.due.count(), page.leavers.count()) == (0, 1)
    assert "смотрите номенклатуру дел" in page._term.text()
    press(page.leavers, Key.Key_Return)
    assert "по номенклатуре дел" in page._message.text


def test_namesakes_of_one_class_are_told_apart_and_who_cannot_be_is_not_offered(open_control: Open) -> None:
    screen, journal = open_control("p-colleague")
    page = screen.destruction
    assert page is not None
    names = [each.name for each in queries.pupils_to_name(journal)]
    assert len(set(names)) == len(names) == 25
    twin = PupilToName(pupil_id="x", name=names[0], left_on=None)
    page.form.offer([*queries.pupils_to_name(journal), twin], journal.clock().date())
    page.form.pupil.setText(names[0])
    type_text(page.form.number, "7")
    press(page.form.number, Key.Key_Return)
    assert "Выберите ученика из списка" in page.form.note.text
    assert queries.acts_shown(journal) == ()


def test_an_act_that_names_nobody_is_not_entered_and_says_what_is_missing(open_control: Open) -> None:
    screen, journal = open_control("p-colleague")
    screen.order_destruction()
    page = screen.destruction
    assert page is not None
    page.form.pupil.setText("Котов")
    type_text(page.form.number, "7")
    press(page.form.number, Key.Key_Return)
    assert "Выберите ученика из списка" in page.form.note.text
    assert page.form.pupil.hasFocus()
    press(page.form.pupil, Key.Key_Escape)
    assert not page.form.isVisible()
    screen.order_destruction()
    assert page.form.number.text() == "7"  # Esc loses nothing
    assert queries.acts_shown(journal) == ()


def test_who_entered_an_act_may_take_it_back_and_not_confirm_it(open_control: Open, server: PocketServer) -> None:
    screen, journal = open_control("p-colleague")
    page = screen.destruction
    assert page is not None
    order_an_act(journal, server)
    screen.show_destruction()
    type_text(page.acts, "+")
    assert not page.confirmation.isVisible()
    assert "не тот, кто его внёс" in page._message.text
    press(page.acts, Key.Key_Delete)
    assert queries.acts_shown(journal) == ()
    assert "ничего не уничтожено" in page._message.text


def test_the_second_person_confirms_by_typing_the_number_of_the_act(
    open_control: Open, server: PocketServer, tmp_path: Path
) -> None:
    ordered(tmp_path, server)
    screen, journal = open_control("p-deputy")
    page = screen.destruction
    assert page is not None
    assert page.acts.hasFocus()
    assert "Акт № 7 от 15.09.2026: справки и документы о пропусках, Котов Илья, 7 «Б»" in read_aloud(screen)[0]
    assert read_aloud(screen)[0].endswith("+ подтвердить")
    type_text(page.acts, "+")
    assert "вернуть его будет нельзя" in page.confirmation.told.text()
    assert "журнал по-прежнему доказуем" in page.confirmation.told.text()
    type_text(page.confirmation.number, "8")
    press(page.confirmation.number, Key.Key_Return)
    assert "Номер не совпал" in page.confirmation.note.text
    assert queries.acts_shown(journal)[0].state == "waits"
    page.confirmation.number.clear()
    type_text(page.confirmation.number, "7")
    press(page.confirmation.number, Key.Key_Return)
    assert queries.acts_shown(journal)[0].state == "sent"
    assert document_number(journal) == "справка 14"  # not before the server has taken it
    journal.settle(server.push(journal.outbox()))
    journal.apply(*server.pull(journal.cursor))
    page.refresh()
    assert queries.acts_shown(journal)[0].state == "done"
    assert "подтверждено: Громова В. П." in read_aloud(screen)[0]
    assert document_number(journal) == ""


def test_the_act_is_saved_with_what_the_log_says_of_it(
    open_control: Open, server: PocketServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered(tmp_path, server)
    screen, journal = open_control("p-deputy")
    page = screen.destruction
    assert page is not None
    confirm_destruction(journal, queries.acts_shown(journal)[0].id)
    journal.settle(server.push(journal.outbox()))
    journal.apply(*server.pull(journal.cursor))
    page.enter()
    path = tmp_path / "акт.pdf"
    asked: list[str] = []

    def ask(_parent: object, _title: str, name: str, _filter: str) -> tuple[str, str]:
        asked.append(name)
        return str(path), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    next(action for action in screen.actions() if action.id == "control.act_paper").run()
    assert asked == ["Акт об уничтожении 7.pdf"]
    text = " ".join(" ".join(word.text for word in placed_words(path.read_bytes())).split())
    for said in ("АКТ ОБ УНИЧТОЖЕНИИ", "Котов Илья, 7 «Б», № 7 по списку", "справки и документы о пропусках",
                 "заявление родителя № 3", "Петров Семён Ильич", "Громова Вера Павловна", "15 сентября 2026",
                 "уничтожение подтверждено", "распоряжение об уничтожении"):  # fmt: skip
        assert said in text, said
    with journal.reading() as connection:
        (event,) = select_records(connection, AuditEvent, event="exported")
    assert (event.subject_kind, event.detail) == ("Destruction", "data-destruction-act")
    assert "Сохранено: акт.pdf" in page._message.text


def test_an_act_that_cannot_be_written_says_so_and_tells_no_event(
    open_control: Open, server: PocketServer, tmp_path: Path
) -> None:
    ordered(tmp_path, server)
    screen, journal = open_control("p-deputy")
    page = screen.destruction
    assert page is not None
    page.save_act_to(queries.acts_shown(journal)[0], tmp_path / "нет" / "акт.pdf")
    assert "Сохранено" not in page._message.text
    assert page._message.text
    with journal.reading() as connection:
        assert select_records(connection, AuditEvent, event="exported") == []


def test_esc_leaves_the_confirmation_and_then_the_page(
    open_control: Open, server: PocketServer, tmp_path: Path
) -> None:
    ordered(tmp_path, server)
    screen, journal = open_control("p-deputy")
    page = screen.destruction
    assert page is not None
    press(page.acts, Key.Key_Return)
    press(page.confirmation.number, Key.Key_Escape)
    assert page.acts.hasFocus()
    press(page.acts, Key.Key_Escape)
    assert not page.isVisible()
    assert screen.acts.hasFocus()  # the act stands among what waits, too
    assert screen.header.text() == "Контроль · 1\u00a0акт"
    press(screen.acts, Key.Key_Return)
    assert page.isVisible()
    assert queries.acts_shown(journal)[0].state == "waits"


def test_an_act_enters_nobody_but_an_administrator(open_control: Open) -> None:
    screen, _journal = open_control("p-deputy")
    page = screen.destruction
    assert page is not None
    assert page.leavers.count() == 0
    assert "Когда администратор внесёт акт" in page._note.text()
    page.order()
    assert not page.form.isVisible()
    assert "Акт вносит администратор" in page._message.text


def test_the_keys_of_acts_stand_on_the_page_of_keys(open_control: Open) -> None:
    screen, _journal = open_control("p-colleague")
    told = key_page(screen.actions())["Уничтожение по акту"]
    assert [keys for keys, _ in told] == ["Ctrl+U", "Ctrl+N", "Ctrl+S", "+", "Delete"]


def test_a_teacher_has_nothing_to_do_with_acts(open_control: Open) -> None:
    screen, journal = open_control("p-teacher")
    assert screen.destruction is None
    assert not queries.deals_with_destruction(journal)
