"""«Сведения о человеке» by the keyboard: found, looked at, saved as a paper and for a machine; each is an event."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import AuditEvent
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.audit_log import event_log
from ejournal_desktop.ui.administration_parts import administration_parts
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.person_report_part import PersonReportPart
from tests.helpers.person_data import ADMINISTRATOR, PUPIL, told_desk
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
        self.journal = journal
        self.part = PersonReportPart(journal, window.jobs)
        self.screen = AdministrationScreen(journal, [self.part])
        window.open_session(ADMINISTRATOR, [Place("administration", "Администрирование", self.screen)], 0)
        window.go("administration")


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
