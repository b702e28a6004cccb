"""«Сведения о человеке» by the keyboard: found, looked at, saved as a paper and for a machine; each is an event."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pikepdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import AuditEvent, Fields
from ejournal_core.wire import PersonDataHead, PersonDataRequest, PersonRecords, SnapshotRecord
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.audit_log import event_log
from ejournal_desktop.sync.server import ServerAway, ServerRefused
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.administration_parts import administration_parts
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.people_part import PeoplePart
from ejournal_desktop.ui.widgets.person_report_part import SECTION_COLUMNS, PersonReportPart
from tests.helpers.person_data import ADMINISTRATOR, AT, PUPIL, told_desk
from tests.helpers.typing import type_text
from tests.helpers.windows import shown_window

TITLE = "Сведения о человеке"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = told_desk(tmp_path / "desk")
    yield opened
    opened.close()


class Desk:
    """The administrator at the part."""

    def __init__(self, window: MainWindow, journal: Journal) -> None:
        self.journal, self.jobs = journal, window.jobs
        self.asked: list[PersonDataRequest] = []
        self.answer: PersonRecords | ServerRefused | None = None
        self.part = PersonReportPart(journal, window.jobs, self.speak)
        self.screen = AdministrationScreen(journal, [self.part])
        window.open_session(ADMINISTRATOR, [Place("administration", "Администрирование", self.screen)], 0)
        window.go("administration")

    def speak(self, ask: Callable[[Any], Any], /) -> Any:
        """Stand for the way to the server; what a real one answers is read in tests/together."""
        return ask(self)

    def person_data(self, wanted: PersonDataRequest) -> PersonRecords:
        """Remember what was asked, and answer."""
        self.asked.append(wanted)
        if isinstance(self.answer, PersonRecords):
            return self.answer
        raise self.answer or ServerAway("off")


@pytest.fixture
def desk(qtbot: QtBot, journal: Journal) -> Iterator[Desk]:
    with shown_window(qtbot) as window:
        yield Desk(window, journal)


def reports(journal: Journal) -> list[AuditEvent]:
    """Return the events of reports that this desk has told of."""
    with journal.reading() as connection:
        found = select_records(connection, AuditEvent, event="person_report")
    return [each for each in found if each.id != "event-2"]  # the school had one before


def saved(qtbot: QtBot, desk: Desk, path: Path) -> bytes:
    desk.part.save_to(path)
    qtbot.waitUntil(lambda: path.name in desk.part.message.text, timeout=30_000)
    return path.read_bytes()


def test_a_pupil_is_found_by_the_surname_in_either_layout_and_looked_at_by_enter(desk: Desk, qtbot: QtBot) -> None:
    type_text(desk.part.search, "`krby")  # «ёлкин» on the keys of the other layout
    assert [whom.name for whom in desk.part.model.rows] == ["Ёлкин Пётр, 7 «Б», № 4 по списку"]
    QTest.keyClick(desk.part.search, Qt.Key.Key_Return)
    assert desk.part.table.hasFocus()
    QTest.keyClick(desk.part.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.part.found is not None, timeout=30_000)
    assert ("Текущие отметки", "1") in desk.part.held.rows
    assert "Здесь не хранится: отметки" in desk.part.about.text()
    QTest.keyClick(desk.part.table, Qt.Key.Key_Escape)
    assert desk.part.search.text() == ""
    assert len(desk.part.model.rows) == 29


def test_the_paper_holds_the_data_and_the_event_says_of_whom(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    type_text(desk.part.search, "Ёлкин")
    pdf = saved(qtbot, desk, tmp_path / "сведения.pdf")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.Root.Names.EmbeddedFiles is not None
    (event,) = reports(desk.journal)
    assert (event.subject_kind, event.subject, event.detail, event.number > 10) == ("Pupil", PUPIL, "pdf", True)
    assert event_log(desk.journal).rows[0].what == "справка обо всех сведениях о человеке, документ PDF"
    assert "Здесь хранится не всё" in desk.part.message.text


def test_a_file_for_a_machine_is_json_with_the_same_words(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    type_text(desk.part.search, "Ёлкин")
    document = json.loads(saved(qtbot, desk, tmp_path / "сведения.json"))["document"]
    assert document["person_id"] == PUPIL
    assert "без черновика" in json.dumps(document, ensure_ascii=False)
    assert [event.detail for event in reports(desk.journal)] == ["json"]


def test_ctrl_s_asks_where_and_no_answer_makes_nothing(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = iter([("", ""), (str(tmp_path / "без конца"), "Для программ, JSON (*.json)")])
    asked: list[str] = []

    def ask(_parent: object, _title: str, name: str, _filter: str) -> tuple[str, str]:
        asked.append(name)
        return next(answers)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    type_text(desk.part.search, "Ёлкин")
    for _time in range(2):
        QTest.keyClick(desk.part.search, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "без конца.json" in desk.part.message.text, timeout=30_000)
    assert asked == ["Сведения Ёлкин Пётр.pdf"] * 2
    assert len(reports(desk.journal)) == 1


def test_where_nothing_can_be_written_no_event_is_told(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    desk.part.save_to(tmp_path / "нет такой папки" / "сведения.pdf")
    qtbot.waitUntil(lambda: bool(desk.part.message.text) and "Собираю" not in desk.part.message.text, timeout=30_000)
    assert reports(desk.journal) == []
    assert not any(tmp_path.glob("*.pdf"))


def test_a_name_that_nobody_has_offers_nothing_to_save(desk: Desk) -> None:
    type_text(desk.part.search, "Щукоженов")
    assert desk.part.current is None
    assert not desk.part.save_button.isEnabled()
    desk.part.look()
    desk.part.save()
    assert desk.part.message.text == ""


# --- all that the school holds --------------------------------------------------------------------------------------


def answer(*records: SnapshotRecord, days: dict[str, str] | None = None) -> PersonRecords:
    """Return what a server could tell of the pupil: a mark that this desk knows nothing of."""
    column = "s-english.g-2.20260909.1.control.1"
    fields: Fields = {"mark_column_id": column, "pupil_id": PUPIL, "value": "3", "comment": "устно"}
    mark = SnapshotRecord(kind="Mark", record=ids.mark(column, PUPIL), number=70, author="p-colleague", at=AT,
                          fields=fields)  # fmt: skip
    told = records or (mark,)
    return PersonRecords(PersonDataHead(number=99, at=AT, records=len(told), changes=0, days=days or {}), told, ())


def gather(desk: Desk, qtbot: QtBot, password: str = "пароль завуча") -> None:
    """Ask for everything about the pupil by the keys, with the one who can confirm it."""
    type_text(desk.part.search, "Ёлкин")
    QTest.keyClick(desk.part.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert desk.part.form.isVisible()
    assert desk.part.form.password.hasFocus()
    type_text(desk.part.form.password, password)
    QTest.keyClick(desk.part.form.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(desk.asked) > 0 and not desk.jobs.busy(), timeout=30_000)


def test_all_that_the_school_holds_is_asked_for_with_a_second_person_and_saved(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    desk.answer = answer()
    gather(desk, qtbot)
    (wanted,) = desk.asked
    assert (wanted.kind, wanted.person, wanted.second, wanted.second_password) == (
        "Pupil", PUPIL, "p-deputy", "пароль завуча")  # fmt: skip
    qtbot.waitUntil(lambda: desk.part.found is not None, timeout=30_000)
    assert "Всё, что хранит школа, по записи № 99: 1" in desk.part.about.text()
    assert desk.part.held.rows == [("Текущие отметки", "1")]
    assert (desk.part.form.isVisible(), desk.part.form.password.text()) == (False, "")
    document = json.loads(saved(qtbot, desk, tmp_path / "всё.json"))["document"]
    assert (document["number"], document["not_held"]) == (99, [])
    assert "устно" in json.dumps(document, ensure_ascii=False)
    assert "Здесь хранится не всё" not in desk.part.message.text
    assert [event.number for event in reports(desk.journal)] == [1]


def test_what_the_server_told_is_gone_with_another_person_and_after_a_lock(desk: Desk, qtbot: QtBot) -> None:
    desk.answer = answer()
    ways: tuple[Callable[[], object], ...] = (lambda: type_text(desk.part.search, " нет такого"), desk.journal.close)
    for leave in ways:
        desk.part.search.clear()
        desk.asked.clear()
        gather(desk, qtbot)
        qtbot.waitUntil(lambda: desk.part.whole.found is not None, timeout=30_000)
        leave()
        assert desk.part.whole.found is None


def test_what_has_no_form_shows_nothing_and_the_rest_can_be_saved(desk: Desk, qtbot: QtBot) -> None:
    broken = SnapshotRecord(kind="Mark", record="x", number=1, fields={"value": 5})
    for each in (answer(broken), answer(days={"lesson": "вчера"})):
        desk.answer = each
        desk.asked.clear()
        desk.part.search.clear()
        gather(desk, qtbot)
        qtbot.waitUntil(lambda: bool(desk.part.form.note.text or desk.part.message.text), timeout=30_000)
        assert desk.part.found is None
        assert desk.part.save_button.isEnabled()


@pytest.mark.parametrize(
    ("code", "said"), [("EJ-374", "Пароль или код не подошли."), ("EJ-561", "Нужен второй человек"), ("", "сервер")]
)
def test_a_no_of_the_server_is_said_in_the_strip_and_nothing_is_lost(
    desk: Desk, qtbot: QtBot, code: str, said: str
) -> None:
    desk.answer = ServerRefused(code, 403, "no", 4) if code else None
    gather(desk, qtbot)
    qtbot.waitUntil(lambda: said.lower() in desk.part.form.note.text.lower(), timeout=30_000)
    assert desk.part.form.isVisible()
    assert ("4 с" in desk.part.form.note.text) is bool(code)
    assert desk.part.whole.found is None
    QTest.keyClick(desk.part.form.password, Qt.Key.Key_Escape)
    assert desk.part.table.hasFocus()


def test_the_strip_has_the_one_main_button_while_it_is_open_and_a_field_no_wider_than_a_password(desk: Desk) -> None:
    part = desk.part

    def main() -> list[str]:
        return [each.text() for each in part.findChildren(QPushButton) if each.isVisible()
                and each.property("look") == "main"]  # fmt: skip

    type_text(part.search, "Ёлкин")
    assert main() == ["Сохранить справку…"]
    part.gather()
    assert main() == ["Собрать"]
    assert part.form.password.width() == part.form.second.width() < part.form.width() / 3
    beside = part.form.enter.x() - part.form.password.geometry().right()
    assert 0 < beside <= 4 * theme.UNIT, "and the button is right behind it"
    QTest.keyClick(part.form.password, Qt.Key.Key_Escape)
    assert main() == ["Сохранить справку…"]


def test_counts_stand_on_their_last_digit_under_their_head(desk: Desk) -> None:
    number = [field for _, field, _ in SECTION_COLUMNS].index("number")
    desk.part.held.show_rows([("Текущие отметки", "148"), ("Подгруппы", "1")])
    for row in range(2):
        cell = desk.part.held.index(row, number)
        assert desk.part.held.data(cell, Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    head = desk.part.held.headerData(number, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
    assert head & Qt.AlignmentFlag.AlignRight


def test_a_confirmation_for_one_person_is_gone_with_the_cursor(desk: Desk) -> None:
    desk.part.search.setText("7")
    desk.part.gather()
    type_text(desk.part.form.password, "пароль")
    desk.part.table.setCurrentIndex(desk.part.model.index(3, 0))
    assert (desk.part.form.isVisible(), desk.part.form.password.text(), desk.asked) == (False, "", [])


def test_without_a_password_nobody_is_asked(desk: Desk) -> None:
    type_text(desk.part.search, "Ёлкин")
    desk.part.gather()
    desk.part.form.submit()
    assert desk.asked == []
    assert "Ничего не собрано" in desk.part.form.note.text


def test_a_director_asks_alone(qtbot: QtBot, tmp_path: Path) -> None:
    journal = told_desk(tmp_path, "director")
    with shown_window(qtbot) as window:
        desk = Desk(window, journal)
        type_text(desk.part.search, "Ёлкин")
        desk.part.gather()
        qtbot.waitUntil(lambda: len(desk.asked) == 1, timeout=30_000)
        assert (desk.asked[0].second, desk.part.form.isVisible()) == ("", False)
    journal.close()


def test_from_the_list_of_people_one_key_leads_to_what_is_held_about_the_person(qtbot: QtBot, tmp_path: Path) -> None:
    journal = told_desk(tmp_path)
    with shown_window(qtbot) as window:

        def nobody(_ask: object) -> NoReturn:
            raise ServerAway("off")

        parts = administration_parts(journal, window.jobs, nobody, journal.clock)
        screen = AdministrationScreen(journal, parts)
        window.open_session(ADMINISTRATOR, [Place("administration", "Администрирование", screen)], 0)
        window.go("administration")
        people, report = (next(each for each in parts if each.title == title) for title in ("Люди", TITLE))
        assert isinstance(people, PeoplePart)
        assert isinstance(report, PersonReportPart)
        type_text(people.search, "Сидорова")
        QTest.keyClick(people.search, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: report.found is not None, timeout=30_000)
        assert screen.tabs.part is report
        assert (report.found.whom.id if report.found else "") == "p-class-teacher"
    journal.close()


@pytest.mark.parametrize(("role", "there"), [("secretary", True), ("director", True), ("deputy_director", False)])
def test_the_part_is_there_for_whoever_answers_such_questions(
    qtbot: QtBot, tmp_path: Path, role: str, there: bool
) -> None:
    journal = told_desk(tmp_path, role)
    with shown_window(qtbot) as window:
        parts = administration_parts(journal, window.jobs, lambda _ask: None, journal.clock)  # type: ignore[arg-type]
        assert (TITLE in [part.title for part in parts]) is there
        if parts:
            screen = AdministrationScreen(journal, parts)
            window.open_session(ADMINISTRATOR, [Place("administration", "Администрирование", screen)], 0)
    journal.close()
